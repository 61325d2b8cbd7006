/* SPDX-License-Identifier: MIT */
/*
 * What the files of the runner share: the structs, and who offers what to whom.
 *
 *   run_loop      the turn: epoll, time, lateness, delivery of readiness       uses all below
 *   run_program   fork, filter, exec, log; signals, exits, the end
 *   run_call      a trapped call: from notification to answer; sockets' life calls
 *   run_message   send and receive calls that carry addresses, flags or control
 *   run_option    getsockopt, setsockopt, ioctl, prctl
 *   run_name      open() of the resolver's files, uname(), connect() to resolvers
 *   run_wait      calls that wait: parked notifications, tried again when their socket is touched
 *   run_stream    TCP: data and states between holder and lab
 *   run_datagram  UDP and ping: the same
 *   run_holder    the AF_UNIX sockets that programs hold
 *   run_socket    the table of sockets, and who has closed without telling
 *   run_target    memory and descriptors of the program; answers to the kernel
 *   run_filter    which calls are trapped
 *   run_report    what was refused; numbers
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

#include "7-application/run.h"

enum run_limits {
    RUN_PROGRAMS = 512,
    RUN_WATCHES = 64,
    RUN_PIDFDS = 64,        /* cached */
    RUN_TOKENS = 16,        /* edges a listener is given for connections it has not accepted */
    RUN_CHUNK = 65536,      /* bytes moved from a holder at a time */
    RUN_PIECE = 4096,       /* bytes moved to a holder at a time: the window opens by the piece */
    RUN_DATAGRAM = 65536,   /* most bytes of a datagram */
    RUN_CONTROL = 1024,     /* most bytes of control messages */
    RUN_OPTION = 4096,      /* most bytes of an option's value */
    RUN_VECTORS = 1024,     /* UIO_MAXIOV */
    RUN_COOKIES = 4096,     /* buckets */
    RUN_TURN_CHUNKS = 2,    /* moved from a holder in one turn; the rest in another, soon */
    RUN_TURN_CHANGES = 16,  /* of the lab delivered at a time, likewise */
    RUN_EVENTS = 64,        /* of one turn */
    RUN_REPORTS = 256,      /* different lines of the report */
    RUN_QUEUE = 256 * 1024, /* most bytes one trapped send may leave to be sent */
    RUN_AHEAD = 50000,      /* ns: events are run so much before their time */
    RUN_SLIP = 100000000,   /* ns behind: lab time slips */
    RUN_PROBE = 1000000,    /* ns: listeners are asked this often whether they live */
    RUN_SWEEP = 1000000000, /* ns: and all that have no data end, and the parked calls */
    RUN_LATENESS = 64 * 16  /* classes */
};

enum run_phase {
    RUN_FRESH,      /* made, perhaps bound; no data end */
    RUN_LISTENING,  /* no data end; tokens in its queue for what the lab can accept */
    RUN_CONNECTING, /* the holder is full of pad bytes, so neither readable nor writable */
    RUN_OPEN,       /* data flows */
    RUN_FAILED,     /* the connection was not made; no data end */
    RUN_RESET       /* the data end was closed over an unread byte: the program sees a reset */
};

struct run_buffer {
    uint8_t *bytes;
    size_t from, length, size;
};

struct run_socket {
    uint64_t handle; /* for epoll and parked calls: stays unequal after the slot's reuse */
    uint64_t cookie; /* SO_COOKIE of the holder: its identity */
    struct run_socket *next_cookie;
    struct run_socket *next_held; /* accepted from the lab, but the program's accept() went away */
    int held_holder;              /* the holder of such a one; else -1 */
    int host, fd;                 /* the lab socket */
    int end;                      /* the data end, or -1 */
    int program;                  /* that made it */
    bool datagram;
    enum run_phase phase;
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
    bool eof_given;        /* the peer's FIN was passed on */
    bool send_failed;      /* the lab takes no more */
    bool gone;             /* the program closed it; what it wrote is still going out */
    bool turning;          /* in its turn */
    bool unfinished;       /* and has more to do: in runner->unfinished */
    int out_flags;         /* MSG_MORE for what waits in out */
    struct run_buffer out; /* from the program, not yet taken by the lab */
    struct run_buffer in;  /* from the lab, not yet in the holder */
    /* datagrams: the one at the head of the holder, and the one in `in` */
    struct sockaddr_storage head_source, in_source;
    uint32_t head_source_length, in_source_length;
    bool out_full, in_full; /* a datagram waits in out or in (it may be empty) */
    uint32_t head_control_length, in_control_length;
    uint8_t head_control[RUN_CONTROL], in_control[RUN_CONTROL];
};

struct run_program {
    int number, host;
    char hostname[65];
    char name[32];
    pid_t pid;
    bool own_group;
    int pidfd;    /* -1 once it has ended */
    int listener; /* the kernel's notifications; -1 once nobody is left */
    int status;
    enum runner_state state;
    bool is_forgotten; /* once it is gone, its place is free */
};

struct run_call {
    struct runner *runner;
    struct run_program *program;
    struct seccomp_notif notif;
    struct run_socket *socket; /* whose holder is borrowed as `fd`, or NULL */
    int fd;
    bool again;       /* it was parked, and is tried again */
    bool timed_out;   /* and its time is over */
    bool joined;      /* a connect() that waits for what another one began */
    int64_t deadline; /* of the wall clock; 0: not known yet */
};

/* A handler's result: a value, -errno, or one of these. */
enum run_answer {
    RUN_CONTINUE = 0x40000001, /* the kernel does the call natively */
    RUN_WAIT,                  /* park it; try again when its socket is touched */
    RUN_ANSWERED               /* it was, or its caller is gone */
};

struct run_wait {
    struct run_wait *next;
    uint64_t socket; /* handle */
    struct run_call call;
};

struct run_watch {
    int fd;
    runner_watcher *watcher;
    void *context;
};

struct run_complaint {
    char program[32];
    char text[120];
    uint64_t count;
};

struct run_pidfd {
    pid_t thread;
    int fd;
};

struct run_slot {
    struct run_socket *socket;
    uint32_t generation;
};

struct run_file { /* a resolver's file that the programs see */
    const char *path;
    int fd; /* a memfd */
};
enum { RUN_FILES = 3 };

struct runner {
    struct sockeye *lab;
    struct runner_config config;
    char directory[64];
    bool made_directory;
    char error[256];
    int epoll, signals, door, probe;
    struct sockaddr_un door_address;
    struct sock_filter *filter;
    unsigned filter_length;
    /* what runner_open changed */
    struct rlimit old_files;
    sigset_t old_mask;
    unsigned long old_slack;
    int old_subreaper;
    /* time */
    int64_t start, slipped;
    int64_t hook_deadline, wait_deadline;
    int64_t last_probe, last_sweep;
    uint32_t lateness[RUN_LATENESS];
    struct runner_statistics statistics;
    /* sockets */
    struct run_slot *slots;
    size_t slot_count, slot_free;
    struct run_socket *cookies[RUN_COOKIES];
    uint64_t *by_fd[SOCKEYE_HOSTS]; /* handle by the lab's descriptor */
    size_t by_fd_count[SOCKEYE_HOSTS];
    uint64_t paths;
    uint64_t unfinished[RUN_EVENTS]; /* handles of sockets whose turn was cut short */
    int unfinished_count;
    bool undelivered;          /* the lab has more changes to tell */
    size_t listening, endless; /* sockets without a data end, of them listening */
    /* the rest */
    struct run_program programs[RUN_PROGRAMS];
    int program_count;
    struct run_wait *waits;
    struct run_watch watches[RUN_WATCHES];
    struct run_pidfd pidfds[RUN_PIDFDS];
    bool no_thread_pidfd;
    struct run_file files[RUN_FILES];
    struct run_complaint *complaints;
    int complaint_count;
    uint8_t *scratch; /* RUN_CHUNK + RUN_DATAGRAM */
};

enum run_watched { RUN_IS_SIGNAL, RUN_IS_LISTENER, RUN_IS_SOCKET, RUN_IS_WATCH };
int run_loop_watch(struct runner *runner, int fd, uint32_t events, enum run_watched what,
                   uint64_t which);
int64_t run_loop_wall(void);
void run_loop_advance(struct runner *runner);

/* run_filter */
int run_filter_build(struct sock_filter **filter, unsigned *length);
int run_filter_install(const struct sock_filter *filter, unsigned length); /* @return listener */

/* run_target */
int run_target_read(const struct run_call *call, uint64_t address, void *bytes, size_t length);
int run_target_write(const struct run_call *call, uint64_t address, const void *bytes,
                     size_t length);
int run_target_text(const struct run_call *call, uint64_t address, char *text, size_t size);
int run_target_borrow(struct run_call *call, int fd);
int run_target_borrow_again(struct runner *runner, const struct run_socket *s);
void run_target_remember(const struct run_call *call, struct run_socket *s);
bool run_target_waits(const struct run_call *call); /* the caller still waits for the answer */
void run_target_answer(const struct run_call *call, int error, int64_t value);
int run_target_continue(const struct run_call *call);
int run_target_give(const struct run_call *call, int fd, bool cloexec); /* and answer with it */
int run_target_replace(const struct run_call *call, int fd, int by);
uint64_t run_target_cookie(int fd);

/* run_socket */
struct run_socket *run_socket_add(struct runner *runner, int host, int fd, bool datagram);
void run_socket_remove(struct runner *runner, struct run_socket *s); /* closes the lab socket too */
void run_socket_name(struct runner *runner, struct run_socket *s, uint64_t cookie);
struct run_socket *run_socket_of_handle(const struct runner *runner, uint64_t handle);
struct run_socket *run_socket_of_cookie(const struct runner *runner, uint64_t cookie);
struct run_socket *run_socket_of_fd(const struct runner *runner, int host, int fd);
void run_socket_set_phase(struct runner *runner, struct run_socket *s, enum run_phase phase);
void run_socket_turn(struct runner *runner, struct run_socket *s);
bool run_socket_turn_again(struct runner *runner, struct run_socket *s); /* later, but soon */
void run_socket_finish_turns(struct runner *runner);
bool run_socket_is_closed(struct runner *runner, const struct run_socket *s);
void run_socket_probe(struct runner *runner, bool only_listeners);
void run_socket_abort(struct runner *runner, struct run_socket *s); /* with a reset */

/* run_holder */
int run_holder_open_door(struct runner *runner);
int run_holder_stream(struct runner *runner, struct run_socket *s);  /* @return holder */
int run_holder_pair(struct runner *runner, struct run_socket *s);    /* @return holder, connected */
int run_holder_message(struct runner *runner, struct run_socket *s); /* @return holder */
int run_holder_connect(struct runner *runner, struct run_socket *s, int holder);
int run_holder_establish(struct runner *runner, struct run_socket *s);
void run_holder_grow(struct run_socket *s, int holder);
int run_holder_add_token(struct run_socket *s);
void run_holder_take_token(struct run_socket *s, int holder);
int run_holder_waiting(int end);

/* run_stream, run_datagram */
void run_stream_turn(struct runner *runner, struct run_socket *s);
void run_stream_fail(struct runner *runner, struct run_socket *s, int error);
void run_datagram_turn(struct runner *runner, struct run_socket *s);

/* run_buffer (in run_stream) */
int run_buffer_add(struct run_buffer *b, const void *bytes, size_t length);
void run_buffer_drop(struct run_buffer *b, size_t length);
void run_buffer_done(struct run_buffer *b);

/* run_wait */
int run_wait_park(struct run_call *call);
void run_wait_retry(struct runner *runner, uint64_t socket);
void run_wait_expire(struct runner *runner, int64_t wall);
void run_wait_sweep(struct runner *runner);
void run_wait_inherit(struct run_call *call);
void run_wait_forget(struct runner *runner, int program, uint32_t thread);
int run_wait_time(struct run_call *call, int option);

/* run_call and the handlers of its table */
void run_call_receive(struct runner *runner, struct run_program *program);
void run_call_act(struct run_call *call); /* once, or again; parks, answers */
bool run_call_is_nonblocking(const struct run_call *call, int flags);
int run_call_read_address(const struct run_call *call, uint64_t address, int64_t length,
                          struct sockaddr_storage *out);
int run_call_write_address(const struct run_call *call, uint64_t address, uint64_t length_at,
                           const void *bytes, uint32_t length);
int64_t run_message_sendto(struct run_call *call);
int64_t run_message_recvfrom(struct run_call *call);
int64_t run_message_sendmsg(struct run_call *call);
int64_t run_message_recvmsg(struct run_call *call);
int64_t run_message_sendmmsg(struct run_call *call);
int64_t run_message_recvmmsg(struct run_call *call);
int run_option_take_error(struct run_call *call); /* @return positive; as SO_ERROR, told once */
int64_t run_option_get(struct run_call *call);
int64_t run_option_set(struct run_call *call);
int64_t run_option_ioctl(struct run_call *call);
int64_t run_option_prctl(struct run_call *call);
int64_t run_option_seccomp(struct run_call *call);
int64_t run_name_open(struct run_call *call);
int64_t run_name_openat(struct run_call *call);
int64_t run_name_openat2(struct run_call *call);
int64_t run_name_uname(struct run_call *call);
bool run_name_is_resolver(const struct sockaddr_storage *address, int length);
int run_name_init(struct runner *runner);
void run_name_done(struct runner *runner);

/* run_program */
void run_program_reap(struct runner *runner);
void run_program_listener_gone(struct runner *runner, struct run_program *p);
void run_program_kill_all(struct runner *runner);

/* run_report */
__attribute__((format(printf, 3, 4))) void run_report_add(struct runner *runner, int program,
                                                          const char *format, ...);
__attribute__((format(printf, 3, 4))) int run_report_fail(struct runner *runner, int error,
                                                          const char *format, ...);
void run_report_late(struct runner *runner, int64_t late);
