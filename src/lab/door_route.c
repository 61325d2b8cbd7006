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
