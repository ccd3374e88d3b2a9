/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.c - two values of an event: val(...) and transformers on the right.
 *
 * Lists are compared through a small hash table on the stack, a part of the right one at a time, so
 * that two long lists of a hostile event do not cost the product of their lengths.
 */
#include "lang/ops/family.h"
#include <strings.h>

static bool
ordered(uint8_t op, int order)
{
        switch (op) {
        case RTI_OP_EQ:
        case RTI_OP_EQ2:
        case RTI_OP_IN:
        case RTI_OP_INTERSECTS:
                return order == 0;
        case RTI_OP_NE:
                return order != 0;
        case RTI_OP_LT:
                return order < 0;
        case RTI_OP_LE:
                return order <= 0;
        case RTI_OP_GT:
                return order > 0;
        case RTI_OP_GE:
                return order >= 0;
        default:
                return false;
        }
}

static bool
compare_numbers(uint8_t op, enum rti_hold hold, const rt_value *a, const rt_value *b)
{
        if (hold == RTI_HOLD_SIGNED)
                return ordered(op, (a->as.i > b->as.i) - (a->as.i < b->as.i));
        if (hold == RTI_HOLD_DOUBLE)
                return ordered(op, (a->as.d > b->as.d) - (a->as.d < b->as.d));
        return ordered(op, (a->as.u > b->as.u) - (a->as.u < b->as.u));
}

/* Rabin and Karp's search: both texts are an event's, so that neither may cost their product. */
static bool
contains_fold(rt_str s, rt_str needle)
{
        const uint64_t base = 0x100000001b3u;
        uint64_t top = 1, want = 0, have = 0;

        if (needle.len == 0)
                return true;
        if (s.len < needle.len)
                return false;
        for (size_t i = 0; i < needle.len; i++) {
                want = want * base + rti_lower((unsigned char) needle.ptr[i]);
                have = have * base + rti_lower((unsigned char) s.ptr[i]);
                top = i ? top * base : 1;
        }
        for (size_t at = 0;; at++) {
                if (have == want && strncasecmp(s.ptr + at, needle.ptr, needle.len) == 0)
                        return true;
                if (at + needle.len == s.len)
                        return false;
                have -= top * rti_lower((unsigned char) s.ptr[at]);
                have = have * base + rti_lower((unsigned char) s.ptr[at + needle.len]);
        }
}

static bool
compare_strings(uint8_t op, rt_str a, rt_str b)
{
        switch (op) {
        case RTI_OP_CONTAINS:
                return rti_str_find(a, b) != SIZE_MAX;
        case RTI_OP_ICONTAINS:
                return contains_fold(a, b);
        case RTI_OP_STARTSWITH:
                return b.len == 0 || rti_str_starts(a, b);
        case RTI_OP_ENDSWITH:
                return b.len == 0 || rti_str_ends(a, b);
        case RTI_OP_GLOB:
        case RTI_OP_IGLOB:
                return rti_glob_match(b, a, op == RTI_OP_IGLOB, NULL);
        default:
                return ordered(op, rti_str_cmp(a, b));
        }
}

static bool
compare_bytes(uint8_t op, rt_str a, rt_str b)
{
        switch (op) {
        case RTI_OP_CONTAINS:
        case RTI_OP_BCONTAINS:
                return rti_str_find(a, b) != SIZE_MAX;
        case RTI_OP_STARTSWITH:
        case RTI_OP_BSTARTSWITH:
                return b.len == 0 || rti_str_starts(a, b);
        case RTI_OP_ENDSWITH:
                return b.len == 0 || rti_str_ends(a, b);
        default:
                return ordered(op, !rti_str_eq(a, b));
        }
}

/* ---- lists ---- */

enum { PART = 2048, SLOTS = 2 * PART };

typedef struct list_part {
        uint32_t kind;
        const rt_value *elements; /* of the right list */
        uint16_t slots[SLOTS];    /* 1 + index in elements; 0: free */
} list_part;

static void
part_fill(list_part *part, const rt_value *elements, uint32_t n)
{
        part->elements = elements;
        memset(part->slots, 0, sizeof part->slots);
        for (uint32_t i = 0; i < n; i++) {
                uint64_t at = rti_same_hash(part->kind, &elements[i]) % SLOTS;

                while (part->slots[at]
                       && !rti_same(part->kind, &elements[part->slots[at] - 1], &elements[i]))
                        at = (at + 1) % SLOTS;
                part->slots[at] = (uint16_t) (i + 1);
        }
}

static bool
part_has(const list_part *part, const rt_value *element)
{
        for (uint64_t at = rti_same_hash(part->kind, element) % SLOTS; part->slots[at];
             at = (at + 1) % SLOTS)
                if (rti_same(part->kind, &part->elements[part->slots[at] - 1], element))
                        return true;
        return false;
}

static bool
lists_share(uint32_t kind, const rt_value *a, const rt_value *b)
{
        list_part part;

        part.kind = kind;
        for (uint32_t at = 0; at < b->count; at += PART) {
                part_fill(&part, b->as.list + at, b->count - at < PART ? b->count - at : PART);
                for (uint32_t i = 0; i < a->count; i++)
                        if (part_has(&part, &a->as.list[i]))
                                return true;
        }
        return false;
}

/* Is every element of @a a in @a b? Each run of elements is looked for in all parts of @a b. */
static bool
list_within(uint32_t kind, const rt_value *a, const rt_value *b)
{
        bool found[PART];
        list_part part;

        part.kind = kind;
        for (uint32_t from = 0; from < a->count; from += PART) {
                const uint32_t n = a->count - from < PART ? a->count - from : PART;
                uint32_t left = n;

                memset(found, 0, sizeof found);
                for (uint32_t at = 0; at < b->count && left; at += PART) {
                        part_fill(&part, b->as.list + at,
                                  b->count - at < PART ? b->count - at : PART);
                        for (uint32_t i = 0; i < n; i++)
                                if (!found[i] && part_has(&part, &a->as.list[from + i])) {
                                        found[i] = true;
                                        left--;
                                }
                }
                if (left)
                        return false;
        }
        return a->count > 0;
}

bool
rti_value_compare(uint8_t op, uint8_t modifier, rti_type type, const rt_value *a, const rt_value *b)
{
        const enum rti_hold hold = rti_kinds[type.kind].hold;

        if (modifier != RTI_MOD_NONE)
                return false;
        if (type.list)
                return op == RTI_OP_IN ? list_within(type.kind, a, b)
                                       : lists_share(type.kind, a, b);
        if (type.kind == RT_KIND_BYTES)
                return compare_bytes(op, a->as.s, b->as.s);
        if (hold == RTI_HOLD_STRING)
                return compare_strings(op, rti_cut(a->as.s), rti_cut(b->as.s));
        if (hold == RTI_HOLD_ADDRESS)
                return ordered(op, !rti_ip_eq(a, b));
        return compare_numbers(op, hold, a, b);
}
