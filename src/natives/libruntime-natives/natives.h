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
