/* SPDX-License-Identifier: Apache-2.0 */
/* list.c - rt_list_*: lists that change at run time, built from memory and files. */
#include "engine/list.h"
#include "base/opts.h"
#include "lang/diag.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };
_Static_assert(PIECE_BYTES > 2 * RTI_MAX_LIST_ITEM_BYTES, "a line is in one piece");

int
rt_list_new(rt_engine *engine, uint32_t kind, rt_list **ret_list)
{
        return engine && ret_list ? rti_list_new(&engine->allocator, kind, ret_list) : RT_EINVAL;
}

rt_list *
rt_list_ref(rt_list *list)
{
        return rti_list_ref(list);
}

rt_list *
rt_list_unref(rt_list *list)
{
        return rti_list_unref(list), NULL;
}

int
rt_list_add(rt_list *list, rt_str element)
{
        return list && (element.ptr || !element.len) ? rti_list_add(list, element) : RT_EINVAL;
}

uint64_t
rt_list_count(const rt_list *list)
{
        return list ? rti_list_count(list) : 0;
}

int
rt_list_has(const rt_list *list, rt_str value)
{
        return list && (value.ptr || !value.len) ? rti_list_has(list, value) : RT_EINVAL;
}

/* ---- lines ---- */

/* Where elements come from, and how far it was read. */
typedef struct origin {
        rt_list *list;
        const char *name;
        rt_diags *diags; /* or NULL */
        uint64_t line;
} origin;

static int
refuse(const origin *from, enum rti_diag_id id, const char *why)
{
        const uint32_t line = from->line < UINT32_MAX ? (uint32_t) from->line : UINT32_MAX;

        if (from->diags)
                rti_diag_add(from->diags,
                             &(rti_diag){ .id = id,
                                          .file = rti_str_of(from->name),
                                          .place = { .line = line, .column = line > 0 },
                                          .message = rti_str_of(why) });
        return RT_ERULES;
}

static int
take_line(origin *from, rt_str line)
{
        int r;

        if (from->line++ == 0 && rti_str_starts(line, RTI_STR("\xef\xbb\xbf")))
                line = rti_str_sub(line, 3, line.len);
        line = rti_str_trim(line);
        if (!line.len || line.ptr[0] == '#')
                return RT_OK;
        r = rti_list_add(from->list, line);
        if (r == RT_EFORMAT)
                return refuse(from, RTI_D_ITEMS_FILE,
                              "the line is no element of such a list, or holds a NUL byte");
        if (r == RT_ELIMIT)
                return refuse(from, RTI_D_LIMIT,
                              "the element is too long, or there are too many (limits "
                              "LIST_ITEM_BYTES, LIST_ITEMS, LIST_BYTES)");
        return r < 0 ? r : RT_OK;
}

/* The lines that end in @a text, which is left with the rest. */
static int
take_lines(origin *from, rt_str *text)
{
        const char *end;
        int r = RT_OK;

        while (r == RT_OK && text->len && (end = memchr(text->ptr, '\n', text->len))) {
                const size_t len = (size_t) (end - text->ptr);

                r = take_line(from, rti_str_sub(*text, 0, len));
                *text = rti_str_sub(*text, len + 1, text->len);
        }
        return r;
}

int
rt_list_add_text(rt_list *list, const char *name, rt_str text, rt_diags *diags)
{
        origin from = { list, name, diags, 0 };
        int r;

        if (!list || !name || (!text.ptr && text.len))
                return RT_EINVAL;
        r = take_lines(&from, &text);
        return r == RT_OK && text.len ? take_line(&from, text) : r;
}

/* Pieces of the file, each begun with what the one before left over. */
static int
read_lines(origin *from, int fd, char *piece)
{
        size_t kept = 0;
        ssize_t n;
        int r = RT_OK;

        while (r == RT_OK && (n = read(fd, piece + kept, PIECE_BYTES - kept)) != 0) {
                rt_str text = { piece, kept + (size_t) n };

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return refuse(from, RTI_D_ITEMS_FILE, strerror(errno));
                r = take_lines(from, &text);
                if (r == RT_OK && text.len == PIECE_BYTES)
                        r = take_line(from, text); /* too long, or blank */
                kept = text.len < PIECE_BYTES ? text.len : 0;
                if (kept)
                        memmove(piece, text.ptr, kept);
        }
        return r == RT_OK && kept ? take_line(from, (rt_str){ piece, kept }) : r;
}

int
rt_list_add_path(rt_list *list, const char *path, rt_diags *diags)
{
        origin from = { list, path, diags, 0 };
        rt_allocator allocator;
        char *piece;
        int fd, r;

        if (!list || !path)
                return RT_EINVAL;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return refuse(&from, RTI_D_ITEMS_FILE, strerror(errno));
        allocator = *rti_list_allocator(list);
        piece = rti_alloc(&allocator, PIECE_BYTES);
        r = piece ? read_lines(&from, fd, piece) : RT_ENOMEM;
        rti_free(&allocator, piece);
        close(fd);
        return r;
}

/* ---- in force ---- */

int
rt_engine_use_list(rt_engine *engine, const char *name, rt_list *list)
{
        return engine && name && *name ? rti_engine_use_list(engine, rti_str_of(name), list)
                                       : RT_EINVAL;
}

int
rt_engine_list(rt_engine *engine, size_t index, rt_list_info *ret_info)
{
        rt_list_info info = { 0 };
        bool there;

        if (!engine || !ret_info)
                return RT_EINVAL;
        pthread_mutex_lock(&engine->lock);
        there = engine->lists && index < engine->lists->n;
        if (there) {
                const rti_list_row *row = &engine->lists->at[index];

                info.name = row->name;
                info.kind = row->list ? rti_list_kind(row->list) : RT_KIND_NONE;
                info.count = row->list ? rti_list_count(row->list) : 0;
        }
        pthread_mutex_unlock(&engine->lock);
        return there ? rti_opts_give(&info, sizeof info, ret_info) : RT_ENOENT;
}

/* Is there a slot before this one that asks the same list? */
static bool
was_named(const rt_ruleset *rules, uint32_t slot)
{
        for (uint32_t i = 0; i < slot; i++)
                if (rules->slots[i].what == RTI_SLOT_LISTED
                    && rti_str_eq(rules->slots[i].field, rules->slots[slot].field))
                        return true;
        return false;
}

int
rt_ruleset_list(const rt_ruleset *rules, size_t index, rt_list_info *ret_info)
{
        rt_list_info info = { 0 };

        if (!rules || !ret_info)
                return RT_EINVAL;
        for (uint32_t i = 0; i < rules->p.n_slots; i++) {
                const rti_slot *slot = &rules->slots[i];

                if (slot->what != RTI_SLOT_LISTED || was_named(rules, i) || index--)
                        continue;
                info.name = slot->field.ptr;
                info.kind = rti_slot_list_kind(rules, slot);
                return rti_opts_give(&info, sizeof info, ret_info);
        }
        return RT_ENOENT;
}
