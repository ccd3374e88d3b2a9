/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feed.c - N records fed to a worker one by one, or N decisions made: for count.py, which runs it
 * under callgrind.
 *
 *   usage   feed feed|decide N
 *
 * The source does next to nothing, so that what rt_worker_feed itself takes stands out.
 */
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char rules[] = "- rule: r\n  desc: d\n  source: bare\n  priority: NOTICE\n"
                            "  output: o\n  verdict: ask\n"
                            "  condition: bare.text startswith needle\n";
static const rt_field_desc fields[] = {
        { "bare.text", "bare", RT_KIND_STRING, 0, RT_FORMAT_NONE, 0, "the record" },
};

static int
bare_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        (void) config, (void) diags;
        *ret_state = NULL;
        return RT_OK;
}

static int
bare_demand(void *state, const rt_demand *demand)
{
        (void) state, (void) demand;
        return RT_OK;
}

int bare_next(void *state, rt_input *input, rt_event *event);

/* By this name count.py takes it off. */
__attribute__((noinline)) int
bare_next(void *state, rt_input *input, rt_event *event)
{
        const rt_str window = rt_input_window(input);

        (void) state;
        if (window.len == 0)
                return RT_EOF;
        event->payload = window;
        rt_input_consume(input, window.len);
        return 1;
}

static int
bare_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state, (void) slot;
        ret_value->kind = RT_KIND_STRING;
        ret_value->as.s = event->payload;
        return 1;
}

static int
judge(rt_worker *worker, int decide, uint64_t n)
{
        char record[] = "a record that no rule is about 0";
        const rt_str bytes = { record, sizeof record - 1 };
        int r = 0;

        for (uint64_t i = 0; i < n && r >= 0; i++) {
                record[bytes.len - 1] = (char) ('0' + i % 10);
                if (decide) {
                        rt_verdict verdict = RT_INIT(rt_verdict);

                        r = rt_worker_decide(worker, "bare", bytes, NULL, &verdict);
                } else {
                        r = rt_worker_feed(worker, "bare", bytes, NULL, NULL);
                }
        }
        return r;
}

int
main(int argc, char **argv)
{
        rt_source_ops ops = RT_INIT(rt_source_ops);
        rt_engine *engine = NULL;
        rt_ruleset *ruleset = NULL;
        rt_worker *worker = NULL;
        int r;

        if (argc != 3)
                return 2;
        ops.abi = RT_SOURCE_ABI;
        ops.name = ops.plugin = "bare";
        ops.version = "1.0.0";
        ops.fields = fields;
        ops.n_fields = 1;
        ops.field_stride = sizeof *fields;
        ops.create = bare_create;
        ops.demand = bare_demand;
        ops.next = bare_next;
        ops.extract = bare_extract;
        r = rt_engine_new(NULL, &engine);
        r = r < 0 ? r : rt_engine_add_source(engine, &ops);
        r = r < 0 ? r
                  : rt_compile(engine, "r", (rt_str){ rules, sizeof rules - 1 }, NULL, &ruleset);
        r = r < 0 ? r : rt_engine_use(engine, ruleset);
        r = r < 0 ? r : rt_worker_new(engine, NULL, &worker);
        r = r < 0 ? r : judge(worker, strcmp(argv[1], "decide") == 0, strtoull(argv[2], NULL, 10));
        if (r < 0)
                fprintf(stderr, "feed: %s\n", rt_status_name(r));
        rt_worker_unref(worker);
        rt_ruleset_unref(ruleset);
        rt_engine_unref(engine);
        return r < 0;
}
