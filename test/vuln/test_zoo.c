/* SPDX-License-Identifier: MIT */
/*
 * T-13, the zoo of flags: each of the 512 combinations of the nine flags, in each of the eleven
 * states, at five sequence numbers and three acknowledgment numbers: 84,480 segments, each at a
 * connection of its own. PSH brings a byte of text with it. What must come of it is said by a model
 * that knows nothing of ours: RFC 9293 3.10.7 read aloud, with RFC 5961 3 to 5, and these choices
 * that the RFCs leave or that we share with Linux:
 *
 *   - SEQ at the right edge itself is looked at, though text and FIN there are refused;
 *   - a RST right of the window, or at its edge, is dropped without a word (RFC 5961 3.2);
 *   - SYN with FIN opens nothing; TIME-WAIT ends for a newer SYN alone, never for a RST (RFC 1337);
 *   - text after the peer's FIN is answered with an ACK.
 */
#include "vuln_bed.h"

enum zoo_state {
    CLOSED,
    LISTEN,
    SYN_SENT,
    SYN_RECEIVED,
    ESTABLISHED,
    FIN_WAIT_1,
    FIN_WAIT_2,
    CLOSE_WAIT,
    CLOSING,
    LAST_ACK,
    TIME_WAIT,
    STATES
};

enum { OUT_LEFT, LEFT, INSIDE, RIGHT, OUT_RIGHT, PLACES };
enum { OLD, OK, FUTURE, ACKS };
enum answer { SILENCE, AN_ACK, A_RST_AT_ACK, A_RST_ACK, A_SYN_ACK, MAYBE_ACK };

/* What a segment leads to. */
struct outcome {
    enum zoo_state state;
    enum answer answer;
    bool text; /* the byte was taken, in order */
};

/* ---- the model ---- */

static struct outcome closed_model(unsigned flags)
{
    if (flags & RST)
        return (struct outcome){CLOSED, SILENCE, false};
    return (struct outcome){CLOSED, flags & ACK ? A_RST_AT_ACK : A_RST_ACK, false};
}

static struct outcome listen_model(unsigned flags)
{
    if (flags & RST)
        return (struct outcome){LISTEN, SILENCE, false};
    if (flags & ACK)
        return (struct outcome){LISTEN, A_RST_AT_ACK, false};
    if ((flags & SYN) && !(flags & FIN))
        return (struct outcome){SYN_RECEIVED, A_SYN_ACK, false};
    return (struct outcome){LISTEN, SILENCE, false};
}

static struct outcome syn_sent_model(unsigned flags, int ack)
{
    if ((flags & ACK) && ack != OK)
        return (struct outcome){SYN_SENT, flags & RST ? SILENCE : A_RST_AT_ACK, false};
    if (flags & RST)
        return (struct outcome){flags & ACK ? CLOSED : SYN_SENT, SILENCE, false};
    if (!(flags & SYN))
        return (struct outcome){SYN_SENT, SILENCE, false};
    if (!(flags & ACK))
        return (struct outcome){SYN_RECEIVED, A_SYN_ACK, false};
    return (struct outcome){flags & FIN ? CLOSE_WAIT : ESTABLISHED, AN_ACK, (flags & PSH) != 0};
}

static bool peer_has_finished(enum zoo_state s)
{
    return s == CLOSE_WAIT || s == CLOSING || s == LAST_ACK || s == TIME_WAIT;
}

/* Fifth to eighth. */
static struct outcome accepted_model(enum zoo_state state, unsigned flags, int place, int ack)
{
    struct outcome o = {state, SILENCE, false};

    if (state == SYN_RECEIVED) {
        if (ack != OK)
            return (struct outcome){SYN_RECEIVED, A_RST_AT_ACK, false};
        o.state = ESTABLISHED;
    } else if (ack == FUTURE) {
        o.answer = AN_ACK;
        return o;
    }
    if (ack == OK && state == FIN_WAIT_1)
        o.state = FIN_WAIT_2;
    if (ack == OK && state == CLOSING)
        o.state = TIME_WAIT;
    if (ack == OK && state == LAST_ACK)
        return (struct outcome){CLOSED, SILENCE, false};
    if (peer_has_finished(state)) {
        if (flags & (PSH | FIN))
            o.answer = AN_ACK;
        return o;
    }
    if (flags & PSH) {
        o.text = place == LEFT;
        o.answer = o.text ? MAYBE_ACK : AN_ACK;
    }
    if (flags & FIN) {
        o.answer = AN_ACK;
        if (place == LEFT && (state == ESTABLISHED || state == SYN_RECEIVED))
            o.answer = MAYBE_ACK; /* it may wait as any ACK may */
        if (place == LEFT)
            o.state = o.state == FIN_WAIT_1   ? CLOSING
                      : o.state == FIN_WAIT_2 ? TIME_WAIT
                                              : CLOSE_WAIT;
    }
    return o;
}

/* The eight checks of 3.10.7.4. */
static struct outcome model(enum zoo_state state, unsigned flags, int place, int ack)
{
    if (state == CLOSED)
        return closed_model(flags);
    if (state == LISTEN)
        return listen_model(flags);
    if (state == SYN_SENT)
        return syn_sent_model(flags, ack);
    if (state == TIME_WAIT && (flags & (SYN | ACK | RST | FIN)) == SYN && place > LEFT)
        return (struct outcome){SYN_RECEIVED, A_SYN_ACK, false};
    if (place == OUT_LEFT || place == OUT_RIGHT)
        return (struct outcome){state, flags & RST ? SILENCE : AN_ACK, false};
    if (flags & RST) {
        if (place == LEFT && state != TIME_WAIT)
            return (struct outcome){state == SYN_RECEIVED ? LISTEN : CLOSED, SILENCE, false};
        return (struct outcome){state, place == INSIDE ? AN_ACK : SILENCE, false};
    }
    if (flags & SYN)
        return (struct outcome){state, AN_ACK, false};
    if (!(flags & ACK))
        return (struct outcome){state, SILENCE, false};
    return accepted_model(state, flags, place, ack);
}

/* ---- the zoo ---- */

static int listener;
static enum zoo_state current; /* of the connection of the case, by its events */
static uint32_t port;          /* of the case */
static int closed_port;

static const enum zoo_state state_of[TCP_STATE_COUNT] = {
    [TCP_STATE_ESTABLISHED] = ESTABLISHED,
    [TCP_STATE_SYN_SENT] = SYN_SENT,
    [TCP_STATE_SYN_RECEIVED] = SYN_RECEIVED,
    [TCP_STATE_FIN_WAIT_1] = FIN_WAIT_1,
    [TCP_STATE_FIN_WAIT_2] = FIN_WAIT_2,
    [TCP_STATE_TIME_WAIT] = TIME_WAIT,
    [TCP_STATE_CLOSED] = CLOSED,
    [TCP_STATE_CLOSE_WAIT] = CLOSE_WAIT,
    [TCP_STATE_LAST_ACK] = LAST_ACK,
    [TCP_STATE_LISTEN] = LISTEN,
    [TCP_STATE_CLOSING] = CLOSING,
};

static void see_state(void *context, const struct sockeye_event *event)
{
    (void)context;
    if (event->kind == EVENT_TCP_STATE && event->host == VICTIM &&
        event->tcp_state.flow.remote.port == port)
        current = state_of[event->tcp_state.to];
}

/* An active open of the victim to `port`, up to its SYN. */
static void bring_to_syn_sent(struct peer *p)
{
    struct sockaddr_in name = bed_name(ATTACKER_IP, (int)p->port);

    p->fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0);
    check(p->fd >= 0);
    check_equal(sockeye_connect(bed.lab, VICTIM, p->fd, &name, sizeof name), -EINPROGRESS);
    bed_advance(10000);
    check(bed_take_protocol(6) && seen.flags == SYN);
    p->to = seen.from;
    p->ack = seen.seq + 1;
    p->edge = p->seq + seen.window;
}

static void shut(const struct peer *p)
{
    check_equal(sockeye_shutdown(bed.lab, VICTIM, p->fd, SHUT_WR), 0);
    bed_advance(10000);
}

static void bring_to(struct peer *p, enum zoo_state state)
{
    p->fd = -1;
    p->to = PORT;
    p->window = 60000;
    p->edge = p->seq + 1000;
    p->ack = 5000;
    current = state;
    if (state == CLOSED)
        p->to = (uint32_t)closed_port;
    if (state == CLOSED || state == LISTEN)
        return;
    if (state == SYN_SENT) {
        bring_to_syn_sent(p);
        return;
    }
    if (state == SYN_RECEIVED) {
        peer_half_open(p, NULL, 0);
        return;
    }
    peer_open(p, listener);
    if (state == CLOSE_WAIT || state == LAST_ACK)
        peer_send(p, FIN | ACK, NULL, 0);
    if (state != ESTABLISHED && state != CLOSE_WAIT)
        shut(p);
    if (state == FIN_WAIT_2 || state == TIME_WAIT) {
        p->ack++;
        peer_send(p, ACK, NULL, 0);
        p->ack--;
    }
    if (state == CLOSING || state == TIME_WAIT)
        peer_send(p, FIN | ACK, NULL, 0);
    while (peer_take(p))
        ;
    check_equal(current, state);
}

/* What the victim said. */
static enum answer answer_of(const struct peer *p, const struct tcp_spec *s, uint32_t length)
{
    enum answer answer;

    if (!bed_take_protocol(6))
        return SILENCE;
    check(seen.to == p->port && seen.from == p->to && seen.text_bytes == 0);
    if (seen.flags == ACK)
        answer = AN_ACK;
    else if (seen.flags == (SYN | ACK))
        answer = A_SYN_ACK;
    else if (seen.flags == RST)
        answer = A_RST_AT_ACK;
    else
        answer = A_RST_ACK;
    if (answer == A_RST_AT_ACK)
        check_equal(seen.seq, s->ack);
    if (answer == A_RST_ACK)
        check(seen.flags == (RST | ACK) && seen.seq == 0 && seen.ack == s->seq + length);
    if (answer == A_SYN_ACK)
        check_equal(seen.ack, s->seq + 1);
    return answer;
}

static void complain(enum zoo_state state, unsigned flags, int place, int ack, struct outcome got,
                     struct outcome want)
{
    printf("# state %d flags 0x%x place %d ack %d: state %d, answer %d, text %d; not %d, %d, %d\n",
           state, flags, place, ack, got.state, got.answer, got.text, want.state, want.answer,
           want.text);
}

/* A half-open connection goes without a word: its listener answers for it. */
static bool is_forgotten(struct peer *p)
{
    peer_send(p, ACK, NULL, 0);
    return bed_take_protocol(6) && seen.flags == RST && seen.seq == p->ack;
}

/* One animal. @return it did what the model says */
static bool one(enum zoo_state state, unsigned flags, int place, int ack)
{
    struct peer p = {.port = port, .seq = 0x10000000 + 977 * port};
    struct outcome want, got;
    struct tcp_spec s;
    uint32_t length;
    uint8_t byte;

    bring_to(&p, state);
    s = peer_segment(&p, flags);
    s.ack = p.ack - (ack == OLD) + (ack == FUTURE);
    s.seq = (uint32_t[]){p.seq - 1000, p.seq, p.seq + 100, p.edge, p.edge + 1000}[place];
    s.text = "x";
    s.length = flags & PSH ? 1 : 0;
    length = (uint32_t)s.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    bed_inject_tcp(&s);
    bed_advance(10000);
    want = model(state, flags, place, ack);
    got.answer = answer_of(&p, &s, length);
    got.state = current;
    if (want.state == LISTEN && state == SYN_RECEIVED && is_forgotten(&p))
        got.state = LISTEN;
    if (p.fd < 0)
        p.fd = bed_accept(listener);
    got.text = p.fd >= 0 && sockeye_receive(bed.lab, VICTIM, p.fd, &byte, 1, 0) == 1;
    if (want.answer == MAYBE_ACK && (got.answer == AN_ACK || got.answer == SILENCE))
        want.answer = got.answer;
    if (got.answer != want.answer || got.state != want.state || got.text != want.text ||
        bed_flush() != 0) {
        complain(state, flags, place, ack, got, want);
        return false;
    }
    return true;
}

/* Nothing of a case stays for the next: the lab is made anew, now and then. */
static void begin(void)
{
    bed_open(SOCKEYE_DOOR_IP);
    bed_set("net.ipv4.tcp_orphan_retries", "1");
    listener = bed_listener(PORT, 64);
    closed_port = 81;
    check(sockeye_observe(bed.lab, EVENT_EVERYTHING, see_state, NULL, NULL) >= 0);
    bed_flush();
}

static void zoo(enum zoo_state state)
{
    int wrong = 0, in_bed = 0;

    begin();
    for (unsigned flags = 0; flags < 512; flags++)
        for (int place = 0; place < PLACES; place++)
            for (int ack = 0; ack < ACKS; ack++) {
                port = 1024 + (uint32_t)in_bed;
                wrong += !one(state, flags, place, ack);
                if (++in_bed % 100 == 0)
                    bed_friend_talks();
                if (in_bed < 300)
                    continue;
                begin();
                in_bed = 0;
            }
    check_equal(wrong, 0);
}

#define ZOO(name, state)                                                                           \
    static void name(void)                                                                         \
    {                                                                                              \
        zoo(state);                                                                                \
    }
ZOO(in_closed, CLOSED)
ZOO(in_listen, LISTEN)
ZOO(in_syn_sent, SYN_SENT)
ZOO(in_syn_received, SYN_RECEIVED)
ZOO(in_established, ESTABLISHED)
ZOO(in_fin_wait_1, FIN_WAIT_1)
ZOO(in_fin_wait_2, FIN_WAIT_2)
ZOO(in_close_wait, CLOSE_WAIT)
ZOO(in_closing, CLOSING)
ZOO(in_last_ack, LAST_ACK)
ZOO(in_time_wait, TIME_WAIT)

static const struct test tests[] = {
    {"T-13 all flags, places and acknowledgments in CLOSED", in_closed},
    {"T-13 all flags, places and acknowledgments in LISTEN", in_listen},
    {"T-13 all flags, places and acknowledgments in SYN-SENT", in_syn_sent},
    {"T-13 all flags, places and acknowledgments in SYN-RECEIVED", in_syn_received},
    {"T-13 all flags, places and acknowledgments in ESTABLISHED", in_established},
    {"T-13 all flags, places and acknowledgments in FIN-WAIT-1", in_fin_wait_1},
    {"T-13 all flags, places and acknowledgments in FIN-WAIT-2", in_fin_wait_2},
    {"T-13 all flags, places and acknowledgments in CLOSE-WAIT", in_close_wait},
    {"T-13 all flags, places and acknowledgments in CLOSING", in_closing},
    {"T-13 all flags, places and acknowledgments in LAST-ACK", in_last_ack},
    {"T-13 all flags, places and acknowledgments in TIME-WAIT", in_time_wait},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
