/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_split.c - where a source cuts its input into records.
 *
 * A source drops records that lack a time or a type behind the cut, and says at which offset. So
 * the records are the events that it delivers, and what stands where it skipped something, if that
 * is JSON.
 */
#include "probe_engine.h"
#include "sources/builtin.h"
#include <stdlib.h>

enum { MAX_RECORDS = 256 };

typedef struct record {
        uint64_t offset;
        rt_str text;
} record;

/* The source under test and what it cut; callbacks get no pointer of ours. */
static const rt_source_ops *real;
static probe *current;
static record records[MAX_RECORDS];
static size_t n_records;

static void
add_record(uint64_t offset, rt_str text)
{
        if (n_records < MAX_RECORDS)
                records[n_records++] = (record){ offset, rti_arena_copy(&current->arena, text) };
}

static int
tap_next(void *state, rt_input *input, rt_event *event)
{
        const int r = real->next(state, input, event);

        if (r == 1)
                add_record(event->position, event->payload);
        return r;
}

/* What was skipped, if it is a whole JSON object. */
static void
on_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        const rt_str *content = user;
        json_error_t error;
        json_t *json;

        (void) input;
        (void) what;
        if (offset >= content->len)
                return;
        json = json_loadb(content->ptr + offset, content->len - offset, JSON_DISABLE_EOF_CHECK,
                          &error);
        if (json_is_object(json))
                add_record(offset, (rt_str){ content->ptr + offset, (size_t) error.position });
        json_decref(json);
}

static int
by_offset(const void *a, const void *b)
{
        const uint64_t x = ((const record *) a)->offset, y = ((const record *) b)->offset;

        return (x > y) - (x < y);
}

static int
no_alert(const rt_alert *alert, void *user)
{
        (void) alert;
        (void) user;
        return 0;
}

static int
feed(rt_engine *engine, const char *source, rt_str content)
{
        const rt_option reading = { "reading", "reference" };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_source_ops ops = *real;
        rt_worker *worker = NULL;
        rt_ruleset *rules;
        int r;

        ops.next = tap_next;
        opts.skipped = on_skipped;
        opts.skipped_user = &content;
        r = rt_engine_add_source(engine, &ops);
        if (r >= 0)
                r = rt_compile(engine, "none.yaml", RTI_STR("[]"), NULL, &rules);
        if (r < 0)
                return r;
        r = rt_engine_use(engine, rules);
        if (r >= 0)
                r = rt_worker_new(engine, &opts, &worker);
        if (r >= 0)
                r = rt_worker_configure(worker, source, &reading, 1, NULL);
        if (r >= 0)
                r = rt_worker_feed(worker, source, content, no_alert, NULL);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        return r;
}

/* split {source, content} -> {records: [text]} */
static void
run_split(probe *p)
{
        const char *source = json_string_value(json_object_get(p->request, "source"));
        const char *const none[] = { NULL };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        json_t *list = json_array();
        rt_engine *engine;
        int r;

        current = p;
        n_records = 0;
        real = NULL;
        for (size_t i = 0; !real && rti_builtin_sources[i].ops; i++)
                if (strcmp(rti_builtin_sources[i].ops->name, source) == 0)
                        real = rti_builtin_sources[i].ops;
        opts.sources = none;
        r = real ? rt_engine_new(&opts, &engine) : RT_ENOENT;
        if (r >= 0) {
                r = feed(engine, source, probe_text(p, "content"));
                rt_engine_unref(engine);
        }
        if (r < 0)
                probe_fail_status(p, r);
        qsort(records, n_records, sizeof *records, by_offset);
        for (size_t i = 0; i < n_records; i++)
                json_array_append_new(list, json_stringn(records[i].text.ptr, records[i].text.len));
        probe_set(p, "records", list);
}

const probe_op probe_split_ops[] = {
        { "split", run_split },
        { NULL, NULL },
};
