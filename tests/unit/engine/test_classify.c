/* SPDX-License-Identifier: Apache-2.0 */
/* Classifiers against the operators themselves: random constants, random values. */
#include "compiler/emit/atoms.h"
#include "engine/classify_private.h"
#include "engine/eval.h"
#include "lang/ops/regex_private.h"
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
enum { N_VALUES = 400, LONGEST = 300 };

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

/* Constants made before, of which some values are put together. */
static rt_str made[256];
static uint32_t n_made;

/* Few letters, so that texts begin, end and lie in one another. */
static rt_str
text(rti_arena *arena, uint32_t longest, bool constant)
{
        static const char letters[] = "aAbB//.c\xe1\xc1@`{Zz";
        char bytes[LONGEST + 1];
        const uint32_t n = below(longest + 1), n_letters = below(2) ? 8 : sizeof letters - 1;
        const bool nuls = !constant && below(2);
        rt_str copy;

        for (uint32_t i = 0; i < n; i++)
                bytes[i] = nuls && below(12) == 0 ? '\0' : letters[below(n_letters)];
        for (uint32_t at = below(20); !constant && n_made && at < n; at += below(20)) {
                const rt_str piece = made[below(n_made < 256 ? n_made : 256)];

                for (uint32_t i = 0; i < piece.len && at < n; i++, at++)
                        bytes[at] = piece.ptr[i];
                if (at < n && (bytes[at] | 0x20) == 'a')
                        bytes[at] ^= 0x20;
        }
        copy = rti_arena_copy(arena, (rt_str){ bytes, n });
        if (constant)
                made[n_made++ % 256] = copy;
        return copy;
}

/* Of pieces that are often good patterns. */
static rt_str
pattern(rti_arena *arena, uint8_t op)
{
        static const char *const globs[] = { "*", "?", "a", "B", "ab", "/", "[ab]", "[!c]", "\\a" };
        static const char *const regexes[] = { "a",  "b",    "B",      "ab",      ".",
                                               ".*", "[ab]", "(a|bc)", "(?i:aB)", "(aB|c.|/+)",
                                               "a+", "b*",   "c{2}",   "^",       "$",
                                               "|",  "/" };
        char text[LONGEST];
        const uint32_t n = below(6);
        rti_re_tree tree;

        for (;;) {
                size_t len = 0;

                for (uint32_t i = 0; i < n; i++) {
                        const char *piece = op == RTI_OP_REGEX ? regexes[below(RTI_COUNT(regexes))]
                                                               : globs[below(RTI_COUNT(globs))];

                        memcpy(text + len, piece, strlen(piece));
                        len += strlen(piece);
                }
                if (op != RTI_OP_REGEX
                    || rti_re_parse(arena, (rt_str){ text, len }, &tree) == RT_OK)
                        return rti_arena_copy(arena, (rt_str){ text, len });
        }
}

static rt_value
some(rti_arena *arena, uint32_t kind, bool constant)
{
        rt_value value = { .kind = kind };

        switch (rti_kinds[kind].hold) {
        case RTI_HOLD_STRING:
                value.as.s = text(arena,
                                  constant   ? below(8) ? 7 : 255
                                  : below(4) ? 40
                                             : LONGEST,
                                  constant);
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
        for (uint32_t i = 0; i < s->n_each; i++) {
                values[i] = some(arena, expr->type.kind, true);
                if (s->op == RTI_OP_GLOB || s->op == RTI_OP_IGLOB || s->op == RTI_OP_REGEX)
                        values[i].as.s = pattern(arena, s->op);
        }
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
compile(rti_arena *arena, const setting *s, rti_ir *ir)
{
        rti_registry *registry;
        rti_tnode root = { .what = RTI_T_OR, .n_child = s->n };
        rti_rule rule = { .name = RTI_STR("one"),
                          .desc = RTI_STR(""),
                          .enabled = true,
                          .condition = &root,
                          .format = RTI_NEW(arena, rti_format) };
        rti_rules rules = { .n = 1, .rules = &rule };
        rti_tables tables = { 0 };
        rti_program *program;
        rt_ruleset *ruleset;
        const char *why = "";

        *ir = (rti_ir){ .arena = arena, .allocator = &rti_alloc_default };
        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        cr_assert_eq(rti_registry_add(registry, &ops), RT_OK);
        rules.registry = registry;
        rule.source = rti_registry_find_source(registry, RTI_STR("c"));
        root.child = RTI_NEWN(arena, rti_tnode *, s->n);
        for (uint32_t i = 0; i < s->n; i++)
                root.child[i] = test_of(arena, registry, s);
        cr_assert_eq(rti_ir_build(ir, &rules), RT_OK);
        cr_assert_eq(rti_pass_share(ir), RT_OK);
        cr_assert_eq(rti_atoms_build(ir), RT_OK);
        for (size_t i = 0; i < ir->atoms.n; i++)
                ir->atoms.at[i].wanted = true;
        cr_assert_eq(rti_ir_write(ir, &tables), RT_OK);
        cr_assert_eq(rti_tables_lay_out(&tables, &rti_alloc_default, &program), RT_OK);
        rti_registry_unref(registry);
        cr_assert_eq(
                rti_ruleset_bind(&rti_alloc_default, program, program->size_bytes, &ruleset, &why),
                RT_OK, "%s", why);
        return ruleset;
}

/* ---- comparing ---- */

static rti_operand *
operands_of(rti_arena *arena, const rti_ir *ir)
{
        rti_operand *operands = RTI_NEWN(arena, rti_operand, ir->preds.n);

        for (size_t i = 0; i < ir->preds.n; i++) {
                const rti_ir_pred *pred = &ir->preds.at[i];
                const rti_operand_spec spec = { .op = pred->op,
                                                .modifier = pred->modifier,
                                                .type = ir->slots.at[pred->slot].type,
                                                .n = pred->n_values,
                                                .values = pred->values };
                rt_str error, warning;

                cr_assert_eq(rti_operand_build(arena, &spec, &operands[i], &error, &warning),
                             RT_OK);
        }
        return operands;
}

/* Was one of the predicate's atoms found? */
static bool
any_atom(rti_frame *frame, const rti_ir *ir, const rti_ir_pred *pred)
{
        uint32_t n, n_hits;
        const uint32_t *atoms = rti_atoms_of(ir, pred, &n);

        for (uint32_t i = 0; i < n; i++) {
                const rti_ir_atom *atom = &ir->atoms.at[atoms[i]];
                const uint32_t *hits = rti_class_hits(frame, atom->class, &n_hits);

                cr_assert_leq(n_hits, frame->rules->p.classes[atom->class].atoms.n);
                for (uint32_t k = 0; k < n_hits; k++)
                        if (hits[k] == atom->number)
                                return true;
        }
        return false;
}

/* Does what is found of the value agree with what the operator says? */
static bool
agrees(rti_frame *frame, const rti_ir *ir, const rti_ir_pred *pred, bool expected)
{
        const bool any = any_atom(frame, ir, pred);
        const rti_insn insn = { .op = pred->facts == RTI_FACTS_EXCEPT ? RTI_I_NO_MEMBER
                                                                      : RTI_I_MEMBER,
                                .class = pred->class & 0xffffff,
                                .a = pred->number };

        if (pred->class != RTI_NONE && rti_eval_insn(frame, &insn) != expected)
                return false;
        return pred->facts == RTI_FACTS_EXCEPT || any || !expected;
}

static void
compare(rti_frame *frame, const rti_ir *ir, const rti_operand *operands)
{
        for (size_t i = 0; i < ir->preds.n; i++) {
                const bool expected = rti_operand_test(&operands[i], &now_value, frame->scratch);
                rti_buf buf;

                if (agrees(frame, ir, &ir->preds.at[i], expected))
                        continue;
                rti_buf_init(&buf, &rti_alloc_default, 0);
                rti_print_pred(&buf, frame->rules, ir->preds.at[i].number);
                rti_buf_add_text(&buf, ", value ");
                rti_print_value(&buf, &now_value);
                cr_assert_fail("%s: expected %d", buf.ptr, expected);
        }
}

static void
run(const setting *s)
{
        const rti_instance instance = { .ops = &ops };
        rt_event event = { .size = sizeof event };
        rti_arena arena, memory;
        rti_frame frame = { .allocator = &rti_alloc_default, .memory = &memory };
        rti_operand *operands;
        rt_ruleset *rules;
        rti_ir ir;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        rti_arena_init(&memory, &rti_alloc_default, 0);
        rules = compile(&arena, s, &ir);
        operands = operands_of(&arena, &ir);
        for (size_t i = 0; i < ir.preds.n; i++) {
                cr_expect_neq(ir.preds.at[i].facts, RTI_FACTS_NONE);
                /* Literals of several patterns can be of several classes. */
                if (s->op != RTI_OP_GLOB || ir.preds.at[i].class != RTI_NONE)
                        cr_expect_eq(ir.preds.at[i].class == RTI_NONE,
                                     ir.preds.at[i].facts == RTI_FACTS_NECESSARY);
        }
        cr_assert_eq(rti_op_scratch_new(&rti_alloc_default, &frame.scratch), RT_OK);
        cr_assert_eq(rti_frame_install(&frame, rules), RT_OK);
        for (uint32_t i = 0; i < rules->p.n_slots; i++)
                frame.slot_row[i].from = i;
        for (uint32_t i = 0; i < N_VALUES / (1 + s->n / 50); i++) {
                now_value = some(&arena, fields[s->field].kind, false);
                if (fields[s->field].kind == RT_KIND_IPNET)
                        now_value.kind = RT_KIND_IPADDR;
                rti_frame_begin(&frame, &instance, 0, &event);
                for (uint32_t k = 0; k < rules->p.n_classes; k++)
                        frame.class_row[k].wide = i % 3 && rti_texts_wide();
                compare(&frame, &ir, operands);
        }
        for (size_t i = 0; i < ir.preds.n; i++)
                rti_operand_done(&operands[i]);
        rti_frame_done(&frame);
        rti_op_scratch_free(frame.scratch);
        rti_ruleset_unref(rules);
        rti_ir_done(&ir);
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
                ROWS(ICONTAINS, TEXT, ANYOF, 2),
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
                ROWS(GLOB, TEXT, NONE, 1),
                ROWS(IGLOB, TEXT, NONE, 1),
                ROWS(REGEX, TEXT, NONE, 1),
                ROWS(GLOB, TEXT, ANYOF, 3),
                ROWS(REGEX, TEXT, ALLOF, 2),
                ROWS(EQ, TEXT, ONEOF, 2),
                ROWS(CONTAINS, TEXT, ALLOF, 2),
                ROWS(IN, REAL, NONE, 3),
                ROWS(NE, TEXT, ANYOF, 2),
        };

        return cr_make_param_array(setting, rows, RTI_COUNT(rows));
}

ParameterizedTest(setting *s, classify, a_classifier_says_what_the_operators_say)
{
        seed = (uint64_t) s->op << 16 | (uint64_t) s->field << 8 | s->n;
        run(s);
}
