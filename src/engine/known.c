/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.c - the index, for a subject that was here before.
 *
 *   in   a verified program; events with subjects
 *   out  candidates, a superset of the rules that hold, as candidates.c finds them
 *
 * An entry is for a subject and an event type: the rules that stand where the subject leads to, but
 * for those that it rules out, and the nodes that ask about other things too. It is filled when
 * the subject comes for the second time: most that come once do not come again.
 */
#include "engine/known.h"
#include "engine/classify.h"

enum { SUBJECTS = 256, ENTRIES = 512, /* powers of two */ ITEMS = 122 };

enum state { EMPTY, SEEN, FULL, TOO_MUCH };

typedef struct entry {
        uint64_t subject;
        const rti_instance *instance;
        uint32_t type;
        uint16_t state, n;
        uint32_t item[ITEMS]; /* nodes; rules with RTI_TO_RULE */
} entry;

struct rti_known {
        uint32_t now;     /* entries filled */
        uint32_t *others; /* per node: its first switch that asks about more than subjects */
        uint32_t *stamps; /* of partial.c */
        entry entries[ENTRIES];
        rti_subject subjects[SUBJECTS];
};

typedef struct filler {
        rti_known *known;
        rti_frame *frame;
        entry *entry;
} filler;

/* ---- what is left to do for a subject ---- */

static void
keep(filler *f, uint32_t item)
{
        if (f->entry->n < ITEMS)
                f->entry->item[f->entry->n++] = item;
        else
                f->entry->state = TOO_MUCH;
}

static void
keep_rule(filler *f, uint32_t rule)
{
        if (rti_partial_rule(f->frame, rule, f->known->stamps, f->known->now))
                keep(f, rule | RTI_TO_RULE);
}

static void
follow(filler *f, uint32_t number)
{
        const rti_program_view *p = &f->frame->rules->p;
        const rti_p_node *node = &p->nodes[number];

        for (uint32_t i = 0; i < node->rules.n && f->entry->state == FULL; i++)
                keep_rule(f, p->numbers[node->rules.first + i]);
        if (f->known->others[number] < node->switches.n)
                keep(f, number);
        for (uint32_t i = 0; i < f->known->others[number] && f->entry->state == FULL; i++) {
                const rti_p_switch *one = &p->switches[node->switches.first + i];
                uint32_t n;
                const uint32_t *hits = rti_class_hits(f->frame, one->class, &n);

                for (uint32_t k = 0; k < n && f->entry->state == FULL; k++) {
                        const uint32_t to = rti_switch_to(p, one, hits[k]);

                        if (to == RTI_NONE)
                                continue;
                        if (to & RTI_TO_RULE)
                                keep_rule(f, to & ~RTI_TO_RULE);
                        else
                                follow(f, to);
                }
        }
}

static void
fill(rti_known *known, rti_frame *frame, entry *one, rti_p_range roots)
{
        filler f = { known, frame, one };

        one->state = FULL;
        one->n = 0;
        known->now = (known->now + 1) & RTI_MOST_NOW;
        if (known->now == 0) {
                memset(known->stamps, 0, frame->rules->p.n_exprs * sizeof *known->stamps);
                known->now = 1;
        }
        for (uint32_t i = 0; i < roots.n; i++)
                follow(&f, frame->rules->p.numbers[roots.first + i]);
}

/* ---- events ---- */

void
rti_known_keep_hits(rti_frame *frame, const rti_class_row *row)
{
        rti_subject *subject = frame->subject;

        if (row->n_hits >= RTI_KNOWN_WORDS - subject->n)
                return;
        subject->word[subject->n++] =
                row->n_hits << RTI_CLASS_NOW | (row->stamp & (RTI_CLASS_ANY | RTI_CLASS_CUT));
        subject->at[row->known - 1] = (uint8_t) subject->n;
        memcpy(subject->word + subject->n, frame->hits + row->first,
               row->n_hits * sizeof *subject->word);
        subject->n += row->n_hits;
}

static inline uint64_t
mix(uint64_t number)
{
        return number * 0x9e3779b97f4a7c15u >> 32;
}

static rti_subject *
subject_of(rti_known *known, const rti_frame *frame)
{
        rti_subject *one = &known->subjects[mix(frame->event->subject) & (SUBJECTS - 1)];

        if (one->number != frame->event->subject || one->instance != frame->instance) {
                one->number = frame->event->subject;
                one->instance = frame->instance;
                one->n = 0;
                memset(one->at, 0, sizeof one->at);
        }
        return one;
}

static entry *
entry_of(rti_known *known, const rti_frame *frame)
{
        const uint64_t key = frame->event->subject * RTI_N_EVENT_CODES + frame->event->type;
        entry *one = &known->entries[mix(key) & (ENTRIES - 1)];

        if (one->subject == frame->event->subject && one->type == frame->event->type
            && one->instance == frame->instance)
                return one;
        one->subject = frame->event->subject;
        one->type = frame->event->type;
        one->instance = frame->instance;
        one->state = EMPTY;
        return one;
}

void
rti_known_find(rti_known *known, rti_candidates *c, rti_frame *frame, rti_p_range roots)
{
        entry *one;

        if (__builtin_expect(frame->doubtful, 0))
                rti_known_forget(known);
        frame->doubtful = false;
        one = entry_of(known, frame);
        frame->subject = subject_of(known, frame);
        if (one->state == EMPTY) {
                one->state = SEEN;
                rti_candidates_walk(c, frame, roots);
                return;
        }
        if (one->state == SEEN)
                fill(known, frame, one, roots);
        if (one->state == TOO_MUCH) {
                rti_candidates_walk(c, frame, roots);
                return;
        }
        for (uint32_t i = 0; i < one->n; i++) {
                const uint32_t item = one->item[i];

                if (item & RTI_TO_RULE)
                        rti_candidates_add(c, item & ~RTI_TO_RULE);
                else
                        rti_candidates_visit(c, frame, item, known->others[item]);
        }
}

/* ---- life ---- */

static bool
asks_subject(const rt_ruleset *rules, const rti_p_switch *one)
{
        return rules->slots[rules->p.classes[one->class].slot].of_subject;
}

static uint32_t
first_other(const rt_ruleset *rules, const rti_p_node *node)
{
        uint32_t i = 0;

        while (i < node->switches.n
               && asks_subject(rules, &rules->p.switches[node->switches.first + i]))
                i++;
        return i;
}

int
rti_known_new(const rt_allocator *allocator, const rt_ruleset *rules, rti_known **ret_known)
{
        const uint32_t n_nodes = rules ? rules->p.n_nodes : 0;
        rti_known *known;
        uint32_t i = 0;

        *ret_known = NULL;
        while (rules && i < rules->p.n_slots && !rules->slots[i].of_subject)
                i++;
        if (!rules || i == rules->p.n_slots)
                return RT_OK;
        known = rti_calloc(allocator, 1, sizeof *known);
        if (known)
                known->others = rti_calloc(allocator, (size_t) n_nodes + rules->p.n_exprs + 1,
                                           sizeof *known->others);
        if (!known || !known->others) {
                rti_known_free(allocator, known);
                return RT_ENOMEM;
        }
        known->stamps = known->others + n_nodes;
        for (i = 0; i < n_nodes; i++)
                known->others[i] = first_other(rules, &rules->p.nodes[i]);
        *ret_known = known;
        return RT_OK;
}

void
rti_known_forget(rti_known *known)
{
        if (known)
                memset(known->entries, 0, sizeof known->entries + sizeof known->subjects);
}

void
rti_known_free(const rt_allocator *allocator, rti_known *known)
{
        if (known)
                rti_free(allocator, known->others);
        rti_free(allocator, known);
}
