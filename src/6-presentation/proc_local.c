/* SPDX-License-Identifier: MIT */
/*
 * Sockets of AF_UNIX, AF_PACKET and AF_NETLINK in the forms of /proc/net (proc(5)). Where Linux
 * shows where a socket is in memory, there are zeroes: that is nobody's business.
 */
#include "6-presentation/abi.h"

#include "6-presentation/proc.h"

#include <linux/netlink.h>

enum {
    STATE_ESTABLISHED = 1,
    STATE_LISTEN = 10,
    ACCEPTS = 1 << 16, /* __SO_ACCEPTCON */
    /* enum socket_state of linux/net.h */
    SHOWN_UNCONNECTED = 1,
    SHOWN_CONNECTING = 2,
    SHOWN_CONNECTED = 3
};

/* Of an abstract name each NUL is told as '@'. */
static void put_name(struct proc_text *t, const struct name_unix *name)
{
    char c[2] = {' '};

    proc_text_put(t, c);
    for (uint32_t i = 0; i < name->length; i++) {
        c[0] = name->bytes[i] ? (char)name->bytes[i] : '@';
        proc_text_put(t, c);
    }
}

void proc_local_unix(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_local s;
    const void *at = NULL;

    (void)now;
    proc_text_put(t, "Num       RefCount Protocol Flags    Type St Inode Path\n");
    while (manage_local(host, &at, &s)) {
        bool is_connected = s.state == STATE_ESTABLISHED;

        proc_text_hex_low(t, 0, 16);
        proc_text_put(t, ": ");
        proc_text_hex(t, s.has_peer ? 3 : 2, 8);
        proc_text_put(t, " 00000000 ");
        proc_text_hex(t, s.state == STATE_LISTEN ? ACCEPTS : 0, 8);
        proc_text_put(t, " ");
        proc_text_hex(t, (uint32_t)s.type, 4);
        proc_text_put(t, " ");
        proc_text_hex(t,
                      !is_connected ? SHOWN_UNCONNECTED
                      : s.is_held   ? SHOWN_CONNECTED
                                    : SHOWN_CONNECTING,
                      2);
        proc_text_put(t, " ");
        proc_text_number(t, s.inode, 5);
        if (s.name.length)
            put_name(t, &s.name);
        proc_text_put(t, "\n");
    }
}

static void put_number(struct proc_text *t, int64_t value, int width)
{
    proc_text_number(t, value, -width);
    proc_text_put(t, " ");
}

void proc_local_packet(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    struct manage_frames s;
    const void *at = NULL;

    (void)now;
    proc_text_put(t, "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
    while (manage_local_frames(host, &at, &s)) {
        proc_text_hex_low(t, 0, 16);
        proc_text_put(t, " ");
        put_number(t, s.protocol ? 3 : 2, 6);
        put_number(t, s.is_cooked ? SOCK_DGRAM : SOCK_RAW, 4);
        proc_text_hex_low(t, s.protocol, 4);
        proc_text_put(t, "   ");
        put_number(t, s.interface, 5);
        put_number(t, s.protocol != 0, 1);
        put_number(t, s.unread, 6);
        put_number(t, 0, 6);
        proc_text_number(t, s.inode, -6);
        proc_text_put(t, "\n");
    }
}

static void put_netlink(struct proc_text *t, const struct manage_netlink *s)
{
    proc_text_hex_low(t, 0, 16);
    proc_text_put(t, " ");
    put_number(t, s->protocol, 3);
    put_number(t, s->port, 10);
    proc_text_hex_low(t, s->groups, 8);
    proc_text_put(t, " ");
    put_number(t, s->unread, 8);
    put_number(t, 0, 8);
    put_number(t, s->is_telling, 5);
    put_number(t, 2, 8);
    put_number(t, 0, 8);
    proc_text_number(t, s->inode, -8);
    proc_text_put(t, "\n");
}

/* The host itself has an end of each protocol, whom they ask. */
void proc_local_netlink(const struct call_host *host, struct proc_text *t, nanoseconds now)
{
    static const uint8_t protocols[] = {NETLINK_ROUTE, NETLINK_SOCK_DIAG};
    struct manage_netlink s;

    (void)now;
    proc_text_put(t, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    "
                     "Drops    Inode\n");
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        const struct manage_netlink own = {.protocol = protocols[i]};

        put_netlink(t, &own);
        for (const void *at = NULL; manage_local_netlink(host, &at, &s);)
            if (s.protocol == protocols[i])
                put_netlink(t, &s);
    }
}
