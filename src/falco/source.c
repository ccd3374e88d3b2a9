/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.c - a plug-in's event source as a source of the engine.
 *
 *   in   names to open; what the ruleset asks for
 *   out  events, checked; values, asked of the plug-in that brings the field
 *
 * An instance is one worker's: it has one input open at a time, and the batch that the plug-in gave
 * last. The plug-in itself is shared by all of them.
 */
#include "falco/system.h"
#include <stdio.h>

typedef struct instance {
        const rt_allocator *allocator;
        rti_fp *plugin;
        rti_fp_slot *slots;
        size_t n_slots;
        rti_fp_input open;
        uint64_t position; /* in it */
        rti_fp_inbox inbox;
        /* The event that is read. */
        rti_fp_event *event;
        rti_fp_mail *mail; /* whose event it is; NULL: the batch's */
        uint64_t n_events; /* of all inputs */
        uint64_t malformed;
        /* Of a plug-in in a process of its own. */
        uint64_t unread; /* values, since there was no process */
} instance;

/* ---- life ---- */

static int
create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        rti_fp *plugin = config->user;
        instance *in = rti_calloc(config->allocator, 1, sizeof *in);

        if (!in)
                return RT_ENOMEM;
        in->allocator = config->allocator;
        in->plugin = in->open.plugin = plugin;
        for (size_t i = 0; i < config->n_options; i++) {
                (void) rt_diags_add_option(diags, config->options[i].key,
                                           "plug-ins have no options: what they can be told stands "
                                           "in init_config and open_params");
                rti_free(config->allocator, in);
                return RT_EINVAL;
        }
        if (rti_fp_inbox_init(&in->inbox, plugin->host, plugin->source) < 0) {
                rti_free(config->allocator, in);
                return RT_ENOMEM;
        }
        *ret_state = in;
        return RT_OK;
}

static void
drop_mail(instance *in)
{
        if (in->mail)
                rti_free(&in->plugin->host->allocator, in->mail);
        in->mail = NULL;
        in->event = NULL;
}

static void
close_input(instance *in)
{
        drop_mail(in);
        rti_fp_inbox_close(&in->inbox);
        rti_fp_input_close(&in->open);
        in->position = 0;
}

static void
free_slots(instance *in)
{
        for (size_t i = 0; i < in->n_slots; i++)
                rti_fp_slot_done(&in->slots[i], in->allocator);
        rti_free(in->allocator, in->slots);
        in->slots = NULL;
        in->n_slots = 0;
}

static void
destroy(void *state)
{
        instance *in = state;

        close_input(in);
        rti_fp_inbox_done(&in->inbox);
        free_slots(in);
        rti_free(in->allocator, in);
}

static void
restart(void *state)
{
        close_input(state);
}

/* ---- demand ---- */

/* Who gives the field: the plug-in whose source it is; or, of names that are built in for every
 * source, another one that extracts from it. What nobody gives is missing in every event. */
static int
find_slot(const instance *in, rti_fp_slot *slot, const rt_slot_desc *desc)
{
        const rt_falco *host = in->plugin->host;
        int r = rti_fp_slot_init(slot, in->plugin, desc, in->allocator);

        for (size_t i = 0; i < host->plugins.n && r == RT_ENOENT; i++) {
                rti_fp *plugin = host->plugins.at[i];

                if (plugin->caps & RT_FALCO_EXTRACTION
                    && rti_fp_has_source(&plugin->extracts, in->plugin->source))
                        r = rti_fp_slot_init(slot, plugin, desc, in->allocator);
        }
        if (r != RT_ENOENT)
                return r;
        *slot = (rti_fp_slot){ NULL };
        return RT_OK;
}

static int
demand(void *state, const rt_demand *demand)
{
        instance *in = state;
        instance fresh = { .allocator = in->allocator, .plugin = in->plugin };
        int r = RT_OK;

        fresh.slots = rti_calloc(in->allocator, demand->n_slots + 1, sizeof *fresh.slots);
        if (!fresh.slots)
                return RT_ENOMEM;
        while (r == RT_OK && fresh.n_slots < demand->n_slots) {
                const char *at = (const char *) demand->slots + fresh.n_slots * demand->slot_stride;

                r = find_slot(in, &fresh.slots[fresh.n_slots],
                              (const rt_slot_desc *) (const void *) at);
                fresh.n_slots += r == RT_OK;
        }
        if (r < 0) {
                free_slots(&fresh);
                return r;
        }
        free_slots(in);
        in->slots = fresh.slots;
        in->n_slots = fresh.n_slots;
        return RT_OK;
}

/* ---- events ---- */

static int
open_input(instance *in, rt_input *input)
{
        int r = rti_fp_input_open(&in->open, rt_input_name(input));

        if (r < 0)
                rt_input_skipped(input, in->position, "the plug-in cannot open it");
        else if ((r = rti_fp_inbox_open(&in->inbox, true)) < 0)
                close_input(in);
        return r;
}

void
rti_fp_parse(rti_fp *plugin, const rti_fp_event_input *event, rti_fp_system *system)
{
        const rti_fp_parse_input input = { .owner = plugin,
                                           .owner_error = rti_fp_owner_error,
                                           .reader = rti_fp_table_reader.basic,
                                           .writer = rti_fp_table_writer,
                                           .reader_ext = &rti_fp_table_reader,
                                           .writer_ext = &rti_fp_table_writer };

        rti_fp_enter(plugin);
        if (rti_fp_shares(plugin))
                plugin->host->call.system = system;
        if (plugin->api.parse_event(plugin->state, event, &input) != RTI_FP_SUCCESS)
                atomic_fetch_add_explicit(&plugin->failures, 1, memory_order_relaxed);
        rti_fp_leave(plugin);
}

/* Show the event to the plug-ins that keep state, in the order in which they were loaded. */
static void
parse(instance *in)
{
        const rt_falco *host = in->plugin->host;
        const rti_fp_event_input event = { in->event, in->n_events, in->plugin->source };

        for (size_t i = 0; i < host->plugins.n; i++) {
                rti_fp *plugin = host->plugins.at[i];

                if (plugin->caps & RT_FALCO_PARSING
                    && rti_fp_in_scope(&plugin->parses, in->plugin->source, in->event->type))
                        rti_fp_parse(plugin, &event, NULL);
        }
}

static int
give(instance *in, rti_fp_event *from, rt_str payload, rt_event *event)
{
        in->event = from;
        in->n_events++;
        event->time_ns = from->time_ns;
        event->position = in->position++;
        event->payload = payload;
        event->type = from->type;
        parse(in);
        return 1;
}

static int
give_mail(instance *in, rti_fp_mail *mail, rt_event *event)
{
        const rt_str payload = { (const char *) mail->event, mail->event->len };

        in->mail = mail;
        event->async_type = mail->name;
        return give(in, mail->event, payload, event);
}

/* The batch's next event that is one. 1, 0: there is none. */
static int
take(instance *in, rt_input *input, rt_event *event)
{
        rt_str payload;

        while (in->open.next < in->open.n) {
                rti_fp_event *from = in->open.batch[in->open.next++];
                const int lie = rti_fp_check_event(in->plugin, from, &payload);

                if (lie == RTI_FP_FINE)
                        return give(in, from, payload, event);
                rti_fp_lied(in->plugin, (enum rti_fp_lie) lie);
                in->malformed++;
                rt_input_skipped(input, in->position, rti_fp_lie_text((enum rti_fp_lie) lie));
        }
        return 0;
}

/* What the last batch's result says, once its events are gone: 1: an async event that came before
 * the end, RT_OK: go on, RT_EOF, RT_EIO. */
static int
finish_batch(instance *in, rt_input *input, rt_event *event)
{
        rti_fp_mail *mail;
        int r;

        switch (in->open.result) {
        case RTI_FP_SUCCESS:
        case RTI_FP_TIMEOUT:
                return RT_OK;
        case RTI_FP_EOF:
                drop_mail(in);
                mail = rti_fp_inbox_take(&in->inbox, 0);
                if (mail)
                        return give_mail(in, mail, event);
                r = RT_EOF;
                break;
        default:
                rti_fp_input_failed(&in->open, "next_batch");
                rt_input_skipped(input, in->position, "the plug-in cannot read on");
                r = RT_EIO;
                break;
        }
        close_input(in);
        return r;
}

static int
next(void *state, rt_input *input, rt_event *event)
{
        instance *in = state;
        rti_fp_mail *mail;
        int r = in->open.opened ? RT_OK : open_input(in, input);

        if (r < 0)
                return r;
        /* One of them, then one of the input's: whoever sends many does not stop it. */
        mail = in->mail ? NULL
                        : rti_fp_inbox_take(&in->inbox,
                                            in->open.next < in->open.n ? 0 : in->open.wait_ns);
        drop_mail(in);
        if (mail)
                return give_mail(in, mail, event);
        if (take(in, input, event))
                return 1;
        r = finish_batch(in, input, event);
        if (r != RT_OK)
                return r;
        rti_fp_input_fetch(&in->open);
        if (take(in, input, event))
                return 1;
        r = finish_batch(in, input, event);
        return r != RT_OK ? r : RT_EAGAIN;
}

/* ---- reading ---- */

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        instance *in = state;
        const rti_fp_event_input input = { in->event, event->number, in->plugin->source };
        const rti_fp_slot *asked = slot < in->n_slots ? &in->slots[slot] : NULL;
        int r;

        if (!asked || !asked->plugin || !in->event
            || !rti_fp_in_scope(&asked->plugin->extracts, in->plugin->source, in->event->type))
                return 0;
        r = rti_fp_extract(asked, &input, event, ret_value);
        in->unread += r == RT_EIO;
        return r;
}

/* What is said of an event whose plug-in does not describe it: as Falco has it. */
static int
describe(rt_str payload, const rt_event *event, rt_str *ret_text)
{
        enum { MOST_SHOWN = 50, ROOM = 128 };
        const size_t shown = payload.len < MOST_SHOWN ? payload.len : MOST_SHOWN;
        char *text = rt_event_alloc(event, ROOM);
        bool binary = false;
        int n;

        if (!text)
                return RT_ENOMEM;
        for (size_t i = 0; i < shown; i++)
                binary = binary || payload.ptr[i] < ' ' || payload.ptr[i] > '~';
        n = snprintf(text, ROOM, "datalen=%zu data=%.*s%s", payload.len, binary ? 0 : (int) shown,
                     payload.ptr,
                     binary                ? "<binary>"
                     : payload.len > shown ? "..."
                                           : "");
        *ret_text = (rt_str){ text, (size_t) n };
        return 1;
}

static int
info(void *state, const rt_event *event, rt_str *ret_text)
{
        const instance *in = state;
        rti_fp *plugin = in->plugin;
        const rti_fp_event_input input = { in->event, event->number, plugin->source };
        const char *text;
        char *copy = NULL;
        size_t n;

        if (!in->event || in->mail)
                return 0;
        if (!plugin->api.event_to_string)
                return describe(event->payload, event, ret_text);
        rti_fp_enter(plugin);
        text = plugin->api.event_to_string(plugin->state, &input);
        n = text ? rti_fp_text_length(text, RTI_FP_MAX_TEXT_BYTES) : 0;
        if (n && n != SIZE_MAX && (copy = rt_event_alloc(event, n)))
                memcpy(copy, text, n);
        rti_fp_leave(plugin);
        if (n == SIZE_MAX) {
                rti_fp_lied(plugin, RTI_FP_LIE_TEXT_END);
                return RT_EFORMAT;
        }
        if (n == 0)
                return describe(event->payload, event, ret_text);
        if (!copy)
                return RT_ENOMEM;
        *ret_text = (rt_str){ copy, n };
        return 1;
}

/* Row @a index of those that plug-ins in processes of their own have besides. */
static int
loss_of_process(const instance *in, size_t index, rt_loss *ret_loss)
{
        if (!in->plugin->proxy || index > 1)
                return RT_ENOENT;
        if (index == 0) {
                ret_loss->kind = RT_LOSS_BLIND;
                ret_loss->cause = "the plug-in's process has ended";
                ret_loss->count = in->open.ended;
        } else {
                ret_loss->kind = RT_LOSS_FACT;
                ret_loss->cause = "values of fields, while the plug-in had no process";
                ret_loss->count = in->unread;
        }
        return RT_OK;
}

static int
loss(void *state, size_t index, rt_loss *ret_loss)
{
        static const uint64_t async_types[RTI_FP_ASYNC_EVENT / 64 + 1] = {
                [RTI_FP_ASYNC_EVENT / 64] = (uint64_t) 1 << RTI_FP_ASYNC_EVENT % 64
        };
        instance *in = state;

        ret_loss->kind = RT_LOSS_EVENT;
        ret_loss->part = "";
        if (index > 1)
                return loss_of_process(in, index - 2, ret_loss);
        if (index == 0) {
                ret_loss->cause = "malformed events of the plug-in";
                ret_loss->count = in->malformed;
                return RT_OK;
        }
        (void) rti_fp_inbox_loss(&in->inbox, ret_loss);
        ret_loss->event_types = async_types;
        ret_loss->n_event_words = RTI_COUNT(async_types);
        return RT_OK;
}

const rt_source_ops rti_fp_source_ops = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .flags = RT_SOURCE_OPENS | RT_SOURCE_REPLACES,
        .field_stride = sizeof(rt_field_desc),
        .create = create,
        .destroy = destroy,
        .demand = demand,
        .restart = restart,
        .next = next,
        .extract = extract,
        .info = info,
        .loss = loss,
};
