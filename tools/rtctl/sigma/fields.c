/* SPDX-License-Identifier: Apache-2.0 */
/* fields.c - Sigma's log sources and fields as ours. */
#include "sigma.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum logsource_bits {
#define LOGSOURCE(id, ...) id = 1 << LOGSOURCE_##id,
#include "logsources.def"
#undef LOGSOURCE
        SYSCALLS = PROCESS | FILE_EVENTS | DELETION | NETWORK
};

static const logsource_row logsources[N_LOGSOURCES] = {
#define LOGSOURCE(id, ...) [LOGSOURCE_##id] = { __VA_ARGS__ },
#include "logsources.def"
#undef LOGSOURCE
};

typedef struct field_row {
        unsigned logsources;
        enum field_kind kind;
        const char *sigma, *name, *net;
} field_row;

static const field_row fields[] = {
#define FIELD(logsources, sigma, kind, name, net) { logsources, kind, sigma, name, net },
#define VALUE(...)
#include "fields.def"
#undef VALUE
#undef FIELD
};

typedef struct value_row {
        unsigned logsources;
        const char *sigma, *value, *condition;
} value_row;

static const value_row field_values[] = {
#define FIELD(...)
#define VALUE(...) { __VA_ARGS__ },
#include "fields.def"
#undef VALUE
#undef FIELD
};

bool
refuse(rule *r, const node *at, const char *format, ...)
{
        va_list args;

        if (r->problem.line)
                return false;
        r->problem.line = at ? at->line : 1;
        r->problem.column = at ? at->column : 1;
        va_start(args, format);
        vsnprintf(r->problem.text, sizeof r->problem.text, format, args);
        va_end(args);
        return false;
}

const logsource_row *
logsource_of(enum logsource id)
{
        return &logsources[id];
}

static bool
part_is(const char *row, rt_str given)
{
        return strcmp(row, "*") == 0 || str_is_folded(given, row);
}

bool
logsource_find(rule *r)
{
        const node *given = node_get(r->document, "logsource");
        const rt_str product = node_text(given, "product"), service = node_text(given, "service"),
                     category = node_text(given, "category");

        if (!given)
                return refuse(r, r->document, "no logsource");
        for (size_t i = 0; i < N_LOGSOURCES; i++)
                if (part_is(logsources[i].product, product)
                    && part_is(logsources[i].service, service)
                    && part_is(logsources[i].category, category)) {
                        r->logsource = (enum logsource) i;
                        return true;
                }
        return refuse(r, given,
                      "no source of ours is product '%.60s' service '%.60s' category '%.60s'",
                      product.ptr, service.ptr, category.ptr);
}

/* json.value[/a/b] for a.b; NULL text when a name has characters that no argument can have. */
static rt_str
member_of(pool *p, rt_str sigma)
{
        writer out = { NULL };

        text_word(&out, "json.value[/");
        for (size_t i = 0; i < sigma.len; i++) {
                const char c = sigma.ptr[i];

                if (c == '.')
                        text_byte(&out, '/');
                else if (c == '~')
                        text_word(&out, "~0");
                else if (c == '/')
                        text_word(&out, "~1");
                else if (c > ' ' && c < 0x7f && !strchr("[]\"'%", c))
                        text_byte(&out, c);
                else {
                        text_done(&out);
                        return str(NULL, 0);
                }
        }
        text_byte(&out, ']');
        return text_keep(&out, p);
}

static void
note_used(rule *r, rt_str sigma, rt_str ours)
{
        for (size_t i = 0; i < r->n_used; i++)
                if (str_same(r->used[i].ours, ours))
                        return;
        if (r->n_used < MOST_OUTPUT_FIELDS)
                r->used[r->n_used++] = (used_field){ sigma, ours };
}

static bool
find_row(rule *r, rt_str sigma, field *f)
{
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
                const field_row *row = &fields[i];

                if (!(row->logsources >> r->logsource & 1) || !str_is(sigma, row->sigma))
                        continue;
                *f = (field){ .kind = row->kind,
                              .name = str(row->name, strlen(row->name)),
                              .net = str(row->net, strlen(row->net)) };
                if (f->kind == STRING)
                        f->member = member_of(r->pool, sigma);
                return true;
        }
        return false;
}

bool
field_find(rule *r, const node *at, rt_str sigma, field *ret_field)
{
        if (!find_row(r, sigma, ret_field)) {
                if (!logsources[r->logsource].members)
                        return refuse(r, at, "no field of ours is '%.100s'", sigma.ptr);
                *ret_field = (field){ .kind = JSON, .name = member_of(r->pool, sigma) };
                if (!ret_field->name.ptr)
                        return refuse(r, at, "'%.100s' cannot be the name of a member", sigma.ptr);
        }
        note_used(r, sigma, ret_field->name);
        return true;
}

int
field_value(rule *r, const node *at, rt_str sigma, const expr **ret_expr)
{
        const rt_str given = at->kind == NODE_TEXT ? at->text : str("", 0);
        bool known = false;

        for (size_t i = 0; i < sizeof field_values / sizeof *field_values; i++) {
                const value_row *row = &field_values[i];

                if (!(row->logsources >> r->logsource & 1) || !str_is(sigma, row->sigma))
                        continue;
                known = true;
                if (str_is_folded(given, row->value)) {
                        *ret_expr = *row->condition ? expr_test(
                                            r->pool, str(row->condition, strlen(row->condition)))
                                                    : expr_truth(r->pool, true);
                        return 1;
                }
        }
        if (known)
                refuse(r, at, "no condition of ours is '%.60s' with this value", sigma.ptr);
        return known ? -1 : 0;
}
