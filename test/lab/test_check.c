/* SPDX-License-Identifier: MIT */
/*
 * The checks that watch every run (sockeye_check) see what they are for: in a lab that is busy
 * everywhere, one variable at a time is made wrong, the check must tell, and tell nothing when the
 * variable is as before.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "2-link/neighbor.h"
#include "4-transport/tcp/tcp_conn.h"
#include "check.h"
#include "lab/handle.h"
#include "node/host.h"

#define MS INT64_C(1000000)

static struct sockeye *lab;
static struct host *host;
static struct wire *road;
static struct tcp_conn *conn, *peer; /* the stream at the host, and at the other */

/* The check tells when `place` has this value, and only then. */
#define broken_by(place, value)                                                                    \
    do {                                                                                           \
        __typeof__(place) whole = (place);                                                         \
        (place) = (value);                                                                         \
        if (sockeye_check(lab) == 0)                                                               \
            test_fail(__FILE__, __LINE__, "nobody sees that %s is %s", #place, #value);            \
        (place) = whole;                                                                           \
        check_equal(sockeye_check(lab), 0);                                                        \
    } while (0)

/* The value is allowed: a check that asks for too much fails runs that are right. */
#define allows(place, value)                                                                       \
    do {                                                                                           \
        __typeof__(place) whole = (place);                                                         \
        (place) = (value);                                                                         \
        check_equal(sockeye_check(lab), 0);                                                        \
        (place) = whole;                                                                           \
    } while (0)

static struct sockaddr_in address_of(uint32_t ip, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
}

static int socket_to(int from, int type, uint32_t ip, uint16_t port)
{
    struct sockaddr_in to = address_of(ip, port);
    int fd = sockeye_socket(lab, from, AF_INET, type, 0);
    int result = sockeye_connect(lab, from, fd, &to, sizeof to);

    check(fd >= 0 && (result == 0 || result == -EINPROGRESS));
    return fd;
}

static int socket_at(int on, int type, uint16_t port)
{
    struct sockaddr_in at = address_of(INADDR_ANY, port);
    int fd = sockeye_socket(lab, on, AF_INET, type, 0);

    check(fd >= 0 && sockeye_bind(lab, on, fd, &at, sizeof at) == 0);
    return fd;
}

static struct tcp_conn *conn_of(const struct host *h, enum tcp_state_name state)
{
    for (const struct list_link *l = h->transport.tcp.all.first; l; l = l->next) {
        struct tcp_conn *c = container_of(l, struct tcp_conn, all);

        if (c->state == state)
            return c;
    }
    return NULL;
}

static bool is_busy(void)
{
    const struct wire_sim *s = &road->sim[0];

    return conn->snd.nxt > conn->snd.una && tcp_reassembly_has_holes(&peer->reassembly) &&
           s->queue.packets > 0 && s->flight.packets > 1;
}

/* Something of everything is under way: a stream in the middle of its bytes, with a hole at the
 * receiver; datagrams that nobody reads; a neighbour that does not answer, with packets that wait;
 * a fragment of a datagram; two changes of a link to come. */
static void open_busy(void)
{
    const struct sockeye_config config = {.seed = 9, .hosts = 2, .wires = 1};
    const struct sockeye_wire_config slow = {.rate_bits = 2000000, .delay_ns = 20 * MS};
    const struct sockeye_wire_config lossy = {
        .rate_bits = 2000000, .delay_ns = 20 * MS, .loss_ppm = 150000};
    static const char text[60000];
    int server, client, udp;

    check_equal(sockeye_open(&config, &lab), 0);
    check_equal(sockeye_wire(lab, "road", &slow, NULL), 0);
    check(sockeye_host(lab, "a") == 0 && sockeye_host(lab, "b") == 1);
    for (int i = 0; i < 2; i++) {
        check_equal(sockeye_interface(lab, i, "eth0", 0, i, NULL), 1);
        check_equal(sockeye_address(lab, i, 1, i == 0 ? "10.0.0.1/24" : "10.0.0.2/24"), 0);
    }
    server = socket_at(1, SOCK_STREAM, 80);
    check_equal(sockeye_listen(lab, 1, server, 5), 0);
    client = socket_to(0, SOCK_STREAM, 0x0a000002, 80);
    sockeye_advance(lab, 300 * MS);
    check(sockeye_accept(lab, 1, server, NULL, NULL) >= 0);
    (void)socket_at(1, SOCK_DGRAM, 53);
    udp = socket_to(0, SOCK_DGRAM, 0x0a000002, 53);
    for (int i = 0; i < 3; i++)
        check_equal(sockeye_send(lab, 0, udp, text, 10, 0), 10);
    sockeye_advance(lab, 400 * MS);
    check_equal(sockeye_wire_change(lab, 0, 0, &lossy), 0);
    check(sockeye_send(lab, 0, client, text, sizeof text, 0) > 20000);
    udp = socket_to(0, SOCK_DGRAM, 0x0a000009, 53);
    for (int i = 0; i < 2; i++)
        check_equal(sockeye_send(lab, 0, udp, text, 10, 0), 10);
    udp = socket_to(0, SOCK_DGRAM, 0x0a000002, 53);
    check_equal(sockeye_send(lab, 0, udp, text, 9000, 0), 9000);
    check(sockeye_socket(lab, 0, AF_INET, SOCK_DGRAM, IPPROTO_ICMP) >= 0);
    check_equal(sockeye_wire_link(lab, 0, 0, false, 90000 * MS), 0);
    check_equal(sockeye_wire_link(lab, 0, 0, true, 91000 * MS), 0);
    host = host_of_node(lab->lab->node[0]);
    road = lab->lab->wire[0];
    conn = conn_of(host, TCP_STATE_ESTABLISHED);
    peer = conn_of(host_of_node(lab->lab->node[1]), TCP_STATE_ESTABLISHED);
    check(conn && peer);
    for (int64_t now = 450; !is_busy() && now < 1300; now++)
        sockeye_advance(lab, now * MS);
    check(is_busy());
    check_equal(sockeye_check(lab), 0);
}

static void of_the_heap_of_timers(void)
{
    struct timers *t = &lab->lab->timers;

    check(t->count > 2);
    broken_by(t->hole, 1);
    broken_by(t->heap[0]->index, 2);
    broken_by(t->heap[t->count - 1]->deadline, t->heap[0]->deadline - 1);
    broken_by(t->pool->live, t->pool->live + 8);
}

static void of_wires(void)
{
    struct wire_sim *s = &road->sim[0];
    struct packet *p = s->flight.first;

    check(p && p->next && s->sending);
    broken_by(s->queue.packets, s->queue.packets + 1);
    broken_by(s->queue.packets, s->queue.packets - 1);
    broken_by(s->queue.bytes, s->queue.bytes + 1);
    broken_by(s->queue.waiting.last, p);
    broken_by(s->sending, NULL);
    broken_by(s->flight.bytes, 0);
    broken_by(p->next->previous, NULL);
    broken_by(p->next->time, p->time - 1);
    broken_by(p->budget, &road->sim[1].budget);
    broken_by(p->charge, conn->charge);
    broken_by(s->budget.used, s->queue.packets + s->flight.packets);
    broken_by(s->budget.used, s->budget.limit + 1);
    allows(s->budget.used, s->budget.limit);
    broken_by(s->depart.index, 0);
    broken_by(s->arrive.index, 0);
    broken_by(s->arrive.deadline, s->arrive.deadline - 1);
    broken_by(s->change.index, 0);
    broken_by(s->change_count, WIRE_LINK_CHANGES + 1);
    broken_by(s->change_count, 0);
    broken_by(s->changes[1].when, s->changes[0].when - 1);
    allows(s->changes[1].when, s->changes[0].when);
    broken_by(road->outside.packets, 1);
}

static void of_links(void)
{
    struct link *l = &host_interface(host, 1)->link;
    struct neighbor *good = neighbor_find(l, address_from_ip4(0x0a000002));
    struct neighbor *mute = neighbor_find(l, address_from_ip4(0x0a000009));

    check(good && mute && mute->state == NEIGHBOR_INCOMPLETE && mute->waiting.packets == 2);
    broken_by(l->own_count, LINK_ADDRESSES + 1);
    broken_by(l->neighbor_count, l->neighbor_count + 1);
    broken_by(l->incomplete, 0);
    broken_by(l->waiting, 1);
    broken_by(good->link, NULL);
    broken_by(good->state, NEIGHBOR_NONE);
    broken_by(good->state, NEIGHBOR_FAILED + 1);
    broken_by(mute->timer.index, 0);
    broken_by(mute->waiting.packets, 1);
    broken_by(mute->waiting.packets, 3);
    broken_by(mute->upper, NULL);
    broken_by(mute->state, NEIGHBOR_PROBE);
    broken_by(good->contested, 1);
    broken_by(good->claim_answered, 1);
    broken_by(good->address, address_from_ip4(0x0a000003));
}

static void of_networks(void)
{
    struct ip *ip = &host->ip;

    check(ip->routes.count >= 1 && ip->interface_count == 2);
    broken_by(ip->routes.count, IP_ROUTES + 1);
    broken_by(ip->routes.root->bits, 128);
    broken_by(ip->routes.root->route->bits, 0);
    broken_by(ip->path_mtu_count, IP_PATH_MTUS + 1);
    broken_by(ip->generation, 0);
    broken_by(ip->interface[1]->ip, NULL);
    broken_by(ip->interface[1]->number, 0);
    broken_by(ip->interface[1]->address_count, IP_ADDRESSES + 1);
    check_equal(ip->path_mtu_count, 0);
    ip->path_mtu[0].expires = NEVER;
    ip->path_mtu[0].mtu = IP_PATH_MTU_LEAST;
    allows(ip->path_mtu_count, 1);
    ip->path_mtu[0].mtu = IP_PATH_MTU_LEAST - 1;
    broken_by(ip->path_mtu_count, 1);
    ip->path_mtu[0].expires = SECOND; /* and no timer for it */
    ip->path_mtu[0].mtu = IP_PATH_MTU_LEAST;
    if (!timer_is_set(&ip->timer))
        broken_by(ip->path_mtu_count, 1);
}

static void of_ports_and_datagrams(void)
{
    struct udp *u = &host->transport.udp;
    struct udp_end *e = container_of(u->ends.first, struct udp_end, common.link);
    struct ping *g = &host->transport.ping;
    struct ping_end *q = container_of(g->ends.first, struct ping_end, common.link);
    struct udp *theirs = &host_of_node(lab->lab->node[1])->transport.udp;
    struct udp_end *full = container_of(theirs->ends.first, struct udp_end, common.link);

    check(u->count == 3 && u->connected.count == 3 && g->count == 1);
    broken_by(u->count, 2);
    broken_by(u->connected.count, 2);
    broken_by(e->udp, NULL);
    broken_by(e->common.charge->owner, NULL);
    broken_by(e->common.binding.local.port, 0);
    broken_by(e->common.inbox.used, 1);
    check(full->common.inbox.count == 3);
    broken_by(full->common.inbox.used, 2);
    broken_by(full->common.inbox.used, 0);
    broken_by(g->count, 0);
    broken_by(q->ping, NULL);
    broken_by(q->common.charge->owner, NULL);
    broken_by(u->ports.first, (uint16_t)(u->ports.last + 1));
    broken_by(u->ports.table.count, u->ports.table.count + 1);
    broken_by(g->ports.first, (uint16_t)(g->ports.last + 1));
    allows(g->ports.first, g->ports.last);
}

static void of_connections(void)
{
    struct tcp_conn *c = conn;

    broken_by(c->snd.una, c->snd.nxt + 1);
    broken_by(c->send_buffer.from, c->send_buffer.to + 1);
    broken_by(c->snd.nxt, c->send_buffer.to + 1);
    broken_by(c->name.binding.local.port, 0);
    broken_by(c->receive_buffer.to, c->rcv.nxt + 1);
    broken_by(c->receive_buffer.from, c->receive_buffer.to + 1);
    broken_by(peer->rcv.adv, peer->rcv.nxt);
    broken_by(peer->reassembly.holes->ranges.count, 0);
    broken_by(c->board.bytes, c->board.bytes + 1);
    broken_by(c->timers.due[TCP_TIMER_RETRANSMIT], NEVER);
    broken_by(c->cc.cwnd, c->cc.smss - 1);
    allows(c->cc.cwnd, c->cc.smss);
    check(host->transport.tcp.recent);
    broken_by(container_of(host->transport.tcp.recent, struct tcp_conn, name.tuple)->name.hashed,
              false);
}

static void of_sessions_and_calls(void)
{
    struct sessions *s = &host->sessions;
    struct socket *first = container_of(s->all.first, struct socket, link);
    struct transport_end *end = first->end;

    broken_by(first->sessions, NULL);
    broken_by(first->end, NULL);
    broken_by(first->end, container_of(first->link.next, struct socket, link)->end);
    check(end == first->end);
    broken_by(first->below.code, first->below.code + 1);
    broken_by(first->state, SESSION_DISCONNECTING + 1);
    allows(first->state, SESSION_DISCONNECTING);
    broken_by(first->serial, 0);
    broken_by(first->serial, s->opened + 1);
    broken_by(s->count, s->count + 1);
    broken_by(s->count, s->count - 1);
    broken_by(host->calls.descriptors.numbers, s->count - 1);
    broken_by(host->calls.descriptors.numbers, s->count + 1);
}

static void of_budgets(void)
{
    struct means *m = &host->node.means;

    broken_by(m->packet_budget.used, m->packet_budget.limit + 1);
    broken_by(m->buffer_budget.used, m->buffer_budget.limit + 1);
    allows(m->packet_budget.used, m->packet_budget.limit);
    allows(m->buffer_budget.used, m->buffer_budget.limit);
}

static const struct test tests[] = {
    {"the check of timers sees what is wrong", of_the_heap_of_timers},
    {"so does that of wires", of_wires},
    {"of links and neighbours", of_links},
    {"of layer 3", of_networks},
    {"of ports, UDP and ping", of_ports_and_datagrams},
    {"of TCP", of_connections},
    {"of sessions and descriptors", of_sessions_and_calls},
    {"of what a host may use", of_budgets},
};

int main(void)
{
    open_busy();
    return test_main(tests, sizeof tests / sizeof *tests);
}
