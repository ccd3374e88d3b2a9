/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.c - Falco's describe document: what rules, macros and lists
 * are made of. Members that are sets there come in order of appearance.
 */
#include "compiler/load/load.h"
#include "compiler/cond/details.h"
#include "lang/lang.h"

/* The document being written. */
typedef struct describer {
        rti_loader *loader;
        rti_buf *buf;
} describer;

static void
add_key(describer *d, const char *before, const char *key)
{
        rti_buf_printf(d->buf, "%s\"%s\":", before, key);
}

static void
add_text(describer *d, const char *before, const char *key, rt_str text)
{
        add_key(d, before, key);
        rti_buf_add_json(d->buf, text);
}

static void
add_bool(describer *d, const char *before, const char *key, bool value)
{
        add_key(d, before, key);
        rti_buf_add_text(d->buf, value ? "true" : "false");
}

static void
add_names(describer *d, const char *before, const char *key, const rti_names *names)
{
        add_key(d, before, key);
        rti_buf_add_char(d->buf, '[');
        for (uint32_t i = 0; i < names->n; i++) {
                rti_buf_add_text(d->buf, i ? "," : "");
                rti_buf_add_json(d->buf, names->at[i]);
        }
        rti_buf_add_char(d->buf, ']');
}

static void
put_name(describer *d, rti_names *names, rt_str name)
{
        if (rti_names_add(&d->loader->work, names, name) < 0)
                d->loader->status = RT_ENOMEM;
}

/* ---- conditions ---- */

static bool
known_macro(rt_str name, void *user)
{
        return rti_find_macro(user, name) != NULL;
}

static bool
known_list(rt_str name, void *user)
{
        const rti_loader *loader = user;

        return rti_map_get(&loader->list_names, name) != RTI_MAP_NONE;
}

static void
find_details(describer *d, const rti_node *tree, rti_details *details)
{
        const rti_details_known known = { known_macro, known_list, d->loader };

        *details = (rti_details){ 0 };
        if (tree && rti_details_find(&d->loader->work, tree, &known, details) < 0)
                d->loader->status = RT_ENOMEM;
}

/* Names in a condition as it is written, before lists and macros are put in. It need not parse: a
 * list can stand where the grammar wants something else. */
static void
find_raw_details(describer *d, const rti_text *text, rti_details *details)
{
        rti_parse_error error;
        rti_node *tree = NULL;

        if (rti_cond_parse(&d->loader->work, rti_text_join(d->loader, text),
                           RTI_MAX_CONDITION_DEPTH, &tree, &error)
            < 0)
                tree = NULL;
        find_details(d, tree, details);
}

static void
add_events(describer *d, const rti_event_set *events)
{
        rti_names names = { 0 };

        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                if (rti_event_set_has(events, code))
                        put_name(d, &names, rti_str_of(rti_event_name(&rti_events[code])));
        add_names(d, ",", "events", &names);
}

/* ---- rules ---- */

static void
add_exceptions(describer *d, const rti_rule_def *def)
{
        rti_names fields = { 0 }, names = { 0 }, operators = { 0 };

        for (uint32_t i = 0; i < def->n_exceptions; i++) {
                const rti_exception *exception = &def->exceptions[i];

                put_name(d, &names, exception->name);
                if (!exception->comps.list)
                        put_name(d, &operators, exception->comps.text);
                for (uint32_t k = 0; k < exception->comps.n; k++)
                        put_name(d, &operators, exception->comps.at[k].text);
                if (!exception->fields.list && exception->n_values)
                        put_name(d, &fields, exception->fields.text);
                for (uint32_t k = 0; exception->n_values && k < exception->fields.n; k++)
                        put_name(d, &fields, exception->fields.at[k].text);
        }
        add_names(d, ",", "exception_fields", &fields);
        add_names(d, ",", "exception_names", &names);
        add_names(d, ",", "exception_operators", &operators);
}

/* Fields of the output and of the extra ones, as output_fields call them. */
static void
find_output_fields(describer *d, const rti_rule *rule, rti_names *names)
{
        for (uint32_t i = 0; i < rule->n_extra; i++)
                for (uint32_t k = 0; k < rule->extra[i].format->n_fields; k++)
                        put_name(d, names, rule->extra[i].format->fields[k].name);
        for (uint32_t i = 0; rule->format && i < rule->format->n_fields; i++)
                put_name(d, names, rule->format->fields[i].name);
}

static void
add_extra(describer *d, const rti_rule_def *def)
{
        const struct rti_append_field **fields;
        const uint32_t n = rti_extra_fields(d->loader, def, &fields);
        const char *between = "{";

        for (uint32_t i = 0; i < n; i++) {
                if (!fields[i]->text)
                        continue;
                if (*between == '{')
                        add_key(d, ",", "extra_output_formatted_fields");
                rti_buf_add_text(d->buf, between);
                rti_buf_add_json(d->buf, fields[i]->key);
                rti_buf_add_char(d->buf, ':');
                rti_buf_add_json(d->buf, fields[i]->format);
                between = ",";
        }
        rti_buf_add_text(d->buf, *between == ',' ? "}" : "");
}

/* The plug-ins that bring the rule's source and the fields it names. */
static void
add_plugins(describer *d, const rti_rule_def *def, const rti_names *fields)
{
        const rti_registry *registry = d->loader->registry;
        const rt_source_ops *source = rti_registry_source(registry, def->rule.source);
        rti_names plugins = { 0 };

        if (source && source->plugin)
                put_name(d, &plugins, rti_str_of(source->plugin));
        for (uint32_t i = 0; i < rti_registry_fields(registry); i++) {
                const rt_field_desc *field = rti_registry_field(registry, i);
                const size_t from = rti_registry_field_source(registry, i);
                const rt_source_ops *ops =
                        from == SIZE_MAX ? NULL : rti_registry_source(registry, from);

                if (ops && ops->plugin
                    && rti_map_get(&fields->known, rti_str_of(field->name)) != RTI_MAP_NONE)
                        put_name(d, &plugins, rti_str_of(ops->plugin));
        }
        add_names(d, ",", "plugins", &plugins);
}

static void
add_rule_info(describer *d, const rti_rule_def *def)
{
        const rti_rule *rule = &def->rule;
        const rti_names tags = { .at = rule->tags, .n = rule->n_tags };

        add_bool(d, "{\"info\":{", "capture", def->capture);
        add_key(d, ",", "capture_duration");
        rti_buf_add_u64(d->buf, def->capture_duration);
        add_text(d, ",", "condition", rti_text_join(d->loader, &def->condition));
        add_text(d, ",", "description", rule->desc);
        add_bool(d, ",", "enabled", def->enabled);
        add_text(d, ",", "name", rule->name);
        add_text(d, ",", "output", rti_text_join(d->loader, &def->output));
        add_text(d, ",", "priority", rti_str_of(rt_priority_name(rule->priority)));
        add_text(d, ",", "source", def->source);
        add_names(d, ",", "tags", &tags);
        rti_buf_add_char(d->buf, '}');
}

/* Names of fields without their arguments. */
static void
add_plain_names(describer *d, rti_names *to, const rti_names *from)
{
        for (uint32_t i = 0; i < from->n; i++) {
                const rt_str name = from->at[i];
                const char *bracket = name.len ? memchr(name.ptr, '[', name.len) : NULL;

                put_name(d, to,
                         bracket ? rti_str_sub(name, 0, (size_t) (bracket - name.ptr)) : name);
        }
}

static void
add_rule(describer *d, const rti_rule_def *def)
{
        const rti_node *tree = rti_rule_tree(d->loader, def);
        rti_names outputs = { 0 }, all = { 0 };
        rti_details raw, compiled;

        if (!tree)
                return;
        find_raw_details(d, &def->condition, &raw);
        find_details(d, tree, &compiled);
        find_output_fields(d, &def->rule, &outputs);
        add_plain_names(d, &all, &compiled.fields);
        add_plain_names(d, &all, &outputs);
        add_rule_info(d, def);
        add_text(d, ",\"details\":{", "condition_compiled", rti_node_print(&d->loader->work, tree));
        add_names(d, ",", "condition_fields", &compiled.fields);
        add_names(d, ",", "condition_operators", &compiled.operators);
        add_events(d, &def->rule.events);
        add_exceptions(d, def);
        add_extra(d, def);
        add_names(d, ",", "lists", &raw.lists);
        add_names(d, ",", "macros", &raw.macros);
        add_text(d, ",", "output_compiled", def->rule.output);
        add_names(d, ",", "output_fields", &outputs);
        add_plugins(d, def, &all);
        rti_buf_add_text(d->buf, "}}");
}

/* ---- macros and lists ---- */

static void
add_macro_events(describer *d, const rti_macro *macro)
{
        rti_checker checker = { .arena = &d->loader->work,
                                .registry = d->loader->registry,
                                .elements = rti_find_elements,
                                .elements_user = d->loader };
        rti_event_set events = { 0 };

        if (rti_cond_events(&checker, macro->tree, &events) < 0)
                events = (rti_event_set){ 0 };
        add_events(d, &events);
}

static void
add_macro(describer *d, const rti_macro *macro)
{
        const rti_names none = { 0 };
        rti_details raw, compiled;

        find_raw_details(d, &macro->condition, &raw);
        find_details(d, macro->tree, &compiled);
        add_text(d, "{\"info\":{", "condition", rti_text_join(d->loader, &macro->condition));
        add_text(d, ",", "name", macro->item.name);
        add_text(d, "},\"details\":{", "condition_compiled",
                 rti_node_print(&d->loader->work, macro->tree));
        add_names(d, ",", "condition_fields", &compiled.fields);
        add_names(d, ",", "condition_operators", &compiled.operators);
        add_macro_events(d, macro);
        add_names(d, ",", "lists", &raw.lists);
        add_names(d, ",", "macros", &raw.macros);
        add_names(d, ",", "plugins", &none);
        add_bool(d, ",", "used", macro->item.used);
        rti_buf_add_text(d->buf, "}}");
}

static void
add_list(describer *d, const rti_list *list)
{
        const rti_names compiled = { .at = list->compiled, .n = list->n_compiled }, none = { 0 };
        rti_map there = { .arena = &d->loader->work };
        rti_names lists = { 0 };
        bool first = true;

        for (uint32_t i = 0; i < list->n_compiled; i++)
                if (rti_map_set(&there, list->compiled[i], 1) < 0)
                        d->loader->status = RT_ENOMEM;
        add_text(d, "{\"info\":{", "name", list->item.name);
        add_key(d, ",", "items");
        rti_buf_add_char(d->buf, '[');
        for (uint32_t i = 0; i < list->words.n; i++) {
                /* What is not among the compiled items was the name of a list. */
                if (rti_map_get(&there, list->words.at[i].text) == RTI_MAP_NONE) {
                        put_name(d, &lists, list->words.at[i].text);
                        continue;
                }
                rti_buf_add_text(d->buf, first ? "" : ",");
                rti_buf_add_json(d->buf, list->words.at[i].text);
                first = false;
        }
        rti_buf_add_text(d->buf, "]}");
        add_names(d, ",\"details\":{", "items_compiled", &compiled);
        add_names(d, ",", "lists", &lists);
        add_names(d, ",", "plugins", &none);
        add_bool(d, ",", "used", list->item.used);
        rti_buf_add_text(d->buf, "}}");
}

/* ---- the document ---- */

static void
add_requirements(describer *d)
{
        const rti_version *v = &d->loader->engine_version;

        rti_buf_printf(d->buf, "{\"required_engine_version\":\"%u.%u.%u\"", v->major, v->minor,
                       v->patch);
        add_key(d, ",", "required_plugin_versions");
        rti_buf_add_char(d->buf, '[');
        for (size_t i = 0; i < d->loader->requirements.n; i++) {
                const rti_requirements *entry = &d->loader->requirements.at[i];

                add_text(d, i ? ",{" : "{", "name", entry->at[0].name);
                add_text(d, ",", "version", entry->at[0].version);
                add_key(d, ",", "alternatives");
                rti_buf_add_char(d->buf, '[');
                for (uint32_t k = 1; k < entry->n; k++) {
                        add_text(d, k > 1 ? ",{" : "{", "name", entry->at[k].name);
                        add_text(d, ",", "version", entry->at[k].version);
                        rti_buf_add_char(d->buf, '}');
                }
                rti_buf_add_text(d->buf, "]}");
        }
        rti_buf_add_text(d->buf, "],");
}

static void
add_everything(describer *d)
{
        const rti_loader *loader = d->loader;
        const char *between = "";

        add_requirements(d);
        add_key(d, "", "rules");
        rti_buf_add_char(d->buf, '[');
        for (size_t i = 0; i < loader->rules.n; i++) {
                if (!loader->rules.at[i]->loaded)
                        continue;
                rti_buf_add_text(d->buf, between);
                add_rule(d, loader->rules.at[i]);
                between = ",";
        }
        add_key(d, "],", "macros");
        rti_buf_add_char(d->buf, '[');
        for (size_t i = 0; i < loader->macros.n; i++) {
                rti_buf_add_text(d->buf, i ? "," : "");
                add_macro(d, loader->macros.at[i]);
        }
        add_key(d, "],", "lists");
        rti_buf_add_char(d->buf, '[');
        for (size_t i = 0; i < loader->lists.n; i++) {
                rti_buf_add_text(d->buf, i ? "," : "");
                add_list(d, loader->lists.at[i]);
        }
        rti_buf_add_text(d->buf, "]}");
}

int
rti_loader_describe(rti_loader *loader, const char *rule, rt_str *ret_text)
{
        describer d = { loader, &loader->out };
        const rti_rule_def *def = rule ? rti_find_rule(loader, rti_str_of(rule)) : NULL;

        if (loader->failed)
                return RT_ERULES;
        if (rule && (!def || !def->loaded))
                return RT_ENOENT;
        rti_buf_clear(d.buf);
        if (rule) {
                rti_buf_add_text(d.buf, "{\"rules\":[");
                add_rule(&d, def);
                rti_buf_add_text(d.buf, "]}");
        } else {
                add_everything(&d);
        }
        rti_buf_add_char(d.buf, '\n');
        if (d.buf->failed || loader->status != RT_OK)
                return d.buf->failed ? d.buf->failed : loader->status;
        *ret_text = rti_buf_str(d.buf);
        return RT_OK;
}
