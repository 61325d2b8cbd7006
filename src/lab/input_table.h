/* SPDX-License-Identifier: MIT */
/*
 * The one table of inputs: a row for each way to change a lab from outside. The door, the record,
 * the replay and the trace follow from it, and none of them knows a kind. PART is what builds and
 * drives a lab; CALL is a socket call, at a host. The columns:
 *
 *     kind       its place is its number in records, so new rows go to the end
 *     name       of a call, as a trace shows it; its code is the function run_<name> in
 *                input_table.c, which says what the numbers and bytes are
 *     numbers    how many, at most INPUT_NUMBERS
 *     in, out    how many parts of bytes go in and come out, at most INPUT_PARTS each way
 *     logged     an input that changed nothing (a receive that would wait) is not written down
 *     settles    who is settled when it has run: the node or the ends of the wire `at`, or nobody;
 *                after a call always its host
 *     kept       of a call: the record holds all bytes that went in, or those that were taken
 *
 * So a new socket call is a row with its code, and a function of the door (door_calls.c) that puts
 * its arguments into an input.
 */
#pragma once
#include <stdint.h>
#include <sys/types.h>

#include "base/time.h"

struct lab;
struct input;
struct call_host;

/* clang-format off */
#define INPUT_ROWS(PART, CALL)                                                                    \
    /*   kind                   name             numbers,   logged            settles */          \
    PART(INPUT_HOST,             host,            0, 1, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_WIRE,             wire,            0, 3, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_WIRE_CHANGE,      wire_change,     1, 1, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_WIRE_LINK,        wire_link,       3, 0, 0,   LOG_ALWAYS,       lab_settle_wire)   \
    PART(INPUT_DOOR,             door,            2, 1, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_INTERFACE,        interface,       2, 2, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_ADDRESS,          address,         1, 1, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_ROUTE,            route,           1, 2, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_SET,              set,             0, 2, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_INJECT,           inject,          0, 1, 0,   LOG_ALWAYS,       lab_settle_wire)   \
    PART(INPUT_EMIT,             emit,            0, 0, 2,   LOG_POSITIVE,     NULL)              \
    PART(INPUT_FAIL_GET,         fail_get,        1, 0, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_NEXT_CHANGE,      next_change,     0, 0, 1,   LOG_POSITIVE,     NULL)              \
    /*                                           in, out                      kept */             \
    CALL(INPUT_SOCKET,           socket,          3, 0, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_BIND,             bind,            0, 1, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_LISTEN,           listen,          1, 0, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_CONNECT,          connect,         0, 1, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_ACCEPT,           accept,          0, 0, 1,   LOG_UNLESS_AGAIN, KEEP_ALL)          \
    CALL(INPUT_SEND,             send,            1, 1, 0,   LOG_ALWAYS,       KEEP_TAKEN)        \
    CALL(INPUT_RECEIVE,          receive,         1, 0, 1,   LOG_UNLESS_AGAIN, KEEP_ALL)          \
    CALL(INPUT_SEND_MESSAGE,     send_message,    1, 3, 0,   LOG_ALWAYS,       KEEP_TAKEN)        \
    CALL(INPUT_RECEIVE_MESSAGE,  receive_message, 1, 0, 3,   LOG_UNLESS_AGAIN, KEEP_ALL)          \
    CALL(INPUT_SHUTDOWN,         shutdown,        1, 0, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_CLOSE,            close,           0, 0, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_GET_OPTION,       get_option,      2, 0, 1,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_SET_OPTION,       set_option,      2, 1, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    PART(INPUT_WALL_BASE,        wall_base,       1, 0, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_HUB,              hub,             0, 1, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_SWITCH,           switch,          0, 2, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_ROUTER,           router,          0, 1, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_SWITCH_PORT,      switch_port,     1, 2, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_ADDRESS_REMOVE,   address_remove,  1, 1, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_ROUTE_PUT,        route_put,       1, 3, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_ROUTE_REMOVE,     route_remove,    1, 2, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_NODE_STATE,       node_state,      1, 0, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_PARTITION,        partition,       2, 3, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_HEAL,             heal,            0, 0, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_ADVERTISE,        advertise,       1, 3, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_NAT,              nat,             1, 3, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_NAT_FORWARD,      nat_forward,     3, 1, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_VLAN,             vlan,            2, 1, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_PROBE,            probe,           2, 1, 0,   LOG_ALWAYS,       lab_settle_node)   \
    CALL(INPUT_SOCKETPAIR,       socketpair,      3, 0, 1,   LOG_ALWAYS,       KEEP_ALL)          \
    PART(INPUT_CALLER,           caller,          3, 0, 0,   LOG_ALWAYS,       NULL)              \
    CALL(INPUT_BIND_AT,          bind_at,         1, 1, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    CALL(INPUT_UNLINK,           unlink,          0, 1, 0,   LOG_ALWAYS,       KEEP_ALL)          \
    PART(INPUT_WIRE_MTU,         wire_mtu,        1, 0, 0,   LOG_ALWAYS,       lab_settle_wire)   \
    CALL(INPUT_IOCTL_CIRCUIT,    ioctl,           1, 1, 1,   LOG_ALWAYS,       KEEP_ALL)          \
    PART(INPUT_NEXT_LOST,        next_lost,       0, 0, 1,   LOG_POSITIVE,     NULL)              \
    PART(INPUT_X25_LAPB,         x25_lapb,        1, 1, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_X25_XOT,          x25_xot,         0, 0, 0,   LOG_ALWAYS,       lab_settle_node)   \
    PART(INPUT_X25_ROUTE,        x25_route,       2, 2, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_X25_ROUTE_REMOVE, x25_route_remove, 0, 1, 0,  LOG_ALWAYS,       NULL)              \
    PART(INPUT_NAME,             name,            2, 0, 0,   LOG_ALWAYS,       NULL)              \
    PART(INPUT_CHANGE,           change,          1, 1, 0,   LOG_ALWAYS,       lab_settle_node)   \
    CALL(INPUT_ASK_OPTION,       ask_option,      2, 1, 1,   LOG_ALWAYS,       KEEP_ALL)          \
    PART(INPUT_X25_PERMIT,       x25_permit,      0, 1, 0,   LOG_ALWAYS,       NULL)
/* clang-format on */

#define INPUT_KIND(kind, ...) kind,
enum input_kind { INPUT_NONE, INPUT_ROWS(INPUT_KIND, INPUT_KIND) INPUT_KINDS };
#undef INPUT_KIND

enum input_logged { LOG_ALWAYS, LOG_POSITIVE, LOG_UNLESS_AGAIN };
enum input_kept { KEEP_ALL, KEEP_TAKEN };

struct input_row {
    const char *name; /* of a socket call; else NULL */
    uint8_t numbers, in, out;
    enum input_logged logged;
    enum input_kept kept;
    void (*settle)(struct lab *lab, int at); /* NULL: nobody */
    /* One of the two. @return what the call of sockeye.h returns */
    ssize_t (*part)(struct lab *lab, struct input *in);
    ssize_t (*call)(struct call_host *calls, struct input *in, nanoseconds now);
};

extern const struct input_row input_table[INPUT_KINDS];
