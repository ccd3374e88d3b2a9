/* SPDX-License-Identifier: Apache-2.0 */
/* recall.c - a few texts per classifier, found by their length and ends. */
#include "engine/recall.h"
#include "base/alloc.h"

enum {
        PLACES = 4,     /* texts of a classifier; a power of two */
        LONGEST = 2048, /* text, in bytes */
        SHORTEST = 8,
        MOST_HITS = 13,
        MOST_CLASSES = 256 /* that recall anything, which bounds the memory: 2.1 MiB */
};

typedef struct place {
        uint32_t len; /* 0: unused */
        uint32_t n;
        uint32_t hits[MOST_HITS];
        char text[LONGEST];
} place;

struct rti_recall {
        uint32_t n;
        uint32_t *of_class; /* which places, or RTI_NONE */
        place (*places)[PLACES];
};

__attribute__((cold)) int
rti_recall_new(const rt_allocator *allocator, const rti_program_view *p, rti_recall **ret_recall)
{
        rti_recall *recall;
        uint32_t n = 0;

        *ret_recall = NULL;
        for (uint32_t i = 0; i < p->n_classes; i++)
                n += p->classes[i].nodes.n > 0;
        if (n == 0)
                return RT_OK;
        n = n < MOST_CLASSES ? n : MOST_CLASSES;
        recall = rti_calloc(allocator, 1, sizeof *recall);
        if (!recall)
                return RT_ENOMEM;
        recall->places = rti_calloc(allocator, n, sizeof *recall->places);
        recall->of_class = rti_calloc(allocator, p->n_classes, sizeof *recall->of_class);
        if (!recall->places || !recall->of_class) {
                rti_recall_free(allocator, recall);
                return RT_ENOMEM;
        }
        for (uint32_t i = 0; i < p->n_classes; i++)
                recall->of_class[i] =
                        p->classes[i].nodes.n && recall->n < n ? recall->n++ : RTI_NONE;
        *ret_recall = recall;
        return RT_OK;
}

void
rti_recall_free(const rt_allocator *allocator, rti_recall *recall)
{
        if (!recall)
                return;
        rti_free(allocator, recall->places);
        rti_free(allocator, recall->of_class);
        rti_free(allocator, recall);
}

/* Where the text is or would be; NULL: nowhere. */
static place *
place_of(rti_recall *recall, uint32_t class, rt_str text)
{
        uint64_t ends[2], mixed;

        if (!recall || recall->of_class[class] == RTI_NONE || text.len < SHORTEST
            || text.len > LONGEST)
                return NULL;
        memcpy(&ends[0], text.ptr, sizeof ends[0]);
        memcpy(&ends[1], text.ptr + text.len - sizeof ends[1], sizeof ends[1]);
        mixed = (ends[0] ^ ends[1] << 1 ^ text.len) * 0x9e3779b97f4a7c15u;
        return &recall->places[recall->of_class[class]][mixed >> 32 & (PLACES - 1)];
}

const uint32_t *
rti_recall_get(rti_recall *recall, uint32_t class, rt_str text, uint32_t *ret_n)
{
        const place *p = place_of(recall, class, text);

        if (!p || p->len != text.len || memcmp(p->text, text.ptr, text.len) != 0)
                return NULL;
        *ret_n = p->n;
        return p->hits;
}

void
rti_recall_put(rti_recall *recall, uint32_t class, rt_str text, const uint32_t *hits, uint32_t n)
{
        place *p = n <= MOST_HITS ? place_of(recall, class, text) : NULL;

        if (!p)
                return;
        p->len = (uint32_t) text.len;
        p->n = n;
        memcpy(p->text, text.ptr, text.len);
        if (n)
                memcpy(p->hits, hits, n * sizeof *hits);
}
