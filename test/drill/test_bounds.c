/* SPDX-License-Identifier: MIT */
/*
 * Numbers, times and lengths of a script that are beyond what there can be: each is an error of its
 * line, said in one line, before anything is computed with it.
 */
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "drill/drill.h"

static const char socket_line[] = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n";

/* What is said of a script; its first line is `before`, if given. */
static char *said_of(const char *before, const char *text, size_t length, int *result)
{
    const struct drill_options options = {.seed = 1};
    char *whole = NULL, *said = NULL;
    size_t size = 0, said_size = 0;
    FILE *out = open_memstream(&whole, &size), *report = open_memstream(&said, &said_size);

    fputs(before, out);
    fwrite(text, 1, length, out);
    fclose(out);
    *result = drill_run_text("s.pkt", whole, size, &options, report);
    fclose(report);
    free(whole);
    return said;
}

static void refused(const char *before, const char *text, int line, const char *words)
{
    char place[32];
    int result;
    char *said = said_of(before, text, strlen(text), &result);
    bool is_told;

    snprintf(place, sizeof place, "s.pkt:%d: ", line);
    is_told = result == DRILL_UNSUPPORTED && strncmp(said, place, strlen(place)) == 0 &&
              strstr(said, words) != NULL && strchr(said, '\n') == said + strlen(said) - 1;
    if (!is_told)
        test_fail(__FILE__, __LINE__, "%.80s: result %d, \"%s\"", text, result, said);
    free(said);
}

static void numbers_of_packets_are_bounded(void)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"+0 < . -1:0(1) ack 1\n", "-1 is not from 0"},
        {"+0 < . 4294967296:0(0) ack 1\n", "4294967296 is not from 0"},
        {"+0 < . 9223372036854775807:0(1) ack 1\n", "is not from 0"},
        {"+0 < . 1:0(4294967295) ack 1\n", "4294967295 is not from 0"},
        {"+0 < udp (65536)\n", "65536 is not from 0"},
        {"+0 < . 1:1(0) ack 4294967296\n", "is not from 0"},
        {"+0 < . 1:1(0) win 65536\n", "is not from 0"},
        {"+0 < . 1:1(0) urg 65536\n", "is not from 0"},
        {"+0 < . 1:1(0) <mss 65536>\n", "is not from 0"},
        {"+0 < . 1:1(0) <wscale 256>\n", "is not from 0"},
        {"+0 < [ttl 256] . 1:1(0)\n", "is not from 0"},
        {"+0 < icmp unreachable frag_needed mtu 65536\n", "is not from 0"},
        {"+0 < icmp unreachable net_unreachable [udp (65536)]\n", "is not from 0"},
        {"+0 < . 1:1(0) <sack 1:2 3:4 5:6 7:8,TS val 1 ecr 2>\n", "more than 40 bytes"},
        {"+0 < . 1:1(0) <FO 00112233445566778899001122334455667788990011223344556677889900112233445"
         "56677889900>\n",
         "more than 40 bytes"},
        {"+0 f(0xfffffffffffffffff) = 0\n", "too large"},
        {"+0 f(00000000000000000000000000000000000000001) = 0\n", "too large"},
        {"+0 f(\"\\x\") = 0\n", "without a digit"},
        {"/* never ends", "without an end"},
        {"+0 < SF", "expected a number"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused("", bad[i].text, 1, bad[i].words);
}

static void times_are_bounded(void)
{
    refused("", "+9999999999 close(3) = 0\n", 1, "1000000000 seconds");
    refused("", "+1000000000 close(3) = 0\n", 1, "1000000000 seconds");
    refused("", "+1...99999999999999999999 close(3) = 0\n", 1, "1000000000 seconds");
    refused("+600000000 `true`\n", "+600000000 close(3) = 0\n", 2, "together");
    refused(socket_line, "+0 poll([{fd=3, events=POLLIN}], 1, 9223372036854775807) = 0\n", 2, "");
    refused("", "--tolerance_usecs=9223372036854775807\n", 1, "a number from 0");
    refused("", "--tcp_ts_tick_usecs=-1\n", 1, "a number from 0");
    refused("", "--tolerance_usecs=5s\n", 1, "a number from 0");
    refused("", "--mss=65536\n", 1, "a number from 1");
    refused("", "--mtu=67\n", 1, "a number from 68");
}

/* A host that probes an idle connection each second, for 30 years. */
static void years_of_moments_end(void)
{
    static const char text[] = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
                               "+0 setsockopt(3, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0\n"
                               "+0 setsockopt(3, SOL_TCP, TCP_KEEPIDLE, [1], 4) = 0\n"
                               "+0 setsockopt(3, SOL_TCP, TCP_KEEPCNT, [127], 4) = 0\n"
                               "+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n"
                               "+0 < S 0:0(0) win 5000 <mss 1000>\n+0 > S. 0:0(0) ack 1 <...>\n"
                               "+.1 < . 1:1(0) ack 1 win 5000\n+0 accept(3, ..., ...) = 4\n"
                               "+900000000 close(4) = 0\n";
    int result;
    char *said = said_of("", text, sizeof text - 1, &result);

    check(result == DRILL_PASS || result == DRILL_FAIL || result == DRILL_UNSUPPORTED);
    free(said);
}

static void commands_are_bounded(void)
{
    char text[3000];

    for (int length = 1000; length < 1100; length++) {
        snprintf(text, sizeof text, "`sysctl a=%0*d$((1)`\n", length, 0);
        refused("", text, 1, length < 1010 ? "cannot be read" : "longer than 1023");
        snprintf(text, sizeof text, "`sysctl a=%0*d`\n", length, 0);
        refused("", text, 1, length < 1015 ? "cannot be read" : "longer than 1023");
    }
    for (int length = 240; length < 270; length++) {
        snprintf(text, sizeof text, "`sysctl a=%0*d`\n", length, 0);
        refused("", text, 1, length < 254 ? "a=000" : "cannot be read");
        snprintf(text, sizeof text, "`sysctl a=%0*d$((3*5))`\n", length, 0);
        refused("", text, 1, length < 252 ? "00015: " : "cannot be read");
    }
    refused("", "`sysctl a=$((99999999999*99999999999))`\n", 1, "cannot be read");
    refused("", "`sysctl a=$((`\n", 1, "cannot be read");
    refused("", "`sysctl a=$((5)`\n", 1, "cannot be read");
    refused("", "`sysctl a='b`\n", 1, "cannot be read");
    refused("", "`ip link set dev tun0 mtu 4294967296`\n", 1, "not an MTU");
    refused("", "`ip link set dev tun0 mtu 60`\n", 1, "not an MTU");
}

static void sizes_of_calls_are_bounded(void)
{
    refused(socket_line, "+0 write(3, ..., 9223372036854775807) = 1\n", 2, "size");
    refused(socket_line, "+0 read(3, ..., -1) = 1\n", 2, "size");
    refused(socket_line,
            "+0 sendmsg(3, {msg_iov(2)=[{..., 9223372036854775807}, {..., 2}]}, 0) = 1\n", 2,
            "arguments of this form");
    refused(socket_line, "+0 setsockopt(3, SOL_TCP, TCP_MAXSEG, [1], 9999) = 0\n", 2, "length");
}

static void a_nul_is_no_part_of_a_word(void)
{
    static const char text[] = "+0 < S\0 0:0(0)\n";
    int result;
    char *said = said_of("", text, sizeof text - 1, &result);

    check(result == DRILL_UNSUPPORTED && strncmp(said, "s.pkt:1: ", 9) == 0);
    free(said);
}

static const struct test tests[] = {
    {"numbers of packets are bounded", numbers_of_packets_are_bounded},
    {"times are bounded, each and together", times_are_bounded},
    {"a script of years ends", years_of_moments_end},
    {"commands and their words are bounded", commands_are_bounded},
    {"sizes of calls are bounded", sizes_of_calls_are_bounded},
    {"a NUL is no part of a word", a_nul_is_no_part_of_a_word},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
