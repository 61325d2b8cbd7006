/* SPDX-License-Identifier: MIT */
/* Messages of DHCP of any bytes, one after the other, to a server and to a client (RFC 2131): what
 * is read is written and read the same; no address is of two clients, none is outside of the range,
 * and the client never asks without end. A byte before each says its length and how much time has
 * passed. */
#include <string.h>
#include "7-application/service_lease.h"
#include "7-application/service_tenant.h"
#include "base/compiler.h"

enum { OWN = 0x0a000001, FIRST = 0x0a000002, LAST = 0x0a000009, MESSAGES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void fuzz_codec(const struct service_dhcp_message *m)
{
    struct service_dhcp_message again, third;
    uint8_t bytes[SERVICE_DHCP_BYTES], more[SERVICE_DHCP_BYTES];
    size_t length = service_dhcp_header_write(m, bytes);

    ensure(length <= sizeof bytes && service_dhcp_header_read(bytes, length, &again));
    ensure(again.type == m->type && again.xid == m->xid && again.your == m->your);
    ensure(service_dhcp_header_write(&again, more) == length && memcmp(bytes, more, length) == 0);
    ensure(service_dhcp_header_read(more, length, &third));
}

static void check_leases(const struct service_leases *leases, nanoseconds now)
{
    for (uint32_t i = 0; i < leases->count; i++) {
        const struct service_lease *a = &leases->list[i];

        if (a->state != LEASE_BOUND || a->until <= now)
            continue;
        for (uint32_t k = 0; k < i; k++) {
            const struct service_lease *b = &leases->list[k];

            ensure(b->state != LEASE_BOUND || b->until <= now || a->id_length != b->id_length ||
                   memcmp(a->id, b->id, sizeof a->id) != 0);
        }
    }
}

static void fuzz_client(struct service_tenant *t, const struct service_dhcp_message *m,
                        nanoseconds now, bool is_taken)
{
    struct service_tenant_step step;

    for (int i = 0; t->deadline <= now; i++) {
        ensure(i < 1000);
        if (is_taken && t->state == TENANT_PROBING)
            service_tenant_conflict(t, now, &step);
        else
            service_tenant_due(t, t->deadline, &step);
        if (t->state == TENANT_PROBING)
            ensure(!service_tenant_has_address(t));
    }
    service_tenant_came(t, m, now, &step);
    if (step.send != TENANT_SEND_NOTHING)
        fuzz_codec(&step.message);
    ensure(!service_tenant_has_address(t) || t->lease.your != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const uint8_t hardware[SERVICE_DHCP_HARDWARE] = {2, 0, 0, 0, 0, 1};
    const struct service_lease_plan plan = {.own = OWN,
                                            .first = FIRST,
                                            .last = LAST,
                                            .mask = 0xffffff00,
                                            .router = {OWN},
                                            .routers = 1,
                                            .lease = 60};
    struct service_leases leases;
    struct service_tenant tenant;
    nanoseconds now = 0;

    if (service_lease_open(&leases, &plan) < 0)
        return 0;
    service_tenant_init(&tenant, hardware, "pc", true, (struct siphash_key){1, 2}, 0);
    for (int i = 0; i < MESSAGES && length > 2; i++) {
        size_t wants = (size_t)bytes[0] * 4, is = wants < length - 2 ? wants : length - 2;
        struct service_dhcp_message m, reply;

        now += bytes[1] * (SECOND / 4);
        if (service_dhcp_header_read(bytes + 2, is, &m)) {
            fuzz_codec(&m);
            if (service_lease_answer(&leases, &m, now, &reply)) {
                fuzz_codec(&reply);
                ensure(reply.your == 0 || (reply.your >= FIRST && reply.your <= LAST));
            }
            check_leases(&leases, now);
            m.xid = tenant.xid; /* as if it had heard */
            memcpy(m.hardware, hardware, sizeof hardware);
            fuzz_client(&tenant, &m, now, (bytes[1] & 1) != 0);
        }
        bytes += 2 + is;
        length -= 2 + is;
    }
    service_lease_close(&leases);
    return 0;
}
