/* SPDX-License-Identifier: MIT */
/* The calls that make, name, ask and end sockets: the errors of call.h, and addresses. */
#include <asm/poll.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "check.h"
#include "fake_host.h"

static struct sockaddr_in address_of(int family, uint32_t ip4, unsigned port)
{
    struct sockaddr_in a;

    memset(&a, 0, sizeof a);
    a.sin_family = (sa_family_t)family;
    a.sin_port = htons((uint16_t)port);
    a.sin_addr.s_addr = htonl(ip4);
    return a;
}

static int open_one(int type)
{
    fake_host_begin();
    return call_socket(&fake_host, AF_INET, type, 0, 0);
}

static void sockets_by_name(void)
{
    static const struct {
        int domain, type, protocol, result;
    } rows[] = {
        {AF_INET, SOCK_STREAM, 0, 3},
        {AF_INET, SOCK_STREAM, IPPROTO_TCP, 3},
        {AF_INET, SOCK_DGRAM, 0, 3},
        {AF_INET, SOCK_DGRAM, IPPROTO_UDP, 3},
        {AF_INET, SOCK_DGRAM, IPPROTO_ICMP, 3},
        {AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, 3},
        {AF_INET, SOCK_STREAM | 0x10, 0, -EINVAL},
        {AF_INET, SOCK_STREAM, IPPROTO_UDP, -EPROTONOSUPPORT},
        {AF_INET, SOCK_DGRAM, IPPROTO_TCP, -EPROTONOSUPPORT},
        {AF_INET, SOCK_STREAM, -1, -EINVAL},
        {AF_INET, SOCK_STREAM, 263, -EINVAL},
        {AF_INET, 12, 0, -EINVAL},
        {AF_INET, 0, 0, -ESOCKTNOSUPPORT},
        {AF_INET, SOCK_RAW, IPPROTO_ICMP, 3},
        {AF_INET, SOCK_RAW, 0, -EPROTONOSUPPORT},
        {AF_INET, SOCK_RAW, 263, -EINVAL},
        {AF_INET, SOCK_RAW, -1, -EINVAL},
        {AF_INET, SOCK_SEQPACKET, 0, -ESOCKTNOSUPPORT},
        {AF_INET6, SOCK_STREAM, 0, 3},
        {AF_INET6, SOCK_STREAM, IPPROTO_TCP, 3},
        {AF_INET6, SOCK_DGRAM, 0, 3},
        {AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, 3},
        {AF_INET6, SOCK_DGRAM, IPPROTO_ICMP, -EPROTONOSUPPORT},
        {AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6, -EPROTONOSUPPORT},
        {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, 3},
        {AF_INET6, SOCK_RAW, 255, 3},
        {AF_UNIX, SOCK_STREAM, 0, 3},
        {AF_UNIX, SOCK_DGRAM, PF_UNIX, 3},
        {AF_UNIX, SOCK_SEQPACKET, 0, 3},
        {AF_UNIX, SOCK_RAW, 0, 3},
        {AF_UNIX, SOCK_STREAM, 2, -EPROTONOSUPPORT},
        {AF_UNIX, SOCK_RDM, 0, -ESOCKTNOSUPPORT},
        {AF_UNSPEC, SOCK_STREAM, 0, -EAFNOSUPPORT},
        {-1, SOCK_STREAM, 0, -EAFNOSUPPORT},
        {9999, SOCK_STREAM, 0, -EAFNOSUPPORT},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_host_begin();
        check_equal(call_socket(&fake_host, rows[i].domain, rows[i].type, rows[i].protocol, 0),
                    rows[i].result);
        check_equal(pool_count(fake_host.descriptors.pool), rows[i].result == 3);
        check_equal(call_check(&fake_host), 0);
    }
}

static void no_room(void)
{
    fake_host_begin();
    for (int i = 0; i < FAKE_LIMIT; i++)
        check_equal(call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0), 3 + i);
    check_equal(call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0), -EMFILE);
    check_equal(call_close(&fake_host, 100, 0), 0);
    fake.open_result = -ENOBUFS;
    check_equal(call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0), -ENOBUFS);
    fake.open_result = 0;
    check_equal(call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0), 100);
    check_equal(call_check(&fake_host), 0);
}

static void failing_pools(void)
{
    for (uint64_t n = 1; n <= 4; n++) { /* two pages, the descriptor, the socket */
        fake_host_begin();
        fake_host_arena->fail_at = fake_host_arena->gets + n;
        check_equal(call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0), -ENOBUFS);
        check_equal(call_check(&fake_host), 0);
        fake_host_arena->fail_at = 0;
        check_equal(call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0), 3);
    }
}

static void every_call_checks_its_descriptor(void)
{
    static const int wrong[] = {-1, 0, 2, 4, FAKE_LIMIT + 2, FAKE_LIMIT + 3, INT32_MAX, INT32_MIN};
    struct call_message message = {.flags = 0};
    struct sockaddr_in a = address_of(AF_INET, 1, 1);
    uint32_t length = sizeof a;
    int value = 0;

    check_equal(open_one(SOCK_STREAM), 3);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int fd = wrong[i];

        check_equal(call_bind(&fake_host, fd, &a, length, 0), -EBADF);
        check_equal(call_listen(&fake_host, fd, 1, 0), -EBADF);
        check_equal(call_connect(&fake_host, fd, &a, length, 0), -EBADF);
        check_equal(call_accept(&fake_host, fd, NULL, NULL, 0), -EBADF);
        check_equal(call_send(&fake_host, fd, &value, 4, 0, 0), -EBADF);
        check_equal(call_receive(&fake_host, fd, &value, 4, 0, 0), -EBADF);
        check_equal(call_send_message(&fake_host, fd, &message, 0, 0), -EBADF);
        check_equal(call_receive_message(&fake_host, fd, &message, 0, 0), -EBADF);
        check_equal(call_shutdown(&fake_host, fd, SHUT_RDWR, 0), -EBADF);
        check_equal(call_local_name(&fake_host, fd, &a, &length), -EBADF);
        check_equal(call_peer_name(&fake_host, fd, &a, &length), -EBADF);
        check_equal(call_get_option(&fake_host, fd, 1, 3, &value, &length, 0), -EBADF);
        check_equal(call_set_option(&fake_host, fd, 1, 2, &value, 4, 0), -EBADF);
        check_equal(call_ioctl(&fake_host, fd, FIONREAD, &value), -EBADF);
        check_equal(call_poll(&fake_host, fd), -EBADF);
        check_equal(call_close(&fake_host, fd, 0), -EBADF);
    }
}

static void addresses_to_bind(void)
{
    struct sockaddr_in a = address_of(AF_INET, 0x0a000001, 8000);
    uint8_t long_one[200] = {0};

    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_bind(&fake_host, 3, &a, 15, 0), -EINVAL);
    check_equal(call_bind(&fake_host, 3, &a, 0, 0), -EINVAL);
    check_equal(call_bind(&fake_host, 3, NULL, 16, 0), -EFAULT);
    memcpy(long_one, &a, sizeof a);
    check_equal(call_bind(&fake_host, 3, long_one, 129, 0), -EINVAL);
    check_equal(call_bind(&fake_host, 3, long_one, 128, 0), 0);
    check_equal(fake_at(3)->local.endpoint.port, 8000);
    check(address_equal(fake_at(3)->local.endpoint.address, address_from_ip4(0x0a000001)));
    a.sin_family = AF_INET6;
    check_equal(call_bind(&fake_host, 3, &a, 16, 0), -EAFNOSUPPORT);
    a.sin_family = AF_UNSPEC;
    check_equal(call_bind(&fake_host, 3, &a, 16, 0), -EAFNOSUPPORT);
    a.sin_addr.s_addr = 0;
    check_equal(call_bind(&fake_host, 3, &a, 16, 0), 0);
    fake_host.settings.unprivileged_port = 1024;
    a = address_of(AF_INET, 0, 80);
    check_equal(call_bind(&fake_host, 3, &a, 16, 0), -EACCES);
    fake.bind_result = -EADDRINUSE;
    a = address_of(AF_INET, 0, 8080);
    check_equal(call_bind(&fake_host, 3, &a, 16, 0), -EADDRINUSE);
}

static void addresses_to_connect(void)
{
    struct sockaddr_in a = address_of(AF_INET, 0x0a000001, 80);

    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_connect(&fake_host, 3, &a, 1, 0), -EINVAL);
    check_equal(call_connect(&fake_host, 3, NULL, 16, 0), -EFAULT);
    check_equal(call_connect(&fake_host, 3, &a, 15, 0), -EINVAL);
    check_equal(call_connect(&fake_host, 3, &a, 129, 0), -EINVAL);
    a.sin_family = AF_INET6;
    check_equal(call_connect(&fake_host, 3, &a, 16, 0), -EAFNOSUPPORT);
    a.sin_family = AF_INET;
    check_equal(call_connect(&fake_host, 3, &a, 16, 0), -EINPROGRESS);
    check_equal(fake_at(3)->remote.endpoint.port, 80);
    a.sin_family = AF_INET6; /* a second call says how the first goes, whatever the address */
    check_equal(call_connect(&fake_host, 3, &a, 16, 0), -EALREADY);
    a.sin_family = AF_UNSPEC;
    check_equal(call_connect(&fake_host, 3, &a, 2, 0), 0);
    check_equal(fake_at(3)->disconnects, 1);
}

static void this_host_as_destination(void)
{
    struct sockaddr_in a = address_of(AF_INET, INADDR_ANY, 80);

    check_equal(open_one(SOCK_DGRAM), 3);
    check_equal(call_connect(&fake_host, 3, &a, 16, 0), 0);
    check(address_equal(fake_at(3)->remote.endpoint.address, address_from_ip4(INADDR_LOOPBACK)));
    fake_at(3)->local.endpoint.address = address_from_ip4(0x0a000009);
    check_equal(call_connect(&fake_host, 3, &a, 16, 0), 0);
    check(address_equal(fake_at(3)->remote.endpoint.address, address_from_ip4(0x0a000009)));
}

static void names(void)
{
    struct sockaddr_in a = address_of(AF_INET, 0x0a000001, 8000), got;
    uint8_t bytes[20];
    uint32_t length = sizeof got;

    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_local_name(&fake_host, 3, &got, &length), 0);
    check(got.sin_family == AF_INET && got.sin_port == 0 && got.sin_addr.s_addr == 0);
    check_equal(call_bind(&fake_host, 3, &a, 16, 0), 0);
    memset(&got, 0xee, sizeof got);
    check_equal(call_local_name(&fake_host, 3, &got, &length), 0);
    check(memcmp(&got, &a, sizeof a) == 0);
    memset(bytes, 0xee, sizeof bytes);
    length = 5;
    check_equal(call_local_name(&fake_host, 3, bytes, &length), 0);
    check_equal(length, 16);
    check(memcmp(bytes, &a, 5) == 0 && bytes[5] == 0xee);
    length = 20;
    check_equal(call_local_name(&fake_host, 3, bytes, &length), 0);
    check(length == 16 && bytes[16] == 0xee);
    length = UINT32_MAX;
    check_equal(call_local_name(&fake_host, 3, bytes, &length), -EINVAL);
    check_equal(call_local_name(&fake_host, 3, NULL, &length), -EFAULT);
    check_equal(call_local_name(&fake_host, 3, bytes, NULL), -EFAULT);
    length = 16;
    check_equal(call_peer_name(&fake_host, 3, bytes, &length), -ENOTCONN);
}

static void accepting(void)
{
    struct sockaddr_in a;
    uint32_t length = sizeof a;

    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_accept(&fake_host, 3, NULL, NULL, 0), -EINVAL);
    check_equal(call_listen(&fake_host, 3, -1, 0), 0);
    check_equal(fake_at(3)->backlog, 4096);
    check_equal(call_listen(&fake_host, 3, 5, 0), 0);
    check_equal(fake_at(3)->backlog, 5);
    check_equal(call_listen(&fake_host, 3, 4097, 0), 0);
    check_equal(fake_at(3)->backlog, 4096);
    check_equal(call_listen(&fake_host, 3, 5, 0), 0);
    fake.accept_result = -EAGAIN;
    check_equal(call_accept(&fake_host, 3, NULL, NULL, 0), -EAGAIN);
    check_equal(pool_count(fake_host.descriptors.pool), 1);
    fake.accept_result = 0;
    check_equal(call_accept(&fake_host, 3, &a, NULL, 0), -EFAULT);
    length = UINT32_MAX;
    check_equal(call_accept(&fake_host, 3, &a, &length, 0), -EINVAL);
    call_descriptor(&fake_host, 3)->receive_timeout = SECOND;
    length = sizeof a;
    check_equal(call_accept(&fake_host, 3, &a, &length, 0), 4);
    check(length == 16 && a.sin_port == htons(40000));
    check_equal(call_descriptor(&fake_host, 4)->receive_timeout, SECOND);
    check_equal(call_descriptor(&fake_host, 4)->protocol, call_descriptor(&fake_host, 3)->protocol);
    check_equal(call_accept(&fake_host, 3, NULL, NULL, 0), 5);
    check_equal(call_accept(&fake_host, 4, NULL, NULL, 0), -EINVAL);
    check_equal(call_check(&fake_host), 0);
}

static void accepting_needs_a_descriptor(void)
{
    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_listen(&fake_host, 3, 5, 0), 0);
    for (int i = 1; i < FAKE_LIMIT; i++)
        check_equal(call_socket(&fake_host, AF_INET, SOCK_DGRAM, 0, 0), 3 + i);
    check_equal(call_accept(&fake_host, 3, NULL, NULL, 0), -EMFILE);
    check_equal(call_close(&fake_host, 77, 0), 0);
    check_equal(call_accept(&fake_host, 3, NULL, NULL, 0), 77);
}

static void shutting(void)
{
    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_shutdown(&fake_host, 3, 3, 0), -EINVAL);
    check_equal(call_shutdown(&fake_host, 3, -1, 0), -EINVAL);
    check_equal(call_shutdown(&fake_host, 3, SHUT_WR, 0), -ENOTCONN);
    fake_at(3)->phase = TRANSPORT_OPEN;
    fake_at(3)->shut_reading = fake_at(3)->shut_writing = false;
    check_equal(call_shutdown(&fake_host, 3, SHUT_RD, 0), 0);
    check(fake_at(3)->shut_reading && !fake_at(3)->shut_writing);
    check_equal(call_shutdown(&fake_host, 3, SHUT_WR, 0), 0);
    check(fake_at(3)->shut_writing);
}

static void counts(void)
{
    int value = -1;

    check_equal(open_one(SOCK_STREAM), 3);
    fake_at(3)->count[COUNT_UNREAD] = 10;
    fake_at(3)->count[COUNT_UNACKED] = INT64_MAX;
    fake_at(3)->count[COUNT_UNSENT] = 30;
    fake_at(3)->count[COUNT_AT_MARK] = 1;
    check_equal(call_ioctl(&fake_host, 3, FIONREAD, &value), 0);
    check_equal(value, 10);
    check_equal(call_ioctl(&fake_host, 3, SIOCOUTQ, &value), 0);
    check_equal(value, INT32_MAX);
    check_equal(call_ioctl(&fake_host, 3, SIOCOUTQNSD, &value), 0);
    check_equal(value, 30);
    check_equal(call_ioctl(&fake_host, 3, SIOCATMARK, &value), 0);
    check_equal(value, 1);
    check_equal(call_ioctl(&fake_host, 3, FIONREAD, NULL), -EFAULT);
    check_equal(call_ioctl(&fake_host, 3, SIOCGIFCONF, &value), -ENOTTY);
    check_equal(call_listen(&fake_host, 3, 1, 0), 0);
    check_equal(call_ioctl(&fake_host, 3, FIONREAD, &value), -EINVAL);
    check_equal(open_one(SOCK_DGRAM), 3);
    check_equal(call_ioctl(&fake_host, 3, SIOCOUTQNSD, &value), -ENOTTY);
    check_equal(call_ioctl(&fake_host, 3, SIOCATMARK, &value), -ENOTTY);
}

static void poll_masks(void)
{
    static const struct {
        unsigned ready;
        int mask;
    } rows[] = {
        {0, 0},
        {READY_OUT | READY_HUP, POLLOUT | POLLHUP}, /* a stream that was never connected */
        {READY_IN, POLLIN},
        {READY_IN | READY_READ_END | READY_OUT, POLLIN | POLLRDHUP | POLLOUT},
        {READY_IN | READY_OUT | READY_ERROR | READY_HUP | READY_READ_END,
         POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP},
        {READY_URGENT, POLLPRI},
    };

    check_equal(open_one(SOCK_STREAM), 3);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake_at(3)->ready = rows[i].ready;
        check_equal(call_poll(&fake_host, 3), rows[i].mask);
    }
}

static void changes(void)
{
    int fd = -1;

    check_equal(open_one(SOCK_STREAM), 3);
    check_equal(call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0), 4);
    check(!call_take_touched(&fake_touched, &fd));
    session_ready_told(&call_descriptor(&fake_host, 4)->session.socket->below, 0);
    session_ready_told(&call_descriptor(&fake_host, 3)->session.socket->below, 0);
    check(call_take_touched(&fake_touched, &fd) == &fake_host);
    check_equal(fd, 4);
    check_equal(call_close(&fake_host, 3, 0), 0);
    check(!call_take_touched(&fake_touched, &fd));
}

static void walking(void)
{
    check_equal(open_one(SOCK_STREAM), 3);
    for (int i = 1; i < 200; i++)
        check_equal(call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0), 3 + i);
    for (int fd = 4; fd < 200; fd++)
        check_equal(call_close(&fake_host, fd, 0), 0);
    check_equal(call_next(&fake_host, INT32_MIN), 3);
    check_equal(call_next(&fake_host, 3), 3);
    check_equal(call_next(&fake_host, 4), 200);
    check_equal(call_next(&fake_host, 203), -1);
    check_equal(call_next(&fake_host, INT32_MAX), -1);
    check_equal(call_check(&fake_host), 0);
}

static const struct test tests[] = {
    {"socket() takes what it knows and names what it does not", sockets_by_name},
    {"without a free descriptor socket() is EMFILE, and nothing is lost", no_room},
    {"a pool that fails is ENOBUFS, and nothing is lost", failing_pools},
    {"every call on a descriptor that is not open is EBADF", every_call_checks_its_descriptor},
    {"bind checks length, family and privilege", addresses_to_bind},
    {"connect checks length and family, and AF_UNSPEC disconnects", addresses_to_connect},
    {"0.0.0.0 as a destination is this host", this_host_as_destination},
    {"names are cut to the room, and their true length told", names},
    {"accept gives a descriptor that begins as its listener is", accepting},
    {"accept without a free descriptor is EMFILE and keeps the connection",
     accepting_needs_a_descriptor},
    {"shutdown knows three ways", shutting},
    {"ioctl counts, for streams and for datagrams", counts},
    {"poll masks are those of the transport, in the ABI's bits", poll_masks},
    {"changes are told by descriptor, not of closed ones", changes},
    {"open descriptors can be walked", walking},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
