/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - list names put in textually, as the reference does before it parses: anywhere in the
 * text, quoted strings included, wherever blanks, parentheses, commas, equal signs or the text's
 * ends stand around the name.
 *
 * The reference searches the text for every list in turn. Here the text's words are looked up, and
 * only lists that occur are put in, in the same order: what a list brings in can name a later list.
 * Where in the original each byte of the result came from is found out when somebody asks, by doing
 * it all again: most texts have nothing wrong with them.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* All substitutions of one text together may copy this much; then it is a bomb. */
enum { MOST_WORK = 1 << 30 };

static bool
blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
delimits(char c)
{
        return blank(c) || c == '(' || c == ')' || c == ',' || c == '=';
}

/* ---- the text as written ---- */

rti_expansion *
rti_expansion_new(rti_loader *loader)
{
        rti_expansion *expansion = rti_calloc(loader->allocator, 1, sizeof *expansion);

        if (!expansion)
                return NULL;
        expansion->loader = loader;
        rti_buf_init(&expansion->raw, loader->allocator, RTI_MAX_CONDITION_BYTES);
        rti_buf_init(&expansion->text, loader->allocator, RTI_MAX_CONDITION_BYTES);
        rti_buf_init(&expansion->spare, loader->allocator, RTI_MAX_CONDITION_BYTES);
        rti_buf_init(&expansion->origin, loader->allocator, 0);
        rti_buf_init(&expansion->spare_origin, loader->allocator, 0);
        return expansion;
}

void
rti_expansion_free(rti_expansion *expansion)
{
        const rt_allocator *allocator;

        if (!expansion)
                return;
        allocator = expansion->loader->allocator;
        rti_buf_done(&expansion->raw);
        rti_buf_done(&expansion->text);
        rti_buf_done(&expansion->spare);
        rti_buf_done(&expansion->origin);
        rti_buf_done(&expansion->spare_origin);
        rti_vec_done(&expansion->marks, allocator);
        rti_vec_done(&expansion->heap, allocator);
        rti_free(allocator, expansion);
}

void
rti_expansion_begin(rti_expansion *expansion)
{
        rti_buf_clear(&expansion->raw);
        expansion->marks.n = 0;
        expansion->traced = expansion->tainted = false;
}

void
rti_expansion_add(rti_expansion *expansion, const rti_piece *piece)
{
        const struct rti_expansion_mark mark = { (uint32_t) expansion->raw.len, *piece };
        const rt_allocator *allocator = expansion->loader->allocator;

        if (!piece->text.len)
                return;
        rti_buf_add(&expansion->raw, piece->text);
        if (rti_vec_push(&expansion->marks, allocator, mark, UINT32_MAX) < 0)
                expansion->raw.failed = RT_ENOMEM;
}

void
rti_expansion_add_text(rti_expansion *expansion, const rti_text *text)
{
        for (uint32_t i = 0; i < text->n; i++)
                rti_expansion_add(expansion, &text->pieces[i]);
}

rt_str
rti_expansion_keep(const rti_expansion *expansion, const rti_buf *text)
{
        const rt_str all = rti_buf_str(text);

        if (expansion->marks.n == 1 && rti_str_eq(expansion->marks.at[0].piece.text, all))
                return expansion->marks.at[0].piece.text;
        return rti_arena_copy(&expansion->loader->work, all);
}

/* ---- which lists occur ---- */

static void
heap_push(rti_expansion *expansion, uint32_t list)
{
        uint32_t at;

        if (rti_vec_push(&expansion->heap, expansion->loader->allocator, list, UINT32_MAX) < 0) {
                expansion->text.failed = RT_ENOMEM;
                return;
        }
        at = (uint32_t) expansion->heap.n - 1;
        while (at > 0 && expansion->heap.at[(at - 1) / 2] > list) {
                expansion->heap.at[at] = expansion->heap.at[(at - 1) / 2];
                at = (at - 1) / 2;
        }
        expansion->heap.at[at] = list;
}

static uint32_t
heap_pop(rti_expansion *expansion)
{
        uint32_t *heap = expansion->heap.at;
        const uint32_t top = heap[0], last = heap[--expansion->heap.n];
        uint32_t at = 0, n = (uint32_t) expansion->heap.n;

        for (;;) {
                uint32_t child = at * 2 + 1;

                if (child >= n)
                        break;
                if (child + 1 < n && heap[child + 1] < heap[child])
                        child++;
                if (heap[child] >= last)
                        break;
                heap[at] = heap[child];
                at = child;
        }
        if (n)
                heap[at] = last;
        return top;
}

static void
want_list(rti_expansion *expansion, uint32_t number, uint32_t after)
{
        rti_list *list = expansion->loader->lists.at[number];

        if (number < after || list->seen == expansion->number)
                return;
        list->seen = expansion->number;
        if (list->by_name)
                list->item.used = true;
        else
                heap_push(expansion, number);
}

/* Look up the words of @a text; lists before number @a after have had their turn. */
static void
want_words(rti_expansion *expansion, rt_str text, uint32_t after)
{
        const rti_loader *loader = expansion->loader;
        size_t from = 0;

        for (size_t at = 0; at <= text.len; at++) {
                if (at < text.len && !delimits(text.ptr[at]))
                        continue;
                if (at > from) {
                        const rt_str word = rti_str_sub(text, from, at);
                        const uint64_t hash = rti_hash(word.ptr, word.len, 0);
                        const uint32_t number = rti_map_at(&loader->list_names, word, hash);

                        rti_word_add(expansion->loader, hash);
                        if (number != RTI_MAP_NONE)
                                want_list(expansion, number, after);
                        expansion->tainted |= rti_is_broken(loader, RTI_ITEM_LIST, word);
                }
                from = at + 1;
        }
}

/* Does no word of @a text name a list? */
static bool
names_none(rti_loader *loader, rt_str text)
{
        size_t from = 0;
        bool none = true;

        for (size_t at = 0; at <= text.len; at++) {
                if (at < text.len && !delimits(text.ptr[at]))
                        continue;
                if (at > from) {
                        const rt_str word = rti_str_sub(text, from, at);
                        const uint64_t hash = rti_hash(word.ptr, word.len, 0);

                        rti_word_add(loader, hash);
                        none &= rti_map_at(&loader->list_names, word, hash) == RTI_MAP_NONE
                                && !rti_is_broken(loader, RTI_ITEM_LIST, word);
                }
                from = at + 1;
        }
        return none;
}

static bool
has_delimiters(rt_str name)
{
        for (size_t i = 0; i < name.len; i++)
                if (delimits(name.ptr[i]))
                        return true;
        return false;
}

/* ---- putting one list in ---- */

/* Append bytes [from, to) of the old text with their origins. */
static void
copy_run(rti_expansion *x, size_t from, size_t to)
{
        rti_buf_add(&x->spare, rti_str_sub(rti_buf_str(&x->text), from, to));
        x->work += to - from;
        if (x->traced)
                rti_buf_add(&x->spare_origin,
                            rti_str_sub(rti_buf_str(&x->origin), from * sizeof(uint32_t),
                                        to * sizeof(uint32_t)));
}

/* Append text that stands for the byte of @a origin. */
static void
copy_new(rti_expansion *x, rt_str text, uint32_t origin)
{
        char *to;

        rti_buf_add(&x->spare, text);
        x->work += text.len;
        to = x->traced ? rti_buf_reserve(&x->spare_origin, text.len * sizeof origin) : NULL;
        if (!to)
                return;
        for (size_t i = 0; i < text.len; i++)
                memcpy(to + i * sizeof origin, &origin, sizeof origin);
        rti_buf_used(&x->spare_origin, text.len * sizeof origin);
}

static uint32_t
origin_of(const rti_expansion *x, size_t at)
{
        uint32_t origin;

        if (x->text.len == 0 || !x->traced)
                return 0;
        at = at < x->text.len ? at : x->text.len - 1;
        memcpy(&origin, x->origin.ptr + at * sizeof origin, sizeof origin);
        return origin;
}

static void
drop_last(rti_expansion *x)
{
        x->spare.len--;
        if (x->traced)
                x->spare_origin.len -= sizeof(uint32_t);
}

/* The name stands at @a at: write what it stands for; where the old text goes on. */
static size_t
substitute(rti_expansion *x, const rti_list *list, size_t at, bool *first)
{
        const uint32_t origin = origin_of(x, at);
        size_t end = at + list->item.name.len;

        while (x->spare.len && blank(x->spare.ptr[x->spare.len - 1]))
                drop_last(x);
        while (end < x->text.len && blank(x->text.ptr[end]))
                end++;
        if (!list->joined.len) {
                if (x->spare.len && x->spare.ptr[x->spare.len - 1] == ',')
                        drop_last(x);
                else if (end < x->text.len && x->text.ptr[end] == ',')
                        end++;
        }
        *first = x->spare.len == 0;
        if (!*first)
                copy_new(x, RTI_STR(" "), origin);
        copy_new(x, list->joined, origin);
        copy_new(x, RTI_STR(" "), origin);
        return end;
}

static bool
stands_alone(const rti_expansion *x, size_t at, size_t end)
{
        return (x->spare.len == 0 || delimits(x->spare.ptr[x->spare.len - 1])) && (at <= end)
               && (end >= x->text.len || delimits(x->text.ptr[end]));
}

static void
swap_texts(rti_expansion *x)
{
        const rti_buf text = x->text, origin = x->origin;

        x->text = x->spare;
        x->origin = x->spare_origin;
        x->spare = text;
        x->spare_origin = origin;
}

static void
put_in(rti_expansion *x, rti_list *list)
{
        const rt_str name = list->item.name;
        size_t done = 0, from = 0;

        rti_buf_clear(&x->spare);
        rti_buf_clear(&x->spare_origin);
        while (from <= x->text.len && !x->spare.failed && x->work < MOST_WORK) {
                const rt_str rest = rti_str_sub(rti_buf_str(&x->text), from, x->text.len);
                const size_t found = rest.len ? rti_str_find(rest, name) : SIZE_MAX;
                const size_t at = from + found;
                bool first;

                if (found == SIZE_MAX)
                        break;
                copy_run(x, done, at);
                done = at;
                from = at + 1;
                if (!stands_alone(x, at, at + name.len))
                        continue;
                done = substitute(x, list, at, &first);
                /* The reference goes on one byte too far when nothing stood in front. */
                from = done + first;
                list->item.used = true;
        }
        copy_run(x, done, x->text.len);
        if (x->work >= MOST_WORK)
                x->spare.failed = RT_ELIMIT;
        swap_texts(x);
}

static int
start(rti_expansion *x)
{
        rti_loader *loader = x->loader;

        rti_buf_clear(&x->text);
        rti_buf_clear(&x->origin);
        x->heap.n = 0;
        x->number = ++loader->expansions;
        x->work = 0;
        rti_buf_add(&x->text, rti_buf_str(&x->raw));
        for (uint32_t i = 0; x->traced && i < x->raw.len; i++)
                rti_buf_add(&x->origin, (rt_str){ (const char *) &i, sizeof i });
        for (uint32_t i = 0; i < loader->lists.n; i++)
                if (loader->lists.at[i]->odd_name)
                        want_list(x, i, 0);
        want_words(x, rti_buf_str(&x->raw), 0);
        return x->raw.failed ? x->raw.failed : x->text.failed ? x->text.failed : x->origin.failed;
}

static int
put_all_in(rti_expansion *x)
{
        int r = start(x);

        while (r == RT_OK && x->heap.n) {
                const uint32_t number = heap_pop(x);
                rti_list *list = x->loader->lists.at[number];

                put_in(x, list);
                if (!list->plain)
                        want_words(x, list->joined, number + 1);
                r = x->text.failed ? x->text.failed : x->origin.failed;
        }
        return r;
}

int
rti_expansion_lists(rti_expansion *x)
{
        x->traced = false;
        return put_all_in(x);
}

/* ---- lists themselves ---- */

static void
add_item(rti_buf *joined, rt_str item)
{
        const bool quote = item.len && memchr(item.ptr, ' ', item.len) && item.ptr[0] != '"'
                           && item.ptr[0] != '\'';

        if (joined->len)
                rti_buf_add_text(joined, ", ");
        if (quote)
                rti_buf_add_char(joined, '"');
        rti_buf_add(joined, item);
        if (quote)
                rti_buf_add_char(joined, '"');
}

/* The list that an item of @a list stands for, or NULL. */
static rti_list *
refers_to(const rti_loader *loader, const rti_list *list, rt_str item)
{
        const uint32_t at = rti_map_get(&loader->list_names, item);
        rti_list *other = at == RTI_MAP_NONE ? NULL : loader->lists.at[at];

        return other && other->item.index < list->item.visibility ? other : NULL;
}

/* Than its words: what a file holds, or the host. */
static bool
stands_for_more(const rti_list *list)
{
        return list->n_files || list->changing;
}

/* Room that the compiled list needs. */
static uint64_t
count_items(const rti_loader *loader, const rti_list *list)
{
        uint64_t n = stands_for_more(list);

        for (uint32_t i = 0; i < list->words.n; i++) {
                const rti_list *other = refers_to(loader, list, list->words.at[i].text);

                n += other ? (uint64_t) other->words.n + 1 : 1;
        }
        return n;
}

/* One item of @a list, or what the list stands for that it names. */
static void
compile_item(rti_loader *loader, rti_list *list, rt_str item, rti_buf *joined)
{
        rti_list *other = refers_to(loader, list, item);

        if (other)
                other->item.used = true;
        for (uint32_t k = 0; k < (other ? other->words.n : 1); k++) {
                const rt_str one = other ? other->words.at[k].text : item;

                list->compiled[list->n_compiled++] = one;
                if (!list->by_name && !(other && other->by_name))
                        add_item(joined, one);
        }
        if (other && other->elements)
                add_item(joined, item);
        if (other && stands_for_more(other))
                list->compiled[list->n_compiled++] = item;
}

static bool
compile_list(rti_loader *loader, rti_list *list, rti_buf *joined)
{
        const uint64_t n = count_items(loader, list);

        if (n > RTI_MAX_YAML_NODES)
                return false;
        list->compiled = RTI_NEWN(&loader->work, rt_str, n);
        if (!list->compiled) {
                loader->status = RT_ENOMEM;
                return true;
        }
        list->n_compiled = 0;
        rti_buf_clear(joined);
        for (uint32_t i = 0; i < list->words.n; i++)
                compile_item(loader, list, list->words.at[i].text, joined);
        /* A list's own name, where it stands for elements, is in its text like any item. */
        if (list->elements)
                add_item(joined, list->item.name);
        if (stands_for_more(list))
                list->compiled[list->n_compiled++] = list->item.name;
        list->joined = rti_arena_copy(&loader->work, rti_buf_str(joined));
        if (!list->joined.ptr || joined->failed == RT_ENOMEM)
                loader->status = RT_ENOMEM;
        return joined->failed != RT_ELIMIT;
}

void
rti_lists_compile(rti_loader *loader, size_t first)
{
        rti_buf joined;

        rti_buf_init(&joined, loader->allocator, RTI_MAX_CONDITION_BYTES);
        for (size_t i = first; i < loader->lists.n; i++) {
                rti_list *list = loader->lists.at[i];

                list->item.used = false;
                list->odd_name = has_delimiters(list->item.name);
                rti_list_by_name(loader, list);
        }
        for (size_t i = first; i < loader->lists.n; i++) {
                rti_list *list = loader->lists.at[i];

                if (!compile_list(loader, list, &joined)) {
                        list->joined = RTI_STR("");
                        rti_report_at(loader, RTI_D_LIMIT, &list->item.spot,
                                      "The list is too large when the lists in it are put in "
                                      "(limit CONDITION_BYTES: %d)",
                                      RTI_MAX_CONDITION_BYTES);
                }
                list->plain = names_none(loader, list->joined);
        }
        rti_buf_done(&joined);
}

/* ---- where it was written ---- */

static const struct rti_expansion_mark *
mark_at(const rti_expansion *x, uint32_t at)
{
        size_t low = 0, high = x->marks.n;

        if (!high)
                return NULL;
        while (high - low > 1) {
                const size_t middle = low + (high - low) / 2;

                if (x->marks.at[middle].at <= at)
                        low = middle;
                else
                        high = middle;
        }
        return &x->marks.at[low];
}

static bool
locate(const rti_expansion *x, uint32_t at, uint32_t *ret_start, uint32_t *ret_end,
       const rti_yaml_file **ret_file)
{
        const struct rti_expansion_mark *mark = mark_at(x, at);
        uint32_t inside;

        if (!mark)
                return false;
        *ret_file = mark->piece.file;
        if (mark->piece.whole) {
                *ret_start = mark->piece.node->start;
                *ret_end = rti_head_end(mark->piece.node);
                return true;
        }
        inside = at - mark->at;
        if (inside > mark->piece.text.len)
                inside = (uint32_t) mark->piece.text.len;
        inside += mark->piece.from;
        *ret_start = rti_yaml_offset(mark->piece.file, mark->piece.node, inside);
        *ret_end = *ret_start + 1;
        return true;
}

void
rti_expansion_place(rti_expansion *x, bool raw, uint32_t offset, uint32_t end, rti_report *report)
{
        const uint32_t len = (uint32_t) (raw ? x->raw.len : x->text.len);
        const uint32_t last = end > offset ? end - 1 : offset;
        uint32_t from = offset, to = last, ignored;
        const rti_yaml_file *file;

        if (!raw && len && !x->traced) {
                x->traced = true;
                if (put_all_in(x) < 0) {
                        x->loader->status = RT_ENOMEM;
                        return;
                }
        }
        if (!raw && len) {
                from = offset < len ? origin_of(x, offset) : origin_of(x, len) + 1;
                to = last < len ? origin_of(x, last) : origin_of(x, len);
        }
        if (!locate(x, from, &report->start, &report->end, &report->file))
                return;
        if (to > from && locate(x, to, &ignored, &to, &file) && file == report->file
            && to > report->start)
                report->end = to;
}
