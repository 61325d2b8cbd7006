/* SPDX-License-Identifier: MIT */
/* Theory in live.h. */
#include "scene/live.h"
#include "sockeye/event.h"
#include "sockeye/table.h"

enum { ROWS = 256 }; /* what a host of a lab file has is far less */

/* Of an interface; loopback and link-local addresses are nobody's to speak to. */
static bool is_usable(const struct sockeye_row *row)
{
    return row->interface != 0 &&
           (row->interfaces.state == ADDRESS_PREFERRED ||
            row->interfaces.state == ADDRESS_OPTIMISTIC) &&
           !scene_is_link_local(row->interfaces.address);
}

static size_t addresses_of(const struct sockeye *lab, const struct scene_host *host,
                           struct sockeye_row rows[ROWS])
{
    int64_t count = sockeye_table(lab, host->number, SOCKEYE_TABLE_INTERFACES, rows, ROWS);

    return count < 0 ? 0 : count < ROWS ? (size_t)count : ROWS;
}

/* Of an interface, or (0) of any. */
static bool has(const struct sockeye_row *rows, size_t count, int interface, bool is_ip4)
{
    for (size_t i = 0; i < count; i++) {
        if ((interface == 0 || rows[i].interface == interface) && is_usable(&rows[i]) &&
            address_is_mapped(rows[i].interfaces.address) == is_ip4)
            return true;
    }
    return false;
}

bool scene_live_address(const struct sockeye *lab, const struct scene_host *host,
                        const struct scene_host *from, struct address *ip)
{
    struct sockeye_row rows[ROWS];
    size_t count = from == NULL ? 0 : addresses_of(lab, from, rows);
    bool may[2] = {from == NULL || has(rows, count, 0, false),
                   from == NULL || has(rows, count, 0, true)};
    bool is_found = false;

    count = addresses_of(lab, host, rows);
    for (size_t i = 0; i < count; i++) {
        bool is_ip4 = address_is_mapped(rows[i].interfaces.address);

        if (!is_usable(&rows[i]) || !may[is_ip4] ||
            (is_found && (!is_ip4 || address_is_mapped(*ip))))
            continue;
        *ip = rows[i].interfaces.address;
        is_found = true;
    }
    return is_found;
}

bool scene_live_learnt(const struct sockeye *lab, const struct scene_host *host,
                       const struct scene_interface *interface, bool is_ip4, struct address *ip)
{
    struct sockeye_row rows[ROWS];
    size_t count = addresses_of(lab, host, rows);

    for (size_t i = 0; i < count; i++) {
        if (rows[i].interface != interface->number || !is_usable(&rows[i]) ||
            address_is_mapped(rows[i].interfaces.address) != is_ip4 ||
            (!is_ip4 && rows[i].origin != ORIGIN_RA))
            continue;
        *ip = rows[i].interfaces.address;
        return true;
    }
    return false;
}

bool scene_live_is_addressed(const struct sockeye *lab, const struct scene_host *host)
{
    struct sockeye_row rows[ROWS];
    size_t count = host->is_live ? addresses_of(lab, host, rows) : 0;

    for (unsigned i = 0; host->is_live && i < host->interfaces_count; i++) {
        const struct scene_interface *interface = &host->interfaces[i];

        if ((interface->is_dhcp && !has(rows, count, interface->number, true)) ||
            (interface->is_auto && !has(rows, count, interface->number, false)))
            return false;
    }
    return true;
}
