/* SPDX-License-Identifier: Apache-2.0 */
/* No memory, at every place where some is asked for. */
#include "cond_test.h"
#include "compiler/cond/details.h"
#include <stdlib.h>

/* Gives memory `left` times. */
static void *
resize_some(void *ptr, size_t size_bytes, void *user)
{
        size_t *left = user;

        if (size_bytes == 0) {
                free(ptr);
                return NULL;
        }
        if (*left == 0)
                return NULL;
        --*left;
        return realloc(ptr, size_bytes);
}

static const rti_node *
find(rt_str name, void *user)
{
        (void) name;
        return user;
}

/* Everything that this folder does. RT_OK, or the first failure. */
static int
run(rti_arena *arena, const rti_registry *registry)
{
        rti_checker checker = { .arena = arena, .registry = registry };
        rti_node *root, *macro;
        rti_parse_error error;
        rti_details details;
        rti_event_set events;
        rti_format *format;
        const rti_node *at;
        rti_tnode *typed;
        rt_str message;
        int r;

        checker.source = rti_registry_find_source(registry, RTI_STR("syscall"));
        r = rti_cond_parse(arena, RTI_STR("proc.name regex '^\\x41.*' and evt.dir = <"), 100,
                           &macro, &error);
        if (r == RT_OK)
                r = rti_cond_parse(arena,
                                   RTI_STR("m and not (proc.aname[2] in (a, 'b c') or join(',', "
                                           "(proc.name, \"x\")) != proc.name or evt.type = open)"),
                                   100, &root, &error);
        if (r == RT_OK)
                r = rti_macros_resolve(arena, &root, find, macro, &message, &at);
        if (r == RT_OK)
                r = rti_node_print(arena, root).ptr ? RT_OK : RT_ENOMEM;
        if (r == RT_OK)
                r = rti_cond_warn(&checker, root);
        if (r == RT_OK)
                r = rti_cond_resolve(&checker, root, &typed);
        if (r == RT_OK)
                r = rti_cond_events(&checker, root, &events);
        if (r == RT_OK)
                r = rti_details_find(arena, root, NULL, &details);
        if (r == RT_OK)
                r = rti_format_parse(&checker,
                                     RTI_STR("%proc.nameand %toupper(proc.name)[x] %evt.num[1]"),
                                     &format);
        return r;
}

/* Run where the allocator gives @a blocks blocks, @a padding bytes of the first being used. */
static int
run_with(const rti_registry *registry, size_t blocks, size_t padding)
{
        const rt_allocator allocator = { sizeof allocator, resize_some, &blocks };
        rti_arena arena;
        int r = RT_ENOMEM;

        rti_arena_init(&arena, &allocator, 0);
        if (rti_arena_get(&arena, padding))
                r = run(&arena, registry);
        rti_arena_done(&arena);
        return r;
}

/* Blocks end elsewhere with each padding, so that each piece once is the one without room. */
Test(memory, every_failure_is_reported)
{
        rti_registry *registry;
        size_t failures = 0, blocks = 0;
        int r;

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        cr_assert_eq(rti_registry_add_list(registry, rti_builtin_sources, NULL), RT_OK);
        do {
                for (size_t padding = 0; padding < 4096; padding += 16) {
                        r = run_with(registry, blocks, padding);
                        cr_assert(r == RT_OK || r == RT_ENOMEM, "%zu blocks, %zu bytes: %d", blocks,
                                  padding, r);
                        failures += r != RT_OK;
                }
                blocks++;
        } while (r != RT_OK);
        cr_expect_gt(failures, 1000);
        rti_registry_free(registry);
}
