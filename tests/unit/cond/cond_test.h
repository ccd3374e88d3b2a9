/* SPDX-License-Identifier: Apache-2.0 */
/* cond_test.h - what the tests of this folder start with. */
#ifndef TESTS_COND_TEST_H
#define TESTS_COND_TEST_H

#include "base/alloc.h"
#include "compiler/cond/macros.h"
#include "compiler/cond/typed.h"
#include "sources/builtin.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* An arena and a checker over all built-in sources. */
typedef struct bench {
        rti_arena arena;
        rti_registry *registry;
        rti_checker checker;
} bench;

static inline void
bench_init(bench *b, const char *source)
{
        rti_arena_init(&b->arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_registry_new(&rti_alloc_default, &b->registry), RT_OK);
        cr_assert_eq(rti_registry_add_list(b->registry, rti_builtin_sources, NULL), RT_OK);
        b->checker = (rti_checker){ .arena = &b->arena, .registry = b->registry };
        b->checker.source = rti_registry_find_source(b->registry, rti_str_of(source));
        cr_assert_neq(b->checker.source, SIZE_MAX);
}

static inline void
bench_done(bench *b)
{
        rti_registry_unref(b->registry);
        rti_arena_done(&b->arena);
}

static inline rti_node *
parsed(rti_arena *arena, rt_str text)
{
        rti_parse_error error = { 0 };
        rti_node *root = NULL;

        cr_assert_eq(rti_cond_parse(arena, text, 1000, &root, &error), RT_OK, "'%.*s': %.*s",
                     RTI_FMT(text), RTI_FMT(error.message));
        return root;
}

#define EXPECT_TEXT(got, want)                                                          \
        do {                                                                            \
                const rt_str got_ = (got), want_ = (want);                              \
                                                                                        \
                cr_expect(rti_str_eq(got_, want_), "'%.*s', not '%.*s'", RTI_FMT(got_), \
                          RTI_FMT(want_));                                              \
        } while (0)

#endif
