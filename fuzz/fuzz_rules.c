/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_rules.c - any bytes as a rule file. What is said about it stands within the file, errors and
 * the result agree, all formats print it, and the same text says the same twice. What loads can be
 * described and dumped.
 */
#include "compiler/load/loader.h"
#include "fuzz_fields.h"

/* Length of line @a number (from 1), SIZE_MAX: there is no such line. */
static size_t
line_length(rt_str text, uint32_t number)
{
        size_t from = 0, to;

        for (uint32_t line = 1;; line++) {
                for (to = from; to < text.len && text.ptr[to] != '\n';)
                        to++;
                if (line == number)
                        return to - from;
                if (to >= text.len)
                        return SIZE_MAX;
                from = to + 1;
        }
}

static void
check_place(const rt_diag *d, rt_str text)
{
        size_t length;

        CHECK(d->message && d->file);
        if (d->line == 0)
                return;
        if (rti_str_starts(text, RTI_STR("\xef\xbb\xbf")))
                text = rti_str_sub(text, 3, text.len);
        length = line_length(text, d->line);
        CHECK(length != SIZE_MAX);
        CHECK(d->column >= 1 && d->column <= length + 2);
        CHECK(d->end_line > d->line || (d->end_line == d->line && d->end_column >= d->column));
}

static void
check_result(rti_loader *loader, rt_diags *diags, rt_str text, int r)
{
        rt_str printed;
        rt_diag d = RT_INIT(rt_diag);

        CHECK(r == RT_OK || r == RT_ERULES || r == RT_ELIMIT);
        CHECK((r == RT_OK) == (rt_diags_count(diags, RT_ERROR) == 0) || diags->dropped);
        for (size_t i = 0; i < rt_diags_count(diags, 0); i++) {
                CHECK(rt_diags_get(diags, i, &d) == RT_OK);
                check_place(&d, text);
        }
        for (uint32_t format = RT_DIAGS_TEXT; format <= RT_DIAGS_SUMMARY; format++)
                CHECK(rt_diags_print(diags, format, RT_DIAGS_VERBOSE, &printed) == RT_OK);
        if (r != RT_OK)
                return;
        CHECK(rti_loader_describe(loader, NULL, &printed) == RT_OK);
        CHECK(rti_loader_dump(loader, RTI_STR("items"), &printed) == RT_OK);
        CHECK(rti_loader_dump(loader, RTI_STR("rules"), &printed) == RT_OK);
        CHECK(rti_loader_dump(loader, RTI_STR("typed"), &printed) == RT_OK);
}

/* Load once; what was said as Falco's document, in @a said. */
static int
load(rt_str text, rti_buf *said)
{
        const rti_loader_opts opts = { 0 };
        rti_loader *loader;
        rt_diags *diags;
        rt_str document;
        int r;

        CHECK(rti_loader_new(&rti_alloc_default, fuzz_fields(), &opts, &loader) == RT_OK);
        CHECK(rti_diags_new(&rti_alloc_default, &diags) == RT_OK);
        r = rti_loader_add(loader, RTI_STR("fuzz.yaml"), text, diags);
        check_result(loader, diags, text, r);
        CHECK(rti_diags_print(diags, RT_DIAGS_JSON, 0, &document) == RT_OK);
        rti_buf_add(said, document);
        rti_diags_free(diags);
        rti_loader_free(loader);
        return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str text = { (const char *) data, size };
        rti_buf first, second;

        if (size > 64 * 1024)
                return 0;
        rti_buf_init(&first, &rti_alloc_default, 0);
        rti_buf_init(&second, &rti_alloc_default, 0);
        CHECK(load(text, &first) == load(text, &second));
        CHECK(rti_str_eq(rti_buf_str(&first), rti_buf_str(&second)));
        rti_buf_done(&first);
        rti_buf_done(&second);
        return 0;
}
