/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures: what they say, and where they are wrong. */
#include "natives/native.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

Test(signature, says_what_a_function_takes_and_gives)
{
        signature_error error;
        signature s;

        cr_assert_eq(natives_signature_parse(RTI_STR(" bool(string ,\tu32?, ip)  "), &s, &error),
                     RT_OK);
        cr_assert_eq(s.own.result, TYPE_BOOL);
        cr_assert_eq(s.own.n_params, 3);
        cr_assert_eq(s.own.params[0], TYPE_STRING);
        cr_assert_eq(s.own.params[1], TYPE_U32);
        cr_assert_eq(s.own.params[2], TYPE_IP);
        cr_assert(!s.optional[0] && s.optional[1] && !s.optional[2]);
}

Test(signature, every_type_is_read_and_has_a_shape)
{
        for (uint8_t i = 0; i < TYPE_CALLBACK; i++) {
                char text[64];
                signature_error error;
                native_shape shape;
                signature s;
                int n = snprintf(
                        text, sizeof text, "%s (%s)",
                        natives_type_rows[i].uses & USE_RESULT ? natives_type_rows[i].text : "bool",
                        natives_type_rows[i].uses & USE_PARAM ? natives_type_rows[i].text : "");

                cr_assert_eq(natives_signature_parse((rt_str){ text, (size_t) n }, &s, &error),
                             RT_OK, "%s", text);
                cr_assert(!(natives_type_rows[i].uses & USE_RESULT) || s.own.result == i);
                cr_assert_eq(natives_shape_make(&shape, &s.own), RT_OK, "%s", text);
        }
}

typedef struct wrong_row {
        char text[160];
        size_t offset;
        char message[60];
} wrong_row;

ParameterizedTestParameters(signature, is_refused_at_the_place)
{
        static wrong_row rows[] = {
                { "", 0, "a type is expected here" },
                { "(u8)", 0, "a type is expected here" },
                { "bool", 4, "'(' is expected here" },
                { "int (u8)", 0, "there is no type 'int'" },
                { "bool (u8, u33)", 10, "there is no type 'u33'" },
                { "bytes (u8)", 0, "this type is for parameters only" },
                { "ip ()", 0, "this type is for parameters only" },
                { "bool (u8,)", 9, "a type is expected here" },
                { "bool (u8 u8)", 9, "',' or ')' is expected here" },
                { "bool (u8", 8, "',' or ')' is expected here" },
                { "bool (u8? ?)", 10, "',' or ')' is expected here" },
                { "bool (u8) x", 10, "nothing is expected behind ')'" },
                { "bool (const char *)", 6, "there is no type 'const'" },
                { "u8 (void)", 4, "this type is for results only" },
                { "callback ()", 0, "this type is for parameters only" },
                { "u8 (callback)", 12, "'(' is expected here" },
                { "u8 (callback(bool (u8))", 23, "',' or ')' is expected here" },
                { "u8 (callback(bool (u8?)))", 21, "',' or ')' is expected here" },
                { "u8 (callback(bool (u8)", 22, "')' is expected here" },
                { "u8 (callback(string (u8)))", 13, "a callback cannot have this type here" },
                { "u8 (callback(u8 (callback(u8 ()))))", 17,
                  "a callback cannot have this type here" },
                { "u8 (callback(u8 ()), callback(u8 ()), callback(u8 ()), callback(u8 ()), "
                  "callback(u8 ()))",
                  80, "there are more than 4 callbacks" },
                { "Bool ()", 0, "there is no type 'Bool'" },
                { "bool (u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8,u8)", 54,
                  "there are more than 16 parameters" },
        };

        return cr_make_param_array(wrong_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(wrong_row *row, signature, is_refused_at_the_place)
{
        signature_error error;
        signature s;

        cr_assert_lt(natives_signature_parse(rti_str_of(row->text), &s, &error), 0, "%s",
                     row->text);
        cr_assert_eq(error.offset, row->offset, "%s: %zu", row->text, error.offset);
        cr_assert_str_eq(error.message, row->message, "%s: %s", row->text, error.message);
}

Test(signature, callbacks_have_signatures_of_their_own)
{
        signature_error error;
        signature a, b;
        prototype p;

        cr_assert_eq(natives_signature_parse(
                             RTI_STR("void (callback(i32 ( i64,ptr ))?, ptr, callback(void ()))"),
                             &a, &error),
                     RT_OK);
        cr_assert_eq(a.n_callbacks, 2);
        cr_assert(a.optional[0] && !a.optional[2]);
        cr_assert_eq(natives_prototype_parse(RTI_STR("i32 (i64, ptr)"), &p, &error), RT_OK);
        cr_assert(natives_prototype_same(&p, &a.callbacks[0]));
        cr_assert(!natives_prototype_same(&p, &a.callbacks[1]));
        cr_assert(!natives_signature_of_field(&a));
        cr_assert_eq(natives_signature_parse(
                             RTI_STR("void (callback(i32 (u64,ptr)), ptr, callback(void ()))"), &b,
                             &error),
                     RT_OK);
        cr_assert(!natives_signature_same(&a, &b));
        cr_assert_eq(natives_prototype_parse(RTI_STR("i32 (i64, ptr) x"), &p, &error), RT_EINVAL);
}

Test(signature, is_the_same_whatever_is_optional)
{
        signature_error error;
        signature a, b, c;

        cr_assert_eq(natives_signature_parse(RTI_STR("bool (u8?)"), &a, &error), RT_OK);
        cr_assert_eq(natives_signature_parse(RTI_STR("bool (u8)"), &b, &error), RT_OK);
        cr_assert_eq(natives_signature_parse(RTI_STR("bool (i8)"), &c, &error), RT_OK);
        cr_assert(natives_signature_same(&a, &b));
        cr_assert(!natives_signature_same(&a, &c));
}
