/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - is this text? */
#ifndef RTI_BASE_UTF8_H
#define RTI_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed sequence at @a s, 0 if there is none. */
size_t rti_utf8_valid(const char *s, size_t len);
/* Bytes at @a s that one U+FFFD stands for: the longest beginning of a well-formed sequence, at
 * least 1. Call it where rti_utf8_valid gave 0. */
size_t rti_utf8_broken(const char *s, size_t len);
/* Write @a code (not a surrogate) to @a to, 4 bytes at most; how many were written. */
size_t rti_utf8_put(char *to, uint32_t code);
/* The code point of a sequence that rti_utf8_valid accepted with @a n bytes. */
uint32_t rti_utf8_get(const char *s, size_t n);

#endif
