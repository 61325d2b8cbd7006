/* SPDX-License-Identifier: MIT */
/*
 * PART of netlink: what NETLINK_SOCK_DIAG has of each family of sockets (sock_diag(7)).
 */
#pragma once
#include "6-presentation/netlink_answer.h"

struct netlink_diag_family {
    uint8_t family;
    /* Before it is told: may it be asked for at all? @return 0 or -errno */
    int (*check)(const struct netlink_answer *a, const struct netlink_attributes *asked);
    netlink_action *dump;
    int (*get)(struct netlink_answer *a, nanoseconds now); /* one by its names; or NULL */
    int (*end)(struct netlink_answer *a, nanoseconds now); /* and ends it; or NULL */
};

/* ---- netlink_diag_local.c ---- */
int netlink_diag_local_check(const struct netlink_answer *a,
                             const struct netlink_attributes *asked);
netlink_action netlink_diag_local_dump;
int netlink_diag_local_get(struct netlink_answer *a, nanoseconds now);
int netlink_diag_local_frames_check(const struct netlink_answer *a,
                                    const struct netlink_attributes *asked);
netlink_action netlink_diag_local_frames_dump;
