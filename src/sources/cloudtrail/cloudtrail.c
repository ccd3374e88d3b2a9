/* SPDX-License-Identifier: Apache-2.0 */
/* cloudtrail.c - the source aws_cloudtrail. */
#include "sources/builtin.h"

static const rt_field_desc fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        {name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help},
#include "sources/cloudtrail/fields.def"
#undef FIELD
};

const rt_source_ops rti_source_cloudtrail = {
        .size = sizeof rti_source_cloudtrail,
        .abi = RT_SOURCE_ABI,
        .name = "aws_cloudtrail",
        .plugin = "cloudtrail",
        .version = "0.17.1",
        .fields = fields,
        .n_fields = sizeof fields / sizeof *fields,
        .field_stride = sizeof(rt_field_desc),
};
