/* SPDX-License-Identifier: MIT */
/*
 * linux/x25.h: what a program says of a call, and reads of it. A request is a row: how many bytes
 * it takes, how many it gives, and what it does; ranges and errors are those of Linux's x25_ioctl.
 * winsize_out is held to the range of winsize_in, which Linux forgets.
 */
#include "6-presentation/abi.h"
#include "6-presentation/ioctl_circuit.h"
#include "6-presentation/protocol.h"

#include <errno.h>
#include <string.h>

/* A value of the ABI, and the same as layer 4 has it. */
struct exchange {
    struct socket *socket;
    void *bytes;
    nanoseconds now;
    struct transport_circuit circuit;
};

static int say(struct exchange *x, enum transport_circuit_call call)
{
    return session_circuit(x->socket, call, &x->circuit, x->now);
}

static int get_facilities(struct exchange *x)
{
    const struct transport_circuit *c = &x->circuit;
    const struct x25_facilities f = {.winsize_in = c->window_in,
                                     .winsize_out = c->window_out,
                                     .pacsize_in = c->packet_in,
                                     .pacsize_out = c->packet_out,
                                     .throughput = c->throughput,
                                     .reverse = c->reverse};

    memcpy(x->bytes, &f, sizeof f);
    return 0;
}

/* Each half is a class from 3 to 13, or 0: the usual one. @return 0 or -EINVAL */
static int throughput_set(struct transport_circuit *c, unsigned throughput)
{
    enum { USUAL = 0x0A, LEAST = 3, MOST = 13 };
    unsigned called = throughput >> 4, calling = throughput & 0x0f;

    if (throughput == 0)
        return 0;
    called = called ? called : USUAL;
    calling = calling ? calling : USUAL;
    if (called < LEAST || called > MOST || calling < LEAST || calling > MOST)
        return -EINVAL;
    c->throughput = (uint8_t)(called << 4 | calling);
    return 0;
}

static bool is_within(unsigned value, unsigned low, unsigned high)
{
    return value >= low && value <= high;
}

static int set_facilities(struct exchange *x)
{
    enum { FAST_SELECT = 0x81, WINDOW_MOST = 127 };
    struct transport_circuit *c = &x->circuit;
    struct x25_facilities f;

    memcpy(&f, x->bytes, sizeof f);
    if (!is_within(f.pacsize_in, X25_PS16, X25_PS4096) ||
        !is_within(f.pacsize_out, X25_PS16, X25_PS4096) ||
        !is_within(f.winsize_in, 1, WINDOW_MOST) || !is_within(f.winsize_out, 1, WINDOW_MOST) ||
        (f.reverse && (f.reverse & FAST_SELECT) != FAST_SELECT))
        return -EINVAL;
    memset(c, 0, sizeof *c);
    if (throughput_set(c, f.throughput))
        return -EINVAL;
    c->window_in = (uint8_t)f.winsize_in;
    c->window_out = (uint8_t)f.winsize_out;
    c->packet_in = (uint8_t)f.pacsize_in;
    c->packet_out = (uint8_t)f.pacsize_out;
    c->reverse = (uint8_t)f.reverse;
    return say(x, TRANSPORT_CIRCUIT_FACILITIES);
}

_Static_assert((int)sizeof((struct x25_dte_facilities *)0)->calling_ae ==
                   (int)TRANSPORT_CIRCUIT_EXTENSION_BYTES,
               "as layer 4 has them");
/* Delays, throughput and expedited data stand in front. Linux keeps them for its program, and
 * neither sends nor reads them (net/x25/x25_facilities.c). */
_Static_assert(offsetof(struct x25_dte_facilities, calling_len) == TRANSPORT_CIRCUIT_KEPT_BYTES,
               "the same");

static int get_extensions(struct exchange *x)
{
    const struct transport_circuit *c = &x->circuit;
    struct x25_dte_facilities f;

    memset(&f, 0, sizeof f);
    memcpy(&f, c->kept, sizeof c->kept);
    f.calling_len = c->calling_digits;
    f.called_len = c->called_digits;
    memcpy(f.calling_ae, c->calling, sizeof f.calling_ae);
    memcpy(f.called_ae, c->called, sizeof f.called_ae);
    memcpy(x->bytes, &f, sizeof f);
    return 0;
}

static int set_extensions(struct exchange *x)
{
    struct transport_circuit *c = &x->circuit;
    struct x25_dte_facilities f;

    memcpy(&f, x->bytes, sizeof f);
    if (f.calling_len > 2 * sizeof f.calling_ae || f.called_len > 2 * sizeof f.called_ae)
        return -EINVAL;
    memcpy(c->kept, &f, sizeof c->kept);
    c->calling_digits = f.calling_len;
    c->called_digits = f.called_len;
    memcpy(c->calling, f.calling_ae, sizeof f.calling_ae);
    memcpy(c->called, f.called_ae, sizeof f.called_ae);
    return say(x, TRANSPORT_CIRCUIT_EXTENSIONS);
}

static int get_data(struct exchange *x)
{
    const struct transport_circuit *c = &x->circuit;
    struct x25_calluserdata data = {.cudlength = c->data_length};

    memcpy(data.cuddata, c->data, sizeof data.cuddata);
    memcpy(x->bytes, &data, sizeof data);
    return 0;
}

static int set_data(struct exchange *x)
{
    struct transport_circuit *c = &x->circuit;
    struct x25_calluserdata data;

    memcpy(&data, x->bytes, sizeof data);
    if (data.cudlength > sizeof data.cuddata)
        return -EINVAL;
    c->data_length = (uint8_t)data.cudlength;
    memcpy(c->data, data.cuddata, sizeof data.cuddata);
    return say(x, TRANSPORT_CIRCUIT_DATA_SET);
}

static int get_reason(struct exchange *x)
{
    const struct x25_causediag reason = {x->circuit.cause, x->circuit.diagnostic};

    memcpy(x->bytes, &reason, sizeof reason);
    return 0;
}

static int set_reason(struct exchange *x)
{
    struct x25_causediag reason;

    memcpy(&reason, x->bytes, sizeof reason);
    x->circuit.cause = reason.cause;
    x->circuit.diagnostic = reason.diagnostic;
    return say(x, TRANSPORT_CIRCUIT_REASON);
}

static int set_match(struct exchange *x)
{
    struct x25_subaddr match;

    memcpy(&match, x->bytes, sizeof match);
    if (match.cudmatchlength > TRANSPORT_CIRCUIT_DATA_BYTES)
        return -EINVAL;
    x->circuit.match_length = (uint8_t)match.cudmatchlength;
    return say(x, TRANSPORT_CIRCUIT_MATCH);
}

static int decide(struct exchange *x)
{
    return say(x, TRANSPORT_CIRCUIT_DECIDE);
}

static int accept_call(struct exchange *x)
{
    return say(x, TRANSPORT_CIRCUIT_ACCEPT);
}

struct circuit_request {
    unsigned long request;
    size_t takes, gives;
    int (*run)(struct exchange *x);
};

static const struct circuit_request rows[] = {
    {SIOCX25GFACILITIES, 0, sizeof(struct x25_facilities), get_facilities},
    {SIOCX25SFACILITIES, sizeof(struct x25_facilities), 0, set_facilities},
    {SIOCX25GDTEFACILITIES, 0, sizeof(struct x25_dte_facilities), get_extensions},
    {SIOCX25SDTEFACILITIES, sizeof(struct x25_dte_facilities), 0, set_extensions},
    {SIOCX25GCALLUSERDATA, 0, sizeof(struct x25_calluserdata), get_data},
    {SIOCX25SCALLUSERDATA, sizeof(struct x25_calluserdata), 0, set_data},
    {SIOCX25GCAUSEDIAG, 0, sizeof(struct x25_causediag), get_reason},
    {SIOCX25SCAUSEDIAG, sizeof(struct x25_causediag), 0, set_reason},
    {SIOCX25SCUDMATCHLEN, sizeof(struct x25_subaddr), 0, set_match},
    {SIOCX25CALLACCPTAPPRV, 0, 0, decide},
    {SIOCX25SENDCALLACCPT, 0, 0, accept_call},
};

int ioctl_circuit_run(const struct descriptor *d, unsigned long request, void *bytes,
                      size_t *length, nanoseconds now)
{
    struct exchange x = {.socket = d->session.socket, .bytes = bytes, .now = now};
    const struct circuit_request *row = NULL;
    int status;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].request == request)
            row = &rows[i];
    if (!row || protocol_of(d)->domain != AF_X25)
        return -ENOTTY;
    if ((row->takes || row->gives) && (!bytes || *length < row->takes || *length < row->gives))
        return -EFAULT;
    status = say(&x, TRANSPORT_CIRCUIT_READ);
    if (status == 0)
        status = row->run(&x);
    *length = status == 0 ? row->gives : 0;
    return status;
}
