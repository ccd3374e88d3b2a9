/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - what was measured of the predicates of a running ruleset, for compiling it again.
 *
 * Text, a line each, so that profiles can be read, compared and cut:
 *
 *      libruntime-profile 1
 *      source EVENTS NAME
 *      pred ASKED HELD TIMED NS KEY
 *
 * `source` says how many events of that source were judged; the `pred` lines behind it are its
 * predicates. ASKED: events for which the predicate was decided, HELD: of these, those it held for.
 * TIMED: decisions that were timed (0: none), NS: nanoseconds of all of these together. KEY is the
 * predicate as rti_print_pred has it, as rti_profile_shorten leaves it. Every line ends with a
 * newline; numbers are decimal without leading zeros; no line comes twice.
 *
 * Predicates of the compiled program, so after the passes: the same rules compiled with the same
 * passes have the same keys. What rules no longer ask is no error.
 */
#ifndef RTI_PROGRAM_PROFILE_H
#define RTI_PROGRAM_PROFILE_H

#include "base/buf.h"
#include "base/hash.h"

enum { RTI_PROFILE_KEY_BYTES = 256 };

typedef struct rti_profile_row {
        uint64_t asked, held; /* held <= asked */
        uint64_t timed, ns;   /* timed <= asked */
} rti_profile_row;

typedef struct rti_profile {
        rti_map map; /* source, newline, key -> row */
        rti_profile_row *rows;
        uint32_t n;
} rti_profile;

/* Read a profile; what it holds is the arena's. RT_OK; RT_EFORMAT, RT_ELIMIT: *ret_line (from 1) is
 * where it is not as above; RT_ENOMEM. */
int rti_profile_read(rti_arena *arena, rt_str text, rti_profile *ret_profile, size_t *ret_line);
/* What is known of a predicate, or NULL. @a name: SOURCE, newline, KEY. */
const rti_profile_row *rti_profile_find(const rti_profile *profile, rt_str name);

/* Make what stands in @a buf behind @a from a key: at most RTI_PROFILE_KEY_BYTES, the rest of a
 * longer one as a hash, and nothing that would end a line. */
void rti_profile_shorten(rti_buf *buf, size_t from);

/* ---- writing ---- */

void rti_profile_begin(rti_buf *buf);
void rti_profile_add_source(rti_buf *buf, rt_str name, uint64_t events);
void rti_profile_add_row(rti_buf *buf, const rti_profile_row *row, rt_str key);

#endif
