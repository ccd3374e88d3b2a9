/* SPDX-License-Identifier: Apache-2.0 */
/* schema.h - is a configuration what the plug-in's JSON schema wants? */
#ifndef RTI_FALCO_SCHEMA_H
#define RTI_FALCO_SCHEMA_H

#include "falco/plugin.h"

/* RT_OK; RT_EINVAL with a message that names the path and what is expected there; RT_ELIMIT: the
 * schema is too deep, or refers to itself. */
int rti_fp_schema_check(const rti_json *schema, const rti_json *config,
                        const rti_fp_message *message);

#endif
