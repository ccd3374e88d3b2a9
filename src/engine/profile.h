/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - what rules and predicates cost on this worker, from a sample of its events.
 *
 * One event in opts.sample_every or so, by chance, is judged by a walk that counts and times every
 * question; all others are judged as if nobody looked, so that profiling can stay on. Times are of
 * whoever asked first: a field that three rules need is paid by the first of them.
 */
#ifndef RTI_ENGINE_PROFILE_H
#define RTI_ENGINE_PROFILE_H

#include "engine/frame.h"
#include "program/profile.h"

typedef struct rti_sampler rti_sampler;

typedef struct rti_rule_profile {
        uint64_t asked, held, ns;
        uint32_t dearest; /* predicate that most of the time went to, or RTI_NONE */
        uint64_t dearest_ns;
} rti_rule_profile;

struct rti_sampler {
        const rt_ruleset *rules; /* kept by the worker */
        uint32_t every;          /* RTI_NONE: never */
        uint32_t left;           /* events until the next one of the sample */
        uint64_t chance;
        uint64_t clock_ns; /* what a look at the clock takes */
        uint64_t looks;    /* at the clock, since the rule began */
        uint64_t *events;  /* per source: of the sample */
        rti_rule_profile *of_rule;
        rti_profile_row *of_pred;
        uint32_t *stamp; /* per predicate: number of the event that it was counted in */
        uint32_t
                *of_exists; /* per slot: the predicate that asks whether it is there, or RTI_NONE */
        uint32_t now;       /* number of the event in the sample */
        uint32_t rule;      /* being judged */
};

/* Counters for @a rules, all at 0; NULL: none. RT_OK, RT_ENOMEM. */
int rti_sampler_new(rti_sampler *sampler, const rt_allocator *allocator, const rt_ruleset *rules,
                    uint32_t every);
void rti_sampler_done(rti_sampler *sampler, const rt_allocator *allocator);

/* The next event is of the sample: count it. */
void rti_sampler_take(rti_sampler *sampler, rti_frame *frame);

/* Each event: is it of the sample? frame->sampler says so until the next one. */
static inline void
rti_sampler_begin(rti_sampler *sampler, rti_frame *frame)
{
        frame->sampler = NULL;
        if (__builtin_expect(--sampler->left == 0, 0))
                rti_sampler_take(sampler, frame);
}

/* As rti_eval_rule, counting. */
bool rti_sampler_rule(rti_sampler *sampler, rti_frame *frame, uint32_t rule);

/* All of it as text for rt_loader_opts.profile. */
void rti_sampler_write(const rti_sampler *sampler, rti_buf *buf);

#endif
