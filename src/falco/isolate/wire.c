/* SPDX-License-Identifier: Apache-2.0 */
/* wire.c - channels between the engine's side and a plug-in's process; see wire.h. */
#include "falco/isolate/wire.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_FDS = 2, KEPT_BYTES = 4 * 1024 * 1024 };

static const size_t area_bytes = 2 * (size_t) RTI_FP_MAX_EXCHANGE_BYTES;

static const rti_fi_channel nothing = { .socket = -1, .memory = -1 };

static void
close_if(int fd)
{
        if (fd >= 0)
                close(fd);
}

static char *
map(int memory)
{
        void *at = mmap(NULL, area_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);

        return at == MAP_FAILED ? NULL : at;
}

/* Memory of a size that nobody can change: who maps it may read all of it whatever happens. */
static int
make_area(rti_fi_channel *channel)
{
        struct rlimit most;
        char *at;

        /* A signal says that a file is too large; it would end the host. */
        if (getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur < area_bytes)
                return RT_ELIMIT;
        channel->memory = memfd_create("libruntime-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (channel->memory < 0 || ftruncate(channel->memory, (off_t) area_bytes) < 0
            || fcntl(channel->memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
                return RT_EIO;
        at = map(channel->memory);
        if (!at)
                return RT_EIO;
        channel->out = at;
        channel->in = at + RTI_FP_MAX_EXCHANGE_BYTES;
        return RT_OK;
}

int
rti_fi_channel_make(rti_fi_channel *channel, int *ret_other)
{
        int pair[2], r;

        *channel = nothing;
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return RT_EIO;
        channel->socket = pair[0];
        r = make_area(channel);
        if (r < 0) {
                const int why = errno;

                rti_fi_channel_done(channel, NULL);
                close(pair[1]);
                errno = why;
                return r;
        }
        *ret_other = pair[1];
        return RT_OK;
}

int
rti_fi_channel_join(rti_fi_channel *channel, int socket, int memory)
{
        char *at = map(memory);

        *channel = nothing;
        channel->socket = socket;
        channel->memory = memory;
        if (!at) {
                rti_fi_channel_done(channel, NULL);
                return RT_EIO;
        }
        channel->in = at;
        channel->out = at + RTI_FP_MAX_EXCHANGE_BYTES;
        return RT_OK;
}

void
rti_fi_channel_done(rti_fi_channel *channel, const rt_allocator *allocator)
{
        char *at = channel->in < channel->out ? channel->in : channel->out;

        if (at)
                munmap(at, area_bytes);
        close_if(channel->socket);
        close_if(channel->memory);
        if (channel->copy)
                rti_free(allocator, channel->copy);
        *channel = nothing;
}

void
rti_fi_channel_trim(rti_fi_channel *channel, size_t used)
{
        if (used > KEPT_BYTES)
                (void) fallocate(channel->memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                                 (off_t) area_bytes);
}

int
rti_fi_send(int socket, const rti_fi_message *message, rt_str line, const int *fds, size_t n_fds)
{
        union {
                char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
                struct cmsghdr align;
        } control = { .bytes = "" };
        struct iovec parts[2] = { { (void *) (uintptr_t) message, sizeof *message },
                                  { (void *) (uintptr_t) line.ptr, line.len } };
        struct msghdr all = { .msg_iov = parts, .msg_iovlen = line.len ? 2 : 1 };
        ssize_t n;

        if (n_fds) {
                struct cmsghdr *head;

                all.msg_control = control.bytes;
                all.msg_controllen = CMSG_SPACE(n_fds * sizeof *fds);
                head = CMSG_FIRSTHDR(&all);
                head->cmsg_level = SOL_SOCKET;
                head->cmsg_type = SCM_RIGHTS;
                head->cmsg_len = CMSG_LEN(n_fds * sizeof *fds);
                memcpy(CMSG_DATA(head), fds, n_fds * sizeof *fds);
        }
        do
                n = sendmsg(socket, &all, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (n < 0 && errno == EINTR);
        if (n >= 0)
                return RT_OK;
        return errno == EAGAIN ? RT_EAGAIN : RT_EIO;
}

/* ---- what messages carry ---- */

void
rti_fi_put(rti_fi_writer *w, const void *bytes, size_t n)
{
        if (w->full || n > w->room - w->used) {
                w->full = true;
                return;
        }
        if (n)
                memcpy(w->at + w->used, bytes, n);
        w->used += n;
}

void
rti_fi_put_u32(rti_fi_writer *w, uint32_t value)
{
        rti_fi_put(w, &value, sizeof value);
}

void
rti_fi_put_u64(rti_fi_writer *w, uint64_t value)
{
        rti_fi_put(w, &value, sizeof value);
}

void
rti_fi_put_text(rti_fi_writer *w, rt_str text)
{
        rti_fi_put_u32(w, (uint32_t) text.len);
        rti_fi_put(w, text.ptr, text.len);
        rti_fi_put(w, "", 1);
}

void
rti_fi_put_plain(rti_fi_writer *w, const char *text, size_t most)
{
        if (text)
                rti_fi_put_text(w, (rt_str){ text, strnlen(text, most + 1) });
        else
                rti_fi_put_u32(w, RTI_FI_NULL);
}

const char *
rti_fi_get(rti_fi_reader *r, size_t n)
{
        const char *at = r->at;

        if (r->bad || n > r->left) {
                r->bad = true;
                return NULL;
        }
        r->at += n;
        r->left -= n;
        return at;
}

uint32_t
rti_fi_get_u32(rti_fi_reader *r)
{
        const char *at = rti_fi_get(r, sizeof(uint32_t));
        uint32_t value = 0;

        if (at)
                memcpy(&value, at, sizeof value);
        return value;
}

uint64_t
rti_fi_get_u64(rti_fi_reader *r)
{
        const char *at = rti_fi_get(r, sizeof(uint64_t));
        uint64_t value = 0;

        if (at)
                memcpy(&value, at, sizeof value);
        return value;
}

rt_str
rti_fi_get_text(rti_fi_reader *r)
{
        const uint32_t len = rti_fi_get_u32(r);
        const char *at;

        if (r->bad || len == RTI_FI_NULL)
                return (rt_str){ NULL, 0 };
        at = rti_fi_get(r, (size_t) len + 1);
        if (!at || at[len] != '\0') {
                r->bad = true;
                return (rt_str){ NULL, 0 };
        }
        return (rt_str){ at, len };
}
