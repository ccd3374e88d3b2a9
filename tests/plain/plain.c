/* SPDX-License-Identifier: Apache-2.0 */
/* plain.c - runs the tests of a cross build in this process; see criterion/criterion.h. */
#include <criterion/criterion.h>
#include <stdarg.h>

static plain_test *tests, **last = &tests;
static jmp_buf out_of_test;
static int failed_checks;
static int passed, failed;

void
plain_add(plain_test *test)
{
        *last = test;
        last = &test->next;
}

void
plain_check(bool fatal, bool holds, const char *file, int line, const char *text,
            const char *message, ...)
{
        va_list args;

        if (holds)
                return;
        fprintf(stderr, "%s:%d: %s: ", file, line, text);
        va_start(args, message);
        vfprintf(stderr, message, args);
        va_end(args);
        fputc('\n', stderr);
        failed_checks++;
        if (fatal)
                longjmp(out_of_test, 1);
}

void
plain_skip(const char *why)
{
        fprintf(stderr, "skipped: %s\n", why);
        longjmp(out_of_test, 1);
}

/* What stands around every test of this one's suite; the test itself if nothing does. */
static const plain_test *
suite_of(const plain_test *test)
{
        for (const plain_test *suite = tests; suite; suite = suite->next)
                if (!suite->run && !suite->rows && strcmp(suite->suite, test->suite) == 0)
                        return suite;
        return test;
}

static void
call(void (*fn)(void))
{
        if (fn)
                fn();
}

/* The test itself, up to its end or to the check that ends it. */
static void
run_guarded(const plain_test *test, void *row)
{
        if (setjmp(out_of_test) != 0)
                return;
        if (row)
                test->run_row(row);
        else
                test->run();
}

static void
run_one(const plain_test *test, void *row)
{
        const plain_test *suite = suite_of(test);

        failed_checks = 0;
        if (suite != test)
                call(suite->init);
        call(test->init);
        run_guarded(test, row);
        call(test->fini);
        if (suite != test)
                call(suite->fini);
        if (failed_checks) {
                fprintf(stderr, "%s::%s failed\n", test->suite, test->name);
                failed++;
        } else {
                passed++;
        }
}

static void
run_rows(const plain_test *test)
{
        const struct criterion_test_params rows = test->rows();

        for (size_t i = 0; i < rows.length; i++)
                run_one(test, (char *) rows.params + i * rows.size);
}

int
main(void)
{
        for (const plain_test *test = tests; test; test = test->next) {
                if (test->rows)
                        run_rows(test);
                else if (test->run)
                        run_one(test, NULL);
        }
        printf("Synthesis: Tested: %d | Passing: %d | Failing: %d | Crashing: 0\n", passed + failed,
               passed, failed);
        return failed ? 1 : 0;
}
