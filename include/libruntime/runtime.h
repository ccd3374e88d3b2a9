/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libruntime - a runtime-threat-detection rules engine.
 *
 *      rt_engine    knows the sources; holds the ruleset in force
 *      rt_loader    collects rule files and compiles them
 *      rt_ruleset   compiled rules; immutable, shared between threads, refcounted
 *      rt_list      elements of a list that changes while rules are in force: lists.h
 *      rt_worker    one thread's evaluation state: bytes or events in, alerts out
 *      rt_pool      workers on threads of their own, that judge as one worker would
 *      rt_alert     one match; borrowed inside the callback
 *      rt_diags     what loading had to say: code, file, line, column, text, hint
 *
 * The shortest useful program is examples/embed.c. Results, ownership and threads: types.h.
 */
#ifndef LIBRUNTIME_RUNTIME_H
#define LIBRUNTIME_RUNTIME_H

#include <libruntime/fields.h>
#include <libruntime/lists.h>
#include <libruntime/source.h>
#include <libruntime/types.h>
#include <libruntime/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- diagnostics ---- */

enum { RT_ERROR = 1, RT_WARNING = 2, RT_NOTE = 3 };

/** One diagnostic. Strings are borrowed from the rt_diags; NULL where there is nothing to say. */
typedef struct rt_diag {
        size_t size;
        uint32_t code;      /* stable for ever, 1042 is printed RT1042; see docs/diagnostics.md */
        uint32_t severity;  /* RT_ERROR, RT_WARNING, RT_NOTE */
        uint32_t reference; /* 1: a reference Falco reports it too (it stops at the first error) */
        uint32_t line, column; /* from 1; 0: the whole file. Columns count bytes */
        uint32_t end_line, end_column;
        uint32_t reserved;
        const char *id;      /* "RT1042" */
        const char *name;    /* Falco's code, "LOAD_ERR_COMPILE_CONDITION", or NULL */
        const char *file;    /* as the loader was told */
        const char *item;    /* rule, macro, list or exception it is in */
        const char *message; /* one sentence, no full stop */
        const char *hint;    /* what to write instead */
} rt_diag;

enum { /* formats of rt_diags_print */
       RT_DIAGS_TEXT = 0,
       RT_DIAGS_JSON = 1,
       RT_DIAGS_SARIF = 2,
       RT_DIAGS_GITHUB = 3,
       RT_DIAGS_SUMMARY = 4 /* Falco's: `FILE: Ok`, with the codes of errors and warnings */
};
enum {
        RT_DIAGS_COLOR = 1 << 0,  /* RT_DIAGS_TEXT: colours for a terminal */
        RT_DIAGS_VERBOSE = 1 << 1 /* RT_DIAGS_SUMMARY: every problem with its context */
};

/** @since 0.1 */
RT_API int rt_diags_new(rt_diags **ret_diags);
RT_API rt_diags *rt_diags_unref(rt_diags *diags);
/** How many of @a severity; 0 counts all. @since 0.1 */
RT_API size_t rt_diags_count(const rt_diags *diags, uint32_t severity);
/** Copy diagnostic @a index into @a ret_diag. @return 0, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_diags_get(const rt_diags *diags, size_t index, rt_diag *ret_diag);
/** All of them as text, as the document of `falco -V`, as SARIF 2.1.0 or as GitHub annotations.
 *  @param ret_text borrowed until the next call or unref. @since 0.1 */
RT_API int rt_diags_print(rt_diags *diags, uint32_t format, uint32_t flags, rt_str *ret_text);

/* ---- engine ---- */

typedef struct rt_engine_opts {
        size_t size;
        const rt_allocator *allocator; /* NULL: malloc */
        const char *hostname;          /* NULL: FALCO_HOSTNAME, else gethostname */
        const char *const *sources;    /* only these built-in sources, NULL-terminated, perhaps
                                        none; NULL: all */
        uint64_t max_record_bytes;     /* 0: 64 MiB */
        uint64_t max_event_bytes;      /* memory for one event's values; 0: 64 MiB */
        uint64_t max_output_bytes;     /* one alert's text; 0: 16 MiB, which is the most */
        uint64_t max_load_bytes;       /* memory for the typed rules of one loader; 0: 2047 MiB */
} rt_engine_opts;

/** @param opts may be NULL. @return 0, RT_ENOMEM, RT_EABI, RT_EINVAL. @since 0.1 */
RT_API int rt_engine_new(const rt_engine_opts *opts, rt_engine **ret_engine);
RT_API rt_engine *rt_engine_ref(rt_engine *engine);
RT_API rt_engine *rt_engine_unref(rt_engine *engine);
/** Put @a rules in force; workers pick them up at their next event. Shared.
 *  @return 0, RT_EINVAL: of a list that changes at run time (lists.h) they expect another kind than
 *  the engine's has. @since 0.1 */
RT_API int rt_engine_use(rt_engine *engine, rt_ruleset *rules);

/** One field that the engine knows. */
typedef struct rt_field_info {
        size_t size;
        const char *name;   /* "ct.user" */
        const char *group;  /* heading in lists: "cloudtrail" */
        const char *source; /* whose events have it; "*": those of every source */
        const char *help;   /* one sentence, or "" */
        uint32_t kind;      /* RT_KIND_*; of the elements, with RT_FIELD_LIST */
        uint32_t flags;     /* RT_FIELD_* */
        uint32_t format;    /* RT_FORMAT_* */
        uint32_t reserved;
} rt_field_info;

/** The fields known, one after the other: @a index from 0 on.
 *  @return 0, RT_ENOENT: no more, RT_EABI. @since 0.1 */
RT_API int rt_engine_field(const rt_engine *engine, size_t index, rt_field_info *ret_info);

/** Make @a name a source of its own that reads as @a source does: JSON lines of any origin under
 *  the name that their rules give in `source:`. For sources without fields of their own (json).
 *  @return 0, RT_ENOENT: no such source, RT_EEXIST, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_engine_alias_source(rt_engine *engine, const char *source, const char *name);

/** One source that the engine knows. */
typedef struct rt_source_info {
        size_t size;
        const char *name;    /* "aws_cloudtrail" */
        const char *plugin;  /* "cloudtrail" */
        const char *version; /* "0.17.1", or NULL */
        uint32_t readable;   /* 1: events can be read, 0: rules for it compile, that is all */
        uint32_t reserved;
} rt_source_info;

/** @return 0, RT_ENOENT: no more, RT_EABI. @since 0.1 */
RT_API int rt_engine_source(const rt_engine *engine, size_t index, rt_source_info *ret_info);

/* ---- the language's tables ---- */

enum {
        RT_TABLE_OPERATORS = 0,
        RT_TABLE_MODIFIERS = 1,
        RT_TABLE_TRANSFORMERS = 2,
        RT_TABLE_PRIORITIES = 3,
        RT_TABLE_KINDS = 4,
        RT_TABLE_LIMITS = 5,
        RT_TABLE_DIAGNOSTICS = 6,
        RT_TABLE_EVENTS = 7,
        RT_TABLE_PARAMS = 8 /* of all events, in their order */
};

/** One row of a table. */
typedef struct rt_table_row {
        size_t size;
        uint64_t number;    /* the row's own number: code, default of a limit, event code (of
                               parameters, too) */
        const char *name;   /* "startswith", "RT1042", "openat" */
        const char *detail; /* operand family, Falco's code, type of a parameter; may be "" */
        const char *help;   /* one sentence; "enter" or "exit"; how numbers print; may be "" */
} rt_table_row;

/** Row @a index of @a table. Shared.
 *  @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_table_get(uint32_t table, size_t index, rt_table_row *ret_row);

/* ---- loading rules ---- */

enum { RT_SELECT_EXACT = 0, RT_SELECT_WILDCARD = 1, RT_SELECT_TAG = 2, RT_SELECT_SUBSTRING = 3 };

/** One entry of falco.yaml's append_output. */
typedef struct rt_append_output {
        size_t size;
        const char *source;       /* only rules of this source, or NULL */
        const char *rule;         /* only this rule, or NULL */
        const char *const *tags;  /* only rules with all of these, NULL-terminated, or NULL */
        const char *extra_output; /* text behind the output, or NULL */
        const rt_option *fields;  /* key: output_fields name; value: format, NULL: the field key */
        size_t n_fields;
        uint32_t suggested_output; /* 1: fields that sources suggest */
        uint32_t reserved;
} rt_append_output;

typedef struct rt_loader_opts {
        size_t size;
        uint32_t min_priority;    /* 0: all; else 1 + RT_PRIORITY_*: less severe rules stay off */
        uint32_t flags;           /* RT_LOADER_* */
        uint64_t disabled_passes; /* bit set of passes.def rows; for tests and bug hunting */
        const rt_append_output *append_output;
        size_t n_append_output;
        size_t append_output_stride;
        /* What was measured of these rules' predicates before, or empty; not kept. Anything else is
         * RT_EFORMAT. @since 0.1 */
        rt_str profile;
        /* Refuse rules with which one event may take more steps (rt_ruleset_steps), of a record of
         * max_steps_bytes; 0: any number. @since 0.1 */
        uint64_t max_steps;
        uint64_t max_steps_bytes; /* 0: the engine's max_record_bytes */
} rt_loader_opts;

enum {
        RT_LOADER_NO_PORTABILITY = 1 << 0, /* no "not portable to Falco" warnings */
        RT_LOADER_ITEMS_ANYWHERE = 1
                                   << 1 /* items_from may name files outside of the rules' folder */
};

enum { /* numbers are Falco's */
       RT_PRIORITY_EMERGENCY = 0,
       RT_PRIORITY_ALERT = 1,
       RT_PRIORITY_CRITICAL = 2,
       RT_PRIORITY_ERROR = 3,
       RT_PRIORITY_WARNING = 4,
       RT_PRIORITY_NOTICE = 5,
       RT_PRIORITY_INFORMATIONAL = 6,
       RT_PRIORITY_DEBUG = 7
};

/** @since 0.1 */
RT_API int rt_loader_new(rt_engine *engine, const rt_loader_opts *opts, rt_loader **ret_loader);
/** While the host reads an item of a file: it goes when the file was added. @since 0.1 */
RT_API rt_loader *rt_loader_unref(rt_loader *loader);
/** Add one file's text. Files act in the order given; every problem found goes to @a diags.
 *  @return 0, RT_ERULES: the file has errors, RT_ENOMEM, RT_ELIMIT. @since 0.1 */
RT_API int rt_loader_add(rt_loader *loader, const char *name, rt_str text, rt_diags *diags);
/** Read a file, or the regular files of a directory in name order. @since 0.1 */
RT_API int rt_loader_add_path(rt_loader *loader, const char *path, rt_diags *diags);
/** Enable or disable rules by name pattern or tag; in effect from the next rt_loader_compile.
 *  @return the number of rules that @a pattern meets, RT_E*. @since 0.1 */
RT_API int rt_loader_select(rt_loader *loader, uint32_t enable, uint32_t mode, const char *pattern);
/** Compile all that was added. @return 0, RT_ERULES, RT_ENOMEM, RT_ELIMIT. @since 0.1 */
RT_API int rt_loader_compile(rt_loader *loader, rt_diags *diags, rt_ruleset **ret_rules);
/** Falco's describe document (JSON) of one rule, or of all with @a rule NULL.
 *  @param ret_text borrowed until the next call on @a loader.
 *  @return 0, RT_ENOENT, RT_ERULES. @since 0.1 */
RT_API int rt_loader_describe(rt_loader *loader, const char *rule, rt_str *ret_text);
/** What a stage of stages.def made of the rules, as text. @since 0.1 */
RT_API int rt_loader_dump(rt_loader *loader, const char *stage, rt_str *ret_text);

/** One text, one call: add, compile. @param diags may be NULL. @since 0.1 */
RT_API int rt_compile(rt_engine *engine, const char *name, rt_str text, rt_diags *diags,
                      rt_ruleset **ret_rules);

/* ---- rulesets ---- */

/** Shared. @since 0.1 */
RT_API rt_ruleset *rt_ruleset_ref(rt_ruleset *rules);
RT_API rt_ruleset *rt_ruleset_unref(rt_ruleset *rules);
/** Number of rules that can raise alerts. @since 0.1 */
RT_API size_t rt_ruleset_count(const rt_ruleset *rules);

/** One compiled rule. Strings are borrowed from the ruleset. */
typedef struct rt_rule_info {
        size_t size;
        const char *name;
        const char *desc;
        const char *source;
        const char *const *tags; /* sorted; NULL-terminated */
        uint32_t priority;       /* RT_PRIORITY_* */
        uint32_t verdict;        /* 0: it has none; else 1 + RT_VERDICT_* */
} rt_rule_info;

/** @return 0, RT_ENOENT, RT_EABI. @since 0.1 */
RT_API int rt_ruleset_rule(const rt_ruleset *rules, size_t index, rt_rule_info *ret_info);
/** The rule whose match is being asked about; inside extract of a field of
 *  rt_loader_on_match.
 *  @return 0, RT_ENOENT: none, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_event_rule(const rt_event *event, rt_rule_info *ret_rule);
/** Can rule @a index match events of that code? A rule of another source cannot.
 *  @param source the events' source. @return 1, 0, RT_ENOENT: no such rule. @since 0.1 */
RT_API int rt_ruleset_sees(const rt_ruleset *rules, size_t index, const char *source,
                           uint32_t event_type);
/** How much work one event can be at most, whatever is in its record. */
typedef struct rt_steps {
        size_t size;
        uint64_t all;     /* of all rules of the source together; UINT64_MAX: more than that */
        uint64_t dearest; /* of the dearest one, if it were alone */
        const char *rule; /* which one that is; NULL: the source has none. The ruleset's */
} rt_steps;

/** A step is an instruction, a byte that is looked at, or a constant or state that is compared; of
 *  a regular expression PCRE2's own steps, up to its limit, and those of the automaton that takes
 *  over there. Holds for sources whose values come out of the record; what reading the host's own
 *  fields takes is not in it. Shared; walks over the whole program.
 *  @param record_bytes 0: the most that a record can have, 64 MiB.
 *  @return 0, RT_ENOENT: there are no rules for @a source, RT_ENOMEM, RT_EINVAL, RT_EABI.
 *  @since 0.1 */
RT_API int rt_ruleset_steps(const rt_ruleset *rules, const char *source, uint64_t record_bytes,
                            rt_steps *ret_steps);
/** The compiled form, for rt_ruleset_load: one block that holds no addresses, for this version of
 *  the library and this kind of machine. @param ret_bytes the ruleset's, aligned to 8; it lives as
 *  long. @return 0, RT_EINVAL. @since 0.1 */
RT_API int rt_ruleset_bytes(const rt_ruleset *rules, rt_str *ret_bytes);

enum {                         /* rt_ruleset_load: flags */
       RT_LOAD_BORROW = 1 << 0 /* no copy: @a bytes, aligned to 8, stay unchanged until the ruleset
                                  is gone. Map a file only if nobody can write to it */
};

/** Rules that were compiled before, verified: bytes from anyone do no harm, and are refused with a
 *  reason. Fields and sources are looked up by name in @a engine, which must have all that rules
 *  ask for. @param name of the bytes, for messages. @param diags may be NULL.
 *  @return 0, RT_ERULES: see diags, RT_ENOMEM, RT_EINVAL. @since 0.1 */
RT_API int rt_ruleset_load(rt_engine *engine, const char *name, rt_str bytes, uint32_t flags,
                           rt_diags *diags, rt_ruleset **ret_rules);
/** The same of a file, which is read as a whole. @since 0.1 */
RT_API int rt_ruleset_load_path(rt_engine *engine, const char *path, rt_diags *diags,
                                rt_ruleset **ret_rules);
/** Do the bytes, 16 of a file's beginning or more, look like compiled rules? @return 1, 0. */
RT_API int rt_ruleset_is_compiled(rt_str bytes);

/** The compiled form as text. @param ret_text free it with rt_text_free.
 *  @return 0, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_ruleset_disasm(const rt_ruleset *rules, char **ret_text);
RT_API void rt_text_free(char *text);

/* ---- judging events ---- */

enum { RT_MATCH_FIRST = 0, RT_MATCH_ALL = 1 };

enum { /* rt_worker_opts.alert_flags: what a JSON alert leaves out or adds; texts: time format */
       RT_ALERT_NO_OUTPUT = 1 << 0,
       RT_ALERT_MESSAGE = 1 << 1,
       RT_ALERT_NO_OUTPUT_FIELDS = 1 << 2,
       RT_ALERT_NO_TAGS = 1 << 3,
       RT_ALERT_NO_ID = 1 << 4,
       RT_ALERT_TIME_ISO_8601 = 1 << 5
};

typedef struct rt_worker_opts {
        size_t size;
        uint32_t rule_matching; /* RT_MATCH_* */
        uint32_t alert_flags;   /* RT_ALERT_* */
        /** Told about every record that could not be used. May be NULL. */
        void (*skipped)(const char *input, uint64_t offset, const char *what, void *user);
        void *skipped_user;
        /* One event in so many is profiled; 0: 512, 1: every one, UINT32_MAX: none. @since 0.1 */
        uint32_t sample_every;
        uint32_t reserved;
} rt_worker_opts;

/** Called for each match, in rule order. @return 0 to go on, < 0 to stop (becomes the result). */
typedef int (*rt_alert_fn)(const rt_alert *alert, void *user);

/** @param opts may be NULL. @since 0.1 */
RT_API int rt_worker_new(rt_engine *engine, const rt_worker_opts *opts, rt_worker **ret_worker);
/** In a callback of a call on the worker: it goes when that call returns. @since 0.1 */
RT_API rt_worker *rt_worker_unref(rt_worker *worker);
/** Options of one source's instance on this worker, before its first event.
 *  @return 0, RT_ENOENT, RT_EINVAL. @since 0.1 */
RT_API int rt_worker_configure(rt_worker *worker, const char *source, const rt_option *options,
                               size_t n_options, rt_diags *diags);

/** Pull: queue an input (file, directory) for @a source. Inputs are read one after the other.
 *  @return 0, RT_ENOENT: no such source or it cannot be read, RT_EIO. @since 0.1 */
RT_API int rt_worker_open(rt_worker *worker, const char *source, const char *path);
/** Pull: judge the next event of the queued inputs.
 *  @return alerts raised, RT_EOF: all inputs are used up, RT_EAGAIN: a live input has nothing now
 *  (its reader has waited a while): call again, RT_E*. @since 0.1 */
RT_API int rt_worker_step(rt_worker *worker, rt_alert_fn fn, void *user);
/** Push: judge every event in @a bytes (a record, a list of records, lines), a whole delivery.
 *  @return alerts raised, RT_E*. @since 0.1 */
RT_API int rt_worker_feed(rt_worker *worker, const char *source, rt_str bytes, rt_alert_fn fn,
                          void *user);

enum { /* what a rule says with its key `verdict`; the lower the stricter */
       RT_VERDICT_DENY = 0,
       RT_VERDICT_ASK = 1, /* let a person decide */
       RT_VERDICT_ALLOW = 2
};

/** How rt_worker_decide decides. All zero denies whatever no rule allows. */
typedef struct rt_decide_opts {
        size_t size;
        uint32_t otherwise; /* RT_VERDICT_*: no rule that matches has a verdict */
        /* RT_VERDICT_*: the verdict is no milder than this if it is not known whether all rules
         * were judged: see rt_verdict.cause. RT_VERDICT_ALLOW fails open. */
        uint32_t on_error;
        /* Rules without a verdict of their own: 1 + RT_PRIORITY_*, those as severe or more deny (or
         * ask); 0: they have no say. */
        uint32_t deny_priority, ask_priority;
        uint64_t max_bytes; /* larger records are errors; 0: the engine's max_record_bytes */
        uint64_t max_steps; /* rt_ruleset_steps for max_bytes may be no more; 0: any number */
        /* Matches are alerts, too, of every rule that matches, and are told and counted as such.
         * NULL: there are none. */
        rt_alert_fn fn;
        void *user;
} rt_decide_opts;

/** One decision. Zero is to deny, also of a struct that nothing was ever written to. */
typedef struct rt_verdict {
        size_t size;
        uint32_t verdict; /* RT_VERDICT_* */
        /* RT_OK, or why on_error counted. RT_EFORMAT: the record, or a part of it, cannot be read
         * as an event. RT_ELIMIT: it is too large, a limit was hit while it was judged, or
         * max_steps is not kept. RT_ENOENT: no ruleset is in force. RT_ENOMEM; RT_E*: as the
         * source says. */
        int32_t cause;
        const char *rule; /* the first one that has this verdict; NULL: no rule decided */
        rt_str reason;    /* its output, without time and priority; else a few words */
} rt_verdict;

/** Push: may it be? The strictest verdict of the rules that match decides; of several events in @a
 *  record that of all of them. Missing values match nothing, as ever. A decision counts its events,
 *  but raises no alerts, and allocates nothing once a few were made.
 *  @param opts may be NULL: all zero. @param ret_verdict its texts are borrowed until the next call
 *  on the worker.
 *  @return 0: decided, also if the record is bad; RT_ENOENT: no such source, RT_EINVAL, RT_EABI, or
 *  what opts->fn returned below 0: not decided, which must not be taken for leave. @since 0.1 */
RT_API int rt_worker_decide(rt_worker *worker, const char *source, rt_str record,
                            const rt_decide_opts *opts, rt_verdict *ret_verdict);

typedef struct rt_worker_stats {
        size_t size;
        uint64_t events;
        uint64_t alerts;
        uint64_t bytes;       /* of input consumed */
        uint64_t skipped;     /* records that could not be used */
        uint64_t allocations; /* memory asked of the allocator since rt_worker_new */
        uint64_t limits_hit;
} rt_worker_stats;
/** @return 0, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_worker_stats_get(const rt_worker *worker, rt_worker_stats *ret_stats);
/** Alerts that rule @a index of the ruleset in force has raised on this worker. @since 0.1 */
RT_API uint64_t rt_worker_rule_alerts(const rt_worker *worker, size_t index);

/** What a rule cost in the sample: events that are judged with every question counted and timed.
 *  Whoever asks first pays: of a field that three rules read, the first. */
typedef struct rt_rule_profile {
        size_t size;
        uint64_t events;  /* of its source, in the sample */
        uint64_t asked;   /* times the rule was begun in it: it was a candidate */
        uint64_t held;    /* and matched */
        uint64_t ns;      /* for all of these together */
        uint64_t dearest; /* index of the predicate that most of it went to, UINT64_MAX: none */
} rt_rule_profile;

/** @param index of the rule in the ruleset in force. @return 0, RT_ENOENT, RT_EINVAL, RT_EABI.
 *  @since 0.1 */
RT_API int rt_worker_rule_profile(const rt_worker *worker, size_t index,
                                  rt_rule_profile *ret_profile);

typedef struct rt_pred_profile {
        size_t size;
        rt_str text;        /* as a condition says it; borrowed until the next call on the worker */
        const char *source; /* the ruleset's */
        uint64_t asked;     /* events of the sample for which it was decided */
        uint64_t held;
        uint64_t ns; /* to decide it, with reading what it looks at if it was the first */
} rt_pred_profile;

/** Predicate @a index of the ruleset in force: one comparison, however many rules have it.
 *  @return 0, RT_ENOENT: no more, RT_ENOMEM, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_worker_pred_profile(rt_worker *worker, size_t index, rt_pred_profile *ret_profile);
/** All that was measured, as text for rt_loader_opts.profile: rules that are compiled with it ask
 *  what is cheap and decisive first. @param ret_text borrowed until the next call on the worker.
 *  @return 0, RT_ENOMEM, RT_EINVAL. @since 0.1 */
RT_API int rt_worker_profile(rt_worker *worker, rt_str *ret_text);

/** Row @a index of what was lost on this worker, by its sources and readers, up to now; counts of
 *  inputs that ended stay. 0 brings the counts up to date. Rows keep their places.
 *  @param ret_loss what it points to is borrowed until the next call.
 *  @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI, RT_ENOMEM. @since 0.1 */
RT_API int rt_worker_loss(rt_worker *worker, size_t index, rt_loss *ret_loss);
/** Pull: begin no more inputs. One that is not live ends here; of a live one rt_worker_step judges
 *  what was made so far. Then it returns RT_EOF. @return 0, RT_EINVAL, RT_E*. @since 0.1 */
RT_API int rt_worker_finish(rt_worker *worker);

/** The decision path of @a rule over the event judged last: what was asked, what was seen. Inside
 *  an rt_alert_fn, or after rt_worker_step; when rt_worker_feed has returned, its events are gone.
 *  @param ret_text borrowed until the next event. @return 0, RT_ENOENT. @since 0.1 */
RT_API int rt_worker_explain(rt_worker *worker, const char *rule, rt_str *ret_text);

/* ---- several workers ---- */

enum { /* rt_pool_opts.render: what alerts are made with, on the workers' threads */
       RT_RENDER_TEXT = 1 << 0,
       RT_RENDER_JSON = 1 << 1,
       RT_RENDER_FIELDS = 1 << 2
};

typedef struct rt_pool_opts {
        size_t size;
        uint32_t rule_matching; /* as in rt_worker_opts, these four; */
        uint32_t alert_flags;
        /** called by the thread that uses the pool, between alerts, in order */
        void (*skipped)(const char *input, uint64_t offset, const char *what, void *user);
        void *skipped_user;
        uint32_t workers; /* and threads; 0: one for each processor that this process may use */
        uint32_t render;  /* RT_RENDER_*; 0: all of them */
        uint32_t batches; /* in memory at one time; 0: eight for each worker */
        uint32_t reserved;
        uint64_t batch_bytes; /* of input; 0: 256 KiB */
        uint64_t alert_bytes; /* of a batch's alerts, which are then given out; 0: 1 MiB */
        /** A field (`proc.pid`, `json.value[/tenant]`) or a class of keys (process, account,
         *  cluster). Events with the same key are bound to the same worker. NULL: none are. */
        const char *key;
        /** Told about every event that has the key, by the worker it is bound to, on that worker's
         *  thread; events of one key in their order. May be NULL. */
        void (*keyed)(uint32_t worker, rt_str key, uint64_t event_number, void *user);
        void *keyed_user;
        /** Told which rules in force the pool refuses (RT1209), when it is made and when a call
         *  returns RT_EINVAL for them. Borrowed as long as the pool. May be NULL. */
        rt_diags *diags;
} rt_pool_opts;

/** Workers that judge as one rt_worker does: the same events with the same numbers, the same alerts
 *  with the same bytes, in the same order. Makes threads, where signals are blocked; the engine's
 *  allocator, sources and readers are then used by several at a time, each instance by one. The
 *  pool itself is used by one thread at a time, which hears of alerts and skipped records.
 *  @param opts may be NULL. @return 0, RT_EABI, RT_EINVAL, RT_ENOMEM, RT_ENOENT: no source has the
 *  key, RT_ELIMIT: more than 256 workers or 1024 batches, or no more threads. RT_EINVAL also if the
 *  rules in force are none for several workers (RT_ON_MATCH_ALSO): see diags. @since 0.1 */
RT_API int rt_pool_new(rt_engine *engine, const rt_pool_opts *opts, rt_pool **ret_pool);
/** Waits for the threads; alerts not given out by then are dropped. In a callback of a call on the
 *  pool: it goes when that call returns. In a child of fork, which has no such threads, it does
 *  nothing, and all other calls return RT_EINVAL. @since 0.1 */
RT_API rt_pool *rt_pool_unref(rt_pool *pool);
/** As rt_worker_configure, for all workers. @since 0.1 */
RT_API int rt_pool_configure(rt_pool *pool, const char *source, const rt_option *options,
                             size_t n_options, rt_diags *diags);
/** As rt_worker_open. @since 0.1 */
RT_API int rt_pool_open(rt_pool *pool, const char *source, const char *path);
/** Keep the workers busy with what was opened and pushed, wait for the next alerts, and give them
 *  out. A ruleset put in force with rt_engine_use is used from the next batch on; in a live input,
 *  from the next event. When @a fn returns < 0, the event's other alerts are left out and a later
 *  call goes on behind it.
 *  @return alerts given out, perhaps none, RT_EOF: all is judged, RT_EAGAIN: nothing came for a
 *  while: call again, RT_E*: as rt_worker_step, or what @a fn returned. @since 0.1 */
RT_API int rt_pool_step(rt_pool *pool, rt_alert_fn fn, void *user);
/** As rt_worker_feed, when what was opened is used up. A delivery larger than a batch is judged
 *  when this returns, and its alerts are given out; small ones are copied and judged together:
 *  their alerts come with a later call, rt_pool_flush at the latest.
 *  @return alerts given out, of earlier deliveries too, RT_E*. @since 0.1 */
RT_API int rt_pool_feed(rt_pool *pool, const char *source, rt_str bytes, rt_alert_fn fn,
                        void *user);
/** Judge all that was pushed, and give out its alerts.
 *  @return alerts given out, RT_E*. @since 0.1 */
RT_API int rt_pool_flush(rt_pool *pool, rt_alert_fn fn, void *user);
/** Counts up to the alert that was given out last. @since 0.1 */
RT_API int rt_pool_stats_get(const rt_pool *pool, rt_worker_stats *ret_stats);
/** As rt_worker_rule_alerts, of alerts given out. @since 0.1 */
RT_API uint64_t rt_pool_rule_alerts(const rt_pool *pool, size_t index);
/** As rt_worker_loss, of all workers together; not inside callbacks. @since 0.1 */
RT_API int rt_pool_loss(rt_pool *pool, size_t index, rt_loss *ret_loss);
/** As rt_worker_finish: inputs end behind what was read of them, which is judged. @since 0.1 */
RT_API int rt_pool_finish(rt_pool *pool);

/* ---- alerts ---- */

/** All of these are borrowed until the callback returns; afterwards there is no rule, no text and
 *  no field, as for NULL. @since 0.1 */
RT_API const char *rt_alert_rule(const rt_alert *alert);
RT_API const char *rt_alert_source(const rt_alert *alert);
RT_API uint32_t rt_alert_priority(const rt_alert *alert);
RT_API uint64_t rt_alert_time_ns(const rt_alert *alert);
RT_API uint64_t rt_alert_event_number(const rt_alert *alert);
RT_API const char *const *rt_alert_tags(const rt_alert *alert);
/** 32 hex digits from the rule and the record's own identity. */
RT_API const char *rt_alert_id(const rt_alert *alert);
/** The alert as Falco prints it, without the line feed. Made at the first call. */
RT_API int rt_alert_text(const rt_alert *alert, rt_str *ret_text);
RT_API int rt_alert_json(const rt_alert *alert, rt_str *ret_text);
/** Output field @a index: its name and its value. @return 0, RT_ENOENT: no more;
 *  a missing value has kind RT_KIND_NONE. */
RT_API int rt_alert_field(const rt_alert *alert, size_t index, const char **ret_name,
                          rt_value *ret_value);

/** "Warning" ... @return NULL if there is none of that number. Shared. @since 0.1 */
RT_API const char *rt_priority_name(uint32_t priority);
/** @return RT_PRIORITY_*, RT_ENOENT. Letter case does not count. Shared. @since 0.1 */
RT_API int rt_priority_parse(const char *name);

#ifdef __cplusplus
}
#endif
#endif
