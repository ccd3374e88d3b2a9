/* SPDX-License-Identifier: Apache-2.0 */
/* test_connector.c - the process connector: its messages, and what the reader makes of them. */
#include "live/connector.h"
#include "live/encode.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/scap.h"
#include <criterion/criterion.h>
#include <grp.h>
#include <libruntime-live/live.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- messages ---- */

enum { HEADS = 36, EVENT_HEAD = 16, ROOM = 128 };

static void
set_u32(char *bytes, size_t at, uint32_t v)
{
        memcpy(bytes + at, &v, sizeof v);
}

/* A message about @a what with @a n numbers of its own; its length. */
static size_t
make_message(char bytes[ROOM], uint32_t what, const uint32_t *numbers, size_t n)
{
        const size_t len = HEADS + EVENT_HEAD + n * sizeof *numbers;
        const uint64_t time_ns = 123456789;
        const uint16_t body = (uint16_t) (len - HEADS);

        memset(bytes, 0, ROOM);
        set_u32(bytes, 0, (uint32_t) len);
        set_u32(bytes, 16, 1); /* the process connector */
        set_u32(bytes, 20, 1);
        set_u32(bytes, 24, 7);
        set_u32(bytes, 28, 9);
        memcpy(bytes + 32, &body, sizeof body);
        set_u32(bytes, HEADS, what);
        set_u32(bytes, HEADS + 4, 3);
        memcpy(bytes + HEADS + 8, &time_ns, sizeof time_ns);
        memcpy(bytes + HEADS + EVENT_HEAD, numbers, n * sizeof *numbers);
        return len;
}

Test(connector, a_fork_names_child_and_parent)
{
        char bytes[ROOM];
        rt_str left = { bytes, make_message(bytes, 1, (uint32_t[]){ 10, 11, 12, 13 }, 4) };
        connector_event event;

        cr_assert_eq(rti_connector_take(&left, &event), 1);
        cr_assert_eq(event.kind, CONNECTOR_FORK);
        cr_assert_eq(event.parent, 11);
        cr_assert_eq(event.tid, 12);
        cr_assert_eq(event.pid, 13);
        cr_assert_eq(event.seq, 7);
        cr_assert_eq(event.ack, 9);
        cr_assert_eq(event.cpu, 3);
        cr_assert_eq(event.time_ns, 123456789);
        cr_assert_eq(rti_connector_take(&left, &event), 0);
}

Test(connector, an_exit_is_read_with_and_without_a_parent)
{
        const uint32_t numbers[] = { 5, 4, 0x300, 17, 8, 9 };
        char bytes[ROOM];
        rt_str left = { bytes, make_message(bytes, 0x80000000u, numbers, 6) };
        connector_event event;

        cr_assert_eq(rti_connector_take(&left, &event), 1);
        cr_assert_eq(event.kind, CONNECTOR_EXIT);
        cr_assert_eq(event.tid, 5);
        cr_assert_eq(event.pid, 4);
        cr_assert_eq(event.value, 0x300);
        cr_assert_eq(event.parent, 9);
        left = (rt_str){ bytes, make_message(bytes, 0x80000000u, numbers, 4) };
        cr_assert_eq(rti_connector_take(&left, &event), 1);
        cr_assert_eq(event.value, 0x300);
        cr_assert_eq(event.parent, 0);
}

Test(connector, messages_behind_one_another_are_taken_one_by_one)
{
        const uint32_t ids[] = { 5, 4, 1000, 1001 };
        char bytes[2 * ROOM];
        connector_event event;
        const size_t n = make_message(bytes, 4, ids, 4);
        rt_str left = { bytes, n };

        left.len += make_message(bytes + n, 0x7654, ids, 2);
        cr_assert_eq(rti_connector_take(&left, &event), 1);
        cr_assert_eq(event.kind, CONNECTOR_UID);
        cr_assert_eq(event.value, 1001);
        cr_assert_eq(rti_connector_take(&left, &event), 1);
        cr_assert_eq(event.kind, CONNECTOR_OTHER);
        cr_assert_eq(rti_connector_take(&left, &event), 0);
}

Test(connector, cut_messages_are_damage_at_every_length)
{
        const uint32_t what[] = { 0, 1, 2, 4, 0x40, 0x80, 0x200, 0x80000000u };
        const size_t words[] = { 1, 4, 2, 4, 4, 2, 6, 4 };
        const uint32_t numbers[6] = { 1, 2, 3, 4, 5, 6 };
        char bytes[ROOM], *exact;

        for (size_t i = 0; i < RTI_COUNT(what); i++) {
                const size_t whole = make_message(bytes, what[i], numbers, words[i]);
                connector_event event;

                for (size_t n = 1; n < whole; n++) {
                        const uint16_t body = n > HEADS ? (uint16_t) (n - HEADS) : 0;
                        rt_str left;

                        /* As long as its headers say, or less than that. */
                        exact = malloc(n);
                        cr_assert(exact);
                        memcpy(exact, bytes, n);
                        left = (rt_str){ exact, n };
                        cr_assert_eq(rti_connector_take(&left, &event), RT_EFORMAT);
                        cr_assert_eq(left.len, 0);
                        if (n > HEADS) {
                                set_u32(exact, 0, (uint32_t) n);
                                memcpy(exact + 32, &body, sizeof body);
                                left = (rt_str){ exact, n };
                                cr_assert_eq(rti_connector_take(&left, &event), RT_EFORMAT);
                        }
                        free(exact);
                }
        }
}

Test(connector, random_bytes_end)
{
        uint64_t seed = 1;
        char bytes[ROOM];

        for (int round = 0; round < 20000; round++) {
                const size_t n = make_message(bytes, 1U << round % 32, (uint32_t[6]){ 0 }, 6);
                rt_str left = { bytes, n };
                connector_event event;
                int taken = 0;

                for (int i = 0; i < 3; i++) {
                        seed = seed * 6364136223846793005u + 1442695040888963407u;
                        bytes[(seed >> 33) % n] = (char) (seed >> 25);
                }
                while (rti_connector_take(&left, &event) > 0)
                        cr_assert_lt(++taken, (int) n / 16 + 1);
        }
}

/* ---- the machine ---- */

enum { SKIP = 77, FAILED = 1, NOBODY = 65534, SECONDS = 20, BLOCK_HEAD = 8, BLOCK_TAIL = 4 };

typedef struct story {
        int64_t child, parent;
        bool forked, executed, ended;
} story;

static void
look_at(const rti_sysevt *evt, story *s)
{
        static const char args[] = "-c\0sleep 0.3; exit 3\0name";
        const rt_str expected = { args, sizeof args };

        if (evt->tid != s->child)
                return;
        if (evt->type == RTI_EV_SYSCALL_CLONE_20_X)
                s->forked = rti_arg_i64(evt, 0, -1) == 0 && rti_arg_i64(evt, 5, -1) == s->parent;
        if (evt->type == RTI_EV_SYSCALL_EXECVE_19_X)
                s->executed = rti_str_eq(rti_arg(evt, 2), expected)
                              && rti_arg_i64(evt, 5, -1) == s->parent
                              && rti_str_is(rti_arg_text(evt, 13), "sh")
                              && rti_str_starts(rti_arg(evt, 27), RTI_STR("/"));
        if (evt->type == RTI_EV_PROCEXIT_1_E)
                s->ended = rti_arg_i64(evt, 1, -1) == 3;
}

/* Look at the whole blocks in @a bytes; how many bytes they have. */
static size_t
walk(rt_str bytes, story *s)
{
        size_t at = 0;

        while (bytes.len - at >= BLOCK_HEAD) {
                rti_sysevt evt = { 0 };
                uint32_t head[2];
                size_t used;

                memcpy(head, bytes.ptr + at, sizeof head);
                if (head[1] < BLOCK_HEAD + BLOCK_TAIL || head[1] > bytes.len - at)
                        break;
                if (head[0] == CAP_EVENT
                    && rti_scap_event(
                               rti_str_sub(bytes, at + BLOCK_HEAD, at + head[1] - BLOCK_TAIL),
                               false, true, &evt, &used)
                               == RT_OK)
                        look_at(&evt, s);
                at += head[1];
        }
        return at;
}

static pid_t
begin_story(void)
{
        const pid_t child = fork();

        if (child == 0) {
                /* Time to be looked up before it is another program. */
                usleep(200000);
                execl("/bin/sh", "sh", "-c", "sleep 0.3; exit 3", "name", (char *) NULL);
                _exit(FAILED);
        }
        return child;
}

static bool
is_told(void *state, story *s)
{
        enum { BUFFER = 4 << 20 };
        char *buffer = malloc(BUFFER);
        const time_t end = time(NULL) + SECONDS;
        size_t n = 0;

        while (buffer && time(NULL) < end && !s->ended) {
                const int64_t got = rt_connector_reader()->read(state, buffer + n, BUFFER - n);
                size_t used;

                if (got < 0 && got != RT_EAGAIN)
                        break;
                n += got > 0 ? (size_t) got : 0;
                used = walk((rt_str){ buffer, n }, s);
                memmove(buffer, buffer + used, n - used);
                n -= used;
        }
        free(buffer);
        return s->forked && s->executed && s->ended;
}

/* In a child of its own, whose exit status tells. */
static int
watch_as(uid_t user)
{
        story s = { .parent = getpid() };
        void *state;
        bool told;
        int r;

        if (user
            && (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0
                || setresuid(user, user, user) < 0))
                return SKIP;
        r = rt_connector_reader()->open("connector:", &state);
        if (r == RT_EIO)
                return SKIP;
        if (r < 0)
                return FAILED;
        s.child = begin_story();
        told = is_told(state, &s);
        rt_connector_reader()->close(state);
        waitpid((pid_t) s.child, NULL, 0);
        return told ? 0 : FAILED;
}

static void
check_as(uid_t user)
{
        char why[512];
        const pid_t child = fork();
        int status = 0;

        cr_assert_geq(child, 0);
        if (child == 0)
                _exit(geteuid() == 0 ? watch_as(user) : SKIP);
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFEXITED(status));
        if (WEXITSTATUS(status) == SKIP) {
                (void) rt_connector_check(why, sizeof why);
                cr_skip_test("as user %u: %s", user, *why ? why : "needs root to begin with");
        }
        cr_assert_eq(WEXITSTATUS(status), 0);
}

Test(connector, root_sees_a_process_with_its_arguments_and_its_parent)
{
        check_as(0);
}

Test(connector, nobody_sees_it_too)
{
        check_as(NOBODY);
}

Test(connector, only_its_own_name_is_taken)
{
        void *state;

        cr_assert_eq(rt_connector_reader()->open("connector", &state), RT_ENOENT);
        cr_assert_eq(rt_connector_reader()->open("kernel:", &state), RT_ENOENT);
        cr_assert_eq(rt_connector_reader()->open("connector:x", &state), RT_EINVAL);
}
