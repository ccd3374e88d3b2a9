/* SPDX-License-Identifier: Apache-2.0 */
/* plugin.h - what the test plug-ins have in common. */
#ifndef TESTS_FALCO_PLUGIN_H
#define TESTS_FALCO_PLUGIN_H

#include "falco/abi.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

#define SYMBOL(name, needed, result, arguments) EXPORT result plugin_##name arguments;
#include "falco/symbols.def"
#undef SYMBOL

/* The functions that every plug-in has. */
#define PLUGIN_INFO(its_name, its_version)                       \
        EXPORT const char *plugin_get_required_api_version(void) \
        {                                                        \
                return "3.1.0";                                  \
        }                                                        \
        EXPORT const char *plugin_get_name(void)                 \
        {                                                        \
                return its_name;                                 \
        }                                                        \
        EXPORT const char *plugin_get_version(void)              \
        {                                                        \
                return its_version;                              \
        }                                                        \
        EXPORT const char *plugin_get_description(void)          \
        {                                                        \
                return "a plug-in for tests";                    \
        }                                                        \
        EXPORT const char *plugin_get_contact(void)              \
        {                                                        \
                return "github.com/nobody";                      \
        }

#define PLUGIN_SOURCE(its_id, its_source)                \
        EXPORT uint32_t plugin_get_id(void)              \
        {                                                \
                return its_id;                           \
        }                                                \
        EXPORT const char *plugin_get_event_source(void) \
        {                                                \
                return its_source;                       \
        }

/* Write a plug-in's event with that payload to @a to, which has room. */
static inline rti_fp_event *
put_event(void *to, uint32_t id, uint64_t time_ns, const void *payload, uint32_t len)
{
        rti_fp_event *event = to;
        char *bytes = to;
        const uint32_t four = 4;

        *event = (rti_fp_event){ .time_ns = time_ns,
                                 .tid = UINT64_MAX,
                                 .len = RTI_FP_PAYLOAD_AT + len,
                                 .type = RTI_FP_PLUGIN_EVENT,
                                 .n_params = 2 };
        memcpy(bytes + RTI_FP_HEADER_BYTES, &four, 4);
        memcpy(bytes + RTI_FP_HEADER_BYTES + 4, &len, 4);
        memcpy(bytes + RTI_FP_HEADER_BYTES + 8, &id, 4);
        if (len)
                memcpy(bytes + RTI_FP_PAYLOAD_AT, payload, len);
        return event;
}

/* Whose source an async event is of: the id behind header and lengths. */
static inline uint32_t
async_id_of(const rti_fp_event *event)
{
        uint32_t id;

        memcpy(&id, (const char *) event + RTI_FP_HEADER_BYTES + 3 * sizeof id, sizeof id);
        return id;
}

static inline const char *
payload_of(const rti_fp_event *event)
{
        return (const char *) event + RTI_FP_PAYLOAD_AT;
}

static inline uint32_t
payload_length(const rti_fp_event *event)
{
        return event->len - RTI_FP_PAYLOAD_AT;
}

#endif
