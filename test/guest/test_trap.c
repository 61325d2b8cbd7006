/* SPDX-License-Identifier: MIT */
/* trap.c: the table of trapped calls holds together, for the filter and for the dispatch. */
#include "check.h"
#include <stdlib.h>
#include <string.h>
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

        check((t->act == NULL) == (t->reads == GUEST_READS_REFUSED));
        check((t->error != 0) == (t->reads == GUEST_READS_REFUSED));
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

    check_equal(guest_filter_build(&filter, &length), 0);
    check(length > guest_trap_count);
    free(filter);
}

static const struct test tests[] = {
    {"each trapped call has one row, found by its number", each_call_has_one_row},
    {"a row has a function, or the error of one that is refused", a_row_acts_or_refuses},
    {"only calls that borrow a descriptor may wait", only_calls_of_a_descriptor_wait},
    {"the filter is made of the table", the_filter_is_made_of_it},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
