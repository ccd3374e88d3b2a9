/* SPDX-License-Identifier: Apache-2.0 */
/*
 * losses.h - what the live source lost, as rows of rt_loss.
 *
 * For each class of events: written by the kernel side = handed out + what waits in the rings +
 * damaged; made = written + the rows "ring full", "nested" and "broken".
 */
#ifndef RTI_LIVE_LOSSES_H
#define RTI_LIVE_LOSSES_H

#include "lang/events.h"
#include "live/live_internal.h"
#include "live/stream.h"
#include <libruntime/source.h>

typedef struct live_losses {
        rti_live_totals totals;
        uint64_t damaged, gone, forgotten;
        uint64_t events[RTI_LIVE_CLASSES][RTI_EVENT_WORDS]; /* that each class has */
} live_losses;

/* Bring the counts up to date. RT_OK, RT_ENOMEM, RT_EIO. */
int live_losses_count(live_losses *losses, const live_stream *stream, rti_live *live);
/* As rt_reader_ops.loss. */
int live_losses_row(const live_losses *losses, size_t index, rt_loss *ret_loss);

#endif
