/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.c - the operator `regex`: does the whole value match?
 *
 * Most values are refused by their length or for lack of a text that every match has. The others
 * are PCRE2's, within its limits; where those are hit, the NFA decides. Only if that takes too many
 * steps, too, is there no match without one being sure; these cases are counted.
 *
 * A value that is not UTF-8 matches nothing, since every byte would have to be part of a matched
 * character. Surrogates and characters that are coded too long count as such here, as in RE2.
 */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "lang/ops/regex_private.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

typedef struct regex_operand {
        pcre2_code *code;             /* NULL: too large for PCRE2 */
        rti_re_nfa *nfa;              /* NULL: too large for the NFA */
        uint32_t least;               /* bytes of the shortest match */
        bool wide;                    /* characters beyond ASCII can match; `code` is in UTF mode */
        bool compiled;                /* to machine code */
        rt_str prefix, inner, suffix; /* every match begins with, has, ends with these */
} regex_operand;

struct rti_op_scratch {
        const rt_allocator *allocator;
        pcre2_general_context *general;
        pcre2_match_context *match;
        pcre2_match_data *data;
        uint64_t limits;
        rti_re_nfa_scratch nfa;
};

enum { HEAP_KIB = 1024 }; /* PCRE2's, where it cannot compile to machine code */

static void *
get(PCRE2_SIZE size, void *user)
{
        return rti_alloc(user, size);
}

static void
put(void *ptr, void *user)
{
        rti_free(user, ptr);
}

/* PCRE2 wants a pointer to something it may change; it hands it to get and put only. */
static pcre2_general_context *
general_new(const rt_allocator *allocator)
{
        return pcre2_general_context_create(get, put, (void *) (uintptr_t) allocator);
}

/* ---- scratch ---- */

int
rti_op_scratch_new(const rt_allocator *allocator, rti_op_scratch **ret_scratch)
{
        rti_op_scratch *scratch = rti_calloc(allocator, 1, sizeof *scratch);

        if (!scratch)
                return RT_ENOMEM;
        scratch->allocator = allocator;
        scratch->general = general_new(allocator);
        scratch->match = scratch->general ? pcre2_match_context_create(scratch->general) : NULL;
        scratch->data = scratch->general ? pcre2_match_data_create(1, scratch->general) : NULL;
        if (!scratch->match || !scratch->data) {
                rti_op_scratch_free(scratch);
                return RT_ENOMEM;
        }
        pcre2_set_match_limit(scratch->match, RTI_MAX_REGEX_MATCH);
        pcre2_set_depth_limit(scratch->match, RTI_MAX_REGEX_DEPTH);
        pcre2_set_heap_limit(scratch->match, HEAP_KIB);
        *ret_scratch = scratch;
        return RT_OK;
}

void
rti_op_scratch_free(rti_op_scratch *scratch)
{
        if (!scratch)
                return;
        pcre2_match_data_free(scratch->data);
        pcre2_match_context_free(scratch->match);
        pcre2_general_context_free(scratch->general);
        rti_free(scratch->allocator, scratch);
}

void
rti_op_scratch_limited(rti_op_scratch *scratch)
{
        scratch->limits++;
}

uint64_t
rti_op_scratch_limits(const rti_op_scratch *scratch)
{
        return scratch->limits;
}

/* ---- testing ---- */

static bool
is_ascii(rt_str s)
{
        const uint64_t high = 0x8080808080808080u;
        uint64_t word;
        size_t i = 0;

        for (; i + sizeof word <= s.len; i += sizeof word) {
                memcpy(&word, s.ptr + i, sizeof word);
                if (word & high)
                        return false;
        }
        for (; i < s.len; i++)
                if ((unsigned char) s.ptr[i] & 0x80)
                        return false;
        return true;
}

/* TEXT: UTF-8. ODD_TEXT: what only RE2 takes for it. NO_TEXT: a byte is part of no character. */
enum text_kind { TEXT, ODD_TEXT, NO_TEXT };

static enum text_kind
text_kind(rt_str s)
{
        enum text_kind kind = TEXT;
        uint32_t code;
        size_t n;

        while (s.len) {
                n = 1;
                if ((unsigned char) s.ptr[0] >= 0x80) {
                        n = rti_re_take(s, &code);
                        if (n == 0)
                                return NO_TEXT;
                        if ((code >= 0xd800 && code <= 0xdfff) || code == RTI_RE_ODD_CODE)
                                kind = ODD_TEXT;
                }
                s = rti_str_sub(s, n, s.len);
        }
        return kind;
}

static bool
run_nfa(const regex_operand *regex, rt_str s, rti_op_scratch *scratch)
{
        const int r = regex->nfa ? rti_re_nfa_match(regex->nfa, s, &scratch->nfa) : RT_ELIMIT;

        scratch->limits += r < 0;
        return r == 1;
}

static bool
string_regex(const rti_operand *operand, const rt_value *value, void *user)
{
        const regex_operand *regex = operand->aux;
        const rt_str s = rti_cut(value->as.s);
        const PCRE2_SPTR subject = (PCRE2_SPTR) (s.ptr ? s.ptr : "");
        rti_op_scratch *scratch = user;
        int r;

        if (s.len < regex->least)
                return false;
        if ((regex->prefix.len && !rti_str_starts(s, regex->prefix))
            || (regex->suffix.len && !rti_str_ends(s, regex->suffix))
            || (regex->inner.len && rti_find(s, regex->inner) == SIZE_MAX))
                return false;
        if (regex->wide && !is_ascii(s)) {
                const enum text_kind kind = text_kind(s);

                if (kind != TEXT)
                        return kind == ODD_TEXT && run_nfa(regex, s, scratch);
        }
        if (!regex->code)
                return run_nfa(regex, s, scratch);
        if (regex->compiled)
                r = pcre2_jit_match(regex->code, subject, s.len, 0, 0, scratch->data,
                                    scratch->match);
        else
                r = pcre2_match(regex->code, subject, s.len, 0, PCRE2_NO_UTF_CHECK, scratch->data,
                                scratch->match);
        if (r >= 0 || r == PCRE2_ERROR_NOMATCH)
                return r >= 0;
        return run_nfa(regex, s, scratch);
}

/* ---- texts that every match has ---- */

typedef struct texts {
        rti_buf run; /* characters that follow each other in every match */
        bool open;   /* something else was met already: the run is no prefix */
        rt_str prefix, inner;
        rti_arena *arena;
} texts;

static void
end_run(texts *t)
{
        rt_str *to = t->open ? &t->inner : &t->prefix;

        if (t->run.len > to->len)
                *to = rti_arena_copy(t->arena, rti_buf_str(&t->run));
        t->open = true;
        rti_buf_clear(&t->run);
}

static void
collect(texts *t, const rti_re_node *node)
{
        char utf8[4];
        uint32_t code;

        switch (node->kind) {
        case RTI_RE_LITERAL:
                code = node->ranges[0].low;
                if (code >= 0xd800 && code <= 0xdfff) {
                        end_run(t);
                        break;
                }
                rti_buf_add(&t->run, (rt_str){ utf8, rti_utf8_put(utf8, code) });
                break;
        case RTI_RE_CONCAT:
                for (const rti_re_node *child = node->child; child; child = child->next)
                        collect(t, child);
                break;
        case RTI_RE_REPEAT:
                end_run(t);
                if (node->min > 0) {
                        collect(t, node->child);
                        end_run(t);
                }
                break;
        case RTI_RE_CLASS:
        case RTI_RE_ALTERNATE:
                end_run(t);
                break;
        default: /* takes no characters */
                break;
        }
}

static int
find_texts(rti_arena *arena, const rti_re_node *root, regex_operand *regex)
{
        texts t = { .arena = arena };
        int r;

        rti_buf_init(&t.run, arena->allocator, 0);
        collect(&t, root);
        if (t.open)
                regex->suffix = rti_arena_copy(arena, rti_buf_str(&t.run));
        else
                end_run(&t);
        regex->prefix = t.prefix;
        regex->inner = t.inner;
        r = t.run.failed;
        rti_buf_done(&t.run);
        return r;
}

/* ---- building ---- */

static int
compile(const rt_allocator *allocator, rt_str pattern, regex_operand *regex)
{
        const uint32_t options = PCRE2_ANCHORED | (regex->wide ? PCRE2_UTF : 0);
        pcre2_general_context *general = general_new(allocator);
        pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
        PCRE2_SIZE at;
        int error = 0;

        if (context) {
                pcre2_set_parens_nest_limit(context, 2 * RTI_MAX_REGEX_NESTING + 2);
                regex->code = pcre2_compile((PCRE2_SPTR) pattern.ptr, pattern.len, options, &error,
                                            &at, context);
        }
        pcre2_general_context_free(general);
        if (!context)
                return RT_ENOMEM;
        pcre2_compile_context_free(context);
        if (!regex->code)
                return error == PCRE2_ERROR_HEAP_FAILED ? RT_ENOMEM : RT_OK;
        regex->compiled = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
        return RT_OK;
}

/* Everything but the tree lives in the build's arena; the tree and its texts in @a work. */
static int
build_regex(rti_build *build, rti_arena *work, rt_str text, regex_operand *regex)
{
        rti_re_tree tree;
        rt_str pattern;
        int r;

        r = rti_re_parse(work, text, &tree);
        if (r == RT_ERULES)
                return rti_refuse(build->arena, &build->error, "invalid regex pattern: %.*s",
                                  RTI_FMT(tree.error));
        if (r < 0)
                return r;
        regex->least = rti_re_least(tree.root);
        regex->wide = rti_re_wide(tree.root);
        r = find_texts(build->arena, tree.root, regex);
        if (r == RT_OK)
                r = rti_re_nfa_build(build->arena, tree.root, &regex->nfa);
        if (r == RT_OK || r == RT_ELIMIT)
                r = rti_re_to_pcre(work, tree.root, &pattern);
        if (r == RT_OK)
                r = compile(build->arena->allocator, pattern, regex);
        if (r == RT_OK && !regex->code && !regex->nfa)
                return rti_refuse(build->arena, &build->error,
                                  "invalid regex pattern: pattern too large - compile failed");
        if (r == RT_OK && tree.extension.len)
                r = rti_refuse(build->arena, &build->warning,
                               "regular expression '%.*s' is not portable to Falco, which says: "
                               "%.*s",
                               RTI_FMT(text), RTI_FMT(tree.extension))
                                    == RT_ENOMEM
                            ? RT_ENOMEM
                            : RT_OK;
        return r;
}

int
rti_regex_build(rti_build *build, rti_operand *operand)
{
        regex_operand *regex = RTI_NEW(build->arena, regex_operand);
        rti_arena work;
        int r;

        if (!regex)
                return RT_ENOMEM;
        operand->aux = regex;
        operand->test = string_regex;
        rti_arena_init(&work, build->arena->allocator, 0);
        r = build_regex(build, &work, operand->values[0].as.s, regex);
        rti_arena_done(&work);
        return r;
}

void
rti_regex_done(rti_operand *operand)
{
        regex_operand *regex = operand->aux;

        if (!regex)
                return;
        pcre2_code_free(regex->code);
        regex->code = NULL;
}
