/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.c - a source of random events: "syscall", so that event codes vary.
 *
 * A record is 16 bytes: seed and number. Each field has a few values to choose from (some missing),
 * and an event is a choice for every field.
 */
#include "random.h"
#include <stdlib.h>

#define LIST  RT_FIELD_LIST
#define KEY   RT_FIELD_ARG_REQUIRED | RT_FIELD_ARG_KEY
#define ALONE RT_FIELD_NO_RHS | RT_FIELD_NO_TRANSFORMER
#define ANY   ALONE | RT_FIELD_ANY_OF
#define ENDS  ANY | RT_FIELD_ALL_DIFFER

/* These two come first: their values are the event's own. */
enum { TYPE, DIR };

random_field random_fields[] = {
        [TYPE] = { .name = "evt.type", .kind = RT_KIND_STRING },
        [DIR] = { .name = "evt.dir", .kind = RT_KIND_STRING },
        { .name = "o.name", .kind = RT_KIND_STRING },
        { .name = "o.text", .kind = RT_KIND_STRING },
        { .name = "o.other", .kind = RT_KIND_STRING },
        { .name = "o.coded", .kind = RT_KIND_STRING },
        { .name = "o.path", .kind = RT_KIND_PATH },
        { .name = "o.relpath", .kind = RT_KIND_RELPATH },
        { .name = "o.bytes", .kind = RT_KIND_BYTES },
        { .name = "o.bool", .kind = RT_KIND_BOOL },
        { .name = "o.int8", .kind = RT_KIND_INT8 },
        { .name = "o.int16", .kind = RT_KIND_INT16 },
        { .name = "o.int32", .kind = RT_KIND_INT32 },
        { .name = "o.int64", .kind = RT_KIND_INT64 },
        { .name = "o.uint8", .kind = RT_KIND_UINT8 },
        { .name = "o.uint16", .kind = RT_KIND_UINT16 },
        { .name = "o.uint32", .kind = RT_KIND_UINT32 },
        { .name = "o.uint64", .kind = RT_KIND_UINT64 },
        { .name = "o.more", .kind = RT_KIND_UINT64 },
        { .name = "o.double", .kind = RT_KIND_DOUBLE },
        { .name = "o.ip", .kind = RT_KIND_IPADDR },
        { .name = "o.peer", .kind = RT_KIND_IPADDR },
        { .name = "o.net", .kind = RT_KIND_IPNET },
        { .name = "o.port", .kind = RT_KIND_PORT },
        { .name = "o.reltime", .kind = RT_KIND_RELTIME },
        { .name = "o.abstime", .kind = RT_KIND_ABSTIME },
        { .name = "o.names", .kind = RT_KIND_STRING, .flags = LIST },
        { .name = "o.args", .kind = RT_KIND_STRING, .flags = LIST },
        { .name = "o.sizes", .kind = RT_KIND_UINT64, .flags = LIST },
        { .name = "o.ips", .kind = RT_KIND_IPADDR, .flags = LIST },
        { .name = "o.flags", .kind = RT_KIND_BOOL, .flags = LIST },
        { .name = "o.map", .kind = RT_KIND_STRING, .flags = KEY },
        { .name = "o.anyname", .kind = RT_KIND_STRING, .flags = ANY },
        { .name = "o.anypid", .kind = RT_KIND_INT64, .flags = ANY },
        { .name = "o.end.ip", .kind = RT_KIND_IPADDR, .flags = ENDS },
        { .name = "o.end.net", .kind = RT_KIND_IPNET, .flags = ENDS },
        { .name = "o.end.port", .kind = RT_KIND_PORT, .flags = ENDS },
        { .name = "o.raw", .kind = RT_KIND_DYNAMIC, .flags = KEY | ALONE },
};
const size_t random_n_fields = RTI_COUNT(random_fields);

const char *const random_keys[N_KEYS] = { "a", "b", "/c/d", "e.f" };
const char *const random_params[N_KEYS] = { "res", "name", "uid", "data" };

const char *const random_words[] = {
        "cat",       "Cat",       "dog",  "/etc/passwd", "/etc",         "/usr/bin/sh",
        "sh",        "",          "a",    "b",           "ab",           "bash",
        "/tmp/x.sh", "x.sh",      "Y2F0", "aGVsbG8=",    "-la",          "-b",
        "--",        "bb",        "1",    "10.0.0.1",    "arn:aws",      "arn:*",
        "[a-c]x",    "true",      "ABBA", "abba",        "a.b.c.d/e/f/", "c",
        "/",         "//etc//sh", "0",    "user=root",   "root",         "catcatcat",
        "\xc3\xa9",  "\xff\xfe",  "a b",  "tab\there",
};
const size_t random_n_words = RTI_COUNT(random_words);

const char *const random_numbers[] = { "0",
                                       "1",
                                       "2",
                                       "3",
                                       "5",
                                       "10",
                                       "100",
                                       "127",
                                       "128",
                                       "255",
                                       "256",
                                       "65535",
                                       "80",
                                       "443",
                                       "-1",
                                       "-128",
                                       "4294967295",
                                       "2147483648",
                                       "-32768",
                                       "70000",
                                       "18446744073709551615",
                                       "9223372036854775807",
                                       "-9223372036854775808" };
const size_t random_n_numbers = RTI_COUNT(random_numbers);

/* ---- values ---- */

static rt_str
word(chance *c, rti_arena *arena)
{
        const char *a = random_words[chance_below(c, (uint32_t) random_n_words)];
        const char *b = random_words[chance_below(c, (uint32_t) random_n_words)];

        switch (chance_below(c, 12)) {
        case 0:
                return rti_arena_printf(arena, "%s%s", a, b);
        case 1:
                return rti_arena_printf(arena, "%s/%s", a, b);
        case 2: {
                /* A NUL inside: the string ends there, for most operators. */
                rt_str s = rti_arena_printf(arena, "%s|%s", a, b);
                char *bar = s.ptr ? memchr((void *) (uintptr_t) s.ptr, '|', s.len) : NULL;

                if (bar)
                        *bar = '\0';
                return s;
        }
        default:
                return rti_str_of(a);
        }
}

static rt_value
address(chance *c, uint32_t kind)
{
        rt_value value = { .kind = kind, .count = chance_below(c, 3) ? 4 : 16 };

        for (uint32_t i = 0; i < value.count; i++)
                value.as.ip[i] =
                        (uint8_t) (chance_below(c, 4) ? i == 0 ? 10 : 0 : chance_below(c, 3));
        return value;
}

static uint64_t
number(chance *c)
{
        static const uint64_t some[] = { 0,   1,        2,          3,          5,
                                         10,  100,      127,        128,        255,
                                         256, 32767,    65535,      65536,      80,
                                         443, 1u << 31, 0xffffffff, UINT64_MAX, INT64_MAX };

        return some[chance_below(c, RTI_COUNT(some))];
}

static rt_value
scalar(chance *c, rti_arena *arena, uint32_t kind)
{
        rt_value value = { .kind = kind };

        switch (kind) {
        case RT_KIND_STRING:
        case RT_KIND_PATH:
        case RT_KIND_RELPATH:
        case RT_KIND_BYTES:
                value.as.s = word(c, arena);
                break;
        case RT_KIND_BOOL:
                value.as.u = chance_below(c, 2);
                break;
        case RT_KIND_INT8:
                value.as.i = (int8_t) number(c);
                break;
        case RT_KIND_INT16:
                value.as.i = (int16_t) number(c);
                break;
        case RT_KIND_INT32:
                value.as.i = (int32_t) number(c);
                break;
        case RT_KIND_INT64:
                value.as.i = (int64_t) number(c);
                break;
        case RT_KIND_UINT8:
                value.as.u = (uint8_t) number(c);
                break;
        case RT_KIND_UINT16:
        case RT_KIND_PORT:
                value.as.u = (uint16_t) number(c);
                break;
        case RT_KIND_UINT32:
                value.as.u = (uint32_t) number(c);
                break;
        case RT_KIND_DOUBLE:
                value.as.d = (double) chance_below(c, 16) / 2 - 3;
                break;
        case RT_KIND_IPADDR:
        case RT_KIND_IPNET:
                return address(c, kind);
        default:
                value.as.u = number(c);
                break;
        }
        return value;
}

/* Kinds that a parameter can have. */
static uint32_t
some_kind(chance *c)
{
        static const uint32_t kinds[] = { RT_KIND_INT64,  RT_KIND_INT64,  RT_KIND_UINT32,
                                          RT_KIND_INT16,  RT_KIND_UINT8,  RT_KIND_STRING,
                                          RT_KIND_STRING, RT_KIND_PATH,   RT_KIND_BYTES,
                                          RT_KIND_PORT,   RT_KIND_IPADDR, RT_KIND_BOOL };

        return kinds[chance_below(c, RTI_COUNT(kinds))];
}

static int
choice(chance *c, rti_arena *arena, const random_field *field, rt_value *ret_value)
{
        rt_value *list;

        if (!(field->flags & (RT_FIELD_LIST | RT_FIELD_ANY_OF))) {
                *ret_value = scalar(c, arena,
                                    field->kind == RT_KIND_DYNAMIC ? some_kind(c) : field->kind);
                return RT_OK;
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = chance_below(c, 5) };
        list = RTI_NEWN(arena, rt_value, ret_value->count);
        if (!list)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < ret_value->count; i++)
                list[i] = scalar(c, arena, field->kind);
        ret_value->as.list = list;
        return RT_OK;
}

int
random_fields_init(rti_arena *arena)
{
        chance c = { 1 };

        for (size_t f = 0; f < random_n_fields; f++)
                for (size_t k = 0; k < N_KEYS; k++)
                        for (size_t i = 0; i < N_CHOICES; i++) {
                                random_field *field = &random_fields[f];

                                field->missing[k][i] = chance_below(&c, 5) == 0;
                                if (choice(&c, arena, field, &field->choice[k][i]) < 0)
                                        return RT_ENOMEM;
                        }
        return RT_OK;
}

/* ---- events ---- */

static void
pick_values(chance *c, uint8_t *pick)
{
        for (size_t i = 0; i < random_n_fields; i += 8) {
                const uint64_t bits = chance_next(c);

                memcpy(pick + i, &bits, sizeof bits);
        }
}

/* Every second field is about the subject. */
static bool
is_of_subject(size_t field)
{
        return field > DIR && field % 2;
}

/* Of the others every second one stays for a few events. */
static bool
stays(size_t field)
{
        return field > DIR && field % 4 == 2;
}

void
random_event_make(uint64_t seed, uint64_t event_number, random_event *event)
{
        chance c = { seed * 0x2545f4914f6cdd1du + event_number * 0x9e3779b97f4a7c15u };
        chance few = { seed + event_number / 5 * 0x9e3779b97f4a7c15u };
        uint8_t of_subject[sizeof event->pick], of_few[sizeof event->pick];

        pick_values(&c, event->pick);
        pick_values(&few, of_few);
        for (size_t i = 0; i < random_n_fields; i++)
                if (stays(i))
                        event->pick[i] = of_few[i];
        /* Some have none, most one of a few, some of so many that they replace each other. */
        event->subject = chance_below(&c, chance_below(&c, 8) ? 24 : 4096);
        if (event->subject) {
                chance s = { seed + event->subject * 0x9e3779b97f4a7c15u };

                pick_values(&s, of_subject);
                for (size_t i = 0; i < random_n_fields; i++)
                        if (is_of_subject(i))
                                event->pick[i] = of_subject[i];
        }
        /* Half of the events are of four common types. */
        event->type = chance_below(&c, 2) ? 2 + chance_below(&c, 4) * 2
                                          : chance_below(&c, RTI_N_EVENT_CODES);
}

const rt_value *
random_event_value(const random_event *event, size_t field, uint32_t arg, rt_str key)
{
        const uint8_t pick = event->pick[field] % N_CHOICES;
        const rt_value *value;
        size_t k = 0;

        if (field == TYPE || field == DIR) {
                static rt_value own = { .kind = RT_KIND_STRING };
                const rti_event_info *info = &rti_events[event->type];

                own.as.s = rti_str_of(field == TYPE ? rti_event_name(info)
                                      : info->exit  ? "<"
                                                    : ">");
                return &own;
        }
        while (key.len && !rti_str_is(key, random_keys[k]) && !rti_str_is(key, random_params[k]))
                if (++k == N_KEYS)
                        return NULL;
        if (random_fields[field].missing[k][pick])
                return NULL;
        value = &random_fields[field].choice[k][pick];
        if (random_fields[field].flags & RT_FIELD_ANY_OF && arg != RT_ARG_ANY)
                return value->count ? value->as.list : NULL;
        return value;
}

void
random_records(char *to, uint64_t seed, uint64_t first, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const uint64_t record[2] = { seed, first + i };

                memcpy(to + i * RANDOM_RECORD_BYTES, record, sizeof record);
        }
}

/* ---- the source ---- */

typedef struct instance {
        random_event event;
        struct {
                size_t field;
                uint32_t arg;
                rt_str key;
        } * slots;
} instance;

static int
create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        (void) config;
        (void) diags;
        *ret_state = calloc(1, sizeof(instance));
        return *ret_state ? RT_OK : RT_ENOMEM;
}

static void
destroy(void *state)
{
        free(((instance *) state)->slots);
        free(state);
}

static int
demand(void *state, const rt_demand *demand)
{
        instance *in = state;

        free(in->slots);
        in->slots = calloc(demand->n_slots + 1, sizeof *in->slots);
        if (!in->slots)
                return RT_ENOMEM;
        for (size_t i = 0; i < demand->n_slots; i++) {
                in->slots[i].arg = demand->slots[i].arg;
                in->slots[i].key = demand->slots[i].key;
                while (!rti_str_is(demand->slots[i].field, random_fields[in->slots[i].field].name))
                        if (++in->slots[i].field == random_n_fields)
                                return RT_ENOENT;
        }
        return RT_OK;
}

static int
next(void *state, rt_input *input, rt_event *event)
{
        instance *in = state;
        const rt_str window = rt_input_window(input);
        uint64_t record[2];

        if (window.len < sizeof record)
                return RT_EOF;
        memcpy(record, window.ptr, sizeof record);
        random_event_make(record[0], record[1], &in->event);
        event->type = in->event.type;
        event->subject = in->event.subject;
        event->payload = rti_str_sub(window, 0, sizeof record);
        rt_input_consume(input, sizeof record);
        return 1;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        const instance *in = state;
        const rt_value *value = random_event_value(&in->event, in->slots[slot].field,
                                                   in->slots[slot].arg, in->slots[slot].key);

        (void) event;
        if (value)
                *ret_value = *value;
        return value != NULL;
}

static rt_field_desc descs[RTI_COUNT(random_fields)];

const rt_source_ops random_source = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "syscall",
        .version = "1.0.0",
        .fields = descs,
        .n_fields = RTI_COUNT(descs),
        .field_stride = sizeof *descs,
        .create = create,
        .destroy = destroy,
        .demand = demand,
        .next = next,
        .extract = extract,
};

__attribute__((constructor)) static void
describe(void)
{
        for (size_t i = 0; i < RTI_COUNT(descs); i++)
                descs[i] = (rt_field_desc){ .name = random_fields[i].name,
                                            .group = i > DIR ? "o" : "evt",
                                            .kind = random_fields[i].kind,
                                            .flags = random_fields[i].flags
                                                     | (is_of_subject(i) ? RT_FIELD_OF_SUBJECT : 0),
                                            .help = "random" };
}
