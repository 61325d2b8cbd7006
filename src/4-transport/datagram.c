/* SPDX-License-Identifier: MIT */
/*
 * What a program sees of a datagram end, UDP's, ping's or a raw one's (RFC 768 "User Interface";
 * RFC 1122 4.1.4). Errors are Linux's: a pending one is told once, by whatever call comes first.
 */
#include "4-transport/datagram.h"

#include <errno.h>
#include <string.h>

#include "4-transport/errors.h"

/* What a filter is told of a datagram's frame, of which layer 4 knows no more. */
enum { FILTER_HARDWARE_ETHERNET = 1, FILTER_TYPE_4 = 0x0800, FILTER_TYPE_6 = 0x86dd };

int datagram_open(struct datagram_end *e, const struct datagram_service *service,
                  struct transport_upper *upper)
{
    e->charge = charge_open(service->means->packets, service->of->drained);
    if (!e->charge)
        return -ENOBUFS;
    e->charge->owner = &e->end;
    e->means = service->means;
    e->end.service = service->of;
    e->end.upper = upper;
    e->end.kind = service->of->kind;
    options_init(&e->options, service->send_buffer, service->receive_buffer);
    inbox_init(&e->inbox, service->inbox_pool);
    error_queue_init(&e->errors, service->error_pool);
    return 0;
}

void datagram_close(struct datagram_end *e, struct packets *packets, struct ports *ports)
{
    ports_release(ports, &e->binding);
    inbox_done(&e->inbox);
    filter_done(&e->filter, &e->means->filters);
    options_done(&e->options, e->means);
    error_queue_clear(&e->errors);
    charge_close(packets, e->charge);
    list_remove(&e->end.pending);
    list_remove(&e->link);
}

void datagram_sent(struct datagram_end *e)
{
    if (e->charge->bytes >= e->options.send_buffer / 2)
        e->charge->wants = 1;
}

void datagram_drained(struct transport_end *end, nanoseconds now)
{
    struct datagram_end *e = datagram_end_of(end);

    (void)now;
    datagram_sent(e);
    if (!e->charge->wants)
        transport_end_pending(end);
}

bool datagram_filter_wants(const struct datagram_end *e, const struct ip_meta *meta,
                           struct packet *p, uint32_t before)
{
    bool is_4 = address_is_mapped(meta->dest);
    uint32_t from = p->start - before;
    uint32_t network = p->network && p->network < from ? p->network : from;
    const struct bpf_view view = {.bytes = p->bytes + network,
                                  .length = p->end - network,
                                  .start = from - network,
                                  .interface = meta->interface + 1u,
                                  .has_interface = true,
                                  .hardware = FILTER_HARDWARE_ETHERNET,
                                  .protocol = is_4 ? FILTER_TYPE_4 : FILTER_TYPE_6};
    uint32_t wanted = bpf_run(e->filter.program, &view);

    if (wanted == 0)
        return false;
    wanted = wanted > before ? wanted - before : 0;
    if (wanted < packet_length(p))
        packet_trim(p, wanted);
    return true;
}

bool datagram_arrived(struct datagram_end *e, const struct ip *ip, struct packet *p,
                      const struct ip_meta *meta, const struct endpoint *remote,
                      const struct endpoint *local, nanoseconds now)
{
    if (!inbox_add(&e->inbox, ip, p, meta, remote, local, e->options.receive_buffer, now))
        return false;
    transport_end_pending(&e->end);
    return true;
}

void datagram_error_set(struct datagram_end *e, int error)
{
    e->error = error;
    transport_end_pending(&e->end);
}

/* What is left of the end's limit for what waits. */
static uint32_t room_of(const struct datagram_end *e)
{
    uint32_t used = e->inbox.used + e->errors.used;

    return used < e->options.receive_buffer ? e->options.receive_buffer - used : 0;
}

/* RFC 1191 4, RFC 792: what the message has beside its type. */
static uint32_t info_of(const struct ip_error *error)
{
    return error->kind == IP_ERROR_TOO_BIG     ? error->mtu
           : error->kind == IP_ERROR_PARAMETER ? error->pointer
                                               : 0;
}

/* What this host found itself stands as if a router had said it: the host is unreachable. */
static void trouble_of(const struct ip_error *error, int number, struct transport_trouble *trouble)
{
    bool is_4 = address_is_mapped(error->dest);

    memset(trouble, 0, sizeof *trouble);
    trouble->offender = error->offender;
    trouble->number = (uint32_t)number;
    trouble->info = info_of(error);
    trouble->origin = is_4 ? TROUBLE_ICMP : TROUBLE_ICMP_6;
    trouble->type = error->from_here ? (is_4 ? 3 : 1) : error->type;
    trouble->code = error->from_here ? (is_4 ? 1 : 3) : error->code;
}

static void keep_error(struct datagram_end *e, struct means *means, const struct ip_error *error,
                       int number, const struct datagram_quote *quote, nanoseconds now)
{
    struct error_item item;

    memset(&item, 0, sizeof item);
    trouble_of(error, number, &item.trouble);
    item.remote.address = error->dest;
    item.remote.port = quote->port;
    item.remote.interface = error->interface;
    item.local.address = error->source;
    item.local.interface = error->interface;
    item.time = now;
    item.hop_limit = error->hop_limit;
    item.traffic_class = error->traffic_class;
    (void)error_queue_add(&e->errors, means, &item, quote->payload, quote->length, room_of(e));
}

void datagram_error_arrives(struct datagram_end *e, struct means *means,
                            const struct ip_error *error, const struct datagram_quote *quote,
                            nanoseconds now)
{
    const struct options_family *of = options_to(&e->options, error->dest);
    bool hard;
    int number = errors_number(error, &hard);

    if (error->kind == IP_ERROR_TOO_BIG && of->discover_mtu == DISCOVER_DONT)
        return;
    hard |= error->kind == IP_ERROR_TOO_BIG;
    if (of->flags & OPTIONS_RECEIVE_ERRORS)
        keep_error(e, means, error, number, quote, now);
    if ((hard && e->connected) || of->flags & OPTIONS_RECEIVE_ERRORS)
        datagram_error_set(e, number);
}

/* RFC 3542 11.3: only who does not let it be cut is told, and of the last one. */
static void path_told(struct datagram_end *e, const struct transport_message *m,
                      const struct ip_path *path)
{
    unsigned flags = e->options.of[1].flags;
    struct rare_options *rare;

    if (address_is_mapped(path->dest) || !(flags & OPTIONS_TELL_MTU) ||
        !(flags & OPTIONS_DONT_FRAGMENT || m->chosen & TRANSPORT_DONT_FRAGMENT))
        return;
    rare = rare_open(&e->options.rare, e->means);
    if (!rare)
        return;
    rare->told_dest = path->dest;
    rare->told_interface = path->wanted;
    rare->told_mtu = path->mtu;
    transport_end_pending(&e->end);
}

int datagram_too_long(struct datagram_end *e, const struct transport_message *m,
                      const struct ip_path *path, nanoseconds now)
{
    struct error_item item;

    path_told(e, m, path);
    if (!(options_to(&e->options, path->dest)->flags & OPTIONS_RECEIVE_ERRORS))
        return -EMSGSIZE;
    memset(&item, 0, sizeof item);
    item.trouble.number = EMSGSIZE;
    item.trouble.info = path->mtu;
    item.trouble.origin = TROUBLE_LOCAL;
    item.remote.address = path->dest;
    item.remote.port = e->remote.port;
    item.time = now;
    if (error_queue_add(&e->errors, e->means, &item, NULL, 0, room_of(e)))
        transport_end_pending(&e->end);
    return -EMSGSIZE;
}

static void reuse_flags(struct datagram_end *e)
{
    ports_families_set(&e->binding, e->options.families);
    ports_reuse_set(&e->binding, e->options.reuse_address, e->options.reuse_port);
}

int datagram_port_take(struct datagram_end *e, struct ports *ports, const struct endpoint *local)
{
    struct endpoint at = {.address = local->address, .port = local->port};

    at.interface = e->options.interface;
    reuse_flags(e);
    return ports_bind(ports, &e->binding, &at);
}

int datagram_link_take(struct datagram_end *e, const struct ip *ip, const struct endpoint *at,
                       bool binds)
{
    int result = options_link(&e->options, ip, at, binds);

    e->binding.local.interface = e->options.interface;
    return result;
}

int datagram_bind_if_needed(struct datagram_end *e, struct ports *ports)
{
    const struct endpoint any_port = {.address = e->binding.local.address};

    return ports_is_bound(&e->binding) ? 0 : datagram_port_take(e, ports, &any_port);
}

/* RFC 1122 4.1.3.5: who is bound to what only arrives, a broadcast or group address, speaks from
 * another. That of a path that still holds was asked about when it was found. */
struct address datagram_source(const struct datagram_end *e, const struct ip *ip)
{
    struct address local = e->binding.local.address;

    if (address_is_unspecified(local) || /* most ends: nothing to ask of each interface */
        (ip_path_is_fresh(ip, &e->path) && address_equal(e->path.source, local)) ||
        !ip_is_broadcast(ip, local))
        return local;
    return (struct address){0};
}

/* RFC 1122 3.3.6: only a program that says so broadcasts. */
int datagram_path_find(const struct datagram_end *e, const struct ip *ip, struct address dest,
                       struct address source, uint16_t interface, nanoseconds now,
                       struct ip_path *path)
{
    int result;

    if (unlikely(e->options.rare) && address_is_unspecified(source))
        source = options_source(&e->options, dest);
    result = options_reach(&e->options, &source, dest);
    if (result == 0)
        result = ip_path_find(ip, dest, source, interface, now, path);
    if (result < 0)
        return result;
    if (!options_allow_path(&e->options, path))
        return -ENETUNREACH;
    return path->broadcast && !e->options.broadcast ? -EACCES : 0;
}

int datagram_can_send(const struct transport_message *m, size_t most_bytes, unsigned flags)
{
    if (flags & (TRANSPORT_OUT_OF_BAND | TRANSPORT_MORE))
        return -EOPNOTSUPP;
    return m->length > most_bytes ? -EMSGSIZE : 0;
}

int datagram_may_send(struct datagram_end *e)
{
    if (e->error)
        return -datagram_error_take(&e->end);
    if (e->shut_writing)
        return -EPIPE;
    if (e->charge->bytes >= e->options.send_buffer) {
        e->charge->wants = 1;
        return -EAGAIN;
    }
    return 0;
}

/* Whoever reads the errors one by one is told of none twice: what is pending is the next one's, as
 * on Linux. */
static ssize_t receive_error(struct datagram_end *e, struct transport_message *m)
{
    bool by_icmp = false;
    int next = 0;
    ssize_t n = error_queue_receive(&e->errors, m, &next, &by_icmp);

    if (n < 0)
        return n;
    if (next || by_icmp)
        e->error = next;
    if (!error_queue_is_empty(&e->errors))
        transport_end_pending(&e->end);
    return n;
}

/* RFC 768 (user interface); RFC 1122 4.1.4. */
ssize_t datagram_receive(struct transport_end *end, struct transport_message *m, unsigned flags,
                         nanoseconds now)
{
    struct datagram_end *e = datagram_end_of(end);
    ssize_t n;

    (void)now;
    m->true_length = 0;
    if (flags & TRANSPORT_ERRORS)
        return receive_error(e, m);
    if (e->error)
        return -datagram_error_take(&e->end);
    n = inbox_receive(&e->inbox, m, (flags & TRANSPORT_PEEK) != 0);
    return n == -EAGAIN && e->shut_reading ? 0 : n;
}

int datagram_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    struct datagram_end *e = datagram_end_of(end);

    (void)now;
    e->shut_reading |= reading;
    e->shut_writing |= writing;
    transport_end_pending(&e->end);
    return e->connected ? 0 : -ENOTCONN;
}

/* A datagram needs no dialogue; one with a peer counts as open. */
enum transport_phase datagram_phase(const struct transport_end *end)
{
    return datagram_end_of(end)->connected ? TRANSPORT_OPEN : TRANSPORT_CLOSED;
}

static bool has_news(const struct datagram_end *e)
{
    return unlikely(e->options.rare) && e->options.rare->told_mtu;
}

unsigned datagram_ready(const struct transport_end *end)
{
    const struct datagram_end *e = datagram_end_of(end);
    unsigned ready = 0;

    if (!inbox_is_empty(&e->inbox) || e->shut_reading || has_news(e))
        ready |= READY_IN;
    if (e->charge->bytes < e->options.send_buffer / 2)
        ready |= READY_OUT;
    if (e->error || !error_queue_is_empty(&e->errors))
        ready |= READY_ERROR;
    if (e->shut_reading)
        ready |= READY_READ_END;
    if (e->shut_reading && e->shut_writing)
        ready |= READY_HUP;
    return ready;
}

int datagram_error_take(struct transport_end *end)
{
    struct datagram_end *e = datagram_end_of(end);
    int error = e->error;

    e->error = 0;
    return error;
}

int datagram_remote(const struct transport_end *end, struct name *remote)
{
    const struct datagram_end *e = datagram_end_of(end);

    if (!e->connected || e->remote.port == 0) /* Linux: who has no port has no name */
        return -ENOTCONN;
    name_of_endpoint(remote, &e->remote);
    return 0;
}

int datagram_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                        nanoseconds now)
{
    struct datagram_end *e = datagram_end_of(end);
    int result;

    (void)now;
    if (option == OPTION_FAMILIES && ports_is_bound(&e->binding) &&
        !(value == ADDRESS_FAMILY_4 && e->connected && address_is_mapped(e->remote.address)))
        return -EINVAL;
    result = options_set(&e->options, option, value);
    if (result == -ENOPROTOOPT)
        result = options_rare_set(&e->options, e->means, option, value);
    if (result < 0)
        return result;
    if (option == OPTION_MULTICAST_SOURCE)
        ip_path_doubt(&e->path);
    if (value == 0 && (option == OPTION_RECEIVE_ERRORS || option == OPTION_RECEIVE_ERRORS_6))
        error_queue_clear(&e->errors);
    reuse_flags(e);
    if (option == OPTION_INTERFACE) {
        e->binding.local.interface = e->options.interface;
        ip_path_doubt(&e->path);
    }
    return 0;
}

int datagram_option_get(const struct transport_end *end, enum transport_option option,
                        int64_t *value)
{
    const struct datagram_end *e = datagram_end_of(end);

    if (option != OPTION_MTU)
        return options_get(&e->options, option, value);
    if (!e->connected)
        return -ENOTCONN;
    *value = e->path.mtu;
    return 0;
}

int datagram_filter(struct transport_end *end, enum transport_filter_call call,
                    struct transport_filter *filter)
{
    struct datagram_end *e = datagram_end_of(end);

    return filter_call(&e->filter, &e->means->filters, call, filter);
}

int datagram_header(struct transport_end *end, enum transport_header_call call,
                    struct transport_header *header)
{
    struct datagram_end *e = datagram_end_of(end);

    return options_header(&e->options, e->means, call, header);
}

int64_t datagram_count(const struct transport_end *end, enum transport_count_kind kind)
{
    const struct datagram_end *e = datagram_end_of(end);

    switch (kind) {
    case COUNT_UNREAD:
        return inbox_next_length(&e->inbox);
    case COUNT_UNACKED:
    case COUNT_UNSENT:
        return e->charge->bytes;
    case COUNT_AT_MARK:
        break;
    }
    return -EINVAL;
}

/* ---- what a datagram end has not ---- */

int datagram_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    (void)end, (void)backlog, (void)now;
    return -EOPNOTSUPP;
}

int datagram_accept(struct transport_end *end, struct transport_upper *upper,
                    struct transport_end **accepted)
{
    (void)end, (void)upper, (void)accepted;
    return -EOPNOTSUPP;
}

int datagram_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)end, (void)info, (void)now;
    return -ENOPROTOOPT;
}
