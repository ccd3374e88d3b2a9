/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uri.c - a parameter of a request's URI.
 *
 *   in   the URI, as the API server has logged it
 *   out  the parameter's first value, decoded
 *
 * What Go's net/url refuses has no parameters: control characters, a bad % escape in the path, the
 * query or the fragment, a scheme without a name, a colon in the first segment of a relative path,
 * an authority that is none, a semicolon in the query.
 */
#include "sources/k8saudit/k8saudit.h"

static int
hex(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c = (char) (c | 0x20);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_escape(rt_str s, size_t at)
{
        return at + 2 < s.len && hex(s.ptr[at + 1]) >= 0 && hex(s.ptr[at + 2]) >= 0;
}

static bool
escapes_good(rt_str s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.ptr[i] == '%' && !is_escape(s, i))
                        return false;
        return true;
}

static bool
has(rt_str s, char c)
{
        return s.len > 0 && memchr(s.ptr, c, s.len);
}

/* Cut @a s at the first @a c: what stands behind it, or an empty text. */
static rt_str
cut(rt_str *s, char c)
{
        const char *at = s->len > 0 ? memchr(s->ptr, c, s->len) : NULL;
        rt_str behind = { s->ptr + s->len, 0 };

        if (at) {
                behind = rti_str_sub(*s, (size_t) (at - s->ptr) + 1, s->len);
                s->len = (size_t) (at - s->ptr);
        }
        return behind;
}

static bool
is_alnum(char c)
{
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* ---- what stands in front of the query ---- */

enum scheme { NO_SCHEME, SCHEME, BAD_SCHEME };

/* Take a scheme and its colon off. */
static enum scheme
take_scheme(rt_str *uri)
{
        for (size_t i = 0; i < uri->len; i++) {
                const char c = uri->ptr[i];
                const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

                if (c == ':') {
                        if (i == 0)
                                return BAD_SCHEME;
                        *uri = rti_str_sub(*uri, i + 1, uri->len);
                        return SCHEME;
                }
                if (!letter && (i == 0 || !(is_alnum(c) || c == '+' || c == '-' || c == '.')))
                        return NO_SCHEME;
        }
        return NO_SCHEME;
}

static bool
port_good(rt_str port)
{
        for (size_t i = 0; i < port.len; i++)
                if (port.ptr[i] < '0' || port.ptr[i] > '9')
                        return false;
        return true;
}

static bool
user_good(rt_str user)
{
        for (size_t i = 0; i < user.len; i++)
                if (!is_alnum(user.ptr[i]) && !has(RTI_STR("-._:~!$&'()*+,;=%@"), user.ptr[i]))
                        return false;
        return escapes_good(user);
}

/* host:port, [host]:port */
static bool
host_good(rt_str host)
{
        const rt_str whole = host;
        rt_str port;

        if (host.len > 0 && host.ptr[0] == '[') {
                port = cut(&host, ']');
                if (host.len == whole.len)
                        return false;
                return port.len == 0
                       || (port.ptr[0] == ':' && port_good(rti_str_sub(port, 1, port.len)));
        }
        port = host;
        while (has(port, ':'))
                port = cut(&port, ':');
        if (has(host, ':') && !port_good(port))
                return false;
        for (size_t i = 0; i < host.len; i++) {
                const char c = host.ptr[i];

                /* Escapes stand for bytes beyond ASCII only. */
                if (c == '%' && (!is_escape(host, i) || hex(host.ptr[i + 1]) < 8))
                        return false;
                if (c != '%' && (unsigned char) c < 0x80 && !is_alnum(c)
                    && !has(RTI_STR("-._~!$&'()*+,;=:[]<>\""), c))
                        return false;
        }
        return true;
}

/* user:password@host:port; the last @ counts */
static bool
authority_good(rt_str text)
{
        for (size_t i = text.len; i > 0; i--)
                if (text.ptr[i - 1] == '@')
                        return user_good(rti_str_sub(text, 0, i - 1))
                               && host_good(rti_str_sub(text, i, text.len));
        return host_good(text);
}

static bool
front_good(rt_str front)
{
        const enum scheme scheme = take_scheme(&front);
        rt_str segment = front;

        if (scheme == BAD_SCHEME)
                return false;
        if (front.len == 0 || front.ptr[0] != '/') {
                (void) cut(&segment, '/');
                return scheme == SCHEME || (!has(segment, ':') && escapes_good(front));
        }
        if (rti_str_starts(front, RTI_STR("//"))
            && (scheme == SCHEME || !rti_str_starts(front, RTI_STR("///")))) {
                segment = rti_str_sub(front, 2, front.len);
                front = cut(&segment, '/');
                if (!authority_good(segment))
                        return false;
        }
        return escapes_good(front);
}

/* ---- the query ---- */

/* Does the decoded @a text equal @a plain? */
static bool
decodes_to(rt_str text, rt_str plain)
{
        size_t at = 0;

        for (size_t i = 0; i < text.len; i++, at++) {
                char c = text.ptr[i];

                if (c == '+')
                        c = ' ';
                if (c == '%') {
                        c = (char) (hex(text.ptr[i + 1]) << 4 | hex(text.ptr[i + 2]));
                        i += 2;
                }
                if (at >= plain.len || plain.ptr[at] != c)
                        return false;
        }
        return at == plain.len;
}

static int
decode(const rt_event *event, rt_str text, rt_str *ret_text)
{
        char *copy;
        size_t n = 0;

        *ret_text = text;
        if (!has(text, '%') && !has(text, '+'))
                return 1;
        copy = rt_event_alloc(event, text.len);
        if (!copy)
                return RT_ELIMIT;
        for (size_t i = 0; i < text.len; i++) {
                copy[n++] = text.ptr[i] == '+' ? ' ' : text.ptr[i];
                if (text.ptr[i] == '%') {
                        copy[n - 1] = (char) (hex(text.ptr[i + 1]) << 4 | hex(text.ptr[i + 2]));
                        i += 2;
                }
        }
        *ret_text = (rt_str){ copy, n };
        return 1;
}

int
rti_k8saudit_uri_param(const rt_event *event, rt_str uri, rt_str name, rt_str *ret_value)
{
        rt_str front = uri, fragment, query, left;

        for (size_t i = 0; i < uri.len; i++)
                if ((unsigned char) uri.ptr[i] < 0x20 || uri.ptr[i] == 0x7f)
                        return 0;
        fragment = cut(&front, '#');
        query = cut(&front, '?');
        if (!front_good(front) || !escapes_good(fragment) || !escapes_good(query)
            || has(query, ';'))
                return 0;
        for (left = query; left.len > 0;) {
                rt_str key = left, value;

                left = cut(&key, '&');
                if (key.len == 0)
                        continue;
                value = cut(&key, '=');
                if (decodes_to(key, name))
                        return decode(event, value, ret_value);
        }
        return 0;
}
