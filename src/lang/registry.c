/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.c - the sources and fields that an engine knows.
 *
 * in: rt_source_ops, one after the other; out: numbers for names.
 *
 * Fields stand in one array, in registration order, cut into groups (the `group` of their
 * descriptions, per provider). Adding is all or nothing.
 */
#include "base/opts.h"
#include "lang/registry_impl.h"

static const rt_field_desc evt_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        [RTI_F_##id] = { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "lang/evt_fields.def"
#undef FIELD
};

static const rt_source_ops engine_ops = {
        .size = sizeof engine_ops,
        .abi = RT_SOURCE_ABI,
        .name = "*",
        .fields = evt_fields,
        .n_fields = RTI_COUNT(evt_fields),
        .field_stride = sizeof(rt_field_desc),
};

/* What a source must at least bring, and what a field description must. */
#define LEAST_OPS    (offsetof(rt_source_ops, field_stride) + sizeof(size_t))
#define LEAST_STRIDE (offsetof(rt_field_desc, help) + sizeof(const char *))

int
rti_registry_new(const rt_allocator *allocator, rti_registry **ret_registry)
{
        rti_registry *registry = rti_calloc(allocator, 1, sizeof *registry);
        int r;

        if (!registry)
                return RT_ENOMEM;
        registry->allocator = *allocator;
        atomic_init(&registry->refs, 1);
        rti_arena_init(&registry->arena, &registry->allocator, 0);
        registry->names.arena = &registry->arena;
        r = rti_registry_add(registry, &engine_ops);
        if (r < 0) {
                rti_registry_unref(registry);
                return r;
        }
        *ret_registry = registry;
        return RT_OK;
}

rti_registry *
rti_registry_ref(rti_registry *registry)
{
        if (registry)
                atomic_fetch_add_explicit(&registry->refs, 1, memory_order_relaxed);
        return registry;
}

void
rti_registry_unref(rti_registry *registry)
{
        while (registry
               && atomic_fetch_sub_explicit(&registry->refs, 1, memory_order_acq_rel) == 1) {
                const rt_allocator own = registry->allocator, *allocator = &own;
                rti_registry *before = registry->before;

                for (size_t i = 0; i < registry->providers.n; i++)
                        rti_fields_unref(registry->providers.at[i]->host);
                rti_vec_done(&registry->providers, allocator);
                rti_vec_done(&registry->sources, allocator);
                rti_vec_done(&registry->groups, allocator);
                rti_vec_done(&registry->fields, allocator);
                rti_arena_done(&registry->arena);
                rti_free(allocator, registry);
                registry = before;
        }
}

/* ---- indexing ---- */

uint32_t
rti_field_named(const rti_registry *registry, rt_str name)
{
        const uint32_t field = rti_map_get(&registry->names, name);

        if (field == RTI_MAP_NONE || field >= registry->fields.n
            || !rti_str_eq(registry->fields.at[field].name, name))
                return RTI_MAP_NONE;
        return field;
}

/* Is a field of another group that all or the same rules see a prefix of @a entry's name? */
static bool
is_contested(const rti_registry *registry, const rti_field_entry *entry)
{
        const size_t source = registry->groups.at[entry->group].source;

        for (size_t len = 1; len < entry->name.len; len++) {
                const uint32_t field = rti_field_named(registry, rti_str_sub(entry->name, 0, len));
                const rti_field_entry *other;
                size_t other_source;

                if (field == RTI_MAP_NONE)
                        continue;
                other = &registry->fields.at[field];
                other_source = registry->groups.at[other->group].source;
                if (other->group != entry->group
                    && (other_source == source || other_source == SIZE_MAX || source == SIZE_MAX))
                        return true;
        }
        return false;
}

/* Is the field one that the same host reads for another source? */
static bool
is_of_another_source(const rti_registry *registry, const rti_provider *provider, uint32_t field)
{
        const rti_provider *other = registry->groups.at[registry->fields.at[field].group].provider;

        return provider->host && other->host == provider->host && other->source != provider->source;
}

static int
index_field(rti_registry *registry, const rti_provider *provider, const rt_field_desc *desc)
{
        const rt_allocator *allocator = registry->arena.allocator;
        const rt_str name = rti_str_of(desc->name);
        const uint32_t same = rti_field_named(registry, name);
        rti_field_entry entry = { .desc = desc, .name = name };
        rti_field_group *group;
        int r;

        if (same != RTI_MAP_NONE && !is_of_another_source(registry, provider, same))
                return RT_EEXIST;
        if (desc == provider->fields || strcmp(desc[-1].group, desc->group) != 0) {
                const rti_field_group fresh = { provider, provider->source,
                                                (uint32_t) registry->fields.n, 0,
                                                provider->ops.plugin == NULL };

                r = rti_vec_push(&registry->groups, allocator, fresh, RTI_MAX_FIELDS);
                if (r < 0)
                        return r;
        }
        entry.group = (uint32_t) registry->groups.n - 1;
        entry.contested = is_contested(registry, &entry);
        r = same == RTI_MAP_NONE
                    ? rti_map_set(&registry->names, name, (uint32_t) registry->fields.n)
                    : RT_OK;
        if (r < 0)
                return r;
        r = rti_vec_push(&registry->fields, allocator, entry, RTI_MAX_FIELDS);
        if (r < 0)
                return r;
        group = &registry->groups.at[entry.group];
        group->n++;
        return RT_OK;
}

static int
index_provider(rti_registry *registry, const rti_provider *provider)
{
        int r = RT_OK;

        for (size_t i = 0; i < provider->ops.n_fields && r == RT_OK; i++)
                r = index_field(registry, provider, &provider->fields[i]);
        return r;
}

/* All providers anew. Takes no memory when they were indexed before. */
static int
index_all(rti_registry *registry)
{
        int r = RT_OK;

        registry->groups.n = 0;
        registry->fields.n = 0;
        for (size_t i = 0; i < registry->providers.n && r == RT_OK; i++)
                if (!registry->providers.at[i]->replaced)
                        r = index_provider(registry, registry->providers.at[i]);
        return r;
}

/* ---- adding ---- */

static bool
field_ok(const rt_field_desc *field)
{
        return field->name && *field->name && field->kind > RT_KIND_NONE
               && field->kind < RT_KIND_LIST;
}

/* Copies of @a ops and its fields with our layout. */
static int
provider_new(rti_registry *registry, const rt_source_ops *ops, const rt_fields_ops *host,
             rti_provider **ret_provider)
{
        rti_provider *provider = RTI_NEW(&registry->arena, rti_provider);
        rt_field_desc *fields;
        int r;

        if (!provider)
                return RT_ENOMEM;
        r = rti_opts_take(ops, sizeof *ops, &provider->ops);
        if (r < 0)
                return r;
        if (provider->ops.create && (!provider->ops.next || !provider->ops.extract))
                return RT_EINVAL;
        provider->host = host;
        fields = RTI_NEWN(&registry->arena, rt_field_desc, ops->n_fields + !ops->n_fields);
        if (!fields)
                return RT_ENOMEM;
        for (size_t i = 0; i < ops->n_fields; i++) {
                const char *from = (const char *) ops->fields + i * ops->field_stride;

                memcpy(&fields[i], from,
                       ops->field_stride < sizeof *fields ? ops->field_stride : sizeof *fields);
                if (!field_ok(&fields[i]))
                        return RT_EINVAL;
                if (!fields[i].group)
                        fields[i].group = ops->plugin ? ops->plugin : ops->name;
                if (!fields[i].help)
                        fields[i].help = "";
                if (!provider->host)
                        fields[i].flags &= ~(uint32_t) (RT_FIELD_PURE | RT_FIELD_ARG_FIELDS);
                /* Plug-ins' numbers always print, in the reference too. */
                if (ops->plugin && fields[i].format == RT_FORMAT_NONE)
                        fields[i].format = RT_FORMAT_DEC;
        }
        provider->fields = fields;
        provider->ops.fields = fields;
        provider->ops.field_stride = sizeof *fields;
        *ret_provider = provider;
        return RT_OK;
}

/* Which source does the provider serve? Sets @a ret_old to the one it replaces. */
static int
place(rti_registry *registry, rti_provider *provider, rti_provider **ret_old)
{
        const bool extends = provider->ops.flags & RT_SOURCE_EXTENDS;
        const size_t known = rti_registry_find_source(registry, rti_str_of(provider->ops.name));

        *ret_old = NULL;
        provider->source = SIZE_MAX;
        if (strcmp(provider->ops.name, "*") == 0)
                return RT_OK;
        if (extends) {
                provider->source = known;
                return known == SIZE_MAX ? RT_ENOENT : RT_OK;
        }
        if (known == SIZE_MAX) {
                provider->source = registry->sources.n;
                return rti_vec_push(&registry->sources, registry->arena.allocator, provider,
                                    RTI_MAX_SOURCES);
        }
        if (registry->sources.at[known]->ops.create && !(provider->ops.flags & RT_SOURCE_REPLACES))
                return RT_EEXIST;
        *ret_old = registry->sources.at[known];
        provider->source = known;
        registry->sources.at[known] = provider;
        return RT_OK;
}

/* Undo place() and the indexing of the newest provider, before which there were @a n_fields in
 * @a n_groups. */
static void
take_back(rti_registry *registry, rti_provider *old, size_t n_groups, size_t n_fields)
{
        const rti_provider *provider = registry->providers.at[--registry->providers.n];

        if (old) {
                old->replaced = false;
                registry->sources.at[provider->source] = old;
                (void) index_all(registry);
                return;
        }
        if (registry->sources.n && registry->sources.at[registry->sources.n - 1] == provider)
                registry->sources.n--;
        registry->groups.n = n_groups;
        registry->fields.n = n_fields;
}

int
rti_registry_add(rti_registry *registry, const rt_source_ops *ops)
{
        return rti_registry_add_ops(registry, ops, NULL);
}

int
rti_registry_add_ops(rti_registry *registry, const rt_source_ops *ops, const rt_fields_ops *host)
{
        const size_t n_groups = registry->groups.n;
        const size_t n_fields = registry->fields.n;
        rti_provider *provider;
        rti_provider *old;
        int r;

        if (ops->size < LEAST_OPS || ops->abi < RT_SOURCE_ABI_MIN || ops->abi > RT_SOURCE_ABI)
                return RT_EABI;
        if (!ops->name || !*ops->name || (ops->n_fields && !ops->fields)
            || ops->flags >= RT_SOURCE_REPLACES << 1)
                return RT_EINVAL;
        if (ops->n_fields && ops->field_stride < LEAST_STRIDE)
                return RT_EABI;
        if (ops->n_fields > RTI_MAX_FIELDS)
                return RT_ELIMIT;
        r = provider_new(registry, ops, host, &provider);
        if (r < 0)
                return r;
        r = rti_vec_push(&registry->providers, registry->arena.allocator, provider,
                         RTI_MAX_SOURCES);
        if (r < 0)
                return r;
        r = place(registry, provider, &old);
        if (r < 0) {
                registry->providers.n--;
                return r;
        }
        if (old)
                old->replaced = true;
        r = old ? index_all(registry) : index_provider(registry, provider);
        if (r < 0)
                take_back(registry, old, n_groups, n_fields);
        else
                (void) rti_fields_ref(host);
        return r;
}

int
rti_registry_wrap(rti_registry *registry, const char *name, const rt_source_ops *outer,
                  rt_source_ops *ret_inner)
{
        enum { FIRST = offsetof(rt_source_ops, create) };
        const size_t known = rti_registry_find_source(registry, rti_str_of(name));
        rt_source_ops fresh, *ops;
        int r = rti_opts_take(outer, sizeof fresh, &fresh);

        if (r < 0 || fresh.abi < RT_SOURCE_ABI_MIN || fresh.abi > RT_SOURCE_ABI)
                return RT_EABI;
        if (!fresh.create || !fresh.demand || !fresh.next || !fresh.extract)
                return RT_EINVAL;
        if (known == SIZE_MAX || !registry->sources.at[known]->ops.create)
                return RT_ENOENT;
        ops = &registry->sources.at[known]->ops;
        r = rti_opts_give(ops, sizeof *ops, ret_inner);
        if (r == RT_OK)
                memcpy((char *) ops + FIRST, (const char *) &fresh + FIRST, sizeof *ops - FIRST);
        return r;
}

static bool
is_wanted(const char *name, const char *const *only)
{
        if (!only || (*only && strcmp(name, "*") == 0))
                return true;
        for (; *only; only++)
                if (strcmp(name, *only) == 0)
                        return true;
        return false;
}

static int
add_builtin(rti_registry *registry, const rti_builtin *builtin)
{
        const rt_allocator *allocator = registry->arena.allocator;
        const size_t n = builtin->fields ? builtin->fields->n : 0;
        rt_field_desc *fields = rti_calloc(allocator, n + !n, sizeof *fields);
        rt_source_ops ops = *builtin->ops;
        int r;

        if (!fields)
                return RT_ENOMEM;
        for (size_t i = 0; i < n; i++)
                fields[i] = rti_field_row_desc(builtin->fields, i);
        ops.fields = fields;
        ops.n_fields = n;
        ops.field_stride = sizeof *fields;
        r = rti_registry_add(registry, &ops);
        rti_free(allocator, fields);
        return r;
}

int
rti_registry_add_list(rti_registry *registry, const rti_builtin *list, const char *const *only)
{
        for (; list->ops; list++) {
                const int r =
                        is_wanted(list->ops->name, only) ? add_builtin(registry, list) : RT_OK;

                if (r < 0)
                        return r;
        }
        return RT_OK;
}

/* ---- asking ---- */

size_t
rti_registry_sources(const rti_registry *registry)
{
        return registry->sources.n;
}

const rt_source_ops *
rti_registry_source(const rti_registry *registry, size_t source)
{
        return &registry->sources.at[source]->ops;
}

size_t
rti_registry_find_source(const rti_registry *registry, rt_str name)
{
        for (size_t i = 0; i < registry->sources.n; i++)
                if (rti_str_is(name, registry->sources.at[i]->ops.name))
                        return i;
        return SIZE_MAX;
}

rt_str
rti_registry_plugin_version(const rti_registry *registry, rt_str plugin)
{
        for (size_t i = registry->providers.n; i-- > 0;) {
                const rti_provider *provider = registry->providers.at[i];

                if (!provider->replaced && provider->ops.plugin && provider->ops.version
                    && rti_str_is(plugin, provider->ops.plugin))
                        return rti_str_of(provider->ops.version);
        }
        return (rt_str){ 0 };
}

size_t
rti_registry_fields(const rti_registry *registry)
{
        return registry->fields.n;
}

const rt_field_desc *
rti_registry_field(const rti_registry *registry, uint32_t field)
{
        return registry->fields.at[field].desc;
}

size_t
rti_registry_field_source(const rti_registry *registry, uint32_t field)
{
        return registry->groups.at[registry->fields.at[field].group].source;
}

bool
rti_registry_field_visible(const rti_registry *registry, uint32_t field, size_t source)
{
        return rti_group_visible(&registry->groups.at[registry->fields.at[field].group], source);
}

int
rti_registry_add_async_event(rti_registry *registry, rt_str name)
{
        rti_async_event *one = RTI_NEW(&registry->arena, rti_async_event);

        if (!one)
                return RT_ENOMEM;
        one->name = rti_arena_copy(&registry->arena, name);
        if (!one->name.ptr)
                return RT_ENOMEM;
        one->next = registry->async_events;
        registry->async_events = one;
        return RT_OK;
}

bool
rti_registry_has_async_event(const rti_registry *registry, rt_str name)
{
        const rti_async_event *one = registry->async_events;

        while (one && !rti_str_eq(one->name, name))
                one = one->next;
        return one;
}
