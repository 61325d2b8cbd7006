/* SPDX-License-Identifier: MIT */
/*
 * Settings of a host by name: one table. A name is Linux's sysctl where there is one, and then it
 * has Linux's unit; what Linux has no name for begins with `sockeye.`. An entry says in which
 * fields of the host its values stand (the same value may stand in several layers), their width,
 * the range, and by how much the text's unit is multiplied for the field.
 */
#include <errno.h>
#include <string.h>

#include "4-transport/tcp/parts/tcp_cc.h"
#include "node/host.h"

enum { PLACES = 3 };

struct setting {
    const char *name, *help;
    int64_t least, most;
    uint32_t scale;          /* field = text's number * scale */
    uint8_t values;          /* how many, one behind the other in the struct */
    uint8_t width;           /* bytes of a field: 2, 4 or 8 */
    uint8_t ascending;       /* no value is less than the one before */
    uint8_t congestion;      /* the value is the name of a congestion control */
    uint32_t places[PLACES]; /* offsets in struct host; 0: none */
};

#define AT(field) (uint32_t) offsetof(struct host, field)
#define TCP(field) AT(transport.tcp.settings.field)
#define NEIGHBOR(field) AT(neighbors.field)
#define NDP(field) AT(ip.settings.ndp.field)
#define ONE(name, help, least, most, place)                                                        \
    {                                                                                              \
        name, help, least, most, 1, 1, 4, 0, 0,                                                    \
        {                                                                                          \
            place                                                                                  \
        }                                                                                          \
    }
#define SCALED(name, help, least, most, scale, width, place)                                       \
    {                                                                                              \
        name, help, least, most, scale, 1, width, 0, 0,                                            \
        {                                                                                          \
            place                                                                                  \
        }                                                                                          \
    }

enum { MOST_BUFFER = 1 << 28, DAY_S = 86400, DAY_MS = 86400000 };

static const struct setting settings[] = {
    {"net.ipv4.ip_default_ttl",
     "TTL of packets sent",
     1,
     255,
     1,
     1,
     4,
     0,
     0,
     {AT(ip.settings.default_ttl), AT(calls.settings.default_ttl)}},
    ONE("net.ipv4.ip_forward", "1: forward what is for others; of a router 1 from the beginning", 0,
        1, AT(ip.settings.forwarding[0])),
    ONE("net.x25.circuits", "circuits of X.25 that the host may have", 1, X25_CIRCUITS,
        AT(x25.settings.circuits)),
    SCALED("net.x25.restart_request_timeout", "ms until a restart is sent again: T20", 1, DAY_MS,
           MILLISECOND, 8, AT(x25.settings.restart)),
    SCALED("net.x25.call_request_timeout", "ms until a call is given up: T21", 1, DAY_MS,
           MILLISECOND, 8, AT(x25.settings.call)),
    SCALED("net.x25.reset_request_timeout", "ms until a reset is given up: T22", 1, DAY_MS,
           MILLISECOND, 8, AT(x25.settings.reset)),
    SCALED("net.x25.clear_request_timeout", "ms until a clear is given up: T23", 1, DAY_MS,
           MILLISECOND, 8, AT(x25.settings.clear)),
    SCALED("net.x25.acknowledgement_hold_back_timeout",
           "ms that an acknowledgement may wait for data to ride with: T2", 1, DAY_MS, MILLISECOND,
           8, AT(x25.settings.acknowledge)),
    ONE("net.x25.xot_keepalive",
        "seconds without a segment until a stream of XOT is asked whether it lives; 0: it is not",
        0, 32767, AT(xot.keepalive)),
    ONE("net.x25.x25_forward", "1: forward calls of X.25 that nobody here wants", 0, 1,
        AT(x25.forward)),
    ONE("net.ipv6.conf.all.forwarding", "the same for IPv6", 0, 1, AT(ip.settings.forwarding[1])),
    ONE("net.ipv6.conf.all.dad_transmits", "probes for an address before it is certain; 0: none", 0,
        100, NDP(dad_transmits)),
    ONE("net.ipv6.conf.all.optimistic_dad", "1: an address is used while it is asked for", 0, 1,
        NDP(optimistic_dad)),
    ONE("net.ipv6.conf.all.addr_gen_mode",
        "identifiers of addresses: 0 of the MAC address, 2 opaque; 1: no link-local address", 0, 2,
        NDP(addr_gen_mode)),
    ONE("net.ipv6.conf.all.accept_ra", "1: routers' advertisements are believed; 2: by routers too",
        0, 2, NDP(accept_ra)),
    ONE("net.ipv6.conf.all.accept_ra_min_hop_limit", "a lower advertised hop limit is ignored", 0,
        255, NDP(accept_ra_min_hop_limit)),
    ONE("net.ipv6.conf.all.autoconf", "1: addresses are made from advertised prefixes", 0, 1,
        NDP(autoconf)),
    ONE("net.ipv6.conf.all.accept_redirects", "1: redirects are believed", 0, 1,
        NDP(accept_redirects)),
    ONE("net.ipv6.conf.all.router_solicitations",
        "questions for routers of an interface that does not configure itself", 0, 1000,
        NDP(router_solicitations)),
    ONE("net.ipv6.conf.all.use_tempaddr", "1: temporary addresses are made; 2: and preferred", 0, 2,
        NDP(use_tempaddr)),
    ONE("net.ipv6.conf.all.temp_valid_lft", "seconds that a temporary address is valid at most", 10,
        INT32_MAX, NDP(temp_valid_s)),
    ONE("net.ipv6.conf.all.temp_prefered_lft", "the same for preferred", 5, INT32_MAX,
        NDP(temp_preferred_s)),
    ONE("net.ipv4.conf.all.rp_filter",
        "what a router forwards: 1: if answers go by where it came from; 2: if there is a way", 0,
        2, AT(ip.settings.rp_filter)),
    ONE("net.ipv4.conf.all.send_redirects", "1: a router tells hosts of a better first hop", 0, 1,
        AT(ip.settings.send_redirects)),
    ONE("net.ipv4.conf.all.accept_redirects", "1: a host believes its first hop", 0, 1,
        AT(ip.settings.accept_redirects)),
    ONE("net.ipv4.icmp_echo_ignore_all", "1: do not answer pings", 0, 1,
        AT(ip.settings.icmp_echo_ignore_all)),
    ONE("net.ipv4.icmp_ratelimit", "least milliseconds between ICMP errors to one destination", 0,
        DAY_MS, AT(ip.settings.icmp_ratelimit_ms)),
    ONE("net.ipv4.icmp_msgs_per_sec", "most ICMP errors a second", 0, 1000000,
        AT(ip.settings.icmp_msgs_per_sec)),
    SCALED("net.ipv4.ipfrag_time", "seconds that fragments wait for the rest", 1, 3600, 1000, 4,
           AT(ip.settings.fragment_time_ms[0])),
    ONE("net.ipv4.ipfrag_high_thresh", "most bytes of fragments that wait", 0, MOST_BUFFER,
        AT(ip.settings.fragment_high_bytes[0])),
    SCALED("net.ipv6.ip6frag_time", "the same for IPv6", 1, 3600, 1000, 4,
           AT(ip.settings.fragment_time_ms[1])),
    ONE("net.ipv6.ip6frag_high_thresh", "the same for IPv6", 0, MOST_BUFFER,
        AT(ip.settings.fragment_high_bytes[1])),
    ONE("net.ipv6.conf.all.hop_limit", "hop limit of packets sent", 1, 255,
        AT(ip.settings.hop_limit)),
    {"net.ipv6.auto_flowlabels",
     "1: every flow of IPv6 has a label",
     0,
     1,
     1,
     1,
     4,
     0,
     0,
     {AT(ip.settings.auto_flowlabels), AT(calls.settings.auto_flowlabels)}},
    ONE("net.ipv6.icmp.echo_ignore_all", "1: do not answer pings of IPv6", 0, 1,
        AT(ip.settings.icmp6_echo_ignore_all)),
    SCALED("net.ipv4.route.mtu_expires", "seconds that a path MTU is remembered", 1, DAY_S, 1000, 4,
           AT(ip.settings.path_mtu_expires_ms)),
    ONE("net.ipv4.route.min_pmtu", "least path MTU that is believed", IP_PATH_MTU_LEAST,
        IP_MTU_MOST, AT(ip.settings.path_mtu_least)),
    {"net.ipv4.ip_local_port_range",
     "first and last ephemeral port",
     1,
     65535,
     1,
     2,
     2,
     1,
     0,
     {AT(transport.tcp.ports.first), AT(transport.udp.ports.first)}},
    {"ipv6.disable",
     "1: the host has no IPv6, and AF_INET6 is EAFNOSUPPORT",
     0,
     1,
     1,
     1,
     4,
     0,
     0,
     {AT(calls.settings.ipv6_disable), AT(ip.settings.ip6_disable)}},
    ONE("net.ipv6.bindv6only", "1: IPV6_V6ONLY is set on new sockets", 0, 1,
        AT(calls.settings.bindv6only)),
    ONE("net.ipv4.ip_unprivileged_port_start", "lower ports are refused to programs", 0, 65535,
        AT(calls.settings.unprivileged_port)),
    {"net.core.rmem_default",
     "receive buffer of new datagram sockets",
     2304,
     MOST_BUFFER,
     1,
     1,
     4,
     0,
     0,
     {AT(transport.udp.receive_buffer), AT(transport.ping.receive_buffer)}},
    {"net.core.wmem_default",
     "send buffer of new datagram sockets",
     4608,
     MOST_BUFFER,
     1,
     1,
     4,
     0,
     0,
     {AT(transport.udp.send_buffer), AT(transport.ping.send_buffer)}},
    ONE("net.core.rmem_max", "most that SO_RCVBUF may ask for", 2304, MOST_BUFFER,
        AT(calls.settings.rmem_max)),
    ONE("net.core.wmem_max", "most that SO_SNDBUF may ask for", 4608, MOST_BUFFER,
        AT(calls.settings.wmem_max)),
    ONE("net.core.optmem_max", "most bytes of control messages of one send", 0, MOST_BUFFER,
        AT(calls.settings.optmem_max)),
    {"net.core.somaxconn",
     "longest accept queue",
     0,
     65535,
     1,
     1,
     4,
     0,
     0,
     {TCP(somaxconn), AT(calls.settings.somaxconn)}},
    SCALED("net.ipv4.neigh.default.base_reachable_time_ms", "how long a neighbour counts as there",
           1, DAY_MS, 1000000, 8, NEIGHBOR(reachable_base)),
    SCALED("net.ipv4.neigh.default.retrans_time_ms", "between questions for a neighbour", 1, DAY_MS,
           1000000, 8, NEIGHBOR(retransmit)),
    SCALED("net.ipv4.neigh.default.delay_first_probe_time",
           "seconds before a stale neighbour is asked", 0, DAY_S, 1000000000, 8,
           NEIGHBOR(delay_first)),
    ONE("net.ipv4.neigh.default.mcast_solicit", "questions to all before giving up", 1, 100,
        NEIGHBOR(multicast_tries)),
    ONE("net.ipv4.neigh.default.ucast_solicit", "questions to a known neighbour", 0, 100,
        NEIGHBOR(unicast_tries)),
    ONE("net.ipv4.tcp_timestamps", "1: RFC 7323 timestamps are offered and accepted", 0, 1,
        TCP(timestamps)),
    ONE("net.ipv4.tcp_window_scaling", "1: RFC 7323 window scaling", 0, 1, TCP(window_scaling)),
    ONE("net.ipv4.tcp_sack", "1: RFC 2018 selective acknowledgments", 0, 1, TCP(sack)),
    ONE("net.ipv4.tcp_dsack", "1: RFC 2883 duplicate SACK blocks are sent", 0, 1, TCP(dsack)),
    {"net.ipv4.tcp_rmem",
     "receive buffer: least (kept, not used: memory is never short), at first, most",
     1,
     MOST_BUFFER,
     1,
     3,
     4,
     1,
     0,
     {TCP(rmem)}},
    {"net.ipv4.tcp_wmem",
     "send buffer: least (kept, not used), at first, most",
     1,
     MOST_BUFFER,
     1,
     3,
     4,
     1,
     0,
     {TCP(wmem)}},
    ONE("net.ipv4.tcp_syn_retries", "SYNs sent again before giving up", 1, 127, TCP(syn_retries)),
    ONE("net.ipv4.tcp_synack_retries", "SYN-ACKs sent again before giving up", 0, 255,
        TCP(synack_retries)),
    ONE("net.ipv4.tcp_retries1", "retransmissions before the path is doubted", 1, 255,
        TCP(retries1)),
    ONE("net.ipv4.tcp_retries2", "retransmissions before the connection is given up", 1, 255,
        TCP(retries2)),
    ONE("net.ipv4.tcp_orphan_retries", "the same for connections nobody has open; 0: 8", 0, 255,
        TCP(orphan_retries)),
    SCALED("net.ipv4.tcp_fin_timeout", "seconds in FIN-WAIT-2 when nobody has it open", 0, DAY_S,
           1000, 4, TCP(fin_timeout_ms)),
    SCALED("net.ipv4.tcp_keepalive_time", "idle seconds before the first keep-alive", 1, 32767,
           1000, 4, TCP(keepalive_time_ms)),
    SCALED("net.ipv4.tcp_keepalive_intvl", "seconds between keep-alives", 1, 32767, 1000, 4,
           TCP(keepalive_interval_ms)),
    ONE("net.ipv4.tcp_keepalive_probes", "unanswered keep-alives before giving up", 1, 127,
        TCP(keepalive_probes)),
    ONE("net.ipv4.tcp_rto_min_us", "least retransmission timeout, microseconds", 1, 60000000,
        TCP(rto_min_us)),
    ONE("net.ipv4.tcp_rto_max_ms", "most retransmission timeout, milliseconds", 1000, 120000,
        TCP(rto_max_ms)),
    ONE("net.ipv4.tcp_max_syn_backlog", "half-open connections of the host", 1, 4096,
        TCP(max_syn_backlog)),
    ONE("net.ipv4.tcp_abort_on_overflow", "1: RST when the accept queue is full", 0, 1,
        TCP(abort_on_overflow)),
    ONE("net.ipv4.tcp_slow_start_after_idle", "1: RFC 5681 4.1", 0, 1, TCP(slow_start_after_idle)),
    ONE("net.ipv4.tcp_invalid_ratelimit", "milliseconds between challenge ACKs of a connection", 0,
        DAY_MS, TCP(invalid_ratelimit_ms)),
    ONE("net.ipv4.tcp_rfc1337", "1: a RST does not end TIME-WAIT", 0, 1, TCP(rfc1337)),
    ONE("net.ipv4.tcp_max_orphans", "most connections that nobody has open", 0, 1 << 20,
        TCP(max_orphans)),
    {"net.ipv4.tcp_congestion_control",
     "which congestion control new connections have",
     0,
     255,
     1,
     1,
     4,
     0,
     1,
     {TCP(congestion)}},
    ONE("net.ipv4.tcp_stdurg", "1: the urgent pointer names the last urgent byte", 0, 1,
        TCP(stdurg)),
    ONE("net.ipv4.tcp_notsent_lowat", "bytes not sent yet above which a stream is not writable", 1,
        UINT32_MAX, TCP(notsent_lowat)),
    ONE("net.ipv4.tcp_moderate_rcvbuf", "1: receive buffers grow with what is read", 0, 1,
        TCP(moderate_rcvbuf)),
    ONE("net.ipv4.tcp_tw_reuse",
        "1: connect() may end a TIME-WAIT to the same peer; 2: of the loopback alone", 0, 2,
        TCP(tw_reuse)),
    ONE("net.ipv4.tcp_tw_reuse_delay", "milliseconds in TIME-WAIT before tcp_tw_reuse counts", 0,
        60000, TCP(tw_reuse_delay_ms)),
    ONE("sockeye.tcp_time_wait_ms", "milliseconds in TIME-WAIT (2 MSL)", 0, DAY_MS,
        TCP(time_wait_ms)),
    ONE("sockeye.tcp_initial_cwnd", "segments of the initial window", 1, 1000, TCP(initial_cwnd)),
    ONE("sockeye.tcp_rto_initial_ms", "retransmission timeout before the first measurement", 1,
        120000, TCP(rto_initial_ms)),
};

enum { SETTINGS = sizeof settings / sizeof *settings };

static bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

int host_setting_find(const char *name)
{
    for (int i = 0; i < SETTINGS; i++)
        if (text_equal(settings[i].name, name))
            return i;
    return -1;
}

const char *host_setting_name(int i, const char **help)
{
    if (i < 0 || i >= SETTINGS)
        return NULL;
    if (help)
        *help = settings[i].help;
    return settings[i].name;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* One number; *text moves behind it. */
static int parse_number(const char **text, int64_t *value)
{
    const char *t = *text;
    bool negative = *t == '-';

    t += negative;
    if (*t < '0' || *t > '9')
        return -EINVAL;
    for (*value = 0; *t >= '0' && *t <= '9'; t++) {
        if (*value > INT64_MAX / 10 - 1)
            return -ERANGE;
        *value = *value * 10 + (*t - '0');
    }
    if (*t && !is_space(*t))
        return -EINVAL;
    *value = negative ? -*value : *value;
    *text = t;
    return 0;
}

static int parse_congestion(const char *text, struct host_setting *setting)
{
    size_t n = 0;
    int kind;

    while (text[n] && !is_space(text[n]))
        n++;
    kind = tcp_cc_kind_of(text, n);
    setting->value[0] = kind;
    return kind < 0 ? -EINVAL : 0;
}

int host_setting_parse(int i, const char *text, struct host_setting *setting)
{
    const struct setting *s = &settings[i];

    memset(setting, 0, sizeof *setting);
    if (s->congestion)
        return parse_congestion(text, setting);
    for (int k = 0; k < s->values; k++) {
        int result;

        while (is_space(*text))
            text++;
        result = parse_number(&text, &setting->value[k]);
        if (result < 0)
            return result;
        if (setting->value[k] < s->least || setting->value[k] > s->most)
            return -ERANGE;
        if (s->ascending && k > 0 && setting->value[k] < setting->value[k - 1])
            return -ERANGE;
    }
    while (is_space(*text))
        text++;
    return *text ? -EINVAL : 0;
}

static void field_put(uint8_t *at, uint32_t width, int64_t value)
{
    uint16_t narrow = (uint16_t)value;
    uint32_t word = (uint32_t)value;

    if (width == 2)
        memcpy(at, &narrow, sizeof narrow);
    else if (width == 4)
        memcpy(at, &word, sizeof word);
    else
        memcpy(at, &value, sizeof value);
}

static int64_t field_get(const uint8_t *at, uint32_t width)
{
    uint16_t narrow;
    uint32_t word;
    int64_t value;

    memcpy(&narrow, at, sizeof narrow);
    if (width == 2)
        return narrow;
    memcpy(&word, at, sizeof word);
    if (width == 4)
        return word;
    memcpy(&value, at, sizeof value);
    return value;
}

void host_setting_apply(struct host *h, int i, const struct host_setting *setting)
{
    const struct setting *s = &settings[i];

    for (int place = 0; place < PLACES && s->places[place]; place++)
        for (uint32_t k = 0; k < s->values; k++)
            field_put((uint8_t *)h + s->places[place] + k * s->width, s->width,
                      setting->value[k] * s->scale);
    for (uint32_t k = 0; k < h->node.interface_count; k++)
        memcpy(&host_interface(h, k)->link.settings, &h->neighbors, sizeof h->neighbors);
}

/* Puts one character, counting on when there is no room. */
static void put(char *text, size_t size, size_t *used, char c)
{
    if (*used + 1 < size)
        text[*used] = c;
    (*used)++;
}

static void put_number(char *text, size_t size, size_t *used, int64_t value)
{
    char digits[20];
    int n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (n > 0)
        put(text, size, used, digits[--n]);
}

int host_setting_format(const struct host *h, int i, char *text, size_t size)
{
    const struct setting *s = &settings[i];
    const uint8_t *at = (const uint8_t *)h + s->places[0];
    size_t used = 0;

    for (uint32_t k = 0; k < s->values; k++) {
        int64_t value = field_get(at + k * s->width, s->width) / s->scale;
        const char *name = s->congestion ? tcp_cc_name((unsigned)value) : NULL;

        if (k > 0)
            put(text, size, &used, ' ');
        if (!s->congestion)
            put_number(text, size, &used, value);
        for (; name && *name; name++)
            put(text, size, &used, *name);
    }
    if (used >= size)
        return -ENOSPC;
    text[used] = '\0';
    return (int)used;
}
