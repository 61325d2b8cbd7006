/* SPDX-License-Identifier: MIT */
/*
 * The table of options. RFC 9293 3.9.1.9 and RFC 1122 4.2.4 name what a program may ask of TCP (the
 * user timeout, keep-alives, the type of service), RFC 1122 4.1.4 what of UDP, RFC 5482 the user
 * timeout; names and numbers are Linux's. Each row says form, access, range and unit; sockopt_set
 * and sockopt_get hold what each form does.
 *
 * An option of Linux's that is not here is not supported, and answers -ENOPROTOOPT, so that a
 * program (and the report of its run) knows. Nothing is accepted that has no effect, but what has
 * none on Linux either.
 */
#include "6-presentation/abi.h"
#include "6-presentation/protocol.h"
#include "6-presentation/sockopt.h"

#include <errno.h>
#include <limits.h>

#define RANGE(level_, name_, form_, option_, error_, least_, most_, unit_)                         \
    {                                                                                              \
        .level = level_, .name = name_, .form = form_, .option = option_, .access = SOCKOPT_BOTH,  \
        .error = error_, .least = least_, .most = most_, .unit = unit_                             \
    }
#define NUMBER(level_, name_, option_, error_, least_, most_)                                      \
    RANGE(level_, name_, SOCKOPT_NUMBER, option_, error_, least_, most_, 1)
#define SECONDS(name_, option_, most_)                                                             \
    RANGE(IPPROTO_TCP, name_, SOCKOPT_NUMBER, option_, EINVAL, 1, most_, SECOND)
#define ROW(level_, name_, form_, option_)                                                         \
    {                                                                                              \
        .level = level_, .name = name_, .form = form_, .option = option_, .access = SOCKOPT_BOTH   \
    }
#define READ_ONLY(level_, name_, form_, option_)                                                   \
    {                                                                                              \
        .level = level_, .name = name_, .form = form_, .option = option_, .access = SOCKOPT_READ,  \
        .unit = 1                                                                                  \
    }
#define WANTS(level_, name_, bit_)                                                                 \
    {                                                                                              \
        .level = level_, .name = name_, .form = SOCKOPT_WANTS, .access = SOCKOPT_BOTH,             \
        .least = bit_                                                                              \
    }

static const struct sockopt_row rows[] = {
    ROW(SOL_SOCKET, SO_DEBUG, SOCKOPT_DEBUG, 0),
    ROW(SOL_SOCKET, SO_REUSEADDR, SOCKOPT_FLAG, OPTION_REUSE_ADDRESS),
    ROW(SOL_SOCKET, SO_REUSEPORT, SOCKOPT_FLAG, OPTION_REUSE_PORT),
    ROW(SOL_SOCKET, SO_DONTROUTE, SOCKOPT_FLAG, OPTION_DONT_ROUTE),
    ROW(SOL_SOCKET, SO_BROADCAST, SOCKOPT_FLAG, OPTION_BROADCAST),
    ROW(SOL_SOCKET, SO_KEEPALIVE, SOCKOPT_FLAG, OPTION_KEEPALIVE),
    ROW(SOL_SOCKET, SO_OOBINLINE, SOCKOPT_FLAG, OPTION_OOB_INLINE),
    ROW(SOL_SOCKET, SO_SNDBUF, SOCKOPT_BUFFER, OPTION_SEND_BUFFER),
    ROW(SOL_SOCKET, SO_RCVBUF, SOCKOPT_BUFFER, OPTION_RECEIVE_BUFFER),
    ROW(SOL_SOCKET, SO_SNDBUFFORCE, SOCKOPT_FORCE, OPTION_SEND_BUFFER),
    ROW(SOL_SOCKET, SO_RCVBUFFORCE, SOCKOPT_FORCE, OPTION_RECEIVE_BUFFER),
    ROW(SOL_SOCKET, SO_RCVLOWAT, SOCKOPT_LOW_WATER, OPTION_RECEIVE_LOW_WATER),
    {.level = SOL_SOCKET,
     .name = SO_SNDLOWAT,
     .form = SOCKOPT_CONSTANT,
     .access = SOCKOPT_READ,
     .least = 1},
    {.level = SOL_SOCKET,
     .name = SO_BSDCOMPAT,
     .form = SOCKOPT_CONSTANT,
     .access = SOCKOPT_BOTH,
     .least = 0},
    NUMBER(SOL_SOCKET, SO_PRIORITY, OPTION_PRIORITY, EPERM, 0, 6),
    ROW(SOL_SOCKET, SO_MARK, SOCKOPT_UNSIGNED, OPTION_MARK),
    ROW(SOL_SOCKET, SO_MAX_PACING_RATE, SOCKOPT_RATE, OPTION_PACING_RATE),
    ROW(SOL_SOCKET, SO_LINGER, SOCKOPT_LINGER, OPTION_LINGER),
    ROW(SOL_SOCKET, SO_RCVTIMEO_OLD, SOCKOPT_RECEIVE_TIMEOUT, 0),
    ROW(SOL_SOCKET, SO_RCVTIMEO_NEW, SOCKOPT_RECEIVE_TIMEOUT, 0),
    ROW(SOL_SOCKET, SO_SNDTIMEO_OLD, SOCKOPT_SEND_TIMEOUT, 0),
    ROW(SOL_SOCKET, SO_SNDTIMEO_NEW, SOCKOPT_SEND_TIMEOUT, 0),
    WANTS(SOL_SOCKET, SO_TIMESTAMP, WANTS_TIME),
    WANTS(SOL_SOCKET, SO_TIMESTAMPNS, WANTS_TIME_NANOSECONDS),
    ROW(SOL_SOCKET, SO_BINDTODEVICE, SOCKOPT_INTERFACE, OPTION_INTERFACE),
    READ_ONLY(SOL_SOCKET, SO_ERROR, SOCKOPT_ERROR, 0),
    READ_ONLY(SOL_SOCKET, SO_TYPE, SOCKOPT_TYPE, 0),
    READ_ONLY(SOL_SOCKET, SO_DOMAIN, SOCKOPT_DOMAIN, 0),
    READ_ONLY(SOL_SOCKET, SO_PROTOCOL, SOCKOPT_PROTOCOL, 0),
    READ_ONLY(SOL_SOCKET, SO_ACCEPTCONN, SOCKOPT_LISTENING, 0),

    ROW(IPPROTO_IP, IP_TTL, SOCKOPT_HOP_LIMIT, OPTION_HOP_LIMIT),
    ROW(IPPROTO_IP, IP_TOS, SOCKOPT_TRAFFIC_CLASS, OPTION_TRAFFIC_CLASS),
    NUMBER(IPPROTO_IP, IP_MTU_DISCOVER, OPTION_DISCOVER_MTU, EINVAL, IP_PMTUDISC_DONT,
           IP_PMTUDISC_OMIT),
    READ_ONLY(IPPROTO_IP, IP_MTU, SOCKOPT_NUMBER, OPTION_MTU),
    ROW(IPPROTO_IP, IP_RECVERR, SOCKOPT_FLAG, OPTION_RECEIVE_ERRORS),
    ROW(IPPROTO_IP, IP_FREEBIND, SOCKOPT_FLAG, OPTION_FREE_BIND),
    ROW(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, SOCKOPT_FLAG, OPTION_BIND_NO_PORT),
    ROW(IPPROTO_IP, IP_MULTICAST_TTL, SOCKOPT_MULTICAST_HOP_LIMIT, OPTION_MULTICAST_HOP_LIMIT),
    ROW(IPPROTO_IP, IP_MULTICAST_LOOP, SOCKOPT_FLAG, OPTION_MULTICAST_LOOP),
    WANTS(IPPROTO_IP, IP_PKTINFO, WANTS_INTERFACE),
    WANTS(IPPROTO_IP, IP_RECVTTL, WANTS_HOP_LIMIT),
    WANTS(IPPROTO_IP, IP_RECVTOS, WANTS_TRAFFIC_CLASS),

    ROW(IPPROTO_TCP, TCP_NODELAY, SOCKOPT_FLAG, OPTION_NO_DELAY),
    ROW(IPPROTO_TCP, TCP_CORK, SOCKOPT_FLAG, OPTION_CORK),
    RANGE(IPPROTO_TCP, TCP_MAXSEG, SOCKOPT_NUMBER_OR_0, OPTION_MAXIMUM_SEGMENT, EINVAL, 88, 32767,
          1),
    SECONDS(TCP_KEEPIDLE, OPTION_KEEPALIVE_IDLE, 32767),
    SECONDS(TCP_KEEPINTVL, OPTION_KEEPALIVE_INTERVAL, 32767),
    NUMBER(IPPROTO_TCP, TCP_KEEPCNT, OPTION_KEEPALIVE_COUNT, EINVAL, 1, 127),
    NUMBER(IPPROTO_TCP, TCP_SYNCNT, OPTION_SYN_COUNT, EINVAL, 1, 127),
    ROW(IPPROTO_TCP, TCP_LINGER2, SOCKOPT_LINGER_2, OPTION_LINGER_2),
    ROW(IPPROTO_TCP, TCP_DEFER_ACCEPT, SOCKOPT_DEFER_ACCEPT, OPTION_DEFER_ACCEPT),
    ROW(IPPROTO_TCP, TCP_WINDOW_CLAMP, SOCKOPT_WINDOW_CLAMP, OPTION_WINDOW_CLAMP),
    ROW(IPPROTO_TCP, TCP_QUICKACK, SOCKOPT_QUICK_ACK, OPTION_QUICK_ACK),
    RANGE(IPPROTO_TCP, TCP_USER_TIMEOUT, SOCKOPT_NUMBER, OPTION_USER_TIMEOUT, EINVAL, 0, INT_MAX,
          MILLISECOND),
    ROW(IPPROTO_TCP, TCP_NOTSENT_LOWAT, SOCKOPT_UNSIGNED, OPTION_NOT_SENT_LOW_WATER),
    ROW(IPPROTO_TCP, TCP_CONGESTION, SOCKOPT_CONGESTION, OPTION_CONGESTION),
    READ_ONLY(IPPROTO_TCP, TCP_INFO, SOCKOPT_INFO, 0),
};

bool sockopt_has_level(const struct descriptor *d, int level)
{
    return level == SOL_SOCKET || level == IPPROTO_IP || level == protocol_of(d)->level;
}

const struct sockopt_row *sockopt_find(const struct descriptor *d, int level, int name)
{
    if (!sockopt_has_level(d, level))
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].level == level && rows[i].name == name)
            return &rows[i];
    return NULL;
}
