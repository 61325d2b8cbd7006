/* SPDX-License-Identifier: MIT */
/*
 * VLANs at a port (IEEE 802.1Q), a value: to which VLAN a frame that comes in belongs, and in which
 * form it may go out. Inside a switch frames have no tag; what it said goes beside them.
 *
 * An access port is of one VLAN, and its frames have no tag: one that has is refused, but for the
 * tag of a priority alone (VLAN 0), which is taken off. A trunk carries those VLANs of its list
 * with their tag, and its native one, if it has any, without.
 *
 * Two tags. A frame whose tag was taken off may have another one behind it. Were it sent without a
 * tag, that other one would say its VLAN at the next switch: so a station would reach a VLAN that
 * is not its own. Therefore frames with a second tag are refused where they come in, or, where a
 * port says that tags are data (`double_tags`), never leave without one but by a port that says so
 * too.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct packet;

enum vlan_constants {
    VLAN_TAG_BYTES = 4,
    VLAN_TPID = 0x8100,
    VLAN_TPID_SERVICE = 0x88a8, /* IEEE 802.1ad */
    VLAN_BITS = 0x0fff,         /* of a tag: its VLAN */
    VLAN_MOST = 4094,           /* 4095 is reserved, 0 says no VLAN */
    VLAN_WORDS = 4096 / 64
};

struct vlan_port {
    uint64_t carried[VLAN_WORDS]; /* of a trunk: a bit each, with tag */
    uint16_t untagged;            /* VLAN of frames without a tag; 0: they are refused */
    uint8_t is_trunk;
    uint8_t double_tags; /* a tag behind the port's own is data */
    uint32_t zero;
};

/* What a frame said on its way in. */
struct vlan_facts {
    uint16_t vlan;
    uint16_t priority; /* the upper four bits of the tag, in their place; 0: it had none */
    bool has_tag;      /* to be taken off */
    bool has_inner;    /* behind it, or at its place, is a tag that stays */
};

enum vlan_in {
    VLAN_IN,
    VLAN_IN_SHORT, /* it ends in its tag */
    VLAN_IN_OTHER, /* of a VLAN that is not this port's */
    VLAN_IN_TAGS   /* with a tag, or a second one, where none may be */
};
enum vlan_out { VLAN_OUT_NONE, VLAN_OUT_PLAIN, VLAN_OUT_TAGGED };

/* A port of this one VLAN. */
void vlan_port_access(struct vlan_port *port, uint16_t vlan);
/* Reads which VLANs a trunk carries: "10,20-30", "all", or "" for none; native 0: none.
 * false: not such a list. */
bool vlan_port_trunk(struct vlan_port *port, const char *list, uint16_t native);

/* Of a frame of at least 14 bytes. */
enum vlan_in vlan_port_in(const struct vlan_port *port, const uint8_t *frame, uint32_t length,
                          struct vlan_facts *facts);
enum vlan_out vlan_port_out(const struct vlan_port *port, const struct vlan_facts *facts);

/* Takes the tag off; there is one. */
void vlan_tag_remove(struct packet *p);
/* Puts one in. false: there is no room in front of the frame. */
bool vlan_tag_insert(struct packet *p, const struct vlan_facts *facts);
