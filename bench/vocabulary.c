/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vocabulary.c - values that occur, read through a rule that every event matches.
 *
 * Events are kept by the value of the first field: FEW of each value, and every FAR-th one of
 * those that come often, so that what is rare is known too.
 */
#include "generate.h"
#include "lang/lang.h"
#include "program/ruleset.h"
#include <stdio.h>
#include <string.h>

enum { FEW = 32, FAR = 1024, MOST_KEYS = 4096, MOST_BYTES = 120, MOST_EVENTS = 30000 };

typedef struct reading {
        bench_vocabulary *vocabulary;
        rti_buf text;
        size_t n_keys;
        struct {
                rt_str key;
                uint32_t n;
        } keys[MOST_KEYS];
} reading;

/* The value as a condition would name it; of a list its first element. No ptr: none. */
static rt_str
text_of(reading *r, const rt_value *value)
{
        const bool in_list = value->kind == RT_KIND_LIST;
        const rt_value *one = in_list && value->count ? &value->as.list[0] : value;

        rti_buf_clear(&r->text);
        if (one->kind == RT_KIND_NONE || (in_list && value->count == 0))
                return (rt_str){ NULL, 0 };
        if (rti_kinds[one->kind].hold == RTI_HOLD_STRING)
                rti_buf_add(&r->text,
                            rti_str_sub(one->as.s, 0,
                                        one->as.s.len < MOST_BYTES ? one->as.s.len : MOST_BYTES));
        else
                rti_print_value(&r->text, one);
        return rti_arena_copy(&r->vocabulary->arena, rti_buf_str(&r->text));
}

/* Is the event worth keeping, by its first field? */
static bool
wanted(reading *r, rt_str key)
{
        size_t i = 0;

        while (i < r->n_keys && !rti_str_eq(r->keys[i].key, key))
                i++;
        if (i == r->n_keys) {
                if (i == MOST_KEYS)
                        return false;
                r->keys[r->n_keys++].key = rti_arena_copy(&r->vocabulary->arena, key);
        }
        r->keys[i].n++;
        return r->keys[i].n <= FEW || r->keys[i].n % FAR == 0;
}

static int
take(const rt_alert *alert, void *user)
{
        reading *r = user;
        bench_vocabulary *v = r->vocabulary;
        const char *name;
        rt_value value;

        if (rt_alert_field(alert, 0, &name, &value) < 0)
                return RT_EINVAL;
        if (!wanted(r, value.kind == RT_KIND_STRING ? value.as.s : RTI_STR("")))
                return 0;
        if (v->n_events == MOST_EVENTS)
                return RT_ELIMIT;
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == 0; i++) {
                const char *kept = i < v->names.n ? v->names.at[i]
                                                  : rti_arena_copy(&v->arena, rti_str_of(name)).ptr;

                if ((i == v->names.n && rti_vec_push(&v->names, &rti_alloc_default, kept, 100) < 0)
                    || rti_vec_push(&v->values, &rti_alloc_default, text_of(r, &value), SIZE_MAX)
                               < 0)
                        bench_die("out of memory");
        }
        v->n_events++;
        return 0;
}

void
bench_vocabulary_read(bench_vocabulary *v, const bench_input *input)
{
        static reading r;
        const bench_proportions *kind = &bench_kinds[input->kind];
        rt_engine *engine;
        rti_buf rule;

        *v = (bench_vocabulary){ 0 };
        rti_arena_init(&v->arena, &rti_alloc_default, 0);
        memset(&r, 0, sizeof r);
        r.vocabulary = v;
        rti_buf_init(&r.text, &rti_alloc_default, 0);
        rti_buf_init(&rule, &rti_alloc_default, 0);
        rti_buf_printf(&rule,
                       "- rule: all\n  desc: all\n  condition: evt.num > 0\n  output: \"%s\"\n"
                       "  priority: DEBUG\n  source: %s\n",
                       kind->fields, kind->source);
        engine = bench_input_engine(input, rti_buf_str(&rule));
        rt_worker_unref(bench_input_judge(input, engine, take, &r));
        rt_engine_unref(engine);
        rti_buf_done(&rule);
        rti_buf_done(&r.text);
        if (v->n_events == 0)
                bench_die("no events to learn from");
}

void
bench_vocabulary_done(bench_vocabulary *v)
{
        rti_vec_done(&v->names, &rti_alloc_default);
        rti_vec_done(&v->values, &rti_alloc_default);
        rti_arena_done(&v->arena);
}

size_t
bench_vocabulary_field(const bench_vocabulary *v, const char *name)
{
        for (size_t i = 0; i < v->names.n; i++)
                if (strcmp(v->names.at[i], name) == 0)
                        return i;
        return SIZE_MAX;
}
