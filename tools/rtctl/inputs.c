/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.c - sources configured and inputs queued as the command line says. */
#include "inputs.h"
#include "plugins.h"
#include "readers.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sources that take --reading: the JSON ones. */
static bool
has_reading(const char *source)
{
        return strcmp(source, "syscall") != 0;
}

static int
configure(const workers *judges, const options *o, const source_arg *source)
{
        rt_option *pairs = grow(NULL, source->settings.n + 1, sizeof *pairs);
        char **keys = grow(NULL, source->settings.n + 1, sizeof *keys);
        rt_diags *diags = NULL;
        size_t n = 0;
        rt_str text;
        int r = rt_diags_new(&diags);

        for (size_t i = 0; i < source->settings.n; i++) {
                const char *equals = strchr(source->settings.at[i], '=');

                keys[i] = need(strndup(source->settings.at[i],
                                       (size_t) (equals - source->settings.at[i])));
                pairs[n++] = (rt_option){ keys[i], equals + 1 };
        }
        if (o->reading && has_reading(source->name))
                pairs[n++] = (rt_option){ "reading", o->reading };
        if (r == RT_OK && n)
                r = workers_configure(judges, source->name, pairs, n, diags);
        for (size_t i = 0; i < source->settings.n; i++)
                free(keys[i]);
        free(keys);
        free(pairs);
        if (r == RT_EINVAL && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                fwrite(text.ptr, 1, text.len, stderr);
        rt_diags_unref(diags);
        if (r == RT_EINVAL)
                return EXIT_USAGE;
        if (r < 0 && r != RT_ENOENT) {
                complain("source '%s': %s", source->name, rt_status_name(r));
                return EXIT_BAD;
        }
        return 0;
}

/* Why rt_worker_open said RT_ENOENT. */
static void
explain_missing(const session *s, const char *name)
{
        rt_source_info info = RT_INIT(rt_source_info);

        for (size_t i = 0; rt_engine_source(s->engine, i, &info) == RT_OK; i++)
                if (strcmp(info.name, name) == 0) {
                        complain("events of source '%s' cannot be read by this version; rules for "
                                 "it load and are checked",
                                 name);
                        return;
                }
        complain("there is no source '%s'; `rtctl list sources` shows which there are", name);
}

/* Why this machine cannot be watched. */
static int
explain_live(int status)
{
        char why[512];

        readers_explain_live(why, sizeof why);
        complain("this machine cannot be watched: %s", *why ? why : rt_status_name(status));
        complain("captures can: rtctl run -e FILE");
        return EXIT_BAD;
}

/* Is it the name of a plug-in that makes system calls, and why could it not be opened? */
static bool
explain_plugin(const session *s, const char *path, int status)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        const char *name;
        size_t len;

        if (strncmp(path, "plugin:", strlen("plugin:")) != 0)
                return false;
        name = path + strlen("plugin:");
        len = strcspn(name, ":");
        for (size_t i = 0; s->falco && rt_falco_get(s->falco, i, &info) == RT_OK; i++)
                if (strlen(info.name) == len && strncmp(info.name, name, len) == 0
                    && info.capabilities & RT_FALCO_SOURCING && !*info.source) {
                        complain("cannot read '%s': %s", path, rt_status_name(status));
                        return true;
                }
        complain("no plug-in '%.*s' that makes system calls was loaded; `rtctl list plugins -c "
                 "FILE` shows which there are",
                 (int) len, name);
        return true;
}

static int
open_input(session *s, const workers *judges, const char *source, const char *path)
{
        int r;

        errno = 0;
        r = workers_open(judges, source, path);
        if (r < 0 && strncmp(path, "kernel:", strlen("kernel:")) == 0)
                return explain_live(r);
        if (r < 0 && explain_plugin(s, path, r))
                return EXIT_BAD;
        if (r == RT_ENOENT)
                explain_missing(s, source);
        else if (r == RT_EIO && errno)
                complain("cannot read '%s': %s", path, strerror(errno));
        else if (r < 0)
                complain("cannot read '%s': %s", path, rt_status_name(r));
        return r < 0 ? EXIT_BAD : 0;
}

/* Watch this machine as well as can be: by its system calls, else by its processes. */
static int
open_machine(const workers *judges)
{
        char why[512];
        int r = workers_open(judges, "syscall", "kernel:");

        if (r >= 0)
                return 0;
        readers_explain_live(why, sizeof why);
        complain("system calls cannot be watched: %s", *why ? why : rt_status_name(r));
        r = workers_open(judges, "syscall", "connector:");
        if (r >= 0) {
                complain("warning: going on with the kernel's process connector: it shows when "
                         "programs start and end, but neither files nor network, so most rules "
                         "cannot fire");
                return 0;
        }
        readers_explain_fallback(why, sizeof why);
        complain("nor can starts and ends of programs: %s", *why ? why : rt_status_name(r));
        complain("captures can: rtctl run -e FILE");
        return EXIT_BAD;
}

static int
open_plugin(session *s, const workers *judges, const plugin_entry *plugin, const char *source)
{
        char *input = plugins_input(s, plugin);
        const int r = open_input(s, judges, source, input);

        free(input);
        return r;
}

/* What a source reads when no input is named: this machine, what a plug-in's open_params say, or
 * standard input. */
static int
open_default(session *s, const workers *judges, const options *o, const char *source)
{
        const plugin_entry *plugin = plugins_of_source(s, o, source);

        if (plugin)
                return open_plugin(s, judges, plugin, source);
        if (strcmp(source, "syscall") == 0)
                return open_machine(judges);
        return open_input(s, judges, source, "-");
}

static int
open_source(session *s, const workers *judges, const options *o, const source_arg *source)
{
        int r = configure(judges, o, source);

        if (!r && !source->inputs.n && !o->event && !o->listen)
                return open_default(s, judges, o, source->name);
        for (size_t i = 0; !r && i < source->inputs.n; i++)
                r = open_input(s, judges, source->name, source->inputs.at[i]);
        return r;
}

/* A plug-in that stands for a built-in source: its open_params name an input. */
static int
open_built_in(session *s, const workers *judges, const plugin_entry *plugin, bool *ret_any)
{
        rt_source_info info = RT_INIT(rt_source_info);

        if (!plugin->open_params || !*plugin->open_params)
                return 0;
        for (size_t n = 0; rt_engine_source(s->engine, n, &info) == RT_OK; n++)
                if (info.plugin && strcmp(info.plugin, plugin->name) == 0) {
                        *ret_any = true;
                        if (open_input(s, judges, info.name, plugin->open_params))
                                return EXIT_BAD;
                }
        return 0;
}

/* falco.yaml's load_plugins and plugins: their open_params are inputs; of one that was loaded, also
 * if there are none. */
static int
open_plugins(session *s, const workers *judges, const options *o, bool *ret_any)
{
        const settings *c = &o->config;
        int r = 0;

        for (size_t i = 0; i < c->n_plugins && !r; i++) {
                const plugin_entry *plugin = &c->plugins[i];
                const char *source = plugins_source(s, plugin);

                if (!plugins_wanted(c, plugin))
                        continue;
                if (!source) {
                        r = open_built_in(s, judges, plugin, ret_any);
                        continue;
                }
                *ret_any = true;
                if (strcmp(source, "syscall") != 0 && plugins_of_source(s, o, source) != plugin)
                        continue; /* another plug-in makes the source's events */
                r = open_plugin(s, judges, plugin, source);
        }
        return r;
}

/* A file that is followed never ends, so that no other input would have its turn. */
static bool
can_follow(const options *o)
{
        return o->n_sources == 1 && o->sources[0].inputs.n == 1;
}

int
inputs_open(session *s, const workers *judges, const options *o)
{
        bool any = false;
        int r = 0;

        if (o->follow && !can_follow(o)) {
                complain("--follow takes one --source with one file");
                return EXIT_USAGE;
        }

        for (size_t i = 0; !r && i < o->n_sources; i++)
                r = open_source(s, judges, o, &o->sources[i]);
        if (!r && o->event)
                return open_input(s, judges, o->n_sources ? o->sources[0].name : "syscall",
                                  o->event);
        if (r || o->n_sources || o->listen)
                return r;
        r = open_plugins(s, judges, o, &any);
        if (!r && !any)
                r = open_machine(judges);
        return r;
}
