/* SPDX-License-Identifier: Apache-2.0 */
/* disasm.c - a program as text: sources, slots, classifiers, code. */
#include "program/ruleset.h"
#include <inttypes.h>

static void
numbers(rti_buf *buf, const rti_program_view *p, const char *prefix, rti_p_range range)
{
        for (uint32_t i = 0; i < range.n; i++)
                rti_buf_printf(buf, " %s%" PRIu32, prefix, p->numbers[range.first + i]);
}

static void
node_switch(rti_buf *buf, const rti_program_view *p, const rti_p_switch *one)
{
        for (uint32_t i = 0; i < one->entries.n; i++) {
                const rti_p_entry *entry = &p->places[one->entries.first + i];

                if (entry->atom == RTI_NONE)
                        continue;
                rti_buf_printf(buf, "  class %" PRIu32 ": a%" PRIu32 " %c%" PRIu32 "\n", one->class,
                               entry->atom, entry->to & RTI_TO_RULE ? 'r' : 'n',
                               entry->to & ~RTI_TO_RULE);
        }
}

static void
sources(rti_buf *buf, const rt_ruleset *rules)
{
        const rti_program_view *p = &rules->p;

        for (uint32_t i = 0; i < p->n_sources; i++)
                rti_buf_printf(buf, "source %" PRIu32 " %.*s\n", i, RTI_FMT(rules->sources[i]));
        for (uint32_t i = 0; i < p->n_groups; i++) {
                rti_buf_printf(buf, "group %" PRIu32 ":", i);
                numbers(buf, p, "n", p->groups[i]);
                rti_buf_add_char(buf, '\n');
        }
}

static void
nodes(rti_buf *buf, const rti_program_view *p)
{
        for (uint32_t i = 0; i < p->n_nodes; i++) {
                const rti_p_node *node = &p->nodes[i];

                rti_buf_printf(buf, "node %" PRIu32 ":", i);
                numbers(buf, p, "r", node->rules);
                rti_buf_add_char(buf, '\n');
                for (uint32_t k = 0; k < node->switches.n; k++)
                        node_switch(buf, p, &p->switches[node->switches.first + k]);
        }
}

static void
texts(rti_buf *buf, const rt_ruleset *rules, const char *what, rti_p_range range)
{
        if (!range.n)
                return;
        rti_buf_printf(buf, " %s", what);
        for (uint32_t i = 0; i < range.n; i++) {
                const rti_program_view *p = &rules->p;

                rti_buf_add_char(buf, i ? ',' : ' ');
                rti_buf_add(buf, rti_program_text(p, p->need_texts[range.first + i]));
        }
}

static void
needs(rti_buf *buf, const rt_ruleset *rules)
{
        for (uint32_t i = 0; i < rules->p.n_needs; i++) {
                const rti_p_need *need = &rules->p.needs[i];

                rti_buf_printf(buf,
                               "need source %" PRIu32 " event %" PRIu32 " results %" PRIx32
                               " fd-nums %" PRIx32 " fd-kinds %" PRIx32 " open-modes %" PRIx32
                               " scopes %" PRIx32 " raw-paths %" PRIx32,
                               need->source, need->type, need->results, need->fd_nums,
                               need->fd_kinds, need->open_modes, need->scopes, need->raw_paths);
                texts(buf, rules, "paths", need->paths);
                texts(buf, rules, "names", need->names);
                rti_buf_add_char(buf, '\n');
        }
}

static void
slots(rti_buf *buf, const rt_ruleset *rules)
{
        for (uint32_t i = 0; i < rules->p.n_slots; i++) {
                const rti_slot *slot = &rules->slots[i];

                rti_buf_printf(buf, "slot %" PRIu32 " source %" PRIu32 " %s%s%s ", i, slot->source,
                               rti_kinds[slot->type.kind].name, slot->type.list ? " list" : "",
                               slot->output_only ? " output" : "");
                rti_print_slot(buf, rules, i);
                rti_buf_add_char(buf, '\n');
        }
}

static void
classes(rti_buf *buf, const rt_ruleset *rules)
{
        const rti_program_view *p = &rules->p;

        for (uint32_t i = 0; i < p->n_classes; i++) {
                const rti_p_class *class = &p->classes[i];

                rti_buf_printf(buf, "class %" PRIu32 " %s of ", i, rti_relations[class->family]);
                rti_print_slot(buf, rules, class->slot);
                rti_buf_printf(buf, ": %" PRIu32 " atoms\n", class->atoms.n);
                for (uint32_t k = 0; k < class->atoms.n; k++) {
                        rti_buf_printf(buf, "atom %" PRIu32 " ", class->atoms.first + k);
                        rti_print_atom(buf, rules, class->atoms.first + k);
                        rti_buf_add_char(buf, '\n');
                }
        }
}

static void
instruction(rti_buf *buf, const rt_ruleset *rules, uint32_t at)
{
        const rti_insn *insn = &rules->p.code[at];
        const rti_opcode_info *info = &rti_opcodes[insn->op];

        rti_buf_printf(buf, "%6" PRIu32 "  %-8s", at, info->name);
        if (info->operand == RTI_A_NONE) {
                rti_buf_add_char(buf, '\n');
                return;
        }
        rti_buf_printf(buf, " %-5" PRIu32 " yes %-6" PRIu32 " no %-6" PRIu32, insn->a, insn->yes,
                       insn->no);
        if (info->operand == RTI_A_PRED || info->operand == RTI_A_CLASSED
            || info->operand == RTI_A_TYPED) {
                rti_buf_add_text(buf, "  ; ");
                rti_print_pred(buf, rules, insn->a);
        } else if (info->operand == RTI_A_SLOT) {
                rti_buf_add_text(buf, "  ; ");
                rti_print_slot(buf, rules, insn->a);
                rti_buf_add_text(buf, " exists");
        }
        rti_buf_add_char(buf, '\n');
}

static void
code(rti_buf *buf, const rt_ruleset *rules, rti_arena *arena)
{
        const rti_program_view *p = &rules->p;
        /* What begins at an instruction: 1 + rule, or that behind the rules: an expression. */
        uint32_t *begins = RTI_NEWN(arena, uint32_t, p->n_code);

        for (uint32_t i = 0; begins && i < p->n_exprs; i++)
                begins[p->exprs[i]] = 1 + p->n_rules + i;
        for (uint32_t i = 0; begins && i < p->n_rules; i++)
                begins[p->entries[i]] = 1 + i;
        for (uint32_t i = 0; i < p->n_code; i++) {
                if (begins && begins[i] > p->n_rules)
                        rti_buf_printf(buf, "expr %" PRIu32 ":\n", begins[i] - 1 - p->n_rules);
                else if (begins && begins[i])
                        rti_buf_printf(buf, "rule %" PRIu32 " %s:\n", begins[i] - 1,
                                       rules->rules[begins[i] - 1].info.name);
                instruction(buf, rules, i);
        }
}

void
rti_disasm(rti_buf *buf, const rt_ruleset *rules)
{
        rti_arena arena;

        rti_arena_init(&arena, &rules->allocator, 0);
        rti_buf_printf(buf,
                       "program %" PRIu64 " bytes, %" PRIu32 " rules, %" PRIu32 " predicates\n",
                       rules->program->size_bytes, rules->p.n_rules, rules->p.n_preds);
        sources(buf, rules);
        needs(buf, rules);
        slots(buf, rules);
        classes(buf, rules);
        nodes(buf, &rules->p);
        code(buf, rules, &arena);
        rti_arena_done(&arena);
}
