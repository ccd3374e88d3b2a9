/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fdlist.c - fields of the descriptors that a poll is about: comma lists, in its order.
 *
 * in    an fdlist parameter, which may claim more than it holds: u16 count, then i64 number and
 *       u16 flags of each
 */
#include "sources/syscall/fields/parts.h"

enum { HEAD = 2, ENTRY = 10 };

/* The parameter; empty: the event has none. */
static rt_str
list_of(const rti_sysevt *evt)
{
        const rti_param_info *params = rti_event_params(evt->info);

        for (uint32_t i = 0; i < evt->info->n_params; i++)
                if (params[i].type == RTI_PT_FDLIST)
                        return rti_arg(evt, i);
        return (rt_str){ NULL, 0 };
}

/* One end of a socket, whatever its role; a listening one is its own server. Others add nothing. */
static void
add_end(rti_line *line, const rti_fd *fd, uint32_t field)
{
        const bool client = field == RTI_SYS_FDLIST_CIPS || field == RTI_SYS_FDLIST_CPORTS;
        const bool source = client || rti_fd_is_listening(fd);
        const rti_ends *ends = &fd->ends.ip;
        const uint8_t *address = source ? ends->source : ends->dest;
        char room[RTI_TUPLE_ROOM];

        if (!rti_fd_is_inet(fd) && (client || !rti_fd_is_listening(fd)))
                return;
        if (field == RTI_SYS_FDLIST_CPORTS || field == RTI_SYS_FDLIST_SPORTS)
                rti_line_u64(line, source ? ends->source_port : ends->dest_port);
        else
                rti_line_add(line,
                             (rt_str){ room, rti_fd_is_ip6(fd) ? rti_print_ip6(room, address)
                                                               : rti_print_ip4(room, address) });
}

static void
add_entry(rti_line *line, const rti_fds *fds, int64_t num, uint32_t field)
{
        const rti_fd *fd = fds ? rti_fds_find(fds, num) : NULL;

        if (field == RTI_SYS_FDLIST_NUMS)
                rti_line_i64(line, num);
        else if (field == RTI_SYS_FDLIST_NAMES)
                rti_line_add(line, fd && fd->name && fd->name->len ? rti_text_str(fd->name)
                                                                   : RTI_STR("<NA>"));
        else if (fd)
                add_end(line, fd, field);
}

int
rti_read_fdlist(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        rt_str list = list_of(&sys->evt);
        const rti_fds *fds;
        rti_line line;
        uint16_t n;

        if (!sys->evt.thread || list.len < HEAD)
                return 0;
        fds = rti_thread_fds(sys->evt.thread);
        memcpy(&n, list.ptr, sizeof n);
        list = rti_str_sub(list, HEAD, list.len);
        rti_line_init(&line, event, list.len);
        for (; n-- && list.len >= ENTRY; list = rti_str_sub(list, ENTRY, list.len)) {
                const size_t before = line.len;
                int64_t num;

                memcpy(&num, list.ptr, sizeof num);
                add_entry(&line, fds, num, slot->field);
                if (line.len > before)
                        rti_line_char(&line, ',');
        }
        if (line.len == 0 && !line.failed)
                return 0;
        line.len -= line.len > 0; /* the last comma */
        return rti_give_line(&line, ret_value);
}
