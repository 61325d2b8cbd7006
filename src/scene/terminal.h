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

/* Makes the pair, of the size of our terminal (standard input), and makes ours raw until
 * scene_terminal_close. @return 0 or -errno */
int scene_terminal_open(struct scene_terminal *terminal);
/* Relays until `answers` is readable, or a signal comes. */
void scene_terminal_relay(const struct scene_terminal *terminal, int answers);
/* Takes what the program wrote last, and gives our terminal back its modes. */
void scene_terminal_close(struct scene_terminal *terminal);
/* In the program, before it begins: makes standard input the controlling terminal of a new session.
 */
int scene_terminal_enter(void);
