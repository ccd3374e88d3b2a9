/* SPDX-License-Identifier: Apache-2.0 */
/* Containers: ids of cgroups (state-engine C.8), metadata, and what is kept of them. */
#include "sources/jsonkit/limits.h"
#include "support/state_test.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"

struct row {
        char path[160];
        char type[16]; /* empty: the host */
        char id[40];
};

ParameterizedTestParameters(state_container, ids_are_found_by_layout)
{
        static struct row rows[] = {
                { "/", "", "" },
                { "", "", "" },
                { "/user.slice/user-1000.slice/session-3.scope", "", "" },
                { "/system.slice/docker.service", "", "" },
                { "/docker/" HEX64, "docker", "0123456789ab" },
                { "/system.slice/docker-" HEX64 ".scope", "docker", "0123456789ab" },
                { "/docker/" HEX64 "0", "", "" },
                { "/docker/" HEX64 "/", "", "" },
                { "/docker/g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "",
                  "" },
                { "/kubepods/besteffort/pod1/" HEX64, "docker", "0123456789ab" },
                { "/machine.slice/libpod-" HEX64 ".scope", "podman", "0123456789ab" },
                { "/machine.slice/libpod-" HEX64 ".scope/container", "podman", "0123456789ab" },
                { "/libpod-payload-" HEX64, "podman", "0123456789ab" },
                { "/kubepods.slice/crio-" HEX64 ".scope", "cri", "0123456789ab" },
                { "/kubepods/crio-" HEX64, "cri", "0123456789ab" },
                { "/kubepods.slice/cri-containerd-" HEX64 ".scope", "cri", "0123456789ab" },
                { "/system.slice/x.slice:cri-containerd:" HEX64, "cri", "0123456789ab" },
                { "/nerdctl-" HEX64 ".scope", "cri", "0123456789ab" },
                { "/default/mybox", "containerd", "mybox" },
                { "/default/a-very-long-name", "containerd", "a-very-long-" },
                { "/default/my.service", "", "" },
                { "/lxc/web", "lxc", "web" },
                { "/lxc.payload/web/init.scope", "lxc", "web" },
                { "/lxc.payload.web/x", "lxc", "web" },
                { "/machine/web.libvirt-lxc", "libvirt-lxc", "web" },
                { "/machine.slice/machine-lxc\\x2dweb.scope", "libvirt-lxc", "web" },
                { "/machine.slice/machine-lxc\\x2dweb.scope/libvirt", "libvirt-lxc", "web" },
                { "/system.slice/bpm-job_1.x-y.scope", "bpm", "job_1.x-y" },
                { "/system.slice/bpm-job+.scope", "", "" },
        };

        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, state_container, ids_are_found_by_layout)
{
        char cgroups[256], id[RTI_CONTAINER_ID_ROOM];
        const int n = snprintf(cgroups, sizeof cgroups, "cpu=/%cmemory=%s", 0, row->path);
        rt_str type = { "", 0 };
        const size_t len = rti_container_match((rt_str){ cgroups, (size_t) n + 1 }, id, &type);

        cr_assert(rti_str_is((rt_str){ id, len }, row->id), "%s: %.*s", row->path, (int) len, id);
        cr_assert(rti_str_is(type, row->type), "%s: %.*s", row->path, RTI_FMT(type));
}

static machine m;

static void
begin(void)
{
        machine_begin(&m, &rti_alloc_default, 1 << 26, 100000);
}

static void
end(void)
{
        machine_end(&m);
}

static rti_thread *
process_in(int64_t tid, const char *cgroup, size_t len)
{
        const rti_proc_entry entry = { .tid = tid, .pid = tid, .cgroups = { cgroup, len } };

        rti_state_add_process(&m.state, &entry);
        return machine_find(&m, tid);
}

static int
learn(const char *json)
{
        return rti_containers_learn(&m.state.containers, rti_str_of(json));
}

static const char everything[] =
        "{\"container\":{\"type\":7,\"id\":\"0123456789ab\",\"full_id\":\"" HEX64 "\","
        "\"name\":\"w\\u0065b\",\"image\":\"repo/nginx:1\",\"imagerepo\":\"repo/nginx\","
        "\"imagetag\":\"1\",\"imageid\":\"i\",\"imagedigest\":\"sha256:d\",\"User\":\"u\","
        "\"cni_json\":\"{}\",\"created_time\":1795000000,\"host_ipc\":true,\"host_network\":false,"
        "\"host_pid\":true,\"ip\":\"10.0.0.2\",\"is_pod_sandbox\":false,\"lookup_state\":1,"
        "\"labels\":{\"app\":\"web\",\"io.kubernetes.pod.name\":\"p\"},\"pod_sandbox_id\":\"s\","
        "\"pod_sandbox_labels\":{\"a\":\"b\"},\"Mounts\":[{\"Source\":\"/s\",\"Destination\":\"/"
        "d\","
        "\"Mode\":\"rw\",\"RW\":true,\"Propagation\":\"rprivate\"},{}],\"privileged\":true,"
        "\"Healthcheck\":{\"exe\":\"curl\",\"args\":[\"-f\",\"x\"]}}}";

Test(state_container, metadata_is_read_once, .init = begin, .fini = end)
{
        const rti_thread *t = process_in(5, "cpu=/docker/" HEX64, 12 + 64);
        const rti_container_facts *facts;

        cr_assert(text_is(t->container_id, "0123456789ab"));
        cr_assert_null(m.state.containers.rows.at[t->container].facts);
        cr_assert_eq(learn(everything), RT_OK);
        facts = m.state.containers.rows.at[t->container].facts;
        cr_assert(rti_str_is(facts->name, "web"));
        cr_assert(rti_str_is(facts->type, "containerd"));
        cr_assert(rti_str_is(facts->image_repo, "repo/nginx"));
        cr_assert(rti_str_is(facts->image_digest, "sha256:d"));
        cr_assert(facts->privileged && facts->host_pid && facts->host_ipc && !facts->host_network);
        cr_assert_eq(facts->n_mounts, 2);
        cr_assert(rti_str_is(facts->mounts[0].dest, "/d"));
        cr_assert(facts->mounts[0].rdwr && !facts->mounts[1].rdwr);
        cr_assert_eq(facts->n_labels, 2);
        cr_assert(rti_str_is(facts->labels[1].key, "io.kubernetes.pod.name"));
        cr_assert(rti_str_is(facts->labels[1].value, "p"));
        cr_assert_eq(facts->n_pod_labels, 1);
        cr_assert(facts->healthcheck.given && !facts->liveness.given);
        cr_assert_eq(facts->healthcheck.n_args, 2);
        cr_assert(rti_str_is(facts->healthcheck.args[1], "x"));
        cr_assert_eq(learn("{\"container\":{\"id\":\"0123456789ab\",\"name\":5}}"), RT_OK);
        facts = m.state.containers.rows.at[t->container].facts;
        cr_assert_eq(facts->name.len, 0, "the newest counts, and what has a wrong type is missing");
}

Test(state_container, what_describes_no_container_changes_nothing, .init = begin, .fini = end)
{
        static const char *const texts[] = {
                "",
                "{",
                "[]",
                "{}",
                "{\"container\":5}",
                "{\"container\":{}}",
                "{\"container\":{\"id\":7}}",
                "{\"container\":{\"id\":\"\"}}",
        };

        for (size_t i = 0; i < RTI_COUNT(texts); i++)
                cr_assert_eq(learn(texts[i]), RT_EFORMAT, "%s", texts[i]);
        cr_assert_eq(m.state.containers.rows.n, 0);
}

Test(state_container, events_tell_of_containers, .init = begin, .fini = end)
{
        machine_apply(&m, RTI_EV_CONTAINER_JSON_2_E, -1, "s{\"container\":{\"id\":\"a\"}}");
        machine_apply(&m, RTI_EV_ASYNCEVENT_E, -1, "d0 scontainer s{\"container\":{\"id\":\"b\"}}");
        machine_apply(&m, RTI_EV_ASYNCEVENT_E, -1, "d0 sother s{\"container\":{\"id\":\"c\"}}");
        cr_assert_eq(m.state.containers.rows.n, 2);
}

Test(state_container, children_are_where_their_parents_are, .init = begin, .fini = end)
{
        const rti_thread *parent = process_in(5, "cpu=/docker/" HEX64, 12 + 64);

        parent = machine_find(&m, 5);
        machine_find(&m, 5)->vtid = 5;
        machine_fork(&m, 5, 1, 6);
        cr_assert_eq(machine_find(&m, 6)->container, parent->container);
        cr_assert_eq(machine_find(&m, 6)->container_id, parent->container_id);
}

/* More containers than are kept; every tenth has a thread that lives on. */
Test(state_container, those_without_threads_go_first, .init = begin, .fini = end)
{
        const int64_t most = RTI_SOURCE_MAX_CONTAINERS;
        char cgroup[128];

        rti_state_lists_done(&m.state);
        for (int64_t i = 1; i <= 3 * most; i++) {
                const int n = snprintf(cgroup, sizeof cgroup, "cpu=/docker/%064" PRIx64,
                                       (uint64_t) i << 208 % 64 | (uint64_t) i << 40);

                cgroup[12 + i % 12] = (char) ('a' + i % 6);
                process_in(i % 10 ? 1000000 : i, cgroup, (size_t) n);
                cr_assert_leq(m.state.containers.rows.n, (size_t) most);
        }
        for (int64_t i = 10; i <= 3 * most; i += 10) {
                const rti_thread *t = machine_find(&m, i);

                cr_assert_not_null(t->container_id);
                cr_assert_eq(m.state.containers.rows.at[t->container].id, t->container_id);
        }
}

/* ---- hosts ---- */

static rt_str
host_of(uint8_t last, size_t *at)
{
        const uint8_t address[] = { 10, 0, 0, last };

        return rti_hosts_find(&m.state, address, sizeof address, at);
}

Test(state_hosts, all_names_of_an_address_are_found, .init = begin, .fini = end)
{
        size_t at = 0;

        cr_assert_eq(
                rti_hosts_learn(&m.state, RTI_STR("a 10.0.0.1\nb ::1\nc 10.0.0.1\nd 10.0.0.2")),
                RT_OK);
        cr_expect(rti_str_is(host_of(1, &at), "a"));
        cr_expect(rti_str_is(host_of(1, &at), "c"));
        cr_expect_null(host_of(1, &at).ptr);
        at = 0;
        cr_expect(rti_str_is(host_of(2, &at), "d"));
}

Test(state_hosts, lines_that_are_none_are_left_out_and_lists_replace_each_other, .init = begin,
     .fini = end)
{
        size_t at = 0;

        cr_assert_eq(rti_hosts_learn(&m.state, RTI_STR("\n \nx\ny 10.0.0.1.5\nz 10.0.0.3 \n"
                                                       "a 10.0.0.1\nb 10.0.0.1111111111111111111"
                                                       "11111111111111111111111111111111111111")),
                     RT_OK);
        cr_expect_eq(m.state.hosts.n, 1);
        cr_expect_eq(rti_hosts_learn(&m.state, RTI_STR("c 10.0.0.2\n")), RT_OK);
        cr_expect_null(host_of(1, &at).ptr);
        cr_expect_eq(m.state.hosts.n, 1);
}
