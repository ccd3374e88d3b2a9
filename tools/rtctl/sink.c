/* SPDX-License-Identifier: Apache-2.0 */
/* sink.c - where alerts go. */
#include "sink.h"
#include <errno.h>
#include <string.h>

static void
lost(sink *s, const char *name)
{
        if (!s->failed)
                complain("cannot write alerts to %s: %s", name, strerror(errno));
        s->failed = true;
}

int
sink_open(sink *s, const settings *config, bool flush, bool color)
{
        *s = (sink){ .to_stdout = config->stdout_enabled,
                     .json = config->json_output,
                     .flush = flush && !config->buffered_outputs,
                     .color = color && !config->json_output };
        if (!config->file_enabled)
                return 0;
        if (!config->file_name || !*config->file_name) {
                complain("file_output is enabled but has no filename");
                return EXIT_BAD;
        }
        s->path = config->file_name;
        s->file = fopen(s->path, "ae");
        if (!s->file) {
                complain("cannot write '%s': %m", s->path);
                return EXIT_BAD;
        }
        return 0;
}

static const char *
color_of(uint32_t priority)
{
        if (priority <= RT_PRIORITY_ERROR)
                return "\033[1;31m";
        return priority <= RT_PRIORITY_WARNING ? "\033[33m" : "\033[36m";
}

static void
put_line(sink *s, FILE *to, const char *name, rt_str text, const char *color)
{
        if (color)
                fputs(color, to);
        fwrite(text.ptr, 1, text.len, to);
        if (color)
                fputs("\033[0m", to);
        fputc('\n', to);
        if ((s->flush && fflush(to) != 0) || ferror(to))
                lost(s, name);
}

void
sink_line(sink *s, rt_str text, uint32_t priority)
{
        if (s->to_stdout)
                put_line(s, stdout, "standard output", text, s->color ? color_of(priority) : NULL);
        if (s->file)
                put_line(s, s->file, s->path, text, NULL);
}

void
sink_put(sink *s, const rt_alert *alert)
{
        rt_str text;
        const int r = s->json ? rt_alert_json(alert, &text) : rt_alert_text(alert, &text);

        if (r < 0) {
                complain("an alert of rule '%s' could not be printed: %s", rt_alert_rule(alert),
                         rt_status_name(r));
                s->failed = true;
                return;
        }
        sink_line(s, text, rt_alert_priority(alert));
}

int
sink_close(sink *s)
{
        if (s->to_stdout && fflush(stdout) != 0)
                lost(s, "standard output");
        if (s->file && fclose(s->file) != 0)
                lost(s, s->path);
        s->file = NULL;
        return s->failed ? EXIT_BAD : 0;
}
