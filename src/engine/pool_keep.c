/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_keep.c - what outlives its event: matches, skipped records, keys.
 *
 *   in   the worker's event and what was found of it
 *   out  copies in the memory of the chunk that the worker fills
 */
#include "base/hash.h"
#include "engine/pool.h"
#include "engine/render.h"

void
rti_chunk_begin(rt_pool *pool, rti_chunk *chunk, rt_ruleset *rules)
{
        rt_ruleset *old = chunk->rules;

        chunk->rules = rti_ruleset_ref(rules);
        rti_ruleset_unref(old);
        rti_arena_reset(&chunk->memory);
        chunk->bytes = 0;
        chunk->first = NULL;
        chunk->last = &chunk->first;
        chunk->end = (rti_kept){ 0 };
        for (uint32_t i = 0; chunk->keyed && i < pool->n_workers; i++) {
                chunk->keyed[i] = NULL;
                chunk->keyed_last[i] = &chunk->keyed[i];
        }
}

static void *
get(rti_pool_worker *w, size_t size_bytes)
{
        w->chunk->bytes += size_bytes;
        return rti_arena_get(&w->chunk->memory, size_bytes);
}

/* RT_OK, RT_ENOMEM. */
static int
copy(rti_pool_worker *w, rt_str text, rt_str *ret_text)
{
        char *to = get(w, text.len + 1);

        if (!to)
                return RT_ENOMEM;
        if (text.len)
                memcpy(to, text.ptr, text.len);
        to[text.len] = '\0';
        *ret_text = (rt_str){ to, text.len };
        return RT_OK;
}

/* ---- counts ---- */

void
rti_pool_note(rti_pool_worker *w, rti_kept *kept)
{
        rt_worker_stats now;

        rti_worker_stats(w->worker, &now);
        kept->counted = now.events - w->began.events;
        kept->bytes = now.bytes - w->began.bytes;
        kept->skipped = now.skipped - w->began.skipped;
        kept->limits_hit = now.limits_hit - w->began.limits_hit;
}

static rti_kept *
new_kept(rti_pool_worker *w)
{
        rti_kept *kept = get(w, sizeof *kept);

        if (!kept)
                return NULL;
        *kept = (rti_kept){ 0 };
        return kept;
}

static void
add(rti_pool_worker *w, rti_kept *kept)
{
        rti_pool_note(w, kept);
        *w->chunk->last = kept;
        w->chunk->last = &kept->next;
}

/* Is the event's number one of its batch alone? */
static bool
is_local(const rti_pool_worker *w, const rti_feed *feed)
{
        return feed->instance.number && !(w->worker->event.flags & RT_EVENT_NUMBERED);
}

/* ---- matches ---- */

static int
copy_value(rti_pool_worker *w, rt_value *value)
{
        rt_value *list;
        int r = RT_OK;

        if (value->kind != RT_KIND_LIST) {
                if (rti_kinds[value->kind].hold == RTI_HOLD_STRING)
                        r = copy(w, value->as.s, &value->as.s);
                return r;
        }
        list = get(w, value->count * sizeof *list + 1);
        if (!list)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < value->count && r == RT_OK; i++) {
                list[i] = value->as.list[i];
                if (list[i].kind != RT_KIND_LIST)
                        r = copy_value(w, &list[i]); /* lists hold no lists */
        }
        value->as.list = list;
        return r;
}

static int
keep_fields(rti_pool_worker *w, rt_alert *alert, rti_kept *kept)
{
        const size_t n =
                (size_t) alert->rule->output.n_fields + alert->rule->n_extra + alert->n_added;
        int r = RT_OK;

        kept->fields = get(w, n * sizeof *kept->fields + 1);
        if (!kept->fields)
                return RT_ENOMEM;
        while (r == RT_OK && kept->n_fields < n) {
                struct rti_kept_field *field = &kept->fields[kept->n_fields];

                r = rti_alert_field(alert, kept->n_fields, &field->name, &field->value);
                if (r == RT_OK)
                        r = copy_value(w, &field->value);
                if (r == RT_OK && kept->n_fields >= n - alert->n_added) {
                        rt_str name = rti_str_of(field->name);

                        r = copy(w, name, &name);
                        field->name = name.ptr;
                }
                kept->n_fields += r == RT_OK;
        }
        return r;
}

/* The rule's row, changed by the host or not, for as long as the chunk lives. */
static int
keep_row(rti_pool_worker *w, const rt_alert *alert, rti_kept *kept)
{
        rti_rule_row *row;
        const char **tags;
        size_t n = 0;

        kept->rule = alert->rule;
        if (alert->rule != &alert->changed)
                return RT_OK;
        while (alert->changed.info.tags[n])
                n++;
        row = get(w, sizeof *row);
        tags = get(w, (n + 1) * sizeof *tags);
        if (!row || !tags)
                return RT_ENOMEM;
        *row = alert->changed;
        for (size_t i = 0; i < n; i++) {
                rt_str tag = rti_str_of(row->info.tags[i]);

                if (copy(w, tag, &tag) < 0)
                        return RT_ENOMEM;
                tags[i] = tag.ptr;
        }
        tags[n] = NULL;
        row->info.tags = tags;
        kept->rule = row;
        return RT_OK;
}

int
rti_pool_keep(rti_pool_worker *w, rt_alert *alert)
{
        const uint32_t render = w->pool->opts.render;
        rti_kept *kept = new_kept(w);
        rt_str text;

        if (!kept || keep_row(w, alert, kept) < 0)
                return RT_ENOMEM;
        kept->time_ns = alert->frame->event->time_ns;
        kept->text_result = kept->json_result = kept->fields_result = RT_EINVAL;
        if (render & RT_RENDER_TEXT) {
                kept->text_result = rti_alert_text(alert, &text);
                if (kept->text_result == RT_OK)
                        kept->text_result = copy(w, text, &kept->text);
        }
        if (render & RT_RENDER_JSON) {
                kept->json_result = rti_alert_json(alert, &text);
                if (kept->json_result == RT_OK)
                        kept->json_result = copy(w, text, &kept->json);
        }
        if (render & RT_RENDER_FIELDS)
                kept->fields_result = keep_fields(w, alert, kept);
        memcpy(kept->id, rti_alert_id(alert), sizeof kept->id);
        /* Making all that may have asked for the number. */
        kept->number = alert->frame->event->number;
        kept->local = is_local(w, &w->worker->feeds[w->batch->feed]);
        if (kept->text_result == RT_ENOMEM || kept->json_result == RT_ENOMEM
            || kept->fields_result == RT_ENOMEM)
                return RT_ENOMEM;
        add(w, kept);
        return RT_OK;
}

int
rti_pool_keep_skipped(rti_pool_worker *w, uint64_t offset, const char *what)
{
        rti_kept *kept = new_kept(w);
        rt_str text;

        if (!kept || copy(w, rti_str_of(what), &text) < 0)
                return RT_ENOMEM;
        kept->offset = offset;
        kept->what = text.ptr;
        add(w, kept);
        return RT_OK;
}

/* ---- keys ---- */

/* Bytes of one key that count. */
enum { MOST_KEY_BYTES = 4096 };

/* The key as text, until the worker's next text. 1, 0: the event has none, RT_E*. */
static int
read_key(rti_pool_worker *w, const rti_feed *feed, rt_str *ret_key)
{
        const rti_instance *instance = &feed->instance;
        const rti_shape shape = { .format = RT_FORMAT_DEC, .most_bytes = MOST_KEY_BYTES };
        rti_buf *text = &w->worker->alert.scratch;
        rt_value value = { 0 };
        int r = instance->ops->extract(instance->state, &w->worker->event,
                                       (uint32_t) feed->demand.n_slots - 1, &value);

        if (r <= 0 || value.kind > RT_KIND_LIST)
                return r == RT_ENOMEM ? r : 0;
        rti_buf_clear(text);
        if (!rti_render_text(text, &value, &shape) || text->failed)
                return text->failed;
        *ret_key = rti_buf_str(text);
        return 1;
}

int
rti_pool_keep_key(rti_pool_worker *w, const rti_feed *feed)
{
        rti_keyed *keyed;
        rt_str key;
        uint32_t to;
        int r = read_key(w, feed, &key);

        if (r <= 0)
                return r;
        keyed = get(w, sizeof *keyed);
        if (!keyed || copy(w, key, &key) < 0)
                return RT_ENOMEM;
        to = (uint32_t) (rti_hash(key.ptr, key.len, 0) % w->pool->n_workers);
        *keyed = (rti_keyed){ .number = w->worker->event.number,
                              .local = is_local(w, feed),
                              .key = key };
        *w->chunk->keyed_last[to] = keyed;
        w->chunk->keyed_last[to] = &keyed->next;
        return 1;
}
