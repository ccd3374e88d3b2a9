/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.c - the operator `regex`: does the whole value match?
 *
 * Most values are refused by their length or for lack of a text that every match has, so that most
 * expressions are never run: PCRE2 compiles one when the first value gets that far, on whichever
 * worker that is, and all share what comes of it. PCRE2 decides within its limits; where those are
 * hit, the NFA decides. Only if that takes too many steps, too, is there no match without one being
 * sure; these cases are counted.
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
#include <stdatomic.h>

/* What runs. */
typedef struct machine {
        const rt_allocator *allocator;
        rti_arena arena;  /* of the NFA */
        pcre2_code *code; /* NULL: too large for PCRE2 */
        rti_re_nfa *nfa;  /* NULL: too large for the NFA */
        bool compiled;    /* to machine code */
} machine;

typedef struct regex_operand {
        const rt_allocator *allocator;
        rt_str text;
        uint32_t least;               /* bytes of the shortest match */
        uint32_t states;              /* of the NFA */
        bool wide;                    /* characters beyond ASCII can match; PCRE2's UTF mode */
        rt_str prefix, inner, suffix; /* every match begins with, has, ends with these */
        _Atomic(machine *) machine;   /* NULL: not needed so far */
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

/* ---- what runs ---- */

static int
compile(machine *m, rt_str pattern, bool wide)
{
        const uint32_t options = PCRE2_ANCHORED | (wide ? PCRE2_UTF : 0);
        pcre2_general_context *general = general_new(m->allocator);
        pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
        PCRE2_SIZE at;
        int error = 0;

        if (context) {
                pcre2_set_parens_nest_limit(context, 2 * RTI_MAX_REGEX_NESTING + 2);
                m->code = pcre2_compile((PCRE2_SPTR) pattern.ptr, pattern.len, options, &error, &at,
                                        context);
        }
        pcre2_general_context_free(general);
        if (!context)
                return RT_ENOMEM;
        pcre2_compile_context_free(context);
        if (!m->code)
                return error == PCRE2_ERROR_HEAP_FAILED ? RT_ENOMEM : RT_OK;
        m->compiled = pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE) == 0;
        return RT_OK;
}

static void
machine_free(machine *m)
{
        if (!m)
                return;
        pcre2_code_free(m->code);
        rti_arena_done(&m->arena);
        rti_free(m->allocator, m);
}

/* *ret_machine may lack the code, or the NFA; RT_ELIMIT: both. */
static int
machine_new(const regex_operand *regex, machine **ret_machine)
{
        machine *m = rti_calloc(regex->allocator, 1, sizeof *m);
        rti_re_tree tree;
        rti_arena work;
        rt_str pattern;
        int r;

        if (!m)
                return RT_ENOMEM;
        m->allocator = regex->allocator;
        rti_arena_init(&m->arena, m->allocator, 0);
        rti_arena_init(&work, m->allocator, 0);
        r = rti_re_parse(&work, regex->text, &tree);
        if (r == RT_OK)
                r = rti_re_nfa_build(&m->arena, tree.root, &m->nfa);
        if (r == RT_OK || r == RT_ELIMIT)
                r = rti_re_to_pcre(&work, tree.root, &pattern);
        if (r == RT_OK)
                r = compile(m, pattern, regex->wide);
        if (r == RT_OK && !m->code && !m->nfa)
                r = RT_ELIMIT;
        rti_arena_done(&work);
        if (r == RT_OK)
                *ret_machine = m;
        else
                machine_free(m);
        return r;
}

/* Workers that come at the same time each make one; the first is kept. NULL: out of memory. */
static const machine *
machine_of(regex_operand *regex)
{
        machine *there = atomic_load_explicit(&regex->machine, memory_order_acquire);
        machine *fresh = NULL;

        if (there || machine_new(regex, &fresh) < 0)
                return there;
        if (atomic_compare_exchange_strong_explicit(&regex->machine, &there, fresh,
                                                    memory_order_acq_rel, memory_order_acquire))
                return fresh;
        machine_free(fresh);
        return there;
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
run_nfa(const machine *m, rt_str s, rti_op_scratch *scratch)
{
        const int r = m->nfa ? rti_re_nfa_match(m->nfa, s, &scratch->nfa) : RT_ELIMIT;

        scratch->limits += r < 0;
        return r == 1;
}

static bool
run(const machine *m, bool wide, rt_str s, rti_op_scratch *scratch)
{
        const PCRE2_SPTR subject = (PCRE2_SPTR) (s.ptr ? s.ptr : "");
        int r;

        if (wide && !is_ascii(s)) {
                const enum text_kind kind = text_kind(s);

                if (kind != TEXT)
                        return kind == ODD_TEXT && run_nfa(m, s, scratch);
        }
        if (!m->code)
                return run_nfa(m, s, scratch);
        if (m->compiled)
                r = pcre2_jit_match(m->code, subject, s.len, 0, 0, scratch->data, scratch->match);
        else
                r = pcre2_match(m->code, subject, s.len, 0, PCRE2_NO_UTF_CHECK, scratch->data,
                                scratch->match);
        if (r >= 0 || r == PCRE2_ERROR_NOMATCH)
                return r >= 0;
        return run_nfa(m, s, scratch);
}

static bool
string_regex(const rti_operand *operand, const rt_value *value, void *user)
{
        regex_operand *regex = operand->aux;
        const rt_str s = rti_cut(value->as.s);
        rti_op_scratch *scratch = user;
        const machine *m;

        if (s.len < regex->least)
                return false;
        if ((regex->prefix.len && !rti_str_starts(s, regex->prefix))
            || (regex->suffix.len && !rti_str_ends(s, regex->suffix))
            || (regex->inner.len && rti_find(s, regex->inner) == SIZE_MAX))
                return false;
        m = machine_of(regex);
        if (m)
                return run(m, regex->wide, s, scratch);
        scratch->limits++;
        return false;
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

/* Everything but the tree lives in the build's arena; the tree and its texts in @a work. What the
 * NFA has room for can be run in any case, and is made when it is needed. */
static int
build_regex(rti_build *build, rti_arena *work, regex_operand *regex)
{
        machine *m = NULL;
        rti_re_tree tree;
        int r;

        r = rti_re_parse(work, regex->text, &tree);
        if (r == RT_ERULES)
                return rti_refuse(build->arena, &build->error, "invalid regex pattern: %.*s",
                                  RTI_FMT(tree.error));
        if (r < 0)
                return r;
        regex->least = rti_re_least(tree.root);
        regex->wide = rti_re_wide(tree.root);
        regex->states = rti_re_nfa_states(tree.root);
        r = find_texts(build->arena, tree.root, regex);
        if (r == RT_OK && !rti_re_nfa_fits(tree.root))
                r = machine_new(regex, &m);
        if (r == RT_ELIMIT)
                return rti_refuse(build->arena, &build->error,
                                  "invalid regex pattern: pattern too large - compile failed");
        atomic_init(&regex->machine, m);
        if (r == RT_OK && tree.extension.len)
                r = rti_refuse(build->arena, &build->warning,
                               "regular expression '%.*s' is not portable to Falco, which says: "
                               "%.*s",
                               RTI_FMT(regex->text), RTI_FMT(tree.extension))
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
        regex->allocator = build->arena->allocator;
        regex->text = operand->values[0].as.s;
        operand->aux = regex;
        operand->test = string_regex;
        rti_arena_init(&work, build->arena->allocator, 0);
        r = build_regex(build, &work, regex);
        rti_arena_done(&work);
        return r;
}

uint32_t
rti_operand_states(const rti_operand *operand)
{
        const regex_operand *regex;

        if (operand->of != RTI_OF_ONE)
                operand = operand->aux;
        regex = operand->aux;
        return regex->states;
}

void
rti_regex_done(rti_operand *operand)
{
        regex_operand *regex = operand->aux;

        if (!regex)
                return;
        machine_free(atomic_exchange(&regex->machine, NULL));
}
