/* SPDX-License-Identifier: MIT */
/* RFC 5961 7: how often the improbable is answered. */
#include "4-transport/tcp/parts/tcp_challenge.h"
#include "base/base_test.h"

#define BETWEEN (500 * MILLISECOND)

static void one_in_a_time(void)
{
    struct tcp_challenge c = {0};
    int answers = 0;

    for (nanoseconds now = SECOND; now < 11 * SECOND; now += 10 * MILLISECOND)
        answers += tcp_challenge_allows(&c, BETWEEN, now);
    check_equal(answers, 20);
}

static void what_is_refused_does_not_count(void)
{
    struct tcp_challenge c = {0};

    check(tcp_challenge_allows(&c, BETWEEN, SECOND));
    check(!tcp_challenge_allows(&c, BETWEEN, SECOND + BETWEEN - 1));
    check(tcp_challenge_allows(&c, BETWEEN, SECOND + BETWEEN));
}

static void connections_do_not_share(void)
{
    struct tcp_challenge a = {0}, b = {0};

    check(tcp_challenge_allows(&a, BETWEEN, SECOND));
    check(tcp_challenge_allows(&b, BETWEEN, SECOND));
}

static const struct test tests[] = {
    {"one in a time is answered (RFC 5961 7)", one_in_a_time},
    {"what is refused does not count", what_is_refused_does_not_count},
    {"connections share no count (T-29)", connections_do_not_share},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
