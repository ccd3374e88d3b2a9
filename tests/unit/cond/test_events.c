/* SPDX-License-Identifier: Apache-2.0 */
/* For which kinds of events can a condition be true? */
#include "cond_test.h"

struct row {
        char text[64];
        char same_as[64]; /* has the same events as this one */
};

#define ALL  "a.b = 1"
#define NONE "evt.type in ()"

ParameterizedTestParameters(events, sets)
{
        static struct row rows[] = {
                { "not a.b = 1", ALL },
                { "evt.type exists", ALL },
                { "not evt.type exists", NONE },
                { "evt.type = open and evt.type = close", NONE },
                { "evt.type = open and a.b = 1", "evt.type = open" },
                { "evt.type = open or a.b = 1", ALL },
                { "not (evt.type = open or a.b = 1)", "evt.type != open" },
                { "not (evt.type != open)", "syscall.type = open" },
                { "evt.type in (open, close)", "evt.type = open or evt.type == close" },
                { "evt.type contains open", ALL },
                { "evt.type = anyof (open)", ALL },
                { "evt.num = 0", NONE },
                { "evt.num < 1", NONE },
                { "evt.num in (0, 00)", NONE },
                { "evt.num in (0, 5)", ALL },
                { "not evt.num >= 1", NONE },
                { "not evt.num = 1", ALL },
                { "evt.num = 0x0", ALL },
                { "macro", ALL },
        };
        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, events, sets)
{
        rti_event_set set, same;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        rti_checker checker = { .arena = &arena };

        cr_assert_eq(rti_cond_events(&checker, parsed(&arena, rti_str_of(row->text)), &set), RT_OK);
        cr_assert_eq(rti_cond_events(&checker, parsed(&arena, rti_str_of(row->same_as)), &same),
                     RT_OK);
        cr_expect_arr_eq(set.word, same.word, sizeof set.word, "%s", row->text);
        rti_arena_done(&arena);
}

Test(events, all_and_none_differ)
{
        rti_event_set set;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        rti_checker checker = { .arena = &arena };

        cr_assert_eq(rti_cond_events(&checker, parsed(&arena, RTI_STR(ALL)), &set), RT_OK);
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                cr_expect(rti_event_set_has(&set, code));
        cr_assert_eq(rti_cond_events(&checker, parsed(&arena, RTI_STR(NONE)), &set), RT_OK);
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                cr_expect(!rti_event_set_has(&set, code));
        rti_arena_done(&arena);
}

struct refused {
        char text[64];
        char says[32];
};

ParameterizedTestParameters(events, refused)
{
        static struct refused rows[] = {
                { "evt.type = val(proc.name)", "right-hand field comparisons" },
                { "a.b = 1 or not syscall.type in val(proc.args)", "right-hand field comparisons" },
                { "b64(evt.type) != close", "event code search does not" },
        };
        return cr_make_param_array(struct refused, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct refused *row, events, refused)
{
        rti_event_set set;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        rti_checker checker = { .arena = &arena };

        cr_assert_eq(rti_cond_events(&checker, parsed(&arena, rti_str_of(row->text)), &set),
                     RT_ERULES);
        cr_expect(rti_str_starts(checker.error.message, rti_str_of(row->says)));
        rti_arena_done(&arena);
}
