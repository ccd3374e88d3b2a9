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
                return text.len == constant.len && rti_same_bytes(text.ptr, constant.ptr, text.len);
        case RTI_REL_PREFIX:
                return text.len >= constant.len
                       && rti_same_bytes(text.ptr, constant.ptr, constant.len);
        case RTI_REL_PATH:
                return is_below(text, constant);
        case RTI_REL_SUFFIX:
                return text.len >= constant.len
                       && rti_same_bytes(text.ptr + text.len - constant.len, constant.ptr,
                                         constant.len);
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
        const enum rti_hold hold = rti_kinds[f->row->kind].hold;
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

enum way { WAY_PRESENT, WAY_ONE_BY_ONE, WAY_SAME, WAY_HASH, WAY_NETS, WAY_BOUNDS, WAY_TRIE };

static inline bool
is_text(const rti_finder *f)
{
        return rti_kinds[f->row->kind].hold == RTI_HOLD_STRING;
}

static inline bool
holds(const rti_finder *f, uint32_t atom, const rt_value *value)
{
        return is_text(f) ? text_holds(f, atom, value->as.s) : number_holds(f, atom, value);
}

static void
find_one_by_one(rti_finder *f, const rt_value *value)
{
        for (uint32_t i = 0; i < f->class->atoms.n; i++)
                if (holds(f, f->row->first + i, value))
                        rti_hit(f, i);
}

/* The same for whole numbers that are equal. */
static void
find_same(rti_finder *f, const rt_value *value)
{
        const rti_p_atom *atoms = f->p->atoms + f->row->first;

        for (uint32_t i = 0; i < f->class->atoms.n; i++)
                if (f->p->constants[atoms[i].constant].as.bits[0] == value->as.u)
                        rti_hit(f, i);
}

/* What has @a hash and holds; several networks can, that differ in bits that do not count. */
static inline void
find_hashed(rti_finder *f, uint32_t hash, const rt_value *value)
{
        const rti_p_cell *cells = f->p->cells + f->class->cells.first;
        const uint32_t mask = f->class->cells.n - 1;

        for (uint32_t at = hash & mask; cells[at].to != RTI_NONE; at = (at + 1) & mask)
                if (cells[at].key == hash && holds(f, f->row->first + cells[at].to, value))
                        rti_hit(f, cells[at].to);
}

/* The same for a text: at most one constant is equal to it. */
static void
find_text(rti_finder *f, rt_str text)
{
        const rti_p_cell *cells = f->p->cells + f->class->cells.first;
        const uint32_t mask = f->class->cells.n - 1;
        const uint32_t hash = (uint32_t) rti_hash(text.ptr, text.len, 0);

        for (uint32_t at = hash & mask; cells[at].to != RTI_NONE; at = (at + 1) & mask) {
                rt_str constant;

                if (cells[at].key != hash)
                        continue;
                constant = text_of(f, f->row->first + cells[at].to);
                if (text.len != constant.len || !rti_same_bytes(text.ptr, constant.ptr, text.len))
                        continue;
                rti_hit(f, cells[at].to);
                return;
        }
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
        const uint32_t first = f->row->first;

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
        switch ((enum way) f->row->way) {
        case WAY_ONE_BY_ONE:
                find_one_by_one(f, value);
                break;
        case WAY_SAME:
                find_same(f, value);
                break;
        case WAY_HASH:
                if (is_text(f))
                        find_text(f, value->as.s);
                else
                        find_hashed(f, (uint32_t) rti_same_hash(f->row->kind, value), value);
                break;
        case WAY_NETS:
                find_nets(f, value);
                break;
        case WAY_BOUNDS:
                find_bounds(f, value);
                break;
        case WAY_TRIE:
                rti_find_texts(f, value->as.s);
                break;
        case WAY_PRESENT:
                break;
        }
}

/* Where @a text is cut, and is there more than NULs behind? */
static enum rti_cut_state
cut_text(rt_str text, size_t *ret_len)
{
        const rt_str cut = rti_cut(text);

        *ret_len = cut.len;
        for (size_t i = cut.len; i < text.len; i++)
                if (text.ptr[i])
                        return RTI_CUT_MORE;
        return RTI_CUT_PLAIN;
}

/* Cut the value, if it is a text, and find. Returns what the class's stamp says of it. */
static uint32_t
find_in_element(rti_finder *f, const rt_value *value)
{
        rt_value cut = *value;
        uint32_t flags = RTI_CLASS_ANY;

        if (f->row->text && cut_text(value->as.s, &cut.as.s.len) == RTI_CUT_MORE)
                flags |= RTI_CLASS_CUT;
        else if (rti_kinds[f->row->kind].hold == RTI_HOLD_DOUBLE && value->as.u << 1 == 0)
                cut.as.u = 0; /* -0.0 */
        find(f, &cut);
        return flags;
}

/* The same for a slot's value: the classes of a slot share the look for a NUL. */
static uint32_t
find_in_text(rti_finder *f, const rt_value *value)
{
        rti_slot_row *slot = &f->frame->slot_row[f->row->slot];
        rt_value cut = { .kind = value->kind, .as.s.ptr = value->as.s.ptr };

        if (slot->cut == RTI_CUT_UNKNOWN)
                slot->cut = cut_text(value->as.s, &slot->cut_len);
        cut.as.s.len = slot->cut_len;
        find(f, &cut);
        return slot->cut == RTI_CUT_MORE ? RTI_CLASS_ANY | RTI_CLASS_CUT : RTI_CLASS_ANY;
}

void
rti_classify(rti_frame *frame, uint32_t number)
{
        const rti_program_view *p = &frame->rules->p;
        rti_class_row *row = &frame->class_row[number];
        const rt_value *value = rti_frame_value(frame, row->slot);
        rti_finder f = { frame, p, &p->classes[number], row, 0, frame->hits + row->first };
        uint32_t flags = 0;

        if (value && row->way == WAY_PRESENT) {
                for (uint32_t i = 0; i < f.class->atoms.n; i++)
                        rti_hit(&f, i);
                flags = !row->list || value->count ? RTI_CLASS_ANY : 0;
        } else if (value && row->list) {
                for (uint32_t i = 0; i < value->count; i++)
                        flags |= find_in_element(&f, &value->as.list[i]);
        } else if (value) {
                flags = row->text ? find_in_text(&f, value) : find_in_element(&f, value);
        }
        row->stamp = frame->now << RTI_CLASS_NOW | flags;
        row->n_hits = f.n;
}

static enum way
way_of(const rti_p_class *class, uint32_t kind)
{
        const enum rti_hold hold = rti_kinds[kind].hold;

        if (class->family == RTI_REL_PRESENT)
                return WAY_PRESENT;
        if (class->nodes.n)
                return WAY_TRIE;
        if (class->family == RTI_REL_BELOW)
                return WAY_BOUNDS;
        if (class->cells.n)
                return class->family == RTI_REL_NET ? WAY_NETS : WAY_HASH;
        if (class->family == RTI_REL_EQUAL
            && (hold == RTI_HOLD_UNSIGNED || hold == RTI_HOLD_SIGNED))
                return WAY_SAME;
        return WAY_ONE_BY_ONE;
}

rti_class_row
rti_class_prepare(const rt_ruleset *rules, uint32_t number)
{
        const rti_p_class *class = &rules->p.classes[number];
        const rti_type type = rules->slots[class->slot].type;

        return (rti_class_row){ .first = class->atoms.first,
                                .slot = class->slot,
                                .way = (uint8_t) way_of(class, type.kind),
                                .kind = (uint8_t) type.kind,
                                .list = type.list,
                                .text = rti_kind_is_string(type.kind) };
}
