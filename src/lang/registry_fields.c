/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry_fields.c - fields that the host reads, and what they are made of.
 *
 *   in   rt_fields_ops; of a field that rules name, its `reads` and its argument: "a.b, c.d[x]"
 *   out  a registry with one more provider for each of its sources; numbers for these names
 *
 * A registry that others may be reading is not added to: a new one takes its place.
 */
#include "lang/registry_impl.h"

/* ---- what a field reads ---- */

/* The next name of @a rest, behind which it stands then. False: there is none. */
static bool
next_read(rt_str *rest, rti_field_query *query)
{
        size_t from = 0, at, end, open = SIZE_MAX, depth = 0;

        while (from < rest->len && (rest->ptr[from] == ',' || rest->ptr[from] == ' '))
                from++;
        for (at = from; at < rest->len && (depth || rest->ptr[at] != ','); at++) {
                open = rest->ptr[at] == '[' && open == SIZE_MAX ? at : open;
                depth += rest->ptr[at] == '[';
                depth -= rest->ptr[at] == ']' && depth;
        }
        for (end = at; end > from && rest->ptr[end - 1] == ' ';)
                end--;
        query->has_arg = open != SIZE_MAX && !depth && rest->ptr[end - 1] == ']';
        query->name = rti_str_sub(*rest, from, query->has_arg ? open : end);
        query->arg = query->has_arg ? rti_str_sub(*rest, open + 1, end - 1) : RTI_STR("");
        *rest = rti_str_sub(*rest, at, rest->len);
        return end > from;
}

static const rti_provider *
provider_of(const rti_registry *registry, uint32_t field)
{
        return registry->groups.at[registry->fields.at[field].group].provider;
}

/* What the field reads whatever its argument is. */
static rt_str
always_reads(const rti_registry *registry, uint32_t field)
{
        const rti_provider *provider = provider_of(registry, field);
        const char *text = NULL;

        if (provider->host && provider->host->reads)
                text = provider->host->reads[registry->fields.at[field].desc - provider->fields];
        return rti_str_of(text ? text : "");
}

/* What the host says of a field that is made of these. RT_OK, RT_ENOENT with an error, RT_E*. */
static int
ask_host(const rti_registry *registry, rti_arena *arena, uint32_t field, const rti_field_ref *reads,
         uint32_t n, rt_str *ret_error)
{
        const rti_provider *provider = provider_of(registry, field);
        const rt_field_desc *desc = rti_registry_field(registry, field);
        uint32_t *kinds = RTI_NEWN(arena, uint32_t, n);
        char message[200] = "";

        for (uint32_t i = 0; kinds && i < n; i++) {
                const rt_field_desc *read = rti_registry_field(registry, reads[i].field);

                kinds[i] = read->flags & RT_FIELD_LIST ? (uint32_t) RT_KIND_LIST : read->kind;
        }
        if (kinds
            && provider->host->check(provider->host->user, (size_t) (desc - provider->fields),
                                     kinds, n, message, sizeof message)
                       >= 0)
                return RT_OK;
        *ret_error = rti_arena_printf(arena, "field '%s': %s", desc->name, message);
        return kinds && ret_error->ptr ? RT_ENOENT : RT_ENOMEM;
}

int
rti_registry_reads(const rti_registry *registry, rti_arena *arena, size_t source,
                   const rti_field_ref *field, rti_field_ref **ret_reads, uint32_t *ret_n,
                   rt_str *ret_error)
{
        const rt_field_desc *desc = rti_registry_field(registry, field->field);
        const bool named = desc->flags & RT_FIELD_ARG_FIELDS && field->arg == RT_ARG_KEY;
        rti_field_query query = { .source = source };
        rt_str text = always_reads(registry, field->field), rest = field->key;
        rt_str why = RTI_STR("its argument names no field");
        int r = named && !next_read(&rest, &query) ? RT_ENOENT : RT_OK;

        *ret_n = 0;
        if (!text.len && !named)
                return RT_OK;
        if (named)
                text = rti_arena_printf(arena, "%.*s,%.*s", RTI_FMT(text), RTI_FMT(field->key));
        *ret_reads = RTI_NEWN(arena, rti_field_ref, text.len / 2 + 1);
        if (!*ret_reads || !text.ptr)
                return RT_ENOMEM;
        while (r == RT_OK && next_read(&text, &query))
                r = rti_registry_find(registry, arena, &query, *ret_reads + (*ret_n)++, &why);
        if (r == RT_OK && named && provider_of(registry, field->field)->host->check)
                return ask_host(registry, arena, field->field, *ret_reads, *ret_n, ret_error);
        if (r != RT_ENOENT)
                return r;
        *ret_error =
                rti_arena_printf(arena, "field '%s' reads others: %.*s", desc->name, RTI_FMT(why));
        return ret_error->ptr ? r : RT_ENOMEM;
}

const rt_fields_ops *
rti_registry_provider(const rti_registry *registry, rt_str name, uint32_t *ret_flags)
{
        const uint32_t field = rti_field_named(registry, name);

        if (field == RTI_MAP_NONE)
                return NULL;
        *ret_flags = rti_registry_field(registry, field)->flags;
        return provider_of(registry, field)->host;
}

/* ---- adding ---- */

/* Is there for the source what fields of the newest provider read? */
static int
check_reads(rti_registry *registry, const rti_provider *provider)
{
        const size_t n = provider->ops.n_fields;
        int r = RT_OK;

        for (size_t i = 0; r == RT_OK && i < n && provider->source != SIZE_MAX; i++) {
                const rti_field_ref field = { .field = (uint32_t) (registry->fields.n - n + i) };
                rti_field_ref *ignored;
                uint32_t n_ignored;
                rt_str error;

                r = rti_registry_reads(registry, &registry->arena, provider->source, &field,
                                       &ignored, &n_ignored, &error);
        }
        return r;
}

static int
check_fields(const rti_provider *provider)
{
        const uint32_t arg = RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_KEY | RT_FIELD_ARG_INDEX;

        for (size_t i = 0; i < provider->ops.n_fields; i++)
                if (provider->fields[i].kind == RT_KIND_DYNAMIC
                    || ((provider->fields[i].flags & RT_FIELD_ARG_FIELDS)
                        && (provider->fields[i].flags & arg)
                                   != (RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_KEY)))
                        return RT_EINVAL;
        return RT_OK;
}

/* The provider as if it were one that extends each of its sources. */
static int
add_host(rti_registry *registry, const rt_fields_ops *host)
{
        static const char *const all[] = { "*", NULL };
        const char *const *sources = host->sources ? host->sources : all;
        rt_source_ops ops = { .size = sizeof ops,
                              .abi = RT_SOURCE_ABI,
                              .flags = RT_SOURCE_EXTENDS,
                              .plugin = host->name,
                              .version = host->version,
                              .fields = host->fields,
                              .n_fields = host->n_fields,
                              .field_stride = host->field_stride };
        const rti_provider *provider;
        int r = *sources && ops.n_fields ? RT_OK : RT_EINVAL;

        for (; r == RT_OK && *sources; sources++) {
                ops.name = *sources;
                r = rti_registry_add_ops(registry, &ops, host);
                provider = r < 0 ? NULL : registry->providers.at[registry->providers.n - 1];
                r = r < 0 ? r : check_fields(provider);
                r = r < 0 ? r : check_reads(registry, provider);
        }
        return r;
}

/* A provider, for as long as a registry or an instance has it. */
typedef struct host_ops {
        rt_fields_ops ops; /* first: this is what others see */
        rt_allocator allocator;
        atomic_size_t refs;
} host_ops;

const rt_fields_ops *
rti_fields_ref(const rt_fields_ops *ops)
{
        host_ops *own = (host_ops *) (uintptr_t) ops;

        if (own)
                atomic_fetch_add_explicit(&own->refs, 1, memory_order_relaxed);
        return ops;
}

void
rti_fields_unref(const rt_fields_ops *ops)
{
        host_ops *own = (host_ops *) (uintptr_t) ops;
        rt_allocator allocator;

        if (!own || atomic_fetch_sub_explicit(&own->refs, 1, memory_order_acq_rel) > 1)
                return;
        if (ops->release)
                ops->release(ops->user);
        allocator = own->allocator;
        rti_free(&allocator, own);
}

int
rti_registry_add_fields(rti_registry *from, const rt_fields_ops *ops, bool keep,
                        rti_registry **ret_registry)
{
        host_ops *own = rti_calloc(&from->allocator, 1, sizeof *own);
        rti_registry *registry = NULL;
        int r = own ? rti_registry_new(&from->allocator, &registry) : RT_ENOMEM;

        if (r < 0) {
                rti_free(&from->allocator, own);
                return r;
        }
        own->ops = *ops;
        own->allocator = from->allocator;
        atomic_init(&own->refs, 1);
        /* The first are the engine's own. */
        for (size_t i = 1; r == RT_OK && i < from->providers.n; i++)
                r = rti_registry_add_ops(registry, &from->providers.at[i]->ops,
                                         from->providers.at[i]->host);
        for (const rti_async_event *e = from->async_events; r == RT_OK && e; e = e->next)
                r = rti_registry_add_async_event(registry, e->name);
        r = r < 0 ? r : add_host(registry, &own->ops);
        if (r < 0) {
                own->ops.release = NULL; /* it stays the caller's */
                rti_registry_unref(registry);
        } else if (keep) {
                registry->before = from;
        } else {
                rti_registry_unref(from);
        }
        rti_fields_unref(&own->ops);
        if (r == RT_OK)
                *ret_registry = registry;
        return r;
}
