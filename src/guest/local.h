/* SPDX-License-Identifier: MIT */
/*
 * What the files of AF_UNIX share (local.c has the design); no file calls one that stands above it
 * here.
 *
 *   local          the calls of a socket's life
 *   local_message  send and receive calls; local_option its options and ioctls
 *   local_name     whose an address is
 *   local_path     names that are files, made and looked for as the program would do it
 *   local_turn     data between holders and the lab
 *   local_holder   holders and our ends of them; the scales
 *   local_known    who is whose peer, what is in a holder; the end of a socket
 *   local_rights   descriptors that are on their way
 */
#pragma once
#include <sys/stat.h>

#include "guest/state.h"

enum { GUEST_PIECES = 512 }; /* in a holder */

/* A piece that was put into the holder of an AF_UNIX socket, and was not read when last looked. */
struct guest_piece {
    uint32_t length;
    int charge;    /* its true size */
    bool by_other; /* it came from the other end */
    bool has_rights;
    bool has_who;
    struct ucred who;
    uint32_t name_length;
    struct sockaddr_un name; /* of the sender of a datagram */
};

/* What a socket of AF_UNIX has of its own (local.c). */
struct guest_local {
    int type;
    bool is_pair;      /* of socketpair() */
    bool unread;       /* the program may have written more than we have passed on */
    bool unreceived;   /* the lab may have more than we have put into the holder */
    bool is_gone;      /* the program closed it; what it wrote is still going out */
    bool has_left;     /* something unread in its holder */
    bool is_planted;   /* a unit stands in front in our end, until it is accepted */
    bool eof_given;    /* the peer writes no more, and the holder shows it */
    bool passes_who;   /* SO_PASSCRED */
    bool in_line;      /* the lab gives urgent bytes in their place */
    bool is_reset;     /* the lab has said so */
    bool is_alone;     /* of a datagram pair: the other one is closed */
    bool peeks;        /* the lab was told to peek on */
    unsigned end_shut; /* of our end: 1 for reading, 2 for writing; 3: a hang-up says nothing */
    int other;         /* of a datagram socket that is connected: our end then, or -1 */
    uint64_t peer;     /* the handle of the other one; 0: none, or not known */
    size_t passed;     /* bytes of our end that were passed on, and are still there */
    size_t messages;   /* the same, as messages */
    size_t ahead;      /* units taken out of our end before the peer has read them */
    size_t urgent;     /* of the next bytes: so many, the last one with MSG_OOB */
    uint64_t sent, urgent_end; /* bytes passed on; up to behind the last urgent one */
    uint64_t put;              /* bytes that were put into the holder */
    struct guest_piece *given; /* a ring */
    size_t first, count;
    int charged[2]; /* of the end, of the other end */
    /* of a listener: who has connected; of a datagram socket: whose messages wait at it in the lab,
     * 0: they are nowhere else; each in their order */
    uint64_t *callers;
    size_t caller_count, caller_size;
    uint64_t place; /* of its name, if that is a file; else 0 */
    int file;       /* that keeps its inode, or -1 */
    dev_t device;
    ino_t inode;
};

/* local_known.c */
struct guest_socket *guest_local_peer(const struct guest_runner *runner,
                                      const struct guest_socket *s);
struct guest_socket *guest_local_of_place(const struct guest_runner *runner, int host, dev_t device,
                                          ino_t inode);
int guest_local_note_caller(struct guest_socket *at, uint64_t handle);
uint64_t guest_local_next_caller(struct guest_socket *at); /* or 0 */
struct guest_piece *guest_local_given(const struct guest_local *l, size_t i);
const struct guest_piece *guest_local_head(const struct guest_socket *s); /* what is read next */
void guest_local_forget_given(struct guest_socket *s);
void guest_local_wake_blocked(struct guest_runner *runner, int host);

/* local_holder.c */
int guest_local_open(struct guest_runner *runner, struct guest_socket *s, int holder, int end);
int guest_local_make(struct guest_runner *runner, struct guest_socket *s, bool nonblocking);
int guest_local_join(struct guest_runner *runner, struct guest_socket *s, int holder);
int guest_local_turn_to(struct guest_runner *runner, struct guest_socket *s, int holder);
void guest_local_turn_away(struct guest_socket *s, int holder);
void guest_local_shut_end(struct guest_socket *s, int how);
int guest_local_source(const struct guest_socket *s); /* where what the program writes arrives */
int guest_local_charge(struct guest_runner *runner, int type, size_t length);

/* local_path.c */
struct guest_identity { /* of a program: what the kernel asks when it opens files */
    pid_t leader;
    uint32_t uid, euid, fsuid, gid, egid, fsgid;
    mode_t umask;
    gid_t groups[64];
    size_t group_count;
};
int guest_path_identity(const struct guest_call *call, struct guest_identity *who);
/* Makes the file of a name. @return 0 or -errno */
int guest_path_make(struct guest_call *call, const char *path, mode_t mode,
                    struct guest_local *local);
void guest_path_unmake(struct guest_call *call, const char *path);
/* Whose is the name? @return 0: *place is the lab's; 1: the kernel is to say; 2: it is served
 * outside of the lab; -errno */
int guest_path_find(struct guest_call *call, const char *path, struct guest_socket **place);
/* Whoever makes this call, for what the lab remembers of it. */
void guest_path_say_caller(struct guest_call *call, bool effective);

/* local_name.c */
struct guest_destination { /* what the lab is told as an address */
    union {
        struct sockaddr_storage name;
        struct sockeye_place place;
    };
    uint32_t length;
    struct guest_socket *socket; /* that has the place; or NULL */
    bool is_outside;             /* the kernel is to do it */
    bool is_served;              /* and somebody serves it there */
};
/* What is the address to the lab? @return 0 or -errno */
int guest_local_resolve(struct guest_call *call, const struct sockaddr_storage *address,
                        uint32_t length, struct guest_destination *to);
/* The path of an address; a NUL stands behind it. @return false: it is none */
bool guest_local_path_of(const struct sockaddr_storage *address, uint32_t length,
                         char path[sizeof(struct sockaddr_un) + 1]);

/* local_rights.c */
enum { GUEST_RIGHTS = 253 }; /* SCM_MAX_FD */

/* Descriptors that are on their way, in a socket of ours (local_rights.c). */
struct guest_parcel {
    uint64_t number;
    int fd;
    unsigned count;
    struct guest_parcel *next;
};

uint64_t guest_rights_keep(struct guest_runner *runner, const int *fds, unsigned count);
int guest_rights_take(struct guest_runner *runner, uint64_t number, int fds[GUEST_RIGHTS]);
void guest_rights_drop(struct guest_runner *runner, uint64_t number);
void guest_rights_note_lost(struct guest_runner *runner, int host);
