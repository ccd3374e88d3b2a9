/* SPDX-License-Identifier: Apache-2.0 */
/* values.c - lately seen texts of each slot: one for each hash, the newest stays. */
#include "engine/values.h"
#include "base/alloc.h"
#include "base/hash.h"

enum {
        LONGEST = 760,        /* text, in bytes */
        MOST_PLACES = 64,     /* of a slot, a power of two */
        MOST_WORDS = 1 << 19, /* of all places, which bounds the memory: 2 MiB */
        TEXT_WORDS = LONGEST / sizeof(uint32_t)
};

static uint32_t
place_words(const rti_value_slot *one)
{
        return one->n + TEXT_WORDS;
}

static uint32_t *
place_of(const rti_value_slot *one, rt_str text)
{
        const uint32_t number = (uint32_t) rti_hash(text.ptr, text.len, 0) & one->mask;
        uint32_t *place = one->places + (size_t) number * place_words(one);
        uint32_t *len = one->rows + 2 * one->n + number;

        if (*len == text.len && memcmp(place + one->n, text.ptr, text.len) == 0)
                return place;
        memset(place, 0, one->n * sizeof *place);
        *len = (uint32_t) text.len;
        memcpy(place + one->n, text.ptr, text.len);
        return place;
}

/* Its bytes, or its elements' with their lengths; of no length: it is not kept. */
static rt_str
bytes_of(const rt_value *value, char *buffer)
{
        size_t n = 0;

        if (value->kind == RT_KIND_STRING)
                return value->as.s;
        if (value->kind != RT_KIND_LIST)
                return (rt_str){ NULL, 0 };
        for (uint32_t i = 0; i < value->count; i++) {
                const rt_value *one = &value->as.list[i];
                const uint32_t len = (uint32_t) one->as.s.len;

                if (one->kind != RT_KIND_STRING || one->as.s.len > LONGEST
                    || n + sizeof len + len > LONGEST)
                        return (rt_str){ NULL, 0 };
                memcpy(buffer + n, &len, sizeof len);
                if (len)
                        memcpy(buffer + n + sizeof len, one->as.s.ptr, len);
                n += sizeof len + len;
        }
        return (rt_str){ buffer, n };
}

void
rti_values_renew(rti_values *values, rti_frame *frame, uint32_t slot)
{
        const rt_value *value = rti_frame_value(frame, slot);
        rti_value_slot *one = &values->slots[slot];
        char buffer[LONGEST];

        one->version = frame->slot_row[slot].version;
        if (value && one->mask != RTI_NONE) {
                const rt_str bytes = bytes_of(value, buffer);

                if (bytes.len && bytes.len <= LONGEST) {
                        one->now = place_of(one, bytes);
                        return;
                }
        }
        one->now = value ? one->rows : one->rows + one->n;
        if (value)
                memset(one->now, 0, one->n * sizeof *one->now);
}

void
rti_values_forget(rti_values *values, const rt_ruleset *rules)
{
        memset(values->rows, 0, values->n_rows * sizeof *values->rows);
        for (uint32_t i = 0; i < rules->p.n_slots; i++)
                values->slots[i].version = 0;
}

uint32_t
rti_values_add(rti_values *values, uint32_t slot)
{
        rti_value_slot *one = &values->slots[slot];

        return one->n < RTI_MOST_ANSWERS ? one->n++ : RTI_MOST_ANSWERS;
}

int
rti_values_new(rti_values *values, const rt_allocator *allocator, const rt_ruleset *rules)
{
        values->slots = rti_calloc(allocator, (size_t) rules->p.n_slots + 1, sizeof *values->slots);
        return values->slots ? RT_OK : RT_ENOMEM;
}

/* Is a text of the slot's worth a place? */
static bool
has_texts(const rt_ruleset *rules, const rti_values *values, uint32_t slot)
{
        const rti_type type = rules->slots[slot].type;

        return values->slots[slot].n && rti_kind_is_string(type.kind);
}

/* How many each slot with texts has. */
static uint32_t
count_places(const rt_ruleset *rules, const rti_values *values)
{
        uint32_t each = MOST_PLACES;
        size_t all = 0;

        for (uint32_t i = 0; i < rules->p.n_slots; i++)
                if (has_texts(rules, values, i))
                        all += place_words(&values->slots[i]);
        while (each && all * each > MOST_WORDS)
                each /= 2;
        return each;
}

/* Places are not touched before they are used. */
int
rti_values_ready(rti_values *values, const rt_allocator *allocator, const rt_ruleset *rules)
{
        const uint32_t each = count_places(rules, values);
        size_t n_places = 0;
        uint32_t *row, *place;

        values->n_rows = 1;
        for (uint32_t i = 0; i < rules->p.n_slots; i++) {
                rti_value_slot *one = &values->slots[i];
                const bool texts = each && has_texts(rules, values, i);

                one->mask = texts ? each - 1 : RTI_NONE;
                values->n_rows += 2 * (size_t) one->n + (texts ? each : 0);
                n_places += texts ? (size_t) each * place_words(one) : 0;
        }
        values->rows = row = rti_calloc(allocator, values->n_rows, sizeof *row);
        values->places = place = rti_realloc(allocator, NULL, n_places, sizeof *place);
        if (!row || !place)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < rules->p.n_slots; i++) {
                rti_value_slot *one = &values->slots[i];
                const uint32_t n = one->mask == RTI_NONE ? 0 : each;

                one->rows = row;
                one->places = place;
                row += 2 * (size_t) one->n + n;
                place += (size_t) n * place_words(one);
        }
        return RT_OK;
}

void
rti_values_done(rti_values *values, const rt_allocator *allocator)
{
        rti_free(allocator, values->slots);
        rti_free(allocator, values->rows);
        rti_free(allocator, values->places);
        *values = (rti_values){ 0 };
}
