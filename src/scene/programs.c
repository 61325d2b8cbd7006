/* SPDX-License-Identifier: MIT */
/*
 * The real programs of a lab: when each starts, where its output goes, how it ended, and whether
 * that was expected. The lab waits for every program but those in the background, which it ends
 * itself when all else has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scene/create.h"
#include "scene/ending.h"
#include "scene/live.h"
#include "scene/run.h"

static const struct scene_host *host_of(const struct scene_run *run,
                                        const struct scene_run_program *program)
{
    return &run->file.lab->hosts[program->host];
}

/* Is `name` an executable file, seen from `directory`? */
static bool is_executable(const char *directory, const char *name)
{
    int at = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat status;
    bool is = at >= 0 && fstatat(at, name, &status, 0) == 0 && S_ISREG(status.st_mode) &&
              faccessat(at, name, X_OK, AT_EACCESS) == 0;

    if (at >= 0)
        (void)close(at);
    return is;
}

/* Is there such a program, searched as the shell does? */
static bool is_found(const char *directory, const char *name)
{
    const char *path = getenv("PATH");
    char *copy, *rest, *part;
    bool is = false;

    if (strchr(name, '/') != NULL)
        return is_executable(directory, name);
    copy = strdup(path == NULL ? "/usr/local/bin:/usr/bin:/bin" : path);
    for (rest = copy; copy != NULL && !is && (part = strsep(&rest, ":")) != NULL;) {
        char file[4096];

        if (snprintf(file, sizeof file, "%s/%s", part, name) < (int)sizeof file)
            is = is_executable(directory, file);
    }
    free(copy);
    return is;
}

static bool is_good(const struct scene_run *run, const struct scene_run_program *program)
{
    const char *directory = program->directory, *name = program->plan->arguments[0];
    struct stat status;
    char path[128];

    snprintf(path, sizeof path, "hosts[%u]%s", program->host,
             program->plan->directory == NULL ? ".directory" : "");
    if (program->plan->directory != NULL)
        snprintf(path, sizeof path, "hosts[%u].programs[%u].directory", program->host,
                 program->index);
    if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode)) {
        scene_tell(&run->file, stderr, path, "\"%s\" is not a directory", directory);
        return false;
    }
    snprintf(path, sizeof path, "hosts[%u].programs[%u].%s", program->host, program->index,
             program->plan->run != NULL     ? "run"
             : program->plan->shell != NULL ? "shell"
                                            : "argv");
    if (!is_found(directory, name)) {
        scene_tell(&run->file, stderr, path, "there is no executable program \"%s\" in %s", name,
                   strchr(name, '/') == NULL ? "PATH"
                   : name[0] == '/'          ? "/"
                                             : directory);
        return false;
    }
    return true;
}

static char *directory_of(const struct scene_run *run, const struct scene_run_program *program)
{
    const char *own = program->plan->directory;

    return scene_path(&run->file, own != NULL ? own : host_of(run, program)->directory);
}

int scene_programs_open(struct scene_run *run)
{
    const struct scene *lab = run->file.lab;
    unsigned count = 0;
    bool is_all_good = true;

    for (unsigned i = 0; i < lab->hosts_count; i++)
        count += lab->hosts[i].programs_count;
    run->programs = calloc(count + 1, sizeof *run->programs);
    run->first_program = calloc(lab->hosts_count + 1, sizeof *run->first_program);
    if (run->programs == NULL || run->first_program == NULL) {
        fprintf(stderr, "sockeye lab: out of memory\n");
        return SCENE_FAILED;
    }
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        run->first_program[i] = run->program_count;
        for (unsigned k = 0; k < lab->hosts[i].programs_count; k++) {
            struct scene_run_program *program = &run->programs[run->program_count++];

            program->plan = &lab->hosts[i].programs[k];
            program->host = i;
            program->index = k;
            program->number = -1;
            program->directory = directory_of(run, program);
            if (program->directory == NULL) {
                fprintf(stderr, "sockeye lab: out of memory\n");
                return SCENE_FAILED;
            }
            is_all_good = is_good(run, program) && is_all_good;
        }
    }
    return is_all_good ? SCENE_OK : SCENE_MISUSED;
}

/* Where the output of a program goes; a file is made empty. @return 0 or -errno */
static int choose_log(struct scene_run *run, struct scene_run_program *program)
{
    const char *log = program->plan->log != NULL ? program->plan->log : host_of(run, program)->log;
    int fd;

    if (log != NULL && strcmp(log, "stdout") == 0)
        return 0;
    if (log != NULL)
        program->log = scene_path(&run->file, log);
    else if (asprintf(&program->log, "%s/%s.%s.log", run->logs, host_of(run, program)->name,
                      program->plan->title) < 0)
        program->log = NULL;
    if (program->log == NULL)
        return -ENOMEM;
    fd = scene_create(program->log, 0666);
    if (fd < 0) {
        char path[64];

        snprintf(path, sizeof path, "hosts[%u].log", program->host);
        if (program->plan->log != NULL)
            snprintf(path, sizeof path, "hosts[%u].programs[%u].log", program->host,
                     program->index);
        scene_tell(&run->file, stderr, path, "\"%s\": %s", program->log, scene_create_error(fd));
        return fd;
    }
    (void)close(fd);
    return 0;
}

int scene_programs_logs(struct scene_run *run)
{
    /* .logs of a lab that is no more are swept away by the next one, .kept are not. */
    snprintf(run->logs, sizeof run->logs, "%s/%s-%d.%s", run->place, run->name, (int)getpid(),
             run->options->keep_logs ? "kept" : "logs");
    if (mkdir(run->logs, 0700) != 0) {
        int error = errno;

        fprintf(stderr, "sockeye lab: %s: %s\n", run->logs, strerror(error));
        run->logs[0] = '\0';
        return -error;
    }
    for (unsigned i = 0; i < run->program_count; i++) {
        int result = choose_log(run, &run->programs[i]);

        if (result < 0)
            return result;
    }
    return 0;
}

static bool is_listening(struct scene_run *run, const struct scene_condition *condition)
{
    int host = run->file.lab->hosts[condition->host].number;

    if (condition->x121[0] != '\0')
        return run->runner != NULL &&
               guest_circuit_is_listening(run->runner, host, condition->x121);
    return service_set_are_listening(run->services, host, condition->port, condition->datagram) ||
           (run->runner != NULL &&
            guest_is_listening(run->runner, host, condition->port, condition->datagram));
}

static bool has_exited(const struct scene_run *run, const struct scene_condition *condition)
{
    unsigned i = run->first_program[condition->host] + condition->program;

    return run->programs[i].stage == SCENE_ENDED;
}

bool scene_condition_holds(struct scene_run *run, const struct scene_after *after, int64_t *time)
{
    int64_t now = sockeye_now(run->lab), wait_until = 0;

    for (unsigned i = 0; i < after->count; i++) {
        const struct scene_condition *condition = &after->condition[i];

        switch (condition->kind) {
        case CONDITION_TIME:
            if (condition->time > now && condition->time > wait_until)
                wait_until = condition->time;
            break;
        case CONDITION_LISTENING:
            if (!is_listening(run, condition))
                return false;
            break;
        case CONDITION_EXITED:
            if (!has_exited(run, condition))
                return false;
            break;
        case CONDITION_ADDRESSED:
            if (!scene_live_is_addressed(run->lab, &run->file.lab->hosts[condition->host]))
                return false;
            break;
        }
    }
    if (wait_until > 0 && wait_until < *time)
        *time = wait_until;
    return wait_until == 0;
}

/* The environment of a program: the host's, then its own. @return an array to free, or NULL */
static const char **environment_of(const struct scene_run *run,
                                   const struct scene_run_program *program)
{
    const struct scene_host *host = host_of(run, program);
    const struct scene_program *plan = program->plan;
    const char **list = calloc(host->environment_count + plan->environment_count + 1, sizeof *list);
    size_t count = 0;

    for (unsigned i = 0; list != NULL && i < host->environment_count; i++)
        list[count++] = host->environment[i];
    for (unsigned i = 0; list != NULL && i < plan->environment_count; i++)
        list[count++] = plan->environment[i];
    return list;
}

/* Standard output may be another's, who is not to be disturbed. @return 0 or -errno; in any case
 * close_files is right */
static int open_files(struct scene_run *run, const struct scene_run_program *program,
                      struct guest_command *what)
{
    bool is_taken = scene_outputs_take_stdout(&run->options->outputs);

    what->own_files = program->log == NULL && (is_taken || run->relay != NULL);
    if (!what->own_files)
        return 0;
    what->error = STDERR_FILENO;
    what->output = is_taken ? STDERR_FILENO : scene_relay_add(run->relay);
    what->input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return what->output < 0 ? what->output : what->input < 0 ? -errno : 0;
}

static void close_files(const struct guest_command *what)
{
    if (what->input >= 0)
        (void)close(what->input);
    if (what->output >= 0 && what->output != STDERR_FILENO)
        (void)close(what->output);
}

static void start(struct scene_run *run, struct scene_run_program *program)
{
    const char **environment = environment_of(run, program);
    struct guest_command what = {
        .host = host_of(run, program)->number,
        .argv = (const char *const *)program->plan->arguments,
        .environment = environment,
        .directory = program->directory,
        .log = program->log,
        .log_append = true,
        .input = -1,
        .output = -1,
    };
    int result = environment == NULL ? -ENOMEM : open_files(run, program, &what);

    program->number = result < 0 ? result : guest_start(run->runner, &what);
    close_files(&what);
    program->started = sockeye_now(run->lab);
    program->stage = SCENE_RUNNING;
    if (program->number < 0) {
        program->stage = SCENE_ENDED;
        program->ended = program->started;
        snprintf(program->problem, sizeof program->problem, "did not start: %s",
                 result < 0 ? strerror(-result) : guest_error(run->runner));
    }
    free(environment);
}

void scene_programs_start(struct scene_run *run, int64_t *time)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        struct scene_run_program *program = &run->programs[i];

        if (program->stage == SCENE_WAITING &&
            scene_condition_holds(run, &program->plan->start, time))
            start(run, program);
    }
}

static void describe(int status, char *text, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(text, size, "killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(text, size, "exit %d", WEXITSTATUS(status));
}

static void judge(struct scene_run_program *program)
{
    const struct scene_program *plan = program->plan;
    int status = program->status;
    char what[64];

    describe(status, what, sizeof what);
    if (program->was_ended || program->has_crashed)
        return;
    if (plan->is_background && !plan->may_end) {
        if (!program->was_killed)
            snprintf(program->problem, sizeof program->problem,
                     "is a background program, but ended by itself: %s (expect: {exit: ...} if "
                     "it may)",
                     what);
    } else if (plan->exit_kind == EXIT_EXPECT_STATUS) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) != plan->exit_value)
            snprintf(program->problem, sizeof program->problem, "%s, expected exit %d", what,
                     plan->exit_value);
    } else if (plan->exit_kind == EXIT_EXPECT_SIGNAL) {
        if (!WIFSIGNALED(status) || WTERMSIG(status) != plan->exit_value)
            snprintf(program->problem, sizeof program->problem, "%s, expected killed by SIG%s",
                     what, sigabbrev_np(plan->exit_value));
    }
}

void scene_programs_watch(struct scene_run *run)
{
    int64_t now = sockeye_now(run->lab);

    for (unsigned i = 0; i < run->program_count; i++) {
        struct scene_run_program *program = &run->programs[i];
        enum guest_state state;

        if (program->stage != SCENE_RUNNING)
            continue;
        if (program->plan->kill_signal != 0 && !program->was_killed &&
            now >= program->started + program->plan->kill_after) {
            program->was_killed = true;
            (void)guest_kill(run->runner, program->number, program->plan->kill_signal);
        }
        state = guest_program_state(run->runner, program->number, &program->status);
        /* A background program may leave its work to children, as daemons do. */
        if (state == GUEST_RUNNING ||
            (state == GUEST_EXITED && program->plan->is_background && WIFEXITED(program->status) &&
             WEXITSTATUS(program->status) == 0))
            continue;
        program->stage = SCENE_ENDED;
        program->ended = now;
        judge(program);
    }
}

static void crash(struct scene_run *run, struct scene_run_program *program)
{
    if (program->stage != SCENE_RUNNING)
        return;
    program->has_crashed = true;
    (void)guest_kill(run->runner, program->number, SIGKILL);
}

/* As a machine that starts again: what ran when it crashed, and what it had ended is not run. */
static void start_again(struct scene_run_program *program)
{
    if (!program->has_crashed)
        return;
    program->has_crashed = false;
    program->was_killed = false;
    program->stage = SCENE_WAITING;
}

void scene_programs_befall(struct scene_run *run, unsigned host, enum scene_weather_host what)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        struct scene_run_program *program = &run->programs[i];

        if (program->host != host)
            continue;
        if (what == SCENE_HOST_CRASHES)
            crash(run, program);
        else if (what == SCENE_HOST_STARTS)
            start_again(program);
        else if (program->stage == SCENE_RUNNING)
            (void)guest_kill(run->runner, program->number,
                             what == SCENE_HOST_STOPS ? SIGSTOP : SIGCONT);
    }
}

bool scene_programs_are_running(const struct scene_run *run)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        const struct scene_run_program *program = &run->programs[i];

        if (!program->plan->is_background &&
            (program->stage != SCENE_ENDED ||
             (program->has_crashed && scene_weather_is_to_start(&run->weather, program->host))))
            return true;
    }
    return false;
}

void scene_programs_end_background(struct scene_run *run)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        struct scene_run_program *program = &run->programs[i];

        if (program->stage != SCENE_RUNNING)
            continue;
        program->was_ended = true;
        (void)guest_kill(run->runner, program->number, SIGTERM);
    }
}

bool scene_programs_background_is_gone(const struct scene_run *run)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        if (run->programs[i].stage == SCENE_RUNNING)
            return false;
    }
    return true;
}

void scene_programs_finish(struct scene_run *run)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        struct scene_run_program *program = &run->programs[i];

        if (program->problem[0] != '\0' || program->stage == SCENE_ENDED)
            continue;
        if (program->stage == SCENE_WAITING)
            snprintf(program->problem, sizeof program->problem, "was never started%s%.120s",
                     program->plan->after == NULL ? "" : ": it waits for ",
                     program->plan->after == NULL ? "" : program->plan->after);
        else if (!program->plan->is_background)
            snprintf(program->problem, sizeof program->problem,
                     "had not ended (say background: true if it need not end)");
    }
}

void scene_programs_close(struct scene_run *run)
{
    for (unsigned i = 0; i < run->program_count; i++) {
        free(run->programs[i].directory);
        free(run->programs[i].log);
    }
    free(run->programs);
    free(run->first_program);
}
