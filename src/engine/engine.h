/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h - what loaders and workers share: the sources known, the readers, the ruleset in force.
 *
 * The registry and the readers are filled before the first loader or worker is made and only read
 * afterwards (`sealed`): fields of the host are then added by a registry that takes the place of
 * the one before, and has the same sources. `rules` and `lists` are guarded by `lock`; `generation`
 * counts exchanges of either, so that a worker's look at it costs one load per event.
 */
#ifndef RTI_ENGINE_ENGINE_H
#define RTI_ENGINE_ENGINE_H

#include "lang/registry.h"
#include "program/ruleset.h"
#include <pthread.h>

typedef struct rti_reader {
        rt_reader_ops ops;
        struct rti_reader *older;
} rti_reader;

typedef struct rti_name {
        const struct rti_name *next;
        const char *text;
} rti_name;

typedef struct rti_lists rti_lists;

/* What events are judged with: references, of one time. */
typedef struct rti_in_force {
        rt_ruleset *rules; /* NULL: none */
        rti_lists *lists;  /* list.h; NULL: none */
        uint64_t use;      /* counts rt_engine_use: of another one, the ruleset is taken anew */
        uint64_t generation;
} rti_in_force;

struct rt_engine {
        atomic_size_t refs;
        rt_allocator allocator; /* the host's, copied */
        rti_arena arena;        /* hostname, readers */
        const char *hostname;
        uint64_t max_record_bytes, max_event_bytes, max_output_bytes, max_load_bytes;
        _Atomic(rti_registry *) registry; /* another one when fields were added */
        rti_reader *readers;              /* the one to ask first is the first */
        const rti_item_ops *items;        /* of rule files that the host reads */
        const rti_name *names;            /* of providers, for losses of those that are gone */
        atomic_bool sealed; /* a loader or worker was made: no more sources, no more readers */
        pthread_mutex_t lock;
        rt_ruleset *rules; /* in force; NULL: none */
        rti_lists *lists;  /* in force; NULL: none */
        uint64_t uses, n_lists_used;
        atomic_uint_fast64_t generation;
};

/* api/engine.c: rti_registry_add_fields of what a host brings, checked; RT_EABI, too. Under the
 * engine's lock. */
int rti_fields_add(rt_engine *engine, rti_registry *from, const rt_fields_ops *ops, bool keep,
                   rti_registry **ret_registry);

#endif
