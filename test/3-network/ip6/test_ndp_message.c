/* SPDX-License-Identifier: MIT */
/* The messages of ND as bytes and as values. */
#include "3-network/ip6/ndp_message.h"
#include "check.h"

#include "base/integer.h"

static const struct address target = {UINT64_C(0x20010db800000000), 5};
static const struct address prefix = {UINT64_C(0x20010db800010000), 0};

static bool read_of(const uint8_t *bytes, size_t length, struct ndp_header *h)
{
    struct reader r = reader_of(bytes, length);

    return ndp_message_read(&r, h);
}

static void each_message_is_read_as_it_was_written(void)
{
    const struct ndp_header all[] = {
        {.type = NDP_ROUTER_SOLICITATION},
        {.type = NDP_ROUTER_ADVERTISEMENT,
         .hop_limit = 64,
         .managed = true,
         .preference = NDP_PREFER_HIGH,
         .lifetime_s = 1800,
         .reachable_ms = 30000,
         .retransmit_ms = 1000},
        {.type = NDP_ROUTER_ADVERTISEMENT, .other = true, .preference = NDP_PREFER_LOW},
        {.type = NDP_NEIGHBOR_SOLICITATION, .target = {1, 2}},
        {.type = NDP_NEIGHBOR_ADVERTISEMENT, .target = {1, 2}, .router = true},
        {.type = NDP_NEIGHBOR_ADVERTISEMENT, .target = {1, 2}, .solicited = true},
        {.type = NDP_NEIGHBOR_ADVERTISEMENT, .target = {1, 2}, .override = true},
        {.type = NDP_REDIRECT, .target = {1, 2}, .dest = {3, 4}},
    };
    static const size_t lengths[] = {8, 16, 16, 24, 24, 24, 24, 40};

    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        uint8_t bytes[64];
        struct writer w = writer_of(bytes, sizeof bytes);
        struct ndp_header h;

        ndp_message_write(&w, &all[k]);
        check_equal((size_t)(w.at - bytes), lengths[k]);
        check(read_of(bytes, lengths[k], &h));
        check(!read_of(bytes, lengths[k] - 1, &h));
        check(read_of(bytes, lengths[k], &h));
        check_equal(h.type, all[k].type);
        check_equal(h.hop_limit, all[k].hop_limit);
        check_equal(h.managed, all[k].managed);
        check_equal(h.other, all[k].other);
        check_equal(h.preference, all[k].preference);
        check_equal(h.lifetime_s, all[k].lifetime_s);
        check_equal(h.reachable_ms, all[k].reachable_ms);
        check_equal(h.retransmit_ms, all[k].retransmit_ms);
        check_equal(h.router, all[k].router);
        check_equal(h.solicited, all[k].solicited);
        check_equal(h.override, all[k].override);
        check(address_equal(h.target, all[k].target) && address_equal(h.dest, all[k].dest));
        bytes[1] = 1;
        check(!read_of(bytes, lengths[k], &h)); /* a code */
    }
}

static void other_types_are_none_of_nd(void)
{
    static const size_t lengths[] = {8, 16, 24, 24, 40};
    uint8_t bytes[64] = {0};
    struct ndp_header h;

    for (uint32_t type = 0; type < 256; type++) {
        bool ours = type >= NDP_ROUTER_SOLICITATION && type <= NDP_REDIRECT;

        bytes[0] = (uint8_t)type;
        check_equal(read_of(bytes, ours ? lengths[type - NDP_ROUTER_SOLICITATION] : 40, &h), ours);
    }
}

/* What options a router solicitation may have behind its 8 bytes. */
static void an_option_of_no_length_makes_a_message_invalid(void)
{
    static const struct {
        uint8_t bytes[16];
        size_t length;
        bool valid;
    } rows[] = {
        {{0}, 0, true},
        {{99, 1}, 8, true},
        {{99, 0}, 8, false},
        {{99, 2}, 16, true},
        {{99, 2}, 8, false}, /* longer than there is */
        {{99, 1, 0, 0, 0, 0, 0, 0, 99, 0}, 16, false},
        {{99}, 1, false}, /* cut off */
        {{99, 1}, 7, false},
        {{99, 1, 0, 0, 0, 0, 0, 0, 1}, 9, false},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        uint8_t bytes[32] = {NDP_ROUTER_SOLICITATION};
        struct ndp_header h;

        memcpy(bytes + 8, rows[k].bytes, rows[k].length);
        check_equal(read_of(bytes, 8 + rows[k].length, &h), rows[k].valid);
    }
}

static struct ndp_option through_bytes(const struct ndp_option *o, uint32_t bytes_expected)
{
    static uint8_t bytes[256];
    struct writer w = writer_of(bytes, sizeof bytes);
    struct ndp_option back = {.type = 0};
    struct reader r;

    ndp_message_option_write(&w, o);
    check(!w.failed);
    check_equal((size_t)(w.at - bytes), bytes_expected);
    check_equal((size_t)bytes[1] * NDP_OPTION_UNIT, bytes_expected);
    r = reader_of(bytes, bytes_expected);
    check(ndp_message_option_read(&r, &back));
    check_equal(back.type, o->type);
    check_equal(reader_left(&r), 0);
    return back;
}

static void each_option_is_read_as_it_was_written(void)
{
    static const uint8_t nonce[6] = {1, 2, 3, 4, 5, 6}, servers[32] = {0x20, 1};
    struct ndp_option o = {.type = NDP_OPTION_SOURCE_MAC, .mac = {{2, 3, 4, 5, 6, 7}}}, back;

    back = through_bytes(&o, 8);
    check(memcmp(&back.mac, &o.mac, 6) == 0);
    o = (struct ndp_option){.type = NDP_OPTION_MTU, .mtu = 1400};
    check_equal(through_bytes(&o, 8).mtu, 1400);
    o = (struct ndp_option){.type = NDP_OPTION_PREFIX,
                            .prefix = prefix,
                            .prefix_length = 64,
                            .on_link = true,
                            .lifetime_s = 100,
                            .preferred_s = 50};
    back = through_bytes(&o, 32);
    check(address_equal(back.prefix, prefix) && back.on_link && !back.autonomous);
    check(back.prefix_length == 64 && back.lifetime_s == 100 && back.preferred_s == 50);
    o.on_link = false;
    o.autonomous = true;
    back = through_bytes(&o, 32);
    check(back.autonomous && !back.on_link);
    o = (struct ndp_option){.type = NDP_OPTION_ROUTE,
                            .prefix = prefix,
                            .prefix_length = 48,
                            .preference = NDP_PREFER_LOW,
                            .lifetime_s = UINT32_MAX};
    back = through_bytes(&o, 24);
    check(address_equal(back.prefix, address_masked(prefix, 48)));
    check(back.preference == NDP_PREFER_LOW && back.lifetime_s == UINT32_MAX);
    o = (struct ndp_option){.type = NDP_OPTION_NONCE, .bytes = nonce, .length = sizeof nonce};
    back = through_bytes(&o, 8);
    check(back.length == 6 && memcmp(back.bytes, nonce, 6) == 0);
    o = (struct ndp_option){
        .type = NDP_OPTION_SERVERS, .bytes = servers, .length = sizeof servers, .lifetime_s = 9};
    back = through_bytes(&o, 40);
    check(back.length == 32 && back.lifetime_s == 9 && back.bytes[0] == 0x20);
}

/* RFC 4191 2.3: of a prefix that is short there need not be all, and a reserved preference says
 * that the option is to be ignored. */
static void a_route_brings_as_much_of_its_prefix_as_it_needs(void)
{
    static const struct {
        uint8_t bytes[24];
        bool read;
    } rows[] = {
        {{24, 1, 0, 0, 0, 0, 0, 9}, true},         {{24, 1, 1, 0, 0, 0, 0, 9}, false},
        {{24, 2, 64, 0, 0, 0, 0, 9, 0x20}, true},  {{24, 2, 65, 0, 0, 0, 0, 9, 0x20}, false},
        {{24, 3, 128, 0, 0, 0, 0, 9, 0x20}, true}, {{24, 3, 129, 0, 0, 0, 0, 9, 0x20}, false},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        struct reader r = reader_of(rows[k].bytes, (size_t)rows[k].bytes[1] * 8);
        struct ndp_option o;

        check_equal(ndp_message_option_read(&r, &o), rows[k].read);
    }
}

static void options_of_another_form_are_passed_over(void)
{
    static const uint8_t bytes[] = {
        1,  2, 9,  9,    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, /* too long */
        5,  2, 0,  0,    0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* the same */
        3,  1, 64, 0xc0, 0, 0, 0, 1,                         /* short */
        25, 2, 0,  0,    0, 0, 0, 9, 1, 1, 1, 1, 1, 1, 1, 1, /* half a server */
        5,  1, 0,  0,    0, 0, 5, 0};
    struct reader r = reader_of(bytes, sizeof bytes);
    struct ndp_option o;

    check(ndp_message_option_read(&r, &o));
    check(o.type == NDP_OPTION_MTU && o.mtu == 1280);
    check(!ndp_message_option_read(&r, &o));
}

static void reserved_preferences_are_read_as_medium(void)
{
    uint8_t bytes[24] = {24, 1, 0, 2 << 3, 0, 0, 0, 9};
    uint8_t advertisement[16] = {NDP_ROUTER_ADVERTISEMENT, 0, 0, 0, 64, 2 << 3};
    struct reader r = reader_of(bytes, 8);
    struct ndp_option o;
    struct ndp_header h;

    check(ndp_message_option_read(&r, &o) && o.reserved_preference);
    check(read_of(advertisement, 16, &h));
    check_equal(h.preference, NDP_PREFER_MEDIUM);
    check(!address_equal(h.target, target));
}

/* Bytes `from` to `to` are zero, and then all ones. */
static void fill_reserved(uint8_t *bytes, size_t from, size_t to)
{
    for (size_t k = from; k < to; k++) {
        check_equal(bytes[k], 0);
        bytes[k] = 0xff;
    }
}

/* 4861 4.1 to 4.6: "MUST be initialized to zero by the sender and MUST be ignored by the
 * receiver", of whole bytes, and of bits beside flags. */
static void what_is_reserved_is_zero_and_not_looked_at(void)
{
    static const struct {
        uint8_t type, length, from, to, flags, bits; /* bits: reserved ones of the byte of flags */
    } rows[] = {
        {NDP_ROUTER_SOLICITATION, 8, 4, 8, 0, 0},
        {NDP_ROUTER_ADVERTISEMENT, 16, 0, 0, 5, 0x27},
        {NDP_NEIGHBOR_SOLICITATION, 24, 4, 8, 0, 0},
        {NDP_NEIGHBOR_ADVERTISEMENT, 24, 5, 8, 4, 0x1f},
        {NDP_REDIRECT, 40, 4, 8, 0, 0},
    };

    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        const struct ndp_header sent = {.type = rows[k].type, .managed = true, .router = true};
        uint8_t bytes[64] = {0};
        struct writer w = writer_of(bytes, sizeof bytes);
        struct ndp_header plain, filled;

        ndp_message_write(&w, &sent);
        check(read_of(bytes, rows[k].length, &plain));
        fill_reserved(bytes, rows[k].from, rows[k].to);
        check_equal(rows[k].bits & bytes[rows[k].flags], 0);
        bytes[rows[k].flags] |= rows[k].bits;
        check(read_of(bytes, rows[k].length, &filled));
        check(memcmp(&plain, &filled, sizeof plain) == 0);
    }
}

/* 4.6.2, 4.6.3, 4.6.4; what a prefix has behind its length (4.6.2) is as good as reserved. */
static void what_is_reserved_in_options_is_zero_and_not_looked_at(void)
{
    struct ndp_option o = {.type = NDP_OPTION_PREFIX, .prefix = target, .prefix_length = 61}, back;
    uint8_t bytes[64] = {0};
    struct writer w = writer_of(bytes, sizeof bytes);
    struct reader r;

    o.prefix = address_masked(o.prefix, o.prefix_length);
    ndp_message_option_write(&w, &o);
    check_equal(bytes[3] & 0x3f, 0);
    bytes[3] |= 0x3f;
    fill_reserved(bytes, 12, 16);
    fill_reserved(bytes, 24, 32);
    bytes[23] |= 7;
    r = reader_of(bytes, 32);
    check(ndp_message_option_read(&r, &back));
    check(address_equal(back.prefix, o.prefix) && !back.on_link && !back.autonomous);
    w = writer_of(bytes, sizeof bytes);
    o = (struct ndp_option){.type = NDP_OPTION_MTU, .mtu = 1400};
    ndp_message_option_write(&w, &o);
    fill_reserved(bytes, 2, 4);
    r = reader_of(bytes, 8);
    check(ndp_message_option_read(&r, &back) && back.mtu == 1400);
    w = writer_of(bytes, sizeof bytes);
    o = (struct ndp_option){.type = NDP_OPTION_ROUTE, .prefix_length = 61, .preference = -1};
    o.prefix = address_masked(target, 61);
    ndp_message_option_write(&w, &o);
    check_equal(bytes[3], 3 << 3);
    bytes[3] |= 0xe7;
    bytes[15] |= 7;
    r = reader_of(bytes, 24);
    check(ndp_message_option_read(&r, &back) && back.preference == -1);
    check(address_equal(back.prefix, o.prefix));
    w = writer_of(bytes, sizeof bytes);
    o = (struct ndp_option){.type = NDP_OPTION_REDIRECTED, .bytes = (const uint8_t *)"12345678"};
    o.length = 8;
    ndp_message_option_write(&w, &o);
    fill_reserved(bytes, 2, 8);
    r = reader_of(bytes, 16); /* nobody acts on it */
    check(!ndp_message_option_read(&r, &back));
}

static const struct test tests[] = {
    {"each message is read as it was written (RFC 4861 4)", each_message_is_read_as_it_was_written},
    {"what is reserved is sent as zero and not looked at (RFC 4861 4.1-1 to 2, 4.2-2 to 3, 4.3-1 "
     "to "
     "2, 4.4-2 to 3, 4.5-2 to 3)",
     what_is_reserved_is_zero_and_not_looked_at},
    {"what is reserved in options is sent as zero and not looked at (RFC 4861 4.6.2-3 to 4, "
     "4.6.2-6 "
     "to 8, 4.6.3-1 to 2, 4.6.4-1 to 2, RFC 4191 2.3-2 to 4)",
     what_is_reserved_in_options_is_zero_and_not_looked_at},
    {"other types are none of ND's", other_types_are_none_of_nd},
    {"an option of no length makes a message invalid (RFC 4861 4.6)",
     an_option_of_no_length_makes_a_message_invalid},
    {"each option is read as it was written", each_option_is_read_as_it_was_written},
    {"a route brings as much of its prefix as it needs (RFC 4191 2.3)",
     a_route_brings_as_much_of_its_prefix_as_it_needs},
    {"options of another form are passed over (RFC 4861 4.6)",
     options_of_another_form_are_passed_over},
    {"reserved preferences are read as medium, and told (RFC 4191 2.1)",
     reserved_preferences_are_read_as_medium},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
