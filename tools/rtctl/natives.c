/* SPDX-License-Identifier: Apache-2.0 */
/* natives.c - libraries whose functions rule files may call: --natives-path. */
#include "natives.h"
#ifdef RT_HAVE_NATIVES
#include <libruntime-natives/natives.h>
#include <stdlib.h>

int
natives_allow(session *s, const options *o)
{
        rt_natives_opts opts = RT_INIT(rt_natives_opts);
        char **paths = grow(NULL, o->natives.n + 1, sizeof *paths);
        int r = RT_OK;

        for (; opts.n_paths < o->natives.n; opts.n_paths++) {
                paths[opts.n_paths] = realpath(o->natives.at[opts.n_paths], NULL);
                if (!paths[opts.n_paths]) {
                        complain("%s: there is no such file or directory",
                                 o->natives.at[opts.n_paths]);
                        r = RT_ENOENT;
                        break;
                }
        }
        opts.paths = (const char *const *) paths;
        if (r == RT_OK && (r = rt_natives_new(s->engine, &opts, &s->natives)) < 0)
                complain("native functions cannot be allowed: %s", rt_status_name(r));
        for (size_t i = 0; i < opts.n_paths; i++)
                free(paths[i]);
        free(paths);
        return r < 0 ? EXIT_BAD : 0;
}

void
natives_close(session *s)
{
        s->natives = rt_natives_unref(s->natives);
}
#else
int
natives_allow(session *s, const options *o)
{
        (void) s;
        if (!o->natives.n)
                return 0;
        complain("%s: this build has no native functions", o->natives.at[0]);
        return EXIT_BAD;
}

void
natives_close(session *s)
{
        (void) s;
}
#endif
