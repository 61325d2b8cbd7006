/* SPDX-License-Identifier: MIT */
/* The theory is in msghdr.h. */
#include "guest/msghdr.h"

#include <limits.h>
#include <string.h>
#include <time.h>

enum {
    MOST_SECONDS = 1000000000,
    /* of all messages of a sendmmsg or recvmmsg: others wait meanwhile */
    MOST_PIECES = 4096,
    MOST_MANY = 8 << 20
};

uint64_t guest_msghdr_number(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

int guest_msghdr_read(const struct guest_call *call, uint64_t at, struct guest_msghdr *m)
{
    m->length = 0;
    if (guest_target_read(call, at, &m->header, sizeof m->header) < 0)
        return -EFAULT;
    m->count = m->header.msg_iovlen;
    if (m->header.msg_name != NULL && (int32_t)m->header.msg_namelen < 0)
        return -EINVAL;
    if (m->count > GUEST_VECTORS)
        return -EMSGSIZE;
    if (guest_target_read(call, guest_msghdr_number(m->header.msg_iov), m->vector,
                          m->count * sizeof *m->vector) < 0)
        return -EFAULT;
    for (size_t i = 0; i < m->count; i++) {
        if (m->vector[i].iov_len > SSIZE_MAX)
            return -EINVAL;
        if (m->vector[i].iov_len > GUEST_MOST_BYTES - m->length)
            m->vector[i].iov_len = GUEST_MOST_BYTES - m->length;
        m->length += m->vector[i].iov_len;
    }
    return 0;
}

/* Cuts `size` bytes out of the vector, beginning at its byte `from`. @return how many pieces */
static size_t cut(const struct guest_msghdr *m, size_t from, size_t size, struct iovec *pieces)
{
    size_t done = 0, count = 0;

    for (size_t i = 0; i < m->count && done < size; i++) {
        size_t length = m->vector[i].iov_len;
        uintptr_t base = (uintptr_t)m->vector[i].iov_base + from;

        if (from >= length) {
            from -= length;
            continue;
        }
        memcpy(&pieces[count].iov_base, &base, sizeof base);
        pieces[count].iov_len = length - from < size - done ? length - from : size - done;
        done += pieces[count++].iov_len;
        from = 0;
    }
    return count;
}

/* All pieces at once: a program may send a thousand messages of a thousand pieces in one call. */
int guest_msghdr_gather(const struct guest_call *call, const struct guest_msghdr *m, size_t from,
                        uint8_t *bytes, size_t size)
{
    struct iovec pieces[GUEST_VECTORS];
    size_t count = cut(m, from, size, pieces);

    return guest_target_gather(call, pieces, count, bytes);
}

int guest_msghdr_scatter(const struct guest_call *call, const struct guest_msghdr *m,
                         const uint8_t *bytes, size_t length)
{
    struct iovec pieces[GUEST_VECTORS];
    size_t count = cut(m, 0, length, pieces);

    return guest_target_scatter(call, pieces, count, bytes);
}

void guest_msghdr_make(const struct guest_call *call, struct guest_msghdr *m)
{
    const __u64 *args = call->notif.data.args;
    uintptr_t base = (uintptr_t)args[1];

    memset(&m->header, 0, sizeof m->header);
    m->count = 1;
    m->length = args[2] < GUEST_MOST_BYTES ? (size_t)args[2] : GUEST_MOST_BYTES;
    memcpy(&m->vector[0].iov_base, &base, sizeof base);
    m->vector[0].iov_len = m->length;
}

/* ---- many at once ---- */

/* recvmmsg()'s time is looked at when a message has come, not before: so it is in Linux. */
static bool is_late(const struct guest_call *call)
{
    return call->until != 0 && drive_wall() >= call->until;
}

/* Both arrays: a struct mmsghdr each, its length written back. Those that are done when one waits
 * are counted, and not done again. */
int64_t guest_msghdr_many(struct guest_call *call, guest_msghdr_call *one, bool ends_short)
{
    const __u64 *args = call->notif.data.args;
    unsigned count = args[2] < GUEST_VECTORS ? (unsigned)args[2] : GUEST_VECTORS;
    int flags = (int)args[3] & ~MSG_WAITFORONE;
    size_t pieces = 0, bytes = 0;
    static struct guest_msghdr m;

    while (call->messages < count && pieces < MOST_PIECES && bytes < MOST_MANY) {
        uint64_t at = args[1] + call->messages * sizeof(struct mmsghdr);
        bool is_last = call->messages > 0 && ((int)args[3] & MSG_WAITFORONE);
        int64_t n = one(call, at, flags | (is_last ? MSG_DONTWAIT : 0), &m);
        unsigned length = (unsigned)n;

        if (n == GUEST_WAIT || n == GUEST_ANSWERED)
            return n;
        if (n < 0 || n >= GUEST_CONTINUE)
            return call->messages > 0 ? (int64_t)call->messages : n;
        if (guest_target_write(call, at + offsetof(struct mmsghdr, msg_len), &length,
                               sizeof length) < 0)
            return -EFAULT;
        call->messages++;
        call->done = 0;
        pieces += m.count;
        bytes += length;
        if ((ends_short && (size_t)n < m.length) || is_late(call))
            break;
    }
    return call->messages;
}

/* Linux refuses them before it looks at the messages. */
static int read_timeout(struct guest_call *call)
{
    struct timespec time;

    if (call->again || call->notif.data.args[4] == 0)
        return 0;
    if (guest_target_read(call, call->notif.data.args[4], &time, sizeof time) < 0)
        return -EFAULT;
    if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= 1000000000)
        return -EINVAL;
    call->until = time.tv_sec > MOST_SECONDS
                      ? SOCKEYE_NEVER
                      : drive_wall() + time.tv_sec * 1000000000 + time.tv_nsec;
    return 0;
}

/* The time that is left, as Linux writes it back. */
static int64_t write_timeout(struct guest_call *call, int64_t result)
{
    int64_t left = call->until - drive_wall();
    struct timespec time;

    if (call->until == 0 || call->until == SOCKEYE_NEVER || result <= 0 || result >= GUEST_CONTINUE)
        return result;
    left = left < 0 ? 0 : left;
    time = (struct timespec){.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    return guest_target_write(call, call->notif.data.args[4], &time, sizeof time) < 0 ? -EFAULT
                                                                                      : result;
}

int64_t guest_msghdr_receive_many(struct guest_call *call, guest_msghdr_call *one, bool ends_short)
{
    int r = read_timeout(call);

    return r < 0 ? r : write_timeout(call, guest_msghdr_many(call, one, ends_short));
}
