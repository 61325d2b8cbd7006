/* SPDX-License-Identifier: MIT */
/* ladder.h: handshake, data, losses and close of a connection as people draw them. */
#include "check.h"
#include "frames.h"
#include "observe/decode.h"
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

static const char *draw(int segments, bool all)
{
    FILE *file = tmpfile();
    const char *text;
    struct ladder l;

    check(file && ladder_init(&l, file, &test_names, all) == 0);
    play(&l, segments);
    ladder_done(&l);
    text = file_text(file);
    fclose(file);
    return text;
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

static void rows_are_no_wider_than_a_hundred_columns(void)
{
    const char *line = draw(30, true);

    while (*line) {
        check(columns(line) <= 100);
        line = strchr(line, '\n') + 1;
    }
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
    {"no row is wider than a hundred columns", rows_are_no_wider_than_a_hundred_columns},
    {"a new SYN of the same pair begins a new drawing",
     a_new_syn_of_the_same_pair_is_a_new_connection},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
