/* SPDX-License-Identifier: MIT */
/* layers_header.h says it. */
#include "observe/layers_header.h"

#include <netinet/in.h>
#include <string.h>

/* Data of X.25 in an I frame of LAPB on Ethernet: a length of two bytes, address, control. */
static bool read_x25(struct layers_header *h, const struct decode *d, uint32_t length)
{
    const struct decode_x25 *x = &d->x25[0];

    if (d->x25s == 0 || x->type != DECODE_X25_DATA || d->broken)
        return false;
    h->network = 14 + 4U * d->ethernet.tags + 2 + (d->lapb.extended ? 3 : 2);
    h->transport = h->payload = h->network + (x->extended ? 4 : 3);
    h->end = h->payload + x->length;
    h->channel = x->lcn;
    h->seq = x->ps;
    h->modulo = x->extended ? 128 : 8;
    h->more = x->more;
    h->is_x25 = h->is_first = true;
    return h->end <= length;
}

bool layers_header_read(struct layers_header *h, const uint8_t *bytes, uint32_t length)
{
    struct decode d;

    memset(h, 0, sizeof *h);
    decode_frame(&d, bytes, length, false);
    if (d.has_lapb)
        return read_x25(h, &d, length);
    if (!d.has_ethernet || !d.has_ip || !d.ip.options)
        return false;
    h->network = 14 + 4U * d.ethernet.tags;
    h->transport = h->network + d.ip.header_length;
    h->end = h->network + d.ip.total_length;
    if (h->end > length)
        h->end = length;
    if (h->transport > h->end)
        return false;
    h->source.address = d.ip.source;
    h->dest.address = d.ip.dest;
    h->protocol = d.ip.protocol;
    h->id = d.ip.id;
    h->is_fragment = decode_is_fragment(&d.ip);
    h->is_first = d.ip.fragment_offset == 0;
    h->payload = h->transport;
    if (d.has_tcp && d.tcp.options) {
        h->source.port = d.tcp.source_port;
        h->dest.port = d.tcp.dest_port;
        h->seq = d.tcp.seq;
        h->flags = (uint8_t)d.tcp.flags;
        h->payload = h->transport + d.tcp.header_length;
    } else if (h->protocol == IPPROTO_UDP && h->is_first && h->end - h->transport >= 8) {
        const uint8_t *udp = bytes + h->transport;

        h->source.port = (uint16_t)(udp[0] << 8 | udp[1]);
        h->dest.port = (uint16_t)(udp[2] << 8 | udp[3]);
        h->udp_length = (uint32_t)(udp[4] << 8 | udp[5]);
        h->payload = h->transport + 8;
    }
    return h->payload <= h->end;
}
