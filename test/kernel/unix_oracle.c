/* SPDX-License-Identifier: MIT */
/*
 * The same calls of AF_UNIX to the kernel and to a lab: unix_oracle [FIRST [COUNT]].
 *
 * Of each seed a run of random calls on a few sockets, none of which waits. What each call returns
 * must be the same, bytes, names, flags and control messages too, and after each the masks of
 * poll() and what waits at every socket. The kernel is the measure: where the two differ it is
 * said, and the run ends. It wants to be root, in a network namespace of its own (unshare -n):
 * abstract names of others would be in the way.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sockeye/sockeye.h"

enum { SLOTS = 8, STEPS = 300, BYTES_MOST = 300000, CONTROL = 256, NAMES = 6 };

struct slot {
    int kernel, ours, type;
    bool open;
};

/* What a call told, of one side. */
struct told {
    long long result;
    uint32_t length, flags, control_length;
    uint8_t bytes[BYTES_MOST];
    uint8_t address[128];
    uint8_t control[CONTROL];
};

struct control {
    _Alignas(struct cmsghdr) uint8_t bytes[64];
};

static struct cmsghdr *header_of(struct control *c)
{
    return (struct cmsghdr *)(void *)c->bytes;
}

static struct sockeye *lab;
static struct slot slots[SLOTS];
static struct told told[2];
static uint8_t sent[BYTES_MOST];
static uint64_t state;
static char log_text[1 << 16];
static size_t log_used;
static bool had_rights; /* Linux looks for circles of rights a little later */
static bool had_urgent; /* Linux 6.18 counts a byte out of band that was passed over as unread */

static uint32_t draw(uint32_t bound)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((state >> 33) % bound);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    if (log_used < sizeof log_text - 200)
        log_used +=
            (size_t)vsnprintf(log_text + log_used, sizeof log_text - log_used, format, list);
    va_end(list);
}

static bool differ(const char *what, long long kernel, long long ours)
{
    printf("%s", log_text);
    printf("-- %s: kernel %lld, here %lld", what, kernel, ours);
    if (kernel < 0 && kernel > -200)
        printf(" (%s)", strerror((int)-kernel));
    if (ours < 0 && ours > -200)
        printf(" (%s)", strerror((int)-ours));
    printf("\n");
    return false;
}

static long long of(long long result)
{
    return result < 0 ? -errno : result;
}

static socklen_t name_of(unsigned i, struct sockaddr_un *a)
{
    memset(a, 0, sizeof *a);
    a->sun_family = AF_UNIX;
    if (i < NAMES / 2) {
        snprintf(a->sun_path, sizeof a->sun_path, "p%u", i);
        return (socklen_t)sizeof *a;
    }
    snprintf(a->sun_path + 1, sizeof a->sun_path - 1, "a%u", i);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 3);
}

static int free_slot(void)
{
    unsigned from = draw(SLOTS);

    for (unsigned i = 0; i < SLOTS; i++)
        if (!slots[(from + i) % SLOTS].open)
            return (int)((from + i) % SLOTS);
    return -1;
}

static struct slot *some_slot(void)
{
    unsigned from = draw(SLOTS);

    for (unsigned i = 0; i < SLOTS; i++)
        if (slots[(from + i) % SLOTS].open)
            return &slots[(from + i) % SLOTS];
    return NULL;
}

static bool fill(int i, int kernel, int ours, int type)
{
    slots[i].kernel = kernel;
    slots[i].ours = ours;
    slots[i].type = type;
    slots[i].open = true;
    return true;
}

static int some_type(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

    return types[draw(3)];
}

static bool do_socket(void)
{
    int i = free_slot(), type = some_type(), k, o;

    if (i < 0)
        return true;
    k = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
    o = sockeye_socket(lab, 0, AF_UNIX, type, 0);
    say("socket type %d -> slot %d\n", type, i);
    return k < 0 || o < 0 ? differ("socket", of(k), o) : fill(i, k, o, type);
}

static bool do_pair(void)
{
    int i = free_slot(), type = some_type(), j, k[2], o[2], kr, or ;

    if (i < 0)
        return true;
    slots[i].open = true;
    j = free_slot();
    slots[i].open = false;
    if (j < 0)
        return true;
    kr = socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, k);
    or = sockeye_socketpair(lab, 0, AF_UNIX, type, 0, o);
    say("socketpair type %d -> slots %d %d\n", type, i, j);
    if (kr < 0 || or < 0)
        return differ("socketpair", of(kr), or);
    return fill(i, k[0], o[0], type) && fill(j, k[1], o[1], type);
}

/* Another that closes makes Linux look for circles of rights, a little later. */
static void find_circles(void)
{
    close(socket(AF_UNIX, SOCK_STREAM, 0));
    usleep(20000);
}

static bool do_close(struct slot *s)
{
    say("close %td\n", s - slots);
    s->open = false;
    close(s->kernel);
    if (had_rights)
        find_circles();
    return sockeye_close_fd(lab, 0, s->ours) == 0 || differ("close", 0, -1);
}

static bool do_bind(struct slot *s)
{
    struct sockaddr_un a;
    unsigned i = draw(NAMES + 1);
    socklen_t length = i == NAMES ? sizeof(sa_family_t) : name_of(i, &a);
    long long k, o;

    a.sun_family = AF_UNIX;
    k = of(bind(s->kernel, (struct sockaddr *)(void *)&a, length));
    o = sockeye_bind(lab, 0, s->ours, &a, length);
    say("bind %td name %u: %lld\n", s - slots, i, k);
    return k == o || differ("bind", k, o);
}

static bool do_unlink(void)
{
    struct sockaddr_un a;
    unsigned i = draw(NAMES / 2);
    long long k, o;

    name_of(i, &a);
    k = of(unlink(a.sun_path));
    o = sockeye_unlink(lab, 0, a.sun_path);
    say("unlink %u: %lld\n", i, k);
    return k == o || differ("unlink", k, o);
}

static bool do_listen(struct slot *s)
{
    int backlog = (int)draw(4);
    long long k = of(listen(s->kernel, backlog)), o = sockeye_listen(lab, 0, s->ours, backlog);

    say("listen %td backlog %d: %lld\n", s - slots, backlog, k);
    return k == o || differ("listen", k, o);
}

static bool do_connect(struct slot *s)
{
    struct sockaddr_un a;
    unsigned i = draw(NAMES + 1);
    socklen_t length = i == NAMES ? (socklen_t)sizeof(sa_family_t) : name_of(i, &a);
    long long k, o;

    if (i == NAMES) {
        memset(&a, 0, sizeof a);
        a.sun_family = AF_UNSPEC;
    }
    k = of(connect(s->kernel, (struct sockaddr *)(void *)&a, length));
    o = sockeye_connect(lab, 0, s->ours, &a, length);
    say("connect %td name %u: %lld\n", s - slots, i, k);
    return k == o || differ("connect", k, o);
}

/* Names that the system chose are not the same; that they are some is. */
static bool same_name(const char *what, const uint8_t *k, uint32_t k_length, const uint8_t *o,
                      uint32_t o_length)
{
    const uint32_t chosen = sizeof(sa_family_t) + 6;

    if (k_length != o_length)
        return differ(what, k_length, o_length);
    if (k_length == chosen && k[2] == 0)
        return true;
    return memcmp(k, o, k_length) == 0 || differ(what, 0, 1);
}

static bool do_accept(struct slot *s)
{
    socklen_t k_length = 128;
    uint32_t o_length = 128;
    int i = free_slot(), k, o;

    if (i < 0)
        return true;
    k = accept4(s->kernel, (struct sockaddr *)(void *)told[0].address, &k_length, SOCK_NONBLOCK);
    o = sockeye_accept(lab, 0, s->ours, told[1].address, &o_length);
    say("accept %td -> slot %d: %lld\n", s - slots, i, of(k) < 0 ? of(k) : 0);
    if ((k < 0 || o < 0) && of(k) != o)
        return differ("accept", of(k), o);
    if (k < 0)
        return true;
    return same_name("name of accept", told[0].address, k_length, told[1].address, o_length) &&
           fill(i, k, o, s->type);
}

static bool do_shutdown(struct slot *s)
{
    int how = (int)draw(3);
    long long k = of(shutdown(s->kernel, how)), o = sockeye_shutdown(lab, 0, s->ours, how);

    say("shutdown %td how %d: %lld\n", s - slots, how, k);
    return k == o || differ("shutdown", k, o);
}

static bool do_names(struct slot *s)
{
    bool peer = draw(2);
    socklen_t k_length = 128;
    uint32_t o_length = 128;
    long long k, o;

    if (peer)
        k = of(getpeername(s->kernel, (struct sockaddr *)(void *)told[0].address, &k_length));
    else
        k = of(getsockname(s->kernel, (struct sockaddr *)(void *)told[0].address, &k_length));
    o = (peer ? sockeye_peer_name : sockeye_local_name)(lab, 0, s->ours, told[1].address,
                                                        &o_length);
    say("%s %td: %lld\n", peer ? "getpeername" : "getsockname", s - slots, k);
    if (k != o)
        return differ("name", k, o);
    return k < 0 || same_name("name", told[0].address, k_length, told[1].address, o_length);
}

static uint32_t some_length(void)
{
    static const uint32_t most_bytes[] = {1, 3, 20, 200, 2000, 40000, 280000};

    return draw(most_bytes[draw(sizeof most_bytes / sizeof *most_bytes)] + 1);
}

static void put_control(struct control *c, int type, const void *data, size_t length)
{
    memset(c, 0, sizeof *c);
    header_of(c)->cmsg_level = SOL_SOCKET;
    header_of(c)->cmsg_type = type;
    header_of(c)->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(header_of(c)), data, length);
}

/* Some of the sockets, for both sides. */
static size_t put_rights(struct control c[2])
{
    uint32_t count = 1 + draw(3);
    int k[3], o[3];

    say("  rights:");
    for (uint32_t i = 0; i < count; i++) {
        struct slot *s = some_slot();

        if (!s)
            abort(); /* the one that sends is there */
        k[i] = s->kernel;
        o[i] = s->ours;
        say(" %td", s - slots);
    }
    say("\n");
    put_control(&c[0], SCM_RIGHTS, k, count * sizeof(int));
    put_control(&c[1], SCM_RIGHTS, o, count * sizeof(int));
    return CMSG_SPACE(count * sizeof(int));
}

/* Descriptors that came are slots of their own now, or closed; their numbers are not compared. */
static void take_rights(uint8_t *control_k, uint8_t *control_o, size_t length)
{
    const size_t header = sizeof(struct cmsghdr);
    size_t at = 0;

    while (at + header <= length) {
        struct cmsghdr k, o;

        memcpy(&k, control_k + at, header);
        memcpy(&o, control_o + at, header);
        if (k.cmsg_type == SCM_RIGHTS && o.cmsg_type == SCM_RIGHTS && k.cmsg_len == o.cmsg_len) {
            for (size_t i = header; i + sizeof(int) <= k.cmsg_len; i += sizeof(int)) {
                int kernel, ours, slot = free_slot(), type = 0;
                socklen_t size = sizeof type;

                memcpy(&kernel, control_k + at + i, sizeof kernel);
                memcpy(&ours, control_o + at + i, sizeof ours);
                memset(control_k + at + i, 0, sizeof kernel);
                memset(control_o + at + i, 0, sizeof ours);
                (void)getsockopt(kernel, SOL_SOCKET, SO_TYPE, &type, &size);
                if (slot >= 0) {
                    say("  received: slot %d\n", slot);
                    fill(slot, kernel, ours, type);
                } else {
                    close(kernel);
                    (void)sockeye_close_fd(lab, 0, ours);
                }
            }
        }
        if (k.cmsg_len < header)
            break;
        at += CMSG_ALIGN(k.cmsg_len);
    }
}

static bool do_send(struct slot *s)
{
    uint32_t length = some_length(), name = draw(NAMES + 8);
    int flags = MSG_NOSIGNAL | (draw(4) ? 0 : MSG_OOB) | (draw(8) ? 0 : MSG_EOR);
    struct sockaddr_un a;
    struct control control[2];
    struct ucred credentials = {draw(2) ? getpid() : 1, draw(2), draw(2)};
    struct iovec io = {sent, length};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
    struct sockeye_message ours = {.bytes = sent, .length = length};
    long long k, o;

    for (uint32_t i = 0; i < length; i++)
        sent[i] = (uint8_t)(i + draw(2));
    if (name < NAMES) {
        m.msg_name = ours.address = &a;
        m.msg_namelen = ours.address_length = name_of(name, &a);
    }
    if (draw(6) == 0) {
        for (int i = 0; i < 2; i++)
            put_control(&control[i], SCM_CREDENTIALS, &credentials, sizeof credentials);
        m.msg_control = &control[0];
        ours.control = &control[1];
        m.msg_controllen = ours.control_length = CMSG_SPACE(sizeof credentials);
    } else if (draw(4) == 0) {
        m.msg_control = &control[0];
        ours.control = &control[1];
        m.msg_controllen = ours.control_length = put_rights(control);
        had_rights = true;
    }
    k = of(sendmsg(s->kernel, &m, flags));
    o = sockeye_send_message(lab, 0, s->ours, &ours, flags);
    say("send %td length %u name %u flags %x: %lld\n", s - slots, length, name, flags, k);
    if (m.msg_control && header_of(&control[0])->cmsg_type == SCM_CREDENTIALS)
        say("    as %d %u %u\n", credentials.pid, credentials.uid, credentials.gid);
    had_urgent = had_urgent || (k > 0 && flags & MSG_OOB);
    return k == o || differ("send", k, o);
}

static bool do_receive(struct slot *s)
{
    uint32_t size = some_length();
    int flags = (draw(4) ? 0 : MSG_PEEK) | (draw(6) ? 0 : MSG_OOB) | (draw(6) ? 0 : MSG_TRUNC);
    size_t control = draw(3) ? CONTROL : draw(40);
    struct iovec io = {told[0].bytes, size};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_name = told[0].address,
                       .msg_namelen = 128,
                       .msg_control = control ? told[0].control : NULL,
                       .msg_controllen = control};
    struct sockeye_message ours = {.bytes = told[1].bytes,
                                   .length = size,
                                   .address = told[1].address,
                                   .address_length = 128,
                                   .control = control ? told[1].control : NULL,
                                   .control_length = control};
    long long k;
    long long o;

    memset(told[0].control, 0, sizeof told[0].control); /* padding is not written */
    memset(told[1].control, 0, sizeof told[1].control);
    k = of(recvmsg(s->kernel, &m, flags));
    o = sockeye_receive_message(lab, 0, s->ours, &ours, flags);
    say("receive %td size %u flags %x control %zu: %lld\n", s - slots, size, flags, control, k);
    if (k != o)
        return differ("receive", k, o);
    if (k < 0)
        return true;
    if (memcmp(told[0].bytes, told[1].bytes, (size_t)k < size ? (size_t)k : size) != 0)
        return differ("bytes", 0, 1);
    if ((unsigned)m.msg_flags != ours.flags)
        return differ("flags", m.msg_flags, ours.flags);
    if (m.msg_controllen != ours.control_length)
        return differ("control", (long long)m.msg_controllen, (long long)ours.control_length);
    take_rights(told[0].control, told[1].control, m.msg_controllen);
    for (size_t i = 0; i < m.msg_controllen; i++)
        say("%s%02x/%02x", i ? " " : "    ", told[0].control[i], told[1].control[i]);
    say("%s", m.msg_controllen ? "\n" : "");
    if (m.msg_controllen && memcmp(told[0].control, told[1].control, m.msg_controllen) != 0)
        return differ("control bytes", 0, 1);
    return same_name("sender", told[0].address, m.msg_namelen, told[1].address,
                     ours.address_length);
}

static bool do_option(struct slot *s)
{
    static const struct {
        int name, most;
    } options[] = {{SO_SNDBUF, 200000}, {SO_PASSCRED, 2}, {SO_OOBINLINE, 2}, {SO_PEEK_OFF, 30},
                   {SO_ERROR, 0},       {SO_TYPE, 0},     {SO_DOMAIN, 0},    {SO_PROTOCOL, 0},
                   {SO_ACCEPTCONN, 0},  {SO_PEERCRED, 0}, {SO_RCVBUF, 9000}, {SO_KEEPALIVE, 2},
                   {SO_RCVLOWAT, 3},    {SO_REUSEPORT, 2}};
    unsigned i = draw(sizeof options / sizeof *options);
    int value = options[i].most ? (int)draw((uint32_t)options[i].most) : 0;
    uint8_t k_value[16] = {0}, o_value[16] = {0};
    socklen_t k_length = sizeof k_value;
    uint32_t o_length = sizeof o_value;
    long long k, o;

    if (options[i].name == SO_PEEK_OFF)
        value--;
    if (options[i].most && draw(2)) {
        k = of(setsockopt(s->kernel, SOL_SOCKET, options[i].name, &value, sizeof value));
        o = sockeye_set_option(lab, 0, s->ours, SOL_SOCKET, options[i].name, &value, sizeof value);
        say("set option %d of %td to %d: %lld\n", options[i].name, s - slots, value, k);
        return k == o || differ("set option", k, o);
    }
    k = of(getsockopt(s->kernel, SOL_SOCKET, options[i].name, k_value, &k_length));
    o = sockeye_get_option(lab, 0, s->ours, SOL_SOCKET, options[i].name, o_value, &o_length);
    say("get option %d of %td: %lld\n", options[i].name, s - slots, k);
    if (k != o || k_length != o_length)
        return differ("get option", k < 0 ? k : k_length, o < 0 ? o : o_length);
    if (k == 0 && memcmp(k_value, o_value, k_length) != 0)
        return differ("option", *(int *)(void *)k_value, *(int *)(void *)o_value);
    return true;
}

static bool same_states(void)
{
    static const unsigned long requests[] = {SIOCINQ, SIOCOUTQ, SIOCATMARK};

    for (int i = 0; i < SLOTS; i++) {
        struct pollfd p = {slots[i].kernel, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
        char what[64];
        int mask;

        if (!slots[i].open)
            continue;
        mask = sockeye_poll(lab, 0, slots[i].ours);
        for (int tries = 0; (tries == 0 || p.revents != mask) && tries < 6; tries++) {
            (void)poll(&p, 1, 0);
            if (!had_rights || p.revents == mask)
                break;
            find_circles();
        }
        snprintf(what, sizeof what, "poll of slot %d", i);
        if (mask != p.revents)
            return differ(what, p.revents, mask);
        for (unsigned r = 0; r < 3; r++) {
            int k_value = 0, o_value = 0;
            long long k = of(ioctl(slots[i].kernel, requests[r], &k_value));
            long long o = sockeye_ioctl(lab, 0, slots[i].ours, requests[r], &o_value);

            if (requests[r] == SIOCINQ && slots[i].type == SOCK_STREAM && had_urgent)
                continue;

            for (int tries = 0; had_rights && k == 0 && k_value != o_value && tries < 5; tries++) {
                find_circles();
                k = of(ioctl(slots[i].kernel, requests[r], &k_value));
            }
            snprintf(what, sizeof what, "ioctl %lx of slot %d", requests[r], i);
            if (k != o || (k == 0 && k_value != o_value))
                return differ(what, k < 0 ? k : k_value, o < 0 ? o : o_value);
        }
    }
    return true;
}

static bool step(void)
{
    static bool (*const calls[])(struct slot *) = {
        do_bind,    do_listen,   do_connect, do_connect, do_accept,  do_accept,  do_send,
        do_send,    do_send,     do_send,    do_receive, do_receive, do_receive, do_receive,
        do_receive, do_shutdown, do_names,   do_option,  do_option,  do_close,
    };
    unsigned what = draw(24);
    struct slot *s;

    if (what < 2)
        return do_socket();
    if (what == 2)
        return do_pair();
    if (what == 3)
        return do_unlink();
    s = some_slot();
    return s ? calls[what - 4](s) : true;
}

static bool run(uint64_t seed)
{
    const struct sockeye_caller caller = {getpid(), getuid(), getgid()};
    bool same = true;

    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    log_used = 0;
    had_urgent = had_rights = false;
    log_text[0] = 0;
    if (sockeye_open(NULL, &lab) || sockeye_host(lab, "h"))
        return false;
    (void)sockeye_caller(lab, 0, &caller);
    for (int i = 0; same && i < STEPS; i++)
        same = step() && same_states() &&
               (sockeye_check(lab) == 0 || differ("check", 0, sockeye_check(lab)));
    for (int i = 0; i < SLOTS; i++) {
        if (slots[i].open)
            close(slots[i].kernel);
        slots[i].open = false;
    }
    if (had_rights)
        find_circles(); /* names of what is left of this run are not to be met in the next */
    for (int i = 0; i < NAMES / 2; i++) {
        char path[8];

        snprintf(path, sizeof path, "p%d", i);
        unlink(path);
    }
    sockeye_close(lab);
    if (!same)
        printf("seed %llu\n", (unsigned long long)seed);
    return same;
}

int main(int count, char **arguments)
{
    uint64_t first = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    uint64_t runs = count > 2 ? strtoull(arguments[2], NULL, 10) : 200;
    char folder[] = "/tmp/unix_oracle.XXXXXX";
    bool same = true;

    if (!mkdtemp(folder) || chdir(folder))
        return 2;
    for (uint64_t seed = first; same && seed < first + runs; seed++)
        same = run(seed);
    (void)rmdir(folder);
    if (same)
        printf("%llu seeds: the same\n", (unsigned long long)runs);
    return same ? 0 : 1;
}
