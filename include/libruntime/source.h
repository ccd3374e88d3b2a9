/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libruntime/source.h - for authors of event sources. The built-in sources use nothing else.
 *
 * A source turns bytes (or a kernel's ring, or a service) into events, and reads fields of them.
 * Life cycle of one instance, all on one worker's thread:
 *
 *      create -> demand -> { next -> extract* }* -> [demand ...] -> destroy
 *
 * `demand` says which (field, argument) pairs the ruleset in force can ask for, so that a source
 * can prepare to read those and nothing else. It is called again whenever another ruleset is
 * installed, between two events.
 */
#ifndef LIBRUNTIME_SOURCE_H
#define LIBRUNTIME_SOURCE_H

#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- fields ---- */

enum {                                   /* rt_field_desc.flags; numbers are part of the ABI */
       RT_FIELD_LIST = 1 << 0,           /* the value is a list of `kind` */
       RT_FIELD_ARG_OPTIONAL = 1 << 1,   /* name[arg] is allowed */
       RT_FIELD_ARG_REQUIRED = 1 << 2,   /* name without [arg] is refused */
       RT_FIELD_ARG_INDEX = 1 << 3,      /* the argument may be a number */
       RT_FIELD_ARG_KEY = 1 << 4,        /* the argument may be free text */
       RT_FIELD_NO_RHS = 1 << 5,         /* not in val(...) nor compared with val(...) */
       RT_FIELD_NO_TRANSFORMER = 1 << 6, /* no transformer may be applied */
       RT_FIELD_FILTER_ONLY = 1 << 7,    /* meant for conditions: outputs seldom show it */
       RT_FIELD_PRINT_ONLY = 1 << 8,     /* outputs only */
       RT_FIELD_TABLE_ONLY = 1 << 9,     /* hidden from lists */
       RT_FIELD_SUGGESTED = 1 << 10,     /* part of the suggested output */
       RT_FIELD_DEPRECATED = 1 << 11,
       /* In a condition without argument: a list of values of which one has to pass the test; the
        * source is asked with RT_ARG_ANY. In outputs: one value as usual. */
       RT_FIELD_ANY_OF = 1 << 12,
       /* With ANY_OF: `!=` holds only if it holds for every value. */
       RT_FIELD_ALL_DIFFER = 1 << 13,
       /* Every place in the rules that reads it is a slot of its own: the source keeps something
        * from one reading to the next. */
       RT_FIELD_PER_USE = 1 << 14,
       /* All events of one subject have the same value: see rt_event.subject. Since 0.1. */
       RT_FIELD_OF_SUBJECT = 1 << 15
};

enum {                     /* rt_field_desc.format: how numbers are printed */
       RT_FORMAT_NONE = 0, /* of a source with a `plugin`: as DEC */
       RT_FORMAT_DEC = 1,
       RT_FORMAT_HEX = 2,
       RT_FORMAT_OCT = 3,
       RT_FORMAT_PADDED_DEC = 4, /* nine digits */
       RT_FORMAT_ID = 5,         /* a number that names something: a JSON number, never summed */
       RT_FORMAT_DIR = 6
};

/** One field that a source, or a provider for several sources, can read. */
typedef struct rt_field_desc {
        const char *name;  /* "ct.user", unique in the engine */
        const char *group; /* heading in lists: "cloudtrail" */
        uint32_t kind;     /* RT_KIND_*; of the elements, with RT_FIELD_LIST */
        uint32_t flags;    /* RT_FIELD_* */
        uint32_t format;   /* RT_FORMAT_* */
        uint32_t reserved; /* 0 */
        const char *help;  /* one sentence, shown by `rtctl list` */
} rt_field_desc;

enum {
        RT_ARG_NONE = 0,
        RT_ARG_INDEX = 1,
        RT_ARG_KEY = 2,
        /* Of a field with RT_FIELD_ANY_OF: give all values, as a RT_KIND_LIST. One that is empty
         * exists, but passes no test. */
        RT_ARG_ANY = 3
};

/** One (field, argument) that the ruleset can ask for. */
typedef struct rt_slot_desc {
        rt_str field;    /* name, as in rt_field_desc */
        rt_str key;      /* the argument's text; empty with RT_ARG_NONE */
        uint64_t index;  /* with RT_ARG_INDEX */
        uint32_t arg;    /* RT_ARG_* */
        uint32_t output; /* 1: no condition reads it, only alert texts do */
        /* Texts that conditions compare the field with; the same one may come twice. @since 0.1 */
        const rt_str *texts;
        size_t n_texts;
} rt_slot_desc;

/* Sets that an event filter is made of. An event has exactly one element of each. */
enum {
        RT_RESULT_SUCCESS = 1 << 0, /* the system call returned >= 0 */
        RT_RESULT_FAILURE = 1 << 1,
        RT_RESULT_NONE = 1 << 2 /* the event has no return value */
};
enum { RT_FDNUM_VALID = 1 << 0, RT_FDNUM_NEGATIVE = 1 << 1, RT_FDNUM_NONE = 1 << 2 };
enum { RT_SCOPE_HOST = 1 << 0, RT_SCOPE_CONTAINER = 1 << 1 };
enum { /* of fd_kinds, besides the kinds' numbers in captures, 0 to 21 */
       RT_FDKIND_UNKNOWN_BIT = 30, /* there is a descriptor, but no object is known */
       RT_FDKIND_NONE_BIT = 31     /* the event has no descriptor */
};
enum { RT_RAWPATH_UP = 1 << 0, RT_RAWPATH_PLAIN = 1 << 1 }; /* has "../" in it, or not */
enum { /* bit r | w << 1 | x << 2 | c << 3 of open_modes: opened to read, to write, with a mode that
          has an execute bit, created; the last bit: not an event that opens */
       RT_OPEN_MODE_NONE_BIT = 16
};

enum { RT_FILTERS_PER_TYPE = 8 };

/**
 * What events of one type must have so that some rule can match them: an event that is in all sets
 * of one of the type's filters has to be delivered, others can be left out where they are made.
 * Sound over all rules of the ruleset. At most RT_FILTERS_PER_TYPE for a type.
 */
typedef struct rt_event_filter {
        uint32_t type;       /* event code */
        uint32_t results;    /* RT_RESULT_* */
        uint32_t fd_nums;    /* RT_FDNUM_*: of the event's own descriptor */
        uint32_t fd_kinds;   /* bit set by kind */
        uint32_t open_modes; /* bit set, see above */
        uint32_t scopes;     /* RT_SCOPE_* */
        uint32_t raw_paths;  /* RT_RAWPATH_*: of the path as the program gave it (fd.nameraw) */
        uint32_t reserved;   /* 0 */
        const rt_str *paths; /* fd.name begins with one of these; NULL: any */
        size_t n_paths;
        const rt_str *names; /* proc.name is one of these; NULL: any */
        size_t n_names;
} rt_event_filter;

/** What a ruleset needs of a source. Borrowed; valid until the next demand or destroy. */
typedef struct rt_demand {
        size_t size;
        const rt_slot_desc *slots;
        size_t n_slots;
        size_t slot_stride;          /* sizeof(rt_slot_desc) as the engine sees it */
        const uint64_t *event_types; /* bit set of event codes that some rule looks at, or NULL */
        size_t n_event_words;
        const rt_event_filter *filters; /* by type, ascending; types without any: all events */
        size_t n_filters;
        size_t filter_stride; /* sizeof(rt_event_filter) as the engine sees it */
} rt_demand;

/* ---- events ---- */

/** One event. The source fills what it knows; the engine sets `number`. */
typedef struct rt_event {
        size_t size;
        uint64_t number;   /* evt.num: 1 for the first event of this instance; set by the engine,
                              but see RT_EVENT_NUMBERED */
        uint64_t time_ns;  /* since 1970 */
        uint64_t position; /* offset of the event in its input, in bytes */
        rt_str payload;    /* the event's bytes, as its source delivers them */
        uint32_t type;     /* event code, RT_EVENT_PLUGIN for sources other than syscall */
        uint32_t flags;    /* RT_EVENT_* */
        void *scratch;     /* the engine's; see rt_event_alloc */
        uint64_t base_ns;  /* what evt.reltime counts from; set by the engine, but see
                              RT_EVENT_NUMBERED */
        rt_str hostname;   /* the machine it happened on (evt.hostname); empty: this one */
        rt_str async_type; /* of events about the source itself (evt.asynctype); empty: none */
        uint64_t subject;  /* who it is about, in the state it is in (a process, say): whenever this
                              instance gives the same number again, all RT_FIELD_OF_SUBJECT have
                              the same values, so that they need not be read again. 0: unknown */
} rt_event;

enum { RT_EVENT_PLUGIN = 322 };

enum { /* rt_event.flags */
       /* Reading has changed what a field looks like that was read before (a source may keep such
        * a habit of its format's reference reader): a JSON alert reads its fields anew. Set by
        * next or by extract. */
       RT_EVENT_REREAD = 1 << 0,
       /* The source has set `number` and `base_ns`: it counts events that it does not return,
        * from 1 in each input. Also with 0 and RT_EOF of next: `number` is that of the last one. */
       RT_EVENT_NUMBERED = 1 << 1,
       /* During extract: the engine has what this instance said of the slot last, and RT_SAME says
        * that again. Set by the engine alone. Since 0.1. */
       RT_EVENT_HELD = 1 << 2
};

enum { /* rt_source_ops.extract, besides 0 and 1 */
       /* What the last call for this slot since the last demand has said, be it a value or that
        * there is none, holds for this event, too. Only where the event has RT_EVENT_HELD. For
        * sources that can tell for less than the value would cost. Since 0.1. */
       RT_SAME = 2
};

/** Memory that lives until the next event of the same worker; NULL when a limit is hit.
 *  For values that are not a slice of the payload. @since 0.1 */
RT_API void *rt_event_alloc(const rt_event *event, size_t size_bytes);

/* ---- input ---- */

/** Unread bytes that are in memory now. @since 0.1 */
RT_API rt_str rt_input_window(const rt_input *input);
/** Read more bytes behind the window; what was consumed and the window itself may move.
 *  @return 1: the window grew, 0: the end was reached, RT_EIO, RT_ENOMEM, RT_EFORMAT: what is
 *  compressed or framed there is damaged, RT_ELIMIT: the window holds max_record_bytes already,
 *  RT_EAGAIN: nothing is there now, but the end is not reached.
 *  @since 0.1 */
RT_API int rt_input_more(rt_input *input);
/** Take @a n bytes off the window. They stay readable until the next rt_input_more. @since 0.1 */
RT_API void rt_input_consume(rt_input *input, size_t n);
/** Offset of the window's first byte in the whole input. @since 0.1 */
RT_API uint64_t rt_input_offset(const rt_input *input);
/** Name of the file (or other origin) the window comes from; never NULL. @since 0.1 */
RT_API const char *rt_input_name(const rt_input *input);
/** 1: what it tells of may happen while it is read; 0: it was recorded, its reader having all bytes
 *  (RT_READER_READY). What the host pushes counts as live. @since 0.1 */
RT_API int rt_input_is_live(const rt_input *input);
/** Say that bytes at @a offset could not be used. Counted and handed to the host; @a what is one
 *  sentence without full stop. @since 0.1 */
RT_API void rt_input_skipped(rt_input *input, uint64_t offset, const char *what);
/** The same because of a limit, which @a what names: counted among the limits hit, too.
 *  @since 0.1 */
RT_API void rt_input_limited(rt_input *input, uint64_t offset, const char *what);

/* ---- losses: what did not reach the rules ---- */

enum {                    /* rt_loss.kind */
       RT_LOSS_EVENT = 0, /* events that were made and got lost: made = delivered + these */
       RT_LOSS_BLIND = 1, /* things happened that no event can be made of */
       RT_LOSS_FACT = 2   /* events were judged with less known about them */
};

/** So many of one kind, for one cause. */
typedef struct rt_loss {
        size_t size;
        const char *cause;           /* "ring full"; outlives the engine */
        const char *part;            /* which events, as the reader calls them: "file"; or "" */
        uint64_t count;              /* since the source was created or the reader opened */
        const uint64_t *event_types; /* bit set of the event codes that can be among them, as in
                                        rt_demand; NULL: any */
        size_t n_event_words;
        uint32_t kind;      /* RT_LOSS_* */
        uint32_t reserved;  /* 0 */
        const char *source; /* whose rules did not see them; set by the engine */
} rt_loss;

/* ---- the source itself ---- */

enum { RT_SOURCE_ABI = 1, RT_SOURCE_ABI_MIN = 1 };

enum {                             /* rt_source_ops.flags; numbers are part of the ABI */
       RT_SOURCE_EXTENDS = 1 << 0, /* adds fields to the source of that name, which is there */
       /* The source opens its inputs itself: names given to rt_worker_open are neither files nor
        * directories and are asked of no reader. `next` gets an input with that name
        * (rt_input_name) and no bytes; it is a live one, and one instance reads it. There is
        * nothing to push: rt_worker_feed refuses such a source. @since 0.1 */
       RT_SOURCE_OPENS = 1 << 1,
       /* Takes the place of a source of that name, also of one that can be read. @since 0.1 */
       RT_SOURCE_REPLACES = 1 << 2
};

/** Settings of one instance: `key` = `value` pairs of the source's own options. */
typedef struct rt_option {
        const char *key;
        const char *value;
} rt_option;

typedef struct rt_source_config {
        size_t size;
        const rt_option *options;
        size_t n_options;
        const rt_allocator *allocator; /* never NULL */
        void *user;                    /* rt_source_ops.user. @since 0.1 */
} rt_source_config;

/**
 * What a source implements. All strings and tables must outlive the engine; the struct itself is
 * copied at registration. Members may be NULL where the comment says so.
 *
 * @since 0.1; members are only ever appended. A shorter `size` reads the missing ones as zero.
 */
typedef struct rt_source_ops {
        size_t size;
        uint32_t abi;        /* RT_SOURCE_ABI */
        uint32_t flags;      /* RT_SOURCE_* */
        const char *name;    /* the rules' `source:` key, e.g. "aws_cloudtrail"; "*": see below */
        const char *plugin;  /* evt.pluginname and required_plugin_versions, e.g. "cloudtrail" */
        const char *version; /* what required_plugin_versions is compared with, "0.17.1" */
        const rt_field_desc *fields;
        size_t n_fields;
        size_t field_stride; /* sizeof(rt_field_desc) as the source sees it */

        /* A name of "*" adds fields to every source; only `fields`, `plugin` and `version` matter
         * then, as with RT_SOURCE_EXTENDS. Reading such fields is the business of each source.
         * A source whose `create` is NULL is known (rules for it compile) but cannot be read;
         * with it, `next` and `extract` must be there, too. */

        /** @return 0, RT_EINVAL after diagnostics were added, RT_ENOMEM. */
        int (*create)(const rt_source_config *config, rt_diags *diags, void **ret_state);
        void (*destroy)(void *state);
        /** @return 0, RT_ENOMEM, RT_ENOENT: a field is not one of this source's. */
        int (*demand)(void *state, const rt_demand *demand);
        /** Start a new input (file, message): forget what was half read. May be NULL. */
        void (*restart)(void *state);
        /** Fill @a event from @a input. Bytes must be taken from the window or copied with
         *  rt_event_alloc; they are read until the next call.
         *  @return 1: an event, 0 or RT_EAGAIN: none until more bytes are there (live inputs
         *  only; the next call goes on where this one stood), RT_EOF: the input is used up, other
         *  < 0: RT_E*, the input cannot be read further. */
        int (*next)(void *state, rt_input *input, rt_event *event);
        /** Read slot @a slot of the demand. Once per event and slot, but see RT_EVENT_REREAD.
         *  @param ret_value its kind and count are 0 until they are set.
         *  @return 1: @a ret_value is set, 0: the event has no such field, RT_SAME, < 0: RT_E*. */
        int (*extract)(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value);
        /** One line that describes the event (evt.plugininfo). May be NULL. @return as extract. */
        int (*info)(void *state, const rt_event *event, rt_str *ret_text);
        /** The event's own identity, for alert ids (CloudTrail eventID ...). May be NULL.
         *  @return as extract. */
        int (*identity)(void *state, const rt_event *event, rt_str *ret_text);
        /** The instance's name, where it goes by another than `plugin` (evt.pluginname). May be
         *  NULL, may return NULL: `plugin`. */
        const char *(*instance_name)(void *state);
        /** How a directory given as an input is read: RT_WALK_*. May be NULL: 0. */
        uint32_t (*walk)(void *state);
        /** Is this file read? @a found is 1 for a file found in a directory, 0 for one that was
         *  given itself. Refused files are no input, and not an error. May be NULL: all are.
         *  @return 1, 0. */
        int (*accept)(void *state, const char *path, uint32_t found);
        /** Row @a index of what was lost so far; 0 brings the counts up to date. Rows keep their
         *  places; what they point to lives as long as the state. May be NULL: nothing is ever
         *  lost. @return 0, RT_ENOENT: no more, RT_E*. */
        int (*loss)(void *state, size_t index, rt_loss *ret_loss);
        /** What several instances may read side by side, so that a pool's workers share the inputs:
         *  RT_SPLIT_*. Asked after create, and whenever next has returned RT_EAGAIN. May be NULL:
         *  RT_SPLIT_NEVER. */
        uint32_t (*split)(void *state);
        /** For rt_source_config.user: one set of functions may serve many sources. @since 0.1 */
        void *user;
        /** For other parts of libruntime that were built with the source and know more of its
         *  instances than this interface says; nobody else can use it. NULL. @since 0.1 */
        const void *inside;
} rt_source_ops;

enum {                      /* rt_source_ops.split */
       RT_SPLIT_NEVER = 0,  /* one instance reads all inputs, in their order */
       RT_SPLIT_INPUTS = 1, /* restart forgets everything: each input may have another one */
       RT_SPLIT_LINES = 2 /* so may, from here on, lines that begin with a brace: what was consumed
                                does not count any more if such a line follows */
};

enum {                           /* rt_source_ops.walk; 0: the whole tree, each directory's names in
                                   byte order, a directory's files where its own name stands */
       RT_WALK_BY_TIME = 1 << 0, /* oldest modification first */
       RT_WALK_FLAT = 1 << 1     /* directories inside are left out */
};

/** Register @a ops. A later source of the same name replaces a built-in one that cannot be read,
 *  and any with RT_SOURCE_REPLACES.
 *  @return 0, RT_EABI, RT_EEXIST, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_engine_add_source(rt_engine *engine, const rt_source_ops *ops);

/** Stand between a source and the engine: from now on the functions of @a outer (all from `create`
 *  on, and its `user`) are called in the place of the source's, which are given to the caller, who
 *  calls them as the engine would: `create` with rt_source_config.user set to theirs. Name, fields,
 *  version and flags stay the source's; those of @a outer are not looked at. Members of @a outer
 *  that are NULL mean that there is no such function. Before the first loader or worker.
 *  @param ret_inner a copy; what it points to lives as long as the engine
 *  @return 0, RT_ENOENT: there is no such source, or it cannot be read; RT_EABI, RT_EINVAL,
 *  RT_ENOMEM. @since 0.1 */
RT_API int rt_engine_wrap_source(rt_engine *engine, const char *name, const rt_source_ops *outer,
                                 rt_source_ops *ret_inner);

/** Say that a source delivers asynchronous events of that name (rt_event.async_type): conditions
 *  may compare evt.type with it, which is the event's name then. Before the first loader or worker.
 *  @return 0, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_engine_add_async_event(rt_engine *engine, const char *name);

/* ---- readers: where bytes come from ---- */

/**
 * How a path (or other name) becomes bytes. The core reads plain files; compressed files, HTTP and
 * the like come as readers of their own. The first reader whose `open` does not return RT_ENOENT
 * is used, the one added last being asked first.
 */
typedef struct rt_reader_ops {
        size_t size;
        const char *name; /* "gzip" */
        /** @return 0, RT_ENOENT: not mine, RT_EIO, RT_ENOMEM. */
        int (*open)(const char *path, void **ret_state);
        /** @return bytes read, 0 at the end, RT_EIO, RT_EFORMAT; RT_EAGAIN: nothing is there now
         *  (after waiting for a while: live readers do not make the host spin). */
        int64_t (*read)(void *state, void *buffer, size_t size_bytes);
        void (*close)(void *state);
        /** What the ruleset in force asks of the source that reads this input: a reader that makes
         *  events itself (a kernel) need not make others. Called after open and whenever another
         *  ruleset is installed. May be NULL. @return 0, RT_E*. */
        int (*demand)(void *state, const rt_demand *demand);
        /** As rt_source_ops.loss. May be NULL. */
        int (*loss)(void *state, size_t index, rt_loss *ret_loss);
        /** The host wants to end: stop making what is read, and end behind what was made so far.
         *  May be NULL: this is not a live input, or it ends at once. @return 0, RT_E*. */
        int (*finish)(void *state);
        uint32_t flags;    /* RT_READER_* */
        uint32_t reserved; /* 0 */
        /** As open, for readers that need to know more than a path: called in its place, where it
         *  is set, with `user`. @since 0.1 */
        int (*open_with)(void *user, const char *path, void **ret_state);
        void *user; /* @since 0.1 */
} rt_reader_ops;

enum { /* rt_reader_ops.flags */
       RT_READER_READY =
               1 << 0 /* all bytes are there: reading a regular file never waits for more */
};

/** @return 0, RT_EABI, RT_EEXIST, RT_ENOMEM. @since 0.1 */
RT_API int rt_engine_add_reader(rt_engine *engine, const rt_reader_ops *ops);

/** For `create`: report a bad option. @since 0.1 */
RT_API int rt_diags_add_option(rt_diags *diags, const char *key, const char *message);

#ifdef __cplusplus
}
#endif
#endif
