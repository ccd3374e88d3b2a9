/* SPDX-License-Identifier: Apache-2.0 */
/* callbacks.c - functions that call back: as they should, later, from a thread, again and again. */
#include <libruntime-natives/natives.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

RT_API int64_t
fold(const void *bytes, size_t n, int64_t (*next)(int64_t, uint8_t))
{
        int64_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum = next(sum, ((const uint8_t *) bytes)[i]);
        return sum;
}

static int32_t (*comparing)(uint8_t, uint8_t);

static int
compare(const void *a, const void *b)
{
        return comparing(*(const uint8_t *) a, *(const uint8_t *) b);
}

RT_API rt_str
sorted(rt_str text, int32_t (*by)(uint8_t, uint8_t))
{
        static char copy[256];

        if (text.len > sizeof copy)
                return (rt_str){ NULL, 0 };
        memcpy(copy, text.ptr, text.len);
        comparing = by;
        qsort(copy, text.len, 1, compare);
        return (rt_str){ copy, text.len };
}

static int64_t (*kept)(int64_t);

RT_API void
keep(int64_t (*callback)(int64_t))
{
        kept = callback;
}

RT_API int64_t
call_kept(int64_t n)
{
        return kept ? kept(n) : -1;
}

static void *
in_thread(void *user)
{
        *(int64_t *) user = kept(*(int64_t *) user);
        return NULL;
}

RT_API int64_t
call_in_thread(int64_t n, int64_t (*callback)(int64_t))
{
        pthread_t thread;

        kept = callback;
        if (pthread_create(&thread, NULL, in_thread, &n) == 0)
                pthread_join(thread, NULL);
        return n;
}

typedef bool (*take_all)(bool, int8_t, uint16_t, double, const char *, rt_str, const void *, size_t,
                         const uint8_t *, size_t, void *);

RT_API int32_t
give_all(take_all take, void *user)
{
        static const uint8_t ip[] = { 192, 0, 2, 1 };

        return take(true, -8, 65535, 0.5, "text", (rt_str){ "s\0r", 3 }, "by", 2, ip, 4, user) ? 1
                                                                                               : 0;
}

RT_API int32_t
give_nothing(take_all take)
{
        return take(false, 0, 0, 0, NULL, (rt_str){ NULL, 0 }, NULL, 0, NULL, 0, NULL) ? 1 : 0;
}

RT_API int32_t
give_garbage(uint8_t what, bool (*take)(const uint8_t *, size_t), bool (*take_text)(const char *))
{
        static char text[1 << 17];

        if (what == 0)
                return take((const uint8_t *) "12345", 5);
        memset(text, 'x', sizeof text - 1);
        return take_text(text);
}

static int64_t number = 7;

RT_API void *
a_pointer(bool any)
{
        return any ? &number : NULL;
}

RT_API int64_t
behind(const void *pointer)
{
        return *(const int64_t *) pointer;
}

RT_API int64_t
or_zero(int64_t (*callback)(int64_t), int64_t n)
{
        return callback ? callback(n) : 0;
}

#define ANSWER(name, type)                       \
        RT_API type name(type (*callback)(void)) \
        {                                        \
                return callback();               \
        }
ANSWER(answer_i8, int8_t)
ANSWER(answer_u16, uint16_t)
ANSWER(answer_i32, int32_t)
ANSWER(answer_u64, uint64_t)
ANSWER(answer_double, double)
ANSWER(answer_bool, bool)
ANSWER(answer_ptr, void *)

RT_API const char *
garbage(uint8_t what)
{
        static char text[1 << 17];

        if (what == 0)
                return NULL;
        if (what == 1)
                return "\xff\xfe\x01";
        return memset(text, 'x', sizeof text - 1);
}

RT_API uint8_t
no_bool(void)
{
        return 2;
}

RT_API double
no_number(void)
{
        return strtod("nan", NULL);
}

RT_API int64_t
six(bool a, int16_t b, uint32_t c, double d, const char *e, const uint8_t *ip, size_t ip_len)
{
        return a + b + c + (int64_t) d + (e ? (int64_t) strlen(e) : 0) + (ip ? ip[ip_len - 1] : 0);
}
