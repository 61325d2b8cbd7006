/* SPDX-License-Identifier: MIT */
/*
 * Checks the faults of a lab that have a time: what each is of (wires, a partition, a host), whom
 * it hits, from when to when. The values of a wire's stages are read here on trial; they are put
 * together when the fault begins, with what else is said of the wire then (weather.h).
 */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"
#include "scene/stages.h"
#include "scene/value.h"

static void hit_wire(struct scene_check *check, struct scene_fault *fault, const char *key,
                     const char *name)
{
    int wire = scene_lookup_find(&check->lab->wire_names, name);
    bool is_all = strcmp(name, "all") == 0;

    if (wire < 0 && !is_all)
        scene_check_fail(check, key, "there is no wire \"%s\"", name);
    for (unsigned i = 0; i < check->lab->wires_count; i++)
        fault->is_hit[i] |= is_all || (int)i == wire;
}

static void check_stages(struct scene_check *check, const struct scene_fault *fault)
{
    struct sockeye_wire_config trial = {0};
    bool says = fault->down != NULL;

    for (unsigned i = 0; i < scene_stage_count(); i++) {
        const char *name, *text = scene_stage_text(&fault->faults, i, &name), *expected;

        says |= text != NULL;
        if (text != NULL && !scene_stage_set(name, text, &trial, &expected))
            scene_check_fail(check, name, "\"%s\" is not %s", text, expected);
    }
    for (unsigned i = 0; i < check->lab->wires_count; i++) {
        if (fault->is_hit[i] && trial.mtu > 0 && trial.mtu < SCENE_MTU_IP6 &&
            scene_wire_speaks_ip6(check->lab, i)) {
            scene_check_fail(check, "mtu", "wire \"%s\" carries IPv6, which needs %d bytes",
                             check->lab->wires[i].name, SCENE_MTU_IP6);
            break;
        }
    }
    if (!says)
        scene_check_fail(check, "", "says nothing of the wire; give it down, loss, delay ...");
}

/* The keys of wires say nothing of a host or a partition. */
static void check_no_stages(struct scene_check *check, const struct scene_fault *fault)
{
    static const char *const of_wires = "is of a wire: needs wire or wires";

    if (fault->direction != NULL)
        scene_check_fail(check, "direction", "%s", of_wires);
    if (fault->down != NULL)
        scene_check_fail(check, "down", "%s", of_wires);
    for (unsigned i = 0; i < scene_stage_count(); i++) {
        const char *name;

        if (scene_stage_text(&fault->faults, i, &name) != NULL)
            scene_check_fail(check, name, "%s", of_wires);
    }
}

static void check_wires(struct scene_check *check, struct scene_fault *fault)
{
    fault->is_hit = calloc(check->lab->wires_count + 1, sizeof *fault->is_hit);
    if (fault->is_hit == NULL) {
        scene_check_fail(check, "", "out of memory");
        return;
    }
    if (fault->wire != NULL)
        hit_wire(check, fault, "wire", fault->wire);
    for (unsigned i = 0; i < fault->wires_count; i++) {
        char key[32];

        snprintf(key, sizeof key, "wires[%u]", i);
        hit_wire(check, fault, key, fault->wires[i]);
    }
    fault->hits[0] = fault->direction == NULL || strcmp(fault->direction, "forth") == 0;
    fault->hits[1] = fault->direction == NULL || strcmp(fault->direction, "back") == 0;
    if (!fault->hits[0] && !fault->hits[1])
        scene_check_fail(check, "direction", "\"%s\" is neither forth nor back", fault->direction);
    scene_check_bool(check, "down", fault->down, &fault->is_down);
    check_stages(check, fault);
}

/* Names of hosts; @return their indexes, to free. No name: all hosts and routers. */
static unsigned *read_hosts(struct scene_check *check, const char *key, char **names,
                            unsigned named, unsigned *count)
{
    unsigned all = check->lab->hosts_count;
    unsigned *hosts = calloc((named > all ? named : all) + 1, sizeof *hosts);

    if (hosts == NULL) {
        scene_check_fail(check, key, "out of memory");
        *count = 0;
        return NULL;
    }
    for (unsigned i = 0; named == 0 && i < all; i++)
        hosts[i] = i;
    for (unsigned i = 0; i < named; i++) {
        int host = scene_find_host(check->lab, names[i]);
        char at[32];

        snprintf(at, sizeof at, "%s[%u]", key, i);
        if (host < 0)
            scene_check_fail(check, at, "there is no host \"%s\"", names[i]);
        hosts[i] = host < 0 ? 0 : (unsigned)host;
    }
    *count = named == 0 ? all : named;
    return hosts;
}

static void check_ports(struct scene_check *check, struct scene_partition *partition)
{
    if (partition->ports_count > sizeof partition->port / sizeof *partition->port) {
        scene_check_fail(check, "ports", "there may be 8 at most");
        return;
    }
    for (unsigned i = 0; i < partition->ports_count; i++) {
        uint32_t port = 0;
        char key[32];

        snprintf(key, sizeof key, "ports[%u]", i);
        scene_check_number(check, key, partition->ports[i], 1, UINT16_MAX, &port);
        partition->port[i] = (uint16_t)port;
    }
}

static void check_partition(struct scene_check *check, struct scene_partition *partition)
{
    static const char *const actions[] = {[SOCKEYE_PARTITION_DROP] = "drop",
                                          [SOCKEYE_PARTITION_RESET] = "reset",
                                          [SOCKEYE_PARTITION_UNREACHABLE] = "unreachable"};
    size_t before = scene_check_enter(check, ".partition");
    unsigned action = 0;

    if (partition->from_count + partition->to_count == 0)
        scene_check_fail(check, "", "needs from, or to, or both");
    partition->from_hosts = read_hosts(check, "from", partition->from, partition->from_count,
                                       &partition->from_hosts_count);
    partition->to_hosts =
        read_hosts(check, "to", partition->to, partition->to_count, &partition->to_hosts_count);
    check_ports(check, partition);
    scene_check_bool(check, "new_only", partition->new_only, &partition->is_new_only);
    scene_check_bool(check, "both_ways", partition->both_ways, &partition->is_both);
    while (partition->action != NULL && action < 3 &&
           strcmp(partition->action, actions[action]) != 0)
        action++;
    if (action == 3)
        scene_check_fail(check, "action", "\"%s\" is none of drop, reset, unreachable",
                         partition->action);
    else
        partition->what = (enum sockeye_partition_action)action;
    scene_check_leave(check, before);
}

static void check_host(struct scene_check *check, struct scene_fault *fault, const char *key,
                       const char *name)
{
    int host = scene_find_host(check->lab, name);

    if (host < 0)
        scene_check_fail(check, key, "there is no host \"%s\"", name);
    else
        fault->host = (unsigned)host;
}

static void check_server(struct scene_check *check, struct scene_fault *fault)
{
    const struct scene_dns *dns = fault->dns;
    size_t before = scene_check_enter(check, ".dns");

    check_host(check, fault, "server", dns->server);
    if (check->lab->hosts[fault->host].dns == NULL && scene_find_host(check->lab, dns->server) >= 0)
        scene_check_fail(check, "server", "host \"%s\" has no \"dns\"", dns->server);
    if (dns->delay == NULL && dns->fault == NULL && dns->lies_count == 0)
        scene_check_fail(check, "", "says nothing of the server; give it fault, delay or lies");
    scene_check_dns(check, fault->dns);
    scene_check_leave(check, before);
}

static void check_fault(struct scene_check *check, struct scene_fault *fault)
{
    int64_t lasts = SOCKEYE_NEVER;
    int of = (fault->wire != NULL || fault->wires_count > 0) + (fault->partition != NULL) +
             (fault->dns != NULL) + (fault->crash != NULL) + (fault->restart != NULL) +
             (fault->pause != NULL);

    scene_check_duration(check, "at", fault->at, &fault->from);
    scene_check_duration(check, "for", fault->lasts, &lasts);
    fault->until = lasts == SOCKEYE_NEVER ? SOCKEYE_NEVER : fault->from + lasts;
    if (of != 1) {
        scene_check_fail(check, "",
                         "needs one of wire, wires, partition, dns, crash, restart, pause");
        return;
    }
    if (fault->wire == NULL && fault->wires_count == 0)
        check_no_stages(check, fault);
    if (fault->partition != NULL) {
        fault->kind = FAULT_OF_PARTITION;
        check_partition(check, fault->partition);
    } else if (fault->dns != NULL) {
        fault->kind = FAULT_OF_DNS;
        check_server(check, fault);
    } else if (fault->crash != NULL) {
        fault->kind = FAULT_OF_CRASH;
        check_host(check, fault, "crash", fault->crash);
    } else if (fault->restart != NULL) {
        fault->kind = FAULT_OF_RESTART;
        check_host(check, fault, "restart", fault->restart);
        if (fault->lasts != NULL)
            scene_check_fail(check, "for", "a restart does not last");
    } else if (fault->pause != NULL) {
        fault->kind = FAULT_OF_PAUSE;
        check_host(check, fault, "pause", fault->pause);
    } else {
        fault->kind = FAULT_OF_WIRES;
        check_wires(check, fault);
    }
}

void scene_check_schedule(struct scene_check *check)
{
    for (unsigned i = 0; i < check->lab->faults_count; i++) {
        size_t before = scene_check_enter(check, "faults[%u]", i);

        check_fault(check, &check->lab->faults[i]);
        scene_check_leave(check, before);
    }
}

void scene_schedule_free(struct scene *lab)
{
    for (unsigned i = 0; i < lab->faults_count; i++) {
        struct scene_fault *fault = &lab->faults[i];

        free(fault->is_hit);
        if (fault->dns != NULL)
            free(fault->dns->lie);
        if (fault->partition == NULL)
            continue;
        free(fault->partition->from_hosts);
        free(fault->partition->to_hosts);
    }
}
