/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF, ours beside the kernel's: random programs are attached to one end of a pair of
 * AF_UNIX sockets, which have neither an interface nor headers, and random datagrams are sent to
 * it. The kernel must refuse what we refuse, drop what we drop, and cut where we cut. A program
 * ends by returning eight bits of A, so that every bit shows over the rounds.
 */
#include <errno.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bpf.h"
#include "base/pool.h"
#include "base_test.h"

enum { PROGRAMS = 6000, PACKETS = 4, LONGEST = 24, PACKET_BYTES = 255 };

static struct seeded seed = {.state = 9};
static struct sock_filter code[LONGEST + 8];
static uint32_t count;
static struct bpf_store store;

/* A constant: small, a power of two, any, or near an end. */
static uint32_t constant(void)
{
    switch (draw_below(&seed, 5)) {
    case 0:
        return (uint32_t)draw_below(&seed, 16);
    case 1:
        return 1u << draw_below(&seed, 32);
    case 2:
        return (uint32_t)draw_below(&seed, PACKET_BYTES + 8);
    case 3:
        return 0u - (uint32_t)draw_below(&seed, 4);
    default:
        return (uint32_t)draw(&seed);
    }
}

/* Those that a socket without an interface can answer the same way everywhere. */
static uint32_t question(void)
{
    static const uint32_t known[] = {
        SKF_AD_PROTOCOL, SKF_AD_PKTTYPE,          SKF_AD_IFINDEX,  SKF_AD_MARK,
        SKF_AD_QUEUE,    SKF_AD_HATYPE,           SKF_AD_RXHASH,   SKF_AD_ALU_XOR_X,
        SKF_AD_VLAN_TAG, SKF_AD_VLAN_TAG_PRESENT, SKF_AD_VLAN_TPID};

    return (uint32_t)SKF_AD_OFF + known[draw_below(&seed, sizeof known / sizeof *known)];
}

static void add(void)
{
    static const uint16_t ops[] = {BPF_LD | BPF_W | BPF_ABS,
                                   BPF_LD | BPF_H | BPF_ABS,
                                   BPF_LD | BPF_B | BPF_ABS,
                                   BPF_LD | BPF_W | BPF_IND,
                                   BPF_LD | BPF_H | BPF_IND,
                                   BPF_LD | BPF_B | BPF_IND,
                                   BPF_LD | BPF_IMM,
                                   BPF_LD | BPF_MEM,
                                   BPF_LD | BPF_LEN,
                                   BPF_LDX | BPF_IMM,
                                   BPF_LDX | BPF_MEM,
                                   BPF_LDX | BPF_LEN,
                                   BPF_LDX | BPF_B | BPF_MSH,
                                   BPF_ST,
                                   BPF_STX,
                                   BPF_MISC | BPF_TAX,
                                   BPF_MISC | BPF_TXA,
                                   BPF_RET | BPF_A,
                                   BPF_JMP | BPF_JA,
                                   BPF_ALU | BPF_NEG,
                                   BPF_ALU | BPF_ADD,
                                   BPF_ALU | BPF_SUB,
                                   BPF_ALU | BPF_MUL,
                                   BPF_ALU | BPF_DIV,
                                   BPF_ALU | BPF_MOD,
                                   BPF_ALU | BPF_AND,
                                   BPF_ALU | BPF_OR,
                                   BPF_ALU | BPF_XOR,
                                   BPF_ALU | BPF_LSH,
                                   BPF_ALU | BPF_RSH,
                                   BPF_JMP | BPF_JEQ,
                                   BPF_JMP | BPF_JGT,
                                   BPF_JMP | BPF_JGE,
                                   BPF_JMP | BPF_JSET};
    uint64_t which = draw_below(&seed, sizeof ops / sizeof *ops + 1);
    struct sock_filter *i = &code[count++];

    i->code = which < sizeof ops / sizeof *ops ? ops[which] : (uint16_t)draw_below(&seed, 256);
    if (which >= 20 && draw_below(&seed, 2))
        i->code |= BPF_X;
    i->k = constant();
    if (BPF_CLASS(i->code) == BPF_LD && BPF_MODE(i->code) == BPF_ABS && draw_below(&seed, 4) == 0)
        i->k = question();
    if (which >= 7 && which <= 14 && draw_below(&seed, 8))
        i->k &= 15;
    if (i->code == (BPF_JMP | BPF_JA))
        i->k = (uint32_t)draw_below(&seed, 4);
    i->jt = (uint8_t)draw_below(&seed, 4);
    i->jf = (uint8_t)draw_below(&seed, 4);
}

static void make_program(void)
{
    uint32_t length = 1 + (uint32_t)draw_below(&seed, LONGEST - 1);

    count = 0;
    if (draw_below(&seed, 2)) /* so that a program may read what it has not written itself */
        for (uint32_t k = 0; k < 3; k++)
            code[count++] = (struct sock_filter)BPF_STMT(BPF_ST, k);
    while (count < length + 3)
        add();
    code[count++] =
        (struct sock_filter)BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8 * (uint32_t)draw_below(&seed, 4));
    code[count++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 255);
    code[count++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
}

/* How much of the packet the kernel lets through; -1: nothing at all. */
static ssize_t kernel_takes(const int ends[2], const uint8_t *packet, size_t length)
{
    uint8_t room[PACKET_BYTES];

    check_equal(send(ends[0], packet, length, MSG_DONTWAIT), length);
    return recv(ends[1], room, sizeof room, MSG_DONTWAIT);
}

static void compare(const int ends[2], const struct bpf_program *program)
{
    for (int i = 0; i < PACKETS; i++) {
        uint8_t packet[PACKET_BYTES];
        size_t length = 1 + draw_below(&seed, PACKET_BYTES);
        struct bpf_view view = {.bytes = packet, .length = (uint32_t)length};
        uint32_t ours;

        for (size_t k = 0; k < length; k++)
            packet[k] = (uint8_t)draw_below(&seed, draw_below(&seed, 2) ? 256 : 4);
        ours = bpf_run(program, &view);
        if (ours > length)
            ours = (uint32_t)length;
        check_equal(kernel_takes(ends, packet, length), ours > 0 ? (ssize_t)ours : -1);
    }
}

static void random_programs_say_the_same(void)
{
    struct arena *arena = arena_fresh(1 << 20);
    uint32_t taken = 0;
    int ends[2];

    store.program_pool = pool_open(arena, bpf_program_bytes(), 2, false);
    store.chunk_pool = pool_open(arena, bpf_chunk_bytes(), 2, false);
    check_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    for (int i = 0; i < PROGRAMS; i++) {
        struct sock_fprog given = {.filter = code};
        struct bpf_program *program = NULL;
        int ours, kernel;

        make_program();
        given.len = (unsigned short)count;
        ours = bpf_open(&store, (const uint8_t *)code, count * sizeof *code, &program);
        kernel = setsockopt(ends[1], SOL_SOCKET, SO_ATTACH_FILTER, &given, sizeof given);
        check_equal(ours, kernel < 0 ? -errno : 0);
        if (ours < 0)
            continue;
        compare(ends, program);
        bpf_close(&store, program);
        taken++;
    }
    close(ends[0]);
    close(ends[1]);
    arena_free(arena);
    check(taken > PROGRAMS / 20 && taken < PROGRAMS);
}

static const struct test tests[] = {
    {"the kernel refuses, drops and cuts the same", random_programs_say_the_same},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
