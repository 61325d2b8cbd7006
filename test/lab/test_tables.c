/* SPDX-License-Identifier: MIT */
/* The tables of nodes by the door: what stands in them, and that looking leaves no trace. */
#include "lab/lan.h"
#include "sockeye/table.h"

enum { ROWS = 32 };

static struct sockeye_row rows[ROWS];

static int64_t table(int node, enum sockeye_table_kind kind)
{
    memset(rows, 0xff, sizeof rows);
    return sockeye_table(lab, node, kind, rows, ROWS);
}

static int open_lan(void)
{
    int s;

    lan_open(3);
    s = sockeye_switch(lab, "s", NULL);
    for (int i = 0; i < 3; i++)
        lan_plug(i, s);
    return s;
}

static void each_table_is_told(void)
{
    int s = open_lan();
    uint64_t hash;

    check_equal(stream(0, 1, 80, 20000, 10 * SECOND), 20000);
    hash = sockeye_hash(lab);
    check_equal(table(0, SOCKEYE_TABLE_INTERFACES), 3); /* two of the loopback */
    check(rows[2].interface == 1 && rows[2].interfaces.prefix == 24);
    check(rows[2].interfaces.address.low == UINT64_C(0xffff0a000001));
    check(rows[2].interfaces.state == ADDRESS_PREFERRED && rows[2].since == 0);
    check(rows[2].origin == ORIGIN_CONFIGURED && rows[2].until == SOCKEYE_NEVER);
    check_equal(table(0, SOCKEYE_TABLE_NEIGHBORS), 1);
    check(rows[0].neighbor.address.low == UINT64_C(0xffff0a000002));
    check(rows[0].neighbor.state == NEIGHBOR_REACHABLE && rows[0].since > 0);
    check_equal(table(0, SOCKEYE_TABLE_ROUTES), 1);
    check(rows[0].route.prefix == 24 && rows[0].interface == 1);
    check_equal(table(0, SOCKEYE_TABLE_STATIONS), 0);
    check_equal(table(s, SOCKEYE_TABLE_STATIONS), 3); /* all have announced their addresses */
    check(rows[0].origin == ORIGIN_TRAFFIC && rows[0].until > sockeye_now(lab));
    check_equal(table(s, SOCKEYE_TABLE_INTERFACES), 0);
    check_equal(sockeye_hash(lab), hash);
    lan_close();
}

static void sockets_are_told(void)
{
    int64_t count;
    bool is_heard = false;

    (void)open_lan();
    (void)datagrams(2, 7);
    check_equal(table(2, SOCKEYE_TABLE_SOCKETS), 1);
    check(rows[0].socket.protocol == 17 && rows[0].socket.local.port == 7);
    check(rows[0].socket.state == TCP_STATE_CLOSED && rows[0].origin == ORIGIN_CALL);
    check_equal(stream(0, 1, 80, 20000, 10 * SECOND), 20000);
    count = table(1, SOCKEYE_TABLE_SOCKETS);
    for (int64_t i = 0; i < count; i++)
        is_heard |= rows[i].socket.protocol == 6 && rows[i].socket.local.port == 80;
    check(is_heard);
    lan_close();
}

static void more_rows_than_room_are_counted(void)
{
    (void)open_lan();
    for (int i = 0; i < 5; i++)
        (void)datagrams(0, (uint16_t)(100 + i));
    memset(rows, 0xff, sizeof rows);
    check_equal(sockeye_table(lab, 0, SOCKEYE_TABLE_SOCKETS, rows, 2), 5);
    check(rows[1].socket.local.port == 101 && rows[2].kind == 0xff);
    check_equal(sockeye_table(lab, 0, SOCKEYE_TABLE_SOCKETS, NULL, 0), 5);
    check_equal(sockeye_table(lab, 9, SOCKEYE_TABLE_SOCKETS, rows, ROWS), -EINVAL);
    check_equal(sockeye_table(lab, -1, SOCKEYE_TABLE_SOCKETS, rows, ROWS), -EINVAL);
    check_equal(sockeye_table(lab, 0, SOCKEYE_TABLE_KINDS, rows, ROWS), -EINVAL);
    lan_close();
}

static const struct test tests[] = {
    {"each table of a host and of a switch is told, and looking changes nothing",
     each_table_is_told},
    {"sockets are told with their ends and states", sockets_are_told},
    {"more rows than there is room for are counted", more_rows_than_room_are_counted},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
