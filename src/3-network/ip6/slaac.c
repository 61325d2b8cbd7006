/* SPDX-License-Identifier: MIT */
/*
 * Addresses that an interface makes itself, and the lives of all its addresses (RFC 4862 5.3, 5.5).
 * An address made from a prefix says nothing of who is on the link (RFC 5942 4): that is
 * ndp_router.c's.
 *
 * A prefix's valid lifetime is lowered to less than two hours by nobody (5.5.3 e): who could forge
 * an advertisement could else take our addresses away. Its preferred lifetime is as advertised.
 *
 * Temporary addresses (RFC 8981), if the host wants them: one for each prefix that an address was
 * made from, and the next a little before the last is deprecated. How long each lives beside
 * others (DESYNC_FACTOR) is of the address itself, so that it need not be kept.
 *
 * One that is a duplicate is tried anew with another identifier, if that is not our station's, a
 * few times (RFC 7217 6, RFC 8981 3.4): that is given up for its prefix, and told.
 */
#include "3-network/ip6/slaac.h"

#include "3-network/ip6/slaac_id.h"
#include "base/integer.h"

enum {
    RETRIES = 3,        /* IDGEN_RETRIES, TEMP_IDGEN_RETRIES */
    DESYNC_PER_TEN = 4, /* MAX_DESYNC_FACTOR: 0.4 * TEMP_PREFERRED_LIFETIME */
    RESERVED_TRIES = 16 /* identifiers that mean something else, in a row */
};
#define TWO_HOURS (7200 * SECOND)
#define LINK_LOCAL_PREFIX ((struct address){UINT64_C(0xfe80000000000000), 0})

static const struct ndp_settings *settings_of(const struct ndp *n)
{
    return &n->interface->ip->settings.ndp;
}

static nanoseconds end_of(uint32_t lifetime_s, nanoseconds now)
{
    return lifetime_s == UINT32_MAX ? NEVER : now + lifetime_s * SECOND;
}

static bool is_of(const struct ip_address *own, enum origin origin, struct address prefix)
{
    return own->origin == origin && own->address.high == prefix.high;
}

static uint32_t made_count(const struct ndp *n)
{
    uint32_t count = 0;

    for (uint32_t k = 0; k < n->interface->address_count; k++)
        count += n->interface->address[k].origin == ORIGIN_RA ||
                 n->interface->address[k].origin == ORIGIN_TEMPORARY;
    return count;
}

/* RFC 7217 5: another key than that of temporary addresses. */
static uint64_t stable_id(const struct ndp *n, struct address prefix, uint8_t counter)
{
    const struct ip_interface *i = n->interface;
    const struct mac *mac = link_mac(i->link);
    struct siphash_key secret = random_key(i->ip->means->key, "stable id", 9);

    if (settings_of(n)->addr_gen_mode == SLAAC_MODE_EUI64 && mac)
        return slaac_id_of_mac(mac);
    return slaac_id_opaque(secret, prefix, i->number, mac, counter);
}

/* Neither reserved nor, on this interface, in use. */
static bool is_free(const struct ndp *n, struct address a)
{
    return !slaac_id_is_reserved(a.low) && !ip_address_find(n->interface, a);
}

/* Makes one, and asks for it. `counter`: how many like it were duplicates. */
static bool make(struct ndp *n, struct ip_address_plan *plan, uint8_t counter, nanoseconds now)
{
    struct ip_interface *i = n->interface;

    if (ip_address_assign(i->ip, i->number, plan, now) < 0)
        return false;
    ip_address_find(i, plan->address)->duplicates = counter;
    return true;
}

void slaac_link_local(struct ndp *n, uint8_t counter, nanoseconds now)
{
    struct ip_address_plan plan = {.address = LINK_LOCAL_PREFIX,
                                   .prefix = SLAAC_ID_BITS,
                                   .origin = ORIGIN_LINK_LOCAL,
                                   .preferred_until = NEVER,
                                   .valid_until = NEVER};

    if (settings_of(n)->addr_gen_mode == SLAAC_MODE_NONE)
        return;
    plan.address.low = stable_id(n, plan.address, counter);
    if (is_free(n, plan.address))
        (void)make(n, &plan, counter, now);
}

/* ---- temporary addresses ---- */

/* RFC 8981 3.8: REGEN_ADVANCE. */
static nanoseconds regenerate_advance(const struct ndp *n)
{
    return 2 * SECOND + RETRIES * settings_of(n)->dad_transmits * ndp_state_retransmit(n);
}

/* RFC 8981 3.8: DESYNC_FACTOR, less than what would leave nothing. */
static nanoseconds desync(const struct ndp *n, struct address a)
{
    nanoseconds preferred = settings_of(n)->temp_preferred_s * SECOND;
    nanoseconds most = preferred / 10 * DESYNC_PER_TEN;
    uint64_t draw = random_draw(n->interface->ip->means->key, RANDOM_DESYNC, a.low);

    return (nanoseconds)random_below(draw, (uint64_t)most + 1);
}

/* The ends of a temporary address that was made at `since`, for its prefix's address. */
static void temporary_ends(const struct ndp *n, struct address a, nanoseconds since,
                           const struct ip_address *stable, nanoseconds *preferred,
                           nanoseconds *valid)
{
    const struct ndp_settings *s = settings_of(n);

    *preferred =
        time_earlier(stable->preferred_until, since + s->temp_preferred_s * SECOND - desync(n, a));
    *valid = time_earlier(stable->valid_until, since + s->temp_valid_s * SECOND);
}

/* RFC 8981 3.5: a deprecated one may go before its time. */
static bool temporary_room(struct ndp *n, nanoseconds now)
{
    struct ip_interface *i = n->interface;

    if (made_count(n) < NDP_SLAAC_ADDRESSES)
        return true;
    for (uint32_t k = 0; k < i->address_count; k++)
        if (i->address[k].origin == ORIGIN_TEMPORARY && i->address[k].state == ADDRESS_DEPRECATED)
            return ip_address_remove(i->ip, i->number, i->address[k].address, now) == 0;
    return false;
}

static void temporary_make(struct ndp *n, struct address stable_address, uint8_t counter,
                           nanoseconds now)
{
    struct ip_address_plan plan = {
        .address = stable_address, .prefix = SLAAC_ID_BITS, .origin = ORIGIN_TEMPORARY};
    const struct ip_address *stable;

    if (!temporary_room(n, now))
        return;
    stable = ip_address_find(n->interface, stable_address);
    if (!stable)
        return;
    for (uint32_t k = 0; k < RESERVED_TRIES; k++) {
        plan.address.low = ndp_state_draw(n, RANDOM_TEMPORARY);
        if (is_free(n, plan.address))
            break;
    }
    temporary_ends(n, plan.address, now, stable, &plan.preferred_until, &plan.valid_until);
    if (plan.preferred_until - now > regenerate_advance(n) && is_free(n, plan.address))
        (void)make(n, &plan, counter, now);
}

/* The address that was made from the same prefix, and stays. */
static const struct ip_address *stable_of(const struct ndp *n, struct address a)
{
    for (uint32_t k = 0; k < n->interface->address_count; k++)
        if (is_of(&n->interface->address[k], ORIGIN_RA, a))
            return &n->interface->address[k];
    return NULL;
}

/* RFC 8981 3.4, steps 1 and 2; 3.5: what is deprecated by the router has no successor. */
static void temporaries_refresh(struct ndp *n, const struct ip_address *stable)
{
    for (uint32_t k = 0; k < n->interface->address_count; k++) {
        struct ip_address *own = &n->interface->address[k];

        if (is_of(own, ORIGIN_TEMPORARY, stable->address))
            temporary_ends(n, own->address, own->since, stable, &own->preferred_until,
                           &own->valid_until);
    }
}

static bool has_temporary(const struct ndp *n, struct address prefix)
{
    for (uint32_t k = 0; k < n->interface->address_count; k++)
        if (is_of(&n->interface->address[k], ORIGIN_TEMPORARY, prefix))
            return true;
    return false;
}

/* ---- from prefixes ---- */

/* An address that is in use is preferred or deprecated by its time. */
static void age(struct ndp *n, struct ip_address *own, nanoseconds now)
{
    enum address_state state = own->preferred_until > now ? ADDRESS_PREFERRED : ADDRESS_DEPRECATED;

    if ((own->state == ADDRESS_PREFERRED || own->state == ADDRESS_DEPRECATED) &&
        own->state != state)
        ndp_state_address(n, own, state, now);
}

/* RFC 4862 5.5.3 e */
static void refresh(struct ndp *n, struct ip_address *own, const struct ndp_option *o,
                    nanoseconds now)
{
    nanoseconds received = end_of(o->lifetime_s, now);

    own->preferred_until = end_of(o->preferred_s, now);
    if (received > now + TWO_HOURS || received > own->valid_until)
        own->valid_until = received;
    else if (own->valid_until > now + TWO_HOURS)
        own->valid_until = now + TWO_HOURS;
    temporaries_refresh(n, own);
    for (uint32_t k = 0; k < n->interface->address_count; k++)
        if (n->interface->address[k].address.high == own->address.high)
            age(n, &n->interface->address[k], now);
}

static void stable_make(struct ndp *n, struct address prefix, uint8_t counter,
                        nanoseconds preferred, nanoseconds valid, nanoseconds now)
{
    struct ip_address_plan plan = {.address = prefix,
                                   .prefix = SLAAC_ID_BITS,
                                   .origin = ORIGIN_RA,
                                   .preferred_until = preferred,
                                   .valid_until = valid};

    for (uint32_t k = 0; k < RESERVED_TRIES; k++) {
        plan.address.low = stable_id(n, prefix, (uint8_t)(counter + k));
        if (!slaac_id_is_reserved(plan.address.low))
            break;
    }
    if (is_free(n, plan.address))
        (void)make(n, &plan, counter, now);
}

/* RFC 4862 5.5.3 a to d. */
void slaac_advertised(struct ndp *n, const struct ndp_option *o, nanoseconds now)
{
    const struct ip_address *stable;
    struct ip_address *own = NULL;

    if (!settings_of(n)->autoconf || ip6_is_link_local(o->prefix) ||
        address_is_multicast(o->prefix) || o->preferred_s > o->lifetime_s ||
        o->prefix_length != 128 - SLAAC_ID_BITS)
        return;
    for (uint32_t k = 0; k < n->interface->address_count; k++)
        if (is_of(&n->interface->address[k], ORIGIN_RA, o->prefix))
            own = &n->interface->address[k];
    if (own)
        refresh(n, own, o, now);
    else if (o->lifetime_s > 0 && made_count(n) < NDP_SLAAC_ADDRESSES)
        stable_make(n, o->prefix, 0, end_of(o->preferred_s, now), end_of(o->lifetime_s, now), now);
    stable = stable_of(n, o->prefix);
    if (stable && settings_of(n)->use_tempaddr && o->preferred_s > 0 &&
        !has_temporary(n, o->prefix))
        temporary_make(n, stable->address, 0, now);
}

/* RFC 4862 5.4.5: one of our station's own is not tried again; RFC 7217 6, RFC 8981 3.4 step 7. */
void slaac_duplicate(struct ndp *n, const struct ip_address *own, nanoseconds now)
{
    struct ip_interface *i = n->interface;
    bool opaque = settings_of(n)->addr_gen_mode != SLAAC_MODE_EUI64 || !link_mac(i->link);
    struct ip_address gone = *own;
    const struct ip_address *stable;

    if (gone.origin == ORIGIN_CONFIGURED || gone.origin == ORIGIN_DHCP ||
        gone.duplicates >= RETRIES || (gone.origin != ORIGIN_TEMPORARY && !opaque))
        return;
    (void)ip_address_remove(i->ip, i->number, gone.address, now);
    if (gone.origin == ORIGIN_LINK_LOCAL) {
        slaac_link_local(n, (uint8_t)(gone.duplicates + 1), now);
    } else if (gone.origin == ORIGIN_RA) {
        stable_make(n, address_masked(gone.address, 128 - SLAAC_ID_BITS),
                    (uint8_t)(gone.duplicates + 1), gone.preferred_until, gone.valid_until, now);
    } else {
        stable = stable_of(n, gone.address);
        if (stable)
            temporary_make(n, stable->address, (uint8_t)(gone.duplicates + 1), now);
    }
}

/* ---- time ---- */

static bool is_aged(const struct ip_address *own)
{
    return own->state == ADDRESS_PREFERRED && own->preferred_until != NEVER;
}

static bool has_successor_due(const struct ip_address *own)
{
    return own->origin == ORIGIN_TEMPORARY && !own->succeeded &&
           (own->state == ADDRESS_PREFERRED || own->state == ADDRESS_OPTIMISTIC);
}

nanoseconds slaac_deadline(const struct ndp *n)
{
    nanoseconds first = NEVER;

    for (uint32_t k = 0; k < n->interface->address_count; k++) {
        const struct ip_address *own = &n->interface->address[k];

        if (address_is_mapped(own->address))
            continue;
        first = time_earlier(first, own->valid_until);
        if (is_aged(own))
            first = time_earlier(first, own->preferred_until);
        if (has_successor_due(own))
            first = time_earlier(first, own->preferred_until - regenerate_advance(n));
    }
    return first;
}

/* What is due of one address. true: it is gone. */
static bool own_due(struct ndp *n, struct ip_address *own, nanoseconds now)
{
    struct ip_interface *i = n->interface;
    const struct ip_address *stable;
    struct address a = own->address;

    if (address_is_mapped(a))
        return false;
    if (own->valid_until <= now) {
        (void)ip_address_remove(i->ip, i->number, a, now);
        return true;
    }
    age(n, own, now);
    if (!has_successor_due(own) || own->preferred_until - regenerate_advance(n) > now)
        return false;
    own->succeeded = 1;
    stable = stable_of(n, a);
    if (stable && stable->preferred_until > now)
        temporary_make(n, stable->address, 0, now);
    return false;
}

void slaac_due(struct ndp *n, nanoseconds now)
{
    for (uint32_t k = 0; k < n->interface->address_count;)
        if (!own_due(n, &n->interface->address[k], now))
            k++;
}
