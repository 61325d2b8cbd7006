/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 5: a dialogue and its life. A typed socket is opened, bound, connected or
 * listens, sends and receives, is shut down and closed; what its user may do next depends on where
 * it is in that life, and that is what this layer knows (RFC 9293 3.9.1 for streams, in the form
 * that Linux gave it). It also keeps the list of sockets whose readiness was touched (one for all
 * hosts of a lab, each socket at most once on it), so that a user finds what changed without asking
 * every socket.
 *
 * The memory of a socket is its user's: struct socket is embedded in layer 6's descriptor, and
 * found again by container_of. Between session_open (or session_accept) and session_close it must
 * stay where it is. Nothing here waits: -EAGAIN says that it would.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "4-transport/transport.h"
#include "base/list.h"

/* Where a socket is in its life, as far as its user has been told. */
enum session_state {
    SESSION_UNCONNECTED,
    SESSION_CONNECTING,   /* connect has begun, its outcome has not been asked for */
    SESSION_CONNECTED,    /* and the user knows it */
    SESSION_DISCONNECTING /* shut down before it was connected: of no further use */
};

struct socket {
    struct transport_upper upper;
    struct sessions *sessions;
    struct transport_end *end;
    struct list_link link;    /* in sessions->all */
    struct list_link changed; /* in means.touched: touched since it was last taken */
    uint32_t state;           /* enum session_state */
    uint32_t zero;
    uint64_t serial; /* of its host, from 1 */
};

/* The sockets of one host. */
struct sessions {
    struct transport *transport;
    struct link_list all;      /* in order of opening */
    struct link_list *touched; /* of all hosts, in the order in which they were first touched */
    uint64_t opened;           /* serial of the newest socket */
    uint32_t count;            /* sockets open */
    uint32_t upper_code;       /* session_ready_told's place in transport_upper_codes */
};

void session_table_init(struct sessions *s, const struct means *means, struct transport *transport,
                        uint32_t upper_code);
/* 0, or the number of the line of the check that failed. */
int session_table_check(const struct sessions *s);

/* Opens a socket in `socket`, zeroed memory of the caller's.
 * @return 0
 * @raise ENOBUFS if the host has no room for another
 * @raise EPROTONOSUPPORT if the host has no such transport */
int session_open(struct sessions *s, struct socket *socket, enum transport_kind kind);
/* Ends the dialogue from this side; the transport goes on closing by itself. The memory is the
 * caller's again. */
void session_close(struct socket *socket, nanoseconds now);
/* @return 0
 * @raise EINVAL if it is bound already, or a stream that is in use
 * @raise EADDRINUSE if another socket has the port
 * @raise EADDRNOTAVAIL if the address is not this host's */
int session_bind(struct socket *socket, const struct name *local);
/* Listens, or changes the backlog of a listener.
 * @return 0
 * @raise EOPNOTSUPP if it is not a stream
 * @raise EINVAL if it is connected or connecting
 * @raise EADDRINUSE if another listener has the port */
int session_listen(struct socket *socket, uint32_t backlog, nanoseconds now);
/* Says what connect answers without looking at an address: the later calls of a stream.
 * @return 1 if a new connect may begin; 0 if the connect under way has succeeded: said once
 * @raise EALREADY if it is under way still
 * @raise EISCONN if it is connected (said already), or listens
 * @raise EINVAL if it was shut down while connecting
 * @raise ECONNREFUSED ETIMEDOUT EHOSTUNREACH ENETUNREACH ECONNRESET ... if it failed: said once
 * @raise ECONNABORTED if it failed and the error was taken already */
int session_connect_outcome(struct socket *socket, nanoseconds now);
/* Connects: a stream begins to, a datagram socket gets its peer.
 * @return 0 for datagrams, and as session_connect_outcome
 * @raise EINPROGRESS if a stream has begun to connect
 * @raise ENETUNREACH EADDRNOTAVAIL EACCES EINVAL from the layers below */
int session_connect(struct socket *socket, const struct name *remote, nanoseconds now);
/* Forgets the peer (connect to AF_UNSPEC); a stream is reset, a listener no longer listens. */
int session_disconnect(struct socket *socket, nanoseconds now);
/* Takes an established connection of a listener into `fresh`, zeroed memory of the caller's, which
 * stays unused on an error. *remote: the peer, even if it has reset the connection since.
 * @return 0
 * @raise EAGAIN if there is none
 * @raise EINVAL if it does not listen
 * @raise EOPNOTSUPP if it is not a stream
 * @raise ECONNABORTED if the connection ended in the queue */
int session_accept(struct socket *listener, struct socket *fresh, struct name *remote);
/* @return bytes taken
 * @raise EAGAIN if there is no room
 * @raise EPIPE if a stream is not connected, or was shut down for writing
 * @raise EDESTADDRREQ if a datagram has no destination
 * @raise EMSGSIZE EACCES ENETUNREACH EHOSTUNREACH ENOBUFS, or the pending error, which it clears */
ssize_t session_send(struct socket *socket, const struct transport_message *m, unsigned flags,
                     nanoseconds now);
/* @return bytes given; 0 at the end of a stream
 * @raise EAGAIN if there is nothing
 * @raise ENOTCONN if a stream was never connected
 * @raise EINVAL if TRANSPORT_OUT_OF_BAND is asked and there is no urgent byte
 * @raise ECONNRESET ETIMEDOUT ...: the pending error, which it clears */
ssize_t session_receive(struct socket *socket, struct transport_message *m, unsigned flags,
                        nanoseconds now);
/* @return 0
 * @raise ENOTCONN if it is not connected */
int session_shutdown(struct socket *socket, bool reading, bool writing, nanoseconds now);
void session_local(const struct socket *socket, struct name *local);
/* @return 0
 * @raise ENOTCONN if there is no peer (yet, or any more) */
int session_remote(const struct socket *socket, struct name *remote);

/* @return 0 @raise ENOPROTOOPT if this kind has no such option; EINVAL a bad value */
int session_option_set(struct socket *socket, enum transport_option option, int64_t value,
                       nanoseconds now);
int session_option_get(const struct socket *socket, enum transport_option option, int64_t *value);
/* The pending error as a positive errno, cleared; 0: none. */
int session_error_take(struct socket *socket);
/* @return >= 0 @raise EINVAL if it listens */
int64_t session_count(const struct socket *socket, enum transport_count_kind kind);
/* @return 0 @raise ENOPROTOOPT if it is not a stream */
int session_info(const struct socket *socket, struct transport_info *info, nanoseconds now);
/* Where the dialogue is. */
enum transport_phase session_phase(const struct socket *socket);

/* ---- readiness: session_ready.c ---- */

/* What it is ready for now: enum transport_ready. */
unsigned session_ready(const struct socket *socket);
/* Puts it on the list of changed ones; on it already: stays where it is. */
void session_ready_touch(struct socket *socket);
/* Takes the first of the touched ones off the list, whatever its host; NULL: none. */
struct socket *session_ready_take(struct link_list *touched);
/* For transport_upper_codes. */
void session_ready_told(struct transport_upper *upper, nanoseconds now);
