/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_format.c - any bytes as an output format, for two sources. Texts between tokens are slices
 * of the format without a percent sign; every name of a field is there once.
 */
#include "compiler/cond/typed.h"
#include "fuzz_fields.h"

static void
check_tokens(const rti_format *format, rt_str text)
{
        const char *behind = text.ptr;

        for (uint32_t i = 0; i < format->n_tokens; i++) {
                const rti_format_token *token = &format->tokens[i];

                if (token->expr) {
                        CHECK(token->name.len > 0 && token->width <= RTI_MAX_OUTPUT_BYTES);
                        continue;
                }
                CHECK(token->text.len > 0 && token->text.ptr >= behind);
                CHECK(!memchr(token->text.ptr, '%', token->text.len));
                behind = token->text.ptr + token->text.len;
                CHECK(behind <= text.ptr + text.len);
        }
}

static void
check_fields(const rti_format *format)
{
        for (uint32_t i = 0; i < format->n_fields; i++)
                for (uint32_t j = 0; j < i; j++)
                        CHECK(!rti_str_eq(format->fields[i].name, format->fields[j].name));
}

static void
check_source(rt_str text, rt_str name)
{
        rti_checker checker = { .registry = fuzz_fields() };
        rti_format *format;
        rti_arena arena;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        checker.arena = &arena;
        checker.source = rti_registry_find_source(checker.registry, name);
        r = rti_format_parse(&checker, text, &format);
        if (r == RT_OK) {
                check_tokens(format, text);
                check_fields(format);
        } else {
                CHECK(r == RT_ERULES && checker.error.message.len > 0);
                CHECK(checker.error.end <= text.len && checker.error.pos.offset <= text.len);
        }
        rti_arena_done(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str text = { (const char *) data, size };

        check_source(text, RTI_STR("syscall"));
        check_source(text, RTI_STR("aws_cloudtrail"));
        return 0;
}
