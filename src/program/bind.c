/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind.c - a verified program becomes a ruleset.
 *
 *   in   a block that rti_program_verify accepts
 *   out  what the engine and the API want as pointers: operands with their sets and regexes, slots,
 *        rules with C strings, output formats; all in the ruleset's arena
 *
 * Operators, transformers and types are checked here once more, since the block may not come from
 * our own compiler.
 */
#include "lang/ops/transform.h"
#include "lang/registry.h"
#include "program/ruleset.h"

typedef struct binder {
        rt_ruleset *rules;
        rti_arena *arena;
        const rti_program_view *p;
        const char *why;
} binder;

static int
refuse(binder *b, const char *why)
{
        b->why = why;
        return RT_EFORMAT;
}

static rt_value
constant_value(const rti_program_view *p, const rti_p_constant *constant)
{
        rt_value value = { .kind = constant->kind, .count = constant->count };

        if (rti_kinds[constant->kind].hold == RTI_HOLD_STRING)
                value.as.s = rti_program_text(p, constant->as.text);
        else
                memcpy(&value.as, constant->as.bits, sizeof constant->as.bits);
        return value;
}

static int
bind_sources(binder *b)
{
        rt_str *names = RTI_NEWN(b->arena, rt_str, b->p->n_sources);

        if (!names)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < b->p->n_sources; i++)
                names[i] = rti_program_text(b->p, b->p->sources[i].name);
        b->rules->sources = names;
        return RT_OK;
}

/* ---- slots ---- */

static int
check_transform(binder *b, const rti_slot *slots, const rti_slot *slot)
{
        rti_type type, *types = RTI_NEWN(b->arena, rti_type, (size_t) slot->n_args + 1);
        rt_str error;
        int r;

        if (!types)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < slot->n_args; i++)
                types[i] = slots[slot->args[i]].type;
        r = rti_transform_check(b->arena,
                                &(rti_transform_use){ .transformer = slot->transformer,
                                                      .has_selector = slot->has_selector,
                                                      .n = slot->n_args,
                                                      .args = types,
                                                      .selector = slot->key },
                                &type, &error);
        if (r == RT_ENOMEM)
                return r;
        if (r < 0 || type.kind != slot->type.kind || type.list != slot->type.list)
                return refuse(b, "a transformer that does not go with its arguments");
        return RT_OK;
}

/* The operator that it is asked with. */
static int
bind_listed(binder *b, const rti_slot *slots, rti_slot *slot)
{
        const rti_slot *arg = &slots[slot->args[0]];
        const rti_type type = { arg->type.kind, arg->type.list && arg->arg != RT_ARG_ANY };
        rt_str error;

        for (uint8_t op = 0; op < RTI_N_OPERATORS; op++)
                if (rti_op_asks_lists(op) && rti_str_eq(rti_operators[op].text, slot->key)) {
                        slot->transformer = op;
                        return rti_op_check(b->arena, op, RTI_MOD_NONE, type, &error) == RT_ERULES
                                       ? refuse(b, "a list that does not go with its operator")
                                       : RT_OK;
                }
        return refuse(b, "a list without an operator");
}

uint32_t
rti_slot_list_kind(const rt_ruleset *rules, const rti_slot *slot)
{
        return rti_list_kind_of(rules->slots[slot->args[0]].type.kind);
}

static int
bind_slots(binder *b)
{
        rti_slot *slots = RTI_NEWN(b->arena, rti_slot, b->p->n_slots);

        if (!slots)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < b->p->n_slots; i++) {
                const rti_p_slot *from = &b->p->slots[i];
                int r;

                slots[i] = (rti_slot){
                        .what = from->what,
                        .transformer = from->transformer,
                        .output_only = from->flags & RTI_SLOT_OUTPUT_ONLY,
                        .arg = from->arg,
                        .source = from->source,
                        .type = { from->kind, from->flags & RTI_SLOT_IS_LIST },
                        .format = from->format,
                        .n_args = from->args.n,
                        .args = b->p->numbers + from->args.first,
                        .field = rti_program_text(b->p, from->field),
                        .key = rti_program_text(b->p, from->key),
                        .index = from->index,
                        .has_selector = from->flags & RTI_SLOT_HAS_SELECTOR,
                        .all_differ = from->flags & RTI_SLOT_ALL_DIFFER,
                        .dynamic = from->flags & RTI_SLOT_DYNAMIC,
                        .of_subject = from->flags & RTI_SLOT_OF_SUBJECT,
                        .restless = from->flags & RTI_SLOT_RESTLESS,
                };
                if (from->what == RTI_SLOT_CONST)
                        slots[i].constant = constant_value(b->p, &b->p->constants[from->constant]);
                r = from->what == RTI_SLOT_TRANSFORM ? check_transform(b, slots, &slots[i])
                    : from->what == RTI_SLOT_LISTED  ? bind_listed(b, slots, &slots[i])
                                                     : RT_OK;
                if (r < 0)
                        return r;
        }
        b->rules->slots = slots;
        return RT_OK;
}

/* ---- predicates ---- */

enum rti_shape_of_value
rti_slot_shape(const rti_slot *slot, uint8_t op)
{
        if (slot->arg == RT_ARG_ANY)
                return slot->all_differ && op == RTI_OP_NE ? RTI_OF_ALL : RTI_OF_ANY;
        return slot->dynamic ? RTI_OF_ANY_KIND : RTI_OF_ONE;
}

static int
bind_test(binder *b, const rti_p_pred *pred, rti_operand *operand)
{
        const rti_slot *slot = &b->rules->slots[pred->slot];
        const rti_type type = { slot->type.kind, slot->type.list && slot->arg != RT_ARG_ANY };
        rt_value *values = RTI_NEWN(b->arena, rt_value, pred->constants.n);
        rti_operand_spec spec = { .op = pred->op,
                                  .modifier = pred->modifier,
                                  .of = (uint8_t) rti_slot_shape(slot, pred->op),
                                  .type = type,
                                  .n = pred->constants.n,
                                  .values = values };
        rt_str error, warning;
        int r;

        if (!values)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < spec.n; i++)
                values[i] = constant_value(b->p, &b->p->constants[pred->constants.first + i]);
        r = rti_op_check(b->arena, pred->op, pred->modifier, type, &error);
        if (r == RT_OK)
                r = rti_operand_build(b->arena, &spec, operand, &error, &warning);
        if (r == RT_ENOMEM || r == RT_OK)
                return r;
        return refuse(b, "an operator that does not go with its operands");
}

static int
bind_preds(binder *b)
{
        b->rules->operands = RTI_NEWN(b->arena, rti_operand, b->p->n_preds);
        if (!b->rules->operands)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < b->p->n_preds; i++) {
                const rti_p_pred *pred = &b->p->preds[i];
                rt_str error;
                int r = RT_OK;

                if (pred->what == RTI_P_TEST && pred->class == RTI_NONE)
                        r = bind_test(b, pred, &b->rules->operands[i]);
                else if (pred->what == RTI_P_COMPARE)
                        r = rti_compare_check(b->arena, pred->op, pred->modifier,
                                              b->rules->slots[pred->slot].type, &error);
                b->rules->n_bound = i + 1;
                if (r == RT_ENOMEM)
                        return r;
                if (r < 0)
                        return refuse(b, "an operator that does not go with its operands");
        }
        return RT_OK;
}

/* ---- rules ---- */

static int
bind_format(binder *b, uint32_t number, rti_out_format *ret_format)
{
        const rti_p_format *from = &b->p->formats[number];
        rti_out_token *tokens = RTI_NEWN(b->arena, rti_out_token, from->tokens.n);
        rti_out_field *fields = RTI_NEWN(b->arena, rti_out_field, from->fields.n);

        if (!tokens || !fields)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < from->tokens.n; i++) {
                const rti_p_token *token = &b->p->tokens[from->tokens.first + i];

                tokens[i] = (rti_out_token){ rti_program_text(b->p, token->text),
                                             rti_program_text(b->p, token->name), token->slot,
                                             token->width };
        }
        for (uint32_t i = 0; i < from->fields.n; i++) {
                const rti_p_field *field = &b->p->fields[from->fields.first + i];

                fields[i] = (rti_out_field){ rti_program_text(b->p, field->name), field->slot };
        }
        *ret_format = (rti_out_format){ tokens, fields, from->tokens.n, from->fields.n,
                                        from->lenient != 0 };
        return RT_OK;
}

static int
bind_extras(binder *b, rti_p_range range, const rti_out_extra **ret_extras)
{
        rti_out_extra *extras = RTI_NEWN(b->arena, rti_out_extra, range.n);
        int r = extras ? RT_OK : RT_ENOMEM;

        for (uint32_t i = 0; r == RT_OK && i < range.n; i++) {
                const rti_p_extra *from = &b->p->extras[range.first + i];

                extras[i].key = rti_program_text(b->p, from->key);
                extras[i].text = from->text == RTI_EXTRA_TEXT || from->text == RTI_EXTRA_ALSO;
                r = bind_format(b, from->format, &extras[i].format);
        }
        *ret_extras = extras;
        return r;
}

static int
bind_rule(binder *b, const rti_p_rule *from, rti_rule_row *row)
{
        const char **tags = RTI_NEWN(b->arena, const char *, (size_t) from->tags.n + 1);
        int r;

        if (!tags)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < from->tags.n; i++)
                tags[i] = rti_program_text(b->p, b->p->tags[from->tags.first + i]).ptr;
        row->info = (rt_rule_info){
                .size = sizeof(rt_rule_info),
                .name = rti_program_text(b->p, from->name).ptr,
                .desc = rti_program_text(b->p, from->desc).ptr,
                .source = b->rules->sources[from->source].ptr,
                .tags = tags,
                .priority = from->priority,
                .verdict = from->verdict,
        };
        row->number = (uint32_t) (from - b->p->rules);
        row->source = from->source;
        row->n_extra = from->extras.n;
        r = bind_format(b, from->format, &row->output);
        /* They stand behind those that are printed. */
        while (row->n_extra
               && b->p->extras[from->extras.first + row->n_extra - 1].text >= RTI_EXTRA_ASKED) {
                row->also |=
                        b->p->extras[from->extras.first + --row->n_extra].text == RTI_EXTRA_ALSO;
                row->n_asked++;
        }
        b->rules->any_also |= row->also;
        return r < 0 ? r : bind_extras(b, from->extras, &row->extra);
}

static int
bind_rules(binder *b)
{
        rti_rule_row *rows = RTI_NEWN(b->arena, rti_rule_row, b->p->n_rules);
        int r = rows ? RT_OK : RT_ENOMEM;

        for (uint32_t i = 0; r == RT_OK && i < b->p->n_rules; i++)
                r = bind_rule(b, &b->p->rules[i], &rows[i]);
        b->rules->rules = rows;
        return r;
}

/* ---- the ruleset ---- */

static int
bind_all(binder *b)
{
        int r = bind_sources(b);

        r = r < 0 ? r : bind_slots(b);
        r = r < 0 ? r : bind_preds(b);
        return r < 0 ? r : bind_rules(b);
}

int
rti_ruleset_bind_borrowed(const rt_allocator *allocator, const rti_program *program,
                          size_t size_bytes, rt_ruleset **ret_rules, const char **ret_why)
{
        rt_ruleset *rules;
        binder b = { 0 };
        int r = rti_program_verify(program, size_bytes, allocator, ret_why);

        if (r < 0)
                return r;
        rules = rti_calloc(allocator, 1, sizeof *rules);
        if (!rules)
                return RT_ENOMEM;
        atomic_init(&rules->refs, 1);
        rules->allocator = *allocator;
        rti_arena_init(&rules->arena, &rules->allocator, 0);
        rules->program = program;
        rules->borrowed = true;
        rti_program_look(program, &rules->p);
        b = (binder){ rules, &rules->arena, &rules->p, NULL };
        r = bind_all(&b);
        if (r < 0) {
                *ret_why = b.why;
                rti_ruleset_unref(rules);
                return r;
        }
        *ret_rules = rules;
        return RT_OK;
}

int
rti_ruleset_bind(const rt_allocator *allocator, rti_program *program, size_t size_bytes,
                 rt_ruleset **ret_rules, const char **ret_why)
{
        const int r = rti_ruleset_bind_borrowed(allocator, program, size_bytes, ret_rules, ret_why);

        if (r < 0)
                rti_free(allocator, program);
        else
                (*ret_rules)->borrowed = false;
        return r;
}

uint32_t
rti_ruleset_source(const rt_ruleset *rules, const char *source)
{
        for (uint32_t i = 0; i < rules->p.n_sources; i++)
                if (rti_str_is(rules->sources[i], source))
                        return i;
        return RTI_NONE;
}

rt_ruleset *
rti_ruleset_ref(rt_ruleset *rules)
{
        if (rules)
                atomic_fetch_add_explicit(&rules->refs, 1, memory_order_relaxed);
        return rules;
}

rt_ruleset *
rti_ruleset_unref(rt_ruleset *rules)
{
        rt_allocator allocator;

        if (!rules || atomic_fetch_sub_explicit(&rules->refs, 1, memory_order_acq_rel) > 1)
                return NULL;
        allocator = rules->allocator;
        for (uint32_t i = 0; i < rules->n_bound; i++)
                rti_operand_done(&rules->operands[i]);
        rti_arena_done(&rules->arena);
        rti_registry_unref(rules->registry);
        if (!rules->borrowed)
                rti_free(&allocator, (void *) (uintptr_t) rules->program);
        rti_free(&allocator, rules);
        return NULL;
}
