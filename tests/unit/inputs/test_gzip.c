/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of compressed files. */
#include <libruntime-inputs/gzip.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { MOST = 1 << 20 };

static unsigned char packed[MOST];
static char path[] = "test_gzip_XXXXXX.gz";

/* Append one gzip member with @a len bytes of text; what the packed bytes are then. */
static size_t
add_member(size_t at, const char *text, size_t len)
{
        z_stream z = { 0 };

        cr_assert_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
        z.next_in = (unsigned char *) (uintptr_t) text;
        z.avail_in = (unsigned) len;
        z.next_out = packed + at;
        z.avail_out = (unsigned) (MOST - at);
        cr_assert_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
        at += z.total_out;
        deflateEnd(&z);
        return at;
}

static void
write_file(size_t len)
{
        const int fd = mkstemps(path, 3);

        cr_assert(fd >= 0);
        cr_assert_eq(write(fd, packed, len), (ssize_t) len);
        close(fd);
}

/* Read it all, @a step bytes at a time: the last result, and how much there was. */
static int64_t
read_all(char *to, size_t step, size_t *ret_len)
{
        void *state;
        int64_t n;

        *ret_len = 0;
        cr_assert_eq(rt_gzip_reader()->open(path, &state), RT_OK);
        while ((n = rt_gzip_reader()->read(state, to + *ret_len, step)) > 0)
                *ret_len += (size_t) n;
        rt_gzip_reader()->close(state);
        unlink(path);
        return n;
}

Test(gzip, members_follow_each_other)
{
        static char out[MOST];
        size_t len, n = add_member(0, "hello ", 6);

        n = add_member(n, "", 0);
        n = add_member(n, "world", 5);
        write_file(n);
        cr_assert_eq(read_all(out, 3, &len), 0);
        cr_assert_eq(len, 11);
        cr_assert_arr_eq(out, "hello world", 11);
}

Test(gzip, a_cut_file_gives_its_beginning_and_then_an_error)
{
        static char text[300000], out[MOST];
        size_t len;

        for (size_t i = 0; i < sizeof text; i++)
                text[i] = (char) ('a' + (i * i + i / 7) % 26);
        write_file(add_member(0, text, sizeof text) / 2);
        cr_assert_eq(read_all(out, 4096, &len), RT_EFORMAT);
        cr_assert_gt(len, 1000);
        cr_assert_lt(len, sizeof text);
        cr_assert_arr_eq(out, text, len);
}

Test(gzip, a_broken_checksum_and_trailing_bytes_are_errors)
{
        static char out[MOST];
        size_t len, n = add_member(0, "hello", 5);

        packed[n - 5] ^= 1;
        write_file(n);
        cr_assert_eq(read_all(out, 64, &len), RT_EFORMAT);
        n = add_member(0, "hello", 5);
        memcpy(packed + n, "more", 4);
        memcpy(path, "test_gzip_XXXXXX.gz", sizeof path);
        write_file(n + 4);
        cr_assert_eq(read_all(out, 64, &len), RT_EFORMAT);
        cr_assert_eq(len, 5);
}

Test(gzip, other_files_are_left_to_others)
{
        void *state;

        cr_assert_eq(rt_gzip_reader()->open("-", &state), RT_ENOENT);
        cr_assert_eq(rt_gzip_reader()->open(".", &state), RT_ENOENT);
        cr_assert_eq(rt_gzip_reader()->open("no such file.gz", &state), RT_ENOENT);
        cr_assert_eq(rt_gzip_reader()->open("/dev/null", &state), RT_ENOENT);
}

Test(gzip, an_empty_file_of_that_name_is_damaged)
{
        char out[8];
        size_t len;

        write_file(0);
        cr_assert_eq(read_all(out, 8, &len), RT_EFORMAT);
        cr_assert_eq(len, 0);
}
