/* SPDX-License-Identifier: MIT */
/*
 * Classic BPF (McCanne and Jacobson 1993, in Linux's form): small programs that say how much of a
 * packet a socket wants, 0: none of it. Two registers, A and X, and 16 words of scratch memory; all
 * jumps go forward, so a program of n instructions ends after n steps at most.
 *
 * A program is a program's own bytes and may say anything. bpf_check refuses what Linux refuses: an
 * instruction that is not of the list, a jump out of the program, a division by a constant zero, a
 * shift by 32 or more, scratch memory that is not there or was not written on each way to it, an
 * end without a return. What passed can be run on any packet without harm: a load outside of it
 * ends the program with 0, as a division by a zero in X does.
 *
 * Loads from 0xfffff000 on ask about a packet rather than for its bytes. Those that a host here can
 * answer are answered; it has one CPU and one queue, no marks on packets and no hashes of flows
 * (all 0, as on Linux where nobody set them). Refused, though Linux takes them: to look for an
 * attribute of netlink, for the end of the headers (both parse more than they say), and for chance,
 * which a run could not repeat.
 *
 * Programs stand in the arena, in chunks, out of pools that the hosts share; each host may have
 * BPF_PROGRAMS of them with BPF_STORE_CHUNKS chunks together.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

enum bpf_constants {
    BPF_MOST = 4096, /* instructions of a program: BPF_MAXINSNS */
    BPF_INSTRUCTION_BYTES = 8,
    BPF_SCRATCH = 16, /* BPF_MEMWORDS */
    BPF_CHUNK = 64,   /* instructions */
    BPF_CHUNKS = BPF_MOST / BPF_CHUNK,
    BPF_PROGRAMS = 64,     /* of a host */
    BPF_STORE_CHUNKS = 256 /* of a host: four of the longest, or 64 of four chunks */
};

/* struct sock_filter, in the machine's order. */
struct bpf_instruction {
    uint16_t code;
    uint8_t jump_true, jump_false;
    uint32_t k;
};

struct bpf_program {
    struct bpf_instruction *chunk[BPF_CHUNKS];
    uint32_t count;
    uint32_t zero;
};

/* The programs of one host. */
struct bpf_store {
    struct pool *program_pool, *chunk_pool; /* slots of bpf_program_bytes, bpf_chunk_bytes */
    uint32_t programs, chunks;              /* in use */
};

/* What a program looks at. */
struct bpf_view {
    const uint8_t *bytes; /* from the header of the link on, if there is one */
    uint32_t length;      /* of all of them */
    uint32_t start;       /* where offset 0 is */
    uint32_t network;     /* where the header of layer 3 is (SKF_NET_OFF) */
    uint32_t interface;   /* its index (SKF_AD_IFINDEX) */
    uint16_t protocol;    /* ethertype */
    uint16_t hardware;    /* ARPHRD_ */
    uint16_t vlan;        /* the tag that was taken off, with its priority */
    uint8_t kind;         /* PACKET_HOST ... PACKET_OUTGOING */
    bool has_link;        /* bytes begin with the header of the link (SKF_LL_OFF) */
    bool has_interface;   /* else a program that asks for one is over */
    bool has_vlan;
};

uint32_t bpf_program_bytes(void);
uint32_t bpf_chunk_bytes(void);
/* Would it be taken? `bytes` are count instructions. */
bool bpf_check(const uint8_t *bytes, size_t count);
/* Keeps a program. @raise EINVAL it is refused, or no number of whole instructions; ENOMEM */
int bpf_open(struct bpf_store *store, const uint8_t *bytes, size_t length,
             struct bpf_program **program);
void bpf_close(struct bpf_store *store, struct bpf_program *program); /* NULL is fine */
/* The program as it was given; room for count instructions. */
void bpf_copy(const struct bpf_program *program, uint8_t *bytes);
/* How many bytes of the packet are wanted; 0: none, it is not for this socket. */
uint32_t bpf_run(const struct bpf_program *program, const struct bpf_view *view);
/* 0, or the line of a broken invariant: of a store whose programs are `programs`. */
int bpf_store_check(const struct bpf_store *store, uint32_t programs);
