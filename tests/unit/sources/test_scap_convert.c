/* SPDX-License-Identifier: Apache-2.0 */
/* Events of older writers become those of today. */
#include "sources/jsonkit/limits.h"
#include "sources/syscall/scap/parts.h"
#include "support/scap_build.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum {
#define EVENT(code, id, ...) id = (code),
#include "lang/events.def"
#undef EVENT
};

static rti_convert *
converter(void)
{
        rti_convert *convert;

        cr_assert_eq(rti_convert_new(&rti_alloc_default, &convert), RT_OK);
        return convert;
}

/* What the converter says of an event that is written down as scap_make does it. */
static int
give(rti_convert *convert, uint16_t type, int64_t tid, const char *params, rti_sysevt *ret_evt)
{
        static char store[512];

        *ret_evt = scap_make(type, tid, params, store);
        ret_evt->info = &rti_events[type];
        return rti_convert_needed(ret_evt) ? rti_convert_event(convert, ret_evt) : RTI_CONVERT_PASS;
}

struct step {
        uint16_t type;
        char params[120];
};

struct row {
        char name[60];
        struct step steps[2]; /* the last one with a type is looked at */
        int said;
        uint16_t type;
        char params[160]; /* as scap_make writes them */
};

ParameterizedTestParameters(scap_convert, old_events_become_those_of_today)
{
        static struct row rows[] = {
                { "today's are left alone",
                  { { SYSCALL_CLOSE_X, "q0 q3" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_CLOSE_X,
                  "q0 q3" },
                { "enter halves are kept",
                  { { SYSCALL_CLOSE_E, "q3" } },
                  RTI_CONVERT_DROP,
                  SYSCALL_CLOSE_E,
                  "q3" },
                { "and end in their exit",
                  { { SYSCALL_CLOSE_E, "q3" }, { SYSCALL_CLOSE_X, "q0" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_CLOSE_X,
                  "q0 q3" },
                { "without one, defaults",
                  { { SYSCALL_CLOSE_X, "q0" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_CLOSE_X,
                  "q0 q0" },
                { "no user is all ones",
                  { { SYSCALL_SETUID_E, "d5" }, { SYSCALL_SETUID_X, "q0" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_SETUID_X,
                  "q0 d5" },
                { "without one, nothing",
                  { { SYSCALL_SETUID_X, "q0" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_SETUID_X,
                  "q0 -" },
                { "another call's half is none",
                  { { SYSCALL_READ_E, "q9 d4" }, { SYSCALL_CLOSE_X, "q0" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_CLOSE_X,
                  "q0 q0" },
                { "a new type",
                  { { SYSCALL_UNLINK_E, "s/x" }, { SYSCALL_UNLINK_X, "q0" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_UNLINK_2_X,
                  "q0 s/x" },
                { "the first openat",
                  { { SYSCALL_OPENAT_E, "q3 sname d1 d2" }, { SYSCALL_OPENAT_X, "q4" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_OPENAT_2_X,
                  "q4 q3 sname d1 d2 - -" },
                { "the first execve, by every one since",
                  { { SYSCALL_EXECVE_8_X, "q0 sexe - q1 q2 q3 s/ q1024" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_EXECVE_19_X,
                  "q0 sexe - q1 q2 q3 s/ q1024 - - - - - - - - - - - - - - - - - - - - - - -" },
                { "the first clone, by every one since",
                  { { SYSCALL_CLONE_11_X, "q5 sexe - q1 q2 q3 s/ q9 d7 d8 d9" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_CLONE_20_X,
                  "q5 sexe - q1 q2 q3 s/ q9 - - - - - - - d7 d8 d9 - - -" },
                { "enter halves that pass are hidden",
                  { { SYSCALL_OPEN_E, "s/x d1 d2" } },
                  RTI_CONVERT_HIDDEN,
                  SYSCALL_OPEN_E,
                  "s/x d1 d2" },
                { "their missing parameters are added",
                  { { SYSCALL_OPEN_E, "" } },
                  RTI_CONVERT_HIDDEN,
                  SYSCALL_OPEN_E,
                  "- - -" },
                { "kept and passed",
                  { { SOCKET_CONNECT_E, "q3 -" } },
                  RTI_CONVERT_HIDDEN,
                  SOCKET_CONNECT_E,
                  "q3 -" },
                { "a kept half is used once",
                  { { SOCKET_CONNECT_E, "q3 sADDR" }, { SOCKET_CONNECT_X, "q0 -" } },
                  RTI_CONVERT_PASS,
                  SOCKET_CONNECT_X,
                  "q0 - q3 -" },
                { "process exit",
                  { { PROCEXIT_E, "" } },
                  RTI_CONVERT_PASS,
                  PROCEXIT_1_E,
                  "- - - - -" },
                { "old enter events that nothing follows",
                  { { SOCKET_GETPEERNAME_E, "" } },
                  RTI_CONVERT_DROP,
                  SOCKET_GETPEERNAME_E,
                  "" },
                { "values are cut to their type",
                  { { SYSCALL_READ_E, "q3 q77" }, { SYSCALL_READ_X, "q1 sx" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_READ_X,
                  "q1 sx q3 d77" },
                { "what a later writer adds is left out",
                  { { SYSCALL_CLOSE_X, "q0 q3 q9 q9" } },
                  RTI_CONVERT_PASS,
                  SYSCALL_CLOSE_X,
                  "q0 q3" },
                { "containers of old",
                  { { CONTAINER_E, "sid d3 sname simage" } },
                  RTI_CONVERT_PASS,
                  CONTAINER_JSON_2_E,
                  "s{\"container\":{\"id\":\"id\",\"image\":\"image\",\"name\":\"name\","
                  "\"type\":3}}" },
                { "numbers of parameters that never were",
                  { { SYSCALL_OPEN_X, "q3" } },
                  RT_EFORMAT,
                  SYSCALL_OPEN_X,
                  "q3" },
        };

        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, scap_convert, old_events_become_those_of_today)
{
        rti_convert *convert = converter();
        char store[512];
        const rti_sysevt want = scap_make(row->type, 1, row->params, store);
        rti_sysevt evt;
        int said = give(convert, row->steps[0].type, 1, row->steps[0].params, &evt);

        if (row->steps[1].type) {
                cr_expect(said == RTI_CONVERT_DROP || said == RTI_CONVERT_HIDDEN, "%s", row->name);
                said = give(convert, row->steps[1].type, 1, row->steps[1].params, &evt);
        }
        cr_expect_eq(said, row->said, "%s: %d", row->name, said);
        cr_expect_eq(evt.type, row->type, "%s: %u", row->name, evt.type);
        cr_expect_eq(evt.info, &rti_events[row->type], "%s", row->name);
        cr_assert_eq(evt.n_params, want.n_params, "%s: %u", row->name, evt.n_params);
        for (uint32_t i = 0; i < evt.n_params; i++)
                cr_expect(rti_str_eq(evt.param[i], want.param[i]), "%s: parameter %u: %.*s",
                          row->name, i, RTI_FMT(evt.param[i]));
        rti_convert_free(convert);
}

/* Whatever is recorded: the outcome is an event of today, hidden, dropped or refused. */
Test(scap_convert, nothing_but_events_of_today_comes_out)
{
        char params[(RTI_MOST_PARAMS + 1) * 3 + 1] = ""; /* "b1 " for each */
        rti_convert *convert = converter();
        unsigned passed = 0;

        for (uint32_t n = 0; n <= RTI_MOST_PARAMS; n++) {
                for (uint16_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                        rti_sysevt evt;
                        const int said = give(convert, type, type % 5, params, &evt);

                        cr_expect(said == RT_EFORMAT || said >= 0, "%u, %u: %d", type, n, said);
                        cr_expect_eq(evt.info, &rti_events[evt.type]);
                        for (uint32_t i = evt.n_params; i < RTI_MOST_PARAMS; i++)
                                cr_expect_eq(evt.param[i].len, 0, "%u, %u", type, n);
                        if (said != RTI_CONVERT_PASS)
                                continue;
                        passed++;
                        cr_expect(!(evt.info->flags & RTI_EF_UNUSED), "%u", type);
                        if (evt.info->flags & RTI_EF_CONVERTER_MANAGED)
                                cr_expect(evt.info->exit && evt.n_params == evt.info->n_params
                                                  && !(evt.info->flags & RTI_EF_OLD_VERSION),
                                          "%u, %u: %u, %u", type, n, evt.type, evt.n_params);
                }
                memcpy(params + 3 * n, "b1 ", 3);
        }
        cr_expect_gt(passed, 1000);
        rti_convert_free(convert);
}

/* Many threads inside of calls: memory stays under its cap, those that came last are kept. */
Test(scap_convert, enter_halves_are_capped)
{
        const int64_t threads = 4 * RTI_SOURCE_MAX_ENTER_HALVES;
        rti_convert *convert = converter();
        unsigned kept = 0, last = 0;
        rti_sysevt evt;

        for (int64_t tid = 0; tid < threads; tid++)
                cr_assert_eq(give(convert, SYSCALL_CLOSE_E, tid, "q3", &evt), RTI_CONVERT_DROP);
        for (int64_t tid = 0; tid < threads; tid++) {
                cr_assert_eq(give(convert, SYSCALL_CLOSE_X, tid, "q0", &evt), RTI_CONVERT_PASS);
                kept += rti_arg_i64(&evt, 1, -1) == 3;
                last += rti_arg_i64(&evt, 1, -1) == 3 && tid >= threads - 100;
        }
        cr_expect_leq(kept, RTI_SOURCE_MAX_ENTER_HALVES);
        cr_expect_gt(kept, RTI_SOURCE_MAX_ENTER_HALVES / 2);
        cr_expect_eq(last, 100);
        rti_convert_free(convert);
}

Test(scap_convert, a_large_enter_half_is_not_kept_beyond_the_limit)
{
        const size_t size = RTI_SOURCE_MAX_ENTER_BYTES / 4;
        char *bytes = calloc(1, size);
        rti_convert *convert = converter();
        rti_sysevt evt;
        int said = RTI_CONVERT_DROP;

        for (int64_t tid = 0; tid < 5; tid++) {
                evt = (rti_sysevt){ .type = SYSCALL_UNLINK_E,
                                    .tid = tid,
                                    .n_params = 1,
                                    .info = &rti_events[SYSCALL_UNLINK_E] };
                evt.param[0] = (rt_str){ bytes, size };
                said = rti_convert_event(convert, &evt);
        }
        cr_expect_eq(said, RT_ELIMIT);
        rti_convert_free(convert);
        free(bytes);
}

Test(scap_convert, a_new_section_forgets_enter_halves)
{
        rti_convert *convert = converter();
        rti_sysevt evt;

        give(convert, SYSCALL_CLOSE_E, 1, "q3", &evt);
        rti_convert_clear(convert);
        cr_expect_eq(give(convert, SYSCALL_CLOSE_X, 1, "q0", &evt), RTI_CONVERT_PASS);
        cr_expect_eq(rti_arg_i64(&evt, 1, -1), 0);
        rti_convert_free(convert);
}
