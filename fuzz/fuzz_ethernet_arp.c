/* SPDX-License-Identifier: MIT */
/* The header readers of layer 2, on any bytes: what they accept must be true, and what is written
 * from it must read the same. */
#include "2-link/arp.h"
#include "base/compiler.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void fuzz_arp(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    uint8_t again[ARP_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct arp_header h;

    if (!arp_header_read(&r, &h))
        return;
    ensure(length >= ARP_BYTES && reader_left(&r) == length - ARP_BYTES);
    arp_header_write(&w, &h);
    ensure(!w.failed && memcmp(again, bytes, ARP_BYTES) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    uint8_t again[ETHERNET_HEADER_BYTES];
    struct writer w = writer_of(again, sizeof again);
    struct ethernet_header h;

    fuzz_arp(bytes, length);
    if (!ethernet_header_read(&r, &h))
        return 0;
    ensure((size_t)h.header_bytes + h.payload_bytes <= length);
    if (h.header_bytes == ETHERNET_HEADER_BYTES && h.ethertype != ETHERTYPE_NONE) {
        ethernet_header_write(&w, &h.dest, &h.source, h.ethertype);
        ensure(!w.failed && memcmp(again, bytes, sizeof again) == 0);
    }
    if (h.ethertype == ETHERTYPE_ARP)
        fuzz_arp(bytes + h.header_bytes, h.payload_bytes);
    return 0;
}
