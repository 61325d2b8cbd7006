/* SPDX-License-Identifier: MIT */
/*
 * The functions of sockeye.h with any arguments: a lab of any size, numbers of things that are not
 * there, any levels, names, flags and times, texts of any bytes, no room or none at all. What
 * becomes an input by them is tried as such by fuzz_input; here it is the door itself, and what
 * only looks. Pointers are good, or NULL where there is something to say with it.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "lab/handle.h"

enum { CALLS = 100, ROOM = 300, TEXT = 80, READERS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct reader r;
static struct sockeye *lab;
static uint8_t room[ROOM];
static char text[TEXT];

/* Mostly small, now and then anything. */
static int64_t number(void)
{
    uint8_t first = read_u8(&r);

    return first < 0xf0 ? first % 8 - 1 : (int64_t)read_u64(&r);
}

static const char *word(void)
{
    static const char *const words[] = {"a",
                                        "b",
                                        "e",
                                        "w",
                                        "10.0.0.1/24",
                                        "10.0.0.2",
                                        "default",
                                        "net.ipv4.tcp_rmem",
                                        "net.ipv4.ip_default_ttl",
                                        "64"};
    uint8_t first = read_u8(&r);

    if (first < 200)
        return words[first % (sizeof words / sizeof *words)];
    if (first > 250)
        return NULL;
    memset(text, 0, sizeof text);
    read_copy(&r, text, first % TEXT);
    return text;
}

static void *some_room(void)
{
    return read_u8(&r) < 0xf0 ? room : NULL;
}

static size_t some_size(void)
{
    return read_u8(&r) % ROOM;
}

static struct sockeye_wire_config wire_config(void)
{
    struct sockeye_wire_config c = {.rate_bits = (uint64_t)number(),
                                    .delay_ns = number(),
                                    .jitter_ns = number(),
                                    .reorder_ns = number()};

    c.loss_ppm = (uint32_t)number();
    if (read_u8(&r) & 1) {
        c.loss_bad_ppm = (uint32_t)number();
        c.loss_to_bad_ppm = (uint32_t)number();
        c.loss_to_good_ppm = (uint32_t)number();
    }
    c.reorder_ppm = (uint32_t)number();
    c.duplicate_ppm = (uint32_t)number();
    c.corrupt_ppm = (uint32_t)number();
    c.past_fcs = (uint32_t)number();
    c.queue_packets = (uint32_t)number();
    c.queue_bytes = (uint32_t)number();
    c.queue_discipline = read_u8(&r) & 3;
    if (c.queue_discipline >= SOCKEYE_QUEUE_CODEL) {
        c.queue_ecn = read_u8(&r) & 1;
        c.queue_target_ns = number();
        c.queue_interval_ns = number();
    }
    if (c.queue_discipline == SOCKEYE_QUEUE_FQ_CODEL) {
        c.queue_flows = read_u8(&r);
        c.queue_quantum = read_u8(&r) & 1 ? 0 : (uint32_t)number();
    }
    c.mtu = read_u8(&r) & 1 ? 1500 : (uint32_t)number();
    return c;
}

static void befall(int node)
{
    const uint16_t hosts[2] = {(uint16_t)(read_u8(&r) % 5), (uint16_t)(read_u8(&r) % 5)};
    const uint16_t port = (uint16_t)number();
    const struct sockeye_partition p = {.from = hosts,
                                        .to = hosts + 1,
                                        .from_count = read_u8(&r) % 2,
                                        .to_count = 1,
                                        .ports = &port,
                                        .port_count = read_u8(&r) % 2,
                                        .action = (enum sockeye_partition_action)(read_u8(&r) % 4),
                                        .new_only = read_u8(&r) & 1};

    switch (read_u8(&r) % 5) {
    case 0:
        (void)sockeye_pause(lab, node);
        break;
    case 1:
        (void)sockeye_resume(lab, node);
        break;
    case 2:
        (void)sockeye_crash(lab, node);
        break;
    case 3:
        (void)sockeye_heal(lab, node);
        break;
    default:
        (void)sockeye_partition(lab, &p);
        break;
    }
}

static void make(void)
{
    const struct sockeye_wire_config forth = wire_config();
    int host = (int)number(), wire = (int)number(), end = (int)number();

    switch (read_u8(&r) % 11) {
    case 0:
        (void)sockeye_host(lab, word());
        break;
    case 1:
        (void)sockeye_wire(lab, word(), read_u8(&r) & 1 ? &forth : NULL, NULL);
        break;
    case 2:
        (void)sockeye_wire_change(lab, wire, end, &forth);
        break;
    case 3:
        (void)sockeye_wire_link(lab, wire, end, read_u8(&r) & 1, number());
        break;
    case 4:
        (void)sockeye_door(lab, word(), (enum sockeye_door)(read_u8(&r) % 3), (uint32_t)number());
        break;
    case 5:
        (void)sockeye_interface(lab, host, word(), wire, end, some_room());
        break;
    case 6:
        (void)sockeye_address(lab, host, (int)number(), word());
        break;
    case 7: {
        const char *to = word();

        (void)sockeye_route(lab, host, to, read_u8(&r) & 1 ? "10.0.0.2" : NULL, (int)number());
        break;
    }
    case 8:
        (void)sockeye_set(lab, host, word(), "1");
        break;
    case 9:
        befall(host);
        break;
    default:
        (void)sockeye_get(lab, host, word(), some_room(), some_size());
        break;
    }
}

static void look(void)
{
    int host = (int)number(), fd = (int)number(), found[2];
    uint32_t size = (uint32_t)some_size();
    const char *help;

    switch (read_u8(&r) % 12) {
    case 0:
        (void)sockeye_find_host(lab, word());
        (void)sockeye_find_wire(lab, word());
        break;
    case 1:
        (void)sockeye_host_name(lab, host);
        (void)sockeye_wire_name(lab, host);
        break;
    case 2:
        (void)sockeye_wire_end(lab, host, fd, &found[0], &found[1]);
        break;
    case 3:
        (void)sockeye_interface_name(lab, host, fd, some_room(), size);
        break;
    case 4:
        (void)sockeye_setting((int)number(), &help);
        break;
    case 5:
        (void)sockeye_drops(lab, host, (unsigned)number());
        break;
    case 6:
        (void)sockeye_local_name(lab, host, fd, some_room(), &size);
        break;
    case 7:
        (void)sockeye_peer_name(lab, host, fd, some_room(), &size);
        break;
    case 8:
        (void)sockeye_ioctl(lab, host, fd, read_u8(&r) & 1 ? 0x541b : (unsigned long)number(),
                            &found[0]);
        break;
    case 9:
        (void)sockeye_poll(lab, host, fd);
        break;
    case 10:
        ensure(sockeye_strerror((int)number()) != NULL);
        break;
    default:
        ensure(sockeye_next_deadline(lab) >= 0 && sockeye_now(lab) >= 0);
        break;
    }
}

static void call(void)
{
    int host = (int)number(), fd = (int)number() + 3, level = (int)number();
    void *bytes = some_room();
    uint32_t size = (uint32_t)some_size(), after = size;
    struct sockeye_message m = {bytes, size, some_room(), size, 0, some_room(), size};

    switch (read_u8(&r) % 14) {
    case 0:
        level = read_u8(&r); /* AF_INET, AF_INET6, AF_NETLINK */
        (void)sockeye_socket(lab, host, (const int[]){2, 10, 16}[level / 4 % 3], level % 4,
                             (int)number());
        break;
    case 1:
        (void)sockeye_bind(lab, host, fd, bytes, size);
        break;
    case 2:
        (void)sockeye_listen(lab, host, fd, (int)number());
        break;
    case 3:
        (void)sockeye_connect(lab, host, fd, bytes, size);
        break;
    case 4:
        (void)sockeye_accept(lab, host, fd, bytes, &after);
        break;
    case 5:
        (void)sockeye_send(lab, host, fd, bytes, size, (int)number());
        break;
    case 6:
        (void)sockeye_receive(lab, host, fd, bytes, size, (int)number());
        break;
    case 7:
        (void)sockeye_send_message(lab, host, fd, &m, (int)number());
        break;
    case 8:
        (void)sockeye_receive_message(lab, host, fd, &m, (int)number());
        break;
    case 9:
        (void)sockeye_shutdown(lab, host, fd, level);
        break;
    case 10:
        (void)sockeye_close_fd(lab, host, fd);
        break;
    case 11:
        (void)sockeye_get_option(lab, host, fd, level, (int)number(), bytes, &after);
        break;
    case 12:
        (void)sockeye_set_option(lab, host, fd, level, (int)number(), bytes, size);
        break;
    default:
        read_copy(&r, room, 16);
        break;
    }
}

static void pass(void)
{
    int64_t when = 0, before = sockeye_now(lab);
    struct sockeye_change change;

    switch (read_u8(&r) % 6) {
    case 0:
        (void)sockeye_advance(lab, number());
        break;
    case 1:
        (void)sockeye_advance(lab, before + 1000000);
        break;
    case 2:
        (void)sockeye_step(lab, number());
        break;
    case 3:
        (void)sockeye_inject(lab, (int)number(), some_room(), some_size());
        break;
    case 4:
        (void)sockeye_emit(lab, (int)number(), some_room(), some_size(), &when);
        break;
    default:
        (void)sockeye_next_change(lab, &change);
        break;
    }
    ensure(sockeye_now(lab) >= before && sockeye_now(lab) <= SOCKEYE_TIME_MOST);
}

static void read_events(struct sockeye_reader *readers[READERS])
{
    struct sockeye_reader **reader = &readers[read_u8(&r) % READERS];
    struct sockeye_event event;

    switch (read_u8(&r) % 4) {
    case 0:
        (void)sockeye_reader_room(lab, (size_t)number());
        break;
    case 1:
        if (!*reader)
            ensure(sockeye_reader_open(lab, (uint32_t)number(), reader) == 0);
        break;
    case 2:
        while (*reader && sockeye_reader_next(*reader, &event) > 0)
            ;
        break;
    default:
        sockeye_reader_close(*reader);
        *reader = NULL;
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct sockeye_reader *readers[READERS] = {NULL};
    struct sockeye_config config = {0};
    bool is_any;

    r = reader_of(bytes, length);
    is_any = read_u8(&r) % 16 == 0;
    config.hosts = is_any ? (uint32_t)number() : 2;
    config.wires = is_any ? (uint32_t)number() : 3;
    config.sockets = is_any ? (uint32_t)number() : 16;
    config.packets = is_any ? (uint32_t)number() : 64;
    config.buffer_bytes = is_any ? (uint64_t)number() : 1 << 20;
    config.wall_base = (uint64_t)number();
    if (sockeye_open(&config, &lab) < 0)
        return 0;
    for (int i = 0; i < CALLS && reader_left(&r) > 0; i++) {
        static void (*const kinds[])(void) = {make, look, call, pass};
        uint8_t kind = read_u8(&r) % 9;

        if (kind == 8)
            read_events(readers);
        else
            kinds[kind / 2]();
        ensure(sockeye_check(lab) == 0);
    }
    sockeye_close(lab);
    return 0;
}
