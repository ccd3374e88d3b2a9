/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.h - containers: ids read out of cgroup paths, metadata as a runtime told it.
 *
 * Metadata comes as JSON (container events of captures, the live source's look-ups): its text is
 * kept, and what fields need of it is read once.
 */
#ifndef RTI_SYSCALL_CONTAINER_H
#define RTI_SYSCALL_CONTAINER_H

#include "base/arena.h"
#include "base/vec.h"
#include "sources/syscall/state/pool.h"

enum { RTI_NO_CONTAINER = 0xffffffff, RTI_CONTAINER_ID_ROOM = 64 };

typedef struct rti_mount {
        rt_str source, dest, mode, propagation;
        bool rdwr;
} rti_mount;

typedef struct rti_label {
        rt_str key, value;
} rti_label;

/* A command that a runtime executes to see whether the container is well. */
typedef struct rti_probe {
        bool given;
        rt_str exe;
        const rt_str *args;
        size_t n_args;
} rti_probe;

/* What metadata says; texts that are missing are empty. */
typedef struct rti_container_facts {
        rti_arena arena; /* holds what follows */
        rt_str id, full_id, name;
        rt_str type; /* static: "docker", "podman" ... empty: not known */
        rt_str image, image_repo, image_tag, image_digest, image_id;
        rt_str user, ip, cni_json;
        rt_str pod_sandbox_id;
        bool privileged, is_pod_sandbox;
        bool host_pid, host_network, host_ipc;
        bool failed; /* the runtime could not tell */
        const rti_mount *mounts;
        size_t n_mounts;
        const rti_label *labels; /* in the order of the JSON text */
        size_t n_labels;
        const rti_label *pod_labels;
        size_t n_pod_labels;
        rti_probe healthcheck, liveness, readiness;
} rti_container_facts;

typedef struct rti_container {
        rti_text *id;               /* short: 12 characters for most engines */
        rti_text *json;             /* metadata, NULL: none yet */
        rt_str type;                /* static: "docker", "podman" ...; of the cgroup's layout */
        rti_container_facts *facts; /* of the JSON, NULL: none yet */
} rti_container;

typedef struct rti_containers {
        rti_pool *pool;
        const rt_allocator *allocator;
        rt_allocator memory;         /* the pool as an allocator */
        struct rti_json *doc;        /* made when the first metadata arrives */
        RTI_VEC(rti_container) rows; /* rti_thread.container is an index */
        uint32_t *cells;             /* rows by id: open addressing, 0 or 1 + index */
        uint32_t room;
        uint64_t seed;
        uint64_t version; /* counts changes of metadata */
} rti_containers;

void rti_containers_init(rti_containers *containers, const rt_allocator *allocator, rti_pool *pool);
/* Texts and metadata are the pool's, which is given back as a whole. */
void rti_containers_done(rti_containers *containers);
/* The container that these cgroups ("subsys=path", a NUL behind each) name: writes its id to
 * @a ret_id and the engine's type. @return length of the id, 0: none, it is the host. */
size_t rti_container_match(rt_str cgroups, char ret_id[RTI_CONTAINER_ID_ROOM], rt_str *ret_type);
/* Row of that id, made if it is missing; RTI_NO_CONTAINER: no room. */
uint32_t rti_containers_row(rti_containers *containers, rt_str id, rt_str type);
/* As many rows as may be. */
bool rti_containers_full(const rti_containers *containers);
/* Drop old rows whose element of @a rows is 0; elements become the rows' new numbers, or
 * RTI_NO_CONTAINER. */
void rti_containers_collect(rti_containers *containers, uint32_t *rows);
/* Metadata arrived (CONTAINER_JSON events, "container" async events). RT_OK, RT_ENOMEM, RT_ELIMIT;
 * RT_EFORMAT: it is not what containers are described by, and nothing has changed. */
int rti_containers_learn(rti_containers *containers, rt_str json);
/* NULL is allowed. */
void rti_container_facts_free(rti_containers *containers, rti_container_facts *facts);

#endif
