/* SPDX-License-Identifier: MIT */
/*
 * PART of netlink: a request as it came (RFC 3549 2.3.2.1); and which there are: a row each
 * (netlink_request.c).
 */
#pragma once
#include "6-presentation/manage.h"
#include "6-presentation/netlink.h"
#include "6-presentation/netlink_attributes.h"

enum netlink_request_constants {
    NETLINK_REQUEST_DUMP = 0x300, /* NLM_F_DUMP */
    NETLINK_MULTI = 2             /* NLM_F_MULTI */
};

/* A request: the header, and behind it so many bytes. */
struct netlink_request {
    uint16_t type, flags;
    uint32_t serial;
    const uint8_t *header; /* 16 bytes, then the body */
    const uint8_t *body;
    uint32_t length; /* of the body */
};

struct netlink_answer;

/* @return 0 or -errno */
typedef int netlink_action(struct netlink_answer *a, const struct netlink_attributes *asked,
                           nanoseconds now);

/* One kind of entry that can be asked for, told and changed. What it has not is NULL. */
struct netlink_kind {
    uint16_t type;        /* RTM_NEW*; behind it DEL, GET, SET */
    uint16_t bytes;       /* of the struct that its messages begin with */
    netlink_action *dump; /* tells the table; may be stopped and called again */
    netlink_action *get, *put, *remove;
};

/* Answers one. @return 0 or -errno, for the message that answers */
int netlink_request_serve(struct netlink_answer *a, nanoseconds now);
/* Goes on with the table that is told; netlink_request_serve has begun it. */
void netlink_request_go_on(struct netlink_end *e, nanoseconds now);

/* ---- the kinds ---- */

netlink_action netlink_link_dump, netlink_link_get;
netlink_action netlink_address_dump;
netlink_action netlink_route_dump, netlink_route_get;
netlink_action netlink_neighbor_dump, netlink_neighbor_get;
netlink_action netlink_rule_dump;
netlink_action netlink_diag_dump, netlink_diag_get, netlink_diag_end;
/* Before it is told: may it be asked for at all? @return 0 or -errno */
int netlink_diag_check(const struct netlink_answer *a, const struct netlink_attributes *attributes);
netlink_action netlink_change_link, netlink_change_link_remove;
netlink_action netlink_change_address, netlink_change_address_remove;
netlink_action netlink_change_route, netlink_change_route_remove;
netlink_action netlink_change_neighbor, netlink_change_neighbor_remove;
