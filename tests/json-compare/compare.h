/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.h - what other readers make of a text, in a form that can be compared.
 *
 * A value's form: null z, true t, false f, a number nD as %.17g writes it, a string sLENGTH:BYTES,
 * an array [...], an object {...} with its members' names as strings, in order.
 */
#ifndef TESTS_JSON_COMPARE_H
#define TESTS_JSON_COMPARE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
        COMPARE_GOOD,
        COMPARE_BAD,
        COMPARE_LIMIT /* refused for a reason that lies in the reader: size of a number ... */
};

/* Add to the form. */
typedef void (*compare_add)(void *user, const char *bytes, size_t len);

/* The text is followed by 64 readable bytes. */
int compare_simdjson(const char *text, size_t len, compare_add add, void *user);

#ifdef __cplusplus
}
#endif
#endif
