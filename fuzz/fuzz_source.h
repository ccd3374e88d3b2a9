/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_source.h - the properties that every source over JSON keeps. */
#ifndef RTI_FUZZ_FUZZ_SOURCE_H
#define RTI_FUZZ_FUZZ_SOURCE_H

#include "fuzz.h"
#include "json/json.h"
#include "sources/builtin.h"
#include "support/source_run.h"

/* Run, and check what must hold of every run. */
static inline void
fuzz_run(source_run *run, const rt_source_ops *ops, const char *reading, const char *const *fields,
         rt_str bytes, size_t step)
{
        const char *const options[] = { "reading", reading, NULL };

        CHECK(source_run_init(run, ops, options, fields) == RT_OK);
        run->live = step & 1;
        run->times = false; /* that of the clock is another each time */
        source_run_over(run, bytes, step);
        CHECK(run->result == RT_EOF || run->result == RT_ELIMIT);
        CHECK(run->frame.failed == 0);
}

/* The events of one run, by their offsets alone. */
static inline size_t
fuzz_offsets(const rt_source_ops *ops, const char *reading, rt_str bytes, size_t step,
             uint64_t *ret_offsets, size_t room, size_t *ret_skipped)
{
        const char *const options[] = { "reading", reading, NULL };
        source_run run;
        size_t n = 0;

        CHECK(source_run_init(&run, ops, options, NULL) == RT_OK);
        run.live = step & 1;
        run.payloads = false;
        source_run_over(&run, bytes, step);
        for (const char *line = source_run_text(&run.events); *line && n < room;
             line = strchr(line, '\n') + 1) {
                ret_offsets[n] = strtoull(line, NULL, 10);
                CHECK(ret_offsets[n] < bytes.len);
                CHECK(n == 0 || ret_offsets[n] > ret_offsets[n - 1]);
                n++;
        }
        *ret_skipped = run.n_skipped;
        source_run_done(&run);
        return n;
}

/* Is every one of @a few among @a many? Both rise. */
static inline bool
fuzz_contains(const uint64_t *many, size_t n_many, const uint64_t *few, size_t n_few)
{
        size_t at = 0;

        for (size_t i = 0; i < n_few; i++) {
                while (at < n_many && many[at] < few[i])
                        at++;
                if (at == n_many || many[at] != few[i])
                        return false;
        }
        return true;
}

/* Whole JSON texts, one after the other, by the lenient reader's lights? Only then can tolerant
 * reading be held to what the reference finds: a broken text has no one meaning. */
static inline bool
fuzz_is_json(rt_str bytes)
{
        rti_json_error error;
        rti_json *doc;
        bool good;

        CHECK(rti_json_new(&rti_alloc_default, &doc) == RT_OK);
        good = rti_json_parse(doc, bytes, RTI_JSON_LENIENT, NULL, NULL, &error) == RT_OK;
        rti_json_free(doc);
        return good;
}

static inline void
fuzz_source(const rt_source_ops *ops, const char *const *fields, rt_str bytes)
{
        enum { MOST = 512 };
        static const char *const readings[] = { "tolerant", "reference" };
        static const size_t steps[] = { 0, 1, 23 };
        uint64_t offsets[2][MOST];
        size_t n[2], skipped[2];

        for (size_t i = 0; i < 2; i++) {
                source_run whole, pieces;

                fuzz_run(&whole, ops, readings[i], fields, bytes, 0);
                for (size_t k = 1; k < RTI_COUNT(steps); k++) {
                        fuzz_run(&pieces, ops, readings[i], fields, bytes, steps[k]);
                        CHECK(pieces.n_events == whole.n_events);
                        CHECK(pieces.n_skipped == whole.n_skipped);
                        CHECK(rti_str_eq(rti_buf_str(&pieces.events), rti_buf_str(&whole.events)));
                        source_run_done(&pieces);
                }
                source_run_done(&whole);
                n[i] = fuzz_offsets(ops, readings[i], bytes, 3, offsets[i], MOST, &skipped[i]);
        }
        if (n[0] < MOST && skipped[0] == 0 && fuzz_is_json(bytes))
                CHECK(fuzz_contains(offsets[0], n[0], offsets[1], n[1]));
}

#endif
