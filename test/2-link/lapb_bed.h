/* SPDX-License-Identifier: MIT */
/*
 * Two ends of a data link without a network: frames are written to bytes and read again, and take a
 * millisecond; which of them are lost, the test says by their number. What layer 3 gets is a number
 * a packet.
 */
#pragma once
#include <string.h>

#include "2-link/lapb.h"
#include "base/arena.h"
#include "check.h"
#include "fake_arena.h"

enum { LAPB_FLYING = 512, LAPB_TOLD = 4096, LAPB_LOST = 64, LAPB_STEPS = 200000 };

struct lapb_flying {
    nanoseconds when;
    int to;
    uint32_t length;
    uint8_t bytes[LAPB_HEADER_MOST + LAPB_REJECT_MOST + 64];
};

struct lapb_told {
    nanoseconds time;
    int from;
    struct lapb_frame frame;
    bool again, lost;
};

static struct arena *lapb_arena;
static struct packets lapb_packets;
static struct budget lapb_budget;
static struct lapb ends[2];
static struct lapb_flying flying[LAPB_FLYING];
static int flights;
static struct lapb_told told[LAPB_TOLD]; /* every frame that was sent, in order */
static int told_count;
static int lost[LAPB_LOST], lost_count; /* numbers of frames in `told` that do not arrive */
static uint32_t sent_numbers[2], got_numbers[2], got_wrong;
static int news[2][8]; /* how often each was told */
static nanoseconds now;

static void lapb_bed(const struct lapb_settings *a, const struct lapb_settings *b)
{
    const struct packet_limits limits = {4096, 16, 16};

    lapb_arena = fake_arena_fresh(lapb_arena, 64 << 20);
    check_equal(packet_pool_init(&lapb_packets, lapb_arena, &limits), 0);
    lapb_budget = (struct budget){0, 4096};
    memset(ends, 0, sizeof ends);
    memset(sent_numbers, 0, sizeof sent_numbers);
    memset(got_numbers, 0, sizeof got_numbers);
    memset(news, 0, sizeof news);
    flights = told_count = lost_count = 0;
    got_wrong = 0;
    now = 0;
    lapb_init(&ends[0], a);
    lapb_init(&ends[1], b);
}

/* A DTE and a DCE with the usual settings. */
static void lapb_bed_usual(bool extended)
{
    struct lapb_settings s;

    lapb_settings_default(&s);
    s.extended = extended;
    if (extended)
        s.k = 20;
    lapb_bed(&s, &s);
    ends[1].settings.dce = true;
}

static void lose(int number)
{
    check(lost_count < LAPB_LOST);
    lost[lost_count++] = number;
}

static bool is_lost(int number)
{
    for (int i = 0; i < lost_count; i++)
        if (lost[i] == number)
            return true;
    return false;
}

static void fly(int from, const struct lapb_out *out)
{
    struct lapb_flying *f = &flying[flights];
    struct writer w = writer_of(f->bytes, sizeof f->bytes);
    struct lapb_told *t = &told[told_count];

    check(told_count < LAPB_TOLD && flights < LAPB_FLYING);
    lapb_frame_write(&w, ends[from].settings.extended, &out->frame);
    if (out->packet)
        write_copy(&w, packet_data(out->packet), packet_length(out->packet));
    check(!w.failed);
    f->length = (uint32_t)(w.at - f->bytes);
    f->when = now + MILLISECOND;
    f->to = 1 - from;
    *t = (struct lapb_told){now, from, out->frame, out->again, is_lost(told_count)};
    told_count++;
    flights += !t->lost;
}

/* What both have to say, and their news. */
static void speak(void)
{
    struct lapb_out out;

    for (int i = 0; i < 2; i++) {
        while (lapb_next(&ends[i], &out, now))
            fly(i, &out);
        news[i][lapb_news_take(&ends[i])]++;
        check_equal(lapb_check(&ends[i]), 0);
    }
}

static void arrive(const struct lapb_flying *f)
{
    struct reader r = reader_of(f->bytes, f->length);
    struct lapb_frame frame;

    check(lapb_frame_read(&r, ends[f->to].settings.extended, &frame));
    if (lapb_receive(&ends[f->to], &frame, now)) {
        got_wrong += read_u32(&r) != got_numbers[f->to];
        got_numbers[f->to]++;
    }
}

static void lapb_run(nanoseconds until)
{
    speak();
    for (int steps = 0;; steps++) {
        nanoseconds next = time_earlier(lapb_deadline(&ends[0]), lapb_deadline(&ends[1]));

        check(steps < LAPB_STEPS);
        if (flights > 0)
            next = time_earlier(next, flying[0].when);
        if (next > until)
            break;
        now = time_later(now, next);
        if (flights > 0 && flying[0].when <= now) {
            const struct lapb_flying f = flying[0];

            flights--;
            memmove(flying, flying + 1, (size_t)flights * sizeof *flying);
            arrive(&f);
        } else {
            lapb_advance(&ends[0], now);
            lapb_advance(&ends[1], now);
        }
        speak();
    }
    now = until;
}

/* The next packet of this end. @return what lapb_send says */
static int put(int end)
{
    struct packet *p = packet_get(&lapb_packets, &lapb_budget, 4);
    int result;

    check(p);
    u32_put(packet_append(p, 4), sent_numbers[end]);
    result = lapb_send(&ends[end], p, now);
    if (result < 0)
        packet_put(p);
    else
        sent_numbers[end]++;
    speak();
    return result;
}

/* Both are up. */
static void both_up(void)
{
    lapb_connect(&ends[0], now);
    lapb_run(now + 10 * MILLISECOND);
    check(ends[0].state == LAPB_CONNECTED && ends[1].state == LAPB_CONNECTED);
}

/* Everything that was given arrived, once and in order. */
static void check_whole(void)
{
    check_equal(got_wrong, 0);
    check_equal(got_numbers[1], sent_numbers[0]);
    check_equal(got_numbers[0], sent_numbers[1]);
}

static int count_told(int from, enum lapb_kind kind)
{
    int n = 0;

    for (int i = 0; i < told_count; i++)
        n += told[i].from == from && told[i].frame.kind == kind;
    return n;
}

static void lapb_bed_done(void)
{
    for (int i = 0; i < 2; i++)
        lapb_done(&ends[i]);
    check_equal(lapb_budget.used, 0);
}
