/* SPDX-License-Identifier: MIT */
/* The direction that a drop names is that of the frame: whoever dropped it, at whichever end. */
#include "check.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"

enum { DATAGRAMS = 70 };

struct seen {
    struct sockeye *lab;
    unsigned at_receiver[2], at_sender[2]; /* by the direction told */
    unsigned wrong;
};

/* A host drops what came to its end, or what it cannot send from it. */
static void on_drop(void *context, const struct sockeye_event *event)
{
    struct seen *seen = context;
    bool is_of_sender =
        event->drop.reason == DROP_NEIGHBOR_FAILED || event->drop.reason == DROP_NEIGHBOR_QUEUE;
    unsigned end = is_of_sender ? event->direction : 1U - event->direction;
    int host = -1, interface = -1;

    if (event->wire == EVENT_NOWHERE || event->host == EVENT_NOWHERE)
        return;
    check(sockeye_wire_end(seen->lab, event->wire, (int)end, &host, &interface));
    seen->wrong += host != event->host;
    if (is_of_sender)
        seen->at_sender[event->direction]++;
    else
        seen->at_receiver[event->direction]++;
}

static void open_lab(struct seen *seen, uint32_t corrupt_ppm)
{
    static const char *const addresses[] = {"10.0.0.1/24", "10.0.0.2/24"};
    struct sockeye_config config = {.seed = 3, .hosts = 2, .wires = 1};
    struct sockeye_wire_config wire = {.delay_ns = 1000000, .corrupt_ppm = corrupt_ppm};

    *seen = (struct seen){0};
    check(sockeye_open(&config, &seen->lab) == 0);
    check(sockeye_observe(seen->lab, 1U << EVENT_DROP, on_drop, seen, NULL) == 0);
    check(sockeye_wire(seen->lab, "w", &wire, NULL) == 0);
    for (int i = 0; i < 2; i++) {
        int host = sockeye_host(seen->lab, i == 0 ? "a" : "b");
        int interface = sockeye_interface(seen->lab, host, "e", 0, i, NULL);

        check(sockeye_address(seen->lab, host, interface, addresses[i]) == 0);
    }
}

/* Announcements of an address, of no interest to the other host, or all damaged. */
static void of_what_comes(void)
{
    for (int i = 0; i < 2; i++) {
        struct seen seen;

        open_lab(&seen, i == 0 ? 0 : 1000000);
        sockeye_advance(seen.lab, INT64_C(10000000000));
        check_equal(seen.at_receiver[0], 2);
        check_equal(seen.at_receiver[1], 2);
        check_equal(seen.wrong, 0);
        sockeye_close(seen.lab);
    }
}

/* Datagrams to an address of nobody, from each host: more than wait for an answer. */
static void of_what_goes(void)
{
    static const uint8_t nobody[16] = {2, 0, 0, 9, 10, 0, 0, 77};
    struct seen seen;

    open_lab(&seen, 0);
    for (int host = 0; host < 2; host++) {
        int fd = sockeye_socket(seen.lab, host, 2, 2, 0);

        check(sockeye_connect(seen.lab, host, fd, nobody, sizeof nobody) == 0);
        for (int i = 0; i < DATAGRAMS; i++)
            check(sockeye_send(seen.lab, host, fd, "x", 1, 0) == 1);
    }
    sockeye_advance(seen.lab, INT64_C(10000000000));
    check_equal(seen.at_sender[0], DATAGRAMS);
    check_equal(seen.at_sender[1], DATAGRAMS);
    check_equal(sockeye_drops(seen.lab, 1, DROP_NEIGHBOR_QUEUE), DATAGRAMS - 64);
    check_equal(seen.wrong, 0);
    sockeye_close(seen.lab);
}

static const struct test tests[] = {
    {"what the receiver drops is told in the direction in which it came", of_what_comes},
    {"what the sender drops is told in the direction in which it would go", of_what_goes},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
