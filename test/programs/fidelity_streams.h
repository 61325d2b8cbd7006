/* SPDX-License-Identifier: MIT */
/*
 * States of a stream socket: how each is entered, and what is asked there. A function that enters a
 * state gives the socket to ask, or -1 if it has asked all itself.
 */
#pragma once
#include "fidelity_peer.h"
#include "fidelity_questions.h"

struct state {
    const char *name;
    int (*enter)(void);
    const char *questions;
};

static int fresh(void)
{
    return new_tcp();
}

static int bound(void)
{
    int fd = new_tcp();

    if (bind_anywhere(fd) < 0)
        give_up("bind: %s", strerror(errno));
    return fd;
}

static int listening(void)
{
    return peer_listen(4);
}

static int listening_with_one(void)
{
    int fd = listening();

    ask("connect %d", port_of(fd));
    await(fd, POLLIN);
    return fd;
}

static int listening_with_two(void)
{
    int fd = listening_with_one();

    ask("connect %d", port_of(fd));
    pause_shortly();
    return fd;
}

static int listener_disconnected(void)
{
    int fd = listening();

    row("connect AF_UNSPEC", "%s", result_name(disconnect(fd)));
    return fd;
}

static int connected(void)
{
    int fd = new_tcp();

    if (connect_to(fd, peer_port) < 0 && errno != EINPROGRESS)
        give_up("connect: %s", strerror(errno));
    await(fd, POLLOUT);
    if (strcmp(ask("accept"), "0") != 0)
        give_up("the peer has nothing to accept");
    return fd;
}

static int accepted(void)
{
    int listener = listening_with_one(), fd = accept(listener, NULL, NULL);

    if (fd < 0)
        give_up("accept: %s", strerror(errno));
    close(listener);
    set_blocking(fd, false);
    return fd;
}

/* Its SYNs are not answered: the peer's accept queue is full. */
static int filler = -1;
static int connecting(void)
{
    int fd = new_tcp();
    uint16_t port = (uint16_t)atoi(ask("full"));

    filler = new_tcp();
    connect_to(filler, port);
    await(filler, POLLOUT);
    pause_shortly();
    row("connect", "%s", result_name(connect_to(fd, port)));
    pause_shortly();
    return fd;
}

static int connecting_again(void)
{
    int fd = connecting();

    row("connect", "%s", result_name(connect_to(fd, peer_port)));
    return fd;
}

static uint16_t closed_port(void)
{
    return (uint16_t)atoi(ask("closed-port"));
}

static int refused(void)
{
    int fd = new_tcp();

    row("connect", "%s", result_name(connect_to(fd, closed_port())));
    await(fd, POLLHUP);
    return fd;
}

static int refused_blocking(void)
{
    int fd = new_tcp();

    set_blocking(fd, true);
    row("connect", "%s", result_name(connect_to(fd, closed_port())));
    set_blocking(fd, false);
    return fd;
}

static int refused_then_again(void)
{
    int fd = refused();

    row("connect", "%s", result_name(connect_to(fd, peer_port)));
    row("connect", "%s", result_name(connect_to(fd, peer_port)));
    await(fd, POLLOUT);
    return fd;
}

static int with_data(void)
{
    int fd = connected();

    ask("send 3");
    await_bytes(fd, 3);
    return fd;
}

static int peer_fin_state(void)
{
    int fd = connected();

    ask("fin");
    await(fd, POLLRDHUP);
    return fd;
}

static int data_and_fin(void)
{
    int fd = with_data();

    ask("fin");
    await(fd, POLLRDHUP);
    return fd;
}

static int peer_closed(void)
{
    int fd = connected();

    ask("close");
    await(fd, POLLRDHUP);
    return fd;
}

/* The peer has closed, and answers what we send with a reset. */
static int written_to_closed(void)
{
    int fd = peer_closed();

    ask_send(fd);
    await_for(fd, POLLERR, FEW_MS);
    return fd;
}

static int shut_write(void)
{
    int fd = connected();

    shutdown(fd, SHUT_WR);
    row("the peer", "%s", ask("see"));
    await_state(fd, TCP_FIN_WAIT2);
    return fd;
}

static int shut_write_then_data(void)
{
    int fd = shut_write();

    ask("send 3");
    await_bytes(fd, 3);
    return fd;
}

static int shut_read(void)
{
    int fd = connected();

    shutdown(fd, SHUT_RD);
    return fd;
}

static int shut_read_with_data(void)
{
    int fd = with_data();

    shutdown(fd, SHUT_RD);
    return fd;
}

static int shut_read_then_data(void)
{
    int fd = shut_read();

    ask("send 3");
    for (int ms = 0; ms < FEW_MS && bytes_waiting(fd) < 3; ms++)
        usleep(1000);
    return fd;
}

static int shut_both(void)
{
    int fd = connected();

    shutdown(fd, SHUT_RDWR);
    row("the peer", "%s", ask("see"));
    return fd;
}

/* LAST-ACK is over. */
static int both_fins_peer_first(void)
{
    int fd = peer_fin_state();

    shutdown(fd, SHUT_WR);
    ask("see");
    await(fd, POLLHUP);
    await_state(fd, TCP_CLOSE);
    return fd;
}

/* TIME-WAIT. */
static int both_fins_own_first(void)
{
    int fd = shut_write();

    ask("fin");
    await(fd, POLLHUP);
    await_state(fd, TCP_CLOSE);
    return fd;
}

static int reset(void)
{
    int fd = connected();

    ask("reset");
    await(fd, POLLHUP);
    return fd;
}

static int reset_with_data(void)
{
    int fd = with_data();

    ask("reset");
    await(fd, POLLHUP);
    return fd;
}

/* There is more to be read than the program cares for. */
static int reset_behind_much(void)
{
    int fd = connected();

    ask("fill");
    ask("reset");
    await_for(fd, POLLHUP, FEW_MS);
    return fd;
}

static int reset_after_shut_write(void)
{
    int fd = shut_write();

    ask("reset");
    await_for(fd, POLLERR, FEW_MS);
    return fd;
}

static int reset_after_shut_read(void)
{
    int fd = shut_read();

    ask("reset");
    await_for(fd, POLLERR, FEW_MS);
    return fd;
}

static int reset_after_fin(void)
{
    int fd = peer_fin_state();

    ask("reset");
    await_for(fd, POLLERR, FEW_MS);
    return fd;
}

static int reset_accepted(void)
{
    int fd = accepted();

    ask("reset");
    await(fd, POLLHUP);
    return fd;
}

static int reset_before_accept(void)
{
    int listener = listening_with_one(), fd;

    ask("reset");
    pause_shortly();
    row("poll of the listener", "%s", events_name(poll_now(listener, 0)));
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    row("accept", "%s", fd < 0 ? strerrorname_np(errno) : "one");
    close(listener);
    if (fd >= 0)
        await(fd, POLLHUP);
    return fd;
}

static int fin_before_accept(void)
{
    int listener = listening_with_one(), fd;

    ask("send 3");
    ask("close");
    pause_shortly();
    fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    close(listener);
    await(fd, POLLRDHUP);
    await_bytes(fd, 3);
    return fd;
}

/* Until nothing more goes, also a while later. */
static int full(void)
{
    static const char bytes[65536];
    int fd = connected();

    set_number(fd, SOL_SOCKET, SO_SNDBUF, 65536);
    for (int quiet = 0, i = 0; quiet < 4 && i < 1000; i++) {
        while (send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
            quiet = 0;
        pause_shortly();
        quiet = poll_now(fd, 0) & POLLOUT ? 0 : quiet + 1;
    }
    return fd;
}

static int full_then_drained(void)
{
    int fd = full();

    ask("drain");
    await(fd, POLLOUT);
    return fd;
}

static int full_and_fin(void)
{
    int fd = full();

    ask("fin");
    await(fd, POLLRDHUP);
    return fd;
}

static int full_and_shut(void)
{
    int fd = full();

    shutdown(fd, SHUT_WR);
    return fd;
}

/* The FIN stands behind what was sent, and is no reason to take what comes. */
static int full_and_closed(void)
{
    int fd = full();

    close(fd);
    row("the peer sends, and is in state", "%s", ask("send-to-closed 3"));
    return -1;
}

static int full_and_reset(void)
{
    int fd = full();

    ask("reset");
    await(fd, POLLHUP);
    return fd;
}

static int urgent_only(void)
{
    int fd = connected();

    ask("urgent");
    await(fd, POLLPRI);
    return fd;
}

static int urgent_within(void)
{
    int fd = connected();

    ask("send 2");
    ask("urgent");
    ask("send 3");
    await(fd, POLLPRI);
    pause_shortly();
    return fd;
}

static int urgent_inline(void)
{
    int fd = connected();

    set_number(fd, SOL_SOCKET, SO_OOBINLINE, 1);
    ask("send 2");
    ask("urgent");
    ask("send 3");
    await_bytes(fd, 6);
    pause_shortly();
    return fd;
}

static int low_water(void)
{
    int fd = with_data();

    set_number(fd, SOL_SOCKET, SO_RCVLOWAT, 5);
    return fd;
}

static int low_water_reached(void)
{
    int fd = low_water();

    ask("send 3");
    await_bytes(fd, 6);
    return fd;
}

static int undone(void)
{
    int fd = connected();

    row("connect AF_UNSPEC", "%s", result_name(disconnect(fd)));
    row("the peer", "%s", ask("see"));
    return fd;
}

static int undone_then_again(void)
{
    int fd = undone();

    row("connect", "%s", result_name(connect_to(fd, peer_port)));
    await(fd, POLLOUT);
    return fd;
}

static int stalled_partial(void)
{
    int fd = connected();

    ask("send 26");
    await_bytes(fd, 26);
    return fd;
}

static const struct state streams[] = {
    {"fresh", fresh, "poll epoll select recv send error nread outq atmark name peer state accept"},
    {"fresh, reading", fresh,
     "recv recv0 read readv recvfrom recvmsg peek dontwait trunc waitall oob errqueue splice"},
    {"fresh, writing", fresh,
     "send send0 write writev sendto sendmsg sendfile send-oob send-more error poll"},
    {"fresh, shut", fresh, "shut-wr shut-rd shut-both poll recv send"},
    {"fresh, options", fresh, "options"},
    {"bound", bound, "poll recv send name peer state bind error listen poll"},
    {"listening", listening,
     "poll epoll select accept recv send nread outq atmark name peer state error bind connect "
     "listen"},
    {"listening, one waiting", listening_with_one, "poll epoll select accept poll accept"},
    {"listening, two waiting", listening_with_two, "poll accept poll accept poll accept"},
    {"listening, shut for reading", listening_with_one, "shut-rd poll accept recv state listen"},
    {"listening, shut for writing", listening, "shut-wr poll accept state"},
    {"listening, undone", listener_disconnected, "poll accept recv state name"},
    {"connecting", connecting, "poll epoll select recv send error name peer state nread outq poll"},
    {"connecting, asked again", connecting_again, "error oob sendmsg accept listen bind poll"},
    {"connecting, shut for writing", connecting, "shut-wr poll send recv error state connect"},
    {"connecting, shut for both", connecting, "shut-both poll send recv error state"},
    {"connecting, undone", connecting, "disconnect poll recv send state"},
    {"refused", refused, "poll epoll select error poll recv send poll name peer state"},
    {"refused, read first", refused, "recv poll recv write poll error"},
    {"refused, written first", refused, "send poll send recv poll error"},
    {"refused, connected again", refused_then_again, "poll error send"},
    {"refused, asked by connect", refused, "connect error"},
    {"refused while blocking", refused_blocking, "poll error recv send name peer state"},
    {"established", connected,
     "poll epoll select recv send error name peer nread atmark state connect bind listen accept"},
    {"established, reading", connected,
     "recv recv0 read readv recvfrom recvmsg peek dontwait trunc waitall oob errqueue splice"},
    {"established, writing", connected,
     "send send0 write writev sendto sendmsg sendfile send-oob send-more error poll"},
    {"established, options", connected, "options"},
    {"accepted", accepted, "poll epoll recv send error name state connect listen"},
    {"accepted, options", accepted, "options"},
    {"data", with_data, "poll epoll select nread peek recv poll nread recv"},
    {"data, read in parts", with_data, "recv2 nread poll recv2 nread poll"},
    {"data, read by readv", with_data, "readv poll"},
    {"data, read by recvmsg", with_data, "recvmsg2 recvmsg recvmsg"},
    {"data, read by recvfrom", with_data, "recvfrom recvfrom"},
    {"data, thrown away", with_data, "trunc nread recv poll"},
    {"data, waited for all", with_data, "waitall poll"},
    {"data, spliced", with_data, "splice poll"},
    {"data, more", stalled_partial, "recv0 peek recv2 peek trunc2 nread recv poll"},
    {"peer's FIN", peer_fin_state, "poll epoll select recv recv send state error peer poll"},
    {"peer's FIN behind data", data_and_fin, "poll epoll nread peek recv recv poll"},
    {"peer closed", peer_closed, "poll recv nread error"},
    {"peer closed, written to", written_to_closed, "poll epoll error poll recv write state"},
    {"peer closed, written to, written", written_to_closed, "send poll send recv error"},
    {"peer closed, written to, read", written_to_closed, "recv poll send error"},
    {"shut for writing", shut_write, "poll epoll select recv send write state name peer shut-wr"},
    {"shut for writing, data", shut_write_then_data, "poll recv recv send poll"},
    {"shut for reading", shut_read, "poll epoll recv send shut-rd state"},
    {"shut for reading, with data", shut_read_with_data, "poll nread recv recv poll"},
    {"shut for reading, data after", shut_read_then_data, "poll nread recv recv poll"},
    {"shut for both", shut_both, "poll epoll select recv send error peer shut-both"},
    {"both FINs, peer's first", both_fins_peer_first,
     "poll epoll recv send error name peer state shut-wr shut-rd"},
    {"both FINs, own first", both_fins_own_first,
     "poll epoll recv send error name peer state shut-wr"},
    {"reset, read first", reset, "poll epoll select recv recv send poll error state"},
    {"reset, written first", reset, "send send recv poll error"},
    {"reset, written by write", reset, "write write"},
    {"reset, asked first", reset, "error poll recv send poll name peer state"},
    {"reset, peeked", reset, "peek peek"},
    {"reset, read by recvmsg", reset, "recvmsg recvmsg"},
    {"reset, shut", reset, "shut-wr recv poll"},
    {"reset, connected again", reset, "connect"},
    {"reset behind data", reset_with_data, "poll nread recv recv recv poll"},
    {"reset behind data, asked first", reset_with_data, "error poll nread recv recv"},
    {"reset behind much data", reset_behind_much, "poll"},
    {"reset after own FIN", reset_after_shut_write, "poll recv recv send error"},
    {"reset after shut for reading", reset_after_shut_read, "poll recv recv send error"},
    {"reset after peer's FIN", reset_after_fin, "poll error recv send poll"},
    {"reset after peer's FIN, read", reset_after_fin, "recv recv send"},
    {"reset after peer's FIN, written", reset_after_fin, "send send recv"},
    {"reset, accepted", reset_accepted, "poll epoll recv recv send"},
    {"reset before accept", reset_before_accept, "poll recv recv send"},
    {"closed by peer before accept", fin_before_accept, "poll nread recv recv"},
    {"full", full, "poll epoll select send recv has-outq sendmsg send-oob"},
    {"full, then drained", full_then_drained, "poll send"},
    {"full, peer's FIN", full_and_fin, "poll epoll send recv"},
    {"full, shut for writing", full_and_shut, "poll epoll send recv state"},
    {"full, closed", full_and_closed, ""},
    {"full, reset", full_and_reset, "poll epoll recv send has-outq"},
    {"urgent byte alone", urgent_only, "poll epoll select nread atmark recv oob oob recv poll"},
    {"urgent byte within data", urgent_within,
     "poll epoll nread atmark recv atmark oob recv poll atmark oob"},
    {"urgent byte within data, inline", urgent_inline, "poll nread atmark recv atmark oob recv"},
    {"below the low-water mark", low_water, "poll epoll recv poll"},
    {"at the low-water mark", low_water_reached, "poll epoll recv poll"},
    {"undone", undone, "poll epoll recv send error name peer state"},
    {"undone, connected again", undone_then_again, "poll send error"},
};
