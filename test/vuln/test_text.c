/* SPDX-License-Identifier: MIT */
/*
 * Texts of addresses, as they come from lab files, records and callers (P-20): what is taken and
 * what it means is exactly inet_pton's, whatever stands there and however long it is. And P-19: no
 * service of layer 7 listens unless somebody asked for it.
 */
#include "base/address.h"
#include "vuln_bed.h"

enum { LONG = 1 << 16 };

static const char *const texts[] = {
    "1.2.3.4",
    "0.0.0.0",
    "255.255.255.255",
    "256.1.1.1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.",
    ".1.2.3.4",
    "1..2.3",
    "",
    " 1.2.3.4",
    "1.2.3.4 ",
    "1.2.3.4\n",
    "1.2.3.4:80",
    "010.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "2130706433",
    "127.1",
    "1.2.3.04",
    "1.2.3.00",
    "00.0.0.0",
    "1.2.3.-4",
    "+1.2.3.4",
    "1.2.3.4%eth0",
    "1.2.3.4/24",
    "1e1.2.3.4",
    "1.2.3.4294967297",
    "1.2.3.18446744073709551617",
    "localhost",
    "a.b.c.d",
    "1.2.3.4\t",
    "\xd9\xa1.2.3.4",
    "1.2.3.4.",
    "999.999.999.999",
    "1.2.3.1000",
    "1,2,3,4",
    "::ffff:1.2.3.4",
    "::1",
};

/* An address of either family. */
static bool native(const char *text, struct address *a)
{
    struct in_addr address;
    uint8_t bytes[16];

    if (inet_pton(AF_INET, text, &address) == 1) {
        *a = address_from_ip4(ntohl(address.s_addr));
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) != 1)
        return false;
    *a = (struct address){0, 0};
    for (unsigned i = 0; i < 8; i++) {
        a->high = a->high << 8 | bytes[i];
        a->low = a->low << 8 | bytes[8 + i];
    }
    return true;
}

static void compare(const char *text)
{
    struct address ours = {0, 0}, theirs = {0, 0};
    const char *end = NULL;
    bool right = native(text, &theirs);
    bool taken = address_parse(text, &end, &ours) && *end == '\0';

    if (taken != right || (right && !address_equal(ours, theirs)))
        test_fail(__FILE__, __LINE__, "\"%.80s\": %s", text, right ? "is one" : "is none");
}

static void addresses_are_posix(void)
{
    static char text[LONG + 400];
    char four[64];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        compare(texts[i]);
    for (int a = 0; a < 300; a++)
        for (int form = 0; form < 6; form++) {
            static const char *const forms[] = {"%d.2.3.4",  "1.%03d.3.4", "1.2.%o.4",
                                                "1.2.3.%#x", "1.2.3.%d",   "1.2.3.0%d"};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(four, sizeof four, forms[form], a);
#pragma GCC diagnostic pop
            compare(four);
        }
    for (size_t length = 0; length < 300; length++) {
        memset(text, '1', sizeof text);
        memcpy(text, "1.2.3.4:", 8);
        text[8 + length] = '\0';
        compare(text);
        memcpy(text, "1.2.3.4%", 8);
        compare(text);
    }
    for (const char *c = "1.0 :%x/"; *c != '\0'; c++) {
        memset(text, *c, LONG);
        text[LONG] = '\0';
        compare(text);
        memcpy(text, "1.2.3.4", 7);
        compare(text);
    }
}

/* By way of the door: refused, and nothing is left behind. */
static void long_texts_reach_no_lab(void)
{
    static char text[LONG + 1];
    uint64_t before;

    bed_open(SOCKEYE_DOOR_IP);
    before = sockeye_hash(bed.lab);
    for (const char *c = "1.0 %x/a"; *c != '\0'; c++) {
        memset(text, *c, LONG);
        check_equal(sockeye_address(bed.lab, VICTIM, 1, text), -EINVAL);
        check_equal(sockeye_route(bed.lab, VICTIM, text, NULL, 1), -EINVAL);
        check_equal(sockeye_route(bed.lab, VICTIM, "10.9.0.0/16", text, 1), -EINVAL);
        memcpy(text, "10.0.0.9/24", 11);
        check_equal(sockeye_address(bed.lab, VICTIM, 1, text), -EINVAL);
        memcpy(text, "10.9.0.0/16", 11);
        check_equal(sockeye_route(bed.lab, VICTIM, text, NULL, 1), -EINVAL);
        check(sockeye_set(bed.lab, VICTIM, text, "1") < 0);
        check(sockeye_set(bed.lab, VICTIM, "net.ipv4.tcp_rmem", text) < 0);
        check(sockeye_host(bed.lab, text) < 0 && sockeye_wire(bed.lab, text, NULL, NULL) < 0);
        check(sockeye_interface(bed.lab, VICTIM, text, 1, 0, NULL) < 0);
        check(sockeye_find_host(bed.lab, text) < 0 && sockeye_find_wire(bed.lab, text) < 0);
    }
    check(sockeye_hash(bed.lab) == before);
    bed_friend_talks();
}

/* All ports of a host that was given no service are closed, and it sends nothing by itself. */
static void nothing_listens_by_itself(void)
{
    static const uint8_t text[1] = {0};
    uint8_t udp[64];

    bed_open(SOCKEYE_DOOR_IP);
    bed_set("net.ipv4.icmp_ratelimit", "0");
    bed_set("net.ipv4.icmp_msgs_per_sec", "0");
    bed.unchecked = true;
    bed_flush();
    for (uint32_t port = 1; port < 65536; port += port < 2048 ? 1 : 97) {
        struct tcp_spec s = {.from = 1024, .to = port, .seq = 1, .flags = SYN, .window = 1000};
        const struct ip_spec ip = {.protocol = 17};

        if (port == ECHO_PORT)
            continue; /* which the bed opened */
        bed_inject_tcp(&s);
        bed_advance(4000);
        check(bed_take_protocol(6) && seen.flags == (RST | ACK));
        bed_send_ip(&ip, udp, make_udp(udp, 1024, port, text, sizeof text));
        bed_advance(4000);
        check(bed_take_protocol(1) && seen.type == 3 && seen.code == 3);
    }
    bed.unchecked = false;
    bed_advance(600 * BED_SECOND);
    check_equal(bed_flush(), 0);
    bed_friend_talks();
}

static const struct test tests[] = {
    {"P-20 texts of addresses are what POSIX says, at any length", addresses_are_posix},
    {"P-20 texts of 64 KiB reach no lab", long_texts_reach_no_lab},
    {"P-19 no service listens that nobody asked for", nothing_listens_by_itself},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
