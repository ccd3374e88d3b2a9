/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd_world.h - a machine with one process (7, in /root/), for tests of what becomes of descriptors.
 *
 * Parameters of events are written as in scap_build.h; tuples and addresses are put in by place.
 */
#ifndef TESTS_SUPPORT_FD_WORLD_H
#define TESTS_SUPPORT_FD_WORLD_H

#include "sources/syscall/codes.h"
#include "sources/syscall/state/fd_parts.h"
#include "sources/syscall/state/net.h"
#include "support/scap_build.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>

enum { WORLD_TID = 7, WORLD_THREAD = 8 };

typedef struct fd_world {
        rti_state state;
        rti_sysevt evt;
        char store[512];
        char address[512];
} fd_world;

static inline void
world_process(fd_world *w, int64_t tid, int64_t pid, const char *cwd)
{
        const rti_proc_entry entry = { .tid = tid,
                                       .pid = pid,
                                       .ptid = 1,
                                       .vtid = tid,
                                       .vpid = pid,
                                       .comm = RTI_STR("prog"),
                                       .cwd = rti_str_of(cwd) };

        cr_assert_eq(rti_state_add_process(&w->state, &entry), RT_OK);
}

/* Lists may still be added: world_ready ends them. */
static inline fd_world *
world_new_of(size_t limit_bytes)
{
        fd_world *w = calloc(1, sizeof *w);

        cr_assert_eq(rti_state_init(&w->state, &rti_alloc_default, limit_bytes, 64), RT_OK);
        world_process(w, WORLD_TID, WORLD_TID, "/root/");
        world_process(w, WORLD_THREAD, WORLD_TID, "/root/");
        return w;
}

static inline fd_world *
world_ready(fd_world *w)
{
        cr_assert_eq(rti_state_lists_done(&w->state), RT_OK);
        return w;
}

static inline fd_world *
world_new(void)
{
        return world_ready(world_new_of(16 * 1024 * 1024));
}

static inline void
world_free(fd_world *w)
{
        rti_state_done(&w->state);
        free(w);
}

/* The event's parameter @a place holds @a param, which stays where it is. */
typedef struct world_param {
        uint32_t place;
        rt_str param;
} world_param;

static inline const rti_sysevt *
world_apply(fd_world *w, uint16_t type, const char *params, world_param extra)
{
        w->evt = scap_make(type, WORLD_TID, params, w->store);
        w->evt.info = &rti_events[type];
        if (extra.param.len)
                w->evt.param[extra.place] = extra.param;
        cr_assert_eq(rti_state_apply(&w->state, &w->evt), RT_OK);
        return &w->evt;
}

/* All of its parameters are in @a params. */
static inline const rti_sysevt *
world_do(fd_world *w, uint16_t type, const char *params)
{
        world_apply(w, type, params, (world_param){ 0 });
        return &w->evt;
}

static inline void
world_settle(fd_world *w)
{
        rti_state_settle(&w->state, &w->evt);
}

static inline rti_fd *
world_fd(const fd_world *w, int64_t num)
{
        const rti_fds *fds = rti_thread_fds(rti_threads_find(&w->state.threads, WORLD_TID));

        return fds ? rti_fds_find(fds, num) : NULL;
}

static inline size_t
world_put_end(char *to, int family, const char *ip, uint16_t port)
{
        const size_t n = family == RTI_AF_INET ? 4 : 16;

        cr_assert_eq(inet_pton(n == 4 ? AF_INET : AF_INET6, ip, to), 1);
        memcpy(to + n, &port, sizeof port);
        return n + sizeof port;
}

static inline world_param
world_tuple(fd_world *w, uint32_t place, const char *sip, uint16_t sport, const char *dip,
            uint16_t dport)
{
        const int family = strchr(sip, ':') ? RTI_AF_INET6 : RTI_AF_INET;
        size_t n = 1;

        w->address[0] = (char) family;
        n += world_put_end(w->address + n, family, sip, sport);
        n += world_put_end(w->address + n, family, dip, dport);
        return (world_param){ place, { w->address, n } };
}

static inline world_param
world_sockaddr(fd_world *w, uint32_t place, const char *ip, uint16_t port)
{
        const int family = strchr(ip, ':') ? RTI_AF_INET6 : RTI_AF_INET;

        w->address[0] = (char) family;
        return (world_param){ place,
                              { w->address, 1 + world_put_end(w->address + 1, family, ip, port) } };
}

static inline world_param
world_unix(fd_world *w, uint32_t place, uint64_t source, uint64_t dest, const char *path)
{
        w->address[0] = RTI_AF_UNIX;
        memcpy(w->address + 1, &source, 8);
        memcpy(w->address + 9, &dest, 8);
        memcpy(w->address + 17, path, strlen(path) + 1);
        return (world_param){ place, { w->address, 18 + strlen(path) } };
}

static inline void
assert_name(const rti_fd *fd, const char *wanted)
{
        cr_assert_not_null(fd);
        cr_assert(rti_str_is(rti_text_str(fd->name), wanted), "got \"%.*s\", wanted \"%s\"",
                  RTI_FMT(rti_text_str(fd->name)), wanted);
}

#endif
