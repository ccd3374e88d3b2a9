/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag_print.c - diagnostics for people: text, GitHub annotations, Falco's summary.
 *
 * What is printed may come from a hostile rule file, so control characters never reach a terminal.
 */
#include "lang/diag_print.h"
#include "lang/lang.h"

static const char BOLD[] = "\033[1m", RED[] = "\033[1;31m", YELLOW[] = "\033[1;35m",
                  GREEN[] = "\033[1;32m", PLAIN[] = "\033[0m";

typedef struct printer {
        rti_buf *buf;
        bool color;
} printer;

static void
paint(const printer *p, const char *color)
{
        if (p->color)
                rti_buf_add_text(p->buf, color);
}

/* Text without control characters; tabs stay. */
static void
add_clean(rti_buf *buf, rt_str s)
{
        for (size_t i = 0; i < s.len; i++) {
                const unsigned char c = (unsigned char) s.ptr[i];

                if ((c < 0x20 && c != '\t') || c == 0x7f)
                        rti_buf_printf(buf, "\\x%02x", c);
                else
                        rti_buf_add_char(buf, (char) c);
        }
}

static void
add_clean_text(rti_buf *buf, const char *text)
{
        add_clean(buf, rti_str_of(text));
}

/* ---- text ---- */

/* Blanks as wide as the line's beginning: tabs stay tabs, one blank per character. */
static void
add_indent(rti_buf *buf, rt_str line, size_t to)
{
        for (size_t i = 0; i < to && i < line.len; i++)
                if (((unsigned char) line.ptr[i] & 0xc0) != 0x80)
                        rti_buf_add_char(buf, line.ptr[i] == '\t' ? '\t' : ' ');
}

static void
text_source(const printer *p, const rti_diag_kept *kept)
{
        const rt_diag *d = &kept->pub;
        size_t n = 1;

        if (!kept->source.ptr)
                return;
        rti_buf_add_text(p->buf, "    ");
        add_clean(p->buf, kept->source);
        rti_buf_add_text(p->buf, "\n    ");
        add_indent(p->buf, kept->source, kept->caret);
        paint(p, GREEN);
        rti_buf_add_char(p->buf, '^');
        if (d->end_line == d->line && d->end_column > d->column + 1)
                n = d->end_column - d->column;
        for (size_t i = kept->caret + 1; i < kept->caret + n && i < kept->source.len; i++)
                if (((unsigned char) kept->source.ptr[i] & 0xc0) != 0x80)
                        rti_buf_add_char(p->buf, '~');
        paint(p, PLAIN);
        rti_buf_add_char(p->buf, '\n');
}

static void
text_one(const printer *p, const rti_diag_kept *kept)
{
        const rt_diag *d = &kept->pub;

        paint(p, BOLD);
        if (d->file) {
                add_clean_text(p->buf, d->file);
                if (d->line)
                        rti_buf_printf(p->buf, ":%u:%u", d->line, d->column);
                rti_buf_add_text(p->buf, ": ");
        }
        paint(p, d->severity == RT_ERROR ? RED : YELLOW);
        rti_buf_add_text(p->buf, rti_severity_name(d->severity));
        paint(p, PLAIN);
        rti_buf_add_text(p->buf, ": ");
        add_clean_text(p->buf, *d->message ? d->message : rti_diag_infos[kept->id].title);
        rti_buf_printf(p->buf, " [%s]\n", d->id);
        text_source(p, kept);
        if (d->hint) {
                rti_buf_add_text(p->buf, "    hint: ");
                add_clean_text(p->buf, d->hint);
                rti_buf_add_char(p->buf, '\n');
        }
}

void
rti_diags_text(rt_diags *diags, uint32_t flags)
{
        const printer p = { &diags->out, (flags & RT_DIAGS_COLOR) != 0 };

        for (size_t i = 0; i < diags->shown.n; i++)
                text_one(&p, &diags->all.at[diags->shown.at[i]]);
        if (diags->dropped)
                rti_buf_printf(p.buf, "%u more problems are not shown\n", diags->dropped);
}

/* ---- GitHub annotations ---- */

/* Values of properties must not hold , : % or line ends; messages no % or line ends. */
static void
add_github(rti_buf *buf, const char *text, bool property)
{
        for (const char *c = text; *c; c++) {
                const bool escape = *c == '%' || *c == '\n' || *c == '\r'
                                    || (property && (*c == ':' || *c == ','));

                if (escape)
                        rti_buf_printf(buf, "%%%02X", (unsigned) (unsigned char) *c);
                else
                        rti_buf_add_char(buf, *c);
        }
}

static void
github_one(rti_buf *buf, const rti_diag_kept *kept)
{
        const rt_diag *d = &kept->pub;

        rti_buf_printf(buf, "::%s ",
                       d->severity == RT_NOTE ? "notice" : rti_severity_name(d->severity));
        if (d->file) {
                rti_buf_add_text(buf, "file=");
                add_github(buf, d->file, true);
                rti_buf_add_char(buf, ',');
        }
        if (d->line)
                rti_buf_printf(buf, "line=%u,col=%u,", d->line, d->column);
        if (d->line && d->end_line)
                rti_buf_printf(buf, "endLine=%u,endColumn=%u,", d->end_line, d->end_column);
        rti_buf_printf(buf, "title=%s ", d->id);
        add_github(buf, rti_diag_infos[kept->id].title, true);
        rti_buf_add_text(buf, "::");
        add_github(buf, *d->message ? d->message : rti_diag_infos[kept->id].title, false);
        if (d->hint) {
                rti_buf_add_text(buf, " (");
                add_github(buf, d->hint, false);
                rti_buf_add_char(buf, ')');
        }
        rti_buf_add_char(buf, '\n');
}

void
rti_diags_github(rt_diags *diags)
{
        for (size_t i = 0; i < diags->shown.n; i++)
                github_one(&diags->out, &diags->all.at[diags->shown.at[i]]);
}

/* ---- Falco's summary ---- */

/* Falco's name of the code, or ours; with what it is about. */
static void
add_code(rti_buf *buf, const rti_diag_kept *kept)
{
        const rti_diag_info *info = &rti_diag_infos[kept->id];

        rti_buf_printf(buf, "%s (%s", info->falco ? info->falco : kept->pub.id, info->title);
        if (kept->field)
                rti_buf_printf(buf, ": field '%s'", kept->field);
        rti_buf_add_char(buf, ')');
}

static bool
belongs(const rti_diag_kept *kept, uint32_t result, uint32_t severity)
{
        return kept->result == result && kept->pub.severity == severity;
}

static size_t
count_of(const rt_diags *diags, uint32_t result, uint32_t severity)
{
        size_t n = 0;

        for (size_t i = 0; i < diags->all.n; i++)
                n += belongs(&diags->all.at[i], result, severity);
        return n;
}

static void
summary_codes(rt_diags *diags, uint32_t result, uint32_t severity)
{
        const size_t n = count_of(diags, result, severity);
        const char *between = "";

        if (!n)
                return;
        rti_buf_printf(&diags->out, "\n %zu %ss: [", n, rti_severity_name(severity));
        for (size_t i = 0; i < diags->all.n; i++) {
                if (!belongs(&diags->all.at[i], result, severity))
                        continue;
                rti_buf_add_text(&diags->out, between);
                add_code(&diags->out, &diags->all.at[i]);
                between = " ";
        }
        rti_buf_add_char(&diags->out, ']');
}

/* The chain is kept from the inside outwards and printed from the outside inwards; it is short. */
static void
verbose_chain(rti_buf *buf, const rti_location *where)
{
        if (!where)
                return;
        verbose_chain(buf, where->outer);
        rti_buf_add_text(buf, where->outer ? "    " : "In ");
        rti_buf_add_text(buf, where->item_type);
        if (where->item_name.len) {
                rti_buf_add_text(buf, " '");
                add_clean(buf, where->item_name);
                rti_buf_add_char(buf, '\'');
        }
        rti_buf_add_text(buf, ": (");
        add_clean(buf, where->file);
        rti_buf_printf(buf, ":%u:%u)\n", where->line, where->column);
}

static void
verbose_list(rt_diags *diags, uint32_t result, uint32_t severity)
{
        const size_t n = count_of(diags, result, severity);
        rti_buf *buf = &diags->out;

        if (!n)
                return;
        rti_buf_printf(buf, "\n%zu %s:\n", n, severity == RT_ERROR ? "Errors" : "Warnings");
        for (size_t i = 0; i < diags->all.n; i++) {
                const rti_diag_kept *kept = &diags->all.at[i];

                if (!belongs(kept, result, severity))
                        continue;
                verbose_chain(buf, kept->where);
                rti_buf_printf(buf, "------\n%s------\n", kept->snippet ? kept->snippet : "");
                add_code(buf, kept);
                rti_buf_add_text(buf, ": ");
                add_clean_text(buf, kept->pub.message);
                rti_buf_add_char(buf, '\n');
        }
}

static void
summary_schema(rti_buf *buf, const rti_diag_result *result, bool verbose)
{
        const size_t n = result->schema_warnings.n;

        if (!result->schema_ran || result->schema_valid)
                return;
        rti_buf_printf(buf, verbose ? "\n%zu Schema warnings:\n" : "\n %zu schema warnings: [", n);
        for (size_t i = 0; i < n; i++) {
                rti_buf_add_text(buf, verbose ? "------\n" : i ? " " : "");
                add_clean(buf, result->schema_warnings.at[i]);
                rti_buf_add_text(buf, verbose ? "\n" : "");
        }
        rti_buf_add_text(buf, verbose ? "------\n" : "]");
}

void
rti_diags_summary(rt_diags *diags, uint32_t flags)
{
        const bool verbose = (flags & RT_DIAGS_VERBOSE) != 0;

        for (uint32_t i = 0; i < diags->results.n; i++) {
                const rti_diag_result *result = &diags->results.at[i];
                const bool warnings = count_of(diags, i, RT_WARNING) > 0;

                if (result->name.len) {
                        add_clean(&diags->out, result->name);
                        rti_buf_add_text(&diags->out, ": ");
                }
                rti_buf_add_text(&diags->out, result->failed ? "Invalid"
                                              : warnings     ? "Ok, with warnings"
                                                             : "Ok");
                summary_schema(&diags->out, result, verbose);
                for (uint32_t severity = RT_ERROR; severity <= RT_WARNING; severity++) {
                        if (verbose)
                                verbose_list(diags, i, severity);
                        else
                                summary_codes(diags, i, severity);
                }
                rti_buf_add_char(&diags->out, '\n');
        }
}

/* ---- all formats ---- */

int
rti_diags_print(rt_diags *diags, uint32_t format, uint32_t flags, rt_str *ret_text)
{
        rti_buf_clear(&diags->out);
        switch (format) {
        case RT_DIAGS_TEXT:
                rti_diags_text(diags, flags);
                break;
        case RT_DIAGS_JSON:
                rti_diags_json(diags);
                break;
        case RT_DIAGS_SARIF:
                rti_diags_sarif(diags);
                break;
        case RT_DIAGS_GITHUB:
                rti_diags_github(diags);
                break;
        case RT_DIAGS_SUMMARY:
                rti_diags_summary(diags, flags);
                break;
        default:
                return RT_EINVAL;
        }
        rti_buf_add_char(&diags->out, '\0');
        if (diags->out.failed)
                return diags->out.failed;
        *ret_text = (rt_str){ diags->out.ptr, diags->out.len - 1 };
        return RT_OK;
}
