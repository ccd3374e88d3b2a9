/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader.c - rt_loader_*: rule files in, rulesets out. What files mean stands in compiler/load/;
 * here they are fetched.
 */
#include "base/opts.h"
#include "base/vec.h"
#include "compiler/emit/emit.h"
#include "compiler/load/loader.h"
#include "engine/list.h"
#include "engine/turn.h"
#include "lang/lang.h"
#include "program/steps.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A text that is looked at behind the file that is being added. */
struct later {
        struct later *next;
        rt_str name, text;
};

struct rt_loader {
        rt_engine *engine;
        rti_loader *rules;
        rti_registry *from;     /* the engine's when this was made, which keeps it */
        rti_registry *registry; /* with what was added to this loader; NULL: the engine's */
        rti_turn turn;
        bool adding;         /* a file, whose items the host may be reading */
        pthread_t adder;     /* on this thread */
        struct later *later; /* texts that it added meanwhile */
        uint64_t disabled_passes;
        rt_diags *own; /* for callers that want none */
        rti_buf out;
        rti_arena arena; /* of the profile */
        rti_profile profile;
        uint64_t max_steps, max_steps_bytes;
};

static int
read_profile(rt_loader *loader, rt_str text)
{
        size_t line;

        if (!text.len)
                return RT_OK;
        return text.ptr ? rti_profile_read(&loader->arena, text, &loader->profile, &line)
                        : RT_EINVAL;
}

static int
compiled_rules(rt_loader *loader, rti_rules *ret_rules)
{
        int r = rti_loader_rules(loader->rules, ret_rules);

        if (r == RT_OK && loader->profile.n)
                ret_rules->profile = &loader->profile;
        return r;
}

/* ---- files ---- */

/* Read little more than @a most bytes, so that the loader sees that it is too large. */
static int
read_all(int fd, size_t most, rti_buf *buf)
{
        for (;;) {
                char *to = rti_buf_reserve(buf, 64 * 1024);
                ssize_t n;

                if (!to)
                        return buf->failed;
                n = read(fd, to, 64 * 1024);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? RT_EIO : RT_OK;
                rti_buf_used(buf, (size_t) n);
                if (buf->len > most)
                        return RT_OK;
        }
}

/* A named pipe is read only when somebody writes to it: nobody knows how long it would have to be
 * waited for. */
static int
open_file(const char *path, bool *ret_pipe)
{
        const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat status;
        int flags;

        if (fd < 0)
                return fd;
        *ret_pipe = fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
        flags = fcntl(fd, F_GETFL);
        if (flags >= 0)
                (void) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
        return fd;
}

/* For rti_loader_opts. */
static int
read_items(const char *path, size_t most, rti_buf *buf, const char **ret_why)
{
        bool pipe = false;
        const int fd = open_file(path, &pipe);
        int r = fd < 0 ? RT_EIO : read_all(fd, most, buf);

        *ret_why = r == RT_EIO ? strerror(errno) : "";
        if (fd >= 0)
                close(fd);
        return r == RT_OK && buf->len > most ? RT_ELIMIT : r;
}

/* The same. */
static bool
has_list(rt_str name, void *user)
{
        rt_engine *engine = user;
        bool there;

        pthread_mutex_lock(&engine->lock);
        there = rti_lists_find(engine->lists, name) != NULL;
        pthread_mutex_unlock(&engine->lock);
        return there;
}

int
rt_loader_new(rt_engine *engine, const rt_loader_opts *opts, rt_loader **ret_loader)
{
        rti_loader_opts inner = { 0 };
        rt_loader_opts known;
        rt_loader *loader;
        int r;

        if (!engine || !ret_loader)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r < 0)
                return r;
        if ((known.n_append_output && !known.append_output)
            || known.min_priority > RT_PRIORITY_DEBUG + 1
            || known.flags >= RT_LOADER_ITEMS_ANYWHERE << 1)
                return RT_EINVAL;
        inner.min_priority = known.min_priority;
        inner.flags = known.flags;
        inner.append = known.append_output;
        inner.n_append = known.n_append_output;
        inner.append_stride = known.append_output_stride;
        inner.max_bytes = engine->max_load_bytes;
        inner.read_file = read_items;
        inner.has_list = has_list;
        inner.has_list_user = engine;
        inner.items = engine->items;
        loader = rti_calloc(&engine->allocator, 1, sizeof *loader);
        if (!loader)
                return RT_ENOMEM;
        inner.outer = loader;
        loader->from = engine->registry;
        rti_arena_init(&loader->arena, &engine->allocator, 0);
        r = read_profile(loader, known.profile);
        r = r < 0 ? r : rti_diags_new(&engine->allocator, &loader->own);
        r = r < 0 ? r : rti_loader_new(&engine->allocator, loader->from, &inner, &loader->rules);
        if (r < 0) {
                rti_arena_done(&loader->arena);
                rti_diags_free(loader->own);
                rti_free(&engine->allocator, loader);
                return r;
        }
        loader->disabled_passes = known.disabled_passes;
        loader->max_steps = known.max_steps;
        loader->max_steps_bytes = known.max_steps_bytes;
        rti_buf_init(&loader->out, &engine->allocator, 0);
        loader->engine = rt_engine_ref(engine);
        atomic_store(&engine->sealed, true);
        *ret_loader = loader;
        return RT_OK;
}

rt_loader *
rt_loader_unref(rt_loader *loader)
{
        rt_engine *engine;

        if (!loader || !rti_turn_end(&loader->turn))
                return NULL;
        engine = loader->engine;
        rti_loader_free(loader->rules);
        rti_registry_unref(loader->registry);
        rti_diags_free(loader->own);
        rti_buf_done(&loader->out);
        rti_arena_done(&loader->arena);
        rti_free(&engine->allocator, loader);
        rt_engine_unref(engine);
        return NULL;
}

/* The call is over. */
static int
leave(rt_loader *loader, int r)
{
        rti_turn_set(&loader->turn, RTI_TURN_FREE);
        if (loader->turn.gone)
                rt_loader_unref(loader);
        return r;
}

/* Is it called by whoever reads an item of the file that is being added? */
static bool
is_inside(const rt_loader *loader)
{
        return rti_turn_of(&loader->turn) == RTI_TURN_TAKEN && loader->adding
               && pthread_equal(loader->adder, pthread_self());
}

static void
begin_adding(rt_loader *loader)
{
        loader->adder = pthread_self();
        loader->adding = true;
}

static int
add_later(rt_loader *loader, rt_str name, rt_str text)
{
        struct later *later = RTI_NEW(&loader->arena, struct later), **at = &loader->later;

        if (later)
                *later = (struct later){ NULL, rti_arena_copy(&loader->arena, name),
                                         rti_arena_copy(&loader->arena, text) };
        if (!later || !later->name.ptr || !later->text.ptr)
                return RT_ENOMEM;
        while (*at)
                at = &(*at)->next;
        *at = later;
        return RT_OK;
}

/* What was added while a file was, which gave @a r. */
static int
add_rest(rt_loader *loader, int r, rt_diags *diags)
{
        while (loader->later) {
                const struct later *later = loader->later;
                int next = RT_OK;

                loader->later = later->next;
                if (r == RT_OK)
                        next = rti_loader_add(loader->rules, later->name, later->text, diags);
                r = r < 0 ? r : next;
        }
        loader->adding = false;
        return r;
}

int
rt_loader_add(rt_loader *loader, const char *name, rt_str text, rt_diags *diags)
{
        int r;

        if (!loader || !name || (!text.ptr && text.len))
                return RT_EINVAL;
        if (is_inside(loader))
                return add_later(loader, rti_str_of(name), text);
        if (!rti_turn_take(&loader->turn))
                return RT_EBUSY;
        begin_adding(loader);
        diags = diags ? diags : loader->own;
        r = rti_loader_add(loader->rules, rti_str_of(name), text, diags);
        return leave(loader, add_rest(loader, r, diags));
}

int
rt_loader_on_match(rt_loader *loader, const char *field, const char *const *rules, uint32_t flags)
{
        const bool inside = loader && is_inside(loader);
        int r;

        if (!loader || !field || flags & ~(uint32_t) RT_ON_MATCH_ALSO)
                return RT_EINVAL;
        if (!inside && !rti_turn_take(&loader->turn))
                return RT_EBUSY;
        r = rti_loader_on_match(loader->rules, field, rules, flags & RT_ON_MATCH_ALSO);
        return inside ? r : leave(loader, r);
}

static int
add_fields(rt_loader *loader, const rt_fields_ops *ops)
{
        rt_engine *engine = loader->engine;
        rti_registry *from, *registry;
        int r;

        from = loader->registry ? loader->registry : rti_registry_ref(loader->from);
        pthread_mutex_lock(&engine->lock);
        r = rti_fields_add(engine, from, ops, true, &registry);
        pthread_mutex_unlock(&engine->lock);
        if (r < 0) {
                if (!loader->registry)
                        rti_registry_unref(from);
                return r;
        }
        loader->registry = registry;
        rti_loader_use(loader->rules, registry);
        return RT_OK;
}

int
rt_loader_add_fields(rt_loader *loader, const rt_fields_ops *ops)
{
        const bool inside = loader && is_inside(loader);
        int r;

        if (!loader || !ops)
                return RT_EINVAL;
        if (!inside && !rti_turn_take(&loader->turn))
                return RT_EBUSY;
        r = add_fields(loader, ops);
        return inside ? r : leave(loader, r);
}

/* ---- adding files ---- */

static int
add_file(rt_loader *loader, const char *path, rt_diags *diags)
{
        bool pipe = false;
        const int fd = open_file(path, &pipe);
        rti_buf buf;
        int r;

        rti_buf_init(&buf, &loader->engine->allocator, 0);
        r = fd < 0 ? RT_EIO : read_all(fd, RTI_MAX_RULE_FILE_BYTES, &buf);
        if (r == RT_OK && pipe && buf.len == 0) {
                errno = EPIPE;
                r = RT_EIO;
        }
        if (r == RT_EIO) {
                rti_loader_unreadable(loader->rules, rti_str_of(path), strerror(errno), diags);
                r = RT_ERULES;
        } else if (r == RT_OK) {
                r = rti_loader_add_file(loader->rules, rti_str_of(path), rti_buf_str(&buf), diags);
        }
        if (fd >= 0)
                close(fd);
        rti_buf_done(&buf);
        return r;
}

typedef RTI_VEC(char *) path_list;

static int
compare_paths(const void *a, const void *b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

static int
push_path(const rt_allocator *allocator, const char *folder, const char *name, path_list *paths)
{
        const size_t size = strlen(folder) + strlen(name) + 2;
        char *path = rti_alloc(allocator, size);
        struct stat status;
        int r;

        if (!path)
                return RT_ENOMEM;
        snprintf(path, size, "%s/%s", folder, name);
        r = stat(path, &status) == 0 && S_ISREG(status.st_mode)
                    ? rti_vec_push(paths, allocator, path, UINT32_MAX)
                    : 1;
        if (r != RT_OK)
                rti_free(allocator, path);
        return r < 0 ? r : RT_OK;
}

static int
list_folder(const rt_allocator *allocator, const char *folder, path_list *paths)
{
        DIR *dir = opendir(folder);
        const struct dirent *entry;
        int r = RT_OK;

        if (!dir)
                return RT_EIO;
        while (r == RT_OK && (entry = readdir(dir)))
                r = push_path(allocator, folder, entry->d_name, paths);
        closedir(dir);
        if (paths->n > 1)
                qsort(paths->at, paths->n, sizeof *paths->at, compare_paths);
        return r;
}

/* All of a folder's files are read, also behind one with errors: more of these come out. */
static int
add_folder(rt_loader *loader, const char *folder, rt_diags *diags)
{
        const rt_allocator *allocator = &loader->engine->allocator;
        path_list paths = { 0 };
        int worst = RT_OK;
        int r = list_folder(allocator, folder, &paths);

        if (r == RT_EIO) {
                rti_loader_unreadable(loader->rules, rti_str_of(folder), strerror(errno), diags);
                r = RT_ERULES;
        }
        for (size_t i = 0; i < paths.n; i++) {
                if (r == RT_OK || r == RT_ERULES || r == RT_ELIMIT)
                        r = add_file(loader, paths.at[i], diags);
                worst = r < 0 ? r : worst;
                rti_free(allocator, paths.at[i]);
        }
        rti_vec_done(&paths, allocator);
        return r < 0 ? r : worst;
}

int
rt_loader_add_path(rt_loader *loader, const char *path, rt_diags *diags)
{
        struct stat status;
        int r;

        if (!loader || !path)
                return RT_EINVAL;
        if (!rti_turn_take(&loader->turn))
                return RT_EBUSY;
        if (!diags)
                diags = loader->own;
        begin_adding(loader);
        r = stat(path, &status) == 0 && S_ISDIR(status.st_mode) ? add_folder(loader, path, diags)
                                                                : add_file(loader, path, diags);
        return leave(loader, add_rest(loader, r, diags));
}

/* ---- what came of it ---- */

int
rt_loader_select(rt_loader *loader, uint32_t enable, uint32_t mode, const char *pattern)
{
        if (!loader || !pattern || mode > RT_SELECT_SUBSTRING)
                return RT_EINVAL;
        if (!rti_turn_take(&loader->turn))
                return RT_EBUSY;
        return leave(loader, rti_loader_select(loader->rules, RTI_STR(""), enable != 0, mode,
                                               rti_str_of(pattern)));
}

/* Too many steps of a source, and the rule that takes most of them. */
static void
report_steps(rt_loader *loader, const rti_rules *rules, const char *name, uint64_t bytes,
             const rti_steps *steps, rt_diags *diags)
{
        const rti_rule *rule = rules->rules;
        rti_diag diag = { .id = RTI_D_STEPS,
                          .item = rti_str_of(name),
                          .hint = RTI_STR("regular expressions, and looking for texts in long "
                                          "values, cost most") };

        while (!rti_str_is(rule->name, name))
                rule++;
        diag.file = rule->file;
        diag.place.line = rule->line;
        rti_buf_clear(&loader->out);
        rti_buf_printf(&loader->out,
                       "One event may take %" PRIu64 " steps (record of %" PRIu64
                       " bytes), and max_steps is %" PRIu64 "; the dearest rule, '%s', may take "
                       "%" PRIu64,
                       steps->all, bytes, loader->max_steps, name, steps->rule_steps);
        diag.message = rti_buf_str(&loader->out);
        rti_diag_add(diags, &diag);
}

/* May one event of any source take too many steps? RT_OK, RT_ERULES, RT_ENOMEM. */
static int
check_steps(rt_loader *loader, const rti_rules *rules, const rt_ruleset *compiled, rt_diags *diags)
{
        const uint64_t bytes = loader->max_steps_bytes ? loader->max_steps_bytes
                                                       : loader->engine->max_record_bytes;
        int r = RT_OK;

        for (uint32_t i = 0; loader->max_steps && i < compiled->p.n_sources; i++) {
                rti_steps steps;

                if (rti_ruleset_steps(compiled, i, bytes, loader->engine->max_event_bytes, &steps)
                    < 0)
                        return RT_ENOMEM;
                if (steps.all <= loader->max_steps || steps.rule == RTI_NONE)
                        continue;
                report_steps(loader, rules, compiled->rules[steps.rule].info.name, bytes, &steps,
                             diags);
                r = RT_ERULES;
        }
        return r;
}

static int
compile(rt_loader *loader, rt_diags *diags, rt_ruleset **ret_rules)
{
        rt_ruleset *compiled;
        rti_rules rules;
        int r = compiled_rules(loader, &rules);

        r = r < 0 ? r
                  : rti_emit_ruleset(&loader->engine->allocator, &rules, loader->disabled_passes,
                                     &compiled);
        if (r < 0)
                return r;
        /* All else that is to be said was said when the files were added. */
        r = check_steps(loader, &rules, compiled, diags ? diags : loader->own);
        if (r < 0) {
                rti_ruleset_unref(compiled);
                return r;
        }
        compiled->registry = rti_registry_ref(loader->registry);
        *ret_rules = compiled;
        return r;
}

int
rt_loader_compile(rt_loader *loader, rt_diags *diags, rt_ruleset **ret_rules)
{
        if (!loader || !ret_rules)
                return RT_EINVAL;
        if (!rti_turn_take(&loader->turn))
                return RT_EBUSY;
        return leave(loader, compile(loader, diags, ret_rules));
}

int
rt_loader_describe(rt_loader *loader, const char *rule, rt_str *ret_text)
{
        if (!loader || !ret_text)
                return RT_EINVAL;
        if (!rti_turn_take(&loader->turn))
                return RT_EBUSY;
        return leave(loader, rti_loader_describe(loader->rules, rule, ret_text));
}

static int
dump(rt_loader *loader, const char *stage, rt_str *ret_text)
{
        rti_rules rules;
        int r = rti_loader_dump(loader->rules, rti_str_of(stage), ret_text);

        if (r != RT_ENOENT)
                return r;
        r = compiled_rules(loader, &rules);
        if (r < 0)
                return r;
        rti_buf_clear(&loader->out);
        r = rti_emit_dump(&loader->engine->allocator, &rules, loader->disabled_passes,
                          rti_str_of(stage), &loader->out);
        if (r == RT_OK && loader->out.failed)
                r = loader->out.failed;
        if (r == RT_OK)
                *ret_text = rti_buf_str(&loader->out);
        return r;
}

int
rt_loader_dump(rt_loader *loader, const char *stage, rt_str *ret_text)
{
        if (!loader || !stage || !ret_text)
                return RT_EINVAL;
        if (!rti_turn_take(&loader->turn))
                return RT_EBUSY;
        return leave(loader, dump(loader, stage, ret_text));
}

int
rt_compile(rt_engine *engine, const char *name, rt_str text, rt_diags *diags,
           rt_ruleset **ret_rules)
{
        rt_loader *loader = NULL;
        int r = rt_loader_new(engine, NULL, &loader);

        if (r == RT_OK)
                r = rt_loader_add(loader, name, text, diags);
        if (r == RT_OK)
                r = rt_loader_compile(loader, diags, ret_rules);
        rt_loader_unref(loader);
        return r;
}
