/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fork.c - a child uses and frees its copies of an engine and a worker, and the parent goes on with
 * its own as if nothing had been. A pool, whose threads the child has not, refuses there. Exit: 1,
 * and why on stderr.
 */
#include <libruntime/runtime.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char first[] = "- rule: one\n  desc: d\n  source: json\n  priority: NOTICE\n"
                            "  output: o\n  condition: json.value[/n] exists\n";
static const char second[] = "- rule: two\n  desc: d\n  source: json\n  priority: NOTICE\n"
                             "  output: o\n  condition: json.value[/n] = 2\n";

static int
use(rt_engine *engine, const char *text)
{
        rt_ruleset *rules = NULL;
        int r = rt_compile(engine, "r", (rt_str){ text, strlen(text) }, NULL, &rules);

        r = r < 0 ? r : rt_engine_use(engine, rules);
        rt_ruleset_unref(rules);
        return r;
}

static int
feed(rt_worker *worker, const char *record)
{
        return rt_worker_feed(worker, "json", (rt_str){ record, strlen(record) }, NULL, NULL);
}

static int
pool_feed(rt_pool *pool)
{
        const int r = rt_pool_feed(pool, "json", (rt_str){ "{\"n\":1}", 7 }, NULL, NULL);

        return r < 0 ? r : rt_pool_flush(pool, NULL, NULL);
}

/* Other rules, in the child alone. */
static int
child(rt_engine *engine, rt_worker *worker, rt_pool *pool)
{
        if (pool_feed(pool) != RT_EINVAL || rt_pool_step(pool, NULL, NULL) != RT_EINVAL
            || rt_pool_finish(pool) != RT_EINVAL)
                return 2;
        rt_pool_unref(pool);
        if (feed(worker, "{\"n\":1}") != 1 || use(engine, second) < 0
            || feed(worker, "{\"n\":1}") != 0 || feed(worker, "{\"n\":2}") != 1)
                return 1;
        rt_worker_unref(worker);
        rt_engine_unref(engine);
        return 0;
}

int
main(void)
{
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;
        rt_pool *pool = NULL;
        int status = 1, r = rt_engine_new(NULL, &engine);
        pid_t pid;

        r = r < 0 ? r : use(engine, first);
        r = r < 0 ? r : rt_worker_new(engine, NULL, &worker);
        r = r < 0 ? r : rt_pool_new(engine, NULL, &pool);
        r = r < 0 ? r : pool_feed(pool);
        r = r < 0 ? r : feed(worker, "{\"n\":1}");
        if (r != 1)
                return fprintf(stderr, "fork: %s\n", rt_status_name(r)), 1;
        pid = fork();
        if (pid == 0)
                _exit(child(engine, worker, pool));
        if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
                return fprintf(stderr, "fork: the child failed (%d)\n", status), 1;
        r = feed(worker, "{\"n\":1}") + feed(worker, "{\"n\":3}");
        r = r == 2 ? 1 + pool_feed(pool) : r;
        rt_pool_unref(pool);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
        if (r != 2)
                return fprintf(stderr, "fork: the parent's rules are others now\n"), 1;
        return 0;
}
