/* SPDX-License-Identifier: MIT */
/* Packets of X.25, on any bytes: what is read is within its bounds, and written again it is read as
 * the same. */
#include "3-network/x25/x25_packet.h"

#include "base/compiler.h"

enum { ROOM = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void digits_are_sound(const struct x121 *a)
{
    ensure(a->length <= X121_DIGITS);
    for (int i = 0; i < a->length; i++)
        ensure(a->digit[i] >= '0' && a->digit[i] <= '9');
}

static void call_is_sound(const struct x25_call *call)
{
    const struct x25_facilities *f = &call->facilities;

    digits_are_sound(&call->called);
    digits_are_sound(&call->calling);
    ensure(call->data.length <= X25_USER_DATA_BYTES);
    ensure(f->called.digits <= 2 * X25_EXTENSION_BYTES);
    ensure(f->calling.digits <= 2 * X25_EXTENSION_BYTES);
    if (f->mask & X25_FACILITY_WINDOW)
        ensure(f->window_in >= 1 && f->window_out <= 127);
    if (f->mask & X25_FACILITY_PACKET_BYTES)
        ensure(f->packet_in >= X25_PACKET_BYTES_LOG_LEAST &&
               f->packet_out <= X25_PACKET_BYTES_LOG_MOST);
}

static void call_again(struct reader r, const struct x25_header *h, bool called)
{
    struct x25_call call, again;
    uint8_t written[ROOM];
    struct writer w = writer_of(written, sizeof written);

    if (x25_packet_call_read(&r, h, &call, called))
        return;
    call_is_sound(&call);
    if (h->type != X25_CALL_REQUEST)
        return;
    x25_packet_call_write(&w, &call, false);
    ensure(!w.failed);
    r = reader_of(written, (size_t)(w.at - written));
    ensure(x25_packet_call_read(&r, h, &again, false) == 0);
    ensure(again.called.length == call.called.length && again.data.length == call.data.length &&
           again.facilities.mask == call.facilities.mask &&
           again.facilities.throughput == call.facilities.throughput);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    struct x25_user_data data = {.length = 0};
    struct x25_reason reason;
    struct x25_header h, again;
    uint8_t written[4];
    struct writer w = writer_of(written, sizeof written);
    struct reader copy;

    if (x25_packet_read(&r, &h))
        return 0;
    x25_packet_write(&w, &h);
    copy = reader_of(written, (size_t)(w.at - written));
    ensure(x25_packet_read(&copy, &again) == 0);
    ensure(again.lcn == h.lcn && again.type == h.type && again.ps == h.ps && again.pr == h.pr &&
           again.more == h.more && again.extended == h.extended);
    call_again(r, &h, true);
    call_again(r, &h, false);
    (void)x25_packet_clear_read(&r, &reason, &data);
    ensure(data.length <= X25_USER_DATA_BYTES);
    return 0;
}
