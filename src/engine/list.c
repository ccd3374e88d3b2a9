/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.c - one list that changes at run time: built, then only asked.
 *
 *   in   elements as text; values of events
 *   out  is the value among them?
 *
 * Elements stand in one block, each behind its length. A cell of the table is the upper half of the
 * element's hash and where it begins in the block; 0: free. A cell's place is its upper bits, so
 * that the table grows without a look at the block. At most 3/4 of it is used.
 *
 * Of an address the element is a byte for the length of the prefix, and the bytes with all bits
 * behind the prefix cleared. Of a number, its eight bytes.
 *
 * A path is asked for folder by folder, each written in the ways that elements are written in: with
 * or without a slash at either end. One with empty components, as nobody writes them, is there
 * twice: as it is, and behind a NUL as it would be without them.
 */
#include "engine/list.h"
#include "base/hash.h"
#include "lang/ops/family.h"

enum {
        LEAST_POWER = 3,
        MOST_POWER = 31,
        LENGTHS = 33 + 129, /* of prefixes: 0 ... 32, then those of IPv6 */
        LENGTH_BYTES = 2,   /* of an element, in front of it */
        MOST_NUMBER = 17    /* bytes of an element that is no text */
};

/* How elements that are paths are written: the slashes at their ends, empty components, slashes
 * alone. */
enum { FORM_FRONT = 1, FORM_END = 2, FORM_ODD = 4, N_FORMS = 5, FORM_ROOT = 5 };

_Static_assert(RTI_MAX_LIST_ITEM_BYTES <= UINT16_MAX, "LENGTH_BYTES");
_Static_assert(RTI_MAX_LIST_BYTES <= UINT32_MAX, "a cell has 32 bits for it");
_Static_assert(RTI_MAX_LIST_ITEMS <= (1u << MOST_POWER) / 4 * 3, "the table has room");

struct rt_list {
        atomic_size_t refs;
        rt_allocator allocator;
        uint32_t kind; /* STRING, INT64, IPNET */
        atomic_bool sealed;
        uint64_t seed;
        char *bytes; /* the first is nobody's */
        size_t len, room;
        uint64_t *cells;
        uint32_t n, power; /* elements; 1 << power cells, none with power 0 */
        uint32_t n_twice;  /* of them, that are others written again */
        uint8_t forms;     /* 1 << FORM_*, of those that there are */
        size_t longest;
        uint8_t n_lengths;
        uint8_t lengths[LENGTHS]; /* of prefixes, those that there are */
};

/* ---- life ---- */

int
rti_list_new(const rt_allocator *allocator, uint32_t kind, rt_list **ret_list)
{
        rt_list *list;

        if (kind != RT_KIND_STRING && kind != RT_KIND_INT64 && kind != RT_KIND_IPNET)
                return RT_EINVAL;
        list = rti_calloc(allocator, 1, sizeof *list);
        if (!list)
                return RT_ENOMEM;
        atomic_init(&list->refs, 1);
        list->allocator = *allocator;
        list->kind = kind;
        list->len = 1;
        /* Who writes feeds does not know where things are in memory. */
        list->seed = (uint64_t) (uintptr_t) list * 0x9e3779b97f4a7c15u
                     ^ (uint64_t) (uintptr_t) &allocator;
        *ret_list = list;
        return RT_OK;
}

rt_list *
rti_list_ref(rt_list *list)
{
        if (list)
                atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
        return list;
}

void
rti_list_unref(rt_list *list)
{
        rt_allocator allocator;

        if (!list || atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) > 1)
                return;
        allocator = list->allocator;
        rti_free(&allocator, list->bytes);
        rti_free(&allocator, list->cells);
        rti_free(&allocator, list);
}

const rt_allocator *
rti_list_allocator(const rt_list *list)
{
        return &list->allocator;
}

uint32_t
rti_list_kind(const rt_list *list)
{
        return list->kind;
}

uint64_t
rti_list_count(const rt_list *list)
{
        return list->n - list->n_twice;
}

void
rti_list_seal(rt_list *list)
{
        char *bytes;

        if (atomic_exchange_explicit(&list->sealed, true, memory_order_relaxed) || !list->n)
                return;
        /* What is too much is given back, if that can be had for nothing. */
        bytes = rti_realloc(&list->allocator, list->bytes, list->len, 1);
        list->bytes = bytes ? bytes : list->bytes;
}

/* ---- the table ---- */

static bool
is_at(const rt_list *list, uint32_t at, rt_str key)
{
        uint16_t len;

        memcpy(&len, list->bytes + at, sizeof len);
        return len == key.len
               && (len == 0 || memcmp(list->bytes + at + LENGTH_BYTES, key.ptr, len) == 0);
}

/* The cell that has the key, or the free one where it belongs. There are cells. */
__attribute__((noinline)) static uint64_t *
find(const rt_list *list, rt_str key, uint32_t *ret_tag)
{
        const uint32_t tag = (uint32_t) (rti_hash(key.ptr, key.len, list->seed) >> 32);
        const uint32_t mask = (uint32_t) ((1u << list->power) - 1);
        uint32_t at = tag >> (32 - list->power);

        *ret_tag = tag;
        while (list->cells[at]
               && (list->cells[at] >> 32 != tag || !is_at(list, (uint32_t) list->cells[at], key)))
                at = (at + 1) & mask;
        return &list->cells[at];
}

__attribute__((noinline)) static bool
has(const rt_list *list, rt_str key)
{
        uint32_t tag;

        return key.len <= list->longest && list->n && *find(list, key, &tag);
}

static int
grow(rt_list *list)
{
        const uint32_t power = list->power ? list->power + 1 : LEAST_POWER;
        const size_t old = list->power ? (size_t) 1 << list->power : 0;
        const uint32_t mask = (uint32_t) ((1u << power) - 1);
        uint64_t *cells = rti_calloc(&list->allocator, (size_t) 1 << power, sizeof *cells);

        if (!cells)
                return RT_ENOMEM;
        for (size_t i = 0; i < old; i++) {
                uint32_t at = (uint32_t) (list->cells[i] >> 32) >> (32 - power);

                if (!list->cells[i])
                        continue;
                while (cells[at])
                        at = (at + 1) & mask;
                cells[at] = list->cells[i];
        }
        rti_free(&list->allocator, list->cells);
        list->cells = cells;
        list->power = power;
        return RT_OK;
}

/* Room for one more of @a len bytes. */
static int
make_room(rt_list *list, size_t len)
{
        const size_t end = list->len + LENGTH_BYTES + len;
        size_t room = list->room + list->room / 2 + 4096;
        char *bytes;

        if (list->n >= RTI_MAX_LIST_ITEMS || end > RTI_MAX_LIST_BYTES)
                return RT_ELIMIT;
        if (end > list->room) {
                room = room < RTI_MAX_LIST_BYTES ? room : RTI_MAX_LIST_BYTES;
                bytes = rti_realloc(&list->allocator, list->bytes, room, 1);
                if (!bytes)
                        return RT_ENOMEM;
                list->bytes = bytes;
                list->room = room;
        }
        return list->power && list->n < (1u << list->power) / 4 * 3 ? RT_OK : grow(list);
}

static int
put(rt_list *list, rt_str key)
{
        const uint16_t len = (uint16_t) key.len;
        uint64_t *cell;
        uint32_t tag;
        int r;

        if (has(list, key))
                return 0;
        r = make_room(list, key.len);
        if (r < 0)
                return r;
        cell = find(list, key, &tag);
        *cell = (uint64_t) tag << 32 | list->len;
        memcpy(list->bytes + list->len, &len, sizeof len);
        if (key.len)
                memcpy(list->bytes + list->len + LENGTH_BYTES, key.ptr, key.len);
        list->len += LENGTH_BYTES + key.len;
        list->longest = key.len > list->longest ? key.len : list->longest;
        list->n++;
        return 1;
}

/* ---- elements ---- */

/* The address as an element of the prefixes with number @a number. */
__attribute__((noinline)) static rt_str
prefix_key(const rt_value *address, uint8_t number, char key[MOST_NUMBER])
{
        const uint32_t bytes = address->count & 0xff, bits = number - (bytes == 16 ? 33u : 0u);
        const uint32_t whole = bits / 8, rest = bits % 8;

        memset(key, 0, MOST_NUMBER);
        key[0] = (char) number;
        memcpy(key + 1, address->as.ip, whole);
        if (rest)
                key[1 + whole] = (char) (address->as.ip[whole] & 0xff << (8 - rest));
        return (rt_str){ key, 1 + bytes };
}

/* The value that @a text says, of the list's kind; of addresses IPNET is one with a prefix. */
static int
parse(const rt_list *list, rt_str text, rt_value *ret_value)
{
        uint32_t kind = list->kind;
        rti_arena arena;
        rt_str error;
        int r;

        if (text.len > RTI_MAX_LIST_ITEM_BYTES)
                return RT_ELIMIT;
        if (text.len && memchr(text.ptr, '\0', text.len))
                return RT_EFORMAT;
        *ret_value = (rt_value){ .kind = kind, .as.s = text };
        if (kind == RT_KIND_STRING)
                return RT_OK;
        if (kind == RT_KIND_IPNET && !(text.len && memchr(text.ptr, '/', text.len)))
                kind = RT_KIND_IPADDR;
        /* What is beyond INT64 is a number, too. */
        if (kind == RT_KIND_INT64 && text.len && text.ptr[0] != '-')
                kind = RT_KIND_UINT64;
        rti_arena_init(&arena, &list->allocator, 0);
        r = rti_const_parse(&arena, kind, text, ret_value, &error);
        rti_arena_done(&arena);
        return r == RT_ERULES ? RT_EFORMAT : r;
}

/* The number of the address's own prefix: all of it, unless it is a network. */
static uint8_t
prefix_of(const rt_value *address)
{
        const uint32_t bytes = address->count & 0xff;
        const uint32_t bits = address->kind == RT_KIND_IPNET ? address->count >> 8 : bytes * 8;

        return (uint8_t) (bits + (bytes == 16 ? 33 : 0));
}

/* What is beyond INT64 has a byte more: its others are those of a negative number. */
static rt_str
number_key(const rt_value *value, char key[MOST_NUMBER])
{
        const bool beyond = value->as.i < 0 && rti_kinds[value->kind].hold == RTI_HOLD_UNSIGNED;

        memcpy(key, &value->as.u, sizeof value->as.u);
        key[sizeof value->as.u] = 1;
        return (rt_str){ key, sizeof value->as.u + beyond };
}

static rt_str
key_of(const rt_list *list, const rt_value *value, char memory[MOST_NUMBER])
{
        if (list->kind == RT_KIND_IPNET)
                return prefix_key(value, prefix_of(value), memory);
        if (list->kind == RT_KIND_STRING)
                return value->as.s;
        return number_key(value, memory);
}

static size_t
join(rt_str path, char *to)
{
        size_t len = 0;
        rt_str name;

        while ((name = rti_path_next(&path)).len) {
                if (len)
                        to[len++] = '/';
                memcpy(to + len, name.ptr, name.len);
                len += name.len;
        }
        return len;
}

/* A text was added: as a path, it has this form. */
static int
note_form(rt_list *list, rt_str text)
{
        char again[RTI_MAX_LIST_ITEM_BYTES + 1] = "";
        const size_t len = join(text, again + 1);
        const bool front = text.len && text.ptr[0] == '/';
        const bool end = text.len && text.ptr[text.len - 1] == '/';
        int r;

        if (!len || len + front + end == text.len) {
                list->forms |= (uint8_t) (1u << (!len ? FORM_ROOT : front | end << 1));
                return 1;
        }
        r = put(list, (rt_str){ again, len + 1 });
        list->forms |= 1u << FORM_ODD;
        list->n_twice += r == 1;
        return r < 0 ? r : 1;
}

int
rti_list_add(rt_list *list, rt_str element)
{
        char memory[MOST_NUMBER];
        rt_value value;
        int r = atomic_load_explicit(&list->sealed, memory_order_relaxed)
                        ? RT_EINVAL
                        : parse(list, element, &value);

        r = r < 0 ? r : put(list, key_of(list, &value, memory));
        if (r == 1 && list->kind == RT_KIND_IPNET
            && !(list->n_lengths && memchr(list->lengths, prefix_of(&value), list->n_lengths)))
                list->lengths[list->n_lengths++] = prefix_of(&value);
        if (r == 1 && list->kind == RT_KIND_STRING)
                r = note_form(list, value.as.s);
        return r;
}

/* ---- values ---- */

static bool
has_address(const rt_list *list, const rt_value *address)
{
        const bool six = (address->count & 0xff) == 16;
        char key[MOST_NUMBER];

        for (uint32_t i = 0; i < list->n_lengths; i++)
                if ((list->lengths[i] >= 33) == six
                    && has(list, prefix_key(address, list->lengths[i], key)))
                        return true;
        return false;
}

/* One value. @a raw: NULs at its end count, as in ops_set.c. */
static bool
has_value(const rt_list *list, const rt_value *value, bool raw)
{
        rt_str text = value->as.s;
        char key[MOST_NUMBER];

        if (list->kind == RT_KIND_IPNET)
                return has_address(list, value);
        if (list->kind == RT_KIND_INT64)
                return has(list, number_key(value, key));
        while (!raw && text.len && text.ptr[text.len - 1] == '\0')
                text.len--;
        /* No element begins with a NUL, but what is there twice. */
        return !(text.len && text.ptr[0] == '\0') && has(list, text);
}

int
rti_list_has(const rt_list *list, rt_str element)
{
        char memory[MOST_NUMBER];
        rt_value value;
        const int r = parse(list, element, &value);

        if (r == RT_OK && value.kind == RT_KIND_IPADDR)
                return has_address(list, &value);
        return r < 0 ? r : has(list, key_of(list, &value, memory));
}

/* Is the folder, which begins behind the first byte of @a text, an element in any form? */
static bool
has_folder(const rt_list *list, char *text, size_t len)
{
        for (unsigned form = 0; form < N_FORMS; form++) {
                const bool front = form & (FORM_FRONT | FORM_ODD), end = form & FORM_END;

                if (!(list->forms >> form & 1))
                        continue;
                text[0] = form == FORM_ODD ? '\0' : '/';
                if (has(list, (rt_str){ text + !front, front + len + end }))
                        return true;
        }
        return false;
}

/* Is the path, or a folder above it, an element, as ops_pmatch.c means it? What is longer than all
 * elements is not looked at. */
static int
has_path(const rt_list *list, rti_frame *frame, rt_str path)
{
        const size_t most = path.len < list->longest ? path.len : list->longest;
        char *text = rti_arena_get(frame->memory, most + 2);
        size_t len = 0;
        rt_str name;

        if (!text)
                return RT_ENOMEM;
        if (list->forms >> FORM_ROOT & 1)
                return 1;
        path = rti_cut(path);
        while ((name = rti_path_next(&path)).len && len + name.len <= most) {
                memcpy(text + 1 + len, name.ptr, name.len);
                len += name.len;
                text[1 + len] = '/';
                if (has_folder(list, text, len))
                        return 1;
                len++;
        }
        return 0;
}

int
rti_list_test(const rt_list *list, rti_frame *frame, const rti_slot *slot, const rt_value *value)
{
        const rti_slot *arg = &frame->rules->slots[slot->args[0]];
        const bool many = value->kind == RT_KIND_LIST, any = arg->arg == RT_ARG_ANY;
        const bool all = slot->transformer == RTI_OP_IN && many && !any;
        const bool raw = arg->type.kind == RT_KIND_BYTES || (many && !any);
        const rt_value *at = many ? value->as.list : value;
        const uint32_t n = many ? value->count : 1;

        for (uint32_t i = 0; i < n; i++) {
                const int r = slot->transformer == RTI_OP_PMATCH ? has_path(list, frame, at[i].as.s)
                                                                 : has_value(list, &at[i], raw);

                if (r < 0 || r != all)
                        return r;
        }
        return all && n;
}
