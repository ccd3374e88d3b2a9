/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.c - rtctl capture: write down what happens on this machine, for `run -e FILE`.
 *
 * The live reader's bytes are a capture already; they are compressed and written as they come.
 */
#include "capture.h"
#include "readers.h"
#include "stop.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef RT_HAVE_GZIP
#include <zlib.h>
#endif

enum { BUFFER_BYTES = 1 << 20, EVENT_WORDS = 16, NOT_FASTEST = 3, MIB = 1 << 20 };

typedef struct target {
        FILE *plain;
#ifdef RT_HAVE_GZIP
        gzFile packed;
#endif
        uint64_t bytes;
} target;

static bool
target_open(target *t, const char *path)
{
#ifdef RT_HAVE_GZIP
        t->packed = gzopen(path, "wbe");
        if (t->packed)
                gzsetparams(t->packed, NOT_FASTEST, Z_DEFAULT_STRATEGY);
        return t->packed != NULL;
#else
        t->plain = fopen(path, "wbe");
        return t->plain != NULL;
#endif
}

static bool
target_put(target *t, const void *bytes, size_t n)
{
        t->bytes += n;
#ifdef RT_HAVE_GZIP
        return gzwrite(t->packed, bytes, (unsigned) n) == (int) n;
#else
        return fwrite(bytes, 1, n, t->plain) == n;
#endif
}

static bool
target_close(target *t)
{
#ifdef RT_HAVE_GZIP
        return gzclose(t->packed) == Z_OK;
#else
        return fclose(t->plain) == 0;
#endif
}

/* Everything the reader can tell. */
static int
ask_for_all(const rt_reader_ops *reader, void *state)
{
        uint64_t all[EVENT_WORDS];
        rt_demand demand = RT_INIT(rt_demand);

        memset(all, 0xff, sizeof all);
        demand.event_types = all;
        demand.n_event_words = EVENT_WORDS;
        return reader->demand(state, &demand);
}

struct capture {
        const rt_reader_ops *reader;
        void *state;
        target target;
        const char *path;
        bool failed;
        char buffer[BUFFER_BYTES];
};

/* 0, or an exit code after a message. */
static int
open_live(capture *c, const char *input)
{
        const int r = c->reader ? c->reader->open(input, &c->state) : RT_EIO;
        char why[512];

        if (r == RT_ENOENT || r == RT_EINVAL) {
                complain("'%s' is no live input: kernel:KEY=VALUE,... is", input);
                return EXIT_USAGE;
        }
        if (r < 0) {
                readers_explain_live(why, sizeof why);
                complain("this machine cannot be watched: %s", *why ? why : rt_status_name(r));
                return EXIT_BAD;
        }
        return 0;
}

capture *
capture_open(const char *input, const char *path, int *ret_code)
{
        capture *c = need(calloc(1, sizeof *c));

        c->reader = readers_live();
        c->path = path;
        *ret_code = open_live(c, input);
        if (!*ret_code && ask_for_all(c->reader, c->state) < 0)
                *ret_code = EXIT_BAD;
        if (!*ret_code && !target_open(&c->target, path)) {
                complain("cannot write '%s': %s", path, strerror(errno));
                *ret_code = EXIT_BAD;
        }
        if (!*ret_code)
                return c;
        if (c->state)
                c->reader->close(c->state);
        free(c);
        return NULL;
}

int
capture_step(capture *c)
{
        const int64_t n = c->reader->read(c->state, c->buffer, sizeof c->buffer);

        if (n == 0)
                return RT_EOF;
        if (n == RT_EAGAIN)
                return RT_OK;
        if (n < 0) {
                complain("cannot read further: %s", rt_status_name((int) n));
                c->failed = true;
                return (int) n;
        }
        if (!target_put(&c->target, c->buffer, (size_t) n)) {
                complain("cannot write '%s': %s", c->path, strerror(errno));
                c->failed = true;
                return RT_EIO;
        }
        return RT_OK;
}

uint64_t
capture_bytes(const capture *c)
{
        return c->target.bytes;
}

int
capture_close(capture *c)
{
        int code = c->failed ? EXIT_BAD : 0;

        if (!target_close(&c->target) && !code) {
                complain("cannot write '%s': %s", c->path, strerror(errno));
                code = EXIT_BAD;
        }
        c->reader->close(c->state);
        free(c);
        return code;
}

int
verb_capture(const options *o)
{
        const char *input = o->operands.n ? o->operands.at[0] : "kernel:";
        const bool draw = isatty(STDERR_FILENO);
        stop_after stop;
        capture *c;
        int code;

        if (!o->write || o->operands.n > 1) {
                complain("usage: rtctl capture -w FILE [kernel:OPTIONS]");
                return EXIT_USAGE;
        }
        c = capture_open(input, o->write, &code);
        if (!c)
                return code;
        stop = stop_begin(o->duration_s);
        while (!stop_now(&stop) && capture_step(c) == RT_OK)
                if (draw)
                        fprintf(stderr, "\r%.1f MiB; Ctrl-C ends it ",
                                (double) capture_bytes(c) / MIB);
        if (draw)
                fputc('\n', stderr);
        return capture_close(c);
}
