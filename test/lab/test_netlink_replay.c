/* SPDX-License-Identifier: MIT */
/*
 * What programs say to netlink is an input like any other: a replay of changes comes to the same
 * lab. And filters of SOCK_DIAG, which are programs of whoever asks, end.
 */
#include <linux/if_addr.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lab/netlink.h"

enum { RECORD_MOST = 4 << 20 };

/* Linux (inet_diag_bc_audit): no step leads amidst the numbers of another operation, where it would
 * stand still or read beyond the end. */
static void filters_step_on_operations_alone(void)
{
    const struct inet_diag_req_v2 asked = {
        .sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_TCP, .idiag_states = UINT32_MAX};
    const struct inet_diag_bc_op stands[][4] = {
        {{INET_DIAG_BC_S_EQ, 8, 4}, {INET_DIAG_BC_NOP, 0, 0}},
        {{INET_DIAG_BC_S_EQ, 8, 12}, {0, 0, 81}, {INET_DIAG_BC_S_EQ, 8, 12}, {0, 0, 80}},
        {{INET_DIAG_BC_JMP, 4, 8}, {INET_DIAG_BC_S_EQ, 8, 12}, {INET_DIAG_BC_S_COND, 0, 0}},
        {{INET_DIAG_BC_S_EQ, 8, 8}, {0, 0, 81}, {INET_DIAG_BC_S_EQ, 8, 12}, {0, 0, 80}},
    };
    const uint16_t lengths[] = {8, 16, 12, 16};
    const int wanted[] = {-EINVAL, -EINVAL, -EINVAL, 1 /* none: it is well */};
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd, tcp, error;

    pair_open();
    fd = sockeye_socket(lab, A, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
    tcp = sockeye_socket(lab, A, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_bind(lab, A, tcp, &name, sizeof name), 0);
    check_equal(sockeye_listen(lab, A, tcp, 7), 0);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct request r = request_of(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof asked);

        memset(r.bytes, 0, sizeof r.bytes);
        memcpy(r.bytes, &asked, sizeof asked);
        add(&r, INET_DIAG_REQ_BYTECODE, stands[i], lengths[i]);
        put(fd, &r);
        (void)count_of(fd, NLMSG_ERROR, &error);
        check_equal(error, wanted[i]);
    }
    pair_close();
}

/* An address, a route by a station of its network, and the link off and on; a member is told. */
static void change_all(void)
{
    static const uint8_t own[4] = {10, 5, 0, 1}, by[4] = {10, 5, 0, 2}, to[4] = {10, 9, 0, 0};
    const struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 2};
    const struct rtmsg route = {.rtm_family = AF_INET,
                                .rtm_dst_len = 16,
                                .rtm_table = RT_TABLE_MAIN,
                                .rtm_type = RTN_UNICAST};
    const struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
                                       .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_ROUTE};
    struct request r = request_of(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, 0);
    static uint8_t bytes[8192];
    int fd = open_netlink(), member = open_netlink();

    check_equal(sockeye_bind(lab, A, member, &groups, sizeof groups), 0);
    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, &address, sizeof address);
    r.header.nlmsg_len += sizeof address;
    add(&r, IFA_LOCAL, own, sizeof own);
    check_equal(ask_netlink(fd, &r), 0);
    r = request_of(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, 0);
    memset(r.bytes, 0, sizeof r.bytes);
    memcpy(r.bytes, &route, sizeof route);
    r.header.nlmsg_len += sizeof route;
    add(&r, RTA_DST, to, sizeof to);
    add(&r, RTA_GATEWAY, by, sizeof by);
    check_equal(ask_netlink(fd, &r), 0);
    for (unsigned up = 0; up < 2; up++) {
        r = request_of(RTM_NEWLINK, NLM_F_ACK, sizeof r.link);
        memset(r.bytes, 0, sizeof r.bytes);
        r.link =
            (struct ifinfomsg){.ifi_index = 2, .ifi_change = IFF_UP, .ifi_flags = up ? IFF_UP : 0};
        check_equal(ask_netlink(fd, &r), 0);
        pass(10 * MS);
    }
    check(sockeye_receive(lab, A, member, bytes, sizeof bytes, 0) > 0);
}

static void a_replay_changes_the_same(void)
{
    struct sockeye_replay *replay;
    struct sockeye *again;
    int file = memfd_create("record", MFD_CLOEXEC), result;
    uint64_t hash;

    check(file >= 0);
    pair_open();
    check_equal(sockeye_record(lab, file, RECORD_MOST), 0);
    change_all();
    check_equal(sockeye_record_stop(lab), 0);
    hash = sockeye_hash(lab);
    pair_close();
    check(lseek(file, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(file, SOCKEYE_TRUST_IMAGE, &replay, &again), 0);
    while ((result = sockeye_replay_next(replay)) > 0)
        continue;
    check_equal(result, 0);
    check(sockeye_hash(again) == hash);
    check_equal(sockeye_check(again), 0);
    sockeye_replay_close(replay);
    close(file);
}

static const struct test tests[] = {
    {"the filter of a question steps on operations alone", filters_step_on_operations_alone},
    {"a replay of netlink's changes is the run", a_replay_changes_the_same},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
