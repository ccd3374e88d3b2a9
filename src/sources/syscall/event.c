/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.c - what parameters of an event say, as the reference takes them.
 *
 * in: parameters of any length; out: slices of them, numbers. Does not allocate.
 */
#include "sources/syscall/event.h"
#include "sources/syscall/codes.h"

static const rt_str not_available = RTI_STR_INIT("<NA>");

rt_str
rti_param_text(rt_str param)
{
        const char *nul = param.len ? memchr(param.ptr, 0, param.len) : NULL;

        if (nul)
                param.len = (size_t) (nul - param.ptr);
        else if (param.len == 0)
                return not_available;
        /* What older writers put for a pointer that could not be followed. */
        return rti_str_eq(param, RTI_STR("(NULL)")) ? not_available : param;
}

bool
rti_sysevt_result(const rti_sysevt *evt, int64_t *ret_result)
{
        /* Parameters that the event type does not have mean nothing, whoever wrote them. */
        if (!evt->info->exit || !(evt->info->origin & RTI_EO_SYSCALL) || evt->n_params == 0
            || evt->info->n_params == 0 || evt->type <= RTI_EV_GENERIC_X)
                return false;
        *ret_result = evt->param[0].len == sizeof(int32_t) ? (int32_t) rti_arg_u32(evt, 0, 0)
                                                           : rti_arg_i64(evt, 0, 0);
        return true;
}
