/* SPDX-License-Identifier: Apache-2.0 */
/*
 * natives.h - fields that functions of shared libraries give, outside of libruntime's core.
 *
 *      - natives: libours.so
 *        functions:
 *          - name: geo.is_ours
 *            signature: bool (string, u32)
 *            reads: [ct.srcip]
 *            pure: true
 *
 * A library is opened only where the host allows it (rt_natives_opts.paths). Its functions run in
 * the host's process and are bounded by nothing: docs/native-functions.md says what is checked, and
 * what cannot be.
 */
#ifndef LIBRUNTIME_NATIVES_NATIVES_H
#define LIBRUNTIME_NATIVES_NATIVES_H

#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- hosts ---- */

typedef struct rt_natives rt_natives; /* what a host allows rule files to call */

enum {                                         /* rt_natives_opts.flags */
       RT_NATIVES_REQUIRE_DESCRIPTION = 1 << 0 /* refuse libraries that do not describe themselves:
                                                  see rt_native_row. Since 0.1 */
};

typedef struct rt_natives_opts {
        size_t size;
        const rt_allocator *allocator; /* NULL: malloc */
        /* Libraries, or directories that have some, also deeper: absolute names, copied. Without
         * any, no library is opened. */
        const char *const *paths;
        size_t n_paths;
        uint32_t flags;    /* RT_NATIVES_* */
        uint32_t reserved; /* 0 */
} rt_natives_opts;

/** Have `natives:` items of rule files read, before the first loader of @a engine is made. What is
 *  wrong with an item is a diagnostic at its place (RT1207). A library is closed when the last
 *  ruleset with its fields is gone. A call that was left out since an argument did not fit, and one
 *  whose result could not be used, is counted among the worker's losses; `part` is the library.
 *  @param opts may be NULL: items are known, and each is refused.
 *  @return 0, RT_EABI, RT_EINVAL, RT_ENOMEM, RT_EEXIST: it was done already. @since 0.1 */
RT_API int rt_natives_new(rt_engine *engine, const rt_natives_opts *opts, rt_natives **ret_natives);
/** Only when the engine, and all that was made of it, is gone. @since 0.1 */
RT_API rt_natives *rt_natives_unref(rt_natives *natives);

/* ---- those who bring a language ---- */

typedef struct rt_native rt_native;                   /* a function that can be called */
typedef struct rt_native_callback rt_native_callback; /* a function pointer for C */
typedef struct rt_native_gate rt_native_gate; /* by which callbacks come back to whom they are of */

enum {                     /* rt_native_type.is: what such a parameter or result is in rt_value */
       RT_NATIVE_VOID = 0, /* nothing */
       RT_NATIVE_BOOL = 1, /* RT_KIND_BOOL */
       RT_NATIVE_INTEGER = 2,  /* RT_KIND_INT8 to RT_KIND_UINT64, of which any is taken */
       RT_NATIVE_DOUBLE = 3,   /* RT_KIND_DOUBLE; integers are taken, too */
       RT_NATIVE_TEXT = 4,     /* RT_KIND_STRING */
       RT_NATIVE_BYTES = 5,    /* RT_KIND_BYTES */
       RT_NATIVE_IP = 6,       /* RT_KIND_IPADDR */
       RT_NATIVE_POINTER = 7,  /* RT_KIND_BYTES: as.s.ptr is it, as.s.len 0 */
       RT_NATIVE_CALLBACK = 8, /* RT_KIND_BYTES: as.s.ptr is an rt_native_callback */
};

enum { RT_NATIVE_OPTIONAL = 1 << 0 }; /* rt_native_type.flags: may be missing */

/** Frozen. */
typedef struct rt_native_type {
        const char *text; /* "u32" */
        uint32_t is;      /* RT_NATIVE_* */
        uint32_t flags;   /* RT_NATIVE_OPTIONAL */
        int64_t lowest;   /* of integers; else both are 0 */
        uint64_t highest;
} rt_native_type;

/** What to open, or what to make. Borrowed until that returns. */
typedef struct rt_native_wanted {
        size_t size;
        const char *library, *symbol;  /* as in `natives:`; of a callback NULL */
        rt_str signature;              /* "i64 (bytes, callback(bool (i64)))"; of a callback
                                          "bool (i64)" */
        const rt_allocator *allocator; /* for the function; of a callback NULL */
        /** Run a callback: see rt_natives_calls. @param args NULL: missing
         *  @return 1: @a ret_value is set; else C gets zero. */
        int (*run)(void *user, const rt_value *const *args, size_t n_args, rt_value *ret_value);
        void *user;
        char *message; /* why not: where to write a sentence with a NUL behind it */
        size_t message_size;
} rt_native_wanted;

/**
 * Functions and callbacks for who brings a language: for libruntime-lua, that is, which gets this
 * from the host (rt_lua_opts.natives) and needs no libffi for itself.
 *
 * A gate is of one interpreter. A callback runs while a function that was called with its gate has
 * not returned, on that thread. C gets zero, and rt_natives_refused counts it, when it calls at any
 * other time, from another thread, or after callback_free. Callbacks that were handed to C keep
 * their memory for that; when more than 1,024 are there that nobody has any more, the oldest of the
 * same signature is used for the next one.
 *
 * @since 0.1; members are only ever appended. */
typedef struct rt_natives_calls {
        size_t size;
        uint32_t abi;      /* RT_NATIVES_ABI */
        uint32_t reserved; /* 0 */
        rt_natives *natives;
        /** Shared. @return 0, RT_EINVAL: see message, RT_EABI, RT_ENOMEM */
        int (*open)(rt_natives *natives, const rt_native_wanted *wanted, rt_native **ret_native);
        void (*close)(rt_native *native);
        /** Result (index 0) and parameters (1 and on). @return 0, RT_ENOENT: no more */
        int (*type)(const rt_native *native, size_t index, rt_native_type *ret_type);
        /** Call it, with as many @a args as it has parameters; NULL: missing. Texts have a NUL
         *  behind them. A text that comes back is the library's, and must be copied.
         *  @return 1, 0: it gives nothing, RT_EINVAL: an argument does not fit, RT_EFORMAT,
         *  RT_ELIMIT: what came back is no such value, or too long a text
         *  @param ret_wrong which argument; SIZE_MAX: it was called */
        int (*call)(const rt_native *native, rt_native_gate *gate, const rt_value *const *args,
                    rt_value *ret_value, size_t *ret_wrong);
        /** Shared. @return 0, RT_ENOMEM */
        int (*gate_new)(rt_natives *natives, rt_native_gate **ret_gate);
        void (*gate_free)(rt_native_gate *gate); /* after its callbacks */
        /** @return 0, RT_EINVAL: see message, RT_EABI, RT_ELIMIT: 65,536 are there, RT_ENOMEM */
        int (*callback_new)(rt_native_gate *gate, const rt_native_wanted *wanted,
                            rt_native_callback **ret_callback);
        void (*callback_free)(rt_native_callback *callback);
        /** As `type`. */
        int (*callback_type)(const rt_native_callback *callback, size_t index,
                             rt_native_type *ret_type);
} rt_natives_calls;

/** What rt_lua_opts.natives wants; lives as long as @a natives. @since 0.1 */
RT_API const rt_natives_calls *rt_natives_calls_of(rt_natives *natives);
/** How many calls of callbacks were refused: C got zero. Shared. @since 0.1 */
RT_API uint64_t rt_natives_refused(const rt_natives *natives);

/* ---- libraries that describe themselves ---- */

/** One function, as its library knows it. */
typedef struct rt_native_row {
        const char *symbol;    /* "geo_is_ours" */
        const char *signature; /* "bool (string, u32)" */
} rt_native_row;

/** What a library exports as `rt_natives_description`. Frozen. Who declares a function of such a
 *  library otherwise than it says, or one that is not in its rows, is refused. */
typedef struct rt_natives_table {
        uint32_t abi;    /* RT_NATIVES_ABI */
        uint32_t n_rows; /* of `rows` */
        const rt_native_row *rows;
} rt_natives_table;

enum { RT_NATIVES_ABI = 1 };

/** Describe the functions of this library, once in one of its files:
 *  RT_NATIVES_DESCRIBE({ "geo_is_ours", "bool (string, u32)" }) */
#define RT_NATIVES_DESCRIBE(...)                                               \
        static const rt_native_row rt_native_rows_[] = { __VA_ARGS__ };        \
        RT_API extern const rt_natives_table rt_natives_description;           \
        RT_API const rt_natives_table rt_natives_description = {               \
                RT_NATIVES_ABI,                                                \
                (uint32_t) (sizeof rt_native_rows_ / sizeof *rt_native_rows_), \
                rt_native_rows_,                                               \
        };

#ifdef __cplusplus
}
#endif
#endif
