/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_dynamic.c - values whose kind is known per event only (evt.rawarg).
 *
 * in    a constant of the kind that the name promised when the rule was loaded, and a value of the
 *       kind that the event's parameter has
 * out   what the reference makes of them: it keeps the constant's bytes, and reads them as the
 *       value's kind when it compares
 *
 * Where the kinds are held and sized alike there is nothing to reread, and the operand of the
 * promised kind decides.
 */
#include "lang/ops/family.h"

enum { RAW_BYTES = RTI_MAX_CONSTANT_BYTES + 1 + sizeof(uint64_t) };

typedef struct raw {
        size_t len;
        unsigned char bytes[RAW_BYTES]; /* zeroes behind len */
} raw;

/* Bytes of a number of that kind. */
static size_t
width_of(uint32_t kind)
{
        switch (kind) {
        case RT_KIND_INT8:
        case RT_KIND_UINT8:
                return 1;
        case RT_KIND_INT16:
        case RT_KIND_UINT16:
        case RT_KIND_PORT:
                return 2;
        case RT_KIND_INT32:
        case RT_KIND_UINT32:
        case RT_KIND_BOOL:
                return 4;
        default:
                return 8;
        }
}

static bool
alike(uint32_t a, uint32_t b)
{
        const enum rti_hold hold = rti_kinds[a].hold;

        if (a == b)
                return true;
        if (hold != rti_kinds[b].hold)
                return false;
        return hold == RTI_HOLD_STRING ? (a == RT_KIND_BYTES) == (b == RT_KIND_BYTES)
                                       : width_of(a) == width_of(b);
}

static void
raw_of(const rt_value *value, raw *to)
{
        const enum rti_hold hold = rti_kinds[value->kind].hold;
        const uint64_t number = value->as.u;
        const void *from = &number; /* little end first, as captures are */

        *to = (raw){ 0 };
        if (hold == RTI_HOLD_STRING) {
                to->len = value->as.s.len < RTI_MAX_CONSTANT_BYTES ? value->as.s.len
                                                                   : RTI_MAX_CONSTANT_BYTES;
                from = value->as.s.ptr;
        } else if (hold == RTI_HOLD_ADDRESS) {
                to->len = rti_ip_bytes(value);
                from = value->as.ip;
        } else {
                to->len = width_of(value->kind);
        }
        if (to->len)
                memcpy(to->bytes, from, to->len);
}

/* The bytes read as @a like's kind. */
static rt_value
reread(const raw *from, const rt_value *like)
{
        rt_value value = { .kind = like->kind, .count = like->count };
        uint64_t number = 0;

        if (rti_kinds[like->kind].hold == RTI_HOLD_STRING) {
                value.as.s = (rt_str){ (const char *) from->bytes, from->len };
                if (like->kind != RT_KIND_BYTES)
                        value.as.s.len = strlen((const char *) from->bytes);
                return value;
        }
        if (rti_kinds[like->kind].hold == RTI_HOLD_ADDRESS) {
                memcpy(value.as.ip, from->bytes, rti_ip_bytes(like));
                return value;
        }
        memcpy(&number, from->bytes, width_of(like->kind));
        if (rti_kinds[like->kind].hold == RTI_HOLD_SIGNED) {
                const unsigned unused = 64 - 8 * (unsigned) width_of(like->kind);

                value.as.i = (int64_t) (number << unused) >> unused;
        } else {
                value.as.u = number;
        }
        return value;
}

/* Members of sets are compared as bytes, lengths included. */
static bool
is_member(const rti_operand *operand, const rt_value *value)
{
        raw have, want;

        raw_of(value, &have);
        for (uint32_t i = 0; i < operand->n; i++) {
                raw_of(&operand->values[i], &want);
                if (have.len == want.len && memcmp(have.bytes, want.bytes, have.len) == 0)
                        return true;
        }
        return false;
}

static bool
passes(const rti_operand *operand, uint32_t i, const rt_value *value)
{
        rt_value constant;
        raw bytes;

        raw_of(&operand->values[i], &bytes);
        constant = reread(&bytes, value);
        return rti_value_compare(operand->op, RTI_MOD_NONE, (rti_type){ value->kind, false }, value,
                                 &constant);
}

bool
rti_dynamic_test(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *promised = operand->aux;
        uint32_t hits = 0;

        if (alike(value->kind, operand->type.kind))
                return promised->test(promised, value, scratch);
        if (operand->op == RTI_OP_IN || operand->op == RTI_OP_INTERSECTS)
                return is_member(operand, value);
        if (operand->op == RTI_OP_EXISTS)
                return true;
        for (uint32_t i = 0; i < operand->n; i++)
                hits += passes(operand, i, value);
        switch ((enum rti_modifier) operand->modifier) {
        case RTI_MOD_ONEOF:
                return hits == 1;
        case RTI_MOD_ALLOF:
                return operand->n > 0 && hits == operand->n;
        case RTI_MOD_NONE:
        case RTI_MOD_ANYOF:
        case RTI_N_MODIFIERS:
                break;
        }
        return hits > 0;
}
