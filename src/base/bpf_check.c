/* SPDX-License-Identifier: MIT */
/*
 * May this program run? The rules are those of Linux (bpf_check_classic), in its order: each
 * instruction is one of the list, with a constant that it can use; a jump ends inside; the last
 * instruction returns; and scratch memory is read only where each way to the place has written it.
 *
 * The ways need no search, as all jumps go forward: one pass keeps, for each place that a jump
 * leads to, what all jumps there have written.
 */
#include <string.h>

#include "base/bpf.h"
#include "base/bpf_code.h"

/* The instructions that there are; whatever is not here is refused. Both sources of an operation
 * are of the list, but for negation, which has none. */
static bool is_known_operation(const struct bpf_instruction *i, uint32_t last)
{
    return BPF_OPERATION(i->code) <= last;
}

static bool is_known_load(const struct bpf_instruction *i)
{
    bool whole = BPF_SIZE(i->code) == BPF_W;

    switch (BPF_MODE(i->code)) {
    case BPF_ABS:
    case BPF_IND:
        return BPF_SIZE(i->code) <= BPF_B;
    case BPF_IMM:
    case BPF_MEM:
    case BPF_LEN:
        return whole;
    default:
        return false;
    }
}

static bool is_known(const struct bpf_instruction *i)
{
    bool is_load = BPF_MODE(i->code) == BPF_IMM || BPF_MODE(i->code) == BPF_MEM ||
                   BPF_MODE(i->code) == BPF_LEN;

    if (i->code > 0xff)
        return false;
    switch (BPF_CLASS(i->code)) {
    case BPF_LD:
        return is_known_load(i);
    case BPF_LDX:
        return (is_load && BPF_SIZE(i->code) == BPF_W) ||
               (BPF_MODE(i->code) == BPF_MSH && BPF_SIZE(i->code) == BPF_B);
    case BPF_ST:
    case BPF_STX:
        return i->code <= BPF_STX;
    case BPF_ALU:
        return is_known_operation(i, BPF_XOR) && i->code != (BPF_ALU | BPF_NEG | BPF_X);
    case BPF_JMP:
        return is_known_operation(i, BPF_JSET) && i->code != (BPF_JMP | BPF_JA | BPF_X);
    case BPF_RET:
        return i->code == (BPF_RET | BPF_K) || i->code == (BPF_RET | BPF_A);
    default:
        return i->code == (BPF_MISC | BPF_TAX) || i->code == (BPF_MISC | BPF_TXA);
    }
}

static bool is_question(uint32_t what)
{
    switch ((enum bpf_ask)what) {
    case BPF_ASK_PROTOCOL:
    case BPF_ASK_KIND:
    case BPF_ASK_INTERFACE:
    case BPF_ASK_MARK:
    case BPF_ASK_QUEUE:
    case BPF_ASK_HARDWARE:
    case BPF_ASK_HASH:
    case BPF_ASK_CPU:
    case BPF_ASK_XOR_X:
    case BPF_ASK_VLAN:
    case BPF_ASK_HAS_VLAN:
    case BPF_ASK_VLAN_TYPE:
        return true;
    }
    return false;
}

static bool uses_scratch(const struct bpf_instruction *i)
{
    uint32_t class = BPF_CLASS(i->code);

    return class == BPF_ST || class == BPF_STX ||
           ((class == BPF_LD || class == BPF_LDX) && BPF_MODE(i->code) == BPF_MEM);
}

/* Can it use its constant? */
static bool fits_constant(const struct bpf_instruction *i)
{
    uint32_t operation = BPF_OPERATION(i->code);

    if (uses_scratch(i))
        return i->k < BPF_SCRATCH;
    if (BPF_CLASS(i->code) == BPF_ALU && BPF_SOURCE(i->code) == BPF_K) {
        if (operation == BPF_DIV || operation == BPF_MOD)
            return i->k != 0;
        return (operation != BPF_LSH && operation != BPF_RSH) || i->k < 32;
    }
    if (BPF_CLASS(i->code) == BPF_LD && BPF_MODE(i->code) == BPF_ABS)
        return i->k < BPF_ASK || is_question(i->k - BPF_ASK);
    return true;
}

/* Does it lead to an instruction? `left`: how many are behind it. */
static bool fits_jump(const struct bpf_instruction *i, size_t left)
{
    if (BPF_CLASS(i->code) != BPF_JMP)
        return true;
    if (BPF_OPERATION(i->code) == BPF_JA)
        return i->k < left;
    return i->jump_true < left && i->jump_false < left;
}

static struct bpf_instruction instruction_at(const uint8_t *bytes, size_t at)
{
    struct bpf_instruction i;

    memcpy(&i, bytes + at * BPF_INSTRUCTION_BYTES, sizeof i);
    return i;
}

/* Is scratch memory written before it is read? A bit each word. */
static bool scratch_is_written(const uint8_t *bytes, size_t count)
{
    uint16_t on_arrival[BPF_MOST], written = 0;

    memset(on_arrival, 0xff, count * sizeof *on_arrival);
    for (size_t at = 0; at < count; at++) {
        struct bpf_instruction i = instruction_at(bytes, at);
        uint32_t class = BPF_CLASS(i.code);

        written &= on_arrival[at];
        if (class == BPF_ST || class == BPF_STX) {
            written |= (uint16_t)(1u << i.k);
        } else if (uses_scratch(&i)) {
            if (!(written & 1u << i.k))
                return false;
        } else if (class == BPF_JMP) {
            bool always = BPF_OPERATION(i.code) == BPF_JA;

            on_arrival[at + 1 + (always ? i.k : i.jump_true)] &= written;
            on_arrival[at + 1 + (always ? i.k : i.jump_false)] &= written;
            written = UINT16_MAX; /* what stands next is reached by jumps alone */
        }
    }
    return true;
}

bool bpf_check(const uint8_t *bytes, size_t count)
{
    if (count == 0 || count > BPF_MOST)
        return false;
    for (size_t at = 0; at < count; at++) {
        struct bpf_instruction i = instruction_at(bytes, at);

        if (!is_known(&i) || !fits_constant(&i) || !fits_jump(&i, count - at - 1))
            return false;
    }
    return BPF_CLASS(instruction_at(bytes, count - 1).code) == BPF_RET &&
           scratch_is_written(bytes, count);
}
