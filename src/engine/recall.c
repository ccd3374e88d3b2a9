/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recall.c - lately seen texts of each classifier, found by their length and three of their words.
 *
 * Classifiers share the memory: the fewer there are, the more texts each may keep. Of the records
 * that were looked at 64 texts are enough for all but those that never come again.
 */
#include "engine/recall.h"
#include "base/alloc.h"

enum {
        LONGEST = 768, /* text, in bytes */
        SHORTEST = sizeof(uint64_t),
        MOST_HITS = 62,
        /* Powers of two: */
        MOST_PLACES = 64, /* of a classifier */
        PLACES = 2048     /* of all, which bounds the memory: 2 MiB */
};

typedef struct place {
        uint32_t len; /* 0: unused */
        uint32_t n;
        char text[LONGEST];
        uint32_t hits[MOST_HITS];
} place;

struct rti_recall {
        uint32_t *of_class; /* its first place, or RTI_NONE */
        uint32_t mask;      /* places of a classifier - 1 */
        place *places;
};

__attribute__((cold)) int
rti_recall_new(const rt_allocator *allocator, const rti_program_view *p, rti_recall **ret_recall)
{
        rti_recall *recall;
        uint32_t n = 0, each = MOST_PLACES, first = 0;

        *ret_recall = NULL;
        for (uint32_t i = 0; i < p->n_classes; i++)
                n += p->classes[i].nodes.n > 0;
        if (n == 0)
                return RT_OK;
        while (each > 1 && each * (uint64_t) n > PLACES)
                each /= 2;
        n = n < PLACES ? n * each : PLACES;
        recall = rti_calloc(allocator, 1, sizeof *recall);
        if (!recall)
                return RT_ENOMEM;
        recall->mask = each - 1;
        recall->places = rti_calloc(allocator, n, sizeof *recall->places);
        recall->of_class = rti_calloc(allocator, p->n_classes, sizeof *recall->of_class);
        if (!recall->places || !recall->of_class) {
                rti_recall_free(allocator, recall);
                return RT_ENOMEM;
        }
        for (uint32_t i = 0; i < p->n_classes; i++) {
                const bool keeps = p->classes[i].nodes.n && first < n;

                recall->of_class[i] = keeps ? first : RTI_NONE;
                first += keeps ? each : 0;
        }
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

static inline uint64_t
word_at(const char *bytes)
{
        uint64_t word;

        memcpy(&word, bytes, sizeof word);
        return word;
}

/* Where the text is or would be; NULL: nowhere. */
__attribute__((noinline)) static place *
place_of(rti_recall *recall, uint32_t class, rt_str text)
{
        uint64_t mixed;

        if (!recall || recall->of_class[class] == RTI_NONE || text.len < SHORTEST
            || text.len > LONGEST)
                return NULL;
        mixed = word_at(text.ptr) * 0x9e3779b97f4a7c15u + text.len;
        mixed = (mixed >> 32 ^ mixed ^ word_at(text.ptr + (text.len - SHORTEST) / 2))
                * 0xbf58476d1ce4e5b9u;
        mixed = (mixed >> 32 ^ mixed ^ word_at(text.ptr + text.len - SHORTEST))
                * 0x94d049bb133111ebu;
        return &recall->places[recall->of_class[class] + (mixed >> 40 & recall->mask)];
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
