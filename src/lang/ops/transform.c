/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transform.c - transformers of one argument.
 *
 * The reference ends every transformed string with a NUL that counts. Single strings end at their
 * first NUL for every operator, so that none is added to them here and a slice may stay a slice.
 * It shows in two places, where it is added: in byte buffers, and in the elements of lists, which
 * therefore are members of no set.
 */
#include "lang/ops/family.h"
#include "lang/ops/transform_private.h"

/* From a string without NULs to one of at most the same length. -1: there is no result. */
typedef ptrdiff_t map_fn(rt_str from, char *to);

enum { CASE_BIT = 0x20 };

/* @a word, with its letters from @a first on, the 26 of one case, in the other one. */
static inline uint64_t
other_case(uint64_t word, unsigned char first)
{
        const uint64_t ones = 0x0101010101010101u, low = word & ones * 0x7f;
        const uint64_t from = low + ones * (0x80u - first);
        const uint64_t behind = low + ones * (0x80u - first - 26);

        return word ^ ((from ^ behind) & ~word & ones * 0x80) / (0x80 / CASE_BIT);
}

/* Eight bytes at once: the last of them twice, rather than one by one. */
static ptrdiff_t
change_case(rt_str from, char *to, unsigned char first)
{
        uint64_t word;

        if (from.len < sizeof word) {
                for (size_t i = 0; i < from.len; i++)
                        to[i] = (char) other_case((unsigned char) from.ptr[i], first);
                return (ptrdiff_t) from.len;
        }
        for (size_t i = 0;;
             i = i + 2 * sizeof word <= from.len ? i + sizeof word : from.len - sizeof word) {
                memcpy(&word, from.ptr + i, sizeof word);
                word = other_case(word, first);
                memcpy(to + i, &word, sizeof word);
                if (i + sizeof word == from.len)
                        return (ptrdiff_t) from.len;
        }
}

static ptrdiff_t
to_lower(rt_str from, char *to)
{
        return change_case(from, to, 'A');
}

static ptrdiff_t
to_upper(rt_str from, char *to)
{
        return change_case(from, to, 'a');
}

/* Behind the last slash. */
static rt_str
base_name(rt_str s)
{
        const char *slash = s.len ? memrchr(s.ptr, '/', s.len) : NULL;

        return slash ? rti_str_sub(s, (size_t) (slash - s.ptr) + 1, s.len) : s;
}

static ptrdiff_t
to_base_name(rt_str from, char *to)
{
        const rt_str name = base_name(from);

        if (name.len)
                memcpy(to, name.ptr, name.len);
        return (ptrdiff_t) name.len;
}

/* Value of a base64 digit, or -1. */
static int
digit64(char c)
{
        if (c >= 'A' && c <= 'Z')
                return c - 'A';
        if (c >= 'a' && c <= 'z')
                return c - 'a' + 26;
        if (c >= '0' && c <= '9')
                return c - '0' + 52;
        return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding may be missing; bits of the last digit that belong to no byte must be zero. */
static ptrdiff_t
from_b64(rt_str from, char *to)
{
        uint32_t bits = 0;
        ptrdiff_t n = 0;

        for (int i = 0; i < 2 && from.len && from.ptr[from.len - 1] == '='; i++)
                from.len--;
        if (from.len % 4 == 1)
                return -1;
        for (size_t i = 0; i < from.len; i++) {
                const int digit = digit64(from.ptr[i]);

                if (digit < 0)
                        return -1;
                bits = bits << 6 | (uint32_t) digit;
                if (i % 4 != 0)
                        to[n++] = (char) (unsigned char) (bits >> (6 - 2 * (i % 4)) & 0xff);
        }
        return bits & ((1u << from.len % 4 * 6 % 8) - 1) ? -1 : n;
}

/* One string or buffer. @a nul: the NUL behind it counts. */
static int
map_one(map_fn *map, const rt_value *from, bool nul, const rti_transform_memory *memory,
        rt_value *ret_value)
{
        const rt_str s = from->kind == RT_KIND_BYTES ? from->as.s : rti_cut(from->as.s);
        char *to = rti_transform_get(memory, s.len + 1);
        ptrdiff_t n;

        if (!to)
                return RT_ENOMEM;
        n = map(s, to);
        if (n < 0)
                return 0;
        to[n] = '\0';
        *ret_value = (rt_value){ .kind = from->kind, .as.s = { to, (size_t) n + nul } };
        return 1;
}

static int
map_value(map_fn *map, const rt_value *from, const rti_transform_memory *memory,
          rt_value *ret_value)
{
        rt_value *elements;
        int r;

        if (from->kind != RT_KIND_LIST)
                return map_one(map, from, from->kind == RT_KIND_BYTES, memory, ret_value);
        elements = rti_transform_get(memory, (from->count + (size_t) 1) * sizeof *elements);
        if (!elements)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < from->count; i++) {
                r = map_one(map, &from->as.list[i], /* nul= */ true, memory, &elements[i]);
                if (r != 1)
                        return r;
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = from->count, .as.list = elements };
        return 1;
}

static uint64_t
length(const rt_value *value)
{
        if (value->kind == RT_KIND_LIST)
                return value->count;
        return value->kind == RT_KIND_BYTES ? value->as.s.len : rti_cut(value->as.s).len;
}

static int
transform_one(uint8_t transformer, const rt_value *value, const rti_transform_memory *memory,
              rt_value *ret_value)
{
        switch (transformer) {
        case RTI_TR_TOLOWER:
                return map_value(to_lower, value, memory, ret_value);
        case RTI_TR_TOUPPER:
                return map_value(to_upper, value, memory, ret_value);
        case RTI_TR_B64:
                return map_value(from_b64, value, memory, ret_value);
        case RTI_TR_BASENAME:
                if (value->kind == RT_KIND_LIST)
                        return map_value(to_base_name, value, memory, ret_value);
                *ret_value = *value;
                ret_value->as.s = base_name(rti_cut(value->as.s));
                return 1;
        case RTI_TR_LEN:
                *ret_value = (rt_value){ .kind = RT_KIND_UINT64, .as.u = length(value) };
                return 1;
        default: /* val */
                *ret_value = *value;
                return 1;
        }
}

int
rti_transform(uint8_t transformer, const rt_value *const *args, uint32_t n, rt_str selector,
              const rti_transform_memory *memory, rt_value *ret_value)
{
        for (uint32_t i = 0; i < n; i++)
                if (!args[i])
                        return 0;
        switch (transformer) {
        case RTI_TR_JOIN:
                return n == 2 ? rti_transform_join(args[0], args[1], memory, ret_value) : RT_EINVAL;
        case RTI_TR_CONCAT:
                return rti_transform_concat(args, n, memory, ret_value);
        case RTI_TR_GETOPT:
                return n == 2 ? rti_transform_getopt(args[0], args[1], selector, memory, ret_value)
                              : RT_EINVAL;
        default:
                return n == 1 ? transform_one(transformer, args[0], memory, ret_value) : RT_EINVAL;
        }
}
