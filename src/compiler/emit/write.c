/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c - the IR becomes a program: what rules and outputs reach gets a number and is written.
 *
 *   in   rti_ir after the passes
 *   out  one block as program.h describes it
 */
#include "compiler/emit/index.h"

enum { N_ROWS_MOST = 0x7fffffff };

uint32_t
rti_writer_count(const rti_writer *w, enum rti_section section)
{
        return (uint32_t) (w->table[section].len / rti_sections[section].size_bytes);
}

uint32_t
rti_writer_add(rti_writer *w, enum rti_section section, const void *row)
{
        const uint32_t number = rti_writer_count(w, section);

        rti_buf_add(&w->table[section], (rt_str){ row, rti_sections[section].size_bytes });
        return number;
}

static void
fail(rti_writer *w, int r)
{
        if (r < 0 && w->failed == RT_OK)
                w->failed = r;
}

/* Is what stands at @a at the text, and the NUL behind it? */
static bool
stands_at(const rti_buf *texts, uint32_t at, rt_str text)
{
        return texts->len - at > text.len && texts->ptr[at + text.len] == '\0'
               && rti_str_eq((rt_str){ texts->ptr + at, text.len }, text);
}

rti_p_text
rti_writer_text(rti_writer *w, rt_str text)
{
        rti_buf *texts = &w->table[RTI_S_TEXTS];
        rti_p_text row = { (uint32_t) texts->len, (uint32_t) text.len };
        const uint32_t hash = (uint32_t) rti_hash(text.ptr, text.len, 0);
        uint32_t found = RTI_MAP_NONE;

        for (uint32_t at = 0; (found = rti_table_next(&w->texts, hash, &at)) != RTI_MAP_NONE;)
                if (stands_at(texts, found, text)) {
                        row.at = found;
                        return row;
                }
        if (text.len > N_ROWS_MOST - texts->len) {
                fail(w, RT_ELIMIT);
                return (rti_p_text){ 0, 0 };
        }
        rti_buf_add(texts, text);
        rti_buf_add_char(texts, '\0');
        fail(w, rti_table_add(&w->texts, w->ir->allocator, hash, row.at));
        return row;
}

rti_p_range
rti_writer_numbers(rti_writer *w, const uint32_t *numbers, uint32_t n)
{
        const rti_p_range range = { rti_writer_count(w, RTI_S_NUMBERS), n };

        if (n)
                rti_buf_add(&w->table[RTI_S_NUMBERS],
                            (rt_str){ (const char *) numbers, n * sizeof *numbers });
        return range;
}

/* ---- output formats: their slots must be known before slots are numbered ---- */

static uint32_t
needed_slot(rti_writer *w, uint32_t source, const rti_vexpr *expr)
{
        uint32_t slot = 0;
        int r;

        /* After a failure the slots are not to be trusted. */
        if (w->failed < 0)
                return 0;
        r = rti_ir_slot_of(w->ir, source, expr, false, &slot);
        fail(w, r);
        if (r == RT_OK)
                w->ir->slots.at[slot].number = 0;
        return slot;
}

static uint32_t
write_format(rti_writer *w, uint32_t source, const rti_format *format)
{
        rti_p_format row = { .tokens = { rti_writer_count(w, RTI_S_TOKENS), format->n_tokens },
                             .fields = { rti_writer_count(w, RTI_S_FIELDS), 0 },
                             .lenient = format->lenient };

        for (uint32_t i = 0; i < format->n_tokens; i++) {
                const rti_format_token *token = &format->tokens[i];
                rti_p_token to = { rti_writer_text(w, token->text), rti_writer_text(w, token->name),
                                   RTI_NONE, token->width };

                if (token->expr)
                        to.slot = needed_slot(w, source, token->expr);
                rti_writer_add(w, RTI_S_TOKENS, &to);
        }
        for (uint32_t i = 0; i < format->n_fields; i++) {
                const rti_format_field *field = &format->fields[i];
                rti_p_field to;

                /* Of tokens with a transformer, alerts carry the fields inside alone. */
                if (field->expr->what != RTI_V_FIELD)
                        continue;
                to = (rti_p_field){ rti_writer_text(w, field->name),
                                    needed_slot(w, source, field->expr) };
                rti_writer_add(w, RTI_S_FIELDS, &to);
                row.fields.n++;
        }
        return rti_writer_add(w, RTI_S_FORMATS, &row);
}

static void
write_rule(rti_writer *w, const rti_ir_rule *from)
{
        const rti_rule *rule = from->rule;
        rti_p_rule row = { .name = rti_writer_text(w, rule->name),
                           .desc = rti_writer_text(w, rule->desc),
                           .source = from->source,
                           .priority = rule->priority,
                           .verdict = rule->verdict,
                           .events = w->index->set_of[from - w->ir->all.at],
                           .format = write_format(w, from->source, rule->format),
                           .tags = { rti_writer_count(w, RTI_S_TAGS), rule->n_tags },
                           .extras = { rti_writer_count(w, RTI_S_EXTRAS), rule->n_extra } };

        for (uint32_t i = 0; i < rule->n_tags; i++) {
                const rti_p_text tag = rti_writer_text(w, rule->tags[i]);

                rti_writer_add(w, RTI_S_TAGS, &tag);
        }
        for (uint32_t i = 0; i < rule->n_extra; i++) {
                const rti_p_extra extra = { rti_writer_text(w, rule->extra[i].key),
                                            rule->extra[i].what,
                                            write_format(w, from->source, rule->extra[i].format) };

                rti_writer_add(w, RTI_S_EXTRAS, &extra);
        }
        rti_writer_add(w, RTI_S_RULES, &row);
}

/* Tokens and fields were written with the IR's numbers of slots. */
static void
renumber_formats(rti_writer *w)
{
        rti_p_token *tokens = (rti_p_token *) (void *) w->table[RTI_S_TOKENS].ptr;
        rti_p_field *fields = (rti_p_field *) (void *) w->table[RTI_S_FIELDS].ptr;

        for (uint32_t i = 0; i < rti_writer_count(w, RTI_S_TOKENS); i++)
                if (tokens[i].slot != RTI_NONE)
                        tokens[i].slot = w->ir->slots.at[tokens[i].slot].number;
        for (uint32_t i = 0; i < rti_writer_count(w, RTI_S_FIELDS); i++)
                fields[i].slot = w->ir->slots.at[fields[i].slot].number;
}

/* ---- predicates and slots ---- */

static void
need_preds(rti_writer *w)
{
        rti_ir *ir = w->ir;
        uint32_t n = 0;

        for (size_t i = 0; i < ir->slots.n; i++)
                ir->slots.at[i].in_condition = false;
        for (size_t i = 2; i < ir->exprs.n; i++) {
                rti_ir_pred *pred = &ir->preds.at[ir->exprs.at[i].pred];

                if (!w->uses[i] || ir->exprs.at[i].kind != RTI_X_PRED || pred->number != RTI_NONE)
                        continue;
                pred->number = n++;
                ir->slots.at[pred->slot].in_condition = true;
                if (pred->what == RTI_P_COMPARE)
                        ir->slots.at[pred->rhs].in_condition = true;
        }
}

static void
number_slots(rti_writer *w)
{
        rti_ir *ir = w->ir;
        uint32_t n = 0;

        for (size_t i = ir->slots.n; i-- > 0;) {
                const rti_ir_slot *slot = &ir->slots.at[i];

                if (slot->number == RTI_NONE && !slot->in_condition)
                        continue;
                for (uint32_t k = 0; k < slot->n_args; k++) {
                        rti_ir_slot *arg = &ir->slots.at[slot->args[k]];

                        arg->number = 0;
                        arg->in_condition = arg->in_condition || slot->in_condition;
                }
        }
        for (size_t i = 0; i < ir->slots.n; i++) {
                rti_ir_slot *slot = &ir->slots.at[i];

                if (slot->number != RTI_NONE || slot->in_condition)
                        slot->number = n++;
        }
}

uint32_t
rti_writer_constant(rti_writer *w, const rt_value *value)
{
        rti_p_constant row = { .kind = value->kind, .count = value->count };

        if (rti_kinds[value->kind].hold == RTI_HOLD_STRING)
                row.as.text = rti_writer_text(w, value->as.s);
        else
                memcpy(row.as.bits, &value->as,
                       rti_kinds[value->kind].hold == RTI_HOLD_ADDRESS ? 16 : 8);
        return rti_writer_add(w, RTI_S_CONSTANTS, &row);
}

static int
write_slot(rti_writer *w, const rti_ir_slot *slot)
{
        uint32_t *args = RTI_NEWN(w->ir->arena, uint32_t, slot->n_args);
        rti_p_slot row = { .what = slot->what,
                           .transformer = slot->transformer,
                           .arg = slot->arg,
                           .source = slot->source,
                           .kind = slot->type.kind,
                           .format = slot->format,
                           .index = slot->index,
                           .field = rti_writer_text(w, slot->field),
                           .key = rti_writer_text(w, slot->key) };

        if (!args)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < slot->n_args; i++)
                args[i] = w->ir->slots.at[slot->args[i]].number;
        row.args = rti_writer_numbers(w, args, slot->n_args);
        row.flags = (uint8_t) ((slot->type.list ? RTI_SLOT_IS_LIST : 0)
                               | (slot->in_condition ? 0 : RTI_SLOT_OUTPUT_ONLY)
                               | (slot->has_selector ? RTI_SLOT_HAS_SELECTOR : 0)
                               | (slot->all_differ ? RTI_SLOT_ALL_DIFFER : 0)
                               | (slot->dynamic ? RTI_SLOT_DYNAMIC : 0)
                               | (slot->of_subject ? RTI_SLOT_OF_SUBJECT : 0)
                               | (slot->restless ? RTI_SLOT_RESTLESS : 0));
        if (slot->what == RTI_SLOT_CONST)
                row.constant = rti_writer_constant(w, &slot->constant);
        rti_writer_add(w, RTI_S_SLOTS, &row);
        return RT_OK;
}

static int
write_slots(rti_writer *w)
{
        int r = RT_OK;

        for (size_t i = 0; r == RT_OK && i < w->ir->slots.n; i++)
                if (w->ir->slots.at[i].number != RTI_NONE)
                        r = write_slot(w, &w->ir->slots.at[i]);
        return r;
}

static int
write_preds(rti_writer *w)
{
        rti_ir *ir = w->ir;
        const uint32_t n = (uint32_t) ir->preds.n;
        const rti_ir_pred **in_order = RTI_NEWN(ir->arena, const rti_ir_pred *, n);

        if (!in_order)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                if (ir->preds.at[i].number != RTI_NONE)
                        in_order[ir->preds.at[i].number] = &ir->preds.at[i];
        for (uint32_t i = 0; i < n && in_order[i]; i++) {
                const rti_ir_pred *pred = in_order[i];
                rti_p_pred row = {
                        .what = pred->what,
                        .op = pred->op,
                        .modifier = pred->modifier,
                        .slot = ir->slots.at[pred->slot].number,
                        .rhs = pred->rhs == RTI_NONE ? 0 : ir->slots.at[pred->rhs].number,
                        .class = pred->class,
                        .constants = { rti_writer_count(w, RTI_S_CONSTANTS), pred->n_values },
                        .atoms = pred->decides,
                };

                for (uint32_t k = 0; k < pred->n_values; k++)
                        rti_writer_constant(w, &pred->values[k]);
                rti_writer_add(w, RTI_S_PREDS, &row);
        }
        return RT_OK;
}

/* ---- the block ---- */

/* Where each table goes. RT_OK, RT_ELIMIT, RT_ENOMEM. */
static int
place_tables(const rti_tables *tables, rti_program *header)
{
        uint64_t at = sizeof *header;

        for (size_t i = 0; i < RTI_N_SECTIONS; i++) {
                const rti_buf *table = &tables->of[i];
                const size_t n = table->len / rti_sections[i].size_bytes;

                if (table->failed)
                        return table->failed;
                if (n > N_ROWS_MOST)
                        return RT_ELIMIT;
                header->section[i].at = at;
                header->section[i].n = (uint32_t) n;
                at += (table->len + 7) & ~(uint64_t) 7;
        }
        header->size_bytes = at;
        return RT_OK;
}

int
rti_tables_lay_out(rti_tables *tables, const rt_allocator *allocator, rti_program **ret_program)
{
        rti_program header = { .magic = RTI_PROGRAM_MAGIC,
                               .version = RTI_PROGRAM_VERSION,
                               .layout = rti_program_layout() };
        const int r = place_tables(tables, &header);
        char *block = r < 0 ? NULL : rti_alloc(allocator, header.size_bytes);

        for (size_t i = 0; block && i < RTI_N_SECTIONS; i++) {
                const size_t len = tables->of[i].len;
                char *to = block + header.section[i].at;

                if (len)
                        memcpy(to, tables->of[i].ptr, len);
                memset(to + len, 0, ((len + 7) & ~(size_t) 7) - len);
                rti_buf_done(&tables->of[i]);
        }
        rti_tables_done(tables);
        if (!block)
                return r < 0 ? r : RT_ENOMEM;
        memcpy(block, &header, sizeof header);
        *ret_program = (rti_program *) (void *) block;
        (*ret_program)->checksum = rti_program_checksum(*ret_program);
        return RT_OK;
}

void
rti_tables_done(rti_tables *tables)
{
        for (size_t i = 0; i < RTI_N_SECTIONS; i++)
                rti_buf_done(&tables->of[i]);
}

/* ---- all of it ---- */

static int
write_all(rti_writer *w)
{
        rti_ir *ir = w->ir;
        uint32_t *entries = RTI_NEWN(ir->arena, uint32_t, ir->all.n);
        int r = entries ? rti_index_groups(ir, w->index) : RT_ENOMEM;

        /* Text 0 is the empty one. */
        rti_writer_text(w, RTI_STR(""));
        for (size_t i = 0; r == RT_OK && i < ir->all.n; i++)
                write_rule(w, &ir->all.at[i]);
        r = r < 0 ? r : w->failed;
        if (r < 0)
                return r;
        need_preds(w);
        number_slots(w);
        renumber_formats(w);
        r = write_slots(w);
        r = r < 0 ? r : rti_index_build(ir, w->index);
        rti_witnesses_done(&w->index->witnesses);
        if (r == RT_OK && rti_ir_pass_on(ir, RTI_PASS_CLASSIFY))
                r = rti_write_classes(w);
        r = r < 0 ? r : write_preds(w);
        if (r == RT_OK)
                rti_write_sets(w);
        r = r < 0 ? r : rti_write_code(w, entries);
        r = r < 0 ? r : rti_write_index(w);
        r = r < 0 ? r : rti_write_needs(w);
        r = r < 0 ? r : w->failed;
        if (r < 0)
                return r;
        for (size_t i = 0; i < ir->all.n; i++)
                rti_writer_add(w, RTI_S_ENTRIES, &entries[i]);
        return RT_OK;
}

int
rti_ir_write(rti_ir *ir, rti_tables *ret_tables)
{
        rti_index index = { .allocator = ir->allocator };
        rti_writer w = { .ir = ir, .index = &index, .table = ret_tables->of };
        int r;

        for (size_t i = 0; i < RTI_N_SECTIONS; i++)
                rti_buf_init(&w.table[i], ir->allocator, 0);
        w.uses = rti_ir_count_uses(ir);
        w.expr = RTI_NEWN(ir->arena, uint32_t, ir->exprs.n);
        r = w.uses && w.expr ? write_all(&w) : RT_ENOMEM;
        rti_table_done(&w.texts, ir->allocator);
        rti_index_done(&index);
        return r;
}
