/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render.c - values as text, and as JSON.
 *
 * in: a value and the shape of its slot; out: bytes behind a buffer's end. Strings end at a NUL, in
 * text and in JSON alike; text carries them raw.
 */
#include "engine/render.h"
#include "base/utf8.h"
#include "engine/frame.h"
#include "lang/registry.h"
#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define REPLACEMENT "\xef\xbf\xbd"

enum {
        PADDED_DIGITS = 9,
        BYTES_SHOWN = 1024 /* of a byte buffer */
};

/* ---- shapes ---- */

static bool
reads_plugininfo(const rti_slot *slots, uint32_t slot)
{
        if (slots[slot].what == RTI_SLOT_FIELD)
                return rti_evt_field_find(slots[slot].field) == RTI_F_EVT_PLUGININFO;
        for (uint32_t i = 0; i < slots[slot].n_args; i++)
                if (reads_plugininfo(slots, slots[slot].args[i]))
                        return true;
        return false;
}

rti_shape
rti_shape_of_slot(const rti_slot *slots, uint32_t slot)
{
        rti_shape shape = RTI_SHAPE_PLAIN(slots[slot].format);
        uint32_t field;

        shape.dynamic = slots[slot].dynamic;
        if (slots[slot].what != RTI_SLOT_FIELD) {
                shape.clean = reads_plugininfo(slots, slot);
                return shape;
        }
        if (rti_str_starts(slots[slot].field, RTI_STR("evt.deltatime")))
                shape.json = RTI_JSON_ZERO;
        field = rti_evt_field_find(slots[slot].field);
        if (field == RTI_EVT_NONE)
                return shape;
        shape.clean = true;
        if (field >= RTI_F_EVT_TIME && field <= RTI_F_EVT_DATETIME_S)
                shape.json = RTI_JSON_EVENT_TIME;
        else if (field == RTI_F_EVT_RAWTIME || field == RTI_F_EVT_RELTIME)
                shape.json = RTI_JSON_SIGNED;
        else if (field > RTI_F_EVT_RAWTIME && field <= RTI_F_EVT_RELTIME_NS)
                shape.json = RTI_JSON_UNSIGNED;
        return shape;
}

/* ---- strings ---- */

/* May not stand in a clean text: controls, C1 controls, and what Unicode never assigns. */
static bool
is_unclean(uint32_t code)
{
        return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xfdd0 && code <= 0xfdef)
               || (code & 0xfffe) == 0xfffe;
}

/* @a json: quotes and backslashes are escaped too. */
static void
add_clean(rti_buf *buf, rt_str s, bool json)
{
        size_t done = 0;
        size_t at = 0;

        while (at < s.len) {
                const size_t n = rti_utf8_valid(s.ptr + at, s.len - at);
                const bool clean = n && !is_unclean(rti_utf8_get(s.ptr + at, n));

                if (clean && !(json && (s.ptr[at] == '"' || s.ptr[at] == '\\'))) {
                        at += n;
                        continue;
                }
                rti_buf_add(buf, rti_str_sub(s, done, at));
                rti_buf_add_text(buf, clean ? "\\" : REPLACEMENT);
                done = at;
                at += n ? n : rti_utf8_broken(s.ptr + at, s.len - at);
                if (!clean)
                        done = at;
        }
        rti_buf_add(buf, rti_str_sub(s, done, at));
}

/* Up to the first NUL, and not more than the shape allows. */
static rt_str
shown_part(rt_str s, const rti_shape *shape)
{
        const char *nul;

        if (s.len > shape->most_bytes)
                s.len = shape->most_bytes;
        nul = s.len ? memchr(s.ptr, 0, s.len) : NULL;
        if (nul)
                s.len = (size_t) (nul - s.ptr);
        return s;
}

/* A byte buffer as far as it is shown, one character a byte. */
static rt_str
printable(rt_str s, char room[BYTES_SHOWN])
{
        const size_t n = s.len < BYTES_SHOWN ? s.len : BYTES_SHOWN;

        for (size_t i = 0; i < n; i++)
                room[i] = (char) (s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f ? s.ptr[i] : '.');
        return (rt_str){ room, n };
}

static void
add_string(rti_buf *buf, const rt_value *value, const rti_shape *shape)
{
        char room[BYTES_SHOWN];

        if (value->kind == RT_KIND_BYTES)
                rti_buf_add(buf, printable(value->as.s, room));
        else if (shape->clean)
                add_clean(buf, shown_part(value->as.s, shape), /* json= */ false);
        else
                rti_buf_add(buf, shown_part(value->as.s, shape));
}

static void
add_string_json(rti_buf *buf, const rt_value *value, const rti_shape *shape)
{
        char room[BYTES_SHOWN];

        if (value->kind == RT_KIND_BYTES) {
                rti_buf_add_json(buf, printable(value->as.s, room));
        } else if (shape->clean) {
                rti_buf_add_char(buf, '"');
                add_clean(buf, shown_part(value->as.s, shape), /* json= */ true);
                rti_buf_add_char(buf, '"');
        } else {
                rti_buf_add_json(buf, shown_part(value->as.s, shape));
        }
}

/* ---- numbers ---- */

static uint64_t
magnitude(int64_t number)
{
        return number < 0 ? 0 - (uint64_t) number : (uint64_t) number;
}

/* As an unsigned number of the kind's own width: what hexadecimal and octal show. */
static uint64_t
bits_of(const rt_value *value)
{
        switch (value->kind) {
        case RT_KIND_INT8:
                return (uint8_t) value->as.i;
        case RT_KIND_INT16:
                return (uint16_t) value->as.i;
        case RT_KIND_INT32:
                return (uint32_t) value->as.i;
        default:
                return value->as.u;
        }
}

static uint32_t
format_of(const rt_value *value, const rti_shape *shape)
{
        if (value->kind == RT_KIND_PORT)
                return RT_FORMAT_DEC;
        return shape->dynamic ? value->count : shape->format;
}

static bool
add_integer(rti_buf *buf, const rt_value *value, uint32_t format)
{
        const bool negative = rti_kinds[value->kind].hold == RTI_HOLD_SIGNED && value->as.i < 0;
        char digits[24];
        int n;

        switch (format) {
        case RT_FORMAT_DEC:
        case RT_FORMAT_ID:
                if (negative)
                        rti_buf_add_i64(buf, value->as.i);
                else
                        rti_buf_add_u64(buf, value->as.u);
                return true;
        case RT_FORMAT_PADDED_DEC:
                n = snprintf(
                        digits, sizeof digits, "%s%0*llu", negative ? "-" : "",
                        PADDED_DIGITS - negative,
                        (unsigned long long) (negative ? magnitude(value->as.i) : value->as.u));
                break;
        case RT_FORMAT_HEX:
                n = snprintf(digits, sizeof digits, "%llX", (unsigned long long) bits_of(value));
                break;
        case RT_FORMAT_OCT:
                n = snprintf(digits, sizeof digits, "%llo", (unsigned long long) bits_of(value));
                break;
        default:
                return false;
        }
        rti_buf_add(buf, (rt_str){ digits, (size_t) n });
        return true;
}

static void
add_address(rti_buf *buf, const rt_value *value)
{
        char text[INET6_ADDRSTRLEN];

        if (value->kind == RT_KIND_IPNET)
                rti_buf_add_text(buf, "<IPNET>");
        else if (inet_ntop((value->count & 0xff) == 4 ? AF_INET : AF_INET6, value->as.ip, text,
                           sizeof text))
                rti_buf_add_text(buf, text);
}

/* The host's locale may have another decimal point: whatever it is, a point. */
static void
add_digits(rti_buf *buf, const char *digits)
{
        const size_t n = strspn(digits, "-+0123456789einfa.");

        rti_buf_add(buf, (rt_str){ digits, n });
        if (digits[n]) {
                rti_buf_add_char(buf, '.');
                rti_buf_add_text(buf, digits + n + strcspn(digits + n, "0123456789"));
        }
}

static void
add_double(rti_buf *buf, double number)
{
        char digits[400]; /* the largest has 309 digits before its point */

        snprintf(digits, sizeof digits, "%.1f", number);
        add_digits(buf, digits);
}

/* The shortest digits that read back as the same number. */
static void
add_double_json(rti_buf *buf, double number, uint32_t format)
{
        char digits[32];

        if (!isfinite(number)) {
                rti_buf_add_text(buf, "null");
                return;
        }
        if (format == RT_FORMAT_DEC && number > -9.2e18 && number < 9.2e18) {
                rti_buf_add_i64(buf, (int64_t) number);
                return;
        }
        for (int precision = 15; precision <= 17; precision++) {
                snprintf(digits, sizeof digits, "%.*g", precision, number);
                if (strtod(digits, NULL) == number)
                        break;
        }
        add_digits(buf, digits);
        if (digits[strspn(digits, "-0123456789")] == '\0')
                rti_buf_add_text(buf, ".0");
}

/* ---- text ---- */

static void
add_list(rti_buf *buf, const rt_value *list, const rti_shape *shape)
{
        rti_buf_add_char(buf, '(');
        for (uint32_t i = 0; i < list->count; i++) {
                if (i)
                        rti_buf_add_char(buf, ',');
                /* Lists hold no lists: this goes one level deep. */
                if (list->as.list[i].kind != RT_KIND_LIST)
                        rti_render_text(buf, &list->as.list[i], shape);
        }
        rti_buf_add_char(buf, ')');
}

bool
rti_render_text(rti_buf *buf, const rt_value *value, const rti_shape *shape)
{
        switch (rti_kinds[value->kind].hold) {
        case RTI_HOLD_STRING:
                add_string(buf, value, shape);
                return true;
        case RTI_HOLD_UNSIGNED:
        case RTI_HOLD_SIGNED:
                if (value->kind == RT_KIND_BOOL) {
                        rti_buf_add_text(buf, value->as.u ? "true" : "false");
                        return true;
                }
                return add_integer(buf, value, format_of(value, shape));
        case RTI_HOLD_DOUBLE:
                add_double(buf, value->as.d);
                return true;
        case RTI_HOLD_ADDRESS:
                add_address(buf, value);
                return true;
        case RTI_HOLD_LIST:
                add_list(buf, value, shape);
                return true;
        case RTI_HOLD_NONE:
                break;
        }
        return false;
}

/* ---- JSON ---- */

static void
add_integer_json(rti_buf *buf, const rt_value *value, const rti_shape *shape)
{
        const uint32_t format = format_of(value, shape);

        if (value->kind == RT_KIND_BOOL) {
                rti_buf_add_text(buf, value->as.u ? "true" : "false");
        } else if (shape->json == RTI_JSON_SIGNED) {
                rti_buf_add_i64(buf, value->as.i);
        } else if (shape->json == RTI_JSON_UNSIGNED) {
                rti_buf_add_u64(buf, value->as.u);
        } else if (shape->json == RTI_JSON_ZERO) {
                rti_buf_add_char(buf, '0');
        } else if (format == RT_FORMAT_DEC || format == RT_FORMAT_ID) {
                add_integer(buf, value, format);
        } else if (format == RT_FORMAT_PADDED_DEC
                   && (value->kind == RT_KIND_RELTIME || value->kind == RT_KIND_ABSTIME)) {
                add_integer(buf, value, RT_FORMAT_DEC);
        } else if (format == RT_FORMAT_NONE || format == RT_FORMAT_DIR) {
                rti_buf_add_text(buf, "null");
        } else {
                rti_buf_add_char(buf, '"');
                add_integer(buf, value, format);
                rti_buf_add_char(buf, '"');
        }
}

static void
add_list_json(rti_buf *buf, const rt_value *list, const rti_shape *shape)
{
        rti_buf_add_char(buf, '[');
        for (uint32_t i = 0; i < list->count; i++) {
                const rt_value *one = &list->as.list[i];

                if (i)
                        rti_buf_add_char(buf, ',');
                /* Lists hold no lists: this goes one level deep. */
                rti_render_json(buf, one->kind == RT_KIND_LIST ? NULL : one, shape, 0);
        }
        rti_buf_add_char(buf, ']');
}

void
rti_render_json(rti_buf *buf, const rt_value *value, const rti_shape *shape, uint64_t time_ns)
{
        if (!value) {
                rti_buf_add_text(buf, "null");
                return;
        }
        if (shape->json == RTI_JSON_EVENT_TIME) {
                rti_buf_add_i64(buf, (int64_t) time_ns);
                return;
        }
        switch (rti_kinds[value->kind].hold) {
        case RTI_HOLD_STRING:
                add_string_json(buf, value, shape);
                break;
        case RTI_HOLD_UNSIGNED:
        case RTI_HOLD_SIGNED:
                add_integer_json(buf, value, shape);
                break;
        case RTI_HOLD_DOUBLE:
                add_double_json(buf, value->as.d, shape->format);
                break;
        case RTI_HOLD_ADDRESS:
                rti_buf_add_char(buf, '"');
                add_address(buf, value);
                rti_buf_add_char(buf, '"');
                break;
        case RTI_HOLD_LIST:
                add_list_json(buf, value, shape);
                break;
        case RTI_HOLD_NONE:
                rti_buf_add_text(buf, "null");
                break;
        }
}

/* ---- width ---- */

void
rti_render_width(rti_buf *buf, size_t start, uint32_t width)
{
        const size_t len = buf->len - start;
        char *to;

        if (width == 0 || buf->failed)
                return;
        if (len > width) {
                buf->len = start + width;
                return;
        }
        to = rti_buf_reserve(buf, width - len);
        if (!to)
                return;
        memset(to, ' ', width - len);
        rti_buf_used(buf, width - len);
}
