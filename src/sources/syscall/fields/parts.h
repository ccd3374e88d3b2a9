/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the readers of several classes of fields share. */
#ifndef RTI_SYSCALL_FIELDS_PARTS_H
#define RTI_SYSCALL_FIELDS_PARTS_H

#include "sources/syscall/fields/line.h"
#include "sources/syscall/syscall.h"

/* Texts of elements that end with a NUL each: args, environment, cgroups. */

/* Take the next element off @a elements; false: there is none. */
bool rti_elements_next(rt_str *elements, rt_str *ret_element);
/* The value of the first element "@a key=...", ptr NULL: there is none. */
rt_str rti_elements_value(rt_str elements, rt_str key);

enum rti_gap { RTI_GAP_NEVER, RTI_GAP_BEFORE_TEXT, RTI_GAP_ALWAYS };

/* @a head and the elements with a blank between them; @a gap says when one stands behind the head.
 * Copied into the event's memory if it is no slice of either. RT_OK, RT_ELIMIT. */
int rti_elements_join(const rt_event *event, rt_str head, enum rti_gap gap, rt_str elements,
                      rt_str *ret_text);
/* @a n texts with a blank between. RT_OK, RT_ELIMIT. */
int rti_texts_join(const rt_event *event, const rt_str *texts, size_t n, rt_str *ret_text);

/* What was put together; 1, RT_ELIMIT. */
int rti_give_line(const rti_line *line, rt_value *ret_value);

/* "CAP_CHOWN CAP_FOWNER ..." in the order of their numbers. 1, RT_ELIMIT. */
int rti_give_caps(const rt_event *event, uint64_t caps, rt_value *ret_value);

/* When the pid namespace of a thread began; 0: it is not known, or the machine's own. */
static inline uint64_t
rti_thread_pidns_start(const rti_thread *thread)
{
        const bool own = (thread->vtid == thread->tid || thread->vtid == -1)
                         && !(thread->flags & RTI_CL_CHILD_IN_PIDNS);

        return own ? 0 : thread->pidns_init_start_ns;
}

/* The path that is parameter @a param, joined with the directory it starts from; ptr NULL: the
 * event's memory is used up. */
rt_str rti_joined_path(const rti_sysevt *evt, const rt_event *event, uint32_t param);

/* ---- sockets ---- */

enum rti_end { RTI_END_CLIENT, RTI_END_SERVER, RTI_END_LOCAL, RTI_END_REMOTE };

static inline bool
rti_fd_is_ip6(const rti_fd *fd)
{
        return fd->kind == RTI_FD_IPV6_SOCK || fd->kind == RTI_FD_IPV6_SERVER;
}

static inline bool
rti_fd_is_listening(const rti_fd *fd)
{
        return fd->kind == RTI_FD_IPV4_SERVER || fd->kind == RTI_FD_IPV6_SERVER;
}

bool rti_fd_has_role(const rti_fd *fd);
/* Does the process own the server's side? */
bool rti_fd_is_server(const rti_sys *sys, const rti_fd *fd);
/* Address and port of one end, as fd.cip and its like have it; false: this descriptor has none. */
bool rti_fd_end(const rti_sys *sys, const rti_fd *fd, enum rti_end end, const uint8_t **ret_address,
                uint16_t *ret_port);

#endif
