/* SPDX-License-Identifier: Apache-2.0 */
/* user.c - fields of users and groups: of the event's own thread, names by its container. */
#include "sources/syscall/fields/parts.h"

static const rt_str unknown = RTI_STR_INIT("<NA>");

/* Of the user database, or what is known of uid 0 without one. */
static rt_str
text_of_user(const rti_users *users, rt_str container, uint32_t uid, uint32_t field)
{
        const rti_user *user = rti_users_find(users, container, uid);

        switch (field) {
        case RTI_SYS_USER_HOMEDIR:
                return user ? rti_text_str(user->home) : uid == 0 ? RTI_STR("/root") : unknown;
        case RTI_SYS_USER_SHELL:
                return user ? rti_text_str(user->shell) : unknown;
        default:
                return user ? rti_text_str(user->name) : uid == 0 ? RTI_STR("root") : unknown;
        }
}

static rt_str
name_of_group(const rti_users *users, rt_str container, uint32_t gid)
{
        const rti_user *group = rti_users_find_group(users, container, gid);

        return group ? rti_text_str(group->name) : gid == 0 ? RTI_STR("root") : unknown;
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
                return rti_give_str(ret_value, name_of_group(users, container, thread->gid));
        case RTI_SYS_USER_LOGINUID:
                return rti_give_i64(ret_value, RT_KIND_INT64,
                                    thread->loginuid == UINT32_MAX ? -1
                                                                   : (int64_t) thread->loginuid);
        case RTI_SYS_USER_LOGINNAME:
                return rti_give_str(ret_value,
                                    text_of_user(users, container, thread->loginuid, slot->field));
        default:
                return rti_give_str(ret_value,
                                    text_of_user(users, container, thread->uid, slot->field));
        }
}
