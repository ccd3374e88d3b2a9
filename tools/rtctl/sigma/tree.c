/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c - the YAML text of a Sigma file as nodes that know where they stand.
 *
 * libyaml's events become nodes by way of a stack, never by recursion. Aliases are refused: Sigma
 * has no use for them, and without them a node is met once, so that size bounds everything.
 */
#include "sigma.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A list or map that is being read. */
typedef struct level {
        node *node;
        size_t first; /* of its items in builder.items */
} level;

typedef struct builder {
        pool *pool;
        yaml_tree *tree;
        node **items; /* of open levels */
        size_t n_items, items_room, n_nodes;
        level levels[MOST_NODE_DEPTH];
        size_t n_levels;
} builder;

static void
fail(builder *b, yaml_mark_t mark, const char *what)
{
        b->tree->error = (problem){ (uint32_t) mark.line + 1, (uint32_t) mark.column + 1, "" };
        snprintf(b->tree->error.text, sizeof b->tree->error.text, "%s", what);
}

static bool
is_null(const yaml_event_t *event)
{
        static const char *const words[] = { "", "~", "null", "Null", "NULL" };
        const rt_str text = str((const char *) event->data.scalar.value, event->data.scalar.length);

        if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
                return false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (str_is(text, words[i]))
                        return true;
        return false;
}

static node *
make(builder *b, const yaml_event_t *event, enum node_kind kind)
{
        node *made = pool_take(b->pool, 1, sizeof *made);

        *made = (node){ .kind = (uint8_t) kind,
                        .line = (uint32_t) event->start_mark.line + 1,
                        .column = (uint32_t) event->start_mark.column + 1 };
        if (b->n_items == b->items_room) {
                b->items_room = b->items_room * 2 + 64;
                b->items = grow(b->items, b->items_room, sizeof(node *));
        }
        b->items[b->n_items++] = made;
        return made;
}

static void
open_level(builder *b, const yaml_event_t *event, enum node_kind kind)
{
        node *made;

        if (b->n_levels == MOST_NODE_DEPTH) {
                fail(b, event->start_mark, "lists and maps are nested too deeply");
                return;
        }
        made = make(b, event, kind);
        b->levels[b->n_levels++] = (level){ made, b->n_items };
}

/* Keys of a map are there once. */
static void
check_keys(builder *b, const node *map, yaml_mark_t mark)
{
        if (map->n_items / 2 > MOST_KEYS) {
                fail(b, mark, "a map has too many keys");
                return;
        }
        for (size_t i = 0; i < map->n_items; i += 2)
                for (size_t k = 0; k < i; k += 2)
                        if (map->items[i]->kind <= NODE_TEXT
                            && str_same(map->items[i]->text, map->items[k]->text)) {
                                mark.line = map->items[i]->line - 1;
                                mark.column = map->items[i]->column - 1;
                                fail(b, mark, "this key is there twice");
                                return;
                        }
}

static void
close_level(builder *b, const yaml_event_t *event)
{
        const level top = b->levels[--b->n_levels];
        const size_t n = b->n_items - top.first;

        top.node->items = pool_take(b->pool, n, sizeof(node *));
        if (n)
                memcpy(top.node->items, b->items + top.first, n * sizeof(node *));
        top.node->n_items = n;
        b->n_items = top.first;
        if (top.node->kind == NODE_MAP)
                check_keys(b, top.node, event->start_mark);
}

static void
add_scalar(builder *b, const yaml_event_t *event)
{
        node *made = make(b, event, is_null(event) ? NODE_NULL : NODE_TEXT);

        made->text = pool_copy(
                b->pool, str((const char *) event->data.scalar.value, event->data.scalar.length));
}

static void
end_document(builder *b)
{
        yaml_tree *t = b->tree;

        if (!b->n_items)
                return;
        t->documents = grow(t->documents, t->n_documents + 1, sizeof *t->documents);
        t->documents[t->n_documents++] = b->items[0];
        b->n_items = 0;
}

/* true: there is more. */
static bool
take(builder *b, const yaml_event_t *event)
{
        if (++b->n_nodes > MOST_NODES)
                fail(b, event->start_mark, "the file has too many values");
        else if (event->type == YAML_ALIAS_EVENT)
                fail(b, event->start_mark, "aliases are not supported");
        else if (event->type == YAML_SCALAR_EVENT)
                add_scalar(b, event);
        else if (event->type == YAML_SEQUENCE_START_EVENT)
                open_level(b, event, NODE_LIST);
        else if (event->type == YAML_MAPPING_START_EVENT)
                open_level(b, event, NODE_MAP);
        else if (event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT)
                close_level(b, event);
        else if (event->type == YAML_DOCUMENT_END_EVENT)
                end_document(b);
        return !b->tree->error.line && event->type != YAML_STREAM_END_EVENT;
}

void
tree_read(pool *p, rt_str yaml, yaml_tree *ret_tree)
{
        builder b = { .pool = p, .tree = ret_tree };
        yaml_parser_t parser;
        yaml_event_t event;
        bool more = true;

        *ret_tree = (yaml_tree){ NULL };
        if (!yaml_parser_initialize(&parser))
                need(NULL);
        yaml_parser_set_input_string(&parser, (const unsigned char *) yaml.ptr, yaml.len);
        while (more) {
                if (!yaml_parser_parse(&parser, &event)) {
                        fail(&b, parser.problem_mark, parser.problem ? parser.problem : "no YAML");
                        break;
                }
                more = take(&b, &event);
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        free(b.items);
}

const node *
node_get(const node *map, const char *key)
{
        if (!map || map->kind != NODE_MAP)
                return NULL;
        for (size_t i = 0; i + 1 < map->n_items; i += 2)
                if (map->items[i]->kind == NODE_TEXT && str_is(map->items[i]->text, key))
                        return map->items[i + 1];
        return NULL;
}

rt_str
node_text(const node *map, const char *key)
{
        const node *found = node_get(map, key);

        return found && found->kind == NODE_TEXT ? found->text : str("", 0);
}
