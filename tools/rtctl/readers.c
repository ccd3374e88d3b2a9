/* SPDX-License-Identifier: Apache-2.0 */
/* readers.c - the readers that this build of rtctl has besides the core's plain files. */
#include "readers.h"
#include <stdio.h>
#include <libruntime-inputs/follow.h>
#include <libruntime-live/live.h>
#ifdef RT_HAVE_GZIP
#include <libruntime-inputs/gzip.h>
#endif

int
readers_add(rt_engine *engine, bool follow)
{
        int r = RT_OK;

        if (follow)
                r = rt_engine_add_reader(engine, rt_follow_reader());
#ifdef RT_HAVE_GZIP
        if (r == RT_OK)
                r = rt_engine_add_reader(engine, rt_gzip_reader());
#endif
#ifdef RT_HAVE_LIVE
        if (r == RT_OK)
                r = rt_engine_add_reader(engine, rt_live_reader());
#endif
        if (r == RT_OK)
                r = rt_engine_add_reader(engine, rt_connector_reader());
        return r;
}

const rt_reader_ops *
readers_live(void)
{
#ifdef RT_HAVE_LIVE
        return rt_live_reader();
#else
        return NULL;
#endif
}

void
readers_explain_live(char *to, size_t room)
{
#ifdef RT_HAVE_LIVE
        (void) rt_live_check(to, room);
#else
        snprintf(to, room,
                 "this rtctl was built without eBPF (clang, bpftool and libbpf are needed)");
#endif
}

void
readers_explain_fallback(char *to, size_t room)
{
        (void) rt_connector_check(to, room);
}
