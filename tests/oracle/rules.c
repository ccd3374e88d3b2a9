/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c - random conditions, as text. Most comparisons are drawn without thinking, and those that
 * the front end refuses are drawn again; so whatever it accepts is tried, without a list of what
 * that is.
 */
#include "random.h"
#include "base/buf.h"

enum { N_FRAGMENTS = 24, MOST_TRIES = 1000, DEEPEST = 4 };

typedef struct maker {
        random_rules *r;
        /* What most checks of a text are about, or NULL: so that some decide others. */
        const random_field *focus[2];
        chance c;
        bool lists; /* that change at run time */
        rti_buf text;
        rt_str fragments[N_FRAGMENTS];
        uint32_t n_fragments;
} maker;

static uint32_t
below(maker *m, uint32_t n)
{
        return chance_below(&m->c, n);
}

static void
add(maker *m, const char *text)
{
        rti_buf_add_text(&m->text, text);
}

/* ---- constants ---- */

/* In double quotes, with the escapes that the grammar knows. */
static void
add_quoted(maker *m, rt_str text)
{
        rti_buf_add_char(&m->text, '"');
        for (size_t i = 0; i < text.len; i++) {
                const unsigned char ch = (unsigned char) text.ptr[i];

                if (ch == '"' || ch == '\\' || ch < 0x20 || ch >= 0x7f)
                        rti_buf_printf(&m->text, "\\x%02x", ch);
                else
                        rti_buf_add_char(&m->text, (char) ch);
        }
        rti_buf_add_char(&m->text, '"');
}

static void
add_word(maker *m)
{
        const char *word = random_words[below(m, (uint32_t) random_n_words)];

        add_quoted(m, rti_str_of(word));
}

static void
add_pattern(maker *m, bool regex)
{
        static const char *const globs[] = { "*",      "c?t",  "*a*", "/etc/*",
                                             "[a-c]*", "*.sh", "?",   "a*b*" };
        static const char *const regexes[] = { "c.t",     ".*a.*",    "(cat|dog)+", "[a-z]+",
                                               "/etc/.*", ".*",       "^a",         "(a|b)*c?",
                                               "[^/]*",   "x{1,3}.*", ".+[.]sh" };

        if (regex)
                add_quoted(m, rti_str_of(regexes[below(m, RTI_COUNT(regexes))]));
        else
                add_quoted(m, rti_str_of(globs[below(m, RTI_COUNT(globs))]));
}

static void
add_number(maker *m)
{
        add(m, random_numbers[below(m, random_n_numbers)]);
}

static void
add_address(maker *m, bool net)
{
        static const char *const ips[] = { "10.0.0.0",    "10.0.0.1", "10.1.0.0", "a00::",
                                           "a00:0:100::", "10.2.2.2", "::1" };
        static const char *const nets[] = { "10.0.0.0/8", "10.0.0.0/31", "0.0.0.0/0",
                                            "a00::/16",   "a00::/1",     "10.1.0.0/17" };

        if (net)
                add(m, nets[below(m, RTI_COUNT(nets))]);
        else
                add(m, ips[below(m, RTI_COUNT(ips))]);
}

static void
add_constant(maker *m, const random_field *field, uint8_t op)
{
        static const char *const hex[] = { "63", "6361", "2f65", "00", "ff", "c3a9" };
        static const char *const types[] = { "open", "openat", "execve", "close", "read", "clone" };

        if (op == RTI_OP_REGEX || op == RTI_OP_GLOB || op == RTI_OP_IGLOB)
                add_pattern(m, op == RTI_OP_REGEX);
        else if (op == RTI_OP_BCONTAINS || op == RTI_OP_BSTARTSWITH)
                add(m, hex[below(m, RTI_COUNT(hex))]);
        else if (rti_str_is(RTI_STR("evt.type"), field->name))
                add(m, types[below(m, RTI_COUNT(types))]);
        else if (rti_str_is(RTI_STR("evt.dir"), field->name))
                add(m, below(m, 2) ? "\"<\"" : "\">\"");
        else if (field->kind == RT_KIND_BOOL)
                add(m, below(m, 2) ? "true" : "false");
        else if (rti_kinds[field->kind].hold == RTI_HOLD_ADDRESS)
                add_address(m, field->kind == RT_KIND_IPNET);
        else if (rti_kind_is_number(field->kind) || below(m, 20) == 0)
                add_number(m);
        else
                add_word(m);
}

/* ---- comparisons ---- */

static const random_field *
pick_field(maker *m)
{
        if (m->focus[0] && below(m, 8))
                return m->focus[below(m, 2)];
        return &random_fields[below(m, (uint32_t) random_n_fields)];
}

static void
add_field(maker *m, const random_field *field)
{
        add(m, field->name);
        if (field->kind == RT_KIND_DYNAMIC)
                rti_buf_printf(&m->text, "[%s]", random_params[below(m, N_KEYS)]);
        else if (field->flags & RT_FIELD_ARG_KEY)
                rti_buf_printf(&m->text, "[%s]", random_keys[below(m, N_KEYS)]);
}

/* A field, now and then inside transformers. */
static void
add_value(maker *m, const random_field *field, unsigned depth)
{
        static const char *const one[] = { "tolower", "toupper", "b64", "basename", "len" };

        switch (depth < 3 ? below(m, 14) : 99) {
        case 0:
        case 1:
        case 2:
                rti_buf_printf(&m->text, "%s(", one[below(m, RTI_COUNT(one))]);
                add_value(m, field, depth + 1);
                add(m, ")");
                break;
        case 3:
                add(m, "concat(");
                add_value(m, field, depth + 1);
                add(m, ", \"-\", ");
                add_value(m, pick_field(m), depth + 1);
                add(m, ")");
                break;
        case 4:
                add(m, "join(\",\", ");
                if (below(m, 2)) {
                        add(m, "(\"x\", ");
                        add_value(m, field, depth + 1);
                        add(m, ", 5))");
                } else {
                        add_value(m, field, depth + 1);
                        add(m, ")");
                }
                break;
        case 5:
                add(m, "getopt(o.args, \"lab:\")");
                add(m, below(m, 2) ? "[b]" : "");
                break;
        default:
                add_field(m, field);
                break;
        }
}

/* Alone or beside constants; of a kind that goes with the field, if there is one. */
static void
add_changing_list(maker *m, const random_field *field, uint8_t op)
{
        const uint32_t kind = rti_list_kind_of(field->kind), n = below(m, 4) ? 0 : 1 + below(m, 2);
        size_t list = below(m, N_LISTS);

        for (size_t i = 0; i < N_LISTS && random_list_kind(list) != kind; i++)
                list = (list + 1) % N_LISTS;
        rti_buf_printf(&m->text, "(%s", random_list_name(list));
        for (uint32_t i = 0; i < n; i++) {
                add(m, ", ");
                if (below(m, 4))
                        add_constant(m, field, op);
                else
                        add(m, random_list_name((list + N_LISTS / 2) % N_LISTS));
        }
        add(m, ")");
}

static void
add_list(maker *m, const random_field *field, uint8_t op)
{
        const uint32_t n = below(m, 5);

        add(m, "(");
        for (uint32_t i = 0; i < n; i++) {
                add(m, i ? ", " : "");
                add_constant(m, field, op);
        }
        add(m, ")");
}

static void
add_right_side(maker *m, const random_field *field, uint8_t op)
{
        static const char *const modifiers[] = { "oneof", "anyof", "allof" };

        if (below(m, 8) == 0) {
                add(m, "val(");
                add_field(m, below(m, 2) ? field : pick_field(m));
                add(m, ")");
        } else if (below(m, 12) == 0) {
                add(m, "tolower(");
                add_field(m, pick_field(m));
                add(m, ")");
        } else if (m->lists && rti_op_asks_lists(op) && below(m, 3) == 0) {
                add_changing_list(m, field, op);
        } else if (rti_operators[op].family == RTI_RHS_LIST) {
                add_list(m, field, op);
        } else if (below(m, 6) == 0) {
                rti_buf_printf(&m->text, "%s ", modifiers[below(m, RTI_COUNT(modifiers))]);
                add_list(m, field, op);
        } else {
                add_constant(m, field, op);
        }
}

static void
add_check(maker *m)
{
        static const uint8_t common[] = { RTI_OP_EQ, RTI_OP_NE, RTI_OP_IN, RTI_OP_EXISTS };
        const random_field *field = pick_field(m);
        const uint8_t op = below(m, 2) ? common[below(m, RTI_COUNT(common))]
                                       : (uint8_t) below(m, RTI_N_OPERATORS);

        add_value(m, field, m->focus[0] && below(m, 8) ? DEEPEST : 0);
        rti_buf_printf(&m->text, " %.*s ", RTI_FMT(rti_operators[op].text));
        if (op != RTI_OP_EXISTS)
                add_right_side(m, field, op);
}

/* ---- conditions ---- */

static void
add_condition(maker *m, unsigned depth)
{
        const uint32_t what = depth < DEEPEST ? below(m, 10) : 9;
        const uint32_t n = 2 + below(m, 3);

        if (what < 4) {
                add(m, "(");
                for (uint32_t i = 0; i < n; i++) {
                        if (i)
                                add(m, what < 2 ? " and " : " or ");
                        add_condition(m, depth + 1);
                }
                add(m, ")");
        } else if (what == 4) {
                add(m, "not (");
                add_condition(m, depth + 1);
                add(m, ")");
        } else if (what < 8 && m->n_fragments && !(m->focus[0] && below(m, 4))) {
                rti_buf_add(&m->text, m->fragments[below(m, m->n_fragments)]);
        } else {
                add_check(m);
        }
}

/* Through the front end. RT_OK, RT_ERULES: refused. */
static int
compile(maker *m, rt_str text, rti_rule *ret_rule)
{
        random_rules *r = m->r;
        rti_checker checker = { .arena = &r->arena,
                                .registry = r->registry,
                                .source = r->source,
                                .elements = m->lists ? random_elements : NULL };
        rti_parse_error error;
        rti_node *node;
        int result = rti_cond_parse(&r->arena, text, RTI_MAX_CONDITION_DEPTH, &node, &error);

        if (result == RT_OK)
                result = rti_cond_resolve(&checker, node, &ret_rule->condition);
        if (result == RT_OK)
                result = rti_cond_events(&checker, node, &ret_rule->events);
        return result;
}

static int
make_text(maker *m, bool check, rt_str *ret_text, rti_rule *ret_rule)
{
        for (int i = 0; i < MOST_TRIES; i++) {
                int r;

                rti_buf_clear(&m->text);
                m->focus[0] = NULL;
                if (!check && below(m, 2)) {
                        const random_field *type = below(m, 8) ? NULL : &random_fields[0];

                        m->focus[1] = pick_field(m);
                        m->focus[0] = type ? type : pick_field(m);
                }
                if (check)
                        add_check(m);
                else
                        add_condition(m, 0);
                *ret_text = rti_arena_copy(&m->r->arena, rti_buf_str(&m->text));
                if (!ret_text->ptr)
                        return RT_ENOMEM;
                r = compile(m, *ret_text, ret_rule);
                if (r != RT_ERULES)
                        return r;
        }
        return RT_ELIMIT;
}

/* Parts that many conditions share, so that there is something to share: single comparisons first,
 * since a condition of many parts is refused for any of them. */
static int
make_fragments(maker *m)
{
        rti_rule rule;

        for (uint32_t i = 0; i < N_FRAGMENTS; i++) {
                int r = make_text(m, i < N_FRAGMENTS * 3 / 4, &m->fragments[i], &rule);

                if (r < 0)
                        return r;
                m->n_fragments = i + 1;
        }
        return RT_OK;
}

static int
make_rule(maker *m, uint32_t number)
{
        random_rules *r = m->r;
        rti_rule *rule = &r->rules.rules[number];

        *rule = (rti_rule){ .name = rti_arena_printf(&r->arena, "%u", number),
                            .source = r->source,
                            .priority = RT_PRIORITY_NOTICE,
                            .enabled = true,
                            .format = RTI_NEW(&r->arena, rti_format) };
        /* Fragments wear out: each rule brings one new comparison. */
        if (m->n_fragments) {
                rti_rule part;
                int result = make_text(m, true, &m->fragments[below(m, N_FRAGMENTS)], &part);

                if (result < 0)
                        return result;
        }
        return make_text(m, false, &r->texts[number], rule);
}

int
random_rules_make(random_rules *r, uint64_t seed, uint32_t n)
{
        return random_rules_make_by(r, &(chance){ .state = seed }, n, true);
}

int
random_rules_make_by(random_rules *r, const chance *c, uint32_t n, bool lists)
{
        maker m = { .r = r, .c = *c, .lists = lists };
        int result;

        *r = (random_rules){ 0 };
        rti_arena_init(&r->arena, &rti_alloc_default, 0);
        rti_buf_init(&m.text, &rti_alloc_default, 0);
        result = rti_registry_new(&rti_alloc_default, &r->registry);
        if (result == RT_OK)
                result = rti_registry_add(r->registry, &random_source);
        if (result < 0)
                return result;
        r->source = rti_registry_find_source(r->registry, rti_str_of(random_source.name));
        r->rules = (rti_rules){ r->registry, n, RTI_NEWN(&r->arena, rti_rule, n) };
        r->texts = RTI_NEWN(&r->arena, rt_str, n);
        result = make_fragments(&m);
        for (uint32_t i = 0; result == RT_OK && i < n; i++)
                result = make_rule(&m, i);
        rti_buf_done(&m.text);
        return result;
}

void
random_rules_done(random_rules *r)
{
        rti_registry_unref(r->registry);
        rti_arena_done(&r->arena);
}

int
random_emit_all_atoms(const rti_rules *rules, rt_ruleset **ret_rules)
{
        rti_program *program = NULL;
        rti_tables tables = { 0 };
        const char *why;
        rti_arena arena;
        rti_ir ir = { .arena = &arena, .allocator = &rti_alloc_default };
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = rti_ir_build(&ir, rules);
        for (size_t i = 0; r == RT_OK && i < RTI_N_PASSES; i++)
                if (rti_passes[i].run)
                        r = rti_passes[i].run(&ir);
        r = r < 0 ? r : rti_atoms_build(&ir);
        for (size_t i = 0; r == RT_OK && i < ir.atoms.n; i++)
                ir.atoms.at[i].wanted = true;
        r = r < 0 ? r : rti_ir_write(&ir, &tables);
        rti_ir_done(&ir);
        rti_arena_done(&arena);
        r = r < 0 ? r : rti_tables_lay_out(&tables, &rti_alloc_default, &program);
        rti_tables_done(&tables);
        return r < 0 ? r
                     : rti_ruleset_bind(&rti_alloc_default, program, program->size_bytes, ret_rules,
                                        &why);
}
