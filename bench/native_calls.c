/* SPDX-License-Identifier: Apache-2.0 */
/* native_calls.c - see native_calls.h. This program stands in for the engine. */
#include "native_calls.h"
#include <libruntime-natives/natives.h>
#include <dlfcn.h>
#include <ffi.h>
#include <libruntime/fields.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4 };

static rt_item_ops item_ops;
static rt_fields_ops ops;
static rt_natives *natives;
static void *state, *library;
static char memory[64];

static const rt_value ip = { .kind = RT_KIND_STRING, .as.s = { "192.0.2.17", 10 } };
static const rt_value number = { .kind = RT_KIND_UINT64, .as.u = 3 };

typedef union argument {
        const void *p;
        uint64_t u64;
        uint32_t u32;
        uint8_t u8;
        size_t n;
        rt_str str;
} argument;

static ffi_type *str_members[] = { &ffi_type_pointer, &ffi_type_uint64, NULL };
static ffi_type str_type = { .type = FFI_TYPE_STRUCT, .elements = str_members };

typedef struct function {
        const char *symbol, *signature;
        const rt_value *reads[MOST];
        size_t n_reads;
        ffi_type *result, *types[MOST];
        argument arguments[MOST];
        unsigned n_arguments;
        uint64_t expected; /* of a text: its first byte */
        void (*code)(void);
        ffi_cif cif;
} function;

/* clang-format off */
static function functions[NATIVE_CALLS] = {
        { "is_ours", "bool (string, u32)", { &ip, &number }, 2,
          &ffi_type_uint8, { &ffi_type_pointer, &ffi_type_uint32 },
          { { .p = "192.0.2.17" }, { .u32 = 3 } }, 2, 1, NULL, { 0 } },
        { "add_up", "u64 (u64, u32, u8)", { &number, &number, &number }, 3,
          &ffi_type_uint64, { &ffi_type_uint64, &ffi_type_uint32, &ffi_type_uint8 },
          { { .u64 = 3 }, { .u32 = 3 }, { .u8 = 3 } }, 3, 9, NULL, { 0 } },
        { "country", "string (string)", { &ip }, 1,
          &ffi_type_pointer, { &ffi_type_pointer },
          { { .p = "192.0.2.17" } }, 1, 'N', NULL, { 0 } },
        { "length", "u32 (str, bytes)", { &ip, &ip }, 2,
          &ffi_type_uint32, { &str_type, &ffi_type_pointer, &ffi_type_uint64 },
          { { .str = { "192.0.2.17", 10 } }, { .p = "192.0.2.17" }, { .n = 10 } }, 3, 20, NULL,
          { 0 } },
        { "nothing", "u64 ()", { NULL }, 0, &ffi_type_uint64, { NULL }, { { 0 } }, 0, 7, NULL,
          { 0 } },
};
/* clang-format on */

/* ---- the engine ---- */

int
rt_engine_add_item(rt_engine *engine, const rt_item_ops *added)
{
        (void) engine;
        item_ops = *added;
        return RT_OK;
}

int
rt_loader_add_fields(rt_loader *loader, const rt_fields_ops *added)
{
        (void) loader;
        ops = *added;
        return RT_OK;
}

void *
rt_event_alloc(const rt_event *event, size_t size_bytes)
{
        (void) event;
        return size_bytes <= sizeof memory ? memory : NULL;
}

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        (void) user;
        if (size_bytes)
                return realloc(ptr, size_bytes);
        free(ptr);
        return NULL;
}

/* ---- both ways ---- */

static int
declare(void)
{
        char json[1024], message[256] = "";
        rt_item item = RT_INIT(rt_item);
        int n = snprintf(json, sizeof json, "{\"natives\":\"libours.so\",\"functions\":[");

        for (size_t i = 0; i < NATIVE_CALLS; i++)
                n += snprintf(json + n, sizeof json - (size_t) n,
                              "%s{\"name\":\"b.%s\",\"symbol\":\"%s\",\"signature\":\"%s\"}",
                              i ? "," : "", functions[i].symbol, functions[i].symbol,
                              functions[i].signature);
        n += snprintf(json + n, sizeof json - (size_t) n, "]}");
        item.json = (rt_str){ json, (size_t) n };
        if (item_ops.load((rt_loader *) &ops, &item, message, sizeof message, item_ops.user) == 0)
                return 0;
        fprintf(stderr, "natives: %s\n", message);
        return -1;
}

static int
ask(void)
{
        static const char *const keys[] = { "", "a", "a,b", "a,b,c" };
        static const rt_allocator allocator = { sizeof allocator, resize, NULL };
        static char names[NATIVE_CALLS][32];
        static rt_slot_desc slots[NATIVE_CALLS];
        const rt_fields_demand demand = { sizeof demand, slots, NATIVE_CALLS, sizeof *slots };
        rt_fields_config config = { sizeof config, "x", &allocator, ops.user };

        for (size_t i = 0; i < NATIVE_CALLS; i++) {
                const int n = snprintf(names[i], sizeof names[i], "b.%s", functions[i].symbol);

                slots[i].field = (rt_str){ names[i], (size_t) n };
                slots[i].key = (rt_str){ keys[functions[i].n_reads], 0 };
                slots[i].key.len = strlen(slots[i].key.ptr);
        }
        return ops.create(&config, &state) < 0 || ops.demand(state, &demand) < 0 ? -1 : 0;
}

int
native_calls_open(const char *folder)
{
        rt_natives_opts opts = RT_INIT(rt_natives_opts);
        char path[1024];

        snprintf(path, sizeof path, "%s/libours.so", folder);
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!library)
                return -1;
        for (size_t i = 0; i < NATIVE_CALLS; i++) {
                function *f = &functions[i];

                f->code = (void (*)(void))(uintptr_t) dlsym(library, f->symbol);
                if (!f->code
                    || ffi_prep_cif(&f->cif, FFI_DEFAULT_ABI, f->n_arguments, f->result, f->types)
                               != FFI_OK)
                        return -1;
        }
        opts.paths = &folder;
        opts.n_paths = 1;
        if (rt_natives_new((rt_engine *) &ops, &opts, &natives) < 0)
                return -1;
        return declare() < 0 ? -1 : ask();
}

void
native_calls_close(void)
{
        ops.destroy(state);
        ops.release(ops.user);
        rt_natives_unref(natives);
        dlclose(library);
}

const char *
native_calls_signature(size_t number_of)
{
        return functions[number_of].signature;
}

void
native_calls_bare(size_t number_of, unsigned n)
{
        function *f = &functions[number_of];
        const bool text = f->result == &ffi_type_pointer;
        void *at[MOST];

        for (unsigned i = 0; i < f->n_arguments; i++)
                at[i] = &f->arguments[i];
        for (unsigned i = 0; i < n; i++) {
                union {
                        ffi_arg u;
                        const char *text;
                } result;

                ffi_call(&f->cif, f->code, &result, at);
                if ((text ? (uint64_t) *result.text : result.u) != f->expected)
                        abort();
        }
}

void
native_calls_field(size_t number_of, unsigned n)
{
        const function *f = &functions[number_of];
        const bool text = f->result == &ffi_type_pointer;
        rt_value value;

        for (unsigned i = 0; i < n; i++)
                if (ops.extract(state, NULL, (uint32_t) number_of, f->reads, f->n_reads, &value)
                            != 1
                    || (text ? (uint64_t) *value.as.s.ptr : value.as.u) != f->expected)
                        abort();
}
