/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connector.h - messages of the kernel's process connector.
 *
 * in    what a netlink socket of the connector received: messages behind one another
 * out   one event a call; whatever does not add up is damage, and ends the rest
 */
#ifndef RTI_LIVE_CONNECTOR_H
#define RTI_LIVE_CONNECTOR_H

#include "base/str.h"

enum connector_kind {
        CONNECTOR_ACK, /* the answer to a subscription: any listener's */
        CONNECTOR_FORK,
        CONNECTOR_EXEC,
        CONNECTOR_UID,
        CONNECTOR_GID,
        CONNECTOR_SID,
        CONNECTOR_COMM,
        CONNECTOR_EXIT,
        CONNECTOR_OTHER /* of no interest here: traces, core dumps, what is to come */
};

typedef struct connector_event {
        enum connector_kind kind;
        uint32_t seq; /* each CPU counts its messages, answers too */
        uint32_t ack; /* of an answer: one more than the question's */
        uint32_t cpu;
        uint64_t time_ns; /* monotonic clock */
        uint32_t tid, pid;
        uint32_t parent; /* process; of forks and exits */
        uint32_t value;  /* exit status; effective user or group; error of an answer */
        char comm[16];   /* of CONNECTOR_COMM */
} connector_event;

/* Take the next event off @a bytes. 1: *ret_event is set, 0: there are no more, RT_EFORMAT: what is
 * left cannot be read, and was dropped. */
int rti_connector_take(rt_str *bytes, connector_event *ret_event);

#endif
