/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that open their inputs themselves, that get `user`, that take another one's place. */
#include "base/alloc.h"
#include "base/str.h"
#include <libruntime/runtime.h>
#include <criterion/criterion.h>
#include <stdlib.h>

/* What an instance makes of a name: "NUMBER" events, with a pause before each. */
typedef struct counter {
        const rt_allocator *allocator;
        const char *word; /* user */
        uint64_t left;
        bool open, paused;
} counter;

static int
counter_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        counter *c = rti_calloc(config->allocator, 1, sizeof *c);

        (void) diags;
        if (!c)
                return RT_ENOMEM;
        c->allocator = config->allocator;
        c->word = config->user;
        *ret_state = c;
        return RT_OK;
}

static void
counter_destroy(void *state)
{
        counter *c = state;

        rti_free(c->allocator, c);
}

static int
counter_demand(void *state, const rt_demand *demand)
{
        (void) state, (void) demand;
        return RT_OK;
}

static void
counter_restart(void *state)
{
        ((counter *) state)->open = false;
}

static int
counter_next(void *state, rt_input *input, rt_event *event)
{
        counter *c = state;

        if (!c->open) {
                cr_expect_eq(rt_input_window(input).len, 0);
                cr_expect_eq(rt_input_more(input), 0);
                c->left = strtoull(rt_input_name(input), NULL, 10);
                c->open = true;
        }
        if (!c->left)
                return RT_EOF;
        c->paused = !c->paused;
        if (c->paused)
                return RT_EAGAIN;
        c->left--;
        event->payload = rti_str_of(c->word);
        return 1;
}

static int
counter_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state, (void) slot;
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = event->payload };
        return 1;
}

static const rt_field_desc fields[] = {
        { .name = "counter.word", .kind = RT_KIND_STRING, .help = "what user points to" },
};

static char word[] = "tick";

static const rt_source_ops counter_ops = {
        .size = sizeof counter_ops,
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_OPENS,
        .name = "counter",
        .plugin = "counting",
        .version = "2.0.0",
        .fields = fields,
        .n_fields = 1,
        .field_stride = sizeof *fields,
        .create = counter_create,
        .destroy = counter_destroy,
        .demand = counter_demand,
        .restart = counter_restart,
        .next = counter_next,
        .extract = counter_extract,
        .user = word,
};

#define RULES                                                                                     \
        "- rule: r\n  desc: d\n  condition: counter.word = tick\n  output: o\n  priority: INFO\n" \
        "  source: counter\n"

static rt_engine *
make_engine(void)
{
        rt_engine *engine = NULL;
        rt_ruleset *rules = NULL;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(engine, &counter_ops), RT_OK);
        cr_assert_eq(rt_compile(engine, "r.yaml", RTI_STR(RULES), NULL, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        rt_ruleset_unref(rules);
        return engine;
}

static int
count_alert(const rt_alert *alert, void *user)
{
        (void) alert;
        ++*(int *) user;
        return RT_OK;
}

Test(opens, a_worker_hands_names_to_the_source_as_they_are)
{
        rt_engine *engine = make_engine();
        rt_worker *worker = NULL;
        int alerts = 0, r, waits = 0;

        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        cr_expect_eq(rt_worker_open(worker, "counter", "3"), RT_OK);
        cr_expect_eq(rt_worker_open(worker, "counter", "/"), RT_OK);
        cr_expect_eq(rt_worker_open(worker, "counter", "2"), RT_OK);
        while ((r = rt_worker_step(worker, count_alert, &alerts)) != RT_EOF) {
                cr_assert(r >= 0 || r == RT_EAGAIN);
                waits += r == RT_EAGAIN;
        }
        cr_expect_eq(alerts, 5);
        cr_expect_eq(waits, 5);
        cr_expect_eq(rt_worker_feed(worker, "counter", RTI_STR("4"), NULL, NULL), RT_EINVAL);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
}

Test(opens, finishing_ends_the_input_that_is_read)
{
        rt_engine *engine = make_engine();
        rt_worker *worker = NULL;
        int alerts = 0;

        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        cr_expect_eq(rt_worker_open(worker, "counter", "1000"), RT_OK);
        cr_expect_eq(rt_worker_step(worker, count_alert, &alerts), RT_EAGAIN);
        cr_expect_eq(rt_worker_step(worker, count_alert, &alerts), 1);
        cr_expect_eq(rt_worker_finish(worker), RT_OK);
        cr_expect_eq(rt_worker_step(worker, count_alert, &alerts), RT_EOF);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
}

Test(opens, a_pool_reads_each_with_one_instance)
{
        rt_engine *engine = make_engine();
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL;
        int alerts = 0, r;

        opts.workers = 3;
        cr_assert_eq(rt_pool_new(engine, &opts, &pool), RT_OK);
        cr_expect_eq(rt_pool_feed(pool, "counter", RTI_STR("4"), NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_pool_open(pool, "counter", "30"), RT_OK);
        cr_expect_eq(rt_pool_open(pool, "counter", "20"), RT_OK);
        while ((r = rt_pool_step(pool, count_alert, &alerts)) != RT_EOF)
                cr_assert(r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(alerts, 50);
        rt_pool_unref(pool);
        rt_engine_unref(engine);
}

Test(opens, only_one_that_says_so_takes_a_readable_sources_place)
{
        rt_engine *engine = NULL;
        rt_source_ops ops = counter_ops;
        rt_source_info info = RT_INIT(rt_source_info);
        size_t found = 0;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        ops.name = "aws_cloudtrail";
        cr_expect_eq(rt_engine_add_source(engine, &ops), RT_EEXIST);
        ops.flags |= RT_SOURCE_REPLACES;
        cr_expect_eq(rt_engine_add_source(engine, &ops), RT_OK);
        for (size_t i = 0; rt_engine_source(engine, i, &info) == RT_OK; i++)
                if (rti_str_is(rti_str_of(info.name), "aws_cloudtrail")) {
                        found++;
                        cr_expect_str_eq(info.plugin, "counting");
                        cr_expect_str_eq(info.version, "2.0.0");
                }
        cr_expect_eq(found, 1);
        rt_engine_unref(engine);
}

/* ---- who stands in between ---- */

typedef struct between {
        rt_source_ops inner;
        unsigned n_next;
} between;

static between *wrapped; /* the test's own */

static int
between_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        rt_source_config own = *config;

        wrapped = config->user;
        own.user = wrapped->inner.user;
        return wrapped->inner.create(&own, diags, ret_state);
}

static int
between_next(void *state, rt_input *input, rt_event *event)
{
        wrapped->n_next++;
        return wrapped->inner.next(state, input, event);
}

Test(opens, a_source_is_wrapped_with_its_name_and_fields)
{
        between b = { .inner = RT_INIT(rt_source_ops) };
        rt_source_ops outer = counter_ops, broken = counter_ops;
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;
        rt_ruleset *rules = NULL;
        int alerts = 0, r;

        outer.name = "not looked at";
        outer.n_fields = 0;
        outer.create = between_create;
        outer.next = between_next;
        outer.user = &b;
        broken.next = NULL;
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(engine, &counter_ops), RT_OK);
        cr_expect_eq(rt_engine_wrap_source(engine, "nobody", &outer, &b.inner), RT_ENOENT);
        cr_expect_eq(rt_engine_wrap_source(engine, "counter", &broken, &b.inner), RT_EINVAL);
        cr_expect_eq(rt_engine_wrap_source(engine, "counter", &outer, NULL), RT_EINVAL);
        outer.abi++;
        cr_expect_eq(rt_engine_wrap_source(engine, "counter", &outer, &b.inner), RT_EABI);
        outer.abi--;
        cr_assert_eq(rt_engine_wrap_source(engine, "counter", &outer, &b.inner), RT_OK);
        cr_expect_eq(b.inner.next, counter_next);
        cr_expect_str_eq(b.inner.name, "counter");
        cr_assert_eq(rt_compile(engine, "r.yaml", RTI_STR(RULES), NULL, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        cr_expect_eq(rt_engine_wrap_source(engine, "counter", &outer, &b.inner), RT_EINVAL);
        cr_expect_eq(rt_worker_open(worker, "counter", "3"), RT_OK);
        while ((r = rt_worker_step(worker, count_alert, &alerts)) != RT_EOF)
                cr_assert(r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(alerts, 3);
        cr_expect_eq(b.n_next, 7);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
}
