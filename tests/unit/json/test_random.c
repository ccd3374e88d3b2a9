/* SPDX-License-Identifier: Apache-2.0 */
/* The fast reader against a naive one, with every kernel, on random documents. */
#include "help.h"
#include "naive.h"

enum { DOCUMENTS = 60000 };

#define NAMES(...)                                                               \
        {                                                                        \
                (const rt_str[]){ __VA_ARGS__ },                                 \
                        sizeof((const rt_str[]){ __VA_ARGS__ }) / sizeof(rt_str) \
        }
#define N(text) RTI_STR_INIT(text)

static const rti_json_path paths[] = {
        { NULL, 0 },
        NAMES(N("a")),
        NAMES(N("a"), N("a")),
        NAMES(N("a"), N("b")),
        NAMES(N("a"), N("b"), N("c")),
        NAMES(N("b"), N("userIdentity")),
        NAMES(N("userIdentity"), N("")),
        NAMES(N("userIdentity"), N("a\\b")),
        NAMES(N("sixteen bytes :-)")),
        NAMES(N("eightby8"), N("a")),
        NAMES(N("a\\b")),
        NAMES(N("a\b"), N("b")),
};

typedef struct fixture {
        rti_json *doc;
        rti_json_projection *projection;
        rti_buf text, compact, indented;
} fixture;

static void
set_up(fixture *f)
{
        f->doc = new_doc();
        cr_assert_eq(rti_json_projection_new(&rti_alloc_default, paths, RTI_COUNT(paths),
                                             &f->projection),
                     RT_OK);
        rti_buf_init(&f->text, &rti_alloc_default, 0);
        rti_buf_init(&f->compact, &rti_alloc_default, 0);
        rti_buf_init(&f->indented, &rti_alloc_default, 0);
}

static void
tear_down(fixture *f)
{
        rti_buf_done(&f->text);
        rti_buf_done(&f->compact);
        rti_buf_done(&f->indented);
        rti_json_projection_free(f->projection);
        rti_json_free(f->doc);
}

static rt_str
naive_path(rt_str text, const rti_json_path *path)
{
        for (size_t i = 0; i < path->n && text.ptr; i++)
                text = text.ptr[0] == '{' ? naive_get(text, path->names[i]) : (rt_str){ NULL, 0 };
        return text;
}

/* The nodes of a projection are those that the naive reader finds. */
static void
check_slots(const fixture *f, rt_str text, const rti_json_node *slots)
{
        for (size_t i = 0; i < RTI_COUNT(paths); i++) {
                const rt_str want = naive_path(rti_str_trim(text), &paths[i]);

                cr_assert_eq(slots[i] == RTI_JSON_NONE, want.ptr == NULL, "path %zu of %.*s", i,
                             RTI_FMT(text));
                if (want.ptr)
                        assert_str(rti_json_raw(f->doc, slots[i]), want);
        }
}

/* Iterating meets every value once: the bytes of leaves and names add up to what compact wrote. */
static size_t
visited_bytes(const rti_json *doc, rti_json_node node)
{
        const enum rti_json_type type = rti_json_type(doc, node);
        size_t n = 0, bytes = 2;
        rti_json_node child;

        if (type != RTI_JSON_OBJECT && type != RTI_JSON_ARRAY)
                return rti_json_raw(doc, node).len;
        for (child = rti_json_first(doc, node); child != RTI_JSON_NONE;
             child = rti_json_next(doc, child), n++) {
                bytes += visited_bytes(doc, child);
                if (type == RTI_JSON_OBJECT)
                        bytes += rti_json_raw_name(doc, child).len + 3;
        }
        cr_assert_eq(n, rti_json_count(doc, node));
        return bytes + (n ? n - 1 : 0);
}

/* Was it right? */
static bool
check_document(fixture *f, rt_str text, bool strict)
{
        naive n = { .text = text, .strict = strict };
        rti_json_node slots[RTI_COUNT(paths)];
        const rt_str trimmed = rti_str_trim(text);
        rti_json_error error;
        size_t length = 0;
        bool good;
        int r;

        rti_buf_init(&n.out, &rti_alloc_default, 0);
        good = naive_document(&n);
        r = rti_json_parse(f->doc, text, strict ? RTI_JSON_STRICT : RTI_JSON_LENIENT, f->projection,
                           slots, &error);
        cr_assert_eq(r == RT_OK, good, "%d: %.*s (%s)", r, RTI_FMT(text), error.message);
        if (good) {
                assert_str(shown(f->doc, 0, &f->compact), rti_buf_str(&n.out));
                cr_assert_eq(visited_bytes(f->doc, 0), n.out.len, "%.*s", RTI_FMT(text));
                check_slots(f, text, slots);
                r = rti_json_parse_prefix(f->doc, text, strict, f->projection, slots, &length,
                                          &error);
                cr_assert_eq(r, RT_OK);
                cr_assert_eq(length, (size_t) (trimmed.ptr + trimmed.len - text.ptr), "%zu: %.*s",
                             length, RTI_FMT(text));
                check_slots(f, text, slots);
        }
        if (strict && good) {
                rti_buf_clear(&f->indented);
                cr_assert_eq(rti_json_indent(text, &f->indented), RT_OK);
                r = rti_json_parse(f->doc, rti_buf_str(&f->indented), true, NULL, NULL, &error);
                cr_assert_eq(r, RT_OK);
                assert_str(shown(f->doc, 0, &f->compact), rti_buf_str(&n.out));
        }
        rti_buf_done(&n.out);
        return good;
}

Test(json_random, agrees_with_a_naive_reader, .timeout = 120)
{
        naive_random random = { UINT64_C(0x2545f4914f6cdd1d) };
        unsigned good[2] = { 0, 0 };
        fixture f;

        set_up(&f);
        for (unsigned i = 0; i < DOCUMENTS; i++) {
                char *copy;

                rti_buf_clear(&f.text);
                naive_make(&random, &f.text);
                if (i % 2)
                        naive_damage(&random, &f.text);
                copy = exact(rti_buf_str(&f.text));
                for (int strict = 0; strict < 2; strict++)
                        good[strict] += check_document(&f, (rt_str){ copy, f.text.len }, strict);
                free(copy);
        }
        for (int strict = 0; strict < 2; strict++) /* else little would be tested */
                cr_assert(good[strict] > DOCUMENTS / 4 && good[strict] < DOCUMENTS * 9 / 10,
                          "%u of %u", good[strict], DOCUMENTS);
        tear_down(&f);
}

/* A reader that hunts for values in a long, partly damaged text finds the same ones whether it
 * tells of the window or not. */
Test(json_random, a_window_changes_nothing, .timeout = 120)
{
        naive_random random = { 7 };
        rti_json *plain = new_doc();
        unsigned good = 0, bad = 0;
        fixture f;

        set_up(&f);
        for (unsigned round = 0; round < 20; round++) {
                rti_buf_clear(&f.text);
                while (f.text.len < 150000) {
                        const size_t from = f.text.len;

                        naive_make(&random, &f.text);
                        if (naive_below(&random, 8) == 0)
                                naive_damage(&random, &f.text);
                        if (f.text.len > from)
                                rti_buf_add_text(&f.text, naive_below(&random, 5) ? "," : " \n");
                }
                char *copy = exact(rti_buf_str(&f.text));
                const rt_str all = { copy, f.text.len };

                rti_json_window(f.doc, all);
                for (size_t at = 0; at < all.len;) {
                        const rt_str text = rti_str_sub(all, at, all.len);
                        rti_json_node slots[RTI_COUNT(paths)], others[RTI_COUNT(paths)];
                        rti_json_error error, second;
                        size_t length = 1, expected = 1;
                        const int r = rti_json_parse_prefix(f.doc, text, RTI_JSON_LENIENT,
                                                            f.projection, slots, &length, &error);

                        cr_assert_eq(rti_json_parse_prefix(plain, text, RTI_JSON_LENIENT,
                                                           f.projection, others, &expected,
                                                           &second),
                                     r, "%zu of %zu", at, all.len);
                        cr_assert_eq(length, expected);
                        if (r == RT_OK) {
                                cr_assert_eq(memcmp(slots, others, sizeof slots), 0);
                                assert_str(shown(f.doc, 0, &f.compact),
                                           shown(plain, 0, &f.indented));
                                assert_str(rti_json_raw(f.doc, 0), rti_json_raw(plain, 0));
                        } else {
                                cr_assert_eq(error.offset, second.offset, "%zu: %s, %s", at,
                                             error.message, second.message);
                        }
                        good += r == RT_OK;
                        bad += r != RT_OK;
                        at += r == RT_OK || naive_below(&random, 2) ? length : 2;
                        if (naive_below(&random, 4))
                                while (at < all.len && copy[at] != '{' && copy[at] != '[')
                                        at++;
                }
                free(copy);
        }
        cr_assert(good > 10000 && bad > 1000, "%u good, %u bad", good, bad);
        rti_json_free(plain);
        tear_down(&f);
}

/* Random bytes, no documents: only the tokens are compared. */
Test(json_random, kernels_find_the_same_tokens)
{
        static const char bytes[] = "\"\\\\\\ \n{}[]:,a1\x0c\x1a\xa2\xdc\xfb\x02\x80";
        naive_random random = { 42 };
        rti_json_scan scans[RTI_JSON_N_KERNELS] = { { .text = NULL } };
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        for (unsigned round = 0; round < 2000; round++) {
                const uint32_t alphabet = 2 + naive_below(&random, sizeof bytes - 3);
                const uint32_t len = naive_below(&random, 700);
                char *copy;

                rti_buf_clear(&text);
                for (uint32_t i = 0; i < len; i++)
                        rti_buf_add_char(&text, bytes[naive_below(&random, alphabet)]);
                copy = exact(rti_buf_str(&text));
                for (int id = 0; id < RTI_JSON_N_KERNELS; id++) {
                        const rti_json_kernel kernel =
                                rti_json_kernel_get((enum rti_json_kernel_id) id);
                        rti_json_scan *s = &scans[id];

                        if (!kernel)
                                continue;
                        *s = (rti_json_scan){ .text = copy, .len = len, .room = 2000 };
                        s->index = calloc(s->room, sizeof *s->index);
                        s->kinds = calloc(s->room, 1);
                        kernel(s, len / 128 * 64); /* in two steps */
                        kernel(s, len);
                        cr_assert_eq(s->at, len);
                        cr_assert_eq(s->n, scans[0].n);
                        cr_assert_eq(memcmp(s->index, scans[0].index, s->n * sizeof *s->index), 0);
                        cr_assert_eq(memcmp(s->kinds, scans[0].kinds, s->n), 0);
                        for (size_t k = 0; k < s->n; k++)
                                cr_assert_eq(s->kinds[k], copy[s->index[k]]);
                        cr_assert_eq(s->in_string, scans[0].in_string);
                        cr_assert_eq(s->backslashes != 0, scans[0].backslashes != 0);
                }
                for (int id = 0; id < RTI_JSON_N_KERNELS; id++) {
                        free(scans[id].index);
                        free(scans[id].kinds);
                        scans[id] = (rti_json_scan){ .text = NULL };
                }
                free(copy);
        }
        rti_buf_done(&text);
}
