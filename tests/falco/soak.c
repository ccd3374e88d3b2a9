/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soak.c - LIBRARY SOURCE PARAMS EVENTS CONDITION [HELPER]: all events of a plug-in through a rule
 * that holds for each. The memory stays what it was after a while, and signals still arrive. With
 * the helper, the plug-in has a process of its own.
 */
#include <libruntime-falco/falco.h>
#include <libruntime/runtime.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_GROWTH_KIB = 64 * 1024, WARM_PART = 5 };

static volatile sig_atomic_t got[65];

static void
on_signal(int number)
{
        got[number]++;
}

static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGPIPE };

enum { N_SIGNALS = sizeof signals / sizeof *signals };

static int
fail(const char *what, const char *why)
{
        fprintf(stderr, "%s: %s\n", what, why);
        return 1;
}

static long
memory_kib(void)
{
        FILE *file = fopen("/proc/self/statm", "re");
        long all = 0, resident = 0;

        if (file && fscanf(file, "%ld %ld", &all, &resident) != 2)
                resident = 0;
        if (file)
                fclose(file);
        return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int
count(const rt_alert *alert, void *user)
{
        (void) alert;
        ++*(uint64_t *) user;
        return RT_OK;
}

static int
compile(rt_engine *engine, const char *source, const char *condition)
{
        rt_ruleset *rules = NULL;
        char text[2048];
        int r, n;

        n = snprintf(text, sizeof text,
                     "- rule: r\n  desc: d\n  condition: %s\n  output: o\n  priority: INFO\n"
                     "  source: %s\n",
                     condition, source);
        r = rt_compile(engine, "soak.yaml", (rt_str){ text, (size_t) n }, NULL, &rules);
        if (r == RT_OK)
                r = rt_engine_use(engine, rules);
        rt_ruleset_unref(rules);
        return r;
}

/* Judge all events. */
static int
judge(rt_worker *worker, uint64_t events)
{
        uint64_t alerts = 0;
        long warm = 0, growth;
        int r;

        do {
                r = rt_worker_step(worker, count, &alerts);
                if (!warm && alerts >= events / WARM_PART)
                        warm = memory_kib();
        } while (r >= 0 || r == RT_EAGAIN);
        growth = memory_kib() - warm;
        printf("%llu alerts, %s, grown by %ld KiB\n", (unsigned long long) alerts,
               rt_status_name(r), growth);
        if (r != RT_EOF || alerts != events)
                return fail("judging", "not all events");
        return growth > MOST_GROWTH_KIB ? fail("memory", "it grows") : 0;
}

static int
check_signals(void)
{
        for (size_t i = 0; i < N_SIGNALS; i++) {
                sigset_t blocked;

                if (pthread_sigmask(SIG_BLOCK, NULL, &blocked) != 0
                    || sigismember(&blocked, signals[i]))
                        return fail(strsignal(signals[i]), "is blocked");
                got[signals[i]] = 0;
                kill(getpid(), signals[i]);
                for (int wait = 0; wait < 2000 && !got[signals[i]]; wait++)
                        usleep(1000);
                if (!got[signals[i]])
                        return fail(strsignal(signals[i]), "does not arrive");
        }
        return 0;
}

static int
run(rt_falco *falco, rt_engine *engine, char **argv)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        rt_worker *worker = NULL;
        char message[512];
        int r = rt_falco_attach(falco, engine, message, sizeof message);

        if (r < 0)
                return fail("attach", message);
        if (compile(engine, argv[2], argv[5]) < 0)
                return fail("compile", argv[5]);
        if (rt_worker_new(engine, NULL, &worker) < 0)
                return fail("worker", "no memory");
        if (rt_worker_open(worker, argv[2], argv[3]) < 0)
                r = fail("open", argv[3]);
        r = r ? r : judge(worker, strtoull(argv[4], NULL, 10));
        rt_worker_unref(worker);
        if (!r && rt_falco_get(falco, 0, &info) == RT_OK
            && (info.lies || info.failures || info.ended))
                r = fail(info.name, "lies or failures");
        return r ? r : check_signals();
}

int
main(int argc, char **argv)
{
        const struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        rt_engine *engine = NULL;
        rt_falco *falco = NULL;
        char message[512];
        int r;

        if (argc != 6 && argc != 7)
                return fail("usage", "soak LIBRARY SOURCE PARAMS EVENTS CONDITION [HELPER]");
        for (size_t i = 0; i < N_SIGNALS; i++)
                sigaction(signals[i], &action, NULL);
        plugin.library_path = argv[1];
        plugin.flags = argc == 7 ? RT_FALCO_ISOLATED : 0;
        plugin.helper = argv[argc == 7 ? 6 : 1];
        if (rt_falco_new(NULL, &falco) < 0 || rt_engine_new(NULL, &engine) < 0)
                return fail("host", "no memory");
        r = rt_falco_load(falco, &plugin, message, sizeof message);
        r = r < 0 ? fail("load", message) : run(falco, engine, argv);
        rt_engine_unref(engine);
        rt_falco_unref(falco);
        return r ? r : check_signals();
}
