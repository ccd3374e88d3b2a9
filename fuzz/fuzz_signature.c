/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_signature.c - any bytes as a signature, as that of a callback, and as an item. What is taken
 * can be called, and written down anew is the same; what is not has its place.
 */
#include "base/alloc.h"
#include "fuzz.h"
#include "natives/native.h"

typedef struct text {
        char bytes[4096];
        size_t n;
} text;

static void
put(text *out, const char *word)
{
        const size_t len = strlen(word);

        CHECK(out->n + len < sizeof out->bytes);
        memcpy(out->bytes + out->n, word, len + 1);
        out->n += len;
}

static void
put_prototype(text *out, const prototype *p, const signature *s)
{
        size_t callback = 0;

        CHECK(p->result < N_TYPES && p->n_params <= MAX_PARAMS);
        put(out, natives_type_rows[p->result].text);
        put(out, " (");
        for (size_t i = 0; i < p->n_params; i++) {
                CHECK(p->params[i] < N_TYPES);
                put(out, i ? ", " : "");
                put(out, natives_type_rows[p->params[i]].text);
                if (p->params[i] == TYPE_CALLBACK) {
                        CHECK(s && callback < s->n_callbacks);
                        put(out, "(");
                        put_prototype(out, &s->callbacks[callback++], NULL);
                        put(out, ")");
                }
                put(out, s && s->optional[i] ? "?" : "");
        }
        put(out, ")");
        CHECK(!s || callback == s->n_callbacks);
}

static void
check_error(const signature_error *error, size_t size, int r)
{
        CHECK(r == RT_EINVAL || r == RT_ELIMIT);
        CHECK(error->offset <= size && error->message[0]);
        CHECK(memchr(error->message, '\0', sizeof error->message));
}

static void
check_signature(rt_str bytes)
{
        signature_error error;
        native_shape shape;
        text written = { .n = 0 };
        signature s, again;
        const int r = natives_signature_parse(bytes, &s, &error);

        if (r < 0) {
                check_error(&error, bytes.len, r);
                return;
        }
        CHECK(natives_shape_make(&shape, &s.own) == RT_OK);
        for (size_t i = 0; i < s.n_callbacks; i++)
                CHECK(natives_shape_make(&shape, &s.callbacks[i]) == RT_OK);
        put_prototype(&written, &s.own, &s);
        CHECK(natives_signature_parse((rt_str){ written.bytes, written.n }, &again, &error)
              == RT_OK);
        CHECK(natives_signature_same(&s, &again));
        CHECK(memcmp(s.optional, again.optional, sizeof s.optional) == 0);
}

static void
check_prototype(rt_str bytes)
{
        signature_error error;
        native_shape shape;
        prototype p;
        const int r = natives_prototype_parse(bytes, &p, &error);

        if (r < 0)
                check_error(&error, bytes.len, r);
        else
                CHECK(natives_shape_make(&shape, &p) == RT_OK);
}

static size_t
depth_of(const item *it)
{
        size_t most = 0;

        for (const item *in = it->first; in; in = in->next) {
                const size_t depth = depth_of(in) + 1;

                most = depth > most ? depth : most;
        }
        return most;
}

static void
check_item(rt_str bytes)
{
        item *root = NULL;
        rti_arena arena;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = natives_item_read(&arena, bytes, &root);
        CHECK(r == RT_OK || r == RT_EFORMAT || r == RT_ELIMIT);
        CHECK(r != RT_OK || depth_of(root) <= MAX_ITEM_DEPTH);
        rti_arena_done(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str bytes = { (const char *) data, size };

        check_signature(bytes);
        check_prototype(bytes);
        check_item(bytes);
        return 0;
}
