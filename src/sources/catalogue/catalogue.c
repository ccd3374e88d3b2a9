/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue.c - sources whose fields are known, so that rules for them compile.
 * Versions: what their stock rules ask for. */
#include "sources/describe.h"

static const rt_field_desc okta_fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/catalogue/okta.def"
#undef FIELD
};

static const rt_field_desc github_fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/catalogue/github.def"
#undef FIELD
};

static const rt_field_desc gcp_fields[] = {
#define FIELD RTI_FIELD_DESC
#include "sources/catalogue/gcp_auditlog.def"
#undef FIELD
};

const rt_source_ops rti_source_okta = {
        RTI_DESCRIBED_BY(okta_fields),
        .name = "okta",
        .plugin = "okta",
        .version = "0.11.0",
};

const rt_source_ops rti_source_github = {
        RTI_DESCRIBED_BY(github_fields),
        .name = "github",
        .plugin = "github",
        .version = "0.8.0",
};

const rt_source_ops rti_source_gcp_auditlog = {
        RTI_DESCRIBED_BY(gcp_fields),
        .name = "gcp_auditlog",
        .plugin = "gcpaudit",
        .version = "0.3.0",
};
