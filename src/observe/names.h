/* SPDX-License-Identifier: MIT */
/*
 * What an observer may ask about the numbers in an event: the names of hosts and of the ends of
 * wires, and how fast a wire is. view.c answers from a lab; tests answer by themselves.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { NAMES_BYTES = 160 };

/* The name of a host ("a"), of the interface that sends or receives on a direction of a wire
 * ("a.eth0", "outside"), of the wire ("w0"). Each writes at most `size` bytes, with the NUL. */
struct names {
    const void *context;
    void (*host)(const void *context, unsigned host, char *text, size_t size);
    void (*sender)(const void *context, unsigned wire, unsigned direction, char *text, size_t size);
    void (*wire)(const void *context, unsigned wire, char *text, size_t size);
    /* Bits a second of a direction of a wire; 0: no limit. */
    uint64_t (*rate)(const void *context, unsigned wire, unsigned direction);
    /* The host that sends on a direction of a wire; -1: outside. */
    int (*host_at)(const void *context, unsigned wire, unsigned direction);
};
