/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.c - the table of threads: look-up, places in groups and families, eviction.
 *
 * The hash table probes linearly and closes gaps on removal, so that there are no tombstones.
 * Entries stand in lists by last use; when the table or the pool is full, the oldest one goes.
 */
#include "sources/syscall/state/thread.h"

struct rti_thread_cell {
        int64_t tid;
        rti_thread *thread; /* NULL: free */
};

enum { FIRST_ROOM = 256 };

/* Captures may come from anyone, so the places of numbers must not be known beforehand. */
static uint32_t
home_of(const rti_threads *threads, int64_t tid)
{
        const __uint128_t mixed = (__uint128_t) ((uint64_t) tid ^ threads->seed)
                                  * (0x9e3779b97f4a7c15u ^ threads->seed << 1);

        return (uint32_t) ((uint64_t) mixed ^ (uint64_t) (mixed >> 64)) & (threads->room - 1);
}

/* Index of the cell of @a tid, or of the free one where it belongs. */
static uint32_t
cell_of(const rti_threads *threads, int64_t tid)
{
        uint32_t i = home_of(threads, tid);

        while (threads->cells[i].thread && threads->cells[i].tid != tid)
                i = (i + 1) & (threads->room - 1);
        return i;
}

rti_thread *
rti_threads_find(const rti_threads *threads, int64_t tid)
{
        if (!threads->room)
                return NULL;
        return threads->cells[cell_of(threads, tid)].thread;
}

rti_thread *
rti_threads_next(const rti_threads *threads, uint32_t *at)
{
        while (*at < threads->room) {
                rti_thread *thread = threads->cells[(*at)++].thread;

                if (thread)
                        return thread;
        }
        return NULL;
}

/* ---- by last use ---- */

static uint32_t
age_of(const rti_thread *thread)
{
        return thread->marks & RTI_TH_INVALID ? RTI_AGES_INVALID : RTI_AGES_KNOWN;
}

static void
unlist(rti_threads *threads, rti_thread *thread)
{
        const uint32_t age = age_of(thread);

        *(thread->older ? &thread->older->newer : &threads->ages[age].oldest) = thread->newer;
        *(thread->newer ? &thread->newer->older : &threads->ages[age].newest) = thread->older;
}

static void
list_newest(rti_threads *threads, rti_thread *thread)
{
        const uint32_t age = age_of(thread);

        thread->older = threads->ages[age].newest;
        thread->newer = NULL;
        *(thread->older ? &thread->older->newer : &threads->ages[age].oldest) = thread;
        threads->ages[age].newest = thread;
}

void
rti_threads_touch(rti_threads *threads, rti_thread *thread)
{
        rti_thread *leader = thread->leader;

        if (leader && leader != thread && leader->newer) {
                unlist(threads, leader);
                list_newest(threads, leader);
        }
        if (thread->newer) {
                unlist(threads, thread);
                list_newest(threads, thread);
        }
}

void
rti_threads_set_invalid(rti_threads *threads, rti_thread *thread, bool invalid)
{
        if (invalid == !!(thread->marks & RTI_TH_INVALID))
                return;
        unlist(threads, thread);
        thread->marks ^= RTI_TH_INVALID;
        list_newest(threads, thread);
}

static bool
is_pinned(const rti_threads *threads, const rti_thread *thread)
{
        for (size_t i = 0; i < RTI_COUNT(threads->pinned); i++) {
                const rti_thread *pinned = threads->pinned[i];

                if (pinned && (thread == pinned || thread == pinned->leader))
                        return true;
        }
        return false;
}

/* rti_pool.reclaim */
static bool
evict(void *user)
{
        rti_threads *threads = user;

        for (uint32_t age = RTI_N_AGES; age-- > 0;) {
                rti_thread *thread = threads->ages[age].oldest;

                while (thread && is_pinned(threads, thread))
                        thread = thread->newer;
                if (thread) {
                        rti_threads_remove(threads, thread);
                        threads->evicted++;
                        return true;
                }
        }
        return false;
}

/* ---- groups and families ---- */

static void
leave_group(rti_thread *thread)
{
        if (thread->leader == thread) {
                rti_thread *next;

                for (rti_thread *t = thread->next_in_group; t; t = next) {
                        next = t->next_in_group;
                        t->leader = t->next_in_group = t->prev_in_group = NULL;
                }
        } else if (thread->leader) {
                rti_thread *next = thread->next_in_group;

                thread->prev_in_group->next_in_group = next;
                (next ? next : thread->leader)->prev_in_group = thread->prev_in_group;
                if (!(thread->marks & RTI_TH_DEAD))
                        thread->leader->n_threads--;
        }
        thread->leader = thread->next_in_group = thread->prev_in_group = NULL;
}

static void
follow(rti_thread *thread, rti_thread *leader)
{
        thread->leader = leader;
        thread->prev_in_group = leader->prev_in_group;
        thread->prev_in_group->next_in_group = thread;
        leader->prev_in_group = thread;
        if (!(thread->marks & RTI_TH_DEAD))
                leader->n_threads++;
}

void
rti_threads_join(rti_threads *threads, rti_thread *thread)
{
        rti_thread *leader;

        leave_group(thread);
        if (thread->pid == thread->tid) {
                thread->leader = thread->prev_in_group = thread;
                thread->n_threads = thread->marks & RTI_TH_DEAD ? 0 : 1;
                return;
        }
        leader = rti_threads_find(threads, thread->pid);
        if (!leader || leader->leader != leader)
                return;
        rti_fds_free(threads->pool, thread->fds);
        thread->fds = NULL;
        follow(thread, leader);
}

void
rti_threads_adopt_group(rti_threads *threads, rti_thread *leader)
{
        uint32_t at = 0;
        rti_thread *thread;

        while ((thread = rti_threads_next(threads, &at)))
                if (!thread->leader && thread->pid == leader->pid)
                        rti_threads_join(threads, thread);
}

void
rti_thread_set_parent(rti_thread *thread, rti_thread *parent)
{
        if (thread->parent) {
                *(thread->prev_sibling ? &thread->prev_sibling->next_sibling
                                       : &thread->parent->first_child) = thread->next_sibling;
                if (thread->next_sibling)
                        thread->next_sibling->prev_sibling = thread->prev_sibling;
        }
        thread->parent = parent;
        thread->prev_sibling = NULL;
        thread->next_sibling = parent ? parent->first_child : NULL;
        if (thread->next_sibling)
                thread->next_sibling->prev_sibling = thread;
        if (parent)
                parent->first_child = thread;
}

/* ---- entries ---- */

void
rti_threads_init(rti_threads *threads, rti_pool *pool, uint32_t most)
{
        *threads = (rti_threads){ .pool = pool, .most = most ? most : 1 };
        threads->seed = (uint64_t) (uintptr_t) threads * 0xd6e8feb86659fd93u;
        pool->reclaim = evict;
        pool->reclaim_user = threads;
}

/* All memory is the pool's, which is given back as a whole. */
void
rti_threads_done(rti_threads *threads)
{
        if (threads->pool)
                threads->pool->reclaim = NULL;
        *threads = (rti_threads){ 0 };
}

/* Twice the room, where the pool has it; without, the table gets slower, not wrong. */
static void
grow(rti_threads *threads)
{
        const uint32_t old_room = threads->room, room = old_room ? old_room * 2 : FIRST_ROOM;
        struct rti_thread_cell *old, *cells;

        cells = rti_pool_get(threads->pool, room * sizeof *cells);
        if (!cells)
                return;
        memset(cells, 0, room * sizeof *cells);
        old = threads->cells;
        threads->cells = cells;
        threads->room = room;
        for (uint32_t i = 0; i < old_room; i++)
                if (old[i].thread)
                        cells[cell_of(threads, old[i].tid)] = old[i];
        rti_pool_put(threads->pool, old, old_room * sizeof *old);
}

static void
clear(rti_thread *thread, int64_t tid)
{
        *thread = (rti_thread){
                .tid = tid,
                .pid = -1,
                .ptid = -1,
                .uid = 0xffffffff,
                .gid = 0xffffffff,
                .loginuid = 0xffffffff,
                .vtid = -1,
                .vpid = -1,
                .sid = -1,
                .pgid = -1,
                .vpgid = -1,
                .fdlimit = -1,
                .container = RTI_NO_CONTAINER,
        };
}

rti_thread *
rti_threads_add(rti_threads *threads, int64_t tid)
{
        rti_thread *thread = rti_threads_find(threads, tid);

        if (thread)
                rti_threads_remove(threads, thread);
        while (threads->n >= threads->most)
                if (!evict(threads))
                        return NULL;
        if (threads->n >= threads->room / 2)
                grow(threads);
        if (threads->n >= threads->room - threads->room / 8)
                return NULL; /* full, or no room at all */
        thread = rti_pool_get(threads->pool, sizeof *thread);
        if (!thread)
                return NULL;
        clear(thread, tid);
        threads->cells[cell_of(threads, tid)] = (struct rti_thread_cell){ tid, thread };
        threads->n++;
        list_newest(threads, thread);
        rti_threads_changed(threads, thread);
        return thread;
}

static void
close_gap(rti_threads *threads, uint32_t gap)
{
        const uint32_t mask = threads->room - 1;

        for (uint32_t i = (gap + 1) & mask; threads->cells[i].thread; i = (i + 1) & mask) {
                const uint32_t home = home_of(threads, threads->cells[i].tid);

                /* May it stand in the gap? Only if its home is not behind it. */
                if (((i - home) & mask) >= ((i - gap) & mask)) {
                        threads->cells[gap] = threads->cells[i];
                        gap = i;
                }
        }
        threads->cells[gap] = (struct rti_thread_cell){ 0 };
}

static void
drop_texts(rti_pool *pool, rti_thread *thread)
{
        rti_text_unref(pool, thread->comm);
        rti_text_unref(pool, thread->exe);
        rti_text_unref(pool, thread->exepath);
        rti_text_unref(pool, thread->cwd);
        rti_text_unref(pool, thread->args);
        rti_text_unref(pool, thread->env);
        rti_text_unref(pool, thread->cgroups);
        rti_text_unref(pool, thread->root);
        rti_text_unref(pool, thread->container_id);
        if (thread->extra)
                rti_text_unref(pool, thread->extra);
}

void
rti_threads_remove(rti_threads *threads, rti_thread *thread)
{
        close_gap(threads, cell_of(threads, thread->tid));
        threads->n--;
        threads->version++;
        unlist(threads, thread);
        leave_group(thread);
        rti_thread_set_parent(thread, NULL);
        while (thread->first_child)
                rti_thread_set_parent(thread->first_child, NULL);
        if (threads->recent == thread)
                threads->recent = NULL;
        for (size_t i = 0; i < RTI_COUNT(threads->pinned); i++)
                if (threads->pinned[i] == thread)
                        threads->pinned[i] = NULL;
        rti_fds_free(threads->pool, thread->fds);
        rti_enter_drop(threads->pool, thread);
        drop_texts(threads->pool, thread);
        rti_pool_put(threads->pool, thread, sizeof *thread);
}
