/* SPDX-License-Identifier: Apache-2.0 */
/* Searching, compared with the C library's, at every length and place. */
#include "lang/ops/family.h"
#include "ops_test.h"

static uint64_t seed = 11;

static uint32_t
below(uint32_t n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t) (seed >> 33) % n;
}

Test(find, agrees_with_memmem_and_strcasestr)
{
        static const char letters[] = "aAbB@[`{\xc1\xe1";
        char text[80], needle[24], lower[24];

        for (int i = 0; i < 200000; i++) {
                const uint32_t n = below(sizeof text), m = below(i % 4 ? 4 : sizeof needle);
                const uint32_t kinds = 2 + below(sizeof letters - 2);
                const char *hit, *folded;

                for (uint32_t k = 0; k < n; k++)
                        text[k] = letters[below(kinds)];
                for (uint32_t k = 0; k < m; k++) {
                        needle[k] = letters[below(kinds)];
                        lower[k] = (char) rti_lower((unsigned char) needle[k]);
                }
                text[n < sizeof text ? n : sizeof text - 1] = '\0';
                needle[m < sizeof needle ? m : sizeof needle - 1] = '\0';
                hit = memmem(text, n, needle, m);
                folded = strcasestr(text, needle);
                cr_assert_eq(rti_find((rt_str){ text, n }, (rt_str){ needle, m }),
                             hit ? (size_t) (hit - text) : SIZE_MAX, "%s in %s", needle, text);
                cr_assert_eq(rti_find_fold((rt_str){ text, n }, (rt_str){ lower, m }),
                             folded ? (size_t) (folded - text) : SIZE_MAX, "%s in %s", needle,
                             text);
        }
}
