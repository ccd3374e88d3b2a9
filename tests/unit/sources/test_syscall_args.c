/* SPDX-License-Identifier: Apache-2.0 */
/* How parameters of system call events print: every type, hostile lengths. */
#include "support/sysevt.h"
#include <criterion/parameterized.h>

static sysevt e;

static void
setup(void)
{
        sysevt_init(&e);
}

static void
teardown(void)
{
        sysevt_done(&e);
}

TestSuite(syscall_args, .init = setup, .fini = teardown);

/* Texts of parameter @a param: "value" or "value(resolved)", as evt.args puts them. */
static const char *
show(uint32_t param)
{
        static char text[4096];
        rt_str value, resolved;

        cr_assert_eq(rti_arg_render(&e.sys, &e.event, param, &value, &resolved), RT_OK);
        cr_assert_null(value.len ? memchr(value.ptr, 0, value.len) : NULL);
        if (resolved.ptr)
                snprintf(text, sizeof text, "%.*s(%.*s)", RTI_FMT(value), RTI_FMT(resolved));
        else
                snprintf(text, sizeof text, "%.*s", RTI_FMT(value));
        return text;
}

struct number_row {
        uint16_t type;
        uint8_t param, size;
        int64_t number;
        char text[80];
};

/* Parameters that are numbers, by the events that have them. */
ParameterizedTestParameters(syscall_args, numbers)
{
        static struct number_row rows[] = {
                { RTI_EV_SYSCALL_OPENAT_2_X, 0, 8, -2, "-2(ENOENT)" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 0, 8, 4, "4" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 1, 8, -100, "-100(AT_FDCWD)" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 3, 4, 3, "3(O_RDWR)" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 3, 4, 0, "0(O_NONE)" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 3, 4, 4160, "4160(O_NONBLOCK|O_CLOEXEC)" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 3, 4, 0x80000000, "2147483648" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 3, 2, 3, "<NA>" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 3, 8, 3, "<NA>" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 4, 4, 0666, "0666" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 4, 4, 0, "0" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 5, 4, 0xfe00, "FE00" },
                { RTI_EV_SYSCALL_OPENAT_2_X, 6, 8, -1, "-1" },
                { RTI_EV_SYSCALL_READ_X, 0, 8, -11, "-11(EAGAIN)" },
                { RTI_EV_SYSCALL_READ_X, 0, 8, -95, "-95(EOPNOTSUPP)" },
                { RTI_EV_SYSCALL_READ_X, 0, 8, -512, "-512(ERESTARTSYS)" },
                { RTI_EV_SYSCALL_READ_X, 0, 8, -100000, "-100000" },
                { RTI_EV_SYSCALL_READ_X, 0, 8, INT64_MIN, "-9223372036854775808" },
                { RTI_EV_SYSCALL_READ_X, 3, 4, 0xffffffff, "-1" },
                { RTI_EV_SYSCALL_MMAP_X, 0, 8, -12, "-12(ENOMEM)" },
                { RTI_EV_SYSCALL_MMAP_X, 0, 8, 0x7f, "127" },
                { RTI_EV_SYSCALL_MMAP_X, 4, 8, 0x7fadda814a4c, "7FADDA814A4C" },
                { RTI_EV_SYSCALL_MMAP_X, 6, 4, 0, "0(PROT_NONE)" },
                { RTI_EV_SYSCALL_MMAP_X, 6, 4, 3, "3(PROT_READ|PROT_WRITE)" },
                { RTI_EV_SYSCALL_CHMOD_X, 2, 4, 0, "0" },
                { RTI_EV_SYSCALL_CHMOD_X, 2, 4, 0400, "0400(S_IRUSR)" },
                { RTI_EV_SYSCALL_MKNOD_X, 2, 4, 060000, "060000(S_IFCHR|S_IFBLK)" },
                { RTI_EV_SOCKET_SOCKET_X, 1, 4, 1, "1(AF_LOCAL|AF_UNIX)" },
                { RTI_EV_SOCKET_SOCKET_X, 1, 4, 16, "16(AF_ROUTE|AF_NETLINK)" },
                { RTI_EV_SOCKET_SOCKET_X, 1, 4, 77, "77" },
                { RTI_EV_SOCKET_SOCKET_X, 2, 4, 524289, "524289" },
                { RTI_EV_SYSCALL_PRCTL_X, 1, 4, 33, "33(PR_MCE_KILL|PR_MCE_KILL)" },
                { RTI_EV_SYSCALL_KILL_X, 2, 1, 9, "9(SIGKILL)" },
                { RTI_EV_SYSCALL_KILL_X, 2, 1, 0, "0" },
                { RTI_EV_SYSCALL_KILL_X, 1, 8, 10, "10(bash)" },
                { RTI_EV_SYSCALL_KILL_X, 1, 8, 11, "11" },
                { RTI_EV_SYSCALL_KILL_X, 1, 8, -2, "-2" },
                { RTI_EV_SYSCALL_GETUID_X, 0, 4, 0xffffffff, "-1(<NONE>)" },
                { RTI_EV_SYSCALL_GETUID_X, 0, 4, 4711, "4711(<NA>)" },
                { RTI_EV_SYSCALL_GETUID_X, 0, 4, 33, "33(www-data)" },
                { RTI_EV_SYSCALL_GETGID_X, 0, 4, 34, "34(wheel)" },
                { RTI_EV_GENERIC_X, 0, 2, 3, "3(read)" },
                { RTI_EV_GENERIC_X, 0, 2, 0, "0(unknown)" },
                { RTI_EV_GENERIC_X, 0, 2, 65535, "65535" },
                { RTI_EV_SYSCALL_SIGNALFD4_X, 0, 8, -22, "-22(EINVAL)" },
                { RTI_EV_SYSCALL_NANOSLEEP_X, 1, 8, 1500000000, "1500000000(1.5s)" },
                { RTI_EV_SYSCALL_NANOSLEEP_X, 1, 8, 0, "0(0s)" },
                { RTI_EV_SYSCALL_NANOSLEEP_X, 1, 8, 10000, "10000(1e-05s)" },
                { RTI_EV_SYSCALL_NANOSLEEP_X, 1, 8, 1234567890123, "1234567890123(1234.57s)" },
                { RTI_EV_SYSCALL_NANOSLEEP_X, 1, 8, -1, "none" },
                { RTI_EV_SYSCALL_EXECVE_19_X, 24, 8, 1700000000000000001,
                  "2023-11-14 22:13:20.000000001" },
        };
        return cr_make_param_array(struct number_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct number_row *row, syscall_args, numbers)
{
        rti_users *users = &e.sys.state.users;

        setenv("TZ", "UTC", 1);
        cr_assert_eq(rti_users_add(users, &rti_alloc_default, RTI_STR(""),
                                   &(rti_user_entry){ 33, 33, RTI_STR("www-data"), RTI_STR(""),
                                                      RTI_STR("") }),
                     RT_OK);
        cr_assert_eq(
                rti_users_add_group(users, &rti_alloc_default, RTI_STR(""), 34, RTI_STR("wheel")),
                RT_OK);
        sysevt_begin(&e, row->type);
        sysevt_put(&e, row->param, &row->number, row->size);
        cr_expect_str_eq(show(row->param), row->text, "%s %u: %s",
                         rti_event_name(&rti_events[row->type]), row->param, show(row->param));
}

Test(syscall_args, a_descriptor_shows_its_kind_protocol_and_name)
{
        rti_fd *socket;

        sysevt_fd(&e, 3, RTI_FD_FILE_V2, "/etc/passwd");
        socket = sysevt_fd(&e, 4, RTI_FD_IPV4_SOCK, "1.2.3.4:5->6.7.8.9:10");
        socket->l4 = RTI_L4_TCP;
        sysevt_fd(&e, 5, RTI_FD_IPV6_SOCK, "")->l4 = RTI_L4_NA;
        sysevt_fd(&e, 6, RTI_FD_UNIX_SOCK, "")->l4 = RTI_L4_TCP;
        sysevt_begin(&e, RTI_EV_SYSCALL_CLOSE_X);
        sysevt_i64(&e, 1, 3);
        cr_expect_str_eq(show(1), "3(<f>/etc/passwd)");
        sysevt_i64(&e, 1, 4);
        cr_expect_str_eq(show(1), "4(<4>1.2.3.4:5->6.7.8.9:10)");
        socket->marks = RTI_FDM_ROLE_SERVER;
        cr_expect_str_eq(show(1), "4(<4t>1.2.3.4:5->6.7.8.9:10)");
        sysevt_i64(&e, 1, 5);
        cr_expect_str_eq(show(1), "5(<6>)");
        sysevt_i64(&e, 1, 6);
        cr_expect_str_eq(show(1), "6(<u>)");
        sysevt_i64(&e, 1, 7);
        cr_expect_str_eq(show(1), "7");
        sysevt_i64(&e, 1, -1);
        cr_expect_str_eq(show(1), "-1(EPERM)");
}

Test(syscall_args, no_bytes_mean_no_value)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_READ_X);
        cr_expect_str_eq(show(0), "<NA>");
        cr_expect_str_eq(show(1), "NULL");
        sysevt_begin(&e, RTI_EV_SOCKET_CONNECT_X);
        cr_expect_str_eq(show(1), "NULL");
        cr_expect_str_eq(show(3), "<NA>");
        sysevt_begin(&e, RTI_EV_SYSCALL_POLL_X);
        cr_expect_str_eq(show(1), "NULL");
        sysevt_begin(&e, RTI_EV_SYSCALL_PTRACE_X);
        cr_expect_str_eq(show(1), "NULL");
        sysevt_begin(&e, RTI_EV_SYSCALL_OPEN_X);
        cr_expect_str_eq(show(1), "<NA>");
}

Test(syscall_args, a_relative_path_shows_where_it_leads)
{
        sysevt_fd(&e, 5, RTI_FD_DIRECTORY, "/etc");
        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        sysevt_i64(&e, 1, 5);
        sysevt_text(&e, 2, "rc2.d");
        cr_expect_str_eq(show(2), "rc2.d(/etc/rc2.d)");
        sysevt_i64(&e, 1, -100);
        cr_expect_str_eq(show(2), "rc2.d(/home/rc2.d)");
        sysevt_i64(&e, 1, 77);
        cr_expect_str_eq(show(2), "rc2.d(<UNKNOWN>rc2.d)");
        sysevt_text(&e, 2, "/rc2.d");
        cr_expect_str_eq(show(2), "/rc2.d");
        sysevt_text(&e, 2, "");
        cr_expect_str_eq(show(2), "");
        sysevt_put(&e, 2, "a", 1); /* without its NUL */
        cr_expect_str_eq(show(2), "a(<UNKNOWN>a)");
        sysevt_begin(&e, RTI_EV_SYSCALL_MKDIR_2_X);
        sysevt_text(&e, 1, "../x");
        cr_expect_str_eq(show(1), "../x(/x)");
}

Test(syscall_args, bytes_print_with_dots)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_READ_X);
        sysevt_put(&e, 1, "a\0b\x7f\xff~ ", 7);
        cr_expect_str_eq(show(1), "a.b..~ ");
}

Test(syscall_args, what_old_writers_put_for_no_text_reads_as_none)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_EXECVE_19_X);
        sysevt_text(&e, 1, "(NULL)");
        cr_expect_str_eq(show(1), "<NA>");
        sysevt_text(&e, 27, "(NULL)");
        cr_expect_str_eq(show(27), "<NA>");
        sysevt_text(&e, 1, "x");
        cr_expect_str_eq(show(1), "x");
}

Test(syscall_args, a_dynamic_value_prints_as_its_selector_says)
{
        const unsigned char signal[] = { 1, 15 }, address[] = { 0, 0xef, 0xbe, 0, 0, 0, 0, 0, 0 };
        const unsigned char text[] = { 1, 'a', 'b', 0 }, unknown[] = { 9, 1 }, bare[] = { 0 };

        sysevt_begin(&e, RTI_EV_SYSCALL_PTRACE_X);
        sysevt_put(&e, 1, signal, sizeof signal);
        cr_expect_str_eq(show(1), "15(SIGTERM)");
        sysevt_put(&e, 1, address, sizeof address);
        cr_expect_str_eq(show(1), "BEEF");
        sysevt_put(&e, 1, unknown, sizeof unknown);
        cr_expect_str_eq(show(1), "INVALID DYNAMIC PARAMETER");
        sysevt_put(&e, 1, bare, sizeof bare);
        cr_expect_str_eq(show(1), "<NA>");
        sysevt_begin(&e, RTI_EV_SYSCALL_KEYCTL_X);
        sysevt_put(&e, 2, text, sizeof text);
        cr_expect_str_eq(show(2), "ab");
}

Test(syscall_args, addresses_print_with_ports)
{
        const unsigned char inet[] = { 2, 127, 0, 0, 1, 0x50, 0 };
        const unsigned char unix_address[] = "\x01/run/x";
        const unsigned char netlink[] = { 16, 1, 2, 3 };

        sysevt_begin(&e, RTI_EV_SOCKET_BIND_X);
        sysevt_put(&e, 1, inet, sizeof inet);
        cr_expect_str_eq(show(1), "127.0.0.1:80");
        sysevt_put(&e, 1, unix_address, sizeof unix_address);
        cr_expect_str_eq(show(1), "/run/x");
        sysevt_put(&e, 1, netlink, sizeof netlink);
        cr_expect_str_eq(show(1), "family 16");
}

Test(syscall_args, tuples_print_both_ends)
{
        const unsigned char inet[] = { 2, 127, 0, 0, 1, 0x50, 0, 10, 0, 0, 1, 0xbb, 1 };
        const unsigned char other[] = { 17, 0 };

        sysevt_begin(&e, RTI_EV_SOCKET_CONNECT_X);
        sysevt_put(&e, 1, inet, sizeof inet);
        cr_expect_str_eq(show(1), "127.0.0.1:80->10.0.0.1:443");
        sysevt_put(&e, 1, other, sizeof other);
        cr_expect_str_eq(show(1), "family 17");
}

Test(syscall_args, lists_of_descriptors_show_kinds_and_flags)
{
        const unsigned char list[] = { 2, 0, 8, 0, 0, 0, 0, 0, 0, 0,    0x21,
                                       0, 9, 0, 0, 0, 0, 0, 0, 0, 0x41, 0 };
        const unsigned char none[] = { 0, 0 }, cut[] = { 9, 0, 8, 0 };

        sysevt_fd(&e, 8, RTI_FD_IPV4_SOCK, "");
        sysevt_begin(&e, RTI_EV_SYSCALL_POLL_X);
        sysevt_put(&e, 1, list, sizeof list);
        cr_expect_str_eq(show(1), "8:421 9:?41");
        sysevt_put(&e, 1, none, sizeof none);
        cr_expect_str_eq(show(1), "");
        sysevt_put(&e, 1, cut, sizeof cut);
        cr_expect_str_eq(show(1), "");
        sysevt_put(&e, 1, "x", 1);
        cr_expect_str_eq(show(1), "");
}

Test(syscall_args, sets_of_signals_print_names_alone)
{
        uint32_t param = 0;

        sysevt_begin(&e, RTI_EV_SYSCALL_PPOLL_X);
        while (rti_event_params(e.sys.evt.info)[param].type != RTI_PT_SIGSET)
                cr_assert_lt(++param, e.sys.evt.n_params);
        sysevt_u32(&e, param, 1 << 0 | 1 << 8);
        cr_expect_str_eq(show(param), "SIGHUP SIGKILL");
        sysevt_u32(&e, param, 0);
        cr_expect_str_eq(show(param), "");
        sysevt_u32(&e, param, 1u << 31);
        cr_expect_str_eq(show(param), "");
}

Test(syscall_args, all_arguments_stand_in_one_line)
{
        sysevt_fd(&e, 3, RTI_FD_FILE, "/home/x");
        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        sysevt_i64(&e, 0, 3);
        sysevt_i64(&e, 1, -100);
        sysevt_text(&e, 2, "x");
        sysevt_u32(&e, 3, 1);
        sysevt_u32(&e, 4, 0);
        sysevt_u32(&e, 5, 0xfe00);
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARGS, NULL),
                         "fd=3(<f>/home/x) dirfd=-100(AT_FDCWD) name=x(/home/x) flags=1(O_RDONLY) "
                         "mode=0 dev=FE00 ino=<NA>");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "flags"), "O_RDONLY");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "mode"), "0");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "path"), "-");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "0"), "<f>/home/x");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "6"), "<NA>");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "7"), "-");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_RAWARG, "flags"), "1");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_RAWARG, "name"), "x");
        sysevt_begin(&e, RTI_EV_GENERIC_X);
        sysevt_put(&e, 0, "\x03", 2);
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARGS, NULL), "");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "ID"), "read");
}

Test(syscall_args, raw_values_are_of_the_kind_and_format_that_the_event_has)
{
        rt_value value;

        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        sysevt_u32(&e, 5, 0xfe00);
        cr_assert_eq(sysevt_read(&e, RTI_SYS_EVT_RAWARG, "dev", &value), 1);
        cr_expect_eq(value.kind, RT_KIND_UINT32);
        cr_expect_eq(value.count, RT_FORMAT_HEX);
        cr_expect_eq(value.as.u, 0xfe00);
        cr_assert_eq(sysevt_read(&e, RTI_SYS_EVT_RAWARG, "ino", &value), 0);
        sysevt_begin(&e, RTI_EV_SYSCALL_BRK_4_X);
        sysevt_i64(&e, 0, -1);
        cr_assert_eq(sysevt_read(&e, RTI_SYS_EVT_RAWARG, "res", &value), 1);
        cr_expect_eq(value.kind, RT_KIND_UINT64);
        cr_expect_eq(value.count, RT_FORMAT_HEX);
        sysevt_begin(&e, RTI_EV_SYSCALL_READ_X);
        sysevt_i64(&e, 0, -2);
        sysevt_put(&e, 1, "a\0b", 3);
        cr_assert_eq(sysevt_read(&e, RTI_SYS_EVT_RAWARG, "res", &value), 1);
        cr_expect_eq(value.kind, RT_KIND_INT64);
        cr_expect_eq(value.as.i, -2);
        cr_assert_eq(sysevt_read(&e, RTI_SYS_EVT_RAWARG, "data", &value), 1);
        cr_expect_eq(value.as.s.len, 3);
        sysevt_put(&e, 0, "abc", 3);
        cr_assert_eq(sysevt_read(&e, RTI_SYS_EVT_RAWARG, "res", &value), 0);
}

Test(syscall_args, parameters_that_the_event_does_not_carry_are_missing)
{
        sysevt_begin(&e, RTI_EV_SOCKET_SETSOCKOPT_X);
        e.sys.evt.n_params = 1;
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARGS, NULL), "res=<NA>");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "res"), "<NA>");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_ARG, "fd"), "-");
        cr_expect_str_eq(sysevt_show(&e, RTI_SYS_EVT_RAWARG, "fd"), "-");
}

Test(syscall_args, random_bytes_print_without_nul)
{
        uint64_t seed = 0x9e3779b97f4a7c15;
        unsigned char bytes[300];

        for (uint32_t round = 0; round < 40; round++)
                for (uint16_t type = 0; type < RTI_N_EVENT_CODES; type++) {
                        sysevt_begin(&e, type);
                        for (uint32_t i = 0; i < e.sys.evt.n_params; i++) {
                                size_t len;

                                seed = seed * 6364136223846793005 + 1442695040888963407;
                                len = seed >> 60 < 8 ? (seed >> 40) % 20 : (seed >> 40) % 290;
                                for (size_t k = 0; k < len; k++) {
                                        seed = seed * 6364136223846793005 + 1442695040888963407;
                                        bytes[k] = (unsigned char) (seed >> 33 & 7 ? seed >> 40
                                                                                   : seed >> 61);
                                }
                                sysevt_put(&e, i, bytes, len);
                                show(i);
                        }
                        e.sys.evt.n_params -= round % 3 ? 0 : e.sys.evt.n_params / 2;
                        cr_assert_neq(strcmp(sysevt_show(&e, RTI_SYS_EVT_ARGS, NULL), "error"), 0);
                        for (uint32_t field = 0; field <= RTI_SYS_EVT_IS_OPEN_CREATE; field++)
                                sysevt_show(&e, field, NULL);
                        for (uint32_t field = RTI_SYS_FS_PATH_NAME; field <= RTI_SYS_UTIL_CNT;
                             field++)
                                sysevt_show(&e, field, NULL);
                }
}
