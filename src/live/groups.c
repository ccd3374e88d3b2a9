/* SPDX-License-Identifier: Apache-2.0 */
/* groups.c - the cgroups' text of captures, by the id that the kernel side tells. */
#include "live/groups.h"
#include <stdlib.h>
#include <string.h>

static size_t
place(uint64_t id)
{
        return (size_t) (id * 0x9e3779b97f4a7c15u >> 32) % LIVE_GROUPS;
}

void
live_groups_done(live_groups *groups)
{
        for (size_t i = 0; i < LIVE_GROUPS; i++)
                free(groups->group[i].text);
        *groups = (live_groups){ 0 };
}

void
live_groups_learn(live_groups *groups, uint64_t id, rt_str text)
{
        live_group *group = &groups->group[place(id)];
        char *copy;

        if (!text.len || text.len > LIVE_GROUP_BYTES)
                return;
        if (group->text && group->id == id && group->len == text.len
            && memcmp(group->text, text.ptr, text.len) == 0)
                return;
        copy = malloc(text.len);
        if (copy)
                memcpy(copy, text.ptr, text.len);
        free(group->text);
        *group = (live_group){ .id = id, .text = copy, .len = copy ? text.len : 0 };
}

rt_str
live_groups_find(const live_groups *groups, uint64_t id)
{
        const live_group *group = &groups->group[place(id)];

        return group->text && group->id == id ? (rt_str){ group->text, group->len }
                                              : (rt_str){ "", 0 };
}
