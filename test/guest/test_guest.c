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
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/bench.h"
#include "guest/doctor.h"

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

static void second_tries_are_as_linuxs(void)
{
    passes_on_alpha("connecting");
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
    passes_natively("connecting");
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
    struct guest_command p = {.argv = none, .directory = "/tmp"};
    struct bench b;
    int files;

    open_bench(&b, NULL);
    files = count_files("/proc/self/fd");
    check_equal(guest_start(b.runner, &p), -ENOENT);
    check(strstr(guest_error(b.runner), "/no/such/program") != NULL);
    p.directory = NULL;
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
    check_equal(count_files("/proc/self/fd"), files);
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
                    strcmp(complaint.text, "socket(another family): EAFNOSUPPORT") == 0 &&
                    strstr(complaint.cure, "AF_PACKET") != NULL;
        is_raw_told |= strcmp(complaint.text, "socket(AF_INET, SOCK_RAW): EPROTONOSUPPORT: this "
                                              "protocol is not supported") == 0;
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
    check_equal(count_files(path), 0); /* the door has none */
    start(&b, 1, hold);
    check(run_until_listening(&b, 1, 10001));
    guest_statistics(b.runner, &statistics);
    check_equal(statistics.sockets_now, 152); /* 50 of each: connecting, accepted, fresh */
    check_equal(count_files(path), 2);
    close_bench(&b);
    check(access(path, F_OK) < 0);
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
    {"sockets that connect again, and ports that are taken again, are as Linux's",
     second_tries_are_as_linuxs},
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
    {"only listeners have names on disk", only_listeners_have_names_on_disk},
    {"a stranger who takes hidden names keeps no socket open", strangers_names_keep_nothing_open},
    {"the report names what was refused", report_names_the_refused},
};

int main(int argc, char **argv)
{
    (void)argc;
    return find_programs(argv[0]) ? test_main(tests, sizeof tests / sizeof *tests) : 1;
}
