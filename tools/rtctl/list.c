/* SPDX-License-Identifier: Apache-2.0 */
/* list.c - rtctl list: the language's tables, fields, sources and rules as text, JSON or
 * markdown. */
#include "plugins.h"
#include "scripts.h"
#include "verbs.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum style { STYLE_TEXT, STYLE_JSON, STYLE_MARKDOWN };

enum { MAX_CELLS = 6 };

/* A table being printed, row by row. */
typedef struct table {
        enum style style;
        const char *const *columns;
        size_t n_columns;
        size_t rows;
} table;

static void
put_markdown(const char *text)
{
        for (; *text; text++) {
                if (*text == '|')
                        putchar('\\');
                putchar(*text);
        }
}

static void
table_begin(table *t)
{
        if (t->style == STYLE_JSON)
                putchar('[');
        if (t->style != STYLE_MARKDOWN)
                return;
        for (size_t i = 0; i < t->n_columns; i++)
                printf("| %s ", t->columns[i]);
        puts("|");
        for (size_t i = 0; i < t->n_columns; i++)
                fputs("|---", stdout);
        puts("|");
}

static void
table_row(table *t, const char *const *cells)
{
        static const int widths[MAX_CELLS] = { 38, 18, 24, 18, 12, 0 };

        if (t->style == STYLE_JSON) {
                fputs(t->rows++ ? ",\n {" : "\n {", stdout);
                for (size_t i = 0; i < t->n_columns; i++) {
                        fputs(i ? ", " : "", stdout);
                        put_json(stdout, t->columns[i]);
                        fputs(": ", stdout);
                        put_json(stdout, cells[i]);
                }
                putchar('}');
                return;
        }
        for (size_t i = 0; i < t->n_columns; i++) {
                if (t->style == STYLE_MARKDOWN) {
                        fputs("| ", stdout);
                        put_markdown(cells[i]);
                        putchar(' ');
                } else if (i + 1 < t->n_columns) {
                        printf("%-*s ", widths[i], cells[i]);
                } else {
                        fputs(cells[i], stdout);
                }
        }
        puts(t->style == STYLE_MARKDOWN ? "|" : "");
}

static void
table_end(const table *t)
{
        if (t->style == STYLE_JSON)
                puts("\n]");
}

/* ---- fields ---- */

static const char *
kind_name(uint32_t kind)
{
        rt_table_row row = RT_INIT(rt_table_row);

        for (size_t i = 0; rt_table_get(RT_TABLE_KINDS, i, &row) == RT_OK; i++)
                if (row.number == kind)
                        return row.name;
        return "?";
}

static const char *
arg_text(uint32_t flags)
{
        const uint32_t which = flags & (RT_FIELD_ARG_INDEX | RT_FIELD_ARG_KEY);

        if (flags & RT_FIELD_ARG_REQUIRED)
                return which == RT_FIELD_ARG_INDEX ? "[index]"
                       : which == RT_FIELD_ARG_KEY ? "[key]"
                                                   : "[argument]";
        return flags & RT_FIELD_ARG_OPTIONAL ? "[optional]" : "";
}

static int
list_fields(const session *s, table *t, const char *only)
{
        static const char *const columns[] = { "name",  "type",     "source",
                                               "group", "argument", "meaning" };
        rt_field_info field = RT_INIT(rt_field_info);
        char type[32];

        t->columns = columns;
        t->n_columns = sizeof columns / sizeof *columns;
        table_begin(t);
        for (size_t i = 0; rt_engine_field(s->engine, i, &field) == RT_OK; i++) {
                if (field.flags & RT_FIELD_TABLE_ONLY)
                        continue;
                if (only && strcmp(field.source, only) != 0 && strcmp(field.source, "*") != 0)
                        continue;
                snprintf(type, sizeof type, "%s%s", kind_name(field.kind),
                         field.flags & RT_FIELD_LIST ? " list" : "");
                table_row(t, (const char *const[]){ field.name, type, field.source, field.group,
                                                    arg_text(field.flags), field.help });
        }
        table_end(t);
        return EXIT_GOOD;
}

static int
list_sources(const session *s, table *t)
{
        static const char *const columns[] = { "name", "plugin", "version", "readable" };
        rt_source_info info = RT_INIT(rt_source_info);

        t->columns = columns;
        t->n_columns = sizeof columns / sizeof *columns;
        table_begin(t);
        for (size_t i = 0; rt_engine_source(s->engine, i, &info) == RT_OK; i++)
                table_row(t, (const char *const[]){ info.name, info.plugin ? info.plugin : "",
                                                    info.version ? info.version : "",
                                                    info.readable ? "yes" : "no" });
        table_end(t);
        return EXIT_GOOD;
}

static int
list_plugins(const session *s, table *t)
{
        static const char *const columns[] = { "name",         "version", "source",
                                               "capabilities", "library", "meaning" };
        rt_falco_info info = RT_INIT(rt_falco_info);
        char caps[64];

        t->columns = columns;
        t->n_columns = sizeof columns / sizeof *columns;
        table_begin(t);
        for (size_t i = 0; s->falco && rt_falco_get(s->falco, i, &info) == RT_OK; i++) {
                plugins_caps(info.capabilities, caps, sizeof caps);
                table_row(t, (const char *const[]){ info.name, info.version, info.source, caps,
                                                    info.library_path, info.description });
        }
        table_end(t);
        return EXIT_GOOD;
}

static int
list_rules(session *s, const options *o, table *t)
{
        static const char *const columns[] = { "name", "source", "tags", "priority", "meaning" };
        rt_rule_info info = RT_INIT(rt_rule_info);
        char tags[512];
        int r = session_rules(s, o);

        if (r)
                return r;
        t->columns = columns;
        t->n_columns = sizeof columns / sizeof *columns;
        table_begin(t);
        for (size_t i = 0; rt_ruleset_rule(s->rules, i, &info) == RT_OK; i++) {
                size_t at = 0;

                tags[0] = '\0';
                for (size_t k = 0; info.tags && info.tags[k] && at < sizeof tags; k++)
                        at += (size_t) snprintf(tags + at, sizeof tags - at, "%s%s", k ? "," : "",
                                                info.tags[k]);
                table_row(t, (const char *const[]){ info.name, info.source, tags,
                                                    rt_priority_name(info.priority), info.desc });
        }
        table_end(t);
        return EXIT_GOOD;
}

/* ---- the language's tables ---- */

typedef struct table_name {
        const char *name;
        uint32_t table;
        const char *columns[3]; /* NULL: not shown */
} table_name;

static const table_name tables[] = {
        { "operators", RT_TABLE_OPERATORS, { "name", "operand", "meaning" } },
        { "modifiers", RT_TABLE_MODIFIERS, { "name", NULL, "meaning" } },
        { "transformers", RT_TABLE_TRANSFORMERS, { "name", NULL, "meaning" } },
        { "priorities", RT_TABLE_PRIORITIES, { "name", NULL, NULL } },
        { "types", RT_TABLE_KINDS, { "name", "falco", NULL } },
        { "limits", RT_TABLE_LIMITS, { "name", "default", "meaning" } },
        { "diagnostics", RT_TABLE_DIAGNOSTICS, { "id", "falco", "meaning" } },
        { "events", RT_TABLE_EVENTS, { "name", "parameters", NULL } },
};

/* "fd:fd:dec name:fspath": the parameters of event @a code, from row *at of their table on. */
static const char *
params_of(uint64_t code, size_t *at, char *text, size_t room)
{
        rt_table_row row = RT_INIT(rt_table_row);
        size_t len = 0;

        text[0] = 0;
        while (rt_table_get(RT_TABLE_PARAMS, *at, &row) == RT_OK && row.number == code) {
                if (len < room)
                        len += (size_t) snprintf(text + len, room - len, "%s%s:%s%s%s",
                                                 len ? " " : "", row.name, row.detail,
                                                 row.help[0] ? ":" : "", row.help);
                (*at)++;
        }
        return text;
}

static int
list_table(const table_name *which, table *t)
{
        rt_table_row row = RT_INIT(rt_table_row);
        const char *columns[3];
        char params[2048];
        size_t param = 0;

        t->columns = columns;
        for (size_t i = 0; i < 3; i++)
                if (which->columns[i])
                        columns[t->n_columns++] = which->columns[i];
        table_begin(t);
        for (size_t i = 0; rt_table_get(which->table, i, &row) == RT_OK; i++) {
                const char *const all[] = { row.name, row.detail, row.help };
                const char *cells[3];
                size_t n = 0;

                for (size_t k = 0; k < 3; k++)
                        if (which->columns[k])
                                cells[n++] = all[k];
                if (which->table == RT_TABLE_EVENTS)
                        cells[1] = params_of(row.number, &param, params, sizeof params);
                table_row(t, cells);
        }
        table_end(t);
        return EXIT_GOOD;
}

static int
style_of(const options *o, enum style *ret_style)
{
        static const char *const names[] = { "text", "json", "markdown" };

        *ret_style = o->config.json_output ? STYLE_JSON : STYLE_TEXT;
        if (!o->format)
                return 0;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(o->format, names[i]) == 0) {
                        *ret_style = (enum style) i;
                        return 0;
                }
        complain("list --format takes text, json or markdown, not '%s'", o->format);
        return EXIT_USAGE;
}

static int
list_what(session *s, const options *o, const char *what, table *t)
{
        const char *only = o->n_sources ? o->sources[0].name : NULL;

        if (strcmp(what, "fields") == 0)
                return scripts_load(s, o, true) ? EXIT_BAD : list_fields(s, t, only);
        if (strcmp(what, "sources") == 0)
                return list_sources(s, t);
        if (strcmp(what, "rules") == 0)
                return list_rules(s, o, t);
        if (strcmp(what, "plugins") == 0)
                return list_plugins(s, t);
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
                if (strcmp(what, tables[i].name) == 0)
                        return list_table(&tables[i], t);
        complain("there is no list of '%s'; there is fields, sources, plugins, rules, operators, "
                 "modifiers, "
                 "transformers, priorities, types, limits, diagnostics, events",
                 what);
        return EXIT_USAGE;
}

int
verb_list(const options *o)
{
        table t = { STYLE_TEXT, NULL, 0, 0 };
        session s;
        int r = style_of(o, &t.style);

        if (r)
                return r;
        r = session_open(&s, o);
        if (!r)
                r = list_what(&s, o, o->operands.n ? o->operands.at[0] : "fields", &t);
        session_close(&s);
        return r;
}
