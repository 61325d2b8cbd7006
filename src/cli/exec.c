/* SPDX-License-Identifier: MIT */
/*
 * `sockeye exec`: asks a running lab to start a command on one of its hosts, with our standard
 * files, directory and environment, and ends as the command ends. From a terminal the command gets
 * a terminal of its own (terminal.h); else our files themselves, and the signals we get go to it.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/running.h"
#include "scene/control.h"
#include "scene/place.h"
#include "scene/terminal.h"

extern char **environ;

static void help(void)
{
    printf("Usage: sockeye exec [LAB] HOST -- COMMAND [ARGUMENT]...\n"
           "       sockeye exec HOST COMMAND [ARGUMENT]...\n"
           "Runs a command on a host of a running lab: its sockets are the host's. LAB is the\n"
           "name that the lab file gives (or the file's own); it may be left out while only one\n"
           "lab of yours runs. A lab with nothing to wait for is kept by sockeye lab --stay.\n\n"
           "  sockeye exec client -- sh\n"
           "  sockeye exec demo server -- curl http://client:8000/\n\n"
           "  --list              the running labs\n"
           "  --help              this text\n\n"
           "Exit code: the command's; 128 + N if signal N killed it; 125 if the lab did not\n"
           "start it; 2 wrong use.\n");
}

enum { NOT_STARTED = 125 };
enum { TURN_MS = 100 };

/* The strings of a request, each with its NUL. @return the text to free, or NULL */
static char *request_text(const char *host, char **argv, struct scene_control_header *header)
{
    char directory[4096];
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    if (getcwd(directory, sizeof directory) == NULL)
        snprintf(directory, sizeof directory, "/");
    (void)fwrite(host, 1, strlen(host) + 1, out);
    (void)fwrite(directory, 1, strlen(directory) + 1, out);
    for (; *argv != NULL; argv++, header->arguments++)
        (void)fwrite(*argv, 1, strlen(*argv) + 1, out);
    for (char **e = environ; *e != NULL; e++, header->environment++)
        (void)fwrite(*e, 1, strlen(*e) + 1, out);
    (void)fclose(out);
    header->length = (uint32_t)size;
    if (size > SCENE_CONTROL_REQUEST_BYTES) {
        free(text);
        errno = E2BIG;
        return NULL;
    }
    return text;
}

static int send_request(int fd, const char *host, char **argv, const int files[3], bool is_terminal)
{
    struct scene_control_header header = {.magic = SCENE_CONTROL_MAGIC, .is_terminal = is_terminal};
    char *text = request_text(host, argv, &header);
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = &header, .iov_len = sizeof header};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    ssize_t sent = -1;

    if (text == NULL)
        return -errno;
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(3 * sizeof(int));
    memcpy(CMSG_DATA(c), files, 3 * sizeof(int));
    if (sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof header) {
        size_t done = 0;

        while (done < header.length &&
               (sent = send(fd, text + done, header.length - done, MSG_NOSIGNAL)) > 0)
            done += (size_t)sent;
    }
    free(text);
    return sent > 0 ? 0 : -errno;
}

/* Passes a signal on to the program. @return false: the lab has not even taken the one before */
static bool pass_on(int fd, int32_t number)
{
    int waiting = 0;

    if (ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting > 0)
        return false;
    (void)send(fd, &number, sizeof number, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

enum await { AWAIT_ANSWER, AWAIT_GONE, AWAIT_SIGNAL };

/* Waits for an answer. Signals that come meanwhile go to the program, if it is started: one that
 * finds the lab still deaf to the one before, or no program yet, ends the waiting (*number). */
static enum await await(int fd, bool is_started, struct scene_control_answer *answer, int *number)
{
    size_t have = 0;
    int quiet_ms = 0;

    while (have < sizeof *answer) {
        struct pollfd file = {.fd = fd, .events = POLLIN};
        ssize_t got;

        *number = scene_ending_take_signal();
        if (*number != 0 && (!is_started || !pass_on(fd, *number)))
            return AWAIT_SIGNAL;
        if (poll(&file, 1, TURN_MS) <= 0) {
            quiet_ms += TURN_MS;
            if (!is_started && quiet_ms == CLI_RUNNING_PATIENCE_S * 1000)
                fprintf(stderr,
                        "sockeye exec: the lab has not answered for %d s (is it stopped?); "
                        "a signal (Ctrl-C) ends the waiting\n",
                        CLI_RUNNING_PATIENCE_S);
            continue;
        }
        got = recv(fd, (char *)answer + have, sizeof *answer - have, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return AWAIT_GONE;
        have += got > 0 ? (size_t)got : 0;
    }
    answer->text[sizeof answer->text - 1] = '\0';
    return AWAIT_ANSWER;
}

static int exit_code(int status)
{
    return WIFSIGNALED(status) ? CLI_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Runs the command over a connection, with the files it shall have. */
static int run(int fd, const char *host, char **argv, const int files[3],
               struct scene_terminal *terminal)
{
    struct scene_control_answer answer = {0};
    int result = send_request(fd, host, argv, files, terminal != NULL), number;
    enum await what;

    /* Who hangs up early has said why: ECONNRESET, if it had not read all. */
    if (result < 0 && result != -EPIPE && result != -ECONNRESET) {
        fprintf(stderr, "sockeye exec: %s\n",
                result == -EAGAIN ? "the lab does not answer" : strerror(-result));
        return NOT_STARTED;
    }
    what = await(fd, false, &answer, &number);
    if (what == AWAIT_SIGNAL)
        return CLI_SIGNALLED + number;
    if (what == AWAIT_GONE || answer.kind != SCENE_CONTROL_STARTED) {
        fprintf(stderr, "sockeye exec: %s\n",
                answer.kind == SCENE_CONTROL_REFUSED ? answer.text : "the lab has ended");
        return NOT_STARTED;
    }
    if (terminal != NULL && (result = scene_terminal_relay(terminal, fd)) < 0)
        fprintf(stderr, "sockeye exec: the terminal: %s\n", strerror(-result));
    what = await(fd, true, &answer, &number);
    if (what == AWAIT_SIGNAL)
        fprintf(stderr, "sockeye exec: the lab does not take the signal for the command\n");
    if (what == AWAIT_GONE)
        fprintf(stderr, "sockeye exec: the lab has ended\n");
    return what == AWAIT_SIGNAL ? CLI_SIGNALLED + number
           : what == AWAIT_GONE ? CLI_FAILED
                                : exit_code(answer.status);
}

static int run_in(int fd, const char *host, char **argv)
{
    int files[3] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    bool is_terminal = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
    struct scene_terminal terminal = {-1, -1};
    int result = is_terminal ? scene_terminal_open(&terminal) : 0, code;

    if (result < 0) {
        scene_terminal_close(&terminal);
        fprintf(stderr, "sockeye exec: the terminal: %s\n", strerror(-result));
        return NOT_STARTED;
    }
    scene_ending_watch_signals(false);
    for (int i = 0; i < 3 && is_terminal; i++)
        files[i] = isatty(i) != 0 ? terminal.slave : i;
    code = run(fd, host, argv, files, is_terminal ? &terminal : NULL);
    if (is_terminal)
        scene_terminal_close(&terminal);
    return code;
}

/* What the lab runs for a command with a terminal: it takes the terminal, then becomes the command.
 */
static int run_inside(char **argv)
{
    int result = argv[0] == NULL ? -EINVAL : scene_terminal_enter();

    if (result < 0) {
        fprintf(stderr, "sockeye exec: the terminal: %s\n", strerror(-result));
        return NOT_STARTED;
    }
    (void)execvp(argv[0], argv);
    fprintf(stderr, "sockeye exec: %s: %s\n", argv[0], strerror(errno));
    return errno == ENOENT ? 127 : 126;
}

/* LAB HOST -- COMMAND or HOST -- COMMAND, HOST COMMAND: by where "--" stands, if it does. Behind
 * more words than two it is the command's own. */
static int read_arguments(int argc, char **argv, const char **lab, const char **host,
                          char ***command)
{
    int dashes = 1;

    while (dashes < argc && strcmp(argv[dashes], "--") != 0)
        dashes++;
    if ((dashes == argc || dashes > 3) && argc >= 3) { /* the first word is the host */
        *host = argv[1];
        *command = argv + 2;
        return CLI_OK;
    }
    if ((dashes != 2 && dashes != 3) || dashes + 1 >= argc)
        return cli_misused(argv, "needs [LAB] HOST -- COMMAND, or HOST COMMAND");
    *lab = dashes == 3 ? argv[1] : NULL;
    *host = argv[dashes - 1];
    *command = argv + dashes + 1;
    return CLI_OK;
}

int cli_exec(int argc, char **argv)
{
    const char *lab = NULL, *host = NULL;
    char place[SCENE_PLACE_BYTES], name[64] = "";
    char **command = NULL;
    int code, fd;
    bool is_list = argc == 2 && strcmp(argv[1], "--list") == 0;

    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        help();
        return CLI_OK;
    }
    if (argc >= 3 && strcmp(argv[1], "--inside") == 0)
        return run_inside(argv + 2 + (strcmp(argv[2], "--") == 0));
    if (argc >= 2 && argv[1][0] == '-' && !is_list)
        return cli_misused(argv, "there is no option \"%s\"", argv[1]);
    code = is_list ? CLI_OK : read_arguments(argc, argv, &lab, &host, &command);
    if (code != CLI_OK)
        return code;
    if (is_list) {
        if (scene_place_open(place, false) == 0)
            (void)cli_running_find(place, name, sizeof name, stdout);
        return CLI_OK;
    }
    fd = cli_running_connect(argv[0], lab);
    if (fd < 0)
        return NOT_STARTED;
    code = run_in(fd, host, command);
    (void)close(fd);
    return code;
}
