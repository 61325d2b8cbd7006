/* SPDX-License-Identifier: MIT */
/* Putting together what is said of each wire, and telling the lab. Theory in weather.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "scene/stages.h"
#include "scene/value.h"
#include "scene/weather.h"

enum { MTU_DEFAULT = 1500 };

/* @return false: no memory */
static bool open_servers(struct scene_weather *weather)
{
    const struct scene *scene = weather->scene;
    unsigned count = 0;

    for (unsigned i = 0; i < scene->hosts_count; i++)
        count += scene->hosts[i].dns != NULL;
    weather->servers = calloc(count + 1, sizeof *weather->servers);
    for (unsigned i = 0; weather->servers != NULL && i < scene->hosts_count; i++) {
        struct scene_dns_server *server = &weather->servers[weather->servers_count];

        if (scene->hosts[i].dns == NULL)
            continue;
        server->host = i;
        server->says = scene->hosts[i].dns;
        scene_dns_begin(server);
        weather->servers_count++;
    }
    return weather->servers != NULL;
}

/* The MTU of a wire is the lesser of its directions'. */
static uint32_t mtu_of(const struct sockeye_wire_config config[2])
{
    uint32_t mtu[2] = {config[0].mtu == 0 ? MTU_DEFAULT : config[0].mtu,
                       config[1].mtu == 0 ? MTU_DEFAULT : config[1].mtu};

    return mtu[mtu[1] < mtu[0]];
}

int scene_weather_open(struct scene_weather *weather, const struct scene *scene,
                       struct sockeye *lab, const struct scene_weather_programs *programs)
{
    weather->scene = scene;
    weather->lab = lab;
    weather->programs = *programs;
    weather->wires = calloc(scene->wires_count + 1, sizeof *weather->wires);
    weather->faults = calloc(scene->faults_count + 1, sizeof *weather->faults);
    weather->hosts = calloc(scene->hosts_count + 1, sizeof *weather->hosts);
    if (weather->wires == NULL || weather->faults == NULL || weather->hosts == NULL ||
        !open_servers(weather))
        return -ENOMEM;
    for (unsigned i = 0; i < scene->wires_count; i++) {
        const struct sockeye_wire_config *config = scene->wires[i].config;

        memcpy(weather->wires[i].base, config, sizeof weather->wires[i].base);
        memcpy(weather->wires[i].now, config, sizeof weather->wires[i].now);
        weather->wires[i].mtu = mtu_of(config);
    }
    return 0;
}

void scene_weather_close(struct scene_weather *weather)
{
    free(weather->wires);
    free(weather->faults);
    free(weather->hosts);
    free(weather->servers);
    weather->wires = NULL;
    weather->faults = NULL;
    weather->hosts = NULL;
    weather->servers = NULL;
    weather->servers_count = 0;
}

/* The faults that hold, in the order of the file, on top of what is there. */
static void put_together(const struct scene_weather *weather, unsigned wire, int direction,
                         struct sockeye_wire_config *config, bool *is_down)
{
    for (unsigned i = 0; i < weather->scene->faults_count; i++) {
        const struct scene_fault *fault = &weather->scene->faults[i];

        if (weather->faults[i].stage != SCENE_FAULT_HOLDS || fault->kind != FAULT_OF_WIRES ||
            !fault->is_hit[wire] || !fault->hits[direction])
            continue;
        *is_down |= fault->is_down;
        for (unsigned k = 0; k < scene_stage_count(); k++) {
            const char *name, *text = scene_stage_text(&fault->faults, k, &name), *expected;

            /* a key of a discipline that another fault has taken away has no effect */
            if (text != NULL)
                (void)scene_stage_set(name, text, config, &expected);
        }
    }
}

/* Tells the lab what a direction of a wire is to be, if that is not what it is. */
static int apply(struct scene_weather *weather, unsigned wire, int direction)
{
    struct scene_weather_wire *w = &weather->wires[wire];
    struct sockeye_wire_config config;
    int number = weather->scene->wires[wire].number, result = 0;
    bool is_down = w->is_down[direction];

    memcpy(&config, &w->base[direction], sizeof config);
    put_together(weather, wire, direction, &config, &is_down);
    if (memcmp(&config, &w->now[direction], sizeof config) != 0)
        result = sockeye_wire_change(weather->lab, number, direction, &config);
    if (result < 0)
        return result;
    memcpy(&w->now[direction], &config, sizeof config);
    if (is_down != w->was_down[direction])
        result =
            sockeye_wire_link(weather->lab, number, direction, !is_down, sockeye_now(weather->lab));
    if (result >= 0)
        w->was_down[direction] = is_down;
    return result;
}

/* Both directions, and their MTU. */
static int apply_wire(struct scene_weather *weather, unsigned wire)
{
    struct scene_weather_wire *w = &weather->wires[wire];
    int result = apply(weather, wire, 0);

    if (result >= 0)
        result = apply(weather, wire, 1);
    if (result < 0 || mtu_of(w->now) == w->mtu)
        return result;
    w->mtu = mtu_of(w->now);
    return sockeye_wire_mtu(weather->lab, weather->scene->wires[wire].number, w->mtu);
}

/* The same of a name server, whose service looks at what is put together here. */
static void apply_server(struct scene_weather *weather, struct scene_dns_server *server)
{
    scene_dns_begin(server);
    for (unsigned i = 0; i < weather->scene->faults_count; i++) {
        const struct scene_fault *fault = &weather->scene->faults[i];

        if (weather->faults[i].stage == SCENE_FAULT_HOLDS && fault->kind == FAULT_OF_DNS &&
            fault->host == server->host)
            scene_dns_apply(fault->dns, &server->now);
    }
}

__attribute__((format(printf, 2, 3))) static int refuse(char answer[SCENE_WEATHER_ANSWER_BYTES],
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(answer, SCENE_WEATHER_ANSWER_BYTES, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

/* What is asked of a wire, put together before any of it is done. */
struct wish {
    struct sockeye_wire_config config[2];
    bool is_down[2];
    bool hits[2]; /* the directions that the next words mean */
};

static int read_value(struct wish *wish, const char *word, const char *equals,
                      char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    char name[32];
    const char *expected = NULL;

    snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    for (int d = 0; d < 2; d++) {
        if (!wish->hits[d] || scene_stage_set(name, equals + 1, &wish->config[d], &expected))
            continue;
        if (expected == NULL)
            return refuse(answer, "a wire has no \"%s\"", name);
        return refuse(answer, "%s: \"%.60s\" is not %s", name, equals + 1, expected);
    }
    return 0;
}

static int read_word(struct wish *wish, const char *word, char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    const char *equals = strchr(word, '=');
    bool is_down = strcmp(word, "down") == 0;

    if (equals != NULL)
        return read_value(wish, word, equals, answer);
    if (strcmp(word, "forth") == 0 || strcmp(word, "back") == 0 || strcmp(word, "both") == 0) {
        wish->hits[0] = strcmp(word, "back") != 0;
        wish->hits[1] = strcmp(word, "forth") != 0;
        return 0;
    }
    if (!is_down && strcmp(word, "up") != 0)
        return refuse(answer, "\"%.60s\" is none of KEY=VALUE, up, down, forth, back, both", word);
    for (int d = 0; d < 2; d++) {
        if (wish->hits[d])
            wish->is_down[d] = is_down;
    }
    return 0;
}

static int set_wire(struct scene_weather *weather, unsigned wire, char **words, unsigned count,
                    char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    struct scene_weather_wire *w = &weather->wires[wire];
    struct wish wish = {.hits = {true, true}};
    int result = 0;

    for (int d = 0; d < 2; d++) {
        memcpy(&wish.config[d], &w->base[d], sizeof wish.config[d]);
        wish.is_down[d] = w->is_down[d];
    }
    for (unsigned i = 0; i < count && result == 0; i++)
        result = read_word(&wish, words[i], answer);
    if (result < 0)
        return result;
    if (mtu_of(wish.config) < SCENE_MTU_IP6 && scene_wire_speaks_ip6(weather->scene, wire))
        return refuse(answer, "this wire carries IPv6, which needs an MTU of %d", SCENE_MTU_IP6);
    for (int d = 0; d < 2; d++) {
        memcpy(&w->base[d], &wish.config[d], sizeof w->base[d]);
        w->is_down[d] = wish.is_down[d];
    }
    result = apply_wire(weather, wire);
    return result < 0 ? refuse(answer, "%s", sockeye_strerror(result)) : 0;
}

/* A host crashes, or what there is. @return 0 or -errno */
static int befall(struct scene_weather *weather, unsigned host, enum scene_weather_host what)
{
    int number = weather->scene->hosts[host].number, result = -EINVAL;

    if (what == SCENE_HOST_CRASHES)
        result = sockeye_crash(weather->lab, number);
    else if (what == SCENE_HOST_STOPS)
        result = sockeye_pause(weather->lab, number);
    else
        result = sockeye_resume(weather->lab, number);
    if (result >= 0 && weather->programs.told != NULL)
        weather->programs.told(weather->programs.context, host, what);
    return result;
}

/* What is said of a host, by hand and by the faults that hold. */
static enum scene_host_state state_of(const struct scene_weather *weather, unsigned host)
{
    enum scene_host_state state = weather->hosts[host].by_hand;

    for (unsigned i = 0; i < weather->scene->faults_count; i++) {
        const struct scene_fault *fault = &weather->scene->faults[i];

        if (weather->faults[i].stage != SCENE_FAULT_HOLDS || fault->host != host)
            continue;
        if (fault->kind == FAULT_OF_CRASH)
            state = SCENE_HOST_HAS_CRASHED;
        else if (fault->kind == FAULT_OF_PAUSE && state == SCENE_HOST_RUNS)
            state = SCENE_HOST_IS_PAUSED;
    }
    return state;
}

/* Makes a host what is said of it. @return 0 or -errno */
static int apply_host(struct scene_weather *weather, unsigned host)
{
    enum scene_host_state *now = &weather->hosts[host].now, is = state_of(weather, host);
    int result = 0;

    if (*now == is)
        return 0;
    if (is == SCENE_HOST_HAS_CRASHED)
        result = befall(weather, host, SCENE_HOST_CRASHES);
    else if (*now != SCENE_HOST_RUNS)
        result = befall(weather, host,
                        *now == SCENE_HOST_IS_PAUSED ? SCENE_HOST_GOES_ON : SCENE_HOST_STARTS);
    if (result >= 0 && is == SCENE_HOST_IS_PAUSED)
        result = befall(weather, host, SCENE_HOST_STOPS);
    if (result >= 0)
        *now = is;
    return result;
}

/* What holds a host is over: all faults of a kind, and what was said by hand. */
static void release(struct scene_weather *weather, unsigned host, enum scene_fault_kind kind)
{
    enum scene_host_state *by_hand = &weather->hosts[host].by_hand;

    for (unsigned i = 0; i < weather->scene->faults_count; i++) {
        const struct scene_fault *fault = &weather->scene->faults[i];

        if (fault->kind == kind && fault->host == host &&
            weather->faults[i].stage == SCENE_FAULT_HOLDS)
            weather->faults[i].stage = SCENE_FAULT_IS_OVER;
    }
    if (*by_hand == (kind == FAULT_OF_CRASH ? SCENE_HOST_HAS_CRASHED : SCENE_HOST_IS_PAUSED))
        *by_hand = SCENE_HOST_RUNS;
}

static int part(struct scene_weather *weather, const struct scene_partition *plan, bool is_back)
{
    uint16_t hosts[2][SOCKEYE_HOSTS];
    struct sockeye_partition p = {
        .from = hosts[is_back],
        .to = hosts[!is_back],
        .from_count = is_back ? plan->to_hosts_count : plan->from_hosts_count,
        .to_count = is_back ? plan->from_hosts_count : plan->to_hosts_count,
        .ports = plan->port,
        .port_count = plan->ports_count,
        .action = plan->what,
        .new_only = plan->is_new_only};

    for (unsigned i = 0; i < plan->from_hosts_count; i++)
        hosts[0][i] = (uint16_t)weather->scene->hosts[plan->from_hosts[i]].number;
    for (unsigned i = 0; i < plan->to_hosts_count; i++)
        hosts[1][i] = (uint16_t)weather->scene->hosts[plan->to_hosts[i]].number;
    return sockeye_partition(weather->lab, &p);
}

static void begin(struct scene_weather *weather, unsigned number)
{
    const struct scene_fault *fault = &weather->scene->faults[number];
    struct scene_weather_fault *f = &weather->faults[number];

    f->stage = SCENE_FAULT_HOLDS;
    switch (fault->kind) {
    case FAULT_OF_WIRES: /* put together with the others */
    case FAULT_OF_DNS:
        return;
    case FAULT_OF_PARTITION:
        f->partition[0] = part(weather, fault->partition, false);
        f->partition[1] = fault->partition->is_both ? part(weather, fault->partition, true) : -1;
        return;
    case FAULT_OF_RESTART:
        release(weather, fault->host, FAULT_OF_CRASH);
        f->stage = SCENE_FAULT_IS_OVER;
        (void)apply_host(weather, fault->host);
        return;
    case FAULT_OF_CRASH:
    case FAULT_OF_PAUSE:
        (void)apply_host(weather, fault->host);
        return;
    }
}

static void end(struct scene_weather *weather, unsigned number)
{
    const struct scene_fault *fault = &weather->scene->faults[number];
    struct scene_weather_fault *f = &weather->faults[number];

    f->stage = SCENE_FAULT_IS_OVER;
    if (fault->kind == FAULT_OF_CRASH || fault->kind == FAULT_OF_PAUSE)
        (void)apply_host(weather, fault->host);
    for (int i = 0; i < 2 && fault->kind == FAULT_OF_PARTITION; i++) {
        if (f->partition[i] >= 0)
            (void)sockeye_heal(weather->lab, f->partition[i]);
    }
}

/* When a fault begins, or, if it holds, ends. */
static int64_t due_of(const struct scene_weather *weather, unsigned fault)
{
    switch (weather->faults[fault].stage) {
    case SCENE_FAULT_WAITS:
        return weather->scene->faults[fault].from;
    case SCENE_FAULT_HOLDS:
        return weather->scene->faults[fault].until;
    case SCENE_FAULT_IS_OVER:
        break;
    }
    return SOCKEYE_NEVER;
}

/* The fault that is due first, of equals the first in the file; faults_count: there is none. */
static unsigned find_first(const struct scene_weather *weather, int64_t *when)
{
    unsigned first = weather->scene->faults_count;

    *when = SOCKEYE_NEVER;
    for (unsigned i = 0; i < weather->scene->faults_count; i++) {
        if (due_of(weather, i) >= *when)
            continue;
        first = i;
        *when = due_of(weather, i);
    }
    return first;
}

/* Who comes late does what was due in the order of its times: a crash before its restart. */
int64_t scene_weather_on_time(struct scene_weather *weather)
{
    int64_t now = sockeye_now(weather->lab), next;
    bool is_changed = false;
    unsigned first;

    while ((first = find_first(weather, &next)) < weather->scene->faults_count && next <= now) {
        if (weather->faults[first].stage == SCENE_FAULT_WAITS)
            begin(weather, first);
        else
            end(weather, first);
        is_changed = true;
    }
    for (unsigned i = 0; is_changed && i < weather->servers_count; i++)
        apply_server(weather, &weather->servers[i]);
    for (unsigned wire = 0; is_changed && wire < weather->scene->wires_count; wire++)
        (void)apply_wire(weather, wire);
    return next;
}

bool scene_weather_is_to_start(const struct scene_weather *weather, unsigned host)
{
    for (unsigned i = 0; i < weather->scene->faults_count; i++) {
        const struct scene_fault *fault = &weather->scene->faults[i];

        if (fault->host != host)
            continue;
        if ((fault->kind == FAULT_OF_RESTART && weather->faults[i].stage == SCENE_FAULT_WAITS) ||
            (fault->kind == FAULT_OF_CRASH && weather->faults[i].stage == SCENE_FAULT_HOLDS &&
             fault->until != SOCKEYE_NEVER))
            return true;
    }
    return false;
}

static int set_host(struct scene_weather *weather, unsigned host, const char *word,
                    char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    struct scene_weather_host_states *states = &weather->hosts[host];
    int result;

    if (strcmp(word, "crash") == 0) {
        if (states->now == SCENE_HOST_HAS_CRASHED)
            return refuse(answer, "it has crashed already");
        states->by_hand = SCENE_HOST_HAS_CRASHED;
    } else if (strcmp(word, "pause") == 0) {
        if (states->now != SCENE_HOST_RUNS)
            return refuse(answer, states->now == SCENE_HOST_IS_PAUSED ? "it is paused already"
                                                                      : "it has crashed");
        states->by_hand = SCENE_HOST_IS_PAUSED;
    } else if (strcmp(word, "restart") == 0) {
        if (states->now != SCENE_HOST_HAS_CRASHED)
            return refuse(answer, "it has not crashed");
        release(weather, host, FAULT_OF_CRASH);
    } else if (strcmp(word, "resume") == 0) {
        if (states->now != SCENE_HOST_IS_PAUSED)
            return refuse(answer, "it is not paused");
        release(weather, host, FAULT_OF_PAUSE);
    } else {
        return refuse(answer, "\"%.60s\" is none of crash, restart, pause, resume", word);
    }
    result = apply_host(weather, host);
    return result < 0 ? refuse(answer, "%s", sockeye_strerror(result)) : 0;
}

/* Words about a name server: all of them or none. */
static int set_server(struct scene_weather *weather, unsigned host, char **words, unsigned count,
                      char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    struct scene_dns_server *server = weather->servers;
    struct scene_dns_set set;

    while (server < weather->servers + weather->servers_count && server->host != host)
        server++;
    if (server == weather->servers + weather->servers_count)
        return refuse(answer, "this host has no \"dns\" in the lab file");
    memcpy(&set, &server->set, sizeof set);
    for (unsigned i = 0; i < count; i++) {
        const char *expected;

        if (scene_dns_set_word(&set, words[i], &expected))
            continue;
        if (expected == NULL)
            return refuse(answer, "\"%.60s\" is none of dns=, dns.delay=, dns.lies=", words[i]);
        return refuse(answer, "\"%.60s\" is not %s", strchr(words[i], '=') + 1, expected);
    }
    memcpy(&server->set, &set, sizeof set);
    apply_server(weather, server);
    return 0;
}

/* "a,b": names of hosts, cut where they stand. */
static int read_names(const struct scene_weather *weather, char *text, unsigned *hosts,
                      unsigned *count, char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    char *name;

    *count = 0;
    while ((name = strsep(&text, ",")) != NULL) {
        int host = scene_find_host(weather->scene, name);

        if (host < 0 || *count == SOCKEYE_HOSTS)
            return refuse(answer, "there is no host \"%.60s\" in this lab", name);
        hosts[(*count)++] = (unsigned)host;
    }
    return 0;
}

static int read_ports(char *text, struct scene_partition *plan,
                      char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    char *port;

    while ((port = strsep(&text, ",")) != NULL) {
        uint64_t number;

        if (!scene_read_number(port, UINT16_MAX, &number) || number == 0 ||
            plan->ports_count == sizeof plan->port / sizeof *plan->port)
            return refuse(answer, "ports: \"%.60s\" is not a port, or the ninth", port);
        plan->port[plan->ports_count++] = (uint16_t)number;
    }
    return 0;
}

static int read_part(const struct scene_weather *weather, char *word, struct scene_partition *plan,
                     char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    static const char *const actions[] = {"action=drop", "action=reset", "action=unreachable"};

    if (strncmp(word, "from=", 5) == 0)
        return read_names(weather, word + 5, plan->from_hosts, &plan->from_hosts_count, answer);
    if (strncmp(word, "to=", 3) == 0)
        return read_names(weather, word + 3, plan->to_hosts, &plan->to_hosts_count, answer);
    if (strncmp(word, "ports=", 6) == 0)
        return read_ports(word + 6, plan, answer);
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(word, actions[i]) == 0) {
            plan->what = (enum sockeye_partition_action)i;
            return 0;
        }
    }
    if (strcmp(word, "new_only") == 0)
        plan->is_new_only = true;
    else if (strcmp(word, "both_ways") == 0)
        plan->is_both = true;
    else
        return refuse(answer,
                      "\"%.60s\" is none of from=, to=, ports=, action=drop, action=reset, "
                      "action=unreachable, new_only, both_ways",
                      word);
    return 0;
}

/* Of what was set, the partitions end, but for so many. */
static void heal(struct scene_weather *weather, unsigned but_for)
{
    while (weather->by_hand_count > but_for)
        (void)sockeye_heal(weather->lab, weather->by_hand[--weather->by_hand_count]);
}

static int set_partition(struct scene_weather *weather, char **words, unsigned count,
                         char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    unsigned from[SOCKEYE_HOSTS], to[SOCKEYE_HOSTS];
    struct scene_partition plan = {.from_hosts = from, .to_hosts = to};
    unsigned before = weather->by_hand_count;
    int result = 0;

    for (unsigned i = 0; i < count && result == 0; i++)
        result = read_part(weather, words[i], &plan, answer);
    if (result == 0 && (plan.from_hosts_count == 0 || plan.to_hosts_count == 0))
        return refuse(answer, "a partition needs from=HOST,... and to=HOST,...");
    for (int back = 0; back <= plan.is_both && result >= 0; back++) {
        result = weather->by_hand_count == SCENE_WEATHER_PARTITIONS
                     ? -ENOSPC
                     : part(weather, &plan, back != 0);
        if (result < 0) { /* all of it or nothing */
            heal(weather, before);
            return refuse(answer, "there are %d partitions already, which is all there can be",
                          SCENE_WEATHER_PARTITIONS);
        }
        weather->by_hand[weather->by_hand_count++] = result;
    }
    return result < 0 ? result : 0;
}

int scene_weather_set(struct scene_weather *weather, char **words, unsigned count,
                      char answer[SCENE_WEATHER_ANSWER_BYTES])
{
    int wire, host;

    if (count > 0 && strcmp(words[0], "partition") == 0)
        return set_partition(weather, words + 1, count - 1, answer);
    if (count == 1 && strcmp(words[0], "heal") == 0) {
        heal(weather, 0);
        return 0;
    }
    wire = count == 0 ? -1 : scene_lookup_find(&weather->scene->wire_names, words[0]);
    host = count == 2 && strchr(words[1], '=') == NULL ? scene_find_host(weather->scene, words[0])
                                                       : -1;
    if (wire >= 0 && count > 1)
        return set_wire(weather, (unsigned)wire, words + 1, count - 1, answer);
    if (count > 1 && strncmp(words[1], "dns", 3) == 0 &&
        scene_find_host(weather->scene, words[0]) >= 0)
        return set_server(weather, (unsigned)scene_find_host(weather->scene, words[0]), words + 1,
                          count - 1, answer);
    if (host >= 0)
        return set_host(weather, (unsigned)host, words[1], answer);
    if (wire < 0)
        return refuse(answer,
                      "there is no wire \"%.60s\" in this lab, nor a host that this can be "
                      "said of",
                      count == 0 ? "" : words[0]);
    return refuse(answer, "what is to become of it? Say KEY=VALUE, up or down");
}
