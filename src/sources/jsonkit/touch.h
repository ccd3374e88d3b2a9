/* SPDX-License-Identifier: Apache-2.0 */
/* touch.h - which strings of a record count as read before (json.h, rti_json_touched). */
#ifndef RTI_SOURCES_JSONKIT_TOUCH_H
#define RTI_SOURCES_JSONKIT_TOUCH_H

#include "sources/jsonkit/kit.h"

/* Fill kit->touched[owner] with what slots have read of the event so far, if something inside of
 * @a node could look different by it; the event then says RT_EVENT_REREAD. RT_OK, RT_ENOMEM. */
int rti_kit_touch(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner,
                  rti_json_node node);

#endif
