/* SPDX-License-Identifier: Apache-2.0 */
/* probe_fields.c - the catalogue of fields. */
#include "lang/lang.h"
#include "probe_engine.h"

static const struct {
        uint32_t flag;
        const char *name;
} flag_names[] = {
        { RT_FIELD_NO_RHS, "no_rhs" },           { RT_FIELD_NO_TRANSFORMER, "no_transformer" },
        { RT_FIELD_FILTER_ONLY, "filter_only" }, { RT_FIELD_PRINT_ONLY, "print_only" },
        { RT_FIELD_TABLE_ONLY, "table_only" },   { RT_FIELD_SUGGESTED, "suggested" },
        { RT_FIELD_DEPRECATED, "deprecated" },
};

static json_t *
flags_json(uint32_t flags)
{
        json_t *list = json_array();

        for (size_t i = 0; i < RTI_COUNT(flag_names); i++)
                if (flags & flag_names[i].flag)
                        json_array_append_new(list, json_string(flag_names[i].name));
        return list;
}

static const char *
argument(uint32_t flags)
{
        const bool index = flags & RT_FIELD_ARG_INDEX, key = flags & RT_FIELD_ARG_KEY;

        if (flags & RT_FIELD_ARG_REQUIRED)
                return index && key ? "required:index|key"
                       : index      ? "required:index"
                                    : "required:key";
        if (flags & RT_FIELD_ARG_OPTIONAL)
                return index && key ? "optional:index|key"
                       : index      ? "optional:index"
                                    : "optional:key";
        return "none";
}

/* fields {sources} -> {fields: [{name, group, source, type, list, arg, flags}]} */
static void
run_fields(probe *p)
{
        rt_engine *engine = probe_engine_new(p);
        json_t *list = json_array();
        rt_field_info field = RT_INIT(rt_field_info);

        for (size_t i = 0; engine && rt_engine_field(engine, i, &field) == RT_OK; i++)
                json_array_append_new(
                        list, json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:o}", "name", field.name,
                                        "group", field.group ? field.group : "", "source",
                                        field.source, "type", rti_kinds[field.kind].name, "list",
                                        (int) (field.flags & RT_FIELD_LIST), "arg",
                                        argument(field.flags), "flags", flags_json(field.flags)));
        probe_set(p, "fields", list);
        rt_engine_unref(engine);
}

const probe_op probe_fields_ops[] = {
        { "fields", run_fields },
        { NULL, NULL },
};
