/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptors of a process: the table against an array, a full pool, how kinds print. */
#include "sources/syscall/codes.h"
#include "sources/syscall/state/fd.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBERS = 400 };

static rti_pool pool;

static void
begin(size_t limit_bytes)
{
        rti_pool_init(&pool, &rti_alloc_default, limit_bytes);
}

/* Dense at the beginning, as programs have them, then far apart. */
static int64_t
number_of(int i)
{
        if (i < NUMBERS / 2)
                return i;
        return i < NUMBERS - 8 ? (int64_t) (i - NUMBERS / 2) * 4096 + 1017
                               : INT32_MAX - (i - NUMBERS + 8);
}

static void
name_it(rti_fd *fd, uint32_t tag)
{
        char text[16];
        const int n = snprintf(text, sizeof text, "%u", tag);

        rti_text_set(&pool, &fd->name, (rt_str){ text, (size_t) n });
        rti_text_set(&pool, &fd->nameraw, (rt_str){ text, (size_t) n });
        fd->ino = tag;
}

static void
assert_same(const rti_fds *fds, const uint32_t *naive)
{
        uint32_t at = 0, n = 0;
        int64_t last = -1;

        for (const rti_fd *fd; (fd = rti_fds_next(fds, &at)); n++) {
                cr_assert_gt(fd->num, last, "walked by number");
                last = fd->num;
        }
        cr_assert_eq(n, fds->n);
        for (int i = 0; i < NUMBERS; i++) {
                const rti_fd *fd = rti_fds_find(fds, number_of(i));

                cr_assert_eq(fd != NULL, naive[i] != 0);
                if (!fd)
                        continue;
                n--;
                cr_assert_eq(fd->num, number_of(i));
                cr_assert_eq(fd->ino, naive[i]);
        }
        cr_assert_eq(n, 0);
}

Test(fd_table, agrees_with_an_array)
{
        uint32_t naive[NUMBERS] = { 0 }, tag = 0;
        rti_fds *fds, *copy;

        srand(3);
        begin(1 << 24);
        fds = rti_fds_new(&pool);
        for (int step = 0; step < 60000; step++) {
                const int i = rand() % (step % 20000 < 10000 ? 24 : NUMBERS);
                const int other = rand() % NUMBERS;
                rti_fd *fd = rti_fds_find(fds, number_of(i));

                switch (rand() % 4) {
                case 0:
                        name_it(rti_fds_add(&pool, fds, number_of(i)), ++tag);
                        naive[i] = tag;
                        break;
                case 1:
                        rti_fds_remove(&pool, fds, number_of(i));
                        naive[i] = 0;
                        break;
                case 2:
                        if (fd) {
                                rti_fds_dup(&pool, fds, fd, number_of(other));
                                naive[other] = naive[i];
                        }
                        break;
                default:
                        rti_fds_remove(&pool, fds, number_of(other));
                        naive[other] = 0;
                        break;
                }
                if (step % 512 == 0)
                        assert_same(fds, naive);
        }
        copy = rti_fds_copy(&pool, fds);
        for (int i = 0; i < NUMBERS; i++)
                rti_fds_remove(&pool, fds, number_of(i));
        cr_assert_eq(fds->n, 0);
        assert_same(copy, naive);
        rti_fds_free(&pool, fds);
        rti_fds_free(&pool, copy);
        rti_pool_done(&pool);
}

Test(fd_table, entries_stay_where_they_are)
{
        rti_fd *first;
        rti_fds *fds;

        begin(1 << 24);
        fds = rti_fds_new(&pool);
        first = rti_fds_add(&pool, fds, 3);
        for (int64_t num = 4; num < 100000; num = num * 2 + 1)
                rti_fds_add(&pool, fds, num);
        cr_assert_eq(rti_fds_find(fds, 3), first);
        cr_assert_eq(rti_fds_add(&pool, fds, 3), first);
        rti_fds_free(&pool, fds);
        rti_pool_done(&pool);
}

Test(fd_table, numbers_that_no_descriptor_has_are_refused)
{
        rti_fds *fds;

        begin(1 << 20);
        fds = rti_fds_new(&pool);
        cr_assert_null(rti_fds_add(&pool, fds, -1));
        cr_assert_null(rti_fds_add(&pool, fds, INT64_MIN));
        cr_assert_null(rti_fds_add(&pool, fds, (int64_t) INT32_MAX + 1));
        cr_assert_not_null(rti_fds_add(&pool, fds, INT32_MAX));
        cr_assert_null(rti_fds_find(fds, -1));
        cr_assert_null(rti_fds_find(fds, INT64_MAX));
        cr_assert_null(rti_fds_find(fds, (int64_t) 1 << 32 | 5));
        rti_fds_free(&pool, fds);
        rti_pool_done(&pool);
}

Test(fd_table, a_copy_onto_itself_keeps_its_texts)
{
        rti_fds *fds;
        rti_fd *fd;

        begin(1 << 20);
        fds = rti_fds_new(&pool);
        fd = rti_fds_add(&pool, fds, 5);
        name_it(fd, 77);
        fd = rti_fds_dup(&pool, fds, fd, 5);
        cr_assert(rti_str_is(rti_text_str(fd->name), "77"));
        cr_assert_eq(fd->name->refs, 1);
        rti_fds_free(&pool, fds);
        rti_pool_done(&pool);
}

Test(fd_table, exec_drops_what_says_so)
{
        rti_fds *fds;

        begin(1 << 20);
        fds = rti_fds_new(&pool);
        for (int64_t num = 0; num < 40; num++)
                rti_fds_add(&pool, fds, num)->marks = num % 3 ? RTI_FDM_CLOEXEC : 0;
        rti_fds_drop_cloexec(&pool, fds);
        cr_assert_eq(fds->n, 14);
        for (int64_t num = 0; num < 40; num++)
                cr_assert_eq(rti_fds_find(fds, num) != NULL, num % 3 == 0);
        rti_fds_free(&pool, fds);
        rti_pool_done(&pool);
}

Test(fd_table, a_full_pool_refuses_and_harms_nothing)
{
        rti_fds *fds;
        uint32_t n = 0;

        begin(256 * 1024);
        fds = rti_fds_new(&pool);
        for (int64_t num = 0; num < 100000; num += 7) {
                rti_fd *fd = rti_fds_add(&pool, fds, num);

                if (!fd)
                        break;
                fd->ino = (uint64_t) num;
                n++;
        }
        cr_assert_gt(n, 100);
        cr_assert_eq(fds->n, n);
        for (int64_t num = 0; num < 100000; num++) /* most of them fail, in all places */
                rti_fds_add(&pool, fds, num * 1000 + 1000003);
        cr_assert_null(rti_fds_copy(&pool, fds));
        for (uint32_t i = 0; i < n; i++)
                cr_assert_eq(rti_fds_find(fds, i * 7)->ino, i * 7);
        rti_fds_free(&pool, fds);
        rti_pool_done(&pool);
}

Test(fd_table, what_was_removed_makes_room)
{
        rti_fds *fds;
        size_t total;

        begin(1 << 24);
        fds = rti_fds_new(&pool);
        for (int64_t num = 0; num < 5000; num++)
                rti_fds_add(&pool, fds, num * 37);
        for (int64_t num = 0; num < 5000; num++)
                rti_fds_remove(&pool, fds, num * 37);
        total = pool.total_bytes;
        for (int round = 1; round < 20; round++) {
                for (int64_t num = 0; num < 5000; num++)
                        rti_fds_add(&pool, fds, num * 37 + round * 1000003);
                for (int64_t num = 0; num < 5000; num++)
                        rti_fds_remove(&pool, fds, num * 37 + round * 1000003);
        }
        cr_assert_leq(pool.total_bytes, total * 2);
        rti_fds_free(&pool, fds);
        rti_pool_done(&pool);
}

Test(fd_table, kinds_print_as_rules_name_them)
{
        cr_assert(rti_str_is(rti_fd_kind_name(RTI_FD_FILE_V2), "file"));
        cr_assert(rti_str_is(rti_fd_kind_name(RTI_FD_IPV6_SERVER), "ipv6"));
        cr_assert(rti_str_is(rti_fd_kind_name(RTI_FD_UNKNOWN), "<NA>"));
        cr_assert_eq(rti_fd_kind_char(RTI_FD_PIDFD), 'P');
        cr_assert_eq(rti_fd_kind_char(RTI_FD_IPV4_SERVER), '4');
        cr_assert_eq(rti_fd_kind_char(200), 'X');
}

Test(fd_table, an_event_without_descriptor_has_the_letter_of_its_type)
{
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_OPEN_X)), 'o');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_OPENAT_2_X)), 'f');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_OPENAT2_X)), 'f');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_CREAT_X)), 'f');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SOCKET_ACCEPT4_6_X)), '4');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_PIPE2_X)), 'p');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_EVENTFD2_X)), 'e');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_SIGNALFD4_X)), 's');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_TIMERFD_CREATE_X)), 't');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_INOTIFY_INIT1_X)), 'i');
        cr_assert_eq(rti_fd_kind_char(rti_fd_kind_of_event(RTI_EV_SYSCALL_READ_X)), 'o');
}

Test(fd_table, a_socket_without_role_has_no_protocol_unless_raw)
{
        rti_fd fd = { .kind = RTI_FD_IPV4_SOCK, .l4 = RTI_L4_TCP };

        cr_assert_eq(rti_fd_l4(&fd), RTI_L4_NA);
        fd.marks = RTI_FDM_ROLE_CLIENT;
        cr_assert_eq(rti_fd_l4(&fd), RTI_L4_TCP);
        fd = (rti_fd){ .kind = RTI_FD_IPV6_SOCK, .l4 = RTI_L4_RAW };
        cr_assert_eq(rti_fd_l4(&fd), RTI_L4_RAW);
        fd = (rti_fd){ .kind = RTI_FD_IPV4_SERVER, .l4 = RTI_L4_UDP };
        cr_assert_eq(rti_fd_l4(&fd), RTI_L4_UDP);
        fd.kind = RTI_FD_FILE_V2;
        cr_assert_eq(rti_fd_l4(&fd), RTI_L4_NA);
}
