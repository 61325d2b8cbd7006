/* SPDX-License-Identifier: MIT */
/*
 * Running a record again. The lab is opened with what the header says (or from the image in it),
 * then each input is run at its time, after as many events of just that time as had run before it.
 * Between inputs time passes by itself.
 *
 * Each frame that is sent is held against the next entry: same time, wire, direction and hash, or
 * the replay ends with -EILSEQ and says what differed first. So a record made by an older build
 * tells where a newer one goes another way. The file is read a chunk at a time and believed only
 * where its hash fits: else -EBADMSG.
 *
 * The hashes have a key that everybody knows: they find accidents, not those who mean harm. So all
 * fields are read as if a stranger had written them: kinds, numbers and lengths are bounded
 * (input.c), times do not pass the end of a lab's time, and no call runs more than a bounded number
 * of events. An image is another matter (door.c, sockeye_load): a record that begins with one is
 * refused unless the caller trusts it.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lab/file.h"
#include "lab/record.h"

/* The entry that comes next. */
struct replay_entry {
    enum record_entry kind;
    int64_t time;
    uint64_t steps;
    uint64_t wire, direction, hash; /* RECORD_FRAME */
    enum record_end why;            /* RECORD_END */
};

struct sockeye_replay {
    struct sockeye *lab;
    uint8_t *chunk;
    struct reader r;
    struct replay_entry next; /* kind 0: not read yet */
    uint64_t chunks;
    int64_t time;
    int fd;
    int result; /* once it is not 0, all is over; 1: ended well */
    char text[256];
};

static int chunk_read(struct sockeye_replay *replay)
{
    uint8_t header[RECORD_CHUNK_HEADER_BYTES] = {0};
    struct reader r = reader_of(header, sizeof header);
    uint64_t hash;
    uint32_t length;

    if (file_read(replay->fd, header, sizeof header) < 0)
        return -EBADMSG;
    length = read_u32(&r);
    hash = read_u64(&r);
    if (length == 0 || length > RECORD_CHUNK_MOST)
        return -EBADMSG;
    free(replay->chunk);
    replay->chunk = malloc(length);
    if (!replay->chunk)
        return -ENOMEM;
    replay->r = reader_of(replay->chunk, length);
    if (file_read(replay->fd, replay->chunk, length) < 0 ||
        record_chunk_hash(replay->chunks++, replay->chunk, length) != hash)
        return -EBADMSG;
    return 0;
}

/* A number of no wire, below those of loopbacks, is a loopback's of a record made when labs were
 * smaller. */
static uint64_t wire_read(struct sockeye_replay *replay)
{
    const struct lab *lab = replay->lab->lab;
    uint64_t wire = sink_number_read(&replay->r);

    if (wire >= lab->config.wires && wire < LAB_LOOPBACK_WIRE)
        wire += LAB_LOOPBACK_WIRE - RECORD_OLD_LOOPBACK_WIRE;
    return wire;
}

/* Makes `next` the entry that comes next, if it is not already. */
static int peek(struct sockeye_replay *replay)
{
    struct replay_entry *e = &replay->next;
    struct reader *r = &replay->r;
    uint64_t kind;
    int64_t passed;

    if (e->kind)
        return 0;
    if (reader_left(r) == 0) {
        int result = chunk_read(replay);

        if (result < 0)
            return result;
    }
    kind = sink_number_read(r);
    e->kind = kind <= RECORD_END ? (enum record_entry)kind : 0;
    passed = sink_signed_read(r);
    if (passed < 0 || passed > SOCKEYE_TIME_MOST - replay->time)
        return -EBADMSG;
    e->time = replay->time += passed;
    switch (e->kind) {
    case RECORD_INPUT:
        e->steps = sink_number_read(r);
        break;
    case RECORD_FRAME:
        e->wire = wire_read(replay);
        e->direction = sink_number_read(r);
        e->hash = read_u64(r);
        break;
    case RECORD_END:
        e->steps = sink_number_read(r);
        e->why = (enum record_end)sink_number_read(r);
        break;
    default:
        return -EBADMSG;
    }
    return r->failed ? -EBADMSG : 0;
}

static void fail(struct sockeye_replay *replay, int result)
{
    if (replay->result == 0)
        replay->result = result;
}

static const char *wire_name(const struct sockeye_replay *replay, uint64_t wire)
{
    const char *name = wire < INT32_MAX ? sockeye_wire_name(replay->lab, (int)wire) : NULL;

    return name ? name : "?";
}

/* Says what the record holds next, in the place of what happened (NULL: nothing did). */
static void diverge(struct sockeye_replay *replay, const struct sockeye_event *event)
{
    const struct replay_entry *e = &replay->next;
    char now[112], then[112];

    if (replay->result)
        return;
    replay->result = -EILSEQ;
    if (event)
        snprintf(now, sizeof now, "frame %" PRIu64 " on wire %s %s at %" PRId64 ".%09d s",
                 event->frame.serial, wire_name(replay, event->wire),
                 event->direction ? "back" : "forth", event->time / SECOND,
                 (int)(event->time % SECOND));
    else
        snprintf(now, sizeof now, "no such frame was sent");
    if (e->kind == RECORD_FRAME)
        snprintf(then, sizeof then, "%s frame on wire %s %s at %" PRId64 ".%09d s",
                 event ? "another" : "a", wire_name(replay, e->wire),
                 e->direction ? "back" : "forth", e->time / SECOND, (int)(e->time % SECOND));
    else
        snprintf(then, sizeof then, "%s at %" PRId64 ".%09d s, and no frame before",
                 e->kind == RECORD_INPUT ? "an input" : "the end", e->time / SECOND,
                 (int)(e->time % SECOND));
    snprintf(replay->text, sizeof replay->text, "now: %s; recorded: %s", now, then);
}

/* A frame was sent: is it the one of the record? */
static void check_frame(void *context, const struct sockeye_event *event)
{
    struct sockeye_replay *replay = context;
    const struct replay_entry *e = &replay->next;
    int result;

    if (replay->result)
        return;
    result = peek(replay);
    if (result < 0) {
        fail(replay, result);
        return;
    }
    if (e->kind == RECORD_END && e->why == RECORD_AT_BOUND)
        return;
    if (e->kind != RECORD_FRAME || e->time != event->time || e->wire != event->wire ||
        e->direction != event->direction || e->hash != record_frame_hash(event))
        diverge(replay, event);
    else
        replay->next.kind = 0;
}

/* Runs what is due before the time, then sets the clock to it and runs `steps` events there: as
 * many as there are, since a later build may need fewer; the frames tell whether that is a
 * difference. At most *left events. @return it is there */
static bool drive_to(struct sockeye_replay *replay, int64_t time, uint64_t steps, int *left)
{
    struct lab *lab = replay->lab->lab;

    while (!replay->result && lab->now < time) {
        if (lab_next_deadline(lab) >= time)
            lab_clock_set(lab, time);
        else if (--*left >= 0)
            door_step(replay->lab);
        else
            return false;
    }
    while (!replay->result && lab->instant_steps < steps && lab_next_deadline(lab) <= time) {
        if (--*left < 0)
            return false;
        door_step(replay->lab);
    }
    return true;
}

/* One event, which must not be later than the frame that the record holds next. */
static void drive_frame(struct sockeye_replay *replay)
{
    struct lab *lab = replay->lab->lab;

    if (lab_next_deadline(lab) > replay->next.time)
        diverge(replay, NULL);
    else
        door_step(replay->lab);
}

static void run_input(struct sockeye_replay *replay)
{
    struct input in;
    void *scratch;

    if (input_read(&replay->r, &in, &scratch)) {
        replay->next.kind = 0;
        door_enter(replay->lab, &in);
    } else {
        fail(replay, -EBADMSG);
    }
    free(scratch);
}

/* @return 0: it goes on; what sockeye_replay_next returns */
static int go_on(struct sockeye_replay *replay, int *left)
{
    const struct replay_entry *e = &replay->next;
    int result = peek(replay);

    if (result < 0) {
        fail(replay, result);
        return 0;
    }
    switch (e->kind) {
    case RECORD_FRAME:
        if (--*left < 0)
            return SOCKEYE_REPLAY_TIME;
        drive_frame(replay);
        return 0;
    case RECORD_END:
        if (e->why == RECORD_STOPPED && !drive_to(replay, e->time, e->steps, left))
            return SOCKEYE_REPLAY_TIME;
        fail(replay, 1);
        return 0;
    case RECORD_INPUT:
        break;
    }
    if (!drive_to(replay, e->time, e->steps, left))
        return SOCKEYE_REPLAY_TIME;
    if (!replay->result)
        run_input(replay);
    return replay->result < 0 ? 0 : SOCKEYE_REPLAY_INPUT;
}

int sockeye_replay_next(struct sockeye_replay *replay)
{
    int left = LAB_EVENTS_A_CALL;

    while (!replay->result) {
        int result = go_on(replay, &left);

        if (result > 0)
            return result;
    }
    return replay->result < 0 ? replay->result : SOCKEYE_REPLAY_OVER;
}

const char *sockeye_replay_divergence(const struct sockeye_replay *replay)
{
    return replay->text[0] ? replay->text : NULL;
}

/* The lab that the file begins with. An image is damaged, and a config cannot be: EBADMSG. */
static int lab_read(int fd, enum sockeye_trust trust, struct sockeye **lab)
{
    uint8_t bytes[RECORD_HEADER_BYTES];
    struct record_header header;
    int result = file_read(fd, bytes, sizeof bytes);

    if (result == -ENODATA || (result == 0 && !record_header_read(bytes, &header)))
        return -EBADMSG;
    if (result < 0)
        return result;
    if (header.has_image && trust != SOCKEYE_TRUST_IMAGE)
        return -EPERM;
    result = header.has_image ? sockeye_load(fd, lab) : sockeye_open(&header.config, lab);
    return result == -EINVAL ? -EBADMSG : result;
}

int sockeye_replay_open(int fd, enum sockeye_trust trust, struct sockeye_replay **replay,
                        struct sockeye **lab)
{
    struct sockeye_replay *r = calloc(1, sizeof *r);
    int result;

    if (!r)
        return -ENOMEM;
    r->fd = fd;
    r->r = reader_of(r, 0);
    result = lab_read(fd, trust, &r->lab);
    if (result < 0) {
        free(r);
        return result;
    }
    r->time = r->lab->lab->now;
    result = sockeye_observe(r->lab, RECORD_EVENTS, check_frame, r, NULL);
    if (result < 0) {
        sockeye_close(r->lab);
        free(r);
        return result;
    }
    *replay = r;
    *lab = r->lab;
    return 0;
}

void sockeye_replay_close(struct sockeye_replay *replay)
{
    if (!replay)
        return;
    sockeye_close(replay->lab);
    free(replay->chunk);
    free(replay);
}
