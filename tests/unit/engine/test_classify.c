/* SPDX-License-Identifier: Apache-2.0 */
/* Classifiers against the operators themselves: random constants, random values. */
#include "compiler/emit/atoms.h"
#include "engine/classify.h"
#include "engine/eval.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

enum {
        FIELD_TEXT,
        FIELD_BYTES,
        FIELD_SIZE,
        FIELD_SIGNED,
        FIELD_REAL,
        FIELD_IP,
        FIELD_NET,
        N_FIELDS
};
enum { MOST = 2000, N_VALUES = 400, LONGEST = 300 };

static const rt_field_desc fields[N_FIELDS] = {
        [FIELD_TEXT] = { "c.text", "c", RT_KIND_STRING, 0, 0, 0, "a text" },
        [FIELD_BYTES] = { "c.bytes", "c", RT_KIND_BYTES, 0, 0, 0, "bytes" },
        [FIELD_SIZE] = { "c.size", "c", RT_KIND_UINT64, 0, 0, 0, "a number" },
        [FIELD_SIGNED] = { "c.signed", "c", RT_KIND_INT32, 0, 0, 0, "a number with a sign" },
        [FIELD_REAL] = { "c.real", "c", RT_KIND_DOUBLE, 0, 0, 0, "a number with a point" },
        [FIELD_IP] = { "c.ip", "c", RT_KIND_IPADDR, 0, 0, 0, "an address" },
        [FIELD_NET] = { "c.net", "c", RT_KIND_IPNET, 0, 0, 0, "an address in networks" },
};

/* The value of every slot in the current event. */
static rt_value now_value;

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state;
        (void) event;
        (void) slot;
        *ret_value = now_value;
        return 1;
}

static const rt_source_ops ops = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "c",
        .version = "1.0.0",
        .fields = fields,
        .n_fields = N_FIELDS,
        .field_stride = sizeof(rt_field_desc),
        .extract = extract,
};

/* ---- chance ---- */

static uint64_t seed;

static uint32_t
below(uint32_t n)
{
        uint64_t z = seed += 0x9e3779b97f4a7c15u;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return (uint32_t) ((z >> 33) % n);
}

/* Few letters, so that texts begin, end and lie in one another. */
static rt_str
text(rti_arena *arena, uint32_t longest, bool nuls)
{
        static const char letters[] = "aAbB//.c";
        char bytes[LONGEST + 1];
        const uint32_t n = below(longest + 1);

        for (uint32_t i = 0; i < n; i++)
                bytes[i] = nuls && below(12) == 0 ? '\0' : letters[below(8)];
        return rti_arena_copy(arena, (rt_str){ bytes, n });
}

static rt_value
some(rti_arena *arena, uint32_t kind, bool constant)
{
        rt_value value = { .kind = kind };

        switch (rti_kinds[kind].hold) {
        case RTI_HOLD_STRING:
                value.as.s = text(arena, constant ? 7 : below(4) ? 20 : LONGEST, !constant);
                break;
        case RTI_HOLD_ADDRESS:
                value.count = below(3) ? 4 : 16;
                for (uint32_t i = 0; i < value.count; i++)
                        value.as.ip[i] = (uint8_t) (below(2) ? 0 : below(4) << below(7));
                if (kind == RT_KIND_IPNET && constant)
                        value.count |= below(value.count * 8 + 1) << 8;
                break;
        case RTI_HOLD_SIGNED:
                value.as.i = (int32_t) below(600) - 300;
                break;
        case RTI_HOLD_DOUBLE:
                value.as.d = ((double) below(600) - 300) / (constant ? 1 : 2);
                if (!constant && below(30) == 0)
                        value.as.d = below(2) ? -0.0 : (double) __builtin_nanf("");
                break;
        default:
                value.as.u = below(600);
                break;
        }
        return value;
}

/* ---- programs ---- */

typedef struct setting {
        uint8_t op, field, modifier;
        uint32_t n; /* predicates */
        uint32_t n_each;
} setting;

static rti_tnode *
test_of(rti_arena *arena, rti_registry *registry, const setting *s)
{
        rti_tnode *node = RTI_NEW(arena, rti_tnode);
        rti_vexpr *expr = RTI_NEW(arena, rti_vexpr);
        rt_value *values = RTI_NEWN(arena, rt_value, s->n_each);
        const rti_field_query query = { .source = rti_registry_find_source(registry, RTI_STR("c")),
                                        .name = rti_str_of(fields[s->field].name) };
        rt_str error;

        expr->what = RTI_V_FIELD;
        expr->type.kind = fields[s->field].kind;
        cr_assert_eq(rti_registry_find(registry, arena, &query, &expr->field, &error), RT_OK);
        for (uint32_t i = 0; i < s->n_each; i++)
                values[i] = some(arena, expr->type.kind, true);
        *node = (rti_tnode){ .what = RTI_T_TEST,
                             .op = s->op,
                             .modifier = s->modifier,
                             .lhs = expr,
                             .n_values = s->n_each,
                             .values = values };
        return node;
}

/* One rule: any of the tests; every atom has a number. */
static rt_ruleset *
compile(rti_arena *arena, const setting *s)
{
        rti_registry *registry;
        rti_tnode root = { .what = RTI_T_OR, .n_child = s->n };
        rti_rule rule = { .name = RTI_STR("one"),
                          .desc = RTI_STR(""),
                          .enabled = true,
                          .condition = &root,
                          .format = RTI_NEW(arena, rti_format) };
        rti_rules rules = { .n = 1, .rules = &rule };
        rti_ir ir = { .arena = arena, .allocator = &rti_alloc_default };
        rti_program *program;
        rt_ruleset *ruleset;
        const char *why = "";

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        rules.registry = registry;
        rule.source = rti_registry_find_source(registry, RTI_STR("c"));
        root.child = RTI_NEWN(arena, rti_tnode *, s->n);
        for (uint32_t i = 0; i < s->n; i++)
                root.child[i] = test_of(arena, registry, s);
        cr_assert_eq(rti_ir_build(&ir, &rules), RT_OK);
        cr_assert_eq(rti_pass_share(&ir), RT_OK);
        cr_assert_eq(rti_atoms_build(&ir), RT_OK);
        for (size_t i = 0; i < ir.atoms.n; i++)
                ir.atoms.at[i].wanted = true;
        cr_assert_eq(rti_ir_write(&ir, &program), RT_OK);
        rti_ir_done(&ir);
        rti_registry_free(registry);
        cr_assert_eq(
                rti_ruleset_bind(&rti_alloc_default, program, program->size_bytes, &ruleset, &why),
                RT_OK, "%s", why);
        return ruleset;
}

/* What the operator itself says. */
static bool
expected(const rt_ruleset *rules, const rti_p_pred *pred)
{
        const rti_slot *slot = &rules->slots[pred->slot];
        rti_arena arena;
        rti_operand operand;
        rt_str error, warning;
        bool holds;
        rt_value *values;
        rti_operand_spec spec = { .op = pred->op,
                                  .modifier = pred->modifier,
                                  .type = slot->type,
                                  .n = pred->constants.n };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        values = RTI_NEWN(&arena, rt_value, spec.n);
        for (uint32_t i = 0; i < spec.n; i++) {
                const rti_p_constant *from = &rules->p.constants[pred->constants.first + i];

                values[i] = (rt_value){ .kind = from->kind, .count = from->count };
                memcpy(&values[i].as, from->as.bits, sizeof from->as.bits);
                if (rti_kinds[from->kind].hold == RTI_HOLD_STRING)
                        values[i].as.s = rti_program_text(&rules->p, from->as.text);
        }
        spec.values = values;
        cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
        holds = rti_operand_test(&operand, &now_value, NULL);
        rti_operand_done(&operand);
        rti_arena_done(&arena);
        return holds;
}

static void
compare(rti_frame *frame, const setting *s, uint32_t n_shown)
{
        const rt_ruleset *rules = frame->rules;
        uint32_t n = 0;

        for (uint32_t i = 0; i < rules->p.n_code; i++) {
                const rti_insn *insn = &rules->p.code[i];
                const bool no = insn->op == RTI_I_NO_MEMBER;
                bool holds;

                if (insn->op != RTI_I_MEMBER && !no)
                        continue;
                n++;
                holds = rti_eval_insn(frame, insn);
                if (holds != expected(rules, &rules->p.preds[insn->a])) {
                        rti_buf buf;

                        rti_buf_init(&buf, &rti_alloc_default, 0);
                        rti_print_pred(&buf, rules, insn->a);
                        rti_buf_add_text(&buf, ", value ");
                        rti_print_value(&buf, &now_value);
                        cr_assert_fail("%s: %d", buf.ptr, holds);
                }
        }
        /* Constants like "" need no classifier. */
        cr_expect(n_shown || n > s->n / 8, "%u of %u are classified", n, s->n);
        for (uint32_t i = 0; i < rules->p.n_classes; i++) {
                uint32_t n_hits;
                const uint32_t *hits = rti_class_hits(frame, i, &n_hits);

                cr_assert_leq(n_hits, rules->p.classes[i].atoms.n);
                for (uint32_t k = 0; k < n_hits; k++)
                        cr_assert_eq(rules->p.atoms[hits[k]].class, i);
        }
}

static void
run(const setting *s)
{
        const rti_instance instance = { .ops = &ops };
        const rt_event event = { .size = sizeof event };
        rti_arena arena, memory;
        rti_frame frame = { .allocator = &rti_alloc_default, .memory = &memory };
        rt_ruleset *rules;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        rti_arena_init(&memory, &rti_alloc_default, 0);
        rules = compile(&arena, s);
        cr_assert_eq(rti_frame_install(&frame, rules), RT_OK);
        for (uint32_t i = 0; i < rules->p.n_slots; i++)
                frame.slot_from[i] = i;
        for (uint32_t i = 0; i < N_VALUES / (1 + s->n / 50); i++) {
                now_value = some(&arena, fields[s->field].kind, false);
                if (fields[s->field].kind == RT_KIND_IPNET)
                        now_value.kind = RT_KIND_IPADDR;
                rti_frame_begin(&frame, &instance, 0, &event);
                compare(&frame, s, i);
        }
        rti_frame_done(&frame);
        rti_ruleset_unref(rules);
        rti_arena_done(&memory);
        rti_arena_done(&arena);
}

#define ROWS(op, field, modifier, each)                                       \
        { RTI_OP_##op, FIELD_##field, RTI_MOD_##modifier, 1, each },          \
                { RTI_OP_##op, FIELD_##field, RTI_MOD_##modifier, 3, each },  \
                { RTI_OP_##op, FIELD_##field, RTI_MOD_##modifier, 12, each }, \
        {                                                                     \
                RTI_OP_##op, FIELD_##field, RTI_MOD_##modifier, 500, each     \
        }

ParameterizedTestParameters(classify, a_classifier_says_what_the_operators_say)
{
        static setting rows[] = {
                ROWS(EQ, TEXT, NONE, 1),
                ROWS(NE, TEXT, NONE, 1),
                ROWS(IN, TEXT, NONE, 6),
                ROWS(EQ, TEXT, ANYOF, 3),
                ROWS(NE, TEXT, ALLOF, 3),
                ROWS(STARTSWITH, TEXT, NONE, 1),
                ROWS(STARTSWITH, TEXT, ANYOF, 5),
                ROWS(ENDSWITH, TEXT, NONE, 1),
                ROWS(CONTAINS, TEXT, NONE, 1),
                ROWS(ICONTAINS, TEXT, NONE, 1),
                ROWS(CONTAINS, TEXT, ANYOF, 3),
                ROWS(PMATCH, TEXT, NONE, 1),
                ROWS(PMATCH, TEXT, NONE, 3),
                ROWS(EQ, BYTES, NONE, 1),
                ROWS(IN, BYTES, NONE, 4),
                ROWS(CONTAINS, BYTES, NONE, 1),
                ROWS(ENDSWITH, BYTES, NONE, 1),
                ROWS(STARTSWITH, BYTES, NONE, 1),
                ROWS(EQ, SIZE, NONE, 1),
                ROWS(IN, SIZE, NONE, 7),
                ROWS(LT, SIZE, NONE, 1),
                ROWS(GE, SIZE, NONE, 1),
                ROWS(GT, SIGNED, NONE, 1),
                ROWS(LE, SIGNED, NONE, 1),
                ROWS(EQ, REAL, NONE, 1),
                ROWS(NE, REAL, NONE, 1),
                ROWS(LE, REAL, NONE, 1),
                ROWS(GT, REAL, NONE, 1),
                ROWS(EQ, IP, NONE, 1),
                ROWS(IN, IP, NONE, 3),
                ROWS(EQ, NET, NONE, 1),
                ROWS(NE, NET, NONE, 1),
                ROWS(IN, NET, NONE, 5),
        };

        return cr_make_param_array(setting, rows, RTI_COUNT(rows));
}

ParameterizedTest(setting *s, classify, a_classifier_says_what_the_operators_say)
{
        seed = (uint64_t) s->op << 16 | (uint64_t) s->field << 8 | s->n;
        run(s);
}
