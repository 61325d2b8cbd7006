/* SPDX-License-Identifier: MIT */
/*
 * The rows, and how socket() chooses among them: by domain, then type, then protocol, and the first
 * that no row has is the error, as on Linux. (RFC 768, RFC 9293, RFC 792, RFC 4443: the protocols;
 * RFC 3493 3.2: the family.)
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"

#include <errno.h>

enum protocol_constants {
    PROTOCOL_MOST = 263,   /* IPPROTO_MAX */
    PROTOCOL_OF_IP = 255,  /* what a header of IP can say */
    PROTOCOL_PROBE = 0x10, /* MSG_PROBE */
    PROTOCOL_NO_LEVEL = -1,
    PROTOCOL_MESSAGE_MOST = 65535, /* RFC 791 3.1: more has no total length */
    PROTOCOL_NO_DATAGRAM_6 = MSG_MORE | MSG_DONTROUTE | PROTOCOL_PROBE,
    PROTOCOL_NO_DATAGRAM = MSG_OOB | PROTOCOL_NO_DATAGRAM_6
};

const struct protocol protocol_rows[] = {
    {.domain = AF_INET,
     .type = SOCK_STREAM,
     .protocol = IPPROTO_TCP,
     .kind = TRANSPORT_STREAM,
     .level = IPPROTO_TCP,
     .send_refused = MSG_FASTOPEN,
     .is_default = true,
     .counts_bytes = true,
     .tells_errors = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND,
     .families = ADDRESS_FAMILY_4},
    {.domain = AF_INET,
     .type = SOCK_DGRAM,
     .protocol = IPPROTO_UDP,
     .kind = TRANSPORT_DATAGRAM,
     .level = IPPROTO_UDP,
     .send_refused = PROTOCOL_NO_DATAGRAM,
     .is_default = true,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .needs_port = true,
     .counts_bytes = true,
     .tells_length = true,
     .tells_errors = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND,
     .families = ADDRESS_FAMILY_4},
    {.domain = AF_INET,
     .type = SOCK_DGRAM,
     .protocol = IPPROTO_ICMP,
     .kind = TRANSPORT_PING,
     .level = IPPROTO_IP,
     .send_refused = PROTOCOL_NO_DATAGRAM,
     .receive_refused = MSG_OOB,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .tells_errors = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_CONNECT, /* AF_UNSPEC is no family here */
     .families = ADDRESS_FAMILY_4},
    {.domain = AF_INET6,
     .type = SOCK_STREAM,
     .protocol = IPPROTO_TCP,
     .kind = TRANSPORT_STREAM,
     .level = IPPROTO_TCP,
     .send_refused = MSG_FASTOPEN,
     .is_default = true,
     .counts_bytes = true,
     .tells_errors = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_INET6,
     .type = SOCK_DGRAM,
     .protocol = IPPROTO_UDP,
     .kind = TRANSPORT_DATAGRAM,
     .level = IPPROTO_UDP,
     .send_refused = PROTOCOL_NO_DATAGRAM_6, /* MSG_OOB: over IPv4, below */
     .is_default = true,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .needs_port = true,
     .counts_bytes = true,
     .tells_length = true,
     .tells_errors = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT_EITHER,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_INET6,
     .type = SOCK_DGRAM,
     .protocol = IPPROTO_ICMPV6,
     .kind = TRANSPORT_PING,
     .level = IPPROTO_IPV6,
     .send_refused = PROTOCOL_NO_DATAGRAM,
     .receive_refused = MSG_OOB,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .tells_errors = true,
     .bind_use = SOCKADDR_WHOLE,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_WHOLE,
     .families = ADDRESS_FAMILY_6},
    {.domain = AF_INET,
     .type = SOCK_RAW,
     .protocol = PROTOCOL_ANY,
     .kind = TRANSPORT_RAW,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .level = SOL_RAW,
     .send_refused = PROTOCOL_NO_DATAGRAM,
     .receive_refused = MSG_OOB,
     .has_boundaries = true,
     .counts_bytes = true,
     .tells_errors = true,
     .tells_length = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND,
     .families = ADDRESS_FAMILY_4},
    {.domain = AF_INET6,
     .type = SOCK_RAW,
     .protocol = PROTOCOL_ANY,
     .kind = TRANSPORT_RAW,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .level = SOL_RAW,
     .send_refused = PROTOCOL_NO_DATAGRAM,
     .receive_refused = MSG_OOB,
     .has_boundaries = true,
     .counts_bytes = true,
     .tells_errors = true,
     .tells_length = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_CONNECT,
     .families = ADDRESS_FAMILY_6},
    {.domain = AF_NETLINK,
     .type = SOCK_RAW,
     .protocol = NETLINK_ROUTE,
     .kind = TRANSPORT_NETLINK,
     .level = SOL_NETLINK,
     .send_refused = MSG_OOB,
     .receive_refused = MSG_OOB,
     .is_default = true,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .tells_length = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_NETLINK,
     .type = SOCK_DGRAM,
     .protocol = NETLINK_ROUTE,
     .kind = TRANSPORT_NETLINK,
     .level = SOL_NETLINK,
     .send_refused = MSG_OOB,
     .receive_refused = MSG_OOB,
     .is_default = true,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .tells_length = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_NETLINK,
     .type = SOCK_RAW,
     .protocol = NETLINK_SOCK_DIAG,
     .kind = TRANSPORT_DIAG,
     .level = SOL_NETLINK,
     .send_refused = MSG_OOB,
     .receive_refused = MSG_OOB,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .tells_length = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_NETLINK,
     .type = SOCK_DGRAM,
     .protocol = NETLINK_SOCK_DIAG,
     .kind = TRANSPORT_DIAG,
     .level = SOL_NETLINK,
     .send_refused = MSG_OOB,
     .receive_refused = MSG_OOB,
     .has_boundaries = true,
     .message_most = PROTOCOL_MESSAGE_MOST,
     .tells_length = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_UNIX,
     .type = SOCK_STREAM,
     .kind = TRANSPORT_UNIX_STREAM,
     .level = PROTOCOL_NO_LEVEL,
     .is_default = true,
     .counts_bytes = true,
     .is_local = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_IGNORED},
    {.domain = AF_UNIX,
     .type = SOCK_DGRAM,
     .kind = TRANSPORT_UNIX_DATAGRAM,
     .level = PROTOCOL_NO_LEVEL,
     .is_default = true,
     .has_boundaries = true,
     .counts_bytes = true,
     .tells_length = true,
     .is_local = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
    {.domain = AF_UNIX,
     .type = SOCK_SEQPACKET,
     .kind = TRANSPORT_UNIX_PACKETS,
     .level = PROTOCOL_NO_LEVEL,
     .is_default = true,
     .has_boundaries = true,
     .counts_bytes = true,
     .tells_length = true,
     .is_local = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_IGNORED},
    {.domain = AF_X25,
     .type = SOCK_SEQPACKET,
     .protocol = 0,
     .kind = TRANSPORT_CIRCUIT,
     .level = SOL_X25,
     .send_known = MSG_DONTWAIT | MSG_OOB | MSG_EOR, /* as Linux: not even MSG_NOSIGNAL */
     .is_default = true,
     .has_boundaries = true,
     .is_record = true,
     .counts_bytes = true,
     .bind_use = SOCKADDR_BIND,
     .connect_use = SOCKADDR_CONNECT,
     .send_use = SOCKADDR_SEND},
};

int protocol_find(int domain, int type, int protocol)
{
    bool is_internet = domain == AF_INET || domain == AF_INET6;
    bool has_domain = false, has_type = false;

    if (domain == AF_UNIX && type == SOCK_RAW)
        type = SOCK_DGRAM; /* a use of BSD's that Linux takes */
    if (domain == AF_UNIX && protocol == PF_UNIX)
        protocol = 0;
    for (size_t i = 0; i < sizeof protocol_rows / sizeof *protocol_rows; i++) {
        const struct protocol *row = &protocol_rows[i];

        if (row->domain != domain)
            continue;
        has_domain = true;
        if (row->type != type)
            continue;
        has_type = true;
        if (protocol == row->protocol || (protocol == 0 && row->is_default) ||
            (row->protocol == PROTOCOL_ANY && protocol > 0 && protocol <= PROTOCOL_OF_IP))
            return (int)i;
    }
    if (!has_domain)
        return -EAFNOSUPPORT;
    if (is_internet && (protocol < 0 || protocol >= PROTOCOL_MOST))
        return -EINVAL;
    if (!has_type)
        return -ESOCKTNOSUPPORT;
    return domain == AF_X25 ? -EINVAL : -EPROTONOSUPPORT; /* as Linux's x25_create */
}
