/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks.c - the scripts of an engine's rules: items `hooks:`, and files that the host names.
 *
 *   in   items of rule files, as JSON; texts
 *   out  fields added to the loader, functions that are asked about matches, rules of detections;
 *        or a sentence that says what is wrong
 *
 * The list has the scripts that somebody has a reference of, itself none: a script that no rules
 * have any more leaves it, and one that comes again unchanged is found in it.
 */
#include "base/alloc.h"
#include "base/opts.h"
#include "item.h"
#include "script.h"
#include <libruntime/runtime.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct rt_lua_hooks {
        atomic_size_t refs;
        rt_allocator allocator;
        rt_lua_opts opts;
        rt_engine *engine; /* borrowed, while rules are loaded */
        pthread_mutex_t lock;
        rt_lua *first, *last;
};

rt_lua_hooks *
hooks_ref(rt_lua_hooks *hooks)
{
        atomic_fetch_add_explicit(&hooks->refs, 1, memory_order_relaxed);
        return hooks;
}

/* ---- the list ---- */

void
hooks_forget(rt_lua *lua)
{
        rt_lua_hooks *hooks = lua->hooks;
        rt_lua **at = &hooks->first, *last = NULL;

        pthread_mutex_lock(&hooks->lock);
        for (; *at && *at != lua; at = &(*at)->next)
                last = *at;
        if (*at)
                *at = lua->next;
        if (hooks->last == lua)
                hooks->last = last;
        pthread_mutex_unlock(&hooks->lock);
        lua->hooks = NULL;
        rt_lua_hooks_unref(hooks);
}

/* A reference, unless the last is gone. */
static bool
revive(rt_lua *lua)
{
        size_t refs = atomic_load_explicit(&lua->refs, memory_order_relaxed);

        while (refs)
                if (atomic_compare_exchange_weak_explicit(&lua->refs, &refs, refs + 1,
                                                          memory_order_acquire,
                                                          memory_order_relaxed))
                        return true;
        return false;
}

rt_lua *
hooks_next(rt_lua_hooks *hooks, rt_lua *lua)
{
        rt_lua *next;

        pthread_mutex_lock(&hooks->lock);
        next = lua ? lua->next : hooks->first;
        while (next && !revive(next))
                next = next->next;
        pthread_mutex_unlock(&hooks->lock);
        rt_lua_unref(lua);
        return next;
}

static bool
is_text(rt_str a, rt_str b)
{
        return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The script of that name and text, run if it is not there; counted. */
static int
find_or_run(rt_lua_hooks *hooks, const char *name, rt_str text, const complaint *c,
            rt_lua **ret_lua)
{
        rt_lua *lua = hooks_next(hooks, NULL);
        int r;

        while (lua && (strcmp(lua->name, name) != 0 || !is_text(lua->text, text)))
                lua = hooks_next(hooks, lua);
        if (lua) {
                *ret_lua = lua;
                return RT_OK;
        }
        r = script_new(name, text, &hooks->opts, c, &lua);
        if (r < 0)
                return r;
        lua->hooks = hooks_ref(hooks);
        pthread_mutex_lock(&hooks->lock);
        *(hooks->last ? &hooks->last->next : &hooks->first) = lua;
        hooks->last = lua;
        pthread_mutex_unlock(&hooks->lock);
        *ret_lua = lua;
        return RT_OK;
}

bool
hooks_has(const rt_lua_hooks *hooks, const rt_lua *lua, rt_loader *loader)
{
        rt_field_info info = RT_INIT(rt_field_info);

        /* The mark is there, but is none that could be asked about matches. */
        if (loader)
                return rt_loader_on_match(loader, lua->mark, NULL, 0) == RT_EINVAL;
        for (size_t i = 0; rt_engine_field(hooks->engine, i, &info) == RT_OK; i++)
                if (strcmp(info.name, lua->mark) == 0)
                        return true;
        return false;
}

/* ---- loading ---- */

__attribute__((format(printf, 2, 3))) static int
complain(const complaint *c, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(c->text, c->size, format, args);
        va_end(args);
        return RT_EINVAL;
}

static const char *
why_not_added(int status)
{
        switch (status) {
        case RT_EEXIST:
                return "a field of one of its names is there already";
        case RT_ENOENT:
                return "a source is not there, or has not what a hook reads";
        case RT_EINVAL:
                return "a name is none that a field can have";
        default:
                return rt_status_name(status);
        }
}

/* Do both add a field, or the rule of a detection, of one name? */
static bool
is_same(const rt_lua *a, uint32_t i, const rt_lua *b, uint32_t k)
{
        const hook *one = &a->defs[i], *other = &b->defs[k];

        return strcmp(a->descs[i].name, b->descs[k].name) == 0
               || (one->kind == RT_LUA_DETECT && other->kind == RT_LUA_DETECT
                   && strcmp(one->label, other->label) == 0);
}

static int
compare_names(const rt_lua *lua, const rt_lua *other, const complaint *c)
{
        for (uint32_t i = 0; i < lua->n_fields; i++)
                for (uint32_t k = 0; k < other->n_fields; k++)
                        if (is_same(lua, i, other, k))
                                return complain(c,
                                                "%s:%d: '%s' is defined in %s:%d already: give "
                                                "one of them another name",
                                                lua->name, lua->defs[i].line, lua->defs[i].label,
                                                other->name, other->defs[k].line);
        return RT_OK;
}

/* What another script of the loader defines would be replaced, or asked about twice. */
static int
check_names(rt_lua_hooks *hooks, const rt_lua *lua, rt_loader *loader, const complaint *c)
{
        int r = RT_OK;

        for (rt_lua *other = hooks_next(hooks, NULL); other; other = hooks_next(hooks, other))
                if (r == RT_OK && other != lua && hooks_has(hooks, other, loader))
                        r = compare_names(lua, other, c);
        return r;
}

static int
ask_about_matches(const rt_lua *lua, rt_loader *loader)
{
        int r = RT_OK;

        for (uint32_t i = 0; r == RT_OK && i < lua->n_fields; i++) {
                const hook *h = &lua->defs[i];
                const char *const rule[] = { h->label, NULL };
                const bool detect = h->kind == RT_LUA_DETECT;

                if (h->kind != RT_LUA_FIELD)
                        r = rt_loader_on_match(loader, lua->descs[i].name,
                                               detect ? rule : (const char *const *) h->rules,
                                               detect ? RT_ON_MATCH_ALSO : 0);
        }
        return r;
}

static int
add_rules(const rt_lua *lua, rt_loader *loader, rt_diags *diags)
{
        int r = RT_OK;

        for (uint32_t i = 0; r == RT_OK && i < lua->n_fields; i++) {
                const char *rule = lua->defs[i].rule;

                if (rule)
                        r = rt_loader_add(loader, lua->name, (rt_str){ rule, strlen(rule) }, diags);
        }
        return r;
}

/* @param rules: add those of detections, too. @return 1: the loader had it, 0, RT_E* */
static int
load(rt_lua_hooks *hooks, rt_loader *loader, const char *name, rt_str text, bool rules,
     const complaint *c)
{
        rt_lua *lua;
        int r = find_or_run(hooks, name, text, c, &lua);

        if (r < 0)
                return r;
        r = hooks_has(hooks, lua, loader);
        if (r == 0 && check_names(hooks, lua, loader, c) < 0) {
                r = RT_EINVAL;
        } else if (r == 0) {
                r = script_add(lua, hooks->engine, loader);
                r = r < 0 || !loader ? r : ask_about_matches(lua, loader);
                if (r < 0)
                        complain(c, "%s: %s", name, why_not_added(r));
                atomic_store(&lua->brings_rules, rules);
                r = r < 0 || !rules ? r : add_rules(lua, loader, NULL);
        }
        rt_lua_unref(lua);
        return r;
}

int
rt_lua_hooks_load(rt_lua_hooks *hooks, rt_loader *loader, const char *name, rt_str text)
{
        char message[512] = "";
        const complaint c = { message, sizeof message };
        int r;

        if (!hooks || !name || (text.len && !text.ptr))
                return RT_EINVAL;
        r = load(hooks, loader, name, text, false, &c);
        if (r < 0 && *message && hooks->opts.report)
                hooks->opts.report(NULL, message, hooks->opts.report_user);
        return r < 0 ? r : RT_OK;
}

int
rt_lua_hooks_add_rules(rt_lua_hooks *hooks, rt_loader *loader, rt_diags *diags)
{
        int r = RT_OK, worst = RT_OK;

        if (!hooks || !loader)
                return RT_EINVAL;
        for (rt_lua *lua = hooks_next(hooks, NULL); lua; lua = hooks_next(hooks, lua)) {
                if (atomic_load(&lua->brings_rules) || !hooks_has(hooks, lua, loader))
                        continue;
                r = add_rules(lua, loader, diags);
                worst = worst < 0 ? worst : r;
        }
        return worst;
}

/* ---- items ---- */

/* The file's text, of the allocator. */
static int
read_file(const rt_allocator *allocator, const char *path, rt_str *ret_text, const complaint *c)
{
        FILE *file = fopen(path, "re");
        struct stat st;
        char *text;
        size_t n;

        if (!file)
                return complain(c, "%s: %s", path, strerror(errno));
        text = rti_alloc(allocator, MAX_SCRIPT_SIZE + 1);
        if (!text || fstat(fileno(file), &st) < 0 || !S_ISREG(st.st_mode)) {
                fclose(file);
                rti_free(allocator, text);
                return text ? complain(c, "%s: it is no file", path) : RT_ENOMEM;
        }
        n = fread(text, 1, MAX_SCRIPT_SIZE + 1, file);
        fclose(file);
        if (n > MAX_SCRIPT_SIZE) {
                rti_free(allocator, text);
                return complain(c, "%s: it has more than %d bytes", path, MAX_SCRIPT_SIZE);
        }
        *ret_text = (rt_str){ text, n };
        return RT_OK;
}

/* The path of a file in the item's folder or below it, wherever links lead. */
static int
find_file(const rt_item *item, const char *name, char path[PATH_MAX], const complaint *c)
{
        const bool here = item->folder && strcmp(item->folder, ".") == 0;
        char folder[PATH_MAX], real[PATH_MAX];
        size_t len;

        if (!item->folder)
                return complain(c, "hooks that name a file need rules that are read from one");
        if (*name == '/')
                return complain(c,
                                "hooks must name a file in the folder of the rules, or below it");
        if ((size_t) snprintf(path, PATH_MAX, "%s%s%s", here ? "" : item->folder, here ? "" : "/",
                              name)
                    >= PATH_MAX
            || !realpath(path, real) || !realpath(item->folder, folder))
                return complain(c, "%s: %s", path, strerror(errno));
        len = strlen(folder);
        if (strncmp(real, folder, len) != 0 || (real[len] != '/' && len > 1))
                return complain(c,
                                "hooks must name a file in the folder of the rules, or below it");
        return RT_OK;
}

static int
load_file(rt_lua_hooks *hooks, rt_loader *loader, const rt_item *item, const char *name,
          const complaint *c)
{
        char path[PATH_MAX];
        rt_str text;
        int r = find_file(item, name, path, c);

        r = r < 0 ? r : read_file(&hooks->allocator, path, &text, c);
        if (r < 0)
                return r;
        r = load(hooks, loader, path, text, true, c);
        rti_free(&hooks->allocator, (char *) (uintptr_t) text.ptr);
        return r;
}

/* A text in the rule file: its lines count from its own first one. */
static int
load_text(rt_lua_hooks *hooks, rt_loader *loader, const rt_item *item, const item_texts *texts,
          const complaint *c)
{
        const size_t size = strlen(item->file) + texts->hooks.len + 3;
        char *name = rti_alloc(&hooks->allocator, size);
        int r;

        if (!name)
                return RT_ENOMEM;
        snprintf(name, size, "%s(%s)", item->file, texts->hooks.ptr);
        r = load(hooks, loader, name, texts->script, true, c);
        rti_free(&hooks->allocator, name);
        return r;
}

static int
load_item(rt_loader *loader, const rt_item *item, char *message, size_t message_size, void *user)
{
        const complaint c = { message, message_size };
        rt_lua_hooks *hooks = user;
        item_texts texts;
        int r = item_read(&hooks->allocator, item->json, &texts);

        if (r == RT_ENOMEM)
                return r;
        if (r < 0)
                return complain(&c, "hooks are a text, the name of a file; with 'script' beside it "
                                    "it is a name for that");
        r = texts.script.ptr ? load_text(hooks, loader, item, &texts, &c)
                             : load_file(hooks, loader, item, texts.hooks.ptr, &c);
        rti_free(&hooks->allocator, texts.memory);
        return r < 0 ? r : RT_OK;
}

/* ---- hosts ---- */

int
rt_lua_hooks_new(rt_engine *engine, const rt_lua_opts *opts, rt_lua_hooks **ret_hooks)
{
        rt_item_ops ops = { .size = sizeof ops, .abi = RT_ITEM_ABI, .key = "hooks" };
        rt_allocator allocator;
        rt_lua_hooks *hooks;
        rt_lua_opts own;
        int r;

        if (!engine || !ret_hooks)
                return RT_EINVAL;
        r = script_copy_opts(opts, &own);
        if (r < 0)
                return r;
        allocator = own.allocator ? *own.allocator : rti_alloc_default;
        hooks = rti_calloc(&allocator, 1, sizeof *hooks);
        if (!hooks)
                return RT_ENOMEM;
        hooks->allocator = allocator;
        hooks->opts = own;
        hooks->engine = engine;
        atomic_init(&hooks->refs, 1);
        if (pthread_mutex_init(&hooks->lock, NULL) != 0) {
                rti_free(&allocator, hooks);
                return RT_ENOMEM;
        }
        ops.load = load_item;
        ops.user = hooks;
        r = rt_engine_add_item(engine, &ops);
        if (r < 0) {
                rt_lua_hooks_unref(hooks);
                return r;
        }
        *ret_hooks = hooks;
        return RT_OK;
}

rt_lua_hooks *
rt_lua_hooks_unref(rt_lua_hooks *hooks)
{
        rt_allocator allocator;

        if (!hooks || atomic_fetch_sub_explicit(&hooks->refs, 1, memory_order_acq_rel) > 1)
                return NULL;
        allocator = hooks->allocator;
        pthread_mutex_destroy(&hooks->lock);
        rti_free(&allocator, hooks);
        return NULL;
}

/* Hook @a *index of the script, counted down by what it has. */
static const hook *
hook_at(const rt_lua *lua, size_t *index)
{
        const size_t n = (size_t) lua->n_fields + lua->n_outputs;

        if (*index >= n) {
                *index -= n;
                return NULL;
        }
        return &lua->defs[*index < lua->n_fields ? *index : *index - lua->n_fields + MAX_FIELDS];
}

int
rt_lua_hooks_get(rt_lua_hooks *hooks, size_t index, rt_lua_hook *ret_hook)
{
        rt_lua_hook row = RT_INIT(rt_lua_hook);
        const hook *h = NULL;
        rt_lua *lua;

        if (!hooks || !ret_hook)
                return RT_EINVAL;
        lua = hooks_next(hooks, NULL);
        while (lua && !(h = hook_at(lua, &index)))
                lua = hooks_next(hooks, lua);
        if (!lua)
                return RT_ENOENT;
        row.script = lua->name;
        row.name = h->label;
        row.kind = h->kind;
        row.line = h->line;
        row.failures = atomic_load_explicit(&h->failures, memory_order_relaxed);
        row.off = atomic_load_explicit(&h->off, memory_order_relaxed);
        row.forgotten = atomic_load_explicit(&h->forgotten, memory_order_relaxed);
        rt_lua_unref(lua);
        return rti_opts_give(&row, sizeof row, ret_hook);
}
