/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagram.c - judge an event by the path of answers that earlier ones have left.
 *
 *   in   a verified program; events
 *   out  the rules that hold, in order: the same as without it
 *
 * An event begins at the root of what it is (its source, type, and what its subject leaves to be
 * done), and each node asks one question. Answers are numbers: a verdict, or which of the lists of
 * hits that a classifier has found so far it found now. Lists are compared, never just hashed: two
 * different ones cannot be taken for one.
 *
 * A path holds whatever order its questions came in, since the rules that hold are a function of
 * the answers; that the order is always the same only makes it likely to be found again. Does not
 * allocate.
 */
#include "engine/classify.h"
#include "engine/diagram_private.h"
#include "engine/eval.h"
#include "engine/known.h"

/* ---- nodes ---- */

/* The node behind an answer; 0: nobody has gone there. */
static inline uint32_t
behind(const rti_diagram *d, uint32_t from, uint32_t answer)
{
        uint32_t at;

        if (d->nodes[from].answer == answer)
                return d->nodes[from].to;
        for (at = rti_edge_at(from, answer); d->edges[at].to;
             at = (at + 1) & (RTI_DIAGRAM_EDGES - 1))
                if (d->edges[at].from == from && d->edges[at].answer == answer)
                        return d->edges[at].to;
        return 0;
}

/* ---- along a path ---- */

/* What was decided before the host had fields read again is not about the value that the slot has
 * now. */
static inline bool
is_about(const rti_frame *frame, const rti_topic *one, uint32_t version)
{
        return (one->known && frame->subject) || version == frame->slot_row[one->slot].version;
}

__attribute__((noinline)) static uint32_t
ask_class(rti_diagram *d, rti_frame *frame, uint32_t number, uint32_t *known)
{
        const rti_class_row *row = rti_class_run(frame, number);
        const uint32_t answer = rti_diagram_found(d, frame, number);

        if (is_about(frame, &d->classes[number], row->version))
                *known = answer;
        return answer;
}

__attribute__((noinline)) static uint32_t
ask_test(rti_diagram *d, rti_frame *frame, uint32_t number, uint32_t *known)
{
        const uint32_t answer = 1 + rti_eval_test(frame, number);

        if (is_about(frame, &d->tests[number], frame->pred_row[number].version))
                *known = answer;
        return answer;
}

static uint32_t *
known_of_subject(const rti_diagram *d, rti_subject *subject, const rti_topic *one)
{
        uint32_t at;

        if (subject->answers_of != d->generation) {
                memset(subject->answer, 0, sizeof subject->answer);
                subject->answers_of = d->generation;
        }
        at = one->known & (RTI_KNOWN_ANSWERS - 1);
        if (subject->answer[at].topic != one->known) {
                subject->answer[at].topic = one->known;
                subject->answer[at].answer = 0;
        }
        return &subject->answer[at].answer;
}

/* Where the answer is, or will be, for the subject or the slot's value. */
static inline uint32_t *
known_answer(rti_diagram *d, rti_frame *frame, const rti_topic *one, uint32_t *nowhere)
{
        if (one->known && frame->subject)
                return known_of_subject(d, frame->subject, one);
        if (one->at == RTI_MOST_ANSWERS)
                return nowhere;
        return rti_values_answers(&d->values, frame, one->slot) + one->at;
}

static inline uint32_t
answer_of_class(rti_diagram *d, rti_frame *frame, uint32_t number)
{
        uint32_t nowhere = 0, *known = known_answer(d, frame, &d->classes[number], &nowhere);

        return *known ? *known : ask_class(d, frame, number, known);
}

static inline uint32_t
answer_of_test(rti_diagram *d, rti_frame *frame, uint32_t number)
{
        uint32_t nowhere = 0, *known = known_answer(d, frame, &d->tests[number], &nowhere);

        return *known ? *known : ask_test(d, frame, number, known);
}

static inline uint32_t
ask(rti_diagram *d, rti_frame *frame, uint32_t question)
{
        const uint32_t number = question & RTI_QUESTION_NUMBER;

        switch ((enum rti_question)(question >> RTI_QUESTION_KIND)) {
        case RTI_Q_CLASS:
                return answer_of_class(d, frame, number);
        case RTI_Q_TEST:
                return answer_of_test(d, frame, number);
        case RTI_Q_COMPARE:
                return 1 + rti_eval_compare(frame, number);
        case RTI_Q_EXISTS:
                return 1 + (rti_frame_value(frame, number) != NULL);
        case RTI_Q_MATCH:
                return 1;
        case RTI_Q_END:
                break;
        }
        return 0;
}

/* Go on until a rule holds; false: the event has left the path. */
static bool
go_along(rti_diagram *d, rti_frame *frame, uint32_t *ret_rule)
{
        uint32_t from = d->from, answer = d->answer, at;

        while (answer && (at = behind(d, from, answer)) != 0) {
                const uint32_t question = d->nodes[at].question;

                from = at;
                if (d->n_path < RTI_DIAGRAM_LONGEST)
                        d->path[d->n_path++] = question;
                if (question >> RTI_QUESTION_KIND >= RTI_Q_MATCH) {
                        d->from = from;
                        d->answer = 1;
                        *ret_rule = question >> RTI_QUESTION_KIND == RTI_Q_END
                                            ? RTI_NONE
                                            : question & RTI_QUESTION_NUMBER;
                        return true;
                }
                answer = ask(d, frame, question);
        }
        d->from = from;
        d->answer = answer;
        return false;
}

/* ---- events ---- */

/* Is there a path for it to look for? */
static bool
sets_out(rti_diagram *d, rti_frame *frame, const rti_candidates *c)
{
        if (d->rest) {
                d->rest--;
                return false;
        }
        if (d->full || frame->now <= d->now) /* versions begin anew with `now` */
                rti_diagram_forget(d, frame);
        d->now = frame->now;
        d->root = rti_diagram_root(d, frame, c);
        if (!d->root)
                return false;
        if (++d->n_events == RTI_DIAGRAM_WINDOW)
                rti_diagram_look_back(d);
        d->telling = d->asked = false;
        d->n_went += d->n_path;
        d->n_path = 0;
        d->from = RTI_DIAGRAM_ROOT;
        d->answer = d->root;
        return true;
}

void
rti_diagram_begin(rti_diagram *d, rti_frame *frame, rti_candidates *c, rti_p_range roots)
{
        if (d) {
                d->told = RTI_NONE;
                d->state = RTI_DIAGRAM_ALONG;
                if (!frame->sampler && sets_out(d, frame, c))
                        return;
                d->state = RTI_DIAGRAM_PLAIN;
        }
        rti_candidates_find(c, frame, roots);
}

static uint32_t
tell(rti_diagram *d, rti_frame *frame, uint32_t rule)
{
        frame->recorder = NULL;
        if (rule == RTI_NONE || d->state == RTI_DIAGRAM_PLAIN)
                return rule;
        d->told = rule;
        d->telling = true;
        frame->recorder = d;
        return rule;
}

uint32_t
rti_diagram_next(rti_diagram *d, rti_frame *frame, rti_candidates *c, rti_p_range roots)
{
        uint32_t rule;

        if (!d || (d->state == RTI_DIAGRAM_PLAIN && d->told == RTI_NONE))
                return rti_eval_next(frame, c);
        d->telling = false;
        frame->recorder = NULL;
        if (d->state == RTI_DIAGRAM_ALONG) {
                if (go_along(d, frame, &rule))
                        return tell(d, frame, rule);
                rti_diagram_leave(d, frame, c, roots);
        } else if (d->state == RTI_DIAGRAM_RECORDS && d->asked) {
                d->state = RTI_DIAGRAM_PLAIN;
        } else if (d->state == RTI_DIAGRAM_RECORDS) {
                frame->recorder = d;
        }
        do
                rule = rti_eval_next(frame, c);
        while (rule != RTI_NONE && d->told != RTI_NONE && rule <= d->told);
        if (d->state == RTI_DIAGRAM_RECORDS)
                rti_diagram_note(d, frame, rule == RTI_NONE ? RTI_Q_END : RTI_Q_MATCH,
                                 rule == RTI_NONE ? 0 : rule, 0);
        return tell(d, frame, rule);
}

void
rti_diagram_stop(rti_diagram *d, rti_frame *frame, rti_candidates *c)
{
        frame->recorder = NULL;
        rti_candidates_drop(c);
        if (d)
                d->state = RTI_DIAGRAM_PLAIN;
}
