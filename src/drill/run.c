/* SPDX-License-Identifier: MIT */
/*
 * Runs a script: makes the lab and walks the events; time.c lets time pass.
 *
 * The lab is one host with a door for IP packets, configured as packetdrill's: 192.168.0.1/16, the
 * remote 192.0.2.1 behind 192.168.0.2, or the same of IPv6 (version.c). Virtual time goes from
 * event to event: to an input at its time, to an expected packet when it comes or is overdue. A
 * call that waits is tried after every moment in which something happened, and must be done before
 * the next call begins. Relative times count from the time that the event before was due, not from
 * when it was served, so a run does not drift; after `*` and after ranges they count from when it
 * happened.
 */
#include "drill/state.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND INT64_C(1000000000)

enum { BUFFER = 16 << 20, MOST_MICROSECONDS = 1000000000 };

/* The waiting call must be done in its time. */
static void await_call(struct drill_run *run)
{
    struct drill_call *c = &run->call;
    const struct drill_event *event = c->event;
    int64_t from, late, slack;
    char expected[80];

    if (!c->active || run->result != DRILL_PASS)
        return;
    from = event->time_kind == TIME_ABSOLUTE ? run->origin : c->base;
    late = event->end >= 0 ? event->end : event->time;
    slack = late / 8 > run->tolerance ? late / 8 : run->tolerance;
    late += from + slack;
    while (c->active && run->result == DRILL_PASS) {
        int64_t due = sockeye_next_deadline(run->lab);

        if (c->deadline >= 0 && c->deadline < due)
            due = c->deadline;
        if (due > late)
            break;
        drill_advance(run, due);
    }
    if (c->active) {
        c->active = false;
        drill_expected_time(run, event, c->base, expected, sizeof expected);
        drill_fail(run, event->line, "%s: %s; has not returned by %.6f", event->text, expected,
                   drill_seconds(run, late));
    }
}

static int64_t due_time(const struct drill_run *run, const struct drill_event *event)
{
    if (event->time_kind == TIME_ANY)
        return sockeye_now(run->lab);
    return (event->time_kind == TIME_ABSOLUTE ? run->origin : run->base) + event->time;
}

static void do_event(struct drill_run *run, struct drill_event *event)
{
    int64_t base = run->base, due;

    run->line = event->line;
    if (event->kind == DRILL_CALL)
        await_call(run);
    if (run->result != DRILL_PASS)
        return;
    due = due_time(run, event);
    if (event->kind == DRILL_PACKET && !event->packet->inbound) {
        drill_outbound(run, event, base);
        return;
    }
    if (due > sockeye_now(run->lab))
        drill_advance(run, due);
    drill_settle(run);
    run->base = due;
    switch (event->kind) {
    case DRILL_PACKET:
        drill_inbound(run, event);
        break;
    case DRILL_COMMAND:
        drill_command(run, event);
        break;
    case DRILL_CODE:
        drill_code(run, event);
        break;
    case DRILL_CALL:
        drill_call_begin(run, event, base);
        if (run->call.active && !event->blocking)
            await_call(run);
        break;
    }
    drill_settle(run);
}

static void read_ip(struct drill_run *run, const struct drill_setting *s, struct address *ip)
{
    const char *end;

    if (!address_parse(s->value, &end, ip) || *end != '\0' || address_is_mapped(*ip) == run->is_six)
        drill_unsupported(run, s->line, "--%s=%s: no address of IPv%d", s->name, s->value,
                          run->is_six ? 6 : 4);
}

/* A number from `least` to `most`, and nothing behind it. */
static int64_t read_number(struct drill_run *run, const struct drill_setting *s, int64_t least,
                           int64_t most)
{
    char *end;
    long long number = strtoll(s->value, &end, 10);

    if (end == s->value || *end != '\0' || number < least || number > most)
        drill_unsupported(run, s->line, "--%s=%s: a number from %lld to %lld is wanted", s->name,
                          s->value, (long long)least, (long long)most);
    return run->result == DRILL_PASS ? number : least;
}

static void read_setting(struct drill_run *run, const struct drill_setting *s)
{
    if (strcmp(s->name, "local_ip") == 0)
        read_ip(run, s, &run->local_ip);
    else if (strcmp(s->name, "remote_ip") == 0)
        read_ip(run, s, &run->remote_ip);
    else if (strcmp(s->name, "tolerance_usecs") == 0)
        run->tolerance = read_number(run, s, 0, MOST_MICROSECONDS) * 1000;
    else if (strcmp(s->name, "tcp_ts_tick_usecs") == 0)
        run->tick = read_number(run, s, 0, MOST_MICROSECONDS) * 1000;
    else if (strcmp(s->name, "mss") == 0)
        run->mss = (uint32_t)read_number(run, s, 1, DRILL_PACKET_BYTES);
    else if (strcmp(s->name, "mtu") == 0)
        run->mtu = (uint32_t)read_number(run, s, DRILL_LEAST_MTU, DRILL_PACKET_BYTES);
    else if (strcmp(s->name, "strict_segments") == 0)
        run->strict_segments = true;
    else if (strcmp(s->name, "ip_version") != 0 && strcmp(s->name, "send_omit_free") != 0 &&
             strcmp(s->name, "tcp_ts_ecr_scaled") != 0)
        drill_unsupported(run, s->line, "the option --%s is not known", s->name);
}

static int make_host(struct drill_run *run)
{
    char address[ADDRESS_TEXT_BYTES + 4], remote[ADDRESS_TEXT_BYTES + 4];
    char gateway[ADDRESS_TEXT_BYTES];
    struct address beside = run->local_ip;
    int result, interface;

    beside.low ^= 3; /* 192.168.0.2 of 192.168.0.1 */
    address_format(beside, gateway);
    strcpy(address + address_format(run->local_ip, address), run->is_six ? "/64" : "/16");
    strcpy(remote + address_format(run->remote_ip, remote), run->is_six ? "/128" : "/32");
    run->host = sockeye_host(run->lab, "host");
    if (run->host < 0)
        return run->host;
    run->door = sockeye_door(run->lab, "door", SOCKEYE_DOOR_IP, run->mtu);
    if (run->door < 0)
        return run->door;
    interface = sockeye_interface(run->lab, run->host, "tun0", run->door, 0, NULL);
    if (interface < 0)
        return interface;
    result = sockeye_address(run->lab, run->host, interface, address);
    if (result < 0)
        return result;
    return sockeye_route(run->lab, run->host, remote, gateway, interface);
}

static void open_lab(struct drill_run *run)
{
    struct sockeye_config config = {
        .seed = run->options->seed, .hosts = 1, .wires = 1, .sockets = 256};
    int result = sockeye_open(&config, &run->lab);

    if (result == 0)
        result = make_host(run);
    if (result < 0) {
        drill_unsupported(run, 0, "the host could not be made: %s", sockeye_strerror(result));
        return;
    }
    sockeye_advance(run->lab, SECOND);
    drill_collect(run);
    while (run->first) {
        struct drill_emitted *e = run->first;

        run->first = e->next;
        free(e);
    }
    run->last = NULL;
    run->origin = run->base = sockeye_now(run->lab);
}

/* The user's alone, as every capture. A FIFO that nobody reads is an error (ENXIO), not waited for.
 */
static FILE *pcap_open(struct drill_run *run, struct sockeye_view **view)
{
    const char *path = run->options->pcap;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0600);
    FILE *pcap = fd < 0 || fcntl(fd, F_SETFL, 0) < 0 ? NULL : fdopen(fd, "wb");
    int result;

    if (!pcap) {
        drill_unsupported(run, 0, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    result = sockeye_view_open(run->lab, SOCKEYE_VIEW_PCAPNG_SIDES, pcap, view);
    if (result < 0)
        drill_unsupported(run, 0, "%s: %s", path, sockeye_strerror(result));
    return pcap;
}

static void pcap_close(struct drill_run *run, FILE *pcap, struct sockeye_view *view)
{
    int result = sockeye_view_close(view);

    errno = 0;
    if (fclose(pcap) != 0 && result == 0)
        result = -errno;
    if (result < 0)
        drill_unsupported(run, 0, "%s: %s", run->options->pcap, sockeye_strerror(result));
}

static void walk(struct drill_run *run)
{
    struct sockeye_view *view = NULL;
    FILE *pcap = run->options->pcap ? pcap_open(run, &view) : NULL;

    for (struct drill_event *e = run->script->first; e && run->result == DRILL_PASS; e = e->next)
        do_event(run, e);
    await_call(run);
    drill_code_finish(run);
    if (pcap)
        pcap_close(run, pcap, view);
}

static void run_done(struct drill_run *run)
{
    while (run->first) {
        struct drill_emitted *next = run->first->next;

        free(run->first);
        run->first = next;
    }
    sockeye_close(run->lab);
}

/* Scripts run one after the other, and pages that none touches are never there. */
static uint8_t zero[BUFFER], scratch[BUFFER];

static struct drill_run *run_new(struct drill_script *script, const struct drill_options *options,
                                 FILE *report)
{
    struct drill_run *run = calloc(1, sizeof *run);

    if (!run)
        return NULL;
    run->script = script;
    run->options = options;
    run->report = report;
    run->tolerance = 4 * MILLISECOND;
    run->next_remote_port = DRILL_FIRST_REMOTE_PORT;
    run->flow.socket = -1;
    run->zero = zero;
    run->scratch = scratch;
    return run;
}

static enum drill_result run_script(struct drill_script *script,
                                    const struct drill_options *options, FILE *report)
{
    struct drill_run *run = run_new(script, options, report);
    enum drill_result result;

    if (!run) {
        fprintf(report, "%s: out of memory\n", script->path);
        return DRILL_UNSUPPORTED;
    }
    drill_version(run);
    for (struct drill_setting *s = script->settings; s; s = s->next)
        read_setting(run, s);
    drill_scan_commands(run);
    if (run->result == DRILL_PASS)
        open_lab(run);
    if (run->result == DRILL_PASS)
        walk(run);
    result = run->result;
    run_done(run);
    free(run);
    return result;
}

/* What was read (or not: `read` < 0) is run, and freed. */
static int run_read(struct drill_script *script, int read, const struct drill_options *options,
                    FILE *report)
{
    int result = DRILL_PASS;

    if (read < 0) {
        if (script->error_line)
            fprintf(report, "%s:%d: %s\n", script->path, script->error_line, script->error);
        else
            fprintf(report, "%s: %s\n", script->path, script->error);
        result = DRILL_UNSUPPORTED;
    } else if (!options->parse_only) {
        result = (int)run_script(script, options, report);
    }
    drill_free(script);
    return result;
}

int drill_run(const char *path, const struct drill_options *options, FILE *report)
{
    static const struct drill_options none;
    struct drill_script script;

    if (!options)
        options = &none;
    return run_read(&script, drill_parse(&script, path, options), options, report);
}

int drill_run_text(const char *path, const char *text, size_t length,
                   const struct drill_options *options, FILE *report)
{
    struct drill_script script;

    return run_read(&script, drill_parse_text(&script, path, text, length, options), options,
                    report);
}
