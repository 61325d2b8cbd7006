/* SPDX-License-Identifier: MIT */
/* AF_X25 as programs see it: addresses, flags, the Q bit, and the ioctls of linux/x25.h. */
#include "6-presentation/abi.h"

#include "check.h"
#include "fake_host.h"

static int fd;

static void begin(void)
{
    fake_host_begin();
    fd = call_socket(&fake_host, AF_X25, SOCK_SEQPACKET, 0, 0);
    check_equal(fd, 3);
}

static struct sockaddr_x25 address_of(const char *text)
{
    struct sockaddr_x25 a = {.sx25_family = AF_X25};

    strcpy(a.sx25_addr.x25_addr, text);
    return a;
}

static int bind_to(const char *text)
{
    struct sockaddr_x25 a = address_of(text);

    return call_bind(&fake_host, fd, &a, sizeof a, 0);
}

static void only_seqpacket_of_protocol_0_is_a_socket(void)
{
    fake_host_begin();
    check_equal(call_socket(&fake_host, AF_X25, SOCK_STREAM, 0, 0), -ESOCKTNOSUPPORT);
    check_equal(call_socket(&fake_host, AF_X25, SOCK_DGRAM, 0, 0), -ESOCKTNOSUPPORT);
    check_equal(call_socket(&fake_host, AF_X25, SOCK_SEQPACKET, 1, 0), -EINVAL);
    check_equal(call_socket(&fake_host, AF_X25, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, 0), 3);
}

static void addresses_are_digits(void)
{
    struct sockaddr_x25 a = address_of("123");
    uint8_t long_one[32] = {0};

    begin();
    check_equal(bind_to("12x"), -EINVAL);
    check_equal(call_bind(&fake_host, fd, &a, sizeof a - 1, 0), -EINVAL);
    memcpy(long_one, &a, sizeof a);
    check_equal(call_bind(&fake_host, fd, long_one, sizeof a + 1, 0), -EINVAL);
    a.sx25_family = AF_INET;
    check_equal(call_bind(&fake_host, fd, &a, sizeof a, 0), -EINVAL);
    a = address_of("");
    memset(a.sx25_addr.x25_addr, '1', sizeof a.sx25_addr.x25_addr);
    check_equal(call_bind(&fake_host, fd, &a, sizeof a, 0), -EINVAL);
    check_equal(bind_to("123456789012345"), 0);
    check_equal(fake_at(fd)->local.x121.length, 15);
    begin();
    check_equal(bind_to("               "), 0);
    check_equal(fake_at(fd)->local.x121.length, 0);
}

static void a_name_is_told_in_eighteen_bytes(void)
{
    struct sockaddr_x25 a;
    uint32_t length = sizeof a;

    begin();
    check_equal(bind_to("4711"), 0);
    check_equal(call_local_name(&fake_host, fd, &a, &length), 0);
    check_equal(length, 18);
    check(a.sx25_family == AF_X25 && strcmp(a.sx25_addr.x25_addr, "4711") == 0);
}

static void a_send_ends_its_record_or_is_an_interrupt(void)
{
    begin();
    check_equal(call_send(&fake_host, fd, "x", 1, 0, 0), -EINVAL);
    check_equal(call_send(&fake_host, fd, "x", 1, MSG_EOR | MSG_NOSIGNAL, 0), -EINVAL);
    check_equal(call_send(&fake_host, fd, "x", 1, MSG_EOR | MSG_DONTWAIT, 0), 1);
    check_equal(fake_at(fd)->sent_flags, 0);
    check_equal(call_send(&fake_host, fd, "x", 1, MSG_OOB, 0), 1);
    check_equal(fake_at(fd)->sent_flags, TRANSPORT_OUT_OF_BAND);
}

static void every_receive_ends_a_record(void)
{
    uint8_t bytes[4];
    struct sockaddr_x25 from;
    struct call_message m = {
        .bytes = bytes, .length = 4, .address = &from, .address_length = sizeof from};

    begin();
    fake.datagram.true_length = 9;
    fake.datagram.remote.family = NAME_X121;
    check_equal(call_receive_message(&fake_host, fd, &m, 0, 0), 4);
    check_equal(m.flags, MSG_EOR | MSG_TRUNC);
    check_equal(m.address_length, sizeof from);
    m.length = 4;
    (void)call_receive_message(&fake_host, fd, &m, MSG_OOB, 0);
    check_equal(fake_at(fd)->received_flags, TRANSPORT_OUT_OF_BAND);
}

static void the_q_bit_is_the_first_byte_if_asked(void)
{
    int on = 1, got = 0;
    uint32_t length = sizeof got;
    uint8_t bytes[8];

    begin();
    check_equal(call_set_option(&fake_host, fd, SOL_X25, X25_QBITINCL, &on, 2, 0), -EINVAL);
    check_equal(call_set_option(&fake_host, fd, SOL_X25, 7, &on, sizeof on, 0), -ENOPROTOOPT);
    check_equal(call_set_option(&fake_host, fd, IPPROTO_IP, 1, &on, sizeof on, 0), -ENOPROTOOPT);
    check_equal(call_set_option(&fake_host, fd, SOL_X25, X25_QBITINCL, &on, sizeof on, 0), 0);
    check_equal(call_get_option(&fake_host, fd, SOL_X25, X25_QBITINCL, &got, &length, 0), 0);
    check_equal(got, 1);
    check_equal(call_send(&fake_host, fd, "\1ab", 3, MSG_EOR, 0), 3);
    check(fake_at(fd)->sent.qualified && fake_at(fd)->sent.length == 2);
    check_equal(call_send(&fake_host, fd, "\0ab", 3, MSG_EOR, 0), 3);
    check(!fake_at(fd)->sent.qualified);
    fake.datagram.true_length = 2;
    fake.datagram.qualified = true;
    memcpy(fake.bytes, "xy", 2);
    check_equal(call_receive(&fake_host, fd, bytes, sizeof bytes, 0, 0), 3);
    check(memcmp(bytes, "\1xy", 3) == 0);
    check_equal(call_receive(&fake_host, fd, bytes, 2, 0, 0), 2);
    check(memcmp(bytes, "\1x", 2) == 0);
}

/* ---- ioctls ---- */

static int ask(unsigned long request, void *bytes, size_t length)
{
    return call_ioctl_circuit(&fake_host, fd, request, bytes, &length, 0);
}

static void facilities_are_held_to_their_ranges(void)
{
    static const struct x25_facilities good = {2, 2, 7, 7, 0, 0};
    static const struct x25_facilities wrong[] = {
        {0, 2, 7, 7, 0, 0},     {128, 2, 7, 7, 0, 0},   {2, 0, 7, 7, 0, 0},  {2, 2, 3, 7, 0, 0},
        {2, 2, 13, 7, 0, 0},    {2, 2, 7, 3, 0, 0},     {2, 2, 7, 13, 0, 0}, {2, 2, 7, 7, 0x2a, 0},
        {2, 2, 7, 7, 0xea, 0},  {2, 2, 7, 7, 0xae, 0},  {2, 2, 7, 7, 0, 1},  {2, 2, 7, 7, 0, 0x80},
        {2, 2, 7, 7, 0x100, 0}, {258, 2, 263, 7, 0, 0},
    };
    struct x25_facilities f = good;

    begin();
    check_equal(ask(SIOCX25SFACILITIES, &f, sizeof f), 0);
    check_equal(fake.circuit_call, TRANSPORT_CIRCUIT_FACILITIES);
    f.throughput = 0x30;
    f.reverse = 0x81;
    check_equal(ask(SIOCX25SFACILITIES, &f, sizeof f), 0);
    check_equal(fake.circuit.throughput, 0x3a);
    check_equal(fake.circuit.reverse, 0x81);
    check_equal(ask(SIOCX25SFACILITIES, &f, sizeof f - 1), -EFAULT);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        f = wrong[i];
        printf("# row %zu\n", i);
        check_equal(ask(SIOCX25SFACILITIES, &f, sizeof f), -EINVAL);
    }
    fake.circuit.window_in = 5;
    check_equal(ask(SIOCX25GFACILITIES, &f, sizeof f), 0);
    check(f.winsize_in == 5 && f.pacsize_in == 7);
}

static void what_is_said_is_read_again(void)
{
    struct x25_calluserdata data = {.cudlength = 128, .cuddata = "hello"}, data_back;
    struct x25_dte_facilities dte = {.calling_len = 40,
                                     .called_len = 3,
                                     .called_ae = {0x12, 0x30},
                                     .delay_cumul = 0x102,
                                     .delay_target = 3,
                                     .delay_max = 4,
                                     .min_throughput = 5,
                                     .expedited = 1};
    struct x25_dte_facilities dte_back;
    struct x25_causediag reason = {3, 4}, reason_back;

    begin();
    check_equal(ask(SIOCX25SCALLUSERDATA, &data, sizeof data), 0);
    check_equal(ask(SIOCX25SDTEFACILITIES, &dte, sizeof dte), 0);
    check_equal(ask(SIOCX25SCAUSEDIAG, &reason, sizeof reason), 0);
    check_equal(ask(SIOCX25GCALLUSERDATA, &data_back, sizeof data_back), 0);
    check_equal(ask(SIOCX25GDTEFACILITIES, &dte_back, sizeof dte_back), 0);
    check_equal(ask(SIOCX25GCAUSEDIAG, &reason_back, sizeof reason_back), 0);
    check(memcmp(&data, &data_back, sizeof data) == 0);
    check(memcmp(&dte, &dte_back, sizeof dte) == 0);
    check(memcmp(&reason, &reason_back, sizeof reason) == 0);
    data.cudlength = 129;
    check_equal(ask(SIOCX25SCALLUSERDATA, &data, sizeof data), -EINVAL);
    dte.calling_len = 41;
    check_equal(ask(SIOCX25SDTEFACILITIES, &dte, sizeof dte), -EINVAL);
}

static void a_listener_says_whom_it_wants(void)
{
    struct x25_subaddr match = {.cudmatchlength = 128};

    begin();
    check_equal(ask(SIOCX25SCUDMATCHLEN, &match, sizeof match), 0);
    check_equal(fake.circuit.match_length, 128);
    match.cudmatchlength = 129;
    check_equal(ask(SIOCX25SCUDMATCHLEN, &match, sizeof match), -EINVAL);
    check_equal(ask(SIOCX25CALLACCPTAPPRV, NULL, 0), 0);
    check_equal(fake.circuit_call, TRANSPORT_CIRCUIT_DECIDE);
    fake.circuit_result = -EINVAL;
    check_equal(ask(SIOCX25SENDCALLACCPT, NULL, 0), -EINVAL);
    check_equal(fake.circuit_call, TRANSPORT_CIRCUIT_ACCEPT);
}

static void a_reset_is_an_option_of_our_own(void)
{
    struct x25_causediag reason = {0, 77};

    begin();
    check_equal(call_set_option(&fake_host, fd, SOL_X25, 64, &reason, 1, 0), -EINVAL);
    check_equal(call_set_option(&fake_host, fd, SOL_X25, 64, &reason, sizeof reason, 0), 0);
    check_equal(fake.circuit_call, TRANSPORT_CIRCUIT_RESET);
    check_equal(fake.circuit.diagnostic, 77);
}

static void other_requests_and_other_sockets_have_none(void)
{
    struct x25_facilities f;
    int other;

    begin();
    other = call_socket(&fake_host, AF_INET, SOCK_STREAM, 0, 0);
    check_equal(ask(SIOCATMARK, &f, sizeof f), -ENOTTY);
    fd = other;
    check_equal(ask(SIOCX25GFACILITIES, &f, sizeof f), -ENOTTY);
    fd = 99;
    check_equal(ask(SIOCX25GFACILITIES, &f, sizeof f), -EBADF);
}

static const struct test tests[] = {
    {"only SOCK_SEQPACKET of protocol 0 is a socket", only_seqpacket_of_protocol_0_is_a_socket},
    {"addresses are digits", addresses_are_digits},
    {"a name is told in eighteen bytes", a_name_is_told_in_eighteen_bytes},
    {"a send ends its record or is an interrupt", a_send_ends_its_record_or_is_an_interrupt},
    {"every receive ends a record", every_receive_ends_a_record},
    {"the Q bit is the first byte if asked", the_q_bit_is_the_first_byte_if_asked},
    {"facilities are held to their ranges", facilities_are_held_to_their_ranges},
    {"what is said is read again", what_is_said_is_read_again},
    {"a listener says whom it wants", a_listener_says_whom_it_wants},
    {"a reset is an option of our own", a_reset_is_an_option_of_our_own},
    {"other requests and other sockets have none", other_requests_and_other_sockets_have_none},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
