/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 5: a dialogue and its life. A typed socket is opened, bound, connected or
 * listens, sends and receives, is shut down and closed; what its user may do next depends on where
 * it is in that life, and that is what this layer knows (RFC 9293 3.9.1 for streams, in the form
 * that Linux gave it). It also keeps the list of sockets whose readiness was touched (one for all
 * hosts of a lab, each socket at most once on it), so that a user finds what changed without asking
 * every socket.
 *
 * A socket's user embeds a struct session_upper in what it holds for the socket, and is given that
 * back by session_ready_take. Nothing here waits: -EAGAIN says that it would.
 *
 * A message is the transport's: bytes, a name, facts. What can only pass between sockets of one
 * host (AF_UNIX: who sends) stands beside it, in a struct of this layer (message_beside) that no
 * transport of layer 4 looks at.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "4-transport/transport.h"
#include "base/list.h"

struct sessions; /* the sockets of one host */
struct socket;

/* Who a process is, as the caller says. */
struct session_credentials {
    int32_t pid;
    uint32_t uid, gid;
};

static inline void session_credentials_copy(struct session_credentials *to,
                                            const struct session_credentials *from)
{
    to->pid = from->pid;
    to->uid = from->uid;
    to->gid = from->gid;
}

static inline bool session_credentials_equal(const struct session_credentials *a,
                                             const struct session_credentials *b)
{
    return a->pid == b->pid && a->uid == b->uid && a->gid == b->gid;
}

enum session_constants { SESSION_RIGHTS_MOST = 253 /* of a message: SCM_MAX_FD */ };

/* Open descriptors that ride on a message: what the caller keeps and knows by a number, or sockets
 * of the same host. */
struct session_rights {
    struct list_link link; /* of those that nobody gets any more */
    uint64_t number;       /* 0: they are held here */
    uint32_t count;
    uint32_t zero;
    struct session_upper *held[SESSION_RIGHTS_MOST];
};

/* Where a walk over the rights in the queues of a socket has come to; end NULL: to no place yet. */
struct session_rights_walk {
    const struct unix_end *end;
    const struct unix_item *item;
    const struct list_link *accepts;
};

/* What passes between sockets of one host beside the bytes. */
struct message_beside {
    struct session_credentials credentials;
    bool has_credentials; /* send: these are to be told; receive: they were asked for */
    bool peeks;           /* receive: the rights stay where they are */
    /* send: whose they are until the message is taken, then NULL; receive: the caller's now */
    struct session_rights *rights;
    uint8_t *name; /* receive: room for the sender's name, NAME_UNIX_BYTES; NULL: nobody asks */
};

/* What layer 6 embeds in what it holds for an open socket, and finds again by container_of. */
struct session_upper {
    struct socket *socket; /* written by session_open and session_accept */
};

/* With so many sockets open, as their users count. 0, or the line of the check that failed. */
int session_table_check(const struct sessions *s, uint32_t open);

/* Opens a socket: upper->socket.
 * @return 0
 * @raise ENOBUFS if the host has no room for another
 * @raise EPROTONOSUPPORT if the host has no such transport */
int session_open(struct sessions *s, struct session_upper *upper, enum transport_kind kind);
/* Opens two sockets that are connected to each other.
 * @raise as session_open; EOPNOTSUPP if the kind has no pairs */
int session_pair(struct sessions *s, struct session_upper *a, struct session_upper *b,
                 enum transport_kind kind);
/* Who makes the calls that follow. */
void session_caller_set(struct sessions *s, const struct session_credentials *caller);
/* Who the peer was when the connection was made; pid 0 and ids of -1: not known. */
void session_credentials_of_peer(const struct socket *socket,
                                 struct session_credentials *credentials);
/* A socket of AF_UNIX and its peer as their host numbers them; 0: none. */
void session_serials(const struct socket *socket, uint64_t *own, uint64_t *peer);
/* Rights to be filled in; NULL: too many are under way. */
struct session_rights *session_rights_open(struct sessions *s);
void session_rights_close(struct sessions *s, struct session_rights *rights);
/* Nobody gets them: they can be taken from here. */
void session_rights_drop(struct sessions *s, struct session_rights *rights);
/* The next that were dropped, of those that are known by a number; NULL: none. */
struct session_rights *session_rights_take_lost(struct sessions *s);
/* The same, of those that are held, which are whose takes them. */
struct session_rights *session_rights_take_released(struct sessions *s);
bool session_rights_has_released(const struct sessions *s);
/* Does a message with rights wait at the socket, or at one that it may accept? */
bool session_rights_holds(const struct socket *socket);
/* The next of these; NULL: it was the last. */
const struct session_rights *session_rights_next(const struct socket *socket,
                                                 struct session_rights_walk *walk);
/* Throws away what waits there; their rights are dropped. */
void session_rights_purge(struct socket *socket);
/* Takes a path of AF_UNIX away. @raise ENOENT */
int session_unlink(struct sessions *s, const struct name *path);
/* Ends the dialogue from this side; the transport goes on closing by itself. */
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
/* Takes an established connection of a listener: upper->socket, which is not written on an error.
 * *remote: the peer, even if it has reset the connection since.
 * @return 0
 * @raise EAGAIN if there is none
 * @raise EINVAL if it does not listen
 * @raise EOPNOTSUPP if it is not a stream
 * @raise ENOBUFS if the host has no room for another */
int session_accept(struct socket *listener, struct session_upper *upper, struct name *remote);
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
/* As transport_group, transport_interface_of. */
int session_group(struct socket *socket, enum transport_group_call call,
                  struct transport_group *group, nanoseconds now);
/* As transport_link. */
int session_link(struct socket *socket, enum transport_link_call call,
                 struct transport_link *given);
/* As transport_header. */
int session_header(struct socket *socket, enum transport_header_call call,
                   struct transport_header *header);
/* As transport_filter. */
int session_filter(struct socket *socket, enum transport_filter_call call,
                   struct transport_filter *filter);
uint16_t session_interface_of(const struct socket *socket, struct address own);
/* As transport_circuit. */
int session_circuit(struct socket *socket, enum transport_circuit_call call,
                    struct transport_circuit *circuit, nanoseconds now);
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
/* Takes the first of the touched ones off the list, whatever its host: whose it is; NULL: none. */
struct session_upper *session_ready_take(struct link_list *touched);
/* For transport_upper_codes. */
void session_ready_told(struct transport_upper *upper, nanoseconds now);
