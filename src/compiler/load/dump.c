/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dump.c - what each stage of loading made of the rules, as text: items, rules, ast, typed.
 *
 * The text is what golden tests compare, one fact a line.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

static void
add_line(rti_buf *buf, unsigned indent, const char *what, rt_str text)
{
        rti_buf_printf(buf, "%*s%s ", (int) indent, "", what);
        rti_buf_add_json(buf, text);
        rti_buf_add_char(buf, '\n');
}

static void
add_place(rti_buf *buf, const rti_item *item)
{
        rti_buf_printf(buf, " (%.*s:%u, index %u, visibility %u)\n", RTI_FMT(item->spot.file->name),
                       rti_yaml_place(item->spot.file, item->spot.node->start, 0).line, item->index,
                       item->visibility);
}

static void
add_head(rti_buf *buf, const char *kind, const rti_item *item)
{
        rti_buf_printf(buf, "%s ", kind);
        rti_buf_add_json(buf, item->name);
        add_place(buf, item);
}

/* ---- items: the collection ---- */

static void
dump_entry(rti_buf *buf, const rti_entry *entry)
{
        if (!entry->list) {
                rti_buf_add_json(buf, entry->text);
                return;
        }
        rti_buf_add_char(buf, '[');
        for (uint32_t i = 0; i < entry->n; i++) {
                rti_buf_add_text(buf, i ? ", " : "");
                dump_entry(buf, &entry->at[i]);
        }
        rti_buf_add_char(buf, ']');
}

static void
dump_exception(rti_buf *buf, const rti_exception *exception)
{
        add_line(buf, 2, "exception", exception->name);
        rti_buf_add_text(buf, "    fields ");
        dump_entry(buf, &exception->fields);
        rti_buf_add_text(buf, "\n    comps ");
        dump_entry(buf, &exception->comps);
        rti_buf_add_char(buf, '\n');
        for (uint32_t i = 0; i < exception->n_values; i++) {
                rti_buf_add_text(buf, "    values ");
                dump_entry(buf, &exception->values[i]);
                rti_buf_add_char(buf, '\n');
        }
}

static void
dump_rule_item(rti_loader *loader, const rti_rule_def *def)
{
        rti_buf *buf = &loader->out;

        add_head(buf, "rule", &def->item);
        add_line(buf, 2, "source", def->source);
        rti_buf_printf(buf, "  priority %s%s%s\n", rt_priority_name(def->priority),
                       def->enabled ? "" : ", disabled",
                       def->skip_unknown ? ", skip-if-unknown-filter" : "");
        add_line(buf, 2, "condition", rti_text_join(loader, &def->condition));
        add_line(buf, 2, "output", rti_text_join(loader, &def->output));
        for (uint32_t i = 0; i < def->tags.n; i++)
                add_line(buf, 2, "tag", def->tags.at[i].text);
        for (uint32_t i = 0; i < def->n_exceptions; i++)
                dump_exception(buf, &def->exceptions[i]);
}

static void
dump_items(rti_loader *loader)
{
        rti_buf *buf = &loader->out;

        for (size_t i = 0; i < loader->lists.n; i++) {
                const rti_list *list = loader->lists.at[i];

                add_head(buf, "list", &list->item);
                for (uint32_t k = 0; k < list->words.n; k++)
                        add_line(buf, 2, "item", list->words.at[k].text);
        }
        for (size_t i = 0; i < loader->macros.n; i++) {
                const rti_macro *macro = loader->macros.at[i];

                add_head(buf, "macro", &macro->item);
                add_line(buf, 2, "condition", rti_text_join(loader, &macro->condition));
        }
        for (size_t i = 0; i < loader->rules.n; i++)
                dump_rule_item(loader, loader->rules.at[i]);
}

/* ---- rules: with exceptions written out and lists put in ---- */

static void
dump_rules(rti_loader *loader)
{
        rti_buf *buf = &loader->out;

        for (size_t i = 0; i < loader->rules.n; i++) {
                const rti_rule_def *def = loader->rules.at[i];

                if (!def->loaded || !rti_exceptions_write(loader, def, loader->expansion)
                    || rti_expansion_lists(loader->expansion) < 0)
                        continue;
                add_head(buf, "rule", &def->item);
                add_line(buf, 2, "condition", rti_buf_str(&loader->expansion->text));
                add_line(buf, 2, "output", def->rule.output);
        }
}

/* ---- ast: with macros put in ---- */

static void
dump_ast(rti_loader *loader)
{
        for (size_t i = 0; i < loader->rules.n; i++) {
                const rti_rule_def *def = loader->rules.at[i];
                const rti_node *tree = def->loaded ? rti_rule_tree(loader, def) : NULL;

                if (!tree)
                        continue;
                add_head(&loader->out, "rule", &def->item);
                add_line(&loader->out, 2, "condition", rti_node_print(&loader->work, tree));
        }
}

/* ---- typed ---- */

static void
dump_type(rti_buf *buf, rti_type type)
{
        rti_buf_printf(buf, " : %s%s", rti_kinds[type.kind].name, type.list ? " list" : "");
}

/* As deep as the condition, which is bounded. */
static void
dump_typed(rti_buf *buf, const rti_tnode *node, unsigned indent)
{
        static const char *const names[] = { "and", "or", "not", "exists", "test", "compare" };

        rti_buf_printf(buf, "%*s%s", (int) indent, "", names[node->what]);
        if (node->lhs) {
                rti_buf_printf(buf, " %.*s", RTI_FMT(node->lhs->text));
                dump_type(buf, node->lhs->type);
        }
        if (node->what == RTI_T_TEST || node->what == RTI_T_COMPARE)
                rti_buf_printf(buf, " %.*s %.*s", RTI_FMT(rti_operators[node->op].text),
                               RTI_FMT(rti_modifiers[node->modifier].name));
        if (node->rhs) {
                rti_buf_printf(buf, " %.*s", RTI_FMT(node->rhs->text));
                dump_type(buf, node->rhs->type);
        }
        if (node->what == RTI_T_TEST)
                rti_buf_printf(buf, " %u constants", node->n_values);
        rti_buf_add_char(buf, '\n');
        for (uint32_t i = 0; i < node->n_child; i++)
                dump_typed(buf, node->child[i], indent + 2);
}

static void
dump_typed_rules(rti_loader *loader)
{
        rti_buf *buf = &loader->out;

        for (size_t i = 0; i < loader->rules.n; i++) {
                const rti_rule_def *def = loader->rules.at[i];

                if (!def->loaded)
                        continue;
                add_head(buf, "rule", &def->item);
                dump_typed(buf, def->rule.condition, 2);
                for (uint32_t k = 0; k < def->rule.format->n_fields; k++)
                        add_line(buf, 2, "output field", def->rule.format->fields[k].name);
        }
}

int
rti_loader_dump(rti_loader *loader, rt_str stage, rt_str *ret_text)
{
        static const struct {
                const char *name;
                void (*dump)(rti_loader *loader);
        } stages[] = {
                { "items", dump_items },
                { "rules", dump_rules },
                { "ast", dump_ast },
                { "typed", dump_typed_rules },
        };

        rti_buf_clear(&loader->out);
        for (size_t i = 0; i < RTI_COUNT(stages); i++) {
                if (!rti_str_is(stage, stages[i].name))
                        continue;
                stages[i].dump(loader);
                if (loader->out.failed || loader->status != RT_OK)
                        return loader->out.failed ? loader->out.failed : loader->status;
                *ret_text = rti_buf_str(&loader->out);
                return RT_OK;
        }
        return RT_ENOENT;
}
