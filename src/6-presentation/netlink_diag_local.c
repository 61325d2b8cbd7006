/* SPDX-License-Identifier: MIT */
/*
 * NETLINK_SOCK_DIAG of sockets that never leave their host, AF_UNIX (linux/unix_diag.h), and of
 * those that see frames, AF_PACKET (linux/packet_diag.h): `ss -x` and `ss -0`. What is told, its
 * order and what is refused are Linux's (net/unix/diag.c, net/packet/diag.c). Files of paths
 * (UDIAG_SHOW_VFS) are the machine's, and the host knows nothing of them; rings and fanout there
 * are none of, and Linux says nothing of those that are not there either. Neither kind can be ended
 * by others.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_diag.h"

#include <errno.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>

#include "base/bpf.h"

/* What finds room in one message, beside all else of it. */
enum { CLIENTS_MOST = 128, FILTER_MOST = 64 * BPF_INSTRUCTION_BYTES };

enum { STATE_LISTEN = 10 /* TCP_LISTEN */ };

/* ---- AF_UNIX ---- */

/* Of a listener: the clients that wait there. */
static void put_clients(struct netlink_answer *a, const struct manage_local *s)
{
    uint32_t inodes[CLIENTS_MOST];
    const void *at = NULL;
    uint32_t count = 0;

    while (count < CLIENTS_MOST && manage_local_waiting(s->end, &at, &inodes[count]))
        count++;
    if (count)
        netlink_answer_attribute(a, UNIX_DIAG_ICONS, inodes, count * (uint32_t)sizeof *inodes);
}

/* A path is told with its NUL. */
static void put_name(struct netlink_answer *a, const struct name_unix *name)
{
    uint8_t bytes[NAME_UNIX_BYTES + 1] = {0};

    memcpy(bytes, name->bytes, name->length);
    netlink_answer_attribute(a, UNIX_DIAG_NAME, bytes, name->length + (bytes[0] != 0));
}

static void put_local_memory(struct netlink_answer *a, const struct manage_local *s)
{
    struct netlink_answer_memory memory = {.sent = s->state == STATE_LISTEN ? 0 : s->unsent};
    int64_t value = 0;

    if (transport_option_get(s->end, OPTION_RECEIVE_BUFFER, &value) == 0)
        memory.receive_buffer = (uint32_t)value;
    if (transport_option_get(s->end, OPTION_SEND_BUFFER, &value) == 0)
        memory.send_buffer = (uint32_t)value;
    netlink_answer_memory(a, UNIX_DIAG_MEMINFO, &memory);
}

static void put_local(struct netlink_answer *a, uint32_t show, const struct manage_local *s)
{
    const struct unix_diag_rqlen lengths = {.udiag_rqueue = s->unread, .udiag_wqueue = s->unsent};
    const struct unix_diag_msg m = {
        .udiag_family = AF_UNIX,
        .udiag_type = (uint8_t)s->type,
        .udiag_state = s->state,
        .udiag_ino = s->inode,
        .udiag_cookie = {(uint32_t)s->cookie, (uint32_t)(s->cookie >> 32)}};
    uint8_t *at = netlink_answer_begin(a, SOCK_DIAG_BY_FAMILY, netlink_answer_flags(a), sizeof m);

    if (!at)
        return;
    memcpy(at, &m, sizeof m);
    if (show & UDIAG_SHOW_NAME && s->name.length)
        put_name(a, &s->name);
    if (show & UDIAG_SHOW_PEER && s->has_peer)
        netlink_answer_number(a, UNIX_DIAG_PEER, s->peer);
    if (show & UDIAG_SHOW_ICONS && s->state == STATE_LISTEN)
        put_clients(a, s);
    if (show & UDIAG_SHOW_RQLEN)
        netlink_answer_attribute(a, UNIX_DIAG_RQLEN, &lengths, sizeof lengths);
    if (show & UDIAG_SHOW_MEMINFO)
        put_local_memory(a, s);
    netlink_answer_byte(a, UNIX_DIAG_SHUTDOWN,
                        (uint8_t)((s->shut_reading ? 1 : 0) | (s->shut_writing ? 2 : 0)));
    if (show & UDIAG_SHOW_UID)
        netlink_answer_number(a, UNIX_DIAG_UID, 0); /* root of its host */
    netlink_answer_end(a);
}

static void read_local(const struct netlink_answer *a, struct unix_diag_req *asked)
{
    memcpy(asked, a->request->body, sizeof *asked);
}

int netlink_diag_local_check(const struct netlink_answer *a, const struct netlink_attributes *asked)
{
    (void)asked;
    return a->request->length < sizeof(struct unix_diag_req) ? -EINVAL : 0;
}

int netlink_diag_local_dump(struct netlink_answer *a, const struct netlink_attributes *attributes,
                            nanoseconds now)
{
    struct unix_diag_req asked;
    struct manage_local s;
    const void *at = NULL;

    (void)attributes, (void)now;
    read_local(a, &asked);
    while (manage_local(a->end->netlink->host, &at, &s))
        if (s.is_held && asked.udiag_states >> s.state & 1 && netlink_answer_next(a))
            put_local(a, asked.udiag_show, &s);
    return 0;
}

/* One, by its inode, and its cookie if the asker knows it. */
int netlink_diag_local_get(struct netlink_answer *a, nanoseconds now)
{
    const uint32_t any = UINT32_MAX;
    struct unix_diag_req asked;
    struct manage_local s;
    const void *at = NULL;

    (void)now;
    read_local(a, &asked);
    if (asked.udiag_ino == 0)
        return -EINVAL;
    while (manage_local(a->end->netlink->host, &at, &s)) {
        if (s.inode != asked.udiag_ino)
            continue;
        if ((asked.udiag_cookie[0] != any || asked.udiag_cookie[1] != any) &&
            (asked.udiag_cookie[0] != (uint32_t)s.cookie ||
             asked.udiag_cookie[1] != (uint32_t)(s.cookie >> 32)))
            return -ESTALE;
        put_local(a, asked.udiag_show, &s);
        return 0;
    }
    return -ENOENT;
}

/* ---- AF_PACKET ---- */

static void put_filter(struct netlink_answer *a, const struct manage_frames *s)
{
    uint8_t program[FILTER_MOST];
    struct transport_end *end = (struct transport_end *)(uintptr_t)s->end;
    struct transport_filter filter = {.room = program, .length = sizeof program};

    if (transport_filter(end, TRANSPORT_FILTER_READ, &filter) == 0 && filter.length)
        netlink_answer_attribute(a, PACKET_DIAG_FILTER, program, (uint32_t)filter.length);
}

static void put_frames(struct netlink_answer *a, uint32_t show, const struct manage_frames *s)
{
    const struct packet_diag_info info = {.pdi_index = s->interface,
                                          .pdi_flags = (s->protocol ? PDI_RUNNING : 0) |
                                                       (s->tells_facts ? PDI_AUXDATA : 0)};
    const struct netlink_answer_memory memory = {
        .unread = s->unread, .receive_buffer = s->receive_buffer, .send_buffer = s->send_buffer};
    const struct packet_diag_msg m = {
        .pdiag_family = AF_PACKET,
        .pdiag_type = s->is_cooked ? SOCK_DGRAM : SOCK_RAW,
        .pdiag_num = s->protocol,
        .pdiag_ino = s->inode,
        .pdiag_cookie = {(uint32_t)s->cookie, (uint32_t)(s->cookie >> 32)}};
    uint8_t *at = netlink_answer_begin(a, SOCK_DIAG_BY_FAMILY, netlink_answer_flags(a), sizeof m);

    if (!at)
        return;
    memcpy(at, &m, sizeof m);
    if (show & PACKET_SHOW_INFO) {
        netlink_answer_attribute(a, PACKET_DIAG_INFO, &info, sizeof info);
        netlink_answer_number(a, PACKET_DIAG_UID, 0);
    }
    if (show & PACKET_SHOW_MEMINFO)
        netlink_answer_memory(a, PACKET_DIAG_MEMINFO, &memory);
    if (show & PACKET_SHOW_FILTER)
        put_filter(a, s);
    netlink_answer_end(a);
}

int netlink_diag_local_frames_check(const struct netlink_answer *a,
                                    const struct netlink_attributes *asked)
{
    struct packet_diag_req request;

    (void)asked;
    if (a->request->length < sizeof request)
        return -EINVAL;
    memcpy(&request, a->request->body, sizeof request);
    return request.sdiag_protocol ? -EINVAL : 0; /* Linux tells of all or of none */
}

int netlink_diag_local_frames_dump(struct netlink_answer *a,
                                   const struct netlink_attributes *attributes, nanoseconds now)
{
    struct packet_diag_req asked;
    struct manage_frames s;
    const void *at = NULL;

    (void)attributes, (void)now;
    memcpy(&asked, a->request->body, sizeof asked);
    while (manage_local_frames(a->end->netlink->host, &at, &s))
        if (netlink_answer_next(a))
            put_frames(a, asked.pdiag_show, &s);
    return 0;
}
