/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_pmatch.c - is one of these paths the value, or a folder above it?
 *
 * Paths are split at slashes, empty components dropped, and kept in a trie. At each node the
 * component's exact child is tried first, then the children that are patterns, in the order
 * written. The reference's quirk is kept: a pattern that matches the component, but whose subtree
 * fails, moves on to the next component, and the patterns behind it are held against that one.
 *
 * Recursion goes as deep as the trie, and every node is entered at most once a value.
 */
#include "lang/ops/family.h"

typedef struct trie_node trie_node;

typedef struct trie_pattern {
        rt_str text;
        trie_node *node;
        struct trie_pattern *next;
} trie_pattern;

struct trie_node {
        bool last;     /* a path ends here; nothing below matters */
        rti_map exact; /* component -> index in trie.nodes */
        trie_pattern *patterns;
};

typedef struct path_trie {
        trie_node *root;
        trie_node **nodes; /* those that rti_map numbers */
} path_trie;

rt_str
rti_path_next(rt_str *path)
{
        rt_str found;
        const char *slash;

        while (path->len && path->ptr[0] == '/')
                *path = rti_str_sub(*path, 1, path->len);
        slash = path->len ? memchr(path->ptr, '/', path->len) : NULL;
        found = slash ? (rt_str){ path->ptr, (size_t) (slash - path->ptr) } : *path;
        *path = rti_str_sub(*path, found.len, path->len);
        return found;
}

bool
rti_is_pattern(rt_str s)
{
        for (size_t i = 0; i < s.len; i++)
                if (memchr("?*[", s.ptr[i], 3))
                        return true;
        return false;
}

/* Does a path of the trie below @a at match a beginning of @a rest? */
static bool
below(const path_trie *trie, const trie_node *at, rt_str rest, rti_op_scratch *scratch)
{
        rt_str name;
        uint32_t child;

        if (at->last)
                return true;
        name = rti_path_next(&rest);
        if (name.len == 0)
                return false;
        child = rti_map_get(&at->exact, name);
        if (child != RTI_MAP_NONE && below(trie, trie->nodes[child], rest, scratch))
                return true;
        for (const trie_pattern *p = at->patterns; p && name.len; p = p->next) {
                if (!rti_glob_match(p->text, name, false, scratch))
                        continue;
                if (below(trie, p->node, rest, scratch))
                        return true;
                name = rti_path_next(&rest);
        }
        return false;
}

static bool
path_matches(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const path_trie *trie = operand->aux;

        return below(trie, trie->root, rti_cut(value->as.s), scratch);
}

/* ---- building ---- */

typedef struct builder {
        rti_arena *arena;
        path_trie *trie;
        uint32_t n, room; /* of trie->nodes */
} builder;

static trie_node *
node_new(builder *b)
{
        trie_node *node = RTI_NEW(b->arena, struct trie_node);

        if (node)
                node->exact.arena = b->arena;
        return node;
}

static trie_node *
exact_child(builder *b, trie_node *at, rt_str name)
{
        uint32_t child = rti_map_get(&at->exact, name);
        trie_node **nodes, *fresh;

        if (child != RTI_MAP_NONE)
                return b->trie->nodes[child];
        if (b->n == b->room) {
                const uint32_t room = b->room ? b->room * 2 : 16;

                nodes = RTI_NEWN(b->arena, trie_node *, room);
                if (!nodes)
                        return NULL;
                if (b->n)
                        memcpy(nodes, b->trie->nodes, b->n * sizeof *nodes);
                b->trie->nodes = nodes;
                b->room = room;
        }
        fresh = node_new(b);
        if (!fresh || rti_map_set(&at->exact, name, b->n) < 0)
                return NULL;
        b->trie->nodes[b->n++] = fresh;
        return fresh;
}

static trie_node *
pattern_child(builder *b, trie_node *at, rt_str text)
{
        trie_pattern **to = &at->patterns;

        for (; *to; to = &(*to)->next)
                if (rti_str_eq((*to)->text, text))
                        return (*to)->node;
        *to = RTI_NEW(b->arena, trie_pattern);
        if (!*to)
                return NULL;
        (*to)->text = text;
        (*to)->node = node_new(b);
        return (*to)->node;
}

static int
add_path(builder *b, rt_str path)
{
        trie_node *at = b->trie->root;
        rt_str name;

        /* A shorter path that is there already decides alone. */
        while (!at->last && (name = rti_path_next(&path)).len) {
                at = rti_is_pattern(name) ? pattern_child(b, at, name) : exact_child(b, at, name);
                if (!at)
                        return RT_ENOMEM;
        }
        at->last = true;
        return RT_OK;
}

int
rti_pmatch_build(rti_build *build, rti_operand *operand)
{
        builder b = { .arena = build->arena };
        int r;

        b.trie = RTI_NEW(build->arena, path_trie);
        if (!b.trie)
                return RT_ENOMEM;
        b.trie->root = node_new(&b);
        if (!b.trie->root)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < operand->n; i++) {
                r = add_path(&b, operand->values[i].as.s);
                if (r < 0)
                        return r;
        }
        operand->aux = b.trie;
        operand->test = path_matches;
        return RT_OK;
}
