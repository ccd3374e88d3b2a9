/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c - which builds of the kernel side does this kernel take?
 *
 *      matrix-probe [OBJECT...]
 *
 * Prints `best typed`, `best raw` or `best REASON`, and `raw loads` or `raw REASON`. Where one is
 * refused, the end of what the kernel says of each OBJECT (the files that the builds were made
 * from) follows. Exit 0: at least the raw one was loaded, which every kernel must take.
 */
#include "live/live_internal.h"
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

enum { LOG_BYTES = 1 << 24, LOG_END = 4000 };

static char verifier_log[LOG_BYTES];

static bool
load(bool plain, rti_live_probe *ret_probe)
{
        const rti_live_options options = { .plain = plain };
        rti_live *live = NULL;

        if (rti_live_open(&options, ret_probe, &live) < 0)
                return false;
        rti_live_close(live);
        return true;
}

static int
print_warnings(enum libbpf_print_level level, const char *format, va_list args)
{
        char line[512];

        if (level != LIBBPF_WARN)
                return 0;
        /* With the log on, libbpf repeats all of it. */
        if (strstr(format, "BEGIN PROG LOAD LOG"))
                return 0;
        vsnprintf(line, sizeof line, format, args);
        fputs(line, stdout);
        return 0;
}

/* The verifier's last words on the program that it refuses. */
static void
explain(const char *path)
{
        const struct bpf_object_open_opts opts = { .sz = sizeof opts,
                                                   .kernel_log_buf = verifier_log,
                                                   .kernel_log_size = sizeof verifier_log,
                                                   .kernel_log_level = 0 };
        struct bpf_object *object = bpf_object__open_file(path, &opts);
        size_t n;

        printf("== %s\n", path);
        if (!object)
                return;
        if (bpf_object__load(object) < 0) {
                n = strnlen(verifier_log, sizeof verifier_log);
                printf("%s\n", verifier_log + (n > LOG_END ? n - LOG_END : 0));
        }
        bpf_object__close(object);
}

int
main(int argc, char **argv)
{
        rti_live_probe best, plain;
        const bool any = load(false, &best), raw = load(true, &plain);

        printf("best %s\n", !any ? best.message : best.typed ? "typed" : "raw");
        printf("raw %s\n", raw ? "loads" : plain.message);
        if (!any || !raw || !best.typed) {
                libbpf_set_print(print_warnings);
                for (int i = 1; i < argc; i++)
                        explain(argv[i]);
        }
        return any && raw ? 0 : 1;
}
