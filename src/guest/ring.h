/* SPDX-License-Identifier: MIT */
/* The ring of a socket of frames: what is asked of it, and who fills it. Theory in ring.c. */
#pragma once
#include "guest/state.h"

/* Is the option the ring's, of this socket? */
bool guest_ring_is_option(const struct guest_socket *s, int level, int name);
int guest_ring_set(struct guest_runner *runner, struct guest_socket *s, int name, const void *value,
                   uint32_t length);
int guest_ring_get(struct guest_runner *runner, struct guest_socket *s, int name, void *value,
                   uint32_t *length);
int64_t guest_ring_mmap(struct guest_call *call);
/* The borrowed descriptor of this number is no socket: is it a ring in the place of its holder?
 * Then that is there again, and borrowed. */
bool guest_ring_bring_back(struct guest_call *call, int number);
/* Nobody of the program is left: a holder that it would have brought back is closed. */
void guest_ring_forget_program(struct guest_runner *runner, int program);
/* Has it one? Then frames go there, as long as there is room. */
bool guest_ring_is(const struct guest_socket *s);
bool guest_ring_has_room(struct guest_socket *s);
void guest_ring_put(struct guest_socket *s, const uint8_t *bytes, size_t length,
                    const struct guest_origin *origin);
/* What was put is shown, unless the program has something to read still. */
void guest_ring_flush(struct guest_runner *runner, struct guest_socket *s);
/* Who has read all has a turn. Asked again and again while one has not. */
void guest_ring_look(struct guest_runner *runner, int64_t wall);
int64_t guest_ring_deadline(const struct guest_runner *runner);
void guest_ring_done(struct guest_runner *runner, struct guest_socket *s);
