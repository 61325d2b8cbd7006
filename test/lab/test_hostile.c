/* SPDX-License-Identifier: MIT */
/*
 * Records and images of somebody who means harm, and calls with arguments that mean nothing: hashes
 * fit, since their key is known to all, and the fields are the worst there are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "check.h"
#include "lab/arena_map.h"
#include "lab/file.h"
#include "lab/handle.h"
#include "lab/record.h"

enum { HEADER_WORDS = 5, KEEPALIVES = 60000 };

static const struct sockeye_config small = {
    .seed = 1, .hosts = 2, .wires = 2, .sockets = 16, .packets = 64, .buffer_bytes = 1 << 20};

static int memory_file(void)
{
    int fd = memfd_create("hostile", MFD_CLOEXEC);

    check(fd >= 0);
    return fd;
}

/* Two hosts and a wire. */
static struct sockeye *pair(const struct sockeye_wire_config *wire)
{
    struct sockeye *lab;

    check(sockeye_open(&small, &lab) == 0);
    check(sockeye_wire(lab, "w", wire, NULL) == 0);
    check(sockeye_host(lab, "a") == 0 && sockeye_host(lab, "b") == 1);
    check(sockeye_interface(lab, 0, "e", 0, 0, NULL) == 1);
    check(sockeye_interface(lab, 1, "e", 0, 1, NULL) == 1);
    check(sockeye_address(lab, 0, 1, "10.0.0.1/24") == 0);
    check(sockeye_address(lab, 1, 1, "10.0.0.2/24") == 0);
    return lab;
}

/* ---- records ---- */

/* A record whose only chunk is these entries. @return what its replay ends with */
static int replayed(struct sink *entries, int64_t *end)
{
    uint8_t bytes[RECORD_HEADER_BYTES + RECORD_CHUNK_HEADER_BYTES];
    const struct record_header header = {.config = small};
    struct writer w = writer_of(bytes + RECORD_HEADER_BYTES, RECORD_CHUNK_HEADER_BYTES);
    struct sockeye_replay *replay;
    struct sockeye *lab;
    int fd = memory_file(), result;

    check(!entries->failed);
    record_header_write(bytes, &header);
    write_u32(&w, (uint32_t)entries->used);
    write_u64(&w, record_chunk_hash(0, entries->bytes, entries->used));
    check(file_write(fd, bytes, sizeof bytes) == 0);
    check(file_write(fd, entries->bytes, entries->used) == 0);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check(sockeye_replay_open(fd, SOCKEYE_TRUST_NOTHING, &replay, &lab) == 0);
    while ((result = sockeye_replay_next(replay)) > 0)
        check(sockeye_check(lab) == 0);
    check(sockeye_check(lab) == 0);
    *end = sockeye_now(lab);
    sockeye_replay_close(replay);
    free(entries->bytes);
    close(fd);
    return result;
}

static void put_input(struct sink *s, int64_t passed, struct input *in)
{
    sink_number(s, RECORD_INPUT);
    sink_signed(s, passed);
    sink_number(s, 0);
    input_write(s, in, 0);
}

static void put_end(struct sink *s, int64_t passed)
{
    sink_number(s, RECORD_END);
    sink_signed(s, passed);
    sink_number(s, 0);
    sink_number(s, RECORD_STOPPED);
}

static void times_are_bounded(void)
{
    static const int64_t times[] = {INT64_MAX, INT64_MAX - 1, SOCKEYE_TIME_MOST + 1, -1, INT64_MIN};
    int64_t end;

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct sink alone = {0}, frame = {0}, sum = {0};

        put_end(&alone, times[i]);
        check_equal(replayed(&alone, &end), -EBADMSG);
        sink_number(&frame, RECORD_FRAME);
        sink_signed(&frame, times[i]);
        sink_bytes(&frame, "0123456789", 10);
        check_equal(replayed(&frame, &end), -EBADMSG);
        put_input(&sum, SOCKEYE_TIME_MOST, &(struct input){.kind = INPUT_NEXT_CHANGE});
        put_end(&sum, times[i] > 0 ? times[i] - SOCKEYE_TIME_MOST : times[i]);
        check_equal(replayed(&sum, &end), -EBADMSG);
    }
}

/* The last moment is like any other: what is asked then still adds its waits to the time. */
static void the_last_moment_is_a_moment(void)
{
    struct input host = {.kind = INPUT_HOST, .in = {{(const uint8_t *)"a", 2}}};
    struct input loop = {.kind = INPUT_ADDRESS, .in = {{(const uint8_t *)"10.0.0.1/8", 11}}};
    struct sink entries = {0};
    int64_t end;

    put_input(&entries, SOCKEYE_TIME_MOST, &host);
    put_input(&entries, 0, &loop);
    put_end(&entries, 0);
    check_equal(replayed(&entries, &end), 0);
    check(end == SOCKEYE_TIME_MOST);
}

/* Probes of a connection, one a second for most of a day, between two inputs. */
static void a_call_of_replay_is_short(void)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0x0a000002)};
    static const int on = 1, second = 1;
    struct sockeye *lab, *again;
    struct sockeye_replay *replay;
    int fd = memory_file(), listener, caller, result, halts = 0;

    check(sockeye_open(&small, &lab) == 0 && sockeye_record(lab, fd, 64 << 20) == 0);
    sockeye_close(lab);
    check(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
    lab = pair(NULL);
    check(sockeye_record(lab, fd, 64 << 20) == 0); /* from the middle: with an image */
    listener = sockeye_socket(lab, 1, AF_INET, SOCK_STREAM, 0);
    caller = sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0);
    check(sockeye_bind(lab, 1, listener, &to, sizeof to) == 0);
    check(sockeye_listen(lab, 1, listener, 1) == 0);
    check(sockeye_set_option(lab, 0, caller, SOL_SOCKET, SO_KEEPALIVE, &on, 4) == 0);
    check(sockeye_set_option(lab, 0, caller, IPPROTO_TCP, TCP_KEEPIDLE, &second, 4) == 0);
    check(sockeye_set_option(lab, 0, caller, IPPROTO_TCP, TCP_KEEPINTVL, &second, 4) == 0);
    check(sockeye_connect(lab, 0, caller, &to, sizeof to) == -EINPROGRESS);
    while (sockeye_now(lab) < KEEPALIVES * SECOND)
        (void)sockeye_advance(lab, KEEPALIVES * SECOND);
    check(sockeye_close_fd(lab, 0, caller) == 0 && sockeye_record_stop(lab) == 0);
    sockeye_close(lab);

    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_NOTHING, &replay, &again), -EPERM);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_IMAGE, &replay, &again), 0);
    while ((result = sockeye_replay_next(replay)) > 0)
        halts += result == SOCKEYE_REPLAY_TIME;
    check_equal(result, 0);
    check(halts > 0 && sockeye_now(again) == KEEPALIVES * SECOND);
    sockeye_replay_close(replay);
    close(fd);
}

/* ---- images ---- */

struct image {
    uint8_t *bytes;
    size_t length;
    int fd;
};

static void image_open(struct image *image)
{
    struct sockeye *lab = pair(NULL);
    off_t end;

    image->fd = memory_file();
    check(sockeye_save(lab, image->fd) == 0);
    sockeye_close(lab);
    end = lseek(image->fd, 0, SEEK_END);
    check(end > 0 && lseek(image->fd, 0, SEEK_SET) == 0);
    image->length = (size_t)end;
    image->bytes = malloc(image->length);
    check(image->bytes && file_read(image->fd, image->bytes, image->length) == 0);
}

static void image_close(struct image *image)
{
    free(image->bytes);
    close(image->fd);
}

/* The hash that will be expected, by the lengths that stand in the image. */
static uint64_t hash_of(const struct image *image)
{
    size_t at = HEADER_WORDS * sizeof(uint64_t), end = image->length - sizeof(uint64_t);
    uint64_t hash = arena_map_image_hash(0, image->bytes, at), length;

    while (end - at >= sizeof length) {
        memcpy(&length, image->bytes + at, sizeof length);
        hash = arena_map_image_hash(hash, &length, sizeof length);
        at += sizeof length;
        if (length > end - at)
            break;
        hash = arena_map_image_hash(hash, image->bytes + at, length);
        at += (size_t)length;
    }
    return hash;
}

/* @return what loading it gives with this word in place of another, and a hash that fits */
static int load_with(struct image *image, size_t at, uint64_t word, size_t width)
{
    struct sockeye *lab;
    uint64_t hash, old = 0;
    int result;

    memcpy(&old, image->bytes + at, width);
    memcpy(image->bytes + at, &word, width);
    hash = hash_of(image);
    memcpy(image->bytes + image->length - sizeof hash, &hash, sizeof hash);
    check(lseek(image->fd, 0, SEEK_SET) == 0);
    check(file_write(image->fd, image->bytes, image->length) == 0);
    check(lseek(image->fd, 0, SEEK_SET) == 0);
    result = sockeye_load(image->fd, &lab);
    if (result == 0)
        sockeye_close(lab);
    memcpy(image->bytes + at, &old, width);
    return result;
}

#define ARENA_AT ((HEADER_WORDS + 1) * sizeof(uint64_t)) /* behind the length of the range */

static void the_root_stands_where_it_must(void)
{
    static const uint64_t places[] = {
        0, 8, 4096, sizeof(struct arena) - 4096, UINT64_MAX, UINT64_C(1) << 40, 0x7fff0000};
    struct image image;
    size_t root = ARENA_AT + offsetof(struct arena, root);
    size_t bytes = ARENA_AT + offsetof(struct arena, root_bytes);

    image_open(&image);
    check_equal(load_with(&image, root, 0, 0), 0); /* as it is */
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        check_equal(load_with(&image, root, places[i], 8), -EINVAL);
        check_equal(load_with(&image, bytes, places[i], 8), -EINVAL);
    }
    image_close(&image);
}

/* Each word of the first pools: elsewhere, larger, smaller, over another. */
static void pools_lie_beside_each_other(void)
{
    enum { POOLS = 6 };
    static const uint64_t others[] = {0, 1, 64, 4096, UINT32_MAX, UINT64_C(1) << 35, UINT64_MAX};
    size_t first = ARENA_AT + offsetof(struct arena, pool);
    struct image image;

    image_open(&image);
    for (size_t pool = 0; pool < POOLS; pool++) {
        size_t at = first + pool * sizeof(struct pool);

        for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
            check_equal(load_with(&image, at + offsetof(struct pool, arena), others[i], 8),
                        -EINVAL);
            check_equal(load_with(&image, at + offsetof(struct pool, slots), others[i], 8),
                        -EINVAL);
            check_equal(load_with(&image, at + offsetof(struct pool, free), others[i], 8), -EINVAL);
        }
        check_equal(load_with(&image, at + offsetof(struct pool, size), UINT32_MAX, 4), -EINVAL);
        check_equal(load_with(&image, at + offsetof(struct pool, stride), 0, 4), -EINVAL);
        check_equal(load_with(&image, at + offsetof(struct pool, limit), UINT32_MAX, 4), -EINVAL);
        check_equal(load_with(&image, at + offsetof(struct pool, touched), UINT32_MAX, 4), -EINVAL);
        check_equal(load_with(&image, at + offsetof(struct pool, freed), UINT32_MAX, 4), -EINVAL);
    }
    check_equal(load_with(&image, ARENA_AT + offsetof(struct arena, pools), 0, 4), -EINVAL);
    check_equal(load_with(&image, ARENA_AT + offsetof(struct arena, pools), UINT32_MAX, 4),
                -EINVAL);
    image_close(&image);
}

/* What the door itself follows: the root's arena, its log, its clock. */
static void what_the_root_leads_to_is_inside(void)
{
    static const uint64_t places[] = {0, 8, 0x550000000008, 0x7fffffffe000, UINT64_MAX - 7};
    struct image image;
    size_t root;

    image_open(&image);
    root = ARENA_AT; /* the root's range follows the arena's, behind a length */
    {
        uint64_t length;

        memcpy(&length, image.bytes + HEADER_WORDS * sizeof(uint64_t), sizeof length);
        root += (size_t)length + sizeof length;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        check_equal(load_with(&image, root + offsetof(struct lab, arena), places[i], 8), -EINVAL);
        check_equal(load_with(&image, root + offsetof(struct lab, log), places[i], 8), -EINVAL);
        check_equal(load_with(&image, root + offsetof(struct lab, log_bytes), places[i], 8),
                    -EINVAL);
    }
    check_equal(load_with(&image, root + offsetof(struct lab, now), UINT64_MAX, 8), -EINVAL);
    check_equal(load_with(&image, root + offsetof(struct lab, now), INT64_MAX, 8), -EINVAL);
    image_close(&image);
}

/* ---- time ---- */

static void no_sum_of_times_overflows(void)
{
    const struct sockeye_wire_config longest = {.delay_ns = SOCKEYE_WAIT_MOST,
                                                .jitter_ns = SOCKEYE_WAIT_MOST,
                                                .reorder_ns = SOCKEYE_WAIT_MOST,
                                                .reorder_ppm = 1000000,
                                                .rate_bits = 1};
    struct sockeye *lab = pair(&longest);
    struct sockeye_wire_config longer = longest;

    longer.delay_ns++;
    check_equal(sockeye_wire(lab, "longer", &longer, NULL), -EINVAL);
    longer = longest;
    longer.jitter_ns = INT64_MAX;
    check_equal(sockeye_wire(lab, "longer", &longer, NULL), -EINVAL);
    longer = longest;
    longer.reorder_ns = INT64_MAX;
    check_equal(sockeye_wire(lab, "longer", &longer, NULL), -EINVAL);
    check(sockeye_wire_link(lab, 0, 0, false, INT64_MAX) == 0);
    for (int i = 0; i < 100 && sockeye_now(lab) < SOCKEYE_TIME_MOST; i++)
        (void)sockeye_advance(lab, INT64_MAX - 1);
    check(sockeye_now(lab) == SOCKEYE_TIME_MOST);
    check(sockeye_next_deadline(lab) == SOCKEYE_NEVER);
    check_equal(sockeye_address(lab, 0, 1, "10.0.1.1/24"), 0); /* which is announced */
    (void)sockeye_advance(lab, INT64_MAX - 1);
    check(sockeye_now(lab) == SOCKEYE_TIME_MOST && sockeye_check(lab) == 0);
    check_equal(sockeye_step(lab, INT64_MAX), 0);
    sockeye_close(lab);
}

/* ---- calls ---- */

/* No room where bytes wait, and errors that are none. */
static void no_room_is_no_crash(void)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x0a000002)};
    struct sockeye *lab = pair(NULL);
    struct sockeye_message none = {.length = 8, .address_length = 8, .control_length = 8};
    uint32_t length = 8;
    uint8_t byte[1];
    int from = sockeye_socket(lab, 0, AF_INET, SOCK_DGRAM, 0);
    int at = sockeye_socket(lab, 1, AF_INET, SOCK_DGRAM, 0);
    int door = sockeye_door(lab, "door", SOCKEYE_DOOR_IP, 0);

    check(sockeye_bind(lab, 1, at, &to, sizeof to) == 0);
    check(sockeye_connect(lab, 0, from, &to, sizeof to) == 0);
    for (int i = 0; i < 4; i++)
        check(sockeye_send(lab, 0, from, "word", 4, 0) == 4);
    (void)sockeye_advance(lab, SECOND);
    check(sockeye_receive(lab, 1, at, NULL, 8, MSG_PEEK) < 0);
    check(sockeye_receive_message(lab, 1, at, &none, MSG_PEEK) < 0);
    check(sockeye_receive(lab, 1, at, NULL, 0, 0) == 0);
    check(sockeye_local_name(lab, 1, at, NULL, &length) < 0);
    check(sockeye_peer_name(lab, 0, from, NULL, &length) < 0);
    check(sockeye_bind(lab, 0, from, NULL, 16) < 0);
    check(sockeye_send(lab, 0, from, NULL, 8, 0) == -EFAULT);
    check(sockeye_inject(lab, door, NULL, 40) == -EINVAL);
    check(sockeye_emit(lab, door, NULL, 40, NULL) == -EAGAIN);
    check(sockeye_emit(lab, 0, byte, 1, NULL) == -EINVAL);
    check(strcmp(sockeye_strerror(INT32_MIN), "unknown error") == 0);
    check(sockeye_check(lab) == 0);
    sockeye_close(lab);
}

static const struct test tests[] = {
    {"times of a record are bounded", times_are_bounded},
    {"the last moment of a lab is a moment", the_last_moment_is_a_moment},
    {"a call of replay is short, and images must be trusted", a_call_of_replay_is_short},
    {"the root of an image stands behind its header", the_root_stands_where_it_must},
    {"the pools of an image lie beside each other", pools_lie_beside_each_other},
    {"what is followed from an image's root is inside", what_the_root_leads_to_is_inside},
    {"no sum of times overflows", no_sum_of_times_overflows},
    {"no room, and errors that are none, are no crash", no_room_is_no_crash},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
