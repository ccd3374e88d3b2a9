/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.c - one event out of its block: header, lengths, values, and what stands behind them.
 *
 *   in   the body of a block
 *   out  the event as recorded; its parameters are slices of the body
 */
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/parts.h"

enum { HEADER_BYTES = 22, OLD_EXCESS_BYTES = 3 };

static inline size_t
load_length(const char *at, size_t width)
{
        uint16_t small;
        uint32_t large;

        if (width == sizeof small) {
                memcpy(&small, at, sizeof small);
                return small;
        }
        memcpy(&large, at, sizeof large);
        return large;
}

/* The number of parameters, which old events do not tell: the most for which headers, lengths and
 * values take up exactly the event. UINT32_MAX: there is none. */
static uint32_t
count_params(const rti_event_info *info, rt_str rest, size_t width)
{
        uint32_t found = rest.len == 0 ? 0 : UINT32_MAX;
        size_t values = 0;

        for (uint32_t n = 1; n <= info->n_params && n * width <= rest.len; n++) {
                values += load_length(rest.ptr + (n - 1) * width, width);
                if (n * width + values == rest.len)
                        found = n;
        }
        return found;
}

/* Cut @a rest into lengths and values. Parameters that this does not know are passed over. */
static inline int
cut_params(rt_str rest, size_t width, uint32_t n, rti_sysevt *evt)
{
        const char *lengths = rest.ptr, *value;
        const uint32_t before = evt->n_params;
        size_t left;
        uint32_t i;

        if ((uint64_t) n * width > rest.len)
                return RT_EFORMAT;
        value = rest.ptr + n * width;
        left = rest.len - n * width;
        n = n < RTI_MOST_PARAMS ? n : RTI_MOST_PARAMS;
        for (i = 0; i < n; i++) {
                const size_t len = load_length(lengths + i * width, width);

                if (len > left)
                        break;
                evt->param[i] = (rt_str){ value, len };
                value += len;
                left -= len;
        }
        evt->n_params = i;
        for (; i < before; i++)
                evt->param[i] = (rt_str){ NULL, 0 };
        return evt->n_params == n ? RT_OK : RT_EFORMAT;
}

int
rti_scap_event(rt_str bytes, bool with_flags, bool v2, rti_sysevt *evt, size_t *ret_used)
{
        const size_t before = with_flags ? sizeof(uint16_t) + sizeof(uint32_t) : sizeof(uint16_t);
        const size_t header = HEADER_BYTES + (v2 ? sizeof(uint32_t) : 0);
        const char *at = bytes.ptr;
        uint32_t len, n_params = 0;
        rt_str rest;
        size_t width;

        if (bytes.len < before + header)
                return RT_EFORMAT;
        memcpy(&evt->cpu, at, sizeof evt->cpu);
        at += before;
        memcpy(&evt->time_ns, at, sizeof evt->time_ns);
        memcpy(&evt->tid, at + 8, sizeof evt->tid);
        memcpy(&len, at + 16, sizeof len);
        memcpy(&evt->type, at + 20, sizeof evt->type);
        if (evt->type >= RTI_N_EVENT_CODES)
                return RT_ENOENT;
        if (!v2
            && (evt->type == RTI_EV_NOTIFICATION_E || evt->type == RTI_EV_INFRASTRUCTURE_EVENT_E))
                len -= len >= OLD_EXCESS_BYTES ? OLD_EXCESS_BYTES : 0;
        if (len < header || len > bytes.len - before)
                return RT_EFORMAT;
        evt->info = &rti_events[evt->type];
        width = evt->info->flags & RTI_EF_LARGE_PAYLOAD ? sizeof(uint32_t) : sizeof(uint16_t);
        rest = (rt_str){ at + header, len - header };
        if (v2)
                memcpy(&n_params, at + HEADER_BYTES, sizeof n_params);
        else
                n_params = count_params(evt->info, rest, width);
        *ret_used = before + len;
        return cut_params(rest, width, n_params, evt);
}

/* ---- options ---- */

static int
tell_thread(rti_scap *scap, rt_str value)
{
        rti_told_thread told;

        if (value.len < sizeof told)
                return RT_EFORMAT;
        memcpy(&told, value.ptr, sizeof told);
        return rti_state_tell_thread(scap->state, &told,
                                     rti_str_sub(value, sizeof told, value.len));
}

static int
read_option(rti_scap *scap, uint16_t code, rt_str value)
{
        rti_bytes at = rti_bytes_of(value);
        rti_proc_entry process;
        rti_fd_entry fd;
        int64_t tid;

        if (code == RTI_SCAP_OPT_PROCESS) {
                if (rti_scap_process(value, 9, &process) < 0)
                        return RT_EFORMAT;
                return rti_state_add_process(scap->state, &process);
        }
        if (code == RTI_SCAP_OPT_FD) {
                tid = rti_bytes_i64(&at);
                if (at.bad || rti_scap_fd((rt_str){ at.at, rti_bytes_left(&at) }, 2, &fd) < 0)
                        return RT_EFORMAT;
                scap->fd_told = true;
                scap->told_fd = fd;
                return rti_state_add_fd(scap->state, tid, &fd);
        }
        return code == RTI_SCAP_OPT_THREAD ? tell_thread(scap, value) : RT_OK;
}

static bool
is_ours(uint16_t code)
{
        return code == RTI_SCAP_OPT_PROCESS || code == RTI_SCAP_OPT_FD
               || code == RTI_SCAP_OPT_THREAD;
}

int
rti_scap_options(rti_scap *scap, rt_str bytes, size_t *ret_bad)
{
        rti_bytes at = rti_bytes_of(bytes);

        while (rti_bytes_left(&at) >= 2 * sizeof(uint16_t)) {
                const uint16_t code = rti_bytes_u16(&at), len = rti_bytes_u16(&at);
                const rt_str value = rti_bytes_cut(&at, len);
                size_t padding = (size_t) -len & 3;
                int r;

                if (code == 0 || (at.bad && !is_ours(code)))
                        break; /* what others put there need not be options */
                *ret_bad = at.bad ? bytes.len : (size_t) (value.ptr - bytes.ptr);
                r = at.bad ? RT_EFORMAT : read_option(scap, code, value);
                if (r == RT_EFORMAT || r == RT_ENOMEM)
                        return r;
                padding = padding < rti_bytes_left(&at) ? padding : rti_bytes_left(&at);
                at.at += padding;
        }
        return RT_OK;
}
