/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect.c - items of all files become one collection.
 *
 * A later definition replaces an earlier one and keeps its position; append and override change it.
 * `index` and `visibility` come from one counter.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* Appending to something that is broken would only repeat what was said about it. */
static bool
no_base(rti_loader *loader, enum rti_item_kind kind, const rti_item *item, const char *message)
{
        if (!rti_is_broken(loader, kind, item->name))
                rti_report_at(loader, RTI_D_VALIDATE, &item->spot, "%s", message);
        rti_mark_broken(loader, kind, item->name);
        return false;
}

static void
redefine(rti_loader *loader, rti_item *item, const rti_item *old)
{
        item->visibility = loader->counter++;
        item->index = old ? old->index : item->visibility;
}

/* Where a definition called @a name is kept: in place of @a old, if there is one, or behind the
 * others. NULL: there is no memory. */
#define PLACE(loader, old, names, defs, name, most)                                             \
        ({                                                                                      \
                __typeof__(old) place_ = (old);                                                 \
                if (!place_) {                                                                  \
                        place_ = RTI_NEW(&(loader)->arena, __typeof__(*place_));                \
                        if (!place_ || rti_map_set((names), (name), (uint32_t) (defs)->n) < 0   \
                            || rti_vec_push((defs), (loader)->allocator, place_, (most)) < 0) { \
                                (loader)->status = RT_ENOMEM;                                   \
                                place_ = NULL;                                                  \
                        }                                                                       \
                }                                                                               \
                place_;                                                                         \
        })

static void
add_words(rti_loader *loader, rti_words *words, const rti_words *more)
{
        for (uint32_t i = 0; i < more->n; i++)
                if (rti_grow(loader, (void **) &words->at, words->n, &words->room,
                             sizeof *words->at))
                        words->at[words->n++] = more->at[i];
}

/* ---- lists ---- */

void
rti_collect_list(rti_loader *loader, const rti_list *list, bool append)
{
        const uint32_t at = rti_map_get(&loader->list_names, list->item.name);
        rti_list *old = at == RTI_MAP_NONE ? NULL : loader->lists.at[at], *kept;
        rti_item item = list->item;

        if (append && !old) {
                no_base(loader, RTI_ITEM_LIST, &list->item,
                        "List uses 'append' or 'override.items: append' but no list by that name "
                        "already exists");
                return;
        }
        loader->compiled.changed |= old != NULL;
        if (append) {
                add_words(loader, &old->words, &list->words);
                for (uint32_t i = 0; i < list->n_files; i++)
                        if (rti_grow(loader, (void **) &old->files, old->n_files, &old->room_files,
                                     sizeof *old->files))
                                old->files[old->n_files++] = list->files[i];
                old->changing = list->changing ? list->changing : old->changing;
                old->item.visibility = loader->counter++;
                return;
        }
        kept = PLACE(loader, old, &loader->list_names, &loader->lists, item.name,
                     RTI_MAX_YAML_NODES);
        if (!kept)
                return;
        redefine(loader, &item, old ? &old->item : NULL);
        *kept = *list;
        kept->item = item;
}

/* ---- macros ---- */

void
rti_collect_macro(rti_loader *loader, const rti_macro *macro, bool append)
{
        const rti_piece blank = { RTI_STR(" "), macro->item.spot.file, macro->item.spot.node, 0,
                                  true };
        const uint32_t at = rti_map_get(&loader->macro_names, macro->item.name);
        rti_macro *old = at == RTI_MAP_NONE ? NULL : loader->macros.at[at], *kept;
        rti_item item = macro->item;

        if (append && !old) {
                no_base(loader, RTI_ITEM_MACRO, &macro->item,
                        "Macro uses 'append' or 'override.condition: append' but no macro by that "
                        "name already exists");
                return;
        }
        loader->compiled.changed |= old != NULL;
        if (append) {
                rti_text_add(loader, &old->condition, &blank);
                rti_text_add(loader, &old->condition, &macro->condition.pieces[0]);
                old->item.visibility = loader->counter++;
                return;
        }
        kept = PLACE(loader, old, &loader->macro_names, &loader->macros, item.name,
                     RTI_MAX_YAML_NODES);
        if (!kept)
                return;
        redefine(loader, &item, old ? &old->item : NULL);
        *kept = *macro;
        kept->item = item;
}

/* ---- rules ---- */

rti_rule_def *
rti_find_rule(const rti_loader *loader, rt_str name)
{
        const uint32_t at = rti_map_get(&loader->rule_names, name);

        return at == RTI_MAP_NONE ? NULL : loader->rules.at[at];
}

/* The rule that an update changes. */
static rti_rule_def *
rule_to_change(rti_loader *loader, rt_str name)
{
        rti_rule_def *old = rti_find_rule(loader, name);

        loader->compiled.changed |= old != NULL;
        return old;
}

static bool
same_source(rti_loader *loader, const rti_rule_def *old, const rti_rule_def *def)
{
        if (!old || !def->source.len || !old->source.len || rti_str_eq(old->source, def->source))
                return true;
        rti_report_at(loader, RTI_D_VALIDATE, &def->item.spot,
                      "Rule has been re-defined with a different source");
        return false;
}

static size_t
source_of(const rti_loader *loader, const rti_rule_def *def)
{
        return rti_registry_find_source(loader->registry, def->source);
}

static void
warn_unknown_source(rti_loader *loader, const rti_rule_def *def)
{
        const rti_yaml_node *node = rti_yaml_get(def->item.spot.node, "source");
        rti_spot spot = def->item.spot;

        if (node)
                spot.node = node;
        rti_report_at(loader, RTI_D_UNKNOWN_SOURCE, &spot, "Unknown source %.*s, skipping",
                      RTI_FMT(def->source));
}

static bool
keep_rule(rti_loader *loader, const rti_rule_def *def, rti_rule_def *old)
{
        rti_rule_def *kept;
        rti_item item = def->item;

        loader->compiled.changed |= old != NULL;

        if (!old && loader->rules.n >= RTI_MAX_RULES) {
                rti_report_at(loader, RTI_D_LIMIT, &def->item.spot,
                              "Too many rules (limit RULES: %d)", RTI_MAX_RULES);
                return false;
        }
        kept = PLACE(loader, old, &loader->rule_names, &loader->rules, item.name, RTI_MAX_RULES);
        if (!kept)
                return false;
        redefine(loader, &item, old ? &old->item : NULL);
        *kept = *def;
        kept->item = item;
        return true;
}

void
rti_collect_rule(rti_loader *loader, const rti_rule_def *def)
{
        rti_rule_def *old = rti_find_rule(loader, def->item.name);
        const size_t source = source_of(loader, def);
        rti_rule_def fresh = *def;
        bool ok = same_source(loader, old, def);

        fresh.unknown_source = source == SIZE_MAX;
        if (fresh.unknown_source)
                warn_unknown_source(loader, def);
        for (uint32_t i = 0; i < def->n_exceptions; i++) {
                rti_exception *exception = &fresh.exceptions[i];

                if (!exception->fields.valid)
                        rti_report_at(loader, RTI_D_VALIDATE, &exception->spot,
                                      "Rule exception item must have fields property with a list "
                                      "of fields");
                ok &= exception->fields.valid && rti_check_exception(loader, exception, source);
        }
        if (ok)
                ok = keep_rule(loader, &fresh, old);
        if (!ok)
                rti_mark_broken(loader, RTI_ITEM_RULE, def->item.name);
}

/* ---- appending ---- */

static void
append_text(rti_loader *loader, rti_text *text, const rti_text *more, const rti_item *item)
{
        const rti_piece blank = { RTI_STR(" "), item->spot.file, item->spot.node, 0, true };

        if (!more->n || !more->pieces[0].text.len)
                return;
        rti_text_add(loader, text, &blank);
        rti_text_add(loader, text, &more->pieces[0]);
}

static rti_exception *
find_exception(const rti_rule_def *def, rt_str name)
{
        for (uint32_t i = 0; i < def->n_exceptions; i++)
                if (rti_str_eq(def->exceptions[i].name, name))
                        return &def->exceptions[i];
        return NULL;
}

static bool
add_exception(rti_loader *loader, rti_rule_def *old, rti_exception *exception)
{
        const char *problem = NULL;

        if (!exception->fields.valid)
                problem = "Rule exception must have fields property with a list of fields";
        else if (!exception->n_values)
                problem = "Rule exception must have values property with a list of values";
        else if (old->n_exceptions >= RTI_MAX_EXCEPTIONS)
                problem = "Too many exceptions";
        if (problem) {
                rti_report_at(loader, RTI_D_VALIDATE, &exception->spot, "%s", problem);
                return false;
        }
        if (!rti_check_exception(loader, exception,
                                 old->unknown_source ? SIZE_MAX : source_of(loader, old)))
                return false;
        if (rti_grow(loader, (void **) &old->exceptions, old->n_exceptions, &old->room_exceptions,
                     sizeof *exception))
                old->exceptions[old->n_exceptions++] = *exception;
        return true;
}

static bool
append_exception(rti_loader *loader, rti_rule_def *old, rti_exception *exception)
{
        rti_exception *known = find_exception(old, exception->name);
        rti_spot spot = exception->spot;

        if (!known)
                return add_exception(loader, old, exception);
        if (exception->fields.valid || exception->comps.valid) {
                const bool fields = exception->fields.valid;

                spot.node = fields ? exception->fields.node : exception->comps.node;
                rti_report_at(loader, RTI_D_VALIDATE, &spot,
                              "Can not append exception %s to existing exception, only values",
                              fields ? "fields" : "comps");
                return false;
        }
        for (uint32_t i = 0; i < exception->n_values; i++)
                if (rti_grow(loader, (void **) &known->values, known->n_values, &known->room,
                             sizeof *known->values))
                        known->values[known->n_values++] = exception->values[i];
        return true;
}

bool
rti_collect_rule_append(rti_loader *loader, const rti_rule_def *update)
{
        rti_rule_def *old = rule_to_change(loader, update->item.name);
        bool ok = true;

        if (!same_source(loader, old, update))
                return false;
        if (!old)
                return no_base(loader, RTI_ITEM_RULE, &update->item,
                               "Rule uses 'append' or 'override.<key>: append' but no rule by that "
                               "name already exists");
        if (!update->has) {
                rti_report_at(loader, RTI_D_VALIDATE, &update->item.spot,
                              "Appended rule must have exceptions or condition property");
                return false;
        }
        append_text(loader, &old->condition, &update->condition, &update->item);
        append_text(loader, &old->output, &update->output, &update->item);
        append_text(loader, &old->desc, &update->desc, &update->item);
        add_words(loader, &old->tags, &update->tags);
        for (uint32_t i = 0; i < update->n_exceptions; i++)
                ok &= append_exception(loader, old, &update->exceptions[i]);
        old->item.visibility = loader->counter++;
        return ok;
}

/* ---- replacing ---- */

bool
rti_collect_rule_replace(rti_loader *loader, const rti_rule_def *update)
{
        rti_rule_def *old = rule_to_change(loader, update->item.name);
        const uint32_t has = update->has;

        if (!same_source(loader, old, update))
                return false;
        if (!old)
                return no_base(loader, RTI_ITEM_RULE, &update->item,
                               "An 'override.<key>: replace' to a rule was requested but no rule "
                               "by that name already exists");
        if (has & 1u << RTI_RULE_CONDITION)
                old->condition = update->condition;
        if (has & 1u << RTI_RULE_OUTPUT)
                old->output = update->output;
        if (has & 1u << RTI_RULE_DESC)
                old->desc = update->desc;
        if (has & 1u << RTI_RULE_TAGS)
                old->tags = update->tags;
        if (has & 1u << RTI_RULE_EXCEPTIONS) {
                old->exceptions = update->exceptions;
                old->n_exceptions = update->n_exceptions;
                old->room_exceptions = update->room_exceptions;
        }
        if (has & 1u << RTI_RULE_PRIORITY)
                old->priority = update->priority;
        if (has & 1u << RTI_RULE_CAPTURE)
                old->capture = update->capture;
        if (has & 1u << RTI_RULE_CAPTURE_DURATION)
                old->capture_duration = update->capture_duration;
        if (has & 1u << RTI_RULE_ENABLED)
                old->enabled = update->enabled;
        if (has & 1u << RTI_RULE_WARN_EVTTYPES)
                old->warn_evttypes = update->warn_evttypes;
        if (has & 1u << RTI_RULE_SKIP)
                old->skip_unknown = update->skip_unknown;
        if (has & 1u << RTI_RULE_VERDICT)
                old->verdict = update->verdict;
        old->item.visibility = loader->counter++;
        return true;
}

void
rti_collect_rule_enable(rti_loader *loader, const rti_rule_def *update)
{
        rti_rule_def *old = rule_to_change(loader, update->item.name);

        if (old)
                old->enabled = update->enabled;
        else
                no_base(loader, RTI_ITEM_RULE, &update->item,
                        "Rule has 'enabled' key but no rule by that name already exists");
}
