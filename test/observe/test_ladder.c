/* SPDX-License-Identifier: MIT */
/* ladder.h: handshake, data, losses and close of a connection as people draw them. */
#include "check.h"
#include "frames.h"
#include "observe/decode/decode.h"
#include "observe/ladder.h"

static void state(struct ladder *l, int64_t time, int host, int from, int to)
{
    struct sockeye_event e = state_event(time, host, from, to);

    ladder_event(l, &e);
}

static void send_it(struct ladder *l, int64_t time, const struct segment *s, int flags, int mark)
{
    struct frame f;
    struct sockeye_event e;

    frame_tcp(&f, s);
    e = frame_event(&f, time, s->from);
    e.frame.flags = (uint8_t)flags;
    e.frame.mark = (uint8_t)mark;
    ladder_event(l, &e);
}

static void play(struct ladder *l, int segments)
{
    int64_t t = 20000000;

    state(l, 0, 1, TCP_STATE_CLOSED, TCP_STATE_SYN_SENT);
    send_it(l, 0, &(struct segment){.from = 1, .flags = DECODE_SYN, .seq = 100}, FRAME_LOST, 0);
    send_it(l, 1000000000, &(struct segment){.from = 1, .flags = DECODE_SYN, .seq = 100}, 0,
            MARK_RETRANSMIT_SYN);
    t += 1000000000;
    state(l, t, 2, TCP_STATE_LISTEN, TCP_STATE_SYN_RECEIVED);
    send_it(l, t,
            &(struct segment){.from = 2, .flags = DECODE_SYN | DECODE_ACK, .seq = 900, .ack = 101},
            0, 0);
    state(l, t + 1, 1, TCP_STATE_SYN_SENT, TCP_STATE_ESTABLISHED);
    send_it(l, t + 1, &(struct segment){.from = 1, .flags = DECODE_ACK, .seq = 101, .ack = 901}, 0,
            0);
    state(l, t + 2, 2, TCP_STATE_SYN_RECEIVED, TCP_STATE_ESTABLISHED);
    for (int i = 0; i < segments; i++) {
        struct segment s = {.from = 1, .flags = DECODE_ACK, .ack = 901, .length = 100};

        s.seq = 101 + 100 * (uint32_t)i;
        send_it(l, t + 3 + i, &s, i == 8 ? FRAME_LOST : 0, i == 9 ? MARK_RETRANSMIT_FAST : 0);
    }
    t += 1000000;
    state(l, t, 1, TCP_STATE_ESTABLISHED, TCP_STATE_FIN_WAIT_1);
    send_it(l, t,
            &(struct segment){.from = 1, .flags = DECODE_FIN | DECODE_ACK, .seq = 5000, .ack = 901},
            0, 0);
    state(l, t + 5, 2, TCP_STATE_ESTABLISHED, TCP_STATE_CLOSE_WAIT);
    state(l, t + 5, 2, TCP_STATE_CLOSE_WAIT, TCP_STATE_LAST_ACK);
}

/* `columns` 0: as it is without asking */
static const char *draw_so(int segments, bool all, int columns, bool has_colour)
{
    FILE *file = tmpfile();
    const char *text;
    struct ladder l;

    check(file && ladder_init(&l, file, &test_names, all) == 0);
    if (columns)
        ladder_style(&l, columns, has_colour);
    play(&l, segments);
    ladder_done(&l);
    text = file_text(file);
    fclose(file);
    return text;
}

static const char *draw(int segments, bool all)
{
    return draw_so(segments, all, 0, false);
}

static int columns(const char *line)
{
    int n = 0;

    for (; *line && *line != '\n'; line++)
        n += (*line & 0xc0) != 0x80;
    return n;
}

static void shows_states_and_numbers(void)
{
    const char *text = draw(2, false);

    check(strstr(text, "TCP connection 1: a 10.0.0.1:40000 to b 10.0.0.2:80\n"));
    check(strstr(text, "      CLOSED │"));
    check(strstr(text, "    SYN-SENT │─ SYN seq=0 win=65535 ───x lost"));
    check(strstr(text, "             │─ SYN seq=0 win=65535 again: timeout ─"));
    check(strstr(text, "│ LISTEN\n"));
    check(strstr(text, " SYN ACK seq=0 ack=1 win=65535 ─│ SYN-RECEIVED\n"));
    check(strstr(text, " ESTABLISHED │─ ACK seq=1 ack=1 win=65535 ─"));
    check(strstr(text, "  FIN-WAIT-1 │─ FIN ACK seq=4900 ack=1 ─"));
    check(strstr(text, "│ CLOSE-WAIT\n"));
    check(strstr(text, "│ LAST-ACK\n"));
}

static void long_data_is_folded(void)
{
    const char *text = draw(30, false);

    check(strstr(text, " ... 20 segments, 1,900 new bytes\n"));
    check(strstr(text, " ... 1 lost, 1 retransmitted\n"));
    check(strstr(text, " ... 1 by third duplicate ACK\n"));
    check(strstr(text, "seq=2901 ack=1 len=100 ─")); /* the last stands */
    check(!strstr(text, "seq=1501 "));
}

static void all_shows_all(void)
{
    const char *text = draw(30, true);

    check(strstr(text, "seq=1501 ") && !strstr(text, "..."));
    check(strstr(text, "len=100 ───x lost"));
    check(strstr(text, "again: 3rd dup ACK"));
}

static int widest(const char *text)
{
    int most = 0;

    while (*text) {
        most = columns(text) > most ? columns(text) : most;
        text = strchr(text, '\n') + 1;
    }
    return most;
}

static void rows_are_as_wide_as_asked(void)
{
    static const struct {
        int asked, columns;
    } rows[] = {{0, 100}, {80, 80}, {60, 60}, {59, 60}, {-1, 60}, {160, 160}, {5000, 160}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        check(widest(draw_so(30, true, rows[i].asked, false)) <= rows[i].columns);
        check(widest(draw_so(30, false, rows[i].asked, false)) <= rows[i].columns);
        check(widest(draw_so(30, true, rows[i].asked, false)) > rows[i].columns - 13);
    }
}

/* The words that matter least go first: win before ack, ack before the cause. */
static void narrow_arrows_keep_what_matters(void)
{
    const char *text = draw_so(30, true, 72, false);

    check(strstr(text, "─ SYN seq=0 again: timeout ──"));
    check(strstr(text, "─ ACK seq=801 len=100 ───x lost"));
    check(strstr(text, "─ ACK seq=1 ack=1 win=65535 ─"));
    text = draw_so(30, true, 66, false);
    check(strstr(text, "─ ACK seq=801 ───x lost"));
    check(strstr(text, "─ ACK seq=901 len=100 "));
}

static void colours_are_for_who_asks(void)
{
    const char *text = draw_so(30, true, 100, true);

    check(strstr(text, "│\033[31m─ SYN seq=0 win=65535 ───x lost"));
    check(strstr(text, "│\033[33m─ SYN seq=0 win=65535 again: timeout ─"));
    check(strstr(text, "▶\033[0m│"));
    check(strstr(text, "│─ ACK seq=1 ack=1 win=65535 ─"));
    check(!strchr(draw_so(30, true, 100, false), '\033'));
}

/* A frame of UDP or ICMP: its bytes behind the IP header. */
static void send_other(struct ladder *l, int64_t time, int from, unsigned protocol,
                       const uint8_t *bytes, size_t length, int flags)
{
    struct sockeye_event e;
    struct frame f;

    memset(f.bytes + ETHERNET + IP, 'x', sizeof f.bytes - ETHERNET - IP);
    memcpy(f.bytes + ETHERNET + IP, bytes, length < 36 ? length : 36);
    frame_wrap(&f, from, protocol, length);
    e = frame_event(&f, time, from);
    e.frame.flags = (uint8_t)flags;
    ladder_event(l, &e);
}

static const char *draw_others(void)
{
    /* 10.0.0.1:5000 to 10.0.0.2:53, 12 bytes; the answer; an error about the first */
    static const uint8_t ask[36] = {0x13, 0x88, 0, 53, 0, 20},
                         answer[36] = {0, 53, 0x13, 0x88, 0, 28};
    static const uint8_t error[36] = {3,  3, 0, 0, 0,    0,    0, 0,  0x45, 0, 0, 40,
                                      0,  0, 0, 0, 64,   17,   0, 0,  10,   0, 0, 1,
                                      10, 0, 0, 2, 0x13, 0x88, 0, 53, 0,    20};
    static const uint8_t request[36] = {8, 0, 0, 0, 0, 7, 0, 1},
                         reply[36] = {0, 0, 0, 0, 0, 7, 0, 1};
    FILE *file = tmpfile();
    const char *text;
    struct ladder l;

    check(file && ladder_init(&l, file, &test_names, false) == 0);
    ladder_style(&l, 80, false);
    send_other(&l, 1000000, 1, 1, request, 64, 0);
    send_other(&l, 2000000, 2, 1, reply, 64, FRAME_LOST);
    send_other(&l, 3000000, 1, 17, ask, 20, 0);
    send_other(&l, 4000000, 2, 17, answer, 28, 0);
    send_other(&l, 5000000, 2, 1, error, 36, 0);
    ladder_done(&l);
    text = file_text(file);
    fclose(file);
    return text;
}

static void datagrams_and_pings_are_drawn(void)
{
    const char *text = draw_others();

    check(strstr(text, "UDP datagrams 1: a 10.0.0.1:5000 to b 10.0.0.2:53\n"));
    check(strstr(text, "│─ len=12 ─────"));
    check(strstr(text, "─ len=20 ─│"));
    check(strstr(text, "◀────── port unreachable of 5000 to 53 ─│"));
    check(strstr(text, "ICMP echo 1: a 10.0.0.1 to b 10.0.0.2\n"));
    check(strstr(text, "│─ echo request seq=1 len=56 ──"));
    check(strstr(text, "lost x─── echo reply seq=1 len=56 ─│"));
    check(widest(text) <= 80);
}

static void an_empty_run_says_so(void)
{
    FILE *file = tmpfile();
    struct ladder l;

    check(file && ladder_init(&l, file, &test_names, false) == 0);
    ladder_done(&l);
    check(strstr(file_text(file), "nothing to draw"));
    fclose(file);
}

static void a_new_syn_of_the_same_pair_is_a_new_connection(void)
{
    FILE *file = tmpfile();
    struct ladder l;

    check(file && ladder_init(&l, file, &test_names, false) == 0);
    play(&l, 1);
    send_it(&l, 5000000000, &(struct segment){.from = 1, .flags = DECODE_SYN, .seq = 77777}, 0, 0);
    ladder_done(&l);
    check(strstr(file_text(file), "TCP connection 2: a 10.0.0.1:40000 to  10.0.0.2:80\n"));
    fclose(file);
}

static const struct test tests[] = {
    {"states and numbers of both sides are shown", shows_states_and_numbers},
    {"a long data phase is folded, and counted", long_data_is_folded},
    {"on request every segment is shown", all_shows_all},
    {"rows are as wide as was asked, and a hundred columns without", rows_are_as_wide_as_asked},
    {"a narrow arrow keeps the words that matter", narrow_arrows_keep_what_matters},
    {"colours are for who asks for them", colours_are_for_who_asks},
    {"datagrams, pings and errors are drawn", datagrams_and_pings_are_drawn},
    {"a run without any says that there is nothing to draw", an_empty_run_says_so},
    {"a new SYN of the same pair begins a new drawing",
     a_new_syn_of_the_same_pair_is_a_new_connection},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
