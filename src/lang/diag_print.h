/* SPDX-License-Identifier: Apache-2.0 */
/* diag_print.h - the formats of rt_diags_print; each appends to diags->out. */
#ifndef RTI_LANG_DIAG_PRINT_H
#define RTI_LANG_DIAG_PRINT_H

#include "lang/diag.h"

void rti_diags_text(rt_diags *diags, uint32_t flags);
void rti_diags_github(rt_diags *diags);
void rti_diags_summary(rt_diags *diags, uint32_t flags);
void rti_diags_json(rt_diags *diags);
void rti_diags_sarif(rt_diags *diags);

static inline const char *
rti_severity_name(uint32_t severity)
{
        return severity == RT_ERROR ? "error" : severity == RT_WARNING ? "warning" : "note";
}

#endif
