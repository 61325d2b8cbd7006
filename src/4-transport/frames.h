/* SPDX-License-Identifier: MIT */
/*
 * Sockets of whole frames (AF_PACKET, packet(7)): an end sees copies of what its host's interfaces
 * receive and send, and sends frames of its own by them. Nothing it does changes what the layers do
 * with a frame: copies are made before layer 2 looks further, by node/, which wires them from there
 * (2-link/watch.h). Down it is the same: what an end sends goes to layer 2 past all others.
 *
 * An end hears one protocol (an ethertype) or all; none: it only sends. Of all interfaces or of one
 * it is bound to. Sent frames are shown to ends of all protocols alone, and never to their own
 * sender, as on Linux. A *cooked* end has frames without the header of the link, which stands in
 * their name instead (SOCK_DGRAM); it gives a station to send to, and the header is made.
 *
 * The loopback has no link header; to ends it shows one of Ethernet with zeroes, as on Linux. Other
 * links without one (of a door that carries IP alone) are shown as they are.
 *
 * What waits counts against the end's receive buffer as its packet's whole slot, and all of a host
 * against a budget of its own, FRAMES_PACKETS: who captures and does not read takes nothing from
 * the traffic. A copy for which there is no room is counted for who asks (PACKET_STATISTICS); it is
 * no event, for no frame was lost.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "4-transport/filter.h"
#include "4-transport/options.h"
#include "4-transport/transport_end.h"
#include "base/means.h"

enum frames_constants {
    FRAMES_ENDS = 16,     /* of a host */
    FRAMES_PACKETS = 512, /* that wait at all of them */
    FRAMES_MEMBERS = 8,   /* memberships of an end */
    FRAMES_HEADER_BYTES = 14,
    FRAMES_ALL = 3 /* ETH_P_ALL */
};

/* An interface, as its frames have it. */
struct frames_device {
    uint32_t mtu;
    uint16_t hardware; /* ARPHRD_ */
    bool is_loopback;
    bool is_down;
    bool has_stations; /* and so a header */
    uint8_t address[6];
};

/* Beside a copy. */
struct frames_facts {
    uint8_t source[6];
    uint16_t protocol;
    uint16_t vlan; /* the tag that was taken off */
    uint8_t kind;  /* enum name_link_kind */
    uint8_t header_bytes;
    bool has_vlan;
};

struct frames {
    struct transport_service service; /* first */
    struct means *means;
    struct pool *end_pool, *item_pool;
    struct budget budget; /* of what waits */
    struct link_list ends;
    const struct frames_end *sender; /* whose frame goes down at this moment */
    uint32_t count;
    uint32_t zero;
};

/* A copy that waits. */
struct frames_item {
    struct list_link link;
    struct packet *packet;
    nanoseconds time;
    uint32_t true_length; /* before the filter cut it */
    uint16_t interface;   /* its number */
    uint16_t hardware;
    uint16_t protocol, vlan;
    uint8_t kind;
    uint8_t has_vlan;
    uint8_t network; /* where its layer-3 header is */
    uint8_t source[6];
    uint8_t has_source;
    uint8_t zero[6];
};

struct frames_member {
    uint16_t interface;
    uint16_t count; /* 0: a free place */
    uint8_t kind;   /* enum transport_member_kind */
    uint8_t address[8];
    uint8_t length;
};

struct frames_end {
    struct transport_end end; /* first */
    struct frames *frames;
    struct list_link link; /* in frames->ends */
    struct transport_options options;
    struct link_list waiting;
    struct charge *charge;
    struct filter filter;
    uint32_t used; /* bytes that wait, as slots */
    uint32_t count;
    uint32_t copied, dropped; /* since they were asked for */
    int32_t error;            /* pending, positive */
    uint16_t protocol;        /* it hears; 0: nothing */
    uint16_t interface;       /* number + 1; 0: all */
    uint8_t is_cooked;
    uint8_t ignores_sent;
    uint8_t zero[2];
    struct frames_member member[FRAMES_MEMBERS];
};

/* How many packets may wait on a host that may have so many: half of these, FRAMES_PACKETS at
 * most. */
uint32_t frames_packets(uint32_t packets);
uint32_t frames_end_bytes(void);
uint32_t frames_item_bytes(void);
void frames_init(struct frames *f, struct means *means, struct pool *end_pool,
                 struct pool *item_pool);
/* A frame was received or is sent by the interface of this number; it stays the caller's. */
void frames_arrived(struct frames *f, uint32_t interface, const struct packet *p,
                    const struct frames_facts *facts, nanoseconds now);
/* How many ends want to see the frames of this interface, and whether one wants all stations'. */
uint32_t frames_watchers(const struct frames *f, uint32_t interface);
bool frames_is_promiscuous(const struct frames *f, uint32_t interface);

/* ---- SEAM: node/ has the interfaces ---- */

/* false: there is no such interface */
bool frames_device_find(const struct frames *f, uint32_t number, struct frames_device *device);
/* Sends a whole frame; takes the packet. */
void frames_device_send(struct frames *f, uint32_t number, struct packet *p, nanoseconds now);
/* Who wants to see what has changed. */
void frames_device_settle(const struct frames *f);

/* ---- frames_end.c: the operations of transport_end.h ---- */
int frames_open(struct transport_service *service, struct transport_upper *upper,
                struct transport_end **end);
void frames_close(struct transport_end *end, nanoseconds now);
int frames_bind(struct transport_end *end, const struct name *local);
int frames_connect(struct transport_end *end, const struct name *remote, nanoseconds now);
int frames_disconnect(struct transport_end *end, nanoseconds now);
int frames_listen(struct transport_end *end, uint32_t backlog, nanoseconds now);
int frames_accept(struct transport_end *end, struct transport_upper *upper,
                  struct transport_end **accepted);
ssize_t frames_send(struct transport_end *end, const struct transport_message *m, unsigned flags,
                    nanoseconds now);
ssize_t frames_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                       nanoseconds now);
int frames_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now);
enum transport_phase frames_phase(const struct transport_end *end);
unsigned frames_ready(const struct transport_end *end);
int frames_error_take(struct transport_end *end);
void frames_drained(struct transport_end *end, nanoseconds now);
void frames_local(const struct transport_end *end, struct name *local);
int frames_remote(const struct transport_end *end, struct name *remote);
int frames_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                      nanoseconds now);
int frames_option_get(const struct transport_end *end, enum transport_option option,
                      int64_t *value);
int frames_filter(struct transport_end *end, enum transport_filter_call call,
                  struct transport_filter *filter);
int frames_link(struct transport_end *end, enum transport_link_call call,
                struct transport_link *given);
int64_t frames_count(const struct transport_end *end, enum transport_count_kind kind);
int frames_info(const struct transport_end *end, struct transport_info *info, nanoseconds now);
int frames_check(const struct transport_service *service);
