/* SPDX-License-Identifier: Apache-2.0 */
/* texts.c - texts of entries, brought into the form in which they are kept (spec A.1, C.2). */
#include "sources/syscall/state/parts.h"

/* The elements' bytes without the last NUL; @return how many elements. */
static uint32_t
elements_of(rt_str *raw)
{
        uint32_t n = 1;

        if (raw->len && raw->ptr[raw->len - 1] == '\0')
                raw->len--;
        if (!raw->len)
                return 0;
        for (const char *at = raw->ptr, *end = raw->ptr + raw->len;
             (at = memchr(at, '\0', (size_t) (end - at))); at++)
                n++;
        return n;
}

/* @a text becomes @a s and @a last behind it. */
static void
set_ending(rti_pool *pool, rti_text **text, rt_str s, char last)
{
        const rt_str old = rti_text_str(*text);
        rti_text *new;

        if (old.len == s.len + 1 && old.ptr[s.len] == last
            && rti_str_eq(rti_str_sub(old, 0, s.len), s))
                return;
        new = rti_text_new(pool, s.len + 1);
        if (new) {
                if (s.len)
                        memcpy(new->bytes, s.ptr, s.len);
                new->bytes[s.len] = last;
        }
        rti_text_unref(pool, *text);
        *text = new;
}

void
rti_list_set(rti_pool *pool, rti_text **text, uint32_t *n, rt_str raw)
{
        *n = elements_of(&raw);
        if (*n)
                set_ending(pool, text, raw, '\0');
        else
                rti_text_share(pool, text, NULL);
        if (!*text)
                *n = 0;
}

void
rti_text_set_dir(rti_pool *pool, rti_text **text, rt_str path)
{
        if (path.len && path.ptr[path.len - 1] == '/')
                rti_text_set(pool, text, path);
        else
                set_ending(pool, text, path, '/');
}

rt_str
rti_exepath_of(rt_str path)
{
        static const rt_str deleted = RTI_STR_INIT(" (deleted)");

        return rti_str_ends(path, deleted) ? rti_str_sub(path, 0, path.len - deleted.len) : path;
}

/* ---- cgroups ---- */

typedef struct writer {
        char *to; /* NULL: only count */
        size_t len;
} writer;

static void
put(writer *w, rt_str s)
{
        if (w->to && s.len)
                memcpy(w->to + w->len, s.ptr, s.len);
        w->len += s.len;
}

/* Short names of subsystems, as kernels give them, and what fields print. */
static const struct {
        rt_str kernel, name;
} subsystems[] = {
        { RTI_STR_INIT("perf"), RTI_STR_INIT("perf_event") },
        { RTI_STR_INIT("mem"), RTI_STR_INIT("memory") },
        { RTI_STR_INIT("io"), RTI_STR_INIT("blkio") },
};

static void
put_subsystem(writer *w, rt_str name)
{
        const size_t cut = rti_str_find(name, RTI_STR("_cgroup"));
        rt_str tail = { "", 0 };

        if (cut != SIZE_MAX) {
                tail = rti_str_sub(name, cut + 7, name.len);
                name.len = cut;
        }
        for (size_t i = 0; !tail.len && i < RTI_COUNT(subsystems); i++)
                if (rti_str_eq(name, subsystems[i].kernel))
                        name = subsystems[i].name;
        put(w, name);
        put(w, tail);
}

/* false: an element is no "subsystem=path". */
static bool
put_cgroups(writer *w, rt_str raw, uint32_t n)
{
        const char *at = raw.ptr, *const end = raw.ptr + raw.len;

        for (uint32_t i = 0; i < n; i++) {
                const char *stop = memchr(at, '\0', (size_t) (end - at));
                rt_str one = { at, (size_t) ((stop ? stop : end) - at) };
                const char *equals = one.len ? memchr(one.ptr, '=', one.len) : NULL;

                if (!equals)
                        return false;
                put_subsystem(w, rti_str_sub(one, 0, (size_t) (equals - one.ptr)));
                put(w, rti_str_sub(one, (size_t) (equals - one.ptr), one.len));
                put(w, (rt_str){ "", 1 });
                at = stop ? stop + 1 : end;
        }
        return true;
}

void
rti_state_set_cgroups(rti_state *state, rti_thread *thread, rt_str raw)
{
        const uint32_t n = elements_of(&raw);
        writer w = { 0 };
        rti_text *text;

        if (!n || !put_cgroups(&w, raw, n))
                return;
        text = rti_text_new(&state->pool, w.len);
        if (text) {
                w = (writer){ .to = text->bytes };
                put_cgroups(&w, raw, n);
                if (rti_str_eq(rti_text_str(text), rti_text_str(thread->cgroups))) {
                        rti_text_unref(&state->pool, text);
                        return;
                }
        }
        rti_text_unref(&state->pool, thread->cgroups);
        thread->cgroups = text;
        rti_state_set_container(state, thread);
}
