/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c - functions and callbacks for who brings a language: rt_natives_calls. */
#include "base/alloc.h"
#include "base/opts.h"
#include "native.h"

struct rt_native {
        rt_allocator allocator;
        rti_arena arena;
        library library;
        native function;
};

static void
close_native(rt_native *made)
{
        const rt_allocator allocator = made->allocator;

        natives_library_close(&made->library);
        rti_arena_done(&made->arena);
        rti_free(&allocator, made);
}

static int
find(rt_natives *natives, const rt_native_wanted *wanted, rt_native *made, const complaint *c)
{
        struct native *n = &made->function;
        signature_error error;
        int r;

        n->name = rti_arena_copy(&made->arena, rti_str_of(wanted->symbol)).ptr;
        n->text = rti_arena_copy(&made->arena, wanted->signature).ptr;
        n->symbol = n->name;
        if (!n->name || !n->text)
                return RT_ENOMEM;
        if (natives_signature_parse(wanted->signature, &n->signature, &error) < 0)
                return natives_complain(c, "%s: signature, column %zu: %s", n->name,
                                        error.offset + 1, error.message);
        if (natives_shape_make(&n->shape, &n->signature.own) < 0)
                return natives_complain(c, "%s: this system cannot call \"%s\"", n->name, n->text);
        r = natives_library_open(&made->arena, natives, wanted->library, &made->library, c);
        return r < 0 ? r : natives_library_find(&made->library, n, c);
}

static int
open_native(rt_natives *natives, const rt_native_wanted *given, rt_native **ret_native)
{
        rt_native_wanted wanted;
        rt_allocator allocator;
        rt_native *made;
        int r = rti_opts_take(given, sizeof wanted, &wanted);

        if (r < 0)
                return r;
        allocator = wanted.allocator ? *wanted.allocator : rti_alloc_default;
        made = rti_calloc(&allocator, 1, sizeof *made);
        if (!made)
                return RT_ENOMEM;
        made->allocator = allocator;
        rti_arena_init(&made->arena, &made->allocator, 0);
        r = find(natives, &wanted, made, &(complaint){ wanted.message, wanted.message_size });
        if (r < 0) {
                close_native(made);
                return r;
        }
        *ret_native = made;
        return RT_OK;
}

static uint32_t
what_is(uint8_t type)
{
        switch (type) {
        case TYPE_VOID:
                return RT_NATIVE_VOID;
        case TYPE_BOOL:
                return RT_NATIVE_BOOL;
        case TYPE_DOUBLE:
                return RT_NATIVE_DOUBLE;
        case TYPE_STRING:
        case TYPE_STR:
                return RT_NATIVE_TEXT;
        case TYPE_BYTES:
                return RT_NATIVE_BYTES;
        case TYPE_IP:
                return RT_NATIVE_IP;
        case TYPE_PTR:
                return RT_NATIVE_POINTER;
        case TYPE_CALLBACK:
                return RT_NATIVE_CALLBACK;
        default:
                return RT_NATIVE_INTEGER;
        }
}

static int
type_of(const prototype *p, size_t index, rt_native_type *ret_type)
{
        const uint8_t type = index && index <= p->n_params ? p->params[index - 1] : p->result;

        if (index > p->n_params)
                return RT_ENOENT;
        *ret_type = (rt_native_type){
                .text = natives_type_rows[type].text,
                .is = what_is(type),
                .lowest = natives_type_rows[type].lowest,
                .highest = natives_type_rows[type].highest,
        };
        return RT_OK;
}

static int
native_type(const rt_native *made, size_t index, rt_native_type *ret_type)
{
        const signature *s = &made->function.signature;
        const int r = type_of(&s->own, index, ret_type);

        if (r == RT_OK && index && s->optional[index - 1])
                ret_type->flags = RT_NATIVE_OPTIONAL;
        return r;
}

static int
call(const rt_native *made, rt_native_gate *gate, const rt_value *const *args, rt_value *ret_value,
     size_t *ret_wrong)
{
        int r;

        natives_gate_enter(gate);
        r = natives_call_lent(&made->function, args, ret_value, ret_wrong);
        natives_gate_leave(gate);
        return r;
}

static int
new_callback(rt_native_gate *gate, const rt_native_wanted *given, rt_native_callback **ret_callback)
{
        rt_native_wanted wanted;
        const int r = rti_opts_take(given, sizeof wanted, &wanted);

        return r < 0 ? r : natives_callback_new(gate, &wanted, ret_callback);
}

static int
callback_type(const rt_native_callback *callback, size_t index, rt_native_type *ret_type)
{
        return type_of(natives_callback_prototype(callback), index, ret_type);
}

const rt_natives_calls natives_calls = {
        .size = sizeof natives_calls,
        .abi = RT_NATIVES_ABI,
        .open = open_native,
        .close = close_native,
        .type = native_type,
        .call = call,
        .gate_new = natives_gate_new,
        .gate_free = natives_gate_free,
        .callback_new = new_callback,
        .callback_free = natives_callback_free,
        .callback_type = callback_type,
};

const rt_natives_calls *
rt_natives_calls_of(rt_natives *natives)
{
        return natives ? &natives->calls : NULL;
}

uint64_t
rt_natives_refused(const rt_natives *natives)
{
        return natives ? atomic_load_explicit(&natives->pool.refused, memory_order_relaxed) : 0;
}
