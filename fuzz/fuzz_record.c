/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_record.c - any bytes as records of the kernel's rings: through the check of the ring's
 * reader, into blocks, and through the core. A damaged record leaves nothing behind, another one
 * makes a block, and the core reads all blocks to their end.
 *
 *      input   chunks: u8 flags, u16 length, so many bytes of a record
 *      flags   1: the record's own length is made true, 2: the lengths of its parts, too
 */
#include "fuzz.h"
#include "live/live_internal.h"
#include "live/stream.h"
#include "support/scap_build.h"
#include <string.h>

enum { KNOWN_TASKS = 8, MOST_RECORD_BYTES = 4096 };

typedef union room {
        struct rti_record record;
        uint64_t align;
        uint8_t bytes[MOST_RECORD_BYTES];
} room;

/* Take the next chunk; its length, or 0 at the end. */
static size_t
next_record(const uint8_t **at, const uint8_t *end, room *to)
{
        struct rti_record *r = &to->record;
        uint8_t flags;
        size_t n;

        if (end - *at < 3)
                return 0;
        flags = (*at)[0];
        n = (*at)[1] | (size_t) (*at)[2] << 8;
        *at += 3;
        n = n < (size_t) (end - *at) ? n : (size_t) (end - *at);
        n = n < sizeof to->bytes ? n : sizeof to->bytes;
        memset(to, 0, sizeof *r);
        memcpy(to->bytes, *at, n);
        *at += n;
        n = n < sizeof *r ? sizeof *r : n;
        if (flags & 1)
                r->len = (uint32_t) n;
        if (flags & 2) {
                r->facts_len %= (uint32_t) (n - sizeof *r + 1);
                r->values_len = (uint32_t) (n - sizeof *r - r->facts_len);
                r->n_params = (uint16_t) (r->n_params % (r->values_len / 2 + 1));
                r->event = (uint16_t) (r->event % RTI_N_EVENT_CODES);
                r->cls = (uint8_t) (r->cls % RTI_LIVE_CLASSES);
        }
        return n;
}

static size_t
put_records(live_stream *s, cap_out *out, const uint8_t *at, const uint8_t *end)
{
        size_t n, n_blocks = 0;
        room to;

        while ((n = next_record(&at, end, &to))) {
                const size_t before = out->len;
                int r;

                if (!rti_record_is_whole(&to.record, n))
                        continue;
                r = live_stream_put(s, &to.record, out);
                CHECK(r == RT_OK || r == RT_EFORMAT);
                CHECK(r == RT_OK ? out->len > before : out->len == before);
                CHECK(s->n <= KNOWN_TASKS && !out->failed);
                n_blocks += r == RT_OK;
        }
        return n_blocks;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const cap_machine machine = { .cpus = 1, .hostname = { "fuzz", 4 } };
        cap_out out = { 0 };
        live_stream stream;
        procfs proc;
        scap_run run;
        size_t n;

        CHECK(rti_procfs_init(&proc, "/nonexistent") == RT_OK);
        CHECK(live_stream_init(&stream, &proc, KNOWN_TASKS) == RT_OK);
        CHECK(scap_run_init(&run, &rti_alloc_default) == RT_OK);
        rti_cap_head(&out, &machine);
        n = put_records(&stream, &out, data, data + size);
        scap_run_over(&run, (rt_str){ out.ptr, out.len }, 0);
        CHECK(run.result == RT_EOF || run.result == RT_EFORMAT);
        CHECK(run.n_events <= n);
        CHECK(run.state.pool.total_bytes <= run.state.pool.limit_bytes);
        scap_run_done(&run);
        live_stream_done(&stream);
        rti_procfs_done(&proc);
        rti_cap_out_done(&out);
        return 0;
}
