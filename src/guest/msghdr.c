/* SPDX-License-Identifier: MIT */
/* The theory is in msghdr.h. */
#include "guest/msghdr.h"

#include <limits.h>
#include <string.h>

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
