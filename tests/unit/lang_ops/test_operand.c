/* SPDX-License-Identifier: Apache-2.0 */
/* What the operators mean on single values and lists. */
#include "ops_test.h"
#include <stdio.h>

Test(string, values_end_at_their_first_nul)
{
        const rt_value nul = { .kind = RT_KIND_STRING, .as.s = { "abc\0def\0", 8 } };
        const rt_value tail = { .kind = RT_KIND_STRING, .as.s = { "abc\0\0", 5 } };

#define HOLDS(op, value, text) holds_modified(RTI_OP_##op, RTI_MOD_NONE, STRING_TYPE, value, text)
        cr_assert(HOLDS(EQ, &nul, "abc"));
        cr_assert_not(HOLDS(NE, &nul, "abc"));
        cr_assert(HOLDS(ENDSWITH, &nul, "bc"));
        cr_assert_not(HOLDS(ENDSWITH, &nul, "ef"));
        cr_assert_not(HOLDS(CONTAINS, &nul, "def"));
        cr_assert_not(HOLDS(ICONTAINS, &nul, "DEF"));
        cr_assert(HOLDS(CONTAINS, &nul, "bc"));
        cr_assert(HOLDS(GLOB, &nul, "a?c"));
        cr_assert(HOLDS(REGEX, &nul, "a.c"));
        cr_assert(HOLDS(GE, &nul, "abc"));
        cr_assert(HOLDS(LE, &nul, "abc"));
        cr_assert_not(HOLDS(IN, &nul, "abc"));
        cr_assert(HOLDS(IN, &tail, "abc"));
        cr_assert(HOLDS(IN, &tail, "x|y|z|v|w|abc"));
}

Test(string, operators_mean_what_their_names_say)
{
        cr_assert(holds(RTI_OP_EQ, "abc", "abc"));
        cr_assert_not(holds(RTI_OP_EQ, "abcd", "abc"));
        cr_assert_not(holds(RTI_OP_EQ, "ab", "abc"));
        cr_assert(holds(RTI_OP_EQ2, "", ""));
        cr_assert(holds(RTI_OP_NE, "abcd", "abc"));
        cr_assert(holds(RTI_OP_LT, "10", "5"));
        cr_assert_not(holds(RTI_OP_LT, "6", "5"));
        cr_assert(holds(RTI_OP_GT, "\xff", "5"));
        cr_assert(holds(RTI_OP_CONTAINS, "abc", ""));
        cr_assert(holds(RTI_OP_CONTAINS, "", ""));
        cr_assert(holds(RTI_OP_CONTAINS, "abc", "bc"));
        cr_assert_not(holds(RTI_OP_CONTAINS, "abc", "BC"));
        cr_assert(holds(RTI_OP_ICONTAINS, "xaBc", "AbC"));
        cr_assert(holds(RTI_OP_ICONTAINS, "", ""));
        cr_assert_not(holds(RTI_OP_ICONTAINS, "xaB", "AbC"));
        cr_assert_not(holds(RTI_OP_ICONTAINS, "\xc3\x84", "\xc3\xa4"));
        cr_assert(holds(RTI_OP_STARTSWITH, "abc", "ab"));
        cr_assert(holds(RTI_OP_STARTSWITH, "", ""));
        cr_assert_not(holds(RTI_OP_STARTSWITH, "a", "ab"));
        cr_assert(holds(RTI_OP_ENDSWITH, "abc", "bc"));
        cr_assert_not(holds(RTI_OP_ENDSWITH, "c", "bc"));
}

Test(set, every_size_of_set_finds_its_members_and_nothing_else)
{
        char constants[512] = "", name[16];

        for (int n = 1; n <= 40; n++) {
                snprintf(name, sizeof name, "%sv%d", n > 1 ? "|" : "", n);
                memcpy(constants + strlen(constants), name, strlen(name) + 1);
                for (int i = 1; i <= n; i++) {
                        snprintf(name, sizeof name, "v%d", i);
                        cr_assert(holds(RTI_OP_IN, name, constants));
                        cr_assert(holds(RTI_OP_INTERSECTS, name, constants));
                }
                cr_assert_not(holds(RTI_OP_IN, "v0", constants));
                cr_assert_not(holds(RTI_OP_IN, "", constants));
                cr_assert_not(holds(RTI_OP_IN, "v", constants));
        }
}

Test(set, numbers_and_addresses_are_members_by_value)
{
        const rti_type number = { RT_KIND_UINT64, false }, ip = { RT_KIND_IPADDR, false },
                       net = { RT_KIND_IPNET, false };
        const rt_value seven = unsigned_value(7), four = constant(RT_KIND_IPADDR, "10.1.2.3"),
                       six = constant(RT_KIND_IPADDR, "::a01:203");

        cr_assert(holds_modified(RTI_OP_IN, 0, number, &seven, "5|6|7"));
        cr_assert(holds_modified(RTI_OP_IN, 0, number, &seven, "1|2|3|4|5|6|7"));
        cr_assert_not(holds_modified(RTI_OP_IN, 0, number, &seven, "1|2|3|4|5|6"));
        cr_assert(holds_modified(RTI_OP_IN, 0, ip, &four, "1.1.1.1|10.1.2.3"));
        cr_assert(holds_modified(RTI_OP_IN, 0, ip, &four, "1.1.1.1|2.2.2.2|::1|::2|10.1.2.3"));
        cr_assert_not(holds_modified(RTI_OP_IN, 0, ip, &six, "1.1.1.1|2.2.2.2|::1|::2|10.1.2.3"));
        cr_assert(holds_modified(RTI_OP_IN, 0, net, &four, "fe80::/64|10.0.0.0/8"));
        cr_assert_not(holds_modified(RTI_OP_IN, 0, net, &six, "fe80::/64|10.0.0.0/8"));
}

Test(set, lists_ask_all_elements_or_one)
{
        const rti_type list = { RT_KIND_STRING, true };
        const rt_value elements[] = { text_value("a"), text_value("b") };
        const rt_value value = { .kind = RT_KIND_LIST, .count = 2, .as.list = elements };
        const rt_value empty = { .kind = RT_KIND_LIST };

        cr_assert(holds_modified(RTI_OP_IN, 0, list, &value, "a|b|c"));
        cr_assert(holds_modified(RTI_OP_IN, 0, list, &value, "a|b|c|d|e|f"));
        cr_assert_not(holds_modified(RTI_OP_IN, 0, list, &value, "a|c"));
        cr_assert(holds_modified(RTI_OP_INTERSECTS, 0, list, &value, "x|b"));
        cr_assert_not(holds_modified(RTI_OP_INTERSECTS, 0, list, &value, "x|y"));
        cr_assert_not(holds_modified(RTI_OP_IN, 0, list, &empty, "x|y"));
        cr_assert_not(holds_modified(RTI_OP_INTERSECTS, 0, list, &empty, "x|y"));
}

Test(set, a_nul_behind_a_list_element_counts)
{
        const rti_type list = { RT_KIND_STRING, true };
        const rt_value element = { .kind = RT_KIND_STRING, .as.s = { "a\0", 2 } };
        const rt_value value = { .kind = RT_KIND_LIST, .count = 1, .as.list = &element };

        cr_assert_not(holds_modified(RTI_OP_IN, 0, list, &value, "a"));
        cr_assert_not(holds_modified(RTI_OP_INTERSECTS, 0, list, &value, "a"));
}

Test(set, the_empty_set_has_no_members)
{
        const rti_operand_spec spec = { RTI_OP_IN, RTI_MOD_NONE, STRING_TYPE, 0, NULL };
        const rt_value value = text_value("");
        rti_operand operand;
        rti_arena arena;
        rt_str error, warning;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
        cr_assert_not(rti_operand_test(&operand, &value, NULL));
        rti_arena_done(&arena);
}

Test(bytes, hex_operators_compare_bytes)
{
        const rti_type type = { RT_KIND_BYTES, false };
        const rt_value value = bytes_value("\x12\xab\x00\x1f\xc5", 5);

        cr_assert(holds_modified(RTI_OP_BCONTAINS, 0, type, &value, "ab001F"));
        cr_assert(holds_modified(RTI_OP_BCONTAINS, 0, type, &value, ""));
        cr_assert(holds_modified(RTI_OP_BSTARTSWITH, 0, type, &value, "12ab"));
        cr_assert_not(holds_modified(RTI_OP_BSTARTSWITH, 0, type, &value, "ab"));
        cr_assert_not(holds_modified(RTI_OP_EQ, 0, type, &value, "\x12\xab"));
        cr_assert(holds_modified(RTI_OP_STARTSWITH, 0, type, &value, "\x12\xab"));
        cr_assert(holds_modified(RTI_OP_ENDSWITH, 0, type, &value, "\xc5"));
}

Test(bytes, what_is_no_hex_is_refused)
{
        static const char *const bad[] = { "2", "2g", "123Z", "abc_1", "g", " 1" };

        for (size_t i = 0; i < RTI_COUNT(bad); i++) {
                rt_value value = bytes_value(bad[i], strlen(bad[i]));
                const rti_operand_spec spec = {
                        RTI_OP_BCONTAINS, RTI_MOD_NONE, { RT_KIND_BYTES, false }, 1, &value
                };
                rti_operand operand;
                rti_arena arena;
                rt_str error, warning;

                rti_arena_init(&arena, &rti_alloc_default, 0);
                cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning),
                             RT_ERULES);
                cr_assert(rti_str_is(error, "filter error: bcontains and bstartswith operator "
                                            "support hex strings only"));
                rti_arena_done(&arena);
        }
}

Test(net, prefix_lengths_count_bits)
{
        const rti_type net = { RT_KIND_IPNET, false }, ip = { RT_KIND_IPADDR, false };
        const rt_value four = constant(RT_KIND_IPADDR, "192.168.127.9"),
                       six = constant(RT_KIND_IPADDR, "fe80::1");

        cr_assert(holds_modified(RTI_OP_EQ, 0, net, &four, "192.168.0.0/17"));
        cr_assert_not(holds_modified(RTI_OP_EQ, 0, net, &four, "192.168.0.0/18"));
        cr_assert(holds_modified(RTI_OP_NE, 0, net, &four, "192.168.0.0/18"));
        cr_assert(holds_modified(RTI_OP_EQ, 0, net, &four, "1.1.1.1/0"));
        cr_assert(holds_modified(RTI_OP_EQ, 0, net, &four, "192.168.127.9/32"));
        cr_assert_not(holds_modified(RTI_OP_EQ, 0, net, &four, "::/1"));
        cr_assert(holds_modified(RTI_OP_NE, 0, net, &four, "::/1"));
        cr_assert(holds_modified(RTI_OP_EQ, 0, net, &six, "febf::/10"));
        cr_assert_not(holds_modified(RTI_OP_EQ, 0, net, &six, "febf::/11"));
        cr_assert(holds_modified(RTI_OP_EQ, 0, ip, &six, "fe80:0::1"));
        cr_assert(holds_modified(RTI_OP_NE, 0, ip, &six, "1.2.3.4"));
}

Test(number, signed_and_unsigned_differ)
{
        const rt_value big = unsigned_value(UINT64_MAX);
        const rt_value minus = { .kind = RT_KIND_INT64, .as.i = -1 };

        cr_assert(holds_modified(RTI_OP_GT, 0, (rti_type){ RT_KIND_UINT64, false }, &big, "5"));
        cr_assert(holds_modified(RTI_OP_EQ, 0, (rti_type){ RT_KIND_UINT64, false }, &big, "-1"));
        cr_assert(holds_modified(RTI_OP_LT, 0, (rti_type){ RT_KIND_INT64, false }, &minus, "0"));
}

Test(modifier, counts_the_constants_that_hold)
{
        const rt_value value = text_value("abc");

#define MODIFIED(op, mod, text) \
        holds_modified(RTI_OP_##op, RTI_MOD_##mod, STRING_TYPE, &value, text)
        cr_assert(MODIFIED(EQ, ANYOF, "x|abc"));
        cr_assert_not(MODIFIED(EQ, ANYOF, "x|y"));
        cr_assert(MODIFIED(EQ, ONEOF, "x|abc"));
        cr_assert_not(MODIFIED(EQ, ONEOF, "abc|abc"));
        cr_assert_not(MODIFIED(EQ, ALLOF, "abc|x"));
        cr_assert(MODIFIED(CONTAINS, ALLOF, "a|b|bc"));
        cr_assert_not(MODIFIED(CONTAINS, ONEOF, "a|b"));
        cr_assert(MODIFIED(NE, ALLOF, "x|y"));
        cr_assert_not(MODIFIED(NE, ALLOF, "x|abc"));
        cr_assert(MODIFIED(NE, ANYOF, "x|abc"));
        cr_assert(MODIFIED(REGEX, ANYOF, "x|a.*"));
        cr_assert(MODIFIED(ICONTAINS, ALLOF, "A|C"));
}

Test(modifier, membership_takes_strings_up_to_their_first_nul)
{
        const rt_value value = { .kind = RT_KIND_STRING, .as.s = { "b\0c", 3 } };

        cr_assert(MODIFIED(EQ, ANYOF, "a|b|c|d|e|f"));
        cr_assert(MODIFIED(EQ, ANYOF, "a|b"));
        cr_assert_not(MODIFIED(NE, ALLOF, "a|b|c|d|e|f"));
        cr_assert(MODIFIED(NE, ALLOF, "a|c|d|e|f|g"));
        cr_assert_not(MODIFIED(EQ, ANYOF, "a|c|d|e|f|g"));
}

Test(modifier, networks_are_asked_one_by_one)
{
        const rti_type net = { RT_KIND_IPNET, false }, number = { RT_KIND_INT32, false };
        const rt_value ip = constant(RT_KIND_IPADDR, "10.1.2.3");
        const rt_value five = { .kind = RT_KIND_INT32, .as.i = 5 };

        cr_assert(holds_modified(RTI_OP_EQ, RTI_MOD_ANYOF, net, &ip, "::/1|10.0.0.0/8"));
        cr_assert(holds_modified(RTI_OP_NE, RTI_MOD_ALLOF, net, &ip, "::/1|11.0.0.0/8"));
        cr_assert_not(holds_modified(RTI_OP_NE, RTI_MOD_ALLOF, net, &ip, "::/1|10.0.0.0/8"));
        cr_assert(holds_modified(RTI_OP_EQ, RTI_MOD_ANYOF, number, &five, "4|5"));
        cr_assert_not(holds_modified(RTI_OP_EQ, RTI_MOD_ONEOF, number, &five, "5|5"));
}

Test(modifier, without_constants_nothing_holds)
{
        const rt_value value = text_value("abc");

        for (uint8_t mod = RTI_MOD_NONE + 1; mod < RTI_N_MODIFIERS; mod++) {
                const rti_operand_spec spec = { RTI_OP_NE, mod, STRING_TYPE, 0, NULL };
                rti_operand operand;
                rti_arena arena;
                rt_str error, warning;

                rti_arena_init(&arena, &rti_alloc_default, 0);
                cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
                cr_assert_not(rti_operand_test(&operand, &value, NULL));
                rti_arena_done(&arena);
        }
}
