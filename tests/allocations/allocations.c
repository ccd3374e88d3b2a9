/* SPDX-License-Identifier: Apache-2.0 */
/*
 * allocations.c - a worker that has seen its events once asks for no memory any more.
 *
 *   usage   allocations [CORPUS]
 *
 * Each scene loads rules and feeds a worker the bytes of some files, all of them, several times;
 * each alert's text, JSON and fields are made. Warm-up is the first time, all of it, since the
 * largest record decides how large buffers are; from then on the allocator must not be called.
 * Without a corpus only the project's own rules and samples are used.
 */
#include "base/str.h"
#include <dirent.h>
#include <inttypes.h>
#include <libruntime/runtime.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_FILES = 256, ROUNDS = 3, MOST_PATH = 4096 };

typedef struct scene {
        const char *source, *rules;
        const char *inputs; /* a file, or a folder of them */
        bool corpus;
} scene;

static const scene scenes[] = {
        { "aws_cloudtrail", "rules/aws", "tests/data/cloudtrail", false },
        { "k8s_audit", "rules/k8s", "tests/data/k8s_audit", false },
        { "aws_cloudtrail", "rules/aws_cloudtrail_rules.yaml",
          "cloudtrail/invictus-aws_dataset/all.jsonl", true },
        { "k8s_audit", "rules/k8s_audit_rules.yaml", "json-oracle/inputs", true },
        { "aws_cloudtrail", "rules/aws_cloudtrail_rules.yaml", "json-oracle/inputs", true },
};

typedef struct text {
        char name[MOST_PATH];
        char *bytes;
        size_t len;
} text;

typedef struct life {
        uint64_t calls; /* for memory, not those that give it back */
        rt_engine *engine;
        rt_loader *loader;
        rt_ruleset *rules;
        rt_worker *worker;
        text texts[MOST_FILES];
        size_t n_texts;
        uint64_t alerts, bytes;
} life;

static void *
resize(void *ptr, size_t size, void *user)
{
        life *l = user;

        if (size == 0) {
                free(ptr);
                return NULL;
        }
        l->calls++;
        return realloc(ptr, size);
}

/* ---- inputs ---- */

static void
add_text(life *l, const char *path)
{
        text *t = &l->texts[l->n_texts];
        struct stat st;
        FILE *file;

        if (l->n_texts == MOST_FILES || stat(path, &st) < 0 || !S_ISREG(st.st_mode)
            || st.st_size == 0)
                return;
        file = fopen(path, "re");
        t->bytes = file ? malloc((size_t) st.st_size) : NULL;
        if (t->bytes) {
                t->len = fread(t->bytes, 1, (size_t) st.st_size, file);
                snprintf(t->name, sizeof t->name, "%s", path);
                l->n_texts++;
        }
        if (file)
                fclose(file);
}

static void
add_texts(life *l, const char *path)
{
        DIR *dir = opendir(path);
        const struct dirent *entry;
        char name[MOST_PATH];

        if (!dir) {
                add_text(l, path);
                return;
        }
        while ((entry = readdir(dir)))
                if ((size_t) snprintf(name, sizeof name, "%s/%s", path, entry->d_name)
                    < sizeof name)
                        add_text(l, name);
        closedir(dir);
}

/* ---- one scene ---- */

static int
on_alert(const rt_alert *alert, void *user)
{
        life *l = user;
        const char *name;
        rt_value value;
        rt_str made;

        l->alerts++;
        if (rt_alert_text(alert, &made) < 0)
                return RT_EIO;
        l->bytes += made.len;
        if (rt_alert_json(alert, &made) < 0)
                return RT_EIO;
        l->bytes += made.len + strlen(rt_alert_id(alert));
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++)
                l->bytes += strlen(name);
        return RT_OK;
}

static int
begin(life *l, const scene *s, const char *rules)
{
        const rt_allocator allocator = { sizeof allocator, resize, l };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_worker_opts worker = RT_INIT(rt_worker_opts);
        int r;

        opts.allocator = &allocator;
        opts.hostname = "host";
        worker.rule_matching = RT_MATCH_ALL;
        r = rt_engine_new(&opts, &l->engine);
        r = r < 0 ? r : rt_loader_new(l->engine, NULL, &l->loader);
        r = r < 0 ? r : rt_loader_add_path(l->loader, rules, NULL);
        r = r < 0 ? r : rt_loader_compile(l->loader, NULL, &l->rules);
        r = r < 0 ? r : rt_engine_use(l->engine, l->rules);
        r = r < 0 ? r : rt_worker_new(l->engine, &worker, &l->worker);
        if (r < 0)
                fprintf(stderr, "%s: %s: %s\n", s->source, rules, rt_status_name(r));
        return r;
}

static void
end(life *l)
{
        rt_worker_unref(l->worker);
        rt_ruleset_unref(l->rules);
        rt_loader_unref(l->loader);
        rt_engine_unref(l->engine);
        for (size_t i = 0; i < l->n_texts; i++)
                free(l->texts[i].bytes);
}

/* Feed everything; how often memory was asked for, or RT_E*. */
static int64_t
feed_all(life *l, const scene *s, bool loud)
{
        const uint64_t before = l->calls;

        for (size_t i = 0; i < l->n_texts; i++) {
                const uint64_t calls = l->calls;
                const rt_str bytes = { l->texts[i].bytes, l->texts[i].len };
                const int r = rt_worker_feed(l->worker, s->source, bytes, on_alert, l);

                if (r < 0)
                        return r;
                if (loud && l->calls != calls)
                        fprintf(stderr, "%s: %" PRIu64 " allocations\n", l->texts[i].name,
                                l->calls - calls);
        }
        return (int64_t) (l->calls - before);
}

static bool
play(const scene *s, const char *corpus)
{
        static life l;
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        char rules[MOST_PATH], inputs[MOST_PATH];
        const char *root = s->corpus ? corpus : ".";
        int64_t warm = -1, rest = -1;

        l = (life){ 0 };
        snprintf(rules, sizeof rules, "%s/%s", root, s->rules);
        snprintf(inputs, sizeof inputs, "%s/%s", root, s->inputs);
        add_texts(&l, inputs);
        if (begin(&l, s, rules) == RT_OK && l.n_texts) {
                warm = feed_all(&l, s, false);
                rest = 0;
                for (int i = 0; i < ROUNDS && warm >= 0 && rest >= 0; i++) {
                        const int64_t n = feed_all(&l, s, true);

                        rest = n < 0 ? n : rest + n;
                }
                rt_worker_stats_get(l.worker, &stats);
        }
        printf("%s, %s: %" PRIu64 " events, %" PRIu64 " alerts, %" PRId64
               " allocations for the first round, %" PRId64 " for %d more\n",
               s->source, rules, stats.events, l.alerts, warm, rest, ROUNDS);
        end(&l);
        return warm >= 0 && rest == 0 && stats.events > 0 && l.alerts > 0;
}

int
main(int argc, char **argv)
{
        const char *corpus = argc > 1 ? argv[1] : getenv("RT_CORPUS");
        struct stat st;
        int failed = 0;

        if (!corpus)
                corpus = "../shared/corpus";
        for (size_t i = 0; i < RTI_COUNT(scenes); i++) {
                if (scenes[i].corpus && stat(corpus, &st) < 0)
                        printf("%s: skipped: no corpus at %s\n", scenes[i].rules, corpus);
                else
                        failed += !play(&scenes[i], corpus);
        }
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
