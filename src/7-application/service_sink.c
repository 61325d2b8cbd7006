/* SPDX-License-Identifier: MIT */
/*
 * A sink. Over TCP it accepts, verifies and counts until the end, then closes; it is done when it
 * has served as many connections as it was asked to. Over UDP it verifies each datagram, and is
 * done when its total has come.
 */
#include "7-application/service_parts.h"

bool service_sink_is_background(const struct service_plan *plan)
{
    return plan->stream ? plan->connections == 0 : !plan->has_total;
}

void service_sink_stream_ready(struct service *service, struct service_socket *s)
{
    const struct service_plan *plan = &service->plan;
    struct service_status *status = &service->status;

    if (!service_stream_receive(service, s))
        return;
    service_close_socket(service, s);
    if (plan->connections == 0 || status->connections < plan->connections ||
        (service->sockets != NULL &&
         (service->sockets->role != ROLE_LISTENER || service->sockets->next != NULL)))
        return;
    if (plan->has_total && status->received != plan->bytes)
        service_fail(service, "%llu bytes arrived, not %llu", (unsigned long long)status->received,
                     (unsigned long long)plan->bytes);
    else
        service_end(service);
}

void service_sink_datagram_came(struct service *service, struct service_socket *s,
                                struct call_message *message, size_t length)
{
    (void)message;
    if (!service_datagram_is_right(service, s->buffer, length))
        service_fail(service, "a datagram is not what was sent");
    else if (service->plan.has_total && service->status.received >= service->plan.bytes)
        service_end(service);
}
