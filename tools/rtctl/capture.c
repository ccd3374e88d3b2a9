/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.c - rtctl capture: write down what happens on this machine, for `run -e FILE`.
 *
 * The live reader's bytes are a capture already; they are compressed and written as they come.
 */
#include "readers.h"
#include "stop.h"
#include "verbs.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef RT_HAVE_GZIP
#include <zlib.h>
#endif

enum { BUFFER_BYTES = 1 << 20, EVENT_WORDS = 16, NOT_FASTEST = 3 };

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

static int
copy(const rt_reader_ops *reader, void *state, target *t, const stop_after *stop)
{
        static char buffer[BUFFER_BYTES];
        const bool draw = isatty(STDERR_FILENO);
        int64_t n;

        while (!stop_now(stop)) {
                n = reader->read(state, buffer, sizeof buffer);
                if (n == 0)
                        break;
                if (n < 0 && n != RT_EAGAIN) {
                        complain("cannot read further: %s", rt_status_name((int) n));
                        return EXIT_BAD;
                }
                if (n > 0 && !target_put(t, buffer, (size_t) n)) {
                        complain("cannot write: %s", strerror(errno));
                        return EXIT_BAD;
                }
                if (draw)
                        fprintf(stderr, "\r%.1f MiB; Ctrl-C ends it ", (double) t->bytes / 1048576);
        }
        if (draw)
                fputc('\n', stderr);
        return 0;
}

static int
capture_to(const rt_reader_ops *reader, void *state, const options *o)
{
        const stop_after stop = stop_begin(o->duration_s);
        target t = { .bytes = 0 };
        int code;

        if (!target_open(&t, o->write)) {
                complain("cannot write '%s': %s", o->write, strerror(errno));
                return EXIT_BAD;
        }
        code = ask_for_all(reader, state) < 0 ? EXIT_BAD : copy(reader, state, &t, &stop);
        if (!target_close(&t) && !code) {
                complain("cannot write '%s': %s", o->write, strerror(errno));
                code = EXIT_BAD;
        }
        return code;
}

int
verb_capture(const options *o)
{
        const char *path = o->operands.n ? o->operands.at[0] : "kernel:";
        const rt_reader_ops *reader = readers_live();
        char why[512];
        void *state;
        int code, r;

        if (!o->write || o->operands.n > 1) {
                complain("usage: rtctl capture -w FILE [kernel:OPTIONS]");
                return EXIT_USAGE;
        }
        r = reader ? reader->open(path, &state) : RT_EIO;
        if (r == RT_ENOENT || r == RT_EINVAL) {
                complain("'%s' is no live input: kernel:KEY=VALUE,... is", path);
                return EXIT_USAGE;
        }
        if (r < 0) {
                readers_explain_live(why, sizeof why);
                complain("this machine cannot be watched: %s", *why ? why : rt_status_name(r));
                return EXIT_BAD;
        }
        code = capture_to(reader, state, o);
        reader->close(state);
        return code;
}
