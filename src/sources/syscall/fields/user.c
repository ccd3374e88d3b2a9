/* SPDX-License-Identifier: Apache-2.0 */
/* user.c - fields of users and groups: of the event's own thread, names by its container. */
#include "sources/syscall/fields/parts.h"

/* @a row is the user, or group, of @a id; NULL: it is in no list. */
static int
give_text(const rti_users *users, const rti_user *row, uint32_t id, uint32_t field,
          rt_value *ret_value)
{
        if (!row && id == 0)
                row = &users->root;
        if (!row)
                return rti_give_str(ret_value, RTI_STR("<NA>"));
        if (field == RTI_SYS_USER_HOMEDIR)
                return rti_give_str(ret_value, rti_text_str(row->home));
        return rti_give_str(ret_value,
                            rti_text_str(field == RTI_SYS_USER_SHELL ? row->shell : row->name));
}

int
rti_read_user(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_thread *thread = sys->evt.thread;
        const rti_users *users = &sys->state.users;
        rt_str container;

        (void) event;
        if (!thread)
                return 0;
        container = rti_text_str(thread->container_id);
        switch (slot->field) {
        case RTI_SYS_USER_UID:
                return rti_give_u64(ret_value, RT_KIND_UINT32, thread->uid);
        case RTI_SYS_GROUP_GID:
                return rti_give_u64(ret_value, RT_KIND_UINT32, thread->gid);
        case RTI_SYS_GROUP_NAME:
                return give_text(users, rti_users_find_group(users, container, thread->gid),
                                 thread->gid, slot->field, ret_value);
        case RTI_SYS_USER_LOGINUID:
                return rti_give_i64(ret_value, RT_KIND_INT64,
                                    thread->loginuid == UINT32_MAX ? -1
                                                                   : (int64_t) thread->loginuid);
        case RTI_SYS_USER_LOGINNAME:
                return give_text(users, rti_users_find(users, container, thread->loginuid),
                                 thread->loginuid, slot->field, ret_value);
        default:
                return give_text(users, rti_users_find(users, container, thread->uid), thread->uid,
                                 slot->field, ret_value);
        }
}
