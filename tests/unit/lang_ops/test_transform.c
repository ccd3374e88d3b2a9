/* SPDX-License-Identifier: Apache-2.0 */
/* Transformers: types, messages and values. */
#include "lang/ops/transform.h"
#include "ops_test.h"
#include <criterion/parameterized.h>

/* ---- types ---- */

typedef struct type_row {
        uint8_t transformer;
        uint32_t n;
        uint32_t kinds[3];
        bool lists[3];
        char selector[4]; /* empty: none */
        uint32_t kind;    /* 0: refused */
        bool list;
        char message[112];
} type_row;

#define S RT_KIND_STRING
#define U RT_KIND_UINT64
static type_row type_rows[] = {
        { RTI_TR_TOLOWER, 1, { S }, { false }, "", S, false, "" },
        { RTI_TR_TOUPPER, 1, { S }, { true }, "", S, true, "" },
        { RTI_TR_BASENAME, 1, { RT_KIND_PATH }, { false }, "", RT_KIND_PATH, false, "" },
        { RTI_TR_LEN, 1, { U }, { true }, "", U, false, "" },
        { RTI_TR_LEN, 1, { S }, { false }, "", U, false, "" },
        { RTI_TR_B64, 1, { RT_KIND_BYTES }, { false }, "", RT_KIND_BYTES, false, "" },
        { RTI_TR_JOIN, 2, { S, U }, { false, true }, "", S, false, "" },
        { RTI_TR_CONCAT, 3, { S, S, RT_KIND_PATH }, { false }, "", S, false, "" },
        { RTI_TR_GETOPT, 2, { S, S }, { true, false }, "", S, true, "" },
        { RTI_TR_GETOPT, 2, { S, S }, { true, false }, "c", S, false, "" },
        { RTI_TR_TOLOWER,
          1,
          { U },
          { false },
          "",
          0,
          false,
          "can't add field transformer: type 'UINT64' is not supported by 'tolower' "
          "transformer applied on field 'f'" },
        { RTI_TR_B64,
          1,
          { RT_KIND_PATH },
          { true },
          "",
          0,
          false,
          "can't add field transformer: type 'FSPATH' is not supported by 'b64' "
          "transformer applied on list field 'f'" },
        { RTI_TR_LEN,
          1,
          { U },
          { false },
          "",
          0,
          false,
          "can't add field transformer: type 'UINT64' is not supported by 'len' "
          "transformer applied on field 'f'" },
        { RTI_TR_TOUPPER,
          1,
          { S },
          { false },
          "a",
          0,
          false,
          "filter error: transformer 'toupper' does not support field arguments" },
        { RTI_TR_VAL,
          1,
          { S },
          { false },
          "a",
          0,
          false,
          "filter error: transformer 'val' does not support field arguments" },
        { RTI_TR_JOIN,
          1,
          { S },
          { false },
          "",
          0,
          false,
          "join() requires exactly 2 arguments: separator and list" },
        { RTI_TR_JOIN,
          2,
          { S, S },
          { true, true },
          "",
          0,
          false,
          "join() first argument (separator) must be a single value, not a list" },
        { RTI_TR_JOIN,
          2,
          { S, S },
          { false },
          "",
          0,
          false,
          "join() second argument must be a list" },
        { RTI_TR_CONCAT,
          0,
          { S },
          { false },
          "",
          0,
          false,
          "concat() requires at least 2 arguments" },
        { RTI_TR_CONCAT,
          2,
          { S, S },
          { false, true },
          "",
          0,
          false,
          "concat() arguments must be strings" },
        { RTI_TR_CONCAT,
          2,
          { S, U },
          { false },
          "",
          0,
          false,
          "concat() arguments must be strings" },
        { RTI_TR_GETOPT,
          1,
          { S },
          { true },
          "",
          0,
          false,
          "getopt() requires exactly 2 arguments: args list and optstring" },
        { RTI_TR_GETOPT,
          2,
          { S, S },
          { false },
          "",
          0,
          false,
          "getopt() first argument must be a list" },
        { RTI_TR_GETOPT,
          2,
          { S, S },
          { true, true },
          "",
          0,
          false,
          "getopt() second argument (optstring) must be a single value" },
        { RTI_TR_GETOPT,
          2,
          { U, S },
          { true },
          "",
          0,
          false,
          "getopt() arguments must be strings" },
        { RTI_TR_GETOPT,
          2,
          { S, S },
          { true },
          "ab",
          0,
          false,
          "getopt() field argument must be a single option character" },
};

ParameterizedTestParameters(transform, types_and_refusals_are_the_reference_s)
{
        return cr_make_param_array(type_row, type_rows, RTI_COUNT(type_rows));
}

ParameterizedTest(type_row *row, transform, types_and_refusals_are_the_reference_s)
{
        rti_type args[3], type = { 0, false };
        rti_transform_use use = { .transformer = row->transformer,
                                  .has_selector = row->selector[0] != '\0',
                                  .n = row->n,
                                  .args = args,
                                  .selector = rti_str_of(row->selector),
                                  .first_name = RTI_STR("f") };
        rti_arena arena;
        rt_str error = { "", 0 };

        for (uint32_t i = 0; i < 3; i++)
                args[i] = (rti_type){ row->kinds[i], row->lists[i] };
        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_transform_check(&arena, &use, &type, &error),
                     row->kind ? RT_OK : RT_ERULES);
        cr_assert_eq(type.kind, row->kind);
        cr_assert_eq(type.list, row->list);
        cr_assert(rti_str_is(error, row->message), "%.*s", RTI_FMT(error));
        rti_arena_done(&arena);
}

/* ---- values ---- */

static rti_arena memory_arena;

static void *
get(void *user, size_t size_bytes)
{
        return rti_arena_get(user, size_bytes);
}

static const rti_transform_memory memory = { get, &memory_arena };

static void
setup(void)
{
        rti_arena_init(&memory_arena, &rti_alloc_default, 0);
}

static void
teardown(void)
{
        rti_arena_done(&memory_arena);
}

TestSuite(transform_value, .init = setup, .fini = teardown);

static int
one(uint8_t transformer, rt_value value, rt_value *ret_value)
{
        const rt_value *args[] = { &value };

        return rti_transform(transformer, args, 1, RTI_STR(""), &memory, ret_value);
}

static void
gives(uint8_t transformer, const char *from, const char *to)
{
        rt_value value;

        cr_assert_eq(one(transformer, text_value(from), &value), 1, "%s", from);
        cr_assert(rti_str_is(value.as.s, to), "%s gives %.*s", from, RTI_FMT(value.as.s));
}

Test(transform_value, strings_are_mapped)
{
        gives(RTI_TR_TOLOWER, "AbZ[\xc3\x84", "abz[\xc3\x84");
        gives(RTI_TR_TOUPPER, "abz{\xc3\xa4", "ABZ{\xc3\xa4");
        gives(RTI_TR_BASENAME, "/usr/bin/ls", "ls");
        gives(RTI_TR_BASENAME, "ls", "ls");
        gives(RTI_TR_BASENAME, "/usr/", "");
        gives(RTI_TR_VAL, "x", "x");
}

/* Several bytes are mapped at once: every byte, at every place of texts around that many. */
Test(transform_value, case_changes_of_letters_alone)
{
        char text[21], expected[21];

        for (size_t len = 1; len < sizeof text; len++)
                for (size_t at = 0; at < len; at++)
                        for (unsigned c = 1; c < 256; c++) {
                                memset(text, 'm', sizeof text);
                                memset(expected, 'M', sizeof expected);
                                text[at] = (char) c;
                                expected[at] = c >= 'a' && c <= 'z' ? (char) (c - 0x20) : (char) c;
                                text[len] = expected[len] = '\0';
                                gives(RTI_TR_TOUPPER, text, expected);
                                memset(text, 'M', len);
                                memset(expected, 'm', len);
                                text[at] = (char) c;
                                expected[at] = c >= 'A' && c <= 'Z' ? (char) (c + 0x20) : (char) c;
                                gives(RTI_TR_TOLOWER, text, expected);
                        }
}

Test(transform_value, base64_is_decoded)
{
        rt_value value;

        gives(RTI_TR_B64, "YWFhLWJiYg==", "aaa-bbb");
        gives(RTI_TR_B64, "YWFhLWJiYg", "aaa-bbb");
        gives(RTI_TR_B64, "YQ=", "a");
        gives(RTI_TR_B64, "", "");
        gives(RTI_TR_B64, "hg", "\x86");
        /* Left-over bits are not zero. */
        cr_assert_eq(one(RTI_TR_B64, text_value("hi"), &value), 0);
        cr_assert_eq(one(RTI_TR_B64, text_value("N11"), &value), 0);
        cr_assert_eq(one(RTI_TR_B64, text_value("YWFh YWFh"), &value), 0);
        cr_assert_eq(one(RTI_TR_B64, text_value("Y"), &value), 0);
        cr_assert_eq(one(RTI_TR_B64, text_value("YW=h"), &value), 0);
        cr_assert_eq(one(RTI_TR_B64, text_value("-_-_"), &value), 0);
}

Test(transform_value, length_counts_elements_or_bytes)
{
        const rt_value elements[] = { text_value("a"), text_value("") };
        rt_value value;

        cr_assert_eq(one(RTI_TR_LEN, text_value("\xc3\xa9x"), &value), 1);
        cr_assert_eq(value.as.u, 3);
        cr_assert_eq(one(RTI_TR_LEN, (rt_value){ .kind = S, .as.s = { "a\0b", 3 } }, &value), 1);
        cr_assert_eq(value.as.u, 1);
        cr_assert_eq(one(RTI_TR_LEN, bytes_value("a\0b", 3), &value), 1);
        cr_assert_eq(value.as.u, 3);
        cr_assert_eq(one(RTI_TR_LEN,
                         (rt_value){ .kind = RT_KIND_LIST, .count = 2, .as.list = elements },
                         &value),
                     1);
        cr_assert_eq(value.as.u, 2);
        cr_assert_eq(value.kind, RT_KIND_UINT64);
}

Test(transform_value, a_counted_nul_ends_list_elements_and_buffers_only)
{
        const rt_value elements[] = { text_value("/B/A") };
        const rt_value list = { .kind = RT_KIND_LIST, .count = 1, .as.list = elements };
        static const uint8_t maps[] = { RTI_TR_TOLOWER, RTI_TR_TOUPPER, RTI_TR_BASENAME };
        rt_value value;

        for (size_t i = 0; i < RTI_COUNT(maps); i++) {
                cr_assert_eq(one(maps[i], list, &value), 1);
                cr_assert_eq(value.as.list[0].as.s.ptr[value.as.list[0].as.s.len - 1], '\0');
                cr_assert_eq(one(maps[i], elements[0], &value), 1);
                cr_assert_null(memchr(value.as.s.ptr, '\0', value.as.s.len));
        }
        cr_assert_eq(one(RTI_TR_B64, bytes_value("YWFh", 4), &value), 1);
        cr_assert_eq(value.as.s.len, 4);
}

static void
joins(rt_value separator, const rt_value *elements, uint32_t n, const char *text)
{
        const rt_value list = { .kind = RT_KIND_LIST, .count = n, .as.list = elements };
        const rt_value *args[] = { &separator, &list };
        rt_value value;

        cr_assert_eq(rti_transform(RTI_TR_JOIN, args, 2, RTI_STR(""), &memory, &value), 1);
        cr_assert(rti_str_is(value.as.s, text), "%.*s", RTI_FMT(value.as.s));
}

Test(transform_value, join_prints_texts_and_wide_numbers_and_takes_others_by_their_bytes)
{
        const rt_value elements[] = { text_value("a"),
                                      { .kind = S, .as.s = { "b\0", 2 } },
                                      unsigned_value(UINT64_MAX),
                                      { .kind = RT_KIND_INT64, .as.i = -7 },
                                      { .kind = RT_KIND_INT32, .as.i = -5 },
                                      { .kind = RT_KIND_BOOL, .as.u = 1 },
                                      { .kind = RT_KIND_BOOL },
                                      { .kind = RT_KIND_DOUBLE, .as.d = 1.25 },
                                      constant(RT_KIND_IPADDR, "10.1.2.3"),
                                      constant(RT_KIND_IPADDR, "fe80::1"),
                                      constant(RT_KIND_IPNET, "::/8") };

        joins(text_value(", "), elements, RTI_COUNT(elements),
              "a, b, 18446744073709551615, -7, \xfb\xff\xff\xff, \x01, , , \n\x01\x02\x03, "
              "\xfe\x80, ");
        joins(text_value(","), elements, 0, "");
        joins(text_value(","), elements, 1, "a");
}

Test(transform_value, concat_puts_texts_together)
{
        const rt_value a = text_value("ab"), b = text_value(""), c = text_value("c");
        const rt_value *args[] = { &a, &b, &c }, *missing[] = { &a, NULL };
        rt_value value;

        cr_assert_eq(rti_transform(RTI_TR_CONCAT, args, 3, RTI_STR(""), &memory, &value), 1);
        cr_assert(rti_str_is(value.as.s, "abc"));
        cr_assert_eq(rti_transform(RTI_TR_CONCAT, missing, 2, RTI_STR(""), &memory, &value), 0);
}

/* ---- getopt ---- */

typedef struct getopt_row {
        char args[48]; /* separated by blanks; '_' is an empty argument */
        char options[16];
        char letter;     /* 0: a list */
        char expect[48]; /* of a list: as args; "-": missing */
} getopt_row;

ParameterizedTestParameters(transform_value, getopt_reads_short_options)
{
        static getopt_row rows[] = {
                { "-a -b x", "ab", 0, "a b" },
                { "-ab", "ab", 0, "a b" },
                { "-c val -a", "c:a", 0, "c val a" },
                { "-cval", "c:", 0, "c val" },
                { "-acval", "ac:", 0, "a c val" },
                { "-c -a", "c:a", 0, "c -a" },
                { "-c", "c:", 0, "_" },
                { "-x -a", "a", 0, "? a" },
                { "--long -a", "a", 0, "a" },
                { "-- -a", "a", 0, "-" },
                { "-a -- -b", "ab", 0, "a" },
                { "x -a", "a", 0, "-" },
                { "-a _ -b", "ab", 0, "a" },
                { "-a - -b", "ab", 0, "a" },
                { "-:", ":a", 0, "?" },
                { "-a1 -a2", "a:", 'a', "2" },
                { "-b -a", "ab", 'b', "b" },
                { "-b", "ab", 'a', "-" },
                { "-a", "a:", 'a', "_" },
                { "-c sh -c ls", "c:", 'c', "ls" },
        };

        return cr_make_param_array(getopt_row, rows, RTI_COUNT(rows));
}

static uint32_t
split(char *text, rt_value *elements)
{
        uint32_t n = 0;

        for (char *at = text; at && *at; n++) {
                char *end = strchr(at, ' ');

                if (end)
                        *end = '\0';
                elements[n] = text_value(strcmp(at, "_") == 0 ? "" : at);
                at = end ? end + 1 : NULL;
        }
        return n;
}

ParameterizedTest(getopt_row *row, transform_value, getopt_reads_short_options, .init = setup,
                  .fini = teardown)
{
        rt_value elements[16], expected[16], value;
        const rt_value options = text_value(row->options);
        const rt_value list = { .kind = RT_KIND_LIST,
                                .count = split(row->args, elements),
                                .as.list = elements };
        const rt_value *args[] = { &list, &options };
        const bool missing = strcmp(row->expect, "-") == 0;
        const uint32_t n = split(row->expect, expected);
        const int r = rti_transform(RTI_TR_GETOPT, args, 2,
                                    (rt_str){ &row->letter, row->letter != 0 }, &memory, &value);

        cr_assert_eq(r, !missing);
        if (missing)
                return;
        if (row->letter) {
                cr_assert(rti_str_eq(value.as.s, expected[0].as.s));
                return;
        }
        cr_assert_eq(value.count, n);
        for (uint32_t i = 0; i < n; i++)
                cr_assert(rti_str_eq(value.as.list[i].as.s, expected[i].as.s));
}

Test(transform_value, without_memory_there_is_an_error)
{
        rt_value value;

        memory_arena.limit_bytes = 1;
        cr_assert_eq(one(RTI_TR_TOLOWER, text_value("A"), &value), RT_ENOMEM);
}
