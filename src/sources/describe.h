/* SPDX-License-Identifier: Apache-2.0 */
/* describe.h - how a source is described by its table of fields. */
#ifndef RTI_SOURCES_DESCRIBE_H
#define RTI_SOURCES_DESCRIBE_H

#include "sources/builtin.h"

/* A row of such a table as a rt_field_desc. Columns behind these seven are the source's own. */
#define RTI_FIELD_DESC(id, name, kind, flags, format, group, ...) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, RTI_FIRST(__VA_ARGS__, ) },
#define RTI_FIRST(first, ...) first

/* The members of rt_source_ops of what has nothing but fields. */
#define RTI_DESCRIBED_BY(descs)                                               \
        .size = sizeof(rt_source_ops), .abi = RT_SOURCE_ABI, .fields = descs, \
        .n_fields = sizeof(descs) / sizeof *(descs), .field_stride = sizeof(rt_field_desc)

#endif
