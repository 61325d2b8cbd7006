/* SPDX-License-Identifier: MIT */
/*
 * A script while it runs: the lab with its one host, the connection under test with the mapping
 * between the script's numbers and the real ones, what has come out, and the call that waits.
 *
 * run.c walks the events, and calls all that follow:
 *
 *   match       packets in, and packets out beside what is expected; lets time pass until they come
 *   time        the moments of the lab: packets that came out are taken, the waiting call is tried
 *   call        socket calls, with poll and message for those of many arguments
 *   host        commands that set the host
 *   code        Python assertions, for python3
 *   version     over which version of IP, and what follows from it
 *
 * These stand below, and call nothing above them: socket (descriptors), value (arguments), name
 * (addresses of sockets), packet and packet_text (bytes and words of a packet), event_time (when an
 * event may happen), report (what is said).
 */
#pragma once
#include <netinet/in.h>
#include "drill/ast.h"
#include "sockeye/address.h"
#include "sockeye/sockeye.h"

/* Where scripts take place unless they say otherwise. */
#define DRILL_LOCAL_IP UINT32_C(0xc0a80001)  /* 192.168.0.1 */
#define DRILL_REMOTE_IP UINT32_C(0xc0000201) /* 192.0.2.1 */
#define DRILL_LOCAL_IP6 "fd3d:a0b:17d6::1"
#define DRILL_REMOTE_IP6 "fd3d:fa7b:d17d::1"

enum drill_limits {
    DRILL_SOCKETS = 64,
    DRILL_STAMPS = 4096,                          /* timestamps of a connection that are mapped */
    DRILL_PACKET_BYTES = 65535,                   /* bytes of one packet, and of a payload */
    DRILL_PACKET_ROOM = DRILL_PACKET_BYTES + 128, /* with headers */
    DRILL_LEAST_MTU = 68,                         /* RFC 791 3.2 */
    DRILL_MOMENTS = 10000000,                     /* of one script */
    DRILL_WATCHES = 16,                           /* of one epoll instance */
    DRILL_PORT = 8080,                            /* where a script says ... */
    DRILL_FIRST_REMOTE_PORT = 40000
};

enum drill_socket_kind { DRILL_FREE, DRILL_SOCKET, DRILL_EPOLL };

struct drill_watch {
    int fd; /* live */
    uint32_t events;
    int64_t data;
    bool used, touched, disabled;
};

struct drill_socket {
    enum drill_socket_kind kind;
    int fd, live; /* the script's number, the host's */
    int protocol;
    bool nonblocking;
    struct drill_watch watch[DRILL_WATCHES];
};

/* The connection that packets of the script belong to. */
struct drill_flow {
    bool listening;  /* the next packet in begins it */
    bool connecting; /* the next packet out begins it */
    bool exists;
    int protocol;
    int socket; /* index of its socket, -1 */
    uint16_t local_port, remote_port;
    bool has_local_isn, has_remote_isn;
    uint32_t script_local_isn, live_local_isn, script_remote_isn, live_remote_isn;
    uint32_t script_stamp[DRILL_STAMPS], live_stamp[DRILL_STAMPS];
    int64_t stamp_time[DRILL_STAMPS];
    int stamps;
};

struct drill_emitted {
    struct drill_emitted *next;
    int64_t when;
    size_t length;
    uint8_t bytes[];
};

enum { CALL_WAIT = INT32_MIN, CALL_BROKEN = INT32_MIN + 1 };

struct drill_run;

struct drill_call {
    struct drill_event *event;
    int64_t (*attempt)(struct drill_run *run, struct drill_call *call);
    int64_t base;     /* of the event's times */
    int64_t deadline; /* of poll, epoll_wait; -1: none */
    int64_t progress;
    int64_t finished; /* lab time */
    int64_t result;
    bool active, started, done;
};

struct drill_run {
    struct drill_script *script;
    const struct drill_options *options;
    FILE *report;
    enum drill_result result;
    struct sockeye *lab;
    int host, door;
    bool is_six;       /* packets are of IPv6 */
    bool has_sockets6; /* `...` is AF_INET6: also over IPv4, by mapped addresses */
    struct address local_ip, remote_ip;
    uint32_t mtu, mss;
    int64_t origin; /* lab time of the script's 0 */
    int64_t base;   /* lab time that the next relative time counts from */
    int64_t tolerance;
    int64_t tick; /* of TCP timestamps; 0: not checked */
    bool strict_segments;
    struct drill_socket socket[DRILL_SOCKETS];
    struct drill_flow flow;
    int line, moments; /* of the event that goes on; of the lab so far */
    uint16_t next_remote_port;
    struct drill_emitted *first, *last; /* came out, not yet expected */
    struct drill_call call;             /* the one that may wait */
    bool held;                          /* it is not tried now */
    uint8_t *zero;                      /* what is written and sent */
    uint8_t *scratch;                   /* what is read */
    FILE *code;                         /* the Python program, in memory */
    char *code_text;
    size_t code_length;
    int codes;
};

/* report.c. Both say FILE:LINE: ... to the report, once; the first stays the result. */
void drill_fail(struct drill_run *run, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void drill_unsupported(struct drill_run *run, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void drill_say(struct drill_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* time.c. Lets what is due now happen, with the microsecond that a wire takes. */
void drill_settle(struct drill_run *run);
/* Lets time pass up to `time`, packets come out, and the waiting call go on. */
void drill_advance(struct drill_run *run, int64_t time);
/* Takes what came out of the door. */
void drill_collect(struct drill_run *run);

/* event_time.c */
double drill_seconds(const struct drill_run *run, int64_t time); /* since the script's 0 */
bool drill_is_in_time(const struct drill_run *run, const struct drill_event *event, int64_t base,
                      int64_t when);
/* "expected at 0.100000", or "... to 0.200000", for people. */
void drill_expected_time(const struct drill_run *run, const struct drill_event *event, int64_t base,
                         char *text, size_t size);

/* call.c: makes the call of an event; if it must wait, run->call is active. */
void drill_call_begin(struct drill_run *run, struct drill_event *event, int64_t base);
/* Tries the waiting call again. */
void drill_call_again(struct drill_run *run);
/* socket.c. Both NULL: no such one, no room. */
struct drill_socket *drill_socket_find(struct drill_run *run, int script_fd);
struct drill_socket *drill_socket_add(struct drill_run *run, enum drill_socket_kind kind,
                                      int script_fd, int live);
/* value.c */
bool drill_value(struct drill_run *run, const struct drill_node *node, int64_t *value);
const struct drill_node *drill_field(const struct drill_node *record, const char *name);
/* poll.c */
int64_t drill_poll(struct drill_run *run, struct drill_call *call);
int64_t drill_epoll_create(struct drill_run *run, struct drill_call *call);
int64_t drill_epoll_ctl(struct drill_run *run, struct drill_call *call);
int64_t drill_epoll_wait(struct drill_run *run, struct drill_call *call);
void drill_epoll_forget(struct drill_run *run, int live); /* it is closed */
/* name.c */
union drill_name {
    sa_family_t family;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
};
/* An address and the usual port, as a socket call takes them. @return its length */
uint32_t drill_name(const struct drill_run *run, struct address ip, union drill_name *name);
/* What a script writes; `...` stands for `ip` and the usual port; 0 after saying why not. */
uint32_t drill_name_of(struct drill_run *run, const struct drill_node *node, struct address ip,
                       union drill_name *name);
uint16_t drill_name_port(const union drill_name *name);
/* version.c: before any other setting, which it is the ground of. */
void drill_version(struct drill_run *run);
/* message.c */
int64_t drill_sendmsg(struct drill_run *run, struct drill_call *call);
int64_t drill_recvmsg(struct drill_run *run, struct drill_call *call);

/* packet.c */
/* Bytes of a packet with all numbers real. @return its length; 0: it is longer than packets are */
size_t drill_packet_write(const struct drill_run *run, const struct drill_packet *packet,
                          uint8_t bytes[DRILL_PACKET_ROOM]);
struct drill_ports {
    uint16_t source, dest;
};
/* Reads a packet that came out. @return NULL, or what is wrong with it */
const char *drill_packet_read(struct drill_packet *packet, struct drill_ports *ports,
                              const uint8_t *bytes, size_t length);
/* As a script would write it. */
void drill_packet_text(const struct drill_packet *packet, char *text, size_t size);

/* match.c */
void drill_inbound(struct drill_run *run, struct drill_event *event);
void drill_outbound(struct drill_run *run, struct drill_event *event, int64_t base);

/* host.c: a command that sets the host; before the first event, `early` ones only. */
void drill_command(struct drill_run *run, struct drill_event *event);
void drill_scan_commands(struct drill_run *run); /* the MTU must be known before the host is made */

/* code.c */
void drill_code(struct drill_run *run, struct drill_event *event);
void drill_code_finish(struct drill_run *run);
