/* SPDX-License-Identifier: Apache-2.0 */
/*
 * items.c - one YAML node in, one item out: lists, macros, and what all items have in common.
 *
 * Each problem is reported where it is found and the item is read on, so that all of its problems
 * come out at once. An item with an error is not collected.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"
#include <stdlib.h>

#define NEEDED  RTI_KEY_NEEDED
#define APPEND  RTI_KEY_APPEND
#define REPLACE RTI_KEY_REPLACE
const rti_item_key rti_item_keys[] = {
#define ITEM_KEY(item, key, type, flags, help) \
        { RTI_ITEM_##item, RTI_KEY_##type, flags, RTI_STR_INIT(key) },
#include "lang/item_keys.def"
#undef ITEM_KEY
};
#undef NEEDED
#undef APPEND
#undef REPLACE
const size_t rti_n_item_keys = RTI_COUNT(rti_item_keys);

const char rti_append_deprecated[] =
        "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under "
        "'override' instead.";
const char rti_override_and_append[] =
        "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry "
        "(e.g. 'condition: append') under 'override' instead.";

/* ---- scalars ---- */

const rti_yaml_node *
rti_take_scalar(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
                bool *ok)
{
        const rti_yaml_node *node = rti_yaml_get(spot->node, key);
        const char *problem = NULL;
        rti_spot value;

        if (!node && need != RTI_REQUIRED)
                return NULL;
        if (!node) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "Item has no mapping for key '%s'",
                              key);
                *ok = false;
                return NULL;
        }
        if (node->kind == RTI_YAML_NULL) {
                if (need == RTI_OPTIONAL_EMPTY)
                        return NULL;
                rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "Mapping for key '%s' is empty",
                              key);
                *ok = false;
                return NULL;
        }
        if (node->kind != RTI_YAML_SCALAR)
                problem = "Value is not a scalar value";
        else if (node->text.len == 0 && need == RTI_OPTIONAL_EMPTY)
                return NULL;
        else if (node->text.len == 0)
                problem = "Value must be non-empty";
        if (!problem)
                return node;
        value = rti_spot_in(loader, spot, node, "value for", rti_str_of(key));
        rti_report_at(loader, RTI_D_YAML_VALIDATE, &value, "%s", problem);
        *ok = false;
        return NULL;
}

static void
undecodable(rti_loader *loader, const rti_spot *spot, const rti_yaml_node *node, const char *key,
            const char *hint)
{
        const rti_spot value = rti_spot_in(loader, spot, node, "value for", rti_str_of(key));
        const rti_report report = {
                .id = RTI_D_YAML_VALIDATE,
                .file = value.file,
                .start = node->start,
                .end = node->end,
                .where = value.where,
                .item = value.item,
                .message = RTI_STR("Can't decode YAML scalar value"),
                .hint = rti_str_of(hint),
        };

        rti_report_add(loader, &report);
}

void
rti_take_text(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
              rt_str *text, bool *ok)
{
        const rti_yaml_node *node = rti_take_scalar(loader, spot, key, need, ok);

        if (node)
                *text = node->text;
}

static bool
lower(char c)
{
        return c >= 'a' && c <= 'z';
}

static bool
upper(char c)
{
        return c >= 'A' && c <= 'Z';
}

/* yaml-cpp: lower, UPPER or Capitalized. */
static int
parse_bool(rt_str text)
{
        static const struct {
                const char *name;
                bool value;
        } names[] = {
                { "y", true },  { "yes", true }, { "true", true },   { "on", true },
                { "n", false }, { "no", false }, { "false", false }, { "off", false },
        };
        bool all_lower = true, rest_lower = true, rest_upper = true;
        char word[6] = "";

        if (text.len == 0 || text.len >= sizeof word)
                return -1;
        for (size_t i = 0; i < text.len; i++) {
                const char c = text.ptr[i];

                all_lower &= lower(c);
                if (i > 0) {
                        rest_lower &= lower(c);
                        rest_upper &= upper(c);
                }
                word[i] = upper(c) ? (char) (c | 0x20) : c;
        }
        if (!all_lower && !(upper(text.ptr[0]) && (rest_lower || rest_upper)))
                return -1;
        for (size_t i = 0; i < RTI_COUNT(names); i++)
                if (strcmp(word, names[i].name) == 0)
                        return names[i].value;
        return -1;
}

void
rti_take_bool(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
              bool *value, bool *ok)
{
        const rti_yaml_node *node = rti_take_scalar(loader, spot, key, need, ok);
        int parsed;

        if (!node)
                return;
        parsed = parse_bool(node->text);
        if (parsed < 0) {
                undecodable(loader, spot, node, key, "write true or false");
                *ok = false;
                return;
        }
        *value = parsed > 0;
}

static uint32_t
digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return (uint32_t) (c - '0');
        c = (char) (upper(c) ? c | 0x20 : c);
        return c >= 'a' && c <= 'f' ? (uint32_t) (c - 'a') + 10 : UINT32_MAX;
}

/* The base that a number's beginning tells, behind a sign; *at moves to its digits. */
static uint32_t
take_base(rt_str text, size_t *at)
{
        if (*at < text.len && text.ptr[*at] == '+')
                ++*at;
        if (*at + 1 < text.len && text.ptr[*at] == '0' && (text.ptr[*at + 1] | 0x20) == 'x') {
                *at += 2;
                return 16;
        }
        return *at < text.len && text.ptr[*at] == '0' ? 8 : 10;
}

/* As a C++ stream reads an unsigned number: 0x and 0 in front choose the base, blanks may
 * follow. */
bool
rti_parse_uint(rt_str text, uint32_t *ret_value)
{
        size_t at = 0, first;
        const uint32_t base = take_base(text, &at);
        uint64_t value = 0;

        for (first = at; at < text.len && digit_value(text.ptr[at]) < base; at++) {
                value = value * base + digit_value(text.ptr[at]);
                if (value > UINT32_MAX)
                        return false;
        }
        if (at == first)
                return false;
        while (at < text.len && memchr(" \t\n\v\f\r", text.ptr[at], 6))
                at++;
        *ret_value = (uint32_t) value;
        return at == text.len;
}

void
rti_take_uint(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
              uint32_t *value, bool *ok)
{
        const rti_yaml_node *node = rti_take_scalar(loader, spot, key, need, ok);

        if (node && !rti_parse_uint(node->text, value)) {
                undecodable(loader, spot, node, key, "write a whole number from 0 to 4294967295");
                *ok = false;
        }
}

void
rti_take_words(rti_loader *loader, const rti_spot *spot, const char *key, bool required,
               rti_words *words, bool *ok)
{
        const rti_yaml_node *node = rti_yaml_get(spot->node, key);
        rti_spot value;

        if (!node && !required)
                return;
        if (!node) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "Item has no mapping for key '%s'",
                              key);
                *ok = false;
                return;
        }
        if (node->kind != RTI_YAML_LIST) {
                value = rti_spot_in(loader, spot, node, "value for", rti_str_of(key));
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &value, "Value is not a sequence");
                *ok = false;
                return;
        }
        if (!words->room && node->n) {
                words->at = RTI_NEWN(&loader->arena, rti_word, node->n);
                words->room = words->at ? node->n : 0;
        }
        for (uint32_t i = 0; i < node->n; i++) {
                const rti_yaml_node *child = node->child[i];

                if (child->kind != RTI_YAML_SCALAR) {
                        rti_spot item;

                        value = rti_spot_in(loader, spot, node, "value for", rti_str_of(key));
                        item = rti_spot_in(loader, &value, child, "list item", RTI_STR(""));

                        rti_report_at(loader, RTI_D_YAML_VALIDATE, &item,
                                      "sequence value is not scalar");
                        *ok = false;
                } else if (rti_grow(loader, (void **) &words->at, words->n, &words->room,
                                    sizeof *words->at)) {
                        words->at[words->n++] = (rti_word){ child->text, child };
                }
        }
}

/* ---- keys ---- */

static const rti_item_key *
find_key(enum rti_item_kind kind, rt_str key)
{
        for (size_t i = 0; i < rti_n_item_keys; i++)
                if (rti_item_keys[i].item == kind && rti_str_eq(rti_item_keys[i].key, key))
                        return &rti_item_keys[i];
        return NULL;
}

static rt_str
suggest_key(rti_loader *loader, enum rti_item_kind kind, rt_str key)
{
        uint32_t best = 3;
        rt_str name = { NULL, 0 };

        for (size_t i = 0; i < rti_n_item_keys; i++) {
                uint32_t distance;

                if (rti_item_keys[i].item != kind)
                        continue;
                distance = rti_str_distance(key, rti_item_keys[i].key, 2);
                if (distance < best) {
                        best = distance;
                        name = rti_item_keys[i].key;
                }
        }
        if (!name.ptr)
                return (rt_str){ NULL, 0 };
        return rti_arena_printf(&loader->arena, "did you mean '%.*s'?", RTI_FMT(name));
}

static void
unknown_key(rti_loader *loader, const rti_spot *spot, enum rti_item_kind kind,
            const rti_yaml_node *key)
{
        const rt_str name = key->kind == RTI_YAML_NULL ? RTI_STR("null") : key->text;
        rti_report report = {
                .id = RTI_D_UNKNOWN_KEY,
                .ours = kind > RTI_ITEM_RULE,
                .file = spot->file,
                .start = key->start,
                .end = key->end,
                .where = spot->where,
                .item = spot->item,
        };

        report.message = rti_arena_printf(
                &loader->arena, "Unknown key '%.*s'. The key will be ignored.", RTI_FMT(name));
        report.hint = suggest_key(loader, kind, name);
        rti_report_add(loader, &report);
}

static void
repeated_key(rti_loader *loader, const rti_spot *spot, const rti_yaml_node *key)
{
        rti_report report = {
                .id = RTI_D_DUPLICATE_KEY,
                .file = spot->file,
                .start = key->start,
                .end = key->end,
                .where = spot->where,
                .item = spot->item,
                .hint = RTI_STR("the first one counts"),
        };

        report.message =
                rti_arena_printf(&loader->arena, "Key '%.*s' is given twice", RTI_FMT(key->text));
        rti_report_add(loader, &report);
}

/* Does key @a at stand in the mapping before? Few keys are compared, many are looked up. */
static bool
is_repeated(rti_loader *loader, const rti_yaml_node *map, uint32_t at, rti_map *seen)
{
        enum { FEW = 2 * 32 };
        const rt_str key = map->child[at]->text;
        bool found = false;

        if (map->n <= FEW) {
                for (uint32_t i = 0; i < at && !found; i += 2)
                        found = map->child[i]->kind <= RTI_YAML_SCALAR
                                && rti_str_eq(map->child[i]->text, key);
                return found;
        }
        found = rti_map_get(seen, key) != RTI_MAP_NONE;
        if (rti_map_set(seen, key, at) < 0)
                loader->status = RT_ENOMEM;
        return found;
}

void
rti_check_keys(rti_loader *loader, const rti_spot *spot, enum rti_item_kind kind)
{
        const rti_yaml_node *map = spot->node;
        rti_map seen = { .arena = &loader->work };

        for (uint32_t i = 0; map->kind == RTI_YAML_MAP && i + 1 < map->n; i += 2) {
                const rti_yaml_node *key = map->child[i];

                if (key->kind > RTI_YAML_SCALAR) {
                        rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "A key is not a scalar");
                        continue;
                }
                if (!find_key(kind, key->text))
                        unknown_key(loader, spot, kind, key);
                if (is_repeated(loader, map, i, &seen))
                        repeated_key(loader, spot, key);
        }
}

/* ---- override ---- */

static uint32_t
key_bit(const char *const *keys, rt_str key)
{
        for (uint32_t i = 0; keys[i]; i++)
                if (rti_str_is(key, keys[i]))
                        return (uint32_t) 1 << i;
        return 0;
}

static void
take_override(rti_loader *loader, const rti_spot *spot, const rti_yaml_node *const pair[2],
              uint32_t bit, const rti_item_key *known, rti_overrides *overrides)
{
        const rt_str key = pair[0]->text, what = pair[1]->text;
        const uint32_t flags = known ? known->flags : 0;
        const bool append = rti_str_is(what, "append"), replace = rti_str_is(what, "replace");
        rti_spot at = rti_spot_in(loader, spot, pair[0], "overrides", key);

        if (append && (flags & RTI_KEY_APPEND)) {
                overrides->append |= bit;
        } else if (replace && (flags & RTI_KEY_REPLACE)) {
                overrides->replace |= bit;
        } else if (append) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &at,
                              "Key '%.*s' cannot be appended to, use 'replace' instead",
                              RTI_FMT(key));
        } else if (replace) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &at, "Key '%.*s' cannot be replaced",
                              RTI_FMT(key));
        } else {
                at = rti_spot_in(loader, spot, pair[1], "value for", key);
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &at,
                              "Invalid override operation for key '%.*s': '%.*s'. Allowed values "
                              "are: %s%s",
                              RTI_FMT(key), RTI_FMT(what), flags & RTI_KEY_APPEND ? "append " : "",
                              flags & RTI_KEY_REPLACE ? "replace " : "");
        }
}

void
rti_take_overrides(rti_loader *loader, const rti_spot *spot, const char *const *keys,
                   enum rti_item_kind kind, rti_overrides *overrides, bool *ok)
{
        const rti_yaml_node *map = rti_yaml_get(spot->node, "override");
        const bool before = rti_diags_file_failed(loader->diags);
        const size_t count = loader->diags->all.n;
        rti_spot inside;

        if (!map || map->kind == RTI_YAML_NULL || map->kind == RTI_YAML_SCALAR)
                return;
        inside = rti_spot_in(loader, spot, spot->node, "overrides", RTI_STR(""));
        if (map->kind == RTI_YAML_LIST) {
                if (!map->n)
                        return;
                inside.node = map;
                rti_report_at(loader, RTI_D_VALIDATE, &inside, "Value is not a mapping");
                *ok = false;
                return;
        }
        for (uint32_t i = 0; i + 1 < map->n; i += 2) {
                const rti_yaml_node *const pair[2] = { map->child[i], map->child[i + 1] };

                if (pair[0]->kind > RTI_YAML_SCALAR || pair[1]->kind > RTI_YAML_SCALAR) {
                        inside.node = pair[pair[0]->kind <= RTI_YAML_SCALAR];
                        rti_report_at(loader, RTI_D_VALIDATE, &inside,
                                      "Value is not a scalar value");
                        inside.node = spot->node;
                        continue;
                }
                take_override(loader, &inside, pair, key_bit(keys, pair[0]->text),
                              find_key(kind, pair[0]->text), overrides);
        }
        if (loader->diags->all.n != count || before != rti_diags_file_failed(loader->diags))
                *ok = false;
}

/* ---- lists and macros ---- */

void
rti_mark_broken(rti_loader *loader, enum rti_item_kind kind, rt_str name)
{
        loader->broken_names[kind].arena = &loader->arena;
        if (name.len && rti_map_set(&loader->broken_names[kind], name, 1) < 0)
                loader->status = RT_ENOMEM;
}

bool
rti_is_broken(const rti_loader *loader, enum rti_item_kind kind, rt_str name)
{
        return loader->broken_names[kind].n
               && rti_map_get(&loader->broken_names[kind], name) != RTI_MAP_NONE;
}

static bool
good_list_name(rt_str name)
{
        for (size_t i = 0; i < name.len; i++)
                if (memchr("()\"' \t\n\v\f\r=,", name.ptr[i], 13))
                        return false;
        return true;
}

static bool
good_macro_name(rt_str name)
{
        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];

                if (!lower(c) && !upper(c) && (i == 0 || !((c >= '0' && c <= '9') || c == '_')))
                        return false;
        }
        return true;
}

/* The keys `append` and `override` of lists and macros, of which all is appended, or nothing. */
static bool
take_append(rti_loader *loader, const rti_spot *spot, enum rti_item_kind kind,
            const char *const *keys, bool *ok)
{
        rti_overrides overrides = { 0 };
        bool append = false;

        rti_take_bool(loader, spot, "append", RTI_OPTIONAL, &append, ok);
        if (append)
                rti_report_at(loader, RTI_D_DEPRECATED_ITEM, spot, "%s", rti_append_deprecated);
        rti_take_overrides(loader, spot, keys, kind, &overrides, ok);
        if (append && (overrides.append | overrides.replace)) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "%s", rti_override_and_append);
                *ok = false;
        }
        return append || overrides.append;
}

void
rti_take_name(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node,
              const char *key, rti_item *item, bool *ok)
{
        rti_location *where;

        item->spot = rti_spot_in(loader, content, node, key, RTI_STR(""));
        where = (rti_location *) item->spot.where; /* ours, just made */
        rti_take_text(loader, &item->spot, key, RTI_REQUIRED, &item->name, ok);
        if (*ok && loader->status == RT_OK)
                where->item_name = item->name;
        item->spot.item = item->name;
}

static void
read_list(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node)
{
        static const char *const list_keys[] = { "items", "items_from", NULL };
        rti_items_file file = { 0 };
        rti_list list = { 0 };
        bool ok = true, append;

        rti_take_name(loader, content, node, "list", &list.item, &ok);
        if (!good_list_name(list.item.name))
                rti_report_at(loader, RTI_D_INVALID_LIST_NAME, &list.item.spot,
                              "List has an invalid name. List names should match a regular "
                              "expression: ([^()\"'[:space:]=,]+)");
        if (rti_take_items_file(loader, &list.item.spot, list.item.name,
                                good_list_name(list.item.name), &file, &ok)
            && rti_grow(loader, (void **) &list.files, 0, &list.room_files, sizeof file))
                list.files[list.n_files++] = file;
        list.changing = rti_take_items_at(loader, &list.item.spot, list.item.name,
                                          good_list_name(list.item.name), &ok);
        rti_take_words(loader, &list.item.spot, "items",
                       rti_yaml_get(list.item.spot.node, "items_from") == NULL && !list.changing,
                       &list.words, &ok);
        append = take_append(loader, &list.item.spot, RTI_ITEM_LIST, list_keys, &ok);
        if (ok)
                rti_collect_list(loader, &list, append);
        else
                rti_mark_broken(loader, RTI_ITEM_LIST, list.item.name);
        rti_check_keys(loader, &list.item.spot, RTI_ITEM_LIST);
}

static void
read_macro(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node)
{
        static const char *const macro_keys[] = { "condition", NULL };
        rti_macro macro = { 0 };
        const rti_yaml_node *condition;
        bool ok = true, append;

        rti_take_name(loader, content, node, "macro", &macro.item, &ok);
        if (!good_macro_name(macro.item.name))
                rti_report_at(loader, RTI_D_INVALID_MACRO_NAME, &macro.item.spot,
                              "Macro has an invalid name. Macro names should match a regular "
                              "expression: ([a-zA-Z]+[a-zA-Z0-9_]*)");
        condition = rti_take_scalar(loader, &macro.item.spot, "condition", RTI_REQUIRED, &ok);
        if (condition) {
                const rti_piece piece = { condition->text, content->file, condition, 0, false };
                const rti_spot at = rti_spot_in(loader, &macro.item.spot, condition,
                                                "macro condition", RTI_STR(""));

                macro.condition_where = at.where;
                rti_text_add(loader, &macro.condition, &piece);
        }
        append = take_append(loader, &macro.item.spot, RTI_ITEM_MACRO, macro_keys, &ok);
        if (ok)
                rti_collect_macro(loader, &macro, append);
        else
                rti_mark_broken(loader, RTI_ITEM_MACRO, macro.item.name);
        rti_check_keys(loader, &macro.item.spot, RTI_ITEM_MACRO);
}

/* ---- items of the host ---- */

/* As deep as the nodes are, and no more of them, which are both bounded. */
static void
write_json(rti_buf *buf, const rti_yaml_node *node)
{
        const bool map = node->kind == RTI_YAML_MAP;

        if (node->kind == RTI_YAML_NULL) {
                rti_buf_add_text(buf, "null");
                return;
        }
        if (node->kind == RTI_YAML_SCALAR) {
                rti_buf_add_json(buf, node->text);
                return;
        }
        rti_buf_add_char(buf, map ? '{' : '[');
        for (uint32_t i = 0; i < node->n && !buf->failed; i++) {
                if (i)
                        rti_buf_add_char(buf, map && i % 2 ? ':' : ',');
                if (map && i % 2 == 0 && node->child[i]->kind != RTI_YAML_SCALAR)
                        rti_buf_add_json(buf, RTI_STR("")); /* what is no name is none */
                else
                        write_json(buf, node->child[i]);
        }
        rti_buf_add_char(buf, map ? '}' : ']');
}

/* The folder of the file that is being added; NULL: it is none, or there is no memory. */
static const char *
folder_of(rti_loader *loader)
{
        size_t len = loader->path.len;
        rt_str folder;

        if (!len)
                return NULL;
        while (len && loader->path.ptr[len - 1] != '/')
                len--;
        folder = len ? rti_str_sub(loader->path, 0, len > 1 ? len - 1 : 1) : RTI_STR(".");
        folder = rti_arena_copy(&loader->arena, folder);
        if (!folder.ptr)
                loader->status = RT_ENOMEM;
        return folder.ptr;
}

static void
read_host_item(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node,
               const rt_item_ops *ops)
{
        const rti_spot spot = rti_spot_in(loader, content, node, ops->key, RTI_STR(""));
        const rti_place place = rti_yaml_place(content->file, node->start, node->start + 1);
        rt_item item = { .size = sizeof item,
                         .file = content->file->name.ptr,
                         .folder = folder_of(loader),
                         .line = place.line,
                         .column = place.column };
        char message[512] = "";
        int r;

        rti_buf_clear(&loader->out);
        write_json(&loader->out, node);
        item.json = rti_buf_str(&loader->out);
        if (loader->out.failed)
                loader->status = RT_ENOMEM;
        if (loader->status != RT_OK)
                return;
        r = ops->load(loader->opts.outer, &item, message, sizeof message, ops->user);
        message[sizeof message - 1] = '\0';
        if (r == RT_ENOMEM)
                loader->status = r;
        else if (r < 0)
                rti_report_at(loader, RTI_D_HOST_ITEM, &spot, "%s",
                              *message ? message : rt_status_name(r));
}

static const rti_item_ops *
host_item(const rti_loader *loader, const rti_yaml_node *node)
{
        const rti_item_ops *item = loader->opts.items;

        while (item && !rti_yaml_get(node, item->ops.key))
                item = item->next;
        return item;
}

void
rti_read_item(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node)
{
        static void (*const readers[])(rti_loader *, const rti_spot *, const rti_yaml_node *) = {
                [RTI_ITEM_ENGINE] = rti_read_engine_version,
                [RTI_ITEM_PLUGINS] = rti_read_plugin_versions,
                [RTI_ITEM_LIST] = read_list,
                [RTI_ITEM_MACRO] = read_macro,
                [RTI_ITEM_RULE] = rti_read_rule,
        };
        const rti_item_ops *of_host;
        rti_spot spot;

        for (size_t i = 0, kind = RTI_N_ITEM_KINDS; i < rti_n_item_keys; i++) {
                const rti_item_key *key = &rti_item_keys[i];

                if (key->item >= RTI_COUNT(readers) || key->item == kind)
                        continue;
                kind = key->item; /* its first row */
                if (rti_yaml_get(node, key->key.ptr)) {
                        readers[kind](loader, content, node);
                        return;
                }
        }
        of_host = host_item(loader, node);
        if (of_host) {
                read_host_item(loader, content, node, &of_host->ops);
                return;
        }
        spot = rti_spot_in(loader, content, node, "rules content item", RTI_STR(""));
        if (node->kind == RTI_YAML_MAP)
                rti_report_at(loader, RTI_D_UNKNOWN_ITEM, &spot, "Unknown top level item");
        else
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                              "Unexpected element type. Each element should be a yaml associative "
                              "array.");
}
