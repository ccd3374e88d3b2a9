/* SPDX-License-Identifier: Apache-2.0 */
/* readers.c - the readers that this build of rtctl has besides the core's plain files. */
#include "readers.h"
#include <libruntime-inputs/follow.h>
#ifdef RT_HAVE_GZIP
#include <libruntime-inputs/gzip.h>
#endif

int
readers_add(rt_engine *engine, bool follow)
{
        int r = RT_OK;

        if (follow)
                r = rt_engine_add_reader(engine, &rt_follow_reader);
#ifdef RT_HAVE_GZIP
        if (r == RT_OK)
                r = rt_engine_add_reader(engine, &rt_gzip_reader);
#endif
        return r;
}
