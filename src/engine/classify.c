/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify.c - find the atoms that hold of a slot's value.
 *
 *   in   a verified program: tables name what is there, and have a free cell each
 *   out  the classifier's hits and their stamps
 *
 * Of a list the hits are those of all elements together. Texts end at their first NUL, bytes do
 * not. Does not allocate: a classifier has as much room for hits as it has atoms.
 */
#include "engine/classify_private.h"
#include "lang/ops/family.h"

/* ---- one atom ---- */

static inline rt_str
text_of(const rti_finder *f, uint32_t atom)
{
        return rti_program_text(f->p, f->p->constants[f->p->atoms[atom].constant].as.text);
}

/* Is the path @a text the path @a folder, or below it? */
static bool
is_below(rt_str text, rt_str folder)
{
        for (;;) {
                const rt_str name = rti_path_next(&folder);

                if (name.len == 0)
                        return true;
                if (!rti_str_eq(rti_path_next(&text), name))
                        return false;
        }
}

static bool
text_holds(const rti_finder *f, uint32_t atom, rt_str text)
{
        const rt_str constant = text_of(f, atom);

        switch ((enum rti_relation) f->p->atoms[atom].relation) {
        case RTI_REL_EQUAL:
                return rti_str_eq(text, constant);
        case RTI_REL_PREFIX:
                return rti_str_starts(text, constant);
        case RTI_REL_PATH:
                return is_below(text, constant);
        case RTI_REL_SUFFIX:
                return rti_str_ends(text, constant);
        case RTI_REL_CONTAINS:
                return rti_find(text, constant) != SIZE_MAX;
        case RTI_REL_ICONTAINS:
                return rti_find_fold(text, constant) != SIZE_MAX;
        default:
                return false;
        }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wfloat-equal" /* constants are whole numbers, equal means equal */
/* What is not a number is neither less nor greater than anything, nor equal. */
static bool
number_holds(const rti_finder *f, uint32_t atom, const rt_value *value)
{
        const rti_p_constant *from = &f->p->constants[f->p->atoms[atom].constant];
        const enum rti_hold hold = rti_kinds[f->kind].hold;
        rt_value constant = { .kind = from->kind, .count = from->count };
        bool less, greater, equal;

        memcpy(&constant.as, from->as.bits, sizeof from->as.bits);
        if (f->p->atoms[atom].relation == RTI_REL_NET)
                return rti_net_has(&constant, value);
        if (hold == RTI_HOLD_ADDRESS)
                return rti_ip_eq(&constant, value);
        if (hold == RTI_HOLD_DOUBLE) {
                less = value->as.d < constant.as.d;
                greater = value->as.d > constant.as.d;
                equal = value->as.d == constant.as.d;
        } else {
                equal = value->as.u == constant.as.u;
                less = hold == RTI_HOLD_SIGNED ? value->as.i < constant.as.i
                                               : value->as.u < constant.as.u;
                greater = !less && !equal;
        }
        switch ((enum rti_relation) f->p->atoms[atom].relation) {
        case RTI_REL_EQUAL:
                return equal;
        case RTI_REL_BELOW:
                return less;
        case RTI_REL_MOST:
                return less || equal;
        case RTI_REL_ABOVE:
                return greater;
        case RTI_REL_LEAST:
                return greater || equal;
        default:
                return false;
        }
}
#pragma GCC diagnostic pop

/* ---- all atoms ---- */

static inline bool
holds(const rti_finder *f, uint32_t atom, const rt_value *value)
{
        return rti_kinds[f->kind].hold == RTI_HOLD_STRING ? text_holds(f, atom, value->as.s)
                                                          : number_holds(f, atom, value);
}

static void
find_one_by_one(rti_finder *f, const rt_value *value)
{
        for (uint32_t i = 0; i < f->class->atoms.n; i++)
                if (holds(f, f->class->atoms.first + i, value))
                        rti_hit(f, i);
}

/* What has @a hash and holds; several networks can, that differ in bits that do not count. */
static void
find_hashed(rti_finder *f, uint32_t hash, const rt_value *value)
{
        const rti_p_cell *cells = f->p->cells + f->class->cells.first;
        const uint32_t mask = f->class->cells.n - 1;

        for (uint32_t at = hash & mask; cells[at].to != RTI_NONE; at = (at + 1) & mask)
                if (cells[at].key == hash && holds(f, f->class->atoms.first + cells[at].to, value))
                        rti_hit(f, cells[at].to);
}

static void
find_nets(rti_finder *f, const rt_value *value)
{
        const uint32_t *lengths = f->p->numbers + f->class->numbers.first;

        for (uint32_t i = 0; i < f->class->numbers.n; i++)
                if ((lengths[i] & 0xff) == rti_ip_bytes(value))
                        find_hashed(f, rti_net_hash(value, lengths[i]), value);
}

/* Of bounds in order, those above the value and those below it are found by halving. */
static void
find_bounds(rti_finder *f, const rt_value *value)
{
        const uint32_t *ends = f->p->numbers + f->class->numbers.first;
        const uint32_t first = f->class->atoms.first;

        for (uint32_t i = 0, from = 0; i < RTI_N_BOUNDS; from = ends[i++]) {
                const bool above = i + RTI_REL_BELOW >= RTI_REL_ABOVE;
                uint32_t at = from, n = ends[i] - from;

                while (n) {
                        const uint32_t half = n / 2;

                        if (holds(f, first + at + half, value) == above) {
                                at += half + 1;
                                n -= half + 1;
                        } else {
                                n = half;
                        }
                }
                for (uint32_t k = above ? from : at, end = above ? at : ends[i]; k < end; k++)
                        rti_hit(f, k);
        }
}

/* @a value is no list, and cut. */
static void
find(rti_finder *f, const rt_value *value)
{
        if (f->class->nodes.n)
                rti_find_texts(f, value->as.s);
        else if (f->class->family == RTI_REL_BELOW)
                find_bounds(f, value);
        else if (!f->class->cells.n)
                find_one_by_one(f, value);
        else if (f->class->family == RTI_REL_NET)
                find_nets(f, value);
        else
                find_hashed(f, (uint32_t) rti_same_hash(f->kind, value), value);
}

/* Cut the value, if it is a text, and find. */
static void
find_in(rti_finder *f, const rt_value *value)
{
        rt_value cut = *value;

        if (rti_kind_is_string(f->kind)) {
                cut.as.s = rti_cut(value->as.s);
                for (size_t i = cut.as.s.len; i < value->as.s.len; i++)
                        if (value->as.s.ptr[i]) {
                                f->frame->class_cut[f->class - f->p->classes] = f->frame->now;
                                break;
                        }
        } else if (rti_kinds[f->kind].hold == RTI_HOLD_DOUBLE && value->as.u << 1 == 0) {
                cut.as.u = 0; /* -0.0 */
        }
        find(f, &cut);
}

void
rti_classify(rti_frame *frame, uint32_t number)
{
        const rti_program_view *p = &frame->rules->p;
        const rti_p_class *class = &p->classes[number];
        const rti_slot *slot = &frame->rules->slots[class->slot];
        const rt_value *value = rti_frame_value(frame, class->slot);
        rti_finder f = { frame, p, class, slot->type.kind, 0, frame->hits + class->atoms.first };
        const bool any = value && (!slot->type.list || value->count);

        frame->class_stamp[number] = frame->now << 1 | any;
        if (value && class->family == RTI_REL_PRESENT) {
                for (uint32_t i = 0; i < class->atoms.n; i++)
                        rti_hit(&f, i);
        } else if (any && slot->type.list) {
                for (uint32_t i = 0; i < value->count; i++)
                        find_in(&f, &value->as.list[i]);
        } else if (any) {
                find_in(&f, value);
        }
        frame->class_n[number] = f.n;
}
