/* SPDX-License-Identifier: MIT */
/* Sockets of X.25 on two stations: what Linux's af_x25.c answers to each call, listeners by address
 * and user data, flow control by what is not read, and what is told of clears and resets. */
#define BED_HAS_ITS_OWN_USERS
#include "3-network/x25/x25_bed.h"
#include "1-physical/wire.h"
#include "2-link/link.h"
#include "4-transport/circuit.h"

const struct x25_upper_code x25_upper_codes[] = {{circuit_user_wants, circuit_user_incoming}};
const struct x25_user_code x25_user_codes[] = {{circuit_user_connected, circuit_user_cleared,
                                                circuit_user_record, circuit_user_interrupt,
                                                circuit_user_reset, circuit_user_sent}};

/* Options of all kinds know IP, which nobody here has. */
const struct wire_upper_code wire_upper_codes[1];
const struct link_upper_code link_upper_codes[1];
const uint32_t link_upper_code_count;
const struct ip_upper_code ip_upper_codes[1];
const uint32_t ip_upper_code_count;

static struct circuit circuits[2]; /* of a and b */
static struct link_list told, drained;
static struct transport_upper nobody;

static void begin_with(enum x25_line_kind kind, bool extended)
{
    bed_begin(kind, extended);
    memset(&told, 0, sizeof told);
    for (int i = 0; i < 2; i++) {
        struct station *s = i ? &b : &a;
        const struct circuit_plan plan = {.x25 = &s->x25,
                                          .pool =
                                              pool_open(bed_arena, circuit_end_bytes(), 100, false),
                                          .limit = 100};

        memset(&circuits[i], 0, sizeof circuits[i]);
        circuits[i].service.pending = &told;
        circuits[i].service.drained = &drained;
        circuits[i].service.kind = TRANSPORT_CIRCUIT;
        circuit_init(&circuits[i], &s->means, &plan);
    }
    bed_up();
}

static void begin(void)
{
    begin_with(X25_LINE_LAPB, false);
}

static struct transport_end *socket_of(int host)
{
    struct transport_end *end = NULL;

    check_equal(circuit_open(&circuits[host].service, &nobody, &end), 0);
    return end;
}

static struct name at(const char *text)
{
    struct name name = {.family = NAME_X121, .x121 = digits(text)};

    return name;
}

static struct transport_end *bound(int host, const char *address)
{
    struct transport_end *end = socket_of(host);
    struct name name = at(address);

    check_equal(circuit_bind(end, &name), 0);
    return end;
}

static struct transport_end *listener_at(const char *address)
{
    struct transport_end *end = bound(1, address);

    check_equal(circuit_listen(end, 5, bed_now), 0);
    return end;
}

static int begins_to_connect(struct transport_end *end, const char *address)
{
    struct name name = at(address);

    return circuit_connect(end, &name, bed_now);
}

static void checked(void)
{
    check_equal(circuit_check(&circuits[0].service), 0);
    check_equal(circuit_check(&circuits[1].service), 0);
    bed_check();
}

static struct transport_end *accepted_of(struct transport_end *listener)
{
    struct transport_end *end = NULL;

    check_equal(circuit_accept(listener, &nobody, &end), 0);
    return end;
}

static ssize_t sends_bytes(struct transport_end *end, const void *bytes, size_t length,
                           unsigned flags)
{
    const struct transport_message m = {.out = bytes, .length = length};

    return circuit_data_send(end, &m, flags, bed_now);
}

static uint8_t room[70000];

static ssize_t reads_bytes(struct transport_end *end, unsigned flags)
{
    struct transport_message m = {.in = room, .length = sizeof room};

    return circuit_data_receive(end, &m, flags, bed_now);
}

static struct transport_end *listener, *caller, *called;

static void connected_pair(void)
{
    begin();
    listener = listener_at("2000");
    caller = bound(0, "1000");
    check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
    carry();
    called = accepted_of(listener);
    check_equal(circuit_phase(caller), TRANSPORT_OPEN);
    checked();
}

static struct transport_circuit said(struct transport_end *end)
{
    struct transport_circuit c;

    check_equal(circuit_say(end, TRANSPORT_CIRCUIT_READ, &c, bed_now), 0);
    return c;
}

/* ---- life ---- */

static void a_call_is_accepted_and_named(void)
{
    struct name name;

    connected_pair();
    check_equal(circuit_remote(called, &name), 0);
    check(name.family == NAME_X121 && name.x121.length == 4 &&
          memcmp(name.x121.digit, "1000", 4) == 0);
    circuit_local(called, &name);
    check(memcmp(name.x121.digit, "2000", 4) == 0);
    check_equal(circuit_remote(listener, &name), -ENOTCONN);
}

static void errors_are_those_of_linux(void)
{
    struct transport_end *end, *other;
    struct name name = at("1");

    begin();
    end = socket_of(0);
    check_equal(begins_to_connect(end, "2000"), -EINVAL); /* not bound */
    check_equal(sends_bytes(end, "x", 1, 0), -EADDRNOTAVAIL);
    check_equal(reads_bytes(end, 0), -ENOTCONN);
    check_equal(circuit_bind(end, &name), 0);
    check_equal(circuit_bind(end, &name), -EINVAL);
    check_equal(sends_bytes(end, "x", 1, 0), -ENETUNREACH);
    check_equal(circuit_accept(end, &nobody, &other), -EINVAL);
    check_equal(circuit_listen(end, 5, bed_now), 0);
    check_equal(circuit_listen(end, 5, bed_now), -EOPNOTSUPP);
    check_equal(circuit_accept(end, &nobody, &other), -EAGAIN);
    check_equal(circuit_shutdown(end, true, true, bed_now), -EOPNOTSUPP);
    x25_route_forget(&a.x25, &a.line);
    end = bound(0, "1000");
    check_equal(begins_to_connect(end, "2000"), -ENETUNREACH);
    check_equal(circuit_data_ready(end), READY_HUP | READY_OUT);
    checked();
}

static void a_call_that_nobody_wants_is_refused(void)
{
    begin();
    caller = bound(0, "1000");
    check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
    check_equal(sends_bytes(caller, "x", 1, 0), -ENOTCONN);
    carry();
    check_equal(circuit_phase(caller), TRANSPORT_CLOSED);
    check_equal(circuit_data_ready(caller), READY_ERROR | READY_HUP | READY_OUT);
    check_equal(circuit_error_take(caller), ECONNREFUSED);
    check_equal(said(caller).cause, X25_CLEAR_NUMBER_BUSY);
    check_equal(circuit_disconnect(caller, bed_now), 0);
    listener = listener_at("2000");
    check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
    carry();
    check_equal(circuit_phase(caller), TRANSPORT_OPEN);
    checked();
}

static void a_close_clears_with_cause_and_diagnostic(void)
{
    struct transport_circuit why = {.cause = 7, .diagnostic = 9};

    connected_pair();
    check_equal(circuit_say(called, TRANSPORT_CIRCUIT_REASON, &why, bed_now), 0);
    check_equal(sends_bytes(called, "last", 4, 0), 4);
    carry();
    circuit_close(called, bed_now);
    carry();
    check(said(caller).cause == 7 && said(caller).diagnostic == 9);
    check_equal(circuit_data_ready(caller), READY_IN | READY_HUP | READY_OUT);
    check_equal(reads_bytes(caller, 0), 4);
    check_equal(reads_bytes(caller, 0), -ENOTCONN);
    check_equal(sends_bytes(caller, "x", 1, 0), -EPIPE);
    circuit_close(caller, bed_now);
    circuit_close(listener, bed_now);
    checked();
    check_equal(circuits[0].count + circuits[1].count, 0);
    check_equal(a.x25.count + b.x25.count, 0);
    check_equal(a.means.packet_budget.used + b.means.packet_budget.used, 0);
}

static void a_listener_that_closes_clears_who_waits(void)
{
    begin();
    listener = listener_at("2000");
    caller = bound(0, "1000");
    check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
    carry();
    circuit_close(listener, bed_now);
    carry();
    check_equal(circuit_phase(caller), TRANSPORT_CLOSED);
    check_equal(circuits[1].count, 0);
    checked();
}

static void a_backlog_that_is_full_refuses(void)
{
    begin();
    listener = bound(1, "2000");
    check_equal(circuit_listen(listener, 1, bed_now), 0);
    for (int i = 0; i < 3; i++) {
        caller = bound(0, "1000");
        check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
        carry();
        check_equal(circuit_phase(caller), i < 2 ? TRANSPORT_OPEN : TRANSPORT_CLOSED);
    }
    checked();
}

static void a_program_may_decide_itself(void)
{
    begin();
    listener = bound(1, "2000");
    check_equal(circuit_say(listener, TRANSPORT_CIRCUIT_DECIDE, NULL, bed_now), 0);
    check_equal(circuit_listen(listener, 5, bed_now), 0);
    check_equal(circuit_say(listener, TRANSPORT_CIRCUIT_DECIDE, NULL, bed_now), -EINVAL);
    caller = bound(0, "1000");
    check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
    carry();
    check_equal(circuit_phase(caller), TRANSPORT_OPENING);
    called = accepted_of(listener);
    check_equal(sends_bytes(called, "x", 1, 0), -ENOTCONN);
    check_equal(circuit_say(called, TRANSPORT_CIRCUIT_ACCEPT, NULL, bed_now), 0);
    check_equal(circuit_say(called, TRANSPORT_CIRCUIT_ACCEPT, NULL, bed_now), -EINVAL);
    carry();
    check_equal(circuit_phase(caller), TRANSPORT_OPEN);
    check_equal(sends_bytes(called, "x", 1, 0), 1);
    checked();
}

/* ---- listeners ---- */

static struct transport_end *listener_for(const char *address, const char *data)
{
    struct transport_circuit c = {.match_length = (uint8_t)strlen(data),
                                  .data_length = (uint8_t)strlen(data)};
    struct transport_end *end = bound(1, address);

    memcpy(c.data, data, strlen(data));
    check_equal(circuit_say(end, TRANSPORT_CIRCUIT_DATA_SET, &c, bed_now), 0);
    check_equal(circuit_say(end, TRANSPORT_CIRCUIT_MATCH, &c, bed_now), 0);
    check_equal(circuit_listen(end, 5, bed_now), 0);
    return end;
}

static void call_with(const char *address, const char *data)
{
    struct transport_circuit c = {.data_length = (uint8_t)strlen(data)};

    caller = bound(0, "1000");
    memcpy(c.data, data, strlen(data));
    check_equal(circuit_say(caller, TRANSPORT_CIRCUIT_DATA_SET, &c, bed_now), 0);
    check_equal(begins_to_connect(caller, address), -EINPROGRESS);
    carry();
}

static void the_most_specific_listener_gets_the_call(void)
{
    struct transport_end *any, *any_data, *here, *here_ab, *here_abc;
    const struct {
        const char *address, *data;
        struct transport_end **who;
    } rows[] = {{"3000", "", &any},         {"3000", "ab", &any},       {"3000", "zz1", &any_data},
                {"2000", "", &here},        {"2000", "a", &here},       {"2000", "ab", &here_ab},
                {"2000", "abc", &here_abc}, {"2000", "abcd", &here_abc}};

    begin();
    any = listener_at("");
    any_data = listener_for("", "zz");
    here = listener_at("2000");
    here_ab = listener_for("2000", "ab");
    here_abc = listener_for("2000", "abc");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        call_with(rows[i].address, rows[i].data);
        called = accepted_of(*rows[i].who);
        check_equal(said(called).data_length, strlen(rows[i].data));
        check(memcmp(said(called).data, rows[i].data, strlen(rows[i].data)) == 0);
    }
    checked();
}

static void data_that_begins_otherwise_finds_nobody(void)
{
    begin();
    (void)listener_for("2000", "ab");
    call_with("2000", "ac");
    check_equal(circuit_phase(caller), TRANSPORT_CLOSED);
    call_with("2000", "");
    check_equal(circuit_phase(caller), TRANSPORT_CLOSED);
}

static void facilities_are_set_before_and_read_after(void)
{
    struct transport_circuit c = {
        .window_in = 5, .window_out = 6, .packet_in = 8, .packet_out = 9, .throughput = 0xaa};

    begin();
    listener = bound(1, "2000");
    check_equal(circuit_say(listener, TRANSPORT_CIRCUIT_FACILITIES, &c, bed_now), 0);
    check_equal(circuit_listen(listener, 5, bed_now), 0);
    c.window_in = 3;
    caller = bound(0, "1000");
    check_equal(circuit_say(caller, TRANSPORT_CIRCUIT_FACILITIES, &c, bed_now), 0);
    check_equal(begins_to_connect(caller, "2000"), -EINPROGRESS);
    check_equal(circuit_say(caller, TRANSPORT_CIRCUIT_FACILITIES, &c, bed_now), -EINVAL);
    carry();
    called = accepted_of(listener);
    check(said(caller).window_in == 3 && said(caller).window_out == 5);
    check(said(called).window_out == 3 && said(called).window_in == 5);
    check(said(caller).packet_in == 8 && said(caller).packet_out == 8);
    check_equal(said(called).throughput, 0xaa);
}

/* ---- data ---- */

static void records_and_their_q_bits_arrive(void)
{
    struct transport_message m = {.out = (const uint8_t *)"hello", .length = 5, .qualified = true};
    struct transport_message in = {.in = room, .length = 3};

    connected_pair();
    check_equal(circuit_data_send(caller, &m, 0, bed_now), 5);
    check_equal(sends_bytes(caller, "", 0, 0), 0);
    carry();
    check_equal(circuit_data_count(called, COUNT_UNREAD), 5);
    check_equal(reads_bytes(called, TRANSPORT_PEEK), 5);
    check_equal(circuit_data_receive(called, &in, 0, bed_now), 3);
    check_equal(in.true_length, 5);
    check(in.qualified && in.remote.family == NAME_X121);
    check_equal(reads_bytes(called, 0), 0);
    check_equal(reads_bytes(called, 0), -EAGAIN);
}

static void a_name_to_send_to_is_the_peer_s(void)
{
    struct transport_message m = {.out = (const uint8_t *)"x", .length = 1, .remote = at("2000")};

    connected_pair();
    check_equal(circuit_data_send(caller, &m, 0, bed_now), 1);
    m.remote = at("2001");
    check_equal(circuit_data_send(caller, &m, 0, bed_now), -EISCONN);
    check_equal(sends_bytes(caller, room, 65536, 0), -EMSGSIZE);
}

static void what_is_not_read_stops_the_sender_and_reading_lets_it_go_on(void)
{
    int sent_records = 0, got = 0;

    connected_pair();
    for (int i = 0; i < 100000; i++) {
        ssize_t n = sends_bytes(caller, room, 1000, 0);

        carry();
        if (n == -EAGAIN)
            break;
        check_equal(n, 1000);
        sent_records++;
    }
    check(sent_records > 100 && sent_records < 1000);
    check(!(circuit_data_ready(caller) & READY_OUT));
    while (got < sent_records) {
        check_equal(reads_bytes(called, 0), 1000);
        got++;
        carry();
        wait_for(bed_now + 4 * SECOND);
    }
    check(circuit_data_ready(caller) & READY_OUT);
    check_equal(reads_bytes(called, 0), -EAGAIN);
    checked();
}

static void interrupts_are_read_out_of_band(void)
{
    connected_pair();
    check_equal(reads_bytes(called, TRANSPORT_OUT_OF_BAND), -EINVAL);
    check_equal(
        sends_bytes(caller, "0123456789012345678901234567890123456789", 40, TRANSPORT_OUT_OF_BAND),
        32);
    carry();
    check_equal(circuit_data_ready(called), READY_URGENT | READY_OUT);
    check_equal(reads_bytes(called, 0), -EAGAIN);
    check_equal(reads_bytes(called, TRANSPORT_OUT_OF_BAND), 32);
    check_equal(room[31], '1');
}

static void interrupts_are_read_among_the_records_if_asked(void)
{
    connected_pair();
    check_equal(circuit_option_set(called, OPTION_OOB_INLINE, 1, bed_now), 0);
    check_equal(sends_bytes(caller, "now", 3, TRANSPORT_OUT_OF_BAND), 3);
    carry();
    check_equal(reads_bytes(called, TRANSPORT_OUT_OF_BAND), -EINVAL);
    check_equal(reads_bytes(called, 0), 3);
}

static void interrupts_that_nobody_reads_are_bounded(void)
{
    int sent_interrupts = 0;

    connected_pair();
    for (int i = 0; i < 40; i++) {
        if (sends_bytes(caller, "now", 3, TRANSPORT_OUT_OF_BAND) == 3)
            sent_interrupts++;
        carry();
    }
    check_equal(circuit_end_of(called)->interrupts.packets, CIRCUIT_INTERRUPTS);
    for (int i = 0; i < sent_interrupts; i++) {
        check_equal(reads_bytes(called, TRANSPORT_OUT_OF_BAND), 3);
        carry();
    }
    check_equal(reads_bytes(called, TRANSPORT_OUT_OF_BAND), -EINVAL);
    checked();
}

static void interrupts_among_the_records_are_bounded(void)
{
    uint32_t sent_interrupts = 0;

    connected_pair();
    check_equal(circuit_option_set(called, OPTION_OOB_INLINE, 1, bed_now), 0);
    check_equal(circuit_option_set(called, OPTION_RECEIVE_BUFFER, 8192, bed_now), 0);
    for (int i = 0; i < 1000; i++) {
        if (sends_bytes(caller, "now", 3, TRANSPORT_OUT_OF_BAND) == 3)
            sent_interrupts++;
        carry();
    }
    check(circuit_end_of(called)->memory <= circuit_end_of(called)->options.receive_buffer);
    check(circuit_end_of(called)->unconfirmed); /* the rest waits at its sender */
    for (uint32_t i = 0; i < sent_interrupts; i++) {
        check_equal(reads_bytes(called, 0), 3);
        carry();
    }
    check_equal(reads_bytes(called, 0), -EAGAIN);
    check_equal(sends_bytes(caller, "now", 3, TRANSPORT_OUT_OF_BAND), 3); /* all are confirmed */
    checked();
}

static void a_reset_is_told_once(void)
{
    struct transport_circuit why = {.cause = 0, .diagnostic = 99};

    connected_pair();
    check_equal(circuit_say(caller, TRANSPORT_CIRCUIT_RESET, &why, bed_now), 0);
    check_equal(circuit_say(caller, TRANSPORT_CIRCUIT_RESET, &why, bed_now), -EALREADY);
    carry();
    check(circuit_data_ready(called) & READY_ERROR);
    check_equal(said(called).diagnostic, 99);
    check_equal(reads_bytes(called, 0), -ENETRESET);
    check_equal(reads_bytes(called, 0), -EAGAIN);
    check_equal(reads_bytes(caller, 0), -EAGAIN);
    check_equal(sends_bytes(caller, "on", 2, 0), 2);
    carry();
    check_equal(reads_bytes(called, 0), 2);
    checked();
}

static void a_line_that_goes_down_is_told(void)
{
    connected_pair();
    x25_line_down(&a.line, bed_now);
    check_equal(reads_bytes(caller, 0), -ENOTCONN);
    check_equal(circuit_error_take(caller), ENETUNREACH);
    checked();
}

static const struct test tests[] = {
    {"a call is accepted and named", a_call_is_accepted_and_named},
    {"errors are those of Linux", errors_are_those_of_linux},
    {"a call that nobody wants is refused", a_call_that_nobody_wants_is_refused},
    {"a close clears with cause and diagnostic", a_close_clears_with_cause_and_diagnostic},
    {"a listener that closes clears who waits", a_listener_that_closes_clears_who_waits},
    {"a backlog that is full refuses", a_backlog_that_is_full_refuses},
    {"a program may decide itself", a_program_may_decide_itself},
    {"the most specific listener gets the call", the_most_specific_listener_gets_the_call},
    {"data that begins otherwise finds nobody", data_that_begins_otherwise_finds_nobody},
    {"facilities are set before and read after", facilities_are_set_before_and_read_after},
    {"records and their Q bits arrive", records_and_their_q_bits_arrive},
    {"a name to send to is the peer's", a_name_to_send_to_is_the_peer_s},
    {"what is not read stops the sender, and reading lets it go on",
     what_is_not_read_stops_the_sender_and_reading_lets_it_go_on},
    {"interrupts are read out of band", interrupts_are_read_out_of_band},
    {"interrupts are read among the records if asked",
     interrupts_are_read_among_the_records_if_asked},
    {"interrupts among the records that nobody reads are bounded",
     interrupts_among_the_records_are_bounded},
    {"interrupts that nobody reads are bounded", interrupts_that_nobody_reads_are_bounded},
    {"a reset is told once", a_reset_is_told_once},
    {"a line that goes down is told", a_line_that_goes_down_is_told},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
