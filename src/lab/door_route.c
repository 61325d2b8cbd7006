/* SPDX-License-Identifier: MIT */
/* The door of routers and routes. */
#include <string.h>

#include "base/bytes.h"
#include "lab/handle.h"

static struct input_bytes text_in(const char *text)
{
    return (struct input_bytes){(const uint8_t *)text, text ? strlen(text) + 1 : 0};
}

int sockeye_router(struct sockeye *s, const char *name)
{
    struct input in = {.kind = INPUT_ROUTER, .in = {text_in(name)}};

    return (int)door_enter(s, &in);
}

int sockeye_route(struct sockeye *s, int host, const char *destination, const char *gateway,
                  int interface)
{
    struct input in = {.kind = INPUT_ROUTE,
                       .at = host,
                       .number = {interface},
                       .in = {text_in(destination), text_in(gateway)}};

    return (int)door_enter(s, &in);
}

int sockeye_route_put(struct sockeye *s, int host, const char *destination, const char *gateway,
                      int interface, const struct sockeye_route_config *config)
{
    static const struct sockeye_route_config none;
    const struct sockeye_route_config *c = config ? config : &none;
    uint8_t bytes[3 * 8];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_ROUTE_PUT,
                       .at = host,
                       .number = {interface},
                       .in = {text_in(destination), text_in(gateway), {bytes, sizeof bytes}}};

    write_u64(&w, c->kind);
    write_u64(&w, c->metric);
    write_u64(&w, c->mtu);
    return (int)door_enter(s, &in);
}

int sockeye_route_remove(struct sockeye *s, int host, const char *destination, const char *gateway,
                         int interface)
{
    struct input in = {.kind = INPUT_ROUTE_REMOVE,
                       .at = host,
                       .number = {interface},
                       .in = {text_in(destination), text_in(gateway)}};

    return (int)door_enter(s, &in);
}

int sockeye_advertise(struct sockeye *s, int router, int interface,
                      const struct sockeye_advertise_config *config)
{
    static const uint32_t preferences[] = {2, 0, 1, 3}; /* low, medium, high, none */
    static const struct sockeye_advertise_config none;
    const struct sockeye_advertise_config *c = config ? config : &none;
    const uint32_t numbers[] = {
        c->off,
        c->interval_s,
        c->lifetime_s,
        c->no_default,
        preferences[c->preference >= -1 && c->preference <= 1 ? c->preference + 1 : 3],
        c->mtu,
        c->reachable_ms,
        c->retransmit_ms,
        c->managed,
        c->other,
        c->valid_s,
        c->preferred_s,
        c->no_addresses};
    uint8_t bytes[8 * sizeof numbers / sizeof *numbers];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_ADVERTISE,
                       .at = router,
                       .number = {interface},
                       .in = {{bytes, sizeof bytes}, text_in(c->prefixes), text_in(c->servers)}};

    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        write_u64(&w, numbers[k]);
    return (int)door_enter(s, &in);
}
