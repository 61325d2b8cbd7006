/* SPDX-License-Identifier: MIT */
/*
 * AF_UNIX in a crowd: many sockets of all three types on two hosts, calls in random order, closes
 * in every state, descriptors and credentials under way. After each call every invariant holds; a
 * record of it gives the same state again, and so does an image taken in the middle; a get from a
 * pool that fails, at any place, harms nobody; a table that is full refuses, and others go on.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check.h"
#include "sockeye/sockeye.h"

enum { HOSTS = 2, SOCKETS = 48, STEPS = 3000, SEEDS = 12, BYTES = 30000, MOST_BYTES = 1 << 28 };

struct crowd {
    struct sockeye *lab;
    uint64_t state;
    uint64_t fail; /* of so many steps one has a get that fails; 0: none */
    int fd[HOSTS][SOCKETS];
    int count[HOSTS];
};

static uint32_t draw(struct crowd *c, uint32_t bound)
{
    c->state = c->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((c->state >> 33) % bound);
}

static void begin(struct crowd *c, uint64_t seed)
{
    const struct sockeye_config config = {.seed = seed, .hosts = HOSTS, .wires = 1, .sockets = 64};

    memset(c, 0, sizeof *c);
    c->state = seed;
    check_equal(sockeye_open(&config, &c->lab), 0);
    check_equal(sockeye_host(c->lab, "a"), 0);
    check_equal(sockeye_host(c->lab, "b"), 1);
}

static void put(struct crowd *c, int host, int fd)
{
    if (fd < 0)
        return;
    if (c->count[host] < SOCKETS)
        c->fd[host][c->count[host]++] = fd;
    else
        check_equal(sockeye_close_fd(c->lab, host, fd), 0);
}

static uint32_t some_name(struct crowd *c, struct sockaddr_un *a)
{
    uint32_t i = draw(c, 8);

    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    a->sun_path[i < 4 ? 0 : 1] = (char)('a' + i);
    return i < 4 ? sizeof *a : (uint32_t)offsetof(struct sockaddr_un, sun_path) + 2;
}

static void send_some(struct crowd *c, int host, int fd)
{
    static uint8_t bytes[BYTES];
    struct sockaddr_un a;
    union {
        struct cmsghdr header;
        uint8_t bytes[64];
    } control = {.bytes = {0}};
    struct sockeye_message m = {.bytes = bytes, .length = draw(c, draw(c, 4) ? 300 : BYTES)};
    const struct sockeye_rights rights = {.number = draw(c, 1000) + 1, .count = 2};

    if (draw(c, 2)) {
        m.address_length = some_name(c, &a);
        m.address = &a;
    }
    control.header.cmsg_level = SOL_SOCKET;
    if (draw(c, 5) == 0) {
        control.header.cmsg_type = SOCKEYE_SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof rights);
        memcpy(CMSG_DATA(&control.header), &rights, sizeof rights);
    } else if (draw(c, 3) == 0) {
        int passed = c->fd[host][draw(c, (uint32_t)c->count[host])];

        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof passed);
        memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
    }
    if (control.header.cmsg_len) {
        m.control = &control;
        m.control_length = CMSG_ALIGN(control.header.cmsg_len);
    }
    (void)sockeye_send_message(c->lab, host, fd, &m, draw(c, 6) ? 0 : MSG_OOB);
}

/* Sockets that came are among the others from now on. */
static void put_received(struct crowd *c, int host, const uint8_t *control, size_t length)
{
    size_t at = 0;

    while (at + CMSG_LEN(0) <= length) {
        struct cmsghdr header;

        memcpy(&header, control + at, sizeof header);
        for (size_t i = CMSG_LEN(0);
             header.cmsg_type == SCM_RIGHTS && i + sizeof(int) <= header.cmsg_len;
             i += sizeof(int)) {
            int received;

            memcpy(&received, control + at + i, sizeof received);
            put(c, host, received);
        }
        at += CMSG_ALIGN(header.cmsg_len);
    }
}

static void receive_some(struct crowd *c, int host, int fd)
{
    static uint8_t bytes[BYTES];
    union {
        struct cmsghdr header;
        uint8_t bytes[128];
    } control = {.bytes = {0}};
    struct sockaddr_un a;
    struct sockeye_message m = {.bytes = bytes,
                                .length = draw(c, BYTES),
                                .address = &a,
                                .address_length = sizeof a,
                                .control = &control,
                                .control_length = draw(c, 2) ? sizeof control : draw(c, 40)};
    struct sockeye_rights lost;

    if (sockeye_receive_message(c->lab, host, fd, &m, draw(c, 5) ? 0 : MSG_PEEK) >= 0)
        put_received(c, host, control.bytes, m.control_length);
    while (draw(c, 2) && sockeye_next_lost(c->lab, host, &lost) == 1)
        check_equal(lost.count, 2);
}

static void change_some(struct crowd *c, int host, int fd)
{
    static const int options[] = {SO_PASSCRED, SO_OOBINLINE, SO_SNDBUF, 83, SO_PEEK_OFF};
    const struct sockeye_caller caller = {(int32_t)draw(c, 3), draw(c, 2), 0};
    int value = (int)draw(c, 3) * 1000;
    struct sockaddr_un a;
    uint32_t length = some_name(c, &a);

    switch (draw(c, 9)) {
    case 0:
        (void)sockeye_bind(c->lab, host, fd, &a, draw(c, 4) ? length : sizeof a.sun_family);
        break;
    case 1:
        (void)sockeye_bind_at(c->lab, host, fd, &a, length, draw(c, 4));
        break;
    case 2:
        (void)sockeye_listen(c->lab, host, fd, (int)draw(c, 4));
        break;
    case 3:
        (void)sockeye_unlink(c->lab, host, a.sun_path);
        break;
    case 4:
        (void)sockeye_shutdown(c->lab, host, fd, (int)draw(c, 3));
        break;
    case 5:
        check_equal(sockeye_caller(c->lab, host, &caller), 0);
        break;
    case 6:
        put(c, host, sockeye_accept(c->lab, host, fd, NULL, NULL));
        break;
    case 7:
        (void)sockeye_set_option(c->lab, host, fd, SOL_SOCKET, options[draw(c, 5)], &value,
                                 sizeof value);
        break;
    default:
        a.sun_family = draw(c, 8) ? AF_UNIX : AF_UNSPEC;
        (void)sockeye_connect(c->lab, host, fd, &a, length);
        break;
    }
}

static void open_some(struct crowd *c, int host)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int type = types[draw(c, 3)], pair[2];

    if (draw(c, 3)) {
        put(c, host, sockeye_socket(c->lab, host, AF_UNIX, type, 0));
    } else if (sockeye_socketpair(c->lab, host, AF_UNIX, type, 0, pair) == 0) {
        put(c, host, pair[0]);
        put(c, host, pair[1]);
    }
}

static void step(struct crowd *c)
{
    int host = (int)draw(c, HOSTS);
    uint32_t what = draw(c, 20), i;
    struct sockeye_change change;

    if (c->fail && draw(c, (uint32_t)c->fail) == 0)
        sockeye_fail_get(c->lab, 1 + draw(c, 3));
    if (what < 3 || c->count[host] == 0) {
        open_some(c, host);
        return;
    }
    i = draw(c, (uint32_t)c->count[host]);
    if (what < 5) {
        int fd = c->fd[host][i];

        c->fd[host][i] = c->fd[host][--c->count[host]];
        check_equal(sockeye_close_fd(c->lab, host, fd), 0);
    } else if (what < 9) {
        change_some(c, host, c->fd[host][i]);
    } else if (what < 14) {
        send_some(c, host, c->fd[host][i]);
    } else if (what < 19) {
        receive_some(c, host, c->fd[host][i]);
    } else {
        while (sockeye_next_change(c->lab, &change))
            check(change.events >= 0);
    }
}

static void steps(struct crowd *c, int count)
{
    for (int i = 0; i < count; i++) {
        step(c);
        check_equal(sockeye_check(c->lab), 0);
    }
}

/* All are closed: nothing is left but paths that stayed, and rights that nobody asked for. */
static void end(struct crowd *c)
{
    struct sockeye_rights lost;

    for (int host = 0; host < HOSTS; host++) {
        for (int i = 0; i < c->count[host]; i++)
            check_equal(sockeye_close_fd(c->lab, host, c->fd[host][i]), 0);
        while (sockeye_next_lost(c->lab, host, &lost) == 1)
            ;
        for (int fd = 3; fd < 200; fd++)
            check_equal(sockeye_poll(c->lab, host, fd), -EBADF);
    }
    check_equal(sockeye_check(c->lab), 0);
    sockeye_close(c->lab);
}

static void crowd_goes_on(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct crowd c;

        begin(&c, seed);
        steps(&c, STEPS);
        end(&c);
    }
}

static void gets_fail(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct crowd c;

        begin(&c, seed);
        c.fail = 5;
        steps(&c, STEPS);
        sockeye_fail_get(c.lab, 0);
        end(&c);
    }
}

static void record_is_the_run(void)
{
    struct sockeye_replay *replay;
    int fd = memfd_create("record", 0), result;
    struct sockeye *again;
    struct crowd c;
    uint64_t hash;

    begin(&c, 77);
    sockeye_close(c.lab);
    begin(&c, 77);
    check_equal(sockeye_record(c.lab, fd, MOST_BYTES), 0);
    steps(&c, STEPS);
    check_equal(sockeye_record_stop(c.lab), 0);
    hash = sockeye_hash(c.lab);
    sockeye_close(c.lab);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_IMAGE, &replay, &again), 0);
    while ((result = sockeye_replay_next(replay)) == SOCKEYE_REPLAY_INPUT)
        ;
    check_equal(result, SOCKEYE_REPLAY_OVER);
    check(sockeye_hash(again) == hash);
    sockeye_replay_close(replay);
    close(fd);
}

static void image_goes_on_alike(void)
{
    int fd = memfd_create("image", 0);
    struct crowd c;
    uint64_t hash;

    begin(&c, 5);
    steps(&c, STEPS / 2);
    check_equal(sockeye_save(c.lab, fd), 0);
    steps(&c, STEPS / 2);
    hash = sockeye_hash(c.lab);
    sockeye_close(c.lab);
    begin(&c, 5); /* the same draws, to where the image was taken */
    steps(&c, STEPS / 2);
    sockeye_close(c.lab);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_load(fd, &c.lab), 0);
    steps(&c, STEPS / 2);
    check(sockeye_hash(c.lab) == hash);
    sockeye_close(c.lab);
    close(fd);
}

/* Each table of one host, and the other host. */
static void full_tables(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "listener"};
    struct crowd c;
    char path[16];
    int status = 0, listener, i, fd[64];

    begin(&c, 1);
    listener = sockeye_socket(c.lab, 0, AF_UNIX, SOCK_STREAM, 0);
    check_equal(sockeye_bind(c.lab, 0, listener, &a, sizeof a), 0);
    check_equal(sockeye_listen(c.lab, 0, listener, 4096), 0);
    for (i = 0; i < 63; i++)
        fd[i] = sockeye_socket(c.lab, 0, AF_UNIX, SOCK_STREAM, 0);
    check_equal(sockeye_socket(c.lab, 0, AF_UNIX, SOCK_STREAM, 0), -EMFILE);
    for (i = 0; i < 63; i++)
        check_equal(sockeye_connect(c.lab, 0, fd[i], &a, sizeof a), 0);
    for (i = 0; i < 63; i++) /* messages: 128 of a host */
        status = sockeye_send(c.lab, 0, fd[i], "xyz", 3, 0) == 3 &&
                         sockeye_send(c.lab, 0, fd[i], "xyz", 3, 0) == 3
                     ? 0
                     : -1;
    check_equal(status, 0);
    check_equal(sockeye_send(c.lab, 0, fd[0], "xyz", 3, 0), 3);
    check_equal(sockeye_send(c.lab, 0, fd[0], "xyz", 3, 0), 3);
    check_equal(sockeye_send(c.lab, 0, fd[0], "xyz", 3, 0), -ENOBUFS);
    check_equal(sockeye_close_fd(c.lab, 0, listener), 0); /* and with it what waited there */
    check_equal(sockeye_send(c.lab, 0, fd[0], "xyz", 3, 0), -EPIPE);
    for (i = 0, status = 0; status == 0; i++) { /* paths stay, so they run out */
        int socket = sockeye_socket(c.lab, 0, AF_UNIX, SOCK_DGRAM, 0);

        check(i < 1000);
        snprintf(path, sizeof path, "p%d", i);
        memset(&a, 0, sizeof a);
        a.sun_family = AF_UNIX;
        memcpy(a.sun_path, path, strlen(path));
        status = sockeye_bind(c.lab, 0, socket, &a, sizeof a);
        check_equal(sockeye_close_fd(c.lab, 0, socket), 0);
    }
    check_equal(status, -ENOBUFS);
    check_equal(sockeye_unlink(c.lab, 0, "p0"), 0);
    i = sockeye_socket(c.lab, 0, AF_UNIX, SOCK_DGRAM, 0);
    check_equal(sockeye_bind(c.lab, 0, i, &a, sizeof a), 0);
    i = sockeye_socket(c.lab, 1, AF_UNIX, SOCK_DGRAM, 0); /* of all this b knows nothing */
    check_equal(sockeye_bind(c.lab, 1, i, &a, sizeof a), 0);
    check_equal(sockeye_check(c.lab), 0);
    sockeye_close(c.lab);
}

static const struct test tests[] = {
    {"a crowd goes on, and leaves nothing behind", crowd_goes_on},
    {"gets that fail harm nobody", gets_fail},
    {"a record gives the same state", record_is_the_run},
    {"an image goes on alike", image_goes_on_alike},
    {"a full table refuses, and others go on", full_tables},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
