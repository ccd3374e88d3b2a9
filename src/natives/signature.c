/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.c - "bool (string, u32?)": a result, and the parameters in parentheses, among them
 * "callback(i32 (i64, i64))": the same again, but no deeper.
 *
 * In: any bytes. Out: types by number, or the offset of what is wrong and a sentence about it.
 */
#include "native.h"
#include <stdio.h>
#include <string.h>

#define P       USE_PARAM
#define R       USE_RESULT
#define C       USE_GIVEN
#define A       USE_ANSWER
#define K(name) (1u << RT_KIND_##name)
#define TEXTS   (K(STRING) | K(PATH) | K(RELPATH) | K(BYTES))
#define INTEGERS                                                                                 \
        (K(INT8) | K(INT16) | K(INT32) | K(INT64) | K(UINT8) | K(UINT16) | K(UINT32) | K(UINT64) \
         | K(PORT) | K(RELTIME) | K(ABSTIME))
#define TYPE(name, text, kind, takes, passed, lowest, highest, uses) \
        [TYPE_##name] = { text, kind, takes, uses, &ffi_type_##passed, lowest, highest },
const type_row natives_type_rows[N_TYPES] = {
#include "types.def"
};
#undef TYPE
#undef INTEGERS
#undef TEXTS
#undef K
#undef A
#undef C
#undef R
#undef P

typedef struct reader {
        rt_str text;
        size_t at;
        signature_error *error;
} reader;

static int
wrong(const reader *in, size_t offset, const char *message)
{
        in->error->offset = offset;
        snprintf(in->error->message, sizeof in->error->message, "%s", message);
        return RT_EINVAL;
}

static void
skip_blanks(reader *in)
{
        while (in->at < in->text.len
               && (in->text.ptr[in->at] == ' ' || in->text.ptr[in->at] == '\t'))
                in->at++;
}

static bool
take(reader *in, char c)
{
        skip_blanks(in);
        if (in->at == in->text.len || in->text.ptr[in->at] != c)
                return false;
        in->at++;
        return true;
}

static bool
is_word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '_';
}

/* A word among the types, that may stand here. */
static int
read_type(reader *in, uint32_t use, uint8_t *ret_type)
{
        size_t begin, len;

        skip_blanks(in);
        begin = in->at;
        while (in->at < in->text.len && is_word(in->text.ptr[in->at]))
                in->at++;
        len = in->at - begin;
        if (!len)
                return wrong(in, begin, "a type is expected here");
        for (uint8_t i = 0; i < N_TYPES; i++) {
                const type_row *row = &natives_type_rows[i];

                if (strlen(row->text) != len || memcmp(row->text, in->text.ptr + begin, len) != 0)
                        continue;
                if (!(row->uses & use))
                        return wrong(in, begin,
                                     use & (USE_GIVEN | USE_ANSWER)
                                             ? "a callback cannot have this type here"
                                     : use & USE_PARAM ? "this type is for results only"
                                                       : "this type is for parameters only");
                *ret_type = i;
                return RT_OK;
        }
        in->error->offset = begin;
        snprintf(in->error->message, sizeof in->error->message, "there is no type '%.*s'",
                 len < 40 ? (int) len : 40, in->text.ptr + begin);
        return RT_EINVAL;
}

static int read_callback(reader *in, signature *s);

/* A result, and parameters in parentheses. @a s NULL: of a callback, which has none itself. */
static int
read_prototype(reader *in, prototype *p, signature *s)
{
        int r = read_type(in, s ? USE_RESULT : USE_ANSWER, &p->result);

        if (r < 0)
                return r;
        if (!take(in, '('))
                return wrong(in, in->at, "'(' is expected here");
        if (take(in, ')'))
                return RT_OK;
        do {
                if (p->n_params == MAX_PARAMS) {
                        skip_blanks(in);
                        wrong(in, in->at, "there are more than 16 parameters");
                        return RT_ELIMIT;
                }
                r = read_type(in, s ? USE_PARAM : USE_GIVEN, &p->params[p->n_params]);
                if (r == RT_OK && p->params[p->n_params] == TYPE_CALLBACK)
                        r = read_callback(in, s);
                if (r < 0)
                        return r;
                if (s)
                        s->optional[p->n_params] = take(in, '?');
                p->n_params++;
        } while (take(in, ','));
        if (take(in, ')'))
                return RT_OK;
        return wrong(in, in->at, "',' or ')' is expected here");
}

/* What stands behind the word: "(i32 (i64))". */
static int
read_callback(reader *in, signature *s)
{
        int r;

        if (s->n_callbacks == MAX_CALLBACKS) {
                wrong(in, in->at, "there are more than 4 callbacks");
                return RT_ELIMIT;
        }
        if (!take(in, '('))
                return wrong(in, in->at, "'(' is expected here");
        r = read_prototype(in, &s->callbacks[s->n_callbacks++], NULL);
        if (r < 0)
                return r;
        return take(in, ')') ? RT_OK : wrong(in, in->at, "')' is expected here");
}

static int
read_end(reader *in)
{
        skip_blanks(in);
        return in->at < in->text.len ? wrong(in, in->at, "nothing is expected behind ')'") : RT_OK;
}

int
natives_signature_parse(rt_str text, signature *ret_signature, signature_error *ret_error)
{
        reader in = { text, 0, ret_error };
        signature s = { 0 };
        int r = read_prototype(&in, &s.own, &s);

        r = r < 0 ? r : read_end(&in);
        if (r < 0)
                return r;
        *ret_signature = s;
        return RT_OK;
}

int
natives_prototype_parse(rt_str text, prototype *ret_prototype, signature_error *ret_error)
{
        reader in = { text, 0, ret_error };
        prototype p = { 0 };
        int r = read_prototype(&in, &p, NULL);

        r = r < 0 ? r : read_end(&in);
        if (r < 0)
                return r;
        *ret_prototype = p;
        return RT_OK;
}

bool
natives_prototype_same(const prototype *a, const prototype *b)
{
        return a->result == b->result && a->n_params == b->n_params
               && memcmp(a->params, b->params, a->n_params) == 0;
}

bool
natives_signature_same(const signature *a, const signature *b)
{
        bool same = natives_prototype_same(&a->own, &b->own) && a->n_callbacks == b->n_callbacks;

        for (size_t i = 0; same && i < a->n_callbacks; i++)
                same = natives_prototype_same(&a->callbacks[i], &b->callbacks[i]);
        return same;
}

bool
natives_signature_of_field(const signature *s)
{
        bool every = natives_type_rows[s->own.result].kind != RT_KIND_NONE;

        for (size_t i = 0; every && i < s->own.n_params; i++)
                every = natives_type_rows[s->own.params[i]].kind != RT_KIND_NONE;
        return every;
}
