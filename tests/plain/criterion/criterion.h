/* SPDX-License-Identifier: Apache-2.0 */
/*
 * criterion.h - as much of Criterion as the unit tests use, for cross builds: Criterion runs each
 * test in a process that it patches, which no user-mode emulator can do. Here all run in one
 * process, one after the other (plain.c).
 */
#ifndef TESTS_PLAIN_CRITERION_H
#define TESTS_PLAIN_CRITERION_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct criterion_test_params {
        size_t size;
        void *params;
        size_t length;
};

typedef struct plain_test {
        const char *suite, *name;
        void (*run)(void);
        void (*run_row)(void *row);
        struct criterion_test_params (*rows)(void);
        void (*init)(void),
                (*fini)(void); /* around the test; of a suite: around each of its tests */
        double timeout;        /* seconds; not watched here */
        struct plain_test *next;
} plain_test;

void plain_add(plain_test *test);
/* What is not so: counted, told, and the test ends if @a fatal. */
void plain_check(bool fatal, bool holds, const char *file, int line, const char *text,
                 const char *message, ...) __attribute__((format(printf, 6, 7)));
_Noreturn void plain_skip(const char *why);

#define PLAIN_REGISTER(suite_, name_, ...)                                    \
        static plain_test suite_##_##name_##_test = { .suite = #suite_,       \
                                                      .name = #name_,         \
                                                      __VA_ARGS__ };          \
        __attribute__((constructor)) static void suite_##_##name_##_add(void) \
        {                                                                     \
                plain_add(&suite_##_##name_##_test);                          \
        }

#define Test(suite_, name_, ...)                                                     \
        static void suite_##_##name_##_impl(void);                                   \
        PLAIN_REGISTER(suite_, name_, .run = suite_##_##name_##_impl, ##__VA_ARGS__) \
        static void suite_##_##name_##_impl(void)

/* What all tests of a suite have in common: a test that does not run. */
#define TestSuite(suite_, ...) \
        PLAIN_REGISTER(suite_, whole_suite, __VA_ARGS__) extern int plain_unused

#define PLAIN_CHECK(fatal, cond, text, ...) \
        plain_check(fatal, cond, __FILE__, __LINE__, text, " " __VA_ARGS__)

#define cr_assert(cond, ...)         PLAIN_CHECK(true, cond, #cond, __VA_ARGS__)
#define cr_assert_not(cond, ...)     PLAIN_CHECK(true, !(cond), "not " #cond, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)      PLAIN_CHECK(true, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)     PLAIN_CHECK(true, (a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)      PLAIN_CHECK(true, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)     PLAIN_CHECK(true, (a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)      PLAIN_CHECK(true, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)     PLAIN_CHECK(true, (a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(a, ...)       PLAIN_CHECK(true, !(a), #a " is NULL", __VA_ARGS__)
#define cr_assert_not_null(a, ...)   PLAIN_CHECK(true, (a), #a " is not NULL", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)  PLAIN_CHECK(true, !strcmp(a, b), #a " eq " #b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...) PLAIN_CHECK(true, strcmp(a, b), #a " ne " #b, __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...) \
        PLAIN_CHECK(true, !memcmp(a, b, n), #a " eq " #b, __VA_ARGS__)
#define cr_assert_fail(...)          PLAIN_CHECK(true, false, "reached", __VA_ARGS__)
#define cr_expect(cond, ...)         PLAIN_CHECK(false, cond, #cond, __VA_ARGS__)
#define cr_expect_not(cond, ...)     PLAIN_CHECK(false, !(cond), "not " #cond, __VA_ARGS__)
#define cr_expect_eq(a, b, ...)      PLAIN_CHECK(false, (a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_expect_neq(a, b, ...)     PLAIN_CHECK(false, (a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_expect_lt(a, b, ...)      PLAIN_CHECK(false, (a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_expect_leq(a, b, ...)     PLAIN_CHECK(false, (a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_expect_gt(a, b, ...)      PLAIN_CHECK(false, (a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_expect_geq(a, b, ...)     PLAIN_CHECK(false, (a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_expect_null(a, ...)       PLAIN_CHECK(false, !(a), #a " is NULL", __VA_ARGS__)
#define cr_expect_not_null(a, ...)   PLAIN_CHECK(false, (a), #a " is not NULL", __VA_ARGS__)
#define cr_expect_str_eq(a, b, ...)  PLAIN_CHECK(false, !strcmp(a, b), #a " eq " #b, __VA_ARGS__)
#define cr_expect_str_neq(a, b, ...) PLAIN_CHECK(false, strcmp(a, b), #a " ne " #b, __VA_ARGS__)
#define cr_expect_arr_eq(a, b, n, ...) \
        PLAIN_CHECK(false, !memcmp(a, b, n), #a " eq " #b, __VA_ARGS__)
#define cr_expect_fail(...) PLAIN_CHECK(false, false, "reached", __VA_ARGS__)
#define cr_skip(...)        plain_skip(" " __VA_ARGS__)

#endif
