/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation fails once: nothing leaks, nothing crashes, and RT_ENOMEM is what comes back. */
#include "lang/ops/transform.h"
#include "ops_test.h"

typedef struct failing {
        uint64_t left; /* allocations until one fails */
        bool failed;
        int64_t live;
} failing;

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        failing *f = user;

        if (size_bytes == 0) {
                f->live -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        if (f->left-- == 0) {
                f->failed = true;
                f->left = 0;
                return NULL;
        }
        f->live += ptr == NULL;
        return realloc(ptr, size_bytes);
}

static rt_allocator
allocator_of(failing *f)
{
        return (rt_allocator){ .size = sizeof(rt_allocator), .resize = resize, .user = f };
}

static void
build_with(uint8_t op, uint8_t modifier, const char *text, uint32_t n)
{
        rt_value values[OPS_TEST_CONSTANTS];
        const rti_operand_spec spec = { op, modifier, STRING_TYPE, n, values };
        int r = RT_ENOMEM;

        for (uint32_t i = 0; i < n; i++)
                values[i] = text_value(text + i % 3);
        for (uint64_t at = 0; r != RT_OK; at++) {
                failing f = { .left = at };
                const rt_allocator allocator = allocator_of(&f);
                rti_operand operand;
                rti_arena arena;
                rt_str error, warning;

                rti_arena_init(&arena, &allocator, 0);
                r = rti_operand_build(&arena, &spec, &operand, &error, &warning);
                cr_assert(r == RT_OK || (r == RT_ENOMEM && f.failed), "%d", r);
                if (r == RT_OK)
                        rti_operand_done(&operand);
                rti_arena_done(&arena);
                cr_assert_eq(f.live, 0, "operator %u, allocation %u", op, (unsigned) at);
                cr_assert_lt(at, 1000);
        }
}

Test(memory, operands_are_built_or_not_at_all)
{
        static const uint8_t lists[] = { RTI_OP_IN, RTI_OP_PMATCH };
        static const uint8_t singles[] = { RTI_OP_EQ, RTI_OP_ICONTAINS, RTI_OP_GLOB, RTI_OP_REGEX };

        for (size_t i = 0; i < RTI_COUNT(lists); i++)
                build_with(lists[i], RTI_MOD_NONE, "/a/b*/c", 40);
        for (size_t i = 0; i < RTI_COUNT(singles); i++) {
                build_with(singles[i], RTI_MOD_NONE, "abc(d|[e-g]{2,3})*", 1);
                build_with(singles[i], RTI_MOD_ANYOF, "abc(d|[e-g]{2,3})*", 3);
        }
}

Test(memory, scratch_is_made_or_not_at_all)
{
        int r = RT_ENOMEM;

        for (uint64_t at = 0; r != RT_OK; at++) {
                failing f = { .left = at };
                const rt_allocator allocator = allocator_of(&f);
                rti_op_scratch *scratch = NULL;

                r = rti_op_scratch_new(&allocator, &scratch);
                cr_assert(r == RT_OK || (r == RT_ENOMEM && f.failed));
                rti_op_scratch_free(r == RT_OK ? scratch : NULL);
                cr_assert_eq(f.live, 0);
        }
}

/* An expression is compiled when the first value needs it; without memory that value does not
 * match, which is counted, and the next one tries again. */
Test(memory, tests_allocate_nothing_after_the_first)
{
        const rt_value first = text_value("aab");
        failing f = { .left = UINT64_MAX };
        const rt_allocator allocator = allocator_of(&f);
        const rt_value constant = text_value("([a-z]+,)*x|(a|aa)+b?");
        const rti_operand_spec spec = { RTI_OP_REGEX, 0, STRING_TYPE, 1, &constant };
        static char text[20000];
        rti_op_scratch *scratch;
        rti_operand operand;
        rti_arena arena;
        rt_str error, warning;

        memset(text, 'a', sizeof text);
        rti_arena_init(&arena, &allocator, 0);
        cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
        cr_assert_eq(rti_op_scratch_new(&allocator, &scratch), RT_OK);
        f.left = 0;
        cr_expect_not(rti_operand_test(&operand, &first, scratch));
        cr_expect_eq(rti_op_scratch_limits(scratch), 1);
        f = (failing){ .left = UINT64_MAX, .live = f.live };
        cr_expect(rti_operand_test(&operand, &first, scratch));
        cr_expect_eq(rti_op_scratch_limits(scratch), 1);
        f.left = 0;
        for (size_t len = 1; len <= sizeof text; len += 997) {
                const rt_value value = { .kind = RT_KIND_STRING, .as.s = { text, len } };

                cr_assert(rti_operand_test(&operand, &value, scratch));
        }
        cr_assert_not(f.failed);
        rti_op_scratch_free(scratch);
        rti_operand_done(&operand);
        rti_arena_done(&arena);
}
