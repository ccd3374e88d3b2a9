/* SPDX-License-Identifier: Apache-2.0 */
/* args.h - how one parameter of an event prints. */
#ifndef RTI_SYSCALL_ARGS_H
#define RTI_SYSCALL_ARGS_H

#include "sources/syscall/fields/line.h"
#include "sources/syscall/syscall.h"

/* One value being printed: its text, then '(' and what it stands for, if that is anything. */
typedef struct rti_arg_put {
        rti_sys *sys;
        rti_line *line;
        rt_str bytes; /* of the value */
        uint8_t type; /* enum rti_param_type */
        uint8_t format, table, dirfd;
        size_t split; /* where the '(' stands; SIZE_MAX: none yet */
} rti_arg_put;

/* Print parameter @a param of the current event behind @a line. Where the value's own text ends is
 * @a ret_split; the resolved one, if there is one, is what follows behind the '(' there. */
void rti_arg_add(rti_sys *sys, uint32_t param, rti_line *line, size_t *ret_split);

/* From here on, it is what the value stands for. */
static inline void
rti_arg_resolve(rti_arg_put *put)
{
        put->split = put->line->len;
        rti_line_char(put->line, '(');
}

/* Number of type @a type in @a bytes, extended as its type says; false: a wrong length. */
bool rti_arg_number(uint8_t type, rt_str bytes, int64_t *ret_number);

/* A dynamic value's first byte says of which type the rest is; false: none that @a table knows. */
bool rti_arg_variant(uint32_t table, rt_str *bytes, uint8_t *ret_type);

/* Parts: types that stand for something of the machine (args_state.c). */
void rti_arg_fd(rti_arg_put *put, int64_t fd);
void rti_arg_pid(rti_arg_put *put, int64_t pid);
void rti_arg_user(rti_arg_put *put, uint32_t id, bool group);
void rti_arg_path(rti_arg_put *put);
void rti_arg_fdlist(rti_arg_put *put);
void rti_arg_sockaddr(rti_arg_put *put, bool tuple);

#endif
