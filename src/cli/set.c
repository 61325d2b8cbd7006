/* SPDX-License-Identifier: MIT */
/*
 * `sockeye set`: changes the faults of a running lab. What is asked goes to the lab as words, over
 * the socket that sockeye exec uses, and the lab answers whether it was done.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/running.h"
#include "scene/control.h"

static void help(void)
{
    printf(
        "Usage: sockeye set [--lab LAB] WIRE [forth|back|both] KEY=VALUE... | down | up\n"
        "       sockeye set [--lab LAB] HOST crash | restart | pause | resume\n"
        "       sockeye set [--lab LAB] HOST [dns=none|silent|failing|denying] [dns.delay=TIME]\n"
        "                   [dns.lies=NAME:ADDRESS,...]\n"
        "       sockeye set [--lab LAB] partition from=HOST,... to=HOST,... [ports=PORT,...]\n"
        "                   [action=drop|reset|unreachable] [new_only] [both_ways]\n"
        "       sockeye set [--lab LAB] heal\n"
        "Changes the faults of a running lab from now on. A wire: in both directions, or those\n"
        "that the words before say. KEYs are those of a wire in the lab file: rate, delay,\n"
        "jitter, loss, reorder, reorder_by, duplicate, corrupt, past_fcs, mtu, queue,\n"
        "queue.packets, queue.bytes, queue.target, queue.interval, queue.flows, queue.quantum, "
        "queue.ecn.\n"
        "heal ends all partitions that were set.\n\n"
        "  sockeye set road loss=0 delay=20ms\n"
        "  sockeye set road forth loss=\"gemodel 1%% 25%%\" back down\n"
        "  sockeye set partition from=client to=server,backup action=reset\n\n"
        "  --lab LAB           of which lab, if more than one of yours runs\n"
        "  --help              this text\n\n"
        "A record has what was set, so a replay repeats it.\n"
        "Exit code: 0 it was done; 1 the lab refused it; 2 wrong use.\n");
}

/* The words, each with its NUL, behind their header. */
static int send_words(int fd, char **words, int count)
{
    struct scene_control_header header = {.magic = SCENE_CONTROL_SET, .arguments = (uint32_t)count};

    for (int i = 0; i < count; i++)
        header.length += (uint32_t)strlen(words[i]) + 1;
    if (send(fd, &header, sizeof header, MSG_NOSIGNAL) != (ssize_t)sizeof header)
        return -errno;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(words[i]) + 1;

        if (send(fd, words[i], length, MSG_NOSIGNAL) != (ssize_t)length)
            return -errno;
    }
    return 0;
}

static int ask(int fd, char **words, int count)
{
    const struct timeval patience = {.tv_sec = CLI_RUNNING_PATIENCE_S};
    struct scene_control_answer answer;
    int result = setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);

    if (result == 0)
        result = send_words(fd, words, count);

    /* who hangs up early has said why */
    if ((result == 0 || result == -EPIPE) &&
        recv(fd, &answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer) {
        answer.text[sizeof answer.text - 1] = '\0';
        if (answer.kind == SCENE_CONTROL_EXITED)
            return CLI_OK;
        fprintf(stderr, "sockeye set: %s\n", answer.text);
        return CLI_FAILED;
    }
    fprintf(stderr, "sockeye set: the lab %s\n", errno == EAGAIN ? "does not answer" : "has ended");
    return CLI_FAILED;
}

int cli_set(int argc, char **argv)
{
    const char *lab = NULL;
    int first = 1, fd, code;

    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        help();
        return CLI_OK;
    }
    if (argc >= 3 && strcmp(argv[1], "--lab") == 0) {
        lab = argv[2];
        first = 3;
    }
    if (first >= argc)
        return cli_misused(argv, "needs a wire or a host and what is to become of it, or "
                                 "partition, or heal");
    if (argv[first][0] == '-')
        return cli_misused(argv, "there is no option \"%s\"", argv[first]);
    if (first + 1 == argc && strcmp(argv[first], "heal") != 0)
        return cli_misused(argv, "what is to become of \"%s\"?", argv[first]);
    fd = cli_running_connect(argv[0], lab);
    if (fd < 0)
        return CLI_FAILED;
    code = ask(fd, argv + first, argc - first);
    (void)close(fd);
    return code;
}
