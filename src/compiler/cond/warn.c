/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warn.c - conditions that load and are probably not what was meant.
 *
 * Three warnings are about constants, and are asked for when the constant is (rti_warn_constant): a
 * regular expression that need not be one, and texts that look like fields or transformers. Two are
 * about fields, and are found in the syntax tree alone (rti_cond_warn).
 */
#include "compiler/cond/check.h"
#include "lang/diag.h"

/* ---- constants ---- */

static bool
is_repeat(char c)
{
        return c == '*' || c == '+' || c == '?';
}

/* Is the pattern a plain text but for "^", ".*" and the like in front and "$" and those behind? */
static bool
is_simple_regex(rt_str pattern)
{
        static const char special[] = ".+*?^$()[]{}|\\";

        if (pattern.len > 0 && pattern.ptr[0] == '^')
                pattern = rti_str_sub(pattern, 1, pattern.len);
        if (pattern.len > 0 && pattern.ptr[pattern.len - 1] == '$')
                pattern.len--;
        if (pattern.len >= 2 && pattern.ptr[0] == '.' && is_repeat(pattern.ptr[1]))
                pattern = rti_str_sub(pattern, 2, pattern.len);
        if (pattern.len >= 2 && pattern.ptr[pattern.len - 2] == '.'
            && is_repeat(pattern.ptr[pattern.len - 1]))
                pattern.len -= 2;
        for (size_t i = 0; i < pattern.len; i++)
                if (memchr(special, pattern.ptr[i], sizeof special - 1))
                        return false;
        return true;
}

static rt_str
without_blanks(rti_arena *arena, rt_str text)
{
        char *out;
        size_t n = 0;

        if (text.len == 0 || !memchr(text.ptr, ' ', text.len))
                return text;
        out = rti_arena_get(arena, text.len);
        for (size_t i = 0; i < text.len && out; i++)
                if (text.ptr[i] != ' ')
                        out[n++] = text.ptr[i];
        return (rt_str){ out, n };
}

/* NAME(...), with the name of a transformer. */
static bool
looks_like_transformer(rt_str text)
{
        for (size_t i = 0; i < RTI_N_TRANSFORMERS; i++) {
                const rt_str name = rti_transformers[i].name;

                if (rti_str_starts(text, name) && text.len > name.len + 1
                    && text.ptr[name.len] == '(' && text.ptr[text.len - 1] == ')')
                        return true;
        }
        return false;
}

/* Is the whole text a field that exists? 1, 0, RT_ENOMEM. */
static int
is_field(const rti_checker *checker, rti_arena *scratch, rt_str text)
{
        rti_parse_error ignored;
        rti_field_ref ref;
        rti_node *node;
        rt_str error;
        size_t len;
        int r;

        /* Most constants are no names: see to it that these cost nothing. */
        if (text.len == 0 || !memchr(text.ptr, '.', text.len))
                return 0;
        r = rti_value_expr_parse(scratch, text, true, &node, &len, &ignored);
        if (r < 0 || node->kind != RTI_NODE_FIELD || len != text.len)
                return r == RT_ENOMEM ? r : 0;
        r = rti_registry_find(
                checker->registry, scratch,
                &(rti_field_query){ checker->source, node->text, node->arg, node->has_arg }, &ref,
                &error);
        return r == RT_OK ? 1 : r == RT_ENOMEM ? r : 0;
}

static int
warn_about(rti_checker *checker, const rti_node *at, const rti_node *value, const char *before,
           const char *behind)
{
        const rt_str message = rti_arena_printf(checker->arena, "%s'%.*s'%s", before,
                                                RTI_FMT(value->text), behind);

        return rti_checker_warn(checker, RTI_D_CONDITION_WARNING, message, at, value);
}

int
rti_warn_constant(rti_checker *checker, rti_arena *scratch, const rti_node *check,
                  const rti_node *value)
{
        const rt_str text = without_blanks(scratch, value->text);
        const rti_node *at = check->child[1];
        int r = RT_OK;

        if (value->text.len > 0 && !text.ptr)
                return RT_ENOMEM;
        if (check->op == RTI_OP_REGEX && is_simple_regex(value->text))
                r = warn_about(checker, at, value, "regex check with ",
                               " may be optimized with simpler operators such as '=', "
                               "'contains', 'startswith', 'endswith'");
        if (r < 0)
                return r;
        r = is_field(checker, scratch, text);
        if (r == 1)
                r = warn_about(checker, at, value, "",
                               " may be a valid field misused as a const string value");
        if (r == RT_OK && looks_like_transformer(text))
                r = warn_about(checker, at, value, "",
                               " may be a valid field transformer misused as a const string "
                               "value");
        return r;
}

/* ---- fields ---- */

typedef struct finder {
        rti_checker *checker;
        bool deprecated[RTI_N_DEPRECATED]; /* was warned about */
        bool na;
} finder;

static int
warn_deprecated(finder *f, const rti_node *node)
{
        for (size_t i = 0; i < RTI_N_DEPRECATED; i++) {
                const rti_deprecated_field *field = &rti_deprecated_fields[i];
                int r;

                if (f->deprecated[i] || !rti_str_eq(node->text, field->name))
                        continue;
                r = rti_checker_warn(f->checker, RTI_D_DEPRECATED_ITEM, field->message, node, node);
                if (r < 0)
                        return r;
                f->checker->warnings->field = field->name;
                f->deprecated[i] = true;
        }
        return RT_OK;
}

/* Is a field of these below the node? They are missing often, and never "<NA>". */
static bool
has_unsafe_field(const rti_node *node)
{
        if (node->kind == RTI_NODE_FIELD)
                return rti_str_starts(node->text, RTI_STR("ka."))
                       || rti_str_starts(node->text, RTI_STR("jevt."));
        for (uint32_t i = 0; i < node->n_child; i++)
                if (has_unsafe_field(node->child[i]))
                        return true;
        return false;
}

static bool
is_na(const rti_checker *checker, const rti_node *value)
{
        const rti_elements *elements;

        if (rti_str_is(value->text, "<NA>"))
                return true;
        elements = rti_checker_elements(checker, value);
        return elements && elements->has_na;
}

static bool
has_na(const rti_checker *checker, const rti_node *right)
{
        if (right->kind == RTI_NODE_VALUE)
                return is_na(checker, right);
        for (uint32_t i = 0; right->kind == RTI_NODE_LIST && i < right->n_child; i++)
                if (is_na(checker, right->child[i]))
                        return true;
        return false;
}

static int
warn_na(finder *f, const rti_node *check)
{
        const bool equality = check->op == RTI_OP_EQ || check->op == RTI_OP_EQ2
                              || check->op == RTI_OP_NE
                              || rti_operators[check->op].family == RTI_RHS_LIST;

        if (f->na || !equality || check->modifier != RTI_MOD_NONE
            || !has_na(f->checker, check->child[1]) || !has_unsafe_field(check->child[0]))
                return RT_OK;
        f->na = true;
        return rti_checker_warn(f->checker, RTI_D_UNSAFE_NA_CHECK,
                                RTI_STR("comparing a field value with <NA> is unsafe and can lead "
                                        "to unpredictable behavior of the rule condition. If you "
                                        "need to check for the existence of a field, consider "
                                        "using the 'exists' operator instead."),
                                check, check);
}

static int
find_warnings(finder *f, const rti_node *node)
{
        int r = RT_OK;

        if (node->kind == RTI_NODE_FIELD)
                return warn_deprecated(f, node);
        if (node->kind == RTI_NODE_LIST || node->kind == RTI_NODE_VALUE)
                return RT_OK;
        if (node->kind == RTI_NODE_CHECK)
                r = warn_na(f, node);
        for (uint32_t i = 0; r == RT_OK && i < node->n_child; i++)
                r = find_warnings(f, node->child[i]);
        return r;
}

int
rti_cond_warn(rti_checker *checker, const rti_node *root)
{
        finder f = { .checker = checker };

        return find_warnings(&f, root);
}
