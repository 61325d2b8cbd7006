/* SPDX-License-Identifier: MIT */
/*
 * What the files of the runner share: the structs, and who offers what to whom. No file calls one
 * that stands above it here.
 *
 *   runner    its part in a turn of the drive: who hears what; life
 *   program   what is started, log; signals, exits, the end
 *   warden    the process that forks programs, and ends them when we are gone
 *   kin       who descends from us
 *   call      a trapped call, from notification to answer; parked ones, tried again
 *   trap      the table of trapped calls; filter makes the kernel's filter of it
 *   root      programs that see themselves as root
 *   life      socket, bind, listen, connect, accept, shutdown, the two names
 *   local     the same of AF_UNIX; local_message, local_option: as the two below (local.h)
 *   message   send and receive calls that carry addresses, flags or control
 *   option    getsockopt, setsockopt, ioctl, prctl
 *   bpf       filters of a program: SO_ATTACH_FILTER, SO_GET_FILTER
 *   name      open() of the resolver's files, uname(), connect() to resolvers
 *   frame     where a thread goes on behind the handler of a signal
 *   living    who has closed without telling
 *   closing   whose last copy was closed, of datagram holders
 *   turn      all that can be done now for one socket that was touched
 *   ending    of a socket
 *   local_... AF_UNIX: _turn its data, _name, _path its names, _holder, _known, _rights (local.h)
 *   stream    TCP: data and states between holder and lab
 *   datagram  what keeps boundaries (UDP, ping, netlink): the same
 *   ring      memory in which a program finds frames (PACKET_RX_RING)
 *   holder    the AF_UNIX sockets that programs hold, their states and names
 *   socket    the table of sockets
 *   kind      the table of their kinds
 *   bridge    bytes between a program and us, through its holder (bridge_holder.c)
 *   buffer    bytes that wait
 *   wait      calls that are parked; deadlines, a heap; link, the lists that all use
 *   signal    what signals a thread has that waits in a parked call
 *   target    memory and descriptors of the program; answers to the kernel
 *   report    what was refused; numbers
 *
 * Words: the *holder* is the AF_UNIX socket that the program has instead of its AF_INET socket; we
 * never keep a copy of it (last-close detection would die), we borrow it during a trapped call. The
 * *data end* is our end of it. The *lab socket* is the lab's descriptor that stands for it. A call
 * is *parked* while its program waits for our answer. Each field of a socket has one file that
 * writes it (tools/writers.txt). doctor.c shares nothing of this.
 */
#pragma once
#include <errno.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "guest/bridge.h"
#include "guest/deadlines.h"
#include "guest/guest.h"
#include "guest/kind.h"
#include "guest/link.h"
#include "sockeye/sockeye.h"

enum guest_limits {
    GUEST_PROGRAMS = 65536,
    GUEST_PIDFDS = 64,        /* cached */
    GUEST_TOKENS = 16,        /* edges a listener is given for connections it has not accepted */
    GUEST_CONTROL = 1024,     /* most bytes of control messages */
    GUEST_OPTION = 4096,      /* most bytes of an option's value */
    GUEST_SETTING = 128,      /* bytes of the name of one */
    GUEST_SETTINGS = 32,      /* open for writing at a time */
    GUEST_ROWS = 1 << 16,     /* bytes of interfaces told at once */
    GUEST_VECTORS = 1024,     /* UIO_MAXIOV */
    GUEST_COOKIES = 4096,     /* buckets */
    GUEST_SPARE = 32,         /* blocks of a chunk that are kept */
    GUEST_TURN_CHUNKS = 2,    /* moved from a holder in one turn; the rest in another, soon */
    GUEST_QUEUE = 256 * 1024, /* bytes of a trapped send that are copied at a time */
    GUEST_LATER = 250000,     /* ns: an error that is put off is looked at again */
    GUEST_PROBE = 1000000,    /* ns: listeners are asked this often whether they live */
    GUEST_RING_LOOK =
        1000000,             /* ns: a ring that was given is asked this often whether it was read */
    GUEST_SWEEP = 1000000000 /* ns: and all others that have no data end */
};

enum guest_phase {
    GUEST_FRESH,      /* made, perhaps bound; no data end */
    GUEST_LISTENING,  /* no data end; tokens in its queue for what the lab can accept */
    GUEST_CONNECTING, /* the holder is full of pad bytes, so neither readable nor writable */
    GUEST_OPEN,       /* data flows */
    GUEST_FAILED,     /* the connection was not made; no data end */
    GUEST_RESET       /* the data end was closed over an unread byte: the program sees a reset */
};

struct guest_buffer {
    uint8_t *bytes;
    size_t from, length;
};

/* What a stream has of its own. */
struct guest_stream {
    bool unread;     /* the program may have written more than we have taken */
    bool unreceived; /* the lab may have more than we have received */
    bool is_news;    /* it has just written: what is taken first has the time of now */
    bool shut_write; /* the program shut it; lab told when fin_sent */
    bool fin_sent;
    bool shut_read;
    bool eof_given;          /* the peer's FIN was passed on */
    bool ends_quietly;       /* it was reset, and the holder does not show it */
    bool send_failed;        /* the lab takes no more */
    bool gone;               /* the program closed it; what it wrote is still going out */
    bool has_native_options; /* some live in the holder */
    bool is_urgent_in_line;  /* the lab gives urgent bytes in their place */
    /* bytes that the lab is still to take, up to the last one that was sent with MSG_MORE, and the
     * last one sent with MSG_OOB; 0: none */
    size_t more, urgent;
    struct guest_buffer out; /* from the program, not yet taken by the lab */
    struct guest_buffer in;  /* from the lab, not yet in the holder */
};

/* A datagram that waits, or the last that went into the holder. */
struct guest_origin {
    struct sockaddr_storage source;
    uint32_t source_length, control_length;
    uint8_t control[GUEST_CONTROL];
};

/* How we hear of the close of a holder that has no end which would tell; written by closing.c. */
struct guest_closing {
    int watch; /* of inotify; not above 0: none */
    bool is_closed;
    struct guest_socket *next; /* in its bucket */
};

/* What a datagram socket has of its own; streams do without its 2 KiB of control messages. */
struct guest_datagram {
    bool unread; /* the program may have written more than we have taken */
    bool shut_read;
    bool is_padded;          /* the holder is not writable, for the lab has no room */
    bool is_to_raise;        /* the error is to be shown at the holder */
    bool is_raised;          /* it was: a native call may have told it */
    bool is_written;         /* the program sends by native calls */
    bool is_queued;          /* the lab keeps its errors one by one (IP_RECVERR) */
    int64_t raise_by;        /* of the wall clock: it is shown then in any case */
    bool out_full, in_full;  /* a datagram waits in out or in (it may be empty) */
    struct guest_ring *ring; /* NULL: it has none (ring.c) */
    struct guest_buffer out, in;
    struct guest_origin head; /* of the one at the head of the holder */
    struct guest_origin next; /* of the one in `in` */
};

/* The state of an AF_UNIX socket that a program holds (holder.c). */
struct guest_holder {
    size_t pad;        /* bytes of pad in it while connecting */
    bool small;        /* its send buffer is the least: it was connecting */
    int tokens;        /* in a listener's queue */
    uint64_t name;     /* 0: it has none */
    bool name_is_path; /* a file of our directory; else hidden from it */
    bool end_is_named; /* of a datagram pair: our end too */
};

/* By whom, and by which number, the holder was used last. */
struct guest_user {
    pid_t thread, leader;
    int number;
};

/* Of one that has no data end: nobody tells of its close. */
struct guest_life {
    struct guest_link link; /* in runner->listeners or runner->silent */
    uint64_t seen;          /* by the census of that number */
    bool is_old;            /* it was there at the sweep before */
};

struct guest_socket {
    uint64_t handle; /* for epoll and parked calls: stays unequal after the slot's reuse */
    uint64_t cookie; /* SO_COOKIE of the holder: its identity */
    uint32_t inode;  /* of the holder, as the program sees it */
    bool inode_told; /* to the lab, which tells it who asks */
    struct guest_socket *next_cookie;
    int host, fd; /* the lab socket */
    int program;  /* that made it */
    const struct guest_kind *kind;
    bool is_datagram; /* its kind goes the way of messages */
    enum guest_phase phase;
    uint16_t port; /* of a listener */
    int error;     /* told by the lab, not yet to the program */
    /* accepted from the lab, but the program's accept() could not have it: the next of its
     * listener; of a listener, the first */
    struct guest_socket *next_held;
    int held_holder;              /* the holder of such a one; else -1 */
    struct guest_link unfinished; /* in runner->unfinished: its turn has more to do */
    struct guest_link later;      /* in runner->later: its error is to be shown in a while */
    struct guest_link touched;    /* in runner->touched: its parked calls are to be tried again */
    struct guest_link waits;      /* its parked calls, in the order in which they came */
    struct guest_life life;
    struct guest_user last_user;
    struct guest_holder holder;
    struct guest_bridge bridge;
    struct guest_closing closing;
    struct guest_stream stream;
    struct guest_datagram *datagram; /* NULL: a stream */
    struct guest_local *local;       /* NULL: not of AF_UNIX */
};

struct guest_program {
    int number, host;
    char hostname[65];
    char name[32];
    pid_t pid;
    bool own_group;
    int pidfd;    /* -1 once it has ended */
    int listener; /* the kernel's notifications; -1 once nobody is left */
    int status;
    enum guest_state state;
    bool is_forgotten;       /* once it is gone, its place is free */
    struct guest_link waits; /* its parked calls */
};

struct guest_call {
    struct guest_runner *runner;
    struct guest_program *program;
    struct seccomp_notif notif;
    struct guest_socket *socket; /* whose holder is borrowed as `fd`, or NULL */
    int fd;
    bool again;                      /* it was parked, and is tried again */
    bool timed_out;                  /* and its time is over */
    bool interrupted;                /* and its thread was told of a signal: it ends now */
    struct sockaddr_storage address; /* of a row that has one */
    int address_length;              /* or -errno */
    bool joined;                     /* a connect() that waits for what another one began */
    int64_t deadline;                /* of the wall clock; 0: not known yet */
    size_t done;                     /* bytes that a send that waits has given already */
    unsigned messages;               /* of sendmmsg and recvmmsg: done already */
    int64_t until;                   /* of recvmmsg, of the wall clock; 0: it has no time */
};

/* The kernel's own: the call is made anew, or is EINTR, as the handler of the signal says. */
enum { GUEST_ERESTARTSYS = 512 };

enum { GUEST_MOST_BYTES = 0x7ffff000 }; /* of one call of Linux; what is more is cut off */

/* A handler's result: a value, at most GUEST_MOST_BYTES; -errno; or one of these. */
enum guest_answer {
    GUEST_CONTINUE = GUEST_MOST_BYTES + 1, /* the kernel does the call natively */
    GUEST_WAIT,                            /* park it; try again when its socket is touched */
    GUEST_ANSWERED                         /* it was, or its caller is gone */
};

struct guest_wait {
    struct guest_link link;         /* in the socket's waits, or runner->orphans */
    struct guest_link of_program;   /* in its program's waits */
    struct guest_deadline deadline; /* of the wall clock, in runner->deadlines */
    struct guest_deadline look;     /* when its thread is looked at next, in runner->looks */
    int64_t since;                  /* it was parked then */
    uint64_t socket;                /* handle */
    struct guest_call call;
};

struct guest_pidfd {
    pid_t thread, leader;
    int fd;
};

struct guest_slot {
    struct guest_socket *socket;
    uint32_t generation;
    uint32_t next_free; /* and 1; 0: none */
};

struct guest_host { /* handle by the lab's descriptor */
    uint64_t *handle;
    size_t count;
};

enum { GUEST_UNREACHED = 16 }; /* hosts and addresses without a route that are kept */

/* The process between us and the programs (warden.c). */
struct guest_warden {
    pid_t pid; /* 0: there is none */
    int talk;  /* -1: it does not listen */
    bool is_lost;
};

/* A setting that a program has open for writing. */
struct guest_setting {
    int end; /* ours; 0: none */
    int host, program;
    char name[GUEST_SETTING];
};

/* Where our ends of holders come from (holder.c). */
struct guest_door {
    int fd;
    int file; /* its inode, which has no name */
    struct sockaddr_un address;
};

enum { GUEST_WEIGHTS = 256 };

struct guest_weight { /* true size of a piece */
    size_t length;
    int charge; /* 0: not known */
};

struct guest_runner {
    struct sockeye *lab;
    struct drive *drive;
    int user; /* of the drive, or -1 */
    struct guest_config config;
    char directory[64];
    bool made_directory;
    char error[256];
    int signals;
    struct guest_door doors[2]; /* for streams, and for sequenced packets */
    int probe, census;          /* living.c */
    int closes;                 /* closing.c */
    int setting_count;          /* proc.c */
    struct guest_setting settings[GUEST_SETTINGS];
    struct guest_socket *watches[GUEST_COOKIES];
    uint64_t key, names; /* of hidden names, and how many there were */
    int end_size;        /* SO_SNDBUF of a data end */
    struct guest_filter {
        struct sock_filter *code;
        unsigned length;
    } filter, root_filter; /* of programs as root (root.c) */
    /* what guest_open changed */
    bool is_changed;
    struct rlimit old_files;
    sigset_t old_mask;
    int old_subreaper, old_dumpable;
    int64_t last_probe, last_sweep;
    struct guest_statistics statistics;
    /* sockets */
    struct guest_slot *slots;
    size_t slot_count;
    uint32_t slot_free; /* the first, and 1; 0: none */
    struct guest_socket *cookies[GUEST_COOKIES];
    struct guest_host *hosts;
    int host_count;
    struct guest_link listeners, silent; /* without a data end (living.c) */
    uint64_t census_number;
    int64_t rest_until;           /* of the wall clock: all were asked in vain */
    struct guest_link unfinished; /* whose turn was cut short */
    struct guest_link later;      /* who has another turn GUEST_LATER after the last such */
    int64_t last_later;           /* of the wall clock */
    /* parked calls */
    struct guest_link touched, orphans;
    struct guest_deadlines deadlines, looks;
    bool has_seen_calm; /* a thread that waits and was told of no signal: signal.c */
    uint64_t settling;  /* the handle of the socket whose parked calls are tried */
    /* of AF_UNIX */
    struct guest_parcel *parcels;
    uint64_t parcel_number, place_number;
    bool has_lost;  /* rights, perhaps */
    int lost_host;  /* there; -1: on several */
    size_t blocked; /* sends that wait for a datagram socket of another */
    int scales[4];  /* two pairs that weigh pieces, or -1 (local_holder.c) */
    struct guest_weight weights[2][GUEST_WEIGHTS];
    /* the rest */
    struct guest_warden warden;
    struct guest_program **programs; /* each stays where it is */
    int program_count, program_size;
    struct guest_pidfd pidfds[GUEST_PIDFDS];
    bool no_thread_pidfd;
    struct guest_ring *rings; /* of all */
    int64_t last_ring_look;   /* of the wall clock */
    int hosts_file;           /* name.c: a memfd, or -1 */
    struct guest_complaint *complaints;
    int complaint_count;
    struct guest_unreached unreached[GUEST_UNREACHED];
    size_t unreached_count;
    uint8_t *scratch; /* GUEST_CHUNK + GUEST_DATAGRAM */
    uint8_t *spare[GUEST_SPARE];
    int spare_count;
};

/* what the drive tells of */
enum guest_watched {
    GUEST_IS_SIGNAL,
    GUEST_IS_LISTENER,
    GUEST_IS_SOCKET,
    GUEST_IS_SETTING,
    GUEST_IS_CLOSE,
    GUEST_IS_WARDEN
};
/* filter.c */
int guest_filter_build(bool as_root, struct sock_filter **filter, unsigned *length);
int guest_filter_install(const struct sock_filter *filter, unsigned length); /* @return listener */

/* target.c */
int guest_target_read(const struct guest_call *call, uint64_t address, void *bytes, size_t length);
int guest_target_write(const struct guest_call *call, uint64_t address, const void *bytes,
                       size_t length);
/* Of several pieces of its memory, at most GUEST_VECTORS; `bytes` is as long as they are. */
int guest_target_gather(const struct guest_call *call, const struct iovec *pieces, size_t count,
                        void *bytes);
int guest_target_scatter(const struct guest_call *call, const struct iovec *pieces, size_t count,
                         const void *bytes);
int guest_target_text(const struct guest_call *call, uint64_t address, char *text, size_t size);
int guest_target_borrow(struct guest_call *call, int fd);
int guest_target_borrow_again(struct guest_runner *runner, const struct guest_socket *s);
void guest_target_remember(const struct guest_call *call, struct guest_socket *s);
bool guest_target_waits(const struct guest_call *call); /* the caller still waits for the answer */
void guest_target_answer(const struct guest_call *call, int error, int64_t value);
void guest_target_wake_here(int listener);
int guest_target_continue(const struct guest_call *call);
int guest_target_give(const struct guest_call *call, int fd, bool cloexec); /* and answer with it */
int guest_target_add(const struct guest_call *call, int fd, bool cloexec);  /* without */
/* For so many descriptors. */
bool guest_target_has_room(const struct guest_call *call, unsigned wanted);
int guest_target_replace(const struct guest_call *call, int fd, int by);
uint64_t guest_target_cookie(int fd);
bool guest_target_is_foreign(int fd);
bool guest_target_is_nonblocking(const struct guest_call *call, int flags);
int guest_target_read_address(const struct guest_call *call, uint64_t address, int64_t length,
                              struct sockaddr_storage *out);
int guest_target_write_address(const struct guest_call *call, uint64_t address, uint64_t length_at,
                               const void *bytes, uint32_t length);

/* socket.c */
struct guest_socket *guest_socket_add(struct guest_runner *runner, int host, int fd, int program,
                                      const struct guest_kind *kind);
void guest_socket_drop(struct guest_runner *runner, struct guest_socket *s);
/* It has this holder now. */
void guest_socket_name(struct guest_runner *runner, struct guest_socket *s, int holder);
struct guest_socket *guest_socket_of_handle(const struct guest_runner *runner, uint64_t handle);
/* Who asks the host about its sockets is to hear of them by the numbers that programs see. */
void guest_socket_tell(struct guest_runner *runner, int host);
struct guest_socket *guest_socket_of_cookie(const struct guest_runner *runner, uint64_t cookie);
struct guest_socket *guest_socket_of_fd(const struct guest_runner *runner, int host, int fd);
void guest_socket_set_phase(struct guest_runner *runner, struct guest_socket *s,
                            enum guest_phase phase);
/* Whether its holder is closed, the census is to tell (living.c). */
void guest_socket_doubt(struct guest_runner *runner, struct guest_socket *s);
void guest_socket_hold(struct guest_socket *listener, struct guest_socket *s, int holder);
struct guest_socket *guest_socket_take_held(struct guest_socket *listener, int *holder);
void guest_socket_set_error(struct guest_socket *s, int error);
int guest_socket_take_error(struct guest_socket *s); /* @return positive, or 0 */
void guest_socket_done(struct guest_runner *runner);

/* ending.c; all close the lab socket too */
void guest_ending_remove(struct guest_runner *runner, struct guest_socket *s);
void guest_ending_abort(struct guest_runner *runner, struct guest_socket *s); /* with a reset */
/* Those that wait for this listener's next accept(): it listens no longer. */
void guest_ending_held(struct guest_runner *runner, struct guest_socket *listener);
void guest_ending_all(struct guest_runner *runner);

/* living.c */
int guest_living_open(struct guest_runner *runner);
void guest_living_ask_port(struct guest_runner *runner, uint16_t port);
void guest_living_ask_some(struct guest_runner *runner); /* listeners */
void guest_living_ask_all(struct guest_runner *runner);
void guest_living_sweep(struct guest_runner *runner);

/* closing.c */
void guest_closing_open(struct guest_runner *runner);
void guest_closing_watch(struct guest_runner *runner, struct guest_socket *s, int holder);
void guest_closing_forget(struct guest_runner *runner, struct guest_socket *s);
void guest_closing_note(struct guest_socket *s);                      /* it is closed */
struct guest_socket *guest_closing_next(struct guest_runner *runner); /* that was closed, or NULL */
void guest_closing_done(struct guest_runner *runner);

/* holder.c; those with `nonblocking` @return the holder */
int guest_holder_open_doors(struct guest_runner *runner);
int guest_holder_stream(struct guest_runner *runner, const struct guest_socket *s,
                        bool nonblocking);
void guest_holder_adopt(struct guest_runner *runner, struct guest_socket *s, int holder);
int guest_holder_open_pair(const struct guest_socket *listener, int pair[2], bool nonblocking);
void guest_holder_close_pair(const int pair[2]);
int guest_holder_pair(struct guest_runner *runner, struct guest_socket *s, const int pair[2]);
int guest_holder_message(struct guest_runner *runner, struct guest_socket *s, bool nonblocking);
int guest_holder_listen(struct guest_runner *runner, struct guest_socket *s, int holder);
int guest_holder_name(struct guest_runner *runner, struct guest_socket *s, int holder,
                      bool is_path);
int guest_holder_enter(struct guest_runner *runner, const struct guest_socket *s, int holder);
/* Connects the holder, which is new, to us. @return our end, or -errno */
int guest_holder_knock(struct guest_runner *runner, int holder, int type);
int guest_holder_connect(struct guest_runner *runner, struct guest_socket *s, int holder);
int guest_holder_establish(struct guest_runner *runner, struct guest_socket *s);
void guest_holder_shutdown(struct guest_runner *runner, struct guest_socket *s, int holder,
                           int how);
void guest_holder_borrowed(struct guest_socket *s, int holder); /* does what waited for it */
bool guest_holder_raise(struct guest_runner *runner, struct guest_socket *s);
int guest_holder_add_token(struct guest_runner *runner, struct guest_socket *s);
void guest_holder_take_token(struct guest_socket *s, int holder);
socklen_t guest_holder_address(const struct guest_runner *runner, const struct guest_socket *s,
                               struct sockaddr_un *address); /* @return its length */
bool guest_holder_is_closed(const struct guest_runner *runner, const struct guest_socket *s);
void guest_holder_unname(struct guest_runner *runner, struct guest_socket *s);

/* turn.c */
enum guest_touched {
    GUEST_BY_PROGRAM = 1,
    GUEST_BY_LAB = 2,
    GUEST_HUNG_UP = 4,  /* the data end says so */
    GUEST_LOOKED_AT = 8 /* not for a call that was just taken: what the thread does counts */
};
enum guest_verdict {
    GUEST_KEEP,
    GUEST_AGAIN,   /* it has more to do, soon */
    GUEST_PUT_OFF, /* the same, in a while */
    GUEST_REMOVE,  /* the program has closed it */
    GUEST_ABORT    /* the same, with a reset */
};
void guest_turn(struct guest_runner *runner, struct guest_socket *s, unsigned touched);
void guest_turn_finish(struct guest_runner *runner); /* those that were cut short */
void guest_turn_later(struct guest_runner *runner, int64_t wall);

/* stream.c, datagram.c */
enum guest_verdict guest_stream_turn(struct guest_runner *runner, struct guest_socket *s,
                                     unsigned touched);
void guest_stream_fail(struct guest_runner *runner, struct guest_socket *s, int error);
ssize_t guest_stream_send(struct guest_runner *runner, struct guest_socket *s, int holder,
                          const uint8_t *bytes, size_t length, int flags);
void guest_stream_note_shutdown(struct guest_socket *s, int how);
void guest_stream_note_gone(struct guest_socket *s);
void guest_stream_note_options(struct guest_socket *s);
void guest_stream_inherit(const struct guest_socket *listener, struct guest_socket *s);
void guest_stream_renew(struct guest_runner *runner, struct guest_socket *s);
void guest_stream_done(struct guest_runner *runner, struct guest_socket *s);
enum guest_verdict guest_datagram_turn(struct guest_runner *runner, struct guest_socket *s,
                                       unsigned touched);
void guest_datagram_forget_head(struct guest_socket *s);
void guest_datagram_note_shutdown(struct guest_socket *s, int how);
void guest_datagram_note_sent(struct guest_runner *runner, struct guest_socket *s, int holder);

/* circuit.c, circuit_turn.c */
enum guest_verdict guest_circuit_turn(struct guest_runner *runner, struct guest_socket *s,
                                      unsigned touched);
void guest_circuit_settle_token(struct guest_runner *runner, struct guest_socket *s, int holder);
int64_t guest_circuit_listen(struct guest_call *call);
int64_t guest_circuit_accept(struct guest_call *call, int flags);
int64_t guest_circuit_connect(struct guest_call *call);
bool guest_circuit_has_ioctl(const struct guest_socket *s, unsigned request);
int64_t guest_circuit_ioctl(struct guest_call *call);

int guest_datagram_take_error(struct guest_socket *s, int native);
void guest_datagram_note_told(struct guest_socket *s, int holder);
void guest_datagram_done(struct guest_runner *runner, struct guest_socket *s);

/* of AF_UNIX: local_known.c, local_turn.c, local_rights.c; and the functions of the table */
void guest_local_done(struct guest_runner *runner, struct guest_socket *s);
enum guest_verdict guest_local_turn(struct guest_runner *runner, struct guest_socket *s,
                                    unsigned touched);
void guest_rights_forget_lost(struct guest_runner *runner);
void guest_rights_done(struct guest_runner *runner);
int64_t guest_local_socket(struct guest_call *call);
int64_t guest_local_socketpair(struct guest_call *call);
int64_t guest_local_bind(struct guest_call *call);
int64_t guest_local_listen(struct guest_call *call);
int64_t guest_local_connect(struct guest_call *call);
/* What the lab has accepted becomes a socket of the program's that has listened; takes `fd` and
 * the pair over, of which the first end is its holder. @return NULL: they are closed, *error says
 * why */
struct guest_socket *guest_local_accepted(struct guest_call *call, int fd, const int pair[2],
                                          int *error);
int64_t guest_local_shutdown(struct guest_call *call);
int64_t guest_local_sendto(struct guest_call *call);
int64_t guest_local_recvfrom(struct guest_call *call);
int64_t guest_local_sendmsg(struct guest_call *call);
int64_t guest_local_recvmsg(struct guest_call *call);
int64_t guest_local_sendmmsg(struct guest_call *call);
int64_t guest_local_recvmmsg(struct guest_call *call);
int64_t guest_local_get(struct guest_call *call);
int64_t guest_local_set(struct guest_call *call);
int64_t guest_local_ioctl(struct guest_call *call);

/* buffer.c */
bool guest_buffer_ready(struct guest_runner *runner); /* there is a block for the next add */
void guest_buffer_add(struct guest_runner *runner, struct guest_buffer *b, const void *bytes,
                      size_t length);
void guest_buffer_drop(struct guest_runner *runner, struct guest_buffer *b, size_t length);
void guest_buffer_done(struct guest_runner *runner, struct guest_buffer *b);

/* wait.c */
void guest_wait_init(struct guest_runner *runner);
int guest_wait_park(struct guest_call *call);
void guest_wait_end(struct guest_runner *runner, struct guest_wait *wait);
void guest_wait_touch(struct guest_runner *runner, struct guest_socket *s);
void guest_wait_orphan(struct guest_runner *runner, struct guest_socket *s);
struct guest_wait *guest_wait_expired(struct guest_runner *runner, int64_t wall);
struct guest_wait *guest_wait_to_look_at(struct guest_runner *runner, int64_t wall);
void guest_wait_look_later(struct guest_runner *runner, struct guest_wait *wait, int64_t wall);
int64_t guest_wait_deadline(const struct guest_runner *runner);
void guest_wait_forget_program(struct guest_runner *runner, struct guest_program *program);
int guest_wait_time(struct guest_call *call, int option);

/* signal.c */
bool guest_signal_is_told(struct guest_runner *runner, pid_t thread); /* of a signal, or a stop */
bool guest_signal_waits(pid_t thread); /* natively, for something to read or poll */

/* frame.c */
struct guest_frame { /* where a thread goes on, if this was behind a call that a signal has ended */
    int number;
    uint64_t arguments[6];
    uint64_t at, place; /* its registers in memory; the place of the next instruction */
};
bool guest_frame_read(const struct guest_call *call, struct guest_frame *frame);
/* Would that call wait now? Its descriptor is borrowed for `call`. */
bool guest_frame_would_wait(struct guest_call *call, const struct guest_frame *frame);
void guest_frame_put_back(const struct guest_call *call, const struct guest_frame *frame);

/* call.c, and the functions of the table in trap.c */
void guest_call_receive(struct guest_runner *runner, struct guest_program *program);
void guest_call_settle(struct guest_runner *runner); /* parked calls of what was touched */
void guest_call_expire(struct guest_runner *runner, int64_t wall);
void guest_call_look(struct guest_runner *runner, int64_t wall); /* at signals of who waits */
int64_t guest_life_socket(struct guest_call *call);
int64_t guest_life_socketpair(struct guest_call *call);
int64_t guest_life_bind(struct guest_call *call);
int64_t guest_life_listen(struct guest_call *call);
int64_t guest_life_connect(struct guest_call *call);
int64_t guest_life_accept(struct guest_call *call);
int64_t guest_life_accept4(struct guest_call *call);
int64_t guest_life_shutdown(struct guest_call *call);
int64_t guest_life_getsockname(struct guest_call *call);
int64_t guest_life_getpeername(struct guest_call *call);
int64_t guest_message_sendto(struct guest_call *call);
int64_t guest_message_recvfrom(struct guest_call *call);
int64_t guest_message_sendmsg(struct guest_call *call);
int64_t guest_message_recvmsg(struct guest_call *call);
int64_t guest_message_sendmmsg(struct guest_call *call);
int64_t guest_message_recvmmsg(struct guest_call *call);
int guest_option_take_error(struct guest_call *call); /* @return positive; as SO_ERROR, told once */
int64_t guest_option_get(struct guest_call *call);
int64_t guest_option_set(struct guest_call *call);
int64_t guest_option_ioctl(struct guest_call *call);
bool guest_bpf_is(int level, int name);
int guest_bpf_set(struct guest_call *call, const void *value, uint32_t length);
int64_t guest_bpf_get(struct guest_call *call, uint32_t count); /* of instructions */
int64_t guest_option_prctl(struct guest_call *call);
int64_t guest_option_seccomp(struct guest_call *call);
int64_t guest_name_open(struct guest_call *call);
int64_t guest_name_openat(struct guest_call *call);
int64_t guest_name_openat2(struct guest_call *call);
int64_t guest_name_uname(struct guest_call *call);
/* Would an open() of this path wait, natively? */
bool guest_name_may_wait(const struct guest_call *call, int number, const uint64_t *arguments);
bool guest_name_is_resolver(const struct sockaddr_storage *address, int length);
int guest_name_init(struct guest_runner *runner);
void guest_name_done(struct guest_runner *runner);

/* ---- proc.c ---- */

/* GUEST_CONTINUE: it is none of the host's files */
int64_t guest_proc_open(struct guest_call *call, int directory, const char *path, uint64_t flags,
                        bool writes);
/* What was written to settings takes effect. */
void guest_proc_hear(struct guest_runner *runner);
void guest_proc_done(struct guest_runner *runner);

/* kin.c; sends a signal to all our descendants, or to those of a process group; `filtered_only`: no
 * others than programs. @return how many */
int guest_kin_kill(pid_t group, int signal, bool filtered_only);

/* warden.c */
enum guest_warden_files {
    GUEST_WARDEN_TEXT, /* its path, the arguments, the environment, each with its NUL */
    GUEST_WARDEN_INPUT,
    GUEST_WARDEN_OUTPUT,
    GUEST_WARDEN_ERROR,
    GUEST_WARDEN_TALK, /* the child tells its listener there; then why exec failed, if it did */
    GUEST_WARDEN_DIRECTORY,
    GUEST_WARDEN_FILES
};
struct guest_warden_order {
    uint64_t bytes; /* of the text */
    uint32_t arguments, environment;
    bool keep_group, has_directory, as_root;
};
int guest_warden_open(struct guest_runner *runner);
/* @return the pid of a child of the warden, or -errno */
int guest_warden_start(struct guest_runner *runner, const struct guest_warden_order *order,
                       const int files[GUEST_WARDEN_FILES]);
void guest_warden_hear(struct guest_runner *runner); /* who has ended */
void guest_warden_lost(struct guest_runner *runner);
void guest_warden_note_end(struct guest_runner *runner, pid_t pid, int status); /* of a program */
void guest_warden_close(struct guest_runner *runner);

/* root.c */
bool guest_root_is(const struct guest_runner *runner, int host); /* are its programs root? */
int64_t guest_root_getres(struct guest_call *call);
int64_t guest_root_capget(struct guest_call *call);
int64_t guest_root_drop(const struct guest_call *call);

/* program.c */
void guest_program_reap(struct guest_runner *runner);
void guest_program_listener_gone(struct guest_runner *runner, struct guest_program *p);
void guest_program_kill_all(struct guest_runner *runner);

/* report.c */
/* The call's address has no route: it got ENETUNREACH. */
void guest_report_unreached(const struct guest_call *call, const struct sockaddr_storage *address);
__attribute__((format(printf, 3, 4))) void guest_report_add(struct guest_runner *runner,
                                                            int program, const char *format, ...);
/* A call failed for want of something of ours. @return what the program is told: never EMFILE, as
 * if it were its own want */
int guest_report_want(struct guest_runner *runner, int program, const char *call, int error);
__attribute__((format(printf, 3, 4))) int guest_report_fail(struct guest_runner *runner, int error,
                                                            const char *format, ...);
