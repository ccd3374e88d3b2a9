/* SPDX-License-Identifier: Apache-2.0 */
/*
 * select.c - which rules are on, and in which order they are asked.
 *
 * Selections are kept and applied in order whenever rules are asked for. A ruleset other than the
 * default one begins empty. Rules below the minimum priority are never on.
 */
#include "compiler/load/load.h"
#include "lang/lang.h"

/* '*' stands for any run; what follows it is looked for at its first place only. */
bool
rti_wildcard_matches(rt_str pattern, rt_str name)
{
        for (;;) {
                const char *star = pattern.len ? memchr(pattern.ptr, '*', pattern.len) : NULL;
                const size_t head = star ? (size_t) (star - pattern.ptr) : pattern.len;
                const char *next;
                size_t len, at;

                if (!star)
                        return rti_str_eq(pattern, name);
                if (name.len < head || memcmp(name.ptr, pattern.ptr, head) != 0)
                        return false;
                name = rti_str_sub(name, head, name.len);
                pattern = rti_str_sub(pattern, head, pattern.len);
                while (pattern.len && pattern.ptr[0] == '*')
                        pattern = rti_str_sub(pattern, 1, pattern.len);
                if (!pattern.len)
                        return true;
                next = memchr(pattern.ptr, '*', pattern.len);
                len = next ? (size_t) (next - pattern.ptr) : pattern.len;
                at = rti_str_find(name, rti_str_sub(pattern, 0, len));
                if (at == SIZE_MAX)
                        return false;
                name = rti_str_sub(name, at + len, name.len);
                pattern = rti_str_sub(pattern, len, pattern.len);
        }
}

static bool
has_tag(const rti_rule_def *def, rt_str tag)
{
        for (uint32_t i = 0; i < def->tags.n; i++)
                if (rti_str_eq(def->tags.at[i].text, tag))
                        return true;
        return false;
}

static bool
meets(const rti_rule_def *def, uint32_t mode, rt_str pattern)
{
        switch (mode) {
        case RT_SELECT_EXACT:
                return !pattern.len || rti_str_eq(def->item.name, pattern);
        case RT_SELECT_WILDCARD:
                return rti_wildcard_matches(pattern, def->item.name);
        case RT_SELECT_TAG:
                return has_tag(def, pattern);
        default:
                return rti_str_find(def->item.name, pattern) != SIZE_MAX;
        }
}

/* Loaded, and severe enough. */
static bool
eligible(const rti_loader *loader, const rti_rule_def *def)
{
        return def->loaded
               && (!loader->opts.min_priority || def->priority < loader->opts.min_priority);
}

int
rti_loader_select(rti_loader *loader, rt_str ruleset, bool enable, uint32_t mode, rt_str pattern)
{
        rti_selection selection = { .enable = enable, .mode = mode };
        int n = 0;

        selection.ruleset = rti_arena_copy(&loader->arena, ruleset);
        selection.pattern = rti_arena_copy(&loader->arena, pattern);
        if (!selection.ruleset.ptr || !selection.pattern.ptr)
                return RT_ENOMEM;
        if (rti_vec_push(&loader->selections, loader->allocator, selection, UINT32_MAX) < 0)
                return RT_ENOMEM;
        for (size_t i = 0; i < loader->rules.n; i++)
                n += eligible(loader, loader->rules.at[i])
                     && meets(loader->rules.at[i], mode, pattern);
        return n;
}

/* Numbers of the rules that are on, in the order they are asked. */
typedef struct rule_order {
        uint32_t *at;
        uint32_t n;
        bool *on;
} rule_order;

static void
apply(const rti_loader *loader, const rti_selection *selection, rule_order *order)
{
        uint32_t kept = 0;

        for (uint32_t i = 0; i < loader->rules.n; i++) {
                const rti_rule_def *def = loader->rules.at[i];

                if (!eligible(loader, def) || !meets(def, selection->mode, selection->pattern))
                        continue;
                /* What is switched on again is asked last. */
                if (selection->enable && !order->on[i])
                        order->at[order->n++] = i;
                order->on[i] = selection->enable;
        }
        for (uint32_t i = 0; i < order->n; i++)
                if (order->on[order->at[i]])
                        order->at[kept++] = order->at[i];
        order->n = kept;
}

static int
make_order(rti_loader *loader, rt_str ruleset, rule_order *order)
{
        order->at = RTI_NEWN(&loader->work, uint32_t, loader->rules.n * 2);
        order->on = RTI_NEWN(&loader->work, bool, loader->rules.n);
        order->n = 0;
        if (!order->at || !order->on)
                return RT_ENOMEM;
        for (uint32_t i = 0; !ruleset.len && i < loader->rules.n; i++) {
                order->on[i] =
                        eligible(loader, loader->rules.at[i]) && loader->rules.at[i]->enabled;
                if (order->on[i])
                        order->at[order->n++] = i;
        }
        for (size_t i = 0; i < loader->selections.n; i++)
                if (rti_str_eq(loader->selections.at[i].ruleset, ruleset))
                        apply(loader, &loader->selections.at[i], order);
        return RT_OK;
}

int
rti_loader_enabled(rti_loader *loader, rt_str ruleset, uint32_t *ret_n)
{
        rule_order order;
        const int r = make_order(loader, ruleset, &order);

        if (r == RT_OK)
                *ret_n = order.n;
        return r;
}

int
rti_loader_rules(rti_loader *loader, rti_rules *ret_rules)
{
        rti_rules rules = { .registry = loader->registry };
        rule_order order;
        int r;

        if (loader->failed)
                return RT_ERULES;
        r = make_order(loader, (rt_str){ "", 0 }, &order);
        if (r < 0)
                return r;
        rules.rules = RTI_NEWN(&loader->work, rti_rule, loader->rules.n);
        if (!rules.rules)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < order.n; i++) {
                rules.rules[rules.n] = loader->rules.at[order.at[i]]->rule;
                rules.rules[rules.n++].enabled = true;
        }
        for (uint32_t i = 0; i < loader->rules.n; i++) {
                if (!loader->rules.at[i]->loaded || order.on[i])
                        continue;
                rules.rules[rules.n] = loader->rules.at[i]->rule;
                rules.rules[rules.n++].enabled = false;
        }
        *ret_rules = rules;
        return RT_OK;
}
