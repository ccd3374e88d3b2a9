/* SPDX-License-Identifier: Apache-2.0 */
/* ids.c - who a thread is (user, group, capabilities), and what events tell of users, groups and
 * containers (spec C.5 end, C.6). */
#include "sources/syscall/codes.h"
#include "sources/syscall/state/parts.h"

enum { ARG_RES = 0 };

/* What the newest kernels know: CAP_CHOWN to CAP_CHECKPOINT_RESTORE. */
static const uint64_t all_capabilities = ((uint64_t) 1 << 41) - 1;

static bool
succeeded(const rti_sysevt *evt)
{
        return evt->thread && rti_arg_i64(evt, ARG_RES, -1) == 0;
}

/* "Keep" (all ones) is set like any other id, as the reference does. */
static void
set_id(const rti_sysevt *evt, uint32_t param, uint32_t *id)
{
        if (evt->param[param].len)
                *id = rti_arg_u32(evt, param, *id);
}

void
rti_on_setuid(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (succeeded(evt))
                set_id(evt, 1, &evt->thread->uid);
}

/* setreuid and setresuid: the effective one is the second of both. */
void
rti_on_setreuid(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (succeeded(evt))
                set_id(evt, 2, &evt->thread->uid);
}

void
rti_on_setgid(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (succeeded(evt))
                set_id(evt, 1, &evt->thread->gid);
}

void
rti_on_setregid(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (succeeded(evt))
                set_id(evt, 2, &evt->thread->gid);
}

void
rti_on_capset(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (!succeeded(evt))
                return;
        rti_arg_take_u64(evt, 1, &evt->thread->cap_inheritable);
        rti_arg_take_u64(evt, 2, &evt->thread->cap_permitted);
        rti_arg_take_u64(evt, 3, &evt->thread->cap_effective);
}

/* unshare and setns: whoever enters a user namespace may do everything in there. */
void
rti_on_new_namespace(rti_state *state, rti_sysevt *evt)
{
        const uint32_t flags = evt->type == RTI_EV_SYSCALL_UNSHARE_X ? 1 : 2;

        (void) state;
        if (!succeeded(evt) || !(rti_arg_u32(evt, flags, 0) & RTI_CL_CLONE_NEWUSER))
                return;
        evt->thread->cap_inheritable = all_capabilities;
        evt->thread->cap_permitted = all_capabilities;
        evt->thread->cap_effective = all_capabilities;
}

/* ---- events of no thread ---- */

/* The allocator's failures are told by rti_state_apply. */
static void
note(rti_state *state, int r)
{
        if (r == RT_ENOMEM)
                state->pool.starved = true;
}

void
rti_on_user(rti_state *state, rti_sysevt *evt)
{
        const uint32_t uid = rti_arg_u32(evt, 0, 0xffffffff), gid = rti_arg_u32(evt, 1, 0xffffffff);
        const rt_str container = rti_arg_plain(evt, 5);

        if (evt->type == RTI_EV_USER_DELETED_E)
                rti_users_remove(&state->users, container, uid);
        else
                note(state, rti_users_add(&state->users, state->allocator, container,
                                          &(rti_user_entry){ uid, gid, rti_arg_plain(evt, 2),
                                                             rti_arg_plain(evt, 3),
                                                             rti_arg_plain(evt, 4) }));
}

void
rti_on_group(rti_state *state, rti_sysevt *evt)
{
        const uint32_t gid = rti_arg_u32(evt, 0, 0xffffffff);
        const rt_str container = rti_arg_plain(evt, 2);

        if (evt->type == RTI_EV_GROUP_DELETED_E)
                rti_users_remove_group(&state->users, container, gid);
        else
                note(state, rti_users_add_group(&state->users, state->allocator, container, gid,
                                                rti_arg_plain(evt, 1)));
}

/* Rows of containers are as many as may be: those of which no thread is go. */
static int
make_room(rti_state *state)
{
        rti_containers *containers = &state->containers;
        uint32_t *rows, at = 0;
        rti_thread *thread;

        if (!rti_containers_full(containers))
                return RT_OK;
        rows = rti_calloc(state->allocator, containers->rows.n, sizeof *rows);
        if (!rows)
                return RT_ENOMEM;
        while ((thread = rti_threads_next(&state->threads, &at)))
                if (thread->container != RTI_NO_CONTAINER)
                        rows[thread->container] = 1;
        rti_containers_collect(containers, rows);
        for (at = 0; (thread = rti_threads_next(&state->threads, &at));)
                if (thread->container != RTI_NO_CONTAINER)
                        thread->container = rows[thread->container];
        rti_free(state->allocator, rows);
        return RT_OK;
}

void
rti_state_set_container(rti_state *state, rti_thread *thread)
{
        char id[RTI_CONTAINER_ID_ROOM];
        rt_str type = { 0 };
        const size_t len = rti_container_match(rti_text_str(thread->cgroups), id, &type);
        uint32_t row = RTI_NO_CONTAINER;

        if (len) {
                note(state, make_room(state));
                row = rti_containers_row(&state->containers, (rt_str){ id, len }, type);
        }
        thread->container = row;
        rti_text_share(&state->pool, &thread->container_id,
                       row == RTI_NO_CONTAINER ? NULL : state->containers.rows.at[row].id);
        if (len && !thread->container_id)
                rti_text_set(&state->pool, &thread->container_id, (rt_str){ id, len });
}

void
rti_on_container(rti_state *state, rti_sysevt *evt)
{
        note(state, make_room(state));
        note(state, rti_containers_learn(&state->containers, rti_arg_plain(evt, 0)));
}

void
rti_on_async(rti_state *state, rti_sysevt *evt)
{
        const rt_str name = rti_arg_plain(evt, 1), data = rti_arg_plain(evt, 2);

        if (rti_str_eq(name, RTI_STR("container"))) {
                note(state, make_room(state));
                note(state, rti_containers_learn(&state->containers, data));
        } else if (rti_str_eq(name, RTI_STR("hosts"))) {
                note(state, rti_hosts_learn(state, data));
        }
}
