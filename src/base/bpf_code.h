/* SPDX-License-Identifier: MIT */
/*
 * The numbers of classic BPF's instructions, Linux's (linux/bpf_common.h, linux/filter.h). Within
 * bpf.c and bpf_check.c.
 */
#pragma once

#define BPF_CLASS(code) ((code)&0x07u)
#define BPF_SIZE(code) ((code)&0x18u)
#define BPF_MODE(code) ((code)&0xe0u)
#define BPF_OPERATION(code) ((code)&0xf0u)
#define BPF_SOURCE(code) ((code)&0x08u)
#define BPF_RETURNS(code) ((code)&0x18u)
#define BPF_MISC_OPERATION(code) ((code)&0xf8u)

enum bpf_class { BPF_LD, BPF_LDX, BPF_ST, BPF_STX, BPF_ALU, BPF_JMP, BPF_RET, BPF_MISC };

enum bpf_size { BPF_W = 0x00, BPF_H = 0x08, BPF_B = 0x10 };

enum bpf_mode {
    BPF_IMM = 0x00,
    BPF_ABS = 0x20,
    BPF_IND = 0x40,
    BPF_MEM = 0x60,
    BPF_LEN = 0x80,
    BPF_MSH = 0xa0
};

enum bpf_operation {
    BPF_ADD = 0x00,
    BPF_SUB = 0x10,
    BPF_MUL = 0x20,
    BPF_DIV = 0x30,
    BPF_OR = 0x40,
    BPF_AND = 0x50,
    BPF_LSH = 0x60,
    BPF_RSH = 0x70,
    BPF_NEG = 0x80,
    BPF_MOD = 0x90,
    BPF_XOR = 0xa0,
    BPF_JA = 0x00,
    BPF_JEQ = 0x10,
    BPF_JGT = 0x20,
    BPF_JGE = 0x30,
    BPF_JSET = 0x40
};

enum bpf_source { BPF_K = 0x00, BPF_X = 0x08, BPF_A = 0x10 };

enum bpf_misc { BPF_TAX = 0x00, BPF_TXA = 0x80 };

/* Offsets of loads: below it plain, then from a header, then questions. */
#define BPF_NEGATIVE 0x80000000u
#define BPF_FROM_LINK 0xffe00000u    /* SKF_LL_OFF */
#define BPF_FROM_NETWORK 0xfff00000u /* SKF_NET_OFF */
#define BPF_ASK 0xfffff000u          /* SKF_AD_OFF */

/* Behind BPF_ASK: SKF_AD_... */
enum bpf_ask {
    BPF_ASK_PROTOCOL = 0x00,
    BPF_ASK_KIND = 0x04,
    BPF_ASK_INTERFACE = 0x08,
    BPF_ASK_MARK = 0x14,
    BPF_ASK_QUEUE = 0x18,
    BPF_ASK_HARDWARE = 0x1c,
    BPF_ASK_HASH = 0x20,
    BPF_ASK_CPU = 0x24,
    BPF_ASK_XOR_X = 0x28,
    BPF_ASK_VLAN = 0x2c,
    BPF_ASK_HAS_VLAN = 0x30,
    BPF_ASK_VLAN_TYPE = 0x3c
};

enum { BPF_VLAN_TYPE = 0x8100 };
