/* SPDX-License-Identifier: Apache-2.0 */
/* emit.c - the back end's stages, in order: IR, passes, program, ruleset. */
#include "compiler/emit/emit.h"
#include "compiler/emit/index.h"

/* Build and run the passes; stops behind pass @a last, or before all with a negative one. */
static int
run_passes(rti_ir *ir, const rti_rules *rules, int last)
{
        int r;

        ir->sharing = last >= RTI_PASS_SHARE && rti_ir_pass_on(ir, RTI_PASS_SHARE);
        r = rti_ir_build(ir, rules);
        for (int i = 0; r == RT_OK && i <= last; i++)
                if (rti_passes[i].run && rti_ir_pass_on(ir, (enum rti_pass) i))
                        r = rti_passes[i].run(ir);
        /* No expression is made any more, and no predicate. */
        rti_vec_fit(&ir->exprs, ir->allocator);
        rti_vec_fit(&ir->preds, ir->allocator);
        rti_vec_done(&ir->before, ir->allocator);
        rti_vec_done(&ir->pred_exprs, ir->allocator);
        rti_table_done(&ir->expr_table, ir->allocator);
        rti_table_done(&ir->pred_table, ir->allocator);
        return r;
}

int
rti_emit_ruleset(const rt_allocator *allocator, const rti_rules *rules, uint64_t disabled_passes,
                 rt_ruleset **ret_ruleset)
{
        rti_arena arena;
        rti_ir ir = { .arena = &arena, .allocator = allocator, .disabled_passes = disabled_passes };
        rti_program *program = NULL;
        rti_tables tables = { 0 };
        const char *why;
        int r;

        rti_arena_init(&arena, allocator, 0);
        r = run_passes(&ir, rules, RTI_N_PASSES - 1);
        if (r == RT_OK && rti_ir_pass_on(&ir, RTI_PASS_CLASSIFY))
                r = rti_atoms_build(&ir);
        if (r == RT_OK)
                r = rti_ir_write(&ir, &tables);
        rti_ir_done(&ir);
        rti_arena_done(&arena);
        if (r == RT_OK)
                r = rti_tables_lay_out(&tables, allocator, &program);
        else
                rti_tables_done(&tables);
        if (r == RT_OK)
                r = rti_ruleset_bind(allocator, program, program->size_bytes, ret_ruleset, &why);
        return r;
}

/* Number of the last pass that stage @a stage shows; -1 for "ir". RT_ENOENT: no such stage. */
static int
stage_pass(rt_str stage, int *ret_last)
{
        *ret_last = -1;
        if (rti_str_is(stage, "ir"))
                return RT_OK;
        if (!rti_str_starts(stage, RTI_STR("ir:")))
                return RT_ENOENT;
        for (int i = 0; i < RTI_N_PASSES; i++)
                if (rti_str_is(rti_str_sub(stage, 3, stage.len), rti_passes[i].name)) {
                        *ret_last = i;
                        return RT_OK;
                }
        return RT_ENOENT;
}

int
rti_emit_dump(const rt_allocator *allocator, const rti_rules *rules, uint64_t disabled_passes,
              rt_str stage, rti_buf *buf)
{
        rt_ruleset *ruleset = NULL;
        rti_arena arena;
        rti_ir ir = { .arena = &arena, .allocator = allocator, .disabled_passes = disabled_passes };
        const bool perf = rti_str_is(stage, "perf"), index = rti_str_is(stage, "index");
        int last = RTI_N_PASSES - 1, r;

        if (rti_str_is(stage, "program") || rti_str_is(stage, "kernel")) {
                r = rti_emit_ruleset(allocator, rules, disabled_passes, &ruleset);
                if (r < 0)
                        return r;
                if (rti_str_is(stage, "kernel"))
                        rti_print_needs(buf, ruleset);
                else
                        rti_disasm(buf, ruleset);
                rti_ruleset_unref(ruleset);
                return buf->failed;
        }
        r = perf || index ? RT_OK : stage_pass(stage, &last);
        if (r < 0)
                return r;
        rti_arena_init(&arena, allocator, 0);
        r = run_passes(&ir, rules, last);
        if (r == RT_OK && perf)
                r = rti_ir_perf(&ir, buf);
        else if (r == RT_OK && index)
                r = rti_index_dump(&ir, buf);
        else if (r == RT_OK)
                rti_ir_dump(&ir, buf);
        rti_ir_done(&ir);
        rti_arena_done(&arena);
        return r < 0 ? r : buf->failed;
}
