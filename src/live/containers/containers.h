/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containers.h - what runtimes wrote down about the containers that events come from.
 *
 * in    cgroups of threads; files of Docker, containerd, podman, CRI-O and runc; the containers'
 *       own lists of users
 * out   events of a capture, in front of the first event from a container: its metadata as JSON
 *       (CONTAINER_JSON_2, what state/facts.c reads), its users and groups
 *
 * The id comes from the cgroup. A runtime may write its files a little later than the container's
 * first process runs: the caller is then asked to wait, once for each container, within a set time.
 * Files of runtimes are trusted to be root's but to hold anything; those in containers are hostile.
 */
#ifndef RTI_LIVE_CONTAINERS_H
#define RTI_LIVE_CONTAINERS_H

#include "live/encode.h"

enum live_runtime {
        LIVE_DOCKER,     /* data-root: containers/ID/config.v2.json */
        LIVE_CONTAINERD, /* state: io.containerd.runtime.v2.task/NAMESPACE/ID/config.json */
        LIVE_STORAGE,    /* of podman and CRI-O: overlay-containers/ID/userdata/config.json */
        LIVE_RUNC,       /* ID/state.json, which names the bundle */
        LIVE_RUNTIMES
};

enum { LIVE_ROOT_ROOM = 200, LIVE_FULL_ID_ROOM = 128, LIVE_WAIT_MS = 500 };

typedef struct live_container_options {
        char root[LIVE_RUNTIMES][LIVE_ROOT_ROOM]; /* "": not looked at */
        uint32_t wait_ms;
} live_container_options;

/* What is known of the cgroups that threads are in. */
typedef struct live_cgroups {
        uint64_t hash;     /* of the list's text; 0: unused */
        uint64_t until_ns; /* for files that are missing, boot clock; 0: not waited for */
        bool done;         /* metadata was told, or will not come */
        bool users_done;
} live_cgroups;

typedef struct live_containers {
        live_container_options options;
        const char *proc; /* root of the proc file system */
        live_cgroups *rows;
        uint32_t n;
        struct {
                uint64_t found;      /* metadata told */
                uint64_t incomplete; /* went on without */
                uint64_t waited;     /* times that events were held back for it */
        } stats;
} live_containers;

/* When and by whom the container was seen. */
typedef struct live_sight {
        uint64_t time_ns; /* wall clock */
        int64_t tid;
        uint16_t cpu;
        bool settled;  /* it executes a program in there: its root is the container's */
        bool may_wait; /* the caller can ask again */
} live_sight;

void live_container_defaults(live_container_options *options);
/* RT_OK, RT_ENOMEM. */
int live_containers_init(live_containers *containers, const live_container_options *options,
                         const char *proc);
void live_containers_done(live_containers *containers);
/* A thread in these cgroups ("subsys=path", a NUL behind each): writes what is new about their
 * container to @a out. RT_OK; RT_EAGAIN: nothing written, ask again soon; RT_ENOMEM. */
int live_containers_see(live_containers *containers, rt_str cgroups, const live_sight *sight,
                        cap_out *out);

/* ---- parts ---- */

/* The whole id out of the cgroups, by its short beginning; 0: it would not be a file's name. */
size_t live_container_full_id(rt_str cgroups, rt_str short_id, char ret_id[LIVE_FULL_ID_ROOM]);
/* Was the library built with what reads their files? */
extern const bool live_container_metadata;
/* The JSON text about it, to be freed. @a type: the engine by its cgroup. RT_OK; RT_ENOENT: no
 * runtime knows it (yet); RT_ENOMEM. */
int live_container_json(const live_container_options *options, const char *full_id, rt_str type,
                        char **ret_json);
/* Users and groups of the file system that @a sight's thread lives in; false: that is not another
 * one than ours, or is gone. */
bool live_container_users(const char *proc, rt_str short_id, const live_sight *sight, cap_out *out);

#endif
