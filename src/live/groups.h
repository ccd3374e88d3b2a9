/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.h - the cgroups' text of captures, by the id that the kernel side tells with each record.
 *
 * For threads that were never seen alive: what others of the same cgroup were seen with is true of
 * them too. A table of fixed size in which a newer cgroup takes the place of an older one.
 */
#ifndef RTI_LIVE_GROUPS_H
#define RTI_LIVE_GROUPS_H

#include "base/str.h"

enum { LIVE_GROUPS = 512, LIVE_GROUP_BYTES = 4096 };

typedef struct live_group {
        uint64_t id;
        char *text; /* owned; NULL: nothing is known */
        size_t len;
} live_group;

typedef struct live_groups {
        live_group group[LIVE_GROUPS]; /* by id, directly */
} live_groups;

void live_groups_done(live_groups *groups);
/* Remember, or bring up to date. Without memory the cgroup is not remembered. */
void live_groups_learn(live_groups *groups, uint64_t id, rt_str text);
/* Empty: not known. */
rt_str live_groups_find(const live_groups *groups, uint64_t id);

#endif
