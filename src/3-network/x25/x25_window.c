/* SPDX-License-Identifier: MIT */
/* The theory is in x25_window.h. */
#include "3-network/x25/x25_window.h"

void x25_window_init(struct x25_window *w, bool extended, uint8_t in, uint8_t out)
{
    w->vs = w->va = w->vr = w->vl = 0;
    w->in = in;
    w->out = out;
    w->modulo = extended ? 128 : 8;
    w->zero = 0;
}

static uint8_t distance(const struct x25_window *w, uint8_t from, uint8_t to)
{
    return (uint8_t)((uint32_t)(to + w->modulo - from) % w->modulo);
}

static uint8_t next(const struct x25_window *w, uint8_t n)
{
    return (uint8_t)((uint32_t)(n + 1) % w->modulo);
}

bool x25_window_can_send(const struct x25_window *w)
{
    return distance(w, w->va, w->vs) < w->out;
}

uint8_t x25_window_send(struct x25_window *w)
{
    uint8_t ps = w->vs;

    w->vs = next(w, ps);
    return ps;
}

int x25_window_acknowledged(struct x25_window *w, uint8_t pr)
{
    uint8_t count = distance(w, w->va, pr);

    if (pr >= w->modulo || count > distance(w, w->va, w->vs))
        return -1;
    w->va = pr;
    return count;
}

void x25_window_go_back(struct x25_window *w)
{
    w->vs = w->va;
}

bool x25_window_take(struct x25_window *w, uint8_t ps)
{
    if (ps != w->vr || x25_window_is_closed(w))
        return false;
    w->vr = next(w, w->vr);
    return true;
}

bool x25_window_owes(const struct x25_window *w)
{
    return w->vr != w->vl;
}

bool x25_window_is_closed(const struct x25_window *w)
{
    return distance(w, w->vl, w->vr) >= w->in;
}

void x25_window_tell(struct x25_window *w, uint8_t pr)
{
    w->vl = pr;
}
