/* SPDX-License-Identifier: MIT */
/*
 * Rules by netlink (ip-rule(8)): those that every host begins with, of each family. A host has the
 * tables local and main, and which of them serves is not to be changed.
 */
#include "6-presentation/abi.h"

#include "6-presentation/netlink_answer.h"

#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

enum { FAMILIES = 2 };

static const struct {
    uint32_t priority;
    uint8_t table;
    bool of_four_alone;
} rules[] = {
    {0, RT_TABLE_LOCAL, false}, {32766, RT_TABLE_MAIN, false}, {32767, RT_TABLE_DEFAULT, true}};

static void put_rule(struct netlink_answer *a, uint8_t family, size_t i)
{
    struct fib_rule_hdr head;
    uint8_t *at = netlink_answer_begin(a, RTM_NEWRULE, netlink_answer_flags(a), sizeof head);

    if (!at)
        return;
    memset(&head, 0, sizeof head);
    head.family = family;
    head.table = rules[i].table;
    head.action = FR_ACT_TO_TBL;
    memcpy(at, &head, sizeof head);
    netlink_answer_number(a, FRA_TABLE, rules[i].table);
    netlink_answer_number(a, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX);
    netlink_answer_byte(a, FRA_PROTOCOL, RTPROT_KERNEL);
    if (rules[i].priority)
        netlink_answer_number(a, FRA_PRIORITY, rules[i].priority);
    netlink_answer_end(a);
}

int netlink_rule_dump(struct netlink_answer *a, const struct netlink_attributes *asked,
                      nanoseconds now)
{
    static const uint8_t families[FAMILIES] = {AF_INET, AF_INET6};
    uint8_t family = a->request->body[0];

    (void)asked, (void)now;
    for (int k = 0; k < FAMILIES; k++)
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
            if ((family == AF_UNSPEC || family == families[k]) && !(k && rules[i].of_four_alone) &&
                netlink_answer_next(a))
                put_rule(a, families[k], i);
    return 0;
}
