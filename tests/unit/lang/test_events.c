/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of events: names to codes, names of parameters. */
#include "lang/events.h"
#include <criterion/criterion.h>

static int
count(const rti_event_set *set)
{
        int n = 0;

        for (uint32_t code = 0; code < RTI_N_EVENT_CODES + 10; code++)
                n += rti_event_set_has(set, code);
        return n;
}

Test(events, every_code_has_a_name)
{
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                cr_assert_not_null(rti_events[code].name, "code %u", code);
        cr_assert_str_eq(rti_events[322].name, "pluginevent");
        cr_assert(rti_events[3].exit && !rti_events[2].exit);
}

Test(events, a_name_means_all_its_versions_enter_and_exit)
{
        rti_event_set set;

        cr_assert(rti_events_named(RTI_STR("open"), &set));
        cr_assert_eq(count(&set), 2);
        cr_assert(rti_event_set_has(&set, 2) && rti_event_set_has(&set, 3));
        cr_assert(rti_events_named(RTI_STR("accept"), &set));
        cr_assert(rti_event_set_has(&set, 26) && rti_event_set_has(&set, 57));
        cr_assert_not(rti_event_set_has(&set, 388));
}

Test(events, a_system_call_without_event_means_the_generic_ones)
{
        rti_event_set set;

        cr_assert(rti_events_named(RTI_STR("restart_syscall"), &set));
        cr_assert_eq(count(&set), 2);
        cr_assert(rti_event_set_has(&set, 0) && rti_event_set_has(&set, 1));
}

Test(events, unknown_names_and_unused_codes_are_refused)
{
        rti_event_set set = { { 42 } };

        cr_assert_not(rti_events_named(RTI_STR("opn"), &set));
        cr_assert_not(rti_events_named(RTI_STR(""), &set));
        cr_assert_not(rti_events_named(RTI_STR("NA"), &set));
        cr_assert_eq(set.word[0], 42);
}

Test(events, parameters_are_known_by_their_longest_name)
{
        uint32_t kind = 0;

        cr_assert(rti_event_param_known(RTI_STR("flags")));
        cr_assert(rti_event_param_known(RTI_STR("nativeID")));
        cr_assert_not(rti_event_param_known(RTI_STR("flagsx")));
        cr_assert_not(rti_event_param_known(RTI_STR("")));
        cr_assert_eq(rti_event_param_prefix(RTI_STR("pathname)"), &kind), 8);
        cr_assert_eq(kind, RT_KIND_RELPATH);
        cr_assert_eq(rti_event_param_prefix(RTI_STR("fd"), &kind), 2);
        cr_assert_eq(kind, RT_KIND_INT64);
        cr_assert_eq(rti_event_param_prefix(RTI_STR("tuple"), &kind), 5);
        cr_assert_eq(kind, RT_KIND_DYNAMIC);
        cr_assert_eq(rti_event_param_prefix(RTI_STR("-"), &kind), 0);
}
