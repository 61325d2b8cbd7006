/* SPDX-License-Identifier: MIT */
/*
 * A handler only notes the signal: loops ask for it where they can stop. Before the first of them
 * begins nothing has been made that would have to be taken away, so signals are left as they are
 * until then and end the process; and where each is noted once, the second does, wherever it is.
 */
#include <signal.h>
#include <stddef.h>
#include "scene/ending.h"

static volatile sig_atomic_t last_signal;

static void on_signal(int number)
{
    last_signal = number;
}

void scene_ending_watch_signals(bool once)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = once ? (int)SA_RESETHAND : 0};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
}

int scene_ending_signal(void)
{
    return last_signal;
}

int scene_ending_take_signal(void)
{
    int number = last_signal;

    last_signal = 0;
    return number;
}
