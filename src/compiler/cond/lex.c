/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lex.c - what can stand at one place of a condition (lex.h).
 *
 * Lines and columns are counted where text is taken, so that they are right at every node: both
 * carriage return and line feed end a line.
 */
#include "compiler/cond/lex.h"

void
rti_lex_init(rti_lexer *lexer, rti_arena *arena, rt_str text)
{
        *lexer = (rti_lexer){
                .arena = arena,
                .text = text,
                .pos = { .offset = 0, .line = 1, .column = 1 },
        };
}

/* The byte @a ahead bytes further; 0 behind the end. */
static char
peek(const rti_lexer *lexer, size_t ahead)
{
        const size_t at = lexer->pos.offset + ahead;

        return at < lexer->text.len ? lexer->text.ptr[at] : '\0';
}

static void
advance(rti_lexer *lexer, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const char c = lexer->text.ptr[lexer->pos.offset++];

                if (c == '\n' || c == '\r') {
                        lexer->pos.line++;
                        lexer->pos.column = 1;
                } else {
                        lexer->pos.column++;
                }
        }
}

/* Take @a n bytes as the token; none: nothing was there. */
static bool
take(rti_lexer *lexer, size_t n)
{
        if (n == 0)
                return false;
        lexer->token = rti_str_sub(lexer->text, lexer->pos.offset, lexer->pos.offset + n);
        advance(lexer, n);
        return true;
}

static bool
is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\b' || c == '\r' || c == '\n';
}

/* [[:space:]], which is not quite the same. */
static bool
is_space(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_name(char c)
{
        return is_letter(c) || is_digit(c) || c == '_';
}

bool
rti_lex_blank(rti_lexer *lexer)
{
        size_t n = 0;

        while (is_blank(peek(lexer, n)))
                n++;
        advance(lexer, n);
        return n > 0;
}

bool
rti_lex_text(rti_lexer *lexer, rt_str text)
{
        const rt_str rest = rti_str_sub(lexer->text, lexer->pos.offset, lexer->text.len);

        return rti_str_starts(rest, text) && take(lexer, text.len);
}

bool
rti_lex_not(rti_lexer *lexer)
{
        size_t n = 3;

        if (peek(lexer, 0) != 'n' || peek(lexer, 1) != 'o' || peek(lexer, 2) != 't')
                return false;
        while (is_space(peek(lexer, n)))
                n++;
        return n > 3 && take(lexer, n);
}

/* Length of an identifier @a ahead bytes further. */
static size_t
ident_len(const rti_lexer *lexer, size_t ahead)
{
        size_t n = 0;

        if (!is_letter(peek(lexer, ahead)))
                return 0;
        while (is_name(peek(lexer, ahead + n)))
                n++;
        return n;
}

bool
rti_lex_ident(rti_lexer *lexer)
{
        return take(lexer, ident_len(lexer, 0));
}

bool
rti_lex_field(rti_lexer *lexer)
{
        const size_t first = ident_len(lexer, 0);
        size_t n = first, more = first;

        while (more > 0 && peek(lexer, n) == '.') {
                more = ident_len(lexer, n + 1);
                n += more ? more + 1 : 0;
        }
        return n > first && take(lexer, n);
}

bool
rti_lex_bare(rti_lexer *lexer)
{
        static const char ends[] = "()\"'=,";
        size_t n = 0;

        while (peek(lexer, n) && !is_space(peek(lexer, n))
               && !memchr(ends, peek(lexer, n), sizeof ends - 1))
                n++;
        return take(lexer, n);
}

bool
rti_lex_bare_arg(rti_lexer *lexer)
{
        static const char ends[] = "[]\"'";
        size_t n = 0;

        while (peek(lexer, n) && !is_space(peek(lexer, n))
               && !memchr(ends, peek(lexer, n), sizeof ends - 1))
                n++;
        return take(lexer, n);
}

static size_t
digits(const rti_lexer *lexer, size_t from)
{
        size_t n = from;

        while (is_digit(peek(lexer, n)))
                n++;
        return n;
}

bool
rti_lex_number(rti_lexer *lexer)
{
        size_t n = 2, whole;

        if (peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X')
            && is_hex(peek(lexer, 2))) {
                while (is_hex(peek(lexer, n)))
                        n++;
                return take(lexer, n);
        }
        whole = peek(lexer, 0) == '+' || peek(lexer, 0) == '-' ? 1 : 0;
        n = digits(lexer, whole);
        if (n == whole)
                return false;
        if (peek(lexer, n) == '.')
                n = digits(lexer, n + 1);
        if ((peek(lexer, n) == 'e' || peek(lexer, n) == 'E')
            && (peek(lexer, n + 1) == '+' || peek(lexer, n + 1) == '-')
            && is_digit(peek(lexer, n + 2)))
                n = digits(lexer, n + 2);
        return take(lexer, n);
}

bool
rti_lex_quoted(rti_lexer *lexer)
{
        const char quote = peek(lexer, 0);
        rt_str quoted, text;
        size_t n = 1;

        if (quote != '"' && quote != '\'')
                return false;
        while (peek(lexer, n) && (peek(lexer, n) != quote || peek(lexer, n - 1) == '\\'))
                n++;
        if (!peek(lexer, n))
                return false;
        quoted = rti_str_sub(lexer->text, lexer->pos.offset, lexer->pos.offset + n + 1);
        lexer->failed = rti_unescape(lexer->arena, quoted, &text, &lexer->error);
        if (lexer->failed < 0)
                return false;
        advance(lexer, n + 1);
        lexer->token = text;
        return true;
}

bool
rti_lex_operator(rti_lexer *lexer, enum rti_operator_family family, uint8_t *ret_op)
{
        for (uint8_t op = 0; op < RTI_N_OPERATORS; op++) {
                const rti_operator_info *info = &rti_operators[op];
                /* `exists` needs no blank behind it, as the only word. */
                const bool blank = (info->flags & RTI_OPERATOR_WORD) && family != RTI_RHS_NONE;
                const rt_str token = lexer->token;
                const rti_text_pos pos = lexer->pos;

                if (info->family != family || !rti_lex_text(lexer, info->text))
                        continue;
                if (!blank || rti_lex_blank(lexer)) {
                        *ret_op = op;
                        return true;
                }
                lexer->token = token;
                lexer->pos = pos;
        }
        return false;
}

/* Does a list begin here, or the name of one? `and`, `or`, `not` are no names of lists. */
static bool
list_follows(const rti_lexer *lexer)
{
        const size_t n = ident_len(lexer, 0);
        const rt_str name = rti_str_sub(lexer->text, lexer->pos.offset, lexer->pos.offset + n);

        if (peek(lexer, 0) == '(')
                return true;
        return n > 0 && !rti_str_is(name, "and") && !rti_str_is(name, "or")
               && !rti_str_is(name, "not");
}

bool
rti_lex_modifier(rti_lexer *lexer, uint8_t *ret_modifier)
{
        const rt_str token = lexer->token;
        const rti_text_pos pos = lexer->pos;

        for (uint8_t modifier = RTI_MOD_NONE + 1; modifier < RTI_N_MODIFIERS; modifier++) {
                if (rti_lex_text(lexer, rti_modifiers[modifier].name) && rti_lex_blank(lexer)
                    && list_follows(lexer)) {
                        *ret_modifier = modifier;
                        return true;
                }
                lexer->token = token;
                lexer->pos = pos;
        }
        return false;
}

bool
rti_lex_transformer(rti_lexer *lexer, bool with_val, rt_str *ret_name)
{
        const rt_str token = lexer->token;
        const rti_text_pos pos = lexer->pos;

        for (size_t i = 0; i < RTI_N_TRANSFORMERS; i++) {
                if (i == RTI_TR_VAL && !with_val)
                        continue;
                if (rti_lex_text(lexer, rti_transformers[i].name)
                    && rti_lex_text(lexer, RTI_STR("("))) {
                        *ret_name = rti_transformers[i].name;
                        return true;
                }
                lexer->token = token;
                lexer->pos = pos;
        }
        return false;
}
