/* SPDX-License-Identifier: MIT */
/* Counts for the summary of a run. */
#include <stdbool.h>
#include <string.h>
#include "scene/counts.h"

static void on_frame(struct scene_counts *counts, const struct sockeye_event *event)
{
    counts->frames++;
    counts->bytes += event->length;
    counts->lost += (event->flags & FRAME_LOST) != 0;
    counts->damaged += (event->flags & FRAME_DAMAGED) != 0;
    counts->flipped += (event->flags & FRAME_FLIPPED) != 0;
    counts->duplicated += (event->flags & FRAME_DUPLICATED) != 0;
    counts->reordered += (event->flags & FRAME_REORDERED) != 0;
    if (event->mark < MARK_COUNT)
        counts->marks[event->mark]++;
}

static void on_event(void *context, const struct sockeye_event *event)
{
    struct scene_counts *counts = context;

    switch ((enum event_kind)event->kind) {
    case EVENT_FRAME_SENT:
        on_frame(counts, event);
        break;
    case EVENT_DROP:
        if (event->reason < DROP_COUNT)
            counts->drops[event->reason]++;
        break;
    case EVENT_TCP_STATE:
        counts->connections += event->value[1] == TCP_STATE_ESTABLISHED;
        break;
    case EVENT_NONE:
    case EVENT_FRAME_DELIVERED:
    case EVENT_TCP_TIMER:
    case EVENT_TCP_CWND:
    case EVENT_NEIGHBOR:
    case EVENT_LINK:
    case EVENT_CALL:
    case EVENT_NOTE:
    case EVENT_KINDS:
        break;
    }
}

int scene_counts_watch(struct scene_counts *counts, struct sockeye *lab)
{
    memset(counts, 0, sizeof *counts);
    return sockeye_observe(lab, on_event, counts);
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
