/* SPDX-License-Identifier: MIT */
/*
 * sockeye_view_open and sockeye_view_close of sockeye.h: an observer of a lab that writes a file. A
 * kind of view is a row of a table.
 *
 * Names come from the lab by the public const functions, so a view sees what any program sees. The
 * file stays the caller's; closing the view flushes it and reports what the stream remembers of
 * write errors. The lab must outlive the view.
 */
#include "lab/handle.h"
#include "observe/connections.h"
#include "observe/ladder.h"
#include "observe/layers.h"
#include "observe/pcapng.h"
#include "observe/trace.h"
#include "sockeye/sockeye.h"
#include <errno.h>
#include <stdlib.h>

/* A kind of view. */
struct view_row {
    uint32_t wanted; /* kinds of event */
    bool option;     /* JSON of a trace; both sides; every segment, every message */
    int (*begin)(struct sockeye_view *view, const struct names *names);
    void (*event)(struct sockeye_view *view, const struct sockeye_event *event);
    int (*end)(struct sockeye_view *view);
    bool json; /* of layers */
};

struct sockeye_view {
    FILE *file;
    const struct view_row *row;
    struct sockeye_reader *reader;
    union {
        struct trace trace;
        struct pcapng pcapng;
        struct ladder ladder;
        struct connections connections;
        struct layers layers;
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
    const char *interface_name, *host_of;
    int host = -1, interface = -1;

    if (!sockeye_wire_end(context, (int)wire, (int)direction, &host, &interface)) {
        snprintf(text, size, "outside");
        return;
    }
    host_of = sockeye_host_name(context, host);
    interface_name = sockeye_interface_name(context, host, interface, NULL, 0);
    snprintf(text, size, "%s.%s", host_of ? host_of : "?", interface_name ? interface_name : "?");
}

static uint64_t wire_rate(const void *context, unsigned wire, unsigned direction)
{
    const struct lab *lab = ((const struct sockeye *)context)->lab;

    return wire < lab->wire_count ? lab->wire[wire]->sim[direction & 1].settings.rate.bits : 0;
}

static int host_at(const void *context, unsigned wire, unsigned direction)
{
    int host = -1, interface = -1;

    return sockeye_wire_end(context, (int)wire, (int)direction, &host, &interface) ? host : -1;
}

static int trace_begin(struct sockeye_view *v, const struct names *names)
{
    return trace_init(&v->as.trace, v->file, names, v->row->option);
}

static void trace_show(struct sockeye_view *v, const struct sockeye_event *event)
{
    trace_event(&v->as.trace, event);
}

static int trace_end(struct sockeye_view *v)
{
    trace_done(&v->as.trace);
    return 0;
}

static int pcapng_begin(struct sockeye_view *v, const struct names *names)
{
    return pcapng_init(&v->as.pcapng, v->file, names, v->row->option);
}

static void pcapng_show(struct sockeye_view *v, const struct sockeye_event *event)
{
    pcapng_event(&v->as.pcapng, event);
}

static int pcapng_end(struct sockeye_view *v)
{
    return pcapng_done(&v->as.pcapng);
}

static int ladder_begin(struct sockeye_view *v, const struct names *names)
{
    return ladder_init(&v->as.ladder, v->file, names, v->row->option);
}

static void ladder_show(struct sockeye_view *v, const struct sockeye_event *event)
{
    ladder_event(&v->as.ladder, event);
}

static int ladder_end(struct sockeye_view *v)
{
    ladder_done(&v->as.ladder);
    return 0;
}

static int connections_begin(struct sockeye_view *v, const struct names *names)
{
    return connections_init(&v->as.connections, v->file, names);
}

static void connections_show(struct sockeye_view *v, const struct sockeye_event *event)
{
    connections_event(&v->as.connections, event);
}

static int connections_end(struct sockeye_view *v)
{
    connections_done(&v->as.connections);
    return 0;
}

static int layers_begin(struct sockeye_view *v, const struct names *names)
{
    return layers_init(&v->as.layers, v->file, names, v->row->json, v->row->option);
}

static void layers_show(struct sockeye_view *v, const struct sockeye_event *event)
{
    layers_event(&v->as.layers, event);
}

static int layers_end(struct sockeye_view *v)
{
    layers_done(&v->as.layers);
    return 0;
}

#define SENT (1U << EVENT_FRAME_SENT | EVENT_BYTES)
#define SIDES (SENT | 1U << EVENT_FRAME_DELIVERED)
#define STEPS (SENT | 1U << EVENT_DROP | 1U << EVENT_TCP_STATE)

/* Whose data is no line of its own: the line of its call says how much there was. */
#define TRACED (EVENT_EVERYTHING & ~(1U << EVENT_DATA))
#define UNITS (SIDES | 1U << EVENT_DROP | 1U << EVENT_DATA | 1U << EVENT_CALL)
#define FIGURES (SIDES | 1U << EVENT_TCP_CWND)

static const struct view_row rows[] = {
    [SOCKEYE_VIEW_TRACE] = {TRACED, false, trace_begin, trace_show, trace_end, false},
    [SOCKEYE_VIEW_TRACE_JSON] = {TRACED, true, trace_begin, trace_show, trace_end, false},
    [SOCKEYE_VIEW_PCAPNG] = {SENT, false, pcapng_begin, pcapng_show, pcapng_end, false},
    [SOCKEYE_VIEW_PCAPNG_SIDES] = {SIDES, true, pcapng_begin, pcapng_show, pcapng_end, false},
    [SOCKEYE_VIEW_LADDER] = {STEPS, false, ladder_begin, ladder_show, ladder_end, false},
    [SOCKEYE_VIEW_LADDER_ALL] = {STEPS, true, ladder_begin, ladder_show, ladder_end, false},
    [SOCKEYE_VIEW_CONNECTIONS] = {FIGURES, false, connections_begin, connections_show,
                                  connections_end, false},
    [SOCKEYE_VIEW_LAYERS] = {UNITS, false, layers_begin, layers_show, layers_end, false},
    [SOCKEYE_VIEW_LAYERS_ALL] = {UNITS, true, layers_begin, layers_show, layers_end, false},
    [SOCKEYE_VIEW_LAYERS_JSON] = {UNITS, true, layers_begin, layers_show, layers_end, true},
};

static void show(void *context, const struct sockeye_event *event)
{
    struct sockeye_view *v = context;

    v->row->event(v, event);
}

int sockeye_view_open(struct sockeye *lab, enum sockeye_view_kind kind, void *file,
                      struct sockeye_view **view)
{
    const struct names names = {lab, host_name, sender_name, wire_name, wire_rate, host_at};
    struct sockeye_view *v;
    int result;

    if (!lab || !file || !view || (unsigned)kind >= sizeof rows / sizeof *rows)
        return -EINVAL;
    v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    v->file = file;
    v->row = &rows[kind];
    result = v->row->begin(v, &names);
    if (result < 0) {
        free(v);
        return result;
    }
    result = sockeye_observe(lab, v->row->wanted, show, v, &v->reader);
    if (result < 0) {
        v->row->end(v);
        free(v);
        return result;
    }
    *view = v;
    return 0;
}

void sockeye_view_style(struct sockeye_view *view, int columns, bool has_colour)
{
    if (view->row->event == ladder_show)
        ladder_style(&view->as.ladder, columns, has_colour);
}

int sockeye_view_close(struct sockeye_view *view)
{
    uint64_t lost;
    int result, flushed;

    if (!view)
        return 0;
    lost = sockeye_reader_lost(view->reader);
    sockeye_reader_close(view->reader);
    result = view->row->end(view);
    errno = 0;
    flushed = fflush(view->file);
    if (result == 0 && (flushed != 0 || ferror(view->file)))
        result = errno == ENOSPC ? -ENOSPC : -EIO;
    if (result == 0 && lost > 0)
        result = -EOVERFLOW;
    free(view);
    return result;
}
