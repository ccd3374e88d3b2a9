/* SPDX-License-Identifier: Apache-2.0 */
/* compiled.c - rules as a file that `rtctl compile -o` wrote. */
#include "compiled.h"
#include "files.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BEGINNING = 16 };

bool
compiled_is(const char *path)
{
        char bytes[BEGINNING];
        struct stat st;
        ssize_t n = -1;
        /* Reading from a pipe would take away what the rule loader wants to read. */
        const int fd =
                stat(path, &st) == 0 && S_ISREG(st.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;

        if (fd >= 0) {
                n = read(fd, bytes, sizeof bytes);
                close(fd);
        }
        return n > 0 && rt_ruleset_is_compiled((rt_str){ bytes, (size_t) n });
}

/* What acts when rules are compiled has been settled. */
static const char *
too_late(const options *o)
{
        if (o->config.n_rules)
                return "--enable, --disable and rules:";
        if (o->config.min_priority != RT_PRIORITY_DEBUG)
                return "--priority";
        return o->config.n_append_output ? "append_output" : NULL;
}

int
compiled_load(session *s, const options *o, const char *path)
{
        const char *late = too_late(o);
        int r;

        if (late) {
                complain("%s: %s must be given when the rules are compiled", path, late);
                return EXIT_USAGE;
        }
        r = rt_ruleset_load_path(s->engine, path, s->diags, &s->rules);
        if (r < 0 && r != RT_ERULES)
                complain("%s: %s", path, rt_status_name(r));
        s->compiled = r == 0;
        return r < 0 ? EXIT_BAD : 0;
}

int
compiled_write(const session *s, const char *path)
{
        rt_str bytes;

        if (rt_ruleset_bytes(s->rules, &bytes) < 0)
                return EXIT_BAD;
        return file_write(path, bytes);
}
