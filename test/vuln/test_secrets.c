/* SPDX-License-Identifier: MIT */
/*
 * What a stranger can learn: ports, initial sequence numbers, timestamps, identifications, and
 * bytes of memory that nobody wrote. The statistics are chi-square over 256 cells (255 degrees of
 * freedom: mean 255, deviation 22.6) and the linear correlation of neighbours; bounds are at 4.5
 * deviations, and the seed is fixed, so that a right stack never fails.
 */
#include "vuln_bed.h"

enum { SAMPLES = 20000, CELLS = 256 };

static int listener;
static uint32_t sample[SAMPLES];

static void begin_with(uint64_t seed)
{
    const struct sockeye_config config = {
        .seed = seed, .hosts = 2, .wires = 2, .sockets = 512, .buffer_bytes = 32 << 20};

    bed_open_with(SOCKEYE_DOOR_IP, &config);
    listener = bed_listener(PORT, 64);
    bed_flush();
}

/* Chi-square of 8 bits at `shift`, over n samples. */
static double chi_square(const uint32_t *x, size_t n, unsigned shift)
{
    static double count[CELLS];
    double expected = (double)n / CELLS, sum = 0;

    memset(count, 0, sizeof count);
    for (size_t i = 0; i < n; i++)
        count[x[i] >> shift & (CELLS - 1)]++;
    for (int i = 0; i < CELLS; i++)
        sum += (count[i] - expected) * (count[i] - expected) / expected;
    return sum;
}

/* The square of the correlation of x[i] and x[i + 1]. */
static double serial(const uint32_t *x, size_t n)
{
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0, m = (double)(n - 1);

    for (size_t i = 0; i + 1 < n; i++) {
        double a = x[i] / 4294967296.0, b = x[i + 1] / 4294967296.0;

        sx += a;
        sy += b;
        sxx += a * a;
        syy += b * b;
        sxy += a * b;
    }
    sxy = m * sxy - sx * sy;
    return sxy * sxy / ((m * sxx - sx * sx) * (m * syy - sy * sy));
}

static void check_random(const uint32_t *x, size_t n, unsigned first_bit, unsigned last_bit)
{
    for (unsigned shift = first_bit; shift <= last_bit; shift += 8) {
        double chi = chi_square(x, n, shift);

        if (chi < 153 || chi > 357)
            printf("# chi-square of the bits from %u on: %.1f\n", shift, chi);
        check(chi >= 153 && chi <= 357);
    }
    check(serial(x, n) < 20.25 / (double)n);
}

/* One SYN; its SYN-ACK is in `seen`. */
static void ask(uint32_t source, uint32_t port, const uint8_t *options, size_t option_bytes)
{
    struct tcp_spec s = {.source = source,
                         .from = port,
                         .to = PORT,
                         .seq = 7,
                         .flags = SYN,
                         .window = 1000,
                         .options = options,
                         .option_bytes = option_bytes};

    bed_inject_tcp(&s);
    bed_advance(4000);
    check(bed_take_protocol(6) && seen.flags == (SYN | ACK));
    s.flags = RST;
    s.seq = 8;
    s.option_bytes = 0;
    bed_inject_tcp(&s);
}

static void initial_numbers(void)
{
    uint32_t before = 0;

    begin_with(1);
    bed.unchecked = true;
    for (uint32_t i = 0; i < SAMPLES; i++) { /* of other tuples */
        ask(0x0b000000 + i / 4, 1024 + i % 4, NULL, 0);
        sample[i] = seen.seq;
    }
    check_random(sample, SAMPLES, 0, 24);
    for (uint32_t i = 1; i < SAMPLES; i++)
        sample[i - 1] = sample[i] - sample[i - 1];
    check_random(sample, SAMPLES - 1, 0, 24);
    for (uint32_t i = 0; i < 2000; i++) { /* of one tuple: a clock of 4 us, never back */
        ask(ATTACKER_IP, 1024, NULL, 0);
        check(i == 0 || (seen.seq - before >= 1 && seen.seq - before < 1000));
        before = seen.seq;
        bed_advance(bed_draw(1000000));
    }
    bed.unchecked = false;
    bed_friend_talks();
}

static void timestamps(void)
{
    static const uint8_t with_stamp[] = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0};
    uint32_t before = 0;

    begin_with(2);
    bed.unchecked = true;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        ask(0x0b000000 + i / 4, 1024 + i % 4, with_stamp, sizeof with_stamp);
        check(seen.options[0] == 2 && seen.options[6] == 8); /* MSS, NOPs, the stamp */
        sample[i] = get32(seen.options + 8);
    }
    bed.unchecked = false;
    check_random(sample, SAMPLES, 0, 24); /* the time since the start is not to be seen */
    for (uint32_t i = 0; i < 100; i++) {  /* but of one tuple it is a clock */
        ask(ATTACKER_IP, 1024, with_stamp, sizeof with_stamp);
        check(i == 0 || get32(seen.options + 8) - before <= 11);
        before = get32(seen.options + 8);
        bed_advance(10 * BED_MS);
    }
    bed_friend_talks();
}

/* Opens to a server and drops it. @return the local port, as the server sees it */
static uint32_t port_to(uint32_t address, uint32_t port)
{
    struct sockaddr_in name = bed_name(address, (int)port);
    int fd = sockeye_socket(bed.lab, VICTIM, AF_INET, SOCK_STREAM, 0);
    uint32_t local;

    check_equal(sockeye_connect(bed.lab, VICTIM, fd, &name, sizeof name), -EINPROGRESS);
    bed_advance(10000);
    check(bed_take_protocol(6) && seen.flags == SYN);
    local = seen.from;
    check(local >= 32768 && local <= 60999);
    bed_close(fd);
    bed_flush();
    return local;
}

/* RFC 6056 3.3.5: to one server the steps are of chance; what one server sees says nothing of the
 * ports to another. */
static void local_ports(void)
{
    uint32_t mine = 0, other = 0, next = 0, near = 0, same_step = 0, firsts = 0, last = 0;

    begin_with(3);
    bed.unchecked = true;
    for (uint32_t i = 0; i < 3000; i++) {
        uint32_t a = port_to(ATTACKER_IP, 443), b = port_to(0x0a000099, 443);

        next += a == mine + 1;
        near += b - a < 16 || a - b < 16;
        same_step += i > 0 && b - other == a - mine && a - mine > 8;
        mine = a;
        other = b;
    }
    for (uint32_t i = 0; i < 300; i++) { /* the first port to each of many servers */
        uint32_t a = port_to(0x0a000080 + i % 25, 1000 + i);

        firsts += a - last < 16;
        last = a;
    }
    bed.unchecked = false;
    check(next < 3000 / 4);
    check(near < 60);
    check(same_step < 10);
    check(firsts <= 3);
    bed_friend_talks();
}

/* Pings are answered with identifications that say nothing; what carries DF has none. */
static void identifications(void)
{
    uint8_t ping[16];
    size_t n = make_icmp(ping, 8, 0, 1, "ping", 4);

    begin_with(4);
    bed.unchecked = true;
    for (uint32_t i = 0; i < SAMPLES; i++) {
        const struct ip_spec spec = {.source = ATTACKER_IP + i % 2, .protocol = 1};

        make_ip(&spec, ping, n);
        bed_inject_ip(made.bytes, made.length);
        bed_advance(4000);
        check(bed_take());
        sample[i] = seen.id << 16 | seen.id;
    }
    bed.unchecked = false;
    check_random(sample, SAMPLES, 0, 8);
    ask(ATTACKER_IP, 1024, NULL, 0);
    check_equal(seen.id, 0);
    bed_friend_talks();
}

/* A conversation that touches every layer; what left by the door, as a hash. */
static uint64_t conversation(void)
{
    static const uint8_t options[] = {2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7};
    static uint8_t text[20000], big[3000];
    struct peer p = {.port = 1024};
    uint64_t hash = 14695981039346656037u;
    uint8_t udp[600];

    peer_open_with(&p, listener, options, sizeof options);
    peer_send(&p, ACK | PSH, text, 700);
    check(sockeye_send(bed.lab, VICTIM, p.fd, text, sizeof text, 0) > 0);
    for (uint32_t i = 0; i < 30; i++) {
        struct ip_spec spec = {.protocol = 17, .id = i, .more = i % 3 == 0, .offset = 8 * i};

        bed_send_ip(&spec, udp, make_udp(udp, 9, 9, text, 16 + i * 8)); /* errors with quotes */
        bed_send_icmp(8, 0, i, text, i * 40);
        bed_advance(1100 * BED_MS);
        for (int k = 0; k < 50 && bed_take(); k++) {
            for (size_t b = 0; b < seen.length; b++)
                hash = (hash ^ seen.bytes[b]) * 1099511628211u;
            if (seen.ip && seen.protocol == 6 && seen.seq == p.ack)
                p.ack += (uint32_t)seen.text_bytes;
        }
        peer_send(&p, ACK, NULL, 0);
    }
    bed_send_icmp(8, 0, 1, big, 1400);
    bed_close(p.fd);
    bed_advance(60 * BED_SECOND);
    while (bed_take())
        for (size_t b = 0; b < seen.length; b++)
            hash = (hash ^ seen.bytes[b]) * 1099511628211u;
    bed_friend_talks();
    return hash;
}

static void seeds(void)
{
    uint64_t first, again, other;

    begin_with(5);
    first = conversation();
    begin_with(5);
    again = conversation();
    begin_with(6);
    other = conversation();
    check(first == again && first != other);
}

/* Slots of pools that are not zeroed are filled first: nothing of that may leave. */
static void fill_raw_pools(uint8_t value)
{
    struct arena *a = bed.lab->lab->arena;
    uint32_t filled = 0;

    arena_unpoison(a);
    for (uint32_t i = 0; i < a->pools; i++) {
        const struct pool *pool = &a->pool[i];

        /* slots never handed out, of packets and buffers; arrays have one slot, and are in use */
        for (uint32_t k = pool->touched; pool->raw && k < pool->limit && k < pool->touched + 64;
             k++)
            memset((uint8_t *)a + pool->slots + (uint64_t)k * pool->stride, value, pool->size),
                filled++;
        for (uint32_t k = 0; pool->raw && pool->limit > 1 && k < pool->freed; k++) {
            const uint32_t *free = (const uint32_t *)(const void *)((uint8_t *)a + pool->free);

            memset((uint8_t *)a + pool->slots + (uint64_t)free[k] * pool->stride, value,
                   pool->size);
        }
    }
    arena_repoison(a);
    check(filled > 200);
}

static void no_byte_of_others(void)
{
    uint64_t plain, a5, x5a;

    begin_with(7);
    plain = conversation();
    begin_with(7);
    fill_raw_pools(0xa5);
    a5 = conversation();
    begin_with(7);
    fill_raw_pools(0x5a);
    x5a = conversation();
    check(plain == a5 && plain == x5a);
}

static const struct test tests[] = {
    {"T-08 local ports are not foreseen", local_ports},
    {"T-09 S-02 initial sequence numbers are chance by tuple, a clock within", initial_numbers},
    {"T-10 S-02 timestamps do not tell the time since the start", timestamps},
    {"S-02 identifications are chance, and none where none is needed", identifications},
    {"S-02 the same seed is the same conversation, another is another", seeds},
    {"S-04 no byte that nobody wrote leaves", no_byte_of_others},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
