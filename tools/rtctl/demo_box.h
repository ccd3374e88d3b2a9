/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_box.h - a place where attack patterns harm nobody.
 *
 * Namespaces of its own (processes, mounts, network, names, IPC) around an overlay of this
 * machine's files, whose upper layer is a tmpfs: what is written there is gone with the box. The
 * network is its own loopback. Where it may, the box is in a cgroup named as Docker's are, so that
 * it counts as a container. Its first process performs patterns as it is told to, and ends with
 * this process.
 */
#ifndef RTCTL_DEMO_BOX_H
#define RTCTL_DEMO_BOX_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct demo_pattern {
        const char *id, *rule, *title;
        const char *shell, *command; /* of SHELL rows */
        int (*act)(void);            /* of ACT rows: the exit code */
} demo_pattern;

enum { DEMO_IMPOSSIBLE = 77 }; /* exit code: this machine has not what the pattern needs */

typedef struct demo_box {
        pid_t init;
        int order, answer; /* pipes; -1: closed */
        uint64_t pidns;    /* inode */
        bool container;    /* it has the cgroup */
        bool made_parent;
        char cgroup[PATH_MAX];
} demo_box;

/* 0, or EXIT_BAD after a message. @a patterns is what the box can perform. */
int demo_box_open(demo_box *box, const demo_pattern *patterns);
void demo_box_close(demo_box *box);
/* Begin pattern @a index. 0, or EXIT_BAD. */
int demo_box_start(demo_box *box, uint8_t index);
/* Has it ended? @return 1: yes, with @a ret_code; 0: not yet; -1: the box is gone. */
int demo_box_ended(demo_box *box, int *ret_code);

#endif
