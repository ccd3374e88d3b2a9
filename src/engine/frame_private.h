/* SPDX-License-Identifier: Apache-2.0 */
/* frame_private.h - what the frame's parts share. */
#ifndef RTI_ENGINE_FRAME_PRIVATE_H
#define RTI_ENGINE_FRAME_PRIVATE_H

#include "engine/frame.h"

enum {
        RTI_MOST_LAST = 1024,   /* slots whose last value is kept, which bounds the memory: 1 MiB */
        RTI_LONGEST_LAST = 1000 /* text, in bytes */
};

/* A slot's value in the last event that it was read in. */
typedef struct rti_last {
        uint64_t made_of; /* of a transformer or a list: the sum of its arguments' versions */
        enum { RTI_LAST_UNKNOWN, RTI_LAST_MISSING, RTI_LAST_NUMBER, RTI_LAST_TEXT } what;
        uint32_t len;
        union {
                uint64_t number;
                char text[RTI_LONGEST_LAST];
        } as;
} rti_last;

#endif
