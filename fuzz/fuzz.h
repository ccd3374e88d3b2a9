/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h - what fuzz targets share. A target checks a property, not only that nothing dies. */
#ifndef RTI_FUZZ_FUZZ_H
#define RTI_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The property does not hold: a finding. */
#define CHECK(cond)                                                                              \
        do {                                                                                     \
                if (!(cond)) {                                                                   \
                        fprintf(stderr, "%s:%d: CHECK(%s) failed\n", __FILE__, __LINE__, #cond); \
                        abort();                                                                 \
                }                                                                                \
        } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
