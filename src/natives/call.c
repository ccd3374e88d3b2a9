/* SPDX-License-Identifier: Apache-2.0 */
/*
 * call.c - values of the engine as C's, and back.
 *
 * A number that is out of its type's range, a text with a NUL where C ends texts with one: the
 * function is not called. Nothing is cut, wrapped or rounded.
 */
#include "native.h"
#include <math.h>

/* ---- shapes ---- */

int
natives_shape_make(native_shape *shape, const prototype *p)
{
        ffi_type *length = sizeof(size_t) == 8 ? &ffi_type_uint64 : &ffi_type_uint32;
        ffi_type *result = natives_type_rows[p->result].passed;
        unsigned n = 0;

        shape->str_members[0] = &ffi_type_pointer;
        shape->str_members[1] = length;
        shape->str_members[2] = NULL;
        shape->str = (ffi_type){ .type = FFI_TYPE_STRUCT, .elements = shape->str_members };
        for (size_t i = 0; i < p->n_params; i++) {
                const uint8_t type = p->params[i];

                shape->passed[n++] =
                        type == TYPE_STR ? &shape->str : natives_type_rows[type].passed;
                if (type == TYPE_BYTES || type == TYPE_IP)
                        shape->passed[n++] = length;
        }
        if (p->result == TYPE_STR)
                result = &shape->str;
        if (ffi_prep_cif(&shape->cif, FFI_DEFAULT_ABI, n, result, shape->passed) != FFI_OK)
                return RT_EINVAL;
        return RT_OK;
}

/* ---- arguments ---- */

/* Arguments on their way into a function. */
typedef struct call {
        const rt_event *event;
        bool lent; /* texts have a NUL behind them, and outlive the call */
        void *at[2 * MAX_PARAMS];
        native_cell cells[2 * MAX_PARAMS];
        unsigned n;
        size_t used; /* of `small` */
        char small[STACK_BYTES];
} call;

static inline bool
is_signed(uint32_t kind)
{
        return kind >= RT_KIND_INT8 && kind <= RT_KIND_INT64;
}

static int
put_integer(uint8_t type, const rt_value *value, native_cell *cell)
{
        const type_row *row = &natives_type_rows[type];

        if (is_signed(value->kind) && value->as.i < 0 ? value->as.i < row->lowest
                                                      : value->as.u > row->highest)
                return RT_EINVAL;
        switch (row->passed->size) {
        case 1:
                cell->u8 = (uint8_t) value->as.u;
                break;
        case 2:
                cell->u16 = (uint16_t) value->as.u;
                break;
        case 4:
                cell->u32 = (uint32_t) value->as.u;
                break;
        default:
                cell->u64 = value->as.u;
                break;
        }
        return RT_OK;
}

static int
put_double(const rt_value *value, native_cell *cell)
{
        const int64_t most = INT64_C(1) << 53; /* up to here a double is exact */

        if (value->kind == RT_KIND_DOUBLE)
                cell->d = value->as.d;
        else if (is_signed(value->kind) && value->as.i >= -most && value->as.i <= most)
                cell->d = (double) value->as.i;
        else if (!is_signed(value->kind) && value->as.u <= (uint64_t) most)
                cell->d = (double) value->as.u;
        else
                return RT_EINVAL;
        return RT_OK;
}

/* C's text: what has a NUL in it would end early. */
static int
put_text(call *c, rt_str text, native_cell *cell)
{
        char *copy = c->small + c->used;

        if (text.len && memchr(text.ptr, '\0', text.len))
                return RT_EINVAL;
        if (c->lent) {
                cell->p = text.ptr;
                return RT_OK;
        }
        if (text.len < sizeof c->small - c->used)
                c->used += text.len + 1;
        else
                copy = rt_event_alloc(c->event, text.len + 1);
        if (!copy)
                return RT_ELIMIT;
        if (text.len)
                memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        cell->p = copy;
        return RT_OK;
}

static int
put(call *c, uint8_t type, const rt_value *value)
{
        native_cell *cell = &c->cells[c->n];

        c->at[c->n++] = cell;
        if (!natives_type_takes(type, value->kind))
                return RT_EINVAL;
        switch (type) {
        case TYPE_DOUBLE:
                return put_double(value, cell);
        case TYPE_STRING:
                return put_text(c, value->as.s, cell);
        case TYPE_STR:
                cell->str = value->as.s;
                return RT_OK;
        case TYPE_PTR:
                cell->p = value->as.s.ptr;
                return RT_OK;
        case TYPE_BYTES:
        case TYPE_IP:
                cell->p = type == TYPE_IP ? (const void *) value->as.ip : value->as.s.ptr;
                c->cells[c->n].n = type == TYPE_IP ? value->count & 0xff : value->as.s.len;
                c->at[c->n] = &c->cells[c->n];
                c->n++;
                return RT_OK;
        default:
                return put_integer(type, value, cell);
        }
}

/* A parameter that may be missing: 0, false, NULL. */
static void
put_nothing(call *c, uint8_t type)
{
        const unsigned n = type == TYPE_BYTES || type == TYPE_IP ? 2 : 1;

        for (unsigned i = 0; i < n; i++, c->n++) {
                c->cells[c->n] = (native_cell){ .str = { NULL, 0 } };
                c->at[c->n] = &c->cells[c->n];
        }
}

/* ---- results ---- */

/* The function may write over its text at the next call: it is copied, if there is an event. */
static int
take_text(const rt_event *event, rt_str text, rt_value *value)
{
        char *copy;

        if (!text.ptr)
                return text.len ? RT_EFORMAT : 0;
        if (text.len > MAX_TEXT_BYTES)
                return RT_ELIMIT;
        if (!event) {
                value->as.s = text;
                return 1;
        }
        copy = rt_event_alloc(event, text.len + 1);
        if (!copy)
                return RT_ELIMIT;
        memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        value->as.s = (rt_str){ copy, text.len };
        return 1;
}

static int
take(uint8_t type, const native_cell *cell, const rt_event *event, rt_value *value)
{
        switch (type) {
        case TYPE_DOUBLE:
                value->as.d = cell->d;
                return isnan(cell->d) ? 0 : 1;
        case TYPE_STRING:
                return take_text(
                        event,
                        (rt_str){ cell->text,
                                  cell->text ? strnlen(cell->text, MAX_TEXT_BYTES + 1) : 0 },
                        value);
        case TYPE_STR:
                return take_text(event, cell->str, value);
        case TYPE_VOID:
                return 0;
        case TYPE_PTR:
                value->kind = RT_KIND_BYTES;
                value->as.s = (rt_str){ cell->text, 0 };
                return cell->p ? 1 : 0;
        case TYPE_I8:
                value->as.i = (int8_t) cell->wide;
                return 1;
        case TYPE_I16:
                value->as.i = (int16_t) cell->wide;
                return 1;
        case TYPE_I32:
                value->as.i = (int32_t) cell->wide;
                return 1;
        case TYPE_BOOL:
        case TYPE_U8:
                value->as.u = (uint8_t) cell->wide;
                return type == TYPE_BOOL && value->as.u > 1 ? RT_EFORMAT : 1;
        case TYPE_U16:
                value->as.u = (uint16_t) cell->wide;
                return 1;
        case TYPE_U32:
                value->as.u = (uint32_t) cell->wide;
                return 1;
        default: /* 64 bits, of either sign */
                value->as.u = cell->u64;
                return 1;
        }
}

static int
put_callback(call *c, const prototype *wanted, const rt_value *value)
{
        native_cell *cell = &c->cells[c->n];

        c->at[c->n++] = cell;
        cell->p = NULL;
        if (value->kind == RT_KIND_BYTES && value->as.s.ptr)
                cell->p = natives_callback_code((rt_native_callback *) (uintptr_t) value->as.s.ptr,
                                                wanted);
        return cell->p ? RT_OK : RT_EINVAL;
}

/* @return as natives_call. @param ret_wrong the argument that was looked at last */
static int
run(call *c, const native *n, const rt_value *const *args, native_cell *result, size_t *ret_wrong)
{
        const signature *s = &n->signature;
        const prototype *callback = s->callbacks;

        c->n = 0;
        c->used = 0;
        for (size_t i = 0; i < s->own.n_params; i++) {
                const uint8_t type = s->own.params[i];
                int r = RT_OK;

                *ret_wrong = i;
                if (!args[i] && !s->optional[i])
                        return 0;
                if (!args[i])
                        put_nothing(c, type);
                else if (type == TYPE_CALLBACK)
                        r = put_callback(c, callback, args[i]);
                else
                        r = put(c, type, args[i]);
                callback += type == TYPE_CALLBACK;
                if (r < 0)
                        return r;
        }
        /* libffi only reads what the shape points to. */
        ffi_call((ffi_cif *) (uintptr_t) &n->shape.cif, n->code, result, c->at);
        return 1;
}

int
natives_call(const native *n, const rt_value *const *args, const rt_event *event,
             rt_value *ret_value)
{
        const uint8_t type = n->signature.own.result;
        native_cell result;
        size_t wrong;
        call c;
        int r;

        c.event = event;
        c.lent = false;
        r = run(&c, n, args, &result, &wrong);
        if (r <= 0)
                return r;
        *ret_value = (rt_value){ .kind = natives_type_rows[type].kind };
        return take(type, &result, event, ret_value);
}

int
natives_call_lent(const native *n, const rt_value *const *args, rt_value *ret_value,
                  size_t *ret_wrong)
{
        const uint8_t type = n->signature.own.result;
        native_cell result;
        call c;
        int r;

        c.event = NULL;
        c.lent = true;
        r = run(&c, n, args, &result, ret_wrong);
        if (r <= 0)
                return r < 0 ? r : RT_EINVAL;
        *ret_wrong = SIZE_MAX;
        *ret_value = (rt_value){ .kind = natives_type_rows[type].kind };
        return take(type, &result, NULL, ret_value);
}

/* ---- callbacks: the other way round ---- */

static size_t
read_cell(uint8_t type, void *const *from, native_cell *cell)
{
        const size_t size =
                type == TYPE_STR ? sizeof(rt_str) : natives_type_rows[type].passed->size;

        memcpy(cell, from[0], size);
        if (size == 1)
                cell->wide = cell->u8;
        else if (size == 2)
                cell->wide = cell->u16;
        else if (size == 4)
                cell->wide = cell->u32;
        if (type != TYPE_BYTES && type != TYPE_IP)
                return 1;
        memcpy(&cell->str.len, from[1], sizeof(size_t));
        return 2;
}

/* As take, which is for results: integers come as wide as they are here. */
static int
take_given(uint8_t type, const native_cell *cell, rt_value *value)
{
        value->kind = natives_type_rows[type].kind;
        switch (type) {
        case TYPE_BYTES:
                value->as.s = cell->str;
                return cell->str.ptr ? 1 : cell->str.len ? RT_EFORMAT : 0;
        case TYPE_IP:
                if (!cell->p)
                        return cell->str.len ? RT_EFORMAT : 0;
                if (cell->str.len != 4 && cell->str.len != 16)
                        return RT_EFORMAT;
                value->count = (uint32_t) cell->str.len;
                memcpy(value->as.ip, cell->p, cell->str.len);
                return 1;
        default:
                return take(type, cell, NULL, value);
        }
}

int
natives_take_given(const prototype *p, void *const *from, rt_value *values,
                   const rt_value **ret_args)
{
        for (size_t i = 0; i < p->n_params; i++) {
                native_cell cell;
                int r;

                from += read_cell(p->params[i], from, &cell);
                values[i] = (rt_value){ .kind = RT_KIND_NONE };
                r = take_given(p->params[i], &cell, &values[i]);
                if (r < 0)
                        return r;
                ret_args[i] = r ? &values[i] : NULL;
        }
        return RT_OK;
}

int
natives_put_answer(uint8_t type, const rt_value *value, void *ret)
{
        const ffi_arg wide = value ? (ffi_arg) value->as.u : 0;
        native_cell cell = { .u64 = 0 };
        int r = RT_OK;

        if (type == TYPE_VOID)
                return RT_OK;
        if (!value || !natives_type_takes(type, value->kind))
                return RT_EINVAL;
        if (type == TYPE_PTR)
                cell.p = value->as.s.ptr;
        else if (type == TYPE_DOUBLE)
                r = put_double(value, &cell);
        else
                r = put_integer(type, value, &cell);
        if (r < 0)
                return r;
        if (natives_type_rows[type].highest && natives_type_rows[type].passed->size <= sizeof wide)
                memcpy(ret, &wide, sizeof wide); /* so wide at least, with the sign */
        else
                memcpy(ret, &cell, natives_type_rows[type].passed->size);
        return RT_OK;
}
