/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit.c - a ruleset that was compiled elsewhere beside the registry of this engine.
 *
 *   in   a bound ruleset, whose texts and kinds are sound but come from anyone
 *   out  every source is known, and every field has the name, kind and argument that rules use
 *
 * Sources are told of fields by name, so numbers need not agree; kinds must, since operands were
 * prepared for them.
 */
#include "program/fit.h"

typedef struct fitter {
        const rt_ruleset *rules;
        const rti_registry *registry;
        rti_arena *arena;
        size_t *sources; /* numbers in the registry */
        rt_str *why;
} fitter;

static int
no_source(const fitter *f, rt_str name)
{
        *f->why = rti_arena_printf(f->arena, "no source is called '%.*s' here", RTI_FMT(name));
        return f->why->ptr ? RT_ENOENT : RT_ENOMEM;
}

static int
no_field(const fitter *f, const rti_slot *slot, const char *what)
{
        *f->why = rti_arena_printf(f->arena, "field '%.*s' of source '%.*s' %s here",
                                   RTI_FMT(slot->field), RTI_FMT(f->rules->sources[slot->source]),
                                   what);
        return f->why->ptr ? RT_ENOENT : RT_ENOMEM;
}

static int
fit_sources(const fitter *f)
{
        for (uint32_t i = 0; i < f->rules->p.n_sources; i++) {
                f->sources[i] = rti_registry_find_source(f->registry, f->rules->sources[i]);
                if (f->sources[i] == SIZE_MAX)
                        return no_source(f, f->rules->sources[i]);
        }
        return RT_OK;
}

static bool
same_type(const rti_slot *slot, const rt_field_desc *field)
{
        const bool any = slot->arg == RT_ARG_ANY;

        if (slot->of_subject && !(field->flags & (RT_FIELD_OF_SUBJECT | RT_FIELD_PURE)))
                return false;
        if (slot->dynamic || field->kind == RT_KIND_DYNAMIC)
                return slot->dynamic && field->kind == RT_KIND_DYNAMIC;
        if (slot->type.kind != field->kind || slot->format != field->format)
                return false;
        if (any)
                return (field->flags & RT_FIELD_ANY_OF)
                       && slot->all_differ == !!(field->flags & RT_FIELD_ALL_DIFFER);
        return slot->type.list == !!(field->flags & RT_FIELD_LIST);
}

/* Arguments stand in brackets or, of a few fields, behind a dot: `evt.arg.flags`. */
static int
find(const fitter *f, const rti_slot *slot, rti_field_ref *ret_ref)
{
        const bool has_arg = slot->arg != RT_ARG_NONE && slot->arg != RT_ARG_ANY;
        rti_field_query query = { f->sources[slot->source], slot->field,
                                  has_arg ? slot->key : RTI_STR(""), has_arg };
        rt_str error;
        const int r = rti_registry_find(f->registry, f->arena, &query, ret_ref, &error);

        if (r != RT_ENOENT || !has_arg)
                return r;
        query.name =
                rti_arena_printf(f->arena, "%.*s.%.*s", RTI_FMT(slot->field), RTI_FMT(slot->key));
        query.arg = RTI_STR("");
        query.has_arg = false;
        return query.name.ptr ? rti_registry_find(f->registry, f->arena, &query, ret_ref, &error)
                              : RT_ENOMEM;
}

/* Are the slot's arguments what the field reads here? */
static int
fit_reads(const fitter *f, const rti_slot *slot, const rti_field_ref *field)
{
        rti_field_ref *reads;
        uint32_t n;
        rt_str error;
        int r = rti_registry_reads(f->registry, f->arena, f->sources[slot->source], field, &reads,
                                   &n, &error);

        if (r == RT_OK && n != slot->n_args)
                r = RT_ENOENT;
        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                const rti_slot *arg = &f->rules->slots[slot->args[i]];

                if (!rti_str_is(arg->field, rti_registry_field(f->registry, reads[i].field)->name)
                    || arg->arg != reads[i].arg || !rti_str_eq(arg->key, reads[i].key))
                        r = RT_ENOENT;
        }
        return r == RT_ENOENT ? no_field(f, slot, "is made of other fields") : r;
}

static int
fit_field(const fitter *f, const rti_slot *slot)
{
        const rt_field_desc *field;
        rti_field_ref ref;
        const int r = find(f, slot, &ref);

        if (r == RT_ENOENT)
                return no_field(f, slot,
                                slot->key.len ? "does not take the argument" : "is not known");
        if (r < 0)
                return r;
        field = rti_registry_field(f->registry, ref.field);
        if (!rti_str_eq(rti_str_of(field->name), slot->field))
                return no_field(f, slot, "is not known");
        if (!same_type(slot, field))
                return no_field(f, slot, "is of another kind");
        if (slot->arg != RT_ARG_ANY && (ref.arg != slot->arg || ref.index != slot->index))
                return no_field(f, slot, "takes another kind of argument");
        return fit_reads(f, slot, &ref);
}

int
rti_ruleset_fits(const rt_ruleset *rules, const rti_registry *registry, rti_arena *arena,
                 rt_str *ret_why)
{
        fitter f = { rules, registry, arena, RTI_NEWN(arena, size_t, rules->p.n_sources), ret_why };
        int r = f.sources ? fit_sources(&f) : RT_ENOMEM;

        for (uint32_t i = 0; r == RT_OK && i < rules->p.n_slots; i++)
                if (rules->slots[i].what == RTI_SLOT_FIELD)
                        r = fit_field(&f, &rules->slots[i]);
        return r;
}
