/* SPDX-License-Identifier: Apache-2.0 */
/* With a consumer that is too slow, made = judged + counted, for each class of events. */
#include "scene.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROUNDS = 20000, OPENS = 2, SECURITY_EVERY = 10, SMALL_RING = 64 * 1024 };

enum { OPEN_RULE, SOCKET_RULE, SETUID_RULE, NEVER_RULE };

static const char rules[] = "- rule: opens\n"
                            "  desc: d\n"
                            "  condition: evt.type = openat\n"
                            "  output: o\n"
                            "  priority: NOTICE\n"
                            "- rule: sockets\n"
                            "  desc: d\n"
                            "  condition: evt.type = socket\n"
                            "  output: o\n"
                            "  priority: NOTICE\n"
                            "- rule: setuids\n"
                            "  desc: d\n"
                            "  condition: evt.type = setuid\n"
                            "  output: o\n"
                            "  priority: NOTICE\n"
                            "- rule: never\n"
                            "  desc: d\n"
                            "  condition: evt.type = mmap\n"
                            "  output: o\n"
                            "  priority: NOTICE\n";

/* Opens that fail, sockets that fail, and setuid to who it is. */
static void
make_events(scene_shared *shared)
{
        for (uint64_t i = 0; i < ROUNDS; i++) {
                for (int k = 0; k < OPENS; k++)
                        syscall(SYS_openat, AT_FDCWD, "/nowhere/at/all", O_RDONLY);
                syscall(SYS_socket, -1, 0, 0);
                if (i % SECURITY_EVERY == 0) {
                        syscall(SYS_setuid, getuid());
                        shared->numbers[0]++;
                }
                shared->produced = (i + 1) * (OPENS + 1) + shared->numbers[0];
        }
}

Test(live_losses, a_slow_consumer_loses_what_is_counted_and_no_more)
{
        scene s = { .slower = 10 };
        rt_loss loss = RT_INIT(rt_loss);

        scene_open(&s, rules, SMALL_RING, make_events);
        scene_run(&s, 120);
        cr_expect_eq(s.by_rule[OPEN_RULE] + scene_lost(&s, RT_LOSS_EVENT, NULL, "file"),
                     (uint64_t) ROUNDS * OPENS, "%lu judged, %lu lost", s.by_rule[OPEN_RULE],
                     scene_lost(&s, RT_LOSS_EVENT, NULL, "file"));
        cr_expect_eq(s.by_rule[SOCKET_RULE] + scene_lost(&s, RT_LOSS_EVENT, NULL, "network"),
                     ROUNDS);
        cr_expect_eq(s.by_rule[SETUID_RULE] + scene_lost(&s, RT_LOSS_EVENT, NULL, "security"),
                     s.shared->numbers[0]);
        cr_expect_eq(s.alerts + scene_lost(&s, RT_LOSS_EVENT, NULL, NULL), s.shared->produced);
        cr_expect_lt(s.alerts, s.shared->produced / 2, "the consumer was slow: %lu of %lu",
                     s.alerts, s.shared->produced);

        cr_assert(scene_loss(&s, "ring full", "file", &loss));
        cr_expect_gt(loss.count, 0);
        cr_expect(scene_blinds(&s, &loss, OPEN_RULE));
        cr_expect_not(scene_blinds(&s, &loss, SOCKET_RULE));
        cr_expect_not(scene_blinds(&s, &loss, SETUID_RULE));
        cr_expect_not(scene_blinds(&s, &loss, NEVER_RULE));
        scene_close(&s);
}

Test(live_losses, a_consumer_that_keeps_up_loses_nothing)
{
        scene s = { 0 };

        scene_open(&s, rules, 0, make_events);
        scene_run(&s, 120);
        cr_expect_eq(s.alerts, s.shared->produced);
        cr_expect_eq(scene_lost(&s, RT_LOSS_EVENT, NULL, NULL), 0);
        scene_close(&s);
}
