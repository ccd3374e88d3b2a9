/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - where the tokens of a JSON text are.
 *
 *   in   any bytes
 *   out  offsets of every `{ } [ ] : ,` outside of strings, of every opening quote, and of the
 *        first byte of every other run (numbers, literals, rubbish) between those and blanks;
 *        beside each offset the byte that stands there
 *
 * The text is taken in blocks of 64 bytes, one bit per byte, by one of several kernels that give
 * the same result: portable C, SSE2, AVX2, AVX-512. They never read outside of the text. Nothing is
 * checked here; a backslash outside of strings makes a token that walk.c refuses, whatever it did
 * to a quote behind it.
 */
#ifndef RTI_JSON_SCAN_H
#define RTI_JSON_SCAN_H

#include "base/str.h"

enum { RTI_JSON_BLOCK = 64 };

typedef struct rti_json_scan {
        const char *text;
        size_t len;
        size_t at;       /* bytes seen: a multiple of the block, or len */
        uint32_t *index; /* offsets */
        char *kinds;     /* the bytes there */
        size_t n, room;
        uint64_t escaped;     /* 1: the next byte stands behind a backslash that counts */
        uint64_t in_string;   /* all ones: the next byte is inside of a string */
        uint64_t in_scalar;   /* 1: the byte before belongs to a number or literal */
        uint64_t backslashes; /* not 0: there was a backslash */
} rti_json_scan;

/* Scan on to @a end (a multiple of the block, or len), or until fewer than RTI_JSON_SCAN_ROOM
 * places are left in the index. */
typedef void (*rti_json_kernel)(rti_json_scan *scan, size_t end);
enum { RTI_JSON_SCAN_ROOM = RTI_JSON_BLOCK + 8 };

enum rti_json_kernel_id {
        RTI_JSON_PORTABLE,
        RTI_JSON_SSE2,
        RTI_JSON_AVX2,
        RTI_JSON_AVX512,
        RTI_JSON_N_KERNELS
};

/* The kernel of that name, NULL if this machine has not got it. */
rti_json_kernel rti_json_kernel_get(enum rti_json_kernel_id id);
/* The fastest that this machine has. */
rti_json_kernel rti_json_kernel_best(void);

void rti_json_scan_portable(rti_json_scan *scan, size_t end);
#if defined(__x86_64__)
void rti_json_scan_sse2(rti_json_scan *scan, size_t end);
void rti_json_scan_avx2(rti_json_scan *scan, size_t end);
void rti_json_scan_avx512(rti_json_scan *scan, size_t end);
#endif

#endif
