/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transform_text.c - join and concat: values as one text. Texts are measured first, then written.
 */
#include "lang/ops/family.h"
#include "lang/ops/transform_private.h"
#include <inttypes.h>
#include <stdio.h>

enum { NUMBER_BYTES = 24 };

/* A value as the bytes in which the reference holds it, the lowest first, up to a NUL. */
static rt_str
stored_text(const rt_value *value, char room[NUMBER_BYTES])
{
        static const uint8_t sizes[] = {
                [RT_KIND_BOOL] = 4,    [RT_KIND_INT8] = 1,    [RT_KIND_INT16] = 2,
                [RT_KIND_INT32] = 4,   [RT_KIND_UINT8] = 1,   [RT_KIND_UINT16] = 2,
                [RT_KIND_UINT32] = 4,  [RT_KIND_DOUBLE] = 8,  [RT_KIND_PORT] = 2,
                [RT_KIND_RELTIME] = 8, [RT_KIND_ABSTIME] = 8,
        };
        size_t size = 0;

        if (rti_kinds[value->kind].hold == RTI_HOLD_ADDRESS) {
                size = rti_ip_bytes(value);
                memcpy(room, value->as.ip, size);
        } else if (value->kind < RTI_COUNT(sizes)) {
                size = sizes[value->kind];
                for (size_t i = 0; i < size; i++)
                        room[i] = (char) (value->as.u >> 8 * i);
        }
        return rti_cut((rt_str){ room, size });
}

/* Of numbers, join() prints those of 64 bits and takes the others by their bytes, as the reference
 * does: false adds nothing, true a character 1. */
static rt_str
number_text(const rt_value *value, char room[NUMBER_BYTES])
{
        int n;

        if (value->kind == RT_KIND_UINT64)
                n = snprintf(room, NUMBER_BYTES, "%" PRIu64, value->as.u);
        else if (value->kind == RT_KIND_INT64)
                n = snprintf(room, NUMBER_BYTES, "%" PRId64, value->as.i);
        else
                return stored_text(value, room);
        return (rt_str){ room, n > 0 ? (size_t) n : 0 };
}

static rt_str
value_text(const rt_value *value, char room[NUMBER_BYTES])
{
        if (value->kind >= RT_KIND_LIST)
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
