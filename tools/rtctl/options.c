/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c - the command line. `rtctl VERB [options] [operands]`; options and operands may be
 * mixed, which `run` needs: an operand behind --source NAME is an input of that source.
 */
#include "options.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
#define OPTION(id, long_name, short_name, argument, verbs, help) OPT_##id,
#include "options.def"
#undef OPTION
        N_OPTIONS
};

enum verb_bits {
#define VERB(id, name, operands, help) id = 1 << VERB_##id,
#include "verbs.def"
#undef VERB
        NONE = 0,
        ALL = (1 << N_VERBS) - 1
};

typedef struct option_row {
        const char *long_name;
        char short_name;
        const char *argument;
        unsigned verbs;
        const char *help;
} option_row;

static const option_row rows[N_OPTIONS] = {
#define OPTION(id, long_name, short_name, argument, verbs, help) \
        [OPT_##id] = { long_name, short_name, argument, verbs, help },
#include "options.def"
#undef OPTION
};

typedef struct verb_row {
        const char *name, *operands, *help;
} verb_row;

static const verb_row verbs[N_VERBS] = {
#define VERB(id, name, operands, help) [VERB_##id] = { name, operands, help },
#include "verbs.def"
#undef VERB
};

/* ---- help ---- */

static void
print_option(const option_row *row)
{
        char left[64];

        snprintf(left, sizeof left, "%c%c%s--%s%s%s", row->short_name ? '-' : ' ',
                 row->short_name ? row->short_name : ' ', row->short_name ? ", " : "  ",
                 row->long_name, row->argument ? " " : "", row->argument ? row->argument : "");
        printf("  %-28s %s\n", left, row->help);
}

void
options_help(enum verb verb)
{
        if (verb == N_VERBS) {
                printf("rtctl - check rules, judge events, print alerts\n\n"
                       "Usage: rtctl VERB [OPTIONS] [OPERANDS]\n\nVerbs:\n");
                for (size_t i = 0; i < N_VERBS; i++)
                        printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
                printf("\n`rtctl VERB --help` lists the options of a verb. Examples:\n"
                       "  rtctl check rules/\n"
                       "  rtctl run                      # this machine, as root\n"
                       "  rtctl run --source aws_cloudtrail trail.json\n"
                       "  rtctl run -r my.yaml --json --source k8s_audit audit.log\n\n"
                       "Exit: 0 good, also with warnings or skipped records; 1 rules invalid, "
                       "an input\n"
                       "unreadable or something missed by demo; 2 wrong usage; 3 warnings under "
                       "--strict.\n");
                return;
        }
        printf("Usage: rtctl %s [OPTIONS] %s\n\n%s.\n\nOptions:\n", verbs[verb].name,
               verbs[verb].operands, verbs[verb].help);
        for (size_t i = 0; i < N_OPTIONS; i++)
                if (rows[i].verbs & 1u << verb)
                        print_option(&rows[i]);
}

/* ---- reading ---- */

static source_arg *
add_source(options *o, const char *name)
{
        source_arg *source;

        o->sources = grow(o->sources, o->n_sources + 1, sizeof *o->sources);
        source = &o->sources[o->n_sources++];
        *source = (source_arg){ .name = copy_text(name) };
        return source;
}

static source_arg *
current_source(options *o)
{
        return o->n_sources ? &o->sources[o->n_sources - 1] : add_source(o, "syscall");
}

static int
parse_when(const char *option, const char *text, enum when *ret_when)
{
        static const char *const names[] = { "auto", "always", "never" };

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (strcmp(text, names[i]) == 0) {
                        *ret_when = (enum when) i;
                        return 0;
                }
        complain("--%s takes auto, always or never, not '%s'", option, text);
        return EXIT_USAGE;
}

static int
parse_setting(options *o, const char *text)
{
        if (!strchr(text, '=')) {
                complain("--set takes KEY=VALUE, not '%s'", text);
                return EXIT_USAGE;
        }
        strings_add(&current_source(o)->settings, text);
        return 0;
}

static int
parse_reading(options *o, const char *text)
{
        if (strcmp(text, "tolerant") != 0 && strcmp(text, "reference") != 0) {
                complain("--reading takes tolerant or reference, not '%s'", text);
                return EXIT_USAGE;
        }
        o->reading = text;
        return 0;
}

static int
parse_seconds(const char *text, uint64_t *ret_seconds)
{
        enum { MOST_SECONDS = 1000000000 };
        char *end;
        unsigned long long n;

        errno = 0;
        n = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || *end || errno || n == 0 || n > MOST_SECONDS) {
                complain("--duration takes a number of seconds, not '%s'", text);
                return EXIT_USAGE;
        }
        *ret_seconds = n;
        return 0;
}

static int
parse_workers(const char *text, uint32_t *ret_workers)
{
        enum { MOST_WORKERS = 256 };
        char *end;
        unsigned long n;

        errno = 0;
        n = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || *end || errno || n > MOST_WORKERS) {
                complain("--workers takes a number up to 256, not '%s'", text);
                return EXIT_USAGE;
        }
        *ret_workers = (uint32_t) n;
        return 0;
}

static int
parse_limit(options *o, const char *text)
{
        const struct {
                const char *name;
                uint64_t *value;
        } limits[] = {
                { "RECORD_BYTES", &o->max_record_bytes },
                { "EVENT_BYTES", &o->max_event_bytes },
                { "OUTPUT_BYTES", &o->max_output_bytes },
                { "LOAD_BYTES", &o->max_load_bytes },
        };
        const char *equals = strchr(text, '=');
        unsigned long long value;
        char *end;

        for (size_t i = 0; equals && i < sizeof limits / sizeof *limits; i++) {
                if (strlen(limits[i].name) != (size_t) (equals - text)
                    || strncmp(text, limits[i].name, (size_t) (equals - text)) != 0)
                        continue;
                errno = 0;
                value = strtoull(equals + 1, &end, 10);
                if (equals[1] < '1' || equals[1] > '9' || *end || errno)
                        break;
                *limits[i].value = value;
                return 0;
        }
        complain("--limit takes NAME=BYTES with RECORD_BYTES, EVENT_BYTES, OUTPUT_BYTES or "
                 "LOAD_BYTES, not '%s'",
                 text);
        return EXIT_USAGE;
}

static int
set_config(options *o, const char *key, const char *value)
{
        char text[256];

        snprintf(text, sizeof text, "%s=%s", key, value);
        return config_set(&o->config, text);
}

/* Where an option that only says yes is kept; NULL: it is no such option. */
static bool *
flag_of(options *o, enum option_id id)
{
        switch (id) {
        case OPT_HELP:
                return &o->help;
        case OPT_VERSION:
                return &o->version;
        case OPT_FOLLOW:
                return &o->follow;
        case OPT_STRICT:
                return &o->strict;
        case OPT_PERF:
                return &o->perf;
        case OPT_KERNEL:
                return &o->kernel;
        case OPT_PARTIAL:
                return &o->partial;
        case OPT_ISOLATE_PLUGINS:
                return &o->isolate_plugins;
        case OPT_WATCH_LISTS:
                return &o->watch_lists;
        case OPT_ITEMS_ANYWHERE:
                return &o->items_anywhere;
        default:
                return NULL;
        }
}

/* Where an option that is kept as it is stands. */
static const char **
text_of(options *o, enum option_id id)
{
        switch (id) {
        case OPT_LISTEN:
                return &o->listen;
        case OPT_TLS_CERT:
                return &o->tls_cert;
        case OPT_TLS_KEY:
                return &o->tls_key;
        case OPT_HOSTNAME:
                return &o->hostname;
        case OPT_FORMAT:
                return &o->format;
        case OPT_DUMP:
                return &o->dump;
        case OPT_SAVE:
                return &o->save;
        case OPT_PROFILE:
                return &o->profile;
        case OPT_OUTPUT:
                return &o->output;
        case OPT_WRITE:
                return &o->write;
        case OPT_RULE:
                return &o->rule;
        case OPT_EVENT:
                return &o->event;
        default:
                return NULL;
        }
}

static int
apply(options *o, enum option_id id, const char *arg)
{
        bool *flag = flag_of(o, id);
        const char **text = text_of(o, id);

        if (flag)
                *flag = true;
        if (text)
                *text = arg;
        if (flag || text)
                return 0;
        switch (id) {
        case OPT_RULES:
                strings_add(&o->rules, arg);
                return 0;
        case OPT_CONFIG:
                return 0; /* read before all others, see options_read */
        case OPT_SET_CONFIG:
                /* As compilers have it; a setting has its equals sign. */
                if (o->verb == VERB_COMPILE && !strchr(arg, '='))
                        o->output = arg;
                else
                        return config_set(&o->config, arg);
                return 0;
        case OPT_SOURCE:
                add_source(o, arg);
                return 0;
        case OPT_LUA:
                strings_add(&o->lua, arg);
                return 0;
        case OPT_KEPT_LIST:
                strings_add(&o->lists, arg);
                return 0;
        case OPT_LUA_OUTPUT:
                if (!strchr(arg, '=') || *arg == '=' || !strchr(arg, '=')[1]) {
                        complain("--lua-output takes NAME=FILE, not '%s'", arg);
                        return EXIT_USAGE;
                }
                strings_add(&o->lua_outputs, arg);
                return 0;
        case OPT_NATIVES_PATH:
                strings_add(&o->natives, arg);
                return 0;
        case OPT_SCAP:
                strings_add(&add_source(o, "syscall")->inputs, arg);
                return 0;
        case OPT_SET:
                return parse_setting(o, arg);
        case OPT_LIMIT:
                return parse_limit(o, arg);
        case OPT_READING:
                return parse_reading(o, arg);
        case OPT_ENABLE:
        case OPT_DISABLE:
                config_select(&o->config, id == OPT_ENABLE, arg);
                return 0;
        case OPT_PRIORITY:
                return set_config(o, "priority", arg);
        case OPT_JSON:
                return set_config(o, "json_output", "true");
        case OPT_SUMMARY:
                return parse_when("summary", arg, &o->summary);
        case OPT_COLOR:
                return parse_when("color", arg, &o->color);
        case OPT_DURATION:
                return parse_seconds(arg, &o->duration_s);
        case OPT_WORKERS:
                return parse_workers(arg, &o->workers);
        case OPT_KEY:
                o->key = arg;
                return 0;
        default:
                return EXIT_USAGE;
        }
}

static bool
takes(enum verb verb, enum option_id id)
{
        return !rows[id].verbs || (rows[id].verbs >> verb & 1);
}

/* The option that @a word names; one that @a verb takes, if there is one. */
static enum option_id
find_option(enum verb verb, const char *word, const char **ret_attached)
{
        const char *equals = strchr(word, '=');
        const size_t len = equals ? (size_t) (equals - word) : strlen(word);
        enum option_id found = N_OPTIONS;

        *ret_attached = NULL;
        if (word[1] != '-') {
                *ret_attached = word[2] ? word + 2 : NULL;
                for (size_t i = 0; i < N_OPTIONS; i++)
                        if (rows[i].short_name && rows[i].short_name == word[1]
                            && (found == N_OPTIONS
                                || (!takes(verb, found) && takes(verb, (enum option_id) i))))
                                found = (enum option_id) i;
                return found;
        }
        *ret_attached = equals ? equals + 1 : NULL;
        for (size_t i = 0; i < N_OPTIONS; i++)
                if (strlen(rows[i].long_name) == len - 2
                    && strncmp(rows[i].long_name, word + 2, len - 2) == 0)
                        return (enum option_id) i;
        return N_OPTIONS;
}

/* One option at argv[*at], with its argument. With @a config_only only -c counts, else all but
 * -c. */
static int
read_option(options *o, char **argv, int argc, int *at, bool config_only)
{
        const char *word = argv[*at], *arg;
        const enum option_id id = find_option(o->verb, word, &arg);

        if (id == N_OPTIONS || !takes(o->verb, id)) {
                complain("%s has no option '%s'; `rtctl %s --help` lists them", verbs[o->verb].name,
                         word, verbs[o->verb].name);
                return EXIT_USAGE;
        }
        if (!rows[id].argument && arg) {
                complain("option '--%s' takes no argument", rows[id].long_name);
                return EXIT_USAGE;
        }
        if (rows[id].argument && !arg) {
                if (*at + 1 >= argc) {
                        complain("option '%s' needs an argument: %s", word, rows[id].argument);
                        return EXIT_USAGE;
                }
                arg = argv[++*at];
        }
        if (config_only)
                return id == OPT_CONFIG ? config_load(&o->config, arg) : 0;
        return apply(o, id, arg);
}

static void
read_operand(options *o, const char *word)
{
        if (o->verb == VERB_RUN || o->verb == VERB_PROFILE)
                strings_add(&current_source(o)->inputs, word);
        else
                strings_add(&o->operands, word);
}

/* All arguments behind the verb, twice: the settings of -c FILE give way to all others. */
static int
read_pass(options *o, int argc, char **argv, bool config_only)
{
        bool only_operands = false;

        for (int at = 2; at < argc; at++) {
                const char *word = argv[at];
                int r;

                if (!only_operands && strcmp(word, "--") == 0) {
                        only_operands = true;
                } else if (!only_operands && word[0] == '-' && word[1]) {
                        r = read_option(o, argv, argc, &at, config_only);
                        if (r)
                                return r;
                } else if (!config_only) {
                        read_operand(o, word);
                }
        }
        return 0;
}

int
options_read(int argc, char **argv, options *ret_options)
{
        options *o = ret_options;
        int r;

        *o = (options){ .verb = N_VERBS, .workers = 1 };
        config_init(&o->config);
        if (argc < 2) {
                complain("which verb? `rtctl --help` lists them");
                return EXIT_USAGE;
        }
        for (size_t i = 0; i < N_VERBS; i++)
                if (strcmp(argv[1], verbs[i].name) == 0)
                        o->verb = (enum verb) i;
        if (o->verb == N_VERBS) {
                o->help = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0
                          || strcmp(argv[1], "help") == 0;
                o->version = strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0;
                if (o->help || o->version)
                        return 0;
                complain("no verb '%s'; `rtctl --help` lists them", argv[1]);
                return EXIT_USAGE;
        }
        r = read_pass(o, argc, argv, true);
        return r ? r : read_pass(o, argc, argv, false);
}

void
options_done(options *o)
{
        for (size_t i = 0; i < o->n_sources; i++) {
                free(o->sources[i].name);
                strings_done(&o->sources[i].inputs);
                strings_done(&o->sources[i].settings);
        }
        free(o->sources);
        strings_done(&o->rules);
        strings_done(&o->lua);
        strings_done(&o->lists);
        strings_done(&o->lua_outputs);
        strings_done(&o->natives);
        strings_done(&o->operands);
        config_done(&o->config);
}
