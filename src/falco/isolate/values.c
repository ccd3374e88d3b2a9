/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.c - fields of a plug-in that has a process of its own.
 *
 *   in   one field of one event
 *   out  its value, as the plug-in would return it
 *
 * An exchange costs more than many fields do. So those that most events are asked for come along
 * with the batch; and when one has to be asked for, all that were ever asked for come with it.
 */
#include "falco/isolate/proxy.h"

enum { ENOUGH_EVENTS = 64, ONE_IN_TO_BEGIN = 32, ONE_IN_TO_STAY = 64, MOST_EXCHANGES = 16384 };

/* ---- wants: fields with their arguments that were asked for ---- */

static bool
same_key(const char *a, const char *b)
{
        return a && b ? strcmp(a, b) == 0 : a == b;
}

static void
forget_wants(rti_fi_proxy *x)
{
        rti_fi_wants *wants = &x->wants;

        for (uint32_t i = 0; i < wants->n; i++)
                rti_free(&x->plugin->host->allocator, wants->at[i].key);
        wants->n = wants->events = wants->exchanges = 0;
        if (wants->first)
                memset(wants->first, 0xff, (x->plugin->n_fields + 1) * sizeof *wants->first);
        wants->epoch++;
        wants->version++;
}

void
rti_fi_wants_done(rti_fi_proxy *x)
{
        forget_wants(x);
        rti_free(&x->plugin->host->allocator, x->wants.first);
}

/* The number of what is asked, which is learnt; RTI_FI_NULL: no memory. */
static uint32_t
want_of(rti_fi_proxy *x, const rti_fp_extract_field *field)
{
        rti_fi_wants *wants = &x->wants;
        rti_fi_want *want;
        char *key = NULL;

        for (uint32_t i = wants->first[field->field_id]; i != RTI_FI_NULL; i = wants->at[i].next) {
                want = &wants->at[i];
                if (want->index == field->arg_index && want->present == field->arg_present
                    && same_key(want->key, field->arg_key))
                        return i;
        }
        if (wants->n == RTI_FP_MAX_WANTS)
                forget_wants(x);
        if (field->arg_key) {
                const size_t len = strlen(field->arg_key) + 1;

                key = rti_alloc(&x->plugin->host->allocator, len);
                if (!key)
                        return RTI_FI_NULL;
                memcpy(key, field->arg_key, len);
        }
        want = &wants->at[wants->n];
        *want = (rti_fi_want){ .field = field->field_id,
                               .present = field->arg_present,
                               .index = field->arg_index,
                               .key = key,
                               .next = wants->first[field->field_id] };
        wants->first[field->field_id] = wants->n;
        return wants->n++;
}

void
rti_fi_wants_choose(rti_fi_proxy *x)
{
        rti_fi_wants *wants = &x->wants;

        /* A parser's fields may be of what it has made of the event, which comes later. */
        if (wants->events < ENOUGH_EVENTS || x->plugin->caps & RT_FALCO_PARSING)
                return;
        for (uint32_t i = 0; i < wants->n; i++) {
                rti_fi_want *want = &wants->at[i];
                const uint64_t asked = want->asked;
                const bool ahead =
                        asked * (want->ahead ? ONE_IN_TO_STAY : ONE_IN_TO_BEGIN) >= wants->events;

                wants->version += ahead != want->ahead;
                want->ahead = ahead;
                want->asked = 0;
        }
        wants->events = 0;
}

static void
put_want(rti_fi_writer *w, const rti_fi_want *want)
{
        rti_fi_put_u32(w, want->field);
        rti_fi_put_u32(w, want->present);
        rti_fi_put_u64(w, want->index);
        rti_fi_put_plain(w, want->key, RTI_FP_MAX_TEXT_BYTES);
}

/* Write those that are chosen, and note their places. */
static void
put_wants(const rti_fi_wants *wants, rti_fi_writer *w, rti_fi_places *places,
          bool chosen(const rti_fi_want *want))
{
        rti_fi_writer head = *w;

        places->epoch = wants->epoch;
        places->n = 0;
        rti_fi_put_u32(w, 0);
        for (uint32_t i = 0; i < wants->n; i++) {
                places->of[i] = RTI_FI_NULL;
                if (chosen(&wants->at[i])) {
                        put_want(w, &wants->at[i]);
                        places->of[i] = places->n++;
                }
        }
        places->known = wants->n;
        rti_fi_put_u32(&head, places->n);
}

static bool
is_ahead(const rti_fi_want *want)
{
        return want->ahead;
}

void
rti_fi_wants_put(rti_fi_proxy *x, rti_fi_writer *w, rti_fi_places *places)
{
        put_wants(&x->wants, w, places, is_ahead);
}

static uint32_t
place_of(const rti_fi_proxy *x, const rti_fi_places *places, uint32_t want)
{
        if (places->epoch != x->wants.epoch || want >= places->known)
                return RTI_FI_NULL;
        return places->of[want];
}

/* ---- one value ---- */

static const char *
read_address(rti_fi_reader *in, rti_fp_bytes *to)
{
        const uint32_t there = (to->len = rti_fi_get_u32(in), rti_fi_get_u32(in));

        /* Of other lengths nobody looks at the bytes. */
        to->ptr = there && to->len <= 16 ? rti_fi_get(in, to->len) : NULL;
        return to->ptr;
}

/* All elements; room for them was made. */
static void
read_elements(rti_fi_proxy *x, rti_fi_reader *in, rti_fp_extract_field *field)
{
        field->values.any = x->scratch;
        for (uint64_t i = 0; i < field->n_values && !in->bad; i++)
                switch (field->type) {
                case RTI_FP_STRING:
                        field->values.text[i] = rti_fi_get_text(in).ptr;
                        break;
                case RTI_FP_BOOL:
                        field->values.boolean[i] = rti_fi_get_u32(in);
                        break;
                case RTI_FP_IPADDR:
                case RTI_FP_IPNET:
                        (void) read_address(in, &field->values.bytes[i]);
                        break;
                default:
                        field->values.u64[i] = rti_fi_get_u64(in);
                        break;
                }
}

enum { NONSENSE = INT32_MIN };

/* Elements are there if, and only if, somebody will look at them. */
static bool
is_right(const rti_fp_extract_field *asked, uint32_t flags, uint64_t n)
{
        const bool looked_at = flags & RTI_FI_ARRAY && !(flags & (RTI_FI_FAILED | RTI_FI_CHANGED))
                               && n && n <= (asked->list ? RTI_FP_MAX_LIST_VALUES : 1);

        return looked_at == ((flags & RTI_FI_ELEMENTS) != 0);
}

/* The value at a place becomes what the plug-in returned: wrong things as much as right ones. The
 * plug-in's result, or NONSENSE: this cannot have been written by the helper. */
static int32_t
give(rti_fi_proxy *x, const rti_fi_values *values, uint32_t place, rti_fp_extract_field *field)
{
        rti_fi_reader in = { values->at, values->len, false };
        uint32_t offset, flags;
        uint64_t n;

        (void) rti_fi_get(&in, (size_t) place * sizeof offset);
        offset = rti_fi_get_u32(&in);
        in = (rti_fi_reader){ values->at, values->len, in.bad };
        (void) rti_fi_get(&in, offset);
        flags = rti_fi_get_u32(&in);
        n = rti_fi_get_u64(&in);
        if (in.bad || !is_right(field, flags, n))
                return NONSENSE;
        if (flags & RTI_FI_FAILED
            || !rti_fi_room(x, &x->scratch, &x->scratch_room,
                            (flags & RTI_FI_ELEMENTS ? n + 1 : 1) * sizeof(rti_fp_bytes)))
                return RTI_FP_FAILURE;
        if (flags & RTI_FI_CHANGED)
                field->type = ~field->type;
        field->n_values = n;
        field->values.any = flags & RTI_FI_ARRAY ? x->scratch : NULL;
        if (flags & RTI_FI_ELEMENTS)
                read_elements(x, &in, field);
        return in.bad ? NONSENSE : RTI_FP_SUCCESS;
}

/* ---- events of batches ---- */

/* Where in the batch an event is; SIZE_MAX: it is none of it. */
static size_t
find(rti_fi_instance *in, const rti_fp_event *event)
{
        const char *at = (const char *) event;
        size_t low = 0, high = in->n;

        if (!in->n || at < in->channel.copy || at >= in->channel.copy + in->channel.copy_room)
                return SIZE_MAX;
        for (size_t i = in->hint; i < in->n && i < in->hint + 2; i++)
                if (in->events[i] == event)
                        return in->hint = i;
        /* An event's values stand behind it. */
        while (low < high) {
                const size_t middle = low + (high - low) / 2;

                if (in->values[middle].at > at)
                        high = middle;
                else
                        low = middle + 1;
        }
        return low < in->n && in->events[low] == event ? in->hint = low : SIZE_MAX;
}

/* The value was read ahead. Its result; NONSENSE is dealt with; false: it was not. */
static bool
give_ahead(rti_fi_proxy *x, const rti_fp_event_input *event, uint32_t want,
           rti_fp_extract_field *field, int32_t *ret_rc)
{
        for (rti_fi_instance *in = x->instances; in; in = in->next) {
                const size_t i = find(in, event->event);
                uint32_t place;

                if (i == SIZE_MAX)
                        continue;
                x->wants.at[want].asked++;
                if (!in->values[i].number)
                        return false;
                /* Others' events, which the engine counts, too, came in between. */
                in->drift = event->number - in->values[i].number;
                place = place_of(x, &in->places, want);
                if (in->drift || place == RTI_FI_NULL || !in->values[i].len)
                        return false;
                *ret_rc = give(x, &in->values[i], place, field);
                if (*ret_rc == NONSENSE)
                        *ret_rc = rti_fi_nonsense(in->process, RTI_FI_NEXT);
                return true;
        }
        return false;
}

/* ---- events that are asked for by themselves ---- */

static bool
is_aside(const rti_fi_aside *aside, const rti_fp_event_input *event)
{
        const size_t len = event->event->len;

        return aside->key && aside->number == event->number && aside->event_len == len
               && memcmp(aside->key, event->event, len) == 0
               && strcmp(aside->key + len, event->source) == 0;
}

static bool
set_aside(rti_fi_proxy *x, const rti_fp_event_input *event, const rti_fi_reader *values)
{
        rti_fi_aside *aside = &x->aside;
        const size_t len = event->event->len, source = strlen(event->source) + 1;

        aside->places.known = 0;
        if (!rti_fi_room(x, (void **) &aside->key, &aside->key_room, len + source)
            || !rti_fi_room(x, (void **) &aside->values, &aside->values_room, values->left + 1))
                return false;
        memcpy(aside->key, event->event, len);
        memcpy(aside->key + len, event->source, source);
        if (values->left)
                memcpy(aside->values, values->at, values->left);
        aside->values_len = values->left;
        aside->number = event->number;
        aside->event_len = len;
        return true;
}

static bool
is_any(const rti_fi_want *want)
{
        (void) want;
        return true;
}

/* Show it the event, to parse it or not, and have all fields that were ever asked for. */
static int32_t
fetch(rti_fi_proxy *x, enum rti_fi_function function, const rti_fp_event_input *event)
{
        int32_t rc = RTI_FP_FAILURE;
        rti_fi_places places;
        rti_fi_call call;

        if (!rti_fi_enter(x))
                return rc;
        call = rti_fi_control(x, function);
        rti_fi_put_event(&call.out, event);
        put_wants(&x->wants, &call.out, &places, is_any);
        if (rti_fi_control_ask(x, &call) == RT_OK && set_aside(x, event, &call.in)) {
                x->aside.places = places;
                rc = call.rc;
        }
        rti_fi_leave(x);
        return rc;
}

int32_t
rti_fi_parse_event(void *state, const rti_fp_event_input *event, const rti_fp_parse_input *input)
{
        (void) input;
        return fetch(state, RTI_FI_PARSE, event);
}

int32_t
rti_fi_extract_fields(void *state, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        rti_fi_proxy *x = state;
        rti_fp_extract_field *field = input->fields;
        uint32_t want, place;
        int32_t rc;

        if (x->wants.exchanges > MOST_EXCHANGES) /* rules come and go */
                forget_wants(x);
        want = want_of(x, field);
        if (want == RTI_FI_NULL)
                return RTI_FP_FAILURE;
        if (give_ahead(x, event, want, field, &rc))
                return rc;
        if (!is_aside(&x->aside, event) || place_of(x, &x->aside.places, want) == RTI_FI_NULL) {
                x->wants.exchanges++;
                rc = fetch(x, RTI_FI_EXTRACT, event);
                if (rc != RTI_FP_SUCCESS)
                        return rc;
        }
        place = place_of(x, &x->aside.places, want);
        if (place == RTI_FI_NULL)
                return RTI_FP_FAILURE;
        rc = give(x, &(rti_fi_values){ x->aside.values, x->aside.values_len, 0 }, place, field);
        if (rc == NONSENSE && rti_fi_enter(x)) {
                (void) rti_fi_nonsense(x->process, RTI_FI_EXTRACT);
                rti_fi_leave(x);
        }
        return rc == NONSENSE ? RTI_FP_FAILURE : rc;
}
