/* SPDX-License-Identifier: MIT */
/*
 * Sockets of whole frames (AF_PACKET) by the one door: what is shown of what a host receives and
 * sends, names, filters, lengths, counts, memberships, and frames of a program's own.
 */
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stddef.h>

#include "lab/pair.h"

enum { ETH0 = 2, LO = 1 };

static uint8_t bytes[2048];
static struct sockaddr_ll from;
static struct tpacket_auxdata aux;

static int open_socket(int host, int type, int protocol)
{
    return sockeye_socket(lab, host, AF_PACKET, type, htons((uint16_t)protocol));
}

static int bind_link(int host, int fd, int protocol, int interface)
{
    struct sockaddr_ll own = {.sll_family = AF_PACKET,
                              .sll_protocol = htons((uint16_t)protocol),
                              .sll_ifindex = interface};

    return sockeye_bind(lab, host, fd, &own, sizeof own);
}

static ssize_t receive(int host, int fd, int flags)
{
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof aux)];
    struct sockeye_message m = {.bytes = bytes,
                                .length = sizeof bytes,
                                .address = &from,
                                .address_length = sizeof from,
                                .control = control,
                                .control_length = sizeof control};
    ssize_t n = sockeye_receive_message(lab, host, fd, &m, flags);

    memset(&aux, 0, sizeof aux);
    if (n >= 0 && m.control_length >= sizeof control)
        memcpy(&aux, control + CMSG_LEN(0), sizeof aux);
    return n;
}

static void ping_once(void)
{
    int fd = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);

    check_equal(connect_to(A, fd, "10.0.0.2", 9), 0);
    check_equal(sockeye_send(lab, A, fd, "hello", 5, 0), 5);
    pass(20 * MS);
    check_equal(sockeye_close_fd(lab, A, fd), 0);
}

/* What comes next is of that kind and ethertype, so long. */
static void comes(int host, int fd, int kind, int type, ssize_t length)
{
    check_equal(receive(host, fd, 0), length);
    check_equal(from.sll_family, AF_PACKET);
    check_equal(from.sll_pkttype, kind);
    check_equal(ntohs(from.sll_protocol), type);
}

static void it_sees_what_comes_and_goes(void)
{
    int fd;

    pair_open();
    fd = open_socket(A, SOCK_RAW, ETH_P_ALL);
    check(fd >= 0);
    pass(5 * SECOND); /* what hosts say of themselves */
    while (receive(A, fd, 0) >= 0)
        check_equal(from.sll_ifindex, ETH0);
    ping_once();
    comes(A, fd, PACKET_OUTGOING, ETH_P_ARP, 42);
    comes(A, fd, PACKET_HOST, ETH_P_ARP, 42);
    check_equal(from.sll_hatype, ARPHRD_ETHER);
    check_equal(from.sll_halen, 6);
    check(memcmp(from.sll_addr, bytes + 6, 6) == 0);
    comes(A, fd, PACKET_OUTGOING, ETH_P_IP, 14 + 28 + 5);
    check(memcmp(bytes + 42, "hello", 5) == 0);
    comes(A, fd, PACKET_HOST, ETH_P_IP, 14 + 20 + 8 + 33); /* nobody is there */
    check_equal(receive(A, fd, 0), -EAGAIN);
    pair_close();
}

static void one_protocol_is_heard_of_what_arrives(void)
{
    int arp, cooked, fd;

    pair_open();
    arp = open_socket(A, SOCK_RAW, ETH_P_ARP);
    cooked = open_socket(A, SOCK_DGRAM, ETH_P_IP);
    fd = open_socket(A, SOCK_RAW, 0);
    ping_once();
    comes(A, arp, PACKET_BROADCAST, ETH_P_ARP, 42); /* B says that it is there */
    comes(A, arp, PACKET_HOST, ETH_P_ARP, 42);
    check_equal(receive(A, arp, 0), -EAGAIN);
    comes(A, cooked, PACKET_HOST, ETH_P_IP, 20 + 8 + 33);
    check_equal(bytes[0], 0x45);
    check_equal(receive(A, fd, 0), -EAGAIN);
    pair_close();
}

static void the_loopback_has_a_header_of_zeroes(void)
{
    static const uint8_t zeroes[12];
    int fd, udp;

    pair_open();
    fd = open_socket(A, SOCK_RAW, ETH_P_ALL);
    check_equal(bind_link(A, fd, ETH_P_ALL, LO), 0);
    udp = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(connect_to(A, udp, "127.0.0.1", 9), 0);
    check_equal(sockeye_send(lab, A, udp, "hello", 5, 0), 5);
    pass(MS);
    comes(A, fd, PACKET_OUTGOING, ETH_P_IP, 14 + 28 + 5);
    check(memcmp(bytes, zeroes, 12) == 0 && bytes[12] == 8 && bytes[13] == 0);
    check_equal(from.sll_hatype, ARPHRD_LOOPBACK);
    check_equal(from.sll_halen, 6);
    comes(A, fd, PACKET_HOST, ETH_P_IP, 14 + 28 + 5);
    pair_close();
}

static void filters_cut_and_lengths_are_told(void)
{
    static struct sock_filter udp_23[] = {
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 3),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 23),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {.len = 6, .filter = udp_23};
    struct tpacket_stats stats;
    uint32_t length = sizeof stats;
    int fd, one = 1;

    pair_open();
    fd = open_socket(A, SOCK_RAW, ETH_P_ALL);
    check_equal(
        sockeye_set_option(lab, A, fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
    check_equal(sockeye_set_option(lab, A, fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one), 0);
    ping_once();
    check_equal(receive(A, fd, MSG_PEEK), 23);
    check_equal(aux.tp_len, 47);
    check_equal(aux.tp_snaplen, 23);
    check_equal(aux.tp_net, 14);
    check_equal(aux.tp_status, TP_STATUS_USER);
    check_equal(sockeye_receive(lab, A, fd, bytes, 5, MSG_TRUNC), 23);
    check_equal(receive(A, fd, 0), -EAGAIN);
    check_equal(sockeye_get_option(lab, A, fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length), 0);
    check_equal(stats.tp_packets, 1);
    check_equal(stats.tp_drops, 0);
    pair_close();
}

static void what_has_no_room_is_counted(void)
{
    struct tpacket_stats stats;
    uint32_t length = sizeof stats, got = 0;
    int fd, udp, small = 4096;

    pair_open();
    fd = open_socket(B, SOCK_RAW, ETH_P_IP);
    check_equal(sockeye_set_option(lab, B, fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
    udp = sockeye_socket(lab, A, AF_INET, SOCK_DGRAM, 0);
    check_equal(connect_to(A, udp, "10.0.0.2", 9), 0);
    for (int i = 0; i < 20; i++) {
        (void)sockeye_send(lab, A, udp, "hello", 5, 0);
        pass(10 * MS);
    }
    check_equal(sockeye_poll(lab, B, fd) & POLLIN, POLLIN);
    check_equal(sockeye_get_option(lab, B, fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length), 0);
    while (receive(B, fd, 0) >= 0)
        got++;
    check(got > 0 && got < 20);
    check_equal(stats.tp_packets - stats.tp_drops, got);
    check_equal(sockeye_get_option(lab, B, fd, SOL_PACKET, PACKET_STATISTICS, &stats, &length), 0);
    check_equal(stats.tp_packets, 0);
    pair_close();
}

static ssize_t send_to(int host, int fd, int interface, int protocol, size_t length, int halen)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_ifindex = interface,
                             .sll_protocol = htons((uint16_t)protocol),
                             .sll_halen = (uint8_t)halen,
                             .sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    struct sockeye_message m = {
        .bytes = bytes, .length = length, .address = &to, .address_length = sizeof to};

    return sockeye_send_message(lab, host, fd, &m, 0);
}

static void frames_of_a_program(void)
{
    int raw, cooked, heard, others;

    pair_open();
    raw = open_socket(A, SOCK_RAW, 0);
    cooked = open_socket(A, SOCK_DGRAM, 0);
    others = open_socket(A, SOCK_RAW, ETH_P_ALL);
    heard = open_socket(B, SOCK_RAW, 0x88b5);
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 0xff, 6);
    bytes[12] = 0x88;
    bytes[13] = 0xb5;
    check_equal(sockeye_send(lab, A, raw, bytes, 60, 0), -ENXIO);
    check_equal(send_to(A, raw, 77, 0x88b5, 60, 6), -ENXIO);
    check_equal(send_to(A, raw, ETH0, 0x88b5, 13, 6), -EINVAL);
    check_equal(send_to(A, raw, ETH0, 0x88b5, 1515, 6), -EMSGSIZE);
    check_equal(send_to(A, raw, ETH0, 0x88b5, 60, 6), 60);
    check_equal(send_to(A, cooked, ETH0, 0x88b5, 1501, 6), -EMSGSIZE);
    check_equal(send_to(A, cooked, ETH0, 0x88b5, 9, 0), -EINVAL);
    check_equal(send_to(A, cooked, ETH0, 0x88b5, 9, 6), 9);
    pass(20 * MS);
    comes(A, others, PACKET_OUTGOING, 0x88b5, 60);
    comes(A, others, PACKET_OUTGOING, 0x88b5, 23);
    comes(B, heard, PACKET_BROADCAST, 0x88b5, 60);
    comes(B, heard, PACKET_BROADCAST, 0x88b5, 23);
    check(bytes[6] & 2);
    check_equal(bind_link(A, raw, ETH_P_ALL, ETH0), 0);
    memset(bytes, 0xff, 6);
    check_equal(sockeye_send(lab, A, raw, bytes, 60, 0), 60);
    check_equal(receive(A, raw, 0), -EAGAIN); /* nobody sees his own */
    pair_close();
}

static void foreign_stations_are_seen_by_who_asks(void)
{
    struct packet_mreq all = {.mr_ifindex = ETH0, .mr_type = PACKET_MR_PROMISC};
    int heard, raw, one = 1;

    pair_open();
    raw = open_socket(A, SOCK_RAW, 0);
    heard = open_socket(B, SOCK_RAW, ETH_P_ALL);
    check_equal(
        sockeye_set_option(lab, B, heard, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one), 0);
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 0x42, 6);
    bytes[12] = 0x88;
    bytes[13] = 0xb5;
    check_equal(send_to(A, raw, ETH0, 0x88b5, 60, 6), 60);
    pass(20 * MS);
    while (receive(B, heard, 0) >= 0)
        check(from.sll_pkttype != PACKET_OTHERHOST);
    check_equal(
        sockeye_set_option(lab, B, heard, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all), 0);
    memset(bytes, 0x42, 6);
    bytes[12] = 0x88;
    bytes[13] = 0xb5;
    check_equal(send_to(A, raw, ETH0, 0x88b5, 60, 6), 60);
    pass(20 * MS);
    comes(B, heard, PACKET_OTHERHOST, 0x88b5, 60);
    check_equal(
        sockeye_set_option(lab, B, heard, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &all, sizeof all), 0);
    check_equal(send_to(A, raw, ETH0, 0x88b5, 60, 6), 60);
    pass(20 * MS);
    check_equal(receive(B, heard, 0), -EAGAIN);
    all.mr_ifindex = 9;
    check_equal(
        sockeye_set_option(lab, B, heard, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all),
        -ENODEV);
    pair_close();
}

static void names_and_what_it_has_not(void)
{
    struct sockaddr_ll own;
    uint32_t length = sizeof own;
    int fd;

    pair_open();
    check_equal(open_socket(A, SOCK_STREAM, ETH_P_ALL), -ESOCKTNOSUPPORT);
    fd = open_socket(A, SOCK_RAW, ETH_P_ALL);
    check_equal(sockeye_local_name(lab, A, fd, &own, &length), 0);
    check_equal(length, 12);
    check_equal(ntohs(own.sll_protocol), ETH_P_ALL);
    check_equal(bind_link(A, fd, ETH_P_IP, 9), -ENODEV);
    check_equal(bind_link(A, fd, ETH_P_IP, ETH0), 0);
    length = sizeof own;
    check_equal(sockeye_local_name(lab, A, fd, &own, &length), 0);
    check_equal(length, 18);
    check_equal(own.sll_ifindex, ETH0);
    check_equal(own.sll_halen, 6);
    check_equal(own.sll_hatype, ARPHRD_ETHER);
    length = sizeof own;
    check_equal(sockeye_peer_name(lab, A, fd, &own, &length), -EOPNOTSUPP);
    check_equal(sockeye_listen(lab, A, fd, 1), -EOPNOTSUPP);
    check_equal(sockeye_shutdown(lab, A, fd, SHUT_RD), -EOPNOTSUPP);
    check_equal(sockeye_connect(lab, A, fd, &own, sizeof own), -EOPNOTSUPP);
    length = 4;
    check_equal(sockeye_get_option(lab, A, fd, IPPROTO_IP, IP_TTL, &own, &length), -ENOPROTOOPT);
    check_equal(sockeye_get_option(lab, A, fd, SOL_PACKET, PACKET_FANOUT, &own, &length),
                -ENOPROTOOPT);
    check_equal(sockeye_poll(lab, A, fd), POLLOUT);
    pair_close();
}

static const struct test tests[] = {
    {"it sees what its host receives and sends", it_sees_what_comes_and_goes},
    {"of one protocol it hears what arrives", one_protocol_is_heard_of_what_arrives},
    {"the loopback has a header of zeroes", the_loopback_has_a_header_of_zeroes},
    {"a filter cuts frames, and the whole length is told", filters_cut_and_lengths_are_told},
    {"what has no room is counted until somebody asks", what_has_no_room_is_counted},
    {"a program sends frames of its own, whole or cooked", frames_of_a_program},
    {"frames for others are seen by who asks for them", foreign_stations_are_seen_by_who_asks},
    {"names, and what sockets of frames have not", names_and_what_it_has_not},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
