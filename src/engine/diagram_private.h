/* SPDX-License-Identifier: Apache-2.0 */
/* diagram_private.h - what the diagram's parts share. */
#ifndef RTI_ENGINE_DIAGRAM_PRIVATE_H
#define RTI_ENGINE_DIAGRAM_PRIVATE_H

#include "engine/diagram.h"
#include "engine/values.h"

enum { /* powers of two, which bound the memory: 2.2 MiB */
       RTI_DIAGRAM_NODES = 1 << 16,
       RTI_DIAGRAM_EDGES = 1 << 16,
       RTI_DIAGRAM_WORDS = 1 << 17,
       RTI_DIAGRAM_LISTS = 1 << 14
};

enum {
        RTI_DIAGRAM_LONGEST = 512, /* path that is recorded further, in nodes */
        RTI_DIAGRAM_WINDOW = 256   /* events, after which it is seen whether paths are found */
};

enum { RTI_DIAGRAM_ROOT }; /* the first node, which asks nothing */

enum {
        RTI_QUESTION_KIND = 29 /* bits of its number */,
        RTI_QUESTION_NUMBER = (1 << RTI_QUESTION_KIND) - 1
};

/* Of a classifier, the lowest bits of its stamp and what it hit, if that was one atom or none;
 * LISTED: the number of a list. Of a predicate, 1 and its verdict. 0 is no answer. */
enum { RTI_ANSWER_STEP = 1 << RTI_CLASS_NOW };
#define RTI_ANSWER_LISTED (1u << 31)

/* One edge is in the node, since most have just one. */
typedef struct rti_diagram_node {
        uint32_t question;   /* enum rti_question << RTI_QUESTION_KIND | number */
        uint32_t answer, to; /* to 0: there is none yet */
} rti_diagram_node;

typedef struct rti_diagram_edge {
        uint32_t from, answer, to; /* to 0: unused */
} rti_diagram_edge;

/* Where a question's answer is kept. */
typedef struct rti_topic {
        uint32_t slot;
        uint32_t at;    /* among those of the slot's value; RTI_MOST_ANSWERS: nowhere */
        uint32_t known; /* its number for subjects; 0: the slot is not about them */
} rti_topic;

enum rti_diagram_state {
        RTI_DIAGRAM_PLAIN,  /* the event is judged without it */
        RTI_DIAGRAM_ALONG,  /* a path that is there */
        RTI_DIAGRAM_RECORDS /* the rest of one that was not */
};

struct rti_diagram {
        enum rti_diagram_state state;
        uint32_t root;         /* of the event: answer at the root */
        uint32_t from, answer; /* where the path goes on */
        uint32_t told;         /* the rule that the host was told of last; RTI_NONE: none */
        bool telling;          /* it has the word */
        bool asked;            /* and asked something that the path knows nothing of */
        bool full;
        uint32_t n_nodes, n_edges, n_words, n_lists;
        uint32_t n_list;     /* words of the list that is being put together behind the others */
        uint32_t generation; /* of all numbers of lists; 1 ... */
        uint32_t now;        /* of the event before */
        uint32_t n_events, n_went, n_made; /* in this window; and nodes, by all */
        uint32_t rest, last_rest;          /* events that are not to look for their path */
        uint32_t last_source, last_type, last_root;
        uint32_t n_known;
        uint32_t n_path, path[RTI_DIAGRAM_LONGEST]; /* questions that the event has answered */
        uint32_t *lists;                            /* open addressing: where in words, 0: unused */
        uint32_t *words;                            /* length and words of each list */
        rti_diagram_node *nodes;
        rti_diagram_edge *edges;
        rti_topic *classes, *tests; /* per classifier, per predicate */
        rti_values values;
        uint32_t *existed; /* per slot: the event whose path asks whether there is a value */
};

static inline uint32_t
rti_edge_at(uint32_t from, uint32_t answer)
{
        const uint32_t mixed = (from * 0x85ebca6bu ^ answer) * 0x9e3779b1u;

        return (mixed ^ mixed >> 16) & (RTI_DIAGRAM_EDGES - 1);
}

/* diagram_record.c: the number of what the frame's event begins with, 0: it has none; that of what
 * the classifier, which has run in this event, found, 0: there is no room. */
uint32_t rti_diagram_root(rti_diagram *d, rti_frame *frame, const rti_candidates *c);
uint32_t rti_diagram_found(rti_diagram *d, const rti_frame *frame, uint32_t class);
/* The event has left the path: its candidates are found as ever, and what is asked is noted. */
void rti_diagram_leave(rti_diagram *d, rti_frame *frame, rti_candidates *c, rti_p_range roots);
/* At the end of a window: is more found than made? */
void rti_diagram_look_back(rti_diagram *d);
/* All is forgotten. */
void rti_diagram_forget(rti_diagram *d, const rti_frame *frame);

#endif
