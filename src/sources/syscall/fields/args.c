/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.c - printing the parameters of an event.
 *
 * in    the current event, a parameter's number; bytes of any length
 * out   the value's text, and the text of what it stands for, as evt.args and evt.arg have them
 *
 * A value whose bytes are not as many as its type takes prints as "<NA>", as one without bytes.
 */
#include "sources/syscall/fields/args.h"
#include "base/clock.h"
#include "sources/syscall/fields/names.h"
#include "sources/syscall/state/path.h"
#include <stdio.h>

enum { NS_PER_SECOND = 1000000000, FIRST_ROOM = 96 };

/* Bytes of a number of each type, negative: signed; 0: no number. */
static const int8_t widths[RTI_N_PARAM_TYPES] = {
        [RTI_PT_INT8] = -1,       [RTI_PT_INT16] = -2,      [RTI_PT_INT32] = -4,
        [RTI_PT_INT64] = -8,      [RTI_PT_UINT8] = 1,       [RTI_PT_UINT16] = 2,
        [RTI_PT_UINT32] = 4,      [RTI_PT_UINT64] = 8,      [RTI_PT_ERRNO] = -8,
        [RTI_PT_FD] = -8,         [RTI_PT_PID] = -8,        [RTI_PT_SYSCALLID] = 2,
        [RTI_PT_SIGTYPE] = 1,     [RTI_PT_RELTIME] = 8,     [RTI_PT_ABSTIME] = 8,
        [RTI_PT_PORT] = 2,        [RTI_PT_L4PROTO] = 1,     [RTI_PT_SOCKFAMILY] = 1,
        [RTI_PT_BOOL] = 4,        [RTI_PT_FLAGS8] = 1,      [RTI_PT_FLAGS16] = 2,
        [RTI_PT_FLAGS32] = 4,     [RTI_PT_UID] = 4,         [RTI_PT_GID] = 4,
        [RTI_PT_SIGSET] = 4,      [RTI_PT_MODE] = 4,        [RTI_PT_ENUMFLAGS8] = 1,
        [RTI_PT_ENUMFLAGS16] = 2, [RTI_PT_ENUMFLAGS32] = 4, [RTI_PT_FD32] = -4,
        [RTI_PT_PID32] = -4,
};

bool
rti_arg_number(uint8_t type, rt_str bytes, int64_t *ret_number)
{
        const int8_t width = type < RTI_N_PARAM_TYPES ? widths[type] : 0;
        const size_t size = (size_t) (width < 0 ? -width : width);
        uint64_t number = 0;

        if (size == 0 || bytes.len != size)
                return false;
        for (size_t i = size; i-- > 0;)
                number = number << 8 | (unsigned char) bytes.ptr[i];
        switch (width) {
        case -1:
                *ret_number = (int8_t) number;
                break;
        case -2:
                *ret_number = (int16_t) number;
                break;
        case -4:
                *ret_number = (int32_t) number;
                break;
        default:
                *ret_number = (int64_t) number;
                break;
        }
        return true;
}

bool
rti_arg_variant(uint32_t table, rt_str *bytes, uint8_t *ret_type)
{
        const uint32_t type =
                bytes->len ? rti_flag_variant(table, (uint8_t) bytes->ptr[0]) : RTI_PT_NONE;

        if (type == RTI_PT_NONE)
                return false;
        *bytes = rti_str_sub(*bytes, 1, bytes->len);
        *ret_type = (uint8_t) type;
        return true;
}

/* By its format. Decimal numbers of 32 bits and more are signed, whatever their type. */
static void
put_number(rti_arg_put *put, int64_t number)
{
        const size_t bits = 8 * put->bytes.len;
        const uint64_t pattern =
                bits < 64 ? (uint64_t) number & (((uint64_t) 1 << bits) - 1) : (uint64_t) number;

        if (put->format == RT_FORMAT_HEX) {
                rti_line_base(put->line, pattern, 16);
        } else if (put->format == RT_FORMAT_OCT) {
                if (pattern)
                        rti_line_char(put->line, '0');
                rti_line_base(put->line, pattern, 8);
        } else {
                rti_line_i64(put->line, bits == 32 ? (int32_t) number : number);
        }
}

static void
put_errno(rti_arg_put *put, int64_t number)
{
        rti_line_i64(put->line, number);
        rti_arg_resolve(put);
        if (number < 0)
                rti_names_one(put->line, RTI_FLAGS_ERRNO, 0 - (uint64_t) number);
}

static void
put_mode(rti_arg_put *put, uint32_t mode)
{
        if (mode)
                rti_line_char(put->line, '0');
        rti_line_base(put->line, mode, 8);
        rti_arg_resolve(put);
        rti_names_mode(put->line, put->table, mode);
}

/* Six digits of the number of seconds, as C's %g. */
static void
put_reltime(rti_arg_put *put, uint64_t ns)
{
        char digits[40];
        int n;

        if (ns == UINT64_MAX) {
                rti_line_add(put->line, RTI_STR("none"));
                return;
        }
        rti_line_u64(put->line, ns);
        rti_arg_resolve(put);
        n = snprintf(digits, sizeof digits, "%g", (double) ns / NS_PER_SECOND);
        for (int i = 0; i < n; i++)
                if (digits[i] == ',') /* the host's locale is not ours */
                        digits[i] = '.';
        rti_line_add(put->line, (rt_str){ digits, (size_t) n });
        rti_line_char(put->line, 's');
}

static void
put_abstime(rti_arg_put *put, uint64_t ns)
{
        char *to = rti_line_reserve(put->line, RTI_CLOCK_ROOM);

        if (to)
                put->line->len += rti_clock_text(ns, RTI_CLOCK_DATETIME, to);
}

/* Types whose values are numbers that stand for something. */
static void
put_meaning(rti_arg_put *put, int64_t number)
{
        switch (put->type) {
        case RTI_PT_ERRNO:
                put_errno(put, number);
                break;
        case RTI_PT_FD:
        case RTI_PT_FD32:
                rti_arg_fd(put, number);
                break;
        case RTI_PT_PID:
        case RTI_PT_PID32:
                rti_arg_pid(put, number);
                break;
        case RTI_PT_UID:
        case RTI_PT_GID:
                rti_arg_user(put, (uint32_t) number, put->type == RTI_PT_GID);
                break;
        case RTI_PT_FLAGS8:
        case RTI_PT_FLAGS16:
        case RTI_PT_FLAGS32:
                rti_line_i64(put->line, number);
                rti_arg_resolve(put);
                rti_names_flags(put->line, put->table, (uint32_t) number);
                break;
        case RTI_PT_ENUMFLAGS8:
        case RTI_PT_ENUMFLAGS16:
        case RTI_PT_ENUMFLAGS32:
                rti_line_i64(put->line, number);
                rti_arg_resolve(put);
                rti_names_enum(put->line, put->table, (uint32_t) number);
                break;
        case RTI_PT_MODE:
                put_mode(put, (uint32_t) number);
                break;
        case RTI_PT_SIGTYPE:
                rti_line_i64(put->line, number);
                rti_arg_resolve(put);
                rti_names_one(put->line, RTI_FLAGS_SIGNAL, (uint64_t) number);
                break;
        case RTI_PT_SIGSET:
                rti_names_sigset(put->line, (uint32_t) number);
                break;
        case RTI_PT_SYSCALLID:
                rti_line_i64(put->line, number);
                rti_arg_resolve(put);
                rti_line_add(put->line, rti_syscall_name((uint32_t) number));
                break;
        case RTI_PT_RELTIME:
                put_reltime(put, (uint64_t) number);
                break;
        case RTI_PT_ABSTIME:
                put_abstime(put, (uint64_t) number);
                break;
        case RTI_PT_BOOL:
                rti_line_add(put->line, number ? RTI_STR("true") : RTI_STR("false"));
                break;
        default:
                put_number(put, number);
                break;
        }
}

static void
put_address(rti_arg_put *put)
{
        char text[RTI_TUPLE_ROOM];
        size_t n;

        if (put->bytes.len == 4)
                n = rti_print_ip4(text, (const uint8_t *) put->bytes.ptr);
        else if (put->bytes.len == 16)
                n = rti_print_ip6(text, (const uint8_t *) put->bytes.ptr);
        else
                n = 0;
        rti_line_add(put->line, n ? (rt_str){ text, n } : RTI_STR("<NA>"));
}

static void
put_double(rti_arg_put *put)
{
        char digits[400];
        double number;
        int n;

        if (put->bytes.len != sizeof number) {
                rti_line_add(put->line, RTI_STR("<NA>"));
                return;
        }
        memcpy(&number, put->bytes.ptr, sizeof number);
        n = snprintf(digits, sizeof digits, "%.1f", number);
        for (int i = 0; i < n; i++)
                if (digits[i] == ',')
                        digits[i] = '.';
        rti_line_add(put->line, (rt_str){ digits, (size_t) n });
}

static bool
is_null_when_empty(uint8_t type)
{
        return type == RTI_PT_BYTEBUF || type == RTI_PT_SOCKTUPLE || type == RTI_PT_FDLIST
               || type == RTI_PT_CHARBUFARRAY || type == RTI_PT_CHARBUF_PAIR_ARRAY
               || type == RTI_PT_DYN;
}

static void
put_value(rti_arg_put *put)
{
        int64_t number;

        if (put->bytes.len == 0) {
                rti_line_add(put->line,
                             is_null_when_empty(put->type) ? RTI_STR("NULL") : RTI_STR("<NA>"));
                return;
        }
        switch (put->type) {
        case RTI_PT_CHARBUF:
                rti_line_add(put->line, rti_param_text(put->bytes));
                break;
        case RTI_PT_FSPATH:
        case RTI_PT_FSRELPATH:
                rti_arg_path(put);
                break;
        case RTI_PT_BYTEBUF:
        case RTI_PT_CHARBUFARRAY:
        case RTI_PT_CHARBUF_PAIR_ARRAY:
                rti_line_printable(put->line, put->bytes);
                break;
        case RTI_PT_SOCKADDR:
        case RTI_PT_SOCKTUPLE:
                rti_arg_sockaddr(put, put->type == RTI_PT_SOCKTUPLE);
                break;
        case RTI_PT_FDLIST:
                rti_arg_fdlist(put);
                break;
        case RTI_PT_IPV4ADDR:
        case RTI_PT_IPV6ADDR:
        case RTI_PT_IPADDR:
                put_address(put);
                break;
        case RTI_PT_IPV4NET:
        case RTI_PT_IPV6NET:
        case RTI_PT_IPNET:
                rti_line_add(put->line, RTI_STR("<IPNET>"));
                break;
        case RTI_PT_DOUBLE:
                put_double(put);
                break;
        default:
                if (rti_arg_number(put->type, put->bytes, &number))
                        put_meaning(put, number);
                else
                        rti_line_add(put->line, RTI_STR("<NA>"));
                break;
        }
}

void
rti_arg_add(rti_sys *sys, uint32_t param, rti_line *line, size_t *ret_split)
{
        const rti_param_info *info = rti_event_params(sys->evt.info) + param;
        rti_arg_put put = {
                .sys = sys,
                .line = line,
                .bytes = rti_arg(&sys->evt, param),
                .type = info->type,
                .format = info->format,
                .table = info->table,
                .dirfd = info->dirfd,
                .split = SIZE_MAX,
        };

        if (put.type == RTI_PT_DYN && put.bytes.len
            && !rti_arg_variant(info->table, &put.bytes, &put.type))
                rti_line_add(line, RTI_STR("INVALID DYNAMIC PARAMETER"));
        else
                put_value(&put);
        if (put.split == SIZE_MAX)
                put.split = line->len;
        else if (line->len == put.split + 1)
                line->len = put.split; /* it stands for nothing */
        *ret_split = put.split;
}

int
rti_arg_render(rti_sys *sys, const rt_event *event, uint32_t param, rt_str *ret_text,
               rt_str *ret_resolved)
{
        const rt_str bytes = rti_arg(&sys->evt, param);
        rti_line line;
        size_t split;

        if (param >= sys->evt.info->n_params)
                return RT_ENOENT;
        if (rti_event_params(sys->evt.info)[param].type == RTI_PT_CHARBUF) {
                *ret_text = rti_param_text(bytes);
                *ret_resolved = (rt_str){ NULL, 0 };
                return RT_OK;
        }
        rti_line_init(&line, event, bytes.len + FIRST_ROOM);
        rti_arg_add(sys, param, &line, &split);
        if (line.failed)
                return RT_ELIMIT;
        *ret_text = (rt_str){ line.ptr, split };
        *ret_resolved = split < line.len ? rti_str_sub(rti_line_str(&line), split + 1, line.len)
                                         : (rt_str){ NULL, 0 };
        return RT_OK;
}
