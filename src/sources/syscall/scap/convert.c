/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert.c - today's form of events that older writers recorded.
 *
 *   in   an event as recorded: maybe of a type of then, in two halves, with fewer parameters
 *   out  the exit event with all parameters; enter halves are kept until then, by thread
 *
 * Parameters are slices, so that adding, moving and dropping them copies nothing but enter halves.
 * Those stay where they are until the thread's next enter half overwrites them.
 */
#include "base/buf.h"
#include "base/hash.h"
#include "sources/jsonkit/limits.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/parts.h"

enum { /* what a row of conversions.def does */
       STORE,
       STORE_AND_PASS,
       PASS,
       ADD,
       CHANGE
};

enum { /* where a parameter comes from: one byte, a number in its low bits */
       FROM_OLD = 0x00,
       FROM_ENTER = 0x40,
       FROM_ENTER_OR_EMPTY = 0x60,
       FROM_DEFAULT = 0x80,
       FROM_NOTHING = 0x81,
       FROM_CONTAINER = 0x82,
       FROM_FIRST = 0xa0, /* as many of the old ones */
       NUMBER_BITS = 0x1f,
       KIND_BITS = 0xe0
};

/* All rows, one after the other: type (2 bytes), parameters, action, new type (2 bytes), number of
 * sources, sources. */
static const uint8_t conversions[] = {
#define OLD(i)            (FROM_OLD | (i))
#define FIRST(n)          (FROM_FIRST | (n))
#define ENTER(i)          (FROM_ENTER | (i))
#define ENTER_OR_EMPTY(i) (FROM_ENTER_OR_EMPTY | (i))
#define DEFAULT           FROM_DEFAULT
#define EMPTY             FROM_NOTHING
#define CONTAINER         FROM_CONTAINER
#define LOW(code)         ((code) &0xff), ((code) >> 8)
#define SOURCES(...)      sizeof((uint8_t[]){ 0, ##__VA_ARGS__ }) - 1, ##__VA_ARGS__
#define CONVERT(type, n_params, action, new_type, ...) \
        LOW(RTI_EV_##type), n_params, action, LOW(RTI_EV_##new_type), SOURCES(__VA_ARGS__),
#include "sources/syscall/scap/conversions.def"
};

enum {
        ROW_BYTES = 7,
        MOST_ROUNDS = 50,
        MOST_STORED = 8,     /* parameters of an enter half; mmap has 6 */
        HALVES_A_BUCKET = 8, /* tried for a thread; the oldest gives way */
        LEAST_HALF_BYTES = 128
};

/* The enter half of a thread. */
typedef struct half {
        int64_t tid;
        uint64_t age;
        uint16_t type;
        uint8_t n_params;
        uint32_t section; /* it was kept in; 0: it is used up */
        uint32_t room;
        char *bytes; /* values, one after the other */
        uint32_t len[MOST_STORED];
} half;

struct rti_convert {
        const rt_allocator *allocator;
        uint16_t first[RTI_N_EVENT_CODES]; /* offset of a type's rows in conversions, plus 1 */
        half *halves; /* RTI_SOURCE_MAX_ENTER_HALVES of them, made by the first */
        uint64_t stored;
        uint32_t section; /* counts them, from 1 */
        size_t bytes;     /* of all halves */
        rti_buf json;
};

typedef struct row {
        uint8_t action, n_sources;
        uint16_t new_type;
        const uint8_t *sources;
} row;

static uint16_t
load_u16(const uint8_t *at)
{
        return (uint16_t) (at[0] | at[1] << 8);
}

/* ---- life ---- */

int
rti_convert_new(const rt_allocator *allocator, rti_convert **ret_convert)
{
        rti_convert *convert = rti_calloc(allocator, 1, sizeof *convert);

        if (!convert)
                return RT_ENOMEM;
        convert->allocator = allocator;
        convert->section = 1;
        rti_buf_init(&convert->json, allocator, 0);
        for (size_t at = 0; at < sizeof conversions; at += ROW_BYTES + conversions[at + 6]) {
                uint16_t *first = &convert->first[load_u16(conversions + at)];

                *first = *first ? *first : (uint16_t) (at + 1);
        }
        *ret_convert = convert;
        return RT_OK;
}

void
rti_convert_free(rti_convert *convert)
{
        if (!convert)
                return;
        for (size_t i = 0; convert->halves && i < RTI_SOURCE_MAX_ENTER_HALVES; i++)
                rti_free(convert->allocator, convert->halves[i].bytes);
        rti_free(convert->allocator, convert->halves);
        rti_buf_done(&convert->json);
        rti_free(convert->allocator, convert);
}

void
rti_convert_clear(rti_convert *convert)
{
        /* A file may be nothing but section headers: no walk over all halves. */
        if (++convert->section == 0)
                convert->section = 1;
}

/* ---- enter halves ---- */

static half *
bucket_of(const rti_convert *convert, int64_t tid)
{
        const uint64_t buckets = RTI_SOURCE_MAX_ENTER_HALVES / HALVES_A_BUCKET;

        return convert->halves + rti_hash(&tid, sizeof tid, 0) % buckets * HALVES_A_BUCKET;
}

static half *
find_half(const rti_convert *convert, int64_t tid)
{
        half *bucket;

        if (!convert->halves)
                return NULL;
        bucket = bucket_of(convert, tid);
        for (size_t i = 0; i < HALVES_A_BUCKET; i++)
                if (bucket[i].section == convert->section && bucket[i].tid == tid)
                        return &bucket[i];
        return NULL;
}

/* The place for a half of @a tid: its own, a free one, or that of the oldest. */
static half *
place_half(const rti_convert *convert, int64_t tid)
{
        half *bucket = bucket_of(convert, tid), *best = find_half(convert, tid);

        for (size_t i = 0; i < HALVES_A_BUCKET && !best; i++)
                best = bucket[i].section == convert->section ? NULL : &bucket[i];
        if (best)
                return best;
        best = bucket;
        for (size_t i = 1; i < HALVES_A_BUCKET; i++)
                best = bucket[i].age < best->age ? &bucket[i] : best;
        return best;
}

static int
make_room(rti_convert *convert, half *place, size_t size)
{
        size_t room = LEAST_HALF_BYTES;
        char *bytes;

        if (size <= place->room)
                return RT_OK;
        while (room < size)
                room *= 2;
        if (convert->bytes - place->room + room > RTI_SOURCE_MAX_ENTER_BYTES)
                return RT_ELIMIT;
        bytes = rti_realloc(convert->allocator, place->bytes, 1, room);
        if (!bytes)
                return RT_ENOMEM;
        convert->bytes += room - place->room;
        place->bytes = bytes;
        place->room = (uint32_t) room;
        return RT_OK;
}

static int
store_half(rti_convert *convert, const rti_sysevt *evt)
{
        size_t size = 0;
        half *place;
        int r;

        if (!convert->halves)
                convert->halves = rti_calloc(convert->allocator, RTI_SOURCE_MAX_ENTER_HALVES,
                                             sizeof *convert->halves);
        if (!convert->halves)
                return RT_ENOMEM;
        if (evt->n_params > MOST_STORED)
                return RT_EFORMAT;
        for (uint32_t i = 0; i < evt->n_params; i++)
                size += evt->param[i].len;
        place = place_half(convert, evt->tid);
        place->section = 0;
        r = make_room(convert, place, size);
        if (r < 0)
                return r;
        place->tid = evt->tid;
        place->age = ++convert->stored;
        place->type = evt->type;
        place->n_params = (uint8_t) evt->n_params;
        place->section = convert->section;
        size = 0;
        for (uint32_t i = 0; i < evt->n_params; i++) {
                if (evt->param[i].len)
                        memcpy(place->bytes + size, evt->param[i].ptr, evt->param[i].len);
                place->len[i] = (uint32_t) evt->param[i].len;
                size += evt->param[i].len;
        }
        return RT_OK;
}

static rt_str
half_param(const half *from, uint32_t i)
{
        size_t at = 0;

        if (i >= from->n_params)
                return (rt_str){ NULL, 0 };
        for (uint32_t k = 0; k < i; k++)
                at += from->len[k];
        return (rt_str){ from->bytes + at, from->len[i] };
}

/* ---- parameters ---- */

/* Bytes of a value whose type has always as many; 0: any number. */
static size_t
width_of(uint8_t type)
{
        switch (type) {
        case RTI_PT_INT8:
        case RTI_PT_UINT8:
        case RTI_PT_FLAGS8:
        case RTI_PT_ENUMFLAGS8:
        case RTI_PT_SIGTYPE:
        case RTI_PT_L4PROTO:
        case RTI_PT_SOCKFAMILY:
                return 1;
        case RTI_PT_INT16:
        case RTI_PT_UINT16:
        case RTI_PT_FLAGS16:
        case RTI_PT_ENUMFLAGS16:
        case RTI_PT_SYSCALLID:
        case RTI_PT_PORT:
                return 2;
        case RTI_PT_INT32:
        case RTI_PT_UINT32:
        case RTI_PT_FLAGS32:
        case RTI_PT_ENUMFLAGS32:
        case RTI_PT_BOOL:
        case RTI_PT_IPV4ADDR:
        case RTI_PT_UID:
        case RTI_PT_GID:
        case RTI_PT_SIGSET:
        case RTI_PT_MODE:
        case RTI_PT_FD32:
        case RTI_PT_PID32:
                return 4;
        case RTI_PT_INT64:
        case RTI_PT_UINT64:
        case RTI_PT_ERRNO:
        case RTI_PT_FD:
        case RTI_PT_PID:
        case RTI_PT_RELTIME:
        case RTI_PT_ABSTIME:
        case RTI_PT_DOUBLE:
                return 8;
        default:
                return 0;
        }
}

static rt_str
default_of(uint8_t type)
{
        static const char zero[8] = { 0 }, none[4] = { -1, -1, -1, -1 };
        const size_t width = width_of(type);

        if (type == RTI_PT_UID || type == RTI_PT_GID)
                return (rt_str){ none, sizeof none };
        return (rt_str){ width ? zero : NULL, width };
}

static rt_str
text_of(const rti_sysevt *evt, uint32_t i)
{
        const rt_str s = rti_arg(evt, i);

        return (rt_str){ s.ptr, s.len ? strnlen(s.ptr, s.len) : 0 };
}

/* The first container events had their facts as parameters: as JSON, with its NUL. */
static int
container_json(rti_convert *convert, const rti_sysevt *evt, rt_str *ret_json)
{
        rti_buf *json = &convert->json;

        rti_buf_clear(json);
        rti_buf_add_text(json, "{\"container\":{\"id\":");
        rti_buf_add_json(json, text_of(evt, 0));
        rti_buf_add_text(json, ",\"image\":");
        rti_buf_add_json(json, text_of(evt, 3));
        rti_buf_add_text(json, ",\"name\":");
        rti_buf_add_json(json, text_of(evt, 2));
        rti_buf_add_text(json, ",\"type\":");
        rti_buf_add_u64(json, rti_arg_u32(evt, 1, 0));
        rti_buf_add_text(json, "}}");
        rti_buf_add_char(json, '\0');
        *ret_json = rti_buf_str(json);
        return json->failed;
}

/* ---- one round ---- */

typedef struct round {
        rti_convert *convert;
        const rti_sysevt *evt;      /* before */
        const rti_event_info *info; /* after */
        half *enter;                /* NULL: none */
        bool enter_used;
        uint32_t n;
        rt_str param[RTI_MOST_PARAMS]; /* after */
} round;

/* What the type of the next parameter makes of a value. */
static int
add_param(round *now, rt_str value)
{
        size_t width;

        if (now->n >= now->info->n_params || now->n >= RTI_MOST_PARAMS)
                return RT_EFORMAT;
        width = width_of(rti_params[now->info->first_param + now->n].type);
        if (width && value.len > width)
                value.len = width;
        now->param[now->n++] = value;
        return RT_OK;
}

static int
add_default(round *now)
{
        if (now->n >= now->info->n_params)
                return RT_EFORMAT;
        return add_param(now, default_of(rti_params[now->info->first_param + now->n].type));
}

static int
add_from(round *now, uint8_t source)
{
        const uint8_t number = source & NUMBER_BITS;
        rt_str json;
        int r = RT_OK;

        switch (source & KIND_BITS) {
        case FROM_OLD:
                return add_param(now, rti_arg(now->evt, number));
        case FROM_FIRST:
                for (uint32_t i = 0; i < number && r == RT_OK; i++)
                        r = add_param(now, rti_arg(now->evt, i));
                return r;
        case FROM_ENTER:
        case FROM_ENTER_OR_EMPTY:
                if (now->enter) {
                        now->enter_used = true;
                        return add_param(now, half_param(now->enter, number));
                }
                return (source & KIND_BITS) == FROM_ENTER ? add_default(now)
                                                          : add_param(now, (rt_str){ NULL, 0 });
        default:
                if (source == FROM_DEFAULT)
                        return add_default(now);
                if (source == FROM_NOTHING)
                        return add_param(now, (rt_str){ NULL, 0 });
                r = container_json(now->convert, now->evt, &json);
                return r < 0 ? r : add_param(now, json);
        }
}

/* The thread's enter half, if it is that of this exit. Another one means that events were lost. */
static half *
enter_of(rti_convert *convert, const rti_sysevt *evt)
{
        half *enter = find_half(convert, evt->tid);

        if (!enter || !evt->info->exit || enter->type + 1 == evt->type)
                return evt->info->exit ? enter : NULL;
        enter->section = 0;
        return NULL;
}

/* Make the event of the row's new type, or longer, out of the row's sources. */
static int
rebuild(rti_convert *convert, const row *by, rti_sysevt *evt)
{
        round now = { .convert = convert, .evt = evt, .info = evt->info };
        int r = RT_OK;

        now.enter = enter_of(convert, evt);
        if (by->action == CHANGE)
                now.info = &rti_events[by->new_type];
        else
                r = add_from(&now, (uint8_t) (FROM_FIRST | evt->n_params));
        for (uint32_t i = 0; i < by->n_sources && r == RT_OK; i++)
                r = add_from(&now, by->sources[i]);
        if (r < 0)
                return r;
        if (now.enter_used)
                now.enter->section = 0; /* its bytes stay until the place is taken */
        for (uint32_t i = 0; i < now.n || i < evt->n_params; i++)
                evt->param[i] = i < now.n ? now.param[i] : (rt_str){ NULL, 0 };
        evt->n_params = now.n;
        evt->info = now.info;
        evt->type = by->action == CHANGE ? by->new_type : evt->type;
        return RT_OK;
}

static bool
find_row(const rti_convert *convert, uint16_t type, uint32_t n_params, row *ret_row)
{
        size_t at = convert->first[type];

        if (at-- == 0)
                return false;
        while (at < sizeof conversions && load_u16(conversions + at) == type) {
                const uint8_t *bytes = conversions + at;

                if (bytes[2] == n_params) {
                        *ret_row = (row){ .action = bytes[3],
                                          .new_type = load_u16(bytes + 4),
                                          .n_sources = bytes[6],
                                          .sources = bytes + ROW_BYTES };
                        return true;
                }
                at += ROW_BYTES + bytes[6];
        }
        return false;
}

/* Is the event in today's form, or none of it? One of RTI_CONVERT_*, or -1. */
static int
verdict(rti_sysevt *evt)
{
        const rti_event_info *info = evt->info;

        if (info->flags & RTI_EF_UNUSED)
                return RTI_CONVERT_DROP;
        if (!(info->flags & RTI_EF_CONVERTER_MANAGED))
                return info->flags & RTI_EF_OLD_VERSION && !info->exit ? RTI_CONVERT_DROP
                                                                       : RTI_CONVERT_PASS;
        if (!info->exit || info->flags & RTI_EF_OLD_VERSION || evt->n_params < info->n_params)
                return -1;
        /* What a later writer added at the end is none of ours. */
        for (; evt->n_params > info->n_params; evt->n_params--)
                evt->param[evt->n_params - 1] = (rt_str){ NULL, 0 };
        return RTI_CONVERT_PASS;
}

int
rti_convert_event(rti_convert *convert, rti_sysevt *evt)
{
        for (uint32_t i = 0; i < MOST_ROUNDS; i++) {
                const int known = verdict(evt);
                row by;
                int r;

                if (known >= 0)
                        return known;
                if (!find_row(convert, evt->type, evt->n_params, &by))
                        return RT_EFORMAT;
                r = by.action == PASS ? RT_OK
                    : by.action == STORE || by.action == STORE_AND_PASS
                            ? store_half(convert, evt)
                            : rebuild(convert, &by, evt);
                if (r < 0)
                        return r;
                if (by.action == STORE)
                        return RTI_CONVERT_DROP;
                if (by.action == STORE_AND_PASS || by.action == PASS)
                        return RTI_CONVERT_HIDDEN;
        }
        return RT_EFORMAT;
}
