/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules are swapped while the kernel delivers: each event is judged once, in its order, by one of
 * the rulesets, also when the next one wants other events and other fields than the last.
 */
#include "scene.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OPENS = 8000, SWAP_EVERY = 40, MOST_AHEAD = 2000, SEEN = 0 /* of scene_shared.numbers */ };

#define PLACE "/nowhere/at/all/"
#define OPENED                                             \
        "  desc: d\n  priority: NOTICE\n"                  \
        "  output: '%evt.arg.name'\n"                      \
        "  condition: evt.type = openat and evt.arg.name " \
        "startswith " PLACE "\n"
static const char plain[] = "- rule: plain\n" OPENED;
/* And other system calls, and what processes are; the rule holds of none of them. */
static const char more[] = "- rule: more\n" OPENED "- rule: others\n  desc: d\n"
                           "  priority: NOTICE\n  output: '%proc.cmdline'\n"
                           "  condition: evt.type in (ptrace, setuid, getcwd) and "
                           "proc.aname[2] = nobody\n";

typedef struct swapper {
        scene scene; /* the first member: what the callback is given */
        rt_ruleset *rules[2];
        unsigned next;  /* the number that comes now */
        unsigned by[2]; /* alerts of each ruleset */
} swapper;

/* Opens that fail, each of a name of its own, and a call that only one ruleset wants. */
static void
open_many(scene_shared *shared)
{
        char path[64];

        for (unsigned i = 0; i < OPENS; i++) {
                snprintf(path, sizeof path, PLACE "%u", i);
                syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
                syscall(SYS_setuid, getuid());
                shared->produced = i + 1;
                while (i > shared->numbers[SEEN] + MOST_AHEAD)
                        usleep(100);
        }
}

static int
on_alert(const rt_alert *alert, void *user)
{
        swapper *s = user;
        rt_str text;
        char end[32];

        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        snprintf(end, sizeof end, PLACE "%u", s->next);
        cr_assert(text.len > strlen(end)
                          && memcmp(text.ptr + text.len - strlen(end), end, strlen(end)) == 0,
                  "%s was to come, not %.*s", end, (int) text.len, text.ptr);
        s->next++;
        s->by[strcmp(rt_alert_rule(alert), "more") == 0]++;
        s->scene.shared->numbers[SEEN] = s->next;
        if (s->next % SWAP_EVERY == 0)
                cr_assert_eq(rt_engine_use(s->scene.engine, s->rules[s->next / SWAP_EVERY % 2]),
                             RT_OK);
        return 0;
}

Test(live_swap, no_event_is_lost_or_judged_twice)
{
        swapper s = { .scene.on_alert = on_alert };

        scene_open(&s.scene, plain, 0, open_many);
        s.rules[0] = s.scene.rules;
        cr_assert_eq(rt_compile(s.scene.engine, "more", (rt_str){ more, strlen(more) }, NULL,
                                &s.rules[1]),
                     RT_OK);
        scene_run(&s.scene, 120);
        cr_expect_eq(s.next, OPENS);
        cr_expect_eq(scene_lost(&s.scene, RT_LOSS_EVENT, NULL, NULL), 0);
        cr_expect_gt(s.by[0], OPENS / 3);
        cr_expect_gt(s.by[1], OPENS / 3);
        rt_ruleset_unref(s.rules[1]);
        scene_close(&s.scene);
}
