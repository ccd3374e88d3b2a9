/* SPDX-License-Identifier: Apache-2.0 */
/* session.c - an engine with the rules that the command line names. */
#include "session.h"
#include "compiled.h"
#include "files.h"
#include "lists.h"
#include "plugins.h"
#include "readers.h"
#include "natives.h"
#include "scripts.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool
when_applies(enum when when, int fd)
{
        return when == WHEN_ALWAYS || (when == WHEN_AUTO && isatty(fd));
}

static int
failed(const char *what, int status)
{
        complain("%s: %s", what, rt_status_name(status));
        return EXIT_BAD;
}

/* ---- opening ---- */

/* What the API wants of append_output; the arrays live as long as this. */
typedef struct append_table {
        rt_append_output *rows;
        rt_option **fields;
        size_t n;
} append_table;

static append_table
append_table_make(const settings *c)
{
        append_table table = { .n = c->n_append_output };

        if (!table.n)
                return table;
        table.rows = grow(NULL, table.n, sizeof *table.rows);
        table.fields = grow(NULL, table.n, sizeof *table.fields);
        for (size_t i = 0; i < table.n; i++) {
                const append_entry *entry = &c->append_output[i];
                rt_option *fields = grow(NULL, entry->field_keys.n + 1, sizeof *fields);

                for (size_t k = 0; k < entry->field_keys.n; k++) {
                        const char *format = entry->field_values.at[k];

                        fields[k] = (rt_option){ entry->field_keys.at[k], *format ? format : NULL };
                }
                table.fields[i] = fields;
                table.rows[i] = (rt_append_output){
                        .size = sizeof(rt_append_output),
                        .source = entry->source,
                        .rule = entry->rule,
                        .tags = (const char *const *) entry->tags.at,
                        .extra_output = entry->extra_output,
                        .fields = fields,
                        .n_fields = entry->field_keys.n,
                        .suggested_output = entry->suggested_output,
                };
        }
        return table;
}

static void
append_table_free(append_table *table)
{
        for (size_t i = 0; i < table->n; i++)
                free(table->fields[i]);
        free(table->fields);
        free(table->rows);
}

static int
open_loader(session *s, const options *o)
{
        append_table append;
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        int r;

        if (o->profile && file_read(o->profile, &opts.profile))
                return EXIT_BAD;
        append = append_table_make(&o->config);
        opts.min_priority = o->config.min_priority + 1;
        opts.flags = o->items_anywhere ? RT_LOADER_ITEMS_ANYWHERE : 0;
        opts.append_output = append.rows;
        opts.n_append_output = append.n;
        opts.append_output_stride = sizeof(rt_append_output);
        r = rt_loader_new(s->engine, &opts, &s->loader);
        append_table_free(&append);
        free((char *) (uintptr_t) opts.profile.ptr);
        if (r == RT_EFORMAT) {
                complain("%s: no profile of this version; `rtctl profile --save` writes one",
                         o->profile);
                return EXIT_BAD;
        }
        return r < 0 ? failed("cannot start the rule loader", r) : 0;
}

/* `--source NAME:json`: JSON lines whose rules say `source: NAME`. */
static int
add_alias(session *s, source_arg *source)
{
        char *colon = strchr(source->name, ':');
        int r;

        if (!colon)
                return 0;
        *colon = '\0';
        r = rt_engine_alias_source(s->engine, colon + 1, source->name);
        if (r < 0 && r != RT_EEXIST) {
                complain("source '%s' cannot be called '%s': %s", colon + 1, source->name,
                         rt_status_name(r));
                return EXIT_USAGE;
        }
        return 0;
}

int
session_open(session *s, const options *o)
{
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        int r;

        *s = (session){ NULL };
        opts.hostname = o->hostname;
        opts.max_record_bytes = o->max_record_bytes;
        opts.max_event_bytes = o->max_event_bytes;
        opts.max_output_bytes = o->max_output_bytes;
        opts.max_load_bytes = o->max_load_bytes;
        r = rt_engine_new(&opts, &s->engine);
        if (r < 0)
                return failed("cannot start the engine", r);
        r = readers_add(s->engine, o->follow);
        if (r < 0)
                return failed("cannot add the readers", r);
        r = plugins_load(s, o);
        if (r)
                return r;
        for (size_t i = 0; i < o->n_sources; i++)
                if ((r = add_alias(s, &o->sources[i])))
                        return r;
        r = natives_allow(s, o);
        if (r)
                return r;
        r = scripts_open(s, o);
        if (r)
                return r;
        r = lists_announce(s, o);
        return r ? r : session_renew(s, o);
}

int
session_renew(session *s, const options *o)
{
        int r;

        s->rules = NULL;
        s->loader = NULL;
        s->compiled = false;
        r = rt_diags_new(&s->diags);
        return r < 0 ? failed("cannot start", r) : open_loader(s, o);
}

void
session_forget(session *s)
{
        s->rules = rt_ruleset_unref(s->rules);
        s->loader = rt_loader_unref(s->loader);
        s->diags = rt_diags_unref(s->diags);
}

void
session_close(session *s)
{
        session_forget(s);
        rt_engine_unref(s->engine);
        rt_falco_unref(s->falco);
        scripts_close(s);
        natives_close(s);
}

/* ---- rules ---- */

static int
by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Folders below @a path, sorted by name. */
static strings
folders_of(const char *path)
{
        strings folders = { NULL, 0 };
        DIR *dir = opendir(path);
        const struct dirent *entry;
        struct stat st;
        char name[PATH_MAX];

        while (dir && (entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                if ((size_t) snprintf(name, sizeof name, "%s/%s", path, entry->d_name)
                    >= sizeof name)
                        continue;
                if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
                        strings_add(&folders, name);
        }
        if (dir)
                closedir(dir);
        if (folders.n)
                qsort(folders.at, folders.n, sizeof *folders.at, by_name);
        return folders;
}

/* The project's own rules: beside the source tree this was built in, or where they were
 * installed. */
static int
default_rules(strings *ret_paths)
{
        static const char *const places[] = { "/../../../rules", "/../share/libruntime/rules" };
        char exe[PATH_MAX], path[PATH_MAX + 64];
        const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
        char *slash;

        exe[n > 0 ? n : 0] = '\0';
        slash = strrchr(exe, '/');
        if (slash)
                *slash = '\0';
        for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
                snprintf(path, sizeof path, "%s%s", exe, places[i]);
                *ret_paths = folders_of(path);
                if (ret_paths->n)
                        return 0;
        }
        complain("the project's own rules are not where this program looks for them; name some "
                 "with -r");
        return EXIT_BAD;
}

static int
add_paths(session *s, const options *o, const strings *paths)
{
        int worst = 0;
        const bool compiled = paths->n == 1 && compiled_is(paths->at[0]);

        if (scripts_load(s, o, compiled))
                return EXIT_BAD;
        if (compiled)
                return compiled_load(s, o, paths->at[0]);
        for (size_t i = 0; i < paths->n; i++) {
                int r;

                if (compiled_is(paths->at[i])) {
                        complain("%s: compiled rules stand alone; compile them together with the "
                                 "others",
                                 paths->at[i]);
                        return EXIT_USAGE;
                }
                r = rt_loader_add_path(s->loader, paths->at[i], s->diags);

                if (r == RT_ERULES || r == RT_EIO || r == RT_ELIMIT)
                        worst = EXIT_BAD;
                else if (r < 0)
                        return failed(paths->at[i], r);
        }
        if (!worst && scripts_add_rules(s) < 0)
                worst = EXIT_BAD;
        return worst;
}

int
session_load(session *s, const options *o)
{
        strings own = { NULL, 0 };
        int r;

        if (o->rules.n)
                return add_paths(s, o, &o->rules);
        if (o->verb == VERB_CHECK && o->operands.n)
                return add_paths(s, o, &o->operands);
        if (o->config.rules_files.n)
                return add_paths(s, o, &o->config.rules_files);
        r = default_rules(&own);
        if (!r)
                r = add_paths(s, o, &own);
        strings_done(&own);
        return r;
}

int
session_compile(session *s, const options *o)
{
        int r;

        if (s->compiled)
                return 0;
        for (size_t i = 0; i < o->config.n_rules; i++) {
                const selection *pick = &o->config.rules[i];

                r = rt_loader_select(s->loader, pick->enable,
                                     pick->tag ? RT_SELECT_TAG : RT_SELECT_WILDCARD, pick->pattern);
                if (r < 0)
                        return failed(pick->pattern, r);
                if (r == 0)
                        complain("warning: no rule is named or tagged '%s'", pick->pattern);
        }
        r = rt_loader_compile(s->loader, s->diags, &s->rules);
        if (r == RT_ERULES)
                return EXIT_BAD;
        return r < 0 ? failed("cannot compile the rules", r) : 0;
}

int
session_only_rules(session *s, const options *o)
{
        int r = session_load(s, o);
        rt_str text;

        if (!r)
                r = session_compile(s, o);
        if (rt_diags_count(s->diags, RT_ERROR)
            && rt_diags_print(s->diags, RT_DIAGS_TEXT,
                              when_applies(o->color, STDERR_FILENO) ? RT_DIAGS_COLOR : 0, &text)
                       == RT_OK)
                fwrite(text.ptr, 1, text.len, stderr);
        return r;
}

int
session_rules(session *s, const options *o)
{
        const int r = session_only_rules(s, o);

        return r ? r : lists_fill(s, o);
}

int
session_needs_text(const session *s, const char *what)
{
        if (!s->compiled)
                return 0;
        complain("%s needs the rules as text; these are compiled", what);
        return EXIT_USAGE;
}
