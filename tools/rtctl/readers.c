/* SPDX-License-Identifier: Apache-2.0 */
/* readers.c - the readers and live inputs that this build of rtctl has. */
#include "readers.h"

int
readers_add(rt_engine *engine)
{
        (void) engine;
        return RT_OK;
}
