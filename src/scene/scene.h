/* SPDX-License-Identifier: MIT */
/*
 * A lab as a file: hosts, the wires between them, and what runs on each host. The form is YAML,
 * read by libcyaml, and doc/man/sockeye-lab.5 documents every key of it.
 *
 * scene_load reads and checks a whole file and reports all that is wrong, each with its line:
 *
 *     lab.yaml:12: hosts.server.interfaces.eth0.address: "10.0.0.300/24" is not an address ...
 *
 * What it returns is sound: every name is resolved to an index, every unit to nanoseconds, bytes,
 * bits a second or parts per million, in integers. scene_build then makes the parts of the lab
 * by the public header. Programs and traffic are only described here; run.h plays them.
 *
 * The structs hold the text of the file (what libcyaml fills in) and, after it, what it means.
 *
 * A file says much in short: expand.c makes it long before the checks. Routers stand behind the
 * hosts in one array, for all but their forwarding they are hosts; networks become switches and
 * wires; an interface gets its address and a host its routes where none are given.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "7-application/service_dns.h"
#include "scene/lookup.h"
#include "sockeye/address.h"
#include "sockeye/sockeye.h"

struct scene_index; /* of every path in the file, its line */
struct scene_where {
    char path[300];
};

/* The faults and limits of one direction, as text. */
struct scene_faults {
    char *rate, *delay, *jitter, *loss, *reorder, *reorder_by, *duplicate, *corrupt, *past_fcs,
        *mtu;
    struct scene_queue {
        char *packets, *bytes, *discipline, *ecn, *target, *interval, *flows, *quantum;
    } * queue;
};

struct scene_down {
    char *at, *lasts, *direction;
    int64_t from, until; /* SOCKEYE_NEVER: it stays down */
    bool hits[2];
};

/* What stands at an end of a wire: indexes into the arrays below. */
struct scene_end {
    bool is_switch;
    unsigned node, port; /* a host and its interface, or a switch and its port */
};

struct scene_wire {
    char *name;
    char **between;
    unsigned between_count;
    struct scene_faults faults, *forth, *back;
    struct scene_down *down;
    unsigned down_count;

    struct sockeye_wire_config config[2];
    struct scene_end end[2];
    int network; /* whose cable it is, or -1: it stands in the file */
    int number;  /* sockeye_wire's */
};

/* What the file says of a port. */
struct scene_listed_port {
    char *name, *vlan, *trunk, *stations, *double_tags, *cost, *priority, *edge, *shared;

    struct sockeye_port_config config;
    bool is_joined;
};

/* A port that a wire names, or a cable of a network. */
struct scene_port {
    char name[SOCKEYE_NAME_BYTES];
    unsigned wire, end;
    struct sockeye_port_config config;
    int listed; /* its place in the file's list, or -1 */
};

struct scene_switch {
    char *name, *kind, *age, *stations, *port_stations, *keep_oldest, *stp, *priority;
    char *snooping, *groups, *group_age, *querier;
    struct scene_listed_port *listed_ports;
    unsigned listed_ports_count;

    bool is_hub;
    struct sockeye_switch_config config;
    struct scene_port *ports;
    unsigned ports_count;
    int network; /* whose own it is, or -1 */
    int number;  /* sockeye_switch's */
};

struct scene_dhcp {
    char *first, *last, *lease, *probe;

    bool probes;                /* its clients */
    uint32_t first_ip, last_ip; /* what is given, in host order */
    int64_t lease_time;
    bool has_server;
    unsigned host, interface; /* of the server */
    uint32_t own;             /* its address */
};

/* Where hosts are plugged in: a switch, a cable for each interface, and prefixes of addresses. */
struct scene_network {
    char *name, *switch_name, *vlan_text, *ip6, *dhcp6;
    char **addresses, **nameservers, **domains;
    unsigned addresses_count, nameservers_count, domains_count;
    struct scene_faults faults;
    struct scene_dhcp *dhcp;

    struct scene_prefix *prefix; /* of each of the addresses, or those that are its by its place */
    unsigned prefix_count;
    bool is_auto;   /* `ip6: auto`: its routers advertise, its hosts make addresses of that */
    bool has_dhcp6; /* and ask for what else there is */
    struct sockeye_wire_config config;
    unsigned switch_index;
    uint32_t vlan; /* of its ports; 0: none */
};

/* An address of an interface with the length of its prefix, or a network. */
struct scene_prefix {
    struct address ip;
    int bits; /* of the family's 32 or 128 */
};

struct scene_interface {
    char *name, *address, *mac, *net;
    char **addresses;
    unsigned addresses_count;

    bool is_dhcp;            /* its address of IPv4 comes by DHCP */
    bool is_auto;            /* those of IPv6 come by what routers advertise */
    struct scene_prefix *ip; /* that of `address` first; those it was given last */
    unsigned ip_count;
    uint8_t mac_bytes[6];
    int network;      /* or -1 */
    int wire, end;    /* wire -1: not yet joined */
    unsigned segment; /* the same number: they hear each other */
    int number;       /* sockeye_interface's */
};

struct scene_route {
    char *to, *via, *interface;
};

/* A route as the host has it: of the file, or found. */
struct scene_way {
    struct scene_prefix network; /* of no bits: all of a family, by default */
    struct address via;          /* all zero: on the wire itself */
    unsigned interface;          /* in the host's array */
};

enum scene_condition_kind {
    CONDITION_TIME,
    CONDITION_LISTENING,
    CONDITION_EXITED,
    CONDITION_ADDRESSED
};

enum { SCENE_X25_DIGITS = 15 }; /* of an address */

struct scene_condition {
    enum scene_condition_kind kind;
    int64_t time;                    /* since the start of the lab */
    unsigned host;                   /* LISTENING, EXITED, ADDRESSED */
    unsigned program;                /* EXITED */
    uint16_t port;                   /* LISTENING */
    bool datagram;                   /* LISTENING: a bound UDP port */
    char x121[SCENE_X25_DIGITS + 1]; /* LISTENING: to calls of X.25; "": to a port */
};

enum { SCENE_CONDITIONS = 8 };

struct scene_after {
    struct scene_condition condition[SCENE_CONDITIONS]; /* all must hold */
    unsigned count;
};

enum scene_exit { EXIT_EXPECT_STATUS, EXIT_EXPECT_SIGNAL, EXIT_EXPECT_ANYTHING };

struct scene_program {
    char *name, *run, *shell, *after, *directory, *log, *background;
    char **argv, **environment;
    unsigned argv_count, environment_count;
    struct scene_expect {
        char *exit;
    } * expect;
    struct scene_kill {
        char *after, *signal;
    } * kill;

    char *title;      /* the name, or what argv[0] is called */
    char **arguments; /* NULL-terminated */
    struct scene_after start;
    bool is_background, may_end; /* may_end: one in the background, by itself, as it is expected */
    enum scene_exit exit_kind;
    int exit_value;  /* the status, or the signal's number */
    int kill_signal; /* 0: never */
    int64_t kill_after;
};

enum scene_traffic_kind { TRAFFIC_SOURCE, TRAFFIC_SINK, TRAFFIC_ECHO, TRAFFIC_PING };

/* One built-in service; which keys may stand is by kind, see yaml.c. */
struct scene_service {
    char *to, *port, *protocol, *bytes, *size, *after, *echoed, *connections, *count, *interval,
        *replies;
};

struct scene_traffic {
    struct scene_service *source, *sink, *echo, *ping;

    enum scene_traffic_kind kind;
    struct scene_after start;
    struct endpoint peer;    /* source, ping; without address until peer_host has one */
    int peer_host;           /* that gets its address while the lab runs, or -1 */
    uint16_t port;           /* sink, echo */
    bool stream, datagram;   /* which protocols */
    bool is_returned;        /* source: the peer sends all back, which is verified too */
    bool has_total;          /* sink: `bytes` is expected */
    uint64_t bytes;          /* in all */
    uint32_t size;           /* of one datagram, or of the ping's data */
    uint32_t connections;    /* sink: how many to serve; 0: any number */
    uint32_t count, replies; /* ping */
    int64_t interval;
};

enum {
    SCENE_ROUTES = 64,       /* of a host, beside those to its networks */
    SCENE_ROUTES_FOUND = 240 /* of a router, beside those too */
};

struct scene_host {
    char *name, *directory, *log, *net, *ip6, *unix_text, *as, *nat_text, *outside_text;
    struct scene_forward *forwards;
    unsigned forwards_count;
    struct scene_nat6 *nat6; /* or NULL */
    char **settings, **environment, **nameservers;
    unsigned settings_count, environment_count, nameservers_count;
    struct scene_interface *interfaces;
    struct scene_route *routes;
    struct scene_program *programs;
    struct scene_traffic *traffic;
    unsigned interfaces_count, routes_count, programs_count, traffic_count;
    struct scene_dns *dns; /* or NULL: it serves no names */
    struct scene_x25 *x25; /* or NULL: it speaks none */

    bool is_router;
    struct sockeye_nat_config nat;
    int outside;            /* its interface to the outside of its translator, or -1 */
    bool has_no_ip6;        /* `ip6: off` */
    bool is_auto;           /* `ip6: auto` */
    bool is_live;           /* it gets addresses while the lab runs */
    bool leaves_unix;       /* `unix: kernel` */
    bool is_root;           /* `as: root` */
    bool is_short;          /* its one interface is what `net` stands for */
    struct scene_way *ways; /* those of the file first */
    unsigned ways_count;
    struct scene_lookup program_names; /* titles */
    int number;                        /* sockeye_host's */
    /* check_programs.c: the address nearest to the host whose traffic is checked */
    const struct scene_host *asked_by;
    struct address nearest;
};

/* Of IPv6: each inner address has its outer one (RFC 6296). */
struct scene_nat6 {
    char *inside, *outside;

    struct scene_prefix inner, outer;
};

/* A data link of LAPB at an interface. */
struct scene_x25_line {
    char *interface, *role, *modulo, *frames, *t1, *t2, *n2, *k, *channels, *peer;

    int at; /* in the host's interfaces, or -1 */
    struct sockeye_x25_config config;
};

/* Where calls go whose address begins so. */
struct scene_x25_route {
    char *to, *line, *xot, *modulo;

    int at;   /* the interface of the line, or -1 */
    int host; /* that `xot` names, or -1: ip */
    struct address ip;
    uint32_t packets_128;
};

struct scene_x25 {
    char *address, *xot, *xot_keepalive, *forward;
    char **xot_callers;
    struct scene_x25_line *lines;
    struct scene_x25_route *routes;
    unsigned lines_count, routes_count, xot_callers_count;

    bool takes_xot, forwards;
    int64_t keepalive; /* 0: none */
};

/* What comes to a port of a translator goes there. */
struct scene_forward {
    char *port_text, *to, *protocol_text;

    uint16_t port, inner_port;
    int protocol; /* of IP */
    int host;     /* that `to` names, or -1: ip */
    struct address ip;
};

/* What a name server says falsely: of one name, or of all. */
struct scene_lie {
    char *name, *address; /* name NULL: all */
};

/* A name server of the lab: at a host, or, of a fault, what becomes of one. */
struct scene_dns {
    char *server; /* of a fault: whose */
    char *ttl;    /* of a host */
    char *delay, *fault;
    struct scene_lie *lies;
    unsigned lies_count;

    uint32_t ttl_seconds;
    int64_t delay_time;
    enum service_dns_fault does;
    struct service_dns_record *lie; /* the lies, as the service has them */
};

/* Of each host; 0: the default. */
struct scene_limits {
    char *sockets_text, *packets_text, *buffers_text;
    uint32_t sockets, packets;
    uint64_t buffers; /* bytes */
};

struct scene {
    char *name, *seed_text, *time_limit_text, *max_lateness_text;
    char **settings, **nameservers;
    unsigned settings_count, nameservers_count;
    struct scene_limits *limits; /* or NULL */
    struct scene_wire *listed_wires;
    struct scene_host *listed_hosts, *listed_routers;
    struct scene_switch *listed_switches;
    struct scene_network *networks;
    struct scene_fault *faults;
    unsigned faults_count;
    unsigned listed_wires_count, listed_hosts_count, listed_routers_count, listed_switches_count,
        networks_count;

    /* The lists as they are meant: routers behind the hosts, the networks' own switches and cables
     * behind those of the file. */
    struct scene_wire *wires;
    struct scene_host *hosts;
    struct scene_switch *switches;
    unsigned wires_count, hosts_count, switches_count;
    struct scene_lookup host_names, wire_names, switch_names, network_names;
    uint64_t seed;
    int64_t time_limit;
    int64_t max_lateness; /* 0: not expected */
    bool has_programs;    /* real ones: the lab needs the wall clock */
    bool serves_names;    /* a host of it has `dns` */
};

/* A fault with its time: of wires, between hosts, of a name server, or of a host; one of these. */
enum scene_fault_kind {
    FAULT_OF_WIRES,
    FAULT_OF_PARTITION,
    FAULT_OF_DNS,
    FAULT_OF_CRASH,
    FAULT_OF_RESTART,
    FAULT_OF_PAUSE
};

struct scene_partition {
    char **from, **to, **ports;
    char *new_only, *action, *both_ways;
    unsigned from_count, to_count, ports_count;

    unsigned *from_hosts, *to_hosts; /* indexes */
    unsigned from_hosts_count, to_hosts_count;
    uint16_t port[8];
    bool is_new_only, is_both;
    enum sockeye_partition_action what;
};

struct scene_fault {
    char *at, *lasts, *wire, *direction, *down;
    char **wires;
    unsigned wires_count;
    struct scene_faults faults;
    struct scene_partition *partition;
    struct scene_dns *dns;
    char *crash, *restart, *pause;

    enum scene_fault_kind kind;
    int64_t from, until; /* SOCKEYE_NEVER: it stays */
    bool hits[2];        /* directions */
    bool *is_hit;        /* each wire of the lab; NULL: none */
    bool is_down;
    unsigned host; /* of dns, crash, restart, pause */
};

/* A lab file as read: what it says, and where. */
struct scene_file {
    struct scene *lab;
    struct scene_index *index;
    char *path;
};

/* Reads and checks a file; what is wrong goes to `errors`, a line each. `file` is filled also on
 * failure, and scene_close frees it. @return 0, -EINVAL (the file is wrong) or another -errno */
int scene_load(const char *path, FILE *errors, struct scene_file *file);
/* The same of a text in memory; `path` is what it is called in messages. */
int scene_load_text(const char *path, const char *text, size_t length, FILE *errors,
                    struct scene_file *file);
void scene_close(struct scene_file *file);

/* Says what is wrong with a part of the file: "FILE:LINE: hosts.a.programs.curl: ...". `path` is by
 * indexes of the arrays of struct scene, "hosts[0].programs[1]", also where the file has no such
 * place, but a router or a network. */
__attribute__((format(printf, 4, 5))) void scene_tell(const struct scene_file *file, FILE *errors,
                                                      const char *path, const char *format, ...);

/* Where a part of struct scene stands in the file: a router's "hosts[3]" is "routers[1]". */
struct scene_where scene_where(const struct scene *lab, const char *path);
/* And in which line; 0: nowhere. */
int scene_line(const struct scene_file *file, const char *path);

/* A path of the file (NULL: none is given, the folder itself), as seen from the working directory.
 * @return a text to free, or NULL: no memory */
char *scene_path(const struct scene_file *file, const char *text);

/* What sockeye_open needs for this lab. */
struct sockeye_config scene_config(const struct scene *lab, uint64_t seed);
/* Makes hosts, wires, interfaces, addresses, routes, settings and link changes, in the order of the
 * file. @return 0, or -EINVAL after a message with its line */
/* x25.c: the address of the host at the other end of a line, or NULL: it has none. */
const char *scene_x25_neighbour(const struct scene *lab, unsigned host,
                                const struct scene_x25_line *line);

int scene_build(struct scene_file *file, struct sockeye *lab, FILE *errors);

/* Is an address in a network? */
bool scene_is_within(struct address ip, struct scene_prefix network);
/* The network of an address: the bits of its prefix, then zeros. */
struct scene_prefix scene_network_of(struct scene_prefix ip);
/* fe80::/10: of one wire alone, so no name has it, and others may have it too. */
bool scene_is_link_local(struct address ip);
enum { SCENE_ADDRESS_KEY_BYTES = 32 };
/* The key of an interface's k-th address: "address" or "addresses[1]". */
const char *scene_address_key(const struct scene_interface *interface, unsigned k,
                              char key[SCENE_ADDRESS_KEY_BYTES]);
enum { SCENE_MTU_IP6 = 1280 }; /* RFC 8200 5 */
/* Has an end of a wire an address of IPv6, or will it have one? */
bool scene_wire_speaks_ip6(const struct scene *lab, unsigned wire);
/* How far an address is from a host: on a network of its own, behind a route, or out of reach. */
enum scene_distance { DISTANCE_NEAR, DISTANCE_ROUTED, DISTANCE_OUT_OF_REACH };
enum scene_distance scene_distance(const struct scene_host *from, struct address ip);
/* The address of a host that is nearest to another, the first of them; 0 if it has none. */
struct address scene_host_address(const struct scene_host *host, const struct scene_host *from);
/* The index of a host by name, or -1. */
int scene_find_host(const struct scene *lab, const char *name);
