/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX: sockets between the programs of one host (unix(7)). No bytes leave the host, so there is
 * no packet, no wire and no time on the way: a send puts its message into the receiver's queue, a
 * connect puts the other end of the connection into the listener's, each within the call. The three
 * kinds of transport that these are (streams, datagrams, sequenced packets) are rows of the
 * assembler's table; layer 4 has their seam, and knows nothing else of them.
 *
 * Behaviour is Linux's (net/unix/af_unix.c of 6.18), found out by asking the kernel the same
 * (test/kernel/unix_oracle.c); what a program sees of it is said in the headings of the files:
 *
 *     unix.c           the life of an end: open, pair, bind, listen, connect, accept, shutdown,
 *                      close
 *     unix_end.c       an end as an object
 *     unix_name.c      paths, abstract names, places; who is found by which
 *     unix_queue.c     messages that wait, and whom their memory is charged to
 *     unix_stream.c    bytes without boundaries; the byte out of band
 *     unix_datagram.c  whole messages: of datagrams and of sequenced packets
 *     unix_rights.c    descriptors that ride on messages
 *     unix_walk.c      and what rides in the queues of an end
 *     unix_option.c    options, readiness, counts, errors
 *     unix_check.c     what always holds
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/transport_end.h"
#include "5-session/session.h"
#include "base/means.h"
#include "base/pool.h"
#include "base/ring.h"
#include "base/table.h"

enum unix_constants {
    UNIX_KINDS = 3,
    UNIX_QUEUE_MOST = 10,       /* net.unix.max_dgram_qlen: one more than it may wait */
    UNIX_BUFFER_BYTES = 212992, /* net.core.wmem_default */
    UNIX_AUTOBIND_DIGITS = 5,   /* of the names that the host chooses */
    UNIX_RIGHTS_SHARE = 8       /* of so many sockets one message with rights may wait */
};

enum unix_state { UNIX_CLOSED, UNIX_LISTENING, UNIX_CONNECTED };

enum unix_shut { UNIX_SHUT_READING = 1, UNIX_SHUT_WRITING = 2, UNIX_SHUT_BOTH = 3 };

/* Options that are on or off. */
enum unix_flag {
    UNIX_REUSE_ADDRESS = 1, /* the first five are kept to be read again, as on Linux */
    UNIX_BROADCAST = 2,
    UNIX_KEEPALIVE = 4,
    UNIX_DONT_ROUTE = 8,
    UNIX_OOB_INLINE = 16, /* the byte out of band stays among the others */
    UNIX_PASS_CREDENTIALS = 32,
    UNIX_PASS_RIGHTS = 64 /* it takes descriptors */
};

/* How a name is found: paths as they are written, places by their number, and abstract names, of
 * which each kind of socket has its own. */
enum unix_space { UNIX_PATHS, UNIX_PLACES, UNIX_ABSTRACT };

/* A name that an end is bound to, and those that were accepted at it show. */
struct unix_name {
    struct table_link link; /* in host->names while `listed` */
    struct unix_end *end;   /* whose it is; NULL: a path whose socket is closed */
    uint64_t place;
    uint32_t references; /* ends that show it, and one while it is listed */
    uint32_t kind;       /* enum transport_kind: of an abstract name */
    uint32_t length;
    uint8_t listed;
    uint8_t space; /* enum unix_space */
    uint8_t zero[2];
    uint8_t bytes[NAME_UNIX_BYTES];
    uint32_t zero2;
};

/* A message that waits: its bytes lie in its receiver's ring. */
struct unix_item {
    struct list_link link;         /* in the queue of its receiver */
    struct unix_end *from;         /* charged for it; its name is the message's */
    struct session_rights *rights; /* NULL: none */
    uint64_t at;                   /* where its bytes begin in the ring */
    nanoseconds time;
    struct session_credentials credentials;
    uint32_t length, consumed;
    uint32_t charge; /* what it takes of the sender's buffer */
    uint8_t has_credentials;
    uint8_t peeked; /* an empty one, by a peek that goes on */
    uint8_t zero[2];
    uint32_t zero2;
};

struct unix_end {
    struct transport_end end; /* first */
    struct unix_host *host;
    struct list_link link; /* in host->ends */
    struct unix_name *name;
    struct unix_end *peer;     /* kept until this end is closed, whatever becomes of the peer */
    struct link_list senders;  /* datagrams: open ends whose peer this is */
    struct list_link sends_to; /* in the peer's `senders` */
    struct link_list waiters;  /* ends that found no room here */
    struct list_link waits;    /* in another's `waiters` */
    struct link_list queue;    /* of struct unix_item */
    struct link_list accepts;  /* a listener's: ends that wait to be accepted */
    struct list_link accepted; /* in the listener's `accepts` */
    struct unix_item *urgent;  /* the byte out of band, if it was not passed yet */
    struct ring bytes;
    uint64_t unread; /* bytes in the queue that were not read */
    uint64_t serial; /* its number on its host, from 1 */
    int64_t linger;
    struct session_credentials credentials; /* of whom SO_PEERCRED tells */
    uint32_t references; /* open or waiting to be accepted: 1; each message sent, each peer */
    uint32_t charged;    /* of the messages sent that wait somewhere */
    uint32_t send_buffer, receive_buffer, low_water;
    uint32_t rights;  /* messages in the queue that have some */
    uint32_t waiting; /* messages, or ends, in the queue */
    uint32_t backlog; /* one more than so many may wait */
    uint32_t priority, mark;
    int32_t peek_at; /* where a peek begins; -1: at the front, always */
    int32_t error;   /* a positive errno, told once */
    uint32_t flags;  /* enum unix_flag */
    uint8_t state;   /* enum unix_state */
    uint8_t shut;    /* enum unix_shut */
    uint8_t dead;    /* its user has closed it */
    uint8_t has_credentials;
    uint32_t zero;
};

struct unix_host {
    struct transport_service service[UNIX_KINDS];
    struct means *means;
    struct pool *end_pool, *name_pool, *item_pool, *rights_pool;
    struct link_list ends;
    struct link_list lost, released; /* rights that nobody got: by number, and held */
    struct table names;
    struct siphash_key key;
    struct session_credentials caller; /* who makes the calls */
    uint64_t serials;                  /* ends made so far */
    uint32_t end_limit, name_limit, item_limit, rights_limit;
    uint32_t ends_count, names_count, items_count, rights_count;
    uint32_t chosen;     /* names so far that the host chose */
    uint32_t queue_most; /* net.unix.max_dgram_qlen */
    uint32_t zero;
};

struct unix_plan {
    struct pool *end_pool, *name_pool, *item_pool, *rights_pool;
    uint32_t sockets; /* most of the host, a power of two */
};

uint32_t unix_end_bytes(void);
uint32_t unix_name_bytes(void);
uint32_t unix_item_bytes(void);
uint32_t unix_rights_limit(uint32_t sockets); /* messages with rights under way, of a host */
int unix_init(struct unix_host *h, struct means *means, const struct unix_plan *plan);
/* Its host has lost power: what waits is gone, and connections tell ENETDOWN. */
void unix_crash(struct unix_host *h);
/* Who the peer of a connection was when it was made; of any kind of end, which knows no such thing:
 * nobody. */
void unix_credentials(const struct transport_end *end, struct session_credentials *credentials);
/* The numbers of an end and of its peer; 0: of any kind of end, which has none, or no peer. */
void unix_serials(const struct transport_end *end, uint64_t *own, uint64_t *peer);

/* ---- unix_rights.c: see session.h ---- */
struct session_rights *unix_rights_open(struct unix_host *h);
void unix_rights_close(struct unix_host *h, struct session_rights *rights);
void unix_rights_drop(struct unix_host *h, struct session_rights *rights);
struct session_rights *unix_rights_take(struct link_list *list);

/* ---- unix_walk.c: the same ---- */

/* Of any kind of end: what is none of AF_UNIX has none. */
bool unix_walk_holds(const struct transport_end *end);
const struct session_rights *unix_walk_next(const struct transport_end *end,
                                            struct session_rights_walk *walk);
void unix_walk_purge(struct transport_end *end);

/* Takes a path away. Who is bound to it shows it still. @raise ENOENT */
int unix_name_unlink(struct unix_host *h, const struct name *name);
