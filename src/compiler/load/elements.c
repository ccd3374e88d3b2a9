/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elements.c - lists that stand in conditions by their name, instead of by their text.
 *
 *   in   items_from: a file of elements, one a line; lists of very many plain words
 *   out  rti_elements, which the checker is given for the list's name
 *
 * What a file holds is data and never syntax. A long list of words is the same as its text when
 * none of them needs quoting or names a list; then a condition does not have to hold, and parse, a
 * megabyte for each use, and all uses share the constants.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* Shorter lists are put in as text: places of problems behind them are then those of Falco. */
enum { MANY = 1000 };

/* ---- files ---- */

static void
refuse(rti_loader *loader, const rti_spot *spot, enum rti_diag_id id, rt_str message,
       const char *hint)
{
        const rti_report report = {
                .id = id,
                .ours = true,
                .file = spot->file,
                .start = spot->node->start,
                .end = spot->node->end,
                .where = spot->where,
                .item = spot->item,
                .message = message,
                .hint = rti_str_of(hint),
        };

        if (!message.ptr)
                loader->status = RT_ENOMEM;
        rti_report_add(loader, &report);
}

/* Does the path stay in the folder it starts from? */
static bool
stays_inside(rt_str path)
{
        size_t from = 0;

        if (!path.len || path.ptr[0] == '/')
                return false;
        for (size_t at = 0; at <= path.len; at++) {
                if (at < path.len && path.ptr[at] != '/')
                        continue;
                if (rti_str_is(rti_str_sub(path, from, at), ".."))
                        return false;
                from = at + 1;
        }
        return true;
}

/* The file's path as the system wants it; `ptr` NULL: out of memory. */
static rt_str
path_of(rti_loader *loader, rt_str name)
{
        const rt_str rules = loader->path;
        size_t folder = rules.len;

        while (folder && rules.ptr[folder - 1] != '/')
                folder--;
        if (name.ptr[0] == '/')
                folder = 0;
        return rti_arena_printf(&loader->arena, "%.*s%.*s", (int) folder, rules.ptr, RTI_FMT(name));
}

/* The next line without the blanks around it; false: no more. */
static bool
next_line(rt_str *text, rt_str *ret_line)
{
        const char *end;
        size_t len;

        if (!text->len)
                return false;
        end = memchr(text->ptr, '\n', text->len);
        len = end ? (size_t) (end - text->ptr) : text->len;
        *ret_line = rti_str_trim(rti_str_sub(*text, 0, len));
        *text = rti_str_sub(*text, end ? len + 1 : len, text->len);
        return true;
}

static bool
holds_element(rt_str line)
{
        return line.len && line.ptr[0] != '#';
}

/* Lines become elements; blank ones and those that begin with '#' do not. */
static bool
take_lines(rti_loader *loader, const rti_spot *spot, rt_str name, rt_str text, rti_items_file *file)
{
        rt_str rest, line;
        uint64_t n = 0, number = 0;

        if (rti_str_starts(text, RTI_STR("\xef\xbb\xbf")))
                text = rti_str_sub(text, 3, text.len);
        for (rest = text; next_line(&rest, &line);)
                n += holds_element(line);
        if (n > RTI_MAX_ITEMS) {
                refuse(loader, spot, RTI_D_LIMIT,
                       rti_arena_printf(&loader->arena, "%.*s: too many items (limit ITEMS: %d)",
                                        RTI_FMT(name), RTI_MAX_ITEMS),
                       NULL);
                return false;
        }
        file->at = rti_arena_get(&loader->arena, n * sizeof *file->at);
        if (!file->at) {
                loader->status = RT_ENOMEM;
                return false;
        }
        for (rest = text; next_line(&rest, &line);) {
                number++;
                if (!holds_element(line))
                        continue;
                if (line.len > RTI_MAX_CONSTANT_BYTES || memchr(line.ptr, '\0', line.len)) {
                        refuse(loader, spot, RTI_D_ITEMS_FILE,
                               rti_arena_printf(&loader->arena,
                                                "%.*s:%llu: the item is too long or holds a NUL "
                                                "byte (limit CONSTANT_BYTES: %d)",
                                                RTI_FMT(name), (unsigned long long) number,
                                                RTI_MAX_CONSTANT_BYTES),
                               NULL);
                        return false;
                }
                file->at[file->n++] = line;
        }
        return true;
}

static bool
read_lines(rti_loader *loader, const rti_spot *spot, rt_str name, rti_items_file *file)
{
        const rt_str path = path_of(loader, name);
        const char *why = "";
        rti_buf buf;
        rt_str text;
        int r;

        rti_buf_init(&buf, loader->allocator, 0);
        r = path.ptr ? loader->opts.read_file(path.ptr, RTI_MAX_ITEMS_FILE_BYTES, &buf, &why)
                     : RT_ENOMEM;
        /* What files hold lives as long as the rules: both have one limit. */
        if (r == RT_OK && buf.len > loader->opts.max_bytes - loader->items_bytes)
                r = RT_ELIMIT;
        loader->items_bytes += r == RT_OK ? buf.len : 0;
        text = r == RT_OK ? rti_arena_copy(&loader->arena, rti_buf_str(&buf)) : RTI_STR("");
        rti_buf_done(&buf);
        if (r == RT_ENOMEM || !text.ptr)
                loader->status = RT_ENOMEM;
        else if (r == RT_ELIMIT)
                refuse(loader, spot, RTI_D_LIMIT,
                       rti_arena_printf(&loader->arena,
                                        "%.*s: the file is too large (limits ITEMS_FILE_BYTES: %d, "
                                        "LOAD_BYTES)",
                                        RTI_FMT(name), RTI_MAX_ITEMS_FILE_BYTES),
                       NULL);
        else if (r < 0)
                refuse(loader, spot, RTI_D_ITEMS_FILE,
                       rti_arena_printf(&loader->arena, "cannot read %.*s: %s", RTI_FMT(path), why),
                       NULL);
        return r == RT_OK && text.ptr && take_lines(loader, spot, name, text, file);
}

static void
warn_not_portable(rti_loader *loader, const rti_spot *spot, const char *what)
{
        if (!(loader->opts.flags & RT_LOADER_NO_PORTABILITY))
                refuse(loader, spot, RTI_D_NOT_PORTABLE, rti_str_of(what), NULL);
}

bool
rti_take_items_file(rti_loader *loader, const rti_spot *list, rt_str list_name, bool good_name,
                    rti_items_file *file, bool *ok)
{
        const rti_yaml_node *node = rti_take_scalar(loader, list, "items_from", RTI_OPTIONAL, ok);
        const char *problem = NULL, *hint = NULL;
        rti_spot spot;

        if (!node)
                return false;
        spot = rti_spot_in(loader, list, node, "value for", RTI_STR("items_from"));
        warn_not_portable(loader, &spot,
                          "items_from is not portable to Falco, which knows items alone");
        if (!loader->path.len || !loader->opts.read_file) {
                problem = "items_from needs rules that are read from a file: its path starts from "
                          "theirs";
        } else if (memchr(node->text.ptr, '\0', node->text.len)) {
                problem = "the path holds a NUL byte";
        } else if (!stays_inside(node->text) && !(loader->opts.flags & RT_LOADER_ITEMS_ANYWHERE)) {
                problem = "items_from must name a file in the folder of the rules, or below it";
                hint = "RT_LOADER_ITEMS_ANYWHERE, rtctl --items-anywhere lift this";
        } else if (!list_name.len || !good_name) {
                problem = "a list with items_from needs a name that conditions can write";
        }
        if (problem)
                refuse(loader, &spot, RTI_D_ITEMS_FILE, rti_str_of(problem), hint);
        if (problem || !read_lines(loader, &spot, node->text, file))
                *ok = false;
        return *ok;
}

/* ---- lists that change at run time ---- */

/* RT_KIND_*; NONE: there is none of that name. */
static uint32_t
list_kind(rt_str name)
{
        static const uint8_t kinds[] = { RT_KIND_STRING, RT_KIND_INT64, RT_KIND_IPNET };

        for (size_t i = 0; i < RTI_COUNT(kinds); i++)
                if (rti_str_is(name, rti_list_kind_name(kinds[i])))
                        return kinds[i];
        return RT_KIND_NONE;
}

uint32_t
rti_take_items_at(rti_loader *loader, const rti_spot *list, rt_str list_name, bool good_name,
                  bool *ok)
{
        const rti_yaml_node *at = rti_take_scalar(loader, list, "items_at", RTI_OPTIONAL, ok);
        const rti_yaml_node *type = rti_take_scalar(loader, list, "items_type", RTI_OPTIONAL, ok);
        const uint32_t kind = type ? list_kind(type->text) : RT_KIND_STRING;
        const char *problem = NULL;
        rti_spot spot;

        if (!at)
                return RT_KIND_NONE;
        spot = rti_spot_in(loader, list, at, "value for", RTI_STR("items_at"));
        if (!rti_str_is(at->text, "runtime"))
                problem = "items_at can be 'runtime' alone";
        else if (kind == RT_KIND_NONE)
                problem = "items_type is none of 'string', 'ip', 'number'";
        else if (rti_yaml_get(list->node, "items_from"))
                problem = "a list has items_from or items_at, not both";
        else if (!list_name.len || !good_name)
                problem = "a list with items_at needs a name that conditions can write";
        if (problem) {
                refuse(loader, &spot, RTI_D_ITEMS_FILE, rti_str_of(problem), NULL);
                *ok = false;
                return RT_KIND_NONE;
        }
        if (!rti_yaml_get(list->node, "items"))
                warn_not_portable(
                        loader, &spot,
                        "items_at without items is not portable to Falco: 'items: []' is");
        if (loader->opts.has_list && !loader->opts.has_list(list_name, loader->opts.has_list_user))
                refuse(loader, &spot, RTI_D_LIST_EMPTY,
                       rti_arena_printf(&loader->arena,
                                        "the list '%.*s' changes at run time, and nobody has "
                                        "filled it yet",
                                        RTI_FMT(list_name)),
                       NULL);
        return kind;
}

/* ---- lists by name ---- */

static bool
names_list(rti_loader *loader, rt_str word)
{
        rti_word_add(loader, rti_hash(word.ptr, word.len, 0));
        return rti_map_get(&loader->list_names, word) != RTI_MAP_NONE
               || rti_is_broken(loader, RTI_ITEM_LIST, word);
}

/* Is the word, put into a condition as text, just itself? With blanks it is put in in quotes, in
 * which backslashes count, and so do names of lists. */
static bool
is_plain(rti_loader *loader, rt_str word)
{
        bool blank = false, backslash = false;
        size_t from = 0;

        for (size_t i = 0; i < word.len; i++) {
                const unsigned char c = (unsigned char) word.ptr[i];

                if (c < ' ' || memchr("()\"'=,", c, 6))
                        return false;
                backslash |= c == '\\';
                if (c != ' ')
                        continue;
                blank = true;
                if (i > from && names_list(loader, rti_str_sub(word, from, i)))
                        return false;
                from = i + 1;
        }
        return word.len && !(blank && backslash)
               && !names_list(loader, rti_str_sub(word, from, word.len));
}

static bool
all_plain(rti_loader *loader, const rti_list *list)
{
        if (list->words.n < MANY || list->odd_name
            || memchr(list->item.name.ptr, '"', list->item.name.len)
            || memchr(list->item.name.ptr, '\'', list->item.name.len))
                return false;
        for (uint32_t i = 0; i < list->words.n; i++)
                if (!is_plain(loader, list->words.at[i].text))
                        return false;
        return true;
}

static const rt_str *
words_of(rti_loader *loader, const rti_list *list)
{
        rt_str *at = RTI_NEWN(&loader->work, rt_str, list->words.n);

        for (uint32_t i = 0; at && i < list->words.n; i++)
                at[i] = list->words.at[i].text;
        return at;
}

/* One array, also of several files. */
static const rt_str *
elements_of(rti_loader *loader, const rti_list *list, uint64_t n)
{
        rt_str *at;

        if (list->n_files == 1)
                return list->files[0].at;
        at = RTI_NEWN(&loader->work, rt_str, n);
        n = 0;
        for (uint32_t i = 0; at && i < list->n_files; i++) {
                if (list->files[i].n)
                        memcpy(at + n, list->files[i].at, list->files[i].n * sizeof *at);
                n += list->files[i].n;
        }
        return at;
}

void
rti_list_by_name(rti_loader *loader, rti_list *list)
{
        rti_elements *elements;
        uint64_t n = 0;

        list->elements = NULL;
        list->by_name = false;
        if (!list->n_files && !list->changing && !all_plain(loader, list))
                return;
        for (uint32_t i = 0; i < list->n_files; i++)
                n += list->files[i].n;
        n = list->n_files || list->changing ? n : list->words.n;
        elements = n <= UINT32_MAX ? RTI_NEW(&loader->work, rti_elements) : NULL;
        if (!elements) {
                loader->status = RT_ENOMEM;
                return;
        }
        elements->name = list->item.name;
        elements->n = (uint32_t) n;
        elements->changing = list->changing;
        elements->data = list->n_files || list->changing;
        elements->at = elements->data ? elements_of(loader, list, n) : words_of(loader, list);
        if (!elements->at && n) {
                loader->status = RT_ENOMEM;
                return;
        }
        for (uint32_t i = 0; i < n && !elements->has_na; i++)
                elements->has_na = rti_str_is(elements->at[i], "<NA>");
        list->elements = elements;
        list->by_name = !elements->data || !list->words.n;
        loader->n_by_name++;
}

rti_elements *
rti_find_elements(rt_str name, void *user)
{
        const rti_loader *loader = user;
        const uint32_t at =
                loader->n_by_name ? rti_map_get(&loader->list_names, name) : RTI_MAP_NONE;

        return at == RTI_MAP_NONE ? NULL : loader->lists.at[at]->elements;
}
