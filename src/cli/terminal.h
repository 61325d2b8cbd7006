/* SPDX-License-Identifier: MIT */
/*
 * A terminal of its own for a program that a running lab starts for us: a pseudo-terminal, whose
 * other side is relayed to ours, raw. So Ctrl-C, job control and full-screen programs work, though
 * the program is the lab's child and not ours.
 */
#pragma once

struct terminal {
    int master, slave;
};

/* Makes the pair, of the size of our terminal (standard input), and makes ours raw until
 * terminal_close. @return 0 or -errno */
int terminal_open(struct terminal *terminal);
/* Relays until `answers` is readable, or a signal comes. */
void terminal_relay(const struct terminal *terminal, int answers);
/* Takes what the program wrote last, and gives our terminal back its modes. */
void terminal_close(struct terminal *terminal);
/* In the program, before it begins: makes standard input the controlling terminal of a new session.
 */
int terminal_enter(void);
