/* SPDX-License-Identifier: Apache-2.0 */
/* diagram_new.c - a diagram's memory, and where answers are kept. */
#include "engine/diagram_private.h"

static rti_topic
next_topic(rti_diagram *d, const rt_ruleset *rules, uint32_t slot)
{
        rti_topic one = { .slot = slot, .at = rti_values_add(&d->values, slot) };

        if (rules->slots[slot].of_subject)
                one.known = ++d->n_known;
        return one;
}

static void
find_topics(rti_diagram *d, const rt_ruleset *rules)
{
        const rti_program_view *p = &rules->p;

        for (uint32_t i = 0; i < p->n_classes; i++)
                d->classes[i] = next_topic(d, rules, p->classes[i].slot);
        for (uint32_t i = 0; i < p->n_preds; i++) {
                d->tests[i].at = RTI_MOST_ANSWERS;
                if (p->preds[i].what == RTI_P_TEST && p->preds[i].class == RTI_NONE)
                        d->tests[i] = next_topic(d, rules, p->preds[i].slot);
        }
}

/* Nodes and words are not touched before they are used. */
static int
make(rti_diagram *d, const rt_allocator *allocator, const rt_ruleset *rules)
{
        const rti_program_view *p = &rules->p;

        d->lists = rti_calloc(allocator, RTI_DIAGRAM_LISTS, sizeof *d->lists);
        d->words = rti_realloc(allocator, NULL, RTI_DIAGRAM_WORDS + 1, sizeof *d->words);
        d->nodes = rti_realloc(allocator, NULL, RTI_DIAGRAM_NODES, sizeof *d->nodes);
        d->edges = rti_calloc(allocator, RTI_DIAGRAM_EDGES, sizeof *d->edges);
        d->classes = rti_calloc(allocator, (size_t) p->n_classes + 1, sizeof *d->classes);
        d->tests = rti_calloc(allocator, (size_t) p->n_preds + 1, sizeof *d->tests);
        d->existed = rti_calloc(allocator, (size_t) p->n_slots + 1, sizeof *d->existed);
        if (!d->lists || !d->words || !d->nodes || !d->edges || !d->classes || !d->tests
            || !d->existed || rti_values_new(&d->values, allocator, rules) < 0)
                return RT_ENOMEM;
        find_topics(d, rules);
        d->full = true; /* so that the first event makes it empty */
        return rti_values_ready(&d->values, allocator, rules);
}

int
rti_diagram_new(const rt_allocator *allocator, const rt_ruleset *rules, rti_diagram **ret_diagram)
{
        rti_diagram *d;
        int r;

        *ret_diagram = NULL;
        if (!rules || !(rules->program->flags & RTI_PROGRAM_DIAGRAM))
                return RT_OK;
        d = rti_calloc(allocator, 1, sizeof *d);
        r = d ? make(d, allocator, rules) : RT_ENOMEM;
        if (r < 0)
                rti_diagram_free(allocator, d);
        else
                *ret_diagram = d;
        return r;
}

void
rti_diagram_free(const rt_allocator *allocator, rti_diagram *d)
{
        if (!d)
                return;
        rti_free(allocator, d->lists);
        rti_free(allocator, d->words);
        rti_free(allocator, d->nodes);
        rti_free(allocator, d->edges);
        rti_free(allocator, d->classes);
        rti_free(allocator, d->tests);
        rti_values_done(&d->values, allocator);
        rti_free(allocator, d->existed);
        rti_free(allocator, d);
}
