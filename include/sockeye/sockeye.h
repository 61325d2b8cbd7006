/* SPDX-License-Identifier: MIT */
/*
 * Sockeye: sockets, TCP, UDP, IP, Ethernet and the wires, as a value that you step.
 *
 * A lab holds hosts and wires. It changes only when you call it; it has no thread, reads no clock,
 * and keeps no global state, so two labs live in one process, and the same calls give the same
 * bytes. Time is yours: nanoseconds from 0, only forward. All socket calls are non-blocking and
 * return -errno, never errno itself: -EAGAIN means "advance, then ask again".
 *
 *     sockeye_open        make a lab; then hosts, wires, interfaces, addresses, routes
 *     sockeye_socket ...  what a program does on a host, at the lab's current time
 *     sockeye_advance     let time pass up to `now`; returns the next deadline
 *     sockeye_inject / sockeye_emit   packets of a wire whose far end is you
 *     sockeye_next_change which sockets became readable, writable, failed
 *     sockeye_save / sockeye_load     the whole state as an image, for the same build
 *     sockeye_table       what a node knows: addresses, neighbours, routes, sockets (table.h)
 *     sockeye_reader_open see every frame, drop and change of state, when you like
 *     sockeye_observe     the same, called back as it happens
 *
 * Addresses and options of socket calls are in the Linux ABI's form (struct sockaddr_in,
 * SOL_TCP...).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SOCKEYE_NEVER INT64_MAX              /* a deadline that does not come */
#define SOCKEYE_TIME_MOST (INT64_C(1) << 62) /* where the time of a lab ends: 146 years */
#define SOCKEYE_WAIT_MOST (INT64_C(1) << 60) /* the longest delay of a wire: 36 years */
#define SOCKEYE_VERSION "0.1.0"

enum sockeye_limits {
    SOCKEYE_NAME_BYTES = 32, /* names of hosts, wires, interfaces; with the NUL */
    SOCKEYE_HOSTS = 4096,
    SOCKEYE_WIRES = 8192,           /* a host's loopback is wire number SOCKEYE_WIRES + host */
    SOCKEYE_INTERFACES = 256,       /* of one host, loopback included (it is number 0) */
    SOCKEYE_STATIONS = 4096,        /* MAC addresses that a switch remembers */
    SOCKEYE_GROUPS = 4096,          /* groups of its ports that a switch remembers */
    SOCKEYE_LABS = 5,               /* labs in one process at a time */
    SOCKEYE_READER_BYTES = 1 << 20, /* of events that wait for slow readers */
    SOCKEYE_READER_BYTES_LEAST = 1 << 18,
    SOCKEYE_READER_BYTES_MOST = 1 << 30
};

struct sockeye; /* a lab */

/* ---- life ---- */

struct sockeye_config {
    uint64_t seed;         /* of all chance in the lab */
    uint32_t hosts;        /* most hosts, switches and hubs together; 0: 16 */
    uint32_t wires;        /* most wires; 0: 32 */
    uint32_t sockets;      /* most sockets and connections of one host, to 131,072; 0: 4096 */
    uint32_t packets;      /* most packets of 2 KiB one host or wire direction holds; 0: 4096 */
    uint64_t buffer_bytes; /* most bytes of socket buffers of one host; 0: 256 MiB */
    uint64_t wall_base;    /* wall clock of time 0, ns since 1970: for SO_TIMESTAMP alone */
};

/* Opens an empty lab. `config` may be NULL. A lab has 64 GiB of addresses (memory is taken as it is
 * used): where the defaults of sockets, packets and buffer_bytes are more than that for so many
 * hosts and wires, they are less. @raise EINVAL ENOMEM EMFILE (SOCKEYE_LABS are open) */
int sockeye_open(const struct sockeye_config *config, struct sockeye **lab);
void sockeye_close(struct sockeye *lab); /* NULL is fine */

/* ---- the parts of a lab; all return a number >= 0 or -errno ---- */

/* Adds a host, with a loopback interface `lo` (127.0.0.1/8). @raise EEXIST EINVAL ENOSPC ENOMEM */
int sockeye_host(struct sockeye *lab, const char *name);

/* Adds a hub: what comes in by one of its interfaces goes out by all others. It has no loopback, no
 * sockets, addresses, routes or settings: calls that mean these are refused with EOPNOTSUPP.
 * @raise EEXIST EINVAL ENOSPC ENOMEM */
int sockeye_hub(struct sockeye *lab, const char *name);

/* A switch. Zeroes mean the defaults. */
struct sockeye_switch_config {
    int64_t age_ns;         /* how long a silent station is remembered; 0: 300 s */
    uint32_t stations;      /* most that it remembers; 0: SOCKEYE_STATIONS */
    uint32_t port_stations; /* most of one port; 0: as many */
    uint32_t keep_oldest;   /* 1: where there is no room, a new station is not learned; 0: the one
                             * that was silent longest goes */
    uint32_t vlans;         /* 1: IEEE 802.1Q; 0: tags are data, and nothing is said of VLANs */
    uint32_t stp;           /* 1: the rapid spanning tree (IEEE 802.1D-2004), one for all VLANs; 0:
                             * its messages are data, and loops are for somebody else to open */
    uint32_t priority;      /* in it, 4096 to 61,440 in steps of 4096: the switch with the least is
                             * the root; 0: 32,768 */
    /* IGMP and MLD snooping (RFC 4541): what is for a group goes to who said that they listen to
     * it, and to routers, as soon as there is somebody who asks */
    uint32_t no_snooping; /* 1: it goes to all */
    uint32_t groups;      /* most that it remembers, each port's by itself; beyond them what is for
                            * groups goes to all; 0: SOCKEYE_GROUPS */
    int64_t group_age_ns; /* how long a group is remembered of which nobody speaks; 0: 260 s */
    uint32_t querier;     /* 1: it asks who listens */
    uint32_t querier_ip4; /* from this address, in host byte order; 0: 0.0.0.0, which other
                            * snooping switches do not take for a router's */
};

/* Adds a switch, which learns behind which of its interfaces each station is (IEEE 802.1D), and
 * sends frames there alone. Like a hub it has no loopback and nothing of a host. `config` may be
 * NULL. @raise EEXIST EINVAL ENOSPC ENOMEM */
int sockeye_switch(struct sockeye *lab, const char *name,
                   const struct sockeye_switch_config *config);

/* A port of a switch. Zeroes mean the defaults: with VLANs, an access port of VLAN 1. */
struct sockeye_port_config {
    uint32_t stations;    /* most that are remembered behind it; 0: what the switch says */
    uint32_t vlan;        /* of frames without a tag, 1 to 4094; 0: VLAN 1, or, of a trunk, none:
                           * such frames are dropped */
    uint32_t double_tags; /* 1: a tag behind the one of the port's own is data, and of an access
                           * port every tag is; 0: such frames are dropped */
    uint32_t storm_rate; /* frames a second that come in and go out by all other ports, for they are
                           * for all, a group, or a station unknown; more are dropped; 0: no limit;
                           * to 1,000,000,000 */
    uint32_t storm_burst; /* of these at once; 0: a tenth of a second's, but one at least */
    /* these four of a switch with `stp` alone */
    uint32_t cost;     /* of a way by it, to 200,000,000; 0: by its wire's rate, 20,000 for 1 Gbit/s
                           * and 2000 for a wire without a rate */
    uint32_t priority; /* 16 to 240 in steps of 16; 0: 128 */
    uint32_t edge;     /* 1: no switch is behind it: it opens at once; 0: three seconds after it
                           * was joined, if none was heard until then */
    uint32_t shared;   /* 1: several switches may be behind it (by a hub): nobody agrees for all,
                           * and it opens by time alone */
    const char *trunk; /* the VLANs that pass with a tag: "10,20-30", "all", ""; NULL: none does,
                           * it is an access port, and takes no tag but that of a priority */
};

/* Says all of a port of a switch, by the number of its interface; what was said before holds no
 * longer. Stations behind it are forgotten if its VLANs change. @raise EINVAL (also: VLANs, and the
 * switch has none) EOPNOTSUPP no switch */
int sockeye_switch_port(struct sockeye *lab, int node, int interface,
                        const struct sockeye_port_config *config);

/* Adds a router: a host that forwards (net.ipv4.ip_forward and net.ipv6.conf.all.forwarding are 1).
 * Whatever takes a host takes a router. As sockeye_host. */
int sockeye_router(struct sockeye *lab, const char *name);

/* What a router advertises by an interface (RFC 4861 6.2.1). Zeroes mean the defaults. */
struct sockeye_advertise_config {
    uint32_t off;        /* 1: nothing any more; it says so once */
    uint32_t interval_s; /* most between two, 4 to 1800; 0: 600. The least is a third of it */
    uint32_t lifetime_s; /* how long it is a router to all, interval_s to 9000; 0: 3 * interval_s */
    uint32_t no_default; /* 1: it is no router to all */
    int32_t preference;  /* among such: 1 high, 0 medium, -1 low (RFC 4191) */
    uint32_t mtu;        /* 0: not said */
    uint32_t reachable_ms;  /* how long an answer of a neighbour holds, to an hour; 0: not said */
    uint32_t retransmit_ms; /* between questions for one; 0: not said */
    uint32_t managed;       /* 1: DHCPv6 has addresses */
    uint32_t other;         /* 1: DHCPv6 has other things */
    uint32_t valid_s;       /* of addresses from its prefixes; 0: 2,592,000; UINT32_MAX: for ever */
    uint32_t preferred_s;   /* the same; 0: 604,800 */
    uint32_t no_addresses; /* 1: its prefixes are on the link, and nobody makes addresses of them */
    const char *prefixes;  /* "fd00:1::/64, fd00:2::/64", 8 at most; NULL: those of the addresses
                             * that the interface was given */
    const char *servers;   /* of names: "fd00:1::53", 4 at most; NULL: none (RFC 8106) */
};

/* Lets a router advertise by an interface; what it was told before holds no longer. Hosts whose
 * interface configures itself ("auto" of sockeye_address) get addresses and a default route from
 * it. A host that does not forward can advertise too, but as no router to all, and nobody's
 * question reaches it. `config` may be NULL. @raise EINVAL ENOMEM */
int sockeye_advertise(struct sockeye *lab, int router, int interface,
                      const struct sockeye_advertise_config *config);

/* Looks for wires that join hubs and switches in a loop with no switch on it that takes part in the
 * spanning tree: there frames for all would go round for ever. `wires`, with room for `most`, gets
 * the numbers of the first such loop, in their order around it.
 * @return how many wires it has; 0: there is none */
int sockeye_find_loop(const struct sockeye *lab, int *wires, int most);

/* Who goes when the queue of a wire with a rate is full, or stands. */
enum sockeye_queue {
    SOCKEYE_QUEUE_TAIL,    /* who comes is refused */
    SOCKEYE_QUEUE_HEAD,    /* the oldest goes */
    SOCKEYE_QUEUE_CODEL,   /* RFC 8289 */
    SOCKEYE_QUEUE_FQ_CODEL /* RFC 8290 */
};

/* One direction of a wire. Zeroes mean: no limit, no delay beyond 1 us, no fault.
 * Chances are in parts per million. */
struct sockeye_wire_config {
    uint64_t rate_bits;     /* bits a second; 0: infinite */
    int64_t delay_ns;       /* 0: 1000 (the least); all three to SOCKEYE_WAIT_MOST */
    int64_t jitter_ns;      /* added: uniform in [0, jitter]; frames may overtake each other */
    uint32_t loss_ppm;      /* frames lost */
    uint32_t reorder_ppm;   /* frames held back by reorder_ns, so that later ones pass */
    int64_t reorder_ns;     /* 0: 1 ms when reorder_ppm is set */
    uint32_t duplicate_ppm; /* frames delivered twice */
    uint32_t corrupt_ppm;   /* frames with one bit flipped */
    uint32_t past_fcs;      /* 1: the flipped bit is in the IP packet, and the FCS is good */
    uint32_t queue_packets; /* frames waiting to be sent; 0: 1000 */
    uint32_t queue_bytes;   /* 0: no limit in bytes */
    uint32_t mtu;           /* bytes of IP packet; 0: 1500; 68 to 65535 */
    /* Losses in bursts (Gilbert and Elliott; `loss gemodel` of tc-netem): loss_ppm is the chance in
     * the good state, this in the bad one; the chances to go from good to bad, and back. 0: no
     * bursts; else the way back is not 0 */
    uint32_t loss_bad_ppm, loss_to_bad_ppm, loss_to_good_ppm;
    uint32_t queue_discipline;                  /* enum sockeye_queue */
    uint32_t queue_ecn;                         /* of both CoDels: 1: mark what is ECT */
    int64_t queue_target_ns, queue_interval_ns; /* of both; 0: 5 ms, 100 ms */
    uint32_t queue_flows;                       /* of FQ-CoDel: 1 to 1024; 0: 1024 */
    uint32_t queue_quantum;                     /* bytes, 256 to 65535; 0: 1514 */
};

/* Adds a wire with two ends. `forth` is end 0 -> end 1, `back` the other way; NULL: a perfect wire,
 * and `back` NULL with `forth` given: the same both ways. The MTU is the lesser of both.
 * @raise EEXIST EINVAL ENOSPC */
int sockeye_wire(struct sockeye *lab, const char *name, const struct sockeye_wire_config *forth,
                 const struct sockeye_wire_config *back);
/* Changes a direction (0 or 1) of a wire from now on; frames under way keep their fate, and the MTU
 * stays (sockeye_wire_mtu). What waits goes over to another discipline.
 * @raise EINVAL, also for a door; ENOSPC */
int sockeye_wire_change(struct sockeye *lab, int wire, int direction,
                        const struct sockeye_wire_config *config);
/* Changes the MTU of a wire, 68 to 65535 bytes of IP packet, of both directions: its interfaces
 * follow at once, and what is under way arrives.
 * @raise EINVAL, also for a door; EOPNOTSUPP: less than 1280, and an end of it speaks IPv6 */
int sockeye_wire_mtu(struct sockeye *lab, int wire, uint32_t mtu);
/* Takes a direction down or up at time `when` (>= now); frames sent while it is down are lost.
 * @raise EINVAL ENOSPC (16 changes of it are still to come) */
int sockeye_wire_link(struct sockeye *lab, int wire, int direction, bool up, int64_t when);

/* ---- faults of nodes ---- */

/* A node that is paused is a virtual machine that was stopped: it hears and sends nothing, and what
 * its timers were to do is done at once when it is resumed. A node that crashes loses power, and
 * with it all connections, listeners and mappings of a translator (but forwards): its sockets stay
 * to be closed, and streams among them tell ENETDOWN; sockeye_resume starts it anew.
 * @raise EINVAL no such node; EALREADY */
int sockeye_pause(struct sockeye *lab, int node);
int sockeye_resume(struct sockeye *lab, int node);
int sockeye_crash(struct sockeye *lab, int node);

enum sockeye_partition_action {
    SOCKEYE_PARTITION_DROP,
    SOCKEYE_PARTITION_RESET,      /* TCP is answered with a RST */
    SOCKEYE_PARTITION_UNREACHABLE /* ICMP: administratively prohibited */
};

struct sockeye_partition {
    const uint16_t *from, *to; /* hosts and routers */
    size_t from_count, to_count;
    const uint16_t *ports; /* at most 8, of either end; none: all packets */
    size_t port_count;
    enum sockeye_partition_action action;
    bool new_only; /* only TCP connections that are being opened */
};

/* Packets of the first to the second do not go any more, whatever their path. They are known by
 * their addresses, and held back where they leave their maker. @return the number of the partition
 * @raise EINVAL ENOSPC (32 at a time) */
int sockeye_partition(struct sockeye *lab, const struct sockeye_partition *partition);
int sockeye_heal(struct sockeye *lab, int partition); /* @raise EINVAL no such partition */

enum sockeye_door { SOCKEYE_DOOR_ETHERNET, SOCKEYE_DOOR_IP };
/* Adds a wire whose end 1 is outside: frames out by sockeye_emit, in by sockeye_inject. mtu 0:
 * 1500. @raise EEXIST EINVAL ENOSPC */
int sockeye_door(struct sockeye *lab, const char *name, enum sockeye_door kind, uint32_t mtu);

/* Joins a host to an end (0 or 1) of a wire by a new interface. mac: 6 bytes or NULL (made from the
 * names). A switch or hub gets another port, and no door that carries IP without Ethernet.
 * @return the interface's number on the host (>= 1; of a switch or hub >= 0)
 * @raise EEXIST EINVAL ENOSPC ENOMEM EBUSY (somebody is at that end) */
int sockeye_interface(struct sockeye *lab, int host, const char *name, int wire, int end,
                      const uint8_t *mac);

/* Adds an interface for a VLAN (1 to 4094) beside one that a host has at a wire, as `eth0.10` is on
 * Linux: its frames have the tag of the VLAN there, and it has the same MAC address. It takes the
 * place of an end of a wire in the limits of the lab (`wires`). @return its number
 * @raise EINVAL EEXIST (its name, or its VLAN there) ENOSPC ENOMEM EOPNOTSUPP no host */
int sockeye_vlan(struct sockeye *lab, int host, int interface, const char *name, uint32_t vlan);
/* Gives an interface an address, "10.0.0.1/24" or "fd00::1/64"; the on-link route comes with it,
 * and an announcement (RFC 5227) is sent, or it is asked for (RFC 4862 5.4). From its first address
 * of IPv6 on the interface speaks it, and has a link-local address too. "auto": it finds its
 * addresses of IPv6 itself, by what routers advertise (RFC 4862).
 * @raise EINVAL EEXIST ENOSPC (16 of an interface) ENOMEM EAFNOSUPPORT (`ipv6.disable` is 1) */
int sockeye_address(struct sockeye *lab, int host, int interface, const char *text);
/* Takes an address away, with its on-link route if no other address of the interface is in that
 * network. @raise EINVAL EADDRNOTAVAIL (it has none such) EAFNOSUPPORT */
int sockeye_address_remove(struct sockeye *lab, int host, int interface, const char *text);
/* Sends an ARP probe (RFC 5227 2.1.1) for an address of IPv4 that the interface is to get: who has
 * it answers, and others learn nothing. `begins`: the first of its probes.
 * @raise EINVAL EOPNOTSUPP (a wire without Ethernet) */
int sockeye_probe(struct sockeye *lab, int host, int interface, const char *address, bool begins);
/* Has anybody claimed the address since the first probe? @return 1: yes, 0 @raise EINVAL: another
 * address was probed last, or none */
int sockeye_probed(const struct sockeye *lab, int host, int interface, const char *address);
/* Adds a static route: "0.0.0.0/0" or "default" via a gateway ("10.0.0.254"), or on-link (NULL).
 * @raise EINVAL EEXIST; ENOSPC (4096 of a host, those of its addresses included, and
 * 2,097,152 of all hosts that the lab may have) */
int sockeye_route(struct sockeye *lab, int host, const char *destination, const char *gateway,
                  int interface);

/* What becomes of a packet: it is sent on, or dropped, and whoever sent it is told or not: on this
 * host by EINVAL, EHOSTUNREACH, EACCES, elsewhere by ICMP; of a black hole nobody is told. */
enum sockeye_route_kind {
    SOCKEYE_ROUTE_UNICAST,
    SOCKEYE_ROUTE_BLACKHOLE,
    SOCKEYE_ROUTE_UNREACHABLE,
    SOCKEYE_ROUTE_PROHIBIT
};

/* What else a route may say. Zeroes mean the defaults. */
struct sockeye_route_config {
    enum sockeye_route_kind kind; /* other than unicast: no gateway, interface 0 */
    uint32_t metric;              /* of two routes to a network the less is taken */
    uint32_t mtu;                 /* bytes of IP packet, at least 68; 0: the interface's */
};

/* The same; or changes the route by the same way. `config` may be NULL.
 * @return 1: it was there already, 0 @raise EINVAL EAFNOSUPPORT ENOSPC */
int sockeye_route_put(struct sockeye *lab, int host, const char *destination, const char *gateway,
                      int interface, const struct sockeye_route_config *config);
/* Takes a route away. gateway NULL and interface 0: the first to that destination, of any kind.
 * @raise EINVAL EAFNOSUPPORT; ESRCH: there is none such */
int sockeye_route_remove(struct sockeye *lab, int host, const char *destination,
                         const char *gateway, int interface);

/* How much of a peer counts (RFC 4787 4.1, 5). */
enum sockeye_nat_dependence {
    SOCKEYE_NAT_DEFAULT, /* of mappings: independent; of the filter: the address */
    SOCKEYE_NAT_INDEPENDENT,
    SOCKEYE_NAT_ADDRESS,
    SOCKEYE_NAT_ADDRESS_AND_PORT /* of mappings: "symmetric" */
};

/* A translator of addresses. Zeroes mean the defaults. */
struct sockeye_nat_config {
    enum sockeye_nat_dependence mapping, filter;
    uint32_t no_hairpin;      /* 1: the inside does not reach itself by the outer address */
    uint32_t closed;          /* 1: from outside nothing is for the router itself but answers */
    uint32_t inbound_refresh; /* 1: UDP that comes in keeps its mapping too (RFC 4787 REQ-6) */
    uint32_t sessions, host_sessions; /* most of all (65536), and of one inner address (16384) */
    uint16_t port_first, port_last;   /* of those it chooses itself; 0: 1024 to 65535 */
    /* what is idle so long ends: UDP (300 s), TCP that opens (240 s), that is open (7440 s), and
     * questions of ICMP (60 s) */
    int64_t udp_ns, transitory_ns, established_ns, icmp_ns;
    const char *inner, *outer; /* prefixes of IPv6, "fd00:1::/48": each inner address has its outer
                                * one, without ports (NPTv6, RFC 6296); NULL: ports, as of IPv4 */
    int64_t closing_ns;        /* TCP that was closed or reset; 0: as transitory_ns */
};

/* A router translates what leaves by an interface, the outside, to the first address of it of each
 * family, and its answers back (RFC 4787, 5382, 5508). It is to be a router's, or a host's that
 * forwards; `config` may be NULL.
 * @raise EINVAL EEXIST (it does already); ENOSPC (16 of a lab) */
int sockeye_nat(struct sockeye *lab, int router, int outside,
                const struct sockeye_nat_config *config);
/* What comes to a port of the outer address goes to an inner one, from everybody, whose address
 * stays. protocol: IPPROTO_TCP or IPPROTO_UDP.
 * @raise EINVAL EEXIST (the port is taken) ENOSPC; EADDRNOTAVAIL: the outside has no address */
int sockeye_nat_forward(struct sockeye *lab, int router, int protocol, int outer_port,
                        const char *inner, int inner_port);

/* A line of X.25 by LAPB, at an interface. Zeroes mean the defaults, which are those of Linux. */
enum sockeye_x25_role {
    SOCKEYE_X25_BY_END, /* end 0 of a wire is the DTE */
    SOCKEYE_X25_DTE,
    SOCKEYE_X25_DCE
};

struct sockeye_x25_config {
    int64_t t1_ns, t2_ns; /* how long an answer may take (5 s), an acknowledgement wait (1 s) */
    uint32_t n1;          /* most bytes in a frame (1495) */
    uint32_t n2;          /* how often a thing is asked (20) */
    uint32_t k;           /* frames on their way (7; up to 127 with frames_128) */
    enum sockeye_x25_role role;
    uint32_t frames_128, packets_128;         /* 1: LAPB, or packets, are numbered modulo 128 */
    uint32_t lowest_channel, highest_channel; /* 1 to 4095 */
    uint8_t peer[6];                          /* the other station; zeroes: all on the wire */
};

/* A data link of LAPB at an interface of a host, as Linux's lapbether has it; the station on the
 * other end of the wire is to have one too. It is set up when a call wants it; routes say which.
 * @raise ENODEV EINVAL; EOPNOTSUPP no Ethernet; EEXIST; ENOBUFS */
int sockeye_x25_lapb(struct sockeye *lab, int host, int interface,
                     const struct sockeye_x25_config *config);
/* Calls of X.25 are taken over TCP from now on: XOT, port 1998 (RFC 1613). @raise EADDRINUSE */
int sockeye_x25_xot(struct sockeye *lab, int host);
/* Of these hosts alone ("10.0.0.0/24", or an address), and of those permitted before and later; as
 * long as none was said, of all. @raise EINVAL; ENOBUFS (8) */
int sockeye_x25_permit(struct sockeye *lab, int host, const char *network);
/* Calls to addresses that begin with these digits go to the line at an interface, or (xot: an
 * address of IP) each by a stream of its own to that host. Of several the longest prefix is taken;
 * "" is everybody's. packets_128: over a stream packets are numbered modulo 128.
 * @raise EINVAL; ENODEV no line is there; ENOBUFS (32) */
int sockeye_x25_route(struct sockeye *lab, int host, const char *prefix, int interface,
                      const char *xot, int packets_128);
int sockeye_x25_route_remove(struct sockeye *lab, int host, const char *prefix); /* @raise ENOENT */

/* Sets or reads a setting of a host by name, Linux's sysctl name where there is one
 * ("net.ipv4.tcp_sack", "net.ipv4.tcp_rmem"). host -1: of all hosts, those made later too.
 * @raise ENOENT no such setting; EINVAL a bad value; ERANGE; ENOSPC text too small */
int sockeye_set(struct sockeye *lab, int host, const char *name, const char *value);
int sockeye_get(struct sockeye *lab, int host, const char *name, char *text, size_t size);
/* The i-th name of a setting, from 0, with a line of help; NULL after the last. */
const char *sockeye_setting(int i, const char **help);

/* Names and numbers. @return NULL or -ENOENT when there is none */
int sockeye_find_host(const struct sockeye *lab, const char *name);
int sockeye_find_wire(const struct sockeye *lab, const char *name);
const char *sockeye_host_name(const struct sockeye *lab, int host);
const char *sockeye_wire_name(const struct sockeye *lab, int wire);
/* Which host and interface stand at an end of a wire; false: nobody, or outside. */
bool sockeye_wire_end(const struct sockeye *lab, int wire, int end, int *host, int *interface);
/* The interface's name, or NULL; its first address as text into `text` ("" if none), which may be
 * NULL. */
const char *sockeye_interface_name(const struct sockeye *lab, int host, int interface, char *text,
                                   size_t size);
/* The MAC address of an interface. @raise EINVAL no such interface */
int sockeye_hardware(const struct sockeye *lab, int host, int interface, uint8_t mac[6]);

/* What a node knows stands in tables: sockeye_table, in table.h. */

/* ---- time ---- */

int64_t sockeye_now(const struct sockeye *lab);
/* Runs every event due at or before `now`, in order, each at its own time, then sets the clock to
 * `now`, but not beyond SOCKEYE_TIME_MOST: what would be due later never is. Runs at most 100,000
 * events a call: then the clock stays at the last event's time and the result is <= now.
 * @return the next deadline, SOCKEYE_NEVER if nothing will happen by itself */
int64_t sockeye_advance(struct sockeye *lab, int64_t now);
int64_t sockeye_next_deadline(const struct sockeye *lab);
/* Runs the next event only. @return 1, or 0 if there is none at or before `now` */
int sockeye_step(struct sockeye *lab, int64_t now);

/* Another wall clock of time 0 than that of struct sockeye_config, for the stamps that are read
 * from now on: a driver says so when it begins, and when lab time was held back. */
void sockeye_wall_base(struct sockeye *lab, uint64_t wall_base);

/* ---- a door ---- */

/* A frame or packet arrives from outside, at the lab's time. @raise EINVAL EMSGSIZE ENOBUFS */
int sockeye_inject(struct sockeye *lab, int wire, const void *bytes, size_t length);
/* Takes the next frame that left by the door. @return its length @raise EAGAIN none; EMSGSIZE size
 * is too small (the frame stays). `when`, may be NULL: the lab time at which it left. */
ssize_t sockeye_emit(struct sockeye *lab, int wire, void *bytes, size_t size, int64_t *when);

/* ---- socket calls. fd is a number of the host, lowest free first, from 3 ---- */

/* @raise EAFNOSUPPORT EINVAL EPROTONOSUPPORT ESOCKTNOSUPPORT EMFILE ENOBUFS */
int sockeye_socket(struct sockeye *lab, int host, int domain, int type, int protocol);
/* Two sockets that are connected to each other, of AF_UNIX.
 * @raise as sockeye_socket; EOPNOTSUPP the domain has no pairs */
int sockeye_socketpair(struct sockeye *lab, int host, int domain, int type, int protocol,
                       int fd[2]);
int sockeye_bind(struct sockeye *lab, int host, int fd, const void *address, uint32_t length);
int sockeye_listen(struct sockeye *lab, int host, int fd, int backlog);
/* @raise EINPROGRESS the first time for streams; then EALREADY; EISCONN; the outcome
 * by SO_ERROR, or by the next connect (0, or the error, once; then EISCONN) */
int sockeye_connect(struct sockeye *lab, int host, int fd, const void *address, uint32_t length);
/* @return a new fd @raise EAGAIN EINVAL EMFILE ENOBUFS. address may be NULL. */
int sockeye_accept(struct sockeye *lab, int host, int fd, void *address, uint32_t *length);
enum sockeye_send_flags {
    /* of a stream: takes all that there is memory for, whatever SO_SNDBUF says; for the last bytes
     * before a close or shutdown, when they wait elsewhere and the FIN is to stand behind them */
    SOCKEYE_SEND_LAST = 0x400000
};
/* Both take and return part of the bytes when the buffers say so. Flags: Linux's MSG_* */
ssize_t sockeye_send(struct sockeye *lab, int host, int fd, const void *bytes, size_t length,
                     int flags);
ssize_t sockeye_receive(struct sockeye *lab, int host, int fd, void *bytes, size_t size, int flags);

struct sockeye_message {
    void *bytes; /* in: where; sends read only */
    size_t length;
    void *address;           /* may be NULL */
    uint32_t address_length; /* in: room, out: true length */
    uint32_t flags;          /* out: MSG_TRUNC, MSG_CTRUNC, ... */
    void *control;           /* cmsgs in the ABI's form; may be NULL */
    size_t control_length;   /* in: room, out: used */
};
ssize_t sockeye_send_message(struct sockeye *lab, int host, int fd,
                             const struct sockeye_message *message, int flags);
ssize_t sockeye_receive_message(struct sockeye *lab, int host, int fd,
                                struct sockeye_message *message, int flags);
int sockeye_shutdown(struct sockeye *lab, int host, int fd, int how);
/* Never waits: what is unsent goes on being sent, lingering is the caller's to await (SIOCOUTQ). */
int sockeye_close_fd(struct sockeye *lab, int host, int fd);
int sockeye_local_name(struct sockeye *lab, int host, int fd, void *address, uint32_t *length);
int sockeye_peer_name(struct sockeye *lab, int host, int fd, void *address, uint32_t *length);
int sockeye_get_option(struct sockeye *lab, int host, int fd, int level, int name, void *value,
                       uint32_t *length);
int sockeye_set_option(struct sockeye *lab, int host, int fd, int level, int name,
                       const void *value, uint32_t length);
/* FIONREAD, SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK: *value. @raise ENOTTY */
int sockeye_ioctl(struct sockeye *lab, int host, int fd, unsigned long request, int *value);
/* The ioctls of linux/x25.h that are a socket's own (x25(7)): `bytes` is the request's struct, in
 * or out, of `length` bytes. @raise EFAULT fewer bytes than it has; EINVAL; ENOTTY */
int sockeye_ioctl_x25(struct sockeye *lab, int host, int fd, unsigned long request, void *bytes,
                      size_t length);
/* Beside Linux's X25_QBITINCL an option of SOL_X25, to set: resets the circuit with the cause and
 * diagnostic of a struct x25_causediag. @raise ENOTCONN EALREADY EINVAL */
#define SOCKEYE_X25_RESET 64
/* The ioctls of interfaces (netdevice(7)), which are of the host: SIOCGIFCONF into *length bytes of
 * struct ifreq (NULL: how many bytes there are), the others of one struct ifreq; *length: what was
 * written. Those that change an interface, a route (struct rtentry with the name of its interface
 * behind it, struct in6_rtmsg) or a neighbour (struct arpreq) of the host are here too.
 * @raise ENODEV EADDRNOTAVAIL EFAULT EINVAL; EOPNOTSUPP what cannot be changed; ENOTTY */
int sockeye_ioctl_interface(struct sockeye *lab, int host, unsigned long request, void *bytes,
                            size_t *length);
/* A file as a program of the host reads it: `net/NAME` of /proc/net (tcp, tcp6, udp, udp6, icmp,
 * icmp6, raw, raw6, udplite, udplite6, unix, packet, netlink, igmp, igmp6, dev_mcast, snmp,
 * sockstat, sockstat6, dev, arp, route, ipv6_route, if_inet6), or `class/INTERFACE/NAME` of
 * /sys/class/net. @return its whole length, of which `size` bytes at most were written, without a
 * NUL @raise ENOENT */
ssize_t sockeye_proc(const struct sockeye *lab, int host, const char *name, char *text,
                     size_t size);
/* The number by which programs know a socket (its inode): netlink and /proc tell it then. */
int sockeye_name_socket(struct sockeye *lab, int host, int fd, uint32_t inode);
/* The events poll() would report now: POLLIN POLLOUT POLLERR POLLHUP POLLRDHUP POLLPRI. */
int sockeye_poll(const struct sockeye *lab, int host, int fd);

/* ---- AF_UNIX: between the programs of one host ----
 * SOCK_STREAM, SOCK_DGRAM and SOCK_SEQPACKET, with Linux's behaviour. All is done within the call:
 * a connect that works returns 0, and one that finds the backlog full EAGAIN, with a change of the
 * socket when there is room. A host has a name space of its own for paths, of strings: no file
 * appears anywhere, "a" and "./a" are two names, and a path stays when its socket is closed (it
 * refuses then, and is in the way of others) until it is taken away. */

/* Takes a path away. @raise ENOENT */
int sockeye_unlink(struct sockeye *lab, int host, const char *path);

/* Who makes the calls that follow on a host: what SO_PEERCRED and SCM_CREDENTIALS say of them. It
 * holds until it is said anew, and is all 0 at first. */
struct sockeye_caller {
    int32_t pid;
    uint32_t uid, gid;
};
int sockeye_caller(struct sockeye *lab, int host, const struct sockeye_caller *caller);

/* For who has files of his own: a bound path leads to a place, a number other than 0 that he
 * chooses. The address is what others are shown, and any number of sockets may show the same; the
 * socket is found by its place, in a struct sockeye_place, which connect and sendto take instead of
 * a struct sockaddr_un. A place where no socket is (any more) refuses; one that is given anew is
 * its new socket's. @raise as sockeye_bind; EINVAL the address is no path */
int sockeye_bind_at(struct sockeye *lab, int host, int fd, const void *address, uint32_t length,
                    uint64_t place);
enum { SOCKEYE_AF_PLACE = 0x534b };
struct sockeye_place {
    uint16_t family; /* SOCKEYE_AF_PLACE */
    uint16_t zero[3];
    uint64_t place;
};

/* SCM_RIGHTS takes descriptors of the same host; who receives them gets other numbers of the same
 * sockets, and a socket lives until its last number is closed and it rides nowhere.
 *
 * For who keeps descriptors: so many ride on a message, and he knows them by a number other than 0.
 * This is what a control message of SOL_SOCKET and SOCKEYE_SCM_RIGHTS holds, of a send and, where
 * SCM_RIGHTS would stand, of a receive. If its room is too small there, MSG_CTRUNC is set and they
 * are lost. At most 253 of a message (EINVAL); ETOOMANYREFS too many messages of the host have
 * some; EPERM the receiver takes none (SO_PASSRIGHTS). */
enum { SOCKEYE_SCM_RIGHTS = 0x534b };
struct sockeye_rights {
    uint64_t number;
    uint32_t count;
    uint32_t zero;
};
/* Takes the next rights on a host that nobody received and nobody will: their socket was closed, or
 * read without room for them. @return 1, or 0: there are none */
int sockeye_next_lost(struct sockeye *lab, int host, struct sockeye_rights *rights);

struct sockeye_change {
    int host, fd;
    int events; /* as sockeye_poll, at the time of this call */
};
/* Takes the next socket whose readiness was touched since it was last taken: of all hosts, the one
 * touched first. It tells one number of a socket that has several (SCM_RIGHTS), the one it has had
 * longest. */
bool sockeye_next_change(struct sockeye *lab, struct sockeye_change *change);

/* ---- state as bytes ---- */

/* Writes an image of the whole lab to a file descriptor; reads one into a new lab. Images are
 * opened only by the same build. They are trusted: header, root and pools are checked, and a hash
 * finds what was damaged, but the pointers inside are followed as they are. Load only what you
 * saved. @raise EINVAL not an image; ESTALE of another build;
 * EBUSY its place in memory is taken by another lab; EIO ENOMEM */
int sockeye_save(const struct sockeye *lab, int fd);
int sockeye_load(int fd, struct sockeye **lab);
/* A hash of all live state. */
uint64_t sockeye_hash(const struct sockeye *lab);
/* Checks every invariant; 0, or the number of the line of the check that failed (a bug of ours). */
int sockeye_check(const struct sockeye *lab);
/* Makes the n-th next get from the pools fail (0: none): for tests of a full house. */
void sockeye_fail_get(struct sockeye *lab, uint64_t n);

/* ---- seeing (event.h) ---- */

struct sockeye_event;

/* Follows what happens in a lab from here on, as far as it is of the kinds: 1u << enum event_kind,
 * and EVENT_BYTES for who wants the bytes of frames. Any number may look, and none changes what
 * happens. The events not read yet lie in a ring that all readers share: a reader that is asked too
 * seldom loses the oldest ones, and is told how many. The lab waits for nobody.
 * It is closed with its lab at the latest. @raise ENOMEM */
struct sockeye_reader;
int sockeye_reader_open(struct sockeye *lab, uint32_t kinds, struct sockeye_reader **reader);
/* Takes the next event. The bytes of its frame are good until the lab is changed, or the reader
 * closed. @return 1, or 0 if all are read */
int sockeye_reader_next(struct sockeye_reader *reader, struct sockeye_event *event);
/* How many events of its kinds it has lost so far. */
uint64_t sockeye_reader_lost(const struct sockeye_reader *reader);
void sockeye_reader_close(struct sockeye_reader *reader); /* NULL is fine */
/* Sets the bytes of that ring, before the first reader: SOCKEYE_READER_BYTES_LEAST to _MOST; 0: the
 * default. A frame takes its length and some 50 bytes, other events 30 to 130.
 * @raise EBUSY EINVAL */
int sockeye_reader_room(struct sockeye *lab, size_t bytes);

/* The reader of those who must lose nothing: it calls `observer` for every event, in order, at the
 * end of the call of the lab that caused it. The observer must not call the lab but for the const
 * functions; it may open and close readers, its own too. `reader` is for sockeye_reader_close, and
 * may be NULL. Events are lost only if one call of the lab makes more than 16 MiB of them.
 * @raise ENOMEM */
typedef void sockeye_observer(void *context, const struct sockeye_event *event);
int sockeye_observe(struct sockeye *lab, uint32_t kinds, sockeye_observer *observer, void *context,
                    struct sockeye_reader **reader);
/* Counters of a host by enum drop; host -1: of wires and doors. */
uint64_t sockeye_drops(const struct sockeye *lab, int host, unsigned reason);

/* Ready-made observers. They write to `file` (a FILE *) and are closed with their own _close. */
struct sockeye_view;
enum sockeye_view_kind {
    SOCKEYE_VIEW_TRACE,        /* a line an event */
    SOCKEYE_VIEW_TRACE_JSON,   /* a JSON object a line */
    SOCKEYE_VIEW_PCAPNG,       /* one capture point a wire and direction, at the sender's end */
    SOCKEYE_VIEW_PCAPNG_SIDES, /* at both ends */
    SOCKEYE_VIEW_LADDER,       /* the conversation as a sequence diagram, long data phases folded */
    SOCKEYE_VIEW_LADDER_ALL,   /* the same, every segment */
    SOCKEYE_VIEW_CONNECTIONS,  /* figures of each TCP connection, and what limited it */
    SOCKEYE_VIEW_LAYERS,       /* messages of programs on all seven layers, at both ends: the first
                                * of each way of a dialogue, and those of which something was
                                * damaged */
    SOCKEYE_VIEW_LAYERS_ALL,   /* the same, every message */
    SOCKEYE_VIEW_LAYERS_JSON   /* the same, a JSON object a message */
};
int sockeye_view_open(struct sockeye *lab, enum sockeye_view_kind kind, void *file,
                      struct sockeye_view **view);
/* How a ladder is drawn: so wide (60 to 160 columns; 100 without this), and with colours or not, as
 * a terminal shows them. Before the first event; of other views nothing changes. */
void sockeye_view_style(struct sockeye_view *view, int columns, bool has_colour);
/* Flushes. @raise EIO ENOSPC; EOVERFLOW events are missing: see sockeye_observe */
int sockeye_view_close(struct sockeye_view *view);

/* ---- record and replay ---- */

/* Logs every input of the lab from now on (best: right after sockeye_open) to fd, at most
 * `most_bytes`; then it stops with SOCKEYE_RECORD_FULL in sockeye_record_state. Never blocks the
 * lab on more than a write to a file. Begun in mid-life it starts with an image, and is for this
 * build only. @raise EBUSY it is recorded already; EINVAL */
enum sockeye_record_state {
    SOCKEYE_RECORD_OFF,
    SOCKEYE_RECORD_ON,
    SOCKEYE_RECORD_FULL,
    SOCKEYE_RECORD_FAILED
};
int sockeye_record(struct sockeye *lab, int fd, uint64_t most_bytes);
int sockeye_record_stop(struct sockeye *lab); /* flushes */
/* Writes what was gathered, so that a process that is killed has lost no more than what came after.
 * A driver does so now and then. @raise EIO the record has failed */
int sockeye_record_flush(struct sockeye *lab);
enum sockeye_record_state sockeye_record_state(const struct sockeye *lab);

struct sockeye_replay;
/* A record may come from anybody, and can do no harm. One that was begun in mid-life starts with
 * an image, which is memory: who wrote it does as he likes with this process (see sockeye_load). */
enum sockeye_trust { SOCKEYE_TRUST_NOTHING, SOCKEYE_TRUST_IMAGE };
/* Opens a record; the lab is made by it and owned by the replay. @raise EBADMSG not a record, or a
 * damaged one; EPERM it starts with an image, and that is not trusted; what sockeye_open and
 * sockeye_load raise */
int sockeye_replay_open(int fd, enum sockeye_trust trust, struct sockeye_replay **replay,
                        struct sockeye **lab);
/* Runs the next input and what time brings before it. Runs at most 100,000 events a call: then
 * SOCKEYE_REPLAY_TIME, and the input is still to come. @return enum sockeye_replay_step
 * @raise EILSEQ the lab did something else than recorded (see sockeye_replay_divergence); EBADMSG
 */
enum sockeye_replay_step { SOCKEYE_REPLAY_OVER, SOCKEYE_REPLAY_INPUT, SOCKEYE_REPLAY_TIME };
int sockeye_replay_next(struct sockeye_replay *replay);
const char *sockeye_replay_divergence(const struct sockeye_replay *replay); /* what, when, where */
void sockeye_replay_close(struct sockeye_replay *replay);

/* A text for a -errno result of this library ("ECONNREFUSED: connection refused"). */
const char *sockeye_strerror(int result);

#ifdef __cplusplus
}
#endif
