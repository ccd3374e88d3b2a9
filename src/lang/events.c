/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.c - look-ups in the catalogue of events and system calls.
 *
 * in: names of conditions; out: sets of event codes, parameter kinds. Does not allocate.
 */
#include "lang/events.h"
#include "lang/flags.h"
#include <libruntime/source.h>

typedef struct syscall_row {
        uint16_t name;  /* in texts */
        int16_t native; /* number on the machine this is built for, -1: none */
} syscall_row;

#ifdef __aarch64__
#define NATIVE(x86_64, arm64) (arm64)
#else
#define NATIVE(x86_64, arm64) (x86_64)
#endif

/* Made by the build; needs what stands above. */
#include "lang/event_tables.h"

const char *
rti_event_name(const rti_event_info *event)
{
        return texts + event->name;
}

/* Hardly any name of a table begins as the one that is looked for. */
static bool
is_syscall(rt_str name)
{
        for (size_t i = 0; i < RTI_COUNT(syscalls) && name.len; i++)
                if (texts[syscalls[i].name] == name.ptr[0]
                    && rti_str_is(name, texts + syscalls[i].name))
                        return true;
        return false;
}

rt_str
rti_syscall_name(uint32_t number)
{
        return rti_str_of(texts + (number < RTI_COUNT(syscalls) ? syscalls[number].name : 0));
}

uint32_t
rti_syscall_of_native(uint32_t nr)
{
        for (uint32_t i = 1; i < RTI_COUNT(syscalls); i++)
                if (syscalls[i].name && syscalls[i].native >= 0
                    && (uint32_t) syscalls[i].native == nr)
                        return i;
        return 0;
}

/* Where in events_by_name those of @a name begin, or would. */
static size_t
first_named(rt_str name)
{
        size_t low = 0, high = RTI_COUNT(events_by_name);

        while (low < high) {
                const size_t middle = low + (high - low) / 2;

                if (rti_str_cmp(rti_str_of(rti_event_name(&rti_events[events_by_name[middle]])),
                                name)
                    < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

bool
rti_events_named(rt_str name, rti_event_set *ret_set)
{
        rti_event_set set = { 0 };
        const size_t first = first_named(name);
        size_t at = first;

        for (; at < RTI_COUNT(events_by_name)
               && rti_str_is(name, rti_event_name(&rti_events[events_by_name[at]]));
             at++)
                rti_event_set_add(&set, events_by_name[at]);
        if (at == first) {
                if (!is_syscall(name))
                        return false;
                rti_event_set_add(&set, RTI_EVENT_GENERIC_ENTER);
                rti_event_set_add(&set, RTI_EVENT_GENERIC_EXIT);
        }
        *ret_set = set;
        return true;
}

/* ---- parameters ---- */

static const struct {
        const char *name;
        uint32_t kind;
} param_types[RTI_N_PARAM_TYPES] = {
#define PARAM_TYPE(number, id, text, kind_) [number] = { text, RT_KIND_##kind_ },
#include "lang/param_types.def"
#undef PARAM_TYPE
};

const char *
rti_param_type_name(uint32_t type)
{
        return type < RTI_N_PARAM_TYPES ? param_types[type].name : "";
}

uint32_t
rti_param_type_kind(uint32_t type)
{
        return type < RTI_N_PARAM_TYPES ? param_types[type].kind : RT_KIND_DYNAMIC;
}

const char *
rti_param_name(uint16_t name)
{
        return name < sizeof param_names - 1 ? param_names + name : "";
}

/* Number of the longest name that @a text begins with. */
static uint16_t
longest_name(rt_str text)
{
        uint16_t found = RTI_NO_PARAM_NAME;
        size_t longest = 0;

        for (size_t at = 0; at < sizeof param_names - 1;) {
                const rt_str name = rti_str_of(param_names + at);

                if (name.len > longest && rti_str_starts(text, name)) {
                        longest = name.len;
                        found = (uint16_t) at;
                }
                at += name.len + 1;
        }
        return found;
}

uint16_t
rti_param_find(rt_str name)
{
        const uint16_t found = longest_name(name);

        if (found != RTI_NO_PARAM_NAME && !rti_str_is(name, param_names + found))
                return RTI_NO_PARAM_NAME;
        return found;
}

size_t
rti_event_param_prefix(rt_str text, uint32_t *ret_kind)
{
        const uint16_t name = longest_name(text);

        if (name == RTI_NO_PARAM_NAME)
                return 0;
        /* Rows stand in the order of the events that had them first. */
        for (size_t i = 0; i < RTI_COUNT(rti_params) && ret_kind; i++)
                if (rti_params[i].name == name) {
                        *ret_kind = rti_param_type_kind(rti_params[i].type);
                        break;
                }
        return rti_str_of(param_names + name).len;
}

bool
rti_event_param_known(rt_str name)
{
        return rti_param_find(name) != RTI_NO_PARAM_NAME;
}

/* ---- names of values ---- */

uint32_t
rti_flags_begin(uint32_t table)
{
        return table < RTI_N_FLAG_TABLES ? flag_begin[table] : 0;
}

uint32_t
rti_flags_end(uint32_t table)
{
        return table < RTI_N_FLAG_TABLES ? flag_begin[table + 1] : 0;
}

uint32_t
rti_flag_value(uint32_t row)
{
        return flag_values[row];
}

const char *
rti_flag_name(uint32_t row)
{
        return flag_names + flag_name_at[row];
}

const char *
rti_flag_named(uint32_t table, uint64_t value)
{
        for (uint32_t row = rti_flags_begin(table); row < rti_flags_end(table); row++)
                if (flag_values[row] == value)
                        return rti_flag_name(row);
        return NULL;
}

uint32_t
rti_flag_variant(uint32_t table, uint8_t selector)
{
        for (uint32_t row = rti_flags_begin(table); row < rti_flags_end(table); row++)
                if (flag_values[row] == selector)
                        return flag_name_at[row];
        return RTI_PT_NONE;
}
