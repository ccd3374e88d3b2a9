/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libruntime/lists.h - lists that change while rules are in force: addresses of a threat feed,
 * names of machines, hashes of files; up to 100 million elements.
 *
 * In a rule file:
 *
 *      - list: bad_ips
 *        items: []              # for Falco, where the list is empty
 *        items_at: runtime      # the host keeps it
 *        items_type: ip         # addresses and networks; or string, or number
 *
 *      condition: fd.sip in (bad_ips)         # in, intersects, pmatch
 *
 * The host builds a list on any thread and puts it in force as it does with rulesets:
 *
 *      rt_list *list;
 *      rt_list_new(engine, RT_KIND_IPNET, &list);
 *      rt_list_add_path(list, "bad-ips.txt", diags);
 *      rt_engine_use_list(engine, "bad_ips", list);
 *      rt_list_unref(list);
 *
 * Each event is judged with one version of all lists. A list in force cannot be changed: to change
 * one, build another. What fails while it is built leaves the one in force as it is.
 */
#ifndef LIBRUNTIME_LISTS_H
#define LIBRUNTIME_LISTS_H

#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An empty list. Its memory is from the engine's allocator, which is then used on whatever thread
 *  builds it and on the one that lets go of it last.
 *  @param kind RT_KIND_STRING, RT_KIND_INT64 (numbers, RT_KIND_UINT64's too), RT_KIND_IPNET
 *  (addresses and networks). @return 0, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_list_new(rt_engine *engine, uint32_t kind, rt_list **ret_list);
/** Shared. @since 0.1 */
RT_API rt_list *rt_list_ref(rt_list *list);
RT_API rt_list *rt_list_unref(rt_list *list);
/** Add one element, as a rule would write it but without quotes: "10.0.0.0/8", "-1", "any bytes".
 *  @return 1, 0: it is there already, RT_EFORMAT: it is none of that kind, or has a NUL,
 *  RT_ELIMIT: it is longer than 4096 bytes, or there are too many (rtctl list limits), RT_EINVAL:
 *  the list was in force, RT_ENOMEM. @since 0.1 */
RT_API int rt_list_add(rt_list *list, rt_str element);
/** Add each line of @a text, without the blanks around it. Those that are empty or begin with # are
 *  left out; the last needs no line feed. A line that is no element stops it, with a diagnostic;
 *  what was added before stays. @param name of the text, for that. @param diags may be NULL.
 *  @return 0, RT_ERULES: see diags, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_list_add_text(rt_list *list, const char *name, rt_str text, rt_diags *diags);
/** The same of a file, which is read piece by piece. @since 0.1 */
RT_API int rt_list_add_path(rt_list *list, const char *path, rt_diags *diags);
/** Elements, each counted once. @since 0.1 */
RT_API uint64_t rt_list_count(const rt_list *list);
/** Is @a value, written as an element, in the list? An address is in the networks that have it; a
 *  network is not. Shared, once no more is added.
 *  @return 1, 0, RT_EFORMAT, RT_ELIMIT, RT_EINVAL, RT_ENOMEM. @since 0.1 */
RT_API int rt_list_has(const rt_list *list, rt_str value);

/** Put @a list in force under @a name, in the place of the one before: for each worker from its
 *  next event on, for a pool from its next batch. Nothing can be added to it from then on. It may
 *  have several names, and engines. Shared.
 *  @param list NULL: the list is empty, or empty again. Before rules are loaded, this says that it
 *  will be filled: there is no warning RT1208.
 *  @return 0, RT_EINVAL: the rules in force want another kind, RT_ELIMIT: 1000 names, RT_ENOMEM:
 *  the one before stays in force. @since 0.1 */
RT_API int rt_engine_use_list(rt_engine *engine, const char *name, rt_list *list);

/** A list that an engine has, or that rules ask for. */
typedef struct rt_list_info {
        size_t size;
        const char *name; /* the engine's, the ruleset's */
        uint32_t kind;    /* RT_KIND_STRING, INT64, IPNET; NONE: an engine's that is empty */
        uint32_t reserved;
        uint64_t count; /* elements; of rules: 0 */
} rt_list_info;

/** Lists that were put in force, in order of their first time. Shared.
 *  @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_engine_list(rt_engine *engine, size_t index, rt_list_info *ret_info);
/** Lists that conditions of @a rules ask for. Shared.
 *  @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_ruleset_list(const rt_ruleset *rules, size_t index, rt_list_info *ret_info);

#ifdef __cplusplus
}
#endif
#endif
