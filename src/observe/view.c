/* SPDX-License-Identifier: MIT */
/*
 * sockeye_view_open and sockeye_view_close of sockeye.h: an observer of a lab that writes a file.
 *
 * Names come from the lab by the public const functions, so a view sees what any program sees. The
 * file stays the caller's; closing the view flushes it and reports what the stream remembers of
 * write errors. The lab must outlive the view.
 */
#include "observe/ladder.h"
#include "observe/pcapng.h"
#include "observe/trace.h"
#include "sockeye/sockeye.h"
#include <errno.h>
#include <stdlib.h>

struct sockeye_view {
    struct sockeye *lab;
    FILE *file;
    enum sockeye_view_kind kind;
    int observer;
    union {
        struct trace trace;
        struct pcapng pcapng;
        struct ladder ladder;
    } as;
};

static void host_name(const void *context, unsigned host, char *text, size_t size)
{
    const char *name = sockeye_host_name(context, (int)host);

    snprintf(text, size, "%s", name ? name : "?");
}

static void wire_name(const void *context, unsigned wire, char *text, size_t size)
{
    const char *name = sockeye_wire_name(context, (int)wire);

    snprintf(text, size, "%s", name ? name : "?");
}

static void sender_name(const void *context, unsigned wire, unsigned direction, char *text,
                        size_t size)
{
    char address[64];
    const char *interface_name, *host_of;
    int host = -1, interface = -1;

    if (!sockeye_wire_end(context, (int)wire, (int)direction, &host, &interface)) {
        snprintf(text, size, "outside");
        return;
    }
    host_of = sockeye_host_name(context, host);
    interface_name = sockeye_interface_name(context, host, interface, address, sizeof address);
    snprintf(text, size, "%s.%s", host_of ? host_of : "?", interface_name ? interface_name : "?");
}

static void observe(void *context, const struct sockeye_event *event)
{
    struct sockeye_view *view = context;

    switch (view->kind) {
    case SOCKEYE_VIEW_TRACE:
    case SOCKEYE_VIEW_TRACE_JSON:
        trace_event(&view->as.trace, event);
        break;
    case SOCKEYE_VIEW_PCAPNG:
    case SOCKEYE_VIEW_PCAPNG_SIDES:
        pcapng_event(&view->as.pcapng, event);
        break;
    case SOCKEYE_VIEW_LADDER:
    case SOCKEYE_VIEW_LADDER_ALL:
        ladder_event(&view->as.ladder, event);
        break;
    }
}

static int begin(struct sockeye_view *view)
{
    struct names names = {view->lab, host_name, sender_name, wire_name};

    switch (view->kind) {
    case SOCKEYE_VIEW_TRACE:
    case SOCKEYE_VIEW_TRACE_JSON:
        return trace_init(&view->as.trace, view->file, &names,
                          view->kind == SOCKEYE_VIEW_TRACE_JSON);
    case SOCKEYE_VIEW_PCAPNG:
    case SOCKEYE_VIEW_PCAPNG_SIDES:
        return pcapng_init(&view->as.pcapng, view->file, &names,
                           view->kind == SOCKEYE_VIEW_PCAPNG_SIDES);
    case SOCKEYE_VIEW_LADDER:
    case SOCKEYE_VIEW_LADDER_ALL:
        return ladder_init(&view->as.ladder, view->file, &names,
                           view->kind == SOCKEYE_VIEW_LADDER_ALL);
    }
    return -EINVAL;
}

static int end(struct sockeye_view *view)
{
    switch (view->kind) {
    case SOCKEYE_VIEW_TRACE:
    case SOCKEYE_VIEW_TRACE_JSON:
        trace_done(&view->as.trace);
        break;
    case SOCKEYE_VIEW_PCAPNG:
    case SOCKEYE_VIEW_PCAPNG_SIDES:
        return pcapng_done(&view->as.pcapng);
    case SOCKEYE_VIEW_LADDER:
    case SOCKEYE_VIEW_LADDER_ALL:
        ladder_done(&view->as.ladder);
        break;
    }
    return 0;
}

int sockeye_view_open(struct sockeye *lab, enum sockeye_view_kind kind, void *file,
                      struct sockeye_view **view)
{
    struct sockeye_view *v;
    int result;

    if (!lab || !file || !view)
        return -EINVAL;
    v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    v->lab = lab;
    v->file = file;
    v->kind = kind;
    result = begin(v);
    if (result < 0) {
        free(v);
        return result;
    }
    result = sockeye_observe(lab, observe, v);
    if (result < 0) {
        end(v);
        free(v);
        return result;
    }
    v->observer = result;
    *view = v;
    return 0;
}

int sockeye_view_close(struct sockeye_view *view)
{
    int result, flushed;

    if (!view)
        return 0;
    sockeye_unobserve(view->lab, view->observer);
    result = end(view);
    errno = 0;
    flushed = fflush(view->file);
    if (result == 0 && (flushed != 0 || ferror(view->file)))
        result = errno == ENOSPC ? -ENOSPC : -EIO;
    free(view);
    return result;
}
