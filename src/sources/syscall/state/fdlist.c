/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdlist.c - descriptors as lists tell them: those of captures, those that live events bring along.
 *
 *   in   entries (spec A.2), for threads that are known
 *   out  the same descriptors as events would have made them, as far as a list can tell
 *
 * A list does not say who asked and who was asked. When all of them are read, a socket whose own
 * port somebody listens on is taken for the listener's side. An entry that comes with an event
 * never takes away what events have told of the same thing.
 */
#include "sources/syscall/state/fd_parts.h"
#include "sources/syscall/state/net.h"

/* The entry whose table it is: a thread's leader may not have been joined yet. */
static rti_thread *
owner_of(rti_state *state, int64_t tid)
{
        rti_thread *thread = rti_threads_find(&state->threads, tid);
        rti_thread *leader = NULL;

        if (thread && !thread->leader && thread->pid != tid)
                leader = rti_threads_find(&state->threads, thread->pid);
        return leader ? leader : thread;
}

static bool
is_ip(uint8_t kind)
{
        return kind >= RTI_FD_IPV4_SOCK && kind <= RTI_FD_IPV6_SERVER;
}

static size_t
print_server(char *to, uint8_t kind, const rti_ends *ends)
{
        return kind == RTI_FD_IPV4_SERVER ? rti_print_end4(to, ends->source, ends->source_port)
                                          : rti_print_end6(to, ends->source, ends->source_port);
}

/* Kinds 3 to 6. @return length of the name. */
static size_t
fill_inet(rti_fd *fd, const rti_fd_entry *entry, char *name)
{
        fd->l4 = entry->l4;
        fd->ends.ip = entry->ends;
        if (!rti_fd_is_inet(fd)) {
                rti_fd_mark(fd, RTI_FDM_ROLE_SERVER, true);
                return print_server(name, fd->kind, &fd->ends.ip);
        }
        rti_ends_unmap(&fd->kind, &fd->ends.ip);
        rti_fd_mark(fd, RTI_FDM_CONNECTED, fd->l4 == RTI_L4_TCP);
        return fd->kind == RTI_FD_IPV4_SOCK ? rti_print_ends4(name, &fd->ends.ip)
                                            : rti_print_ends6(name, &fd->ends.ip);
}

static void
fill_file(rti_fd *fd, const rti_fd_entry *entry)
{
        fd->open_flags = entry->open_flags;
        fd->dev = entry->dev;
        rti_fd_mark(fd, RTI_FDM_CLOEXEC, entry->open_flags & RTI_O_CLOEXEC);
        rti_fd_mark(fd, RTI_FDM_UPPER_LAYER, entry->open_flags & RTI_O_UPPER_LAYER);
        rti_fd_mark(fd, RTI_FDM_LOWER_LAYER, entry->open_flags & RTI_O_LOWER_LAYER);
}

static int
fill(rti_state *state, rti_fd *fd, const rti_fd_entry *entry)
{
        rt_str name = entry->name;
        char room[RTI_TUPLE_ROOM];

        fd->kind = entry->kind;
        fd->ino = entry->ino;
        if (is_ip(fd->kind)) {
                name = (rt_str){ room, fill_inet(fd, entry, room) };
        } else if (fd->kind == RTI_FD_UNIX_SOCK) {
                fd->ends.un.source = entry->source;
                fd->ends.un.dest = entry->dest;
                rti_fd_mark(fd, name.len ? RTI_FDM_ROLE_SERVER : RTI_FDM_ROLE_CLIENT, true);
        } else if (fd->kind == RTI_FD_FILE_V2) {
                fill_file(fd, entry);
        }
        return rti_text_set(&state->pool, &fd->name, name);
}

/* ---- descriptors that live events bring along ---- */

static bool
has_peer(const rti_fd_entry *entry)
{
        static const uint8_t nowhere[16];

        return entry->ends.dest_port || memcmp(entry->ends.dest, nowhere, sizeof nowhere) != 0;
}

static bool
is_file(uint8_t kind)
{
        return kind == RTI_FD_FILE || kind == RTI_FD_DIRECTORY || kind == RTI_FD_FILE_V2;
}

/* Is it what events made of the same thing? They know more: how a file was called when it was
 * opened, who asked and who was asked, what a datagram went to. */
static bool
is_known(const rti_fd *fd, const rti_fd_entry *entry)
{
        rti_ends ends = entry->ends;
        uint8_t kind = entry->kind;

        if (fd->ino && entry->ino && fd->ino != entry->ino)
                return false;
        if (is_ip(kind)) {
                if (!is_ip(fd->kind) || !has_peer(entry))
                        return is_ip(fd->kind);
                rti_ends_unmap(&kind, &ends);
                return fd->kind == kind && rti_ends_agree(&fd->ends.ip, &ends);
        }
        if (!is_file(kind))
                return fd->kind == kind;
        return is_file(fd->kind)
               && (fd->ino ? fd->ino == entry->ino
                           : rti_str_eq(rti_text_str(fd->name), entry->name));
}

/* A socket without a peer: what it is bound to makes it a server, as bind does. */
static rti_fd_entry
without_peer(const rti_fd_entry *entry)
{
        rti_fd_entry made = *entry;

        if (entry->ends.source_port && entry->kind == RTI_FD_IPV4_SOCK)
                made.kind = RTI_FD_IPV4_SERVER;
        else if (entry->ends.source_port && entry->kind == RTI_FD_IPV6_SOCK)
                made.kind = RTI_FD_IPV6_SERVER;
        return made;
}

static bool
listens_on(const rti_fds *fds, uint16_t port)
{
        uint32_t at = 0;

        for (const rti_fd *fd; (fd = rti_fds_next(fds, &at));)
                if ((fd->kind == RTI_FD_IPV4_SERVER || fd->kind == RTI_FD_IPV6_SERVER)
                    && fd->ends.ip.source_port == port)
                        return true;
        return false;
}

/* Its own end is the source; names are as the client sees it. */
static void
give_role(rti_state *state, const rti_fds *fds, rti_fd *fd, uint32_t was)
{
        const uint32_t roles = RTI_FDM_ROLE_CLIENT | RTI_FDM_ROLE_SERVER;
        uint32_t role = was & roles;
        char name[RTI_TUPLE_ROOM];
        size_t n;

        if (!role)
                role = listens_on(fds, fd->ends.ip.source_port) ? RTI_FDM_ROLE_SERVER
                                                                : RTI_FDM_ROLE_CLIENT;
        rti_fd_mark(fd, role, true);
        if (role != RTI_FDM_ROLE_SERVER)
                return;
        rti_fd_swap_ends(fd);
        n = fd->kind == RTI_FD_IPV4_SOCK ? rti_print_ends4(name, &fd->ends.ip)
                                         : rti_print_ends6(name, &fd->ends.ip);
        rti_text_set(&state->pool, &fd->name, (rt_str){ name, n });
}

static int
tell(rti_state *state, rti_fds *fds, const rti_fd_entry *entry)
{
        rti_fd *fd = rti_fds_find(fds, entry->num);
        const bool peerless = is_ip(entry->kind) && !has_peer(entry);
        const rti_fd_entry made = peerless ? without_peer(entry) : *entry;
        uint32_t marks = 0;
        int r;

        if (fd && is_known(fd, entry)) {
                fd->ino = entry->ino;
                if (fd->kind == RTI_FD_FILE_V2)
                        fd->dev = entry->dev;
                return RT_OK;
        }
        if (fd && is_ip(fd->kind) && (!fd->ino || fd->ino == entry->ino))
                marks = fd->marks; /* the same socket, with another peer */
        fd = rti_fds_add(&state->pool, fds, entry->num);
        if (!fd)
                return RT_ELIMIT;
        r = fill(state, fd, &made);
        if (peerless && rti_fd_is_inet(fd)) {
                rti_text_set(&state->pool, &fd->name, RTI_STR(""));
                fd->marks = 0;
        } else if (rti_fd_is_inet(fd)) {
                give_role(state, fds, fd, marks);
        }
        return r;
}

int
rti_state_add_fd(rti_state *state, int64_t tid, const rti_fd_entry *entry)
{
        rti_thread *owner = owner_of(state, tid);
        rti_fds *fds;
        rti_fd *fd;
        int r;

        if (!owner || !rti_fd_is_number(entry->num))
                return RT_OK; /* of a thread that no list names, or no descriptor */
        state->threads.pinned[RTI_PIN_LIST] = owner;
        fds = rti_fd_table(state, owner);
        if (fds && state->lists_done) {
                r = tell(state, fds, entry);
        } else {
                fd = fds ? rti_fds_add(&state->pool, fds, entry->num) : NULL;
                r = fd ? fill(state, fd, entry) : RT_ELIMIT;
        }
        if (!fds || !rti_fds_find(fds, entry->num))
                rti_fd_count_refused(state, entry->num);
        return r;
}

/* ---- when all lists are read ---- */

typedef struct ports {
        uint64_t word[65536 / 64];
} ports;

static void
collect_ports(const rti_fds *fds, ports *served)
{
        uint32_t at = 0;

        for (const rti_fd *fd; (fd = rti_fds_next(fds, &at));)
                if (fd->kind == RTI_FD_IPV4_SERVER || fd->kind == RTI_FD_IPV6_SERVER)
                        served->word[fd->ends.ip.source_port / 64] |=
                                (uint64_t) 1 << fd->ends.ip.source_port % 64;
}

static void
turn_served(rti_state *state, const rti_fds *fds, const ports *served)
{
        char name[RTI_TUPLE_ROOM];
        uint32_t at = 0;
        uint16_t port;

        for (rti_fd *fd; (fd = rti_fds_next(fds, &at));) {
                if (fd->kind != RTI_FD_IPV4_SOCK)
                        continue;
                port = fd->ends.ip.source_port;
                if (served->word[port / 64] >> port % 64 & 1) {
                        rti_fd_swap_ends(fd);
                        rti_text_set(&state->pool, &fd->name,
                                     (rt_str){ name, rti_print_ends4(name, &fd->ends.ip) });
                        rti_fd_mark(fd, RTI_FDM_ROLE_SERVER, true);
                } else {
                        rti_fd_mark(fd, RTI_FDM_ROLE_CLIENT, true);
                }
        }
}

int
rti_fd_lists_done(rti_state *state)
{
        ports *served = rti_calloc(state->allocator, 1, sizeof *served);
        const rti_thread *thread;
        uint32_t at = 0;

        if (!served)
                return RT_ENOMEM;
        while ((thread = rti_threads_next(&state->threads, &at)))
                if (thread->fds)
                        collect_ports(thread->fds, served);
        for (at = 0; (thread = rti_threads_next(&state->threads, &at));)
                if (thread->fds)
                        turn_served(state, thread->fds, served);
        rti_free(state->allocator, served);
        return RT_OK;
}
