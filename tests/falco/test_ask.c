/* SPDX-License-Identifier: Apache-2.0 */
/* What a host asks of plug-ins beside events: answers, and answers that cannot be true. */
#include "scene.h"

typedef struct numbers {
        char text[1024]; /* "name=value\n" */
        int n;
} numbers;

static void
on_metric(const rt_falco_metric *metric, void *user)
{
        numbers *all = user;
        const size_t n = strnlen(all->text, sizeof all->text);
        char *to = all->text + n;
        const size_t room = sizeof all->text - n;

        all->n++;
        if (metric->type == RT_FALCO_UNSIGNED)
                snprintf(to, room, "%s=%llu%s ", metric->name, (unsigned long long) metric->value.u,
                         metric->monotonic ? "+" : "");
        else if (metric->type == RT_FALCO_SIGNED)
                snprintf(to, room, "%s=%lld%s ", metric->name, (long long) metric->value.i,
                         metric->monotonic ? "+" : "");
        else
                snprintf(to, room, "%s=%g%s ", metric->name, metric->value.d,
                         metric->monotonic ? "+" : "");
}

static uint64_t
lies_of(const host *h, size_t index)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        cr_assert_eq(rt_falco_get(h->falco, index, &info), RT_OK);
        return info.lies;
}

Test(ask, metrics_of_every_type_are_read)
{
        numbers all = { .n = 0 };
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "ticker", NULL), RT_OK, "%s", h.message);
        cr_expect_eq(rt_falco_metrics(h.falco, 0, on_metric, &all), 7);
        cr_expect_str_eq(all.text,
                         "configs=0+ s32=-1 u64=18446744073709551615 s64=-9223372036854775808 "
                         "double=2.5+ float=-0.5+ int=-7+ ");
        cr_expect_eq(rt_falco_metrics(h.falco, 1, on_metric, &all), RT_ENOENT);
        cr_expect_eq(rt_falco_metrics(h.falco, 0, NULL, NULL), RT_EINVAL);
        rt_falco_unref(h.falco);
}

Test(ask, metrics_that_cannot_be_true_are_left_out)
{
        static const struct {
                const char *config, *said;
                int n;
        } rows[] = {
                { "metric_null", "get_metrics returned a number of metrics and no array", 0 },
                { "metric_size", "get_metrics returned more metrics than can be", 0 },
                { "metric_name", "get_metrics returned a name that is NULL, empty or does not end",
                  1 },
                { "metric_empty", "get_metrics returned a name that is NULL, empty or does not end",
                  1 },
                { "metric_endless",
                  "get_metrics returned a name that is NULL, empty or does not end", 1 },
                { "metric_type", "get_metrics returned a metric of a type that there is not", 1 },
                { "metric_value_type", "get_metrics returned a metric of a type that there is not",
                  1 },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                numbers all = { .n = 0 };
                host h;

                host_init(&h);
                cr_assert_eq(host_load(&h, "liar", NULL), RT_OK);
                cr_assert_eq(rt_falco_set_config(h.falco, 0, rows[i].config, NULL, 0), RT_OK);
                cr_expect_eq(rt_falco_metrics(h.falco, 0, on_metric, &all), rows[i].n, "%s",
                             rows[i].config);
                cr_expect_eq(all.n, rows[i].n);
                cr_expect(strstr(h.said, rows[i].said), "%s: %s", rows[i].config, h.said);
                cr_expect_eq(lies_of(&h, 0), 1, "%s", rows[i].config);
                rt_falco_unref(h.falco);
        }
}

Test(ask, another_configuration_is_checked_and_handed_on)
{
        static const struct {
                const char *config, *message;
                int result;
        } rows[] = {
                { "{\"fail\":false}", "", RT_OK },
                { NULL, "", RT_OK },
                { "[]", "init_config is not a JSON object", RT_EINVAL },
                { "{\"fail\":true}",
                  "plugin 'ticker': set_config failed: will not take {\"fail\":true}", RT_EIO },
        };
        numbers all = { .n = 0 };
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "ticker", NULL), RT_OK);
        cr_assert_eq(host_load(&h, "keeper", NULL), RT_OK);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                cr_expect_eq(rt_falco_set_config(h.falco, 0, rows[i].config, h.message,
                                                 sizeof h.message),
                             rows[i].result);
                cr_expect_str_eq(h.message, rows[i].message);
        }
        rt_falco_metrics(h.falco, 0, on_metric, &all);
        cr_expect(strstr(all.text, "configs=2+ "), "%s", all.text);
        cr_expect_eq(rt_falco_set_config(h.falco, 1, "", h.message, sizeof h.message), RT_ENOENT);
        cr_expect_str_eq(h.message,
                         "plugin 'keeper' takes its configuration only when it is loaded");
        cr_expect_eq(rt_falco_set_config(h.falco, 2, "", h.message, sizeof h.message), RT_ENOENT);
        cr_expect_str_eq(h.message, "there is no such plugin");
        rt_falco_unref(h.falco);
}

Test(ask, open_params_are_a_list_of_values_with_descriptions)
{
        static const char *const bad[] = { "params_null",     "params_json",  "params_object",
                                           "params_row",      "params_value", "params_desc",
                                           "params_separator" };
        char *text = NULL;
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "liar", NULL), RT_OK);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                rt_falco_set_config(h.falco, 0, bad[i], NULL, 0);
                cr_expect_eq(rt_falco_open_params(h.falco, 0, &text), RT_EFORMAT, "%s", bad[i]);
                cr_expect_eq(lies_of(&h, 0), i + 1);
        }
        cr_expect(strstr(h.said, "list_open_params returned what is no list of parameters"));
        rt_falco_set_config(h.falco, 0, "params_rc", NULL, 0);
        cr_expect_eq(rt_falco_open_params(h.falco, 0, &text), RT_EIO);
        rt_falco_set_config(h.falco, 0, "params_not", NULL, 0);
        cr_expect_eq(rt_falco_open_params(h.falco, 0, &text), RT_ENOENT);
        rt_falco_set_config(h.falco, 0, "", NULL, 0);
        cr_expect_eq(rt_falco_open_params(h.falco, 0, &text), RT_OK);
        cr_expect_str_eq(text, "[]");
        rt_falco_text_free(h.falco, text);
        rt_falco_unref(h.falco);
}

/* ---- progress ---- */

Test(ask, progress_is_that_of_the_open_input)
{
        uint32_t part = 0;
        char text[32] = "";
        scene s;
        int r;

        scene_init(&s, "ticker", "ticker.n > 0", "x");
        cr_expect_eq(rt_falco_progress(s.h.falco, 0, &part, text, sizeof text), RT_ENOENT);
        cr_assert_eq(rt_worker_open(s.worker, "ticker", "1000"), RT_OK);
        (void) rt_worker_step(s.worker, on_alert, &s);
        do
                r = rt_worker_step(s.worker, on_alert, &s);
        while (r >= 0 || r == RT_EAGAIN
                       ? rt_falco_progress(s.h.falco, 0, &part, text, sizeof text) == RT_EAGAIN
                       : 0);
        cr_expect_eq(part, 5000);
        cr_expect_str_eq(text, "half");
        while (r >= 0 || r == RT_EAGAIN)
                r = rt_worker_step(s.worker, on_alert, &s);
        cr_expect_eq(rt_falco_progress(s.h.falco, 0, &part, text, sizeof text), RT_ENOENT);
        cr_expect_eq(rt_falco_progress(s.h.falco, 1, &part, text, sizeof text), RT_ENOENT);
        scene_done(&s);
}

Test(ask, progress_that_cannot_be_is_cut)
{
        static const struct {
                const char *lie, *said;
                uint32_t part;
        } rows[] = {
                { "progress", "get_progress returned more than all of it", 10000 },
                { "progress_text", "get_progress returned a text that does not end", 1 },
                { "truth", NULL, 1 },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                uint32_t part = 0;
                char text[32] = "old";
                scene s;

                scene_init(&s, "liar", "evt.num > 0", "x");
                (void) rt_falco_progress(s.h.falco, 0, &part, text, sizeof text);
                cr_assert_eq(rt_worker_open(s.worker, "liar", rows[i].lie), RT_OK);
                (void) rt_worker_step(s.worker, on_alert, &s);
                cr_expect_eq(rt_falco_progress(s.h.falco, 0, &part, text, sizeof text), RT_OK);
                cr_expect_eq(part, rows[i].part);
                cr_expect_str_eq(text, "");
                if (rows[i].said)
                        cr_expect(strstr(s.h.said, rows[i].said), "%s", s.h.said);
                scene_done(&s);
        }
}

/* ---- state ---- */

typedef struct dumped {
        char names[64];
        int n, most;
} dumped;

static int
on_state(rt_str name, rt_str event, void *user)
{
        dumped *d = user;
        uint32_t id;

        if (d->n == d->most)
                return RT_EIO;
        d->n++;
        memcpy(&id, event.ptr + 26 + 12, sizeof id);
        cr_expect_eq(id, 0);
        snprintf(d->names + strlen(d->names), sizeof d->names - strlen(d->names), "%.*s ",
                 (int) name.len, name.ptr);
        return 0;
}

Test(ask, state_is_dumped_as_checked_async_events)
{
        dumped d = { .most = 2 };
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "herald", "news"), RT_OK);
        cr_assert_eq(host_load(&h, "ticker", ""), RT_OK);
        cr_expect_eq(rt_falco_dump_state(h.falco, 0, on_state, &d), RT_OK);
        cr_expect_str_eq(d.names, "alarm news ");
        cr_expect_eq(rt_falco_dump_state(h.falco, 1, on_state, &d), RT_ENOENT);
        cr_expect_eq(rt_falco_dump_state(h.falco, 0, NULL, &d), RT_EINVAL);
        /* The host has had enough: the plug-in is told so. */
        cr_expect_eq(rt_falco_dump_state(h.falco, 0, on_state, &d), RT_EIO);
        cr_expect(strstr(h.said, "herald:3:dump_state failed: the host does not want it\n"), "%s",
                  h.said);
        rt_falco_unref(h.falco);
}

Test(ask, state_that_is_wrong_is_refused)
{
        static const struct {
                const char *config, *said;
                uint64_t lies;
        } rows[] = {
                { "unwilling", "herald:3:dump_state failed: no more heralds\n", 0 },
                { "type", "herald:3:dump_state failed: an event is of a type that it may not be\n",
                  1 },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                dumped d = { .most = 2 };
                host h;

                host_init(&h);
                cr_assert_eq(host_load(&h, "herald", rows[i].config), RT_OK);
                cr_expect_eq(rt_falco_dump_state(h.falco, 0, on_state, &d), RT_EIO);
                cr_expect_eq(d.n, 0);
                cr_expect(strstr(h.said, rows[i].said), "%s", h.said);
                cr_expect_eq(lies_of(&h, 0), rows[i].lies);
                rt_falco_unref(h.falco);
        }
}
