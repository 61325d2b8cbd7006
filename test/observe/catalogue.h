/* SPDX-License-Identifier: MIT */
/*
 * A frame of each kind that goes over a wire of IPv6, switches and services, with what the trace
 * and the ladder make of it. The bytes are written out; lengths and checksums are filled in.
 */
#pragma once
#include "frames.h"

enum catalogue_around {
    AROUND_IP6,      /* from fe80::1 to ff02::1 with this protocol, hop limit 255 */
    AROUND_GLOBAL,   /* from fd00::1 to fd00::2, hop limit 64 */
    AROUND_NOBODY,   /* from :: to ff02::1 */
    AROUND_IP4,      /* from 10.0.0.1 to 10.0.0.2 */
    AROUND_TAG,      /* as AROUND_GLOBAL, behind a tag of 802.1Q: VLAN 7, priority 5 */
    AROUND_TAGS,     /* behind two of them: 100, then 7 */
    AROUND_LLC,      /* IEEE 802.3 and LLC */
    AROUND_ETHERNET, /* the type is the first two bytes */
    AROUND_COUNT
};

struct catalogue_row {
    const char *name;
    enum catalogue_around around;
    uint8_t protocol; /* of IP: what the first header of `bytes` is */
    uint8_t sum;      /* the protocol that the checksum is of; 0: none */
    uint8_t sum_from; /* where its header begins in `bytes`, and the checksum in it */
    uint8_t sum_at;
    const char *bytes; /* in hexadecimal, blanks anywhere */
    const char *trace; /* what the trace says after the addresses of layer 2 */
    const char *label; /* what the ladder's arrow says; NULL: it is not drawn */
};

static inline size_t catalogue_bytes(const char *hex, uint8_t *to, size_t room)
{
    size_t length = 0;
    unsigned byte;

    for (; *hex && length < room; hex++) {
        if (*hex == ' ' || sscanf(hex, "%2x", &byte) != 1)
            continue;
        to[length++] = (uint8_t)byte;
        hex++;
    }
    return length;
}

static inline void catalogue_address(uint8_t *to, uint8_t first, uint8_t second, uint8_t last)
{
    memset(to, 0, 16);
    to[0] = first;
    to[1] = second;
    to[15] = last;
}

/* Of `length` bytes at `ip` + 40. */
static inline void catalogue_ip6(uint8_t *ip, const struct catalogue_row *row, size_t length)
{
    memset(ip, 0, 40);
    ip[0] = 0x60;
    put16(ip + 4, (unsigned)length);
    ip[6] = row->protocol;
    ip[7] = row->around == AROUND_IP6 || row->around == AROUND_NOBODY ? 255 : 64;
    if (row->around == AROUND_IP6 || row->around == AROUND_NOBODY) {
        if (row->around == AROUND_IP6)
            catalogue_address(ip + 8, 0xfe, 0x80, 1);
        catalogue_address(ip + 24, 0xff, 0x02, 1);
    } else {
        catalogue_address(ip + 8, 0xfd, 0, 1);
        catalogue_address(ip + 24, 0xfd, 0, 2);
    }
}

/* The checksum of an upper header at `at` of the `length` bytes behind the IP header. */
static inline void catalogue_sum(uint8_t *ip, const struct catalogue_row *row, size_t length)
{
    bool is_six = ip[0] >> 4 == 6;
    uint8_t *upper = ip + (is_six ? 40 : 20) + row->sum_from;
    size_t of = length - row->sum_from;
    uint32_t sum = 0;

    if (row->sum == 0)
        return;
    if (is_six)
        sum = frame_sum(row->sum + (uint32_t)of, ip + 8, 32);
    else if (row->sum == 17)
        sum = frame_sum(row->sum + (uint32_t)of, ip + 12, 8);
    put16(upper + row->sum_at, frame_fold(frame_sum(sum, upper, of)));
}

static inline void catalogue_frame(struct frame *f, const struct catalogue_row *row)
{
    static const uint8_t tags[] = {0x88, 0xa8, 0, 100, 0x81, 0, 0xa0, 7};
    size_t link = 12, length;
    uint8_t *b = f->bytes;

    memset(f, 0, sizeof *f);
    b[0] = b[6] = 2;
    b[5] = 2;
    b[11] = 1;
    if (row->around == AROUND_IP4) {
        length = catalogue_bytes(row->bytes, b + 34, FRAME_ROOM - 34);
        frame_wrap(f, 1, row->protocol, length);
        catalogue_sum(b + 14, row, length);
        return;
    }
    if (row->around == AROUND_ETHERNET || row->around == AROUND_LLC) {
        size_t from = row->around == AROUND_LLC ? 14 : 12;

        length = catalogue_bytes(row->bytes, b + from, FRAME_ROOM - from);
        if (row->around == AROUND_LLC)
            put16(b + 12, (unsigned)length);
        f->length = (uint32_t)(from + length);
        return;
    }
    if (row->around == AROUND_TAG || row->around == AROUND_TAGS) {
        size_t from = row->around == AROUND_TAG ? 4 : 0;

        memcpy(b + link, tags + from, sizeof tags - from);
        link += sizeof tags - from;
    }
    put16(b + link, 0x86dd);
    link += 2;
    length = catalogue_bytes(row->bytes, b + link + 40, FRAME_ROOM - link - 40);
    catalogue_ip6(b + link, row, length);
    catalogue_sum(b + link, row, length);
    f->length = (uint32_t)(link + 40 + length);
}

/* What the rows' texts leave out: the same in all of IPv6. */
#define FROM_ROUTER "ip6{source=fe80::1 dest=ff02::1 traffic_class=0 flow_label=0 "
#define FROM_1_TO_2 "ip6{source=fd00::1 dest=fd00::2 traffic_class=0 flow_label=0 "

static const struct catalogue_row catalogue[] = {
    {"echo request", AROUND_GLOBAL, 58, 58, 0, 2, "80 00 0000 1234 0007 6162",
     FROM_1_TO_2 "total_length=50 hop_limit=64 protocol=58} icmp6{type=128 code=0 id=4660 "
                 "sequence=7} payload=2",
     "echo request seq=7 len=2"},
    {"time exceeded", AROUND_GLOBAL, 58, 58, 0, 2,
     "03 00 0000 00000000 60000000 000a 3a 01 fd000000000000000000000000000001 "
     "fd000000000000000000000000000002 8000 0000 1234 0007",
     "icmp6{type=3 code=0 quote{source=fd00::1 dest=fd00::2 traffic_class=0 flow_label=0 "
     "total_length=50 hop_limit=1 protocol=58}} payload=48",
     "time exceeded: hop limit of seq=7"},
    {"router solicitation", AROUND_IP6, 58, 58, 0, 2, "85 00 0000 00000000 01 01 020000000001",
     FROM_ROUTER "total_length=56 hop_limit=255 protocol=58} icmp6{type=133 code=0} "
                 "nd{message=router-solicitation source_mac=02:00:00:00:00:01} payload=0",
     "any router?"},
    {"router advertisement", AROUND_IP6, 58, 58, 0, 2,
     "86 00 0000 40 80 0708 00007530 000003e8 "
     "01 01 020000000001  05 01 0000 000005dc  "
     "03 04 40 c0 00015180 00003840 00000000 fd000000000000000000000000000000 "
     "18 02 30 08 00000708 fd00000100000000  "
     "19 03 0000 00000708 fd000000000000000000000000000035  0e 01 010203040506",
     "nd{message=router-advertisement hop_limit=64 flags=0x0080 router_lifetime=1800 "
     "reachable_ms=30000 retransmit_ms=1000 source_mac=02:00:00:00:00:01 mtu=1500 nonce=yes "
     "prefix0{prefix=fd00::/64 flags=0x00c0 valid=86400 preferred=14400} "
     "route0{prefix=fd00:1::/48 flags=0x0008 valid=1800} name_server0=fd00::35 "
     "name_server_lifetime=1800} payload=0",
     "router advert fd00::/64 lifetime=1800s managed mtu=1500 route=fd00:1::/48 dns=fd00::35"},
    {"neighbor solicitation", AROUND_IP6, 58, 58, 0, 2,
     "87 00 0000 00000000 fd000000000000000000000000000002 01 01 020000000001",
     "nd{message=neighbor-solicitation target=fd00::2 source_mac=02:00:00:00:00:01} payload=0",
     "who has fd00::2? tell fe80::1"},
    {"duplicate address detection", AROUND_NOBODY, 58, 58, 0, 2,
     "87 00 0000 00000000 fd000000000000000000000000000002 0e 01 010203040506",
     "nd{message=neighbor-solicitation target=fd00::2 nonce=yes} payload=0",
     "who has fd00::2? I would take it"},
    {"neighbor advertisement", AROUND_IP6, 58, 58, 0, 2,
     "88 00 0000 e0000000 fd000000000000000000000000000002 02 01 020000000002",
     "nd{message=neighbor-advertisement router=yes solicited=yes override=yes target=fd00::2 "
     "target_mac=02:00:00:00:00:02} payload=0",
     "fd00::2 is at 02:00:00:00:00:02 (router)"},
    {"redirect", AROUND_IP6, 58, 58, 0, 2,
     "89 00 0000 00000000 fe800000000000000000000000000003 fd010000000000000000000000000009 "
     "02 01 020000000003  04 02 000000000000 0000000000000000",
     "nd{message=redirect target=fe80::3 dest=fd01::9 target_mac=02:00:00:00:00:03 "
     "redirected_packet=yes} payload=0",
     "redirect of fd01::9 to fe80::3"},
    {"packet too big", AROUND_GLOBAL, 58, 58, 0, 2,
     "02 00 0000 00000500 60000000 0008 11 40 fd000000000000000000000000000002 "
     "fd000000000000000000000000000001 1388 0035 0008 0000",
     "icmp6{type=2 code=0 mtu=1280 quote{source=fd00::2 dest=fd00::1 traffic_class=0 "
     "flow_label=0 total_length=48 hop_limit=64 protocol=17} quote_source_port=5000 "
     "quote_dest_port=53} payload=48",
     NULL},
    {"MLDv2 report", AROUND_IP6, 0, 58, 8, 2,
     "3a 00 0502 0000 0100 "
     "8f 00 0000 0000 0002  04 00 0000 ff0200000000000000000001ff000001 "
     "01 00 0001 ff0e0000000000000000000000000007 fd000000000000000000000000000009",
     "extensions=hop-by-hop hop_limit=255 protocol=58 options=3a00050200000100} "
     "icmp6{type=143 code=0} mld{version=2 message=report record0{type=to-exclude "
     "group=ff02::1:ff00:1 sources=0} record1{type=is-include group=ff0e::7 sources=1}} payload=0",
     "MLDv2 joins ff02::1:ff00:1 in ff0e::7 (1 sources)"},
    {"MLDv1 done", AROUND_IP6, 58, 58, 0, 2,
     "84 00 0000 0000 0000 ff0e0000000000000000000000000007",
     "mld{version=1 message=leave group=ff0e::7} payload=0", "MLDv1 leaves ff0e::7"},
    {"MLDv2 query", AROUND_IP6, 58, 58, 0, 2,
     "82 00 0000 8123 0000 00000000000000000000000000000000 02 7d 0000",
     "mld{version=2 message=query response_ms=35096} payload=0", "MLDv2 who is in which group?"},
    {"IGMPv3 query", AROUND_IP4, 2, 2, 0, 2, "11 80 0000 e0000116 02 7d 0000",
     "igmp{version=3 message=query response_ms=12800 group=224.0.1.22} payload=0",
     "IGMPv3 who is in 224.0.1.22?"},
    {"IGMPv3 report", AROUND_IP4, 2, 2, 0, 2, "22 00 0000 0000 0001 03 00 0000 ef010203",
     "igmp{version=3 message=report record0{type=to-include group=239.1.2.3 sources=0}} payload=0",
     "IGMPv3 leaves 239.1.2.3"},
    {"IGMPv2 leave", AROUND_IP4, 2, 2, 0, 2, "17 00 0000 ef010203",
     "igmp{version=2 message=leave group=239.1.2.3} payload=0", "IGMPv2 leaves 239.1.2.3"},
    {"IGMPv1 report", AROUND_IP4, 2, 2, 0, 2, "12 00 0000 ef010203",
     "igmp{version=1 message=report group=239.1.2.3} payload=0", "IGMPv1 in 239.1.2.3"},
    {"first fragment", AROUND_GLOBAL, 44, 0, 0, 0,
     "11 00 0001 deadbeef 9c40 9c41 0018 cd37 0000000000000000",
     "extensions=fragment id=3735928559 more_fragments=yes fragment_offset=0 hop_limit=64 "
     "protocol=17 options=11000001deadbeef} udp{source_port=40000 dest_port=40001 length=24} "
     "payload=8",
     "in all len=16 fragment at 0 len=8"},
    {"last fragment", AROUND_GLOBAL, 44, 0, 0, 0, "11 00 0010 deadbeef 0000000000000000",
     "extensions=fragment id=3735928559 more_fragments=no fragment_offset=16 hop_limit=64 "
     "protocol=17 options=11000010deadbeef} payload=8",
     "fragment at 16 len=8 the last"},
    {"extension headers", AROUND_GLOBAL, 0, 17, 24, 6,
     "2b 00 0104 00000000  3c 00 fd 00 00000000  11 00 0104 00000000  9c40 9c41 0009 0000 78",
     "extensions=hop-by-hop,routing,destination hop_limit=64 protocol=17 "
     "options=2b000104000000003c00fd00000000001100010400000000} udp{source_port=40000 "
     "dest_port=40001 length=9} payload=1",
     "len=1"},
    {"a tagged datagram", AROUND_TAG, 17, 17, 0, 6, "9c40 9c41 0009 0000 78",
     "vlan=7 priority=5 type=0x86dd} " FROM_1_TO_2 "total_length=49 hop_limit=64 protocol=17}",
     "len=1"},
    {"two tags", AROUND_TAGS, 17, 17, 0, 6, "9c40 9c41 0009 0000 78",
     "outer_vlan=100 vlan=7 priority=5 type=0x86dd} ", "len=1"},
    {"DNS query", AROUND_GLOBAL, 17, 17, 0, 6,
     "1388 0035 0021 0000 0001 0100 0001 0000 0000 0000 03777777 0378797a 00 001c 0001",
     "dns=\"query AAAA www.xyz\" payload=25", "query AAAA www.xyz"},
    {"DNS answer", AROUND_GLOBAL, 17, 17, 0, 6,
     "0035 1388 004d 0000 0001 8180 0001 0002 0000 0000 03777777 0378797a 00 001c 0001 "
     "c00c 0005 0001 00000e10 0004 0161 c010  c025 001c 0001 00000e10 0010 "
     "fd000000000000000000000000000009",
     "dns=\"answer AAAA www.xyz: alias a.xyz fd00::9\" payload=69", NULL},
    {"DHCPv6 reply", AROUND_GLOBAL, 17, 17, 0, 6,
     "0223 0222 004c 0000 07 123456 "
     "0003 0028 00000001 00000708 00000b40 0005 0018 fd000000000000000000000000000005 00000e10 "
     "00001c20  0017 0010 fd000000000000000000000000000035",
     "dhcp6=\"REPLY xid=0x123456 fd00::5 lease=7200s dns=fd00::35\" payload=68", NULL},
    {"BPDU of RSTP", AROUND_LLC, 0, 0, 0, 0,
     "424203 0000 02 02 3c 8000020000000001 00000014 8001020000000002 8002 0000 1400 0200 0f00 00",
     "bpdu{type=rapid flags=0x003c root_priority=32768 root=02:00:00:00:00:01 cost=20 "
     "bridge_priority=32769 bridge=02:00:00:00:00:02 port=0x8002 age_ms=0 max_age_ms=20000 "
     "hello_ms=2000 forward_delay_ms=15000} payload=0",
     "RSTP root=32768.020000000001 cost=20 designated"},
    {"topology change of STP", AROUND_LLC, 0, 0, 0, 0, "424203 0000 00 80",
     "bpdu{type=topology-change} payload=0", "STP topology change"},
    {"LAPB SABM", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0200 01 3f",
     "lapb{address=1 frame=SABM poll=yes} payload=0", "SABM P"},
    {"LAPB REJ", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0200 01 69",
     "lapb{address=1 frame=REJ nr=3} payload=0", "REJ nr=3"},
    {"LAPB FRMR", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0500 03 97 61 b4 08",
     "lapb{address=3 frame=FRMR poll=yes rejected=97 reasons=8} payload=3", "FRMR F reasons=8"},
    {"X.25 restart", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0700 01 00 1000fb 0700",
     "lapb{address=1 frame=I ns=0 nr=0} x25{packet=RESTART lcn=0 cause=7 diagnostic=0 length=0}",
     "I ns=0 nr=0 RESTART lcn=0 cause=7 diagnostic=0"},
    {"X.25 call", AROUND_ETHERNET, 0, 0, 0, 0, "6000 1000 01 22 10010b 23 123450 06 420708 430203",
     "x25{packet=CALL lcn=1 called=123 calling=45 packet_log=7,8 window=2,3 length=0}",
     "I ns=1 nr=1 CALL lcn=1 to 123 from 45"},
    {"X.25 data", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0a00 03 64 900174 6162636465",
     "lapb{address=3 frame=I ns=2 nr=3} x25{packet=DATA lcn=1 q=yes ps=2 pr=3 more=yes length=5}",
     "I ns=2 nr=3 DATA lcn=1 ps=2 pr=3 len=5 M Q"},
    {"X.25 data modulo 128", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0700 03 64 2001c8 63 66",
     "x25{packet=DATA lcn=1 modulo=128 ps=100 pr=49 more=yes length=1}",
     "I ns=2 nr=3 DATA lcn=1 ps=100 pr=49 len=1 M"},
    {"X.25 clear", AROUND_ETHERNET, 0, 0, 0, 0, "6000 0700 01 00 100113 0900",
     "x25{packet=CLEAR lcn=1 cause=9 diagnostic=0 length=0}",
     "I ns=0 nr=0 CLEAR lcn=1 cause=9 diagnostic=0"},
    {"XOT call", AROUND_GLOBAL, 6, 6, 0, 16,
     "9c40 07ce 00000001 00000001 50 18 1000 0000 0000 0000000e 10010b 23 123450 06 420707 430202",
     "xot{packets=1} x25{packet=CALL lcn=1 called=123 calling=45 packet_log=7,7 window=2,2 "
     "length=0} payload=18",
     "XOT CALL lcn=1 to 123 from 45"},
    {"XOT data and RR", AROUND_GLOBAL, 6, 6, 0, 16,
     "07ce 9c40 00000001 00000013 50 18 1000 0000 0000 00000004 100100 78 00000003 100121",
     "xot{packets=2} x25{packet=DATA lcn=1 ps=0 pr=0 length=1} x25_1{packet=RR lcn=1 pr=1 "
     "length=0} payload=15",
     "XOT DATA lcn=1 ps=0 pr=0 len=1 and 1 more"},
    {"ARP request", AROUND_ETHERNET, 0, 0, 0, 0,
     "0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002",
     "arp{operation=request sender_mac=02:00:00:00:00:01 sender=10.0.0.1 "
     "target_mac=00:00:00:00:00:00 target=10.0.0.2} payload=0",
     "who has 10.0.0.2? tell 10.0.0.1"},
    {"gratuitous ARP", AROUND_ETHERNET, 0, 0, 0, 0,
     "0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000001",
     "arp{operation=request", "I have 10.0.0.1 at 02:00:00:00:00:01"},
};

enum { CATALOGUE_ROWS = sizeof catalogue / sizeof *catalogue };
