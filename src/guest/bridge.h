/* SPDX-License-Identifier: MIT */
/*
 * How bytes pass between a program and its lab socket. The program has a holder, an AF_UNIX socket;
 * we have the data end of it. bridge_holder.c carries bytes through the kernel; holder.c makes the
 * holders and walks them through their states.
 *
 * Streams: taken from the program as they are, given to it by pieces, as far as there is room: what
 * has none stays in the lab, so that the receive window closes. Datagrams: one at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct guest_runner;
struct guest_socket;

enum guest_bridge_limits {
    GUEST_CHUNK = 65536,    /* bytes moved at a time */
    GUEST_PIECE = 4096,     /* of one piece of the holder's queue: the window opens by the piece */
    GUEST_LARGE = 65536,    /* a piece for an empty holder: its reader is fast */
    GUEST_DATAGRAM = 65536, /* most bytes of a datagram */
    GUEST_MESSAGE_BUFFER = 106496 /* SO_SNDBUF of a datagram holder; doubled, Linux's default */
};

/* Written by bridge_holder.c alone. */
struct guest_bridge {
    int end;         /* the data end, or -1 */
    int charged;     /* at most so much of true size waits in the holder */
    bool stale;      /* the end keeps a byte unread */
    bool is_bulk;    /* the program wrote much at once */
    bool tells_room; /* the end is watched for what the program reads */
};

void guest_bridge_init(struct guest_socket *s);
/* The data end of a holder; it has a byte that stays unread, if `stale`. */
int guest_bridge_open(struct guest_runner *runner, struct guest_socket *s, int end, bool stale);
/* Takes bytes out that no lab gets, all but the one that stays. */
int guest_bridge_drop(struct guest_runner *runner, struct guest_socket *s, size_t length,
                      bool stale);
/* Closes the end over its unread byte; `at_end`: over none, for EOF was given before. */
void guest_bridge_close(struct guest_runner *runner, struct guest_socket *s, bool at_end);

/* Takes what the program wrote since, at most a chunk. @return its length; *bytes stand in scratch
 * until the next call; *more: there may be more */
size_t guest_bridge_take(struct guest_runner *runner, struct guest_socket *s, const uint8_t **bytes,
                         bool *more);
/* Bytes that may be given to the program now, 0: it has enough. */
size_t guest_bridge_room(const struct guest_runner *runner, struct guest_socket *s);
enum guest_given { GUEST_GIVEN, GUEST_FULL, GUEST_UNWANTED };
/* Gives bytes to the program; *length becomes what was given. UNWANTED: it does not read any more
 */
enum guest_given guest_bridge_give(struct guest_socket *s, const uint8_t *bytes, size_t *length);
/* The socket has a turn when the program has read something. */
void guest_bridge_await_room(struct guest_runner *runner, struct guest_socket *s);
void guest_bridge_give_urgent(struct guest_socket *s, uint8_t byte);
void guest_bridge_give_end(struct guest_socket *s); /* the peer's FIN */
/* Has the program closed the last copy of its holder, or shut both sides? *unread: with data it had
 * not read */
bool guest_bridge_has_hung_up(const struct guest_socket *s, bool *unread);
/* A blocking receive can have no more than what is there. */
bool guest_bridge_is_full(const struct guest_runner *runner, struct guest_socket *s);
/* Bytes that the program wrote and we have not taken. */
int guest_bridge_untaken(const struct guest_socket *s);

/* @return the length, or -EAGAIN: none */
ssize_t guest_bridge_take_datagram(struct guest_runner *runner, struct guest_socket *s);
/* May one more datagram be put behind those in the holder? With `alone`, only into an empty one. */
bool guest_bridge_fits(const struct guest_runner *runner, struct guest_socket *s, bool alone);
bool guest_bridge_is_empty(struct guest_socket *s);
/* Makes a holder unwritable by a datagram that nobody wrote; it is known by the runner's key. */
bool guest_bridge_pad(const struct guest_runner *runner, int holder);
bool guest_bridge_is_pad(const struct guest_runner *runner, size_t length); /* in scratch */
bool guest_bridge_give_datagram(struct guest_socket *s, const uint8_t *bytes, size_t length);
