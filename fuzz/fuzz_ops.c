/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_ops.c - any constants against any value. The input is an operator's number, a modifier's,
 * constants that end in line feeds, an empty line, and the value.
 *
 * Regular expressions are matched twice, by what the operator chooses and by the automaton; globs
 * are compared with the C library's.
 */
#include "base/alloc.h"
#include "fuzz.h"
#include "lang/ops/regex_private.h"
#include <fnmatch.h>
#include <stdlib.h>

enum { MOST_CONSTANTS = 64, MOST_VALUE_BYTES = 4096 };

/* The line at the beginning of *rest, taken off it. */
static rt_str
take_line(rt_str *rest)
{
        const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
        const rt_str line = rti_str_sub(*rest, 0, end ? (size_t) (end - rest->ptr) : rest->len);

        *rest = rti_str_sub(*rest, end ? line.len + 1 : line.len, rest->len);
        return line;
}

static void
check_regex(rti_arena *arena, rt_str pattern, rt_str value, bool result)
{
        static rti_re_nfa_scratch scratch;
        rti_re_nfa *nfa;
        rti_re_tree tree;
        int r;

        CHECK(rti_re_parse(arena, pattern, &tree) == RT_OK);
        if (rti_re_nfa_build(arena, tree.root, &nfa) != RT_OK)
                return;
        r = rti_re_nfa_match(nfa, rti_cut(value), &scratch);
        CHECK(r == RT_ELIMIT || r == result);
}

static void
check_glob(rti_arena *arena, rt_str pattern, rt_str value, bool fold, bool result)
{
        const rt_str p = rti_arena_copy(arena, pattern), v = rti_arena_copy(arena, rti_cut(value));

        CHECK(p.ptr && v.ptr);
        CHECK((fnmatch(p.ptr, v.ptr, fold ? FNM_CASEFOLD : 0) == 0) == result);
}

static uint32_t
take_constants(rti_arena *arena, uint32_t kind, rt_str *rest, rt_value *values)
{
        uint32_t n = 0;
        rt_str line, error;

        while (rest->len && (line = take_line(rest)).len && n < MOST_CONSTANTS)
                n += rti_const_parse(arena, kind, line, &values[n], &error) == RT_OK;
        return n;
}

static void
test_one(rti_arena *arena, const rti_operand_spec *spec, rt_str value)
{
        static rti_op_scratch *scratch;
        const rt_value subject = { .kind = spec->type.kind, .as.s = value };
        rti_operand operand;
        rt_str error, warning;
        bool result;

        if (!scratch)
                CHECK(rti_op_scratch_new(&rti_alloc_default, &scratch) == RT_OK);
        if (rti_operand_build(arena, spec, &operand, &error, &warning) < 0)
                return;
        result = rti_operand_test(&operand, &subject, scratch);
        if (spec->op == RTI_OP_REGEX && spec->modifier == RTI_MOD_NONE)
                check_regex(arena, spec->values[0].as.s, value, result);
        if ((spec->op == RTI_OP_GLOB || spec->op == RTI_OP_IGLOB) && spec->modifier == RTI_MOD_NONE)
                check_glob(arena, spec->values[0].as.s, value, spec->op == RTI_OP_IGLOB, result);
        rti_operand_done(&operand);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        rt_value values[MOST_CONSTANTS];
        rti_operand_spec spec = { .values = values };
        rti_arena arena;
        rt_str rest, error;

        if (size < 2 || size > MOST_VALUE_BYTES)
                return 0;
        spec.op = data[0] % RTI_N_OPERATORS;
        spec.modifier = data[1] % RTI_N_MODIFIERS;
        spec.type.kind = data[1] & 0x80 ? RT_KIND_BYTES : RT_KIND_STRING;
        rest = (rt_str){ (const char *) data + 2, size - 2 };
        rti_arena_init(&arena, &rti_alloc_default, 0);
        if (rti_op_check(&arena, spec.op, spec.modifier, spec.type, &error) == RT_OK) {
                spec.n = take_constants(&arena, spec.type.kind, &rest, values);
                test_one(&arena, &spec, rest);
        }
        rti_arena_done(&arena);
        return 0;
}
