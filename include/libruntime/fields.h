/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libruntime/fields.h - for hosts that know more than the event says: the country of an address,
 * the owner of a workload, what a script makes of it.
 *
 * A provider describes fields, says for which sources they are, and reads them. Rules and outputs
 * use them like any other. Life cycle of one instance, all on one worker's thread:
 *
 *      create -> demand -> extract* -> [demand -> extract* ...] -> destroy
 *
 * A worker makes an instance of its own for each source, when a ruleset comes into force that asks
 * for a field of the provider there, and destroys it when the ruleset in force does not: nothing in
 * an instance needs a lock. What instances share, through `user` say, is the provider's to guard.
 *
 * Foreign code asks the engine nothing. What a field is made of is said beforehand (`reads`) and
 * handed to extract, so that demand reaches the source and the compiler knows what a rule costs.
 */
#ifndef LIBRUNTIME_FIELDS_H
#define LIBRUNTIME_FIELDS_H

#include <libruntime/source.h>
#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {                               /* rt_field_desc.flags of a provider's fields, besides those of
                                        RT_FIELD_*; sources have no use for them */
       RT_FIELD_PURE = 1 << 16,      /* the value depends on nothing but what the field reads: it is
                                        kept while that stays as it is. Since 0.1 */
       RT_FIELD_ARG_FIELDS = 1 << 17 /* the argument names fields, separated by commas:
                                        lua.geo[ct.srcip]. They come behind those that are always
                                        read. With RT_FIELD_ARG_KEY. Since 0.1 */
};

enum { /* rt_fields_ops.extract, besides 0 and 1 */
       /* The value comes later, through the rt_answer that rt_event_later has given: the worker
        * waits for it. Since 0.1 */
       RT_LATER = 3
};

enum { RT_FIELDS_ABI = 1, RT_FIELDS_ABI_MIN = 1 };

enum {                         /* rt_fields_ops.flags */
       RT_FIELDS_KEPT = 1 << 0 /* `user` is of these fields alone, and tells them from others: an
                                  instance goes on when a provider with the same `user` and
                                  `extract` comes in this one's place. Since 0.1 */
};

/** What an instance is made for. Borrowed until create returns, the allocator until destroy. */
typedef struct rt_fields_config {
        size_t size;
        const char *source;            /* the events it will see are of this one */
        const rt_allocator *allocator; /* of this worker, on its thread; never NULL */
        void *user;                    /* rt_fields_ops.user */
} rt_fields_config;

/** What a ruleset needs of an instance. Borrowed until the next demand or destroy. */
typedef struct rt_fields_demand {
        size_t size;
        const rt_slot_desc *slots; /* `texts` is empty */
        size_t n_slots;            /* 1 or more */
        size_t slot_stride;        /* sizeof(rt_slot_desc) as the engine sees it */
} rt_fields_demand;

/**
 * What a provider implements. All strings and tables must live until `release`, or else as long as
 * the engine, its rulesets and workers; the struct itself is copied. Members may be NULL where the
 * comment says so.
 *
 * @since 0.1; members are only ever appended. A shorter `size` reads the missing ones as zero.
 */
typedef struct rt_fields_ops {
        size_t size;
        uint32_t abi;        /* RT_FIELDS_ABI */
        uint32_t flags;      /* RT_FIELDS_* */
        const char *name;    /* the provider's: heading of its fields in lists, the plug-in of
                                required_plugin_versions, `part` of its losses. Not unique */
        const char *version; /* of required_plugin_versions, "0.1.0"; may be NULL */
        /* Whose events have the fields, NULL-terminated; all must be there already. NULL: every
         * source's, those added later too. */
        const char *const *sources;
        const rt_field_desc *fields; /* any kind but LIST and DYNAMIC */
        size_t n_fields;
        size_t field_stride; /* sizeof(rt_field_desc) as the provider sees it */
        /* Per field: the names of those that it is made of, separated by commas, with arguments in
         * brackets: "ct.srcip, json.value[/tenant]". They may be a provider's, but not the field
         * itself, however far round. An entry of NULL or "": none. NULL: none of any field. */
        const char *const *reads;
        void *user; /* the host's own */

        /** Make an instance. May be NULL: `user` is the state of all of them.
         *  @return 0, RT_E*: the worker does not take the ruleset; the call that would have judged
         *  the next event returns this, rt_worker_loss has the provider's name. */
        int (*create)(const rt_fields_config *config, void **ret_state);
        /** May be NULL. Not called without create. */
        void (*destroy)(void *state);
        /** Which fields will be asked for: slot i of extract is slots[i]. Called again when other
         *  rules come into force, between two events. @return 0, RT_E* as create. */
        int (*demand)(void *state, const rt_fields_demand *demand);
        /** Read slot @a slot of the demand. Once per event and slot at most, but see
         *  RT_EVENT_REREAD. What @a ret_value points at lives until the next event: constant, of
         *  rt_event_alloc, or a slice of what @a reads have.
         *  @param reads values of what the field reads, in that order, then of what its argument
         *  names; NULL: missing. @param n_reads how many these are.
         *  @return 1: @a ret_value is set, 0: the event has no such field, RT_LATER, < 0: RT_E*,
         *  counted among the losses. So is a value that is not of the field's kind. Both are
         *  missing. */
        int (*extract)(void *state, const rt_event *event, uint32_t slot,
                       const rt_value *const *reads, size_t n_reads, rt_value *ret_value);
        /** Nobody will ask for these fields again: all instances are destroyed, no ruleset, loader
         *  or engine knows them. Once for each time they were added, on the thread that let go
         *  last. May be NULL. Since 0.1 */
        void (*release)(void *user);
        /** Can a field whose argument names fields be made of these? Asked wherever a rule or an
         *  output names it, when it is loaded. May be NULL: of any. Since 0.1
         *  @param field its number in `fields`.
         *  @param kinds RT_KIND_* of what it always reads, then of what the argument names; a list
         *  is RT_KIND_LIST.
         *  @param message where to write why not, one sentence with a NUL behind it and no full
         *  stop; empty at first.
         *  @return 0, RT_E*: a diagnostic with @a message at that place. */
        int (*check)(void *user, size_t field, const uint32_t *kinds, size_t n_kinds, char *message,
                     size_t message_size);
        /** With RT_LATER: milliseconds that one event waits for answers, all of its fields
         *  together; 0: 100. Then the value is missing, which is counted among the losses. After
         *  three in a row that were missed, for 16 times as long no answer is waited for. Since
         *  0.1 */
        uint32_t deadline_ms;
        uint32_t reserved; /* 0 */
} rt_fields_ops;

/* ---- values that come later ---- */

/** Inside extract, which then returns RT_LATER: where the value is to be given. Whoever is asked
 *  holds it, and drops it when done. Meanwhile the worker waits, and a pool's other workers go on;
 *  alerts keep their order. Who wants many questions under way has many workers.
 *  @return NULL: out of memory, or not inside of an extract. @since 0.1 */
RT_API rt_answer *rt_event_later(const rt_event *event);
/** Give the value: once, from any thread, also when worker and engine are gone. Their allocator has
 *  to be there, and is used on that thread.
 *  @param status as extract returns: 1: @a value is set, 0: there is none, < 0: RT_E*, counted.
 *  @param value of the field's kind, no list; texts up to 64 KiB, copied. NULL without one.
 *  @return 0, RT_EEXIST: it was given already, RT_ENOENT: too late, RT_EINVAL, RT_ELIMIT,
 *  RT_ENOMEM. @since 0.1 */
RT_API int rt_answer_give(rt_answer *answer, int status, const rt_value *value);
/** Drop it. If nothing was given, the worker waits no longer: as status RT_EIO. @since 0.1 */
RT_API rt_answer *rt_answer_unref(rt_answer *answer);

/** Add the fields of @a ops. Loaders made from now on know them, and rulesets compiled with these
 *  may be put in force on any worker of the engine; others stay as they are. Shared, once a loader
 *  or a worker was made.
 *  @return 0, RT_EABI, RT_EEXIST: a field of that name is there, RT_EINVAL, RT_ENOENT: a source of
 *  `sources` is not there, or has not what a field reads, RT_ELIMIT, RT_ENOMEM. @since 0.1 */
RT_API int rt_engine_add_fields(rt_engine *engine, const rt_fields_ops *ops);

/** Add the fields of @a ops for the rules of @a loader alone, those that were added before, too,
 *  from the next file on. They belong to the rulesets that it compiles: a provider of the same
 *  names may be added to the next loader, and this one is released when the last ruleset of this
 *  loader is gone. Also inside rt_item_ops.load.
 *  @return as rt_engine_add_fields; nothing is released when that is < 0. @since 0.1 */
RT_API int rt_loader_add_fields(rt_loader *loader, const rt_fields_ops *ops);

/* ---- what a field says of a match ---- */

enum {                               /* rt_match.flags */
       RT_ON_MATCH_DROP = 1 << 0,    /* there is no alert, and nothing is counted */
       RT_ON_MATCH_PRIORITY = 1 << 1 /* the alert has `priority`, not its rule's */
};

typedef struct rt_match_field {
        const char *name; /* in output_fields; takes the place of one of the same name */
        rt_value value;   /* no list */
} rt_match_field;

/** What is to become of a match: the bytes of a value of RT_KIND_BYTES that a field of
 *  rt_loader_on_match gives, of rt_event_alloc. Names and tags are copied. */
typedef struct rt_match {
        size_t size;
        uint32_t flags;               /* RT_ON_MATCH_* */
        uint32_t priority;            /* RT_PRIORITY_*; not in flags: 0 */
        const char *const *tags;      /* more of them, NULL-terminated; NULL: none */
        const rt_match_field *fields; /* more of output_fields */
        size_t n_fields;
        size_t field_stride; /* sizeof(rt_match_field) as the provider sees it */
} rt_match;

enum {                      /* rt_loader_on_match: flags */
       RT_ON_MATCH_ALSO = 1 /* the rules are asked besides others: with RT_MATCH_FIRST, too, what
                               else matches keeps neither them nor the others from being asked.
                               Where the field is missing, or fails, there is no alert; a rule of a
                               source that has not got it is refused. Made for fields that keep
                               state from event to event: a pool of several workers refuses such
                               rules, RT_EINVAL */
};

/** Have @a field read at every match of the rules whose names @a rules has, before it becomes an
 *  alert and is counted, on the worker's thread, once for each match. A provider's field of
 *  RT_KIND_BYTES without argument, of this loader or the engine; in rules of sources that have not
 *  got it, or not what it reads, it is not read. Missing, or failing, it changes nothing. That it
 *  is read is part of the compiled form, too. Also inside rt_item_ops.load.
 *  @param rules with * for any run of letters, NULL-terminated; NULL: all of this loader.
 *  @return 0, RT_ENOENT: no such field, RT_EINVAL, RT_ELIMIT, RT_ENOMEM. @since 0.1 */
RT_API int rt_loader_on_match(rt_loader *loader, const char *field, const char *const *rules,
                              uint32_t flags);

/* ---- items of rule files that the host reads ---- */

enum { RT_ITEM_ABI = 1, RT_ITEM_ABI_MIN = 1 };

/** One item, `- hooks: geo.lua`. Borrowed until load returns. */
typedef struct rt_item {
        size_t size;
        rt_str json;        /* all of it, compact: {"hooks":"geo.lua"}. Scalars are texts, or null;
                                  aliases are written out; the first of equal keys is the first */
        const char *file;   /* as the loader was told */
        const char *folder; /* of the file, where relative paths begin: "." or "/etc/rules";
                                  NULL: the text was in no file, and can name none */
        uint32_t line, column; /* from 1 */
} rt_item;

/** What reads such items. Strings must outlive the engine; the struct is copied.
 *  @since 0.1; members are only ever appended. */
typedef struct rt_item_ops {
        size_t size;
        uint32_t abi;    /* RT_ITEM_ABI */
        uint32_t flags;  /* 0 */
        const char *key; /* an item with this key, and none of the language's own, is handed over */
        void *user;
        /** Called while the file is being added, on that thread, before any rule of the file is
         *  compiled: where in the file the item stands does not matter. It may add fields to
         *  @a loader, have them asked about matches, and add text with rt_loader_add, which is
         *  looked at behind this file; nothing else of the loader may be called.
         *  @param message where to write why it cannot be loaded, one sentence with a NUL behind it
         *  and no full stop; empty at first. @param message_size bytes that are there.
         *  @return 0, RT_E*: a diagnostic at the item's place, RT1207, with @a message. */
        int (*load)(rt_loader *loader, const rt_item *item, char *message, size_t message_size,
                    void *user);
} rt_item_ops;

/** Have items of rule files read by the host. Before the first loader is made.
 *  @return 0, RT_EABI, RT_EEXIST: somebody reads items of that key, RT_EINVAL, RT_ENOMEM.
 *  @since 0.1 */
RT_API int rt_engine_add_item(rt_engine *engine, const rt_item_ops *ops);

#ifdef __cplusplus
}
#endif
#endif
