/* SPDX-License-Identifier: Apache-2.0 */
/* wrap.c - a host between an engine and one of its sources. */
#include "falco/system.h"

int
rti_fp_wrap_source(rt_falco *host, rt_engine *engine, const char *source,
                   const rt_source_ops *outer, const rti_fp_message *message,
                   rti_fp_wrap **ret_wrap)
{
        rti_fp_wrap *wrap = rti_calloc(&host->allocator, 1, sizeof *wrap);
        rt_source_ops ops = *outer;
        int r;

        *ret_wrap = NULL;
        if (!wrap)
                return RT_ENOMEM;
        wrap->host = host;
        wrap->source = source;
        wrap->inner.size = sizeof wrap->inner;
        ops.user = wrap;
        r = rt_engine_wrap_source(engine, source, &ops, &wrap->inner);
        if (r == RT_OK) {
                wrap->next = host->wraps;
                host->wraps = wrap;
                *ret_wrap = wrap;
                return RT_OK;
        }
        rti_free(&host->allocator, wrap);
        return r == RT_ENOENT
                       ? RT_OK
                       : rti_fp_fail(message, r, "cannot put plug-ins behind source '%s': %s",
                                     source, rt_status_name(r));
}

void
rti_fp_unwrap_source(rt_engine *engine, rti_fp_wrap *wrap)
{
        rt_source_ops ignored = RT_INIT(rt_source_ops);

        /* What was there once is there again: nothing new that could fail. */
        (void) rt_engine_wrap_source(engine, wrap->source, &wrap->inner, &ignored);
}

void
rti_fp_wraps_free(rt_falco *host)
{
        while (host->wraps) {
                rti_fp_wrap *wrap = host->wraps;

                host->wraps = wrap->next;
                rti_free(&host->allocator, wrap);
        }
}
