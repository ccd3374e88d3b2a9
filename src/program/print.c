/* SPDX-License-Identifier: Apache-2.0 */
/* print.c - slots, predicates and values as a person reads them. Recursion is bounded by the depth
 * that verify.c allows. */
#include "program/ruleset.h"
#include <arpa/inet.h>
#include <inttypes.h>

static void
print_address(rti_buf *buf, const rt_value *value)
{
        char text[INET6_ADDRSTRLEN];
        const uint32_t family = value->count & 0xff;

        if (inet_ntop(family == 4 ? AF_INET : AF_INET6, value->as.ip, text, sizeof text))
                rti_buf_add_text(buf, text);
        if (value->kind == RT_KIND_IPNET)
                rti_buf_printf(buf, "/%" PRIu32, value->count >> 8);
}

static void
print_scalar(rti_buf *buf, const rt_value *value)
{
        switch (rti_kinds[value->kind].hold) {
        case RTI_HOLD_UNSIGNED:
                if (value->kind == RT_KIND_BOOL)
                        rti_buf_add_text(buf, value->as.u ? "true" : "false");
                else
                        rti_buf_add_u64(buf, value->as.u);
                break;
        case RTI_HOLD_SIGNED:
                rti_buf_add_i64(buf, value->as.i);
                break;
        case RTI_HOLD_DOUBLE:
                rti_buf_printf(buf, "%.17g", value->as.d);
                break;
        case RTI_HOLD_STRING:
                rti_buf_add_json(buf, value->as.s);
                break;
        case RTI_HOLD_ADDRESS:
                print_address(buf, value);
                break;
        case RTI_HOLD_NONE:
        case RTI_HOLD_LIST:
                rti_buf_add_text(buf, "?");
                break;
        }
}

void
rti_print_value(rti_buf *buf, const rt_value *value)
{
        if (!value) {
                rti_buf_add_text(buf, "no value");
                return;
        }
        if (value->kind != RT_KIND_LIST) {
                print_scalar(buf, value);
                return;
        }
        rti_buf_add_char(buf, '(');
        for (uint32_t i = 0; i < value->count; i++) {
                rti_buf_add_text(buf, i ? ", " : "");
                print_scalar(buf, &value->as.list[i]);
        }
        rti_buf_add_char(buf, ')');
}

void
rti_print_slot(rti_buf *buf, const rt_ruleset *rules, uint32_t number)
{
        const rti_slot *slot = &rules->slots[number];

        switch ((enum rti_slot_what) slot->what) {
        case RTI_SLOT_FIELD:
                rti_buf_add(buf, slot->field);
                if (slot->arg == RT_ARG_ANY)
                        rti_buf_add_text(buf, "[*]");
                else if (slot->arg != RT_ARG_NONE)
                        rti_buf_printf(buf, "[%.*s]", RTI_FMT(slot->key));
                break;
        case RTI_SLOT_CONST:
                rti_print_value(buf, &slot->constant);
                break;
        case RTI_SLOT_LISTED:
                rti_buf_add_char(buf, '(');
                rti_print_slot(buf, rules, slot->args[0]);
                rti_buf_printf(buf, " %.*s %.*s)", RTI_FMT(slot->key), RTI_FMT(slot->field));
                break;
        case RTI_SLOT_TRANSFORM:
        case RTI_SLOT_LIST:
                if (slot->what == RTI_SLOT_TRANSFORM)
                        rti_buf_add(buf, rti_transformers[slot->transformer].name);
                rti_buf_add_char(buf, '(');
                for (uint32_t i = 0; i < slot->n_args; i++) {
                        rti_buf_add_text(buf, i ? ", " : "");
                        rti_print_slot(buf, rules, slot->args[i]);
                }
                rti_buf_add_char(buf, ')');
                if (slot->has_selector)
                        rti_buf_printf(buf, "[%.*s]", RTI_FMT(slot->key));
                break;
        }
}

static void
print_constant(rti_buf *buf, const rt_ruleset *rules, uint32_t number)
{
        const rti_p_constant *constant = &rules->p.constants[number];
        rt_value value = { .kind = constant->kind, .count = constant->count };

        if (rti_kinds[constant->kind].hold == RTI_HOLD_STRING)
                value.as.s = rti_program_text(&rules->p, constant->as.text);
        else
                memcpy(&value.as, constant->as.bits, sizeof constant->as.bits);
        rti_print_value(buf, &value);
}

void
rti_print_atom(rti_buf *buf, const rt_ruleset *rules, uint32_t number)
{
        const rti_p_atom *atom = &rules->p.atoms[number];

        rti_print_slot(buf, rules, rules->p.classes[atom->class].slot);
        rti_buf_add_char(buf, ' ');
        rti_buf_add_text(buf, rti_relations[atom->relation]);
        if (atom->relation == RTI_REL_PRESENT)
                return;
        rti_buf_add_char(buf, ' ');
        print_constant(buf, rules, atom->constant);
}

void
rti_print_pred(rti_buf *buf, const rt_ruleset *rules, uint32_t number)
{
        const rti_p_pred *pred = &rules->p.preds[number];
        const bool list =
                pred->modifier != RTI_MOD_NONE || rti_operators[pred->op].family == RTI_RHS_LIST;

        if (rti_slot_shape(&rules->slots[pred->slot], pred->op) == RTI_OF_ALL)
                rti_buf_add_text(buf, "every ");
        rti_print_slot(buf, rules, pred->slot);
        rti_buf_add_char(buf, ' ');
        rti_buf_add(buf, rti_operators[pred->op].text);
        if (pred->modifier != RTI_MOD_NONE)
                rti_buf_printf(buf, " %.*s", RTI_FMT(rti_modifiers[pred->modifier].name));
        if (pred->what == RTI_P_EXISTS)
                return;
        rti_buf_add_char(buf, ' ');
        if (pred->what == RTI_P_COMPARE) {
                rti_print_slot(buf, rules, pred->rhs);
                return;
        }
        rti_buf_add_text(buf, list ? "(" : "");
        for (uint32_t i = 0; i < pred->constants.n; i++) {
                rti_buf_add_text(buf, i ? ", " : "");
                print_constant(buf, rules, pred->constants.first + i);
        }
        rti_buf_add_text(buf, list ? ")" : "");
}
