/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of events: names to codes, names of parameters. */
#include "lang/events.h"
#include "lang/flags.h"
#include <criterion/criterion.h>
#include <stdio.h>

/* The definition as text, to compare the tables with. */
static const struct {
        const char *name, *params, *tables;
        uint32_t exit;
} defined[] = {
#define ENTER 0
#define EXIT  1
#define EVENT(code, id, text, half, group, from, flags_, list, names) \
        [code] = { text, list, names, half },
#include "lang/events.def"
#undef EVENT
};

static const struct {
        const char *name;
        int32_t native;
} defined_calls[] = {
#ifdef __aarch64__
#define SYSCALL(number, text, x86_64, arm64, ia32, ia32_too, event) [number] = { text, arm64 },
#else
#define SYSCALL(number, text, x86_64, arm64, ia32, ia32_too, event) [number] = { text, x86_64 },
#endif
#include "lang/syscalls.def"
#undef SYSCALL
};

static const char *const flag_tables[] = {
#define FLAG_TABLE(id) #id,
#define FLAG(value, name)
#include "lang/flags.def"
#undef FLAG
#undef FLAG_TABLE
};

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
                cr_assert_neq(*rti_event_name(&rti_events[code]), 0, "code %u", code);
        cr_assert_str_eq(rti_event_name(&rti_events[322]), "pluginevent");
        cr_assert(rti_events[3].exit && !rti_events[2].exit);
}

/* What events.def says of a parameter, made from the tables. */
static void
print_params(const rti_event_info *event, char *params, char *tables, size_t room)
{
        static const char *const formats[] = { "", ":dec", ":hex", ":oct" };
        size_t n = 0, m = 0;

        params[0] = tables[0] = 0;
        for (uint32_t i = 0; i < event->n_params; i++) {
                const rti_param_info *param = rti_event_params(event) + i;
                const char *name = rti_param_name(param->name);

                n += (size_t) snprintf(params + n, room - n, "%s%s:%s%s", i ? " " : "", name,
                                       rti_param_type_name(param->type), formats[param->format]);
                if (param->dirfd != RTI_NO_PARAM)
                        m += (size_t) snprintf(
                                tables + m, room - m, "%s%s=@%s", m ? " " : "", name,
                                rti_param_name(rti_event_params(event)[param->dirfd].name));
                else if (param->table != RTI_NO_TABLE)
                        m += (size_t) snprintf(tables + m, room - m, "%s%s=%s", m ? " " : "", name,
                                               flag_tables[param->table]);
        }
}

Test(events, the_tables_say_what_the_definition_says)
{
        static char params[4096], tables[4096];

        cr_assert_eq(RTI_COUNT(defined), RTI_N_EVENT_CODES);
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++) {
                const rti_event_info *event = &rti_events[code];

                cr_expect_str_eq(rti_event_name(event), defined[code].name);
                cr_expect_eq(event->exit, defined[code].exit, "%u", code);
                cr_assert_leq(event->n_params, RTI_MOST_PARAMS);
                print_params(event, params, tables, sizeof params);
                cr_expect_str_eq(params, defined[code].params, "%u: %s", code, params);
                cr_expect_eq(strcasecmp(tables, defined[code].tables), 0, "%u: %s", code, tables);
        }
}

Test(events, system_calls_are_those_of_the_definition)
{
        for (uint32_t i = 0; i < RTI_COUNT(defined_calls); i++) {
                const char *name = defined_calls[i].name ? defined_calls[i].name : "";
                const int32_t native = defined_calls[i].native;

                cr_expect(rti_str_is(rti_syscall_name(i), name), "%u", i);
                if (i && *name && native >= 0)
                        cr_expect_eq(rti_syscall_of_native((uint32_t) native), i, "%s", name);
        }
}

Test(events, flags_and_categories_are_those_of_the_definition)
{
        const rti_event_info *openat = &rti_events[307], *read = &rti_events[7];

        cr_assert_eq(openat->category, RTI_EC_FILE);
        cr_assert_eq(openat->origin, RTI_EO_SYSCALL);
        cr_assert_eq(openat->flags,
                     RTI_EF_CREATES_FD | RTI_EF_MODIFIES_STATE | RTI_EF_CONVERTER_MANAGED);
        cr_assert_eq(read->category, RTI_EC_IO_READ);
        cr_assert(read->flags & RTI_EF_READS_FROM_FD);
        cr_assert_eq(rti_events[290].origin, RTI_EO_TRACEPOINT);
        cr_assert_eq(rti_events[234].origin, RTI_EO_METAEVENT);
        cr_assert_eq(rti_events[17].flags, RTI_EF_UNUSED);
}

Test(events, a_parameter_is_found_in_an_event_by_its_name)
{
        const uint16_t dirfd = rti_param_find(RTI_STR("dirfd"));

        cr_assert_neq(dirfd, RTI_NO_PARAM_NAME);
        cr_assert_str_eq(rti_param_name(dirfd), "dirfd");
        cr_assert_eq(rti_event_param(&rti_events[307], dirfd), 1);
        cr_assert_eq(rti_event_param(&rti_events[3], dirfd), RTI_NO_PARAM);
        cr_assert_eq(rti_param_find(RTI_STR("dirfdx")), RTI_NO_PARAM_NAME);
        cr_assert_str_empty(rti_param_name(RTI_NO_PARAM_NAME));
}

Test(events, system_calls_have_names_by_both_numbers)
{
        cr_assert(rti_str_is(rti_syscall_name(3), "read"));
        cr_assert(rti_str_is(rti_syscall_name(453), "rseq_slice_yield"));
        cr_assert_eq(rti_syscall_name(382).len, 0);
        cr_assert_eq(rti_syscall_name(454).len, 0);
        cr_assert_eq(rti_syscall_name(UINT32_MAX).len, 0);
#ifdef __x86_64__
        cr_assert(rti_str_is(rti_syscall_name(rti_syscall_of_native(221)), "fadvise64"));
#endif
        cr_assert_eq(rti_syscall_of_native(UINT32_MAX), 0);
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
