/* SPDX-License-Identifier: Apache-2.0 */
/* profile.c - profiles as text: read strictly, since anybody may have written them; written. */
#include "program/profile.h"
#include "lang/lang.h"
#include <inttypes.h>

#define MAGIC "libruntime-profile 1"

enum {
        HASH_BYTES = 18,    /* " #" and 16 digits */
        SHORTEST_PRED = 15, /* line, in bytes */
};

/* ---- reading ---- */

/* The next line of @a text without its newline; false: there is none, or it has no end. */
static bool
take_line(rt_str *text, rt_str *ret_line)
{
        const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;

        if (!end)
                return false;
        *ret_line = (rt_str){ text->ptr, (size_t) (end - text->ptr) };
        *text = rti_str_sub(*text, ret_line->len + 1, text->len);
        return true;
}

/* A word and the blank behind it. */
static bool
take_word(rt_str *line, const char *word)
{
        const rt_str w = rti_str_of(word);

        if (!rti_str_starts(*line, w) || line->len == w.len || line->ptr[w.len] != ' ')
                return false;
        *line = rti_str_sub(*line, w.len + 1, line->len);
        return true;
}

/* A number and the blank behind it. */
static bool
take_number(rt_str *line, uint64_t *ret_number)
{
        uint64_t n = 0;
        size_t i = 0;

        for (; i < line->len && line->ptr[i] >= '0' && line->ptr[i] <= '9'; i++)
                if (__builtin_mul_overflow(n, 10, &n)
                    || __builtin_add_overflow(n, (uint64_t) (line->ptr[i] - '0'), &n))
                        return false;
        if (i == 0 || i == line->len || line->ptr[i] != ' ' || (i > 1 && line->ptr[0] == '0'))
                return false;
        *line = rti_str_sub(*line, i + 1, line->len);
        *ret_number = n;
        return true;
}

static bool
is_key(rt_str s)
{
        for (size_t i = 0; i < s.len; i++)
                if ((unsigned char) s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
                        return false;
        return s.len > 0 && s.len <= RTI_PROFILE_KEY_BYTES;
}

static int
read_row(rti_arena *arena, rt_str source, rt_str line, rti_profile *profile)
{
        rti_profile_row *row = &profile->rows[profile->n];
        rt_str name;

        if (!take_number(&line, &row->asked) || !take_number(&line, &row->held)
            || !take_number(&line, &row->timed) || !take_number(&line, &row->ns) || !is_key(line)
            || !source.len || row->held > row->asked || row->timed > row->asked)
                return RT_EFORMAT;
        name = rti_arena_printf(arena, "%.*s\n%.*s", RTI_FMT(source), RTI_FMT(line));
        if (!name.ptr)
                return RT_ENOMEM;
        if (rti_map_get(&profile->map, name) != RTI_MAP_NONE)
                return RT_EFORMAT;
        return rti_map_set(&profile->map, name, profile->n++);
}

static int
read_line(rti_arena *arena, rt_str *source, rt_str line, rti_profile *profile)
{
        uint64_t events;

        if (take_word(&line, "pred"))
                return read_row(arena, *source, line, profile);
        if (!take_word(&line, "source") || !take_number(&line, &events) || !is_key(line))
                return RT_EFORMAT;
        *source = line;
        return RT_OK;
}

int
rti_profile_read(rti_arena *arena, rt_str text, rti_profile *ret_profile, size_t *ret_line)
{
        rti_profile profile = { .map = { .arena = arena } };
        rt_str source = RTI_STR(""), line;
        int r = RT_OK;

        *ret_line = 1;
        if (text.len > RTI_MAX_PROFILE_BYTES)
                return RT_ELIMIT;
        if (!take_line(&text, &line) || !rti_str_is(line, MAGIC))
                return RT_EFORMAT;
        profile.rows = RTI_NEWN(arena, rti_profile_row, text.len / SHORTEST_PRED + 1);
        if (!profile.rows)
                return RT_ENOMEM;
        while (r == RT_OK && text.len) {
                ++*ret_line;
                r = take_line(&text, &line) ? read_line(arena, &source, line, &profile)
                                            : RT_EFORMAT;
        }
        if (r == RT_OK)
                *ret_profile = profile;
        return r;
}

const rti_profile_row *
rti_profile_find(const rti_profile *profile, rt_str name)
{
        const uint32_t row = rti_map_get(&profile->map, name);

        return row == RTI_MAP_NONE ? NULL : &profile->rows[row];
}

/* ---- writing ---- */

void
rti_profile_shorten(rti_buf *buf, size_t from)
{
        if (buf->failed)
                return;
        if (buf->len - from > RTI_PROFILE_KEY_BYTES) {
                const uint64_t hash = rti_hash(buf->ptr + from, buf->len - from, 0);

                buf->len = from + RTI_PROFILE_KEY_BYTES - HASH_BYTES;
                rti_buf_printf(buf, " #%016" PRIx64, hash);
        }
        for (size_t i = from; !buf->failed && i < buf->len; i++)
                if ((unsigned char) buf->ptr[i] < ' ' || buf->ptr[i] == 0x7f)
                        buf->ptr[i] = '?';
}

void
rti_profile_begin(rti_buf *buf)
{
        rti_buf_add_text(buf, MAGIC "\n");
}

void
rti_profile_add_source(rti_buf *buf, rt_str name, uint64_t events)
{
        size_t from;

        rti_buf_printf(buf, "source %" PRIu64 " ", events);
        from = buf->len;
        rti_buf_add(buf, name);
        rti_profile_shorten(buf, from);
        rti_buf_add_char(buf, '\n');
}

void
rti_profile_add_row(rti_buf *buf, const rti_profile_row *row, rt_str key)
{
        rti_buf_printf(buf, "pred %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ", row->asked,
                       row->held, row->timed, row->ns);
        rti_buf_add(buf, key);
        rti_buf_add_char(buf, '\n');
}
