/* SPDX-License-Identifier: MIT */
/* A lab of two hosts on a wire, with a runner: what the tests with real programs stand on. */
#pragma once
#include "check.h"
#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/guest.h"
#include "guest/state.h"

static char programs[PATH_MAX]; /* where test/programs was built */

#define SECONDS INT64_C(1000000000)

struct bench {
    struct sockeye *lab;
    struct drive *drive;
    struct guest_runner *runner;
    int wire;
    char directory[64], log[96];
};

/* Two hosts, alpha 10.0.0.1 and beta 10.0.0.2, on one wire. */
static inline void open_bench(struct bench *b, const struct sockeye_wire_config *wire)
{
    static const struct guest_name names[] = {{"alpha", "10.0.0.1"}, {"beta", "10.0.0.2"}};
    struct guest_config config = {.names = names, .name_count = 2};
    struct sockeye_config lab = {.seed = 7};

    memset(b, 0, sizeof *b);
    strcpy(b->directory, "/tmp/test_guest-XXXXXX");
    check(mkdtemp(b->directory) != NULL);
    snprintf(b->log, sizeof b->log, "%s/log", b->directory);
    check_equal(sockeye_open(&lab, &b->lab), 0);
    b->wire = sockeye_wire(b->lab, "w", wire, NULL);
    for (int i = 0; i < 2; i++) {
        char text[32];
        int host = sockeye_host(b->lab, names[i].name);
        int interface = sockeye_interface(b->lab, host, "eth0", b->wire, i, NULL);

        snprintf(text, sizeof text, "%s/24", names[i].address);
        check_equal(sockeye_address(b->lab, host, interface, text), 0);
    }
    check_equal(drive_open(b->lab, &b->drive), 0);
    if (guest_open(b->drive, &config, &b->runner) != 0)
        test_fail(__FILE__, __LINE__, "%s", guest_error(NULL));
}

static inline void close_bench(struct bench *b)
{
    guest_close(b->runner);
    drive_close(b->drive);
    check_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    check_equal(sockeye_check(b->lab), 0);
    sockeye_close(b->lab);
    unlink(b->log);
    rmdir(b->directory);
}

static inline int start(struct bench *b, int host, const char *const *argv)
{
    struct guest_command program = {.host = host, .argv = argv, .log = b->log, .log_append = true};
    char path[PATH_MAX + 32];
    const char *copy[8] = {path};
    int number;

    if (strchr(argv[0], '/') == NULL && argv[0][0] != '@') {
        snprintf(path, sizeof path, "%s/%s", programs, argv[0]);
    } else {
        snprintf(path, sizeof path, "%s", argv[0][0] == '@' ? argv[0] + 1 : argv[0]);
    }
    for (int i = 1; i < 7 && argv[i] != NULL; i++)
        copy[i] = argv[i];
    program.argv = copy;
    number = guest_start(b->runner, &program);
    if (number < 0)
        test_fail(__FILE__, __LINE__, "%s", guest_error(b->runner));
    return number;
}

static inline bool run_until(struct bench *b, int program, enum guest_state state, int64_t time)
{
    int64_t end = drive_now(b->drive) + time;

    while (guest_program_state(b->runner, program, NULL) < state) {
        if (drive_now(b->drive) > end)
            return false;
        check_equal(drive_turn(b->drive, SECONDS / 100), 0);
    }
    return true;
}

static inline bool run_until_listening(struct bench *b, int host, uint16_t port)
{
    int64_t end = drive_now(b->drive) + 20 * SECONDS;

    while (!guest_is_listening(b->runner, host, port, false)) {
        if (drive_now(b->drive) > end)
            return false;
        check_equal(drive_turn(b->drive, SECONDS / 100), 0);
    }
    return true;
}

static inline int count_files(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    int count = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL)
        count += entry->d_name[0] != '.';
    if (directory != NULL)
        closedir(directory);
    return count;
}

/* Where test/programs was built, by the path of the test. */
static inline bool find_programs(const char *test)
{
    char path[PATH_MAX];

    if (realpath(test, path) == NULL)
        return false;
    snprintf(programs, sizeof programs, "%.4000s/programs", dirname(dirname(path)));
    return true;
}
