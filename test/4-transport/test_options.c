/* SPDX-License-Identifier: MIT */
/* The options of every socket: what is set is what is got, in its range, and nothing else moves. */
#include <errno.h>
#include <string.h>

#include "4-transport/options.h"
#include "check.h"

/* least, most; what is beyond is EINVAL. fresh: of a new socket. */
static const struct {
    enum transport_option option;
    int64_t least, most, fresh;
} rows[] = {
    {OPTION_REUSE_ADDRESS, 0, 1, 0},
    {OPTION_REUSE_PORT, 0, 1, 0},
    {OPTION_BROADCAST, 0, 1, 0},
    {OPTION_RECEIVE_LOW_WATER, 1, INT32_MAX, 1},
    {OPTION_KEEPALIVE, 0, 1, 0},
    {OPTION_LINGER, -1, INT64_MAX, -1},
    {OPTION_INTERFACE, 0, IP_INTERFACES - 1, 0},
    {OPTION_DONT_ROUTE, 0, 1, 0},
    {OPTION_PRIORITY, 0, UINT8_MAX, 0},
    {OPTION_MARK, 0, UINT32_MAX, 0},
    {OPTION_PACING_RATE, INT64_MIN, INT64_MAX, -1}, /* of 64 bits without a sign */
    {OPTION_OOB_INLINE, 0, 1, 0},
    {OPTION_HOP_LIMIT, 0, 255, 0},
    {OPTION_TRAFFIC_CLASS, 0, 255, 0},
    {OPTION_MULTICAST_HOP_LIMIT, 0, 255, 1},
    {OPTION_MULTICAST_LOOP, 0, 1, 1},
    {OPTION_DISCOVER_MTU, DISCOVER_DONT, DISCOVER_OMIT, DISCOVER_WANT},
    {OPTION_RECEIVE_ERRORS, 0, 1, 0},
    {OPTION_BIND_NO_PORT, 0, 1, 0},
    {OPTION_FREE_BIND, 0, 1, 0},
};

enum { ROWS = sizeof rows / sizeof *rows, SEND = 20000, RECEIVE = 30000 };

static int64_t got(const struct transport_options *o, enum transport_option option)
{
    int64_t value = -77;

    check_equal(options_get(o, option, &value), 0);
    return value;
}

static void a_new_socket_has_linuxs_values(void)
{
    struct transport_options o;

    memset(&o, 0xee, sizeof o);
    options_init(&o, SEND, RECEIVE);
    for (unsigned i = 0; i < ROWS; i++)
        check_equal(got(&o, rows[i].option), rows[i].fresh);
    check_equal(got(&o, OPTION_SEND_BUFFER), SEND);
    check_equal(got(&o, OPTION_RECEIVE_BUFFER), RECEIVE);
}

static void what_is_set_is_what_is_got(void)
{
    struct transport_options o;

    options_init(&o, SEND, RECEIVE);
    for (unsigned i = 0; i < ROWS; i++) {
        const int64_t values[] = {rows[i].least, rows[i].most};

        for (int k = 0; k < 2; k++) {
            check_equal(options_set(&o, rows[i].option, values[k]), 0);
            for (unsigned j = 0; j < ROWS; j++) /* the others are as they were */
                check_equal(got(&o, rows[j].option), j < i    ? rows[j].most
                                                     : j == i ? values[k]
                                                              : rows[j].fresh);
        }
    }
}

static void what_is_out_of_range_is_refused(void)
{
    struct transport_options o, before;

    options_init(&o, SEND, RECEIVE);
    memcpy(&before, &o, sizeof o);
    for (unsigned i = 0; i < ROWS; i++) {
        if (rows[i].option != OPTION_RECEIVE_LOW_WATER && /* 0 means 1 there */
            rows[i].least != INT64_MIN)
            check_equal(options_set(&o, rows[i].option, rows[i].least - 1), -EINVAL);
        if (rows[i].most != INT64_MAX)
            check_equal(options_set(&o, rows[i].option, rows[i].most + 1), -EINVAL);
    }
    check_equal(options_set(&o, OPTION_RECEIVE_LOW_WATER, -1), -EINVAL);
    check(memcmp(&before, &o, sizeof o) == 0);
    check_equal(options_set(&o, OPTION_RECEIVE_LOW_WATER, 0), 0);
    check_equal(got(&o, OPTION_RECEIVE_LOW_WATER), 1);
}

static void buffers_are_brought_into_their_range(void)
{
    struct transport_options o;

    options_init(&o, SEND, RECEIVE);
    check(!o.send_buffer_locked && !o.receive_buffer_locked);
    check_equal(options_set(&o, OPTION_SEND_BUFFER, 0), 0);
    check_equal(got(&o, OPTION_SEND_BUFFER), OPTIONS_SEND_BUFFER_LEAST);
    check(o.send_buffer_locked && !o.receive_buffer_locked);
    check_equal(options_set(&o, OPTION_RECEIVE_BUFFER, 0), 0);
    check_equal(got(&o, OPTION_RECEIVE_BUFFER), OPTIONS_RECEIVE_BUFFER_LEAST);
    check(o.receive_buffer_locked);
    check_equal(options_set(&o, OPTION_SEND_BUFFER, INT64_MAX), 0);
    check_equal(options_set(&o, OPTION_RECEIVE_BUFFER, INT64_MAX), 0);
    check_equal(got(&o, OPTION_SEND_BUFFER), OPTIONS_BUFFER_MOST);
    check_equal(got(&o, OPTION_RECEIVE_BUFFER), OPTIONS_BUFFER_MOST);
    check_equal(options_set(&o, OPTION_SEND_BUFFER, 100000), 0);
    check_equal(got(&o, OPTION_SEND_BUFFER), 100000);
    check_equal(options_set(&o, OPTION_SEND_BUFFER, -1), -EINVAL);
}

static void what_is_no_common_option_is_unknown(void)
{
    struct transport_options o;
    int64_t value;

    options_init(&o, SEND, RECEIVE);
    for (int option = OPTION_NO_DELAY; option <= OPTION_COUNT + 1; option++) {
        check_equal(options_set(&o, (enum transport_option)option, 1), -ENOPROTOOPT);
        check_equal(options_get(&o, (enum transport_option)option, &value), -ENOPROTOOPT);
    }
}

static const struct test tests[] = {
    {"a new socket has Linux's values", a_new_socket_has_linuxs_values},
    {"what is set is what is got, and nothing else", what_is_set_is_what_is_got},
    {"what is out of range is EINVAL, and changes nothing", what_is_out_of_range_is_refused},
    {"buffers are brought into their range", buffers_are_brought_into_their_range},
    {"what is no option of all is ENOPROTOOPT", what_is_no_common_option_is_unknown},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
