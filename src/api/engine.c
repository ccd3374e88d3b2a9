/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c - rt_engine_*: what loaders and workers share. */
#include "base/opts.h"
#include "engine/list.h"
#include "sources/builtin.h"
#include <stdlib.h>
#include <unistd.h>

enum { MOST_HOSTNAME = 256 };

static int
set_hostname(rt_engine *engine, const char *hostname)
{
        char own[MOST_HOSTNAME] = "";
        rt_str copy;

        if (!hostname)
                hostname = getenv("FALCO_HOSTNAME");
        if (!hostname) {
                if (gethostname(own, sizeof own - 1) < 0)
                        own[0] = '\0';
                hostname = own;
        }
        copy = rti_arena_copy(&engine->arena, rti_str_of(hostname));
        engine->hostname = copy.ptr;
        return copy.ptr ? RT_OK : RT_ENOMEM;
}

static void
engine_free(rt_engine *engine)
{
        const rt_allocator allocator = engine->allocator;

        rti_ruleset_unref(engine->rules);
        rti_lists_unref(engine->lists);
        rti_registry_unref(engine->registry);
        rti_arena_done(&engine->arena);
        pthread_mutex_destroy(&engine->lock);
        rti_free(&allocator, engine);
}

static int
engine_fill(rt_engine *engine, const rt_engine_opts *opts)
{
        rti_registry *registry = NULL;
        int r = set_hostname(engine, opts->hostname);

        engine->max_record_bytes =
                opts->max_record_bytes ? opts->max_record_bytes : RTI_MAX_RECORD_BYTES;
        engine->max_event_bytes =
                opts->max_event_bytes ? opts->max_event_bytes : RTI_MAX_EVENT_BYTES;
        engine->max_output_bytes =
                opts->max_output_bytes && opts->max_output_bytes < RTI_MAX_OUTPUT_BYTES
                        ? opts->max_output_bytes
                        : RTI_MAX_OUTPUT_BYTES;
        engine->max_load_bytes = opts->max_load_bytes ? opts->max_load_bytes : RTI_MAX_LOAD_BYTES;
        r = r < 0 ? r : rti_registry_new(&engine->allocator, &registry);
        engine->registry = registry;
        return r < 0 ? r : rti_registry_add_list(registry, rti_builtin_sources, opts->sources);
}

int
rt_engine_new(const rt_engine_opts *opts, rt_engine **ret_engine)
{
        rt_engine_opts known;
        rt_allocator allocator = rti_alloc_default;
        rt_engine *engine;
        int r;

        if (!ret_engine)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r == RT_OK && known.allocator)
                r = rti_opts_take(known.allocator, sizeof allocator, &allocator);
        if (r < 0)
                return r;
        if (!allocator.resize)
                return RT_EINVAL;
        engine = rti_calloc(&allocator, 1, sizeof *engine);
        if (!engine)
                return RT_ENOMEM;
        if (pthread_mutex_init(&engine->lock, NULL) != 0) {
                rti_free(&allocator, engine);
                return RT_ENOMEM;
        }
        atomic_init(&engine->refs, 1);
        engine->allocator = allocator;
        rti_arena_init(&engine->arena, &engine->allocator, 0);
        r = engine_fill(engine, &known);
        if (r < 0) {
                engine_free(engine);
                return r;
        }
        *ret_engine = engine;
        return RT_OK;
}

rt_engine *
rt_engine_ref(rt_engine *engine)
{
        if (engine)
                atomic_fetch_add_explicit(&engine->refs, 1, memory_order_relaxed);
        return engine;
}

rt_engine *
rt_engine_unref(rt_engine *engine)
{
        if (engine && atomic_fetch_sub_explicit(&engine->refs, 1, memory_order_acq_rel) == 1)
                engine_free(engine);
        return NULL;
}

int
rt_engine_use(rt_engine *engine, rt_ruleset *rules)
{
        rt_ruleset *old = rules;
        bool agree;

        if (!engine || !rules)
                return RT_EINVAL;
        rti_ruleset_ref(rules);
        pthread_mutex_lock(&engine->lock);
        agree = rti_lists_agree(engine->lists, rules);
        if (agree) {
                old = engine->rules;
                engine->rules = rules;
                engine->uses++;
                atomic_fetch_add_explicit(&engine->generation, 1, memory_order_release);
        }
        pthread_mutex_unlock(&engine->lock);
        rti_ruleset_unref(old);
        return agree ? RT_OK : RT_EINVAL;
}

int
rt_engine_field(const rt_engine *engine, size_t index, rt_field_info *ret_info)
{
        const rti_registry *registry;
        rt_field_info info = { 0 };
        const rt_field_desc *field;
        size_t source;

        if (!engine || !ret_info)
                return RT_EINVAL;
        registry = engine->registry;
        if (index >= rti_registry_fields(registry))
                return RT_ENOENT;
        field = rti_registry_field(registry, (uint32_t) index);
        source = rti_registry_field_source(registry, (uint32_t) index);
        info.name = field->name;
        info.group = field->group;
        info.source = source == SIZE_MAX ? "*" : rti_registry_source(registry, source)->name;
        info.help = field->help;
        info.kind = field->kind;
        info.flags = field->flags;
        info.format = field->format;
        return rti_opts_give(&info, sizeof info, ret_info);
}

int
rt_engine_add_source(rt_engine *engine, const rt_source_ops *ops)
{
        if (!engine || !ops || atomic_load(&engine->sealed))
                return RT_EINVAL;
        return rti_registry_add(engine->registry, ops);
}

int
rt_engine_wrap_source(rt_engine *engine, const char *name, const rt_source_ops *outer,
                      rt_source_ops *ret_inner)
{
        if (!engine || !name || !outer || !ret_inner || atomic_load(&engine->sealed))
                return RT_EINVAL;
        return rti_registry_wrap(engine->registry, name, outer, ret_inner);
}

/* The text as one that lives as long as the engine; each text once. NULL: out of memory. */
static const char *
keep_name(rt_engine *engine, const char *text)
{
        rti_name *name;

        for (const rti_name *n = engine->names; n; n = n->next)
                if (strcmp(n->text, text) == 0)
                        return n->text;
        name = RTI_NEW(&engine->arena, rti_name);
        text = rti_arena_copy(&engine->arena, rti_str_of(text)).ptr;
        if (!name || !text)
                return NULL;
        *name = (rti_name){ engine->names, text };
        engine->names = name;
        return text;
}

int
rti_fields_add(rt_engine *engine, rti_registry *from, const rt_fields_ops *ops, bool keep,
               rti_registry **ret_registry)
{
        rt_fields_ops known;
        const int r = rti_opts_take(ops, sizeof known, &known);

        if (r < 0 || known.abi < RT_FIELDS_ABI_MIN || known.abi > RT_FIELDS_ABI)
                return RT_EABI;
        if (known.flags & ~(uint32_t) RT_FIELDS_KEPT || !known.name || !*known.name || !known.demand
            || !known.extract)
                return RT_EINVAL;
        known.name = keep_name(engine, known.name);
        return known.name ? rti_registry_add_fields(from, &known, keep, ret_registry) : RT_ENOMEM;
}

int
rt_engine_add_fields(rt_engine *engine, const rt_fields_ops *ops)
{
        rti_registry *registry;
        int r;

        if (!engine || !ops)
                return RT_EINVAL;
        pthread_mutex_lock(&engine->lock);
        /* Who adds before there is a loader is alone with the engine. */
        r = rti_fields_add(engine, engine->registry, ops, atomic_load(&engine->sealed), &registry);
        if (r == RT_OK)
                engine->registry = registry;
        pthread_mutex_unlock(&engine->lock);
        return r;
}

int
rt_engine_add_item(rt_engine *engine, const rt_item_ops *ops)
{
        rti_item_ops *item;
        int r;

        if (!engine || !ops || atomic_load(&engine->sealed))
                return RT_EINVAL;
        item = RTI_NEW(&engine->arena, rti_item_ops);
        if (!item)
                return RT_ENOMEM;
        r = rti_opts_take(ops, sizeof item->ops, &item->ops);
        if (r < 0 || item->ops.abi < RT_ITEM_ABI_MIN || item->ops.abi > RT_ITEM_ABI)
                return RT_EABI;
        if (item->ops.flags || !item->ops.key || !*item->ops.key || !item->ops.load)
                return RT_EINVAL;
        for (const rti_item_ops *old = engine->items; old; old = old->next)
                if (strcmp(old->ops.key, item->ops.key) == 0)
                        return RT_EEXIST;
        item->next = engine->items;
        engine->items = item;
        return RT_OK;
}

int
rt_engine_alias_source(rt_engine *engine, const char *source, const char *name)
{
        rt_source_ops ops;
        rt_str copy;
        size_t found;

        if (!engine || !source || !name || !*name || atomic_load(&engine->sealed))
                return RT_EINVAL;
        found = rti_registry_find_source(engine->registry, rti_str_of(source));
        if (found == SIZE_MAX)
                return RT_ENOENT;
        ops = *rti_registry_source(engine->registry, found);
        if (ops.n_fields)
                return RT_EINVAL;
        copy = rti_arena_copy(&engine->arena, rti_str_of(name));
        if (!copy.ptr)
                return RT_ENOMEM;
        ops.name = copy.ptr;
        return rti_registry_add(engine->registry, &ops);
}

int
rt_engine_add_async_event(rt_engine *engine, const char *name)
{
        if (!engine || !name || !*name || atomic_load(&engine->sealed))
                return RT_EINVAL;
        return rti_registry_add_async_event(engine->registry, rti_str_of(name));
}

int
rt_engine_add_reader(rt_engine *engine, const rt_reader_ops *ops)
{
        rti_reader *reader;
        int r;

        if (!engine || !ops || atomic_load(&engine->sealed))
                return RT_EINVAL;
        reader = RTI_NEW(&engine->arena, rti_reader);
        if (!reader)
                return RT_ENOMEM;
        r = rti_opts_take(ops, sizeof reader->ops, &reader->ops);
        if (r < 0)
                return r;
        if (!reader->ops.name || !(reader->ops.open || reader->ops.open_with) || !reader->ops.read
            || !reader->ops.close || reader->ops.flags >= RT_READER_READY << 1
            || reader->ops.reserved)
                return RT_EINVAL;
        for (const rti_reader *old = engine->readers; old; old = old->older)
                if (strcmp(old->ops.name, reader->ops.name) == 0)
                        return RT_EEXIST;
        reader->older = engine->readers;
        engine->readers = reader;
        return RT_OK;
}
