/* SPDX-License-Identifier: MIT */
/*
 * THE SERVICE OF LAYER 6: the forms that programs use. One function per socket call: the bytes of
 * the Linux ABI in (struct sockaddr_in, sockaddr_in6, values of options, control messages), typed
 * values down to layer 5, -errno up. A descriptor is a small number of its host, lowest free
 * first, from 3.
 *
 * Nothing waits: -EAGAIN and -EINPROGRESS say that a blocking program would. Waiting, SO_RCVTIMEO,
 * MSG_WAITALL and SO_LINGER's wait are the caller's to do; this layer stores and returns what they
 * need. Bytes of the caller are read and written by memcpy, so they need no alignment. A NULL
 * where bytes must be is -EFAULT.
 *
 * An interface's index in the ABI (ipi_ifindex) is its number + 1, since 0 means none there: lo is
 * 1, as on Linux.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "5-session/session.h"

enum call_constants {
    CALL_FIRST = 3,              /* the lowest descriptor */
    CALL_DESCRIPTORS = 64 << 12, /* most of them on one host */
    CALL_ADDRESS_BYTES = 128,    /* sizeof(struct sockaddr_storage) */
    CALL_INTERFACE_NAME_BYTES = 32,
    CALL_CONGESTION_NAME_BYTES = 16, /* TCP_CA_NAME_MAX */
    CALL_SCM_RIGHTS = 0x534b,        /* a control message: struct call_rights */
    CALL_IOCTL_CIRCUIT_BYTES = 256,  /* of a struct of linux/x25.h at most */
    CALL_AF_PLACE = 0x534b /* the family of an address that is the number of a place of AF_UNIX */
};

struct call_host; /* a host as its programs see it */

/* ---- what the assembler of the machine provides (seams), for names that other layers own ---- */

/* @return the number of the interface of this name (`length` bytes, no NUL) @raise ENODEV */
int manage_interface_by_name(const struct call_host *host, const char *name, size_t length);
/* Writes the name with its NUL. @return its length without it @raise ENODEV */
int manage_interface_name(const struct call_host *host, uint32_t number,
                          char name[CALL_INTERFACE_NAME_BYTES]);
/* @return the enum tcp_cc_kind of this name (`length` bytes, no NUL) @raise ENOENT */
int manage_congestion_by_name(const struct call_host *host, const char *name, size_t length);
/* Writes the name, padded with zeroes. @return 0 @raise ENOENT */
int manage_congestion_name(const struct call_host *host, uint32_t kind,
                           char name[CALL_CONGESTION_NAME_BYTES]);

/* ---- the calls ---- */

/* So many descriptors ride on a message; whose they are is known by the number. */
struct call_rights {
    uint64_t number; /* not 0 */
    uint32_t count;  /* to SESSION_RIGHTS_MOST */
    uint32_t zero;
};

/* Opens a socket; SOCK_NONBLOCK and SOCK_CLOEXEC are accepted and mean nothing here.
 * @return the lowest free descriptor
 * @raise EAFNOSUPPORT if the domain is neither AF_INET nor AF_INET6, or the host has no IPv6
 * @raise EINVAL if the type has unknown flags, or type or protocol are out of range
 * @raise ESOCKTNOSUPPORT if the type is not SOCK_STREAM or SOCK_DGRAM
 * @raise EPROTONOSUPPORT if the protocol is not one of that type
 * @raise EMFILE if every descriptor of the host is in use
 * @raise ENOBUFS if there is no memory */
int call_socket(struct call_host *host, int domain, int type, int protocol, nanoseconds now);

/* Opens two sockets that are connected to each other.
 * @return 0
 * @raise as call_socket; EOPNOTSUPP if the domain or type has no pairs */
int call_socketpair(struct call_host *host, int domain, int type, int protocol, int fd[2],
                    nanoseconds now);

/* Who makes the calls that follow: what SO_PEERCRED and SCM_CREDENTIALS say. */
void call_caller_set(struct call_host *host, const struct session_credentials *caller);
/* Takes rights that nobody received, of those that go by a number. @return there were some */
bool call_take_lost(struct call_host *host, struct call_rights *rights);
/* Takes a path of AF_UNIX away. @raise ENOENT */
int call_unlink(struct call_host *host, const char *path, size_t length);

/* Closes; what is unsent goes on being sent.
 * @return 0
 * @raise EBADF if it is not open */
int call_close(struct call_host *host, int fd, nanoseconds now);

/* Gives the socket an address of its own.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if the address is NULL
 * @raise EINVAL if the address is too short or too long, or the socket is bound already
 * @raise EAFNOSUPPORT if the address is of another family (AF_UNSPEC with 0.0.0.0 passes)
 * @raise EACCES if the port is a privileged one
 * @raise EADDRINUSE if another socket has it
 * @raise EADDRNOTAVAIL if the address is not this host's */
int call_bind(struct call_host *host, int fd, const void *address, uint32_t length,
              nanoseconds now);

/* Binds a path that leads to a place: a number, not 0, that whoever has the files chose, and by
 * which this socket is found. @return 0 @raise as call_bind; EINVAL it is no path, or no place */
int call_bind_at(struct call_host *host, int fd, const void *address, uint32_t length,
                 uint64_t place, nanoseconds now);

/* Listens; a backlog below 0 or above somaxconn becomes somaxconn.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EOPNOTSUPP if it is not a stream
 * @raise EINVAL if it is connected or connecting
 * @raise EADDRINUSE if another listener has the port */
int call_listen(struct call_host *host, int fd, int backlog, nanoseconds now);

/* Connects, or, with AF_UNSPEC, disconnects. 0.0.0.0 means this host.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if the address is NULL
 * @raise EINVAL if the address is too short or too long, or the socket was shut down while
 *        connecting
 * @raise EINPROGRESS if a stream has begun to connect
 * @raise EALREADY if it is under way still
 * @raise EISCONN if the stream is connected, or listens
 * @raise EAFNOSUPPORT if the address is of another family
 * @raise ECONNREFUSED ETIMEDOUT ECONNRESET EHOSTUNREACH ENETUNREACH if the connect begun before has
 *        failed: once
 * @raise ECONNABORTED if it has failed, and SO_ERROR has said why
 * @raise ENETUNREACH EADDRNOTAVAIL EACCES from the layers below */
int call_connect(struct call_host *host, int fd, const void *address, uint32_t length,
                 nanoseconds now);

/* Takes a connection, as on Linux one that has ended in the queue too. `address` may be NULL;
 * *length: in its room, out the true length.
 * @return a new descriptor
 * @raise EBADF if it is not open
 * @raise EMFILE if every descriptor is in use
 * @raise ENOBUFS if there is no memory
 * @raise EOPNOTSUPP if it is not a stream
 * @raise EINVAL if it does not listen, or *length is over INT_MAX
 * @raise EFAULT if address is given and length is NULL
 * @raise EAGAIN if there is no connection */
int call_accept(struct call_host *host, int fd, void *address, uint32_t *length, nanoseconds now);

enum call_send_flags {
    CALL_SEND_LAST = 0x400000 /* no bit of Linux's MSG_*; of a stream: memory is the only limit */
};

/* Sends on a connected socket: call_send_message without address and control.
 * @return bytes taken
 * @raise as call_send_message */
ssize_t call_send(struct call_host *host, int fd, const void *bytes, size_t length, int flags,
                  nanoseconds now);
/* @return bytes given; 0 at the end of a stream
 * @raise as call_receive_message */
ssize_t call_receive(struct call_host *host, int fd, void *bytes, size_t size, int flags,
                     nanoseconds now);

struct call_message {
    void *bytes; /* in: where; sends read only */
    size_t length;
    void *address;           /* may be NULL */
    uint32_t address_length; /* in: room, out: true length */
    uint32_t flags;          /* out: MSG_TRUNC, MSG_CTRUNC, ... */
    void *control;           /* cmsgs in the ABI's form; may be NULL */
    size_t control_length;   /* in: room, out: used */
};

/* Sends, with IP_PKTINFO, IP_TTL and IP_TOS of the control bytes for datagrams. Streams ignore the
 * address, as Linux does. MSG_DONTWAIT, MSG_NOSIGNAL, MSG_EOR, MSG_CONFIRM, MSG_ZEROCOPY change
 * nothing.
 * @return bytes taken
 * @raise EBADF if it is not open
 * @raise EFAULT if bytes are NULL and length is not 0
 * @raise EOPNOTSUPP if flags has MSG_FASTOPEN (streams), MSG_OOB, MSG_MORE, MSG_DONTROUTE or
 *        MSG_PROBE (datagrams)
 * @raise EINVAL if the address is too short or too long, its port is 0, a control message is
 *        malformed or unknown
 * @raise EAFNOSUPPORT if the address is of another family
 * @raise EDESTADDRREQ if a datagram has no destination
 * @raise EMSGSIZE if the datagram is too long
 * @raise ENOBUFS if the control bytes are over optmem_max
 * @raise ENODEV if IP_PKTINFO names no interface
 * @raise EAGAIN if there is no room
 * @raise EPIPE if a stream is not connected, or was shut down for writing
 * @raise ECONNREFUSED ECONNRESET ETIMEDOUT EHOSTUNREACH ...: the pending error, once */
ssize_t call_send_message(struct call_host *host, int fd, const struct call_message *message,
                          int flags, nanoseconds now);

/* Receives. A datagram longer than the room sets MSG_TRUNC in message->flags; with MSG_TRUNC asked,
 * its whole length is returned. Streams: MSG_TRUNC asked throws the bytes away (bytes may be NULL).
 * Control messages that do not fit set MSG_CTRUNC. MSG_WAITALL and MSG_DONTWAIT change nothing.
 * @return bytes given; 0 at the end of a stream
 * @raise EBADF if it is not open
 * @raise EFAULT if bytes are NULL and length is not 0
 * @raise EOPNOTSUPP if flags has MSG_ERRQUEUE (no queue of errors is kept)
 * @raise EAGAIN if there is nothing
 * @raise ENOTCONN if a stream was never connected
 * @raise EINVAL if MSG_OOB is asked and there is no urgent byte, or address_length is over INT_MAX
 * @raise ECONNREFUSED ECONNRESET ETIMEDOUT EHOSTUNREACH ...: the pending error, once */
ssize_t call_receive_message(struct call_host *host, int fd, struct call_message *message,
                             int flags, nanoseconds now);

/* Shuts down; how: SHUT_RD, SHUT_WR, SHUT_RDWR.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EINVAL if how is none of these
 * @raise ENOTCONN if it is not connected */
int call_shutdown(struct call_host *host, int fd, int how, nanoseconds now);

/* Writes the local address, cut to *length; *length: the true length.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if address or length is NULL
 * @raise EINVAL if *length is over INT_MAX */
int call_local_name(const struct call_host *host, int fd, void *address, uint32_t *length);
/* The same for the peer.
 * @raise ENOTCONN if there is none */
int call_peer_name(const struct call_host *host, int fd, void *address, uint32_t *length);

/* Who talks with whom by a descriptor. */
struct call_dialogue {
    uint16_t domain, type;         /* AF_*, SOCK_* */
    struct endpoint local, remote; /* of an Internet socket, else unspecified */
    uint64_t own, peer;            /* of AF_UNIX: session_serials */
    char name[EVENT_DATA_NAME];    /* of AF_UNIX and AF_X25: as event_data says it */
};
/* `address`: of a message, whom it went to or came from; NULL: the peer. @return 0 @raise EBADF */
int call_dialogue(const struct call_host *host, int fd, const void *address, uint32_t length,
                  struct call_dialogue *dialogue);
/* The value of SO_ATTACH_FILTER is a struct with a pointer; a call's value is the program itself,
 * and SO_GET_FILTER gives it in bytes. Is this option the one? */
bool call_is_filter(int level, int name);
enum { CALL_FILTER_UNIT = 8 }; /* bytes of an instruction, which Linux counts */
/* The program that such a value points to. @return 0 @raise EINVAL it is no such struct */
int call_filter_given(const void *value, uint32_t length, const void **program, uint32_t *bytes);

/* Does the value of getsockopt say what is asked: the filter of a group (RFC 3678)? */
bool call_is_asked(int level, int name);
enum { CALL_ASKED = 144 }; /* bytes of it, at most */

/* Reads an option, cut to *length; *length: what was written. SO_ERROR clears what it tells.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if value or length is NULL
 * @raise EINVAL if *length is over INT_MAX, or too short for a name (SO_BINDTODEVICE)
 * @raise ENOPROTOOPT if the level or the option is unknown, or not supported, or not of this kind
 * of socket
 * @raise ENOTCONN if IP_MTU is asked without a peer */
int call_get_option(struct call_host *host, int fd, int level, int name, void *value,
                    uint32_t *length, nanoseconds now);
/* @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if value is NULL and length is not 0
 * @raise EINVAL if the value is too short or out of range
 * @raise ENOPROTOOPT if the level is not one of this kind of socket, or the option is unknown, not
 *        supported, or can only be read
 * @raise EPERM if it needs privilege (SO_SNDBUFFORCE, SO_RCVBUFFORCE, SO_PRIORITY above 6)
 * @raise EACCES if SO_DEBUG is set
 * @raise EDOM if a timeout's microseconds are out of range
 * @raise ENODEV if SO_BINDTODEVICE names no interface; EOPNOTSUPP if it names the loopback
 * @raise ENOENT if TCP_CONGESTION names no algorithm */
int call_set_option(struct call_host *host, int fd, int level, int name, const void *value,
                    uint32_t length, nanoseconds now);

/* FIONREAD (SIOCINQ), SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if value is NULL
 * @raise EINVAL if it listens
 * @raise ENOTTY if the request is another, or not of this kind of socket */
int call_ioctl(const struct call_host *host, int fd, unsigned long request, int *value);

/* The ioctls of linux/x25.h that are a socket's own: facilities, user data of a call, cause and
 * diagnostic, which calls a listener wants, accepting one. `bytes` is the request's struct, in or
 * out; *length: its room, out what was written.
 * @return 0
 * @raise EBADF if it is not open
 * @raise EFAULT if there are fewer bytes than the request's struct has
 * @raise EINVAL if a value is out of range, or may not be set (any more)
 * @raise ENOTTY if the request is another, or not of this kind of socket */
int call_ioctl_circuit(struct call_host *host, int fd, unsigned long request, void *bytes,
                       size_t *length, nanoseconds now);

/* The ioctls of interfaces, which are of the host, whichever socket is asked: SIOCGIFCONF into
 * *length bytes of struct ifreq, as many as there is room for (NULL: how many bytes there are);
 * others a struct ifreq, SIOCGARP a struct arpreq. *length: what was written.
 * @return 0
 * @raise EFAULT if bytes is NULL; EINVAL if *length is less than a struct ifreq
 * @raise ENODEV if there is no such interface; EADDRNOTAVAIL if it has no IPv4 address
 * @raise EPERM if the request would change something; ENOTTY if it is another */
int call_ioctl_interface(const struct call_host *host, unsigned long request, void *bytes,
                         size_t *length);

enum { CALL_ADDRESS_6_BYTES = 24 /* sizeof(struct in6_ifreq) */ };
/* Does a request change something? The others are call_ioctl_interface's. */
bool call_ioctl_changes(unsigned long request);
/* Changes an interface (struct ifreq, in6_ifreq), a route (struct rtentry, with the name of its
 * interface behind it; in6_rtmsg) or a neighbour (struct arpreq) of the host. What a longer or
 * shorter struct means, its length says.
 * @return 0
 * @raise EFAULT EINVAL ENODEV EADDRNOTAVAIL EEXIST ESRCH ENXIO ENETUNREACH EAFNOSUPPORT
 *        EPFNOSUPPORT; EOPNOTSUPP what cannot be changed here */
int call_ioctl_change(struct call_host *host, unsigned long request, const uint8_t *bytes,
                      size_t length, nanoseconds now);

/* A file of /proc/net or /sys/class/net (proc.h). @return its whole length @raise ENOENT */
ssize_t call_proc(const struct call_host *host, const char *name, char *text, size_t size,
                  nanoseconds now);
/* The number that programs see of a socket (/proc/PID/fd), which only the caller knows: for who
 * asks which socket is whose. @return 0 or -EBADF */
int call_name(struct call_host *host, int fd, uint32_t inode);

/* The events poll() would report now: POLLIN POLLOUT POLLERR POLLHUP POLLRDHUP POLLPRI.
 * @return a mask >= 0
 * @raise EBADF if it is not open */
int call_poll(const struct call_host *host, int fd);

/* Takes the next descriptor whose readiness was touched since it was last taken, of all hosts whose
 * means have this list. @return its host, or NULL: none */
struct call_host *call_take_touched(struct link_list *touched, int *fd);
/* The first open descriptor that is not below fd, or -1: to walk them all. */
int call_next(const struct call_host *host, int fd);
