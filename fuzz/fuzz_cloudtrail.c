/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a CloudTrail delivery. The events do not depend on how the bytes arrive, each is a
 * part of the delivery, and each that reading=reference finds is found by reading=tolerant too, as
 * long as nothing of the delivery is broken.
 */
#include "fuzz_source.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const fields[] = {
                "ct.id",           "ct.user",          "ct.originaluser", "ct.shortsrc",
                "ct.info",         "ct.request",       "ct.resources",    "ct.readonly",
                "s3.bytes",        "s3.uri",           "ec2.name",        "ec2.imageids",
                "ec2.imageids[1]", "json.value[/a/0]", "json.obj",        NULL,
        };

        fuzz_source(&rti_source_cloudtrail, fields, (rt_str){ (const char *) data, size });
        return 0;
}
