/* SPDX-License-Identifier: MIT */
/*
 * The runner at its limits: without descriptors, and with callers and leaders that are gone, whose
 * numbers may be somebody else's.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "guest/bench.h"

/* What failed for want of a descriptor of ours is told as such. It leaves a connection at our door,
 * which is not to be taken for that of the next. */
static void calls_without_room_fail_and_harm_no_later_one(void)
{
    const char *crowd[] = {"parked", "crowd", NULL};
    struct rlimit files, few;
    struct bench b;
    int program, status = -1;
    struct guest_complaint complaint;
    bool is_told = false;

    open_bench(&b, NULL);
    program = start(&b, 0, crowd);
    getrlimit(RLIMIT_NOFILE, &files);
    few = files;
    few.rlim_cur = (rlim_t)count_files("/proc/self/fd") + 40;
    check_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    check(run_until(&b, program, GUEST_GONE, 60 * SECONDS));
    guest_program_state(b.runner, program, &status);
    check_equal(status, 0);
    check_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    for (int i = 0; guest_report(b.runner, i, &complaint); i++)
        is_told |= strstr(complaint.text, "(): ENFILE: the lab itself has no descriptor") != NULL;
    check(is_told);
    close_bench(&b);
}

static void a_listener_is_told_when_there_is_room_again(void)
{
    const char *look[] = {"parked", "look", NULL};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(10000)};
    struct rlimit files, none;
    struct bench b;
    int program, fd, status = -1;

    to.sin_addr.s_addr = htonl(0x0a000002);
    open_bench(&b, NULL);
    program = start(&b, 1, look);
    check(run_until_listening(&b, 1, 10000));
    getrlimit(RLIMIT_NOFILE, &files);
    none = files;
    none.rlim_cur = 3; /* what is open stays so */
    check_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    fd = sockeye_socket(b.lab, 0, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_connect(b.lab, 0, fd, &to, sizeof to), -EINPROGRESS);
    check(!run_until(&b, program, GUEST_EXITED, SECONDS / 10));
    check_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    check(run_until(&b, program, GUEST_GONE, 20 * SECONDS));
    guest_program_state(b.runner, program, &status);
    check_equal(status, 0);
    close_bench(&b);
}

/* A process with so few descriptors: what guest_open changes is as before, whether it succeeds or
 * not. @return how often it failed, or -1 */
static int opened_with_few(struct drive *drive, int most)
{
    struct guest_runner *runner;
    struct rlimit files;
    sigset_t mask;
    int failures = 0, subreaper = -1;

    for (int n = most; n > most - 30; n--) {
        struct rlimit few = {.rlim_cur = (rlim_t)n - 1, .rlim_max = (rlim_t)n};

        if (setrlimit(RLIMIT_NOFILE, &few) < 0)
            return -1;
        if (guest_open(drive, NULL, &runner) < 0)
            failures++;
        else
            guest_close(runner);
        getrlimit(RLIMIT_NOFILE, &files);
        sigprocmask(SIG_SETMASK, NULL, &mask);
        prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
        if (files.rlim_cur != few.rlim_cur || sigismember(&mask, SIGCHLD) || subreaper != 0)
            return -1;
    }
    return failures;
}

static void an_open_that_fails_leaves_the_process_as_it_was(void)
{
    struct bench b;
    int status = -1;
    pid_t child;

    open_bench(&b, NULL);
    guest_close(b.runner);
    b.runner = NULL;
    child = fork();
    if (child == 0)
        _exit(opened_with_few(b.drive, count_files("/proc/self/fd") + 25) > 5 ? 0 : 1);
    check_equal(waitpid(child, &status, 0), child);
    check_equal(status, 0);
    close_bench(&b);
}

/* Its thread may be anybody's by now: here it is ours. */
static void callers_that_are_gone_are_left_alone(void)
{
    static const char *const argv[] = {"@/bin/sleep", "20", NULL};
    char bytes[8] = "theirs", copy[8] = "ours";
    struct bench b;
    struct guest_call call = {.notif = {.id = 77, .pid = (unsigned)getpid()}};
    int program;

    open_bench(&b, NULL);
    program = start(&b, 0, argv);
    call.runner = b.runner;
    call.program = b.runner->programs[program];
    check(!guest_target_waits(&call));
    check_equal(guest_target_read(&call, (uint64_t)(uintptr_t)bytes, copy, sizeof copy), -EFAULT);
    check_equal(guest_target_write(&call, (uint64_t)(uintptr_t)bytes, "mine", 5), -EFAULT);
    check(strcmp(bytes, "theirs") == 0);
    check_equal(guest_target_borrow(&call, 0), -ESRCH);
    close_bench(&b);
}

/* Its number may be another group's by then. */
static void groups_without_leader_are_killed_one_by_one(void)
{
    static const char *const argv[] = {"@/bin/sh", "-c", "sleep 30 & sleep 30 & exit 3", NULL};
    struct bench b;
    int program, status = -1;

    open_bench(&b, NULL);
    program = start(&b, 0, argv);
    check(run_until(&b, program, GUEST_EXITED, 20 * SECONDS));
    check_equal(guest_kill(b.runner, program, SIGTERM), 0);
    check(run_until(&b, program, GUEST_GONE, 20 * SECONDS));
    guest_program_state(b.runner, program, &status);
    check_equal(status, 3 << 8);
    check_equal(guest_kill(b.runner, program, SIGTERM), -ESRCH);
    close_bench(&b);
}

enum { NO_NAMESPACE = 77 };

/* As the first process of a namespace, as in a container of its own. */
static void kill_kin_as_first(void)
{
    int status = -1;
    pid_t child;

    if (mount("proc", "/proc", "proc", 0, NULL) < 0)
        _exit(NO_NAMESPACE);
    child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    if (getpid() != 1 || guest_kin_kill(0, SIGKILL, false) != 1)
        _exit(1);
    waitpid(child, &status, 0);
    _exit(WIFSIGNALED(status) ? 0 : 1);
}

static void the_first_process_finds_its_kin(void)
{
    int status = -1;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) < 0)
            _exit(NO_NAMESPACE);
        child = fork();
        if (child == 0)
            kill_kin_as_first();
        waitpid(child, &status, 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    check_equal(waitpid(child, &status, 0), child);
    if (status == NO_NAMESPACE << 8)
        printf("# no namespace can be made here\n");
    else
        check_equal(status, 0);
}

static const struct test tests[] = {
    {"a call for which there was no room says ENFILE, and harms no later one",
     calls_without_room_fail_and_harm_no_later_one},
    {"a listener whose program polls is told when there is room again",
     a_listener_is_told_when_there_is_room_again},
    {"an open that fails leaves the process as it was",
     an_open_that_fails_leaves_the_process_as_it_was},
    {"a caller that is gone is neither read nor written", callers_that_are_gone_are_left_alone},
    {"a group whose leader is gone is killed one by one",
     groups_without_leader_are_killed_one_by_one},
    {"the first process of a namespace finds who descends from it",
     the_first_process_finds_its_kin},
};

int main(int argc, char **argv)
{
    (void)argc;
    return find_programs(argv[0]) ? test_main(tests, sizeof tests / sizeof *tests) : 1;
}
