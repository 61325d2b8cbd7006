/* SPDX-License-Identifier: MIT */
/* pcapng.h: the same bytes each time, and tshark reads them with their comments. */
#include "check.h"
#include "frames.h"
#include "observe/decode/decode.h"
#include "observe/pcapng.h"
#include <stdlib.h>
#include <unistd.h>

static void capture(FILE *file, bool sides)
{
    struct pcapng p;
    struct frame f;
    struct sockeye_event e;

    check(pcapng_init(&p, file, &test_names, sides) == 0);
    frame_tcp(&f, &(struct segment){.from = 1, .flags = DECODE_SYN, .seq = 5});
    e = frame_event(&f, 1, 1);
    pcapng_event(&p, &e);
    e.kind = EVENT_FRAME_DELIVERED;
    e.time = 1000;
    e.frame.flags = FRAME_DAMAGED;
    pcapng_event(&p, &e);
    frame_tcp(&f,
              &(struct segment){.from = 2, .flags = DECODE_SYN | DECODE_ACK, .seq = 7, .ack = 6});
    e = frame_event(&f, 2000, 2);
    e.frame.flags = FRAME_LOST | FRAME_DUPLICATED;
    pcapng_event(&p, &e);
    e.time = 1000002000;
    e.frame.flags = 0;
    e.frame.mark = MARK_RETRANSMIT_SYN;
    pcapng_event(&p, &e);
    e.wire = 1;
    e.frame.flags = FRAME_BARE_IP;
    e.frame.mark = MARK_NONE;
    e.frame.bytes += ETHERNET;
    e.frame.length -= ETHERNET;
    pcapng_event(&p, &e);
    check(pcapng_done(&p) == 0);
}

static void the_same_events_are_the_same_bytes(void)
{
    FILE *one = tmpfile(), *two = tmpfile();
    char a[8192], b[8192];
    size_t length;

    check(one && two);
    capture(one, true);
    capture(two, true);
    rewind(one);
    rewind(two);
    length = fread(a, 1, sizeof a, one);
    check(length > 500 && length % 4 == 0);
    check_equal(fread(b, 1, sizeof b, two), length);
    check(memcmp(a, b, length) == 0);
    fclose(one);
    fclose(two);
}

static uint32_t word_at(const uint8_t *b)
{
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Frames on some wires of many, from both ends, twice each: the blocks of the file in order. */
static void an_interface_is_described_once_before_its_first_packet(void)
{
    static const uint16_t wires[] = {9000, 0, 12287, 1};
    struct sockeye_event e;
    struct frame f;
    struct pcapng p;
    FILE *file = tmpfile();
    uint8_t b[64];
    uint32_t interfaces = 0, packets = 0;

    check(file && pcapng_init(&p, file, &test_names, true) == 0);
    frame_tcp(&f, &(struct segment){.from = 1, .flags = DECODE_SYN});
    for (unsigned i = 0; i < 32; i++) {
        e = frame_event(&f, i, i % 2 ? 1 : 2);
        e.wire = wires[i / 2 % 4];
        e.kind = i / 8 % 2 ? EVENT_FRAME_DELIVERED : EVENT_FRAME_SENT;
        pcapng_event(&p, &e);
    }
    check(pcapng_done(&p) == 0);
    rewind(file);
    while (fread(b, 1, 12, file) == 12) {
        uint32_t type = word_at(b), rest = word_at(b + 4) - 12;

        interfaces += type == 1;
        if (type == 6)
            check_equal(word_at(b + 8), packets++ % 16);
        check(type != 6 || word_at(b + 8) < interfaces);
        check(fseek(file, rest, SEEK_CUR) == 0);
    }
    check(interfaces == 16 && packets == 32);
    fclose(file);
}

/* tshark's output for a capture, "" when tshark is not there (the caller says so). */
static const char *shark(bool sides, const char *arguments)
{
    static char text[8192];
    char path[] = "/tmp/sockeye-pcapng-XXXXXX", command[512];
    FILE *file = fdopen(mkstemp(path), "wb"), *out;
    size_t length;

    check(file != NULL);
    capture(file, sides);
    check(fclose(file) == 0);
    snprintf(command, sizeof command, "tshark -r %s %s 2>/dev/null", path, arguments);
    out = popen(command, "r");
    check(out != NULL);
    length = fread(text, 1, sizeof text - 1, out);
    text[length] = 0;
    check_equal(pclose(out), 0);
    unlink(path);
    return text;
}

static bool has_tshark(void)
{
    if (system("command -v tshark >/dev/null") == 0)
        return true;
    printf("# tshark is not installed: its half of this test did not run\n");
    return false;
}

static void tshark_reads_frames_and_comments(void)
{
    const char *text;

    if (!has_tshark())
        return;
    text = shark(false, "-T fields -e frame.number -e frame.interface_name -e frame.comment "
                        "-e frame.time_epoch -e tcp.flags.syn");
    check(strstr(text, "1\tw0 a.eth0>b.eth0\t\t0.000000001"));
    check(
        strstr(text, "2\tw0 b.eth0>a.eth0\tdropped: lost on the wire,duplicated: delivered twice"));
    check(strstr(text, "3\tw0 b.eth0>a.eth0\tretransmission (SYN timeout)\t1.000002"));
    check(strstr(text, "4\tw1 b.eth0>a.eth0\t\t1.000002"));
    check(!strstr(text, "\n5\t"));
}

static void tshark_finds_nothing_malformed(void)
{
    if (!has_tshark())
        return;
    check(strcmp(shark(true, "-Y '_ws.malformed || _ws.expert.group == \"Malformed\"'"), "") == 0);
}

static void both_sides_have_interfaces_of_their_own(void)
{
    if (!has_tshark())
        return;
    check(strstr(shark(true, "-T fields -e frame.interface_name -e frame.packet_flags_crc_error"),
                 "w0 a.eth0>b.eth0 received\t"));
}

static const struct test tests[] = {
    {"the same events are the same bytes", the_same_events_are_the_same_bytes},
    {"each end of a direction is described once, before its first packet",
     an_interface_is_described_once_before_its_first_packet},
    {"tshark reads the frames, interfaces and comments", tshark_reads_frames_and_comments},
    {"tshark finds nothing malformed", tshark_finds_nothing_malformed},
    {"with both sides, what arrives has interfaces of its own",
     both_sides_have_interfaces_of_their_own},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
