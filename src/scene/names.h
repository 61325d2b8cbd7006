/* SPDX-License-Identifier: MIT */
/* Names and servers of names of a lab, as the runner wants them. */
#pragma once
#include "7-application/service_dns.h"
#include "guest/guest.h"
#include "scene/scene.h"

enum {
    SCENE_SERVER_TEXT = ADDRESS_TEXT_BYTES + SOCKEYE_NAME_BYTES + 1, /* "fe80::1%eth0" */
    SCENE_SEARCH_TEXT = 264                                          /* domains, a blank between */
};

struct scene_names_live;
struct scene_names_servers;
struct service_set;

struct scene_names {
    const struct scene *lab;
    struct guest_config config; /* all but the directory */
    struct guest_name *rows;
    struct guest_server *servers;
    struct service_dns_record *records; /* the rows, as the lab's name servers have them */
    struct scene_names_live *live;      /* whose address the row is, if that comes while it runs */
    struct scene_names_servers *live_servers; /* of hosts that are told their servers */
    size_t live_servers_count;
    char (*text)[ADDRESS_TEXT_BYTES], (*server_text)[SCENE_SERVER_TEXT];
    struct guest_search *searches;
    char (*search_text)[SCENE_SEARCH_TEXT]; /* of the live servers' hosts */
};

/* @return 0, or -1: no memory; scene_names_close is right in both cases */
int scene_names_open(struct scene_names *names, const struct scene *lab);
/* Addresses, and servers of names, that came meanwhile. */
void scene_names_refresh(struct scene_names *names, const struct sockeye *lab,
                         const struct service_set *services);
void scene_names_close(struct scene_names *names);

enum { SCENE_NETWORK_SERVERS = 3 };

/* The servers of names that a router tells the hosts of a network, of one family: those that the
 * network names, else the lab's own. Without those that the router cannot reach.
 * @return how many */
unsigned scene_names_told(const struct scene *lab, const struct scene_network *network,
                          const struct scene_host *router, bool is_ip4,
                          struct address told[SCENE_NETWORK_SERVERS]);
