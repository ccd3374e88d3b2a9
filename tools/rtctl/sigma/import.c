/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import.c - rtctl import sigma: files and folders in, one rule file out. Every rule converted is
 * compiled before it is written; a rule that cannot be converted is named with its place and why.
 */
#include "sigma.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FOLDER_DEPTH = 20 };

typedef struct import {
        rt_engine *engine;
        writer out;
        void *names; /* of rules so far, a tree of tsearch(3) */
        bool uses[N_LOGSOURCES];
        size_t n_read, n_converted, n_files;
        bool failed; /* a file could not be read */
} import;

/* ---- what is wrong ---- */

static void
report(const char *file, const problem *p, rt_str title)
{
        fprintf(stderr, "%s:%u:%u: error: ", file, p->line, p->column);
        put_clean(stderr, p->text);
        if (title.len && title.len <= MOST_TITLE_BYTES) {
                fputs(", in rule '", stderr);
                put_clean(stderr, title.ptr);
                fputc('\'', stderr);
        }
        fputc('\n', stderr);
}

/* ---- names ---- */

static int
by_text(const void *a, const void *b)
{
        return strcmp(a, b);
}

/* The title, made unique, in words parted by single blanks. */
static rt_str
unique_name(import *im, rule *r)
{
        const rt_str title = node_text(r->document, "title");
        writer name = { NULL };
        char number[24];
        size_t base;

        for (size_t i = 0; i < title.len; i++) {
                const char c = (unsigned char) title.ptr[i] < ' ' || title.ptr[i] == 0x7f
                                       ? ' '
                                       : title.ptr[i];

                if (c != ' ' || (name.n && name.at[name.n - 1] != ' '))
                        text_byte(&name, c);
        }
        while (name.n && name.at[name.n - 1] == ' ')
                name.at[--name.n] = '\0';
        if (!name.n)
                text_word(&name, "Sigma rule without a title");
        base = name.n;
        for (unsigned n = 2; tfind(name.at, &im->names, by_text); n++) {
                name.n = base;
                snprintf(number, sizeof number, " (%u)", n);
                text_word(&name, number);
        }
        need(tsearch(copy_text(name.at), &im->names, by_text));
        return text_keep(&name, r->pool);
}

/* ---- one rule ---- */

/* The compiler's word on what was made: nothing is written that does not load. */
static bool
compiles(import *im, rule *r, rt_str yaml)
{
        const node *condition = node_get(node_get(r->document, "detection"), "condition");
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_ruleset *rules = NULL;
        rt_loader *loader = NULL;
        rt_diags *diags = NULL;
        rt_diag d = RT_INIT(rt_diag);
        int status = rt_diags_new(&diags);

        if (status >= 0)
                status = rt_loader_new(im->engine, &opts, &loader);
        if (status >= 0)
                status = rt_loader_add(loader, "rule", yaml, diags);
        if (status >= 0)
                status = rt_loader_compile(loader, diags, &rules);
        if (status < 0) {
                const char *why = rt_status_name(status);

                for (size_t i = 0; diags && rt_diags_get(diags, i, &d) == RT_OK; i++)
                        if (d.severity == RT_ERROR) {
                                why = d.message;
                                break;
                        }
                refuse(r, condition, "what it would become does not compile: %s", why);
        }
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        return status >= 0;
}

static const expr *
with_logsource(rule *r, const expr *e)
{
        const char *when = logsource_of(r->logsource)->when;

        if (!*when)
                return e;
        return expr_pair(r->pool, EXPR_AND, expr_test(r->pool, str(when, strlen(when))), e);
}

static bool
check_kind(rule *r)
{
        static const char *const others[] = { "correlation", "filter", "action" };

        if (r->document->kind != NODE_MAP)
                return refuse(r, r->document, "no Sigma rule");
        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
                const node *found = node_get(r->document, others[i]);

                if (found)
                        return refuse(r, found, "'%s' documents are not supported", others[i]);
        }
        return true;
}

static bool
convert(import *im, rule *r, writer *yaml)
{
        const expr *e;
        writer condition = { NULL };
        rt_str kept;

        if (!check_kind(r) || !logsource_find(r))
                return false;
        if (node_text(r->document, "title").len > MOST_TITLE_BYTES)
                return refuse(r, r->document, "a title of more than %d bytes", MOST_TITLE_BYTES);
        e = detection_read(r);
        if (!e)
                return false;
        e = with_logsource(r, e);
        if (e->kind == EXPR_FALSE || e->kind == EXPR_TRUE)
                return refuse(r, node_get(r->document, "detection"), "the condition is always %s",
                              e->kind == EXPR_TRUE ? "true" : "false");
        if (!expr_print(e, &condition)) {
                text_done(&condition);
                return refuse(r, r->document, "the condition would be longer than %d bytes",
                              MOST_CONDITION_BYTES);
        }
        kept = text_keep(&condition, r->pool);
        rule_write(r, unique_name(im, r), kept, yaml);
        return compiles(im, r, str(yaml->at, yaml->n));
}

static void
import_rule(import *im, const char *file, const node *document)
{
        pool memory = { NULL };
        rule r = { .pool = &memory, .document = document };
        writer yaml = { NULL };

        im->n_read++;
        if (convert(im, &r, &yaml)) {
                im->n_converted++;
                im->uses[r.logsource] = true;
                text_byte(&im->out, '\n');
                text_add(&im->out, str(yaml.at, yaml.n));
        } else {
                report(file, &r.problem, node_text(document, "title"));
        }
        text_done(&yaml);
        pool_done(&memory);
}

/* ---- files ---- */

static bool
read_file(const char *path, writer *ret_text)
{
        FILE *file = fopen(path, "rb");
        char bytes[16 * 1024];
        size_t n;

        if (!file) {
                complain("cannot read '%s': %m", path);
                return false;
        }
        while ((n = fread(bytes, 1, sizeof bytes, file)) > 0 && ret_text->n <= MOST_FILE_BYTES)
                text_add(ret_text, str(bytes, n));
        if (ferror(file)) {
                complain("cannot read '%s': %m", path);
                n = SIZE_MAX;
        } else if (ret_text->n > MOST_FILE_BYTES) {
                complain("'%s' has more than %d bytes", path, MOST_FILE_BYTES);
                n = SIZE_MAX;
        }
        fclose(file);
        return n != SIZE_MAX;
}

static void
import_file(import *im, const char *path)
{
        pool memory = { NULL };
        writer yaml = { NULL };
        yaml_tree tree = { NULL };

        im->n_files++;
        if (read_file(path, &yaml)) {
                tree_read(&memory, str(yaml.at, yaml.n), &tree);
                for (size_t i = 0; i < tree.n_documents; i++)
                        import_rule(im, path, tree.documents[i]);
                if (tree.error.line) {
                        im->n_read++;
                        report(path, &tree.error, str("", 0));
                }
        } else {
                im->failed = true;
        }
        free(tree.documents);
        text_done(&yaml);
        pool_done(&memory);
}

static int
by_name(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static bool
is_yaml(const char *name)
{
        const char *dot = strrchr(name, '.');

        return dot && (strcmp(dot, ".yml") == 0 || strcmp(dot, ".yaml") == 0);
}

static void
import_path(import *im, const char *path, unsigned depth)
{
        strings entries = { NULL, 0 };
        const struct dirent *entry;
        char name[PATH_MAX];
        struct stat st;
        DIR *dir;

        if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
                if (depth == 0 || is_yaml(path))
                        import_file(im, path);
                return;
        }
        dir = depth < MOST_FOLDER_DEPTH ? opendir(path) : NULL;
        if (!dir) {
                complain("cannot read the folder '%s': %s", path,
                         depth < MOST_FOLDER_DEPTH ? strerror(errno) : "it lies too deep");
                im->failed = true;
                return;
        }
        while ((entry = readdir(dir)))
                if (entry->d_name[0] != '.'
                    && (size_t) snprintf(name, sizeof name, "%s/%s", path, entry->d_name)
                               < sizeof name)
                        strings_add(&entries, name);
        closedir(dir);
        if (entries.n)
                qsort(entries.at, entries.n, sizeof *entries.at, by_name);
        for (size_t i = 0; i < entries.n; i++)
                import_path(im, entries.at[i], depth + 1);
        strings_done(&entries);
}

/* ---- all of it ---- */

static const char *
head_of(const import *im)
{
        const bool trail = im->uses[LOGSOURCE_CLOUDTRAIL], audit = im->uses[LOGSOURCE_K8S_AUDIT];

        if (trail && audit)
                return "\n- required_plugin_versions:\n    - name: cloudtrail\n      version: "
                       "0.12.0\n"
                       "    - name: k8saudit\n      version: 0.7.0\n"
                       "    - name: json\n      version: 0.7.0\n";
        if (trail)
                return "\n- required_plugin_versions:\n    - name: cloudtrail\n      version: "
                       "0.12.0\n"
                       "    - name: json\n      version: 0.7.0\n";
        if (audit)
                return "\n- required_plugin_versions:\n    - name: k8saudit\n      version: 0.7.0\n"
                       "    - name: json\n      version: 0.7.0\n";
        return "";
}

static int
write_out(const import *im, const char *output)
{
        FILE *to = output ? fopen(output, "wb") : stdout;
        bool good;

        if (!to) {
                complain("cannot write '%s': %m", output);
                return EXIT_BAD;
        }
        fputs("# Made from Sigma rules by rtctl import sigma; authors and references stand in each "
              "desc.\n"
              "- required_engine_version: 0.44.0\n",
              to);
        fputs(head_of(im), to);
        if (im->out.n)
                fwrite(im->out.at, 1, im->out.n, to);
        good = fflush(to) == 0 && !ferror(to);
        if (output)
                good = fclose(to) == 0 && good;
        if (!good)
                complain("cannot write '%s': %m", output ? output : "standard output");
        return good ? 0 : EXIT_BAD;
}

int
sigma_import(char *const *paths, size_t n, const char *output, bool partial)
{
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
import im = { NULL };
        int r = rt_engine_new(&opts, &im.engine);

        if (r < 0) {
                complain("cannot start the engine: %s", rt_status_name(r));
                return EXIT_BAD;
        }
        for (size_t i = 0; i < n; i++)
                import_path(&im, paths[i], 0);
        r = write_out(&im, output);
        fprintf(stderr, "%zu rules read, %zu converted, %zu not\n", im.n_read, im.n_converted,
                im.n_read - im.n_converted);
        if (!im.n_read)
                complain("there is no rule in %zu files", im.n_files);
        if (im.failed || !im.n_read || (im.n_converted < im.n_read && !partial))
                r = r ? r : EXIT_BAD;
        tdestroy(im.names, free);
        text_done(&im.out);
        rt_engine_unref(im.engine);
        return r;
}
