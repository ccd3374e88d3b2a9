/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscall.c - the source syscall, and what others add to it.
 *
 *   config  threads=N, state_bytes=N: caps of the tables
 *   event   one event of a capture (scap/), after the tables know of it (state/)
 *   fields  fields.def and the *_fields.def in this folder, read by fields/
 *
 * Events whose type no rule looks at update the tables and are not returned.
 */
#include "sources/builtin.h"
#include "sources/jsonkit/limits.h"
#include "sources/jsonkit/options.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/state/fd_parts.h"
#include "sources/syscall/state/parts.h"
#include "sources/syscall/syscall.h"

enum {
        /* So many events that nobody wants are passed over before one is returned all the same:
         * the host may want to stop, or to change its rules. */
        MOST_UNWANTED = 4096
};

/* ---- options ---- */

typedef struct caps {
        uint64_t threads, state_bytes;
} caps;

/* A number in decimal, from @a least to @a most. */
static bool
read_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret_number)
{
        uint64_t number = 0;

        if (!*text)
                return false;
        for (; *text; text++) {
                if (*text < '0' || *text > '9' || number > most / 10)
                        return false;
                number = number * 10 + (uint64_t) (*text - '0');
        }
        if (number < least || number > most)
                return false;
        *ret_number = number;
        return true;
}

static bool
set_threads(void *state, const char *value)
{
        return read_number(value, 16, 1 << 24, &((caps *) state)->threads);
}

static bool
set_state_bytes(void *state, const char *value)
{
        return read_number(value, 64 * 1024, SIZE_MAX / 2, &((caps *) state)->state_bytes);
}

static const rti_option_spec options[] = {
        { "threads", "threads is a number from 16 to 16777216", set_threads },
        { "state_bytes", "state_bytes is a number, at least 65536", set_state_bytes },
};

/* ---- life ---- */

static void
syscall_destroy(void *state)
{
        rti_sys *sys = state;
        const rt_allocator *allocator;

        if (!sys)
                return;
        allocator = sys->allocator;
        rti_scap_done(&sys->scap);
        rti_state_done(&sys->state);
        rti_free(allocator, sys->slots);
        rti_free(allocator, sys);
}

static int
syscall_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        caps most = { RTI_SOURCE_MAX_THREADS, RTI_SOURCE_MAX_STATE_BYTES };
        rti_sys *sys;
        int r = rti_options_read(config, options, RTI_COUNT(options), &most, diags);

        if (r < 0)
                return r;
        sys = rti_calloc(config->allocator, 1, sizeof *sys);
        if (!sys)
                return RT_ENOMEM;
        sys->allocator = config->allocator;
        r = rti_state_init(&sys->state, config->allocator, most.state_bytes,
                           (uint32_t) most.threads);
        if (r == RT_OK) {
                r = rti_scap_init(&sys->scap, config->allocator, &sys->state);
                if (r < 0)
                        rti_state_done(&sys->state);
        }
        if (r < 0) {
                rti_free(config->allocator, sys);
                return r;
        }
        *ret_state = sys;
        return RT_OK;
}

static void
settle(rti_sys *sys)
{
        if (sys->pending)
                rti_state_settle(&sys->state, &sys->evt);
        sys->pending = false;
}

static void
syscall_restart(void *state)
{
        rti_sys *sys = state;

        settle(sys);
        rti_scap_restart(&sys->scap);
}

/* ---- demand ---- */

static int
syscall_demand(void *state, const rt_demand *demand)
{
        rti_sys *sys = state;
        rti_sys_slot *slots = rti_calloc(sys->allocator, demand->n_slots + 1, sizeof *slots);

        if (!slots)
                return RT_ENOMEM;
        for (size_t i = 0; i < demand->n_slots; i++) {
                const char *at = (const char *) demand->slots + i * demand->slot_stride;
                const rt_slot_desc *desc = (const void *) at;
                const int r = rti_sys_prepare(sys, desc, &slots[i]);

                if (r < 0) {
                        rti_free(sys->allocator, slots);
                        return r;
                }
        }
        rti_free(sys->allocator, sys->slots);
        sys->slots = slots;
        sys->n_slots = demand->n_slots;
        sys->event_types = demand->event_types;
        sys->n_event_words = demand->n_event_words;
        return RT_OK;
}

static int
syscall_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        rti_sys *sys = state;

        if (slot >= sys->n_slots)
                return RT_EINVAL;
        return sys->slots[slot].read(sys, event, &sys->slots[slot], ret_value);
}

/* ---- events ---- */

static inline bool
is_wanted(const rti_sys *sys, uint16_t type)
{
        if (!sys->event_types)
                return true;
        return type / 64 < sys->n_event_words && (sys->event_types[type / 64] >> type % 64 & 1);
}

static int
fill_event(rti_sys *sys, rt_input *input, rt_event *event)
{
        const rti_sysevt *evt = &sys->evt;
        const rti_machine *machine = &sys->scap.machine;

        event->flags |= RT_EVENT_NUMBERED;
        event->number = evt->number;
        event->base_ns = sys->scap.base_ns;
        event->time_ns = evt->time_ns;
        event->position = rt_input_offset(input) - sys->scap.block_bytes;
        event->payload = sys->scap.bytes;
        event->type = evt->type;
        if (evt->thread)
                event->subject = rti_state_subject(&sys->state, evt->thread);
        event->hostname = (rt_str){ machine->hostname, machine->hostname_len };
        if (evt->info->origin & RTI_EO_METAEVENT)
                event->async_type = evt->type == RTI_EV_ASYNCEVENT_E
                                            ? rti_arg_text(evt, 1)
                                            : rti_str_of(rti_event_name(evt->info));
        return 1;
}

/* An event that made a descriptor named it after the path it was given; where the kernel said which
 * file that was, links followed, that is the truth. */
static int
believe(rti_sys *sys)
{
        const rti_fd_entry *told = &sys->scap.told_fd;
        rti_sysevt *evt = &sys->evt;

        if (!(evt->info->flags & RTI_EF_CREATES_FD) || !evt->fd || evt->fd->num != told->num
            || evt->fd->ino != told->ino || told->name.len == 0 || told->name.ptr[0] != '/')
                return RT_OK;
        return rti_text_set(&sys->state.pool, &evt->fd->name, told->name);
}

static int
syscall_next(void *state, rt_input *input, rt_event *event)
{
        rti_sys *sys = state;
        rti_sysevt *evt = &sys->evt;
        uint32_t unwanted = 0;

        for (;;) {
                int r;

                settle(sys);
                r = rti_scap_next(&sys->scap, input, evt);
                if (r == 1) {
                        sys->pending = true;
                        r = rti_state_apply(&sys->state, evt);
                        if (r >= 0 && sys->scap.fd_told)
                                r = believe(sys) == RT_ENOMEM ? RT_ENOMEM : r;
                        r = r < 0 ? r : 1;
                }
                if (r <= 0) { /* what was read and not returned counts */
                        event->flags |= RT_EVENT_NUMBERED;
                        event->number = sys->scap.n_events;
                        return r;
                }
                if (evt->flags & RTI_SE_HIDDEN)
                        continue;
                if (is_wanted(sys, evt->type) || ++unwanted >= MOST_UNWANTED)
                        return fill_event(sys, input, event);
        }
}

/* ---- inside ---- */

static int
inject(rti_sys *sys, rt_input *input, rt_str bytes, rt_event *event)
{
        rti_sysevt *evt = &sys->evt;
        size_t used;
        int r;

        settle(sys);
        r = rti_scap_event(bytes, false, true, evt, &used);
        if (r < 0)
                return r;
        evt->number = ++sys->scap.n_events;
        evt->flags = 0;
        sys->scap.bytes = bytes;
        sys->pending = true;
        r = rti_state_apply(&sys->state, evt);
        return r < 0 ? r : fill_event(sys, input, event);
}

static const rti_sys_inside inside = {
        .layout = RTI_SYS_LAYOUT,
        .inject = inject,
        .find = rti_threads_find,
        .next = rti_threads_next,
        .add = rti_threads_add,
        .set_invalid = rti_threads_set_invalid,
        .drop = rti_state_drop,
        .die = rti_state_die,
        .link = rti_state_link,
        .subject = rti_state_subject,
        .fds = rti_fd_table,
        .find_fd = rti_fds_find,
        .next_fd = rti_fds_next,
        .add_fd = rti_fds_add,
        .remove_fd = rti_fds_remove,
        .set_text = rti_text_set,
        .new_text = rti_text_new,
        .drop_text = rti_text_unref,
};

/* ---- losses ---- */

/* What the tables had no room for. */
static int
syscall_loss(void *state, size_t index, rt_loss *ret_loss)
{
        static const struct {
                const char *cause;
                size_t count; /* offset in the counters */
        } causes[] = {
                { "thread evicted", offsetof(rti_state_stats, threads_evicted) },
                { "no room for a thread", offsetof(rti_state_stats, threads_refused) },
                { "no room for a descriptor", offsetof(rti_state_stats, fds_refused) },
                { "no room for a text", offsetof(rti_state_stats, texts_refused) },
        };
        rti_sys *sys = state;

        if (index >= RTI_COUNT(causes))
                return RT_ENOENT;
        if (index == 0)
                rti_state_count(&sys->state);
        *ret_loss = (rt_loss){ .size = sizeof *ret_loss,
                               .cause = causes[index].cause,
                               .part = "state",
                               .kind = RT_LOSS_FACT };
        memcpy(&ret_loss->count, (const char *) &sys->state.stats + causes[index].count,
               sizeof ret_loss->count);
        return RT_OK;
}

const rt_source_ops rti_source_syscall = {
        .size = sizeof rti_source_syscall,
        .abi = RT_SOURCE_ABI,
        .name = "syscall",
        .create = syscall_create,
        .destroy = syscall_destroy,
        .demand = syscall_demand,
        .restart = syscall_restart,
        .next = syscall_next,
        .extract = syscall_extract,
        .loss = syscall_loss,
        .inside = &inside,
};

const rt_source_ops rti_source_container = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "container",
        .version = "0.7.1",
};

const rt_source_ops rti_source_k8smeta = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "k8smeta",
        .version = "0.4.1",
};

const rt_source_ops rti_source_krsi = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_EXTENDS,
        .name = "syscall",
        .plugin = "krsi",
        .version = "0.1.0",
};
