/* SPDX-License-Identifier: MIT */
/*
 * A hostile peer of a data link: any frames, and between them packets to send, time, busy and not.
 * Every invariant holds after each, a call ends, and nothing is kept beyond the queue's limit. The
 * input is a list: what happens, how much later, a length, bytes.
 */
#include <string.h>
#include <sys/mman.h>

#include "2-link/lapb.h"
#include "base/arena.h"
#include "base/compiler.h"

enum { MEMORY = 8 << 20, STEPS = 4000, FRAMES_A_STEP = 128 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct arena *arena;
static struct packets packets;
static struct budget budget;
static struct lapb l;

static void begin(uint8_t flags)
{
    const struct packet_limits limits = {256, 4, 4};
    struct lapb_settings s;

    if (arena) {
        arena_unpoison(arena);
        munmap(arena, MEMORY);
    }
    arena = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
    ensure(arena != MAP_FAILED);
    arena_init(arena, MEMORY, 1);
    ensure(packet_pool_init(&packets, arena, &limits) == 0);
    budget = (struct budget){0, 256};
    memset(&l, 0, sizeof l);
    lapb_settings_default(&s);
    s.extended = flags & 1;
    s.dce = flags & 2;
    s.queue = 16;
    s.n1 = 128;
    ensure(lapb_settings_are_sound(&s));
    lapb_init(&l, &s);
}

static void send(nanoseconds now)
{
    struct packet *p = packet_get(&packets, &budget, 16);

    if (!p)
        return;
    memset(packet_append(p, 16), 0, 16);
    if (lapb_send(&l, p, now) < 0)
        packet_put(p);
}

static void receive(struct reader *r, nanoseconds now)
{
    struct lapb_frame f;
    uint8_t n = read_u8(r);
    const uint8_t *at = read_bytes(r, n);
    struct reader frame = reader_of(at, at ? n : 0);

    if (lapb_frame_read(&frame, l.settings.extended, &f))
        (void)lapb_receive(&l, &f, now);
}

static void drain(nanoseconds now)
{
    struct lapb_out out;
    int frames = 0;

    while (lapb_next(&l, &out, now)) {
        uint8_t bytes[16];
        struct writer w = writer_of(bytes, sizeof bytes);

        lapb_frame_write(&w, l.settings.extended, &out.frame);
        ensure(!w.failed && ++frames <= FRAMES_A_STEP);
    }
    (void)lapb_news_take(&l);
    ensure(lapb_check(&l) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    nanoseconds now = 0;

    begin(read_u8(&r));
    for (int i = 0; i < STEPS && !r.failed; i++) {
        uint8_t what = read_u8(&r);

        now += (nanoseconds)(what >> 4) * 400 * MILLISECOND;
        lapb_advance(&l, now);
        drain(now);
        switch (what & 7) {
        case 0:
            lapb_connect(&l, now);
            break;
        case 1:
            lapb_disconnect(&l, now);
            break;
        case 2:
            send(now);
            break;
        case 3:
            lapb_busy_set(&l, what & 8, now);
            break;
        default:
            receive(&r, now);
        }
        drain(now);
        ensure(budget.used <= 16 && lapb_deadline(&l) >= now);
    }
    lapb_done(&l);
    ensure(budget.used == 0);
    return 0;
}
