/* SPDX-License-Identifier: MIT */
/* trace.h: a line an event, as text and as JSON that a parser reads. */
#include "check.h"
#include "frames.h"
#include "observe/decode/decode.h"
#include "observe/fields.h"
#include "observe/trace.h"
#include <jansson.h>

static void run(struct trace *t)
{
    struct frame f;
    struct sockeye_event e;

    frame_tcp(&f, &(struct segment){.from = 1, .flags = DECODE_SYN, .seq = 0xfffffff0});
    e = frame_event(&f, 1500, 1);
    trace_event(t, &e);
    frame_tcp(&f, &(struct segment){
                      .from = 2, .flags = DECODE_SYN | DECODE_ACK, .seq = 77, .ack = 0xfffffff1});
    e = frame_event(&f, 2500, 2);
    trace_event(t, &e);
    frame_tcp(
        &f, &(struct segment){.from = 1, .flags = DECODE_ACK, .seq = 9, .ack = 78, .length = 100});
    e = frame_event(&f, 3000000000, 1);
    e.frame.mark = MARK_RETRANSMIT_RTO;
    e.frame.flags = FRAME_LOST;
    trace_event(t, &e);
    e.kind = EVENT_DROP;
    e.drop.reason = DROP_TCP_PAWS;
    trace_event(t, &e);
    e = state_event(4, 1, TCP_STATE_CLOSED, TCP_STATE_SYN_SENT);
    trace_event(t, &e);
    e.kind = EVENT_TCP_CWND;
    e.tcp_cwnd = (struct event_tcp_cwnd){.cwnd = 14480, .ssthresh = -1, .phase = 3};
    trace_event(t, &e);
    for (int kind = 0; kind < EVENT_KINDS + 2; kind++) {
        /* numbers that no enum has, too; no bytes at a place that is no pointer */
        memset(&e, 250, sizeof e);
        e.time = 5;
        e.host = 0;
        e.wire = EVENT_NOWHERE;
        e.kind = (uint16_t)kind;
        e.frame.bytes = NULL;
        trace_event(t, &e);
        if (kind == EVENT_NOTE) {
            e.note = (struct event_note){test_endpoint(2).address, 0, NOTE_ADDRESS_DEFENDED};
            trace_event(t, &e);
        }
    }
}

static void text_shows_relative_numbers_and_reasons(void)
{
    FILE *file = tmpfile();
    struct trace t;
    const char *text;

    check(file && trace_init(&t, file, &test_names, false) == 0);
    run(&t);
    trace_done(&t);
    text = file_text(file);
    check(strncmp(text, "0.000001500 event=sent wire=w0 from=a.eth0 to=b.eth0", 52) == 0);
    check(strstr(text, "flags=SYN,ACK seq=0 ack=1 "));
    check(strstr(text, "seq=25 ack=1 length=100")); /* across the wrap */
    check(strstr(text, "lost=yes mark=\"retransmission (timeout)\""));
    check(strstr(text, "event=drop"));
    check(strstr(text, "reason=tcp-paws"));
    check(strstr(text, "old=CLOSED new=SYN-SENT local=10.0.0.1:40000 remote=10.0.0.2:80"));
    check(strstr(text, "event=cwnd host=a cwnd=14480 flight=0 "));
    check(strstr(text, " phase=recovery "));
    check(strstr(text, "event=note host=a cause=\"another station claims this address of ours: "
                       "it is defended\" address=10.0.0.2 conflicts=0\n"));
    fclose(file);
}

static void every_json_line_parses(void)
{
    FILE *file = tmpfile();
    struct trace t;
    char line[FIELDS_BYTES];
    int lines = 0;

    check(file && trace_init(&t, file, &test_names, true) == 0);
    run(&t);
    trace_done(&t);
    rewind(file);
    while (fgets(line, sizeof line, file)) {
        json_t *root = json_loads(line, 0, NULL);

        check(root != NULL);
        check(json_is_integer(json_object_get(root, "time")));
        if (lines == 1)
            check_equal(json_integer_value(json_object_get(json_object_get(root, "tcp"), "ack")),
                        1);
        json_decref(root);
        lines++;
    }
    check_equal(lines, 6 + EVENT_KINDS + 2 + 1);
    fclose(file);
}

static const struct address fd00 = {UINT64_C(0xfd00) << 48, 1};

static void put(struct trace *t, uint16_t kind, struct sockeye_event e)
{
    e.time = 1;
    e.kind = kind;
    e.host = 0;
    e.wire = EVENT_NOWHERE;
    trace_event(t, &e);
}

static void put_tables(struct trace *t)
{
    struct event_mapping mapping = {.inner = {.address = fd00, .port = 80},
                                    .outer = test_endpoint(1),
                                    .protocol = 17,
                                    .change = CHANGE_ENDED};

    put(t, EVENT_ADDRESS,
        (struct sockeye_event){
            .address = {
                {fd00, 64}, INT64_MAX, 7, 1, ADDRESS_TENTATIVE, ADDRESS_PREFERRED, ORIGIN_RA}});
    put(t, EVENT_ROUTE,
        (struct sockeye_event){
            .route = {{address_from_ip4(0), 0}, test_endpoint(2).address, 3, 1, CHANGE_ADDED, 0}});
    put(t, EVENT_STATION,
        (struct sockeye_event){.station = {{2, 0, 0, 0, 0, 1}, 7, 258, 0, CHANGE_MOVED}});
    put(t, EVENT_MAPPING, (struct sockeye_event){.mapping = mapping});
    put(t, EVENT_GROUP, (struct sockeye_event){.group = {fd00, {0, 0}, 1, CHANGE_JOINED, 0}});
    put(t, EVENT_FAULT, (struct sockeye_event){.fault = {20000, FAULT_LOSS, CHANGE_BEGAN}});
}

static void changes_of_tables_are_lines(void)
{
    FILE *file = tmpfile();
    struct trace t;

    check(file && trace_init(&t, file, &test_names, false) == 0);
    put_tables(&t);
    trace_done(&t);
    check(strcmp(file_text(file),
                 "0.000000001 event=address host=a address=fd00::1/64 old=TENTATIVE new=PREFERRED "
                 "origin=ra interface=1 valid_until_ns=7\n"
                 "0.000000001 event=route host=a change=added prefix=0.0.0.0/0 gateway=10.0.0.2 "
                 "interface=1 metric=3\n"
                 "0.000000001 event=station host=a change=moved mac=02:00:00:00:00:01 vlan=7 "
                 "port=258 old_port=0\n"
                 "0.000000001 event=mapping host=a change=ended protocol=17 inner=[fd00::1]:80 "
                 "outer=10.0.0.1:40000\n"
                 "0.000000001 event=group host=a change=joined group=fd00::1 interface=1\n"
                 "0.000000001 event=fault host=a change=began fault=loss value=20000\n") == 0);
    fclose(file);
}

static void odd_bytes_are_escaped(void)
{
    struct fields f;
    json_t *root;

    fields_open(&f, true);
    fields_text(&f, "name", "a\"b\\c\n\x01\xff\xc3\xa9");
    root = json_loads(fields_close(&f), 0, NULL);
    check(root != NULL);
    check(strcmp(json_string_value(json_object_get(root, "name")),
                 "a\"b\\c\n\x01\xef\xbf\xbd\xc3\xa9") == 0);
    json_decref(root);
}

static void a_line_too_long_stays_json(void)
{
    struct fields f;
    json_t *root;

    fields_open(&f, true);
    for (int i = 0; i < 1000; i++)
        fields_text(&f, "name", "0123456789abcdef");
    root = json_loads(fields_close(&f), 0, NULL);
    check(root != NULL && f.length < FIELDS_BYTES);
    json_decref(root);
}

static const struct test tests[] = {
    {"text lines show relative numbers and reasons", text_shows_relative_numbers_and_reasons},
    {"every JSON line parses, for every kind of event", every_json_line_parses},
    {"a change of a table is a line with all that it tells", changes_of_tables_are_lines},
    {"quotes, control bytes and bytes that are no UTF-8 are escaped", odd_bytes_are_escaped},
    {"a line that would be too long is still JSON", a_line_too_long_stays_json},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
