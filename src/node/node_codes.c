/* SPDX-License-Identifier: MIT */
/*
 * The union of all kinds of machine: which code stands behind each small number in the state. One
 * set of tables a program; a machine leaves a protocol out by not attaching its struct.
 */
#include "5-session/session.h"
#include "base/compiler.h"
#include "node/host.h"
#include "node/hub.h"
#include "node/partition.h"
#include "node/switch.h"

const struct wire_upper_code wire_upper_codes[] = {
    [NODE_WIRE_LINK] = {.receive = link_receive, .refuses = partition_refuses},
    [NODE_WIRE_HUB] = {.receive = hub_receive},
    [NODE_WIRE_SWITCH] = {.receive = switch_receive, .signal = switch_signal},
};

const struct link_upper_code link_upper_codes[] = {
    [HOST_LINK_IP] = {.ethertype = 0x0800,
                      .receive = ip4_receive,
                      .unreachable = ip4_receive_unreachable,
                      .failed = ip4_receive_failed},
    [HOST_LINK_IP6] = {.ethertype = 0x86dd,
                       .receive = ip6_receive,
                       .unreachable = ip6_receive_unreachable,
                       .ask = ndp_ask,
                       .failed = ndp_failed},
    [HOST_LINK_LAPB] = {.ethertype = LAPB_ETHERTYPE, .receive = lapb_ether_receive},
};
const uint32_t link_upper_code_count = HOST_LINK_CODES;

const struct ip_upper_code ip_upper_codes[] = {
    [HOST_IP_TCP] = {.protocol = IP_PROTOCOL_TCP,
                     .receive = tcp_receive,
                     .error = tcp_receive_error},
    [HOST_IP_UDP] = {.protocol = IP_PROTOCOL_UDP,
                     .receive = udp_receive_datagram,
                     .error = udp_receive_error},
    [HOST_IP_PING] = {.protocol = IP_PROTOCOL_ICMP,
                      .receive = ping_receive_message,
                      .error = ping_receive_error},
    [HOST_IP_PING_6] = {.protocol = IP_PROTOCOL_ICMPV6,
                        .receive = ping_receive_message_6,
                        .error = ping_receive_error_6},
    [HOST_IP_RAW] = {.watch_error = raw_receive_error, .watch = raw_watch}, /* of no protocol */
};
const uint32_t ip_upper_code_count = HOST_IP_CODES;

const struct transport_upper_code transport_upper_codes[] = {
    [HOST_TRANSPORT_SESSION] = {.told = session_ready_told},
    [HOST_TRANSPORT_XOT] = {.told = xot_told},
    [HOST_TRANSPORT_XOT_LISTENER] = {.told = xot_told_listener},
};

const struct lapb_upper_code lapb_upper_codes[] = {
    [HOST_LAPB_LINE] = {.receive = host_x25_packet, .told = host_x25_told, .ready = host_x25_ready},
};

const struct x25_line_code x25_line_codes[X25_LINE_KINDS] = {
    [X25_LINE_LAPB] = {.send = host_x25_send,
                       .has_room = host_x25_has_room,
                       .released = host_x25_released,
                       .wanted = host_x25_wanted},
    [X25_LINE_XOT] = {.send = xot_send,
                      .has_room = xot_has_room,
                      .released = xot_released,
                      .wanted = host_x25_nothing,
                      .open = host_x25_open},
};

const struct x25_upper_code x25_upper_codes[] = {
    [HOST_X25_CIRCUIT] = {.wants = circuit_user_wants, .incoming = circuit_user_incoming},
};

const struct x25_user_code x25_user_codes[] = {
    [HOST_X25_CIRCUIT] = {.connected = circuit_user_connected,
                          .cleared = circuit_user_cleared,
                          .record = circuit_user_record,
                          .interrupt = circuit_user_interrupt,
                          .reset = circuit_user_reset,
                          .sent = circuit_user_sent},
};

static void (*const timers[])(struct timer *timer, nanoseconds now) = {
    [TIMER_LINK] = link_timer,
    [TIMER_NEIGHBOR] = link_neighbor_timer,
    [TIMER_NDP] = ndp_timer,
    [TIMER_LAPB] = lapb_ether_timer,
    [TIMER_XOT] = xot_timer,
    [TIMER_IP] = ip_timer,
    [TIMER_TCP] = tcp_timeout_due,
    [TIMER_TCP_HALF] = tcp_listen_timer_due,
    [TIMER_X25_CIRCUIT] = x25_timer,
    [TIMER_X25_LINE] = x25_line_timer,
    [TIMER_X25_RELAY] = x25_relay_life_timer,
    [TIMER_SWITCH_AGING] = switch_aging_timer,
    [TIMER_SWITCH_TREE] = switch_tree_timer,
    [TIMER_SWITCH_SNOOP] = switch_snoop_timer,
};

void node_timer(struct timer *timer, nanoseconds now)
{
    ensure(timer->code < sizeof timers / sizeof *timers && timers[timer->code]);
    timers[timer->code](timer, now);
}
