/* SPDX-License-Identifier: MIT */
/*
 * A terminal of its own for a program that a running lab starts for us: a pseudo-terminal, whose
 * other side is relayed to ours, raw. So Ctrl-C, job control and full-screen programs work, though
 * the program is the lab's child and not ours.
 */
#pragma once

struct scene_terminal {
    int master, slave;
};

/* Makes the pair, of the size and the modes of our terminal (standard input).
 * @return 0 or -errno */
int scene_terminal_open(struct scene_terminal *terminal);
/* Once the program has its end: relays, our terminal raw meanwhile, until `answers` is readable, a
 * signal comes, or the program has let go of its end. @return 0 or -errno */
int scene_terminal_relay(struct scene_terminal *terminal, int answers);
/* Takes what the program wrote last. */
void scene_terminal_close(struct scene_terminal *terminal);
/* In the program, before it begins: makes standard input the controlling terminal of a new session.
 */
int scene_terminal_enter(void);
