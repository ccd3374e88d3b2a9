/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugins.c - Falco's plug-ins that the settings name.
 *
 * An entry whose library is not there stands for the built-in source of that plug-in, if there is
 * one: falco.yaml as it is shipped names libraries that this program does not need.
 */
#include "plugins.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "/usr/share/falco/plugins/"

enum { MOST_MESSAGE = 1024 };

static void
on_log(const char *plugin, uint32_t severity, const char *message, void *user)
{
        (void) user;
        if (severity <= RT_FALCO_NOTICE)
                complain("plugin '%s': %s%s", plugin,
                         severity == RT_FALCO_WARNING  ? "warning: "
                         : severity == RT_FALCO_NOTICE ? "note: "
                                                       : "",
                         message);
}

/* Where the library is: a relative path is one of Falco's folder, else of this one. Freed by the
 * caller. */
static char *
library_of(const plugin_entry *entry)
{
        char *path = NULL;

        if (*entry->library_path == '/')
                return copy_text(entry->library_path);
        if (asprintf(&path, FOLDER "%s", entry->library_path) < 0)
                need(NULL);
        if (access(path, F_OK) == 0)
                return path;
        free(path);
        /* dlopen looks for a bare name elsewhere. */
        if (asprintf(&path, "%s%s", strchr(entry->library_path, '/') ? "" : "./",
                     entry->library_path)
            < 0)
                need(NULL);
        return path;
}

static bool
is_built_in(const session *s, const char *plugin)
{
        rt_source_info info = RT_INIT(rt_source_info);

        for (size_t i = 0; rt_engine_source(s->engine, i, &info) == RT_OK; i++)
                if (info.plugin && strcmp(info.plugin, plugin) == 0)
                        return true;
        return false;
}

bool
plugins_wanted(const settings *c, const plugin_entry *entry)
{
        for (size_t i = 0; i < c->load_plugins.n; i++)
                if (strcmp(c->load_plugins.at[i], entry->name) == 0)
                        return true;
        return !c->load_plugins_set && entry->library_path && *entry->library_path;
}

/* The program that has a plug-in to itself: what RT_PLUGIN_HOST names; else where it is installed
 * beside this one, or built beside it. NULL: where the library looks. Freed by the caller. */
static char *
find_helper(void)
{
        static const char *const places[] = { "../libexec/libruntime-plugin-host",
                                              "../../src/falco/isolate/libruntime-plugin-host" };
        const char *told = secure_getenv("RT_PLUGIN_HOST");
        char self[PATH_MAX];
        const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
        char *slash, *path = NULL;

        if (told && *told)
                return copy_text(told);
        self[n < 0 ? 0 : n] = '\0';
        slash = strrchr(self, '/');
        for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
                if (asprintf(&path, "%.*s/%s", (int) (slash - self), self, places[i]) < 0)
                        need(NULL);
                if (access(path, X_OK) == 0)
                        return path;
                free(path);
        }
        return NULL;
}

static int
load(session *s, const plugin_entry *entry, bool isolated)
{
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        rt_falco_info info = RT_INIT(rt_falco_info);
        char message[MOST_MESSAGE];
        char *path = library_of(entry), *helper = NULL;
        size_t n = 0;
        int r;

        if (access(path, F_OK) < 0 && is_built_in(s, entry->name)) {
                complain("note: plugin '%s': there is no '%s'; the built-in one is used",
                         entry->name, path);
                free(path);
                return 0;
        }
        plugin.library_path = path;
        plugin.init_config = entry->init_config;
        if (isolated || entry->isolated) {
                plugin.flags = RT_FALCO_ISOLATED | (entry->reopen ? RT_FALCO_REOPENED : 0);
                plugin.restarts = entry->restarts;
                plugin.memory_bytes = (uint64_t) entry->memory_mb << 20;
                plugin.deadline_ms = entry->deadline_ms;
                plugin.helper = helper = find_helper();
        }
        plugin.flags |= entry->elsewhere ? RT_FALCO_ELSEWHERE : 0;
        r = rt_falco_load(s->falco, &plugin, message, sizeof message);
        if (r < 0)
                complain("cannot load plugin '%s' (%s): %s", entry->name, path, message);
        free(path);
        free(helper);
        if (r < 0)
                return EXIT_BAD;
        while (rt_falco_get(s->falco, n, &info) == RT_OK)
                n++;
        if (strcmp(info.name, entry->name) != 0) {
                complain("plugin '%s': its library calls itself '%s'; that is the name to use",
                         entry->name, info.name);
                return EXIT_BAD;
        }
        return 0;
}

/* All that load_plugins names are in plugins, or built in. */
static int
check_names(const session *s, const settings *c)
{
        for (size_t i = 0; i < c->load_plugins.n; i++) {
                bool known = is_built_in(s, c->load_plugins.at[i]);

                for (size_t k = 0; k < c->n_plugins && !known; k++)
                        known = strcmp(c->plugins[k].name, c->load_plugins.at[i]) == 0;
                if (!known) {
                        complain("cannot load plugin '%s': plugin config not found for given name",
                                 c->load_plugins.at[i]);
                        return EXIT_BAD;
                }
        }
        return 0;
}

int
plugins_load(session *s, const options *o)
{
        const settings *c = &o->config;
        rt_falco_opts opts = RT_INIT(rt_falco_opts);
        char message[MOST_MESSAGE];
        int r = check_names(s, c);

        if (r || !c->n_plugins)
                return r;
        opts.log = on_log;
        r = rt_falco_new(&opts, &s->falco);
        if (r < 0) {
                complain("cannot load plug-ins: %s", rt_status_name(r));
                return EXIT_BAD;
        }
        for (size_t i = 0; i < c->n_plugins; i++)
                if (c->plugins[i].library_path && *c->plugins[i].library_path
                    && plugins_wanted(c, &c->plugins[i])
                    && (r = load(s, &c->plugins[i], o->isolate_plugins)))
                        return r;
        r = rt_falco_attach(s->falco, s->engine, message, sizeof message);
        if (r < 0)
                complain("cannot use the plug-ins: %s", *message ? message : rt_status_name(r));
        return r < 0 ? EXIT_BAD : 0;
}

/* 0: *ret_info is what is known of the plug-in of an entry. RT_ENOENT: it was not loaded. */
static int
find(const session *s, const plugin_entry *entry, rt_falco_info *ret_info)
{
        for (size_t i = 0; s->falco && rt_falco_get(s->falco, i, ret_info) == RT_OK; i++)
                if (strcmp(ret_info->name, entry->name) == 0)
                        return RT_OK;
        return RT_ENOENT;
}

static bool
makes_calls(const rt_falco_info *info)
{
        return info->capabilities & RT_FALCO_SOURCING && !*info->source;
}

const char *
plugins_source(const session *s, const plugin_entry *entry)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        if (find(s, entry, &info) < 0)
                return NULL;
        return makes_calls(&info) ? "syscall" : *info.source ? info.source : NULL;
}

char *
plugins_input(const session *s, const plugin_entry *entry)
{
        const char *params = entry->open_params ? entry->open_params : "";
        rt_falco_info info = RT_INIT(rt_falco_info);
        char *name = NULL;

        if (find(s, entry, &info) < 0 || !makes_calls(&info))
                return copy_text(params);
        if (asprintf(&name, "plugin:%s:%s", entry->name, params) < 0)
                need(NULL);
        return name;
}

const plugin_entry *
plugins_of_source(const session *s, const options *o, const char *source)
{
        for (size_t i = 0; i < o->config.n_plugins; i++) {
                const char *its = plugins_source(s, &o->config.plugins[i]);

                if (its && strcmp(its, source) == 0)
                        return &o->config.plugins[i];
        }
        return NULL;
}

void
plugins_caps(uint32_t capabilities, char *to, size_t room)
{
        static const char *const names[] = { "sourcing", "extraction", "parsing", "async",
                                             "listening" };
        size_t len = 0;

        *to = '\0';
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (capabilities >> i & 1 && len < room)
                        len += (size_t) snprintf(to + len, room - len, "%s%s", len ? "," : "",
                                                 names[i]);
}
