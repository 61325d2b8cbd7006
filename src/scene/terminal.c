/* SPDX-License-Identifier: MIT */
/* One program has one terminal, so the modes to restore and the size signal are of the process. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "scene/ending.h"
#include "scene/terminal.h"

static struct termios saved;
static bool is_raw;
static volatile sig_atomic_t size_changed;

static void on_size(int number)
{
    (void)number;
    size_changed = 1;
}

static void copy_size(const struct scene_terminal *terminal)
{
    struct winsize size;

    size_changed = 0;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        (void)ioctl(terminal->master, TIOCSWINSZ, &size);
}

int scene_terminal_open(struct scene_terminal *terminal)
{
    struct sigaction action = {.sa_handler = on_size};
    const char *name;

    terminal->slave = -1;
    terminal->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->master < 0 || tcgetattr(STDIN_FILENO, &saved) != 0)
        return -errno;
    if (grantpt(terminal->master) != 0 || unlockpt(terminal->master) != 0 ||
        (name = ptsname(terminal->master)) == NULL)
        return -errno;
    terminal->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->slave < 0)
        return -errno;
    (void)tcsetattr(terminal->slave, TCSANOW, &saved);
    copy_size(terminal);
    (void)sigaction(SIGWINCH, &action, NULL);
    return 0;
}

static int make_raw(void)
{
    struct termios raw = saved;

    cfmakeraw(&raw);
    if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) != 0)
        return -errno;
    is_raw = true;
    return 0;
}

static void make_cooked(void)
{
    if (is_raw)
        (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
    is_raw = false;
}

/* Moves what is there. @return false: that side has ended */
static bool move(int from, int to)
{
    char bytes[4096];
    ssize_t got = read(from, bytes, sizeof bytes);

    for (ssize_t done = 0; done < got;) {
        ssize_t put = write(to, bytes + done, (size_t)(got - done));

        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? put : 0;
    }
    return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

static void relay(const struct scene_terminal *terminal, int answers)
{
    struct pollfd files[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = terminal->master, .events = POLLIN},
                              {.fd = answers, .events = POLLIN}};

    for (;;) {
        int ready = poll(files, 3, 200); /* a signal may come while we do not wait */

        if (scene_ending_signal() != 0 || (ready < 0 && !size_changed))
            return; /* who awaits the answer passes the signal on */
        if (size_changed)
            copy_size(terminal);
        if ((files[0].revents & (POLLIN | POLLHUP)) != 0 && !move(STDIN_FILENO, terminal->master))
            files[0].fd = -1;
        if ((files[1].revents & (POLLIN | POLLHUP)) != 0 && !move(terminal->master, STDOUT_FILENO))
            return; /* the program has let go of its terminal */
        if (files[2].revents != 0)
            return;
        for (int i = 0; i < 3; i++)
            files[i].revents = 0;
    }
}

int scene_terminal_relay(struct scene_terminal *terminal, int answers)
{
    int result = make_raw();

    (void)close(terminal->slave); /* so that we see the program let go of it */
    terminal->slave = -1;
    if (result < 0)
        return result;
    relay(terminal, answers);
    make_cooked();
    return 0;
}

void scene_terminal_close(struct scene_terminal *terminal)
{
    struct pollfd file = {.fd = terminal->master, .events = POLLIN};

    if (terminal->master >= 0) {
        while (poll(&file, 1, 0) > 0 && (file.revents & POLLIN) != 0 &&
               move(terminal->master, STDOUT_FILENO))
            file.revents = 0;
    }
    if (terminal->slave >= 0)
        (void)close(terminal->slave);
    if (terminal->master >= 0)
        (void)close(terminal->master);
    terminal->master = terminal->slave = -1;
}

int scene_terminal_enter(void)
{
    if (setsid() < 0 && getsid(0) != getpid())
        return -errno;
    return ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0 ? 0 : -errno;
}
