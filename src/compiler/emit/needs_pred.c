/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needs_pred.c - what one predicate says about the events that it holds for.
 *
 * Nothing about operators is written down here: a predicate's operator is run over the value that
 * its field has for each element of a set (needs.def).
 */
#include "compiler/emit/needs.h"

static const struct {
        rt_str name;
        char c[2];
} kinds[] = {
#define KIND(number, id, name, c) [number] = { RTI_STR_INIT(name), { c, 0 } },
#include "lang/fd_kinds.def"
#undef KIND
};

static const uint32_t whole[RTI_N_NEEDS] = {
        [RTI_NEED_RESULTS] = RT_RESULT_SUCCESS | RT_RESULT_FAILURE | RT_RESULT_NONE,
        [RTI_NEED_FD_NUMS] = RT_FDNUM_VALID | RT_FDNUM_NEGATIVE | RT_FDNUM_NONE,
        [RTI_NEED_FD_KINDS] = ((1u << RTI_COUNT(kinds)) - 1) | 1u << RT_FDKIND_UNKNOWN_BIT
                              | 1u << RT_FDKIND_NONE_BIT,
        [RTI_NEED_OPEN_MODES] = (2u << RT_OPEN_MODE_NONE_BIT) - 1,
        [RTI_NEED_SCOPES] = RT_SCOPE_HOST | RT_SCOPE_CONTAINER,
        [RTI_NEED_RAW_PATHS] = RT_RAWPATH_UP | RT_RAWPATH_PLAIN,
};

/* ---- what a field is for one element of a set ---- */

enum known {
        MISSING, /* the field has no value */
        VALUE,   /* it has this one */
        BELOW,   /* some number below 0 */
        ABOVE,   /* some number from 0 on */
        SOME     /* nobody knows */
};

typedef enum known value_fn(uint32_t bit, rt_value *ret_value);

static enum known
text(rt_str s, rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = s };
        return VALUE;
}

static enum known
truth(bool b, rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = RT_KIND_BOOL, .as.u = b };
        return VALUE;
}

/* RT_RESULT_* and RT_FDNUM_* have the same shape: good, negative, none. */
enum { GOOD, NEGATIVE, NONE };

static enum known
failed(uint32_t bit, rt_value *ret_value)
{
        return bit == NONE ? MISSING : truth(bit == NEGATIVE, ret_value);
}

static enum known
res(uint32_t bit, rt_value *ret_value)
{
        if (bit == GOOD)
                return text(RTI_STR("SUCCESS"), ret_value);
        return bit == NEGATIVE ? SOME : MISSING;
}

static enum known
sign(uint32_t bit, rt_value *ret_value)
{
        (void) ret_value;
        return bit == GOOD ? ABOVE : bit == NEGATIVE ? BELOW : MISSING;
}

static enum known
kind_name(uint32_t bit, rt_value *ret_value)
{
        if (bit < RTI_COUNT(kinds))
                return text(kinds[bit].name, ret_value);
        return bit == RT_FDKIND_UNKNOWN_BIT || bit == RT_FDKIND_NONE_BIT ? MISSING : SOME;
}

static enum known
kind_char(uint32_t bit, rt_value *ret_value)
{
        if (bit < RTI_COUNT(kinds))
                return text((rt_str){ kinds[bit].c, 1 }, ret_value);
        return bit == RT_FDKIND_NONE_BIT ? MISSING : SOME;
}

static enum known
open_bit(uint32_t bit, uint32_t which, rt_value *ret_value)
{
        return bit == RT_OPEN_MODE_NONE_BIT ? SOME : truth(bit >> which & 1, ret_value);
}

static enum known
open_read(uint32_t bit, rt_value *ret_value)
{
        return open_bit(bit, 0, ret_value);
}

static enum known
open_write(uint32_t bit, rt_value *ret_value)
{
        return open_bit(bit, 1, ret_value);
}

static enum known
open_exec(uint32_t bit, rt_value *ret_value)
{
        return open_bit(bit, 2, ret_value);
}

static enum known
open_create(uint32_t bit, rt_value *ret_value)
{
        return open_bit(bit, 3, ret_value);
}

static enum known
container_id(uint32_t bit, rt_value *ret_value)
{
        return bit == 0 ? text(RTI_STR("host"), ret_value) : SOME;
}

static const struct need {
        rt_str field;
        enum rti_need_set set;
        value_fn *value;
} needs[] = {
#define NEED(field, set, value) { RTI_STR_INIT(field), RTI_NEED_##set, value },
#include "compiler/emit/needs.def"
#undef NEED
};

/* ---- predicates ---- */

rti_bound
rti_bound_any(void)
{
        rti_bound b = { 0 };

        memcpy(b.set, whole, sizeof b.set);
        return b;
}

/* May `v op c` hold for some v >= 0 (or < 0, with @a below)? */
static bool
sign_may(uint8_t op, int64_t c, bool below)
{
        switch (op) {
        case RTI_OP_EQ:
        case RTI_OP_EQ2:
        case RTI_OP_IN:
                return below ? c < 0 : c >= 0;
        case RTI_OP_LT:
                return below || c > 0;
        case RTI_OP_LE:
                return below || c >= 0;
        case RTI_OP_GT:
                return !below || c < -1;
        case RTI_OP_GE:
                return !below || c < 0;
        default:
                return true;
        }
}

/* The operator that holds where @a op does not; none: EXISTS. */
static uint8_t
opposite(uint8_t op)
{
        switch (op) {
        case RTI_OP_LT:
                return RTI_OP_GE;
        case RTI_OP_LE:
                return RTI_OP_GT;
        case RTI_OP_GT:
                return RTI_OP_LE;
        case RTI_OP_GE:
                return RTI_OP_LT;
        case RTI_OP_NE:
                return RTI_OP_EQ;
        default:
                return RTI_OP_EXISTS;
        }
}

static bool
sign_may_any(uint8_t op, const rti_ir_pred *pred, bool below)
{
        for (uint32_t i = 0; i < pred->n_values; i++)
                if (sign_may(op, pred->values[i].as.i, below))
                        return true;
        return pred->n_values == 0;
}

/* What @a pred says where its field is @a known: may it hold, may it fail? */
static void
judge(const rti_ir_pred *pred, const rti_operand *operand, enum known known, const rt_value *value,
      bool *ret_may, bool *ret_may_not)
{
        const bool exists = pred->what == RTI_P_EXISTS;

        *ret_may = *ret_may_not = true;
        if (known == MISSING) {
                *ret_may = false;
        } else if (exists) {
                *ret_may_not = false;
        } else if (known == VALUE) {
                *ret_may = rti_operand_test(operand, value, NULL);
                *ret_may_not = !*ret_may;
        } else if (known != SOME && pred->modifier == RTI_MOD_NONE) {
                *ret_may = sign_may_any(pred->op, pred, known == BELOW);
                *ret_may_not = sign_may_any(opposite(pred->op), pred, known == BELOW);
        }
}

bool
rti_need_is_plain(const rti_ir_pred *pred)
{
        return pred->what == RTI_P_EXISTS
               || (pred->what == RTI_P_TEST && pred->op != RTI_OP_REGEX && pred->op != RTI_OP_GLOB
                   && pred->op != RTI_OP_IGLOB);
}

static int
sift(rti_ir *ir, const struct need *need, const rti_ir_pred *pred, rti_bounds *b)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];
        const rti_operand_spec spec = { .op = pred->op,
                                        .modifier = pred->modifier,
                                        .type = slot->type,
                                        .n = pred->n_values,
                                        .values = pred->values };
        rti_operand operand = { 0 };
        rt_str error, warning;
        int r = RT_OK;

        if (pred->what == RTI_P_TEST)
                r = rti_operand_build(ir->arena, &spec, &operand, &error, &warning);
        if (r < 0)
                return r == RT_ENOMEM ? r : RT_OK;
        for (uint32_t bit = 0; bit < 32; bit++) {
                rt_value value = { 0 };
                bool may, may_not;

                if (!(whole[need->set] >> bit & 1))
                        continue;
                judge(pred, &operand, need->value(bit, &value), &value, &may, &may_not);
                if (!may)
                        b->yes.set[need->set] &= ~(1u << bit);
                if (!may_not)
                        b->no.set[need->set] &= ~(1u << bit);
        }
        rti_operand_done(&operand);
        return RT_OK;
}

/* The constant part that a glob pattern begins with. */
static rt_str
before_wildcard(rt_str pattern)
{
        size_t n = 0;

        while (n < pattern.len && !memchr("*?[\\", pattern.ptr[n], 4))
                n++;
        return rti_str_sub(pattern, 0, n);
}

/* Do all values for which @a pred holds begin with one of its constants (or equal one)? */
static bool
names_beginnings(const rti_ir_pred *pred, bool whole_value)
{
        const bool equal = pred->op == RTI_OP_EQ || pred->op == RTI_OP_EQ2 || pred->op == RTI_OP_IN;
        const bool begins = equal || pred->op == RTI_OP_STARTSWITH || pred->op == RTI_OP_PMATCH
                            || pred->op == RTI_OP_GLOB;

        return pred->what == RTI_P_TEST && (whole_value ? equal : begins)
               && pred->modifier != RTI_MOD_ALLOF && pred->n_values > 0
               && pred->n_values <= RTI_NEED_TEXTS;
}

/* The part of a constant that values begin with; empty: nothing can be said. pmatch takes paths
 * with and without a leading slash, and doubled ones as well. */
static rt_str
beginning(const rti_ir_pred *pred, rt_str s, bool whole_value)
{
        const bool pmatch = pred->op == RTI_OP_PMATCH;

        if (pmatch || pred->op == RTI_OP_GLOB)
                s = before_wildcard(s);
        if (s.len == 0 || whole_value)
                return s;
        if ((pmatch && s.ptr[0] != '/') || rti_str_find(s, RTI_STR("//")) != SIZE_MAX)
                return RTI_STR("");
        if (pmatch && s.ptr[s.len - 1] == '/')
                s.len--;
        return s;
}

/* What a value that @a pred holds for begins with, or (`whole_value`) is; NULL: no such thing. */
static const rti_need_texts *
beginnings(rti_ir *ir, const rti_ir_pred *pred, bool whole_value)
{
        rti_need_texts *t;

        if (!names_beginnings(pred, whole_value))
                return NULL;
        t = rti_need_texts_new(ir, pred->n_values);
        if (!t)
                return NULL;
        for (uint32_t i = 0; i < pred->n_values; i++) {
                const rt_str s = beginning(pred, pred->values[i].as.s, whole_value);

                if (s.len == 0)
                        return NULL;
                t->at[t->n++] = s;
        }
        return t;
}

/* Paths without "../" cannot have something in them that has. */
static void
sift_raw_path(const rti_ir_pred *pred, rti_bounds *b)
{
        const bool inside = pred->op == RTI_OP_CONTAINS || pred->op == RTI_OP_GLOB
                            || pred->op == RTI_OP_STARTSWITH || pred->op == RTI_OP_EQ;

        if (pred->what != RTI_P_TEST || !inside
            || (pred->modifier != RTI_MOD_NONE && pred->modifier != RTI_MOD_ANYOF))
                return;
        for (uint32_t i = 0; i < pred->n_values; i++)
                if (rti_str_find(pred->values[i].as.s, RTI_STR("../")) == SIZE_MAX)
                        return;
        b->yes.set[RTI_NEED_RAW_PATHS] = RT_RAWPATH_UP;
}

int
rti_bounds_of_pred(rti_ir *ir, const rti_ir_pred *pred, rti_bounds *b)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];

        if (slot->what != RTI_SLOT_FIELD || slot->arg != RT_ARG_NONE || slot->type.list)
                return RT_OK;
        if (rti_str_is(slot->field, "fd.name") || rti_str_is(slot->field, "fd.directory"))
                b->yes.paths = beginnings(ir, pred, false);
        else if (rti_str_is(slot->field, "proc.name"))
                b->yes.names = beginnings(ir, pred, true);
        else if (rti_str_is(slot->field, "fd.nameraw"))
                sift_raw_path(pred, b);
        for (size_t i = 0; i < RTI_COUNT(needs); i++)
                if (rti_str_eq(slot->field, needs[i].field) && rti_need_is_plain(pred))
                        return sift(ir, &needs[i], pred, b);
        return RT_OK;
}
