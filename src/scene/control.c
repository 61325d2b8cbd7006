/* SPDX-License-Identifier: MIT */
/*
 * The lab's side of `sockeye exec` and `sockeye show`, a user of the drive. All is non-blocking: a
 * request is read as it comes, the program is started, and the asker hears of its end from
 * scene_control_turn. After
 * the request the asker may send signals for the program, 4 bytes each; when the asker goes away,
 * the program gets SIGHUP. The socket's directory is closed to other users, and SO_PEERCRED is
 * looked at all the same.
 *
 * Places are few. Who has one and asks for nothing loses it when nothing came from him for a
 * second; until then who comes next waits in the queue of the socket, and is not told that the lab
 * is busy.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "scene/control.h"
#include "scene/place.h"
#include "scene/tables.h"

enum { ASKERS = 16, WORDS = 8192, FILES = 3, SET_WORDS = 64 };
static const int64_t patience = 1000000000; /* ns without a byte of a request that is not whole */

struct asker {
    struct scene_control *control;
    int fd; /* -1: free */
    struct scene_control_header header;
    size_t have; /* of the header, then of the text */
    char *text;  /* NULL: the header is not whole */
    int files[FILES];
    int program;   /* -1: not yet */
    int64_t heard; /* the wall clock, when something came last */
    bool is_gone;
};

/* What it watches: the listener, and the askers by their place. */
enum { IS_LISTENER, IS_ASKER };

struct scene_control {
    struct drive *drive;
    struct guest_runner *runner;
    struct scene_control_setter setter;
    int user; /* of the drive, or -1 */
    int fd;
    bool is_deaf;       /* no place is free, but one will be soon: the listener is not watched */
    int64_t deaf_until; /* of the wall clock; it is watched again by then */
    char path[108];
    struct asker asker[ASKERS];
};

static void close_files(struct asker *asker)
{
    for (int i = 0; i < FILES; i++) {
        if (asker->files[i] >= 0)
            (void)close(asker->files[i]);
        asker->files[i] = -1;
    }
}

static void be_deaf(struct scene_control *control)
{
    control->deaf_until = drive_wall() + patience;
    control->is_deaf =
        drive_rewatch(control->drive, control->user, control->fd, 0, IS_LISTENER, 0) == 0;
}

static void listen_again(struct scene_control *control)
{
    if (control->is_deaf)
        control->is_deaf =
            drive_rewatch(control->drive, control->user, control->fd, EPOLLIN, IS_LISTENER, 0) < 0;
}

static void hang_up(struct asker *asker)
{
    if (asker->fd < 0)
        return;
    (void)drive_unwatch(asker->control->drive, asker->fd);
    (void)close(asker->fd);
    close_files(asker);
    free(asker->text);
    asker->text = NULL;
    asker->fd = -1;
    listen_again(asker->control);
}

static void answer(struct asker *asker, enum scene_control_kind kind, int status, const char *text)
{
    struct scene_control_answer message = {.kind = kind, .status = status};

    snprintf(message.text, sizeof message.text, "%s", text);
    (void)send(asker->fd, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Cuts the text into words; the arrays end with NULL. @return false: it is not what it says */
static bool cut(const struct asker *asker, const char **words, size_t most)
{
    size_t want = 2 + (size_t)asker->header.arguments + asker->header.environment, count = 0;
    const char *at = asker->text, *end = asker->text + asker->header.length;

    if (asker->header.arguments == 0 || asker->header.arguments > WORDS ||
        asker->header.environment > WORDS || want > most || end[-1] != '\0')
        return false;
    while (at < end && count < want) {
        words[count++] = at;
        at += strlen(at) + 1;
    }
    return at == end && count == want;
}

/* What is asked for by words. @return NULL, or what is wrong with them */
static const char *read_words(const struct sockeye *lab, const char **words, size_t arguments,
                              struct scene_tables *wanted)
{
    *wanted =
        (struct scene_tables){.node = words[0][0] == '\0' ? -1 : sockeye_find_host(lab, words[0])};
    if (words[0][0] != '\0' && wanted->node < 0)
        return "there is no such node in this lab";
    for (size_t i = 0; i < arguments; i++) {
        int word = scene_tables_find(words[2 + i]);

        if (strcmp(words[2 + i], "--json") == 0)
            wanted->is_json = true;
        else if (word >= 0)
            wanted->which |= 1U << word;
        else if (words[2 + i][0] != '\0')
            return "there is no such table";
    }
    return NULL;
}

/* The tables in a file in memory. @return it, or -errno */
static int show_file(const struct sockeye *lab, const struct scene_tables *wanted)
{
    int fd = memfd_create("tables", MFD_CLOEXEC);
    FILE *out = fd < 0 ? NULL : fdopen(fcntl(fd, F_DUPFD_CLOEXEC, 0), "w");

    if (out == NULL) {
        int error = errno;

        if (fd >= 0)
            (void)close(fd);
        return -error;
    }
    scene_tables_print(lab, wanted, out);
    (void)fclose(out);
    return fd;
}

static void answer_with(struct asker *asker, int file)
{
    struct scene_control_answer message = {.kind = SCENE_CONTROL_SHOWN};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = &message, .iov_len = sizeof message};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof file);
    memcpy(CMSG_DATA(c), &file, sizeof file);
    (void)sendmsg(asker->fd, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void show(struct asker *asker)
{
    const struct sockeye *lab = drive_lab(asker->control->drive);
    size_t most = 2 * WORDS + 2;
    const char **words = calloc(most, sizeof *words);
    const char *problem = "the request is not understood";
    struct scene_tables wanted;
    int file;

    if (words != NULL && cut(asker, words, most))
        problem = read_words(lab, words, asker->header.arguments, &wanted);
    if (problem == NULL) {
        wanted.now = drive_now(asker->control->drive);
        wanted.services = asker->control->setter.services;
        file = show_file(lab, &wanted);
        if (file < 0)
            problem = strerror(-file);
        else
            answer_with(asker, file);
        if (file >= 0)
            (void)close(file);
    }
    if (problem != NULL)
        answer(asker, SCENE_CONTROL_REFUSED, 0, problem);
    free(words);
    hang_up(asker);
}

/* A host, or a router: each has a loopback, and no port has its name. */
static bool has_sockets(const struct sockeye *lab, int node)
{
    const char *first = sockeye_interface_name(lab, node, 0, NULL, 0);

    return first != NULL && strcmp(first, "lo") == 0;
}

static void start(struct asker *asker)
{
    static const char inside[] = "--inside";
    struct scene_control *control = asker->control;
    size_t most = 2 * WORDS + 2, arguments = asker->header.arguments;
    const char **words = calloc(2 * most + 8, sizeof *words), **argv = words + most;
    struct guest_command program = {.own_files = true};
    char self[256];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    size_t count = 0;

    if (words == NULL || length < 0 || !cut(asker, words, most)) {
        answer(asker, SCENE_CONTROL_REFUSED, 0, "the request is not understood");
        free(words);
        hang_up(asker);
        return;
    }
    self[length] = '\0';
    if (asker->header.is_terminal != 0) {
        argv[count++] = self;
        argv[count++] = "exec";
        argv[count++] = inside;
        argv[count++] = "--";
    }
    memcpy(argv + count, words + 2, arguments * sizeof *words);
    program.host = sockeye_find_host(drive_lab(control->drive), words[0]);
    program.directory = words[1];
    program.argv = argv;
    program.environment = argv + count + arguments + 1;
    memcpy(argv + count + arguments + 1, words + 2 + arguments,
           asker->header.environment * sizeof *words);
    program.input = asker->files[0];
    program.output = asker->files[1];
    program.error = asker->files[2];
    program.keep_group = asker->header.is_terminal != 0;
    if (program.host >= 0 && !has_sockets(drive_lab(control->drive), program.host)) {
        answer(asker, SCENE_CONTROL_REFUSED, 0, "it is a switch or hub, and runs no programs");
    } else if (program.host < 0) {
        char text[SCENE_CONTROL_TEXT_BYTES];

        snprintf(text, sizeof text, "there is no host \"%.40s\" in this lab", words[0]);
        answer(asker, SCENE_CONTROL_REFUSED, 0, text);
    } else {
        asker->program = guest_start(control->runner, &program);
        if (asker->program < 0)
            answer(asker, SCENE_CONTROL_REFUSED, 0, guest_error(control->runner));
        else
            answer(asker, SCENE_CONTROL_STARTED, 0, "");
    }
    free(words);
    close_files(asker);
    if (asker->program < 0)
        hang_up(asker);
}

/* The words of sockeye set. */
static void set(struct asker *asker)
{
    const struct scene_control_setter *setter = &asker->control->setter;
    char *words[SET_WORDS], text[SCENE_CONTROL_TEXT_BYTES] = "the request is not understood";
    char *at = asker->text, *end = asker->text + asker->header.length;
    unsigned count = 0;
    int result = -EINVAL;

    for (; at < end && count < SET_WORDS; at += strlen(at) + 1)
        words[count++] = at;
    if (at == end && count > 0 && count == asker->header.arguments && end[-1] == '\0') {
        drive_stamp(asker->control->drive);
        result = setter->set(setter->context, words, count, text);
    }
    answer(asker, result < 0 ? SCENE_CONTROL_REFUSED : SCENE_CONTROL_EXITED, 0,
           result < 0 ? text : "");
    hang_up(asker);
}

static void refuse_one_more(struct scene_control *control, int fd)
{
    struct asker asker = {.control = control, .fd = fd};
    char text[SCENE_CONTROL_TEXT_BYTES];

    snprintf(text, sizeof text, "it runs %d commands for others; no more at a time", ASKERS);
    answer(&asker, SCENE_CONTROL_REFUSED, 0, text);
    (void)close(fd);
}

/* Takes the files that came with the header. */
static void take_files(struct asker *asker, struct msghdr *message)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(message);

    if (c == NULL || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
        return;
    if (c->cmsg_len != CMSG_LEN(sizeof asker->files)) { /* too few: they are ours to close */
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            (void)close(fd);
        }
        return;
    }
    close_files(asker);
    memcpy(asker->files, CMSG_DATA(c), sizeof asker->files);
}

/* Reads more of the request. @return > 0 read, 0 end, -EAGAIN, other -errno */
static ssize_t read_more(struct asker *asker)
{
    bool is_header = asker->text == NULL;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(FILES * sizeof(int))];
    } control;
    struct iovec part = {
        .iov_base = is_header ? (char *)&asker->header + asker->have : asker->text + asker->have,
        .iov_len = (is_header ? sizeof asker->header : asker->header.length) - asker->have};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(asker->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (got < 0)
        return -errno;
    take_files(asker, &message);
    asker->have += (size_t)got;
    asker->heard = drive_wall();
    return got;
}

/* A piece of the request came: is it the header, is it all? @return false: it is no good */
static bool on_piece(struct asker *asker)
{
    if (asker->text == NULL && asker->have == sizeof asker->header) {
        bool has_files = asker->header.magic == SCENE_CONTROL_MAGIC;

        if ((has_files ? asker->files[0] < 0
                       : asker->header.magic != SCENE_CONTROL_SET &&
                             asker->header.magic != SCENE_CONTROL_SHOW) ||
            asker->header.length == 0 || asker->header.length > SCENE_CONTROL_REQUEST_BYTES)
            return false;
        asker->text = calloc(1, asker->header.length + 1);
        asker->have = 0;
        return asker->text != NULL;
    }
    if (asker->text == NULL || asker->have < asker->header.length)
        return true;
    if (asker->header.magic == SCENE_CONTROL_SET)
        set(asker);
    else if (asker->header.magic == SCENE_CONTROL_SHOW)
        show(asker);
    else
        start(asker);
    return true;
}

static void on_signal(struct asker *asker)
{
    int32_t number;
    ssize_t got = recv(asker->fd, &number, sizeof number, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got == (ssize_t)sizeof number && number > 0 && number < NSIG) {
        (void)guest_kill(asker->control->runner, asker->program, number);
        return;
    }
    (void)guest_kill(asker->control->runner, asker->program, SIGHUP);
    (void)drive_unwatch(asker->control->drive, asker->fd);
    asker->is_gone = true;
}

static void on_asker(struct asker *asker)
{
    int fd = asker->fd;

    if (fd < 0)
        return;
    while (asker->fd == fd && asker->program < 0) {
        ssize_t got = read_more(asker);

        if (got == -EAGAIN || got == -EINTR)
            return;
        if (got <= 0 || !on_piece(asker)) {
            answer(asker, SCENE_CONTROL_REFUSED, 0, "the request is not understood");
            hang_up(asker);
        } else if (asker->program >= 0) {
            return;
        }
    }
    if (asker->fd == fd && !asker->is_gone)
        on_signal(asker);
}

/* Does one who has not asked yet have the last place? */
static bool is_place_wasted(const struct scene_control *control)
{
    bool is_wasted = false;

    for (int i = 0; i < ASKERS; i++) {
        if (control->asker[i].fd < 0)
            return false;
        is_wasted |= control->asker[i].program < 0;
    }
    return is_wasted;
}

static void on_listener(struct scene_control *control)
{
    struct ucred who;
    socklen_t length = sizeof who;
    int fd;

    if (is_place_wasted(control)) {
        be_deaf(control);
        return;
    }
    fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno != EAGAIN) /* no descriptor: it would be told of the same at once */
            be_deaf(control);
        return;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0 || who.uid != geteuid()) {
        (void)close(fd);
        return;
    }
    for (int i = 0; i < ASKERS; i++) {
        struct asker *asker = &control->asker[i];

        if (asker->fd >= 0)
            continue;
        *asker = (struct asker){.control = control,
                                .fd = fd,
                                .program = -1,
                                .heard = drive_wall(),
                                .files = {-1, -1, -1}};
        if (drive_watch(control->drive, control->user, fd, EPOLLIN, IS_ASKER, (uint64_t)i) < 0)
            hang_up(asker);
        return;
    }
    refuse_one_more(control, fd);
}

static void on_event(void *context, const struct drive_event *event)
{
    struct scene_control *control = context;

    if (event->kind == IS_LISTENER)
        on_listener(control);
    else
        on_asker(&control->asker[event->which]);
}

/* When the first of those who ask for nothing is to go. */
static int64_t deadline(const void *context)
{
    const struct scene_control *control = context;
    int64_t least = control->is_deaf ? control->deaf_until : SOCKEYE_NEVER;

    for (int i = 0; i < ASKERS; i++) {
        const struct asker *asker = &control->asker[i];

        if (asker->fd >= 0 && asker->program < 0 && asker->heard + patience < least)
            least = asker->heard + patience;
    }
    return least;
}

static void on_turn(void *context, int64_t wall)
{
    struct scene_control *control = context;

    if (control->is_deaf && wall >= control->deaf_until)
        listen_again(control);
    for (int i = 0; i < ASKERS; i++) {
        struct asker *asker = &control->asker[i];

        if (asker->fd < 0 || asker->program >= 0 || wall - asker->heard < patience)
            continue;
        on_asker(asker); /* it may be we who are late */
        if (asker->fd < 0 || asker->program >= 0 || wall - asker->heard < patience)
            continue;
        answer(asker, SCENE_CONTROL_REFUSED, 0, "no request came for a second");
        hang_up(asker);
    }
}

int scene_control_open(struct drive *drive, struct guest_runner *runner, const char *path,
                       const struct scene_control_setter *setter, struct scene_control **control)
{
    struct drive_user user = {.on_event = on_event, .on_turn = on_turn, .deadline = deadline};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct scene_control *c = calloc(1, sizeof *c);
    int result = 0;

    if (c == NULL)
        return -ENOMEM;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int i = 0; i < ASKERS; i++)
        c->asker[i].fd = -1;
    c->drive = drive;
    c->runner = runner;
    c->setter = *setter;
    c->user = -1;
    if (scene_place_is_alive(path)) {
        free(c);
        return -EADDRINUSE;
    }
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0 || bind(c->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        result = -errno;
    else
        snprintf(c->path, sizeof c->path, "%s", path);
    if (result == 0 && listen(c->fd, ASKERS) != 0)
        result = -errno;
    user.context = c;
    if (result == 0)
        result = c->user = drive_join(drive, &user);
    if (result >= 0)
        result = drive_watch(drive, c->user, c->fd, EPOLLIN, IS_LISTENER, 0);
    if (result < 0) {
        scene_control_close(c);
        return result;
    }
    *control = c;
    return 0;
}

void scene_control_turn(struct scene_control *control)
{
    for (int i = 0; i < ASKERS; i++) {
        struct asker *asker = &control->asker[i];
        int status = 0;

        if (asker->fd < 0 || asker->program < 0 ||
            guest_program_state(control->runner, asker->program, &status) == GUEST_RUNNING)
            continue;
        answer(asker, SCENE_CONTROL_EXITED, status, "");
        guest_forget(control->runner, asker->program);
        hang_up(asker);
    }
}

void scene_control_close(struct scene_control *control)
{
    if (control == NULL)
        return;
    for (int i = 0; i < ASKERS; i++)
        hang_up(&control->asker[i]);
    if (control->fd >= 0) {
        (void)drive_unwatch(control->drive, control->fd);
        (void)close(control->fd);
    }
    if (control->user >= 0)
        drive_leave(control->drive, control->user);
    if (control->path[0] != '\0')
        (void)unlink(control->path);
    free(control);
}
