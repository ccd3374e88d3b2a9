/* SPDX-License-Identifier: Apache-2.0 */
/* parameterized.h - tests over rows; see criterion.h. */
#ifndef TESTS_PLAIN_PARAMETERIZED_H
#define TESTS_PLAIN_PARAMETERIZED_H

#include "criterion.h"

#define ParameterizedTestParameters(suite_, name_) \
        static struct criterion_test_params suite_##_##name_##_rows(void)

#define ParameterizedTest(row_, suite_, name_, ...)                      \
        static void suite_##_##name_##_impl(row_);                       \
        static void suite_##_##name_##_run(void *row)                    \
        {                                                                \
                suite_##_##name_##_impl(row);                            \
        }                                                                \
        PLAIN_REGISTER(suite_, name_, .run_row = suite_##_##name_##_run, \
                       .rows = suite_##_##name_##_rows)                  \
        static void suite_##_##name_##_impl(row_)

#define cr_make_param_array(type_, array_, length_, ...) \
        ((struct criterion_test_params){                 \
                .size = sizeof(type_), .params = (array_), .length = (length_) })

#endif
