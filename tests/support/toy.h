/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toy.h - for tests of the back end: a source of its own, and typed rules made by hand.
 *
 * The source "toy" reads lines of words `key=value`. toy.text[KEY] is the value of a key, toy.name
 * that of "name", toy.size that of "size" as a number, toy.words all words as a list; toy.any and
 * toy.ends hold for any word. It counts what it is asked.
 */
#ifndef RTI_TEST_TOY_H
#define RTI_TEST_TOY_H

#include "compiler/emit/emit.h"
#include "compiler/emit/ir.h"
#include <stdlib.h>

enum { TOY_NAME, TOY_SIZE, TOY_WORDS, TOY_TEXT, TOY_ANY, TOY_ENDS, TOY_RAW, TOY_N_FIELDS };

static const rt_field_desc toy_fields[TOY_N_FIELDS] = {
        [TOY_NAME] = { "toy.name", "toy", RT_KIND_STRING, 0, 0, 0, "the name" },
        [TOY_SIZE] = { "toy.size", "toy", RT_KIND_UINT64, 0, RT_FORMAT_DEC, 0, "the size" },
        [TOY_WORDS] = { "toy.words", "toy", RT_KIND_STRING, RT_FIELD_LIST, 0, 0, "all words" },
        [TOY_TEXT] = { "toy.text", "toy", RT_KIND_STRING, RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY,
                       0, 0, "a key's value" },
        [TOY_ANY] = { "toy.any", "toy", RT_KIND_STRING, RT_FIELD_ANY_OF, 0, 0, "any word" },
        [TOY_ENDS] = { "toy.ends", "toy", RT_KIND_STRING, RT_FIELD_ANY_OF | RT_FIELD_ALL_DIFFER, 0,
                       0, "any word, and no word" },
        [TOY_RAW] = { "toy.raw", "toy", RT_KIND_DYNAMIC, RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY,
                      0, 0, "the size, as a number of 16 bits" },
};

typedef struct toy {
        const rt_demand *demand;
        size_t n_demands, n_slots;
        unsigned field[32]; /* per slot */
        rt_str key[32];
        uint32_t output[32];
        unsigned n_extracts, n_restarts;
        rt_value words[64];
} toy;

/* The instance that this thread made last. */
static _Thread_local toy *toy_last;

static int
toy_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        toy *t = calloc(1, sizeof *t);

        (void) config;
        (void) diags;
        toy_last = t;
        *ret_state = t;
        return t ? RT_OK : RT_ENOMEM;
}

static int
toy_demand(void *state, const rt_demand *demand)
{
        toy *t = state;

        t->n_demands++;
        t->n_slots = demand->n_slots;
        for (size_t i = 0; i < demand->n_slots; i++) {
                const rt_slot_desc *slot = &demand->slots[i];

                for (t->field[i] = 0; t->field[i] < TOY_N_FIELDS; t->field[i]++)
                        if (rti_str_is(slot->field, toy_fields[t->field[i]].name))
                                break;
                if (t->field[i] == TOY_N_FIELDS)
                        return RT_ENOENT;
                t->key[i] = slot->key;
                t->output[i] = slot->output;
        }
        return RT_OK;
}

static void
toy_restart(void *state)
{
        ((toy *) state)->n_restarts++;
}

static int
toy_next(void *state, rt_input *input, rt_event *event)
{
        (void) state;
        for (;;) {
                const rt_str window = rt_input_window(input);
                const char *end = window.len ? memchr(window.ptr, '\n', window.len) : NULL;
                int r;

                if (end) {
                        event->position = rt_input_offset(input);
                        event->payload = (rt_str){ window.ptr, (size_t) (end - window.ptr) };
                        event->time_ns = 1000 + event->position;
                        rt_input_consume(input, event->payload.len + 1);
                        if (!rti_str_is(event->payload, "bad"))
                                return 1;
                        rt_input_skipped(input, event->position, "a bad line");
                        continue;
                }
                r = rt_input_more(input);
                if (r == 0)
                        return RT_EOF;
                if (r < 0)
                        return r;
        }
}

/* The next word of @a rest; false: none. */
static bool
toy_word(rt_str *rest, rt_str *ret_word)
{
        const char *blank;
        size_t len;

        if (rest->len == 0)
                return false;
        blank = memchr(rest->ptr, ' ', rest->len);
        len = blank ? (size_t) (blank - rest->ptr) : rest->len;
        *ret_word = (rt_str){ rest->ptr, len };
        *rest = rti_str_sub(*rest, blank ? len + 1 : len, rest->len);
        return true;
}

static int
toy_value(rt_str line, rt_str key, rt_str *ret_value)
{
        rt_str word;

        while (toy_word(&line, &word))
                if (word.len > key.len && word.ptr[key.len] == '=' && rti_str_starts(word, key)) {
                        *ret_value = rti_str_sub(word, key.len + 1, word.len);
                        return 1;
                }
        return 0;
}

static int
toy_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        toy *t = state;
        rt_str text, line = event->payload;

        t->n_extracts++;
        *ret_value = (rt_value){ .kind = RT_KIND_STRING };
        switch (t->field[slot]) {
        case TOY_NAME:
                return toy_value(line, RTI_STR("name"), &ret_value->as.s);
        case TOY_TEXT:
                return toy_value(line, t->key[slot], &ret_value->as.s);
        case TOY_SIZE:
        case TOY_RAW:
                if (toy_value(line, RTI_STR("size"), &text) == 0)
                        return 0;
                ret_value->kind = t->field[slot] == TOY_RAW ? RT_KIND_UINT16 : RT_KIND_UINT64;
                ret_value->as.u = 0;
                for (size_t i = 0; i < text.len; i++)
                        ret_value->as.u = ret_value->as.u * 10 + (uint64_t) (text.ptr[i] - '0');
                return 1;
        default:
                *ret_value = (rt_value){ .kind = RT_KIND_LIST, .as.list = t->words };
                while (ret_value->count < RTI_COUNT(t->words) && toy_word(&line, &text))
                        t->words[ret_value->count++] =
                                (rt_value){ .kind = RT_KIND_STRING, .as.s = text };
                return 1;
        }
}

static const rt_source_ops toy_ops = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "toy",
        .plugin = "toy",
        .version = "1.0.0",
        .fields = toy_fields,
        .n_fields = TOY_N_FIELDS,
        .field_stride = sizeof(rt_field_desc),
        .create = toy_create,
        .destroy = free,
        .demand = toy_demand,
        .restart = toy_restart,
        .next = toy_next,
        .extract = toy_extract,
};

/* ---- rules made by hand ---- */

typedef struct toy_rules {
        rti_arena arena;
        rti_registry *registry;
        size_t source;
        rti_rule list[64];
        rti_rules rules;
} toy_rules;

static inline int
toy_rules_init(toy_rules *t)
{
        *t = (toy_rules){ 0 };
        rti_arena_init(&t->arena, &rti_alloc_default, 0);
        if (rti_registry_new(&rti_alloc_default, &t->registry) < 0
            || rti_registry_add(t->registry, &toy_ops) < 0)
                return RT_ENOMEM;
        t->source = rti_registry_find_source(t->registry, RTI_STR("toy"));
        t->rules = (rti_rules){ .registry = t->registry, .rules = t->list };
        return RT_OK;
}

static inline void
toy_rules_done(toy_rules *t)
{
        rti_registry_unref(t->registry);
        rti_arena_done(&t->arena);
}

static inline rti_vexpr *
toy_field(toy_rules *t, unsigned field, const char *key)
{
        rti_vexpr *expr = RTI_NEW(&t->arena, rti_vexpr);
        rt_str error;

        expr->what = RTI_V_FIELD;
        expr->type = (rti_type){ toy_fields[field].kind, toy_fields[field].flags & RT_FIELD_LIST };
        if (field == TOY_RAW)
                expr->type.kind = RT_KIND_INT64;
        rti_registry_find(t->registry, &t->arena,
                          &(rti_field_query){ .source = t->source,
                                              .name = rti_str_of(toy_fields[field].name),
                                              .arg = rti_str_of(key),
                                              .has_arg = key != NULL },
                          &expr->field, &error);
        if (toy_fields[field].flags & RT_FIELD_ANY_OF)
                expr->field.arg = RT_ARG_ANY;
        expr->text = rti_str_of(toy_fields[field].name);
        return expr;
}

static inline rti_vexpr *
toy_upper(toy_rules *t, rti_vexpr *arg)
{
        rti_vexpr *expr = RTI_NEW(&t->arena, rti_vexpr);

        expr->what = RTI_V_TRANSFORM;
        expr->transformer = RTI_TR_TOUPPER;
        expr->type = arg->type;
        expr->n_args = 1;
        expr->args = RTI_NEWN(&t->arena, rti_vexpr *, 1);
        expr->args[0] = arg;
        return expr;
}

/* One to three constants, texts; numbers for numeric fields. */
static inline rti_tnode *
toy_test(toy_rules *t, rti_vexpr *lhs, uint8_t op, const char *const *values, uint32_t n)
{
        rti_tnode *node = RTI_NEW(&t->arena, rti_tnode);
        rt_str error;

        node->what = RTI_T_TEST;
        node->op = op;
        node->lhs = lhs;
        node->n_values = n;
        node->values = RTI_NEWN(&t->arena, rt_value, n);
        for (uint32_t i = 0; i < n; i++)
                if (rti_const_parse(&t->arena, lhs->type.kind, rti_str_of(values[i]),
                                    &node->values[i], &error)
                    < 0)
                        return NULL;
        return node;
}

static inline rti_tnode *
toy_name(toy_rules *t, uint8_t op, const char *value)
{
        return toy_test(t, toy_field(t, TOY_NAME, NULL), op, &value, 1);
}

static inline rti_tnode *
toy_many(toy_rules *t, enum rti_tnode_kind what, rti_tnode *a, rti_tnode *b)
{
        rti_tnode *node = RTI_NEW(&t->arena, rti_tnode);

        node->what = what;
        node->n_child = b ? 2 : 1;
        node->child = RTI_NEWN(&t->arena, rti_tnode *, 2);
        node->child[0] = a;
        node->child[1] = b;
        return node;
}

static inline rti_tnode *
toy_exists(toy_rules *t, rti_vexpr *lhs)
{
        rti_tnode *node = RTI_NEW(&t->arena, rti_tnode);

        node->what = RTI_T_EXISTS;
        node->op = RTI_OP_EXISTS;
        node->lhs = lhs;
        return node;
}

static inline rti_rule *
toy_rule(toy_rules *t, const char *name, rti_tnode *condition)
{
        rti_rule *rule = &t->list[t->rules.n++];

        *rule = (rti_rule){ .name = rti_str_of(name),
                            .desc = RTI_STR("a rule"),
                            .source = t->source,
                            .priority = RT_PRIORITY_WARNING,
                            .enabled = true,
                            .condition = condition,
                            .format = RTI_NEW(&t->arena, rti_format) };
        memset(&rule->events, 0xff, sizeof rule->events);
        return rule;
}

#endif
