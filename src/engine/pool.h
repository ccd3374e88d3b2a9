/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - several workers, each on a thread of its own, that judge as one would.
 *
 *      caller: inputs, deliveries ──cut──▶ batches in order ──▶ workers, any order
 *                 callback ◀──given out in order──  chunks  ◀──kept alerts──┘
 *
 * Batches stand in a ring, in the order in which one worker would have judged them. A batch counts
 * ("settles") when all before it have: only then it is known how many events there were before, and
 * whether the source stood at rest where the batch was cut. Where it did not, the worker that holds
 * the source's state, the heir, goes on into the next batch, and what another worker has made of
 * that one is dropped. docs/design/0008 says why that gives what one worker gives.
 *
 * Everything here is guarded by `lock`, but for what a running batch's worker alone uses, and for
 * what stands in chunks: those have one owner at a time. Nobody takes the lock for an event.
 */
#ifndef RTI_ENGINE_POOL_H
#define RTI_ENGINE_POOL_H

#include "base/forked.h"
#include "engine/worker.h"

enum {
        RTI_POOL_WORKERS = 256,
        RTI_POOL_BATCHES = 1024,
        RTI_POOL_BATCHES_PER_WORKER = 8,
        RTI_POOL_BATCH_BYTES = 256 * 1024,
        RTI_POOL_ALERT_BYTES = 1024 * 1024,
        RTI_POOL_CHUNKS = 2 /* of a batch: one is filled while the other is given out */
};

typedef struct rti_keyed {
        struct rti_keyed *next;
        uint64_t number; /* of the event; local: in its batch */
        bool local;
        rt_str key;
} rti_keyed;

/* What was made of a part of a batch: what is to be given out, and what is bound to keys. */
typedef struct rti_chunk {
        struct rti_batch *batch;
        rti_arena memory;  /* all that follows */
        rt_ruleset *rules; /* a reference: that of the alerts */
        size_t bytes;
        rti_kept *first, **last;
        rti_keyed **keyed, ***keyed_last; /* per worker; NULL: no keys */
        rti_kept end;   /* counts behind the last of them; `result`: what went wrong there */
        uint64_t base;  /* events before the batch; set when it is handed over */
        unsigned users; /* of the pool: the caller, and workers with keys in it; 0: free */
} rti_chunk;

enum rti_batch_state {
        RTI_BATCH_READY,  /* any worker may take it, or the one it is bound to */
        RTI_BATCH_INSIDE, /* begins inside of a record, perhaps: only the heir can */
        RTI_BATCH_RUNNING,
        RTI_BATCH_DONE
};

/* A delivery in a batch of small ones. */
typedef struct rti_piece {
        size_t at, len;
} rti_piece;

typedef struct rti_batch {
        uint64_t number;
        enum rti_batch_state state;
        uint32_t feed, bound;  /* the one worker that may judge it, or RTI_NONE */
        uint32_t worker;       /* that runs it or did; RTI_NONE: none */
        rti_in_force in_force; /* when it was made */

        /* What it holds: an input as a whole, or bytes of a stream, or small deliveries. */
        rti_queued input;  /* path NULL: bytes */
        bool live;         /* the input's reader waits: rulesets change while it is read */
        uint64_t stream;   /* number of the input or delivery */
        bool pushed;       /* of a delivery, not of an input */
        bool begins, ends; /* the stream */
        bool cut;          /* its end: in front of a line that begins with a brace */
        bool silent;       /* nothing is read any more, not even the end */
        int end_result;    /* what a read at the stream's end returns */
        uint64_t offset;   /* in the stream */
        rt_str bytes;
        char *buffer; /* the slot's, of batch_bytes; NULL: none yet */
        rti_buf name; /* the slot's, with a NUL */
        RTI_VEC(rti_piece) pieces;

        /* What was made of it. */
        atomic_bool cancelled;        /* another worker goes on with it, or nobody */
        bool confirmed;               /* it counts: everything before it has settled */
        bool dropped;                 /* it does not */
        bool rests;                   /* what follows may begin anew */
        bool hungry;                  /* the caller waits for what there is */
        bool absolute;                /* its events' numbers need no base */
        bool failed;                  /* its stream cannot be read further */
        uint64_t base, first_time_ns; /* confirmed: of the source's events before it */
        uint64_t events, own_first_time_ns;
        rti_chunk chunks[RTI_POOL_CHUNKS];
        rti_chunk *filling;
        rti_chunk *ready[RTI_POOL_CHUNKS]; /* oldest first */
        unsigned n_ready;
} rti_batch;

struct rti_pool_worker;

typedef struct rti_pool_source {
        uint64_t counted, first_time_ns; /* events of what has settled */
        rt_slot_desc key;
        bool used;  /* it cannot be configured any more */
        int result; /* of configuring it */
} rti_pool_source;

/* A thread with its worker, and the batch it runs. */
typedef struct rti_pool_worker {
        rt_pool *pool;
        rt_worker *worker;
        uint32_t index;
        pthread_t thread;
        pthread_cond_t wake;
        bool started, has_wake;
        bool waits;            /* for a batch */
        uint64_t inherits;     /* stream that its last batch left in the middle; 0: none */
        atomic_bool attention; /* somebody wants something: look at it between two events */
        uint64_t losses_told;  /* round of rt_pool.losses_round */
        bool finished;         /* has heard of rt_pool.finishing in this batch */

        rti_batch *batch;
        uint64_t number; /* of it */
        rti_chunk *chunk;
        rt_worker_stats began;
        bool heir;             /* it goes on where its last batch left */
        bool known;            /* the batch counted when it was begun */
        uint64_t began_events; /* of the instance */
        size_t taken;          /* bytes of the batch that its input has read */
        int failed;            /* RT_OK, or why a skipped record could not be kept */

        /* Chunks with keys of this worker, oldest first. */
        rti_chunk **keyed;
        size_t keyed_at, n_keyed;
} rti_pool_worker;

struct rt_pool {
        rt_engine *engine;
        rt_allocator allocator; /* counts, and asks the engine's */
        atomic_uint_fast64_t allocations;
        rt_pool_opts opts;
        rt_worker *own; /* the caller's: knows inputs, and adds up losses; judges nothing */
        rti_turn turn;
        rti_fork_mark *mark; /* of the process that has the threads */
        uint32_t n_workers, n_batches;
        rti_pool_worker *workers;
        rti_pool_source *sources; /* per feed */
        size_t batch_bytes;

        pthread_mutex_t lock;
        pthread_cond_t moved; /* the caller waits */
        bool has_lock, caller_waits, finishing;
        atomic_bool stopping;
        uint64_t losses_round;
        int losses_result;

        /* at <= settled <= made; made - at <= n_batches. */
        rti_batch *batches;
        uint64_t at, settled, made;
        uint64_t wake_at; /* the caller waits until so many have settled; 0: for anything */
        bool rests;       /* the stream that settled last: what follows may begin anew */
        uint64_t dead;    /* stream that is not judged further; 0: none */
        uint64_t misses; /* of the stream being cut: batches that did not begin where they seemed */

        /* The caller's alone. */
        uint64_t n_streams;
        rti_batch *small; /* small deliveries gather here; not made yet */
        rti_queued cut;   /* the input that is being cut; path NULL: none */
        bool cut_clean;   /* where the next batch begins */
        uint64_t cut_offset, cut_batches;
        rt_str carry;      /* read already: the beginning of the next batch */
        rti_chunk *giving; /* chunk of the batch at `at` */
        rti_kept *next;    /* of it */
        rt_alert alert;
        rt_worker_stats stats; /* up to the batch at `at` */
        rti_kept given;        /* counts in that batch */
        rti_arena memory;      /* the key */
        rt_str key;
        rt_ruleset *counted_rules; /* of the alerts given out last; a reference */
        uint64_t *rule_alerts;
};

/* pool.c */
int rti_pool_new(rt_engine *engine, const rt_pool_opts *opts, rt_pool **ret_pool);
void rti_pool_free(rt_pool *pool);
int rti_pool_step(rt_pool *pool, rt_alert_fn fn, void *user);
int rti_pool_feed(rt_pool *pool, uint32_t feed, rt_str bytes, rt_alert_fn fn, void *user);
int rti_pool_flush(rt_pool *pool, rt_alert_fn fn, void *user);
int rti_pool_finish(rt_pool *pool);
int rti_pool_losses(rt_pool *pool);
void rti_pool_stats(const rt_pool *pool, rt_worker_stats *ret_stats);

static inline rti_batch *
rti_pool_batch(const rt_pool *pool, uint64_t number)
{
        return &pool->batches[number % pool->n_batches];
}

/* pool_order.c, with the lock held: which batch counts, and who takes the next one. */
void rti_pool_settle(rt_pool *pool);
/* For one more batch; what is bound to keys of the one that stood there may not be done yet. */
bool rti_pool_has_room(const rt_pool *pool);
/* The next batch for this worker, which runs from now on; NULL: none. */
rti_batch *rti_pool_take(rti_pool_worker *w);
/* The worker's batch is done, or was cancelled. */
void rti_pool_leave(rti_pool_worker *w);
/* Nothing more of the stream counts. */
void rti_pool_kill(rt_pool *pool, uint64_t stream);
/* Hand what was filled to the caller, and to those its keys are bound to. */
void rti_pool_publish(rt_pool *pool, rti_batch *batch);
void rti_pool_release(rt_pool *pool, rti_chunk *chunk);
void rti_pool_wake_idle(rt_pool *pool, uint32_t bound);

/* pool_cut.c, on the caller's thread: make batches of inputs and deliveries. */
/* As many as there is room for. RT_OK, RT_E*. */
int rti_pool_fill(rt_pool *pool);
/* Are there inputs left to make batches of? */
bool rti_pool_has_inputs(const rt_pool *pool);
/* The next part of a delivery, which stays where it is. RT_OK, RT_EAGAIN: no room now,
 * RT_ENOMEM. */
int rti_pool_cut(rt_pool *pool, uint32_t feed, rt_str *bytes, bool begins);
/* A small one, copied; it is not longer than a batch. RT_OK, RT_EAGAIN, RT_ENOMEM. */
int rti_pool_gather(rt_pool *pool, uint32_t feed, rt_str bytes);
void rti_pool_send(rt_pool *pool);

/* pool_run.c, on a worker's thread. */
void *rti_pool_thread(void *worker);
void rti_pool_skipped(const char *input, uint64_t offset, const char *what, void *worker);

/* pool_keep.c: what outlives its event, in the chunk that the worker fills. */
/* A match, with all that is to be made of it. RT_OK, RT_ENOMEM. */
int rti_pool_keep(rti_pool_worker *w, rt_alert *alert);
int rti_pool_keep_skipped(rti_pool_worker *w, uint64_t offset, const char *what);
/* The key of the worker's event. RT_ENOMEM, or not below 0. */
int rti_pool_keep_key(rti_pool_worker *w, const rti_feed *feed);
/* The worker's counts in this batch up to now. */
void rti_pool_note(rti_pool_worker *w, rti_kept *kept);
void rti_chunk_begin(rt_pool *pool, rti_chunk *chunk, rt_ruleset *rules);

/* pool_keys.c */
int rti_pool_find_keys(rt_pool *pool);
/* Do what is bound to this worker; the lock is held, and let go meanwhile. False: nothing to do. */
bool rti_pool_do_keyed(rti_pool_worker *w);

#endif
