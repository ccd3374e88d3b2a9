/* SPDX-License-Identifier: Apache-2.0 */
/* A frame that has seen many events says of each what a frame says that sees it first. */
#include "engine/classify.h"
#include "engine/eval.h"
#include <criterion/criterion.h>
#include <libruntime/source.h>
#include <stdio.h>
#include <string.h>

enum { TEXT, OTHER, SIZE, REAL, WHO, N_FIELDS };
enum { N_EVENTS = 3000, N_SUBJECTS = 4, ROOM = 1600, OVERFLOW_AT = N_EVENTS / 2 };

static const rt_field_desc fields[N_FIELDS] = {
        [TEXT] = { "v.text", "v", RT_KIND_STRING, 0, 0, 0, "a text" },
        [OTHER] = { "v.other", "v", RT_KIND_STRING, 0, 0, 0, "another" },
        [SIZE] = { "v.size", "v", RT_KIND_UINT64, 0, 0, 0, "a number" },
        [REAL] = { "v.real", "v", RT_KIND_DOUBLE, 0, 0, 0, "a number with a point" },
        [WHO] = { "v.who", "v", RT_KIND_STRING, RT_FIELD_OF_SUBJECT, 0, 0, "whom it is about" },
};

/* The event; texts are in memory that the next event has others in. */
static rt_value values[N_FIELDS];
static char memory_of[N_FIELDS][ROOM];
/* Is it another than the one that was asked for last? Whoever has no state never was. */
static bool fresh[N_FIELDS];

static uint32_t below(uint32_t n);

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        if (state && event->flags & RT_EVENT_HELD && !fresh[slot] && below(4)) {
                /* It may write what it likes. */
                *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = 9 };
                return RT_SAME;
        }
        if (state)
                fresh[slot] = false;
        if (values[slot].kind == RT_KIND_NONE)
                return 0;
        *ret_value = values[slot];
        return 1;
}

static const rt_source_ops ops = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "v",
        .version = "1.0.0",
        .fields = fields,
        .n_fields = N_FIELDS,
        .field_stride = sizeof(rt_field_desc),
        .extract = extract,
};

static const char *const conditions[] = {
        "v.text = /a/b or v.other in (x, A, /a/b)",
        "v.text != /a/b",
        "v.text startswith /a and not v.other exists",
        "v.text regex '.*[/]b+$' or v.other glob 'x*[x]'",
        "toupper(v.text) = A",
        "tolower(toupper(v.text)) contains /a",
        "basename(v.text) = b",
        "len(v.text) > 2",
        "concat(v.text, \"-\", v.other) endswith \"-A\"",
        "join(\",\", (v.other, v.text)) contains \",A\"",
        "v.text = val(v.other)",
        "toupper(v.text) != toupper(v.other)",
        "v.size > 1 or v.real < 1",
        "v.size = 0 and v.real >= 0",
        "len(v.text) = val(v.size)",
        "v.who = s1",
        "v.who startswith s and not v.who in (s0, s3) and v.size = 2",
        "v.who in (s0, s2) and v.text = A",
        "(v.who = s3 or v.other = A) and v.text contains A",
};

/* ---- chance ---- */

static uint64_t seed = 1;

static uint32_t
below(uint32_t n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t) (seed >> 33) % n;
}

static rt_str
some_text(char *room)
{
        static const rt_str texts[] = { RTI_STR_INIT("A"),     RTI_STR_INIT("a"),
                                        RTI_STR_INIT(""),      RTI_STR_INIT("/a/b"),
                                        RTI_STR_INIT("A\0A"),  RTI_STR_INIT("/a/bb"),
                                        RTI_STR_INIT("A\0\0"), RTI_STR_INIT("A\0B") };
        const uint32_t which = below(RTI_COUNT(texts) + 2);
        rt_str text = { room, 0 };

        if (which >= RTI_COUNT(texts)) { /* of one length, and around what is kept */
                text.len = which > RTI_COUNT(texts) ? ROOM : 1000 - below(2);
                memset(room, 'x', text.len);
                room[below((uint32_t) text.len)] = 'A';
                return text;
        }
        text.len = texts[which].len;
        if (text.len)
                memcpy(room, texts[which].ptr, text.len);
        return text;
}

/* Most of the event is as it was. */
static void
next_event(rt_event *event)
{
        event->subject = below(N_SUBJECTS); /* 0: of whoever */
        fresh[WHO] = true;
        memory_of[WHO][0] = 's';
        memory_of[WHO][1] = (char) ('0' + (event->subject ? event->subject : below(N_SUBJECTS)));
        values[WHO] = (rt_value){ .kind = RT_KIND_STRING, .as.s = { memory_of[WHO], 2 } };
        for (uint32_t i = 0; i < WHO; i++) {
                if (below(3))
                        continue;
                fresh[i] = true;
                values[i] = (rt_value){ .kind = below(3) ? fields[i].kind : RT_KIND_NONE };
                if (i == SIZE)
                        values[i].as.u = below(4);
                else if (i == REAL)
                        values[i].as.d = below(3) / 2.0;
                else
                        values[i].as.s = some_text(memory_of[i]);
        }
}

/* ---- two frames ---- */

static void
begin(rti_frame *frame, const rti_instance *instance, rt_event *event, uint32_t source)
{
        for (uint32_t i = 0; i < frame->rules->p.n_slots; i++)
                for (uint32_t k = 0; k < N_FIELDS; k++)
                        if (frame->rules->slots[i].what == RTI_SLOT_FIELD
                            && rti_str_eq(frame->rules->slots[i].field, rti_str_of(fields[k].name)))
                                frame->slot_row[i].from = k;
        rti_arena_reset(frame->memory);
        rti_frame_begin(frame, instance, source, event);
}

/* Whom the event is about may have ruled out what does not hold, and nothing else. */
static void
same_candidates(rti_frame *old, rti_candidates *of_old, rti_frame *new)
{
        const rti_p_range roots = rti_eval_roots(old->rules, 0, old->event->type);
        bool is_one[RTI_COUNT(conditions)] = { false };
        rti_candidates of_new = { .allocator = &rti_alloc_default };
        uint32_t rule;

        cr_assert_eq(rti_candidates_new(&of_new, new->rules), RT_OK);
        rti_candidates_find(of_old, old, roots);
        rti_candidates_find(&of_new, new, roots);
        while ((rule = rti_candidates_take(of_old)) != RTI_NONE)
                is_one[rule] = true;
        while ((rule = rti_candidates_take(&of_new)) != RTI_NONE) {
                cr_assert(is_one[rule] || (old->event->subject && !rti_eval_rule(new, rule)), "%s",
                          conditions[rule]);
                is_one[rule] = false;
        }
        for (uint32_t i = 0; i < RTI_COUNT(conditions); i++)
                cr_assert(!is_one[i], "%s", conditions[i]);
        rti_candidates_done(&of_new);
        new->subject = NULL; /* it was known there */
}

/* Returns how many rules hold. */
static uint32_t
agree(rti_frame *old, rti_frame *new, uint32_t number)
{
        uint32_t n = 0;

        /* In any order, and not all every time. */
        for (uint32_t i = 0; i < old->rules->p.n_rules; i++) {
                const uint32_t rule = below(old->rules->p.n_rules);
                const bool holds = rti_eval_rule(new, rule);

                cr_assert_eq(rti_eval_rule(old, rule), holds, "event %u: %s", number,
                             conditions[rule]);
                n += holds;
        }
        for (uint32_t i = 0; i < old->rules->p.n_classes; i++)
                if (below(2))
                        cr_assert_eq(rti_class_run(old, i)->n_hits, rti_class_run(new, i)->n_hits);
        return n;
}

static rt_ruleset *
compile(rt_engine *engine)
{
        char text[8192];
        rt_ruleset *rules;
        size_t len = 0;

        cr_assert_eq(rt_engine_add_source(engine, &ops), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(conditions); i++)
                len += (size_t) snprintf(text + len, sizeof text - len,
                                         "- rule: r%02zu\n  desc: d\n  condition: >\n    %s\n"
                                         "  output: o\n  priority: INFO\n  source: v\n",
                                         i, conditions[i]);
        cr_assert_eq(rt_compile(engine, "text", (rt_str){ text, len }, NULL, &rules), RT_OK);
        return rules;
}

Test(versions, events_before_change_no_verdict)
{
        const rti_instance knowing = { .ops = &ops, .state = fresh }, plain = { .ops = &ops };
        rt_event event = { .size = sizeof event };
        rti_candidates candidates = { .allocator = &rti_alloc_default };
        rti_arena memory[2];
        rti_frame old = { .allocator = &rti_alloc_default, .memory = &memory[0] },
                  new = { .allocator = &rti_alloc_default, .memory = &memory[1] };
        rt_engine *engine;
        rt_ruleset *rules;
        uint32_t n = 0;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        rules = compile(engine);
        rti_arena_init(&memory[0], &rti_alloc_default, 0);
        rti_arena_init(&memory[1], &rti_alloc_default, 0);
        cr_assert_eq(rti_op_scratch_new(&rti_alloc_default, &old.scratch), RT_OK);
        new.scratch = old.scratch;
        cr_assert_eq(rti_frame_install(&old, rules), RT_OK);
        cr_assert_eq(rti_candidates_new(&candidates, rules), RT_OK);
        for (uint32_t i = 0; i < N_EVENTS; i++) {
                const uint32_t source = below(10) == 0; /* of another one all is missing */

                next_event(&event);
                if (source)
                        event.subject = 0;
                cr_assert_eq(rti_frame_install(&new, rules), RT_OK);
                if (i == OVERFLOW_AT)
                        old.now = RTI_MOST_NOW;
                begin(&old, &knowing, &event, source);
                begin(&new, &plain, &event, source);
                same_candidates(&old, &candidates, &new);
                n += agree(&old, &new, i);
        }
        cr_expect_gt(n, N_EVENTS);
        cr_expect_lt(old.now, N_EVENTS);
        rti_candidates_done(&candidates);
        rti_frame_done(&old);
        rti_frame_done(&new);
        rti_op_scratch_free(old.scratch);
        rti_arena_done(&memory[0]);
        rti_arena_done(&memory[1]);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
}

static int
always_the_same(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state;
        (void) event;
        (void) slot;
        (void) ret_value;
        return RT_SAME;
}

Test(versions, a_source_cannot_say_again_what_nobody_has)
{
        const rt_source_ops lying = { .size = sizeof lying, .extract = always_the_same };
        const rti_instance instance = { .ops = &lying };
        rt_event event = { .size = sizeof event };
        rti_arena memory;
        rti_frame frame = { .allocator = &rti_alloc_default, .memory = &memory };
        rt_engine *engine;
        rt_ruleset *rules;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        rules = compile(engine);
        rti_arena_init(&memory, &rti_alloc_default, 0);
        cr_assert_eq(rti_frame_install(&frame, rules), RT_OK);
        for (uint64_t i = 1; i < 5; i++) {
                begin(&frame, &instance, &event, 0);
                cr_expect_null(rti_frame_value(&frame, 0));
                cr_expect_eq(frame.failed, i);
                cr_expect_eq(event.flags, 0);
        }
        rti_frame_done(&frame);
        rti_arena_done(&memory);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
}
