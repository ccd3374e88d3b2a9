/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container.h - containers: ids read out of cgroup paths, metadata as a runtime told it.
 *
 * Metadata comes as JSON (container events of captures, the live source's look-ups) and is kept as
 * given, with an index of what the fields need.
 */
#ifndef RTI_SYSCALL_CONTAINER_H
#define RTI_SYSCALL_CONTAINER_H

#include "sources/syscall/state/pool.h"
#include "base/vec.h"

enum { RTI_NO_CONTAINER = 0xffffffff };

typedef struct rti_container {
        rti_text *id;                      /* short: 12 characters for most engines */
        rti_text *json;                    /* metadata, NULL: none yet */
        rt_str type;                       /* static: "docker", "podman", ... */
        struct rti_container_facts *facts; /* of the JSON; container.c's */
} rti_container;

typedef struct rti_containers {
        rti_pool *pool;
        const rt_allocator *allocator;
        RTI_VEC(rti_container) rows; /* rti_thread.container is an index */
} rti_containers;

void rti_containers_init(rti_containers *containers, const rt_allocator *allocator, rti_pool *pool);
void rti_containers_done(rti_containers *containers);
/* The container that these cgroups ("subsys=path", a NUL behind each) name: writes its id to
 * @a ret_id (64 bytes) and the engine's type. @return length of the id, 0: none, it is the host. */
size_t rti_container_match(rt_str cgroups, char ret_id[64], rt_str *ret_type);
/* Row of that id, made if it is missing; RTI_NO_CONTAINER: no memory. */
uint32_t rti_containers_row(rti_containers *containers, rt_str id, rt_str type);
/* Metadata arrived (CONTAINER_JSON events, "container" async events). */
int rti_containers_learn(rti_containers *containers, rt_str json);

#endif
