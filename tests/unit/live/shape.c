/* SPDX-License-Identifier: Apache-2.0 */
/* shape.c - is a record's event one that readers of captures accept? */
#include "shape.h"
#include "events.h"
#include "watch.h"
#include <criterion/criterion.h>
#include <string.h>

static const char *
params_of(uint16_t event)
{
        switch (event) {
#define EVENT(code, id, name, half, category, origin, flags, params, tables) \
        case code:                                                           \
                return params;
#include "lang/events.def"
#undef EVENT
        default:
                return NULL;
        }
}

typedef struct width {
        const char *type;
        size_t bytes;
} width;

static const width widths[] = {
        { "errno", 8 }, { "fd", 8 },     { "pid", 8 },     { "reltime", 8 },     { "abstime", 8 },
        { "int64", 8 }, { "uint64", 8 }, { "int32", 4 },   { "uint32", 4 },      { "uid", 4 },
        { "gid", 4 },   { "mode", 4 },   { "flags32", 4 }, { "enumflags32", 4 }, { "sigset", 4 },
        { "int16", 2 }, { "uint16", 2 }, { "flags16", 2 }, { "enumflags16", 2 }, { "syscallid", 2 },
        { "uint8", 1 }, { "int8", 1 },   { "flags8", 1 },  { "enumflags8", 1 },  { "sigtype", 1 },
};

static void
expect_address(const uint8_t *at, size_t len, const size_t lengths[2], size_t least_unix)
{
        if (len == 0)
                return;
        cr_assert((at[0] == 2 && len == lengths[0]) || (at[0] == 10 && len == lengths[1])
                  || (at[0] == 1 && len >= least_unix && at[len - 1] == 0));
}

/* Values without a fixed width. */
static void
expect_form(const struct rti_record *r, uint32_t i, const char *type)
{
        static const size_t sockaddr[] = { 7, 19 }, socktuple[] = { 13, 37 };
        size_t len;
        const uint8_t *at = value_of(r, i, &len);

        if (strncmp(type, "charbuf", 7) == 0 || strncmp(type, "fs", 2) == 0)
                cr_assert(len == 0 || (at[len - 1] == 0 && strlen((const char *) at) == len - 1),
                          "event %u value %u: no text", r->event, i);
        if (strncmp(type, "sockaddr", 8) == 0)
                expect_address(at, len, sockaddr, 2);
        if (strncmp(type, "socktuple", 9) == 0)
                expect_address(at, len, socktuple, 18);
        if (strncmp(type, "fdlist", 6) == 0)
                cr_assert_eq(len, 2 + 10 * (size_t) (at[0] | at[1] << 8));
}

static void
expect_value(const struct rti_record *r, uint32_t i, const char *type)
{
        const size_t type_len = strcspn(type, ": ");
        size_t len;

        (void) value_of(r, i, &len);
        for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
                if (strlen(widths[k].type) == type_len
                    && memcmp(widths[k].type, type, type_len) == 0) {
                        cr_assert(len == widths[k].bytes || len == 0, "event %u value %u: %zu",
                                  r->event, i, len);
                        return;
                }
        }
        expect_form(r, i, type);
}

fact
fact_of(const struct rti_record *r)
{
        const uint8_t *at = (const uint8_t *) (r + 1) + r->values_len;
        fact f = { .pid = -1 };
        uint32_t len;

        if (r->facts_len == 0)
                return f;
        cr_assert_geq(r->facts_len, 29);
        memcpy(&f.pid, at, 8);
        memcpy(&len, at + 8, 4);
        memcpy(&f.fd, at + 12, 8);
        memcpy(&f.ino, at + 20, 8);
        f.kind = at[28];
        f.rest = at + 29;
        f.len = r->facts_len - 29;
        cr_assert_eq(len + 8, r->facts_len, "event %u: length of the entry", r->event);
        return f;
}

void
expect_shape(const struct rti_record *r)
{
        const char *params = params_of(r->event);
        const uint16_t *lengths = (const uint16_t *) (r + 1);
        size_t sum = r->n_params * sizeof *lengths;
        uint32_t n = 0;

        cr_assert(params, "no event %u", r->event);
        for (const char *at = params; *at != '\0'; n++) {
                const char *type = strchr(at, ':') + 1;

                cr_assert_lt(n, r->n_params, "event %u has too few values", r->event);
                expect_value(r, n, type);
                at = type + strcspn(type, " ");
                at += *at == ' ';
        }
        cr_assert_eq(n, r->n_params, "event %u: %u values for %u", r->event, r->n_params, n);
        for (uint32_t i = 0; i < r->n_params; i++)
                sum += lengths[i];
        cr_assert_eq(sum, r->values_len);
        fact_of(r);
}
