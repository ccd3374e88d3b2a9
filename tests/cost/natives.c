/* SPDX-License-Identifier: Apache-2.0 */
/* natives.c - `bare|field FUNCTION N`: N calls of a native function, for natives.py. */
#include "../../bench/native_calls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char **argv)
{
        if (argc == 1) {
                for (size_t i = 0; i < NATIVE_CALLS; i++)
                        puts(native_calls_signature(i));
                return 0;
        }
        if (argc != 4 || native_calls_open(NATIVES) < 0)
                return 2;
        (strcmp(argv[1], "bare") == 0 ? native_calls_bare : native_calls_field)(
                (size_t) strtoul(argv[2], NULL, 10), (unsigned) strtoul(argv[3], NULL, 10));
        native_calls_close();
        return 0;
}
