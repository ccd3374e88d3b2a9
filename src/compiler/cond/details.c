/* SPDX-License-Identifier: Apache-2.0 */
/* details.c - the names that a condition uses. In: a tree, macros put in or not. */
#include "compiler/cond/details.h"

typedef struct finder {
        rti_arena *arena;
        const rti_details_known *known;
        rti_details *details;
} finder;

int
rti_names_add(rti_arena *arena, rti_names *names, rt_str name)
{
        names->known.arena = arena;
        if (rti_map_get(&names->known, name) != RTI_MAP_NONE)
                return RT_OK;
        if (names->n == names->room) {
                const uint32_t room = names->room ? names->room * 2 : 8;
                rt_str *at = RTI_NEWN(arena, rt_str, room);

                if (!at)
                        return RT_ENOMEM;
                if (names->n)
                        memcpy(at, names->at, names->n * sizeof *at);
                names->at = at;
                names->room = room;
        }
        names->at[names->n++] = name;
        return rti_map_set(&names->known, name, names->n);
}

static int
add_text(finder *f, rti_names *names, rt_str text)
{
        return text.ptr ? rti_names_add(f->arena, names, text) : RT_ENOMEM;
}

static int
add_field(finder *f, const rti_node *node)
{
        rt_str name = node->text;

        if (node->has_arg && node->arg.len > 0)
                name = rti_arena_printf(f->arena, "%.*s[%.*s]", RTI_FMT(node->text),
                                        RTI_FMT(node->arg));
        return add_text(f, &f->details->fields, name);
}

static int
add_operator(finder *f, const rti_node *node)
{
        rt_str name = rti_operators[node->op].text;

        if (node->modifier != RTI_MOD_NONE)
                name = rti_arena_printf(f->arena, "%.*s %.*s", RTI_FMT(name),
                                        RTI_FMT(rti_modifiers[node->modifier].name));
        return add_text(f, &f->details->operators, name);
}

static int
add_list(finder *f, rt_str name)
{
        if (f->known->list && !f->known->list(name, f->known->user))
                return RT_OK;
        return add_text(f, &f->details->lists, name);
}

/* Names of lists on the right of @a check. */
static int
find_lists(finder *f, const rti_node *check)
{
        const rti_node *right = check->child[1];
        int r = RT_OK;

        if (rti_operators[check->op].family != RTI_RHS_LIST && check->modifier == RTI_MOD_NONE)
                return RT_OK;
        if (right->kind == RTI_NODE_VALUE)
                return add_list(f, right->text);
        for (uint32_t i = 0; right->kind == RTI_NODE_LIST && r == RT_OK && i < right->n_child; i++)
                r = add_list(f, right->child[i]->text);
        return r;
}

static int
find(finder *f, const rti_node *node)
{
        int r = RT_OK;

        switch (node->kind) {
        case RTI_NODE_IDENT:
                if (f->known->macro && !f->known->macro(node->text, f->known->user))
                        return RT_OK;
                return add_text(f, &f->details->macros, node->text);
        case RTI_NODE_FIELD:
                return add_field(f, node);
        case RTI_NODE_CHECK:
                r = add_operator(f, node);
                if (r == RT_OK)
                        r = find_lists(f, node);
                break;
        case RTI_NODE_EXISTS:
                r = add_operator(f, node);
                break;
        case RTI_NODE_TRANSFORMER:
                r = add_text(f, &f->details->transformers, node->text);
                break;
        case RTI_NODE_LIST:
        case RTI_NODE_VALUE:
                return RT_OK;
        default:
                break;
        }
        for (uint32_t i = 0; r == RT_OK && i < node->n_child; i++)
                r = find(f, node->child[i]);
        return r;
}

int
rti_details_find(rti_arena *arena, const rti_node *root, const rti_details_known *known,
                 rti_details *ret_details)
{
        static const rti_details_known all = { 0 };
        rti_details details = { 0 };
        finder f = { .arena = arena, .known = known ? known : &all, .details = &details };
        const int r = find(&f, root);

        if (r == RT_OK)
                *ret_details = details;
        return r;
}
