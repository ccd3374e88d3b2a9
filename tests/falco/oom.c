/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oom.c - every allocation of the host of plug-ins fails once.
 *
 * Each scene is a life with plug-ins, from rt_falco_new to the last unref. It is run with the first
 * allocation failing, then the second, and so on until none fails; each time alone, and with all
 * that follow. Nothing may crash, nothing may leak, what failed at loading says so, and a plug-in is
 * not called a liar for it.
 */
#include "support/scap_build.h"
#include <libruntime-falco/falco.h>
#include <libruntime/runtime.h>
#include <pthread.h>

enum { CLOSE_X = 5, OPENAT_2_X = 307, MOST_PLUGINS = 6 };

/* ---- memory that ends ---- */

typedef struct failing {
        pthread_mutex_t lock; /* threads of plug-ins allocate, too */
        uint64_t calls, fail_at, alive;
        bool for_good, failed;
} failing;

static void *
resize_alone(void *ptr, size_t size, failing *f)
{
        void *fresh;

        if (size == 0) {
                f->alive -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        f->calls++;
        if (f->calls == f->fail_at || (f->for_good && f->calls > f->fail_at)) {
                f->failed = true;
                return NULL;
        }
        fresh = realloc(ptr, size);
        f->alive += fresh && !ptr;
        return fresh;
}

static void *
resize(void *ptr, size_t size, void *user)
{
        failing *f = user;

        pthread_mutex_lock(&f->lock);
        ptr = resize_alone(ptr, size, f);
        pthread_mutex_unlock(&f->lock);
        return ptr;
}

/* ---- a life ---- */

typedef struct scene {
        const char *name;
        const char *plugins[MOST_PLUGINS][2]; /* with their configurations */
        const char *source, *condition, *output;
        const char *params; /* NULL: a capture */
        uint64_t alerts;    /* when nothing fails */
} scene;

typedef struct life {
        rt_falco *falco;
        rt_engine *engine;
        rt_worker *worker;
        uint64_t alerts;
        bool began; /* all of it: then there are alerts */
        char message[256];
} life;

/* The first failure counts; later calls are left out. */
#define STEP(call) (r = r < 0 ? r : (call))

static int
load(life *l, const char *folder, const char *const what[2])
{
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        char path[4096];

        snprintf(path, sizeof path, "%s/%s.so", folder, what[0]);
        plugin.library_path = path;
        plugin.init_config = what[1];
        return rt_falco_load(l->falco, &plugin, l->message, sizeof l->message);
}

static int
begin(life *l, const scene *s, const char *folder, failing *f)
{
        const rt_allocator allocator = { sizeof allocator, resize, f };
        rt_falco_opts opts = RT_INIT(rt_falco_opts);
        rt_engine_opts engine_opts = RT_INIT(rt_engine_opts);
        rt_ruleset *rules = NULL;
        char text[2048];
        int r = RT_OK;

        opts.allocator = engine_opts.allocator = &allocator;
        engine_opts.hostname = "host";
        STEP(rt_falco_new(&opts, &l->falco));
        for (size_t i = 0; r == RT_OK && i < MOST_PLUGINS && s->plugins[i][0]; i++)
                STEP(load(l, folder, s->plugins[i]));
        STEP(rt_engine_new(&engine_opts, &l->engine));
        STEP(rt_falco_attach(l->falco, l->engine, l->message, sizeof l->message));
        snprintf(text, sizeof text,
                 "- rule: r\n  desc: d\n  condition: %s\n  output: \"%s\"\n  priority: INFO\n"
                 "  source: %s\n",
                 s->condition, s->output, s->source);
        STEP(rt_compile(l->engine, "r.yaml", rti_str_of(text), NULL, &rules));
        STEP(rt_engine_use(l->engine, rules));
        STEP(rt_worker_new(l->engine, NULL, &l->worker));
        rt_ruleset_unref(rules);
        return r;
}

static int
on_alert(const rt_alert *alert, void *user)
{
        life *l = user;
        rt_str text;

        l->alerts++;
        return rt_alert_text(alert, &text);
}

/* ---- a capture ---- */

static void
add_event(rti_buf *capture, uint16_t type, int64_t tid, const char *params)
{
        char store[512];
        const rti_sysevt evt = scap_make(type, tid, params, store);
        rti_buf body = scap_body();
        uint32_t len = 26;

        for (uint32_t i = 0; i < evt.n_params; i++)
                len += 2 + (uint32_t) evt.param[i].len;
        SCAP_PUT(&body, uint16_t, 0);
        SCAP_PUT(&body, uint64_t, 5000);
        SCAP_PUT(&body, int64_t, tid);
        SCAP_PUT(&body, uint32_t, len);
        SCAP_PUT(&body, uint16_t, type);
        SCAP_PUT(&body, uint32_t, evt.n_params);
        for (uint32_t i = 0; i < evt.n_params; i++)
                SCAP_PUT(&body, uint16_t, evt.param[i].len);
        for (uint32_t i = 0; i < evt.n_params; i++)
                rti_buf_add(&body, evt.param[i]);
        scap_block_of(capture, SCAP_V2, &body);
}

static void
add_process(rti_buf *capture, int64_t tid, int64_t ptid)
{
        const rti_proc_entry entry = { .tid = tid,
                                       .pid = tid,
                                       .ptid = ptid,
                                       .vtid = tid,
                                       .vpid = tid,
                                       .comm = RTI_STR("cat"),
                                       .exe = RTI_STR("cat"),
                                       .args = RTI_STR("a\0bc\0"),
                                       .env = RTI_STR("X=1\0"),
                                       .cgroups = RTI_STR("cpu=/one\0"),
                                       .cwd = RTI_STR("/root/") };
        rti_buf body = scap_body();

        scap_process(&body, 9, &entry, SIZE_MAX);
        scap_block_of(capture, 0x215, &body);
}

static rti_buf
make_capture(void)
{
        rti_buf capture = scap_body();

        scap_section(&capture);
        scap_machine(&capture, "host");
        add_process(&capture, 1, 0);
        add_process(&capture, 7, 1);
        add_process(&capture, 8, 7);
        add_event(&capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        add_event(&capture, OPENAT_2_X, 8, "q3 q-100 s/etc/hosts d1 d0 d4 q5");
        add_event(&capture, CLOSE_X, 7, "q0 q4");
        add_event(&capture, CLOSE_X, 7, "q0 q3");
        return capture;
}

/* ---- what is done ---- */

static int
judge(life *l, const scene *s, const rti_buf *capture)
{
        int r = RT_OK;

        if (!s->params) {
                STEP(rt_worker_feed(l->worker, s->source, rti_buf_str(capture), on_alert, l));
                return r;
        }
        STEP(rt_worker_open(l->worker, s->source, s->params));
        while (r >= 0 || r == RT_EAGAIN)
                r = rt_worker_step(l->worker, on_alert, l);
        return r == RT_EOF ? RT_OK : r;
}

static void
on_metric(const rt_falco_metric *metric, void *user)
{
        (void) metric;
        ++*(int *) user;
}

static int
on_state(rt_str name, rt_str event, void *user)
{
        (void) name;
        (void) event;
        ++*(int *) user;
        return RT_OK;
}

/* Ask every plug-in all there is to ask. What it does not have is no failure. */
static int
ask(life *l)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        int r = RT_OK;

        for (size_t i = 0; rt_falco_get(l->falco, i, &info) == RT_OK; i++) {
                char text[64], *params = NULL;
                uint32_t part;
                int n = 0, got[5];

                got[0] = rt_falco_open_params(l->falco, i, &params);
                rt_falco_text_free(l->falco, params);
                got[1] = rt_falco_metrics(l->falco, i, on_metric, &n);
                got[2] = rt_falco_set_config(l->falco, i, "{\"rate\":2}", text, sizeof text);
                got[3] = rt_falco_dump_state(l->falco, i, on_state, &n);
                got[4] = rt_falco_progress(l->falco, i, &part, text, sizeof text);
                for (size_t k = 0; k < RTI_COUNT(got); k++)
                        if (got[k] < 0 && got[k] != RT_ENOENT && got[k] != RT_EAGAIN)
                                STEP(got[k]);
        }
        return r;
}

/* No plug-in is said to have lied. */
static bool
is_fair(const life *l)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        for (size_t i = 0; l->falco && rt_falco_get(l->falco, i, &info) == RT_OK; i++)
                if (info.lies) {
                        printf("%s: called a liar\n", info.name);
                        return false;
                }
        return true;
}

static int
live(life *l, const scene *s, const char *folder, failing *f, const rti_buf *capture)
{
        int r = begin(l, s, folder, f);

        l->began = r == RT_OK;
        STEP(judge(l, s, capture));
        STEP(judge(l, s, capture));
        return STEP(ask(l));
}

/* Run it until nothing fails any more. False: something was wrong. */
static bool
run(const scene *s, const char *folder, const rti_buf *capture, bool for_good)
{
        for (uint64_t at = 1;; at++) {
                failing f = { .lock = PTHREAD_MUTEX_INITIALIZER,
                              .fail_at = at,
                              .for_good = for_good };
                life l = { 0 };
                const int r = live(&l, s, folder, &f, capture);
                bool wrong = !is_fair(&l);

                rt_worker_unref(l.worker);
                rt_engine_unref(l.engine);
                rt_falco_unref(l.falco);
                /* A plug-in that was refused something says RT_EIO, in its own words. */
                wrong = wrong || f.alive || (r < 0 && !f.failed)
                        || (r < 0 && r != RT_ENOMEM && r != RT_EIO)
                        || (r == RT_EIO && !l.began && !*l.message)
                        || (!f.failed && l.alerts != s->alerts);
                if (wrong) {
                        printf("%s: allocation %d of it failing: %s (%s), %d not freed, %d "
                               "alerts\n",
                               s->name, (int) at, rt_status_name(r), l.message, (int) f.alive,
                               (int) l.alerts);
                        return false;
                }
                if (!f.failed) {
                        printf("%s: %d allocations, each failed %s\n", s->name, (int) f.calls,
                               for_good ? "with all behind it" : "alone");
                        return true;
                }
        }
}

int
main(int argc, char **argv)
{
        static const scene scenes[] = {
                { "source",
                  { { "ticker", "{\"names\":[\"a\"],\"next\":{\"host\":\"h\"}}" } },
                  "ticker",
                  "ticker.n > 0 and ticker.arg[abc] = abc and ticker.words intersects (w1, w2)",
                  "%ticker.text %ticker.numbers %ticker.index[3] %evt.plugininfo",
                  "2",
                  4 },
                { "fields of others",
                  { { "measurer", NULL }, { "ticker", NULL } },
                  "ticker",
                  "measurer.length > 0",
                  "%measurer.payload %measurer.source",
                  "2",
                  4 },
                { "tables of plug-ins",
                  { { "keeper", "" }, { "ticker", "" }, { "guest", "" }, { "lender", "" } },
                  "ticker",
                  "ticker.n > 0",
                  "%guest.inner %guest.sum %lender.said",
                  "3",
                  6 },
                { "async events",
                  { { "herald", "once" }, { "ticker", "" }, { "keeper", "" } },
                  "ticker",
                  "ticker.n > 0",
                  "%keeper.asyncs %herald.rounds",
                  "2",
                  4 },
                { "tables of the system",
                  { { "warden", "add" }, { "visitor", "" }, { "herald", "once" } },
                  "syscall",
                  "evt.type in (openat, close)",
                  "%visitor.threads %visitor.fds %visitor.list[args] %visitor.thread[mark]",
                  NULL,
                  8 },
        };
        rti_buf capture = make_capture();
        bool good = argc == 2;

        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t i = 0; good && i < RTI_COUNT(scenes); i++)
                for (int for_good = 0; for_good < 2; for_good++)
                        good = run(&scenes[i], argv[1], &capture, for_good) && good;
        rti_buf_done(&capture);
        return good ? 0 : 1;
}
