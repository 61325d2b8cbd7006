/* SPDX-License-Identifier: MIT */
/* One row an option, as in options.c; the theory is in rare.h (RFC 3542, RFC 6437, RFC 791 3.1). */
#include "4-transport/rare.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/pool.h"

struct row {
    uint8_t offset; /* in struct rare_options */
    uint8_t size;   /* 1, 2, 4 or 8 bytes; 0: it is not kept here */
    uint64_t most;
};

#define ROW(field, most_)                                                                          \
    {                                                                                              \
        offsetof(struct rare_options, field), sizeof((struct rare_options *)0)->field, most_       \
    }

static const struct row rows[OPTION_COUNT] = {
    [OPTION_FRAGMENT_MTU_6] = ROW(fragment_mtu_6, UINT16_MAX),
    [OPTION_STICKY_INTERFACE_6] = ROW(sticky_interface_6, IP_INTERFACES),
    [OPTION_MULTICAST_SOURCE] = ROW(multicast_source, UINT64_C(0xffffffffffff)),
    [OPTION_FLOW_LABEL_6] = ROW(flow_label, 0xfffff),
    [OPTION_AUTO_LABEL_6] = ROW(auto_label_6, RARE_LABELS),
    [OPTION_TOLD_MTU_6] = ROW(told_mtu, UINT32_MAX),
    [OPTION_TOLD_INTERFACE_6] = ROW(told_interface, IP_INTERFACES),
    [OPTION_TOLD_HIGH_6] = ROW(told_dest.high, UINT64_MAX),
    [OPTION_TOLD_LOW_6] = ROW(told_dest.low, UINT64_MAX),
};

static const struct row *row_of(enum transport_option option)
{
    return (unsigned)option < OPTION_COUNT && rows[option].size ? &rows[option] : NULL;
}

struct rare_options *rare_open(struct rare_options **rare, struct means *means)
{
    if (*rare)
        return *rare;
    if (means->rare_count == RARE_OPTIONS)
        return NULL;
    *rare = pool_get(means->rare);
    means->rare_count += *rare != NULL;
    return *rare;
}

void rare_close(struct rare_options **rare, struct means *means)
{
    if (!*rare)
        return;
    means->rare_count--;
    pool_put(means->rare, *rare);
    *rare = NULL;
}

/* Linux: labels and interfaces of IPv6 are the listener's, the options of IPv4's header are not. */
void rare_inherit(struct rare_options **rare, struct means *means)
{
    const struct rare_options *from = *rare;
    struct rare_options *own;

    if (!from)
        return;
    *rare = NULL;
    own = rare_open(rare, means);
    if (!own)
        return;
    own->fragment_mtu_6 = from->fragment_mtu_6;
    own->sticky_interface_6 = from->sticky_interface_6;
    own->unicast_interface_6 = from->unicast_interface_6;
    own->multicast_interface_6 = from->multicast_interface_6;
    own->auto_label_6 = from->auto_label_6;
}

int rare_set(struct rare_options **rare, struct means *means, enum transport_option option,
             int64_t value)
{
    const struct row *row = row_of(option);
    uint8_t *at;

    if (!row)
        return -ENOPROTOOPT;
    if ((uint64_t)value > row->most)
        return -EINVAL;
    if (value == 0 && !*rare)
        return 0;
    if (!rare_open(rare, means))
        return -ENOBUFS;
    at = (uint8_t *)*rare + row->offset;
    if (row->size == 1)
        *at = (uint8_t)value;
    else if (row->size == 2)
        memcpy(at, &(uint16_t){(uint16_t)value}, 2);
    else if (row->size == 4)
        memcpy(at, &(uint32_t){(uint32_t)value}, 4);
    else
        memcpy(at, &value, 8);
    return 0;
}

int rare_get(const struct rare_options *rare, enum transport_option option, int64_t *value)
{
    const struct row *row = row_of(option);
    const uint8_t *at;
    uint16_t two;
    uint32_t four;

    if (!row)
        return -ENOPROTOOPT;
    *value = 0;
    if (!rare)
        return 0;
    at = (const uint8_t *)rare + row->offset;
    if (row->size == 1) {
        *value = *at;
    } else if (row->size == 2) {
        memcpy(&two, at, 2);
        *value = two;
    } else if (row->size == 4) {
        memcpy(&four, at, 4);
        *value = four;
    } else {
        memcpy(value, at, 8);
    }
    return 0;
}
