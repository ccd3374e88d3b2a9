/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.c - joining a directory and a path, and which directory that is.
 *
 * in    a directory that is taken as it stands, a path as a program gave it
 * out   a path without "//", "/./" and "/../", of valid and printable UTF-8 as far as the given
 *       path goes; the directory's own bytes are never looked at, except that ".." removes them
 *
 * The text is built in place: what has been written never needs to be read from its beginning.
 */
#include "sources/syscall/state/path.h"
#include "base/utf8.h"
#include "sources/syscall/state/thread.h"

static const rt_str too_long = RTI_STR_INIT("/DIR_TOO_LONG/FILENAME_TOO_LONG");

typedef struct builder {
        char *to;
        size_t n;
        bool overflow;
} builder;

static void
put(builder *b, const char *bytes, size_t n)
{
        if (n > RTI_PATH_ROOM - b->n) {
                b->overflow = true;
                return;
        }
        memcpy(b->to + b->n, bytes, n);
        b->n += n;
}

static bool
ends_with_slash(const builder *b)
{
        return b->n > 0 && b->to[b->n - 1] == '/';
}

/* Remove the last component and keep the '/' before it; the root stays. */
static void
pop(builder *b)
{
        if (b->n <= 1)
                return;
        b->n--;
        while (b->n > 0 && b->to[b->n - 1] != '/')
                b->n--;
}

static bool
is_printable(uint32_t code)
{
        return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

/* One component or a part of it, with what nobody can read replaced. */
static void
put_text(builder *b, rt_str text)
{
        for (size_t i = 0; i < text.len && !b->overflow;) {
                const char *s = text.ptr + i;
                size_t n = 0, step;

                while (i + n < text.len && s[n] >= 0x20 && s[n] < 0x7f)
                        n++;
                if (n) {
                        put(b, s, n);
                        i += n;
                        continue;
                }
                step = rti_utf8_valid(s, text.len - i);
                if (step && !is_printable(rti_utf8_get(s, step))) {
                        put(b, "\xef\xbf\xbd", 3);
                } else {
                        /* Bytes that are no character are what rules may look for. */
                        step = step ? step : rti_utf8_broken(s, text.len - i);
                        put(b, s, step);
                }
                i += step;
        }
}

/* "." and ".." mean something only where a component begins. */
static void
put_component(builder *b, rt_str component, bool begins)
{
        if (begins && rti_str_eq(component, RTI_STR(".")))
                return;
        if (begins && rti_str_eq(component, RTI_STR("..")))
                pop(b);
        else
                put_text(b, component);
}

/* Bytes at the front of an absolute path that stand in the result as they are; most paths do so
 * from end to end. Stops before a '/' that is not followed by a plain name. */
static size_t
clean_prefix(rt_str path)
{
        size_t n = 0;

        for (size_t i = 0; i < path.len; i++) {
                const unsigned char c = (unsigned char) path.ptr[i];

                if (c < 0x20 || c >= 0x7f)
                        return n;
                if (c != '/')
                        continue;
                n = i;
                if (i + 1 == path.len || path.ptr[i + 1] == '/' || path.ptr[i + 1] == '.')
                        return n;
        }
        return path.len;
}

size_t
rti_path_join(char to[RTI_PATH_ROOM], rt_str dir, rt_str path)
{
        builder b = { .to = to };

        if (path.len == 0)
                return 0;
        if (path.ptr[0] == '/')
                put(&b, path.ptr, clean_prefix(path));
        else if (dir.len)
                put(&b, dir.ptr, dir.len);
        for (size_t i = path.ptr[0] == '/' ? b.n : 0; i < path.len && !b.overflow;) {
                const char *slash = memchr(path.ptr + i, '/', path.len - i);
                const size_t end = slash ? (size_t) (slash - path.ptr) : path.len;

                if (end > i)
                        put_component(&b, rti_str_sub(path, i, end),
                                      b.n == 0 || ends_with_slash(&b));
                /* The root of the path itself; below it "a/../b" stays relative. */
                if (slash && (b.n ? !ends_with_slash(&b) : end == 0))
                        put(&b, "/", 1);
                i = end + 1;
        }
        if (b.n > 1 && ends_with_slash(&b))
                b.n--;
        if (!b.overflow && b.n < RTI_PATH_ROOM)
                return b.n;
        memcpy(to, too_long.ptr, too_long.len);
        return too_long.len;
}

rt_str
rti_path_cwd(const rti_thread *thread)
{
        if (!thread || !thread->leader)
                return RTI_STR("./");
        return rti_text_str(thread->leader->cwd);
}

rt_str
rti_path_dir_of(char to[RTI_PATH_ROOM + 1], const rti_thread *thread, int64_t dirfd, rt_str path)
{
        const rti_fds *fds = thread ? rti_thread_fds(thread) : NULL;
        const rti_fd *fd;
        rt_str name;

        if (path.len && path.ptr[0] == '/')
                return RTI_STR("");
        if (dirfd == RTI_AT_FDCWD)
                return rti_path_cwd(thread);
        fd = fds ? rti_fds_find(fds, dirfd) : NULL;
        if (!fd)
                return RTI_STR("<UNKNOWN>");
        name = rti_text_str(fd->name);
        if (name.len == 0 || name.ptr[name.len - 1] == '/')
                return name;
        if (name.len > RTI_PATH_ROOM)
                name.len = RTI_PATH_ROOM; /* too long to be joined with anything */
        memcpy(to, name.ptr, name.len);
        to[name.len] = '/';
        return (rt_str){ to, name.len + 1 };
}

rt_str
rti_path_dir(char to[RTI_PATH_ROOM + 1], const rti_sysevt *evt, uint32_t dirfd, rt_str path)
{
        return rti_path_dir_of(to, evt->thread, rti_arg_i64(evt, dirfd, -1), path);
}
