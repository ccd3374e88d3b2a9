/* SPDX-License-Identifier: Apache-2.0 */
/* lists.c - lists that change at run time, filled from the files of --list NAME=FILE. */
#include "lists.h"
#include "lists_watch.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* What the thread that reads files needs; the main thread looks at `busy`. */
static struct watch {
        session *session;
        const options *options;
        pthread_t thread;
        bool started; /* and is to be joined */
        bool changed; /* only files that have */
        atomic_bool busy;
} watch;

/* NAME of NAME=FILE, in @a name; the file. NULL: it is none. */
static const char *
split(const char *arg, char name[256])
{
        const char *equals = strchr(arg, '=');
        const size_t n = equals ? (size_t) (equals - arg) : 0;

        if (!n || n > 255 || !equals[1])
                return NULL;
        memcpy(name, arg, n);
        name[n] = '\0';
        return equals + 1;
}

int
lists_announce(session *s, const options *o)
{
        for (size_t i = 0; i < o->lists.n; i++) {
                char name[256];
                int r;

                if (!split(o->lists.at[i], name)) {
                        complain("--list takes NAME=FILE, not '%s'", o->lists.at[i]);
                        return EXIT_USAGE;
                }
                r = rt_engine_use_list(s->engine, name, NULL);
                if (r < 0) {
                        complain("list '%s': %s", name, rt_status_name(r));
                        return EXIT_BAD;
                }
        }
        return 0;
}

/* As items_type says it. */
static const char *
kind_name(uint32_t kind)
{
        return kind == RT_KIND_STRING ? "string" : kind == RT_KIND_IPNET ? "ip" : "number";
}

/* What the rules expect in the list; RT_KIND_NONE: none asks for it. */
static uint32_t
kind_of(const session *s, const char *name)
{
        rt_list_info info = RT_INIT(rt_list_info);

        for (size_t i = 0; rt_ruleset_list(s->rules, i, &info) == RT_OK; i++)
                if (strcmp(info.name, name) == 0)
                        return info.kind;
        return RT_KIND_NONE;
}

static int
fill(const session *s, const char *name, uint32_t kind, const char *path, bool again)
{
        rt_diags *diags = NULL;
        rt_list *list = NULL;
        rt_str text;
        int r = rt_diags_new(&diags);

        r = r < 0 ? r : rt_list_new(s->engine, kind, &list);
        r = r < 0 ? r : rt_list_add_path(list, path, diags);
        r = r < 0 ? r : rt_engine_use_list(s->engine, name, list);
        if (r == RT_ERULES && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                fwrite(text.ptr, 1, text.len, stderr);
        if (r < 0)
                complain("list '%s' is not read from %s: %s%s", name, path, rt_status_name(r),
                         again ? "; it is that from before" : "");
        else
                complain("list '%s' has %" PRIu64 " elements", name, rt_list_count(list));
        rt_list_unref(list);
        rt_diags_unref(diags);
        return r < 0 ? EXIT_BAD : 0;
}

/* @a again: what fails leaves the lists in force. @a changed: only files that have. */
static int
fill_all(const session *s, const options *o, bool again, bool changed)
{
        int worst = 0;

        for (size_t i = 0; i < o->lists.n; i++) {
                char name[256];
                const char *path = split(o->lists.at[i], name);
                const uint32_t kind = kind_of(s, name);

                if (changed && !lists_watch_take(i))
                        continue;
                if (kind == RT_KIND_NONE)
                        complain("warning: no rule asks for the list '%s'", name);
                else if (fill(s, name, kind, path, again))
                        worst = EXIT_BAD;
        }
        return worst;
}

int
lists_fill(session *s, const options *o)
{
        return fill_all(s, o, false, false);
}

bool
lists_agree(const session *s)
{
        rt_list_info in_force = RT_INIT(rt_list_info);
        bool agree = true;

        for (size_t i = 0; rt_engine_list(s->engine, i, &in_force) == RT_OK; i++) {
                const uint32_t kind = kind_of(s, in_force.name);

                if (!in_force.kind || !kind || kind == in_force.kind)
                        continue;
                complain("list '%s' holds %s, the rules want %s of it: start anew, or keep its "
                         "items_type",
                         in_force.name, kind_name(in_force.kind), kind_name(kind));
                agree = false;
        }
        return agree;
}

static void *
fill_again(void *user)
{
        (void) user;
        (void) fill_all(watch.session, watch.options, true, watch.changed);
        atomic_store(&watch.busy, false);
        return NULL;
}

static void
begin(session *s, const options *o, bool changed)
{
        lists_end();
        watch.session = s;
        watch.options = o;
        watch.changed = changed;
        atomic_store(&watch.busy, true);
        watch.started = pthread_create(&watch.thread, NULL, fill_again, NULL) == 0;
        if (!watch.started)
                fill_again(NULL);
}

void
lists_fill_again(session *s, const options *o)
{
        if (o->lists.n && !atomic_load(&watch.busy))
                begin(s, o, false);
}

void
lists_tick(session *s, const options *o)
{
        if (!atomic_load(&watch.busy) && lists_watch_changed())
                begin(s, o, true);
}

void
lists_end(void)
{
        if (watch.started)
                pthread_join(watch.thread, NULL);
        watch.started = false;
}
