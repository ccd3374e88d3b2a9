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
#include "engine/known.h"
#include "engine/recall.h"
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

enum way {
        WAY_PRESENT,
        WAY_ONE_BY_ONE,
        WAY_FEW_ENDS,
        WAY_SAME,
        WAY_HASH,
        WAY_TEXT,
        WAY_NETS,
        WAY_BOUNDS,
        WAY_TRIE
};

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

/* Most texts end with another byte than the constant. */
__attribute__((noinline)) static void
find_few_ends(rti_finder *f, rt_str text)
{
        for (uint32_t i = 0; i < f->class->atoms.n; i++) {
                const rt_str constant = text_of(f, f->row->first + i);

                if (text.len < constant.len)
                        continue;
                if (constant.len == 0
                    || (text.ptr[text.len - 1] == constant.ptr[constant.len - 1]
                        && rti_same_bytes(text.ptr + text.len - constant.len, constant.ptr,
                                          constant.len)))
                        rti_hit(f, i);
        }
}

__attribute__((noinline)) static void
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
__attribute__((noinline)) static void
find_hashed(rti_finder *f, uint32_t hash, const rt_value *value)
{
        const rti_p_cell *cells = f->p->cells + f->class->cells.first;
        const uint32_t mask = f->class->cells.n - 1;

        for (uint32_t at = hash & mask; cells[at].to != RTI_NONE; at = (at + 1) & mask)
                if (cells[at].key == hash && holds(f, f->row->first + cells[at].to, value))
                        rti_hit(f, cells[at].to);
}

__attribute__((noinline)) static void
find_nets(rti_finder *f, const rt_value *value)
{
        const uint32_t *lengths = f->p->numbers + f->class->numbers.first;

        for (uint32_t i = 0; i < f->class->numbers.n; i++)
                if ((lengths[i] & 0xff) == rti_ip_bytes(value))
                        find_hashed(f, rti_net_hash(value, lengths[i]), value);
}

/* Of bounds in order, those above the value and those below it are found by halving. */
__attribute__((noinline)) static void
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

/* The texts in @a text, recalled or found. Of a list's later elements only what is new is a hit, so
 * that nothing can be learnt from it. */
static void
find_texts(rti_finder *f, rt_str text)
{
        const uint32_t class = (uint32_t) (f->class - f->p->classes);
        const bool alone = f->n == 0;
        uint32_t n;
        const uint32_t *hits = rti_recall_get(f->frame->recall, class, text, &n);

        if (hits) {
                for (uint32_t i = 0; i < n; i++)
                        rti_hit(f, hits[i] - f->class->atoms.first);
                return;
        }
        rti_find_texts(f, text);
        if (alone)
                rti_recall_put(f->frame->recall, class, text, f->hits, f->n);
}

/* @a value is no list, and cut. */
__attribute__((noinline)) static void
find(rti_finder *f, const rt_value *value)
{
        switch ((enum way) f->row->way) {
        case WAY_ONE_BY_ONE:
                find_one_by_one(f, value);
                break;
        case WAY_FEW_ENDS:
                find_few_ends(f, value->as.s);
                break;
        case WAY_SAME:
                find_same(f, value);
                break;
        case WAY_HASH:
                find_hashed(f, (uint32_t) rti_same_hash(f->row->kind, value), value);
                break;
        case WAY_NETS:
                find_nets(f, value);
                break;
        case WAY_BOUNDS:
                find_bounds(f, value);
                break;
        case WAY_TRIE:
                find_texts(f, value->as.s);
                break;
        case WAY_PRESENT:
        case WAY_TEXT:
                break;
        }
}

static inline bool
any_zero(uint64_t word)
{
        return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
}

/* Eight bytes at once: most texts are short, and none of them has a NUL. */
static inline bool
has_nul(rt_str text)
{
        uint64_t word;
        uint32_t half;

        if (text.len < sizeof half) {
                for (size_t i = 0; i < text.len; i++)
                        if (!text.ptr[i])
                                return true;
                return false;
        }
        if (text.len < sizeof word) {
                memcpy(&half, text.ptr, sizeof half);
                word = half;
                memcpy(&half, text.ptr + text.len - sizeof half, sizeof half);
                return any_zero(word << 32 | half);
        }
        if (text.len > 8 * sizeof word)
                return memchr(text.ptr, '\0', text.len) != NULL;
        for (size_t i = 0; i + sizeof word < text.len; i += sizeof word) {
                memcpy(&word, text.ptr + i, sizeof word);
                if (any_zero(word))
                        return true;
        }
        memcpy(&word, text.ptr + text.len - sizeof word, sizeof word);
        return any_zero(word);
}

/* Where @a text is cut, and is there more than NULs behind? */
static enum rti_cut_state
cut_text(rt_str text, size_t *ret_len)
{
        rt_str cut;

        *ret_len = text.len;
        if (!has_nul(text))
                return RTI_CUT_PLAIN;
        cut = rti_cut(text);
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

/* The part of a slot's value up to its first NUL: its classes share the look for one. */
static inline rt_str
slot_text(rti_frame *frame, const rti_class_row *row, const rt_value *value)
{
        rti_slot_row *slot = &frame->slot_row[row->slot];

        if (slot->cut == RTI_CUT_UNKNOWN)
                slot->cut = cut_text(value->as.s, &slot->cut_len);
        return (rt_str){ value->as.s.ptr, slot->cut_len };
}

static inline uint32_t
text_flags(const rti_frame *frame, const rti_class_row *row)
{
        return frame->slot_row[row->slot].cut == RTI_CUT_MORE ? RTI_CLASS_ANY | RTI_CLASS_CUT
                                                              : RTI_CLASS_ANY;
}

__attribute__((noinline)) static void
classify(rti_frame *frame, rti_class_row *row, uint32_t number)
{
        const rti_program_view *p = &frame->rules->p;
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
        } else if (value && row->text) {
                rt_value cut = { .kind = value->kind, .as.s = slot_text(frame, row, value) };

                find(&f, &cut);
                flags = text_flags(frame, row);
        } else if (value && row->way == WAY_SAME) {
                find_same(&f, value);
                flags = RTI_CLASS_ANY;
        } else if (value) {
                flags = find_in_element(&f, value);
        }
        row->stamp = frame->now << RTI_CLASS_NOW | flags;
        row->n_hits = f.n;
}

/* ---- one text, compared with constants for equality: what is asked most ---- */

/* Which bit of a classifier's filter stands for @a text: a look at three of its bytes says of most
 * values that no constant is equal to them, without hashing all. */
static inline uint32_t
filter_bit(rt_str text)
{
        uint32_t bit = (uint32_t) text.len;

        if (text.len)
                bit += (unsigned char) text.ptr[0] * 7u
                       + (unsigned char) text.ptr[text.len / 2] * 5u
                       + (unsigned char) text.ptr[text.len - 1] * 31u;
        return bit % (RTI_FILTER_WORDS * 64);
}

/* The atom that holds of @a text, which is cut: one at most. RTI_NONE: none does. */
static uint32_t
find_text(const rti_program_view *p, const rti_class_row *row, rt_str text)
{
        const rti_p_cell *cells = p->cells + row->cells;
        const uint32_t hash = (uint32_t) rti_hash(text.ptr, text.len, 0);

        for (uint32_t at = hash & row->mask; cells[at].to != RTI_NONE; at = (at + 1) & row->mask) {
                const uint32_t atom = row->first + cells[at].to;
                rt_str constant;

                if (cells[at].key != hash)
                        continue;
                constant = rti_program_text(p, p->constants[p->atoms[atom].constant].as.text);
                if (text.len == constant.len && rti_same_bytes(text.ptr, constant.ptr, text.len))
                        return atom;
        }
        return RTI_NONE;
}

__attribute__((noinline)) static void
classify_text(rti_frame *frame, rti_class_row *row)
{
        const rt_value *value = rti_frame_value(frame, row->slot);
        uint32_t bit, atom;
        rt_str text;

        row->n_hits = 0;
        row->stamp = frame->now << RTI_CLASS_NOW;
        if (!value)
                return;
        text = slot_text(frame, row, value);
        row->stamp |= text_flags(frame, row);
        bit = filter_bit(text);
        if (!(row->filter[bit / 64] >> bit % 64 & 1))
                return;
        atom = find_text(&frame->rules->p, row, text);
        if (atom == RTI_NONE)
                return;
        frame->atom_stamp[atom] = frame->now;
        frame->hits[row->first] = atom;
        row->n_hits = 1;
}

/* The value is what it was: so are the hits. */
static inline void
recall(const rti_frame *frame, rti_class_row *row)
{
        const uint32_t *hits = frame->hits + row->first;

        row->stamp = frame->now << RTI_CLASS_NOW | (row->stamp & (RTI_CLASS_ANY | RTI_CLASS_CUT));
        for (uint32_t i = 0; i < row->n_hits; i++)
                frame->atom_stamp[hits[i]] = frame->now;
}

void
rti_classify(rti_frame *frame, uint32_t number)
{
        rti_class_row *row = &frame->class_row[number];
        const bool known = row->known && frame->subject;
        uint32_t version;

        if (known && rti_known_hits(frame, row))
                return;
        rti_frame_value(frame, row->slot);
        version = frame->slot_row[row->slot].version;
        if (row->version == version)
                recall(frame, row);
        else if (row->way == WAY_TEXT)
                classify_text(frame, row);
        else
                classify(frame, row, number);
        row->version = version;
        if (known)
                rti_known_keep_hits(frame, row);
}

/* ---- before the first event ---- */

__attribute__((cold)) static enum way
way_of(const rti_p_class *class, rti_type type)
{
        const enum rti_hold hold = rti_kinds[type.kind].hold;

        if (class->family == RTI_REL_PRESENT)
                return WAY_PRESENT;
        if (class->nodes.n)
                return WAY_TRIE;
        if (class->family == RTI_REL_BELOW)
                return WAY_BOUNDS;
        if (class->cells.n)
                return class->family == RTI_REL_NET                  ? WAY_NETS
                       : rti_kind_is_string(type.kind) && !type.list ? WAY_TEXT
                                                                     : WAY_HASH;
        if (class->family == RTI_REL_EQUAL
            && (hold == RTI_HOLD_UNSIGNED || hold == RTI_HOLD_SIGNED))
                return WAY_SAME;
        return class->family == RTI_REL_SUFFIX ? WAY_FEW_ENDS : WAY_ONE_BY_ONE;
}

__attribute__((cold)) rti_class_row
rti_class_prepare(const rt_ruleset *rules, uint32_t number)
{
        const rti_p_class *class = &rules->p.classes[number];
        const rti_type type = rules->slots[class->slot].type;

        rti_class_row row = { .first = class->atoms.first,
                              .slot = class->slot,
                              .cells = class->cells.first,
                              .mask = class->cells.n - 1,
                              .way = (uint8_t) way_of(class, type),
                              .kind = (uint8_t) type.kind,
                              .list = type.list,
                              .text = rti_kind_is_string(type.kind) };

        for (uint32_t i = 0; row.way == WAY_TEXT && i < class->atoms.n; i++) {
                const rti_p_atom *atom = &rules->p.atoms[class->atoms.first + i];
                const uint32_t bit = filter_bit(
                        rti_program_text(&rules->p, rules->p.constants[atom->constant].as.text));
                row.filter[bit / 64] |= (uint64_t) 1 << bit % 64;
        }
        return row;
}
