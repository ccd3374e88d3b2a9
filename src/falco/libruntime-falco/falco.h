/* SPDX-License-Identifier: Apache-2.0 */
/*
 * falco.h - Falco's plug-ins (interface 3.x) for libruntime, outside of its core.
 *
 *      rt_falco_new(NULL, &falco);
 *      rt_falco_load(falco, &plugin, message, sizeof message);
 *      rt_falco_attach(falco, engine);            sources and fields are the engine's now
 *      rt_worker_open(worker, "dummy", params);   what the plug-in's `open` gets
 *
 * Results       types.h; with each failure a message that says why.
 * Lifetime      The host must outlive the engines that it is attached to, and a plug-in's library
 *               stays loaded until rt_falco_unref. All plug-ins are loaded before it is attached.
 * Threads       rt_falco_* is one thread's at a time. Workers on several threads may use the
 *               sources; calls into one plug-in are made one after the other, but for next_batch of
 *               different inputs. Plug-ins have threads of their own: `log` may be called by any.
 * Trust         What a plug-in returns is checked before it is used, and left out if it cannot be
 *               true; but it shares the process: one that writes where it may not, or crashes, does
 *               so here, unless it has a process of its own (RT_FALCO_ISOLATED).
 */
#ifndef LIBRUNTIME_FALCO_FALCO_H
#define LIBRUNTIME_FALCO_FALCO_H

#include <libruntime/source.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rt_falco rt_falco; /* plug-ins that are loaded */

enum { /* severities of messages; numbers are those of the interface */
       RT_FALCO_FATAL = 1,
       RT_FALCO_CRITICAL = 2,
       RT_FALCO_ERROR = 3,
       RT_FALCO_WARNING = 4,
       RT_FALCO_NOTICE = 5,
       RT_FALCO_INFO = 6,
       RT_FALCO_DEBUG = 7,
       RT_FALCO_TRACE = 8
};

typedef struct rt_falco_opts {
        size_t size;
        const rt_allocator *allocator; /* NULL: malloc */
        /** What plug-ins log, and what is wrong with them, each thing once. Any thread calls it,
         *  and one at a time. May be NULL. */
        void (*log)(const char *plugin, uint32_t severity, const char *message, void *user);
        void *log_user;
} rt_falco_opts;

/** @param opts may be NULL. @return 0, RT_ENOMEM, RT_EABI. @since 0.1 */
RT_API int rt_falco_new(const rt_falco_opts *opts, rt_falco **ret_falco);
/** Destroys the plug-ins and unloads them. @since 0.1 */
RT_API rt_falco *rt_falco_unref(rt_falco *falco);

enum {                             /* rt_falco_plugin.flags */
       RT_FALCO_ISOLATED = 1 << 0, /* it runs in a process of its own: if that crashes, hangs or
                                      writes where it may not, this one goes on. Since 0.1 */
       RT_FALCO_REOPENED = 1 << 1, /* an input that was open when its process ended is opened again
                                      in the next one, from where the plug-in then begins. Since
                                      0.1 */
       RT_FALCO_ELSEWHERE = 1 << 2 /* of one that makes system calls: these are another machine's,
                                      so that nothing that runs on this one is told with them.
                                      Since 0.1 */
};

/** What to load. */
typedef struct rt_falco_plugin {
        size_t size;
        const char *library_path;
        const char *init_config; /* text, or a JSON document if the plug-in wants that; NULL: "" */
        uint32_t flags;          /* RT_FALCO_ISOLATED, _REOPENED, _ELSEWHERE. @since 0.1 */
        /* With RT_FALCO_ISOLATED: */
        uint32_t restarts; /* how often its process may be started again; 0: never. @since 0.1 */
        uint64_t memory_bytes; /* that it may have for itself; 0: no limit. @since 0.1 */
        const char *helper;    /* path of libruntime-plugin-host; NULL: where it was installed.
                                  @since 0.1 */
        uint32_t deadline_ms;  /* for each answer; 0: ANSWER_MS of rt_falco_limit. @since 0.1 */
        uint32_t reserved;     /* 0 */
} rt_falco_plugin;

/** Load a plug-in: its library, its functions, its fields; and initialise it.
 *  @param message what is wrong, in Falco's words where it has some; "" if nothing is
 *  @return 0, RT_EINVAL, RT_EABI, RT_ENOENT: there is no such library, or helper, RT_EFORMAT: it is
 *  no plug-in or a broken one, RT_EEXIST: one of that name is loaded, RT_EIO: its `init` failed, or
 *  its own process has ended, RT_ELIMIT, RT_ENOMEM. @since 0.1 */
RT_API int rt_falco_load(rt_falco *falco, const rt_falco_plugin *plugin, char *message,
                         size_t room);

/** Add all sources and fields to @a engine, before its first loader or worker. Sources take the
 *  place of built-in ones of their name. A plug-in with event sourcing and no source makes system
 *  calls: rt_worker_open(worker, "syscall", "plugin:NAME:PARAMS") opens it.
 *  @return 0, RT_EINVAL, RT_EEXIST, RT_ENOMEM, with @a message. @since 0.1 */
RT_API int rt_falco_attach(rt_falco *falco, rt_engine *engine, char *message, size_t room);

enum { /* rt_falco_info.capabilities */
       RT_FALCO_SOURCING = 1 << 0,
       RT_FALCO_EXTRACTION = 1 << 1,
       RT_FALCO_PARSING = 1 << 2,
       RT_FALCO_ASYNC = 1 << 3,
       RT_FALCO_LISTENING = 1 << 4
};

/** One plug-in that is loaded. Strings live as long as it. */
typedef struct rt_falco_info {
        size_t size;
        const char *name;
        const char *version;
        const char *description;
        const char *contact;
        const char *library_path;
        const char *api_version; /* that it asks for */
        const char *source;      /* of its events; "": none of its own */
        const char *init_schema; /* JSON schema of its configuration; "": none */
        uint32_t id;             /* 0: none */
        uint32_t capabilities;   /* RT_FALCO_* */
        uint64_t n_fields;
        uint64_t lies;     /* things that it returned and that were left out */
        uint64_t failures; /* of its functions, by its own account */
        uint64_t ended;    /* so often its own process has ended before it was to. @since 0.1 */
        uint32_t flags;    /* RT_FALCO_ISOLATED or 0. @since 0.1 */
        uint32_t reserved; /* 0 */
} rt_falco_info;

/** @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_falco_get(const rt_falco *falco, size_t index, rt_falco_info *ret_info);
/** What plug-in @a index can open, as JSON: a list of {value, desc, separator?}, which was checked.
 *  @param ret_text NUL-terminated; free it with rt_falco_text_free.
 *  @return 0, RT_ENOENT: no such plug-in, or it does not tell, RT_EIO: it failed, RT_EFORMAT: what
 *  it returned is no such list, RT_ENOMEM. @since 0.1 */
RT_API int rt_falco_open_params(rt_falco *falco, size_t index, char **ret_text);
RT_API void rt_falco_text_free(rt_falco *falco, char *text);

/** Give plug-in @a index another configuration, checked as that of rt_falco_load is, while it runs.
 *  May be called beside workers.
 *  @param message what is wrong; "" if nothing is
 *  @return 0, RT_ENOENT: no such plug-in, or it cannot be told a new one, RT_EINVAL: the
 *  configuration is not what its schema says, RT_EIO: it does not want it, and goes on with the one
 *  that it has; RT_ELIMIT, RT_ENOMEM. @since 0.1 */
RT_API int rt_falco_set_config(rt_falco *falco, size_t index, const char *config, char *message,
                               size_t room);

enum { /* rt_falco_metric.type: which member of `value` counts */
       RT_FALCO_UNSIGNED = 0,
       RT_FALCO_SIGNED = 1,
       RT_FALCO_DOUBLE = 2
};

/** A number that a plug-in keeps about itself. */
typedef struct rt_falco_metric {
        size_t size;
        const char *name;   /* borrowed until the callback returns */
        uint32_t type;      /* RT_FALCO_* */
        uint32_t monotonic; /* 1: it only grows */
        union {
                uint64_t u;
                int64_t i;
                double d;
        } value;
} rt_falco_metric;

/** Call @a fn for each metric of plug-in @a index, in its order; those that cannot be true are left
 *  out. May be called beside workers; @a fn must not call rt_falco_*.
 *  @return how many there were; RT_ENOENT: no such plug-in, or it has none, RT_EINVAL.
 *  @since 0.1 */
RT_API int rt_falco_metrics(rt_falco *falco, size_t index,
                            void (*fn)(const rt_falco_metric *metric, void *user), void *user);

/** How far plug-in @a index is with the input that was opened last, as of the last batch or, if
 *  nobody has asked before, of no batch yet: the plug-in is asked after batches from now on, a few
 *  times a second.
 *  @param ret_part 0 to 10,000: a hundredth of a percent each
 *  @param text in its words, cut to the room; "" if it has none
 *  @return 0, RT_ENOENT: no such plug-in, or it does not tell, or nothing is open; RT_EAGAIN: not
 *  asked yet, RT_EINVAL. @since 0.1 */
RT_API int rt_falco_progress(rt_falco *falco, size_t index, uint32_t *ret_part, char *text,
                             size_t room);

/** An event about the plug-in's state, checked as async events are: borrowed until it returns.
 *  @param name of the async event @return 0, or < 0: the plug-in is told that it failed. */
typedef int rt_falco_state_fn(rt_str name, rt_str event, void *user);
/** Have plug-in @a index tell its state as async events, for a capture that begins, say.
 *  @return 0, RT_ENOENT: no such plug-in, or it cannot, RT_EIO: it failed, RT_EINVAL. @since 0.1 */
RT_API int rt_falco_dump_state(rt_falco *falco, size_t index, rt_falco_state_fn *fn, void *user);

/** One row of limits: names and values of limits.def. @return 0, RT_ENOENT. Shared. @since 0.1 */
RT_API int rt_falco_limit(size_t index, const char **ret_name, uint64_t *ret_value,
                          const char **ret_what);

#ifdef __cplusplus
}
#endif
#endif
