/* SPDX-License-Identifier: MIT */
/* Counting, measuring and judging. Theory in achieved.h. */
#include "scene/achieved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scene/text.h"

enum { MILLION = 1000000, THOUSAND = 1000, FEW_MORE = 5400, FEW_LESS = 1000 /* thousandths */ };

static uint64_t square_root(uint64_t a)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
        if ((root | bit) * (root | bit) <= a)
            root |= bit;
    }
    return root;
}

uint64_t scene_achieved_off(const struct scene_achieved_count *c)
{
    uint64_t count = c->count * THOUSAND, asked = c->asked / THOUSAND;
    uint64_t sigma = square_root(c->variance); /* in thousandths */
    uint64_t bound = sigma * 329 / 100 + (count > asked ? FEW_MORE : FEW_LESS);

    return (count > asked ? count - asked : asked - count) * 100 / bound;
}

/* 8 buckets an octave: the three bits behind the first. */
static unsigned bucket_of(int64_t delay)
{
    uint64_t d = (uint64_t)delay;
    unsigned octave = d < 8 ? 3 : 63 - (unsigned)__builtin_clzll(d);

    return d < 8 ? (unsigned)d : (octave - 2) * 8 + (unsigned)(d >> (octave - 3) & 7);
}

static int64_t bucket_middle(unsigned bucket)
{
    unsigned octave = bucket / 8 + 2;
    int64_t width;

    if (bucket < 8)
        return bucket;
    width = INT64_C(1) << (octave - 3);
    return (INT64_C(1) << octave) + (int64_t)(bucket % 8) * width + width / 2;
}

void scene_achieved_delay(struct scene_achieved_direction *d, int64_t delay)
{
    d->bucket[bucket_of(delay)]++;
    d->least = d->measured == 0 || delay < d->least ? delay : d->least;
    d->most = delay > d->most ? delay : d->most;
    d->measured++;
}

int64_t scene_achieved_quantile(const struct scene_achieved_direction *d, unsigned percent)
{
    uint64_t left = (d->measured * percent + 99) / 100;

    for (unsigned i = 0; i < SCENE_ACHIEVED_BUCKETS; i++) {
        int64_t middle = bucket_middle(i);

        if (d->bucket[i] >= left)
            return middle > d->most ? d->most : middle < d->least ? d->least : middle;
        left -= d->bucket[i];
    }
    return d->most;
}

/* One frame more that is to meet it with this chance. */
static void ask(struct scene_achieved_count *c, uint64_t ppm, uint64_t inflation)
{
    c->asked += ppm;
    c->variance += ppm * (MILLION - ppm) / MILLION * inflation / THOUSAND;
}

/* The chance of a loss in the long run, and how much wider its count scatters for the bursts:
 * (1 + c) / (1 - c), where c = 1 - p - r is how much of a state is left a frame later. */
static void ask_loss(struct scene_achieved_count *c, const struct sockeye_wire_config *config)
{
    uint64_t p = config->loss_to_bad_ppm, r = config->loss_to_good_ppm, change = p + r;

    if (p == 0) {
        ask(c, config->loss_ppm, THOUSAND);
        return;
    }
    ask(c, (r * config->loss_ppm + p * config->loss_bad_ppm) / change,
        change >= MILLION ? THOUSAND : (2 * MILLION - change) * THOUSAND / change);
}

static void on_sent(struct scene_achieved_direction *d, const struct sockeye_wire_config *config,
                    const struct sockeye_event *event)
{
    const struct event_frame *frame = &event->frame;
    size_t slot = frame->serial % SCENE_ACHIEVED_FLIGHT;

    d->asked_least =
        d->frames == 0 || config->delay_ns < d->asked_least ? config->delay_ns : d->asked_least;
    d->frames++;
    if (frame->flags & (FRAME_QUEUE_FULL | FRAME_WIRE_DOWN))
        return;
    d->flight[slot].serial = frame->serial;
    d->flight[slot].sent = event->time;
    ask_loss(&d->lost, config);
    if (frame->flags & FRAME_LOST)
        return;
    ask(&d->duplicated, config->duplicate_ppm, THOUSAND);
    ask(&d->corrupted, config->corrupt_ppm, THOUSAND);
    ask(&d->reordered, config->reorder_ppm, THOUSAND);
    d->duplicated.count += (frame->flags & FRAME_DUPLICATED) != 0;
    d->corrupted.count += (frame->flags & (FRAME_DAMAGED | FRAME_FLIPPED)) != 0;
    d->reordered.count += (frame->flags & FRAME_REORDERED) != 0;
}

static void on_delivered(struct scene_achieved_direction *d,
                         const struct sockeye_wire_config *config,
                         const struct sockeye_event *event)
{
    size_t slot = event->frame.serial % SCENE_ACHIEVED_FLIGHT;

    (void)config;
    d->delivered++;
    d->marked += (event->frame.flags & FRAME_MARKED) != 0;
    if (d->flight[slot].serial == event->frame.serial)
        scene_achieved_delay(d, event->time - d->flight[slot].sent);
}

static void on_drop(struct scene_achieved_direction *d, const struct sockeye_wire_config *config,
                    const struct sockeye_event *event)
{
    unsigned reason = event->drop.reason;

    (void)config;
    d->lost.count += reason == DROP_WIRE_LOSS;
    d->refused += reason == DROP_WIRE_QUEUE_FULL;
    d->standing += reason == DROP_WIRE_STANDING;
    d->down += reason == DROP_WIRE_DOWN;
}

static void (*const handlers[EVENT_KINDS])(struct scene_achieved_direction *d,
                                           const struct sockeye_wire_config *config,
                                           const struct sockeye_event *event) = {
    [EVENT_FRAME_SENT] = on_sent,
    [EVENT_FRAME_DELIVERED] = on_delivered,
    [EVENT_DROP] = on_drop,
};

static void on_event(void *context, const struct sockeye_event *event)
{
    struct scene_achieved *achieved = context;
    struct scene_achieved_direction **of;
    unsigned wire = event->wire;

    /* the wires of the file are the lab's first, in its order */
    if (wire >= achieved->count || event->direction > 1)
        return;
    of = &achieved->direction[2 * wire + event->direction];
    if (*of == NULL)
        *of = calloc(1, sizeof **of);
    if (*of == NULL)
        return;
    handlers[event->kind](*of, &achieved->weather->wires[wire].now[event->direction], event);
}

int scene_achieved_watch(struct scene_achieved *achieved, const struct scene_weather *weather)
{
    achieved->weather = weather;
    achieved->count = weather->scene->wires_count;
    achieved->direction = calloc(2 * (size_t)achieved->count + 1, sizeof(void *));
    if (achieved->direction == NULL)
        return -ENOMEM;
    return sockeye_observe(weather->lab,
                           1U << EVENT_FRAME_SENT | 1U << EVENT_FRAME_DELIVERED | 1U << EVENT_DROP,
                           on_event, achieved, NULL);
}

void scene_achieved_close(struct scene_achieved *achieved)
{
    for (unsigned i = 0; achieved->direction != NULL && i < 2 * achieved->count; i++)
        free(achieved->direction[i]);
    free(achieved->direction);
    achieved->direction = NULL;
}

static void print_count(const struct scene_achieved_count *c, const char *what, bool *is_off,
                        FILE *out)
{
    uint64_t asked = c->asked / (MILLION / 10);

    if (c->asked == 0 && c->count == 0)
        return;
    fprintf(out, ", %s %s of %s.%llu asked", scene_text_count(c->count).bytes, what,
            scene_text_count(asked / 10).bytes, (unsigned long long)(asked % 10));
    *is_off |= scene_achieved_off(c) > 100;
}

static void print_number(uint64_t n, const char *what, FILE *out)
{
    if (n > 0)
        fprintf(out, ", %s %s", scene_text_count(n).bytes, what);
}

static bool is_early(const struct scene_achieved_direction *d)
{
    return d->measured > 0 && d->least < d->asked_least;
}

static void print_direction(const struct scene_achieved_direction *d, const char *wire,
                            const char *direction, FILE *out, const char *prefix)
{
    bool is_off = is_early(d);

    fprintf(out, "%swire %s %s: %s", prefix, wire, direction,
            scene_text_plural(d->frames, "frame").bytes);
    print_count(&d->lost, "lost", &is_off, out);
    print_count(&d->duplicated, "duplicated", &is_off, out);
    print_count(&d->corrupted, "damaged", &is_off, out);
    print_count(&d->reordered, "held back", &is_off, out);
    print_number(d->refused, "over the queue", out);
    print_number(d->standing, "dropped by CoDel", out);
    print_number(d->marked, "marked", out);
    print_number(d->down, "lost to the link that was down", out);
    if (d->measured > 0) {
        fprintf(out, "; under way %s", scene_text_time(scene_achieved_quantile(d, 50)).bytes);
        fprintf(out, ", 99 %% %s", scene_text_time(scene_achieved_quantile(d, 99)).bytes);
        fprintf(out, ", at most %s", scene_text_time(d->most).bytes);
        fprintf(out, ", of a delay of %s", scene_text_time(d->asked_least).bytes);
    }
    fprintf(out, ": %s\n", is_off ? "NOT as asked" : "as asked");
}

/* Is there anything to tell of a direction? */
static bool is_told(const struct scene_achieved_direction *d, bool all)
{
    const struct scene_achieved_count *const counts[] = {&d->lost, &d->duplicated, &d->corrupted,
                                                         &d->reordered};
    bool is_asked = d->asked_least > 0 || d->refused + d->standing + d->marked + d->down > 0;
    bool is_off = is_early(d);

    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) {
        is_asked |= counts[i]->asked > 0;
        is_off |= scene_achieved_off(counts[i]) > 200;
    }
    return is_off || (all && is_asked);
}

void scene_achieved_print(const struct scene_achieved *achieved, bool all, FILE *out,
                          const char *prefix)
{
    for (unsigned i = 0; achieved->direction != NULL && i < 2 * achieved->count; i++) {
        const struct scene_achieved_direction *d = achieved->direction[i];

        if (d != NULL && is_told(d, all))
            print_direction(d, achieved->weather->scene->wires[i / 2].name,
                            i % 2 ? "back" : "forth", out, prefix);
    }
}
