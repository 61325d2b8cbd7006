/* SPDX-License-Identifier: MIT */
/*
 * A script while it runs: the lab with its one host, the connection under test with the mapping
 * between the script's numbers and the real ones, what has come out, and the call that waits.
 *
 * script_run.c drives time and events; script_call.c makes socket calls; script_packet.c turns
 * packets to bytes and back; script_match.c compares; script_host.c obeys commands;
 * script_code.c hands Python assertions to python3.
 */
#pragma once
#include "lab/script_ast.h"
#include "sockeye/sockeye.h"

enum run_limits {
    RUN_SOCKETS = 64,
    RUN_STAMPS = 4096,  /* timestamps of a connection that are mapped */
    RUN_PACKET = 65535, /* bytes of one packet */
    RUN_WATCHES = 16,   /* of one epoll instance */
    RUN_PORT = 8080,    /* where a script says ... */
    RUN_FIRST_REMOTE_PORT = 40000
};

enum run_socket_kind { RUN_FREE, RUN_SOCKET, RUN_EPOLL };

struct run_watch {
    int fd; /* live */
    uint32_t events;
    int64_t data;
    bool used, touched, disabled;
};

struct run_socket {
    enum run_socket_kind kind;
    int fd, live; /* the script's number, the host's */
    int protocol;
    bool nonblocking;
    struct run_watch watch[RUN_WATCHES];
};

/* The connection that packets of the script belong to. */
struct run_flow {
    bool listening;  /* the next packet in begins it */
    bool connecting; /* the next packet out begins it */
    bool exists;
    int protocol;
    int socket; /* index of its socket, -1 */
    uint16_t local_port, remote_port;
    bool has_local_isn, has_remote_isn;
    uint32_t script_local_isn, live_local_isn, script_remote_isn, live_remote_isn;
    uint32_t script_stamp[RUN_STAMPS], live_stamp[RUN_STAMPS];
    int64_t stamp_time[RUN_STAMPS];
    int stamps;
};

struct run_emitted {
    struct run_emitted *next;
    int64_t when;
    size_t length;
    uint8_t bytes[];
};

enum { CALL_WAIT = INT32_MIN, CALL_BROKEN = INT32_MIN + 1 };

struct run;

struct run_call {
    struct script_event *event;
    int64_t (*attempt)(struct run *run, struct run_call *call);
    int64_t base;     /* of the event's times */
    int64_t deadline; /* of poll, epoll_wait; -1: none */
    int64_t progress;
    int64_t finished; /* lab time */
    int64_t result;
    bool active, started, done;
};

struct run {
    struct script *script;
    const struct script_options *options;
    FILE *report;
    enum script_result result;
    struct sockeye *lab;
    int host, door;
    uint8_t local_ip[4], remote_ip[4];
    uint32_t mtu, mss;
    int64_t origin; /* lab time of the script's 0 */
    int64_t base;   /* lab time that the next relative time counts from */
    int64_t tolerance;
    int64_t tick; /* of TCP timestamps; 0: not checked */
    bool strict_segments;
    struct run_socket socket[RUN_SOCKETS];
    struct run_flow flow;
    uint16_t next_remote_port;
    struct run_emitted *first, *last; /* came out, not yet expected */
    struct run_call call;             /* the one that may wait */
    bool held;                        /* it is not tried now */
    uint8_t *zero;                    /* what is written and sent */
    uint8_t *scratch;                 /* what is read */
    FILE *code;                       /* the Python program, in memory */
    char *code_text;
    size_t code_length;
    int codes;
};

/* Both say FILE:LINE: ... to the report, once; the first stays the result. */
void run_fail(struct run *run, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void run_unsupported(struct run *run, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void run_say(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Lets what is due now happen, with the microsecond that a wire takes. */
void run_settle(struct run *run);
/* Lets time pass up to `time`, packets come out, and the waiting call go on. */
void run_advance(struct run *run, int64_t time);
/* Takes what came out of the door. */
void run_collect(struct run *run);
double run_seconds(const struct run *run, int64_t time); /* since the script's 0 */

/* script_call.c: makes the call of an event; if it must wait, run->call is active. */
void run_call_begin(struct run *run, struct script_event *event, int64_t base);
/* Tries the waiting call again. */
void run_call_again(struct run *run);
struct run_socket *run_socket_find(struct run *run, int script_fd);
/* script_call_values.c */
bool run_value(struct run *run, const struct script_node *node, int64_t *value);
const struct script_node *run_field(const struct script_node *record, const char *name);
/* script_poll.c */
int64_t run_poll(struct run *run, struct run_call *call);
int64_t run_epoll_create(struct run *run, struct run_call *call);
int64_t run_epoll_ctl(struct run *run, struct run_call *call);
int64_t run_epoll_wait(struct run *run, struct run_call *call);
/* script_message.c */
int64_t run_sendmsg(struct run *run, struct run_call *call);
int64_t run_recvmsg(struct run *run, struct run_call *call);

/* script_packet.c */
/* Bytes of a packet with all numbers real. @return its length */
size_t run_packet_write(const struct run *run, const struct script_packet *packet, uint8_t *bytes,
                        size_t size);
struct run_ports {
    uint16_t source, dest;
};
/* Reads a packet that came out. @return NULL, or what is wrong with it */
const char *run_packet_read(struct script_packet *packet, struct run_ports *ports,
                            const uint8_t *bytes, size_t length);
/* As a script would write it. */
void run_packet_text(const struct script_packet *packet, char *text, size_t size);

/* script_match.c */
void run_inbound(struct run *run, struct script_event *event);
void run_outbound(struct run *run, struct script_event *event, int64_t base);
bool run_is_in_time(const struct run *run, const struct script_event *event, int64_t base,
                    int64_t when);

/* script_host.c: a command that sets the host; before the first event, `early` ones only. */
void run_command(struct run *run, struct script_event *event);
void run_scan_commands(struct run *run); /* the MTU must be known before the host is made */

/* script_code.c */
void run_code(struct run *run, struct script_event *event);
void run_code_finish(struct run *run);
