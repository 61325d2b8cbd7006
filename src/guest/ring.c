/* SPDX-License-Identifier: MIT */
/*
 * The ring of a socket of frames (PACKET_RX_RING, packet(7)): memory that a program maps and finds
 * frames in, in place of receive calls. libpcap captures no other way.
 *
 * The ring is a memfd. A socket's holder cannot be mapped, so at the program's mmap() the memfd is
 * put in the holder's place, and the call goes on natively; at the next trapped call with that
 * descriptor, which finds the memfd there, the holder comes back. Between the two, poll() of the
 * descriptor says at once that it is ready, as for any file: a program that polls first spins till
 * then. libpcap sets its filter first. While the holder is away we keep it, and close it when
 * nobody of its program is left.
 *
 * Filling: frames of the lab socket are written into a block (TPACKET_V3) or a slot (V1, V2), which
 * then is the program's, until it says that it has read it. That one word is all that is read from
 * the ring, and is only compared; where we are, and how much is filled, the program
 * cannot change. A block is given when there is something in it and the program has no other, so
 * blocks are as full as the program is slow.
 *
 * Readiness: while the program has something unread, one byte waits in its holder. It reads the
 * ring and not the byte; so as long as it is there we look, each GUEST_RING_LOOK, whether the ring
 * was read, take the byte away by the borrowed holder, and go on filling. Who drains his socket
 * (libpcap does, when it sets a filter) takes the byte: then it is put there again.
 */
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "guest/ring.h"

enum {
    RING_MOST = 64 << 20,
    PRIVATE_MOST = 4096,
    RESERVE_MOST = 4096,
    BLOCK_ALIGN = 8,
    LINK_LEAST = 16, /* room for the header of a link */
    VLAN_TYPE = 0x8100
};

struct guest_ring {
    struct guest_ring *next; /* of the runner's */
    uint64_t socket;         /* its handle */
    uint8_t *bytes;          /* NULL: it was not asked for yet */
    size_t size;
    int file;
    dev_t device;
    ino_t inode;
    int kept;    /* the holder, while the memfd has its place; else -1 */
    int program; /* who mapped it then */
    int version;
    unsigned reserve, private_bytes;
    unsigned block_size, block_count, frame_size, frame_count;
    unsigned at;      /* the block or slot that is filled next */
    unsigned filled;  /* bytes of the block; 0: not begun */
    unsigned packets; /* in it */
    unsigned last;    /* where its last packet begins */
    struct tpacket_bd_ts first_time, last_time;
    uint64_t serial;
    bool is_marked;
};

/* What is told of a frame beside its bytes. */
struct facts {
    struct sockaddr_ll name;
    struct tpacket_auxdata aux;
    struct timespec time;
};

bool guest_ring_is_option(const struct guest_socket *s, int level, int name)
{
    if (level != SOL_PACKET || s->kind->domain != AF_PACKET)
        return false;
    switch (name) {
    case PACKET_VERSION:
    case PACKET_HDRLEN:
    case PACKET_RESERVE:
    case PACKET_RX_RING:
    case PACKET_STATISTICS:
        return true;
    default:
        return false;
    }
}

static struct guest_ring *ring_of(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_ring *ring = s->datagram->ring;

    if (ring != NULL)
        return ring;
    ring = calloc(1, sizeof *ring);
    if (ring == NULL)
        return NULL;
    ring->file = ring->kept = -1;
    ring->version = TPACKET_V1;
    ring->socket = s->handle;
    ring->next = runner->rings;
    runner->rings = ring;
    s->datagram->ring = ring;
    return ring;
}

static void unmake(struct guest_ring *ring)
{
    if (ring->bytes != NULL)
        munmap(ring->bytes, ring->size);
    if (ring->file >= 0)
        close(ring->file);
    ring->bytes = NULL;
    ring->file = -1;
}

void guest_ring_done(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_ring *ring = s->datagram->ring, **p = &runner->rings;

    if (ring == NULL)
        return;
    while (*p != ring)
        p = &(*p)->next;
    *p = ring->next;
    unmake(ring);
    if (ring->kept >= 0)
        close(ring->kept);
    free(ring);
    s->datagram->ring = NULL;
}

/* ---- readiness ---- */

static void mark(struct guest_runner *runner, struct guest_socket *s, bool wanted)
{
    struct guest_ring *ring = s->datagram->ring;
    uint8_t byte = 0;
    int holder;

    ring->is_marked &= !guest_bridge_is_empty(s); /* or somebody has read it all the same */
    if (ring->is_marked == wanted)
        return;
    if (wanted) {
        ring->is_marked = guest_bridge_give_datagram(s, &byte, 1);
        return;
    }
    holder = ring->kept >= 0 ? dup(ring->kept) : guest_target_borrow_again(runner, s);
    if (holder < 0)
        return;
    ring->is_marked = recv(holder, &byte, 1, MSG_DONTWAIT) < 0 && errno != EAGAIN;
    close(holder);
}

/* ---- options ---- */

/* The kernel's TPACKET_ALIGN is no unsigned number. */
static unsigned aligned(size_t n)
{
    return (unsigned)(n + TPACKET_ALIGNMENT - 1) / TPACKET_ALIGNMENT * TPACKET_ALIGNMENT;
}

/* Of a frame's header, and the name behind it. */
static unsigned header_bytes(int version)
{
    size_t own = version == TPACKET_V2   ? sizeof(struct tpacket2_hdr)
                 : version == TPACKET_V3 ? sizeof(struct tpacket3_hdr)
                                         : sizeof(struct tpacket_hdr);

    return aligned(own) + (unsigned)sizeof(struct sockaddr_ll);
}

/* Where the first packet of a block is that has so many bytes of the program's own. */
static unsigned start_behind(unsigned private_bytes)
{
    unsigned header = (unsigned)sizeof(struct tpacket_block_desc) + BLOCK_ALIGN - 1;
    unsigned mine = private_bytes + BLOCK_ALIGN - 1;

    return header / BLOCK_ALIGN * BLOCK_ALIGN + mine / BLOCK_ALIGN * BLOCK_ALIGN;
}

static unsigned block_start(const struct guest_ring *ring)
{
    return start_behind(ring->private_bytes);
}

/* As Linux has it (packet_set_ring). */
static int check_request(const struct guest_ring *ring, const struct tpacket_req3 *r)
{
    unsigned least = header_bytes(ring->version) + ring->reserve;
    unsigned page = (unsigned)sysconf(_SC_PAGESIZE);

    if (r->tp_block_size == 0 || r->tp_block_size % page != 0 || r->tp_frame_size < least ||
        r->tp_frame_size % TPACKET_ALIGNMENT != 0 || r->tp_block_size < r->tp_frame_size)
        return -EINVAL;
    if (ring->version == TPACKET_V3 &&
        (r->tp_sizeof_priv > PRIVATE_MOST ||
         r->tp_block_size <= start_behind(r->tp_sizeof_priv) + least))
        return -EINVAL;
    if ((uint64_t)(r->tp_block_size / r->tp_frame_size) * r->tp_block_nr != r->tp_frame_nr)
        return -EINVAL;
    return (uint64_t)r->tp_block_size * r->tp_block_nr > RING_MOST ? -ENOMEM : 0;
}

static int make(struct guest_ring *ring, const struct tpacket_req3 *r)
{
    struct stat st;
    void *bytes;

    ring->size = (size_t)r->tp_block_size * r->tp_block_nr;
    ring->file = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ring->file < 0)
        return -errno;
    /* the program has it for a while: were it cut, what we write would end us */
    if (ftruncate(ring->file, (off_t)ring->size) < 0 || fstat(ring->file, &st) < 0 ||
        fcntl(ring->file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
        return -errno;
    bytes = mmap(NULL, ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->file, 0);
    if (bytes == MAP_FAILED)
        return -errno;
    ring->bytes = bytes;
    ring->device = st.st_dev;
    ring->inode = st.st_ino;
    ring->block_size = r->tp_block_size;
    ring->block_count = r->tp_block_nr;
    ring->frame_size = r->tp_frame_size;
    ring->frame_count = r->tp_frame_nr;
    ring->private_bytes = ring->version == TPACKET_V3 ? r->tp_sizeof_priv : 0;
    ring->at = ring->filled = ring->packets = 0;
    return 0;
}

/* The lab is asked for what a ring tells of each frame. */
static void want_facts(struct guest_runner *runner, const struct guest_socket *s)
{
    int one = 1;

    (void)sockeye_set_option(runner->lab, s->host, s->fd, SOL_PACKET, PACKET_AUXDATA, &one,
                             sizeof one);
    (void)sockeye_set_option(runner->lab, s->host, s->fd, SOL_SOCKET, SO_TIMESTAMPNS, &one,
                             sizeof one);
}

static int set_ring(struct guest_runner *runner, struct guest_socket *s, struct guest_ring *ring,
                    const void *value, uint32_t length)
{
    struct tpacket_req3 r = {0};
    size_t wanted = ring->version == TPACKET_V3 ? sizeof r : sizeof(struct tpacket_req);
    int status;

    if (length < wanted)
        return -EINVAL;
    memcpy(&r, value, wanted);
    if (r.tp_block_nr == 0) {
        mark(runner, s, false); /* the byte is no frame, and there is no ring to look at */
        ring->is_marked = false;
        unmake(ring);
        return r.tp_frame_nr == 0 ? 0 : -EINVAL;
    }
    if (ring->bytes != NULL)
        return -EBUSY;
    status = check_request(ring, &r);
    if (status == 0)
        status = make(ring, &r);
    if (status < 0)
        unmake(ring);
    else
        want_facts(runner, s);
    return status;
}

int guest_ring_set(struct guest_runner *runner, struct guest_socket *s, int name, const void *value,
                   uint32_t length)
{
    struct guest_ring *ring = ring_of(runner, s);
    int number;

    if (ring == NULL)
        return -ENOMEM;
    if (name == PACKET_RX_RING)
        return set_ring(runner, s, ring, value, length);
    if (name != PACKET_VERSION && name != PACKET_RESERVE)
        return -ENOPROTOOPT; /* they can only be read */
    if (length != sizeof number)
        return -EINVAL;
    memcpy(&number, value, sizeof number);
    if (ring->bytes != NULL)
        return -EBUSY;
    if (number < 0 || number > (name == PACKET_VERSION ? (int)TPACKET_V3 : (int)RESERVE_MOST))
        return -EINVAL;
    if (name == PACKET_VERSION)
        ring->version = number;
    else
        ring->reserve = (unsigned)number;
    return 0;
}

static int get_number(const struct guest_ring *ring, int name, int asked, int *number)
{
    static const int bytes[] = {[TPACKET_V1] = sizeof(struct tpacket_hdr),
                                [TPACKET_V2] = sizeof(struct tpacket2_hdr),
                                [TPACKET_V3] = sizeof(struct tpacket3_hdr)};

    if (name == PACKET_VERSION)
        *number = ring->version;
    else if (name == PACKET_RESERVE)
        *number = (int)ring->reserve;
    else if (name == PACKET_HDRLEN && asked >= 0 && asked <= (int)TPACKET_V3)
        *number = bytes[asked];
    else
        return name == PACKET_HDRLEN ? -EINVAL : -ENOPROTOOPT;
    return 0;
}

int guest_ring_get(struct guest_runner *runner, struct guest_socket *s, int name, void *value,
                   uint32_t *length)
{
    struct guest_ring *ring = ring_of(runner, s);
    struct tpacket_stats_v3 stats = {0};
    uint32_t part = sizeof(struct tpacket_stats), whole = part;
    int number = 0, status;

    if (ring == NULL)
        return -ENOMEM;
    if (name == PACKET_STATISTICS) {
        if (ring->version == TPACKET_V3)
            whole = sizeof stats;
        status = sockeye_get_option(runner->lab, s->host, s->fd, SOL_PACKET, name, &stats, &part);
        if (status < 0)
            return status;
        *length = *length < whole ? *length : whole;
        memcpy(value, &stats, *length);
        return 0;
    }
    if (name == PACKET_HDRLEN && *length < sizeof number)
        return -EINVAL;
    memcpy(&number, value, *length < sizeof number ? *length : sizeof number);
    status = get_number(ring, name, number, &number);
    *length = *length < sizeof number ? *length : sizeof number;
    memcpy(value, &number, *length);
    return status;
}

/* ---- mapping ---- */

int64_t guest_ring_mmap(struct guest_call *call)
{
    const __u64 *args = call->notif.data.args;
    struct guest_ring *ring = NULL;
    struct guest_socket *s;
    int r;

    if (call->runner->rings == NULL) /* nearly always */
        return GUEST_CONTINUE;
    call->fd = guest_target_borrow(call, (int)args[4]);
    if (call->fd < 0)
        return GUEST_CONTINUE;
    s = guest_socket_of_cookie(call->runner, guest_target_cookie(call->fd));
    if (s != NULL && s->is_datagram)
        ring = s->datagram->ring;
    if (ring == NULL || ring->bytes == NULL)
        return GUEST_CONTINUE;
    if (args[5] != 0 || args[1] != ring->size)
        return -EINVAL;
    r = guest_target_replace(call, (int)args[4], ring->file);
    if (r < 0)
        return r;
    if (ring->kept >= 0)
        close(ring->kept);
    ring->kept = call->fd;
    ring->program = call->program->number;
    call->fd = -1;
    return GUEST_CONTINUE;
}

void guest_ring_forget_program(struct guest_runner *runner, int program)
{
    for (struct guest_ring *ring = runner->rings; ring != NULL; ring = ring->next)
        if (ring->kept >= 0 && ring->program == program) {
            close(ring->kept); /* its far end hears that */
            ring->kept = -1;
        }
}

bool guest_ring_bring_back(struct guest_call *call, int number)
{
    struct guest_ring *ring = call->runner->rings;
    struct stat st;

    if (ring == NULL || fstat(call->fd, &st) < 0)
        return false;
    while (ring != NULL &&
           (ring->kept < 0 || ring->inode != st.st_ino || ring->device != st.st_dev))
        ring = ring->next;
    if (ring == NULL || guest_target_replace(call, number, ring->kept) < 0)
        return false;
    close(call->fd);
    call->fd = ring->kept;
    ring->kept = -1;
    return true;
}

/* ---- filling ---- */

static uint8_t *block_at(const struct guest_ring *ring, unsigned number)
{
    return ring->bytes + (size_t)number * ring->block_size;
}

/* Whose is a block, or a slot? The word that says it. */
static uint32_t *status_of(const struct guest_ring *ring, unsigned number)
{
    unsigned each = ring->block_size / ring->frame_size;
    uint8_t *at;

    if (ring->version == TPACKET_V3)
        at = block_at(ring, number) + offsetof(struct tpacket_block_desc, hdr.bh1.block_status);
    else
        at = block_at(ring, number / each) + (size_t)(number % each) * ring->frame_size +
             offsetof(struct tpacket2_hdr, tp_status);
    return (uint32_t *)(void *)at;
}

static unsigned count_of(const struct guest_ring *ring)
{
    return ring->version == TPACKET_V3 ? ring->block_count : ring->frame_count;
}

static bool is_ours(const struct guest_ring *ring, unsigned number)
{
    return !(__atomic_load_n(status_of(ring, number), __ATOMIC_ACQUIRE) & TP_STATUS_USER);
}

/* Has the program read all that it was given? The one before is the last that it reads. */
static bool is_read(const struct guest_ring *ring)
{
    return is_ours(ring, (ring->at + count_of(ring) - 1) % count_of(ring));
}

static void give_to_program(struct guest_ring *ring, uint32_t status)
{
    __atomic_store_n(status_of(ring, ring->at), status, __ATOMIC_RELEASE);
    ring->at = (ring->at + 1) % count_of(ring);
}

static void close_block(struct guest_ring *ring)
{
    struct tpacket_block_desc block = {.version = TPACKET_V3};
    struct tpacket_hdr_v1 *h = &block.hdr.bh1;
    uint32_t none = 0;

    memcpy(block_at(ring, ring->at) + ring->last, &none, sizeof none); /* tp_next_offset */
    block.offset_to_priv = sizeof block;
    h->num_pkts = ring->packets;
    h->offset_to_first_pkt = block_start(ring);
    h->blk_len = ring->filled;
    h->seq_num = ++ring->serial;
    h->ts_first_pkt = ring->first_time;
    h->ts_last_pkt = ring->last_time;
    memcpy(block_at(ring, ring->at), &block, sizeof block);
    ring->filled = ring->packets = 0;
    give_to_program(ring, TP_STATUS_USER | TP_STATUS_BLK_TMO);
}

/* Where the bytes of a frame go behind its header: Linux's macoff and netoff (tpacket_rcv). */
static unsigned data_at(const struct guest_ring *ring, const struct facts *f, unsigned *network)
{
    unsigned header = header_bytes(ring->version), link = f->aux.tp_net;

    if (link == 0) {
        *network = aligned(header) + LINK_LEAST + ring->reserve;
        return *network;
    }
    *network = aligned(header + (link < LINK_LEAST ? LINK_LEAST : link)) + ring->reserve;
    return *network - link;
}

static uint32_t status_bits(const struct facts *f)
{
    return TP_STATUS_USER | (f->aux.tp_status & (TP_STATUS_VLAN_VALID | TP_STATUS_VLAN_TPID_VALID));
}

static void put_frame_3(struct guest_ring *ring, const uint8_t *bytes, size_t length,
                        const struct facts *f)
{
    struct tpacket3_hdr h = {0};
    unsigned network, mac = data_at(ring, f, &network);
    unsigned space = ring->block_size - block_start(ring); /* for the header, at the least */
    size_t most = space > mac ? space - mac : 0;
    uint8_t *at = block_at(ring, ring->at) + ring->filled;
    size_t size;

    length = length < most ? length : most;
    mac = mac < space ? mac : space; /* as Linux, where the header alone has room */
    size = (mac + length + BLOCK_ALIGN - 1) / BLOCK_ALIGN * BLOCK_ALIGN;
    h.tp_next_offset = (uint32_t)size;
    h.tp_sec = (uint32_t)f->time.tv_sec;
    h.tp_nsec = (uint32_t)f->time.tv_nsec;
    h.tp_snaplen = (uint32_t)length;
    h.tp_len = f->aux.tp_len;
    h.tp_status = status_bits(f);
    h.tp_mac = (uint16_t)mac;
    h.tp_net = (uint16_t)network;
    h.hv1.tp_vlan_tci = f->aux.tp_vlan_tci;
    h.hv1.tp_vlan_tpid = f->aux.tp_vlan_tpid;
    memcpy(at, &h, sizeof h);
    memcpy(at + aligned(sizeof h), &f->name, sizeof f->name);
    if (length > 0)
        memcpy(at + mac, bytes, length);
    ring->last = ring->filled;
    ring->filled += (unsigned)size;
    ring->last_time = (struct tpacket_bd_ts){.ts_sec = h.tp_sec, .ts_nsec = h.tp_nsec};
    if (ring->packets++ == 0)
        ring->first_time = ring->last_time;
}

/* The header of a slot, whose status is ours still. Version 1 knows no VLANs, and has the lower
 * half of its status where version 2 has all of it (both our machines are little-endian). */
static void put_header(uint8_t *at, const struct facts *f, int version, size_t length, unsigned mac,
                       unsigned network)
{
    struct tpacket_hdr one = {.tp_len = f->aux.tp_len,
                              .tp_snaplen = (uint32_t)length,
                              .tp_mac = (uint16_t)mac,
                              .tp_net = (uint16_t)network,
                              .tp_sec = (uint32_t)f->time.tv_sec,
                              .tp_usec = (uint32_t)(f->time.tv_nsec / 1000)};
    struct tpacket2_hdr two = {.tp_len = f->aux.tp_len,
                               .tp_snaplen = (uint32_t)length,
                               .tp_mac = (uint16_t)mac,
                               .tp_net = (uint16_t)network,
                               .tp_sec = (uint32_t)f->time.tv_sec,
                               .tp_nsec = (uint32_t)f->time.tv_nsec,
                               .tp_vlan_tci = f->aux.tp_vlan_tci,
                               .tp_vlan_tpid = f->aux.tp_vlan_tpid};

    if (version == TPACKET_V1)
        memcpy(at, &one, sizeof one);
    else
        memcpy(at, &two, sizeof two);
    memcpy(at + header_bytes(version) - sizeof f->name, &f->name, sizeof f->name);
}

static void put_slot(struct guest_ring *ring, const uint8_t *bytes, size_t length,
                     const struct facts *f)
{
    unsigned network, mac = data_at(ring, f, &network);
    size_t most = ring->frame_size > mac ? ring->frame_size - mac : 0;
    uint8_t *at = (uint8_t *)status_of(ring, ring->at);

    length = length < most ? length : most;
    put_header(at, f, ring->version, length, mac, network);
    if (most > 0)
        memcpy(at + mac, bytes, length);
    give_to_program(ring, ring->version == TPACKET_V1 ? TP_STATUS_USER : status_bits(f));
}

bool guest_ring_is(const struct guest_socket *s)
{
    return s->datagram->ring != NULL && s->datagram->ring->bytes != NULL;
}

bool guest_ring_has_room(struct guest_socket *s)
{
    struct guest_ring *ring = s->datagram->ring;

    if (!is_ours(ring, ring->at))
        return false;
    if (ring->version == TPACKET_V3 && ring->filled == 0)
        ring->filled = block_start(ring);
    return true;
}

static void read_facts(const struct guest_origin *origin, size_t length, struct facts *f)
{
    union {
        uint8_t bytes[GUEST_CONTROL];
        struct cmsghdr aligned;
    } control;
    struct msghdr header = {.msg_control = &control, .msg_controllen = origin->control_length};

    memset(f, 0, sizeof *f);
    memcpy(&f->name, &origin->source, sizeof f->name);
    memcpy(&control, origin->control, origin->control_length);
    f->aux.tp_len = (uint32_t)length;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
            memcpy(&f->aux, CMSG_DATA(c), sizeof f->aux);
        else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
            memcpy(&f->time, CMSG_DATA(c), sizeof f->time);
    }
}

void guest_ring_put(struct guest_socket *s, const uint8_t *bytes, size_t length,
                    const struct guest_origin *origin)
{
    struct guest_ring *ring = s->datagram->ring;
    struct facts f;
    unsigned network;
    size_t size;

    read_facts(origin, length, &f);
    if (ring->version != TPACKET_V3) {
        put_slot(ring, bytes, length, &f);
        return;
    }
    size = data_at(ring, &f, &network) + length + BLOCK_ALIGN;
    if (ring->filled + size > ring->block_size && ring->packets > 0) {
        close_block(ring);
        if (!guest_ring_has_room(s))
            return; /* as Linux: a frame for which there is no block is lost */
    }
    put_frame_3(ring, bytes, length, &f);
}

void guest_ring_flush(struct guest_runner *runner, struct guest_socket *s)
{
    struct guest_ring *ring = s->datagram->ring;

    if (ring->packets > 0 && is_read(ring))
        close_block(ring);
    mark(runner, s, !is_read(ring));
}

void guest_ring_look(struct guest_runner *runner, int64_t wall)
{
    if (wall - runner->last_ring_look < GUEST_RING_LOOK)
        return;
    runner->last_ring_look = wall;
    for (struct guest_ring *ring = runner->rings; ring != NULL; ring = ring->next) {
        struct guest_socket *s = guest_socket_of_handle(runner, ring->socket);

        if (ring->is_marked && s != NULL && is_read(ring) && !guest_link_is_in(&s->unfinished))
            guest_link_put_last(&runner->unfinished, &s->unfinished);
    }
}

int64_t guest_ring_deadline(const struct guest_runner *runner)
{
    for (const struct guest_ring *ring = runner->rings; ring != NULL; ring = ring->next)
        if (ring->is_marked)
            return runner->last_ring_look + GUEST_RING_LOOK;
    return INT64_MAX;
}
