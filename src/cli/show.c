/* SPDX-License-Identifier: MIT */
/*
 * `sockeye show`: asks a running lab what its nodes know, and prints it. The lab answers with a
 * file in memory, so it waits for no reader, and one that ends in between is told.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cli/cli.h"
#include "cli/running.h"
#include "scene/control.h"
#include "scene/place.h"
#include "scene/tables.h"

enum { TURN_MS = 100 };

static void help(void)
{
    printf("Usage: sockeye show [OPTION]... [LAB] [NODE] [TABLE]\n"
           "Prints what the nodes of a running lab know now, or what one of them knows. LAB may\n"
           "be left out while only one lab of yours runs. TABLE is one of\n ");
    for (int i = 0; scene_tables_word(i) != NULL; i++)
        printf(" %s", scene_tables_word(i));
    printf(
        "\n(all that are not empty). Each entry says how it came to be known, and how old it is\n"
        "by the lab's time. Looking changes nothing.\n\n"
        "  sockeye show client\n"
        "  sockeye show demo server sockets\n\n"
        "  --json              an object a line\n"
        "  --help              this text\n\n"
        "Exit code: 0; 1 there is no such lab or node, or the lab has ended; 2 wrong use.\n");
}

/* What is asked: each of them may be NULL. */
struct show_question {
    const char *lab, *node, *table;
    bool is_json;
};

static int send_question(int fd, const struct show_question *question)
{
    struct scene_control_header header = {.magic = SCENE_CONTROL_SHOW, .arguments = 2};
    const char *const words[] = {question->node, NULL, question->table,
                                 question->is_json ? "--json" : NULL};
    char text[512];
    ssize_t sent;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        header.length += (uint32_t)snprintf(text + header.length, sizeof text - header.length,
                                            "%.100s", words[i] == NULL ? "" : words[i]) +
                         1;
    sent = send(fd, &header, sizeof header, MSG_NOSIGNAL);
    if (sent == (ssize_t)sizeof header)
        sent = send(fd, text, header.length, MSG_NOSIGNAL);
    return sent < 0 ? -errno : 0;
}

/* The answer, and its file if it has one. @return its length; 0: the lab has ended; -EAGAIN: it is
 * silent; -errno */
static ssize_t receive_answer(int fd, struct scene_control_answer *answer, int *file)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = answer, .iov_len = sizeof *answer};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    const struct cmsghdr *c;
    ssize_t got;

    for (int waited = 0; poll(&ready, 1, TURN_MS) <= 0; waited += TURN_MS) {
        if (waited >= CLI_RUNNING_PATIENCE_S * 1000)
            return -EAGAIN;
    }
    got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
    c = got <= 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(file, CMSG_DATA(c), sizeof *file);
    return got < 0 ? -errno : got;
}

static int copy(int file)
{
    char bytes[65536];
    off_t at = 0;
    ssize_t got;

    while ((got = pread(file, bytes, sizeof bytes, at)) > 0) {
        if (fwrite(bytes, 1, (size_t)got, stdout) != (size_t)got)
            return CLI_FAILED;
        at += got;
    }
    return got < 0 ? CLI_FAILED : CLI_OK;
}

static int ask(char **argv, int fd, const struct show_question *question)
{
    struct scene_control_answer answer = {.kind = SCENE_CONTROL_REFUSED};
    int file = -1, code = CLI_FAILED;
    ssize_t got;

    /* Who hangs up early has said why. */
    (void)send_question(fd, question);
    got = receive_answer(fd, &answer, &file);
    answer.text[sizeof answer.text - 1] = '\0';
    if (got == (ssize_t)sizeof answer && answer.kind == SCENE_CONTROL_SHOWN && file >= 0)
        code = copy(file);
    else if (got == (ssize_t)sizeof answer)
        fprintf(stderr, "%s: %s\n", argv[0], answer.text);
    else
        fprintf(stderr, "%s: %s\n", argv[0],
                got == -EAGAIN ? "the lab does not answer" : "the lab has ended");
    if (file >= 0)
        (void)close(file);
    return code;
}

static bool is_lab(const char *place, const char *name)
{
    char path[SCENE_PLACE_BYTES + 128];

    snprintf(path, sizeof path, "%s/%.100s.sock", place, name);
    return scene_place_is_alive(path);
}

/* [LAB] [NODE] [TABLE]: a table's word stands last; of one other word a lab is meant where one of
 * that name runs, else a node. */
static int read_words(char **argv, int count, char **words, const char *place,
                      struct show_question *question)
{
    if (count > 0 && scene_tables_find(words[count - 1]) >= 0)
        question->table = words[--count];
    if (count > 2)
        return cli_misused(argv,
                           question->table == NULL ? "there is no table \"%s\""
                                                   : "takes [LAB] [NODE] [TABLE], not \"%s\" too",
                           words[count - 1]);
    if (count == 2) {
        question->lab = words[0];
        question->node = words[1];
    } else if (count == 1 && is_lab(place, words[0])) {
        question->lab = words[0];
    } else if (count == 1) {
        question->node = words[0];
    }
    return CLI_OK;
}

int cli_show(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct show_question question = {0};
    char place[SCENE_PLACE_BYTES];
    int option, code, fd;

    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            help();
            return CLI_OK;
        }
        if (option != 'j')
            return cli_misused(argv, "wrong option");
        question.is_json = true;
    }
    (void)scene_place_open(place, false);
    code = read_words(argv, argc - optind, argv + optind, place, &question);
    if (code != CLI_OK)
        return code;
    if (question.node != NULL && question.lab != NULL && question.table == NULL &&
        !is_lab(place, question.lab))
        return cli_misused(argv, "there is neither a running lab \"%s\" nor a table \"%s\"",
                           question.lab, question.node);
    fd = cli_running_connect(argv[0], question.lab);
    if (fd < 0)
        return CLI_FAILED;
    code = ask(argv, fd, &question);
    (void)close(fd);
    return code;
}
