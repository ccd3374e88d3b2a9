/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.c - the rows that containers have, found by id.
 *
 * Machines start containers for ever: when there are as many rows as may be, those go that no
 * thread is in (rti_containers_collect); all memory is the pool's, but for the rows themselves.
 */
#include "sources/syscall/state/container.h"
#include "base/hash.h"
#include "json/json.h"
#include "sources/jsonkit/limits.h"

/* ---- memory of metadata: pieces of the pool that know their size ---- */

enum { HEAD = 16 };

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        size_t size = size_bytes + HEAD;
        char *piece;

        if (ptr) { /* the arena frees, and never grows, what it has */
                memcpy(&size, (char *) ptr - HEAD, sizeof size);
                rti_pool_put(user, (char *) ptr - HEAD, size);
                return NULL;
        }
        piece = size_bytes < SIZE_MAX - HEAD ? rti_pool_get(user, size) : NULL;
        if (!piece)
                return NULL;
        memcpy(piece, &size, sizeof size);
        return piece + HEAD;
}

void
rti_containers_init(rti_containers *containers, const rt_allocator *allocator, rti_pool *pool)
{
        *containers = (rti_containers){
                .allocator = allocator,
                .pool = pool,
                .memory = { sizeof(rt_allocator), resize, pool },
                .seed = (uint64_t) (uintptr_t) containers,
        };
}

void
rti_containers_done(rti_containers *containers)
{
        rti_vec_done(&containers->rows, containers->allocator);
        rti_free(containers->allocator, containers->cells);
        rti_json_free(containers->doc);
        *containers = (rti_containers){ .pool = containers->pool };
}

/* ---- rows by id ---- */

/* The cell of @a id, or the free one where it belongs. */
static uint32_t *
cell_of(const rti_containers *containers, rt_str id)
{
        const uint32_t mask = containers->room - 1;
        uint32_t i = (uint32_t) rti_hash(id.ptr, id.len, containers->seed) & mask;

        while (containers->cells[i]
               && !rti_str_eq(rti_text_str(containers->rows.at[containers->cells[i] - 1].id), id))
                i = (i + 1) & mask;
        return &containers->cells[i];
}

static void
index_rows(rti_containers *containers)
{
        memset(containers->cells, 0, containers->room * sizeof *containers->cells);
        for (size_t i = 0; i < containers->rows.n; i++)
                *cell_of(containers, rti_text_str(containers->rows.at[i].id)) = (uint32_t) i + 1;
}

/* Room for one more. */
static bool
grow(rti_containers *containers)
{
        const uint32_t room = containers->room ? containers->room * 2 : 64;
        uint32_t *cells;

        if (containers->rows.n < containers->room / 2)
                return true;
        cells = rti_calloc(containers->allocator, room, sizeof *cells);
        if (!cells)
                return false;
        rti_free(containers->allocator, containers->cells);
        containers->cells = cells;
        containers->room = room;
        index_rows(containers);
        return true;
}

uint32_t
rti_containers_row(rti_containers *containers, rt_str id, rt_str type)
{
        rti_container row = { .type = type };
        uint32_t *cell = containers->room ? cell_of(containers, id) : NULL;
        int r;

        if (cell && *cell)
                return *cell - 1;
        if (!grow(containers)) {
                containers->pool->starved = true;
                return RTI_NO_CONTAINER;
        }
        if (rti_text_set(containers->pool, &row.id, id) < 0)
                return RTI_NO_CONTAINER;
        cell = cell_of(containers, id);
        r = rti_vec_push(&containers->rows, containers->allocator, row, RTI_SOURCE_MAX_CONTAINERS);
        if (r < 0) {
                containers->pool->starved |= r == RT_ENOMEM;
                rti_text_unref(containers->pool, row.id);
                return RTI_NO_CONTAINER;
        }
        *cell = (uint32_t) containers->rows.n;
        return *cell - 1;
}

bool
rti_containers_full(const rti_containers *containers)
{
        return containers->rows.n >= RTI_SOURCE_MAX_CONTAINERS;
}

void
rti_containers_collect(rti_containers *containers, uint32_t *rows)
{
        /* The newest may be about to get their first thread. */
        const size_t young = containers->rows.n - containers->rows.n / 4;
        uint32_t n = 0;

        for (size_t i = 0; i < containers->rows.n; i++) {
                rti_container *row = &containers->rows.at[i];

                if (!rows[i] && i < young) {
                        rows[i] = RTI_NO_CONTAINER;
                        rti_text_unref(containers->pool, row->id);
                        rti_text_unref(containers->pool, row->json);
                        rti_container_facts_free(containers, row->facts);
                } else {
                        rows[i] = n;
                        containers->rows.at[n++] = *row;
                }
        }
        containers->rows.n = n;
        containers->version++;
        index_rows(containers);
}
