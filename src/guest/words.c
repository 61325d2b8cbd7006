/* SPDX-License-Identifier: MIT */
/*
 * Tables behind words.h. A name that the kernel's headers know is taken from them; younger ones
 * stand with their number, which the ABI keeps.
 */
#include "guest/words.h"

#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ROW(level, name)                                                                           \
    {                                                                                              \
        level, name, #level ", " #name                                                             \
    }
#define WORD(name)                                                                                 \
    {                                                                                              \
        name, #name                                                                                \
    }
#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct {
    int level, name;
    const char *words;
} options[] = {
    ROW(SOL_SOCKET, SO_DEBUG),
    ROW(SOL_SOCKET, SO_REUSEADDR),
    ROW(SOL_SOCKET, SO_TYPE),
    ROW(SOL_SOCKET, SO_ERROR),
    ROW(SOL_SOCKET, SO_DONTROUTE),
    ROW(SOL_SOCKET, SO_BROADCAST),
    ROW(SOL_SOCKET, SO_SNDBUF),
    ROW(SOL_SOCKET, SO_RCVBUF),
    ROW(SOL_SOCKET, SO_KEEPALIVE),
    ROW(SOL_SOCKET, SO_OOBINLINE),
    ROW(SOL_SOCKET, SO_NO_CHECK),
    ROW(SOL_SOCKET, SO_PRIORITY),
    ROW(SOL_SOCKET, SO_LINGER),
    ROW(SOL_SOCKET, SO_BSDCOMPAT),
    ROW(SOL_SOCKET, SO_REUSEPORT),
    ROW(SOL_SOCKET, SO_PASSCRED),
    ROW(SOL_SOCKET, SO_PEERCRED),
    ROW(SOL_SOCKET, SO_RCVLOWAT),
    ROW(SOL_SOCKET, SO_SNDLOWAT),
    ROW(SOL_SOCKET, SO_RCVTIMEO),
    ROW(SOL_SOCKET, SO_SNDTIMEO),
    ROW(SOL_SOCKET, SO_BINDTODEVICE),
    ROW(SOL_SOCKET, SO_ATTACH_FILTER),
    ROW(SOL_SOCKET, SO_DETACH_FILTER),
    ROW(SOL_SOCKET, SO_PEERNAME),
    ROW(SOL_SOCKET, SO_TIMESTAMP),
    ROW(SOL_SOCKET, SO_ACCEPTCONN),
    ROW(SOL_SOCKET, SO_PEERSEC),
    ROW(SOL_SOCKET, SO_SNDBUFFORCE),
    ROW(SOL_SOCKET, SO_RCVBUFFORCE),
    ROW(SOL_SOCKET, SO_PASSSEC),
    ROW(SOL_SOCKET, SO_TIMESTAMPNS),
    ROW(SOL_SOCKET, SO_MARK),
    ROW(SOL_SOCKET, SO_TIMESTAMPING),
    ROW(SOL_SOCKET, SO_PROTOCOL),
    ROW(SOL_SOCKET, SO_DOMAIN),
    ROW(SOL_SOCKET, SO_RXQ_OVFL),
    ROW(SOL_SOCKET, SO_WIFI_STATUS),
    ROW(SOL_SOCKET, SO_PEEK_OFF),
    ROW(SOL_SOCKET, SO_NOFCS),
    ROW(SOL_SOCKET, SO_LOCK_FILTER),
    ROW(SOL_SOCKET, SO_SELECT_ERR_QUEUE),
    ROW(SOL_SOCKET, SO_BUSY_POLL),
    ROW(SOL_SOCKET, SO_MAX_PACING_RATE),
    ROW(SOL_SOCKET, SO_BPF_EXTENSIONS),
    ROW(SOL_SOCKET, SO_INCOMING_CPU),
    ROW(SOL_SOCKET, SO_ATTACH_BPF),
    ROW(SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF),
    ROW(SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF),
    ROW(SOL_SOCKET, SO_CNX_ADVICE),
    ROW(SOL_SOCKET, SO_MEMINFO),
    ROW(SOL_SOCKET, SO_INCOMING_NAPI_ID),
    ROW(SOL_SOCKET, SO_COOKIE),
    ROW(SOL_SOCKET, SO_PEERGROUPS),
    ROW(SOL_SOCKET, SO_ZEROCOPY),
    ROW(SOL_SOCKET, SO_TXTIME),
    ROW(SOL_SOCKET, SO_BINDTOIFINDEX),
    ROW(SOL_SOCKET, SO_DETACH_REUSEPORT_BPF),
    ROW(SOL_SOCKET, SO_PREFER_BUSY_POLL),
    ROW(SOL_SOCKET, SO_BUSY_POLL_BUDGET),
    ROW(SOL_SOCKET, SO_NETNS_COOKIE),
    ROW(SOL_SOCKET, SO_BUF_LOCK),
    {SOL_SOCKET, 73, "SOL_SOCKET, SO_RESERVE_MEM"},
    {SOL_SOCKET, 74, "SOL_SOCKET, SO_TXREHASH"},
    {SOL_SOCKET, 75, "SOL_SOCKET, SO_RCVMARK"},
    ROW(SOL_PACKET, PACKET_ADD_MEMBERSHIP),
    ROW(SOL_PACKET, PACKET_DROP_MEMBERSHIP),
    ROW(SOL_PACKET, PACKET_RECV_OUTPUT),
    ROW(SOL_PACKET, PACKET_RX_RING),
    ROW(SOL_PACKET, PACKET_STATISTICS),
    ROW(SOL_PACKET, PACKET_COPY_THRESH),
    ROW(SOL_PACKET, PACKET_AUXDATA),
    ROW(SOL_PACKET, PACKET_ORIGDEV),
    ROW(SOL_PACKET, PACKET_VERSION),
    ROW(SOL_PACKET, PACKET_HDRLEN),
    ROW(SOL_PACKET, PACKET_RESERVE),
    ROW(SOL_PACKET, PACKET_TX_RING),
    ROW(SOL_PACKET, PACKET_LOSS),
    ROW(SOL_PACKET, PACKET_VNET_HDR),
    ROW(SOL_PACKET, PACKET_TX_TIMESTAMP),
    ROW(SOL_PACKET, PACKET_TIMESTAMP),
    ROW(SOL_PACKET, PACKET_FANOUT),
    ROW(SOL_PACKET, PACKET_TX_HAS_OFF),
    ROW(SOL_PACKET, PACKET_QDISC_BYPASS),
    ROW(SOL_PACKET, PACKET_ROLLOVER_STATS),
    ROW(SOL_PACKET, PACKET_FANOUT_DATA),
    ROW(SOL_PACKET, PACKET_IGNORE_OUTGOING),
    ROW(IPPROTO_IP, IP_TOS),
    ROW(IPPROTO_IP, IP_TTL),
    ROW(IPPROTO_IP, IP_HDRINCL),
    ROW(IPPROTO_IP, IP_OPTIONS),
    ROW(IPPROTO_IP, IP_ROUTER_ALERT),
    ROW(IPPROTO_IP, IP_RECVOPTS),
    ROW(IPPROTO_IP, IP_RETOPTS),
    ROW(IPPROTO_IP, IP_PKTINFO),
    ROW(IPPROTO_IP, IP_PKTOPTIONS),
    ROW(IPPROTO_IP, IP_MTU_DISCOVER),
    ROW(IPPROTO_IP, IP_RECVERR),
    ROW(IPPROTO_IP, IP_RECVTTL),
    ROW(IPPROTO_IP, IP_RECVTOS),
    ROW(IPPROTO_IP, IP_MTU),
    ROW(IPPROTO_IP, IP_FREEBIND),
    ROW(IPPROTO_IP, IP_IPSEC_POLICY),
    ROW(IPPROTO_IP, IP_XFRM_POLICY),
    ROW(IPPROTO_IP, IP_PASSSEC),
    ROW(IPPROTO_IP, IP_TRANSPARENT),
    ROW(IPPROTO_IP, IP_RECVORIGDSTADDR),
    ROW(IPPROTO_IP, IP_MINTTL),
    ROW(IPPROTO_IP, IP_NODEFRAG),
    ROW(IPPROTO_IP, IP_CHECKSUM),
    ROW(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT),
    ROW(IPPROTO_IP, IP_RECVFRAGSIZE),
    ROW(IPPROTO_IP, IP_RECVERR_RFC4884),
    ROW(IPPROTO_IP, IP_MULTICAST_IF),
    ROW(IPPROTO_IP, IP_MULTICAST_TTL),
    ROW(IPPROTO_IP, IP_MULTICAST_LOOP),
    ROW(IPPROTO_IP, IP_ADD_MEMBERSHIP),
    ROW(IPPROTO_IP, IP_DROP_MEMBERSHIP),
    ROW(IPPROTO_IP, IP_UNBLOCK_SOURCE),
    ROW(IPPROTO_IP, IP_BLOCK_SOURCE),
    ROW(IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP),
    ROW(IPPROTO_IP, IP_DROP_SOURCE_MEMBERSHIP),
    ROW(IPPROTO_IP, IP_MSFILTER),
    ROW(IPPROTO_IP, IP_MULTICAST_ALL),
    ROW(IPPROTO_IP, IP_UNICAST_IF),
    {IPPROTO_IP, 51, "IPPROTO_IP, IP_LOCAL_PORT_RANGE"},
    ROW(IPPROTO_IPV6, IPV6_V6ONLY),
    ROW(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_IF),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
    ROW(IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
    ROW(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP),
    ROW(IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP),
    ROW(IPPROTO_IPV6, IPV6_MTU_DISCOVER),
    ROW(IPPROTO_IPV6, IPV6_MTU),
    ROW(IPPROTO_IPV6, IPV6_RECVERR),
    ROW(IPPROTO_IPV6, IPV6_RECVPKTINFO),
    ROW(IPPROTO_IPV6, IPV6_PKTINFO),
    ROW(IPPROTO_IPV6, IPV6_RECVHOPLIMIT),
    ROW(IPPROTO_IPV6, IPV6_HOPLIMIT),
    ROW(IPPROTO_IPV6, IPV6_RECVTCLASS),
    ROW(IPPROTO_IPV6, IPV6_TCLASS),
    ROW(IPPROTO_IPV6, IPV6_DONTFRAG),
    ROW(IPPROTO_IPV6, IPV6_CHECKSUM),
    ROW(IPPROTO_IPV6, IPV6_FREEBIND),
    ROW(IPPROTO_IPV6, IPV6_TRANSPARENT),
    ROW(IPPROTO_IPV6, IPV6_RECVORIGDSTADDR),
    ROW(IPPROTO_IPV6, IPV6_MINHOPCOUNT),
    ROW(IPPROTO_TCP, TCP_NODELAY),
    ROW(IPPROTO_TCP, TCP_MAXSEG),
    ROW(IPPROTO_TCP, TCP_CORK),
    ROW(IPPROTO_TCP, TCP_KEEPIDLE),
    ROW(IPPROTO_TCP, TCP_KEEPINTVL),
    ROW(IPPROTO_TCP, TCP_KEEPCNT),
    ROW(IPPROTO_TCP, TCP_SYNCNT),
    ROW(IPPROTO_TCP, TCP_LINGER2),
    ROW(IPPROTO_TCP, TCP_DEFER_ACCEPT),
    ROW(IPPROTO_TCP, TCP_WINDOW_CLAMP),
    ROW(IPPROTO_TCP, TCP_INFO),
    ROW(IPPROTO_TCP, TCP_QUICKACK),
    ROW(IPPROTO_TCP, TCP_CONGESTION),
    ROW(IPPROTO_TCP, TCP_MD5SIG),
    ROW(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS),
    ROW(IPPROTO_TCP, TCP_THIN_DUPACK),
    ROW(IPPROTO_TCP, TCP_USER_TIMEOUT),
    ROW(IPPROTO_TCP, TCP_REPAIR),
    ROW(IPPROTO_TCP, TCP_REPAIR_QUEUE),
    ROW(IPPROTO_TCP, TCP_QUEUE_SEQ),
    ROW(IPPROTO_TCP, TCP_REPAIR_OPTIONS),
    ROW(IPPROTO_TCP, TCP_FASTOPEN),
    ROW(IPPROTO_TCP, TCP_TIMESTAMP),
    ROW(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
    ROW(IPPROTO_TCP, TCP_CC_INFO),
    ROW(IPPROTO_TCP, TCP_SAVE_SYN),
    ROW(IPPROTO_TCP, TCP_SAVED_SYN),
    ROW(IPPROTO_TCP, TCP_REPAIR_WINDOW),
    ROW(IPPROTO_TCP, TCP_FASTOPEN_CONNECT),
    ROW(IPPROTO_TCP, TCP_ULP),
    ROW(IPPROTO_TCP, TCP_MD5SIG_EXT),
    ROW(IPPROTO_TCP, TCP_FASTOPEN_KEY),
    ROW(IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE),
    ROW(IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE),
    ROW(IPPROTO_TCP, TCP_INQ),
    ROW(IPPROTO_TCP, TCP_TX_DELAY),
    {IPPROTO_TCP, 38, "IPPROTO_TCP, TCP_AO_ADD_KEY"},
    ROW(IPPROTO_UDP, UDP_CORK),
    ROW(IPPROTO_UDP, UDP_ENCAP),
    ROW(IPPROTO_UDP, UDP_NO_CHECK6_TX),
    ROW(IPPROTO_UDP, UDP_NO_CHECK6_RX),
    ROW(IPPROTO_UDP, UDP_SEGMENT),
    ROW(IPPROTO_UDP, UDP_GRO),
};

static const struct {
    int level;
    const char *word;
} levels[] = {
    {SOL_SOCKET, "SOL_SOCKET"},         {IPPROTO_IP, "IPPROTO_IP"},
    {IPPROTO_IPV6, "IPPROTO_IPV6"},     {IPPROTO_TCP, "IPPROTO_TCP"},
    {IPPROTO_UDP, "IPPROTO_UDP"},       {IPPROTO_ICMP, "IPPROTO_ICMP"},
    {IPPROTO_ICMPV6, "IPPROTO_ICMPV6"}, {IPPROTO_RAW, "IPPROTO_RAW"},
    {IPPROTO_SCTP, "IPPROTO_SCTP"},     {IPPROTO_UDPLITE, "IPPROTO_UDPLITE"},
};

struct number_row {
    unsigned number;
    const char *word;
};

static const struct number_row ioctls[] = {
    WORD(SIOCGIFNAME),
    WORD(SIOCGIFCONF),
    WORD(SIOCGIFFLAGS),
    WORD(SIOCSIFFLAGS),
    WORD(SIOCGIFADDR),
    WORD(SIOCSIFADDR),
    WORD(SIOCGIFDSTADDR),
    WORD(SIOCGIFBRDADDR),
    WORD(SIOCGIFNETMASK),
    WORD(SIOCGIFMETRIC),
    WORD(SIOCGIFMTU),
    WORD(SIOCSIFMTU),
    WORD(SIOCGIFHWADDR),
    WORD(SIOCGIFINDEX),
    WORD(SIOCGIFTXQLEN),
    WORD(SIOCGIFMAP),
    WORD(SIOCGARP),
    WORD(SIOCSARP),
    WORD(SIOCADDRT),
    WORD(SIOCDELRT),
    WORD(SIOCETHTOOL),
    WORD(SIOCGMIIPHY),
    WORD(SIOCGMIIREG),
    WORD(SIOCGIFCOUNT),
    {SIOCGSTAMP_OLD, "SIOCGSTAMP"},
    {SIOCGSTAMPNS_OLD, "SIOCGSTAMPNS"},
};

static const struct number_row types[] = {
    WORD(SOCK_STREAM), WORD(SOCK_DGRAM),     WORD(SOCK_RAW),
    WORD(SOCK_RDM),    WORD(SOCK_SEQPACKET), WORD(SOCK_DCCP),
};

static const struct number_row protocols[] = {
    WORD(IPPROTO_ICMP), WORD(IPPROTO_IGMP),   WORD(IPPROTO_TCP),     WORD(IPPROTO_UDP),
    WORD(IPPROTO_DCCP), WORD(IPPROTO_SCTP),   WORD(IPPROTO_UDPLITE), WORD(IPPROTO_MPTCP),
    WORD(IPPROTO_RAW),  WORD(IPPROTO_ICMPV6),
};

/* How a line of the report begins, and what helps. Of what programs do without by themselves the
 * cure says so. */
static const struct {
    const char *begins, *cure;
} cures[] = {
    {"the privileges of its file", "if it cannot do without, run sockeye as root"},
    {"socket(AF_NETLINK", "NETLINK_ROUTE and NETLINK_SOCK_DIAG are what there is"},
    {"socket(another family", "AF_INET, AF_INET6, AF_UNIX, AF_PACKET and AF_NETLINK are there"},
    {"setsockopt(IPPROTO_TCP, TCP_CONGESTION", "\"reno\" is the one there is"},
    {"open(/proc/sys/net", "what a host has is in `sockeye settings`"},
    {"open(/proc/net", "netlink (ip, ss) tells more"},
    {"open(/proc/self/net", "netlink (ip, ss) tells more"},
    {"ioctl(SIOCSIF",
     "flags, mtu, addresses and routes can be changed, all else is the lab file's"},
};

static const char *word_of(const struct number_row *rows, size_t count, unsigned number)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number == number)
            return rows[i].word;
    }
    return NULL;
}

struct guest_words guest_words_option(int level, int name)
{
    struct guest_words words;

    for (size_t i = 0; i < COUNT(options); i++) {
        if (options[i].level == level && options[i].name == name) {
            snprintf(words.text, sizeof words.text, "%s", options[i].words);
            return words;
        }
    }
    for (size_t i = 0; i < COUNT(levels); i++) {
        if (levels[i].level == level) {
            snprintf(words.text, sizeof words.text, "%s, option %d", levels[i].word, name);
            return words;
        }
    }
    snprintf(words.text, sizeof words.text, "level %d, option %d", level, name);
    return words;
}

struct guest_words guest_words_ioctl(unsigned request)
{
    const char *word = word_of(ioctls, COUNT(ioctls), request);
    struct guest_words words;

    if (word != NULL)
        snprintf(words.text, sizeof words.text, "%s", word);
    else
        snprintf(words.text, sizeof words.text, "0x%x", request);
    return words;
}

struct guest_words guest_words_socket(int type, int protocol)
{
    const char *word = word_of(types, COUNT(types), (unsigned)type);
    const char *of = word_of(protocols, COUNT(protocols), (unsigned)protocol);
    struct guest_words words;
    int length = word != NULL ? snprintf(words.text, sizeof words.text, "%s", word)
                              : snprintf(words.text, sizeof words.text, "type %d", type);

    if (of != NULL)
        snprintf(words.text + length, sizeof words.text - (size_t)length, ", %s", of);
    else if (protocol != 0)
        snprintf(words.text + length, sizeof words.text - (size_t)length, ", protocol %d",
                 protocol);
    return words;
}

const char *guest_words_cure(const char *line)
{
    for (size_t i = 0; i < COUNT(cures); i++) {
        if (strncmp(line, cures[i].begins, strlen(cures[i].begins)) == 0)
            return cures[i].cure;
    }
    return "";
}
