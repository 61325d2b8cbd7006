/* SPDX-License-Identifier: MIT */
/* The MTU of a wire changes while connections use it: its interfaces and TCP follow, and what a
 * router has no room for any more is told (RFC 1191, RFC 8201). */
#include "lab/routed.h"

#include <sys/mman.h>
#include <unistd.h>

enum { BYTES = 300000 };

static uint32_t longest; /* IP packet on any wire, of those that are sent */

static void measure(void *context, const struct sockeye_event *event)
{
    (void)context;
    if (event->kind == EVENT_FRAME_SENT && event->frame.length - 14 > longest &&
        event->wire != EVENT_NOWHERE)
        longest = event->frame.length - 14;
}

/* A moment of a stream in which much is under way, and then all of the rest. */
static void change_within(int wire, const int fd[2], uint32_t mtu)
{
    uint64_t sent = 0, received = 0;

    memset(bytes, 7, sizeof bytes);
    for (int turn = 0; received < BYTES && turn < 20000; turn++) {
        ssize_t got;

        if (turn == 40)
            check_equal(sockeye_wire_mtu(lab, wire, mtu), 0);
        if (turn == 100)
            longest = 0; /* what was queued before has gone */
        if (sent < BYTES) {
            got = sockeye_send(lab, A, fd[A], bytes, BYTES - sent > 1000 ? 1000 : BYTES - sent, 0);
            check(got > 0 || got == -EAGAIN);
            sent += got > 0 ? (uint64_t)got : 0;
        }
        pass(MS);
        while ((got = sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, 0)) > 0)
            received += (uint64_t)got;
    }
    check_equal(received, BYTES);
}

static void streams_follow_the_wire(void)
{
    static const struct {
        uint32_t before, after, longest;
    } rows[] = {{1500, 576, 576}, {576, 1500, 576}, {9000, 88, 88}, {1000, 9000, 1000}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd[2];

        pair_open();
        check(sockeye_observe(lab, 1U << EVENT_FRAME_SENT, measure, NULL, NULL) >= 0);
        check_equal(sockeye_wire_mtu(lab, 0, rows[i].before), 0);
        pair_connect(fd);
        change_within(0, fd, rows[i].after);
        check_equal(number_of(A, fd[A], IPPROTO_IP, IP_MTU), rows[i].after);
        /* no longer than what the peer said it takes when the connection began, either */
        check_equal(longest, rows[i].longest);
        pair_close();
    }
}

/* A router in the middle says what fits; streams of after that know it by themselves. */
static void paths_are_found_anew(void)
{
    int fd[2], l;

    routed_open(0);
    check(sockeye_observe(lab, 1U << EVENT_FRAME_SENT, measure, NULL, NULL) >= 0);
    l = listener(B, 5000);
    fd[A] = stream(A);
    check_equal(connect_to(A, fd[A], "10.2.0.1", 5000), -EINPROGRESS);
    pass(100 * MS);
    fd[B] = accepted(B, l);
    change_within(BETWEEN, fd, 900);
    check(sockeye_drops(lab, R, DROP_IP_TOO_BIG) > 0);
    check_equal(number_of(A, fd[A], IPPROTO_IP, IP_MTU), 900);
    check_equal(longest, 900);
    /* wider again: it is tried when what was heard is forgotten (RFC 1191 6.3) */
    check_equal(sockeye_wire_mtu(lab, BETWEEN, 1500), 0);
    pass(11 * 60 * SECOND);
    longest = 0;
    check_equal(transfer(A, fd[A], B, fd[B], BYTES), BYTES);
    check_equal(longest, 1500);
    pair_close();
}

static void datagrams_are_told_or_cut(void)
{
    int fd;

    pair_open();
    fd = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check(fd >= 0);
    check_equal(connect_to(A, fd, "10.0.0.2", 9), 0);
    set_number(A, fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    check_equal(sockeye_send(lab, A, fd, bytes, 1400, 0), 1400);
    check_equal(sockeye_wire_mtu(lab, 0, 1000), 0);
    check_equal(sockeye_send(lab, A, fd, bytes, 1400, 0), -EMSGSIZE);
    check_equal(sockeye_send(lab, A, fd, bytes, 972, 0), 972);
    set_number(A, fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    check(sockeye_observe(lab, 1U << EVENT_FRAME_SENT, measure, NULL, NULL) >= 0);
    longest = 0;
    check_equal(sockeye_send(lab, A, fd, bytes, 5000, 0), 5000);
    pass(10 * MS);
    check(longest <= 1000 && longest > 900);
    pair_close();
}

static void what_cannot_be_is_refused(void)
{
    int door;

    pair_open();
    check_equal(sockeye_wire_mtu(lab, 1, 1000), -EINVAL);
    check_equal(sockeye_wire_mtu(lab, -1, 1000), -EINVAL);
    check_equal(sockeye_wire_mtu(lab, 0, 67), -EINVAL);
    check_equal(sockeye_wire_mtu(lab, 0, 65536), -EINVAL);
    check_equal(sockeye_wire_mtu(lab, 0, 68), 0);
    check_equal(sockeye_address(lab, A, interfaces[A], "fd00::1/64") < 0, 1);
    check_equal(sockeye_wire_mtu(lab, 0, 1280), 0);
    check_equal(sockeye_address(lab, A, interfaces[A], "fd00::1/64"), 0);
    check_equal(sockeye_wire_mtu(lab, 0, 1279), -EOPNOTSUPP); /* RFC 8200 5 */
    check_equal(sockeye_wire_mtu(lab, 0, 1280), 0);
    door = sockeye_door(lab, "door", SOCKEYE_DOOR_ETHERNET, 0);
    check(door >= 0);
    check_equal(sockeye_wire_mtu(lab, door, 1400), -EINVAL);
    pair_close();
}

static void a_record_has_it(void)
{
    struct sockeye_replay *replay;
    uint64_t state;
    int step = 1, fd[2], l;

    routed_record = memfd_create("lab", 0);
    check(routed_record >= 0);
    routed_open(0);
    l = listener(B, 5000);
    fd[A] = stream(A);
    check_equal(connect_to(A, fd[A], "10.2.0.1", 5000), -EINPROGRESS);
    pass(100 * MS);
    fd[B] = accepted(B, l);
    change_within(BETWEEN, fd, 700);
    state = sockeye_hash(lab);
    check_equal(sockeye_record_stop(lab), 0);
    sockeye_close(lab);
    check(lseek(routed_record, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(routed_record, SOCKEYE_TRUST_NOTHING, &replay, &lab), 0);
    for (int i = 0; i < 1000000 && step > 0; i++)
        step = sockeye_replay_next(replay);
    check_equal(step, SOCKEYE_REPLAY_OVER);
    check(sockeye_hash(lab) == state);
    sockeye_replay_close(replay);
    close(routed_record);
    routed_record = -1;
}

static const struct test tests[] = {
    {"streams follow the MTU of their wire, down and up", streams_follow_the_wire},
    {"RFC 1191: paths with a router are found anew", paths_are_found_anew},
    {"datagrams that no longer fit are told so, or cut", datagrams_are_told_or_cut},
    {"what cannot be is refused: doors, sizes, less than IPv6 needs", what_cannot_be_is_refused},
    {"a record has it", a_record_has_it},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
