/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.h - the kernel's records as event blocks of a capture.
 *
 * in    records in time order
 * out   one block each; behind its values, as options, what is true as of the event and may be new
 *       to the reader: the thread (when it changed or was never told), a process entry out of /proc
 *       (when its birth was missed), the descriptor (what the record says of it)
 *
 * Which threads the reader knows is remembered by (tid, start time), within a cap: beyond it all is
 * forgotten and told again, which costs time, not truth.
 */
#ifndef RTI_LIVE_STREAM_H
#define RTI_LIVE_STREAM_H

#include "live/containers/containers.h"
#include "live/groups.h"
#include "live/procfs/procfs.h"
#include "live/record.h"

enum { LIVE_KNOWN_TASKS = 1 << 16 };

typedef struct live_task {
        uint32_t tid; /* 0: unused */
        bool listed;  /* in the lists at the beginning: its start time is not known yet */
        uint64_t start_ns;
        uint64_t exec_id;
        uint64_t print; /* hash of what the reader was told of it */
} live_task;

typedef struct live_stream {
        procfs *proc;
        procfs_texts *texts;
        live_task *tasks; /* open addressing by tid; a power of two */
        uint32_t n, room, most;
        uint64_t boot_ns;            /* real time of the kernel's boot clock at 0 */
        uint64_t listed_ns;          /* boot clock when the lists were read */
        live_containers *containers; /* NULL: nothing is told of containers */
        live_groups groups;          /* learnt from births and from what was looked up */
        cap_out news;                /* blocks about them that go in front of the next event */
        struct {
                uint64_t looked_up; /* threads read out of /proc since their birth was missed */
                uint64_t gone;      /* of those: not there any more */
                uint64_t forgotten; /* times that the table was emptied */
                uint64_t damaged;   /* records that make no sense: no event */
        } stats;
} live_stream;

int live_stream_init(live_stream *s, procfs *proc, uint32_t most);
void live_stream_done(live_stream *s);
/* The lists have told the reader about this thread. RT_OK, RT_ENOMEM. */
int live_stream_listed(live_stream *s, int64_t tid);
/* The same, and which thread of that number it was is known. */
int live_stream_identified(live_stream *s, int64_t tid, uint64_t start_ns, uint64_t exec_id);
/* The lists have told of this process; what is new of its container goes to s->news. */
int live_stream_listed_cgroups(live_stream *s, int64_t pid, rt_str cgroups);
/* RT_OK; RT_EAGAIN: nothing was written, give the same record again soon; RT_EFORMAT: it is
 * damaged; RT_ENOMEM (also kept in out->failed). */
int live_stream_put(live_stream *s, const struct rti_record *record, cap_out *out);

#endif
