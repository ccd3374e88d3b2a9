/* SPDX-License-Identifier: Apache-2.0 */
/* builtin.h - the sources that come with the library; new ones add a line here and in builtin.c */
#ifndef RTI_SOURCES_BUILTIN_H
#define RTI_SOURCES_BUILTIN_H

#include <libruntime/source.h>

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

/* All of them, NULL-terminated, for rti_registry_add_list. */
extern const rt_source_ops *const rti_builtin_sources[];

#endif
