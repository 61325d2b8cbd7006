/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF as tables: which programs are refused, what each instruction does, and what the store
 * of a host holds. That the kernel says the same of random programs is test/programs/filters.c's.
 */
#include "base/bpf.h"

#include <errno.h>
#include <linux/filter.h>
#include <string.h>

#include "base/pool.h"
#include "base_test.h"

enum { LONGEST = BPF_MOST + 1, ARENA = 64 << 20 };

static struct arena *arena;
static struct bpf_store store;
static struct sock_filter code[LONGEST];
static uint32_t count;

static void fresh(void)
{
    memset(&store, 0, sizeof store);
    if (arena)
        arena_free(arena);
    arena = arena_fresh(ARENA);
    store.program_pool = pool_open(arena, bpf_program_bytes(), 2 * BPF_PROGRAMS, false);
    store.chunk_pool = pool_open(arena, bpf_chunk_bytes(), 2 * BPF_STORE_CHUNKS, false);
    count = 0;
}

static void add(uint32_t op, uint32_t k)
{
    code[count++] = (struct sock_filter){(uint16_t)op, 0, 0, k};
}

static void branch(uint32_t op, uint32_t k, uint8_t when_true, uint8_t when_false)
{
    code[count++] = (struct sock_filter){(uint16_t)op, when_true, when_false, k};
}

static bool is_taken(void)
{
    return bpf_check((const uint8_t *)code, count);
}

static const uint8_t frame[] = {
    2,    0,    0,    0,    0,    1,    2,    0,    0,    0,
    0,    2,    0x08, 0x00, /* the link's header */
    0x45, 0xc0, 0x00, 0x28, 0xab, 0xcd, 0x40, 0x00, 0x40, 0x06,
};

static struct bpf_view view = {.bytes = frame,
                               .length = sizeof frame,
                               .start = 14,
                               .network = 14,
                               .interface = 2,
                               .protocol = 0x0800,
                               .hardware = 1,
                               .kind = 4,
                               .has_link = true,
                               .has_interface = true};

/* What the program says of the frame. */
static uint32_t run(void)
{
    struct bpf_program *p = NULL;
    uint32_t result;

    check_equal(bpf_open(&store, (const uint8_t *)code, count * sizeof *code, &p), 0);
    result = bpf_run(p, &view);
    bpf_close(&store, p);
    count = 0;
    return result;
}

static void codes_that_are_not_of_the_list(void)
{
    uint32_t known = 0;

    for (uint32_t op = 0; op <= 0x1ff; op++) {
        fresh();
        add(BPF_ST, 1);
        add(op, 1);
        add(BPF_RET | BPF_K, 0);
        add(BPF_RET | BPF_K, 0);
        known += is_taken();
    }
    check_equal(known, 21 + 9 + 4 + 2 + 2 + 2 + 9); /* by class: ALU, LD, LDX, ST, MISC, RET, JMP */
}

static void constants_that_cannot_be_used(void)
{
    static const struct {
        uint32_t op, k;
        bool is_taken;
    } rows[] = {
        {BPF_ALU | BPF_DIV | BPF_K, 0, false},
        {BPF_ALU | BPF_DIV | BPF_K, 1, true},
        {BPF_ALU | BPF_MOD | BPF_K, 0, false},
        {BPF_ALU | BPF_DIV | BPF_X, 0, true},
        {BPF_ALU | BPF_LSH | BPF_K, 31, true},
        {BPF_ALU | BPF_LSH | BPF_K, 32, false},
        {BPF_ALU | BPF_RSH | BPF_K, 32, false},
        {BPF_ST, 15, true},
        {BPF_ST, 16, false},
        {BPF_STX, UINT32_MAX, false},
        {BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF - 1, true},
        {BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL, true},
        {BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TPID, true},
        {BPF_LD | BPF_H | BPF_ABS, (uint32_t)SKF_AD_OFF + 1, false},
        {BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_MAX, false},
        {BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_NLATTR, false},
        {BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_PAY_OFFSET, false},
        {BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM, false},
        {BPF_LD | BPF_W | BPF_IND, UINT32_MAX, true},
        {BPF_LDX | BPF_B | BPF_MSH, UINT32_MAX, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fresh();
        add(rows[i].op, rows[i].k);
        add(BPF_RET | BPF_A, 0);
        if (is_taken() != rows[i].is_taken)
            check_equal(i, -1);
    }
}

static void jumps_end_inside(void)
{
    static const struct {
        uint32_t op, k;
        uint8_t when_true, when_false;
        bool is_taken;
    } rows[] = {
        {BPF_JMP | BPF_JA, 0, 0, 0, true},
        {BPF_JMP | BPF_JA, 1, 0, 0, true},
        {BPF_JMP | BPF_JA, 2, 0, 0, false},
        {BPF_JMP | BPF_JA, UINT32_MAX, 0, 0, false},
        {BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 0, true},
        {BPF_JMP | BPF_JEQ | BPF_K, 7, 2, 0, false},
        {BPF_JMP | BPF_JSET | BPF_X, 7, 0, 2, false},
        {BPF_JMP | BPF_JGT | BPF_X, 7, 255, 255, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fresh();
        branch(rows[i].op, rows[i].k, rows[i].when_true, rows[i].when_false);
        add(BPF_RET | BPF_K, 1);
        add(BPF_RET | BPF_K, 2);
        if (is_taken() != rows[i].is_taken)
            check_equal(i, -1);
    }
}

static void it_ends_with_a_return(void)
{
    fresh();
    check(!is_taken());
    add(BPF_LD | BPF_IMM, 1);
    check(!is_taken());
    add(BPF_RET | BPF_A, 0);
    check(is_taken());
    fresh();
    while (count < BPF_MOST - 1)
        add(BPF_LD | BPF_IMM, count);
    add(BPF_RET | BPF_A, 0);
    check(is_taken());
    check_equal(run(), BPF_MOST - 2);
    while (count < BPF_MOST)
        add(BPF_LD | BPF_IMM, count);
    add(BPF_RET | BPF_A, 0);
    check(!is_taken());
}

static void scratch_is_written_on_every_way(void)
{
    fresh();
    add(BPF_LD | BPF_MEM, 3);
    add(BPF_RET | BPF_A, 0);
    check(!is_taken());
    fresh();
    branch(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1); /* the second way passes the store by */
    add(BPF_ST, 3);
    add(BPF_LD | BPF_MEM, 3);
    add(BPF_RET | BPF_A, 0);
    check(!is_taken());
    fresh();
    branch(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
    add(BPF_ST, 3);
    add(BPF_JMP | BPF_JA, 1);
    add(BPF_STX, 3);
    add(BPF_LDX | BPF_MEM, 3);
    add(BPF_RET | BPF_A, 0);
    check(is_taken());
}

static void what_instructions_do(void)
{
    static const struct {
        uint32_t op, a, x, k, result;
    } rows[] = {
        {BPF_ALU | BPF_ADD | BPF_X, UINT32_MAX, 2, 0, 1},
        {BPF_ALU | BPF_SUB | BPF_K, 1, 0, 2, UINT32_MAX},
        {BPF_ALU | BPF_MUL | BPF_X, 0x10000, 0x10001, 0, 0x10000},
        {BPF_ALU | BPF_DIV | BPF_K, 7, 0, 2, 3},
        {BPF_ALU | BPF_MOD | BPF_X, 7, 4, 0, 3},
        {BPF_ALU | BPF_DIV | BPF_X, 7, 0, 0, 0},
        {BPF_ALU | BPF_OR | BPF_K, 5, 0, 2, 7},
        {BPF_ALU | BPF_AND | BPF_X, 5, 4, 0, 4},
        {BPF_ALU | BPF_XOR | BPF_K, 5, 0, 4, 1},
        {BPF_ALU | BPF_LSH | BPF_K, 1, 0, 31, 0x80000000},
        {BPF_ALU | BPF_RSH | BPF_X, 8, 33, 0, 4}, /* five bits of a shift count */
        {BPF_ALU | BPF_NEG, 1, 0, 0, UINT32_MAX},
        {BPF_MISC | BPF_TXA, 1, 9, 0, 9},
        {BPF_LD | BPF_IMM, 1, 0, 12, 12},
        {BPF_LD | BPF_W | BPF_LEN, 1, 0, 0, 10},
        {BPF_LD | BPF_W | BPF_ABS, 1, 0, 0, 0x45c00028},
        {BPF_LD | BPF_H | BPF_ABS, 1, 0, 8, 0x4006},
        {BPF_LD | BPF_B | BPF_ABS, 1, 0, 9, 6},
        {BPF_LD | BPF_W | BPF_ABS, 1, 0, 7, 0}, /* beyond the end: none of it */
        {BPF_LD | BPF_B | BPF_IND, 1, 4, 5, 6},
        {BPF_LD | BPF_B | BPF_IND, 1, 1, UINT32_MAX, 0x45},
        {BPF_LD | BPF_B | BPF_IND, 1, 11, UINT32_MAX, 0},
        {BPF_LD | BPF_H | BPF_ABS, 1, 0, (uint32_t)SKF_LL_OFF + 12, 0x0800},
        {BPF_LD | BPF_B | BPF_ABS, 1, 0, (uint32_t)SKF_NET_OFF + 1, 0xc0},
        {BPF_LD | BPF_B | BPF_ABS, 1, 0, 0x80000000, 0},
        {BPF_LD | BPF_W | BPF_ABS, 1, 0, (uint32_t)SKF_AD_OFF + SKF_AD_PROTOCOL, 0x0800},
        {BPF_LD | BPF_W | BPF_ABS, 1, 0, (uint32_t)SKF_AD_OFF + SKF_AD_PKTTYPE, 4},
        {BPF_LD | BPF_W | BPF_ABS, 1, 0, (uint32_t)SKF_AD_OFF + SKF_AD_IFINDEX, 2},
        {BPF_LD | BPF_W | BPF_ABS, 1, 0, (uint32_t)SKF_AD_OFF + SKF_AD_HATYPE, 1},
        {BPF_LD | BPF_W | BPF_ABS, 5, 6, (uint32_t)SKF_AD_OFF + SKF_AD_ALU_XOR_X, 3},
        {BPF_LD | BPF_W | BPF_ABS, 5, 6, (uint32_t)SKF_AD_OFF + SKF_AD_CPU, 0},
        {BPF_LD | BPF_W | BPF_ABS, 5, 6, (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT, 0},
    };

    fresh();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t result;

        add(BPF_LDX | BPF_IMM, rows[i].x);
        add(BPF_LD | BPF_IMM, rows[i].a);
        add(rows[i].op, rows[i].k);
        add(BPF_RET | BPF_A, 0);
        result = run();
        if (result != rows[i].result)
            test_fail(__FILE__, __LINE__, "row %zu: %u, not %u", i, result, rows[i].result);
    }
}

static void questions_about_a_tag_and_an_interface(void)
{
    fresh();
    view.has_vlan = true;
    view.vlan = 0x6005;
    add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG);
    add(BPF_RET | BPF_A, 0);
    check_equal(run(), 0x6005);
    add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TPID);
    add(BPF_RET | BPF_A, 0);
    check_equal(run(), 0x8100);
    view.has_vlan = view.has_interface = false;
    add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_IFINDEX);
    add(BPF_RET | BPF_K, 77);
    check_equal(run(), 0); /* nobody's: the program is over, with what A had */
    view.has_interface = true;
    view.has_link = false;
    add(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_LL_OFF);
    add(BPF_RET | BPF_K, 77);
    check_equal(run(), 0);
    view.has_link = true;
}

static void the_length_of_a_header(void)
{
    fresh();
    add(BPF_LDX | BPF_B | BPF_MSH, 0);
    add(BPF_MISC | BPF_TXA, 0);
    add(BPF_RET | BPF_A, 0);
    check_equal(run(), 20);
    add(BPF_LDX | BPF_B | BPF_MSH, 10);
    add(BPF_RET | BPF_K, 77);
    check_equal(run(), 0);
}

static void a_host_holds_so_many(void)
{
    struct bpf_program *kept[BPF_PROGRAMS + 1];
    uint8_t again[2 * BPF_INSTRUCTION_BYTES];
    uint32_t i = 0;

    fresh();
    add(BPF_LD | BPF_IMM, 5);
    add(BPF_RET | BPF_A, 0);
    check_equal(bpf_open(&store, (const uint8_t *)code, 15, &kept[0]), -EINVAL);
    check_equal(bpf_open(&store, (const uint8_t *)code, 0, &kept[0]), -EINVAL);
    for (; i < BPF_PROGRAMS; i++)
        check_equal(bpf_open(&store, (const uint8_t *)code, sizeof again, &kept[i]), 0);
    check_equal(bpf_open(&store, (const uint8_t *)code, sizeof again, &kept[i]), -ENOMEM);
    bpf_copy(kept[3], again);
    check(memcmp(again, code, sizeof again) == 0);
    check_equal(bpf_store_check(&store, BPF_PROGRAMS), 0);
    while (i--)
        bpf_close(&store, kept[i]);
    check_equal(bpf_store_check(&store, 0), 0);
    count = 0;
    while (count < BPF_MOST - 1)
        add(BPF_LD | BPF_IMM, 5);
    add(BPF_RET | BPF_A, 0);
    for (i = 0; i < BPF_STORE_CHUNKS / BPF_CHUNKS; i++)
        check_equal(bpf_open(&store, (const uint8_t *)code, count * 8, &kept[i]), 0);
    check_equal(bpf_open(&store, (const uint8_t *)code, count * 8, &kept[i]), -ENOMEM);
    check_equal(pool_count(store.chunk_pool), BPF_STORE_CHUNKS);
}

/* Whatever get fails, nothing is lost. */
static void memory_that_is_not_there(void)
{
    struct bpf_program *p = NULL;

    fresh();
    store.chunk_pool = pool_open(arena, bpf_chunk_bytes(), 1, false);
    while (count < BPF_CHUNK)
        add(BPF_LD | BPF_IMM, 5);
    add(BPF_RET | BPF_A, 0);
    check_equal(bpf_open(&store, (const uint8_t *)code, count * 8, &p), -ENOMEM);
    check_equal(pool_count(store.program_pool), 0);
    check_equal(pool_count(store.chunk_pool), 0);
    check_equal(bpf_store_check(&store, 0), 0);
}

static const struct test tests[] = {
    {"instructions that are not of Linux's list are refused", codes_that_are_not_of_the_list},
    {"a constant that an instruction cannot use is refused", constants_that_cannot_be_used},
    {"a jump ends inside the program", jumps_end_inside},
    {"a program ends with a return, and has 4,096 instructions at most", it_ends_with_a_return},
    {"scratch memory is read only where each way has written it", scratch_is_written_on_every_way},
    {"each instruction does what it says", what_instructions_do},
    {"a program can ask for tag and interface", questions_about_a_tag_and_an_interface},
    {"four times the low half of a byte", the_length_of_a_header},
    {"a host holds so many programs, and so much of them", a_host_holds_so_many},
    {"a program for which there is no memory leaves nothing behind", memory_that_is_not_there},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
