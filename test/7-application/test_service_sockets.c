/* SPDX-License-Identifier: MIT */
/* Which socket a descriptor is. */
#include "7-application/service_parts.h"
#include "check.h"

enum { HOSTS = 100, DESCRIPTORS = 50 };

static void each_is_found_by_host_and_descriptor(void)
{
    static struct service_socket socket[HOSTS][DESCRIPTORS];
    struct service_sockets sockets = {0};

    check(service_sockets_find(&sockets, 0, 3) == NULL);
    for (int host = HOSTS - 1; host >= 0; host -= 3)
        for (int fd = 3; fd < DESCRIPTORS; fd++)
            check_equal(service_sockets_put(&sockets, host, fd, &socket[host][fd]), 0);
    for (int host = 0; host < HOSTS; host++)
        for (int fd = 0; fd < 3 * DESCRIPTORS; fd++)
            check(service_sockets_find(&sockets, host, fd) ==
                  (host % 3 == 0 && fd >= 3 && fd < DESCRIPTORS ? &socket[host][fd] : NULL));
    service_sockets_remove(&sockets, 3, 4);
    check(service_sockets_find(&sockets, 3, 4) == NULL);
    check(service_sockets_find(&sockets, 3, 5) == &socket[3][5]);
    check(service_sockets_find(&sockets, -1, 5) == NULL);
    service_sockets_done(&sockets);
}

static const struct test tests[] = {
    {"a socket is found by its host and descriptor, no other is",
     each_is_found_by_host_and_descriptor},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
