/* SPDX-License-Identifier: MIT */
/*
 * The control socket of a lab, from both sides. The first byte chooses: a lab whose askers send any
 * bytes and any number of files in any pieces, or `sockeye exec` at a lab that answers anything.
 *
 * The programs that the lab would start are not: the runner here is a pretended one, which looks at
 * every string it is given and says what the input says.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <threads.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "cli/cli.h"
#include "scene/control.h"
#include "scene/place.h"

enum { ASKERS = 20, STEPS = 200, FILES = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char place[SCENE_PLACE_BYTES], path[SCENE_PLACE_BYTES + 16];
static FILE *nowhere;
static int file; /* that askers send */

/* ---- the pretended runner ---- */

static struct reader choices; /* the rest of the input */
static int started;
static volatile size_t seen;

int guest_start(struct guest_runner *runner, const struct guest_command *program)
{
    (void)runner;
    ensure(program->argv[0] && program->directory && program->own_files && program->host == 0);
    for (int i = 0; program->argv[i]; i++)
        seen += strlen(program->argv[i]);
    for (int i = 0; program->environment[i]; i++)
        seen += strlen(program->environment[i]);
    seen += strlen(program->directory);
    ensure(fcntl(program->input, F_GETFD) >= 0 && fcntl(program->output, F_GETFD) >= 0 &&
           fcntl(program->error, F_GETFD) >= 0);
    return read_u8(&choices) & 1 ? -EACCES : started++;
}

const char *guest_error(const struct guest_runner *runner)
{
    (void)runner;
    return "pretended";
}

int guest_kill(struct guest_runner *runner, int program, int number)
{
    (void)runner;
    ensure(program >= 0 && program < started && number > 0 && number < NSIG);
    return 0;
}

void guest_forget(struct guest_runner *runner, int program)
{
    (void)runner;
    ensure(program >= 0 && program < started);
}

enum guest_state guest_program_state(const struct guest_runner *runner, int program, int *status)
{
    (void)runner;
    ensure(program >= 0 && program < started);
    *status = read_u8(&choices);
    return *status & 1 ? GUEST_GONE : GUEST_RUNNING;
}

/* ---- askers at a lab ---- */

static int connect_lab(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    ensure(fd >= 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void send_piece(int fd, const uint8_t *bytes, size_t length, unsigned files)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(FILES * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    struct cmsghdr *c;
    char copy[256];

    if (length > 0)
        memcpy(copy, bytes, length);
    part.iov_base = copy;
    if (files > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(files * sizeof(int));
        c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(files * sizeof(int));
        for (unsigned i = 0; i < files; i++)
            memcpy(CMSG_DATA(c) + i * sizeof file, &file, sizeof file);
    }
    (void)sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A header that is right, so that more than one input in 2^32 gets behind it. */
static void send_header(int fd, struct reader *r)
{
    const uint32_t magics[] = {SCENE_CONTROL_MAGIC, SCENE_CONTROL_SHOW};
    struct scene_control_header header = {.magic = magics[read_u8(r) & 1]};

    header.length = read_u8(r);
    header.arguments = read_u8(r) & 15;
    header.environment = read_u8(r) & 15;
    header.is_terminal = read_u8(r) & 1;
    send_piece(fd, (const uint8_t *)&header, sizeof header, 3);
}

static void ask(struct drive *drive, struct scene_control *control, struct reader *r)
{
    int asker[ASKERS];

    for (int i = 0; i < ASKERS; i++)
        asker[i] = -1;
    for (int step = 0; step < STEPS && reader_left(r) > 0; step++) {
        uint8_t what = read_u8(r);
        int *fd = &asker[read_u8(r) % ASKERS];
        size_t length = read_u8(r);

        if (length > reader_left(r))
            length = reader_left(r);
        if (*fd < 0)
            *fd = connect_lab();
        if (*fd >= 0 && what % 4 == 0) {
            send_header(*fd, r);
        } else if (*fd >= 0 && what % 4 == 1) {
            close(*fd);
            *fd = -1;
        } else if (*fd >= 0) {
            send_piece(*fd, read_bytes(r, length), length, what / 4 % (FILES + 1));
        }
        choices = *r;
        ensure(drive_turn(drive, 0) >= 0);
        scene_control_turn(control);
    }
    for (int i = 0; i < ASKERS; i++)
        if (asker[i] >= 0)
            close(asker[i]);
}

static int set(void *context, char **words, unsigned count, char text[SCENE_CONTROL_TEXT_BYTES])
{
    (void)context;
    snprintf(text, SCENE_CONTROL_TEXT_BYTES, "%u, %s", count, words[count - 1]);
    return strlen(words[0]) % 2 ? -EINVAL : 0;
}

static void at_the_lab(struct reader *r)
{
    const struct sockeye_config config = {
        .hosts = 1, .wires = 1, .sockets = 16, .packets = 16, .buffer_bytes = 1 << 16};
    const struct scene_control_setter setter = {.set = set};
    struct scene_control *control;
    struct sockeye *lab;
    struct drive *drive;

    started = 0;
    ensure(sockeye_open(&config, &lab) == 0 && sockeye_host(lab, "a") == 0);
    ensure(drive_open(lab, &drive) == 0);
    ensure(scene_control_open(drive, NULL, path, &setter, &control) == 0);
    ask(drive, control, r);
    scene_control_close(control);
    drive_close(drive);
    sockeye_close(lab);
}

/* ---- exec at a lab that answers anything ---- */

struct liar {
    int listener;
    const uint8_t *bytes;
    size_t length;
};

static int lie(void *context)
{
    const struct liar *liar = context;
    struct pollfd ready = {.fd = liar->listener, .events = POLLIN};
    char request[4096];
    int fd;

    /* the first that comes only looks whether the lab lives */
    for (int i = 0; i < 2 && poll(&ready, 1, 2000) == 1; i++) {
        fd = accept(liar->listener, NULL, NULL);
        if (fd < 0)
            continue;
        if (i == 1 || recv(fd, request, sizeof request, 0) > 0) {
            (void)send(fd, liar->bytes, liar->length, MSG_NOSIGNAL);
            (void)shutdown(fd, SHUT_WR);
            while (recv(fd, request, sizeof request, 0) > 0)
                ;
        }
        close(fd);
    }
    return 0;
}

static void at_the_asker(struct reader *r)
{
    static char words[][8] = {"exec", "x", "a", "--", "true"};
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], NULL};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct sigaction old[3];
    size_t length = reader_left(r);
    struct liar liar = {.length = length, .bytes = read_bytes(r, length)};
    thrd_t thread;

    for (int i = 0; i < 3; i++)
        ensure(sigaction(signals[i], NULL, &old[i]) == 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    liar.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ensure(liar.listener >= 0);
    ensure(bind(liar.listener, (const struct sockaddr *)&address, sizeof address) == 0);
    ensure(listen(liar.listener, 4) == 0);
    ensure(thrd_create(&thread, lie, &liar) == thrd_success);
    ensure(cli_exec(5, argv) >= 0);
    ensure(thrd_join(thread, NULL) == thrd_success);
    close(liar.listener);
    (void)unlink(path);
    for (int i = 0; i < 3; i++)
        ensure(sigaction(signals[i], &old[i], NULL) == 0);
}

static void leave(void)
{
    scene_place_remove(place);
    (void)unlink(path);
    (void)rmdir(place);
    *strrchr(place, '/') = '\0';
    (void)rmdir(place);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char directory[] = "/tmp/sockeye-fuzz-XXXXXX";

    (void)argc;
    (void)argv;
    nowhere = fopen("/dev/null", "we");
    file = open("/dev/null", O_RDWR | O_CLOEXEC);
    ensure(nowhere && file >= 0 && mkdtemp(directory));
    ensure(setenv("XDG_RUNTIME_DIR", directory, 1) == 0);
    ensure(scene_place_open(place, true) == 0);
    snprintf(path, sizeof path, "%s/x.sock", place);
    ensure(atexit(leave) == 0);
    stderr = nowhere; /* what exec says of a bad lab is no news here */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct reader r = reader_of(bytes, length);

    if (length == 0)
        return 0;
    if (read_u8(&r) & 1)
        at_the_asker(&r);
    else
        at_the_lab(&r);
    return 0;
}
