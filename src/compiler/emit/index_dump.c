/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index_dump.c - the index as a person reads it: the trees; which rules it finds by what, and why
 * it does not find the others.
 */
#include "compiler/emit/index.h"
#include <inttypes.h>

enum { MOST_SHOWN = 3, MOST_TYPES = 8 };

static void
print_atom(const rti_ir *ir, rti_buf *buf, uint32_t number)
{
        const rti_ir_atom *atom = &ir->atoms.at[number];

        rti_ir_print_slot(ir, buf, atom->slot);
        rti_buf_printf(buf, " %s", rti_relations[atom->relation]);
        if (atom->relation == RTI_REL_PRESENT)
                return;
        rti_buf_add_char(buf, ' ');
        rti_print_value(buf, &atom->constant);
}

static void
print_rule(const rti_ir *ir, rti_buf *buf, uint32_t rule)
{
        rti_buf_add(buf, ir->all.at[rule].rule->name);
}

/* ---- trees ---- */

static void
dump_group(const rti_index *x, rti_buf *buf, uint32_t number)
{
        const rti_index_group *group = &x->groups.at[number];
        uint32_t n = 0;

        rti_buf_printf(buf, "group %" PRIu32 " of", number);
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                if (rti_event_set_has(&group->types, code) && n++ < MOST_TYPES)
                        rti_buf_printf(buf, " %s", rti_event_name(&rti_events[code]));
        if (n > MOST_TYPES)
                rti_buf_printf(buf, " and %" PRIu32 " more", n - MOST_TYPES);
        rti_buf_add_char(buf, ':');
        for (uint32_t i = 0; i < group->n_roots; i++)
                rti_buf_printf(buf, " node %" PRIu32, group->roots[i]);
        rti_buf_add_char(buf, '\n');
}

static void
dump_node(const rti_ir *ir, const rti_index *x, rti_buf *buf, uint32_t number)
{
        const rti_index_node *node = &x->nodes.at[number];

        rti_buf_printf(buf, "node %" PRIu32 "\n", number);
        for (uint32_t i = 0; i < node->rules.n; i++) {
                rti_buf_add_text(buf, "  rule ");
                print_rule(ir, buf, x->rules.at[node->rules.first + i]);
                rti_buf_add_char(buf, '\n');
        }
        for (uint32_t i = 0; i < node->switches.n; i++) {
                const rti_p_range places = x->switches.at[node->switches.first + i].places;

                for (uint32_t k = 0; k < places.n; k++) {
                        const rti_index_place *place = &x->places.at[places.first + k];

                        rti_buf_add_text(buf, "  ");
                        print_atom(ir, buf, place->atom);
                        if (place->to & RTI_TO_RULE) {
                                rti_buf_add_text(buf, ": rule ");
                                print_rule(ir, buf, place->to & ~RTI_TO_RULE);
                                rti_buf_add_char(buf, '\n');
                        } else {
                                rti_buf_printf(buf, ": node %" PRIu32 "\n", place->to);
                        }
                }
        }
}

static void
dump(rti_ir *ir, const rti_index *x, rti_buf *buf)
{
        for (uint32_t i = 0; i < x->groups.n; i++)
                dump_group(x, buf, i);
        for (uint32_t i = 0; i < x->nodes.n; i++)
                dump_node(ir, x, buf, i);
}

/* ---- which rules are found by what ---- */

static void
print_option(const rti_ir *ir, const rti_index *x, rti_buf *buf, const rti_option *o)
{
        const rti_p_range list = x->witnesses.lists.at[o->list];

        if (list.n == 0)
                rti_buf_add_text(buf, "it never holds");
        for (uint32_t i = 0; i < list.n && i < MOST_SHOWN; i++) {
                rti_buf_add_text(buf, i ? " or " : "");
                print_atom(ir, buf, x->witnesses.atoms.at[list.first + i]);
        }
        if (list.n > MOST_SHOWN)
                rti_buf_printf(buf, " or %" PRIu32 " more", list.n - MOST_SHOWN);
}

/* What keeps a condition from having a witness. */
typedef struct culprit {
        const rti_ir_pred *pred; /* NULL: it holds for every event */
        bool negated;            /* it must not hold */
        bool branch;             /* of an `or` */
} culprit;

static bool
is_found(const rti_options *options)
{
        return options->n && !(options->at[0].present && options->at[0].n_atoms);
}

/* Down to a predicate by parts that are to blame: in an `and` all are, in an `or` one. */
static culprit
blame(const rti_ir *ir, const rti_witnesses *w, uint32_t number)
{
        culprit c = { 0 };

        for (;;) {
                const rti_ir_expr *x = &ir->exprs.at[number];
                const bool any = (x->kind == RTI_X_OR) != c.negated;
                uint32_t k = 0;

                if (x->kind == RTI_X_PRED)
                        c.pred = &ir->preds.at[x->pred];
                if (x->n_child == 0)
                        return c;
                if (x->kind == RTI_X_NOT)
                        c.negated = !c.negated;
                else
                        c.branch = c.branch || any;
                while (any && k + 1 < x->n_child
                       && is_found(c.negated ? &w->no[x->child[k]] : &w->yes[x->child[k]]))
                        k++;
                number = x->child[k];
        }
}

static void
print_reason(const rti_ir *ir, rti_buf *buf, const culprit *c)
{
        if (!c->pred) {
                rti_buf_add_text(buf, "it holds for every event");
                return;
        }
        rti_buf_add_text(buf, c->branch ? "a branch of an 'or' has only '" : "it has only '");
        rti_buf_add_text(buf, c->negated ? "not " : "");
        rti_ir_print_pred(ir, buf, c->pred);
        if (c->negated || c->pred->op == RTI_OP_NE)
                rti_buf_add_text(buf, "', which says what an event must not have");
        else if (c->pred->what == RTI_P_COMPARE)
                rti_buf_add_text(buf, "', which compares two fields");
        else if (c->pred->what == RTI_P_EXISTS)
                rti_buf_add_text(buf, "', which most events meet");
        else
                rti_buf_add_text(buf, "', which no single text or number decides");
}

enum found { NOT_FOUND, BY_PRESENCE, FOUND, N_FOUND };

static enum found
how(const rti_index *x, uint32_t rule)
{
        const rti_option *o = x->chosen[rule];

        if (!o)
                return NOT_FOUND;
        return o->present && o->n_atoms ? BY_PRESENCE : FOUND;
}

static void
report_rules(const rti_ir *ir, const rti_index *x, rti_buf *buf, enum found which)
{
        for (uint32_t i = 0; i < ir->all.n; i++) {
                const rti_options *options = &x->witnesses.yes[ir->all.at[i].root];

                if (how(x, i) != which)
                        continue;
                rti_buf_add_text(buf, "  ");
                print_rule(ir, buf, i);
                rti_buf_add_text(buf, ": ");
                if (x->chosen[i])
                        print_option(ir, x, buf, x->chosen[i]);
                if (which == BY_PRESENCE)
                        rti_buf_add_text(buf, "; ");
                if (which != FOUND && is_found(options)) {
                        rti_buf_add_text(buf, "it could be found by ");
                        print_option(ir, x, buf, &options->at[0]);
                        rti_buf_add_text(buf, ", which does not pay");
                } else if (which != FOUND) {
                        const culprit c = blame(ir, &x->witnesses, ir->all.at[i].root);

                        print_reason(ir, buf, &c);
                }
                rti_buf_add_char(buf, '\n');
        }
}

static void
report(rti_ir *ir, const rti_index *x, rti_buf *buf)
{
        static const char *const titles[N_FOUND] = {
                [NOT_FOUND] = "Rules that are begun for every event of their types",
                [BY_PRESENCE] = "Rules that are begun wherever a field has a value",
                [FOUND] = "Rules that are begun only where one of these holds",
        };
        uint32_t n[N_FOUND] = { 0 };

        for (uint32_t i = 0; i < ir->all.n; i++)
                n[how(x, i)]++;
        for (int k = 0; k < N_FOUND; k++) {
                if (!n[k])
                        continue;
                rti_buf_printf(buf, "\n%s: %" PRIu32 "\n", titles[k], n[k]);
                report_rules(ir, x, buf, (enum found) k);
        }
        if (n[NOT_FOUND] + n[BY_PRESENCE])
                rti_buf_add_text(
                        buf, "\nSuch a rule gets cheaper by a test that all its matches pass: of a "
                             "field with =, in,\nstartswith, endswith, contains or a number, in "
                             "every branch of an 'or'.\n");
}

/* ---- both ---- */

static int
show(rti_ir *ir, rti_buf *buf, void (*print)(rti_ir *, const rti_index *, rti_buf *))
{
        rti_index x = { .allocator = ir->allocator };
        int r = RT_OK;

        if (rti_ir_pass_on(ir, RTI_PASS_CLASSIFY))
                r = rti_atoms_build(ir);
        r = r < 0 ? r : rti_index_groups(ir, &x);
        r = r < 0 ? r : rti_index_build(ir, &x);
        if (r == RT_OK)
                print(ir, &x, buf);
        rti_index_done(&x);
        return r < 0 ? r : buf->failed;
}

int
rti_index_dump(rti_ir *ir, rti_buf *buf)
{
        return show(ir, buf, dump);
}

int
rti_index_report(rti_ir *ir, rti_buf *buf)
{
        return rti_index_is_on(ir) ? show(ir, buf, report) : RT_OK;
}
