/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.c - what a plug-in with event sourcing has open: one input, and its batch.
 *
 *   in   parameters for `open`
 *   out  batches as the plug-in gives them: a result that there is, an array if there is a number
 */
#include "falco/plugin.h"
#include <time.h>

enum { QUICK_NS = 1000000, FIRST_WAIT_NS = 1000000, MOST_WAIT_NS = 10000000, ASK_NS = 200000000 };

/* Has the plug-in's process ended, since it was looked at last? */
static void
count_ends(rti_fp_input *in)
{
        const uint64_t now = atomic_load_explicit(&in->plugin->n_ended, memory_order_relaxed);

        in->ended += now - in->seen_ended;
        in->seen_ended = now;
}

void
rti_fp_input_close(rti_fp_input *in)
{
        if (in->opened) {
                rti_fp_enter(in->plugin);
                if (in->plugin->progress.of == in->handle)
                        in->plugin->progress.of = NULL;
                in->plugin->api.close(in->plugin->state, in->handle);
                rti_fp_leave(in->plugin);
                count_ends(in);
        }
        *in = (rti_fp_input){ .plugin = in->plugin, .ended = in->ended };
}

void
rti_fp_input_failed(const rti_fp_input *in, const char *function)
{
        char error[RTI_FP_ERROR_BYTES];

        atomic_fetch_add(&in->plugin->failures, 1);
        rti_fp_enter(in->plugin);
        rti_fp_last_error(in->plugin, error, sizeof error);
        rti_fp_leave(in->plugin);
        rti_fp_logf(in->plugin, RT_FALCO_ERROR, "%s failed: %s", function, error);
}

int
rti_fp_input_open(rti_fp_input *in, const char *params)
{
        rti_fp *plugin = in->plugin;
        int32_t rc = RTI_FP_FAILURE;

        in->seen_ended = atomic_load(&plugin->n_ended);
        rti_fp_enter(plugin);
        in->handle = plugin->api.open(plugin->state, params, &rc);
        plugin->progress.of = in->handle;
        plugin->progress.told = false;
        rti_fp_leave(plugin);
        count_ends(in);
        /* An instance that is returned along with an error is one to be closed. */
        in->opened = in->handle != NULL;
        if (rc == RTI_FP_SUCCESS && in->handle)
                return RT_OK;
        rti_fp_input_failed(in, "open");
        rti_fp_input_close(in);
        return RT_EIO;
}

static uint64_t
clock_ns(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

/* A plug-in that returns at once with nothing would keep a processor busy. */
static void
space_out(rti_fp_input *in, uint64_t took_ns)
{
        if (in->n || took_ns >= QUICK_NS)
                in->wait_ns = 0;
        else if (!in->wait_ns)
                in->wait_ns = FIRST_WAIT_NS;
        else if (in->wait_ns < MOST_WAIT_NS)
                in->wait_ns *= 2;
}

void
rti_fp_input_fetch(rti_fp_input *in)
{
        rti_fp *plugin = in->plugin;
        const uint64_t began = clock_ns();
        uint64_t now;

        in->batch = NULL;
        in->n = in->next = 0;
        /* Not one at a time: other inputs of the same plug-in go on. */
        in->result = plugin->api.next_batch(plugin->state, in->handle, &in->n, &in->batch);
        if (in->result < RTI_FP_TIMEOUT || in->result > RTI_FP_NOT_SUPPORTED) {
                rti_fp_lied(plugin, RTI_FP_LIE_BATCH_RESULT);
                in->result = RTI_FP_FAILURE;
        }
        if (in->n && !in->batch) {
                rti_fp_lied(plugin, RTI_FP_LIE_BATCH_NULL);
                in->n = 0;
        } else if (in->n > RTI_FP_MAX_BATCH_EVENTS) {
                rti_fp_lied(plugin, RTI_FP_LIE_BATCH_SIZE);
                in->n = 0;
        }
        count_ends(in);
        now = clock_ns();
        space_out(in, now - began);
        if (now - in->asked_ns >= ASK_NS && atomic_load(&plugin->progress.asked)) {
                in->asked_ns = now;
                rti_fp_ask_progress(plugin, in->handle);
        }
}
