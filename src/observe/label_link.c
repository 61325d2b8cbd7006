/* SPDX-License-Identifier: MIT */
/*
 * What stations of a wire tell each other so that anything else can go over it, in words: who has
 * an address (ARP, Neighbor Discovery), which router and prefix there is, who listens to which
 * group (IGMP, MLD), which bridge is the root. 
 */
#include "observe/label.h"
#include "observe/words.h"

#include <stdio.h>

static const char *text_of(struct address a, char text[ADDRESS_TEXT_BYTES])
{
    address_format(a, text);
    return text;
}

static void add_mac(struct words *w, int rank, const char *before, const uint8_t *m)
{
    words_add(w, rank, "%s%02x:%02x:%02x:%02x:%02x:%02x", before, m[0], m[1], m[2], m[3], m[4],
              m[5]);
}

static void add_arp(struct words *w, const struct decode_arp *arp)
{
    char sender[ADDRESS_TEXT_BYTES], target[ADDRESS_TEXT_BYTES];

    text_of(arp->sender, sender);
    text_of(arp->target, target);
    if (arp->operation == 2) {
        words_add(w, 0, "%s", sender);
        add_mac(w, 1, "is at ", arp->sender_mac);
    } else if (address_equal(arp->sender, arp->target)) {
        words_add(w, 0, "I have %s", sender);
        add_mac(w, 1, "at ", arp->sender_mac);
    } else {
        words_add(w, 0, "who has %s?", target);
        words_add(w, 1, "tell %s", sender);
    }
}

static void add_advertisement(struct words *w, const struct decode_nd *nd)
{
    char text[ADDRESS_TEXT_BYTES];

    words_add(w, 0, "router advert");
    for (int i = 0; i < nd->prefixes; i++)
        words_add(w, 1, "%s/%u", text_of(nd->prefix[i].prefix, text), nd->prefix[i].length);
    words_add(w, 2, "lifetime=%us", nd->router_lifetime);
    if (nd->flags & 0xc0)
        words_add(w, 2, "%s", nd->flags & 0x80 ? "managed" : "other-config");
    if (nd->has_mtu)
        words_add(w, 4, "mtu=%u", nd->mtu);
    for (int i = 0; i < nd->routes; i++)
        words_add(w, 3, "route=%s/%u", text_of(nd->route[i].prefix, text), nd->route[i].length);
    for (int i = 0; i < nd->servers; i++)
        words_add(w, 5, "dns=%s", text_of(nd->server[i], text));
}

/* RFC 4861 4, RFC 4862 5.4: from no address, whether another station has this one */
static void add_nd(struct words *w, const struct decode *d)
{
    char target[ADDRESS_TEXT_BYTES], other[ADDRESS_TEXT_BYTES];
    const struct decode_nd *nd = &d->nd;

    text_of(nd->target, target);
    if (d->icmp.type == 133) {
        words_add(w, 0, "any router?");
    } else if (d->icmp.type == 134) {
        add_advertisement(w, nd);
    } else if (d->icmp.type == 135) {
        words_add(w, 0, "who has %s?", target);
        if (address_is_unspecified(d->ip.source))
            words_add(w, 1, "I would take it");
        else
            words_add(w, 1, "tell %s", text_of(d->ip.source, other));
    } else if (d->icmp.type == 136) {
        words_add(w, 0, "%s", target);
        if (nd->has_target_mac)
            add_mac(w, 1, "is at ", nd->target_mac);
        else
            words_add(w, 1, "is here");
        if (nd->flags & 0x80)
            words_add(w, 2, "(router)");
    } else {
        words_add(w, 0, "redirect of %s", text_of(nd->dest, other));
        words_add(w, 1, "to %s", target);
    }
}

/* A change to "exclude nothing" is joining, to "include nothing" leaving: RFC 3376 5.1, 4.2.12. */
static void add_record(struct words *w, int rank, const struct decode_group_record *record)
{
    static const char *const kinds[] = {"?", "in", "in", "leaves", "joins", "allows", "blocks"};
    char text[ADDRESS_TEXT_BYTES];
    const char *kind = kinds[record->type <= 6 ? record->type : 0];

    if (record->type == 3 && record->sources > 0)
        kind = "joins";
    words_add(w, rank, "%s %s", kind, text_of(record->group, text));
    if (record->sources)
        words_add(w, rank + 1, "(%u sources)", record->sources);
}

static void add_group(struct words *w, const char *protocol, const struct decode_group *group)
{
    char text[ADDRESS_TEXT_BYTES];

    words_add(w, 0, "%sv%u", protocol, group->version);
    if (group->kind == DECODE_GROUP_QUERY) {
        if (address_is_unspecified(group->group))
            words_add(w, 1, "who is in which group?");
        else
            words_add(w, 1, "who is in %s?", text_of(group->group, text));
    } else if (group->version == 3 || group->all_records) {
        for (int i = 0; i < group->records; i++)
            add_record(w, i < 3 ? 1 + 2 * i : 7, &group->record[i]);
    } else {
        words_add(w, 1, "%s %s", group->kind == DECODE_GROUP_LEAVE ? "leaves" : "in",
                  text_of(group->group, text));
    }
    if (group->all_records > group->records)
        words_add(w, 2, "and %d more", group->all_records - group->records);
}

static void add_stp(struct words *w, const struct decode_stp *stp)
{
    static const char *const roles[] = {"", "alternate", "root", "designated"};

    words_add(w, 0, "%s", stp->type == 2 ? "RSTP" : "STP");
    if (stp->type == 0x80) {
        words_add(w, 1, "topology change");
        return;
    }
    words_add(w, 1, "root=%u.%02x%02x%02x%02x%02x%02x", stp->root_priority, stp->root_mac[0],
              stp->root_mac[1], stp->root_mac[2], stp->root_mac[3], stp->root_mac[4],
              stp->root_mac[5]);
    words_add(w, 2, "cost=%u", stp->root_cost);
    if (stp->type == 2)
        words_add(w, 3, "%s", roles[stp->flags >> 2 & 3]);
    if (stp->flags & 0x02)
        words_add(w, 3, "proposal");
    if (stp->flags & 0x40)
        words_add(w, 3, "agreement");
    if (stp->flags & 0x01)
        words_add(w, 2, "topology change");
}

void label_link(char label[LABEL_BYTES], int room, const struct decode *d)
{
    struct words w = {.count = 0};

    if (d->ethernet.tags > 0)
        words_add(&w, 6, "vlan=%u", d->ethernet.tag[d->ethernet.tags - 1].vlan);
    if (d->has_arp)
        add_arp(&w, &d->arp);
    else if (d->has_nd)
        add_nd(&w, d);
    else if (d->has_stp)
        add_stp(&w, &d->stp);
    else
        add_group(&w, d->has_igmp ? "IGMP" : "MLD", &d->group);
    words_put(label, LABEL_BYTES, room, &w);
}
