/* SPDX-License-Identifier: MIT */
/*
 * The table of options. RFC 9293 3.9.1.9 and RFC 1122 4.2.4 name what a program may ask of TCP (the
 * user timeout, keep-alives, the type of service), RFC 1122 4.1.4 what of UDP, RFC 5482 the user
 * timeout, RFC 3493 5 and RFC 3542 what of IPv6; names and numbers are Linux's. Each row says form,
 * range and unit; what a form does stands in sockopt_set.c, sockopt_set6.c and sockopt_get.c. Here
 * a row is found for a call, and what is the same for all: that the bytes are there; to set, that
 * an int is as long as its level asks (the socket's and TCP's have four bytes at least, IP's may be
 * one, an empty value of IP is 0); to get, that what is longer than the room is cut without a word,
 * and *length says what was written.
 *
 * An option of Linux's that is not here is not supported, and answers -ENOPROTOOPT, so that a
 * program (and the report of its run) knows. Nothing is accepted that has no effect, but what has
 * none on Linux either.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt_form.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/integer.h"

/* What a value is, and what may be done with it. */
static const struct sockopt_form number_form = {.set = sockopt_set_number,
                                                .get = sockopt_get_number};
static const struct sockopt_form unsigned_form = {.set = sockopt_set_unsigned,
                                                  .get = sockopt_get_unsigned};
static const struct sockopt_form flag_form = {.set = sockopt_set_flag, .get = sockopt_get_value};
static const struct sockopt_form number_or_0_form = {.set = sockopt_set_number_or_0,
                                                     .get = sockopt_get_number};
static const struct sockopt_form read_number_form = {.get = sockopt_get_number};
static const struct sockopt_form read_constant_form = {.get = sockopt_get_constant};
static const struct sockopt_form constant_form = {.set = sockopt_set_nothing,
                                                  .get = sockopt_get_constant};
static const struct sockopt_form debug_form = {.set = sockopt_set_debug, .get = sockopt_get_zero};
static const struct sockopt_form force_form = {.set = sockopt_set_force};
static const struct sockopt_form buffer_form = {.set = sockopt_set_buffer,
                                                .get = sockopt_get_value};
static const struct sockopt_form low_water_form = {.set = sockopt_set_low_water,
                                                   .get = sockopt_get_value};
static const struct sockopt_form credentials_form = {.get = sockopt_get_credentials};
static const struct sockopt_form linger_form = {.set = sockopt_set_linger,
                                                .get = sockopt_get_linger};
static const struct sockopt_form receive_timeout_form = {.set = sockopt_set_receive_timeout,
                                                         .get = sockopt_get_receive_timeout};
static const struct sockopt_form send_timeout_form = {.set = sockopt_set_send_timeout,
                                                      .get = sockopt_get_send_timeout};
static const struct sockopt_form wants_form = {.set = sockopt_set_wants, .get = sockopt_get_wants};
static const struct sockopt_form interface_form = {
    .set = sockopt_set_interface, .get = sockopt_get_interface, .is_name = true};
static const struct sockopt_form rate_form = {.set = sockopt_set_rate, .get = sockopt_get_rate};
static const struct sockopt_form error_form = {.get = sockopt_get_error};
static const struct sockopt_form type_form = {.get = sockopt_get_type};
static const struct sockopt_form domain_form = {.get = sockopt_get_domain};
static const struct sockopt_form protocol_form = {.get = sockopt_get_protocol};
static const struct sockopt_form listening_form = {.get = sockopt_get_listening};
static const struct sockopt_form hop_limit_form = {.set = sockopt_set_hop_limit,
                                                   .get = sockopt_get_hop_limit};
static const struct sockopt_form multicast_hop_limit_form = {.set = sockopt_set_multicast_hop_limit,
                                                             .get = sockopt_get_value};
static const struct sockopt_form traffic_class_form = {.set = sockopt_set_traffic_class,
                                                       .get = sockopt_get_value};
static const struct sockopt_form linger_2_form = {.set = sockopt_set_linger_2,
                                                  .get = sockopt_get_seconds};
static const struct sockopt_form defer_accept_form = {.set = sockopt_set_defer_accept,
                                                      .get = sockopt_get_seconds};
static const struct sockopt_form window_clamp_form = {.set = sockopt_set_window_clamp,
                                                      .get = sockopt_get_value};
static const struct sockopt_form quick_ack_form = {.set = sockopt_set_quick_ack,
                                                   .get = sockopt_get_value};
static const struct sockopt_form congestion_form = {
    .set = sockopt_set_congestion, .get = sockopt_get_congestion, .is_name = true};
static const struct sockopt_form v6only_form = {.set = sockopt_set6_v6only,
                                                .get = sockopt_get_v6only};
static const struct sockopt_form hops_form = {.set = sockopt_set6_hops, .get = sockopt_get_hops};
static const struct sockopt_form multicast_hops_form = {.set = sockopt_set6_multicast_hops,
                                                        .get = sockopt_get_value};
static const struct sockopt_form multicast_interface_form = {
    .set = sockopt_set6_multicast_interface, .get = sockopt_get_value};
static const struct sockopt_form unicast_interface_form = {.set = sockopt_set6_unicast_interface,
                                                           .get = sockopt_get_unicast_interface};
static const struct sockopt_form fragment_mtu_form = {.set = sockopt_set6_fragment_mtu,
                                                      .get = sockopt_get_path_mtu};
static const struct sockopt_form sticky_form = {.set = sockopt_rare_set_sticky, .is_bytes = true};
static const struct sockopt_form family_form = {.set = sockopt_rare_set_family,
                                                .get = sockopt_rare_get_family};
static const struct sockopt_form path_mtu_form = {.get = sockopt_rare_get_path_mtu};
static const struct sockopt_form tell_mtu_form = {.set = sockopt_rare_set_tell_mtu,
                                                  .get = sockopt_get_value};
static const struct sockopt_form header_form = {
    .set = sockopt_rare_set_header, .get = sockopt_rare_get_header, .is_name = true};
static const struct sockopt_form auto_label_form = {
    .set = sockopt_rare_set_auto_label, .get = sockopt_rare_get_auto_label, .is_name = true};
static const struct sockopt_form class_6_form = {.set = sockopt_set6_class,
                                                 .get = sockopt_get_value};
static const struct sockopt_form group_form = {.set = sockopt_group_set, .is_name = true};
static const struct sockopt_form filter_group_form = {
    .set = sockopt_group_set, .get = sockopt_group_get, .is_name = true, .is_bytes = true};
static const struct sockopt_form group_interface_form = {
    .set = sockopt_group_set_interface, .get = sockopt_group_get_interface, .is_name = true};
static const struct sockopt_form filter_form = {
    .set = sockopt_filter_attach, .get = sockopt_filter_get, .is_bytes = true};
static const struct sockopt_form no_filter_form = {.set = sockopt_filter_detach};
static const struct sockopt_form filter_lock_form = {.set = sockopt_filter_lock,
                                                     .get = sockopt_filter_get_lock};
static const struct sockopt_form filter_extensions_form = {.get = sockopt_filter_get_extensions};
static const struct sockopt_form other_filter_form = {.set = sockopt_filter_refuse};
static const struct sockopt_form icmp_filter_form = {
    .set = sockopt_raw_set_filter, .get = sockopt_raw_get_filter, .is_name = true};
static const struct sockopt_form icmp6_filter_form = {
    .set = sockopt_raw_set_filter_6, .get = sockopt_raw_get_filter_6, .is_name = true};
static const struct sockopt_form checksum_form = {.set = sockopt_raw_set_checksum,
                                                  .get = sockopt_get_value};
static const struct sockopt_form circuit_reset_form = {.set = sockopt_set_circuit_reset,
                                                       .is_name = true};
static const struct sockopt_form member_form = {.set = sockopt_packet_member, .is_bytes = true};
static const struct sockopt_form counts_form = {.get = sockopt_packet_get_counts};
static const struct sockopt_form info_form = {.get = sockopt_get_info};

#define RANGE(level_, name_, option_, error_, least_, most_, unit_)                                \
    {                                                                                              \
        .level = level_, .name = name_, .form = &number_form, .option = option_, .error = error_,  \
        .least = least_, .most = most_, .unit = unit_                                              \
    }
#define NUMBER(level_, name_, option_, error_, least_, most_)                                      \
    RANGE(level_, name_, option_, error_, least_, most_, 1)
#define SECONDS(name_, option_, most_) RANGE(IPPROTO_TCP, name_, option_, EINVAL, 1, most_, SECOND)
#define ROW(level_, name_, form_, option_)                                                         \
    {                                                                                              \
        .level = level_, .name = name_, .form = &form_##_form, .option = option_, .unit = 1        \
    }
#define WANTS(level_, name_, bit_)                                                                 \
    {                                                                                              \
        .level = level_, .name = name_, .form = &wants_form, .least = bit_                         \
    }

static const struct sockopt_row rows[] = {
    ROW(SOL_SOCKET, SO_DEBUG, debug, 0),
    ROW(SOL_SOCKET, SO_REUSEADDR, flag, OPTION_REUSE_ADDRESS),
    ROW(SOL_SOCKET, SO_REUSEPORT, flag, OPTION_REUSE_PORT),
    ROW(SOL_SOCKET, SO_DONTROUTE, flag, OPTION_DONT_ROUTE),
    ROW(SOL_SOCKET, SO_BROADCAST, flag, OPTION_BROADCAST),
    ROW(SOL_SOCKET, SO_KEEPALIVE, flag, OPTION_KEEPALIVE),
    ROW(SOL_SOCKET, SO_OOBINLINE, flag, OPTION_OOB_INLINE),
    ROW(SOL_SOCKET, SO_SNDBUF, buffer, OPTION_SEND_BUFFER),
    ROW(SOL_SOCKET, SO_RCVBUF, buffer, OPTION_RECEIVE_BUFFER),
    ROW(SOL_SOCKET, SO_SNDBUFFORCE, force, OPTION_SEND_BUFFER),
    ROW(SOL_SOCKET, SO_RCVBUFFORCE, force, OPTION_RECEIVE_BUFFER),
    ROW(SOL_SOCKET, SO_RCVLOWAT, low_water, OPTION_RECEIVE_LOW_WATER),
    {.level = SOL_SOCKET, .name = SO_SNDLOWAT, .form = &read_constant_form, .least = 1},
    {.level = SOL_SOCKET, .name = SO_BSDCOMPAT, .form = &constant_form, .least = 0},
    NUMBER(SOL_SOCKET, SO_PRIORITY, OPTION_PRIORITY, EPERM, 0, 6),
    ROW(SOL_SOCKET, SO_MARK, unsigned, OPTION_MARK),
    ROW(SOL_SOCKET, SO_MAX_PACING_RATE, rate, OPTION_PACING_RATE),
    ROW(SOL_SOCKET, SO_LINGER, linger, OPTION_LINGER),
    ROW(SOL_SOCKET, SO_RCVTIMEO_OLD, receive_timeout, 0),
    ROW(SOL_SOCKET, SO_RCVTIMEO_NEW, receive_timeout, 0),
    ROW(SOL_SOCKET, SO_SNDTIMEO_OLD, send_timeout, 0),
    ROW(SOL_SOCKET, SO_SNDTIMEO_NEW, send_timeout, 0),
    WANTS(SOL_SOCKET, SO_TIMESTAMP, WANTS_TIME),
    WANTS(SOL_SOCKET, SO_TIMESTAMPNS, WANTS_TIME_NANOSECONDS),
    ROW(SOL_SOCKET, SO_BINDTODEVICE, interface, OPTION_INTERFACE),
    ROW(SOL_SOCKET, SO_ERROR, error, 0),
    ROW(SOL_SOCKET, SO_TYPE, type, 0),
    ROW(SOL_SOCKET, SO_DOMAIN, domain, 0),
    ROW(SOL_SOCKET, SO_PROTOCOL, protocol, 0),
    ROW(SOL_SOCKET, SO_ACCEPTCONN, listening, 0),
    ROW(SOL_SOCKET, SO_ATTACH_FILTER, filter, 0),
    ROW(SOL_SOCKET, SO_DETACH_FILTER, no_filter, 0),
    ROW(SOL_SOCKET, SO_LOCK_FILTER, filter_lock, 0),
    ROW(SOL_SOCKET, SO_BPF_EXTENSIONS, filter_extensions, 0),
    ROW(SOL_SOCKET, SO_ATTACH_BPF, other_filter, 0),
    ROW(SOL_SOCKET, SO_PASSCRED, flag, OPTION_PASS_CREDENTIALS),
    ROW(SOL_SOCKET, SOCKOPT_PASS_RIGHTS, flag, OPTION_PASS_RIGHTS),
    NUMBER(SOL_SOCKET, SO_PEEK_OFF, OPTION_PEEK_OFFSET, EINVAL, INT_MIN, INT_MAX),
    ROW(SOL_SOCKET, SO_PEERCRED, credentials, 0),

    ROW(IPPROTO_IP, IP_TTL, hop_limit, OPTION_HOP_LIMIT),
    ROW(IPPROTO_IP, IP_TOS, traffic_class, OPTION_TRAFFIC_CLASS),
    NUMBER(IPPROTO_IP, IP_MTU_DISCOVER, OPTION_DISCOVER_MTU, EINVAL, IP_PMTUDISC_DONT,
           IP_PMTUDISC_OMIT),
    ROW(IPPROTO_IP, IP_MTU, read_number, OPTION_MTU),
    ROW(IPPROTO_IP, IP_RECVERR, flag, OPTION_RECEIVE_ERRORS),
    {.level = IPPROTO_IP,
     .name = IP_FREEBIND,
     .form = &flag_form,
     .option = OPTION_FREE_BIND,
     .needs_byte = true},
    ROW(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, flag, OPTION_BIND_NO_PORT),
    ROW(IPPROTO_IP, IP_MULTICAST_TTL, multicast_hop_limit, OPTION_MULTICAST_HOP_LIMIT),
    {.level = IPPROTO_IP,
     .name = IP_MULTICAST_LOOP,
     .form = &flag_form,
     .option = OPTION_MULTICAST_LOOP,
     .needs_byte = true},
    WANTS(IPPROTO_IP, IP_PKTINFO, WANTS_INTERFACE),
    WANTS(IPPROTO_IP, IP_RECVTTL, WANTS_HOP_LIMIT),
    WANTS(IPPROTO_IP, IP_RECVTOS, WANTS_TRAFFIC_CLASS),
    ROW(IPPROTO_IP, IP_OPTIONS, header, 0),
    WANTS(IPPROTO_IP, IP_RECVOPTS, WANTS_OPTIONS),
    WANTS(IPPROTO_IP, IP_RETOPTS, WANTS_OPTIONS_BACK),

    ROW(IPPROTO_IP, IP_UNICAST_IF, unicast_interface, OPTION_UNICAST_INTERFACE),

    ROW(IPPROTO_IPV6, IPV6_V6ONLY, v6only, OPTION_FAMILIES),
    ROW(IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops, OPTION_HOP_LIMIT_6),
    {.level = IPPROTO_IPV6,
     .name = IPV6_MULTICAST_HOPS,
     .form = &multicast_hops_form,
     .option = OPTION_MULTICAST_HOP_LIMIT_6,
     .datagrams = true},
    NUMBER(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, OPTION_MULTICAST_LOOP_6, EINVAL, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_ALL, flag, OPTION_MULTICAST_ALL_6),
    {.level = IPPROTO_IPV6,
     .name = IPV6_MULTICAST_IF,
     .form = &multicast_interface_form,
     .option = OPTION_MULTICAST_INTERFACE_6,
     .datagrams = true},
    ROW(IPPROTO_IPV6, IPV6_UNICAST_IF, unicast_interface, OPTION_UNICAST_INTERFACE_6),
    NUMBER(IPPROTO_IPV6, IPV6_MTU_DISCOVER, OPTION_DISCOVER_MTU_6, EINVAL, IPV6_PMTUDISC_DONT,
           IPV6_PMTUDISC_OMIT),
    ROW(IPPROTO_IPV6, IPV6_MTU, fragment_mtu, OPTION_FRAGMENT_MTU_6),
    ROW(IPPROTO_IPV6, IPV6_DONTFRAG, flag, OPTION_DONT_FRAGMENT_6),
    ROW(IPPROTO_IPV6, IPV6_RECVERR, flag, OPTION_RECEIVE_ERRORS_6),
    ROW(IPPROTO_IPV6, IPV6_TCLASS, class_6, OPTION_TRAFFIC_CLASS_6),
    ROW(IPPROTO_IPV6, IPV6_FREEBIND, flag, OPTION_FREE_BIND),
    ROW(IPPROTO_IPV6, IPV6_ADDRFORM, family, 0),
    ROW(IPPROTO_IPV6, IPV6_PKTINFO, sticky, OPTION_STICKY_INTERFACE_6),
    ROW(IPPROTO_IPV6, IPV6_PATHMTU, path_mtu, OPTION_MTU),
    ROW(IPPROTO_IPV6, IPV6_RECVPATHMTU, tell_mtu, OPTION_TELL_MTU_6),
    ROW(IPPROTO_IPV6, IPV6_AUTOFLOWLABEL, auto_label, OPTION_AUTO_LABEL_6),
    WANTS(IPPROTO_IPV6, IPV6_FLOWINFO_SEND, WANTS_FLOW_SEND),
    WANTS(IPPROTO_IPV6, IPV6_FLOWINFO, WANTS_FLOW_6),
    WANTS(IPPROTO_IPV6, IPV6_RECVPKTINFO, WANTS_INTERFACE_6),
    WANTS(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, WANTS_HOP_LIMIT_6),
    WANTS(IPPROTO_IPV6, IPV6_RECVTCLASS, WANTS_TRAFFIC_CLASS_6),

    ROW(IPPROTO_IP, IP_ADD_MEMBERSHIP, group, 0),
    ROW(IPPROTO_IP, IP_DROP_MEMBERSHIP, group, 0),
    ROW(IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, group, 0),
    ROW(IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP, group, 0),
    ROW(IPPROTO_IP, IP_BLOCK_SOURCE, group, 0),
    ROW(IPPROTO_IP, IP_UNBLOCK_SOURCE, group, 0),
    ROW(IPPROTO_IP, IP_MSFILTER, filter_group, 0),
    ROW(IPPROTO_IP, MCAST_JOIN_GROUP, group, 0),
    ROW(IPPROTO_IP, MCAST_LEAVE_GROUP, group, 0),
    ROW(IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, group, 0),
    ROW(IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, group, 0),
    ROW(IPPROTO_IP, MCAST_BLOCK_SOURCE, group, 0),
    ROW(IPPROTO_IP, MCAST_UNBLOCK_SOURCE, group, 0),
    ROW(IPPROTO_IP, MCAST_MSFILTER, filter_group, 0),
    ROW(IPPROTO_IP, IP_MULTICAST_IF, group_interface, 0),
    NUMBER(IPPROTO_IP, IP_MULTICAST_ALL, OPTION_MULTICAST_ALL, EINVAL, 0, 1),
    ROW(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, group, 0),
    ROW(IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, group, 0),
    ROW(IPPROTO_IPV6, MCAST_JOIN_GROUP, group, 0),
    ROW(IPPROTO_IPV6, MCAST_LEAVE_GROUP, group, 0),
    ROW(IPPROTO_IPV6, MCAST_JOIN_SOURCE_GROUP, group, 0),
    ROW(IPPROTO_IPV6, MCAST_LEAVE_SOURCE_GROUP, group, 0),
    ROW(IPPROTO_IPV6, MCAST_BLOCK_SOURCE, group, 0),
    ROW(IPPROTO_IPV6, MCAST_UNBLOCK_SOURCE, group, 0),
    ROW(IPPROTO_IPV6, MCAST_MSFILTER, filter_group, 0),

    ROW(IPPROTO_IP, IP_HDRINCL, flag, OPTION_WHOLE),
    ROW(IPPROTO_IPV6, IPV6_HDRINCL, flag, OPTION_WHOLE),
    ROW(IPPROTO_IPV6, IPV6_CHECKSUM, checksum, OPTION_CHECKSUM_AT),
    ROW(SOL_RAW, ICMP_FILTER, icmp_filter, OPTION_FILTER),
    ROW(SOL_RAW, IPV6_CHECKSUM, checksum, OPTION_CHECKSUM_AT),
    ROW(SOL_RAW, IPV6_HDRINCL, flag, OPTION_WHOLE),
    ROW(IPPROTO_ICMPV6, ICMPV6_FILTER, icmp6_filter, OPTION_FILTER),

    {.level = SOL_PACKET,
     .name = PACKET_ADD_MEMBERSHIP,
     .form = &member_form,
     .least = TRANSPORT_LINK_JOIN},
    {.level = SOL_PACKET,
     .name = PACKET_DROP_MEMBERSHIP,
     .form = &member_form,
     .least = TRANSPORT_LINK_LEAVE},
    ROW(SOL_PACKET, PACKET_STATISTICS, counts, 0),
    WANTS(SOL_PACKET, PACKET_AUXDATA, WANTS_FRAME),
    NUMBER(SOL_PACKET, PACKET_IGNORE_OUTGOING, OPTION_IGNORE_SENT, EINVAL, 0, 1),

    ROW(IPPROTO_TCP, TCP_NODELAY, flag, OPTION_NO_DELAY),
    ROW(IPPROTO_TCP, TCP_CORK, flag, OPTION_CORK),
    {.level = IPPROTO_TCP,
     .name = TCP_MAXSEG,
     .form = &number_or_0_form,
     .option = OPTION_MAXIMUM_SEGMENT,
     .error = EINVAL,
     .least = 88,
     .most = 32767,
     .unit = 1},
    SECONDS(TCP_KEEPIDLE, OPTION_KEEPALIVE_IDLE, 32767),
    SECONDS(TCP_KEEPINTVL, OPTION_KEEPALIVE_INTERVAL, 32767),
    NUMBER(IPPROTO_TCP, TCP_KEEPCNT, OPTION_KEEPALIVE_COUNT, EINVAL, 1, 127),
    NUMBER(IPPROTO_TCP, TCP_SYNCNT, OPTION_SYN_COUNT, EINVAL, 1, 127),
    ROW(IPPROTO_TCP, TCP_LINGER2, linger_2, OPTION_LINGER_2),
    ROW(IPPROTO_TCP, TCP_DEFER_ACCEPT, defer_accept, OPTION_DEFER_ACCEPT),
    ROW(IPPROTO_TCP, TCP_WINDOW_CLAMP, window_clamp, OPTION_WINDOW_CLAMP),
    ROW(IPPROTO_TCP, TCP_QUICKACK, quick_ack, OPTION_QUICK_ACK),
    RANGE(IPPROTO_TCP, TCP_USER_TIMEOUT, OPTION_USER_TIMEOUT, EINVAL, 0, INT_MAX, MILLISECOND),
    ROW(IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsigned, OPTION_NOT_SENT_LOW_WATER),
    ROW(IPPROTO_TCP, TCP_CONGESTION, congestion, OPTION_CONGESTION),
    ROW(IPPROTO_TCP, TCP_INFO, info, 0),

    WANTS(SOL_X25, X25_QBITINCL, WANTS_QUALIFIED),
    ROW(SOL_X25, SOCKOPT_X25_RESET, circuit_reset, 0),

    ROW(SOL_NETLINK, NETLINK_EXT_ACK, flag, OPTION_NETLINK_EXPLAINS),
    ROW(SOL_NETLINK, NETLINK_CAP_ACK, flag, OPTION_NETLINK_CAPPED),
    ROW(SOL_NETLINK, NETLINK_GET_STRICT_CHK, flag, OPTION_NETLINK_STRICT),
    NUMBER(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, OPTION_NETLINK_JOIN, EINVAL, 1, 64),
    NUMBER(SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, OPTION_NETLINK_LEAVE, EINVAL, 1, 64),
};

/* Does this socket look at options of this level at all? */
static bool has_level(const struct descriptor *d, int level)
{
    return level == SOL_SOCKET || level == protocol_of(d)->level ||
           (level == IPPROTO_IP &&
            (protocol_of(d)->domain == AF_INET || protocol_of(d)->domain == AF_INET6)) ||
           ((level == IPPROTO_IPV6 ||
             (level == IPPROTO_ICMPV6 && protocol_of(d)->level == SOL_RAW)) &&
            protocol_of(d)->domain == AF_INET6);
}

/* Of the level of raw sockets each version has its own. */
static bool is_of(const struct descriptor *d, const struct sockopt_row *row)
{
    return row->level != SOL_RAW ||
           (row->name == ICMP_FILTER) == (protocol_of(d)->domain == AF_INET);
}

/* The row of an option that this socket may have, NULL: none. */
static const struct sockopt_row *find(const struct descriptor *d, int level, int name)
{
    if (!has_level(d, level))
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].level == level && rows[i].name == name && is_of(d, &rows[i]))
            return &rows[i];
    return NULL;
}

/* The int of a value, and the least length that its level asks. */
static int read_number(struct sockopt_request *r, int level)
{
    r->number = 0;
    if (r->row && (r->row->form->is_name || r->row->form->is_bytes))
        return 0;
    if (r->length >= sizeof r->number) {
        memcpy(&r->number, r->value, sizeof r->number);
        return 0;
    }
    if (level != IPPROTO_IP)
        return -EINVAL;
    if (r->length >= 1)
        r->number = *(const uint8_t *)r->value;
    else if (r->row && r->row->needs_byte)
        return -EINVAL;
    return 0;
}

int sockopt_set(struct call_host *host, struct descriptor *d, int level, int name,
                const void *value, uint32_t length, nanoseconds now)
{
    struct sockopt_request r = {.host = host,
                                .d = d,
                                .row = find(d, level, name),
                                .value = value,
                                .length = length,
                                .now = now};
    int status;

    if (length > INT_MAX)
        return -EINVAL;
    if (!has_level(d, level))
        return protocol_of(d)->is_local ? -EOPNOTSUPP : -ENOPROTOOPT;
    if (length && !value)
        return -EFAULT;
    if (level == IPPROTO_IPV6 && (!r.row || (r.row->datagrams && !protocol_of(d)->has_boundaries)))
        return -ENOPROTOOPT; /* whatever the length */
    status = read_number(&r, level);
    if (status)
        return status;
    return r.row && r.row->form->set ? r.row->form->set(&r) : -ENOPROTOOPT;
}

/* Of a level that the family does not look at. */
static int level_error(const struct descriptor *d)
{
    int domain = protocol_of(d)->domain;

    return domain == AF_INET6 || domain == AF_X25 || domain == AF_PACKET ? -ENOPROTOOPT
                                                                         : -EOPNOTSUPP;
}

int sockopt_get(const struct call_host *host, struct descriptor *d, int level, int name,
                void *value, uint32_t *length, nanoseconds now)
{
    const struct sockopt_row *row = find(d, level, name);
    struct sockopt_query q = {.host = host, .d = d, .row = row, .now = now};
    struct sockopt_answer answer;
    int status;

    if (!length)
        return -EFAULT;
    if (*length > INT_MAX)
        return -EINVAL;
    if (*length && !value)
        return -EFAULT;
    if (!has_level(d, level))
        return level_error(d);
    if (!row || !row->form->get)
        return -ENOPROTOOPT;
    q.room = *length;
    q.value = value;
    answer.length = 0;
    status = row->form->get(&q, &answer);
    if (status < 0)
        return status;
    if (row->form->is_bytes) {
        *length = answer.length;
        return 0;
    }
    *length = (uint32_t)least(*length, answer.length);
    if (*length)
        memcpy(value, answer.bytes, *length);
    return 0;
}
