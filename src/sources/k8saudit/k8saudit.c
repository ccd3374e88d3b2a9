/* SPDX-License-Identifier: Apache-2.0 */
/* k8saudit.c - the source k8s_audit. */
#include "sources/builtin.h"

static const rt_field_desc fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        {name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help},
#include "sources/k8saudit/fields.def"
#undef FIELD
};

const rt_source_ops rti_source_k8saudit = {
        .size = sizeof rti_source_k8saudit,
        .abi = RT_SOURCE_ABI,
        .name = "k8s_audit",
        .plugin = "k8saudit",
        .version = "0.18.0",
        .fields = fields,
        .n_fields = sizeof fields / sizeof *fields,
        .field_stride = sizeof(rt_field_desc),
};
