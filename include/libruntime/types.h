/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libruntime/types.h - the values, results and handles that every other header shares.
 *
 * Results       Calls that can fail return int: >= 0 is success, < 0 is one of RT_E*.
 *               ret_ parameters are written on success only; an rt_diags is written always.
 * Ownership     *_new, *_ref and ret_ give the caller a reference; *_unref drops it, accepts NULL
 *               and returns NULL. Every other pointer returned is borrowed from the object that
 *               returned it.
 * Threads       An object may be used by one thread at a time unless its comment says "shared".
 *               RT_EBUSY tells: a callback that calls what called it always, a second thread in
 *               builds with debug information (and often, not always, in others).
 * ABI           Structs that start with `size` only grow; set it with RT_INIT. Structs without it
 *               (rt_str, rt_value) are frozen. Opaque structs may change freely. Enums are named
 *               constants only: parameters and members are fixed-width integers.
 */
#ifndef LIBRUNTIME_TYPES_H
#define LIBRUNTIME_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define RT_API __attribute__((visibility("default")))
#else
#define RT_API
#endif

#ifdef __cplusplus
/** Initialise a versioned struct: zero, with the size this caller was compiled with. */
#define RT_INIT(type)                            \
        ([] {                                    \
                type rt_init_ = type();          \
                rt_init_.size = sizeof rt_init_; \
                return rt_init_;                 \
        }())
extern "C" {
#else
#define RT_INIT(type)                \
        {                            \
                .size = sizeof(type) \
        }
#endif

/* ---- handles ---- */

typedef struct rt_engine rt_engine;   /* sources known, ruleset in force */
typedef struct rt_loader rt_loader;   /* rule files being collected */
typedef struct rt_ruleset rt_ruleset; /* compiled rules; immutable, shared, refcounted */
typedef struct rt_worker rt_worker;   /* one thread's evaluation state */
typedef struct rt_pool rt_pool;       /* workers on threads of their own */
typedef struct rt_alert rt_alert;     /* one match; borrowed inside the callback */
typedef struct rt_diags rt_diags;     /* what loading had to say */
typedef struct rt_input rt_input;     /* bytes on their way into a source */
typedef struct rt_answer rt_answer;   /* a value that the host gives later */
typedef struct rt_list rt_list;       /* elements of a list that changes at run time */

/* ---- results ---- */

enum {
        RT_OK = 0,
        RT_EOF = -1,      /* no more events, no more bytes */
        RT_ENOMEM = -2,   /* the allocator returned NULL */
        RT_EINVAL = -3,   /* the caller broke this header's rules */
        RT_EABI = -4,     /* a versioned struct is too small, or uses a later member */
        RT_EEXIST = -5,   /* something of that name is there already */
        RT_ENOENT = -6,   /* nothing of that name */
        RT_ERULES = -7,   /* rules were rejected: see the rt_diags */
        RT_EIO = -8,      /* reading or writing failed */
        RT_ELIMIT = -9,   /* a limit of limits.def was hit */
        RT_EFORMAT = -10, /* bytes are not what they claim to be */
        RT_EAGAIN = -11,  /* nothing is there now; ask again */
        RT_EBUSY = -12    /* a callback calls what called it, or another thread has it */
};

/** The constant's name, e.g. "RT_ERULES". Never NULL. Shared. @since 0.1 */
RT_API const char *rt_status_name(int status);

/* ---- strings and values ---- */

/** Bytes that somebody else owns; not NUL-terminated. */
typedef struct rt_str {
        const char *ptr;
        size_t len;
} rt_str;

/** Kinds of values. Numbers are part of the ABI; names and meanings stand in kinds.def. */
enum {
        RT_KIND_NONE = 0,
        RT_KIND_BOOL = 1,
        RT_KIND_INT8 = 2,
        RT_KIND_INT16 = 3,
        RT_KIND_INT32 = 4,
        RT_KIND_INT64 = 5,
        RT_KIND_UINT8 = 6,
        RT_KIND_UINT16 = 7,
        RT_KIND_UINT32 = 8,
        RT_KIND_UINT64 = 9,
        RT_KIND_DOUBLE = 10,
        RT_KIND_STRING = 11,
        RT_KIND_PATH = 12,    /* a file system path */
        RT_KIND_RELPATH = 13, /* a path relative to a directory descriptor */
        RT_KIND_BYTES = 14,   /* raw bytes, NULs included */
        RT_KIND_IPADDR = 15,  /* an IPv4 or IPv6 address */
        RT_KIND_IPNET = 16,   /* an address with a prefix length */
        RT_KIND_PORT = 17,    /* a transport port, host order */
        RT_KIND_RELTIME = 18, /* nanoseconds between two events */
        RT_KIND_ABSTIME = 19, /* nanoseconds since 1970 */
        RT_KIND_DYNAMIC = 20, /* kind known per event only */
        RT_KIND_LIST = 21     /* several values of one kind */
};

/**
 * One field's value. The layout is frozen (32 bytes): new kinds use `as`, never new members.
 *
 * BOOL and UINT* PORT *TIME use `u`; INT* use `i`; STRING PATH RELPATH BYTES use `s`;
 * IPADDR and IPNET use `ip`, network order, with `count` = family bytes (4 or 16) and, for IPNET,
 * the prefix length in `count >> 8`; LIST uses `list` with `count` elements. The kind of a field's
 * value is the field's, but for a field of kind DYNAMIC, whose values have any kind but LIST;
 * `count` of its numbers is how they print (RT_FORMAT_*).
 */
typedef struct rt_value {
        uint32_t kind;  /* RT_KIND_* */
        uint32_t count; /* see above */
        union {
                int64_t i;
                uint64_t u;
                double d;
                rt_str s;
                uint8_t ip[16];
                const struct rt_value *list;
                uint64_t reserved[3];
        } as;
} rt_value;

/* ---- memory ---- */

/** The host's allocator. `resize` with ptr NULL allocates, with size 0 frees and returns NULL. */
typedef struct rt_allocator {
        size_t size;
        void *(*resize)(void *ptr, size_t size_bytes, void *user);
        void *user;
} rt_allocator;

#ifdef __cplusplus
}
#endif
#endif
