/* SPDX-License-Identifier: Apache-2.0 */
/* regex.c - the operator `regex`: does the whole value match? Done by PCRE2, within limits. */
#include "base/alloc.h"
#include "lang/ops/family.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct rti_op_scratch {
        const rt_allocator *allocator;
        pcre2_general_context *general;
        pcre2_match_context *match;
        pcre2_match_data *data;
        uint64_t limits;
};

static void *
get(PCRE2_SIZE size, void *user)
{
        return rti_alloc(user, size);
}

static void
put(void *ptr, void *user)
{
        rti_free(user, ptr);
}

int
rti_op_scratch_new(const rt_allocator *allocator, rti_op_scratch **ret_scratch)
{
        rti_op_scratch *scratch = rti_calloc(allocator, 1, sizeof *scratch);

        if (!scratch)
                return RT_ENOMEM;
        scratch->allocator = allocator;
        scratch->general = pcre2_general_context_create(get, put, (void *) (uintptr_t) allocator);
        scratch->match = scratch->general ? pcre2_match_context_create(scratch->general) : NULL;
        scratch->data = scratch->general ? pcre2_match_data_create(1, scratch->general) : NULL;
        if (!scratch->match || !scratch->data) {
                rti_op_scratch_free(scratch);
                return RT_ENOMEM;
        }
        pcre2_set_match_limit(scratch->match, RTI_MAX_REGEX_MATCH);
        pcre2_set_depth_limit(scratch->match, RTI_MAX_REGEX_DEPTH);
        *ret_scratch = scratch;
        return RT_OK;
}

void
rti_op_scratch_free(rti_op_scratch *scratch)
{
        if (!scratch)
                return;
        pcre2_match_data_free(scratch->data);
        pcre2_match_context_free(scratch->match);
        pcre2_general_context_free(scratch->general);
        rti_free(scratch->allocator, scratch);
}

uint64_t
rti_op_scratch_limits(const rti_op_scratch *scratch)
{
        return scratch->limits;
}

static bool
string_regex(const rti_operand *operand, const rt_value *value, void *user)
{
        rti_op_scratch *scratch = user;
        const rt_str s = rti_cut(value->as.s);
        const int r = pcre2_match(operand->aux, (PCRE2_SPTR) (s.ptr ? s.ptr : ""), s.len, 0, 0,
                                  scratch->data, scratch->match);

        scratch->limits += r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT
                           || r == PCRE2_ERROR_JIT_STACKLIMIT;
        return r >= 0;
}

int
rti_regex_build(rti_build *build, rti_operand *operand)
{
        const rt_str text = operand->values[0].as.s;
        const uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY
                                 | PCRE2_NO_AUTO_POSSESS | PCRE2_NO_AUTO_CAPTURE | PCRE2_DOTALL;
        PCRE2_SIZE at;
        int error;

        operand->aux = pcre2_compile((PCRE2_SPTR) text.ptr, text.len, options, &error, &at, NULL);
        if (!operand->aux)
                return rti_refuse(build->arena, &build->error, "invalid regex pattern: %.*s",
                                  RTI_FMT(text));
        pcre2_jit_compile(operand->aux, PCRE2_JIT_COMPLETE);
        operand->test = string_regex;
        return RT_OK;
}

void
rti_regex_done(rti_operand *operand)
{
        pcre2_code_free(operand->aux);
        operand->aux = NULL;
}
