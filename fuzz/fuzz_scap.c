/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a capture, through the tables of processes and descriptors, with every field of
 * every event. Neither events nor values depend on how the bytes arrive; numbers rise by one,
 * values lie where they may (a sanitizer sees others) and are of their field's kind, and the tables
 * stay under their cap.
 */
#include "base/hash.h"
#include "fuzz.h"
#include "sources/builtin.h"
#include "support/scap_build.h"
#include "support/source_run.h"

/* ---- events ---- */

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

/* ---- fields ---- */

enum { MOST_SLOTS = 512 };

static const rti_field_table *const providers[] = { &rti_syscall_fields, &rti_container_fields };

/* Every field, with and without an argument. */
static size_t
all_slots(rt_slot_desc *slots, uint32_t *kinds)
{
        size_t n = 0;

        for (size_t k = 0; k < RTI_COUNT(providers); k++) {
                for (size_t i = 0; i < providers[k]->n; i++) {
                        const rt_field_desc desc = rti_field_row_desc(providers[k], i),
                                            *field = &desc;
                        rt_slot_desc slot = { .field = rti_str_of(field->name) };

                        CHECK(n + 2 <= MOST_SLOTS);
                        kinds[n] = kinds[n + 1] =
                                field->flags & RT_FIELD_LIST ? RT_KIND_LIST : field->kind;
                        if (field->flags & RT_FIELD_ANY_OF)
                                slot.arg = RT_ARG_ANY;
                        if (!(field->flags & RT_FIELD_ARG_REQUIRED))
                                slots[n++] = slot;
                        slot.key = RTI_STR("1");
                        slot.index = 1;
                        slot.arg = RT_ARG_INDEX;
                        if (field->flags & RT_FIELD_ARG_KEY) {
                                slot.key = field->flags & RT_FIELD_ARG_INDEX ? RTI_STR("name")
                                                                             : RTI_STR("1");
                                slot.arg = RT_ARG_KEY;
                        }
                        if (field->flags & (RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_OPTIONAL))
                                slots[n++] = slot;
                }
        }
        return n;
}

/* Is the value of the kind that rules are compiled for? */
static bool
is_of_kind(const rt_value *value, uint32_t kind, uint32_t arg)
{
        if (kind == RT_KIND_DYNAMIC)
                return value->kind > RT_KIND_NONE && value->kind < RT_KIND_LIST;
        if (value->kind == RT_KIND_LIST && (kind == RT_KIND_LIST || arg == RT_ARG_ANY))
                return true;
        return value->kind == kind;
}

static uint64_t
value_digest(const rt_value *value, uint64_t seed)
{
        uint64_t sum = seed * 31 + value->kind;

        switch (value->kind) {
        case RT_KIND_STRING:
        case RT_KIND_PATH:
        case RT_KIND_RELPATH:
        case RT_KIND_BYTES:
                return value->as.s.len ? rti_hash(value->as.s.ptr, value->as.s.len, sum) : sum;
        case RT_KIND_IPADDR:
        case RT_KIND_IPNET:
                return rti_hash(value->as.ip, value->count & 0xff, sum);
        case RT_KIND_LIST:
                for (uint32_t i = 0; i < value->count; i++)
                        sum = value_digest(&value->as.list[i], sum);
                return sum;
        default:
                return rti_hash(&value->as.u, sizeof value->as.u, sum);
        }
}

static uint64_t
read_fields(rt_str bytes, size_t step)
{
        static rt_slot_desc slots[MOST_SLOTS];
        static uint32_t kinds[MOST_SLOTS];
        const size_t n_slots = all_slots(slots, kinds);
        const rt_demand demand = { .size = sizeof demand,
                                   .slots = slots,
                                   .n_slots = n_slots,
                                   .slot_stride = sizeof *slots };
        uint64_t sum = 0;
        source_run run;

        CHECK(source_run_init(&run, &rti_source_syscall, NULL, NULL) == RT_OK);
        CHECK(run.ops->demand(run.state, &demand) == RT_OK);
        run.bytes = bytes;
        run.step = step;
        if (step > 0)
                rti_input_reader(&run.input, "test", &source_run_reader, &run);
        else
                rti_input_memory(&run.input, "test", bytes);
        for (;;) {
                rt_event event = { .size = sizeof event, .scratch = &run.frame };

                rti_arena_reset(&run.memory);
                if (run.ops->next(run.state, &run.input, &event) != 1)
                        break;
                CHECK(event.position < bytes.len);
                for (uint32_t i = 0; i < n_slots; i++) {
                        rt_value value = { 0 };
                        const int r = run.ops->extract(run.state, &event, i, &value);

                        CHECK(r == 0 || r == 1);
                        CHECK(r == 0 || is_of_kind(&value, kinds[i], slots[i].arg));
                        sum = r == 1 ? value_digest(&value, sum) : sum * 31;
                }
        }
        rti_input_close(&run.input);
        source_run_done(&run);
        return sum;
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
                /* One with pauses may have no events. */
                CHECK(run.n_skipped == skipped || (step > 1 && events == 0));
                CHECK(pieces.sum == whole.sum);
        }
        scap_run_done(&run);
        CHECK(read_fields(bytes, 0) == read_fields(bytes, 11));
        return 0;
}
