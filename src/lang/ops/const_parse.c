/* SPDX-License-Identifier: Apache-2.0 */
/*
 * const_parse.c - text of a rule -> a constant of the left-hand side's kind.
 *
 * Integers follow C's scanf: blanks and a sign in front, decimal digits, nothing behind. Unsigned
 * kinds wrap negative numbers, too large ones saturate at 64 bits, and kinds of 8 and 16 bits are
 * read with 32 and cut.
 */
#include "lang/ops/family.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <stdarg.h>

int
rti_refuse(rti_arena *arena, rt_str *ret_error, const char *format, ...)
{
        va_list args;
        rt_str text;

        va_start(args, format);
        text = rti_arena_vprintf(arena, format, args);
        va_end(args);
        if (!text.ptr)
                return RT_ENOMEM;
        *ret_error = text;
        return RT_ERULES;
}

/* Blanks, a sign and at least one digit, up to the end of @a text. */
static bool
read_digits(rt_str text, bool *ret_negative, uint64_t *ret_size, bool *ret_over)
{
        uint64_t size = 0;
        bool over = false;
        size_t at = 0;

        while (at < text.len && memchr(" \t\n\v\f\r", text.ptr[at], 6))
                at++;
        *ret_negative = at < text.len && text.ptr[at] == '-';
        if (at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+'))
                at++;
        if (at == text.len)
                return false;
        for (; at < text.len; at++) {
                const unsigned digit = (unsigned) (unsigned char) text.ptr[at] - '0';

                if (digit > 9)
                        return false;
                over |= __builtin_mul_overflow(size, (uint64_t) 10, &size)
                        || __builtin_add_overflow(size, (uint64_t) digit, &size);
        }
        *ret_size = size;
        *ret_over = over;
        return true;
}

/* As strtoull. */
static bool
read_unsigned(rt_str text, uint64_t *ret_number)
{
        bool negative, over;
        uint64_t size;

        if (!read_digits(text, &negative, &size, &over))
                return false;
        *ret_number = over ? UINT64_MAX : negative ? 0 - size : size;
        return true;
}

/* As strtoll. */
static bool
read_signed(rt_str text, int64_t *ret_number)
{
        bool negative, over;
        uint64_t size;

        if (!read_digits(text, &negative, &size, &over))
                return false;
        if (negative)
                *ret_number = over || size > INT64_MAX ? INT64_MIN : -(int64_t) size;
        else
                *ret_number = over || size > INT64_MAX ? INT64_MAX : (int64_t) size;
        return true;
}

static bool
parse_number(rt_str text, rt_value *value)
{
        int64_t i = 0;
        uint64_t u = 0;

        if (rti_kinds[value->kind].hold == RTI_HOLD_UNSIGNED) {
                if (!read_unsigned(text, &u))
                        return false;
        } else if (!read_signed(text, &i)) {
                return false;
        }
        switch (value->kind) {
        case RT_KIND_INT8:
                value->as.i = (int8_t) (uint8_t) (uint64_t) i;
                break;
        case RT_KIND_INT16:
                value->as.i = (int16_t) (uint16_t) (uint64_t) i;
                break;
        case RT_KIND_INT32:
                value->as.i = (int32_t) (uint32_t) (uint64_t) i;
                break;
        case RT_KIND_INT64:
                value->as.i = i;
                break;
        case RT_KIND_DOUBLE:
                value->as.d = (double) i;
                break;
        case RT_KIND_UINT8:
                value->as.u = (uint8_t) u;
                break;
        case RT_KIND_UINT16:
                value->as.u = (uint16_t) u;
                break;
        case RT_KIND_UINT32:
                value->as.u = (uint32_t) u;
                break;
        default:
                value->as.u = u;
        }
        return true;
}

/* Digits, nothing (0), or a service's name. */
static bool
parse_port(rt_str text, rt_value *value)
{
        char name[RTI_MAX_CONSTANT_BYTES + 1], memory[2048];
        struct servent entry, *found = NULL;
        uint64_t number = 0;

        if (text.len == 0 || (text.ptr[0] >= '0' && text.ptr[0] <= '9')) {
                if (text.len && !read_unsigned(text, &number))
                        return false;
                value->as.u = (uint16_t) number;
                return true;
        }
        if (text.len >= sizeof name)
                return false;
        memcpy(name, text.ptr, text.len);
        name[text.len] = '\0';
        if (getservbyname_r(name, /* proto= */ NULL, &entry, memory, sizeof memory, &found) != 0
            || !found)
                return false;
        value->as.u = ntohs((uint16_t) found->s_port);
        return true;
}

/* An address without blanks or anything else around it: 4 or 16 bytes, or 0. */
static uint32_t
parse_address(rt_str text, uint8_t ip[16])
{
        char copy[INET6_ADDRSTRLEN + 1];
        const bool four = memchr(text.ptr ? text.ptr : "", '.', text.len) != NULL;

        if (text.len >= sizeof copy)
                return 0;
        if (text.len)
                memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        /* A dot makes it an IPv4 address, so that "::ffff:1.2.3.4" is none. */
        return inet_pton(four ? AF_INET : AF_INET6, copy, ip) == 1 ? (four ? 4 : 16) : 0;
}

static int
parse_ip(rti_arena *arena, rt_str text, rt_value *value, rt_str *ret_error)
{
        value->count = parse_address(text, value->as.ip);
        if (value->count)
                return RT_OK;
        return rti_refuse(arena, ret_error, "unrecognized IPv%c address %.*s",
                          text.len && memchr(text.ptr, '.', text.len) ? '4' : '6', RTI_FMT(text));
}

static int
parse_net(rti_arena *arena, rt_str text, rt_value *value, rt_str *ret_error)
{
        const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
        rt_str address, mask;
        uint64_t bits = 0;
        uint32_t bytes;
        bool good;

        if (!slash)
                return rti_refuse(arena, ret_error, "unrecognized IP network %.*s", RTI_FMT(text));
        address = rti_str_sub(text, 0, (size_t) (slash - text.ptr));
        mask = rti_str_sub(text, address.len + 1, text.len);
        bytes = parse_address(address, value->as.ip);
        if (!bytes)
                return rti_refuse(arena, ret_error, "unrecognized IP network %.*s", RTI_FMT(text));
        good = read_unsigned(mask, &bits);
        if (bytes == 4 && (!good || bits > 32))
                return rti_refuse(arena, ret_error, "invalid netmask");
        if (bytes == 16 && (!good || bits < 1 || bits > 128))
                return rti_refuse(arena, ret_error, "invalid v6 netmask");
        value->count = bytes | (uint32_t) bits << 8;
        return RT_OK;
}

static int
parse_bool(rti_arena *arena, rt_str text, rt_value *value, rt_str *ret_error)
{
        value->as.u = rti_str_is(text, "true");
        if (value->as.u || rti_str_is(text, "false"))
                return RT_OK;
        return rti_refuse(arena, ret_error, "filter error: unrecognized boolean value %.*s",
                          RTI_FMT(text));
}

static int
parse_string(rti_arena *arena, rt_str text, rt_value *value, rt_str *ret_error)
{
        if (text.len > RTI_MAX_CONSTANT_BYTES) {
                if (value->kind == RT_KIND_BYTES)
                        return rti_refuse(arena, ret_error, "filter parameter too long (byte buf)");
                return rti_refuse(arena, ret_error,
                                  "filter parameter too long (used=%zu, available=%d):%.*s",
                                  text.len + 1, RTI_MAX_CONSTANT_BYTES + 1, RTI_FMT(text));
        }
        value->as.s = text;
        return RT_OK;
}

int
rti_const_parse(rti_arena *arena, uint32_t kind, rt_str text, rt_value *ret_value,
                rt_str *ret_error)
{
        rt_value value = { .kind = kind };
        int r = RT_OK;

        if (kind != RT_KIND_BYTES && text.len && memchr(text.ptr, '\0', text.len))
                return rti_refuse(arena, ret_error,
                                  "filter error: filter value cannot contain a NUL byte (\\x00)");
        if (kind > RT_KIND_LIST)
                return RT_EINVAL;
        if (rti_kinds[kind].hold == RTI_HOLD_STRING) {
                r = parse_string(arena, text, &value, ret_error);
        } else if (kind == RT_KIND_BOOL) {
                r = parse_bool(arena, text, &value, ret_error);
        } else if (kind == RT_KIND_IPADDR) {
                r = parse_ip(arena, text, &value, ret_error);
        } else if (kind == RT_KIND_IPNET) {
                r = parse_net(arena, text, &value, ret_error);
        } else if (kind == RT_KIND_PORT) {
                if (!parse_port(text, &value))
                        r = rti_refuse(arena, ret_error, "unrecognized protocol %.*s",
                                       RTI_FMT(text));
        } else if (!rti_kind_is_number(kind)) {
                r = rti_refuse(arena, ret_error,
                               "filter error: there are no constants of type '%s'",
                               rti_kinds[kind].falco_name);
        } else if (!parse_number(text, &value)) {
                r = rti_refuse(arena, ret_error, "%.*s is not a valid number", RTI_FMT(text));
        }
        if (r == RT_OK)
                *ret_value = value;
        return r;
}
