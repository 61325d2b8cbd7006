/* SPDX-License-Identifier: MIT */
/*
 * The theory is in netlink_filter.h. An operation is four bytes: what, how far on if it holds, how
 * far if not; to end exactly at the end is to pass, four bytes beyond it is not to. Numbers to
 * compare with stand in an operation of their own behind.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_filter.h"

#include <linux/inet_diag.h>
#include <string.h>

#include "base/bytes.h"

enum { STEP = sizeof(struct inet_diag_bc_op), LINUX_ANY_PORT = 1 };

static bool op_at(const uint8_t *code, uint32_t length, uint32_t at, struct inet_diag_bc_op *op)
{
    if (at > length || length - at < STEP)
        return false;
    memcpy(op, code + at, sizeof *op);
    return true;
}

/* Bytes of the operation with what it compares with; 0: of none that there is. */
static uint32_t bytes_of(const uint8_t *code, uint32_t length, uint32_t at)
{
    struct inet_diag_hostcond condition;
    struct inet_diag_bc_op op;
    uint32_t bytes;

    (void)op_at(code, length, at, &op);
    switch (op.code) {
    case INET_DIAG_BC_NOP:
    case INET_DIAG_BC_JMP:
    case INET_DIAG_BC_AUTO:
        return STEP;
    case INET_DIAG_BC_S_GE:
    case INET_DIAG_BC_S_LE:
    case INET_DIAG_BC_S_EQ:
    case INET_DIAG_BC_D_GE:
    case INET_DIAG_BC_D_LE:
    case INET_DIAG_BC_D_EQ:
    case INET_DIAG_BC_DEV_COND:
        return length - at < 2 * STEP ? 0 : 2 * STEP;
    case INET_DIAG_BC_S_COND:
    case INET_DIAG_BC_D_COND:
        if (length - at < STEP + sizeof condition)
            return 0;
        memcpy(&condition, code + at + STEP, sizeof condition);
        bytes = condition.family == AF_INET ? 4 : condition.family == AF_INET6 ? 16 : 0;
        if ((condition.family && !bytes) || condition.prefix_len > 8 * bytes ||
            length - at < STEP + sizeof condition + bytes)
            return 0;
        return STEP + (uint32_t)sizeof condition + bytes;
    default:
        return 0;
    }
}

/* Linux (valid_cc): does an operation begin there? Not amidst the numbers of another. */
static bool begins_at(const uint8_t *code, uint32_t length, uint32_t place)
{
    struct inet_diag_bc_op op;
    uint32_t at = 0;

    while (at < place && op_at(code, length, at, &op) && op.yes >= STEP)
        at += op.yes;
    return at == place;
}

bool netlink_filter_is_valid(const uint8_t *code, uint32_t length)
{
    struct inet_diag_bc_op op;
    uint32_t at = 0;

    if (length < STEP || length % STEP)
        return false;
    while (at < length) {
        uint32_t least_bytes;

        if (!op_at(code, length, at, &op))
            return false;
        least_bytes = bytes_of(code, length, at);
        if (least_bytes == 0 || op.yes < least_bytes || op.yes > length - at || op.yes % STEP)
            return false;
        if (op.code != INET_DIAG_BC_NOP &&
            (op.no < least_bytes || op.no > length - at + STEP || op.no % STEP))
            return false;
        if (op.code != INET_DIAG_BC_NOP && op.no < length - at &&
            !begins_at(code, length, at + op.no))
            return false;
        at += op.yes;
    }
    return true;
}

static bool address_fits(const uint8_t *code, uint32_t at, const struct endpoint *endpoint)
{
    struct inet_diag_hostcond condition;
    struct address to;
    struct reader r;

    memcpy(&condition, code + at + STEP, sizeof condition);
    if (condition.port != -1 && condition.port != endpoint->port)
        return false;
    if (condition.prefix_len == 0)
        return true;
    r = reader_of(code + at + STEP + sizeof condition, 16);
    if (condition.family == AF_INET) {
        to = address_from_ip4(read_u32(&r));
        return address_matches(endpoint->address, to, 96u + condition.prefix_len);
    }
    to.high = read_u64(&r);
    to.low = read_u64(&r);
    return address_matches(endpoint->address, to, condition.prefix_len);
}

static bool holds(const uint8_t *code, uint32_t at, const struct inet_diag_bc_op *op,
                  const struct manage_socket *s)
{
    struct inet_diag_bc_op number = {0};
    uint32_t index = 0;

    if (bytes_of(code, at + 2 * STEP, at) == 2 * STEP) {
        memcpy(&number, code + at + STEP, sizeof number);
        memcpy(&index, code + at + STEP, sizeof index);
    }
    switch (op->code) {
    case INET_DIAG_BC_JMP:
        return false;
    case INET_DIAG_BC_S_GE:
        return s->local.port >= number.no;
    case INET_DIAG_BC_S_LE:
        return s->local.port <= number.no;
    case INET_DIAG_BC_S_EQ:
        return s->local.port == number.no;
    case INET_DIAG_BC_D_GE:
        return s->remote.port >= number.no;
    case INET_DIAG_BC_D_LE:
        return s->remote.port <= number.no;
    case INET_DIAG_BC_D_EQ:
        return s->remote.port == number.no;
    case INET_DIAG_BC_DEV_COND:
        return index == (s->interface ? s->interface + 1 : 0);
    case INET_DIAG_BC_S_COND:
        return address_fits(code, at, &s->local);
    case INET_DIAG_BC_D_COND:
        return address_fits(code, at, &s->remote);
    default:
        return true; /* NOP; AUTO: a port that nobody chose is not told apart */
    }
}

bool netlink_filter_passes(const uint8_t *code, uint32_t length, const struct manage_socket *s)
{
    struct inet_diag_bc_op op;
    uint32_t at = 0;

    while (code && op_at(code, length, at, &op))
        at += op.code == INET_DIAG_BC_NOP || holds(code, at, &op, s) ? op.yes : op.no;
    return !code || at == length;
}
