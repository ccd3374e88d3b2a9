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

static rti_registry *
all_sources(void)
{
        rti_registry *registry;

        cr_assert_eq(rti_registry_new(&rti_alloc_default, &registry), RT_OK);
        cr_assert_eq(rti_registry_add_list(registry, rti_builtin_sources, NULL), RT_OK);
        return registry;
}

Test(memory, every_block_may_be_missing)
{
        rti_registry *registry = all_sources();
        size_t n = 0, left;
        int r;

        do {
                const rt_allocator allocator = { sizeof allocator, resize_some, &left };
                rti_arena arena;

                left = n++;
                rti_arena_init(&arena, &allocator, 0);
                r = run(&arena, registry);
                rti_arena_done(&arena);
                cr_assert(r == RT_OK || r == RT_ENOMEM, "block %zu: %d", n, r);
        } while (r != RT_OK);
        cr_expect_gt(n, 3);
        rti_registry_unref(registry);
}

/* An arena of one block, of which all but @a room bytes are used. */
static int
run_within(const rti_registry *registry, size_t room)
{
        enum { BLOCK_BYTES = 1 << 20 };
        rti_arena arena;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, BLOCK_BYTES);
        cr_assert(rti_arena_get(&arena, BLOCK_BYTES));
        arena.used -= room;
        r = run(&arena, registry);
        rti_arena_done(&arena);
        return r;
}

Test(memory, every_piece_may_be_missing)
{
        rti_registry *registry = all_sources();
        size_t room = 0;
        int r;

        do {
                r = run_within(registry, room);
                cr_assert(r == RT_OK || r == RT_ENOMEM, "%zu bytes: %d", room, r);
                room += 16;
        } while (r != RT_OK && room < 1 << 20);
        cr_expect_eq(r, RT_OK);
        cr_expect_gt(room, 4096, "the run takes no memory");
        rti_registry_unref(registry);
}
