/* SPDX-License-Identifier: Apache-2.0 */
/* builtin.h - the sources that come with the library; new ones add a line here and in builtin.c */
#ifndef RTI_SOURCES_BUILTIN_H
#define RTI_SOURCES_BUILTIN_H

#include "lang/field_table.h"

extern const rt_source_ops rti_source_syscall;
extern const rt_source_ops rti_source_container; /* fields for syscall */
extern const rt_source_ops rti_source_k8smeta;   /* fields for syscall */
extern const rt_source_ops rti_source_krsi;      /* fields for syscall */
extern const rt_source_ops rti_source_cloudtrail;
extern const rt_source_ops rti_source_k8saudit;
extern const rt_source_ops rti_source_json;
extern const rt_source_ops rti_source_json_fields; /* json.* for every source */
extern const rt_source_ops rti_source_okta;
extern const rt_source_ops rti_source_github;
extern const rt_source_ops rti_source_gcp_auditlog;

extern const rti_field_table rti_syscall_fields;
extern const rti_field_table rti_container_fields;
extern const rti_field_table rti_k8smeta_fields;
extern const rti_field_table rti_krsi_fields;
extern const rti_field_table rti_cloudtrail_fields;
extern const rti_field_table rti_k8saudit_fields;
extern const rti_field_table rti_json_fields;
extern const rti_field_table rti_okta_fields;
extern const rti_field_table rti_github_fields;
extern const rti_field_table rti_gcp_auditlog_fields;

/* All of them, and a row without ops, for rti_registry_add_list. */
extern const rti_builtin rti_builtin_sources[];

#endif
