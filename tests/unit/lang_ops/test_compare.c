/* SPDX-License-Identifier: Apache-2.0 */
/* Two values of an event. */
#include "ops_test.h"

static bool
compare(uint8_t op, const char *a, const char *b)
{
        const rt_value left = text_value(a), right = text_value(b);

        return rti_value_compare(op, RTI_MOD_NONE, STRING_TYPE, &left, &right);
}

Test(compare, strings_are_compared_as_with_constants)
{
        static const char *const texts[] = { "", "a", "ab", "abc", "B", "bc", "AB", "\xc3\xa9" };
        static const uint8_t ops[] = { RTI_OP_EQ,       RTI_OP_NE,         RTI_OP_LT,
                                       RTI_OP_LE,       RTI_OP_GT,         RTI_OP_GE,
                                       RTI_OP_CONTAINS, RTI_OP_ICONTAINS,  RTI_OP_STARTSWITH,
                                       RTI_OP_ENDSWITH, RTI_OP_GLOB,       RTI_OP_IGLOB,
                                       RTI_OP_IN,       RTI_OP_INTERSECTS, RTI_OP_EQ2 };

        for (size_t op = 0; op < RTI_COUNT(ops); op++)
                for (size_t i = 0; i < RTI_COUNT(texts); i++)
                        for (size_t j = 0; j < RTI_COUNT(texts); j++)
                                cr_assert_eq(compare(ops[op], texts[i], texts[j]),
                                             holds(ops[op], texts[i], texts[j]), "%s %d %s",
                                             texts[i], ops[op], texts[j]);
}

Test(compare, strings_end_at_their_first_nul)
{
        const rt_value a = { .kind = RT_KIND_STRING, .as.s = { "ab\0x", 4 } };
        const rt_value b = { .kind = RT_KIND_STRING, .as.s = { "ab\0y", 4 } };

        cr_assert(rti_value_compare(RTI_OP_EQ, RTI_MOD_NONE, STRING_TYPE, &a, &b));
}

Test(compare, numbers_are_compared_by_how_they_are_held)
{
        const rt_value minus = { .kind = RT_KIND_INT64, .as.i = -1 };
        const rt_value one = { .kind = RT_KIND_INT64, .as.i = 1 };
        const rti_type is = { RT_KIND_INT64, false }, us = { RT_KIND_UINT64, false };

        cr_assert(rti_value_compare(RTI_OP_LT, RTI_MOD_NONE, is, &minus, &one));
        cr_assert(rti_value_compare(RTI_OP_GT, RTI_MOD_NONE, us, &minus, &one));
        cr_assert(rti_value_compare(RTI_OP_NE, RTI_MOD_NONE, us, &minus, &one));
}

static rt_value
list_of(rt_value *elements, uint32_t n)
{
        return (rt_value){ .kind = RT_KIND_LIST, .count = n, .as.list = elements };
}

Test(compare, lists_of_any_length_are_within_each_other_or_share)
{
        static const uint32_t sizes[] = { 0, 1, 2, 2047, 2048, 2049, 5000 };
        enum { MOST = 5000 };
        rt_value *low = malloc(MOST * sizeof *low), *high = malloc(MOST * sizeof *high);
        const rti_type type = { RT_KIND_UINT64, true };

        cr_assert(low && high);
        for (uint32_t i = 0; i < MOST; i++) {
                low[i] = unsigned_value(i);
                high[i] = unsigned_value(MOST - 1 - i);
        }
        for (size_t i = 0; i < RTI_COUNT(sizes); i++)
                for (size_t j = 0; j < RTI_COUNT(sizes); j++) {
                        /* 0 .. a-1 against MOST-1 down to MOST-b */
                        const uint32_t a = sizes[i], b = sizes[j];
                        const rt_value left = list_of(low, a), right = list_of(high, b);

                        cr_assert_eq(rti_value_compare(RTI_OP_INTERSECTS, 0, type, &left, &right),
                                     a && b && a + b > MOST);
                        cr_assert_eq(rti_value_compare(RTI_OP_IN, 0, type, &left, &right),
                                     a && b == MOST);
                }
        free(low);
        free(high);
}

Test(compare, a_nul_behind_a_list_element_counts)
{
        rt_value plain = text_value("a");
        rt_value nul = { .kind = RT_KIND_STRING, .as.s = { "a\0", 2 } };
        const rt_value left = list_of(&plain, 1), right = list_of(&nul, 1);
        const rti_type type = { RT_KIND_STRING, true };

        cr_assert_not(rti_value_compare(RTI_OP_INTERSECTS, 0, type, &left, &right));
        cr_assert(rti_value_compare(RTI_OP_IN, 0, type, &right, &right));
}

Test(compare, addresses_of_different_families_differ)
{
        const rt_value four = constant(RT_KIND_IPADDR, "1.2.3.4");
        const rt_value six = constant(RT_KIND_IPADDR, "102:304::");
        const rti_type type = { RT_KIND_IPADDR, false };

        cr_assert(rti_value_compare(RTI_OP_NE, 0, type, &four, &six));
        cr_assert(rti_value_compare(RTI_OP_EQ, 0, type, &four, &four));
        cr_assert(rti_value_compare(RTI_OP_IN, 0, type, &six, &six));
}
