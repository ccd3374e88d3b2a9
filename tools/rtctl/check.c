/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - rtctl check: load, compile, report everything. */
#include "lists.h"
#include "verbs.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
format_of(const options *o, uint32_t *ret_format)
{
        static const char *const names[] = {
                [RT_DIAGS_TEXT] = "text",
                [RT_DIAGS_JSON] = "json",
                [RT_DIAGS_SARIF] = "sarif",
                [RT_DIAGS_GITHUB] = "github",
        };

        *ret_format = o->config.json_output ? RT_DIAGS_JSON : RT_DIAGS_TEXT;
        if (!o->format)
                return 0;
        for (uint32_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(o->format, names[i]) == 0) {
                        *ret_format = i;
                        return 0;
                }
        complain("check --format takes text, json, sarif or github, not '%s'", o->format);
        return EXIT_USAGE;
}

static void
print_perf(session *s)
{
        rt_str text;

        if (rt_loader_dump(s->loader, "perf", &text) == RT_OK)
                fwrite(text.ptr, 1, text.len, stdout);
}

/* Everything found; for people also a line a file, as Falco prints it. */
static void
print_found(session *s, uint32_t format, bool color)
{
        const uint32_t formats[] = { format, RT_DIAGS_SUMMARY };
        const size_t n = format == RT_DIAGS_TEXT ? 2 : 1;
        rt_str text;

        for (size_t i = 0; i < n; i++)
                if (rt_diags_print(s->diags, formats[i], color ? RT_DIAGS_COLOR : 0, &text)
                    == RT_OK)
                        fwrite(text.ptr, 1, text.len, stdout);
}

int
verb_check(const options *o)
{
        session s;
        uint32_t format;
        int r = format_of(o, &format);

        if (r)
                return r;
        r = session_open(&s, o);
        if (!r) {
                r = session_load(&s, o);
                if (!r)
                        r = session_compile(&s, o);
                r = r ? r : lists_fill(&s, o);
                print_found(&s, format, when_applies(o->color, STDOUT_FILENO));
                if (!r && o->perf)
                        r = session_needs_text(&s, "--perf");
                if (!r && o->perf)
                        print_perf(&s);
                if (!r && o->strict && rt_diags_count(s.diags, RT_WARNING))
                        r = EXIT_STRICT;
        }
        session_close(&s);
        return r;
}
