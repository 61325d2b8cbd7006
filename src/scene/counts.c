/* SPDX-License-Identifier: MIT */
/* Counts for the summary of a run. */
#include <string.h>
#include "scene/counts.h"

static void on_frame(struct scene_counts *counts, const struct event_frame *frame)
{
    counts->frames++;
    counts->bytes += frame->length;
    counts->lost += (frame->flags & FRAME_LOST) != 0;
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
    else if (event->kind == EVENT_TCP_STATE)
        counts->connections += event->tcp_state.to == TCP_STATE_ESTABLISHED;
}

int scene_counts_watch(struct scene_counts *counts, struct sockeye *lab)
{
    memset(counts, 0, sizeof *counts);
    return sockeye_observe(lab, 1U << EVENT_FRAME_SENT | 1U << EVENT_DROP | 1U << EVENT_TCP_STATE,
                           on_event, counts, NULL);
}

void scene_counts_print(const struct scene_counts *counts, FILE *out, const char *prefix)
{
    const char *separator = "";

    fprintf(out,
            "%sframes: %llu sent (%llu bytes): %llu lost, %llu damaged, %llu duplicated, "
            "%llu held back\n",
            prefix, (unsigned long long)counts->frames, (unsigned long long)counts->bytes,
            (unsigned long long)counts->lost,
            (unsigned long long)(counts->damaged + counts->flipped),
            (unsigned long long)counts->duplicated, (unsigned long long)counts->reordered);
    fprintf(out, "%ssent again: ", prefix);
    for (unsigned i = MARK_NONE + 1; i < MARK_COUNT; i++) {
        if (counts->marks[i] == 0)
            continue;
        fprintf(out, "%s%llu %s", separator, (unsigned long long)counts->marks[i],
                event_mark_name(i));
        separator = ", ";
    }
    fprintf(out, "%s\n%sdrops: ", *separator == '\0' ? "nothing" : "", prefix);
    separator = "";
    for (unsigned i = DROP_NONE + 1; i < DROP_COUNT; i++) {
        if (counts->drops[i] == 0)
            continue;
        fprintf(out, "%s%llu %s", separator, (unsigned long long)counts->drops[i],
                event_drop_name(i));
        separator = ", ";
    }
    fprintf(out, "%s\n", *separator == '\0' ? "none" : "");
}
