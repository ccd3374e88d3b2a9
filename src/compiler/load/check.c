/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c - one rule: exceptions, output, condition, in the reference's order of complaints.
 */
#include "compiler/load/load.h"
#include "compiler/cond/macros.h"
#include "lang/lang.h"
#include <stdlib.h>

static const rt_str container_info = RTI_STR_INIT("%container.info");

/* One rule on its way. */
typedef struct checking {
        rti_loader *loader;
        rti_rule_def *def;
        rti_checker checker;
        bool skipped; /* skip-if-unknown-filter took it out */
        bool ok;
} checking;

/* What skip-if-unknown-filter makes a warning of. */
static bool
about_unknown(rt_str message)
{
        static const char *const texts[] = { "nonexistent field", "invalid formatting token",
                                             "unknown event type", "unknown filter:" };

        for (size_t i = 0; i < RTI_COUNT(texts); i++)
                if (rti_str_find(message, rti_str_of(texts[i])) != SIZE_MAX)
                        return true;
        return false;
}

static rti_report
report_of(const rti_rule_def *def, enum rti_diag_id id)
{
        return (rti_report){
                .id = id,
                .file = def->item.spot.file,
                .start = def->item.spot.node->start,
                .end = rti_head_end(def->item.spot.node),
                .where = def->item.spot.where,
                .where_file = def->item.spot.file,
                .item = def->item.name,
        };
}

/* ---- output ---- */

/* The output without %container.info, which the reference no longer knows. NULL: no memory. */
static rt_str
drop_container_info(checking *c, rt_str text)
{
        const rt_str token = container_info;
        rti_loader *loader = c->loader;
        size_t at;

        if (rti_str_find(text, token) == SIZE_MAX)
                return rti_arena_copy(&loader->work, text);
        rti_report_at(loader, RTI_D_DEPRECATED_ITEM, &c->def->item.spot,
                      "%.*s is deprecated and taken out of the output: sources suggest their own "
                      "fields",
                      RTI_FMT(container_info));
        rti_buf_clear(&loader->out);
        while ((at = rti_str_find(text, token)) != SIZE_MAX) {
                rti_buf_add(&loader->out, rti_str_sub(text, 0, at));
                text = rti_str_sub(text, at + token.len, text.len);
        }
        rti_buf_add(&loader->out, text);
        if (loader->out.failed)
                return (rt_str){ NULL, 0 };
        return rti_arena_copy(&loader->work, rti_buf_str(&loader->out));
}

/* Offset in the output as it was before drop_container_info. */
static uint32_t
with_container_info(rt_str raw, uint32_t offset)
{
        const rt_str token = container_info;
        size_t from = 0, at;

        while ((at = rti_str_find(rti_str_sub(raw, from, raw.len), token)) != SIZE_MAX
               && from + at <= offset) {
                offset += (uint32_t) token.len;
                from += at + token.len;
        }
        return offset;
}

static void
report_output(checking *c, const rti_check_error *error)
{
        rti_report report = report_of(c->def, RTI_D_COMPILE_OUTPUT);
        const rt_str raw = rti_buf_str(&c->loader->expansion->raw);
        const uint32_t end = error->end > error->pos.offset ? error->end : error->pos.offset + 1;

        if (about_unknown(error->message) && c->def->skip_unknown) {
                report.id = RTI_D_UNKNOWN_FILTER;
                c->skipped = true;
        } else {
                c->ok = false;
        }
        report.where = c->def->output_where;
        report.message = error->message;
        report.hint = error->hint;
        rti_expansion_place(c->loader->expansion, true, with_container_info(raw, error->pos.offset),
                            with_container_info(raw, end - 1) + 1, &report);
        rti_report_add(c->loader, &report);
}

static void
output_failed(checking *c, int r)
{
        c->ok = false;
        if (r == RT_ELIMIT)
                rti_report_at(c->loader, RTI_D_LIMIT, &c->def->item.spot,
                              "The output is too large (limit CONDITION_BYTES: %d)",
                              RTI_MAX_CONDITION_BYTES);
        else
                c->loader->status = RT_ENOMEM;
}

static rti_format *
compile_format(checking *c, rt_str text)
{
        rti_format *format;
        const int r = rti_format_parse(&c->checker, text, &format);

        if (r == RT_OK)
                return format;
        if (r == RT_ERULES)
                report_output(c, &c->checker.error);
        else
                output_failed(c, r);
        return NULL;
}

static void
warn_deprecated_output(checking *c, rt_str text)
{
        for (size_t i = 0; i < RTI_N_DEPRECATED; i++) {
                const rt_str name = rti_deprecated_fields[i].name;
                const size_t at = rti_str_find(text, name);
                rti_report report = report_of(c->def, RTI_D_DEPRECATED_ITEM);

                if (at == SIZE_MAX)
                        continue;
                report.where = c->def->output_where;
                report.field = name;
                report.message = rti_arena_printf(
                        &c->loader->work,
                        "usage of deprecated field '%.*s' has been detected in the rule output",
                        RTI_FMT(name));
                rti_expansion_place(c->loader->expansion, true, (uint32_t) at,
                                    (uint32_t) (at + name.len), &report);
                rti_report_add(c->loader, &report);
        }
}

/* Is the host asked about matches of the rule? Where its source has not all that this takes it is
 * not, or, if the alert needs what it says, the rule is wrong. */
static bool
is_asked(checking *c, const rti_asked *asked)
{
        const rti_field_query query = { .source = c->checker.source,
                                        .name = rti_str_sub(asked->format, 1, asked->format.len) };
        const rti_registry *registry = c->loader->registry;
        bool named = !asked->n_rules;
        rti_field_ref ref, *reads;
        rt_str why;
        uint32_t n;
        int r;

        for (uint32_t i = 0; i < asked->n_rules && !named; i++)
                named = rti_wildcard_matches(asked->rules[i], c->def->item.name);
        if (!named)
                return false;
        r = rti_registry_find(registry, &c->loader->work, &query, &ref, &why);
        r = r < 0 ? r
                  : rti_registry_reads(registry, &c->loader->work, c->checker.source, &ref, &reads,
                                       &n, &why);
        if (r == RT_ENOENT && asked->also) {
                rti_report_at(c->loader, RTI_D_HOST_ITEM, &c->def->item.spot, "%.*s", RTI_FMT(why));
                c->ok = false;
        }
        return r == RT_OK;
}

/* Where the rule is, for whoever cannot judge it. */
static rt_str
place_of(const checking *c)
{
        const rti_spot *spot = &c->def->item.spot;
        const rti_place place = rti_yaml_place(spot->file, spot->node->start, spot->node->start);

        return rti_arena_printf(&c->loader->work, "%u:%u:%.*s", place.line, place.column,
                                RTI_FMT(spot->file->name));
}

static void
compile_extra_fields(checking *c)
{
        const struct rti_append_field **fields;
        const uint32_t n = rti_extra_fields(c->loader, c->def, &fields);
        rti_rule *rule = &c->def->rule;

        rule->extra = RTI_NEWN(&c->loader->work, rti_extra_field, n + c->loader->n_asked);
        if (!rule->extra) {
                c->loader->status = RT_ENOMEM;
                return;
        }
        for (uint32_t i = 0; i < n; i++) {
                rti_format *format = compile_format(c, fields[i]->format);

                if (!format)
                        continue;
                warn_deprecated_output(c, fields[i]->format);
                rule->extra[rule->n_extra++] =
                        (rti_extra_field){ fields[i]->key, fields[i]->text, format };
        }
        for (const rti_asked *asked = c->loader->asked; asked; asked = asked->next)
                if (is_asked(c, asked))
                        rule->extra[rule->n_extra++] =
                                (rti_extra_field){ asked->also ? place_of(c) : RTI_STR(""),
                                                   asked->also ? RTI_EXTRA_ALSO : RTI_EXTRA_ASKED,
                                                   compile_format(c, asked->format) };
        if (rule->n_extra && !rule->extra[rule->n_extra - 1].format)
                rule->n_extra = 0;
}

static void
compile_output(checking *c)
{
        const rti_piece extra = {
                { NULL, 0 }, c->def->item.spot.file, c->def->item.spot.node, 0, true
        };
        rti_expansion *x = c->loader->expansion;
        rti_piece more = extra;
        rt_str text;

        rti_expansion_begin(x);
        rti_expansion_add_text(x, &c->def->output);
        rti_buf_clear(&c->loader->out);
        rti_extra_output(c->loader, c->def, c->checker.source, &c->loader->out);
        more.text = rti_buf_str(&c->loader->out);
        rti_expansion_add(x, &more);
        text = (rt_str){ NULL, 0 };
        if (!x->raw.failed && !c->loader->out.failed)
                text = drop_container_info(c, rti_buf_str(&x->raw));
        if (!text.ptr) {
                output_failed(c, x->raw.failed);
                return;
        }
        c->def->rule.output = text;
        c->def->rule.format = compile_format(c, text);
        if (!c->def->rule.format)
                return;
        /* The reference puts a '*' in front of every output: missing values print as <NA>. */
        c->def->rule.format->lenient = true;
        warn_deprecated_output(c, text);
        compile_extra_fields(c);
}

/* ---- condition ---- */

static void
report_warning(checking *c, const rti_check_warning *warning, bool at_start)
{
        static const rti_text_pos start;
        rti_report report = report_of(c->def, warning->diag);

        if (warning->diag == RTI_D_NOT_PORTABLE
            && (c->loader->opts.flags & RT_LOADER_NO_PORTABILITY))
                return;
        report.message = warning->message;
        report.field = warning->field;
        report.condition = c->def->full_condition;
        report.where =
                rti_condition_where(c->loader, c->def->condition_where,
                                    at_start ? &start : &warning->pos, c->def->full_condition);
        rti_place_node(c->loader, warning->at, warning->pos.offset, warning->end, &report);
        rti_report_add(c->loader, &report);
}

/* Oldest first; those of our own come whether or not the condition holds. */
static void
report_warnings(checking *c, bool at_start, bool ours_only)
{
        rti_check_warning *list = NULL, *next;

        for (rti_check_warning *w = c->checker.warnings; w; w = next) {
                next = w->next;
                w->next = list;
                list = w;
        }
        c->checker.warnings = NULL;
        for (; list; list = list->next)
                if (!ours_only || !rti_diag_infos[list->diag].falco)
                        report_warning(c, list, at_start);
}

static void
report_condition(checking *c, const rti_check_error *error)
{
        const bool first = error == &c->checker.error;
        rti_report report = report_of(c->def, RTI_D_COMPILE_CONDITION);

        if (c->loader->expansion->tainted) {
                c->ok = false;
                return;
        }
        if (first && about_unknown(error->message) && c->def->skip_unknown) {
                report.id = RTI_D_UNKNOWN_FILTER;
                c->skipped = true;
        } else {
                c->ok = false;
        }
        report.ours = !first;
        report.message = error->message;
        report.hint = error->hint;
        report.condition = c->def->full_condition;
        report.where = rti_condition_where(c->loader, c->def->condition_where, &error->pos,
                                           c->def->full_condition);
        rti_place_node(c->loader, error->at, error->pos.offset,
                       error->end > error->pos.offset ? error->end : error->pos.offset + 1,
                       &report);
        rti_report_add(c->loader, &report);
}

static void
report_failure(checking *c, int r)
{
        if (r == RT_ELIMIT) {
                rti_report_at(c->loader, RTI_D_LIMIT, &c->def->item.spot,
                              "The condition is too large (limit CONDITION_NODES: %d)",
                              RTI_MAX_CONDITION_NODES);
                c->ok = false;
        } else if (r != RT_ERULES) {
                c->loader->status = RT_ENOMEM;
                c->ok = false;
        }
}

static void
type_condition(checking *c, const rti_node *tree)
{
        const rti_check_error *error = &c->checker.error;
        int r = rti_cond_warn(&c->checker, tree);

        report_warnings(c, true, false);
        if (r == RT_OK)
                r = rti_cond_resolve(&c->checker, tree, &c->def->rule.condition);
        report_warnings(c, false, r != RT_OK);
        if (r == RT_OK)
                return;
        report_failure(c, r);
        for (uint32_t i = 0; r == RT_ERULES && i < c->checker.n_errors && error && !c->skipped;
             i++) {
                report_condition(c, error);
                error = error->next;
        }
}

static void
find_events(checking *c, const rti_node *tree)
{
        rti_rule *rule = &c->def->rule;
        uint32_t n = 0;
        int r;

        if (rti_str_is(c->def->source, "syscall")) {
                r = rti_cond_events(&c->checker, tree, &rule->events);
                if (r < 0) {
                        report_failure(c, r);
                        if (r == RT_ERULES)
                                report_condition(c, &c->checker.error);
                        return;
                }
                for (size_t i = 0; i < RTI_EVENT_WORDS; i++)
                        n += (uint32_t) __builtin_popcountll(rule->events.word[i]);
                if (n > 100 && c->def->warn_evttypes)
                        rti_report_at(c->loader, RTI_D_NO_EVTTYPE, &c->def->item.spot,
                                      "Rule matches too many evt.type values. This has a "
                                      "significant performance penalty.");
        } else {
                rti_event_set_add(&rule->events, RT_EVENT_PLUGIN);
        }
        for (size_t i = 0; i < RTI_EVENT_WORDS; i++)
                rule->events.word[i] |= c->loader->async_events.word[i];
}

static void
compile_condition(checking *c)
{
        rti_loader *loader = c->loader;
        rti_macro_view view = { loader, UINT32_MAX, false };
        const rti_node *at;
        rti_node *tree;
        rt_str text;
        int r;

        tree = rti_parse_condition(loader, &loader->trees, &c->def->item, c->def->condition_where);
        if (!tree) {
                c->ok = false;
                return;
        }
        r = rti_macros_resolve(&loader->trees, &tree, rti_find_macro_tree, &view, &text, &at);
        if (r < 0) {
                c->ok = false;
                report_failure(c, r);
                if (r == RT_ERULES && !view.broken && !loader->expansion->tainted)
                        rti_report_macro(loader, &c->def->item, text, at, c->def->full_condition);
                return;
        }
        if (!view.broken)
                type_condition(c, tree);
        c->ok &= !view.broken;
        if (c->ok && !c->skipped)
                find_events(c, tree);
}

const rti_node *
rti_rule_tree(rti_loader *loader, const rti_rule_def *def)
{
        rti_macro_view view = { loader, UINT32_MAX, false };
        rti_node *tree = NULL;
        const rti_node *at;
        rt_str error;

        if (rti_exceptions_write(loader, def, loader->expansion))
                tree = rti_parse_condition(loader, &loader->work, &def->item, def->condition_where);
        if (tree
            && rti_macros_resolve(&loader->work, &tree, rti_find_macro_tree, &view, &error, &at)
                       == RT_OK)
                return tree;
        loader->status = RT_ENOMEM;
        return NULL;
}

/* ---- the rule ---- */

static int
compare_words(const void *a, const void *b)
{
        return rti_str_cmp(((const rti_word *) a)->text, ((const rti_word *) b)->text);
}

static void
fill_tags(checking *c)
{
        rti_words *tags = &c->def->tags;
        rti_rule *rule = &c->def->rule;

        if (tags->n > 1)
                qsort(tags->at, tags->n, sizeof *tags->at, compare_words);
        rule->tags = RTI_NEWN(&c->loader->work, rt_str, tags->n);
        if (!rule->tags) {
                c->loader->status = RT_ENOMEM;
                return;
        }
        for (uint32_t i = 0; i < tags->n; i++)
                if (i == 0 || !rti_str_eq(tags->at[i].text, tags->at[i - 1].text))
                        rule->tags[rule->n_tags++] = tags->at[i].text;
}

static void
fill_rule(checking *c)
{
        const rti_rule_def *def = c->def;
        rti_rule *rule = &c->def->rule;

        rule->name = def->item.name;
        rule->desc = rti_text_join(c->loader, &def->desc);
        rule->source = c->checker.source;
        rule->priority = def->priority;
        rule->verdict = def->verdict;
        rule->enabled = def->enabled;
        rule->file = def->item.spot.file->name;
        rule->line = rti_yaml_place(def->item.spot.file, def->item.spot.node->start, 0).line;
}

void
rti_compile_rule(rti_loader *loader, rti_rule_def *def)
{
        checking c = {
                .loader = loader,
                .def = def,
                .checker = {
                        .arena = &loader->work,
                        .registry = loader->registry,
                        .source = rti_registry_find_source(loader->registry, def->source),
                        .elements = rti_find_elements,
                        .elements_user = loader,
                        .known = &loader->known,
                },
                .ok = true,
        };

        def->rule = (rti_rule){ 0 };
        fill_tags(&c);
        fill_rule(&c);
        /* Exceptions are the first to be complained about, outputs come before conditions. */
        c.ok = rti_exceptions_write(loader, def, loader->expansion);
        if (loader->status != RT_OK)
                return;
        if (c.ok)
                def->full_condition =
                        rti_expansion_keep(loader->expansion, &loader->expansion->raw);
        const bool writable = c.ok;

        if (def->output.n)
                compile_output(&c);
        if (c.skipped || loader->status != RT_OK || !writable)
                return;
        rti_exceptions_write(loader, def, loader->expansion);
        compile_condition(&c);
        def->loaded = c.ok && !c.skipped && !def->item.broken && loader->status == RT_OK;
}
