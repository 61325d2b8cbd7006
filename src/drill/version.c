/* SPDX-License-Identifier: MIT */
/*
 * Over which version of IP a script runs: as the caller says, or the script (--ip_version), or
 * IPv4. Three variants, as packetdrill has them:
 *
 *     ipv4               sockets and packets of IPv4
 *     ipv6               sockets and packets of IPv6
 *     ipv4-mapped-ipv6   sockets of IPv6 with mapped addresses, packets of IPv4
 *
 * One script is meant for all three, and its numbers of bytes are TCP's: so the MTU over IPv6 is
 * 1520 unless the script gives one, as packetdrill's own runners do. The header is 20 bytes longer,
 * and what is left for a segment is the same.
 */
#include "drill/state.h"
#include <string.h>

enum { MTU = 1500, MORE_OF_SIX = 20 };

static const struct drill_setting *setting_of(const struct drill_run *run, const char *name)
{
    const struct drill_setting *found = NULL;

    for (const struct drill_setting *s = run->script->settings; s; s = s->next) {
        if (strcmp(s->name, name) == 0)
            found = s;
    }
    return found;
}

/* A word of ICMP that this version has not is the script's mistake. */
static void resolve_icmp(struct drill_run *run, const struct drill_event *event)
{
    struct drill_packet *p = event->packet;

    if (p->protocol != 1)
        return;
    if (run->is_six) {
        p->protocol = 58;
        p->type = p->type6;
        p->code = p->code6;
    }
    if (p->type < 0 || p->code < 0)
        drill_unsupported(run, event->line, "ICMP for IPv%d has no such type and code",
                          run->is_six ? 6 : 4);
}

void drill_version(struct drill_run *run)
{
    const struct drill_setting *s = setting_of(run, "ip_version");
    const char *version = run->options->ip_version, *end;

    if (!version)
        version = s ? s->value : "ipv4";
    run->is_six = strcmp(version, "ipv6") == 0;
    run->has_sockets6 = run->is_six || strcmp(version, "ipv4-mapped-ipv6") == 0;
    if (!run->has_sockets6 && strcmp(version, "ipv4") != 0)
        drill_unsupported(run, s ? s->line : 0,
                          "--ip_version=%s: not ipv4, ipv6 or ipv4-mapped-ipv6", version);
    run->mtu = run->is_six ? MTU + MORE_OF_SIX : MTU;
    run->local_ip = address_from_ip4(DRILL_LOCAL_IP);
    run->remote_ip = address_from_ip4(DRILL_REMOTE_IP);
    if (run->is_six && (!address_parse(DRILL_LOCAL_IP6, &end, &run->local_ip) ||
                        !address_parse(DRILL_REMOTE_IP6, &end, &run->remote_ip)))
        drill_unsupported(run, 0, "an address cannot be read");
    for (const struct drill_event *e = run->script->first; e; e = e->next) {
        if (e->kind == DRILL_PACKET)
            resolve_icmp(run, e);
    }
}
