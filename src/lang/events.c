/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.c - look-ups in the catalogue of events and system calls.
 *
 * in: names of conditions; out: sets of event codes, parameter kinds. Does not allocate.
 */
#include "lang/events.h"

enum { ENTER = 0, EXIT = 1 };

const rti_event_info rti_events[RTI_N_EVENT_CODES] = {
#define EVENT(code, id, text, half, group, from, flags_, list, tables) \
        [code] = { .name = text, .params = list, .exit = half },
#include "lang/events.def"
#undef EVENT
};

static const rt_str syscall_names[] = {
#define SYSCALL(number, name, x86_64, arm64, ia32, ia32_too, event) RTI_STR_INIT(name),
#include "lang/syscalls.def"
#undef SYSCALL
};

enum { GENERIC_ENTER = 0, GENERIC_EXIT = 1 };

/* Codes that no event has: their name says so. */
static bool
is_unused(const rti_event_info *event)
{
        return strcmp(event->name, "NA") == 0;
}

static bool
is_syscall(rt_str name)
{
        for (size_t i = 0; i < RTI_COUNT(syscall_names); i++)
                if (rti_str_eq(syscall_names[i], name))
                        return true;
        return false;
}

bool
rti_events_named(rt_str name, rti_event_set *ret_set)
{
        rti_event_set set = { 0 };
        bool found = false;

        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                if (rti_str_is(name, rti_events[code].name) && !is_unused(&rti_events[code])) {
                        rti_event_set_add(&set, code);
                        found = true;
                }
        if (!found) {
                if (!is_syscall(name))
                        return false;
                rti_event_set_add(&set, GENERIC_ENTER);
                rti_event_set_add(&set, GENERIC_EXIT);
        }
        *ret_set = set;
        return true;
}

/* ---- parameters ---- */

static const struct {
        rt_str type;
        uint32_t kind;
} param_kinds[] = {
        { RTI_STR_INIT("int8"), RT_KIND_INT8 },
        { RTI_STR_INIT("int16"), RT_KIND_INT16 },
        { RTI_STR_INIT("int32"), RT_KIND_INT32 },
        { RTI_STR_INIT("int64"), RT_KIND_INT64 },
        { RTI_STR_INIT("uint8"), RT_KIND_UINT8 },
        { RTI_STR_INIT("uint16"), RT_KIND_UINT16 },
        { RTI_STR_INIT("uint32"), RT_KIND_UINT32 },
        { RTI_STR_INIT("uint64"), RT_KIND_UINT64 },
        { RTI_STR_INIT("flags8"), RT_KIND_UINT8 },
        { RTI_STR_INIT("flags16"), RT_KIND_UINT16 },
        { RTI_STR_INIT("flags32"), RT_KIND_UINT32 },
        { RTI_STR_INIT("enumflags8"), RT_KIND_UINT8 },
        { RTI_STR_INIT("enumflags16"), RT_KIND_UINT16 },
        { RTI_STR_INIT("enumflags32"), RT_KIND_UINT32 },
        { RTI_STR_INIT("mode"), RT_KIND_UINT32 },
        { RTI_STR_INIT("errno"), RT_KIND_INT64 },
        { RTI_STR_INIT("fd"), RT_KIND_INT64 },
        { RTI_STR_INIT("fd32"), RT_KIND_INT32 },
        { RTI_STR_INIT("pid"), RT_KIND_INT64 },
        { RTI_STR_INIT("pid32"), RT_KIND_INT32 },
        { RTI_STR_INIT("uid"), RT_KIND_UINT32 },
        { RTI_STR_INIT("gid"), RT_KIND_UINT32 },
        { RTI_STR_INIT("port"), RT_KIND_PORT },
        { RTI_STR_INIT("syscallid"), RT_KIND_UINT16 },
        { RTI_STR_INIT("sigtype"), RT_KIND_UINT8 },
        { RTI_STR_INIT("sigset"), RT_KIND_UINT32 },
        { RTI_STR_INIT("reltime"), RT_KIND_RELTIME },
        { RTI_STR_INIT("abstime"), RT_KIND_ABSTIME },
        { RTI_STR_INIT("charbuf"), RT_KIND_STRING },
        { RTI_STR_INIT("fspath"), RT_KIND_PATH },
        { RTI_STR_INIT("fsrelpath"), RT_KIND_RELPATH },
        { RTI_STR_INIT("bytebuf"), RT_KIND_BYTES },
        { RTI_STR_INIT("ipv4addr"), RT_KIND_IPADDR },
        { RTI_STR_INIT("ipv6addr"), RT_KIND_IPADDR },
        { RTI_STR_INIT("bool"), RT_KIND_BOOL },
};

/* Kind of a parameter type; DYNAMIC for those that no constant can be compared with. */
static uint32_t
kind_of_type(rt_str type)
{
        for (size_t i = 0; i < RTI_COUNT(param_kinds); i++)
                if (rti_str_eq(param_kinds[i].type, type))
                        return param_kinds[i].kind;
        return RT_KIND_DYNAMIC;
}

/* Length of the parameter's name in "name:type[:format]". */
static size_t
name_length(const char *param)
{
        return strcspn(param, ":");
}

static rt_str
type_of(const char *param)
{
        const char *type = param + name_length(param) + 1;

        return (rt_str){ type, strcspn(type, ": ") };
}

size_t
rti_event_param_prefix(rt_str text, uint32_t *ret_kind)
{
        const char *found = NULL;
        size_t longest = 0;

        for (uint32_t code = 0; code < RTI_N_EVENT_CODES && text.len; code++) {
                const char *param = rti_events[code].params;

                while (param && *param) {
                        const size_t len = *param == *text.ptr ? name_length(param) : 0;

                        if (len > longest && rti_str_starts(text, (rt_str){ param, len })) {
                                longest = len;
                                found = param;
                        }
                        param = strchr(param, ' ');
                        if (param)
                                param++;
                }
        }
        if (found && ret_kind)
                *ret_kind = kind_of_type(type_of(found));
        return longest;
}

bool
rti_event_param_known(rt_str name)
{
        return name.len && rti_event_param_prefix(name, NULL) == name.len;
}
