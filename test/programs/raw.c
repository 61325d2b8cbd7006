/* SPDX-License-Identifier: MIT */
/*
 * What raw sockets and the queue of errors answer: a line a question, the same on Linux and in a
 * lab (raw.sh compares them). We are 10.0.0.1 and fd00::1, the peer 10.0.0.2 and fd00::2 answers
 * pings and has no port open. Numbers that nobody promises (identifications) are not shown.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EXPERIMENT = 253 /* RFC 3692 */, WAIT_MS = 3000 };

static struct sockaddr_in peer = {.sin_family = AF_INET};
static struct sockaddr_in6 peer6 = {.sin6_family = AF_INET6};

static void say(const char *question, long result)
{
    if (result < 0)
        printf("%s: %s\n", question, strerrorname_np(errno));
    else
        printf("%s: %ld\n", question, result);
}

static const void *generic(const void *p)
{
    return p;
}

static struct sockaddr_in inet_of(const char *text, int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

    inet_pton(AF_INET, text, &a.sin_addr);
    return a;
}

static void say_name(const char *what, const struct sockaddr_storage *name, socklen_t length)
{
    char text[INET6_ADDRSTRLEN] = "?";
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    memcpy(&in, name, sizeof in);
    memcpy(&in6, name, sizeof in6);
    if (length == 0)
        printf("  %s: none\n", what);
    else if (in.sin_family == AF_INET)
        printf("  %s: %s port %d length %d\n", what,
               inet_ntop(AF_INET, &in.sin_addr, text, sizeof text), ntohs(in.sin_port),
               (int)length);
    else if (in.sin_family == AF_INET6)
        printf("  %s: %s port %d scope %d length %d\n", what,
               inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof text), ntohs(in6.sin6_port),
               in6.sin6_scope_id != 0, (int)length);
    else
        printf("  %s: family %d length %d\n", what, in.sin_family, (int)length);
}

static void say_local(const char *question, int fd)
{
    struct sockaddr_storage name = {0};
    socklen_t length = sizeof name;

    say(question, getsockname(fd, (struct sockaddr *)&name, &length));
    say_name("name", &name, length);
}

static void say_option(const char *question, int fd, int level, int option)
{
    int value = 0;
    socklen_t length = sizeof value;
    int r = getsockopt(fd, level, option, &value, &length);

    say(question, r < 0 ? r : value);
}

static void set(const char *question, int fd, int level, int option, int value)
{
    say(question, setsockopt(fd, level, option, &value, sizeof value));
}

static void say_trouble(const struct cmsghdr *c)
{
    struct sock_extended_err e;
    struct sockaddr_storage offender = {0};
    size_t length = c->cmsg_len - CMSG_LEN(sizeof e);

    memcpy(&e, CMSG_DATA(c), sizeof e);
    memcpy(&offender, CMSG_DATA(c) + sizeof e, length);
    printf("  error: %s origin %d type %d code %d info %u data %u\n",
           strerrorname_np((int)e.ee_errno), e.ee_origin, e.ee_type, e.ee_code, e.ee_info,
           e.ee_data);
    say_name("offender", &offender, (socklen_t)length);
}

static void say_control(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        int value = 0;

        printf("  control: level %d type %d length %zu\n", c->cmsg_level, c->cmsg_type,
               (size_t)c->cmsg_len);
        if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            say_trouble(c);
        else if (c->cmsg_len == CMSG_LEN(sizeof value)) {
            memcpy(&value, CMSG_DATA(c), sizeof value);
            printf("  value: %d\n", value);
        }
    }
}

/* Waits for something, and says all that recvmsg() says. */
static long hear(const char *question, int fd, int flags, unsigned char bytes[2000])
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct sockaddr_storage name = {0};
    struct iovec piece = {bytes, 2000};
    char control[512];
    struct msghdr m = {.msg_name = &name,
                       .msg_namelen = sizeof name,
                       .msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    long n;

    poll(&p, 1, WAIT_MS);
    n = recvmsg(fd, &m, flags | MSG_DONTWAIT);
    say(question, n);
    if (n < 0)
        return n;
    printf("  flags: 0x%x\n", (unsigned)m.msg_flags);
    say_name("from", &name, m.msg_namelen);
    say_control(&m);
    return n;
}

static uint16_t checksum(const unsigned char *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void echo_make(unsigned char message[16])
{
    uint16_t sum;

    memset(message, 0, 16);
    message[0] = ICMP_ECHO;
    message[5] = 77;
    memcpy(message + 8, "abcdefgh", 8);
    sum = checksum(message, 16);
    message[2] = (unsigned char)(sum >> 8);
    message[3] = (unsigned char)sum;
}

static void say_header(const unsigned char *bytes)
{
    printf("  header: %02x tos %d length %d fragment %d ttl %d protocol %d to .%d type %d\n",
           bytes[0], bytes[1], bytes[2] << 8 | bytes[3], (bytes[6] & 0x3f) << 8 | bytes[7],
           bytes[8], bytes[9], bytes[19], bytes[20]);
}

/* Not by send(), which a lab learns of too late to refuse it (doc/fidelity.md). */
static long send_to_nobody(int fd)
{
    char bytes[3] = "abc";
    struct iovec piece = {bytes, sizeof bytes};
    struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1};

    return sendmsg(fd, &m, 0);
}

static void making(void)
{
    int fd = socket(AF_INET, SOCK_RAW, EXPERIMENT);

    say("raw of protocol 0", socket(AF_INET, SOCK_RAW, 0));
    say("raw of protocol -1", socket(AF_INET, SOCK_RAW, -1));
    say("raw of protocol 263", socket(AF_INET, SOCK_RAW, 263));
    say("raw of IPv6 of protocol 0", socket(AF_INET6, SOCK_RAW, 0));
    say("a pair", socketpair(AF_INET, SOCK_RAW, EXPERIMENT, (int[2]){0, 0}));
    say_option("SO_TYPE", fd, SOL_SOCKET, SO_TYPE);
    say_option("SO_PROTOCOL", fd, SOL_SOCKET, SO_PROTOCOL);
    say_option("IP_HDRINCL", fd, IPPROTO_IP, IP_HDRINCL);
    say_option("ICMP_FILTER of no ICMP", fd, SOL_RAW, ICMP_FILTER);
    say_option("no option of raw", fd, SOL_RAW, 99);
    set("no option of raw set", fd, SOL_RAW, 99, 1);
    say_option("an option of TCP", fd, IPPROTO_TCP, 1);
    say("listen", listen(fd, 1));
    say("accept", accept(fd, NULL, NULL));
    say_local("getsockname", fd);
    say("getpeername", getpeername(fd, (struct sockaddr *)&(struct sockaddr_storage){0},
                                   &(socklen_t){sizeof(struct sockaddr_storage)}));
    close(fd);
    fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    say_option("IP_HDRINCL of IPPROTO_RAW", fd, IPPROTO_IP, IP_HDRINCL);
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    set("IP_HDRINCL of UDP", fd, IPPROTO_IP, IP_HDRINCL, 1);
    close(fd);
}

static void naming(void)
{
    int fd = socket(AF_INET, SOCK_RAW, EXPERIMENT);
    struct sockaddr_in own = inet_of("10.0.0.1", 9), other = inet_of("10.0.0.7", 0);
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};

    say("bind to another's", bind(fd, generic(&other), sizeof other));
    say("bind too short", bind(fd, generic(&own), 8));
    say("bind", bind(fd, generic(&own), sizeof own));
    say("bind again", bind(fd, generic(&own), sizeof own));
    say_local("bound", fd);
    say("connect too short", connect(fd, generic(&peer), 8));
    say("connect", connect(fd, generic(&peer), sizeof peer));
    say("bind connected", bind(fd, generic(&own), sizeof own));
    say_local("connected", fd);
    say("peer without a port", getpeername(fd, (struct sockaddr *)&(struct sockaddr_storage){0},
                                           &(socklen_t){sizeof(struct sockaddr_storage)}));
    say("connect AF_UNSPEC", connect(fd, &nobody, sizeof nobody));
    say_local("disconnected", fd);
    say("shutdown", shutdown(fd, SHUT_WR));
    close(fd);
}

static void sending(void)
{
    int fd = socket(AF_INET, SOCK_RAW, EXPERIMENT);
    struct sockaddr_in all = inet_of("10.0.0.255", 0), wrong = peer, port = inet_of("10.0.0.2", 99);
    static char big[70000];

    say("send to nobody", send_to_nobody(fd));
    say("sendto too short", sendto(fd, "abc", 3, 0, generic(&peer), 8));
    wrong.sin_family = AF_INET6;
    say("sendto of another family", sendto(fd, "abc", 3, 0, generic(&wrong), sizeof wrong));
    wrong.sin_family = AF_UNSPEC;
    say("sendto of no family", sendto(fd, "abc", 3, 0, generic(&wrong), sizeof wrong));
    say("sendto with a port", sendto(fd, "abc", 3, 0, generic(&port), sizeof port));
    say("sendto MSG_OOB", sendto(fd, "abc", 3, MSG_OOB, generic(&peer), sizeof peer));
    say("sendto nothing", sendto(fd, "", 0, 0, generic(&peer), sizeof peer));
    say("sendto in fragments", sendto(fd, big, 4000, 0, generic(&peer), sizeof peer));
    say("sendto 65515", sendto(fd, big, 65515, 0, generic(&peer), sizeof peer));
    say("sendto 65516", sendto(fd, big, 65516, 0, generic(&peer), sizeof peer));
    say("sendto 65536", sendto(fd, big, 65536, 0, generic(&peer), sizeof peer));
    say("sendto a broadcast", sendto(fd, "abc", 3, 0, generic(&all), sizeof all));
    set("SO_BROADCAST", fd, SOL_SOCKET, SO_BROADCAST, 1);
    say("and again", sendto(fd, "abc", 3, 0, generic(&all), sizeof all));
    set("IP_MTU_DISCOVER", fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    say("sendto too long", sendto(fd, big, 1481, 0, generic(&peer), sizeof peer));
    say("sendto what fits", sendto(fd, big, 1480, 0, generic(&peer), sizeof peer));
    close(fd);
}

static void pinging(void)
{
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    unsigned char message[16], bytes[2000];
    uint32_t filter = ~(1u << ICMP_ECHOREPLY);

    set("IP_RECVTTL", fd, IPPROTO_IP, IP_RECVTTL, 1);
    set("IP_RECVTOS", fd, IPPROTO_IP, IP_RECVTOS, 1);
    set("IP_PKTINFO", fd, IPPROTO_IP, IP_PKTINFO, 1);
    say("ICMP_FILTER", setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter));
    say_option("ICMP_FILTER", fd, SOL_RAW, ICMP_FILTER);
    echo_make(message);
    say("a request", sendto(fd, message, sizeof message, 0, generic(&peer), sizeof peer));
    if (hear("its reply", fd, 0, bytes) > 0)
        say_header(bytes);
    say("none besides", recv(fd, bytes, sizeof bytes, MSG_DONTWAIT));
    set("IP_TTL", fd, IPPROTO_IP, IP_TTL, 9);
    say("another to ourselves",
        sendto(fd, message, sizeof message, 0,
               generic(&(struct sockaddr_in){.sin_family = AF_INET,
                                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}),
               sizeof peer));
    if (hear("its reply", fd, MSG_PEEK, bytes) > 0)
        say_header(bytes);
    say("cut short", recv(fd, bytes, 10, MSG_DONTWAIT | MSG_TRUNC));
    close(fd);
}

static void whole_packets(void)
{
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), icmp = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    unsigned char packet[36] = {0x45, 0, 0, 0, 0, 0, 0, 0, 30, IPPROTO_ICMP}, bytes[2000];
    uint32_t filter = ~(1u << ICMP_ECHOREPLY);
    static char big[2000];

    setsockopt(icmp, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    memcpy(packet + 16, &peer.sin_addr, 4);
    echo_make(packet + 20);
    say("a whole one", sendto(fd, packet, sizeof packet, 0, generic(&peer), sizeof peer));
    if (hear("its reply", icmp, 0, bytes) > 0)
        say_header(bytes);
    say("too short", sendto(fd, packet, 19, 0, generic(&peer), sizeof peer));
    packet[0] = 0x4f;
    say("with a header too long",
        sendto(fd, packet, sizeof packet, 0, generic(&peer), sizeof peer));
    say("longer than the wire", sendto(fd, big, 1501, 0, generic(&peer), sizeof peer));
    close(fd);
    close(icmp);
}

static void copies(void)
{
    int udp = socket(AF_INET, SOCK_DGRAM, 0), raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
    struct sockaddr_in own = inet_of("127.0.0.1", 5000);
    unsigned char bytes[2000];

    say("bind of UDP", bind(udp, generic(&own), sizeof own));
    say("to itself", sendto(udp, "hello", 5, 0, generic(&own), sizeof own));
    say("UDP has it", recv(udp, bytes, sizeof bytes, 0));
    if (hear("and so has the raw one", raw, 0, bytes) > 0)
        say_header(bytes);
    close(udp);
    close(raw);
}

static void errors(const char *title, int fd, const struct sockaddr *to, socklen_t length,
                   int level, int option)
{
    unsigned char bytes[2000];

    printf("%s\n", title);
    say("an empty queue", recv(fd, bytes, sizeof bytes, MSG_ERRQUEUE | MSG_DONTWAIT));
    set("IP_RECVERR", fd, level, option, 1);
    say("sendto", sendto(fd, "the payload", 11, 0, to, length));
    hear("its error", fd, MSG_ERRQUEUE, bytes);
    say_option("SO_ERROR", fd, SOL_SOCKET, SO_ERROR);
    say("no more", recv(fd, bytes, sizeof bytes, MSG_ERRQUEUE | MSG_DONTWAIT));
    say("sendto again", sendto(fd, "the payload", 11, 0, to, length));
    poll(&(struct pollfd){.fd = fd}, 1, WAIT_MS);
    say("a receive", recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT,
                              (struct sockaddr *)&(struct sockaddr_storage){0},
                              &(socklen_t){sizeof(struct sockaddr_storage)}));
    set("off", fd, level, option, 0);
    say("thrown away", recv(fd, bytes, sizeof bytes, MSG_ERRQUEUE | MSG_DONTWAIT));
    close(fd);
}

static void errors_of_4(void)
{
    struct sockaddr_in closed = inet_of("10.0.0.2", 9);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    unsigned char bytes[2000];
    static char big[2000];

    set("IP_RECVTTL", fd, IPPROTO_IP, IP_RECVTTL, 1);
    errors("UDP to a closed port", fd, generic(&closed), sizeof closed, IPPROTO_IP, IP_RECVERR);
    fd = socket(AF_INET, SOCK_RAW, EXPERIMENT);
    errors("raw to no protocol", fd, generic(&peer), sizeof peer, IPPROTO_IP, IP_RECVERR);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    set("IP_RECVERR", fd, IPPROTO_IP, IP_RECVERR, 1);
    set("IP_MTU_DISCOVER", fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
    say("too long", sendto(fd, big, sizeof big, 0, generic(&closed), sizeof closed));
    hear("told", fd, MSG_ERRQUEUE, bytes);
    say_option("SO_ERROR", fd, SOL_SOCKET, SO_ERROR);
    close(fd);
}

static void version_6(void)
{
    int fd = socket(AF_INET6, SOCK_RAW, EXPERIMENT);
    struct sockaddr_in6 other = peer6, mapped = {.sin6_family = AF_INET6};
    unsigned char bytes[2000];
    char abc[3] = "abc";

    inet_pton(AF_INET6, "::ffff:10.0.0.1", &mapped.sin6_addr);
    say_local("getsockname", fd);
    say_option("IPV6_CHECKSUM", fd, IPPROTO_IPV6, IPV6_CHECKSUM);
    set("IPV6_CHECKSUM odd", fd, IPPROTO_IPV6, IPV6_CHECKSUM, 3);
    set("IPV6_CHECKSUM", fd, IPPROTO_IPV6, IPV6_CHECKSUM, 2);
    say_option("IPV6_CHECKSUM", fd, SOL_RAW, IPV6_CHECKSUM);
    say("sendto without room for it", sendto(fd, abc, 3, 0, generic(&peer6), sizeof peer6));
    set("IPV6_CHECKSUM off", fd, SOL_RAW, IPV6_CHECKSUM, -1);
    say("sendto", sendto(fd, abc, 3, 0, generic(&peer6), sizeof peer6));
    other.sin6_port = htons(17);
    say("sendto of another protocol", sendto(fd, abc, 3, 0, generic(&other), sizeof other));
    other.sin6_port = htons(EXPERIMENT);
    say("sendto of its own", sendto(fd, abc, 3, 0, generic(&other), sizeof other));
    say("sendto too short", sendto(fd, abc, 3, 0, generic(&peer6), 20));
    say("send to nobody", send_to_nobody(fd));
    say("bind mapped", bind(fd, generic(&mapped), sizeof mapped));
    say("bind another's", bind(fd, generic(&peer6), sizeof peer6));
    say("connect", connect(fd, generic(&peer6), sizeof peer6));
    say_local("connected", fd);
    say_option("ICMP6_FILTER of no ICMP", fd, IPPROTO_ICMPV6, ICMP6_FILTER);
    close(fd);
    fd = socket(AF_INET6, SOCK_DGRAM, 0);
    set("IPV6_RECVHOPLIMIT", fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    other.sin6_port = htons(9);
    errors("UDP to a closed port", fd, generic(&other), sizeof other, IPPROTO_IPV6, IPV6_RECVERR);
    fd = socket(AF_INET6, SOCK_RAW, EXPERIMENT);
    errors("raw to no protocol", fd, generic(&peer6), sizeof peer6, IPPROTO_IPV6, IPV6_RECVERR);
    (void)bytes;
}

static void pinging_6(void)
{
    int fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    unsigned char message[16] = {ICMP6_ECHO_REQUEST, 0, 0, 0, 0, 77}, bytes[2000];
    struct icmp6_filter filter;

    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    say("ICMP6_FILTER", setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter));
    set("IPV6_CHECKSUM of ICMPv6", fd, IPPROTO_IPV6, IPV6_CHECKSUM, 4);
    say_option("IPV6_CHECKSUM of ICMPv6", fd, SOL_RAW, IPV6_CHECKSUM);
    set("IPV6_RECVPKTINFO", fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set("IPV6_RECVHOPLIMIT", fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    set("IPV6_RECVTCLASS", fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    say("a request", sendto(fd, message, sizeof message, 0, generic(&peer6), sizeof peer6));
    if (hear("its reply", fd, 0, bytes) > 0)
        printf("  type %d\n", bytes[0]);
    close(fd);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    peer = inet_of("10.0.0.2", 0);
    inet_pton(AF_INET6, "fd00::2", &peer6.sin6_addr);
    making();
    naming();
    sending();
    pinging();
    whole_packets();
    copies();
    errors_of_4();
    version_6();
    pinging_6();
    return 0;
}
