/* SPDX-License-Identifier: MIT */
/* BPDUs, read and written (IEEE 802.1D-2004 9.3). Times go in 1/256 of a second. */
#include "2-link/rstp_bpdu.h"

enum {
    TYPE_CONFIG = 0,
    TYPE_RAPID = 2,
    TYPE_TCN = 0x80,
    VERSION_RAPID = 2,
    FLAG_CHANGE = 1,
    FLAG_PROPOSAL = 2,
    ROLE_SHIFT = 2,
    ROLE_BITS = 3,
    FLAG_LEARNING = 0x10,
    FLAG_FORWARDING = 0x20,
    FLAG_AGREEMENT = 0x40,
    FLAG_ACK = 0x80
};

static nanoseconds read_time(struct reader *r)
{
    return read_u16(r) * (SECOND / 256);
}

static void write_time(struct writer *w, nanoseconds t)
{
    write_u16(w, (uint16_t)(t / (SECOND / 256)));
}

static void read_flags(struct rstp_bpdu *b, uint8_t flags)
{
    bool is_rapid = b->kind == RSTP_BPDU_RAPID;

    b->topology_change = (flags & FLAG_CHANGE) != 0;
    b->topology_ack = (flags & FLAG_ACK) != 0;
    b->proposal = is_rapid && (flags & FLAG_PROPOSAL);
    b->agreement = is_rapid && (flags & FLAG_AGREEMENT);
    b->learning = is_rapid && (flags & FLAG_LEARNING);
    b->forwarding = is_rapid && (flags & FLAG_FORWARDING);
    b->role = is_rapid ? (uint32_t)flags >> ROLE_SHIFT & ROLE_BITS : RSTP_BPDU_DESIGNATED;
}

/* Times that no switch may be set to (17.14) say that the rest is not to be trusted either. */
static bool makes_sense(const struct rstp_bpdu *b)
{
    const struct rstp_times *t = &b->times;

    return t->age < t->max_age && t->hello >= SECOND && t->hello <= 10 * SECOND &&
           t->max_age >= 6 * SECOND && t->max_age <= 40 * SECOND &&
           t->forward_delay >= 4 * SECOND && t->forward_delay <= 30 * SECOND;
}

/* 9.3.4: a later version is read as the last that is known. */
bool rstp_bpdu_read(struct reader *r, struct rstp_bpdu *b)
{
    bool llc = read_u8(r) == 0x42;
    uint8_t version, type;

    llc = (read_u8(r) == 0x42) && llc;
    llc = (read_u8(r) == 0x03) && llc;
    if (!llc || read_u16(r) != 0)
        return false;
    memset(b, 0, sizeof *b);
    version = read_u8(r);
    type = read_u8(r);
    if (type == TYPE_TCN) {
        b->kind = RSTP_BPDU_TCN;
        return !r->failed;
    }
    if (type != TYPE_CONFIG && (type != TYPE_RAPID || version < VERSION_RAPID))
        return false;
    b->kind = type == TYPE_RAPID ? RSTP_BPDU_RAPID : RSTP_BPDU_CONFIG;
    read_flags(b, read_u8(r));
    b->vector.root = read_u64(r);
    b->vector.cost = read_u32(r);
    b->vector.bridge = read_u64(r);
    b->vector.port = read_u16(r);
    b->times.age = read_time(r);
    b->times.max_age = read_time(r);
    b->times.hello = read_time(r);
    b->times.forward_delay = read_time(r);
    return !r->failed && makes_sense(b);
}

static uint8_t flags_of(const struct rstp_bpdu *b)
{
    uint32_t flags = 0;

    flags |= b->topology_change ? FLAG_CHANGE : 0;
    flags |= b->topology_ack ? FLAG_ACK : 0;
    if (b->kind != RSTP_BPDU_RAPID)
        return (uint8_t)flags;
    flags |= b->proposal ? FLAG_PROPOSAL : 0;
    flags |= b->role << ROLE_SHIFT;
    flags |= b->learning ? FLAG_LEARNING : 0;
    flags |= b->forwarding ? FLAG_FORWARDING : 0;
    flags |= b->agreement ? FLAG_AGREEMENT : 0;
    return (uint8_t)flags;
}

uint32_t rstp_bpdu_write(struct writer *w, const struct rstp_bpdu *b)
{
    const uint8_t *from = w->at;

    write_u8(w, 0x42);
    write_u8(w, 0x42);
    write_u8(w, 0x03);
    write_u16(w, 0);
    write_u8(w, b->kind == RSTP_BPDU_RAPID ? VERSION_RAPID : 0);
    write_u8(w, b->kind == RSTP_BPDU_RAPID ? TYPE_RAPID
                : b->kind == RSTP_BPDU_TCN ? TYPE_TCN
                                           : TYPE_CONFIG);
    if (b->kind != RSTP_BPDU_TCN) {
        write_u8(w, flags_of(b));
        write_u64(w, b->vector.root);
        write_u32(w, b->vector.cost);
        write_u64(w, b->vector.bridge);
        write_u16(w, (uint16_t)b->vector.port);
        write_time(w, b->times.age);
        write_time(w, b->times.max_age);
        write_time(w, b->times.hello);
        write_time(w, b->times.forward_delay);
    }
    if (b->kind == RSTP_BPDU_RAPID)
        write_u8(w, 0); /* no information of version 1 */
    return (uint32_t)(w->at - from);
}
