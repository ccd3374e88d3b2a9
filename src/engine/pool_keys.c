/* SPDX-License-Identifier: Apache-2.0 */
/* pool_keys.c - which field binds events to workers, and what is done with those bound. */
#include "engine/pool.h"

static const struct {
        const char *name, *source, *field;
} classes[] = {
#define KEY(name, source, field) { name, source, field },
#include "engine/keys.def"
#undef KEY
};

/* ---- which field ---- */

/* "name" or "name[argument]". */
static rti_field_query
query_of(size_t source, rt_str text)
{
        const size_t open = rti_str_find(text, RTI_STR("["));

        if (open == SIZE_MAX || text.ptr[text.len - 1] != ']')
                return (rti_field_query){ .source = source, .name = text };
        return (rti_field_query){ .source = source,
                                  .name = rti_str_sub(text, 0, open),
                                  .arg = rti_str_sub(text, open + 1, text.len - 1),
                                  .has_arg = true };
}

/* What the source is asked for: RT_OK, RT_ENOENT: it has no such field, RT_ENOMEM. */
static int
find_field(rt_pool *pool, rti_arena *arena, size_t source, rt_str text)
{
        const rti_registry *registry = pool->engine->registry;
        const rti_field_query query = query_of(source, text);
        rt_slot_desc *key = &pool->sources[source].key;
        rti_field_ref found;
        uint32_t flags;
        rt_str error;
        int r = rti_registry_find(registry, arena, &query, &found, &error);

        if (r < 0)
                return r;
        *key = (rt_slot_desc){
                .field = rti_str_of(rti_registry_field(registry, found.field)->name),
                .key = found.arg == RT_ARG_NONE ? RTI_STR("") : found.key,
                .index = found.index,
                .arg = found.arg,
                .output = 1,
        };
        /* The engine's own fields name nobody, and the host's are read when rules are judged. */
        if (rti_evt_field_find(key->field) == RTI_EVT_NONE
            && !rti_registry_provider(registry, key->field, &flags))
                return RT_OK;
        *key = (rt_slot_desc){ 0 };
        return RT_ENOENT;
}

/* The field of the source that the key means; empty: none. */
static rt_str
field_of(const char *source, rt_str key)
{
        bool is_class = false;

        for (size_t i = 0; i < RTI_COUNT(classes); i++) {
                if (!rti_str_is(key, classes[i].name))
                        continue;
                if (strcmp(source, classes[i].source) == 0)
                        return rti_str_of(classes[i].field);
                is_class = true;
        }
        return is_class ? RTI_STR("") : key;
}

int
rti_pool_find_keys(rt_pool *pool)
{
        const rti_registry *registry = pool->engine->registry;
        bool any = false;
        rti_arena arena;
        int r = RT_OK;

        if (!pool->opts.key)
                return RT_OK;
        rti_arena_init(&arena, &pool->allocator, 0);
        for (size_t i = 0; i < pool->own->n_feeds && r != RT_ENOMEM; i++) {
                const rt_source_ops *ops = rti_registry_source(registry, i);
                const rt_str field = field_of(ops->name, pool->key);

                if (!ops->create || !field.len)
                        continue;
                r = find_field(pool, &arena, i, field);
                any |= r == RT_OK;
        }
        rti_arena_done(&arena);
        if (r == RT_ENOMEM)
                return r;
        return any ? RT_OK : RT_ENOENT;
}

/* ---- what is bound ---- */

bool
rti_pool_do_keyed(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;
        const size_t room = (size_t) pool->n_batches * RTI_POOL_CHUNKS;
        rti_chunk *chunk;

        if (!w->n_keyed)
                return false;
        chunk = w->keyed[w->keyed_at];
        if (pool->opts.keyed) {
                pthread_mutex_unlock(&pool->lock);
                for (const rti_keyed *one = chunk->keyed[w->index]; one; one = one->next)
                        pool->opts.keyed(w->index, one->key,
                                         one->number + (one->local ? chunk->base : 0),
                                         pool->opts.keyed_user);
                pthread_mutex_lock(&pool->lock);
        }
        w->keyed_at = (w->keyed_at + 1) % room;
        w->n_keyed--;
        rti_pool_release(pool, chunk);
        return true;
}
