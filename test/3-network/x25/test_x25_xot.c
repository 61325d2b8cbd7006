/* SPDX-License-Identifier: MIT */
/* What RFC 1613 asks of packets, and the facilities that are put into calls for it. */
#include "3-network/x25/x25_xot.h"

#include <string.h>

#include "3-network/x25/x25_call_edit.h"
#include "3-network/x25/x25_packet.h"
#include "check.h"
#include "fake_arena.h"

static struct arena *arena;
static struct packets packets;
static struct budget budget;

static struct packet *packet_of(const uint8_t *bytes, uint32_t length)
{
    const struct packet_limits limits = {64, 8, 4};
    struct packet *p;

    arena = fake_arena_fresh(arena, 16 << 20);
    budget = (struct budget){0, 64};
    check_equal(packet_pool_init(&packets, arena, &limits), 0);
    p = packet_get(&packets, &budget, 300);
    check(p);
    memcpy(packet_append(p, length), bytes, length);
    return p;
}

static bool is(const struct packet *p, const uint8_t *bytes, uint32_t length)
{
    return packet_length(p) == length && memcmp(packet_data(p), bytes, length) == 0;
}

struct row {
    uint8_t before[32];
    uint32_t before_length;
    uint8_t after[40];
    uint32_t after_length;
};

/* To 123 from 45: three digits and two; then facilities, then user data C0. */
static const struct row calls[] = {
    {{0x10, 1, 0x0b, 0x23, 0x12, 0x34, 0x50, 0x00, 0xc0},
     9,
     {0x10, 1, 0x0b, 0x23, 0x12, 0x34, 0x50, 0x06, 0x42, 7, 7, 0x43, 2, 2, 0xc0},
     15},
    {{0x10, 1, 0x0b, 0x23, 0x12, 0x34, 0x50, 0x03, 0x43, 5, 4, 0xc0},
     12,
     {0x10, 1, 0x0b, 0x23, 0x12, 0x34, 0x50, 0x06, 0x42, 7, 7, 0x43, 5, 4, 0xc0},
     15},
    {{0x20, 1, 0x0b, 0x00, 0x05, 0x01, 0x80, 0x42, 8, 9},
     10,
     {0x20, 1, 0x0b, 0x00, 0x08, 0x43, 2, 2, 0x01, 0x80, 0x42, 8, 9},
     13},
    /* what is behind a marker is the network's own */
    {{0x10, 1, 0x0b, 0x00, 0x05, 0x00, 0x00, 0x43, 1, 1},
     10,
     {0x10, 1, 0x0b, 0x00, 0x0b, 0x42, 7, 7, 0x43, 2, 2, 0x00, 0x00, 0x43, 1, 1},
     16},
    /* one that is not known, of four octets, is skipped and kept */
    {{0x10, 1, 0x0b, 0x00, 0x05, 0xc7, 0x03, 0x43, 1, 1},
     10,
     {0x10, 1, 0x0b, 0x00, 0x0b, 0x42, 7, 7, 0x43, 2, 2, 0xc7, 0x03, 0x43, 1, 1},
     16},
    /* addresses alone */
    {{0x10, 1, 0x0b, 0x01, 0x10}, 5, {0x10, 1, 0x0b, 0x01, 0x10, 0x06, 0x42, 7, 7, 0x43, 2, 2}, 12},
};

static void calls_say_both_sizes(void)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct packet *p = packet_of(calls[i].before, calls[i].before_length);
        struct x25_xot x = {0};

        check(x25_xot_send(&x, p));
        check(is(p, calls[i].after, calls[i].after_length));
        check(x.called && !x.incoming);
        check(x25_xot_send(&x, p)); /* nothing is added twice */
        check(is(p, calls[i].after, calls[i].after_length));
    }
}

static void calls_that_cannot_be_read_are_not_sent(void)
{
    static const struct {
        uint8_t bytes[8];
        uint32_t length;
    } bad[] = {
        {{0x10, 1, 0x0b, 0xff, 0x12}, 5},    /* addresses longer than the packet */
        {{0x10, 1, 0x0b, 0x00, 0x09}, 5},    /* facilities longer than it */
        {{0x10, 1, 0x0b, 0x00, 0x6d, 1}, 6}, /* the same */
        {{0x10, 1}, 2},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct packet *p = packet_of(bad[i].bytes, bad[i].length);
        struct x25_xot x = {0};

        check(!x25_xot_send(&x, p));
    }
}

static void answer_says_what_the_call_did_not(void)
{
    static const uint8_t bare[] = {0x10, 1, 0x0b, 0x00, 0x03, 0x43, 3, 3};
    static const uint8_t answer[] = {0x10, 1, 0x0f};
    static const uint8_t whole[] = {0x10, 1, 0x0f, 0x00, 0x03, 0x42, 7, 7};
    struct x25_xot x = {0};
    struct packet *p = packet_of(bare, sizeof bare);

    check_equal(x25_xot_receive(&x, p), X25_XOT_PASS);
    check(is(p, bare, sizeof bare));
    p = packet_of(answer, sizeof answer);
    check(x25_xot_send(&x, p));
    check(is(p, whole, sizeof whole));
    /* and what the answer says already it does not say twice */
    x = (struct x25_xot){0};
    p = packet_of(bare, 5);
    packet_data(p)[4] = 0;
    check_equal(x25_xot_receive(&x, p), X25_XOT_PASS);
    p = packet_of(whole, sizeof whole);
    check(x25_xot_send(&x, p));
    check_equal(packet_length(p), sizeof whole + 3);
    check(x25_call_edit_find(p, X25_CODE_WINDOW));
}

static void whole_call_gets_a_plain_answer(void)
{
    static const uint8_t call[] = {0x10, 1, 0x0b, 0x00, 0x06, 0x42, 8, 8, 0x43, 3, 3};
    static const uint8_t answer[] = {0x10, 1, 0x0f};
    struct x25_xot x = {0};
    struct packet *p = packet_of(call, sizeof call);

    check_equal(x25_xot_receive(&x, p), X25_XOT_PASS);
    p = packet_of(answer, sizeof answer);
    check(x25_xot_send(&x, p));
    check(is(p, answer, sizeof answer));
}

static const uint8_t local_types[] = {X25_RESTART_REQUEST,
                                      X25_RESTART_CONFIRMATION,
                                      X25_REJ,
                                      0x29, /* REJ with P(R) 1 */
                                      X25_DIAGNOSTIC,
                                      X25_REGISTRATION_REQUEST,
                                      X25_REGISTRATION_CONFIRMATION};

static void packets_of_an_interface_do_not_pass(void)
{
    for (size_t i = 0; i < sizeof local_types; i++)
        for (int called = 0; called < 2; called++) {
            const uint8_t bytes[] = {0x10, 0, local_types[i], 0, 0};
            struct x25_xot x = {.called = called};
            struct packet *p = packet_of(bytes, sizeof bytes);

            check(!x25_xot_send(&x, p));
            check_equal(x25_xot_receive(&x, p), X25_XOT_DROP);
            check_equal(x.called, called);
        }
}

static void circuits_packets_pass(void)
{
    static const uint8_t types[] = {X25_DATA,
                                    X25_RR,
                                    X25_RNR,
                                    X25_CLEAR_REQUEST,
                                    X25_RESET_REQUEST,
                                    X25_RESET_CONFIRMATION,
                                    X25_INTERRUPT,
                                    X25_INTERRUPT_CONFIRMATION,
                                    X25_CLEAR_CONFIRMATION};

    for (size_t i = 0; i < sizeof types; i++) {
        const uint8_t bytes[] = {0x10, 1, types[i], 0, 0};
        struct x25_xot x = {.called = true};
        struct packet *p = packet_of(bytes, sizeof bytes);

        check(x25_xot_send(&x, p));
        check_equal(x25_xot_receive(&x, p), X25_XOT_PASS);
        check(is(p, bytes, sizeof bytes));
        x.called = false;
        check_equal(x25_xot_receive(&x, p), X25_XOT_DROP);
    }
}

static void nothing_but_a_call_begins(void)
{
    for (uint32_t type = 0; type < 256; type++) {
        const uint8_t bytes[] = {0x10, 1, (uint8_t)type, 0, 0};
        struct x25_xot x = {0};
        struct packet *p = packet_of(bytes, sizeof bytes);
        enum x25_xot_verdict v = x25_xot_receive(&x, p);

        check_equal(v, type == X25_CALL_REQUEST ? X25_XOT_PASS
                       : type == X25_PVC_SETUP  ? X25_XOT_CLOSE
                                                : X25_XOT_DROP);
        check_equal(x.called, type == X25_CALL_REQUEST);
    }
}

static void pvc_is_refused_by_its_status(void)
{
    uint8_t setup[] = {0x10, 1, 0xf5, 0x81, 0, 2,   0,   1,   3,   0,
                       1,    2, 2,    7,    7, 's', '0', 's', '1', 'a'};
    struct x25_xot x = {0};
    struct packet *p = packet_of(setup, sizeof setup);

    check_equal(x25_xot_receive(&x, p), X25_XOT_ANSWER);
    setup[4] = 0x16; /* no such PVC */
    check(is(p, setup, sizeof setup));
    /* another version, a status that is no question, padding behind the names */
    for (int i = 0; i < 3; i++) {
        setup[3] = i == 0 ? 0x80 : 0x81;
        setup[4] = i == 1 ? 0x12 : 0;
        p = packet_of(setup, sizeof setup - (i == 2));
        check_equal(x25_xot_receive(&x, p), X25_XOT_ANSWER);
        check_equal(packet_data(p)[4], 0x1a);
    }
    for (uint32_t length = 3; length < 15; length++)
        check_equal(x25_xot_receive(&x, packet_of(setup, length)), X25_XOT_CLOSE);
    x.called = true;
    check_equal(x25_xot_receive(&x, packet_of(setup, sizeof setup)), X25_XOT_DROP);
}

static void modulo_is_the_calls(void)
{
    static const uint8_t call_8[] = {0x10, 1, 0x0b, 0, 0}, call_128[] = {0x20, 1, 0x0b, 0, 0};

    check(!x25_xot_is_extended(packet_of(call_8, sizeof call_8)));
    check(x25_xot_is_extended(packet_of(call_128, sizeof call_128)));
}

static void facilities_have_a_limit(void)
{
    uint8_t call[3 + 1 + 1 + 109] = {0x10, 1, 0x0b, 0, 107};
    struct packet *p = packet_of(call, 5 + 107);

    check(!x25_call_edit_add(p, X25_CODE_WINDOW, 2, 2));
    call[4] = 106;
    p = packet_of(call, 5 + 106);
    check(x25_call_edit_add(p, X25_CODE_WINDOW, 2, 2));
    check_equal(packet_length(p), 5 + 109);
}

static const struct test tests[] = {
    {"a call says packet size and window size (RFC 1613 6.1)", calls_say_both_sizes},
    {"a call that cannot be read is not sent", calls_that_cannot_be_read_are_not_sent},
    {"the answer says what the call did not (RFC 1613 6.1)", answer_says_what_the_call_did_not},
    {"the answer to a whole call is as it was", whole_call_gets_a_plain_answer},
    {"packets of an interface are not sent, and dropped (RFC 1613 6.4)",
     packets_of_an_interface_do_not_pass},
    {"packets of a circuit pass (RFC 1613 6.2, 6.3)", circuits_packets_pass},
    {"before a call nothing else is taken (RFC 1613 6.1)", nothing_but_a_call_begins},
    {"a PVC is refused by its status (RFC 1613 6.5)", pvc_is_refused_by_its_status},
    {"the modulo is the call's", modulo_is_the_calls},
    {"facilities have a limit", facilities_have_a_limit},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
