/* SPDX-License-Identifier: MIT */
/*
 * Record and replay: the log of inputs alone gives every frame and the same state again; a lab that
 * does something else is told where; a record that is damaged, cut off or full does no harm.
 */
#include "scenario.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "lab/file.h"
#include "lab/record.h"

enum { MOST_EVENTS = 1000000 };
#define MOST_BYTES (UINT64_C(64) << 20)

struct digest {
    uint64_t hash, frames;
};

static void digest_frame(void *context, const struct sockeye_event *event)
{
    struct digest *d = context;
    struct siphash_key key = {d->hash, (uint64_t)event->time};

    if (event->kind != EVENT_FRAME_SENT && event->kind != EVENT_FRAME_DELIVERED)
        return;
    d->hash = siphash(key, event->frame.bytes, event->frame.length) + event->kind;
    d->frames++;
}

static int memory_file(void)
{
    int fd = memfd_create("record", 0);

    check(fd >= 0);
    return fd;
}

static void lab_open(struct scenario *s, uint64_t seed)
{
    struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 1, .sockets = 60, .buffer_bytes = 16 << 20};

    memset(s, 0, sizeof *s);
    s->seed = seed;
    check(sockeye_open(&config, &s->lab) == 0);
}

static void lab_run(struct scenario *s)
{
    const struct sockeye_wire_config wire = {.rate_bits = 100000000,
                                             .delay_ns = 1000000,
                                             .loss_ppm = 30000,
                                             .reorder_ppm = 30000,
                                             .duplicate_ppm = 20000};

    scenario_hosts(s, &wire, NULL);
    scenario_expect(s, sockeye_set(s->lab, -1, "net.ipv4.tcp_wmem", "4096 20000 100000") == 0);
    scenario_flow_open(s, 0, 200000, 20000);
    scenario_flow_open(s, 1, 1000, 90000);
    scenario_datagrams_open(s, 50);
    for (int i = 0; i < MOST_EVENTS && !scenario_done(s) && s->problem == 0; i++)
        if (!scenario_step(s, SOCKEYE_NEVER - 1))
            break;
    scenario_leave(s);
    sockeye_advance(s->lab, sockeye_now(s->lab) + 1000000);
    check(scenario_done(s) && s->problem == 0);
}

/* Records a whole run. */
static int record_made(uint64_t seed, struct digest *d, uint64_t *state)
{
    struct scenario s;
    int fd = memory_file();

    lab_open(&s, seed);
    check(sockeye_observe(s.lab, EVENT_EVERYTHING, digest_frame, d, NULL) >= 0);
    check(sockeye_record(s.lab, fd, MOST_BYTES) == 0);
    check_equal(sockeye_record_state(s.lab), SOCKEYE_RECORD_ON);
    lab_run(&s);
    check(sockeye_record_stop(s.lab) == 0);
    check_equal(sockeye_record_state(s.lab), SOCKEYE_RECORD_OFF);
    if (state)
        *state = sockeye_hash(s.lab);
    sockeye_close(s.lab);
    return fd;
}

/* @return the last result of the replay */
static int replayed(int fd, struct digest *d, uint64_t *state)
{
    struct sockeye_replay *replay;
    struct sockeye *lab;
    int result;

    check(lseek(fd, 0, SEEK_SET) == 0);
    result = sockeye_replay_open(fd, SOCKEYE_TRUST_IMAGE, &replay, &lab);
    if (result < 0)
        return result;
    check(sockeye_observe(lab, EVENT_EVERYTHING, digest_frame, d, NULL) >= 0);
    while ((result = sockeye_replay_next(replay)) == 1)
        ;
    check((result == -EILSEQ) == (sockeye_replay_divergence(replay) != NULL));
    if (state)
        *state = sockeye_hash(lab);
    sockeye_replay_close(replay);
    return result;
}

static void replay_is_the_run(void)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct digest run = {0, 0}, again = {0, 0};
        uint64_t state, state_again;
        int fd = record_made(seed, &run, &state);

        check_equal(replayed(fd, &again, &state_again), 0);
        check(run.frames > 100);
        check_equal(again.frames, run.frames);
        check_equal(again.hash, run.hash);
        check_equal(state_again, state);
        close(fd);
    }
}

static void recording_changes_nothing(void)
{
    struct digest run = {0, 0};
    uint64_t state;
    struct scenario s;
    int fd = record_made(1, &run, &state);

    close(fd);
    lab_open(&s, 1);
    lab_run(&s);
    check_equal(sockeye_hash(s.lab), state);
    sockeye_close(s.lab);
}

static void record_from_the_middle(void)
{
    struct digest run = {0, 0}, again = {0, 0};
    uint64_t state, state_again;
    struct scenario s;
    int fd = memory_file();

    lab_open(&s, 9);
    check(sockeye_host(s.lab, "c") == 0);
    check(sockeye_record(s.lab, fd, MOST_BYTES) == 0);
    check(sockeye_observe(s.lab, EVENT_EVERYTHING, digest_frame, &run, NULL) >= 0);
    check(sockeye_host(s.lab, "d") == 1);
    check(sockeye_wire(s.lab, "w", NULL, NULL) == 0);
    check(sockeye_interface(s.lab, 0, "eth0", 0, 0, NULL) == 1);
    check(sockeye_interface(s.lab, 1, "eth0", 0, 1, NULL) == 1);
    check(sockeye_address(s.lab, 0, 1, "10.0.0.1/24") == 0);
    sockeye_advance(s.lab, 10000000000);
    check(sockeye_record_stop(s.lab) == 0);
    state = sockeye_hash(s.lab);
    sockeye_close(s.lab);
    check_equal(replayed(fd, &again, &state_again), 0);
    check(run.frames > 0);
    check_equal(again.hash, run.hash);
    check_equal(state_again, state);
    close(fd);
}

/* Nothing has happened to a lab that was loaded, but it is not as it was opened. */
static void a_record_of_a_loaded_lab_begins_with_an_image(void)
{
    struct sockeye_replay *replay;
    int image = memory_file(), fd = memory_file();
    struct scenario s;
    struct sockeye *lab;

    lab_open(&s, 9);
    check(sockeye_host(s.lab, "c") == 0);
    check_equal(sockeye_save(s.lab, image), 0);
    sockeye_close(s.lab);
    check(lseek(image, 0, SEEK_SET) == 0);
    check_equal(sockeye_load(image, &lab), 0);
    check_equal(sockeye_record(lab, fd, MOST_BYTES), 0);
    check(sockeye_host(lab, "d") == 1);
    check_equal(sockeye_record_stop(lab), 0);
    sockeye_close(lab);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_IMAGE, &replay, &lab), 0);
    check_equal(sockeye_replay_next(replay), 1);
    check(sockeye_find_host(lab, "c") == 0 && sockeye_find_host(lab, "d") == 1);
    check_equal(sockeye_replay_next(replay), 0);
    sockeye_replay_close(replay);
    close(image);
    close(fd);
}

static void divergence_is_named(void)
{
    const struct sockeye_wire_config slower = {.delay_ns = 1000001};
    struct digest run = {0, 0};
    struct sockeye_replay *replay;
    struct sockeye *lab;
    const char *text;
    int fd = record_made(2, &run, NULL), result = 1;

    check(lseek(fd, 0, SEEK_SET) == 0);
    check(sockeye_replay_open(fd, SOCKEYE_TRUST_IMAGE, &replay, &lab) == 0);
    for (int i = 0; i < 60 && result == 1; i++)
        result = sockeye_replay_next(replay);
    check_equal(result, 1);
    check(sockeye_wire_change(lab, 0, 0, &slower) == 0);
    while ((result = sockeye_replay_next(replay)) == 1)
        ;
    check_equal(result, -EILSEQ);
    check_equal(sockeye_replay_next(replay), -EILSEQ);
    text = sockeye_replay_divergence(replay);
    printf("# %s\n", text ? text : "no text");
    check(text && strstr(text, "wire w0") && strstr(text, "recorded:"));
    sockeye_replay_close(replay);
    close(fd);
}

static void cut_off_is_noticed(void)
{
    struct digest run = {0, 0}, again = {0, 0};
    int fd = record_made(3, &run, NULL);
    struct stat stat;

    check(fstat(fd, &stat) == 0);
    for (off_t length = stat.st_size - 1; length >= 0;
         length -= length > 100 ? 1 + stat.st_size / 60 : 1) {
        check(ftruncate(fd, length) == 0);
        check_equal(replayed(fd, &again, NULL), -EBADMSG);
    }
    close(fd);
}

/* As a process that was killed leaves it. */
static void what_was_flushed_can_be_replayed(void)
{
    struct digest run = {0, 0}, again = {0, 0};
    int fd = memory_file();
    struct scenario s;

    lab_open(&s, 5);
    check(sockeye_observe(s.lab, EVENT_EVERYTHING, digest_frame, &run, NULL) == 0);
    check(sockeye_record(s.lab, fd, MOST_BYTES) == 0);
    check_equal(sockeye_record_flush(s.lab), 0);
    check_equal(lseek(fd, 0, SEEK_CUR), RECORD_HEADER_BYTES); /* no empty chunk */
    lab_run(&s);
    check_equal(sockeye_record_flush(s.lab), 0);
    check_equal(replayed(fd, &again, NULL), -EBADMSG);
    check(run.frames > 0 && again.frames == run.frames && again.hash == run.hash);
    check_equal(sockeye_record_stop(s.lab), 0);
    check_equal(sockeye_record_flush(s.lab), 0); /* there is none */
    sockeye_close(s.lab);
    close(fd);
}

static void damage_is_noticed(void)
{
    struct digest run = {0, 0}, again = {0, 0};
    int fd = record_made(4, &run, NULL);
    struct stat stat;

    check(fstat(fd, &stat) == 0);
    for (off_t i = 0; i < 150; i++) {
        off_t at = i < 100 ? i : stat.st_size / 150 * i;
        uint8_t byte, other;

        check(pread(fd, &byte, 1, at) == 1);
        other = byte ^ 0x41;
        check(pwrite(fd, &other, 1, at) == 1);
        check_equal(replayed(fd, &again, NULL), -EBADMSG);
        check(pwrite(fd, &byte, 1, at) == 1);
    }
    check_equal(replayed(fd, &again, NULL), 0);
    close(fd);
}

/* Replays a record of one chunk, whose hash fits. */
static int chunk_replayed(const uint8_t *body, uint32_t length)
{
    uint8_t bytes[RECORD_HEADER_BYTES + RECORD_CHUNK_HEADER_BYTES];
    struct record_header header = {
        .config = {.hosts = 2, .wires = 2, .sockets = 16, .packets = 64, .buffer_bytes = 1 << 20}};
    struct writer w = writer_of(bytes + RECORD_HEADER_BYTES, RECORD_CHUNK_HEADER_BYTES);
    struct digest d = {0, 0};
    int fd = memory_file(), result;

    record_header_write(bytes, &header);
    write_u32(&w, length);
    write_u64(&w, record_chunk_hash(0, body, length));
    check(file_write(fd, bytes, sizeof bytes) == 0);
    check(file_write(fd, body, length) == 0);
    result = replayed(fd, &d, NULL);
    close(fd);
    return result;
}

/* Chunks whose hash fits but whose entries make no sense. */
static void nonsense_is_refused(void)
{
    int refused = 0;

    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct siphash_key key = {seed, 5};
        uint32_t length = 1 + (uint32_t)random_below(random_draw(key, RANDOM_KEY, 0), 64);
        uint8_t body[64];
        int result;

        for (uint32_t i = 0; i < length; i++)
            body[i] = (uint8_t)random_draw(key, RANDOM_KEY, i + 1);
        body[0] = (uint8_t)(1 + body[0] % 2);
        body[1] &= 0x7f;
        body[2] &= 0x03;
        body[3] &= 0x1f;
        result = chunk_replayed(body, length);
        /* 0: by chance there stands an entry that ends the record */
        check(result == -EBADMSG || result == -EILSEQ || result == 0);
        refused += result < 0;
    }
    check(refused > 1900);
}

static int entry_replayed(uint64_t kind)
{
    struct sink sink = {0};
    int result;

    sink_number(&sink, kind);
    sink_signed(&sink, 0); /* time */
    sink_number(&sink, 0); /* steps */
    sink_number(&sink, RECORD_STOPPED);
    check(!sink.failed);
    result = chunk_replayed(sink.bytes, (uint32_t)sink.used);
    free(sink.bytes);
    return result;
}

static void kinds_are_whole_numbers(void)
{
    check_equal(entry_replayed(RECORD_END), 0);
    check_equal(entry_replayed(RECORD_END + 1), -EBADMSG);
    check_equal(entry_replayed(RECORD_END + (UINT64_C(1) << 32)), -EBADMSG);
    check_equal(entry_replayed(0), -EBADMSG);
}

static void stops_at_its_bound(void)
{
    for (uint64_t most = 300; most < 300000; most = most * 5 / 2) {
        struct digest run = {0, 0};
        struct scenario s;
        struct stat stat;
        int fd = memory_file();

        lab_open(&s, 6);
        check(sockeye_record(s.lab, fd, most) == 0);
        lab_run(&s);
        check_equal(sockeye_record_state(s.lab), SOCKEYE_RECORD_FULL);
        check(sockeye_record_stop(s.lab) == 0);
        sockeye_close(s.lab);
        check(fstat(fd, &stat) == 0 && (uint64_t)stat.st_size <= most);
        check_equal(replayed(fd, &run, NULL), 0);
        close(fd);
    }
}

static void full_disk_does_no_harm(void)
{
    struct digest run = {0, 0};
    struct scenario s;
    uint64_t state;
    int full = open("/dev/full", O_WRONLY), fd;

    fd = record_made(7, &run, &state);
    close(fd);
    check(full >= 0);
    lab_open(&s, 7);
    check_equal(sockeye_record(s.lab, full, MOST_BYTES), -ENOSPC);
    sockeye_close(s.lab);

    lab_open(&s, 7);
    fd = memory_file();
    check(sockeye_record(s.lab, fd, MOST_BYTES) == 0);
    check(dup2(full, fd) == fd);
    lab_run(&s);
    check_equal(sockeye_record_state(s.lab), SOCKEYE_RECORD_FAILED);
    check_equal(sockeye_record_stop(s.lab), -EIO);
    check_equal(sockeye_hash(s.lab), state);
    sockeye_close(s.lab);
    close(fd);
    close(full);
}

static const struct test tests[] = {
    {"a replay gives every frame and the same state", replay_is_the_run},
    {"recording changes nothing", recording_changes_nothing},
    {"a record may begin in the middle", record_from_the_middle},
    {"a record of a lab that was loaded begins with an image",
     a_record_of_a_loaded_lab_begins_with_an_image},
    {"the first divergence is named", divergence_is_named},
    {"a record that is cut off anywhere is noticed", cut_off_is_noticed},
    {"what was flushed can be replayed", what_was_flushed_can_be_replayed},
    {"a changed byte anywhere is noticed", damage_is_noticed},
    {"entries without sense are refused", nonsense_is_refused},
    {"a kind of entry is not cut to 32 bits", kinds_are_whole_numbers},
    {"a record stops at its bound and can be replayed to there", stops_at_its_bound},
    {"a full disk ends the record and not the lab", full_disk_does_no_harm},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
