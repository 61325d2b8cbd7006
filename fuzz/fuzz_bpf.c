/* SPDX-License-Identifier: MIT */
/* Classic BPF: any bytes as a program, and any as a packet behind it. What passes the check runs to
 * its end inside the packet, and is given back as it was. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/bpf.h"
#include "base/compiler.h"
#include "base/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static _Alignas(4096) uint8_t memory[sizeof(struct arena) + (1 << 20)];

static struct bpf_store *store_of(void)
{
    static struct bpf_store store;

    if (!store.program_pool) {
        struct arena *arena = (struct arena *)memory;

        arena_init(arena, sizeof memory, 1);
        store.program_pool = pool_open(arena, bpf_program_bytes(), 2, false);
        store.chunk_pool = pool_open(arena, bpf_chunk_bytes(), BPF_CHUNKS, false);
    }
    return &store;
}

/* The first byte: how many instructions; the second: where the packet's headers are. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t of_program = length < 2 ? 0 : (size_t)bytes[0] * BPF_INSTRUCTION_BYTES;
    struct bpf_program *program = NULL;
    struct bpf_view view = {.hardware = 1, .protocol = 0x0800};
    uint8_t *packet, *again;

    if (length < 2 || of_program > length - 2 ||
        bpf_open(store_of(), bytes + 2, of_program, &program) < 0)
        return 0;
    view.length = (uint32_t)(length - 2 - of_program);
    view.start = view.length ? bytes[1] % 32 % view.length : 0;
    view.network = view.start;
    view.has_link = bytes[1] & 32;
    view.has_interface = bytes[1] & 64;
    view.has_vlan = bytes[1] & 128;
    packet = malloc(view.length ? view.length : 1); /* so that a byte too far is seen */
    again = malloc(of_program);
    ensure(packet && again);
    memcpy(packet, bytes + 2 + of_program, view.length);
    view.bytes = packet;
    (void)bpf_run(program, &view);
    bpf_copy(program, again);
    ensure(memcmp(again, bytes + 2, of_program) == 0);
    bpf_close(store_of(), program);
    ensure(bpf_store_check(store_of(), 0) == 0);
    free(packet);
    free(again);
    return 0;
}
