/* SPDX-License-Identifier: Apache-2.0 */
/* Values at the edges of what a type holds. */
#include "natives/native.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>

static unsigned called;

static bool
take_text(const char *text)
{
        called++;
        return text[0];
}

static bool
take_number(int8_t n)
{
        called++;
        return n < 0;
}

static uint8_t
bad_bool(void)
{
        return 2;
}

static double
no_number(double d)
{
        return d - d;
}

static int
call_one(const char *text, void (*code)(void), const rt_value *arg, rt_value *ret_value)
{
        signature_error error;
        native n = { .code = code };

        cr_assert_eq(natives_signature_parse(rti_str_of(text), &n.signature, &error), RT_OK);
        cr_assert_eq(natives_shape_make(&n.shape, &n.signature.own), RT_OK);
        called = 0;
        return natives_call(&n, &arg, NULL, ret_value);
}

typedef struct row {
        uint32_t kind;
        int64_t value;
        int result;
} row;

ParameterizedTestParameters(call, numbers_are_handed_over_whole_or_not_at_all)
{
        static row rows[] = {
                { RT_KIND_INT64, 127, 1 },         { RT_KIND_INT64, -128, 1 },
                { RT_KIND_INT64, 128, RT_EINVAL }, { RT_KIND_INT64, -129, RT_EINVAL },
                { RT_KIND_UINT64, 127, 1 },        { RT_KIND_UINT64, -1, RT_EINVAL },
                { RT_KIND_PORT, 80, 1 },           { RT_KIND_BOOL, 1, RT_EINVAL },
                { RT_KIND_DOUBLE, 0, RT_EINVAL },  { RT_KIND_STRING, 0, RT_EINVAL },
        };

        return cr_make_param_array(row, rows, RTI_COUNT(rows));
}

ParameterizedTest(row *r, call, numbers_are_handed_over_whole_or_not_at_all)
{
        const rt_value arg = { .kind = r->kind, .as.i = r->value };
        rt_value value;

        cr_assert_eq(call_one("bool (i8)", (void (*)(void)) take_number, &arg, &value), r->result);
        cr_assert_eq(called, r->result == 1);
        if (r->result == 1)
                cr_assert_eq(value.as.u, r->value < 0);
}

Test(call, texts_are_handed_over_whole_or_not_at_all)
{
        rt_value arg = { .kind = RT_KIND_STRING, .as.s = { "a\0b", 3 } }, value;

        cr_assert_eq(call_one("bool (string)", (void (*)(void)) take_text, &arg, &value),
                     RT_EINVAL);
        cr_assert_eq(called, 0);
        arg.as.s = (rt_str){ NULL, 0 };
        cr_assert_eq(call_one("bool (string)", (void (*)(void)) take_text, &arg, &value), 1);
        cr_assert_eq(value.as.u, 0);
        cr_assert_eq(call_one("bool (string)", (void (*)(void)) take_text, NULL, &value), 0);
        cr_assert_eq(called, 0);
}

Test(call, results_that_are_none_are_not_taken)
{
        const rt_value inf = { .kind = RT_KIND_DOUBLE, .as.d = INFINITY };
        const rt_value big = { .kind = RT_KIND_INT64, .as.i = (INT64_C(1) << 53) + 1 };
        rt_value value;

        cr_assert_eq(call_one("bool ()", (void (*)(void)) bad_bool, NULL, &value), RT_EFORMAT);
        cr_assert_eq(call_one("double (double)", (void (*)(void)) no_number, &inf, &value), 0);
        cr_assert_eq(call_one("double (double)", (void (*)(void)) no_number, &big, &value),
                     RT_EINVAL);
}
