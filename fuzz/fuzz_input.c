/* SPDX-License-Identifier: MIT */
/*
 * Inputs out of a damaged or hostile record: bytes are read as inputs and run on a lab of two hosts
 * with a wire and a door, and some events between them. Whatever they ask, the lab stays whole.
 * A byte before each input says how many events run first.
 */
#include <stdlib.h>

#include "base/compiler.h"
#include "lab/handle.h"

enum { INPUTS = 64, EVENTS = 15, MOST_ROOM = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct sockeye *lab_open(void)
{
    const struct sockeye_config config = {
        .seed = 1, .hosts = 3, .wires = 3, .sockets = 16, .packets = 64, .buffer_bytes = 1 << 20};
    struct sockeye *lab;

    ensure(sockeye_open(&config, &lab) == 0);
    ensure(sockeye_wire(lab, "w", NULL, NULL) == 0);
    ensure(sockeye_door(lab, "d", SOCKEYE_DOOR_ETHERNET, 0) == 1);
    ensure(sockeye_host(lab, "a") == 0);
    ensure(sockeye_host(lab, "b") == 1);
    ensure(sockeye_interface(lab, 0, "e", 0, 0, NULL) == 1);
    ensure(sockeye_interface(lab, 1, "e", 0, 1, NULL) == 1);
    ensure(sockeye_interface(lab, 0, "d", 1, 0, NULL) == 2);
    ensure(sockeye_address(lab, 0, 1, "10.0.0.1/24") == 0);
    ensure(sockeye_address(lab, 1, 1, "10.0.0.2/24") == 0);
    return lab;
}

/* Rooms of many megabytes are right, and only cost time here. */
static bool is_small(const struct input *in)
{
    for (int i = 0; i < INPUT_PARTS; i++)
        if (in->out[i].size > MOST_ROOM || in->in[i].length > MOST_ROOM)
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);
    struct sockeye *lab = lab_open();

    for (int n = 0; n < INPUTS && reader_left(&r) > 0; n++) {
        unsigned events = read_u8(&r) & EVENTS;
        struct input in;
        void *scratch;
        bool is_read;

        for (unsigned i = 0; i < events && sockeye_next_deadline(lab) != NEVER; i++)
            door_step(lab);
        is_read = input_read(&r, &in, &scratch);
        if (is_read && is_small(&in))
            (void)door_enter(lab, &in);
        free(scratch);
        ensure(sockeye_check(lab) == 0);
        if (!is_read)
            break;
    }
    sockeye_close(lab);
    return 0;
}
