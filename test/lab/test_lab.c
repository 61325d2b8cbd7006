/* SPDX-License-Identifier: MIT */
/*
 * The door as a user meets it: parts and their limits, settings, time, labs beside each other, and
 * that looking changes nothing.
 */
#include "scenario.h"

#include <sys/ioctl.h>

#include "check.h"

#define SECOND_NS INT64_C(1000000000)

static struct sockeye *fresh(uint64_t seed)
{
    struct sockeye_config config = {
        .seed = seed, .hosts = 4, .wires = 4, .sockets = 64, .buffer_bytes = 16 << 20};
    struct sockeye *lab = NULL;

    check(sockeye_open(&config, &lab) == 0);
    return lab;
}

/* Hosts a (10.0.0.1) and b (10.0.0.2) on a wire. */
static void pair(struct scenario *s, uint64_t seed)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->lab = fresh(seed);
    scenario_hosts(s, NULL, NULL);
    check_equal(s->problem, 0);
}

static void parts_have_limits(void)
{
    struct sockeye *lab = fresh(1);
    char name[32];

    check_equal(sockeye_host(lab, NULL), -EINVAL);
    check_equal(sockeye_host(lab, ""), -EINVAL);
    check_equal(sockeye_host(lab, "two words"), -EINVAL);
    check_equal(sockeye_host(lab, "a-name-of-thirty-two-characters-"), -EINVAL);
    check_equal(sockeye_host(lab, "a-name-of-thirty-one-characters"), 0);
    check_equal(sockeye_host(lab, "a-name-of-thirty-one-characters"), -EEXIST);
    for (int i = 1; i < 4; i++) {
        snprintf(name, sizeof name, "h%d", i);
        check_equal(sockeye_host(lab, name), i);
    }
    check_equal(sockeye_host(lab, "h4"), -ENOSPC);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "w%d", i);
        check_equal(i % 2 ? sockeye_door(lab, name, SOCKEYE_DOOR_IP, 0)
                          : sockeye_wire(lab, name, NULL, NULL),
                    i);
    }
    check_equal(sockeye_wire(lab, "w1", NULL, NULL), -EEXIST);
    check_equal(sockeye_wire(lab, "w4", NULL, NULL), -ENOSPC);
    check_equal(sockeye_find_host(lab, "h2"), 2);
    check_equal(sockeye_find_host(lab, "h4"), -ENOENT);
    check_equal(sockeye_find_wire(lab, "w3"), 3);
    check(strcmp(sockeye_wire_name(lab, 3), "w3") == 0 && !sockeye_wire_name(lab, 4));
    check(strcmp(sockeye_host_name(lab, 1), "h1") == 0 && !sockeye_host_name(lab, -1));
    sockeye_close(lab);
}

static void configs_are_checked(void)
{
    static const struct sockeye_config bad[] = {
        {.hosts = SOCKEYE_HOSTS + 1}, {.wires = SOCKEYE_WIRES + 1}, {.sockets = UINT32_MAX},
        {.packets = UINT32_MAX},      {.buffer_bytes = UINT64_MAX},
    };
    static const struct sockeye_wire_config bad_wire[] = {
        {.delay_ns = -1},
        {.jitter_ns = -1},
        {.loss_ppm = 1000001},
        {.reorder_ppm = 1000001},
        {.duplicate_ppm = 1000001},
        {.corrupt_ppm = 1000001},
        {.mtu = 67},
        {.mtu = 65536},
        {.reorder_ns = -5},
    };
    struct sockeye_config most = {.hosts = SOCKEYE_HOSTS, .wires = SOCKEYE_WIRES};
    struct sockeye *lab = NULL;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(sockeye_open(&bad[i], &lab) < 0);
    check_equal(sockeye_open(&most, &lab), 0);
    sockeye_close(lab);
    lab = fresh(1);
    for (size_t i = 0; i < sizeof bad_wire / sizeof *bad_wire; i++) {
        check_equal(sockeye_wire(lab, "w", &bad_wire[i], NULL), -EINVAL);
        check_equal(sockeye_wire(lab, "w", NULL, &bad_wire[i]), -EINVAL);
    }
    sockeye_close(lab);
    check_equal(sockeye_open(NULL, &lab), 0);
    sockeye_close(lab);
}

static int numbered(struct sockeye *lab, int (*make)(struct sockeye *, const char *), char kind,
                    int number)
{
    char name[16];

    snprintf(name, sizeof name, "%c%d", kind, number);
    return make(lab, name);
}

static int perfect_wire(struct sockeye *lab, const char *name)
{
    return sockeye_wire(lab, name, NULL, NULL);
}

/* A ring of hosts and wires, with a pair of wires between neighbours. */
static void a_thousand_hosts_take_only_what_they_use(void)
{
    const int hosts = 1000;
    struct sockeye_config config = {.hosts = (uint32_t)hosts, .wires = 2 * (uint32_t)hosts};
    struct sockeye *lab = NULL;
    int host, interface;

    check_equal(sockeye_open(&config, &lab), 0);
    for (int i = 0; i < hosts; i++)
        check_equal(numbered(lab, sockeye_host, 'h', i), i);
    for (int i = 0; i < 2 * hosts; i++) {
        check_equal(numbered(lab, perfect_wire, 'w', i), i);
        check(sockeye_interface(lab, i / 2, i % 2 ? "right1" : "right0", i, 0, NULL) > 0);
        check(sockeye_interface(lab, (i / 2 + 1) % hosts, i % 2 ? "left1" : "left0", i, 1, NULL) >
              0);
    }
    check_equal(numbered(lab, sockeye_host, 'h', hosts), -ENOSPC);
    check(sockeye_wire_end(lab, 2 * hosts - 1, 1, &host, &interface));
    check(host == 0 && strcmp(sockeye_interface_name(lab, 0, interface, NULL, 0), "left1") == 0);
    check_equal(sockeye_find_host(lab, "h999"), 999);
    check_equal(sockeye_find_wire(lab, "w1999"), 1999);
    check_equal(sockeye_check(lab), 0);
    check(arena_map_image_bytes(lab->lab->arena) < (uint64_t)hosts * (128 << 10));
    sockeye_close(lab);
}

static void a_host_has_many_interfaces(void)
{
    struct sockeye_config config = {.hosts = 2, .wires = SOCKEYE_INTERFACES};
    struct sockeye *lab = NULL;
    char name[16], text[32];
    int host, interface;

    check_equal(sockeye_open(&config, &lab), 0);
    check(sockeye_host(lab, "a") == 0 && sockeye_host(lab, "b") == 1);
    for (int i = 0; i < SOCKEYE_INTERFACES - 1; i++) {
        snprintf(name, sizeof name, "eth%d", i);
        check_equal(numbered(lab, perfect_wire, 'w', i), i);
        check_equal(sockeye_interface(lab, 0, name, i, 0, NULL), i + 1);
        snprintf(text, sizeof text, "10.0.%d.1/24", i);
        check_equal(sockeye_address(lab, 0, i + 1, text), 0);
    }
    check_equal(numbered(lab, perfect_wire, 'w', SOCKEYE_INTERFACES), SOCKEYE_INTERFACES - 1);
    check_equal(sockeye_interface(lab, 0, "more", SOCKEYE_INTERFACES - 1, 0, NULL), -ENOSPC);
    check(strcmp(sockeye_interface_name(lab, 0, 255, text, sizeof text), "eth254") == 0);
    check(strcmp(text, "10.0.254.1") == 0);
    check(sockeye_wire_end(lab, 254, 0, &host, &interface) && interface == 255);
    check_equal(sockeye_check(lab), 0);
    sockeye_close(lab);
}

/* Inputs as a damaged record may hold them: bytes of another length than their kind has. */
static void inputs_of_odd_lengths_are_refused(void)
{
    static const uint8_t few[3] = {2, 2, 3}, text[] = "eth0", no_end[] = {'e', 't', 'h'};
    struct sockeye *lab = fresh(1);
    struct input mac = {.kind = INPUT_INTERFACE, .in = {{text, sizeof text}, {few, sizeof few}}};
    struct input name = {.kind = INPUT_INTERFACE, .in = {{no_end, sizeof no_end}}};
    struct input wire = {.kind = INPUT_WIRE, .in = {{text, sizeof text}, {few, sizeof few}}};
    struct input change = {.kind = INPUT_WIRE_CHANGE, .in = {{few, sizeof few}}};

    check(sockeye_host(lab, "a") == 0 && sockeye_wire(lab, "w", NULL, NULL) == 0);
    check_equal(door_enter(lab, &mac), -EINVAL);
    check_equal(door_enter(lab, &name), -EINVAL);
    check_equal(door_enter(lab, &wire), -EINVAL);
    check_equal(door_enter(lab, &change), -EINVAL);
    check_equal(sockeye_interface(lab, 0, "eth0", 0, 0, NULL), 1);
    sockeye_close(lab);
}

static void interfaces_and_addresses_are_checked(void)
{
    static const uint8_t group[6] = {1, 2, 3, 4, 5, 6}, own[6] = {2, 2, 3, 4, 5, 6};
    struct sockeye *lab = fresh(1);
    char text[64];
    int host = -1, interface = -1;

    check(sockeye_host(lab, "a") == 0 && sockeye_host(lab, "b") == 1);
    check(sockeye_wire(lab, "w", NULL, NULL) == 0);
    check(sockeye_door(lab, "d", SOCKEYE_DOOR_ETHERNET, 0) == 1);
    check_equal(sockeye_interface(lab, 0, "lo", 0, 0, NULL), -EEXIST);
    check_equal(sockeye_interface(lab, 0, "e", 0, 2, NULL), -EINVAL);
    check_equal(sockeye_interface(lab, 0, "e", 7, 0, NULL), -EINVAL);
    check_equal(sockeye_interface(lab, 9, "e", 0, 0, NULL), -EINVAL);
    check_equal(sockeye_interface(lab, 0, "e", 0, 0, group), -EINVAL);
    check_equal(sockeye_interface(lab, 0, "e", 1, 1, NULL), -EINVAL);
    check_equal(sockeye_interface(lab, 0, "eth0", 0, 1, own), 1);
    check_equal(sockeye_interface(lab, 1, "eth0", 0, 1, NULL), -EBUSY);
    check_equal(sockeye_interface(lab, 1, "eth0", 0, 0, NULL), 1);
    check(sockeye_wire_end(lab, 0, 1, &host, &interface) && host == 0 && interface == 1);
    check(!sockeye_wire_end(lab, 1, 1, &host, &interface));
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.300/24"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.1"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.1/33"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.1/24x"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "fd00::1/129"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "fd00::1"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "ff02::1/64"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "fd00::1/64"), 0);
    check_equal(sockeye_address(lab, 0, 1, "fd00::1/64"), -EEXIST);
    check_equal(sockeye_address(lab, 0, 5, "10.0.0.1/24"), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, NULL), -EINVAL);
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.1/24"), 0);
    check_equal(sockeye_address(lab, 0, 1, "10.0.0.1/24"), -EEXIST);
    check(strcmp(sockeye_interface_name(lab, 0, 1, text, sizeof text), "eth0") == 0);
    check(strcmp(text, "fd00::1") == 0);
    check(strcmp(sockeye_interface_name(lab, 0, 0, text, sizeof text), "lo") == 0);
    check(strcmp(text, "127.0.0.1") == 0);
    check(!sockeye_interface_name(lab, 0, 2, text, sizeof text));
    check_equal(sockeye_route(lab, 0, "default", "10.0.0.254", 1), 0);
    check_equal(sockeye_route(lab, 0, "10.9.0.0/16", NULL, 1), 0);
    check_equal(sockeye_route(lab, 0, "10.9.0.0", NULL, 1), -EINVAL);
    check_equal(sockeye_route(lab, 0, "nonsense", NULL, 1), -EINVAL);
    check_equal(sockeye_route(lab, 0, "default", "nonsense", 1), -EINVAL);
    check_equal(sockeye_route(lab, 0, "default", "fd00::fe", 1), 0); /* of IPv6 */
    check_equal(sockeye_route(lab, 0, "default", "fd00::fe", 1), -EEXIST);
    check_equal(sockeye_route(lab, 0, "2001:db8::/32", "fd00::fd", 1), 0);
    check_equal(sockeye_route(lab, 0, "2001:db8::/32", "10.0.0.254", 1), -EINVAL);
    check_equal(sockeye_route(lab, 0, "2001:db8::1/32", "fd00::fd", 1), -EINVAL);
    sockeye_close(lab);
}

static void settings_read_back(void)
{
    struct sockeye *lab = fresh(1);
    char text[128], again[128];
    const char *name, *help;
    int count = 0;

    check(sockeye_host(lab, "a") == 0);
    for (; (name = sockeye_setting(count, &help)) != NULL; count++) {
        check(help && *help);
        check_equal(sockeye_get(lab, 0, name, text, sizeof text), 0);
        check_equal(sockeye_set(lab, 0, name, text), 0);
        check_equal(sockeye_get(lab, 0, name, again, sizeof again), 0);
        check(strcmp(text, again) == 0);
        check_equal(sockeye_get(lab, 0, name, text, 1), -ENOSPC);
        check_equal(sockeye_set(lab, 0, name, "nonsense"), -EINVAL);
        check_equal(sockeye_set(lab, 0, name, ""), -EINVAL);
        check_equal(sockeye_set(lab, 9, name, again), -EINVAL);
    }
    check(count > 40);
    check_equal(sockeye_set(lab, 0, "net.ipv4.no_such", "1"), -ENOENT);
    check_equal(sockeye_get(lab, 0, "net.ipv4.no_such", text, sizeof text), -ENOENT);
    check_equal(sockeye_set(lab, 0, "net.ipv4.tcp_sack", "2"), -ERANGE);
    check_equal(sockeye_set(lab, 0, "net.ipv4.tcp_sack", "99999999999999999999"), -ERANGE);
    check_equal(sockeye_set(lab, 0, "net.ipv4.tcp_rmem", "4096 8192"), -EINVAL);
    check_equal(sockeye_set(lab, 0, "net.ipv4.tcp_rmem", "8192 4096 8192"), -ERANGE);
    check_equal(sockeye_set(lab, 0, "net.ipv4.ip_local_port_range", "5000 5010"), 0);
    check_equal(sockeye_get(lab, 0, "net.ipv4.ip_local_port_range", text, sizeof text), 0);
    check(strcmp(text, "5000 5010") == 0);
    sockeye_close(lab);
}

static void settings_of_all_hosts_wait_for_later_ones(void)
{
    struct sockeye *lab = fresh(1);
    char text[128];

    check(sockeye_host(lab, "a") == 0);
    check_equal(sockeye_set(lab, -1, "net.ipv4.tcp_fin_timeout", "7"), 0);
    check(sockeye_host(lab, "b") == 1);
    for (int host = 0; host < 2; host++) {
        check_equal(sockeye_get(lab, host, "net.ipv4.tcp_fin_timeout", text, sizeof text), 0);
        check(strcmp(text, "7") == 0);
    }
    sockeye_close(lab);
}

static void defaults_are_linux(void)
{
    static const char *const want[][2] = {
        {"net.ipv4.ip_default_ttl", "64"},
        {"net.ipv4.tcp_rmem", "4096 131072 6291456"},
        {"net.ipv4.tcp_wmem", "4096 16384 4194304"},
        {"net.ipv4.ip_local_port_range", "32768 60999"},
        {"net.ipv4.tcp_syn_retries", "6"},
        {"net.ipv4.tcp_fin_timeout", "60"},
        {"net.ipv4.tcp_keepalive_time", "7200"},
        {"net.core.rmem_max", "212992"},
        {"net.core.somaxconn", "4096"},
        {"net.ipv4.neigh.default.delay_first_probe_time", "5"},
        {"net.ipv4.tcp_congestion_control", "reno"},
    };
    struct sockeye *lab = fresh(1);
    char text[128];

    check(sockeye_host(lab, "a") == 0);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        check_equal(sockeye_get(lab, 0, want[i][0], text, sizeof text), 0);
        if (strcmp(text, want[i][1]) != 0)
            printf("# %s is %s\n", want[i][0], text);
        check(strcmp(text, want[i][1]) == 0);
    }
    sockeye_close(lab);
}

struct times {
    int64_t last, most;
    int count, wrong;
};

static void note_time(void *context, const struct sockeye_event *event)
{
    struct times *t = context;

    t->wrong += event->time < t->last || event->time > t->most;
    t->last = event->time;
    t->count++;
}

static void time_goes_forward_in_steps(void)
{
    struct times t = {0, 0, 0, 0};
    struct scenario s;

    pair(&s, 1);
    check(sockeye_observe(s.lab, EVENT_EVERYTHING, note_time, &t, NULL) >= 0);
    scenario_flow_open(&s, 0, 100000, 100000);
    for (int64_t now = 0; now < SECOND_NS / 10; now += 777777) {
        int64_t deadline;

        t.most = now;
        deadline = sockeye_advance(s.lab, now);
        check(deadline > now && deadline == sockeye_next_deadline(s.lab));
        check_equal(sockeye_now(s.lab), now);
        scenario_serve(&s);
    }
    check(t.count > 100 && t.wrong == 0);
    check_equal(sockeye_advance(s.lab, 5), sockeye_next_deadline(s.lab));
    check(sockeye_now(s.lab) > 5);
    check_equal(sockeye_step(s.lab, 0), 0);
    sockeye_close(s.lab);
}

static void run_flow(struct scenario *s)
{
    scenario_flow_open(s, 0, 50000, 5000);
    while (!scenario_done(s) && scenario_step(s, SOCKEYE_NEVER - 1))
        ;
    check(scenario_done(s) && s->problem == 0);
}

static void labs_do_not_know_each_other(void)
{
    struct scenario alone, s[SOCKEYE_LABS];
    struct sockeye *more;
    uint64_t hash;

    pair(&alone, 5);
    run_flow(&alone);
    hash = sockeye_hash(alone.lab);
    sockeye_close(alone.lab);
    for (int i = 0; i < SOCKEYE_LABS; i++)
        pair(&s[i], i % 2 ? 6 : 5);
    check_equal(sockeye_open(NULL, &more), -EMFILE);
    for (int i = 0; i < SOCKEYE_LABS; i++)
        scenario_flow_open(&s[i], 0, 50000, 5000);
    for (bool any = true; any;) {
        any = false;
        for (int i = 0; i < SOCKEYE_LABS; i++)
            any = (!scenario_done(&s[i]) && scenario_step(&s[i], SOCKEYE_NEVER - 1)) || any;
    }
    for (int i = 0; i < SOCKEYE_LABS; i++) {
        check(scenario_done(&s[i]) && s[i].problem == 0);
        check((sockeye_hash(s[i].lab) == hash) == (i % 2 == 0));
    }
    for (int i = 0; i < SOCKEYE_LABS; i++)
        sockeye_close(s[i].lab);
    check_equal(sockeye_open(NULL, &more), 0);
    sockeye_close(more);
}

static void looking_changes_nothing(void)
{
    struct times t = {0, SOCKEYE_NEVER, 0, 0};
    struct scenario s, seen;
    uint32_t length = sizeof(struct sockaddr_in);
    struct sockaddr_in a;
    uint64_t hash;
    int value, fd;

    pair(&s, 7);
    pair(&seen, 7);
    check(sockeye_observe(seen.lab, EVENT_EVERYTHING, note_time, &t, NULL) >= 0);
    run_flow(&s);
    run_flow(&seen);
    check(t.count > 50);
    hash = sockeye_hash(s.lab);
    check(sockeye_hash(seen.lab) == hash);
    fd = sockeye_socket(s.lab, 0, AF_INET, SOCK_DGRAM, 0);
    hash = sockeye_hash(s.lab);
    check_equal(sockeye_receive(s.lab, 0, fd, &a, sizeof a, 0), -EAGAIN);
    check(sockeye_poll(s.lab, 0, fd) == POLLOUT);
    check_equal(sockeye_local_name(s.lab, 0, fd, &a, &length), 0);
    check_equal(sockeye_peer_name(s.lab, 0, fd, &a, &length), -ENOTCONN);
    check_equal(sockeye_ioctl(s.lab, 0, fd, FIONREAD, &value), 0);
    check_equal(sockeye_check(s.lab), 0);
    check(sockeye_hash(s.lab) == hash);
    sockeye_close(s.lab);
    sockeye_close(seen.lab);
}

static uint16_t sum_of(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i += 2)
        sum += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0U);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* An echo request from 10.0.0.9 to 10.0.0.1. */
static size_t echo_request(uint8_t p[36])
{
    static const uint8_t form[36] = {0x45, 0, 0, 36, 0,   1,   0,   0,   64,  1,   0,   0,
                                     10,   0, 0, 9,  10,  0,   0,   1,   8,   0,   0,   0,
                                     0,    7, 0, 1,  's', 'o', 'c', 'k', 'e', 'y', 'e', '!'};
    uint16_t sum;

    memcpy(p, form, sizeof form);
    sum = sum_of(p, 20);
    p[10] = (uint8_t)(sum >> 8);
    p[11] = (uint8_t)sum;
    sum = sum_of(p + 20, 16);
    p[22] = (uint8_t)(sum >> 8);
    p[23] = (uint8_t)sum;
    return sizeof form;
}

static void a_door_answers_pings(void)
{
    struct sockeye *lab = fresh(1);
    static uint8_t bytes[100000];
    int64_t when = -1;
    uint8_t p[36];

    check(sockeye_host(lab, "a") == 0);
    check(sockeye_door(lab, "d", SOCKEYE_DOOR_IP, 0) == 0);
    check(sockeye_interface(lab, 0, "eth0", 0, 0, NULL) == 1);
    check(sockeye_address(lab, 0, 1, "10.0.0.1/24") == 0);
    sockeye_advance(lab, SECOND_NS);
    while (sockeye_emit(lab, 0, bytes, sizeof bytes, NULL) > 0)
        ;
    check_equal(sockeye_emit(lab, 0, bytes, sizeof bytes, &when), -EAGAIN);
    check_equal(sockeye_inject(lab, 1, p, 36), -EINVAL);
    check_equal(sockeye_inject(lab, 0, p, 0), -EINVAL);
    check_equal(sockeye_inject(lab, 0, bytes, 100000), -EMSGSIZE);
    check_equal(sockeye_inject(lab, 0, p, echo_request(p)), 0);
    check_equal(sockeye_next_deadline(lab), SECOND_NS);
    sockeye_advance(lab, SECOND_NS);
    check_equal(sockeye_emit(lab, 0, bytes, 35, &when), -EMSGSIZE);
    check_equal(sockeye_emit(lab, 0, bytes, sizeof bytes, &when), 36);
    check_equal(when, SECOND_NS);
    check(bytes[20] == 0 && bytes[9] == 1 && memcmp(bytes + 24, p + 24, 12) == 0);
    check_equal(sum_of(bytes, 20), 0);
    check_equal(sum_of(bytes + 20, 16), 0);
    check_equal(sockeye_set(lab, 0, "net.ipv4.icmp_echo_ignore_all", "1"), 0);
    check_equal(sockeye_inject(lab, 0, p, echo_request(p)), 0);
    sockeye_advance(lab, 2 * SECOND_NS);
    check_equal(sockeye_emit(lab, 0, bytes, sizeof bytes, &when), -EAGAIN);
    sockeye_close(lab);
}

static void a_door_of_ethernet_asks_for_its_neighbour(void)
{
    struct sockeye *lab = fresh(1);
    struct sockaddr_in a;
    uint8_t bytes[2000];
    ssize_t n, asked = 0;
    int fd;

    check(sockeye_host(lab, "a") == 0);
    check(sockeye_door(lab, "d", SOCKEYE_DOOR_ETHERNET, 0) == 0);
    check(sockeye_interface(lab, 0, "eth0", 0, 0, NULL) == 1);
    check(sockeye_address(lab, 0, 1, "10.0.0.1/24") == 0);
    sockeye_advance(lab, 10 * SECOND_NS);
    while (sockeye_emit(lab, 0, bytes, sizeof bytes, NULL) > 0)
        ;
    fd = sockeye_socket(lab, 0, AF_INET, SOCK_DGRAM, 0);
    scenario_address(&a, 1, 99);
    check_equal(sockeye_connect(lab, 0, fd, &a, sizeof a), 0);
    check_equal(sockeye_send(lab, 0, fd, "x", 1, 0), 1);
    sockeye_advance(lab, 20 * SECOND_NS);
    while ((n = sockeye_emit(lab, 0, bytes, sizeof bytes, NULL)) > 0) {
        check(n >= 42 && bytes[12] == 8 && bytes[13] == 6 && bytes[21] == 1);
        check(bytes[0] == 0xff && (bytes[6] & 3) == 2 && bytes[41] == 2);
        asked++;
    }
    check_equal(asked, 3);
    check_equal(sockeye_poll(lab, 0, fd), POLLOUT); /* a soft error, as on Linux */
    check(sockeye_drops(lab, 0, DROP_NEIGHBOR_FAILED) == 1 && sockeye_drops(lab, 9, 1) == 0);
    sockeye_close(lab);
}

static void loopback_works_and_has_a_name(void)
{
    struct sockeye *lab = fresh(1);
    struct sockaddr_in a;
    char bytes[8];
    int fd, host = -1, interface = -1;

    check(sockeye_host(lab, "a") == 0);
    fd = sockeye_socket(lab, 0, AF_INET, SOCK_DGRAM, 0);
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons(7);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check_equal(sockeye_bind(lab, 0, fd, &a, sizeof a), 0);
    check_equal(sockeye_connect(lab, 0, fd, &a, sizeof a), 0);
    check_equal(sockeye_send(lab, 0, fd, "hello", 5, 0), 5);
    check_equal(sockeye_receive(lab, 0, fd, bytes, sizeof bytes, 0), -EAGAIN);
    check_equal(sockeye_advance(lab, 1000), SOCKEYE_NEVER);
    check_equal(sockeye_receive(lab, 0, fd, bytes, sizeof bytes, 0), 5);
    check(strcmp(sockeye_wire_name(lab, SOCKEYE_WIRES), "lo") == 0);
    check(sockeye_wire_end(lab, SOCKEYE_WIRES, 1, &host, &interface));
    check(host == 0 && interface == 0);
    check(!sockeye_wire_name(lab, SOCKEYE_WIRES + 1));
    sockeye_close(lab);
}

/* Is there news of this socket that says so? */
static bool is_told(struct scenario *s, int host, int fd, int event)
{
    struct sockeye_change change;
    bool told = false;

    while (sockeye_next_change(s->lab, &change))
        told |= change.host == host && change.fd == fd && (change.events & event);
    return told;
}

static void who_waits_is_told_of_options(void)
{
    static char bytes[100000];
    struct scenario s;
    struct sockaddr_in a;
    int client, server, listener, value = 1000;

    pair(&s, 9);
    listener = scenario_listener(&s, 1, 80);
    client = sockeye_socket(s.lab, 0, AF_INET, SOCK_STREAM, 0);
    scenario_address(&a, 1, 80);
    check_equal(sockeye_connect(s.lab, 0, client, &a, sizeof a), -EINPROGRESS);
    sockeye_advance(s.lab, 1000000);
    server = sockeye_accept(s.lab, 1, listener, NULL, NULL);
    check_equal(sockeye_set_option(s.lab, 0, client, SOL_SOCKET, SO_RCVLOWAT, &value, 4), 0);
    check_equal(sockeye_send(s.lab, 1, server, bytes, 10, 0), 10);
    sockeye_advance(s.lab, 2000000);
    check(!is_told(&s, 0, client, POLLIN));
    value = 10;
    check_equal(sockeye_set_option(s.lab, 0, client, SOL_SOCKET, SO_RCVLOWAT, &value, 4), 0);
    check(is_told(&s, 0, client, POLLIN));
    value = 4608;
    check_equal(sockeye_set_option(s.lab, 0, client, SOL_SOCKET, SO_SNDBUF, &value, 4), 0);
    for (int i = 0; i < 100; i++) {
        (void)sockeye_send(s.lab, 0, client, bytes, sizeof bytes, 0);
        sockeye_advance(s.lab, sockeye_now(s.lab) + 1000000);
    }
    check_equal(sockeye_send(s.lab, 0, client, bytes, 1, 0), -EAGAIN);
    check(!is_told(&s, 0, client, POLLOUT));
    value = 1 << 20;
    check_equal(sockeye_set_option(s.lab, 0, client, SOL_SOCKET, SO_SNDBUF, &value, 4), 0);
    check(is_told(&s, 0, client, POLLOUT));
    sockeye_close(s.lab);
}

/* A datagram socket of a host that talks to itself; nobody was told of it yet. */
static int talker(struct sockeye *lab, int host)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
    int fd = sockeye_socket(lab, host, AF_INET, SOCK_DGRAM, 0);
    struct sockeye_change change;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check_equal(sockeye_bind(lab, host, fd, &a, sizeof a), 0);
    check_equal(sockeye_connect(lab, host, fd, &a, sizeof a), 0);
    while (sockeye_next_change(lab, &change))
        ;
    return fd;
}

static void talk(struct sockeye *lab, int host, int fd)
{
    check_equal(sockeye_send(lab, host, fd, "x", 1, 0), 1);
    sockeye_advance(lab, sockeye_now(lab) + 10000);
}

static void the_first_touched_is_served_first(void)
{
    struct sockeye *lab = fresh(1);
    struct sockeye_change change;
    int fd[2];

    check(sockeye_host(lab, "busy") == 0 && sockeye_host(lab, "other") == 1);
    fd[0] = talker(lab, 0);
    fd[1] = talker(lab, 1);
    talk(lab, 1, fd[1]);
    for (int i = 0; i < 3; i++) { /* host 0 has news whenever somebody is served */
        talk(lab, 0, fd[0]);
        check(sockeye_next_change(lab, &change) && change.host == 1 && change.fd == fd[1]);
        talk(lab, 1, fd[1]);
        check(sockeye_next_change(lab, &change) && change.host == 0 && change.fd == fd[0]);
    }
    check(sockeye_next_change(lab, &change) && change.host == 1);
    check(!sockeye_next_change(lab, &change));
    sockeye_close(lab);
}

static void calls_on_hosts_that_are_not_there(void)
{
    struct sockeye *lab = fresh(1);
    struct sockeye_change change;

    check_equal(sockeye_socket(lab, 0, AF_INET, SOCK_STREAM, 0), -EINVAL);
    check_equal(sockeye_poll(lab, 3, 3), -EINVAL);
    check_equal(sockeye_close_fd(lab, -1, 3), -EINVAL);
    check(!sockeye_next_change(lab, &change));
    check_equal(sockeye_host(lab, "a"), 0);
    check_equal(sockeye_close_fd(lab, 0, 3), -EBADF);
    check_equal(sockeye_poll(lab, 0, 3), -EBADF);
    check_equal(sockeye_socket(lab, 0, AF_APPLETALK, SOCK_STREAM, 0), -EAFNOSUPPORT);
    check(strstr(sockeye_strerror(-EAFNOSUPPORT), "EAFNOSUPPORT") != NULL);
    check(strcmp(sockeye_strerror(-4095), "unknown error") == 0);
    sockeye_close(lab);
    sockeye_close(NULL);
}

/* Adding a host does not change another's luck (architecture, rule 3). */
static void names_have_the_luck_not_the_order(void)
{
    struct sockeye *one = fresh(3), *two = fresh(3);

    check(sockeye_host(one, "a") == 0 && sockeye_host(one, "b") == 1);
    check(sockeye_host(two, "x") == 0 && sockeye_host(two, "b") == 1);
    check(one->lab->node[1]->means.key.k0 == two->lab->node[1]->means.key.k0);
    check(one->lab->node[0]->means.key.k0 != two->lab->node[0]->means.key.k0);
    sockeye_close(one);
    sockeye_close(two);
}

static const struct test tests[] = {
    {"hosts and wires have names and limits", parts_have_limits},
    {"configs are checked, and the largest lab can be made", configs_are_checked},
    {"a thousand hosts take only the memory they use", a_thousand_hosts_take_only_what_they_use},
    {"a host has as many interfaces as a switch has ports, each with its network",
     a_host_has_many_interfaces},
    {"interfaces, addresses and routes are checked", interfaces_and_addresses_are_checked},
    {"inputs of odd lengths are refused", inputs_of_odd_lengths_are_refused},
    {"every setting reads back what was set", settings_read_back},
    {"a setting of all hosts is for later hosts too", settings_of_all_hosts_wait_for_later_ones},
    {"settings begin as Linux has them", defaults_are_linux},
    {"advance visits every deadline in order and never goes back", time_goes_forward_in_steps},
    {"five labs in one process do not know each other", labs_do_not_know_each_other},
    {"looking changes nothing", looking_changes_nothing},
    {"a door of IP packets answers a ping", a_door_answers_pings},
    {"a door of Ethernet frames asks for its neighbour", a_door_of_ethernet_asks_for_its_neighbour},
    {"the loopback works and has a name", loopback_works_and_has_a_name},
    {"who waits is told when an option ends the wait", who_waits_is_told_of_options},
    {"the socket touched first is served first, whatever its host",
     the_first_touched_is_served_first},
    {"calls on hosts and sockets that are not there are refused",
     calls_on_hosts_that_are_not_there},
    {"chance belongs to names, not to order", names_have_the_luck_not_the_order},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
