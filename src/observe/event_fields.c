/* SPDX-License-Identifier: MIT */
/* A table and how a number of it is read; event_fields.h says the rest. */
#include "observe/event_fields.h"
#include <stddef.h>
#include <string.h>

#define AT(member)                                                                                 \
    sizeof(((struct sockeye_event *)0)->member), offsetof(struct sockeye_event, member)

static const struct event_field nothing[] = {{0}};

static const struct event_field frame[] = {
    {"serial", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(frame.serial)},
    {"bytes", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(frame.length)},
    {"fate", FIELD_FATE, UNLESS_NEVER, NULL, AT(frame.flags)},
    {"mark", FIELD_WORD, UNLESS_ZERO, event_mark_name, AT(frame.mark)},
    {"headers", FIELD_HEADERS, UNLESS_NEVER, NULL, AT(frame)},
    {0},
};

static const struct event_field drop[] = {
    {"reason", FIELD_WORD, UNLESS_NEVER, event_drop_name, AT(drop.reason)},
    {"cause", FIELD_WORD, UNLESS_NEVER, event_drop_cause, AT(drop.reason)},
    {"headers", FIELD_HEADERS, UNLESS_NEVER, NULL, AT(drop.frame)},
    {0},
};

static const struct event_field tcp_state[] = {
    {"old", FIELD_WORD, UNLESS_NEVER, event_tcp_state_name, AT(tcp_state.from)},
    {"new", FIELD_WORD, UNLESS_NEVER, event_tcp_state_name, AT(tcp_state.to)},
    {"flow", FIELD_FLOW, UNLESS_NEVER, NULL, AT(tcp_state.flow)},
    {0},
};

static const struct event_field tcp_timer[] = {
    {"timer", FIELD_WORD, UNLESS_NEVER, event_tcp_timer_name, AT(tcp_timer.timer)},
    {"flow", FIELD_FLOW, UNLESS_NEVER, NULL, AT(tcp_timer.flow)},
    {0},
};

static const struct event_field tcp_cwnd[] = {
    {"cwnd", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(tcp_cwnd.cwnd)},
    {"ssthresh", FIELD_NUMBER, UNLESS_NEGATIVE, NULL, AT(tcp_cwnd.ssthresh)},
    {"flight", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(tcp_cwnd.flight)},
    {"srtt_ns", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(tcp_cwnd.srtt)},
    {"rto_ns", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(tcp_cwnd.rto)},
    {"phase", FIELD_WORD, UNLESS_NEVER, event_tcp_phase_name, AT(tcp_cwnd.phase)},
    {"flow", FIELD_FLOW, UNLESS_NEVER, NULL, AT(tcp_cwnd.flow)},
    {0},
};

static const struct event_field neighbor[] = {
    {"old", FIELD_WORD, UNLESS_NEVER, event_neighbor_name, AT(neighbor.from)},
    {"new", FIELD_WORD, UNLESS_NEVER, event_neighbor_name, AT(neighbor.to)},
    {"neighbor", FIELD_ADDRESS, UNLESS_NEVER, NULL, AT(neighbor.address)},
    {0},
};

static const struct event_field link[] = {
    {"up", FIELD_YES_OR_NO, UNLESS_NEVER, NULL, AT(link.up)},
    {0},
};

static const struct event_field call[] = {
    {"call", FIELD_WORD, UNLESS_NEVER, event_call_name, AT(call.call)},
    {"fd", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(call.fd)},
    {"result", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(call.result)},
    {"error", FIELD_ERROR, UNLESS_NEVER, NULL, AT(call.result)},
    {0},
};

static const struct event_field note[] = {
    {"cause", FIELD_WORD, UNLESS_NEVER, event_note_cause, AT(note.note)},
    {"address", FIELD_ADDRESS, UNLESS_NEVER, NULL, AT(note.address)},
    {"conflicts", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(note.conflicts)},
    {0},
};

#define NUMBER(name, member)                                                                       \
    {                                                                                              \
        name, FIELD_NUMBER, UNLESS_NEVER, NULL, AT(member)                                         \
    }
#define SOME(name, member)                                                                         \
    {                                                                                              \
        name, FIELD_NUMBER, UNLESS_ZERO, NULL, AT(member)                                          \
    }
#define WORD(name, words, member)                                                                  \
    {                                                                                              \
        name, FIELD_WORD, UNLESS_NEVER, words, AT(member)                                          \
    }
#define CHANGE(member) WORD("change", event_change_name, member)
#define ORIGIN(member)                                                                             \
    {                                                                                              \
        "origin", FIELD_WORD, UNLESS_ZERO, event_origin_name, AT(member)                           \
    }
#define ADDRESS(name, member)                                                                      \
    {                                                                                              \
        name, FIELD_ADDRESS, UNLESS_ZERO, NULL, AT(member)                                         \
    }
#define PREFIX(name, member)                                                                       \
    {                                                                                              \
        name, FIELD_PREFIX, UNLESS_NEVER, NULL, AT(member)                                         \
    }
#define ENDPOINT(name, member)                                                                     \
    {                                                                                              \
        name, FIELD_ENDPOINT, UNLESS_ZERO, NULL, AT(member)                                        \
    }
#define MAC(name, member)                                                                          \
    {                                                                                              \
        name, FIELD_MAC, UNLESS_NEVER, NULL, AT(member)                                            \
    }
#define TIME(name, member)                                                                         \
    {                                                                                              \
        name, FIELD_NUMBER, UNLESS_FOREVER, NULL, AT(member)                                       \
    }

static const struct event_field address[] = {
    PREFIX("address", address.address),
    WORD("old", event_address_state_name, address.from),
    WORD("new", event_address_state_name, address.to),
    ORIGIN(address.origin),
    NUMBER("interface", address.interface),
    TIME("preferred_until_ns", address.preferred),
    TIME("valid_until_ns", address.valid),
    {0},
};

static const struct event_field route[] = {
    CHANGE(route.change),
    PREFIX("prefix", route.prefix),
    ADDRESS("gateway", route.gateway),
    ORIGIN(route.origin),
    NUMBER("interface", route.interface),
    SOME("metric", route.metric),
    {0},
};

static const struct event_field station[] = {
    CHANGE(station.change),
    MAC("mac", station.mac),
    SOME("vlan", station.vlan),
    NUMBER("port", station.port),
    NUMBER("old_port", station.old_port),
    {0},
};

static const struct event_field port[] = {
    NUMBER("port", port.port),
    {"role", FIELD_WORD, UNLESS_NEVER, event_port_role_name, AT(port.role)},
    {"state", FIELD_WORD, UNLESS_NEVER, event_port_state_name, AT(port.state)},
    {0},
};

static const struct event_field mapping[] = {
    CHANGE(mapping.change),
    NUMBER("protocol", mapping.protocol),
    ENDPOINT("inner", mapping.inner),
    ENDPOINT("outer", mapping.outer),
    ENDPOINT("peer", mapping.peer),
    ORIGIN(mapping.origin),
    {0},
};

static const struct event_field group[] = {
    CHANGE(group.change),
    ADDRESS("group", group.group),
    ADDRESS("source", group.source),
    NUMBER("interface", group.interface),
    SOME("vlan", group.vlan),
    {0},
};

static const struct event_field lapb[] = {
    NUMBER("interface", lapb.interface),
    WORD("old", event_lapb_state_name, lapb.from),
    WORD("new", event_lapb_state_name, lapb.to),
    {0},
};

static const struct event_field x25[] = {
    NUMBER("lcn", x25.lcn),
    WORD("change", event_x25_change_name, x25.is_reset),
    NUMBER("cause", x25.cause),
    NUMBER("diagnostic", x25.diagnostic),
    WORD("by", event_x25_by_name, x25.by),
    {0},
};

static const struct event_field fault[] = {
    CHANGE(fault.change),
    WORD("fault", event_fault_name, fault.fault),
    NUMBER("value", fault.value),
    {0},
};

static const struct event_field data[] = {
    {"call", FIELD_WORD, UNLESS_NEVER, event_call_name, AT(data.call)},
    {"fd", FIELD_NUMBER, UNLESS_NEVER, NULL, AT(data.fd)},
    NUMBER("bytes", data.frame.length),
    ENDPOINT("local", data.local),
    ENDPOINT("remote", data.remote),
    {0},
};

static const struct {
    const struct event_field *fields;
    bool has_direction;
} kinds[EVENT_KINDS] = {
    [EVENT_NONE] = {nothing, false},
    [EVENT_FRAME_SENT] = {frame, true},
    [EVENT_FRAME_DELIVERED] = {frame, true},
    [EVENT_DROP] = {drop, true},
    [EVENT_TCP_STATE] = {tcp_state, false},
    [EVENT_TCP_TIMER] = {tcp_timer, false},
    [EVENT_TCP_CWND] = {tcp_cwnd, false},
    [EVENT_NEIGHBOR] = {neighbor, false},
    [EVENT_LINK] = {link, true},
    [EVENT_CALL] = {call, false},
    [EVENT_NOTE] = {note, false},
    [EVENT_ADDRESS] = {address, false},
    [EVENT_ROUTE] = {route, false},
    [EVENT_STATION] = {station, false},
    [EVENT_MAPPING] = {mapping, false},
    [EVENT_GROUP] = {group, false},
    [EVENT_FAULT] = {fault, true},
    [EVENT_PORT] = {port, false},
    [EVENT_LAPB] = {lapb, false},
    [EVENT_DATA] = {data, false},
    [EVENT_X25] = {x25, false},
};

const struct event_field *event_fields(unsigned kind)
{
    return kind < EVENT_KINDS ? kinds[kind].fields : nothing;
}

bool event_fields_have_direction(unsigned kind)
{
    return kind < EVENT_KINDS && kinds[kind].has_direction;
}

int64_t event_fields_number(const struct event_field *field, const struct sockeye_event *event)
{
    const void *at = (const uint8_t *)event + field->at;
    int64_t whole;
    int32_t half;
    uint16_t quarter;
    uint8_t byte;

    if (field->bytes == sizeof whole) {
        memcpy(&whole, at, sizeof whole);
        return whole;
    }
    if (field->bytes == sizeof half) {
        memcpy(&half, at, sizeof half);
        return half;
    }
    if (field->bytes == sizeof quarter) {
        memcpy(&quarter, at, sizeof quarter);
        return quarter;
    }
    memcpy(&byte, at, sizeof byte);
    return byte;
}
