/* SPDX-License-Identifier: MIT */
/*
 * The table of transports: one row a kind, one column an operation (transport_end.h says what each
 * is). A new kind is its files, its place in enum transport_kind, its service attached by the nodes
 * that have it, and a row here; it may stand in layer 4 or, if its bytes never leave the host, in
 * layer 5.
 */
#include "4-transport/frames.h"
#include "4-transport/transport_state.h"
#include "5-session/unix_end.h"
#include "6-presentation/netlink.h"

/* What UDP, ping and raw ends have in common; raw ends have options besides. */
#define DATAGRAM_OPERATIONS                                                                        \
    .listen = datagram_listen, .accept = datagram_accept, .receive = datagram_receive,             \
    .shutdown = datagram_shutdown, .phase = datagram_phase, .ready = datagram_ready,               \
    .error_take = datagram_error_take, .drained = datagram_drained, .remote = datagram_remote,     \
    .filter = datagram_filter, .header = datagram_header, .count = datagram_count,                 \
    .info = datagram_info

/* What all kinds of AF_UNIX have in common. */
#define UNIX_OPERATIONS                                                                            \
    .open = unix_open, .pair = unix_pair, .is_immediate = true, .close = unix_close,               \
    .bind = unix_bind, .listen = unix_listen, .disconnect = unix_disconnect,                       \
    .accept = unix_accept, .shutdown = unix_shutdown, .phase = unix_option_phase,                  \
    .ready = unix_option_ready, .error_take = unix_option_error_take, .drained = unix_drained,     \
    .local = unix_local, .remote = unix_remote, .option_set = unix_option_set,                     \
    .option_get = unix_option_get, .count = unix_option_count, .info = unix_info,                  \
    .check = unix_check

/* Both protocols of AF_NETLINK. */
#define NETLINK_OPERATIONS                                                                         \
    {                                                                                              \
        .open = netlink_open, .close = netlink_close, .bind = netlink_bind,                        \
        .listen = netlink_listen, .connect = netlink_connect, .disconnect = netlink_disconnect,    \
        .accept = netlink_accept, .send = netlink_send, .receive = netlink_receive,                \
        .shutdown = netlink_shutdown, .phase = netlink_phase, .ready = netlink_ready,              \
        .error_take = netlink_error_take, .drained = netlink_drained, .local = netlink_local,      \
        .remote = netlink_remote, .option_set = netlink_option_set,                                \
        .option_get = netlink_option_get, .count = netlink_count, .info = netlink_info,            \
        .check = netlink_check                                                                     \
    }

const struct transport_operations transport_operations[TRANSPORT_KINDS] = {
    [TRANSPORT_STREAM] = {.open = tcp_open,
                          .close = tcp_close,
                          .bind = tcp_bind,
                          .listen = tcp_listen,
                          .connect = tcp_connect,
                          .disconnect = tcp_disconnect,
                          .accept = tcp_accept,
                          .send = tcp_write,
                          .receive = tcp_read,
                          .shutdown = tcp_shutdown,
                          .phase = tcp_phase,
                          .ready = tcp_ready,
                          .error_take = tcp_error_take,
                          .drained = tcp_drained,
                          .local = tcp_local,
                          .remote = tcp_remote,
                          .option_set = tcp_option_set,
                          .header = tcp_option_header,
                          .option_get = tcp_option_get,
                          .count = tcp_count,
                          .info = tcp_info,
                          .check = tcp_check_all},
    [TRANSPORT_DATAGRAM] = {.open = udp_open,
                            .close = udp_close,
                            .bind = udp_bind,
                            .connect = udp_connect,
                            .disconnect = udp_disconnect,
                            .group = udp_group,
                            .interface_of = udp_interface_of,
                            .send = udp_send,
                            .local = udp_local,
                            .option_set = datagram_option_set,
                            .option_get = datagram_option_get,
                            .check = udp_check,
                            DATAGRAM_OPERATIONS},
    [TRANSPORT_PING] = {.open = ping_open,
                        .close = ping_close,
                        .bind = ping_bind,
                        .connect = ping_connect,
                        .disconnect = ping_disconnect,
                        .send = ping_send,
                        .local = ping_local,
                        .option_set = datagram_option_set,
                        .option_get = datagram_option_get,
                        .check = ping_check,
                        DATAGRAM_OPERATIONS},
    [TRANSPORT_RAW] = {.open = raw_open,
                       .close = raw_close,
                       .bind = raw_bind,
                       .connect = raw_connect,
                       .disconnect = raw_disconnect,
                       .group = raw_group,
                       .interface_of = raw_interface_of,
                       .send = raw_send,
                       .local = raw_local,
                       .option_set = raw_option_set,
                       .option_get = raw_option_get,
                       .check = raw_check,
                       DATAGRAM_OPERATIONS},
    [TRANSPORT_FRAMES] = {.open = frames_open,
                          .close = frames_close,
                          .bind = frames_bind,
                          .listen = frames_listen,
                          .connect = frames_connect,
                          .disconnect = frames_disconnect,
                          .accept = frames_accept,
                          .send = frames_send,
                          .receive = frames_receive,
                          .shutdown = frames_shutdown,
                          .phase = frames_phase,
                          .ready = frames_ready,
                          .error_take = frames_error_take,
                          .drained = frames_drained,
                          .local = frames_local,
                          .remote = frames_remote,
                          .option_set = frames_option_set,
                          .option_get = frames_option_get,
                          .filter = frames_filter,
                          .link = frames_link,
                          .count = frames_count,
                          .info = frames_info,
                          .check = frames_check},
    [TRANSPORT_NETLINK] = NETLINK_OPERATIONS,
    [TRANSPORT_DIAG] = NETLINK_OPERATIONS,
    [TRANSPORT_UNIX_STREAM] = {.connect = unix_connect,
                               .send = unix_stream_send,
                               .receive = unix_stream_receive,
                               UNIX_OPERATIONS},
    [TRANSPORT_UNIX_DATAGRAM] = {.connect = unix_connect_datagram,
                                 .send = unix_datagram_send,
                                 .receive = unix_datagram_receive,
                                 UNIX_OPERATIONS},
    [TRANSPORT_UNIX_PACKETS] = {.connect = unix_connect,
                                .send = unix_datagram_send,
                                .receive = unix_datagram_receive,
                                UNIX_OPERATIONS},
    [TRANSPORT_CIRCUIT] = {.open = circuit_open,
                           .close = circuit_close,
                           .bind = circuit_bind,
                           .listen = circuit_listen,
                           .connect = circuit_connect,
                           .disconnect = circuit_disconnect,
                           .accept = circuit_accept,
                           .send = circuit_data_send,
                           .receive = circuit_data_receive,
                           .shutdown = circuit_shutdown,
                           .phase = circuit_phase,
                           .ready = circuit_data_ready,
                           .error_take = circuit_error_take,
                           .drained = circuit_drained,
                           .local = circuit_local,
                           .remote = circuit_remote,
                           .option_set = circuit_option_set,
                           .option_get = circuit_option_get,
                           .circuit = circuit_say,
                           .count = circuit_data_count,
                           .info = circuit_info,
                           .check = circuit_check},
};
