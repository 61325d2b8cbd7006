/* SPDX-License-Identifier: MIT */
/* The door of hubs and switches. */
#include <string.h>

#include "base/bytes.h"
#include "lab/handle.h"

static struct input_bytes text_in(const char *text)
{
    return (struct input_bytes){(const uint8_t *)text, text ? strlen(text) + 1 : 0};
}

int sockeye_hub(struct sockeye *s, const char *name)
{
    struct input in = {.kind = INPUT_HUB, .in = {text_in(name)}};

    return (int)door_enter(s, &in);
}

int sockeye_switch(struct sockeye *s, const char *name, const struct sockeye_switch_config *config)
{
    static const struct sockeye_switch_config none;
    const struct sockeye_switch_config *c = config ? config : &none;
    uint8_t bytes[4 * 8];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_SWITCH, .in = {text_in(name), {bytes, sizeof bytes}}};

    write_u64(&w, (uint64_t)c->age_ns);
    write_u64(&w, c->stations);
    write_u64(&w, c->port_stations);
    write_u64(&w, c->keep_oldest);
    return (int)door_enter(s, &in);
}
