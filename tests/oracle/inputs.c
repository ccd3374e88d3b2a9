/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inputs.c - `inputs SOURCE RULES INPUT...`: rules over real inputs, compiled in every way and
 * naive.
 *
 * The naive evaluator (naive.h) judges every event that the source delivers, reading fields from
 * the frame of a worker whose ruleset, compiled without any pass, has one more rule that holds
 * always. Then the rules are compiled with all passes, with each one left out, and with none, and
 * judged again: the same alerts in the same order, or the first differences are printed.
 *
 * What evt.deltatime gives depends on when the same place in the rules was asked last; the naive
 * evaluator asks in the order of the text. A record without a time of its own has that of its
 * delivery: rules that ask for it are left out.
 */
#include "compiler/emit/emit.h"
#include "compiler/emit/ir.h"
#include "compiler/load/loader.h"
#include "engine/alert.h"
#include "engine/engine.h"
#include "libruntime-inputs/gzip.h"
#include "naive.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 10 };
#define ALWAYS "holds for every event"

typedef struct hit {
        uint64_t event;
        uint32_t rule;
} hit;

typedef RTI_VEC(hit) hits;

typedef struct run {
        const char *source;
        const char *input;
        rt_engine *engine;
        rti_loader *loader;
        rti_rules rules; /* of the file, and ALWAYS */
        size_t number;   /* of the source in the registry */
        naive *naive;
        bool *left_out; /* per rule */
        const rti_frame *frame;
        RTI_VEC(uint64_t) asked; /* per place of evt.deltatime: the time when it was asked last */
        bool stops;              /* the naive evaluator, at an event's first match */
        uint64_t n_events, differences;
        hits expected, got;
} run;

static void
die(const char *what, int r)
{
        fprintf(stderr, "inputs: %s: %s\n", what, rt_status_name(r));
        exit(2);
}

static void
add(hits *list, uint64_t event, uint32_t rule)
{
        const hit one = { event, rule };

        if (rti_vec_push(list, &rti_alloc_default, one, UINT32_MAX) < 0)
                die("alerts", RT_ENOMEM);
}

/* ---- rules ---- */

static rt_str
read_file(const char *path)
{
        FILE *file = fopen(path, "rb");
        char *text = NULL;
        size_t len = 0, room = 0, n;

        if (!file)
                die(path, RT_EIO);
        do {
                room = room ? room * 2 : 1 << 16;
                text = realloc(text, room);
                if (!text)
                        die(path, RT_ENOMEM);
                n = fread(text + len, 1, room - len, file);
                len += n;
        } while (n);
        fclose(file);
        return (rt_str){ text, len };
}

static void
load(run *o, const char *path)
{
        const rti_loader_opts opts = { .max_bytes = 0 };
        const rt_str text = read_file(path);
        char always[256];
        rt_diags *diags;
        rt_str problems;
        int r = rt_diags_new(&diags);

        snprintf(always, sizeof always,
                 "- rule: " ALWAYS "\n  desc: d\n  condition: evt.num >= 0\n  output: o\n"
                 "  priority: DEBUG\n  source: %s\n",
                 o->source);
        r = r < 0 ? r : rti_loader_new(&rti_alloc_default, o->engine->registry, &opts, &o->loader);
        r = r < 0 ? r : rti_loader_add(o->loader, rti_str_of(path), text, diags);
        r = r < 0 ? r : rti_loader_add(o->loader, RTI_STR("always"), rti_str_of(always), diags);
        r = r < 0 ? r : rti_loader_rules(o->loader, &o->rules);
        if (r < 0 && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &problems) == RT_OK)
                fprintf(stderr, "%.*s", RTI_FMT(problems));
        if (r < 0)
                die(path, r);
        rt_diags_unref(diags);
        free((char *) (uintptr_t) text.ptr);
}

static bool
asks_for_chance(const run *o, const rti_vexpr *expr)
{
        const rt_field_desc *field;

        if (expr && expr->what == RTI_V_FIELD) {
                field = rti_registry_field(o->rules.registry, expr->field.field);
                return strcmp(o->source, "syscall") != 0 && strstr(field->name, "time");
        }
        for (uint32_t i = 0; expr && i < expr->n_args; i++)
                if (asks_for_chance(o, expr->args[i]))
                        return true;
        return false;
}

static bool
is_left_out(const run *o, const rti_tnode *node)
{
        for (uint32_t i = 0; i < node->n_child; i++)
                if (is_left_out(o, node->child[i]))
                        return true;
        return asks_for_chance(o, node->lhs) || asks_for_chance(o, node->rhs);
}

/* Rules that this source's events can match, ALWAYS aside; the others are switched off. */
static uint32_t
choose_rules(run *o)
{
        uint32_t n = 0;

        o->left_out = calloc(o->rules.n, sizeof *o->left_out);
        for (uint32_t i = 0; o->left_out && i < o->rules.n; i++) {
                rti_rule *rule = &o->rules.rules[i];

                if (rule->enabled && is_left_out(o, rule->condition))
                        o->left_out[i] = true;
                if (rule->source != o->number || o->left_out[i])
                        rule->enabled = false;
                n += rule->enabled;
        }
        return n - 1;
}

/* Number in o->rules of an enabled rule, whose number in a program is @a number. */
static uint32_t
rule_of(const run *o, uint32_t number)
{
        uint32_t i = 0;

        for (;; i++)
                if (o->rules.rules[i].enabled && number-- == 0)
                        return i;
}

/* ---- the naive evaluator ---- */

static int
find_field(void *user, const rti_field_ref *field, size_t *ret_number)
{
        run *o = user;
        const rt_ruleset *rules = o->engine->rules;
        const rt_field_desc *desc = rti_registry_field(o->rules.registry, field->field);

        /* Called once for each place in the rules. */
        if (desc->flags & RT_FIELD_PER_USE) {
                *ret_number = rules->p.n_slots + o->asked.n;
                return rti_vec_push(&o->asked, &rti_alloc_default, 0, UINT32_MAX);
        }
        for (uint32_t i = 0; i < rules->p.n_slots; i++) {
                const rti_slot *slot = &rules->slots[i];

                if (slot->what == RTI_SLOT_FIELD && rti_str_is(slot->field, desc->name)
                    && slot->arg == field->arg && rti_str_eq(slot->key, field->key)) {
                        *ret_number = i;
                        return RT_OK;
                }
        }
        /* Only rules that are switched off ask for it. */
        *ret_number = SIZE_MAX;
        return RT_OK;
}

/* Of evt.deltatime: since the place was asked last. */
static void
read_delta(run *o, uint64_t *last_ns, const rti_field_ref *field, rt_value *ret_value)
{
        enum { NS_PER_SECOND = 1000000000 };
        const char *name = rti_registry_field(o->rules.registry, field->field)->name;
        const uint64_t now = o->frame->event->time_ns, delta = *last_ns ? now - *last_ns : 0;

        *last_ns = now;
        ret_value->kind = RT_KIND_RELTIME;
        ret_value->as.u = strcmp(name, "evt.deltatime.s") == 0    ? delta / NS_PER_SECOND
                          : strcmp(name, "evt.deltatime.ns") == 0 ? delta % NS_PER_SECOND
                                                                  : delta;
}

static bool
read_field(void *user, size_t number, const rti_field_ref *field, rt_value *ret_value)
{
        run *o = user;
        const size_t n_slots = o->engine->rules->p.n_slots;
        const rt_value *value;

        if (number != SIZE_MAX && number >= n_slots) {
                read_delta(o, &o->asked.at[number - n_slots], field, ret_value);
                return true;
        }
        value = number == SIZE_MAX
                        ? NULL
                        : rti_frame_value((rti_frame *) (uintptr_t) o->frame, (uint32_t) number);
        if (value)
                *ret_value = *value;
        return value != NULL;
}

static int
judge_naively(const rt_alert *alert, void *user)
{
        run *o = user;

        if (!rti_str_is(rti_str_of(rt_alert_rule(alert)), ALWAYS))
                return 0;
        o->frame = alert->frame;
        o->n_events += !o->stops;
        naive_begin(o->naive);
        for (uint32_t i = 0; i + 1 < o->rules.n; i++) {
                const rti_rule *rule = &o->rules.rules[i];

                if (!rule->enabled || !rti_event_set_has(&rule->events, alert->frame->event->type)
                    || !naive_holds(o->naive, i))
                        continue;
                add(&o->expected, rt_alert_event_number(alert), i);
                if (o->stops)
                        break;
        }
        return 0;
}

/* ---- running ---- */

static void
judge(run *o, uint64_t disabled, uint32_t matching, rt_alert_fn fn)
{
        static const rt_option reading = { "reading", "reference" };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker = NULL;
        rt_ruleset *rules = NULL;
        int r = rti_emit_ruleset(&rti_alloc_default, &o->rules, disabled, &rules);

        opts.rule_matching = matching;
        r = r < 0 ? r : rt_engine_use(o->engine, rules);
        r = r < 0 ? r : rt_worker_new(o->engine, &opts, &worker);
        if (r == RT_OK && strcmp(o->source, "syscall") != 0)
                r = rt_worker_configure(worker, o->source, &reading, 1, NULL);
        if (r == RT_OK && fn == judge_naively) {
                const naive_fields fields = { find_field, read_field, o };

                r = naive_new(&o->rules, o->number, &fields, NULL, &o->naive);
        }
        r = r < 0 ? r : rt_worker_open(worker, o->source, o->input);
        if (r < 0)
                die("worker", r);
        while (r >= 0)
                r = rt_worker_step(worker, fn, o);
        /* Some inputs of a corpus are broken, or too deep, from some place on. */
        if (r != RT_EOF && r != RT_EFORMAT && r != RT_ELIMIT)
                die("input", r);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
}

static int
note(const rt_alert *alert, void *user)
{
        run *o = user;
        const uint32_t number = (uint32_t) (alert->rule - alert->frame->rules->rules);

        add(&o->got, rt_alert_event_number(alert), rule_of(o, number));
        return 0;
}

static void
show(run *o, const char *way, const char *what, const hit *one)
{
        if (o->differences++ < SHOWN)
                printf("difference: %s: event %" PRIu64 ", rule \"%.*s\" %s\n", way, one->event,
                       RTI_FMT(o->rules.rules[one->rule].name), what);
}

static int
in_order(const hit *a, const hit *b)
{
        if (a->event != b->event)
                return a->event < b->event ? -1 : 1;
        return (a->rule > b->rule) - (a->rule < b->rule);
}

static void
compare(run *o, const char *way, bool first_only)
{
        size_t i = 0, k = 0;

        while (i < o->expected.n || k < o->got.n) {
                const hit *want = i < o->expected.n ? &o->expected.at[i] : NULL;
                const hit *have = k < o->got.n ? &o->got.at[k] : NULL;
                const int order = !want ? 1 : !have ? -1 : in_order(want, have);

                if (order < 0)
                        show(o, way, "is missing", want);
                else if (order > 0)
                        show(o, way, "matches", have);
                k += order >= 0;
                if (order > 0)
                        continue;
                for (i++;
                     first_only && i < o->expected.n && o->expected.at[i].event == want->event;)
                        i++;
        }
}

static void
run_way(run *o, const char *name, uint64_t disabled, uint32_t matching)
{
        o->got.n = 0;
        judge(o, disabled, matching, note);
        compare(o, name, matching == RT_MATCH_FIRST);
}

static void
run_ways(run *o)
{
        run_way(o, "all passes", 0, RT_MATCH_ALL);
        run_way(o, "no pass", UINT64_MAX, RT_MATCH_ALL);
        for (unsigned i = 0; i < RTI_N_PASSES; i++) {
                char name[64];

                snprintf(name, sizeof name, "without %s", rti_passes[i].name);
                run_way(o, name, (uint64_t) 1 << i, RT_MATCH_ALL);
        }
}

static void
expect(run *o, bool stops)
{
        bool *always = &o->rules.rules[o->rules.n - 1].enabled;

        o->expected.n = o->asked.n = 0;
        o->stops = stops;
        *always = true;
        judge(o, UINT64_MAX, RT_MATCH_ALL, judge_naively);
        naive_free(o->naive);
        *always = false;
}

/* Matches of one input. */
static size_t
run_input(run *o, const char *input)
{
        size_t matches;

        o->input = input;
        expect(o, false);
        matches = o->expected.n;
        run_ways(o);
        /* What is not asked behind the first match finds something else when it is. */
        if (o->asked.n)
                expect(o, true);
        run_way(o, "all passes, first match", 0, RT_MATCH_FIRST);
        return matches;
}

int
main(int argc, char **argv)
{
        static run o;
        size_t matches = 0;
        uint32_t n;
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: inputs SOURCE RULES INPUT...\n");
                return 2;
        }
        o.source = argv[1];
        r = rt_engine_new(NULL, &o.engine);
#ifdef RT_HAVE_GZIP
        r = r < 0 ? r : rt_engine_add_reader(o.engine, rt_gzip_reader());
#endif
        if (r < 0)
                die("engine", r);
        o.number = rti_registry_find_source(o.engine->registry, rti_str_of(o.source));
        if (o.number == SIZE_MAX)
                die(o.source, RT_ENOENT);
        load(&o, argv[2]);
        n = choose_rules(&o);
        for (int i = 3; i < argc; i++)
                matches += run_input(&o, argv[i]);
        printf("%s, %d inputs: %" PRIu32 " rules x %" PRIu64
               " events x %d ways, %zu matches, %" PRIu64 " differences\n",
               argv[2], argc - 3, n, o.n_events, RTI_N_PASSES + 3, matches, o.differences);
        free(o.left_out);
        rti_vec_done(&o.expected, &rti_alloc_default);
        rti_vec_done(&o.got, &rti_alloc_default);
        rti_vec_done(&o.asked, &rti_alloc_default);
        rti_loader_free(o.loader);
        rt_engine_unref(o.engine);
        return o.differences > 0;
}
