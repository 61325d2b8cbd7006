/* SPDX-License-Identifier: MIT */
/*
 * Filters of sockets (SO_ATTACH_FILTER and its like) by the one door: what a datagram socket's
 * program sees, drops and cuts, and what the options answer. What programs may say and do is
 * test/base/test_bpf.c's.
 */
#include <linux/filter.h>

#include "lab/pair.h"

static int a, b;

static int attach(int host, int fd, const struct sock_filter *code, unsigned short count)
{
    struct sock_fprog program = {.len = count, .filter = (struct sock_filter *)(uintptr_t)code};

    return sockeye_set_option(lab, host, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                              sizeof program);
}

static int set(int name, int value)
{
    return sockeye_set_option(lab, B, b, SOL_SOCKET, name, &value, sizeof value);
}

static void open_two(void)
{
    struct sockaddr_in own = name_of("10.0.0.2", 7);

    pair_open();
    a = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    b = sockeye_socket(lab, B, AF_INET, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(lab, B, b, &own, sizeof own), 0);
    check_equal(connect_to(A, a, "10.0.0.2", 7), 0);
}

static ssize_t passes(const char *text)
{
    char room[64];

    check_equal(sockeye_send(lab, A, a, text, strlen(text), 0), strlen(text));
    pass(10 * MS);
    return sockeye_receive(lab, B, b, room, sizeof room, 0);
}

/* The UDP header is in front: the text begins at 8. */
static const struct sock_filter begins_with_y[] = {
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 8 + 3),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static const struct sock_filter from_a_by_eth0[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + 12),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0a000001, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_IFINDEX),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, 4),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static void it_drops_and_cuts(void)
{
    open_two();
    check_equal(attach(B, b, begins_with_y, 4), 0);
    check_equal(passes("yes and more"), 3);
    check_equal(passes("no"), -EAGAIN);
    check_equal(passes("y"), 1);
    check_equal(passes(""), -EAGAIN); /* there is no byte 8 */
    check_equal(attach(B, b, from_a_by_eth0, 6), 0);
    check_equal(passes("abc"), 0); /* less than the header: that stays, nothing else does */
    check_equal(set(SO_DETACH_FILTER, 0), 0);
    check_equal(passes("no"), 2);
    pair_close();
}

static int attach_bytes(const void *value, uint32_t length)
{
    return sockeye_set_option(lab, B, b, SOL_SOCKET, SO_ATTACH_FILTER, value, length);
}

static void the_options_answer_as_linux_does(void)
{
    static const struct sock_filter no_return[] = {BPF_STMT(BPF_LD | BPF_IMM, 1)};
    struct sock_fprog nowhere = {.len = 4}, none = {.len = 0};
    struct sock_filter again[8] = {0};
    uint32_t length = 0, four = sizeof(int);
    int locked = 7;

    open_two();
    check_equal(set(SO_DETACH_FILTER, 0), -ENOENT);
    check_equal(sockeye_get_option(lab, B, b, SOL_SOCKET, SO_GET_FILTER, again, &length), 0);
    check_equal(length, 0);
    check_equal(attach(B, b, no_return, 1), -EINVAL);
    check_equal(attach_bytes(&nowhere, sizeof nowhere), -EINVAL);
    check_equal(attach_bytes(&none, sizeof none), -EINVAL);
    check_equal(attach_bytes(&none, sizeof none - 1), -EINVAL);
    check_equal(attach(B, b, begins_with_y, 4), 0);
    check_equal(sockeye_get_option(lab, B, b, SOL_SOCKET, SO_GET_FILTER, NULL, &length), 0);
    check_equal(length, 4);
    length = 3;
    check_equal(sockeye_get_option(lab, B, b, SOL_SOCKET, SO_GET_FILTER, again, &length), -EINVAL);
    length = 8;
    check_equal(sockeye_get_option(lab, B, b, SOL_SOCKET, SO_GET_FILTER, again, &length), 0);
    check_equal(length, 4);
    check(memcmp(again, begins_with_y, sizeof begins_with_y) == 0);
    check_equal(sockeye_get_option(lab, B, b, SOL_SOCKET, SO_LOCK_FILTER, &locked, &four), 0);
    check_equal(locked, 0);
    check_equal(set(SO_LOCK_FILTER, 1), 0);
    check_equal(set(SO_LOCK_FILTER, 0), -EPERM);
    check_equal(set(SO_DETACH_FILTER, 0), -EPERM);
    check_equal(attach(B, b, begins_with_y, 4), -EPERM);
    check_equal(set(SO_ATTACH_BPF, 3), -EINVAL);
    check_equal(sockeye_close_fd(lab, B, b), 0); /* its program goes with it */
    pair_close();
}

static void count_filtered(void *context, const struct sockeye_event *event)
{
    *(int *)context += event->drop.reason == DROP_SOCKET_FILTER;
}

/* raw(7): IPv4's header is in front, and the filter sees it. */
static void a_raw_socket_has_one(void)
{
    static const struct sock_filter short_ones[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2), /* the total length */
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 20 + 8 + 2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 21),
    };
    int filtered = 0;

    open_two();
    check(sockeye_observe(lab, 1u << EVENT_DROP, count_filtered, &filtered, NULL) >= 0);
    b = sockeye_socket(lab, B, AF_INET, SOCK_RAW, IPPROTO_UDP);
    check(b >= 0);
    check_equal(passes("long"), 20 + 8 + 4);
    check_equal(attach(B, b, short_ones, 4), 0);
    check_equal(passes("long"), -EAGAIN);
    check_equal(filtered, 1);
    check_equal(passes("it"), 21);
    check_equal(filtered, 1);
    pair_close();
}

static void a_stream_has_none(void)
{
    pair_open();
    b = sockeye_socket(lab, B, AF_INET, SOCK_STREAM, 0);
    check_equal(attach(B, b, begins_with_y, 4), -ENOPROTOOPT);
    pair_close();
}

static const struct test tests[] = {
    {"a datagram socket's filter drops datagrams, and cuts them", it_drops_and_cuts},
    {"the options of filters answer as Linux does", the_options_answer_as_linux_does},
    {"a raw socket's filter sees the header, and drops and cuts", a_raw_socket_has_one},
    {"a stream takes no filter", a_stream_has_none},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
