/* SPDX-License-Identifier: Apache-2.0 */
/* classify_tables.c - hash tables over the constants of a class: values, networks, beginnings. */
#include "compiler/emit/classify.h"
#include "lang/ops/family.h"

enum { BITS_EACH = 16, LEAST_POWER = 5 };

rti_p_cell *
rti_new_cells(rti_writer *w, uint32_t n, uint32_t *ret_n)
{
        uint32_t size = 4;
        rti_p_cell *cells;

        while (size < 2 * (uint64_t) n)
                size *= 2;
        cells = rti_arena_get(w->ir->arena, size * sizeof *cells);
        if (cells)
                memset(cells, 0xff, size * sizeof *cells);
        *ret_n = size;
        return cells;
}

void
rti_write_cells(rti_new_class *c, const rti_p_cell *cells, uint32_t n)
{
        c->row->cells = (rti_p_range){ rti_writer_count(c->w, RTI_S_CELLS), n };
        rti_buf_add(&c->w->table[RTI_S_CELLS], (rt_str){ (const char *) cells, n * sizeof *cells });
}

static void
put(rti_p_cell *cells, uint32_t n_cells, uint32_t hash, uint32_t to)
{
        uint32_t at = hash & (n_cells - 1);

        while (cells[at].to != RTI_NONE)
                at = (at + 1) & (n_cells - 1);
        cells[at] = (rti_p_cell){ hash, to };
}

int
rti_write_hash(rti_new_class *c)
{
        uint32_t n;
        rti_p_cell *cells = rti_new_cells(c->w, c->n, &n);

        if (!cells)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < c->n; i++) {
                const rt_value *constant = c->constants[i];

                put(cells, n, (uint32_t) rti_same_hash(constant->kind, constant), i);
        }
        rti_write_cells(c, cells, n);
        return RT_OK;
}

int
rti_write_nets(rti_new_class *c)
{
        uint32_t n, n_lengths = 0, lengths[RTI_MOST_NET_LENGTHS];
        rti_p_cell *cells = rti_new_cells(c->w, c->n, &n);

        if (!cells)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < c->n; i++) {
                const uint32_t length = c->constants[i]->count;
                uint32_t k = 0;

                put(cells, n, rti_net_hash(c->constants[i], length), i);
                while (k < n_lengths && lengths[k] != length)
                        k++;
                if (k == n_lengths)
                        lengths[n_lengths++] = length;
        }
        rti_write_cells(c, cells, n);
        c->row->numbers = rti_writer_numbers(c->w, lengths, n_lengths);
        return RT_OK;
}

/* Bits of the constant's bucket, for its first bytes. */
static void
put_nibbles(uint8_t *nibbles, rt_str text, bool fold)
{
        const uint8_t bucket = (uint8_t) (1u << (text.ptr[0] & 7));

        for (uint32_t i = 0; i < RTI_NIBBLED; i++, nibbles += 32) {
                const unsigned byte = i < text.len ? (unsigned char) text.ptr[i] : 0;

                nibbles[byte & 15] |= bucket;
                nibbles[16 + (byte >> 4)] |= bucket;
                if (fold && byte >= 'a' && byte <= 'z')
                        nibbles[16 + (byte >> 4) - 2] |= bucket;
                for (uint32_t k = 0; i >= text.len && k < 32; k++)
                        nibbles[k] |= bucket;
        }
}

int
rti_write_filters(rti_new_class *c)
{
        unsigned power = LEAST_POWER;
        uint32_t *words, n;

        while (power < RTI_MOST_GRAM_POWER && (uint64_t) 32 << power < (uint64_t) c->n * BITS_EACH)
                power++;
        n = RTI_GRAMS_AT + (1u << power);
        words = RTI_NEWN(c->w->ir->arena, uint32_t, n);
        if (!words)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < c->n; i++) {
                const rt_str text = c->constants[i]->as.s;
                uint32_t bit, gram, *at = words;

                if (text.len < RTI_GRAM) {
                        bit = (unsigned char) text.ptr[0];
                } else {
                        memcpy(&gram, text.ptr, sizeof gram);
                        bit = rti_gram_hash(gram, power);
                        at = words + RTI_GRAMS_AT;
                }
                at[bit / 32] |= 1u << bit % 32;
                put_nibbles((uint8_t *) (words + RTI_NIBBLES_AT), text,
                            c->row->family == RTI_REL_ICONTAINS);
        }
        c->row->numbers = rti_writer_numbers(c->w, words, n);
        return RT_OK;
}
