/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exceptions.c - exceptions of rules: read, checked, and written as text behind the condition.
 *
 * The reference puts exceptions into the condition as text, with no more quoting than a blank asks
 * for; so values can hold syntax, and rules rely on it.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* ---- reading ---- */

static void
take_entry(rti_loader *loader, const rti_spot *spot, const rti_yaml_node *node, rti_entry *entry,
           bool *ok)
{
        *entry = (rti_entry){ .node = node };
        if (node->kind == RTI_YAML_SCALAR) {
                entry->text = node->text;
                entry->valid = node->text.len > 0;
                if (entry->valid)
                        return;
                rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "Value must be non-empty");
                *ok = false;
                return;
        }
        if (node->kind != RTI_YAML_LIST)
                return;
        entry->list = true;
        entry->valid = node->n > 0;
        entry->at = RTI_NEWN(&loader->arena, rti_entry, node->n);
        if (!entry->at) {
                loader->status = RT_ENOMEM;
                return;
        }
        /* As deep as the nodes are, which is bounded. */
        for (uint32_t i = 0; i < node->n; i++) {
                rti_spot inside = *spot;

                inside.node = node->child[i];
                take_entry(loader, &inside, node->child[i], &entry->at[i], ok);
        }
        entry->n = node->n;
}

static void
take_key(rti_loader *loader, const rti_spot *spot, const char *key, bool required, rti_entry *entry,
         bool *ok)
{
        const rti_yaml_node *node = rti_yaml_get(spot->node, key);
        rti_spot value;

        if (!node && required) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, spot, "Item has no mapping for key '%s'",
                              key);
                *ok = false;
        }
        if (!node)
                return;
        value = rti_spot_in(loader, spot, node, "value for", rti_str_of(key));
        take_entry(loader, &value, node, entry, ok);
}

static void
take_values(rti_loader *loader, rti_exception *exception, bool append, bool *ok)
{
        const rti_yaml_node *node = rti_yaml_get(exception->spot.node, "values");
        rti_spot spot;

        if (!node) {
                if (append)
                        rti_report_at(loader, RTI_D_APPEND_NO_VALUES, &exception->spot,
                                      "Overriding/appending exception with no values");
                return;
        }
        spot = rti_spot_in(loader, &exception->spot, node, "exception values", RTI_STR(""));
        if (node->kind != RTI_YAML_LIST) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                              "Rule exception values must be a sequence");
                *ok = false;
                return;
        }
        exception->values = RTI_NEWN(&loader->arena, rti_entry, node->n);
        if (!exception->values) {
                loader->status = RT_ENOMEM;
                return;
        }
        for (uint32_t i = 0; i < node->n; i++) {
                rti_spot value = spot;

                value.node = node->child[i];
                take_entry(loader, &value, node->child[i], &exception->values[i], ok);
        }
        exception->n_values = exception->room = node->n;
}

static bool
read_one(rti_loader *loader, const rti_spot *rule, bool append, rti_exception *exception)
{
        bool ok = true;

        if (exception->spot.node->kind != RTI_YAML_MAP) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &exception->spot,
                              "Rule exception must be a mapping");
                return false;
        }
        rti_take_text(loader, &exception->spot, "name", RTI_REQUIRED, &exception->name, &ok);
        if (ok)
                exception->spot = rti_spot_in(loader, rule, exception->spot.node, "exception",
                                              exception->name);
        take_key(loader, &exception->spot, "fields", !append, &exception->fields, &ok);
        take_key(loader, &exception->spot, "comps", false, &exception->comps, &ok);
        take_values(loader, exception, append, &ok);
        rti_check_keys(loader, &exception->spot, RTI_ITEM_EXCEPTION);
        return ok;
}

static void
warn_same_name(rti_loader *loader, const rti_rule_def *def, const rti_exception *exception)
{
        for (uint32_t i = 0; i < def->n_exceptions; i++)
                if (exception->name.len && rti_str_eq(def->exceptions[i].name, exception->name))
                        rti_report_at(loader, RTI_D_EXCEPTION_NAME_NOT_UNIQUE, &exception->spot,
                                      "Multiple definitions of exception '%.*s' in the same rule",
                                      RTI_FMT(exception->name));
}

void
rti_read_exceptions(rti_loader *loader, const rti_spot *rule, bool append, rti_rule_def *def,
                    bool *ok)
{
        const rti_yaml_node *node = rti_yaml_get(rule->node, "exceptions");
        rti_spot spot;

        if (!node || node->kind == RTI_YAML_NULL)
                return;
        spot = rti_spot_in(loader, rule, node, "exceptions", RTI_STR(""));
        if (node->kind != RTI_YAML_LIST) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &spot,
                              "Rule exceptions must be a sequence");
                *ok = false;
                return;
        }
        if (node->n > RTI_MAX_EXCEPTIONS) {
                rti_report_at(loader, RTI_D_LIMIT, &spot,
                              "Too many exceptions (limit EXCEPTIONS: %d)", RTI_MAX_EXCEPTIONS);
                *ok = false;
                return;
        }
        if (!def->room_exceptions && node->n) {
                def->exceptions = RTI_NEWN(&loader->arena, rti_exception, node->n);
                def->room_exceptions = def->exceptions ? node->n : 0;
        }
        for (uint32_t i = 0; i < node->n; i++) {
                rti_exception exception = { .spot = rti_spot_in(loader, &spot, node->child[i],
                                                                "exception", RTI_STR("")) };

                if (!read_one(loader, rule, append, &exception))
                        *ok = false;
                warn_same_name(loader, def, &exception);
                if (rti_grow(loader, (void **) &def->exceptions, def->n_exceptions,
                             &def->room_exceptions, sizeof exception))
                        def->exceptions[def->n_exceptions++] = exception;
        }
}

/* ---- checking ---- */

/* "startswith oneof": a string operator, blanks, a modifier. */
static bool
with_modifier(rt_str comp)
{
        for (size_t op = 0; op < RTI_N_OPERATORS; op++) {
                rt_str rest = comp;

                if (rti_operators[op].family != RTI_RHS_STRING
                    || !rti_str_starts(comp, rti_operators[op].text))
                        continue;
                rest = rti_str_sub(comp, rti_operators[op].text.len, comp.len);
                if (!rest.len || (rest.ptr[0] != ' ' && rest.ptr[0] != '\t'))
                        continue;
                rest = rti_str_trim(rest);
                for (size_t mod = RTI_MOD_NONE + 1; mod < RTI_N_MODIFIERS; mod++)
                        if (rti_str_eq(rest, rti_modifiers[mod].name))
                                return true;
        }
        return false;
}

static bool
known_operator(rt_str comp)
{
        for (size_t op = 0; op < RTI_N_OPERATORS; op++)
                if (rti_str_eq(comp, rti_operators[op].text))
                        return true;
        return with_modifier(comp);
}

static bool
list_operator(rt_str comp)
{
        for (size_t op = 0; op < RTI_N_OPERATORS; op++)
                if (rti_operators[op].family == RTI_RHS_LIST
                    && rti_str_eq(comp, rti_operators[op].text))
                        return true;
        return with_modifier(comp);
}

/* RT_OK, RT_ENOMEM, or what else is wrong with it. */
static int
look_up_field(rti_loader *loader, size_t source, rt_str field)
{
        rti_checker checker = { .arena = &loader->work,
                                .registry = loader->registry,
                                .source = source };
        rti_parse_error error;
        rti_field_query query = { .source = source };
        rti_field_ref ref;
        rti_tnode *typed;
        rti_node *tree;
        rt_str text, message;
        const bool transformed = rti_str_find(field, RTI_STR("(")) != SIZE_MAX;
        int r;

        text = rti_arena_printf(&loader->work, "%.*s exists", RTI_FMT(field));
        if (!text.ptr)
                return RT_ENOMEM;
        r = rti_cond_parse(&loader->work, text, RTI_MAX_CONDITION_DEPTH, &tree, &error);
        if (r < 0 || tree->kind != RTI_NODE_EXISTS)
                return r < 0 ? r : RT_ERULES;
        if (transformed)
                return rti_cond_resolve(&checker, tree, &typed);
        tree = tree->child[0];
        if (tree->kind != RTI_NODE_FIELD)
                return RT_ERULES;
        query.name = tree->text;
        query.arg = tree->arg;
        query.has_arg = tree->has_arg;
        return rti_registry_find(loader->registry, &loader->work, &query, &ref, &message);
}

static bool
known_field(rti_loader *loader, size_t source, rt_str field)
{
        const int r = look_up_field(loader, source, field);

        if (r == RT_ENOMEM)
                loader->status = r;
        return r == RT_OK || r == RT_ENOMEM;
}

static bool
check_field(rti_loader *loader, const rti_exception *exception, const rti_entry *field,
            size_t source)
{
        rti_report report = {
                .id = RTI_D_VALIDATE,
                .file = exception->spot.file,
                .where = exception->spot.where,
                .item = exception->spot.item,
        };
        rt_str near;

        if (source == SIZE_MAX || known_field(loader, source, field->text))
                return true;
        report.start = field->node->start;
        report.end = field->node->end;
        report.message = rti_arena_printf(&loader->arena, "'%.*s' is not a supported filter field",
                                          RTI_FMT(field->text));
        near = rti_registry_suggest(loader->registry, source, field->text);
        if (near.len)
                report.hint =
                        rti_arena_printf(&loader->arena, "did you mean '%.*s'?", RTI_FMT(near));
        rti_report_add(loader, &report);
        return false;
}

static bool
check_lists(rti_loader *loader, rti_exception *exception, size_t source)
{
        rti_entry *comps = &exception->comps;
        bool ok = true;

        if (!comps->valid) {
                *comps = (rti_entry){ .valid = true, .list = true };
                comps->at = RTI_NEWN(&loader->arena, rti_entry, exception->fields.n);
                if (!comps->at) {
                        loader->status = RT_ENOMEM;
                        return false;
                }
                comps->n = exception->fields.n;
                for (uint32_t i = 0; i < comps->n; i++)
                        comps->at[i] = (rti_entry){ .valid = true, .text = RTI_STR("=") };
        }
        if (comps->n != exception->fields.n) {
                rti_report_at(loader, RTI_D_VALIDATE, &exception->spot,
                              "Fields and comps lists must have equal length");
                return false;
        }
        for (uint32_t i = 0; i < comps->n; i++) {
                rti_spot spot = exception->spot;

                comps->at[i].text = rti_str_trim(comps->at[i].text);
                if (known_operator(comps->at[i].text))
                        continue;
                spot.node = comps->at[i].node;
                rti_report_at(loader, RTI_D_VALIDATE, &spot,
                              "'%.*s' is not a supported comparison operator",
                              RTI_FMT(comps->at[i].text));
                ok = false;
        }
        for (uint32_t i = 0; i < exception->fields.n; i++)
                ok &= check_field(loader, exception, &exception->fields.at[i], source);
        return ok;
}

static bool
check_single(rti_loader *loader, rti_exception *exception, size_t source)
{
        rti_entry *comps = &exception->comps;

        if (!comps->valid)
                *comps = (rti_entry){ .valid = true, .text = RTI_STR("in") };
        if (comps->list) {
                rti_report_at(loader, RTI_D_VALIDATE, &exception->spot,
                              "Fields and comps must both be strings");
                return false;
        }
        comps->text = rti_str_trim(comps->text);
        if (!list_operator(comps->text)) {
                rti_report_at(loader, RTI_D_VALIDATE, &exception->spot,
                              "When fields is a single value, comps must be one of (in, pmatch, "
                              "intersects) or a modifier operator (e.g. startswith oneof)");
                return false;
        }
        return check_field(loader, exception, &exception->fields, source);
}

bool
rti_check_exception(rti_loader *loader, rti_exception *exception, size_t source)
{
        return exception->fields.list ? check_lists(loader, exception, source)
                                      : check_single(loader, exception, source);
}

/* ---- writing ---- */

static void
add_text(rti_expansion *out, const rti_exception *exception, const char *text)
{
        const rti_piece piece = { rti_str_of(text), exception->spot.file, exception->spot.node, 0,
                                  true };

        rti_expansion_add(out, &piece);
}

/* An entry as it is written; comps that were not written stand at the exception. */
static void
add_entry(rti_expansion *out, const rti_exception *exception, const rti_entry *entry)
{
        const rti_yaml_node *node = entry->node ? entry->node : exception->spot.node;
        rti_piece piece = { entry->text, exception->spot.file, node, 0, !entry->node };

        /* Trimmed operators no longer begin where the scalar does. */
        if (entry->node && entry->text.len)
                piece.from = (uint32_t) (entry->text.ptr - node->text.ptr);
        rti_expansion_add(out, &piece);
}

static void
add_quoted(rti_expansion *out, const rti_exception *exception, const rti_entry *entry)
{
        const rt_str text = entry->text;
        const bool quote = text.len && memchr(text.ptr, ' ', text.len) && text.ptr[0] != '"'
                           && text.ptr[0] != '\'';

        add_text(out, exception, quote ? "\"" : "");
        add_entry(out, exception, entry);
        add_text(out, exception, quote ? "\"" : "");
}

static bool
write_single(rti_loader *loader, const rti_exception *exception, rti_expansion *out)
{
        for (uint32_t i = 0; i < exception->n_values; i++) {
                if (exception->values[i].list) {
                        rti_report_at(loader, RTI_D_VALIDATE, &exception->spot,
                                      "Expected values array to contain a list of strings");
                        return false;
                }
                if (i == 0) {
                        add_text(out, exception, " and not (");
                        add_entry(out, exception, &exception->fields);
                        add_text(out, exception, " ");
                        add_entry(out, exception, &exception->comps);
                        add_text(out, exception, " (");
                } else {
                        add_text(out, exception, ", ");
                }
                add_quoted(out, exception, &exception->values[i]);
        }
        add_text(out, exception, exception->n_values ? "))" : "");
        return true;
}

static void
write_value(const rti_exception *exception, const rti_entry *value, bool list, rti_expansion *out)
{
        const bool parens = value->text.len == 0 || value->text.ptr[0] != '(';

        if (value->list) {
                add_text(out, exception, "(");
                for (uint32_t i = 0; i < value->n; i++) {
                        add_text(out, exception, i ? ", " : "");
                        add_quoted(out, exception, &value->at[i]);
                }
                add_text(out, exception, ")");
        } else if (list) {
                add_text(out, exception, parens ? "(" : "");
                add_entry(out, exception, value);
                add_text(out, exception, parens ? ")" : "");
        } else {
                add_quoted(out, exception, value);
        }
}

static void
write_tuple(const rti_exception *exception, const rti_entry *values, rti_expansion *out)
{
        static const rti_entry nothing;

        add_text(out, exception, "(");
        for (uint32_t i = 0; i < exception->fields.n; i++) {
                /* override-replace installs exceptions unchecked: comps can be missing. */
                const rti_entry *comp = exception->comps.list && i < exception->comps.n
                                                ? &exception->comps.at[i]
                                                : &nothing;

                add_text(out, exception, i ? " and  " : " ");
                add_entry(out, exception, &exception->fields.at[i]);
                add_text(out, exception, " ");
                add_entry(out, exception, comp);
                add_text(out, exception, " ");
                write_value(exception, &values->at[i], list_operator(comp->text), out);
        }
        add_text(out, exception, ")");
}

static bool
write_list(rti_loader *loader, const rti_exception *exception, rti_expansion *out)
{
        for (uint32_t i = 0; i < exception->n_values; i++) {
                rti_spot spot = exception->spot;

                if (exception->values[i].n != exception->fields.n) {
                        spot.node = exception->values[i].node;
                        rti_report_at(loader, RTI_D_VALIDATE, &spot,
                                      "Fields and values lists must have equal length");
                        return false;
                }
                add_text(out, exception, i ? " or " : " and not (");
                write_tuple(exception, &exception->values[i], out);
        }
        add_text(out, exception, exception->n_values ? ")" : "");
        return true;
}

bool
rti_exceptions_write(rti_loader *loader, const rti_rule_def *def, rti_expansion *expansion)
{
        const rti_piece open = { RTI_STR("("), def->item.spot.file, def->item.spot.node, 0, true };
        const rti_piece close = { RTI_STR(")"), def->item.spot.file, def->item.spot.node, 0, true };
        bool ok = true;

        rti_expansion_begin(expansion);
        if (def->n_exceptions)
                rti_expansion_add(expansion, &open);
        rti_expansion_add_text(expansion, &def->condition);
        if (def->n_exceptions)
                rti_expansion_add(expansion, &close);
        for (uint32_t i = 0; ok && i < def->n_exceptions; i++) {
                const rti_exception *exception = &def->exceptions[i];

                ok = exception->fields.list ? write_list(loader, exception, expansion)
                                            : write_single(loader, exception, expansion);
        }
        return ok;
}
