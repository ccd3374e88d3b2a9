/* SPDX-License-Identifier: Apache-2.0 */
/* What the fields of descriptors show: none, a number without an object, and one with it. */
#include "sources/syscall/state/path.h"
#include "support/sys_fields.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define TEXT(s) ((rt_str){ "" s, sizeof(s) - 1 })

enum { TID = 7 };

static void
add_fd(sys_world *w, int64_t num, uint8_t kind, const char *name)
{
        rti_fd_entry fd = { .num = num, .kind = kind, .name = rti_str_of(name) };

        if (kind == RTI_FD_IPV4_SOCK || kind == RTI_FD_IPV4_SERVER) {
                fd.ends = (rti_ends){ .source = { 10, 0, 0, 1 },
                                      .dest = { 10, 0, 0, 2 },
                                      .source_port = 40000,
                                      .dest_port = 80 };
                fd.l4 = RTI_L4_TCP;
        }
        cr_assert_eq(rti_state_add_fd(&w->sys.state, TID, &fd), RT_OK);
}

static void
make_process(sys_world *w)
{
        const rti_proc_entry e = { .tid = TID,
                                   .pid = TID,
                                   .vtid = TID,
                                   .vpid = TID,
                                   .comm = TEXT("p"),
                                   .exe = TEXT("p"),
                                   .cwd = TEXT("/base/") };

        cr_assert_eq(sys_world_init(w), RT_OK);
        cr_assert_eq(rti_state_add_process(&w->sys.state, &e), RT_OK);
        add_fd(w, 0, RTI_FD_FILE, "/etc/passwd");
        add_fd(w, 1, RTI_FD_DIRECTORY, "/etc");
        add_fd(w, 2, RTI_FD_FIFO, "");
        add_fd(w, 3, RTI_FD_IPV4_SOCK, "10.0.0.1:40000->10.0.0.2:80");
        add_fd(w, 4, RTI_FD_IPV4_SERVER, "10.0.0.1:40000");
        add_fd(w, 5, RTI_FD_UNIX_SOCK, "1->2 /run/x");
        add_fd(w, 6, RTI_FD_FILE_V2, "top");
        add_fd(w, 8, RTI_FD_FILE_V2, "/top");
}

/* Descriptor 3 as connected from here: 10.0.0.1 is an address of this machine. */
static rti_fd *
connect_it(sys_world *w, uint32_t role)
{
        const rti_interface own = { .address = { 10, 0, 0, 1 }, .family = 4 };
        rti_fd *fd = rti_fds_find(rti_thread_fds(rti_threads_find(&w->sys.state.threads, TID)), 3);

        cr_assert_eq(rti_state_add_interface(&w->sys.state, &own), RT_OK);
        cr_assert(fd);
        fd->marks = (uint16_t) (role | RTI_FDM_CONNECTED);
        return fd;
}

struct row {
        char field[30];
        int num;
        char text[60];
};

ParameterizedTestParameters(fields_fd, show_their_object)
{
        static struct row rows[] = {
                { "fd.num", 0, "0" },
                { "fd.type", 0, "file" },
                { "fd.type", 6, "file" },
                { "fd.type", 1, "directory" },
                { "fd.type", 2, "pipe" },
                { "fd.type", 4, "ipv4" },
                { "fd.typechar", 0, "f" },
                { "fd.typechar", 2, "p" },
                { "fd.typechar", 4, "4" },
                { "fd.name", 0, "/etc/passwd" },
                { "fd.name", 2, "" },
                { "fd.nameraw", 0, "" },
                { "fd.directory", 0, "/etc" },
                { "fd.directory", 1, "/etc" },
                { "fd.directory", 2, "-" },
                { "fd.directory", 3, "-" },
                { "fd.directory", 6, "/" },
                { "fd.directory", 8, "/" },
                { "fd.filename", 0, "passwd" },
                { "fd.filename", 1, "-" },
                { "fd.filename", 6, "/" },
                { "fd.filename", 8, "top" },
                { "fd.containername", 0, ":/etc/passwd" },
                { "fd.containerdirectory", 0, ":/etc" },
                { "fd.containerdirectory", 2, "-" },
                { "fd.uid", 3, "73" },
                { "fd.l4proto", 0, "<NA>" },
                { "fd.sockfamily", 0, "-" },
                { "fd.sockfamily", 3, "ip" },
                { "fd.sockfamily", 5, "unix" },
                { "fd.connected", 0, "false" },
                { "fd.is_server", 0, "false" },
                { "fd.is_server", 4, "true" },
                { "fd.cip", 0, "-" },
                { "fd.cip", 4, "-" },
                { "fd.sip", 4, "10.0.0.1" },
                { "fd.sport", 4, "40000" },
                { "fd.sproto", 4, "" },
                { "fd.lport", 4, "-" },
                { "fd.ip*", 4, "(10.0.0.1)" },
                { "fd.ip*", 0, "()" },
                { "fd.net*", 3, "(10.0.0.1,10.0.0.2)" },
                { "fd.port*", 3, "(40000,80)" },
                { "fd.proto*", 3, "(40000,80)" },
                { "fd.ip", 3, "-" },
                { "fd.cip.name", 3, "-" },
                { "fd.types[2]", 0, "(pipe)" },
                { "fd.types[77]", 0, "-" },
                { "fd.types", 0, "(file,directory,pipe,ipv4,unix)" },
        };

        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, fields_fd, show_their_object)
{
        sys_world w;

        make_process(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, row->num);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->text, "%s of %d: %s", row->field,
                         row->num, w.text.ptr);
        sys_world_done(&w);
}

struct socket {
        char field[30];
        char client[20], server[20], unknown[20];
};

ParameterizedTestParameters(fields_fd, tell_client_from_server)
{
        static struct socket rows[] = {
                { "fd.cip", "10.0.0.1", "10.0.0.1", "-" },
                { "fd.sip", "10.0.0.2", "10.0.0.2", "-" },
                { "fd.lip", "10.0.0.1", "10.0.0.1", "-" },
                { "fd.rip", "10.0.0.2", "10.0.0.2", "-" },
                { "fd.cport", "40000", "40000", "-" },
                { "fd.rport", "80", "80", "-" },
                { "fd.cproto", "40000", "40000", "-" },
                { "fd.rproto", "80", "80", "-" },
                { "fd.snet", "10.0.0.2", "10.0.0.2", "-" },
                { "fd.is_server", "false", "false", "false" },
                { "fd.l4proto", "tcp", "tcp", "<NA>" },
                { "fd.connected", "true", "true", "true" },
                { "fd.ip*", "(10.0.0.1,10.0.0.2)", "(10.0.0.1,10.0.0.2)", "(10.0.0.1,10.0.0.2)" },
        };

        return cr_make_param_array(struct socket, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct socket *row, fields_fd, tell_client_from_server)
{
        sys_world w;
        rti_fd *fd;

        make_process(&w);
        fd = connect_it(&w, RTI_FDM_ROLE_CLIENT);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, 3);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->client, "%s: %s", row->field,
                         w.text.ptr);
        fd->marks = RTI_FDM_ROLE_SERVER | RTI_FDM_CONNECTED;
        cr_expect_str_eq(sys_world_read(&w, row->field), row->server, "%s: %s", row->field,
                         w.text.ptr);
        fd->marks = RTI_FDM_CONNECTED;
        cr_expect_str_eq(sys_world_read(&w, row->field), row->unknown, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_done(&w);
}

Test(fields_fd, take_the_end_of_this_machine_for_local)
{
        sys_world w;
        rti_fd *fd;

        make_process(&w);
        fd = connect_it(&w, RTI_FDM_ROLE_SERVER);
        memcpy(fd->ends.ip.source, (uint8_t[]){ 10, 0, 0, 9 }, 4);
        memcpy(fd->ends.ip.dest, (uint8_t[]){ 10, 0, 0, 1 }, 4);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, 3);
        cr_expect_str_eq(sys_world_read(&w, "fd.lip"), "10.0.0.1");
        cr_expect_str_eq(sys_world_read(&w, "fd.lport"), "80");
        cr_expect_str_eq(sys_world_read(&w, "fd.rip"), "10.0.0.9");
        cr_expect_str_eq(sys_world_read(&w, "fd.is_server"), "true");
        sys_world_done(&w);
}

Test(fields_fd, are_missing_where_an_event_has_no_descriptor)
{
        static const char *const fields[] = { "fd.num", "fd.name", "fd.types", "fd.ip*",
                                              "fd.typechar" };
        sys_world w;

        make_process(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_GETUID_X, TID, INT64_MIN);
        for (size_t i = 0; i < RTI_COUNT(fields); i++)
                cr_expect_str_eq(sys_world_read(&w, fields[i]), "-", "%s", fields[i]);
        sys_world_done(&w);
}

struct nameless {
        char field[30];
        char opened[30], accepted[30], read[30];
};

ParameterizedTestParameters(fields_fd, take_the_name_from_the_event_without_an_object)
{
        static struct nameless rows[] = {
                { "fd.num", "-1", "-1", "-1" },
                { "fd.type", "-", "-", "-" },
                { "fd.typechar", "f", "4", "o" },
                { "fd.name", "/base/x/y", "NULL", "" },
                { "fd.nameraw", "/base/x/y", "NULL", "" },
                { "fd.directory", "/base/x", "/", "/" },
                { "fd.containername", ":/base/x/y", ":NULL", ":" },
                { "fd.containerdirectory", ":/base/x", ":/", ":/" },
                { "fd.filename", "-", "-", "-" },
                { "fd.ino", "-", "-", "-" },
                { "fd.l4proto", "-", "-", "-" },
                { "fd.ip*", "-", "-", "-" },
        };

        return cr_make_param_array(struct nameless, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct nameless *row, fields_fd, take_the_name_from_the_event_without_an_object)
{
        const int64_t here = RTI_AT_FDCWD;
        sys_world w;

        make_process(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_OPENAT_2_X, TID, -1);
        w.sys.evt.n_params = 3;
        w.sys.evt.param[1] = (rt_str){ (const char *) &here, sizeof here };
        w.sys.evt.param[2] = TEXT("x/y\0");
        cr_expect_str_eq(sys_world_read(&w, row->field), row->opened, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_event(&w, RTI_EV_SOCKET_ACCEPT_5_X, TID, -1);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->accepted, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, -1);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->read, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_done(&w);
}

/* It failed: -1 of its parameters is the result. */
static void
try_to_open(sys_world *w, rt_str path)
{
        static const int64_t here = RTI_AT_FDCWD, failed = -1;

        rti_arena_reset(&w->memory);
        w->sys.evt.type = RTI_EV_SYSCALL_OPENAT_2_X;
        w->sys.evt.info = &rti_events[RTI_EV_SYSCALL_OPENAT_2_X];
        w->sys.evt.tid = TID;
        w->sys.evt.n_params = 3;
        w->sys.evt.param[0] = (rt_str){ (const char *) &failed, sizeof failed };
        w->sys.evt.param[1] = (rt_str){ (const char *) &here, sizeof here };
        w->sys.evt.param[2] = path;
        cr_assert_eq(rti_state_apply(&w->sys.state, &w->sys.evt), RT_OK);
}

Test(fields_fd, put_a_name_together_once_an_event)
{
        sys_world w;
        size_t used;

        make_process(&w);
        try_to_open(&w, TEXT("x/../y\0"));
        cr_expect_str_eq(sys_world_read(&w, "fd.directory"), "/base");
        used = w.memory.used;
        cr_expect_str_eq(sys_world_read(&w, "fd.name"), "/base/y");
        cr_expect_str_eq(sys_world_read(&w, "fd.nameraw"), "/base/y");
        cr_expect_eq(w.memory.used, used);
        try_to_open(&w, TEXT("/other\0"));
        cr_expect_str_eq(sys_world_read(&w, "fd.name"), "/other");
        sys_world_done(&w);
}

Test(fields_fd, split_devices)
{
        sys_world w;

        make_process(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, 0);
        w.sys.evt.fd->dev = 0xca02;
        cr_expect_str_eq(sys_world_read(&w, "fd.dev.major"), "202");
        cr_expect_str_eq(sys_world_read(&w, "fd.dev.minor"), "2");
        w.sys.evt.fd->dev = 0x12345678;
        cr_expect_str_eq(sys_world_read(&w, "fd.dev.major"), "1110");
        cr_expect_str_eq(sys_world_read(&w, "fd.dev.minor"), "74616");
        sys_world_done(&w);
}

/* A list of @a n entries, of which @a given are there: 3, 99, 0, 3 ... */
static rt_str
make_list(char *to, uint16_t n, size_t given)
{
        static const int64_t nums[] = { 3, 99, 0, 2 };
        size_t at = sizeof n;

        memcpy(to, &n, sizeof n);
        for (size_t i = 0; i < given; i++, at += 10) {
                memcpy(to + at, &nums[i % RTI_COUNT(nums)], 8);
                memset(to + at + 8, 0, 2);
        }
        return (rt_str){ to, at };
}

static void
expect_list(sys_world *w, rt_str list, const char *field, const char *text)
{
        sys_world_event(w, RTI_EV_SYSCALL_POLL_X, TID, INT64_MIN);
        w->sys.evt.n_params = 2;
        w->sys.evt.param[1] = list;
        cr_expect_str_eq(sys_world_read(w, field), text, "%s: %s", field, w->text.ptr);
}

Test(fields_fd, list_what_is_polled)
{
        char room[100];
        sys_world w;
        rt_str list = make_list(room, 4, 4);

        make_process(&w);
        expect_list(&w, list, "fdlist.nums", "3,99,0,2");
        expect_list(&w, list, "fdlist.names", "10.0.0.1:40000->10.0.0.2:80,<NA>,/etc/passwd,<NA>");
        expect_list(&w, list, "fdlist.cips", "10.0.0.1");
        expect_list(&w, list, "fdlist.sips", "10.0.0.2");
        expect_list(&w, list, "fdlist.cports", "40000");
        expect_list(&w, list, "fdlist.sports", "80");
        expect_list(&w, make_list(room, 1, 0), "fdlist.nums", "-");
        expect_list(&w, make_list(room, 0, 0), "fdlist.nums", "-");
        sys_world_done(&w);
}

Test(fields_fd, trust_no_count_of_a_list)
{
        char room[100];
        sys_world w;
        rt_str list = make_list(room, UINT16_MAX, 2);

        make_process(&w);
        expect_list(&w, list, "fdlist.nums", "3,99");
        list.len--;
        expect_list(&w, list, "fdlist.nums", "3");
        list.len = 1;
        expect_list(&w, list, "fdlist.nums", "-");
        list.len = 0;
        expect_list(&w, list, "fdlist.nums", "-");
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, "fdlist.nums"), "-");
        sys_world_done(&w);
}

/* ---- containers ---- */

#define HEX "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e"

static const char metadata[] =
        "{\"container\":{\"type\":0,\"id\":\"3ad7b26ded6d\",\"full_id\":\"" HEX "\","
        "\"name\":\"web\",\"image\":\"nginx:1\",\"imagerepo\":\"nginx\",\"imagetag\":\"1\","
        "\"imageid\":\"0ca0\",\"imagedigest\":\"sha256:b9\",\"created_time\":3,"
        "\"ip\":\"10.0.0.2\",\"cni_json\":\"{}\",\"host_pid\":true,\"privileged\":true,"
        "\"is_pod_sandbox\":false,\"pod_sandbox_id\":\"123456789012345\","
        "\"labels\":{\"b\":\"2\",\"a\":\"\",\"io.kubernetes.pod.name\":\"p\"},"
        "\"pod_sandbox_labels\":{\"x\":\"y\"},"
        "\"Mounts\":[{\"Source\":\"/var/data\",\"Destination\":\"/data\",\"Mode\":\"rw\","
        "\"RW\":true,\"Propagation\":\"rprivate\"},{\"Source\":\"/s\",\"Destination\":\"/d\","
        "\"Mode\":\"\",\"RW\":false,\"Propagation\":\"\"}]}}";

struct container {
        char field[50];
        char text[120];
};

ParameterizedTestParameters(fields_fd, show_the_container_around)
{
        static struct container rows[] = {
                { "container.id", "3ad7b26ded6d" },
                { "container.full_id", HEX },
                { "container.name", "web" },
                { "container.type", "docker" },
                { "container.image", "nginx:1" },
                { "container.image.repository", "nginx" },
                { "container.image.tag", "1" },
                { "container.image.id", "0ca0" },
                { "container.image.digest", "sha256:b9" },
                { "container.privileged", "true" },
                { "container.host_pid", "true" },
                { "container.host_ipc", "false" },
                { "container.ip", "10.0.0.2" },
                { "container.cni.json", "{}" },
                { "container.start_ts", "3000000000" },
                { "container.duration", "4000000000" },
                { "container.mounts", "/var/data:/data:rw:true:rprivate,/s:/d::false:" },
                { "container.mount[0]", "/var/data:/data:rw:true:rprivate" },
                { "container.mount[2]", "-" },
                { "container.mount[/var/*]", "/var/data:/data:rw:true:rprivate" },
                { "container.mount[/data]", "-" },
                { "container.mount.source[/d]", "/s" },
                { "container.mount.source[/s]", "-" },
                { "container.mount.dest[/s]", "/d" },
                { "container.mount.mode[0]", "rw" },
                { "container.mount.rdwr[1]", "false" },
                { "container.mount.propagation[0]", "rprivate" },
                { "container.label[b]", "2" },
                { "container.label[a]", "" },
                { "container.label[c]", "-" },
                { "container.labels", "a, b:2, io.kubernetes.pod.name:p" },
                { "container.healthcheck", "-" },
                { "k8s.pod.name", "p" },
                { "k8s.ns.name", "-" },
                { "k8s.pod.uid", "-" },
                { "k8s.pod.sandbox_id", "123456789012" },
                { "k8s.pod.full_sandbox_id", "123456789012345" },
                { "k8s.pod.label[x]", "y" },
                { "k8s.pod.labels", "x:y" },
                { "k8s.pod.ip", "" },
                { "k8s.svc.name", "-" },
                { "proc.is_container_healthcheck", "-" },
                { "fd.containername", "3ad7b26ded6d:10.0.0.1:40000->10.0.0.2:80" },
                { "fd.is_server", "true" },
                { "fd.lip", "10.0.0.2" },
                { "user.name", "root" },
        };

        return cr_make_param_array(struct container, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct container *row, fields_fd, show_the_container_around)
{
        sys_world w;
        const rti_proc_entry e = { .tid = TID,
                                   .pid = TID,
                                   .vtid = 1,
                                   .vpid = 1,
                                   .comm = TEXT("p"),
                                   .pidns_init_start_ns = 3000000000,
                                   .cgroups = TEXT("cpu=/docker/" HEX "\0") };

        cr_assert_eq(sys_world_init(&w), RT_OK);
        cr_assert_eq(rti_state_add_process(&w.sys.state, &e), RT_OK);
        add_fd(&w, 3, RTI_FD_IPV4_SOCK, "10.0.0.1:40000->10.0.0.2:80");
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, TID, 3);
        cr_assert(w.sys.evt.fd);
        w.sys.evt.fd->marks = RTI_FDM_ROLE_SERVER;
        w.sys.evt.time_ns = 7000000000;
        cr_expect_str_eq(sys_world_read(&w, "container.id"), "3ad7b26ded6d");
        cr_expect_str_eq(sys_world_read(&w, "container.name"), "-", "nothing was told yet");
        cr_assert_eq(rti_containers_learn(&w.sys.state.containers, rti_str_of(metadata)), RT_OK);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->text, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_done(&w);
}
