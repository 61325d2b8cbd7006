/* SPDX-License-Identifier: MIT */
/* The lab's name server: what it says to a query of bytes, and to any bytes. RFC 1035, RFC 6891. */
#include <stdlib.h>
#include <string.h>
#include "7-application/service_parts.h"
#include "base/bytes.h"
#include "check.h"
#include "sockeye/sockeye.h"

enum { A = 1, PTR = 12, MX = 15, AAAA = 28 };

static const struct service_dns_record records[] = {
    {"server", {0, UINT64_C(0xffff0a000002)}},
    {"server", {0, UINT64_C(0xffff0a010002)}},
    {"server", {UINT64_C(0xfd00000000000001), 2}},
    {"old", {0, UINT64_C(0xffff0a000003)}},
};
static struct service_dns_plan plan;
static uint8_t query[512], answer[SERVICE_DNS_BYTES];
static size_t length;

static void ask(const char *name, uint16_t type, bool edns)
{
    struct writer w = writer_of(query, sizeof query);

    write_u16(&w, 0x1234);
    write_u16(&w, 0x0100);
    write_u16(&w, 1);
    write_u16(&w, 0);
    write_u16(&w, 0);
    write_u16(&w, edns);
    while (*name != '\0') {
        size_t label = strcspn(name, ".");

        write_u8(&w, (uint8_t)label);
        write_copy(&w, name, label);
        name += label + (name[label] == '.');
    }
    write_u8(&w, 0);
    write_u16(&w, type);
    write_u16(&w, 1);
    if (edns) {
        write_u8(&w, 0);
        write_u16(&w, 41);
        write_u16(&w, 4096);
        write_u32(&w, 0);
        write_u16(&w, 0);
    }
    length = (size_t)(w.at - query);
}

static unsigned answered(unsigned *records_in)
{
    size_t is = service_dns_answer(&plan, query, length, false, answer);

    if (is == 0)
        return 99;
    check(is >= 12 && is <= SERVICE_DNS_BYTES);
    check_equal(u16_at(answer), 0x1234);
    check(answer[2] & 0x80);
    *records_in = u16_at(answer + 6);
    return answer[3] & 15;
}

static void begin(void)
{
    plan = (struct service_dns_plan){.records = records, .count = 4, .ttl = 60};
}

static void names_of_the_lab_are_answered(void)
{
    static const struct {
        const char *name;
        uint16_t type;
        unsigned code, count;
    } rows[] = {
        {"server", A, 0, 2},
        {"server", AAAA, 0, 1},
        {"SeRvEr", A, 0, 2},
        {"old", A, 0, 1},
        {"old", AAAA, 0, 0},
        {"server", MX, 0, 0},
        {"nobody", A, 3, 0},
        {"", A, 3, 0},
        {"server.com", A, 3, 0},
        {"2.0.0.10.in-addr.arpa", PTR, 0, 1},
        {"2.0.0.10.in-addr.arpa", A, 0, 0},
        {"9.0.0.10.in-addr.arpa", PTR, 3, 0},
        {"2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", PTR, 0, 1},
    };
    unsigned count;

    begin();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ask(rows[i].name, rows[i].type, i % 2);
        if (answered(&count) != rows[i].code || count != rows[i].count)
            test_fail(__FILE__, __LINE__, "%s %u: %u records", rows[i].name, rows[i].type, count);
        check_equal(u16_at(answer + 10), i % 2); /* RFC 6891 6.1.1: OPT for OPT */
        check((answer[2] & 4) != 0);             /* it is the authority */
    }
    ask("SeRvEr", A, false);
    (void)answered(&count);
    check(memcmp(answer + 13, "SeRvEr", 6) == 0); /* the question as it came (D-01) */
    check_equal(u32_at(answer + length + 12), 0x0a000002);
    check_equal(u32_at(answer + length + 6), 60);
}

/* RFC 1035 4.2.1, RFC 6891 6.2.5: no longer than the asker takes, and told so. */
static void long_answers_are_cut(void)
{
    static struct service_dns_record many[60];
    unsigned count = 0;

    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i] = (struct service_dns_record){"many", {0, UINT64_C(0xffff0a000001) + i}};
    begin();
    plan.records = many;
    plan.count = sizeof many / sizeof *many;
    ask("many", A, false);
    check(service_dns_answer(&plan, query, length, false, answer) <= 512);
    check_equal(answered(&count), 0);
    check((answer[2] & 2) != 0 && count > 0 && count < 60);
    check(service_dns_answer(&plan, query, length, true, answer) > 512);
    check((answer[2] & 2) == 0);
    check_equal(u16_at(answer + 6), 60);
    ask("many", A, true);
    check_equal(answered(&count), 0);
    check((answer[2] & 2) == 0 && count == 60);
}

static void bad_servers_are_bad(void)
{
    unsigned count = 0;

    begin();
    ask("server", A, true);
    plan.fault = DNS_SILENT;
    check_equal(answered(&count), 99);
    plan.fault = DNS_FAILS;
    check_equal(answered(&count), 2);
    plan.fault = DNS_DENIES;
    check_equal(answered(&count), 3);
}

/* Of a name, or of whatever name there is; the family that no lie is of has nothing. */
static void a_liar_says_what_it_is_told(void)
{
    static const struct service_dns_record of_one[] = {{"server", {0, UINT64_C(0xffff01020304)}},
                                                       {"nobody", {UINT64_C(0xfd09) << 48, 9}}};
    static const struct service_dns_record of_all[] = {{NULL, {0, UINT64_C(0xffff01020304)}}};
    unsigned count = 0;

    begin();
    plan.lies = of_one;
    plan.lies_count = 2;
    ask("server", A, true);
    check_equal(answered(&count), 0);
    check_equal(count, 1);
    check_equal(u32_at(answer + length - 11 + 12), 0x01020304);
    ask("server", AAAA, true);
    check_equal(answered(&count), 0);
    check_equal(count, 0);
    ask("old", A, true);
    check_equal(answered(&count), 0);
    check_equal(u32_at(answer + length - 11 + 12), 0x0a000003);
    ask("nobody", AAAA, true);
    check_equal(answered(&count), 0);
    check_equal(count, 1);
    ask("2.0.0.10.in-addr.arpa", PTR, true);
    check_equal(answered(&count), 0);
    check_equal(count, 1);
    plan.lies = of_all;
    plan.lies_count = 1;
    ask("old", A, true);
    check_equal(answered(&count), 0);
    check_equal(u32_at(answer + length - 11 + 12), 0x01020304);
    ask("nobody", A, true);
    check_equal(answered(&count), 3);
}

/* An address that comes while the lab runs. */
static void a_name_without_an_address_has_none(void)
{
    static const struct service_dns_record live[] = {{"live", {0, 0}},
                                                     {"live", {0, UINT64_C(0xffff0a000009)}}};
    unsigned count = 0;

    begin();
    plan.records = live;
    plan.count = 1;
    ask("live", A, false);
    check_equal(answered(&count), 0);
    check_equal(count, 0);
    ask("live", AAAA, false);
    check_equal(answered(&count), 0);
    check_equal(count, 0);
    ask("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", PTR, false);
    check_equal(answered(&count), 3);
    plan.count = 2;
    ask("live", A, false);
    check_equal(answered(&count), 0);
    check_equal(count, 1);
}

static void malformed_queries_are_told_or_dropped(void)
{
    unsigned count = 0;

    begin();
    for (size_t cut = 0; cut < 24; cut++) {
        ask("server", A, false);
        length = cut;
        check_equal(answered(&count), cut < 12 ? 99 : 1);
    }
    ask("server", A, false);
    query[2] |= 0x80; /* an answer is no query */
    check_equal(answered(&count), 99);
    query[2] = 0x28; /* another operation */
    check_equal(answered(&count), 4);
    ask("server", A, false);
    query[5] = 2; /* two questions */
    check_equal(answered(&count), 1);
    ask("server", A, false);
    query[12] = 0xc0; /* a pointer, to itself */
    query[13] = 12;
    check_equal(answered(&count), 1);
    ask("server", A, false);
    query[14] = 0; /* a byte that would end the text */
    check_equal(answered(&count), 1);
    ask("server", A, true);
    query[length - 1] = 9; /* more data than there is */
    check_equal(answered(&count), 0);
    check_equal(u16_at(answer + 10), 0);
}

static void any_bytes_are_harmless(void)
{
    uint32_t state = 1035;

    begin();
    for (int i = 0; i < 100000; i++) {
        uint8_t *some;

        ask(i % 3 ? "server" : "a.b.c", A, i % 2);
        for (int k = 0; k < i % 5; k++) {
            state = state * 1664525 + 1013904223;
            query[(state >> 8) % length] = (uint8_t)(state >> 24);
        }
        length = (state >> 16) % 4 ? length : (state >> 12) % (length + 1);
        some = malloc(length + 1);
        check(some);
        memcpy(some, query, length);
        check(service_dns_answer(&plan, some, length, false, answer) <= SERVICE_DNS_BYTES);
        free(some);
    }
}

/* More addresses than an answer holds: what fits is told. */
static void a_full_answer_is_cut_at_a_record(void)
{
    static struct service_dns_record many[500];
    unsigned count;

    begin();
    for (size_t i = 0; i < 500; i++)
        many[i] = (struct service_dns_record){"many", {1, i}};
    plan.records = many;
    plan.count = 500;
    ask("many", AAAA, true);
    check_equal(answered(&count), 0);
    check(count > 30 && count < 50);
}

static const struct test tests[] = {
    {"RFC 1035 4: names of the lab are answered, in any case (2.3.3)",
     names_of_the_lab_are_answered},
    {"RFC 1035 4.2.1: an answer longer than the asker takes is cut, and says so",
     long_answers_are_cut},
    {"a bad server is silent, fails or denies", bad_servers_are_bad},
    {"a liar says what it is told of a name, or of all", a_liar_says_what_it_is_told},
    {"a name whose address has not come yet has none", a_name_without_an_address_has_none},
    {"RFC 1035 4.1.1: malformed queries are told so, or dropped",
     malformed_queries_are_told_or_dropped},
    {"any bytes are harmless", any_bytes_are_harmless},
    {"a full answer is cut at a record", a_full_answer_is_cut_at_a_record},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
