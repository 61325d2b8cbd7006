/* SPDX-License-Identifier: MIT */
/* The procedures of LAPB: set up, gaps, T1, busy, rejection, with any one frame lost. */
#include "2-link/lapb.h"

#include <errno.h>

#include "2-link/lapb_bed.h"

static void link_comes_up_and_goes_down(void)
{
    for (int extended = 0; extended < 2; extended++) {
        lapb_bed_usual(extended);
        both_up();
        check_equal(told[0].frame.kind, extended ? LAPB_SABME : LAPB_SABM);
        check_equal(told[0].frame.address, LAPB_ADDRESS_B);
        check(told[0].frame.poll);
        check_equal(told[1].frame.kind, LAPB_UA);
        check_equal(told[1].frame.address, LAPB_ADDRESS_B);
        check_equal(told_count, 2);
        check_equal(news[0][LAPB_NEWS_UP], 1);
        check_equal(news[1][LAPB_NEWS_UP], 1);
        lapb_disconnect(&ends[1], now);
        lapb_run(now + SECOND);
        check_equal(told[2].frame.kind, LAPB_DISC);
        check_equal(told[2].frame.address, LAPB_ADDRESS_A);
        check_equal(told[3].frame.kind, LAPB_UA);
        check_equal(told[3].frame.address, LAPB_ADDRESS_A);
        check_equal(told_count, 4);
        check(ends[0].state == LAPB_DISCONNECTED && ends[1].state == LAPB_DISCONNECTED);
        check_equal(news[0][LAPB_NEWS_DOWN], 1);
        check_equal(news[1][LAPB_NEWS_DOWN], 1);
        check_equal(lapb_deadline(&ends[0]), NEVER);
        lapb_bed_done();
    }
}

static void both_ask_at_once(void)
{
    lapb_bed_usual(false);
    lapb_connect(&ends[0], now);
    lapb_connect(&ends[1], now);
    lapb_run(10 * MILLISECOND);
    check(ends[0].state == LAPB_CONNECTED && ends[1].state == LAPB_CONNECTED);
    check_equal(told_count, 4);
    check_equal(ends[0].counts.resets + ends[1].counts.resets, 0);
    check_equal(put(0), 0);
    check_equal(put(1), 0);
    lapb_run(10 * SECOND);
    check_whole();
    lapb_bed_done();
}

/* Packets both ways, with whatever the test loses, and all of them arrive. */
static void talk(int packets)
{
    for (int i = 0; i < packets; i++) {
        check_equal(put(0), 0);
        check_equal(put(1), 0);
        lapb_run(now + (i % 3 ? 0 : 3 * MILLISECOND));
    }
    lapb_run(now + 200 * SECOND);
}

static void any_one_frame_may_be_lost(void)
{
    for (int extended = 0; extended < 2; extended++)
        for (int number = 0; number < 40; number++) {
            lapb_bed_usual(extended);
            lose(number);
            lapb_connect(&ends[0], now);
            lapb_run(10 * SECOND);
            check(ends[0].state == LAPB_CONNECTED && ends[1].state == LAPB_CONNECTED);
            news[0][LAPB_NEWS_RESET] = news[1][LAPB_NEWS_RESET] = 0;
            talk(30);
            check_whole();
            check_equal(news[0][LAPB_NEWS_DOWN] + news[0][LAPB_NEWS_RESET], 0);
            check_equal(ends[0].queue.packets + ends[1].queue.packets, 0);
            lapb_bed_done();
        }
}

static void any_two_frames_may_be_lost(void)
{
    for (int first = 2; first < 30; first++)
        for (int second = first + 1; second < 34; second++) {
            lapb_bed_usual(false);
            both_up();
            lose(first);
            lose(second);
            talk(12);
            check_whole();
            lapb_bed_done();
        }
}

static void gap_is_rejected_once(void)
{
    lapb_bed_usual(false);
    both_up();
    lose(3); /* the second of five */
    for (int i = 0; i < 5; i++)
        check_equal(put(0), 0);
    lapb_run(now + 100 * MILLISECOND);
    check_whole();
    check_equal(count_told(1, LAPB_REJ), 1);
    check_equal(ends[1].counts.rejects_out, 1);
    check_equal(ends[0].counts.rejects_in, 1);
    check_equal(ends[0].counts.again, 4); /* it and what was behind it */
    check_equal(ends[0].counts.timeouts, 0);
    for (int i = 0; i < told_count; i++)
        if (told[i].frame.kind == LAPB_REJ) {
            check_equal(told[i].frame.nr, 1);
            check(!told[i].frame.poll);
        }
    lapb_bed_done();
}

/* X.25 2.4.5.9: nothing comes behind it, so T1 asks, and the answer says what is missing. */
static void lost_tail_is_asked_for(void)
{
    lapb_bed_usual(false);
    both_up();
    lose(2);
    check_equal(put(0), 0);
    lapb_run(now + 6 * SECOND);
    check_whole();
    check_equal(told[3].frame.kind, LAPB_RR);
    check(told[3].frame.poll && told[3].frame.address == LAPB_ADDRESS_B);
    check_equal(told[3].time - told[2].time, LAPB_T1);
    check_equal(told[4].frame.kind, LAPB_RR);
    check(told[4].frame.poll && told[4].frame.address == LAPB_ADDRESS_B);
    check_equal(told[5].frame.kind, LAPB_I);
    check(told[5].again);
    lapb_bed_done();
}

static void silent_peer_is_given_up_after_n2(void)
{
    lapb_bed_usual(false);
    lapb_connect(&ends[0], now);
    for (int i = 0; i <= LAPB_N2; i++)
        lose(i);
    lapb_run(LAPB_T1 * (LAPB_N2 + 1));
    check_equal(count_told(0, LAPB_SABM), LAPB_N2 + 1);
    check_equal(ends[0].state, LAPB_DISCONNECTED);
    check_equal(news[0][LAPB_NEWS_DOWN], 1);
    check_equal(lapb_deadline(&ends[0]), NEVER);
    lapb_bed_done();
}

static void up_link_goes_down_after_n2_questions(void)
{
    lapb_bed_usual(false);
    both_up();
    for (int i = 0; i <= LAPB_N2; i++)
        lose(2 + i);
    check_equal(put(0), 0);
    lapb_run(now + LAPB_T1 * (LAPB_N2 + 2));
    check_equal(ends[0].state, LAPB_DISCONNECTED);
    check_equal(news[0][LAPB_NEWS_DOWN], 1);
    check_equal(ends[0].queue.packets, 0);
    lapb_bed_done();
}

static void acknowledgement_waits_t2_for_company(void)
{
    lapb_bed_usual(false);
    both_up();
    check_equal(put(0), 0);
    lapb_run(now + 3 * SECOND);
    check_equal(told_count, 4);
    check_equal(told[3].frame.kind, LAPB_RR);
    check_equal(told[3].time - told[2].time, LAPB_T2 + MILLISECOND);
    check_equal(put(1), 0);
    lapb_run(now + MILLISECOND);
    check_equal(put(0), 0); /* takes the acknowledgement along */
    lapb_run(now + 3 * SECOND);
    check_equal(count_told(0, LAPB_RR), 0);
    lapb_bed_done();
}

static void window_holds_k_frames(void)
{
    for (int extended = 0; extended < 2; extended++) {
        const uint32_t k = extended ? 20 : 7;

        lapb_bed_usual(extended);
        both_up();
        for (int i = 0; i < 30; i++)
            check_equal(put(0), 0);
        check_equal(ends[0].outstanding, k);
        check_equal(count_told(0, LAPB_I), k);
        lapb_run(now + 20 * SECOND);
        check_whole();
        lapb_bed_done();
    }
}

static void numbers_wrap(void)
{
    for (int extended = 0; extended < 2; extended++) {
        lapb_bed_usual(extended);
        both_up();
        for (int i = 0; i < 300; i++) {
            check_equal(put(0), 0);
            check_equal(put(1), 0);
            if (i % 41 == 0)
                lose(told_count);
            lapb_run(now + 30 * MILLISECOND);
        }
        lapb_run(now + 100 * SECOND);
        check_whole();
        lapb_bed_done();
    }
}

static void queue_has_a_limit(void)
{
    lapb_bed_usual(false);
    check_equal(put(0), -ENOTCONN);
    both_up();
    for (int i = 0; i < LAPB_QUEUE; i++)
        check_equal(put(0), 0);
    check_equal(put(0), -ENOBUFS);
    lapb_run(now + 100 * SECOND);
    check_whole();
    lapb_bed_done();
}

static void busy_peer_gets_nothing_and_is_asked(void)
{
    lapb_bed_usual(false);
    both_up();
    lapb_busy_set(&ends[1], true, now);
    lapb_run(now + 10 * MILLISECOND);
    check(ends[0].peer_busy);
    check_equal(put(0), 0);
    lapb_run(now + 12 * SECOND);
    check_equal(count_told(0, LAPB_I), 0);
    check_equal(count_told(0, LAPB_RR), 2); /* at T1, and T1 after the answer */
    check_equal(count_told(1, LAPB_RNR), 3);
    lapb_busy_set(&ends[1], false, now);
    lapb_run(now + 10 * SECOND);
    check_whole();
    lapb_bed_done();
}

static void what_a_busy_end_refused_is_asked_for(void)
{
    lapb_bed_usual(false);
    both_up();
    check_equal(put(0), 0);
    lapb_busy_set(&ends[1], true, now); /* while it is under way */
    lapb_run(now + 10 * MILLISECOND);
    check_equal(got_numbers[1], 0);
    lapb_busy_set(&ends[1], false, now);
    lapb_run(now + 10 * MILLISECOND);
    check_equal(count_told(1, LAPB_REJ), 1);
    check_whole();
    lapb_bed_done();
}

static void lost_end_of_busy_is_found_by_asking(void)
{
    lapb_bed_usual(false);
    both_up();
    lapb_busy_set(&ends[1], true, now);
    lapb_run(now + 10 * MILLISECOND);
    lose(told_count);
    lapb_busy_set(&ends[1], false, now);
    lapb_run(now + 10 * MILLISECOND);
    check_equal(put(0), 0);
    lapb_run(now + 10 * SECOND);
    check_whole();
    lapb_bed_done();
}

static void frame_to(int end, uint8_t address, enum lapb_kind kind, bool poll, uint32_t bytes)
{
    struct lapb_frame f = {.address = address,
                           .kind = (uint8_t)kind,
                           .poll = poll,
                           .header_bytes = 2,
                           .information_bytes = bytes};

    (void)lapb_receive(&ends[end], &f, now);
    speak();
}

/* X.25 2.4.6.1, 2.4.7: what is wrong, why, and that the peer sets up the link anew. */
static void wrong_frames_are_rejected(void)
{
    static const struct {
        struct lapb_frame frame;
        uint8_t reasons;
    } cases[] = {
        {{.kind = LAPB_UNDEFINED, .control = {0x33}}, LAPB_REASON_CONTROL},
        {{.kind = LAPB_RR, .nr = 3, .control = {0x61}}, LAPB_REASON_NR},
        {{.kind = LAPB_REJ, .nr = 7, .control = {0xe9}}, LAPB_REASON_NR},
        {{.kind = LAPB_I, .nr = 1, .control = {0x20}}, LAPB_REASON_NR},
        {{.kind = LAPB_I, .information_bytes = LAPB_N1 + 1}, LAPB_REASON_LENGTH},
        {{.kind = LAPB_RR, .information_bytes = 1, .control = {0x01}},
         LAPB_REASON_INFORMATION | LAPB_REASON_CONTROL},
        {{.kind = LAPB_SABM, .information_bytes = 1, .control = {0x2f}},
         LAPB_REASON_INFORMATION | LAPB_REASON_CONTROL},
        {{.kind = LAPB_FRMR, .information_bytes = 4, .control = {0x87}},
         LAPB_REASON_INFORMATION | LAPB_REASON_CONTROL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lapb_frame f = cases[i].frame;

        lapb_bed_usual(false);
        both_up();
        f.address = LAPB_ADDRESS_B;
        check(!lapb_receive(&ends[1], &f, now));
        speak();
        check_equal(ends[1].state, LAPB_REJECTED);
        check_equal(news[1][LAPB_NEWS_DOWN], 1);
        check_equal(told[2].frame.kind, LAPB_FRMR);
        check_equal(told[2].frame.reject.reasons, cases[i].reasons);
        check_equal(told[2].frame.reject.control[0], f.control[0]);
        lapb_run(now + SECOND);
        check(ends[0].state == LAPB_CONNECTED && ends[1].state == LAPB_CONNECTED);
        check_equal(news[1][LAPB_NEWS_UP], 2);
        check_equal(news[0][LAPB_NEWS_UP], 2);
        check_equal(put(0), 0);
        lapb_run(now + SECOND);
        check_whole();
        lapb_bed_done();
    }
}

static void unanswered_rejection_is_said_n2_times(void)
{
    lapb_bed_usual(false);
    both_up();
    for (int i = 0; i < LAPB_N2 + 2; i++)
        lose(2 + i);
    frame_to(1, LAPB_ADDRESS_B, LAPB_UNDEFINED, false, 0);
    lapb_run(now + LAPB_T1 * (LAPB_N2 + 2));
    check_equal(count_told(1, LAPB_FRMR), LAPB_N2 + 1);
    check_equal(ends[1].state, LAPB_DISCONNECTED);
    lapb_bed_done();
}

/* P-18: SABM in every state, and what each state says to the frames of others. */
static void setup_in_every_state(void)
{
    static const struct {
        enum lapb_state state;
        enum lapb_kind answer;
        enum lapb_state then;
    } cases[] = {
        {LAPB_DISCONNECTED, LAPB_UA, LAPB_CONNECTED}, {LAPB_SETUP, LAPB_UA, LAPB_SETUP},
        {LAPB_RELEASE, LAPB_DM, LAPB_RELEASE},        {LAPB_CONNECTED, LAPB_UA, LAPB_CONNECTED},
        {LAPB_REJECTED, LAPB_UA, LAPB_CONNECTED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int before;

        lapb_bed_usual(false);
        lose(3);
        if (cases[i].state == LAPB_SETUP)
            lapb_connect(&ends[1], now);
        else if (cases[i].state != LAPB_DISCONNECTED)
            both_up();
        if (cases[i].state == LAPB_RELEASE)
            lapb_disconnect(&ends[1], now);
        if (cases[i].state == LAPB_REJECTED)
            frame_to(1, LAPB_ADDRESS_B, LAPB_UNDEFINED, false, 0);
        speak();
        check_equal(ends[1].state, cases[i].state);
        before = told_count;
        frame_to(1, LAPB_ADDRESS_B, LAPB_SABM, true, 0);
        check_equal(told[before].frame.kind, cases[i].answer);
        check(told[before].frame.poll);
        check_equal(ends[1].state, cases[i].then);
        before = told_count;
        frame_to(1, LAPB_ADDRESS_B, LAPB_SABME, true, 0); /* of the other modulo */
        check_equal(told[before].frame.kind, LAPB_DM);
        check_equal(ends[1].state, cases[i].then);
        lapb_bed_done();
    }
}

static void setup_of_an_up_link_loses_what_waits(void)
{
    lapb_bed_usual(false);
    both_up();
    check_equal(put(1), 0);
    frame_to(1, LAPB_ADDRESS_B, LAPB_SABM, true, 0);
    check_equal(news[1][LAPB_NEWS_RESET], 1);
    check_equal(ends[1].queue.packets, 0);
    check_equal(ends[1].counts.resets, 1);
    lapb_bed_done();
}

static void down_link_answers_questions_with_dm(void)
{
    static const struct {
        enum lapb_kind kind;
        uint8_t address;
        bool poll;
        int answer; /* -1: none */
    } cases[] = {
        {LAPB_DISC, LAPB_ADDRESS_B, true, LAPB_UA}, {LAPB_RR, LAPB_ADDRESS_B, true, LAPB_DM},
        {LAPB_I, LAPB_ADDRESS_B, true, LAPB_DM},    {LAPB_UNDEFINED, LAPB_ADDRESS_B, true, LAPB_DM},
        {LAPB_RR, LAPB_ADDRESS_B, false, -1},       {LAPB_RR, LAPB_ADDRESS_A, true, -1},
        {LAPB_UA, LAPB_ADDRESS_A, true, -1},        {LAPB_DM, LAPB_ADDRESS_A, true, -1},
        {LAPB_FRMR, LAPB_ADDRESS_A, true, -1},      {LAPB_SABM, 0x07, true, -1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lapb_bed_usual(false);
        frame_to(1, cases[i].address, cases[i].kind, cases[i].poll, 0);
        check_equal(ends[1].state, LAPB_DISCONNECTED);
        check_equal(told_count, cases[i].answer >= 0);
        if (cases[i].answer >= 0)
            check_equal(told[0].frame.kind, cases[i].answer);
        lapb_bed_done();
    }
}

static void refused_setup_is_told(void)
{
    lapb_bed_usual(false);
    ends[1].settings.extended = true; /* the other modulo */
    ends[1].settings.k = 7;
    lapb_connect(&ends[0], now);
    lapb_run(SECOND);
    check_equal(told[1].frame.kind, LAPB_DM);
    check_equal(ends[0].state, LAPB_DISCONNECTED);
    check_equal(news[0][LAPB_NEWS_DOWN], 1);
    lapb_bed_done();
}

static void settings_are_checked(void)
{
    struct lapb_settings s;

    lapb_settings_default(&s);
    check(lapb_settings_are_sound(&s));
    s.k = 8;
    check(!lapb_settings_are_sound(&s));
    s.extended = true;
    check(lapb_settings_are_sound(&s));
    s.k = 128;
    check(!lapb_settings_are_sound(&s));
    s.k = 0;
    check(!lapb_settings_are_sound(&s));
    lapb_settings_default(&s);
    s.n1 = LAPB_N1 + 1;
    check(!lapb_settings_are_sound(&s));
}

static const struct test tests[] = {
    {"a link comes up by SABM and UA, and goes down by DISC and UA", link_comes_up_and_goes_down},
    {"both ends may ask at once", both_ask_at_once},
    {"any one frame may be lost", any_one_frame_may_be_lost},
    {"any two frames may be lost", any_two_frames_may_be_lost},
    {"a gap is rejected once, and all behind it sent again", gap_is_rejected_once},
    {"a lost last frame is found by T1, a question and its answer", lost_tail_is_asked_for},
    {"a silent peer is given up after N2 more SABM", silent_peer_is_given_up_after_n2},
    {"a link is down after N2 questions without answer", up_link_goes_down_after_n2_questions},
    {"an acknowledgement waits for T2 or the next frame", acknowledgement_waits_t2_for_company},
    {"no more than k frames are on their way", window_holds_k_frames},
    {"numbers wrap", numbers_wrap},
    {"the queue has a limit, and needs a link that is up", queue_has_a_limit},
    {"a busy peer gets no frames, and is asked", busy_peer_gets_nothing_and_is_asked},
    {"what came while busy is asked for afterwards", what_a_busy_end_refused_is_asked_for},
    {"a lost end of busy is found by asking", lost_end_of_busy_is_found_by_asking},
    {"wrong frames are rejected with their reason (P-18)", wrong_frames_are_rejected},
    {"a FRMR is said N2 times more", unanswered_rejection_is_said_n2_times},
    {"SABM has its answer in every state (P-18)", setup_in_every_state},
    {"a link set up anew loses what waits, and says so", setup_of_an_up_link_loses_what_waits},
    {"a link that is down answers questions alone", down_link_answers_questions_with_dm},
    {"a refused setup is told", refused_setup_is_told},
    {"settings are checked", settings_are_checked},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
