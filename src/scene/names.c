/* SPDX-License-Identifier: MIT */
/*
 * What the programs of a lab see of names: every address of every host, and the servers of names
 * that the file gives for the whole lab or for one host. A program that asks for a host gets the
 * address first that it can reach: of its own networks, else behind a route of its host.
 *
 * A host of which the file says nothing asks the servers that its routers advertise (RFC 8106) and
 * its lease of DHCP names, as long as they hold; while there are none, the lab's own.
 */
#include <stdlib.h>
#include <string.h>
#include "7-application/service_dhcp_table.h"
#include "scene/check.h"
#include "scene/live.h"
#include "scene/names.h"
#include "scene/value.h"
#include "sockeye/table.h"

/* As many as the C library asks (resolv.conf(5), MAXNS). */
enum { NAMESERVERS = 3, LEASES = 16 /* of a host, that are looked at */ };

struct scene_names_live {
    const struct scene_host *host; /* NULL: the file knows the address */
    const struct scene_interface *interface;
    bool is_ip4;
};

struct scene_names_servers {
    const struct scene_host *host;
    size_t first; /* of its places among the servers */
    struct address own[NAMESERVERS];
    unsigned own_count;
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

/* Its address of a family that is nearest to another; unspecified: none that it reaches. */
static struct address address_of(const struct scene_host *host, const struct scene_host *from,
                                 bool is_ip4)
{
    struct address nearest = {0, 0};
    int least = DISTANCE_OUT_OF_REACH;

    for (unsigned i = 0; i < host->interfaces_count; i++) {
        for (unsigned k = 0; k < host->interfaces[i].ip_count; k++) {
            struct address ip = host->interfaces[i].ip[k].ip;

            if (address_is_mapped(ip) != is_ip4 || scene_is_link_local(ip) ||
                (int)scene_distance(from, ip) >= least)
                continue;
            least = (int)scene_distance(from, ip);
            nearest = ip;
        }
    }
    return nearest;
}

unsigned scene_names_told(const struct scene *lab, const struct scene_network *network,
                          const struct scene_host *router, bool is_ip4,
                          struct address told[SCENE_NETWORK_SERVERS])
{
    bool is_own = network->nameservers_count == 0;
    unsigned most = is_own ? lab->hosts_count : network->nameservers_count, count = 0;

    for (unsigned i = 0; i < most && count < SCENE_NETWORK_SERVERS; i++) {
        int host = is_own ? (int)i : scene_find_host(lab, network->nameservers[i]);
        struct address ip = {0, 0};

        if (is_own && lab->hosts[i].dns == NULL)
            continue;
        if (host >= 0)
            ip = address_of(&lab->hosts[host], router, is_ip4);
        else if (!scene_read_ip(network->nameservers[i], &ip) || address_is_mapped(ip) != is_ip4)
            continue;
        told[count] = ip;
        count += !address_is_unspecified(ip);
    }
    return count;
}

static int distance(void *context, int host, size_t name)
{
    const struct scene_names *names = context;

    return (int)scene_distance(&names->lab->hosts[host], names->records[name].address);
}

static bool leaves_unix(void *context, int host)
{
    const struct scene_names *names = context;

    return names->lab->hosts[host].leaves_unix;
}

static bool is_root(void *context, int host)
{
    const struct scene_names *names = context;

    return names->lab->hosts[host].is_root;
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

static void refresh_addresses(struct scene_names *names, const struct sockeye *lab)
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

/* What routers advertise, by interface; a link-local address with its zone (RFC 4007 11). */
static unsigned advertised(const struct sockeye *lab, int host,
                           char text[NAMESERVERS][SCENE_SERVER_TEXT])
{
    struct sockeye_row rows[NAMESERVERS];
    int64_t count = sockeye_table(lab, host, SOCKEYE_TABLE_SERVERS, rows, NAMESERVERS);
    unsigned found = 0;

    for (; found < NAMESERVERS && found < count; found++) {
        size_t length = address_format(rows[found].server.address, text[found]);
        const char *name = sockeye_interface_name(lab, host, rows[found].interface, NULL, 0);

        if (scene_is_link_local(rows[found].server.address))
            snprintf(text[found] + length, SCENE_SERVER_TEXT - length, "%%%s", name);
    }
    return found;
}

/* What stateless DHCPv6 says, but for what routers have said already (RFC 8106 5.3.1). */
static unsigned informed(const struct service_dhcp_row *row,
                         char text[NAMESERVERS][SCENE_SERVER_TEXT], unsigned found)
{
    for (unsigned k = 0; k < row->told->name_servers && found < NAMESERVERS; k++) {
        bool is_known = false;

        address_format(row->told->name_server[k], text[found]);
        for (unsigned i = 0; i < found; i++)
            is_known |= strcmp(text[i], text[found]) == 0;
        found += !is_known;
    }
    if (found < NAMESERVERS)
        text[found][0] = '\0';
    return found;
}

/* What leases of DHCP say, behind those that are there. */
static unsigned leased(const struct service_set *services, int host,
                       char text[NAMESERVERS][SCENE_SERVER_TEXT], unsigned found)
{
    struct service_dhcp_row rows[LEASES];
    size_t count = service_dhcp_table(services, host, rows, LEASES);

    for (size_t i = 0; i < count && i < LEASES; i++) {
        for (unsigned k = 0; rows[i].is_client && k < rows[i].name_servers; k++) {
            if (found < NAMESERVERS)
                address_format(address_from_ip4(rows[i].name_server[k]), text[found++]);
        }
        if (rows[i].is_informed)
            found = informed(&rows[i], text, found);
    }
    return found;
}

/* The domains that stateless DHCPv6 named (RFC 3646 4), as a line of resolv.conf(5). */
static void refresh_search(const struct service_set *services, int host,
                           char text[SCENE_SEARCH_TEXT])
{
    struct service_dhcp_row rows[LEASES];
    size_t count = service_dhcp_table(services, host, rows, LEASES), length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count && i < LEASES; i++) {
        for (unsigned k = 0; rows[i].is_informed && k < rows[i].told->domains; k++) {
            const char *domain = rows[i].told->domain[k];

            if (length + strlen(domain) + 2 > SCENE_SEARCH_TEXT)
                return;
            length += (size_t)snprintf(text + length, SCENE_SEARCH_TEXT - length, "%s%s",
                                       length > 0 ? " " : "", domain);
        }
    }
}

/* The C library's resolver looks at the file anew when it has changed. */
static void refresh_servers(struct scene_names *names, const struct sockeye *lab,
                            const struct service_set *services)
{
    for (size_t i = 0; i < names->live_servers_count; i++) {
        const struct scene_names_servers *live = &names->live_servers[i];
        char text[NAMESERVERS][SCENE_SERVER_TEXT] = {{0}};
        unsigned count = 0;

        if (!live->host->is_live)
            continue;
        count = advertised(lab, live->host->number, text);
        count = leased(services, live->host->number, text, count);
        for (unsigned k = 0; count == 0 && k < live->own_count; k++)
            address_format(live->own[k], text[k]);
        memcpy(names->server_text[live->first], text, sizeof text);
        refresh_search(services, live->host->number, names->search_text[i]);
    }
}

void scene_names_refresh(struct scene_names *names, const struct sockeye *lab,
                         const struct service_set *services)
{
    refresh_addresses(names, lab);
    refresh_servers(names, lab, services);
}

/* ip unspecified: a place for one that may come. */
static void add_server(struct scene_names *names, unsigned number, struct address ip)
{
    size_t k = names->config.server_count++;

    if (!address_is_unspecified(ip))
        address_format(ip, names->server_text[k]);
    names->servers[k] =
        (struct guest_server){.host = (int)number, .address = names->server_text[k]};
}

/* The lab's own name servers, those that the host can reach; who gets its addresses while the lab
 * runs will have a way. */
static unsigned own_servers(const struct scene_names *names, const struct scene_host *host,
                            struct address ip[NAMESERVERS])
{
    unsigned count = 0;

    for (unsigned i = 0; i < names->lab->hosts_count && count < NAMESERVERS; i++) {
        const struct scene_host *server = &names->lab->hosts[i];

        if (server->dns == NULL)
            continue;
        ip[count] = scene_host_address(server, host);
        count += !address_is_unspecified(ip[count]) &&
                 (host->is_live || scene_distance(host, ip[count]) != DISTANCE_OUT_OF_REACH);
    }
    return count;
}

/* Places for as many as there may be, of which the first are the lab's own for now. */
static void add_live_servers(struct scene_names *names, unsigned number)
{
    struct scene_names_servers *live = &names->live_servers[names->live_servers_count++];

    live->host = &names->lab->hosts[number];
    names->searches[names->config.search_count] = (struct guest_search){
        .host = (int)number, .domains = names->search_text[names->config.search_count]};
    names->config.search_count++;
    live->first = names->config.server_count;
    live->own_count = own_servers(names, live->host, live->own);
    for (unsigned i = 0; i < NAMESERVERS; i++)
        add_server(names, number, i < live->own_count ? live->own[i] : (struct address){0, 0});
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
        add_live_servers(names, number);
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
    names->live_servers = calloc(lab->hosts_count + 1, sizeof *names->live_servers);
    names->searches = calloc(lab->hosts_count + 1, sizeof *names->searches);
    names->search_text = calloc(lab->hosts_count + 1, sizeof *names->search_text);
    if (names->searches == NULL || names->search_text == NULL || names->live_servers == NULL ||
        names->rows == NULL || names->text == NULL || names->records == NULL ||
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
    names->config.searches = names->searches;
    names->config.distance = distance;
    names->config.leaves_unix = leaves_unix;
    names->config.is_root = is_root;
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
    free(names->live_servers);
    free(names->server_text);
    free(names->searches);
    free(names->search_text);
    *names = (struct scene_names){0};
}
