/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a capture, through the tables of processes and descriptors. What comes out does not
 * depend on how the bytes arrive, numbers rise by one, values lie in the capture or in the
 * converter's memory (a sanitizer sees others), and the tables stay under their cap.
 */
#include "base/hash.h"
#include "fuzz.h"
#include "support/scap_build.h"

typedef struct digest {
        uint64_t sum, number;
} digest;

static void
add_event(scap_run *run)
{
        digest *d = run->user;
        const rti_sysevt *evt = &run->evt;

        CHECK(evt->number == 1 || evt->number == d->number + 1);
        CHECK(evt->n_params <= RTI_MOST_PARAMS);
        CHECK(evt->info == &rti_events[evt->type]);
        d->number = evt->number;
        for (uint32_t i = 0; i < RTI_MOST_PARAMS; i++) {
                CHECK(i < evt->n_params || evt->param[i].len == 0);
                if (evt->param[i].len)
                        d->sum = rti_hash(evt->param[i].ptr, evt->param[i].len, d->sum + i);
        }
        d->sum = d->sum * 31 + evt->type + evt->time_ns + (evt->flags & RTI_SE_HIDDEN)
                 + (uint64_t) evt->tid + (evt->thread ? 7 : 0);
}

static digest
read_all(scap_run *run, rt_str bytes, size_t step, bool pauses)
{
        digest d = { 0 };

        run->on_event = add_event;
        run->user = &d;
        run->pauses = pauses;
        scap_run_over(run, bytes, step);
        CHECK(run->result == RT_EOF || run->result == RT_EFORMAT);
        CHECK(run->result == RT_EOF || run->n_skipped > 0);
        CHECK(run->state.pool.total_bytes <= run->state.pool.limit_bytes);
        return d;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str bytes = { (const char *) data, size };
        size_t events, skipped;
        digest whole, pieces;
        scap_run run;

        CHECK(scap_run_init(&run, &rti_alloc_default) == RT_OK);
        whole = read_all(&run, bytes, 0, false);
        events = run.n_events;
        skipped = run.n_skipped;
        for (size_t step = 1; step < 40; step += 37) {
                pieces = read_all(&run, bytes, step, step > 1);
                CHECK(run.n_events == events);
                CHECK(run.n_skipped == skipped);
                CHECK(pieces.sum == whole.sum);
        }
        scap_run_done(&run);
        return 0;
}
