/* SPDX-License-Identifier: MIT */
/* sockeye_strerror: a constant text for each errno that this library returns. */
#include <errno.h>
#include <stddef.h>

#include "sockeye/sockeye.h"

struct door_words {
    int number;
    const char *text;
};

#define WORDS(number, text)                                                                        \
    {                                                                                              \
        number, #number ": " text                                                                  \
    }

static const struct door_words words[] = {
    WORDS(EACCES, "permission denied"),
    WORDS(EADDRINUSE, "the address is in use"),
    WORDS(EADDRNOTAVAIL, "not an address of this host"),
    WORDS(EAFNOSUPPORT, "this address family is not supported"),
    WORDS(EAGAIN, "not now: advance, then ask again"),
    WORDS(EALREADY, "connecting already"),
    WORDS(EBADF, "no such descriptor"),
    WORDS(EBADMSG, "the record is damaged or cut off"),
    WORDS(EBUSY, "it is in use"),
    WORDS(ECONNABORTED, "the connection was aborted"),
    WORDS(ECONNREFUSED, "connection refused"),
    WORDS(ECONNRESET, "connection reset by the peer"),
    WORDS(EDESTADDRREQ, "a destination is needed"),
    WORDS(EDOM, "out of range"),
    WORDS(EEXIST, "it exists already"),
    WORDS(EFAULT, "no memory was given"),
    WORDS(EHOSTUNREACH, "the host does not answer"),
    WORDS(EILSEQ, "the lab did something else than recorded"),
    WORDS(EINPROGRESS, "connecting"),
    WORDS(EINVAL, "invalid argument"),
    WORDS(EIO, "input or output error"),
    WORDS(EISCONN, "connected already"),
    WORDS(EMFILE, "too many of them are open"),
    WORDS(EMSGSIZE, "too long"),
    WORDS(ENETUNREACH, "no route to that network"),
    WORDS(ENOBUFS, "no room: a limit is reached"),
    WORDS(ENODEV, "no such interface"),
    WORDS(ENOENT, "no such name"),
    WORDS(ENOMEM, "no memory"),
    WORDS(ENOPROTOOPT, "no such option"),
    WORDS(ENOSPC, "no room left"),
    WORDS(ENOTCONN, "not connected"),
    WORDS(ENOTTY, "no such request"),
    WORDS(EOPNOTSUPP, "not supported on this socket"),
    WORDS(EOVERFLOW, "one call of the lab made more events than fit: some are missing"),
    WORDS(EPERM, "not permitted"),
    WORDS(EPIPE, "the stream is shut down for sending"),
    WORDS(EPROTONOSUPPORT, "this protocol is not supported"),
    WORDS(ERANGE, "the value is out of range"),
    WORDS(ESOCKTNOSUPPORT, "this type of socket is not supported"),
    WORDS(ESTALE, "the image is of another build"),
    WORDS(ETIMEDOUT, "timed out"),
};

const char *sockeye_strerror(int result)
{
    if (result >= 0)
        return "no error";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (-words[i].number == result)
            return words[i].text;
    return "unknown error";
}
