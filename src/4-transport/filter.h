/* SPDX-License-Identifier: MIT */
/*
 * The filter of an end: a program (base/bpf.h) that says of each packet how much of it the end
 * wants, put there and taken away by who holds the socket, until he locks it.
 */
#pragma once
#include "4-transport/transport.h"
#include "base/bpf.h"

struct filter {
    struct bpf_program *program; /* NULL: all is wanted */
    uint8_t is_locked;
    uint8_t zero[7];
};

/* As transport_filter. */
int filter_call(struct filter *f, struct bpf_store *store, enum transport_filter_call call,
                struct transport_filter *given);
void filter_done(struct filter *f, struct bpf_store *store);
