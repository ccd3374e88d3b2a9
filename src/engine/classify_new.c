/* SPDX-License-Identifier: Apache-2.0 */
/* classify_new.c - how a classifier will find its atoms. */
#include "engine/classify_private.h"

static enum rti_way
way_of(const rti_p_class *class, rti_type type)
{
        const enum rti_hold hold = rti_kinds[type.kind].hold;

        if (class->family == RTI_REL_PRESENT)
                return RTI_WAY_PRESENT;
        if (class->nodes.n)
                return RTI_WAY_TRIE;
        if (class->family == RTI_REL_BELOW)
                return RTI_WAY_BOUNDS;
        if (class->cells.n)
                return class->family == RTI_REL_NET                  ? RTI_WAY_NETS
                       : rti_kind_is_string(type.kind) && !type.list ? RTI_WAY_TEXT
                                                                     : RTI_WAY_HASH;
        if (class->family == RTI_REL_EQUAL
            && (hold == RTI_HOLD_UNSIGNED || hold == RTI_HOLD_SIGNED))
                return RTI_WAY_SAME;
        return class->family == RTI_REL_SUFFIX ? RTI_WAY_FEW_ENDS : RTI_WAY_ONE_BY_ONE;
}

/* What part_of and may_hold ask of texts that are compared with the class's constants. */
static void
prepare_filter(const rt_ruleset *rules, const rti_p_class *class, rti_class_row *row)
{
        const rti_program_view *p = &rules->p;
        const bool plain = class->family == RTI_REL_EQUAL || class->family == RTI_REL_PREFIX
                           || class->family == RTI_REL_SUFFIX;

        if (!plain) {
                memset(row->filter, 0xff, sizeof row->filter);
                return;
        }
        row->part = class->family == RTI_REL_EQUAL    ? RTI_PART_ALL
                    : class->family == RTI_REL_PREFIX ? RTI_PART_FIRST
                                                      : RTI_PART_LAST;
        row->least = UINT8_MAX;
        for (uint32_t k = 0; k < 2; k++) /* the shortest first */
                for (uint32_t i = 0; i < class->atoms.n; i++) {
                        const rti_p_atom *atom = &p->atoms[class->atoms.first + i];
                        const rt_str text =
                                rti_program_text(p, p->constants[atom->constant].as.text);
                        uint32_t bit;

                        if (text.len < row->least)
                                row->least = (uint8_t) text.len;
                        bit = rti_filter_bit(rti_part_of(row, text));
                        if (k)
                                row->filter[bit / 64] |= (uint64_t) 1 << bit % 64;
                }
}

rti_class_row
rti_class_prepare(const rt_ruleset *rules, uint32_t number)
{
        const rti_p_class *class = &rules->p.classes[number];
        const rti_type type = rules->slots[class->slot].type;
        rti_class_row row = { .first = class->atoms.first,
                              .slot = class->slot,
                              .way = (uint8_t) way_of(class, type),
                              .kind = (uint8_t) type.kind,
                              .list = type.list,
                              .wide = class->nodes.n && rti_texts_wide() };

        row.text = rti_kind_is_string(type.kind) && !type.list && row.way != RTI_WAY_PRESENT;
        if (row.text)
                prepare_filter(rules, class, &row);
        return row;
}
