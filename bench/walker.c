/* SPDX-License-Identifier: Apache-2.0 */
/* walker.c - the naive evaluator over real events. */
#include "walker.h"
#include "../tests/oracle/naive.h"
#include "base/alloc.h"
#include "base/vec.h"
#include "compiler/load/loader.h"
#include "engine/engine.h"
#include "engine/frame.h"
#include "engine/input.h"
#include "judge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 64 << 20, EVENT_BYTES = 64 << 20, RECORD_BYTES = 64 << 20 };

/* A field with its argument, and its value if values are kept. */
typedef struct field {
        rt_slot_desc desc;
        uint32_t id;
        uint32_t from; /* its number in the demand, or RTI_SLOT_ENGINE | the engine's own */
        uint32_t stamp;
        bool there;
        rt_value value;
} field;

typedef struct rule_list {
        uint32_t n;
        uint32_t *rules; /* NULL: not made yet */
} rule_list;

struct bench_walker {
        rt_engine *engine;
        rti_loader *loader;
        rti_rules rules;
        size_t source;
        uint32_t matching;
        bool keep;
        naive *naive;
        RTI_VEC(field) fields;
        uint32_t n_demanded;
        rule_list lists[RTI_N_EVENT_CODES];
        rti_instance instance;
        rt_slot_desc *slots; /* of the demand, as the event types */
        uint64_t types[RTI_EVENT_WORDS];
        rti_arena memory; /* the event's */
        rti_frame frame;
        rt_event event;
        rt_input input;
        uint64_t bytes, skipped, limits_hit;
};

/* ---- fields ---- */

static int
find_field(void *user, const rti_field_ref *ref, size_t *ret_number)
{
        bench_walker *w = user;
        const rt_field_desc *desc = rti_registry_field(w->rules.registry, ref->field);
        const uint32_t own = rti_evt_field_find(rti_str_of(desc->name));
        field fresh;
        size_t i;

        for (i = 0; i < w->fields.n; i++) {
                const field *f = &w->fields.at[i];
                if (f->id == ref->field && f->desc.arg == ref->arg && f->desc.index == ref->index
                    && rti_str_eq(f->desc.key, ref->arg == RT_ARG_NONE ? RTI_STR("") : ref->key))
                        break;
        }
        *ret_number = i;
        if (i < w->fields.n)
                return RT_OK;
        fresh = (field){ .desc = { .field = rti_str_of(desc->name),
                                   .key = ref->arg == RT_ARG_NONE ? RTI_STR("") : ref->key,
                                   .index = ref->index,
                                   .arg = ref->arg },
                         .id = ref->field,
                         .from = own == RTI_EVT_NONE ? w->n_demanded++ : RTI_SLOT_ENGINE | own };
        return rti_vec_push(&w->fields, &rti_alloc_default, fresh, UINT32_MAX);
}

static bool
read_now(bench_walker *w, const field *f, rt_value *ret_value)
{
        if (f->from & RTI_SLOT_ENGINE)
                return rti_evt_field_read(&w->frame, f->from & ~(uint32_t) RTI_SLOT_ENGINE,
                                          ret_value)
                       > 0;
        return w->instance.ops->extract(w->instance.state, &w->event, f->from, ret_value) > 0;
}

static bool
read_field(void *user, size_t number, const rti_field_ref *ref, rt_value *ret_value)
{
        bench_walker *w = user;
        field *f = &w->fields.at[number];

        (void) ref;
        if (!w->keep)
                return read_now(w, f, ret_value);
        if (f->stamp != w->frame.now) {
                f->stamp = w->frame.now;
                f->there = read_now(w, f, &f->value);
        }
        if (f->there)
                *ret_value = f->value;
        return f->there;
}

/* ---- events ---- */

static const rule_list *
list_of(bench_walker *w, uint32_t type)
{
        rule_list *list = &w->lists[type < RTI_N_EVENT_CODES ? type : 0];

        if (list->rules)
                return list;
        list->rules = calloc((size_t) w->rules.n + 1, sizeof *list->rules);
        if (!list->rules)
                bench_die("out of memory");
        for (uint32_t i = 0; i < w->rules.n; i++)
                if (w->rules.rules[i].source == w->source && w->rules.rules[i].enabled
                    && rti_event_set_has(&w->rules.rules[i].events, type))
                        list->rules[list->n++] = i;
        return list;
}

static uint64_t
judge(bench_walker *w)
{
        const rule_list *list = list_of(w, w->event.type);
        uint64_t alerts = 0;

        naive_begin(w->naive);
        for (uint32_t i = 0; i < list->n; i++)
                if (naive_holds(w->naive, list->rules[i])) {
                        alerts++;
                        if (w->matching == RT_MATCH_FIRST)
                                break;
                }
        return alerts;
}

/* As a worker numbers them. */
static void
number_event(bench_walker *w)
{
        rti_instance *instance = &w->instance;

        if (w->event.flags & RT_EVENT_NUMBERED)
                return;
        if (instance->n_events++ == 0)
                instance->first_time_ns = w->event.time_ns;
        w->event.number = instance->n_events;
        w->event.base_ns = instance->first_time_ns;
}

static uint64_t
run(bench_walker *w)
{
        const rt_source_ops *ops = w->instance.ops;
        uint64_t alerts = 0;

        w->instance.n_events = 0;
        if (ops->restart)
                ops->restart(w->instance.state);
        for (;;) {
                int r;

                rti_arena_reset(&w->memory);
                w->event = (rt_event){ .size = sizeof w->event,
                                       .type = RT_EVENT_PLUGIN,
                                       .scratch = &w->frame };
                r = ops->next(w->instance.state, &w->input, &w->event);
                if (r == RT_EOF)
                        return alerts;
                if (r <= 0)
                        bench_die(rt_status_name(r));
                number_event(w);
                w->frame.event = &w->event;
                w->frame.now++;
                alerts += judge(w);
        }
}

static void
make_demand(bench_walker *w)
{
        w->slots = calloc(w->n_demanded + (size_t) 1, sizeof *w->slots);
        if (!w->slots)
                bench_die("out of memory");
        for (size_t i = 0; i < w->fields.n; i++)
                if (!(w->fields.at[i].from & RTI_SLOT_ENGINE))
                        w->slots[w->fields.at[i].from] = w->fields.at[i].desc;
        for (uint32_t i = 0; i < w->rules.n; i++)
                for (size_t k = 0; k < RTI_EVENT_WORDS; k++)
                        if (w->rules.rules[i].source == w->source && w->rules.rules[i].enabled)
                                w->types[k] |= w->rules.rules[i].events.word[k];
}

/* A source keeps what it learns of a capture, so each input has an instance of its own. */
static void
open_instance(bench_walker *w)
{
        static const rt_option reading = { "reading", "reference" };
        const rt_source_ops *ops = w->instance.ops;
        const rt_source_config config = { .size = sizeof config,
                                          .options = &reading,
                                          .n_options = strcmp(ops->name, "syscall") != 0,
                                          .allocator = &rti_alloc_default };
        const rt_demand demand = { .size = sizeof demand,
                                   .slots = w->slots,
                                   .n_slots = w->n_demanded,
                                   .slot_stride = sizeof *w->slots,
                                   .event_types = w->types,
                                   .n_event_words = RTI_EVENT_WORDS,
                                   .filter_stride = sizeof(rt_event_filter) };
        rt_diags *diags = NULL;

        if (rt_diags_new(&diags) < 0 || ops->create(&config, diags, &w->instance.state) < 0
            || ops->demand(w->instance.state, &demand) < 0)
                bench_die("the source cannot be opened");
        rt_diags_unref(diags);
}

static void
close_instance(bench_walker *w)
{
        w->instance.ops->destroy(w->instance.state);
        w->instance.state = NULL;
}

uint64_t
bench_walker_file(bench_walker *w, const char *path)
{
        uint64_t alerts;
        void *state;

        open_instance(w);
        if (rti_file_reader.open(path, &state) < 0)
                bench_die("a file cannot be opened");
        rti_input_reader(&w->input, path, &rti_file_reader, state);
        alerts = run(w);
        rti_input_close(&w->input);
        close_instance(w);
        return alerts;
}

uint64_t
bench_walker_feed(bench_walker *w, rt_str bytes)
{
        uint64_t alerts;

        open_instance(w);
        rti_input_memory(&w->input, "memory", bytes);
        alerts = run(w);
        close_instance(w);
        return alerts;
}

uint32_t
bench_walker_rules(const bench_walker *w)
{
        uint32_t n = 0;

        for (uint32_t i = 0; i < w->rules.n; i++)
                n += w->rules.rules[i].source == w->source && w->rules.rules[i].enabled;
        return n;
}

/* ---- life ---- */

static rt_str
read_whole(const char *path)
{
        FILE *file = fopen(path, "rb");
        char *text = malloc(FILE_BYTES);
        size_t n;

        if (!file || !text)
                bench_die("a rule file cannot be read");
        n = fread(text, 1, FILE_BYTES, file);
        fclose(file);
        return (rt_str){ text, n };
}

static void
load(bench_walker *w, const bench_walker_opts *opts)
{
        const rti_loader_opts none = { 0 };
        rt_diags *diags = NULL;
        int r;

        if (rt_diags_new(&diags) < 0
            || rti_loader_new(&rti_alloc_default, w->engine->registry, &none, &w->loader) < 0)
                bench_die("out of memory");
        r = opts->text.ptr ? rti_loader_add(w->loader, RTI_STR("generated"), opts->text, diags)
                           : RT_OK;
        for (const char *const *file = opts->files; file && *file && r == RT_OK; file++) {
                const rt_str text = read_whole(*file);

                r = rti_loader_add(w->loader, rti_str_of(*file), text, diags);
                free((char *) (uintptr_t) text.ptr);
        }
        if (r < 0 || rti_loader_rules(w->loader, &w->rules) < 0)
                bench_die("the rules do not load");
        rt_diags_unref(diags);
}

bench_walker *
bench_walker_new(const bench_walker_opts *opts)
{
        bench_walker *w = calloc(1, sizeof *w);
        const naive_fields fields = { find_field, read_field, w };

        if (!w || rt_engine_new(NULL, &w->engine) < 0)
                bench_die("no engine");
        load(w, opts);
        w->matching = opts->matching;
        w->keep = opts->keep != 0;
        w->source = rti_registry_find_source(w->engine->registry, rti_str_of(opts->source));
        w->instance.ops = rti_registry_source(w->engine->registry, w->source);
        if (naive_new(&w->rules, w->source, &fields, NULL, &w->naive) < 0)
                bench_die("the rules cannot be walked");
        make_demand(w);
        rti_arena_init(&w->memory, &rti_alloc_default, EVENT_BYTES);
        w->frame = (rti_frame){ .instance = &w->instance,
                                .memory = &w->memory,
                                .allocator = &rti_alloc_default,
                                .hostname = w->engine->hostname };
        w->input = (rt_input){ .allocator = &rti_alloc_default,
                               .max_record_bytes = RECORD_BYTES,
                               .name = "",
                               .bytes = &w->bytes,
                               .skipped = &w->skipped,
                               .limits_hit = &w->limits_hit };
        return w;
}

void
bench_walker_free(bench_walker *w)
{
        naive_free(w->naive);
        for (size_t i = 0; i < RTI_N_EVENT_CODES; i++)
                free(w->lists[i].rules);
        rti_vec_done(&w->fields, &rti_alloc_default);
        free(w->slots);
        rti_arena_done(&w->memory);
        rti_input_done(&w->input);
        rti_loader_free(w->loader);
        rt_engine_unref(w->engine);
        free(w);
}
