/* SPDX-License-Identifier: Apache-2.0 */
/*
 * records.c - between a built-in source of records and the engine, for plug-ins that parse its
 * events, send it async events or listen.
 *
 *   in   what the source gives
 *   out  the same; plug-ins have seen each record as a plug-in's event before rules see it
 *
 * Async events are shown to plug-ins that parse them and are nobody else's: rules of such sources
 * are about records. A capture is as long as the worker that reads: workers of a pool share inputs,
 * so that none of them sees where one ends.
 */
#include "falco/records.h"
#include "falco/extend.h"
#include "falco/system.h"

typedef struct records {
        const rti_fp_wrap *wrap;
        const rt_allocator *allocator;
        void *inner; /* the source's own instance */
        rti_fp_inbox inbox;
        uint64_t n_events;
        size_t n_losses; /* rows of the source's own */
} records;

/* ---- life ---- */

static int
create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        const rti_fp_wrap *wrap = config->user;
        rt_source_config own = *config;
        records *all = rti_calloc(config->allocator, 1, sizeof *all);
        int r;

        if (!all)
                return RT_ENOMEM;
        own.user = wrap->inner.user;
        r = wrap->inner.create(&own, diags, &all->inner);
        if (r == RT_OK && (r = rti_fp_inbox_init(&all->inbox, wrap->host, wrap->source)) < 0)
                wrap->inner.destroy(all->inner);
        if (r < 0) {
                rti_free(config->allocator, all);
                return r;
        }
        all->allocator = config->allocator;
        all->wrap = wrap;
        *ret_state = all;
        return RT_OK;
}

static void
destroy(void *state)
{
        records *all = state;

        rti_fp_inbox_done(&all->inbox);
        all->wrap->inner.destroy(all->inner);
        rti_free(all->allocator, all);
}

/* ---- events ---- */

/* Show it to the plug-ins that keep state, in the order in which they were loaded. */
static void
parse(const records *all, const rti_fp_event *event)
{
        const rt_falco *host = all->wrap->host;
        const rti_fp_event_input shown = { event, all->n_events, all->wrap->source };

        for (size_t i = 0; i < host->plugins.n && event; i++) {
                rti_fp *plugin = host->plugins.at[i];

                if (plugin->caps & RT_FALCO_PARSING
                    && rti_fp_in_scope(&plugin->parses, all->wrap->source, event->type))
                        rti_fp_parse(plugin, &shown, NULL);
        }
}

static void
parse_mail(records *all)
{
        rti_fp_mail *mail;

        for (int i = 0; i < RTI_FP_MAX_ASYNC_EVENTS; i++) {
                mail = rti_fp_inbox_take(&all->inbox, 0);
                if (!mail)
                        return;
                parse(all, mail->event);
                rti_free(&all->wrap->host->allocator, mail);
        }
}

/* Plug-ins learn of the first input; and of the first live one, if they have async events. */
static int
open_inbox(records *all, rt_input *input)
{
        const bool live = rt_input_is_live(input);

        if (all->inbox.open && (!all->inbox.recorded || !live))
                return RT_OK;
        rti_fp_inbox_close(&all->inbox);
        return rti_fp_inbox_open(&all->inbox, live);
}

static int
next(void *state, rt_input *input, rt_event *event)
{
        records *all = state;
        int r = all->wrap->inner.next(all->inner, input, event);

        if (r != 1)
                return r;
        if (open_inbox(all, input) < 0) {
                rt_input_skipped(input, event->position, "a plug-in cannot listen to it");
                return RT_EIO;
        }
        parse_mail(all);
        all->n_events++;
        parse(all, rti_fp_of_record(event));
        return 1;
}

static int
loss(void *state, size_t index, rt_loss *ret_loss)
{
        records *all = state;
        const rt_source_ops *inner = &all->wrap->inner;
        int r = inner->loss ? inner->loss(all->inner, index, ret_loss) : RT_ENOENT;

        if (r != RT_ENOENT) {
                all->n_losses = index >= all->n_losses ? index + 1 : all->n_losses;
                return r;
        }
        return index == all->n_losses ? rti_fp_inbox_loss(&all->inbox, ret_loss) : RT_ENOENT;
}

/* ---- handed on ---- */

static int
demand(void *state, const rt_demand *demand)
{
        const records *all = state;

        return all->wrap->inner.demand ? all->wrap->inner.demand(all->inner, demand) : RT_OK;
}

static void
restart(void *state)
{
        const records *all = state;

        if (all->wrap->inner.restart)
                all->wrap->inner.restart(all->inner);
}

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        const records *all = state;

        return all->wrap->inner.extract(all->inner, event, slot, ret_value);
}

static int
info(void *state, const rt_event *event, rt_str *ret_text)
{
        const records *all = state;

        return all->wrap->inner.info ? all->wrap->inner.info(all->inner, event, ret_text) : 0;
}

static int
identity(void *state, const rt_event *event, rt_str *ret_text)
{
        const records *all = state;

        return all->wrap->inner.identity ? all->wrap->inner.identity(all->inner, event, ret_text)
                                         : 0;
}

static const char *
instance_name(void *state)
{
        const records *all = state;

        return all->wrap->inner.instance_name ? all->wrap->inner.instance_name(all->inner) : NULL;
}

static uint32_t
walk(void *state)
{
        const records *all = state;

        return all->wrap->inner.walk ? all->wrap->inner.walk(all->inner) : 0;
}

static int
accept_path(void *state, const char *path, uint32_t found)
{
        const records *all = state;

        return all->wrap->inner.accept ? all->wrap->inner.accept(all->inner, path, found) : 1;
}

static uint32_t
split(void *state)
{
        const records *all = state;

        return all->wrap->inner.split ? all->wrap->inner.split(all->inner) : RT_SPLIT_NEVER;
}

/* ---- attaching ---- */

static const rt_source_ops outer = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .create = create,
        .destroy = destroy,
        .demand = demand,
        .restart = restart,
        .next = next,
        .extract = extract,
        .info = info,
        .identity = identity,
        .instance_name = instance_name,
        .walk = walk,
        .accept = accept_path,
        .loss = loss,
        .split = split,
};

/* Is there a plug-in for events of the source, which is none's? */
static bool
is_needed(const rt_falco *host, const char *source)
{
        if (strcmp(source, "syscall") == 0 || rti_fp_of_source(host, source))
                return false;
        for (size_t i = 0; i < host->plugins.n; i++) {
                const rti_fp *plugin = host->plugins.at[i];

                if (plugin->caps & RT_FALCO_LISTENING
                    || (plugin->caps & RT_FALCO_PARSING
                        && rti_fp_has_source(&plugin->parses, source))
                    || (plugin->caps & RT_FALCO_ASYNC
                        && rti_fp_has_source(&plugin->asyncs, source)))
                        return true;
        }
        return false;
}

int
rti_fp_records_attach(rt_falco *host, rt_engine *engine, const rti_fp_message *message)
{
        rt_source_info source = RT_INIT(rt_source_info);
        rti_fp_wrap *ignored;
        int r = RT_OK;

        for (size_t i = 0; r == RT_OK && rt_engine_source(engine, i, &source) == RT_OK; i++)
                if (source.readable && is_needed(host, source.name))
                        r = rti_fp_wrap_source(host, engine, source.name, &outer, message,
                                               &ignored);
        return r;
}
