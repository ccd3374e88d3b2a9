/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt.c - the fields evt.*, syscall.type and util.cnt that need no printing of parameters.
 *
 * in    the current event with its thread and descriptor; a slot that rti_prepare_evt has seen
 * out   the field's value
 */
#include "base/clock.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/fields/evt.h"

enum { NS_PER_MS = 1000000, NS_PER_SECOND = 1000000000 };

/* ---- what the event is ---- */

/* The system call that a generic event stands for. */
static rt_str
generic_name(const rti_sys *sys)
{
        const rt_str id = rti_arg(&sys->evt, 0), native = rti_arg(&sys->evt, 1);
        uint16_t number = 0, nr;
        rt_str name;

        if (id.len == sizeof number)
                memcpy(&number, id.ptr, sizeof number);
        if (number == 0 && !sys->state.live && native.len == sizeof nr) {
                memcpy(&nr, native.ptr, sizeof nr);
                number = (uint16_t) rti_syscall_of_native(nr);
        }
        name = rti_syscall_name(number);
        return name.ptr ? name : RTI_STR("unknown");
}

rt_str
rti_evt_name(const rti_sys *sys)
{
        const rti_sysevt *evt = &sys->evt;

        if (evt->type <= RTI_EVENT_GENERIC_EXIT)
                return generic_name(sys);
        if (evt->type == RTI_EV_ASYNCEVENT_E)
                return rti_arg_text(evt, 1);
        return rti_str_of(rti_event_name(evt->info));
}

static bool
is_file(const rti_fd *fd)
{
        return fd->kind == RTI_FD_FILE || fd->kind == RTI_FD_FILE_V2;
}

static bool
is_ip(const rti_fd *fd)
{
        return fd->kind >= RTI_FD_IPV4_SOCK && fd->kind <= RTI_FD_IPV6_SERVER;
}

static rt_str
io_category(const rti_fd *fd)
{
        if (fd && (is_file(fd) || fd->kind == RTI_FD_DIRECTORY))
                return RTI_STR("file");
        if (fd && is_ip(fd))
                return RTI_STR("net");
        switch (fd ? fd->kind : RTI_FD_UNKNOWN) {
        case RTI_FD_FIFO:
        case RTI_FD_UNIX_SOCK:
        case RTI_FD_EVENT:
        case RTI_FD_SIGNALFD:
        case RTI_FD_INOTIFY:
        case RTI_FD_USERFAULTFD:
                return RTI_STR("ipc");
        default:
                return RTI_STR("unknown");
        }
}

static rt_str
category(const rti_sysevt *evt)
{
        static const char *const names[] = {
                [RTI_EC_UNKNOWN] = "unknown",
                [RTI_EC_OTHER] = "other",
                [RTI_EC_FILE] = "file",
                [RTI_EC_NET] = "net",
                [RTI_EC_IPC] = "IPC",
                [RTI_EC_WAIT] = "wait",
                [RTI_EC_SIGNAL] = "signal",
                [RTI_EC_SLEEP] = "sleep",
                [RTI_EC_TIME] = "time",
                [RTI_EC_PROCESS] = "process",
                [RTI_EC_SCHEDULER] = "scheduler",
                [RTI_EC_MEMORY] = "memory",
                [RTI_EC_USER] = "user",
                [RTI_EC_SYSTEM] = "system",
                [RTI_EC_INTERNAL] = "internal",
        };

        if (evt->info->category >= RTI_EC_IO_READ)
                return io_category(evt->fd);
        return rti_str_of(names[evt->info->category]);
}

static bool
is_syslog(const rti_sysevt *evt)
{
        return evt->info->flags & RTI_EF_WRITES_TO_FD && evt->fd
               && rti_str_find(rti_text_str(evt->fd->name), RTI_STR("/dev/log")) != SIZE_MAX;
}

static int
read_direction(const rti_sysevt *evt, rt_value *ret_value)
{
        if (evt->info->flags & RTI_EF_WRITES_TO_FD)
                return rti_give_str(ret_value, RTI_STR("write"));
        if (evt->info->flags & RTI_EF_READS_FROM_FD)
                return rti_give_str(ret_value, RTI_STR("read"));
        return 0;
}

static int
give_bool(rt_value *ret_value, bool is)
{
        return rti_give_u64(ret_value, RT_KIND_BOOL, is);
}

static int
read_type_is(const rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const bool is = slot->aux ? sys->evt.type + UINT64_C(1) == slot->aux
                                  : rti_str_eq(slot->key, rti_evt_name(sys));

        return rti_give_u64(ret_value, RT_KIND_UINT32, is);
}

static int
read_kind(const rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;
        const uint16_t flags = evt->info->flags;

        switch (slot->field) {
        case RTI_SYS_EVT_DIR:
                return rti_give_str(ret_value, evt->info->exit ? RTI_STR("<") : RTI_STR(">"));
        case RTI_SYS_EVT_TYPE:
                return rti_give_str(ret_value, rti_evt_name(sys));
        case RTI_SYS_EVT_TYPE_IS:
                return read_type_is(sys, slot, ret_value);
        case RTI_SYS_SYSCALL_TYPE:
                return evt->info->origin & RTI_EO_SYSCALL
                               ? rti_give_str(ret_value, rti_evt_name(sys))
                               : 0;
        case RTI_SYS_EVT_CATEGORY:
                return rti_give_str(ret_value, category(evt));
        case RTI_SYS_EVT_CPU:
                return rti_give_i64(ret_value, RT_KIND_INT16, (int16_t) evt->cpu);
        case RTI_SYS_EVT_IS_IO:
                return give_bool(ret_value, flags & (RTI_EF_READS_FROM_FD | RTI_EF_WRITES_TO_FD));
        case RTI_SYS_EVT_IS_IO_READ:
                return give_bool(ret_value, flags & RTI_EF_READS_FROM_FD);
        case RTI_SYS_EVT_IS_IO_WRITE:
                return give_bool(ret_value, flags & RTI_EF_WRITES_TO_FD);
        case RTI_SYS_EVT_IO_DIR:
                return read_direction(evt, ret_value);
        case RTI_SYS_EVT_IS_WAIT:
                return give_bool(ret_value, flags & RTI_EF_WAITS);
        case RTI_SYS_EVT_IS_SYSLOG:
                return give_bool(ret_value, is_syslog(evt));
        default:
                return 0; /* evt.infra.*: what a listener of long ago told of containers */
        }
}

/* ---- how it ended ---- */

/* What an event without a descriptor that is known would have been about. */
enum subject { SUBJECT_FILE, SUBJECT_NET, SUBJECT_MEMORY, SUBJECT_OTHER };

static enum subject
subject_of_type(const rti_sysevt *evt)
{
        switch (evt->type) {
        case RTI_EV_SYSCALL_OPEN_X:
        case RTI_EV_SYSCALL_OPENAT_2_X:
        case RTI_EV_SYSCALL_OPENAT2_X:
        case RTI_EV_SYSCALL_CREAT_X:
        case RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
                return SUBJECT_FILE;
        case RTI_EV_SOCKET_ACCEPT_5_X:
        case RTI_EV_SOCKET_ACCEPT4_6_X:
        case RTI_EV_SOCKET_CONNECT_X:
                return SUBJECT_NET;
        default:
                return evt->info->category == RTI_EC_MEMORY ? SUBJECT_MEMORY : SUBJECT_OTHER;
        }
}

static bool
is_error_of(const rti_sysevt *evt, uint32_t field)
{
        enum subject subject = subject_of_type(evt);

        /* Memory is told by the event alone, whatever descriptor it has. */
        if (field == RTI_SYS_EVT_COUNT_ERROR_MEMORY)
                return evt->info->category == RTI_EC_MEMORY;
        if (evt->fd)
                subject = is_file(evt->fd) || evt->fd->kind == RTI_FD_DIRECTORY ? SUBJECT_FILE
                          : is_ip(evt->fd) || evt->fd->kind == RTI_FD_UNIX_SOCK ? SUBJECT_NET
                                                                                : SUBJECT_OTHER;
        return subject
               == (field == RTI_SYS_EVT_COUNT_ERROR_FILE  ? SUBJECT_FILE
                   : field == RTI_SYS_EVT_COUNT_ERROR_NET ? SUBJECT_NET
                                                          : SUBJECT_OTHER);
}

static int
read_res(rti_sys *sys, const rt_event *event, int64_t result, rt_value *ret_value)
{
        rt_str text, resolved;
        int r;

        if (result >= 0)
                return rti_give_str(ret_value, RTI_STR("SUCCESS"));
        r = rti_arg_render(sys, event, 0, &text, &resolved);
        if (r < 0)
                return r;
        return rti_give_str(ret_value, resolved.ptr ? resolved : text);
}

static int
read_result(rti_sys *sys, const rt_event *event, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;
        int64_t result;

        if (!rti_sysevt_result(evt, &result))
                return 0;
        switch (slot->field) {
        case RTI_SYS_EVT_RES:
                return read_res(sys, event, result, ret_value);
        case RTI_SYS_EVT_RAWRES:
                return rti_give_i64(ret_value, RT_KIND_INT64, result);
        case RTI_SYS_EVT_FAILED:
                return give_bool(ret_value, result < 0);
        case RTI_SYS_EVT_COUNT_ERROR:
                return rti_give_u64(ret_value, RT_KIND_UINT32, result < 0);
        default:
                if (!is_error_of(evt, slot->field))
                        return 0;
                return rti_give_u64(ret_value, RT_KIND_UINT32, result < 0);
        }
}

static int
read_count(rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;
        const bool info = evt->type == RTI_EV_PROCINFO_E;

        switch (slot->field) {
        case RTI_SYS_UTIL_CNT:
                return rti_give_u64(ret_value, RT_KIND_UINT64, ++sys->counter);
        case RTI_SYS_EVT_COUNT_EXIT:
                return evt->info->exit ? rti_give_u64(ret_value, RT_KIND_UINT32, 1) : 0;
        case RTI_SYS_EVT_COUNT_PROCINFO:
                return rti_give_u64(ret_value, RT_KIND_UINT32,
                                    info && evt->thread && evt->thread->tid == evt->thread->pid);
        case RTI_SYS_EVT_COUNT_THREADINFO:
                return rti_give_u64(ret_value, RT_KIND_UINT32, info);
        default:
                return rti_give_u64(ret_value, RT_KIND_UINT32, 1);
        }
}

/* ---- what it carried ---- */

/* Of which events a field about sizes tells. */
enum { OF_READS = 1 << 0, OF_WRITES = 1 << 1, OF_FILES = 1 << 2, OF_NET = 1 << 3 };

static uint32_t
asked_of(uint32_t field)
{
        switch (field) {
        case RTI_SYS_EVT_BUFLEN_IN:
                return OF_READS;
        case RTI_SYS_EVT_BUFLEN_OUT:
                return OF_WRITES;
        case RTI_SYS_EVT_BUFLEN_FILE:
                return OF_FILES;
        case RTI_SYS_EVT_BUFLEN_FILE_IN:
                return OF_FILES | OF_READS;
        case RTI_SYS_EVT_BUFLEN_FILE_OUT:
                return OF_FILES | OF_WRITES;
        case RTI_SYS_EVT_BUFLEN_NET:
                return OF_NET;
        case RTI_SYS_EVT_BUFLEN_NET_IN:
                return OF_NET | OF_READS;
        case RTI_SYS_EVT_BUFLEN_NET_OUT:
                return OF_NET | OF_WRITES;
        default:
                return 0;
        }
}

static int
read_buflen(const rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;
        const uint8_t group = evt->info->category;
        uint32_t is;
        int64_t result;

        if (group < RTI_EC_IO_READ || !evt->fd || !rti_sysevt_result(evt, &result) || result < 0)
                return 0;
        is = (group == RTI_EC_IO_READ ? OF_READS : 0) | (group == RTI_EC_IO_WRITE ? OF_WRITES : 0)
             | (is_file(evt->fd) ? OF_FILES : 0) | (is_ip(evt->fd) ? OF_NET : 0);
        if (asked_of(slot->field) & ~is)
                return 0;
        return rti_give_u64(ret_value, RT_KIND_UINT64, (uint64_t) result);
}

static int
read_buffer(const rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const uint32_t param = rti_event_param(sys->evt.info, (uint16_t) slot->aux);
        rt_str bytes = rti_arg(&sys->evt, param);

        if (param == RTI_NO_PARAM)
                return 0;
        *ret_value =
                (rt_value){ .kind = RT_KIND_BYTES, .as.s = bytes.len ? bytes : (rt_str){ "", 0 } };
        return 1;
}

/* ---- what it opened ---- */

enum { O_READ = 1 << 0, O_WRITE = 1 << 1, O_CREATE = 1 << 2 };
enum { O_TEMPORARY = 1 << 13, O_CREATED = 1 << 14, MODE_EXECUTE = 0111 };

/* Where flags and mode stand among the parameters. */
static bool
open_params(uint16_t type, uint32_t *ret_flags, uint32_t *ret_mode)
{
        switch (type) {
        case RTI_EV_SYSCALL_OPEN_X:
        case RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X: /* which has no mode */
                *ret_flags = 2;
                break;
        case RTI_EV_SYSCALL_OPENAT_2_X:
        case RTI_EV_SYSCALL_OPENAT2_X:
                *ret_flags = 3;
                break;
        default:
                return false;
        }
        *ret_mode = type == RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X ? RTI_MOST_PARAMS : *ret_flags + 1;
        return true;
}

static int
read_open(const rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;
        uint32_t at_flags, at_mode, flags, mode;
        bool is = false;

        if (!open_params(evt->type, &at_flags, &at_mode)) {
                is = slot->field == RTI_SYS_EVT_IS_OPEN_EXEC && evt->type == RTI_EV_SYSCALL_CREAT_X
                     && rti_arg_u32(evt, 2, 0) & MODE_EXECUTE;
                return give_bool(ret_value, is);
        }
        flags = rti_arg_u32(evt, at_flags, 0);
        mode = rti_arg_u32(evt, at_mode, 0);
        switch (slot->field) {
        case RTI_SYS_EVT_IS_OPEN_READ:
                is = flags & O_READ;
                break;
        case RTI_SYS_EVT_IS_OPEN_WRITE:
                is = flags & O_WRITE;
                break;
        case RTI_SYS_EVT_IS_OPEN_CREATE:
                is = flags & O_CREATED || (flags & O_TEMPORARY && rti_arg_i64(evt, 0, -1) >= 0);
                break;
        case RTI_SYS_EVT_IS_OPEN_EXEC:
                is = flags & (O_TEMPORARY | O_CREATE) && mode & MODE_EXECUTE;
                break;
        }
        return give_bool(ret_value, is);
}

/* ---- when it happened ---- */

static int
read_delta(const rti_sys *sys, rti_sys_slot *slot, rt_value *ret_value)
{
        const uint64_t now = sys->evt.time_ns;
        uint64_t delta = slot->last_ns ? now - slot->last_ns : 0;

        slot->last_ns = now;
        if (slot->field == RTI_SYS_EVT_DELTATIME_S)
                delta /= NS_PER_SECOND;
        else if (slot->field == RTI_SYS_EVT_DELTATIME_NS)
                delta %= NS_PER_SECOND;
        return rti_give_u64(ret_value, RT_KIND_RELTIME, delta);
}

/* Whole milliseconds, rounded up, between the event and the time asked for. */
static int
read_around(const rti_sys *sys, const rti_sys_slot *slot, rt_value *ret_value)
{
        const uint64_t now = sys->evt.time_ns;
        const uint64_t ns = now > slot->index ? now - slot->index : slot->index - now;

        return rti_give_u64(ret_value, RT_KIND_UINT64, ns / NS_PER_MS + (ns % NS_PER_MS != 0));
}

static int
read_time(const rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        char *text;

        switch (slot->field) {
        case RTI_SYS_EVT_DELTATIME:
        case RTI_SYS_EVT_DELTATIME_S:
        case RTI_SYS_EVT_DELTATIME_NS:
                return read_delta(sys, slot, ret_value);
        case RTI_SYS_EVT_AROUND:
                return read_around(sys, slot, ret_value);
        case RTI_SYS_EVT_OUTPUTTIME:
                text = rt_event_alloc(event, RTI_CLOCK_ROOM);
                if (!text)
                        return RT_ELIMIT;
                return rti_give_str(
                        ret_value,
                        (rt_str){ text, rti_clock_text(sys->evt.time_ns, RTI_CLOCK_TIME, text) });
        /* Events tell no more when a call began. */
        case RTI_SYS_EVT_LATENCY_HUMAN:
                return rti_give_str(ret_value, RTI_STR("0ns"));
        case RTI_SYS_EVT_LATENCY_QUANTIZED:
                return rti_give_u64(ret_value, RT_KIND_UINT64, 0);
        default:
                return rti_give_u64(ret_value, RT_KIND_RELTIME, 0);
        }
}

int
rti_read_evt(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        switch (slot->field) {
        case RTI_SYS_EVT_LATENCY:
        case RTI_SYS_EVT_LATENCY_S:
        case RTI_SYS_EVT_LATENCY_NS:
        case RTI_SYS_EVT_LATENCY_QUANTIZED:
        case RTI_SYS_EVT_LATENCY_HUMAN:
        case RTI_SYS_EVT_WAIT_LATENCY:
        case RTI_SYS_EVT_DELTATIME:
        case RTI_SYS_EVT_DELTATIME_S:
        case RTI_SYS_EVT_DELTATIME_NS:
        case RTI_SYS_EVT_OUTPUTTIME:
        case RTI_SYS_EVT_AROUND:
                return read_time(sys, event, slot, ret_value);
        case RTI_SYS_EVT_RES:
        case RTI_SYS_EVT_RAWRES:
        case RTI_SYS_EVT_FAILED:
        case RTI_SYS_EVT_COUNT_ERROR:
        case RTI_SYS_EVT_COUNT_ERROR_FILE:
        case RTI_SYS_EVT_COUNT_ERROR_NET:
        case RTI_SYS_EVT_COUNT_ERROR_MEMORY:
        case RTI_SYS_EVT_COUNT_ERROR_OTHER:
                return read_result(sys, event, slot, ret_value);
        case RTI_SYS_UTIL_CNT:
        case RTI_SYS_EVT_COUNT:
        case RTI_SYS_EVT_COUNT_EXIT:
        case RTI_SYS_EVT_COUNT_PROCINFO:
        case RTI_SYS_EVT_COUNT_THREADINFO:
                return read_count(sys, slot, ret_value);
        case RTI_SYS_EVT_BUFFER:
                return read_buffer(sys, slot, ret_value);
        case RTI_SYS_EVT_IS_OPEN_READ:
        case RTI_SYS_EVT_IS_OPEN_WRITE:
        case RTI_SYS_EVT_IS_OPEN_EXEC:
        case RTI_SYS_EVT_IS_OPEN_CREATE:
                return read_open(sys, slot, ret_value);
        default:
                if (slot->field == RTI_SYS_EVT_BUFLEN || asked_of(slot->field))
                        return read_buflen(sys, slot, ret_value);
                return read_kind(sys, slot, ret_value);
        }
}

/* ---- arguments ---- */

/* A decimal number and nothing else: 1 + it; 0: it is a name. */
static uint64_t
event_code(rt_str text)
{
        uint64_t code = 0;

        for (size_t i = 0; i < text.len; i++) {
                if (text.ptr[i] < '0' || text.ptr[i] > '9' || code > RTI_N_EVENT_CODES)
                        return 0;
                code = code * 10 + (uint64_t) (text.ptr[i] - '0');
        }
        return text.len ? code + 1 : 0;
}

int
rti_prepare_evt(const rt_slot_desc *desc, rti_sys_slot *slot)
{
        slot->read = rti_read_evt;
        slot->aux = 0;
        switch (slot->field) {
        case RTI_SYS_EVT_ARGS:
        case RTI_SYS_EVT_INFO:
                slot->read = rti_read_evt_args;
                break;
        case RTI_SYS_EVT_ARG:
        case RTI_SYS_EVT_RAWARG:
                slot->read = rti_read_evt_args;
                if (desc->arg == RT_ARG_INDEX)
                        break;
                slot->aux = rti_param_find(desc->key);
                break;
        case RTI_SYS_EVT_ABSPATH:
                slot->read = rti_read_fspath;
                slot->aux = rti_str_eq(desc->key, RTI_STR("dst"));
                break;
        case RTI_SYS_FS_PATH_NAME:
        case RTI_SYS_FS_PATH_NAMERAW:
        case RTI_SYS_FS_PATH_SOURCE:
        case RTI_SYS_FS_PATH_SOURCERAW:
        case RTI_SYS_FS_PATH_TARGET:
        case RTI_SYS_FS_PATH_TARGETRAW:
                slot->read = rti_read_fspath;
                break;
        case RTI_SYS_EVT_BUFFER:
                slot->aux = rti_param_find(RTI_STR("data"));
                break;
        case RTI_SYS_EVT_TYPE_IS:
                slot->aux = event_code(desc->key);
                break;
        default:
                break;
        }
        return RT_OK;
}
