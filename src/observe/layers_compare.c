/* SPDX-License-Identifier: MIT */
/* layers_compare.h says it. */
#include "observe/layers_compare.h"

#include <string.h>
#include <sys/socket.h>

enum { LAYER_PHYSICAL = 1, LAYER_LINK = 2, LAYER_NETWORK = 3 };

int layers_compare_drop(unsigned reason)
{
    if (reason < DROP_FCS)
        return LAYER_PHYSICAL;
    if (reason < DROP_IP_HEADER)
        return LAYER_LINK;
    if (reason < DROP_UDP_HEADER)
        return LAYER_NETWORK;
    return reason < DROP_SWITCH_SOURCE ? LAYERS_TRANSPORT : LAYER_LINK;
}

/* Whose part of a frame a byte stands in: of what lies behind the packet, layer 2's. */
static int owner_of(const struct layers_header *h, uint32_t at)
{
    if (h->network == 0 || at < h->network || at >= h->end)
        return LAYER_LINK;
    if (at < h->transport)
        return LAYER_NETWORK;
    return at < h->payload ? LAYERS_TRANSPORT : LAYERS_APPLICATION;
}

/* The layer whose units were not the same: that of the byte, or the lower one that noticed. */
static int seen_by(const struct layers_frame *frame, int owner)
{
    int noticed = frame->drop == DROP_NONE ? owner : layers_compare_drop(frame->drop);

    return noticed < owner ? noticed : owner;
}

static void worsen(struct layers_row *row, enum layers_verdict verdict)
{
    if (verdict > row->verdict)
        row->verdict = verdict;
}

static void add_fault(struct layers_compared *c, struct layers_fault fault)
{
    for (int i = 0; i < c->faults; i++) {
        if (c->fault[i].frame == fault.frame)
            return;
    }
    if (c->faults == LAYERS_FAULTS)
        c->more++;
    else
        c->fault[c->faults++] = fault;
}

/* One frame as its wire took it and gave it; `last`: where its content ended. */
static void compare_wire(const struct layers_log *log, int i, int last, struct layers_compared *c)
{
    const struct layers_frame *frame = &log->frame[i];
    struct layers_fault fault = {.frame = i, .last = last};
    uint32_t least = frame->length;

    if (frame->delivered < 0) {
        add_fault(c, fault);
        return;
    }
    if (!frame->arrived) {
        if (frame->flags & FRAME_DAMAGED) { /* the wire changed a bit, and left the bytes alone */
            fault.layer = LAYER_PHYSICAL;
            worsen(&c->row[LAYER_PHYSICAL], LAYERS_DIFFERS);
            add_fault(c, fault);
        }
        return;
    }
    if (frame->arrived_length < least)
        least = frame->arrived_length;
    while (fault.at < least && frame->bytes[fault.at] == frame->arrived[fault.at])
        fault.at++;
    fault.layer = (uint8_t)owner_of(&frame->header, fault.at);
    fault.was = fault.at < frame->length ? frame->bytes[fault.at] : 0;
    fault.became = fault.at < frame->arrived_length ? frame->arrived[fault.at] : 0;
    worsen(&c->row[LAYER_PHYSICAL], LAYERS_DIFFERS);
    if (!(frame->flags & FRAME_DAMAGED)) /* which layer 2 saw, so that nobody above had it */
        worsen(&c->row[seen_by(&log->frame[last], fault.layer)], LAYERS_DIFFERS);
    add_fault(c, fault);
}

/* Did a translator on the way change whom the packet names? */
static bool is_translated(const struct layers_header *a, const struct layers_header *b)
{
    return !address_equal(a->source.address, b->source.address) ||
           !address_equal(a->dest.address, b->dest.address) || a->source.port != b->source.port ||
           a->dest.port != b->dest.port;
}

/* `most`: the highest layer that had it. */
static void add_bytes(struct layers_compared *c, int side, const struct layers_header *h,
                      uint32_t length, int most)
{
    const uint32_t bytes[LAYERS_TRANSPORT + 1] = {0, length, length,
                                                  h->network ? h->end - h->network : 0,
                                                  h->network ? h->end - h->transport : 0};

    for (int layer = LAYERS_LEAST; layer <= most; layer++) {
        c->row[layer].bytes[side] += bytes[layer];
        if (layer < LAYERS_TRANSPORT || !h->is_fragment || h->is_first)
            c->row[layer].units[side]++;
    }
}

/* What LAPB sends again is another frame with the same packet: layer 3 at an end has it once. */
static int highest_of(const struct layers_log *log, const struct layers_found *found, int i,
                      bool at_sender)
{
    const struct layers_header *h = &log->frame[found->unit[i].sent].header;

    for (int k = 0; h->is_x25 && k < i; k++) {
        const struct layers_unit *unit = &found->unit[k];

        if (log->frame[unit->sent].header.seq == h->seq &&
            (at_sender || unit->arrived != LAYERS_NONE))
            return LAYER_LINK;
    }
    return LAYERS_TRANSPORT;
}

static void compare_unit(const struct layers_log *log, const struct layers_found *found, int i,
                         struct layers_compared *c)
{
    const struct layers_unit *unit = &found->unit[i];
    const struct layers_frame *sent = &log->frame[unit->sent];
    struct layers_header there;

    add_bytes(c, 0, &sent->header, sent->length, highest_of(log, found, i, true));
    compare_wire(log, unit->sent, unit->arrived == LAYERS_NONE ? unit->sent : unit->arrived, c);
    if (unit->arrived == LAYERS_NONE)
        return;
    if (unit->arrived != unit->sent)
        compare_wire(log, unit->arrived, unit->arrived, c);
    (void)layers_log_arrived(&log->frame[unit->arrived], &there);
    add_bytes(c, 1, &there, log->frame[unit->arrived].length, highest_of(log, found, i, false));
    for (int layer = LAYERS_LEAST; layer <= LAYERS_TRANSPORT; layer++)
        worsen(&c->row[layer], LAYERS_SAME);
    if (unit->arrived != unit->sent && there.network > 0 &&
        is_translated(&sent->header, &log->frame[unit->arrived].header)) {
        worsen(&c->row[LAYER_NETWORK], LAYERS_TRANSLATED);
        worsen(&c->row[LAYERS_TRANSPORT], LAYERS_TRANSLATED);
    }
}

/* Of a datagram in pieces layer 4 gets all or nothing. */
static void compare_whole(const struct layers_log *log, const struct layers_found *found,
                          struct layers_compared *c)
{
    struct layers_row *row = &c->row[LAYERS_TRANSPORT];

    if (found->units == 0 || !log->frame[found->unit[0].sent].header.is_fragment)
        return;
    for (int i = 0; i < found->units; i++) {
        if (found->unit[i].arrived != LAYERS_NONE)
            continue;
        row->bytes[1] = 0;
        row->units[1] = 0;
        row->verdict = LAYERS_UNSEEN;
        return;
    }
}

void layers_compare(const struct layers_log *log, int i, const struct layers_found *found,
                    struct layers_compared *c)
{
    const struct layers_message *message = &log->message[i];
    enum layers_verdict data = LAYERS_SAME;

    memset(c, 0, sizeof *c);
    for (int k = 0; k < found->units; k++)
        compare_unit(log, found, k, c);
    compare_whole(log, found, c);
    for (int layer = LAYERS_LEAST; layer <= LAYERS_TRANSPORT; layer++) {
        if (found->units > 0)
            worsen(&c->row[layer], LAYERS_UNSEEN);
    }
    if (found->reads == 0)
        data = LAYERS_UNSEEN;
    else if (found->length < message->length)
        data = LAYERS_PART;
    for (int layer = LAYERS_TRANSPORT + 1; layer <= LAYERS_APPLICATION; layer++) {
        struct layers_row *row = &c->row[layer];

        row->bytes[0] = message->length;
        row->units[0] = 1;
        row->bytes[1] = found->length;
        row->units[1] = (uint32_t)found->reads;
        row->verdict = data;
    }
    if (log->way[message->way].domain ==
        AF_X25) /* layer 4 hands records on to layer 3 as they are */
        c->row[LAYERS_TRANSPORT] = c->row[LAYERS_TRANSPORT + 1];
    if (found->changed >= 0)
        c->row[LAYERS_APPLICATION].verdict = LAYERS_DIFFERS;
}
