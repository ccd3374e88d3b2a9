/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authlog.c - a source of one's own: lines such as `user=root ip=10.0.0.7 result=fail`.
 *
 *   usage   authlog RULES INPUT: judge INPUT and print the alerts
 *   event   one line; its payload is the line, without the line feed
 *   fields  auth.user, auth.ip, auth.result
 *
 * docs/writing-a-source.md explains it part by part.
 */
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SLOTS = 64 };

static const rt_field_desc fields[] = {
        { "auth.user", "authlog", RT_KIND_STRING, 0, RT_FORMAT_NONE, 0, "who tried to log in" },
        { "auth.ip", "authlog", RT_KIND_STRING, 0, RT_FORMAT_NONE, 0, "where from" },
        { "auth.result", "authlog", RT_KIND_STRING, 0, RT_FORMAT_NONE, 0, "ok or fail" },
};
/* Field -> what its word in a line begins with. */
static const char *const keys[] = { "user=", "ip=", "result=" };

/* One instance: which field each slot of the ruleset in force is. */
typedef struct authlog {
        size_t field[MOST_SLOTS];
} authlog;

static int
authlog_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        if (config->n_options > 0) {
                rt_diags_add_option(diags, config->options[0].key, "authlog has no options");
                return RT_EINVAL;
        }
        *ret_state = config->allocator->resize(NULL, sizeof(authlog), config->allocator->user);
        return *ret_state ? RT_OK : RT_ENOMEM;
}

static void
authlog_destroy(void *state)
{
        free(state); /* this program's allocator is malloc */
}

static int
authlog_demand(void *state, const rt_demand *demand)
{
        authlog *log = state;

        if (demand->n_slots > MOST_SLOTS)
                return RT_ENOMEM;
        for (size_t i = 0; i < demand->n_slots; i++) {
                const rt_slot_desc *slot =
                        (const void *) ((const char *) demand->slots + i * demand->slot_stride);
                size_t field = 0;

                while (strlen(fields[field].name) != slot->field.len
                       || memcmp(fields[field].name, slot->field.ptr, slot->field.len) != 0)
                        if (++field == sizeof fields / sizeof *fields)
                                return RT_ENOENT;
                log->field[i] = field;
        }
        return RT_OK;
}

static int
authlog_next(void *state, rt_input *input, rt_event *event)
{
        rt_str window = rt_input_window(input);
        const char *end;
        size_t length;
        int r;

        (void) state;
        while (!(end = window.len ? memchr(window.ptr, '\n', window.len) : NULL)) {
                r = rt_input_more(input);
                if (r < 0)
                        return r;
                window = rt_input_window(input);
                if (r == 0)
                        break; /* the last line has no line feed */
        }
        if (window.len == 0)
                return RT_EOF;
        length = end ? (size_t) (end - window.ptr) : window.len;
        event->payload = (rt_str){ window.ptr, length };
        event->position = rt_input_offset(input);
        event->type = RT_EVENT_PLUGIN;
        rt_input_consume(input, end ? length + 1 : length);
        return 1;
}

static int
authlog_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        const char *key = keys[((const authlog *) state)->field[slot]];
        const char *at = event->payload.ptr, *end = at + event->payload.len;

        while (at < end) {
                const char *blank = memchr(at, ' ', (size_t) (end - at));
                const char *stop = blank ? blank : end;
                const size_t skip = strlen(key);

                if ((size_t) (stop - at) >= skip && memcmp(at, key, skip) == 0) {
                        ret_value->kind = RT_KIND_STRING;
                        ret_value->as.s = (rt_str){ at + skip, (size_t) (stop - at) - skip };
                        return 1;
                }
                at = stop + 1;
        }
        return 0;
}

static const rt_source_ops authlog_ops = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "authlog",
        .plugin = "authlog",
        .version = "0.1.0",
        .fields = fields,
        .n_fields = sizeof fields / sizeof *fields,
        .field_stride = sizeof *fields,
        .create = authlog_create,
        .destroy = authlog_destroy,
        .demand = authlog_demand,
        .next = authlog_next,
        .extract = authlog_extract,
};

static int
print(const rt_alert *alert, void *user)
{
        rt_str text;
        const int r = rt_alert_json(alert, &text);

        if (r == RT_OK)
                fprintf(user, "%.*s\n", (int) text.len, text.ptr);
        return r;
}

int
main(int argc, char **argv)
{
        rt_engine *engine = NULL;
        rt_loader *loader = NULL;
        rt_diags *diags = NULL;
        rt_ruleset *rules = NULL;
        rt_worker *worker = NULL;
        rt_str text;
        int r = argc == 3 ? rt_engine_new(/* opts= */ NULL, &engine) : RT_EINVAL;

        r = r < 0 ? r : rt_engine_add_source(engine, &authlog_ops);
        r = r < 0 ? r : rt_diags_new(&diags);
        r = r < 0 ? r : rt_loader_new(engine, /* opts= */ NULL, &loader);
        r = r < 0 ? r : rt_loader_add_path(loader, argv[1], diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, &rules);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        r = r < 0 ? r : rt_worker_new(engine, /* opts= */ NULL, &worker);
        r = r < 0 ? r : rt_worker_open(worker, "authlog", argv[2]);
        while (r >= 0)
                r = rt_worker_step(worker, print, stdout);
        if (r != RT_EOF && diags && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) >= 0)
                fprintf(stderr, "%s\n%.*s", rt_status_name(r), (int) text.len, text.ptr);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        rt_engine_unref(engine);
        return r != RT_EOF;
}
