/* SPDX-License-Identifier: Apache-2.0 */
/* user.h - users and groups by container ("" is the host) and id. */
#ifndef RTI_SYSCALL_USER_H
#define RTI_SYSCALL_USER_H

#include "base/vec.h"
#include "sources/syscall/state/pool.h"

typedef struct rti_user {
        uint32_t id; /* uid, or gid of a group */
        uint32_t gid;
        rti_text *container_id;
        rti_text *name, *home, *shell; /* of a group: name alone */
} rti_user;

typedef RTI_VEC(rti_user) rti_user_rows;

/* One user as lists and events tell it. */
typedef struct rti_user_entry {
        uint32_t uid, gid;
        rt_str name, home, shell;
} rti_user_entry;

typedef struct rti_users {
        rti_pool *pool;
        rti_user_rows users, groups; /* by id and container */
        rti_user root;               /* of whom everybody knows */
        uint64_t version;            /* counts changes */
} rti_users;

void rti_users_init(rti_users *users, rti_pool *pool);
/* Texts are the pool's, which is given back as a whole. */
void rti_users_done(rti_users *users, const rt_allocator *allocator);
int rti_users_add(rti_users *users, const rt_allocator *allocator, rt_str container,
                  const rti_user_entry *entry);
int rti_users_add_group(rti_users *users, const rt_allocator *allocator, rt_str container,
                        uint32_t gid, rt_str name);
void rti_users_remove(rti_users *users, rt_str container, uint32_t uid);
void rti_users_remove_group(rti_users *users, rt_str container, uint32_t gid);
/* NULL: unknown. The names of parameters then are "<NA>"; fields know root without a list. */
const rti_user *rti_users_find(const rti_users *users, rt_str container, uint32_t uid);
const rti_user *rti_users_find_group(const rti_users *users, rt_str container, uint32_t gid);

#endif
