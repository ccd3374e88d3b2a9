/* SPDX-License-Identifier: Apache-2.0 */
/* help.h - short ways to say things about JSON in tests. */
#ifndef TESTS_JSON_HELP_H
#define TESTS_JSON_HELP_H

#include "base/buf.h"
#include "json/doc.h"
#include <criterion/criterion.h>
#include <stdlib.h>

/* A copy of the text's bytes and nothing behind them, so that ASan sees a read too far. */
static inline char *
exact(rt_str text)
{
        char *copy = malloc(text.len ? text.len : 1);

        if (text.len)
                memcpy(copy, text.ptr, text.len);
        return copy;
}

static inline rti_json *
new_doc(void)
{
        rti_json *doc = NULL;

        cr_assert_eq(rti_json_new(&rti_alloc_default, &doc), RT_OK);
        return doc;
}

/* The value as text: compact JSON, or "(none)". The buffer is the caller's. */
static inline rt_str
shown(const rti_json *doc, rti_json_node node, rti_buf *buf)
{
        rti_buf_clear(buf);
        if (node == RTI_JSON_NONE)
                return RTI_STR("(none)");
        rti_json_compact(doc, node, NULL, buf);
        return rti_buf_str(buf);
}

#define assert_str(is, want)                                                                \
        do {                                                                                \
                const rt_str is_ = (is), want_ = (want);                                    \
                cr_assert(rti_str_eq(is_, want_), "'%.*s' instead of '%.*s'", RTI_FMT(is_), \
                          RTI_FMT(want_));                                                  \
        } while (0)

#endif
