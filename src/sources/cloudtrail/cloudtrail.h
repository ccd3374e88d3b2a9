/* SPDX-License-Identifier: Apache-2.0 */
/* cloudtrail.h - the source aws_cloudtrail: what its files share. */
#ifndef RTI_SOURCES_CLOUDTRAIL_CLOUDTRAIL_H
#define RTI_SOURCES_CLOUDTRAIL_CLOUDTRAIL_H

#include "sources/jsonkit/hunt.h"

/* Paths read of every record, and where they stand in kit->nodes. */
#define CLOUDTRAIL_FIXED "eventType|eventTime"
enum { CLOUDTRAIL_EVENT_TYPE = 1, CLOUDTRAIL_EVENT_TIME };

typedef struct cloudtrail {
        rti_kit kit;    /* first: kit.h */
        bool reference; /* reading=reference */

        rti_hunt hunt; /* reading=tolerant */

        rti_brace brace; /* reading=reference: the text around the records */
        bool begun;      /* ... of which some has been read */
        bool in_record;  /* ... and the window's start is inside of a record to be skipped */
} cloudtrail;
_Static_assert(offsetof(cloudtrail, kit) == 0, "rti_kit_demand, rti_kit_extract");

/* fields.c */
extern const rti_kit_field rti_cloudtrail_reads[]; /* by row of rti_cloudtrail_fields */

/* split.c: cut records out of a delivery. */
int rti_cloudtrail_next(void *state, rt_input *input, rt_event *event);
void rti_cloudtrail_restart(void *state);
extern const rti_hunt_ops rti_cloudtrail_hunt_ops;

/* user.c: ct.user. 1: *ret_text is the name; 0: there is none, and *ret_text says how that looks in
 * the event's summary. @a nodes: the values of ct.user's paths. */
int rti_cloudtrail_user(rti_kit *kit, const rt_event *event, const rti_json_node *nodes,
                        rt_str *ret_text);

/* info.c: ct.info and evt.plugininfo. As rt_source_ops.info. */
int rti_cloudtrail_summary(rti_kit *kit, const rt_event *event, rt_str *ret_text);
int rti_cloudtrail_info(rti_kit *kit, const rt_event *event, rt_str *ret_text);

/* number.c: an unsigned number as the reference reads it. */
uint64_t rti_cloudtrail_u64(rt_str number);

#endif
