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

/* What was found before in a text; of a list's later elements some are hits already. */
static void
repeat(rti_finder *f, const uint32_t *hits, uint32_t n)
{
        if (f->n) {
                for (uint32_t i = 0; i < n; i++)
                        rti_hit(f, hits[i] - f->row->first);
                return;
        }
        for (uint32_t i = 0; i < n; i++) {
                f->frame->atom_stamp[hits[i]] = f->frame->now;
                f->hits[i] = hits[i];
        }
        f->n = n;
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
                repeat(f, hits, n);
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

typedef uint8_t bytes16 __attribute__((vector_size(16)));

/* Where there is a NUL, all bits are set. */
static inline bytes16
nuls_at(const char *at)
{
        bytes16 bytes;

        memcpy(&bytes, at, sizeof bytes);
        return (bytes16) (bytes == 0);
}

/* In 17 to 64 bytes; parts are seen twice. */
static inline bool
has_nul_wide(rt_str text)
{
        const char *end = text.ptr + text.len;
        bytes16 nuls = nuls_at(text.ptr) | nuls_at(end - 16);
        uint64_t half[2];

        if (text.len > 32)
                nuls |= nuls_at(text.ptr + 16) | nuls_at(end - 32);
        memcpy(half, &nuls, sizeof half);
        return half[0] | half[1];
}

/* Without a call where texts are short, and none of them has a NUL. */
static inline bool
has_nul(rt_str text)
{
        uint64_t word, last;
        uint32_t half;

        if (text.len > 64)
                return memchr(text.ptr, '\0', text.len) != NULL;
        if (text.len > 2 * sizeof word)
                return has_nul_wide(text);
        if (text.len >= sizeof word) {
                memcpy(&word, text.ptr, sizeof word);
                memcpy(&last, text.ptr + text.len - sizeof last, sizeof last);
                return any_zero(word) || any_zero(last);
        }
        if (text.len >= sizeof half) {
                memcpy(&half, text.ptr, sizeof half);
                word = half;
                memcpy(&half, text.ptr + text.len - sizeof half, sizeof half);
                return any_zero(word << 32 | half);
        }
        for (size_t i = 0; i < text.len; i++)
                if (!text.ptr[i])
                        return true;
        return false;
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

        if (rti_kind_is_string(f->row->kind)
            && cut_text(value->as.s, &cut.as.s.len) == RTI_CUT_MORE)
                flags |= RTI_CLASS_CUT;
        else if (rti_kinds[f->row->kind].hold == RTI_HOLD_DOUBLE && value->as.u << 1 == 0)
                cut.as.u = 0; /* -0.0 */
        find(f, &cut);
        return flags;
}

/* ---- before a value is looked up ---- */

/* What every text must have in which an atom holds: at least the length of the shortest constant,
 * and of equal texts all, of those that begin or end alike as much. */
static inline rt_str
part_of(const rti_class_row *row, rt_str text)
{
        if (row->part == RTI_PART_ALL)
                return text;
        return (rt_str){ row->part == RTI_PART_FIRST ? text.ptr : text.ptr + text.len - row->least,
                         row->least };
}

/* Which bit of a classifier's filter stands for @a part: a look at three of its bytes says of most
 * values that nothing holds, without hashing all or walking down a trie. */
static inline uint32_t
filter_bit(rt_str part)
{
        uint32_t bit = (uint32_t) part.len;

        if (part.len)
                bit += (unsigned char) part.ptr[0] * 7u
                       + (unsigned char) part.ptr[part.len / 2] * 5u
                       + (unsigned char) part.ptr[part.len - 1] * 31u;
        return bit % (RTI_FILTER_WORDS * 64);
}

/* Can any of the class's atoms hold of @a text? */
static inline bool
may_hold(const rti_class_row *row, rt_str text)
{
        uint32_t bit;

        if (text.len < row->least)
                return false;
        bit = filter_bit(part_of(row, text));
        return row->filter[bit / 64] >> bit % 64 & 1;
}

/* ---- classifying ---- */

static inline rti_finder
finder_of(rti_frame *frame, const rti_class_row *row, uint32_t number)
{
        const rti_program_view *p = &frame->rules->p;

        return (rti_finder){ frame, p, &p->classes[number], row, 0, frame->hits + row->first };
}

/* Of constants that are compared with a cut text for equality one holds at most: what is asked
 * most. */
__attribute__((noinline)) static void
find_text(rti_frame *frame, rti_class_row *row, uint32_t number, rt_str text)
{
        const rti_finder f = finder_of(frame, row, number);
        const rti_p_cell *cells = f.p->cells + f.class->cells.first;
        const uint32_t mask = f.class->cells.n - 1;
        const uint32_t hash = (uint32_t) rti_hash(text.ptr, text.len, 0);

        for (uint32_t at = hash & mask; cells[at].to != RTI_NONE; at = (at + 1) & mask) {
                const uint32_t atom = row->first + cells[at].to;
                rt_str constant;

                if (cells[at].key != hash)
                        continue;
                constant = text_of(&f, atom);
                if (text.len != constant.len || !rti_same_bytes(text.ptr, constant.ptr, text.len))
                        continue;
                frame->atom_stamp[atom] = frame->now;
                f.hits[0] = atom;
                row->n_hits = 1;
                return;
        }
}

/* A text that something may hold of; it is cut. */
__attribute__((noinline)) static void
classify_text(rti_frame *frame, rti_class_row *row, uint32_t number, rt_str text)
{
        rti_finder f = finder_of(frame, row, number);
        const rt_value cut = { .kind = RT_KIND_STRING, .as.s = text };

        find(&f, &cut);
        row->n_hits = f.n;
}

__attribute__((noinline)) static void
classify(rti_frame *frame, rti_class_row *row, uint32_t number)
{
        const rt_value *value = &frame->slot_value[row->slot];
        rti_finder f = finder_of(frame, row, number);
        uint32_t flags = 0;

        if (row->way == WAY_PRESENT) {
                for (uint32_t i = 0; i < f.class->atoms.n; i++)
                        rti_hit(&f, i);
                flags = !row->list || value->count ? RTI_CLASS_ANY : 0;
        } else if (row->list) {
                for (uint32_t i = 0; i < value->count; i++)
                        flags |= find_in_element(&f, &value->as.list[i]);
        } else {
                flags = find_in_element(&f, value);
        }
        row->stamp |= flags;
        row->n_hits = f.n;
}

/* A slot's value that is a text: so cut once for all classes of the slot. */
__attribute__((noinline)) static void
cut_slot(rti_slot_row *slot, const rt_value *value)
{
        slot->cut = (uint8_t) cut_text(value->as.s, &slot->cut_len);
}

/* Has no calls but last ones, since most texts go no further. */
__attribute__((noinline)) static void
classify_cut(rti_frame *frame, rti_class_row *row, uint32_t number)
{
        const rti_slot_row *slot = &frame->slot_row[row->slot];
        const rt_str text = { frame->slot_value[row->slot].as.s.ptr, slot->cut_len };

        row->stamp |= slot->cut == RTI_CUT_MORE ? RTI_CLASS_ANY | RTI_CLASS_CUT : RTI_CLASS_ANY;
        if (!may_hold(row, text))
                return;
        if (row->way == WAY_TEXT)
                find_text(frame, row, number, text);
        else
                classify_text(frame, row, number, text);
}

void
rti_classify_read(rti_frame *frame, uint32_t number)
{
        rti_class_row *row = &frame->class_row[number];
        rti_slot_row *slot = &frame->slot_row[row->slot];

        if (row->version == slot->version) { /* the value is what it was: so are the hits */
                rti_class_same(frame, number);
                return;
        }
        row->version = slot->version;
        row->found = frame->now;
        row->stamp = frame->now << RTI_CLASS_NOW;
        row->n_hits = 0;
        if (!(frame->slot_stamp[row->slot] & 1))
                return;
        if (!row->text) {
                classify(frame, row, number);
                return;
        }
        if (slot->cut == RTI_CUT_UNKNOWN)
                cut_slot(slot, &frame->slot_value[row->slot]);
        classify_cut(frame, row, number);
}

void
rti_classify(rti_frame *frame, uint32_t number)
{
        rti_class_row *row = &frame->class_row[number];
        const bool known = row->known && frame->subject;

        if (known && rti_known_hits(frame, row))
                return;
        rti_frame_version(frame, row->slot);
        rti_classify_read(frame, number);
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

/* What part_of and may_hold ask of texts that are compared with the class's constants. */
__attribute__((cold)) static void
prepare_filter(const rt_ruleset *rules, const rti_p_class *class, rti_class_row *row)
{
        const rti_program_view *p = &rules->p;
        const bool plain = class->family == RTI_REL_EQUAL || class->family == RTI_REL_PREFIX
                           || class->family == RTI_REL_SUFFIX;

        if (!plain) {
                memset(row->filter, 0xff, sizeof row->filter);
                return;
        }
        row->part = class->family == RTI_REL_EQUAL    ? RTI_PART_ALL
                    : class->family == RTI_REL_PREFIX ? RTI_PART_FIRST
                                                      : RTI_PART_LAST;
        row->least = UINT8_MAX;
        for (uint32_t k = 0; k < 2; k++) /* the shortest first */
                for (uint32_t i = 0; i < class->atoms.n; i++) {
                        const rti_p_atom *atom = &p->atoms[class->atoms.first + i];
                        const rt_str text =
                                rti_program_text(p, p->constants[atom->constant].as.text);
                        uint32_t bit;

                        if (text.len < row->least)
                                row->least = (uint8_t) text.len;
                        bit = filter_bit(part_of(row, text));
                        if (k)
                                row->filter[bit / 64] |= (uint64_t) 1 << bit % 64;
                }
}

__attribute__((cold)) rti_class_row
rti_class_prepare(const rt_ruleset *rules, uint32_t number)
{
        const rti_p_class *class = &rules->p.classes[number];
        const rti_type type = rules->slots[class->slot].type;
        rti_class_row row = { .first = class->atoms.first,
                              .slot = class->slot,
                              .way = (uint8_t) way_of(class, type),
                              .kind = (uint8_t) type.kind,
                              .list = type.list,
                              .wide = class->nodes.n && rti_texts_wide() };

        row.text = rti_kind_is_string(type.kind) && !type.list && row.way != WAY_PRESENT;
        if (row.text)
                prepare_filter(rules, class, &row);
        return row;
}
