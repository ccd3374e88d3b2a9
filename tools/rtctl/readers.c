/* SPDX-License-Identifier: Apache-2.0 */
/* readers.c - the readers that this build of rtctl has besides the core's plain files. */
#include "readers.h"
#ifdef RT_HAVE_GZIP
#include <libruntime-inputs/gzip.h>
#endif

int
readers_add(rt_engine *engine)
{
#ifdef RT_HAVE_GZIP
        return rt_engine_add_reader(engine, &rt_gzip_reader);
#else
        (void) engine;
        return RT_OK;
#endif
}
