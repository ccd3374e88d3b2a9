/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - the command line, read once into one struct. */
#ifndef RTCTL_OPTIONS_H
#define RTCTL_OPTIONS_H

#include "config.h"
#include <stdbool.h>
#include <stddef.h>

enum verb {
#define VERB(id, name, operands, help) VERB_##id,
#include "verbs.def"
#undef VERB
        N_VERBS
};

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* One --source with what stands behind it. */
typedef struct source_arg {
        char *name; /* owned */
        strings inputs;
        strings settings; /* key=value */
} source_arg;

typedef struct options {
        enum verb verb;
        bool help, version;
        settings config;     /* falco.yaml, then -o, then the options that stand for a setting */
        strings rules;       /* -r */
        strings lua;         /* --lua */
        strings lua_outputs; /* --lua-output, NAME=FILE */
        strings lists;       /* --list */
        strings natives;     /* --natives-path */
        strings operands;
        source_arg *sources;
        size_t n_sources;
        const char *reading, *listen, *tls_cert, *tls_key;
        const char *hostname, *format, *dump, *rule, *event, *write, *output, *save, *profile;
        uint64_t max_record_bytes, max_event_bytes, max_output_bytes, max_load_bytes; /* 0: as is */
        uint32_t workers;    /* 0: one for each processor */
        const char *key;     /* events with the same one go to the same worker; NULL: none */
        uint64_t duration_s; /* 0: until it is stopped */
        enum when summary, color;
        bool follow, strict, perf, kernel, partial, items_anywhere, isolate_plugins, watch_lists;
} options;

/* 0; or the exit code, after a message: EXIT_USAGE. */
int options_read(int argc, char **argv, options *ret_options);
void options_done(options *options);
/* The help of one verb, or of all of them with N_VERBS. */
void options_help(enum verb verb);

#endif
