/* SPDX-License-Identifier: MIT */
/*
 * A test program is a table of sentences and functions; test_main runs them and speaks TAP. A
 * check that fails says where, and the sentence is "not ok"; the program goes on with the next.
 *
 *     static void sum_wraps(void) { check(sum(1, 2) == 3); }
 *     static const struct test tests[] = {{"a sum wraps once", sum_wraps}};
 *     int main(void) { return test_main(tests, sizeof tests / sizeof *tests); }
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct test {
    const char *sentence;
    void (*run)(void);
};

static jmp_buf test_failed;

__attribute__((format(printf, 3, 4), noreturn, unused)) static void
test_fail(const char *file, int line, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    printf("# %s:%d: ", file, line);
    vprintf(format, list);
    printf("\n");
    va_end(list);
    longjmp(test_failed, 1);
}

#define check(condition)                                                                           \
    ((condition) ? (void)0 : test_fail(__FILE__, __LINE__, "failed: %s", #condition))

/* Both sides as long long; shows them when they differ. */
#define check_equal(got, want)                                                                     \
    do {                                                                                           \
        long long check_got = (long long)(got), check_want = (long long)(want);                    \
        if (check_got != check_want)                                                               \
            test_fail(__FILE__, __LINE__, "%s is %lld (0x%llx), not %lld (0x%llx)", #got,          \
                      check_got, (unsigned long long)check_got, check_want,                        \
                      (unsigned long long)check_want);                                             \
    } while (0)

__attribute__((unused)) static int test_main(const struct test *tests, size_t count)
{
    volatile int failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("1..%zu\n", count);
    for (volatile size_t i = 0; i < count; i++) {
        bool ok = setjmp(test_failed) == 0;

        if (ok)
            tests[i].run();
        printf("%sok %zu - %s\n", ok ? "" : "not ", i + 1, tests[i].sentence);
        failed += !ok;
    }
    return failed != 0;
}
