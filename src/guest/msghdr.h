/* SPDX-License-Identifier: MIT */
/*
 * A message of the program's, as its call names it: a msghdr with its vector, or the one piece of a
 * sendto or recvfrom. It is copied once, so what another thread writes there later changes nothing.
 */
#pragma once
#include "guest/state.h"

struct guest_msghdr {
    struct msghdr header; /* its pointers are the program's */
    struct iovec vector[GUEST_VECTORS];
    size_t count, length; /* of pieces, at most GUEST_VECTORS; of bytes, at most GUEST_MOST_BYTES */
};

uint64_t guest_msghdr_number(const void *p); /* of a pointer of the program's */
/* From the program's memory. @return 0 or -errno, as Linux refuses it */
int guest_msghdr_read(const struct guest_call *call, uint64_t at, struct guest_msghdr *m);
/* Of one piece, from the arguments of sendto and recvfrom. */
void guest_msghdr_make(const struct guest_call *call, struct guest_msghdr *m);
/* At most `size` bytes of the message's, from its byte `from` on. @return 0 or -errno */
int guest_msghdr_gather(const struct guest_call *call, const struct guest_msghdr *m, size_t from,
                        uint8_t *bytes, size_t size);
int guest_msghdr_scatter(const struct guest_call *call, const struct guest_msghdr *m,
                         const uint8_t *bytes, size_t length);

/* A call for the message at `at`, as sendmsg and recvmsg: reads it into *m. */
typedef int64_t guest_msghdr_call(struct guest_call *call, uint64_t at, int flags,
                                  struct guest_msghdr *m);
/* sendmmsg: each as a call of its own; `ends_short`: one that was done in part is the last. The
 * first that the kernel is to do, it does with all the others. */
int64_t guest_msghdr_many(struct guest_call *call, guest_msghdr_call *one, bool ends_short);
/* recvmmsg, with its time. */
int64_t guest_msghdr_receive_many(struct guest_call *call, guest_msghdr_call *one, bool ends_short);
