/* SPDX-License-Identifier: Apache-2.0 */
/* What events do to descriptors of files, pipes and their like, and which descriptor is theirs. */
#include "support/fd_world.h"
#include <criterion/parameterized.h>

/* ---- open ---- */

struct open_row {
        char claim[60];
        uint16_t type;
        char params[60];
        char name[60], raw[40];
        uint8_t kind;
        uint16_t marks;
};

ParameterizedTestParameters(fd_files, opens)
{
        static struct open_row rows[] = {
                { "open takes the working directory", RTI_EV_SYSCALL_OPEN_X,
                  "q3 sa/../b d1 d0 d9 q5", "/root/b", "a/../b", RTI_FD_FILE_V2, 0 },
                { "an absolute name stands alone", RTI_EV_SYSCALL_OPEN_X,
                  "q3 s/etc//passwd d1 d0 d9 q5", "/etc/passwd", "/etc//passwd", RTI_FD_FILE_V2,
                  0 },
                { "a name that is missing reads <NA>", RTI_EV_SYSCALL_OPEN_X, "q3 - d1 d0 d9 q5",
                  "/root/<NA>", "<NA>", RTI_FD_FILE_V2, 0 },
                { "openat takes its descriptor", RTI_EV_SYSCALL_OPENAT_2_X,
                  "q3 q9 sf d4097 d0 d9 q5", "<UNKNOWN>f", "f", RTI_FD_FILE_V2, RTI_FDM_CLOEXEC },
                { "openat takes the working directory", RTI_EV_SYSCALL_OPENAT_2_X,
                  "q3 q-100 s. d1024 d0 d9 q5", "/root", ".", RTI_FD_DIRECTORY, 0 },
                { "openat2 says the same in other places", RTI_EV_SYSCALL_OPENAT2_X,
                  "q3 q-100 sx d1025 d0 d0 d9 q5", "/root/x", "x", RTI_FD_DIRECTORY, 0 },
                { "openat tells of layers and creation", RTI_EV_SYSCALL_OPENAT_2_X,
                  "q3 q-100 sx d49153 d0 d9 q5", "/root/x", "x", RTI_FD_FILE_V2,
                  RTI_FDM_UPPER_LAYER | RTI_FDM_CREATED },
                { "openat tells of the lower layer", RTI_EV_SYSCALL_OPENAT_2_X,
                  "q3 q-100 sx d65537 d0 d9 q5", "/root/x", "x", RTI_FD_FILE_V2,
                  RTI_FDM_LOWER_LAYER },
                { "creat has flags of its own", RTI_EV_SYSCALL_CREAT_X, "q3 sx d0 d9 q5 w1",
                  "/root/x", "x", RTI_FD_FILE_V2, RTI_FDM_UPPER_LAYER },
                { "creat on the lower layer", RTI_EV_SYSCALL_CREAT_X, "q3 sx d0 d9 q5 w2",
                  "/root/x", "x", RTI_FD_FILE_V2, RTI_FDM_LOWER_LAYER },
                { "a handle comes with its path", RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X,
                  "q3 q8 d1 s/mnt/f d9 q5", "/mnt/f", "/mnt/f", RTI_FD_FILE_V2, 0 },
        };

        return cr_make_param_array(struct open_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct open_row *row, fd_files, opens)
{
        fd_world *w = world_new();
        const rti_sysevt *evt = world_do(w, row->type, row->params);

        cr_assert_eq(evt->fd_num, 3, "%s", row->claim);
        cr_assert_eq(evt->fd, world_fd(w, 3), "%s", row->claim);
        assert_name(evt->fd, row->name);
        cr_expect(rti_str_is(rti_text_str(evt->fd->nameraw), row->raw), "%s", row->claim);
        cr_expect_eq(evt->fd->kind, row->kind, "%s", row->claim);
        cr_expect_eq(evt->fd->marks, row->marks, "%s: %x", row->claim, evt->fd->marks);
        cr_expect_eq(evt->fd->dev, 9, "%s", row->claim);
        cr_expect_eq(evt->fd->ino, 5, "%s", row->claim);
        cr_expect_eq(evt->flags, RTI_SE_HAS_FD | RTI_SE_NAME_CHANGED, "%s", row->claim);
        world_free(w);
}

Test(fd_files, openat_below_an_open_directory_is_named_by_it)
{
        fd_world *w = world_new();

        world_do(w, RTI_EV_SYSCALL_OPENAT_2_X, "q3 q-100 s/etc d1024 d0 d0 q0");
        world_do(w, RTI_EV_SYSCALL_OPENAT_2_X, "q4 q3 s../etc/./passwd d1 d0 d0 q0");
        assert_name(w->evt.fd, "/etc/passwd");
        world_free(w);
}

Test(fd_files, the_enter_half_is_believed_unless_it_names_nothing)
{
        fd_world *w = world_new();
        char store[512];
        rti_sysevt enter =
                scap_make(RTI_EV_SYSCALL_OPENAT_2_E, WORLD_TID, "q-100 sb d1024 d0", store);
        struct {
                uint16_t type;
                const char *name;
                uint8_t kind;
                uint16_t marks;
        } rows[] = {
                { RTI_EV_SYSCALL_OPENAT_2_E, "/root/b", RTI_FD_DIRECTORY, RTI_FDM_UPPER_LAYER },
                { RTI_EV_SYSCALL_OPENAT2_E, "<UNKNOWN>a", RTI_FD_FILE_V2, RTI_FDM_UPPER_LAYER },
        };

        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                w->evt = scap_make(RTI_EV_SYSCALL_OPENAT_2_X, WORLD_TID, "q3 q9 sa d32769 d0 d9 q5",
                                   w->store);
                w->evt.info = &rti_events[w->evt.type];
                w->evt.thread = rti_threads_find(&w->state.threads, WORLD_TID);
                w->evt.enter = enter.param;
                w->evt.n_enter = enter.n_params;
                w->evt.enter_type = rows[i].type;
                rti_fd_open(&w->state, &w->evt);
                assert_name(w->evt.fd, rows[i].name);
                cr_assert_eq(w->evt.fd->kind, rows[i].kind);
                cr_assert_eq(w->evt.fd->marks, rows[i].marks);
        }
        for (int i = 0; i < 2; i++) {
                enter.param[1] = i ? (rt_str){ "<NA>", 5 } : (rt_str){ NULL, 0 };
                w->evt.enter_type = RTI_EV_SYSCALL_OPENAT_2_E;
                rti_fd_open(&w->state, &w->evt);
                assert_name(w->evt.fd, "<UNKNOWN>a");
        }
        world_free(w);
}

static void
assert_event_name(fd_world *w, uint16_t type, const char *params, const char *wanted)
{
        char room[RTI_FD_NAME_ROOM];
        const rti_sysevt *evt = world_do(w, type, params);
        rt_str name;

        cr_assert_null(evt->fd);
        cr_assert_eq(evt->fd_num, -1);
        cr_assert_eq(evt->flags, RTI_SE_HAS_FD);
        name = rti_fd_name_of_event(room, evt);
        cr_assert(rti_str_is(name, wanted), "got %.*s, wanted %s", RTI_FMT(name), wanted);
}

Test(fd_files, what_failed_has_a_name_all_the_same)
{
        fd_world *w = world_new();

        assert_event_name(w, RTI_EV_SYSCALL_OPEN_X, "q-2 snone d1 d0 d0 q0", "/root/none");
        assert_event_name(w, RTI_EV_SYSCALL_CREAT_X, "q-2 snone d0 d0 q0 w0", "/root/none");
        assert_event_name(w, RTI_EV_SYSCALL_OPENAT_2_X, "q-2 q5 snone d1 d0 d0 q0",
                          "<UNKNOWN>none");
        assert_event_name(w, RTI_EV_SYSCALL_OPENAT2_X, "q-2 q-100 snone d1 d0 d0 d0 q0",
                          "/root/none");
        assert_event_name(w, RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, "q-2 q5 d1 s/none d0 q0", "/none");
        assert_event_name(w, RTI_EV_SOCKET_ACCEPT_5_X, "q-11 - b0 d0 d0", "NULL");
        assert_event_name(w, RTI_EV_SYSCALL_EVENTFD2_X, "q-24 w0 q0", "");
        assert_event_name(w, RTI_EV_SYSCALL_PIPE_X, "q-24 q-1 q-1 q0", "");
        world_free(w);
}

/* ---- close ---- */

Test(fd_files, close_is_seen_with_its_descriptor_and_takes_it_away_afterwards)
{
        fd_world *w = world_new();

        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q3 s/x d1 d0 d0 q0");
        world_settle(w);
        world_do(w, RTI_EV_SYSCALL_CLOSE_X, "q-9 q3");
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD);
        world_settle(w);
        cr_assert_not_null(world_fd(w, 3));
        world_do(w, RTI_EV_SYSCALL_CLOSE_X, "q0 q3");
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD | RTI_SE_REMOVE_FD);
        assert_name(w->evt.fd, "/x");
        world_settle(w);
        cr_assert_null(world_fd(w, 3));
        world_do(w, RTI_EV_SYSCALL_CLOSE_X, "q0 q3");
        cr_assert_null(w->evt.fd);
        cr_assert_eq(w->evt.fd_num, 3);
        world_free(w);
}

static void
open_some(fd_world *w)
{
        char params[60];

        for (int num = 0; num < 40; num++) {
                snprintf(params, sizeof params, "q%d s/%d d1 d0 d0 q0", num, num);
                world_do(w, RTI_EV_SYSCALL_OPEN_X, params);
        }
}

Test(fd_files, close_range_closes_at_once)
{
        fd_world *w = world_new();

        open_some(w);
        world_do(w, RTI_EV_SYSCALL_CLOSE_RANGE_X, "q0 d10 d20 d0");
        cr_assert_eq(w->evt.flags, 0, "the event has no descriptor of its own");
        for (int num = 0; num < 40; num++)
                cr_assert_eq(world_fd(w, num) == NULL, num >= 10 && num <= 20, "%d", num);
        world_do(w, RTI_EV_SYSCALL_CLOSE_RANGE_X, "q-22 d0 d39 d0");
        cr_assert_not_null(world_fd(w, 5));
        world_do(w, RTI_EV_SYSCALL_CLOSE_RANGE_X, "q0 d30 d-1 d0");
        cr_assert_not_null(world_fd(w, 29));
        cr_assert_null(world_fd(w, 30));
        world_free(w);
}

Test(fd_files, close_range_may_only_mark)
{
        fd_world *w = world_new();

        open_some(w);
        world_do(w, RTI_EV_SYSCALL_CLOSE_RANGE_X, "q0 d38 d-1 d4");
        cr_assert_eq(world_fd(w, 37)->marks, 0);
        cr_assert_eq(world_fd(w, 38)->marks, RTI_FDM_CLOEXEC);
        cr_assert_eq(world_fd(w, 39)->marks, RTI_FDM_CLOEXEC);
        world_free(w);
}

/* ---- copies ---- */

struct copy_row {
        char claim[60];
        uint16_t type;
        char params[40];
        int64_t fd_num;
        bool known;
        uint16_t marks; /* of the event's descriptor */
};

ParameterizedTestParameters(fd_files, copies)
{
        static struct copy_row rows[] = {
                { "dup is about the new one", RTI_EV_SYSCALL_DUP_1_X, "q5 q3", 5, true, 0 },
                { "dup that failed, about the old one", RTI_EV_SYSCALL_DUP_1_X, "q-24 q3", 3, true,
                  RTI_FDM_CLOEXEC },
                { "dup of an unknown one, about that", RTI_EV_SYSCALL_DUP_1_X, "q5 q4", 4, false,
                  0 },
                { "dup2 drops close-on-exec", RTI_EV_SYSCALL_DUP2_X, "q6 q3 q6", 6, true, 0 },
                { "dup2 onto itself does nothing", RTI_EV_SYSCALL_DUP2_X, "q3 q3 q3", 3, true,
                  RTI_FDM_CLOEXEC },
                { "dup3 may set it", RTI_EV_SYSCALL_DUP3_X, "q6 q3 q6 d4096", 6, true,
                  RTI_FDM_CLOEXEC },
                { "dup3 need not", RTI_EV_SYSCALL_DUP3_X, "q6 q3 q6 d0", 6, true, 0 },
                { "F_DUPFD", RTI_EV_SYSCALL_FCNTL_X, "q9 q3 b1 q9", 9, true, 0 },
                { "F_DUPFD that failed", RTI_EV_SYSCALL_FCNTL_X, "q-24 q3 b1 q9", 3, true,
                  RTI_FDM_CLOEXEC },
                { "F_DUPFD of an unknown one", RTI_EV_SYSCALL_FCNTL_X, "q9 q4 b1 q9", 4, false, 0 },
                { "F_DUPFD_CLOEXEC", RTI_EV_SYSCALL_FCNTL_X, "q9 q3 b26 q9", 9, true,
                  RTI_FDM_CLOEXEC },
                { "F_SETFD clears", RTI_EV_SYSCALL_FCNTL_X, "q0 q3 b3 q0", 3, true, 0 },
                { "F_SETFD sets", RTI_EV_SYSCALL_FCNTL_X, "q0 q3 b3 q1", 3, true, RTI_FDM_CLOEXEC },
                { "F_GETFL", RTI_EV_SYSCALL_FCNTL_X, "q2 q3 b4 q0", 3, true, RTI_FDM_CLOEXEC },
        };

        return cr_make_param_array(struct copy_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct copy_row *row, fd_files, copies)
{
        fd_world *w = world_new();
        const rti_sysevt *evt;

        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q3 s/x d4097 d0 d0 q0");
        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q6 s/y d1 d0 d0 q0");
        evt = world_do(w, row->type, row->params);
        cr_expect_eq(evt->fd_num, row->fd_num, "%s", row->claim);
        cr_expect_eq(evt->flags, RTI_SE_HAS_FD, "%s", row->claim);
        cr_assert_eq(evt->fd != NULL, row->known, "%s", row->claim);
        if (evt->fd) {
                assert_name(evt->fd, "/x");
                cr_expect_eq(evt->fd->marks, row->marks, "%s", row->claim);
        }
        assert_name(world_fd(w, 3), "/x");
        world_free(w);
}

Test(fd_files, a_descriptor_of_another_process_comes_by_its_pidfd)
{
        fd_world *w = world_new();
        rti_thread *other;

        world_process(w, 20, 20, "/");
        other = rti_threads_find(&w->state.threads, 20);
        rti_text_set(&w->state.pool,
                     &rti_fds_add(&w->state.pool, rti_fd_table(&w->state, other), 4)->name,
                     RTI_STR("/of/other"));
        world_do(w, RTI_EV_SYSCALL_PIDFD_OPEN_X, "q3 q20 d0");
        assert_name(w->evt.fd, "/proc/20");
        world_do(w, RTI_EV_SYSCALL_PIDFD_GETFD_X, "q5 q3 q4 d0");
        assert_name(w->evt.fd, "/of/other");
        cr_assert_eq(w->evt.fd_num, 5);
        world_do(w, RTI_EV_SYSCALL_PIDFD_GETFD_X, "q6 q3 q9 d0");
        cr_assert_null(w->evt.fd);
        cr_assert_eq(w->evt.fd_num, 6);
        world_free(w);
}

/* ---- pipes and what has no path ---- */

Test(fd_files, a_pipe_has_two_ends_and_the_second_is_the_events)
{
        fd_world *w = world_new();

        world_do(w, RTI_EV_SYSCALL_PIPE2_X, "q0 q3 q4 q77 d4096");
        cr_assert_eq(w->evt.fd_num, 4);
        cr_assert_eq(w->evt.fd, world_fd(w, 4));
        cr_assert_eq(w->evt.flags, RTI_SE_HAS_FD);
        for (int64_t num = 3; num <= 4; num++) {
                assert_name(world_fd(w, num), "");
                cr_assert_eq(world_fd(w, num)->kind, RTI_FD_FIFO);
                cr_assert_eq(world_fd(w, num)->ino, 77);
                cr_assert_eq(world_fd(w, num)->marks, RTI_FDM_CLOEXEC);
        }
        world_free(w);
}

struct special_row {
        uint16_t type;
        char params[40];
        uint8_t kind;
        char name[20];
        bool cloexec;
};

ParameterizedTestParameters(fd_files, specials)
{
        static struct special_row rows[] = {
                { RTI_EV_SYSCALL_MEMFD_CREATE_X, "q3 spayload d1", RTI_FD_MEMFD, "payload", true },
                { RTI_EV_SYSCALL_MEMFD_CREATE_X, "q3 spayload d2", RTI_FD_MEMFD, "payload", false },
                { RTI_EV_SYSCALL_PIDFD_OPEN_X, "q3 q12345 d0", RTI_FD_PIDFD, "/proc/12345", true },
                { RTI_EV_SYSCALL_EVENTFD_X, "q3 q0 d0", RTI_FD_EVENT, "", false },
                { RTI_EV_SYSCALL_EVENTFD2_X, "q3 w4096 q0", RTI_FD_EVENT, "", true },
                { RTI_EV_SYSCALL_SIGNALFD_X, "q3 q-1 d0 b0", RTI_FD_SIGNALFD, "", false },
                { RTI_EV_SYSCALL_SIGNALFD4_X, "q3 w4096 q-1 d0", RTI_FD_SIGNALFD, "", true },
                { RTI_EV_SYSCALL_TIMERFD_CREATE_X, "q3 b0 b0", RTI_FD_TIMERFD, "", false },
                { RTI_EV_SYSCALL_INOTIFY_INIT_X, "q3 b0", RTI_FD_INOTIFY, "", false },
                { RTI_EV_SYSCALL_INOTIFY_INIT1_X, "q3 w4096", RTI_FD_INOTIFY, "", true },
                { RTI_EV_SYSCALL_EPOLL_CREATE_X, "q3 d1", RTI_FD_EVENTPOLL, "", false },
                { RTI_EV_SYSCALL_EPOLL_CREATE1_X, "q3 d0", RTI_FD_EVENTPOLL, "", false },
                { RTI_EV_SYSCALL_EPOLL_CREATE1_X, "q3 d1", RTI_FD_EVENTPOLL, "", true },
                { RTI_EV_SYSCALL_BPF_2_X, "q3 d0", RTI_FD_BPF, "", false },
                { RTI_EV_SYSCALL_BPF_2_X, "q3 d5", RTI_FD_BPF, "", false },
                { RTI_EV_SYSCALL_USERFAULTFD_X, "q3 d0", RTI_FD_USERFAULTFD, "", false },
                { RTI_EV_SYSCALL_IO_URING_SETUP_X, "q3 d1 d1 d1 d0 d0 d0 d0", RTI_FD_IOURING, "",
                  false },
        };

        return cr_make_param_array(struct special_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct special_row *row, fd_files, specials)
{
        fd_world *w = world_new();
        const rti_sysevt *evt = world_do(w, row->type, row->params);

        cr_assert_eq(evt->fd_num, 3);
        cr_assert_eq(evt->fd, world_fd(w, 3));
        cr_expect_eq(evt->fd->kind, row->kind, "%u: %u", row->type, evt->fd->kind);
        cr_expect_eq(evt->fd->marks & RTI_FDM_CLOEXEC ? true : false, row->cloexec, "%u",
                     row->type);
        cr_expect_eq(evt->flags & RTI_SE_NAME_CHANGED ? true : false, row->name[0] != '\0');
        assert_name(evt->fd, row->name);
        world_free(w);
}

Test(fd_files, a_bpf_command_that_gives_0_makes_no_descriptor)
{
        fd_world *w = world_new();

        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q0 s/dev/tty d1 d0 d0 q0");
        world_do(w, RTI_EV_SYSCALL_BPF_2_X, "q0 d2");
        assert_name(world_fd(w, 0), "/dev/tty");
        world_free(w);
}

/* ---- which descriptor an event is about ---- */

struct current_row {
        char claim[60];
        uint16_t type;
        char params[80];
        int64_t fd_num;
        uint32_t flags;
};

ParameterizedTestParameters(fd_files, currents)
{
        static struct current_row rows[] = {
                { "read: the descriptor behind the data", RTI_EV_SYSCALL_READ_X, "q1 sx q4 d1", 4,
                  RTI_SE_HAS_FD },
                { "fstat: the first behind the result", RTI_EV_SYSCALL_FSTAT_X, "q0 q4", 4,
                  RTI_SE_HAS_FD },
                { "a directory counts", RTI_EV_SYSCALL_UNLINKAT_2_X, "q0 q-100 sx d0", -100,
                  RTI_SE_HAS_FD },
                { "sendfile: where to", RTI_EV_SYSCALL_SENDFILE_X, "q0 q0 q5 q4 q9", 5,
                  RTI_SE_HAS_FD },
                { "copy_file_range: where to", RTI_EV_SYSCALL_COPY_FILE_RANGE_X,
                  "q0 q5 q0 q4 q0 q9", 5, RTI_SE_HAS_FD },
                { "splice alone: where to, which comes second", RTI_EV_SYSCALL_SPLICE_X,
                  "q0 q4 q5 q9 d0", 5, RTI_SE_HAS_FD },
                { "mmap: far behind", RTI_EV_SYSCALL_MMAP_X, "q0 d0 d0 d0 q0 q0 d0 d0 q4 q0", 4,
                  RTI_SE_HAS_FD },
                { "empty: none", RTI_EV_SYSCALL_READ_X, "q1 sx - d1", -1, RTI_SE_HAS_FD },
                { "absent: none", RTI_EV_SYSCALL_READ_X, "q1 sx", -1, RTI_SE_HAS_FD },
                { "chdir has none to speak of", RTI_EV_SYSCALL_CHDIR_X, "q0 s/", -1, 0 },
        };

        return cr_make_param_array(struct current_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct current_row *row, fd_files, currents)
{
        fd_world *w = world_new();
        const rti_sysevt *evt;

        world_do(w, RTI_EV_SYSCALL_OPEN_X, "q4 s/four d1 d0 d0 q0");
        evt = world_do(w, row->type, row->params);
        cr_expect_eq(evt->fd_num, row->fd_num, "%s: %lld", row->claim, (long long) evt->fd_num);
        cr_expect_eq(evt->flags, row->flags, "%s", row->claim);
        cr_expect_eq(evt->fd, row->fd_num == 4 ? world_fd(w, 4) : NULL, "%s", row->claim);
        world_free(w);
}

Test(fd_files, threads_share_their_leaders_descriptors)
{
        fd_world *w = world_new();

        w->evt = scap_make(RTI_EV_SYSCALL_OPEN_X, WORLD_THREAD, "q3 sx d1 d0 d0 q0", w->store);
        w->evt.info = &rti_events[w->evt.type];
        cr_assert_eq(rti_state_apply(&w->state, &w->evt), RT_OK);
        assert_name(world_fd(w, 3), "/root/x");
        world_free(w);
}

Test(fd_files, who_is_unknown_has_descriptors_too)
{
        fd_world *w = world_new();

        for (int i = 0; i < 2; i++) {
                w->evt = scap_make(i ? RTI_EV_SYSCALL_READ_X : RTI_EV_SYSCALL_OPEN_X, 99,
                                   i ? "q1 sx q3 d1" : "q3 sx d1 d0 d0 q0", w->store);
                w->evt.info = &rti_events[w->evt.type];
                cr_assert_eq(rti_state_apply(&w->state, &w->evt), RT_OK);
                assert_name(w->evt.fd, "./x");
        }
        world_free(w);
}

Test(fd_files, a_full_pool_is_counted_and_the_event_keeps_its_number)
{
        fd_world *w = world_ready(world_new_of(256 * 1024));
        char params[60];
        int num;

        for (num = 0; num < 20000 && !w->state.stats.fds_refused; num++) {
                snprintf(params, sizeof params, "q%d s/some/file/%d d1 d0 d0 q0", num, num);
                world_do(w, RTI_EV_SYSCALL_OPEN_X, params);
        }
        cr_assert_gt(num, 100);
        cr_assert_lt(num, 20000);
        cr_assert_null(w->evt.fd);
        cr_assert_eq(w->evt.fd_num, num - 1);
        world_do(w, RTI_EV_SYSCALL_DUP_1_X, "q30000 q3");
        cr_assert_null(w->evt.fd);
        world_do(w, RTI_EV_SYSCALL_PIPE_X, "q0 q40000 q50000 q0");
        cr_assert_null(w->evt.fd);
        world_free(w);
}
