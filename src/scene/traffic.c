/* SPDX-License-Identifier: MIT */
/*
 * The built-in traffic of a lab: from the file's words to services, when each starts, and the calls
 * that the services make, as inputs of the lab.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "scene/dhcp.h"
#include "scene/ending.h"
#include "scene/live.h"
#include "scene/run.h"

static ssize_t send_message(struct sockeye *lab, int host, int fd,
                            const struct call_message *message, int flags)
{
    const struct sockeye_message out = {.bytes = message->bytes,
                                        .length = message->length,
                                        .address = message->address,
                                        .address_length = message->address_length,
                                        .control = message->control,
                                        .control_length = message->control_length};

    return sockeye_send_message(lab, host, fd, &out, flags);
}

static ssize_t receive_message(struct sockeye *lab, int host, int fd, struct call_message *message,
                               int flags)
{
    struct sockeye_message in = {.bytes = message->bytes,
                                 .length = message->length,
                                 .address = message->address,
                                 .address_length = message->address_length,
                                 .control = message->control,
                                 .control_length = message->control_length};
    ssize_t got = sockeye_receive_message(lab, host, fd, &in, flags);

    message->address_length = in.address_length;
    message->flags = in.flags;
    message->control_length = in.control_length;
    return got;
}

static const struct service_calls calls = {.now = sockeye_now,
                                           .socket = sockeye_socket,
                                           .close = sockeye_close_fd,
                                           .bind = sockeye_bind,
                                           .listen = sockeye_listen,
                                           .connect = sockeye_connect,
                                           .accept = sockeye_accept,
                                           .send = sockeye_send,
                                           .receive = sockeye_receive,
                                           .send_message = send_message,
                                           .receive_message = receive_message,
                                           .shutdown = sockeye_shutdown,
                                           .get_option = sockeye_get_option,
                                           .set_option = sockeye_set_option,
                                           .poll = sockeye_poll,
                                           .hardware = sockeye_hardware,
                                           .probe = sockeye_probe,
                                           .probed = sockeye_probed,
                                           .address = sockeye_address,
                                           .address_remove = sockeye_address_remove,
                                           .route = sockeye_route,
                                           .route_remove = sockeye_route_remove,
                                           .text_of_error = sockeye_strerror};

static enum service_kind kind_of(enum scene_traffic_kind kind)
{
    switch (kind) {
    case TRAFFIC_SOURCE:
        return SERVICE_SOURCE;
    case TRAFFIC_SINK:
        return SERVICE_SINK;
    case TRAFFIC_ECHO:
        return SERVICE_ECHO;
    case TRAFFIC_PING:
        break;
    }
    return SERVICE_PING;
}

static void address6_of(struct endpoint peer, struct service_plan *plan)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(peer.port)};

    for (int i = 0; i < 8; i++) {
        address.sin6_addr.s6_addr[i] = (uint8_t)(peer.address.high >> (56 - 8 * i));
        address.sin6_addr.s6_addr[i + 8] = (uint8_t)(peer.address.low >> (56 - 8 * i));
    }
    memcpy(&plan->address, &address, sizeof address);
    plan->address_length = sizeof address;
}

static bool has_ip6(const struct scene_host *host)
{
    for (unsigned i = 0; i < host->interfaces_count; i++) {
        if (host->interfaces[i].is_auto)
            return true;
        for (unsigned k = 0; k < host->interfaces[i].ip_count; k++) {
            if (!address_is_mapped(host->interfaces[i].ip[k].ip))
                return true;
        }
    }
    return false;
}

/* The peer, or any address and the port to bind, in the form of socket calls. Who listens on a host
 * with both families is spoken to by both. */
static void address_of(const struct scene_traffic *traffic, const struct scene_host *host,
                       struct service_plan *plan)
{
    const bool has_peer = traffic->kind == TRAFFIC_SOURCE || traffic->kind == TRAFFIC_PING;
    const struct endpoint any = {.port = traffic->port};
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(has_peer ? traffic->peer.port : traffic->port),
        .sin_addr.s_addr = has_peer ? htonl(address_to_ip4(traffic->peer.address)) : INADDR_ANY,
    };

    if (has_peer ? !address_is_mapped(traffic->peer.address) : has_ip6(host)) {
        address6_of(has_peer ? traffic->peer : any, plan);
        return;
    }
    memcpy(&plan->address, &address, sizeof address);
    plan->address_length = sizeof address;
}

static struct service_plan plan_of(const struct scene_traffic *traffic,
                                   const struct scene_host *host)
{
    struct service_plan plan = {.kind = kind_of(traffic->kind),
                                .host = host->number,
                                .port = traffic->port,
                                .stream = traffic->stream,
                                .datagram = traffic->datagram,
                                .is_echoed = traffic->is_returned,
                                .has_total = traffic->has_total,
                                .bytes = traffic->bytes,
                                .size = traffic->size,
                                .connections = traffic->connections,
                                .count = traffic->count,
                                .replies = traffic->replies,
                                .interval = traffic->interval};

    address_of(traffic, host, &plan);
    return plan;
}

enum { EVERY_HOST = -1 };

/* Listeners first, so that a source of the same moment finds its port open. Of one host: what ran
 * when it crashed. */
static void wait_in_order(struct scene_run *run, int host)
{
    for (int pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < run->traffic_count; i++) {
            struct scene_run_traffic *traffic = &run->traffic[i];
            bool is_listener =
                traffic->plan->kind == TRAFFIC_SINK || traffic->plan->kind == TRAFFIC_ECHO;

            if (is_listener != (pass == 0))
                continue;
            if (host == EVERY_HOST ||
                ((int)traffic->host == host && service_set_revive(run->services, traffic->service)))
                run->waiting[run->waiting_count++] = traffic;
        }
    }
}

static unsigned count_dhcp(const struct scene *lab)
{
    unsigned count = 0;

    for (unsigned i = 0; i < lab->networks_count; i++)
        count += (lab->networks[i].dhcp != NULL ? 1U : 0U) + lab->networks[i].has_dhcp6;
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++)
            count += (lab->hosts[i].interfaces[k].is_dhcp ? 1U : 0U) +
                     lab->hosts[i].interfaces[k].is_auto;
    }
    return count;
}

/* What a server tells stands in its place already. @return false: no memory */
static bool add_dhcp(struct scene_run *run, enum service_kind kind, unsigned h, unsigned i)
{
    const struct scene_host *host = &run->file.lab->hosts[h];
    struct scene_run_dhcp *dhcp = &run->dhcp[run->dhcp_count];
    const int own = host->interfaces[i].network;
    const bool probes = own < 0 || run->file.lab->networks[own].dhcp == NULL ||
                        run->file.lab->networks[own].dhcp->probes;
    struct service_plan plan = {.kind = kind,
                                .host = host->number,
                                .datagram = true,
                                .interface = host->interfaces[i].number,
                                .interface_name = host->interfaces[i].name,
                                .host_name = host->name,
                                .probes = probes,
                                .lease = &dhcp->lease,
                                .inform = &dhcp->inform};

    dhcp->host = h;
    dhcp->interface = i;
    dhcp->service = service_set_add(run->services, &plan);
    run->dhcp_count += dhcp->service >= 0;
    return dhcp->service >= 0;
}

/* The first router of each network that has it serves stateless DHCPv6, and the hosts that make
 * their addresses of what it advertises ask. @return false: no memory */
static bool open_dhcp6(struct scene_run *run)
{
    const struct scene *lab = run->file.lab;

    for (int clients = 0; clients < 2; clients++) {
        for (unsigned n = 0; n < lab->networks_count; n++) {
            bool is_served = false;

            for (unsigned i = 0; lab->networks[n].has_dhcp6 && i < lab->hosts_count; i++) {
                for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
                    const struct scene_interface *interface = &lab->hosts[i].interfaces[k];

                    if (interface->network != (int)n ||
                        (clients ? !interface->is_auto : is_served || !lab->hosts[i].is_router))
                        continue;
                    is_served = true;
                    scene_dhcp_inform_plan(lab, &lab->networks[n], &lab->hosts[i],
                                           &run->dhcp[run->dhcp_count].inform);
                    if (!add_dhcp(run, clients ? SERVICE_INFORM_CLIENT : SERVICE_INFORM_SERVER, i,
                                  k))
                        return false;
                }
            }
        }
    }
    return true;
}

/* Servers first: they are there before anybody asks. @return false: no memory */
static bool open_dhcp(struct scene_run *run)
{
    const struct scene *lab = run->file.lab;

    run->dhcp = calloc(count_dhcp(lab) + 1, sizeof *run->dhcp);
    if (run->dhcp == NULL)
        return false;
    for (unsigned i = 0; i < lab->networks_count; i++) {
        const struct scene_dhcp *dhcp = lab->networks[i].dhcp;

        if (dhcp == NULL)
            continue;
        scene_dhcp_lease_plan(lab, &lab->networks[i], &run->dhcp[run->dhcp_count].lease);
        if (!add_dhcp(run, SERVICE_DHCP_SERVER, dhcp->host, dhcp->interface))
            return false;
    }
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].interfaces_count; k++) {
            if (lab->hosts[i].interfaces[k].is_dhcp && !add_dhcp(run, SERVICE_DHCP_CLIENT, i, k))
                return false;
        }
    }
    return open_dhcp6(run);
}

/* Each has the names of the lab as they are when it is asked. @return false: no memory */
static bool open_servers(struct scene_run *run)
{
    const struct scene *lab = run->file.lab;

    run->servers = calloc(run->weather.servers_count + 1, sizeof *run->servers);
    for (unsigned i = 0; run->servers != NULL && i < run->weather.servers_count; i++) {
        struct scene_dns_server *server = &run->weather.servers[i];
        const struct scene_host *host = &lab->hosts[server->host];
        const struct scene_traffic any = {.kind = TRAFFIC_ECHO, .port = SERVICE_DNS_PORT};
        struct service_plan plan = {.kind = SERVICE_DNS,
                                    .host = host->number,
                                    .port = SERVICE_DNS_PORT,
                                    .stream = true,
                                    .datagram = true,
                                    .dns = &server->now};

        server->now.records = run->names.records;
        server->now.count = (uint32_t)run->names.config.name_count;
        address_of(&any, host, &plan);
        run->servers[i].host = server->host;
        run->servers[i].service = service_set_add(run->services, &plan);
        if (run->servers[i].service < 0)
            return false;
        run->servers_count++;
    }
    return run->servers != NULL;
}

bool scene_traffic_services_failed(const struct scene_run *run, char *text, size_t size)
{
    for (unsigned i = 0; i < run->servers_count; i++) {
        struct service_status status;

        service_set_status(run->services, run->servers[i].service, &status);
        if (status.state != SERVICE_FAILED)
            continue;
        snprintf(text, size, "DNS on %s: %s", run->file.lab->hosts[run->servers[i].host].name,
                 status.problem);
        return true;
    }
    for (unsigned i = 0; i < run->dhcp_count; i++) {
        const struct scene_host *host = &run->file.lab->hosts[run->dhcp[i].host];
        struct service_status status;

        service_set_status(run->services, run->dhcp[i].service, &status);
        if (status.state != SERVICE_FAILED)
            continue;
        snprintf(text, size, "DHCP on %s.%s: %s", host->name,
                 host->interfaces[run->dhcp[i].interface].name, status.problem);
        return true;
    }
    return false;
}

int scene_traffic_open(struct scene_run *run)
{
    const struct scene *lab = run->file.lab;
    unsigned count = 0;

    for (unsigned i = 0; i < lab->hosts_count; i++)
        count += lab->hosts[i].traffic_count;
    run->traffic = calloc(count + 1, sizeof *run->traffic);
    run->waiting = calloc(count + 1, sizeof(struct scene_run_traffic *));
    if (run->traffic == NULL || run->waiting == NULL ||
        service_set_open(run->lab, &calls, run->seed, &run->services) < 0 || !open_dhcp(run) ||
        !open_servers(run)) {
        fprintf(stderr, "sockeye lab: out of memory\n");
        return SCENE_FAILED;
    }
    for (unsigned i = 0; i < lab->hosts_count; i++) {
        for (unsigned k = 0; k < lab->hosts[i].traffic_count; k++) {
            struct scene_run_traffic *traffic = &run->traffic[run->traffic_count];
            struct service_plan plan;

            traffic->plan = &lab->hosts[i].traffic[k];
            traffic->host = i;
            traffic->index = k;
            plan = plan_of(traffic->plan, &lab->hosts[i]);
            traffic->service = service_set_add(run->services, &plan);
            if (traffic->service < 0) {
                fprintf(stderr, "sockeye lab: out of memory\n");
                return SCENE_FAILED;
            }
            run->traffic_count++;
        }
    }
    wait_in_order(run, EVERY_HOST);
    return SCENE_OK;
}

/* Who speaks has an address, and whom it speaks to: what is live may have it by now. */
static bool is_addressed(struct scene_run *run, const struct scene_run_traffic *traffic)
{
    struct scene *lab = run->file.lab;
    struct scene_traffic *plan = &lab->hosts[traffic->host].traffic[traffic->index];
    struct service_plan peer = {0};

    if (!scene_live_is_addressed(run->lab, &lab->hosts[traffic->host]))
        return false;
    if ((plan->kind != TRAFFIC_SOURCE && plan->kind != TRAFFIC_PING) || plan->peer_host < 0)
        return true;
    if (!scene_live_address(run->lab, &lab->hosts[plan->peer_host], &lab->hosts[traffic->host],
                            &plan->peer.address))
        return false;
    address_of(plan, &lab->hosts[traffic->host], &peer);
    service_set_peer(run->services, traffic->service, &peer.address, peer.address_length);
    return true;
}

void scene_traffic_start(struct scene_run *run, int64_t *time)
{
    unsigned left = 0;

    for (unsigned i = 0; !run->has_begun && i < run->dhcp_count; i++)
        service_set_start(run->services, run->dhcp[i].service);
    for (unsigned i = 0; !run->has_begun && i < run->servers_count; i++)
        service_set_start(run->services, run->servers[i].service);
    run->has_begun = true;
    for (unsigned i = 0; i < run->waiting_count; i++) {
        struct scene_run_traffic *traffic = run->waiting[i];

        if (is_addressed(run, traffic) && scene_condition_holds(run, &traffic->plan->start, time))
            service_set_start(run->services, traffic->service);
        else
            run->waiting[left++] = traffic;
    }
    run->waiting_count = left;
}

static void start_again(struct scene_run *run, unsigned host)
{
    for (unsigned i = 0; i < run->servers_count; i++) {
        if (run->servers[i].host == host)
            service_set_restart(run->services, run->servers[i].service);
    }
    for (unsigned i = 0; i < run->dhcp_count; i++) {
        if (run->dhcp[i].host == host)
            service_set_restart(run->services, run->dhcp[i].service);
    }
    wait_in_order(run, (int)host);
}

void scene_traffic_befall(struct scene_run *run, unsigned host, enum scene_weather_host what)
{
    if (what == SCENE_HOST_CRASHES)
        service_set_crash(run->services, run->file.lab->hosts[host].number);
    else if (what == SCENE_HOST_STARTS)
        start_again(run, host);
}

bool scene_traffic_is_running(const struct scene_run *run)
{
    if (service_set_is_running(run->services))
        return true;
    for (unsigned i = 0; i < run->traffic_count; i++) {
        const struct scene_run_traffic *traffic = &run->traffic[i];
        struct service_status status;

        service_set_status(run->services, traffic->service, &status);
        if (!status.is_background && service_set_has_crashed(run->services, traffic->service) &&
            scene_weather_is_to_start(&run->weather, traffic->host))
            return true;
    }
    return false;
}
