/* SPDX-License-Identifier: Apache-2.0 */
/* The fields evt.* and fs.path.* of system call events. */
#include "support/sysevt.h"

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

TestSuite(syscall_evt, .init = setup, .fini = teardown);

static void
expect(enum rti_sys_field field, const char *key, const char *text)
{
        const char *shown = sysevt_show(&e, field, key);

        cr_expect_str_eq(shown, text, "field %d: %s, not %s", (int) field, shown, text);
}

Test(syscall_evt, the_result_is_the_first_parameter_whatever_its_name)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_GETUID_X);
        sysevt_u32(&e, 0, 1000);
        expect(RTI_SYS_EVT_RES, NULL, "SUCCESS");
        expect(RTI_SYS_EVT_RAWRES, NULL, "1000");
        expect(RTI_SYS_EVT_FAILED, NULL, "0");
        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        sysevt_i64(&e, 0, -2);
        expect(RTI_SYS_EVT_RES, NULL, "ENOENT");
        expect(RTI_SYS_EVT_RAWRES, NULL, "-2");
        expect(RTI_SYS_EVT_FAILED, NULL, "1");
        expect(RTI_SYS_EVT_COUNT_ERROR, NULL, "1");
        expect(RTI_SYS_EVT_COUNT_ERROR_FILE, NULL, "1");
        expect(RTI_SYS_EVT_COUNT_ERROR_NET, NULL, "-");
        expect(RTI_SYS_EVT_COUNT_ERROR_OTHER, NULL, "-");
}

Test(syscall_evt, enter_and_generic_events_have_no_result)
{
        static const uint16_t types[] = { RTI_EV_GENERIC_X, RTI_EV_SYSCALL_OPEN_E,
                                          RTI_EV_PROCINFO_E };

        for (size_t i = 0; i < RTI_COUNT(types); i++) {
                sysevt_begin(&e, types[i]);
                sysevt_i64(&e, 0, -1);
                expect(RTI_SYS_EVT_RES, NULL, "-");
                expect(RTI_SYS_EVT_RAWRES, NULL, "-");
                expect(RTI_SYS_EVT_FAILED, NULL, "-");
                expect(RTI_SYS_EVT_COUNT_ERROR_OTHER, NULL, "-");
        }
}

Test(syscall_evt, generic_events_have_the_name_of_their_system_call)
{
        sysevt_begin(&e, RTI_EV_GENERIC_X);
        sysevt_put(&e, 0, "\x0b", 2);
        expect(RTI_SYS_EVT_TYPE, NULL, "time");
        expect(RTI_SYS_SYSCALL_TYPE, NULL, "time");
        expect(RTI_SYS_EVT_TYPE_IS, "time", "1");
        expect(RTI_SYS_EVT_TYPE_IS, "read", "0");
        sysevt_put(&e, 0, "\0", 2);
        expect(RTI_SYS_EVT_TYPE, NULL, "unknown");
#ifdef __x86_64__
        sysevt_put(&e, 1, "\xdd", 2);
        expect(RTI_SYS_EVT_TYPE, NULL, "fadvise64");
        e.sys.state.live = true;
        expect(RTI_SYS_EVT_TYPE, NULL, "unknown");
#endif
}

Test(syscall_evt, asynchronous_events_have_the_name_they_were_given)
{
        sysevt_begin(&e, RTI_EV_ASYNCEVENT_E);
        sysevt_text(&e, 1, "container");
        expect(RTI_SYS_EVT_TYPE, NULL, "container");
        expect(RTI_SYS_SYSCALL_TYPE, NULL, "-");
        expect(RTI_SYS_EVT_DIR, NULL, ">");
        expect(RTI_SYS_EVT_COUNT_EXIT, NULL, "-");
}

Test(syscall_evt, a_type_is_also_known_by_its_code)
{
        rti_sys_slot slot = { .field = RTI_SYS_EVT_TYPE_IS };
        rt_value value;

        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        cr_assert_eq(
                rti_prepare_evt(&(rt_slot_desc){ .arg = RT_ARG_KEY, .key = RTI_STR("307") }, &slot),
                RT_OK);
        cr_assert_eq(slot.read(&e.sys, &e.event, &slot, &value), 1);
        cr_assert_eq(value.as.u, 1);
        sysevt_begin(&e, RTI_EV_SYSCALL_OPEN_X);
        cr_assert_eq(slot.read(&e.sys, &e.event, &slot, &value), 1);
        cr_assert_eq(value.as.u, 0);
}

Test(syscall_evt, input_and_output_are_of_the_descriptors_category)
{
        static const struct {
                uint8_t kind;
                const char *text;
        } kinds[] = {
                { RTI_FD_FILE_V2, "file" },  { RTI_FD_DIRECTORY, "file" },
                { RTI_FD_IPV6_SOCK, "net" }, { RTI_FD_UNIX_SOCK, "ipc" },
                { RTI_FD_FIFO, "ipc" },      { RTI_FD_TIMERFD, "unknown" },
        };

        sysevt_begin(&e, RTI_EV_SYSCALL_READ_X);
        expect(RTI_SYS_EVT_CATEGORY, NULL, "unknown");
        for (size_t i = 0; i < RTI_COUNT(kinds); i++) {
                e.sys.evt.fd = sysevt_fd(&e, 3, kinds[i].kind, "x");
                expect(RTI_SYS_EVT_CATEGORY, NULL, kinds[i].text);
        }
        sysevt_begin(&e, RTI_EV_SYSCALL_PIPE_X);
        expect(RTI_SYS_EVT_CATEGORY, NULL, "IPC");
}

Test(syscall_evt, sizes_are_those_of_what_was_read_or_written)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_READ_X);
        sysevt_i64(&e, 0, 5);
        sysevt_put(&e, 1, "a\0b", 3);
        expect(RTI_SYS_EVT_BUFLEN, NULL, "-");
        e.sys.evt.fd = sysevt_fd(&e, 3, RTI_FD_FILE, "x");
        expect(RTI_SYS_EVT_BUFLEN, NULL, "5");
        expect(RTI_SYS_EVT_BUFLEN_IN, NULL, "5");
        expect(RTI_SYS_EVT_BUFLEN_OUT, NULL, "-");
        expect(RTI_SYS_EVT_BUFLEN_FILE_IN, NULL, "5");
        expect(RTI_SYS_EVT_BUFLEN_NET, NULL, "-");
        expect(RTI_SYS_EVT_IS_IO_READ, NULL, "1");
        expect(RTI_SYS_EVT_IS_IO_WRITE, NULL, "0");
        expect(RTI_SYS_EVT_IO_DIR, NULL, "read");
        sysevt_i64(&e, 0, -5);
        expect(RTI_SYS_EVT_BUFLEN, NULL, "-");
        expect(RTI_SYS_EVT_BUFFER, NULL, "a");
        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        expect(RTI_SYS_EVT_BUFFER, NULL, "-");
        expect(RTI_SYS_EVT_IO_DIR, NULL, "-");
}

static void
open_with(int64_t fd, uint32_t flags, uint32_t mode)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        sysevt_i64(&e, 0, fd);
        sysevt_u32(&e, 3, flags);
        sysevt_u32(&e, 4, mode);
}

Test(syscall_evt, opening_is_told_by_the_flags)
{
        open_with(3, 3, 0);
        expect(RTI_SYS_EVT_IS_OPEN_READ, NULL, "1");
        expect(RTI_SYS_EVT_IS_OPEN_WRITE, NULL, "1");
        expect(RTI_SYS_EVT_IS_OPEN_CREATE, NULL, "0");
        open_with(3, 2 | 4, 0755);
        expect(RTI_SYS_EVT_IS_OPEN_READ, NULL, "0");
        expect(RTI_SYS_EVT_IS_OPEN_EXEC, NULL, "1");
        open_with(3, 2, 0755);
        expect(RTI_SYS_EVT_IS_OPEN_EXEC, NULL, "0");
        open_with(3, 1 << 13, 0);
        expect(RTI_SYS_EVT_IS_OPEN_CREATE, NULL, "1");
        open_with(-2, 1 << 13, 0);
        expect(RTI_SYS_EVT_IS_OPEN_CREATE, NULL, "0");
        open_with(-2, 1 << 14, 0);
        expect(RTI_SYS_EVT_IS_OPEN_CREATE, NULL, "1");
        sysevt_begin(&e, RTI_EV_SYSCALL_CLOSE_X);
        expect(RTI_SYS_EVT_IS_OPEN_READ, NULL, "0");
        sysevt_begin(&e, RTI_EV_SYSCALL_CREAT_X);
        sysevt_u32(&e, 2, 0111);
        expect(RTI_SYS_EVT_IS_OPEN_EXEC, NULL, "1");
}

Test(syscall_evt, the_time_since_a_field_was_read_last_is_kept_by_each_use)
{
        rti_sys_slot slot = { .field = RTI_SYS_EVT_DELTATIME }, other = slot;
        rt_value value;

        cr_assert_eq(rti_prepare_evt(&(rt_slot_desc){ .output = 1 }, &slot), RT_OK);
        cr_assert_eq(rti_prepare_evt(&(rt_slot_desc){ .output = 0 }, &other), RT_OK);
        sysevt_begin(&e, RTI_EV_SYSCALL_CLOSE_X);
        e.sys.evt.time_ns = 1000;
        cr_assert_eq(slot.read(&e.sys, &e.event, &slot, &value), 1);
        cr_expect_eq(value.as.u, 0);
        e.sys.evt.time_ns = 1700;
        cr_assert_eq(slot.read(&e.sys, &e.event, &slot, &value), 1);
        cr_expect_eq(value.as.u, 700);
        cr_assert_eq(other.read(&e.sys, &e.event, &other, &value), 1);
        cr_expect_eq(value.as.u, 0);
}

Test(syscall_evt, distance_is_in_whole_milliseconds_rounded_up)
{
        rti_sys_slot slot = { .field = RTI_SYS_EVT_AROUND, .index = 5000000 };
        rt_value value;

        sysevt_begin(&e, RTI_EV_SYSCALL_CLOSE_X);
        cr_assert_eq(rti_prepare_evt(&(rt_slot_desc){ .arg = RT_ARG_INDEX }, &slot), RT_OK);
        for (uint64_t ns = 2999999; ns <= 7000001; ns++) {
                const uint64_t distance = ns > 5000000 ? ns - 5000000 : 5000000 - ns;

                e.sys.evt.time_ns = ns;
                cr_assert_eq(slot.read(&e.sys, &e.event, &slot, &value), 1);
                cr_assert_eq(value.as.u, (distance + 999999) / 1000000);
                ns += ns % 1000000 > 2 && ns % 1000000 < 999990 ? 9973 : 0;
        }
}

Test(syscall_evt, paths_of_failed_opens_exist_those_of_other_failures_do_not)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_OPENAT_2_X);
        sysevt_i64(&e, 0, -2);
        sysevt_i64(&e, 1, -100);
        sysevt_text(&e, 2, "a/../b");
        expect(RTI_SYS_FS_PATH_NAME, NULL, "/home/b");
        expect(RTI_SYS_FS_PATH_NAMERAW, NULL, "a/../b");
        expect(RTI_SYS_FS_PATH_SOURCE, NULL, "-");
        expect(RTI_SYS_EVT_ABSPATH, NULL, "/home/b");
        expect(RTI_SYS_EVT_ABSPATH, "dst", "/home/b");
        sysevt_begin(&e, RTI_EV_SYSCALL_UNLINKAT_2_X);
        sysevt_i64(&e, 0, -2);
        sysevt_i64(&e, 1, -100);
        sysevt_text(&e, 2, "x");
        expect(RTI_SYS_FS_PATH_NAME, NULL, "-");
        expect(RTI_SYS_EVT_ABSPATH, NULL, "/home/x");
        sysevt_i64(&e, 0, 0);
        expect(RTI_SYS_FS_PATH_NAME, NULL, "/home/x");
}

Test(syscall_evt, renames_and_links_have_two_ends)
{
        sysevt_begin(&e, RTI_EV_SYSCALL_RENAMEAT2_X);
        sysevt_i64(&e, 0, 0);
        sysevt_i64(&e, 1, -100);
        sysevt_text(&e, 2, "old");
        sysevt_i64(&e, 3, -100);
        sysevt_text(&e, 4, "/new");
        expect(RTI_SYS_FS_PATH_SOURCE, NULL, "/home/old");
        expect(RTI_SYS_FS_PATH_SOURCERAW, NULL, "old");
        expect(RTI_SYS_FS_PATH_TARGET, NULL, "/new");
        expect(RTI_SYS_FS_PATH_NAME, NULL, "-");
        expect(RTI_SYS_EVT_ABSPATH, "src", "/home/old");
        expect(RTI_SYS_EVT_ABSPATH, "dst", "/new");
        sysevt_begin(&e, RTI_EV_SYSCALL_SYMLINK_X);
        sysevt_i64(&e, 0, 0);
        sysevt_text(&e, 1, "/there");
        sysevt_text(&e, 2, "here");
        expect(RTI_SYS_FS_PATH_SOURCE, NULL, "/home/here");
        expect(RTI_SYS_FS_PATH_TARGETRAW, NULL, "/there");
}
