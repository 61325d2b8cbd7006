/* SPDX-License-Identifier: MIT */
/* What layer 6 remembers of a host and its descriptors: the structs behind call.h, for this folder
 * and for who assembles a machine. */
#pragma once
#include "6-presentation/call.h"

struct arena;
struct pool;

/* What a program asked to be told beside each datagram. */
enum call_wants {
    WANTS_INTERFACE = 1,         /* IP_PKTINFO */
    WANTS_HOP_LIMIT = 2,         /* IP_RECVTTL */
    WANTS_TRAFFIC_CLASS = 4,     /* IP_RECVTOS */
    WANTS_TIME = 8,              /* SO_TIMESTAMP, as microseconds */
    WANTS_TIME_NANOSECONDS = 16, /* SO_TIMESTAMPNS */
    WANTS_INTERFACE_6 = 32,      /* IPV6_RECVPKTINFO */
    WANTS_HOP_LIMIT_6 = 64,      /* IPV6_RECVHOPLIMIT */
    WANTS_TRAFFIC_CLASS_6 = 128, /* IPV6_RECVTCLASS */
    WANTS_QUALIFIED = 256,       /* X25_QBITINCL: the Q bit is the first byte of each record */
    WANTS_OPTIONS = 512,         /* IP_RECVOPTS */
    WANTS_OPTIONS_BACK = 1024,   /* IP_RETOPTS: those that an answer would have */
    WANTS_FLOW_6 = 2048,         /* IPV6_FLOWINFO */
    WANTS_FLOW_SEND = 4096,      /* IPV6_FLOWINFO_SEND: names say flow labels */
    WANTS_PATH_MTU = 8192,       /* IPV6_RECVPATHMTU */
    WANTS_FRAME = 1 << 16,       /* PACKET_AUXDATA */
    WANTS_BESIDE = 1 << 30       /* it is of AF_UNIX, and nobody asked: rights may ride along */
};

/* An open descriptor: a socket and what this layer remembers of it. An accepted one begins as its
 * listener is. */
struct descriptor {
    struct session_upper session; /* its socket */
    struct call_host *host;
    nanoseconds receive_timeout; /* NEVER: none; 0: do not wait */
    nanoseconds send_timeout;
    uint32_t wants;    /* enum call_wants */
    uint32_t number;   /* the descriptor; of several one, of none 0 */
    uint16_t protocol; /* its row in protocol.c */
    uint16_t share;    /* 1 + the slot of its struct descriptor_share; 0: it has none */
    uint32_t inode;    /* as its program sees it; 0: nobody has said */
};

/* Of a descriptor with more than one number, or that rides on messages; others take no memory for
 * it. */
struct descriptor_share {
    struct list_link ride;  /* in host->riding: messages under way have it */
    struct list_link found; /* of rights.c */
    struct descriptor *descriptor;
    uint32_t numbers;   /* rights that were received are a further one */
    uint32_t rides;     /* rights under way that hold it */
    uint32_t is_marked; /* of rights.c */
    uint32_t zero;
};

struct descriptor_page; /* descriptor.h */

struct descriptors {
    struct pool *pool, *page_pool, *share_pool;
    struct descriptor_page *root;
    struct descriptor_page *first; /* of the lowest 64 numbers; NULL: not made yet */
    uint32_t limit;
    uint32_t numbers; /* that are in use */
};

/* Settings of the host that socket calls look at; its owner may change them at any time. */
struct call_settings {
    uint32_t rmem_max, wmem_max; /* net.core: 212,992 */
    uint32_t somaxconn;          /* net.core: 4096 */
    uint32_t optmem_max;         /* net.core: most bytes of control messages sent: 131,072 */
    uint32_t default_ttl;        /* net.ipv4.ip_default_ttl: what IP_TTL answers when not set: 64 */
    uint32_t ipv6_disable;       /* the kernel's parameter: there is no AF_INET6: 0 */
    uint32_t bindv6only;         /* net.ipv6: IPV6_V6ONLY of a new socket: 0 */
    uint32_t default_hop_limit;  /* of IPv6: what IPV6_UNICAST_HOPS answers when not set: 64 */
    uint32_t auto_flowlabels;    /* what IPV6_AUTOFLOWLABEL answers when not set: 1 */
    uint32_t unprivileged_port; /* net.ipv4.ip_unprivileged_port_start: lower ports are EACCES: 0 */
};

/* A host as its programs see it; embedded in node/'s struct host. */
struct call_host {
    struct sessions *sessions;
    struct descriptors descriptors;
    struct call_settings settings;
    struct link_list riding;  /* descriptors that messages under way have */
    uint32_t rides_in_circle; /* some may be held by each other alone */
    uint32_t zero;
    uint64_t wall_base; /* wall clock of time 0, nanoseconds since 1970, for SO_TIMESTAMP */
};

struct call_plan {
    struct sessions *sessions;
    uint64_t wall_base;
    uint32_t limit; /* descriptors of this host: to CALL_DESCRIPTORS */
};

/* Opens two pools and sets the default settings. @return 0 @raise ENOMEM; EINVAL bad limit */
int call_host_init(struct call_host *host, const struct means *means, const struct call_plan *plan);
uint64_t call_arena_bytes(uint32_t limit);
/* 0, or the number of the line of the check that failed. */
int call_check(const struct call_host *host);

/* The open descriptor; NULL: it is not open. */
struct descriptor *call_descriptor(const struct call_host *host, int fd);
