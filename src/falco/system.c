/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system.c - between the source of system calls and the engine: plug-ins see each event after the
 * tables know of it and before rules do, and put async events between them.
 *
 *   in   what the source gives
 *   out  the same; events that only plug-ins wanted are not given on
 *
 * An engine whose plug-ins have no need of it has the source itself, and nothing of this.
 */
#include "falco/system.h"
#include "sources/syscall/codes.h"

enum { MOST_UNWANTED = 4096 /* events in a row that only plug-ins look at */ };

static const char source_name[] = "syscall";

/* ---- life ---- */

static void
find_parsed(const rt_falco *host, uint64_t types[static 512 / 64])
{
        for (size_t i = 0; i < host->plugins.n; i++) {
                const rti_fp *plugin = host->plugins.at[i];

                if (plugin->caps & RT_FALCO_PARSING
                    && rti_fp_has_source(&plugin->parses, source_name))
                        for (size_t k = 0; k < 512 / 64; k++)
                                types[k] |= plugin->parses.types[k];
        }
}

static int
create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        const rti_fp_wrap *wrap = config->user;
        rt_falco *host = wrap->host;
        rt_source_config inner = *config;
        rti_fp_system *system = rti_calloc(config->allocator, 1, sizeof *system);
        void *state = NULL;
        int r;

        if (!system)
                return RT_ENOMEM;
        inner.user = wrap->inner.user;
        r = wrap->inner.create(&inner, diags, &state);
        if (r == RT_OK && (r = rti_fp_inbox_init(&system->inbox, host, source_name)) < 0)
                wrap->inner.destroy(state);
        if (r < 0) {
                rti_free(config->allocator, system);
                return r;
        }
        system->allocator = config->allocator;
        system->wrap = wrap;
        system->sys = state;
        system->inside = wrap->inner.inside;
        system->inbox.system = system;
        find_parsed(host, system->parsed);
        pthread_mutex_lock(&host->lock);
        system->next = host->systems;
        host->systems = system;
        pthread_mutex_unlock(&host->lock);
        *ret_state = system;
        return RT_OK;
}

static void
drop_mail(rti_fp_system *system)
{
        if (system->mail)
                rti_free(&system->wrap->host->allocator, system->mail);
        system->mail = NULL;
}

static void
close_input(rti_fp_system *system)
{
        drop_mail(system);
        rti_fp_inbox_close(&system->inbox);
        system->opened = false;
}

static void
destroy(void *state)
{
        rti_fp_system *system = state, **at;
        rt_falco *host = system->wrap->host;

        close_input(system);
        pthread_mutex_lock(&host->lock);
        for (at = &host->systems; *at != system; at = &(*at)->next)
                ;
        *at = system->next;
        pthread_mutex_unlock(&host->lock);
        rti_fp_inbox_done(&system->inbox);
        system->wrap->inner.destroy(system->sys);
        rti_free(system->allocator, system);
}

static void
restart(void *state)
{
        rti_fp_system *system = state;

        close_input(system);
        if (system->wrap->inner.restart)
                system->wrap->inner.restart(system->sys);
}

/* What plug-ins parse is asked for along with what rules look at. */
static int
demand(void *state, const rt_demand *demand)
{
        rti_fp_system *system = state;
        rt_demand all = *demand;

        memcpy(system->asked, system->parsed, sizeof system->asked);
        for (size_t i = 0; i < demand->n_event_words && i < RTI_COUNT(system->asked); i++)
                system->asked[i] |= demand->event_types ? demand->event_types[i] : 0;
        system->wanted = demand->event_types;
        system->n_wanted = demand->n_event_words;
        if (demand->event_types) {
                all.event_types = system->asked;
                all.n_event_words = RTI_COUNT(system->asked);
        }
        return system->wrap->inner.demand(system->sys, &all);
}

/* ---- events as plug-ins see them ---- */

/* An event of a capture begins behind its processor's number and perhaps flags. Old versions' have
 * no number of parameters: plug-ins could not read them. */
static const rti_fp_event *
of_capture(const rt_event *event)
{
        static const size_t places[] = { 2, 6 };

        for (size_t i = 0; i < RTI_COUNT(places); i++) {
                const char *bytes = event->payload.ptr + places[i];
                rti_fp_event header;

                if (event->payload.len < places[i] + RTI_FP_HEADER_BYTES)
                        return NULL;
                memcpy(&header, bytes, sizeof header);
                if (header.len == event->payload.len - places[i] && header.type == event->type
                    && (rti_fp_is_filled(bytes, &header, 2) || rti_fp_is_filled(bytes, &header, 4)))
                        return (const rti_fp_event *) bytes;
        }
        return NULL;
}

/* The event in the form of today, put together from its parameters. NULL: no memory. */
static const rti_fp_event *
build(const rti_sysevt *evt, const rt_event *event)
{
        const size_t width = evt->info->flags & RTI_EF_LARGE_PAYLOAD ? 4 : 2;
        const uint32_t n = evt->n_params;
        size_t at = RTI_FP_HEADER_BYTES + n * width, len = at;
        rti_fp_event header = { .time_ns = evt->time_ns,
                                .tid = (uint64_t) evt->tid,
                                .type = evt->type,
                                .n_params = n };
        char *bytes;

        for (uint32_t i = 0; i < n; i++)
                len += evt->param[i].len;
        if (len > RTI_FP_MAX_EVENT_BYTES || !(bytes = rt_event_alloc(event, len)))
                return NULL;
        header.len = (uint32_t) len;
        memcpy(bytes, &header, sizeof header);
        for (uint32_t i = 0; i < n; i++) {
                const uint32_t length = (uint32_t) evt->param[i].len;

                memcpy(bytes + RTI_FP_HEADER_BYTES + i * width, &length, width);
                if (length)
                        memcpy(bytes + at, evt->param[i].ptr, length);
                at += length;
        }
        return (const rti_fp_event *) bytes;
}

/* Whose event it is; NULL: no instance's. The caller holds the host's lock. */
static rti_fp_system *
system_of(const rt_falco *host, const rt_event *event)
{
        rti_fp_system *system = host->systems;

        if (!event)
                return NULL;
        while (system && atomic_load_explicit(&system->event, memory_order_relaxed) != event)
                system = system->next;
        return system;
}

void
rti_fp_system_set(rti_fp *plugin, const rt_event *event)
{
        if (rti_fp_shares(plugin))
                plugin->host->call.system = system_of(plugin->host, event);
}

const rti_fp_event *
rti_fp_of_system(rt_falco *host, const rt_event *event)
{
        const rti_fp_event *shown = of_capture(event);
        const rti_fp_system *system;

        if (shown)
                return shown;
        pthread_mutex_lock(&host->lock);
        system = system_of(host, event);
        pthread_mutex_unlock(&host->lock);
        return system ? build(&system->sys->evt, event) : NULL;
}

/* ---- events ---- */

static bool
has_type(const uint64_t *types, size_t n_words, uint32_t type)
{
        return type / 64 < n_words && types[type / 64] >> type % 64 & 1;
}

/* Show the event to the plug-ins that keep state, in the order in which they were loaded. */
static void
parse(rti_fp_system *system, const rt_event *event)
{
        const rt_falco *host = system->wrap->host;
        rti_fp_event_input shown = { NULL, event->number, source_name };

        if (!has_type(system->parsed, RTI_COUNT(system->parsed), event->type))
                return;
        shown.event = of_capture(event);
        if (!shown.event)
                shown.event = build(&system->sys->evt, event);
        for (size_t i = 0; i < host->plugins.n && shown.event; i++) {
                rti_fp *plugin = host->plugins.at[i];

                if (plugin->caps & RT_FALCO_PARSING
                    && rti_fp_in_scope(&plugin->parses, source_name, event->type))
                        rti_fp_parse(plugin, &shown, system);
        }
}

/* An event came, with the tables as it left them. 1, RT_EIO: a plug-in does not want the input. */
static int
take(rti_fp_system *system, rt_input *input, rt_event *event)
{
        rti_state *state = &system->sys->state;

        atomic_store_explicit(&system->event, event, memory_order_relaxed);
        system->wrote = false;
        if (!system->opened) {
                if (rti_fp_inbox_open(&system->inbox, rt_input_is_live(input)) < 0) {
                        rt_input_skipped(input, event->position, "a plug-in cannot listen to it");
                        return RT_EIO;
                }
                system->opened = true;
        }
        parse(system, event);
        if (system->wrote && system->sys->evt.thread)
                event->subject = system->inside->subject(state, system->sys->evt.thread);
        return 1;
}

/* An async event, which goes the way of all others. 1, 0: there is none, RT_E*. */
static int
take_mail(rti_fp_system *system, rt_input *input, rt_event *event)
{
        rti_fp_mail *mail = rti_fp_inbox_take(&system->inbox, 0);
        const uint16_t processor = 0;
        char *bytes;
        size_t len;
        int r;

        if (!mail)
                return 0;
        system->mail = mail;
        len = sizeof processor + mail->event->len;
        bytes = rt_event_alloc(event, len);
        if (!bytes)
                return RT_ENOMEM;
        memcpy(bytes, &processor, sizeof processor);
        memcpy(bytes + sizeof processor, mail->event, mail->event->len);
        r = system->inside->inject(system->sys, input, (rt_str){ bytes, len }, event);
        return r < 0 ? r : take(system, input, event);
}

/* The next event of either kind: as rt_source_ops.next. */
static int
step(rti_fp_system *system, rt_input *input, rt_event *event)
{
        const bool mail_before = system->mail != NULL;
        int r;

        drop_mail(system);
        /* One of them, then one of the input's: whoever sends many does not stop it. */
        if (system->opened && !mail_before && (r = take_mail(system, input, event)) != 0)
                return r;
        r = system->wrap->inner.next(system->sys, input, event);
        if (r == 1)
                return take(system, input, event);
        if (system->opened && r != RT_EAGAIN && r != 0 && take_mail(system, input, event) == 1)
                return 1; /* what was sent before the end */
        return r;
}

static int
next(void *state, rt_input *input, rt_event *event)
{
        rti_fp_system *system = state;
        uint32_t unwanted = 0;
        int r;

        do
                r = step(system, input, event);
        while (r == 1 && system->wanted && !has_type(system->wanted, system->n_wanted, event->type)
               && ++unwanted < MOST_UNWANTED);
        if (r < 0 && r != RT_EAGAIN)
                close_input(system);
        return r;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        const rti_fp_system *system = state;

        return system->wrap->inner.extract(system->sys, event, slot, ret_value);
}

static int
loss(void *state, size_t index, rt_loss *ret_loss)
{
        rti_fp_system *system = state;
        int r = system->wrap->inner.loss(system->sys, index, ret_loss);

        if (r != RT_ENOENT) {
                system->n_losses = index >= system->n_losses ? index + 1 : system->n_losses;
                return r;
        }
        return index == system->n_losses ? rti_fp_inbox_loss(&system->inbox, ret_loss) : RT_ENOENT;
}

/* ---- attaching ---- */

static const rt_source_ops outer = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = source_name,
        .create = create,
        .destroy = destroy,
        .demand = demand,
        .restart = restart,
        .next = next,
        .extract = extract,
        .loss = loss,
};

/* Does it parse the source's events, listen to it, send into it, read its tables? */
static bool
is_needed_by(const rti_fp *plugin)
{
        return plugin->uses_system || plugin->caps & RT_FALCO_LISTENING
               || (plugin->caps & RT_FALCO_PARSING
                   && rti_fp_has_source(&plugin->parses, source_name))
               || (plugin->caps & RT_FALCO_ASYNC
                   && rti_fp_has_source(&plugin->asyncs, source_name));
}

static bool
is_ours(const rt_source_ops *inner)
{
        const rti_sys_inside *inside = inner->inside;

        return inside && inside->layout == RTI_SYS_LAYOUT && inner->loss;
}

int
rti_fp_system_attach(rt_falco *host, rt_engine *engine, const rti_fp_message *message)
{
        const rti_fp *user = NULL;
        rti_fp_wrap *wrap;
        int r;

        for (size_t i = 0; i < host->plugins.n && !user; i++)
                if (is_needed_by(host->plugins.at[i]))
                        user = host->plugins.at[i];
        if (!user)
                return RT_OK;
        r = rti_fp_wrap_source(host, engine, source_name, &outer, message, &wrap);
        if (r < 0 || !wrap || is_ours(&wrap->inner))
                return r;
        rti_fp_unwrap_source(engine, wrap); /* somebody else's: it stays as it was */
        rti_fp_log(user, RT_FALCO_WARNING,
                   "the source syscall is not the one that this host knows: its events and tables "
                   "are not for plug-ins");
        return RT_OK;
}
