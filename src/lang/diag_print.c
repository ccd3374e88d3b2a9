/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag_print.c - diagnostics for people: text, GitHub annotations, Falco's summary.
 *
 * What is printed may come from a hostile rule file, so control characters never reach a terminal.
 */
#include "lang/diag_print.h"
#include "base/utf8.h"
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

/* What a terminal acts on: C0, DEL, C1 in UTF-8, what turns the direction of writing around, and
 * bytes that are no UTF-8 (some terminals take them for C1). Tabs are not. Returns its length, 0 if
 * there is none, *ret_n then being that of the character. */
static size_t
control_at(rt_str s, size_t at, size_t *ret_n)
{
        const unsigned char *c = (const unsigned char *) s.ptr + at;
        const size_t n = rti_utf8_valid(s.ptr + at, s.len - at);

        *ret_n = n;
        if (n == 0)
                return 1;
        if (n == 1)
                return (*c < 0x20 && *c != '\t') || *c == 0x7f;
        if (n == 2)
                return c[0] == 0xc2 && c[1] < 0xa0 ? 2 : 0;
        if (n == 3 && c[0] == 0xe2)
                return (c[1] == 0x80 && ((c[2] >= 0xaa && c[2] <= 0xae) || c[2] == 0xa8))
                                       || (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9)
                               ? 3
                               : 0;
        return 0;
}

/* Text without control characters; tabs stay. */
static void
add_clean(rti_buf *buf, rt_str s)
{
        for (size_t i = 0; i < s.len;) {
                size_t n, bad = control_at(s, i, &n);

                if (!bad) {
                        rti_buf_add(buf, rti_str_sub(s, i, i + n));
                        i += n;
                }
                for (size_t end = i + bad; i < end; i++)
                        rti_buf_printf(buf, "\\x%02x", (unsigned) (unsigned char) s.ptr[i]);
        }
}

static void
add_clean_text(rti_buf *buf, const char *text)
{
        add_clean(buf, rti_str_of(text));
}

/* The same for several lines. */
static void
add_clean_lines(rti_buf *buf, const char *text)
{
        for (const char *end; (end = strchr(text, '\n')); text = end + 1) {
                add_clean(buf, (rt_str){ text, (size_t) (end - text) });
                rti_buf_add_char(buf, '\n');
        }
        add_clean_text(buf, text);
}

/* Documents hold DEL and C1 in strings only: escape these too. */
static int
escape_document(rt_diags *diags)
{
        const rt_str all = rti_buf_str(&diags->out);
        size_t done = 0;
        rti_buf clean;

        rti_buf_init(&clean, diags->allocator, 0);
        for (size_t i = 0; i < all.len; i++) {
                const unsigned char *c = (const unsigned char *) all.ptr + i;
                const bool c1 = *c == 0xc2 && i + 1 < all.len && c[1] < 0xa0;

                if (*c != 0x7f && !c1)
                        continue;
                rti_buf_add(&clean, rti_str_sub(all, done, i));
                rti_buf_printf(&clean, "\\u%04x", (unsigned) c[c1]);
                i += c1;
                done = i + 1;
        }
        if (done) {
                rti_buf_add(&clean, rti_str_sub(all, done, all.len));
                rti_buf_clear(&diags->out);
                rti_buf_add(&diags->out, rti_buf_str(&clean));
        }
        rti_buf_done(&clean);
        return clean.failed;
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
        const rt_str s = rti_str_of(text);

        for (size_t i = 0; i < s.len;) {
                const char c = s.ptr[i];
                size_t n, bad = control_at(s, i, &n);

                n = bad ? bad : n;
                if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
                        rti_buf_printf(buf, "%%%02X", (unsigned) (unsigned char) c);
                else
                        add_clean(buf, rti_str_sub(s, i, i + n));
                i += n;
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
                rti_buf_add_text(buf, "------\n");
                add_clean_lines(buf, kept->snippet ? kept->snippet : "");
                rti_buf_add_text(buf, "------\n");
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
        int r = RT_OK;

        rti_buf_clear(&diags->out);
        switch (format) {
        case RT_DIAGS_TEXT:
                rti_diags_text(diags, flags);
                break;
        case RT_DIAGS_JSON:
                rti_diags_json(diags);
                r = escape_document(diags);
                break;
        case RT_DIAGS_SARIF:
                rti_diags_sarif(diags);
                r = escape_document(diags);
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
        r = diags->out.failed ? diags->out.failed : r;
        if (r < 0)
                return r;
        *ret_text = (rt_str){ diags->out.ptr, diags->out.len - 1 };
        return RT_OK;
}
