/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_set.c - in and intersects.
 *
 * Members are compared as bytes. A single string does not count the NULs at its end; an element of
 * a list does: transformers leave one behind each element, which so equals no constant (and that is
 * what the reference does). Networks are asked one after the other.
 *
 * Up to FEW members are compared in a row; beyond that an open-addressing hash table decides. Its
 * size is a power of two, at most half full, and never changes.
 */
#include "lang/ops/family.h"

enum { FEW = 4 };

typedef struct set_slot {
        uint32_t hash;
        uint32_t member; /* 1 + index in values; 0: free */
} set_slot;

typedef struct hash_set {
        uint32_t mask;
        uint64_t lengths; /* bit min(length, 63) of every string */
        set_slot slots[];
} hash_set;

static inline uint64_t
length_bit(size_t len)
{
        return (uint64_t) 1 << (len < 63 ? len : 63);
}

bool
rti_same(uint32_t kind, const rt_value *a, const rt_value *b)
{
        switch (rti_kinds[kind].hold) {
        case RTI_HOLD_STRING:
                return rti_str_eq(a->as.s, b->as.s);
        case RTI_HOLD_ADDRESS:
                return rti_ip_eq(a, b);
        default:
                return a->as.u == b->as.u;
        }
}

uint64_t
rti_same_hash(uint32_t kind, const rt_value *value)
{
        switch (rti_kinds[kind].hold) {
        case RTI_HOLD_STRING:
                return rti_hash(value->as.s.ptr, value->as.s.len, 0);
        case RTI_HOLD_ADDRESS:
                return rti_hash(value->as.ip, rti_ip_bytes(value), 0);
        default:
                return rti_hash(&value->as.u, sizeof value->as.u, 0);
        }
}

static bool
string_in_few(const rti_operand *operand, rt_str s)
{
        for (uint32_t i = 0; i < operand->n; i++)
                if (rti_str_eq(operand->values[i].as.s, s))
                        return true;
        return false;
}

static bool
in_table(const rti_operand *operand, const rt_value *value)
{
        const hash_set *set = operand->aux;
        const uint32_t hash = (uint32_t) rti_same_hash(operand->type.kind, value);

        for (uint32_t at = hash & set->mask; set->slots[at].member; at = (at + 1) & set->mask)
                if (set->slots[at].hash == hash
                    && rti_same(operand->type.kind, value,
                                &operand->values[set->slots[at].member - 1]))
                        return true;
        return false;
}

static bool
string_in_table(const rti_operand *operand, rt_str s)
{
        const hash_set *set = operand->aux;
        rt_value value;

        if (!(set->lengths & length_bit(s.len)))
                return false;
        value.as.s = s;
        return in_table(operand, &value);
}

/* ---- tests ---- */

static bool
never(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) operand;
        (void) value;
        (void) scratch;
        return false;
}

static inline rt_str
without_nuls(rt_str s)
{
        while (s.len && s.ptr[s.len - 1] == '\0')
                s.len--;
        return s;
}

static bool
string_few(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return string_in_few(operand, without_nuls(value->as.s));
}

static bool
string_many(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return string_in_table(operand, without_nuls(value->as.s));
}

/* List elements and byte buffers. */
static bool
raw_few(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return string_in_few(operand, value->as.s);
}

static bool
raw_many(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return string_in_table(operand, value->as.s);
}

static bool
number_few(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        for (uint32_t i = 0; i < operand->n; i++)
                if (operand->values[i].as.u == value->as.u)
                        return true;
        return false;
}

static bool
any_many(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return in_table(operand, value);
}

static bool
ip_few(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        for (uint32_t i = 0; i < operand->n; i++)
                if (rti_ip_eq(&operand->values[i], value))
                        return true;
        return false;
}

static bool
net_any(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        for (uint32_t i = 0; i < operand->n; i++)
                if (rti_net_has(&operand->values[i], value))
                        return true;
        return false;
}

/* ---- lists: aux of these is the operand for one element ---- */

static bool
all_elements(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *one = operand->aux;

        for (uint32_t i = 0; i < value->count; i++)
                if (!one->test(one, &value->as.list[i], scratch))
                        return false;
        return value->count > 0;
}

static bool
any_element(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *one = operand->aux;

        for (uint32_t i = 0; i < value->count; i++)
                if (one->test(one, &value->as.list[i], scratch))
                        return true;
        return false;
}

/* ---- building ---- */

static int
table_build(rti_build *build, rti_operand *operand)
{
        size_t room = 8;
        hash_set *set;

        while (room < 2 * (size_t) operand->n)
                room *= 2;
        set = rti_arena_zero(build->arena, 1, sizeof *set + room * sizeof *set->slots);
        if (!set)
                return RT_ENOMEM;
        set->mask = (uint32_t) (room - 1);
        operand->aux = set;
        for (uint32_t i = 0; i < operand->n; i++) {
                const rt_value *value = &operand->values[i];
                const uint32_t hash = (uint32_t) rti_same_hash(operand->type.kind, value);
                uint32_t at = hash & set->mask;

                if (rti_kinds[operand->type.kind].hold == RTI_HOLD_STRING)
                        set->lengths |= length_bit(value->as.s.len);
                if (in_table(operand, value))
                        continue;
                while (set->slots[at].member)
                        at = (at + 1) & set->mask;
                set->slots[at] = (set_slot){ hash, i + 1 };
        }
        return RT_OK;
}

/* The test for one value; @a element: of a list. */
__attribute__((cold)) static int
scalar_build(rti_build *build, rti_operand *operand, bool element)
{
        const bool few = operand->n <= FEW;
        const uint32_t kind = operand->type.kind;

        if (operand->n == 0) {
                operand->test = never;
                return RT_OK;
        }
        if (kind == RT_KIND_IPNET) {
                operand->test = net_any;
                return RT_OK;
        }
        if (rti_kinds[kind].hold == RTI_HOLD_STRING) {
                if (element || kind == RT_KIND_BYTES)
                        operand->test = few ? raw_few : raw_many;
                else
                        operand->test = few ? string_few : string_many;
        } else if (rti_kinds[kind].hold == RTI_HOLD_ADDRESS) {
                operand->test = few ? ip_few : any_many;
        } else {
                operand->test = few ? number_few : any_many;
        }
        return few ? RT_OK : table_build(build, operand);
}

__attribute__((cold)) int
rti_set_build(rti_build *build, rti_operand *operand)
{
        rti_operand *one;
        int r;

        if (!operand->type.list)
                return scalar_build(build, operand, /* element= */ false);
        one = RTI_NEW(build->arena, rti_operand);
        if (!one)
                return RT_ENOMEM;
        *one = *operand;
        one->type.list = false;
        r = scalar_build(build, one, /* element= */ true);
        if (r < 0)
                return r;
        operand->aux = one;
        operand->test = operand->op == RTI_OP_IN ? all_elements : any_element;
        return RT_OK;
}
