/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_private.h - private to ops/: the parts of the operator `regex`.
 *
 *      regex_parse.c   text -> tree; RE2's POSIX syntax and error texts
 *      regex_pcre.c    tree -> PCRE2's syntax
 *      regex_nfa.c     tree -> a non-deterministic automaton, and matching with it
 *      regex.c         the operator: quick checks, then PCRE2, then, where that gives up, the NFA
 *
 * Characters are code points. A tree's depth is bounded by RTI_MAX_REGEX_NESTING, so that walking
 * it may recurse.
 */
#ifndef RTI_LANG_OPS_REGEX_PRIVATE_H
#define RTI_LANG_OPS_REGEX_PRIVATE_H

#include "lang/ops/family.h"

enum {
        RTI_RE_LAST_CODE = 0x10ffff,
        /* What looks like a character of three or four bytes but is coded too long or beyond the
         * last one: only classes that have everything beyond ASCII take it. */
        RTI_RE_ODD_CODE,
        RTI_RE_FOREVER = -1
};

enum rti_re_kind {
        RTI_RE_EMPTY,
        RTI_RE_LITERAL,    /* one character: ranges[0].low */
        RTI_RE_CLASS,      /* one character out of ranges; without ranges nothing matches */
        RTI_RE_CONCAT,     /* the children one after the other */
        RTI_RE_ALTERNATE,  /* one of the children */
        RTI_RE_REPEAT,     /* the child, min to max times */
        RTI_RE_BEGIN_LINE, /* at the beginning or behind a line feed */
        RTI_RE_END_LINE,   /* at the end or before a line feed */
        RTI_RE_BEGIN_TEXT,
        RTI_RE_END_TEXT,
        RTI_RE_WORD_EDGE, /* between a letter, digit or underscore and something else */
        RTI_RE_NO_WORD_EDGE
};

typedef struct rti_re_range {
        uint32_t low, high;
} rti_re_range;

typedef struct rti_re_node {
        enum rti_re_kind kind;
        int32_t min, max; /* REPEAT; max may be RTI_RE_FOREVER */
        uint32_t n_ranges;
        rti_re_range *ranges; /* sorted, apart from each other */
        struct rti_re_node *child, *last_child;
        struct rti_re_node *next; /* sibling */
} rti_re_node;

/* A pattern that was read. */
typedef struct rti_re_tree {
        rti_re_node *root;
        rt_str error;     /* RE2's text, when it was refused */
        rt_str extension; /* RE2's text on syntax that we take and RE2 refuses, or empty */
} rti_re_tree;

/* RT_OK, RT_ERULES with ret_tree->error, RT_ENOMEM. Everything is put in @a arena. */
int rti_re_parse(rti_arena *arena, rt_str pattern, rti_re_tree *ret_tree);

/* The character at the beginning of @a s and its bytes; 0: there is none. As RE2 sees it: the three
 * bytes of a surrogate count as a character, and there is RTI_RE_ODD_CODE. */
size_t rti_re_take(rt_str s, uint32_t *ret_code);

/* Can the tree match a character beyond ASCII? */
bool rti_re_wide(const rti_re_node *node);
/* Least number of characters in a match, at most INT32_MAX. */
uint32_t rti_re_least(const rti_re_node *node);

/* The same as a PCRE2 pattern that matches whole subjects only. RT_OK, RT_ENOMEM. */
int rti_re_to_pcre(rti_arena *arena, const rti_re_node *root, rt_str *ret_pattern);

/* ---- the automaton ---- */

typedef struct rti_re_nfa rti_re_nfa;

/* States of the automaton that a character can be in; at most RTI_MAX_REGEX_STATES + 1. */
uint32_t rti_re_nfa_states(const rti_re_node *root);
/* Has the automaton room for it: RTI_MAX_REGEX_STATES? */
bool rti_re_nfa_fits(const rti_re_node *root);
/* RT_OK, RT_ELIMIT: it does not fit, RT_ENOMEM. Lives in @a arena. */
int rti_re_nfa_build(rti_arena *arena, const rti_re_node *root, rti_re_nfa **ret_nfa);

_Static_assert(RTI_MAX_REGEX_STATES <= UINT16_MAX, "states are numbered with 16 bits");

/* A set of states that is cleared in no time. */
typedef struct rti_re_set {
        uint32_t n;
        uint16_t dense[RTI_MAX_REGEX_STATES], sparse[RTI_MAX_REGEX_STATES];
} rti_re_set;

typedef struct rti_re_nfa_scratch {
        rti_re_set sets[2];
        uint16_t stack[2 * RTI_MAX_REGEX_STATES];
} rti_re_nfa_scratch;

/* 1: @a s matches as a whole, 0: it does not, RT_ELIMIT: that would take too many steps. Nothing
 * matches a byte that belongs to no character. */
int rti_re_nfa_match(const rti_re_nfa *nfa, rt_str s, rti_re_nfa_scratch *scratch);

#endif
