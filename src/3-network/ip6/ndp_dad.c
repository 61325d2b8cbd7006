/* SPDX-License-Identifier: MIT */
/*
 * Is an address ours alone? (RFC 4862 5.4.) A few solicitations for it are sent from no address;
 * who has it, or wants it too, says so, and then it is a duplicate. While that is open it is
 * tentative, or, by default, optimistic (RFC 4429): in use, without telling anybody to override
 * what he knows. A router's is never optimistic (RFC 4429 3.3).
 *
 * Each probe has a nonce (RFC 7527 4.1): one that comes back to us shows a loop, and no other
 * station. A round in which one came back is followed by another, NDP_DAD_ROUNDS times at most, and
 * then the address is used, since a loop is not a reason to be without.
 *
 * A link without stations has nobody else on it, and asks for nothing.
 */
#include "3-network/ip6/ndp_dad.h"

#include "3-network/ip6/ndp_draft.h"
#include "3-network/ip6/slaac.h"
#include "base/integer.h"

enum { LOOPED_PROBES = 3 }; /* MAX_MULTICAST_SOLICIT: RFC 7527 4.1 */
#define DELAY SECOND        /* MAX_RTR_SOLICITATION_DELAY */

static struct ndp_dad *find(struct ndp *n, struct address a)
{
    for (uint32_t k = 0; k < n->dad_count; k++)
        if (address_equal(n->dad[k].address, a))
            return &n->dad[k];
    return NULL;
}

void ndp_dad_end(struct ndp *n, struct address a)
{
    struct ndp_dad *d = find(n, a);

    if (!d)
        return;
    n->dad_count--;
    memmove(d, d + 1, (size_t)(&n->dad[n->dad_count] - d) * sizeof *d);
}

/* RFC 4862 5.4.2: not at once, since many may do the same at this moment; RFC 4429 3.3: at once if
 * the address is in use already. */
void ndp_dad_begin(struct ndp *n, struct address a, nanoseconds now)
{
    struct ip_interface *i = n->interface;
    const struct ndp_settings *s = &i->ip->settings.ndp;
    struct ip_address *own = ip_address_find(i, a);
    bool optimistic = s->optimistic_dad && !ndp_state_is_router(i);
    struct ndp_dad *d;

    ensure(own && n->dad_count < IP_ADDRESSES && !find(n, a));
    if (s->dad_transmits == 0 || !link_mac(i->link)) {
        ndp_state_address(n, own, ADDRESS_PREFERRED, now);
        return;
    }
    d = &n->dad[n->dad_count++];
    memset(d, 0, sizeof *d);
    d->address = a;
    d->left = s->dad_transmits;
    d->next = now;
    if (!optimistic)
        d->next += (nanoseconds)random_below(ndp_state_draw(n, RANDOM_NDP_DELAY), (uint64_t)DELAY);
    ndp_state_address(n, own, optimistic ? ADDRESS_OPTIMISTIC : ADDRESS_TENTATIVE, now);
}

/* RFC 7527 4.1: a nonce for each probe. They are chance by number, so none need be kept. */
static uint64_t nonce_of(const struct ndp *n, uint32_t number)
{
    uint64_t count = (uint64_t)n->interface->number << 32 | number;

    return random_draw(n->interface->ip->means->key, RANDOM_NONCE, count);
}

static void probe(struct ndp *n, const struct ndp_dad *d, nanoseconds now)
{
    const struct ndp_header h = {.type = NDP_NEIGHBOR_SOLICITATION, .target = d->address};
    struct ndp_option nonce = {.type = NDP_OPTION_NONCE, .length = NDP_NONCE_BYTES};
    uint8_t bytes[sizeof(uint64_t)];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct ndp_draft draft;

    write_u64(&w, nonce_of(n, n->nonces++));
    nonce.bytes = bytes;
    ndp_draft_begin(&draft, &h);
    ndp_message_option_write(&draft.w, &nonce);
    ndp_draft_send(n, &draft, (struct address){0, 0}, ip6_solicited_node(d->address), NULL, now);
}

/* RFC 4862 5.4: nobody has said anything. */
static void passed(struct ndp *n, struct address a, nanoseconds now)
{
    struct ip_address *own = ip_address_find(n->interface, a);

    ensure(own);
    ndp_dad_end(n, a);
    ndp_state_address(n, own, own->preferred_until > now ? ADDRESS_PREFERRED : ADDRESS_DEPRECATED,
                      now);
}

void ndp_dad_failed(struct ndp *n, struct ip_address *own, nanoseconds now)
{
    ndp_dad_end(n, own->address);
    ndp_state_address(n, own, ADDRESS_DUPLICATED, now);
    slaac_duplicate(n, own, now);
}

/* Was it we who sent a probe with this nonce? */
static bool is_own_nonce(const struct ndp *n, const struct ndp_option *nonce)
{
    uint32_t first = n->nonces > NDP_NONCES_KEPT ? n->nonces - NDP_NONCES_KEPT : 0;

    if (nonce->length != NDP_NONCE_BYTES)
        return false;
    for (uint32_t k = first; k < n->nonces; k++) {
        uint8_t bytes[sizeof(uint64_t)];
        struct writer w = writer_of(bytes, sizeof bytes);

        write_u64(&w, nonce_of(n, k));
        if (memcmp(bytes, nonce->bytes, NDP_NONCE_BYTES) == 0)
            return true;
    }
    return false;
}

/* RFC 7527 4.2 */
void ndp_dad_probed(struct ndp *n, struct ip_address *own, struct reader r, nanoseconds now)
{
    struct ndp_dad *d = find(n, own->address);
    struct ndp_option o;

    while (d && ndp_message_option_read(&r, &o)) {
        if (o.type != NDP_OPTION_NONCE || !is_own_nonce(n, &o))
            continue;
        d->looped = 1;
        ndp_state_note(n, own->address, NOTE_ADDRESS_LOOPED, now);
        return;
    }
    ndp_dad_failed(n, own, now);
}

nanoseconds ndp_dad_deadline(const struct ndp *n)
{
    nanoseconds first = NEVER;

    for (uint32_t k = 0; k < n->dad_count; k++)
        first = time_earlier(first, n->dad[k].next);
    return first;
}

/* false: it is over. */
static bool step(struct ndp *n, struct ndp_dad *d, nanoseconds now)
{
    if (d->left == 0 && d->looped && d->rounds < NDP_DAD_ROUNDS) {
        d->looped = 0;
        d->rounds++;
        d->left = LOOPED_PROBES;
    }
    if (d->left == 0)
        return false;
    d->left--;
    d->next = now + ndp_state_retransmit(n);
    probe(n, d, now);
    return true;
}

void ndp_dad_due(struct ndp *n, nanoseconds now)
{
    for (uint32_t k = 0; k < n->dad_count;) {
        if (n->dad[k].next > now || step(n, &n->dad[k], now))
            k++;
        else
            passed(n, n->dad[k].address, now);
    }
}
