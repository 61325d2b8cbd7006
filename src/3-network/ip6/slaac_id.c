/* SPDX-License-Identifier: MIT */
/* Theory in slaac_id.h. */
#include "3-network/ip6/slaac_id.h"

enum { PURPOSE = 7217 }; /* of the key: no draw of chance begins with this word */

static uint64_t bits_of(const struct mac *mac)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < MAC_BYTES; i++)
        bits = bits << 8 | mac->bytes[i];
    return bits;
}

/* RFC 2464 4: ff fe in the middle, and the universal bit turned round. */
uint64_t slaac_id_of_mac(const struct mac *mac)
{
    uint64_t bits = bits_of(mac);

    return (bits & UINT64_C(0xffffff000000)) << 16 ^ UINT64_C(0x020000fffe000000) ^
           (bits & 0xffffff);
}

/* RFC 7217 5: F() of the prefix, the interface, its station and a counter, with a secret key; the
 * station stands for the network identifier, which is optional. */
uint64_t slaac_id_opaque(struct siphash_key secret, struct address prefix, uint32_t interface,
                         const struct mac *mac, uint32_t counter)
{
    const uint64_t words[] = {PURPOSE, prefix.high, interface, mac ? bits_of(mac) : 0, counter};

    return siphash_words(secret, words, sizeof words / sizeof *words);
}

/* RFC 5453 and its registry: the subnet's routers' anycast, the block of IANA's stations, and
 * reserved anycast. */
bool slaac_id_is_reserved(uint64_t id)
{
    return id == 0 || id >> 24 == UINT64_C(0x02005efffe) ||
           id >> 7 == UINT64_C(0xfdffffffffffff80) >> 7;
}
