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
    uint8_t byte;

    if (field->bytes == sizeof whole) {
        memcpy(&whole, at, sizeof whole);
        return whole;
    }
    if (field->bytes == sizeof half) {
        memcpy(&half, at, sizeof half);
        return half;
    }
    memcpy(&byte, at, sizeof byte);
    return byte;
}
