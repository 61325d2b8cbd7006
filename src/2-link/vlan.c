/* SPDX-License-Identifier: MIT */
/* Tags, and what a port does with them. Theory in vlan.h. */
#include "2-link/vlan.h"

#include <string.h>

#include "base/bytes.h"
#include "base/packet.h"

enum {
    ADDRESSES_BYTES = 12, /* in front of the tag */
    HEADER_BYTES = 14,
    PRIORITY_BITS = 0xf000 /* with the bit of drop eligibility */
};

static bool is_carried(const struct vlan_port *port, uint32_t vlan)
{
    return (port->carried[vlan / 64] >> vlan % 64 & 1) != 0;
}

static void carry(struct vlan_port *port, uint32_t first, uint32_t last)
{
    for (uint32_t vlan = first; vlan <= last; vlan++)
        port->carried[vlan / 64] |= UINT64_C(1) << vlan % 64;
}

void vlan_port_access(struct vlan_port *port, uint16_t vlan)
{
    memset(port->carried, 0, sizeof port->carried);
    port->untagged = vlan;
    port->is_trunk = 0;
}

/* A number of a VLAN, 1 to 4094. */
static bool read_vlan(const char **text, uint32_t *vlan)
{
    const char *at = *text;
    uint32_t n = 0;

    while (*at >= '0' && *at <= '9' && n <= VLAN_MOST)
        n = n * 10 + (uint32_t)(*at++ - '0');
    *vlan = n;
    *text = at;
    return n >= 1 && n <= VLAN_MOST;
}

/* "10,20-30". */
static bool read_list(struct vlan_port *port, const char *at)
{
    uint32_t first, last;

    for (;;) {
        if (!read_vlan(&at, &first))
            return false;
        last = first;
        if (*at == '-') {
            at++;
            if (!read_vlan(&at, &last) || last < first)
                return false;
        }
        carry(port, first, last);
        if (*at == 0)
            return true;
        if (*at++ != ',')
            return false;
    }
}

static bool is_all(const char *list)
{
    return list[0] == 'a' && list[1] == 'l' && list[2] == 'l' && list[3] == 0;
}

bool vlan_port_trunk(struct vlan_port *port, const char *list, uint16_t native)
{
    memset(port->carried, 0, sizeof port->carried);
    port->untagged = native;
    port->is_trunk = 1;
    if (*list == 0)
        return true;
    if (!is_all(list))
        return read_list(port, list);
    carry(port, 1, VLAN_MOST);
    return true;
}

static bool is_tag(uint16_t ethertype)
{
    return ethertype == VLAN_TPID || ethertype == VLAN_TPID_SERVICE;
}

/* IEEE 802.1Q 6.9.1: a frame without a tag, or with that of a priority, is of the port's VLAN. */
static enum vlan_in of_port(const struct vlan_port *port, struct vlan_facts *facts)
{
    facts->vlan = port->untagged;
    if (port->untagged == 0)
        return VLAN_IN_OTHER;
    return facts->has_inner && !port->double_tags ? VLAN_IN_TAGS : VLAN_IN;
}

enum vlan_in vlan_port_in(const struct vlan_port *port, const uint8_t *frame, uint32_t length,
                          struct vlan_facts *facts)
{
    uint16_t ethertype = u16_at(frame + ADDRESSES_BYTES), tag;
    bool data = !port->is_trunk && port->double_tags;

    facts->priority = 0;
    facts->has_tag = false;
    facts->has_inner = is_tag(ethertype);
    if (ethertype != VLAN_TPID || data)
        return of_port(port, facts);
    if (length < HEADER_BYTES + VLAN_TAG_BYTES)
        return VLAN_IN_SHORT;
    tag = u16_at(frame + HEADER_BYTES);
    facts->vlan = tag & VLAN_BITS;
    facts->priority = tag & PRIORITY_BITS;
    facts->has_tag = true;
    facts->has_inner = is_tag(u16_at(frame + HEADER_BYTES + 2));
    if (facts->vlan == 0)
        return of_port(port, facts);
    if (!port->is_trunk || (facts->has_inner && !port->double_tags))
        return VLAN_IN_TAGS;
    return facts->vlan <= VLAN_MOST &&
                   (is_carried(port, facts->vlan) || facts->vlan == port->untagged)
               ? VLAN_IN
               : VLAN_IN_OTHER;
}

enum vlan_out vlan_port_out(const struct vlan_port *port, const struct vlan_facts *facts)
{
    if (!port->is_trunk) {
        if (port->untagged != facts->vlan || (facts->has_inner && !port->double_tags))
            return VLAN_OUT_NONE;
        return VLAN_OUT_PLAIN;
    }
    if (port->untagged == facts->vlan)
        return facts->has_inner ? VLAN_OUT_TAGGED : VLAN_OUT_PLAIN;
    return is_carried(port, facts->vlan) ? VLAN_OUT_TAGGED : VLAN_OUT_NONE;
}

void vlan_tag_remove(struct packet *p)
{
    uint8_t *frame = packet_data(p);

    memmove(frame + VLAN_TAG_BYTES, frame, ADDRESSES_BYTES);
    packet_take(p, VLAN_TAG_BYTES);
}

bool vlan_tag_insert(struct packet *p, const struct vlan_facts *facts)
{
    uint8_t *frame;

    if (p->start < VLAN_TAG_BYTES)
        return false;
    frame = packet_push(p, VLAN_TAG_BYTES);
    memmove(frame, frame + VLAN_TAG_BYTES, ADDRESSES_BYTES);
    u16_put(frame + ADDRESSES_BYTES, VLAN_TPID);
    u16_put(frame + HEADER_BYTES, (uint16_t)(facts->priority | facts->vlan));
    return true;
}
