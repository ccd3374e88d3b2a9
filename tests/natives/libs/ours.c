/* SPDX-License-Identifier: Apache-2.0 */
/* ours.c - functions of every shape. With -DDESCRIBED the library describes some of them. */
#include <libruntime-natives/natives.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

RT_API bool
geo_is_ours(const char *ip, uint32_t number)
{
        return strncmp(ip, "192.0.2.", 8) == 0 && number > 0;
}

RT_API bool
same_text(const char *text)
{
        return strcmp(text, "Abc") == 0;
}

RT_API bool
is_small(uint8_t n)
{
        return n > 0;
}

RT_API const char *
a_word(uint64_t n)
{
        static char text[1 << 17];

        if (n == 1)
                return "one";
        if (n == 2)
                return memset(text, 'x', sizeof text - 1);
        return NULL;
}

RT_API rt_str
my_head(rt_str text, const void *bytes, size_t n_bytes)
{
        return n_bytes == text.len && (!n_bytes || memcmp(bytes, text.ptr, n_bytes) == 0)
                       ? (rt_str){ text.ptr, text.len ? 2 : 0 }
                       : (rt_str){ NULL, 0 };
}

RT_API int8_t
my_negative(int64_t n)
{
        return (int8_t) -n;
}

RT_API double
my_half(double n)
{
        return n / 2;
}

RT_API uint32_t
or_nothing(const char *text, uint16_t n)
{
        return (text ? 1 : 0) + n * 2u;
}

RT_API uint64_t
my_seven(void)
{
        return 7;
}

RT_API int not_a_function = 1;

#ifdef REPLACING
/* While it is being opened, another file takes the place of this one. */
__attribute__((constructor)) static void
replace(void)
{
        const char *file = getenv("RT_TEST_REPLACED"), *by = getenv("RT_TEST_BY");

        if (file && by)
                rename(by, file);
}
#endif

#ifdef DESCRIBED
RT_NATIVES_DESCRIBE({ "geo_is_ours", "bool (string, u32)" }, { "same_text", "bool(string)" },
                    { "is_small", "bool (u9)" }, { "is_gone", "bool ()" })
#endif
#ifdef DESCRIBED_LATER
RT_API const rt_natives_table rt_natives_description = { RT_NATIVES_ABI + 1, 0, NULL };
#endif
#ifdef DESCRIBED_EMPTY
RT_API const rt_natives_table rt_natives_description = { RT_NATIVES_ABI, 1, NULL };
#endif
#ifdef DESCRIBED_SHORT
RT_API const char rt_natives_description = 1;
#endif
