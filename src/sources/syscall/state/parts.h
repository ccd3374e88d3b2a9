/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the files of the process table share among themselves. */
#ifndef RTI_SYSCALL_STATE_PARTS_H
#define RTI_SYSCALL_STATE_PARTS_H

#include "sources/syscall/state/state.h"

/* The entry of @a tid, made as an invalid one if it is missing. NULL: no room; counted. */
rti_thread *rti_state_thread(rti_state *state, int64_t tid);
/* A new entry whose pid and ptid are known takes its place: group, parent. */
void rti_state_link(rti_state *state, rti_thread *thread);
/* Forget what exited, but a leader only when nobody of its group lives. */
void rti_state_bury(rti_state *state, rti_thread *thread);

/* Elements separated by NULs (the last one may lack its own) as a text where each has one. */
void rti_list_set(rti_pool *pool, rti_text **text, uint32_t *n, rt_str raw);
/* cgroups of a list or an event: names of subsystems as fields print them, and the container that
 * the paths name. Unchanged if one element lacks its '='. */
void rti_state_set_cgroups(rti_state *state, rti_thread *thread, rt_str raw);
/* The container that the cgroups name; also what clone and execve do without new ones. */
void rti_state_set_container(rti_state *state, rti_thread *thread);
/* A directory: ends with a slash. */
void rti_text_set_dir(rti_pool *pool, rti_text **text, rt_str path);
/* Without one " (deleted)" at the end. */
rt_str rti_exepath_of(rt_str path);

#endif
