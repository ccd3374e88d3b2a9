/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin.c - what others have built against 0.1: a source ("door", lines `who=ann door=3 at=7`), a
 * provider of fields (desk.owner) and a reader (paths that begin with "text:"). It uses no member
 * that early.txt cuts off.
 */
#include <libruntime/runtime.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SLOTS = 64 };

static const rt_field_desc door_fields[] = {
        { "door.who", "door", RT_KIND_STRING, 0, RT_FORMAT_NONE, 0, "who came" },
        { "door.number", "door", RT_KIND_UINT64, 0, RT_FORMAT_DEC, 0, "through which door" },
        { "door.words", "door", RT_KIND_STRING, RT_FIELD_LIST, RT_FORMAT_NONE, 0, "all words" },
};
static const char *const keys[] = { "who=", "door=", "" };

typedef struct door {
        const rt_allocator *allocator;
        size_t field[MOST_SLOTS];
} door;

static int
door_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        door *d;

        for (size_t i = 0; i < config->n_options; i++)
                if (strcmp(config->options[i].key, "room") != 0) {
                        rt_diags_add_option(diags, config->options[i].key, "no such option");
                        return RT_EINVAL;
                }
        d = config->allocator->resize(NULL, sizeof *d, config->allocator->user);
        if (!d)
                return RT_ENOMEM;
        d->allocator = config->allocator;
        *ret_state = d;
        return RT_OK;
}

static void
door_destroy(void *state)
{
        const rt_allocator *allocator = ((door *) state)->allocator;

        allocator->resize(state, 0, allocator->user);
}

static int
door_demand(void *state, const rt_demand *demand)
{
        door *d = state;

        if (demand->n_slots > MOST_SLOTS)
                return RT_ELIMIT;
        for (size_t i = 0; i < demand->n_slots; i++) {
                const rt_slot_desc *slot =
                        (const void *) ((const char *) demand->slots + i * demand->slot_stride);
                const size_t n = sizeof door_fields / sizeof *door_fields;
                size_t field = 0;

                while (field < n
                       && (strlen(door_fields[field].name) != slot->field.len
                           || memcmp(door_fields[field].name, slot->field.ptr, slot->field.len)))
                        field++;
                if (field == n)
                        return RT_ENOENT;
                d->field[i] = field;
        }
        return RT_OK;
}

/* The word that begins with @a key, without it. */
static int
word(rt_str line, const char *key, rt_str *ret_word)
{
        const char *at = line.ptr, *end = at + line.len;
        const size_t skip = strlen(key);

        while (at < end) {
                const char *blank = memchr(at, ' ', (size_t) (end - at));
                const char *stop = blank ? blank : end;

                if ((size_t) (stop - at) >= skip && memcmp(at, key, skip) == 0) {
                        *ret_word = (rt_str){ at + skip, (size_t) (stop - at) - skip };
                        return 1;
                }
                at = stop + 1;
        }
        return 0;
}

static uint64_t
number(rt_str text)
{
        uint64_t n = 0;

        for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
                n = n * 10 + (uint64_t) (text.ptr[i] - '0');
        return n;
}

static int
door_next(void *state, rt_input *input, rt_event *event)
{
        rt_str window = rt_input_window(input), at;
        const char *end;
        int r;

        (void) state;
        while (!(end = window.len ? memchr(window.ptr, '\n', window.len) : NULL)) {
                r = rt_input_more(input);
                if (r <= 0)
                        return r < 0 ? r : RT_EOF;
                window = rt_input_window(input);
        }
        event->payload = (rt_str){ window.ptr, (size_t) (end - window.ptr) };
        event->position = rt_input_offset(input);
        event->type = RT_EVENT_PLUGIN;
        rt_input_consume(input, event->payload.len + 1);
        if (!word(event->payload, "at=", &at)) {
                rt_input_skipped(input, event->position, "no time");
                return door_next(state, input, event);
        }
        event->time_ns = 1700000000000000000 + number(at) * 1000000000;
        return 1;
}

static int
door_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        const size_t field = ((const door *) state)->field[slot];
        rt_value *list;
        rt_str text;

        if (!word(event->payload, keys[field], &text))
                return 0;
        ret_value->kind = door_fields[field].kind;
        if (field == 0)
                ret_value->as.s = text;
        if (field == 1)
                ret_value->as.u = number(text);
        if (field < 2)
                return 1;
        list = rt_event_alloc(event, sizeof *list * 2);
        if (!list)
                return RT_ENOMEM;
        memset(list, 0, sizeof *list * 2);
        list[0].kind = list[1].kind = RT_KIND_STRING;
        list[0].as.s = text;
        list[1].as.s = (rt_str){ "end", 3 };
        ret_value->kind = RT_KIND_LIST;
        ret_value->count = 2;
        ret_value->as.list = list;
        return 1;
}

static int
door_identity(void *state, const rt_event *event, rt_str *ret_text)
{
        (void) state;
        *ret_text = event->payload;
        return 1;
}

const rt_source_ops *
old_source(void)
{
        static const rt_source_ops ops = {
                .size = sizeof ops,
                .abi = RT_SOURCE_ABI,
                .name = "door",
                .plugin = "door",
                .version = "1.2.3",
                .fields = door_fields,
                .n_fields = sizeof door_fields / sizeof *door_fields,
                .field_stride = sizeof *door_fields,
                .create = door_create,
                .destroy = door_destroy,
                .demand = door_demand,
                .next = door_next,
                .extract = door_extract,
                .identity = door_identity,
        };

        return &ops;
}

/* ---- fields: desk.owner, made of door.who and door.number; desk.of[FIELD] ---- */

static const rt_field_desc desk_fields[] = {
        { "desk.owner", "desk", RT_KIND_STRING, RT_FIELD_PURE, RT_FORMAT_NONE, 0, "whose desk" },
        { "desk.of", "desk", RT_KIND_UINT64,
          RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY | RT_FIELD_ARG_FIELDS, RT_FORMAT_DEC, 0,
          "how long the text of a field is" },
};

typedef struct desk {
        const rt_allocator *allocator;
        uint32_t is_of[MOST_SLOTS];
} desk;

static int
desk_create(const rt_fields_config *config, void **ret_state)
{
        desk *d = config->allocator->resize(NULL, sizeof *d, config->allocator->user);

        if (!d)
                return RT_ENOMEM;
        d->allocator = config->allocator;
        *ret_state = d;
        return strcmp(config->source, "door") == 0 ? RT_OK : RT_EINVAL;
}

static void
desk_destroy(void *state)
{
        const rt_allocator *allocator = ((desk *) state)->allocator;

        allocator->resize(state, 0, allocator->user);
}

static int
desk_demand(void *state, const rt_fields_demand *demand)
{
        desk *d = state;

        if (demand->n_slots > MOST_SLOTS)
                return RT_ELIMIT;
        for (size_t i = 0; i < demand->n_slots; i++) {
                const rt_slot_desc *slot =
                        (const void *) ((const char *) demand->slots + i * demand->slot_stride);

                d->is_of[i] = slot->arg == RT_ARG_KEY;
        }
        return RT_OK;
}

static int
desk_extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
             size_t n_reads, rt_value *ret_value)
{
        char *text;

        if (n_reads < 1 || !reads[0])
                return 0;
        if (((const desk *) state)->is_of[slot]) {
                ret_value->kind = RT_KIND_UINT64;
                ret_value->as.u = reads[0]->as.s.len;
                return 1;
        }
        if (n_reads != 2 || !reads[1] || reads[1]->as.u > 9)
                return 0;
        text = rt_event_alloc(event, reads[0]->as.s.len + 2);
        if (!text)
                return RT_ENOMEM;
        memcpy(text, reads[0]->as.s.ptr, reads[0]->as.s.len);
        text[reads[0]->as.s.len] = '/';
        text[reads[0]->as.s.len + 1] = (char) ('0' + reads[1]->as.u);
        ret_value->kind = RT_KIND_STRING;
        ret_value->as.s = (rt_str){ text, reads[0]->as.s.len + 2 };
        return 1;
}

const rt_fields_ops *
old_fields(void)
{
        static const char *const sources[] = { "door", NULL };
        static const char *const made_of[] = { "door.who, door.number", NULL };
        static const rt_fields_ops ops = {
                .size = sizeof ops,
                .abi = RT_FIELDS_ABI,
                .name = "desk",
                .version = "1.0.0",
                .sources = sources,
                .fields = desk_fields,
                .n_fields = sizeof desk_fields / sizeof *desk_fields,
                .field_stride = sizeof *desk_fields,
                .reads = made_of,
                .create = desk_create,
                .destroy = desk_destroy,
                .demand = desk_demand,
                .extract = desk_extract,
        };

        return &ops;
}

/* ---- a reader: "text:who=bob at=1;who=eve at=2" ---- */

static int
text_open(const char *path, void **ret_state)
{
        if (strncmp(path, "text:", 5) != 0)
                return RT_ENOENT;
        *ret_state = calloc(1, strlen(path) + sizeof(size_t));
        if (!*ret_state)
                return RT_ENOMEM;
        memcpy((char *) *ret_state + sizeof(size_t), path + 5, strlen(path + 5));
        return RT_OK;
}

static int64_t
text_read(void *state, void *buffer, size_t size_bytes)
{
        size_t *at = state;
        const char *text = (const char *) (at + 1) + *at;
        size_t n = strlen(text);

        n = n < size_bytes ? n : size_bytes;
        for (size_t i = 0; i < n; i++)
                ((char *) buffer)[i] = text[i] == ';' ? '\n' : text[i];
        *at += n;
        return (int64_t) n;
}

static void
text_close(void *state)
{
        free(state);
}

const rt_reader_ops *
old_reader(void)
{
        static const rt_reader_ops ops = {
                .size = sizeof ops,
                .name = "text",
                .open = text_open,
                .read = text_read,
                .close = text_close,
        };

        return &ops;
}
