/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - what the files of the process table share among themselves. */
#ifndef RTI_SYSCALL_STATE_PARTS_H
#define RTI_SYSCALL_STATE_PARTS_H

#include "sources/syscall/state/state.h"

/* The entry of @a tid, made as an invalid one if it is missing. NULL: no room; counted. */
rti_thread *rti_state_thread(rti_state *state, int64_t tid);
/* A new entry whose pid and ptid are known takes its place: group, parent. */
void rti_state_link(rti_state *state, rti_thread *thread);
/* The thread exits: its children get a new parent, @a reaper (0: not told) if that is known. */
void rti_state_die(rti_state *state, rti_thread *thread, int64_t reaper);
/* Forget what exited, but a leader only when nobody of its group lives. */
void rti_state_bury(rti_state *state, rti_thread *thread);
/* Forget an entry whose exit was missed. */
void rti_state_drop(rti_state *state, rti_thread *thread);
/* Did a thread of that number exit shortly before? */
bool rti_state_exited_lately(const rti_state *state, int64_t tid, uint64_t now_ns);

/* Enter halves of old captures (spec B). */
void rti_enter_keep(rti_state *state, const rti_sysevt *evt);
/* Fill in evt->enter if the kept half is that of @a evt; another one is forgotten. */
void rti_enter_give(rti_state *state, rti_sysevt *evt);

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

/* ---- parameters that several events have ---- */

/* Up to its NUL; nothing where the event has nothing (rti_arg_text has "<NA>" there). */
rt_str rti_arg_plain(const rti_sysevt *evt, uint32_t i);
/* Overwrite *value if the event has that parameter. */
void rti_arg_take_i64(const rti_sysevt *evt, uint32_t i, int64_t *value);
void rti_arg_take_u64(const rti_sysevt *evt, uint32_t i, uint64_t *value);
void rti_arg_take_u32(const rti_sysevt *evt, uint32_t i, uint32_t *value);
/* Members that clone and execve events carry at the same places: fdlimit, faults, memory. */
void rti_state_take_usage(rti_thread *thread, const rti_sysevt *evt);

enum { /* parameters of the exits of clone, fork, vfork, clone3, execve, execveat */
       RTI_ARG_RES = 0,
       RTI_ARG_EXE = 1,
       RTI_ARG_ARGS = 2,
       RTI_ARG_TID = 3,
       RTI_ARG_PID = 4,
       RTI_ARG_PTID = 5,
       RTI_ARG_FDLIMIT = 7,
       RTI_ARG_PFMAJOR = 8,
       RTI_ARG_PFMINOR = 9,
       RTI_ARG_VMSIZE = 10,
       RTI_ARG_VMRSS = 11,
       RTI_ARG_VMSWAP = 12,
       RTI_ARG_COMM = 13,
       RTI_ARG_CGROUPS = 14
};

rti_state_handler rti_on_clone, rti_on_exec, rti_on_exit;
rti_state_handler rti_on_setuid, rti_on_setreuid, rti_on_setgid, rti_on_setregid, rti_on_capset,
        rti_on_new_namespace, rti_on_user, rti_on_group, rti_on_container, rti_on_async;

#endif
