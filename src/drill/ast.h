/* SPDX-License-Identifier: MIT */
/*
 * A script as data: events in their order, each a call, a packet, a command or Python code.
 * parser.c makes it; script.c gives it memory, and drill_free frees all of it at once. Numbers of
 * packets are the script's own (relative), times are nanoseconds.
 */
#pragma once
#include "drill/drill.h"

enum drill_node_kind {
    NODE_INTEGER,  /* integer */
    NODE_TEXT,     /* text, length: a string literal, escapes resolved */
    NODE_NAME,     /* text: a constant, or NULL */
    NODE_ELLIPSIS, /* ... */
    NODE_LIST,     /* [a, b] */
    NODE_RECORD,   /* {a = b, c(d) = e} of NODE_FIELD, or of values */
    NODE_FIELD,    /* text = child[0]; with an argument in parentheses: child[1] */
    NODE_OR,       /* a | b | c */
    NODE_CALL      /* text(child...) : htons(80) */
};

enum { NODE_CHILDREN = 32, DRILL_MOST_SECONDS = 1000000000 /* of one script, 31 years */ };

struct drill_node {
    enum drill_node_kind kind;
    int line;
    int64_t integer;
    const char *text;
    size_t length;
    int count;
    struct drill_node **child; /* room for NODE_CHILDREN, or NULL: it has none */
};

enum drill_option_kind {
    OPTION_EOL,
    OPTION_NOP,
    OPTION_MSS,
    OPTION_WSCALE,
    OPTION_SACK_OK,
    OPTION_SACK,
    OPTION_TIMESTAMPS,
    OPTION_FAST_OPEN,              /* kind 34 */
    OPTION_FAST_OPEN_EXPERIMENTAL, /* kind 254, 0xF989 */
    OPTION_ACCECN0,                /* kind 172: e0b ceb e1b */
    OPTION_ACCECN1,                /* kind 174: e1b ceb e0b */
    OPTION_OTHER                   /* kind in value[0], bytes; only of packets that came out */
};

struct drill_option {
    enum drill_option_kind kind;
    uint32_t value[8]; /* mss; wscale; val, ecr; left and right edges; counters in wire order */
    int count;         /* of values */
    uint8_t bytes[40]; /* cookie */
    int length;
};

enum { PACKET_OPTIONS = 40 };

enum drill_ecn { ECN_ANY = -1, ECN_NONE = 0, ECN_ECT1 = 1, ECN_ECT0 = 2, ECN_CE = 3, ECN_ECT = 4 };

struct drill_packet {
    bool inbound;
    int protocol; /* 1 (58: of IPv6), 6, 17 */
    int ecn;      /* enum drill_ecn */
    int ttl, tos; /* -1: not given */
    /* TCP */
    unsigned flags; /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, AE 256 */
    uint32_t seq, ack, payload;
    bool has_window, has_ack, any_options;
    uint32_t window, urgent;
    struct drill_option option[PACKET_OPTIONS];
    int options;
    /* ICMP; a word of a script may mean something in either version, or in one of them */
    int type, code;   /* of IPv4, until the version is known; -1: there is none */
    int type6, code6; /* of IPv6 */
    uint32_t mtu;
    bool has_quote;
    int quote_protocol;
    uint32_t quote_seq, quote_payload;
};

enum drill_event_kind { DRILL_CALL, DRILL_PACKET, DRILL_COMMAND, DRILL_CODE };
enum drill_time_kind { TIME_ABSOLUTE, TIME_RELATIVE, TIME_ANY };

struct drill_event {
    struct drill_event *next;
    int line;
    enum drill_event_kind kind;
    enum drill_time_kind time_kind;
    int64_t time, end; /* end: of a range, from the same base; -1: no range */
    bool blocking;     /* the range is "...": a call that starts at time and returns at end */
    const char *text;  /* name of the call; command; code */
    struct drill_node *arguments; /* NODE_LIST */
    struct drill_node *result;
    const char *result_errno; /* NULL: not said */
    struct drill_packet *packet;
};

struct drill_setting {
    struct drill_setting *next;
    int line;
    const char *name, *value; /* --name=value, value "" without one */
};

struct drill_block;

struct drill_script {
    const char *path;
    int64_t time; /* no later than this: the sum of all times in it */
    struct drill_event *first, *last;
    struct drill_setting *settings;
    struct drill_block *blocks; /* memory of all of it */
    int error_line;
    char error[256];
};

/* Reads a whole script. @return 0, or -1 with error_line and error set */
int drill_parse(struct drill_script *script, const char *path, const struct drill_options *options);
/* The same from memory (it is copied). */
int drill_parse_text(struct drill_script *script, const char *path, const char *text, size_t length,
                     const struct drill_options *options);
void drill_free(struct drill_script *script);
/* Memory that lives as long as the script, zeroed; NULL when there is none. */
void *drill_allocate(struct drill_script *script, size_t size);

/* A constant of the socket interface by name. @return false if there is none */
bool drill_constant(const char *name, int64_t *value);
/* "EAGAIN" for 11; NULL if unknown. */
const char *drill_errno_name(int number);
bool drill_errno(const char *name, int *number);
