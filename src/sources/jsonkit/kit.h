/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kit.h - what event sources over JSON share: one document at a time, the paths that a ruleset
 * wants of it, and the fields json.* and jevt.* that every such source has.
 *
 * A source describes each of its fields by a function that reads it and by the paths which that
 * function looks at. rti_kit_demand makes one projection of all the paths that a ruleset needs, so
 * that each record is scanned once; a slot then finds its values under `kit->nodes`.
 */
#ifndef RTI_SOURCES_JSONKIT_KIT_H
#define RTI_SOURCES_JSONKIT_KIT_H

#include "base/vec.h"
#include "json/kept.h"
#include "lang/field_table.h"
#include <libruntime/source.h>

enum { RTI_KIT_PATHS = 6 }; /* that one field can look at */

typedef struct rti_kit rti_kit;
typedef struct rti_kit_slot rti_kit_slot;

/* As rt_source_ops.extract. */
typedef int (*rti_kit_read)(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot,
                            rt_value *ret_value);

/* Of the same row of a rti_field_table. */
typedef struct rti_kit_field {
        rti_kit_read read;
        /* "a b|c": the member b of a, and the member c; "" for none. What stands behind a ">" is
         * not looked up, but handed to `read` as slot->rest. */
        const char *paths;
} rti_kit_field;

/* One (field, argument) of the demand. */
struct rti_kit_slot {
        rti_kit_read read;
        uint32_t node[RTI_KIT_PATHS]; /* where the values of its paths stand in kit->nodes */
        uint32_t n_nodes;
        uint32_t arg;       /* RT_ARG_* */
        uint64_t index;     /* RT_ARG_INDEX */
        rt_str key;         /* RT_ARG_KEY */
        const rt_str *rest; /* names behind the first path */
        size_t n_rest;
        bool own;            /* a field of the source, not one of json.* */
        bool compared;       /* its values are compared with those kept: rti_kit_extract */
        rti_json_kept *kept; /* its only value; NULL: it has several, or is not compared */
        uint64_t stamp;      /* of the event of which it was read last */
        uint64_t seen;       /* the versions of the values that it was made of; 0: unknown */
};

/* The reference's plug-ins read a record each for itself, and what one of them has read comes out
 * otherwise when that one prints something around it later (json.h, rti_json_touched). */
enum rti_kit_owner { RTI_KIT_SOURCE, RTI_KIT_JSON, RTI_KIT_N_OWNERS };

struct rti_kit {
        const rt_allocator *allocator;
        const rti_field_table *fields; /* NULL: it has none of its own */
        const rti_kit_field *reads;
        const char *fixed; /* names of members that are read of every record: nodes 1, 2 ... */
        uint32_t required; /* node without which no field of the source's own is there; 0: none */

        rti_json *doc;
        rti_json_touched *touched[RTI_KIT_N_OWNERS];
        uint64_t stamp; /* of the event at hand: slots read of it have the same */
        rti_buf text;   /* for values that are put together */
        RTI_VEC(rti_json_node) list;

        rti_arena arena; /* of the demand: */
        rti_json_projection *projection;
        const rti_json_path *paths; /* by node */
        const rti_json_node *nodes; /* the document's own, see rti_json_expect */
        bool parsed;                /* nodes and doc are those of the event at hand, */
        bool comparable;            /* ... whose values may be what they were before */
        bool disowned;              /* ... which has no field of the source's own */
        /* The part of an input that doc may keep tokens of: */
        const char *window_end;
        uintptr_t window_base; /* address of the input's offset 0, were it in memory */
        rti_json_kept *kept;   /* by node, of the first ones */
        rti_kit_slot *slots;
        size_t n_slots;
};

/* RT_OK, RT_ENOMEM. A kit that failed needs no rti_kit_done. */
int rti_kit_init(rti_kit *kit, const rt_allocator *allocator, const rti_field_table *fields,
                 const rti_kit_field *reads, const char *fixed);
void rti_kit_done(rti_kit *kit);
/* rt_source_ops.demand, of a source whose state begins with its kit. RT_OK, RT_ENOMEM, RT_ENOENT: a
 * field is not one of the source's. */
int rti_kit_demand(void *state, const rt_demand *demand);

/* Parsing is done inside of the input's window, until its next rt_input_more or the next restart:
 * what is scanned for one record serves for the next ones. */
void rti_kit_window(rti_kit *kit, const rt_input *input);
void rti_kit_restart(rti_kit *kit);
/* Parse the record that @a text begins with, or that it is; results as in json.h. */
int rti_kit_parse_prefix(rti_kit *kit, rt_str text, size_t *ret_length, rti_json_error *ret_error);
int rti_kit_parse(rti_kit *kit, rt_str text, rti_json_error *ret_error);

/* rt_source_ops.extract, of a source whose state begins with its kit. RT_SAME if all values at the
 * slot's paths are written as they were, so that nothing is read: what a field is made of is there
 * and nowhere else, but for fields without paths. */
int rti_kit_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value);

/* ---- for the functions that read fields ---- */

/* The reference's json plug-in reads payloads whose first byte begins an object or an array. */
static inline bool
rti_kit_readable(const rti_kit *kit, const rt_event *event)
{
        return kit->parsed && event->payload.len > 0
               && (event->payload.ptr[0] == '{' || event->payload.ptr[0] == '[');
}

/* The value of the slot's path @a i, RTI_JSON_NONE if the record has none. */
static inline rti_json_node
rti_kit_node(const rti_kit *kit, const rti_kit_slot *slot, size_t i)
{
        return kit->nodes[slot->node[i]];
}

/* The value at one path ("a b"), for what is read so rarely that it is not projected. */
rti_json_node rti_kit_find(const rti_kit *kit, const char *path);

static inline bool
rti_kit_is(const rti_kit *kit, rti_json_node node, enum rti_json_type type)
{
        return node != RTI_JSON_NONE && rti_json_type(kit->doc, node) == type;
}

/* Append the value as JSON text without blanks to kit->text. RT_OK, RT_ENOMEM. */
int rti_kit_add_json(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner,
                     rti_json_node node);

/* All of these: 0 and *ret_text; RT_ELIMIT, RT_ENOMEM. */
/* A string's content. The node must be a string. */
int rti_kit_string(rti_kit *kit, const rt_event *event, rti_json_node node, rt_str *ret_text);
/* The unescaped name of a member, given its value. */
int rti_kit_name(rti_kit *kit, const rt_event *event, rti_json_node value, rt_str *ret_name);
/* The value as JSON text without blanks. */
int rti_kit_json(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner, rti_json_node node,
                 rt_str *ret_text);
/* A string's content, or else the JSON text. */
int rti_kit_scalar(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner,
                   rti_json_node node, rt_str *ret_text);
/* The content if it is a string, or else an empty text. */
int rti_kit_plain(rti_kit *kit, const rt_event *event, rti_json_node node, rt_str *ret_text);

/* Copy what stands in kit->text from @a from on into the event's memory. */
int rti_kit_keep(rti_kit *kit, const rt_event *event, rt_str *ret_text);

/* Give @a text as the field's value: a field ends at the first NUL. Returns 1. */
int rti_kit_give(rt_str text, rt_value *ret_value);
int rti_kit_give_u64(uint64_t number, rt_value *ret_value);
/* Give a list of @a n strings, 0 if there is none: the field is missing then. */
int rti_kit_give_list(const rt_value *list, size_t n, rt_value *ret_value);
/* Give what most values are: a string that stands there as it is. false: it is none. */
static inline bool
rti_kit_give_simple(const rti_kit *kit, rti_json_node node, rt_value *ret_value)
{
        ret_value->kind = RT_KIND_STRING;
        return rti_json_simple(kit->doc, node, &ret_value->as.s);
}
/* rti_kit_give for a result of the functions above: @a r if it is an error. */
static inline int
rti_kit_give_result(int r, rt_str text, rt_value *ret_value)
{
        return r < 0 ? r : rti_kit_give(text, ret_value);
}

#endif
