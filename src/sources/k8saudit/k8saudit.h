/* SPDX-License-Identifier: Apache-2.0 */
/* k8saudit.h - the source k8s_audit: what its files share. */
#ifndef RTI_SOURCES_K8SAUDIT_K8SAUDIT_H
#define RTI_SOURCES_K8SAUDIT_K8SAUDIT_H

#include "base/vec.h"
#include "sources/jsonkit/hunt.h"

/* Paths read of every event, and where they stand in kit->nodes. */
#define K8SAUDIT_FIXED "kind|stageTimestamp|auditID"
enum { K8SAUDIT_KIND = 1, K8SAUDIT_STAGE_TIMESTAMP, K8SAUDIT_AUDIT_ID };

/* An event of a list, as a part of the line at the window's start. */
typedef struct k8saudit_part {
        size_t at, len;
} k8saudit_part;

typedef struct k8saudit {
        rti_kit kit;    /* first: kit.h */
        bool reference; /* reading=reference */

        rti_hunt hunt; /* reading=tolerant */

        /* reading=reference: the line at the window's start, and its events not given yet */
        RTI_VEC(k8saudit_part) parts;
        size_t next_part;
        size_t line_bytes; /* with its line feed; 0: no line */
        unsigned in_batch; /* events given since the lines ahead were last looked over */
        uint64_t short_to; /* offset of a line: those before it are not too long */
        bool unusable;     /* a line was too long: nothing more of this input counts */
        bool damaged;      /* the input's end is none */
} k8saudit;
_Static_assert(offsetof(k8saudit, kit) == 0, "rti_kit_demand, rti_kit_extract");

/* fields.c */
extern const rti_kit_field rti_k8saudit_reads[]; /* by row of rti_k8saudit_fields */

/* split.c: documents, lists and their events. */
int rti_k8saudit_next(void *state, rt_input *input, rt_event *event);
void rti_k8saudit_restart(void *state);
extern const rti_hunt_ops rti_k8saudit_hunt_ops;

/* uri.c: the first value of parameter @a name in the query of @a uri. 1: *ret_value; 0: there is
 * none, or the URI is none; RT_ELIMIT. */
int rti_k8saudit_uri_param(const rt_event *event, rt_str uri, rt_str name, rt_str *ret_value);

/* walk.c: all values at slot->rest below the slot's first path, through arrays on the way. They end
 * up in kit->list; RTI_JSON_NONE stands for an element that lacks the rest of the path.
 * 1: there are some (perhaps none at all, of an empty array), 0: the path leads nowhere, RT_E*. */
int rti_k8saudit_walk(rti_kit *kit, const rti_kit_slot *slot);
/* The same, for another index than the slot's: UINT64_MAX for all elements. */
int rti_k8saudit_walk_at(rti_kit *kit, const rti_kit_slot *slot, uint64_t index);

#endif
