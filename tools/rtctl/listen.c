/* SPDX-License-Identifier: Apache-2.0 */
/* listen.c - events that are posted to us. */
#include "listen.h"
#include <inttypes.h>
#ifdef RT_HAVE_WEBHOOK
#include <libruntime-inputs/webhook.h>

enum { LOOK_AROUND_MS = 200 }; /* how soon an interrupt is noticed */

static void
report(rt_webhook *hook)
{
        rt_webhook_stats stats = RT_INIT(rt_webhook_stats);

        if (rt_webhook_stats_get(hook, &stats) == RT_OK && (stats.full || stats.refused))
                complain("%" PRIu64 " of %" PRIu64
                         " requests were turned away because the queue was "
                         "full, %" PRIu64 " were refused",
                         stats.full, stats.requests, stats.refused);
}

int
listen_until(const options *o, const char *source, const workers *judges, rt_alert_fn fn,
             void *user, bool (*go_on)(void *user))
{
        rt_webhook_opts opts = RT_INIT(rt_webhook_opts);
        const char *error = "";
        rt_webhook *hook;
        int r;

        opts.listen = o->listen;
        opts.certificate = o->tls_cert;
        opts.key = o->tls_key;
        r = rt_webhook_new(&opts, &hook, &error);
        if (r < 0) {
                complain("cannot listen on '%s': %s", o->listen, error);
                return r == RT_EINVAL ? EXIT_USAGE : EXIT_BAD;
        }
        complain("listening for audit events on port %u, path /k8s-audit", rt_webhook_port(hook));
        while (go_on(user)) {
                rt_str body;

                if (rt_webhook_next(hook, LOOK_AROUND_MS, &body) != 1)
                        continue;
                r = workers_feed(judges, source, body, fn, user);
                if (r < 0) {
                        complain("a posted body could not be judged: %s", rt_status_name(r));
                        if (r == RT_ENOMEM || r == RT_EIO)
                                break;
                }
        }
        report(hook);
        rt_webhook_unref(hook);
        return r < 0 && go_on(user) ? EXIT_BAD : 0;
}

#else

int
listen_until(const options *o, const char *source, const workers *judges, rt_alert_fn fn,
             void *user, bool (*go_on)(void *user))
{
        (void) o, (void) source, (void) judges, (void) fn, (void) user, (void) go_on;
        complain("this rtctl was built without the audit webhook (libmicrohttpd)");
        return EXIT_USAGE;
}

#endif
