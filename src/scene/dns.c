/* SPDX-License-Identifier: MIT */
/* Checks `dns` of hosts and of faults. Theory in dns.h. */
#include <stdlib.h>
#include <string.h>
#include "scene/check.h"
#include "scene/dns.h"
#include "scene/value.h"

enum { TTL_DEFAULT = 60 };
static const int64_t ttl_most = INT64_C(0x7fffffff) * 1000000000; /* RFC 2181 8 */
const char scene_dns_faults[] = "none, silent, failing or denying";

bool scene_dns_read_fault(const char *text, enum service_dns_fault *fault)
{
    static const char *const names[] = {[DNS_HONEST] = "none",
                                        [DNS_SILENT] = "silent",
                                        [DNS_FAILS] = "failing",
                                        [DNS_DENIES] = "denying"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], text) != 0)
            continue;
        *fault = (enum service_dns_fault)i;
        return true;
    }
    return false;
}

static void check_lies(struct scene_check *check, struct scene_dns *dns)
{
    if (dns->lies_count > SCENE_LIES) {
        scene_check_fail(check, "lies", "a server tells %d at most", SCENE_LIES);
        return;
    }
    dns->lie = calloc(dns->lies_count + 1, sizeof *dns->lie);
    for (unsigned i = 0; dns->lie != NULL && i < dns->lies_count; i++) {
        const struct scene_lie *lie = &dns->lies[i];
        size_t before = scene_check_enter(check, ".lies[%u]", i);

        dns->lie[i].name = lie->name;
        if (!scene_read_ip(lie->address, &dns->lie[i].address))
            scene_check_fail(check, "address", "\"%s\" is not an address", lie->address);
        scene_check_leave(check, before);
    }
    if (dns->lie == NULL)
        scene_check_fail(check, "", "out of memory");
}

void scene_check_dns(struct scene_check *check, struct scene_dns *dns)
{
    dns->delay_time = 0;
    scene_check_duration(check, "delay", dns->delay, &dns->delay_time);
    if (dns->fault != NULL && !scene_dns_read_fault(dns->fault, &dns->does))
        scene_check_fail(check, "fault", "\"%s\" is not %s", dns->fault, scene_dns_faults);
    check_lies(check, dns);
}

void scene_check_server(struct scene_check *check, unsigned number)
{
    struct scene_host *host = &check->lab->hosts[number];
    struct scene_dns *dns = host->dns;
    int64_t ttl = INT64_C(1000000000) * TTL_DEFAULT;
    size_t before;

    if (dns == NULL)
        return;
    before = scene_check_enter(check, ".dns");
    check->lab->serves_names = true;
    scene_check_dns(check, dns);
    scene_check_duration(check, "ttl", dns->ttl, &ttl);
    if (ttl % 1000000000 != 0 || ttl > ttl_most)
        scene_check_fail(check, "ttl", "\"%s\" is not whole seconds, 2147483647 at most", dns->ttl);
    dns->ttl_seconds = (uint32_t)(ttl / 1000000000);
    if (address_is_unspecified(scene_host_address(host, host)))
        scene_check_fail(check, "", "needs an address of the file: others ask at that");
    scene_check_leave(check, before);
}

void scene_dns_apply(const struct scene_dns *says, struct service_dns_plan *plan)
{
    if (says->delay != NULL)
        plan->delay = says->delay_time;
    if (says->fault != NULL)
        plan->fault = says->does;
    if (says->lies_count > 0) {
        plan->lies = says->lie;
        plan->lies_count = says->lies_count;
    }
}

void scene_dns_begin(struct scene_dns_server *server)
{
    const struct scene_dns_set *set = &server->set;
    struct service_dns_plan *now = &server->now;

    now->fault = DNS_HONEST;
    now->delay = 0;
    now->lies_count = 0;
    now->ttl = server->says->ttl_seconds;
    scene_dns_apply(server->says, now);
    if (set->has_fault)
        now->fault = set->fault;
    if (set->has_delay)
        now->delay = set->delay;
    if (!set->has_lies)
        return;
    for (unsigned i = 0; i < set->lies_count; i++)
        server->lies_set[i] = (struct service_dns_record){
            set->lies[i].name[0] == '\0' ? NULL : set->lies[i].name, set->lies[i].address};
    now->lies = server->lies_set;
    now->lies_count = set->lies_count;
}

/* "www:10.0.0.9,*:fd00::9"; nothing: the truth again */
static bool read_lies(struct scene_dns_set *set, const char *text)
{
    set->has_lies = true;
    set->lies_count = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, ","), name = strcspn(text, ":");
        char address[ADDRESS_TEXT_BYTES];

        if (set->lies_count == SCENE_LIES_SET || name == 0 || name >= length ||
            name >= sizeof set->lies[0].name || length - name > sizeof address)
            return false;
        snprintf(set->lies[set->lies_count].name, sizeof set->lies[0].name, "%.*s", (int)name,
                 name == 1 && *text == '*' ? "" : text);
        snprintf(address, sizeof address, "%.*s", (int)(length - name - 1), text + name + 1);
        if (!scene_read_ip(address, &set->lies[set->lies_count++].address))
            return false;
        text += length + (text[length] == ',');
    }
    return true;
}

bool scene_dns_set_word(struct scene_dns_set *set, const char *word, const char **expected)
{
    *expected = NULL;
    if (strncmp(word, "dns=", 4) == 0) {
        *expected = scene_dns_faults;
        set->has_fault = true;
        return scene_dns_read_fault(word + 4, &set->fault);
    }
    if (strncmp(word, "dns.delay=", 10) == 0) {
        *expected = "a time such as 250us, 1.5ms, 2s, 5min or 1h";
        set->has_delay = true;
        return scene_read_duration(word + 10, &set->delay);
    }
    if (strncmp(word, "dns.lies=", 9) != 0)
        return false;
    *expected = "a list as NAME:ADDRESS,NAME:ADDRESS, 8 at most, * for all names";
    return read_lies(set, word + 9);
}
