/* SPDX-License-Identifier: Apache-2.0 */
/* scripts.c - Lua scripts: items `hooks:` of rule files, and those of --lua. */
#include "scripts.h"
#include <stdio.h>
#ifdef RT_HAVE_LUA
#include "files.h"
#ifdef RT_HAVE_NATIVES
#include <libruntime-natives/natives.h>
#endif
#include <libruntime-lua/lua.h>
#include <stdlib.h>
#include <string.h>

/* Where what an output writes is put: --lua-output NAME=FILE. */
typedef struct place {
        const char *name; /* NAME=FILE; the name ends at the equals sign */
        FILE *file;
} place;

struct scripts {
        rt_lua_hooks *hooks;
        rt_lua_outputs *outputs; /* NULL: nobody is told of alerts */
        place *places;
        size_t n_places;
        bool flush;
};

static void
report(const char *field, const char *message, void *user)
{
        (void) user;
        complain("%s%s%s", message, field ? ": " : "", field ? field : "");
}

static void
put_log(const char *script, rt_str text, void *user)
{
        (void) user;
        complain("%s: %.*s", script, (int) text.len, text.ptr);
}

int
scripts_open(session *s, const options *o)
{
        rt_lua_opts opts = RT_INIT(rt_lua_opts);
        int r;

        opts.report = report;
        opts.log = put_log;
#ifdef RT_HAVE_NATIVES
        if (o->natives.n)
                opts.natives = rt_natives_calls_of(s->natives);
#endif
        s->scripts = grow(NULL, 1, sizeof *s->scripts);
        *s->scripts = (struct scripts){ NULL };
        r = rt_lua_hooks_new(s->engine, &opts, &s->scripts->hooks);
        if (r < 0)
                complain("scripts cannot be used: %s", rt_status_name(r));
        return r < 0 ? EXIT_BAD : 0;
}

int
scripts_load(session *s, const options *o, bool engine)
{
        for (size_t i = 0; i < o->lua.n; i++) {
                const char *path = o->lua.at[i];
                rt_str text;
                int r;

                if (file_read(path, &text))
                        return EXIT_BAD;
                r = rt_lua_hooks_load(s->scripts->hooks, engine ? NULL : s->loader, path, text);
                free((char *) (uintptr_t) text.ptr);
                if (r < 0) {
                        complain("%s: the script cannot be used: %s", path, rt_status_name(r));
                        return EXIT_BAD;
                }
        }
        return 0;
}

int
scripts_add_rules(session *s)
{
        return rt_lua_hooks_add_rules(s->scripts->hooks, s->loader, s->diags);
}

int
scripts_allow_workers(const session *s, const options *o)
{
        rt_lua_hook hook = RT_INIT(rt_lua_hook);

        for (size_t i = 0; o->workers != 1; i++) {
                if (rt_lua_hooks_get(s->scripts->hooks, i, &hook) < 0)
                        break;
                if (hook.kind != RT_LUA_DETECT)
                        continue;
                complain("%s:%d: the detection '%s' keeps state from event to event, which takes "
                         "one worker: leave out --workers",
                         hook.script, hook.line, hook.name);
                return EXIT_USAGE;
        }
        return 0;
}

/* ---- outputs ---- */

static int
put_written(const char *output, rt_str bytes, void *user)
{
        const struct scripts *scripts = user;
        FILE *to = stdout;

        for (size_t i = 0; i < scripts->n_places; i++) {
                const place *p = &scripts->places[i];

                if (strncmp(p->name, output, strlen(output)) == 0 && p->name[strlen(output)] == '=')
                        to = p->file;
        }
        fwrite(bytes.ptr, 1, bytes.len, to);
        return (scripts->flush && fflush(to) != 0) || ferror(to) ? RT_EIO : RT_OK;
}

static int
open_places(struct scripts *scripts, const options *o)
{
        scripts->places = grow(NULL, o->lua_outputs.n + 1, sizeof *scripts->places);
        for (size_t i = 0; i < o->lua_outputs.n; i++) {
                const char *path = strchr(o->lua_outputs.at[i], '=') + 1;
                FILE *file = fopen(path, "ae");

                if (!file) {
                        complain("cannot write '%s': %m", path);
                        return EXIT_BAD;
                }
                scripts->places[scripts->n_places++] = (place){ o->lua_outputs.at[i], file };
        }
        return 0;
}

int
scripts_use_outputs(session *s, const options *o, bool flush)
{
        rt_lua_outputs_opts opts = RT_INIT(rt_lua_outputs_opts);
        struct scripts *scripts = s->scripts;
        int r = RT_OK;

        if (!scripts->outputs) {
                scripts->flush = flush;
                if (open_places(scripts, o))
                        return EXIT_BAD;
                opts.write = put_written;
                opts.write_user = scripts;
                r = rt_lua_outputs_new(scripts->hooks, &opts, &scripts->outputs);
        }
        r = r < 0 ? r : rt_lua_outputs_use(scripts->outputs, s->compiled ? NULL : s->loader);
        if (r < 0)
                complain("the outputs of scripts cannot be used: %s", rt_status_name(r));
        return r < 0 ? EXIT_BAD : 0;
}

void
scripts_put(const session *s, const rt_alert *alert)
{
        (void) rt_lua_outputs_put(s->scripts->outputs, alert);
}

void
scripts_close(session *s)
{
        struct scripts *scripts = s->scripts;

        if (!scripts)
                return;
        rt_lua_outputs_unref(scripts->outputs);
        rt_lua_hooks_unref(scripts->hooks);
        for (size_t i = 0; i < scripts->n_places; i++)
                if (fclose(scripts->places[i].file) != 0)
                        complain("%s: not all that an output wrote is in it",
                                 strchr(scripts->places[i].name, '=') + 1);
        free(scripts->places);
        free(scripts);
        s->scripts = NULL;
}
#else
int
scripts_open(session *s, const options *o)
{
        (void) s;
        if (!o->lua.n)
                return 0;
        complain("%s: this build has no Lua", o->lua.at[0]);
        return EXIT_BAD;
}

int
scripts_load(session *s, const options *o, bool engine)
{
        (void) s, (void) o, (void) engine;
        return 0;
}

int
scripts_add_rules(session *s)
{
        (void) s;
        return 0;
}

int
scripts_allow_workers(const session *s, const options *o)
{
        (void) s, (void) o;
        return 0;
}

int
scripts_use_outputs(session *s, const options *o, bool flush)
{
        (void) s, (void) o, (void) flush;
        return 0;
}

void
scripts_put(const session *s, const rt_alert *alert)
{
        (void) s, (void) alert;
}

void
scripts_close(session *s)
{
        (void) s;
}
#endif
