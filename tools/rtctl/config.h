/* SPDX-License-Identifier: Apache-2.0 */
/* config.h - settings in falco.yaml's shape: from -c FILE, then one by one from -o KEY=VALUE. */
#ifndef RTCTL_CONFIG_H
#define RTCTL_CONFIG_H

#include <libruntime/runtime.h>
#include <stdbool.h>
#include <stdio.h>

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2, EXIT_STRICT = 3 };

/* A growing array of strings that it owns. */
typedef struct strings {
        char **at;
        size_t n;
} strings;

/* One step of `rules:` - enable or disable by name pattern or tag. */
typedef struct selection {
        bool enable;
        bool tag;
        char *pattern;
} selection;

/* One entry of append_output; arrays are NULL-terminated where the API wants it. */
typedef struct append_entry {
        char *source, *rule, *extra_output;
        strings tags;
        strings field_keys, field_values; /* a value of "" stands for the key itself */
        bool suggested_output;
} append_entry;

/* One entry of plugins. */
typedef struct plugin_entry {
        char *name, *library_path, *init_config, *open_params;
        bool isolated, reopen; /* in a process of its own; and in the next, if that ends */
        bool elsewhere;        /* its system calls are another machine's */
        uint32_t restarts, memory_mb, deadline_ms;
} plugin_entry;

typedef struct settings {
        strings rules_files;
        selection *rules;
        size_t n_rules;
        append_entry *append_output;
        size_t n_append_output;
        plugin_entry *plugins;
        size_t n_plugins;
        strings load_plugins;
        bool load_plugins_set; /* the key is there, be its list empty */
        bool json_output, buffered_outputs, iso_time;
        bool include_output, include_message, include_fields, include_tags;
        bool stdout_enabled, file_enabled, file_keep_alive;
        char *file_name;
        uint32_t min_priority;  /* RT_PRIORITY_* */
        uint32_t rule_matching; /* RT_MATCH_* */
} settings;

/* Strings: copies @a text. Exits when there is no memory left, as a command may. */
void strings_add(strings *list, const char *text);
void strings_done(strings *list);

void config_init(settings *config);
void config_done(settings *config);
/* Read a falco.yaml. 0, or EXIT_BAD after messages. */
int config_load(settings *config, const char *path);
/* One KEY=VALUE. 0, or EXIT_USAGE after a message. */
int config_set(settings *config, const char *assignment);
void config_select(settings *config, bool enable, const char *what);

/* Text with its control characters escaped. */
void put_clean(FILE *to, const char *text);
/* Text as a JSON string. */
void put_json(FILE *to, const char *text);
/* Print `rtctl: ...` to standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* malloc, realloc, strdup that end the program when there is no memory. */
void *need(void *ptr);
void *grow(void *ptr, size_t n, size_t size_bytes);
char *copy_text(const char *text);

#endif
