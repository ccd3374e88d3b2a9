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
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
        const char *slash;

        if (b->n <= 1)
                return;
        slash = memrchr(b->to, '/', b->n - 1);
        b->n = slash ? (size_t) (slash - b->to) + 1 : 0;
}

static bool
is_printable(uint32_t code)
{
        return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

/* One character that is no printable ASCII, replaced if nobody can read it; @return its bytes. */
static size_t
put_odd(builder *b, rt_str text)
{
        size_t n = rti_utf8_valid(text.ptr, text.len);

        if (n && !is_printable(rti_utf8_get(text.ptr, n))) {
                put(b, "\xef\xbf\xbd", 3);
                return n;
        }
        /* Bytes that are no character are what rules may look for. */
        n = n ? n : rti_utf8_broken(text.ptr, text.len);
        put(b, text.ptr, n);
        return n;
}

/* The length of "." or "..", if that is the component at @a i. */
static size_t
dots_at(rt_str path, size_t i)
{
        size_t n = i;

        while (n < path.len && n < i + 2 && path.ptr[n] == '.')
                n++;
        return n == path.len || path.ptr[n] == '/' ? n - i : 0;
}

#ifdef __SSE2__
enum { AT_ONCE = 16 };

/* Which of so many bytes may not be copied as they are, a bit each? What is no printable ASCII, and
 * a '/' that something else than a name follows: one byte more is looked at. */
static inline uint32_t
stops(const char *at)
{
        const __m128i one = _mm_set1_epi8(1), slash = _mm_set1_epi8('/');
        const __m128i text = _mm_loadu_si128((const void *) at);
        const __m128i next = _mm_loadu_si128((const void *) (at + 1));
        /* As signed numbers: what comes behind '~' turns negative. */
        const __m128i plain = _mm_cmpgt_epi8(_mm_add_epi8(text, one), _mm_set1_epi8(0x20));
        /* '.' and '/' differ in the last bit. */
        const __m128i twice = _mm_and_si128(_mm_cmpeq_epi8(text, slash),
                                            _mm_cmpeq_epi8(_mm_or_si128(next, one), slash));

        return (uint32_t) _mm_movemask_epi8(_mm_andnot_si128(twice, plain)) ^ 0xffff;
}
#else
enum { AT_ONCE = 1 };

static inline uint32_t
stops(const char *at)
{
        const unsigned char c = (unsigned char) *at;

        return c < 0x20 || c >= 0x7f || (c == '/' && (at[1] == '/' || at[1] == '.'));
}
#endif

/* Where what stands at @a i and can be copied as it is ends, a '/' behind it included. */
static size_t
plain_end(rt_str path, size_t i)
{
        char rest[AT_ONCE + 1];
        uint32_t found;

        for (; path.len - i > AT_ONCE; i += AT_ONCE) {
                found = stops(path.ptr + i);
                if (found)
                        return i + (size_t) __builtin_ctz(found);
        }
        memset(rest, 'a', sizeof rest);
        memcpy(rest, path.ptr + i, path.len - i);
        found = stops(rest);
        return found ? i + (size_t) __builtin_ctz(found) : path.len;
}

/* Write what stands at @a i of @a path; @return how much of it that was. */
static size_t
put_next(builder *b, rt_str path, size_t i)
{
        const bool begins = b->n == 0 || ends_with_slash(b);
        size_t n;

        /* The root of the path itself stays; below it "a/../b" is relative. */
        if (path.ptr[i] == '/' && (b->n ? begins : i > 0))
                return 1;
        /* "." and ".." mean something only where a component begins. The '/' behind them goes too,
         * as there is one before them or nothing. */
        n = begins ? dots_at(path, i) : 0;
        if (n == 2)
                pop(b);
        if (n)
                return n + 1;
        n = plain_end(path, i) - i;
        if (i + n < path.len && path.ptr[i + n] == '/')
                n++;
        if (n == 0)
                return put_odd(b, rti_str_sub(path, i, path.len));
        put(b, path.ptr + i, n);
        return n;
}

/* The first @a i bytes of the path are plain. */
__attribute__((noinline)) static size_t
join_carefully(char to[RTI_PATH_ROOM], rt_str dir, rt_str path, size_t i)
{
        builder b = { .to = to };

        put(&b, dir.ptr, dir.len);
        put(&b, path.ptr, i);
        while (i < path.len && !b.overflow)
                i += put_next(&b, path, i);
        if (b.n > 1 && ends_with_slash(&b))
                b.n--;
        if (!b.overflow && b.n < RTI_PATH_ROOM)
                return b.n;
        memcpy(to, too_long.ptr, too_long.len);
        return too_long.len;
}

size_t
rti_path_join(char to[RTI_PATH_ROOM], rt_str dir, rt_str path)
{
        size_t n;

        if (path.len == 0)
                return 0;
        if (path.ptr[0] == '/' || dir.len == 0)
                dir = RTI_STR("");
        n = path.ptr[0] == '.' ? 0 : plain_end(path, 0);
        if (n < path.len || path.ptr[n - 1] == '/' || n + dir.len >= RTI_PATH_ROOM)
                return join_carefully(to, dir, path, n);
        if (dir.len)
                memcpy(to, dir.ptr, dir.len);
        memcpy(to + dir.len, path.ptr, n);
        return dir.len + n;
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
