/* SPDX-License-Identifier: MIT */
/*
 * Who looks at a lab, and how: readers and observers as sockeye.h has them. That looking changes
 * nothing, that an observer loses nothing, and that a reader that loses is told how much.
 */
#include "scenario.h"

#include "check.h"

#define SECOND_NS INT64_C(1000000000)

enum { MOST_EVENTS = 1000000 };

static void open_pair(struct scenario *s, uint32_t mtu, uint32_t queue)
{
    const struct sockeye_config config = {.seed = 5, .hosts = 2, .wires = 1, .sockets = 64};
    const struct sockeye_wire_config wire = {.rate_bits = 100000000,
                                             .delay_ns = 1000000,
                                             .loss_ppm = queue ? 0 : 20000,
                                             .queue_packets = queue,
                                             .mtu = mtu};

    memset(s, 0, sizeof *s);
    s->seed = 5;
    check(sockeye_open(&config, &s->lab) == 0);
    scenario_hosts(s, &wire, NULL);
    check_equal(s->problem, 0);
}

/* What an observer or a reader saw. */
struct digest {
    uint64_t hash, count, kind[EVENT_KINDS];
};

static void digest(void *context, const struct sockeye_event *event)
{
    struct digest *d = context;
    struct siphash_key key = {d->hash, (uint64_t)event->time};

    d->hash = siphash_words(key, &(uint64_t){event->kind}, 1);
    if (event->kind == EVENT_FRAME_SENT || event->kind == EVENT_FRAME_DELIVERED) {
        key.k0 = d->hash;
        d->hash = siphash(key, event->frame.bytes, event->frame.bytes ? event->frame.length : 0);
    }
    d->count++;
    d->kind[event->kind]++;
}

static void drain(struct sockeye_reader *reader, struct digest *d)
{
    struct sockeye_event event;

    while (sockeye_reader_next(reader, &event))
        digest(d, &event);
}

static bool step(struct scenario *s)
{
    return !scenario_done(s) && s->problem == 0 && scenario_step(s, SOCKEYE_NEVER - 1);
}

static void begin(struct scenario *s)
{
    scenario_flow_open(s, 0, 400000, 40000);
    scenario_datagrams_open(s, 20);
}

static void looking_changes_nothing(void)
{
    static const int readers[] = {0, 1, 5};
    uint64_t hash[3];

    for (int run = 0; run < 3; run++) {
        struct sockeye_reader *reader[5];
        struct digest seen = {0}, called = {0};
        struct scenario s;

        open_pair(&s, 0, 0);
        check_equal(sockeye_reader_room(s.lab, SOCKEYE_READER_BYTES_LEAST), 0);
        for (int i = 0; i < readers[run]; i++)
            check_equal(sockeye_reader_open(s.lab, i == 3 ? 1U << EVENT_DROP : EVENT_EVERYTHING,
                                            &reader[i]),
                        0);
        if (run == 2)
            check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &called, NULL), 0);
        begin(&s);
        while (step(&s))
            if (readers[run])
                drain(reader[0], &seen);
        check(scenario_done(&s) && s.problem == 0);
        hash[run] = sockeye_hash(s.lab);
        check((seen.count > 1000) == (run > 0));
        if (run == 2)
            check(seen.count == called.count && seen.hash == called.hash);
        sockeye_close(s.lab);
    }
    check(hash[0] == hash[1] && hash[0] == hash[2]);
}

static void slow_readers_are_told(void)
{
    static const uint32_t kinds[] = {EVENT_EVERYTHING, 1U << EVENT_FRAME_SENT, 1U << EVENT_TCP_CWND,
                                     1U << EVENT_FRAME_SENT | 1U << EVENT_CALL, 0};
    struct sockeye_reader *reader[5];
    struct digest all = {0}, seen[5] = {{0}};
    struct scenario s;
    uint64_t steps = 0;

    open_pair(&s, 0, 0);
    check_equal(sockeye_reader_room(s.lab, SOCKEYE_READER_BYTES_LEAST), 0);
    check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &all, NULL), 0);
    for (int i = 0; i < 5; i++)
        check_equal(sockeye_reader_open(s.lab, kinds[i], &reader[i]), 0);
    begin(&s);
    while (step(&s))
        if (++steps % 500 == 0)
            drain(reader[3], &seen[3]);
    for (int i = 0; i < 5; i++) {
        uint64_t want = 0;

        drain(reader[i], &seen[i]);
        for (int kind = 0; kind < EVENT_KINDS; kind++) {
            want += kinds[i] >> kind & 1 ? all.kind[kind] : 0;
            check(seen[i].kind[kind] == 0 || kinds[i] >> kind & 1);
        }
        check_equal(seen[i].count + sockeye_reader_lost(reader[i]), want);
        check((sockeye_reader_lost(reader[i]) > 0) == (i != 4));
    }
    check(all.count > 1000);
    sockeye_close(s.lab);
}

/* One call that makes more events than the ring holds: a datagram in 1365 fragments, most of which
 * the short queue of the wire refuses. */
static void observers_lose_nothing(void)
{
    static const uint8_t bytes[65507];
    struct sockeye_reader *reader;
    struct digest all = {0}, late = {0};
    struct sockaddr_in to;
    struct scenario s;
    int fd;

    open_pair(&s, 68, 10);
    fd = sockeye_socket(s.lab, 0, AF_INET, SOCK_DGRAM, 0);
    scenario_address(&to, 1, 4000);
    check_equal(
        sockeye_bind(s.lab, 1, sockeye_socket(s.lab, 1, AF_INET, SOCK_DGRAM, 0), &to, sizeof to),
        0);
    check_equal(sockeye_connect(s.lab, 0, fd, &to, sizeof to), 0);
    check_equal(sockeye_send(s.lab, 0, fd, bytes, 1, 0), 1); /* the station is asked for */
    sockeye_advance(s.lab, 10 * SECOND_NS);
    check_equal(sockeye_reader_room(s.lab, SOCKEYE_READER_BYTES_LEAST), 0);
    check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &all, NULL), 0);
    check_equal(sockeye_reader_open(s.lab, EVENT_EVERYTHING, &reader), 0);
    check_equal(sockeye_send(s.lab, 0, fd, bytes, sizeof bytes, 0), sizeof bytes);
    check_equal(all.kind[EVENT_FRAME_SENT], 1365);
    check(all.kind[EVENT_DROP] > 1300);
    drain(reader, &late);
    check(sockeye_reader_lost(reader) > 0);
    check_equal(late.count + sockeye_reader_lost(reader), all.count);
    sockeye_close(s.lab);
}

static void large_frames_are_whole(void)
{
    enum { LENGTH = 65507, IP_AND_UDP = 28 };
    static uint8_t bytes[LENGTH];
    struct sockeye_reader *reader;
    struct sockeye_event event;
    struct sockaddr_in to;
    struct scenario s;
    int fd, frames = 0;

    open_pair(&s, 0, 0);
    check_equal(sockeye_reader_room(s.lab, SOCKEYE_READER_BYTES_LEAST), 0);
    check_equal(sockeye_reader_open(s.lab, 1U << EVENT_FRAME_SENT | EVENT_BYTES, &reader), 0);
    fd = sockeye_socket(s.lab, 0, AF_INET, SOCK_DGRAM, 0);
    memset(&to, 0, sizeof to);
    to.sin_family = AF_INET;
    to.sin_port = htons(4000);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check_equal(sockeye_bind(s.lab, 0, fd, &to, sizeof to), 0);
    check_equal(sockeye_connect(s.lab, 0, fd, &to, sizeof to), 0);
    for (int turn = 0; turn < 20; turn++) {
        for (int i = 0; i < LENGTH; i++)
            bytes[i] = (uint8_t)(i * 7 + turn);
        check_equal(sockeye_send(s.lab, 0, fd, bytes, LENGTH, 0), LENGTH);
        sockeye_advance(s.lab, sockeye_now(s.lab) + SECOND_NS);
        check_equal(sockeye_receive(s.lab, 0, fd, bytes, LENGTH, 0), LENGTH);
        while (sockeye_reader_next(reader, &event)) {
            uint32_t headers = event.frame.length - LENGTH;

            if (event.frame.length < LENGTH)
                continue; /* an announcement */
            check(headers == IP_AND_UDP || headers == 14 + IP_AND_UDP);
            check(memcmp(event.frame.bytes + headers, bytes, LENGTH) == 0);
            frames++;
        }
    }
    check_equal(frames, 20);
    check_equal(sockeye_reader_lost(reader), 0);
    sockeye_close(s.lab);
}

static void readers_come_and_go(void)
{
    enum { READERS = 30 };
    struct sockeye_reader *reader[READERS], *again;
    struct digest seen[READERS];
    struct scenario s;

    memset(seen, 0, sizeof seen);
    open_pair(&s, 0, 0);
    check_equal(sockeye_reader_room(s.lab, SOCKEYE_READER_BYTES_LEAST - 1), -EINVAL);
    check_equal(sockeye_reader_room(s.lab, (size_t)SOCKEYE_READER_BYTES_MOST + 1), -EINVAL);
    for (int i = 0; i < READERS; i++)
        check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &seen[i], &reader[i]), 0);
    check_equal(sockeye_reader_room(s.lab, 0), -EBUSY);
    sockeye_reader_close(reader[3]);
    sockeye_advance(s.lab, SECOND_NS);
    check(seen[3].count == 0 && seen[2].count > 0 && seen[2].count == seen[29].count);
    for (int i = 0; i < READERS; i++)
        if (i != 3)
            sockeye_reader_close(reader[i]);
    sockeye_reader_close(NULL);
    check_equal(s.lab->ring.wanted, 0);
    check_equal(sockeye_reader_room(s.lab, 0), 0);
    begin(&s);
    for (int i = 0; i < 100 && step(&s); i++)
        check_equal(s.lab->lab->log->used, 0);
    check_equal(sockeye_reader_open(s.lab, EVENT_EVERYTHING, &again), 0);
    drain(again, &seen[3]);
    check_equal(seen[3].count, 0);
    for (int i = 0; i < 100 && step(&s); i++)
        drain(again, &seen[3]);
    check(seen[3].count > 0);
    sockeye_close(s.lab);
}

struct closer {
    struct sockeye_reader *own, *other;
    uint64_t seen;
};

static void close_both(void *context, const struct sockeye_event *event)
{
    struct closer *closer = context;

    closer->seen += event->kind != EVENT_NONE;
    sockeye_reader_close(closer->other);
    sockeye_reader_close(closer->own);
}

/* In the midst of an entry with many events, before and behind it in the list of readers; and the
 * last reader of all, with whom the ring goes. */
static void observers_close_readers(void)
{
    struct digest first = {0}, last = {0};
    struct closer closer[3] = {{0}};
    struct sockeye_reader *before;
    struct scenario s;

    open_pair(&s, 0, 0);
    check_equal(sockeye_reader_room(s.lab, SOCKEYE_READER_BYTES_LEAST), 0);
    check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &first, &before), 0);
    for (int i = 0; i < 2; i++)
        check_equal(
            sockeye_observe(s.lab, EVENT_EVERYTHING, close_both, &closer[i], &closer[i].own), 0);
    closer[0].other = before;
    check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &last, &closer[1].other), 0);
    begin(&s);
    check(closer[0].seen == 1 && closer[1].seen == 1);
    check(first.count > 0 && last.count == 0);
    check_equal(s.lab->ring.wanted, 0);
    check(s.lab->ring.bytes == NULL);
    check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, close_both, &closer[2], &closer[2].own),
                0);
    while (step(&s))
        continue;
    check_equal(closer[2].seen, 1);
    check(scenario_done(&s) && s.problem == 0);
    sockeye_close(s.lab);
}

static void counting_copies_no_bytes(void)
{
    struct sockeye_reader *counter;
    struct sockeye_event event;
    uint64_t frames = 0;
    struct scenario s;

    open_pair(&s, 0, 0);
    check_equal(sockeye_reader_open(s.lab, 1U << EVENT_FRAME_SENT, &counter), 0);
    begin(&s);
    for (int i = 0; i < MOST_EVENTS && step(&s); i++) {
        check(s.lab->lab->log->used < 60 * 64); /* a call sends few frames */
        while (sockeye_reader_next(counter, &event)) {
            check(event.kind == EVENT_FRAME_SENT && event.frame.length > 0 && !event.frame.bytes);
            frames++;
        }
    }
    check(frames > 500);
    check_equal(sockeye_reader_lost(counter), 0);
    sockeye_close(s.lab);
}

/* As if one call had made more events than the log of an entry holds. */
static void a_full_log_is_told_to_all(void)
{
    struct sockeye_reader *reader, *observer;
    FILE *trace = tmpfile(), *record = tmpfile();
    struct digest seen = {0}, called = {0};
    struct sockeye_view *view;
    struct scenario s;

    check(trace && record);
    open_pair(&s, 0, 0);
    check_equal(sockeye_record(s.lab, fileno(record), 1 << 20), 0);
    check_equal(sockeye_view_open(s.lab, SOCKEYE_VIEW_TRACE, trace, &view), 0);
    check_equal(sockeye_observe(s.lab, EVENT_EVERYTHING, digest, &called, &observer), 0);
    check_equal(sockeye_reader_open(s.lab, EVENT_EVERYTHING, &reader), 0);
    s.lab->lab->log->size = 16;
    begin(&s);
    for (int i = 0; i < 100 && step(&s); i++)
        drain(reader, &seen);
    check(seen.count == 0 && called.count == 0);
    check(sockeye_reader_lost(reader) > 100);
    check_equal(sockeye_reader_lost(observer), sockeye_reader_lost(reader));
    check_equal(s.lab->lab->log->lost, 0); /* each was told once */
    check_equal(sockeye_view_close(view), -EOVERFLOW);
    check_equal(sockeye_record_stop(s.lab), -EIO);
    sockeye_close(s.lab);
    fclose(trace);
    fclose(record);
}

static const struct test tests[] = {
    {"the state is the same with no reader, with one and with five, slow ones among them",
     looking_changes_nothing},
    {"a reader that is too slow loses events and is told how many of its kinds",
     slow_readers_are_told},
    {"an observer loses nothing, even if one call makes more events than the ring holds",
     observers_lose_nothing},
    {"what finds no room in the log is lost to all, who are told, once", a_full_log_is_told_to_all},
    {"frames of 64 KiB are read whole, wherever they lie in the ring", large_frames_are_whole},
    {"any number of readers may come and go; when none is left nothing is made",
     readers_come_and_go},
    {"an observer may close readers, itself among them", observers_close_readers},
    {"who only counts frames has none copied", counting_copies_no_bytes},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
