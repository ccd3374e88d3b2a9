/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON: both grammars, limits, projections, looking around. */
#include "help.h"

enum { NO = 0, LENIENT = 1, STRICT = 2, BOTH = 3 };

static const struct {
        const char *text;
        unsigned taken;
} grammar[] = {
        { "{}", BOTH },
        { "[]", BOTH },
        { " \t\r\n{ \n} ", BOTH },
        { "[1,2]", BOTH },
        { "[1 , 2 ]", BOTH },
        { "{\"a\":1}", BOTH },
        { "{ \"a\" : 1 , \"b\" : [ ] }", BOTH },
        { "[[],{},[{}],\"\"]", BOTH },
        { "{\"\":\"\"}", BOTH },
        { "true", BOTH },
        { "\"x\"", BOTH },
        { " \"x\" ", BOTH },
        { "12", BOTH },
        { " null ", BOTH },
        { "[true,false,null]", BOTH },
        { "[-0,-1.5e+10,0.1E-2,1e5]", BOTH },
        { "[\"\\\"\",\"\\\\\",\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\"]", BOTH },
        { "[\"\\\\\\\\\\\"]\"]", BOTH },
        { "[\"\x7f\"]", BOTH },
        { "[\"\xc3\xa9\xf0\x9f\x98\x80\"]", BOTH },
        /* nothing, too little, too much */
        { "", NO },
        { " ", NO },
        { "{", NO },
        { "[", NO },
        { "\"", NO },
        { "\"abc", NO },
        { "\"abc\\\"", NO },
        { "[\"abc", NO },
        { "[\"abc\\\"]", NO },
        { "}", NO },
        { "]", NO },
        { ",", NO },
        { ":", NO },
        { "{}{}", NO },
        { "{} 1", NO },
        { "{},", NO },
        { "1 2", NO },
        { "\"a\" \"b\"", NO },
        { "\"a\"b", NO },
        { "[]]", NO },
        { "[}", NO },
        { "{]", NO },
        { "[1}", NO },
        { "{\"a\":1]", NO },
        { "[1", NO },
        { "[1,", NO },
        { "[1,]", NO },
        { "[,1]", NO },
        { "[,]", NO },
        { "[1,,2]", NO },
        { "[1 2]", NO },
        { "[\"a\"\"b\"]", NO },
        { "[a\"b\"]", NO },
        { "[1\"b\"]", NO },
        { "[\"b\"1]", NO },
        { "[true\"b\"]", NO },
        { "[:]", NO },
        { "[1:2]", NO },
        { "[\"a\":2]", NO },
        { "{,}", NO },
        { "{\"a\"}", NO },
        { "{\"a\":}", NO },
        { "{\"a\":1,}", NO },
        { "{\"a\":,}", NO },
        { "{\"a\" 1}", NO },
        { "{\"a\"::1}", NO },
        { "{\"a\":1 \"b\":2}", NO },
        { "{a:1}", NO },
        { "{1:1}", NO },
        { "{[]:1}", NO },
        { "{\"a\",1}", NO },
        { "{\"a\":1:2}", NO },
        { "{:1}", NO },
        { "[{]}", NO },
        { "\xef\xbb\xbf{}", NO },
        { "[\\\"a\"]", NO },
        { "[\\]", NO },
        { "\\", NO },
        { "[1\f,2]", NO },
        { "[1\x0c"
          "2]",
          NO },
        { "{\"a\"\x1a"
          "1}",
          NO },
        { "[\x01]", NO },
        { "[\x80]", NO },
        { "[\v1]", NO },
        /* literals */
        { "[True]", NO },
        { "[tru]", NO },
        { "[truee]", NO },
        { "[nul]", NO },
        { "[nulll]", NO },
        { "[fals]", NO },
        { "[true false]", NO },
        { "tru", NO },
        { "[t]", NO },
        { "[n]", NO },
        { "[NULL]", NO },
        /* numbers of the reference */
        { "[01]", LENIENT },
        { "[+1]", LENIENT },
        { "[1.]", LENIENT },
        { "[.5]", LENIENT },
        { "[1e]", LENIENT },
        { "[--1]", LENIENT },
        { "[e]", LENIENT },
        { "[1-2+3]", LENIENT },
        { "[--]", LENIENT },
        { "[NaN,nan,NAN,inf,Inf,-inf,+nan]", LENIENT },
        { "[nan ,1]", LENIENT },
        { "[-]", NO },
        { "[+]", NO },
        { "-", NO },
        { "[Infinity]", NO },
        { "[-Infinity]", NO },
        { "[0x10]", NO },
        { "[1inf]", NO },
        { "[--inf]", NO },
        { "[nanx]", NO },
        { "[in]", NO },
        { "[-na]", NO },
        { "[1a]", NO },
        { "[1_000]", NO },
        { "[-a]", NO },
        /* strings */
        { "[\"\t\"]", LENIENT },
        { "[\"\n\x01\"]", LENIENT },
        { "{\"\t\":1}", LENIENT },
        { "[\"\\q\"]", LENIENT },
        { "[\"\\u12\"]", LENIENT },
        { "[\"\\u12g4\"]", LENIENT },
        { "{\"\\x\":1}", LENIENT },
        { "\"\\x\"", LENIENT },
        { "[\"\x80\"]", LENIENT },
        { "[\"\xc3(\"]", LENIENT },
        { "[\"\xed\xa0\x80\"]", LENIENT },
        { "[\"\xc0\x80\"]", LENIENT },
        { "[\"\xf4\x90\x80\x80\"]", LENIENT },
        { "[\"\\ud83d\"]", BOTH }, /* a grammar of code units: RFC 8259, 8.2 */
};

static unsigned
dialects(rti_json *doc, rt_str text)
{
        unsigned taken = 0;

        for (unsigned d = RTI_JSON_LENIENT; d <= RTI_JSON_STRICT; d++) {
                rti_json_error error;
                const int r = rti_json_parse(doc, text, d, NULL, NULL, &error);

                cr_assert(r == RT_OK || r == RT_EFORMAT, "%.*s: %d", RTI_FMT(text), r);
                cr_assert_eq(r == RT_OK, error.message == NULL);
                cr_assert_leq(error.offset, text.len);
                taken |= r == RT_OK ? (d == RTI_JSON_STRICT ? STRICT : LENIENT) : 0;
        }
        return taken;
}

/* Every text alone, and moved so that it lies across each edge of the blocks that kernels read. */
Test(json, takes_and_refuses_what_the_grammars_say)
{
        rti_json *doc = new_doc();

        for (int id = 0; id < RTI_JSON_N_KERNELS; id++) {
                const rti_json_kernel kernel = rti_json_kernel_get((enum rti_json_kernel_id) id);

                if (!kernel)
                        continue;
                rti_json_use_kernel(doc, kernel);
                for (size_t i = 0; i < RTI_COUNT(grammar); i++)
                        for (size_t pad = 0; pad < 70; pad++) {
                                const rt_str text = rti_str_of(grammar[i].text);
                                char *moved = malloc(pad + text.len + 1);
                                unsigned taken;

                                memset(moved, ' ', pad);
                                memcpy(moved + pad, text.ptr, text.len);
                                char *copy = exact((rt_str){ moved, pad + text.len });

                                taken = dialects(doc, (rt_str){ copy, pad + text.len });
                                free(copy);
                                free(moved);
                                cr_assert_eq(taken, grammar[i].taken,
                                             "%s behind %zu blanks, kernel %d: %u", grammar[i].text,
                                             pad, id, taken);
                        }
        }
        rti_json_free(doc);
}

/* n brackets of the kind, around @a core. */
static char *
nested(size_t n, bool objects, const char *core)
{
        char *text = malloc(n * 7 + strlen(core) + 1), *to = text;

        for (size_t i = 0; i < n; i++) {
                memcpy(to, objects ? "{\"a\":" : "[", objects ? 5 : 1);
                to += objects ? 5 : 1;
        }
        memcpy(to, core, strlen(core));
        to += strlen(core);
        for (size_t i = 0; i < n; i++)
                *to++ = objects ? '}' : ']';
        *to = 0;
        return text;
}

static int
parse_nested(size_t n, bool objects, const char *core)
{
        rti_json *doc = new_doc();
        char *text = nested(n, objects, core);
        rti_json_error error;
        const int r = rti_json_parse(doc, rti_str_of(text), RTI_JSON_LENIENT, NULL, NULL, &error);

        free(text);
        rti_json_free(doc);
        return r;
}

Test(json, nests_exactly_300_levels_of_values)
{
        for (int objects = 0; objects < 2; objects++) {
                cr_assert_eq(parse_nested(299, objects, "[]"), RT_OK);
                cr_assert_eq(parse_nested(299, objects, "{ }"), RT_OK);
                cr_assert_eq(parse_nested(299, objects, "1"), RT_OK);
                cr_assert_eq(parse_nested(300, objects, "1"), RT_ELIMIT);
                cr_assert_eq(parse_nested(300, objects, "[]"), RT_ELIMIT);
                cr_assert_eq(parse_nested(100000, objects, "1"), RT_ELIMIT);
        }
        cr_assert_eq(parse_nested(300, false, ""), RT_OK);
}

/* ---- projections ---- */

#define NAMES(...)                                                               \
        {                                                                        \
                (const rt_str[]){ __VA_ARGS__ },                                 \
                        sizeof((const rt_str[]){ __VA_ARGS__ }) / sizeof(rt_str) \
        }
#define N(text) RTI_STR_INIT(text)

static const rti_json_path paths[] = {
        NAMES(N("a")),
        NAMES(N("a"), N("b")),
        NAMES(N("a"), N("b"), N("c")),
        NAMES(N("userIdentity"), N("userName")),
        NAMES(N("userIdentity"), N("type")),
        NAMES(N("")),
        NAMES(N("a name of more than sixteen bytes")),
        NAMES(N("a name of mare than sixteen bytes")),
        NAMES(N("b\\c")),
        { NULL, 0 },
        NAMES(N("a")),
        NAMES(N("eightbyt")),
};

static const struct {
        const char *text;
        const char *want[RTI_COUNT(paths)]; /* NULL: none */
} projected[] = {
        { "{}", { [9] = "{}" } },
        { "[{\"a\":1}]", { [9] = "[{\"a\":1}]" } },
        { "\"a\"", { [9] = "\"a\"" } },
        { "{\"a\": 1 }", { [0] = "1", [9] = "{\"a\":1}", [10] = "1" } },
        { "{\"x\":{\"a\":2},\"a\":[{\"b\":3}]}",
          { [0] = "[{\"b\":3}]",
            [9] = "{\"x\":{\"a\":2},\"a\":[{\"b\":3}]}",
            [10] = "[{\"b\":3}]" } },
        { "{\"a\":{\"b\":{\"c\":\"C\"},\"c\":7},\"\":0}",
          { [0] = "{\"b\":{\"c\":\"C\"},\"c\":7}",
            [1] = "{\"c\":\"C\"}",
            [2] = "\"C\"",
            [5] = "0",
            [9] = "{\"a\":{\"b\":{\"c\":\"C\"},\"c\":7},\"\":0}",
            [10] = "{\"b\":{\"c\":\"C\"},\"c\":7}" } },
        /* the first of duplicates, with all that is in it */
        { "{\"a\":1,\"a\":{\"b\":2}}",
          { [0] = "1", [9] = "{\"a\":1,\"a\":{\"b\":2}}", [10] = "1" } },
        { "{\"a\":{\"b\":1,\"b\":{\"c\":1}},\"a\":{\"b\":2}}",
          { [0] = "{\"b\":1,\"b\":{\"c\":1}}",
            [1] = "1",
            [9] = "{\"a\":{\"b\":1,\"b\":{\"c\":1}},\"a\":{\"b\":2}}",
            [10] = "{\"b\":1,\"b\":{\"c\":1}}" } },
        { "{\"userIdentity\":{\"type\":\"Root\",\"userName\":\"u\",\"typ\":1,\"typed\":2}}",
          { [3] = "\"u\"",
            [4] = "\"Root\"",
            [9] = "{\"userIdentity\":{\"type\":\"Root\",\"userName\":\"u\",\"typ\":1,"
                  "\"typed\":2}}" } },
        { "{\"a name of mare than sixteen bytes\":1,\"a name of more than sixteen bytes\":2}",
          { [6] = "2",
            [7] = "1",
            [9] = "{\"a name of mare than sixteen bytes\":1,"
                  "\"a name of more than sixteen bytes\":2}" } },
        { "{\"eightbyt\" \n :1,\"eightbyte\":2,\"eightby\":3}",
          { [9] = "{\"eightbyt\":1,\"eightbyte\":2,\"eightby\":3}", [11] = "1" } },
        /* names are compared unescaped, one spelled without escapes comes first */
        { "{\"\\u0061\":{\"b\":5}}",
          { [0] = "{\"b\":5}", [1] = "5", [9] = "{\"\\u0061\":{\"b\":5}}", [10] = "{\"b\":5}" } },
        { "{\"\\u0061\":1,\"a\":2}", { [0] = "2", [9] = "{\"\\u0061\":1,\"a\":2}", [10] = "2" } },
        { "{\"a\":{\"\\u0062\":1,\"\\u0062\":2}}",
          { [0] = "{\"\\u0062\":1,\"\\u0062\":2}",
            [1] = "1",
            [9] = "{\"a\":{\"\\u0062\":1,\"\\u0062\":2}}",
            [10] = "{\"\\u0062\":1,\"\\u0062\":2}" } },
        { "{\"b\\\\c\":1}", { [8] = "1", [9] = "{\"b\\\\c\":1}" } },
        { "{\"b\\c\":1}", { [8] = "1", [9] = "{\"b\\c\":1}" } },
        { "{\"b\\bc\":1}", { [9] = "{\"b\\bc\":1}" } },
};

Test(json, a_projection_finds_the_paths_values)
{
        rti_json_projection *projection = NULL;
        rti_json *doc = new_doc();
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        cr_assert_eq(
                rti_json_projection_new(&rti_alloc_default, paths, RTI_COUNT(paths), &projection),
                RT_OK);
        for (size_t i = 0; i < RTI_COUNT(projected); i++) {
                const rt_str text = rti_str_of(projected[i].text);
                char *copy = exact(text);
                rti_json_node slots[RTI_COUNT(paths)];
                rti_json_error error;

                cr_assert_eq(rti_json_parse(doc, (rt_str){ copy, text.len }, RTI_JSON_LENIENT,
                                            projection, slots, &error),
                             RT_OK, "%s: %s", projected[i].text, error.message);
                for (size_t k = 0; k < RTI_COUNT(paths); k++)
                        assert_str(
                                shown(doc, slots[k], &buf),
                                rti_str_of(projected[i].want[k] ? projected[i].want[k] : "(none)"));
                free(copy);
        }
        rti_buf_done(&buf);
        rti_json_projection_free(projection);
        rti_json_free(doc);
}

/* ---- looking around ---- */

Test(json, values_are_found_by_name_and_place)
{
        static const char text[] =
                "{ \"a\" : [ 1, [2,3], {\"x\":[]}, \"s\" ], \"b\":{}, \"c\" : nan }";
        rti_json *doc = new_doc();
        rti_json_error error;
        rti_json_node root, a, node;

        cr_assert_eq(rti_json_parse(doc, rti_str_of(text), RTI_JSON_LENIENT, NULL, NULL, &error),
                     RT_OK);
        root = rti_json_root(doc);
        cr_assert_eq(rti_json_count(doc, root), 3);
        a = rti_json_get(doc, root, RTI_STR("a"));
        cr_assert_eq(rti_json_type(doc, a), RTI_JSON_ARRAY);
        cr_assert_eq(rti_json_count(doc, a), 4);
        assert_str(rti_json_raw(doc, a), RTI_STR("[ 1, [2,3], {\"x\":[]}, \"s\" ]"));
        assert_str(rti_json_raw(doc, rti_json_at(doc, a, 0)), RTI_STR("1"));
        assert_str(rti_json_raw(doc, rti_json_at(doc, a, 1)), RTI_STR("[2,3]"));
        assert_str(rti_json_raw(doc, rti_json_at(doc, a, 3)), RTI_STR("\"s\""));
        cr_assert_eq(rti_json_at(doc, a, 4), RTI_JSON_NONE);
        cr_assert_eq(rti_json_at(doc, root, 0), RTI_JSON_NONE);
        node = rti_json_next(doc, a);
        assert_str(rti_json_raw_name(doc, node), RTI_STR("b"));
        cr_assert_eq(rti_json_first(doc, node), RTI_JSON_NONE);
        node = rti_json_next(doc, node);
        assert_str(rti_json_raw_name(doc, node), RTI_STR("c"));
        assert_str(rti_json_raw(doc, node), RTI_STR("nan"));
        cr_assert_eq(rti_json_type(doc, node), RTI_JSON_NUMBER);
        cr_assert_eq(rti_json_next(doc, node), RTI_JSON_NONE);
        cr_assert_eq(rti_json_get(doc, root, RTI_STR("d")), RTI_JSON_NONE);
        cr_assert_eq(rti_json_get(doc, a, RTI_STR("a")), RTI_JSON_NONE);
        cr_assert_eq(rti_json_next(doc, root), RTI_JSON_NONE);
        cr_assert_eq(rti_json_type(doc, RTI_JSON_NONE), RTI_JSON_MISSING);
        rti_json_free(doc);
}

/* ---- a value in front of something else ---- */

static const struct {
        const char *text;
        int result;
        size_t length;
} prefixes[] = {
        { "{}{}", RT_OK, 2 },         { " {} x", RT_OK, 3 },     { "{\"a\":[1,{}]},{", RT_OK, 12 },
        { "[1]]", RT_OK, 3 },         { "\"a\":1", RT_OK, 3 },   { "12,", RT_OK, 2 },
        { "12 ,", RT_OK, 2 },         { "12\f", RT_EFORMAT, 0 }, { "12 \f", RT_OK, 2 },
        { "12\x1a,", RT_EFORMAT, 0 }, { "{\"a\"", RT_EOF, 0 },   { "{\"a\":1", RT_EOF, 0 },
        { "{\"a\":\"b", RT_EOF, 0 },  { "[", RT_EOF, 0 },        { "", RT_EOF, 0 },
        { "\"ab", RT_EOF, 0 },        { "{]", RT_EFORMAT, 0 },   { "{\"a\":}", RT_EFORMAT, 0 },
        { "}", RT_EFORMAT, 0 },       { ",1", RT_EFORMAT, 0 },
};

Test(json, a_prefix_ends_where_its_value_ends)
{
        rti_json *doc = new_doc();

        for (size_t i = 0; i < RTI_COUNT(prefixes); i++) {
                const rt_str text = rti_str_of(prefixes[i].text);
                char *copy = exact(text);
                rti_json_error error;
                size_t length = 0;

                cr_assert_eq(rti_json_parse_prefix(doc, (rt_str){ copy, text.len },
                                                   RTI_JSON_LENIENT, NULL, NULL, &length, &error),
                             prefixes[i].result, "%s", prefixes[i].text);
                cr_assert_eq(length, prefixes[i].length, "%s: %zu", prefixes[i].text, length);
                free(copy);
        }
        rti_json_free(doc);
}

Test(json, a_long_prefix_is_read_in_windows)
{
        enum { N_ITEMS = 5000 };
        rti_json *doc = new_doc();
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_buf_add_text(&buf, "[");
        for (unsigned i = 0; i < N_ITEMS; i++)
                rti_buf_printf(&buf, "%s{\"name%u\": [\"a ] string\", %u]}", i ? "," : "", i, i);
        rti_buf_add_text(&buf, "]");
        const size_t want = buf.len;

        rti_buf_add_text(&buf, "]}\"");
        for (size_t cut = 0; cut <= buf.len; cut += cut < want - 100 ? 997 : 1) {
                rti_json_error error;
                size_t length;
                const int r = rti_json_parse_prefix(doc, (rt_str){ buf.ptr, cut }, RTI_JSON_STRICT,
                                                    NULL, NULL, &length, &error);

                cr_assert_eq(r, cut < want ? RT_EOF : RT_OK, "%zu of %zu: %d", cut, want, r);
                if (r == RT_OK) {
                        cr_assert_eq(length, want);
                        cr_assert_eq(rti_json_count(doc, 0), N_ITEMS);
                }
        }
        rti_buf_done(&buf);
        rti_json_free(doc);
}
