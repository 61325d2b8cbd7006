/* SPDX-License-Identifier: MIT */
/*
 * What sockets of whole frames (AF_PACKET) answer, on Linux and in a lab (fidelity_packet.sh
 * compares them): rows `state | number question: answer`, and what came with an answer under its
 * number. We are 10.0.0.1 on eth0, the peer 10.0.0.2 has no port open.
 * Stations are shown by name. Of a frame's status those bits are left out that tell of checksums,
 * which the card of one machine makes and that of another does not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

enum {
    EXPERIMENT = 0x88b5, /* IEEE 802, local experiments */
    PORT = 9,
    BYTES = 100, /* of a datagram; its frame has 42 more */
    WAIT_MS = 3000,
    SHOWN = TP_STATUS_USER | TP_STATUS_COPY | TP_STATUS_LOSING | TP_STATUS_VLAN_VALID |
            TP_STATUS_VLAN_TPID_VALID
};

static unsigned char own[6], peer[6];
static int eth;

static char state[80];
static int number;

__attribute__((format(printf, 1, 2))) static void begin(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(state, sizeof state, format, list);
    va_end(list);
    number = 0;
}

static void say(const char *question, long result)
{
    printf("%s | %d %s: ", state, ++number, question);
    if (result < 0)
        printf("%s\n", strerrorname_np(errno));
    else
        printf("%ld\n", result);
}

/* What belongs to the answer before. */
__attribute__((format(printf, 2, 3))) static void tell(const char *what, const char *format, ...)
{
    va_list list;

    printf("%s | %d %s: ", state, number, what);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
}

static int make(int type, int protocol)
{
    return socket(AF_PACKET, type, htons((uint16_t)protocol));
}

static const char *station(const unsigned char *mac, int length)
{
    static const unsigned char all[6] = {255, 255, 255, 255, 255, 255}, none[6];

    if (length == 0)
        return "-";
    if (length != 6)
        return "strange";
    return memcmp(mac, own, 6) == 0    ? "own"
           : memcmp(mac, peer, 6) == 0 ? "peer"
           : memcmp(mac, all, 6) == 0  ? "all"
           : memcmp(mac, none, 6) == 0 ? "none"
                                       : "another";
}

static void say_name(const char *what, const struct sockaddr_ll *n, socklen_t length)
{
    char name[IF_NAMESIZE] = "none";

    if (n->sll_ifindex != 0)
        if_indextoname((unsigned)n->sll_ifindex, name);
    tell(what, "length %d family %d protocol %#x interface %s type %d kind %d station %s",
         (int)length, n->sll_family, ntohs(n->sll_protocol), name, n->sll_hatype, n->sll_pkttype,
         station(n->sll_addr, n->sll_halen));
}

static struct sockaddr_ll name_of(int interface, int protocol)
{
    struct sockaddr_ll n = {.sll_family = AF_PACKET,
                            .sll_protocol = htons((uint16_t)protocol),
                            .sll_ifindex = interface};

    return n;
}

static int bind_to(int fd, int interface, int protocol)
{
    struct sockaddr_ll n = name_of(interface, protocol);

    return bind(fd, (const void *)&n, sizeof n);
}

/* ---- making, naming ---- */

static void ask_types(void)
{
    static const int types[] = {SOCK_RAW, SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET, SOCK_RDM, 77};

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int fd = make(types[i], ETH_P_ALL);

        begin("type %d", types[i]);
        say("made", fd < 0 ? -1 : 0);
        close(fd);
    }
}

static void ask_own_name(const char *what, int fd)
{
    struct sockaddr_ll n;
    socklen_t length = sizeof n;

    memset(&n, 0, sizeof n);
    say(what, getsockname(fd, (void *)&n, &length));
    say_name("own name", &n, length);
}

static void ask_binds(int type)
{
    struct sockaddr_ll n;
    struct sockaddr short_name = {.sa_family = AF_PACKET};
    int fd = make(type, 0), lo = (int)if_nametoindex("lo");

    begin("binding, type %d", type);
    ask_own_name("unbound", fd);
    say("to eth0", bind_to(fd, eth, ETH_P_ARP));
    ask_own_name("bound to eth0", fd);
    say("to lo", bind_to(fd, lo, ETH_P_ALL));
    ask_own_name("bound to lo", fd);
    say("to all interfaces", bind_to(fd, 0, ETH_P_IP));
    ask_own_name("bound to all", fd);
    say("protocol 0 keeps it", bind_to(fd, eth, 0));
    ask_own_name("bound with protocol 0", fd);
    say("to no interface", bind_to(fd, 999, ETH_P_ALL));
    say("to a negative one", bind_to(fd, -1, ETH_P_ALL));
    ask_own_name("after binds in vain", fd);
    n = name_of(eth, ETH_P_ALL);
    say("a short name", bind(fd, (const void *)&n, 19));
    say("shorter", bind(fd, (const void *)&n, 12));
    n.sll_family = AF_INET;
    say("another family", bind(fd, (const void *)&n, sizeof n));
    say("the name of an interface", bind(fd, &short_name, sizeof short_name));
    n = name_of(eth, ETH_P_ALL);
    say("connect", connect(fd, (const void *)&n, sizeof n));
    say("listen", listen(fd, 1));
    say("accept", accept(fd, NULL, NULL));
    say("shutdown", shutdown(fd, SHUT_RD));
    say("its peer", getpeername(fd, (void *)&n, &(socklen_t){sizeof n}));
    say("to a peer", socketpair(AF_PACKET, type, 0, (int[2]){0}));
    close(fd);
}

/* ---- options ---- */

struct option {
    int level, name;
    const char *text;
};

#define OPTION(level, name)                                                                        \
    {                                                                                              \
        level, name, #name                                                                         \
    }
static const struct option options[] = {OPTION(SOL_SOCKET, SO_TYPE),
                                        OPTION(SOL_SOCKET, SO_DOMAIN),
                                        OPTION(SOL_SOCKET, SO_PROTOCOL),
                                        OPTION(SOL_SOCKET, SO_ERROR),
                                        OPTION(SOL_SOCKET, SO_ACCEPTCONN),
                                        OPTION(SOL_SOCKET, SO_BROADCAST),
                                        OPTION(SOL_SOCKET, SO_REUSEADDR),
                                        OPTION(SOL_SOCKET, SO_TIMESTAMP),
                                        OPTION(SOL_SOCKET, SO_TIMESTAMPNS),
                                        OPTION(SOL_SOCKET, SO_LOCK_FILTER),
                                        OPTION(SOL_SOCKET, SO_BPF_EXTENSIONS),
                                        OPTION(SOL_PACKET, PACKET_AUXDATA),
                                        OPTION(SOL_PACKET, PACKET_ORIGDEV),
                                        OPTION(SOL_PACKET, PACKET_VERSION),
                                        OPTION(SOL_PACKET, PACKET_RESERVE),
                                        OPTION(SOL_PACKET, PACKET_LOSS),
                                        OPTION(SOL_PACKET, PACKET_VNET_HDR),
                                        OPTION(SOL_PACKET, PACKET_TIMESTAMP),
                                        OPTION(SOL_PACKET, PACKET_COPY_THRESH),
                                        OPTION(SOL_PACKET, PACKET_QDISC_BYPASS),
                                        OPTION(SOL_PACKET, PACKET_IGNORE_OUTGOING),
                                        OPTION(SOL_PACKET, PACKET_FANOUT),
                                        OPTION(SOL_PACKET, PACKET_STATISTICS),
                                        OPTION(SOL_PACKET, 77),
                                        OPTION(IPPROTO_IP, 1)};

static void ask_option(int fd, const struct option *o)
{
    char question[80];
    struct tpacket_stats_v3 value = {0};
    socklen_t length = sizeof value;

    snprintf(question, sizeof question, "get %s", o->text);
    say(question, getsockopt(fd, o->level, o->name, &value, &length) < 0 ? -1 : (long)length);
    if (length == 4)
        tell("value", "%d", (int)value.tp_packets);
    else
        tell("value", "none");
    length = 1;
    snprintf(question, sizeof question, "get a byte of %s", o->text);
    say(question, getsockopt(fd, o->level, o->name, &value, &length) < 0 ? -1 : (long)length);
}

static void set_option(const struct option *o)
{
    static const int values[] = {1, 0, -1, 4096};
    char question[80];

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int fd = make(SOCK_RAW, 0);

        snprintf(question, sizeof question, "set %s to %d", o->text, values[i]);
        say(question, setsockopt(fd, o->level, o->name, &values[i], sizeof values[i]));
        snprintf(question, sizeof question, "set it with two bytes");
        say(question, setsockopt(fd, o->level, o->name, &values[i], 2));
        close(fd);
    }
}

static void ask_options(void)
{
    int fd = make(SOCK_RAW, ETH_P_ARP);

    begin("options asked for");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        ask_option(fd, &options[i]);
    close(fd);
    begin("options set");
    for (size_t i = 5; i < sizeof options / sizeof *options; i++)
        if (options[i].name != PACKET_FANOUT || options[i].level != SOL_PACKET)
            set_option(&options[i]);
    for (int version = 0; version < 5; version++) {
        int value = version;
        socklen_t length = sizeof value;

        fd = make(SOCK_RAW, 0);
        begin("version %d", version);
        say("set", setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version));
        say("header", getsockopt(fd, SOL_PACKET, PACKET_HDRLEN, &value, &length) < 0 ? -1 : value);
        close(fd);
    }
}

static void ask_member(int fd, const char *question, int call, int kind, int interface, int bytes)
{
    struct packet_mreq m = {.mr_ifindex = interface,
                            .mr_type = (unsigned short)kind,
                            .mr_alen = (unsigned short)bytes,
                            .mr_address = {1, 0, 0x5e, 1, 2, 3}};

    say(question, setsockopt(fd, SOL_PACKET, call, &m, sizeof m));
}

static void ask_members(void)
{
    int fd = make(SOCK_RAW, ETH_P_ALL);

    for (int kind = 0; kind < 6; kind++) {
        begin("membership of kind %d", kind);
        ask_member(fd, "add", PACKET_ADD_MEMBERSHIP, kind, eth, 6);
        ask_member(fd, "add again", PACKET_ADD_MEMBERSHIP, kind, eth, 6);
        ask_member(fd, "drop", PACKET_DROP_MEMBERSHIP, kind, eth, 6);
        ask_member(fd, "drop again", PACKET_DROP_MEMBERSHIP, kind, eth, 6);
        ask_member(fd, "drop a third time", PACKET_DROP_MEMBERSHIP, kind, eth, 6);
        ask_member(fd, "add at no interface", PACKET_ADD_MEMBERSHIP, kind, 999, 6);
        ask_member(fd, "add with an address of 7 bytes", PACKET_ADD_MEMBERSHIP, kind, eth, 7);
        ask_member(fd, "add with one of 40", PACKET_ADD_MEMBERSHIP, kind, eth, 40);
    }
    begin("membership");
    say("a short one", setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &eth, sizeof eth));
    close(fd);
}

/* ---- filters ---- */

static int attach(int fd, const struct sock_filter *code, unsigned short count)
{
    struct sock_fprog program = {.len = count};

    memcpy(&program.filter, &code, sizeof code); /* the kernel's struct lacks a const */
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* Takes `bytes` of what is UDP between us; counts from the network's header. */
static int hear_udp(int fd, unsigned bytes)
{
    const struct sock_filter code[] = {
        {BPF_LD | BPF_H | BPF_ABS, 0, 0, (unsigned)(SKF_AD_OFF + SKF_AD_PROTOCOL)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, ETH_P_IP},
        {BPF_LD | BPF_B | BPF_ABS, 0, 0, (unsigned)(SKF_NET_OFF + 9)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, IPPROTO_UDP},
        {BPF_RET | BPF_K, 0, 0, bytes},
        {BPF_RET | BPF_K, 0, 0, 0}};

    return attach(fd, code, sizeof code / sizeof *code);
}

static void ask_filters(void)
{
    const struct sock_filter none[] = {{BPF_LD | BPF_IMM, 0, 0, 1}},
                             far[] = {{BPF_JMP | BPF_JA, 0, 0, 5}, {BPF_RET | BPF_K, 0, 0, 0}},
                             zero[] = {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0},
                                       {BPF_RET | BPF_K, 0, 0, 0}};
    int fd = make(SOCK_RAW, 0), one = 1, nothing = 0;

    begin("filters");
    say("SO_ATTACH_BPF of no program", setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof fd));
    say("detach none", setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof nothing));
    say("no instruction", attach(fd, none, 0));
    say("without a return", attach(fd, none, 1));
    say("a jump too far", attach(fd, far, 2));
    say("a division by 0", attach(fd, zero, 2));
    say("without a program", attach(fd, NULL, 1));
    say("a good one", hear_udp(fd, 60));
    say("another", hear_udp(fd, 61));
    say("lock", setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof one));
    say("unlock", setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &nothing, sizeof nothing));
    say("attach behind a lock", hear_udp(fd, 62));
    say("detach behind one", setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, 4));
    close(fd);
}

/* ---- sending ---- */

static void ask_send(int fd, const char *question, int interface, int protocol, size_t bytes,
                     socklen_t name_bytes)
{
    static unsigned char frame[3000];
    struct sockaddr_ll n = name_of(interface, protocol);

    memset(frame, 255, 6);
    memcpy(frame + 6, own, 6);
    frame[12] = EXPERIMENT >> 8;
    frame[13] = EXPERIMENT & 0xff;
    n.sll_halen = 6;
    memset(n.sll_addr, 255, 6);
    say(question, sendto(fd, frame, bytes, 0, name_bytes ? (const void *)&n : NULL, name_bytes));
}

static void ask_sends(int type)
{
    int fd = make(type, 0), whole = sizeof(struct sockaddr_ll);

    begin("sending, type %d", type);
    ask_send(fd, "a frame of 60", eth, EXPERIMENT, 60, (socklen_t)whole);
    ask_send(fd, "without an interface", 0, EXPERIMENT, 60, (socklen_t)whole);
    ask_send(fd, "by no interface", 999, EXPERIMENT, 60, (socklen_t)whole);
    ask_send(fd, "with a short name", eth, EXPERIMENT, 60, 16);
    ask_send(fd, "0 bytes", eth, EXPERIMENT, 0, (socklen_t)whole);
    ask_send(fd, "1 byte", eth, EXPERIMENT, 1, (socklen_t)whole);
    ask_send(fd, "13 bytes", eth, EXPERIMENT, 13, (socklen_t)whole);
    ask_send(fd, "14 bytes", eth, EXPERIMENT, 14, (socklen_t)whole);
    ask_send(fd, "1500 bytes", eth, EXPERIMENT, 1500, (socklen_t)whole);
    ask_send(fd, "1501 bytes", eth, EXPERIMENT, 1501, (socklen_t)whole);
    ask_send(fd, "1514 bytes", eth, EXPERIMENT, 1514, (socklen_t)whole);
    ask_send(fd, "1515 bytes", eth, EXPERIMENT, 1515, (socklen_t)whole);
    ask_send(fd, "to lo", (int)if_nametoindex("lo"), EXPERIMENT, 60, (socklen_t)whole);
    say("bind", bind_to(fd, eth, EXPERIMENT));
    ask_send(fd, "to lo, bound to eth0", (int)if_nametoindex("lo"), EXPERIMENT, 60,
             (socklen_t)whole);
    close(fd);
}

/* ---- hearing ---- */

static void send_udp(void)
{
    static const char bytes[BYTES];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    inet_pton(AF_INET, "10.0.0.2", &to.sin_addr);
    sendto(fd, bytes, sizeof bytes, 0, (const void *)&to, sizeof to);
    close(fd);
}

static void wait_for(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI};

    for (int i = 0; i < WAIT_MS / 10; i++) {
        if (poll(&p, 1, 0) == 1 && (p.revents & POLLIN))
            break;
        usleep(10000);
    }
    tell("poll", "%#x", (unsigned)p.revents);
}

static void say_control(struct msghdr *m)
{
    struct tpacket_auxdata a;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
            memcpy(&a, CMSG_DATA(c), sizeof a);
            tell("auxdata", "status %#x length %u snapped %u mac %u network %u vlan %u %#x",
                 a.tp_status & SHOWN, a.tp_len, a.tp_snaplen, a.tp_mac, a.tp_net, a.tp_vlan_tci,
                 a.tp_vlan_tpid);
        } else {
            tell("control", "level %d type %d of %zu bytes", c->cmsg_level, c->cmsg_type,
                 c->cmsg_len);
        }
}

static void hear(int fd, const char *question, size_t room, int flags)
{
    static unsigned char frame[3000];
    static char control[256];
    struct sockaddr_ll n;
    struct iovec part = {frame, room};
    struct msghdr m = {.msg_name = &n,
                       .msg_namelen = sizeof n,
                       .msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t bytes;

    memset(&n, 0, sizeof n);
    bytes = recvmsg(fd, &m, flags | MSG_DONTWAIT);
    say(question, bytes);
    if (bytes < 0)
        return;
    tell("flags", "%#x", (unsigned)m.msg_flags);
    say_name("from", &n, m.msg_namelen);
    say_control(&m);
}

static void say_statistics(int fd)
{
    struct tpacket_stats_v3 s = {0};
    socklen_t length = sizeof s;

    say("statistics",
        getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &s, &length) < 0 ? -1 : (long)length);
    tell("counts", "packets %u drops %u", s.tp_packets, s.tp_drops);
}

static void ask_hearing(int type)
{
    int fd = make(type, 0), one = 1, count = 0;

    begin("hearing, type %d", type);
    say("filter", hear_udp(fd, 60));
    say("auxdata", setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one));
    say("bind", bind_to(fd, eth, ETH_P_ALL));
    hear(fd, "nothing", 2000, 0);
    for (int i = 0; i < 4; i++)
        send_udp();
    wait_for(fd);
    usleep(100000);
    say("SIOCINQ", ioctl(fd, SIOCINQ, &count));
    tell("value", "%d", count);
    say("SIOCOUTQ", ioctl(fd, SIOCOUTQ, &count));
    hear(fd, "peek", 2000, MSG_PEEK);
    hear(fd, "whole", 2000, 0);
    hear(fd, "with room for 20", 20, 0);
    hear(fd, "with room for 20 and MSG_TRUNC", 20, MSG_TRUNC);
    hear(fd, "with room for none", 0, 0);
    hear(fd, "nothing more", 2000, 0);
    say_statistics(fd);
    say_statistics(fd);
    say("an error queue", recv(fd, &count, 1, MSG_ERRQUEUE | MSG_DONTWAIT));
    say("out of band", recv(fd, &count, 1, MSG_OOB | MSG_DONTWAIT));
    say("ignore what is sent",
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one));
    send_udp();
    usleep(100000);
    hear(fd, "then nothing", 2000, 0);
    close(fd);
    fd = make(type, ETH_P_IP);
    say("filter", hear_udp(fd, 60));
    send_udp();
    usleep(100000);
    hear(fd, "of one protocol not what is sent", 2000, 0);
    close(fd);
}

static void ask_lo(int type)
{
    static const char bytes[BYTES];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = make(type, ETH_P_ALL), udp = socket(AF_INET, SOCK_DGRAM, 0), one = 1;

    begin("hearing lo, type %d", type);
    hear_udp(fd, 2000);
    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof one);
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    sendto(udp, bytes, sizeof bytes, 0, (const void *)&to, sizeof to);
    wait_for(fd);
    usleep(100000);
    hear(fd, "sent", 2000, 0);
    hear(fd, "heard", 2000, 0);
    hear(fd, "no third", 2000, 0);
    close(udp);
    close(fd);
}

/* ---- rings ---- */

static int ask_ring(int fd, const char *question, int name, unsigned block, unsigned blocks,
                    unsigned frame, unsigned frames)
{
    struct tpacket_req3 r = {.tp_block_size = block,
                             .tp_block_nr = blocks,
                             .tp_frame_size = frame,
                             .tp_frame_nr = frames,
                             .tp_retire_blk_tov = 10};
    int result = setsockopt(fd, SOL_PACKET, name, &r, sizeof r);

    say(question, result);
    return result;
}

static void ask_requests(int version)
{
    int fd = make(SOCK_RAW, 0);

    begin("rings of version %d", version);
    say("version", setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version));
    ask_ring(fd, "none to take away", PACKET_RX_RING, 0, 0, 0, 0);
    ask_ring(fd, "frames without blocks", PACKET_RX_RING, 0, 0, 0, 4);
    ask_ring(fd, "a block that is no page", PACKET_RX_RING, 1000, 4, 500, 8);
    ask_ring(fd, "a frame too small", PACKET_RX_RING, 4096, 4, 32, 512);
    ask_ring(fd, "a frame not of 16 bytes", PACKET_RX_RING, 4096, 4, 2040, 8);
    ask_ring(fd, "a frame larger than a block", PACKET_RX_RING, 4096, 4, 8192, 2);
    ask_ring(fd, "another count", PACKET_RX_RING, 4096, 4, 2048, 9);
    ask_ring(fd, "a good one", PACKET_RX_RING, 4096, 4, 2048, 8);
    ask_ring(fd, "a second", PACKET_RX_RING, 4096, 4, 2048, 8);
    say("version behind it", setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version));
    say_statistics(fd);
    ask_ring(fd, "taken away", PACKET_RX_RING, 0, 0, 0, 0);
    close(fd);
    fd = make(SOCK_RAW, 0);
    setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version);
    ask_ring(fd, "a ring to send", PACKET_TX_RING, 4096, 4, 2048, 8);
    close(fd);
}

static void say_frame(const char *what, unsigned status, unsigned length, unsigned snapped,
                      unsigned mac, unsigned network)
{
    tell(what, "status %#x length %u snapped %u mac %u network %u", status & SHOWN, length, snapped,
         mac, network);
}

/* The kernel's TPACKET_ALIGN is no unsigned number. */
static size_t aligned(size_t n)
{
    return (n + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;
}

/* In the slots of a ring of version 2, or the block of one of version 3. */
static void say_ring(int version, const unsigned char *at)
{
    struct tpacket_hdr one;
    struct tpacket2_hdr two;
    struct tpacket3_hdr three;
    struct tpacket_block_desc block;
    struct sockaddr_ll n;

    if (version == TPACKET_V1) {
        memcpy(&one, at, sizeof one);
        say_frame("slot", (unsigned)one.tp_status, one.tp_len, one.tp_snaplen, one.tp_mac,
                  one.tp_net);
        memcpy(&n, at + aligned(sizeof one), sizeof n);
        say_name("from", &n, sizeof n);
        return;
    }
    if (version == TPACKET_V2) {
        memcpy(&two, at, sizeof two);
        say_frame("slot", two.tp_status, two.tp_len, two.tp_snaplen, two.tp_mac, two.tp_net);
        memcpy(&n, at + aligned(sizeof two), sizeof n);
        say_name("from", &n, sizeof n);
        return;
    }
    memcpy(&block, at, sizeof block);
    tell("block", "version %u packets %u first %u number %llu", block.version,
         block.hdr.bh1.num_pkts, block.hdr.bh1.offset_to_first_pkt,
         (unsigned long long)block.hdr.bh1.seq_num);
    memcpy(&three, at + block.hdr.bh1.offset_to_first_pkt, sizeof three);
    say_frame("frame", three.tp_status, three.tp_len, three.tp_snaplen, three.tp_mac, three.tp_net);
    memcpy(&n, at + block.hdr.bh1.offset_to_first_pkt + aligned(sizeof three), sizeof n);
    say_name("from", &n, sizeof n);
}

static void ask_mapped(int version, int type)
{
    int fd = make(type, 0), word = version == TPACKET_V3 ? 8 : 0, status = 0;
    unsigned char *ring;

    begin("a mapped ring of version %d, type %d", version, type);
    setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version);
    hear_udp(fd, 60);
    if (ask_ring(fd, "ring", PACKET_RX_RING, 4096, 4, 2048, 8) == 0) {
        ring = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
        say("mapped from its second page", ring == MAP_FAILED ? -1 : 0);
        ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        say("mapped in part", ring == MAP_FAILED ? -1 : 0);
        ring = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        say("mapped", ring == MAP_FAILED ? -1 : 0);
        say("bind", bind_to(fd, eth, ETH_P_ALL));
        send_udp();
        for (int i = 0; i < WAIT_MS / 10 && !(status & TP_STATUS_USER); i++) {
            usleep(10000);
            memcpy(&status, ring + word, sizeof status);
        }
        wait_for(fd);
        say_ring(version, ring);
        hear(fd, "by a receive call", 2000, 0);
        say_statistics(fd);
        ask_ring(fd, "taken away while it is mapped", PACKET_RX_RING, 0, 0, 0, 0);
        munmap(ring, 4 * 4096);
        ask_ring(fd, "taken away", PACKET_RX_RING, 0, 0, 0, 0);
    }
    close(fd);
}

static void find_stations(void)
{
    struct sockaddr_ll n;
    socklen_t length = sizeof n;
    unsigned char frame[100];
    int fd = make(SOCK_DGRAM, 0);

    eth = (int)if_nametoindex("eth0");
    bind_to(fd, eth, ETH_P_IP);
    getsockname(fd, (void *)&n, &length);
    memcpy(own, n.sll_addr, 6);
    send_udp(); /* its ICMP error comes from the peer */
    length = sizeof n;
    if (poll(&(struct pollfd){fd, POLLIN, 0}, 1, WAIT_MS) == 1 &&
        recvfrom(fd, frame, sizeof frame, 0, (void *)&n, &length) > 0)
        memcpy(peer, n.sll_addr, 6);
    close(fd);
}

int main(int argc, char **argv)
{
    static const int types[] = {SOCK_RAW, SOCK_DGRAM};

    if (argc == 2 && freopen(argv[1], "w", stdout) == NULL)
        return 1;
    find_stations();
    ask_types();
    ask_options();
    ask_members();
    ask_filters();
    for (int i = 0; i < 2; i++) {
        ask_binds(types[i]);
        ask_sends(types[i]);
        ask_hearing(types[i]);
        ask_lo(types[i]);
    }
    for (int version = TPACKET_V1; version <= TPACKET_V3; version++)
        ask_requests(version);
    for (int i = 0; i < 2; i++) {
        ask_mapped(TPACKET_V1, types[i]);
        ask_mapped(TPACKET_V2, types[i]);
        ask_mapped(TPACKET_V3, types[i]);
    }
    printf("end\n");
    return 0;
}
