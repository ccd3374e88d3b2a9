/* SPDX-License-Identifier: Apache-2.0 */
/*
 * user.c - users and groups by container and id.
 *
 * Captures list some hundred of them: kept in order of container and id, found by halving.
 */
#include "sources/syscall/state/user.h"
#include "sources/jsonkit/limits.h"

void
rti_users_init(rti_users *users, rti_pool *pool)
{
        *users = (rti_users){ .pool = pool };
        rti_text_set(pool, &users->root.name, RTI_STR("root"));
        rti_text_set(pool, &users->root.home, RTI_STR("/root"));
        rti_text_set(pool, &users->root.shell, RTI_STR("<NA>"));
}

static void
drop(rti_pool *pool, rti_user *user)
{
        rti_text_unref(pool, user->container_id);
        rti_text_unref(pool, user->name);
        rti_text_unref(pool, user->home);
        rti_text_unref(pool, user->shell);
}

void
rti_users_done(rti_users *users, const rt_allocator *allocator)
{
        rti_vec_done(&users->users, allocator);
        rti_vec_done(&users->groups, allocator);
}

/* Index of the first row that is not less; *ret_found: it is the one. */
static size_t
place_of(const rti_user_rows *rows, rt_str container, uint32_t id, bool *ret_found)
{
        size_t from = 0, to = rows->n;
        int order = 1;

        *ret_found = false;
        while (from < to) {
                const size_t at = from + (to - from) / 2;
                const rti_user *user = &rows->at[at];

                order = (user->id > id) - (user->id < id);
                if (!order)
                        order = rti_str_cmp(rti_text_str(user->container_id), container);
                if (order < 0)
                        from = at + 1;
                else
                        to = at;
                *ret_found |= order == 0;
        }
        return from;
}

/* The row of that id, made if it is missing. RT_OK, RT_ENOMEM, RT_ELIMIT. */
static int
row_for(rti_users *users, rti_user_rows *rows, const rt_allocator *allocator, rti_user key,
        rt_str container, rti_user **ret_row)
{
        bool found;
        const size_t at = place_of(rows, container, key.id, &found);
        int r;

        if (!found) {
                r = rti_text_set(users->pool, &key.container_id, container);
                if (r == RT_OK)
                        r = rti_vec_push(rows, allocator, key, RTI_SOURCE_MAX_USERS);
                if (r < 0) {
                        rti_text_unref(users->pool, key.container_id);
                        return r;
                }
                memmove(rows->at + at + 1, rows->at + at, (rows->n - 1 - at) * sizeof *rows->at);
                rows->at[at] = key;
        }
        users->version++;
        *ret_row = &rows->at[at];
        (*ret_row)->gid = key.gid;
        return RT_OK;
}

int
rti_users_add(rti_users *users, const rt_allocator *allocator, rt_str container,
              const rti_user_entry *entry)
{
        const rti_user key = { .id = entry->uid, .gid = entry->gid };
        rti_user *row;
        int r = row_for(users, &users->users, allocator, key, container, &row);

        if (r < 0)
                return r;
        r = rti_text_set(users->pool, &row->name, entry->name);
        if (r == RT_OK)
                r = rti_text_set(users->pool, &row->home, entry->home);
        if (r == RT_OK)
                r = rti_text_set(users->pool, &row->shell, entry->shell);
        return r;
}

int
rti_users_add_group(rti_users *users, const rt_allocator *allocator, rt_str container, uint32_t gid,
                    rt_str name)
{
        const rti_user key = { .id = gid, .gid = gid };
        rti_user *row;
        int r = row_for(users, &users->groups, allocator, key, container, &row);

        return r < 0 ? r : rti_text_set(users->pool, &row->name, name);
}

static void
remove_row(rti_users *users, rti_user_rows *rows, rt_str container, uint32_t id)
{
        bool found;
        const size_t at = place_of(rows, container, id, &found);

        if (!found)
                return;
        drop(users->pool, &rows->at[at]);
        rows->n--;
        users->version++;
        memmove(rows->at + at, rows->at + at + 1, (rows->n - at) * sizeof *rows->at);
}

void
rti_users_remove(rti_users *users, rt_str container, uint32_t uid)
{
        remove_row(users, &users->users, container, uid);
}

void
rti_users_remove_group(rti_users *users, rt_str container, uint32_t gid)
{
        remove_row(users, &users->groups, container, gid);
}

const rti_user *
rti_users_find(const rti_users *users, rt_str container, uint32_t uid)
{
        bool found;
        const size_t at = place_of(&users->users, container, uid, &found);

        return found ? &users->users.at[at] : NULL;
}

const rti_user *
rti_users_find_group(const rti_users *users, rt_str container, uint32_t gid)
{
        bool found;
        const size_t at = place_of(&users->groups, container, gid, &found);

        return found ? &users->groups.at[at] : NULL;
}
