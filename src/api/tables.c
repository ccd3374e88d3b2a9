/* SPDX-License-Identifier: Apache-2.0 */
/* tables.c - the language's tables and the sources, for lists, documents and editors. */
#include "base/opts.h"
#include "engine/engine.h"
#include "lang/diag.h"
#include "lang/events.h"
#include "lang/lang.h"
#include <libruntime/runtime.h>

static const rt_table_row operators[] = {
#define OPERATOR(id, text, family, flags, cost, help) \
        { sizeof(rt_table_row), RTI_OP_##id, text, #family, help },
#include "lang/operators.def"
#undef OPERATOR
};

static const rt_table_row modifiers[] = {
#define MODIFIER(id, text, help) { sizeof(rt_table_row), RTI_MOD_##id, text, "", help },
#include "lang/modifiers.def"
#undef MODIFIER
};

static const rt_table_row transformers[] = {
#define TRANSFORMER(id, name, args, help) { sizeof(rt_table_row), RTI_TR_##id, name, "", help },
#include "lang/transformers.def"
#undef TRANSFORMER
};

static const rt_table_row priorities[] = {
#define PRIORITY(id, number, name, short_name) \
        { sizeof(rt_table_row), number, name, short_name, "" },
#include "lang/priorities.def"
#undef PRIORITY
};

static const rt_table_row kinds[] = {
#define KIND(id, number, name, falco, hold) { sizeof(rt_table_row), number, name, falco, "" },
#include "lang/kinds.def"
#undef KIND
};

#define TEXT_OF_(number) #number
#define TEXT_OF(number)  TEXT_OF_(number)
static const rt_table_row limits[] = {
#define LIMIT(id, value, what) { sizeof(rt_table_row), (value), #id, TEXT_OF(value), what },
#include "lang/limits.def"
#undef LIMIT
};

static const rt_table_row diagnostics[] = {
#define DIAG(code, id, severity, falco, title, explanation) \
        { sizeof(rt_table_row), code, "RT" #code, falco, explanation },
#include "lang/diags.def"
#undef DIAG
};

typedef struct row_range {
        const rt_table_row *rows;
        size_t n;
} row_range;

static const row_range tables[] = {
        [RT_TABLE_OPERATORS] = { operators, RTI_COUNT(operators) },
        [RT_TABLE_MODIFIERS] = { modifiers, RTI_COUNT(modifiers) },
        [RT_TABLE_TRANSFORMERS] = { transformers, RTI_COUNT(transformers) },
        [RT_TABLE_PRIORITIES] = { priorities, RTI_COUNT(priorities) },
        [RT_TABLE_KINDS] = { kinds, RTI_COUNT(kinds) },
        [RT_TABLE_LIMITS] = { limits, RTI_COUNT(limits) },
        [RT_TABLE_DIAGNOSTICS] = { diagnostics, RTI_COUNT(diagnostics) },
};

static int
give_event(size_t index, rt_table_row *ret_row)
{
        rt_table_row row = { sizeof row, index, "", "", "" };

        if (index >= RTI_N_EVENT_CODES)
                return RT_ENOENT;
        row.name = rti_event_name(&rti_events[index]);
        row.help = rti_events[index].exit ? "exit" : "enter";
        return rti_opts_give(&row, sizeof row, ret_row);
}

/* Parameters of all events, in their order. */
static int
give_param(size_t index, rt_table_row *ret_row)
{
        static const char *const formats[] = {
                [RT_FORMAT_NONE] = "",
                [RT_FORMAT_DEC] = "dec",
                [RT_FORMAT_HEX] = "hex",
                [RT_FORMAT_OCT] = "oct",
        };
        rt_table_row row = { sizeof row, 0, "", "", "" };
        const rti_param_info *param;

        while (row.number < RTI_N_EVENT_CODES && index >= rti_events[row.number].n_params)
                index -= rti_events[row.number++].n_params;
        if (row.number >= RTI_N_EVENT_CODES)
                return RT_ENOENT;
        param = rti_event_params(&rti_events[row.number]) + index;
        row.name = rti_param_name(param->name);
        row.detail = rti_param_type_name(param->type);
        row.help = formats[param->format];
        return rti_opts_give(&row, sizeof row, ret_row);
}

int
rt_table_get(uint32_t table, size_t index, rt_table_row *ret_row)
{
        rt_table_row row;

        if (!ret_row || table > RT_TABLE_PARAMS)
                return RT_EINVAL;
        if (table == RT_TABLE_EVENTS)
                return give_event(index, ret_row);
        if (table == RT_TABLE_PARAMS)
                return give_param(index, ret_row);
        if (index >= tables[table].n)
                return RT_ENOENT;
        row = tables[table].rows[index];
        row.detail = row.detail ? row.detail : "";
        return rti_opts_give(&row, sizeof row, ret_row);
}

int
rt_engine_source(const rt_engine *engine, size_t index, rt_source_info *ret_info)
{
        rt_source_info info = { .size = sizeof info };
        const rt_source_ops *ops;

        if (!engine || !ret_info)
                return RT_EINVAL;
        if (index >= rti_registry_sources(engine->registry))
                return RT_ENOENT;
        ops = rti_registry_source(engine->registry, index);
        info.name = ops->name;
        info.plugin = ops->plugin;
        info.version = ops->version;
        info.readable = ops->create != NULL;
        return rti_opts_give(&info, sizeof info, ret_info);
}
