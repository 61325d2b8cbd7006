/* SPDX-License-Identifier: MIT */
/* Rows of leases: see service_dhcp_table.h. */
#include "7-application/service_dhcp_table.h"
#include <string.h>
#include "7-application/service_parts.h"

static void add(struct service_dhcp_walk *table, const struct service_dhcp_row *row)
{
    if (table->count < table->most)
        table->rows[table->count] = *row;
    table->count++;
}

void service_dhcp_table_server(const struct service *service, struct service_dhcp_walk *table)
{
    static const char *const states[] = {[LEASE_FREE] = "FREE",
                                         [LEASE_OFFERED] = "OFFERED",
                                         [LEASE_BOUND] = "BOUND",
                                         [LEASE_DECLINED] = "DECLINED"};
    const struct service_leases *leases = &service->leases;

    for (uint32_t i = 0; leases->list != NULL && i < leases->count; i++) {
        const struct service_lease *lease = &leases->list[i];
        struct service_dhcp_row row = {.interface = service->plan.interface,
                                       .state = states[lease->state],
                                       .address = leases->plan.first + i,
                                       .server = leases->plan.own,
                                       .since = lease->since,
                                       .until = lease->until};

        if (lease->state == LEASE_FREE || lease->until <= table->now)
            continue;
        memcpy(row.hardware, lease->hardware, sizeof row.hardware);
        memcpy(row.host, lease->host, sizeof row.host);
        add(table, &row);
    }
}

void service_dhcp_table_client(const struct service *service, struct service_dhcp_walk *table)
{
    static const char *const states[] = {
        [TENANT_INIT] = "INIT",         [TENANT_REQUESTING] = "REQUESTING",
        [TENANT_PROBING] = "PROBING",   [TENANT_BOUND] = "BOUND",
        [TENANT_RENEWING] = "RENEWING", [TENANT_REBINDING] = "REBINDING"};
    const struct service_tenant *tenant = &service->tenant;
    struct service_dhcp_row row = {.interface = service->plan.interface,
                                   .is_client = true,
                                   .state = states[tenant->state],
                                   .address = tenant->lease.your,
                                   .server = tenant->lease.server_id,
                                   .since = tenant->since,
                                   .until = tenant->ends_at};

    if (!service_tenant_has_address(tenant))
        return;
    memcpy(row.hardware, tenant->hardware, sizeof row.hardware);
    memcpy(row.host, tenant->host, sizeof row.host);
    memcpy(row.name_server, tenant->lease.name_server, sizeof row.name_server);
    row.name_servers = tenant->lease.name_servers;
    add(table, &row);
}

void service_dhcp_table_informed(const struct service *service, struct service_dhcp_walk *table)
{
    const struct service_inform *inform = &service->inform;
    struct service_dhcp_row row = {
        .interface = service->plan.interface,
        .is_client = true,
        .is_informed = true,
        .state = inform->state == INFORM_INFORMED ? "INFORMED" : "ASKING",
        .told = &inform->told,
        .since = inform->since,
        .until = inform->state == INFORM_INFORMED ? inform->deadline : NEVER};

    if (!inform->is_informed)
        return;
    (void)service->calls->hardware(service->lab, service->plan.host, service->plan.interface,
                                   row.hardware);
    add(table, &row);
}

size_t service_dhcp_table(const struct service_set *services, int host,
                          struct service_dhcp_row *rows, size_t most)
{
    struct service_dhcp_walk table = {rows, most, 0, services->calls->now(services->lab)};

    for (int i = 0; i < services->count; i++) {
        const struct service *service = services->list[i];

        if (service->plan.host == host && service->status.state == SERVICE_RUNNING &&
            service->row->leases != NULL)
            service->row->leases(service, &table);
    }
    return table.count;
}
