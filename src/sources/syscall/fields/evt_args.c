/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt_args.c - the fields evt.args, evt.info, evt.arg and evt.rawarg.
 *
 * in: the current event; a slot that rti_prepare_evt has seen; out: the field's value.
 */
#include "sources/syscall/fields/args.h"

enum { NAME_ROOM = 96 }; /* of a parameter's name and what is put around its text */

static int
read_all(rti_sys *sys, const rt_event *event, rt_value *ret_value)
{
        const rti_sysevt *evt = &sys->evt;
        const uint32_t n =
                evt->n_params < evt->info->n_params ? evt->n_params : evt->info->n_params;
        size_t expected = 0, split;
        rti_line line;

        if (evt->type <= RTI_EVENT_GENERIC_EXIT)
                return rti_give_str(ret_value, RTI_STR(""));
        for (uint32_t i = 0; i < n; i++)
                expected += evt->param[i].len + NAME_ROOM;
        rti_line_init(&line, event, expected);
        for (uint32_t i = 0; i < n; i++) {
                if (i)
                        rti_line_char(&line, ' ');
                rti_line_add(&line,
                             rti_str_of(rti_param_name(rti_event_params(evt->info)[i].name)));
                rti_line_char(&line, '=');
                rti_arg_add(sys, i, &line, &split);
                if (split < line.len)
                        rti_line_char(&line, ')');
        }
        return line.failed ? RT_ELIMIT : rti_give_str(ret_value, rti_line_str(&line));
}

/* Which parameter is asked for; RTI_NO_PARAM: the event has none such. */
static uint32_t
which(const rti_sysevt *evt, const rti_sys_slot *slot)
{
        const uint64_t param = slot->arg == RT_ARG_INDEX
                                       ? slot->index
                                       : rti_event_param(evt->info, (uint16_t) slot->aux);

        /* Older writers recorded fewer than there are today. */
        return param < evt->n_params && param < evt->info->n_params ? (uint32_t) param
                                                                    : RTI_NO_PARAM;
}

static int
read_one(rti_sys *sys, const rt_event *event, uint32_t param, rt_value *ret_value)
{
        rt_str text, resolved;
        const int r = rti_arg_render(sys, event, param, &text, &resolved);

        if (r < 0)
                return r;
        return rti_give_str(ret_value, resolved.ptr ? resolved : text);
}

/* Texts and bytes, and what prints as bytes because rules have no kind for it. */
static int
give_bytes(uint32_t kind, rt_str bytes, rt_value *ret_value)
{
        *ret_value =
                (rt_value){ .kind = kind == RT_KIND_DYNAMIC ? (uint32_t) RT_KIND_BYTES : kind };
        ret_value->as.s = ret_value->kind == RT_KIND_BYTES ? bytes : rti_param_text(bytes);
        return 1;
}

static int
give_address(rt_str bytes, rt_value *ret_value)
{
        if (bytes.len != 4 && bytes.len != 16)
                return 0;
        *ret_value = (rt_value){ .kind = RT_KIND_IPADDR, .count = (uint32_t) bytes.len };
        memcpy(ret_value->as.ip, bytes.ptr, bytes.len);
        return 1;
}

/* The value in its own kind, with the format that its numbers print in. */
static int
read_raw(const rti_sys *sys, uint32_t param, rt_value *ret_value)
{
        const rti_param_info *info = rti_event_params(sys->evt.info) + param;
        rt_str bytes = rti_arg(&sys->evt, param);
        uint8_t type = info->type;
        uint32_t kind;
        int64_t number;

        if (type == RTI_PT_DYN && !rti_arg_variant(info->table, &bytes, &type))
                return 0;
        kind = rti_param_type_kind(type);
        if (bytes.len == 0)
                return 0;
        switch (kind) {
        case RT_KIND_STRING:
        case RT_KIND_PATH:
        case RT_KIND_RELPATH:
        case RT_KIND_BYTES:
        case RT_KIND_DYNAMIC:
                return give_bytes(kind, bytes, ret_value);
        case RT_KIND_IPADDR:
                return give_address(bytes, ret_value);
        default:
                break;
        }
        if (!rti_arg_number(type, bytes, &number))
                return 0;
        *ret_value = (rt_value){ .kind = kind, .count = info->format };
        if (kind >= RT_KIND_INT8 && kind <= RT_KIND_INT64)
                ret_value->as.i = number;
        else
                ret_value->as.u = (uint64_t) number;
        return 1;
}

int
rti_read_evt_args(rti_sys *sys, const rt_event *event, rti_sys_slot *slot, rt_value *ret_value)
{
        uint32_t param;

        if (slot->field == RTI_SYS_EVT_ARGS || slot->field == RTI_SYS_EVT_INFO)
                return read_all(sys, event, ret_value);
        param = which(&sys->evt, slot);
        if (param == RTI_NO_PARAM)
                return 0;
        return slot->field == RTI_SYS_EVT_RAWARG ? read_raw(sys, param, ret_value)
                                                 : read_one(sys, event, param, ret_value);
}
