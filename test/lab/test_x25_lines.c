/* SPDX-License-Identifier: MIT */
/*
 * Calls of X.25 by whole hosts: by LAPB on a wire, by XOT, and through a host that switches between
 * both; as the wire, the capture, the ladder, the tables and a record show them.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/x25.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "observe/decode/decode.h"
#include "sockeye/event.h"
#include "sockeye/sockeye.h"
#include "sockeye/table.h"

enum { A, GATE, B, HOSTS };
enum { LINES = 4000, LINE_BYTES = 96 };
#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

static struct sockeye *lab;
static int line_wire, net_wire, listener, call_fd, accepted_fd;

/* ---- the lab: a -LAPB- gate -XOT- b, or a -LAPB- b ---- */

static struct sockaddr_x25 name_of(const char *digits)
{
    struct sockaddr_x25 a = {.sx25_family = AF_X25};

    snprintf(a.sx25_addr.x25_addr, sizeof a.sx25_addr.x25_addr, "%s", digits);
    return a;
}

static void lapb_between(int a, int b, uint32_t modulo_128)
{
    const struct sockeye_x25_config config = {.t1_ns = 500 * MS, .packets_128 = modulo_128};
    const int ends[] = {a, b};

    for (int i = 0; i < 2; i++) {
        int interface = sockeye_interface(lab, ends[i], "x0", line_wire, i, NULL);

        check_equal(sockeye_x25_lapb(lab, ends[i], interface, &config), 0);
        check_equal(sockeye_x25_route(lab, ends[i], i ? "1" : "", interface, NULL, 0), 0);
    }
}

static void xot_between(int a, int b, uint32_t modulo_128)
{
    const int ends[] = {a, b};

    for (int i = 0; i < 2; i++) {
        int interface = sockeye_interface(lab, ends[i], "e0", net_wire, i, NULL);

        check_equal(sockeye_address(lab, ends[i], interface, i ? "10.0.0.2/24" : "10.0.0.1/24"), 0);
        check_equal(sockeye_x25_xot(lab, ends[i]), 0);
        check_equal(sockeye_x25_route(lab, ends[i], i ? "1" : "3", 0, i ? "10.0.0.1" : "10.0.0.2",
                                      (int)modulo_128),
                    0);
    }
}

static int record_fd = -1; /* of the next lab */
static uint64_t seen_hash;

static void hash_frames(void *context, const struct sockeye_event *event)
{
    (void)context;
    for (uint32_t i = 0; i < event->frame.length; i++)
        seen_hash = (seen_hash ^ event->frame.bytes[i]) * 0x100000001b3U;
    seen_hash ^= (uint64_t)event->time;
}

static void lab_open(uint32_t loss_ppm, bool switched, uint32_t modulo_128)
{
    const struct sockeye_config config = {.seed = 5, .hosts = HOSTS, .wires = 2, .sockets = 64};
    struct sockeye_wire_config wire = {.delay_ns = 2 * MS, .loss_ppm = loss_ppm};

    check_equal(sockeye_open(&config, &lab), 0);
    if (record_fd >= 0)
        check_equal(sockeye_record(lab, record_fd, 16 << 20), 0);
    check_equal(sockeye_host(lab, "a"), A);
    check_equal(sockeye_host(lab, "gate"), GATE);
    check_equal(sockeye_host(lab, "b"), B);
    line_wire = sockeye_wire(lab, "line", &wire, NULL);
    wire.loss_ppm = 0;
    net_wire = sockeye_wire(lab, "net", &wire, NULL);
    if (!switched) {
        lapb_between(A, B, modulo_128);
        return;
    }
    lapb_between(A, GATE, modulo_128);
    xot_between(GATE, B, modulo_128);
    check_equal(sockeye_set(lab, GATE, "net.x25.x25_forward", "1"), 0);
}

static void pass(int64_t time)
{
    const int64_t until = sockeye_now(lab) + time;

    while (sockeye_now(lab) < until)
        (void)sockeye_advance(lab, until);
    check_equal(sockeye_check(lab), 0);
}

static void listen_at(int host)
{
    const struct sockaddr_x25 own = name_of("300");

    listener = sockeye_socket(lab, host, AF_X25, SOCK_SEQPACKET, 0);
    check(listener >= 0);
    check_equal(sockeye_bind(lab, host, listener, &own, sizeof own), 0);
    check_equal(sockeye_listen(lab, host, listener, 8), 0);
}

static int bound(int host)
{
    const struct sockaddr_x25 own = name_of("100");
    int fd = sockeye_socket(lab, host, AF_X25, SOCK_SEQPACKET, 0);

    check(fd >= 0);
    check_equal(sockeye_bind(lab, host, fd, &own, sizeof own), 0);
    return fd;
}

static int call_from(int host)
{
    const struct sockaddr_x25 to = name_of("300");
    int fd = bound(host);

    check_equal(sockeye_connect(lab, host, fd, &to, sizeof to), -EINPROGRESS);
    return fd;
}

static void connected(void)
{
    const struct sockaddr_x25 to = name_of("300");

    listen_at(B);
    call_fd = call_from(A);
    pass(3 * SECOND);
    check_equal(sockeye_connect(lab, A, call_fd, &to, sizeof to), 0);
    accepted_fd = sockeye_accept(lab, B, listener, NULL, NULL);
    check(accepted_fd >= 0);
}

static void talk(int records)
{
    uint8_t bytes[1000];

    for (int i = 0; i < records; i++) {
        size_t length = (size_t)(1 + i * 97 % 900);

        memset(bytes, i, sizeof bytes);
        check_equal(sockeye_send(lab, A, call_fd, bytes, length, MSG_EOR), (ssize_t)length);
        pass(3 * SECOND);
        check_equal(sockeye_receive(lab, B, accepted_fd, bytes, sizeof bytes, 0), (ssize_t)length);
        check_equal(bytes[0], (uint8_t)i);
        check_equal(sockeye_send(lab, B, accepted_fd, bytes, length, MSG_EOR), (ssize_t)length);
        pass(3 * SECOND);
        check_equal(sockeye_receive(lab, A, call_fd, bytes, sizeof bytes, 0), (ssize_t)length);
    }
}

static void hang_up(void)
{
    check_equal(sockeye_close_fd(lab, A, call_fd), 0);
    pass(10 * SECOND);
    check_equal(sockeye_close_fd(lab, B, accepted_fd), 0);
    pass(10 * SECOND);
}

static void call_by_a_wire(void)
{
    for (uint32_t modulo_128 = 0; modulo_128 < 2; modulo_128++) {
        struct sockeye_row rows[2];

        lab_open(0, false, modulo_128);
        connected();
        check_equal(sockeye_table(lab, A, SOCKEYE_TABLE_LAPB, rows, 2), 1);
        check_equal(rows[0].lapb.state, LAPB_CONNECTED);
        check_equal(rows[0].lapb.is_dce, 0);
        check_equal(sockeye_table(lab, B, SOCKEYE_TABLE_CIRCUITS, rows, 2), 1);
        check_equal(rows[0].circuit.state, SOCKEYE_CIRCUIT_OPEN);
        check_equal(rows[0].circuit.lcn, 4095);
        check_equal(rows[0].circuit.is_128, modulo_128);
        check(strcmp(rows[0].circuit.called, "300") == 0);
        check(strcmp(rows[0].circuit.calling, "100") == 0);
        talk(20);
        hang_up();
        check_equal(sockeye_table(lab, B, SOCKEYE_TABLE_CIRCUITS, rows, 2), 0);
        sockeye_close(lab);
    }
}

static void call_through_a_switch(void)
{
    for (uint32_t modulo_128 = 0; modulo_128 < 2; modulo_128++) {
        struct sockeye_row rows[2];

        lab_open(50000, true, modulo_128);
        connected();
        check_equal(sockeye_table(lab, GATE, SOCKEYE_TABLE_CIRCUITS, rows, 2), 2);
        check(rows[0].circuit.is_switched && rows[1].circuit.is_switched);
        talk(20);
        check_equal(sockeye_table(lab, A, SOCKEYE_TABLE_LAPB, rows, 2), 1);
        check(rows[0].lapb.again > 0);
        hang_up();
        check_equal(sockeye_table(lab, GATE, SOCKEYE_TABLE_CIRCUITS, rows, 2), 0);
        sockeye_close(lab);
    }
}

/* ---- streams ---- */

static int syns, syns_with_data;
static uint16_t ports[8];

static void see_syns(void *context, const struct sockeye_event *event)
{
    struct decode d;

    (void)context;
    decode_frame(&d, event->frame.bytes, event->frame.length, false);
    if (!d.has_tcp || !(d.tcp.flags & DECODE_SYN))
        return;
    syns_with_data += d.payload_length > 0;
    if (d.tcp.flags & DECODE_ACK)
        return;
    check_equal(d.tcp.dest_port, 1998);
    ports[syns++ % 8] = d.tcp.source_port;
}

static void each_call_has_a_stream(void)
{
    int fd[3];

    lab_open(0, true, 0);
    syns = syns_with_data = 0;
    check(sockeye_observe(lab, 1U << EVENT_FRAME_SENT | EVENT_BYTES, see_syns, NULL, NULL) >= 0);
    listen_at(B);
    for (int i = 0; i < 3; i++)
        fd[i] = call_from(A);
    pass(3 * SECOND);
    check_equal(syns, 3);
    check(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2]);
    check_equal(syns_with_data, 0);
    for (int i = 0; i < 3; i++)
        check(sockeye_accept(lab, B, listener, NULL, NULL) >= 0);
    check_equal(sockeye_close_fd(lab, A, fd[0]), 0);
    sockeye_close(lab);
}

/* ---- what cannot be ---- */

static void call_ends_where_no_line_comes_up(void)
{
    const struct sockaddr_x25 to = name_of("300");
    int fd;

    lab_open(0, true, 0);
    for (int direction = 0; direction < 2; direction++)
        check_equal(sockeye_wire_link(lab, line_wire, direction, false, 0), 0);
    fd = call_from(A);
    pass(5 * SECOND);
    check_equal(sockeye_connect(lab, A, fd, &to, sizeof to), -EALREADY);
    pass(10 * SECOND); /* N2 times T1 */
    check_equal(sockeye_connect(lab, A, fd, &to, sizeof to), -ENETUNREACH);
    sockeye_close(lab);
}

static void call_without_a_route(void)
{
    const struct sockaddr_x25 to = name_of("900");
    int fd;

    lab_open(0, true, 0);
    fd = bound(B);
    check_equal(sockeye_connect(lab, B, fd, &to, sizeof to), -ENETUNREACH);
    check_equal(sockeye_x25_route(lab, B, "9a", 0, "10.0.0.1", 0), -EINVAL);
    check_equal(sockeye_x25_route(lab, B, "1234567890123456", 0, "10.0.0.1", 0), -EINVAL);
    check_equal(sockeye_x25_route(lab, B, "9", 0, NULL, 0), -ENODEV);
    check_equal(sockeye_x25_route_remove(lab, B, "9"), -ENOENT);
    check_equal(sockeye_x25_route_remove(lab, B, "1"), 0);
    check_equal(sockeye_x25_lapb(lab, B, 0, NULL), -EOPNOTSUPP); /* the loopback */
    check_equal(sockeye_x25_lapb(lab, A, 1, NULL), -EEXIST);
    check_equal(sockeye_x25_lapb(lab, A, 9, NULL), -ENODEV);
    sockeye_close(lab);
}

static int routed(int fd, unsigned long request, const char *prefix, unsigned digits,
                  const char *device)
{
    struct x25_route_struct route = {.sigdigits = digits};

    snprintf(route.address.x25_addr, sizeof route.address.x25_addr, "%s", prefix);
    snprintf(route.device, sizeof route.device, "%s", device);
    return sockeye_ioctl_x25(lab, A, fd, request, &route, sizeof route);
}

static void routes_by_ioctl(void)
{
    const struct sockaddr_x25 to = name_of("7000");
    int fd;

    lab_open(0, false, 0);
    check_equal(sockeye_x25_route_remove(lab, A, ""), 0);
    fd = bound(A);
    check_equal(sockeye_connect(lab, A, fd, &to, sizeof to), -ENETUNREACH);
    check_equal(routed(fd, SIOCADDRT, "7099", 2, "x0"), 0);
    check_equal(routed(fd, SIOCADDRT, "70", 2, "x0"), -EINVAL); /* it is there */
    check_equal(routed(fd, SIOCADDRT, "71", 16, "x0"), -EINVAL);
    check_equal(routed(fd, SIOCADDRT, "7", 3, "x0"), -EINVAL);
    check_equal(routed(fd, SIOCADDRT, "8", 1, "lo"), -EINVAL);
    check_equal(sockeye_connect(lab, A, fd, &to, sizeof to), -EINPROGRESS);
    check_equal(routed(fd, SIOCDELRT, "70", 2, "x0"), 0);
    check_equal(routed(fd, SIOCDELRT, "70", 2, "x0"), -EINVAL);
    sockeye_close(lab);
}

static void lines_are_asked_by_ioctl(void)
{
    struct x25_subscrip_struct s = {.device = "x0"};
    size_t length = sizeof s;
    int fd;

    lab_open(0, false, 1);
    fd = bound(A);
    check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25GSUBSCRIP, &s, length), 0);
    check_equal(s.extended, 1);
    check_equal(s.global_facil_mask, X25_MASK_REVERSE | X25_MASK_THROUGHPUT | X25_MASK_PACKET_SIZE |
                                         X25_MASK_WINDOW_SIZE);
    s.extended = 2;
    check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25SSUBSCRIP, &s, length), -EINVAL);
    s.extended = 0;
    s.global_facil_mask = 0;
    check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25SSUBSCRIP, &s, length), 0);
    check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25GSUBSCRIP, &s, length), 0);
    check(s.extended == 0 && s.global_facil_mask == 0);
    length = 4;
    check_equal(sockeye_ioctl_x25(lab, A, fd, SIOCX25GSUBSCRIP, &s, length), -EFAULT);
    sockeye_close(lab);
}

/* ---- as others see it ---- */

static char ours[LINES][LINE_BYTES];
static int our_lines;

static const char *number_or_none(char *text, bool is_there, unsigned value)
{
    text[0] = '\0';
    if (is_there)
        sprintf(text, "%u", value);
    return text;
}

/* Frame by frame: N(S), N(R), channel (of a restart there is none), P(S), P(R), M. */
static void see_fields(void *context, const struct sockeye_event *event)
{
    const struct decode_x25 *x;
    struct decode d;
    bool data, numbered;
    char field[6][16];

    (void)context;
    check(our_lines < LINES);
    decode_frame(&d, event->frame.bytes, event->frame.length, false);
    check(d.broken == NULL);
    x = &d.x25[0];
    data = d.x25s == 1 && x->type == DECODE_X25_DATA;
    numbered = d.x25s == 1 && decode_x25_is_numbered(x->type);
    snprintf(ours[our_lines++], LINE_BYTES, "%s|%s|%s|%s|%s|%s",
             number_or_none(field[0], d.has_lapb && d.lapb.kind == DECODE_LAPB_I, d.lapb.ns),
             number_or_none(field[1], d.has_lapb && d.lapb.kind <= DECODE_LAPB_REJ, d.lapb.nr),
             number_or_none(field[2], d.x25s == 1 && x->lcn, x->lcn),
             number_or_none(field[3], data, x->ps), number_or_none(field[4], numbered, x->pr),
             number_or_none(field[5], data, x->more));
}

static void check_against_tshark(const char *path)
{
    char command[300], line[200];
    FILE *tshark;
    int i = 0;

    snprintf(command, sizeof command,
             "HOME=/tmp tshark -r %s -T fields -E separator='|' -e lapb.control.n_s "
             "-e lapb.control.n_r -e x25.lcn -e x25.p_s -e x25.p_r -e x25.m -e _ws.malformed "
             "2>/dev/null",
             path);
    tshark = popen(command, "r");
    check(tshark);
    for (; fgets(line, sizeof line, tshark); i++) {
        check(i < our_lines);
        strcat(ours[i], "|\n"); /* and nothing malformed */
        if (strchr(line, ',') == NULL && strcmp(line, ours[i]) != 0)
            printf("# frame %d: tshark %s# ours %s", i + 1, line, ours[i]);
        check(strchr(line, ',') || strcmp(line, ours[i]) == 0);
    }
    check_equal(pclose(tshark), 0);
    check_equal(i, our_lines);
}

static void tshark_reads_what_we_read(void)
{
    char path[] = "/tmp/sockeye-x25-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fdopen(fd, "w");
    struct sockeye_view *view;

    check(file);
    if (system("command -v tshark >/dev/null") != 0) {
        printf("# tshark is not installed: this test did not run\n");
        (void)unlink(path);
        return;
    }
    lab_open(50000, true, 0);
    our_lines = 0;
    check_equal(sockeye_view_open(lab, SOCKEYE_VIEW_PCAPNG, file, &view), 0);
    check(sockeye_observe(lab, 1U << EVENT_FRAME_SENT | EVENT_BYTES, see_fields, NULL, NULL) >= 0);
    connected();
    talk(30);
    hang_up();
    check_equal(sockeye_view_close(view), 0);
    fclose(file);
    sockeye_close(lab);
    check(our_lines > 400);
    check_against_tshark(path);
    (void)unlink(path);
}

static const char *view_of(enum sockeye_view_kind kind)
{
    static char text[1 << 20];
    FILE *file = tmpfile();
    struct sockeye_view *view;
    size_t length;

    check(file);
    lab_open(60000, true, 0);
    check_equal(sockeye_view_open(lab, kind, file, &view), 0);
    connected();
    talk(20);
    hang_up();
    check_equal(sockeye_view_close(view), 0);
    rewind(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    sockeye_close(lab);
    return text;
}

static void ladder_shows_what_rej_brings_back(void)
{
    const char *text = view_of(SOCKEYE_VIEW_LADDER_ALL);

    check(strstr(text, "X.25 on line: a to gate"));
    check(strstr(text, "CALL lcn=4095 to 300 from 100"));
    check(strstr(text, "REJ nr="));
    check(strstr(text, "again: REJ"));
    check(strstr(text, "XOT CALL lcn=4095 to 300 from 100"));
}

static void trace_tells_each_frame(void)
{
    const char *text = view_of(SOCKEYE_VIEW_TRACE);

    check(strstr(text, "lapb{address=1 frame=SABM poll=yes}"));
    check(strstr(text, "x25{packet=CALL lcn=4095 called=300 calling=100"));
    check(strstr(text, "xot{packets=1} x25{packet=DATA lcn=4095"));
    check(strstr(text, "LAPB retransmission (REJ)"));
    check(strstr(text, "old=setup new=connected"));
    check(strstr(text, "lapb-sequence"));
}

/* ---- record and replay ---- */

static void record_is_replayed(void)
{
    int fd = memfd_create("record", 0);
    struct sockeye_replay *replay;
    struct sockeye *again;
    uint64_t first;
    int result;

    check(fd >= 0);
    record_fd = fd;
    lab_open(50000, true, 0);
    record_fd = -1;
    seen_hash = 1;
    check(sockeye_observe(lab, 1U << EVENT_FRAME_SENT | EVENT_BYTES, hash_frames, NULL, NULL) >= 0);
    connected();
    talk(10);
    hang_up();
    check_equal(sockeye_record_stop(lab), 0);
    sockeye_close(lab);
    first = seen_hash;
    seen_hash = 1;
    check_equal(lseek(fd, 0, SEEK_SET), 0);
    check_equal(sockeye_replay_open(fd, SOCKEYE_TRUST_NOTHING, &replay, &again), 0);
    check(sockeye_observe(again, 1U << EVENT_FRAME_SENT | EVENT_BYTES, hash_frames, NULL, NULL) >=
          0);
    while ((result = sockeye_replay_next(replay)) > 0)
        continue;
    check_equal(result, 0);
    check(seen_hash == first);
    sockeye_replay_close(replay);
    close(fd);
}

static const struct test tests[] = {
    {"a call goes by LAPB on a wire, of both moduli", call_by_a_wire},
    {"a call goes through a host that switches, LAPB with losses to XOT", call_through_a_switch},
    {"each call has a stream of its own, to port 1998, and nothing rides with its SYN (RFC 1613 5)",
     each_call_has_a_stream},
    {"a call ends where its line does not come up", call_ends_where_no_line_comes_up},
    {"a call needs a route, and a route a line", call_without_a_route},
    {"routes are added and removed by ioctl", routes_by_ioctl},
    {"a line is asked, and told, by ioctl", lines_are_asked_by_ioctl},
    {"tshark reads in each frame what we read, and nothing malformed", tshark_reads_what_we_read},
    {"the ladder shows what REJ brings back", ladder_shows_what_rej_brings_back},
    {"the trace tells each frame of LAPB and XOT, and states", trace_tells_each_frame},
    {"a record is replayed to the same frames", record_is_replayed},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
