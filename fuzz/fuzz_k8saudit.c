/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an audit log. The events do not depend on how the bytes arrive, each is a part of
 * the log, and each that reading=reference finds is found by reading=tolerant too, as long as
 * nothing of the log is broken.
 */
#include "fuzz_source.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const fields[] = {
                "ka.auditid",
                "ka.auth.decision",
                "ka.user.groups",
                "ka.uri.param[a]",
                "ka.target.pod.name",
                "ka.req.binding.subjects.serviceaccount_ns_names",
                "ka.req.pod.containers.image.repository",
                "ka.req.pod.containers.image[1]",
                "ka.req.pod.containers.args",
                "ka.req.pod.containers.host_port",
                "ka.req.pod.containers.eff_run_as_user",
                "ka.req.container.privileged",
                "ka.req.volume.hostpath[/a*]",
                "ka.req.volume.hostpath[]",
                "ka.req.pod.volumes.volume_type",
                "ka.req.role.rules.verbs[0]",
                "json.value[/user/groups/0]",
                "json.obj",
                NULL,
        };

        fuzz_source(&rti_source_k8saudit, fields, (rt_str){ (const char *) data, size });
        return 0;
}
