/* SPDX-License-Identifier: MIT */
/*
 * Words for the enums of sockeye/event.h: short names for lines and JSON, sentences for people.
 * A number that no enum has gets "unknown", so a reader of old records never gets NULL.
 */
#include "sockeye/event.h"

struct words {
    const char *name;
    const char *cause;
};

static const struct words drops[DROP_COUNT] = {
    [DROP_NONE] = {"none", "not dropped"},
    [DROP_WIRE_LOSS] = {"wire-loss", "the wire lost it, as its loss setting says"},
    [DROP_WIRE_QUEUE_FULL] = {"wire-queue-full", "the queue of the wire was full"},
    [DROP_WIRE_DOWN] = {"wire-down", "the wire is down"},
    [DROP_NO_MEMORY] = {"no-memory", "the packet limit of the host is reached"},
    [DROP_NODE_AWAY] = {"node-away", "its node is paused, or has crashed"},
    [DROP_PARTITION] = {"partition", "a partition lies between the hosts"},
    [DROP_WIRE_STANDING] = {"wire-standing", "the queue of the wire stood for too long (CoDel)"},
    [DROP_TOO_LONG] = {"too-long", "it is longer than the MTU of the wire"},
    [DROP_FCS] = {"fcs", "the Ethernet checksum is wrong: the frame was damaged on the wire"},
    [DROP_LINK_HEADER] = {"link-header", "it is shorter than an Ethernet header"},
    [DROP_NOT_FOR_US] = {"not-for-us", "it is addressed to another station"},
    [DROP_ETHERTYPE] = {"ethertype", "nothing here speaks this ethertype"},
    [DROP_ARP_HEADER] = {"arp-header", "the ARP packet is malformed"},
    [DROP_ARP_IGNORED] = {"arp-ignored", "the ARP packet asks and tells nothing of ours"},
    [DROP_NEIGHBOR_FAILED] = {"neighbor-failed", "the next hop does not answer ARP or ND"},
    [DROP_NEIGHBOR_QUEUE] = {"neighbor-queue",
                             "too many packets wait for one neighbour; the oldest went"},
    [DROP_NEIGHBOR_TABLE] = {"neighbor-table", "there is no room for another neighbour"},
    [DROP_IP_HEADER] = {"ip-header", "the IP header is malformed"},
    [DROP_IP_CHECKSUM] = {"ip-checksum", "the IP header checksum is wrong"},
    [DROP_IP_OPTION] = {"ip-option", "an IP option is malformed or refused"},
    [DROP_IP_SOURCE] = {"ip-source", "the source address cannot be a sender's"},
    [DROP_IP_DEST] = {"ip-dest", "the destination address is not ours"},
    [DROP_IP_PROTOCOL] = {"ip-protocol", "nothing here speaks this protocol"},
    [DROP_IP_NO_ROUTE] = {"ip-no-route", "there is no route to the destination"},
    [DROP_IP_FRAGMENT] = {"ip-fragment", "the fragment is bad, overlaps, or is one too many"},
    [DROP_IP_FRAGMENT_TIMEOUT] = {"ip-fragment-timeout",
                                  "the other fragments did not come in time"},
    [DROP_IP_TOO_BIG] = {"ip-too-big", "it is larger than the MTU and may not be fragmented"},
    [DROP_ICMP_HEADER] = {"icmp-header", "the ICMP message is malformed or of unknown type"},
    [DROP_ICMP_IGNORED] = {"icmp-ignored", "the ICMP message is about nothing that we have"},
    [DROP_ICMP_RATE] = {"icmp-rate", "our own ICMP is over its rate limit"},
    [DROP_FORWARD_HOPS] = {"forward-hops", "its hops are used up"},
    [DROP_FORWARD_SCOPE] = {"forward-scope", "an address of it means one wire or host alone"},
    [DROP_FORWARD_GROUP] = {"forward-group", "what is sent to a group is not forwarded"},
    [DROP_FORWARD_BROADCAST] = {"forward-broadcast",
                                "a broadcast to another network is not forwarded"},
    [DROP_FORWARD_POLICY] = {"forward-policy", "a route says that it is not forwarded"},
    [DROP_NAT_FILTERED] = {"nat-filtered",
                           "the translator has nobody inside who sent to that peer"},
    [DROP_NAT_FULL] = {"nat-full", "the translator has no port or session left"},
    [DROP_NAT_PROTOCOL] = {"nat-protocol", "a protocol without ports cannot be translated"},
    [DROP_NAT_HEADER] = {"nat-header", "too short to be translated, or a bad ICMP checksum"},
    [DROP_UDP_HEADER] = {"udp-header", "the UDP header is malformed"},
    [DROP_UDP_CHECKSUM] = {"udp-checksum", "the UDP checksum is wrong"},
    [DROP_UDP_NO_SOCKET] = {"udp-no-socket", "no socket has this UDP port"},
    [DROP_UDP_BUFFER] = {"udp-buffer", "the receive buffer of the socket is full"},
    [DROP_TCP_HEADER] = {"tcp-header", "the TCP header is malformed"},
    [DROP_TCP_CHECKSUM] = {"tcp-checksum", "the TCP checksum is wrong"},
    [DROP_TCP_NO_SOCKET] = {"tcp-no-socket", "no connection and no listener; answered with RST"},
    [DROP_TCP_BAD_FLAGS] = {"tcp-bad-flags", "the TCP flags make no sense"},
    [DROP_TCP_OLD] = {"tcp-old", "all of it is left of the window"},
    [DROP_TCP_WINDOW] = {"tcp-window", "it is right of the window"},
    [DROP_TCP_PAWS] = {"tcp-paws", "its timestamp is older than the last one seen (PAWS)"},
    [DROP_TCP_ACK] = {"tcp-ack", "its ACK is not acceptable"},
    [DROP_TCP_RST] = {"tcp-rst", "a RST that is in the window, but not exact"},
    [DROP_TCP_SYN] = {"tcp-syn", "a SYN on a connection that is already synchronized"},
    [DROP_TCP_NO_ACK] = {"tcp-no-ack", "the ACK flag is missing"},
    [DROP_TCP_BACKLOG] = {"tcp-backlog", "the accept queue or the half-open table is full"},
    [DROP_TCP_MEMORY] = {"tcp-memory", "there is no memory for it"},
    [DROP_TCP_REASSEMBLY] = {"tcp-reassembly", "too many holes wait to be filled"},
    [DROP_TCP_CLOSED] = {"tcp-closed", "data for a socket that is closed; answered with RST"},
    [DROP_TCP_DUPLICATE] = {"tcp-duplicate", "all its bytes were there already"},
    [DROP_PING_NO_SOCKET] = {"ping-no-socket", "no ping socket waits for this answer"},
    [DROP_SWITCH_SOURCE] = {"switch-source", "its source is a group of stations, or nobody"},
    [DROP_SWITCH_RESERVED] = {"switch-reserved", "it is for the neighbour on its wire alone"},
    [DROP_SWITCH_SAME_PORT] = {"switch-same-port", "its receiver is behind the port it came in by"},
    [DROP_SWITCH_NO_PORT] = {"switch-no-port", "there is no other port to send it by"},
    [DROP_SWITCH_VLAN] = {"switch-vlan", "its VLAN is none of the port's"},
    [DROP_SWITCH_TAGS] = {"switch-tags", "it has a tag, or a second one, where none may be"},
    [DROP_SWITCH_BLOCKED] = {"switch-blocked",
                             "the spanning tree has closed the port it came in by"},
    [DROP_SWITCH_BPDU] = {"switch-bpdu", "no message of the spanning tree, sent to where these go"},
    [DROP_SWITCH_STORM] = {"switch-storm", "one too many for all in its port's second"},
    [DROP_SWITCH_GROUP] = {"switch-group", "sent to a group with broken headers"},
    [DROP_SWITCH_NO_LISTENER] = {"switch-no-listener",
                                 "nobody behind another port listens to its group"},
    [DROP_LINK_DOWN] = {"link-down", "its host has switched the interface off"},
    [DROP_LAPB_HEADER] = {"lapb-header", "its LAPB length, address or control field are none"},
    [DROP_LAPB_SEQUENCE] = {"lapb-sequence", "not the LAPB frame that is due"},
    [DROP_LAPB_DOWN] = {"lapb-down", "the LAPB link is not up"},
    [DROP_XOT_HEADER] = {"xot-header", "no version or length of X.25 over TCP"},
    [DROP_XOT_LOCAL] = {"xot-local", "a packet that may not pass a stream of X.25"},
    [DROP_XOT_QUEUE] = {"xot-queue", "too much waits for the stream of X.25"},
    [DROP_XOT_FULL] = {"xot-full", "one stream of X.25 too many"},
    [DROP_XOT_CALLER] = {"xot-caller", "a host that may not call by X.25 over TCP"},
    [DROP_X25_RELAY] = {"x25-relay", "more for a switched call than its windows let on their way"},
    [DROP_LAPB_QUEUE] = {"lapb-queue", "too many packets wait for the LAPB link"},
    [DROP_SOCKET_FILTER] = {"socket-filter", "the program's filter does not want it"},
    [DROP_X25_PACKET] = {"x25-packet", "no packet of X.25, or a call that says nonsense"},
    [DROP_X25_CHANNEL] = {"x25-channel", "no circuit on its logical channel"},
    [DROP_X25_STATE] = {"x25-state", "nothing its circuit or line waits for"},
};

static const char *const marks[MARK_COUNT] = {
    [MARK_NONE] = "none",
    [MARK_RETRANSMIT_SYN] = "retransmission (SYN timeout)",
    [MARK_RETRANSMIT_RTO] = "retransmission (timeout)",
    [MARK_RETRANSMIT_FAST] = "retransmission (third duplicate ACK)",
    [MARK_RETRANSMIT_SACK] = "retransmission (SACK scoreboard)",
    [MARK_RETRANSMIT_PARTIAL] = "retransmission (partial ACK)",
    [MARK_WINDOW_PROBE] = "zero-window probe",
    [MARK_KEEPALIVE] = "keep-alive",
    [MARK_CHALLENGE_ACK] = "challenge ACK",
    [MARK_LAPB_REJECTED] = "LAPB retransmission (REJ)",
    [MARK_LAPB_TIMER] = "LAPB retransmission (T1)",
};

static const char *const states[TCP_STATE_COUNT] = {
    [TCP_STATE_ESTABLISHED] = "ESTABLISHED",
    [TCP_STATE_SYN_SENT] = "SYN-SENT",
    [TCP_STATE_SYN_RECEIVED] = "SYN-RECEIVED",
    [TCP_STATE_FIN_WAIT_1] = "FIN-WAIT-1",
    [TCP_STATE_FIN_WAIT_2] = "FIN-WAIT-2",
    [TCP_STATE_TIME_WAIT] = "TIME-WAIT",
    [TCP_STATE_CLOSED] = "CLOSED",
    [TCP_STATE_CLOSE_WAIT] = "CLOSE-WAIT",
    [TCP_STATE_LAST_ACK] = "LAST-ACK",
    [TCP_STATE_LISTEN] = "LISTEN",
    [TCP_STATE_CLOSING] = "CLOSING",
};

static const char *const timers[TCP_TIMER_COUNT] = {
    [TCP_TIMER_RETRANSMIT] = "retransmit", [TCP_TIMER_PERSIST] = "persist",
    [TCP_TIMER_DELACK] = "delayed-ack",    [TCP_TIMER_KEEPALIVE] = "keep-alive",
    [TCP_TIMER_TIME_WAIT] = "time-wait",   [TCP_TIMER_FIN_WAIT_2] = "fin-wait-2",
    [TCP_TIMER_SEND_LATER] = "send-later", [TCP_TIMER_PACE] = "pace",
};

/* enum tcp_recovery_phase, in the words that ss(8) has for Linux's numbers */
static const char *const phases[] = {"open", "disorder", "cwr", "recovery", "loss"};

static const char *const neighbors[] = {
    [NEIGHBOR_NONE] = "NONE",           [NEIGHBOR_INCOMPLETE] = "INCOMPLETE",
    [NEIGHBOR_REACHABLE] = "REACHABLE", [NEIGHBOR_STALE] = "STALE",
    [NEIGHBOR_DELAY] = "DELAY",         [NEIGHBOR_PROBE] = "PROBE",
    [NEIGHBOR_FAILED] = "FAILED",
};

static const char *const notes[NOTE_COUNT] = {
    [NOTE_NONE] = "nothing",
    [NOTE_ADDRESS_DEFENDED] = "another station claims this address of ours: it is defended",
    [NOTE_ADDRESS_CLAIMED] = "another station says that it has this address of ours",
    [NOTE_ADDRESS_LOOPED] = "a question of ours for this address came back to us",
};

static const char *const changes[CHANGE_COUNT] = {
    [CHANGE_NONE] = "none",       [CHANGE_ADDED] = "added",     [CHANGE_CHANGED] = "changed",
    [CHANGE_REMOVED] = "removed", [CHANGE_EXPIRED] = "expired", [CHANGE_LEARNED] = "learned",
    [CHANGE_MOVED] = "moved",     [CHANGE_EVICTED] = "evicted", [CHANGE_JOINED] = "joined",
    [CHANGE_LEFT] = "left",       [CHANGE_BEGAN] = "began",     [CHANGE_ENDED] = "ended",
};

static const char *const origins[ORIGIN_COUNT] = {
    [ORIGIN_NONE] = "none",
    [ORIGIN_CONFIGURED] = "configured",
    [ORIGIN_KERNEL] = "kernel",
    [ORIGIN_TRAFFIC] = "traffic",
    [ORIGIN_ARP] = "arp",
    [ORIGIN_ND] = "nd",
    [ORIGIN_RA] = "ra",
    [ORIGIN_LINK_LOCAL] = "link-local",
    [ORIGIN_TEMPORARY] = "temporary",
    [ORIGIN_REDIRECT] = "redirect",
    [ORIGIN_DHCP] = "dhcp",
    [ORIGIN_CALL] = "call",
    [ORIGIN_CONFIRMED] = "confirmed",
};

static const char *const address_states[ADDRESS_STATE_COUNT] = {
    [ADDRESS_NONE] = "NONE",
    [ADDRESS_TENTATIVE] = "TENTATIVE",
    [ADDRESS_OPTIMISTIC] = "OPTIMISTIC",
    [ADDRESS_PREFERRED] = "PREFERRED",
    [ADDRESS_DEPRECATED] = "DEPRECATED",
    [ADDRESS_DUPLICATED] = "DUPLICATED",
};

static const char *const lapb_states[LAPB_STATE_COUNT] = {
    [LAPB_DISCONNECTED] = "disconnected", [LAPB_SETUP] = "setup",       [LAPB_RELEASE] = "release",
    [LAPB_CONNECTED] = "connected",       [LAPB_REJECTED] = "rejected",
};

static const char *const x25_bys[X25_BY_COUNT] = {
    [X25_BY_STATION] = "station", [X25_BY_ERROR] = "error", [X25_BY_TIMER] = "timer",
    [X25_BY_LINE] = "line",       [X25_BY_USER] = "user",
};

static const char *const faults[FAULT_COUNT] = {
    [FAULT_NONE] = "none",           [FAULT_RATE] = "rate",
    [FAULT_DELAY] = "delay",         [FAULT_JITTER] = "jitter",
    [FAULT_LOSS] = "loss",           [FAULT_REORDER] = "reorder",
    [FAULT_DUPLICATE] = "duplicate", [FAULT_CORRUPT] = "corrupt",
    [FAULT_QUEUE] = "queue",         [FAULT_MTU] = "mtu",
    [FAULT_DOWN] = "down",           [FAULT_PARTITION] = "partition",
    [FAULT_CRASH] = "crash",         [FAULT_RESTART] = "restart",
    [FAULT_PAUSE] = "pause",
};

static const char *const port_roles[] = {
    [PORT_DISABLED] = "disabled",   [PORT_ROOT] = "root",     [PORT_DESIGNATED] = "designated",
    [PORT_ALTERNATE] = "alternate", [PORT_BACKUP] = "backup",
};

static const char *const port_states[] = {
    [PORT_DISCARDING] = "discarding",
    [PORT_LEARNING] = "learning",
    [PORT_FORWARDING] = "forwarding",
};

static const char *word(const char *const *table, unsigned count, unsigned i)
{
    return i < count && table[i] ? table[i] : "unknown";
}

const char *event_drop_name(unsigned reason)
{
    return reason < DROP_COUNT && drops[reason].name ? drops[reason].name : "unknown";
}

const char *event_drop_cause(unsigned reason)
{
    return reason < DROP_COUNT && drops[reason].cause ? drops[reason].cause : "unknown";
}

const char *event_mark_name(unsigned mark)
{
    return word(marks, MARK_COUNT, mark);
}

const char *event_tcp_state_name(unsigned state)
{
    return word(states, TCP_STATE_COUNT, state);
}

const char *event_tcp_timer_name(unsigned timer)
{
    return word(timers, TCP_TIMER_COUNT, timer);
}

const char *event_tcp_phase_name(unsigned phase)
{
    return word(phases, sizeof phases / sizeof *phases, phase);
}

const char *event_neighbor_name(unsigned state)
{
    return word(neighbors, sizeof neighbors / sizeof *neighbors, state);
}

const char *event_note_cause(unsigned note)
{
    return word(notes, NOTE_COUNT, note);
}

const char *event_change_name(unsigned change)
{
    return word(changes, CHANGE_COUNT, change);
}

const char *event_origin_name(unsigned origin)
{
    return word(origins, ORIGIN_COUNT, origin);
}

const char *event_address_state_name(unsigned state)
{
    return word(address_states, ADDRESS_STATE_COUNT, state);
}

const char *event_fault_name(unsigned fault)
{
    return word(faults, FAULT_COUNT, fault);
}

const char *event_port_role_name(unsigned role)
{
    return word(port_roles, PORT_ROLE_COUNT, role);
}

const char *event_port_state_name(unsigned state)
{
    return word(port_states, PORT_STATE_COUNT, state);
}

const char *event_x25_change_name(unsigned is_reset)
{
    return is_reset ? "reset" : "cleared";
}

const char *event_x25_by_name(unsigned by)
{
    return word(x25_bys, X25_BY_COUNT, by);
}

const char *event_lapb_state_name(unsigned state)
{
    return word(lapb_states, LAPB_STATE_COUNT, state);
}
