/* SPDX-License-Identifier: Apache-2.0 */
/* A provider of fields as a host has one, beside a source that reads lines, and its scene. */
#ifndef TESTS_UNIT_ENGINE_PROVIDER_H
#define TESTS_UNIT_ENGINE_PROVIDER_H

#include "support/toy.h"
#include "engine/worker.h"
#include <criterion/criterion.h>
#include <stdio.h>

enum { LEN, CAT, TURNED, CONST, LOUD, ADDRESS, ANY, WILD, N_FIELDS };
enum { MOST_SLOTS = 32 };

static const rt_field_desc fields[N_FIELDS] = {
        [LEN] = { "h.len", NULL, RT_KIND_UINT64, RT_FIELD_PURE, RT_FORMAT_DEC, 0, "of the name" },
        [CAT] = { "h.cat", NULL, RT_KIND_STRING,
                  RT_FIELD_PURE | RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY | RT_FIELD_ARG_FIELDS, 0,
                  0, "texts in a row" },
        [TURNED] = { "h.turned", NULL, RT_KIND_STRING, RT_FIELD_LIST, 0, 0, "words, last first" },
        [CONST] = { "h.const", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "always the same" },
        [LOUD] = { "h.loud", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "the name and its length" },
        [ADDRESS] = { "h.address", NULL, RT_KIND_IPADDR, RT_FIELD_PURE, 0, 0, "10.0.0.size" },
        [ANY] = { "h.any", NULL, RT_KIND_STRING, RT_FIELD_ANY_OF, 0, 0, "any word" },
        [WILD] = { "h.wild", NULL, RT_KIND_STRING, 0, 0, 0, "whatever the test wants" },
};
static const char *const reads[N_FIELDS] = {
        [LEN] = "toy.name",       [CAT] = "",
        [TURNED] = " toy.words ", [LOUD] = "toy.text[name], h.len",
        [ADDRESS] = "toy.size",   [ANY] = "toy.words"
};

/* What all instances of one test's provider share. */
typedef struct host {
        unsigned n_created, n_destroyed, n_demands, n_extracts[N_FIELDS];
        int create_gives, demand_gives, wild_gives;
        rt_value wild;
        char source[32];
} host;

typedef struct instance {
        host *of;
        size_t n_slots;
        unsigned field[MOST_SLOTS];
        uint32_t output[MOST_SLOTS];
} instance;

static inline int
create(const rt_fields_config *config, void **ret_state)
{
        host *h = config->user;
        instance *i;

        if (h->create_gives < 0)
                return h->create_gives;
        i = calloc(1, sizeof *i);
        if (!i)
                return RT_ENOMEM;
        i->of = h;
        h->n_created++;
        snprintf(h->source, sizeof h->source, "%s", config->source);
        *ret_state = i;
        return RT_OK;
}

static inline void
destroy(void *state)
{
        ((instance *) state)->of->n_destroyed++;
        free(state);
}

static inline int
demand(void *state, const rt_fields_demand *what)
{
        instance *i = state;

        i->of->n_demands++;
        i->n_slots = what->n_slots;
        for (size_t k = 0; k < what->n_slots && k < MOST_SLOTS; k++) {
                const rt_slot_desc *slot =
                        (const void *) ((const char *) what->slots + k * what->slot_stride);

                for (i->field[k] = 0; i->field[k] < N_FIELDS; i->field[k]++)
                        if (rti_str_is(slot->field, fields[i->field[k]].name))
                                break;
                i->output[k] = slot->output;
                if (i->field[k] == N_FIELDS)
                        return RT_ENOENT;
        }
        return i->of->demand_gives;
}

static inline int
concat(const rt_event *event, const rt_value *const *values, size_t n, rt_value *ret_value)
{
        size_t len = 0, size = 0;
        char *text;

        for (size_t i = 0; i < n; i++)
                size += values[i] && values[i]->kind == RT_KIND_STRING ? values[i]->as.s.len : 20;
        text = rt_event_alloc(event, size + 1);
        if (!text)
                return RT_ENOMEM;
        for (size_t i = 0; i < n; i++) {
                if (!values[i])
                        return 0;
                if (values[i]->kind == RT_KIND_STRING && values[i]->as.s.len) {
                        memcpy(text + len, values[i]->as.s.ptr, values[i]->as.s.len);
                        len += values[i]->as.s.len;
                } else if (values[i]->kind == RT_KIND_UINT64) {
                        len += (size_t) snprintf(text + len, 21, "%llu",
                                                 (unsigned long long) values[i]->as.u);
                }
        }
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = { text, len } };
        return 1;
}

static inline int
turn(const rt_event *event, const rt_value *words, rt_value *ret_value)
{
        rt_value *list;

        if (!words)
                return 0;
        list = rt_event_alloc(event, (words->count + 1) * sizeof *list);
        if (!list)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < words->count; i++)
                list[i] = words->as.list[words->count - 1 - i];
        *ret_value = *words;
        ret_value->as.list = list;
        return 1;
}

static inline int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values, size_t n,
        rt_value *ret_value)
{
        static const size_t n_reads[N_FIELDS] = { 1, 0, 1, 0, 2, 1, 1, 0 };
        instance *i = state;
        const unsigned field = i->field[slot];

        cr_assert_lt(slot, i->n_slots);
        cr_assert(field == CAT ? n > 0 : n == n_reads[field], "%s: %zu", fields[field].name, n);
        i->of->n_extracts[field]++;
        switch (field) {
        case LEN:
                *ret_value = (rt_value){ .kind = RT_KIND_UINT64 };
                ret_value->as.u = values[0] ? values[0]->as.s.len : 0;
                return values[0] != NULL;
        case CAT:
        case LOUD:
                return concat(event, values, n, ret_value);
        case TURNED:
        case ANY:
                return turn(event, values[0], ret_value);
        case CONST:
                *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("const") };
                return 1;
        case ADDRESS:
                *ret_value = (rt_value){ .kind = RT_KIND_IPADDR, .count = 4 };
                ret_value->as.ip[0] = 10;
                ret_value->as.ip[3] = values[0] ? (uint8_t) values[0]->as.u : 0;
                return values[0] != NULL;
        default:
                *ret_value = i->of->wild;
                return i->of->wild_gives;
        }
}

static inline int
demand_anything(void *state, const rt_fields_demand *what)
{
        (void) state;
        return what->n_slots && what->slots ? RT_OK : RT_EINVAL;
}

/* Of a provider whose state is the host. */
static inline int
extract_wild(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values,
             size_t n, rt_value *ret_value)
{
        (void) event;
        (void) slot;
        (void) values;
        (void) n;
        *ret_value = ((host *) state)->wild;
        return ((host *) state)->wild_gives;
}

static const char *const toys[] = { "toy", NULL };

static const rt_fields_ops host_ops = {
        .size = sizeof(rt_fields_ops),
        .abi = RT_FIELDS_ABI,
        .name = "host",
        .version = "1.2.3",
        .sources = toys,
        .fields = fields,
        .n_fields = N_FIELDS,
        .field_stride = sizeof(rt_field_desc),
        .reads = reads,
        .create = create,
        .destroy = destroy,
        .demand = demand,
        .extract = extract,
};

typedef struct scene {
        host host;
        rt_engine *engine;
        rt_worker *worker;
        rt_diags *diags;
        char raised[4096]; /* the text of each alert, and a line feed */
} scene;

static inline int
add_host(scene *s)
{
        rt_fields_ops ops = host_ops;

        ops.user = &s->host;
        return rt_engine_add_fields(s->engine, &ops);
}

static inline void
scene_init(scene *s)
{
        *s = (scene){ 0 };
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &toy_ops), RT_OK);
        cr_assert_eq(add_host(s), RT_OK);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
}

static inline void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        rt_diags_unref(s->diags);
        cr_expect_eq(s->host.n_created, s->host.n_destroyed);
}

/* A rule of this condition and output. */
static inline int
compile(scene *s, const char *condition, const char *output, rt_ruleset **ret_rules)
{
        char text[2048];
        const int n = snprintf(text, sizeof text,
                               "- rule: r\n  desc: d\n  condition: >\n    %s\n  output: '%s'\n"
                               "  priority: INFO\n  source: toy\n",
                               condition, output);

        rt_diags_unref(s->diags);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
        return rt_compile(s->engine, "rules", (rt_str){ text, (size_t) n }, s->diags, ret_rules);
}

static inline void
use(scene *s, const char *condition, const char *output)
{
        rt_ruleset *rules = NULL;
        const int r = compile(s, condition, output, &rules);
        rt_str text = RTI_STR("");

        rt_diags_print(s->diags, RT_DIAGS_TEXT, 0, &text);
        cr_assert_eq(r, RT_OK, "%s: %.*s", condition, RTI_FMT(text));
        cr_assert_eq(rt_engine_use(s->engine, rules), RT_OK);
        rt_ruleset_unref(rules);
}

static inline int
note(const rt_alert *alert, void *user)
{
        scene *s = user;
        const size_t at = strnlen(s->raised, sizeof s->raised);
        rt_str text;

        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        snprintf(s->raised + at, sizeof s->raised - at, "%.*s\n", RTI_FMT(text));
        return 0;
}

static inline int
feed(scene *s, const char *text)
{
        if (!s->worker)
                cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
        s->raised[0] = '\0';
        return rt_worker_feed(s->worker, "toy", rti_str_of(text), note, s);
}

/* ---- chance ---- */

static uint64_t seed = 1;

static inline unsigned
below(unsigned n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (unsigned) (seed >> 33) % n;
}

#endif
