/* SPDX-License-Identifier: Apache-2.0 */
/* Records made up by the test, as blocks, read back by the core: what it knows of threads then. */
#include "live/stream.h"
#include "sources/syscall/codes.h"
#include "support/scap_build.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RECORD_BYTES = 2048, TICK_NS = 10000000 };

typedef struct scene {
        char root[64]; /* a /proc of the test's own */
        procfs proc;
        live_stream stream;
        cap_out out;
        scap_run run;
} scene;

static void
put_file(const scene *s, const char *name, const char *text)
{
        char path[256];
        FILE *file;

        snprintf(path, sizeof path, "%s/%s", s->root, name);
        for (char *slash = path + strlen(s->root) + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                mkdir(path, 0755);
                *slash = '/';
        }
        file = fopen(path, "we");
        cr_assert_not_null(file);
        fputs(text, file);
        fclose(file);
}

static void
scene_init(scene *s, uint32_t most)
{
        const cap_machine machine = { .cpus = 1, .hostname = { "test", 4 } };

        *s = (scene){ 0 };
        snprintf(s->root, sizeof s->root, "/tmp/libruntime-stream-XXXXXX");
        cr_assert_not_null(mkdtemp(s->root));
        cr_assert_eq(rti_procfs_init(&s->proc, s->root), RT_OK);
        s->proc.ns_per_tick = TICK_NS;
        cr_assert_eq(live_stream_init(&s->stream, &s->proc, most), RT_OK);
        rti_cap_head(&s->out, &machine);
        cr_assert_eq(scap_run_init(&s->run, &rti_alloc_default), RT_OK);
}

static void
scene_done(scene *s)
{
        char command[128];

        snprintf(command, sizeof command, "rm -rf '%s'", s->root);
        cr_expect_eq(system(command), 0);
        live_stream_done(&s->stream);
        rti_procfs_done(&s->proc);
        rti_cap_out_done(&s->out);
        scap_run_done(&s->run);
}

/* A record of a call that tells its result alone. */
typedef union room {
        struct rti_record record;
        char bytes[RECORD_BYTES];
} room;

static struct rti_record *
make(room *to, uint32_t tid, uint64_t start_ns)
{
        struct rti_record *r = &to->record;
        const uint16_t len = sizeof(int64_t);

        memset(to, 0, sizeof *to);
        r->event = RTI_EV_SYSCALL_SETSID_X;
        r->n_params = 1;
        r->values_len = sizeof len + sizeof(int64_t);
        r->len = (uint32_t) sizeof *r + r->values_len;
        r->time_ns = start_ns + 1000;
        r->start_ns = start_ns;
        r->tid = r->pid = r->vtid = r->vpid = tid;
        r->ppid = 1;
        r->uid = 1000;
        r->gid = 100;
        r->loginuid = 7;
        r->cgroup_id = 77;
        memcpy(r->comm, "maker", 5);
        memcpy(r + 1, &len, sizeof len);
        return r;
}

/* A clone seen by the child, or an exec, with these cgroups (element with its NUL). */
static struct rti_record *
make_birth(room *to, uint32_t tid, uint64_t start_ns, rt_str cgroups)
{
        enum { PARAMS = 21, CGROUPS = 14, RESULT = 0 };
        struct rti_record *r = make(to, tid, start_ns);
        uint16_t lengths[PARAMS] = { [RESULT] = sizeof(int64_t) };
        char *at = (char *) (r + 1) + sizeof lengths;

        r->event = RTI_EV_SYSCALL_CLONE_20_X;
        r->n_params = PARAMS;
        lengths[CGROUPS] = (uint16_t) cgroups.len;
        memset(at, 0, sizeof(int64_t));
        memcpy(at + sizeof(int64_t), cgroups.ptr, cgroups.len);
        memcpy(r + 1, lengths, sizeof lengths);
        r->values_len = (uint32_t) (sizeof lengths + sizeof(int64_t) + cgroups.len);
        r->len = (uint32_t) sizeof *r + r->values_len;
        return r;
}

static void
put(scene *s, const struct rti_record *r)
{
        cr_assert_eq(live_stream_put(&s->stream, r, &s->out), RT_OK);
}

static const rti_thread *
read_all(scene *s, int64_t tid)
{
        scap_run_over(&s->run, (rt_str){ s->out.ptr, s->out.len }, 0);
        cr_assert_eq(s->run.result, RT_EOF, "%s at %zu", s->run.skipped, s->run.skipped_at);
        cr_expect_eq(s->run.n_skipped, 0, "%s", s->run.skipped);
        return rti_threads_find(&s->run.state.threads, tid);
}

static void
put_process(const scene *s, const char *pid, const char *ticks)
{
        char name[64], text[256];

        snprintf(name, sizeof name, "%s/task/%s/stat", pid, pid);
        snprintf(text, sizeof text, "%s (looked) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %s 0 0\n",
                 pid, ticks);
        put_file(s, name, text);
        snprintf(name, sizeof name, "%s/task/%s/status", pid, pid);
        put_file(s, name, "Uid:\t0\t1000\t0\t0\nGid:\t0\t100\t0\t0\n");
        snprintf(name, sizeof name, "%s/cmdline", pid);
        put_file(s, name, "looked");
        snprintf(name, sizeof name, "%s/cgroup", pid);
        put_file(s, name, "0::/of/proc\n");
}

Test(stream, an_unknown_thread_is_looked_up_once)
{
        const rti_thread *thread;
        room to;
        scene s;

        scene_init(&s, 16);
        put_process(&s, "42", "500");
        put(&s, make(&to, 42, 500 * (uint64_t) TICK_NS + 3));
        put(&s, make(&to, 42, 500 * (uint64_t) TICK_NS + 3));
        thread = read_all(&s, 42);
        cr_assert_not_null(thread);
        cr_expect_eq(s.run.n_events, 2);
        cr_expect(rti_str_is(rti_text_str(thread->exe), "looked"));
        cr_expect(rti_str_is(rti_text_str(thread->comm), "maker"), "the record is newer");
        cr_expect_eq(thread->loginuid, 7);
        cr_expect_eq(s.stream.stats.looked_up, 1);
        cr_expect_eq(s.stream.stats.gone, 0);
        scene_done(&s);
}

Test(stream, another_thread_of_the_same_number_is_not_mistaken)
{
        const rti_thread *thread;
        room to;
        scene s;

        scene_init(&s, 16);
        put_process(&s, "42", "501");
        put(&s, make(&to, 42, 500 * (uint64_t) TICK_NS));
        thread = read_all(&s, 42);
        cr_assert_not_null(thread);
        cr_expect_not(rti_str_is(rti_text_str(thread->exe), "looked"), "that of the other");
        cr_expect_eq(thread->uid, 1000);
        cr_expect_eq(s.stream.stats.gone, 1);
        scene_done(&s);
}

Test(stream, changed_credentials_are_told_with_the_next_event_alone)
{
        const rti_thread *thread;
        size_t first, second, third;
        struct rti_record *r;
        room to;
        scene s;

        scene_init(&s, 16);
        put_process(&s, "42", "0");
        put(&s, make(&to, 42, 5));
        first = s.out.len;
        put(&s, make(&to, 42, 5));
        second = s.out.len - first;
        r = make(&to, 42, 5);
        r->uid = 0;
        put(&s, r);
        third = s.out.len - first - second;
        cr_expect_gt(third, second, "the thread is told again");
        thread = read_all(&s, 42);
        cr_assert_not_null(thread);
        cr_expect_eq(thread->uid, 0);
        scene_done(&s);
}

Test(stream, an_exec_that_was_missed_is_looked_up)
{
        struct rti_record *r;
        room to;
        scene s;

        scene_init(&s, 16);
        put_process(&s, "42", "0");
        put(&s, make(&to, 42, 5));
        r = make(&to, 42, 5);
        r->exec_id = 1;
        put(&s, r);
        put(&s, r);
        cr_expect_eq(s.stream.stats.looked_up, 2);
        (void) read_all(&s, 42);
        scene_done(&s);
}

Test(stream, a_birth_is_believed_without_looking)
{
        room to;
        scene s;

        scene_init(&s, 16);
        put(&s, make_birth(&to, 42, 5, RTI_STR("cgroup=/a\0")));
        put(&s, make(&to, 42, 5));
        cr_expect_eq(s.stream.stats.looked_up, 0);
        scene_done(&s);
}

Test(stream, beyond_the_cap_all_is_forgotten_and_told_again)
{
        room to;
        scene s;

        scene_init(&s, 4);
        for (uint32_t tid = 1; tid <= 4; tid++)
                put(&s, make(&to, tid, 5));
        cr_expect_eq(s.stream.stats.forgotten, 0);
        cr_expect_eq(s.stream.stats.looked_up, 4);
        put(&s, make(&to, 5, 5));
        cr_expect_eq(s.stream.stats.forgotten, 1);
        put(&s, make(&to, 1, 5));
        cr_expect_eq(s.stream.stats.looked_up, 6);
        cr_expect_not_null(read_all(&s, 1));
        scene_done(&s);
}

Test(stream, a_thread_that_ended_makes_room)
{
        struct rti_record *r;
        room to;
        scene s;

        scene_init(&s, 4);
        for (uint32_t tid = 1; tid <= 100; tid++) {
                put(&s, make(&to, tid, 5));
                r = make(&to, tid, 5);
                r->event = RTI_EV_PROCEXIT_1_E;
                put(&s, r);
        }
        cr_expect_eq(s.stream.stats.forgotten, 0);
        cr_expect_eq(s.stream.n, 0);
        scene_done(&s);
}

Test(stream, cgroups_of_a_thread_that_is_gone_are_those_of_its_neighbours)
{
        const rti_thread *thread;
        struct rti_record *r;
        room to;
        scene s;

        scene_init(&s, 16);
        put(&s, make_birth(&to, 41, 5, RTI_STR("cgroup=/docker/of-both\0")));
        put(&s, make(&to, 42, 5));
        r = make(&to, 43, 5);
        r->cgroup_id = 78;
        put(&s, r);
        cr_expect_eq(s.stream.stats.gone, 2);
        thread = read_all(&s, 42);
        cr_assert_not_null(thread);
        cr_expect(rti_str_eq(rti_text_str(thread->cgroups), RTI_STR("cgroup=/docker/of-both\0")));
        cr_expect_eq(thread->uid, 1000);
        thread = rti_threads_find(&s.run.state.threads, 43);
        cr_assert_not_null(thread);
        cr_expect_eq(rti_text_str(thread->cgroups).len, 0);
        scene_done(&s);
}

Test(stream, cgroups_are_learnt_from_proc_too)
{
        const rti_thread *thread;
        room to;
        scene s;

        scene_init(&s, 16);
        put_process(&s, "41", "0");
        put(&s, make(&to, 41, 5));
        put(&s, make(&to, 42, 5));
        thread = read_all(&s, 42);
        cr_assert_not_null(thread);
        cr_expect(rti_str_eq(rti_text_str(thread->cgroups), RTI_STR("cgroup=/of/proc\0")));
        scene_done(&s);
}

Test(stream, damaged_records_are_counted_and_leave_nothing_behind)
{
        size_t before;
        struct rti_record *r;
        room to;
        scene s;

        scene_init(&s, 16);
        before = s.out.len;
        for (int i = 0; i < 5; i++) {
                r = make(&to, 42, 5);
                r->values_len = i == 0 ? UINT32_MAX : r->values_len;
                r->facts_len = i == 1 ? UINT32_MAX : 0;
                r->n_params = i == 2 ? UINT16_MAX : 1;
                r->event = i == 3 ? RTI_N_EVENT_CODES : r->event;
                r->len = i == 4 ? 8 : r->len;
                cr_expect_eq(live_stream_put(&s.stream, r, &s.out), RT_EFORMAT, "%d", i);
        }
        cr_expect_eq(s.stream.stats.damaged, 5);
        cr_expect_eq(s.out.len, before);
        scene_done(&s);
}
