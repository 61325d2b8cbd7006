/* SPDX-License-Identifier: MIT */
/*
 * Requirements of RFC 9293 that need a whole network to be seen: two hosts, calls by the one door,
 * and the frames on the wire. Each sentence names its label.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { A, B };
#define SECOND INT64_C(1000000000)

static struct sockeye *lab;
static int interfaces[2];
static int acks, data_frames; /* bare ACKs from B, frames with text from A */

static struct sockaddr_in name_of(const char *address, uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    check(inet_pton(AF_INET, address, &a.sin_addr) == 1);
    return a;
}

static void see(void *context, const struct sockeye_event *event)
{
    const uint8_t *ip;
    uint32_t header, total;

    (void)context;
    if (event->kind != EVENT_FRAME_SENT || event->frame.length < 54)
        return;
    ip = event->frame.bytes + 14;
    if (ip[9] != IPPROTO_TCP)
        return;
    total = (uint32_t)ip[2] << 8 | ip[3];
    header = 20 + (uint32_t)(ip[32] >> 4) * 4;
    if (event->host == B && total == header)
        acks++;
    if (event->host == A && total > header)
        data_frames++;
}

static void fresh(void)
{
    const struct sockeye_wire_config wire = {.delay_ns = 1000000};
    int hosts[2], w;

    check(sockeye_open(NULL, &lab) == 0);
    hosts[A] = sockeye_host(lab, "a");
    hosts[B] = sockeye_host(lab, "b");
    check(hosts[A] == A && hosts[B] == B);
    w = sockeye_wire(lab, "w", &wire, NULL);
    interfaces[A] = sockeye_interface(lab, A, "eth0", w, 0, NULL);
    interfaces[B] = sockeye_interface(lab, B, "eth0", w, 1, NULL);
    check(sockeye_address(lab, A, interfaces[A], "10.0.0.1/24") == 0);
    check(sockeye_address(lab, B, interfaces[B], "10.0.0.2/24") == 0);
    acks = data_frames = 0;
    check(sockeye_observe(lab, EVENT_EVERYTHING, see, NULL, NULL) >= 0);
}

static int listener(uint16_t port)
{
    struct sockaddr_in a = name_of("10.0.0.2", port);
    int fd = sockeye_socket(lab, B, AF_INET, SOCK_STREAM, 0);

    check(sockeye_bind(lab, B, fd, &a, sizeof a) == 0 && sockeye_listen(lab, B, fd, 5) == 0);
    return fd;
}

static int client(const char *from, uint16_t port)
{
    struct sockaddr_in to = name_of("10.0.0.2", port);
    int fd = sockeye_socket(lab, A, AF_INET, SOCK_STREAM, 0);

    if (from) {
        struct sockaddr_in own = name_of(from, 0);

        check(sockeye_bind(lab, A, fd, &own, sizeof own) == 0);
    }
    check_equal(sockeye_connect(lab, A, fd, &to, sizeof to), -EINPROGRESS);
    return fd;
}

static void pass(int64_t time)
{
    int64_t until = sockeye_now(lab) + time;

    for (int i = 0; i < 1000 && sockeye_now(lab) < until; i++)
        (void)sockeye_advance(lab, until);
    check_equal(sockeye_now(lab), until);
    check_equal(sockeye_check(lab), 0);
}

static int accepted(int fd, struct sockaddr_in *peer)
{
    uint32_t length = sizeof *peer;
    int c = sockeye_accept(lab, B, fd, peer, &length);

    check(c >= 0 && length == sizeof *peer);
    return c;
}

static void says(int from, int to, const char *text)
{
    char got[64];

    check_equal(sockeye_send(lab, A, from, text, strlen(text), 0), (ssize_t)strlen(text));
    pass(SECOND);
    check_equal(sockeye_receive(lab, B, to, got, sizeof got, 0), (ssize_t)strlen(text));
    check(memcmp(got, text, strlen(text)) == 0);
}

static void passive_open_disturbs_nobody(void)
{
    struct sockaddr_in peer;
    int first, second, c, d;

    fresh();
    first = listener(80);
    c = client(NULL, 80);
    pass(SECOND);
    d = accepted(first, &peer);
    says(c, d, "before");
    second = listener(81);
    says(c, d, "after");
    check_equal(sockeye_close_fd(lab, B, second), 0);
    says(c, d, "and after it is gone");
    sockeye_close(lab);
}

static void open_takes_a_local_address(void)
{
    struct sockaddr_in peer, want = name_of("10.0.0.9", 0);
    int l;

    fresh();
    check(sockeye_address(lab, A, interfaces[A], "10.0.0.9/24") == 0);
    l = listener(80);
    (void)client("10.0.0.9", 80);
    pass(SECOND);
    (void)accepted(l, &peer);
    check(peer.sin_addr.s_addr == want.sin_addr.s_addr);
    sockeye_close(lab);
}

static void the_local_address_stays(void)
{
    struct sockaddr_in peer, own, want = name_of("10.0.0.1", 0);
    uint32_t length = sizeof own;
    int l, c, d;

    fresh();
    l = listener(80);
    c = client(NULL, 80);
    pass(SECOND);
    d = accepted(l, &peer);
    check(peer.sin_addr.s_addr == want.sin_addr.s_addr);
    check(sockeye_address(lab, A, interfaces[A], "10.0.0.8/24") == 0);
    check(sockeye_route(lab, A, "default", "10.0.0.2", interfaces[A]) == 0);
    says(c, d, "from where I was");
    check(sockeye_local_name(lab, A, c, &own, &length) == 0);
    check(own.sin_addr.s_addr == want.sin_addr.s_addr);
    sockeye_close(lab);
}

/* Ten segments behind a hole: when it is filled, one ACK answers for all of them. */
static void acks_are_aggregated(void)
{
    static const char text[14480];
    struct sockeye_wire_config lossy = {.delay_ns = 1000000, .loss_ppm = 1000000}, good = lossy;
    struct sockaddr_in peer;
    int l, c, before;

    good.loss_ppm = 0;
    fresh();
    l = listener(80);
    c = client(NULL, 80);
    pass(SECOND);
    (void)accepted(l, &peer);
    check(sockeye_wire_change(lab, 0, 0, &lossy) == 0);
    check_equal(sockeye_send(lab, A, c, text, 1448, 0), 1448);
    check(sockeye_wire_change(lab, 0, 0, &good) == 0);
    check_equal(sockeye_send(lab, A, c, text, 1448 * 2, 0), 1448 * 2);
    pass(10000000);
    before = acks;
    check(before >= 2 &&
          data_frames >= 3); /* two duplicates: not enough for a fast retransmission */
    pass(SECOND);            /* the timer sends the first again */
    check_equal(acks - before, 1);
    sockeye_close(lab);
}

static const struct test tests[] = {
    {"RFC 9293 MUST-41: a passive OPEN has no influence on any connection",
     passive_open_disturbs_nobody},
    {"RFC 9293 MUST-43: the local address may be given in the OPEN call",
     open_takes_a_local_address},
    {"RFC 9293 MUST-45: a connection keeps its local address", the_local_address_stays},
    {"RFC 9293 MUST-58 and MUST-59: queued segments are processed before an ACK is sent, one for "
     "all",
     acks_are_aggregated},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
