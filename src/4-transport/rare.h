/* SPDX-License-Identifier: MIT */
/*
 * What a program asks of one socket in a thousand, beside the options that every end has
 * (options.h): options of the IPv4 header (RFC 791 3.1), labels of IPv6 flows (RFC 6437), an
 * interface that IPV6_PKTINFO chose (RFC 3542 6.2), a length of fragments (RFC 3542 11.1), news of
 * a path's MTU that nobody has read yet (RFC 3542 11.3), the source of what goes to groups (RFC
 * 1112 6.1). An end takes a slot of the host's when it first sets one of them, and gives it back
 * when it closes; who has none has a NULL and their defaults. There are RARE_OPTIONS a host: more
 * is -ENOBUFS.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/transport.h"

enum rare_constants {
    RARE_OPTIONS = 256 /* of a host */
};

enum rare_labels { RARE_LABELS_OF_HOST, RARE_NO_LABELS, RARE_LABELS };

struct rare_options {
    uint64_t multicast_source; /* the low half of a mapped address; 0: layer 3 chooses */
    struct address told_dest;  /* whose path's MTU is news */
    uint32_t told_mtu;         /* 0: there is no news */
    uint32_t flow_label;       /* of what goes to its peer; 0: none was chosen */
    uint16_t fragment_mtu_6;   /* 0: the path's alone */
    uint16_t told_interface;
    /* numbers + 1: that of IPV6_PKTINFO, and those that hold without it (options.h has the one that
     * counts) */
    uint16_t sticky_interface_6, unicast_interface_6, multicast_interface_6;
    uint8_t auto_label_6; /* enum rare_labels */
    uint8_t header_length;
    uint8_t header[TRANSPORT_OPTIONS_MOST]; /* of IPv4, whole words, as they were given */
    uint8_t zero[2];
};

/* What is kept here only; -ENOPROTOOPT: it is not. The defaults need no slot.
 * @raise EINVAL out of its range; ENOBUFS the host has no room for another */
int rare_set(struct rare_options **rare, struct means *means, enum transport_option option,
             int64_t value);
int rare_get(const struct rare_options *rare, enum transport_option option, int64_t *value);
/* A slot, unless it has one; NULL: no room. */
struct rare_options *rare_open(struct rare_options **rare, struct means *means);
void rare_close(struct rare_options **rare, struct means *means);
/* What it points to is another end's: it gets a copy of what an accepted one has of its listener.
 * Without room it has the defaults. */
void rare_inherit(struct rare_options **rare, struct means *means);
