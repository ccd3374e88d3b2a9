/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.h - the current event of a worker, and the values read of it.
 *
 * One frame per worker. Everything in it is stamped with `now`, the number of the event in this
 * frame: a value or verdict whose stamp is old is not there yet, so nothing is cleared between
 * events. When `now` would overflow its 30 bits, all stamps are cleared and it starts at 1 again.
 *
 * A slot's value is read at most once per event and lives until the next event. Reading never
 * allocates from the heap after warm-up: what is no slice of the event goes to the event's arena.
 *
 * Events in a row have much in common. A slot's version changes when its value does, and what was
 * found out about a value is still so while the version is the same: docs/design/0011.
 */
#ifndef RTI_ENGINE_FRAME_H
#define RTI_ENGINE_FRAME_H

#include "program/ruleset.h"
#include <libruntime/fields.h>

enum { RTI_MOST_NOW = 0x3fffffff };

/* Fields of the host (rt_fields_ops), as one worker reads them for one source: provided.c. */
typedef struct rti_provided {
        const rt_fields_ops *ops;
        void *state;
        uint64_t failed;      /* reads that failed, without those that: */
        uint64_t late;        /* were not answered in time */
        uint64_t rests_until; /* ns: no answer is waited for */
        uint32_t missed;      /* answers in a row */
        rt_slot_desc *slots;  /* of its demand */
        size_t n_slots;
        struct rti_provided *next;
} rti_provided;

/* One of its slots. */
typedef struct rti_provided_slot {
        rti_provided *by;
        uint32_t number; /* in its demand */
        bool pure;
} rti_provided_slot;

/* A source's instance on one worker. */
typedef struct rti_instance {
        const rt_source_ops *ops;
        void *state;            /* NULL until created */
        uint64_t n_events;      /* delivered: evt.num of the last one */
        uint64_t numbered;      /* RT_EVENT_NUMBERED: number of the last one of this input */
        uint64_t first_time_ns; /* of the first event delivered; evt.reltime counts from it */
        /* NULL: events have their numbers. Else those before are still being judged by other
         * workers: whoever needs the number asks first. */
        void (*number)(void *user);
        void *number_user;
        rti_provided *provided; /* who reads fields besides the source */
        const rti_provided_slot *provided_slots;
} rti_instance;

/* rti_slot_row.from: the slot is an engine's own field, number in the lower bits; with PROVIDED the
 * number is that of an rti_provided_slot; of an RTI_SLOT_LISTED it is that of an rti_listed. */
enum { RTI_SLOT_ENGINE = 1 << 30, RTI_SLOT_PROVIDED = 1 << 29 };

/* What reading a slot takes, side by side. */
typedef struct rti_slot_row {
        uint32_t source;  /* whose slot it is, as rti_slot.source */
        uint32_t from;    /* number in the source's demand, or RTI_SLOT_ENGINE | field; RTI_NONE:
                            nobody reads it, or it is no field */
        uint32_t kind;    /* a value of that kind needs no further check; RTI_NONE: each does */
        uint8_t cut;      /* enum rti_cut_state */
        bool keeps;       /* its last value is worth a comparison */
        uint8_t said;     /* enum rti_said */
        int8_t credit;    /* how often it was the same, less how often not */
        uint32_t version; /* of the value, or of its being missing: 1 ... */
        uint32_t taken;   /* stamp of the slot when it was compared last */
        size_t cut_len;   /* of the value's text up to its first NUL */
} rti_slot_row;

/* What deciding a predicate takes, side by side. */
typedef struct rti_pred_row {
        uint32_t stamp;   /* now << 1 | verdict */
        uint32_t version; /* of what it was decided for: the slot's, or the sum of both slots' */
        uint32_t slot;
        uint32_t atom; /* the one that decides it; RTI_NONE: several do, or none */
} rti_pred_row;

/* What the source said of the slot when it was asked last, if that is still there: whether there is
 * a value, and RT_EVENT_HELD. */
enum rti_said {
        RTI_SAID_UNKNOWN = 0,
        RTI_SAID_MISSING = RT_EVENT_HELD,
        RTI_SAID_VALUE = RT_EVENT_HELD | 1
};

enum rti_cut_state {
        RTI_CUT_UNKNOWN, /* nobody has looked for a NUL in this value yet */
        RTI_CUT_PLAIN,   /* nothing but NULs stands behind cut_len */
        RTI_CUT_MORE
};

enum {                    /* rti_class_row.stamp */
       RTI_CLASS_ANY = 1, /* the slot has a value, and at least one element if it is a list */
       RTI_CLASS_CUT = 2, /* more than NULs stand behind the value's first NUL */
       RTI_CLASS_NOW = 2  /* bits below `now` */
};

enum { RTI_FILTER_WORDS = 4 /* of 64 bits */ };

/* What of a text its filter looks at. */
enum rti_part { RTI_PART_ALL, RTI_PART_FIRST, RTI_PART_LAST };

typedef struct rti_class_row {
        uint32_t stamp;    /* now << RTI_CLASS_NOW | flags */
        uint32_t n_hits;   /* in this event */
        uint32_t first;    /* its first atom: where its hits begin */
        uint32_t slot;     /* whose values it sees */
        uint32_t version;  /* of the value that the hits were found in */
        uint32_t found;    /* the event that they were found in: atom_stamp of each of them */
        uint8_t way, kind; /* classify.c: how it finds atoms; RT_KIND_* of the slot */
        bool list, text;   /* the slot is a list; one text, that ends at its first NUL */
        bool wide;         /* the machine looks at 16 places of a text at once */
        uint8_t known;     /* about subjects: its number among those + 1 (known.h); 0: it is not */
        /* Of a text: */
        uint8_t part, least; /* enum rti_part; how long the shortest constant is, or 255 */
        uint64_t filter[RTI_FILTER_WORDS]; /* bits of parts that an atom may hold with */
} rti_class_row;

/* Where a switch of the index led, while its slot's value is what it was. */
typedef struct rti_switch_row {
        uint32_t class, slot; /* slot: RTI_NONE: nothing is kept */
        uint32_t version;     /* of the value */
        uint32_t n, first;    /* of led */
} rti_switch_row;

/* What a slot of RTI_SLOT_LISTED looks into. */
typedef struct rti_listed {
        const rt_list *list; /* NULL: it is empty */
        uint64_t number;     /* of the list among those that there were; 0: never one */
} rti_listed;

struct rti_lists;

typedef struct rti_frame {
        const rt_ruleset *rules;
        rt_event *event;              /* the current one; NULL: none */
        const rti_instance *instance; /* whose event it is */
        uint32_t source;              /* the instance's number in the ruleset, or RTI_NONE */
        uint32_t now;                 /* 1 ... RTI_MOST_NOW */
        uint32_t *slot_stamp;         /* per slot: now << 1 | present */
        rt_value *slot_value;
        rti_slot_row *slot_row;
        rti_class_row *class_row;
        struct rti_last *last; /* per slot, of the first ones (frame.c) */
        rti_pred_row *pred_row;
        uint32_t *expr_stamp; /* per shared expression: now << 1 | verdict */
        uint32_t *atom_stamp; /* per atom: its class's `found`, if it holds */
        uint32_t *hits;       /* per classifier, where its atoms begin: numbers of atoms */
        rti_switch_row *switch_row;
        uint32_t *led;               /* to what: as rti_p_entry.to */
        rti_listed *listed;          /* per slot of RTI_SLOT_LISTED */
        const char *hostname;        /* evt.hostname, alerts */
        const rt_allocator *shared;  /* the engine's, for any thread */
        rt_answer *answer;           /* answer.h: the one at hand, or NULL */
        uint64_t waiting_since;      /* ns: when event `waiting` began to wait */
        uint32_t waiting;            /* as `now` */
        bool extracting, asked;      /* a provider is being asked; and has asked for an answer */
        bool doubtful;               /* what is known of subjects may come of reads that failed */
        const rti_rule_row *matched; /* whose match the host is asked about; NULL: none */
        const rt_allocator *allocator;
        rti_arena *memory; /* the event's; reset before the next event */
        rti_op_scratch *scratch;
        struct rti_recall *recall;   /* recall.h; NULL: nothing is recalled */
        struct rti_subject *subject; /* known.h: the event's; NULL: it has none */
        struct rti_sampler *sampler; /* the event is of its sample: profile.h; NULL: it is not */
        uint64_t extracted;          /* fields read, for statistics */
        uint64_t failed;             /* reads that failed (memory, limits): counted as missing */
} rti_frame;

/* Arrays for @a rules, all stamps old. The frame keeps @a rules without a reference; NULL: none. */
int rti_frame_install(rti_frame *frame, const rt_ruleset *rules);
void rti_frame_done(rti_frame *frame);
/* Lists that were exchanged, between two events; they outlive their use here. */
void rti_frame_use_lists(rti_frame *frame, const struct rti_lists *lists);
/* The next event: whatever was read before is old. */
void rti_frame_begin(rti_frame *frame, const rti_instance *instance, uint32_t source,
                     rt_event *event);

/* The slot's value in the current event; NULL: missing, or a slot of another source. */
const rt_value *rti_frame_read(rti_frame *frame, uint32_t slot);

static inline const rt_value *
rti_frame_value(rti_frame *frame, uint32_t slot)
{
        if (frame->slot_stamp[slot] >> 1 == frame->now)
                return frame->slot_stamp[slot] & 1 ? &frame->slot_value[slot] : NULL;
        return rti_frame_read(frame, slot);
}

/* Of the slot's value in the current event. */
static inline uint32_t
rti_frame_version(rti_frame *frame, uint32_t slot)
{
        if (frame->slot_stamp[slot] >> 1 != frame->now)
                rti_frame_read(frame, slot);
        return frame->slot_row[slot].version;
}

/* May the slot have the value, by its kind? */
bool rti_slot_fits(const rti_slot *slot, const rt_value *value);
/* provided.c: a field of the host. *made_of, if there is one: what a pure field was made of when it
 * was read last, 0: that is not known; the sum of its arguments' versions from now on. 1: set, 0:
 * missing, RT_SAME: as it was then, < 0: RT_E*. */
int rti_provided_read(rti_frame *frame, uint32_t number, uint64_t *made_of, rt_value *ret_value);

/* Memory until the next event; NULL: a limit is hit. */
void *rti_frame_alloc(rti_frame *frame, size_t size_bytes);
/* If the event says RT_EVENT_REREAD: fields read before are read again when they are asked for. */
void rti_frame_reread(rti_frame *frame);

/* ---- fields that the engine itself gives to every source (evt_fields.c) ---- */

enum { RTI_EVT_NONE = 0xffffffff };

/* Number of the engine's field of that name ("evt.num", "evt.time.iso8601"); RTI_EVT_NONE: the
 * field is its source's business. */
uint32_t rti_evt_field_find(rt_str name);
/* Read one of them of the current event. 1: set, 0: missing, < 0: RT_ENOMEM ... */
int rti_evt_field_read(rti_frame *frame, uint32_t field, rt_value *ret_value);

#endif
