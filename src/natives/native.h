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
#include <stdbool.h>

enum {
        MAX_PARAMS = 16,
        MAX_FUNCTIONS = 1024,      /* of an item */
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

enum { USE_PARAM = 1, USE_RESULT = 2 };

typedef struct type_row {
        const char *text;
        uint32_t kind;
        uint32_t uses; /* USE_* */
        ffi_type *passed;
        int64_t lowest; /* of integers; both 0: it is none */
        uint64_t highest;
} type_row;

extern const type_row natives_type_rows[N_TYPES];

typedef struct signature {
        uint8_t result; /* TYPE_* */
        uint8_t n_params;
        uint8_t params[MAX_PARAMS];
        bool optional[MAX_PARAMS];
} signature;

typedef struct signature_error {
        size_t offset; /* in the text */
        char message[96];
} signature_error;

/* @return 0; RT_EINVAL, RT_ELIMIT with @a ret_error. */
int natives_signature_parse(rt_str text, signature *ret_signature, signature_error *ret_error);
/* The same C function: what is optional is the caller's affair. */
bool natives_signature_same(const signature *a, const signature *b);
/* Can a field of @a kind be handed over as @a type? Whether each value fits is seen later. */
bool natives_type_takes(uint8_t type, uint32_t kind);

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
int natives_shape_make(native_shape *shape, const signature *signature);
/* Call it, with as many @a args as it has parameters; NULL: missing. Texts are made with the memory
 * of @a event. @return 1, 0: no result, or an argument is missing and it was not called, RT_EINVAL:
 * an argument does not fit, RT_EFORMAT: its result is no such value, RT_ELIMIT: a text is too
 * long. */
int natives_call(const native *n, const rt_value *const *args, const rt_event *event,
                 rt_value *ret_value);

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
