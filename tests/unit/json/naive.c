/* SPDX-License-Identifier: Apache-2.0 */
/* naive.c - JSON read the plain way. */
#include "naive.h"
#include "base/utf8.h"
#include "json/json.h"
#include <stdlib.h>

static bool value(naive *n, unsigned depth);

static int
peek(const naive *n)
{
        return n->at < n->text.len ? (unsigned char) n->text.ptr[n->at] : -1;
}

static void
blanks(naive *n)
{
        while (peek(n) == ' ' || peek(n) == '\t' || peek(n) == '\n' || peek(n) == '\r')
                n->at++;
}

static bool
take(naive *n, const char *word)
{
        const rt_str w = rti_str_of(word);

        if (!rti_str_starts(rti_str_sub(n->text, n->at, n->text.len), w))
                return false;
        rti_buf_add(&n->out, w);
        n->at += w.len;
        return true;
}

static bool
one_of(int c, const char *set)
{
        return c > 0 && strchr(set, c);
}

static bool
escape(naive *n)
{
        n->at++;
        if (!one_of(peek(n), "\"\\/bfnrtu"))
                return !n->strict && n->at++ < n->text.len;
        if (n->text.ptr[n->at++] == 'u')
                for (unsigned i = 0; i < 4 && n->strict; i++, n->at++)
                        if (!one_of(peek(n), "0123456789abcdefABCDEF"))
                                return false;
        return true;
}

static bool
string(naive *n)
{
        const size_t start = n->at;

        if (peek(n) != '"')
                return false;
        for (n->at++; peek(n) != '"';) {
                size_t len = 1;

                if (peek(n) < 0 || (n->strict && peek(n) < 0x20))
                        return false;
                if (peek(n) == '\\') {
                        if (!escape(n))
                                return false;
                        continue;
                }
                if (n->strict)
                        len = rti_utf8_valid(n->text.ptr + n->at, n->text.len - n->at);
                if (len == 0)
                        return false;
                n->at += len;
        }
        n->at++;
        rti_buf_add(&n->out, rti_str_sub(n->text, start, n->at));
        return true;
}

static size_t
digits(naive *n)
{
        const size_t start = n->at;

        while (one_of(peek(n), "0123456789"))
                n->at++;
        return n->at - start;
}

static bool
strict_number(naive *n)
{
        const bool zero = take(n, "-0") || take(n, "0");

        n->at += !zero && peek(n) == '-';
        if (!zero && digits(n) == 0)
                return false;
        if (peek(n) == '.') {
                n->at++;
                if (digits(n) == 0)
                        return false;
        }
        if (one_of(peek(n), "eE")) {
                n->at++;
                n->at += one_of(peek(n), "+-");
                return digits(n) > 0;
        }
        return true;
}

static bool
lenient_number(naive *n)
{
        const size_t start = n->at;

        while (one_of(peek(n), "0123456789+-.eE"))
                n->at++;
        if (n->at - start > 1 || (n->at - start == 1 && !one_of(n->text.ptr[start], "+-")))
                return true;
        for (unsigned i = 0; i < 3; i++)
                if (!one_of(peek(n), "nN") && !one_of(peek(n), "iIaAfF"))
                        return false;
                else
                        n->at++;
        const char *w = n->text.ptr + n->at - 3;

        return (one_of(w[0], "nN") && one_of(w[1], "aA") && one_of(w[2], "nN"))
               || (one_of(w[0], "iI") && one_of(w[1], "nN") && one_of(w[2], "fF"));
}

static bool
number(naive *n)
{
        const size_t start = n->at, written = n->out.len;
        const bool good = n->strict ? strict_number(n) : lenient_number(n);

        n->out.len = written;
        rti_buf_add(&n->out, rti_str_sub(n->text, start, n->at));
        return good;
}

static bool
container(naive *n, const char *open, const char *close, unsigned depth)
{
        const bool object = *open == '{';

        take(n, open);
        blanks(n);
        if (take(n, close))
                return true;
        do {
                blanks(n);
                if (object) {
                        if (!string(n))
                                return false;
                        blanks(n);
                        if (!take(n, ":"))
                                return false;
                        blanks(n);
                }
                if (!value(n, depth + 1))
                        return false;
                blanks(n);
        } while (take(n, ","));
        return take(n, close);
}

static bool
value(naive *n, unsigned depth)
{
        if (depth > 300) {
                n->deep = true;
                return false;
        }
        switch (peek(n)) {
        case '{':
                return container(n, "{", "}", depth);
        case '[':
                return container(n, "[", "]", depth);
        case '"':
                return string(n);
        default:
                return take(n, "true") || take(n, "false") || take(n, "null") || number(n);
        }
}

bool
naive_document(naive *n)
{
        blanks(n);
        if (!value(n, 1))
                return false;
        blanks(n);
        return n->at == n->text.len;
}

/* ---- members ---- */

static void *
get_memory(void *user, size_t size_bytes)
{
        (void) user;
        return malloc(size_bytes);
}

static bool
spells(rt_str raw, rt_str name)
{
        const rti_json_memory memory = { get_memory, NULL };
        rt_str text;
        bool same;

        if (rti_json_unescape(raw, &memory, &text) < 0)
                abort();
        same = rti_str_eq(text, name);
        if (text.ptr != raw.ptr)
                free((char *) (uintptr_t) text.ptr);
        return same;
}

rt_str
naive_get(rt_str object, rt_str name)
{
        for (int unescape = 0; unescape < 2; unescape++) {
                naive n = { .text = object, .at = 1 };

                rti_buf_init(&n.out, &rti_alloc_default, 0);
                for (blanks(&n); peek(&n) != '}';) {
                        const size_t from = n.at;
                        rt_str raw;

                        string(&n);
                        raw = rti_str_sub(object, from + 1, n.at - 1);
                        blanks(&n);
                        n.at++;
                        blanks(&n);
                        const size_t start = n.at;

                        value(&n, 1);
                        if (unescape ? spells(raw, name)
                                     : rti_str_eq(raw, name) && !memchr(name.ptr, '\\', name.len)) {
                                rti_buf_done(&n.out);
                                return rti_str_sub(object, start, n.at);
                        }
                        blanks(&n);
                        n.at += peek(&n) == ',';
                        blanks(&n);
                }
                rti_buf_done(&n.out);
        }
        return (rt_str){ NULL, 0 };
}

/* ---- random documents ---- */

uint32_t
naive_below(naive_random *random, uint32_t n)
{
        random->state ^= random->state << 13;
        random->state ^= random->state >> 7;
        random->state ^= random->state << 17;
        return (uint32_t) (random->state >> 32) % n;
}

static void
make_blanks(naive_random *random, rti_buf *buf)
{
        while (naive_below(random, 6) == 0)
                rti_buf_add_char(buf, " \t\n\r"[naive_below(random, 4)]);
}

static void
pick(naive_random *random, rti_buf *buf, const char *const *from, uint32_t n)
{
        rti_buf_add_text(buf, from[naive_below(random, n)]);
}

static void
make_string(naive_random *random, rti_buf *buf)
{
        static const char *const parts[] = {
                "a",
                "b",
                "name",
                "a rather long piece of text, with } and ] and : in it",
                "\\\"",
                "\\\\",
                "\\n",
                "\\u0041",
                "\\ud83d\\ude00",
                "\\ud83d",
                "\\q",
                "\\u12",
                "\xc3\xa9",
                "\xf0\x9f\x98\x80",
                "\xff",
                "\x01",
                "\t",
                " ",
                "{",
                "0",
        };

        rti_buf_add_char(buf, '"');
        for (uint32_t n = naive_below(random, 5); n; n--)
                pick(random, buf, parts, naive_below(random, 3) ? 4 : RTI_COUNT(parts));
        rti_buf_add_char(buf, '"');
}

static void
make_name(naive_random *random, rti_buf *buf)
{
        static const char *const names[] = {
                "\"a\"",        "\"b\"", "\"c\"",       "\"userIdentity\"", "\"sixteen bytes :-)\"",
                "\"eightby8\"", "\"\"",  "\"\\u0061\"", "\"a\\\\b\"",       "\"\\u0062\"",
                "\"a\\b\"",
        };

        if (naive_below(random, 10) == 0)
                make_string(random, buf);
        else
                pick(random, buf, names, RTI_COUNT(names));
}

static void
make_value(naive_random *random, rti_buf *buf, unsigned depth)
{
        static const char *const leaves[] = {
                "true", "false", "null", "0",  "12", "-1.5e+3", "1234567890123456789012",
                "01",   "nan",   "-inf", "1.", "-",  "+1",      "NaN",
                "tru",  "1e",    "e",    "--",
        };
        const uint32_t kind = naive_below(random, depth > 5 ? 4 : 8);
        const bool object = kind > 5;

        if (kind < 2) {
                make_string(random, buf);
                return;
        }
        if (kind < 4) {
                pick(random, buf, leaves, naive_below(random, 8) ? 7 : RTI_COUNT(leaves));
                return;
        }
        rti_buf_add_char(buf, object ? '{' : '[');
        for (uint32_t n = naive_below(random, 6); n; n--) {
                make_blanks(random, buf);
                if (object) {
                        make_name(random, buf);
                        make_blanks(random, buf);
                        rti_buf_add_char(buf, ':');
                        make_blanks(random, buf);
                }
                make_value(random, buf, depth + 1);
                make_blanks(random, buf);
                if (n > 1)
                        rti_buf_add_char(buf, ',');
        }
        make_blanks(random, buf);
        rti_buf_add_char(buf, object ? '}' : ']');
}

void
naive_make(naive_random *random, rti_buf *buf)
{
        make_blanks(random, buf);
        make_value(random, buf, naive_below(random, 4));
        make_blanks(random, buf);
}

void
naive_damage(naive_random *random, rti_buf *buf)
{
        static const char bytes[] = "{}[]:,\"\\ \n0-aetn\x0c\x1a\x00\x80\xff";

        for (uint32_t n = naive_below(random, 3); n && buf->len; n--) {
                const uint32_t at = naive_below(random, (uint32_t) buf->len);
                const char c = bytes[naive_below(random, sizeof bytes - 1)];

                switch (naive_below(random, 4)) {
                case 0:
                        buf->ptr[at] = c;
                        break;
                case 1:
                        memmove(buf->ptr + at, buf->ptr + at + 1, --buf->len - at);
                        break;
                case 2:
                        rti_buf_add_char(buf, c);
                        break;
                default:
                        buf->len = naive_below(random, 8) ? buf->len : at;
                        break;
                }
        }
}
