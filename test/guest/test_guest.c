/* SPDX-License-Identifier: MIT */
/*
 * The runner with real programs on a real lab: the programs of test/programs, which pass on the
 * kernel's own sockets too, and the life of programs: start, failure, exit, kill, the end of all.
 * Real programs live in real time; the checks here wait for events, each with a bound.
 */
#include "check.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/guest.h"
#include "guest/doctor.h"
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
static void open_bench(struct bench *b, const struct sockeye_wire_config *wire)
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

static void close_bench(struct bench *b)
{
    guest_close(b->runner);
    drive_close(b->drive);
    check_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    check_equal(sockeye_check(b->lab), 0);
    sockeye_close(b->lab);
    unlink(b->log);
    rmdir(b->directory);
}

static int start(struct bench *b, int host, const char *const *argv)
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

static bool run_until(struct bench *b, int program, enum guest_state state, int64_t time)
{
    int64_t end = drive_now(b->drive) + time;

    while (guest_program_state(b->runner, program, NULL) < state) {
        if (drive_now(b->drive) > end)
            return false;
        check_equal(drive_turn(b->drive, SECONDS / 100), 0);
    }
    return true;
}

static bool run_until_listening(struct bench *b, int host, uint16_t port)
{
    int64_t end = drive_now(b->drive) + 20 * SECONDS;

    while (!guest_is_listening(b->runner, host, port, false)) {
        if (drive_now(b->drive) > end)
            return false;
        check_equal(drive_turn(b->drive, SECONDS / 100), 0);
    }
    return true;
}

static void show_file(FILE *file)
{
    char line[256];

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "ok", 2) != 0)
            printf("# %s", line);
    if (file != NULL)
        fclose(file);
}

static void passes_on_alpha(const char *name)
{
    struct bench b;
    int status = -1, program;
    const char *argv[] = {name, NULL};

    open_bench(&b, NULL);
    program = start(&b, 0, argv);
    check(run_until(&b, program, GUEST_GONE, 120 * SECONDS));
    check_equal(guest_program_state(b.runner, program, &status), GUEST_GONE);
    if (status != 0)
        show_file(fopen(b.log, "r"));
    check_equal(status, 0);
    close_bench(&b);
}

static void sockets_are_as_linuxs(void)
{
    passes_on_alpha("sockets");
}

static void full_streams_are_as_linuxs(void)
{
    passes_on_alpha("sending");
}

static void refusals_are_right(void)
{
    passes_on_alpha("refusals");
}

static void datagrams_are_as_linuxs(void)
{
    passes_on_alpha("datagrams");
}

/* The same programs on the kernel's sockets: else they would prove nothing. */
static void passes_natively(const char *name)
{
    char path[PATH_MAX + 32], *argv[] = {path, NULL};
    FILE *output = tmpfile();
    int status = -1;
    pid_t child;

    check(output != NULL);
    snprintf(path, sizeof path, "%s/%s", programs, name);
    fflush(NULL);
    child = fork();
    if (child == 0) {
        dup2(fileno(output), 1);
        execv(path, argv);
        _exit(127);
    }
    waitpid(child, &status, 0);
    check_equal(status, 0);
    rewind(output);
    if (status == 0)
        fclose(output);
    else
        show_file(output);
}

static void checks_pass_natively(void)
{
    passes_natively("sockets");
    passes_natively("sending");
    passes_natively("datagrams");
}

static void megabytes_cross_a_bad_wire(void)
{
    struct sockeye_wire_config bad = {.delay_ns = 1000000,
                                      .rate_bits = 200000000,
                                      .loss_ppm = 20000,
                                      .reorder_ppm = 50000,
                                      .reorder_ns = 1500000,
                                      .duplicate_ppm = 20000,
                                      .corrupt_ppm = 10000};
    const char *listen[] = {"bulk", "listen", "5000", "500000", NULL};
    const char *connect[] = {"bulk", "connect", "beta", "5000", "500000", NULL};
    struct bench b;
    int server, client, status = -1;

    open_bench(&b, &bad);
    server = start(&b, 1, listen);
    check(run_until_listening(&b, 1, 5000));
    check(!guest_is_listening(b.runner, 0, 5000, false));
    client = start(&b, 0, connect);
    check(run_until(&b, client, GUEST_GONE, 100 * SECONDS));
    check(run_until(&b, server, GUEST_GONE, 100 * SECONDS));
    guest_program_state(b.runner, client, &status);
    check_equal(status, 0);
    guest_program_state(b.runner, server, &status);
    check_equal(status, 0);
    check(!guest_is_listening(b.runner, 1, 5000, false));
    close_bench(&b);
}

static void connect_without_listener(void)
{
    const char *connect[] = {"bulk", "connect", "beta", "5000", "1", NULL};
    struct bench b;
    int client, status = -1;

    open_bench(&b, NULL);
    client = start(&b, 0, connect);
    check(run_until(&b, client, GUEST_GONE, 20 * SECONDS));
    guest_program_state(b.runner, client, &status);
    check_equal(WEXITSTATUS(status), 3);
    close_bench(&b);
}

static void killed_listener_stops_listening(void)
{
    const char *listen[] = {"bulk", "listen", "5000", "1", NULL};
    struct bench b;
    int server, status = -1;

    open_bench(&b, NULL);
    server = start(&b, 1, listen);
    check(run_until_listening(&b, 1, 5000));
    check_equal(guest_kill(b.runner, server, SIGKILL), 0);
    check(run_until(&b, server, GUEST_GONE, 20 * SECONDS));
    guest_program_state(b.runner, server, &status);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    check(!guest_is_listening(b.runner, 1, 5000, false));
    check_equal(guest_kill(b.runner, server, SIGKILL), -ESRCH);
    close_bench(&b);
}

static void bad_programs_are_named(void)
{
    static const char *const none[] = {"/no/such/program", NULL}, *const here[] = {"/tmp", NULL},
                             *const missing[] = {"no-such-program-anywhere", NULL},
                             *const shell[] = {"/bin/true", NULL}, *const nothing[] = {NULL};
    struct guest_command p = {.argv = none};
    struct bench b;

    open_bench(&b, NULL);
    check_equal(guest_start(b.runner, &p), -ENOENT);
    check(strstr(guest_error(b.runner), "/no/such/program") != NULL);
    p.argv = missing;
    check_equal(guest_start(b.runner, &p), -ENOENT);
    check(strstr(guest_error(b.runner), "no-such-program-anywhere") != NULL);
    p.argv = here;
    check_equal(guest_start(b.runner, &p), -EACCES);
    p.argv = nothing;
    check_equal(guest_start(b.runner, &p), -EINVAL);
    p.argv = shell;
    p.directory = "/no/such/directory";
    check_equal(guest_start(b.runner, &p), -ENOENT);
    check(strstr(guest_error(b.runner), "/no/such/directory") != NULL);
    p.directory = NULL;
    p.log = "/no/such/directory/log";
    check_equal(guest_start(b.runner, &p), -ENOENT);
    p.log = NULL;
    p.host = 5;
    check_equal(guest_start(b.runner, &p), -EINVAL);
    close_bench(&b);
}

/* Runs a program in the bench's directory. @return its status; what it wrote stands in `text` */
static int run_there(struct bench *b, const char *const *argv, char *text, size_t size)
{
    struct guest_command p = {.argv = argv, .log = b->log, .directory = b->directory};
    int program = guest_start(b->runner, &p), status = -1, fd;
    ssize_t length;

    check(program >= 0 && run_until(b, program, GUEST_GONE, 20 * SECONDS));
    guest_program_state(b->runner, program, &status);
    fd = open(b->log, O_RDONLY);
    length = fd < 0 ? -1 : read(fd, text, size - 1);
    check(length >= 0);
    text[length] = '\0';
    close(fd);
    return status;
}

static void privileged_file_runs_without(void)
{
    /* only root can make a file that belongs to another; others have one */
    bool is_root = geteuid() == 0;
    const char *argv[] = {is_root ? "./setuid" : "su", is_root ? "-u" : "--version", NULL};
    struct bench b;
    struct guest_complaint complaint;
    char text[256], path[96];

    open_bench(&b, NULL);
    snprintf(path, sizeof path, "%s/setuid", b.directory);
    if (is_root) {
        char command[400];

        snprintf(command, sizeof command, "cp /usr/bin/id %s && chown 65534 %s && chmod 4755 %s",
                 path, path, path);
        check_equal(system(command), 0);
    }
    check_equal(run_there(&b, argv, text, sizeof text), 0);
    check(!is_root || strcmp(text, "0\n") == 0);
    check(guest_report(b.runner, 0, &complaint));
    check(strncmp(complaint.text, "the privileges of its file", 26) == 0);
    unlink(path);
    close_bench(&b);
}

static void program_is_seen_from_its_directory(void)
{
    const char *argv[] = {"./here", NULL};
    struct bench b;
    char whole[64], path[96], text[256], *before = getcwd(NULL, 0), *slash;
    FILE *file;

    open_bench(&b, NULL);
    snprintf(path, sizeof path, "%s/here", b.directory);
    file = fopen(path, "w");
    check(file != NULL && fputs("#!/bin/sh\npwd\n", file) >= 0 && fclose(file) == 0);
    check_equal(chmod(path, 0755), 0);
    /* the directory's own name, from the folder that it stands in */
    strcpy(whole, b.directory);
    slash = strrchr(b.directory, '/');
    memmove(b.directory, slash + 1, strlen(slash));
    check_equal(chdir("/tmp"), 0);
    check_equal(run_there(&b, argv, text, sizeof text), 0);
    text[strcspn(text, "\n")] = '\0';
    check(strcmp(text, whole) == 0);
    check_equal(chdir(before), 0);
    strcpy(b.directory, whole);
    free(before);
    unlink(path);
    close_bench(&b);
}

static void log_environment_and_directory(void)
{
    const char *argv[] = {"/bin/sh", "-c",
                          "echo $WHAT; pwd; hostname 2>/dev/null || uname -n; exit 7", NULL};
    const char *environment[] = {"WHAT=told", NULL};
    char text[256] = {0}, wanted[160];
    struct bench b;
    struct guest_command p = {.host = 1, .argv = argv, .environment = environment};
    int program, status = -1, fd;

    open_bench(&b, NULL);
    p.log = b.log;
    p.directory = b.directory;
    program = guest_start(b.runner, &p);
    check(program >= 0);
    check(run_until(&b, program, GUEST_GONE, 20 * SECONDS));
    guest_program_state(b.runner, program, &status);
    check_equal(WEXITSTATUS(status), 7);
    fd = open(b.log, O_RDONLY);
    check(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    close(fd);
    snprintf(wanted, sizeof wanted, "told\n%s\nbeta\n", b.directory);
    check(strcmp(text, wanted) == 0);
    close_bench(&b);
}

static void daemons_are_waited_for_and_killed(void)
{
    const char *argv[] = {"/bin/sh", "-c", "setsid sleep 1000 & exit 0", NULL};
    struct bench b;
    int program;

    open_bench(&b, NULL);
    program = start(&b, 0, argv);
    check(run_until(&b, program, GUEST_EXITED, 20 * SECONDS));
    check_equal(drive_turn(b.drive, SECONDS / 10), 0);
    check_equal(guest_program_state(b.runner, program, NULL), GUEST_EXITED);
    close_bench(&b); /* kills the daemon, or fails: a child is left */
}

static void directory_is_removed(void)
{
    struct bench b;
    struct guest_config config = {0};
    char path[96];

    open_bench(&b, NULL);
    guest_close(b.runner);
    snprintf(path, sizeof path, "%s/holders", b.directory);
    config.directory = path;
    check_equal(guest_open(b.drive, &config, &b.runner), 0);
    check_equal(access(path, F_OK), 0);
    guest_close(b.runner);
    check(access(path, F_OK) < 0);
    config.directory = "/no/such/place";
    check_equal(guest_open(b.drive, &config, &b.runner), -EACCES);
    check(strstr(guest_error(NULL), "/no/such/place") != NULL);
    check_equal(chmod(b.directory, 0755), 0);
    config.directory = b.directory;
    check_equal(guest_open(b.drive, &config, &b.runner), -EACCES); /* others may look in */
    b.runner = NULL;
    close_bench(&b);
}

static void report_names_the_refused(void)
{
    const char *argv[] = {"refusals", NULL};
    struct guest_complaint complaint;
    struct guest_statistics s;
    bool is_named = false, is_raw_told = false;
    struct bench b;
    int program, count = 0;

    open_bench(&b, NULL);
    program = start(&b, 0, argv);
    check(run_until(&b, program, GUEST_GONE, 60 * SECONDS));
    for (; guest_report(b.runner, count, &complaint); count++) {
        is_named |= strcmp(complaint.name, "refusals") == 0 && complaint.program == program &&
                    strcmp(complaint.text, "socket(AF_NETLINK): EAFNOSUPPORT") == 0 &&
                    strstr(complaint.cure, "lab file") != NULL;
        is_raw_told |= strcmp(complaint.text, "socket(AF_INET, SOCK_RAW): EPERM") == 0;
    }
    check(count > 3 && is_named && is_raw_told);
    guest_statistics(b.runner, &s);
    check(s.sockets > 3 && s.calls > 5);
    close_bench(&b);
}

/* Each call that waits is looked at when its own socket is touched, and at no other time. */
static void parked_calls_cost_nothing(void)
{
    enum { THREADS = 1500, DATAGRAMS = 100 };
    const char *wait[] = {"parked", "wait", "1500", NULL};
    const char *poke[] = {"parked", "poke", "beta", "100", NULL};
    struct guest_statistics before, after;
    struct bench b;
    int waiter, poker, status = -1;
    int64_t end;

    open_bench(&b, NULL);
    waiter = start(&b, 1, wait);
    end = drive_now(b.drive) + 60 * SECONDS;
    do { /* a socket option, a bind and a wait each */
        check(drive_now(b.drive) < end);
        check_equal(drive_turn(b.drive, SECONDS / 100), 0);
        guest_statistics(b.runner, &before);
    } while (before.calls < 3 * THREADS);
    poker = start(&b, 0, poke);
    check(run_until(&b, waiter, GUEST_GONE, 60 * SECONDS));
    guest_program_state(b.runner, waiter, &status);
    check_equal(status, 0);
    check(run_until(&b, poker, GUEST_GONE, 20 * SECONDS));
    guest_statistics(b.runner, &after);
    check(after.retries - before.retries >= 1);
    /* all are tried once at the end, when they find their socket gone */
    check(after.retries - before.retries <= 2 * DATAGRAMS + THREADS);
    close_bench(&b);
}

static int count_files(const char *path)
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

static void only_listeners_have_names_on_disk(void)
{
    const char *hold[] = {"parked", "hold", "50", NULL};
    struct guest_config config = {0};
    struct guest_statistics statistics;
    struct bench b;
    char path[96];

    open_bench(&b, NULL);
    guest_close(b.runner);
    snprintf(path, sizeof path, "%s/holders", b.directory);
    config.directory = path;
    check_equal(guest_open(b.drive, &config, &b.runner), 0);
    check_equal(count_files(path), 1); /* the door */
    start(&b, 1, hold);
    check(run_until_listening(&b, 1, 10001));
    guest_statistics(b.runner, &statistics);
    check_equal(statistics.sockets_now, 152); /* 50 of each: connecting, accepted, fresh */
    check_equal(count_files(path), 3);
    close_bench(&b);
    check(access(path, F_OK) < 0);
}

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

/* Hidden names are everybody's to take: who is closed is then told by the census. */
static void strangers_names_keep_nothing_open(void)
{
    enum { NAMES = 40, LISTENERS = 2 };
    const char *shut[] = {"parked", "shut", "20", NULL};
    struct guest_statistics statistics;
    struct bench b;
    int names[NAMES];
    int64_t end;

    open_bench(&b, NULL);
    for (int i = 0; i < NAMES; i++) {
        struct guest_socket s = {.holder.name = (uint64_t)i + 1};
        struct sockaddr_un address;
        socklen_t length = guest_holder_address(b.runner, &s, &address);

        names[i] = socket(AF_UNIX, SOCK_STREAM, 0);
        check_equal(bind(names[i], (struct sockaddr *)&address, length), 0);
    }
    start(&b, 1, shut);
    check(run_until_listening(&b, 1, 10001));
    end = drive_now(b.drive) + 20 * SECONDS;
    do {
        check(drive_now(b.drive) < end);
        check_equal(drive_turn(b.drive, SECONDS / 100), 0);
        guest_statistics(b.runner, &statistics);
    } while (statistics.sockets_now > LISTENERS);
    for (int i = 0; i < NAMES; i++)
        close(names[i]);
    close_bench(&b);
}

static void doctor_finds_this_machine_well(void)
{
    FILE *file = fopen("/dev/null", "w");

    check_equal(guest_doctor(file), 0);
    fclose(file);
}

static void forgotten_programs_make_room(void)
{
    static const char *const argv[] = {"/bin/true", NULL};
    struct bench b;
    int first, status = -1;

    open_bench(&b, NULL);
    first = start(&b, 0, argv);
    for (int i = 0; i < 600; i++) {
        int number = start(&b, 0, argv);

        check(number != first);
        check(run_until(&b, number, GUEST_GONE, 20 * SECONDS));
        guest_forget(b.runner, number);
    }
    check_equal(guest_program_state(b.runner, first, &status), GUEST_GONE);
    check_equal(status, 0);
    close_bench(&b);
}

static const struct test tests[] = {
    {"the doctor finds this machine well", doctor_finds_this_machine_well},
    {"the programs of socket checks pass on the kernel's sockets", checks_pass_natively},
    {"stream sockets of a lab are as Linux's", sockets_are_as_linuxs},
    {"streams that are filled are as Linux's", full_streams_are_as_linuxs},
    {"datagram sockets of a lab are as Linux's", datagrams_are_as_linuxs},
    {"programs that are gone and forgotten make room for others", forgotten_programs_make_room},
    {"other families, raw sockets, io_uring and the machine's names are refused",
     refusals_are_right},
    {"half a megabyte each way crosses a bad wire unharmed", megabytes_cross_a_bad_wire},
    {"a connect where nobody listens is refused", connect_without_listener},
    {"a listener killed with -9 listens no more", killed_listener_stops_listening},
    {"programs that cannot start are named", bad_programs_are_named},
    {"a setuid program of another user runs without its file's privileges",
     privileged_file_runs_without},
    {"a program is seen from its directory, also a relative one",
     program_is_seen_from_its_directory},
    {"log, environment, directory, hostname and exit code", log_environment_and_directory},
    {"daemons are waited for, and killed at the end", daemons_are_waited_for_and_killed},
    {"the directory of the holders is made and removed", directory_is_removed},
    {"calls that wait cost nothing until their socket is touched", parked_calls_cost_nothing},
    {"only listeners and the door have names on disk", only_listeners_have_names_on_disk},
    {"a stranger who takes hidden names keeps no socket open", strangers_names_keep_nothing_open},
    {"a call for which there was no room says ENFILE, and harms no later one",
     calls_without_room_fail_and_harm_no_later_one},
    {"an open that fails leaves the process as it was",
     an_open_that_fails_leaves_the_process_as_it_was},
    {"a caller that is gone is neither read nor written", callers_that_are_gone_are_left_alone},
    {"a group whose leader is gone is killed one by one",
     groups_without_leader_are_killed_one_by_one},
    {"the report names what was refused", report_names_the_refused},
};

int main(int argc, char **argv)
{
    char path[PATH_MAX];

    (void)argc;
    if (realpath(argv[0], path) == NULL)
        return 1;
    snprintf(programs, sizeof programs, "%.4000s/programs", dirname(dirname(path)));
    return test_main(tests, sizeof tests / sizeof *tests);
}
