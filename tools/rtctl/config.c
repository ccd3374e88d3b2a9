/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c - settings in falco.yaml's shape.
 *
 * A -o KEY=VALUE is turned into a small YAML document of its own and read like a file, so that both
 * ways of setting a key share one reader: `rules[].disable.rule=*` is
 * {rules: [{disable: {rule: *}}]}. Later settings win; sequences grow.
 */
#include "config.h"
#include "config_json.h"
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

/* ---- memory and messages: a command may end when there is none ---- */

/* How many bytes the character at @a c has; 0: it is none, or a control character. */
static size_t
printable(const unsigned char *c)
{
        const size_t n = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;

        if (*c < 0x20 || *c == 0x7f || *c > 0xf4 || (*c == 0xc2 && c[1] < 0xa0))
                return 0;
        for (size_t i = 1; i < n; i++)
                if ((c[i] & 0xc0) != 0x80)
                        return 0;
        return n;
}

void
put_clean(FILE *to, const char *text)
{
        for (const unsigned char *c = (const unsigned char *) text; *c;) {
                const size_t n = printable(c);

                if (n)
                        fwrite(c, 1, n, to);
                else
                        fprintf(to, "\\x%02x", *c);
                c += n ? n : 1;
        }
}

void
put_json(FILE *to, const char *text)
{
        putc('"', to);
        for (; *text; text++) {
                const unsigned char c = (unsigned char) *text;

                if (c == '"' || c == '\\')
                        fprintf(to, "\\%c", c);
                else if (c < 0x20)
                        fprintf(to, "\\u%04x", c);
                else
                        putc(c, to);
        }
        putc('"', to);
}

/* Names of files and rules come from others: their control characters are not for the terminal. */
void
complain(const char *format, ...)
{
        char *text = NULL;
        va_list args;
        int n;

        va_start(args, format);
        n = vasprintf(&text, format, args);
        va_end(args);
        fputs("rtctl: ", stderr);
        put_clean(stderr, n < 0 ? format : text);
        fputc('\n', stderr);
        if (n >= 0)
                free(text);
}

void *
need(void *ptr)
{
        if (!ptr) {
                complain("out of memory");
                exit(EXIT_BAD);
        }
        return ptr;
}

void *
grow(void *ptr, size_t n, size_t size_bytes)
{
        return need(reallocarray(ptr, n, size_bytes));
}

char *
copy_text(const char *text)
{
        return need(strdup(text));
}

void
strings_add(strings *list, const char *text)
{
        list->at = grow(list->at, list->n + 2, sizeof *list->at);
        list->at[list->n++] = copy_text(text);
        list->at[list->n] = NULL;
}

void
strings_done(strings *list)
{
        for (size_t i = 0; i < list->n; i++)
                free(list->at[i]);
        free(list->at);
        *list = (strings){ NULL, 0 };
}

/* ---- YAML documents ---- */

typedef struct reader {
        settings *config;
        yaml_document_t document;
        const char *origin;      /* file, or the -o text */
        append_entry *appending; /* what read_tag and read_extra_field add to */
        int failed;              /* exit code, or 0 */
} reader;

static const char *
scalar(const yaml_node_t *node)
{
        return node && node->type == YAML_SCALAR_NODE ? (const char *) node->data.scalar.value
                                                      : NULL;
}

static yaml_node_t *
child(reader *r, const yaml_node_t *map, const char *key)
{
        if (!map || map->type != YAML_MAPPING_NODE)
                return NULL;
        for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
             p++) {
                const char *name = scalar(yaml_document_get_node(&r->document, p->key));

                if (name && strcmp(name, key) == 0)
                        return yaml_document_get_node(&r->document, p->value);
        }
        return NULL;
}

__attribute__((format(printf, 3, 4))) static void
reject(reader *r, const yaml_node_t *node, const char *format, ...)
{
        char text[256];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        complain("%s:%zu:%zu: %s", r->origin, node->start_mark.line + 1,
                 node->start_mark.column + 1, text);
        r->failed = EXIT_BAD;
}

static bool
read_bool(reader *r, const yaml_node_t *node, const char *key, bool *ret_value)
{
        static const char *const yes[] = { "true", "yes", "on", "y" };
        static const char *const no[] = { "false", "no", "off", "n" };
        const char *text = scalar(node);

        for (size_t i = 0; text && i < sizeof yes / sizeof *yes; i++) {
                if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
                        *ret_value = strcasecmp(text, yes[i]) == 0;
                        return true;
                }
        }
        reject(r, node, "'%s' takes true or false", key);
        return false;
}

/* Call fn for each element of a sequence; a scalar or mapping counts as a sequence of one. */
static void
each(reader *r, yaml_node_t *node, void (*fn)(reader *r, yaml_node_t *element))
{
        if (node->type != YAML_SEQUENCE_NODE) {
                if (node->type != YAML_SCALAR_NODE || node->data.scalar.length)
                        fn(r, node);
                return;
        }
        for (yaml_node_item_t *i = node->data.sequence.items.start;
             i < node->data.sequence.items.top; i++)
                fn(r, yaml_document_get_node(&r->document, *i));
}

static char *
text_of(reader *r, const yaml_node_t *map, const char *key)
{
        const char *text = scalar(child(r, map, key));

        return text ? copy_text(text) : NULL;
}

/* ---- keys with a shape of their own ---- */

static void
read_rules_file(reader *r, yaml_node_t *node)
{
        if (!scalar(node)) {
                reject(r, node, "'rules_files' takes a list of paths");
                return;
        }
        strings_add(&r->config->rules_files, scalar(node));
}

static void
add_selection(settings *config, bool enable, bool tag, const char *pattern)
{
        config->rules = grow(config->rules, config->n_rules + 1, sizeof *config->rules);
        config->rules[config->n_rules++] = (selection){ enable, tag, copy_text(pattern) };
}

void
config_select(settings *config, bool enable, const char *what)
{
        const bool tag = strncmp(what, "tag:", 4) == 0;

        add_selection(config, enable, tag, tag ? what + 4 : what);
}

static void
read_selection(reader *r, yaml_node_t *node)
{
        static const char *const verbs[] = { "disable", "enable" };

        for (size_t i = 0; i < 2; i++) {
                const yaml_node_t *what = child(r, node, verbs[i]);
                const char *rule = scalar(child(r, what, "rule"));
                const char *tag = scalar(child(r, what, "tag"));

                if (rule)
                        add_selection(r->config, i == 1, false, rule);
                if (tag)
                        add_selection(r->config, i == 1, true, tag);
                if (rule || tag)
                        return;
        }
        reject(r, node,
               "'rules' takes entries like {disable: {rule: \"*\"}} or {enable: {tag: x}}");
}

static void
read_tag(reader *r, yaml_node_t *node)
{
        if (scalar(node))
                strings_add(&r->appending->tags, scalar(node));
}

static void
read_extra_field(reader *r, yaml_node_t *node)
{
        if (scalar(node)) {
                strings_add(&r->appending->field_keys, scalar(node));
                strings_add(&r->appending->field_values, "");
                return;
        }
        if (node->type != YAML_MAPPING_NODE) {
                reject(r, node, "'extra_fields' takes field names and {key: format} pairs");
                return;
        }
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
             p++) {
                const char *key = scalar(yaml_document_get_node(&r->document, p->key));
                const char *value = scalar(yaml_document_get_node(&r->document, p->value));

                if (!key || !value)
                        continue;
                strings_add(&r->appending->field_keys, key);
                strings_add(&r->appending->field_values, value);
        }
}

static void
read_append_output(reader *r, yaml_node_t *node)
{
        settings *c = r->config;
        const yaml_node_t *match = child(r, node, "match");
        yaml_node_t *tags = child(r, match, "tags"), *fields = child(r, node, "extra_fields");
        yaml_node_t *suggested = child(r, node, "suggested_output");

        if (node->type != YAML_MAPPING_NODE) {
                reject(r, node,
                       "'append_output' takes entries with match, extra_output, "
                       "extra_fields, suggested_output");
                return;
        }
        c->append_output = grow(c->append_output, c->n_append_output + 1, sizeof *c->append_output);
        r->appending = &c->append_output[c->n_append_output++];
        *r->appending = (append_entry){ .source = text_of(r, match, "source"),
                                        .rule = text_of(r, match, "rule"),
                                        .extra_output = text_of(r, node, "extra_output") };
        if (tags)
                each(r, tags, read_tag);
        if (fields)
                each(r, fields, read_extra_field);
        if (suggested)
                read_bool(r, suggested, "suggested_output", &r->appending->suggested_output);
}

static void
read_load_plugin(reader *r, yaml_node_t *node)
{
        if (scalar(node))
                strings_add(&r->config->load_plugins, scalar(node));
        else
                reject(r, node, "'load_plugins' takes a list of names");
}

/* A text, or what is written as a mapping as JSON. */
static char *
read_init_config(reader *r, const yaml_node_t *plugin)
{
        yaml_node_t *node = child(r, plugin, "init_config");
        char *text;

        if (!node || node->type == YAML_SCALAR_NODE)
                return text_of(r, plugin, "init_config");
        text = config_json(&r->document, node);
        if (!text)
                reject(r, node, "'init_config' cannot be written as JSON");
        return text;
}

enum { RESTARTS = 3, MOST_NUMBER = 1000000000 };

static void
read_number(reader *r, const yaml_node_t *map, const char *key, uint32_t *ret_value)
{
        const yaml_node_t *node = child(r, map, key);
        const char *text = scalar(node);
        unsigned long long value;
        char *end = NULL;

        if (!node)
                return;
        value = text && *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : ULLONG_MAX;
        if (value > MOST_NUMBER || *end)
                reject(r, node, "'%s' takes a number", key);
        else
                *ret_value = (uint32_t) value;
}

/* true, or a mapping that says more. */
static void
read_isolated(reader *r, const yaml_node_t *plugin, plugin_entry *entry)
{
        const yaml_node_t *node = child(r, plugin, "isolated");
        const yaml_node_t *reopen;

        entry->restarts = RESTARTS;
        if (!node)
                return;
        if (node->type != YAML_MAPPING_NODE) {
                read_bool(r, node, "isolated", &entry->isolated);
                return;
        }
        entry->isolated = true;
        reopen = child(r, node, "reopen");
        if (reopen)
                read_bool(r, reopen, "reopen", &entry->reopen);
        read_number(r, node, "restarts", &entry->restarts);
        read_number(r, node, "memory_mb", &entry->memory_mb);
        read_number(r, node, "deadline_ms", &entry->deadline_ms);
}

static void
read_plugin(reader *r, yaml_node_t *node)
{
        settings *c = r->config;
        const yaml_node_t *elsewhere = child(r, node, "elsewhere");
        plugin_entry *entry;

        if (!scalar(child(r, node, "name"))) {
                reject(r, node, "an entry of 'plugins' needs a name");
                return;
        }
        c->plugins = grow(c->plugins, c->n_plugins + 1, sizeof *c->plugins);
        entry = &c->plugins[c->n_plugins++];
        *entry = (plugin_entry){ .name = text_of(r, node, "name"),
                                 .library_path = text_of(r, node, "library_path"),
                                 .init_config = read_init_config(r, node),
                                 .open_params = text_of(r, node, "open_params") };
        read_isolated(r, node, entry);
        if (elsewhere)
                read_bool(r, elsewhere, "elsewhere", &entry->elsewhere);
}

/* ---- plain keys ---- */

static void
read_priority(reader *r, const yaml_node_t *node, uint32_t *ret_priority)
{
        const int priority = rt_priority_parse(scalar(node));

        if (priority < 0)
                reject(r, node,
                       "'priority' takes one of emergency, alert, critical, error, warning, "
                       "notice, informational, debug");
        else
                *ret_priority = (uint32_t) priority;
}

static void
read_matching(reader *r, const yaml_node_t *node, uint32_t *ret_matching)
{
        const char *text = scalar(node);

        if (text && strcasecmp(text, "first") == 0)
                *ret_matching = RT_MATCH_FIRST;
        else if (text && strcasecmp(text, "all") == 0)
                *ret_matching = RT_MATCH_ALL;
        else
                reject(r, node, "'rule_matching' takes first or all");
}

#define READ_BOOL(member)          read_bool(r, node, path, &r->config->member)
#define READ_PRIORITY(member)      read_priority(r, node, &r->config->member)
#define READ_MATCHING(member)      read_matching(r, node, &r->config->member)
#define READ_RULES_FILES(member)   each(r, node, read_rules_file)
#define READ_RULES(member)         each(r, node, read_selection)
#define READ_APPEND_OUTPUT(member) each(r, node, read_append_output)
#define READ_LOAD_PLUGINS(member)                   \
        do {                                        \
                each(r, node, read_load_plugin);    \
                r->config->load_plugins_set = true; \
        } while (0)
#define READ_PLUGINS(member) each(r, node, read_plugin)
#define READ_TEXT(member)                                                        \
        do {                                                                     \
                free(r->config->member);                                         \
                r->config->member = copy_text(scalar(node) ? scalar(node) : ""); \
        } while (0)

/* True if the table knows @a path as a setting. */
static bool
read_key(reader *r, const char *path, yaml_node_t *node)
{
#define KEY(name, kind, member)        \
        if (strcmp(path, name) == 0) { \
                READ_##kind(member);   \
                return true;           \
        }
#define LATER(name)
#include "config_keys.def"
#undef KEY
#undef LATER
        return false;
}

static bool
known_later(const char *key)
{
        static const char *const later[] = {
#define KEY(name, kind, member)
#define LATER(name) name,
#include "config_keys.def"
#undef KEY
#undef LATER
        };

        for (size_t i = 0; i < sizeof later / sizeof *later; i++)
                if (strcmp(key, later[i]) == 0)
                        return true;
        return false;
}

/* Is @a key the first part of a dotted path in the table? */
static bool
known_section(const char *key)
{
        static const char *const paths[] = {
#define KEY(name, kind, member) name,
#define LATER(name)
#include "config_keys.def"
#undef KEY
#undef LATER
        };
        const size_t len = strlen(key);

        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
                if (strncmp(paths[i], key, len) == 0 && paths[i][len] == '.')
                        return true;
        return false;
}

static void
read_section(reader *r, const char *key, yaml_node_t *node)
{
        if (node->type != YAML_MAPPING_NODE)
                return;
        for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
             p++) {
                const char *name = scalar(yaml_document_get_node(&r->document, p->key));
                char path[128];

                snprintf(path, sizeof path, "%s.%s", key, name ? name : "");
                if (!read_key(r, path, yaml_document_get_node(&r->document, p->value)))
                        complain("%s: warning: unknown key '%s' is ignored", r->origin, path);
        }
}

static void
read_root(reader *r)
{
        yaml_node_t *root = yaml_document_get_root_node(&r->document);

        if (!root)
                return;
        if (root->type != YAML_MAPPING_NODE) {
                reject(r, root, "settings must be a mapping of keys to values");
                return;
        }
        for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top;
             p++) {
                const char *key = scalar(yaml_document_get_node(&r->document, p->key));
                yaml_node_t *value = yaml_document_get_node(&r->document, p->value);

                if (!key || read_key(r, key, value))
                        continue;
                if (known_section(key))
                        read_section(r, key, value);
                else if (known_later(key))
                        complain("%s: note: '%s' is known and comes in a later version", r->origin,
                                 key);
                else
                        complain("%s: warning: unknown key '%s' is ignored", r->origin, key);
        }
}

static int
read_document(settings *config, yaml_parser_t *parser, const char *origin)
{
        reader r = { .config = config, .origin = origin };

        if (!yaml_parser_load(parser, &r.document)) {
                complain("%s:%zu:%zu: %s", origin, parser->problem_mark.line + 1,
                         parser->problem_mark.column + 1,
                         parser->problem ? parser->problem : "not readable as YAML");
                return EXIT_BAD;
        }
        read_root(&r);
        yaml_document_delete(&r.document);
        return r.failed;
}

int
config_load(settings *config, const char *path)
{
        FILE *file = fopen(path, "re");
        yaml_parser_t parser;
        int r;

        if (!file) {
                complain("cannot read '%s': %m", path);
                return EXIT_BAD;
        }
        if (!yaml_parser_initialize(&parser)) {
                fclose(file);
                need(NULL);
        }
        yaml_parser_set_input_file(&parser, file);
        r = read_document(config, &parser, path);
        yaml_parser_delete(&parser);
        fclose(file);
        return r;
}

/* ---- -o KEY=VALUE ---- */

/* Append the value as YAML: flow collections as they are, anything else as a quoted string. */
static void
put_value(FILE *to, const char *value)
{
        if (*value == '[' || *value == '{') {
                fputs(value, to);
                return;
        }
        fputc('"', to);
        for (; *value; value++) {
                if (*value == '"' || *value == '\\')
                        fputc('\\', to);
                fputc(*value, to);
        }
        fputc('"', to);
}

/* a.b[0].c=v -> {"a": {"b": [{"c": "v"}]}} */
static void
put_assignment(FILE *to, const char *key, size_t key_len, const char *value)
{
        char closing[256];
        size_t n = 0;
        bool name = true;

        for (size_t i = 0; i < key_len && n + 2 < sizeof closing;) {
                size_t end = i;

                if (key[i] == '[') {
                        while (end < key_len && key[end] != ']')
                                end++;
                        fputc('[', to);
                        closing[n++] = ']';
                        i = end + 1;
                        name = i < key_len && key[i] == '.';
                        i += name;
                        continue;
                }
                while (end < key_len && key[end] != '.' && key[end] != '[')
                        end += key[end] == '\\' && end + 1 < key_len ? 2 : 1;
                fputs("{\"", to);
                for (size_t k = i; k < end; k++)
                        if (key[k] != '\\' && key[k] != '"')
                                fputc(key[k], to);
                fputs("\": ", to);
                closing[n++] = '}';
                i = end + (end < key_len && key[end] == '.');
        }
        put_value(to, value);
        while (n)
                fputc(closing[--n], to);
}

int
config_set(settings *config, const char *assignment)
{
        const char *equals = strchr(assignment, '=');
        yaml_parser_t parser;
        char *text = NULL;
        size_t len = 0;
        FILE *to;
        int r;

        if (!equals || equals == assignment || equals - assignment > 120) {
                complain("-o takes KEY=VALUE, not '%s'", assignment);
                return EXIT_USAGE;
        }
        to = need(open_memstream(&text, &len));
        put_assignment(to, assignment, (size_t) (equals - assignment), equals + 1);
        fclose(to);
        need(text);
        if (!yaml_parser_initialize(&parser))
                need(NULL);
        yaml_parser_set_input_string(&parser, (const unsigned char *) text, len);
        r = read_document(config, &parser, assignment);
        yaml_parser_delete(&parser);
        free(text);
        return r ? EXIT_USAGE : 0;
}

/* ---- life ---- */

void
config_init(settings *config)
{
        *config = (settings){ .include_output = true,
                              .include_fields = true,
                              .include_tags = true,
                              .stdout_enabled = true,
                              .min_priority = RT_PRIORITY_DEBUG,
                              .rule_matching = RT_MATCH_FIRST };
}

void
config_done(settings *config)
{
        strings_done(&config->rules_files);
        strings_done(&config->load_plugins);
        for (size_t i = 0; i < config->n_rules; i++)
                free(config->rules[i].pattern);
        free(config->rules);
        for (size_t i = 0; i < config->n_append_output; i++) {
                append_entry *entry = &config->append_output[i];

                free(entry->source);
                free(entry->rule);
                free(entry->extra_output);
                strings_done(&entry->tags);
                strings_done(&entry->field_keys);
                strings_done(&entry->field_values);
        }
        free(config->append_output);
        for (size_t i = 0; i < config->n_plugins; i++) {
                plugin_entry *entry = &config->plugins[i];

                free(entry->name);
                free(entry->library_path);
                free(entry->init_config);
                free(entry->open_params);
        }
        free(config->plugins);
        free(config->file_name);
}
