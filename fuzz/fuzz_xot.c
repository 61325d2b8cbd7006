/* SPDX-License-Identifier: MIT */
/*
 * The octets of a stream of XOT by themselves: cut into pieces of any size, joined to packets,
 * judged by the rules of RFC 1613, and edited as a switched call is. However they are cut, the same
 * packets come out; every packet is as long as its frame says, an edit leaves a call that can be
 * read as well as before, with what was added, and all packets go back. The input: how it is cut,
 * then the stream.
 */
#include <string.h>
#include <sys/mman.h>

#include "3-network/x25/x25_call_edit.h"
#include "3-network/x25/x25_packet.h"
#include "3-network/x25/x25_xot.h"
#include "4-transport/xot_frame.h"
#include "base/arena.h"
#include "base/compiler.h"
#include "base/means.h"

enum { MEMORY = 8 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct arena *arena;
static struct packets packets;
static struct means means;

/* What a stream became. */
struct outcome {
    uint64_t sum; /* of all packets */
    uint32_t count;
    bool bad;
};

static void begin(void)
{
    const struct packet_limits limits = {64, 8, 4};

    if (arena) {
        arena_unpoison(arena);
        munmap(arena, MEMORY);
    }
    arena = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
    ensure(arena != MAP_FAILED);
    arena_init(arena, MEMORY, 1);
    memset(&means, 0, sizeof means);
    ensure(packet_pool_init(&packets, arena, &limits) == 0);
    means.packets = &packets;
    means.packet_budget.limit = 64;
}

static uint8_t call_is(const struct packet *p)
{
    struct reader r = reader_of(packet_data(p), packet_length(p));
    struct x25_header h;
    struct x25_call call;
    uint8_t wrong = x25_packet_read(&r, &h);

    if (!wrong && h.type != X25_CALL_REQUEST && h.type != X25_CALL_ACCEPTED)
        wrong = X25_DIAGNOSTIC_TYPE; /* nobody edits others */
    return wrong ? wrong : x25_packet_call_read(&r, &h, &call, true);
}

/* What a router adds to a call that it lacks. */
static void edit(struct packet *p)
{
    uint8_t before = call_is(p);
    uint32_t length = packet_length(p);
    const uint8_t *at;

    if (x25_call_edit_find(p, X25_CODE_WINDOW) || !x25_call_edit_add(p, X25_CODE_WINDOW, 3, 4))
        return;
    at = x25_call_edit_find(p, X25_CODE_WINDOW);
    ensure(at && at[0] == 3 && at[1] == 4);
    ensure(packet_length(p) >= length + 3 && packet_length(p) <= length + 5);
    ensure(before != 0 || call_is(p) == 0);
}

static void one_packet(struct x25_xot *rules, struct packet *p, struct outcome *o)
{
    ensure(packet_length(p) >= XOT_FRAME_LEAST && packet_length(p) <= XOT_FRAME_MOST);
    for (uint32_t i = 0; i < packet_length(p); i++)
        o->sum = o->sum * 31 + packet_data(p)[i];
    o->count++;
    (void)x25_xot_is_extended(p);
    if (x25_xot_receive(rules, p) == X25_XOT_PASS) {
        ensure(rules->called);
        if (call_is(p) != X25_DIAGNOSTIC_TYPE)
            edit(p);
        (void)x25_xot_send(rules, p);
    }
    packet_put(p);
}

static struct outcome feed(const uint8_t *bytes, size_t length, size_t piece)
{
    struct outcome o = {0};
    struct xot_frame f = {0};
    struct x25_xot rules = {0};

    while (length > 0 && !o.bad) {
        size_t room, n = piece < length ? piece : length;
        uint8_t *to = xot_frame_room(&f, &means, &room);
        enum xot_frame_result result;

        ensure(to && room > 0);
        n = n < room ? n : room;
        memcpy(to, bytes, n);
        bytes += n;
        length -= n;
        result = xot_frame_took(&f, n);
        o.bad = result == XOT_FRAME_BAD;
        if (result == XOT_FRAME_WHOLE)
            one_packet(&rules, xot_frame_take(&f), &o);
    }
    xot_frame_done(&f);
    ensure(means.packet_budget.used == 0);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct outcome pieces, whole;

    if (length == 0)
        return 0;
    begin();
    pieces = feed(bytes + 1, length - 1, 1u + bytes[0] % 64);
    whole = feed(bytes + 1, length - 1, 1 << 16);
    ensure(pieces.sum == whole.sum && pieces.count == whole.count && pieces.bad == whole.bad);
    return 0;
}
