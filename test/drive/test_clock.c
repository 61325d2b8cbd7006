/* SPDX-License-Identifier: MIT */
/*
 * The drive beside a clock that the test moves: where lab time stands to it, how late what was run,
 * and when time slips. Nothing here depends on the machine's clock.
 */
#include "check.h"
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "drive/drive.h"

#define MICROSECOND INT64_C(1000)
#define MILLISECOND INT64_C(1000000)
#define DATE (INT64_C(1700000000) * 1000000000) /* when the clock was 0 */
enum { PORT = 7000, ROUNDS = 20000, SLOW_ROUNDS = 2000, TURNS = 100, UNDER_WAY = 50 };

/* Instead of wall.c. */
static int64_t wall, work; /* `work`: what each look at the clock takes */

int64_t drive_wall(void)
{
    wall += work;
    return wall;
}

int64_t drive_date(void)
{
    return wall + DATE;
}

/* Two hosts and a wire. Who sends keeps UNDER_WAY datagrams between them, if it sends at all. */
struct bed {
    struct sockeye *lab;
    struct drive *drive;
    struct drive_user user;
    int64_t start;
    int host[2], fd[2];
    unsigned sent, received;
    int64_t stamp; /* of the last one received, by the clock */
    bool sends;
};

static void send_one(struct bed *bed)
{
    uint8_t bytes[18] = {0};

    check_equal(sockeye_send(bed->lab, bed->host[0], bed->fd[0], bytes, sizeof bytes, 0),
                sizeof bytes);
    bed->sent++;
}

static void send_all(struct bed *bed)
{
    while (bed->sent < bed->received + UNDER_WAY)
        send_one(bed);
}

static void receive_all(struct bed *bed)
{
    uint8_t bytes[18];
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec))];
    struct cmsghdr header;
    struct timespec time;
    struct sockeye_message message = {.bytes = bytes, .control = control};

    for (;;) {
        message.length = sizeof bytes;
        message.control_length = sizeof control;
        if (sockeye_receive_message(bed->lab, bed->host[1], bed->fd[1], &message, 0) < 0)
            return;
        bed->received++;
        check_equal(message.control_length, sizeof control);
        memcpy(&header, control, sizeof header);
        check_equal(header.cmsg_type, SCM_TIMESTAMPNS);
        memcpy(&time, control + CMSG_LEN(0), sizeof time);
        bed->stamp = time.tv_sec * 1000 * MILLISECOND + time.tv_nsec - DATE;
    }
}

static bool on_change(void *context, const struct sockeye_change *change)
{
    struct bed *bed = context;

    if (change->host == bed->host[1])
        receive_all(bed);
    if (bed->sends)
        send_all(bed);
    return true;
}

static void open_bed(struct bed *bed, const struct sockeye_wire_config *config)
{
    static const char *const names[] = {"a", "b"}, *const addresses[] = {"10.0.0.1/24",
                                                                         "10.0.0.2/24"};
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int wire, on = 1;

    memset(bed, 0, sizeof *bed);
    wall = 1000 * MILLISECOND;
    work = 0;
    check_equal(sockeye_open(NULL, &bed->lab), 0);
    wire = sockeye_wire(bed->lab, "w", config, NULL);
    for (int i = 0; i < 2; i++) {
        bed->host[i] = sockeye_host(bed->lab, names[i]);
        check_equal(sockeye_interface(bed->lab, bed->host[i], "eth0", wire, i, NULL), 1);
        check_equal(sockeye_address(bed->lab, bed->host[i], 1, addresses[i]), 0);
        bed->fd[i] = sockeye_socket(bed->lab, bed->host[i], AF_INET, SOCK_DGRAM, 0);
    }
    check_equal(sockeye_bind(bed->lab, bed->host[1], bed->fd[1], &name, sizeof name), 0);
    check_equal(sockeye_set_option(bed->lab, bed->host[1], bed->fd[1], SOL_SOCKET, SO_TIMESTAMPNS,
                                   &on, sizeof on),
                0);
    name.sin_addr.s_addr = htonl(0x0a000002);
    check_equal(sockeye_connect(bed->lab, bed->host[0], bed->fd[0], &name, sizeof name), 0);
    check_equal(drive_open(bed->lab, &bed->drive), 0);
    bed->start = wall;
    bed->user = (struct drive_user){.context = bed, .on_change = on_change};
    check_equal(drive_join(bed->drive, &bed->user), 0);
}

static void close_bed(struct bed *bed)
{
    drive_close(bed->drive);
    check_equal(sockeye_check(bed->lab), 0);
    sockeye_close(bed->lab);
}

static struct drive_statistics statistics(const struct bed *bed)
{
    struct drive_statistics s;

    drive_statistics(bed->drive, &s);
    return s;
}

/* By how much the lab is ahead of the wall clock, slips and all. */
static int64_t ahead(const struct bed *bed)
{
    return sockeye_now(bed->lab) - (wall - bed->start - statistics(bed).slipped);
}

/* The first datagram has found its neighbour, and all is quiet. */
static void warm_up(struct bed *bed)
{
    send_one(bed);
    for (int i = 0; i < TURNS && bed->received == 0; i++) {
        wall += MILLISECOND;
        check_equal(drive_turn(bed->drive, 0), 0);
    }
    check_equal(bed->received, 1);
}

/* 10 Mbit and 18 bytes: an event each 48 us and less, with somebody who sends at each. */
static void the_lab_is_never_ahead_by_more_than_the_allowance(void)
{
    const struct sockeye_wire_config config = {.rate_bits = 10000000, .delay_ns = MILLISECOND};
    struct bed bed;
    int64_t most = 0;

    open_bed(&bed, &config);
    warm_up(&bed);
    bed.sends = true;
    send_all(&bed);
    for (int i = 0; i < ROUNDS; i++) {
        wall += i % 3 * 10 * MICROSECOND; /* several turns at one time are not less */
        drive_advance(bed.drive);
        check_equal(drive_turn(bed.drive, 0), 0);
        if (ahead(&bed) > most)
            most = ahead(&bed);
        check(ahead(&bed) <= DRIVE_AHEAD);
        check(ahead(&bed) >= 0);
    }
    check(most > DRIVE_AHEAD / 2); /* it was used */
    check_equal(statistics(&bed).slipped, 0);
    check(statistics(&bed).deadlines > ROUNDS / 5);
    /* 60 bytes a datagram at 10 Mbit: as many as the wall clock allows */
    check(bed.received <= (unsigned)((wall - bed.start) / (48 * MICROSECOND) + 3));
    check(bed.received >= (unsigned)((wall - bed.start) / (48 * MICROSECOND) * 9 / 10));
    close_bed(&bed);
}

static void what_is_found_late_is_as_late_as_it_is(void)
{
    const struct sockeye_wire_config config = {.delay_ns = 10 * MILLISECOND};
    struct bed bed;

    open_bed(&bed, &config);
    warm_up(&bed);
    wall += 50 * MILLISECOND;
    check_equal(drive_turn(bed.drive, 0), 0); /* nothing was due */
    check_equal(ahead(&bed), 0);
    check_equal(statistics(&bed).slipped, 0);
    send_one(&bed);
    wall += 15 * MILLISECOND;
    check_equal(drive_turn(bed.drive, 0), 0);
    check_equal(bed.received, 2);
    check_equal(statistics(&bed).lateness_max, 5 * MILLISECOND);
    check_equal(statistics(&bed).slipped, 0);
    check_equal(ahead(&bed), 0);
    close_bed(&bed);
}

static void who_is_told_too_late_finds_time_held_back(void)
{
    const struct sockeye_wire_config config = {.delay_ns = 10 * MILLISECOND};
    struct bed bed;

    open_bed(&bed, &config);
    warm_up(&bed);
    check_equal(drive_turn(bed.drive, 0), 0);
    send_one(&bed);
    wall += 10 * MILLISECOND + 11 * MILLISECOND;
    check_equal(drive_turn(bed.drive, 0), 0);
    check_equal(bed.received, 2);
    check_equal(statistics(&bed).lateness_max, 11 * MILLISECOND);
    check_equal(statistics(&bed).slipped, 11 * MILLISECOND);
    check_equal(statistics(&bed).slips, 1);
    check_equal(ahead(&bed), 0);
    close_bed(&bed);
}

static void time_slips_when_nobody_was_there_for_long(void)
{
    const struct sockeye_wire_config config = {.delay_ns = 10 * MILLISECOND};
    struct bed bed;

    open_bed(&bed, &config);
    warm_up(&bed);
    drive_leave(bed.drive, 0); /* nobody is told */
    check_equal(drive_turn(bed.drive, 0), 0);
    send_one(&bed);
    wall += (10 + 100) * MILLISECOND;
    check_equal(drive_turn(bed.drive, 0), 0);
    check_equal(statistics(&bed).slipped, 0);
    check_equal(statistics(&bed).lateness_max, 100 * MILLISECOND);
    send_one(&bed);
    wall += (10 + 250) * MILLISECOND;
    check_equal(drive_turn(bed.drive, 0), 0);
    check_equal(statistics(&bed).slipped, 250 * MILLISECOND);
    check_equal(statistics(&bed).lateness_max, 250 * MILLISECOND);
    check_equal(ahead(&bed), 0);
    close_bed(&bed);
}

static void stamps_are_of_the_wall_clock(void)
{
    const struct sockeye_wire_config config = {.delay_ns = 10 * MILLISECOND};
    struct bed bed;
    int64_t sent;

    open_bed(&bed, &config);
    warm_up(&bed);
    check_equal(drive_turn(bed.drive, 0), 0);
    for (int late = -DRIVE_AHEAD; late < 300 * MILLISECOND; late += 10 * MILLISECOND + 7) {
        unsigned before = bed.received;

        sent = wall;
        send_one(&bed);
        wall += 10 * MILLISECOND + late;
        check_equal(drive_turn(bed.drive, 0), 0);
        check_equal(bed.received, before + 1);
        work = MICROSECOND; /* it waits for the clock, which goes on */
        drive_settle(bed.drive);
        work = 0;
        check(bed.stamp >= sent + 10 * MILLISECOND);
        check(bed.stamp <= wall);
        wall += 50 * MILLISECOND;
        check_equal(drive_turn(bed.drive, 0), 0);
    }
    check(statistics(&bed).slips > 10);
    close_bed(&bed);
}

/* What comes a while after the last advance has its own time, whatever was due before it. */
static void an_input_has_its_own_time(void)
{
    const struct sockeye_wire_config config = {.delay_ns = 10 * MILLISECOND};
    struct bed bed;

    open_bed(&bed, &config);
    warm_up(&bed);
    check_equal(drive_turn(bed.drive, 0), 0);
    wall += 300 * MICROSECOND;
    drive_stamp(bed.drive); /* nothing is due */
    check_equal(ahead(&bed), 0);
    check_equal(statistics(&bed).slips, 0);
    send_one(&bed);
    wall += 10 * MILLISECOND + 300 * MICROSECOND;
    drive_stamp(bed.drive); /* it has come, but nobody was told */
    check_equal(ahead(&bed), 0);
    check_equal(statistics(&bed).slips, 0);
    check_equal(bed.received, 1);
    check_equal(drive_turn(bed.drive, 0), 0);
    check_equal(bed.received, 2);
    send_one(&bed);
    wall += 20 * MILLISECOND;
    drive_stamp(bed.drive);
    check_equal(ahead(&bed), 0);
    close_bed(&bed);
}

/* A machine on which all takes twice the time that the wire has for it: the rate holds in lab time,
 * and the slips say how much of the real time that was. */
static void a_machine_that_is_too_slow_slips_and_the_rate_holds(void)
{
    const struct sockeye_wire_config config = {.rate_bits = 10000000, .delay_ns = MILLISECOND};
    struct bed bed;
    int64_t took, begin;
    unsigned before;

    open_bed(&bed, &config);
    warm_up(&bed);
    bed.sends = true;
    send_all(&bed);
    work = 500 * MICROSECOND;
    begin = sockeye_now(bed.lab);
    before = bed.received;
    for (int i = 0; i < SLOW_ROUNDS; i++)
        check_equal(drive_turn(bed.drive, 0), 0);
    took = sockeye_now(bed.lab) - begin;
    check(statistics(&bed).slipped > (wall - bed.start) / 10);
    check(ahead(&bed) <= DRIVE_AHEAD);
    check(ahead(&bed) > -100 * MILLISECOND);
    check(bed.received - before <= took / (48 * MICROSECOND) + 3);
    check(bed.received - before >= took / (48 * MICROSECOND) * 19 / 20);
    close_bed(&bed);
}

static const struct test tests[] = {
    {"the lab is never ahead of the wall clock by more than the allowance",
     the_lab_is_never_ahead_by_more_than_the_allowance},
    {"what is found late is counted as late as it is", what_is_found_late_is_as_late_as_it_is},
    {"who is told more than 10 ms late finds lab time held back",
     who_is_told_too_late_finds_time_held_back},
    {"lab time slips when an event is found more than 100 ms late",
     time_slips_when_nobody_was_there_for_long},
    {"a stamp is between what was sent and what is read, late or not",
     stamps_are_of_the_wall_clock},
    {"an input has the time of now", an_input_has_its_own_time},
    {"on a machine that is too slow time slips, and a rate holds in lab time",
     a_machine_that_is_too_slow_slips_and_the_rate_holds},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
