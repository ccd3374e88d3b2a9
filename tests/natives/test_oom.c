/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation fails once, alone and with all that follow: nothing crashes or leaks, and what
 * fails says that memory is what it lacks.
 */
#include "../support/failing.h"
#include <libruntime-natives/natives.h>
#include <criterion/criterion.h>
#include <libruntime/runtime.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char rules[] =
        "- natives: libplain.so\n  sources: [aws_cloudtrail]\n  functions:\n"
        "    - {name: geo.is_ours, signature: 'bool (string, u32)', pure: true, help: Ours}\n"
        "    - {name: my.head, signature: 'str (str, bytes)', reads: [ct.name, ct.name]}\n"
        "- rule: A\n  desc: d\n  condition: geo.is_ours[ct.srcip,evt.num] = true\n"
        "  output: o %my.head\n  priority: INFO\n  source: aws_cloudtrail\n";
static const char event[] = "{\"eventID\":\"1\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
                            "\"2024-05-01T10:00:00Z\",\"eventSource\":\"iam.amazonaws.com\","
                            "\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.7\","
                            "\"eventName\":\"cab\"}";

static int
on_alert(const rt_alert *alert, void *user)
{
        (void) alert;
        (void) user;
        return 0;
}

static int
judge(rt_engine *engine)
{
        rt_ruleset *compiled = NULL;
        rt_worker *worker = NULL;
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_loss loss = RT_INIT(rt_loss);
        int told;
        int r = rt_compile(engine, "r.yaml", (rt_str){ rules, sizeof rules - 1 }, NULL, &compiled);

        r = r < 0 ? r : rt_engine_use(engine, compiled);
        r = r < 0 ? r : rt_worker_new(engine, NULL, &worker);
        if (r >= 0)
                r = rt_worker_feed(worker, "aws_cloudtrail", (rt_str){ event, sizeof event - 1 },
                                   on_alert, NULL);
        /* A text that there is no room for is missing, and told. */
        for (size_t i = 0; r == 0 && (told = rt_worker_loss(worker, i, &loss)) != RT_ENOENT; i++)
                r = told < 0 ? told : loss.count ? RT_ENOMEM : 0;
        if (r == 0 && rt_worker_stats_get(worker, &stats) == RT_OK)
                r = stats.skipped ? RT_ENOMEM : RT_EINVAL;
        rt_worker_unref(worker);
        rt_ruleset_unref(compiled);
        return r < 0 ? r : RT_OK;
}

static int
open_natives(rt_engine *engine, const rt_allocator *allocator, rt_natives **ret_natives)
{
        static const char *const path = LIBRARIES;
        rt_natives_opts opts = RT_INIT(rt_natives_opts);

        opts.allocator = allocator;
        opts.paths = &path;
        opts.n_paths = 1;
        return rt_natives_new(engine, &opts, ret_natives);
}

static int
fields(const rt_allocator *allocator)
{
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_engine *engine = NULL;
        rt_natives *natives = NULL;
        int r;

        opts.allocator = allocator;
        r = rt_engine_new(&opts, &engine);
        r = r < 0 ? r : open_natives(engine, allocator, &natives);
        r = r < 0 ? r : judge(engine);
        rt_engine_unref(engine);
        rt_natives_unref(natives);
        return r;
}

static int
run(void *user, const rt_value *const *args, size_t n_args, rt_value *ret_value)
{
        (void) user;
        (void) args;
        (void) n_args;
        (void) ret_value;
        return 0;
}

/* What libruntime-lua does with rt_natives_calls. */
static int
calls(const rt_allocator *allocator)
{
        rt_engine *engine = NULL;
        rt_natives *natives = NULL;
        const rt_natives_calls *c;
        rt_native_gate *gate = NULL;
        rt_native *made = NULL;
        rt_native_callback *callback = NULL;
        rt_native_wanted wanted = RT_INIT(rt_native_wanted);
        int r = rt_engine_new(NULL, &engine);

        r = r < 0 ? r : open_natives(engine, allocator, &natives);
        c = rt_natives_calls_of(natives);
        wanted.library = "libplain.so";
        wanted.symbol = "my_seven";
        wanted.signature = (rt_str){ "u64 ()", 6 };
        wanted.allocator = allocator;
        wanted.run = run;
        r = r < 0 ? r : c->open(natives, &wanted, &made);
        r = r < 0 ? r : c->gate_new(natives, &gate);
        r = r < 0 ? r : c->callback_new(gate, &wanted, &callback);
        if (callback)
                c->callback_free(callback);
        if (gate)
                c->gate_free(gate);
        if (made)
                c->close(made);
        rt_engine_unref(engine);
        rt_natives_unref(natives);
        return r;
}

static void
fail_at_each(int (*scene)(const rt_allocator *), bool for_good)
{
        failing f;

        for (uint64_t at = 1;; at++) {
                const rt_allocator allocator = { sizeof allocator, failing_resize, &f };
                int r;

                f = failing_at(at, for_good);
                r = scene(&allocator);
                cr_assert_eq(f.alive, 0, "%d of %d leaked", (int) f.alive, (int) at);
                if (!f.failed) {
                        cr_assert_eq(r, RT_OK, "%s", rt_status_name(r));
                        cr_assert_gt(at, 3);
                        return;
                }
                /* What can be done without, a cache say, may be missing. */
                cr_assert(r == RT_ENOMEM || r == RT_OK, "%d: %s", (int) at, rt_status_name(r));
        }
}

Test(oom, fields_alone)
{
        fail_at_each(fields, false);
}

Test(oom, fields_for_good)
{
        fail_at_each(fields, true);
}

Test(oom, calls_alone)
{
        fail_at_each(calls, false);
}

Test(oom, calls_for_good)
{
        fail_at_each(calls, true);
}
