/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loader.h - rule files in, typed rules out.
 *
 * Files act in the order added. After each, the whole collection is compiled as far as typed rules,
 * and everything found goes to the diagnostics.
 */
#ifndef RTI_LOAD_LOADER_H
#define RTI_LOAD_LOADER_H

#include "base/buf.h"
#include "compiler/rule.h"
#include "lang/diag.h"

typedef struct rti_loader rti_loader;

typedef struct rti_loader_opts {
        uint32_t min_priority;          /* 0: all; else 1 + RT_PRIORITY_* */
        uint32_t flags;                 /* RT_LOADER_* */
        const rt_append_output *append; /* copied */
        size_t n_append, append_stride;
        uint64_t max_bytes; /* 0: RTI_MAX_LOAD_BYTES */
        /* A file of items_from, of which no more than @a most bytes count: RT_OK, RT_ELIMIT,
         * RT_ENOMEM, RT_EIO with *ret_why. NULL: there are no files. */
        int (*read_file)(const char *path, size_t most, rti_buf *buf, const char **ret_why);
        /* Is there a list of that name at run time, perhaps an empty one? NULL: nobody asks. */
        bool (*has_list)(rt_str name, void *user);
        void *has_list_user;
        const rti_item_ops *items; /* what the host reads ... */
        rt_loader *outer;          /* ... and is told to add to */
} rti_loader_opts;

/* A plug-in, for required_plugin_versions. */
typedef struct rti_plugin_version {
        rt_str name, version;
} rti_plugin_version;

/* RT_OK, RT_ENOMEM, RT_EABI. */
int rti_loader_new(const rt_allocator *allocator, const rti_registry *registry,
                   const rti_loader_opts *opts, rti_loader **ret_loader);
void rti_loader_free(rti_loader *loader);
/* From now on names are looked up in @a registry, which knows all that the one before does by the
 * same numbers, and which both outlive the loader. */
void rti_loader_use(rti_loader *loader, const rti_registry *registry);

/* RT_OK, RT_ERULES: errors were reported, RT_ELIMIT, RT_ENOMEM. */
int rti_loader_add(rti_loader *loader, rt_str name, rt_str text, rt_diags *diags);
/* The same for a text that was read from @a path. */
int rti_loader_add_file(rti_loader *loader, rt_str path, rt_str text, rt_diags *diags);
/* Report that a file could not be read. */
void rti_loader_unreadable(rti_loader *loader, rt_str name, const char *why, rt_diags *diags);

/* As rt_loader_on_match, whose arguments are good. */
int rti_loader_on_match(rti_loader *loader, const char *field, const char *const *rules, bool also);

/* Enable or disable rules of @a ruleset (empty: the default one). The number of rules met. */
int rti_loader_select(rti_loader *loader, rt_str ruleset, bool enable, uint32_t mode,
                      rt_str pattern);
/* Rules enabled in @a ruleset. */
int rti_loader_enabled(rti_loader *loader, rt_str ruleset, uint32_t *ret_n);

/* The rules in evaluation order; they and the array live until the next call on @a loader.
 * RT_OK, RT_ERULES, RT_ENOMEM. */
int rti_loader_rules(rti_loader *loader, rti_rules *ret_rules);

/* Falco's describe document. RT_OK, RT_ENOENT, RT_ERULES, RT_ENOMEM. */
int rti_loader_describe(rti_loader *loader, const char *rule, rt_str *ret_text);
/* Stages items, rules, ast, typed. RT_OK, RT_ENOENT: no such stage, RT_ENOMEM. */
int rti_loader_dump(rti_loader *loader, rt_str stage, rt_str *ret_text);

/* Are all required_plugin_versions met by these? RT_OK, RT_ERULES with *ret_error (borrowed until
 * the next call), RT_ENOMEM. */
int rti_loader_requirements(rti_loader *loader, const rti_plugin_version *plugins, size_t n,
                            rt_str *ret_error);

#endif
