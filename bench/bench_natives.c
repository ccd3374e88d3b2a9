/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_natives.c - fields of native functions beside a bare ffi_call: native_calls.h says what is
 * compared. tests/cost counts the instructions of the same calls.
 */
#include "bench.h"
#include "native_calls.h"
#include <stdio.h>

enum { CALLS = 200000, ROUNDS = 21 };

static double
time_calls(void (*call)(size_t, unsigned), size_t function)
{
        const double began = bench_now();

        call(function, CALLS);
        return bench_now() - began;
}

int
main(void)
{
        double ratios[ROUNDS], seconds[ROUNDS];
        int rc = 0;

        if (native_calls_open(NATIVES) < 0)
                return 2;
        bench_pin();
        for (size_t f = 0; f < NATIVE_CALLS; f++) {
                char name[100];

                for (int i = 0; i < ROUNDS; i++) {
                        seconds[i] = time_calls(native_calls_bare, f);
                        ratios[i] = time_calls(native_calls_field, f) / seconds[i];
                }
                snprintf(name, sizeof name, "a native %s / a bare ffi_call (%.0f ns)",
                         native_calls_signature(f), bench_median(seconds, ROUNDS) * 1e9 / CALLS);
                rc |= !bench_bar(name, bench_median(ratios, ROUNDS), BENCH_AT_MOST, 2);
        }
        native_calls_close();
        return rc;
}
