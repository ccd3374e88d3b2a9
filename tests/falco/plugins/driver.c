/* SPDX-License-Identifier: Apache-2.0 */
/*
 * driver.c - event sourcing without an id and a source: it makes system calls.
 *
 * Its parameters are events, one batch each, apart by ';': TYPE TID PARAMETERS, these as scap_make
 * has them ("307 7 q3 q-100 s/etc/shadow d1 d0 d4 q5"); or a word that says what else comes:
 *
 *   many=N    the event before it, N times more in one batch
 *   own       the event that follows is of this process; at FILE: of the one whose number is there
 *   wait      nothing for now; pause: the same, after a millisecond
 *   now       the event that follows has no time
 *   fail      next_batch fails
 *   null, type, plugin, length, params, short, long: the next event is a lie of that kind
 */
#include "../../support/scap_build.h"
#include "plugin.h"

enum { MOST_BYTES = 1024, MOST_EVENTS = 4096 };

typedef struct instance {
        char params[4096];
        const char *at;
        char bytes[MOST_BYTES];
        rti_fp_event *events[MOST_EVENTS];
} instance;

static char last_error[256] = "none";

PLUGIN_INFO("driver", "0.1.0")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        static char state;

        (void) input;
        *ret_rc = RTI_FP_SUCCESS;
        return &state;
}

EXPORT void
plugin_destroy(void *plugin)
{
        (void) plugin;
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        (void) plugin;
        return last_error;
}

EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        instance *in = calloc(1, sizeof *in);

        (void) plugin;
        if (strcmp(params, "nothing") == 0) {
                snprintf(last_error, sizeof last_error, "nothing can't be opened");
                free(in);
                *ret_rc = RTI_FP_FAILURE;
                return NULL;
        }
        snprintf(in->params, sizeof in->params, "%s", params);
        in->at = in->params;
        *ret_rc = RTI_FP_SUCCESS;
        return in;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        (void) plugin;
        free(handle);
}

/* Header, lengths, values. */
static void
put_call(instance *in, uint16_t type, int64_t tid, const char *params)
{
        char store[512];
        const rti_sysevt evt = scap_make(type, tid, params, store);
        const size_t width = type == RTI_FP_ASYNC_EVENT ? 4 : 2;
        char *at = in->bytes + RTI_FP_HEADER_BYTES;
        rti_fp_event header = {
                .time_ns = 5000, .tid = (uint64_t) tid, .type = type, .n_params = evt.n_params
        };

        for (uint32_t i = 0; i < evt.n_params; i++, at += width)
                memcpy(at, &evt.param[i].len, width);
        for (uint32_t i = 0; i < evt.n_params; i++) {
                if (evt.param[i].len)
                        memcpy(at, evt.param[i].ptr, evt.param[i].len);
                at += evt.param[i].len;
        }
        header.len = (uint32_t) (at - in->bytes);
        memcpy(in->bytes, &header, sizeof header);
}

/* Make what was put into one that cannot be true. */
static void
spoil(instance *in, const char *lie)
{
        rti_fp_event header;

        memcpy(&header, in->bytes, sizeof header);
        if (strcmp(lie, "null") == 0)
                in->events[0] = NULL;
        else if (strcmp(lie, "type") == 0)
                header.type = 9999;
        else if (strcmp(lie, "plugin") == 0)
                header.type = RTI_FP_PLUGIN_EVENT;
        else if (strcmp(lie, "length") == 0)
                header.len++;
        else if (strcmp(lie, "params") == 0)
                header.n_params = 1000000;
        else if (strcmp(lie, "short") == 0)
                header.len = RTI_FP_HEADER_BYTES - 1;
        else if (strcmp(lie, "long") == 0)
                header.len = UINT32_MAX;
        else if (strcmp(lie, "now") == 0)
                header.time_ns = UINT64_MAX;
        else if (strcmp(lie, "own") == 0)
                header.tid = (uint64_t) getpid();
        memcpy(in->bytes, &header, sizeof header);
}

static long long
number_in(const char *path)
{
        FILE *file = fopen(path, "r");
        long long number = 0;

        if (!file || fscanf(file, "%lld", &number) != 1)
                snprintf(last_error, sizeof last_error, "no number in %s", path);
        if (file)
                fclose(file);
        return number;
}

EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        instance *in = handle;
        char step[256] = "", word[32] = "", path[128];
        unsigned type;
        long long tid;
        int used = 0;
        size_t n;

        (void) plugin;
        *ret_n = 0;
        *ret_events = in->events;
        if (!*in->at)
                return RTI_FP_EOF;
        n = strcspn(in->at, ";");
        snprintf(step, sizeof step, "%.*s", (int) n, in->at);
        in->at += n + (in->at[n] == ';');
        *ret_n = 1;
        in->events[0] = (rti_fp_event *) (void *) in->bytes;
        if (sscanf(step, "many=%u", &type) == 1) {
                *ret_n = type < MOST_EVENTS ? type : MOST_EVENTS;
                for (uint32_t i = 0; i < *ret_n; i++)
                        in->events[i] = in->events[0];
                return RTI_FP_SUCCESS;
        }
        if (strcmp(step, "wait") == 0 || strcmp(step, "pause") == 0 || strcmp(step, "fail") == 0) {
                *ret_n = 0;
                if (*step == 'p')
                        usleep(1100);
                snprintf(last_error, sizeof last_error, "no more calls");
                return *step == 'f' ? RTI_FP_FAILURE : RTI_FP_TIMEOUT;
        }
        if (sscanf(step, "%u %lld %n", &type, &tid, &used) == 2) {
                put_call(in, (uint16_t) type, tid, step + used);
                return RTI_FP_SUCCESS;
        }
        if (sscanf(step, "at %127s %u %n", path, &type, &used) == 2) {
                put_call(in, (uint16_t) type, number_in(path), step + used);
                return RTI_FP_SUCCESS;
        }
        sscanf(step, "%31s %u %lld %n", word, &type, &tid, &used);
        put_call(in, (uint16_t) type, tid, step + used);
        spoil(in, word);
        return RTI_FP_SUCCESS;
}
