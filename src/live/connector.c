/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connector.c - the running machine by the kernel's process connector: the fall-back without eBPF.
 *
 * in    messages about processes that start, exec, end, or change their ids or name
 * out   the same stream that the kernel source gives: lists, then execve, clone, procexit, setuid,
 *       setgid, setsid and prctl events
 *
 * A message holds little more than process numbers. The rest is read from /proc at once, which is a
 * race: of a process that is gone by then (or that hides from this user) the values are empty, and
 * it is counted. Files and the network are not seen at all.
 */
#include "live/connector.h"
#include "live/head.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/scap.h"
#include <errno.h>
#include <libruntime-live/live.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
        WAIT_MS = 50,
        ANSWER_MS = 1000,
        SOCKET_BYTES = 8 << 20, /* where the rights allow it */
        MESSAGE_BYTES = 8192,
        BATCH_BYTES = 1 << 20,
        MOST_VALUES = 31,
        FIRST_CPUS = 64,
        NS_PER_SECOND = 1000000000
};

enum refusal { NO_SOCKET, REFUSED, NO_ANSWER };

typedef struct reader {
        int fd;
        procfs proc;
        procfs_texts *texts;
        cap_out out, values;
        size_t given; /* bytes of out that were read */
        uint32_t own_pid;
        uint64_t wall_ns, boot_ns; /* what these clocks are ahead of the monotonic one */
        uint32_t *next_seq;        /* of each CPU; known once begun[cpu] */
        bool *begun;
        size_t n_cpus;
        bool finishing;
        uint64_t events[RTI_EVENT_WORDS]; /* the codes of those that are made */
        struct {
                uint64_t lost, damaged, gone;
        } stats;
        enum refusal what; /* failed at opening */
        int error;         /* errno then */
} reader;

static const char prefix[] = "connector:";

/* Events that are made of messages. */
static const uint16_t told[] = { RTI_EV_SYSCALL_CLONE_20_X, RTI_EV_SYSCALL_EXECVE_19_X,
                                 RTI_EV_PROCEXIT_1_E,       RTI_EV_SYSCALL_SETUID_X,
                                 RTI_EV_SYSCALL_SETGID_X,   RTI_EV_SYSCALL_SETSID_X,
                                 RTI_EV_SYSCALL_PRCTL_X };

/* ---- the values of one event ---- */

typedef struct values {
        cap_out *bytes;
        uint16_t len[MOST_VALUES];
        uint32_t n;
} values;

static values
begin_values(reader *r)
{
        r->values.len = 0;
        return (values){ .bytes = &r->values };
}

static void
took(values *v, size_t from)
{
        if (v->n < MOST_VALUES)
                v->len[v->n++] = (uint16_t) (v->bytes->len - from);
}

static void
put_empty(values *v, uint32_t n)
{
        for (uint32_t i = 0; i < n; i++)
                took(v, v->bytes->len);
}

static void
put_u32(values *v, uint32_t value)
{
        cap_u32(v->bytes, value);
        took(v, v->bytes->len - sizeof value);
}

static void
put_u64(values *v, uint64_t value)
{
        cap_u64(v->bytes, value);
        took(v, v->bytes->len - sizeof value);
}

static void
put_u8(values *v, uint8_t value)
{
        cap_u8(v->bytes, value);
        took(v, v->bytes->len - sizeof value);
}

/* Nothing to say is an empty value, not an empty text. */
static void
put_text(values *v, rt_str text)
{
        const size_t from = v->bytes->len;

        if (text.len) {
                rti_cap_put(v->bytes, text.ptr, text.len);
                cap_u8(v->bytes, 0);
        }
        took(v, from);
}

/* Texts with a NUL behind each; what was cut lacks the last. */
static void
put_list(values *v, rt_str list)
{
        if (list.len && list.ptr[list.len - 1] == '\0')
                list.len--;
        put_text(v, list);
}

/* ---- blocks ---- */

/* The event's block is left open for options. */
static size_t
begin_event(reader *r, const connector_event *event, uint16_t type, const values *v)
{
        const size_t block = rti_cap_block_begin(&r->out, CAP_EVENT);
        rt_str params[MOST_VALUES];
        const char *at = r->values.ptr;
        const cap_event head = { .time_ns = event->time_ns + r->wall_ns,
                                 .tid = event->tid,
                                 .type = type,
                                 .cpu = (uint16_t) event->cpu,
                                 .n_params = v->n,
                                 .params = params };

        r->out.failed |= r->values.failed;
        for (uint32_t i = 0; i < v->n; i++) {
                params[i] = (rt_str){ at, r->values.failed ? 0 : v->len[i] };
                at += params[i].len;
        }
        rti_cap_event_put(&r->out, &head);
        return block;
}

static void
put_event(reader *r, const connector_event *event, uint16_t type, const values *v)
{
        rti_cap_block_end(&r->out, begin_event(r, event, type, v));
}

/* What /proc says of the event's thread, if that is still the same one. */
static bool
look_up(reader *r, const connector_event *event, rti_proc_entry *ret_entry)
{
        const uint64_t tick = r->proc.ns_per_tick;
        const uint64_t latest = (event->time_ns + r->boot_ns) / tick + 1;

        if (rti_procfs_thread(&r->proc, event->pid, event->tid, r->texts, ret_entry) == RT_OK
            && r->texts->start_ticks <= latest)
                return true;
        r->stats.gone++;
        return false;
}

/* tid, pid, ptid, cwd, fdlimit, pgft_maj, pgft_min, vm_size, vm_rss, vm_swap, comm, cgroups */
static void
put_process(values *v, const rti_proc_entry *e)
{
        put_u64(v, (uint64_t) e->tid);
        put_u64(v, (uint64_t) e->pid);
        put_u64(v, (uint64_t) e->ptid);
        put_text(v, e->cwd);
        put_u64(v, (uint64_t) e->fdlimit);
        put_u64(v, e->pfmajor);
        put_u64(v, e->pfminor);
        put_u32(v, e->vmsize_kb);
        put_u32(v, e->vmrss_kb);
        put_u32(v, e->vmswap_kb);
        put_text(v, e->comm);
        put_list(v, e->cgroups);
}

/* Values that begin clone and execve, of a thread that is gone. */
static void
put_gone(values *v, const connector_event *event)
{
        put_u64(v, 0); /* res */
        put_empty(v, 2);
        put_u64(v, event->tid);
        put_u64(v, event->pid);
        if (event->parent)
                put_u64(v, event->parent);
        else
                put_empty(v, 1);
        put_empty(v, 9);
}

static void
put_fork(reader *r, const connector_event *event)
{
        const uint32_t thread = event->tid == event->pid ? 0
                                                         : (uint32_t) RTI_CL_CLONE_THREAD
                                                                   | (uint32_t) RTI_CL_CLONE_FILES;
        values v = begin_values(r);
        rti_proc_entry e;

        if (look_up(r, event, &e)) {
                /* The parent as of then: it may be gone by now, and the child adopted. */
                e.ptid = event->parent;
                put_u64(&v, 0);
                put_text(&v, e.exe);
                put_list(&v, e.args);
                put_process(&v, &e);
                put_u32(&v, thread | (e.flags & (uint32_t) RTI_CL_CHILD_IN_PIDNS));
                put_u32(&v, e.uid);
                put_u32(&v, e.gid);
                put_u64(&v, (uint64_t) e.vtid);
                put_u64(&v, (uint64_t) e.vpid);
                put_empty(&v, 1);
        } else {
                put_gone(&v, event);
                put_u32(&v, thread);
                put_empty(&v, 5);
        }
        put_event(r, event, RTI_EV_SYSCALL_CLONE_20_X, &v);
}

/* As the flags of execve's event have them; /proc says nothing of layers. */
static uint32_t
exe_flags(const rti_proc_entry *e)
{
        enum { WRITABLE = 1, FROM_MEMFD = 4 };

        return (e->exe_writable ? WRITABLE : 0u) | (e->exe_from_memfd ? FROM_MEMFD : 0u);
}

static void
put_exec(reader *r, const connector_event *event)
{
        /* An empty path would leave that of the program before. */
        const rt_str unknown = RTI_STR("<NA>");
        values v = begin_values(r);
        rti_proc_entry e;

        if (look_up(r, event, &e)) {
                put_u64(&v, 0);
                put_text(&v, e.exe);
                put_list(&v, e.args);
                put_process(&v, &e);
                put_list(&v, e.env);
                put_u32(&v, e.tty);
                put_u64(&v, (uint64_t) e.vpgid);
                put_u32(&v, e.loginuid);
                put_u32(&v, exe_flags(&e));
                put_u64(&v, e.cap_inheritable);
                put_u64(&v, e.cap_permitted);
                put_u64(&v, e.cap_effective);
                put_u64(&v, e.exe_ino);
                put_u64(&v, e.exe_ino_ctime);
                put_u64(&v, e.exe_ino_mtime);
                put_u32(&v, e.uid);
                put_text(&v, e.exepath.len ? e.exepath : unknown);
                put_u64(&v, (uint64_t) e.pgid);
                put_u32(&v, e.gid);
        } else {
                put_gone(&v, event);
                put_empty(&v, 12);
                put_text(&v, unknown);
                put_empty(&v, 2);
        }
        put_empty(&v, 1); /* the name that was called */
        put_event(r, event, RTI_EV_SYSCALL_EXECVE_19_X, &v);
}

static void
put_exit(reader *r, const connector_event *event)
{
        const uint32_t status = event->value;
        values v = begin_values(r);

        put_u64(&v, status);
        put_u64(&v, status >> 8 & 0xff);
        put_u8(&v, status & 0x7f);
        put_u8(&v, (status & 0x80) != 0);
        put_u64(&v, 0);
        put_event(r, event, RTI_EV_PROCEXIT_1_E, &v);
}

/* Which call it was is not known: setuid stands for all that change the effective user. */
static void
put_id(reader *r, const connector_event *event, uint16_t type)
{
        values v = begin_values(r);

        put_u64(&v, 0);
        put_u32(&v, event->value);
        put_event(r, event, type, &v);
}

static void
put_session(reader *r, const connector_event *event)
{
        values v = begin_values(r);

        put_u64(&v, event->pid);
        put_event(r, event, RTI_EV_SYSCALL_SETSID_X, &v);
}

static void
put_thread(cap_out *out, const rti_proc_entry *e, rt_str comm)
{
        const size_t at = rti_cap_opt_begin(out, RTI_SCAP_OPT_THREAD);
        const rti_told_thread thread = { .tid = e->tid,
                                         .pid = e->pid,
                                         .ptid = e->ptid,
                                         .sid = e->sid,
                                         .pgid = e->pgid,
                                         .vtid = e->vtid,
                                         .vpid = e->vpid,
                                         .uid = e->uid,
                                         .gid = e->gid,
                                         .loginuid = e->loginuid,
                                         .flags = e->flags };

        rti_cap_put(out, &thread, sizeof thread);
        rti_cap_put(out, comm.ptr, comm.len);
        rti_cap_opt_end(out, at);
        rti_cap_opts_end(out);
}

static void
put_rename(reader *r, const connector_event *event)
{
        enum { SET_NAME = 15 }; /* among the options of prctl */
        const rt_str comm = { event->comm, strnlen(event->comm, sizeof event->comm) };
        values v = begin_values(r);
        rti_proc_entry e;
        size_t block;

        put_u64(&v, 0);
        put_u32(&v, SET_NAME);
        put_text(&v, comm);
        put_u64(&v, 0);
        block = begin_event(r, event, RTI_EV_SYSCALL_PRCTL_X, &v);
        if (look_up(r, event, &e))
                put_thread(&r->out, &e, comm);
        rti_cap_block_end(&r->out, block);
}

/* ---- messages ---- */

static bool
make_cpus(reader *r, size_t cpu)
{
        const size_t n = cpu < FIRST_CPUS ? FIRST_CPUS : cpu + 1;
        uint32_t *seq = realloc(r->next_seq, n * sizeof *seq);
        bool *begun;

        if (seq)
                r->next_seq = seq;
        begun = realloc(r->begun, n * sizeof *begun);
        if (begun)
                r->begun = begun;
        if (!seq || !begun)
                return false;
        memset(begun + r->n_cpus, 0, (n - r->n_cpus) * sizeof *begun);
        r->n_cpus = n;
        return true;
}

/* Each CPU numbers its events: what is missing between two was lost when the socket was full. */
static void
count_lost(reader *r, const connector_event *event)
{
        const uint32_t cpu = event->cpu;

        if (cpu >= r->n_cpus && (cpu > UINT16_MAX || !make_cpus(r, cpu)))
                return;
        if (r->begun[cpu])
                r->stats.lost += event->seq - r->next_seq[cpu];
        r->begun[cpu] = true;
        r->next_seq[cpu] = event->seq + 1;
}

static void
put_one(reader *r, const connector_event *event)
{
        count_lost(r, event);
        if (event->pid == r->own_pid)
                return;
        switch (event->kind) {
        case CONNECTOR_FORK:
                put_fork(r, event);
                break;
        case CONNECTOR_EXEC:
                put_exec(r, event);
                break;
        case CONNECTOR_UID:
                put_id(r, event, RTI_EV_SYSCALL_SETUID_X);
                break;
        case CONNECTOR_GID:
                put_id(r, event, RTI_EV_SYSCALL_SETGID_X);
                break;
        case CONNECTOR_SID:
                put_session(r, event);
                break;
        case CONNECTOR_COMM:
                put_rename(r, event);
                break;
        case CONNECTOR_EXIT:
                put_exit(r, event);
                break;
        default:
                break;
        }
}

/* One datagram of the kernel's. Its length; 0: nothing is there now; RT_EIO. */
static int64_t
receive(const reader *r, char *buffer, size_t room)
{
        struct sockaddr_nl from = { 0 };
        socklen_t from_bytes = sizeof from;
        ssize_t n;

        for (;;) {
                n = recvfrom(r->fd, buffer, room, 0, (struct sockaddr *) (void *) &from,
                             &from_bytes);
                /* ENOBUFS: some were lost, which their numbers tell. */
                if (n < 0 && (errno == EINTR || errno == ENOBUFS))
                        continue;
                if (n < 0)
                        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : RT_EIO;
                if (from.nl_pid == 0 && n > 0)
                        return n;
        }
}

static int
take_waiting(reader *r)
{
        char buffer[MESSAGE_BYTES];

        while (r->out.len < BATCH_BYTES) {
                const int64_t n = receive(r, buffer, sizeof buffer);
                rt_str left = { buffer, n > 0 ? (size_t) n : 0 };
                connector_event event;
                int rc;

                if (n <= 0)
                        return (int) n;
                while ((rc = rti_connector_take(&left, &event)) > 0)
                        put_one(r, &event);
                if (rc < 0)
                        r->stats.damaged++;
        }
        return RT_OK;
}

/* ---- life ---- */

static int
fail(reader *r, enum refusal what, int error)
{
        r->what = what;
        r->error = error;
        return RT_EIO;
}

static int
tell_kernel(const reader *r, enum proc_cn_mcast_op op)
{
        struct {
                struct nlmsghdr head;
                char body[sizeof(struct cn_msg) + sizeof op];
        } message = { .head = { .nlmsg_len = sizeof message, .nlmsg_type = NLMSG_DONE } };
        struct cn_msg question = { .id = { CN_IDX_PROC, CN_VAL_PROC },
                                   .ack = r->own_pid,
                                   .len = sizeof op };

        memcpy(message.body, &question, sizeof question);
        memcpy(message.body + sizeof question, &op, sizeof op);
        return send(r->fd, &message, sizeof message, 0) < 0 ? -1 : 0;
}

static uint64_t
ns_of(clockid_t clock)
{
        struct timespec t = { 0 };

        (void) clock_gettime(clock, &t);
        return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

/* Only the answer tells whether the kernel took the subscription. What comes before it is covered
 * by the lists, which are read later; it may be there without an answer, when others listen. */
static int
await_answer(reader *r)
{
        const uint64_t end = ns_of(CLOCK_MONOTONIC) + (uint64_t) ANSWER_MS * (NS_PER_SECOND / 1000);
        char buffer[MESSAGE_BYTES];
        struct pollfd waiting = { .fd = r->fd, .events = POLLIN };
        connector_event event;

        while (ns_of(CLOCK_MONOTONIC) < end && poll(&waiting, 1, ANSWER_MS) >= 0) {
                const int64_t n = receive(r, buffer, sizeof buffer);
                rt_str left = { buffer, n > 0 ? (size_t) n : 0 };

                if (n < 0)
                        return fail(r, NO_ANSWER, errno);
                while (rti_connector_take(&left, &event) > 0)
                        if (event.kind == CONNECTOR_ACK && event.ack == r->own_pid + 1)
                                return event.value ? fail(r, REFUSED, (int) event.value) : RT_OK;
        }
        return fail(r, NO_ANSWER, 0);
}

static int
subscribe(reader *r)
{
        const struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC };
        const struct sockaddr *to = (const struct sockaddr *) (const void *) &group;
        const int room = SOCKET_BYTES;

        r->fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
        if (r->fd < 0)
                return fail(r, NO_SOCKET, errno);
        if (setsockopt(r->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) < 0)
                (void) setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        if (bind(r->fd, to, sizeof group) < 0)
                return fail(r, REFUSED, errno);
        if (tell_kernel(r, PROC_CN_MCAST_LISTEN) < 0)
                return fail(r, NO_ANSWER, errno);
        return await_answer(r);
}

static int
begin(reader *r)
{
        int rc = subscribe(r);

        if (rc < 0)
                return rc;
        r->wall_ns = ns_of(CLOCK_REALTIME) - ns_of(CLOCK_MONOTONIC);
        r->boot_ns = ns_of(CLOCK_BOOTTIME) - ns_of(CLOCK_MONOTONIC);
        r->texts = malloc(sizeof *r->texts);
        if (!r->texts)
                return RT_ENOMEM;
        rc = rti_procfs_init(&r->proc, "/proc");
        return rc == RT_OK ? live_put_head(&r->proc, &r->out) : rc;
}

static void
connector_close(void *state)
{
        reader *r = state;

        if (!r)
                return;
        if (r->fd >= 0)
                close(r->fd);
        rti_procfs_done(&r->proc);
        rti_cap_out_done(&r->out);
        rti_cap_out_done(&r->values);
        free(r->texts);
        free(r->next_seq);
        free(r->begun);
        free(r);
}

static reader *
make(void)
{
        reader *r = calloc(1, sizeof *r);

        if (r) {
                r->fd = -1;
                r->own_pid = (uint32_t) getpid();
                for (size_t i = 0; i < RTI_COUNT(told); i++)
                        r->events[told[i] / 64] |= (uint64_t) 1 << told[i] % 64;
        }
        return r;
}

static int
connector_open(const char *path, void **ret_state)
{
        reader *r;
        int rc;

        if (strncmp(path, prefix, sizeof prefix - 1) != 0)
                return RT_ENOENT;
        if (path[sizeof prefix - 1])
                return RT_EINVAL;
        r = make();
        if (!r)
                return RT_ENOMEM;
        rc = begin(r);
        if (rc < 0) {
                connector_close(r);
                return rc;
        }
        *ret_state = r;
        return RT_OK;
}

static int64_t
connector_read(void *state, void *buffer, size_t size_bytes)
{
        reader *r = state;
        size_t n;

        if (r->given == r->out.len) {
                struct pollfd waiting = { .fd = r->fd, .events = POLLIN };
                int rc;

                r->out.len = r->given = 0;
                if (!r->finishing)
                        (void) poll(&waiting, 1, WAIT_MS);
                rc = take_waiting(r);
                if (r->out.failed)
                        return RT_ENOMEM;
                if (!r->out.len)
                        return rc < 0 ? rc : r->finishing ? 0 : RT_EAGAIN;
        }
        n = r->out.len - r->given;
        n = n < size_bytes ? n : size_bytes;
        memcpy(buffer, r->out.ptr + r->given, n);
        r->given += n;
        return (int64_t) n;
}

static int
connector_finish(void *state)
{
        reader *r = state;

        (void) tell_kernel(r, PROC_CN_MCAST_IGNORE);
        r->finishing = true;
        return RT_OK;
}

static int
connector_loss(void *state, size_t index, rt_loss *ret_loss)
{
        const reader *r = state;
        const rt_loss rows[] = {
                { .cause = "socket full", .count = r->stats.lost, .kind = RT_LOSS_EVENT },
                { .cause = "damaged", .count = r->stats.damaged, .kind = RT_LOSS_EVENT },
                { .cause = "thread gone when looked up",
                  .count = r->stats.gone,
                  .kind = RT_LOSS_FACT },
        };

        if (index >= RTI_COUNT(rows))
                return RT_ENOENT;
        *ret_loss = rows[index];
        ret_loss->part = "process";
        ret_loss->event_types = r->events;
        ret_loss->n_event_words = RTI_EVENT_WORDS;
        ret_loss->size = sizeof *ret_loss;
        return RT_OK;
}

static const rt_reader_ops connector_reader = {
        .size = sizeof(rt_reader_ops),
        .name = "connector",
        .open = connector_open,
        .read = connector_read,
        .close = connector_close,
        .loss = connector_loss,
        .finish = connector_finish,
};

const rt_reader_ops *
rt_connector_reader(void)
{
        return &connector_reader;
}

static void
explain(const reader *r, char *message, size_t room)
{
        if (r->what == NO_SOCKET)
                snprintf(message, room,
                         "this kernel has no process connector (CONFIG_PROC_EVENTS): %s",
                         strerror(r->error));
        else if (r->what == REFUSED)
                snprintf(message, room,
                         "the process connector is not open to this user (%s): before Linux 6.6 it "
                         "takes root or CAP_NET_ADMIN",
                         strerror(r->error));
        else
                snprintf(message, room,
                         "the process connector does not answer: it does so only in the machine's "
                         "first network, user and pid namespace%s%s",
                         r->error ? ": " : "", r->error ? strerror(r->error) : "");
}

int
rt_connector_check(char *message, size_t room)
{
        reader *r = make();
        const int rc = r ? subscribe(r) : RT_ENOMEM;

        if (room)
                *message = '\0';
        if (rc == RT_EIO)
                explain(r, message, room);
        connector_close(r);
        return rc;
}
