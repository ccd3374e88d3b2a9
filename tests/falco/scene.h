/* SPDX-License-Identifier: Apache-2.0 */
/* scene.h - plug-ins, an engine with one rule, a worker; and what came of it. */
#ifndef TESTS_FALCO_SCENE_H
#define TESTS_FALCO_SCENE_H

#include "host.h"

typedef struct scene {
        host h;
        rt_engine *engine;
        rt_worker *worker;
        char alerts[8192];  /* texts, each with a line feed */
        char skipped[4096]; /* "what\n" */
        int n_alerts;
} scene;

static inline void
on_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        scene *s = user;
        const size_t n = strnlen(s->skipped, sizeof s->skipped);

        (void) input, (void) offset;
        snprintf(s->skipped + n, sizeof s->skipped - n, "%s\n", what);
}

static inline int
on_alert(const rt_alert *alert, void *user)
{
        scene *s = user;
        const size_t n = strnlen(s->alerts, sizeof s->alerts);
        rt_str text;

        s->n_alerts++;
        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        /* Behind the time and the priority. */
        snprintf(s->alerts + n, sizeof s->alerts - n, "%.*s\n", (int) text.len, text.ptr);
        return RT_OK;
}

static inline void
use_rules(scene *s, const char *rules)
{
        const rt_str text = { rules, strlen(rules) };
        rt_ruleset *ruleset = NULL;
        rt_diags *diags = NULL;
        rt_str said = { "", 0 };

        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        if (rt_compile(s->engine, "r.yaml", text, diags, &ruleset) < 0) {
                (void) rt_diags_print(diags, RT_DIAGS_TEXT, 0, &said);
                cr_assert_fail("%.*s", (int) said.len, said.ptr);
        }
        cr_assert_eq(rt_engine_use(s->engine, ruleset), RT_OK);
        rt_ruleset_unref(ruleset);
        rt_diags_unref(diags);
}

/* One rule over every event of the source. */
static inline void
scene_begin(scene *s, const char *source, const char *condition, const char *output)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        char rules[4096];

        opts.skipped = on_skipped;
        opts.skipped_user = s;
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_falco_attach(s->h.falco, s->engine, s->h.message, sizeof s->h.message),
                     RT_OK, "%s", s->h.message);
        snprintf(rules, sizeof rules,
                 "- rule: r\n  desc: d\n  condition: %s\n  output: \"%s\"\n  priority: INFO\n"
                 "  source: %s\n",
                 condition, output, source);
        use_rules(s, rules);
        cr_assert_eq(rt_worker_new(s->engine, &opts, &s->worker), RT_OK);
}

static inline void
scene_init(scene *s, const char *plugin, const char *condition, const char *output)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        cr_assert_eq(host_load(&s->h, plugin, NULL), RT_OK, "%s", s->h.message);
        scene_begin(s, plugin, condition, output);
}

static inline void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        rt_falco_unref(s->h.falco);
}

/* Judge all of one input; the last result. */
static inline int
run(scene *s, const char *source, const char *params)
{
        int r;

        cr_assert_eq(rt_worker_open(s->worker, source, params), RT_OK);
        do
                r = rt_worker_step(s->worker, on_alert, s);
        while (r >= 0 || r == RT_EAGAIN);
        return r;
}

static inline uint64_t
lies(const scene *s)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        cr_assert_eq(rt_falco_get(s->h.falco, 0, &info), RT_OK);
        return info.lies;
}

static inline uint64_t
events(const scene *s)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);

        cr_assert_eq(rt_worker_stats_get(s->worker, &stats), RT_OK);
        return stats.events;
}

#endif
