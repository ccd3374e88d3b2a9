/* SPDX-License-Identifier: Apache-2.0 */
/*
 * native.h - signatures, libraries, functions, calls.
 *
 * All is made when an item is read (declare.c, library.c) and only read from then on: threads share
 * it without a lock.
 */
#ifndef LIBRUNTIME_NATIVES_NATIVE_H
#define LIBRUNTIME_NATIVES_NATIVE_H

#include "base/arena.h"
#include <ffi.h>
#include <libruntime-natives/natives.h>
#include <libruntime/fields.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum {
        MAX_PARAMS = 16,
        MAX_CALLBACKS = 4,         /* of one function */
        MAX_FUNCTIONS = 1024,      /* of an item */
        MAX_FREE = 1024,           /* retired callbacks, before the oldest is used again */
        MAX_CLOSURES = 65536,      /* of one host, retired ones, too */
        MAX_ITEM_DEPTH = 8,        /* lists and maps inside of each other */
        MAX_TEXT_BYTES = 64 << 10, /* of a text that comes back */
        STACK_BYTES = 256          /* for texts that are handed over, before memory is asked for */
};

/* ---- signature.c ---- */

#define TYPE(name, ...) TYPE_##name,
enum {
#include "types.def"
        N_TYPES
};
#undef TYPE

enum { USE_PARAM = 1, USE_RESULT = 2, USE_GIVEN = 4, USE_ANSWER = 8 };

typedef struct type_row {
        const char *text;
        uint32_t kind;
        uint32_t takes; /* one bit for each kind */
        uint32_t uses;  /* USE_* */
        ffi_type *passed;
        int64_t lowest; /* of integers; both 0: it is none */
        uint64_t highest;
} type_row;

extern const type_row natives_type_rows[N_TYPES];

typedef struct prototype {
        uint8_t result; /* TYPE_* */
        uint8_t n_params;
        uint8_t params[MAX_PARAMS];
} prototype;

typedef struct signature {
        prototype own;
        bool optional[MAX_PARAMS];
        prototype callbacks[MAX_CALLBACKS]; /* in the order of the parameters that are one */
        uint8_t n_callbacks;
} signature;

typedef struct signature_error {
        size_t offset; /* in the text */
        char message[96];
} signature_error;

/* @return 0; RT_EINVAL, RT_ELIMIT with @a ret_error. */
int natives_signature_parse(rt_str text, signature *ret_signature, signature_error *ret_error);
/* As above, of a callback: "i32 (i64, ptr)", what the callback of a function may be. */
int natives_prototype_parse(rt_str text, prototype *ret_prototype, signature_error *ret_error);
bool natives_prototype_same(const prototype *a, const prototype *b);
/* Is it for fields, too? Else it has pointers, callbacks, or gives nothing. */
bool natives_signature_of_field(const signature *s);
/* The same C function: what is optional is the caller's affair. */
bool natives_signature_same(const signature *a, const signature *b);
/* Can a field of @a kind be handed over as @a type? Whether each value fits is seen later. */
static inline bool
natives_type_takes(uint8_t type, uint32_t kind)
{
        return kind < 32 && natives_type_rows[type].takes >> kind & 1;
}

/* ---- call.c ---- */

typedef union native_cell {
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        double d;
        size_t n;
        const void *p;
        const char *text;
        rt_str str;
        ffi_arg wide; /* integers that come back are as wide as this at least */
        ffi_sarg wide_signed;
} native_cell;

/* How C calls a signature. */
typedef struct native_shape {
        ffi_cif cif;
        ffi_type *passed[2 * MAX_PARAMS];
        ffi_type str; /* rt_str */
        ffi_type *str_members[3];
} native_shape;

typedef struct native {
        const char *name;
        const char *symbol;
        const char *text; /* the signature's */
        const char *reads;
        const char *help;
        void (*code)(void);
        signature signature;
        native_shape shape;
        uint32_t n_reads; /* before those that an argument names */
        bool pure;
} native;

/* @a shape must stay where it is. */
int natives_shape_make(native_shape *shape, const prototype *p);
/* Call it, with as many @a args as it has parameters; NULL: missing. Texts are made with the memory
 * of @a event. @return 1, 0: no result, or an argument is missing and it was not called, RT_EINVAL:
 * an argument does not fit, RT_EFORMAT: its result is no such value, RT_ELIMIT: a text is too
 * long. */
int natives_call(const native *n, const rt_value *const *args, const rt_event *event,
                 rt_value *ret_value);

/* As natives_call, for texts with a NUL behind them, which are not copied; nor is a text that comes
 * back. An argument that is missing is RT_EINVAL. What comes back may be none: 0.
 * @param ret_wrong on < 0: which argument, SIZE_MAX: the result. */
int natives_call_lent(const native *n, const rt_value *const *args, rt_value *ret_value,
                      size_t *ret_wrong);
/* What C gave to a callback: @a values are written, @a ret_args point to them, or are NULL.
 * @return 0, RT_EFORMAT, RT_ELIMIT */
int natives_take_given(const prototype *p, void *const *from, rt_value *values,
                       const rt_value **ret_args);
/* What a callback answers, NULL: nothing. @return 0, RT_EINVAL: it does not fit. */
int natives_put_answer(uint8_t type, const rt_value *value, void *ret);

/* ---- callback.c ---- */

typedef struct callback_pool {
        pthread_mutex_t lock; /* of the lists; what C calls takes no lock */
        rt_native_callback *every;
        rt_native_callback *retired, *last_retired; /* C may have kept them; oldest first */
        rt_native_gate *gates, *free_gates;
        size_t n, n_retired;
        _Atomic uint64_t refused;
} callback_pool;

void natives_pool_init(callback_pool *pool);
/* Nobody may call what it has any more. */
void natives_pool_done(callback_pool *pool, const rt_allocator *allocator);
int natives_gate_new(rt_natives *natives, rt_native_gate **ret_gate);
void natives_gate_free(rt_native_gate *gate);
/* A function of this gate's owner is about to be called, or has returned. */
void natives_gate_enter(rt_native_gate *gate);
void natives_gate_leave(rt_native_gate *gate);
int natives_callback_new(rt_native_gate *gate, const rt_native_wanted *wanted,
                         rt_native_callback **ret_callback);
void natives_callback_free(rt_native_callback *callback);
const prototype *natives_callback_prototype(const rt_native_callback *callback);
/* What C calls, from now on maybe at any time. NULL: it is not @a wanted. */
const void *natives_callback_code(rt_native_callback *callback, const prototype *wanted);

/* ---- calls.c ---- */

extern const rt_natives_calls natives_calls;

/* ---- library.c ---- */

typedef struct library {
        const char *path; /* no links in it */
        void *handle;
        const rt_natives_table *described; /* NULL: it does not say */
} library;

/* What goes to the loader. */
typedef struct complaint {
        char *text;
        size_t size;
} complaint;

/* Write it. @return RT_EINVAL */
int natives_complain(const complaint *c, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* @return 0, RT_EINVAL after a complaint, RT_ENOMEM. Closed by natives_library_close. */
int natives_library_open(rti_arena *arena, const rt_natives *natives, const char *name,
                         library *lib, const complaint *c);
void natives_library_close(library *lib);
/* Fill in @a n->code, as described, if it is. @return as natives_library_open. */
int natives_library_find(const library *lib, native *n, const complaint *c);

/* ---- item.c ---- */

/* A list is what is in it, one after the other; a map has a key, and then its value. */
enum { ITEM_NULL, ITEM_TEXT, ITEM_LIST, ITEM_MAP };

typedef struct item {
        uint8_t type; /* ITEM_* */
        rt_str text;  /* with a NUL behind it */
        struct item *first, *next;
} item;

/* @return 0, RT_EFORMAT, RT_ELIMIT, RT_ENOMEM */
int natives_item_read(rti_arena *arena, rt_str json, item **ret_item);

/* ---- natives.c, declare.c ---- */

struct rt_natives {
        rt_allocator allocator;
        rti_arena arena;
        rt_engine *engine; /* borrowed, while rules are loaded */
        const char **paths;
        size_t n_paths;
        uint32_t flags;
        callback_pool pool;
        rt_natives_calls calls;
};

/* What one item declares. */
typedef struct module {
        rt_natives *natives;
        rt_allocator allocator;
        rti_arena arena;
        library library;
        native *functions;
        size_t n_functions;
        rt_fields_ops ops;
        rt_field_desc *descs;
        const char **reads;
} module;

/* Open the library of @a json, and find its functions. @return 0, RT_E*, maybe with a complaint */
int natives_declare(module *m, rt_str json, const complaint *c);

#endif
