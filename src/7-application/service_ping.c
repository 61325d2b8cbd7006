/* SPDX-License-Identifier: MIT */
/*
 * ping: an ICMP echo socket (SOCK_DGRAM, IPPROTO_ICMP or IPPROTO_ICMPV6 by the peer's family), as
 * ping(8) uses without privilege: the stack gives the identifier and checks and makes the checksum,
 * we give number and data (RFC 792 page 14, RFC 4443 4.1: the same but for the types).
 */
#include <errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <string.h>
#include "7-application/service_parts.h"

enum { HEADER_BYTES = 8, ERRORS = 16 };
static const int64_t wait_after_last = 3000000000;

static bool is_six(const struct service_plan *plan)
{
    return plan->address.ss_family == AF_INET6;
}

void service_ping_open(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    int fd = service->calls->socket(service->lab, plan->host, plan->address.ss_family, SOCK_DGRAM,
                                    is_six(plan) ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

    if (fd < 0) {
        service_fail(service, "socket: %s", service->calls->text_of_error(fd));
        return;
    }
    if (service_open_socket(service, fd, ROLE_DATAGRAM) != NULL)
        service->deadline = service->calls->now(service->lab);
}

void service_ping_due(struct service *service)
{
    const struct service_plan *plan = &service->plan;
    struct service_status *status = &service->status;
    struct service_socket *s = service->sockets;
    struct sockaddr_storage peer = plan->address;
    struct call_message message = {.bytes = s->buffer,
                                   .length = HEADER_BYTES + plan->size,
                                   .address = &peer,
                                   .address_length = plan->address_length};

    if (status->pings == plan->count) {
        if (status->replies < plan->replies)
            service_fail(service, "%u replies to %u requests, not %u", status->replies,
                         status->pings, plan->replies);
        else
            service_end(service);
        return;
    }
    memset(s->buffer, 0, HEADER_BYTES);
    s->buffer[0] = is_six(plan) ? ICMPV6_ECHO_REQUEST : ICMP_ECHO;
    status->pings++;
    s->buffer[6] = (uint8_t)(status->pings >> 8);
    s->buffer[7] = (uint8_t)status->pings;
    service_pattern_fill(service->seed, (uint64_t)status->pings << 32, s->buffer + HEADER_BYTES,
                         plan->size);
    service->sent_at[status->pings % SERVICE_PINGS] = service->calls->now(service->lab);
    /* A request that does not leave has no reply, which the end will tell. */
    if (service->calls->send_message(service->lab, plan->host, s->fd, &message, MSG_NOSIGNAL) >= 0)
        status->sent += plan->size;
    service->deadline = service->calls->now(service->lab) +
                        (status->pings == plan->count ? wait_after_last : plan->interval);
}

static void take(struct service *service, const uint8_t *bytes, size_t length)
{
    const struct service_plan *plan = &service->plan;
    struct service_status *status = &service->status;
    uint32_t number;
    int64_t rtt;

    if (length < HEADER_BYTES || bytes[0] != (is_six(plan) ? ICMPV6_ECHO_REPLY : ICMP_ECHOREPLY))
        return;
    /* The wire has 16 bits of the number; the rest is that of the newest with the same 16. */
    number = (uint32_t)(bytes[6] << 8 | bytes[7]);
    number |= status->pings & 0xffff0000;
    if (number > status->pings)
        number -= 0x10000;
    if (length != HEADER_BYTES + plan->size || number == 0 || number > status->pings ||
        service_pattern_check(service->seed, (uint64_t)number << 32, bytes + HEADER_BYTES,
                              plan->size) != plan->size) {
        service_fail(service, "a reply is not what was sent");
        return;
    }
    if (status->pings - number >= SERVICE_PINGS || service->sent_at[number % SERVICE_PINGS] < 0)
        return; /* too late, or a duplicate */
    rtt = service->calls->now(service->lab) - service->sent_at[number % SERVICE_PINGS];
    service->sent_at[number % SERVICE_PINGS] = -1;
    status->rtt_least = status->replies == 0 || rtt < status->rtt_least ? rtt : status->rtt_least;
    status->rtt_most = rtt > status->rtt_most ? rtt : status->rtt_most;
    status->rtt_sum += rtt;
    status->replies++;
    status->received += plan->size;
    if (status->replies == plan->count)
        service_end(service);
}

void service_ping_ready(struct service *service, struct service_socket *socket)
{
    int errors = 0;

    while (service->status.state == SERVICE_RUNNING && errors < ERRORS) {
        ssize_t got = service->calls->receive(service->lab, service->plan.host, socket->fd,
                                              socket->buffer, SERVICE_BUFFER, 0);

        if (got == -EAGAIN)
            return;
        if (got >= 0)
            take(service, socket->buffer, (size_t)got);
        else
            errors++; /* an ICMP error, taken by this call */
    }
}

void service_ping_unfinished(struct service *service)
{
    const struct service_status *status = &service->status;

    service_fail(service, "not finished: %u of %u requests sent, %u replies", status->pings,
                 service->plan.count, status->replies);
}
