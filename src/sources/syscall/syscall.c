/* SPDX-License-Identifier: Apache-2.0 */
/* syscall.c - the fields of system call events, and those that others add to them. */
#include "sources/describe.h"

static const rt_field_desc fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/syscall/fields.def"
#undef FIELD
};

static const rt_field_desc container_fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/syscall/container_fields.def"
#undef FIELD
};

static const rt_field_desc k8smeta_fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/syscall/k8smeta_fields.def"
#undef FIELD
};

static const rt_field_desc krsi_fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/syscall/krsi_fields.def"
#undef FIELD
};

const rt_source_ops rti_source_syscall = {
        RTI_DESCRIBED_BY(fields),
        .name = "syscall",
};

const rt_source_ops rti_source_container = {
        RTI_DESCRIBED_BY(container_fields),
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "container",
        .version = "0.7.1",
};

const rt_source_ops rti_source_k8smeta = {
        RTI_DESCRIBED_BY(k8smeta_fields),
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "k8smeta",
        .version = "0.4.1",
};

const rt_source_ops rti_source_krsi = {
        RTI_DESCRIBED_BY(krsi_fields),
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "krsi",
        .version = "0.1.0",
};
