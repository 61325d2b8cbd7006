/* SPDX-License-Identifier: MIT */
/*
 * Stateless DHCPv6 without its sockets, both sides as values: what a server answers (RFC 8415
 * 18.3.6), and a client that is told of time, of messages and of routers, and says what is to be
 * sent (18.2.6, 18.2.10.4):
 *
 *     QUIET     no router has said that there is something to ask for (the O flag, RFC 4861 4.2)
 *     ASKING    an Information-request after 0 to 1 s, again after 1, 2, 4 ... 3600 s, each a tenth
 *               more or less (15, 7.6), until a Reply comes
 *     INFORMED  until the refresh time of the Reply is over: 86,400 s if it says none, 600 at least
 *               (21.23, 7.6); then ASKING, and what is known stays known meanwhile
 */
#pragma once
#include "7-application/service_dhcp6.h"
#include "base/siphash.h"
#include "base/time.h"

/* What a server tells. */
struct service_inform_plan {
    struct address name_server[SERVICE_DHCP6_LIST];
    uint8_t name_servers, domains;
    const char *domain[SERVICE_DHCP6_LIST]; /* the caller's */
};

enum service_inform_state { INFORM_QUIET, INFORM_ASKING, INFORM_INFORMED };

struct service_inform {
    enum service_inform_state state;
    struct service_dhcp6_id id;
    struct siphash_key key;
    uint64_t draws;
    uint32_t xid;
    bool is_informed;                  /* `told` is what a server said */
    struct service_dhcp6_message told; /* the last Reply */
    nanoseconds began, wait, deadline; /* wait: the last retransmission time; 0: none sent */
    nanoseconds since;                 /* when it was informed */
};

void service_inform_init(struct service_inform *c, const uint8_t hardware[6],
                         struct siphash_key key);
/* A router says that there is something to ask for. */
void service_inform_wanted(struct service_inform *c, nanoseconds now);
/* Its deadline has come. @return true: the message is to be sent */
bool service_inform_due(struct service_inform *c, nanoseconds now,
                        struct service_dhcp6_message *message);
void service_inform_came(struct service_inform *c, const struct service_dhcp6_message *m,
                         nanoseconds now);
/* What a server says to a message. @return false: nothing */
bool service_inform_answer(const struct service_inform_plan *plan,
                           const struct service_dhcp6_id *own,
                           const struct service_dhcp6_message *m,
                           struct service_dhcp6_message *reply);
