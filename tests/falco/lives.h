/* SPDX-License-Identifier: Apache-2.0 */
/* lives.h - plug-ins, an engine with one rule: for programs that do without a test framework. */
#ifndef TESTS_FALCO_LIVES_H
#define TESTS_FALCO_LIVES_H

#include "base/str.h"
#include <libruntime-falco/falco.h>
#include <libruntime/runtime.h>
#include <stdio.h>

enum { MOST_PLUGINS = 6 };

typedef struct plan {
        const char *name;
        const char *plugins[MOST_PLUGINS][2]; /* with their configurations */
        const char *source, *condition, *output;
        const char *params; /* of an input that is opened; NULL: a capture */
        uint64_t alerts;    /* that there are to be */
} plan;

typedef struct life {
        const char *folder; /* of plug-ins */
        const char *helper; /* NULL: plug-ins are in this process */
        rt_falco *falco;
        rt_engine *engine;
        rt_worker *worker; /* one's own */
        uint64_t alerts;
        bool began; /* all of it: then there are alerts */
        char message[256];
} life;

/* The first failure counts; later calls are left out. */
#define STEP(call) (r = r < 0 ? r : (call))

static inline int
life_load(life *l, const char *const what[2])
{
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        char path[4096];

        snprintf(path, sizeof path, "%s/%s.so", l->folder, what[0]);
        plugin.library_path = path;
        plugin.init_config = what[1];
        plugin.flags = l->helper ? RT_FALCO_ISOLATED : 0;
        plugin.helper = l->helper;
        return rt_falco_load(l->falco, &plugin, l->message, sizeof l->message);
}

/* Everything up to a worker. */
static inline int
life_begin(life *l, const plan *p, const rt_allocator *allocator)
{
        rt_falco_opts opts = RT_INIT(rt_falco_opts);
        rt_engine_opts engine_opts = RT_INIT(rt_engine_opts);
        rt_ruleset *rules = NULL;
        char text[2048];
        int r = RT_OK;

        opts.allocator = engine_opts.allocator = allocator;
        engine_opts.hostname = "host";
        STEP(rt_falco_new(&opts, &l->falco));
        for (size_t i = 0; r == RT_OK && i < MOST_PLUGINS && p->plugins[i][0]; i++)
                STEP(life_load(l, p->plugins[i]));
        STEP(rt_engine_new(&engine_opts, &l->engine));
        STEP(rt_falco_attach(l->falco, l->engine, l->message, sizeof l->message));
        snprintf(text, sizeof text,
                 "- rule: r\n  desc: d\n  condition: %s\n  output: \"%s\"\n  priority: INFO\n"
                 "  source: %s\n",
                 p->condition, p->output, p->source);
        STEP(rt_compile(l->engine, "r.yaml", rti_str_of(text), NULL, &rules));
        STEP(rt_engine_use(l->engine, rules));
        STEP(rt_worker_new(l->engine, NULL, &l->worker));
        rt_ruleset_unref(rules);
        return r;
}

static inline void
life_end(life *l)
{
        rt_worker_unref(l->worker);
        rt_engine_unref(l->engine);
        rt_falco_unref(l->falco);
}

static inline int
life_alert(const rt_alert *alert, void *user)
{
        rt_str text;

        ++*(uint64_t *) user;
        return rt_alert_text(alert, &text);
}

/* Judge the input, or the capture. */
static inline int
life_judge(const plan *p, rt_worker *worker, rt_str capture, uint64_t *alerts)
{
        int r = RT_OK;

        if (!p->params)
                return rt_worker_feed(worker, p->source, capture, life_alert, alerts);
        STEP(rt_worker_open(worker, p->source, p->params));
        while (r >= 0 || r == RT_EAGAIN)
                r = rt_worker_step(worker, life_alert, alerts);
        return r == RT_EOF ? RT_OK : r;
}

#endif
