/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as choices: which rules, and which passes compile them. The program and the naive evaluator
 * must agree over a few events, whichever rules match and in which order.
 */
#include "oracle/random.h"
#include "engine/alert.h"
#include "fuzz.h"

enum { MOST_RULES = 12, N_EVENTS = 40, N_FRONT = 10 };

typedef struct trial {
        random_rules rules;
        random_event event;
        uint64_t got[N_EVENTS];
        uint32_t last;
} trial;

static int
find_field(void *user, const rti_field_ref *field, size_t *ret_number)
{
        const trial *t = user;
        const rt_str name = rti_str_of(rti_registry_field(t->rules.registry, field->field)->name);
        size_t i = 0;

        while (i < random_n_fields && !rti_str_is(name, random_fields[i].name))
                i++;
        *ret_number = i;
        return i < random_n_fields ? RT_OK : RT_ENOENT;
}

static bool
read_field(void *user, size_t number, const rti_field_ref *field, rt_value *ret_value)
{
        const trial *t = user;
        const rt_value *value = random_event_value(&t->event, number, field->arg, field->key);

        if (value)
                *ret_value = *value;
        return value != NULL;
}

static int
note(const rt_alert *alert, void *user)
{
        trial *t = user;
        const uint32_t rule = (uint32_t) (alert->rule - alert->frame->rules->rules);
        uint64_t record[2];

        memcpy(record, alert->frame->event->payload.ptr, sizeof record);
        CHECK(record[1] < N_EVENTS);
        CHECK(record[1] * MOST_RULES + rule >= t->last);
        t->last = (uint32_t) record[1] * MOST_RULES + rule + 1;
        t->got[record[1]] |= (uint64_t) 1 << rule;
        return 0;
}

/* The compiled rules over all events. */
static void
judge(trial *t, uint64_t disabled, uint32_t matching)
{
        static const char *const no_source[] = { NULL };
        char records[N_EVENTS * RANDOM_RECORD_BYTES];
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_worker_opts worker_opts = RT_INIT(rt_worker_opts);
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;
        rt_ruleset *rules = NULL;

        opts.sources = no_source;
        worker_opts.rule_matching = matching;
        CHECK(rti_emit_ruleset(&rti_alloc_default, &t->rules.rules, disabled, &rules) == RT_OK);
        CHECK(rt_engine_new(&opts, &engine) == RT_OK);
        CHECK(rt_engine_add_source(engine, &random_source) == RT_OK);
        CHECK(rt_engine_use(engine, rules) == RT_OK);
        CHECK(rt_worker_new(engine, &worker_opts, &worker) == RT_OK);
        random_records(records, 1, 0, N_EVENTS);
        CHECK(rt_worker_feed(worker, random_source.name, (rt_str){ records, sizeof records }, note,
                             t)
              >= 0);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
        rt_ruleset_unref(rules);
}

static uint64_t
expected(trial *t, naive *n, uint32_t event, bool first)
{
        uint64_t matches = 0;

        random_event_make(1, event, &t->event);
        naive_begin(n);
        for (uint32_t i = 0; i < t->rules.rules.n; i++)
                if (rti_event_set_has(&t->rules.rules.rules[i].events, t->event.type)
                    && naive_holds(n, i))
                        matches |= (uint64_t) 1 << i;
        return first ? matches & -matches : matches;
}

static void
prepare(void)
{
        static rti_arena arena;
        static bool ready;

        if (ready)
                return;
        rti_arena_init(&arena, &rti_alloc_default, 0);
        CHECK(random_fields_init(&arena) == RT_OK);
        ready = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const naive_fields fields = { find_field, read_field, NULL };
        static trial t;
        naive_fields own = fields;
        naive *n = NULL;
        uint64_t disabled;
        bool first;

        if (size < N_FRONT)
                return 0;
        prepare();
        t = (trial){ .last = 0 };
        own.user = &t;
        memcpy(&disabled, data, sizeof disabled);
        first = data[8] & 1;
        if (random_rules_make_by(&t.rules,
                                 &(chance){ .bytes = data + N_FRONT, .n_bytes = size - N_FRONT },
                                 1 + data[9] % MOST_RULES, false)
            == RT_OK) {
                CHECK(naive_new(&t.rules.rules, t.rules.source, &own, NULL, &n) == RT_OK);
                judge(&t, disabled, first ? RT_MATCH_FIRST : RT_MATCH_ALL);
                for (uint32_t i = 0; i < N_EVENTS; i++)
                        CHECK(t.got[i] == expected(&t, n, i, first));
                naive_free(n);
        }
        random_rules_done(&t.rules);
        return 0;
}
