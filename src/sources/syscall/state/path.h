/* SPDX-License-Identifier: Apache-2.0 */
/* path.h - joining a directory and a path as the reference does (spec C.4). */
#ifndef RTI_SYSCALL_PATH_H
#define RTI_SYSCALL_PATH_H

#include "sources/syscall/event.h"

enum { RTI_PATH_ROOM = 1024, RTI_AT_FDCWD = -100 };

/* Write concat(dir, path) to @a to; returns its length (at most RTI_PATH_ROOM - 1). */
size_t rti_path_join(char to[RTI_PATH_ROOM], rt_str dir, rt_str path);
/* The directory that a thread works in, '/' behind it: its group leader's, "./" without one. */
rt_str rti_path_cwd(const rti_thread *thread);
/* The directory that parameter @a dirfd of @a evt means for @a path: cwd, a descriptor's name with
 * '/', "<UNKNOWN>", or empty for an absolute path. Put together in @a to where need be. */
rt_str rti_path_dir(char to[RTI_PATH_ROOM + 1], const rti_sysevt *evt, uint32_t dirfd, rt_str path);
/* The same for the number of a descriptor. */
rt_str rti_path_dir_of(char to[RTI_PATH_ROOM + 1], const rti_thread *thread, int64_t dirfd,
                       rt_str path);

#endif
