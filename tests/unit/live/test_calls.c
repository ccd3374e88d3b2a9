/* SPDX-License-Identifier: Apache-2.0 */
/* test_calls.c - the values of each kind of call, as captures have them. Needs root. */
#include "events.h"
#include "shape.h"
#include "watch.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static watch w;
static const rti_live_options defaults = { 0 };

/* Run @a act, and look at the shape of all that came. */
static void
see(int (*act)(void *), void *context)
{
        watch_open(&w, &defaults);
        watch_run(&w, act, context);
        for (size_t i = 0; i < w.n; i++)
                expect_shape(w.record[i]);
}

static const struct rti_record *
first(uint16_t event)
{
        const struct rti_record *r = watch_first(&w, event);

        cr_assert(r, "no event %u", event);
        return r;
}

static const struct rti_record *
with_text(uint16_t event, uint32_t i, const char *text)
{
        const struct rti_record *r = watch_find_text(&w, event, i, text);

        cr_assert(r, "no event %u with %s", event, text);
        return r;
}

static void
expect_bytes(const struct rti_record *r, uint32_t i, const void *bytes, size_t len)
{
        size_t n;
        const uint8_t *at = value_of(r, i, &n);

        cr_assert_eq(n, len, "event %u value %u has %zu bytes", r->event, i, n);
        cr_assert_arr_eq(at, bytes, len);
}

/* ---- files ---- */

static char folder[] = "/tmp/rt-live-XXXXXX";

static int
use_files(void *context)
{
        char buffer[64] = "";
        struct iovec parts[2] = { { buffer, 2 }, { buffer + 2, 3 } };
        int d, f;

        (void) context;
        d = open(folder, O_RDONLY | O_DIRECTORY);
        f = openat(d, "file", O_RDWR | O_CREAT | O_TRUNC, 0640);
        if (d < 0 || f < 0 || write(f, "hello", 5) != 5)
                return 1;
        if (pread(f, buffer, 3, 1) != 3 || preadv(f, parts, 2, 0) != 5 || writev(f, parts, 2) != 5)
                return 1;
        syscall(SYS_renameat2, d, "file", d, "file2", 1);
        linkat(d, "file2", d, "file3", 0);
        symlinkat("target", d, "link");
        fchmodat(d, "file2", 0600, 0);
        if (fchownat(d, "file2", 1, 2, AT_SYMLINK_NOFOLLOW) < 0)
                return 1;
        unlinkat(d, "file3", 0);
        unlinkat(d, "link", 0);
        unlinkat(d, "file2", 0);
        mkdirat(d, "inner", 0700);
        unlinkat(d, "inner", AT_REMOVEDIR);
        syscall(SYS_rename, "/no/from", "/no/to");
        syscall(SYS_creat, "/no/file", 0644);
        syscall(SYS_open, "/no/open", O_WRONLY | O_APPEND);
        return close(f);
}

Test(calls, of_files)
{
        const struct rti_record *r;
        char path[64];
        fact f;

        cr_assert(mkdtemp(folder));
        see(use_files, NULL);
        r = with_text(EV_SYSCALL_OPENAT_2_X, 2, "file");
        cr_assert_eq(number_of(r, 3), 0x4107, "O_RDWR, O_CREAT, O_TRUNC, created");
        cr_assert_eq(number_of(r, 4), 0640);
        f = fact_of(r);
        cr_assert_eq(f.pid, r->pid);
        cr_assert_eq(f.fd, number_of(r, 0));
        cr_assert_eq(f.ino, (uint64_t) number_of(r, 6));
        cr_assert_eq(f.kind, 16);
        snprintf(path, sizeof path, "%s/file", folder);
        cr_assert_arr_eq(f.rest + 6, path, strlen(path));
        cr_assert_eq(f.rest[4], strlen(path));
        r = first(EV_SYSCALL_WRITE_X);
        expect_bytes(r, 1, "hello", 5);
        cr_assert_eq(number_of(r, 0), 5);
        expect_bytes(first(EV_SYSCALL_PREAD_X), 1, "ell", 3);
        expect_bytes(first(EV_SYSCALL_PREADV_X), 2, "hello", 5);
        r = first(EV_SYSCALL_WRITEV_X);
        expect_bytes(r, 1, "hello", 5);
        cr_assert_eq(number_of(r, 3), 5);
        r = first(EV_SYSCALL_RENAMEAT2_X);
        cr_assert_str_eq(text_of(r, 2), "file");
        cr_assert_str_eq(text_of(r, 4), "file2");
        cr_assert_eq(number_of(r, 5), 1);
        r = first(EV_SYSCALL_LINKAT_2_X);
        cr_assert_str_eq(text_of(r, 4), "file3");
        r = first(EV_SYSCALL_SYMLINKAT_X);
        cr_assert_str_eq(text_of(r, 1), "target");
        cr_assert_str_eq(text_of(r, 3), "link");
        cr_assert_eq(number_of(first(EV_SYSCALL_FCHMODAT_X), 3), 0600);
        r = first(EV_SYSCALL_FCHOWNAT_X);
        cr_assert_eq(number_of(r, 3), 1);
        cr_assert_eq(number_of(r, 4), 2);
        cr_assert_eq(number_of(r, 5), 0x400);
        r = with_text(EV_SYSCALL_UNLINKAT_2_X, 2, "inner");
        cr_assert_eq(number_of(r, 3), 0x200);
        f = fact_of(r);
        cr_assert_eq(f.kind, 2, "the folder that it is relative to");
        cr_assert_eq(f.fd, number_of(r, 1));
        cr_assert_arr_eq(f.rest + 2, folder, strlen(folder));
        r = first(EV_SYSCALL_RENAME_X);
        cr_assert_eq(number_of(r, 0), -ENOENT);
        cr_assert_str_eq(text_of(r, 2), "/no/to");
        cr_assert_eq(number_of(first(EV_SYSCALL_CREAT_X), 2), 0644);
        r = with_text(EV_SYSCALL_OPEN_X, 1, "/no/open");
        cr_assert_eq(number_of(r, 2), 0xa, "O_WRONLY, O_APPEND");
        rmdir(folder);
        watch_close(&w);
}

/* ---- paths ---- */

static char deep[1200];

/* A folder of each of some lengths of names, one in the other, and the last is opened. */
static int
open_deep(void *context)
{
        (void) context;
        return open(deep, O_RDONLY | O_DIRECTORY) < 0 || open("/", O_RDONLY | O_DIRECTORY) < 0;
}

Test(calls, of_paths_with_names_of_all_lengths)
{
        static const size_t lengths[] = { 1, 31, 32, 33, 40, 255 };
        const struct rti_record *r;
        size_t len = (size_t) snprintf(deep, sizeof deep, "/tmp/rt-live-deep-%d", (int) getpid());
        fact f;

        cr_assert_eq(mkdir(deep, 0700), 0);
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
                deep[len++] = '/';
                memset(deep + len, 'a' + (int) i, lengths[i]);
                len += lengths[i];
                deep[len] = '\0';
                cr_assert_eq(mkdir(deep, 0700), 0);
        }
        see(open_deep, NULL);
        r = with_text(EV_SYSCALL_OPENAT_2_X, 2, deep);
        f = fact_of(r);
        cr_assert_eq(f.kind, 2);
        cr_assert_eq(f.len, len + 2);
        cr_assert_eq(f.rest[0] | f.rest[1] << 8, (int) len);
        cr_assert_arr_eq(f.rest + 2, deep, len);
        f = fact_of(with_text(EV_SYSCALL_OPENAT_2_X, 2, "/"));
        cr_assert_eq(f.len, 3);
        cr_assert_arr_eq(f.rest, "\1\0/", 3);
        for (size_t i = sizeof lengths / sizeof *lengths + 1; i > 0; i--) {
                rmdir(deep);
                *strrchr(deep, '/') = '\0';
        }
        watch_close(&w);
}

/* ---- sockets ---- */

typedef struct ends {
        int server, client, accepted;
} ends;

/* A connection over @a address, whose port may be 0. */
static int
connect_ends(struct sockaddr *address, socklen_t len, ends *e)
{
        e->server = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (bind(e->server, address, len) < 0 || listen(e->server, 7) < 0)
                return -1;
        getsockname(e->server, address, &len);
        e->client = socket(address->sa_family, SOCK_STREAM, 0);
        if (connect(e->client, address, len) < 0)
                return -1;
        e->accepted = accept4(e->server, NULL, NULL, SOCK_CLOEXEC);
        return e->accepted < 0 ? -1 : 0;
}

static const char unix_path[] = "/tmp/rt-live-test.socket";

static int
use_sockets(void *context)
{
        struct sockaddr_in four = { .sin_family = AF_INET };
        struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
        struct sockaddr_un local = { .sun_family = AF_UNIX };
        char buffer[64] = "abc";
        struct iovec part = { buffer, 3 };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
        int one = 1, udp, pair[2];
        ends e;

        (void) context;
        four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        six.sin6_addr = in6addr_loopback;
        memcpy(local.sun_path, unix_path, sizeof unix_path);
        if (connect_ends((struct sockaddr *) &four, sizeof four, &e) < 0)
                return 1;
        setsockopt(e.client, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
        if (send(e.client, "abcdef", 6, 0) != 6 || recv(e.accepted, buffer, 64, 0) != 6)
                return 1;
        shutdown(e.client, SHUT_WR);
        udp = socket(AF_INET6, SOCK_DGRAM, 0);
        sendto(udp, "udp", 3, 0, (struct sockaddr *) &six, sizeof six);
        unlink(unix_path);
        if (connect_ends((struct sockaddr *) &local, sizeof local, &e) < 0)
                return 1;
        if (sendmsg(e.client, &message, 0) != 3 || recvmsg(e.accepted, &message, 0) != 3)
                return 1;
        unlink(unix_path);
        return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static const uint8_t loopback[] = { 127, 0, 0, 1 };

static void
expect_connection(void)
{
        const struct rti_record *connected = first(EV_SOCKET_CONNECT_X);
        const struct rti_record *accepted = first(EV_SOCKET_ACCEPT4_6_X);
        const struct rti_record *r;
        size_t len;
        const uint8_t *tuple = value_of(connected, 1, &len);
        const uint8_t *address = value_of(connected, 3, &len);
        fact f;

        cr_assert_eq(address[0], AF_INET);
        cr_assert_arr_eq(address + 1, loopback, 4);
        cr_assert_arr_eq(tuple + 7, address + 1, 6, "it goes to the address that was asked for");
        expect_bytes(accepted, 1, tuple, 13);
        cr_assert_eq(number_of(accepted, 4), 7);
        cr_assert_eq(number_of(accepted, 5), 0x1000);
        f = fact_of(connected);
        cr_assert_eq(f.kind, 3);
        cr_assert_eq(f.rest[12], 2, "tcp");
        cr_assert_arr_eq(f.rest + 8, tuple + 5, 2, "its own port");
        cr_assert_eq(fact_of(first(EV_SOCKET_LISTEN_X)).kind, 5);
        r = first(EV_SOCKET_SENDTO_X);
        expect_bytes(r, 1, "abcdef", 6);
        expect_bytes(r, 4, tuple, 13);
        r = first(EV_SOCKET_RECVFROM_X);
        expect_bytes(r, 1, "abcdef", 6);
        expect_bytes(r, 2, tuple, 13);
}

Test(calls, of_sockets)
{
        static const uint8_t u32_one[] = { 2, 1, 0, 0, 0 };
        const struct rti_record *r;
        const uint8_t *tuple;
        size_t len;

        see(use_sockets, NULL);
        expect_connection();
        r = first(EV_SOCKET_SETSOCKOPT_X);
        cr_assert_eq(number_of(r, 2), 1);
        cr_assert_eq(number_of(r, 3), SO_KEEPALIVE);
        expect_bytes(r, 4, u32_one, sizeof u32_one);
        cr_assert_eq(number_of(first(EV_SOCKET_SHUTDOWN_X), 2), SHUT_WR);
        r = watch_find(&w, EV_SOCKET_SENDTO_X, 1, "udp", 3);
        cr_assert(r);
        tuple = value_of(r, 4, &len);
        cr_assert_eq(len, 37);
        cr_assert_arr_eq(tuple + 19, &in6addr_loopback, 16, "named by the program");
        cr_assert_eq(tuple[35] | tuple[36] << 8, 9);
        r = first(EV_SOCKET_SENDMSG_X);
        tuple = value_of(r, 4, &len);
        cr_assert_eq(len, 17 + sizeof unix_path);
        cr_assert_arr_eq(tuple + 17, unix_path, sizeof unix_path);
        expect_bytes(first(EV_SOCKET_RECVMSG_X), 3, tuple, len);
        r = first(EV_SOCKET_SOCKETPAIR_X);
        cr_assert_neq(number_of(r, 3), 0);
        cr_assert_neq(number_of(r, 4), number_of(r, 3));
        watch_close(&w);
}

/* ---- descriptors that are no files ---- */

static int
use_others(void *context)
{
        struct pollfd ready;
        int pipes[2], memory;

        (void) context;
        if (pipe2(pipes, O_CLOEXEC) < 0 || write(pipes[1], "p", 1) != 1)
                return 1;
        dup3(pipes[0], 51, O_CLOEXEC);
        fcntl(pipes[0], F_GETFL);
        ready = (struct pollfd){ .fd = 51, .events = POLLIN };
        poll(&ready, 1, 1000);
        eventfd(7, EFD_NONBLOCK);
        epoll_create1(EPOLL_CLOEXEC);
        memory = memfd_create("payload", MFD_CLOEXEC);
        return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, memory, 0) == MAP_FAILED;
}

Test(calls, of_other_descriptors)
{
        const uint8_t polled[] = { 1, 0, 51, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
        const struct rti_record *r;
        fact f;

        see(use_others, NULL);
        r = first(EV_SYSCALL_PIPE2_X);
        cr_assert_eq(number_of(r, 4), 0x1000);
        cr_assert_eq(fact_of(r).kind, 7);
        cr_assert_eq((uint64_t) number_of(r, 3), fact_of(r).ino);
        r = first(EV_SYSCALL_DUP3_X);
        cr_assert_eq(number_of(r, 0), 51);
        cr_assert_eq(number_of(r, 3), 0x1000);
        cr_assert_eq(number_of(first(EV_SYSCALL_FCNTL_X), 2), 4);
        expect_bytes(first(EV_SYSCALL_POLL_X), 1, polled, sizeof polled);
        r = first(EV_SYSCALL_EVENTFD2_X);
        cr_assert_eq(number_of(r, 1), 0x40);
        cr_assert_eq(number_of(r, 2), 7);
        cr_assert_eq(fact_of(r).kind, 9);
        cr_assert_eq(fact_of(first(EV_SYSCALL_EPOLL_CREATE1_X)).kind, 12);
        r = with_text(EV_SYSCALL_MEMFD_CREATE_X, 1, "payload");
        f = fact_of(r);
        cr_assert_eq(f.kind, 20);
        cr_assert_arr_eq(f.rest, "\7\0payload", 9);
        r = w.record[w.n - 1];
        for (size_t i = 0; i < w.n; i++) {
                if (w.record[i]->event == EV_SYSCALL_MMAP_X)
                        r = w.record[i];
        }
        cr_assert_eq(number_of(r, 6), 5);
        cr_assert_eq(number_of(r, 7), 2);
        cr_assert_eq(fact_of(r).kind, 20);
        watch_close(&w);
}

/* ---- what attackers do ---- */

static int
use_rights(void *context)
{
        struct rlimit limit = { 100, 200 };
        int status;
        pid_t child;

        (void) context;
        prctl(PR_SET_NAME, "renamed");
        kill(getpid(), 0);
        syscall(SYS_ptrace, PTRACE_ATTACH, 1 << 30, 0, 0);
        mount("none", "/no/place", "tmpfs", MS_NOSUID, NULL);
        umount2("/no/place", MNT_DETACH);
        chroot("/no/place");
        syscall(SYS_setns, -1, 0x40000000);
        syscall(SYS_unshare, 0);
        syscall(SYS_finit_module, -1, "a=b", 1);
        syscall(SYS_init_module, "image", 5, "c=d");
        syscall(SYS_delete_module, "none", O_NONBLOCK);
        syscall(SYS_bpf, 99, NULL, 0);
        syscall(SYS_io_uring_setup, 0, NULL);
        setrlimit(RLIMIT_CORE, &limit);
        syscall(SYS_setresuid, -1, 0, -1);
        child = vfork();
        if (child == 0)
                _exit(execl("/bin/sh", "sh", "-c", "exit 3", (char *) NULL));
        waitpid(child, &status, 0);
        return WEXITSTATUS(status) != 3;
}

Test(calls, of_rights_and_the_system)
{
        static const uint8_t nothing[9] = { 0 };
        const struct rti_record *r;

        see(use_rights, NULL);
        r = with_text(EV_SYSCALL_PRCTL_X, 2, "renamed");
        cr_assert_eq(number_of(r, 1), PR_SET_NAME);
        r = first(EV_SYSCALL_KILL_X);
        cr_assert_eq(number_of(r, 1), r->pid);
        cr_assert_str_eq(r->comm, "renamed");
        r = first(EV_SYSCALL_PTRACE_X);
        cr_assert_eq(number_of(r, 3), 11, "PTRACE_ATTACH");
        cr_assert_eq(number_of(r, 4), 1 << 30);
        expect_bytes(r, 1, nothing, 9);
        r = first(EV_SYSCALL_MOUNT_X);
        cr_assert_str_eq(text_of(r, 2), "/no/place");
        cr_assert_str_eq(text_of(r, 3), "tmpfs");
        cr_assert_eq(number_of(r, 4), 2);
        cr_assert_eq(number_of(first(EV_SYSCALL_UMOUNT2_X), 2), 2);
        with_text(EV_SYSCALL_CHROOT_X, 1, "/no/place");
        cr_assert_eq(number_of(first(EV_SYSCALL_SETNS_X), 2), 0x10, "CLONE_NEWNET");
        cr_assert_str_eq(text_of(first(EV_SYSCALL_FINIT_MODULE_X), 2), "a=b");
        r = first(EV_SYSCALL_INIT_MODULE_X);
        expect_bytes(r, 1, "image", 5);
        cr_assert_str_eq(text_of(r, 3), "c=d");
        cr_assert_eq(number_of(first(EV_SYSCALL_DELETE_MODULE_X), 2), 2);
        cr_assert_eq(number_of(first(EV_SYSCALL_BPF_2_X), 1), 99);
        cr_assert_lt(number_of(first(EV_SYSCALL_IO_URING_SETUP_X), 0), 0);
        r = first(EV_SYSCALL_SETRESUID_X);
        cr_assert_eq(number_of(r, 1), 0xffffffff);
        cr_assert_eq(number_of(r, 2), 0);
        r = first(EV_SYSCALL_VFORK_20_X);
        cr_assert_eq(number_of(r, 15), 0x8008000, "CLONE_VFORK, CLONE_VM");
        watch_close(&w);
}

/* ---- every handler ---- */

#if defined(__x86_64__)
#define NR_HERE(x86_64, arm64) x86_64
#else
#define NR_HERE(x86_64, arm64) arm64
#endif

typedef struct call {
        long nr;
        int event;
} call;

static const call all_calls[] = {
#define SYSCALL(number, name, x86_64, arm64, ia32, ia32_too, event) \
        { NR_HERE(x86_64, arm64), event },
#include "lang/syscalls.def"
#undef SYSCALL
};

/* Would this call do something, whatever its arguments are? */
static bool
is_harmful(int event)
{
        switch (event) {
        case EV_SYSCALL_FORK_20_X:
        case EV_SYSCALL_VFORK_20_X:
        case EV_SYSCALL_KILL_X:
        case EV_SYSCALL_TKILL_X:
        case EV_SYSCALL_TGKILL_X:
        case EV_SYSCALL_SEMGET_X:
                return true;
        default:
                return false;
        }
}

/* Each call that has an event, with arguments that it refuses and that cannot be read. */
static int
call_all(void *context)
{
        (void) context;
        for (size_t i = 0; i < sizeof all_calls / sizeof *all_calls; i++) {
                if (all_calls[i].nr >= 0 && all_calls[i].event > 0
                    && !is_harmful(all_calls[i].event))
                        syscall(all_calls[i].nr, -1L, 8L, -1L, -1L, -1L, -1L);
        }
        return 0;
}

Test(calls, with_bad_arguments_give_whole_records)
{
        rti_live_totals totals;

        see(call_all, NULL);
        for (size_t i = 0; i < sizeof all_calls / sizeof *all_calls; i++) {
                if (all_calls[i].nr >= 0 && all_calls[i].event > 0
                    && !is_harmful(all_calls[i].event))
                        first((uint16_t) all_calls[i].event);
        }
        cr_assert_eq(rti_live_count(w.live, &totals), RT_OK);
        cr_assert_eq(totals.damaged, 0);
        for (uint32_t i = 0; i < RTI_LIVE_CLASSES; i++)
                cr_assert_eq(totals.kernel.lost[i][RTI_LOSS_BROKEN], 0);
        watch_close(&w);
}
