/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocks.c - the blocks of a capture, one after the other.
 *
 *   in   the input's window
 *   out  lists into the state; one numbered event a call
 *
 * A block is used when it is there as a whole, and is consumed before it is looked into: its bytes
 * stay readable until more are asked for. Behind damage, the next place is looked for where a known
 * type stands in front of a length that is repeated at the block's end.
 */
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/parts.h"
#include <stdio.h>

enum {
        HEADER_BYTES = 8,
        OVERHEAD_BYTES = 12,
        LEAST_OPTION_BYTES = 4,
        MAGIC = 0x1a2b3c4d,
        MAGIC_SWAPPED = 0x4d3c2b1a,
        SECTION_TYPE = 0x0a0d0d0a,
        /* Longer ones are not looked for behind damage. */
        MOST_FOUND_BYTES = 1024 * 1024
};

enum { /* the version of an event block: a set */
       EVENT_V2 = 1,
       EVENT_FLAGS = 2
};

typedef struct block {
        uint32_t type;
        uint8_t list; /* enum rti_scap_list */
        uint8_t version;
        rt_str body;
} block;

/* By how often they are met. */
static const struct {
        uint32_t type;
        uint8_t list, version;
} block_types[] = {
        { 0x216, RTI_SCAP_EVENT, EVENT_V2 },
        { 0x217, RTI_SCAP_EVENT, EVENT_V2 | EVENT_FLAGS },
        { 0x204, RTI_SCAP_EVENT, 0 },
        { 0x208, RTI_SCAP_EVENT, EVENT_FLAGS },
        { 0x221, RTI_SCAP_EVENT, EVENT_V2 },
        { 0x222, RTI_SCAP_EVENT, EVENT_V2 | EVENT_FLAGS },
        { 0x8010abcd, RTI_SCAP_EVENT, 0 },
        { SECTION_TYPE, RTI_SCAP_SECTION, 0 },
        { 0x201, RTI_SCAP_MACHINE, 1 },
        { 0x8002abcd, RTI_SCAP_MACHINE, 1 },
        { 0x202, RTI_SCAP_PROCESSES, 1 },
        { 0x207, RTI_SCAP_PROCESSES, 2 },
        { 0x209, RTI_SCAP_PROCESSES, 3 },
        { 0x210, RTI_SCAP_PROCESSES, 4 },
        { 0x211, RTI_SCAP_PROCESSES, 5 },
        { 0x212, RTI_SCAP_PROCESSES, 6 },
        { 0x213, RTI_SCAP_PROCESSES, 7 },
        { 0x214, RTI_SCAP_PROCESSES, 8 },
        { 0x215, RTI_SCAP_PROCESSES, 9 },
        { 0x8000abcd, RTI_SCAP_PROCESSES, 1 },
        { 0x8013abcd, RTI_SCAP_PROCESSES, 2 },
        { 0x8014abcd, RTI_SCAP_PROCESSES, 3 },
        { 0x203, RTI_SCAP_FDS, 1 },
        { 0x218, RTI_SCAP_FDS, 2 },
        { 0x8001abcd, RTI_SCAP_FDS, 1 },
        { 0x205, RTI_SCAP_INTERFACES, 1 },
        { 0x219, RTI_SCAP_INTERFACES, 2 },
        { 0x8011abcd, RTI_SCAP_INTERFACES, 1 },
        { 0x206, RTI_SCAP_USERS, 1 },
        { 0x220, RTI_SCAP_USERS, 2 },
        { 0x8012abcd, RTI_SCAP_USERS, 1 },
};

static inline uint32_t
load_u32(const char *at)
{
        uint32_t value;

        memcpy(&value, at, sizeof value);
        return value;
}

/* Row of block_types, or RTI_COUNT(block_types). */
static inline size_t
row_of(uint32_t type)
{
        size_t i = 0;

        while (i < RTI_COUNT(block_types) && block_types[i].type != type)
                i++;
        return i;
}

/* ---- life ---- */

int
rti_scap_init(rti_scap *scap, const rt_allocator *allocator, rti_state *state)
{
        *scap = (rti_scap){ .allocator = allocator, .state = state, .head = true };
        return rti_convert_new(allocator, &scap->convert);
}

void
rti_scap_done(rti_scap *scap)
{
        rti_convert_free(scap->convert);
        scap->convert = NULL;
}

/* Another machine's events follow, or those of another time. */
static void
begin_section(rti_scap *scap)
{
        rti_convert_clear(scap->convert);
        scap->machine = (rti_machine){ 0 };
        scap->started = scap->lists_done = scap->based = false;
        scap->head = true;
        scap->base_ns = 0;
}

void
rti_scap_restart(rti_scap *scap)
{
        if (scap->started)
                rti_state_clear(scap->state);
        begin_section(scap);
        scap->lost = false;
        scap->live = false;
        scap->failed = RT_OK;
        scap->n_events = 0;
}

/* ---- whole blocks ---- */

/* Have @a n bytes in the window: 1, 0: the input ends before, RT_E*. */
static int
fill(rti_scap *scap, rt_input *input, size_t n)
{
        int r = 1;

        while (r > 0 && rt_input_window(input).len < n) {
                r = scap->failed < 0 ? scap->failed : rt_input_more(input);
                scap->live |= r == RT_EAGAIN;
                if (r < 0 && r != RT_EAGAIN && r != RT_ELIMIT)
                        scap->failed = r;
        }
        return r;
}

/* The input gives no more blocks: what rti_scap_next says then. @a r is what fill said. */
static int
finish(rti_scap *scap, rt_input *input, int r)
{
        const uint64_t offset = rt_input_offset(input);
        const size_t left = rt_input_window(input).len;

        if (r == RT_EAGAIN)
                return 0;
        if (left)
                rt_input_skipped(input, offset, "block that is cut off");
        rt_input_consume(input, left);
        if (r < 0)
                return r;
        if (scap->lists_done || scap->n_events || (scap->live && scap->started))
                return RT_EOF;
        rt_input_skipped(input, offset, scap->started ? "no events in file" : "not a capture");
        return RT_EFORMAT;
}

static bool
may_be_block(const char *at)
{
        const uint32_t type = load_u32(at), len = load_u32(at + 4);

        return len >= OVERHEAD_BYTES && len <= MOST_FOUND_BYTES && len % 4 == 0
               && row_of(type) < RTI_COUNT(block_types);
}

/* Behind damage: pass over bytes up to the next block. 1, or as fill. */
static int
find_block(rti_scap *scap, rt_input *input)
{
        for (;;) {
                rt_str window = rt_input_window(input);
                size_t i = 0, len;
                int r;

                while (i + HEADER_BYTES <= window.len && !may_be_block(window.ptr + i))
                        i++;
                rt_input_consume(input, i);
                r = fill(scap, input, HEADER_BYTES);
                if (r <= 0) {
                        if (r != RT_EAGAIN)
                                rt_input_consume(input, HEADER_BYTES);
                        return r;
                }
                window = rt_input_window(input);
                if (!may_be_block(window.ptr))
                        continue;
                len = load_u32(window.ptr + 4);
                r = fill(scap, input, len);
                if (r == RT_EAGAIN)
                        return r;
                window = rt_input_window(input);
                if (r > 0 && load_u32(window.ptr + len - 4) == len) {
                        scap->lost = false;
                        return 1;
                }
                rt_input_consume(input, 1);
        }
}

/* The window holds a block whose end does not repeat its length @a len. The reference never looks
 * there in events; so one is taken when another block, or the end, follows. 1, 0: it is damaged,
 * RT_EAGAIN. */
static int
check_event_end(rti_scap *scap, rt_input *input, size_t len)
{
        const size_t row = row_of(load_u32(rt_input_window(input).ptr));
        int r;

        if (row == RTI_COUNT(block_types) || block_types[row].list != RTI_SCAP_EVENT)
                return 0;
        r = fill(scap, input, len + HEADER_BYTES);
        if (r > 0)
                return may_be_block(rt_input_window(input).ptr + len);
        return r == RT_EAGAIN ? r : r != RT_ELIMIT && rt_input_window(input).len == len;
}

/* Is the block whole that the window, of a header at least, begins with? 1, RT_EAGAIN, or 0 after a
 * report. */
static int
check_block(rti_scap *scap, rt_input *input, uint32_t *ret_len)
{
        const uint32_t len = load_u32(rt_input_window(input).ptr + 4);
        const char *what = "block whose length is damaged";
        int r = len >= OVERHEAD_BYTES ? fill(scap, input, len) : 1;

        if (r == RT_EAGAIN)
                return r;
        if (r == RT_ELIMIT) {
                rt_input_limited(input, rt_input_offset(input), "block that is too large");
                return 0;
        }
        if (r <= 0) {
                what = "block that is cut off";
        } else if (len >= OVERHEAD_BYTES) {
                *ret_len = len;
                if (load_u32(rt_input_window(input).ptr + len - 4) == len)
                        return 1;
                r = check_event_end(scap, input, len);
                if (r != 0)
                        return r;
        }
        rt_input_skipped(input, rt_input_offset(input), what);
        return 0;
}

/* Does the window, of a header at least, begin with a section? RT_OK, RT_EFORMAT after a report. */
static int
check_start(rti_scap *scap, rt_input *input)
{
        const char *what = NULL;
        const int r = fill(scap, input, OVERHEAD_BYTES);
        const rt_str window = rt_input_window(input);

        if (load_u32(window.ptr) != SECTION_TYPE)
                what = "not a capture";
        else if (r > 0 && load_u32(window.ptr + HEADER_BYTES) == MAGIC_SWAPPED)
                what = "capture of a machine of the other byte order";
        if (!what)
                return RT_OK;
        rt_input_skipped(input, rt_input_offset(input), what);
        return RT_EFORMAT;
}

/* A block that is not simply there: read more, or find out what is wrong. As rti_scap_next; 1: the
 * window begins with a block of @a ret_len bytes. */
static int
await_block(rti_scap *scap, rt_input *input, uint32_t *ret_len)
{
        for (;;) {
                int r = scap->lost ? find_block(scap, input) : 1;

                r = r > 0 ? fill(scap, input, HEADER_BYTES) : r;
                if (r <= 0)
                        return finish(scap, input, r);
                if (!scap->started && check_start(scap, input) < 0)
                        return RT_EFORMAT;
                r = check_block(scap, input, ret_len);
                if (r != 0)
                        return r > 0 ? 1 : 0;
                rt_input_consume(input, 1);
                scap->lost = true;
        }
}

/* The next block, taken off the input. As rti_scap_next. */
static inline int
next_block(rti_scap *scap, rt_input *input, block *ret_block)
{
        rt_str window = rt_input_window(input);
        uint32_t len = window.len >= OVERHEAD_BYTES ? load_u32(window.ptr + 4) : 0;
        size_t row;

        if (len < OVERHEAD_BYTES || len > window.len || load_u32(window.ptr + len - 4) != len
            || scap->lost || !scap->started) {
                const int r = await_block(scap, input, &len);

                if (r <= 0)
                        return r;
                window = rt_input_window(input);
        }
        rt_input_consume(input, len);
        scap->block_bytes = len;
        *ret_block = (block){ .type = load_u32(window.ptr),
                              .body = { window.ptr + HEADER_BYTES, len - OVERHEAD_BYTES } };
        row = row_of(ret_block->type);
        if (row < RTI_COUNT(block_types)) {
                ret_block->list = block_types[row].list;
                ret_block->version = block_types[row].version;
        }
        return 1;
}

/* ---- what is in them; 1: an event, 0: go on, RT_E* ---- */

static uint64_t
block_offset(const rti_scap *scap, const rt_input *input)
{
        return rt_input_offset(input) - scap->block_bytes;
}

static int
take_section(rti_scap *scap, rt_input *input, rt_str body)
{
        rti_bytes at = rti_bytes_of(body);
        const uint32_t magic = rti_bytes_u32(&at);
        const uint16_t major = rti_bytes_u16(&at);

        if (at.bad || magic != MAGIC || major > 1) {
                rt_input_skipped(input, block_offset(scap, input),
                                 at.bad || magic != MAGIC
                                         ? "section header that is damaged"
                                         : "capture of a version that is not known");
                return scap->started ? 0 : RT_EFORMAT;
        }
        if (scap->started)
                rti_state_clear(scap->state);
        begin_section(scap);
        scap->started = true;
        return 0;
}

static int
take_list(rti_scap *scap, rt_input *input, const block *b)
{
        const uint64_t offset = block_offset(scap, input);
        size_t bad;
        int r;

        if (b->list == RTI_SCAP_SECTION)
                return take_section(scap, input, b->body);
        if (scap->lists_done) {
                char what[48];

                snprintf(what, sizeof what, "unexpected block type %u", b->type);
                rt_input_skipped(input, offset, what);
                return 0;
        }
        if (b->list == RTI_SCAP_UNKNOWN)
                return 0;
        r = rti_scap_list(scap, b->list, b->version, b->body, &bad);
        if (r == RT_EFORMAT)
                rt_input_skipped(input, offset + HEADER_BYTES + bad,
                                 "entry of a list that is damaged");
        return r == RT_ENOMEM ? r : 0;
}

/* Is it part of the initial state that a writer puts behind the lists? */
static bool
is_initial(uint16_t type)
{
        return type == RTI_EV_USER_ADDED_E || type == RTI_EV_USER_DELETED_E
               || type == RTI_EV_GROUP_ADDED_E || type == RTI_EV_GROUP_DELETED_E
               || type == RTI_EV_CONTAINER_JSON_2_E || type == RTI_EV_ASYNCEVENT_E;
}

/* Give the event its number. */
static inline int
number_event(rti_scap *scap, rti_sysevt *evt, uint32_t flags)
{
        evt->number = ++scap->n_events;
        evt->flags = flags;
        if (!scap->based && !(evt->info->origin & RTI_EO_METAEVENT)) {
                scap->based = true;
                scap->base_ns = evt->time_ns;
        }
        if (scap->head) {
                scap->head = is_initial(evt->type);
                evt->flags |= scap->head ? RTI_SE_HIDDEN : 0;
        }
        return 1;
}

/* The first event: the lists are complete. */
static int
end_lists(rti_scap *scap)
{
        const int r = rti_state_lists_done(scap->state);

        scap->lists_done = true;
        return r == RT_ENOMEM ? r : RT_OK;
}

static int
report_event(const rti_scap *scap, rt_input *input, int r, size_t within)
{
        const uint64_t offset = block_offset(scap, input) + within;

        if (r == RT_ENOMEM)
                return r;
        if (r == RT_ELIMIT)
                rt_input_limited(input, offset, "enter half that is too large to be kept");
        else if (r == RT_EFORMAT)
                rt_input_skipped(input, offset,
                                 within ? "option of an event that is damaged"
                                        : "event that cannot be read");
        return 0;
}

static inline int
take_event(rti_scap *scap, rt_input *input, const block *b, rti_sysevt *evt)
{
        size_t used, bad;
        uint32_t flags = 0;
        int r = rti_scap_event(b->body, b->version & EVENT_FLAGS, b->version & EVENT_V2, evt,
                               &used);

        if (r < 0)
                return report_event(scap, input, r, 0);
        if (!scap->lists_done && end_lists(scap) < 0)
                return RT_ENOMEM;
        scap->bytes = rti_str_sub(b->body, 0, used);
        scap->fd_told = false;
        if (used + LEAST_OPTION_BYTES <= b->body.len) {
                r = rti_scap_options(scap, rti_str_sub(b->body, used, b->body.len), &bad);
                if (r < 0 && report_event(scap, input, r, HEADER_BYTES + used + bad) < 0)
                        return r;
        }
        if (rti_convert_needed(evt)) {
                r = rti_convert_event(scap->convert, evt);
                if (r < 0)
                        return report_event(scap, input, r, 0);
                if (r == RTI_CONVERT_DROP)
                        return 0;
                flags = r == RTI_CONVERT_HIDDEN ? RTI_SE_HIDDEN : 0;
        }
        return number_event(scap, evt, flags);
}

int
rti_scap_next(rti_scap *scap, rt_input *input, rti_sysevt *evt)
{
        for (;;) {
                block b;
                int r = next_block(scap, input, &b);

                if (r <= 0)
                        return r;
                r = b.list == RTI_SCAP_EVENT ? take_event(scap, input, &b, evt)
                                             : take_list(scap, input, &b);
                if (r != 0)
                        return r;
        }
}
