/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naive.h - what conditions mean, as directly as it can be said.
 *
 *   in   typed rules, as the front end made them, and somebody who reads fields
 *   out  does a rule hold for the event that the reader is at?
 *
 * The typed tree is walked for each event, in the order written. `and` and `or` stop when they are
 * decided; nothing is remembered, shared between rules or looked up. The compiled program is
 * compared with it (random.c), and its cost is measured against it (bench/).
 */
#ifndef RTI_ORACLE_NAIVE_H
#define RTI_ORACLE_NAIVE_H

#include "compiler/rule.h"

typedef struct naive_fields {
        /* A number for the field, which read is given. RT_OK, RT_ENOENT, RT_ENOMEM. */
        int (*find)(void *user, const rti_field_ref *field, size_t *ret_number);
        /* The value in the event at hand, which lives until the next one; false: missing. A field
         * with RT_FIELD_ANY_OF gives a list for RT_ARG_ANY. */
        bool (*read)(void *user, size_t number, const rti_field_ref *field, rt_value *ret_value);
        void *user;
} naive_fields;

/* Lists that change at run time, in every version that there will be. */
typedef struct naive_lists {
        size_t n_versions;
        const rt_str *(*elements)(void *user, rt_str name, size_t version, size_t *ret_n);
        /* The one that is in force. */
        size_t (*version)(void *user, rt_str name);
        void *user;
} naive_lists;

typedef struct naive naive;

/* Those of @a rules whose source has number @a source, for which alone fields are asked.
 * @a lists NULL: those that change are empty. RT_OK, RT_ENOENT: an unknown field, RT_ENOMEM. */
int naive_new(const rti_rules *rules, size_t source, const naive_fields *fields,
              const naive_lists *lists, naive **ret_naive);
void naive_free(naive *n);
/* The next event: what transformers made of the last one is forgotten. */
void naive_begin(naive *n);
/* Does that rule, which is one of the source's, hold? What events it is for is the caller's to
 * know. */
bool naive_holds(naive *n, uint32_t rule);

#endif
