/* SPDX-License-Identifier: MIT */
/* RFC 9293 3.8.5 (MUST-30 to 33, MUST-62), RFC 6093; security P-09. */
#include <errno.h>

#include "4-transport/tcp/parts/tcp_urgent.h"
#include "base/base_test.h"

static const tcp_seq BASE = UINT64_C(1) << 32;

static void sending(void)
{
    struct tcp_urgent u = {0};
    uint16_t field = 7;

    check(!tcp_urgent_field(&u, BASE, BASE, &field));
    check_equal(field, 0);
    tcp_urgent_send(&u, BASE + 100); /* the last urgent byte is BASE + 99 */
    check(tcp_urgent_field(&u, BASE, BASE, &field));
    check_equal(field, 100); /* MUST-62: the octet after it */
    check(tcp_urgent_field(&u, BASE + 99, BASE, &field));
    check_equal(field, 1);
    check(!tcp_urgent_field(&u, BASE + 100, BASE, &field));
    check(!tcp_urgent_field(&u, BASE, BASE + 100, &field)); /* acknowledged: over */
}

static void far_ahead(void)
{
    struct tcp_urgent u = {0};
    uint16_t field;

    tcp_urgent_send(&u, BASE + 65535);
    check(tcp_urgent_field(&u, BASE, BASE, &field));
    check_equal(field, 65535);
    tcp_urgent_send(&u, BASE + (UINT64_C(1) << 30)); /* MUST-31: any length */
    check(tcp_urgent_field(&u, BASE, BASE, &field));
    check_equal(field, 65535);
}

static void receiving(void)
{
    static const uint8_t text[] = "abc";
    struct tcp_urgent u = {0};
    uint8_t byte = 0;

    check_equal(tcp_urgent_take(&u, false, &byte), -EINVAL);
    check(tcp_urgent_receive(&u, BASE, 3, false, BASE, BASE));
    check_equal(u.mark, BASE + 2);
    check(u.fresh);
    check_equal(tcp_urgent_take(&u, false, &byte), -EAGAIN);
    tcp_urgent_data(&u, BASE, text, 2);
    check_equal(tcp_urgent_take(&u, false, &byte), -EAGAIN);
    tcp_urgent_data(&u, BASE + 2, text + 2, 1);
    check_equal(tcp_urgent_take(&u, true, &byte), 1);
    check_equal(byte, 'c');
    check_equal(tcp_urgent_take(&u, false, &byte), 1);
    check_equal(tcp_urgent_take(&u, false, &byte), -EINVAL);
}

static void the_other_reading(void)
{
    struct tcp_urgent u = {0};

    check(tcp_urgent_receive(&u, BASE, 3, true, BASE, BASE));
    check_equal(u.mark, BASE + 3);
}

static void newer_and_older(void)
{
    struct tcp_urgent u = {0};
    uint8_t byte;

    check(tcp_urgent_receive(&u, BASE, 10, false, BASE, BASE));
    check(!tcp_urgent_receive(&u, BASE, 10, false, BASE, BASE)); /* told already */
    check(!tcp_urgent_receive(&u, BASE, 5, false, BASE, BASE));
    check(tcp_urgent_receive(&u, BASE, 20, false, BASE, BASE));
    check_equal(u.mark, BASE + 19);
    tcp_urgent_data(&u, BASE + 9, (const uint8_t *)"x", 1); /* the old one is only data now */
    check_equal(tcp_urgent_take(&u, false, &byte), -EAGAIN);
}

/* P-09: whatever the pointer says, the mark is ahead of what was read and taken in. */
static void strange_pointers(void)
{
    static const unsigned fields[] = {0, 1, 2, 99, 100, 101, 65534, 65535};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        for (int nxt = -200; nxt <= 200; nxt++) {
            struct tcp_urgent u = {0};
            tcp_seq taken = BASE + (uint64_t)(int64_t)nxt;
            bool new_mark =
                tcp_urgent_receive(&u, BASE, (uint16_t)fields[i], false, taken - 300, taken);

            check_equal(new_mark, fields[i] != 0 && BASE + fields[i] - 1 >= taken);
            check(!new_mark || u.mark >= taken);
            check(new_mark || u.mark == 0);
        }
    }
}

static void a_hundred_changes(void)
{
    struct tcp_urgent u = {0};
    uint8_t payload[300], byte = 0;

    for (unsigned i = 0; i < 300; i++)
        payload[i] = (uint8_t)i;
    for (uint16_t i = 1; i <= 100; i++)
        check(tcp_urgent_receive(&u, BASE, (uint16_t)(2 * i), false, BASE, BASE));
    tcp_urgent_data(&u, BASE, payload, 300);
    check_equal(tcp_urgent_take(&u, false, &byte), 1);
    check_equal(byte, 199);
}

static const struct test tests[] = {
    {"the field names the octet after the urgent data (MUST-62)", sending},
    {"urgent data may be of any length (MUST-31)", far_ahead},
    {"the urgent byte is kept and taken once", receiving},
    {"tcp_stdurg takes the field for the byte itself", the_other_reading},
    {"a newer mark replaces an older, never the reverse", newer_and_older},
    {"no pointer marks what was read or taken in (P-09)", strange_pointers},
    {"a hundred changes of the pointer leave the last", a_hundred_changes},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
