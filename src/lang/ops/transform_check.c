/* SPDX-License-Identifier: Apache-2.0 */
/* transform_check.c - which types a transformer takes and gives; the error texts are Falco's. */
#include "lang/ops/family.h"
#include "lang/ops/transform.h"

static int
not_supported(rti_arena *arena, const rti_transform_use *use, rt_str *ret_error)
{
        return rti_refuse(arena, ret_error,
                          "can't add field transformer: type '%s' is not supported by '%.*s' "
                          "transformer applied on %sfield '%.*s'",
                          rti_kinds[use->args[0].kind].falco_name,
                          RTI_FMT(rti_transformers[use->transformer].name),
                          use->args[0].list ? "list " : "", RTI_FMT(use->first_name));
}

static int
check_one(rti_arena *arena, const rti_transform_use *use, rti_type *ret_type, rt_str *ret_error)
{
        const rti_type arg = use->args[0];
        const bool string = rti_kind_is_string(arg.kind);

        switch (use->transformer) {
        case RTI_TR_TOLOWER:
        case RTI_TR_TOUPPER:
        case RTI_TR_BASENAME:
                if (!string)
                        return not_supported(arena, use, ret_error);
                break;
        case RTI_TR_B64:
                if (arg.kind != RT_KIND_STRING && arg.kind != RT_KIND_BYTES)
                        return not_supported(arena, use, ret_error);
                break;
        case RTI_TR_LEN:
                if (!arg.list && !string && arg.kind != RT_KIND_BYTES)
                        return not_supported(arena, use, ret_error);
                *ret_type = (rti_type){ RT_KIND_UINT64, false };
                return RT_OK;
        default: /* val */
                break;
        }
        *ret_type = arg;
        return RT_OK;
}

static int
check_join(rti_arena *arena, const rti_transform_use *use, rti_type *ret_type, rt_str *ret_error)
{
        if (use->n != 2)
                return rti_refuse(arena, ret_error,
                                  "join() requires exactly 2 arguments: separator and list");
        if (use->args[0].list)
                return rti_refuse(arena, ret_error,
                                  "join() first argument (separator) must be a single value, not "
                                  "a list");
        if (!use->args[1].list)
                return rti_refuse(arena, ret_error, "join() second argument must be a list");
        *ret_type = (rti_type){ RT_KIND_STRING, false };
        return RT_OK;
}

static int
check_concat(rti_arena *arena, const rti_transform_use *use, rti_type *ret_type, rt_str *ret_error)
{
        if (use->n < 2)
                return rti_refuse(arena, ret_error, "concat() requires at least 2 arguments");
        for (uint32_t i = 0; i < use->n; i++)
                if (use->args[i].list || !rti_kind_is_string(use->args[i].kind))
                        return rti_refuse(arena, ret_error, "concat() arguments must be strings");
        *ret_type = (rti_type){ RT_KIND_STRING, false };
        return RT_OK;
}

static int
check_getopt(rti_arena *arena, const rti_transform_use *use, rti_type *ret_type, rt_str *ret_error)
{
        if (use->n != 2)
                return rti_refuse(arena, ret_error,
                                  "getopt() requires exactly 2 arguments: args list and optstring");
        if (!use->args[0].list)
                return rti_refuse(arena, ret_error, "getopt() first argument must be a list");
        if (use->args[1].list)
                return rti_refuse(arena, ret_error,
                                  "getopt() second argument (optstring) must be a single value");
        if (!rti_kind_is_string(use->args[0].kind) || !rti_kind_is_string(use->args[1].kind))
                return rti_refuse(arena, ret_error, "getopt() arguments must be strings");
        if (use->has_selector && use->selector.len != 1)
                return rti_refuse(arena, ret_error,
                                  "getopt() field argument must be a single option character");
        *ret_type = (rti_type){ RT_KIND_STRING, !use->has_selector };
        return RT_OK;
}

int
rti_transform_check(rti_arena *arena, const rti_transform_use *use, rti_type *ret_type,
                    rt_str *ret_error)
{
        if (use->transformer >= RTI_N_TRANSFORMERS)
                return RT_EINVAL;
        for (uint32_t i = 0; i < use->n; i++)
                if (use->args[i].kind > RT_KIND_LIST)
                        return RT_EINVAL;
        if (use->has_selector && use->transformer != RTI_TR_GETOPT)
                return rti_refuse(arena, ret_error,
                                  "filter error: transformer '%.*s' does not support field "
                                  "arguments",
                                  RTI_FMT(rti_transformers[use->transformer].name));
        switch (use->transformer) {
        case RTI_TR_JOIN:
                return check_join(arena, use, ret_type, ret_error);
        case RTI_TR_CONCAT:
                return check_concat(arena, use, ret_type, ret_error);
        case RTI_TR_GETOPT:
                return check_getopt(arena, use, ret_type, ret_error);
        default:
                if (use->n != 1)
                        return rti_refuse(arena, ret_error, "unknown field transfomer '%.*s'",
                                          RTI_FMT(rti_transformers[use->transformer].name));
                return check_one(arena, use, ret_type, ret_error);
        }
}
