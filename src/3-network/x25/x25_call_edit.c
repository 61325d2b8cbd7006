/* SPDX-License-Identifier: MIT */
/*
 * Behind the three octets of a header: the lengths of both addresses in one octet, the addresses,
 * the length of the facilities, the facilities, user data (X.25 5.2.1, 5.2.2). An answer may end
 * behind its header or behind its addresses.
 */
#include "3-network/x25/x25_call_edit.h"

#include "3-network/x25/x25_facilities.h"
#include "base/packet.h"

enum { HEADER_BYTES = 3, ADDED_BYTES = 3, BIT_A = 0x80 };

/* Where the facilities stand. */
struct facility_place {
    uint32_t length_at; /* of their length, from the packet's start; its end: there is none */
    uint32_t bytes;
};

static bool place_of(const struct packet *p, struct facility_place *place)
{
    const uint8_t *at = packet_data(p);
    uint32_t length = packet_length(p), digits;

    place->length_at = length;
    place->bytes = 0;
    if (length < HEADER_BYTES || (at[0] & BIT_A)) /* A: addresses in another form */
        return false;
    if (length == HEADER_BYTES)
        return true;
    digits = (at[HEADER_BYTES] & 0x0fu) + (uint32_t)(at[HEADER_BYTES] >> 4);
    place->length_at = HEADER_BYTES + 1 + (digits + 1) / 2;
    if (place->length_at > length)
        return false;
    if (place->length_at < length)
        place->bytes = at[place->length_at];
    return place->length_at + place->bytes < length || place->bytes == 0;
}

/* How long one is, with its code: the two highest bits say its class. */
static uint32_t facility_bytes(const uint8_t *at, uint32_t left)
{
    uint32_t class = at[0] >> 6;

    if (class < 3)
        return 2 + class;
    return left < 2 ? left : 2u + at[1];
}

uint8_t *x25_call_edit_find(const struct packet *p, uint8_t code)
{
    uint8_t *at = packet_data(p);
    struct facility_place place;
    uint32_t i;

    if (!place_of(p, &place))
        return NULL;
    at += place.length_at + 1;
    for (i = 0; i < place.bytes && at[i] != 0; i += facility_bytes(at + i, place.bytes - i))
        if (at[i] == code && place.bytes - i >= ADDED_BYTES)
            return at + i + 1;
    return NULL;
}

/* n octets at a place; what is behind goes further back. */
static uint8_t *make_room(struct packet *p, uint32_t place, uint32_t n)
{
    uint32_t behind = packet_length(p) - place;
    uint8_t *at;

    if (n > p->size - p->end)
        return NULL;
    (void)packet_append(p, n);
    at = packet_data(p) + place;
    memmove(at + n, at, behind);
    return at;
}

bool x25_call_edit_add(struct packet *p, uint8_t code, uint8_t called, uint8_t calling)
{
    struct facility_place place;
    uint8_t *at;

    if (!place_of(p, &place) || place.bytes + ADDED_BYTES > X25_FACILITIES_MOST_BYTES)
        return false;
    if (packet_length(p) == HEADER_BYTES) {
        at = make_room(p, HEADER_BYTES, 1); /* no addresses */
        if (!at)
            return false;
        at[0] = 0;
        place.length_at++;
    }
    if (place.length_at == packet_length(p)) {
        at = make_room(p, place.length_at, 1); /* no facilities */
        if (!at)
            return false;
        at[0] = 0;
    }
    at = make_room(p, place.length_at + 1, ADDED_BYTES);
    if (!at)
        return false;
    at[-1] = (uint8_t)(at[-1] + ADDED_BYTES);
    at[0] = code;
    at[1] = called;
    at[2] = calling;
    return true;
}
