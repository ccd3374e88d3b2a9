/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.h - the descriptors of one process.
 */
#ifndef RTI_SYSCALL_FD_H
#define RTI_SYSCALL_FD_H

#include "sources/syscall/event.h"
#include "sources/syscall/state/pool.h"

/* Kinds, numbered as captures number them. */
enum rti_fd_kind {
#define KIND(number, id, ...) RTI_FD_##id = (number),
#include "lang/fd_kinds.def"
#undef KIND
        RTI_N_FD_KINDS
};

enum {
        RTI_L4_UNKNOWN = 0,
        RTI_L4_NA = 1,
        RTI_L4_TCP = 2,
        RTI_L4_UDP = 3,
        RTI_L4_ICMP = 4,
        RTI_L4_RAW = 5
};

enum { /* rti_fd.marks */
       RTI_FDM_ROLE_CLIENT = 1 << 0,
       RTI_FDM_ROLE_SERVER = 1 << 1,
       RTI_FDM_CONNECTED = 1 << 2, /* or about to be: EINPROGRESS */
       RTI_FDM_CLOEXEC = 1 << 3,
       RTI_FDM_UPPER_LAYER = 1 << 4,
       RTI_FDM_LOWER_LAYER = 1 << 5,
       RTI_FDM_CREATED = 1 << 6 /* by the open that made it */
};

/* One end or both of a socket. Addresses in network order, ports in the host's. */
typedef struct rti_ends {
        uint8_t source[16], dest[16]; /* IPv4: the first 4 bytes */
        uint16_t source_port, dest_port;
} rti_ends;

struct rti_fd {
        int64_t num;
        uint8_t kind; /* enum rti_fd_kind */
        uint8_t l4;   /* RTI_L4_* */
        uint16_t marks;
        uint32_t open_flags; /* as the capture's PPM_O_* */
        uint32_t dev;
        uint64_t ino;
        rti_text *name;    /* path or rendered tuple */
        rti_text *nameraw; /* as the program gave it */
        union {
                rti_ends ip; /* kinds 3 to 6; of a server: source */
                struct {
                        uint64_t source, dest;
                } un;        /* unix sockets */
                int64_t pid; /* pidfd: of whom */
        } ends;
        rti_text *extra; /* as rti_thread.extra; duplicates share it */
};

/* Found by four bits of the number a level, as many levels as the largest number needs: numbers are
 * small, and a table of hashes would be at the mercy of who chooses them. */
typedef struct rti_fds {
        struct rti_fd_node *root;
        uint32_t n;
        uint32_t levels;
} rti_fds;

/* Room comes from @a pool. Functions that add return NULL when it is full, and for numbers that no
 * descriptor has. */
rti_fds *rti_fds_new(rti_pool *pool);
void rti_fds_free(rti_pool *pool, rti_fds *fds);
rti_fds *rti_fds_copy(rti_pool *pool, const rti_fds *fds); /* for fork */
rti_fd *rti_fds_find(const rti_fds *fds, int64_t num);
static inline bool
rti_fd_is_number(int64_t num)
{
        return num >= 0 && num <= INT32_MAX;
}
/* A cleared entry for @a num; an old one is forgotten. Pointers to entries stay valid until that
 * entry is removed. */
rti_fd *rti_fds_add(rti_pool *pool, rti_fds *fds, int64_t num);
rti_fd *rti_fds_dup(rti_pool *pool, rti_fds *fds, const rti_fd *from, int64_t num);
void rti_fds_remove(rti_pool *pool, rti_fds *fds, int64_t num);
void rti_fds_drop_cloexec(rti_pool *pool, rti_fds *fds);
/* Walk by number: set *at to 0 first; NULL at the end. */
rti_fd *rti_fds_next(const rti_fds *fds, uint32_t *at);

/* The protocol as the reference sees it: not available while a socket has no role, unless raw. */
uint8_t rti_fd_l4(const rti_fd *fd);
static inline bool
rti_fd_is_inet(const rti_fd *fd) /* with both ends */
{
        return fd->kind == RTI_FD_IPV4_SOCK || fd->kind == RTI_FD_IPV6_SOCK;
}

enum { RTI_FD_NAME_ROOM = 1024 };

/* How kinds print: fd.type ("<NA>" is a value), fd.typechar. */
rt_str rti_fd_kind_name(uint8_t kind);
char rti_fd_kind_char(uint8_t kind);
rt_str rti_fd_kind_letter(uint8_t kind);
/* The kind that fd.typechar shows where there is no object (C.5 "Current fd"). */
uint8_t rti_fd_kind_of_event(uint16_t type);
/* fd.name of an event whose descriptor is not in the table (RTI_SE_HAS_FD, fd is NULL): the path an
 * open names, the tuple of accept and connect, else "". May be written to @a to. */
rt_str rti_fd_name_of_event(char to[RTI_FD_NAME_ROOM], const rti_sysevt *evt);

/* ---- texts of addresses: written to @a to (RTI_TUPLE_ROOM bytes), the length is returned ---- */
enum { RTI_TUPLE_ROOM = 160 };
size_t rti_print_ip4(char *to, const uint8_t address[4]);
size_t rti_print_ip6(char *to, const uint8_t address[16]);
/* "ip:port->ip:port", "SRC->DST PATH" ... of a socktuple parameter, "family N" of others; 0: empty
 * or too short for its family. A path may exceed the room: it is cut to it. */
size_t rti_print_tuple(char *to, rt_str tuple);
size_t rti_print_sockaddr(char *to, rt_str sockaddr);
size_t rti_print_end4(char *to, const uint8_t address[4], uint16_t port);
size_t rti_print_end6(char *to, const uint8_t address[16], uint16_t port);
size_t rti_print_ends4(char *to, const rti_ends *ends);
size_t rti_print_ends6(char *to, const rti_ends *ends);

#endif
