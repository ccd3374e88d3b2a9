/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signature.c - "bool (string, u32?)": a result, and the parameters in parentheses.
 *
 * In: any bytes. Out: types by number, or the offset of what is wrong and a sentence about it.
 */
#include "native.h"
#include <stdio.h>
#include <string.h>

#define P USE_PARAM
#define R USE_RESULT
#define TYPE(name, text, kind, passed, lowest, highest, uses) \
        [TYPE_##name] = { text, kind, uses, &ffi_type_##passed, lowest, highest },
const type_row natives_type_rows[N_TYPES] = {
#include "types.def"
};
#undef TYPE
#undef P
#undef R

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
                if (strlen(natives_type_rows[i].text) != len
                    || memcmp(natives_type_rows[i].text, in->text.ptr + begin, len) != 0)
                        continue;
                if (!(natives_type_rows[i].uses & use))
                        return wrong(in, begin, "this type is for parameters only");
                *ret_type = i;
                return RT_OK;
        }
        in->error->offset = begin;
        snprintf(in->error->message, sizeof in->error->message, "there is no type '%.*s'",
                 len < 40 ? (int) len : 40, in->text.ptr + begin);
        return RT_EINVAL;
}

static int
read_params(reader *in, signature *s)
{
        int r;

        if (take(in, ')'))
                return RT_OK;
        do {
                if (s->n_params == MAX_PARAMS) {
                        skip_blanks(in);
                        wrong(in, in->at, "there are more than 16 parameters");
                        return RT_ELIMIT;
                }
                r = read_type(in, USE_PARAM, &s->params[s->n_params]);
                if (r < 0)
                        return r;
                s->optional[s->n_params++] = take(in, '?');
        } while (take(in, ','));
        if (take(in, ')'))
                return RT_OK;
        return wrong(in, in->at, "',' or ')' is expected here");
}

int
natives_signature_parse(rt_str text, signature *ret_signature, signature_error *ret_error)
{
        reader in = { text, 0, ret_error };
        signature s = { 0 };
        int r = read_type(&in, USE_RESULT, &s.result);

        if (r < 0)
                return r;
        if (!take(&in, '('))
                return wrong(&in, in.at, "'(' is expected here");
        r = read_params(&in, &s);
        if (r < 0)
                return r;
        skip_blanks(&in);
        if (in.at < text.len)
                return wrong(&in, in.at, "nothing is expected behind ')'");
        *ret_signature = s;
        return RT_OK;
}

bool
natives_signature_same(const signature *a, const signature *b)
{
        return a->result == b->result && a->n_params == b->n_params
               && memcmp(a->params, b->params, a->n_params) == 0;
}

bool
natives_type_takes(uint8_t type, uint32_t kind)
{
        if (kind == RT_KIND_DYNAMIC)
                return true;
        switch (type) {
        case TYPE_BOOL:
                return kind == RT_KIND_BOOL;
        case TYPE_STRING:
        case TYPE_STR:
        case TYPE_BYTES:
                return kind >= RT_KIND_STRING && kind <= RT_KIND_BYTES;
        case TYPE_IP:
                return kind == RT_KIND_IPADDR;
        case TYPE_DOUBLE:
                if (kind == RT_KIND_DOUBLE)
                        return true;
                break;
        default:
                break;
        }
        return (kind >= RT_KIND_INT8 && kind <= RT_KIND_UINT64)
               || (kind >= RT_KIND_PORT && kind <= RT_KIND_ABSTIME);
}
