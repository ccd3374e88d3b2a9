/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_json.c - JSON documents, both dialects.
 *
 * Properties: every kernel leads to the same result; what the strict dialect takes the lenient one
 * takes too; compact text reads back to the same compact text, as does indented text; the values of
 * a projection are those that looking up finds; values hunted for one after the other are the same
 * whether the window was told or not.
 */
#include "fuzz.h"
#include "base/buf.h"
#include "json/doc.h"

#define NAMES(...)                                                               \
        {                                                                        \
                (const rt_str[]){ __VA_ARGS__ },                                 \
                        sizeof((const rt_str[]){ __VA_ARGS__ }) / sizeof(rt_str) \
        }

static const rti_json_path paths[] = {
        NAMES(RTI_STR_INIT("a")),
        NAMES(RTI_STR_INIT("a"), RTI_STR_INIT("b")),
        NAMES(RTI_STR_INIT("userIdentity"), RTI_STR_INIT("sessionContext")),
        NAMES(RTI_STR_INIT("a\\b")),
        NAMES(RTI_STR_INIT("")),
};

enum { MOST_VALUES = 64 }; /* each can be as long as what is left of the text */

typedef struct fixture {
        rti_json *doc, *again;
        rti_json_projection *projection;
        rti_buf compact, second, indented;
} fixture;

static void *
get_memory(void *user, size_t size_bytes)
{
        (void) user;
        return malloc(size_bytes);
}

/* Unescaping fits and says the same twice. */
static void
check_strings(const rti_json *doc, rti_json_node node)
{
        const rti_json_memory memory = { get_memory, NULL };
        const rt_str raw = rti_json_raw(doc, node);
        rt_str s;

        if (rti_json_type(doc, node) == RTI_JSON_STRING) {
                CHECK(rti_json_string(doc, node, &memory, &s) == RT_OK);
                CHECK(s.len + 2 <= raw.len);
                CHECK(rti_json_has_escape(doc, node) == (s.ptr != raw.ptr + 1));
                if (s.ptr != raw.ptr + 1)
                        free((char *) (uintptr_t) s.ptr);
        }
        for (node = rti_json_first(doc, node); node != RTI_JSON_NONE;
             node = rti_json_next(doc, node))
                check_strings(doc, node);
}

static void
check_projection(const fixture *f, const rti_json_node *slots)
{
        for (size_t i = 0; i < RTI_COUNT(paths); i++) {
                rti_json_node node = rti_json_root(f->doc);

                for (size_t k = 0; k < paths[i].n && node != RTI_JSON_NONE; k++)
                        node = rti_json_get(f->doc, node, paths[i].names[k]);
                CHECK(slots[i] == node);
        }
}

/* A text that was taken. */
static void
check_good(fixture *f, rt_str text, unsigned dialect)
{
        rti_json_error error;
        size_t length;

        check_strings(f->doc, 0);
        rti_buf_clear(&f->compact);
        rti_json_compact(f->doc, 0, NULL, &f->compact);
        CHECK(rti_json_parse(f->again, rti_buf_str(&f->compact), dialect, NULL, NULL, &error)
              == RT_OK);
        rti_buf_clear(&f->second);
        rti_json_compact(f->again, 0, NULL, &f->second);
        CHECK(rti_str_eq(rti_buf_str(&f->compact), rti_buf_str(&f->second)));
        CHECK(rti_json_parse_prefix(f->again, text, dialect, NULL, NULL, &length, &error) == RT_OK);
        CHECK(length <= text.len && rti_str_trim(rti_str_sub(text, length, text.len)).len == 0);
        if (dialect == RTI_JSON_LENIENT)
                return;
        rti_buf_clear(&f->indented);
        CHECK(rti_json_indent(text, &f->indented) == RT_OK);
        CHECK(rti_json_parse(f->again, rti_buf_str(&f->indented), dialect, NULL, NULL, &error)
              == RT_OK);
        rti_buf_clear(&f->second);
        rti_json_compact(f->again, 0, NULL, &f->second);
        CHECK(rti_str_eq(rti_buf_str(&f->compact), rti_buf_str(&f->second)));
}

static int
check_dialect(fixture *f, rt_str text, unsigned dialect)
{
        rti_json_node slots[RTI_COUNT(paths)], others[RTI_COUNT(paths)];
        rti_json_error error, first;
        int r;

        rti_json_use_kernel(f->doc, rti_json_kernel_get(RTI_JSON_PORTABLE));
        r = rti_json_parse(f->doc, text, dialect, f->projection, slots, &first);
        CHECK(first.offset <= text.len && (first.message != NULL) == (r != RT_OK));
        for (int id = RTI_JSON_PORTABLE + 1; id < RTI_JSON_N_KERNELS; id++) {
                const rti_json_kernel kernel = rti_json_kernel_get((enum rti_json_kernel_id) id);

                if (!kernel)
                        continue;
                rti_json_use_kernel(f->again, kernel);
                CHECK(rti_json_parse(f->again, text, dialect, f->projection, others, &error) == r);
                CHECK(r != RT_OK || memcmp(slots, others, sizeof slots) == 0);
        }
        if (r == RT_OK) {
                check_projection(f, slots);
                check_good(f, text, dialect);
        }
        return r;
}

/* Hunt for values as a source does that cuts records out of a delivery. */
static void
check_window(fixture *f, rt_str all)
{
        unsigned values = 0;

        rti_json_window(f->doc, all);
        for (size_t at = 0; at < all.len && values < MOST_VALUES; values++) {
                const rt_str text = rti_str_sub(all, at, all.len);
                size_t length = 1, other = 1;
                rti_json_error error;
                const int r = rti_json_parse_prefix(f->doc, text, RTI_JSON_LENIENT, NULL, NULL,
                                                    &length, &error);

                CHECK(rti_json_parse_prefix(f->again, text, RTI_JSON_LENIENT, NULL, NULL, &other,
                                            &error)
                      == r);
                CHECK(length == other && length <= text.len);
                if (r == RT_OK) {
                        const rt_str here = rti_json_raw(f->doc, 0);

                        CHECK(rti_str_eq(here, rti_json_raw(f->again, 0)));
                        CHECK(rti_json_count(f->doc, 0) == rti_json_count(f->again, 0));
                }
                at += length;
                while (at < all.len && !strchr("{[,", all.ptr[at]))
                        at++;
        }
        rti_json_window(f->doc, (rt_str){ NULL, 0 });
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str text = { (const char *) data, size };
        fixture f;
        int lenient, strict;

        CHECK(rti_json_new(&rti_alloc_default, &f.doc) == RT_OK);
        CHECK(rti_json_new(&rti_alloc_default, &f.again) == RT_OK);
        CHECK(rti_json_projection_new(&rti_alloc_default, paths, RTI_COUNT(paths), &f.projection)
              == RT_OK);
        rti_buf_init(&f.compact, &rti_alloc_default, 0);
        rti_buf_init(&f.second, &rti_alloc_default, 0);
        rti_buf_init(&f.indented, &rti_alloc_default, 0);
        lenient = check_dialect(&f, text, RTI_JSON_LENIENT);
        strict = check_dialect(&f, text, RTI_JSON_STRICT);
        CHECK(strict != RT_OK || lenient == RT_OK);
        check_window(&f, text);
        rti_buf_done(&f.compact);
        rti_buf_done(&f.second);
        rti_buf_done(&f.indented);
        rti_json_projection_free(f.projection);
        rti_json_free(f.doc);
        rti_json_free(f.again);
        return 0;
}
