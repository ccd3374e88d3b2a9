/* SPDX-License-Identifier: Apache-2.0 */
/* test_containers.c - metadata out of runtimes' files, with files made here. */
#include "live/containers/containers.h"
#include "sources/syscall/codes.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID      "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e"
#define CGROUPS "cpuset=/docker/" ID "\0memory=/docker/" ID "\0"

enum { PATH_ROOM = 512, EVENT_TYPE_AT = 4 + 4 + 2 + 8 + 8 + 4 };

static char folder[] = "/tmp/rt-containers-XXXXXX";
static live_container_options options;

static void
make_folder(void)
{
        cr_assert(mkdtemp(folder));
        options = (live_container_options){ 0 };
}

static void
remove_folder(void)
{
        char command[PATH_ROOM];

        snprintf(command, sizeof command, "rm -rf %s", folder);
        cr_assert_eq(system(command), 0);
}

/* All folders on the way, and the file. */
static void
write_file(const char *name, const char *text)
{
        char path[PATH_ROOM];
        FILE *file;

        snprintf(path, sizeof path, "%s/%s", folder, name);
        for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                (void) mkdir(path, 0700);
                *slash = '/';
        }
        file = fopen(path, "w");
        cr_assert(file);
        fputs(text, file);
        fclose(file);
}

static void
look_in(enum live_runtime runtime, const char *name)
{
        snprintf(options.root[runtime], LIVE_ROOT_ROOM, "%s/%s", folder, name);
}

static void
expect(const char *json, const char *part)
{
        cr_expect(strstr(json, part), "%s is not in %s", part, json);
}

TestSuite(live_containers, .init = make_folder, .fini = remove_folder);

static void
write_docker(void)
{
        look_in(LIVE_DOCKER, "docker");
        write_file(
                "docker/containers/" ID "/config.v2.json",
                "{\"ID\":\"" ID "\",\"Name\":\"/web\",\"Image\":\"sha256:0ca0\","
                "\"Created\":\"2024-05-01T10:00:00.5Z\",\"Config\":{\"Image\":\"a.b:5000/x/y:2\","
                "\"Labels\":{\"k\":\"v\"},\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"up\"]}},"
                "\"MountPoints\":{\"/data\":{\"Source\":\"/src\",\"RW\":true}},"
                "\"NetworkSettings\":{\"Networks\":{\"b\":{\"IPAddress\":\"172.17.0.2\"}}}}");
        write_file("docker/containers/" ID "/hostconfig.json",
                   "{\"Privileged\":true,\"PidMode\":\"host\",\"NetworkMode\":\"b\"}");
}

Test(live_containers, docker_says_all_of_a_container)
{
        char *json = NULL;

        write_docker();
        cr_assert_eq(live_container_json(&options, ID, RTI_STR("docker"), &json), RT_OK);
        expect(json, "\"type\":0");
        expect(json, "\"id\":\"3ad7b26ded6d\"");
        expect(json, "\"full_id\":\"" ID "\"");
        expect(json, "\"name\":\"web\"");
        expect(json, "\"imagerepo\":\"a.b:5000/x/y\"");
        expect(json, "\"imagetag\":\"2\"");
        expect(json, "\"imageid\":\"0ca0\"");
        expect(json, "\"labels\":{\"k\":\"v\"}");
        expect(json, "\"privileged\":true");
        expect(json, "\"host_pid\":true");
        expect(json, "\"host_network\":false");
        expect(json, "\"ip\":\"172.17.0.2\"");
        expect(json, "\"created_time\":1714557600");
        expect(json, "\"Source\":\"/src\",\"Destination\":\"/data\"");
        expect(json, "\"Healthcheck\":{\"exe\":\"/bin/sh\",\"args\":[\"-c\",\"up\"]}");
        free(json);
}

Test(live_containers, containerd_names_the_pod)
{
        char *json = NULL;

        look_in(LIVE_CONTAINERD, "containerd");
        write_file("containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
                   "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"shop\","
                   "\"io.kubernetes.cri.image-name\":\"r/shop@sha256:12\","
                   "\"io.kubernetes.cri.sandbox-id\":\"77\","
                   "\"io.kubernetes.cri.sandbox-name\":\"shop-7\","
                   "\"io.kubernetes.cri.sandbox-namespace\":\"prod\","
                   "\"io.kubernetes.cri.sandbox-uid\":\"0f5c\"},"
                   "\"mounts\":[{\"type\":\"bind\",\"source\":\"/s\",\"destination\":\"/d\","
                   "\"options\":[\"rbind\",\"ro\",\"rprivate\"]},{\"type\":\"proc\"}],"
                   "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"mount\"}]}}");
        cr_assert_eq(live_container_json(&options, ID, RTI_STR("cri"), &json), RT_OK);
        expect(json, "\"type\":7");
        expect(json, "\"name\":\"shop\"");
        expect(json, "\"imagerepo\":\"r/shop\"");
        expect(json, "\"imagedigest\":\"sha256:12\"");
        expect(json, "\"pod_sandbox_id\":\"77\"");
        expect(json, "\"io.kubernetes.pod.name\":\"shop-7\"");
        expect(json, "\"io.kubernetes.pod.namespace\":\"prod\"");
        expect(json, "\"io.kubernetes.pod.uid\":\"0f5c\"");
        expect(json, "\"RW\":false,\"Propagation\":\"rprivate\"");
        expect(json, "\"host_pid\":false");
        expect(json, "\"host_network\":true");
        expect(json, "\"privileged\":false");
        free(json);
}

Test(live_containers, podman_keeps_names_in_one_list)
{
        char *json = NULL;

        look_in(LIVE_STORAGE, "storage");
        write_file("storage/overlay-containers/" ID "/userdata/config.json", "{}");
        write_file("storage/overlay-containers/containers.json",
                   "[{\"id\":\"other\"},{\"id\":\"" ID "\",\"names\":[\"db\"],\"image\":\"ab\","
                   "\"metadata\":\"{\\\"image-name\\\":\\\"quay.io/db:9\\\"}\"}]");
        cr_assert_eq(live_container_json(&options, ID, RTI_STR("podman"), &json), RT_OK);
        expect(json, "\"type\":11");
        expect(json, "\"name\":\"db\"");
        expect(json, "\"imagerepo\":\"quay.io/db\"");
        expect(json, "\"imageid\":\"ab\"");
        free(json);
}

Test(live_containers, runc_leads_to_the_bundle)
{
        char state[PATH_ROOM];
        char *json = NULL;

        look_in(LIVE_RUNC, "runc");
        snprintf(state, sizeof state, "{\"config\":{\"labels\":[\"x=y\",\"bundle=%s/b\"]}}",
                 folder);
        write_file("runc/" ID "/state.json", state);
        write_file("b/config.json",
                   "{\"process\":{\"user\":{\"uid\":7},\"capabilities\":{\"bounding\":"
                   "[\"CAP_SYS_ADMIN\",\"CAP_SYS_MODULE\"]}}}");
        cr_assert_eq(live_container_json(&options, ID, RTI_STR("docker"), &json), RT_OK);
        expect(json, "\"type\":0");
        expect(json, "\"User\":\"7\"");
        expect(json, "\"privileged\":true");
        free(json);
}

Test(live_containers, files_that_make_no_sense_are_as_if_missing)
{
        static const char *const files[] = { "", "[", "[]", "7", "{\"Config\":[],\"Name\":{}}" };
        char *json = NULL;

        look_in(LIVE_DOCKER, "docker");
        for (size_t i = 0; i < RTI_COUNT(files); i++) {
                write_file("docker/containers/" ID "/config.v2.json", files[i]);
                write_file("docker/containers/" ID "/hostconfig.json", files[i]);
                if (live_container_json(&options, ID, RTI_STR("docker"), &json) == RT_OK) {
                        expect(json, "\"full_id\":\"" ID "\"");
                        free(json);
                }
        }
}

Test(live_containers, ids_that_are_no_names_of_files_are_refused)
{
        char id[LIVE_FULL_ID_ROOM];

        cr_expect_eq(live_container_full_id(RTI_STR("a=/default/..\0"), RTI_STR(".."), id), 0);
        cr_expect_eq(
                live_container_full_id(RTI_STR("a=/x/" ID ".scope\0"), RTI_STR("3ad7b26ded6d"), id),
                64);
        cr_expect_str_eq(id, ID);
        cr_expect_eq(live_container_full_id(RTI_STR("a=/default/my-web\0"), RTI_STR("my-web"), id),
                     6);
        cr_expect_eq(live_container_full_id(RTI_STR("a=/default/\0"), RTI_STR("none"), id), 0);
}

static uint16_t
type_of_first(const cap_out *out)
{
        uint16_t type = 0;

        if (out->len >= EVENT_TYPE_AT + sizeof type)
                memcpy(&type, out->ptr + EVENT_TYPE_AT, sizeof type);
        return type;
}

Test(live_containers, a_container_is_told_of_once)
{
        const live_sight sight = { .tid = 1, .may_wait = true };
        live_containers c;
        cap_out out = { 0 };
        size_t len;

        write_docker();
        cr_assert_eq(live_containers_init(&c, &options, "/proc"), RT_OK);
        cr_expect_eq(live_containers_see(&c, RTI_STR("cpu=/user\0"), &sight, &out), RT_OK);
        cr_expect_eq(out.len, 0);
        cr_expect_eq(live_containers_see(&c, RTI_STR(CGROUPS), &sight, &out), RT_OK);
        cr_expect_eq(type_of_first(&out), RTI_EV_CONTAINER_JSON_2_E);
        len = out.len;
        cr_expect_eq(live_containers_see(&c, RTI_STR(CGROUPS), &sight, &out), RT_OK);
        cr_expect_eq(out.len, len);
        cr_expect_eq(c.stats.found, 1);
        live_containers_done(&c);
        rti_cap_out_done(&out);
}

Test(live_containers, files_that_come_late_are_waited_for)
{
        const live_sight sight = { .tid = 1, .may_wait = true };
        live_containers c;
        cap_out out = { 0 };

        look_in(LIVE_DOCKER, "docker");
        write_file("docker/containers/none", "");
        options.wait_ms = 60000;
        cr_assert_eq(live_containers_init(&c, &options, "/proc"), RT_OK);
        cr_expect_eq(live_containers_see(&c, RTI_STR(CGROUPS), &sight, &out), RT_EAGAIN);
        cr_expect_eq(out.len, 0);
        write_docker();
        cr_expect_eq(live_containers_see(&c, RTI_STR(CGROUPS), &sight, &out), RT_OK);
        cr_expect_eq(type_of_first(&out), RTI_EV_CONTAINER_JSON_2_E);
        cr_expect_eq(c.stats.waited, 1);
        cr_expect_eq(c.stats.incomplete, 0);
        live_containers_done(&c);
        rti_cap_out_done(&out);
}

Test(live_containers, files_that_never_come_are_given_up)
{
        const live_sight sight = { .tid = 1, .may_wait = true };
        live_containers c;
        cap_out out = { 0 };
        int r;

        look_in(LIVE_DOCKER, "docker");
        write_file("docker/containers/none", "");
        options.wait_ms = 20;
        cr_assert_eq(live_containers_init(&c, &options, "/proc"), RT_OK);
        while ((r = live_containers_see(&c, RTI_STR(CGROUPS), &sight, &out)) == RT_EAGAIN)
                usleep(1000);
        cr_expect_eq(r, RT_OK);
        cr_expect_eq(out.len, 0);
        cr_expect_eq(c.stats.incomplete, 1);
        live_containers_done(&c);
        rti_cap_out_done(&out);
}

Test(live_containers, nobody_is_waited_for_where_no_runtime_is)
{
        const live_sight sight = { .tid = 1, .may_wait = true };
        live_containers c;
        cap_out out = { 0 };

        look_in(LIVE_DOCKER, "not-there");
        options.wait_ms = 60000;
        cr_assert_eq(live_containers_init(&c, &options, "/proc"), RT_OK);
        cr_expect_eq(live_containers_see(&c, RTI_STR(CGROUPS), &sight, &out), RT_OK);
        cr_expect_eq(c.stats.waited, 0);
        live_containers_done(&c);
        rti_cap_out_done(&out);
}

/* A proc file system of our own: thread 5 lives in another root. */
static void
write_root(void)
{
        write_file("proc/5/root/etc/passwd",
                   "root:x:0:0::/root:/bin/sh\nno user\na:x:7:8::/h:/s\n");
        write_file("proc/5/root/etc/group", "g:x:9:\n");
}

Test(live_containers, users_come_from_the_containers_own_files)
{
        const live_sight sight = { .tid = 5 }, gone = { .tid = 6 };
        char proc[PATH_ROOM];
        cap_out out = { 0 };

        write_root();
        snprintf(proc, sizeof proc, "%s/proc", folder);
        cr_expect(live_container_users(proc, RTI_STR("3ad7b26ded6d"), &sight, &out));
        cr_expect_eq(type_of_first(&out), RTI_EV_USER_ADDED_E);
        cr_expect(memmem(out.ptr, out.len,
                         "a\0/h\0/s\0"
                         "3ad7b26ded6d",
                         20));
        cr_expect(memmem(out.ptr, out.len,
                         "g\0"
                         "3ad7b26ded6d",
                         14));
        cr_expect_not(live_container_users(proc, RTI_STR("3ad7b26ded6d"), &gone, &out));
        rti_cap_out_done(&out);
}

Test(live_containers, links_in_a_container_lead_nowhere_else)
{
        const live_sight sight = { .tid = 5 };
        char proc[PATH_ROOM], path[PATH_ROOM];
        cap_out out = { 0 };

        write_file("proc/5/root/etc/none", "");
        snprintf(path, sizeof path, "%s/proc/5/root/etc/passwd", folder);
        cr_assert_eq(symlink("/etc/passwd", path), 0);
        snprintf(path, sizeof path, "%s/proc/5/root/etc/group", folder);
        cr_assert_eq(mkfifo(path, 0600), 0);
        snprintf(proc, sizeof proc, "%s/proc", folder);
        cr_expect(live_container_users(proc, RTI_STR("3ad7b26ded6d"), &sight, &out));
        cr_expect_eq(out.len, 0);
        rti_cap_out_done(&out);
}
