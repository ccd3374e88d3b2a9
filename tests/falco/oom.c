/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oom.c - every allocation of the host of plug-ins fails once.
 *
 * Each plan is a life with plug-ins, from rt_falco_new to the last unref. It is run with the first
 * allocation failing, then the second, and so on until none fails; each time alone, and with all
 * that follow. Nothing may crash, nothing may leak, what failed at loading says so, and a plug-in
 * is not called a liar for it.
 */
#include "../support/failing.h"
#include "capture.h"
#include "lives.h"
#include <unistd.h>

/* ---- what is done ---- */

static void
on_metric(const rt_falco_metric *metric, void *user)
{
        (void) metric;
        ++*(int *) user;
}

static int
on_state(rt_str name, rt_str event, void *user)
{
        (void) name;
        (void) event;
        ++*(int *) user;
        return RT_OK;
}

/* Ask every plug-in all there is to ask. What it does not have is no failure. */
static int
ask(life *l)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        int r = RT_OK;

        for (size_t i = 0; rt_falco_get(l->falco, i, &info) == RT_OK; i++) {
                char text[64], *params = NULL;
                uint32_t part;
                int n = 0, got[5];

                got[0] = rt_falco_open_params(l->falco, i, &params);
                rt_falco_text_free(l->falco, params);
                got[1] = rt_falco_metrics(l->falco, i, on_metric, &n);
                got[2] = rt_falco_set_config(l->falco, i, "{\"rate\":2}", text, sizeof text);
                got[3] = rt_falco_dump_state(l->falco, i, on_state, &n);
                got[4] = rt_falco_progress(l->falco, i, &part, text, sizeof text);
                for (size_t k = 0; k < RTI_COUNT(got); k++)
                        if (got[k] < 0 && got[k] != RT_ENOENT && got[k] != RT_EAGAIN)
                                STEP(got[k]);
        }
        return r;
}

/* No plug-in is said to have lied. */
static bool
is_fair(const life *l)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        for (size_t i = 0; l->falco && rt_falco_get(l->falco, i, &info) == RT_OK; i++)
                if (info.lies) {
                        printf("%s: called a liar\n", info.name);
                        return false;
                }
        return true;
}

static int
live(life *l, const plan *p, failing *f, const rti_buf *capture)
{
        const rt_allocator allocator = { sizeof allocator, failing_resize, f };
        int r = life_begin(l, p, &allocator);

        l->began = r == RT_OK;
        for (int i = 0; i < 2; i++)
                STEP(life_judge(p, l->worker, rti_buf_str(capture), &l->alerts));
        return STEP(ask(l));
}

/* Run it until nothing fails any more. False: something was wrong. */
static bool
run(const plan *p, const char *folder, const rti_buf *capture, bool for_good)
{
        for (uint64_t at = 1;; at++) {
                failing f = failing_at(at, for_good);
                life l = { .folder = folder };
                const int r = live(&l, p, &f, capture);
                bool wrong = !is_fair(&l);

                life_end(&l);
                /* A plug-in that was refused something says RT_EIO, in its own words. */
                wrong = wrong || f.alive || (r < 0 && !f.failed)
                        || (r < 0 && r != RT_ENOMEM && r != RT_EIO)
                        || (r == RT_EIO && !l.began && !*l.message)
                        || (!f.failed && l.alerts != p->alerts);
                if (wrong) {
                        printf("%s: allocation %d of it failing: %s (%s), %d not freed, %d "
                               "alerts\n",
                               p->name, (int) at, rt_status_name(r), l.message, (int) f.alive,
                               (int) l.alerts);
                        return false;
                }
                if (!f.failed) {
                        printf("%s: %d allocations, each failed %s\n", p->name, (int) f.calls,
                               for_good ? "with all behind it" : "alone");
                        return true;
                }
        }
}

int
main(int argc, char **argv)
{
        static char path[] = "/tmp/falco-oomXXXXXX";
        static const plan plans[] = {
                { "source",
                  { { "ticker", "{\"names\":[\"a\"],\"next\":{\"host\":\"h\"}}" } },
                  "ticker",
                  "ticker.n > 0 and ticker.arg[abc] = abc and ticker.words intersects (w1, w2)",
                  "%ticker.text %ticker.numbers %ticker.index[3] %evt.plugininfo",
                  "2",
                  4 },
                { "fields of others",
                  { { "measurer", NULL }, { "ticker", NULL } },
                  "ticker",
                  "measurer.length > 0",
                  "%measurer.payload %measurer.source",
                  "2",
                  4 },
                { "tables of plug-ins",
                  { { "keeper", "" }, { "ticker", "" }, { "guest", "" }, { "lender", "" } },
                  "ticker",
                  "ticker.n > 0",
                  "%guest.inner %guest.sum %lender.said",
                  "3",
                  6 },
                { "async events",
                  { { "herald", "once" }, { "ticker", "" }, { "keeper", "" } },
                  "ticker",
                  "ticker.n > 0",
                  "%keeper.asyncs %herald.rounds",
                  "2",
                  4 },
                { "tables of the system",
                  { { "warden", "add" }, { "visitor", "" }, { "herald", "once" } },
                  "syscall",
                  "evt.type in (openat, close)",
                  "%visitor.threads %visitor.fds %visitor.list[args] %visitor.thread[mark]",
                  NULL,
                  8 },
                { "system calls of a plug-in",
                  { { "driver", "" }, { "visitor", "" } },
                  "syscall",
                  "evt.type = close",
                  "%visitor.threads %proc.exepath",
                  "plugin:driver:5 1 q0 q3;own 5 1 q0 q4;5 4194303 q0 q4",
                  6 },
                { "records",
                  { { "notary", "" }, { "herald", "once" } },
                  "json",
                  "json.value[/a] exists",
                  "%notary.last %notary.captures",
                  path,
                  4 },
        };
        rti_buf capture = capture_of_opens();
        const int fd = mkstemp(path);
        bool good = argc == 2 && fd >= 0 && write(fd, "{\"a\":1}\n{\"a\":2}\n", 16) == 16;

        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t i = 0; good && i < RTI_COUNT(plans); i++)
                for (int for_good = 0; for_good < 2; for_good++)
                        good = run(&plans[i], argv[1], &capture, for_good) && good;
        close(fd);
        unlink(path);
        rti_buf_done(&capture);
        return good ? 0 : 1;
}
