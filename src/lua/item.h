/* SPDX-License-Identifier: Apache-2.0 */
/* item.h - the texts of an item `hooks:`. */
#ifndef LIBRUNTIME_LUA_ITEM_H
#define LIBRUNTIME_LUA_ITEM_H

#include <libruntime/types.h>

/* With a NUL behind each, which none has in it. */
typedef struct item_texts {
        rt_str hooks;  /* not empty */
        rt_str script; /* ptr NULL: there is none */
        char *memory;  /* that they are in */
} item_texts;

/* @param json as the loader hands it over: {"hooks":"geo.lua"}, or with "script" beside it.
 * @return 0, RT_EFORMAT: it is something else, RT_ENOMEM. */
int item_read(const rt_allocator *allocator, rt_str json, item_texts *ret_texts);

#endif
