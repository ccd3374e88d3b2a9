/* SPDX-License-Identifier: Apache-2.0 */
/* scripts.c - fields that the Lua scripts of --lua define. */
#include "scripts.h"
#include <stdio.h>
#ifdef RT_HAVE_LUA
#include "files.h"
#ifdef RT_HAVE_NATIVES
#include <libruntime-natives/natives.h>
#endif
#include <libruntime-lua/lua.h>
#include <stdlib.h>

struct scripts {
        rt_lua **at;
        size_t n;
};

static void
report(const char *field, const char *message, void *user)
{
        (void) user;
        complain("%s%s%s", message, field ? ": " : "", field ? field : "");
}

int
scripts_load(session *s, const options *o)
{
        rt_lua_opts opts = RT_INIT(rt_lua_opts);

        if (!o->lua.n)
                return 0;
        opts.report = report;
#ifdef RT_HAVE_NATIVES
        if (o->natives.n)
                opts.natives = rt_natives_calls_of(s->natives);
#endif
        s->scripts = grow(NULL, 1, sizeof *s->scripts);
        *s->scripts = (struct scripts){ grow(NULL, o->lua.n, sizeof(rt_lua *)), 0 };
        for (size_t i = 0; i < o->lua.n; i++) {
                const char *path = o->lua.at[i];
                rt_lua *lua = NULL;
                rt_str text;
                int r;

                if (file_read(path, &text))
                        return EXIT_BAD;
                r = rt_lua_new(s->engine, path, text, &opts, &lua);
                free((char *) (uintptr_t) text.ptr);
                if (r < 0) {
                        complain("%s: the script's fields cannot be added: %s", path,
                                 rt_status_name(r));
                        return EXIT_BAD;
                }
                s->scripts->at[s->scripts->n++] = lua;
        }
        return 0;
}

void
scripts_close(session *s)
{
        if (!s->scripts)
                return;
        for (size_t i = 0; i < s->scripts->n; i++)
                rt_lua_unref(s->scripts->at[i]);
        free(s->scripts->at);
        free(s->scripts);
        s->scripts = NULL;
}
#else
int
scripts_load(session *s, const options *o)
{
        (void) s;
        if (!o->lua.n)
                return 0;
        complain("%s: this build has no Lua", o->lua.at[0]);
        return EXIT_BAD;
}

void
scripts_close(session *s)
{
        (void) s;
}
#endif
