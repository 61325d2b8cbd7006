/* SPDX-License-Identifier: MIT */
/* packet.c: packets to bytes and back, by what tshark would call a good packet. */
#include "check.h"
#include "drill/state.h"
#include <string.h>

static struct drill_run run;
static struct drill_script script;
static uint8_t bytes[DRILL_PACKET_ROOM];

static size_t write_in(const char *version, const char *text)
{
    struct drill_options options = {.ip_version = version};

    memset(&run, 0, sizeof run);
    run.options = &options;
    run.script = &script;
    run.report = stdout;
    run.flow.local_port = 8080;
    run.flow.remote_port = 40000;
    drill_free(&script);
    check(drill_parse_text(&script, "test", text, strlen(text), NULL) == 0);
    drill_version(&run);
    return drill_packet_write(&run, script.first->packet, bytes);
}

static size_t write_text(const char *text)
{
    return write_in("ipv4", text);
}

static void comes_back_in(const char *version, const char *text, const char *expected)
{
    struct drill_packet packet;
    struct drill_ports ports;
    char again[512];
    size_t length = write_in(version, text);

    check(drill_packet_read(&packet, &ports, bytes, length) == NULL);
    packet.inbound = true;
    drill_packet_text(&packet, again, sizeof again);
    if (strcmp(again, expected) != 0)
        test_fail(__FILE__, __LINE__, "\"%s\" is not \"%s\"", again, expected);
}

static void comes_back(const char *text, const char *expected)
{
    comes_back_in("ipv4", text, expected);
}

static void packets_of_ipv6_come_back_as_written(void)
{
    comes_back_in("ipv6", "+0 < S 7:7(0) win 32792 <mss 1460,nop,wscale 7>",
                  "< S 7:7(0) win 32792 <mss 1460,nop,wscale 7>");
    check_equal(bytes[0] >> 4, 6);
    check_equal(bytes[7], 255);
    check(memcmp(bytes + 8, "\xfd\x3d\xfa\x7b\xd1\x7d\0\0\0\0\0\0\0\0\0\1", 16) == 0);
    comes_back_in("ipv6", "+0 < [ce, ttl 7] P. 1:101(100) ack 5 win 9",
                  "< [ce] P. 1:101(100) ack 5 win 9");
    check(bytes[7] == 7 && (bytes[1] >> 4) == 3);
    comes_back_in("ipv6", "+0 < udp (33)", "< udp (33)");
    comes_back_in("ipv6", "+0 < icmp unreachable port_unreachable [udp (9)]",
                  "< icmp type 1 code 4 mtu 0");
    check_equal(bytes[6], 58);
    check(memcmp(bytes + 48 + 8, "\xfd\x3d\x0a\x0b\x17\xd6", 6) == 0); /* it quotes the host */
    comes_back_in("ipv6", "+0 < icmpv6 packet_too_big mtu 1280 [5:105(100)]",
                  "< icmp type 2 code 0 mtu 1280");
    check(bytes[48 + 40 + 7] == 5);
    comes_back_in("ipv6", "+0 < icmpv6 parameter_problem unknown_option",
                  "< icmp type 4 code 2 mtu 0");
    comes_back_in("ipv4-mapped-ipv6", "+0 < udp (33)", "< udp (33)");
    check_equal(bytes[0] >> 4, 4);
}

static void a_word_of_the_other_version_is_refused(void)
{
    write_in("ipv6", "+0 < icmp unreachable frag_needed mtu 840 [5:105(100)]");
    check_equal(run.result, DRILL_UNSUPPORTED);
    write_in("ipv4", "+0 < icmp packet_too_big mtu 840 [5:105(100)]");
    check_equal(run.result, DRILL_UNSUPPORTED);
    write_in("ipv4", "+0 < icmpv6 unreachable port_unreachable [5:105(100)]");
    check_equal(run.result, DRILL_UNSUPPORTED);
    write_in("ipv5", "+0 < udp (1)");
    check_equal(run.result, DRILL_UNSUPPORTED);
}

static void packets_come_back_as_written(void)
{
    comes_back("+0 < S 7:7(0) win 32792 <mss 1460,sackOK,TS val 3 ecr 0,nop,wscale 7>",
               "< S 7:7(0) win 32792 <mss 1460,sackOK,TS val 3 ecr 0,nop,wscale 7>");
    comes_back("+0 < [ce] P. 1:101(100) ack 5 win 9 <nop,nop,sack 1:2 3:4>",
               "< [ce] P. 1:101(100) ack 5 win 9 <nop,nop,sack 1:2 3:4>");
    comes_back("+0 < . 1:1(0) ack 1 win 1 <FO abcdef01,nop,nop>",
               "< . 1:1(0) ack 1 win 1 <FO abcdef01,nop,nop>");
    comes_back("+0 < . 1:1(0) ack 1 win 1 <FOEXP ab01,nop,nop>",
               "< . 1:1(0) ack 1 win 1 <FOEXP ab01,nop,nop>");
    comes_back("+0 < .7 1:1(0) ack 1 win 1 <ECN e1b 1 ceb 2 e0b 3,nop>",
               "< .EWA 1:1(0) ack 1 win 1 <ECN e1b 1 ceb 2 e0b 3,nop>");
    comes_back("+0 < U. 1:3(2) ack 1 win 1 urg 2", "< .U 1:3(2) ack 1 win 1 urg 2");
    comes_back("+0 < udp (33)", "< udp (33)");
    comes_back("+0 < icmp unreachable port_unreachable [udp (9)]", "< icmp type 3 code 3 mtu 0");
}

static void options_are_padded_to_words(void)
{
    check_equal(write_text("+0 < S 0:0(0) win 1 <wscale 7>"), 20 + 20 + 4);
    check_equal(bytes[43], 0);
}

static void an_icmp_error_quotes_a_packet_of_the_host(void)
{
    write_text("+0 < icmp unreachable frag_needed mtu 840 [5:105(100)]");
    check(bytes[20] == 3 && bytes[21] == 4 && bytes[26] * 256 + bytes[27] == 840);
    check(memcmp(bytes + 28 + 12, (uint8_t[]){192, 168, 0, 1}, 4) == 0);
    check(bytes[28 + 20] * 256 + bytes[28 + 21] == 8080);
    check(bytes[28 + 27] == 5);
}

static void what_is_broken_is_said(void)
{
    struct drill_packet packet;
    struct drill_ports ports;
    size_t length = write_text("+0 < P. 1:101(100) ack 5 win 9");

    bytes[60] ^= 1;
    check(strcmp(drill_packet_read(&packet, &ports, bytes, length), "a wrong TCP checksum") == 0);
    bytes[8]--;
    check(strcmp(drill_packet_read(&packet, &ports, bytes, length), "a wrong IP header checksum") ==
          0);
    check(drill_packet_read(&packet, &ports, bytes, length - 1) != NULL);
    check(drill_packet_read(&packet, &ports, bytes, 0) != NULL);
}

static void values_are_constants_and_their_or(void)
{
    const char *text = "+0 f(MSG_MORE|MSG_NOSIGNAL, 7, NOTHING) = 0";
    static struct drill_options options;
    const struct drill_node *list;
    FILE *report = tmpfile();
    int64_t value;

    memset(&run, 0, sizeof run);
    run.options = &options;
    run.report = report;
    run.script = &script;
    drill_free(&script);
    check(report && drill_parse_text(&script, "test", text, strlen(text), NULL) == 0);
    list = script.first->arguments;
    check(drill_value(&run, list->child[0], &value) && value == (0x8000 | 0x4000));
    check(drill_value(&run, list->child[1], &value) && value == 7);
    check(!drill_value(&run, list->child[2], &value));
    check_equal(run.result, DRILL_UNSUPPORTED);
    fclose(report);
}

static const struct test tests[] = {
    {"packets come back as they were written", packets_come_back_as_written},
    {"packets of IPv6 come back as they were written", packets_of_ipv6_come_back_as_written},
    {"a word of ICMP that the version has not is refused", a_word_of_the_other_version_is_refused},
    {"options are padded to whole words", options_are_padded_to_words},
    {"an ICMP error quotes a packet of the host", an_icmp_error_quotes_a_packet_of_the_host},
    {"what is broken is said", what_is_broken_is_said},
    {"values are constants and their OR; others are named", values_are_constants_and_their_or},
};

int main(void)
{
    int result = test_main(tests, sizeof tests / sizeof *tests);

    drill_free(&script);
    return result;
}
