/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - the source json, and the json.* fields that every source has. */
#include "sources/builtin.h"

static const rt_field_desc fields[] = {
#define FIELD(id, name, kind, flags, format, group, help)                                          \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/json/fields.def"
#undef FIELD
};

const rt_source_ops rti_source_json_fields = {
        .size = sizeof rti_source_json_fields,
        .abi = RT_SOURCE_ABI,
        .name = "*",
        .plugin = "json",
        .version = "0.7.4",
        .fields = fields,
        .n_fields = sizeof fields / sizeof *fields,
        .field_stride = sizeof(rt_field_desc),
};

const rt_source_ops rti_source_json = {
        .size = sizeof rti_source_json,
        .abi = RT_SOURCE_ABI,
        .name = "json",
        .plugin = "lines", /* evt.pluginname; the plug-in json is the one with the fields */
};
