/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needs.c - the weakest necessary condition of events, per type and over all rules.
 *
 * in    the expression graph
 * out   NEEDS: for every event type that rules look at, sets that an event must lie in (results,
 *       kinds of descriptors, ways of opening ...), and beginnings of paths or names, if all rules
 *       agree to want one of them
 *
 * For each expression two bounds are kept: of the events for which it may be true, and of those for
 * which it may be false. They only ever err by being too wide, so that dropping what lies outside
 * loses no match.
 */
#include "compiler/emit/needs.h"
#include "compiler/emit/writer.h"
#include "lang/registry.h"

/* Predicates on evt.type are decided by the type of the row being made; what depends on them is
 * bounded anew for each type. */
typedef struct search {
        rti_ir *ir;
        rti_bounds *all;  /* per expression */
        uint8_t *depends; /* per expression: on the type */
        uint8_t *wanted;  /* per expression: by a rule that looks at the type */
        uint32_t *live;   /* what rules reach, in order: passes leave much behind that none does */
        uint32_t n_live;
        uint32_t *typed; /* of these, what depends on the type */
        uint32_t n_typed;
        const rti_event_set *
                *on; /* per expression: types for which this predicate holds, or NULL */
} search;

static bool
is_nothing(const rti_bound *b)
{
        for (int i = 0; i < RTI_N_NEEDS; i++)
                if (!b->set[i])
                        return true;
        return false;
}

/* ---- and, or ---- */

static const rti_need_texts *
narrower(const rti_need_texts *a, const rti_need_texts *b)
{
        if (!a || !b)
                return a ? a : b;
        return a->n <= b->n ? a : b;
}

static const rti_need_texts *
both_of(rti_ir *ir, const rti_need_texts *a, const rti_need_texts *b)
{
        rti_need_texts *t;

        if (!a || !b || a == b)
                return a == b ? a : NULL;
        t = rti_need_texts_new(ir, a->n + b->n < RTI_NEED_TEXTS ? a->n + b->n : RTI_NEED_TEXTS);
        if (!t)
                return NULL;
        t->n = a->n;
        memcpy(t->at, a->at, a->n * sizeof *t->at);
        for (uint32_t i = 0; i < b->n; i++) {
                uint32_t k = 0;

                while (k < t->n && !rti_str_eq(t->at[k], b->at[i]))
                        k++;
                if (k < t->n)
                        continue;
                if (t->n == RTI_NEED_TEXTS)
                        return NULL;
                t->at[t->n++] = b->at[i];
        }
        return t;
}

/* Events that lie in both. */
static void
meet(rti_bound *a, const rti_bound *b)
{
        for (int i = 0; i < RTI_N_NEEDS; i++)
                a->set[i] &= b->set[i];
        a->paths = narrower(a->paths, b->paths);
        a->names = narrower(a->names, b->names);
}

/* Events that lie in one of them. */
static void
join(rti_ir *ir, rti_bound *a, const rti_bound *b)
{
        if (is_nothing(b))
                return;
        if (is_nothing(a)) {
                *a = *b;
                return;
        }
        for (int i = 0; i < RTI_N_NEEDS; i++)
                a->set[i] |= b->set[i];
        a->paths = both_of(ir, a->paths, b->paths);
        a->names = both_of(ir, a->names, b->names);
}

static void
combine(rti_ir *ir, const rti_ir_expr *x, const rti_bounds *all, rti_bounds *ret)
{
        const bool and = x->kind == RTI_X_AND;
        rti_bounds b = all[x->child[0]];

        for (uint32_t i = 1; i < x->n_child; i++) {
                const rti_bounds *child = &all[x->child[i]];

                if (and) {
                        meet(&b.yes, &child->yes);
                        join(ir, &b.no, &child->no);
                } else {
                        join(ir, &b.yes, &child->yes);
                        meet(&b.no, &child->no);
                }
        }
        *ret = b;
}

static int
bounds_of(rti_ir *ir, const rti_ir_expr *x, const rti_bounds *all, rti_bounds *ret)
{
        const rti_bound any = rti_bound_any();
        int r = RT_OK;

        *ret = (rti_bounds){ any, any };
        if (x->restless)
                return RT_OK; /* of events that it does not match, it remembers the time */
        switch ((enum rti_expr_kind) x->kind) {
        case RTI_X_FALSE:
                ret->yes = (rti_bound){ 0 };
                break;
        case RTI_X_TRUE:
                ret->no = (rti_bound){ 0 };
                break;
        case RTI_X_PRED:
                r = rti_bounds_of_pred(ir, &ir->preds.at[x->pred], ret);
                break;
        case RTI_X_NOT:
                *ret = (rti_bounds){ all[x->child[0]].no, all[x->child[0]].yes };
                break;
        case RTI_X_AND:
        case RTI_X_OR:
                combine(ir, x, all, ret);
                break;
        }
        return r;
}

/* ---- the type ---- */

/* The types for which @a pred holds; NULL: it is not about the type. */
static int
find_types(rti_ir *ir, const rti_ir_pred *pred, const rti_event_set **ret_on)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];
        const rti_operand_spec spec = { .op = pred->op,
                                        .modifier = pred->modifier,
                                        .type = slot->type,
                                        .n = pred->n_values,
                                        .values = pred->values };
        rti_operand operand = { 0 };
        rt_str error, warning;
        const bool by_name = rti_str_is(slot->field, "evt.type");
        rti_event_set *on;
        int r;

        if (slot->what != RTI_SLOT_FIELD || (!by_name && !rti_str_is(slot->field, "evt.dir"))
            || pred->what != RTI_P_TEST || !rti_need_is_plain(pred))
                return RT_OK;
        on = RTI_NEW(ir->arena, rti_event_set);
        r = on ? rti_operand_build(ir->arena, &spec, &operand, &error, &warning) : RT_ENOMEM;
        if (r < 0)
                return r == RT_ENOMEM ? r : RT_OK;
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++) {
                const char *const text = by_name                 ? rti_event_name(&rti_events[code])
                                         : rti_events[code].exit ? "<"
                                                                 : ">";
                const rt_value name = { .kind = RT_KIND_STRING, .as.s = rti_str_of(text) };

                /* Both halves of a call have its name. */
                if (by_name && code > 0
                    && rti_str_is(name.as.s, rti_event_name(&rti_events[code - 1]))) {
                        if (rti_event_set_has(on, code - 1))
                                rti_event_set_add(on, code);
                } else if (rti_operand_test(&operand, &name, NULL)) {
                        rti_event_set_add(on, code);
                }
        }
        rti_operand_done(&operand);
        *ret_on = on;
        return RT_OK;
}

int
rti_need_types(rti_ir *ir, rti_ir_pred *pred, const rti_event_set **ret_on)
{
        int r = RT_OK;

        if (!pred->types_known)
                r = find_types(ir, pred, &pred->types);
        pred->types_known = r == RT_OK;
        if (pred->types)
                *ret_on = pred->types;
        return r;
}

static bool
child_depends(const search *s, const rti_ir_expr *x)
{
        for (uint32_t i = 0; i < x->n_child; i++)
                if (s->depends[x->child[i]])
                        return true;
        return false;
}

static void
find_live(search *s)
{
        const rti_ir *ir = s->ir;

        memset(s->wanted, 0, ir->exprs.n);
        for (uint32_t i = 0; i < ir->all.n; i++)
                s->wanted[ir->all.at[i].root] = 1;
        for (size_t k = ir->exprs.n; k-- > 0;)
                for (uint32_t i = 0; s->wanted[k] && i < ir->exprs.at[k].n_child; i++)
                        s->wanted[ir->exprs.at[k].child[i]] = 1;
        for (size_t k = 0; k < ir->exprs.n; k++)
                if (s->wanted[k])
                        s->live[s->n_live++] = (uint32_t) k;
}

/* Bounds that hold whatever the type is. */
static int
look_at_all(search *s)
{
        int r = RT_OK;

        find_live(s);
        for (uint32_t at = 0; r == RT_OK && at < s->n_live; at++) {
                const uint32_t k = s->live[at];
                const rti_ir_expr *x = &s->ir->exprs.at[k];

                if (x->kind == RTI_X_PRED)
                        r = rti_need_types(s->ir, &s->ir->preds.at[x->pred], &s->on[k]);
                s->depends[k] = s->on[k] != NULL || child_depends(s, x);
                if (s->depends[k])
                        s->typed[s->n_typed++] = k;
                if (r == RT_OK)
                        r = bounds_of(s->ir, x, s->all, &s->all[k]);
        }
        return r;
}

/* Bounds for events of @a type, of what the rules of @a source ask about them. */
static int
look_at_type(search *s, uint32_t source, uint32_t type, bool *ret_any)
{
        const rti_ir *ir = s->ir;
        int r = RT_OK;

        *ret_any = false;
        memset(s->wanted, 0, ir->exprs.n);
        for (uint32_t i = 0; i < ir->all.n; i++) {
                const rti_ir_rule *rule = &ir->all.at[i];

                if (rule->source == source && rti_event_set_has(&rule->rule->events, type))
                        s->wanted[rule->root] = *ret_any = true;
        }
        for (uint32_t at = *ret_any ? s->n_typed : 0; at-- > 0;) {
                const rti_ir_expr *x = &ir->exprs.at[s->typed[at]];

                for (uint32_t i = 0; s->wanted[s->typed[at]] && i < x->n_child; i++)
                        s->wanted[x->child[i]] = 1;
        }
        for (uint32_t at = 0; *ret_any && r == RT_OK && at < s->n_typed; at++) {
                const uint32_t k = s->typed[at];

                if (!s->wanted[k])
                        continue;
                if (!s->on[k]) {
                        r = bounds_of(s->ir, &ir->exprs.at[k], s->all, &s->all[k]);
                } else if (rti_event_is_named(type)) {
                        const bool holds = rti_event_set_has(s->on[k], type);

                        s->all[k].yes = holds ? rti_bound_any() : (rti_bound){ 0 };
                        s->all[k].no = holds ? (rti_bound){ 0 } : rti_bound_any();
                } else {
                        s->all[k] = (rti_bounds){ rti_bound_any(), rti_bound_any() };
                }
        }
        return r;
}

/* ---- writing ---- */

static rti_p_range
write_texts(rti_writer *w, const rti_need_texts *t)
{
        rti_p_range range = { rti_writer_count(w, RTI_S_NEED_TEXTS), t ? t->n : 0 };

        for (uint32_t i = 0; i < range.n; i++) {
                const rti_p_text row = rti_writer_text(w, t->at[i]);

                rti_writer_add(w, RTI_S_NEED_TEXTS, &row);
        }
        return range;
}

static void
write_need(rti_writer *w, uint32_t source, uint32_t type, const rti_bound *b)
{
        const rti_p_need row = { .source = source,
                                 .type = type,
                                 .results = b->set[RTI_NEED_RESULTS],
                                 .fd_nums = b->set[RTI_NEED_FD_NUMS],
                                 .fd_kinds = b->set[RTI_NEED_FD_KINDS],
                                 .open_modes = b->set[RTI_NEED_OPEN_MODES],
                                 .scopes = b->set[RTI_NEED_SCOPES],
                                 .raw_paths = b->set[RTI_NEED_RAW_PATHS],
                                 .paths = write_texts(w, b->paths),
                                 .names = write_texts(w, b->names) };

        rti_writer_add(w, RTI_S_NEEDS, &row);
}

/* What events of one type need. */
typedef struct type_rows {
        uint32_t n;
        rti_bound at[RT_FILTERS_PER_TYPE];
} type_rows;

/* Is everything in @a a in @a b as well? */
static bool
is_within(const rti_bound *a, const rti_bound *b)
{
        for (int i = 0; i < RTI_N_NEEDS; i++)
                if (a->set[i] & ~b->set[i])
                        return false;
        return (!b->paths || b->paths == a->paths) && (!b->names || b->names == a->names);
}

/* Add what a rule needs to the rows of a type. Too many rows: the last one takes in the rest. */
static uint32_t
add_need(rti_ir *ir, rti_bound rows[RT_FILTERS_PER_TYPE], uint32_t n, const rti_bound *b)
{
        if (is_nothing(b))
                return n;
        for (uint32_t i = 0; i < n; i++) {
                if (is_within(b, &rows[i]))
                        return n;
                if (is_within(&rows[i], b)) {
                        rows[i] = *b;
                        return n;
                }
        }
        if (n < RT_FILTERS_PER_TYPE)
                rows[n++] = *b;
        else
                join(ir, &rows[n - 1], b);
        return n;
}

/* Tell types apart by @a set: class_of[type] is the lowest type that is in the same sets. */
static void
split_types(uint16_t class_of[RTI_N_EVENT_CODES], const rti_event_set *set)
{
        uint16_t now[RTI_N_EVENT_CODES][2];

        memset(now, 0xff, sizeof now);
        for (uint32_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                uint16_t *class = &now[class_of[type]][rti_event_set_has(set, type)];

                if (*class == UINT16_MAX)
                        *class = (uint16_t) type;
                class_of[type] = *class;
        }
}

/* The same for a set that was not met before. */
static int
split_once(rti_map *known, uint16_t class_of[RTI_N_EVENT_CODES], const rti_event_set *set)
{
        const rt_str key = { (const char *) set, sizeof *set };

        if (rti_map_get(known, key) != RTI_MAP_NONE)
                return RT_OK;
        split_types(class_of, set);
        return rti_map_set(known, key, 0);
}

/* Types that no rule of @a source and no predicate tells apart are looked at once. */
static int
find_classes(const search *s, uint32_t source, uint16_t class_of[RTI_N_EVENT_CODES])
{
        const rti_ir *ir = s->ir;
        rti_event_set named = { 0 };
        rti_map known = { .arena = ir->arena };
        int r = RT_OK;

        for (uint32_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                class_of[type] = 0;
                if (rti_event_is_named(type))
                        rti_event_set_add(&named, type);
        }
        r = split_once(&known, class_of, &named);
        for (uint32_t at = 0; r == RT_OK && at < s->n_typed; at++)
                if (s->on[s->typed[at]])
                        r = split_once(&known, class_of, s->on[s->typed[at]]);
        for (uint32_t i = 0; r == RT_OK && i < ir->all.n; i++)
                if (ir->all.at[i].source == source)
                        r = split_once(&known, class_of, &ir->all.at[i].rule->events);
        return r;
}

/* The rows of @a type; none: no rule of @a source looks at it. */
static int
find_rows(const rti_writer *w, search *s, uint32_t source, uint32_t type, type_rows *ret)
{
        bool any;
        int r = look_at_type(s, source, type, &any);

        *ret = (type_rows){ 0 };
        if (r < 0 || !any)
                return r;
        for (uint32_t i = 0; i < w->ir->all.n; i++) {
                const rti_ir_rule *rule = &w->ir->all.at[i];

                if (rule->source == source && rti_event_set_has(&rule->rule->events, type))
                        ret->n = add_need(w->ir, ret->at, ret->n, &s->all[rule->root].yes);
        }
        /* A type that no rule can match gets one that nothing passes. */
        ret->n += ret->n == 0;
        return r;
}

/* The rows for each type that rules of @a source look at. */
static int
write_source(rti_writer *w, search *s, uint32_t source)
{
        type_rows **all = RTI_NEWN(w->ir->arena, type_rows *, RTI_N_EVENT_CODES);
        uint16_t class_of[RTI_N_EVENT_CODES];
        int r = all ? look_at_all(s) : RT_ENOMEM;

        r = r < 0 ? r : find_classes(s, source, class_of);
        for (uint32_t type = 0; r == RT_OK && type < RTI_N_EVENT_CODES; type++) {
                const type_rows *its = all[class_of[type]];

                if (class_of[type] == type) {
                        its = all[type] = RTI_NEW(w->ir->arena, type_rows);
                        r = its ? find_rows(w, s, source, type, all[type]) : RT_ENOMEM;
                }
                for (uint32_t i = 0; r == RT_OK && i < its->n; i++)
                        write_need(w, source, type, &its->at[i]);
        }
        return r;
}

static int
search_init(search *s, rti_ir *ir)
{
        const size_t n = ir->exprs.n + 1;

        *s = (search){ .ir = ir,
                       .all = rti_calloc(ir->allocator, n, sizeof *s->all),
                       .depends = RTI_NEWN(ir->arena, uint8_t, n),
                       .wanted = RTI_NEWN(ir->arena, uint8_t, n),
                       .live = rti_arena_get(ir->arena, n * sizeof *s->live),
                       .typed = rti_arena_get(ir->arena, n * sizeof *s->typed),
                       .on = RTI_NEWN(ir->arena, const rti_event_set *, n) };
        return s->all && s->depends && s->wanted && s->on && s->live && s->typed ? RT_OK
                                                                                 : RT_ENOMEM;
}

int
rti_write_needs(rti_writer *w)
{
        rti_ir *ir = w->ir;
        int r = RT_OK;

        if (!rti_ir_pass_on(ir, RTI_PASS_NEEDS) || !rti_ir_pass_on(ir, RTI_PASS_EVENTS))
                return RT_OK;
        for (uint32_t i = 0; r == RT_OK && i < ir->sources.n; i++) {
                const rt_source_ops *ops =
                        rti_registry_source(ir->rules->registry, ir->sources.at[i]);
                search s;

                if (!rti_str_is(rti_str_of(ops->name), "syscall"))
                        continue;
                r = search_init(&s, ir);
                r = r < 0 ? r : write_source(w, &s, i);
                rti_free(ir->allocator, s.all);
        }
        return r;
}
