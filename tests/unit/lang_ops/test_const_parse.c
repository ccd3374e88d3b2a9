/* SPDX-License-Identifier: Apache-2.0 */
/* Constants as the reference reads them. */
#include "ops_test.h"
#include <criterion/parameterized.h>

typedef struct number_row {
        uint32_t kind;
        char text[32];
        bool good;
        int64_t number; /* the bits, for unsigned kinds */
} number_row;

ParameterizedTestParameters(const_parse, numbers_follow_scanf)
{
        static number_row rows[] = {
                { RT_KIND_UINT64, "5", true, 5 },
                { RT_KIND_UINT64, "+5", true, 5 },
                { RT_KIND_UINT64, " \t5", true, 5 },
                { RT_KIND_UINT64, "005", true, 5 },
                { RT_KIND_UINT64, "-1", true, -1 },
                { RT_KIND_UINT64, "18446744073709551615", true, -1 },
                { RT_KIND_UINT64, "18446744073709551616", true, -1 },
                { RT_KIND_UINT64, "-18446744073709551616", true, -1 },
                { RT_KIND_UINT64, "", false, 0 },
                { RT_KIND_UINT64, "5 ", false, 0 },
                { RT_KIND_UINT64, "0x10", false, 0 },
                { RT_KIND_UINT64, "1.5", false, 0 },
                { RT_KIND_UINT64, "1e+3", false, 0 },
                { RT_KIND_UINT64, "- 5", false, 0 },
                { RT_KIND_UINT64, "-", false, 0 },
                { RT_KIND_UINT64, "abc", false, 0 },
                { RT_KIND_INT64, "9223372036854775808", true, INT64_MAX },
                { RT_KIND_INT64, "-9223372036854775808", true, INT64_MIN },
                { RT_KIND_INT64, "-9223372036854775809", true, INT64_MIN },
                { RT_KIND_INT32, "4294967295", true, -1 },
                { RT_KIND_INT32, "9999999999", true, 1410065407 },
                { RT_KIND_UINT32, "-1", true, 4294967295 },
                { RT_KIND_UINT32, "4294967296", true, 0 },
                { RT_KIND_INT8, "255", true, -1 },
                { RT_KIND_INT8, "256", true, 0 },
                { RT_KIND_INT16, "65535", true, -1 },
                { RT_KIND_UINT8, "256", true, 0 },
                { RT_KIND_UINT8, "-1", true, 255 },
                { RT_KIND_UINT16, "65537", true, 1 },
                { RT_KIND_RELTIME, "-5", true, -5 },
                { RT_KIND_ABSTIME, "7", true, 7 },
                { RT_KIND_PORT, "80", true, 80 },
                { RT_KIND_PORT, "65536", true, 0 },
                { RT_KIND_PORT, "", true, 0 },
                { RT_KIND_PORT, "nosuchservice", false, 0 },
                { RT_KIND_BOOL, "true", true, 1 },
                { RT_KIND_BOOL, "false", true, 0 },
                { RT_KIND_BOOL, "True", false, 0 },
                { RT_KIND_BOOL, "1", false, 0 },
                { RT_KIND_BOOL, "", false, 0 },
        };

        return cr_make_param_array(number_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(number_row *row, const_parse, numbers_follow_scanf)
{
        rti_arena arena;
        rt_value value;
        rt_str error;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = rti_const_parse(&arena, row->kind, rti_str_of(row->text), &value, &error);
        cr_assert_eq(r, row->good ? RT_OK : RT_ERULES, "%s", row->text);
        if (row->good)
                cr_assert_eq(value.as.i, row->number, "%s", row->text);
        rti_arena_done(&arena);
}

typedef struct message_row {
        uint32_t kind;
        char text[48];
        char message[96];
} message_row;

ParameterizedTestParameters(const_parse, refusals_say_what_the_reference_says)
{
        static message_row rows[] = {
                { RT_KIND_UINT64, "1.5", "1.5 is not a valid number" },
                { RT_KIND_DOUBLE, "1.5", "1.5 is not a valid number" },
                { RT_KIND_PORT, "nosuchservice", "unrecognized protocol nosuchservice" },
                { RT_KIND_BOOL, "yes", "filter error: unrecognized boolean value yes" },
                { RT_KIND_IPADDR, "1.2.3", "unrecognized IPv4 address 1.2.3" },
                { RT_KIND_IPADDR, "::g", "unrecognized IPv6 address ::g" },
                { RT_KIND_IPADDR, "", "unrecognized IPv6 address " },
                { RT_KIND_IPADDR, "::ffff:1.2.3.4", "unrecognized IPv4 address ::ffff:1.2.3.4" },
                { RT_KIND_IPNET, "1.2.3.4", "unrecognized IP network 1.2.3.4" },
                { RT_KIND_IPNET, "1.2.3.4/33", "invalid netmask" },
                { RT_KIND_IPNET, "1.2.3.4/x", "invalid netmask" },
                { RT_KIND_IPNET, "::1/0", "invalid v6 netmask" },
                { RT_KIND_IPNET, "::1/129", "invalid v6 netmask" },
        };

        return cr_make_param_array(message_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(message_row *row, const_parse, refusals_say_what_the_reference_says)
{
        rti_arena arena;
        rt_value value;
        rt_str error;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_const_parse(&arena, row->kind, rti_str_of(row->text), &value, &error),
                     RT_ERULES);
        cr_assert(rti_str_is(error, row->message), "%.*s", RTI_FMT(error));
        rti_arena_done(&arena);
}

Test(const_parse, strings_hold_at_most_255_bytes)
{
        char text[257];
        rti_arena arena;
        rt_value value;
        rt_str error;

        memset(text, 'a', sizeof text);
        rti_arena_init(&arena, &rti_alloc_default, 0);
        for (int kind = RT_KIND_STRING; kind <= RT_KIND_BYTES; kind++) {
                cr_assert_eq(rti_const_parse(&arena, (uint32_t) kind, (rt_str){ text, 255 }, &value,
                                             &error),
                             RT_OK);
                cr_assert_eq(value.as.s.len, 255);
                cr_assert_eq(rti_const_parse(&arena, (uint32_t) kind, (rt_str){ text, 256 }, &value,
                                             &error),
                             RT_ERULES);
                cr_assert(rti_str_starts(error, RTI_STR("filter parameter too long (")));
        }
        rti_arena_done(&arena);
}

Test(const_parse, only_byte_buffers_may_hold_a_nul)
{
        rti_arena arena;
        rt_value value;
        rt_str error;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_const_parse(&arena, RT_KIND_BYTES, RTI_STR("a\0b"), &value, &error),
                     RT_OK);
        cr_assert_eq(value.as.s.len, 3);
        cr_assert_eq(rti_const_parse(&arena, RT_KIND_STRING, RTI_STR("a\0b"), &value, &error),
                     RT_ERULES);
        cr_assert(
                rti_str_is(error, "filter error: filter value cannot contain a NUL byte (\\x00)"));
        rti_arena_done(&arena);
}

Test(const_parse, networks_keep_their_prefix_length)
{
        cr_assert_eq(constant(RT_KIND_IPNET, "10.0.0.0/8").count, 4 | 8 << 8);
        cr_assert_eq(constant(RT_KIND_IPNET, "fe80::/10").count, 16 | 10 << 8);
        cr_assert_eq(constant(RT_KIND_IPADDR, "::1").count, 16);
}
