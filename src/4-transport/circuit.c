/* SPDX-License-Identifier: MIT */
/* The life of a socket of X.25, as its program lives it; the theory is in circuit.h. */
#include "4-transport/circuit.h"

#include <errno.h>
#include <string.h>

#include "base/compiler.h"
#include "base/integer.h"

void circuit_init(struct circuit *s, struct means *means, const struct circuit_plan *plan)
{
    s->x25 = plan->x25;
    s->means = means;
    s->pool = plan->pool;
    s->limit = plan->limit;
    s->user_code = plan->user_code;
    x25_attach(plan->x25, &s->upper, plan->upper_code);
}

int circuit_open(struct transport_service *service, struct transport_upper *upper,
                 struct transport_end **end)
{
    struct circuit_end *e = circuit_end_new(container_of(service, struct circuit, service), upper);

    if (!e)
        return -ENOBUFS;
    *end = &e->end;
    return 0;
}

/* The circuit, if there is one, is cleared with what the program said (SIOCX25SCAUSEDIAG). */
static void clear(struct circuit_end *e, nanoseconds now)
{
    struct x25_circuit *below = e->below;

    e->below = NULL;
    if (below)
        x25_clear(below, &e->reason, e->data_said ? &e->data : NULL, now);
}

void circuit_close(struct transport_end *end, nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);

    clear(e, now);
    while (e->waiting.first) {
        struct circuit_end *waits = container_of(e->waiting.first, struct circuit_end, queued);

        clear(waits, now);
        circuit_end_free(waits);
    }
    circuit_end_free(e);
}

int circuit_bind(struct transport_end *end, const struct name *local)
{
    struct circuit_end *e = circuit_end_of(end);

    if (e->bound)
        return -EINVAL;
    memcpy(&e->local, &local->x121, sizeof e->local);
    e->bound = 1;
    return 0;
}

int circuit_listen(struct transport_end *end, uint32_t backlog, nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);

    (void)now;
    if (e->phase == TRANSPORT_LISTENING)
        return -EOPNOTSUPP; /* Linux: the backlog cannot be changed */
    if (e->phase != TRANSPORT_CLOSED)
        return -EINVAL;
    e->phase = TRANSPORT_LISTENING;
    e->backlog = (uint32_t)least(backlog, CIRCUIT_BACKLOG);
    return 0;
}

int circuit_connect(struct transport_end *end, const struct name *remote, nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);
    struct x25_circuit *below = NULL;
    struct x25_call call;
    int result;

    if (!e->bound) /* Linux: there is no choosing of an address */
        return -EINVAL;
    memset(&call, 0, sizeof call);
    memcpy(&call.called, &remote->x121, sizeof call.called);
    memcpy(&call.calling, &e->local, sizeof call.calling);
    memcpy(&call.facilities, &e->facilities, sizeof call.facilities);
    memcpy(&call.data, &e->data, sizeof call.data);
    result = x25_call(e->circuit->x25, &e->user, &call, &below, now);
    if (result < 0)
        return result;
    e->below = below;
    memcpy(&e->remote, &remote->x121, sizeof e->remote);
    e->phase = TRANSPORT_OPENING;
    e->over = e->accepted = 0;
    return -EINPROGRESS;
}

/* There is none: a circuit ends by its close. (After a connect that failed there is nothing to do.)
 */
int circuit_disconnect(struct transport_end *end, nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);

    (void)now;
    e->over = 0;
    return e->phase == TRANSPORT_CLOSED ? 0 : -EINVAL;
}

int circuit_accept(struct transport_end *end, struct transport_upper *upper,
                   struct transport_end **accepted)
{
    struct circuit_end *e = circuit_end_of(end), *fresh;

    if (e->phase != TRANSPORT_LISTENING)
        return -EINVAL;
    if (!e->waiting.first)
        return -EAGAIN;
    fresh = container_of(e->waiting.first, struct circuit_end, queued);
    list_remove(&fresh->queued);
    e->waiting_count--;
    fresh->listener = NULL;
    fresh->end.upper = upper;
    *accepted = &fresh->end;
    return 0;
}

int circuit_shutdown(struct transport_end *end, bool reading, bool writing, nanoseconds now)
{
    (void)end, (void)reading, (void)writing, (void)now;
    return -EOPNOTSUPP;
}

enum transport_phase circuit_phase(const struct transport_end *end)
{
    return (enum transport_phase)circuit_end_of(end)->phase;
}

int circuit_error_take(struct transport_end *end)
{
    struct circuit_end *e = circuit_end_of(end);
    int error = e->error;

    e->error = 0;
    return error;
}

void circuit_drained(struct transport_end *end, nanoseconds now)
{
    (void)end, (void)now; /* its packets are not charged to it: its window bounds them */
}

static void name_of(const struct x121 *address, struct name *name)
{
    memset(name, 0, sizeof *name);
    name->family = NAME_X121;
    memcpy(&name->x121, address, sizeof *address);
}

void circuit_local(const struct transport_end *end, struct name *local)
{
    name_of(&circuit_end_of(end)->local, local);
}

int circuit_remote(const struct transport_end *end, struct name *remote)
{
    const struct circuit_end *e = circuit_end_of(end);

    if (e->phase != TRANSPORT_OPEN && !e->over)
        return -ENOTCONN;
    name_of(&e->remote, remote);
    return 0;
}

int circuit_option_set(struct transport_end *end, enum transport_option option, int64_t value,
                       nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);
    int result = options_set(&e->options, option, value);

    if (result == 0)
        circuit_end_flow(e, now); /* the buffer may be another */
    return result;
}

int circuit_option_get(const struct transport_end *end, enum transport_option option,
                       int64_t *value)
{
    return options_get(&circuit_end_of(end)->options, option, value);
}

int circuit_info(const struct transport_end *end, struct transport_info *info, nanoseconds now)
{
    (void)end, (void)info, (void)now;
    return -ENOPROTOOPT;
}

/* ---- what is said with a call ---- */

static void extension_read(const struct x25_extension *from, uint8_t *digits, uint8_t *bytes)
{
    *digits = from->digits;
    memcpy(bytes, from->bytes, X25_EXTENSION_BYTES);
}

static void extension_set(struct x25_facilities *f, struct x25_extension *to, uint8_t bit,
                          uint8_t digits, const uint8_t *bytes)
{
    to->digits = digits;
    memcpy(to->bytes, bytes, X25_EXTENSION_BYTES);
    f->mask = (uint8_t)(digits ? f->mask | bit : f->mask & ~bit);
}

static void read_all(const struct circuit_end *e, struct transport_circuit *c)
{
    const struct x25_facilities *f = &e->facilities;

    memset(c, 0, sizeof *c);
    c->window_in = f->window_in;
    c->window_out = f->window_out;
    c->packet_in = f->packet_in;
    c->packet_out = f->packet_out;
    c->throughput = f->throughput;
    c->reverse = f->reverse;
    extension_read(&f->calling, &c->calling_digits, c->calling);
    extension_read(&f->called, &c->called_digits, c->called);
    memcpy(c->kept, e->kept, sizeof c->kept);
    c->data_length = e->data.length;
    memcpy(c->data, e->data.bytes, sizeof c->data);
    c->cause = e->reason.cause;
    c->diagnostic = e->reason.diagnostic;
    c->match_length = e->match_length;
}

static void set_facilities(struct x25_facilities *f, const struct transport_circuit *c)
{
    f->window_in = c->window_in;
    f->window_out = c->window_out;
    f->packet_in = c->packet_in;
    f->packet_out = c->packet_out;
    f->throughput = c->throughput;
    f->reverse = c->reverse;
    f->mask = (uint8_t)(f->mask & ~(X25_FACILITY_THROUGHPUT | X25_FACILITY_REVERSE));
    f->mask = (uint8_t)(f->mask | (c->throughput ? X25_FACILITY_THROUGHPUT : 0) |
                        (c->reverse ? X25_FACILITY_REVERSE : 0));
}

static int accept_now(struct circuit_end *e, nanoseconds now)
{
    if (e->phase != TRANSPORT_OPEN || !e->decides || e->accepted)
        return -EINVAL;
    return circuit_end_accept(e, now);
}

static int reset_now(struct circuit_end *e, const struct transport_circuit *c, nanoseconds now)
{
    const struct x25_reason reason = {.cause = c->cause, .diagnostic = c->diagnostic};

    return e->below && e->accepted ? x25_reset(e->below, &reason, now) : -ENOTCONN;
}

int circuit_say(struct transport_end *end, enum transport_circuit_call call,
                struct transport_circuit *c, nanoseconds now)
{
    struct circuit_end *e = circuit_end_of(end);
    bool is_idle = e->phase == TRANSPORT_CLOSED || e->phase == TRANSPORT_LISTENING;

    switch (call) {
    case TRANSPORT_CIRCUIT_READ:
        read_all(e, c);
        return 0;
    case TRANSPORT_CIRCUIT_FACILITIES:
        if (is_idle)
            set_facilities(&e->facilities, c);
        return is_idle ? 0 : -EINVAL;
    case TRANSPORT_CIRCUIT_EXTENSIONS:
        if (!is_idle)
            return -EINVAL;
        extension_set(&e->facilities, &e->facilities.calling, X25_FACILITY_CALLING_EXTENSION,
                      c->calling_digits, c->calling);
        extension_set(&e->facilities, &e->facilities.called, X25_FACILITY_CALLED_EXTENSION,
                      c->called_digits, c->called);
        memcpy(e->kept, c->kept, sizeof e->kept);
        return 0;
    case TRANSPORT_CIRCUIT_DATA_SET:
        e->data.length = c->data_length;
        memcpy(e->data.bytes, c->data, sizeof e->data.bytes);
        e->data_said = 1;
        return 0;
    case TRANSPORT_CIRCUIT_REASON:
        e->reason.cause = c->cause;
        e->reason.diagnostic = c->diagnostic;
        return 0;
    case TRANSPORT_CIRCUIT_MATCH:
        if (e->phase == TRANSPORT_CLOSED)
            e->match_length = c->match_length;
        return e->phase == TRANSPORT_CLOSED ? 0 : -EINVAL;
    case TRANSPORT_CIRCUIT_DECIDE:
        if (e->phase == TRANSPORT_CLOSED)
            e->decides = 1;
        return e->phase == TRANSPORT_CLOSED ? 0 : -EINVAL;
    case TRANSPORT_CIRCUIT_ACCEPT:
        return accept_now(e, now);
    case TRANSPORT_CIRCUIT_RESET:
        return reset_now(e, c, now);
    }
    return -EINVAL;
}

/* ---- checks ---- */

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

int circuit_check(const struct transport_service *service)
{
    const struct circuit *s = container_of(service, const struct circuit, service);
    uint32_t count = 0, waiting = 0, queued = 0;

    for (struct list_link *l = s->ends.first; l; l = l->next) {
        const struct circuit_end *e = container_of(l, struct circuit_end, link);
        uint32_t memory = 0;

        for (const struct packet *p = e->records.first; p; p = p->next)
            memory += p->size;
        REQUIRE(e->circuit == s && memory == e->memory);
        REQUIRE((e->below != NULL) ==
                (e->phase == TRANSPORT_OPENING || e->phase == TRANSPORT_OPEN));
        REQUIRE(list_has(&e->queued) == (e->listener != NULL));
        waiting += e->waiting_count;
        queued += e->listener != NULL;
        count++;
    }
    REQUIRE(count == s->count && waiting == queued);
    return 0;
}
