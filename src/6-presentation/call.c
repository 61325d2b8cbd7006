/* SPDX-License-Identifier: MIT */
/*
 * The calls that make, name, ask and end sockets; bytes go by message.c, options by sockopt.c.
 * Each finds its descriptor, turns the ABI's form into values, asks layer 5, and turns the answer
 * back; the order in which errors are found is Linux's. (RFC 9293 3.9.1 are the calls of TCP,
 * RFC 1122 4.1.4 those of UDP, in the form of POSIX sockets.)
 *
 * What a program may wait for (a connection, bytes, room) it waits for above: see call_poll and
 * call_take_touched.
 */
#include "6-presentation/abi.h"

#include "6-presentation/call_state.h"
#include "6-presentation/control.h"
#include "6-presentation/descriptor.h"
#include "6-presentation/ioctl_circuit.h"
#include "6-presentation/ioctl_line.h"
#include "6-presentation/protocol.h"
#include "6-presentation/rights.h"
#include "6-presentation/sockaddr.h"
#include "6-presentation/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "base/integer.h"
#include "base/pool.h"

enum call_defaults {
    DEFAULT_BUFFER_MOST = 212992,
    DEFAULT_BACKLOG_MOST = 4096,
    DEFAULT_CONTROL_MOST = 131072,
    DEFAULT_TTL = 64,
    FAMILIES = 46, /* AF_MAX */
    TYPES = 11,    /* SOCK_MAX */
    TYPE_MASK = 0xf
};

int call_host_init(struct call_host *host, const struct means *means, const struct call_plan *plan)
{
    host->settings.rmem_max = DEFAULT_BUFFER_MOST;
    host->settings.wmem_max = DEFAULT_BUFFER_MOST;
    host->settings.somaxconn = DEFAULT_BACKLOG_MOST;
    host->settings.optmem_max = DEFAULT_CONTROL_MOST;
    host->settings.default_ttl = DEFAULT_TTL;
    host->settings.default_hop_limit = DEFAULT_TTL;
    host->settings.auto_flowlabels = 1;
    host->settings.unprivileged_port = 0;
    host->wall_base = plan->wall_base;
    host->sessions = plan->sessions;
    return descriptor_table_init(&host->descriptors, means->arena, plan->limit);
}

uint64_t call_arena_bytes(uint32_t limit)
{
    return descriptor_table_bytes(limit);
}

int call_check(const struct call_host *host)
{
    int line = session_table_check(host->sessions, pool_count(host->descriptors.pool));
    uint32_t without_number = 0;

    for (const struct list_link *l = host->riding.first; l; l = l->next)
        without_number += container_of(l, const struct descriptor_share, ride)->numbers == 0;
    return line ? line : descriptor_table_check(&host->descriptors, without_number);
}

struct descriptor *call_descriptor(const struct call_host *host, int fd)
{
    return descriptor_find(&host->descriptors, fd);
}

/* Takes a free descriptor for a socket to be opened in. @return 0 or -errno */
static int take(struct call_host *host, struct descriptor **d)
{
    int fd = descriptor_add(&host->descriptors, d);

    if (fd < 0)
        return fd;
    (*d)->host = host;
    (*d)->receive_timeout = NEVER;
    (*d)->send_timeout = NEVER;
    return 0;
}

/* RFC 3493 3.7, 5.3: a socket of IPv6's takes both families unless told otherwise. Of a raw one the
 * transport learns the protocol besides. */
static void set_families(struct descriptor *d, int protocol, nanoseconds now)
{
    const struct protocol *row = protocol_of(d);
    int64_t families = row->families;

    if (row->domain == AF_INET6 && d->host->settings.bindv6only)
        families = ADDRESS_FAMILY_6;
    if (families != ADDRESS_FAMILIES_BOTH)
        (void)session_option_set(d->session.socket, OPTION_FAMILIES, families, now);
    if (row->protocol == PROTOCOL_ANY)
        (void)session_option_set(d->session.socket, OPTION_PROTOCOL, protocol, now);
}

/* packet(7): what is heard is asked for with the socket, in the network's order. */
static void set_heard(struct descriptor *d, int protocol, nanoseconds now)
{
    const struct protocol *row = protocol_of(d);
    uint8_t bytes[sizeof protocol];

    if (!row->hears)
        return;
    memcpy(bytes, &protocol, sizeof bytes);
    (void)session_option_set(d->session.socket, OPTION_COOKED, row->is_cooked, now);
    (void)session_option_set(d->session.socket, OPTION_HEARD, u16_at(bytes), now);
}

/* The row of the protocol that is asked for. */
static int choose_row(const struct call_host *host, int domain, int type, int protocol)
{
    if (type & ~(TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK))
        return -EINVAL;
    type &= TYPE_MASK;
    if (domain < 0 || domain >= FAMILIES || (domain == AF_INET6 && host->settings.ipv6_disable))
        return -EAFNOSUPPORT;
    if (type >= TYPES)
        return -EINVAL;
    return protocol_find(domain, type, protocol);
}

int call_socket(struct call_host *host, int domain, int type, int protocol, nanoseconds now)
{
    int row = choose_row(host, domain, type, protocol), status;
    struct descriptor *d = NULL;

    if (row < 0)
        return row;
    status = take(host, &d);
    if (status)
        return status;
    d->protocol = (uint16_t)row;
    status = session_open(host->sessions, &d->session, protocol_rows[row].kind);
    if (status) {
        descriptor_remove(&host->descriptors, d);
        return status;
    }
    d->wants = protocol_rows[row].is_local ? WANTS_BESIDE : 0;
    set_families(d, protocol, now);
    set_heard(d, protocol, now);
    return (int)d->number;
}

int call_socketpair(struct call_host *host, int domain, int type, int protocol, int fd[2],
                    nanoseconds now)
{
    int row = choose_row(host, domain, type, protocol), status;
    struct descriptor *a = NULL, *b = NULL;

    (void)now;
    if (row < 0)
        return row;
    status = take(host, &a);
    if (status)
        return status;
    status = take(host, &b);
    if (status == 0) {
        a->protocol = b->protocol = (uint16_t)row;
        a->wants = b->wants = protocol_rows[row].is_local ? WANTS_BESIDE : 0;
        status = session_pair(host->sessions, &a->session, &b->session, protocol_rows[row].kind);
        if (status)
            descriptor_remove(&host->descriptors, b);
    }
    if (status) {
        descriptor_remove(&host->descriptors, a);
        return status;
    }
    fd[0] = (int)a->number;
    fd[1] = (int)b->number;
    return 0;
}

void call_caller_set(struct call_host *host, const struct session_credentials *caller)
{
    session_caller_set(host->sessions, caller);
}

bool call_take_lost(struct call_host *host, struct call_rights *rights)
{
    struct session_rights *lost = session_rights_take_lost(host->sessions);

    if (!lost)
        return false;
    rights->number = lost->number;
    rights->count = lost->count;
    rights->zero = 0;
    session_rights_close(host->sessions, lost);
    return true;
}

int call_unlink(struct call_host *host, const char *path, size_t length)
{
    struct name name = {.family = NAME_UNIX};

    if (length == 0 || length > NAME_UNIX_BYTES)
        return -ENOENT;
    name.unix_name.bytes = (const uint8_t *)path;
    name.unix_name.length = (uint32_t)length;
    return session_unlink(host->sessions, &name);
}

/* It may have other numbers, ride on a message, or hold what does. */
RARE static int close_riding(struct call_host *host, struct descriptor *d, int fd, nanoseconds now)
{
    descriptor_leave(&host->descriptors, d, fd);
    rights_number_left(host, d, now);
    rights_settle_now(host, now);
    return 0;
}

int call_close(struct call_host *host, int fd, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);

    if (!d)
        return -EBADF;
    if (unlikely(d->share || host->riding.first))
        return close_riding(host, d, fd, now);
    session_close(d->session.socket, now);
    descriptor_remove(&host->descriptors, d);
    return 0;
}

static int read_local(const struct descriptor *d, const void *address, uint32_t length,
                      struct name *local)
{
    if (!d)
        return -EBADF;
    return sockaddr_read(protocol_of(d)->domain, (enum sockaddr_use)protocol_of(d)->bind_use,
                         address, length, local);
}

int call_bind_at(struct call_host *host, int fd, const void *address, uint32_t length,
                 uint64_t place, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);
    struct name local;
    int status = read_local(d, address, length, &local);

    (void)now;
    if (status)
        return status;
    if (place == 0 || local.family != NAME_UNIX || local.unix_name.length == 0 ||
        local.unix_name.bytes[0] == 0)
        return -EINVAL;
    local.unix_name.place = place;
    return session_bind(d->session.socket, &local);
}

int call_name(struct call_host *host, int fd, uint32_t inode)
{
    struct descriptor *d = call_descriptor(host, fd);

    if (!d)
        return -EBADF;
    d->inode = inode;
    return 0;
}

int call_bind(struct call_host *host, int fd, const void *address, uint32_t length, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);
    struct name local;
    uint16_t port;
    int status = read_local(d, address, length, &local);

    (void)now;
    if (status)
        return status;
    port = sockaddr_port(&local);
    if (port && port < host->settings.unprivileged_port)
        return -EACCES;
    return session_bind(d->session.socket, &local);
}

int call_listen(struct call_host *host, int fd, int backlog, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);

    if (!d)
        return -EBADF;
    /* below 0 is without bound, as in Linux */
    return session_listen(d->session.socket,
                          (uint32_t)least((uint32_t)backlog, host->settings.somaxconn), now);
}

/* A datagram socket whose peer may be named by a struct sockaddr_in, unless it is IPv6's alone. */
static bool takes_ipv6_only(const struct descriptor *d)
{
    int64_t families = 0;

    if (protocol_of(d)->connect_use != SOCKADDR_CONNECT_EITHER)
        return false;
    return session_option_get(d->session.socket, OPTION_FAMILIES, &families) == 0 &&
           families == ADDRESS_FAMILY_6;
}

int call_connect(struct call_host *host, int fd, const void *address, uint32_t length,
                 nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);
    struct name remote, local;
    int family, status;

    if (!d)
        return -EBADF;
    family = sockaddr_family(address, length);
    if (family < 0)
        return family;
    if (family == AF_UNSPEC) {
        status = session_disconnect(d->session.socket, now);
        rights_settle_riding(host, now);
        return status;
    }
    status = session_connect_outcome(d->session.socket, now);
    if (status != 1)
        return status;
    if (family == AF_INET && takes_ipv6_only(d))
        return -EAFNOSUPPORT;
    status = sockaddr_read(protocol_of(d)->domain, (enum sockaddr_use)protocol_of(d)->connect_use,
                           address, length, &remote);
    if (status)
        return status;
    if (unlikely(d->wants & WANTS_FLOW_SEND))
        status = control_flow_of_peer(d, address, length, now);
    if (status)
        return status;
    session_local(d->session.socket, &local);
    sockaddr_destination(protocol_of(d)->domain, &remote, &local);
    status = session_connect(d->session.socket, &remote, now);
    rights_settle_riding(host, now);
    return status;
}

/* May a call write an address of *length bytes there? */
static int check_room(const void *address, const uint32_t *length)
{
    if (!address || !length)
        return -EFAULT;
    return *length > INT_MAX ? -EINVAL : 0;
}

int call_accept(struct call_host *host, int fd, void *address, uint32_t *length, nanoseconds now)
{
    struct descriptor *listener = call_descriptor(host, fd), *d = NULL;
    struct name remote = {.family = NAME_NONE};
    int status;

    (void)now;
    if (!listener)
        return -EBADF;
    status = take(host, &d);
    if (status)
        return status;
    if (address)
        status = check_room(address, length);
    if (!status)
        status = session_accept(listener->session.socket, &d->session, &remote);
    if (status) {
        descriptor_remove(&host->descriptors, d);
        return status;
    }
    d->receive_timeout = listener->receive_timeout;
    d->send_timeout = listener->send_timeout;
    d->wants = listener->wants;
    d->protocol = listener->protocol;
    if (address)
        sockaddr_write(protocol_of(d)->domain, &remote, address, length);
    return (int)d->number;
}

int call_shutdown(struct call_host *host, int fd, int how, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);

    if (!d)
        return -EBADF;
    if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR)
        return -EINVAL;
    return session_shutdown(d->session.socket, how != SHUT_WR, how != SHUT_RD, now);
}

int call_local_name(const struct call_host *host, int fd, void *address, uint32_t *length)
{
    const struct descriptor *d = call_descriptor(host, fd);
    struct name local;
    int status;

    if (!d)
        return -EBADF;
    status = check_room(address, length);
    if (status)
        return status;
    session_local(d->session.socket, &local);
    sockaddr_write(protocol_of(d)->domain, &local, address, length);
    return 0;
}

int call_peer_name(const struct call_host *host, int fd, void *address, uint32_t *length)
{
    const struct descriptor *d = call_descriptor(host, fd);
    struct name remote;
    int status;

    if (!d)
        return -EBADF;
    status = session_remote(d->session.socket, &remote);
    if (!status)
        status = check_room(address, length);
    if (!status)
        sockaddr_write(protocol_of(d)->domain, &remote, address, length);
    return status;
}

/* A name of AF_UNIX for people, cut to the room: an abstract one begins with @, as in ss(8). */
static void unix_text(char text[EVENT_DATA_NAME], const struct name *name)
{
    uint32_t length = 0;

    text[0] = 0;
    if (name->family != NAME_UNIX || !name->unix_name.bytes)
        return;
    while (length < name->unix_name.length && length < EVENT_DATA_NAME - 1) {
        uint8_t byte = name->unix_name.bytes[length];

        text[length++] = (char)(byte == 0 ? '@' : byte > ' ' && byte < 0x7f ? byte : '?');
    }
    text[length] = 0;
}

/* "100 > 301" */
static void x121_text(char text[EVENT_DATA_NAME], const struct x121 *local,
                      const struct x121 *remote)
{
    uint32_t at = 0;

    memcpy(text, local->digit, local->length);
    at += local->length;
    memcpy(text + at, " > ", 3);
    at += 3;
    memcpy(text + at, remote->digit, remote->length);
    text[at + remote->length] = 0;
}

int call_dialogue(const struct call_host *host, int fd, const void *address, uint32_t length,
                  struct call_dialogue *dialogue)
{
    const struct descriptor *d = call_descriptor(host, fd);
    struct name local, remote = {.family = NAME_NONE};

    if (!d)
        return -EBADF;
    memset(dialogue, 0, sizeof *dialogue);
    dialogue->domain = (uint16_t)protocol_of(d)->domain;
    dialogue->type = (uint16_t)protocol_of(d)->type;
    session_local(d->session.socket, &local);
    if (!address || length == 0 ||
        sockaddr_read(protocol_of(d)->domain, SOCKADDR_SEND, address, length, &remote) < 0)
        (void)session_remote(d->session.socket, &remote);
    session_serials(d->session.socket, &dialogue->own, &dialogue->peer);
    unix_text(dialogue->name, &local);
    if (dialogue->name[0] == 0)
        unix_text(dialogue->name, &remote);
    if (local.family == NAME_X121)
        x121_text(dialogue->name, &local.x121, &remote.x121);
    if (local.family == NAME_INTERNET)
        dialogue->local = local.endpoint;
    if (remote.family == NAME_INTERNET)
        dialogue->remote = remote.endpoint;
    return 0;
}

bool call_is_asked(int level, int name)
{
    return (level == IPPROTO_IP && (name == IP_MSFILTER || name == MCAST_MSFILTER)) ||
           (level == IPPROTO_IPV6 && name == MCAST_MSFILTER);
}

int call_get_option(struct call_host *host, int fd, int level, int name, void *value,
                    uint32_t *length, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);

    return d ? sockopt_get(host, d, level, name, value, length, now) : -EBADF;
}

int call_set_option(struct call_host *host, int fd, int level, int name, const void *value,
                    uint32_t length, nanoseconds now)
{
    struct descriptor *d = call_descriptor(host, fd);

    return d ? sockopt_set(host, d, level, name, value, length, now) : -EBADF;
}

/* What a request counts. @return 0 or -ENOTTY */
static int find_count(const struct protocol *protocol, unsigned long request,
                      enum transport_count_kind *count)
{
    bool streams = !protocol->has_boundaries;

    if (!protocol->counts_bytes)
        return -ENOTTY;
    if (request == SIOCINQ)
        *count = COUNT_UNREAD;
    else if (request == SIOCOUTQ)
        *count = COUNT_UNACKED;
    else if (request == SIOCOUTQNSD && streams && !protocol->is_local)
        *count = COUNT_UNSENT;
    else if (request == SIOCATMARK && streams)
        *count = COUNT_AT_MARK;
    else
        return protocol->is_local && request == SIOCATMARK ? -EOPNOTSUPP : -ENOTTY;
    return 0;
}

int call_ioctl(const struct call_host *host, int fd, unsigned long request, int *value)
{
    const struct descriptor *d = call_descriptor(host, fd);
    enum transport_count_kind kind = COUNT_UNREAD;
    int64_t count;
    int status;

    if (!d)
        return -EBADF;
    status = find_count(protocol_of(d), request, &kind);
    if (status)
        return status;
    if (!value)
        return -EFAULT;
    count = session_count(d->session.socket, kind);
    if (count < 0)
        return (int)count;
    *value = count > INT_MAX ? INT_MAX : (int)count;
    return 0;
}

int call_ioctl_circuit(struct call_host *host, int fd, unsigned long request, void *bytes,
                       size_t *length, nanoseconds now)
{
    const struct descriptor *d = call_descriptor(host, fd);
    int result = -ENOTTY;

    if (!d)
        return -EBADF;
    if (protocol_of(d)->domain == AF_X25)
        result = ioctl_line_run(host, request, bytes, length);
    return result == -ENOTTY ? ioctl_circuit_run(d, request, bytes, length, now) : result;
}

static int poll_mask(const struct descriptor *d)
{
    unsigned ready = session_ready(d->session.socket);

    return (ready & READY_IN ? POLLIN : 0) | (ready & READY_OUT ? POLLOUT : 0) |
           (ready & READY_ERROR ? POLLERR : 0) | (ready & READY_HUP ? POLLHUP : 0) |
           (ready & READY_READ_END ? POLLRDHUP : 0) | (ready & READY_URGENT ? POLLPRI : 0);
}

int call_poll(const struct call_host *host, int fd)
{
    const struct descriptor *d = call_descriptor(host, fd);

    return d ? poll_mask(d) : -EBADF;
}

struct call_host *call_take_touched(struct link_list *touched, int *fd)
{
    const struct session_upper *upper;

    while ((upper = session_ready_take(touched)) != NULL) {
        const struct descriptor *d = container_of(upper, const struct descriptor, session);

        if (d->number == 0)
            continue; /* it rides on a message, and is nobody's until that is received */
        *fd = (int)d->number;
        return d->host;
    }
    return NULL;
}

int call_next(const struct call_host *host, int fd)
{
    return descriptor_next(&host->descriptors, fd);
}
