/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.c - the process that has a plug-in: its life, and exchanges with it.
 *
 *   in   a request, written to a channel
 *   out  a copy of the answer; or the process is ended, and said why
 *
 * Nothing but the copy is looked at. Nobody else's processes are waited for, and no signal of the
 * host is touched: the process is known by a descriptor.
 */
#include "falco/isolate/process.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GOING_MS = 200, KILLED_MS = 5000, FOREVER = -1 };

static const char *const names[] = {
#define FUNCTION(id, name) name,
#include "falco/isolate/functions.def"
#undef FUNCTION
};

static int64_t
clock_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- its end ---- */

static bool
wait_for_end(const rti_fi_process *process, int ms)
{
        struct pollfd end = { process->pidfd, POLLIN, 0 };

        return poll(&end, 1, ms) > 0;
}

/* All of its group: what it has forked, too, unless that has gone elsewhere. The number is its own
 * as long as nobody has waited for it. */
static void
kill_all(const rti_fi_process *process)
{
        siginfo_t info;

        if (waitid(P_PIDFD, (id_t) process->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
                (void) kill(-process->pid, SIGKILL);
        (void) pidfd_send_signal(process->pidfd, SIGKILL, NULL, 0);
}

/* Wait for it, which is dead or will be. */
static void
reap(rti_fi_process *process, bool by_itself, const char *why)
{
        siginfo_t info = { .si_pid = 0 };
        const bool known = wait_for_end(process, KILLED_MS)
                           && waitid(P_PIDFD, (id_t) process->pidfd, &info, WEXITED | WNOHANG) == 0
                           && info.si_pid != 0;
        const rti_fp_message reason = { process->reason, sizeof process->reason };

        if (!by_itself)
                rti_fp_fail(&reason, 0, "its process %s, and was ended", why ? why : "has done");
        else if (!known)
                rti_fp_fail(&reason, 0, "its process has ended, nobody knows how");
        else if (info.si_code == CLD_EXITED)
                rti_fp_fail(&reason, 0, "its process has exited with status %d", info.si_status);
        else
                rti_fp_fail(&reason, 0, "its process was ended by signal %d (SIG%s)",
                            info.si_status, sigabbrev_np(info.si_status));
}

bool
rti_fi_process_is_ours(const rti_fi_process *process)
{
        return process->owner == getpid();
}

/* @a closed: it has let go of its socket, so it is about to end. */
static void
finish(rti_fi_process *process, bool closed, const char *why)
{
        bool by_itself;

        pthread_mutex_lock(&process->life);
        if (!rti_fi_process_is_ours(process)) {
                snprintf(process->reason, sizeof process->reason,
                         "its process is that of the one which this was forked from");
                atomic_store(&process->ended, true);
        } else if (!atomic_load(&process->ended)) {
                by_itself = wait_for_end(process, closed ? GOING_MS : 0);
                kill_all(process);
                reap(process, by_itself, why);
                atomic_store(&process->ended, true);
                if (why) {
                        atomic_fetch_add(&process->plugin->n_ended, 1);
                        rti_fp_logf(process->plugin, RT_FALCO_ERROR, "%s", process->reason);
                }
        }
        pthread_mutex_unlock(&process->life);
}

void
rti_fi_process_end(rti_fi_process *process, const char *why)
{
        finish(process, false, why);
}

void
rti_fi_process_reason(rti_fi_process *process, char *to, size_t room)
{
        pthread_mutex_lock(&process->life);
        snprintf(to, room, "%s", process->reason);
        pthread_mutex_unlock(&process->life);
}

void
rti_fi_process_ref(rti_fi_process *process)
{
        atomic_fetch_add(&process->refs, 1);
}

void
rti_fi_process_unref(rti_fi_process *process)
{
        const rt_allocator *allocator;

        if (!process || atomic_fetch_sub(&process->refs, 1) != 1)
                return;
        allocator = &process->plugin->host->allocator;
        finish(process, false, NULL);
        close(process->pidfd);
        rti_fi_channel_done(&process->control, allocator);
        pthread_mutex_destroy(&process->life);
        rti_free(allocator, process);
}

/* ---- messages ---- */

static int
ended(rti_fi_process *process, bool closed, const char *why)
{
        finish(process, closed, why);
        return RT_EIO;
}

static int
silent(rti_fi_process *process, enum rti_fi_function function)
{
        char why[128];

        snprintf(why, sizeof why, "gave no answer to %s within %u ms", names[function],
                 process->deadline_ms);
        return ended(process, false, why);
}

/* Wait for the socket to be ready. RT_OK, RT_EIO: it has ended, RT_EAGAIN: not until then. */
static int
wait_for(rti_fi_process *process, int socket, short what, int64_t until)
{
        struct pollfd both[2] = { { socket, what, 0 }, { process->pidfd, POLLIN, 0 } };
        const int64_t left = until == FOREVER ? FOREVER : until - clock_ms();
        int n;

        if (until != FOREVER && left <= 0)
                return RT_EAGAIN;
        n = poll(both, 2, left > 60000 ? 60000 : (int) left);
        if (n < 0 && errno != EINTR)
                return ended(process, false, "cannot be waited for");
        /* What it said before it ended is heard. */
        if (n > 0 && !both[0].revents && both[1].revents)
                return ended(process, true, "has ended");
        return RT_OK;
}

static int
post(rti_fi_process *process, int socket, const rti_fi_message *message, const rti_fi_call *call,
     int64_t until)
{
        int r = RT_EAGAIN;

        while (r == RT_EAGAIN) {
                r = rti_fi_send(socket, message, (rt_str){ NULL, 0 }, call->fds, call->n_fds);
                if (r == RT_EIO)
                        return ended(process, true, "does not listen");
                if (r == RT_EAGAIN && (r = wait_for(process, socket, POLLOUT, until)) == RT_OK)
                        r = RT_EAGAIN;
                else if (r == RT_EAGAIN)
                        return silent(process, call->function);
        }
        return r;
}

/* One packet. RT_OK, RT_EIO, RT_EAGAIN: not until then, RT_EOF: the channel is closed here. */
static int
receive(rti_fi_process *process, const rti_fi_channel *channel, int64_t until,
        rti_fi_packet *packet, size_t *ret_n)
{
        ssize_t n;
        int r;

        for (;;) {
                n = recv(channel->socket, packet, sizeof *packet, MSG_DONTWAIT);
                if (n == 0 && atomic_load(&channel->closing))
                        return RT_EOF;
                if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
                        return ended(process, true, "has closed its connection");
                if (n > 0)
                        break;
                r = wait_for(process, channel->socket, POLLIN, until);
                if (r != RT_OK)
                        return r;
        }
        if ((size_t) n < sizeof packet->head || packet->head.magic != RTI_FI_MAGIC)
                return ended(process, false, "said what is no message");
        *ret_n = (size_t) n - sizeof packet->head;
        return RT_OK;
}

/* Copy what a message carries, once. RT_OK, RT_EIO, RT_ENOMEM. */
static int
copy_area(rti_fi_process *process, rti_fi_channel *channel, uint64_t len, rti_fi_reader *ret_in)
{
        const rt_allocator *allocator = &process->plugin->host->allocator;

        if (len > RTI_FP_MAX_EXCHANGE_BYTES)
                return ended(process, false, "said that it gives more than there is room for");
        if (len > channel->copy_room) {
                char *larger = rti_realloc(allocator, channel->copy, len, 1);

                if (!larger)
                        return RT_ENOMEM;
                channel->copy = larger;
                channel->copy_room = len;
        }
        if (len)
                memcpy(channel->copy, channel->in, len);
        rti_fi_channel_trim(channel, len);
        *ret_in = (rti_fi_reader){ channel->copy, len, false };
        return RT_OK;
}

/* A line of its log: name NUL text. The name counts as long as the plug-in has none. */
static int
hear(rti_fi_process *process, rti_fi_packet *packet, size_t n)
{
        rti_fp *plugin = process->plugin;
        const size_t name = strnlen(packet->line, n);
        const int32_t level = packet->head.rc;

        if (name >= n)
                return ended(process, false, "said what is no message");
        packet->line[n - 1] = '\0';
        if (!*plugin->name && name)
                (void) rti_fp_copy(plugin, packet->line, RTI_FI_LINE_BYTES, &plugin->name);
        rti_fp_log(plugin,
                   level < RT_FALCO_FATAL || level > RT_FALCO_TRACE ? RT_FALCO_INFO
                                                                    : (uint32_t) level,
                   packet->line + name + (name < n - 1));
        return RT_OK;
}

/* An event of its, handed on and answered. */
static int
take_event(rti_fi_process *process, rti_fi_channel *channel, const rti_fi_message *message,
           const rti_fi_call *call)
{
        char error[RTI_FP_ERROR_BYTES] = "";
        rti_fi_message reply = { RTI_FI_MAGIC, RTI_FI_TAKEN, 0, message->sequence, 0, 0, 0 };
        rti_fi_writer out = rti_fi_write_to(channel);
        rti_fp_event header;
        rti_fi_reader in;
        int r = copy_area(process, channel, message->len, &in);

        if (r < 0)
                return r;
        if (!call->event || in.left < sizeof header)
                return ended(process, false, "gave an event that it may not give");
        memcpy(&header, in.at, sizeof header);
        if (header.len != in.left && header.len <= RTI_FP_MAX_EVENT_BYTES
            && header.len >= RTI_FP_HEADER_BYTES)
                return ended(process, false, "gave an event of another length than it says");
        reply.rc = call->event(call->owner, (const rti_fp_event *) in.at, error);
        rti_fi_put_plain(&out, error, sizeof error - 1);
        reply.len = out.used;
        return post(process, channel->socket, &reply, &(rti_fi_call){ .function = call->function },
                    clock_ms() + process->deadline_ms);
}

static int
take_reply(rti_fi_process *process, rti_fi_channel *channel, const rti_fi_message *message,
           rti_fi_call *call)
{
        if (message->kind != RTI_FI_REPLY || message->function != call->function
            || message->sequence != channel->sequence)
                return ended(process, false, "answered what it was not asked");
        call->rc = message->rc;
        call->flags = message->flags;
        return copy_area(process, channel, message->len, &call->in);
}

int
rti_fi_ask(rti_fi_process *process, rti_fi_channel *channel, rti_fi_call *call)
{
        const int64_t until = clock_ms() + process->deadline_ms;
        const rti_fi_message request = { RTI_FI_MAGIC,
                                         RTI_FI_REQUEST,
                                         (uint16_t) call->function,
                                         channel->sequence + 1,
                                         call->out.used,
                                         0,
                                         call->flags };
        rti_fi_packet packet;
        size_t n = 0;
        int r;

        if (call->out.full)
                return RT_ELIMIT;
        if (atomic_load(&process->ended))
                return RT_EIO;
        if (!rti_fi_process_is_ours(process))
                return ended(process, false, "");
        channel->sequence++;
        r = post(process, channel->socket, &request, call, until);
        while (r == RT_OK) {
                r = receive(process, channel, until, &packet, &n);
                if (r == RT_EAGAIN)
                        return silent(process, call->function);
                if (r < 0)
                        return r;
                if (packet.head.kind == RTI_FI_LOG)
                        r = hear(process, &packet, n);
                else if (packet.head.kind == RTI_FI_EVENT)
                        r = take_event(process, channel, &packet.head, call);
                else
                        return take_reply(process, channel, &packet.head, call);
                if (r == RT_OK && clock_ms() > until)
                        r = silent(process, call->function);
        }
        return r;
}

void
rti_fi_serve(rti_fi_process *process, rti_fi_channel *channel, rti_fp_async_fn *event, void *owner)
{
        const rti_fi_call call = { .function = RTI_FI_ASYNC, .event = event, .owner = owner };
        rti_fi_packet packet;
        size_t n;
        int r = RT_OK;

        while (r == RT_OK) {
                r = receive(process, channel, FOREVER, &packet, &n);
                if (r == RT_OK && packet.head.kind == RTI_FI_LOG)
                        r = hear(process, &packet, n);
                else if (r == RT_OK && packet.head.kind == RTI_FI_EVENT)
                        r = take_event(process, channel, &packet.head, &call);
                else if (r == RT_OK)
                        r = ended(process, false, "answered what it was not asked");
        }
}

/* ---- its beginning ---- */

/* What it gets: a new group, no handlers, nothing blocked, no descriptors but these. */
static int
spawn(const char *helper, int socket, pid_t *ret_pid)
{
        char parent[24];
        char *const arguments[] = { (char *) (uintptr_t) helper, parent, NULL };
        const bool has_stderr = fcntl(STDERR_FILENO, F_GETFD) >= 0;
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t all, none;
        int failed;

        snprintf(parent, sizeof parent, "%ld", (long) getpid());
        sigfillset(&all);
        sigemptyset(&none);
        if (posix_spawnattr_init(&attributes) != 0)
                return ENOMEM;
        if (posix_spawn_file_actions_init(&actions) != 0) {
                posix_spawnattr_destroy(&attributes);
                return ENOMEM;
        }
        failed = posix_spawn_file_actions_adddup2(&actions, socket, RTI_FI_SOCKET);
        failed |= posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
        /* Its standard output is not for alerts. */
        failed |= posix_spawn_file_actions_adddup2(
                &actions, has_stderr ? STDERR_FILENO : STDIN_FILENO, STDOUT_FILENO);
        failed |= posix_spawnattr_setsigdefault(&attributes, &all);
        failed |= posix_spawnattr_setsigmask(&attributes, &none);
        failed |= posix_spawnattr_setpgroup(&attributes, 0);
        failed |=
                posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
                                                              | POSIX_SPAWN_SETPGROUP);
        if (!failed)
                failed = posix_spawn(ret_pid, helper, &actions, &attributes, arguments, environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        return failed;
}

static int
start(rti_fi_process *process, const char *helper, const rti_fp_message *message)
{
        const rt_allocator *allocator = &process->plugin->host->allocator;
        int other, r = rti_fi_channel_make(&process->control, &other);

        if (r < 0)
                return rti_fp_fail(message, r, "cannot talk to a process of its own: %m");
        errno = spawn(helper, other, &process->pid);
        close(other);
        if (errno) {
                rti_fp_fail(message, 0, "cannot start '%s': %m", helper);
                rti_fi_channel_done(&process->control, allocator);
                return RT_ENOENT;
        }
        process->pidfd = pidfd_open(process->pid, 0);
        if (process->pidfd >= 0)
                return RT_OK;
        /* It ends by itself, now that nobody talks to it. */
        rti_fp_fail(message, 0, "cannot watch a process of its own: %m");
        rti_fi_channel_done(&process->control, allocator);
        (void) waitpid(process->pid, NULL, 0);
        return RT_EIO;
}

int
rti_fi_process_start(rti_fp *plugin, const char *helper, uint32_t deadline_ms,
                     const rti_fp_message *message, rti_fi_process **ret_process)
{
        const rt_allocator *allocator = &plugin->host->allocator;
        rti_fi_process *process = rti_calloc(allocator, 1, sizeof *process);
        int r;

        if (!process)
                return RT_ENOMEM;
        process->plugin = plugin;
        process->owner = getpid();
        process->deadline_ms = deadline_ms;
        atomic_init(&process->refs, 1);
        if (rti_fp_lock_init(&process->life) < 0) {
                rti_free(allocator, process);
                return RT_ENOMEM;
        }
        r = start(process, helper, message);
        if (r < 0) {
                pthread_mutex_destroy(&process->life);
                rti_free(allocator, process);
                return r;
        }
        *ret_process = process;
        return RT_OK;
}
