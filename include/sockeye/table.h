/* SPDX-License-Identifier: MIT */
/*
 * The tables of a node, as rows: its interfaces and their addresses, its neighbours, routes and
 * sockets; of a switch, its stations. Each row says how it came to be known and since when. What is
 * shown is what the node acts on, at the lab's present time, and looking changes nothing.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "sockeye/address.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sockeye_table_kind {
    SOCKEYE_TABLE_INTERFACES, /* a row for each address, and one for an interface without any */
    SOCKEYE_TABLE_NEIGHBORS,  /* of both families: what ARP and neighbour discovery found */
    SOCKEYE_TABLE_STATIONS,   /* of a switch: MAC addresses */
    SOCKEYE_TABLE_ROUTES,
    SOCKEYE_TABLE_SOCKETS,  /* and connections that no program holds any more */
    SOCKEYE_TABLE_MAPPINGS, /* of a translator (NAT) */
    SOCKEYE_TABLE_SERVERS,  /* of names: what routers said (RFC 8106) */
    SOCKEYE_TABLE_LAPB,     /* of X.25: its data links */
    SOCKEYE_TABLE_CIRCUITS, /* of X.25; two rows for one that is switched */
    SOCKEYE_TABLE_PORTS,    /* of a switch */
    SOCKEYE_TABLE_GROUPS,   /* of a switch: which ports listen to what, and where routers are */
    SOCKEYE_TABLE_KINDS
};

struct sockeye_row_interface {
    struct address address; /* and the length of its network; unspecified: none */
    uint32_t prefix;
    uint32_t wire, mtu;
    uint8_t mac[6];
    uint8_t state; /* enum address_state */
};

struct sockeye_row_neighbor {
    struct address address;
    uint8_t mac[6]; /* as far as it is known */
    uint8_t state;  /* enum neighbor_state */
};

struct sockeye_row_station {
    uint64_t moves; /* from port to port */
    uint16_t vlan;  /* 0: none */
    uint8_t mac[6];
};

struct sockeye_row_route {
    struct address network, gateway; /* gateway unspecified: on the wire itself */
    uint32_t prefix, metric;
    uint8_t kind; /* enum sockeye_route_kind */
};

struct sockeye_row_socket {
    struct endpoint local, remote; /* remote unspecified: none */
    uint64_t unread, unsent;       /* bytes that wait; unsent: or are not acknowledged */
    uint8_t protocol;              /* of IP: 6, 17; 1: ping */
    uint8_t state;                 /* enum tcp_state_name; of others ESTABLISHED or CLOSED */
};

struct sockeye_row_mapping {
    struct endpoint inner, outer;
    struct endpoint peer; /* as far as it counts; unspecified: it does not */
    uint32_t sessions;
    uint8_t protocol; /* of IP */
};

struct sockeye_row_server {
    struct address address;
};

struct sockeye_row_lapb {
    uint64_t sent, received, again; /* I frames; again: sent once more */
    uint64_t rejects, timeouts;     /* REJ that came; T1 that ran out */
    uint8_t state;                  /* enum lapb_state */
    uint8_t is_dce, is_128;         /* frames are numbered modulo 128 */
};

enum sockeye_circuit_state {
    SOCKEYE_CIRCUIT_CALLING = 1,
    SOCKEYE_CIRCUIT_CALLED,
    SOCKEYE_CIRCUIT_OPEN,
    SOCKEYE_CIRCUIT_RESETTING,
    SOCKEYE_CIRCUIT_CLEARING
};

struct sockeye_row_circuit {
    char called[16], calling[16]; /* digits; of a switched one unknown */
    uint64_t packets;             /* that were switched */
    uint16_t lcn;
    uint8_t state; /* enum sockeye_circuit_state */
    uint8_t is_switched;
    uint8_t is_128;                /* packets are numbered modulo 128 */
    uint8_t window_in, window_out; /* of one that ends here */
    uint8_t packet_in, packet_out; /* logarithms of bytes */
};

struct sockeye_row_port {
    uint64_t in, in_bytes, out, out_bytes; /* frames; IEEE 802.1D 14.6.1 */
    uint64_t dropped;                      /* of those that came in: they went nowhere */
    uint32_t wire;
    uint16_t vlan; /* of frames without a tag; 0: the switch has no VLANs, or the port takes none */
    uint8_t role;  /* enum port_role; without a spanning tree DESIGNATED */
    uint8_t state; /* enum port_state */
};

struct sockeye_row_group {
    struct address group; /* unspecified: all of its family; somebody asks for them, or a router */
    uint16_t vlan;        /* 0: none */
    uint8_t asks, routes;
};

struct sockeye_row {
    int64_t since;      /* lab time; -1: it is not remembered */
    int64_t until;      /* when it ends by itself; SOCKEYE_NEVER */
    uint16_t interface; /* its number; a station's port; 0xffff: none, or the node itself */
    uint8_t origin;     /* enum origin */
    uint8_t kind;       /* enum sockeye_table_kind: which member of the union holds */
    union {
        struct sockeye_row_interface interfaces;
        struct sockeye_row_neighbor neighbor;
        struct sockeye_row_station station;
        struct sockeye_row_route route;
        struct sockeye_row_socket socket;
        struct sockeye_row_mapping mapping;
        struct sockeye_row_server server;
        struct sockeye_row_lapb lapb;
        struct sockeye_row_circuit circuit;
        struct sockeye_row_port port;
        struct sockeye_row_group group;
    };
};

struct sockeye;

/* Fills in the first `most` rows of a table. @return how many there are, which may be more; 0 also
 * where the node has no such table @raise EINVAL */
int64_t sockeye_table(const struct sockeye *lab, int node, enum sockeye_table_kind kind,
                      struct sockeye_row *rows, size_t most);

#ifdef __cplusplus
}
#endif
