/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expr.c - fields and transformers -> value expressions with types.
 *
 *   in   FIELD, TRANSFORMER, VALUE and TLIST nodes
 *   out  rti_vexpr trees in the checker's arena; val(f) has become f
 *
 * Names are looked up in the registry, which also has the texts for what it refuses; types are
 * checked by rti_transform_check. Arguments are resolved before what is applied to them, so that
 * the error reported is the innermost one.
 */
#include "base/hash.h"
#include "compiler/cond/check.h"

static const rt_str no_hint = { "", 0 };

static rti_vexpr *
expr_new(rti_checker *checker, enum rti_vexpr_kind what, const rti_node *node)
{
        rti_vexpr *expr = RTI_NEW(checker->arena, rti_vexpr);

        if (!expr)
                return NULL;
        expr->what = what;
        expr->text = node->kind == RTI_NODE_FIELD && !node->has_arg
                             ? node->text
                             : rti_node_print(checker->arena, node);
        return expr->text.ptr ? expr : NULL;
}

/* "did you mean ...?" behind an unknown name. */
static int
refuse_name(rti_checker *checker, const rti_node *node, rt_str message)
{
        rt_str known = no_hint, hint = no_hint;

        if (!checker->no_hints)
                known = rti_registry_suggest(checker->registry, checker->source, node->text);
        if (known.len > 0 && !rti_str_eq(known, node->text))
                hint = rti_arena_printf(checker->arena, "did you mean '%.*s'?", RTI_FMT(known));
        return rti_checker_refuse(checker, node, node, message, hint);
}

/* May the field be used for this at all? */
static int
check_use(rti_checker *checker, enum rti_expr_use use, const rti_node *node,
          const rt_field_desc *desc)
{
        const char *why = NULL;

        /* Outputs take RT_FIELD_FILTER_ONLY, too: what it gives there is its own affair. */
        if (use != RTI_USE_OUTPUT && (desc->flags & RT_FIELD_PRINT_ONLY))
                why = "can only be used in outputs";
        else if (use == RTI_USE_RIGHT && (desc->flags & RT_FIELD_NO_RHS))
                why = "can't be used as a right-hand side field";
        if (!why)
                return RT_OK;
        return rti_checker_refuse(
                checker, node, node,
                rti_arena_printf(checker->arena, "field '%s' %s", desc->name, why), no_hint);
}

/* evt.rawarg.NAME has the type of the first parameter of that name. */
static uint32_t
kind_of(const rt_field_desc *desc, const rti_field_ref *ref)
{
        uint32_t kind = desc->kind;

        if (kind == RT_KIND_DYNAMIC && ref->arg == RT_ARG_KEY)
                rti_event_param_prefix(ref->key, &kind);
        return kind;
}

/* A field as an expression, with what it reads as arguments. @a room: how many more may be read;
 * a circle uses them up. */
static int
take_field(rti_checker *checker, const rti_node *node, const rti_field_ref *field, uint32_t *room,
           rti_vexpr *expr)
{
        const rt_field_desc *desc = rti_registry_field(checker->registry, field->field);
        rti_field_ref *reads;
        rt_str error;
        int r;

        expr->field = *field;
        expr->type = (rti_type){ kind_of(desc, field), desc->flags & RT_FIELD_LIST };
        r = rti_registry_reads(checker->registry, checker->arena, checker->source, field, &reads,
                               &expr->n_args, &error);
        if (r == RT_OK && expr->n_args > *room) {
                error = rti_arena_printf(checker->arena,
                                         "field '%s' reads itself or too many others", desc->name);
                r = RT_ENOENT;
        }
        if (r == RT_ENOENT)
                return rti_checker_refuse(checker, node, node, error, no_hint);
        if (r < 0 || expr->n_args == 0)
                return r;
        *room -= expr->n_args;
        expr->args = RTI_NEWN(checker->arena, rti_vexpr *, expr->n_args);
        for (uint32_t i = 0; r == RT_OK && i < expr->n_args; i++) {
                rti_vexpr *arg = expr->args ? RTI_NEW(checker->arena, rti_vexpr) : NULL;

                if (!arg)
                        return RT_ENOMEM;
                expr->args[i] = arg;
                arg->text = RTI_STR("");
                r = take_field(checker, node, &reads[i], room, arg);
        }
        return r;
}

static int
find_field(rti_checker *checker, enum rti_expr_use use, const rti_node *node, rti_vexpr **ret_expr)
{
        uint32_t room = RTI_MAX_FIELD_READS;
        const rt_field_desc *desc;
        rti_field_ref ref;
        rti_vexpr *expr;
        rt_str error;
        int r;

        r = rti_registry_find(
                checker->registry, checker->arena,
                &(rti_field_query){ checker->source, node->text, node->arg, node->has_arg }, &ref,
                &error);
        if (r == RT_ENOENT)
                return refuse_name(checker, node, error);
        if (r < 0)
                return r;
        desc = rti_registry_field(checker->registry, ref.field);
        r = check_use(checker, use, node, desc);
        if (r < 0)
                return r;
        expr = expr_new(checker, RTI_V_FIELD, node);
        if (!expr)
                return RT_ENOMEM;
        r = take_field(checker, node, &ref, &room, expr);
        if (r == RT_OK)
                *ret_expr = expr;
        return r;
}

/* Is it the same whatever it is used for? Nothing changes such an expression later on. */
static bool
is_plain(const rt_field_desc *desc, const rti_vexpr *expr)
{
        return expr->n_args == 0
               && !(desc->flags
                    & (RT_FIELD_PRINT_ONLY | RT_FIELD_NO_RHS | RT_FIELD_ANY_OF | RT_FIELD_PER_USE));
}

static int
resolve_field(rti_checker *checker, enum rti_expr_use use, const rti_node *node,
              rti_vexpr **ret_expr)
{
        const uint64_t hash = rti_hash(node->text.ptr, node->text.len, checker->source);
        rti_known_fields *known = node->has_arg ? NULL : checker->known;
        const size_t at = known ? hash % RTI_COUNT(known->at) : 0;
        int r;

        if (known && known->at[at].expr && known->at[at].source == checker->source
            && rti_str_eq(known->at[at].expr->text, node->text)) {
                *ret_expr = known->at[at].expr;
                return RT_OK;
        }
        r = find_field(checker, use, node, ret_expr);
        if (r < 0 || !known)
                return r;
        if (is_plain(rti_registry_field(checker->registry, (*ret_expr)->field.field), *ret_expr)) {
                known->at[at].source = checker->source;
                known->at[at].expr = *ret_expr;
        }
        return RT_OK;
}

static int
resolve_constant(rti_checker *checker, const rti_node *node, rti_vexpr **ret_expr)
{
        rti_vexpr *expr = expr_new(checker, RTI_V_CONST, node);
        rt_str error;
        int r;

        if (!expr)
                return RT_ENOMEM;
        expr->type.kind = RT_KIND_STRING;
        r = rti_const_parse(checker->arena, RT_KIND_STRING, node->text, &expr->constant, &error);
        if (r == RT_ERULES)
                return rti_checker_refuse(checker, node, node, error, no_hint);
        if (r == RT_OK)
                *ret_expr = expr;
        return r;
}

const rti_vexpr *
rti_expr_first_field(const rti_vexpr *expr)
{
        const rti_vexpr *field = expr->what == RTI_V_FIELD ? expr : NULL;

        for (uint32_t i = 0; i < expr->n_args && !field; i++)
                field = rti_expr_first_field(expr->args[i]);
        return field;
}

static int
resolve_args(rti_checker *checker, enum rti_expr_use use, const rti_node *node, rti_vexpr *expr)
{
        expr->args = RTI_NEWN(checker->arena, rti_vexpr *, node->n_child + 1);
        if (!expr->args)
                return RT_ENOMEM;
        expr->n_args = node->n_child;
        for (uint32_t i = 0; i < node->n_child; i++) {
                const int r = rti_expr_resolve(checker, use, node->child[i], &expr->args[i]);

                if (r < 0)
                        return r;
        }
        return RT_OK;
}

/* RTI_TR_*, or RTI_N_TRANSFORMERS. */
static uint8_t
transformer_of(rt_str name)
{
        uint8_t i = 0;

        while (i < RTI_N_TRANSFORMERS && !rti_str_eq(rti_transformers[i].name, name))
                i++;
        return i;
}

/* May the transformer be applied to the argument? Falco asks only where there is one. */
static int
check_args(rti_checker *checker, const rti_node *node, const rti_vexpr *expr)
{
        if (rti_transformer_many[expr->transformer])
                return RT_OK;
        for (uint32_t i = 0; i < expr->n_args; i++) {
                const rt_field_desc *desc;

                if (expr->args[i]->what != RTI_V_FIELD)
                        continue;
                desc = rti_registry_field(checker->registry, expr->args[i]->field.field);
                if (desc->flags & RT_FIELD_NO_TRANSFORMER)
                        return rti_checker_refuse(
                                checker, node, node->child[i],
                                rti_arena_printf(checker->arena,
                                                 "field '%s' does not support transformers",
                                                 desc->name),
                                no_hint);
        }
        return RT_OK;
}

static int
check_type(rti_checker *checker, const rti_node *node, rti_vexpr *expr)
{
        const rti_vexpr *first = rti_expr_first_field(expr);
        rti_transform_use use = {
                .transformer = expr->transformer,
                .has_selector = expr->has_selector,
                .selector = expr->selector,
                .n = expr->n_args,
                .first_name = no_hint,
        };
        rti_type *types = RTI_NEWN(checker->arena, rti_type, expr->n_args + 1);
        rt_str error;
        int r;

        if (!types)
                return RT_ENOMEM;
        /* Falco looks for the names with many arguments only where there are many. */
        if (expr->n_args == 1 && rti_transformer_many[expr->transformer])
                return rti_checker_refuse(checker, node, node,
                                          rti_arena_printf(checker->arena,
                                                           "unknown field transfomer '%.*s'",
                                                           RTI_FMT(node->text)),
                                          no_hint);
        for (uint32_t i = 0; i < expr->n_args; i++)
                types[i] = expr->args[i]->type;
        use.args = types;
        if (first)
                use.first_name =
                        rti_str_of(rti_registry_field(checker->registry, first->field.field)->name);
        r = rti_transform_check(checker->arena, &use, &expr->type, &error);
        return r == RT_ERULES ? rti_checker_refuse(checker, node, node, error, no_hint) : r;
}

/* val(f): f itself. */
static int
resolve_val(rti_checker *checker, enum rti_expr_use use, const rti_node *node, rti_vexpr **ret_expr)
{
        if (node->has_arg)
                return rti_checker_refuse(checker, node, node,
                                          RTI_STR("filter error: transformer 'val' does not "
                                                  "support field arguments"),
                                          no_hint);
        return rti_expr_resolve(checker, use, node->child[0], ret_expr);
}

static int
resolve_transformer(rti_checker *checker, enum rti_expr_use use, const rti_node *node,
                    rti_vexpr **ret_expr)
{
        const uint8_t transformer = transformer_of(node->text);
        rti_vexpr *expr;
        int r;

        if (transformer == RTI_TR_VAL)
                return resolve_val(checker, use, node, ret_expr);
        expr = expr_new(checker, RTI_V_TRANSFORM, node);
        if (!expr)
                return RT_ENOMEM;
        expr->transformer = transformer;
        expr->has_selector = node->has_arg;
        expr->selector = node->arg;
        r = resolve_args(checker, use, node, expr);
        if (r == RT_OK)
                r = check_args(checker, node, expr);
        if (r == RT_OK)
                r = check_type(checker, node, expr);
        if (r == RT_OK)
                *ret_expr = expr;
        return r;
}

static int
resolve_list(rti_checker *checker, enum rti_expr_use use, const rti_node *node,
             rti_vexpr **ret_expr)
{
        rti_vexpr *expr = expr_new(checker, RTI_V_LIST, node);
        int r;

        if (!expr)
                return RT_ENOMEM;
        expr->type = (rti_type){ RT_KIND_STRING, true };
        r = resolve_args(checker, use, node, expr);
        if (r == RT_OK)
                *ret_expr = expr;
        return r;
}

int
rti_expr_resolve(rti_checker *checker, enum rti_expr_use use, const rti_node *node,
                 rti_vexpr **ret_expr)
{
        switch (node->kind) {
        case RTI_NODE_FIELD:
                return resolve_field(checker, use, node, ret_expr);
        case RTI_NODE_TRANSFORMER:
                return resolve_transformer(checker, use, node, ret_expr);
        case RTI_NODE_TLIST:
                return resolve_list(checker, use, node, ret_expr);
        default:
                return resolve_constant(checker, node, ret_expr);
        }
}

int
rti_vexpr_resolve(rti_checker *checker, const rti_node *node, rti_vexpr **ret_expr)
{
        rti_checker_start(checker);
        return rti_expr_resolve(checker, RTI_USE_LEFT, node, ret_expr);
}
