/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native_calls.h - native functions called in two ways, for those who time or count it.
 *
 * "bare" is ffi_call of the function, with a cif that was prepared, and arguments that stand
 * ready in C's types: what no caller through libffi can do without.
 *
 * "field" is what the engine calls for each event: extract of the provider. It takes the engine's
 * values, looks at each one's kind and range, makes C's arguments of them (a text is copied, to
 * have a NUL behind it), calls, and makes a value of what comes back (a text is copied into the
 * event's memory). This program stands in for the engine, that memory included.
 */
#ifndef BENCH_NATIVE_CALLS_H
#define BENCH_NATIVE_CALLS_H

#include <stddef.h>

enum { NATIVE_CALLS = 5 }; /* functions, each of another signature */

/* Load the library in @a folder. 0, or -1 after a message. */
int native_calls_open(const char *folder);
void native_calls_close(void);
const char *native_calls_signature(size_t function);
/* Call it @a n times. Aborts when a result is not what it must be. */
void native_calls_bare(size_t function, unsigned n);
void native_calls_field(size_t function, unsigned n);

#endif
