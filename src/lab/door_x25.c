/* SPDX-License-Identifier: MIT */
/* The door of X.25: lines and routes. */
#include <string.h>

#include "base/bytes.h"
#include "lab/handle.h"

static struct input_bytes text_in(const char *text)
{
    return (struct input_bytes){(const uint8_t *)text, text ? strlen(text) + 1 : 0};
}

int sockeye_x25_lapb(struct sockeye *s, int host, int interface,
                     const struct sockeye_x25_config *config)
{
    static const struct sockeye_x25_config none;
    const struct sockeye_x25_config *c = config ? config : &none;
    uint8_t bytes[10 * 8 + sizeof c->peer];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_X25_LAPB, .at = host, .number = {interface}};

    write_u64(&w, (uint64_t)c->t1_ns);
    write_u64(&w, (uint64_t)c->t2_ns);
    write_u64(&w, c->n1);
    write_u64(&w, c->n2);
    write_u64(&w, c->k);
    write_u64(&w, c->role);
    write_u64(&w, c->frames_128);
    write_u64(&w, c->packets_128);
    write_u64(&w, c->lowest_channel);
    write_u64(&w, c->highest_channel);
    if (memcmp(c->peer, none.peer, sizeof c->peer) != 0)
        write_copy(&w, c->peer, sizeof c->peer);
    in.in[0] = (struct input_bytes){bytes, (size_t)(w.at - bytes)};
    return (int)door_enter(s, &in);
}

int sockeye_x25_xot(struct sockeye *s, int host)
{
    struct input in = {.kind = INPUT_X25_XOT, .at = host};

    return (int)door_enter(s, &in);
}

int sockeye_x25_permit(struct sockeye *s, int host, const char *network)
{
    struct input in = {.kind = INPUT_X25_PERMIT, .at = host, .in = {text_in(network)}};

    return (int)door_enter(s, &in);
}

int sockeye_x25_route(struct sockeye *s, int host, const char *prefix, int interface,
                      const char *xot, int packets_128)
{
    struct input in = {.kind = INPUT_X25_ROUTE,
                       .at = host,
                       .number = {interface, packets_128},
                       .in = {text_in(prefix), text_in(xot)}};

    return (int)door_enter(s, &in);
}

int sockeye_x25_route_remove(struct sockeye *s, int host, const char *prefix)
{
    struct input in = {.kind = INPUT_X25_ROUTE_REMOVE, .at = host, .in = {text_in(prefix)}};

    return (int)door_enter(s, &in);
}
