/* SPDX-License-Identifier: MIT */
/* The theory is in x25_facilities.h. */
#include "3-network/x25/x25_facilities.h"

#include "3-network/x25/x25_packet.h"
#include "base/integer.h"

enum facility {
    MARKER = 0x00,
    REVERSE = 0x01, /* and fast select: X.25 7.2.2.6 */
    THROUGHPUT = 0x02,
    PACKET_BYTES = 0x42,
    WINDOW = 0x43,
    CALLED_EXTENSION = 0xC9,
    CALLING_EXTENSION = 0xCB
};

enum { MARKER_STATIONS = 0x0F, WINDOW_MOST = 127 };
enum { DIGITS_MASK = 0x3f };

/* The parameters of a facility: as long as its class says (X.25 7.1). */
static struct reader parameters(struct reader *r, uint8_t code)
{
    size_t length = (size_t)(code >> 6) + 1;
    const uint8_t *bytes;

    if (code >> 6 == 3)
        length = read_u8(r);
    bytes = read_bytes(r, length);
    return reader_of(bytes, bytes ? length : 0);
}

static uint8_t pair_read(struct reader *p, bool called, uint8_t bounds[2], uint8_t *in,
                         uint8_t *out)
{
    uint8_t of_called = read_u8(p), of_calling = read_u8(p);

    if (of_called < bounds[0] || of_called > bounds[1] || of_calling < bounds[0] ||
        of_calling > bounds[1])
        return X25_DIAGNOSTIC_FACILITY_PARAMETER;
    *in = called ? of_calling : of_called;
    *out = called ? of_called : of_calling;
    return 0;
}

static uint8_t extension_read(struct reader *p, struct x25_extension *to)
{
    size_t bytes;

    memset(to, 0, sizeof *to);
    to->digits = read_u8(p) & DIGITS_MASK; /* the upper bits: which form, as far as is known here */
    bytes = (size_t)(to->digits + 1) / 2;
    if (to->digits > 2 * X25_EXTENSION_BYTES || reader_left(p) != bytes)
        return X25_DIAGNOSTIC_FACILITY_PARAMETER;
    read_copy(p, to->bytes, bytes);
    return p->failed ? X25_DIAGNOSTIC_FACILITY_PARAMETER : 0;
}

/* The network's own, those that count before any marker. */
static uint8_t network_read(uint8_t code, struct reader *p, bool called, struct x25_facilities *f)
{
    uint8_t packets[] = {X25_PACKET_BYTES_LOG_LEAST, X25_PACKET_BYTES_LOG_MOST};
    uint8_t windows[] = {1, WINDOW_MOST};

    switch (code) {
    case REVERSE:
        f->reverse = read_u8(p) & (X25_FAST_SELECT_RESTRICTED | X25_REVERSE);
        f->mask |= X25_FACILITY_REVERSE;
        return 0;
    case THROUGHPUT:
        f->throughput = read_u8(p);
        f->mask |= X25_FACILITY_THROUGHPUT;
        return 0;
    case PACKET_BYTES:
        f->mask |= X25_FACILITY_PACKET_BYTES;
        return pair_read(p, called, packets, &f->packet_in, &f->packet_out);
    case WINDOW:
        f->mask |= X25_FACILITY_WINDOW;
        return pair_read(p, called, windows, &f->window_in, &f->window_out);
    default:
        return 0;
    }
}

static uint8_t stations_read(uint8_t code, struct reader *p, struct x25_facilities *f)
{
    switch (code) {
    case CALLED_EXTENSION:
        f->mask |= X25_FACILITY_CALLED_EXTENSION;
        return extension_read(p, &f->called);
    case CALLING_EXTENSION:
        f->mask |= X25_FACILITY_CALLING_EXTENSION;
        return extension_read(p, &f->calling);
    default:
        return 0;
    }
}

uint8_t x25_facilities_read(struct reader *r, struct x25_facilities *f, bool called)
{
    size_t length = read_u8(r);
    const uint8_t *bytes = read_bytes(r, length);
    struct reader all = reader_of(bytes, bytes ? length : 0);
    bool in_network = true, in_stations = false;
    uint8_t wrong = 0;

    memset(f, 0, sizeof *f);
    if (r->failed)
        return X25_DIAGNOSTIC_FACILITY_LENGTH;
    while (!wrong && reader_left(&all) > 0) {
        uint8_t code = read_u8(&all);
        struct reader p = parameters(&all, code);

        if (all.failed)
            return X25_DIAGNOSTIC_FACILITY_LENGTH;
        if (code == MARKER) {
            in_network = false;
            in_stations = read_u8(&p) == MARKER_STATIONS;
        } else if (in_network) {
            wrong = network_read(code, &p, called, f);
        } else if (in_stations) {
            wrong = stations_read(code, &p, f);
        }
    }
    return wrong;
}

static void pair_write(struct writer *w, uint8_t code, uint8_t of_called, uint8_t of_calling)
{
    write_u8(w, code);
    write_u8(w, of_called);
    write_u8(w, of_calling);
}

static void extension_write(struct writer *w, uint8_t code, const struct x25_extension *e)
{
    uint8_t bytes = (uint8_t)((e->digits + 1) / 2);

    write_u8(w, code);
    write_u8(w, (uint8_t)(bytes + 1));
    write_u8(w, e->digits);
    write_copy(w, e->bytes, bytes);
}

void x25_facilities_write(struct writer *w, const struct x25_facilities *f, bool called)
{
    uint8_t *length = w->at;

    write_u8(w, 0);
    if (w->failed)
        return;
    if (f->mask & X25_FACILITY_REVERSE) {
        write_u8(w, REVERSE);
        write_u8(w, f->reverse);
    }
    if (f->mask & X25_FACILITY_THROUGHPUT) {
        write_u8(w, THROUGHPUT);
        write_u8(w, f->throughput);
    }
    if (f->mask & X25_FACILITY_PACKET_BYTES)
        pair_write(w, PACKET_BYTES, called ? f->packet_out : f->packet_in,
                   called ? f->packet_in : f->packet_out);
    if (f->mask & X25_FACILITY_WINDOW)
        pair_write(w, WINDOW, called ? f->window_out : f->window_in,
                   called ? f->window_in : f->window_out);
    if (f->mask & (X25_FACILITY_CALLED_EXTENSION | X25_FACILITY_CALLING_EXTENSION)) {
        write_u8(w, MARKER);
        write_u8(w, MARKER_STATIONS);
    }
    if (f->mask & X25_FACILITY_CALLING_EXTENSION)
        extension_write(w, CALLING_EXTENSION, &f->calling);
    if (f->mask & X25_FACILITY_CALLED_EXTENSION)
        extension_write(w, CALLED_EXTENSION, &f->called);
    if (!w->failed)
        *length = (uint8_t)(w->at - length - 1);
}

void x25_facilities_init(struct x25_facilities *agreed)
{
    memset(agreed, 0, sizeof *agreed);
    agreed->window_in = agreed->window_out = X25_WINDOW;
    agreed->packet_in = agreed->packet_out = X25_PACKET_BYTES_LOG;
}

static uint8_t less(uint8_t a, uint8_t b)
{
    return (uint8_t)least(a, b);
}

/* Both halves of an octet by themselves; 0: nothing was said of it. */
static uint8_t throughput_less(uint8_t a, uint8_t b)
{
    uint8_t called = less(a >> 4, b >> 4), calling = less(a & 0x0f, b & 0x0f);

    if (a == 0 || b == 0)
        return a | b;
    return (uint8_t)(called << 4 | calling);
}

void x25_facilities_limit(struct x25_facilities *agreed, const struct x25_facilities *said)
{
    if (said->mask & X25_FACILITY_PACKET_BYTES) {
        agreed->packet_in = less(agreed->packet_in, said->packet_in);
        agreed->packet_out = less(agreed->packet_out, said->packet_out);
    }
    if (said->mask & X25_FACILITY_WINDOW) {
        agreed->window_in = less(agreed->window_in, said->window_in);
        agreed->window_out = less(agreed->window_out, said->window_out);
    }
    if (said->mask & X25_FACILITY_THROUGHPUT)
        agreed->throughput = throughput_less(agreed->throughput, said->throughput);
}

void x25_facilities_fit(struct x25_facilities *f, const struct x25_line *line)
{
    uint8_t most_packets = line->extended ? 127 : 7;

    f->window_in = less(f->window_in, most_packets);
    f->window_out = less(f->window_out, most_packets);
    f->packet_in = less(f->packet_in, line->packet_most);
    f->packet_out = less(f->packet_out, line->packet_most);
}
