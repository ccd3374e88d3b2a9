/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compile.c - the collection becomes typed rules: lists, then macros, then rules, each in the order
 * of their first definition.
 */
#include "compiler/load/load.h"
#include "compiler/cond/macros.h"
#include "lang/lang.h"

/* ---- places ---- */

const rti_location *
rti_condition_where(rti_loader *loader, const rti_location *outer, const rti_text_pos *pos,
                    rt_str text)
{
        rti_location *where = RTI_NEW(&loader->work, rti_location);
        rt_str name;

        name = rti_arena_printf(&loader->work, "\"%.*s%s\"", (int) (text.len > 20 ? 17 : text.len),
                                text.ptr, text.len > 20 ? "..." : "");
        if (!where || !name.ptr) {
                loader->status = RT_ENOMEM;
                return outer;
        }
        for (size_t i = 0; i < name.len; i++)
                if (name.ptr[i] == '\n' || name.ptr[i] == '\r')
                        ((char *) name.ptr)[i] = ' '; /* ours, just made */
        *where = (rti_location){
                .item_type = "condition expression",
                .item_name = RTI_STR(""),
                .file = name,
                .line = outer->line + pos->line,
                .column = outer->column + pos->column,
                .offset = outer->offset + pos->offset,
                .outer = outer,
        };
        return where;
}

void
rti_place_node(rti_loader *loader, const rti_node *at, uint32_t offset, uint32_t end,
               rti_report *report)
{
        const rti_macro *macro = at && at->macro.len ? rti_find_macro(loader, at->macro) : NULL;

        if (!macro) {
                rti_expansion_place(loader->expansion, false, offset, end, report);
                return;
        }
        rti_expansion_begin(loader->aside);
        rti_expansion_add_text(loader->aside, &macro->condition);
        if (rti_expansion_lists(loader->aside) == RT_OK)
                rti_expansion_place(loader->aside, false, offset, end, report);
}

/* ---- one condition ---- */

static void
report_parse(rti_loader *loader, const rti_item *item, const rti_location *where,
             const rti_parse_error *error, rt_str text)
{
        rti_report report = {
                .id = RTI_D_COMPILE_CONDITION,
                .file = item->spot.file,
                .start = item->spot.node->start,
                .end = rti_head_end(item->spot.node),
                .item = item->name,
                .message = error->message,
                .condition = text,
                .where_file = item->spot.file,
        };

        report.where = rti_condition_where(loader, where, &error->pos, text);
        rti_expansion_place(loader->expansion, false, error->pos.offset, error->pos.offset + 1,
                            &report);
        rti_report_add(loader, &report);
}

rti_node *
rti_parse_condition(rti_loader *loader, rti_arena *trees, const rti_item *item,
                    const rti_location *where)
{
        int r = rti_expansion_lists(loader->expansion);
        rti_parse_error error;
        rti_node *tree;
        rt_str text;

        if (r == RT_OK) {
                text = rti_expansion_keep(loader->expansion, &loader->expansion->text);
                r = text.ptr ? rti_cond_parse_apart(trees, &loader->work, text,
                                                    RTI_MAX_CONDITION_DEPTH, &tree, &error)
                             : RT_ENOMEM;
        }
        if (r == RT_OK)
                return tree;
        if (r == RT_ERULES && !loader->expansion->tainted)
                report_parse(loader, item, where, &error, text);
        else if (r == RT_ELIMIT)
                rti_report_at(loader, RTI_D_LIMIT, &item->spot,
                              "The condition is too large when its lists are put in (limit "
                              "CONDITION_BYTES: %d)",
                              RTI_MAX_CONDITION_BYTES);
        else if (r == RT_ENOMEM)
                loader->status = RT_ENOMEM;
        return NULL;
}

/* ---- macros ---- */

rti_macro *
rti_find_macro(const rti_loader *loader, rt_str name)
{
        const uint32_t at = rti_map_get(&loader->macro_names, name);

        return at == RTI_MAP_NONE ? NULL : loader->macros.at[at];
}

const rti_node *
rti_find_macro_tree(rt_str name, void *user)
{
        rti_macro_view *view = user;
        rti_macro *macro = rti_find_macro(view->loader, name);

        if (rti_is_broken(view->loader, RTI_ITEM_MACRO, name))
                view->broken = true;
        if (!macro || macro->item.index >= view->visibility)
                return NULL;
        view->broken |= macro->item.broken;
        macro->item.used = true;
        return macro->item.broken ? NULL : macro->tree;
}

static rt_str
suggest_macro(rti_loader *loader, rt_str name)
{
        const rti_macro *best = NULL;
        uint32_t least = 3;

        for (size_t i = 0; i < loader->macros.n; i++) {
                const rti_macro *macro = loader->macros.at[i];
                const uint32_t distance = rti_str_distance(name, macro->item.name, 2);

                if (distance < least && !rti_str_eq(name, macro->item.name)) {
                        least = distance;
                        best = macro;
                }
        }
        if (rti_find_macro(loader, name))
                return RTI_STR("a macro sees only macros that are defined before it");
        if (rti_map_get(&loader->list_names, name) != RTI_MAP_NONE)
                return RTI_STR("this is the name of a list");
        if (!best)
                return (rt_str){ NULL, 0 };
        return rti_arena_printf(&loader->work, "did you mean '%.*s'?", RTI_FMT(best->item.name));
}

void
rti_report_macro(rti_loader *loader, const rti_item *item, rt_str message, const rti_node *at,
                 rt_str raw)
{
        rti_report report = {
                .id = RTI_D_VALIDATE,
                .file = item->spot.file,
                .start = item->spot.node->start,
                .end = rti_head_end(item->spot.node),
                .item = item->name,
                .message = message,
                .condition = raw,
                .where_file = item->spot.file,
        };

        report.hint = suggest_macro(loader, at->text);
        report.where = rti_condition_where(loader, item->spot.where, &at->pos, raw);
        rti_place_node(loader, at, at->pos.offset, at->end, &report);
        rti_report_add(loader, &report);
}

static void
expand_macro(rti_loader *loader, const rti_macro *macro)
{
        rti_expansion_begin(loader->expansion);
        rti_expansion_add_text(loader->expansion, &macro->condition);
}

static void
parse_macro(rti_loader *loader, rti_macro *macro)
{
        expand_macro(loader, macro);
        macro->tree =
                rti_parse_condition(loader, &loader->work, &macro->item, macro->condition_where);
        macro->item.broken = !macro->tree;
}

static void
resolve_macro(rti_loader *loader, rti_macro *macro)
{
        rti_macro_view view = { loader, macro->item.visibility, false };
        const rti_node *at;
        rt_str message;
        int r;

        r = rti_macros_resolve(&loader->work, &macro->tree, rti_find_macro_tree, &view, &message,
                               &at);
        if (r == RT_OK)
                return;
        macro->item.broken = true;
        if (r == RT_ERULES && !view.broken) {
                /* The places of the report are found in the expanded text. */
                expand_macro(loader, macro);
                if (rti_expansion_lists(loader->expansion) == RT_OK)
                        rti_report_macro(loader, &macro->item, message, at,
                                         rti_text_join(loader, &macro->condition));
        } else if (r == RT_ELIMIT) {
                rti_report_at(loader, RTI_D_LIMIT, &macro->item.spot,
                              "The condition is too large (limit CONDITION_NODES: %d)",
                              RTI_MAX_CONDITION_NODES);
        } else if (r == RT_ENOMEM) {
                loader->status = RT_ENOMEM;
        }
}

/* ---- everything ---- */

static void
warn_unused(rti_loader *loader)
{
        for (size_t i = 0; i < loader->macros.n; i++)
                if (!loader->macros.at[i]->item.used)
                        rti_report_at(loader, RTI_D_UNUSED_MACRO, &loader->macros.at[i]->item.spot,
                                      "Macro not referred to by any other rule/macro");
        for (size_t i = 0; i < loader->lists.n; i++)
                if (!loader->lists.at[i]->item.used)
                        rti_report_at(loader, RTI_D_UNUSED_LIST, &loader->lists.at[i]->item.spot,
                                      "List not referred to by any other rule/macro");
}

/* ---- what need not be compiled again ---- */

static void
word_bits(uint64_t hash, uint32_t bits[2])
{
        bits[0] = (uint32_t) hash % RTI_WORD_BITS;
        bits[1] = (uint32_t) (hash >> 32) % RTI_WORD_BITS;
}

void
rti_word_add(rti_loader *loader, uint64_t hash)
{
        uint32_t bits[2];

        word_bits(hash, bits);
        for (size_t i = 0; i < 2; i++)
                loader->compiled.words[bits[i] / 64] |= (uint64_t) 1 << bits[i] % 64;
}

bool
rti_word_met(const rti_loader *loader, rt_str word)
{
        bool met = true;
        uint32_t bits[2];

        word_bits(rti_hash(word.ptr, word.len, 0), bits);
        for (size_t i = 0; i < 2; i++)
                met &= loader->compiled.words[bits[i] / 64] >> bits[i] % 64 & 1;
        return met;
}

static bool
has_delimiter(rt_str name)
{
        for (size_t i = 0; i < name.len; i++)
                if (memchr(" \t\n\r(),=", name.ptr[i], 8))
                        return true;
        return !name.len;
}

/* Can items of that name mean something in what was compiled before? */
static bool
may_matter(const rti_loader *loader, rt_str name)
{
        return has_delimiter(name) || rti_word_met(loader, name);
}

/* Does all that was compiled mean what it meant? */
static bool
still_holds(const rti_loader *loader)
{
        const struct rti_compiled *c = &loader->compiled;

        /* What was compiled in vain stays in `work`: now and then it is emptied. */
        if (c->changed || loader->failed || loader->work.total_bytes / 2 > c->bytes
            || loader->work.total_bytes > loader->opts.max_bytes / 2)
                return false;
        for (size_t i = c->lists; i < loader->lists.n; i++)
                if (may_matter(loader, loader->lists.at[i]->item.name))
                        return false;
        for (size_t i = c->macros; i < loader->macros.n; i++)
                if (may_matter(loader, loader->macros.at[i]->item.name))
                        return false;
        return true;
}

static void
forget_all(rti_loader *loader)
{
        rti_arena_reset(&loader->work);
        if (loader->compiled.bytes)
                memset(&loader->compiled, 0, sizeof loader->compiled);
        loader->n_by_name = 0;
        for (size_t i = 0; i < loader->macros.n; i++)
                loader->macros.at[i]->item.used = loader->macros.at[i]->item.broken = false;
        for (size_t i = 0; i < loader->rules.n; i++)
                loader->rules.at[i]->loaded = loader->rules.at[i]->doubtful = false;
}

static void
compile_rule(rti_loader *loader, rti_rule_def *def)
{
        const uint64_t before = loader->reports;

        rti_arena_reset(&loader->trees);
        rti_compile_rule(loader, def);
        def->doubtful = loader->reports != before;
}

void
rti_compile(rti_loader *loader)
{
        struct rti_compiled *c = &loader->compiled;
        const bool anew = !still_holds(loader);

        loader->known = (rti_known_fields){ 0 };
        if (anew)
                forget_all(loader);
        rti_lists_compile(loader, c->lists);
        for (size_t i = c->macros; i < loader->macros.n && loader->status == RT_OK; i++)
                parse_macro(loader, loader->macros.at[i]);
        for (size_t i = c->macros; i < loader->macros.n && loader->status == RT_OK; i++)
                if (!loader->macros.at[i]->item.broken)
                        resolve_macro(loader, loader->macros.at[i]);
        for (size_t i = 0; i < loader->rules.n && loader->status == RT_OK; i++) {
                rti_rule_def *def = loader->rules.at[i];

                if (!def->unknown_source && (i >= c->rules || def->doubtful))
                        compile_rule(loader, def);
        }
        rti_arena_done(&loader->trees);
        if (!loader->failed)
                warn_unused(loader);
        c->lists = loader->lists.n;
        c->macros = loader->macros.n;
        c->rules = loader->rules.n;
        if (anew || !c->bytes)
                c->bytes = loader->work.total_bytes;
}
