/* SPDX-License-Identifier: Apache-2.0 */
/*
 * registry.h - the sources and fields that an engine knows, by name and by number.
 *
 * A registry is filled before rules are loaded and only read afterwards (shared). It starts with
 * the engine's own fields of evt_fields.def, whose numbers are those of enum rti_evt_field.
 *
 * `name[arg]` is offered to the groups of fields of the source, in registration order; the first
 * group in which some field is a prefix of the text decides. Two manners of arguments exist:
 * plug-ins' (RT_FIELD_ARG_* flags say what is allowed) and that of the fields which a provider
 * without `plugin` brings (field_args.def).
 *
 * Fields that the host reads (rt_fields_ops) stand there once for each source that has them.
 */
#ifndef RTI_LANG_REGISTRY_H
#define RTI_LANG_REGISTRY_H

#include "base/arena.h"
#include "lang/lang.h"
#include "lang/field_table.h"
#include <libruntime/fields.h>

typedef struct rti_registry rti_registry;

/* An item of rule files that the host reads; those of an engine are a list. */
typedef struct rti_item_ops {
        rt_item_ops ops;
        const struct rti_item_ops *next;
} rti_item_ops;

/* Fields of the engine itself. */
enum rti_evt_field {
#define FIELD(id, name, kind, flags, format, group, help) RTI_F_##id,
#include "lang/evt_fields.def"
#undef FIELD
        RTI_N_EVT_FIELDS
};

/* A field with its argument, as a condition or a format names it. */
typedef struct rti_field_ref {
        uint32_t field; /* id in the registry */
        uint32_t arg;   /* RT_ARG_* */
        uint64_t index;
        rt_str key; /* the argument's text, also of an index */
} rti_field_ref;

/* What is looked up: `name`, or with has_arg `name[arg]`. */
typedef struct rti_field_query {
        size_t source; /* number */
        rt_str name, arg;
        bool has_arg; /* tells f[""] from f */
} rti_field_query;

int rti_registry_new(const rt_allocator *allocator, rti_registry **ret_registry);
/* Counted, from any thread. NULL is nobody's. */
rti_registry *rti_registry_ref(rti_registry *registry);
void rti_registry_unref(rti_registry *registry);

/* RT_OK, RT_EABI, RT_EEXIST, RT_EINVAL, RT_ENOMEM, RT_ELIMIT; RT_ENOENT: nothing to extend.
 * The ops are copied. A source that cannot be read is replaced, fields and all, by one
 * of the same name; any is by one that says so. */
int rti_registry_add(rti_registry *registry, const rt_source_ops *ops);
/* See rt_engine_wrap_source. */
int rti_registry_wrap(rti_registry *registry, const char *name, const rt_source_ops *outer,
                      rt_source_ops *ret_inner);
/* All of @a list (the last one has no ops), or of it only the sources named in @a only
 * (NULL-terminated). The fields of "*" come with any of them. */
int rti_registry_add_list(rti_registry *registry, const rti_builtin *list, const char *const *only);

/* A registry in the place of @a from, with the fields of @a ops, too, which is copied. It takes
 * over the caller's reference to @a from: with @a keep the old one lives as long, since others may
 * be reading it. RT_OK, RT_EEXIST, RT_EINVAL, RT_ENOENT: no such source, or not what a field reads;
 * RT_ENOMEM, RT_ELIMIT. Nothing is released then. */
int rti_registry_add_fields(rti_registry *from, const rt_fields_ops *ops, bool keep,
                            rti_registry **ret_registry);

/* The ops of a provider that a registry holds: who is about to call them has a reference, the last
 * one releases them. NULL: nothing. */
const rt_fields_ops *rti_fields_ref(const rt_fields_ops *ops);
void rti_fields_unref(const rt_fields_ops *ops);

/* Asynchronous events of that name are sent: evt.type may be compared with it. RT_OK, RT_ENOMEM. */
int rti_registry_add_async_event(rti_registry *registry, rt_str name);
bool rti_registry_has_async_event(const rti_registry *registry, rt_str name);

size_t rti_registry_sources(const rti_registry *registry);
const rt_source_ops *rti_registry_source(const rti_registry *registry, size_t source);
/* Number of the source, or SIZE_MAX. "*" is none. */
size_t rti_registry_find_source(const rti_registry *registry, rt_str name);
/* Version of a plug-in, for required_plugin_versions; an empty string: not known. */
rt_str rti_registry_plugin_version(const rti_registry *registry, rt_str plugin);

size_t rti_registry_fields(const rti_registry *registry);
const rt_field_desc *rti_registry_field(const rti_registry *registry, uint32_t field);
/* Number of the source that brought the field; SIZE_MAX for the engine's own evt.* ones and "*". */
size_t rti_registry_field_source(const rti_registry *registry, uint32_t field);
/* May rules of @a source use the field? */
bool rti_registry_field_visible(const rti_registry *registry, uint32_t field, size_t source);

/* Look up a field. The key of the result is borrowed from the texts given. RT_OK, RT_ENOMEM, or
 * RT_ENOENT with *ret_error = Falco's message, in @a arena. */
int rti_registry_find(const rti_registry *registry, rti_arena *arena, const rti_field_query *query,
                      rti_field_ref *ret_field, rt_str *ret_error);
/* Who reads the field of exactly that name, and its flags; NULL: its source or the engine does, or
 * there is none. */
const rt_fields_ops *rti_registry_provider(const rti_registry *registry, rt_str name,
                                           uint32_t *ret_flags);
/* What a field of @a source is made of: what it always reads, then what its argument names. None
 * but for those of providers. In @a arena; RT_OK, RT_ENOMEM, or RT_ENOENT with *ret_error. */
int rti_registry_reads(const rti_registry *registry, rti_arena *arena, size_t source,
                       const rti_field_ref *field, rti_field_ref **ret_reads, uint32_t *ret_n,
                       rt_str *ret_error);
/* The known name of @a source nearest to @a name, or an empty string; for "did you mean". */
rt_str rti_registry_suggest(const rti_registry *registry, size_t source, rt_str name);

#endif
