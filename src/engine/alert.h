/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert.h - one match, handed to the host's callback; text and JSON are made when asked for.
 *
 * One rt_alert per worker is reused for every match, and keeps its buffers. It reads values through
 * the frame, so it is valid only while the frame's event is the current one.
 */
#ifndef RTI_ENGINE_ALERT_H
#define RTI_ENGINE_ALERT_H

#include "base/buf.h"
#include "engine/frame.h"

enum { RTI_ALERT_HAS_TEXT = 1, RTI_ALERT_HAS_JSON = 2, RTI_ALERT_HAS_ID = 4 };

/* A match that outlives its event: everything that was asked for, made. */
typedef struct rti_kept {
        struct rti_kept *next;
        const rti_rule_row *rule; /* NULL: no match, but what `what` says */
        uint64_t time_ns;
        uint64_t number;                     /* of the event; `local`: in its batch */
        uint64_t counted;                    /* events of the batch up to here */
        uint64_t bytes, skipped, limits_hit; /* the same */
        rt_str text, json;
        int text_result, json_result, fields_result; /* RT_OK, or why there is none */
        uint32_t n_fields;
        bool local;
        struct rti_kept_field {
                const char *name;
                rt_value value;
        } * fields;
        char id[33];
        /* A record that could not be used, or with `result` < 0 the end of an input. */
        int result;
        uint64_t offset;
        const char *what;
} rti_kept;

/* What the host adds to output_fields of one match. */
typedef struct rti_added {
        const char *name;
        rt_value value;
} rti_added;

struct rt_alert {
        rti_frame *frame;
        const rti_rule_row *rule;
        rti_rule_row changed; /* by the host: `rule` may be this */
        const rti_added *added;
        size_t n_added;
        uint32_t flags; /* RT_ALERT_*, the worker's */
        uint32_t made;  /* RTI_ALERT_HAS_*: of the current match */
        rti_buf text, json;
        rti_buf scratch;   /* one rendered format at a time */
        rti_buf members;   /* what output_fields holds, while it is sorted */
        size_t message_at; /* in text: behind the time and the priority */
        size_t most_bytes; /* of one string, while text or JSON is being made */
        uint64_t limits_hit;
        char id[33];
        const rti_kept *kept; /* NULL: the frame's event is there */
};

/* Cannot fail: buffers grow when they are used. */
void rti_alert_init(rt_alert *alert, const rt_allocator *allocator, uint32_t flags,
                    uint64_t max_output_bytes);
void rti_alert_done(rt_alert *alert);
/* The next match: forget what was made for the last one. */
void rti_alert_begin(rt_alert *alert, rti_frame *frame, const rti_rule_row *rule);

/* As rt_alert_* of runtime.h, which checks arguments. An alert that would be too long for
 * limits.def has its strings cut rather than getting lost: RT_ELIMIT only if that does not help. */
const char *rti_alert_id(rt_alert *alert);
int rti_alert_text(rt_alert *alert, rt_str *ret_text);
int rti_alert_json(rt_alert *alert, rt_str *ret_text);
int rti_alert_field(rt_alert *alert, size_t index, const char **ret_name, rt_value *ret_value);

#endif
