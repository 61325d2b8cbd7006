/* SPDX-License-Identifier: MIT */
/*
 * What a program can ask socket() for: one row a domain, type and protocol, with what the ABI makes
 * of each. A descriptor remembers its row by number; nothing else in this layer asks which kind of
 * transport a socket has.
 */
#pragma once
#include "6-presentation/call_state.h"
#include "6-presentation/sockaddr.h"

enum { PROTOCOL_ANY = -1 };

struct protocol {
    int domain, type, protocol; /* AF_, SOCK_, IPPROTO_; PROTOCOL_ANY: whichever was asked for */
    enum transport_kind kind;
    int level;           /* of the options that are its own */
    int send_refused;    /* flags of send that it does not know */
    int receive_refused; /* the same of receive */
    int receive_known;   /* flags of receive that are not -EINVAL; 0: any */
    int send_known;      /* of records: flags of send that are not -EINVAL; 0: any */
    bool hears;          /* `protocol` is what a frame's header says; any may be asked for */
    bool is_cooked;      /* its messages are without that header */
    bool is_default;     /* protocol 0 means it, for its domain and type */
    bool has_boundaries; /* what is sent at once is received at once, and has a name and facts */
    bool is_record;      /* what is sent ends a record (MSG_EOR) or is an interrupt (MSG_OOB) */
    bool needs_port;     /* a name to send to has one */
    bool counts_bytes;   /* by ioctl() */
    bool tells_errors;   /* one by one, to who asks with MSG_ERRQUEUE */
    bool tells_length;   /* a receive with MSG_TRUNC returns the length of all that was sent */
    bool is_local;       /* within one host: credentials go beside the bytes, and its kind says all
                          * that it refuses */
    uint16_t message_most; /* bytes of a message; 0: its kind says */
    /* how its names are looked at: enum sockaddr_use */
    uint8_t bind_use, connect_use, send_use;
    uint8_t families; /* enum address_families; of both: a setting may take one away */
};

extern const struct protocol protocol_rows[];

/* @return the number of the row
 * @raise EAFNOSUPPORT if no row has the domain
 * @raise EINVAL if the protocol is out of the range of numbers
 * @raise ESOCKTNOSUPPORT if the domain has no such type
 * @raise EPROTONOSUPPORT if the type has no such protocol */
int protocol_find(int domain, int type, int protocol);

static inline const struct protocol *protocol_of(const struct descriptor *d)
{
    return &protocol_rows[d->protocol];
}
