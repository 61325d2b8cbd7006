/* SPDX-License-Identifier: MIT */
/*
 * X.25 between two hosts by the one door: calls, records, interrupts, resets and clears, over LAPB
 * on a wire that loses frames and over XOT: a thousand calls, ten megabytes; recorded, replayed,
 * and saved in the middle.
 */
#include <linux/sockios.h>
#include <linux/x25.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pair.h"

enum { MOST_RECORD = 65535, MOST_BYTES = 1 << 30, CALLS = 1000 };
enum line { LAPB, LAPB_128, XOT, LINES };

static uint8_t bytes[MOST_RECORD + 1], got[MOST_RECORD + 1];
static uint64_t chance;
static int frames_lost;

static uint32_t draw(uint32_t below)
{
    chance = chance * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(chance >> 33) % below;
}

/* ---- the lab ---- */

static void lines(enum line line)
{
    const struct sockeye_x25_config config = {
        .frames_128 = line == LAPB_128, .packets_128 = line == LAPB_128, .t1_ns = SECOND};

    for (int host = A; host <= B && line != XOT; host++) {
        check_equal(sockeye_x25_lapb(lab, host, interfaces[host], &config), 0);
        check_equal(sockeye_x25_route(lab, host, "", interfaces[host], NULL, 0), 0);
    }
    if (line == XOT) {
        check_equal(sockeye_x25_xot(lab, B), 0);
        check_equal(sockeye_x25_route(lab, A, "", 0, "10.0.0.2", 0), 0);
    }
}

static void count_lost(void *context, const struct sockeye_event *event)
{
    (void)context;
    frames_lost += event->kind == EVENT_DROP && event->drop.reason == DROP_WIRE_LOSS;
}

static void begin(enum line line, uint32_t loss_ppm)
{
    pair_open();
    frames_lost = 0;
    check(sockeye_observe(lab, 1u << EVENT_DROP, count_lost, NULL, NULL) >= 0);
    if (loss_ppm) {
        const struct sockeye_wire_config bad = {.delay_ns = MS, .loss_ppm = loss_ppm};

        check_equal(sockeye_wire_change(lab, 0, 0, &bad), 0);
        check_equal(sockeye_wire_change(lab, 0, 1, &bad), 0);
    }
    lines(line);
    chance = (uint64_t)line + 1;
}

/* The wire did lose frames. */
static void end(bool with_loss)
{
    check((frames_lost > 0) == with_loss);
    pair_close();
}

/* ---- sockets ---- */

static struct sockaddr_x25 address_of(const char *digits)
{
    struct sockaddr_x25 a = {.sx25_family = AF_X25};

    strcpy(a.sx25_addr.x25_addr, digits);
    return a;
}

static int bound(int host, const char *digits)
{
    struct sockaddr_x25 a = address_of(digits);
    int fd = sockeye_socket(lab, host, AF_X25, SOCK_SEQPACKET, 0);

    check(fd >= 0);
    check_equal(sockeye_bind(lab, host, fd, &a, sizeof a), 0);
    return fd;
}

static int listening(const char *digits)
{
    int fd = bound(B, digits);

    check_equal(sockeye_listen(lab, B, fd, 128), 0);
    return fd;
}

/* Larger packets and windows than the defaults. */
static void ask_for_more(int host, int fd)
{
    struct x25_facilities f = {7, 7, X25_PS1024, X25_PS1024, 0, 0};

    check_equal(sockeye_ioctl_x25(lab, host, fd, SIOCX25SFACILITIES, &f, sizeof f), 0);
}

static int call(int fd, const char *digits)
{
    struct sockaddr_x25 a = address_of(digits);

    return sockeye_connect(lab, A, fd, &a, sizeof a);
}

static bool is_ready(int host, int fd, int events)
{
    return (sockeye_poll(lab, host, fd) & events) != 0;
}

/* Until it is ready for one of these. */
static void wait_until(int host, int fd, int events)
{
    for (int i = 0; i < 4000 && !is_ready(host, fd, events); i++)
        (void)sockeye_advance(lab, sockeye_now(lab) + 100 * MS);
    check(is_ready(host, fd, events));
}

static void connect_pair(int l, int fd[2])
{
    fd[A] = bound(A, "1000");
    ask_for_more(A, fd[A]);
    check_equal(call(fd[A], "2000"), -EINPROGRESS);
    wait_until(B, l, POLLIN);
    fd[B] = accepted(B, l);
    wait_until(A, fd[A], POLLOUT);
    check_equal(call(fd[A], "2000"), 0);
}

/* ---- records ---- */

static void fill(uint32_t serial, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(serial + i * 7);
}

/* The next record at B's end is the one of this number. */
static void take_record(int fd, uint32_t serial, uint32_t length)
{
    wait_until(B, fd, POLLIN);
    check_equal(sockeye_receive(lab, B, fd, got, sizeof got, 0), length);
    fill(serial, length);
    check(memcmp(got, bytes, length) == 0);
}

static uint32_t some_length(void)
{
    switch (draw(4)) {
    case 0:
        return draw(4);
    case 1:
        return draw(2000);
    case 2:
        return 1024 * draw(4);
    default:
        return draw(MOST_RECORD + 1);
    }
}

/* So many bytes in records of random lengths; the reader is up to `behind` records late. */
static void move(int fd[2], uint64_t amount)
{
    static uint32_t length[8];
    uint32_t given = 0, taken = 0;

    for (uint64_t moved = 0; moved < amount || taken < given;) {
        bool may_give = moved < amount && given - taken < 8;

        if (may_give && is_ready(A, fd[A], POLLOUT)) {
            uint32_t n = some_length();

            fill(given, n);
            if (sockeye_send(lab, A, fd[A], bytes, n, MSG_EOR) == (ssize_t)n) {
                length[given++ % 8] = n;
                moved += n;
                continue;
            }
        }
        if (taken < given && (is_ready(B, fd[B], POLLIN) || !may_give)) {
            take_record(fd[B], taken, length[taken % 8]);
            taken++;
        } else {
            (void)sockeye_advance(lab, sockeye_now(lab) + 10 * MS);
        }
    }
}

static void records_keep_their_boundaries(enum line line, uint32_t loss_ppm)
{
    int fd[2], l;

    begin(line, loss_ppm);
    l = listening("2000");
    ask_for_more(B, l);
    connect_pair(l, fd);
    move(fd, 10 << 20);
    end(loss_ppm > 0);
}

static void records_over_lapb_with_loss(void)
{
    records_keep_their_boundaries(LAPB, 20000);
}

static void records_over_lapb_128_with_loss(void)
{
    records_keep_their_boundaries(LAPB_128, 20000);
}

static void records_over_xot(void)
{
    records_keep_their_boundaries(XOT, 0);
}

static void records_over_xot_with_loss(void)
{
    records_keep_their_boundaries(XOT, 20000);
}

/* ---- calls ---- */

static struct x25_causediag reason_of(int host, int fd)
{
    struct x25_causediag reason;

    check_equal(sockeye_ioctl_x25(lab, host, fd, SIOCX25GCAUSEDIAG, &reason, sizeof reason), 0);
    return reason;
}

/* One call: its user data, a record each way, an interrupt, and a clear that says why. */
static void one_call(int l, uint8_t number)
{
    struct x25_calluserdata data = {.cudlength = 4, .cuddata = {1, 0, 0, number}}, came;
    struct x25_causediag reason = {.cause = 0, .diagnostic = number};
    int fd[2];

    fd[A] = bound(A, "1000");
    check_equal(sockeye_ioctl_x25(lab, A, fd[A], SIOCX25SCALLUSERDATA, &data, sizeof data), 0);
    check_equal(call(fd[A], "2000"), -EINPROGRESS);
    wait_until(B, l, POLLIN);
    fd[B] = accepted(B, l);
    check_equal(sockeye_ioctl_x25(lab, B, fd[B], SIOCX25GCALLUSERDATA, &came, sizeof came), 0);
    check(came.cudlength == 4 && came.cuddata[3] == number);
    wait_until(A, fd[A], POLLOUT);
    check_equal(sockeye_send(lab, A, fd[A], "there", 5, MSG_EOR), 5);
    check_equal(sockeye_send(lab, A, fd[A], "now", 3, MSG_OOB), 3);
    wait_until(B, fd[B], POLLPRI);
    check_equal(sockeye_receive(lab, B, fd[B], got, sizeof got, MSG_OOB), 3);
    wait_until(B, fd[B], POLLIN);
    check_equal(sockeye_receive(lab, B, fd[B], got, sizeof got, 0), 5);
    check_equal(sockeye_send(lab, B, fd[B], "back", 4, MSG_EOR), 4);
    wait_until(A, fd[A], POLLIN);
    check_equal(sockeye_receive(lab, A, fd[A], got, sizeof got, 0), 4);
    check_equal(sockeye_ioctl_x25(lab, B, fd[B], SIOCX25SCAUSEDIAG, &reason, sizeof reason), 0);
    check_equal(sockeye_close_fd(lab, B, fd[B]), 0);
    wait_until(A, fd[A], POLLHUP);
    check_equal(reason_of(A, fd[A]).diagnostic, number);
    check_equal(sockeye_receive(lab, A, fd[A], got, sizeof got, 0), -ENOTCONN);
    check_equal(sockeye_send(lab, A, fd[A], "x", 1, MSG_EOR), -EPIPE);
    check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
}

static void calls(enum line line, uint32_t loss_ppm)
{
    int l;

    begin(line, loss_ppm);
    l = listening("2000");
    for (int i = 0; i < CALLS; i++)
        one_call(l, (uint8_t)i);
    end(loss_ppm > 0);
}

static void calls_over_lapb_with_loss(void)
{
    calls(LAPB, 20000);
}

static void calls_over_xot(void)
{
    calls(XOT, 20000);
}

static void nobody_there_is_refused_and_no_route_is_told(void)
{
    for (int line = LAPB; line < LINES; line++) {
        int fd;

        begin((enum line)line, 0);
        fd = bound(A, "1000");
        check_equal(call(fd, "2000"), -EINPROGRESS);
        wait_until(A, fd, POLLHUP);
        check_equal(call(fd, "2000"), -ECONNREFUSED);
        check_equal(reason_of(A, fd).cause, 1);
        check_equal(sockeye_x25_route_remove(lab, A, ""), 0);
        check_equal(call(fd, "2000"), -ENETUNREACH);
        pair_close();
    }
}

static void many_circuits_share_a_line(void)
{
    enum { MANY = 60 };
    int fd[MANY][2], l;

    for (int line = LAPB; line < LINES; line++) {
        begin((enum line)line, 0);
        l = listening("2000");
        for (int i = 0; i < MANY; i++) {
            connect_pair(l, fd[i]);
            check_equal(sockeye_send(lab, A, fd[i][A], &i, sizeof i, MSG_EOR), sizeof i);
        }
        for (int i = MANY; i-- > 0;) {
            int value = -1;

            wait_until(B, fd[i][B], POLLIN);
            check_equal(sockeye_receive(lab, B, fd[i][B], &value, sizeof value, 0), sizeof value);
            check_equal(value, i);
        }
        pair_close();
    }
}

/* ---- lines and routes, as a program changes them ---- */

static void extensions_of_addresses_go_once_the_line_is_subscribed_to_them(void)
{
    struct x25_subscrip_struct s = {.device = "eth0"};
    struct x25_dte_facilities f = {.called_len = 3, .called_ae = {0x12, 0x30}}, came;
    struct x25_route_struct route = {.address = {"2"}, .sigdigits = 1, .device = "eth0"};
    int l;

    begin(LAPB, 0);
    l = listening("2000");
    for (int with = 0; with < 2; with++) {
        int fd = bound(A, "1000"), got_fd;

        check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25GSUBSCRIP, &s, sizeof s), 0);
        check_equal(s.global_facil_mask, 0x0f);
        s.global_facil_mask = with ? 0x3f : 0x0f;
        check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25SSUBSCRIP, &s, sizeof s), 0);
        check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25SDTEFACILITIES, &f, sizeof f), 0);
        check_equal(call(fd, "2000"), -EINPROGRESS);
        wait_until(B, l, POLLIN);
        got_fd = accepted(B, l);
        check_equal(sockeye_ioctl_x25(lab, B, got_fd, SIOCX25GDTEFACILITIES, &came, sizeof came),
                    0);
        check_equal(came.called_len, with ? 3 : 0);
        wait_until(A, fd, POLLOUT);
        s.extended = 1;
        check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25SSUBSCRIP, &s, sizeof s), -EINVAL);
        s.extended = 0;
    }
    check_equal(sockeye_x25_route_remove(lab, A, ""), 0);
    check_equal(call(bound(A, "1000"), "2000"), -ENETUNREACH);
    check_equal(sockeye_ioctl_x25(lab, A, bound(A, "1"), SIOCADDRT, &route, sizeof route), 0);
    check_equal(call(bound(A, "1000"), "2000"), -EINPROGRESS);
    check_equal(sockeye_ioctl_x25(lab, A, bound(A, "1"), SIOCDELRT, &route, sizeof route), 0);
    check_equal(sockeye_ioctl_x25(lab, A, bound(A, "1"), SIOCDELRT, &route, sizeof route), -EINVAL);
    pair_close();
}

/* ---- resets ---- */

static void resets_are_told_once_and_the_circuit_goes_on(void)
{
    for (int line = LAPB; line < LINES; line++) {
        struct x25_causediag reason = {.cause = 0};
        int fd[2], l;

        begin((enum line)line, 20000);
        l = listening("2000");
        connect_pair(l, fd);
        for (int i = 0; i < 20; i++) {
            reason.diagnostic = (uint8_t)(100 + i);
            check_equal(sockeye_set_option(lab, A, fd[A], SOL_X25, SOCKEYE_X25_RESET, &reason,
                                           sizeof reason),
                        0);
            wait_until(B, fd[B], POLLERR);
            check_equal(reason_of(B, fd[B]).diagnostic, 100 + i);
            check_equal(sockeye_receive(lab, B, fd[B], got, sizeof got, 0), -ENETRESET);
            check_equal(sockeye_receive(lab, B, fd[B], got, sizeof got, 0), -EAGAIN);
            pass(10 * SECOND);
            check_equal(sockeye_send(lab, A, fd[A], "on", 2, MSG_EOR), 2);
            wait_until(B, fd[B], POLLIN);
            check_equal(sockeye_receive(lab, B, fd[B], got, sizeof got, 0), 2);
        }
        pair_close();
    }
}

/* ---- lines that go ---- */

static void a_wire_that_is_cut_ends_the_circuits(void)
{
    for (int line = LAPB; line < LINES; line++) {
        int fd[2], l;

        begin((enum line)line, 0);
        l = listening("2000");
        connect_pair(l, fd);
        check_equal(sockeye_wire_link(lab, 0, 0, false, sockeye_now(lab)), 0);
        check_equal(sockeye_wire_link(lab, 0, 1, false, sockeye_now(lab)), 0);
        check_equal(sockeye_send(lab, A, fd[A], "gone", 4, MSG_EOR), 4);
        for (int i = 0; i < 4000 && !is_ready(A, fd[A], POLLHUP); i++)
            (void)sockeye_advance(lab, sockeye_now(lab) + SECOND);
        check(is_ready(A, fd[A], POLLHUP));
        check_equal(sockeye_close_fd(lab, A, fd[A]), 0);
        pair_close();
    }
}

/* ---- again ---- */

static void run(int l)
{
    int fd[2];

    for (uint8_t i = 0; i < 5; i++)
        one_call(l, i);
    connect_pair(l, fd);
    move(fd, 200000);
}

static int memory_file(void)
{
    int fd = memfd_create("record", MFD_CLOEXEC);

    check(fd >= 0);
    return fd;
}

static void a_replay_is_the_run(void)
{
    for (int line = LAPB; line < LINES; line++) {
        struct sockeye_replay *replay;
        struct sockeye *again;
        int fd = memory_file(), result;
        uint64_t hash;

        pair_open();
        check_equal(sockeye_record(lab, fd, MOST_BYTES), 0);
        lines((enum line)line);
        chance = 77;
        run(listening("2000"));
        check_equal(sockeye_record_stop(lab), 0);
        hash = sockeye_hash(lab);
        pair_close();
        check(lseek(fd, 0, SEEK_SET) == 0);
        check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_IMAGE, &replay, &again), 0);
        while ((result = sockeye_replay_next(replay)) > 0)
            continue;
        check_equal(result, 0);
        check(sockeye_hash(again) == hash);
        sockeye_replay_close(replay);
        close(fd);
    }
}

static void a_saved_lab_goes_on_the_same(void)
{
    for (int line = LAPB; line < LINES; line++) {
        int file = memory_file(), l;
        struct sockeye *first;
        uint64_t hash, kept;

        begin((enum line)line, 20000);
        l = listening("2000");
        run(l);
        check_equal(sockeye_save(lab, file), 0);
        kept = chance;
        run(l);
        hash = sockeye_hash(lab);
        first = lab;
        check(lseek(file, 0, SEEK_SET) == 0);
        sockeye_close(first);
        check_equal(sockeye_load(file, &lab), 0);
        chance = kept;
        run(l);
        check(sockeye_hash(lab) == hash);
        pair_close();
        close(file);
    }
}

static const struct test tests[] = {
    {"records keep their boundaries over LAPB with 2 % loss", records_over_lapb_with_loss},
    {"the same modulo 128", records_over_lapb_128_with_loss},
    {"records keep their boundaries over XOT", records_over_xot},
    {"the same with 2 % loss", records_over_xot_with_loss},
    {"calls over LAPB with 2 % loss", calls_over_lapb_with_loss},
    {"calls over XOT with 2 % loss", calls_over_xot},
    {"nobody there is refused, and no route is told", nobody_there_is_refused_and_no_route_is_told},
    {"many circuits share a line", many_circuits_share_a_line},
    {"extensions of addresses go once the line is subscribed to them",
     extensions_of_addresses_go_once_the_line_is_subscribed_to_them},
    {"resets are told once, and the circuit goes on", resets_are_told_once_and_the_circuit_goes_on},
    {"a wire that is cut ends the circuits", a_wire_that_is_cut_ends_the_circuits},
    {"a replay is the run", a_replay_is_the_run},
    {"a saved lab goes on the same", a_saved_lab_goes_on_the_same},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
