/* SPDX-License-Identifier: Apache-2.0 */
/* Strings unescaped, values written again, texts indented. */
#include "help.h"

static void *
get_memory(void *user, size_t size_bytes)
{
        (void) user;
        return malloc(size_bytes);
}

static const rti_json_memory memory = { get_memory, NULL };

#define S(text) RTI_STR_INIT(text)

static const struct {
        rt_str from, to;
} escapes[] = {
        { S(""), S("") },
        { S("plain"), S("plain") },
        { S("\\\"\\\\\\/\\b\\f\\n\\r\\t"), S("\"\\/\b\f\n\r\t") },
        { S("a\\nb\\n"), S("a\nb\n") },
        { S("\\u0041\\u00e9\\u20AC"), S("A\xc3\xa9\xe2\x82\xac") },
        { S("\\ud83d\\ude00"), S("\xf0\x9f\x98\x80") },
        { S("\\ud83d"), S("\\ud83d") },
        { S("\\ud83dx"), S("\\ud83dx") },
        { S("\\ud83d\\n"), S("\\ud83d\n") },
        { S("\\ud83d\\u0041"), S("\xef\xbf\xbd") },
        { S("\\ud83d\\ud83d\\ude00"), S("\xef\xbf\xbd\\ude00") },
        { S("\\ude00\\ud83d!"), S("\xef\xbf\xbd!") },
        { S("\\ud83d\\u12"), S("\\ud83d\\u12") },
        { S("\\ud83d\\u12xy"), S("\\ud83d\\u12xy") },
        { S("\\u12"), S("\\u12") },
        { S("\\u+123"), S("\\u+123") },
        { S("\\u12\\u0041"), S("\\u12A") },
        { S("\\q\\'"), S("\\q\\'") },
        { S("\\u0000"), S("\0") },
        { S("\\\\n"), S("\\n") },
};

Test(json_text, escapes_stand_for_what_the_reference_says)
{
        for (size_t i = 0; i < RTI_COUNT(escapes); i++) {
                rt_str text;

                cr_assert_eq(rti_json_unescape(escapes[i].from, &memory, &text), RT_OK);
                assert_str(text, escapes[i].to);
                cr_assert_leq(text.len, escapes[i].from.len);
                if (text.ptr != escapes[i].from.ptr)
                        free((char *) (uintptr_t) text.ptr);
        }
}

Test(json_text, what_has_no_escape_is_not_copied)
{
        static const char text[] = "[\"ab\", 1]";
        rti_json *doc = new_doc();
        rti_json_error error;
        rt_str s;

        cr_assert_eq(rti_json_parse(doc, rti_str_of(text), RTI_JSON_STRICT, NULL, NULL, &error),
                     RT_OK);
        cr_assert_eq(rti_json_string(doc, 1, NULL, &s), RT_OK);
        cr_assert_eq(s.ptr, text + 2);
        cr_assert_eq(s.len, 2);
        cr_assert_not(rti_json_has_escape(doc, 1));
        cr_assert_eq(rti_json_string(doc, 3, NULL, &s), RT_EINVAL);
        rti_json_free(doc);
}

static const struct {
        const char *from, *to;
} compacted[] = {
        { " { } ", "{}" },
        { "[ ]", "[]" },
        { " [ 1 , 2.50 ,\t\"a b\" , -inf\n] ", "[1,2.50,\"a b\",-inf]" },
        { "{ \"a\" : { \"b\" : \"\\u00e9 \\/\" } , \"c\":[ true ] }",
          "{\"a\":{\"b\":\"\\u00e9 \\/\"},\"c\":[true]}" },
        { "{\"a\":1}", "{\"a\":1}" },
        { " 01 ", "01" },
        { " \"x \" ", "\"x \"" },
};

Test(json_text, compact_removes_blanks_and_nothing_else)
{
        rti_json *doc = new_doc();
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        for (size_t i = 0; i < RTI_COUNT(compacted); i++) {
                rti_json_error error;

                cr_assert_eq(rti_json_parse(doc, rti_str_of(compacted[i].from), RTI_JSON_LENIENT,
                                            NULL, NULL, &error),
                             RT_OK);
                assert_str(shown(doc, 0, &buf), rti_str_of(compacted[i].to));
        }
        rti_buf_done(&buf);
        rti_json_free(doc);
}

Test(json_text, what_was_read_comes_out_unescaped)
{
        static const char text[] =
                "{ \"\\u0061\": \"\\u00e9\\/\", \"b\": [\"\\u0000\", \"\\n\\u0041\", \"\\u00e9\","
                " \"q\\\"\\u00a0\\u200b\xc3(\x7f\" ], \"\\u0062\":1 }";
        rti_json *doc = new_doc();
        rti_json_touched *touched = NULL;
        rti_json_error error;
        rti_json_node b;
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        cr_assert_eq(rti_json_touched_new(&rti_alloc_default, &touched), RT_OK);
        cr_assert_eq(rti_json_parse(doc, rti_str_of(text), RTI_JSON_LENIENT, NULL, NULL, &error),
                     RT_OK);
        b = rti_json_get(doc, 0, RTI_STR("b"));
        cr_assert_eq(rti_json_touch(touched, rti_json_get(doc, 0, RTI_STR("a"))), RT_OK);
        for (uint64_t i = 0; i < 4; i++)
                if (i != 2)
                        cr_assert_eq(rti_json_touch(touched, rti_json_at(doc, b, i)), RT_OK);
        rti_json_compact(doc, 0, touched, &buf);
        assert_str(rti_buf_str(&buf),
                   RTI_STR("{\"\\u0061\":\"\xc3\xa9/\",\"b\":[\"\\x00\",\"\\nA\",\"\\u00e9\","
                           "\"q\\\"\\u00a0\\u200b\\xc3(\\x7f\"],\"\\u0062\":1}"));
        rti_buf_clear(&buf);
        cr_assert_eq(rti_json_touch(touched, 0), RT_OK); /* its names were read */
        rti_json_compact(doc, 0, touched, &buf);
        assert_str(rti_buf_str(&buf),
                   RTI_STR("{\"a\":\"\xc3\xa9/\",\"b\":[\"\\x00\",\"\\nA\",\"\\u00e9\","
                           "\"q\\\"\\u00a0\\u200b\\xc3(\\x7f\"],\"b\":1}"));
        rti_buf_clear(&buf);
        rti_json_touched_clear(touched);
        rti_json_compact(doc, b, touched, &buf);
        assert_str(rti_buf_str(&buf), RTI_STR("[\"\\u0000\",\"\\n\\u0041\",\"\\u00e9\","
                                              "\"q\\\"\\u00a0\\u200b\xc3(\x7f\"]"));
        rti_buf_done(&buf);
        rti_json_touched_free(touched);
        rti_json_free(doc);
}

Test(json_text, touched_holds_many_nodes)
{
        rti_json_touched *touched = NULL;
        rti_json *doc = new_doc();
        rti_json_error error;
        rti_buf text, buf;

        rti_buf_init(&text, &rti_alloc_default, 0);
        rti_buf_init(&buf, &rti_alloc_default, 0);
        for (unsigned i = 0; i < 1000; i++)
                rti_buf_add_text(&text, i ? ",\"\\u0041\"" : "[\"\\u0041\"");
        rti_buf_add_text(&text, "]");
        cr_assert_eq(rti_json_parse(doc, rti_buf_str(&text), RTI_JSON_STRICT, NULL, NULL, &error),
                     RT_OK);
        cr_assert_eq(rti_json_touched_new(&rti_alloc_default, &touched), RT_OK);
        for (rti_json_node n = rti_json_first(doc, 0); n != RTI_JSON_NONE;
             n = rti_json_next(doc, n))
                cr_assert_eq(rti_json_touch(touched, n), RT_OK);
        rti_json_compact(doc, 0, touched, &buf);
        cr_assert_eq(buf.len, 4001);
        rti_buf_done(&text);
        rti_buf_done(&buf);
        rti_json_touched_free(touched);
        rti_json_free(doc);
}

static const struct {
        const char *from, *to; /* NULL: refused */
} indented[] = {
        { "{}", "{}" },
        { " [ ] ", "[] " },
        { "{ \"a\" : [1,{\"b\":{}}], \"c\":null}\n",
          "{\n  \"a\": [\n    1,\n    {\n      \"b\": {}\n    }\n  ],\n  \"c\": null\n}\n" },
        { " 1 \n", "1 \n" },
        { "\"a\\u00e9\" ", "\"a\\u00e9\" " },
        { "[\"\xc3(\"]", "[\n  \"\xc3(\"\n]" },
        { "[01]", NULL },
        { "[1.]", NULL },
        { "[\"\t\"]", NULL },
        { "[\"\\q\"]", NULL },
        { "[\"\\u12\"]", NULL },
        { "[nan]", NULL },
        { "[1,]", NULL },
        { "{\"a\"}", NULL },
        { "{\"a\":1,}", NULL },
        { "{} {}", NULL },
        { "{\"a\":1", NULL },
        { "[1}", NULL },
        { "[truex]", NULL },
        { "[\"a", NULL },
        { "[\"a\\", NULL },
        { "", NULL },
        { " ", NULL },
};

Test(json_text, indents_as_go_does)
{
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        for (size_t i = 0; i < RTI_COUNT(indented); i++) {
                const rt_str text = rti_str_of(indented[i].from);
                char *copy = exact(text);
                int r;

                rti_buf_clear(&buf);
                rti_buf_add_text(&buf, "<");
                r = rti_json_indent((rt_str){ copy, text.len }, &buf);
                free(copy);
                cr_assert_eq(r, indented[i].to ? RT_OK : RT_EFORMAT, "%s: %d", indented[i].from, r);
                rti_buf_add_text(&buf, ">");
                rti_buf_add(&buf, (rt_str){ "", 1 });
                cr_assert_eq(buf.ptr[0], '<');
                if (indented[i].to)
                        assert_str(rti_str_sub(rti_buf_str(&buf), 1, buf.len - 2),
                                   rti_str_of(indented[i].to));
                else
                        cr_assert_eq(buf.len, 3);
        }
        rti_buf_done(&buf);
}
