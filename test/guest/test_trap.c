/* SPDX-License-Identifier: MIT */
/* trap.c: the table of trapped calls holds together, for the filter and for the dispatch. */
#include "check.h"
#include <stdlib.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "guest/state.h"
#include "guest/trap.h"

static void each_call_has_one_row(void)
{
    for (size_t i = 0; i < guest_trap_count; i++)
        check(guest_trap_find(guest_trap_table[i].number) == &guest_trap_table[i]);
    check(guest_trap_find(SYS_read) == NULL);
    check(strcmp(guest_trap_find(SYS_accept4)->name, "accept4") == 0);
}

static void a_row_acts_or_refuses(void)
{
    for (size_t i = 0; i < guest_trap_count; i++) {
        const struct guest_trap *t = &guest_trap_table[i];

        check((t->act == NULL) ==
              (t->reads == GUEST_READS_REFUSED || t->reads == GUEST_READS_FRAME));
        check((t->error != 0) == (t->reads == GUEST_READS_REFUSED && !t->of_root));
    }
}

/* A parked call stands in the list of the socket whose descriptor was borrowed. */
static void only_calls_of_a_descriptor_wait(void)
{
    for (size_t i = 0; i < guest_trap_count; i++)
        check(guest_trap_table[i].waits == GUEST_WAITS_NEVER ||
              guest_trap_table[i].reads == GUEST_READS_OURS ||
              guest_trap_table[i].reads == GUEST_READS_ANY);
}

static void the_filter_is_made_of_it(void)
{
    struct sock_filter *filter = NULL;
    unsigned length = 0;

    check_equal(guest_filter_build(false, &filter, &length), 0);
    check(length > guest_trap_count);
    free(filter);
}

static void the_calls_of_who_one_is_are_told_to_programs_as_root_alone(void)
{
    struct sock_filter *user = NULL, *root = NULL;
    unsigned users = 0, roots = 0, count = 0;

    for (size_t i = 0; i < guest_trap_count; i++)
        count += guest_trap_table[i].of_root;
    check(count > 0 && guest_trap_find(SYS_getuid)->of_root && !guest_trap_find(SYS_open)->of_root);
    check_equal(guest_filter_build(false, &user, &users), 0);
    check_equal(guest_filter_build(true, &root, &roots), 0);
    check(roots > users);
    free(user);
    free(root);
}

static bool is_trapped(int number, uint64_t second, uint64_t fourth, uint64_t fifth)
{
    const uint64_t arguments[6] = {1, second, 0, fourth, fifth, 0};

    return guest_trap_is_for(guest_trap_find(number), arguments);
}

static void arguments_tell_whether_a_call_is_trapped(void)
{
    const uint64_t local[6] = {AF_UNIX}, labs[6] = {AF_INET};

    check(guest_trap_is_for(guest_trap_find(SYS_socket), labs));
    check(guest_trap_is_for(guest_trap_find(SYS_socket), local)); /* a host may leave it: local.c */
    check(is_trapped(SYS_bind, 0, 0, 0));
    check(!is_trapped(SYS_sendto, 0, MSG_NOSIGNAL, 0));
    check(is_trapped(SYS_sendto, 0, MSG_NOSIGNAL | MSG_MORE, 0));
    check(is_trapped(SYS_sendto, 0, 0, UINT64_C(1) << 40)); /* an address, of 64 bits */
    check(!is_trapped(SYS_ioctl, 0x5401, 0, 0));
    check(is_trapped(SYS_ioctl, 0x89f3, 0, 0));
    check(is_trapped(SYS_ioctl, 0x89f3 | UINT64_C(7) << 32, 0, 0)); /* the rest is anybody's */
    check(is_trapped(SYS_ioctl, SIOCINQ, 0, 0));
}

static const struct test tests[] = {
    {"each trapped call has one row, found by its number", each_call_has_one_row},
    {"a row has a function, or the error of one that is refused, or a frame",
     a_row_acts_or_refuses},
    {"only calls that borrow a descriptor may wait", only_calls_of_a_descriptor_wait},
    {"the filter is made of the table", the_filter_is_made_of_it},
    {"the calls of who one is are told to programs as root alone",
     the_calls_of_who_one_is_are_told_to_programs_as_root_alone},
    {"arguments tell whether a call is trapped", arguments_tell_whether_a_call_is_trapped},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
