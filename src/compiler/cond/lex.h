/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lex.h - what can stand at one place of a condition.
 *
 * There is no pass that makes tokens: the parser asks for what it expects next, and each function
 * here either takes it (true) or leaves everything as it was (false). A NUL is part of nothing.
 */
#ifndef RTI_COMPILER_LEX_H
#define RTI_COMPILER_LEX_H

#include "compiler/cond/ast.h"

typedef struct rti_lexer {
        rti_arena *arena;
        rt_str text;
        rti_text_pos pos;
        rt_str token; /* what was taken last; of a quoted string, what it means */
        rt_str error; /* why a quoted string was not taken, if `failed` is RT_ERULES */
        int failed;   /* RT_OK; RT_ERULES: a bad escape; RT_ENOMEM */
} rti_lexer;

void rti_lex_init(rti_lexer *lexer, rti_arena *arena, rt_str text);

/* Skip blanks, tabs, backspaces and line ends; were there any? */
bool rti_lex_blank(rti_lexer *lexer);
/* This text, whatever follows it. */
bool rti_lex_text(rti_lexer *lexer, rt_str text);
/* A run of "not" and white space. */
bool rti_lex_not(rti_lexer *lexer);
/* [A-Za-z]+[A-Za-z0-9_]* */
bool rti_lex_ident(rti_lexer *lexer);
/* Identifiers joined by dots, at least two. */
bool rti_lex_field(rti_lexer *lexer);
/* [^()"'[:space:]=,]+ */
bool rti_lex_bare(rti_lexer *lexer);
/* [^][\"'[:space:]]+ */
bool rti_lex_bare_arg(rti_lexer *lexer);
/* 0[xX][0-9A-Fa-f]+ or [+-]?[0-9]+\.?[0-9]*([eE][+-][0-9]+)? */
bool rti_lex_number(rti_lexer *lexer);
/* '...' or "...": up to the first quote of the kind without a backslash in front. */
bool rti_lex_quoted(rti_lexer *lexer);
/* An operator of this family, with the blanks behind it if it is a word. */
bool rti_lex_operator(rti_lexer *lexer, enum rti_operator_family family, uint8_t *ret_op);
/* A modifier, if blanks and then a list or a list's name follow. Blanks are taken. */
bool rti_lex_modifier(rti_lexer *lexer, uint8_t *ret_modifier);
/* A transformer's name and the parenthesis; `val` only if @a with_val. */
bool rti_lex_transformer(rti_lexer *lexer, bool with_val, rt_str *ret_name);

#endif
