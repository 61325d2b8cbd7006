/* SPDX-License-Identifier: MIT */
/* The names that scripts use for numbers of the socket interface, by the machine's own headers. */
#include "drill/ast.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct constant {
    const char *name;
    int64_t value;
};

#define C(name)                                                                                    \
    {                                                                                              \
#name, (int64_t)name                                                                       \
    }

static const struct constant errors[] = {
    C(EPERM),           C(ENOENT),      C(EINTR),        C(EIO),          C(EBADF),
    C(EAGAIN),          C(ENOMEM),      C(EACCES),       C(EFAULT),       C(EBUSY),
    C(EEXIST),          C(EINVAL),      C(EMFILE),       C(ENOTTY),       C(ENOSPC),
    C(EPIPE),           C(ERANGE),      C(ENOMSG),       C(EPROTO),       C(ENOTSOCK),
    C(EDESTADDRREQ),    C(EMSGSIZE),    C(EPROTOTYPE),   C(ENOPROTOOPT),  C(EPROTONOSUPPORT),
    C(ESOCKTNOSUPPORT), C(EOPNOTSUPP),  C(EAFNOSUPPORT), C(EADDRINUSE),   C(EADDRNOTAVAIL),
    C(ENETDOWN),        C(ENETUNREACH), C(ECONNABORTED), C(ECONNRESET),   C(ENOBUFS),
    C(EISCONN),         C(ENOTCONN),    C(ETIMEDOUT),    C(ECONNREFUSED), C(EHOSTDOWN),
    C(EHOSTUNREACH),    C(EALREADY),    C(EINPROGRESS),  C(ENOSYS),       C(EDOM),
};

static const struct constant constants[] = {
    {"NULL", 0},
    C(AF_INET),
    C(AF_INET6),
    C(PF_INET),
    C(PF_INET6),
    C(AF_UNSPEC),
    C(SOCK_STREAM),
    C(SOCK_DGRAM),
    C(SOCK_RAW),
    C(SOCK_NONBLOCK),
    C(SOCK_CLOEXEC),
    C(IPPROTO_IP),
    C(IPPROTO_TCP),
    C(IPPROTO_UDP),
    C(IPPROTO_ICMP),
    C(IPPROTO_IPV6),
    C(INADDR_ANY),
    C(SHUT_RD),
    C(SHUT_WR),
    C(SHUT_RDWR),
    C(SOL_SOCKET),
    {"SOL_IP", 0},
    {"SOL_TCP", 6},
    {"SOL_UDP", 17},
    {"SOL_IPV6", 41},
    C(SO_DEBUG),
    C(SO_REUSEADDR),
    C(SO_TYPE),
    C(SO_ERROR),
    C(SO_DONTROUTE),
    C(SO_BROADCAST),
    C(SO_SNDBUF),
    C(SO_RCVBUF),
    C(SO_SNDBUFFORCE),
    C(SO_RCVBUFFORCE),
    C(SO_KEEPALIVE),
    C(SO_OOBINLINE),
    C(SO_PRIORITY),
    C(SO_LINGER),
    C(SO_REUSEPORT),
    C(SO_PASSCRED),
    C(SO_RCVLOWAT),
    C(SO_SNDLOWAT),
    C(SO_RCVTIMEO),
    C(SO_SNDTIMEO),
    C(SO_ACCEPTCONN),
    C(SO_PROTOCOL),
    C(SO_DOMAIN),
    C(SO_MARK),
    C(SO_ZEROCOPY),
    C(SO_TIMESTAMP),
    C(SO_TIMESTAMPNS),
    C(SO_TIMESTAMPING),
    C(SO_MAX_PACING_RATE),
    C(SO_BUSY_POLL),
    C(SO_INCOMING_CPU),
    C(SO_COOKIE),
    C(SO_MEMINFO),
    C(IP_TOS),
    C(IP_TTL),
    C(IP_MTU_DISCOVER),
    C(IP_MTU),
    C(IP_RECVERR),
    C(IP_RECVTOS),
    C(IP_RECVTTL),
    C(IP_FREEBIND),
    C(IPV6_V6ONLY),
    C(IPV6_UNICAST_HOPS),
    C(IPV6_MULTICAST_HOPS),
    C(IPV6_MULTICAST_LOOP),
    C(IPV6_MTU_DISCOVER),
    C(IPV6_MTU),
    C(IPV6_RECVERR),
    C(IPV6_RECVPKTINFO),
    C(IPV6_PKTINFO),
    C(IPV6_RECVHOPLIMIT),
    C(IPV6_HOPLIMIT),
    C(IPV6_RECVTCLASS),
    C(IPV6_TCLASS),
    C(IPV6_DONTFRAG),
    C(IPV6_FREEBIND),
    C(IPV6_PMTUDISC_DONT),
    C(IPV6_PMTUDISC_WANT),
    C(IPV6_PMTUDISC_DO),
    C(IPV6_PMTUDISC_PROBE),
    C(IPPROTO_ICMPV6),
    C(IP_OPTIONS),
    C(IP_PKTINFO),
    C(IP_BIND_ADDRESS_NO_PORT),
    C(IP_PMTUDISC_DONT),
    C(IP_PMTUDISC_WANT),
    C(IP_PMTUDISC_DO),
    C(IP_PMTUDISC_PROBE),
    C(TCP_NODELAY),
    C(TCP_MAXSEG),
    C(TCP_CORK),
    C(TCP_KEEPIDLE),
    C(TCP_KEEPINTVL),
    C(TCP_KEEPCNT),
    C(TCP_SYNCNT),
    C(TCP_LINGER2),
    C(TCP_DEFER_ACCEPT),
    C(TCP_WINDOW_CLAMP),
    C(TCP_INFO),
    C(TCP_QUICKACK),
    C(TCP_CONGESTION),
    C(TCP_USER_TIMEOUT),
    C(TCP_FASTOPEN),
    C(TCP_TIMESTAMP),
    C(TCP_NOTSENT_LOWAT),
    C(TCP_CC_INFO),
    C(TCP_SAVE_SYN),
    C(TCP_SAVED_SYN),
    C(TCP_FASTOPEN_CONNECT),
    C(TCP_FASTOPEN_KEY),
    C(TCP_FASTOPEN_NO_COOKIE),
    C(TCP_INQ),
    C(TCP_CM_INQ),
    C(TCP_TX_DELAY),
    C(TCP_ULP),
    C(TCP_ZEROCOPY_RECEIVE),
    C(O_RDONLY),
    C(O_WRONLY),
    C(O_RDWR),
    C(O_NONBLOCK),
    C(F_GETFL),
    C(F_SETFL),
    C(F_GETFD),
    C(F_SETFD),
    C(FD_CLOEXEC),
    C(MSG_OOB),
    C(MSG_PEEK),
    C(MSG_DONTROUTE),
    C(MSG_CTRUNC),
    C(MSG_TRUNC),
    C(MSG_DONTWAIT),
    C(MSG_EOR),
    C(MSG_WAITALL),
    C(MSG_NOSIGNAL),
    C(MSG_MORE),
    C(MSG_ERRQUEUE),
    C(MSG_FASTOPEN),
    C(MSG_ZEROCOPY),
    C(MSG_WAITFORONE),
    C(MSG_CONFIRM),
    C(POLLIN),
    C(POLLOUT),
    C(POLLERR),
    C(POLLHUP),
    C(POLLRDHUP),
    C(POLLPRI),
    C(POLLNVAL),
    {"POLLRDNORM", 0x40},
    {"POLLWRNORM", 0x100},
    C(EPOLL_CTL_ADD),
    C(EPOLL_CTL_MOD),
    C(EPOLL_CTL_DEL),
    C(EPOLLIN),
    C(EPOLLOUT),
    C(EPOLLERR),
    C(EPOLLHUP),
    C(EPOLLRDHUP),
    C(EPOLLPRI),
    {"EPOLLET", 1LL << 31},
    {"EPOLLONESHOT", 1LL << 30},
    C(FIONREAD),
    C(SIOCINQ),
    C(SIOCOUTQ),
    C(SIOCOUTQNSD),
    C(SIOCATMARK),
    C(SOF_TIMESTAMPING_TX_HARDWARE),
    C(SOF_TIMESTAMPING_TX_SOFTWARE),
    C(SOF_TIMESTAMPING_RX_HARDWARE),
    C(SOF_TIMESTAMPING_RX_SOFTWARE),
    C(SOF_TIMESTAMPING_SOFTWARE),
    C(SOF_TIMESTAMPING_OPT_ID),
    C(SOF_TIMESTAMPING_TX_SCHED),
    C(SOF_TIMESTAMPING_TX_ACK),
    C(SOF_TIMESTAMPING_OPT_CMSG),
    C(SOF_TIMESTAMPING_OPT_TSONLY),
    C(SO_EE_ORIGIN_NONE),
    C(SO_EE_ORIGIN_LOCAL),
    C(SO_EE_ORIGIN_ICMP),
    C(SO_EE_ORIGIN_ZEROCOPY),
    C(SO_EE_CODE_ZEROCOPY_COPIED),
    {"SO_EE_ORIGIN_TIMESTAMPING", 4},
    C(SCM_TSTAMP_SND),
    C(SCM_TSTAMP_SCHED),
    C(SCM_TSTAMP_ACK),
    {"SCM_TIMESTAMPING", SO_TIMESTAMPING},
    {"CMSG_LEVEL_IP", 0},
    {"CMSG_TYPE_RECVERR", IP_RECVERR},
};

static bool find(const struct constant *table, size_t count, const char *name, int64_t *value)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            *value = table[i].value;
            return true;
        }
    }
    return false;
}

bool drill_constant(const char *name, int64_t *value)
{
    return find(constants, sizeof constants / sizeof *constants, name, value) ||
           find(errors, sizeof errors / sizeof *errors, name, value);
}

bool drill_errno(const char *name, int *number)
{
    int64_t value = 0;
    bool found;

    if (strcmp(name, "EWOULDBLOCK") == 0)
        name = "EAGAIN";
    if (strcmp(name, "ENOTSUPP") == 0)
        name = "EOPNOTSUPP";
    found = find(errors, sizeof errors / sizeof *errors, name, &value);
    *number = (int)value;
    return found;
}

const char *drill_errno_name(int number)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].value == number)
            return errors[i].name;
    }
    return NULL;
}
