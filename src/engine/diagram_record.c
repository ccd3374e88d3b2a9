/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagram_record.c - what a diagram is made of: numbers for answers, nodes and edges.
 *
 *   in   answers of an event that has left all paths
 *   out  its path; nothing, where there is no room
 *
 * Does not allocate.
 */
#include "base/hash.h"
#include "engine/classify.h"
#include "engine/diagram_private.h"
#include "engine/eval.h"
#include "engine/known.h"

enum {
        MOST_EDGES = RTI_DIAGRAM_EDGES / 4 * 3,
        MOST_LISTS = RTI_DIAGRAM_LISTS / 4 * 3,
        FIRST_REST = 16 * RTI_DIAGRAM_WINDOW, /* doubled each time */
        LONGEST_REST = 1 << 20,
        FLAGS = RTI_CLASS_ANY | RTI_CLASS_CUT
};

/* ---- numbers for lists of words ---- */

static inline void
push(rti_diagram *d, uint32_t word)
{
        if (d->n_words + 1 + d->n_list >= RTI_DIAGRAM_WORDS) {
                d->full = true;
                return;
        }
        d->words[d->n_words + 1 + d->n_list++] = word;
}

/* Of what was pushed: the same list has the same number. 0: there is no room. */
static uint32_t
take_list(rti_diagram *d)
{
        uint32_t *words = d->words + d->n_words;
        const size_t size_bytes = (d->n_list + (size_t) 1) * sizeof *words;
        uint32_t at;

        words[0] = d->n_list;
        d->n_list = 0;
        if (d->full)
                return 0;
        at = (uint32_t) rti_hash(words, size_bytes, 0) & (RTI_DIAGRAM_LISTS - 1);
        for (; d->lists[at]; at = (at + 1) & (RTI_DIAGRAM_LISTS - 1))
                if (memcmp(d->words + d->lists[at], words, size_bytes) == 0)
                        return d->lists[at];
        if (d->n_lists == MOST_LISTS) {
                d->full = true;
                return 0;
        }
        d->lists[at] = d->n_words;
        d->n_lists++;
        d->n_words += words[0] + 1;
        return d->lists[at];
}

uint32_t
rti_diagram_found(rti_diagram *d, const rti_frame *frame, uint32_t class)
{
        const rti_class_row *row = &frame->class_row[class];
        const uint32_t *hits = frame->hits + row->first;
        uint32_t list;

        if (row->n_hits == 0)
                return RTI_ANSWER_STEP | (row->stamp & FLAGS);
        if (row->n_hits == 1 && hits[0] < RTI_ANSWER_LISTED >> 4)
                return (hits[0] + 2) * RTI_ANSWER_STEP | (row->stamp & FLAGS);
        push(d, class);
        push(d, row->stamp & FLAGS);
        for (uint32_t i = 0; i < row->n_hits; i++)
                push(d, hits[i]);
        list = take_list(d);
        return list ? RTI_ANSWER_LISTED | list : 0;
}

uint32_t
rti_diagram_root(rti_diagram *d, rti_frame *frame, const rti_candidates *c)
{
        const uint32_t type = frame->event->type;
        rti_known_entry *entry = NULL;

        if (c->known && frame->event->subject) {
                entry = rti_known_full(c->known, frame);
                if (!entry)
                        return 0;
                if (entry->root_of == d->generation)
                        return entry->root;
        } else if (d->last_root && d->last_source == frame->source && d->last_type == type) {
                return d->last_root;
        }
        push(d, RTI_NONE);
        push(d, frame->source);
        push(d, type);
        for (uint32_t i = 0; entry && i < entry->n; i++)
                push(d, entry->item[i]);
        if (entry) {
                entry->root = take_list(d);
                entry->root_of = d->generation;
                return entry->root;
        }
        d->last_source = frame->source;
        d->last_type = type;
        return d->last_root = take_list(d);
}

/* ---- nodes ---- */

/* Record no further. */
static void
give_up(rti_diagram *d, rti_frame *frame)
{
        d->state = RTI_DIAGRAM_PLAIN;
        frame->recorder = NULL;
}

/* The path goes on at @a to. */
static bool
link_to(rti_diagram *d, uint32_t to)
{
        rti_diagram_node *from = &d->nodes[d->from];
        uint32_t at;

        if (!from->to) {
                from->answer = d->answer;
                from->to = to;
                return true;
        }
        if (d->n_edges == MOST_EDGES) {
                d->full = true;
                return false;
        }
        for (at = rti_edge_at(d->from, d->answer); d->edges[at].to;
             at = (at + 1) & (RTI_DIAGRAM_EDGES - 1))
                continue;
        d->edges[at] = (rti_diagram_edge){ d->from, d->answer, to };
        d->n_edges++;
        return true;
}

void
rti_diagram_note(rti_diagram *d, rti_frame *frame, enum rti_question kind, uint32_t number,
                 uint32_t answer)
{
        if (d->telling) {
                d->asked = true;
                return;
        }
        if (kind == RTI_Q_EXISTS) { /* the one that has no stamp of its own */
                if (d->existed[number] == frame->now)
                        return;
                d->existed[number] = frame->now;
        }
        answer = kind == RTI_Q_CLASS ? rti_diagram_found(d, frame, number) : 1 + answer;
        d->full |= d->n_nodes == RTI_DIAGRAM_NODES;
        if (d->full || number > RTI_QUESTION_NUMBER || !link_to(d, d->n_nodes)) {
                give_up(d, frame);
                return;
        }
        d->nodes[d->n_nodes] =
                (rti_diagram_node){ .question = (uint32_t) kind << RTI_QUESTION_KIND | number };
        d->from = d->n_nodes++;
        d->n_made++;
        d->answer = answer;
}

void
rti_diagram_forget(rti_diagram *d, const rti_frame *frame)
{
        if (d->generation++) { /* new memory is empty, and most of it is never needed */
                memset(d->lists, 0, RTI_DIAGRAM_LISTS * sizeof *d->lists);
                memset(d->edges, 0, RTI_DIAGRAM_EDGES * sizeof *d->edges);
                memset(d->existed, 0, frame->rules->p.n_slots * sizeof *d->existed);
                rti_values_forget(&d->values, frame->rules);
        }
        d->nodes[RTI_DIAGRAM_ROOT] = (rti_diagram_node){ 0 };
        d->n_nodes = RTI_DIAGRAM_ROOT + 1;
        d->n_words = 1;
        d->n_lists = d->n_edges = d->last_root = 0;
        d->full = false;
}

void
rti_diagram_look_back(rti_diagram *d)
{
        if (d->n_made <= d->n_went) {
                d->last_rest = 0;
        } else {
                d->rest = d->last_rest ? d->last_rest * 2 : FIRST_REST;
                d->rest = d->rest < LONGEST_REST ? d->rest : LONGEST_REST;
                d->last_rest = d->rest;
        }
        d->n_events = d->n_went = d->n_made = 0;
}

/* What was not run, since the answer was known, is run now: only what is asked for the first time
 * is noted. */
static void
run_path(rti_diagram *d, rti_frame *frame)
{
        for (uint32_t i = 0; i < d->n_path; i++) {
                const uint32_t kind = d->path[i] >> RTI_QUESTION_KIND;
                const uint32_t number = d->path[i] & RTI_QUESTION_NUMBER;

                if (kind == RTI_Q_CLASS)
                        rti_class_run(frame, number);
                else if (kind == RTI_Q_TEST)
                        rti_eval_test(frame, number);
                else if (kind == RTI_Q_EXISTS)
                        d->existed[number] = frame->now;
        }
}

void
rti_diagram_leave(rti_diagram *d, rti_frame *frame, rti_candidates *c, rti_p_range roots)
{
        d->state = RTI_DIAGRAM_PLAIN;
        if (d->answer && !d->asked && !d->full && d->n_path < RTI_DIAGRAM_LONGEST) {
                run_path(d, frame);
                d->state = RTI_DIAGRAM_RECORDS;
                frame->recorder = d;
        }
        rti_candidates_find(c, frame, roots);
}
