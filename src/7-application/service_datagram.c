/* SPDX-License-Identifier: MIT */
/*
 * What services of UDP share. A datagram of a source begins with its offset in the stream, 8 bytes
 * big-endian, so that each is verified by itself: UDP may lose, double and reorder them, and none
 * of that is a failure.
 */
#include <errno.h>
#include "7-application/service_parts.h"

enum { OFFSET_BYTES = 8, ERRORS = 16 };

void service_datagram_bind(struct service *service)
{
    int fd = service_bound(service, SOCK_DGRAM);

    if (fd >= 0)
        (void)service_open_socket(service, fd, ROLE_DATAGRAM);
}

void service_datagram_fill(const struct service *service, uint64_t offset, uint8_t *bytes,
                           size_t length)
{
    for (int i = 0; i < OFFSET_BYTES; i++)
        bytes[i] = (uint8_t)(offset >> (56 - 8 * i));
    if (length > OFFSET_BYTES)
        service_pattern_fill(service->seed, offset + OFFSET_BYTES, bytes + OFFSET_BYTES,
                             length - OFFSET_BYTES);
}

bool service_datagram_is_right(const struct service *service, const uint8_t *bytes, size_t length)
{
    uint64_t offset = 0;

    if (length < OFFSET_BYTES)
        return true; /* the last one may be that short */
    for (int i = 0; i < OFFSET_BYTES; i++)
        offset = offset << 8 | bytes[i];
    return service_pattern_check(service->seed, offset + OFFSET_BYTES, bytes + OFFSET_BYTES,
                                 length - OFFSET_BYTES) == length - OFFSET_BYTES;
}

void service_datagram_ready(struct service *service, struct service_socket *socket)
{
    int fd = socket->fd, errors = 0;

    while (service->status.state == SERVICE_RUNNING && errors < ERRORS) {
        struct sockaddr_storage from;
        struct call_message message = {.bytes = socket->buffer,
                                       .length = SERVICE_BUFFER,
                                       .address = &from,
                                       .address_length = sizeof from};
        ssize_t got =
            service->calls->receive_message(service->lab, service->plan.host, fd, &message, 0);

        if (got == -EAGAIN)
            return;
        if (got >= 0) {
            socket->received += (uint64_t)got;
            service->status.received += (uint64_t)got;
            service->row->datagram_came(service, socket, &message, (size_t)got);
        } else {
            errors++; /* an ICMP error of an earlier datagram, taken by this call */
        }
    }
}
