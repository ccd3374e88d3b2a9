/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c - one YAML node in, one rule item out.
 *
 * A rule item is a definition, an update by `override`, an update by the deprecated `append: true`,
 * or the deprecated switching on and off by `enabled` alone.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

static const char *const key_names[RTI_N_RULE_KEYS + 1] = {
        [RTI_RULE_CAPTURE] = "capture",
        [RTI_RULE_CAPTURE_DURATION] = "capture_duration",
        [RTI_RULE_CONDITION] = "condition",
        [RTI_RULE_DESC] = "desc",
        [RTI_RULE_ENABLED] = "enabled",
        [RTI_RULE_EXCEPTIONS] = "exceptions",
        [RTI_RULE_OUTPUT] = "output",
        [RTI_RULE_PRIORITY] = "priority",
        [RTI_RULE_SKIP] = "skip-if-unknown-filter",
        [RTI_RULE_TAGS] = "tags",
        [RTI_RULE_VERDICT] = "verdict",
        [RTI_RULE_WARN_EVTTYPES] = "warn_evttypes",
        [RTI_N_RULE_KEYS] = NULL,
};

/* What is being read: the item, and how far it is good. */
typedef struct rule_reader {
        rti_loader *loader;
        rti_rule_def *def;
        enum rti_need need;
        bool append; /* exceptions need no fields */
        bool ok;
} rule_reader;

static uint32_t
bit(enum rti_rule_key key)
{
        return (uint32_t) 1 << key;
}

/* A text with the place it was written at, which @a type (may be NULL) names in Falco's chain. */
static const rti_location *
take_pieces(rule_reader *r, const char *key, const char *type, bool trim, rti_text *text)
{
        const rti_spot *spot = &r->def->item.spot;
        const rti_yaml_node *node = rti_take_scalar(r->loader, spot, key, r->need, &r->ok);
        rti_piece piece;

        if (!node)
                return NULL;
        piece = (rti_piece){ node->text, spot->file, node, 0, false };
        if (trim) {
                piece.text = rti_str_trim(node->text);
                piece.from = (uint32_t) (piece.text.ptr - node->text.ptr);
        }
        text->n = 0;
        rti_text_add(r->loader, text, &piece);
        return type ? rti_spot_in(r->loader, spot, node, type, RTI_STR("")).where : NULL;
}

static int
parse_priority(rt_str text)
{
        char name[16]; /* longer than each of them */

        if (text.len >= sizeof name || memchr(text.ptr, '\0', text.len))
                return -1;
        memcpy(name, text.ptr, text.len);
        name[text.len] = '\0';
        return rt_priority_parse(name);
}

static int
parse_verdict(rt_str text)
{
        static const char *const names[] = { "none", "deny", "ask", "allow" };

        for (int i = 0; i < (int) RTI_COUNT(names); i++)
                if (rti_str_is(text, names[i]))
                        return i;
        return -1;
}

/* A word out of few; the one that is there, or -1 (reported). */
static int
take_word(rule_reader *r, const char *key, int (*parse)(rt_str text), const char *where,
          rti_report report)
{
        const rti_spot *spot = &r->def->item.spot;
        const rti_yaml_node *node = rti_take_scalar(r->loader, spot, key, r->need, &r->ok);
        rti_spot at;
        int word;

        if (!node)
                return -1;
        word = parse(node->text);
        if (word >= 0)
                return word;
        report.id = RTI_D_YAML_VALIDATE;
        at = rti_spot_in(r->loader, spot, node, where, RTI_STR(""));
        report.file = at.file;
        report.start = node->start;
        report.end = node->end;
        report.where = at.where;
        report.item = at.item;
        rti_report_add(r->loader, &report);
        r->ok = false;
        return -1;
}

static void
take_priority(rule_reader *r)
{
        const int priority = take_word(
                r, "priority", parse_priority, "rule priority",
                (rti_report){ .message = RTI_STR("Invalid priority"),
                              .hint = RTI_STR("one of EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, "
                                              "NOTICE, INFO, DEBUG") });

        if (priority >= 0)
                r->def->priority = (uint32_t) priority;
}

static void
take_verdict(rule_reader *r)
{
        const int verdict = take_word(r, "verdict", parse_verdict, "rule verdict",
                                      (rti_report){ .message = RTI_STR("Invalid verdict"),
                                                    .hint = RTI_STR("one of deny, ask, allow, "
                                                                    "none") });

        if (verdict >= 0)
                r->def->verdict = (uint32_t) verdict;
}

static void
take_key(rule_reader *r, enum rti_rule_key key)
{
        rti_rule_def *def = r->def;
        const rti_spot *spot = &def->item.spot;
        const char *const name = key_names[key];
        const rti_location *where;

        switch (key) {
        case RTI_RULE_CAPTURE:
                rti_take_bool(r->loader, spot, name, r->need, &def->capture, &r->ok);
                break;
        case RTI_RULE_CAPTURE_DURATION:
                rti_take_uint(r->loader, spot, name, r->need, &def->capture_duration, &r->ok);
                break;
        case RTI_RULE_CONDITION:
                where = take_pieces(r, name, "rule condition", false, &def->condition);
                def->condition_where = where;
                break;
        case RTI_RULE_DESC:
                take_pieces(r, name, NULL, false, &def->desc);
                break;
        case RTI_RULE_ENABLED:
                rti_take_bool(r->loader, spot, name, r->need, &def->enabled, &r->ok);
                break;
        case RTI_RULE_EXCEPTIONS:
                rti_read_exceptions(r->loader, spot, r->append, def, &r->ok);
                break;
        case RTI_RULE_OUTPUT:
                where = take_pieces(r, name, "rule output", !def->has, &def->output);
                def->output_where = where;
                break;
        case RTI_RULE_PRIORITY:
                take_priority(r);
                break;
        case RTI_RULE_SKIP:
                rti_take_bool(r->loader, spot, name, r->need, &def->skip_unknown, &r->ok);
                break;
        case RTI_RULE_TAGS:
                rti_take_words(r->loader, spot, name, false, &def->tags, &r->ok);
                break;
        case RTI_RULE_VERDICT:
                take_verdict(r);
                break;
        case RTI_RULE_WARN_EVTTYPES:
                rti_take_bool(r->loader, spot, name, r->need, &def->warn_evttypes, &r->ok);
                break;
        case RTI_N_RULE_KEYS:
                break;
        }
}

/* ---- definitions ---- */

static void
read_definition(rule_reader *r)
{
        static const uint8_t needed[] = { RTI_RULE_CONDITION, RTI_RULE_OUTPUT, RTI_RULE_DESC,
                                          RTI_RULE_PRIORITY };
        static const uint8_t optional[] = {
                RTI_RULE_ENABLED,       RTI_RULE_CAPTURE, RTI_RULE_CAPTURE_DURATION,
                RTI_RULE_WARN_EVTTYPES, RTI_RULE_SKIP,    RTI_RULE_TAGS,
                RTI_RULE_VERDICT
        };
        rti_rule_def *def = r->def;

        r->need = RTI_REQUIRED;
        for (size_t i = 0; i < RTI_COUNT(needed); i++)
                take_key(r, needed[i]);
        r->need = RTI_OPTIONAL;
        def->source = RTI_STR("syscall");
        rti_take_text(r->loader, &def->item.spot, "source", RTI_OPTIONAL, &def->source, &r->ok);
        for (size_t i = 0; i < RTI_COUNT(optional); i++)
                take_key(r, optional[i]);
        /* Condition and output are looked at even when, say, the priority is wrong. */
        def->item.broken = !r->ok;
        r->ok = true;
        take_key(r, RTI_RULE_EXCEPTIONS);
        if (r->ok && def->item.name.len && def->condition.n)
                rti_collect_rule(r->loader, def);
        r->ok &= !def->item.broken;
}

/* Nothing but `enabled`: switches an earlier rule. */
static void
read_switch(rule_reader *r)
{
        r->need = RTI_REQUIRED;
        take_key(r, RTI_RULE_ENABLED);
        if (!r->ok)
                return;
        rti_report_at(r->loader, RTI_D_DEPRECATED_ITEM, &r->def->item.spot,
                      "The standalone 'enabled' key usage is deprecated. The correct approach "
                      "requires also a 'replace' entry under the 'override' key (i.e. 'enabled: "
                      "replace').");
        rti_collect_rule_enable(r->loader, r->def);
}

static void
read_append(rule_reader *r)
{
        static const uint8_t keys[] = { RTI_RULE_CONDITION, RTI_RULE_EXCEPTIONS };

        r->need = RTI_REQUIRED;
        r->append = true;
        for (size_t i = 0; i < RTI_COUNT(keys); i++) {
                if (!rti_yaml_get(r->def->item.spot.node, key_names[keys[i]]))
                        continue;
                r->def->has |= bit(keys[i]);
                take_key(r, keys[i]);
        }
        if (r->ok)
                r->ok = rti_collect_rule_append(r->loader, r->def);
}

/* ---- override ---- */

static void
read_update(rule_reader *r, uint32_t keys, uint32_t *expected, const char *operation)
{
        static const uint8_t order[] = {
                RTI_RULE_CONDITION, RTI_RULE_EXCEPTIONS,
                RTI_RULE_OUTPUT,    RTI_RULE_DESC,
                RTI_RULE_TAGS,      RTI_RULE_PRIORITY,
                RTI_RULE_CAPTURE,   RTI_RULE_CAPTURE_DURATION,
                RTI_RULE_ENABLED,   RTI_RULE_WARN_EVTTYPES,
                RTI_RULE_SKIP,      RTI_RULE_VERDICT,
        };

        r->need = RTI_REQUIRED;
        r->def->has = keys;
        for (size_t i = 0; i < RTI_COUNT(order); i++) {
                if (!(keys & bit(order[i])))
                        continue;
                if (!(*expected & bit(order[i]))) {
                        rti_report_at(r->loader, RTI_D_YAML_VALIDATE, &r->def->item.spot,
                                      "An %s override for '%s' was specified but '%s' is not "
                                      "defined",
                                      operation, key_names[order[i]], key_names[order[i]]);
                        r->ok = false;
                        continue;
                }
                *expected &= ~bit(order[i]);
                take_key(r, order[i]);
        }
}

/* Keys that `override` might have named and did not. */
static void
report_unexpected(rule_reader *r, uint32_t expected)
{
        const rti_spot *spot = &r->def->item.spot;

        for (uint32_t key = 0; key < RTI_N_RULE_KEYS; key++) {
                const rti_yaml_node *node = rti_yaml_get(spot->node, key_names[key]);
                rti_spot at;

                if (!(expected & bit(key)))
                        continue;
                at = rti_spot_in(r->loader, spot, node, "overrides", rti_str_of(key_names[key]));
                rti_report_at(r->loader, RTI_D_YAML_VALIDATE, &at,
                              "Unexpected key '%s': no corresponding entry under 'override' is "
                              "defined.",
                              key_names[key]);
                r->ok = false;
        }
}

static void
read_override(rule_reader *r, const rti_overrides *overrides)
{
        const rti_rule_def fresh = *r->def;
        uint32_t expected = 0;

        for (uint32_t key = 0; key < RTI_N_RULE_KEYS; key++)
                if (rti_yaml_get(fresh.item.spot.node, key_names[key]))
                        expected |= bit(key);
        if (overrides->append) {
                r->append = true;
                read_update(r, overrides->append, &expected, "append");
                if (!(overrides->append & bit(RTI_RULE_CONDITION)))
                        r->def->source = RTI_STR("");
                if (r->ok)
                        r->ok = rti_collect_rule_append(r->loader, r->def);
        }
        if (overrides->replace) {
                *r->def = fresh;
                r->append = false;
                read_update(r, overrides->replace, &expected, "replace");
                if (!(overrides->replace & bit(RTI_RULE_CONDITION)))
                        r->def->source = RTI_STR("");
                if (r->ok)
                        r->ok = rti_collect_rule_replace(r->loader, r->def);
        }
        report_unexpected(r, expected);
}

/* ---- the item ---- */

static bool
has_any(const rti_yaml_node *node, const uint8_t *keys, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (rti_yaml_get(node, key_names[keys[i]]))
                        return true;
        return false;
}

static void
read_kind(rule_reader *r, bool append, const rti_overrides *overrides)
{
        static const uint8_t defining[] = { RTI_RULE_CONDITION, RTI_RULE_OUTPUT, RTI_RULE_DESC,
                                            RTI_RULE_PRIORITY };
        const rti_yaml_node *node = r->def->item.spot.node;

        if (overrides->append | overrides->replace)
                read_override(r, overrides);
        else if (append)
                read_append(r);
        else if (has_any(node, defining, RTI_COUNT(defining)))
                read_definition(r);
        else
                read_switch(r);
}

void
rti_read_rule(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node)
{
        rti_rule_def def = {
                .source = RTI_STR(""),
                .enabled = true,
                .warn_evttypes = true,
        };
        rule_reader r = { loader, &def, RTI_REQUIRED, false, true };
        rti_overrides overrides = { 0 };
        bool append = false;

        rti_take_name(loader, content, node, "rule", &def.item, &r.ok);
        rti_take_text(loader, &def.item.spot, "source", RTI_OPTIONAL_EMPTY, &def.source, &r.ok);
        rti_take_bool(loader, &def.item.spot, "append", RTI_OPTIONAL, &append, &r.ok);
        if (append)
                rti_report_at(loader, RTI_D_DEPRECATED_ITEM, &def.item.spot, "%s",
                              rti_append_deprecated);
        rti_take_overrides(loader, &def.item.spot, key_names, RTI_ITEM_RULE, &overrides, &r.ok);
        if (append && (overrides.append | overrides.replace)) {
                rti_report_at(loader, RTI_D_YAML_VALIDATE, &def.item.spot, "%s",
                              rti_override_and_append);
                r.ok = false;
        } else {
                read_kind(&r, append, &overrides);
        }
        if (!r.ok)
                rti_mark_broken(loader, RTI_ITEM_RULE, def.item.name);
        rti_check_keys(loader, &def.item.spot, RTI_ITEM_RULE);
}
