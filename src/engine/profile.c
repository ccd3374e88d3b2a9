/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.c - the walk that counts and times.
 *
 *   in   a frame whose event is of the sample
 *   out  the same verdicts as eval.c, which answers every question; and counters
 *
 * A predicate counts once an event, for whoever asks first. Does not allocate.
 */
#include "engine/profile.h"
#include "engine/eval.h"
#include <time.h>

enum { DEFAULT_EVERY = 512, CLOCK_TRIES = 64 };

static uint64_t
now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000000U + (uint64_t) t.tv_nsec;
}

/* Without what the looks at the clock themselves took: the last one, and @a looks more. */
static uint64_t
since(const rti_sampler *s, uint64_t from, uint64_t looks)
{
        const uint64_t ns = now_ns() - from, own = (looks + 1) * s->clock_ns;

        return ns > own ? ns - own : 0;
}

/* ---- which events ---- */

/* Intervals vary, so that nothing that comes in turns is met always or never. */
static void
choose_next(rti_sampler *s)
{
        if (s->every == 1 || s->every == RTI_NONE) {
                s->left = s->every;
                return;
        }
        s->chance = s->chance * 6364136223846793005u + 1442695040888963407u;
        s->left = s->every / 2 + 1 + (uint32_t) ((s->chance >> 33) % s->every);
}

void
rti_sampler_take(rti_sampler *s, rti_frame *frame)
{
        choose_next(s);
        if (s->every == RTI_NONE || !s->rules || frame->source >= s->rules->p.n_sources)
                return;
        s->events[frame->source]++;
        /* Stamps of 2^32 events ago would look new. */
        if (++s->now == 0) {
                memset(s->stamp, 0, s->rules->p.n_preds * sizeof *s->stamp);
                s->now = 1;
        }
        frame->sampler = s;
}

/* ---- counting ---- */

/* The rule's dearest predicate is kept in one place: a rival takes it over once it has cost more
 * than what was paid for the other lately. */
static void
charge(rti_rule_profile *rule, uint32_t pred, uint64_t ns)
{
        if (rule->dearest == pred) {
                rule->dearest_ns += ns;
        } else if (ns > rule->dearest_ns) {
                rule->dearest = pred;
                rule->dearest_ns = ns;
        } else {
                rule->dearest_ns -= ns;
        }
}

/* The predicate that an instruction asks for, or RTI_NONE. */
static uint32_t
pred_of(const rti_sampler *s, const rti_insn *insn)
{
        switch ((enum rti_operand_of) rti_opcodes[insn->op].operand) {
        case RTI_A_PRED:
        case RTI_A_CLASSED:
        case RTI_A_TYPED:
                return insn->a;
        case RTI_A_SLOT:
                return s->of_exists[insn->a];
        case RTI_A_NONE:
        case RTI_A_EXPR:
        case RTI_A_EVENT_SET:
                break;
        }
        return RTI_NONE;
}

static bool
count(rti_sampler *s, rti_frame *frame, const rti_insn *insn)
{
        const uint32_t pred = pred_of(s, insn);
        rti_profile_row *row;
        uint64_t from, ns;
        bool holds;

        if (pred == RTI_NONE || s->stamp[pred] == s->now)
                return rti_eval_insn(frame, insn);
        s->stamp[pred] = s->now;
        from = now_ns();
        holds = rti_eval_insn(frame, insn);
        ns = since(s, from, 0);
        s->looks += 2;
        row = &s->of_pred[pred];
        row->asked++;
        row->held += holds;
        row->timed++;
        row->ns += ns;
        charge(&s->of_rule[s->rule], pred, ns);
        return holds;
}

static bool walk(rti_sampler *s, rti_frame *frame, uint32_t at);

/* Recursion: shared expressions inside one another, bounded by verify.c. */
static bool
ask(rti_sampler *s, rti_frame *frame, const rti_insn *insn)
{
        uint32_t *stamp;

        if (insn->op != RTI_I_EXPR)
                return count(s, frame, insn);
        stamp = &frame->expr_stamp[insn->a];
        if (*stamp >> 1 != frame->now)
                *stamp = frame->now << 1 | walk(s, frame, frame->rules->p.exprs[insn->a]);
        return *stamp & 1;
}

static bool
walk(rti_sampler *s, rti_frame *frame, uint32_t at)
{
        const rti_insn *code = frame->rules->p.code;

        while (code[at].op > RTI_I_TRUE)
                at = ask(s, frame, &code[at]) ? code[at].yes : code[at].no;
        return code[at].op == RTI_I_TRUE;
}

bool
rti_sampler_rule(rti_sampler *s, rti_frame *frame, uint32_t rule)
{
        rti_rule_profile *row = &s->of_rule[rule];
        uint64_t from;
        bool holds;

        s->rule = rule;
        s->looks = 0;
        from = now_ns();
        holds = walk(s, frame, frame->rules->p.entries[rule]);
        row->ns += since(s, from, s->looks);
        row->asked++;
        row->held += holds;
        return holds;
}

/* ---- as text ---- */

static void
write_preds(const rti_sampler *s, uint32_t source, rti_buf *buf, rti_buf *key)
{
        const rti_program_view *p = &s->rules->p;

        for (uint32_t i = 0; i < p->n_preds; i++) {
                if (!s->of_pred[i].asked || p->slots[p->preds[i].slot].source != source)
                        continue;
                rti_buf_clear(key);
                rti_print_pred(key, s->rules, i);
                rti_profile_shorten(key, 0);
                rti_profile_add_row(buf, &s->of_pred[i], rti_buf_str(key));
        }
}

void
rti_sampler_write(const rti_sampler *s, rti_buf *buf)
{
        rti_buf key;

        rti_buf_init(&key, buf->allocator, 0);
        rti_profile_begin(buf);
        for (uint32_t i = 0; s->rules && i < s->rules->p.n_sources; i++) {
                rti_profile_add_source(buf, s->rules->sources[i], s->events[i]);
                write_preds(s, i, buf, &key);
        }
        if (key.failed)
                buf->failed = key.failed;
        rti_buf_done(&key);
}

/* ---- life ---- */

static uint64_t
clock_price(void)
{
        uint64_t least = UINT64_MAX;

        for (int i = 0; i < CLOCK_TRIES; i++) {
                const uint64_t from = now_ns(), ns = now_ns() - from;

                least = ns < least ? ns : least;
        }
        return least;
}

int
rti_sampler_new(rti_sampler *s, const rt_allocator *allocator, const rt_ruleset *rules,
                uint32_t every)
{
        const rti_program_view none = { 0 }, *p = rules ? &rules->p : &none;

        *s = (rti_sampler){ .rules = rules,
                            .every = every ? every : DEFAULT_EVERY,
                            .clock_ns = clock_price() };
        s->events = rti_calloc(allocator, p->n_sources + (size_t) 1, sizeof *s->events);
        s->of_rule = rti_calloc(allocator, p->n_rules + (size_t) 1, sizeof *s->of_rule);
        s->of_pred = rti_calloc(allocator, p->n_preds + (size_t) 1, sizeof *s->of_pred);
        s->stamp = rti_calloc(allocator, (size_t) p->n_preds + p->n_slots + 1, sizeof *s->stamp);
        if (!s->events || !s->of_rule || !s->of_pred || !s->stamp)
                return RT_ENOMEM;
        s->of_exists = s->stamp + p->n_preds;
        memset(s->of_exists, 0xff, p->n_slots * sizeof *s->of_exists);
        for (uint32_t i = 0; i < p->n_preds; i++)
                if (p->preds[i].what == RTI_P_EXISTS)
                        s->of_exists[p->preds[i].slot] = i;
        for (uint32_t i = 0; i < p->n_rules; i++)
                s->of_rule[i].dearest = RTI_NONE;
        choose_next(s);
        return RT_OK;
}

void
rti_sampler_done(rti_sampler *s, const rt_allocator *allocator)
{
        rti_free(allocator, s->events);
        rti_free(allocator, s->of_rule);
        rti_free(allocator, s->of_pred);
        rti_free(allocator, s->stamp);
        *s = (rti_sampler){ .left = UINT32_MAX };
}
