/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue.c - sources whose fields are known, so that rules for them compile.
 * Versions: what their stock rules ask for. */
#include "sources/builtin.h"

static const rt_field_desc okta_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/catalogue/okta.def"
#undef FIELD
};

static const rt_field_desc github_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/catalogue/github.def"
#undef FIELD
};

static const rt_field_desc gcp_fields[] = {
#define FIELD(id, name, kind, flags, format, group, help) \
        { name, group, RT_KIND_##kind, flags, RT_FORMAT_##format, 0, help },
#include "sources/catalogue/gcp_auditlog.def"
#undef FIELD
};

const rt_source_ops rti_source_okta = {
        .size = sizeof rti_source_okta,
        .abi = RT_SOURCE_ABI,
        .name = "okta",
        .plugin = "okta",
        .version = "0.11.0",
        .fields = okta_fields,
        .n_fields = sizeof okta_fields / sizeof *okta_fields,
        .field_stride = sizeof(rt_field_desc),
};

const rt_source_ops rti_source_github = {
        .size = sizeof rti_source_github,
        .abi = RT_SOURCE_ABI,
        .name = "github",
        .plugin = "github",
        .version = "0.8.0",
        .fields = github_fields,
        .n_fields = sizeof github_fields / sizeof *github_fields,
        .field_stride = sizeof(rt_field_desc),
};

const rt_source_ops rti_source_gcp_auditlog = {
        .size = sizeof rti_source_gcp_auditlog,
        .abi = RT_SOURCE_ABI,
        .name = "gcp_auditlog",
        .plugin = "gcpaudit",
        .version = "0.3.0",
        .fields = gcp_fields,
        .n_fields = sizeof gcp_fields / sizeof *gcp_fields,
        .field_stride = sizeof(rt_field_desc),
};
