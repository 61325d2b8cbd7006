/* SPDX-License-Identifier: MIT */
/* What the files of AF_UNIX share with each other, and the operations of transport_end.h. */
#pragma once
#include "5-session/unix.h"

static inline struct unix_end *unix_end_of(const struct transport_end *end)
{
    return (struct unix_end *)(uintptr_t)end; /* its first member */
}

/* ---- unix_end.c ---- */

/* The end, if it is of AF_UNIX; else NULL. */
struct unix_end *unix_end_if(const struct transport_end *end);

struct unix_end *unix_end_new(struct unix_host *h, struct transport_service *service);
/* One who refers to it less: the last one frees it. */
void unix_end_release(struct unix_end *e);
/* Its readiness may be another. */
void unix_end_tell(struct unix_end *e);
void unix_end_tell_waiters(struct unix_end *e); /* there is room, or nobody any more */
void unix_end_wait(struct unix_end *e, struct unix_end *full);
/* Is it a stream or sequenced packets: does it have connections? */
bool unix_end_connects(const struct unix_end *e);

/* ---- unix_name.c ---- */

int unix_name_bind(struct unix_end *e, const struct name *name);
/* Chooses a name, if it has none. @raise EADDRINUSE all are in use; ENOBUFS */
int unix_name_choose(struct unix_end *e);
/* Who is bound to it, for a socket of that kind. @raise ENOENT ECONNREFUSED EPROTOTYPE */
int unix_name_find(const struct unix_host *h, const struct name *name, uint32_t kind,
                   struct unix_end **found);
void unix_name_share(struct unix_end *e, struct unix_name *name);
void unix_name_close(struct unix_end *e); /* it is not found by its name any more */
void unix_name_release(struct unix_host *h, struct unix_name *name);
void unix_name_tell(const struct unix_end *e, struct name *name);

/* ---- unix_queue.c ---- */

/* What Linux would charge for so many bytes. */
uint32_t unix_queue_stream_charge(uint32_t bytes);
uint32_t unix_queue_datagram_charge(uint32_t bytes);
uint32_t unix_queue_chunk(const struct unix_end *e, size_t left); /* of a stream, at once */
/* Room of the sender for another message, whatever its length. @raise EAGAIN EPIPE, its error */
int unix_queue_may(struct unix_end *e);
/* Queues a message of e's at another end. @raise ENOBUFS */
int unix_queue_add(struct unix_end *e, struct unix_end *to, const struct transport_message *m,
                   const uint8_t *bytes, uint32_t length, uint32_t charge, nanoseconds now);
void unix_queue_remove(struct unix_end *e, struct unix_item *item);
void unix_queue_purge(struct unix_end *e);
struct unix_item *unix_queue_first(const struct unix_end *e);
struct unix_item *unix_queue_next(const struct unix_item *item);
static inline uint32_t unix_queue_left(const struct unix_item *item)
{
    return item->length - item->consumed;
}
/* Copies bytes of a message out, from so far behind what was consumed of it. */
void unix_queue_copy(const struct unix_end *e, const struct unix_item *item, uint32_t skip,
                     uint8_t *to, uint32_t length);
void unix_queue_consume(struct unix_end *e, struct unix_item *item, uint32_t length);
/* After a receive that was no peek: SO_PEEK_OFF goes back with what was read. */
void unix_queue_peek_back(struct unix_end *e, uint32_t length);
void unix_queue_peek_on(struct unix_end *e, uint32_t length);
static inline bool unix_queue_is_full(const struct unix_end *e)
{
    return e->waiting > e->backlog;
}
/* The rights of a message go to its receiver, or are shown to him. */
void unix_queue_rights(struct unix_end *e, struct unix_item *item, struct message_beside *beside,
                       bool peeks);
/* What goes with a message, for its receiver: who sent it, and his name. */
void unix_queue_beside(const struct unix_end *e, const struct unix_item *item,
                       struct transport_message *m);

/* ---- the operations ---- */

/* Datagrams go to another end from now on, or to none. */
void unix_peer_set(struct unix_end *e, struct unix_end *peer);

int unix_open(struct transport_service *service, struct transport_upper *upper,
              struct transport_end **end);
int unix_pair(struct transport_end *a, struct transport_end *b);
void unix_close(struct transport_end *end, nanoseconds now);
int unix_bind(struct transport_end *end, const struct name *local);
int unix_listen(struct transport_end *end, uint32_t backlog, nanoseconds now);
int unix_connect(struct transport_end *end, const struct name *remote, nanoseconds now);
int unix_connect_datagram(struct transport_end *end, const struct name *remote, nanoseconds now);
int unix_disconnect(struct transport_end *end, nanoseconds now);
int unix_accept(struct transport_end *end, struct transport_upper *upper,
                struct transport_end **accepted);
int unix_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
void unix_drained(struct transport_end *end, nanoseconds now);
void unix_local(const struct transport_end *end, struct name *local);
int unix_remote(const struct transport_end *end, struct name *remote);
int unix_info(const struct transport_end *end, struct transport_info *info, nanoseconds now);
ssize_t unix_stream_send(struct transport_end *end, const struct transport_message *m,
                         unsigned flags, nanoseconds now);
ssize_t unix_stream_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                            nanoseconds now);
ssize_t unix_datagram_send(struct transport_end *end, const struct transport_message *m,
                           unsigned flags, nanoseconds now);
ssize_t unix_datagram_receive(struct transport_end *end, struct transport_message *m,
                              unsigned flags, nanoseconds now);
enum transport_phase unix_option_phase(const struct transport_end *end);
unsigned unix_option_ready(const struct transport_end *end);
int unix_option_error_take(struct transport_end *end);
int unix_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                    nanoseconds now);
int unix_option_get(const struct transport_end *end, enum transport_option option, int64_t *value);
int64_t unix_option_count(const struct transport_end *end, enum transport_count_kind kind);
int unix_check(const struct transport_service *service);
