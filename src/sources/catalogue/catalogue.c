/* SPDX-License-Identifier: Apache-2.0 */
/* catalogue.c - sources whose fields are known, so that rules for them compile.
 * Versions: what their stock rules ask for. */
#include "sources/builtin.h"

const rt_source_ops rti_source_okta = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "okta",
        .plugin = "okta",
        .version = "0.11.0",
};

const rt_source_ops rti_source_github = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "github",
        .plugin = "github",
        .version = "0.8.0",
};

const rt_source_ops rti_source_gcp_auditlog = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "gcp_auditlog",
        .plugin = "gcpaudit",
        .version = "0.3.0",
};
