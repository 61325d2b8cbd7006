/* SPDX-License-Identifier: MIT */
/*
 * What the files of the runner share: the structs, and who offers what to whom.
 *
 *   runner    its part in a turn of the drive: who hears what; life          uses all below
 *   program   fork, filter, exec, log; signals, exits, the end
 *   call      a trapped call: from notification to answer; sockets' life calls
 *   message   send and receive calls that carry addresses, flags or control
 *   option    getsockopt, setsockopt, ioctl, prctl
 *   name      open() of the resolver's files, uname(), connect() to resolvers
 *   wait      calls that wait: parked notifications, tried again when their socket is touched
 *   stream    TCP: data and states between holder and lab
 *   datagram  UDP and ping: the same
 *   holder    the AF_UNIX sockets that programs hold
 *   socket    the table of sockets, and who has closed without telling
 *   target    memory and descriptors of the program; answers to the kernel
 *   filter    which calls are trapped
 *   report    what was refused; numbers
 *
 * Words: the *holder* is the AF_UNIX socket that the program has instead of its AF_INET socket; we
 * never keep a copy of it (last-close detection would die), we borrow it during a trapped call. The
 * *data end* is our end of it. The *lab socket* is the lab's descriptor that stands for it.
 */
#pragma once
#include <errno.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "guest/guest.h"

enum guest_limits {
    GUEST_PROGRAMS = 512,
    GUEST_PIDFDS = 64,        /* cached */
    GUEST_TOKENS = 16,        /* edges a listener is given for connections it has not accepted */
    GUEST_CHUNK = 65536,      /* bytes moved from a holder at a time */
    GUEST_PIECE = 4096,       /* bytes moved to a holder at a time: the window opens by the piece */
    GUEST_DATAGRAM = 65536,   /* most bytes of a datagram */
    GUEST_CONTROL = 1024,     /* most bytes of control messages */
    GUEST_OPTION = 4096,      /* most bytes of an option's value */
    GUEST_VECTORS = 1024,     /* UIO_MAXIOV */
    GUEST_COOKIES = 4096,     /* buckets */
    GUEST_TURN_CHUNKS = 2,    /* moved from a holder in one turn; the rest in another, soon */
    GUEST_UNFINISHED = 64,    /* sockets whose turn was cut short */
    GUEST_REPORTS = 256,      /* different lines of the report */
    GUEST_QUEUE = 256 * 1024, /* most bytes one trapped send may leave to be sent */
    GUEST_PROBE = 1000000,    /* ns: listeners are asked this often whether they live */
    GUEST_SWEEP = 1000000000  /* ns: and all that have no data end, and the parked calls */
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
    size_t from, length, size;
};

struct guest_socket {
    uint64_t handle; /* for epoll and parked calls: stays unequal after the slot's reuse */
    uint64_t cookie; /* SO_COOKIE of the holder: its identity */
    struct guest_socket *next_cookie;
    struct guest_socket
        *next_held;  /* accepted from the lab, but the program's accept() went away */
    int held_holder; /* the holder of such a one; else -1 */
    int host, fd;    /* the lab socket */
    int end;         /* the data end, or -1 */
    int program;     /* that made it */
    bool datagram;
    enum guest_phase phase;
    char path[sizeof((struct sockaddr_un){0}.sun_path)]; /* of a stream's holder */
    int error;            /* told by the lab, not yet to the program */
    pid_t thread, leader; /* who used the holder last, and by which number */
    int number;
    bool small; /* the holder's send buffer is the least: it was connecting */
    bool stale; /* the data end keeps a byte unread */
    size_t pad; /* bytes of pad in the holder while connecting */
    int tokens; /* in a listener's queue */
    int room;   /* truesize that may wait in the holder: a quarter of the data end's SO_SNDBUF */
    bool shut_write; /* the program shut it; lab told when fin_sent */
    bool fin_sent;
    bool shut_read;
    bool eof_given;          /* the peer's FIN was passed on */
    bool send_failed;        /* the lab takes no more */
    bool gone;               /* the program closed it; what it wrote is still going out */
    bool turning;            /* in its turn */
    bool unfinished;         /* and has more to do: in runner->unfinished */
    int out_flags;           /* MSG_MORE for what waits in out */
    struct guest_buffer out; /* from the program, not yet taken by the lab */
    struct guest_buffer in;  /* from the lab, not yet in the holder */
    /* datagrams: the one at the head of the holder, and the one in `in` */
    struct sockaddr_storage head_source, in_source;
    uint32_t head_source_length, in_source_length;
    bool out_full, in_full; /* a datagram waits in out or in (it may be empty) */
    uint32_t head_control_length, in_control_length;
    uint8_t head_control[GUEST_CONTROL], in_control[GUEST_CONTROL];
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
    bool is_forgotten; /* once it is gone, its place is free */
};

struct guest_call {
    struct guest_runner *runner;
    struct guest_program *program;
    struct seccomp_notif notif;
    struct guest_socket *socket; /* whose holder is borrowed as `fd`, or NULL */
    int fd;
    bool again;       /* it was parked, and is tried again */
    bool timed_out;   /* and its time is over */
    bool joined;      /* a connect() that waits for what another one began */
    int64_t deadline; /* of the wall clock; 0: not known yet */
};

/* A handler's result: a value, -errno, or one of these. */
enum guest_answer {
    GUEST_CONTINUE = 0x40000001, /* the kernel does the call natively */
    GUEST_WAIT,                  /* park it; try again when its socket is touched */
    GUEST_ANSWERED               /* it was, or its caller is gone */
};

struct guest_wait {
    struct guest_wait *next;
    uint64_t socket; /* handle */
    struct guest_call call;
};

struct guest_complaint {
    char program[32];
    char text[120];
    uint64_t count;
};

struct guest_pidfd {
    pid_t thread;
    int fd;
};

struct guest_slot {
    struct guest_socket *socket;
    uint32_t generation;
};

struct guest_file { /* a resolver's file that the programs see */
    const char *path;
    int fd; /* a memfd */
};
enum { GUEST_FILES = 3 };

struct guest_runner {
    struct sockeye *lab;
    struct drive *drive;
    int user; /* of the drive, or -1 */
    struct guest_config config;
    char directory[64];
    bool made_directory;
    char error[256];
    int signals, door, probe;
    struct sockaddr_un door_address;
    struct sock_filter *filter;
    unsigned filter_length;
    /* what guest_open changed */
    struct rlimit old_files;
    sigset_t old_mask;
    int old_subreaper;
    /* time */
    int64_t wait_deadline;
    int64_t last_probe, last_sweep;
    struct guest_statistics statistics;
    /* sockets */
    struct guest_slot *slots;
    size_t slot_count, slot_free;
    struct guest_socket *cookies[GUEST_COOKIES];
    uint64_t *by_fd[SOCKEYE_HOSTS]; /* handle by the lab's descriptor */
    size_t by_fd_count[SOCKEYE_HOSTS];
    uint64_t paths;
    uint64_t unfinished[GUEST_UNFINISHED]; /* handles of sockets whose turn was cut short */
    int unfinished_count;
    size_t listening, endless; /* sockets without a data end, of them listening */
    /* the rest */
    struct guest_program programs[GUEST_PROGRAMS];
    int program_count;
    struct guest_wait *waits;
    struct guest_pidfd pidfds[GUEST_PIDFDS];
    bool no_thread_pidfd;
    struct guest_file files[GUEST_FILES];
    struct guest_complaint *complaints;
    int complaint_count;
    uint8_t *scratch; /* GUEST_CHUNK + GUEST_DATAGRAM */
};

/* runner.c */
enum guest_watched { GUEST_IS_SIGNAL, GUEST_IS_LISTENER, GUEST_IS_SOCKET };
int guest_runner_watch(struct guest_runner *runner, int fd, uint32_t events,
                       enum guest_watched what, uint64_t which);

/* filter.c */
int guest_filter_build(struct sock_filter **filter, unsigned *length);
int guest_filter_install(const struct sock_filter *filter, unsigned length); /* @return listener */

/* target.c */
int guest_target_read(const struct guest_call *call, uint64_t address, void *bytes, size_t length);
int guest_target_write(const struct guest_call *call, uint64_t address, const void *bytes,
                       size_t length);
int guest_target_text(const struct guest_call *call, uint64_t address, char *text, size_t size);
int guest_target_borrow(struct guest_call *call, int fd);
int guest_target_borrow_again(struct guest_runner *runner, const struct guest_socket *s);
void guest_target_remember(const struct guest_call *call, struct guest_socket *s);
bool guest_target_waits(const struct guest_call *call); /* the caller still waits for the answer */
void guest_target_answer(const struct guest_call *call, int error, int64_t value);
int guest_target_continue(const struct guest_call *call);
int guest_target_give(const struct guest_call *call, int fd, bool cloexec); /* and answer with it */
int guest_target_replace(const struct guest_call *call, int fd, int by);
uint64_t guest_target_cookie(int fd);

/* socket.c */
struct guest_socket *guest_socket_add(struct guest_runner *runner, int host, int fd, bool datagram);
void guest_socket_remove(struct guest_runner *runner,
                         struct guest_socket *s); /* closes the lab socket too */
void guest_socket_name(struct guest_runner *runner, struct guest_socket *s, uint64_t cookie);
struct guest_socket *guest_socket_of_handle(const struct guest_runner *runner, uint64_t handle);
struct guest_socket *guest_socket_of_cookie(const struct guest_runner *runner, uint64_t cookie);
struct guest_socket *guest_socket_of_fd(const struct guest_runner *runner, int host, int fd);
void guest_socket_set_phase(struct guest_runner *runner, struct guest_socket *s,
                            enum guest_phase phase);
void guest_socket_turn(struct guest_runner *runner, struct guest_socket *s);
bool guest_socket_turn_again(struct guest_runner *runner,
                             struct guest_socket *s); /* later, but soon */
void guest_socket_finish_turns(struct guest_runner *runner);
bool guest_socket_is_closed(struct guest_runner *runner, const struct guest_socket *s);
void guest_socket_probe(struct guest_runner *runner, bool only_listeners);
void guest_socket_abort(struct guest_runner *runner, struct guest_socket *s); /* with a reset */

/* holder.c */
int guest_holder_open_door(struct guest_runner *runner);
int guest_holder_stream(struct guest_runner *runner, struct guest_socket *s); /* @return holder */
int guest_holder_pair(struct guest_runner *runner,
                      struct guest_socket *s); /* @return holder, connected */
int guest_holder_message(struct guest_runner *runner, struct guest_socket *s); /* @return holder */
int guest_holder_connect(struct guest_runner *runner, struct guest_socket *s, int holder);
int guest_holder_establish(struct guest_runner *runner, struct guest_socket *s);
void guest_holder_grow(struct guest_socket *s, int holder);
int guest_holder_add_token(struct guest_socket *s);
void guest_holder_take_token(struct guest_socket *s, int holder);
int guest_holder_waiting(int end);

/* stream.c, datagram.c */
void guest_stream_turn(struct guest_runner *runner, struct guest_socket *s);
void guest_stream_fail(struct guest_runner *runner, struct guest_socket *s, int error);
void guest_datagram_turn(struct guest_runner *runner, struct guest_socket *s);

/* buffers, in stream.c */
int guest_buffer_add(struct guest_buffer *b, const void *bytes, size_t length);
void guest_buffer_drop(struct guest_buffer *b, size_t length);
void guest_buffer_done(struct guest_buffer *b);

/* wait.c */
int guest_wait_park(struct guest_call *call);
void guest_wait_retry(struct guest_runner *runner, uint64_t socket);
void guest_wait_expire(struct guest_runner *runner, int64_t wall);
void guest_wait_sweep(struct guest_runner *runner);
void guest_wait_inherit(struct guest_call *call);
void guest_wait_forget(struct guest_runner *runner, int program, uint32_t thread);
int guest_wait_time(struct guest_call *call, int option);

/* call.c and the handlers of its table */
void guest_call_receive(struct guest_runner *runner, struct guest_program *program);
void guest_call_act(struct guest_call *call); /* once, or again; parks, answers */
bool guest_call_is_nonblocking(const struct guest_call *call, int flags);
int guest_call_read_address(const struct guest_call *call, uint64_t address, int64_t length,
                            struct sockaddr_storage *out);
int guest_call_write_address(const struct guest_call *call, uint64_t address, uint64_t length_at,
                             const void *bytes, uint32_t length);
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
int64_t guest_option_prctl(struct guest_call *call);
int64_t guest_option_seccomp(struct guest_call *call);
int64_t guest_name_open(struct guest_call *call);
int64_t guest_name_openat(struct guest_call *call);
int64_t guest_name_openat2(struct guest_call *call);
int64_t guest_name_uname(struct guest_call *call);
bool guest_name_is_resolver(const struct sockaddr_storage *address, int length);
int guest_name_init(struct guest_runner *runner);
void guest_name_done(struct guest_runner *runner);

/* program.c */
void guest_program_reap(struct guest_runner *runner);
void guest_program_listener_gone(struct guest_runner *runner, struct guest_program *p);
void guest_program_kill_all(struct guest_runner *runner);

/* report.c */
__attribute__((format(printf, 3, 4))) void guest_report_add(struct guest_runner *runner,
                                                            int program, const char *format, ...);
__attribute__((format(printf, 3, 4))) int guest_report_fail(struct guest_runner *runner, int error,
                                                            const char *format, ...);
