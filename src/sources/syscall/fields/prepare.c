/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prepare.c - which reader a field has, and what its argument means. Once per demand, so that
 * reading looks nothing up.
 */
#include "sources/builtin.h"
#include "sources/syscall/fields/evt.h"
#include "sources/syscall/fields/parts.h"

/* Fields of providers whose data reaches nobody here: known, always missing. */
static int
read_nothing(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        (void) sys;
        (void) event;
        (void) slot;
        (void) ret_value;
        return 0;
}

/* Readers by the group that a field is listed in. */
static const struct {
        const char *group;
        rti_sys_read *read;
} readers[] = {
        { "process", rti_read_proc },  { "user", rti_read_user },
        { "group", rti_read_user },    { "fd", rti_read_fd },
        { "fdlist", rti_read_fdlist }, { "container", rti_read_container },
};

/* NULL: one of those that rti_prepare_evt knows. */
static rti_sys_read *
reader_of(const rt_field_desc *field)
{
        if (rti_str_starts(rti_str_of(field->name), RTI_STR("thread.")))
                return rti_read_thread_group;
        for (size_t i = 0; i < RTI_COUNT(readers); i++)
                if (rti_str_is(rti_str_of(field->group), readers[i].group))
                        return readers[i].read;
        return NULL;
}

static bool
is_foreign(rt_str name)
{
        static const rti_field_table *const others[] = { &rti_k8smeta_fields, &rti_krsi_fields,
                                                         &rti_json_fields };

        for (size_t i = 0; i < RTI_COUNT(others); i++)
                if (rti_field_row_named(others[i], name) != SIZE_MAX)
                        return true;
        return false;
}

/* proc.aenv[3] is a generation, proc.aenv[HOME] a name. */
static bool
read_index(rt_str key, uint64_t *ret_index)
{
        enum { MOST_DIGITS = 9 };
        uint64_t index = 0;

        if (key.len == 0 || key.len > MOST_DIGITS)
                return false;
        for (size_t i = 0; i < key.len; i++) {
                if (key.ptr[i] < '0' || key.ptr[i] > '9')
                        return false;
                index = index * 10 + (uint64_t) (key.ptr[i] - '0');
        }
        *ret_index = index;
        return true;
}

int
rti_sys_prepare(rti_sys *sys, const rt_slot_desc *desc, rti_sys_slot *ret_slot)
{
        const rti_field_table *table = &rti_syscall_fields;
        size_t row = rti_field_row_named(table, desc->field);
        rt_field_desc field;
        rti_sys_slot slot = {
                .read = read_nothing, .arg = desc->arg, .index = desc->index, .key = desc->key
        };

        if (row == SIZE_MAX) {
                slot.field = (uint32_t) table->n;
                table = &rti_container_fields;
                row = rti_field_row_named(table, desc->field);
        }
        if (row == SIZE_MAX) {
                if (!is_foreign(desc->field))
                        return RT_ENOENT;
                *ret_slot = slot;
                return RT_OK;
        }
        field = rti_field_row_desc(table, row);
        slot.field += (uint32_t) row;
        slot.kind = field.kind;
        slot.read = reader_of(&field);
        if (!slot.read)
                rti_prepare_evt(desc, &slot);
        if (slot.field == RTI_SYS_PROC_AENV && slot.arg == RT_ARG_KEY
            && read_index(slot.key, &slot.index))
                slot.arg = RT_ARG_INDEX;
        *ret_slot = slot;
        (void) sys;
        return RT_OK;
}
