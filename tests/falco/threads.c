/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c - plug-ins with threads of their own, used by two workers: for thread sanitizers.
 *
 *      threads PLUGINS ROUNDS [HELPER]
 *
 * One engine, two threads with a worker each, which judge the same number of inputs, while async
 * events come out of a plug-in's thread, routines of a listener run, and the main thread asks the
 * plug-ins what there is to ask. With HELPER they are in processes of their own. All events must be
 * judged; no plug-in may be called a liar.
 */
#include "capture.h"
#include "lives.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { N_THREADS = 2, TICKS = 50 };

typedef struct judging {
        pthread_t thread;
        const plan *plan;
        life *life;
        rt_str capture;
        unsigned rounds;
        uint64_t alerts;
        int r;
        atomic_bool done;
} judging;

static void *
judge(void *user)
{
        judging *j = user;
        rt_worker *worker = NULL;

        j->r = rt_worker_new(j->life->engine, NULL, &worker);
        for (unsigned i = 0; i < j->rounds && j->r >= 0; i++)
                j->r = life_judge(j->plan, worker, j->capture, &j->alerts);
        rt_worker_unref(worker);
        atomic_store(&j->done, true);
        return NULL;
}

static void
on_metric(const rt_falco_metric *metric, void *user)
{
        (void) metric;
        (void) user;
}

static int
on_state(rt_str name, rt_str event, void *user)
{
        (void) name;
        (void) event;
        (void) user;
        return RT_OK;
}

/* Whatever the answers are. */
static void
ask(rt_falco *falco)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        for (size_t i = 0; rt_falco_get(falco, i, &info) == RT_OK; i++) {
                char text[64];
                uint32_t part;

                (void) rt_falco_metrics(falco, i, on_metric, NULL);
                (void) rt_falco_set_config(falco, i, "{\"rate\":2}", text, sizeof text);
                (void) rt_falco_dump_state(falco, i, on_state, NULL);
                (void) rt_falco_progress(falco, i, &part, text, sizeof text);
        }
}

static bool
is_fair(const life *l)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        bool fair = true;

        for (size_t i = 0; rt_falco_get(l->falco, i, &info) == RT_OK; i++)
                if (info.lies) {
                        printf("%s: called a liar\n", info.name);
                        fair = false;
                }
        return fair;
}

static bool
run(const plan *p, life *l, rt_str capture, unsigned rounds)
{
        judging judgings[N_THREADS] = { 0 };
        const int r = life_begin(l, p, NULL);
        bool good = r == RT_OK, done = false;

        if (!good)
                printf("%s: %s %s\n", p->name, rt_status_name(r), l->message);

        for (int i = 0; i < N_THREADS && good; i++) {
                judging *j = &judgings[i];

                *j = (judging){ .plan = p, .life = l, .capture = capture, .rounds = rounds };
                if (pthread_create(&j->thread, NULL, judge, j) != 0)
                        abort();
        }
        while (good && !done) {
                ask(l->falco);
                done = true;
                for (int i = 0; i < N_THREADS; i++)
                        done = done && atomic_load(&judgings[i].done);
        }
        for (int i = 0; i < N_THREADS && good; i++)
                pthread_join(judgings[i].thread, NULL);
        for (int i = 0; i < N_THREADS; i++) {
                const judging *j = &judgings[i];

                printf("%s: %u inputs, %d alerts, %s\n", p->name, rounds, (int) j->alerts,
                       rt_status_name(j->r));
                good = good && j->r >= 0 && j->alerts == rounds * p->alerts;
        }
        good = good && is_fair(l);
        life_end(l);
        return good;
}

int
main(int argc, char **argv)
{
        static const plan plans[] = {
                { "async events, tables, routines",
                  { { "herald", "news" }, { "ticker", "" }, { "keeper", "" }, { "guest", "" } },
                  "ticker",
                  "ticker.n > 0",
                  "%keeper.asyncs %herald.rounds %guest.sum",
                  "50",
                  TICKS },
                { "system calls",
                  { { "herald", "news" }, { "warden", "" }, { "visitor", "" } },
                  "syscall",
                  "evt.type in (openat, close)",
                  "%visitor.threads %visitor.fds %visitor.thread[mark]",
                  NULL,
                  4 },
                { "system calls of a plug-in",
                  { { "driver", "" }, { "herald", "news" }, { "visitor", "" } },
                  "syscall",
                  "evt.type = close",
                  "%visitor.threads",
                  "plugin:driver:5 7 q0 q3;many=8;own 5 7 q0 q3;many=8",
                  18 },
        };
        /* Tables are not shared across processes. */
        static const plan isolated = { "in processes of their own",
                                       { { "herald", "news" }, { "ticker", "" } },
                                       "ticker",
                                       "ticker.n > 0",
                                       "%ticker.text %herald.rounds",
                                       "50",
                                       TICKS };
        const bool apart = argc == 4;
        const unsigned rounds = argc > 2 ? (unsigned) strtoul(argv[2], NULL, 10) : 0;
        rti_buf capture = capture_of_opens();
        bool good = rounds != 0;

        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t i = 0; good && i < (apart ? 1 : RTI_COUNT(plans)); i++) {
                life l = { .folder = argv[1], .helper = apart ? argv[3] : NULL };

                good = run(apart ? &isolated : &plans[i], &l, rti_buf_str(&capture), rounds);
        }
        rti_buf_done(&capture);
        return good ? 0 : 1;
}
