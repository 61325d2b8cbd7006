/* SPDX-License-Identifier: MIT */
/*
 * Checks what runs on the hosts of a lab file: programs, built-in traffic, and the conditions under
 * which they start. A condition is a time since the start, "server.listening:8000" (a TCP listener;
 * ":53/udp" a bound UDP port, ":200/x25" a listener of X.25), or "server.web.exited"; several, with
 * commas, must all hold.
 */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"
#include "scene/tell.h"
#include "scene/value.h"

static const char *const example =
    "a time, HOST.listening:PORT, HOST.PROGRAM.exited or HOST.addressed (several with commas)";

/* "8000", "53/udp", or an address of X.25: "200/x25". */
static bool read_port(char *text, struct scene_condition *condition)
{
    char *slash = strchr(text, '/');
    uint64_t port;

    if (slash != NULL && strcmp(slash, "/x25") == 0) {
        *slash = '\0';
        snprintf(condition->x121, sizeof condition->x121, "%s", text);
        return text[0] != '\0' && scene_x25_is_address(text);
    }
    if (slash != NULL) {
        if (strcmp(slash, "/udp") != 0 && strcmp(slash, "/tcp") != 0)
            return false;
        condition->datagram = slash[1] == 'u';
        *slash = '\0';
    }
    if (!scene_read_number(text, UINT16_MAX, &port) || port == 0)
        return false;
    condition->port = (uint16_t)port;
    return true;
}

/* One condition; `text` is cut up. @return NULL or what is wrong */
static const char *read_condition(const struct scene *lab, char *text,
                                  struct scene_condition *condition)
{
    char *dot, *last;
    int found;

    if (scene_read_duration(text, &condition->time)) {
        condition->kind = CONDITION_TIME;
        return NULL;
    }
    dot = strchr(text, '.');
    if (dot == NULL)
        return "not understood";
    *dot++ = '\0';
    found = scene_find_host(lab, text);
    if (found < 0)
        return "there is no such host";
    condition->host = (unsigned)found;
    if (strncmp(dot, "listening:", 10) == 0) {
        condition->kind = CONDITION_LISTENING;
        return read_port(dot + 10, condition) ? NULL : "the port is wrong";
    }
    if (strcmp(dot, "addressed") == 0) {
        condition->kind = CONDITION_ADDRESSED;
        return NULL;
    }
    last = strrchr(dot, '.');
    if (last == NULL || strcmp(last, ".exited") != 0)
        return "not understood";
    *last = '\0';
    condition->kind = CONDITION_EXITED;
    found = scene_lookup_find(&lab->hosts[condition->host].program_names, dot);
    if (found < 0)
        return "the host has no program of this name";
    condition->program = (unsigned)found;
    return NULL;
}

static void check_after(struct scene_check *check, const char *text, struct scene_after *after)
{
    char *copy, *rest, *word;

    after->count = 0;
    if (text == NULL)
        return;
    copy = strdup(text);
    if (copy == NULL)
        scene_check_fail(check, "after", "out of memory");
    for (rest = copy; copy != NULL && (word = strsep(&rest, ",")) != NULL;) {
        const char *problem;
        char whole[128];

        word += strspn(word, " ");
        for (size_t length = strlen(word); length > 0 && word[length - 1] == ' '; length--)
            word[length - 1] = '\0';
        snprintf(whole, sizeof whole, "%s", word);
        if (after->count == SCENE_CONDITIONS) {
            scene_check_fail(check, "after", "more than %d conditions", SCENE_CONDITIONS);
            break;
        }
        memset(&after->condition[after->count], 0, sizeof after->condition[0]);
        problem = read_condition(check->lab, word, &after->condition[after->count]);
        if (problem != NULL)
            scene_check_fail(check, "after", "\"%s\": %s; give %s", whole, problem, example);
        else
            after->count++;
    }
    free(copy);
}

static void check_expect(struct scene_check *check, struct scene_program *program)
{
    const char *text = program->expect == NULL ? NULL : program->expect->exit;
    uint64_t status;

    program->exit_kind = EXIT_EXPECT_STATUS;
    program->exit_value = 0;
    if (text == NULL) {
        if (program->kill_signal != 0) {
            program->exit_kind = EXIT_EXPECT_SIGNAL;
            program->exit_value = program->kill_signal;
        }
    } else if (strcmp(text, "any") == 0) {
        program->exit_kind = EXIT_EXPECT_ANYTHING;
    } else if (scene_read_number(text, 255, &status)) {
        program->exit_value = (int)status;
    } else if (scene_read_signal(text, &program->exit_value)) {
        program->exit_kind = EXIT_EXPECT_SIGNAL;
    } else {
        scene_check_fail(check, "expect.exit",
                         "\"%s\" is not a status from 0 to 255, a signal such as KILL, or any",
                         text);
    }
}

/* Would a terminal take some of it for other than text? */
static bool has_control(const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (scene_tell_is_control((unsigned char)word[i], i > 0 ? (unsigned char)word[i - 1] : 0))
            return true;
    }
    return false;
}

/* What a program without a name is called: by its first word, if that is one, without folders. */
static char *title_of(const struct scene_program *program)
{
    const char *word = program->shell != NULL ? program->shell : program->arguments[0], *slash;
    size_t length = strlen(word);

    if (program->shell != NULL) {
        word += strspn(word, " \t\n");
        length = strcspn(word, " \t\n;&|<>()");
        if (length == 0 || memchr(word, '=', length) != NULL || strcspn(word, "$`'\"#{") < length)
            return strdup("sh");
    }
    slash = memrchr(word, '/', length);
    if (slash != NULL) {
        length -= (size_t)(slash + 1 - word);
        word = slash + 1;
    }
    if (has_control(word, length))
        return strdup(program->shell != NULL ? "sh" : "program");
    return strndup(word, length);
}

/* Words that only a shell would understand. */
static void check_run(struct scene_check *check, const char *text)
{
    int length;
    const char *found = scene_find_shell(text, &length);

    if (found != NULL)
        scene_check_fail(check, "run",
                         "\"%.*s\" is for a shell, and none reads this; write \"shell:\" instead "
                         "of \"run:\" (or quotes around it, if it is meant as it stands)",
                         length, found);
}

static const char *command_key(const struct scene_program *program)
{
    return program->run != NULL ? "run" : program->shell != NULL ? "shell" : "argv";
}

/* The words of the command, however it is given. @return NULL: there are none, or no memory */
static char **words_of(struct scene_program *program)
{
    static const char *const shell[] = {"/bin/sh", "-c"};
    unsigned count = program->argv_count;
    char **words;

    if (program->run != NULL)
        return scene_read_words(program->run, &count);
    words = calloc(count + 4, sizeof *words);
    if (words == NULL)
        return NULL;
    if (program->shell != NULL) {
        memcpy(words, shell, sizeof shell);
        words[2] = program->shell;
    }
    for (unsigned i = 0; i < count; i++)
        words[i] = program->argv[i];
    return words;
}

static void check_command(struct scene_check *check, struct scene_program *program)
{
    if ((program->run != NULL) + (program->shell != NULL) + (program->argv_count != 0) != 1) {
        scene_check_fail(check, "", "needs one of \"run\", \"shell\" and \"argv\"");
        return;
    }
    if (program->run != NULL)
        check_run(check, program->run);
    program->arguments = words_of(program);
    if (program->arguments == NULL || program->arguments[0][0] == '\0' ||
        (program->shell != NULL && program->shell[strspn(program->shell, " \t\n")] == '\0')) {
        scene_check_fail(check, command_key(program), "no command, or a quote is not closed");
        return;
    }
    program->title = program->name != NULL ? strdup(program->name) : title_of(program);
}

static void check_program(struct scene_check *check, struct scene_program *program)
{
    check->lab->has_programs = true;
    check_command(check, program);
    if (program->name != NULL && !scene_is_name(program->name))
        scene_check_fail(check, "name", "\"%s\" cannot name a program", program->name);
    scene_check_pairs(check, "environment", program->environment, program->environment_count);
    scene_check_bool(check, "background", program->background, &program->is_background);
    if (program->kill != NULL) {
        program->kill_signal = 9;
        scene_check_duration(check, "kill.after", program->kill->after, &program->kill_after);
        if (program->kill->signal != NULL &&
            !scene_read_signal(program->kill->signal, &program->kill_signal))
            scene_check_fail(check, "kill.signal", "\"%s\" is not a signal such as TERM",
                             program->kill->signal);
    }
    check_expect(check, program);
    program->may_end = program->is_background && program->expect != NULL;
}

/* All have their titles now: puts them in order, and tells of those that stand twice. */
static void check_titles(struct scene_check *check, struct scene_host *host)
{
    struct scene_lookup *names = &host->program_names;

    if (!scene_lookup_open(names, host->programs_count)) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    for (unsigned i = 0; i < host->programs_count; i++) {
        if (host->programs[i].title != NULL)
            scene_lookup_add(names, host->programs[i].title, i);
    }
    scene_lookup_sort(names);
    for (unsigned i = 0; i < host->programs_count; i++) {
        const struct scene_program *program = &host->programs[i];
        size_t before = scene_check_enter(check, ".programs[%u]", i);

        if (program->title != NULL && scene_lookup_find(names, program->title) != (int)i)
            scene_check_fail(check, program->name == NULL ? "" : "name",
                             "another program of this host is called \"%s\" (give it a name)",
                             program->title);
        scene_check_leave(check, before);
    }
}

void scene_check_programs(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];

    for (unsigned i = 0; i < host->programs_count; i++) {
        size_t before = scene_check_enter(check, ".programs[%u]", i);

        check_program(check, &host->programs[i]);
        scene_check_leave(check, before);
    }
    check_titles(check, host);
}

static void check_protocol(struct scene_check *check, const char *text, bool is_both_allowed,
                           struct scene_traffic *traffic)
{
    bool is_both = text != NULL && strcmp(text, "both") == 0;

    traffic->stream = text == NULL || is_both || strcmp(text, "tcp") == 0;
    traffic->datagram = is_both || (text != NULL && strcmp(text, "udp") == 0);
    if ((!traffic->stream && !traffic->datagram) || (is_both && !is_both_allowed))
        scene_check_fail(check, "protocol", "\"%s\" is not %s", text,
                         is_both_allowed ? "tcp, udp or both" : "tcp or udp");
}

/* Remembered: looking at all addresses and routes for each service would take minutes. */
static struct address nearest_address(struct scene_host *host, const struct scene_host *from)
{
    if (host->asked_by != from)
        host->nearest = scene_host_address(host, from);
    host->asked_by = from;
    return host->nearest;
}

/* Cuts "server:5000", "10.0.0.2:5000" or "[fd00::2]:5000" into what is before the port, and the
 * port. */
static bool cut_port(const char *text, char *name, size_t size, uint64_t *port)
{
    const char *colon = strrchr(text, ':');
    int length = colon == NULL ? 0 : (int)(colon - text);

    if (colon == NULL || !scene_read_number(colon + 1, UINT16_MAX, port) || *port == 0)
        return false;
    if (text[0] == '[' && colon[-1] == ']') {
        text++;
        length -= 2;
    } else if (memchr(text, ':', (size_t)length) != NULL) {
        return false; /* an address without its brackets: which part is the port? */
    }
    snprintf(name, size, "%.*s", length, text);
    return true;
}

/* A ping's peer has no port. */
static void check_peer(struct scene_check *check, const char *text, bool has_port,
                       const struct scene_host *from, struct scene_traffic *traffic)
{
    char name[64];
    uint64_t port = 0;
    int host;

    if (has_port && !cut_port(text, name, sizeof name, &port)) {
        scene_check_fail(check, "to", "\"%s\" is not HOST:PORT (of IPv6 [ADDRESS]:PORT)", text);
        return;
    }
    if (!has_port)
        snprintf(name, sizeof name, "%s", text);
    host = scene_find_host(check->lab, name);
    traffic->peer_host = -1;
    traffic->peer.port = (uint16_t)port;
    if (host >= 0)
        traffic->peer.address = nearest_address(&check->lab->hosts[host], from);
    else if (!scene_read_ip(name, &traffic->peer.address))
        scene_check_fail(check, "to", "\"%s\" is neither a host nor an address", name);
    if (host >= 0 && check->lab->hosts[host].is_live &&
        (address_is_unspecified(traffic->peer.address) ||
         scene_distance(from, traffic->peer.address) == DISTANCE_OUT_OF_REACH))
        traffic->peer_host = host;
    else if (host >= 0 && address_is_unspecified(traffic->peer.address))
        scene_check_fail(check, "to", "host \"%s\" has no address", name);
}

static void check_port(struct scene_check *check, const char *text, struct scene_traffic *traffic)
{
    uint32_t port = traffic->port;

    scene_check_number(check, "port", text, 1, UINT16_MAX, &port);
    traffic->port = (uint16_t)port;
}

static void check_source(struct scene_check *check, const struct scene_service *service,
                         const struct scene_host *from, struct scene_traffic *traffic)
{
    check_protocol(check, service->protocol, false, traffic);
    check_peer(check, service->to, true, from, traffic);
    scene_check_bytes(check, "bytes", service->bytes, UINT64_MAX / 2, &traffic->bytes);
    scene_check_bool(check, "echoed", service->echoed, &traffic->is_returned);
    traffic->size = 1000;
    traffic->interval = 1000000;
    if (traffic->stream && (service->size != NULL || service->interval != NULL))
        scene_check_fail(check, "", "\"size\" and \"interval\" are for protocol: udp");
    scene_check_number(check, "size", service->size, 8, 65000, &traffic->size);
    scene_check_duration(check, "interval", service->interval, &traffic->interval);
}

static void check_ping(struct scene_check *check, const struct scene_service *service,
                       const struct scene_host *from, struct scene_traffic *traffic)
{
    check_peer(check, service->to, false, from, traffic);
    traffic->count = 4;
    traffic->size = 56;
    traffic->interval = 1000000000;
    scene_check_number(check, "count", service->count, 1, 1000000, &traffic->count);
    scene_check_number(check, "size", service->size, 8, 65000, &traffic->size);
    scene_check_duration(check, "interval", service->interval, &traffic->interval);
    traffic->replies = traffic->count;
    scene_check_number(check, "replies", service->replies, 0, traffic->count, &traffic->replies);
}

static void check_sink(struct scene_check *check, const struct scene_service *service,
                       struct scene_traffic *traffic)
{
    check_protocol(check, service->protocol, false, traffic);
    check_port(check, service->port, traffic);
    traffic->has_total = service->bytes != NULL;
    scene_check_bytes(check, "bytes", service->bytes, UINT64_MAX / 2, &traffic->bytes);
    traffic->connections = 1;
    scene_check_number(check, "connections", service->connections, 0, 1000, &traffic->connections);
    if (traffic->datagram && service->connections != NULL)
        scene_check_fail(check, "connections", "is for protocol: tcp");
}

static void check_service(struct scene_check *check, const struct scene_host *host,
                          struct scene_traffic *traffic)
{
    const struct scene_service *const all[] = {traffic->source, traffic->sink, traffic->echo,
                                               traffic->ping};
    static const char *const names[] = {"source", "sink", "echo", "ping"};
    const struct scene_service *service = NULL;
    size_t before;
    int given = 0;

    for (int i = 0; i < 4; i++) {
        if (all[i] == NULL)
            continue;
        given++;
        service = all[i];
        traffic->kind = (enum scene_traffic_kind)i;
    }
    if (given != 1) {
        scene_check_fail(check, "", "needs one of source, sink, echo and ping");
        return;
    }
    before = scene_check_enter(check, ".%s", names[traffic->kind]);
    switch (traffic->kind) {
    case TRAFFIC_SOURCE:
        check_source(check, service, host, traffic);
        break;
    case TRAFFIC_SINK:
        check_sink(check, service, traffic);
        break;
    case TRAFFIC_ECHO:
        check_protocol(check, service->protocol == NULL ? "both" : service->protocol, true,
                       traffic);
        traffic->port = 7;
        check_port(check, service->port, traffic);
        break;
    case TRAFFIC_PING:
        check_ping(check, service, host, traffic);
        break;
    }
    check_after(check, service->after, &traffic->start);
    scene_check_leave(check, before);
}

void scene_check_traffic(struct scene_check *check, unsigned host)
{
    struct scene_host *h = &check->lab->hosts[host];

    scene_check_nameservers(check, h->nameservers, h->nameservers_count);
    for (unsigned i = 0; i < h->programs_count; i++) {
        size_t before = scene_check_enter(check, ".programs[%u]", i);

        check_after(check, h->programs[i].after, &h->programs[i].start);
        scene_check_leave(check, before);
    }
    for (unsigned i = 0; i < h->traffic_count; i++) {
        size_t before = scene_check_enter(check, ".traffic[%u]", i);

        check_service(check, h, &h->traffic[i]);
        scene_check_leave(check, before);
    }
}
