/* SPDX-License-Identifier: Apache-2.0 */
/* losses.c - what the live source lost, as rows of rt_loss. */
#include "live/losses.h"

/* By enum rti_live_loss. */
static const char *const class_causes[RTI_LIVE_LOSSES] = { "ring full", "nested", "broken" };

enum { CLASS_ROWS = (int) RTI_LIVE_CLASSES * (int) RTI_LIVE_LOSSES };

int
live_losses_count(live_losses *losses, const live_stream *stream, rti_live *live)
{
        for (uint32_t cls = 0; cls < RTI_LIVE_CLASSES; cls++)
                rti_live_class_events(live, cls, losses->events[cls]);
        losses->damaged = stream->stats.damaged;
        losses->gone = stream->stats.gone;
        losses->forgotten = stream->stats.forgotten;
        return rti_live_count(live, &losses->totals);
}

static void
class_row(const live_losses *losses, size_t index, rt_loss *ret_loss)
{
        const size_t cls = index / RTI_LIVE_LOSSES, why = index % RTI_LIVE_LOSSES;

        ret_loss->cause = class_causes[why];
        ret_loss->part = rti_live_class_name((uint32_t) cls);
        ret_loss->count = losses->totals.kernel.lost[cls][why];
        ret_loss->event_types = losses->events[cls];
        ret_loss->n_event_words = RTI_EVENT_WORDS;
        ret_loss->kind = RT_LOSS_EVENT;
}

int
live_losses_row(const live_losses *losses, size_t index, rt_loss *ret_loss)
{
        static const uint64_t no_events[RTI_EVENT_WORDS];
        const uint64_t *skipped = losses->totals.kernel.skipped;
        const rt_loss others[] = {
                { .cause = "damaged",
                  .part = "",
                  .count = losses->totals.damaged + losses->damaged,
                  .kind = RT_LOSS_EVENT },
                { .cause = "32-bit call",
                  .part = "",
                  .count = skipped[RTI_SKIP_IA32],
                  .kind = RT_LOSS_BLIND },
                { .cause = "x32 call",
                  .part = "",
                  .count = skipped[RTI_SKIP_X32],
                  .kind = RT_LOSS_BLIND },
                { .cause = "thread gone when looked up",
                  .part = "state",
                  .count = losses->gone,
                  .kind = RT_LOSS_FACT },
                /* They are looked up again: that costs time, not truth. */
                { .cause = "known threads forgotten",
                  .part = "state",
                  .count = losses->forgotten,
                  .event_types = no_events,
                  .n_event_words = RTI_EVENT_WORDS,
                  .kind = RT_LOSS_FACT },
        };

        if (index >= CLASS_ROWS + RTI_COUNT(others))
                return RT_ENOENT;
        *ret_loss = (rt_loss){ 0 };
        if (index < CLASS_ROWS)
                class_row(losses, index, ret_loss);
        else
                *ret_loss = others[index - CLASS_ROWS];
        ret_loss->size = sizeof *ret_loss;
        return RT_OK;
}
