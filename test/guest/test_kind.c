/* SPDX-License-Identifier: MIT */
/* kind.c: which way the bytes of a program's socket go. */
#include "check.h"
#include <errno.h>

#include "guest/state.h"

static void each_pair_has_its_way(void)
{
    static const struct {
        int domain, type;
        enum guest_way way;
    } rows[] = {
        {AF_INET, SOCK_STREAM, GUEST_WAY_STREAM},  {AF_INET6, SOCK_STREAM, GUEST_WAY_STREAM},
        {AF_INET, SOCK_DGRAM, GUEST_WAY_MESSAGE},  {AF_INET6, SOCK_DGRAM, GUEST_WAY_MESSAGE},
        {AF_NETLINK, SOCK_RAW, GUEST_WAY_MESSAGE}, {AF_NETLINK, SOCK_DGRAM, GUEST_WAY_MESSAGE},
        {AF_BLUETOOTH, SOCK_RAW, GUEST_WAY_NONE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check(guest_kind_find(rows[i].domain, rows[i].type)->way == rows[i].way);
}

static void what_no_row_has_is_no_family_here(void)
{
    check(guest_kind_find(AF_BLUETOOTH, SOCK_RAW)->error == EAFNOSUPPORT);
    check(guest_kind_find(-1, SOCK_STREAM)->error == EAFNOSUPPORT);
}

/* Blocks and scratch are as long as GUEST_DATAGRAM says. */
static void a_message_fits_where_messages_wait(void)
{
    for (int domain = 0; domain < AF_MAX; domain++)
        for (int type = SOCK_STREAM; type <= SOCK_PACKET; type++) {
            const struct guest_kind *kind = guest_kind_find(domain, type);

            check((kind->way == GUEST_WAY_MESSAGE || kind->way == GUEST_WAY_RECORD) ==
                  (kind->most > 0));
            check(kind->most <= GUEST_DATAGRAM && kind->most <= GUEST_CHUNK);
            check((kind->way == GUEST_WAY_NONE) == (kind->error != 0));
        }
}

static const struct test tests[] = {
    {"each domain and type has its way", each_pair_has_its_way},
    {"what no row has is no family here", what_no_row_has_is_no_family_here},
    {"a message fits where messages wait", a_message_fits_where_messages_wait},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
