/* SPDX-License-Identifier: MIT */
/*
 * TCP's header as attackers write it: option lists that never end, data offsets that lie, urgent
 * pointers to anywhere. Whatever a segment says, the bytes of the stream are those that were sent.
 */
#include <sys/ioctl.h>

#include "vuln_bed.h"

static int listener;

static void begin(void)
{
    bed_open(SOCKEYE_DOOR_IP);
    listener = bed_listener(PORT, 64);
    bed_flush();
}

static void finish(void)
{
    bed_friend_talks();
    check(bed_friend_connects(BED_SECOND) >= 0);
}

static struct tcp_info info_of(int fd)
{
    struct tcp_info info;
    uint32_t length = sizeof info;

    check_equal(sockeye_get_option(bed.lab, VICTIM, fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
    return info;
}

/* Every kind with every length, first and last in the area of a SYN: it is answered, and once. */
static void option_lists_end(void)
{
    uint8_t options[40];

    begin();
    for (uint32_t kind = 2; kind < 256; kind++)
        for (uint32_t length = 0; length < 64; length += length < 42 ? 1 : 21) {
            struct peer p = {.port = 1024 + kind, .to = PORT, .seq = 1000 * length, .fd = -1};
            size_t at = length % 3 == 0 ? 0 : length % 3 == 1 ? 36 : 39;

            memset(options, 1, sizeof options);
            options[at] = (uint8_t)kind;
            if (at < 39)
                options[at + 1] = (uint8_t)length;
            peer_half_open(&p, options, sizeof options);
            check_equal(bed_flush(), 0);
            peer_send(&p, RST, NULL, 0);
        }
    memset(options, 1, sizeof options); /* forty NOPs; then an end with more behind it */
    for (uint32_t i = 0; i < 2; i++) {
        struct peer p = {.port = 500 + i, .to = PORT, .fd = -1};

        peer_half_open(&p, options, sizeof options);
        memset(options, 0xff, sizeof options);
        options[0] = 0;
    }
    finish();
}

static void options_of_chance(void)
{
    struct peer p = {.port = 1024};
    uint8_t options[40], text[8], got[16];

    begin();
    peer_open_with(&p, listener, (const uint8_t[]){4, 2, 1, 1, 3, 3, 7, 1, 2, 4, 5, 180}, 12);
    for (int i = 0; i < 10000; i++) {
        struct tcp_spec s = peer_segment(&p, ACK | PSH);

        for (size_t k = 0; k < sizeof options; k++)
            options[k] = (uint8_t)bed_draw(bed_draw(3) ? 11 : 256);
        for (size_t k = 0; k < sizeof text; k++)
            text[k] = (uint8_t)bed_draw(256);
        s.options = options;
        s.option_bytes = 4 * (size_t)bed_draw(11);
        s.text = text;
        s.length = sizeof text;
        bed_inject_tcp(&s);
        bed_advance(10000);
        check_equal(sockeye_receive(bed.lab, VICTIM, p.fd, got, sizeof got, 0), sizeof text);
        check(memcmp(got, text, sizeof text) == 0);
        p.seq += sizeof text;
        bed_flush();
    }
    finish();
}

/* The options of a SYN, and the least and most that the victim may then send at once. */
static void sizes_after(const uint8_t *options, size_t bytes, uint32_t port, size_t least_bytes,
                        size_t most_bytes)
{
    static const uint8_t text[4000];
    struct peer p = {.port = port};
    size_t longest = 0;

    peer_open_with(&p, listener, options, bytes);
    check_equal(sockeye_send(bed.lab, VICTIM, p.fd, text, sizeof text, 0), sizeof text);
    bed_advance(BED_MS);
    while (peer_take(&p))
        longest = seen.text_bytes > longest ? seen.text_bytes : longest;
    check(longest >= least_bytes && longest <= most_bytes);
    peer_reset(&p);
}

static void sizes_are_clamped(void)
{
    uint8_t o[8] = {2, 4, 0, 0, 1, 1, 1, 1};

    begin();
    for (uint32_t mss = 0; mss < 88; mss++) {
        put16(o + 2, mss);
        sizes_after(o, 4, 2000 + mss, mss == 0 ? 1 : 36, mss == 0 ? 536 : mss < 48 ? 48 : mss);
    }
    put16(o + 2, 65535);
    sizes_after(o, 4, 3000, 1460, 1460);
    sizes_after((const uint8_t[]){2, 3, 5, 1}, 4, 3001, 536, 536);
    sizes_after((const uint8_t[]){2, 5, 5, 180, 0, 0, 0, 0}, 8, 3002, 536, 536);
    for (uint32_t scale = 0; scale < 256; scale++) {
        struct peer p = {.port = 4000 + scale};
        uint8_t w[4] = {3, 3, (uint8_t)scale, 0};

        peer_open_with(&p, listener, w, 4);
        check_equal(info_of(p.fd).tcpi_snd_wscale, scale > 14 ? 14 : scale);
        peer_reset(&p);
    }
    finish();
}

static void data_offsets_lie(void)
{
    struct peer p = {.port = 1024};
    uint8_t text[40] = {0};

    begin();
    peer_open(&p, listener);
    bed_flush();
    for (int flags = 0; flags < 64; flags++)
        for (int offset = -1; offset < 16; offset++)
            for (size_t length = 0; length < sizeof text; length += 3) {
                struct tcp_spec s = peer_segment(&p, (uint32_t)flags);
                uint64_t before = bed_drops(DROP_TCP_HEADER);

                if (offset == 0 || (offset >= 5 && (size_t)offset * 4 <= 20 + length))
                    continue;
                s.offset = offset;
                s.text = text;
                s.length = length;
                bed_inject_tcp(&s);
                bed_advance(10000);
                check_equal(bed_drops(DROP_TCP_HEADER) - before, 1);
            }
    for (size_t n = 0; n < 20; n++) { /* shorter than a header */
        const struct ip_spec ip = {.protocol = 6};

        bed_send_ip(&ip, text, n);
    }
    check_equal(bed_flush(), 0);
    check_equal(bed_state(p.fd), TCP_STATE_ESTABLISHED);
    finish();
}

/* Reads what there is. @return bytes; the urgent byte aside if it is not inline */
static size_t read_some(int fd, uint8_t *bytes, size_t size)
{
    int queued = -1, mark = -1;
    ssize_t n;

    check_equal(sockeye_ioctl(bed.lab, VICTIM, fd, FIONREAD, &queued), 0);
    check(queued >= 0 && queued <= 1 << 20);
    check_equal(sockeye_ioctl(bed.lab, VICTIM, fd, SIOCATMARK, &mark), 0);
    n = sockeye_receive(bed.lab, VICTIM, fd, bytes, size, 0);
    check(n == -EAGAIN || (n >= 0 && n <= (ssize_t)size));
    return n > 0 ? (size_t)n : 0;
}

/* A stream of segments with urgent pointers of chance, read now and then. */
static void urgent_stream(bool is_inline)
{
    static const uint32_t pointers[] = {0, 1, 2, 9, 10, 11, 100, 1000, 65535};
    static uint8_t sent[60000], got[60000];
    struct peer p = {.port = 1024};
    size_t n = 0, read = 0, oob = 0, at = 0;
    int on = is_inline;

    begin();
    peer_open(&p, listener);
    check_equal(sockeye_set_option(bed.lab, VICTIM, p.fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on),
                0);
    for (int i = 0; i < 4000; i++) {
        struct tcp_spec s = peer_segment(&p, ACK | (bed_draw(2) ? URG : 0));
        uint8_t byte;

        s.length = bed_draw(12);
        for (size_t k = 0; k < s.length; k++)
            sent[n + k] = (uint8_t)bed_draw(256);
        s.text = sent + n;
        s.urgent = pointers[bed_draw(9)];
        if (bed_draw(5) == 0) /* from behind, or ahead: text of before again, or none */
            s.seq -= bed_draw(20), s.length = 0;
        bed_inject_tcp(&s);
        bed_advance(10000);
        n += s.length;
        p.seq += (uint32_t)s.length;
        if (bed_draw(4) == 0) {
            ssize_t got_oob = sockeye_receive(bed.lab, VICTIM, p.fd, &byte, 1, MSG_OOB);

            check(got_oob == 1 || got_oob == -EINVAL || got_oob == -EAGAIN);
            oob += got_oob == 1;
        }
        for (int k = 0; k < 20 && bed_draw(3); k++)
            read += read_some(p.fd, got + read, 1 + bed_draw(50));
        bed_flush();
    }
    for (int k = 0; k < 60000 && sockeye_poll(bed.lab, VICTIM, p.fd) & POLLIN; k++)
        read += read_some(p.fd, got + read, 100);
    if (is_inline) {
        check_equal(oob, 0);
        check_equal(read, n);
        check(memcmp(got, sent, n) == 0);
    }
    for (size_t k = 0; k < read && !is_inline; k++, at++) { /* all in order, some out of band */
        while (at < n && sent[at] != got[k])
            at++;
        check(at < n);
    }
    check(read <= n && read + 2000 >= n);
    finish();
}

static void urgent_bytes_stay_inline(void)
{
    urgent_stream(true);
}

static void urgent_bytes_are_taken_out(void)
{
    urgent_stream(false);
}

static void urgent_syn(void)
{
    struct sockaddr_in name = bed_name(ATTACKER_IP, 9);
    struct peer p = {.port = 1024, .to = PORT}, back = {.port = 9, .seq = 77};
    struct tcp_spec s;

    begin();
    s = peer_segment(&p, SYN | URG);
    s.urgent = 65535;
    bed_inject_tcp(&s);
    bed_advance(10000);
    check(bed_take() && seen.flags == (SYN | ACK));
    p.seq++;
    p.ack = seen.seq + 1;
    peer_send(&p, ACK | URG, "abc", 3);
    p.fd = bed_accept(listener);
    check(p.fd >= 0);
    check_equal(read_some(p.fd, (uint8_t[9]){0}, 9), 3);
    back.fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_connect(bed.lab, VICTIM, back.fd, &name, sizeof name), -EINPROGRESS);
    bed_advance(10000);
    while (bed_take())
        if (seen.flags == SYN)
            break;
    back.to = seen.from;
    back.ack = seen.seq + 1;
    back.window = 1000;
    s = peer_segment(&back, SYN | URG); /* simultaneous open */
    s.urgent = 3;
    bed_inject_tcp(&s);
    bed_advance(10000);
    back.seq++;
    check(bed_take() && seen.flags == (SYN | ACK));
    peer_send(&back, ACK | URG, "abcd", 4);
    check_equal(bed_state(back.fd), TCP_STATE_ESTABLISHED);
    check_equal(read_some(back.fd, (uint8_t[9]){0}, 9), 4);
    finish();
}

static const struct test tests[] = {
    {"P-07 TCP option lists end, and a SYN with any of them is answered", option_lists_end},
    {"P-07 options of chance take no byte from the stream", options_of_chance},
    {"P-07 T-17 MSS and window scale are clamped", sizes_are_clamped},
    {"P-08 data offsets that lie are dropped without a word", data_offsets_lie},
    {"P-09 urgent pointers of chance leave the stream as it is, inline", urgent_bytes_stay_inline},
    {"P-09 urgent pointers of chance, the byte out of band", urgent_bytes_are_taken_out},
    {"P-09 URG on a SYN, passive and simultaneous", urgent_syn},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
