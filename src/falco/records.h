/* SPDX-License-Identifier: Apache-2.0 */
/* records.h - built-in sources of records with plug-ins beside them. */
#ifndef RTI_FALCO_RECORDS_H
#define RTI_FALCO_RECORDS_H

#include "falco/plugin.h"

/* Let those sources of @a engine go through here that a plug-in is for. RT_OK, RT_E* with a
 * message. */
int rti_fp_records_attach(rt_falco *host, rt_engine *engine, const rti_fp_message *message);

#endif
