/* SPDX-License-Identifier: Apache-2.0 */
/* explain.c - rtctl explain: how one rule decided over the first event of a file; or what the
 * kernel is asked for. */
#include "verbs.h"
#include "inputs.h"
#include <stdio.h>

static int
first_event(rt_worker *worker, const options *o)
{
        int r;

        do
                r = rt_worker_step(worker, NULL, NULL);
        while (r == RT_EAGAIN);
        if (r >= 0)
                return EXIT_GOOD;
        if (r == RT_EOF)
                complain("there is no event in '%s'", o->event);
        else
                complain("%s: %s", o->event, rt_status_name(r));
        return EXIT_BAD;
}

static int
explain_with(session *s, rt_worker *worker, const options *o)
{
        rt_str text;
        int r = inputs_open(s, &(workers){ .worker = worker }, o);

        if (!r)
                r = first_event(worker, o);
        if (r)
                return r;
        r = rt_worker_explain(worker, o->rule, &text);
        if (r == RT_ENOENT) {
                complain("there is no rule \"%s\" for this source", o->rule);
                return EXIT_USAGE;
        }
        if (r < 0) {
                complain("cannot explain: %s", rt_status_name(r));
                return EXIT_BAD;
        }
        fwrite(text.ptr, 1, text.len, stdout);
        return EXIT_GOOD;
}

/* What comes although no condition needs it, and what the kernel cannot tell: live/filter.c. */
static const char beyond[] =
        "beyond that\n"
        "    always  births, execs and ends of processes; chdir, fchdir and chroot\n"
        "    also    of these calls, those that make or change descriptors which rules look at\n"
        "    blind   what is asked of containers, of descriptors' numbers and of the path of a\n"
        "            descriptor in use leaves nothing out in the kernel: it is judged here\n"
        "    with    all arguments of an event, and what the kernel knows of its descriptor\n";

/* What the kernel is asked for. */
static int
explain_kernel(const options *o)
{
        session s;
        rt_str text;
        int r = session_open(&s, o);

        if (!r)
                r = session_rules(&s, o);
        if (!r)
                r = session_needs_text(&s, "explain --kernel");
        if (!r && rt_loader_dump(s.loader, "kernel", &text) < 0)
                r = EXIT_BAD;
        if (!r) {
                fwrite(text.ptr, 1, text.len, stdout);
                fputs(beyond, stdout);
        }
        session_close(&s);
        return r;
}

int
verb_explain(const options *o)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker = NULL;
        session s;
        int r;

        if (o->kernel)
                return explain_kernel(o);
        if (!o->rule || !o->event) {
                complain("explain needs --rule NAME and --event FILE, or --kernel");
                return EXIT_USAGE;
        }
        r = session_open(&s, o);
        if (!r)
                r = session_rules(&s, o);
        if (!r
            && (rt_engine_use(s.engine, s.rules) < 0
                || rt_worker_new(s.engine, &opts, &worker) < 0)) {
                complain("cannot start a worker");
                r = EXIT_BAD;
        }
        if (!r)
                r = explain_with(&s, worker, o);
        rt_worker_unref(worker);
        session_close(&s);
        return r;
}
