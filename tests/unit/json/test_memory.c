/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of the JSON reader fails once; and after the first document it makes none. */
#include "help.h"

/* An allocator that fails at its N-th allocation, and counts. */
typedef struct budget {
        unsigned made, fail_at, alive;
} budget;

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        budget *b = user;

        if (size_bytes == 0) {
                b->alive -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        if (++b->made == b->fail_at)
                return NULL;
        b->alive += ptr == NULL;
        return realloc(ptr, size_bytes);
}

static const rt_str user_names[] = { RTI_STR_INIT("user"), RTI_STR_INIT("name") };
static const rti_json_path paths[] = { { user_names, 1 }, { user_names, 2 } };

static int
use_everything(const rt_allocator *allocator, rt_str text)
{
        rti_json *doc = NULL;
        rti_json_projection *projection = NULL;
        rti_json_touched *touched = NULL;
        rti_json_node slots[2];
        rti_json_error error;
        size_t length;
        rti_buf buf;
        int r;

        rti_buf_init(&buf, allocator, 0);
        r = rti_json_new(allocator, &doc);
        if (r == RT_OK)
                r = rti_json_projection_new(allocator, paths, 2, &projection);
        if (r == RT_OK)
                r = rti_json_touched_new(allocator, &touched);
        if (r == RT_OK)
                r = rti_json_parse(doc, text, RTI_JSON_STRICT, projection, slots, &error);
        if (r == RT_OK)
                r = rti_json_parse_prefix(doc, text, RTI_JSON_STRICT, projection, slots, &length,
                                          &error);
        for (rti_json_node i = 0; i < 100 && r == RT_OK; i++)
                r = rti_json_touch(touched, i);
        if (r == RT_OK) {
                rti_json_compact(doc, 0, touched, &buf);
                r = buf.failed;
        }
        if (r == RT_OK)
                r = rti_json_indent(text, &buf);
        rti_buf_done(&buf);
        rti_json_touched_free(touched);
        rti_json_projection_free(projection);
        rti_json_free(doc);
        return r;
}

static void
make_text(rti_buf *buf)
{
        rti_buf_init(buf, &rti_alloc_default, 0);
        rti_buf_add_text(buf, "{\"user\":{\"name\":\"\\u0041\"},\"list\":[");
        for (unsigned i = 0; i < 3000; i++)
                rti_buf_add_text(buf, i ? ",\"x\\n\"" : "\"x\"");
        rti_buf_add_text(buf, "]}");
}

Test(json_memory, each_failure_is_reported_and_nothing_leaks)
{
        budget b = { .fail_at = 0 };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        unsigned all;
        rti_buf text;

        make_text(&text);
        cr_assert_eq(use_everything(&allocator, rti_buf_str(&text)), RT_OK);
        all = b.made;
        cr_assert_gt(all, 20);
        for (unsigned i = 1; i <= all; i++) {
                b = (budget){ .fail_at = i };
                cr_assert_eq(use_everything(&allocator, rti_buf_str(&text)), RT_ENOMEM,
                             "failure %u", i);
                cr_assert_eq(b.alive, 0, "failure %u", i);
        }
        rti_buf_done(&text);
}

Test(json_memory, a_document_is_reused_without_allocations)
{
        budget b = { .fail_at = 0 };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        rti_json_projection *projection = NULL;
        rti_json *doc = NULL;
        rti_json_node slots[2];
        rti_json_error error;
        unsigned before;
        rti_buf text;

        make_text(&text);
        cr_assert_eq(rti_json_new(&allocator, &doc), RT_OK);
        cr_assert_eq(rti_json_projection_new(&allocator, paths, 2, &projection), RT_OK);
        for (unsigned i = 0; i < 10; i++) {
                before = b.made;
                cr_assert_eq(rti_json_parse(doc, rti_buf_str(&text), RTI_JSON_LENIENT, projection,
                                            slots, &error),
                             RT_OK);
                cr_assert(i == 0 ? b.made > before : b.made == before);
        }
        rti_json_projection_free(projection);
        rti_json_free(doc);
        rti_buf_done(&text);
}
