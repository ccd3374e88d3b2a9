/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a condition uses. */
#include "cond_test.h"
#include "compiler/cond/details.h"

static bool
begins_with_known(rt_str name, void *user)
{
        (void) user;
        return rti_str_starts(name, RTI_STR("known"));
}

static void
expect_names(const rti_names *names, const char *const *wanted, size_t n)
{
        cr_expect_eq(names->n, n);
        for (size_t i = 0; i < n && i < names->n; i++)
                EXPECT_TEXT(names->at[i], rti_str_of(wanted[i]));
}
#define EXPECT_NAMES(names, ...)                                  \
        expect_names(names, (const char *const[]){ __VA_ARGS__ }, \
                     RTI_COUNT(((const char *const[]){ __VA_ARGS__ })))

Test(details, names_are_found_once_and_in_order)
{
        const rti_details_known known = { begins_with_known, begins_with_known, NULL };
        rti_details details;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(
                rti_details_find(&arena,
                                 parsed(&arena, RTI_STR("(known_a or other or evt.type = open) and "
                                                        "(x.y[1] icontains known_b or "
                                                        "tolower(x.y) in (known_c, ps) or "
                                                        "x.y = anyof known_d or known_a or "
                                                        "x.y in known_c or x.y = val(x.z))")),
                                 &known, &details),
                RT_OK);
        EXPECT_NAMES(&details.macros, "known_a");
        EXPECT_NAMES(&details.lists, "known_c", "known_d");
        EXPECT_NAMES(&details.fields, "evt.type", "x.y[1]", "x.y", "x.z");
        EXPECT_NAMES(&details.operators, "=", "icontains", "in", "= anyof");
        EXPECT_NAMES(&details.transformers, "tolower", "val");
        rti_arena_done(&arena);
}
