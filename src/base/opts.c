/* SPDX-License-Identifier: Apache-2.0 */
/* opts.c - reading and writing the structs that begin with their own size. */
#include "base/opts.h"
#include <string.h>

int
rti_opts_take(const void *opts, size_t known_bytes, void *ret_opts)
{
        const unsigned char *bytes = opts;
        size_t size = known_bytes;

        memset(ret_opts, 0, known_bytes);
        if (!opts) {
                memcpy(ret_opts, &size, sizeof size);
                return RT_OK;
        }
        memcpy(&size, opts, sizeof size);
        if (size < sizeof size)
                return RT_EABI;
        for (size_t i = known_bytes; i < size; i++)
                if (bytes[i])
                        return RT_EABI;
        size = size < known_bytes ? size : known_bytes;
        memcpy(ret_opts, opts, size);
        memcpy(ret_opts, &known_bytes, sizeof known_bytes);
        return RT_OK;
}

int
rti_opts_give(const void *ours, size_t known_bytes, void *ret_opts)
{
        unsigned char *bytes = ret_opts;
        size_t size;

        memcpy(&size, ret_opts, sizeof size);
        if (size < sizeof size)
                return RT_EABI;
        memset(bytes + sizeof size, 0, size - sizeof size);
        known_bytes = known_bytes < size ? known_bytes : size;
        memcpy(bytes + sizeof size, (const unsigned char *) ours + sizeof size,
               known_bytes - sizeof size);
        return RT_OK;
}
