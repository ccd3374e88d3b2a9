/* SPDX-License-Identifier: Apache-2.0 */
/*
 * candidates.c - which rules may the frame's event match?
 *
 *   in   a verified program: nodes lead to higher-numbered ones, no deeper than RTI_INDEX_DEPTH
 *   out  bits of rules
 *
 * A node names rules, and classifiers; each hit of a classifier that the node knows leads to a rule
 * or to a node below. Does not allocate.
 */
#include "engine/candidates.h"
#include "engine/classify.h"
#include "engine/known.h"

/* Mostly they come in order: those of one word are added at once. */
static void
add_all(rti_candidates *c, const uint32_t *rules, uint32_t n)
{
        for (uint32_t i = 0; i < n;) {
                const uint32_t word = rules[i] >> 6;
                uint64_t bits = 0;

                for (; i < n && rules[i] >> 6 == word; i++)
                        bits |= (uint64_t) 1 << (rules[i] & 63);
                c->bits[word] |= bits;
                c->words[word >> 6] |= (uint64_t) 1 << (word & 63);
                c->parts[word >> 12] |= (uint64_t) 1 << (word >> 6 & 63);
        }
}

static void visit(rti_candidates *c, rti_frame *frame, uint32_t number);

static inline void
follow(rti_candidates *c, rti_frame *frame, uint32_t to)
{
        if (to & RTI_TO_RULE)
                rti_candidates_add(c, to & ~RTI_TO_RULE);
        else
                visit(c, frame, to);
}

/* Follow the switch's hits, and keep where they lead. */
__attribute__((noinline)) static void
look_up(rti_candidates *c, rti_frame *frame, uint32_t number)
{
        const rti_program_view *p = &frame->rules->p;
        rti_switch_row *row = &frame->switch_row[number];
        const rti_class_row *class = &frame->class_row[row->class];
        const uint32_t *hits = frame->hits + class->first;
        uint32_t *led = frame->led + row->first;

        for (uint32_t k = 0; k < class->n_hits; k++) {
                const uint32_t to = rti_switch_to(p, &p->switches[number], hits[k]);

                if (to == RTI_NONE)
                        continue;
                if (row->slot != RTI_NONE)
                        led[row->n++] = to;
                follow(c, frame, to);
        }
}

void
rti_candidates_visit(rti_candidates *c, rti_frame *frame, uint32_t number, uint32_t first)
{
        const rti_p_range range = frame->rules->p.nodes[number].switches;

        for (uint32_t i = range.first + first; i < range.first + range.n; i++) {
                rti_switch_row *row = &frame->switch_row[i];
                uint32_t version;

                if (row->slot == RTI_NONE) {
                        if (rti_class_run(frame, row->class)->n_hits)
                                look_up(c, frame, i);
                        continue;
                }
                version = rti_frame_version(frame, row->slot);
                if (row->version != version) {
                        row->version = version;
                        row->n = 0;
                        if (rti_class_run_read(frame, row->class)->n_hits)
                                look_up(c, frame, i);
                        continue;
                }
                if (row->n == 0)
                        continue;
                rti_class_same(frame, row->class); /* rules behind it will ask */
                for (uint32_t k = 0; k < row->n; k++)
                        follow(c, frame, frame->led[row->first + k]);
        }
}

static void
visit(rti_candidates *c, rti_frame *frame, uint32_t number)
{
        const rti_program_view *p = &frame->rules->p;
        const rti_p_node *node = &p->nodes[number];

        add_all(c, p->numbers + node->rules.first, node->rules.n);
        rti_candidates_visit(c, frame, number, 0);
}

void
rti_candidates_walk(rti_candidates *c, rti_frame *frame, rti_p_range roots)
{
        for (uint32_t i = 0; i < roots.n; i++)
                visit(c, frame, frame->rules->p.numbers[roots.first + i]);
}

void
rti_candidates_find(rti_candidates *c, rti_frame *frame, rti_p_range roots)
{
        if (c->known && frame->event->subject)
                rti_known_find(c->known, c, frame, roots);
        else
                rti_candidates_walk(c, frame, roots);
}

bool
rti_candidates_more(rti_candidates *c)
{
        for (uint32_t i = 0; i < c->n_parts; i++) {
                uint32_t part, word;

                if (!c->parts[i])
                        continue;
                part = i << 6 | (uint32_t) __builtin_ctzll(c->parts[i]);
                word = part << 6 | (uint32_t) __builtin_ctzll(c->words[part]);
                c->words[part] &= c->words[part] - 1;
                if (!c->words[part])
                        c->parts[i] &= c->parts[i] - 1;
                c->taken = c->bits[word];
                c->bits[word] = 0;
                c->first = word << 6;
                return true;
        }
        return false;
}

void
rti_candidates_drop(rti_candidates *c)
{
        while (rti_candidates_more(c))
                continue;
        c->taken = 0;
}

__attribute__((cold)) int
rti_candidates_new(rti_candidates *c, const rt_ruleset *rules)
{
        const size_t n_rules = rules ? rules->p.n_rules : 0;
        const size_t n_bits = n_rules / 64 + 1, n_words = n_bits / 64 + 1,
                     n_parts = n_words / 64 + 1;
        uint64_t *all = rti_calloc(c->allocator, n_bits + n_words + n_parts, sizeof *all);

        if (!all || rti_known_new(c->allocator, rules, &c->known) < 0) {
                rti_free(c->allocator, all);
                return RT_ENOMEM;
        }
        c->bits = all;
        c->taken = 0;
        c->words = all + n_bits;
        c->parts = c->words + n_words;
        c->n_parts = (uint32_t) n_parts;
        return RT_OK;
}

void
rti_candidates_done(rti_candidates *c)
{
        rti_free(c->allocator, c->bits);
        rti_known_free(c->allocator, c->known);
        c->bits = NULL;
        c->known = NULL;
}
