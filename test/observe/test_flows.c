/* SPDX-License-Identifier: MIT */
/* flows.h: whoever chooses the ports does not choose the bucket. */
#include "check.h"
#include "observe/flows.h"

static int longest_bucket(const struct flows *f)
{
    int longest = 0;

    for (int b = 0; b < f->buckets; b++) {
        int length = 0;

        for (int i = f->bucket[b]; i != FLOWS_NONE; i = f->flow[i].next)
            length++;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* Up through the ports of one end and down through those of the other. */
static void ports_spread(void)
{
    struct endpoint a = {.address = address_from_ip4(0x0a000001)};
    struct endpoint b = {.address = address_from_ip4(0x0a000002)};
    struct flows f;
    int side = 0;

    check(flows_init(&f) == 0);
    for (int i = 0; i < 4000; i++) {
        a.port = (uint16_t)(1000 + i);
        b.port = (uint16_t)(9000 - i);
        check_equal(flows_add(&f, &a, &b), i);
    }
    check(longest_bucket(&f) < 16);
    check(flows_of_endpoints(&f, &b, &a, &side) == 3999 && side == 1);
    flows_done(&f);
}

static const struct test tests[] = {
    {"flows whose ports have one sum are not in one bucket", ports_spread},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
