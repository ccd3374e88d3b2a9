/* SPDX-License-Identifier: Apache-2.0 */
/* Windows over memory and over readers. */
#include "engine/input.h"
#include "base/alloc.h"
#include <criterion/criterion.h>

/* A reader that gives @a left bytes, a few at a time. */
typedef struct drip {
        size_t left, at_once;
        unsigned char next;
        bool closed, fails;
} drip;

static int64_t
drip_read(void *state, void *buffer, size_t size)
{
        drip *d = state;
        size_t n = d->at_once < d->left ? d->at_once : d->left;
        unsigned char *to = buffer;

        if (d->fails)
                return RT_EIO;
        n = n < size ? n : size;
        for (size_t i = 0; i < n; i++)
                to[i] = d->next++;
        d->left -= n;
        return (int64_t) n;
}

static void
drip_close(void *state)
{
        ((drip *) state)->closed = true;
}

static const rt_reader_ops drip_ops = {
        .size = sizeof(rt_reader_ops), .name = "drip", .read = drip_read, .close = drip_close
};

static rt_input
new_input(uint64_t most)
{
        return (rt_input){ .allocator = &rti_alloc_default, .max_record_bytes = most, .name = "" };
}

Test(input, memory_is_not_copied)
{
        static const char text[] = "abc";
        rt_input input = new_input(100);

        rti_input_memory(&input, "m", (rt_str){ text, 3 });
        cr_expect_eq(input.window.ptr, text);
        rti_input_consume(&input, 2);
        cr_expect_eq(input.offset, 2);
        cr_expect_eq(input.window.len, 1);
        cr_expect_eq(rti_input_more(&input), 0);
        rti_input_consume(&input, 99);
        cr_expect_eq(input.offset, 3);
        rti_input_done(&input);
}

Test(input, every_byte_of_a_reader_comes_once_and_in_order)
{
        drip d = { .left = 3000000, .at_once = 70001 };
        rt_input input = new_input(1 << 20);
        uint64_t bytes = 0, seen = 0;

        input.bytes = &bytes;
        rti_input_reader(&input, "d", &drip_ops, &d);
        while (rti_input_more(&input) == 1) {
                const size_t keep = input.window.len > 1000 ? 1000 : 0;

                cr_assert_eq(input.offset, seen);
                for (size_t i = 0; i + keep < input.window.len; i++)
                        cr_assert_eq((unsigned char) input.window.ptr[i],
                                     (unsigned char) (seen + i));
                seen += input.window.len - keep;
                rti_input_consume(&input, input.window.len - keep);
        }
        cr_expect_eq(seen + input.window.len, 3000000);
        cr_expect_eq(bytes, seen);
        rti_input_done(&input);
        cr_expect(d.closed);
}

Test(input, what_has_all_bytes_was_recorded)
{
        rt_reader_ops recorded = drip_ops;
        drip d = { .left = 1, .at_once = 1 };
        rt_input input = new_input(100);

        recorded.flags = RT_READER_READY;
        cr_expect_eq(rt_input_is_live(NULL), 0);
        rti_input_memory(&input, "m", (rt_str){ "abc", 3 });
        cr_expect_eq(rt_input_is_live(&input), 1);
        rti_input_reader(&input, "d", &drip_ops, &d);
        cr_expect_eq(rt_input_is_live(&input), 1);
        rti_input_reader(&input, "d", &recorded, &d);
        cr_expect_eq(rt_input_is_live(&input), 0);
        rti_input_reader(&input, "d", &rti_no_reader, NULL);
        cr_expect_eq(rt_input_is_live(&input), 1);
        rti_input_done(&input);
}

Test(input, a_record_beyond_the_limit_is_said_to_be_one)
{
        drip d = { .left = 1000, .at_once = 64 };
        rt_input input = new_input(300);
        int r;

        rti_input_reader(&input, "d", &drip_ops, &d);
        while ((r = rti_input_more(&input)) == 1)
                ;
        cr_expect_eq(r, RT_ELIMIT);
        cr_expect_eq(input.window.len, 300);
        rti_input_consume(&input, 100);
        cr_expect_eq(rti_input_more(&input), 1);
        rti_input_done(&input);
}

Test(input, a_reader_that_fails_says_so)
{
        drip d = { .fails = true };
        rt_input input = new_input(300);

        rti_input_reader(&input, "d", &drip_ops, &d);
        cr_expect_eq(rti_input_more(&input), RT_EIO);
        rti_input_done(&input);
}
