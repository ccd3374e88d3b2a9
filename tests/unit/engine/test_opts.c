/* SPDX-License-Identifier: Apache-2.0 */
/* test_opts.c - structs that begin with their size: of callers that are older or newer than us. */
#include "base/str.h"
#include <libruntime/runtime.h>
#include <criterion/criterion.h>
#include <string.h>

enum { LATER = 24 }; /* bytes that a later version may have added */

/* A struct of a caller: what we know of it, and what we do not. */
typedef struct room {
        _Alignas(max_align_t) unsigned char bytes[512];
} room;

static int
make(size_t which, rt_engine *engine, const void *opts)
{
        rt_engine *other = NULL;
        rt_loader *loader = NULL;
        rt_worker *worker = NULL;
        rt_pool *pool = NULL;
        int r;

        switch (which) {
        case 0:
                r = rt_engine_new(opts, &other);
                break;
        case 1:
                r = rt_loader_new(engine, opts, &loader);
                break;
        case 2:
                r = rt_worker_new(engine, opts, &worker);
                break;
        default:
                r = rt_pool_new(engine, opts, &pool);
        }
        rt_engine_unref(other);
        rt_loader_unref(loader);
        rt_worker_unref(worker);
        rt_pool_unref(pool);
        return r;
}

static const size_t sizes[] = { sizeof(rt_engine_opts), sizeof(rt_loader_opts),
                                sizeof(rt_worker_opts), sizeof(rt_pool_opts) };

Test(opts, those_of_older_and_newer_callers_are_taken)
{
        rt_engine *engine = NULL;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(sizes); i++) {
                const size_t more = sizes[i] + LATER;
                room opts;

                /* Any number of members is missing: they count as zero, whatever stands there. */
                for (size_t size = sizeof size; size <= sizes[i]; size += 4) {
                        memset(&opts, 0xff, sizeof opts);
                        memset(&opts, 0, size);
                        memcpy(&opts, &size, sizeof size);
                        cr_expect_eq(make(i, engine, &opts), RT_OK, "%zu, %zu bytes", i, size);
                }
                memset(&opts, 0, sizeof opts);
                memcpy(&opts, &more, sizeof more);
                cr_expect_eq(make(i, engine, &opts), RT_OK, "%zu", i);
                opts.bytes[more] = 1;
                cr_expect_eq(make(i, engine, &opts), RT_OK, "%zu: behind the struct", i);
                opts.bytes[more - 1] = 1;
                cr_expect_eq(make(i, engine, &opts), RT_EABI, "%zu: what we know nothing of", i);
        }
        rt_engine_unref(engine);
}

static int
ask(size_t which, rt_engine *engine, rt_worker *worker, void *ret)
{
        switch (which) {
        case 0:
                return rt_worker_stats_get(worker, ret);
        case 1:
                return rt_engine_field(engine, 0, ret);
        case 2:
                return rt_engine_source(engine, 0, ret);
        default:
                return rt_table_get(RT_TABLE_OPERATORS, 0, ret);
        }
}

Test(opts, results_go_as_far_as_the_callers_struct)
{
        static const size_t known[] = { sizeof(rt_worker_stats), sizeof(rt_field_info),
                                        sizeof(rt_source_info), sizeof(rt_table_row) };
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(known); i++)
                for (size_t size = 0; size <= known[i] + LATER; size++) {
                        room ret;
                        size_t after = size;

                        memset(&ret, 0xa5, sizeof ret);
                        memcpy(&ret, &size, sizeof size);
                        cr_expect_eq(ask(i, engine, worker, &ret),
                                     size < sizeof size ? RT_EABI : RT_OK, "%zu: %zu", i, size);
                        memcpy(&after, &ret, sizeof after);
                        cr_expect_eq(after, size, "the size stays");
                        after = after < sizeof after ? sizeof after : after;
                        cr_expect_eq(ret.bytes[after], 0xa5, "%zu: %zu: behind it", i, size);
                        for (size_t at = known[i]; at < size; at++)
                                cr_expect_eq(ret.bytes[at], 0, "%zu: not told", i);
                }
        rt_worker_unref(worker);
        rt_engine_unref(engine);
}

static int
no_open(const char *path, void **ret_state)
{
        (void) path;
        (void) ret_state;
        return RT_ENOENT;
}

static int64_t
no_read(void *state, void *buffer, size_t size_bytes)
{
        (void) state;
        (void) buffer;
        (void) size_bytes;
        return RT_EIO;
}

static void
no_close(void *state)
{
        (void) state;
}

Test(opts, bits_without_a_meaning_are_refused)
{
        rt_reader_ops reader = RT_INIT(rt_reader_ops);
        rt_source_ops source = RT_INIT(rt_source_ops);
        rt_loader_opts loader = RT_INIT(rt_loader_opts);
        rt_worker_opts worker = RT_INIT(rt_worker_opts);
        rt_pool_opts pool = RT_INIT(rt_pool_opts);
        rt_engine *engine = NULL;
        rt_diags *diags = NULL;
        rt_str text;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        cr_expect_eq(rt_diags_print(diags, RT_DIAGS_TEXT, 1 << 2, &text), RT_EINVAL);
        cr_expect_eq(rt_diags_print(diags, RT_DIAGS_SUMMARY + 1, 0, &text), RT_EINVAL);
        rt_diags_unref(diags);
        reader.name = "none";
        reader.open = no_open;
        reader.read = no_read;
        reader.close = no_close;
        reader.flags = 1u << 31;
        cr_expect_eq(rt_engine_add_reader(engine, &reader), RT_EINVAL);
        reader.flags = 0;
        reader.reserved = 1;
        cr_expect_eq(rt_engine_add_reader(engine, &reader), RT_EINVAL);
        reader.reserved = 0;
        cr_expect_eq(rt_engine_add_reader(engine, &reader), RT_OK);
        source.abi = RT_SOURCE_ABI;
        source.name = "none";
        source.flags = 1 << 3;
        cr_expect_eq(rt_engine_add_source(engine, &source), RT_EINVAL);
        source.flags = 0;
        cr_expect_eq(rt_engine_add_source(engine, &source), RT_OK);
        loader.flags = 1 << 2;
        cr_expect_eq(make(1, engine, &loader), RT_EINVAL);
        worker.alert_flags = 1 << 6;
        cr_expect_eq(make(2, engine, &worker), RT_EINVAL);
        worker.alert_flags = 0;
        worker.reserved = 1;
        cr_expect_eq(make(2, engine, &worker), RT_EINVAL);
        pool.alert_flags = 1 << 6;
        cr_expect_eq(make(3, engine, &pool), RT_EINVAL);
        rt_engine_unref(engine);
}

Test(opts, a_plug_in_that_needs_what_we_lack_is_refused)
{
        struct {
                rt_source_ops ops;
                void *later;
        } source = { .ops = { .size = sizeof source, .abi = RT_SOURCE_ABI, .name = "later" } };
        rt_engine *engine = NULL;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        source.later = &source;
        cr_expect_eq(rt_engine_add_source(engine, &source.ops), RT_EABI);
        source.later = NULL;
        cr_expect_eq(rt_engine_add_source(engine, &source.ops), RT_OK);
        rt_engine_unref(engine);
}
