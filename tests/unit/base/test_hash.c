/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/alloc.h"
#include <criterion/criterion.h>

Test(hash, table_finds_every_number_of_a_hash)
{
        rti_table table = { 0 };
        uint32_t at = 0, n, seen = 0;

        cr_assert_eq(rti_table_next(&table, 7, &at), RTI_MAP_NONE);
        for (uint32_t i = 0; i < 1000; i++)
                cr_assert_eq(rti_table_add(&table, &rti_alloc_default, i % 10, i), RT_OK);
        for (at = 0; (n = rti_table_next(&table, 7, &at)) != RTI_MAP_NONE;) {
                cr_expect_eq(n % 10, 7);
                seen++;
        }
        cr_expect_eq(seen, 100);
        at = 0;
        cr_expect_eq(rti_table_next(&table, 10, &at), RTI_MAP_NONE);
        rti_table_clear(&table);
        at = 0;
        cr_expect_eq(rti_table_next(&table, 7, &at), RTI_MAP_NONE);
        rti_table_done(&table, &rti_alloc_default);
}
