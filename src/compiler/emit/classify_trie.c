/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify_trie.c - a path-compressed trie of the bytes of a class's constants.
 *
 * Constants are put in one after the other; where one leaves a label in the middle, the label is
 * split. A node's depth in bytes never changes, so that the nodes in order of depth have each
 * parent in front of its children. Linear in the bytes of the constants. For SUFFIX constants are
 * read backwards, and so will values be.
 */
#include "compiler/emit/classify.h"

typedef struct node {
        uint32_t of;        /* constant whose bytes are the label */
        uint32_t from, len; /* of the label, counted in the direction of reading */
        uint32_t atom;
        uint32_t number; /* in order of depth */
} node;

typedef struct trie {
        rti_new_class *c;
        bool backwards;
        node *nodes;
        uint32_t n;
        rti_p_cell *cells;
        uint32_t n_cells;
} trie;

static inline unsigned char
byte_at(const trie *t, uint32_t constant, uint32_t at)
{
        const rt_str text = t->c->constants[constant]->as.s;

        return (unsigned char) text.ptr[t->backwards ? text.len - 1 - at : at];
}

/* The edge's cell, or the unused one that it would have. */
static rti_p_cell *
edge(const trie *t, uint32_t from, unsigned char byte)
{
        const uint32_t key = from << 8 | byte;
        uint32_t at = rti_edge_hash(key) & (t->n_cells - 1);

        while (t->cells[at].to != RTI_NONE && t->cells[at].key != key)
                at = (at + 1) & (t->n_cells - 1);
        return &t->cells[at];
}

/* A node below @a parent, with the bytes @a from ... @a from + @a len - 1 of @a of. */
static uint32_t
add_node(trie *t, uint32_t parent, const node *fresh)
{
        const unsigned char byte = byte_at(t, fresh->of, fresh->from);

        t->nodes[t->n] = *fresh;
        *edge(t, parent, byte) = (rti_p_cell){ parent << 8 | byte, t->n };
        return t->n++;
}

/* Cut the label of @a child, which is below @a parent, behind its first @a len bytes. */
static uint32_t
split(trie *t, uint32_t parent, uint32_t child, uint32_t len)
{
        node *below = &t->nodes[child];
        const node upper = { below->of, below->from, len, RTI_NONE, 0 };
        const uint32_t middle = add_node(t, parent, &upper);
        unsigned char byte;

        below->from += len;
        below->len -= len;
        byte = byte_at(t, below->of, below->from);
        *edge(t, middle, byte) = (rti_p_cell){ middle << 8 | byte, child };
        return middle;
}

static void
insert(trie *t, uint32_t constant)
{
        const uint32_t len = (uint32_t) t->c->constants[constant]->as.s.len;
        uint32_t at = 0, done = 0;

        while (done < len) {
                const uint32_t child = edge(t, at, byte_at(t, constant, done))->to;
                uint32_t same = 0;

                if (child == RTI_NONE) {
                        const node fresh = { constant, done, len - done, constant, 0 };

                        add_node(t, at, &fresh);
                        return;
                }
                while (same < t->nodes[child].len && done < len
                       && byte_at(t, t->nodes[child].of, t->nodes[child].from + same)
                                  == byte_at(t, constant, done)) {
                        same++;
                        done++;
                }
                at = same < t->nodes[child].len ? split(t, at, child, same) : child;
        }
        t->nodes[at].atom = constant;
}

/* Number the nodes in order of depth; order[i] is the node with number i. */
static int
number_nodes(trie *t, uint32_t deepest, uint32_t *order)
{
        uint32_t *next = RTI_NEWN(t->c->w->ir->arena, uint32_t, (size_t) deepest + 2), sum = 0;

        if (!next)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < t->n; i++)
                next[t->nodes[i].from + t->nodes[i].len]++;
        for (uint32_t i = 0; i <= deepest; i++) {
                const uint32_t n = next[i];

                next[i] = sum;
                sum += n;
        }
        for (uint32_t i = 0; i < t->n; i++) {
                t->nodes[i].number = next[t->nodes[i].from + t->nodes[i].len]++;
                order[t->nodes[i].number] = i;
        }
        return RT_OK;
}

static int
write_edges(trie *t)
{
        uint32_t n;
        rti_p_cell *cells = rti_new_cells(t->c->w, t->n - 1, &n);

        if (!cells)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < t->n_cells; i++) {
                const rti_p_cell *old = &t->cells[i];
                uint32_t key, at;

                if (old->to == RTI_NONE)
                        continue;
                key = t->nodes[old->key >> 8].number << 8 | (old->key & 0xff);
                at = rti_edge_hash(key) & (n - 1);
                while (cells[at].to != RTI_NONE)
                        at = (at + 1) & (n - 1);
                cells[at] = (rti_p_cell){ key, t->nodes[old->to].number };
        }
        rti_write_cells(t->c, cells, n);
        return RT_OK;
}

static int
write_nodes(trie *t, const uint32_t *order)
{
        rti_writer *w = t->c->w;

        t->c->row->nodes = (rti_p_range){ rti_writer_count(w, RTI_S_TRIES), t->n };
        for (uint32_t i = 0; i < t->n; i++) {
                const node *from = &t->nodes[order[i]];
                const rt_str text = t->c->constants[from->of]->as.s;
                rti_p_trie row = { rti_writer_text(w, text), from->atom };

                row.label.at +=
                        t->backwards ? (uint32_t) text.len - from->from - from->len : from->from;
                row.label.len = from->len;
                rti_writer_add(w, RTI_S_TRIES, &row);
        }
        return RT_OK;
}

int
rti_write_trie(rti_new_class *c)
{
        trie t = { .c = c, .backwards = c->row->family == RTI_REL_SUFFIX, .n = 1 };
        uint32_t *order, deepest = 0;
        int r;

        t.nodes = RTI_NEWN(c->w->ir->arena, node, 2 * (size_t) c->n + 1);
        order = RTI_NEWN(c->w->ir->arena, uint32_t, 2 * (size_t) c->n + 1);
        t.cells = rti_new_cells(c->w, 2 * c->n, &t.n_cells);
        if (!t.nodes || !order || !t.cells)
                return RT_ENOMEM;
        t.nodes[0].atom = RTI_NONE;
        for (uint32_t i = 0; i < c->n; i++) {
                const uint32_t len = (uint32_t) c->constants[i]->as.s.len;

                deepest = len > deepest ? len : deepest;
                insert(&t, i);
        }
        r = number_nodes(&t, deepest, order);
        r = r < 0 ? r : write_edges(&t);
        return r < 0 ? r : write_nodes(&t, order);
}
