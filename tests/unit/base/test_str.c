/* SPDX-License-Identifier: Apache-2.0 */
/* Strings with a length. */
#include "base/str.h"
#include <criterion/criterion.h>

Test(str, an_empty_needle_is_found_at_the_start)
{
        cr_assert_eq(rti_str_find(RTI_STR("abc"), RTI_STR("")), 0);
        cr_assert_eq(rti_str_find(RTI_STR(""), RTI_STR("")), 0);
        cr_assert_eq(rti_str_find(RTI_STR("abc"), RTI_STR("c")), 2);
        cr_assert_eq(rti_str_find(RTI_STR("abc"), RTI_STR("d")), SIZE_MAX);
}

Test(str, distance_counts_swaps_as_one)
{
        cr_assert_eq(rti_str_distance(RTI_STR("proc.nmae"), RTI_STR("proc.name"), 3), 1);
        cr_assert_eq(rti_str_distance(RTI_STR("proc.nam"), RTI_STR("proc.name"), 3), 1);
        cr_assert_eq(rti_str_distance(RTI_STR("abcdef"), RTI_STR("ghijkl"), 3), UINT32_MAX);
}

Test(str, trim_leaves_the_middle_alone)
{
        cr_assert(rti_str_is(rti_str_trim(RTI_STR(" \ta b\r\n")), "a b"));
        cr_assert_eq(rti_str_trim(RTI_STR(" \n ")).len, 0);
}
