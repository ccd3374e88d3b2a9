/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd.c - fields of the descriptor that an event is about.
 *
 * Three cases: the event is about no descriptor (all missing), about a number that is not in the
 * table (its name is what the event itself says), about one that is.
 */
#include "sources/syscall/codes.h"
#include "sources/syscall/fields/parts.h"

enum { DIGITS_ROOM = 24 };

/* ---- names ---- */

/* The path or address of an event that was to make a descriptor. */
static rt_str
name_in_event(const rti_sysevt *evt, const rt_event *event)
{
        const rti_param_info *params = rti_event_params(evt->info);
        const bool creates = evt->info->flags & RTI_EF_CREATES_FD;
        const bool connects = evt->type == RTI_EV_SOCKET_CONNECT_X;
        char tuple[RTI_TUPLE_ROOM];
        size_t len;

        for (uint32_t i = 0; i < evt->info->n_params; i++) {
                const uint32_t type = params[i].type;

                if (type == RTI_PT_SOCKTUPLE && (creates || connects)) {
                        len = rti_print_tuple(tuple, rti_arg(evt, i));
                        return len ? rti_sys_copy(event, (rt_str){ tuple, len }) : RTI_STR("NULL");
                }
                if (creates && (type == RTI_PT_FSPATH || type == RTI_PT_FSRELPATH))
                        return rti_joined_path(evt, event, i);
        }
        return RTI_STR("");
}

static size_t
last_slash(rt_str name)
{
        const char *slash = name.len ? memrchr(name.ptr, '/', name.len) : NULL;

        return slash ? (size_t) (slash - name.ptr) : SIZE_MAX;
}

static rt_str
directory_of(rt_str name)
{
        const size_t slash = last_slash(name);

        if (slash == SIZE_MAX || (slash == 0 && name.len > 1))
                return RTI_STR("/");
        return slash + 1 < name.len ? rti_str_sub(name, 0, slash) : name;
}

static rt_str
filename_of(rt_str name)
{
        const size_t slash = last_slash(name);

        if (slash == SIZE_MAX)
                return RTI_STR("/");
        return slash + 1 < name.len ? rti_str_sub(name, slash + 1, name.len) : name;
}

/* "ID:TEXT"; the host has no id. */
static int
give_with_container(const rti_sysevt *evt, const rt_event *event, rt_str text, rt_value *ret_value)
{
        const rt_str id = rti_text_str(evt->thread->container_id);
        rti_line line;

        rti_line_init(&line, event, id.len + 1 + text.len);
        rti_line_add(&line, id);
        rti_line_char(&line, ':');
        rti_line_add(&line, text);
        return rti_give_line(&line, ret_value);
}

/* The name of the event's descriptor; ptr NULL: it has to be put together. */
static inline rt_str
known_name(const rti_sysevt *evt, uint32_t field)
{
        const rti_fd *fd = evt->fd;

        return fd ? rti_text_str(field == RTI_SYS_FD_NAMERAW ? fd->nameraw : fd->name) : evt->name;
}

/* The fields that are made of the name. */
__attribute__((noinline)) static int
read_name(rti_sysevt *evt, const rt_event *event, uint32_t field, rt_value *ret_value)
{
        const rti_fd *fd = evt->fd;
        const bool file = fd && (fd->kind == RTI_FD_FILE || fd->kind == RTI_FD_FILE_V2);
        const bool directory = fd && fd->kind == RTI_FD_DIRECTORY;
        rt_str name;

        if (!fd && !evt->name.ptr)
                evt->name = name_in_event(evt, event);
        name = known_name(evt, field);
        if (!name.ptr)
                return RT_ELIMIT;
        if (field == RTI_SYS_FD_FILENAME)
                return file ? rti_give_str(ret_value, filename_of(name)) : 0;
        if (field == RTI_SYS_FD_DIRECTORY || field == RTI_SYS_FD_CONTAINERDIRECTORY) {
                if (fd && !file && !directory)
                        return 0;
                if (!directory)
                        name = directory_of(name);
        }
        if (field == RTI_SYS_FD_CONTAINERNAME || field == RTI_SYS_FD_CONTAINERDIRECTORY)
                return give_with_container(evt, event, name, ret_value);
        return rti_give_str(ret_value, name);
}

/* ---- sockets ---- */

static void
set_address(rt_value *value, uint32_t kind, const rti_fd *fd, const uint8_t *address)
{
        *value = (rt_value){ .kind = kind, .count = rti_fd_is_ip6(fd) ? 16 : 4 };
        memcpy(value->as.ip, address, value->count);
}

/* Any end passes the test: fd.ip, fd.net, fd.port, fd.proto. What is no socket has no end. */
static int
read_ends(const rti_fd *fd, const rt_event *event, uint32_t kind, rt_value *ret_value)
{
        const size_t n = rti_fd_is_inet(fd) ? 2 : rti_fd_is_listening(fd) ? 1 : 0;
        rt_value *list = rt_event_alloc(event, 2 * sizeof *list);

        if (!list)
                return RT_ELIMIT;
        for (size_t i = 0; i < n; i++) {
                const rti_ends *ends = &fd->ends.ip;

                if (kind == RT_KIND_PORT)
                        rti_give_u64(&list[i], kind, i ? ends->dest_port : ends->source_port);
                else
                        set_address(&list[i], kind, fd, i ? ends->dest : ends->source);
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = (uint32_t) n, .as.list = list };
        return 1;
}

/* Ports as text. Who has a role but no such end has "", or nothing. */
static int
read_proto(const rti_sys *sys, const rt_event *event, enum rti_end end, rt_value *ret_value)
{
        const rti_fd *fd = sys->evt.fd;
        const uint8_t *address;
        uint16_t port;
        rti_line line;

        if (rti_fd_is_listening(fd) && end == RTI_END_SERVER)
                return rti_give_str(ret_value, RTI_STR(""));
        if (!rti_fd_end(sys, fd, end, &address, &port))
                return end == RTI_END_CLIENT && rti_fd_has_role(fd)
                               ? rti_give_str(ret_value, RTI_STR(""))
                               : 0;
        rti_line_init(&line, event, DIGITS_ROOM);
        rti_line_u64(&line, port);
        return rti_give_line(&line, ret_value);
}

/* fd.cip ... fd.rnet: the field's place in its group of four is the end. */
static int
read_end(const rti_sys *sys, const rti_sys_slot *slot, enum rti_end end, rt_value *ret_value)
{
        const uint8_t *address;
        uint16_t port;

        if (!rti_fd_end(sys, sys->evt.fd, end, &address, &port))
                return 0;
        if (slot->kind == RT_KIND_PORT)
                return rti_give_u64(ret_value, RT_KIND_PORT, port);
        set_address(ret_value, slot->kind, sys->evt.fd, address);
        return 1;
}

/* fd.cip.name ... fd.rip.name: any name passes the test that leads to the address. */
static int
read_host(const rti_sys *sys, const rt_event *event, const rti_sys_slot *slot, enum rti_end end,
          rt_value *ret_value)
{
        const rti_fd *fd = sys->evt.fd;
        const size_t family = rti_fd_is_ip6(fd) ? 16 : 4;
        const uint8_t *address;
        size_t at = 0, n = 0;
        rt_value *list;
        uint16_t port;
        rt_str name;

        if (!rti_fd_end(sys, fd, end, &address, &port))
                return 0;
        if (slot->arg != RT_ARG_ANY) {
                name = rti_hosts_find(&sys->state, address, family, &at);
                return name.ptr ? rti_give_str(ret_value, name) : 0;
        }
        while (rti_hosts_find(&sys->state, address, family, &at).ptr)
                n++;
        list = rt_event_alloc(event, (n + 1) * sizeof *list);
        if (!list)
                return RT_ELIMIT;
        for (at = n = 0; (name = rti_hosts_find(&sys->state, address, family, &at)).ptr; n++)
                rti_give_str(&list[n], name);
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = (uint32_t) n, .as.list = list };
        return n > 0;
}

static rt_str
l4_name(const rti_fd *fd)
{
        static const rt_str names[] = {
                [RTI_L4_UNKNOWN] = RTI_STR_INIT("<NA>"), [RTI_L4_NA] = RTI_STR_INIT("<NA>"),
                [RTI_L4_TCP] = RTI_STR_INIT("tcp"),      [RTI_L4_UDP] = RTI_STR_INIT("udp"),
                [RTI_L4_ICMP] = RTI_STR_INIT("icmp"),    [RTI_L4_RAW] = RTI_STR_INIT("raw")
        };
        const uint8_t l4 = rti_fd_l4(fd);

        return names[l4 < RTI_COUNT(names) ? l4 : RTI_L4_UNKNOWN];
}

static int
read_socket(rti_sys *sys, const rt_event *event, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_fd *fd = sys->evt.fd;
        const uint32_t field = slot->field;

        switch (field) {
        case RTI_SYS_FD_CIP ... RTI_SYS_FD_RIP:
                return read_end(sys, slot, field - RTI_SYS_FD_CIP, ret_value);
        case RTI_SYS_FD_CPORT ... RTI_SYS_FD_RPORT:
                return read_end(sys, slot, field - RTI_SYS_FD_CPORT, ret_value);
        case RTI_SYS_FD_CNET ... RTI_SYS_FD_RNET:
                return read_end(sys, slot, field - RTI_SYS_FD_CNET, ret_value);
        case RTI_SYS_FD_CPROTO ... RTI_SYS_FD_RPROTO:
                return read_proto(sys, event, field - RTI_SYS_FD_CPROTO, ret_value);
        case RTI_SYS_FD_IP:
        case RTI_SYS_FD_PORT:
        case RTI_SYS_FD_PROTO:
        case RTI_SYS_FD_NET:
                return slot->arg == RT_ARG_ANY ? read_ends(fd, event, slot->kind, ret_value) : 0;
        case RTI_SYS_FD_L4PROTO:
                return rti_give_str(ret_value, l4_name(fd));
        case RTI_SYS_FD_SOCKFAMILY:
                if (fd->kind == RTI_FD_UNIX_SOCK)
                        return rti_give_str(ret_value, RTI_STR("unix"));
                return rti_fd_is_inet(fd) || rti_fd_is_listening(fd)
                               ? rti_give_str(ret_value, RTI_STR("ip"))
                               : 0;
        case RTI_SYS_FD_IS_SERVER:
                return rti_give_u64(ret_value, RT_KIND_BOOL, rti_fd_is_server(sys, fd));
        case RTI_SYS_FD_CONNECTED:
                return rti_give_u64(ret_value, RT_KIND_BOOL, (fd->marks & RTI_FDM_CONNECTED) != 0);
        case RTI_SYS_FD_CIP_NAME ... RTI_SYS_FD_RIP_NAME:
                return read_host(sys, event, slot, field - RTI_SYS_FD_CIP_NAME, ret_value);
        default:
                return 0;
        }
}

/* ---- files, and the rest ---- */

__attribute__((noinline)) static int
read_object(rti_sys *sys, const rt_event *event, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_fd *fd = sys->evt.fd;

        switch (slot->field) {
        case RTI_SYS_FD_TYPE:
                return rti_give_str(ret_value, rti_fd_kind_name(fd->kind));
        case RTI_SYS_FD_NAME_CHANGED:
                return rti_give_u64(ret_value, RT_KIND_BOOL,
                                    (sys->evt.flags & RTI_SE_NAME_CHANGED) != 0);
        case RTI_SYS_FD_DEV:
                return rti_give_i64(ret_value, RT_KIND_INT32, fd->dev);
        case RTI_SYS_FD_DEV_MAJOR: /* the kernel's way to pack both into 32 bits */
                return rti_give_i64(ret_value, RT_KIND_INT32, fd->dev >> 8 & 0xfff);
        case RTI_SYS_FD_DEV_MINOR:
                return rti_give_i64(ret_value, RT_KIND_INT32,
                                    (fd->dev & 0xff) | (fd->dev >> 12 & 0xfff00));
        case RTI_SYS_FD_INO:
                return rti_give_i64(ret_value, RT_KIND_INT64, (int64_t) fd->ino);
        case RTI_SYS_FD_IS_UPPER_LAYER:
                return rti_give_u64(ret_value, RT_KIND_BOOL,
                                    (fd->marks & RTI_FDM_UPPER_LAYER) != 0);
        case RTI_SYS_FD_IS_LOWER_LAYER:
                return rti_give_u64(ret_value, RT_KIND_BOOL,
                                    (fd->marks & RTI_FDM_LOWER_LAYER) != 0);
        default:
                return read_socket(sys, event, slot, ret_value);
        }
}

/* Thread and descriptor, one number behind the other. */
static int
read_uid(const rti_sysevt *evt, const rt_event *event, rt_value *ret_value)
{
        rti_line line;

        rti_line_init(&line, event, 2 * DIGITS_ROOM);
        rti_line_i64(&line, evt->tid);
        rti_line_i64(&line, evt->fd_num);
        return rti_give_line(&line, ret_value);
}

/* The types of all open descriptors, each once; of one with an argument. */
__attribute__((noinline)) static int
read_types(const rti_sysevt *evt, const rt_event *event, const rti_sys_slot *slot,
           rt_value *ret_value)
{
        const rti_fds *fds = rti_thread_fds(evt->thread);
        rt_value *list;
        const rti_fd *fd;
        uint64_t seen = 0;
        uint32_t at = 0, n = 0;

        if (!fds)
                return 0;
        list = rt_event_alloc(event, RTI_N_FD_KINDS * sizeof *list);
        if (!list)
                return RT_ELIMIT;
        if (slot->arg == RT_ARG_INDEX) {
                fd = slot->index <= INT64_MAX ? rti_fds_find(fds, (int64_t) slot->index) : NULL;
                if (fd)
                        rti_give_str(&list[n++], rti_fd_kind_name(fd->kind));
        } else {
                while ((fd = rti_fds_next(fds, &at))) {
                        /* Two kinds of one name are one type. */
                        const uint8_t kind = fd->kind == RTI_FD_FILE_V2       ? RTI_FD_FILE
                                             : fd->kind == RTI_FD_IPV4_SERVER ? RTI_FD_IPV4_SOCK
                                             : fd->kind == RTI_FD_IPV6_SERVER ? RTI_FD_IPV6_SOCK
                                             : fd->kind == RTI_FD_UNSUPPORTED ? RTI_FD_UNKNOWN
                                                                              : fd->kind;

                        if (kind < RTI_N_FD_KINDS && !(seen >> kind & 1))
                                rti_give_str(&list[n++], rti_fd_kind_name(kind));
                        seen |= (uint64_t) 1 << kind % 64;
                }
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = n, .as.list = list };
        return n > 0;
}

int
rti_read_fd(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        rti_sysevt *evt = &sys->evt;
        uint8_t kind;
        rt_str name;

        if (!(evt->flags & RTI_SE_HAS_FD) || !evt->thread)
                return 0;
        switch (slot->field) {
        case RTI_SYS_FD_NUM:
                return rti_give_i64(ret_value, RT_KIND_INT64, evt->fd_num);
        case RTI_SYS_FD_TYPECHAR:
                kind = evt->fd ? evt->fd->kind : rti_fd_kind_of_event(evt->type);
                return rti_give_str(ret_value, rti_fd_kind_letter(kind));
        case RTI_SYS_FD_NAME:
        case RTI_SYS_FD_NAMERAW:
                name = known_name(evt, slot->field);
                if (name.ptr)
                        return rti_give_str(ret_value, name);
                return read_name(evt, event, slot->field, ret_value);
        case RTI_SYS_FD_DIRECTORY:
        case RTI_SYS_FD_FILENAME:
        case RTI_SYS_FD_CONTAINERNAME:
        case RTI_SYS_FD_CONTAINERDIRECTORY:
                return read_name(evt, event, slot->field, ret_value);
        case RTI_SYS_FD_UID:
                return read_uid(evt, event, ret_value);
        case RTI_SYS_FD_TYPES:
                return read_types(evt, event, slot, ret_value);
        default:
                return evt->fd ? read_object(sys, event, slot, ret_value) : 0;
        }
}
