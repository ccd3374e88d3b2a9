/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.c - the text of an output -> tokens.
 *
 *      format = [ "*" ] { text | "%" [ width ] ( field | transformer ) }
 *
 * Where a field's name ends is not marked: the longest text that names something is taken, so that
 * `%proc.nameand` is proc.name and then "and". Everything that cannot be resolved is refused with
 * one and the same text; what is wrong stands in the hint. There is no way to write a percent sign.
 */
#include "base/hash.h"
#include "compiler/cond/check.h"

/* No name of a field is longer; the search for the end of one does not start further away. */
enum { MAX_NAME_BYTES = 256, FEW = 16 };

typedef struct formatter {
        rti_checker *checker;
        rt_str text;
        size_t at; /* offset of what comes next */
        rti_format *format;
        uint32_t token_room, field_room;
        rti_map known; /* names of fields beyond the first few */
} formatter;

/* An array of @a n in the arena with room for one more. */
static void *
grow(rti_arena *arena, void *array, uint32_t n, uint32_t *room, size_t size_bytes)
{
        const uint32_t wanted = *room ? *room * 2 : 4;
        void *more;

        if (n < *room)
                return array;
        more = rti_arena_zero(arena, wanted, size_bytes);
        if (!more)
                return NULL;
        if (n)
                memcpy(more, array, n * size_bytes);
        *room = wanted;
        return more;
}

static int
add_token(formatter *f, rti_format_token token)
{
        rti_format *format = f->format;
        rti_format_token *tokens = grow(f->checker->arena, format->tokens, format->n_tokens,
                                        &f->token_room, sizeof *tokens);

        if (!tokens)
                return RT_ENOMEM;
        format->tokens = tokens;
        format->tokens[format->n_tokens++] = token;
        return RT_OK;
}

/* Few names are compared, the others are looked up. */
static bool
is_known(const formatter *f, rt_str name)
{
        for (uint32_t i = 0; i < f->format->n_fields && i < FEW; i++)
                if (rti_str_eq(f->format->fields[i].name, name))
                        return true;
        return rti_map_get(&f->known, name) != RTI_MAP_NONE;
}

static int
add_field(formatter *f, rti_vexpr *expr)
{
        rti_format *format = f->format;
        rti_format_field *fields;

        if (is_known(f, expr->text))
                return RT_OK;
        fields = grow(f->checker->arena, format->fields, format->n_fields, &f->field_room,
                      sizeof *fields);
        if (!fields)
                return RT_ENOMEM;
        format->fields = fields;
        format->fields[format->n_fields++] = (rti_format_field){ expr->text, expr };
        return format->n_fields > FEW ? rti_map_set(&f->known, expr->text, format->n_fields)
                                      : RT_OK;
}

/* The plain fields inside of @a expr, itself included. */
static int
add_plain_fields(formatter *f, rti_vexpr *expr)
{
        int r = RT_OK;

        if (expr->what == RTI_V_FIELD)
                return add_field(f, expr);
        for (uint32_t i = 0; r == RT_OK && i < expr->n_args; i++)
                r = add_plain_fields(f, expr->args[i]);
        return r;
}

/* ---- errors ---- */

/* Line and column of an offset, as in conditions. */
static rti_text_pos
pos_at(const formatter *f, size_t offset)
{
        return rti_text_end(rti_str_sub(f->text, 0, offset));
}

static int
refuse(formatter *f, size_t from, size_t to, rt_str message, rt_str hint)
{
        const rti_node place = { .pos = pos_at(f, from), .end = (uint32_t) to };

        return rti_checker_refuse(f->checker, NULL, &place, message, hint);
}

/* How far the word at @a from goes, for pointing at it. */
static size_t
word_end(const formatter *f, size_t from)
{
        static const char ends[] = " \t\r\n%";
        size_t to = from;

        while (to < f->text.len && !memchr(ends, f->text.ptr[to], sizeof ends - 1))
                to++;
        return to;
}

/* @a why: what is wrong with what stands there. */
static int
refuse_unknown(formatter *f, size_t percent, rt_str why)
{
        rti_checker_start(f->checker);
        return refuse(f, percent, word_end(f, percent + 1),
                      RTI_STR("unknown filter: unexpected token after '"), why);
}

/* Message and hint of the candidate that was refused last. */
static rt_str
last_reason(const formatter *f)
{
        const rti_check_error *error = &f->checker->error;

        if (error->hint.len == 0)
                return error->message;
        return rti_arena_printf(f->checker->arena, "%.*s; %.*s", RTI_FMT(error->message),
                                RTI_FMT(error->hint));
}

/* ---- tokens ---- */

/* One reading of what begins at @a text. RT_ERULES with *ret_why: it cannot be printed. */
static int
try_reading(formatter *f, rt_str text, bool selector, rti_vexpr **ret_expr, size_t *ret_len,
            rt_str *ret_why)
{
        rti_parse_error error;
        rti_node *node;
        int r = rti_value_expr_parse(f->checker->arena, text, selector, &node, ret_len, &error);

        if (r < 0) {
                *ret_why = r == RT_ERULES ? error.message : *ret_why;
                return r;
        }
        rti_checker_start(f->checker);
        r = rti_expr_resolve(f->checker, RTI_USE_OUTPUT, node, ret_expr);
        if (r == RT_ERULES)
                *ret_why = last_reason(f);
        return r == RT_ERULES && !ret_why->ptr ? RT_ENOMEM : r;
}

/* The longest text at @a f->at that can be printed: with its selector, without, and then, of a
 * field, ever shorter names. */
static int
parse_expr(formatter *f, size_t percent, rti_vexpr **ret_expr)
{
        rt_str rest = rti_str_sub(f->text, f->at, f->text.len), why, ignored;
        size_t len = 0;
        int r = try_reading(f, rest, true, ret_expr, &len, &why);

        f->checker->no_hints = true;
        if (r == RT_ERULES)
                r = try_reading(f, rest, false, ret_expr, &len, &ignored);
        rest.len = len < MAX_NAME_BYTES ? len : MAX_NAME_BYTES;
        while (r == RT_ERULES && rest.len > 1) {
                rest.len--;
                r = try_reading(f, rest, false, ret_expr, &len, &ignored);
        }
        f->checker->no_hints = false;
        if (r == RT_ERULES)
                return refuse_unknown(f, percent, why);
        f->at += len;
        return r;
}

/* Decimal digits. RT_ERULES: the width is absurd. */
static int
parse_width(formatter *f, size_t percent, uint32_t *ret_width)
{
        uint64_t width = 0;

        for (; f->at < f->text.len; f->at++) {
                const char c = f->text.ptr[f->at];

                if (c < '0' || c > '9')
                        break;
                width = width * 10 + (uint64_t) (c - '0');
                if (width > RTI_MAX_OUTPUT_BYTES)
                        return refuse(f, percent, f->at + 1,
                                      RTI_STR("invalid formatting syntax: the width is too large"),
                                      RTI_STR(""));
        }
        *ret_width = (uint32_t) width;
        return RT_OK;
}

static int
parse_token(formatter *f)
{
        const size_t percent = f->at++;
        rti_format_token token = { 0 };
        int r;

        if (f->at == f->text.len)
                return refuse(f, percent, f->at,
                              RTI_STR("invalid formatting syntax: formatting cannot end with a %"),
                              RTI_STR(""));
        r = parse_width(f, percent, &token.width);
        if (r == RT_OK && f->at == f->text.len)
                r = refuse(f, percent, f->at,
                           RTI_STR("invalid formatting syntax: formatting cannot end with a "
                                   "number"),
                           RTI_STR(""));
        if (r == RT_OK)
                r = parse_expr(f, percent, &token.expr);
        if (r < 0)
                return r;
        token.name = token.expr->text;
        r = add_token(f, token);
        if (r == RT_OK)
                r = add_plain_fields(f, token.expr);
        return r == RT_OK ? add_field(f, token.expr) : r;
}

static int
parse_text(formatter *f)
{
        const rt_str rest = rti_str_sub(f->text, f->at, f->text.len);
        const size_t percent = rti_str_find(rest, RTI_STR("%"));
        const size_t len = percent == SIZE_MAX ? rest.len : percent;

        f->at += len;
        return add_token(f, (rti_format_token){ .text = rti_str_sub(rest, 0, len) });
}

int
rti_format_parse(rti_checker *checker, rt_str text, rti_format **ret_format)
{
        formatter f = { .checker = checker, .text = text, .known.arena = checker->arena };
        int r = RT_OK;

        rti_checker_start(checker);
        if (text.len > RTI_MAX_CONDITION_BYTES)
                return RT_ELIMIT;
        if (text.len == 0)
                return refuse(&f, 0, 0, RTI_STR("empty formatting token"), RTI_STR(""));
        f.format = RTI_NEW(checker->arena, rti_format);
        if (!f.format)
                return RT_ENOMEM;
        f.format->lenient = text.ptr[0] == '*';
        f.at = f.format->lenient ? 1 : 0;
        while (r == RT_OK && f.at < text.len)
                r = text.ptr[f.at] == '%' ? parse_token(&f) : parse_text(&f);
        if (r == RT_OK)
                *ret_format = f.format;
        return r;
}
