/* SPDX-License-Identifier: MIT */
/*
 * Counts for the summary of a run. A drop is part of life on a network (a duplicate, an ARP request
 * for somebody else), so only --report lists them all; a few reasons mean that the lab itself could
 * not do what was asked of it, and others tell why a run failed: they are rows of `warnings`. Where
 * no route leads, reach.c says.
 */
#include <string.h>
#include "scene/counts.h"
#include "scene/text.h"

static const struct {
    enum drop reason;
    bool always; /* also after a good run */
    const char *cure;
} warnings[] = {
    {DROP_NO_MEMORY, true,
     "a host or wire holds 4,096 packets: give the wire a `queue`, or send less at once"},
    {DROP_TCP_MEMORY, true, "there were too many connections at once: use fewer, or more hosts"},
    {DROP_NEIGHBOR_TABLE, true, "there were too many neighbours at once: use fewer hosts a wire"},
    {DROP_WIRE_QUEUE_FULL, false,
     "more was sent than the wire takes: a higher `rate`, a longer `queue`, or send less at once"},
    {DROP_NEIGHBOR_FAILED, false,
     "nobody has the address (look at addresses, prefixes and routes), or the wire loses what is "
     "asked and answered"},
    {DROP_IP_DEST, false, "the packet came to a host that has another address: look at routes"},
    {DROP_PARTITION, false, "`faults` or sockeye set parted the two"},
    {DROP_NODE_AWAY, false, "`faults` or sockeye set had it crash, or stand still"},
    {DROP_WIRE_DOWN, false, "`down`, `faults` or sockeye set cut the wire"},
    {DROP_TCP_NO_SOCKET, false,
     "the server was not there yet (say `after: HOST.listening:PORT`), or has ended, or is on "
     "another port or address, as 127.0.0.1, which is its own host's alone"},
    {DROP_UDP_NO_SOCKET, false,
     "the server was not there yet (say `after: HOST.listening:PORT/udp`), or has ended, or is on "
     "another port or address, as 127.0.0.1, which is its own host's alone"},
    {DROP_TCP_BACKLOG, false, "the server did not accept in time: give it a longer backlog"},
};

static void on_frame(struct scene_counts *counts, const struct event_frame *frame)
{
    counts->frames++;
    counts->bytes += frame->length;
    counts->damaged += (frame->flags & FRAME_DAMAGED) != 0;
    counts->flipped += (frame->flags & FRAME_FLIPPED) != 0;
    counts->duplicated += (frame->flags & FRAME_DUPLICATED) != 0;
    counts->reordered += (frame->flags & FRAME_REORDERED) != 0;
    if (frame->mark < MARK_COUNT)
        counts->marks[frame->mark]++;
}

static void on_event(void *context, const struct sockeye_event *event)
{
    struct scene_counts *counts = context;

    if (event->kind == EVENT_FRAME_SENT)
        on_frame(counts, &event->frame);
    else if (event->kind == EVENT_DROP && event->drop.reason < DROP_COUNT)
        counts->drops[event->drop.reason]++;
}

int scene_counts_watch(struct scene_counts *counts, struct sockeye *lab)
{
    memset(counts, 0, sizeof *counts);
    return sockeye_observe(lab, 1U << EVENT_FRAME_SENT | 1U << EVENT_DROP, on_event, counts, NULL);
}

void scene_counts_end(struct scene_counts *counts)
{
    memcpy(counts->drops_before_end, counts->drops, sizeof counts->drops);
    counts->has_ended = true;
}

/* Also what a wire that went down had in its queue. */
static uint64_t lost(const struct scene_counts *counts)
{
    return counts->drops[DROP_WIRE_LOSS] + counts->drops[DROP_WIRE_QUEUE_FULL] +
           counts->drops[DROP_WIRE_DOWN] + counts->drops[DROP_WIRE_STANDING];
}

static uint64_t sent_again(const struct scene_counts *counts)
{
    uint64_t sum = 0;

    for (unsigned i = MARK_RETRANSMIT_SYN; i <= MARK_RETRANSMIT_PARTIAL; i++)
        sum += counts->marks[i];
    return sum;
}

static void add(FILE *out, uint64_t n, const char *words)
{
    if (n > 0)
        fprintf(out, ", %s %s", scene_text_count(n).bytes, words);
}

void scene_counts_line(const struct scene_counts *counts, FILE *out)
{
    fprintf(out, "%s (%s)", scene_text_plural(counts->frames, "frame").bytes,
            scene_text_bytes(counts->bytes).bytes);
    add(out, lost(counts), "lost");
    add(out, counts->damaged + counts->flipped, "damaged");
    add(out, sent_again(counts), "sent again");
}

void scene_counts_warn(const struct scene_counts *counts, bool all, FILE *out, const char *prefix)
{
    for (unsigned i = 0; i < sizeof warnings / sizeof *warnings; i++) {
        uint64_t n = counts->has_ended ? counts->drops_before_end[warnings[i].reason]
                                       : counts->drops[warnings[i].reason];

        if (n > 0 && (all || warnings[i].always))
            fprintf(out, "%s%s dropped (%s): %s\n", prefix, scene_text_plural(n, "packet").bytes,
                    event_drop_cause(warnings[i].reason), warnings[i].cure);
    }
}

void scene_counts_report(const struct scene_counts *counts, FILE *out, const char *prefix)
{
    fprintf(out, "%sframes: %s sent, %s", prefix, scene_text_count(counts->frames).bytes,
            scene_text_bytes(counts->bytes).bytes);
    add(out, lost(counts), "lost");
    add(out, counts->damaged, "damaged");
    add(out, counts->flipped, "damaged past the FCS");
    add(out, counts->duplicated, "duplicated");
    add(out, counts->reordered, "held back");
    fputc('\n', out);
    for (unsigned i = MARK_NONE + 1; i < MARK_COUNT; i++) {
        if (counts->marks[i] > 0)
            fprintf(out, "%ssegments: %s %s\n", prefix, scene_text_count(counts->marks[i]).bytes,
                    event_mark_name(i));
    }
    for (unsigned i = DROP_NONE + 1; i < DROP_COUNT; i++) {
        if (counts->drops[i] > 0)
            fprintf(out, "%sdropped: %s %s: %s\n", prefix, scene_text_count(counts->drops[i]).bytes,
                    event_drop_name(i), event_drop_cause(i));
    }
}
