/* SPDX-License-Identifier: MIT */
/* Sending and receiving: flags, addresses, control messages of every length (P-21). */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "check.h"
#include "fake_host.h"

static int open_one(int type)
{
    fake_host_begin();
    return call_socket(&fake_host, AF_INET, type, 0, 0);
}

static struct sockaddr_in address_of(int family, uint32_t ip4, unsigned port)
{
    struct sockaddr_in a;

    memset(&a, 0, sizeof a);
    a.sin_family = (sa_family_t)family;
    a.sin_port = htons((uint16_t)port);
    a.sin_addr.s_addr = htonl(ip4);
    return a;
}

static void set(int level, int name, int value)
{
    check_equal(call_set_option(&fake_host, 3, level, name, &value, sizeof value, 0), 0);
}

static ssize_t send_with(void *address, uint32_t address_length, void *control,
                         size_t control_length, int flags)
{
    static char bytes[] = "hello";
    struct call_message m = {.bytes = bytes,
                             .length = 5,
                             .address = address,
                             .address_length = address_length,
                             .control = control,
                             .control_length = control_length};

    return call_send_message(&fake_host, 3, &m, flags, 0);
}

static void flags_to_send(void)
{
    static const struct {
        int type, flags;
        ssize_t result;
        unsigned passed;
    } rows[] = {
        {SOCK_STREAM, 0, 5, 0},
        {SOCK_STREAM, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR | MSG_CONFIRM | MSG_ZEROCOPY, 5, 0},
        {SOCK_STREAM, MSG_MORE, 5, TRANSPORT_MORE},
        {SOCK_STREAM, MSG_OOB, 5, TRANSPORT_OUT_OF_BAND},
        {SOCK_STREAM, MSG_DONTROUTE, 5, 0},
        {SOCK_STREAM, MSG_FASTOPEN, -EOPNOTSUPP, 0},
        {SOCK_DGRAM, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CONFIRM, 5, 0},
        {SOCK_DGRAM, MSG_OOB, -EOPNOTSUPP, 0},
        {SOCK_DGRAM, MSG_MORE, -EOPNOTSUPP, 0},
        {SOCK_DGRAM, MSG_DONTROUTE, -EOPNOTSUPP, 0},
        {SOCK_DGRAM, 0x10, -EOPNOTSUPP, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        open_one(rows[i].type);
        check_equal(send_with(NULL, 0, NULL, 0, rows[i].flags), rows[i].result);
        check_equal(fake_at(3)->sent_flags, rows[i].passed);
        check_equal(call_send(&fake_host, 3, "hello", 5, rows[i].flags, 0), rows[i].result);
        check_equal(fake_at(3)->sent_flags, rows[i].passed);
    }
}

static void flags_to_receive(void)
{
    static const struct {
        int type, flags;
        ssize_t result;
        unsigned passed;
        uint32_t told;
    } rows[] = {
        {SOCK_STREAM, 0, 5, 0, 0},
        {SOCK_STREAM, MSG_PEEK, 5, TRANSPORT_PEEK, 0},
        {SOCK_STREAM, MSG_TRUNC, 5, TRANSPORT_DISCARD, 0},
        {SOCK_STREAM, MSG_OOB, 5, TRANSPORT_OUT_OF_BAND, 0},
        {SOCK_STREAM, MSG_WAITALL | MSG_DONTWAIT | MSG_CMSG_CLOEXEC, 5, 0, 0},
        {SOCK_STREAM, MSG_ERRQUEUE, -EAGAIN, 0, 0}, /* a stream has none */
        {SOCK_DGRAM, 0, 5, 0, MSG_TRUNC},
        {SOCK_DGRAM, MSG_TRUNC, 9, 0, MSG_TRUNC},
        {SOCK_DGRAM, MSG_TRUNC | MSG_PEEK, 9, TRANSPORT_PEEK, MSG_TRUNC},
        {SOCK_DGRAM, MSG_OOB, 5, 0, MSG_TRUNC},
        {SOCK_DGRAM, MSG_ERRQUEUE, 5, TRANSPORT_ERRORS, MSG_ERRQUEUE | MSG_TRUNC | MSG_CTRUNC},
        {SOCK_DGRAM, MSG_ERRQUEUE | MSG_TRUNC, 5, TRANSPORT_ERRORS,
         MSG_ERRQUEUE | MSG_TRUNC | MSG_CTRUNC},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char bytes[5];
        struct call_message m = {.bytes = bytes, .length = sizeof bytes};

        open_one(rows[i].type);
        fake.datagram.true_length = 9;
        check_equal(call_receive_message(&fake_host, 3, &m, rows[i].flags, 0), rows[i].result);
        check_equal(m.flags, rows[i].told);
        check_equal(fake_at(3)->received_flags, rows[i].passed);
        check_equal(call_receive(&fake_host, 3, bytes, 5, rows[i].flags, 0), rows[i].result);
    }
}

static void buffers(void)
{
    open_one(SOCK_STREAM);
    fake.datagram.true_length = 9;
    check_equal(call_send(&fake_host, 3, NULL, 1, 0, 0), -EFAULT);
    check_equal(call_send(&fake_host, 3, NULL, 0, 0, 0), 0);
    check_equal(call_receive(&fake_host, 3, NULL, 1, 0, 0), -EFAULT);
    check_equal(call_receive(&fake_host, 3, NULL, 7, MSG_TRUNC, 0), 7);
    open_one(SOCK_DGRAM);
    check_equal(call_receive(&fake_host, 3, NULL, 7, MSG_TRUNC, 0), -EFAULT);
    check_equal(call_send(&fake_host, 3, fake.bytes, 65536, 0, 0), -EMSGSIZE);
    check_equal(call_send(&fake_host, 3, fake.bytes, 65535, 0, 0), 65535); /* below decides */
    fake.receive_result = -EAGAIN;
    check_equal(call_receive(&fake_host, 3, fake.bytes, 7, 0, 0), -EAGAIN);
    fake.send_result = -ECONNREFUSED;
    check_equal(call_send(&fake_host, 3, fake.bytes, 7, 0, 0), -ECONNREFUSED);
}

static void urgent_data_is_told(void)
{
    char bytes[1];
    struct call_message m = {.bytes = bytes, .length = 1};

    open_one(SOCK_STREAM);
    fake.datagram.true_length = 1;
    fake.datagram.urgent = true;
    check_equal(call_receive_message(&fake_host, 3, &m, MSG_OOB, 0), 1);
    check_equal(m.flags, MSG_OOB);
}

static void addresses_to_send(void)
{
    struct sockaddr_in a = address_of(AF_INET, 0x0a000001, 53);

    open_one(SOCK_DGRAM);
    check_equal(send_with(&a, 16, NULL, 0, 0), 5);
    check_equal(fake_at(3)->sent.remote.endpoint.port, 53);
    check_equal(send_with(&a, 15, NULL, 0, 0), -EINVAL);
    check_equal(send_with(&a, 129, NULL, 0, 0), -EINVAL);
    check_equal(send_with(&a, 0, NULL, 0, 0), 5);
    check_equal(fake_at(3)->sent.remote.family, NAME_NONE);
    a.sin_family = AF_INET6;
    check_equal(send_with(&a, 16, NULL, 0, 0), -EAFNOSUPPORT);
    a.sin_family = AF_UNSPEC; /* Linux takes it for AF_INET here */
    check_equal(send_with(&a, 16, NULL, 0, 0), 5);
    a = address_of(AF_INET, 0x0a000001, 0);
    check_equal(send_with(&a, 16, NULL, 0, 0), -EINVAL);
    a = address_of(AF_INET, INADDR_ANY, 53);
    check_equal(send_with(&a, 16, NULL, 0, 0), 5);
    check(
        address_equal(fake_at(3)->sent.remote.endpoint.address, address_from_ip4(INADDR_LOOPBACK)));
    open_one(SOCK_STREAM);
    a.sin_family = AF_INET6; /* a stream has its peer */
    check_equal(send_with(&a, 16, NULL, 0, 0), 5);
    check_equal(fake_at(3)->sent.remote.family, NAME_NONE);
    check_equal(send_with(&a, 129, NULL, 0, 0), -EINVAL);
}

static void pings_have_no_port(void)
{
    struct sockaddr_in a = address_of(AF_INET, 0x0a000001, 0);
    char bytes[5];

    fake_host_begin();
    check_equal(call_socket(&fake_host, AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 0), 3);
    check_equal(send_with(&a, 16, NULL, 0, 0), 5);
    check_equal(fake_at(3)->sent.remote.family, NAME_INTERNET);
    check(address_equal(fake_at(3)->sent.remote.endpoint.address, address_from_ip4(0x0a000001)));
    a.sin_family = AF_UNSPEC; /* Linux's UDP takes it, ping does not */
    check_equal(send_with(&a, 16, NULL, 0, 0), -EAFNOSUPPORT);
    fake.datagram.true_length = 9;
    check_equal(call_receive(&fake_host, 3, bytes, 5, MSG_TRUNC, 0), 5);
    check_equal(call_receive(&fake_host, 3, bytes, 5, MSG_OOB, 0), -EOPNOTSUPP);
}

static void addresses_received(void)
{
    struct sockaddr_in a;
    char bytes[5];
    struct call_message m = {.bytes = bytes, .length = 5, .address = &a, .address_length = 7};

    open_one(SOCK_DGRAM);
    fake.datagram.true_length = 3;
    fake.datagram.remote.family = NAME_INTERNET;
    fake.datagram.remote.endpoint.address = address_from_ip4(0x0a000005);
    fake.datagram.remote.endpoint.port = 1053;
    memset(&a, 0xee, sizeof a);
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 3);
    check_equal(m.address_length, 16);
    check_equal(m.flags, 0);
    check(a.sin_port == htons(1053) && ((uint8_t *)&a)[7] == 0xee);
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 3);
    check(a.sin_addr.s_addr == htonl(0x0a000005));
    m.address_length = UINT32_MAX;
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), -EINVAL);
    open_one(SOCK_STREAM);
    m.address_length = 16;
    fake.datagram.true_length = 3;
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 3);
    check_equal(m.address_length, 0);
}

/* One control message of a level, type and data, with a length of its own. */
static size_t build(uint8_t *at, size_t length, int level, int type, const void *data, size_t size)
{
    struct cmsghdr header;

    memset(&header, 0, sizeof header);
    header.cmsg_len = length;
    header.cmsg_level = level;
    header.cmsg_type = type;
    memcpy(at, &header, sizeof header);
    memcpy(at + sizeof header, data, size);
    return CMSG_SPACE(size);
}

static void control_to_send(void)
{
    _Alignas(8) uint8_t bytes[256] = {0};
    struct in_pktinfo info = {.ipi_ifindex = 2, .ipi_spec_dst.s_addr = htonl(0x0a000009)};
    int ttl = 9, tos = 0x20;
    size_t used = 0;

    open_one(SOCK_DGRAM);
    used += build(bytes, CMSG_LEN(sizeof info), IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    used += build(bytes + used, CMSG_LEN(4), IPPROTO_IP, IP_TTL, &ttl, 4);
    used += build(bytes + used, CMSG_LEN(4), IPPROTO_IP, IP_TOS, &tos, 4);
    check_equal(send_with(NULL, 0, bytes, used, 0), 5);
    check_equal(fake_at(3)->sent.local.interface, 1);
    check(address_equal(fake_at(3)->sent.local.address, address_from_ip4(0x0a000009)));
    check_equal(fake_at(3)->sent.hop_limit, 9);
    check(fake_at(3)->sent.has_traffic_class);
    check_equal(fake_at(3)->sent.traffic_class, 0x20);
    /* the last without its padding, and misaligned as a whole */
    used = build(bytes + 1, CMSG_LEN(1), IPPROTO_IP, IP_TOS, &tos, 1);
    check_equal(used, 24);
    check_equal(send_with(NULL, 0, bytes + 1, 17, 0), 5);
    check_equal(send_with(NULL, 0, bytes + 1, 16, 0), -EINVAL);
    check_equal(send_with(NULL, 0, bytes + 1, 15, 0), 5); /* not even a header: nothing */
}

static void bad_control(void)
{
    static const struct {
        int level, type, value;
        size_t size;
        ssize_t result;
    } rows[] = {
        {IPPROTO_IP, IP_TTL, 0, 4, -EINVAL},   {IPPROTO_IP, IP_TTL, 256, 4, -EINVAL},
        {IPPROTO_IP, IP_TTL, 5, 1, -EINVAL},   {IPPROTO_IP, IP_TTL, 255, 4, 5},
        {IPPROTO_IP, IP_TOS, 256, 4, -EINVAL}, {IPPROTO_IP, IP_TOS, -1, 4, -EINVAL},
        {IPPROTO_IP, IP_TOS, 5, 2, -EINVAL},   {IPPROTO_IP, IP_PKTINFO, 0, 4, -EINVAL},
        {IPPROTO_IP, 99, 0, 4, -EINVAL},       {SOL_SOCKET, 99, 0, 4, -EINVAL},
        {SOL_SOCKET, SCM_RIGHTS, 0, 4, 5},     {41, 1, 0, 4, 5},
    };
    _Alignas(8) uint8_t bytes[64];
    struct in_pktinfo info = {.ipi_ifindex = 3};

    open_one(SOCK_DGRAM);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memset(bytes, 0, sizeof bytes);
        build(bytes, CMSG_LEN(rows[i].size), rows[i].level, rows[i].type, &rows[i].value, 4);
        check_equal(send_with(NULL, 0, bytes, CMSG_SPACE(rows[i].size), 0), rows[i].result);
    }
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    check_equal(send_with(NULL, 0, bytes, CMSG_SPACE(sizeof info), 0), -ENODEV);
    info.ipi_ifindex = -1;
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    check_equal(send_with(NULL, 0, bytes, CMSG_SPACE(sizeof info), 0), -ENODEV);
    check_equal(send_with(NULL, 0, bytes, fake_host.settings.optmem_max + 1, 0), -ENOBUFS);
}

/* RFC 3542 6: of an AF_INET6 socket, to an address of IPv6 and to a mapped one. */
static void control_of_ipv6(void)
{
    static const struct {
        int level, type, value;
        size_t size;
        ssize_t six, mapped;
    } rows[] = {
        {IPPROTO_IPV6, IPV6_HOPLIMIT, 9, 4, 5, 5}, /* to IPv4 nobody looks at it */
        {IPPROTO_IPV6, IPV6_HOPLIMIT, -1, 4, 5, 5},
        {IPPROTO_IPV6, IPV6_HOPLIMIT, 256, 4, -EINVAL, 5},
        {IPPROTO_IPV6, IPV6_HOPLIMIT, 9, 1, -EINVAL, 5},
        {IPPROTO_IPV6, IPV6_TCLASS, 255, 4, 5, 5},
        {IPPROTO_IPV6, IPV6_TCLASS, -2, 4, -EINVAL, 5},
        {IPPROTO_IPV6, IPV6_TCLASS, 1, 1, -EINVAL, 5},
        {IPPROTO_IPV6, IPV6_DONTFRAG, 1, 4, 5, 5},
        {IPPROTO_IPV6, IPV6_DONTFRAG, 2, 4, -EINVAL, 5},
        {IPPROTO_IPV6, IPV6_PKTINFO, 0, 4, -EINVAL, -EINVAL},
        {IPPROTO_IPV6, 99, 0, 4, -EINVAL, 5},
        {IPPROTO_IP, IP_TTL, 9, 4, 5, 5},
        {IPPROTO_IP, IP_TTL, 0, 4, 5, -EINVAL},
        {IPPROTO_IP, 99, 0, 4, 5, -EINVAL},
    };
    _Alignas(8) uint8_t bytes[64];
    uint8_t six[28] = {AF_INET6, 0, 0, 53, [8] = 0xfd, [23] = 1};
    uint8_t mapped[28] = {AF_INET6, 0, 0, 53, [18] = 0xff, [19] = 0xff, [20] = 10};

    fake_host_begin();
    check_equal(call_socket(&fake_host, AF_INET6, SOCK_DGRAM, 0, 0), 3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        memset(bytes, 0, sizeof bytes);
        build(bytes, CMSG_LEN(rows[i].size), rows[i].level, rows[i].type, &rows[i].value, 4);
        check_equal(send_with(six, 28, bytes, CMSG_SPACE(rows[i].size), 0), rows[i].six);
        check_equal(send_with(mapped, 28, bytes, CMSG_SPACE(rows[i].size), 0), rows[i].mapped);
    }
}

/* RFC 3542 6.1: the source of a datagram; to IPv4 it is a mapped address. */
static void packet_information_of_ipv6(void)
{
    uint8_t six[28] = {AF_INET6, 0, 0, 53, [8] = 0xfd, [23] = 1};
    uint8_t mapped[28] = {AF_INET6, 0, 0, 53, [18] = 0xff, [19] = 0xff, [20] = 10};
    const uint8_t of_link[20] = {0xfe, 0x80, [15] = 9};
    uint8_t info[20] = {0xfd, [15] = 9, 2};
    _Alignas(8) uint8_t bytes[64] = {0};
    size_t space = CMSG_SPACE(sizeof info);

    fake_host_begin();
    check_equal(call_socket(&fake_host, AF_INET6, SOCK_DGRAM, 0, 0), 3);
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO, info, sizeof info);
    check_equal(send_with(six, 28, bytes, space, 0), 5);
    check_equal(fake_at(3)->sent.local.interface, 1);
    check(fake_at(3)->sent.local.address.high == UINT64_C(0xfd) << 56 &&
          fake_at(3)->sent.local.address.low == 9);
    check_equal(send_with(mapped, 28, bytes, space, 0), -EINVAL);
    info[16] = 3; /* no such interface */
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO, info, sizeof info);
    check_equal(send_with(six, 28, bytes, space, 0), -ENODEV);
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO, of_link, sizeof info);
    check_equal(send_with(six, 28, bytes, space, 0), -EINVAL);
    memset(info, 0, sizeof info);
    memcpy(info, mapped + 8, 16);
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO, info, sizeof info);
    check_equal(send_with(mapped, 28, bytes, space, 0), 5);
    check(address_equal(fake_at(3)->sent.local.address, address_from_ip4(0x0a000000)));
    /* what an earlier message named is no interface of a later one that names nobody */
    check_equal(call_connect(&fake_host, 3, six, 28, 0), 0);
    six[8] = 0xfe, six[9] = 0x80, six[24] = 2;
    build(bytes, CMSG_LEN(sizeof info), IPPROTO_IPV6, IPV6_PKTINFO, of_link, sizeof info);
    check_equal(send_with(six, 28, bytes, space, 0), 5);
    check_equal(send_with(NULL, 0, bytes, space, 0), -EINVAL);
}

/* P-21: any cmsg_len, in a block of memory that ends where the control bytes end. */
static void any_length_of_control(void)
{
    static const size_t lengths[] = {0,
                                     1,
                                     15,
                                     16,
                                     17,
                                     20,
                                     24,
                                     63,
                                     64,
                                     65,
                                     INT32_MAX,
                                     UINT32_MAX,
                                     SIZE_MAX,
                                     SIZE_MAX - 1,
                                     SIZE_MAX - 7,
                                     SIZE_MAX - 8,
                                     SIZE_MAX - 15,
                                     SIZE_MAX / 2 + 1};
    int ttl = 9;

    open_one(SOCK_DGRAM);
    for (size_t room = 20; room <= 64; room++) {
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
            uint8_t *bytes = calloc(1, room);
            ssize_t result;

            check(bytes != NULL);
            build(bytes, lengths[i], IPPROTO_IP, IP_TTL, &ttl, 4);
            result = send_with(NULL, 0, bytes, room, 0);
            free(bytes);
            if (lengths[i] == 20 && (room < 40)) /* what follows is no whole header */
                check_equal(result, 5);
            else
                check_equal(result, -EINVAL);
        }
    }
}

/* P-21: SCM_RIGHTS with 254 descriptors sends nothing and opens nothing. */
static void rights_are_ignored(void)
{
    uint8_t bytes[CMSG_SPACE(254 * sizeof(int))] = {0};
    int fds[254];

    memset(fds, 0, sizeof fds);
    open_one(SOCK_DGRAM);
    build(bytes, CMSG_LEN(sizeof fds), SOL_SOCKET, SCM_RIGHTS, fds, sizeof fds);
    check_equal(send_with(NULL, 0, bytes, sizeof bytes, 0), 5);
    check_equal(pool_count(fake_host.descriptors.pool), 1);
}

/* What Linux's put_cmsg leaves in `room` bytes. */
static size_t model(const size_t *sizes, size_t count, size_t room, bool *cut)
{
    size_t left = room;

    *cut = false;
    for (size_t i = 0; i < count; i++) {
        if (left < sizeof(struct cmsghdr)) {
            *cut = true;
            continue;
        }
        if (left < CMSG_LEN(sizes[i]))
            *cut = true;
        left -= CMSG_SPACE(sizes[i]) < left ? CMSG_SPACE(sizes[i]) : left;
    }
    return room - left;
}

static const struct {
    int level, name;
    size_t size; /* of its data */
} wanted[] = {{SOL_SOCKET, SO_TIMESTAMP, 16},
              {IPPROTO_IP, IP_PKTINFO, 12},
              {IPPROTO_IP, IP_RECVTTL, 4},
              {IPPROTO_IP, IP_RECVTOS, 1}};
enum { WANTED = sizeof wanted / sizeof *wanted };

/* P-21: every room, every set of messages: never a byte behind the room. */
static void any_room_for_control(void)
{
    for (unsigned set_of = 0; set_of < 1u << WANTED; set_of++) {
        size_t sizes[WANTED], count = 0;

        open_one(SOCK_DGRAM);
        fake.datagram.true_length = 1;
        for (size_t i = 0; i < WANTED; i++)
            if (set_of >> i & 1) {
                set(wanted[i].level, wanted[i].name, 1);
                sizes[count++] = wanted[i].size;
            }
        for (size_t room = 0; room <= 128; room++) {
            bool cut;
            char byte;
            uint8_t *control = malloc(room + 8); /* ASan and the mark guard what is behind */
            struct call_message m = {
                .bytes = &byte, .length = 1, .control = control, .control_length = room};
            size_t want = model(sizes, count, room, &cut);

            check(control != NULL);
            memset(control, 0xee, room + 8);
            check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 1);
            for (size_t i = m.control_length; i < room + 8; i++)
                check(control[i] == 0xee);
            free(control);
            check_equal(m.control_length, want);
            check_equal(m.flags, cut ? MSG_CTRUNC : 0);
        }
    }
}

static void control_received(void)
{
    _Alignas(8) uint8_t control[128];
    char byte;
    struct call_message m = {
        .bytes = &byte, .length = 1, .control = control, .control_length = sizeof control};
    struct msghdr header = {.msg_control = control};
    struct cmsghdr *c;
    struct in_pktinfo info;
    struct timespec time;
    int ttl;

    open_one(SOCK_DGRAM);
    fake.datagram.true_length = 1;
    fake.datagram.time = 1500 * MILLISECOND;
    fake.datagram.local.address = address_from_ip4(0x0a000007);
    fake.datagram.local.interface = 1;
    fake.datagram.hop_limit = 61;
    fake.datagram.traffic_class = 0xb8;
    set(SOL_SOCKET, SO_TIMESTAMPNS, 1);
    set(IPPROTO_IP, IP_PKTINFO, 1);
    set(IPPROTO_IP, IP_RECVTTL, 1);
    set(IPPROTO_IP, IP_RECVTOS, 1);
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 1);
    check_equal(m.control_length, 32 + 32 + 24 + 24);
    header.msg_controllen = m.control_length;
    c = CMSG_FIRSTHDR(&header);
    check(c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS);
    memcpy(&time, CMSG_DATA(c), sizeof time);
    check(time.tv_sec == 1700000001 && time.tv_nsec == 500000000);
    c = CMSG_NXTHDR(&header, c);
    check(c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO);
    memcpy(&info, CMSG_DATA(c), sizeof info);
    check(info.ipi_ifindex == 2 && info.ipi_addr.s_addr == htonl(0x0a000007));
    c = CMSG_NXTHDR(&header, c);
    check(c && c->cmsg_type == IP_TTL && c->cmsg_len == CMSG_LEN(4));
    memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
    check_equal(ttl, 61);
    c = CMSG_NXTHDR(&header, c);
    check(c && c->cmsg_type == IP_TOS && c->cmsg_len == CMSG_LEN(1) && *CMSG_DATA(c) == 0xb8);
    check(CMSG_NXTHDR(&header, c) == NULL);
}

/* IP_RECVOPTS: as they came; IP_RETOPTS: the records of routes and times alone, in whole words. */
static void options_that_came_are_told(void)
{
    static const uint8_t came[] = {0x94, 4, 0, 0, 1, 7, 7, 4, 1, 2, 3, 4, 68, 4, 5, 0},
                         back[] = {7, 7, 4, 1, 2, 3, 4, 68, 4, 5, 0, 0};
    char byte, control[200];
    struct call_message m = {
        .bytes = &byte, .length = 1, .control = control, .control_length = sizeof control};
    struct msghdr header = {.msg_control = control};
    struct cmsghdr *c;

    open_one(SOCK_DGRAM);
    fake.datagram.true_length = 1;
    memcpy(fake.datagram.options, came, sizeof came);
    fake.datagram.options_length = sizeof came;
    set(IPPROTO_IP, IP_RECVOPTS, 1);
    set(IPPROTO_IP, IP_RETOPTS, 1);
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 1);
    header.msg_controllen = m.control_length;
    c = CMSG_FIRSTHDR(&header);
    check(c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVOPTS);
    check(c->cmsg_len == CMSG_LEN(sizeof came) && memcmp(CMSG_DATA(c), came, sizeof came) == 0);
    c = CMSG_NXTHDR(&header, c);
    check(c && c->cmsg_type == IP_RETOPTS);
    check(c->cmsg_len == CMSG_LEN(sizeof back) && memcmp(CMSG_DATA(c), back, sizeof back) == 0);
    check(CMSG_NXTHDR(&header, c) == NULL);
    fake.datagram.options_length = 0;
    m.control_length = sizeof control;
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 1);
    check_equal(m.control_length, 0);
}

static void no_room_at_all(void)
{
    char byte;
    struct call_message m = {.bytes = &byte, .length = 1};

    open_one(SOCK_DGRAM);
    fake.datagram.true_length = 1;
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 1);
    check_equal(m.flags, 0);
    set(IPPROTO_IP, IP_PKTINFO, 1);
    m.control_length = 1000; /* without memory */
    check_equal(call_receive_message(&fake_host, 3, &m, 0, 0), 1);
    check_equal(m.flags, MSG_CTRUNC);
    check_equal(m.control_length, 0);
}

static const struct test tests[] = {
    {"each flag of send is passed, ignored or refused", flags_to_send},
    {"each flag of receive is passed, ignored or refused", flags_to_receive},
    {"buffers and lengths are checked, results passed on", buffers},
    {"the urgent byte is told by MSG_OOB", urgent_data_is_told},
    {"a datagram's destination is checked as on Linux, a stream's ignored", addresses_to_send},
    {"a ping goes to an address without a port", pings_have_no_port},
    {"the sender's address is cut to the room", addresses_received},
    {"control messages choose source, interface, TTL and TOS", control_to_send},
    {"control messages of wrong type, size or value are refused", bad_control},
    {"control messages of an AF_INET6 socket are of the version it sends to", control_of_ipv6},
    {"packet information of IPv6 is checked", packet_information_of_ipv6},
    {"a control message of any length is read within its bytes", any_length_of_control},
    {"SCM_RIGHTS with 254 descriptors changes nothing", rights_are_ignored},
    {"control messages of any set fill any room and no more", any_room_for_control},
    {"control messages tell time, interface, TTL and TOS", control_received},
    {"options that came are told, whole or those for an answer (RFC 1122 4.1.3.2-1, 3.4-4)",
     options_that_came_are_told},
    {"without room for control messages MSG_CTRUNC is told", no_room_at_all},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
