/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macros.c - macro identifiers -> the macros' trees.
 *
 * Every use gets a copy of its own, whose nodes know the identifier that they replaced (used_at)
 * and whose text their positions count in (macro); used_at chains outwards through macros of
 * macros. Lists of values are shared between copies: they are long, and a place in them is found
 * through the list.
 *
 * Macros can double at every step, so the tree's size and depth are limited while it is built. A
 * loop is reported in preference to an unknown name, wherever it stands, and the first one found
 * counts.
 */
#include "compiler/cond/macros.h"

/* The macros that are being put in, innermost first. */
typedef struct path {
        rt_str name;
        const struct path *outer;
} path;

typedef struct resolver {
        rti_arena *arena;
        rti_macro_fn find;
        void *user;
        uint32_t nodes; /* copied */
        uint32_t seen;
        const rti_node *unknown;
} resolver;

/* Where a copy is made. */
typedef struct place {
        const rti_node *used_at;
        const rti_node *used_before; /* used_at of the node above, as it was */
        const rti_node *used_now;    /* and in the copy */
        const path *macros;
        uint32_t depth;
        const rti_node **loop_at;
} place;

static int resolve(resolver *r, rti_node **node, const place *where);

static bool
is_open(const path *macros, rt_str name)
{
        for (; macros; macros = macros->outer)
                if (rti_str_eq(macros->name, name))
                        return true;
        return false;
}

/* The identifiers that led to @a from inside of a tree that was resolved before: they lead on to
 * where this tree is put. What the node above was led to by is copied already, and shared. */
static int
copy_used_at(resolver *r, const rti_node *from, const place *where, const rti_node **ret_copy)
{
        const rti_node *first = NULL, **link = &first;

        for (; from && from != where->used_before; from = from->used_at) {
                rti_node *copy;

                if (++r->nodes > RTI_MAX_CONDITION_NODES)
                        return RT_ELIMIT;
                copy = RTI_NEW(r->arena, rti_node);
                if (!copy)
                        return RT_ENOMEM;
                *copy = *from;
                if (copy->macro.len == 0)
                        copy->macro = where->macros->name;
                *link = copy;
                link = &copy->used_at;
        }
        *link = from ? where->used_now : where->used_at;
        *ret_copy = first;
        return RT_OK;
}

static int
copy_tree(resolver *r, const rti_node *from, const place *where, rti_node **ret_copy)
{
        place below = *where;
        rti_node *copy;
        int result = RT_OK;

        if (from->used_at != below.used_before)
                result = copy_used_at(r, from->used_at, where, &below.used_now);
        if (result < 0)
                return result;
        below.used_before = from->used_at;
        below.depth++;
        if (below.depth > RTI_MAX_CONDITION_DEPTH || ++r->nodes > RTI_MAX_CONDITION_NODES)
                return RT_ELIMIT;
        copy = RTI_NEW(r->arena, rti_node);
        if (!copy)
                return RT_ENOMEM;
        *copy = *from;
        if (copy->macro.len == 0)
                copy->macro = where->macros->name;
        copy->used_at = below.used_now;
        if (from->n_child > 0 && from->kind != RTI_NODE_LIST) {
                copy->child = RTI_NEWN(r->arena, rti_node *, from->n_child);
                if (!copy->child)
                        return RT_ENOMEM;
                for (uint32_t i = 0; i < from->n_child; i++) {
                        result = copy_tree(r, from->child[i], &below, &copy->child[i]);
                        if (result < 0)
                                return result;
                }
        }
        *ret_copy = copy;
        return RT_OK;
}

static int
put_in(resolver *r, rti_node **node, const rti_node *tree, const place *where)
{
        const path macros = { (*node)->text, where->macros };
        place inside = *where;
        int result;

        if (is_open(where->macros, (*node)->text)) {
                *where->loop_at = *node;
                return RT_ERULES;
        }
        inside.used_at = inside.used_now = *node;
        inside.used_before = NULL;
        inside.macros = &macros;
        result = copy_tree(r, tree, &inside, node);
        return result < 0 ? result : resolve(r, node, &inside);
}

static int
resolve(resolver *r, rti_node **node, const place *where)
{
        const rti_node *tree;
        place below = *where;

        if (++below.depth > RTI_MAX_CONDITION_DEPTH || ++r->seen > RTI_MAX_CONDITION_NODES)
                return RT_ELIMIT;
        switch ((*node)->kind) {
        case RTI_NODE_AND:
        case RTI_NODE_OR:
        case RTI_NODE_NOT:
                for (uint32_t i = 0; i < (*node)->n_child; i++) {
                        const int result = resolve(r, &(*node)->child[i], &below);

                        if (result < 0)
                                return result;
                }
                return RT_OK;
        case RTI_NODE_IDENT:
                tree = r->find((*node)->text, r->user);
                if (tree)
                        return put_in(r, node, tree, &below);
                if (!r->unknown)
                        r->unknown = *node;
                return RT_OK;
        default:
                return RT_OK;
        }
}

int
rti_macros_resolve(rti_arena *arena, rti_node **root, rti_macro_fn find, void *user,
                   rt_str *ret_error, const rti_node **ret_at)
{
        resolver r = { .arena = arena, .find = find, .user = user };
        const rti_node *at = NULL;
        const place where = { .loop_at = &at };
        rt_str error;
        int result = resolve(&r, root, &where);

        if (result == RT_OK && r.unknown)
                result = RT_ERULES;
        if (result != RT_ERULES)
                return result;
        if (at)
                error = rti_arena_printf(arena, "reference loop in macro '%.*s'",
                                         RTI_FMT(at->text));
        else
                error = rti_arena_printf(arena, "Undefined macro '%.*s' used in filter.",
                                         RTI_FMT(r.unknown->text));
        if (!error.ptr)
                return RT_ENOMEM;
        *ret_error = error;
        *ret_at = at ? at : r.unknown;
        return RT_ERULES;
}
