/* SPDX-License-Identifier: MIT */
/*
 * The interpreter of classic BPF: bpf_open keeps what bpf_check.c lets pass, bpf_run runs it.
 * Theory in bpf.h. Values are 32 bits and wrap, as the machine that it describes.
 */
#include "base/bpf.h"

#include <errno.h>

#include "base/bpf_code.h"
#include "base/bytes.h"
#include "base/compiler.h"
#include "base/pool.h"

uint32_t bpf_program_bytes(void)
{
    return sizeof(struct bpf_program);
}

uint32_t bpf_chunk_bytes(void)
{
    return BPF_CHUNK * sizeof(struct bpf_instruction);
}

/* ---- programs that are kept ---- */

int bpf_open(struct bpf_store *store, const uint8_t *bytes, size_t length,
             struct bpf_program **program)
{
    size_t count = length / BPF_INSTRUCTION_BYTES;
    uint32_t chunks = (uint32_t)(count + BPF_CHUNK - 1) / BPF_CHUNK;
    struct bpf_program *p;

    if (length % BPF_INSTRUCTION_BYTES || !bpf_check(bytes, count))
        return -EINVAL;
    if (store->programs == BPF_PROGRAMS || store->chunks + chunks > BPF_STORE_CHUNKS)
        return -ENOMEM;
    p = pool_get(store->program_pool);
    if (!p)
        return -ENOMEM;
    store->programs++;
    p->count = (uint32_t)count;
    for (uint32_t i = 0; i < chunks; i++) {
        size_t left = length - (size_t)i * bpf_chunk_bytes();

        p->chunk[i] = pool_get(store->chunk_pool);
        if (!p->chunk[i]) {
            bpf_close(store, p);
            return -ENOMEM;
        }
        store->chunks++;
        memcpy(p->chunk[i], bytes + (size_t)i * bpf_chunk_bytes(),
               left < bpf_chunk_bytes() ? left : bpf_chunk_bytes());
    }
    *program = p;
    return 0;
}

void bpf_close(struct bpf_store *store, struct bpf_program *program)
{
    if (!program)
        return;
    for (uint32_t i = 0; i < BPF_CHUNKS && program->chunk[i]; i++) {
        pool_put(store->chunk_pool, program->chunk[i]);
        store->chunks--;
    }
    pool_put(store->program_pool, program);
    store->programs--;
}

static const struct bpf_instruction *instruction(const struct bpf_program *program, uint32_t i)
{
    return &program->chunk[i / BPF_CHUNK][i % BPF_CHUNK];
}

void bpf_copy(const struct bpf_program *program, uint8_t *bytes)
{
    for (uint32_t i = 0; i < program->count; i++)
        memcpy(bytes + (size_t)i * BPF_INSTRUCTION_BYTES, instruction(program, i),
               BPF_INSTRUCTION_BYTES);
}

int bpf_store_check(const struct bpf_store *store, uint32_t programs)
{
    if (store->programs != programs || store->programs > BPF_PROGRAMS)
        return __LINE__;
    return store->chunks <= BPF_STORE_CHUNKS && store->chunks >= programs ? 0 : __LINE__;
}

/* ---- running ---- */

struct machine {
    uint32_t a, x;
    bool is_over; /* it looked for what is not there */
    uint32_t result;
    uint32_t scratch[BPF_SCRATCH];
};

/* Where an offset is in the bytes; -1: nowhere. The upper half of the numbers counts from the
 * headers of layers 3 and 2. */
static int64_t place_of(const struct bpf_view *v, uint32_t offset)
{
    if (offset < BPF_FROM_LINK)
        return offset < BPF_NEGATIVE ? (int64_t)v->start + offset : -1;
    if (offset >= BPF_FROM_NETWORK)
        return (int64_t)v->network + (offset - BPF_FROM_NETWORK);
    return v->has_link ? (int64_t)(offset - BPF_FROM_LINK) : -1;
}

/* 1, 2 or 4 bytes of the packet, in the network's order. */
static uint32_t load(struct machine *m, const struct bpf_view *v, uint32_t offset, uint32_t size)
{
    int64_t at = place_of(v, offset);
    const uint8_t *bytes;

    if (at < 0 || at + size > v->length) {
        m->is_over = true;
        return 0;
    }
    bytes = v->bytes + at;
    return size == 1 ? bytes[0] : size == 2 ? u16_at(bytes) : u32_at(bytes);
}

/* As Linux has it: who asks for an interface where there is none ends with what A has. */
static void need_interface(struct machine *m, const struct bpf_view *v)
{
    if (v->has_interface)
        return;
    m->is_over = true;
    m->result = m->a;
}

/* What is known beside the bytes. */
static uint32_t ask(struct machine *m, const struct bpf_view *v, uint32_t what)
{
    switch ((enum bpf_ask)what) {
    case BPF_ASK_PROTOCOL:
        return v->protocol;
    case BPF_ASK_KIND:
        return v->kind;
    case BPF_ASK_INTERFACE:
        need_interface(m, v);
        return v->interface;
    case BPF_ASK_HARDWARE:
        need_interface(m, v);
        return v->hardware;
    case BPF_ASK_XOR_X:
        return m->a ^ m->x;
    case BPF_ASK_VLAN:
        return v->has_vlan ? v->vlan : 0;
    case BPF_ASK_HAS_VLAN:
        return v->has_vlan;
    case BPF_ASK_VLAN_TYPE:
        return v->has_vlan ? BPF_VLAN_TYPE : 0;
    case BPF_ASK_MARK:
    case BPF_ASK_QUEUE:
    case BPF_ASK_HASH:
    case BPF_ASK_CPU:
        break;
    }
    return 0;
}

static uint32_t load_a(struct machine *m, const struct bpf_view *v, const struct bpf_instruction *i)
{
    static const uint8_t sizes[] = {4, 2, 1};
    uint32_t size = sizes[BPF_SIZE(i->code) >> 3];

    switch (BPF_MODE(i->code)) {
    case BPF_ABS:
        return i->k >= BPF_ASK ? ask(m, v, i->k - BPF_ASK) : load(m, v, i->k, size);
    case BPF_IND:
        return load(m, v, m->x + i->k, size);
    case BPF_LEN:
        return v->length - v->start;
    case BPF_MEM:
        return m->scratch[i->k];
    default:
        return i->k; /* BPF_IMM */
    }
}

static uint32_t load_x(struct machine *m, const struct bpf_view *v, const struct bpf_instruction *i)
{
    switch (BPF_MODE(i->code)) {
    case BPF_MSH:
        return (load(m, v, i->k, 1) & 0xf) << 2;
    case BPF_LEN:
        return v->length - v->start;
    case BPF_MEM:
        return m->scratch[i->k];
    default:
        return i->k; /* BPF_IMM */
    }
}

static uint32_t operand(const struct machine *m, const struct bpf_instruction *i)
{
    return BPF_SOURCE(i->code) == BPF_X ? m->x : i->k;
}

static uint32_t divide(struct machine *m, uint32_t by, bool is_rest)
{
    if (by == 0) {
        m->is_over = true;
        return 0;
    }
    return is_rest ? m->a % by : m->a / by;
}

static uint32_t compute(struct machine *m, const struct bpf_instruction *i)
{
    uint32_t by = operand(m, i);

    switch (BPF_OPERATION(i->code)) {
    case BPF_ADD:
        return m->a + by;
    case BPF_SUB:
        return m->a - by;
    case BPF_MUL:
        return m->a * by;
    case BPF_DIV:
        return divide(m, by, false);
    case BPF_MOD:
        return divide(m, by, true);
    case BPF_AND:
        return m->a & by;
    case BPF_OR:
        return m->a | by;
    case BPF_XOR:
        return m->a ^ by;
    case BPF_LSH:
        return m->a << (by & 31);
    case BPF_RSH:
        return m->a >> (by & 31);
    default:
        return 0u - m->a; /* BPF_NEG */
    }
}

/* How many instructions are passed over. */
static uint32_t jump(const struct machine *m, const struct bpf_instruction *i)
{
    uint32_t with = operand(m, i);
    bool is_true;

    switch (BPF_OPERATION(i->code)) {
    case BPF_JA:
        return i->k;
    case BPF_JEQ:
        is_true = m->a == with;
        break;
    case BPF_JGT:
        is_true = m->a > with;
        break;
    case BPF_JGE:
        is_true = m->a >= with;
        break;
    default:
        is_true = (m->a & with) != 0; /* BPF_JSET */
        break;
    }
    return is_true ? i->jump_true : i->jump_false;
}

uint32_t bpf_run(const struct bpf_program *program, const struct bpf_view *view)
{
    struct machine m = {0};

    for (uint32_t at = 0; at < program->count && !m.is_over; at++) {
        const struct bpf_instruction *i = instruction(program, at);

        switch (BPF_CLASS(i->code)) {
        case BPF_LD:
            m.a = load_a(&m, view, i);
            break;
        case BPF_LDX:
            m.x = load_x(&m, view, i);
            break;
        case BPF_ST:
            m.scratch[i->k] = m.a;
            break;
        case BPF_STX:
            m.scratch[i->k] = m.x;
            break;
        case BPF_ALU:
            m.a = compute(&m, i);
            break;
        case BPF_JMP:
            at += jump(&m, i);
            break;
        case BPF_RET:
            return BPF_RETURNS(i->code) == BPF_A ? m.a : i->k;
        default: /* BPF_MISC */
            if (BPF_MISC_OPERATION(i->code) == BPF_TAX)
                m.x = m.a;
            else
                m.a = m.x;
            break;
        }
    }
    return m.result;
}
