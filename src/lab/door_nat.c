/* SPDX-License-Identifier: MIT */
/* The door of translators. */
#include <string.h>

#include "base/bytes.h"
#include "lab/handle.h"

static struct input_bytes text_in(const char *text)
{
    return (struct input_bytes){(const uint8_t *)text, text ? strlen(text) + 1 : 0};
}

int sockeye_nat(struct sockeye *s, int router, int outside, const struct sockeye_nat_config *config)
{
    static const struct sockeye_nat_config none;
    const struct sockeye_nat_config *c = config ? config : &none;
    uint8_t bytes[14 * 8];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct input in = {.kind = INPUT_NAT,
                       .at = router,
                       .number = {outside},
                       .in = {{bytes, sizeof bytes}, text_in(c->inner), text_in(c->outer)}};

    write_u64(&w, c->mapping);
    write_u64(&w, c->filter);
    write_u64(&w, c->no_hairpin);
    write_u64(&w, c->closed);
    write_u64(&w, c->inbound_refresh);
    write_u64(&w, c->sessions);
    write_u64(&w, c->host_sessions);
    write_u64(&w, c->port_first);
    write_u64(&w, c->port_last);
    write_u64(&w, (uint64_t)c->udp_ns);
    write_u64(&w, (uint64_t)c->transitory_ns);
    write_u64(&w, (uint64_t)c->established_ns);
    write_u64(&w, (uint64_t)c->icmp_ns);
    write_u64(&w, (uint64_t)c->closing_ns);
    return (int)door_enter(s, &in);
}

int sockeye_nat_forward(struct sockeye *s, int router, int protocol, int outer_port,
                        const char *inner, int inner_port)
{
    struct input in = {.kind = INPUT_NAT_FORWARD,
                       .at = router,
                       .number = {protocol, outer_port, inner_port},
                       .in = {text_in(inner)}};

    return (int)door_enter(s, &in);
}
