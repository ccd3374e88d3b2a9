/* SPDX-License-Identifier: Apache-2.0 */
/* registry_impl.h - what registry.c fills and registry_find.c searches; nobody else includes it. */
#ifndef RTI_LANG_REGISTRY_IMPL_H
#define RTI_LANG_REGISTRY_IMPL_H

#include "base/hash.h"
#include "base/vec.h"
#include "lang/registry.h"
#include <stdatomic.h>

/* Somebody who brought fields. */
typedef struct rti_provider {
        rt_source_ops ops;
        const rt_field_desc *fields; /* with our layout */
        const rt_fields_ops *host;   /* who reads them; NULL: their source, or the engine */
        size_t source;               /* number; SIZE_MAX: "*" */
        bool replaced;
} rti_provider;

/* Neighbouring fields of one provider that are looked up together. */
typedef struct rti_field_group {
        const rti_provider *provider;
        size_t source; /* SIZE_MAX: every source has them */
        uint32_t first, n;
        bool plain; /* arguments as field_args.def says, not as plug-ins' */
} rti_field_group;

typedef struct rti_field_entry {
        const rt_field_desc *desc;
        rt_str name;
        uint32_t group;
        bool contested; /* an earlier group has a field that is a prefix of this name */
} rti_field_entry;

typedef struct rti_async_event {
        rt_str name;
        struct rti_async_event *next;
} rti_async_event;

struct rti_registry {
        rt_allocator allocator; /* it may outlive the engine, in a ruleset */
        atomic_size_t refs;
        rti_arena arena;
        RTI_VEC(rti_provider *) providers;
        RTI_VEC(rti_provider *) sources; /* by number */
        RTI_VEC(rti_field_group) groups;
        RTI_VEC(rti_field_entry) fields;
        rti_registry *before; /* whose place it took: a reference, since it may be in use */
        rti_map names;        /* field number; may hold names that are none any more */
        rti_async_event *async_events;
};

/* registry.c: rti_registry_add, of fields that @a host reads. */
int rti_registry_add_ops(rti_registry *registry, const rt_source_ops *ops,
                         const rt_fields_ops *host);

static inline bool
rti_group_visible(const rti_field_group *group, size_t source)
{
        return group->source == SIZE_MAX || group->source == source;
}

/* registry.c: number of the field of exactly that name, or RTI_MAP_NONE. */
uint32_t rti_field_named(const rti_registry *registry, rt_str name);

#endif
