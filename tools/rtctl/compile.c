/* SPDX-License-Identifier: Apache-2.0 */
/* compile.c - rtctl compile and rtctl describe: what the rules became. */
#include "compiled.h"
#include "verbs.h"
#include <stdio.h>

static int
print_or_complain(int r, rt_str text, const char *what)
{
        if (r == RT_ENOENT) {
                complain("there is no %s", what);
                return EXIT_USAGE;
        }
        if (r < 0) {
                complain("%s: %s", what, rt_status_name(r));
                return EXIT_BAD;
        }
        fwrite(text.ptr, 1, text.len, stdout);
        if (text.len && text.ptr[text.len - 1] != '\n')
                fputc('\n', stdout);
        return EXIT_GOOD;
}

int
verb_compile(const options *o)
{
        const char *stage = o->dump ? o->dump : "program";
        char what[128];
        session s;
        rt_str text = { NULL, 0 };
        int r = session_open(&s, o);

        snprintf(what, sizeof what, "stage '%s'; see `rtctl compile --help`", stage);
        if (!r)
                r = session_rules(&s, o);
        if (!r && o->output)
                r = compiled_write(&s, o->output);
        if (!r && (o->dump || !o->output)) {
                r = session_needs_text(&s, "compile --dump");
                if (!r)
                        r = print_or_complain(rt_loader_dump(s.loader, stage, &text), text, what);
        }
        session_close(&s);
        return r;
}

int
verb_describe(const options *o)
{
        const char *rule = o->operands.n ? o->operands.at[0] : NULL;
        char what[256];
        session s;
        rt_str text = { NULL, 0 };
        int r = session_open(&s, o);

        snprintf(what, sizeof what, "rule \"%s\"", rule ? rule : "");
        if (!r)
                r = session_rules(&s, o);
        if (!r)
                r = session_needs_text(&s, "describe");
        if (!r) {
                r = rt_loader_describe(s.loader, rule, &text);
                r = print_or_complain(r, text, what);
        }
        session_close(&s);
        return r;
}
