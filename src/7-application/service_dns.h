/* SPDX-License-Identifier: MIT */
/*
 * What the lab's name server says to a query (RFC 1035 4): a value. A query of bytes goes in, the
 * answer of bytes comes out; the sockets are service_dns_server.c's.
 *
 * It has the names of a lab and nothing else: it is the authority for all of them, and asks nobody.
 * A (1), AAAA (28) and PTR (12) are answered; of another type a known name has nothing, and an
 * unknown name does not exist. Queries with EDNS get the OPT record back (RFC 6891 6.1.1). What a
 * bad server would do is a setting: to be silent or slow, to fail, to deny that there is such a
 * name, to lie.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "base/address.h"

enum service_dns_constants {
    SERVICE_DNS_PORT = 53,
    SERVICE_DNS_NAME = 256,        /* bytes of a name on the wire, RFC 1035 2.3.4: 255 */
    SERVICE_DNS_BYTES = 1232,      /* of an answer */
    SERVICE_DNS_BYTES_LEAST = 512, /* what every asker takes in a datagram: RFC 1035 4.2.1 */
    SERVICE_DNS_WAITING = 256      /* answers of a slow server that wait */
};

enum service_dns_fault {
    DNS_HONEST,
    DNS_SILENT, /* no answer at all */
    DNS_FAILS,  /* SERVFAIL */
    DNS_DENIES  /* NXDOMAIN */
};

struct service_dns_record {
    const char *name;       /* NULL, of a lie: whatever name there is */
    struct address address; /* unspecified: the name has none yet */
};

struct service_dns_plan {
    const struct service_dns_record *records; /* the caller's; several of a name: all are told */
    uint32_t count;
    uint32_t ttl; /* seconds */
    enum service_dns_fault fault;
    /* What it says of these names instead, also of one that nobody has; of the family of a lie, and
     * the other has nothing. Addresses keep their true names. */
    const struct service_dns_record *lies;
    uint32_t lies_count;
    nanoseconds delay; /* of every answer */
};

/* To a query in a datagram or a stream. What has no room in a datagram is left out, with the bit
 * that says so, and is asked again by a stream. @return the length; 0: none is due */
size_t service_dns_answer(const struct service_dns_plan *plan, const uint8_t *query, size_t length,
                          bool is_stream, uint8_t answer[SERVICE_DNS_BYTES]);
