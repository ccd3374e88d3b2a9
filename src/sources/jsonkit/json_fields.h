/* SPDX-License-Identifier: Apache-2.0 */
/* json_fields.h - json.* and jevt.*: the fields of every source over JSON; and pointers. */
#ifndef RTI_SOURCES_JSONKIT_JSON_FIELDS_H
#define RTI_SOURCES_JSONKIT_JSON_FIELDS_H

#include "sources/jsonkit/kit.h"

extern const rti_kit_field rti_json_reads[]; /* by row of rti_json_fields */

/* The function behind json.value: its paths come from the argument. */
int rti_json_field_value(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot,
                         rt_value *ret_value);

/* Split a JSON pointer (RFC 6901; the slash in front may be missing) into names. RT_OK,
 * RT_ENOMEM. */
int rti_pointer_split(rti_arena *arena, rt_str pointer, rt_str **ret_names, size_t *ret_n);
/* Could the name be an element's number? Signs and leading
 * zeros pass, as Go's Atoi has it; a negative number is one that no element has. */
bool rti_pointer_is_index(rt_str name);
/* The element's number, UINT64_MAX for one that no element has. */
uint64_t rti_pointer_index(rt_str name);
/* Go on from @a node by the rest of a pointer. */
rti_json_node rti_pointer_follow(const rti_json *doc, rti_json_node node, const rt_str *names,
                                 size_t n);

#endif
