/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.h - rule files on their way to typed rules; shared by the files of this folder.
 *
 *      yaml.c      text -> nodes                      lists.c       list names put in textually
 *      items.c     nodes -> item                      exceptions.c  exceptions -> condition text
 *      rules.c     nodes -> rule item                 compile.c     collection -> typed rules
 *      elements.c  lists that stand by their name
 *      collect.c   items -> collection                loader.c      one file after the other
 *
 * The collection lives as long as the loader, in `arena`. After each file it is compiled into
 * `work`. The reference compiles all of it again; here that is so where a file may have changed
 * what earlier ones mean, else only what is new is compiled, and what there is something to say
 * about.
 *
 * Every problem is reported, those of the reference being marked: it gives up at its first error
 * (`stopped`). What follows from an error already reported is left out: an item that could not be
 * read leaves its name behind as a broken one.
 */
#ifndef RTI_LOAD_LOAD_H
#define RTI_LOAD_LOAD_H

#include "base/hash.h"
#include "base/vec.h"
#include "compiler/load/loader.h"
#include "compiler/load/yaml.h"
#include "compiler/rule.h"
#include "lang/diag.h"

/* ---- keys ---- */

enum rti_item_kind {
        RTI_ITEM_ENGINE,
        RTI_ITEM_PLUGINS,
        RTI_ITEM_LIST,
        RTI_ITEM_MACRO,
        RTI_ITEM_RULE,
        RTI_ITEM_PLUGIN,
        RTI_ITEM_ALTERNATIVE,
        RTI_ITEM_EXCEPTION,
        RTI_N_ITEM_KINDS
};

enum rti_key_type {
        RTI_KEY_TEXT,
        RTI_KEY_CONDITION,
        RTI_KEY_PRIORITY,
        RTI_KEY_BOOL,
        RTI_KEY_UINT,
        RTI_KEY_VERSION,
        RTI_KEY_TEXTS,
        RTI_KEY_ITEMS,
        RTI_KEY_PLUGINS,
        RTI_KEY_ALTERNATIVES,
        RTI_KEY_EXCEPTIONS,
        RTI_KEY_OVERRIDE,
        RTI_KEY_ANY
};

enum { RTI_KEY_NEEDED = 1, RTI_KEY_APPEND = 2, RTI_KEY_REPLACE = 4 };

typedef struct rti_item_key {
        uint8_t item; /* enum rti_item_kind */
        uint8_t type; /* enum rti_key_type */
        uint8_t flags;
        rt_str key;
} rti_item_key;

extern const rti_item_key rti_item_keys[];
extern const size_t rti_n_item_keys;

/* ---- where something stands ---- */

typedef struct rti_spot {
        const rti_yaml_file *file;
        const rti_yaml_node *node;
        const rti_location *where; /* Falco's chain down to it */
        rt_str item;               /* name of the item it is in */
} rti_spot;

/* A part of a text, and where it was written. */
typedef struct rti_piece {
        rt_str text;
        const rti_yaml_file *file;
        const rti_yaml_node *node;
        uint32_t from; /* where it begins in the scalar */
        bool whole;    /* made from the node, not copied byte by byte */
} rti_piece;

typedef struct rti_text {
        rti_piece *pieces;
        uint32_t n, room;
} rti_text;

/* ---- the collection ---- */

typedef struct rti_word {
        rt_str text;
        const rti_yaml_node *node;
} rti_word;

typedef struct rti_words {
        rti_word *at;
        uint32_t n, room;
} rti_words;

/* What lists, macros and rules have in common. */
typedef struct rti_item {
        rti_spot spot;
        rt_str name;
        uint32_t index, visibility; /* of the first definition; of the last define or append */
        bool used;
        bool broken; /* an error in it was reported */
} rti_item;

/* Elements that were read from a file. */
typedef struct rti_items_file {
        uint32_t n;
        rt_str *at;
} rti_items_file;

typedef struct rti_list {
        rti_item item; /* first member of each kind of item */
        rti_words words;
        rti_items_file *files; /* of items_from */
        uint32_t n_files, room_files;
        uint32_t changing;      /* items_at: RT_KIND_* of what it holds at run time, or NONE */
        rti_elements *elements; /* compiled: what the name stands for, or NULL; in `work` */
        bool by_name;           /* compiled: the name is all of it; nothing is put in as text */
        rt_str joined;          /* compiled; in `work` */
        uint32_t n_compiled;
        rt_str *compiled;
        uint32_t seen; /* number of the expansion that found the name */
        bool odd_name; /* it holds delimiters */
        bool plain;    /* nothing in `joined` names a list */
} rti_list;

typedef struct rti_macro {
        rti_item item;
        rti_text condition;
        const rti_location *condition_where;
        rti_node *tree; /* compiled; NULL: it does not parse */
} rti_macro;

typedef struct rti_entry {
        bool valid, list;
        rt_str text;
        const rti_yaml_node *node;
        uint32_t n;
        struct rti_entry *at;
} rti_entry;

typedef struct rti_exception {
        rti_spot spot;
        rt_str name;
        rti_entry fields, comps;
        rti_entry *values;
        uint32_t n_values, room;
        bool broken;
} rti_exception;

enum rti_rule_key { /* sorted as Falco's set of keys is */
                    RTI_RULE_CAPTURE,
                    RTI_RULE_CAPTURE_DURATION,
                    RTI_RULE_CONDITION,
                    RTI_RULE_DESC,
                    RTI_RULE_ENABLED,
                    RTI_RULE_EXCEPTIONS,
                    RTI_RULE_OUTPUT,
                    RTI_RULE_PRIORITY,
                    RTI_RULE_SKIP,
                    RTI_RULE_TAGS,
                    RTI_RULE_VERDICT,
                    RTI_RULE_WARN_EVTTYPES,
                    RTI_N_RULE_KEYS
};

typedef struct rti_rule_def {
        rti_item item;
        uint32_t has; /* of an update: bits of rti_rule_key */
        rt_str source;
        bool unknown_source;
        bool enabled, capture, warn_evttypes, skip_unknown;
        uint32_t capture_duration, priority;
        uint32_t verdict; /* 0: none, else 1 + RT_VERDICT_* */
        rti_text condition, output, desc;
        const rti_location *condition_where, *output_where;
        rti_words tags;
        rti_exception *exceptions;
        uint32_t n_exceptions, room_exceptions;
        /* compiled, in `work` */
        bool loaded;
        bool doubtful; /* something was said about it, which is said again after each file */
        rt_str full_condition; /* with exceptions, before lists are put in */
        rti_rule rule;
} rti_rule_def;

typedef struct rti_version {
        uint32_t major, minor, patch;
} rti_version;

typedef struct rti_requirement {
        rt_str name, version;
} rti_requirement;

/* One of these plug-ins must be there. */
typedef struct rti_requirements {
        rti_spot spot;
        uint32_t n, room;
        rti_requirement *at;
        bool reported;
} rti_requirements;

typedef struct rti_selection {
        rt_str ruleset; /* empty: the default one */
        bool enable;
        uint32_t mode; /* RT_SELECT_* */
        rt_str pattern;
} rti_selection;

typedef struct rti_append_entry {
        rt_str source, rule, extra_output;
        uint32_t n_tags, n_fields;
        rt_str *tags;
        struct rti_append_field {
                rt_str key, format;
                bool text;
        } * fields;
        bool suggested;
} rti_append_entry;

typedef struct rti_expansion rti_expansion;

enum { RTI_WORD_BITS = 1 << 20 };

/* A field that is asked about matches. */
typedef struct rti_asked {
        struct rti_asked *next; /* added after it */
        rt_str format;          /* "%name" */
        const rt_str *rules;    /* patterns; none: all */
        uint32_t n_rules;
        bool also;
} rti_asked;

struct rti_loader {
        const rt_allocator *allocator;
        const rti_registry *registry;
        rti_loader_opts opts;
        rti_append_entry *appends;
        rti_arena arena, work;
        rti_known_fields known;     /* while rules are compiled */
        rti_arena trees;            /* of the rule that is being compiled */
        rti_event_set async_events; /* which every rule looks at */
        int status;                 /* RT_OK or RT_ENOMEM: sticks */

        RTI_VEC(rti_list *) lists;
        RTI_VEC(rti_macro *) macros;
        RTI_VEC(rti_rule_def *) rules;
        rti_map list_names, macro_names, rule_names;
        rti_map broken_names[RTI_N_ITEM_KINDS];
        uint32_t counter;
        rti_version engine_version; /* highest that was required */
        RTI_VEC(rti_requirements) requirements;
        RTI_VEC(rti_selection) selections;
        rti_asked *asked;
        uint32_t n_asked;
        rt_str path;          /* of the file that is being added; empty: there is none */
        uint64_t items_bytes; /* read by items_from */
        size_t n_by_name;     /* lists that stand by their name */

        /* What was compiled already, and need not be again (compile.c). */
        struct rti_compiled {
                size_t lists, macros, rules; /* the first so many of each */
                size_t bytes;                /* of `work`, when all of it was compiled anew */
                bool changed;                /* one of these was changed since */
                uint64_t words[RTI_WORD_BITS / 64]; /* of all texts, by two hashes */
        } compiled;
        uint64_t reports; /* problems so far */

        rt_diags *diags;          /* while a file is added */
        bool stopped;             /* the reference has given up */
        bool failed;              /* there were errors: nothing is compiled to a ruleset */
        rti_expansion *expansion; /* of the text that is being compiled */
        rti_expansion *aside;     /* of a macro's text, to find a place in it */
        uint32_t expansions;
        rti_buf out;
};

/* ---- report.c ---- */

typedef struct rti_report {
        enum rti_diag_id id;
        bool ours;                 /* the reference says nothing of the kind */
        const rti_yaml_file *file; /* where it is ... */
        uint32_t start, end;
        const rti_location *where;       /* ... and what Falco says where */
        const rti_yaml_file *where_file; /* NULL: `file` */
        rt_str item, message, hint, field, condition;
} rti_report;

void rti_report_add(rti_loader *loader, const rti_report *report);
/* At the node of @a spot. */
void rti_report_at(rti_loader *loader, enum rti_diag_id id, const rti_spot *spot,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A spot inside of @a outer: one step more in the chain. */
rti_spot rti_spot_in(rti_loader *loader, const rti_spot *outer, const rti_yaml_node *node,
                     const char *item_type, rt_str name);
/* Behind the head of a node: of a map, its first key and value. */
uint32_t rti_head_end(const rti_yaml_node *node);
/* Growing arrays in `arena`: room for one more of @a size_bytes; false: out of memory. */
bool rti_grow(rti_loader *loader, void **at, uint32_t n, uint32_t *room, size_t size_bytes);
bool rti_text_add(rti_loader *loader, rti_text *text, const rti_piece *piece);
rt_str rti_text_join(rti_loader *loader, const rti_text *text);

/* ---- items.c ---- */

enum rti_need { RTI_REQUIRED, RTI_OPTIONAL, RTI_OPTIONAL_EMPTY };

/* The scalar of a key. NULL: there is none, or it was reported and *ok is false. */
const rti_yaml_node *rti_take_scalar(rti_loader *loader, const rti_spot *spot, const char *key,
                                     enum rti_need need, bool *ok);
void rti_take_text(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
                   rt_str *text, bool *ok);
void rti_take_bool(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
                   bool *value, bool *ok);
void rti_take_uint(rti_loader *loader, const rti_spot *spot, const char *key, enum rti_need need,
                   uint32_t *value, bool *ok);
void rti_take_words(rti_loader *loader, const rti_spot *spot, const char *key, bool required,
                    rti_words *words, bool *ok);
/* The name of the item @a node, under @a key; from then on its spot says where it stands. */
void rti_take_name(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node,
                   const char *key, rti_item *item, bool *ok);
bool rti_parse_uint(rt_str text, uint32_t *ret_value);
/* Keys of `override`: bits of the row numbers of @a kind among `keys`. */
typedef struct rti_overrides {
        uint32_t append, replace; /* bits, by position in `keys` */
} rti_overrides;
void rti_take_overrides(rti_loader *loader, const rti_spot *spot, const char *const *keys,
                        enum rti_item_kind kind, rti_overrides *overrides, bool *ok);
/* Unknown and repeated keys of a mapping. */
void rti_check_keys(rti_loader *loader, const rti_spot *spot, enum rti_item_kind kind);
void rti_read_item(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node);
/* Remember the name of an item that could not be read. */
void rti_mark_broken(rti_loader *loader, enum rti_item_kind kind, rt_str name);
bool rti_is_broken(const rti_loader *loader, enum rti_item_kind kind, rt_str name);

extern const char rti_override_and_append[], rti_append_deprecated[];

/* ---- elements.c ---- */

/* Read the file that items_from names. false: there is none, or *ok is false. */
bool rti_take_items_file(rti_loader *loader, const rti_spot *list, rt_str list_name, bool good_name,
                         rti_items_file *file, bool *ok);
/* What items_at and items_type say: RT_KIND_*, or NONE. */
uint32_t rti_take_items_at(rti_loader *loader, const rti_spot *list, rt_str list_name,
                           bool good_name, bool *ok);
/* Does the list stand in conditions by its name, and for what? Sets `elements`, `by_name`. */
void rti_list_by_name(rti_loader *loader, rti_list *list);
/* For rti_checker.elements; the user is the loader. */
rti_elements *rti_find_elements(rt_str name, void *user);

/* ---- rules.c, exceptions.c ---- */

void rti_read_rule(rti_loader *loader, const rti_spot *content, const rti_yaml_node *node);
void rti_read_exceptions(rti_loader *loader, const rti_spot *rule, bool append, rti_rule_def *def,
                         bool *ok);
/* Defaults and checks of section 5.2; what is wrong is reported. @a source SIZE_MAX: unknown. */
bool rti_check_exception(rti_loader *loader, rti_exception *exception, size_t source);
/* Condition and exceptions as one text. false: an error was reported. */
bool rti_exceptions_write(rti_loader *loader, const rti_rule_def *def, rti_expansion *expansion);

/* ---- collect.c ---- */

void rti_collect_list(rti_loader *loader, const rti_list *list, bool append);
void rti_collect_macro(rti_loader *loader, const rti_macro *macro, bool append);
void rti_collect_rule(rti_loader *loader, const rti_rule_def *def);
bool rti_collect_rule_append(rti_loader *loader, const rti_rule_def *update);
bool rti_collect_rule_replace(rti_loader *loader, const rti_rule_def *update);
void rti_collect_rule_enable(rti_loader *loader, const rti_rule_def *update);
rti_rule_def *rti_find_rule(const rti_loader *loader, rt_str name);

/* ---- requirements.c ---- */

bool rti_version_parse(rt_str text, rti_version *ret_version);
void rti_read_engine_version(rti_loader *loader, const rti_spot *content,
                             const rti_yaml_node *node);
void rti_read_plugin_versions(rti_loader *loader, const rti_spot *content,
                              const rti_yaml_node *node);
/* Report requirements that the registry's plug-ins do not meet. */
void rti_check_requirements(rti_loader *loader);

/* ---- lists.c ---- */

/* Where a byte of a text came from before lists were put in. */
struct rti_expansion {
        rti_loader *loader;
        rti_buf raw; /* as written, with exceptions */
        RTI_VEC(struct rti_expansion_mark {
                uint32_t at;
                rti_piece piece;
        })
        marks;                        /* where in `raw` each piece begins */
        rti_buf text, spare;          /* with lists */
        rti_buf origin, spare_origin; /* of each byte of `text` its offset in `raw`, uint32_t */
        RTI_VEC(uint32_t) heap;       /* lists to put in */
        uint32_t number;              /* loader->expansions when it was made */
        uint64_t work;
        bool traced;  /* the origins are there */
        bool tainted; /* names a list that is broken */
};

rti_expansion *rti_expansion_new(rti_loader *loader);
void rti_expansion_free(rti_expansion *expansion);
void rti_expansion_begin(rti_expansion *expansion);
void rti_expansion_add(rti_expansion *expansion, const rti_piece *piece);
void rti_expansion_add_text(rti_expansion *expansion, const rti_text *text);
/* Compile the lists from number @a first on: section 7, list in list. */
void rti_lists_compile(rti_loader *loader, size_t first);
/* @a text, which is the expansion's, for as long as `work`: no copy where it stands in the item as
 * it is. `ptr` NULL: no memory. */
rt_str rti_expansion_keep(const rti_expansion *expansion, const rti_buf *text);
/* Put lists in. RT_OK, RT_ELIMIT, RT_ENOMEM. */
int rti_expansion_lists(rti_expansion *expansion);
/* Where bytes [offset, end) of the text (@a raw: of the raw text) were written. Until `raw` or the
 * lists change. */
void rti_expansion_place(rti_expansion *expansion, bool raw, uint32_t offset, uint32_t end,
                         rti_report *report);

/* ---- compile.c, check.c, extra.c, schema.c ---- */

/* Remember a word of a text by its hash (seed 0); was it met, perhaps? */
void rti_word_add(rti_loader *loader, uint64_t hash);
bool rti_word_met(const rti_loader *loader, rt_str word);
/* Compile the collection; what is wrong is reported. */
void rti_compile(rti_loader *loader);
/* Output and condition of one rule; def->loaded says whether it goes on. */
void rti_compile_rule(rti_loader *loader, rti_rule_def *def);

/* What of the macros is visible to a text, for rti_macros_resolve. */
typedef struct rti_macro_view {
        rti_loader *loader;
        uint32_t visibility;
        bool broken; /* a broken one was asked for */
} rti_macro_view;

const rti_node *rti_find_macro_tree(rt_str name, void *user);
rti_macro *rti_find_macro(const rti_loader *loader, rt_str name);
/* The step "condition expression" of Falco's chain, for a position in @a text. */
const rti_location *rti_condition_where(rti_loader *loader, const rti_location *outer,
                                        const rti_text_pos *pos, rt_str text);
/* Put lists into the expansion's raw text and parse. NULL: a problem was reported (or follows from
 * one). Nodes are @a trees', texts last as long as `work`. */
rti_node *rti_parse_condition(rti_loader *loader, rti_arena *trees, const rti_item *item,
                              const rti_location *where);
/* The condition of a rule that was loaded, with macros put in, in `work`. NULL: no memory. */
const rti_node *rti_rule_tree(rti_loader *loader, const rti_rule_def *def);
/* Report an IDENT that stands for no macro. */
void rti_report_macro(rti_loader *loader, const rti_item *item, rt_str message, const rti_node *at,
                      rt_str raw);
/* Place of bytes of the text that @a at counts in: the item's own, or a macro's. */
void rti_place_node(rti_loader *loader, const rti_node *at, uint32_t offset, uint32_t end,
                    rti_report *report);

/* select.c */
bool rti_wildcard_matches(rt_str pattern, rt_str name);
int rti_extra_take(rti_loader *loader, const rti_loader_opts *opts);
/* Append extra and suggested outputs that match. */
void rti_extra_output(rti_loader *loader, const rti_rule_def *def, size_t source, rti_buf *buf);
/* Output fields that match, each key once, sorted by key. */
uint32_t rti_extra_fields(rti_loader *loader, const rti_rule_def *def,
                          const struct rti_append_field ***ret_fields);
void rti_schema_check(rti_loader *loader, const rti_yaml_file *file);

#endif
