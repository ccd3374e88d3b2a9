/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.h - one thread's evaluation state: instances of sources, the frame, inputs, counters.
 *
 * Instances are created when they are first needed. The ruleset in force is looked at between two
 * events; an instance hears of its demand before its next event, and the ruleset whose demand it
 * holds lives until then.
 */
#ifndef RTI_ENGINE_WORKER_H
#define RTI_ENGINE_WORKER_H

#include "engine/alert.h"
#include "engine/candidates.h"
#include "engine/engine.h"
#include "engine/input.h"
#include "engine/profile.h"
#include "engine/queue.h"
#include "engine/turn.h"

/* A source of the registry, as this worker uses it. */
typedef struct rti_feed {
        rti_instance instance;
        bool created;
        uint64_t demanded;  /* worker's install number whose demand the instance has; 0: none */
        rt_ruleset *rules;  /* kept for the texts of that demand */
        rt_demand demand;   /* its arrays are the feed's */
        rt_str *slot_texts; /* of all its slots */
        uint32_t number;    /* in the worker's ruleset, or RTI_NONE: no rule looks at it */
        rt_slot_desc key;   /* the last slot of the demand, for the host's own use; or empty */
} rti_feed;

/* What was lost for one cause, over all inputs. */
typedef struct rti_lost {
        rt_loss row;      /* count: of what is closed; the set of codes is `types` */
        uint64_t running; /* of what is open, when it was last asked */
        bool some_types;  /* `types` holds; else: any code */
        uint64_t types[RTI_EVENT_WORDS];
} rti_lost;

/* A decision under way, or the last one. */
typedef struct rti_decision {
        const rt_decide_opts *opts; /* NULL: none is under way */
        uint32_t verdict;           /* the strictest so far; RTI_NONE: none */
        const rti_rule_row *rule;
        int stopped; /* what the host's callback returned below 0 */
        rti_buf reason;
        /* What a record of `bytes` can take with the ruleset of that install. */
        uint64_t steps, steps_bytes, steps_of;
        const rti_feed *steps_feed;
} rti_decision;

struct rt_worker {
        rt_engine *engine;
        rt_allocator allocator; /* counts, and asks the engine's */
        rt_worker_opts opts;
        rt_worker_stats stats;
        rt_ruleset *rules;     /* installed */
        rti_lists *lists;      /* and what its slots look into; a reference */
        uint64_t use;          /* of the engine, when `rules` was taken */
        uint64_t generation;   /* when either was taken; UINT64_MAX: never */
        uint64_t installed;    /* counts installs */
        uint64_t *rule_alerts; /* per rule of `rules` */
        rti_frame frame;
        rti_candidates candidates;
        rti_sampler sampler;
        rti_arena memory; /* the event's */
        rt_event event;
        rt_alert alert;
        rti_turn turn;
        uint32_t n_feeds; /* one per source of the registry */
        rti_feed *found;  /* the one that was asked for last, by this name; NULL, "": none */
        const char *found_name;
        rti_feed *feeds;
        rti_queue queue;
        rt_input pulled, pushed;
        char *pulled_path;   /* name of the input being read; NULL: none */
        rti_feed *pulled_by; /* NULL: no input is being read */
        bool finishing;      /* no input is begun any more */
        RTI_VEC(rti_lost) lost;
        uint64_t pulled_demanded; /* install number whose demand its reader has; 0: none */
        rti_buf explained;
        rti_decision decision;
};

int rti_worker_new(rt_engine *engine, const rt_worker_opts *opts, rt_worker **ret_worker);
void rti_worker_free(rt_worker *worker);

/* The worker's source of that name: RT_OK, RT_ENOENT (unknown, or cannot be read). */
int rti_worker_find(rt_worker *worker, const char *source, uint32_t *ret_feed);
int rti_worker_configure(rt_worker *worker, uint32_t feed, const rt_source_config *config,
                         rt_diags *diags);
int rti_worker_open(rt_worker *worker, uint32_t feed, const char *path);
int rti_worker_step(rt_worker *worker, rt_alert_fn fn, void *user);
int rti_worker_feed(rt_worker *worker, rti_feed *feed, rt_str bytes, rt_alert_fn fn, void *user);
int rti_worker_finish(rt_worker *worker);
void rti_worker_stats(const rt_worker *worker, rt_worker_stats *ret_stats);

/* decide.c: as rt_worker_decide; @a opts and @a ret_verdict are ours. */
int rti_worker_decide(rt_worker *worker, rti_feed *feed, rt_str record, const rt_decide_opts *opts,
                      rt_verdict *ret_verdict);

/* The fields that the ruleset in force names. */
static inline const rti_registry *
rti_worker_registry(const rt_worker *worker)
{
        return worker->rules && worker->rules->registry ? worker->rules->registry
                                                        : worker->engine->registry;
}

/* ---- parts ---- */

/* decide.c: the rule matches the event that a decision is made about. RT_OK; RT_EOF: nothing can
 * change the verdict any more; RT_E*. */
int rti_decide_match(rt_worker *worker, const rti_rule_row *rule);

/* worker.c: an instance, made if it is not there yet. */
int rti_feed_create(rt_worker *worker, rti_feed *feed);
/* A new input begins. */
void rti_instance_restart(rti_instance *instance);
/* The instance's next event: 1, 0: none is there now, RT_EOF, RT_E*. */
int rti_worker_next(rt_worker *worker, rti_feed *feed, rt_input *input);
/* Pull @a item, which becomes the worker's. RT_OK; RT_E*: it cannot be opened, as is reported. */
int rti_worker_begin(rt_worker *worker, rti_queued item);
void rti_worker_close(rt_worker *worker);

/* install.c: what is in force now. */
rti_in_force rti_engine_in_force(rt_engine *engine);
void rti_in_force_drop(rti_in_force *in_force);
/* Take what is in force, if it changed, or this; tell the instance what it must deliver. */
int rti_worker_install(rt_worker *worker);
int rti_worker_take(rt_worker *worker, const rti_in_force *in_force);
int rti_feed_demand(rt_worker *worker, rti_feed *feed);
/* The same for the reader of the input being pulled, whose feed has its demand. */
int rti_reader_demand(rt_worker *worker, const rti_feed *feed);
void rti_feed_forget(rt_worker *worker, rti_feed *feed);
/* A field's slot as its source or provider is told of it. */
rt_slot_desc rti_slot_desc_of(const rti_slot *slot);

/* provided.c: make ready those who read fields of the ruleset besides the source, and no others. */
int rti_feed_provide(rt_worker *worker, rti_feed *feed);
/* None of them any more. */
void rti_feed_unprovide(rt_worker *worker, rti_feed *feed);

/* match.c: the row of a match, as the host wants it; NULL: it wants none. */
const rti_rule_row *rti_match_row(rt_worker *worker, const rti_rule_row *row);

/* judge.c: what a source that numbers its events says of them, also at the end of an input. */
void rti_worker_count(rt_worker *worker, rti_instance *instance);
/* The worker's event against the rules. Alerts raised, or what @a fn returned below 0. */
int rti_worker_judge(rt_worker *worker, rti_feed *feed, rt_alert_fn fn, void *user);

/* losses.c: take over what is lost for good, before an instance or the reader goes. */
void rti_feed_losses_keep(rt_worker *worker, const rti_feed *feed);
/* So many times a provider did not read a field, could not be made, or did not take its demand;
 * @a for_good: not to be said again. RT_OK, RT_ENOMEM. */
int rti_provider_lost(rt_worker *worker, const rti_feed *feed, const rt_fields_ops *ops,
                      uint64_t count, bool for_good);
/* What the instance did not read, or not in time. RT_OK, RT_ENOMEM. */
int rti_provided_lost(rt_worker *worker, const rti_feed *feed, const rti_provided *provided,
                      bool for_good);
void rti_reader_losses_keep(rt_worker *worker);
/* Ask all that are open: RT_OK, RT_ENOMEM. */
int rti_worker_losses(rt_worker *worker);
/* Add what another worker was told when it asked last. RT_OK, RT_ENOMEM. */
int rti_worker_losses_add(rt_worker *worker, const rt_worker *other);
/* Row @a index: RT_OK, RT_ENOENT. */
int rti_worker_loss(const rt_worker *worker, size_t index, rt_loss *ret_row);

/* explain.c */
int rti_worker_explain(rt_worker *worker, rt_str rule, rt_str *ret_text);

#endif
