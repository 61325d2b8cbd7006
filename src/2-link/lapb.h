/* SPDX-License-Identifier: MIT */
/*
 * One end of a data link of LAPB (ISO/IEC 7776; X.25 2.4), a value: frames that came and time go
 * in; what to say next, and when to be asked again, come out. It knows no wire and no Ethernet. The
 * variables have the standard's names: V(S), V(R), V(A), T1, T2, N1, N2, k.
 *
 *     lapb_connect, lapb_disconnect, lapb_send, lapb_receive, lapb_advance    what happened
 *     lapb_next          the next frame to send; asked until there is none
 *     lapb_news_take     the link came up, went down, or lost what was on its way
 *     lapb_deadline      when to call lapb_advance at the latest
 *
 * Packets wait in one queue, in the order in which they are sent: first those that were sent and
 * not acknowledged, which V(A) begins, then those that were never sent. V(S) is the number of
 * the next one to send: sending again from N(R) on is moving V(S) back.
 *
 * Lost frames are found in two ways. The receiver sees a gap in N(S), says REJ once, and the sender
 * goes back (2.4.5.6). If nothing comes after what was lost, T1 runs out: the sender asks with a
 * supervisory command that has P set and sends nothing else, until a response with F says what
 * arrived (2.4.5.9). After N2 such questions the link is down.
 *
 * As Linux's lapb does: defaults; a link is set up on demand; who asks and is asked at once answers
 * and waits for his own answer. Otherwise than Linux's: what was not acknowledged when the link is
 * set up anew is not sent again, since the peer may have taken it already: layer 3 is told, and it
 * knows what to do. A command with P is answered with DM while the link is down (2.4.4.4.1).
 */
#pragma once
#include "2-link/lapb_frame.h"
#include "base/packet.h"
#include "base/time.h"
#include "sockeye/event.h"

enum lapb_constants {
    LAPB_N1 = 1500 - 2 - LAPB_HEADER_MOST, /* bytes of information, as fit on Ethernet */
    LAPB_N2 = 20,
    LAPB_K = 7,
    LAPB_QUEUE = 64 /* packets, those on their way included */
};
#define LAPB_T1 (5 * SECOND)
#define LAPB_T2 SECOND

enum lapb_news {
    LAPB_NEWS_NONE,
    LAPB_NEWS_UP,
    LAPB_NEWS_DOWN,
    LAPB_NEWS_RESET /* down and up: what was on its way may be lost */
};

struct lapb_settings {
    nanoseconds t1; /* how long an answer may take */
    nanoseconds t2; /* how long an acknowledgement may wait for company */
    uint32_t n1;    /* bytes of information of a frame, at most */
    uint32_t n2;    /* how often a thing is asked */
    uint32_t k;     /* frames on their way, at most: 7, or 127 if extended */
    uint32_t queue; /* packets that may wait, those on their way included */
    bool extended;  /* modulo 128: SABME */
    bool dce;
    uint8_t zero[6];
};

struct lapb_counts {
    uint64_t sent, received; /* I frames, first sending and in sequence */
    uint64_t again;          /* I frames sent again */
    uint64_t rejects_out;    /* REJ */
    uint64_t rejects_in;
    uint64_t timeouts; /* T1 */
    uint64_t resets;   /* set up anew, or down, after it was up */
};

struct lapb {
    struct lapb_settings settings;
    struct packet_queue queue; /* from V(A) on */
    struct packet *next;       /* V(S)'s; NULL: none is left to send */
    nanoseconds t1, t2;        /* when they run out; NEVER: they do not run */
    struct lapb_frame owed;    /* what is to be said at once */
    struct lapb_reject reject; /* while REJECTED, and to say it again */
    struct lapb_counts counts;
    uint32_t state;       /* enum lapb_state */
    uint32_t news;        /* enum lapb_news */
    uint32_t tries;       /* of N2 */
    uint32_t outstanding; /* frames from V(A) on that were ever sent */
    uint32_t flight;      /* V(S) - V(A) */
    uint8_t va, vr;
    bool owes;
    bool peer_busy, busy; /* RNR came; we said it */
    bool rejecting;       /* a REJ is out, and the frame it asks for has not come */
    bool recovering;      /* 2.4.5.9: the answer with F is waited for */
    bool ack_pending;
    bool missed;      /* a frame was refused while busy */
    bool after_timer; /* what is sent again is since T1 ran out */
    uint8_t zero[6];
};

/* What is to be sent. */
struct lapb_out {
    struct lapb_frame frame;
    const struct packet *packet; /* whose bytes are its information; NULL: it has none */
    bool again;                  /* it was sent before */
    bool after_timer;            /* and is, since T1 ran out; else since REJ came */
};

void lapb_settings_default(struct lapb_settings *s);
/* false: a number that no link can have */
bool lapb_settings_are_sound(const struct lapb_settings *s);

/* In zeroed memory. */
void lapb_init(struct lapb *l, const struct lapb_settings *settings);
void lapb_done(struct lapb *l); /* gives back what waits */
/* Begins to set up the link, if it is down. */
void lapb_connect(struct lapb *l, nanoseconds now);
void lapb_disconnect(struct lapb *l, nanoseconds now);
/* Takes the packet. @return 0; -ENOTCONN -ENOBUFS -EMSGSIZE: it is still the caller's */
int lapb_send(struct lapb *l, struct packet *p, nanoseconds now);
/* @return true: its information is the next packet for layer 3 */
bool lapb_receive(struct lapb *l, const struct lapb_frame *f, nanoseconds now);
/* No room for what comes (RNR), or there is again. */
void lapb_busy_set(struct lapb *l, bool busy, nanoseconds now);
void lapb_advance(struct lapb *l, nanoseconds now);
nanoseconds lapb_deadline(const struct lapb *l);
bool lapb_next(struct lapb *l, struct lapb_out *out, nanoseconds now); /* false: there is none */
enum lapb_news lapb_news_take(struct lapb *l);
int lapb_check(const struct lapb *l); /* 0, or the line of a broken invariant */
