/* SPDX-License-Identifier: MIT */
/*
 * Control messages (struct cmsghdr): built and parsed by hand, every length checked against the
 * bytes that are there.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "6-presentation/call_state.h"

/* What is being written: where, and how much room is left. */
struct control_room {
    uint8_t *at; /* NULL: none was given */
    size_t left;
    uint32_t flags; /* MSG_CTRUNC */
};

/* Writes one message, cut to the room. */
void control_put(struct control_room *room, int level, int type, const void *data, size_t length);

enum { CONTROL_PATH_MTU = 1 << 24 }; /* a flag told: m is such news; no bit of MSG_* */

/* ---- control_flow.c: labels of flows, and news of paths ---- */

/* A message has the label of a word of an IPv6 header; 0 is none. */
void control_flow_set(struct transport_message *m, struct transport_extra *extra, uint32_t word);
/* It has these options in its IPv4 header. */
void control_flow_header_set(struct transport_message *m, struct transport_extra *extra,
                             const uint8_t *options, size_t length);
/* The same by what its name says (sin6_flowinfo), unless a word beside it said so. */
void control_flow_of_name(const void *address, uint32_t length, struct transport_message *m,
                          struct transport_extra *extra);
/* The label of the peer by its name. @raise ENOBUFS */
int control_flow_of_peer(const struct descriptor *d, const void *address, uint32_t length,
                         nanoseconds now);
/* Is there news of a path's MTU? It is a message of no bytes, from whom the path leads to. */
bool control_flow_mtu(const struct descriptor *d, struct transport_message *m, nanoseconds now);
void control_flow_mtu_put(struct control_room *room, const struct transport_message *m);
/* struct ip6_mtuinfo */
void control_flow_mtu_write(const struct endpoint *to, uint32_t mtu, uint8_t *bytes);

/* ---- control_unix.c: of AF_UNIX ---- */

int control_unix_read(struct call_host *host, const void *control, size_t length,
                      struct message_beside *beside);
/* Writes what came beside a message, and what nobody gets of it is dropped. */
void control_unix_write(struct call_host *host, struct control_room *room,
                        struct message_beside *beside);
/* A message was not taken: its rights stay with who wanted to send them. */
void control_unix_keep(const struct call_host *host, struct message_beside *beside);

/* Reads what a program sends beside its bytes into source address, interface, hop limit and traffic
 * class of m; what few say into *extra, of which m then knows.
 * @return 0 @raise ENOBUFS EFAULT EINVAL ENODEV */
int control_read(const struct call_host *host, const struct descriptor *d, const void *control,
                 size_t length, struct transport_message *m, struct transport_extra *extra);
/* Writes what a program wants to be told beside its bytes into `room` bytes at `control`.
 * *flags: MSG_CTRUNC is added when something did not fit. @return bytes used */
size_t control_write(const struct call_host *host, const struct descriptor *d,
                     const struct transport_message *m, void *control, size_t room,
                     uint32_t *flags);
