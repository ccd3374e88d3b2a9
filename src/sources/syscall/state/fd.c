/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.c - the descriptors of one process, found by number.
 *
 * A tree of nodes with 16 places, four bits of the number a level: descriptors 0 to 15 need one
 * node, 255 two levels. Entries are pieces of their own, so that pointers to them outlast growth.
 * Nodes go when they are empty; the root stays until the table goes.
 */
#include "sources/syscall/state/fd.h"
#include "sources/syscall/codes.h"

enum { NODE_BITS = 4, NODE_PLACES = 1 << NODE_BITS, MOST_LEVELS = 8 };

typedef struct rti_fd_node {
        void *place[NODE_PLACES]; /* nodes, on the last level entries */
} rti_fd_node;

static rti_fd_node *
new_node(rti_pool *pool)
{
        rti_fd_node *node = rti_pool_get(pool, sizeof *node);

        if (node)
                *node = (rti_fd_node){ 0 };
        return node;
}

static bool
fits(uint32_t levels, int64_t num)
{
        return (uint64_t) num >> levels * NODE_BITS == 0;
}

static uint32_t
place_of(uint64_t num, uint32_t shift)
{
        return num >> shift & (NODE_PLACES - 1);
}

rti_fds *
rti_fds_new(rti_pool *pool)
{
        rti_fds *fds = rti_pool_get(pool, sizeof *fds);
        rti_fd_node *root = fds ? new_node(pool) : NULL;

        if (!root) {
                if (fds)
                        rti_pool_put(pool, fds, sizeof *fds);
                return NULL;
        }
        *fds = (rti_fds){ .root = root, .levels = 1 };
        return fds;
}

static void
drop_texts(rti_pool *pool, rti_fd *fd)
{
        rti_text_unref(pool, fd->name);
        rti_text_unref(pool, fd->nameraw);
        if (fd->extra)
                rti_text_unref(pool, fd->extra);
}

static void
free_entry(rti_pool *pool, rti_fd *fd)
{
        drop_texts(pool, fd);
        rti_pool_put(pool, fd, sizeof *fd);
}

/* Recursion is as deep as the tree: MOST_LEVELS. */
static void
free_node(rti_pool *pool, rti_fd_node *node, uint32_t shift)
{
        for (uint32_t i = 0; i < NODE_PLACES; i++) {
                if (!node->place[i])
                        continue;
                if (shift)
                        free_node(pool, node->place[i], shift - NODE_BITS);
                else
                        free_entry(pool, node->place[i]);
        }
        rti_pool_put(pool, node, sizeof *node);
}

void
rti_fds_free(rti_pool *pool, rti_fds *fds)
{
        if (!fds)
                return;
        free_node(pool, fds->root, (fds->levels - 1) * NODE_BITS);
        rti_pool_put(pool, fds, sizeof *fds);
}

rti_fd *
rti_fds_find(const rti_fds *fds, int64_t num)
{
        const rti_fd_node *node = fds->root;

        if (!fits(fds->levels, num))
                return NULL;
        for (uint32_t shift = (fds->levels - 1) * NODE_BITS;; shift -= NODE_BITS) {
                void *at = node->place[place_of((uint64_t) num, shift)];

                if (!at || shift == 0)
                        return at;
                node = at;
        }
}

/* Nodes that an addition made before the pool was full. */
static void
drop_empty(rti_pool *pool, rti_fds *fds, int64_t num)
{
        rti_fd_node *path[MOST_LEVELS] = { fds->root };
        const uint32_t top = (fds->levels - 1) * NODE_BITS;
        uint32_t depth = 0;

        for (uint32_t shift = top; shift; shift -= NODE_BITS) {
                rti_fd_node *below = path[depth]->place[place_of((uint64_t) num, shift)];

                if (!below)
                        break;
                path[++depth] = below;
        }
        for (; depth; depth--) {
                static const rti_fd_node empty;

                if (memcmp(path[depth], &empty, sizeof empty) != 0)
                        break;
                rti_pool_put(pool, path[depth], sizeof empty);
                path[depth - 1]->place[place_of((uint64_t) num, top - (depth - 1) * NODE_BITS)] =
                        NULL;
        }
}

/* The place of @a num, with the levels and nodes it needs; NULL: the pool is full. */
static void **
make_place(rti_pool *pool, rti_fds *fds, int64_t num)
{
        rti_fd_node *node;

        while (!fits(fds->levels, num)) {
                if (fds->n) {
                        node = new_node(pool);
                        if (!node)
                                return NULL;
                        node->place[0] = fds->root;
                        fds->root = node;
                }
                fds->levels++;
        }
        node = fds->root;
        for (uint32_t shift = (fds->levels - 1) * NODE_BITS; shift; shift -= NODE_BITS) {
                void **below = &node->place[place_of((uint64_t) num, shift)];

                if (!*below)
                        *below = new_node(pool);
                if (!*below)
                        return NULL;
                node = *below;
        }
        return &node->place[place_of((uint64_t) num, 0)];
}

rti_fd *
rti_fds_add(rti_pool *pool, rti_fds *fds, int64_t num)
{
        rti_fd *fd;
        void **place;

        if (!rti_fd_is_number(num))
                return NULL;
        place = make_place(pool, fds, num);
        fd = place ? *place : NULL;
        if (fd) {
                drop_texts(pool, fd);
        } else {
                fd = place ? rti_pool_get(pool, sizeof *fd) : NULL;
                if (!fd) {
                        drop_empty(pool, fds, num);
                        return NULL;
                }
                *place = fd;
                fds->n++;
        }
        *fd = (rti_fd){ .num = num };
        return fd;
}

rti_fd *
rti_fds_dup(rti_pool *pool, rti_fds *fds, const rti_fd *from, int64_t num)
{
        rti_fd copy = *from;
        rti_fd *fd;

        /* Held while the entry at @a num is forgotten: it may be the same one. */
        rti_text_ref(copy.name);
        rti_text_ref(copy.nameraw);
        rti_text_ref(copy.extra);
        fd = rti_fds_add(pool, fds, num);
        if (!fd) {
                drop_texts(pool, &copy);
                return NULL;
        }
        *fd = copy;
        fd->num = num;
        return fd;
}

void
rti_fds_remove(rti_pool *pool, rti_fds *fds, int64_t num)
{
        rti_fd *fd = rti_fds_find(fds, num);

        if (!fd)
                return;
        *make_place(pool, fds, num) = NULL;
        free_entry(pool, fd);
        fds->n--;
        drop_empty(pool, fds, num);
}

/* The first entry at or behind @a from below @a node. Recursion: MOST_LEVELS. */
static rti_fd *
first_from(const rti_fd_node *node, uint32_t shift, uint64_t from)
{
        for (uint32_t i = place_of(from, shift); i < NODE_PLACES; i++) {
                rti_fd *fd = node->place[i];

                if (fd && shift)
                        fd = first_from(node->place[i], shift - NODE_BITS, from);
                if (fd)
                        return fd;
                from = 0;
        }
        return NULL;
}

rti_fd *
rti_fds_next(const rti_fds *fds, uint32_t *at)
{
        rti_fd *fd = NULL;

        if (fits(fds->levels, *at))
                fd = first_from(fds->root, (fds->levels - 1) * NODE_BITS, *at);
        if (fd)
                *at = (uint32_t) fd->num + 1;
        return fd;
}

rti_fds *
rti_fds_copy(rti_pool *pool, const rti_fds *fds)
{
        rti_fds *copy = rti_fds_new(pool);
        uint32_t at = 0;

        for (const rti_fd *fd; copy && (fd = rti_fds_next(fds, &at));) {
                if (!rti_fds_dup(pool, copy, fd, fd->num)) {
                        rti_fds_free(pool, copy);
                        return NULL;
                }
        }
        return copy;
}

void
rti_fds_drop_cloexec(rti_pool *pool, rti_fds *fds)
{
        uint32_t at = 0;

        for (const rti_fd *fd; (fd = rti_fds_next(fds, &at));)
                if (fd->marks & RTI_FDM_CLOEXEC)
                        rti_fds_remove(pool, fds, fd->num);
}

/* ---- how they print ---- */

static const struct {
        rt_str name;
        char letter;
} kinds[] = {
#define KIND(number, id, name, letter) [number] = { RTI_STR_INIT(name), letter },
#include "lang/fd_kinds.def"
#undef KIND
};

rt_str
rti_fd_kind_name(uint8_t kind)
{
        return kinds[kind < RTI_N_FD_KINDS ? kind : RTI_FD_UNSUPPORTED].name;
}

rt_str
rti_fd_kind_letter(uint8_t kind)
{
        return (rt_str){ &kinds[kind < RTI_N_FD_KINDS ? kind : RTI_FD_UNSUPPORTED].letter, 1 };
}

char
rti_fd_kind_char(uint8_t kind)
{
        return kinds[kind < RTI_N_FD_KINDS ? kind : RTI_FD_UNSUPPORTED].letter;
}

uint8_t
rti_fd_kind_of_event(uint16_t type)
{
        switch (type) {
        case RTI_EV_SYSCALL_OPENAT_2_X:
        case RTI_EV_SYSCALL_OPENAT2_X:
        case RTI_EV_SYSCALL_CREAT_X:
                return RTI_FD_FILE;
        case RTI_EV_SOCKET_SOCKET_X:
        case RTI_EV_SOCKET_ACCEPT_5_X:
        case RTI_EV_SOCKET_ACCEPT4_6_X:
                return RTI_FD_IPV4_SOCK;
        case RTI_EV_SYSCALL_PIPE_X:
        case RTI_EV_SYSCALL_PIPE2_X:
                return RTI_FD_FIFO;
        case RTI_EV_SYSCALL_EVENTFD_X:
        case RTI_EV_SYSCALL_EVENTFD2_X:
                return RTI_FD_EVENT;
        case RTI_EV_SYSCALL_SIGNALFD_X:
        case RTI_EV_SYSCALL_SIGNALFD4_X:
                return RTI_FD_SIGNALFD;
        case RTI_EV_SYSCALL_TIMERFD_CREATE_X:
                return RTI_FD_TIMERFD;
        case RTI_EV_SYSCALL_INOTIFY_INIT_X:
        case RTI_EV_SYSCALL_INOTIFY_INIT1_X:
                return RTI_FD_INOTIFY;
        default:
                return RTI_FD_UNKNOWN;
        }
}

uint8_t
rti_fd_l4(const rti_fd *fd)
{
        if (fd->kind == RTI_FD_IPV4_SERVER || fd->kind == RTI_FD_IPV6_SERVER)
                return fd->l4;
        if (!rti_fd_is_inet(fd))
                return RTI_L4_NA;
        if (fd->l4 == RTI_L4_RAW || fd->marks & (RTI_FDM_ROLE_CLIENT | RTI_FDM_ROLE_SERVER))
                return fd->l4;
        return RTI_L4_NA;
}
