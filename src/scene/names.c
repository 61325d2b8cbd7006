/* SPDX-License-Identifier: MIT */
/*
 * What the programs of a lab see of names: every address of every host, and the servers of names
 * that the file gives for the whole lab or for one host. A program that asks for a host gets the
 * address first that it can reach: of its own networks, else behind a route of its host.
 */
#include <stdlib.h>
#include "scene/check.h"
#include "scene/live.h"
#include "scene/names.h"
#include "scene/value.h"

/* As many as the C library asks (resolv.conf(5), MAXNS). */
enum { NAMESERVERS = 3 };

struct scene_names_live {
    const struct scene_host *host; /* NULL: the file knows the address */
    const struct scene_interface *interface;
    bool is_ip4;
};

/* A server is given by its address, or as a host of the lab. @return false: it is neither */
static bool read_server(const struct scene *lab, const char *text, const struct scene_host *from,
                        struct address *ip)
{
    int host = scene_find_host(lab, text);

    if (host < 0)
        return scene_read_ip(text, ip);
    *ip = scene_host_address(&lab->hosts[host], from);
    return !address_is_unspecified(*ip);
}

void scene_check_nameservers(struct scene_check *check, char **list, unsigned count)
{
    if (count > NAMESERVERS)
        scene_check_fail(check, "nameservers", "at most %d are asked", NAMESERVERS);
    for (unsigned i = 0; i < count && i < NAMESERVERS; i++) {
        struct address ip;
        char key[40];

        if (read_server(check->lab, list[i], &check->lab->hosts[0], &ip))
            continue;
        snprintf(key, sizeof key, "nameservers[%u]", i);
        scene_check_fail(check, key, "\"%s\" is neither a host with an address nor an address",
                         list[i]);
    }
}

static int distance(void *context, int host, size_t name)
{
    const struct scene_names *names = context;

    return (int)scene_distance(&names->lab->hosts[host], names->records[name].address);
}

static void add_name(struct scene_names *names, const char *name, struct address ip)
{
    size_t i = names->config.name_count++;

    names->records[i] = (struct service_dns_record){name, ip};
    address_format(ip, names->text[i]);
    names->rows[i] = (struct guest_name){.name = name, .address = names->text[i]};
}

static void add_names(struct scene_names *names, const char *name,
                      const struct scene_interface *interface)
{
    for (unsigned i = 0; i < interface->ip_count; i++) {
        if (!scene_is_link_local(interface->ip[i].ip))
            add_name(names, name, interface->ip[i].ip);
    }
}

/* One of each family that an interface learns. */
static void add_live(struct scene_names *names, const struct scene_host *host,
                     const struct scene_interface *interface)
{
    const bool learns[2] = {interface->is_auto, interface->is_dhcp};

    for (int is_ip4 = 0; is_ip4 < 2; is_ip4++) {
        size_t i = names->config.name_count;

        if (!learns[is_ip4])
            continue;
        names->config.name_count++;
        names->records[i].name = host->name;
        names->live[i] = (struct scene_names_live){host, interface, is_ip4 == 1};
        names->rows[i] = (struct guest_name){.name = host->name, .address = names->text[i]};
        names->config.names_change = true;
    }
}

void scene_names_refresh(struct scene_names *names, const struct sockeye *lab)
{
    for (size_t i = 0; names->config.names_change && i < names->config.name_count; i++) {
        const struct scene_names_live *live = &names->live[i];
        struct address ip;

        if (live->host == NULL ||
            !scene_live_learnt(lab, live->host, live->interface, live->is_ip4, &ip) ||
            address_equal(ip, names->records[i].address))
            continue;
        names->records[i].address = ip;
        address_format(ip, names->text[i]);
    }
}

static void add_server(struct scene_names *names, unsigned number, struct address ip)
{
    size_t k = names->config.server_count++;

    address_format(ip, names->server_text[k]);
    names->servers[k] =
        (struct guest_server){.host = (int)number, .address = names->server_text[k]};
}

/* The lab's own name servers, those that the host can reach; who gets its addresses while the lab
 * runs will have a way. */
static void add_own_servers(struct scene_names *names, unsigned number)
{
    const struct scene_host *host = &names->lab->hosts[number];
    unsigned count = 0;

    for (unsigned i = 0; i < names->lab->hosts_count && count < NAMESERVERS; i++) {
        const struct scene_host *server = &names->lab->hosts[i];
        struct address ip = {0, 0};

        if (server->dns != NULL)
            ip = scene_host_address(server, host);
        if (address_is_unspecified(ip) ||
            (!host->is_live && scene_distance(host, ip) == DISTANCE_OUT_OF_REACH))
            continue;
        add_server(names, number, ip);
        count++;
    }
}

static void add_servers(struct scene_names *names, unsigned number)
{
    const struct scene_host *host = &names->lab->hosts[number];
    bool is_own = host->nameservers_count > 0;
    char **list = is_own ? host->nameservers : names->lab->nameservers;
    unsigned count = is_own ? host->nameservers_count : names->lab->nameservers_count;

    for (unsigned i = 0; i < count; i++) {
        struct address ip;

        if (read_server(names->lab, list[i], host, &ip))
            add_server(names, number, ip);
    }
    if (count == 0)
        add_own_servers(names, number);
}

int scene_names_open(struct scene_names *names, const struct scene *lab)
{
    size_t count = 1;

    *names = (struct scene_names){.lab = lab};
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            count += lab->hosts[i].interfaces[k].ip_count + 2u;
    }
    names->rows = calloc(count, sizeof *names->rows);
    names->text = calloc(count, sizeof *names->text);
    names->records = calloc(count, sizeof *names->records);
    names->live = calloc(count, sizeof *names->live);
    names->servers = calloc((size_t)lab->hosts_count * NAMESERVERS, sizeof *names->servers);
    names->server_text = calloc((size_t)lab->hosts_count * NAMESERVERS, sizeof *names->server_text);
    if (names->rows == NULL || names->text == NULL || names->records == NULL ||
        names->live == NULL || names->servers == NULL || names->server_text == NULL)
        return -1;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        const struct scene_host *host = &lab->hosts[i];

        for (unsigned k = 0; k < host->interfaces_count; k++) {
            add_names(names, host->name, &host->interfaces[k]);
            add_live(names, host, &host->interfaces[k]);
        }
        add_servers(names, i);
    }
    names->config.names = names->rows;
    names->config.names_served = lab->serves_names;
    names->config.servers = names->servers;
    names->config.distance = distance;
    names->config.context = names;
    return 0;
}

void scene_names_close(struct scene_names *names)
{
    free(names->rows);
    free(names->text);
    free(names->records);
    free(names->live);
    free(names->servers);
    free(names->server_text);
    *names = (struct scene_names){0};
}
