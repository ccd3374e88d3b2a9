/* SPDX-License-Identifier: Apache-2.0 */
/* broken.c - plug-ins that cannot be loaded, one for each way to be so: -DBROKEN=NAME. */
#include "plugin.h"

#define MAJOR            1
#define MINOR            2
#define PATCH            3
#define NO_VERSION       4
#define NO_API_VERSION   5
#define NO_INIT          6
#define NO_LAST_ERROR    7
#define NO_SEMVER        8
#define NO_CAPS          9
#define HALF_SOURCING    10
#define HALF_EXTRACTION  11
#define HALF_ASYNC       12
#define HALF_LISTENING   13
#define ID_ALONE         14
#define SOURCE_ALONE     15
#define SYSCALL          16
#define NULL_STATE       17
#define NULL_FIELDS      18
#define BAD_JSON         19
#define EMPTY_FIELDS     20
#define NO_TYPE          21
#define BAD_TYPE         22
#define NO_NAME          23
#define NO_DESC          24
#define BAD_ARG          25
#define FIELDS_OBJECT    26
#define BAD_LIST_FLAG    27
#define BAD_SOURCES      28
#define BAD_TYPES        29
#define SCHEMA_TYPE      30
#define NULL_NAME        31
#define NULL_API_VERSION 32
#define NO_ASYNC_NAMES   33
#define FAILING_INIT     34
#define NULL_ERROR       35
#define FINE             36
#define EVENTS_MAJOR     37
#define EVENTS_MINOR     38
#define EVENTS_PATCH     39
#define EVENTS_BAD       40
#define EVENTS_FINE      41
#define EVENTS_NULL      42
#define SCHEMA_JSON      43
#define SCHEMA_LIST      44
#define NULL_SOURCE      45
#define EMPTY_NAME       46
#define NUMBER_NAME      47
#define ARG_LIST         48
#define PROPERTIES       49
#define PROPERTY         50
#define NO_FIELD         51
#define MANY_FIELDS      52
#define NOWHERE          53
#define MANY_NAMES       54
#define MANY_TYPES       55
#define LONG_NAME        56
#define LONG_FIELDS      57
#define LONG_SOURCE      58
#define LONG_SOURCES     59
#define LOGS             60
#define EMPTY_ASYNC      61
#define EVENTS_SAME      62
#define N_WAYS           63

/* A text of so many blanks, and one more. */
static inline const char *
blanks(size_t n)
{
        static char text[16 * 1024 * 1024 + 2];

        memset(text, ' ', n + 1);
        return text;
}

#if BROKEN != NO_API_VERSION
EXPORT const char *
plugin_get_required_api_version(void)
{
        static const char *const versions[N_WAYS] = {
                [MAJOR] = "2.0.0",    [MINOR] = "3.99.0", [PATCH] = "3.12.1",
                [NO_VERSION] = "3.0", [FINE] = "3.12.0",
        };

        if (BROKEN == NULL_API_VERSION)
                return NULL;
        return versions[BROKEN] ? versions[BROKEN] : "3.0.0";
}
#endif

EXPORT const char *
plugin_get_version(void)
{
        return BROKEN == NO_SEMVER ? "1.2" : "0.1.0";
}

EXPORT const char *
plugin_get_name(void)
{
        const char *name = getenv("BROKEN_NAME");

        return BROKEN == NULL_NAME    ? NULL
               : BROKEN == EMPTY_NAME ? ""
               : BROKEN == LONG_NAME  ? blanks(64 * 1024)
               : name                 ? name
                                      : "broken";
}

EXPORT const char *
plugin_get_description(void)
{
        return "";
}

EXPORT const char *
plugin_get_contact(void)
{
        return "";
}

#if BROKEN != NO_LAST_ERROR
EXPORT const char *
plugin_get_last_error(void *plugin)
{
        (void) plugin;
        return BROKEN == NULL_ERROR ? NULL : "as it was asked to";
}
#endif

#if BROKEN != NO_INIT
EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        static int state;

        if (BROKEN == LOGS) {
                input->log(input->owner, NULL, "no component", RTI_FP_LOG_FATAL);
                input->log(input->owner, "", "an empty one", RTI_FP_LOG_TRACE);
                input->log(input->owner, "part", "of it", 5);
                input->log(input->owner, "part", "too low", 0);
                input->log(input->owner, "part", "too high", RTI_FP_LOG_TRACE + 1);
                input->log(input->owner, "part", NULL, 4);
                input->log(input->owner, "part", blanks(64 * 1024), 4);
                input->log(input->owner, blanks(64 * 1024), "long component", 4);
        }
        *ret_rc = BROKEN == FAILING_INIT || BROKEN == NULL_ERROR ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
        return BROKEN == NULL_STATE ? NULL : &state;
}
#endif

EXPORT void
plugin_destroy(void *plugin)
{
        (void) plugin;
}

#if BROKEN == SCHEMA_TYPE || BROKEN == SCHEMA_JSON || BROKEN == SCHEMA_LIST
EXPORT const char *
plugin_get_init_schema(int32_t *ret_type)
{
        *ret_type = BROKEN == SCHEMA_TYPE ? 7 : RTI_FP_SCHEMA_JSON;
        return BROKEN == SCHEMA_JSON ? "{" : BROKEN == SCHEMA_LIST ? "[]" : "{}";
}
#endif

#if (BROKEN >= EVENTS_MAJOR && BROKEN <= EVENTS_NULL) || BROKEN == EVENTS_SAME
EXPORT const char *
plugin_get_required_event_schema_version(void *plugin)
{
        static const char *const versions[N_WAYS] = {
                [EVENTS_MAJOR] = "5.0.0", [EVENTS_MINOR] = "4.6.0", [EVENTS_PATCH] = "4.5.2",
                [EVENTS_BAD] = "4.1",     [EVENTS_FINE] = "3.9.9",  [EVENTS_NULL] = NULL,
                [EVENTS_SAME] = "4.5.1",
        };

        return plugin ? versions[BROKEN] : "asked before init";
}

EXPORT const char *
plugin_get_extract_event_sources(void)
{
        return "[\"syscall\"]";
}
#endif

#if BROKEN == HALF_SOURCING || BROKEN == ID_ALONE || BROKEN == SOURCE_ALONE || BROKEN == SYSCALL \
        || BROKEN == NULL_SOURCE || BROKEN == LONG_SOURCE
EXPORT uint32_t
plugin_get_id(void)
{
        return BROKEN == SOURCE_ALONE ? 0 : 7;
}

EXPORT const char *
plugin_get_event_source(void)
{
        return BROKEN == NULL_SOURCE   ? NULL
               : BROKEN == LONG_SOURCE ? blanks(64 * 1024)
               : BROKEN == ID_ALONE    ? ""
               : BROKEN == SYSCALL     ? "syscall"
                                       : "broken";
}

EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        (void) params;
        *ret_rc = RTI_FP_SUCCESS;
        return plugin;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        (void) plugin, (void) handle;
}
#if BROKEN != HALF_SOURCING
EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        (void) plugin, (void) handle, (void) ret_n, (void) ret_events;
        return RTI_FP_EOF;
}
#endif
#elif BROKEN == HALF_ASYNC || BROKEN == NO_ASYNC_NAMES || BROKEN == EMPTY_ASYNC
EXPORT const char *
plugin_get_async_events(void)
{
        return BROKEN == EMPTY_ASYNC ? "[\"\",\"\"]" : "[]";
}
#if BROKEN != HALF_ASYNC
EXPORT int32_t
plugin_set_async_event_handler(void *plugin, void *owner, rti_fp_async_fn *handler)
{
        (void) plugin, (void) owner, (void) handler;
        return RTI_FP_SUCCESS;
}
#endif
#elif BROKEN == HALF_LISTENING
EXPORT int32_t
plugin_capture_close(void *plugin, const rti_fp_listen_input *input)
{
        (void) plugin, (void) input;
        return RTI_FP_SUCCESS;
}
#elif BROKEN != NO_CAPS
#define ONE(rest) "[{" rest "}]"
/* One more than can be. */
static const char *
many(void)
{
        static char text[2 * 4097 + 2];

        for (size_t i = 0; i < sizeof text - 1; i++)
                text[i] = i % 2 ? '1' : ',';
        text[0] = '[';
        text[sizeof text - 2] = ']';
        return text;
}

EXPORT const char *
plugin_get_fields(void)
{
        static const char good[] = ONE("\"type\":\"string\",\"name\":\"broken.f\",\"desc\":\"d\"");

        switch (BROKEN) {
        case NULL_FIELDS:
                return NULL;
        case BAD_JSON:
                return "[{";
        case EMPTY_FIELDS:
                return "[]";
        case FIELDS_OBJECT:
                return "{}";
        case NO_TYPE:
                return ONE("\"name\":\"broken.f\",\"desc\":\"d\"");
        case BAD_TYPE:
                return ONE("\"type\":\"float\",\"name\":\"broken.f\",\"desc\":\"d\"");
        case NO_NAME:
                return ONE("\"type\":\"string\",\"desc\":\"d\"");
        case NO_DESC:
                return ONE("\"type\":\"string\",\"name\":\"broken.f\"");
        case BAD_LIST_FLAG:
                return ONE("\"type\":\"string\",\"name\":\"broken.f\",\"desc\":\"d\",\"isList\":3");
        case BAD_ARG:
                return ONE("\"type\":\"string\",\"name\":\"broken.f\",\"desc\":\"d\","
                           "\"arg\":{\"isRequired\":true}");
        case NUMBER_NAME:
                return ONE("\"type\":\"string\",\"name\":1,\"desc\":\"d\"");
        case ARG_LIST:
                return ONE("\"type\":\"string\",\"name\":\"broken.f\",\"desc\":\"d\",\"arg\":[]");
        case PROPERTIES:
                return ONE("\"type\":\"string\",\"name\":\"broken.f\",\"desc\":\"d\","
                           "\"properties\":{}");
        case PROPERTY:
                return ONE("\"type\":\"string\",\"name\":\"broken.f\",\"desc\":\"d\","
                           "\"properties\":[1]");
        case NO_FIELD:
                return "[1]";
        case MANY_FIELDS:
                return many();
        case LONG_FIELDS:
                return blanks(16 * 1024 * 1024);
        default:
                return good;
        }
}
#if BROKEN != HALF_EXTRACTION
EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        (void) plugin, (void) event, (void) input;
        return RTI_FP_FAILURE;
}
#endif
#endif

#if BROKEN == BAD_SOURCES || BROKEN == NOWHERE || BROKEN == MANY_NAMES || BROKEN == LONG_SOURCES
EXPORT const char *
plugin_get_extract_event_sources(void)
{
        if (BROKEN == MANY_NAMES)
                return many();
        if (BROKEN == LONG_SOURCES)
                return blanks(16 * 1024 * 1024);
        return BROKEN == NOWHERE ? "[\"nowhere\"]" : "[1]";
}
#endif

#if BROKEN == BAD_TYPES || BROKEN == MANY_TYPES
EXPORT const uint16_t *
plugin_get_extract_event_types(uint32_t *ret_n, void *plugin)
{
        static const uint16_t types[4097];

        (void) plugin;
        *ret_n = BROKEN == BAD_TYPES ? 3 : 4097;
        return BROKEN == BAD_TYPES ? NULL : types;
}
#endif
