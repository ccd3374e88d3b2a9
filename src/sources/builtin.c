/* SPDX-License-Identifier: Apache-2.0 */
/* builtin.c - the list of built-in sources, in the order of field look-up. */
#include "sources/builtin.h"

const rt_source_ops *const rti_builtin_sources[] = {
        &rti_source_syscall,    &rti_source_container,    &rti_source_k8smeta,     &rti_source_krsi,
        &rti_source_cloudtrail, &rti_source_k8saudit,     &rti_source_json,        &rti_source_okta,
        &rti_source_github,     &rti_source_gcp_auditlog, &rti_source_json_fields, NULL,
};
