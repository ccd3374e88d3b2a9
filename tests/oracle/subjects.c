/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subjects.c - `subjects CAPTURE...`: do subjects keep what they promise?
 *
 * A rule that holds for every event prints all fields of system calls that are flagged
 * RT_FIELD_OF_SUBJECT. Wherever a subject comes again, all must be as they were the first time.
 */
#include "base/vec.h"
#include "engine/alert.h"
#include "engine/engine.h"
#include "lang/ops/family.h"
#include "libruntime-inputs/gzip.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 10 };

/* Of fields that may have an argument, these as well. */
static const char *const more[] = {
        "proc.aname[1]",         "proc.aname[2]",  "proc.aname[7]",    "proc.aexe[2]",
        "proc.apid[1]",          "proc.apid[3]",   "proc.aexepath[2]", "proc.args[1]",
        "thread.cgroup[memory]", "proc.env[PATH]",
};

typedef struct check {
        const char *input;
        RTI_VEC(char *) texts; /* per subject, what was printed first */
        uint64_t n_events, again, differences;
} check;

static void
die(const char *what, int r)
{
        fprintf(stderr, "subjects: %s: %s\n", what, rt_status_name(r));
        exit(2);
}

static rt_str
rule_text(const rt_engine *engine, rti_buf *buf)
{
        const rti_registry *registry = engine->registry;

        rti_buf_printf(buf, "- rule: r\n  desc: d\n  condition: evt.num >= 0\n  priority: DEBUG\n"
                            "  output: \"fields: ");
        for (size_t i = 0; i < rti_registry_fields(registry); i++) {
                const rt_field_desc *field = rti_registry_field(registry, (uint32_t) i);

                if (field->flags & RT_FIELD_OF_SUBJECT && !(field->flags & RT_FIELD_ARG_REQUIRED))
                        rti_buf_printf(buf, "%s=%%%s ", field->name, field->name);
        }
        for (size_t i = 0; i < RTI_COUNT(more); i++)
                rti_buf_printf(buf, "%s=%%%s ", more[i], more[i]);
        rti_buf_printf(buf, "\"\n");
        return rti_buf_str(buf);
}

/* Before the fields stands the time, which is the event's. */
static int
look(const rt_alert *alert, void *user)
{
        check *c = user;
        const uint64_t subject = alert->frame->event->subject;
        const char *text;
        rt_str line;
        int r = rt_alert_text(alert, &line);

        if (r < 0)
                die("output", r);
        c->n_events++;
        line = rti_str_sub(line, rti_find(line, RTI_STR("fields: ")), line.len);
        if (!subject)
                return 0;
        while (c->texts.n <= subject)
                if (rti_vec_push(&c->texts, &rti_alloc_default, NULL, UINT32_MAX) < 0)
                        die("texts", RT_ENOMEM);
        text = c->texts.at[subject];
        if (!text) {
                c->texts.at[subject] = strndup(line.ptr, line.len);
                return 0;
        }
        c->again++;
        if (rti_str_is(line, text) || c->differences++ >= SHOWN)
                return 0;
        printf("difference: %s: event %" PRIu64 ", subject %" PRIu64 ":\n  was %s\n  is  %.*s\n",
               c->input, rt_alert_event_number(alert), subject, text, RTI_FMT(line));
        return 0;
}

static void
run(rt_engine *engine, check *c)
{
        rt_worker *worker;
        int r = rt_worker_new(engine, NULL, &worker);

        r = r < 0 ? r : rt_worker_open(worker, "syscall", c->input);
        if (r < 0)
                die(c->input, r);
        while (r >= 0)
                r = rt_worker_step(worker, look, c);
        if (r != RT_EOF && r != RT_EFORMAT && r != RT_ELIMIT)
                die(c->input, r);
        rt_worker_unref(worker);
        for (size_t i = 0; i < c->texts.n; i++)
                free(c->texts.at[i]);
        c->texts.n = 0;
}

int
main(int argc, char **argv)
{
        rti_buf buf = { .allocator = &rti_alloc_default };
        rt_ruleset *rules = NULL;
        rt_loader *loader = NULL;
        rt_engine *engine;
        check c = { 0 };
        int r = rt_engine_new(NULL, &engine);

#ifdef RT_HAVE_GZIP
        r = r < 0 ? r : rt_engine_add_reader(engine, rt_gzip_reader());
#endif
        r = r < 0 ? r : rt_loader_new(engine, NULL, &loader);
        r = r < 0 ? r : rt_loader_add(loader, "all", rule_text(engine, &buf), NULL);
        r = r < 0 ? r : rt_loader_compile(loader, NULL, &rules);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        if (r < 0)
                die("rules", r);
        for (int i = 1; i < argc; i++) {
                c.input = argv[i];
                run(engine, &c);
        }
        printf("subjects: %d captures, %" PRIu64 " events\n", argc - 1, c.n_events);
        printf("total: %" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n",
               c.again - c.differences, c.differences);
        rti_vec_done(&c.texts, &rti_alloc_default);
        rti_buf_done(&buf);
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_engine_unref(engine);
        return c.differences > 0;
}
