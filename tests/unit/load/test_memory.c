/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out, wherever it does, and is given back. */
#include "base/alloc.h"
#include "compiler/load/loader.h"
#include "sources/builtin.h"
#include <criterion/criterion.h>

/* Fails at the allocation number `at`, and at all behind it. */
typedef struct short_memory {
        size_t at, seen;
        long live;
} short_memory;

static void *
short_resize(void *ptr, size_t size_bytes, void *user)
{
        short_memory *memory = user;
        void *moved;

        if (size_bytes && ++memory->seen >= memory->at)
                return NULL;
        moved = rti_alloc_default.resize(ptr, size_bytes, NULL);
        if (!ptr && moved)
                memory->live++;
        if (ptr && !size_bytes)
                memory->live--;
        return moved;
}

static const char text[] =
        "- list: l\n  items: [a, 'b c']\n"
        "- list: k\n  items: [l]\n"
        "- macro: m\n  condition: proc.name in (k)\n"
        "- macro: n\n  condition: m or fd.name=x\n"
        "- rule: r\n  desc: d\n  condition: evt.type=open and n\n  output: o %proc.name\n"
        "  priority: INFO\n  tags: [x, y]\n  exceptions:\n"
        "  - {name: e, fields: [proc.name], values: [[a]]}\n"
        "- {rule: r, condition: and proc.pid=1, override: {condition: append}}\n"
        "- {rule: s, desc: d, condition: nomacro, output: o, priority: LOW, nokey: 1}\n"
        "- {rule: t, desc: d, condition: evt.type=open and no.such=1, output: '%no', priority: "
        "INFO, "
        "skip-if-unknown-filter: true}\n"
        "- required_plugin_versions: [{name: json, version: 0.1.0}]\n";

/* One load with `at` allocations less one: did it get to its end? */
static bool
load(const rti_registry *registry, size_t at)
{
        const rt_append_output extra = { .size = sizeof extra, .extra_output = "more" };
        const rti_loader_opts opts = { .append = &extra,
                                       .n_append = 1,
                                       .append_stride = sizeof extra };
        short_memory memory = { .at = at };
        const rt_allocator allocator = { sizeof allocator, short_resize, &memory };
        rti_loader *loader = NULL;
        rt_diags *diags = NULL;
        rti_rules rules;
        rt_str said;
        bool done = false;
        int r = rti_diags_new(&allocator, &diags);

        if (r == RT_OK)
                r = rti_loader_new(&allocator, registry, &opts, &loader);
        if (r == RT_OK) {
                r = rti_loader_add(loader, RTI_STR("t.yaml"), rti_str_of(text), diags);
                done = r == RT_ERULES && !diags->failed
                       && rti_diags_print(diags, RT_DIAGS_JSON, 0, &said) == RT_OK;
                (void) rti_loader_rules(loader, &rules);
        }
        cr_assert(r == RT_ENOMEM || r == RT_ERULES, "%d", r);
        rti_loader_free(loader);
        rti_diags_free(diags);
        cr_assert_eq(memory.live, 0, "%ld blocks lost at %zu", memory.live, at);
        return done;
}

Test(memory, running_out_anywhere_is_said_and_loses_nothing, .timeout = 120)
{
        rti_registry *registry;
        size_t at = 1;

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        cr_assert_eq(rti_registry_add_list(registry, rti_builtin_sources, NULL), RT_OK);
        while (!load(registry, at))
                at++;
        cr_assert_gt(at, 20);
        rti_registry_unref(registry);
}
