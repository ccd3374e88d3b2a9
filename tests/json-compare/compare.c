/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compare.c - the strict dialect against jansson and simdjson: the same texts are taken, with the
 * same values. Texts are the lines of the corpus ($RT_CORPUS, default ../shared/corpus), damaged
 * copies of them, and random documents.
 */
#include "compare.h"
#include "json/doc.h"
#include "../unit/json/naive.h"
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { DAMAGED_COPIES = 6, RANDOM_DOCUMENTS = 40000, PADDING = 64 };

typedef struct comparison {
        rti_json *doc;
        rti_buf ours, theirs, text;
        naive_random random;
        unsigned texts, good, values, failures;
} comparison;

/* ---- ours ---- */

static void *
get_memory(void *user, size_t size_bytes)
{
        (void) user;
        return malloc(size_bytes);
}

static void
put_string(rti_buf *buf, rt_str s)
{
        rti_buf_printf(buf, "s%zu:", s.len);
        rti_buf_add(buf, s);
}

static void
put_raw_string(rti_buf *buf, rt_str raw)
{
        const rti_json_memory memory = { get_memory, NULL };
        rt_str s;

        if (rti_json_unescape(raw, &memory, &s) < 0)
                abort();
        put_string(buf, s);
        if (s.ptr != raw.ptr)
                free((char *) (uintptr_t) s.ptr);
}

static void
put_number(rti_buf *buf, rt_str raw)
{
        char *copy = strndup(raw.ptr, raw.len);

        rti_buf_printf(buf, "n%.17g", strtod(copy, NULL) + 0.0);
        free(copy);
}

static void
put_ours(const rti_json *doc, rti_json_node node, rti_buf *buf)
{
        const enum rti_json_type type = rti_json_type(doc, node);
        const rt_str raw = rti_json_raw(doc, node);

        switch (type) {
        case RTI_JSON_MISSING:
                abort();
        case RTI_JSON_NULL:
                rti_buf_add_char(buf, 'z');
                return;
        case RTI_JSON_TRUE:
        case RTI_JSON_FALSE:
                rti_buf_add_char(buf, raw.ptr[0]);
                return;
        case RTI_JSON_NUMBER:
                put_number(buf, raw);
                return;
        case RTI_JSON_STRING:
                put_raw_string(buf, rti_str_sub(raw, 1, raw.len - 1));
                return;
        case RTI_JSON_ARRAY:
        case RTI_JSON_OBJECT:
                rti_buf_add_char(buf, raw.ptr[0]);
                for (node = rti_json_first(doc, node); node != RTI_JSON_NONE;
                     node = rti_json_next(doc, node)) {
                        if (type == RTI_JSON_OBJECT)
                                put_raw_string(buf, rti_json_raw_name(doc, node));
                        put_ours(doc, node, buf);
                }
                rti_buf_add_char(buf, type == RTI_JSON_OBJECT ? '}' : ']');
                return;
        }
}

/* ---- jansson ---- */

static void
put_jansson(json_t *value, rti_buf *buf)
{
        void *member;
        json_t *child;
        size_t i;

        switch (json_typeof(value)) {
        case JSON_OBJECT:
                rti_buf_add_char(buf, '{');
                for (member = json_object_iter(value); member;
                     member = json_object_iter_next(value, member)) {
                        put_string(buf, (rt_str){ json_object_iter_key(member),
                                                  json_object_iter_key_len(member) });
                        put_jansson(json_object_iter_value(member), buf);
                }
                rti_buf_add_char(buf, '}');
                return;
        case JSON_ARRAY:
                rti_buf_add_char(buf, '[');
                json_array_foreach(value, i, child) put_jansson(child, buf);
                rti_buf_add_char(buf, ']');
                return;
        case JSON_STRING:
                put_string(buf, (rt_str){ json_string_value(value), json_string_length(value) });
                return;
        case JSON_INTEGER:
        case JSON_REAL:
                rti_buf_printf(buf, "n%.17g", json_number_value(value) + 0.0);
                return;
        case JSON_TRUE:
                rti_buf_add_char(buf, 't');
                return;
        case JSON_FALSE:
                rti_buf_add_char(buf, 'f');
                return;
        case JSON_NULL:
                rti_buf_add_char(buf, 'z');
                return;
        }
}

/* It takes a NUL behind a value for the end of the text: such texts are not compared. */
static int
compare_jansson(rt_str text, rti_buf *buf)
{
        const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
        json_error_t error;
        json_t *root;

        if (memchr(text.ptr, 0, text.len))
                return COMPARE_LIMIT;
        root = json_loadb(text.ptr, text.len, flags | JSON_REJECT_DUPLICATES, &error);
        if (root) {
                put_jansson(root, buf);
                json_decref(root);
                return COMPARE_GOOD;
        }
        if (json_error_code(&error) == json_error_duplicate_key) {
                root = json_loadb(text.ptr, text.len, flags, &error);
                json_decref(root);
                if (root)
                        return COMPARE_GOOD; /* without values: the last of them would count */
        }
        if (json_error_code(&error) == json_error_numeric_overflow
            || strncmp(error.text, "invalid Unicode", 15) == 0)
                return COMPARE_LIMIT;
        return COMPARE_BAD;
}

/* ---- comparing ---- */

static void
add_bytes(void *user, const char *bytes, size_t len)
{
        rti_buf_add(user, (rt_str){ bytes, len });
}

static void
judge(comparison *c, rt_str text, int r, const char *who, int theirs)
{
        const bool good = r == RT_OK,
                   same_values = rti_str_eq(rti_buf_str(&c->ours), rti_buf_str(&c->theirs));

        if (theirs == COMPARE_LIMIT || r == RT_ELIMIT)
                return;
        c->values += good && c->theirs.len;
        if (good == (theirs == COMPARE_GOOD) && (!good || !c->theirs.len || same_values))
                return;
        c->failures++;
        printf("%s: %s here, %s there: %.*s\n", who, good ? "good" : "bad",
               theirs == COMPARE_GOOD ? "good" : "bad", text.len > 2000 ? 2000 : RTI_FMT(text));
        if (good && theirs == COMPARE_GOOD)
                printf("  here  %.*s\n  there %.*s\n", RTI_FMT(rti_buf_str(&c->ours)),
                       RTI_FMT(rti_buf_str(&c->theirs)));
}

static void
compare_text(comparison *c, rt_str text)
{
        rti_json_error error;
        char *padded = calloc(1, text.len + PADDING);
        int r, theirs;

        if (!padded)
                abort();
        memcpy(padded, text.ptr, text.len);
        text.ptr = padded;
        rti_buf_clear(&c->ours);
        r = rti_json_parse(c->doc, text, RTI_JSON_STRICT, NULL, NULL, &error);
        if (r == RT_OK)
                put_ours(c->doc, rti_json_root(c->doc), &c->ours);
        c->texts++;
        c->good += r == RT_OK;
        rti_buf_clear(&c->theirs);
        theirs = compare_jansson(text, &c->theirs);
        judge(c, text, r, "jansson", theirs);
        rti_buf_clear(&c->theirs);
        theirs = compare_simdjson(text.ptr, text.len, add_bytes, &c->theirs);
        judge(c, text, r, "simdjson", theirs);
        free(padded);
}

static void
compare_lines(comparison *c, rt_str all)
{
        while (all.len) {
                const char *end = memchr(all.ptr, '\n', all.len);
                const size_t len = end ? (size_t) (end - all.ptr) : all.len;

                compare_text(c, rti_str_sub(all, 0, len));
                for (unsigned i = 0; i < DAMAGED_COPIES && len; i++) {
                        rti_buf_clear(&c->text);
                        rti_buf_add(&c->text, rti_str_sub(all, 0, len));
                        naive_damage(&c->random, &c->text);
                        compare_text(c, rti_buf_str(&c->text));
                }
                all = rti_str_sub(all, end ? len + 1 : len, all.len);
        }
}

static void
compare_file(comparison *c, const char *path)
{
        gzFile in = gzopen(path, "rb"); /* reads plain files too */
        rti_buf all;
        int n;

        if (!in) {
                printf("cannot read %s\n", path);
                c->failures++;
                return;
        }
        rti_buf_init(&all, &rti_alloc_default, 0);
        while ((n = gzread(in, rti_buf_reserve(&all, 1 << 16), 1 << 16)) > 0)
                rti_buf_used(&all, (size_t) n);
        gzclose(in);
        compare_lines(c, rti_buf_str(&all));
        rti_buf_done(&all);
}

static size_t
compare_corpus(comparison *c)
{
        static const char *const patterns[] = {
                "cloudtrail/*/*.jsonl",
                "json-oracle/inputs/*.jsonl",
                "json-oracle/inputs/*.jsonl.gz",
                "json-oracle/inputs/*.json",
        };
        const char *corpus = getenv("RT_CORPUS");
        size_t files = 0;

        for (size_t i = 0; i < RTI_COUNT(patterns); i++) {
                char pattern[4096];
                glob_t found;

                snprintf(pattern, sizeof pattern, "%s/%s", corpus ? corpus : "../shared/corpus",
                         patterns[i]);
                if (glob(pattern, 0, NULL, &found) != 0)
                        continue;
                for (size_t k = 0; k < found.gl_pathc; k++)
                        compare_file(c, found.gl_pathv[k]);
                files += found.gl_pathc;
                globfree(&found);
        }
        return files;
}

int
main(void)
{
        comparison c = { .random = { UINT64_C(0x9e3779b97f4a7c15) } };

        if (rti_json_new(&rti_alloc_default, &c.doc) < 0)
                return 1;
        rti_buf_init(&c.ours, &rti_alloc_default, 0);
        rti_buf_init(&c.theirs, &rti_alloc_default, 0);
        rti_buf_init(&c.text, &rti_alloc_default, 0);
        for (unsigned i = 0; i < RANDOM_DOCUMENTS; i++) {
                rti_buf_clear(&c.text);
                naive_make(&c.random, &c.text);
                naive_damage(&c.random, &c.text);
                compare_text(&c, rti_buf_str(&c.text));
        }
        if (compare_corpus(&c) == 0)
                printf("corpus: skipped: no corpus\n");
        printf("%u texts, %u of them good, values compared %u times, %u differences\n", c.texts,
               c.good, c.values, c.failures);
        rti_buf_done(&c.ours);
        rti_buf_done(&c.theirs);
        rti_buf_done(&c.text);
        rti_json_free(c.doc);
        return c.failures || c.values < c.texts / 4;
}
