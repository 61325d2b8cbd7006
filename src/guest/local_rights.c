/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that are on their way from one program to another: from the moment that we meet them
 * in the sender's end to that in which they go into the receiver's holder, which is at once if it
 * has room. In between they are in the queue of a socket of ours, of the kernel's, whole messages;
 * we hold one descriptor for each. The lab knows a number, and how many there are; it tells of
 * those whose message goes without that anybody received it, and of those that we received for a
 * program.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/local.h"

union rights {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(GUEST_RIGHTS * sizeof(int))];
};

static int send_all(int to, const int *fds, unsigned count)
{
    union rights control = {.header = {.cmsg_level = SOL_SOCKET,
                                       .cmsg_type = SCM_RIGHTS,
                                       .cmsg_len = CMSG_LEN(count * sizeof *fds)}};
    char byte = 0;
    struct iovec piece = {&byte, 1};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = CMSG_SPACE(count * sizeof *fds)};

    memcpy(CMSG_DATA(&control.header), fds, count * sizeof *fds);
    return sendmsg(to, &header, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* @return their number, or 0: there is no room for them */
uint64_t guest_rights_keep(struct guest_runner *runner, const int *fds, unsigned count)
{
    struct guest_parcel *p = malloc(sizeof *p);
    int pair[2];

    if (p == NULL)
        return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        free(p);
        return 0;
    }
    if (send_all(pair[0], fds, count) < 0) {
        close(pair[0]);
        close(pair[1]);
        free(p);
        return 0;
    }
    close(pair[0]);
    *p = (struct guest_parcel){
        .number = ++runner->parcel_number, .fd = pair[1], .count = count, .next = runner->parcels};
    runner->parcels = p;
    return p->number;
}

static struct guest_parcel *take_out(struct guest_runner *runner, uint64_t number)
{
    for (struct guest_parcel **at = &runner->parcels; *at != NULL; at = &(*at)->next) {
        struct guest_parcel *p = *at;

        if (p->number == number) {
            *at = p->next;
            return p;
        }
    }
    return NULL;
}

void guest_rights_drop(struct guest_runner *runner, uint64_t number)
{
    struct guest_parcel *p = take_out(runner, number);

    if (p == NULL)
        return;
    close(p->fd);
    free(p);
}

/* @return how many; they are the caller's to close */
int guest_rights_take(struct guest_runner *runner, uint64_t number, int fds[GUEST_RIGHTS])
{
    struct guest_parcel *p = take_out(runner, number);
    union rights control;
    char byte;
    struct iovec piece = {&byte, 1};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c;
    int count = 0;

    if (p == NULL)
        return 0;
    if (recvmsg(p->fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == 1 &&
        (c = CMSG_FIRSTHDR(&header)) != NULL && c->cmsg_type == SCM_RIGHTS) {
        count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof *fds);
        memcpy(fds, CMSG_DATA(c), (size_t)count * sizeof *fds);
    }
    close(p->fd);
    free(p);
    return count;
}

static void forget(struct guest_runner *runner, int host)
{
    struct sockeye_rights lost;

    while (sockeye_next_lost(runner->lab, host, &lost) > 0)
        guest_rights_drop(runner, lost.number);
}

/* On this host a message may have gone that nobody received, or only we did. */
void guest_rights_note_lost(struct guest_runner *runner, int host)
{
    if (runner->parcel_number == 0)
        return;
    runner->lost_host = !runner->has_lost || runner->lost_host == host ? host : -1;
    runner->has_lost = true;
}

void guest_rights_forget_lost(struct guest_runner *runner)
{
    if (!runner->has_lost)
        return;
    if (runner->lost_host >= 0)
        forget(runner, runner->lost_host);
    for (int host = 0; runner->lost_host < 0 && host < runner->host_count; host++)
        forget(runner, host);
    runner->has_lost = false;
}

void guest_rights_done(struct guest_runner *runner)
{
    while (runner->parcels != NULL)
        guest_rights_drop(runner, runner->parcels->number);
}
