/* SPDX-License-Identifier: MIT */
/*
 * An echo sends back what it reads: of a stream, it reads no more than it could send back; of
 * datagrams, each to where it came from. It is never done by itself.
 */
#include <errno.h>
#include "7-application/service_parts.h"

bool service_echo_is_background(const struct service_plan *plan)
{
    (void)plan;
    return true;
}

/* Sends what is held. @return true: all of it */
static bool echo_back(struct service *service, struct service_socket *s)
{
    while (s->held > 0) {
        ssize_t sent = service->calls->send(service->lab, service->plan.host, s->fd,
                                            s->buffer + s->from, s->held, MSG_NOSIGNAL);

        if (sent < 0) {
            if (sent != -EAGAIN)
                s->at_end = true;
            return false;
        }
        s->from += (size_t)sent;
        s->held -= (size_t)sent;
        service->status.sent += (uint64_t)sent;
    }
    s->from = 0;
    return true;
}

void service_echo_stream_ready(struct service *service, struct service_socket *s)
{
    while (echo_back(service, s)) {
        ssize_t got = service->calls->receive(service->lab, service->plan.host, s->fd, s->buffer,
                                              SERVICE_BUFFER, 0);

        if (got == -EAGAIN)
            return;
        if (got <= 0) {
            s->at_end = true;
            break;
        }
        s->held = (size_t)got;
        service->status.received += (uint64_t)got;
    }
    if (s->at_end)
        service_close_socket(service, s);
}

/* An echo that finds no room is a datagram lost, as UDP may. */
void service_echo_datagram_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length)
{
    message->length = length;
    message->flags = 0;
    if (service->calls->send_message(service->lab, service->plan.host, s->fd, message,
                                     MSG_NOSIGNAL) >= 0)
        service->status.sent += length;
}
