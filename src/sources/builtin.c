/* SPDX-License-Identifier: Apache-2.0 */
/* builtin.c - the list of built-in sources, in the order of field look-up. */
#include "sources/builtin.h"

const rti_builtin rti_builtin_sources[] = {
        { &rti_source_syscall, &rti_syscall_fields },
        { &rti_source_container, &rti_container_fields },
        { &rti_source_k8smeta, &rti_k8smeta_fields },
        { &rti_source_krsi, &rti_krsi_fields },
        { &rti_source_cloudtrail, &rti_cloudtrail_fields },
        { &rti_source_k8saudit, &rti_k8saudit_fields },
        { &rti_source_json, NULL },
        { &rti_source_okta, &rti_okta_fields },
        { &rti_source_github, &rti_github_fields },
        { &rti_source_gcp_auditlog, &rti_gcp_auditlog_fields },
        { &rti_source_json_fields, &rti_json_fields },
        { NULL, NULL },
};
