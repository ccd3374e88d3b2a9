/* SPDX-License-Identifier: Apache-2.0 */
/* Plug-ins in processes of their own that harm these: the engine and others go on. */
#include "scene.h"
#include <criterion/parameterized.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of those that are to miss it, and of those that are not to, however busy the machine is. */
enum { SOON_MS = 1000, IN_TIME_MS = 30000 };

/* A process with a sanitizer reports some signals itself, and needs more memory than there is. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static void
set_environment(void)
{
        setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0:detect_leaks=0", 1);
        setenv("TSAN_OPTIONS", "handle_segv=0:handle_abort=0", 1);
}

static rt_falco_plugin
villain(const char *config)
{
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);

        set_environment();
        plugin.library_path = PLUGINS "/villain.so";
        plugin.init_config = config;
        plugin.flags = RT_FALCO_ISOLATED;
        plugin.helper = HELPER;
        plugin.deadline_ms = IN_TIME_MS;
        return plugin;
}

static int
load(host *h, const rt_falco_plugin *plugin)
{
        return rt_falco_load(h->falco, plugin, h->message, sizeof h->message);
}

/* The villain in a process of its own, ticker in this one; rules for both. */
static void
begin(scene *s, const rt_falco_plugin *plugin)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        cr_assert_eq(load(&s->h, plugin), RT_OK, "%s", s->h.message);
        cr_assert_eq(host_load(&s->h, "ticker", NULL), RT_OK, "%s", s->h.message);
        scene_begin(s, "villain", "villain.n > 0", "%villain.n");
        use_rules(s, "- rule: v\n  desc: d\n  condition: villain.n > 0\n  output: v %villain.n\n"
                     "  priority: INFO\n  source: villain\n"
                     "- rule: t\n  desc: d\n  condition: ticker.even = true\n"
                     "  output: t %ticker.n %ticker.words\n  priority: INFO\n  source: ticker\n");
}

static uint64_t
ended(const scene *s)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        cr_assert_eq(rt_falco_get(s->h.falco, 0, &info), RT_OK);
        cr_expect_eq(info.flags, RT_FALCO_ISOLATED);
        return info.ended;
}

static bool
has_children(void)
{
        return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

/* The other source's alerts are what they always are. */
static void
others_go_on(scene *s)
{
        const size_t n = strlen(s->alerts);

        cr_expect_eq(run(s, "ticker", "5"), RT_EOF);
        cr_expect_str_eq(s->alerts + n, "00:00:02.000000000: Informational t 2 (w2,w3,w4)\n"
                                        "00:00:04.000000000: Informational t 4 (w4,w5,w6)\n");
}

static void
finish(scene *s)
{
        others_go_on(s);
        scene_done(s);
        cr_expect_not(has_children());
}

/* ---- deeds ---- */

typedef struct row {
        char params[32];
        int alerts, result;
        uint64_t ended;
        char said[80];
} row;

#define NEXT "next_batch"

ParameterizedTestParameters(isolate, harm_stays_in_the_process)
{
        static row rows[] = {
                { "open crash", 0, RT_EIO, 1, "its process was ended by signal 11 (SIGSEGV)" },
                { "open exit", 0, RT_EIO, 1, "its process has exited with status 3" },
                { "open hang", 0, RT_EIO, 1, "its process gave no answer to open within" },
                { "next crash", 0, RT_EIO, 1, "its process was ended by signal 11 (SIGSEGV)" },
                { "next crash 2", 8, RT_EIO, 1, "its process was ended by signal 11 (SIGSEGV)" },
                { "next abort 1", 4, RT_EIO, 1, "its process was ended by signal 6 (SIGABRT)" },
                { "next exit 1", 4, RT_EIO, 1, "its process has exited with status 3" },
                { "next hang 1", 4, RT_EIO, 1, "its process gave no answer to next_batch within" },
                { "next stop 1", 4, RT_EIO, 1, "its process gave no answer to next_batch within" },
                { "next close 1", 4, RT_EIO, 1, "its process has" },
                { "next rubbish 1", 4, RT_EIO, 1, "its process said what is no message" },
                { "next huge 1", 4, RT_EIO, 1, "said that it gives more than there is room for" },
                { "next empty 1", 4, RT_EIO, 1, "gave what cannot be an answer to " NEXT },
                { "next event 1", 4, RT_EIO, 1, "gave an event that it may not give" },
                { "next other 1", 4, RT_EIO, 1, "answered what it was not asked" },
                { "next cut 1", 10, RT_EOF, 0, "" },
                { "extract crash 5", 5, RT_EIO, 1, "was ended by signal 11 (SIGSEGV)" },
                { "extract hang 5", 5, RT_EIO, 1, "gave no answer to extract_fields within" },
                { "close crash", 10, RT_EOF, 1, "was ended by signal 11 (SIGSEGV)" },
                { "close hang", 10, RT_EOF, 1, "gave no answer to close within" },
        };

        return cr_make_param_array(row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(row *r, isolate, harm_stays_in_the_process)
{
        rt_falco_plugin plugin = villain(NULL);
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t lost = 0;
        scene s;

        if (strstr(r->said, "gave no answer"))
                plugin.deadline_ms = SOON_MS * (SANITIZED ? 3 : 1);
        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", r->params), r->result, "%s: %s", r->params, s.h.said);
        cr_expect_eq(s.n_alerts, r->alerts, "%s: %d %s", r->params, s.n_alerts, s.h.said);
        cr_expect_eq(ended(&s), r->ended, "%s: %s", r->params, s.h.said);
        cr_expect(strstr(s.h.said, r->said), "%s: %s", r->params, s.h.said);
        for (size_t i = 0; rt_worker_loss(s.worker, i, &loss) == RT_OK; i++)
                if (strcmp(loss.cause, "the plug-in's process has ended") == 0)
                        lost += loss.count;
        cr_expect_eq(lost, r->ended, "%s", r->params);
        finish(&s);
}

Test(isolate, a_crash_in_init_is_said)
{
        rt_falco_plugin plugin = villain("crash");
        host h;

        host_init(&h);
        cr_expect_eq(load(&h, &plugin), RT_EIO);
        cr_expect_str_eq(h.message, "cannot load plugin: its process was ended by signal 11 "
                                    "(SIGSEGV)");
        plugin = villain("hang");
        plugin.deadline_ms = SOON_MS;
        cr_expect_eq(load(&h, &plugin), RT_EIO);
        cr_expect(strstr(h.message, "gave no answer to init within"), "%s", h.message);
        plugin = villain(NULL);
        cr_expect_eq(load(&h, &plugin), RT_OK, "%s", h.message);
        rt_falco_unref(h.falco);
        cr_expect_not(has_children());
}

Test(isolate, tables_of_others_are_not_there)
{
        rt_falco_plugin plugin = villain(NULL);
        host h;

        host_init(&h);
        plugin.library_path = PLUGINS "/guest.so";
        cr_expect_eq(load(&h, &plugin), RT_EIO);
        cr_expect_str_eq(h.message,
                         "could not initialize plugin 'guest': there is no table 'ticks': "
                         "a plug-in in a process of its own has only its own");
        plugin.library_path = PLUGINS "/keeper.so";
        cr_expect_eq(load(&h, &plugin), RT_OK, "%s", h.message);
        cr_expect_str_eq(h.said,
                         "keeper:5:it runs in a process of its own: no other plug-in sees its "
                         "tables\n");
        rt_falco_unref(h.falco);
}

/* Whatever it writes there, and whenever. */
Test(isolate, rubbish_in_shared_memory_is_rubbish)
{
        for (int i = 0; i < 4; i++) {
                const rt_falco_plugin plugin = villain(NULL);
                scene s;
                int r;

                begin(&s, &plugin);
                r = run(&s, "villain", i % 2 ? "next scribble 1" : "extract scribble 30");
                cr_expect(r == RT_EOF || r == RT_EIO, "%d", r);
                s.alerts[0] = '\0';
                finish(&s);
        }
}

Test(isolate, a_child_that_it_leaves_is_ended)
{
        const rt_falco_plugin plugin = villain(NULL);
        char path[] = "/tmp/libruntime-villain-XXXXXX", state[64] = "";
        int pid = 0, fd = mkstemp(path);
        FILE *file;
        scene s;

        cr_assert_geq(fd, 0);
        close(fd);
        setenv("VILLAIN_FILE", path, 1);
        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "next fork 1"), RT_EIO);
        cr_expect(strstr(s.h.said, "its process has exited with status 7"), "%s", s.h.said);
        file = fopen(path, "re");
        cr_assert_eq(fscanf(file, "%d", &pid), 1);
        fclose(file);
        unlink(path);
        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        for (int i = 0; i < 200; i++) {
                file = fopen(path, "re");
                if (!file || (fscanf(file, "%*d (%*[^)]) %1s", state) == 1 && *state == 'Z'))
                        break;
                fclose(file);
                file = NULL;
                usleep(10000);
        }
        cr_expect(!file || *state == 'Z', "it lives: %s", state);
        if (file)
                fclose(file);
        finish(&s);
}

Test(isolate, memory_has_a_limit)
{
        rt_falco_plugin plugin = villain(NULL);
        scene s;

        if (SANITIZED)
                cr_skip_test("the process's own shadow counts, too");
        plugin.memory_bytes = 64 << 20;
        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "next leak 1"), RT_EIO);
        cr_expect_eq(s.n_alerts, 4);
        cr_expect(strstr(s.h.said, "its process was ended by signal 6 (SIGABRT)"), "%s", s.h.said);
        finish(&s);
}

/* ---- again ---- */

Test(isolate, an_input_is_opened_again_if_that_is_wanted)
{
        char path[] = "/tmp/libruntime-villain-XXXXXX", params[64];
        rt_falco_plugin plugin = villain(NULL);
        int fd = mkstemp(path);
        scene s;

        cr_assert_geq(fd, 0);
        close(fd);
        unlink(path);
        plugin.restarts = 2;
        plugin.flags |= RT_FALCO_REOPENED;
        begin(&s, &plugin);
        snprintf(params, sizeof params, "once:%s next crash 1", path);
        cr_expect_eq(run(&s, "villain", params), RT_EOF, "%s", s.h.said);
        unlink(path);
        cr_expect_eq(s.n_alerts, 4 + 10, "%s", s.h.said);
        cr_expect_eq(ended(&s), 1);
        cr_expect(strstr(s.h.said, "villain:5:its process is started again; 1 more times\n"), "%s",
                  s.h.said);
        finish(&s);
}

Test(isolate, it_is_started_again_so_often_and_not_oftener)
{
        rt_falco_plugin plugin = villain(NULL);
        scene s;

        plugin.restarts = 2;
        plugin.flags |= RT_FALCO_REOPENED;
        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "next abort 1"), RT_EIO);
        cr_expect_eq(s.n_alerts, 3 * 4);
        cr_expect_eq(ended(&s), 3);
        cr_expect_eq(run(&s, "villain", "5"), RT_EIO);
        cr_expect_eq(s.n_alerts, 3 * 4);
        finish(&s);
}

Test(isolate, another_input_gets_another_process)
{
        rt_falco_plugin plugin = villain(NULL);
        struct timespec before, after;
        scene s;
        int r;

        plugin.restarts = 1;
        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "next abort"), RT_EIO);
        clock_gettime(CLOCK_MONOTONIC, &before);
        r = run(&s, "villain", "none");
        clock_gettime(CLOCK_MONOTONIC, &after);
        cr_expect_eq(r, RT_EIO);
        /* Unless it took so long that this was the time to begin. */
        if (after.tv_sec == before.tv_sec && after.tv_nsec - before.tv_nsec < 50000000)
                cr_expect_not(strstr(s.h.said, "started again"), "%s", s.h.said);
        usleep(150000);
        cr_expect_eq(run(&s, "villain", "5"), RT_EOF, "%s", s.h.said);
        cr_expect_eq(s.n_alerts, 5);
        cr_expect_eq(ended(&s), 1);
        finish(&s);
}

/* ---- life ---- */

static size_t
count_fds(void)
{
        DIR *dir = opendir("/proc/self/fd");
        size_t n = 0;

        while (readdir(dir))
                n++;
        closedir(dir);
        return n;
}

Test(isolate, nothing_is_left_of_two_hundred_of_them)
{
        const size_t before = count_fds();

        for (int i = 0; i < (SANITIZED ? 50 : 200); i++) {
                rt_falco_plugin plugin = villain(i % 7 == 6 ? "abort" : NULL);
                host h;

                host_init(&h);
                cr_expect_eq(load(&h, &plugin), i % 7 == 6 ? RT_EIO : RT_OK, "%s", h.message);
                rt_falco_unref(h.falco);
        }
        cr_expect_eq(count_fds(), before);
        cr_expect_not(has_children());
}

static void *
load_on_a_thread(void *user)
{
        const rt_falco_plugin plugin = villain(NULL);

        begin(user, &plugin);
        return NULL;
}

Test(isolate, the_thread_that_started_it_may_end)
{
        pthread_t thread;
        scene s;

        cr_assert_eq(pthread_create(&thread, NULL, load_on_a_thread, &s), 0);
        pthread_join(thread, NULL);
        usleep(50000);
        cr_expect_eq(run(&s, "villain", "10"), RT_EOF);
        cr_expect_eq(s.n_alerts, 10);
        cr_expect_eq(ended(&s), 0, "%s", s.h.said);
        finish(&s);
}

/* The one child of a process; 0: none. */
static int
child_of(int parent)
{
        char path[64];
        int pid = 0;
        FILE *file;

        snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
        file = fopen(path, "re");
        if (file && fscanf(file, "%d", &pid) != 1)
                pid = 0;
        if (file)
                fclose(file);
        return pid;
}

static bool
is_gone(int pid)
{
        char path[64], state[8] = "Z";
        FILE *file;

        snprintf(path, sizeof path, "/proc/%d/stat", pid);
        file = fopen(path, "re");
        if (file && fscanf(file, "%*d (%*[^)]) %1s", state) != 1)
                *state = 'Z';
        if (file)
                fclose(file);
        return *state == 'Z';
}

Test(isolate, it_ends_with_the_host)
{
        int helper = 0;
        const pid_t agent = fork();

        if (agent == 0) {
                rt_falco_plugin plugin = villain(NULL);
                scene s;

                plugin.deadline_ms = 60000;
                begin(&s, &plugin);
                (void) run(&s, "villain", "next hang");
                _exit(0);
        }
        for (int i = 0; i < 500 && !helper; i++) {
                usleep(10000);
                helper = child_of(agent);
        }
        cr_assert_gt(helper, 0);
        usleep(300000); /* it hangs by now */
        cr_expect_not(is_gone(helper));
        kill(agent, SIGKILL);
        waitpid(agent, NULL, 0);
        for (int i = 0; i < 500 && !is_gone(helper); i++)
                usleep(10000);
        cr_expect(is_gone(helper));
}

/* Whoever was forked from the host has copies of all that the host has. */
Test(isolate, a_copy_of_the_host_leaves_it_alone)
{
        const rt_falco_plugin plugin = villain(NULL);
        int status = -1;
        pid_t copy;
        scene s;

        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "3"), RT_EOF);
        cr_assert_eq(rt_worker_open(s.worker, "villain", "1000"), RT_OK);
        while (s.n_alerts < 5)
                (void) rt_worker_step(s.worker, on_alert, &s);
        copy = fork();
        if (copy == 0) {
                int r;

                do
                        r = rt_worker_step(s.worker, on_alert, &s);
                while (r >= 0 || r == RT_EAGAIN);
                scene_done(&s);
                _exit(r == RT_EIO ? 0 : 1);
        }
        cr_assert_eq(waitpid(copy, &status, 0), copy);
        cr_expect_eq(status, 0);
        s.alerts[0] = '\0';
        while (rt_worker_step(s.worker, on_alert, &s) != RT_EOF)
                s.alerts[0] = '\0';
        cr_expect_eq(s.n_alerts, 3 + 1000);
        cr_expect_eq(ended(&s), 0, "%s", s.h.said);
        finish(&s);
}

Test(isolate, values_that_nobody_gives_are_losses)
{
        const rt_falco_plugin plugin = villain(NULL);
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t unread = 0;
        scene s;

        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "extract crash 5"), RT_EIO);
        for (size_t i = 0; rt_worker_loss(s.worker, i, &loss) == RT_OK; i++)
                if (strcmp(loss.cause, "values of fields, while the plug-in had no process") == 0)
                        unread += loss.count;
        cr_expect_eq(unread, 3, "of the sixth, seventh and eighth event");
        finish(&s);
}

/* Each worker has an input of its own; they share the process. */
Test(isolate, workers_on_threads_share_the_process)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_falco_plugin plugin = villain(NULL);
        rt_pool *pool = NULL;
        scene s;
        int r;

        plugin.library_path = PLUGINS "/ticker.so";
        memset(&s, 0, sizeof s);
        host_init(&s.h);
        cr_assert_eq(load(&s.h, &plugin), RT_OK, "%s", s.h.message);
        scene_begin(&s, "ticker", "ticker.even = true", "%evt.num %ticker.n");
        opts.workers = 4;
        cr_assert_eq(rt_pool_new(s.engine, &opts, &pool), RT_OK);
        for (int i = 0; i < 8; i++)
                cr_assert_eq(rt_pool_open(pool, "ticker", "400:64"), RT_OK);
        do {
                s.alerts[0] = '\0';
                r = rt_pool_step(pool, on_alert, &s);
        } while (r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(r, RT_EOF);
        cr_expect_eq(s.n_alerts, 8 * 200, "%s", s.h.said);
        rt_pool_unref(pool);
        scene_done(&s);
}

static bool
status_has(int pid, const char *file, const char *text)
{
        char path[64], all[8192] = "";
        FILE *from;

        snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
        from = fopen(path, "re");
        cr_assert_not_null(from);
        (void) !fread(all, 1, sizeof all - 1, from);
        fclose(from);
        return strstr(all, text) != NULL;
}

/* Descriptors of a process beside the standard ones. */
static size_t
count_files(int pid)
{
        struct dirent *entry;
        char path[64];
        size_t n = 0;
        DIR *dir;

        snprintf(path, sizeof path, "/proc/%d/fd", pid);
        dir = opendir(path);
        cr_assert_not_null(dir);
        while ((entry = readdir(dir)))
                n += *entry->d_name != '.' && strtoul(entry->d_name, NULL, 10) > 2;
        closedir(dir);
        return n;
}

Test(isolate, the_process_has_little)
{
        const rt_falco_plugin plugin = villain(NULL);
        const int open_for_children = open("/dev/null", O_RDONLY);
        scene s;
        int pid;

        cr_assert_geq(open_for_children, 0);
        begin(&s, &plugin);
        pid = child_of(getpid());
        cr_assert_gt(pid, 0);
        cr_expect(status_has(pid, "status", "NoNewPrivs:\t1"));
        cr_expect(status_has(pid, "limits", "Max core file size        1                    1"));
        cr_expect(status_has(pid, "status", "SigBlk:\t0000000000000000"));
        cr_expect_eq(getpgid(pid), pid);
        cr_expect_eq(count_files(pid), 2, "a socket and memory");
        for (int i = 0; i < 20; i++) /* nor does it keep what came for inputs */
                (void) run(&s, "villain", i % 2 ? "1" : "none");
        for (int i = 0; i < 200 && count_files(pid) > 2; i++)
                usleep(10000);
        cr_expect_eq(count_files(pid), 2);
        close(open_for_children);
        finish(&s);
}

/* A host whose children are waited for by nobody, or by somebody else. */
Test(isolate, signals_of_the_host_stay_its_own)
{
        const rt_falco_plugin plugin = villain(NULL);
        struct sigaction now;
        scene s;

        signal(SIGCHLD, SIG_IGN);
        begin(&s, &plugin);
        cr_expect_eq(run(&s, "villain", "next abort 1"), RT_EIO);
        cr_expect_eq(s.n_alerts, 4);
        cr_expect(strstr(s.h.said, "its process has ended, nobody knows how"), "%s", s.h.said);
        finish(&s);
        cr_expect_eq(sigaction(SIGCHLD, NULL, &now), 0);
        cr_expect(now.sa_handler == SIG_IGN);
        cr_expect_eq(sigaction(SIGPIPE, NULL, &now), 0);
        cr_expect(now.sa_handler == SIG_DFL);
}

/* ---- a helper that errs ---- */

static void
ignore_metric(const rt_falco_metric *metric, void *user)
{
        (void) user;
        cr_expect_lt(strlen(metric->name), 1 << 20);
}

static int
ignore_state(rt_str name, rt_str event, void *user)
{
        (void) name, (void) event, (void) user;
        return RT_OK;
}

/* All that can be asked of a plug-in. */
static void
ask_everything(scene *s, size_t index)
{
        uint32_t part = 0;
        char text[64], *params = NULL;

        (void) rt_falco_progress(s->h.falco, index, &part, text, sizeof text);
        if (rt_falco_open_params(s->h.falco, index, &params) == RT_OK)
                rt_falco_text_free(s->h.falco, params);
        (void) rt_falco_metrics(s->h.falco, index, ignore_metric, NULL);
        (void) rt_falco_set_config(s->h.falco, index, "{}", text, sizeof text);
        (void) rt_falco_dump_state(s->h.falco, index, ignore_state, NULL);
}

/* Whatever there is to ask of a ticker, in the course of an input, too. */
static void
use_everything(scene *s)
{
        static const char text[] =
                "- rule: r\n  desc: d\n  condition: ticker.n > 0 and ticker.words exists\n"
                "  output: \"%ticker.text %ticker.addr %ticker.addr6 %ticker.net %ticker.words"
                " %ticker.numbers %ticker.flags %ticker.arg[x] %evt.plugininfo\"\n"
                "  priority: INFO\n  source: ticker\n";
        rt_ruleset *rules = NULL;
        int r, steps = 0;

        r = rt_falco_attach(s->h.falco, s->engine, s->h.message, sizeof s->h.message);
        if (r < 0)
                return;
        ask_everything(s, 0);
        r = rt_compile(s->engine, "r", (rt_str){ text, sizeof text - 1 }, NULL, &rules);
        r = r < 0 ? r : rt_engine_use(s->engine, rules);
        r = r < 0 ? r : rt_worker_new(s->engine, NULL, &s->worker);
        r = r < 0 ? r : rt_worker_open(s->worker, "ticker", "200:8");
        while ((r >= 0 || r == RT_EAGAIN) && ++steps < 2000) {
                r = rt_worker_step(s->worker, on_alert, s);
                s->alerts[0] = s->h.said[0] = '\0';
        }
        ask_everything(s, 0);
        rt_ruleset_unref(rules);
}

/* True: it was loaded, at least. */
static bool
try_mutant(unsigned seed, const char *name)
{
        rt_falco_plugin plugin = villain(NULL);
        char number[16], path[512];
        bool loaded;
        scene s;

        snprintf(number, sizeof number, "%u", seed);
        setenv("MUTANT_SEED", number, 1);
        snprintf(path, sizeof path, PLUGINS "/%s.so", name);
        plugin.library_path = path;
        plugin.init_config = strcmp(name, "herald") == 0 ? "news" : NULL;
        plugin.helper = MUTANT;
        plugin.restarts = 1;
        plugin.flags |= seed % 2 ? RT_FALCO_REOPENED : 0;
        memset(&s, 0, sizeof s);
        host_init(&s.h);
        loaded = load(&s.h, &plugin) == RT_OK;
        if (strcmp(name, "ticker") != 0)
                cr_assert_eq(host_load(&s.h, "ticker", NULL), RT_OK, "%s", s.h.message);
        cr_assert_eq(rt_engine_new(NULL, &s.engine), RT_OK);
        use_everything(&s);
        scene_done(&s);
        return loaded;
}

Test(isolate, answers_that_are_wrong_anywhere_harm_nobody, .timeout = 150)
{
        const unsigned seeds = SANITIZED ? 100 : 300;
        unsigned loaded = 0;

        for (unsigned seed = 1; seed <= seeds; seed++) {
                loaded += try_mutant(seed, "ticker");
                if (seed % 4 == 0)
                        loaded += try_mutant(seed, "herald");
        }
        cr_expect_gt(loaded, seeds / 4);
        cr_expect_not(has_children());
}

/* ---- memory ---- */

/* All allocations but number @a left. */
static void *
fail_once(void *ptr, size_t size_bytes, void *user)
{
        long *left = user;

        if (!size_bytes) {
                free(ptr);
                return NULL;
        }
        return (*left)-- == 0 ? NULL : realloc(ptr, size_bytes);
}

Test(isolate, memory_may_end_at_any_time, .timeout = 100)
{
        bool done = false;

        for (long n = 0; !done && n < 500; n++) {
                rt_falco_opts opts = RT_INIT(rt_falco_opts);
                rt_falco_plugin plugin = villain(NULL);
                long left = n;
                const rt_allocator allocator = { sizeof allocator, fail_once, &left };
                scene s;

                memset(&s, 0, sizeof s);
                opts.allocator = &allocator;
                plugin.library_path = PLUGINS "/ticker.so";
                if (rt_falco_new(&opts, &s.h.falco) < 0)
                        continue;
                cr_assert_eq(rt_engine_new(NULL, &s.engine), RT_OK);
                if (load(&s.h, &plugin) == RT_OK) {
                        use_everything(&s);
                        done = left >= 0 && s.n_alerts == 200;
                } else {
                        cr_expect_lt(left, 0, "%ld: %s", n, s.h.message);
                }
                scene_done(&s);
        }
        cr_expect(done);
        cr_expect_not(has_children());
}

/* ---- what is given wrongly ---- */

Test(isolate, a_helper_that_is_none_is_refused)
{
        static const struct {
                const char *helper, *message;
                int result;
        } rows[] = {
                { "/not/there", "cannot start '/not/there': No such file or directory", RT_ENOENT },
                { "/bin/true", "cannot load plugin: its process has exited with status 0", RT_EIO },
                { "/bin/sleep", "cannot load plugin: its process gave no answer to init", RT_EIO },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                rt_falco_plugin plugin = villain(NULL);
                host h;

                host_init(&h);
                plugin.helper = rows[i].helper;
                plugin.deadline_ms = i == 2 ? SOON_MS : IN_TIME_MS;
                cr_expect_eq(load(&h, &plugin), rows[i].result, "%s", h.message);
                cr_expect(strncmp(h.message, rows[i].message, strlen(rows[i].message)) == 0, "%s",
                          h.message);
                rt_falco_unref(h.falco);
        }
        cr_expect_not(has_children());
}

Test(isolate, flags_that_there_are_not_are_refused)
{
        rt_falco_plugin plugin = villain(NULL);
        host h;

        host_init(&h);
        plugin.flags |= 1 << 5;
        cr_expect_eq(load(&h, &plugin), RT_EINVAL);
        rt_falco_unref(h.falco);
}

Test(isolate, files_that_may_not_be_so_large_are_an_error)
{
        const struct rlimit small = { 1 << 20, RLIM_INFINITY };
        const rt_falco_plugin plugin = villain(NULL);
        host h;

        host_init(&h);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
        cr_expect_eq(load(&h, &plugin), RT_ELIMIT, "%s", h.message);
        rt_falco_unref(h.falco);
}
