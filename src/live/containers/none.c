/* SPDX-License-Identifier: Apache-2.0 */
/* none.c - in place of metadata.c where the library was built without jansson. */
#include "live/containers/containers.h"

const bool live_container_metadata = false;

int
live_container_json(const live_container_options *options, const char *full_id, rt_str type,
                    char **ret_json)
{
        (void) options;
        (void) full_id;
        (void) type;
        *ret_json = NULL;
        return RT_ENOENT;
}
