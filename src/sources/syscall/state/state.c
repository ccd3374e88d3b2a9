/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.c - the one way in: lists, then events; each event finds its thread here and is handed to
 * what knows its type.
 *
 * rti_state.plan says in one byte what a type needs, so that an ordinary event costs a look-up of
 * its thread (mostly that of the last event) and nothing else.
 */
#include "sources/jsonkit/limits.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/state/parts.h"

enum {                        /* rti_state.plan */
       PLAN_FIND = 1 << 0,    /* the thread, if it is there */
       PLAN_MAKE = 1 << 1,    /* an unknown thread gets an invalid entry */
       PLAN_PROCESS = 1 << 2, /* rti_process_handler has something */
       PLAN_FD = 1 << 3,      /* rti_fd_handler has something, or the event has a descriptor */
       PLAN_CHANGES = 1 << 4  /* rti_process_changes */
};

enum { FD_FLAGS = RTI_EF_CREATES_FD | RTI_EF_USES_FD | RTI_EF_DESTROYS_FD };

/* Events of no thread. */
static const uint16_t without_thread[] = {
        RTI_EV_CONTAINER_JSON_2_E, RTI_EV_USER_ADDED_E,    RTI_EV_USER_DELETED_E,
        RTI_EV_GROUP_ADDED_E,      RTI_EV_GROUP_DELETED_E, RTI_EV_PLUGINEVENT_E,
        RTI_EV_ASYNCEVENT_E,
};

/* Events that make no entry of their thread; some make one in their own way. */
static const uint16_t find_only[] = {
        RTI_EV_PROCEXIT_1_E,       RTI_EV_SCHEDSWITCH_6_E,   RTI_EV_PROCINFO_E,
        RTI_EV_SYSCALL_CLONE_20_X, RTI_EV_SYSCALL_FORK_20_X, RTI_EV_SYSCALL_VFORK_20_X,
        RTI_EV_SYSCALL_CLONE3_X,
};

static void
make_plan(rti_state *state)
{
        for (uint16_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                const uint32_t flags = rti_events[type].flags;
                uint32_t plan = flags & RTI_EF_SKIPPARSERESET ? 0 : PLAN_FIND | PLAN_MAKE;

                if (rti_process_handler(type))
                        plan |= PLAN_PROCESS;
                if (rti_process_changes(type))
                        plan |= PLAN_CHANGES;
                if (rti_fd_handler(type) || flags & FD_FLAGS)
                        plan |= PLAN_FD;
                state->plan[type] = (uint8_t) plan;
                state->fd_param[type] = rti_fd_param(type);
        }
        for (size_t i = 0; i < RTI_COUNT(without_thread); i++)
                state->plan[without_thread[i]] &= (uint8_t) ~(PLAN_FIND | PLAN_MAKE);
        for (size_t i = 0; i < RTI_COUNT(find_only); i++)
                state->plan[find_only[i]] =
                        (uint8_t) ((state->plan[find_only[i]] | PLAN_FIND) & ~PLAN_MAKE);
}

/* ---- life ---- */

static void
begin(rti_state *state, size_t limit_bytes, uint32_t most_threads)
{
        rti_pool_init(&state->pool, state->allocator, limit_bytes);
        rti_threads_init(&state->threads, &state->pool, most_threads);
        rti_users_init(&state->users, &state->pool);
        rti_containers_init(&state->containers, state->allocator, &state->pool);
}

static void
end(rti_state *state)
{
        rti_containers_done(&state->containers);
        rti_users_done(&state->users, state->allocator);
        rti_threads_done(&state->threads);
        rti_vec_done(&state->interfaces, state->allocator);
        rti_vec_done(&state->hosts, state->allocator);
        rti_pool_done(&state->pool);
        state->unknown = NULL;
}

int
rti_state_init(rti_state *state, const rt_allocator *allocator, size_t limit_bytes,
               uint32_t most_threads)
{
        *state = (rti_state){ .allocator = allocator };
        make_plan(state);
        begin(state, limit_bytes, most_threads);
        return RT_OK;
}

void
rti_state_done(rti_state *state)
{
        end(state);
        *state = (rti_state){ 0 };
}

void
rti_state_clear(rti_state *state)
{
        const size_t limit_bytes = state->pool.limit_bytes;
        const uint32_t most_threads = state->threads.most;
        const uint64_t n_subjects = state->threads.n_subjects;

        rti_state_count(state);
        state->before = state->stats;
        end(state);
        state->boot_ns = 0;
        state->lists_done = false;
        state->n_exited = 0;
        begin(state, limit_bytes, most_threads);
        state->threads.n_subjects = n_subjects;
}

void
rti_state_count(rti_state *state)
{
        state->stats.threads_evicted = state->before.threads_evicted + state->threads.evicted;
        state->stats.texts_refused = state->before.texts_refused + state->pool.texts_refused;
}

/* RT_ENOMEM if the allocator failed since this was asked last. */
static int
result(rti_state *state, int r)
{
        if (__builtin_expect(state->pool.starved, 0)) {
                state->pool.starved = false;
                return RT_ENOMEM;
        }
        return r;
}

/* ---- lists ---- */

static void
fill_numbers(rti_thread *thread, const rti_proc_entry *entry)
{
        thread->pid = entry->pid;
        thread->ptid = entry->ptid;
        thread->sid = entry->sid;
        thread->vpgid = entry->vpgid;
        thread->pgid = entry->pgid;
        thread->vtid = entry->vtid;
        thread->vpid = entry->vpid;
        thread->fdlimit = entry->fdlimit;
        thread->flags = entry->flags;
        thread->uid = entry->uid;
        thread->gid = entry->gid;
        thread->loginuid = entry->loginuid;
        thread->tty = entry->tty;
        thread->vmsize_kb = entry->vmsize_kb;
        thread->vmrss_kb = entry->vmrss_kb;
        thread->vmswap_kb = entry->vmswap_kb;
        thread->pfmajor = entry->pfmajor;
        thread->pfminor = entry->pfminor;
        thread->pidns_init_start_ns = entry->pidns_init_start_ns;
        thread->cap_inheritable = entry->cap_inheritable;
        thread->cap_permitted = entry->cap_permitted;
        thread->cap_effective = entry->cap_effective;
        thread->exe_ino = entry->exe_ino;
        thread->exe_ino_ctime = entry->exe_ino_ctime;
        thread->exe_ino_mtime = entry->exe_ino_mtime;
        thread->marks &= ~(uint32_t) RTI_TH_EXE;
        thread->marks |= (entry->exe_writable ? RTI_TH_EXE_WRITABLE : 0u)
                         | (entry->exe_upper_layer ? RTI_TH_EXE_UPPER_LAYER : 0u)
                         | (entry->exe_lower_layer ? RTI_TH_EXE_LOWER_LAYER : 0u)
                         | (entry->exe_from_memfd ? RTI_TH_EXE_FROM_MEMFD : 0u);
}

static void
fill_texts(rti_state *state, rti_thread *thread, const rti_proc_entry *entry)
{
        rti_pool *pool = &state->pool;

        rti_text_set(pool, &thread->comm, entry->comm);
        rti_text_set(pool, &thread->exe, entry->exe);
        rti_text_set(pool, &thread->exepath, rti_exepath_of(entry->exepath));
        rti_text_set(pool, &thread->root, entry->root);
        rti_list_set(pool, &thread->args, &thread->n_args, entry->args);
        rti_list_set(pool, &thread->env, &thread->n_env, entry->env);
        rti_text_set_dir(pool, &thread->cwd, entry->cwd);
        rti_state_set_cgroups(state, thread, entry->cgroups);
}

int
rti_state_add_process(rti_state *state, const rti_proc_entry *entry)
{
        rti_thread *thread = rti_threads_find(&state->threads, entry->tid);

        /* The number of another process now: nothing of that one stays. */
        if (thread && thread->pid >= 0 && thread->pid != entry->pid) {
                rti_state_drop(state, thread);
                thread = NULL;
        }
        if (!thread)
                thread = rti_threads_add(&state->threads, entry->tid);
        if (!thread) {
                state->stats.threads_refused++;
                return result(state, RT_ELIMIT);
        }
        state->threads.pinned[RTI_PIN_LIST] = thread;
        fill_numbers(thread, entry);
        rti_threads_set_invalid(&state->threads, thread, entry->pid < 0);
        fill_texts(state, thread, entry);
        rti_threads_changed(&state->threads, thread);
        if (state->lists_done)
                rti_state_link(state, thread);
        else if (thread->pid == thread->tid)
                rti_threads_join(&state->threads, thread);
        return result(state, RT_OK);
}

void
rti_state_link(rti_state *state, rti_thread *thread)
{
        rti_thread *parent = NULL;

        if (thread->pid < 0)
                return;
        if (thread->leader != thread || thread->pid != thread->tid)
                rti_threads_join(&state->threads, thread);
        if (thread->ptid > 0)
                parent = rti_threads_find(&state->threads, thread->ptid);
        if (parent && parent->marks & RTI_TH_INVALID)
                parent = NULL;
        if (!parent && thread->tid != 1)
                thread->ptid = 0;
        if (parent != thread->parent)
                rti_thread_set_parent(thread, parent != thread ? parent : NULL);
}

int
rti_state_add_interface(rti_state *state, const rti_interface *interface)
{
        return rti_vec_push(&state->interfaces, state->allocator, *interface,
                            RTI_SOURCE_MAX_INTERFACES);
}

int
rti_state_lists_done(rti_state *state)
{
        rti_thread *thread = state->threads.ages[RTI_AGES_KNOWN].oldest;

        for (; thread; thread = thread->newer)
                rti_state_link(state, thread);
        state->lists_done = true;
        return result(state, rti_fd_lists_done(state));
}

/* ---- events ---- */

rti_thread *
rti_state_thread(rti_state *state, int64_t tid)
{
        rti_thread *thread = rti_threads_find(&state->threads, tid);

        if (thread)
                return thread;
        if (!state->unknown)
                rti_text_set(&state->pool, &state->unknown, RTI_STR("<NA>"));
        thread = rti_threads_add(&state->threads, tid);
        if (!thread) {
                state->stats.threads_refused++;
                return NULL;
        }
        rti_threads_set_invalid(&state->threads, thread, true);
        thread->comm = rti_text_ref(state->unknown);
        thread->exe = rti_text_ref(state->unknown);
        return thread;
}

static rti_thread *
look_up(rti_state *state, int64_t tid, uint32_t plan)
{
        rti_thread *thread = plan & PLAN_MAKE ? rti_state_thread(state, tid)
                                              : rti_threads_find(&state->threads, tid);

        if (thread)
                rti_threads_touch(&state->threads, thread);
        return thread;
}

/* The event's thread, as its type wants it. */
static rti_thread *
thread_of(rti_state *state, const rti_sysevt *evt, uint32_t plan)
{
        rti_thread *thread = state->threads.recent;

        if (!thread || thread->tid != evt->tid) {
                thread = look_up(state, evt->tid, plan);
                state->threads.recent = thread;
        }
        if (thread)
                thread->seen_ns = evt->time_ns;
        return thread;
}

/* Events of a thread may change what belongs to all of its process. */
static void
changed(rti_state *state, rti_thread *thread)
{
        rti_threads_changed(&state->threads, thread);
        if (thread->leader && thread->leader != thread)
                rti_threads_changed(&state->threads, thread->leader);
}

int
rti_state_apply(rti_state *state, rti_sysevt *evt)
{
        const uint32_t plan = state->plan[evt->type];
        rti_thread *thread = plan & PLAN_FIND ? thread_of(state, evt, plan) : NULL;

        state->threads.pinned[RTI_PIN_EVENT] = thread;
        evt->thread = thread;
        evt->fd_num = -1;
        evt->fd = NULL;
        evt->enter = NULL;
        evt->n_enter = 0;
        evt->name.ptr = NULL;
        if (thread && evt->flags & RTI_SE_HIDDEN) {
                rti_enter_keep(state, evt);
                return result(state, RT_OK);
        }
        if (thread && thread->enter)
                rti_enter_give(state, evt);
        if (plan & PLAN_PROCESS)
                rti_process_handler(evt->type)(state, evt);
        if (plan & PLAN_CHANGES && evt->thread)
                changed(state, evt->thread);
        if (plan & PLAN_FD && evt->thread) {
                rti_state_handler *handler = rti_fd_handler(evt->type);

                (handler ? handler : rti_fd_find_current)(state, evt);
        }
        return result(state, RT_OK);
}

void
rti_state_settle(rti_state *state, rti_sysevt *evt)
{
        if (!evt->thread
            || (!evt->enter && !(evt->flags & (RTI_SE_REMOVE_FD | RTI_SE_REMOVE_THREAD))))
                return;
        if (evt->enter) {
                rti_enter_drop(&state->pool, evt->thread);
                evt->enter = NULL;
        }
        if (evt->flags & RTI_SE_REMOVE_FD) {
                rti_fds *fds = rti_thread_fds(evt->thread);

                if (fds)
                        rti_fds_remove(&state->pool, fds, evt->fd_num);
                evt->fd = NULL;
        }
        if (evt->flags & RTI_SE_REMOVE_THREAD) {
                rti_state_bury(state, evt->thread);
                evt->thread = NULL;
        }
}
