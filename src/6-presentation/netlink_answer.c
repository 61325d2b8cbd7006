/* SPDX-License-Identifier: MIT */
/* The theory is in netlink_answer.h. RFC 3549 2.3.2: a header of 16 bytes; lengths are of four. */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <string.h>

#include "base/bytes.h"
#include "base/integer.h"
#include "base/packet.h"

enum { MESSAGE_MOST = 800 /* bytes of one, with its attributes, but for an error's copy */ };

static uint32_t aligned(uint32_t length)
{
    return (length + NLMSG_ALIGNTO - 1) & ~(uint32_t)(NLMSG_ALIGNTO - 1);
}

void netlink_answer_flush(struct netlink_answer *a)
{
    struct netlink_end *e = a->end;

    if (!a->packet)
        return;
    if (e->count == NETLINK_WAITING) {
        packet_put(a->packet);
        a->full = true;
    } else {
        e->waiting[(e->first + e->count++) % NETLINK_WAITING] = a->packet;
        transport_end_pending(&e->end);
    }
    a->packet = NULL;
}

/* Room for a whole message more. */
static bool reserve(struct netlink_answer *a, uint32_t bytes)
{
    struct means *means = a->end->netlink->means;
    uint32_t most = bytes > MESSAGE_MOST ? bytes : MESSAGE_MOST;

    if (a->packet && packet_length(a->packet) + most > NETLINK_CHUNK)
        netlink_answer_flush(a);
    if (!a->packet && a->end->count < NETLINK_WAITING)
        a->packet = packet_get(means->packets, &means->packet_budget, NETLINK_CHUNK);
    a->full |= !a->packet;
    return a->packet != NULL;
}

bool netlink_answer_next(struct netlink_answer *a)
{
    if (a->paused || a->full)
        return false;
    if (a->passed < a->told) {
        a->passed++;
        return false;
    }
    a->paused = a->end->count >= NETLINK_DUMP;
    a->passed += !a->paused;
    return !a->paused;
}

uint8_t *netlink_answer_begin(struct netlink_answer *a, uint16_t type, uint16_t flags,
                              uint32_t bytes)
{
    uint32_t length = NLMSG_HDRLEN + aligned(bytes);
    struct nlmsghdr header;
    uint8_t *at;

    if (!reserve(a, length))
        return NULL;
    a->message = packet_length(a->packet);
    at = packet_append(a->packet, length);
    memset(at, 0, length);
    memset(&header, 0, sizeof header);
    header.nlmsg_type = type;
    header.nlmsg_flags = flags;
    header.nlmsg_seq = a->request->serial;
    header.nlmsg_pid = a->is_news ? 0 : a->end->port;
    memcpy(at, &header, sizeof header);
    return at + NLMSG_HDRLEN;
}

void netlink_answer_attribute(struct netlink_answer *a, uint16_t type, const void *data,
                              uint32_t length)
{
    struct rtattr header = {.rta_len = (uint16_t)(sizeof header + length), .rta_type = type};
    uint32_t space = aligned(header.rta_len);
    uint8_t *at = packet_append(a->packet, space);

    memset(at, 0, space);
    memcpy(at, &header, sizeof header);
    memcpy(at + sizeof header, data, length);
}

void netlink_answer_byte(struct netlink_answer *a, uint16_t type, uint8_t value)
{
    netlink_answer_attribute(a, type, &value, sizeof value);
}

void netlink_answer_number(struct netlink_answer *a, uint16_t type, uint32_t value)
{
    netlink_answer_attribute(a, type, &value, sizeof value);
}

void netlink_answer_text(struct netlink_answer *a, uint16_t type, const char *text)
{
    uint32_t length = 0;

    while (text[length])
        length++;
    netlink_answer_attribute(a, type, text, length + 1);
}

void netlink_answer_memory(struct netlink_answer *a, uint16_t type,
                           const struct netlink_answer_memory *memory)
{
    const uint32_t all[SK_MEMINFO_VARS] = {[SK_MEMINFO_RMEM_ALLOC] = memory->unread,
                                           [SK_MEMINFO_RCVBUF] = memory->receive_buffer,
                                           [SK_MEMINFO_WMEM_ALLOC] = memory->sent,
                                           [SK_MEMINFO_SNDBUF] = memory->send_buffer,
                                           [SK_MEMINFO_WMEM_QUEUED] = memory->unsent};

    netlink_answer_attribute(a, type, all, sizeof all);
}

void netlink_answer_address(struct netlink_answer *a, uint16_t type, struct address address)
{
    uint8_t bytes[16];
    struct writer w = writer_of(bytes, sizeof bytes);
    bool is_4 = address_is_mapped(address);

    write_u64(&w, address.high);
    write_u64(&w, address.low);
    netlink_answer_attribute(a, type, bytes + (is_4 ? 12 : 0), is_4 ? 4 : 16);
}

uint32_t netlink_answer_nest(struct netlink_answer *a, uint16_t type)
{
    uint32_t nest = packet_length(a->packet);

    netlink_answer_attribute(a, type, &nest, 0);
    return nest;
}

void netlink_answer_nest_end(struct netlink_answer *a, uint32_t nest)
{
    uint16_t length = (uint16_t)(packet_length(a->packet) - nest);

    memcpy(packet_data(a->packet) + nest, &length, sizeof length);
}

void netlink_answer_end(struct netlink_answer *a)
{
    uint32_t length = packet_length(a->packet) - a->message;

    memcpy(packet_data(a->packet) + a->message, &length, sizeof length);
}

/* The request again, unless it was well or its sender wants none of it, so far as there is room;
 * then what is wrong in words, for who asked for them (NETLINK_EXT_ACK). */
void netlink_answer_error(struct netlink_answer *a, int status)
{
    const struct netlink_end *e = a->end;
    const uint32_t words_most = 128;
    const uint32_t most_bytes = NETLINK_CHUNK - NLMSG_HDRLEN - (uint32_t)sizeof(int) - words_most;
    bool is_capped = status == 0 || e->is_capped;
    bool has_words = status && e->explains && a->complaint;
    uint32_t length = NLMSG_HDRLEN;
    uint16_t flags = (uint16_t)((is_capped ? NLM_F_CAPPED : 0) | (has_words ? NLM_F_ACK_TLVS : 0));
    uint8_t *at;

    if (!is_capped)
        length = (uint32_t)least(length + a->request->length, most_bytes);
    at = netlink_answer_begin(a, NLMSG_ERROR, flags,
                              (uint32_t)sizeof(int) + length + (has_words ? words_most : 0));
    if (!at)
        return;
    if (has_words) /* room for them was all that was asked */
        packet_trim(a->packet, packet_length(a->packet) - words_most);
    memcpy(at, &status, sizeof status);
    memcpy(at + sizeof status, a->request->header, length);
    if (has_words)
        netlink_answer_text(a, NLMSGERR_ATTR_MSG, a->complaint);
    netlink_answer_end(a);
}
