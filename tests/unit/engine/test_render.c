/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text and as JSON. */
#include "base/alloc.h"
#include "engine/render.h"
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>

static rti_buf buf;

static const char *
finish(void)
{
        rti_buf_add_char(&buf, '\0');
        cr_assert_eq(buf.failed, RT_OK);
        return buf.ptr;
}

static const char *
text(rt_value value, uint32_t format)
{
        rti_buf_init(&buf, &rti_alloc_default, 0);
        if (!rti_render_text(&buf, &value, &RTI_SHAPE_PLAIN(format)))
                return "none";
        return finish();
}

static const char *
json(rt_value value, rti_shape shape)
{
        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_render_json(&buf, &value, &shape, 1714557600123456789);
        return finish();
}

#define done() rti_buf_done(&buf)
#define expect_text(expected, format, ...)                                             \
        do {                                                                           \
                cr_expect_str_eq(text((rt_value){ __VA_ARGS__ }, (format)), expected); \
                done();                                                                \
        } while (0)
#define expect_json(expected, shape, ...)                                             \
        do {                                                                          \
                cr_expect_str_eq(json((rt_value){ __VA_ARGS__ }, (shape)), expected); \
                done();                                                               \
        } while (0)
#define PLAIN RTI_SHAPE_PLAIN(RT_FORMAT_DEC)

Test(render, numbers_print_as_their_format_says)
{
        expect_text("42", RT_FORMAT_DEC, .kind = RT_KIND_UINT64, .as.u = 42);
        expect_text("18446744073709551615", RT_FORMAT_ID, .kind = RT_KIND_UINT64,
                    .as.u = UINT64_MAX);
        expect_text("-1", RT_FORMAT_DEC, .kind = RT_KIND_INT64, .as.i = -1);
        expect_text("FE00", RT_FORMAT_HEX, .kind = RT_KIND_UINT32, .as.u = 0xfe00);
        expect_text("FFFFFFFF", RT_FORMAT_HEX, .kind = RT_KIND_INT32, .as.i = -1);
        expect_text("644", RT_FORMAT_OCT, .kind = RT_KIND_UINT32, .as.u = 0644);
        expect_text("000000042", RT_FORMAT_PADDED_DEC, .kind = RT_KIND_RELTIME, .as.u = 42);
        expect_text("1001000001", RT_FORMAT_PADDED_DEC, .kind = RT_KIND_RELTIME,
                    .as.u = 1001000001);
        expect_text("443", RT_FORMAT_NONE, .kind = RT_KIND_PORT, .as.u = 443);
        expect_text("none", RT_FORMAT_NONE, .kind = RT_KIND_UINT32, .as.u = 1);
        expect_text("true", RT_FORMAT_NONE, .kind = RT_KIND_BOOL, .as.u = 1);
        expect_text("0.3", RT_FORMAT_NONE, .kind = RT_KIND_DOUBLE, .as.d = 0.25 + 0.01);
}

Test(render, addresses_print_as_people_write_them)
{
        expect_text("10.0.0.7", RT_FORMAT_NONE, .kind = RT_KIND_IPADDR, .count = 4,
                    .as.ip = { 10, 0, 0, 7 });
        expect_text("::1", RT_FORMAT_NONE, .kind = RT_KIND_IPADDR, .count = 16,
                    .as.ip = { [15] = 1 });
        expect_text("<IPNET>", RT_FORMAT_NONE, .kind = RT_KIND_IPNET, .count = 4 | 8 << 8,
                    .as.ip = { 10 });
        expect_json("\"10.0.0.7\"", PLAIN, .kind = RT_KIND_IPADDR, .count = 4,
                    .as.ip = { 10, 0, 0, 7 });
}

Test(render, strings_are_raw_in_text_and_end_at_a_nul)
{
        expect_text("a\n\xff", RT_FORMAT_NONE, .kind = RT_KIND_STRING,
                    .as.s = RTI_STR("a\n\xff\0tail"));
        expect_json("\"a\\n\xef\xbf\xbd\"", PLAIN, .kind = RT_KIND_STRING,
                    .as.s = RTI_STR("a\n\xff\0tail"));
        expect_text("a.b.", RT_FORMAT_NONE, .kind = RT_KIND_BYTES, .as.s = RTI_STR("a\0b\xff"));
        expect_json("\"a.\\\"\"", PLAIN, .kind = RT_KIND_BYTES, .as.s = RTI_STR("a\0\""));
}

Test(render, lists_print_in_brackets)
{
        const rt_value two[] = { { .kind = RT_KIND_STRING, .as.s = RTI_STR("a,b") },
                                 { .kind = RT_KIND_STRING, .as.s = RTI_STR("c") } };
        const rt_value numbers[] = { { .kind = RT_KIND_UINT64, .as.u = 5 },
                                     { .kind = RT_KIND_UINT64, .as.u = 6 } };

        expect_text("(a,b,c)", RT_FORMAT_NONE, .kind = RT_KIND_LIST, .count = 2, .as.list = two);
        expect_text("()", RT_FORMAT_NONE, .kind = RT_KIND_LIST);
        expect_json("[\"a,b\",\"c\"]", PLAIN, .kind = RT_KIND_LIST, .count = 2, .as.list = two);
        expect_json("[5,6]", PLAIN, .kind = RT_KIND_LIST, .count = 2, .as.list = numbers);
        expect_json("[]", PLAIN, .kind = RT_KIND_LIST);
}

Test(render, json_numbers_are_those_that_mean_something)
{
        expect_json("18446744073709551615", PLAIN, .kind = RT_KIND_UINT64, .as.u = UINT64_MAX);
        expect_json("-1", RTI_SHAPE_PLAIN(RT_FORMAT_ID), .kind = RT_KIND_INT64, .as.i = -1);
        expect_json("\"FE00\"", RTI_SHAPE_PLAIN(RT_FORMAT_HEX), .kind = RT_KIND_UINT32,
                    .as.u = 0xfe00);
        expect_json("\"000000042\"", RTI_SHAPE_PLAIN(RT_FORMAT_PADDED_DEC), .kind = RT_KIND_UINT64,
                    .as.u = 42);
        expect_json("42", RTI_SHAPE_PLAIN(RT_FORMAT_PADDED_DEC), .kind = RT_KIND_RELTIME,
                    .as.u = 42);
        expect_json("null", RTI_SHAPE_PLAIN(RT_FORMAT_NONE), .kind = RT_KIND_UINT32, .as.u = 1);
        expect_json("443", RTI_SHAPE_PLAIN(RT_FORMAT_NONE), .kind = RT_KIND_PORT, .as.u = 443);
        expect_json("false", PLAIN, .kind = RT_KIND_BOOL);
        expect_json("2", PLAIN, .kind = RT_KIND_DOUBLE, .as.d = 2.9);
        expect_json("0.1", RTI_SHAPE_PLAIN(RT_FORMAT_NONE), .kind = RT_KIND_DOUBLE, .as.d = 0.1);
        expect_json("2.0", RTI_SHAPE_PLAIN(RT_FORMAT_NONE), .kind = RT_KIND_DOUBLE, .as.d = 2);
        expect_json("null", PLAIN, .kind = RT_KIND_DOUBLE, .as.d = INFINITY);
}

Test(render, dynamic_numbers_bring_their_format)
{
        const rti_shape shape = { .dynamic = true, .most_bytes = SIZE_MAX };
        const rt_value hex = { .kind = RT_KIND_UINT32, .count = RT_FORMAT_HEX, .as.u = 0xfe00 };

        expect_json("\"FE00\"", shape, .kind = RT_KIND_UINT32, .count = RT_FORMAT_HEX,
                    .as.u = 0xfe00);
        expect_json("-2", shape, .kind = RT_KIND_INT64, .count = RT_FORMAT_DEC, .as.i = -2);
        rti_buf_init(&buf, &rti_alloc_default, 0);
        cr_assert(rti_render_text(&buf, &hex, &shape));
        cr_expect_str_eq(finish(), "FE00");
        done();
}

Test(render, a_foreign_decimal_point_changes_nothing)
{
        if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
                cr_skip("no such locale here");
        expect_text("1.5", RT_FORMAT_NONE, .kind = RT_KIND_DOUBLE, .as.d = 1.5);
        expect_json("1.5", RTI_SHAPE_PLAIN(RT_FORMAT_NONE), .kind = RT_KIND_DOUBLE, .as.d = 1.5);
}

/* ---- the engine's own fields ---- */

static rti_shape
shape_of(const char *field)
{
        const rti_slot slot = { .what = RTI_SLOT_FIELD,
                                .format = RT_FORMAT_PADDED_DEC,
                                .field = rti_str_of(field) };

        return rti_shape_of_slot(&slot, 0);
}

Test(render, times_are_nanoseconds_in_json)
{
        expect_json("1714557600123456789", shape_of("evt.time"), .kind = RT_KIND_STRING,
                    .as.s = RTI_STR("10:00:00.123456789"));
        expect_json("1714557600123456789", shape_of("evt.datetime.s"), .kind = RT_KIND_STRING);
        expect_json("-500000000", shape_of("evt.rawtime"), .kind = RT_KIND_ABSTIME,
                    .as.u = 0 - (uint64_t) 500000000);
        expect_json("-7200123456789", shape_of("evt.reltime"), .kind = RT_KIND_RELTIME,
                    .as.u = 0 - (uint64_t) 7200123456789);
        expect_json("18446736873", shape_of("evt.reltime.s"), .kind = RT_KIND_RELTIME,
                    .as.u = 18446736873u);
        expect_json("0", shape_of("evt.deltatime.s"), .kind = RT_KIND_RELTIME, .as.u = 42);
        expect_json("42", shape_of("evt.rawtime.ns"), .kind = RT_KIND_ABSTIME, .as.u = 42);
}

Test(render, descriptions_are_cleaned_in_text_and_json)
{
        const rt_str dirty = RTI_STR("a\nb\x7f\xc2\x85\xff\xef\xbf\xbe\"\xe2\x86\x90\0c");
        const rti_slot slots[] = {
                { .what = RTI_SLOT_FIELD, .field = RTI_STR("evt.plugininfo") },
                { .what = RTI_SLOT_TRANSFORM, .n_args = 1, .args = (const uint32_t[]){ 0 } },
        };
        const char *clean = "a\ufffdb\ufffd\ufffd\ufffd\ufffd\"\u2190";

        for (uint32_t i = 0; i < 2; i++) {
                const rti_shape shape = rti_shape_of_slot(slots, i);
                const rt_value value = { .kind = RT_KIND_STRING, .as.s = dirty };

                rti_buf_init(&buf, &rti_alloc_default, 0);
                cr_assert(rti_render_text(&buf, &value, &shape));
                cr_expect_str_eq(finish(), clean);
                done();
        }
        expect_json("\"a\ufffdb\ufffd\ufffd\ufffd\ufffd\\\"\u2190\"", rti_shape_of_slot(slots, 0),
                    .kind = RT_KIND_STRING, .as.s = dirty);
}

/* ---- width ---- */

Test(render, width_cuts_or_pads_what_was_added)
{
        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_buf_add_text(&buf, "before:abcdef");
        rti_render_width(&buf, 7, 0);
        cr_expect_eq(buf.len, 13);
        rti_render_width(&buf, 7, 3);
        cr_expect(rti_str_is(rti_buf_str(&buf), "before:abc"));
        rti_render_width(&buf, 7, 5);
        cr_expect(rti_str_is(rti_buf_str(&buf), "before:abc  "));
        done();
}

Test(render, long_strings_are_cut_when_asked)
{
        rti_shape shape = PLAIN;

        shape.most_bytes = 3;
        expect_json("\"abc\"", shape, .kind = RT_KIND_STRING, .as.s = RTI_STR("abcdef"));
}
