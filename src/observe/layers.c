/* SPDX-License-Identifier: MIT */
/*
 * The view of layers.h: it keeps what it is told, and shows the messages when it closes.
 *
 * A fault in the data of a segment that layer 4 threw away is told below the table; the data row
 * says what the program got, which is the copy that was sent again.
 */
#include "observe/layers.h"
#include "observe/fields.h"
#include "observe/flows.h"
#include "observe/layers_compare.h"

#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>

enum { EXCERPT = 24, CELL_BYTES = 96 };

/* A layer in the words of ISO/IEC 7498-1, and its unit. */
static const struct {
    const char *name, *unit;
} words[LAYERS_ROWS] = {
    {"", ""},
    {"physical", "bits"},
    {"data link", "frame"},
    {"network", "packet"},
    {"transport", "segment"},
    {"session", "data"},
    {"presentation", "data"},
    {"application", "data"},
};

static const char *const verdicts[] = {
    [LAYERS_UNUSED] = "-",
    [LAYERS_UNSEEN] = "did not arrive",
    [LAYERS_PART] = "same, as far as it arrived",
    [LAYERS_SAME] = "same",
    [LAYERS_TRANSLATED] = "translated on the way",
    [LAYERS_DIFFERS] = "DIFFERS",
};

int layers_init(struct layers *l, FILE *file, const struct names *names, bool json, bool all)
{
    memset(l, 0, sizeof *l);
    l->file = file;
    l->names = *names;
    l->json = json;
    l->all = all;
    return 0;
}

void layers_event(struct layers *l, const struct sockeye_event *event)
{
    layers_log_event(&l->log, &l->names, event);
}

/* ---- a cell ---- */

/* 12,345 */
static const char *grouped(uint64_t n, char text[32])
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;

    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = 0;
    return text;
}

/* Seconds, to the microsecond. */
static const char *seconds(int64_t time, char text[32])
{
    snprintf(text, 32, "%" PRId64 ".%06" PRId64, time / 1000000000, time % 1000000000 / 1000);
    return text;
}

/* The beginning of the bytes, with points for what is no letter. */
static const char *excerpt(const uint8_t *bytes, uint64_t length, char text[EXCERPT + 8])
{
    int at = 0;

    text[at++] = '"';
    for (uint64_t i = 0; i < length && i < EXCERPT; i++)
        text[at++] = (char)(bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '"' ? bytes[i] : '.');
    text[at++] = '"';
    if (length > EXCERPT) {
        memcpy(text + at, "...", 3);
        at += 3;
    }
    text[at] = 0;
    return text;
}

/* What layers 7 to 5 say of a message: what, in which form, where in its dialogue. */
static void put_data(char *cell, const struct layers_log *log, int i, uint32_t from, int layer,
                     uint64_t length, int calls)
{
    const struct layers_message *message = &log->message[i];
    const struct layers_way *way = &log->way[message->way];
    char text[EXCERPT + 8], number[32];
    int at = snprintf(cell, CELL_BYTES, "%s %s bytes", words[layer].unit, grouped(length, number));

    if (layer == LAYERS_APPLICATION)
        snprintf(cell + at, CELL_BYTES - (size_t)at, " %s",
                 excerpt(message->bytes + from,
                         length < message->length - from ? length : message->length - from, text));
    else if (layer == LAYERS_APPLICATION - 1)
        snprintf(cell + at, CELL_BYTES - (size_t)at, " %s%s%s", event_call_name(message->call),
                 calls > 1 ? " x " : "", calls > 1 ? grouped((uint64_t)calls, number) : "");
    else if (way->type == SOCK_STREAM)
        snprintf(cell + at, CELL_BYTES - (size_t)at, " from byte %" PRIu64, message->offset + from);
}

/* What layers 4 to 1 had. */
static void put_units(char *cell, int layer, const char *unit, const struct layers_row *row,
                      int side, const char *wire)
{
    char units[32], bytes[32];

    if (layer == LAYERS_LEAST)
        snprintf(cell, CELL_BYTES, "%s bits on %.40s", grouped(row->bytes[side] * 8, bytes), wire);
    else if (row->units[side] == 1)
        snprintf(cell, CELL_BYTES, "%s %s bytes", unit, grouped(row->bytes[side], bytes));
    else
        snprintf(cell, CELL_BYTES, "%s %ss %s bytes", grouped(row->units[side], units), unit,
                 grouped(row->bytes[side], bytes));
}

/* The wire of the first unit at an end. */
static void wire_name(const struct layers *l, const struct layers_found *found, int side,
                      char text[NAMES_BYTES])
{
    snprintf(text, NAMES_BYTES, "?");
    for (int i = 0; i < found->units; i++) {
        int frame = side == 0 ? found->unit[i].sent : found->unit[i].arrived;

        if (frame == LAYERS_NONE)
            continue;
        l->names.wire(l->names.context, l->log.frame[frame].wire, text, NAMES_BYTES);
        return;
    }
}

/* RFC 1122 1.1.3: what layer 4 sends is a segment of TCP, a datagram of UDP; of X.25 a record. */
static const char *unit_of(const struct layers *l, int message, int layer)
{
    const struct layers_way *way = &l->log.way[l->log.message[message].way];

    if (layer != LAYERS_TRANSPORT || way->type == SOCK_STREAM)
        return words[layer].unit;
    return way->domain == AF_X25 ? "record" : "datagram";
}

static void put_cell(char *cell, const struct layers *l, int message,
                     const struct layers_found *found, const struct layers_compared *c, int layer,
                     int side)
{
    const struct layers_row *row = &c->row[layer];
    char wire[NAMES_BYTES];

    cell[0] = 0;
    if (row->units[side] == 0) {
        snprintf(cell, CELL_BYTES, "-");
    } else if (layer > LAYERS_TRANSPORT) {
        put_data(cell, &l->log, side == 0 ? message : found->first, side == 0 ? 0 : found->at,
                 layer, row->bytes[side], side == 0 ? 1 : found->reads);
    } else {
        wire_name(l, found, side, wire);
        put_units(cell, layer, unit_of(l, message, layer), row, side, wire);
    }
}

/* ---- a message ---- */

static void host_name(const struct layers *l, int host, char text[NAMES_BYTES])
{
    if (host < 0)
        snprintf(text, NAMES_BYTES, "nobody");
    else
        l->names.host(l->names.context, (unsigned)host, text, NAMES_BYTES);
}

/* Who threw a frame away, and why. */
static void put_notice(const struct layers *l, const struct layers_frame *frame)
{
    char host[NAMES_BYTES];

    if (frame->drop == DROP_NONE) {
        fputs("; no layer noticed", l->file);
        return;
    }
    host_name(l, frame->to, host);
    fprintf(l->file, "; layer %d of %s threw it away: %s", layers_compare_drop(frame->drop), host,
            event_drop_cause(frame->drop));
}

static void put_fault(const struct layers *l, const struct layers_fault *fault)
{
    const struct layers_frame *frame = &l->log.frame[fault->frame];
    char wire[NAMES_BYTES], time[32];

    l->names.wire(l->names.context, frame->wire, wire, sizeof wire);
    fprintf(l->file, "    frame %" PRIu64 " on %s at %s s ", frame->serial, wire,
            seconds(frame->sent, time));
    if (fault->layer == 0) {
        fputs("did not come out of the wire\n", l->file);
        return;
    }
    if (fault->layer == 1)
        fputs("was damaged on the wire", l->file);
    else
        fprintf(l->file, "differs in layer %d (%s): byte %u went in as %02x and came out as %02x",
                fault->layer, words[fault->layer].name, fault->at, fault->was, fault->became);
    put_notice(l, &l->log.frame[fault->last]);
    fputc('\n', l->file);
}

static const char *protocol_of(const struct layers_way *way)
{
    if (way->domain == AF_UNIX)
        return "UNIX";
    if (way->domain == AF_X25)
        return "X.25";
    return way->type == SOCK_STREAM ? "TCP" : "UDP";
}

/* Who a way leads from, or to. */
static const char *end_text(const struct layers_way *way, bool is_remote, char text[CELL_BYTES])
{
    char endpoint[FLOWS_ENDPOINT_BYTES];
    uint64_t serial = is_remote ? way->peer : way->own;

    if (way->domain == AF_INET || way->domain == AF_INET6)
        snprintf(text, CELL_BYTES, "%s",
                 flows_endpoint(is_remote ? &way->remote : &way->local, endpoint));
    else if (serial == 0)
        snprintf(text, CELL_BYTES, "%s", way->domain == AF_X25 ? "circuit" : "whoever it is");
    else
        snprintf(text, CELL_BYTES, "socket %" PRIu64, serial);
    return text;
}

static void show_text(const struct layers *l, int i, const struct layers_found *found,
                      const struct layers_compared *c)
{
    const struct layers_message *message = &l->log.message[i];
    const struct layers_way *way = &l->log.way[message->way];
    char here[NAMES_BYTES], there[NAMES_BYTES], from[CELL_BYTES], to[CELL_BYTES], sent[CELL_BYTES],
        got[CELL_BYTES], time[32];

    host_name(l, way->host, here);
    host_name(l, found->way == LAYERS_NONE ? -1 : (int)l->log.way[found->way].host, there);
    fprintf(l->file, "%s s: %s to %s, %s %s%s%s > %s\n", seconds(message->time, time), here, there,
            protocol_of(way), way->name, way->name[0] ? ": " : "", end_text(way, false, from),
            end_text(way, true, to));
    fprintf(l->file, "  %-15s %-40s %-40s %s\n", "layer", here, there, "peers");
    for (int layer = LAYERS_APPLICATION; layer >= LAYERS_LEAST; layer--) {
        put_cell(sent, l, i, found, c, layer, 0);
        put_cell(got, l, i, found, c, layer, 1);
        fprintf(l->file, "  %d %-13s %-40s %-40s %s\n", layer, words[layer].name, sent, got,
                verdicts[c->row[layer].verdict]);
    }
    for (int k = 0; k < c->faults; k++)
        put_fault(l, &c->fault[k]);
    if (c->more > 0)
        fprintf(l->file, "    and %" PRIu64 " more\n", c->more);
    if (found->more > 0)
        fprintf(l->file, "    %" PRIu64 " further frames of it are not counted\n", found->more);
    fputc('\n', l->file);
}

static void show_json(const struct layers *l, int i, const struct layers_found *found,
                      const struct layers_compared *c)
{
    const struct layers_message *message = &l->log.message[i];
    const struct layers_way *way = &l->log.way[message->way];
    char text[NAMES_BYTES], end[CELL_BYTES];
    struct fields f;

    fields_open(&f, true);
    fields_time(&f, message->time);
    host_name(l, way->host, text);
    fields_text(&f, "sender", text);
    host_name(l, found->way == LAYERS_NONE ? -1 : (int)l->log.way[found->way].host, text);
    fields_text(&f, "receiver", text);
    fields_text(&f, "protocol", protocol_of(way));
    if (way->name[0])
        fields_text(&f, "name", way->name);
    fields_text(&f, "local", end_text(way, false, end));
    fields_text(&f, "remote", end_text(way, true, end));
    fields_number(&f, "offset", (int64_t)message->offset);
    fields_number(&f, "frames_left_out", (int64_t)found->more);
    for (int layer = LAYERS_APPLICATION; layer >= LAYERS_LEAST; layer--) {
        const struct layers_row *row = &c->row[layer];
        int64_t times = layer == LAYERS_LEAST ? 8 : 1;

        fields_begin(&f, words[layer].name);
        fields_number(&f, "layer", layer);
        fields_text(&f, "unit", unit_of(l, i, layer));
        fields_number(&f, "sent_units", row->units[0]);
        fields_number(&f, layer == LAYERS_LEAST ? "sent_bits" : "sent_bytes",
                      (int64_t)row->bytes[0] * times);
        fields_number(&f, "received_units", row->units[1]);
        fields_number(&f, layer == LAYERS_LEAST ? "received_bits" : "received_bytes",
                      (int64_t)row->bytes[1] * times);
        fields_text(&f, "peers", verdicts[row->verdict]);
        fields_end(&f);
    }
    for (int k = 0; k < c->faults; k++) {
        const struct layers_frame *frame = &l->log.frame[c->fault[k].frame];
        uint8_t drop = l->log.frame[c->fault[k].last].drop;
        char name[16];

        snprintf(name, sizeof name, "fault%d", k + 1);
        fields_begin(&f, name);
        l->names.wire(l->names.context, frame->wire, text, sizeof text);
        fields_text(&f, "wire", text);
        fields_number(&f, "frame", (int64_t)frame->serial);
        fields_number(&f, "layer", c->fault[k].layer);
        fields_number(&f, "byte", c->fault[k].at);
        fields_number(&f, "was", c->fault[k].was);
        fields_number(&f, "became", c->fault[k].became);
        fields_number(&f, "noticed_by", drop ? layers_compare_drop(drop) : 0);
        fields_text(&f, "drop", event_drop_name(drop));
        fields_end(&f);
    }
    fputs(fields_close(&f), l->file);
}

/* ---- all of them ---- */

/* Messages by layer: compared, the same, another. */
struct sum {
    uint64_t compared[LAYERS_ROWS], same[LAYERS_ROWS], differ[LAYERS_ROWS];
    uint64_t messages, shown;
};

static void add_to_sum(struct sum *sum, const struct layers_compared *c)
{
    for (int layer = LAYERS_LEAST; layer < LAYERS_ROWS; layer++) {
        enum layers_verdict verdict = c->row[layer].verdict;

        if (verdict <= LAYERS_UNSEEN)
            continue;
        sum->compared[layer]++;
        if (verdict == LAYERS_DIFFERS)
            sum->differ[layer]++;
        else
            sum->same[layer]++;
    }
}

static void show_sum(const struct layers *l, const struct sum *sum)
{
    char text[32];

    if (sum->messages == 0) {
        fputs("no program sent a message\n", l->file);
        return;
    }
    fprintf(l->file, "%s messages of programs", grouped(sum->messages, text));
    if (sum->shown < sum->messages)
        fprintf(l->file, ", %s shown (--layers=all shows each)", grouped(sum->shown, text));
    fputs("; of those that came to a peer:\n", l->file);
    fprintf(l->file, "  %-15s %12s %12s %12s\n", "layer", "compared", "same", "differ");
    for (int layer = LAYERS_APPLICATION; layer >= LAYERS_LEAST; layer--)
        fprintf(l->file, "  %d %-13s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", layer,
                words[layer].name, sum->compared[layer], sum->same[layer], sum->differ[layer]);
}

/* Of the Internet's sockets streams and datagrams are followed; those of X.25; and those of
 * AF_UNIX, which have no layers below the fifth. */
static bool is_followed(const struct layers_way *way)
{
    if (way->domain == AF_UNIX || way->domain == AF_X25)
        return true;
    return (way->domain == AF_INET || way->domain == AF_INET6) && way->local.port != 0 &&
           (way->type == SOCK_STREAM || way->type == SOCK_DGRAM);
}

void layers_done(struct layers *l)
{
    struct layers_found found;
    struct layers_compared compared;
    struct sum sum = {{0}, {0}, {0}, 0, 0};

    for (int i = 0; i < l->log.messages; i++) {
        const struct layers_message *message = &l->log.message[i];
        const struct layers_way *way = &l->log.way[message->way];

        if (way->received || !is_followed(way) || message->length == 0)
            continue;
        layers_find(&l->log, i, &found);
        layers_compare(&l->log, i, &found, &compared);
        sum.messages++;
        add_to_sum(&sum, &compared);
        if (!l->all && way->first != i && compared.row[LAYERS_LEAST].verdict != LAYERS_DIFFERS)
            continue;
        sum.shown++;
        if (l->json)
            show_json(l, i, &found, &compared);
        else
            show_text(l, i, &found, &compared);
    }
    if (!l->json)
        show_sum(l, &sum);
    if (l->log.left_out > 0 && !l->json)
        fprintf(l->file, "%" PRIu64 " messages and frames were not kept, for want of memory\n",
                l->log.left_out);
    layers_log_done(&l->log);
}
