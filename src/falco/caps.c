/* SPDX-License-Identifier: Apache-2.0 */
/*
 * caps.c - which capabilities a plug-in's functions make up.
 *
 * A capability is a set of functions: all of them are there, or none. Functions that only add to
 * one (get_progress to sourcing) do not make it.
 */
#include "falco/plugin.h"

enum { MOST_FUNCTIONS = 3 };

/* One function of a set: where it stands in the api. */
typedef struct function {
        const char *name;
        size_t at;
} function;

typedef struct set {
        uint32_t cap;
        const char *what;
        function needs[MOST_FUNCTIONS];
} set;

#define FUNCTION(name)                            \
        {                                         \
#name, offsetof(rti_fp_api, name) \
        }

static const set sets[] = {
        { RT_FALCO_SOURCING,
          "event sourcing",
          { FUNCTION(open), FUNCTION(close), FUNCTION(next_batch) } },
        { RT_FALCO_EXTRACTION,
          "field extraction",
          { FUNCTION(get_fields), FUNCTION(extract_fields) } },
        { RT_FALCO_PARSING, "event parsing", { FUNCTION(parse_event) } },
        { RT_FALCO_ASYNC,
          "async events",
          { FUNCTION(get_async_events), FUNCTION(set_async_event_handler) } },
        { RT_FALCO_LISTENING,
          "capture listening",
          { FUNCTION(capture_open), FUNCTION(capture_close) } },
};

/* Pointers to functions have one representation, whatever their type. */
static bool
has(const rti_fp *plugin, const function *f)
{
        void (*pointer)(void);

        memcpy(&pointer, (const char *) &plugin->api + f->at, sizeof pointer);
        return pointer != NULL;
}

/* 1: all are there, 0: none; RT_EFORMAT: some. */
static int
check_set(const rti_fp *plugin, const set *s, const rti_fp_message *message)
{
        const function *missing = NULL, *there = NULL;

        for (size_t i = 0; i < MOST_FUNCTIONS && s->needs[i].name; i++)
                *(has(plugin, &s->needs[i]) ? &there : &missing) = &s->needs[i];
        if (there && missing)
                return rti_fp_fail(message, RT_EFORMAT,
                                   "broken plugin capabilities: '%s' is implemented but '%s' is "
                                   "not (%s)",
                                   there->name, missing->name, s->what);
        return there != NULL;
}

/* get_id and get_event_source: both say something, or neither. */
static int
read_source(rti_fp *plugin, const rti_fp_message *message)
{
        const char *source = "";
        uint32_t id = 0;
        int r = RT_OK;

        if (plugin->api.get_event_source)
                r = rti_fp_copy(plugin, plugin->api.get_event_source(), RTI_FP_MAX_INFO_BYTES,
                                &source);
        if (r == RT_EFORMAT)
                return rti_fp_fail(message, r, RTI_FP_NO_TEXT, "get_event_source",
                                   (int) RTI_FP_MAX_INFO_BYTES);
        if (r < 0)
                return r;
        if (plugin->api.get_id)
                id = plugin->api.get_id();
        if ((id != 0) != (*source != '\0'))
                return rti_fp_fail(message, RT_EFORMAT,
                                   "broken plugin capabilities: 'get_id' and 'get_event_source' "
                                   "must both say something, or neither");
        if (strcmp(source, "syscall") == 0)
                return rti_fp_fail(message, RT_EFORMAT,
                                   "broken plugin capabilities: the event source 'syscall' is "
                                   "reserved, a plugin with an id can't have it");
        plugin->id = id;
        plugin->source = source;
        return RT_OK;
}

int
rti_fp_find_caps(rti_fp *plugin, const rti_fp_message *message)
{
        plugin->source = "";
        for (size_t i = 0; i < RTI_COUNT(sets); i++) {
                const int r = check_set(plugin, &sets[i], message);

                if (r < 0)
                        return r;
                plugin->caps |= r ? sets[i].cap : 0;
        }
        if (!plugin->caps)
                return rti_fp_fail(message, RT_EFORMAT, "plugin does not implement any capability");
        return plugin->caps & RT_FALCO_SOURCING ? read_source(plugin, message) : RT_OK;
}
