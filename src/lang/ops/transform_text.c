/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transform_text.c - join and concat: values as one text. Texts are measured first, then written.
 */
#include "lang/ops/family.h"
#include "lang/ops/transform_private.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

enum { NUMBER_BYTES = 352 }; /* the largest double without exponent, and more than any address */

/* Text of a value that is not a string, in @a room. */
static rt_str
number_text(const rt_value *value, char room[NUMBER_BYTES])
{
        int n = 0;

        switch (rti_kinds[value->kind].hold) {
        case RTI_HOLD_UNSIGNED:
                if (value->kind == RT_KIND_BOOL)
                        return value->as.u ? RTI_STR("true") : RTI_STR("false");
                n = snprintf(room, NUMBER_BYTES, "%" PRIu64, value->as.u);
                break;
        case RTI_HOLD_SIGNED:
                n = snprintf(room, NUMBER_BYTES, "%" PRId64, value->as.i);
                break;
        case RTI_HOLD_DOUBLE:
                n = snprintf(room, NUMBER_BYTES, "%.1f", value->as.d);
                break;
        case RTI_HOLD_ADDRESS:
                if (value->kind == RT_KIND_IPNET)
                        return RTI_STR("<IPNET>");
                if (!inet_ntop(rti_ip_bytes(value) == 4 ? AF_INET : AF_INET6, value->as.ip, room,
                               NUMBER_BYTES))
                        return RTI_STR("");
                return rti_str_of(room);
        default:
                break;
        }
        return (rt_str){ room, n > 0 ? (size_t) n : 0 };
}

static rt_str
value_text(const rt_value *value, char room[NUMBER_BYTES])
{
        if (value->kind > RT_KIND_LIST)
                return RTI_STR("");
        return rti_kinds[value->kind].hold == RTI_HOLD_STRING ? rti_cut(value->as.s)
                                                              : number_text(value, room);
}

static int
string_result(char *ptr, size_t len, rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = { ptr, len } };
        return 1;
}

static char *
append(char *to, rt_str s)
{
        if (s.len)
                memcpy(to, s.ptr, s.len);
        return to + s.len;
}

int
rti_transform_join(const rt_value *separator, const rt_value *list,
                   const rti_transform_memory *memory, rt_value *ret_value)
{
        char room[NUMBER_BYTES], between_room[NUMBER_BYTES];
        const rt_str between = value_text(separator, between_room);
        size_t size = 1;
        char *text, *to;

        for (uint32_t i = 0; i < list->count; i++) {
                if (list->as.list[i].kind == RT_KIND_NONE)
                        return 0;
                if (__builtin_add_overflow(size, value_text(&list->as.list[i], room).len, &size)
                    || __builtin_add_overflow(size, between.len, &size))
                        return RT_ENOMEM;
        }
        text = to = rti_transform_get(memory, size);
        if (!text)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < list->count; i++) {
                if (i)
                        to = append(to, between);
                to = append(to, value_text(&list->as.list[i], room));
        }
        return string_result(text, (size_t) (to - text), ret_value);
}

int
rti_transform_concat(const rt_value *const *args, uint32_t n, const rti_transform_memory *memory,
                     rt_value *ret_value)
{
        char room[NUMBER_BYTES];
        size_t size = 1;
        char *text, *to;

        for (uint32_t i = 0; i < n; i++)
                if (__builtin_add_overflow(size, value_text(args[i], room).len, &size))
                        return RT_ENOMEM;
        text = to = rti_transform_get(memory, size);
        if (!text)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                to = append(to, value_text(args[i], room));
        return string_result(text, (size_t) (to - text), ret_value);
}
