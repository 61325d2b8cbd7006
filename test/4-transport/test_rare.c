/* SPDX-License-Identifier: MIT */
/* Options that few sockets have: who has none takes no memory, there are so many a host. */
#include <errno.h>
#include <string.h>

#include "4-transport/options.h"
#include "base/pool.h"
#include "check.h"
#include "fake_arena.h"

static struct arena *arena;
static struct means host;
static struct transport_options o;

static void begin(void)
{
    arena = fake_arena_fresh(arena, 16 << 20);
    memset(&host, 0, sizeof host);
    memset(&o, 0, sizeof o);
    host.rare = pool_open(arena, sizeof(struct rare_options), 2 * RARE_OPTIONS, false);
    options_init(&o, 20000, 30000);
}

static int64_t got(enum transport_option option)
{
    int64_t value = -77;

    check_equal(options_get(&o, option, &value), 0);
    return value;
}

static const struct {
    enum transport_option option;
    int64_t most;
} rows[] = {
    {OPTION_FRAGMENT_MTU_6, UINT16_MAX}, {OPTION_STICKY_INTERFACE_6, IP_INTERFACES},
    {OPTION_AUTO_LABEL_6, RARE_LABELS},  {OPTION_FLOW_LABEL_6, 0xfffff},
    {OPTION_TOLD_MTU_6, UINT32_MAX},     {OPTION_MULTICAST_SOURCE, INT64_C(0xffffffffffff)},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void defaults_take_no_memory(void)
{
    begin();
    for (int i = 0; i < ROWS; i++) {
        check_equal(got(rows[i].option), 0);
        check_equal(options_rare_set(&o, &host, rows[i].option, 0), 0);
        check_equal(options_rare_set(&o, &host, rows[i].option, rows[i].most + 1), -EINVAL);
    }
    check(o.rare == NULL);
    check_equal(host.rare_count, 0);
    check_equal(options_rare_set(&o, &host, OPTION_NO_DELAY, 1), -ENOPROTOOPT);
}

static void what_is_set_is_got_and_given_back(void)
{
    begin();
    for (int i = 0; i < ROWS; i++)
        check_equal(options_rare_set(&o, &host, rows[i].option, rows[i].most), 0);
    for (int i = 0; i < ROWS; i++)
        check_equal(got(rows[i].option), rows[i].most);
    check_equal(host.rare_count, 1);
    options_done(&o, &host);
    check(o.rare == NULL);
    check_equal(host.rare_count, 0);
    check_equal(pool_count(host.rare), 0);
}

static void a_host_has_so_many(void)
{
    static struct transport_options more[RARE_OPTIONS];

    begin();
    for (int i = 0; i < RARE_OPTIONS; i++) {
        options_init(&more[i], 20000, 30000);
        check_equal(options_rare_set(&more[i], &host, OPTION_FRAGMENT_MTU_6, 1280), 0);
    }
    check_equal(options_rare_set(&o, &host, OPTION_FRAGMENT_MTU_6, 1280), -ENOBUFS);
    check_equal(options_rare_set(&more[0], &host, OPTION_FRAGMENT_MTU_6, 1300), 0);
    options_done(&more[0], &host);
    check_equal(options_rare_set(&o, &host, OPTION_FRAGMENT_MTU_6, 1280), 0);
}

static void an_interface_of_pktinfo_counts_first(void)
{
    const struct address to = {.high = UINT64_C(0xfd00) << 48, .low = 9};

    begin();
    check_equal(options_set(&o, OPTION_UNICAST_INTERFACE_6, 3), 0);
    check_equal(options_interface(&o, to, 0), 2);
    check_equal(options_rare_set(&o, &host, OPTION_STICKY_INTERFACE_6, 5), 0);
    check_equal(options_interface(&o, to, 0), 4);
    check_equal(got(OPTION_UNICAST_INTERFACE_6), 3);
    check_equal(options_set(&o, OPTION_UNICAST_INTERFACE_6, 7), 0);
    check_equal(options_interface(&o, to, 0), 4);
    check_equal(options_rare_set(&o, &host, OPTION_STICKY_INTERFACE_6, 0), 0);
    check_equal(options_interface(&o, to, 0), 6);
    check_equal(got(OPTION_UNICAST_INTERFACE_6), 7);
}

static void an_accepted_end_has_its_own(void)
{
    struct transport_options accepted;

    begin();
    check_equal(options_rare_set(&o, &host, OPTION_FRAGMENT_MTU_6, 1280), 0);
    check_equal(options_rare_set(&o, &host, OPTION_TOLD_MTU_6, 1400), 0);
    memcpy(&accepted, &o, sizeof accepted);
    options_inherit(&accepted, &host);
    check(accepted.rare != NULL && accepted.rare != o.rare);
    check_equal(accepted.rare->fragment_mtu_6, 1280);
    check_equal(accepted.rare->told_mtu, 0);
    check_equal(host.rare_count, 2);
    options_done(&accepted, &host);
    check_equal(got(OPTION_TOLD_MTU_6), 1400);
}

static const struct test tests[] = {
    {"defaults take no memory, and values have their range", defaults_take_no_memory},
    {"what is set is got, and given back", what_is_set_is_got_and_given_back},
    {"a host has so many, and then ENOBUFS", a_host_has_so_many},
    {"RFC 3542 6.2: the interface of IPV6_PKTINFO counts before others",
     an_interface_of_pktinfo_counts_first},
    {"an accepted end has its own, without what was told to its listener",
     an_accepted_end_has_its_own},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
