/* SPDX-License-Identifier: Apache-2.0 */
/* syscall.c - the fields of system call events, and those that others add to them. */
#include "sources/builtin.h"

static const rt_field_desc fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/syscall/fields.def"
#undef FIELD
};

static const rt_field_desc container_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/syscall/container_fields.def"
#undef FIELD
};

static const rt_field_desc k8smeta_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/syscall/k8smeta_fields.def"
#undef FIELD
};

static const rt_field_desc krsi_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/syscall/krsi_fields.def"
#undef FIELD
};

const rt_source_ops rti_source_syscall = {
        .size = sizeof rti_source_syscall,
        .abi = RT_SOURCE_ABI,
        .name = "syscall",
        .fields = fields,
        .n_fields = sizeof fields / sizeof *fields,
        .field_stride = sizeof(rt_field_desc),
};

const rt_source_ops rti_source_container = {
        .size = sizeof rti_source_container,
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "container",
        .version = "0.7.1",
        .fields = container_fields,
        .n_fields = sizeof container_fields / sizeof *container_fields,
        .field_stride = sizeof(rt_field_desc),
};

const rt_source_ops rti_source_k8smeta = {
        .size = sizeof rti_source_k8smeta,
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "k8smeta",
        .version = "0.4.1",
        .fields = k8smeta_fields,
        .n_fields = sizeof k8smeta_fields / sizeof *k8smeta_fields,
        .field_stride = sizeof(rt_field_desc),
};

const rt_source_ops rti_source_krsi = {
        .size = sizeof rti_source_krsi,
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "krsi",
        .version = "0.1.0",
        .fields = krsi_fields,
        .n_fields = sizeof krsi_fields / sizeof *krsi_fields,
        .field_stride = sizeof(rt_field_desc),
};
