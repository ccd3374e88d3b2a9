/* SPDX-License-Identifier: Apache-2.0 */
/* probe.h - what the parts of the conformance probe share. */
#ifndef TESTS_CONFORMANCE_PROBE_H
#define TESTS_CONFORMANCE_PROBE_H

#include "base/arena.h"
#include <jansson.h>

/* One request is being answered. The arena is reset behind it. */
typedef struct probe {
        rti_arena arena;
        json_t *request;
        json_t *answer; /* an object; "ok" and "error" are set by the operation */
} probe;

/* One operation: a row of the dispatcher's table. */
typedef struct probe_op {
        const char *name;
        void (*run)(probe *p);
} probe_op;

/* Text of the request's @a key, or the bytes of KEY_hex; `ptr` NULL: neither is there. */
rt_str probe_text(probe *p, const char *key);
void probe_set(probe *p, const char *key, json_t *value);
void probe_set_text(probe *p, const char *key, rt_str text);
/* Bytes as hex digits. */
void probe_set_hex(probe *p, const char *key, rt_str bytes);
/* "ok": false and "error". */
void probe_fail(probe *p, rt_str error);
/* The same for a result RT_E* without a text of its own. */
void probe_fail_status(probe *p, int status);

/* One table a file; each ends with a NULL name. */
extern const probe_op probe_check_ops[];
extern const probe_op probe_eval_ops[];
extern const probe_op probe_fields_ops[];
extern const probe_op probe_load_ops[];
extern const probe_op probe_parse_ops[];
extern const probe_op probe_split_ops[];

#endif
