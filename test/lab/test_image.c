/* SPDX-License-Identifier: MIT */
/*
 * A lab is bytes. At 100 random events of a bulk transfer over a bad wire an image is taken; a new
 * process (this program, executed again, so that everything lies elsewhere) loads it and goes on to
 * the end. All that happens from there on must be what happens here.
 */
#include "scenario.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "check.h"
#include "lab/file.h"
#include "observe/event_fields.h"
#include "transfer.h"

enum { IMAGES = 100 };

static const char *self;

/* All that is seen from here on, in one number. */
struct digest {
    uint64_t hash, events;
};

static void digest_event(void *context, const struct sockeye_event *event)
{
    struct digest *d = context;
    struct siphash_key key = {d->hash, event->kind};
    uint64_t facts[] = {(uint64_t)event->time, event->host, event->wire, event->direction};

    key.k0 = siphash_words(key, facts, sizeof facts / sizeof *facts);
    for (const struct event_field *f = event_fields(event->kind); f->name; f++)
        if (f->form == FIELD_HEADERS)
            key.k0 = siphash(key, event->frame.bytes, event->frame.bytes ? event->frame.length : 0);
        else
            key.k0 = siphash(key, (const uint8_t *)event + f->at, f->bytes);
    d->hash = key.k0;
    d->events++;
}

/* What the new process says at its end. */
struct outcome {
    uint64_t hash, events, state, done;
};

static void outcome_of(struct scenario *s, const struct digest *d, struct outcome *o)
{
    o->hash = d->hash;
    o->events = d->events;
    o->state = sockeye_hash(s->lab);
    o->done = scenario_done(s) && s->problem == 0;
}

/* Child: image and driver from `in`, outcome to `out`. */
static int resume(int in, int out)
{
    struct scenario s;
    struct digest d = {0, 0};
    struct outcome o;

    if (file_read(in, &s, sizeof s) < 0 || sockeye_load(in, &s.lab) < 0)
        return 1;
    (void)sockeye_observe(s.lab, EVENT_EVERYTHING, digest_event, &d, NULL);
    transfer_run(&s, UINT64_MAX);
    outcome_of(&s, &d, &o);
    sockeye_close(s.lab);
    return file_write(out, &o, sizeof o) < 0;
}

static void resume_elsewhere(const struct scenario *s, struct outcome *o)
{
    int in = memfd_create("image", 0), out = memfd_create("outcome", 0), status;
    char in_text[16], out_text[16];
    pid_t child;

    check(in >= 0 && out >= 0);
    check(file_write(in, s, sizeof *s) == 0 && sockeye_save(s->lab, in) == 0);
    check(lseek(in, 0, SEEK_SET) == 0);
    snprintf(in_text, sizeof in_text, "%d", in);
    snprintf(out_text, sizeof out_text, "%d", out);
    child = fork();
    if (child == 0) {
        execl(self, self, "resume", in_text, out_text, (char *)NULL);
        _exit(127);
    }
    check(child > 0 && waitpid(child, &status, 0) == child);
    check_equal(status, 0);
    check(lseek(out, 0, SEEK_SET) == 0 && file_read(out, o, sizeof *o) == 0);
    close(in);
    close(out);
}

static void restored_goes_on_alike(void)
{
    struct scenario s;
    struct digest d = {0, 0};
    struct outcome here, there;
    uint64_t events;

    transfer_open(&s, 1);
    transfer_run(&s, UINT64_MAX);
    check(scenario_done(&s));
    events = s.lab->lab->steps;
    sockeye_close(s.lab);
    for (uint64_t i = 0; i < IMAGES; i++) {
        struct siphash_key key = {i, 77};

        transfer_open(&s, 1);
        transfer_run(&s, random_below(random_draw(key, RANDOM_KEY, i), events));
        resume_elsewhere(&s, &there);
        d.hash = d.events = 0;
        check(sockeye_observe(s.lab, EVENT_EVERYTHING, digest_event, &d, NULL) >= 0);
        transfer_run(&s, UINT64_MAX);
        outcome_of(&s, &d, &here);
        sockeye_close(s.lab);
        check(here.done && there.done);
        check_equal(there.events, here.events);
        check_equal(there.hash, here.hash);
        check_equal(there.state, here.state);
    }
}

static int image_of(struct scenario *s)
{
    int fd = memfd_create("image", 0);

    check(fd >= 0 && sockeye_save(s->lab, fd) == 0);
    return fd;
}

static void a_damaged_image_is_refused(void)
{
    struct sockeye *lab = NULL;
    struct scenario s;
    struct stat stat;
    int fd;

    transfer_open(&s, 3);
    transfer_run(&s, 500);
    fd = image_of(&s);
    check(fstat(fd, &stat) == 0);
    check(lseek(fd, 0, SEEK_SET) == 0);
    check_equal(sockeye_load(fd, &lab), -EBUSY);
    sockeye_close(s.lab);
    for (off_t i = 0; i < 200; i++) {
        off_t at = i < 40 ? i : stat.st_size / 200 * i;
        uint8_t byte, other;
        int result;

        check(pread(fd, &byte, 1, at) == 1);
        other = byte ^ 0x20;
        check(pwrite(fd, &other, 1, at) == 1 && lseek(fd, 0, SEEK_SET) == 0);
        result = sockeye_load(fd, &lab);
        check(result == -EINVAL || result == -ESTALE || result == -ENOMEM);
        check(pwrite(fd, &byte, 1, at) == 1);
    }
    for (off_t length = stat.st_size - 1; length > 0; length -= stat.st_size / 50) {
        check(ftruncate(fd, length) == 0 && lseek(fd, 0, SEEK_SET) == 0);
        check_equal(sockeye_load(fd, &lab), -EINVAL);
    }
    close(fd);
}

static void an_image_is_equal_to_its_lab(void)
{
    struct sockeye *lab = NULL;
    struct scenario s;
    uint64_t hash;
    int fd;

    transfer_open(&s, 4);
    transfer_run(&s, 700);
    hash = sockeye_hash(s.lab);
    fd = image_of(&s);
    check(lseek(fd, 0, SEEK_SET) == 0);
    sockeye_close(s.lab);
    check_equal(sockeye_load(fd, &lab), 0);
    check(sockeye_hash(lab) == hash && sockeye_check(lab) == 0);
    sockeye_close(lab);
    close(fd);
}

static const struct test tests[] = {
    {"an image is equal to its lab", an_image_is_equal_to_its_lab},
    {"a lab restored in a new process at any of 100 events goes on alike", restored_goes_on_alike},
    {"a damaged or shortened image is refused", a_damaged_image_is_refused},
};

int main(int argc, char **argv)
{
    self = "/proc/self/exe";
    if (argc == 4 && strcmp(argv[1], "resume") == 0)
        return resume(atoi(argv[2]), atoi(argv[3]));
    return test_main(tests, sizeof tests / sizeof *tests);
}
