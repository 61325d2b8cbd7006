/* SPDX-License-Identifier: MIT */
/*
 * Watches every lab of a program that knows nothing of it. Linked with --wrap=sockeye_open and
 * --wrap=sockeye_close beside the objects of `sockeye` or of a test, it opens all views that are
 * written byte for byte the same at each run (pcapng, pcapng of both sides, trace, trace as JSON)
 * on each lab the program opens, and closes them before the lab is closed. The n-th lab, from 0,
 * goes to n.pcapng, n.sides, n.trace and n.json in the folder named by WATCH_FOLDER; without one
 * nothing is written.
 *
 * It knows the public header alone, so that it fits builds of other commits too (tools/traces).
 */
#include <stdio.h>
#include <stdlib.h>

#include "sockeye/sockeye.h"

enum { VIEWS = 4, PATH_BYTES = 4096 };

int __real_sockeye_open(const struct sockeye_config *config, struct sockeye **lab);
void __real_sockeye_close(struct sockeye *lab);
int __wrap_sockeye_open(const struct sockeye_config *config, struct sockeye **lab);
void __wrap_sockeye_close(struct sockeye *lab);

static const struct {
    const char *ending;
    enum sockeye_view_kind kind;
} views[VIEWS] = {{"pcapng", SOCKEYE_VIEW_PCAPNG},
                  {"sides", SOCKEYE_VIEW_PCAPNG_SIDES},
                  {"trace", SOCKEYE_VIEW_TRACE},
                  {"json", SOCKEYE_VIEW_TRACE_JSON}};

static struct {
    struct sockeye *lab; /* NULL: free */
    struct sockeye_view *view[VIEWS];
    FILE *file[VIEWS];
} watched[SOCKEYE_LABS];

static int opened;

static void fail(const char *what)
{
    fprintf(stderr, "watch: %s\n", what);
    abort(); /* a trace that is not whole must not be compared */
}

static void watch(struct sockeye *lab, const char *folder)
{
    int i = 0;

    while (i < SOCKEYE_LABS && watched[i].lab)
        i++;
    if (i == SOCKEYE_LABS)
        fail("more labs than there may be");
    watched[i].lab = lab;
    for (int v = 0; v < VIEWS; v++) {
        char path[PATH_BYTES];

        (void)snprintf(path, sizeof path, "%s/%d.%s", folder, opened, views[v].ending);
        watched[i].file[v] = fopen(path, "wb");
        if (!watched[i].file[v])
            fail(path);
        if (sockeye_view_open(lab, views[v].kind, watched[i].file[v], &watched[i].view[v]) < 0)
            fail("a view cannot be opened");
    }
    opened++;
}

int __wrap_sockeye_open(const struct sockeye_config *config, struct sockeye **lab)
{
    const char *folder = getenv("WATCH_FOLDER");
    int result = __real_sockeye_open(config, lab);

    if (result == 0 && folder)
        watch(*lab, folder);
    return result;
}

void __wrap_sockeye_close(struct sockeye *lab)
{
    for (int i = 0; i < SOCKEYE_LABS; i++) {
        if (!lab || watched[i].lab != lab)
            continue;
        for (int v = 0; v < VIEWS; v++)
            if (sockeye_view_close(watched[i].view[v]) < 0 || fclose(watched[i].file[v]) != 0)
                fail("a view was not written whole");
        watched[i].lab = NULL;
    }
    __real_sockeye_close(lab);
}
