/* SPDX-License-Identifier: MIT */
/* Values of a lab file that are addresses (P-20; the other kinds stand in test_check.c). */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "scene/stages.h"
#include "scene/value.h"

static void prefixes_are_bounded(void)
{
    static const struct {
        const char *text;
        int prefix; /* -1: none */
    } rows[] = {
        {"10.0.0.1/0", 0},    {"10.0.0.1/32", 32},         {"10.0.0.1/33", -1},
        {"10.0.0.1/", -1},    {"10.0.0.1/-1", -1},         {"10.0.0.1/24/24", -1},
        {"10.0.0.1 /24", -1}, {"10.0.0.1/4294967296", -1}, {"/24", -1},
        {"10.0.0.1/2 4", -1}, {"10.0.0.1/0x18", -1},       {"10.0.0/24", -1},
        {"fd00::1/0", 0},     {"fd00::1/128", 128},        {"fd00::1/129", -1},
        {"fd00::1", -1},      {"[fd00::1]/64", -1},        {"fe80::1%eth0/64", -1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address ip;
        int prefix = -1;
        bool taken = scene_read_prefix(rows[i].text, &ip, &prefix);

        if (taken != (rows[i].prefix >= 0) || (taken && prefix != rows[i].prefix))
            test_fail(__FILE__, __LINE__, "%s", rows[i].text);
    }
}

/* inet_pton's word, for what test/vuln/test_text.c holds against the parser alone. */
static void addresses_are_posix(void)
{
    static const char *const texts[] = {"1.2.3.4",    "1.2.3",      "1.2.3.4 ",  "010.0.0.1",
                                        "0x7f.0.0.1", "1.2.3.4:80", "127.1",     "1.2.3.4%eth0",
                                        "",           "1.2.3.4.5",  "1.2.3.4\n", "256.0.0.1"};
    static const char *const texts6[] = {
        "::",     "::1",       "fd00::1",           "FD00:0:0:1::",    "1:2:3:4:5:6:7:8",
        "1::2::", "1:2:3:4:5", "fe80::1%eth0",      "::ffff:10.0.0.1", "2001:db8::10.0.0.1",
        ":",      "12345::",   "1:2:3:4:5:6:7:8:9", "::ffff:a00:1",    "::g"};
    static char text[1 << 16];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct in_addr theirs;
        struct address ours;
        bool right = inet_pton(AF_INET, texts[i], &theirs) == 1;

        if (scene_read_ip(texts[i], &ours) != right)
            test_fail(__FILE__, __LINE__, "%s", texts[i]);
    }
    for (size_t i = 0; i < sizeof texts6 / sizeof *texts6; i++) {
        char theirs[INET6_ADDRSTRLEN], ours[ADDRESS_TEXT_BYTES];
        struct in6_addr bytes;
        struct address ip;
        bool right = inet_pton(AF_INET6, texts6[i], &bytes) == 1;

        if (right && scene_read_ip(texts6[i], &ip)) {
            address_format(ip, ours);
            check(strcmp(inet_ntop(AF_INET6, &bytes, theirs, sizeof theirs), ours) == 0);
        } else if (right != (strncmp(texts6[i], "::ffff:", 7) == 0)) {
            test_fail(__FILE__, __LINE__, "%s", texts6[i]); /* IPv4 is read in its own form alone */
        }
    }
    for (const char *c = "1.0 %x/"; *c != '\0'; c++) {
        struct address ours;
        int prefix;

        memset(text, *c, sizeof text - 1);
        check(!scene_read_ip(text, &ours) && !scene_read_prefix(text, &ours, &prefix));
        memcpy(text, "10.0.0.1/", 9);
        check(!scene_read_ip(text, &ours));
        check(scene_read_prefix(text, &ours, &prefix) == (*c == '0')); /* "/000...0" is 0 */
    }
}

/* The words of tc-netem(8). */
static void losses_are_random_or_in_bursts(void)
{
    static const struct {
        const char *text;
        bool taken;
        uint32_t good, bad, to_bad, to_good;
    } rows[] = {
        {"5%", true, 50000, 0, 0, 0},
        {"0", true, 0, 0, 0, 0},
        {"random 0.1%", true, 1000, 0, 0, 0},
        {"gemodel 1%", true, 0, 1000000, 10000, 990000},
        {"gemodel 1% 25%", true, 0, 1000000, 10000, 250000},
        {"gemodel 1% 25% 50%", true, 0, 500000, 10000, 250000},
        {"gemodel 1% 25% 50% 200ppm", true, 200, 500000, 10000, 250000},
        {.text = "5"},
        {.text = "gemodel"},
        {.text = "gemodel 1"},
        {.text = "gemodel 100%"}, /* bad for ever */
        {.text = "gemodel 1% 0"},
        {.text = "gemodel 1% 2% 3% 4% 5%"},
        {.text = "random"},
        {.text = "random 5"},
        {.text = "101%"},
        {.text = ""},
        {.text = "'"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sockeye_wire_config c = {.loss_ppm = 9};

        if (scene_read_loss(rows[i].text, &c) != rows[i].taken)
            test_fail(__FILE__, __LINE__, "%s", rows[i].text);
        check_equal(c.loss_ppm, rows[i].taken ? rows[i].good : 9);
        check_equal(c.loss_bad_ppm, rows[i].bad);
        check_equal(c.loss_to_bad_ppm, rows[i].to_bad);
        check_equal(c.loss_to_good_ppm, rows[i].to_good);
    }
}

static const struct test tests[] = {
    {"losses are random or in bursts, in the words of tc-netem", losses_are_random_or_in_bursts},
    {"P-20 prefixes are bounded, and nothing stands behind them", prefixes_are_bounded},
    {"P-20 addresses of a lab file are what POSIX says, at any length", addresses_are_posix},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
