/* SPDX-License-Identifier: Apache-2.0 */
/* compare.c - comparisons that are no patterns: re, cidr, exists, fieldref, lt, lte, gt, gte. */
#include "sigma.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
is_special(const question *q)
{
        return has(q, MOD_RE) || has(q, MOD_CIDR) || has(q, MOD_EXISTS) || has(q, MOD_FIELDREF)
               || has(q, MOD_LT) || has(q, MOD_LTE) || has(q, MOD_GT) || has(q, MOD_GTE);
}

static bool
is_text(const field *f)
{
        return f->kind == TEXT || f->kind == STRING || f->kind == JSON || f->kind == OBJECT
               || f->kind == LINE || f->kind == EMPTY;
}

/* Does null, or nothing, read as a text? */
static bool
may_be_null(const field *f)
{
        return f->kind == STRING || f->kind == JSON || f->kind == OBJECT || f->kind == EMPTY;
}

/* ---- re ---- */

/* Classes as they are written without backslashes. */
static const char *
class_of(char c, bool inside)
{
        switch (c) {
        case 'd':
                return inside ? "0-9" : "[0-9]";
        case 'w':
                return inside ? "0-9A-Za-z_" : "[0-9A-Za-z_]";
        case 's':
                return inside ? " \\t\\n\\f\\r\\v" : "[ \\t\\n\\f\\r\\v]";
        case 'D':
                return inside ? NULL : "[^0-9]";
        case 'W':
                return inside ? NULL : "[^0-9A-Za-z_]";
        case 'S':
                return inside ? NULL : "[^ \\t\\n\\f\\r\\v]";
        default:
                return NULL;
        }
}

/* The same expression in the syntax that Falco reads, too, as far as that goes. */
static void
put_portable(writer *out, rt_str re)
{
        bool inside = false;

        for (size_t i = 0; i < re.len; i++) {
                const char c = re.ptr[i], next = i + 1 < re.len ? re.ptr[i + 1] : '\0';
                const char *class = c == '\\' ? class_of(next, inside) : NULL;

                if (class) {
                        text_word(out, class);
                        i++;
                } else if (c == '\\' && next) {
                        text_byte(out, c);
                        text_byte(out, next);
                        i++;
                } else if (!inside && c == '(' && next == '?' && i + 2 < re.len
                           && re.ptr[i + 2] == ':') {
                        text_byte(out, '(');
                        i += 2;
                } else {
                        if (c == '[' && !inside) {
                                inside = true;
                                text_byte(out, c);
                                if (next == '^')
                                        text_byte(out, re.ptr[++i]);
                                if (i + 1 < re.len && re.ptr[i + 1] == ']')
                                        text_byte(out, re.ptr[++i]);
                                continue;
                        }
                        inside = inside && c != ']';
                        text_byte(out, c);
                }
        }
}

/* An anchor besides those at the ends of an expression, in the middle of which lines may begin? */
static bool
has_inner_anchor(rt_str re)
{
        for (size_t i = 0; i < re.len; i++) {
                if (re.ptr[i] == '\\')
                        i++;
                else if (re.ptr[i] == '$' || (re.ptr[i] == '^' && (!i || re.ptr[i - 1] != '[')))
                        return true;
        }
        return false;
}

/* Sigma looks for the expression anywhere, our operator compares all of the value. `^` and `$` at
 * the ends say where the rest is; with modifier m, at which ends of lines. */
static bool
anywhere(rule *r, const question *q, const field *f, const sigma_value *v, rt_str *ret_whole)
{
        static const char anything[] = "[^\\x00]*";
        rt_str re = pattern_text(r->pool, &v->pattern);
        const bool lines = has(q, MOD_M), simple = !memchr(re.ptr, '|', re.len);
        const char *before = anything, *after = anything;
        writer out = { NULL };

        if (simple && re.len && re.ptr[0] == '^') {
                before = lines ? "([^\\x00]*\\n)?" : "";
                re = str(re.ptr + 1, re.len - 1);
        }
        if (simple && re.len && re.ptr[re.len - 1] == '$'
            && (re.len == 1 || re.ptr[re.len - 2] != '\\')) {
                after = lines ? "(\\n[^\\x00]*)?" : f->kind == LINE ? " ?" : "";
                re.len--;
        }
        if (lines && has_inner_anchor(re))
                return refuse(r, v->node, "re with m: only anchors at both ends are supported");
        text_word(&out, before);
        text_word(&out, "(");
        text_word(&out, has(q, MOD_I) ? "(?i)" : "");
        text_word(&out, has(q, MOD_S) ? "(?s)" : "");
        put_portable(&out, re);
        text_word(&out, ")");
        text_word(&out, after);
        *ret_whole = text_keep(&out, r->pool);
        return true;
}

/* Must whatever the expression matches have a character in it that is none of @a few? Only what is
 * plain to see counts. */
static bool
needs_another(rt_str re, const char *few)
{
        static const char special[] = "\\^$.[]()*+?{}|";

        if (memchr(re.ptr, '|', re.len) || memchr(re.ptr, '(', re.len)
            || memchr(re.ptr, '[', re.len) || memchr(re.ptr, '{', re.len))
                return false;
        for (size_t i = 0; i < re.len; i++) {
                const char c = re.ptr[i], next = i + 1 < re.len ? re.ptr[i + 1] : '\0';

                if (c == '\\')
                        i++;
                else if (c && !strchr(special, c) && !strchr(few, lower(c)) && next != '*'
                         && next != '?')
                        return true;
        }
        return false;
}

static const expr *
compare_re(rule *r, const question *q, const field *f, const sigma_value *v)
{
        const rt_str re = pattern_text(r->pool, &v->pattern);
        const expr *test;
        rt_str whole;

        if (!is_text(f)) {
                refuse(r, v->node, "re: the field is no text");
                return NULL;
        }
        if (!anywhere(r, q, f, v, &whole))
                return NULL;
        test = test_text(r, v->node, "regex", false, f->name, &whole, 1);
        if (!test || !may_be_null(f)
            || needs_another(re, f->kind == JSON || f->kind == OBJECT ? "nul" : ""))
                return test;
        return expr_pair(r->pool, EXPR_AND, test, test_present(r, f));
}

/* ---- lt, lte, gt, gte ---- */

static const expr *
number_test(rule *r, const field *f, const char *op, rt_str number)
{
        writer out = { NULL };

        text_add(&out, f->name);
        text_word(&out, op);
        text_add(&out, number);
        return expr_test(r->pool, text_keep(&out, r->pool));
}

static const expr *
regex_test(rule *r, const sigma_value *v, const field *f, writer *pattern)
{
        const rt_str whole = text_keep(pattern, r->pool);

        return test_text(r, v->node, "regex", false, f->name, &whole, 1);
}

/* Numbers from @a n on, or above it, as a pattern of their JSON text; no exponents. */
static void
put_range(writer *out, rt_str n, bool above)
{
        char part[64];

        snprintf(part, sizeof part, "([1-9][0-9]{%zu}[0-9]*", n.len);
        text_word(out, part);
        for (size_t i = 0; i < n.len; i++) {
                if (n.ptr[i] == '9')
                        continue;
                text_word(out, "|");
                text_add(out, str(n.ptr, i));
                snprintf(part, sizeof part, "[%c-9][0-9]{%zu}", n.ptr[i] + 1, n.len - i - 1);
                text_word(out, part);
        }
        text_word(out, above ? "" : "|");
        text_add(out, above ? str("", 0) : n);
        text_word(out, ")(\\.[0-9]+)?");
        if (above) {
                text_word(out, "|");
                text_add(out, n);
                text_word(out, "\\.[0-9]*[1-9][0-9]*");
        }
}

static const expr *
compare_number(rule *r, const question *q, const field *f, const sigma_value *v)
{
        const rt_str n = pattern_text(r->pool, &v->pattern);
        const bool less = has(q, MOD_LT) || has(q, MOD_LTE);
        const bool above = has(q, MOD_GT) || has(q, MOD_LTE);
        writer pattern = { NULL };
        const expr *range;

        for (size_t i = 0; i < n.len; i++)
                if (n.ptr[i] < '0' || n.ptr[i] > '9' || (i == 1 && n.ptr[0] == '0'))
                        refuse(r, v->node, "only whole numbers from 0 on can be compared with");
        if (!n.len || n.len > 18)
                refuse(r, v->node, "only whole numbers from 0 on can be compared with");
        if (r->problem.line)
                return NULL;
        if (f->kind == NUMBER)
                return number_test(r, f,
                                   has(q, MOD_LT)    ? " < "
                                   : has(q, MOD_LTE) ? " <= "
                                   : has(q, MOD_GT)  ? " > "
                                                     : " >= ",
                                   n);
        if (f->kind != JSON) {
                refuse(r, v->node, "the field is no number");
                return NULL;
        }
        put_range(&pattern, n, above);
        range = regex_test(r, v, f, &pattern);
        if (!range || !less)
                return range;
        text_word(&pattern, "-?[0-9]+(\\.[0-9]+)?");
        return expr_pair(r->pool, EXPR_AND, regex_test(r, v, f, &pattern),
                         expr_not(r->pool, range));
}

/* ---- cidr ---- */

/* Addresses of a network as beginnings of their text, or as whole texts. */
static const expr *
network_text(rule *r, const field *f, const sigma_value *v, uint32_t net, unsigned bits)
{
        const unsigned octets = bits ? (bits + 7) / 8 : 1;
        const uint32_t step = UINT32_C(1) << (32 - octets * 8) % 32;
        const size_t n = (size_t) 1 << (octets * 8 - bits);
        rt_str *starts = pool_take(r->pool, n, sizeof *starts);
        char part[24];

        for (size_t i = 0; i < n; i++) {
                const uint32_t a = net + (uint32_t) i * step;
                const unsigned o[] = { a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255 };

                part[0] = '\0';
                for (unsigned k = 0, at = 0; k < octets; k++)
                        at += (unsigned) snprintf(part + at, sizeof part - at, k < 3 ? "%u." : "%u",
                                                  o[k]);
                starts[i] = pool_copy(r->pool, str(part, strlen(part)));
        }
        return test_text(r, v->node, octets == 4 ? "=" : "startswith", false, f->name, starts, n);
}

typedef struct network {
        int family; /* AF_INET, AF_INET6; 0: no network */
        unsigned char bytes[16];
        unsigned bits;
} network;

static network
read_network(rt_str given)
{
        const char *slash = memchr(given.ptr, '/', given.len);
        const size_t at = slash ? (size_t) (slash - given.ptr) : 0;
        char address[INET6_ADDRSTRLEN] = "";
        network net = { 0 };
        char *end;

        if (!at || at >= sizeof address || slash[1] < '0' || slash[1] > '9')
                return net;
        memcpy(address, given.ptr, at);
        net.bits = (unsigned) strtoul(slash + 1, &end, 10);
        if (end != given.ptr + given.len)
                return net;
        if (inet_pton(AF_INET, address, net.bytes) == 1 && net.bits <= 32)
                net.family = AF_INET;
        else if (inet_pton(AF_INET6, address, net.bytes) == 1 && net.bits >= 1 && net.bits <= 128)
                net.family = AF_INET6;
        return net;
}

static const expr *
compare_cidr(rule *r, const field *f, const sigma_value *v)
{
        const rt_str given = pattern_text(r->pool, &v->pattern);
        const network net = read_network(given);
        uint32_t ip;

        if (f->kind == ADDRESS && net.family)
                return test_text(r, v->node, "=", false, f->net, &given, 1);
        if (!is_text(f) || f->kind == LINE || net.family != AF_INET) {
                refuse(r, v->node,
                       net.family && is_text(f)
                               ? "cidr: of fields that are text only IPv4 networks are supported"
                               : "cidr: no network, or the field is no address");
                return NULL;
        }
        ip = (uint32_t) net.bytes[0] << 24 | (uint32_t) net.bytes[1] << 16
             | (uint32_t) net.bytes[2] << 8 | net.bytes[3];
        ip = net.bits ? ip & ~UINT32_C(0) << (32 - net.bits) : 0;
        return network_text(r, f, v, ip, net.bits);
}

/* ---- exists, fieldref ---- */

static const expr *
compare_exists(rule *r, const field *f, const sigma_value *v)
{
        const rt_str word = pattern_text(r->pool, &v->pattern);
        const expr *there;
        writer out = { NULL };

        if (!str_is_folded(word, "true") && !str_is_folded(word, "false")) {
                refuse(r, v->node, "exists takes true or false");
                return NULL;
        }
        text_add(&out, f->name);
        text_word(&out, f->kind == EMPTY ? " != \"\"" : " exists");
        there = expr_test(r->pool, text_keep(&out, r->pool));
        return str_is_folded(word, "true") ? there : expr_not(r->pool, there);
}

/* Text is compared with text; that a null stands on both sides is no match. */
static const expr *
compare_fieldref(rule *r, const question *q, const field *f, const sigma_value *v)
{
        const rt_str other_name = pattern_text(r->pool, &v->pattern);
        const char *op = has(q, MOD_CONTAINS)     ? " contains "
                         : has(q, MOD_STARTSWITH) ? " startswith "
                         : has(q, MOD_ENDSWITH)   ? " endswith "
                                                  : " = ";
        const bool fold = is_text(f) && !has(q, MOD_CASED);
        writer out = { NULL };
        const expr *both;
        field other;

        if (!field_find(r, v->node, other_name, &other))
                return NULL;
        if (is_text(f) != is_text(&other) || (!is_text(f) && f->kind != other.kind)
            || f->kind == PRESENT || f->kind == ARRAY) {
                refuse(r, v->node, "fieldref: the two fields are of different kinds");
                return NULL;
        }
        text_word(&out, fold ? "tolower(" : "");
        text_add(&out, f->name);
        text_word(&out, fold ? ")" : "");
        text_word(&out, op);
        text_word(&out, fold ? "tolower(" : "val(");
        text_add(&out, other.name);
        text_word(&out, ")");
        both = expr_test(r->pool, text_keep(&out, r->pool));
        if (may_be_null(f))
                both = expr_pair(r->pool, EXPR_AND, both, test_present(r, f));
        if (may_be_null(&other))
                both = expr_pair(r->pool, EXPR_AND, both, test_present(r, &other));
        return both;
}

const expr *
compare_special(rule *r, const question *q, const field *f, const sigma_value *v)
{
        if (v->null) {
                refuse(r, v->node, "null cannot be compared so");
                return NULL;
        }
        if (has(q, MOD_RE))
                return compare_re(r, q, f, v);
        if (has(q, MOD_CIDR))
                return compare_cidr(r, f, v);
        if (has(q, MOD_EXISTS))
                return compare_exists(r, f, v);
        if (has(q, MOD_FIELDREF))
                return compare_fieldref(r, q, f, v);
        return compare_number(r, q, f, v);
}
