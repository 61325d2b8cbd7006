/* SPDX-License-Identifier: MIT */
/*
 * How `sockeye exec` and `sockeye show` ask a running lab: a stream socket in the lab's private
 * directory. A request to run carries the three standard files of the asker, and as text: host,
 * directory, arguments and environment; the lab starts the program on that host and answers with
 * what becomes of it. A request to show has no files and no environment; its arguments are words of
 * tables.h, and the answer carries a file in memory with the text, so that the lab waits for nobody
 * who reads slowly.
 */
#pragma once
#include <stdint.h>
#include "drive/drive.h"
#include "guest/guest.h"

enum { SCENE_CONTROL_REQUEST_BYTES = 1 << 20, SCENE_CONTROL_TEXT_BYTES = 240 };
static const uint32_t SCENE_CONTROL_MAGIC = 0x736f636b;
static const uint32_t SCENE_CONTROL_SET = 0x736f7365;
static const uint32_t SCENE_CONTROL_SHOW = 0x736f7368;

/* The request: this header with the files attached, then `length` bytes of strings, each ended by a
 * NUL: host ("" to show all), directory, argv..., environment... */
struct scene_control_header {
    uint32_t magic, length, arguments, environment;
    uint32_t is_terminal; /* the files are a terminal that shall become the program's own */
};

enum scene_control_kind {
    SCENE_CONTROL_STARTED,
    SCENE_CONTROL_EXITED,
    SCENE_CONTROL_REFUSED,
    SCENE_CONTROL_SHOWN /* with the file of the text */
};

struct scene_control_answer {
    uint32_t kind;
    int32_t status;                      /* EXITED: waitpid's */
    char text[SCENE_CONTROL_TEXT_BYTES]; /* REFUSED: why */
};

struct service_set;

/* `sockeye set`: the header says SCENE_CONTROL_SET and comes without files; its `arguments` strings
 * are the words. It is answered by EXITED, or by REFUSED with the reason. */
struct scene_control_setter {
    void *context;
    /* @return 0, or < 0 with the reason in `text`. NULL: this lab cannot be set */
    int (*set)(void *context, char **words, unsigned count, char text[SCENE_CONTROL_TEXT_BYTES]);
    const struct service_set *services; /* for `sockeye show` */
};

struct scene_control;

/* Listens at `path` as a user of the drive. @return 0 or -errno */
int scene_control_open(struct drive *drive, struct guest_runner *runner, const char *path,
                       const struct scene_control_setter *setter, struct scene_control **control);
/* Tells askers whose programs have ended; call it once a turn. */
void scene_control_turn(struct scene_control *control);
void scene_control_close(struct scene_control *control);
