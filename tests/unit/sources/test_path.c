/* SPDX-License-Identifier: Apache-2.0 */
/* Joining directories and paths: each sentence of the rules, then random paths against a model. */
#include "sources/syscall/state/path.h"
#include "base/utf8.h"
#include "sources/syscall/state/thread.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#define TOO_LONG "/DIR_TOO_LONG/FILENAME_TOO_LONG"

struct join_row {
        char claim[70];
        char dir[40], path[40], joined[60];
};

ParameterizedTestParameters(path, joins)
{
        static struct join_row rows[] = {
                { "a relative path follows the directory", "/a/b/", "c", "/a/b/c" },
                { "an absolute path ignores it", "/a/b/", "/c", "/c" },
                { "an empty path is nothing, in any directory", "/a/b/", "", "" },
                { "the directory stands as it is", "/a//./b/../", "c", "/a//./b/../c" },
                { "slashes collapse", "/a/", "b//c///d", "/a/b/c/d" },
                { "slashes collapse behind the directory's", "/a/", ".//b", "/a/b" },
                { "slashes collapse at the root", "", "///a", "/a" },
                { "a dot goes", "/a/", "./b/./c/.", "/a/b/c" },
                { "a slash at the end goes", "/a/", "b/", "/a/b" },
                { "the directory itself has no slash either", "/a/", ".", "/a" },
                { "the root keeps its slash", "/", ".", "/" },
                { "the root is the root", "/x/", "/", "/" },
                { "two dots pop a component", "/a/", "b/../c", "/a/c" },
                { "two dots pop those of the directory", "/a/b/", "../../c", "/c" },
                { "nothing is above the root", "/a/", "../../../c", "/c" },
                { "nothing is above the root of a path", "", "/../c", "/c" },
                { "two dots at the end pop too", "/a/b/", "c/..", "/a/b" },
                { "three dots are a name", "/a/", "...", "/a/..." },
                { "a dot inside a name is a dot", "/a/", "b.c/.d/e./..f", "/a/b.c/.d/e./..f" },
                { "without a root it stays relative", "", "a/../b", "b" },
                { "above a relative beginning is nothing", "", "../b", "b" },
                { "an unknown directory is a prefix", "<UNKNOWN>", "foo", "<UNKNOWN>foo" },
                { "a dot behind it is no component", "<UNKNOWN>", "./a", "<UNKNOWN>./a" },
                { "a control character is replaced", "/", "a\x01\x7f",
                  "/a\xef\xbf\xbd\xef\xbf\xbd" },
                { "a control character of Latin-1 is replaced", "/", "\xc2\x85", "/\xef\xbf\xbd" },
                { "a letter is not", "/", "\xc3\xa4\xe2\x82\xac", "/\xc3\xa4\xe2\x82\xac" },
                { "a lone byte stays", "/", "a\xff/b", "/a\xff/b" },
                { "a broken sequence stays", "/", "\xe2\x82/b", "/\xe2\x82/b" },
                { "the directory's bytes are not looked at", "/\xff\x01/", "b", "/\xff\x01/b" },
        };

        return cr_make_param_array(struct join_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct join_row *row, path, joins)
{
        char to[RTI_PATH_ROOM];
        const rt_str joined = {
                to,
                rti_path_join(to, rti_str_of(row->dir), rti_str_of(row->path)),
        };

        cr_assert(rti_str_is(joined, row->joined), "%s: got \"%.*s\"", row->claim, RTI_FMT(joined));
}

static size_t
join_of_lengths(size_t dir_len, const char *path)
{
        static char dir[RTI_PATH_ROOM * 2], to[RTI_PATH_ROOM];
        size_t n;

        memset(dir, 'd', sizeof dir);
        dir[0] = dir[dir_len - 1] = '/';
        n = rti_path_join(to, (rt_str){ dir, dir_len }, rti_str_of(path));
        if (rti_str_is((rt_str){ to, n }, TOO_LONG))
                return 0;
        cr_assert_eq(to[0], '/');
        return n;
}

Test(path, more_than_1023_bytes_are_told_as_such)
{
        cr_assert_eq(join_of_lengths(1020, "abc"), 1023);
        cr_assert_eq(join_of_lengths(1020, "abcd"), 0);
        cr_assert_eq(join_of_lengths(1020, "abc/"), 1023);
        cr_assert_eq(join_of_lengths(1024, "."), 1023);
        cr_assert_eq(join_of_lengths(1025, ".."), 0);
        cr_assert_eq(join_of_lengths(1019, "a\x01"), 1023);
        cr_assert_eq(join_of_lengths(1020, "a\x01"), 0);
        cr_assert_eq(join_of_lengths(2000, "/abc"), 4);
}

/* ---- random paths ---- */

/* The path with what is not printable replaced, NUL behind it. */
static size_t
model_text(char *to, rt_str path)
{
        size_t n = 0;

        for (size_t i = 0; i < path.len;) {
                size_t step = rti_utf8_valid(path.ptr + i, path.len - i);
                const uint32_t code = step ? rti_utf8_get(path.ptr + i, step) : ' ';

                step = step ? step : rti_utf8_broken(path.ptr + i, path.len - i);
                if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
                        memcpy(to + n, "\xef\xbf\xbd", 3);
                        n += 3;
                        i += step;
                        continue;
                }
                memcpy(to + n, path.ptr + i, step);
                n += step;
                i += step;
        }
        to[n] = '\0';
        return n;
}

/* "." or "..", if that is what stands at @path. */
static size_t
model_dots(const char *path)
{
        const size_t n = strspn(path, ".");

        return n <= 2 && (path[n] == '/' || !path[n]) ? n : 0;
}

/* Byte by byte with a look ahead. */
static size_t
model_join(char *to, rt_str dir, const char *path)
{
        size_t n = 0;

        if (!*path)
                return 0;
        if (*path != '/') {
                memcpy(to, dir.ptr, dir.len);
                n = dir.len;
        }
        while (*path) {
                const bool begins = n == 0 || to[n - 1] == '/';
                const size_t dots = model_dots(path);

                if (begins && dots) {
                        if (dots == 2 && n > 1)
                                for (n--; n > 0 && to[n - 1] != '/'; n--)
                                        ;
                        path += dots;
                        path += strspn(path, "/");
                } else if (*path == '/' && n > 0 && begins) {
                        path++;
                } else {
                        to[n++] = *path++;
                }
        }
        if (n > 1 && to[n - 1] == '/')
                n--;
        return n;
}

static size_t
random_path(char *to, size_t most)
{
        static const char *const bits[] = { "/",        "/",   ".",    "..",   "a",
                                            "bc",       "...", "\x01", "\xff", "\xe2\x82",
                                            "\xc3\xa4", "/..", "./",   "\x7f", "\xf0\x9f" };
        static const char plain[] = "/usr/lib/x86_64-linux-gnu/include.d/~";
        const size_t want = (size_t) rand() % (most - 4);
        size_t n = 0;

        while (n < want) {
                const bool odd = rand() % 3;
                const char *bit = odd ? bits[(size_t) rand() % RTI_COUNT(bits)] : plain;
                const size_t len = odd ? strlen(bit) : (size_t) rand() % sizeof plain;

                memcpy(to + n, bit, len);
                n += len;
        }
        return n;
}

Test(path, random_paths_agree_with_a_naive_model)
{
        static char dir[2000], path[3000], text[9000], wanted[12000], to[RTI_PATH_ROOM];
        uint32_t n_long = 0;

        srand(7);
        for (int i = 0; i < 200000; i++) {
                const size_t most = i % 100 == 0 ? 700 : 30;
                rt_str d = { dir, random_path(dir, most) };
                const rt_str p = { path, random_path(path, most) };
                size_t n, n_wanted;

                dir[d.len++] = '/';
                d.len = rand() % 8 ? d.len : 0;
                model_text(text, p);
                n_wanted = model_join(wanted, d, text);
                n = rti_path_join(to, d, p);
                if (n_wanted >= RTI_PATH_ROOM || rti_str_is((rt_str){ to, n }, TOO_LONG)) {
                        /* It may have been too long before ".." made it shorter. */
                        cr_assert(rti_str_is((rt_str){ to, n }, TOO_LONG));
                        cr_assert_gt(n_wanted + 3 * p.len + d.len, RTI_PATH_ROOM);
                        n_long++;
                        continue;
                }
                cr_assert(rti_str_eq((rt_str){ to, n }, (rt_str){ wanted, n_wanted }),
                          "%.*s + %.*s: %.*s, wanted %.*s", RTI_FMT(d), RTI_FMT(p), (int) n, to,
                          (int) n_wanted, wanted);
        }
        cr_assert_gt(n_long, 100);
}

Test(path, what_is_not_plain_is_seen_wherever_it_stands)
{
        static const char *const odd[] = { "/",    "//",   "/.",   "/..",  "/./",  "/../",
                                           "\x01", "\x1f", "\x7f", "\x80", "\xff", "\xc2\x85" };
        char path[80], text[400], wanted[400], to[RTI_PATH_ROOM];

        for (size_t len = 1; len < 60; len++) {
                for (size_t i = 0; i < len * RTI_COUNT(odd); i++) {
                        const char *at = odd[i / len];
                        const size_t n_odd = strlen(at);
                        size_t n;

                        memset(path, 'a', sizeof path);
                        memcpy(path + i % len, at, n_odd);
                        n = i % len + n_odd > len ? i % len + n_odd : len;
                        model_text(text, (rt_str){ path, n });
                        n = rti_path_join(to, RTI_STR("/b/c/"), (rt_str){ path, n });
                        cr_assert(rti_str_eq((rt_str){ to, n },
                                             (rt_str){ wanted, model_join(wanted, RTI_STR("/b/c/"),
                                                                          text) }),
                                  "%zu %zu: %.*s", len, i, (int) n, to);
                }
        }
}

/* ---- directories ---- */

static rti_pool pool;

static rti_thread *
process(const char *cwd)
{
        static rti_thread thread;

        rti_pool_init(&pool, &rti_alloc_default, 1 << 20);
        thread = (rti_thread){ .leader = &thread, .fds = rti_fds_new(&pool) };
        rti_text_set(&pool, &thread.cwd, rti_str_of(cwd));
        return &thread;
}

static void
open_as(rti_thread *thread, int64_t num, rt_str name)
{
        rti_text_set(&pool, &rti_fds_add(&pool, thread->fds, num)->name, name);
}

static void
assert_dir(const rti_thread *thread, int64_t dirfd, const char *path, const char *wanted)
{
        char room[RTI_PATH_ROOM + 1];
        const rt_str dir = rti_path_dir_of(room, thread, dirfd, rti_str_of(path));

        cr_assert(rti_str_is(dir, wanted), "got %.*s, wanted %s", RTI_FMT(dir), wanted);
}

Test(path, a_dirfd_means_what_it_was_opened_as)
{
        rti_thread *thread = process("/home/");

        open_as(thread, 3, RTI_STR("/etc"));
        open_as(thread, 4, RTI_STR("/"));
        open_as(thread, 5, RTI_STR(""));
        assert_dir(thread, RTI_AT_FDCWD, "f", "/home/");
        assert_dir(thread, 3, "f", "/etc/");
        assert_dir(thread, 4, "f", "/");
        assert_dir(thread, 5, "f", "");
        assert_dir(thread, 6, "f", "<UNKNOWN>");
        assert_dir(thread, -1, "f", "<UNKNOWN>");
        assert_dir(thread, 6, "/f", "");
        assert_dir(thread, 3, "", "/etc/");
        rti_pool_done(&pool);
}

Test(path, a_thread_works_in_its_leaders_directory)
{
        rti_thread *leader = process("/home/");
        rti_thread thread = { .leader = leader };

        assert_dir(&thread, RTI_AT_FDCWD, "f", "/home/");
        thread.leader = NULL;
        assert_dir(&thread, RTI_AT_FDCWD, "f", "./");
        rti_pool_done(&pool);
}

Test(path, a_name_that_is_too_long_makes_any_path_too_long)
{
        static char name[5000];
        char room[RTI_PATH_ROOM + 1], to[RTI_PATH_ROOM];
        rti_thread *thread = process("/");
        size_t n;

        memset(name, 'x', sizeof name);
        name[0] = '/';
        open_as(thread, 3, (rt_str){ name, sizeof name });
        n = rti_path_join(to, rti_path_dir_of(room, thread, 3, RTI_STR("a")), RTI_STR("a"));
        cr_assert(rti_str_is((rt_str){ to, n }, TOO_LONG));
        rti_pool_done(&pool);
}
