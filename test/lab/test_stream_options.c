/* SPDX-License-Identifier: MIT */
/*
 * TCP's options as getsockopt tells them: Linux's defaults, those of a host whose settings were
 * changed, and what was set; of a fresh socket, a listener, one that it accepted and one that
 * connected (tcp(7); RFC 9293 3.9.1.9). No option may answer for another.
 */
#include "pair.h"

#include "check.h"

/* What each is at first, on a host with other settings, and with `value` set. */
static const struct {
    int name, fresh, settings, value;
} rows[] = {
    {TCP_KEEPIDLE, 7200, 4001, 301}, {TCP_KEEPINTVL, 75, 42, 302}, {TCP_KEEPCNT, 9, 43, 33},
    {TCP_SYNCNT, 6, 44, 34},         {TCP_LINGER2, 60, 45, 35},    {TCP_USER_TIMEOUT, 0, 0, 36000},
    {TCP_NODELAY, 0, 0, 1},          {TCP_CORK, 0, 0, 1},          {TCP_NOTSENT_LOWAT, 0, 0, 37000},
};

enum { ROWS = sizeof rows / sizeof *rows };

/* TCP_INFO, TCP_MAXSEG, TCP_WINDOW_CLAMP, TCP_QUICKACK and TCP_CONGESTION are not in the table. */
static int option(int host, int fd, int name)
{
    return number_of(host, fd, IPPROTO_TCP, name);
}

static void change_settings(int host)
{
    static const char *const settings[][2] = {
        {"net.ipv4.tcp_keepalive_time", "4001"}, {"net.ipv4.tcp_keepalive_intvl", "42"},
        {"net.ipv4.tcp_keepalive_probes", "43"}, {"net.ipv4.tcp_syn_retries", "44"},
        {"net.ipv4.tcp_fin_timeout", "45"},      {"net.ipv4.tcp_notsent_lowat", "46000"},
    };

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        check_equal(sockeye_set(lab, host, settings[i][0], settings[i][1]), 0);
}

static void check_defaults(int host, int fd)
{
    for (int i = 0; i < ROWS; i++)
        check_equal(option(host, fd, rows[i].name), host == A ? rows[i].fresh : rows[i].settings);
}

static void check_all_set(int host, int fd)
{
    for (int i = 0; i < ROWS; i++)
        check_equal(option(host, fd, rows[i].name), rows[i].value);
}

/* One after the other; those that follow are still as they were. */
static void set_all(int host, int fd)
{
    for (int i = 0; i < ROWS; i++) {
        set_number(host, fd, IPPROTO_TCP, rows[i].name, rows[i].value);
        for (int k = 0; k < ROWS; k++)
            check_equal(option(host, fd, rows[k].name), k <= i      ? rows[k].value
                                                        : host == A ? rows[k].fresh
                                                                    : rows[k].settings);
    }
}

/* B's settings are changed: A is as Linux begins. */
static void options_of_a_fresh_socket(void)
{
    pair_open();
    change_settings(B);
    for (int host = A; host <= B; host++) {
        int fd = stream(host);

        check_defaults(host, fd);
        set_all(host, fd);
    }
    pair_close();
}

static void options_of_a_connection(void)
{
    int fd[2];

    pair_open();
    change_settings(B);
    pair_connect(fd);
    for (int host = A; host <= B; host++) {
        check_defaults(host, fd[host]);
        set_all(host, fd[host]);
        pass(100 * MS);
        check_all_set(host, fd[host]);
    }
    pair_close();
}

/* Linux: the child has what its listener had when it came. */
static void what_is_set_on_a_listener_holds_for_what_it_accepts(void)
{
    int l, client;

    pair_open();
    change_settings(B);
    l = listener(B, 80);
    check_defaults(B, l);
    set_all(B, l);
    client = stream(A);
    set_all(A, client);
    check_equal(connect_to(A, client, "10.0.0.2", 80), -EINPROGRESS);
    pass(100 * MS);
    check_all_set(B, accepted(B, l));
    check_all_set(B, l);
    check_all_set(A, client);
    pair_close();
}

/* tcp(7): 0 takes a time of the program's own back; the host's counts again. */
static void zero_takes_back_what_was_set(void)
{
    int fd;

    pair_open();
    change_settings(B);
    fd = stream(B);
    set_all(B, fd);
    set_number(B, fd, IPPROTO_TCP, TCP_LINGER2, 0);
    check_equal(option(B, fd, TCP_LINGER2), 45);
    set_number(B, fd, IPPROTO_TCP, TCP_LINGER2, -1);
    check_equal(option(B, fd, TCP_LINGER2), -1);
    set_number(B, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 0);
    check_equal(option(B, fd, TCP_USER_TIMEOUT), 0);
    pair_close();
}

/* RFC 9293 3.7.1: 536 until a peer said more (MUST-15); then what is sent, 12 of it for the
 * timestamps. */
static void the_segment_size_is_what_is_sent(void)
{
    int fd[2], l, client;

    pair_open();
    client = stream(A);
    check_equal(option(A, client, TCP_MAXSEG), 536);
    set_number(A, client, IPPROTO_TCP, TCP_MAXSEG, 1000);
    check_equal(option(A, client, TCP_MAXSEG), 1000);
    l = listener(B, 80);
    check_equal(option(B, l, TCP_MAXSEG), 536);
    check_equal(connect_to(A, client, "10.0.0.2", 80), -EINPROGRESS);
    pass(100 * MS);
    check_equal(option(A, client, TCP_MAXSEG), 1000 - 12);
    check_equal(option(B, accepted(B, l), TCP_MAXSEG), 1000 - 12);
    pair_connect(fd);
    check_equal(option(A, fd[A], TCP_MAXSEG), 1448);
    check_equal(option(B, fd[B], TCP_MAXSEG), 1448);
    pair_close();
}

/* Linux: 0 before there is a window; then what bounds it, half the buffer of 131,072. */
static void the_clamp_is_what_bounds_the_window(void)
{
    int fd[2], l;
    const int none = 0;

    pair_open();
    l = listener(B, 80);
    check_equal(option(B, l, TCP_WINDOW_CLAMP), 0);
    pair_connect(fd);
    check_equal(option(A, fd[A], TCP_WINDOW_CLAMP), 65536);
    check_equal(option(B, fd[B], TCP_WINDOW_CLAMP), 65536);
    set_number(A, fd[A], IPPROTO_TCP, TCP_WINDOW_CLAMP, 5000);
    check_equal(option(A, fd[A], TCP_WINDOW_CLAMP), 5000);
    check_equal(sockeye_set_option(lab, A, fd[A], IPPROTO_TCP, TCP_WINDOW_CLAMP, &none, 4),
                -EINVAL);
    check_equal(option(A, fd[A], TCP_WINDOW_CLAMP), 5000);
    pair_close();
}

/* tcp(7): on at first; not permanent: what the program sends makes it interactive. */
static void quick_acks_end_where_data_goes_both_ways(void)
{
    char bytes[8];
    int fd[2];

    pair_open();
    pair_connect(fd);
    check_equal(option(B, fd[B], TCP_QUICKACK), 1);
    set_number(B, fd[B], IPPROTO_TCP, TCP_QUICKACK, 0);
    check_equal(option(B, fd[B], TCP_QUICKACK), 0);
    set_number(B, fd[B], IPPROTO_TCP, TCP_QUICKACK, 1);
    check_equal(option(B, fd[B], TCP_QUICKACK), 1);
    check_equal(sockeye_send(lab, A, fd[A], "ask", 3, 0), 3);
    pass(MS * 3 / 2);
    check_equal(sockeye_receive(lab, B, fd[B], bytes, sizeof bytes, 0), 3);
    check_equal(option(B, fd[B], TCP_QUICKACK), 1);
    check_equal(sockeye_send(lab, B, fd[B], "answer", 6, 0), 6);
    check_equal(option(B, fd[B], TCP_QUICKACK), 0);
    pair_close();
}

static void check_congestion(int host, int fd, const char *name)
{
    char text[16] = "";
    uint32_t length = sizeof text;

    check_equal(sockeye_get_option(lab, host, fd, IPPROTO_TCP, TCP_CONGESTION, text, &length), 0);
    check(strcmp(text, name) == 0);
}

static void congestion_control_is_told_by_name(void)
{
    int fd[2];

    pair_open();
    pair_connect(fd);
    check_congestion(A, fd[A], "reno");
    check_congestion(B, fd[B], "reno");
    check_congestion(A, stream(A), "reno");
    check_equal(sockeye_set_option(lab, A, fd[A], IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
    check_congestion(A, fd[A], "reno");
    pair_close();
}

/* tcp(7): who could not write for what is not sent yet can when more of it is allowed. */
static void a_higher_mark_of_the_unsent_wakes_the_writer(void)
{
    static char bytes[200000];
    struct sockeye_change change;
    int fd[2];
    ssize_t n;

    pair_open();
    pair_connect(fd);
    set_number(A, fd[A], SOL_SOCKET, SO_SNDBUF, 100000);
    set_number(A, fd[A], IPPROTO_TCP, TCP_NOTSENT_LOWAT, 1000);
    n = sockeye_send(lab, A, fd[A], bytes, sizeof bytes, 0);
    check(n > 0 && n < 100000);
    check_equal(sockeye_poll(lab, A, fd[A]) & POLLOUT, 0);
    while (sockeye_next_change(lab, &change))
        ;
    set_number(A, fd[A], IPPROTO_TCP, TCP_NOTSENT_LOWAT, 90000);
    check(sockeye_poll(lab, A, fd[A]) & POLLOUT);
    check(sockeye_next_change(lab, &change));
    check(change.host == A && change.fd == fd[A]);
    check(sockeye_send(lab, A, fd[A], bytes, sizeof bytes, 0) > 0);
    pair_close();
}

static const struct test tests[] = {
    {"a fresh socket tells Linux's values, or those of its host, and what was set",
     options_of_a_fresh_socket},
    {"so does a connection", options_of_a_connection},
    {"what is set on a listener holds for what it accepts",
     what_is_set_on_a_listener_holds_for_what_it_accepts},
    {"a 0 takes back what was set", zero_takes_back_what_was_set},
    {"TCP_MAXSEG is what is sent (MUST-15)", the_segment_size_is_what_is_sent},
    {"TCP_WINDOW_CLAMP is what bounds the window", the_clamp_is_what_bounds_the_window},
    {"TCP_QUICKACK ends where data goes both ways", quick_acks_end_where_data_goes_both_ways},
    {"TCP_CONGESTION is told by name", congestion_control_is_told_by_name},
    {"a higher TCP_NOTSENT_LOWAT wakes the writer", a_higher_mark_of_the_unsent_wakes_the_writer},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
