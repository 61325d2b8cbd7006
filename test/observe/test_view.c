/* SPDX-License-Identifier: MIT */
/* sockeye_view_open on a lab: a transfer over a bad wire, seen in every way. */
#include "check.h"
#include "sockeye/sockeye.h"
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BYTES = 300000, KINDS = SOCKEYE_VIEW_CONNECTIONS + 1 };

static struct sockeye *lab;
static int a, b;

static void open_lab(void)
{
    struct sockeye_wire_config bad = {.delay_ns = 5000000,
                                      .loss_ppm = 30000,
                                      .reorder_ppm = 30000,
                                      .duplicate_ppm = 10000,
                                      .corrupt_ppm = 10000};
    struct sockeye_config config = {.seed = 7, .hosts = 2, .wires = 1, .sockets = 64};
    int wire, interface;

    check(sockeye_open(&config, &lab) == 0);
    a = sockeye_host(lab, "a");
    b = sockeye_host(lab, "b");
    wire = sockeye_wire(lab, "w0", &bad, NULL);
    interface = sockeye_interface(lab, a, "eth0", wire, 0, NULL);
    check(sockeye_address(lab, a, interface, "10.0.0.1/24") == 0);
    interface = sockeye_interface(lab, b, "eth0", wire, 1, NULL);
    check(sockeye_address(lab, b, interface, "10.0.0.2/24") == 0);
}

static void next_moment(void)
{
    int64_t due = sockeye_next_deadline(lab);

    check(due != SOCKEYE_NEVER);
    sockeye_advance(lab, due);
}

static size_t least_left(size_t sent)
{
    return BYTES - sent < 65536 ? BYTES - sent : 65536;
}

/* a sends BYTES to b, both close. */
static void transfer(void)
{
    static uint8_t bytes[65536];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    int listener, from, to = -1, error = 0;
    uint32_t length = sizeof error;
    size_t sent = 0, got = 0;

    inet_pton(AF_INET, "10.0.0.2", &address.sin_addr);
    listener = sockeye_socket(lab, b, AF_INET, SOCK_STREAM, 0);
    check(sockeye_bind(lab, b, listener, &address, sizeof address) == 0);
    check(sockeye_listen(lab, b, listener, 5) == 0);
    from = sockeye_socket(lab, a, AF_INET, SOCK_STREAM, 0);
    (void)sockeye_connect(lab, a, from, &address, sizeof address);
    for (int i = 0; i < 1000000; i++) {
        ssize_t n = sockeye_send(lab, a, from, bytes, least_left(sent), MSG_NOSIGNAL);

        if (n > 0)
            sent += (size_t)n;
        if (to < 0)
            to = sockeye_accept(lab, b, listener, NULL, NULL);
        n = to < 0 ? -1 : sockeye_receive(lab, b, to, bytes, sizeof bytes, 0);
        if (n > 0)
            got += (size_t)n;
        if (got == BYTES)
            break;
        next_moment();
    }
    check_equal(got, BYTES);
    (void)sockeye_get_option(lab, a, from, SOL_SOCKET, SO_ERROR, &error, &length);
    check_equal(error, 0);
    check(sockeye_close_fd(lab, a, from) == 0);
    sockeye_advance(lab, sockeye_now(lab) + 100000000);
    check(sockeye_close_fd(lab, b, to) == 0);
    sockeye_advance(lab, sockeye_now(lab) + 10000000000);
}

static void watch(FILE *file[KINDS])
{
    struct sockeye_view *view[KINDS];

    open_lab();
    for (int kind = 0; kind < KINDS; kind++) {
        file[kind] = tmpfile();
        check(file[kind] != NULL);
        check(sockeye_view_open(lab, (enum sockeye_view_kind)kind, file[kind], &view[kind]) == 0);
    }
    transfer();
    for (int kind = 0; kind < KINDS; kind++)
        check(sockeye_view_close(view[kind]) == 0);
    sockeye_close(lab);
}

static char *text_of(FILE *file, size_t *length)
{
    char *text;

    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    text = calloc(1, *length + 1);
    check(text != NULL && fread(text, 1, *length, file) == *length);
    return text;
}

static void two_runs_are_seen_alike(void)
{
    FILE *one[KINDS], *two[KINDS];

    watch(one);
    watch(two);
    for (int kind = 0; kind < KINDS; kind++) {
        size_t m, n;
        char *s = text_of(one[kind], &m), *t = text_of(two[kind], &n);

        check_equal(m, n);
        check(m > 100 && memcmp(s, t, m) == 0);
        free(s);
        free(t);
        fclose(one[kind]);
        fclose(two[kind]);
    }
}

static void the_ladder_shows_the_whole_life(void)
{
    static const char *const words[] = {"CLOSED",      "SYN-SENT",     "SYN-RECEIVED",
                                        "ESTABLISHED", "FIN-WAIT-1",   "FIN-WAIT-2",
                                        "CLOSE-WAIT",  "LAST-ACK",     "TIME-WAIT",
                                        "LISTEN",      "SYN seq=0",    "SYN ACK seq=0 ack=1",
                                        "FIN ",        " ... ",        "new bytes",
                                        " lost",       "retransmitted"};
    FILE *file[KINDS];
    size_t length;
    char *text;

    watch(file);
    text = text_of(file[SOCKEYE_VIEW_LADDER], &length);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!strstr(text, words[i]))
            test_fail(__FILE__, __LINE__, "no \"%s\" in the ladder", words[i]);
    }
    check(length < 16000); /* folded */
    free(text);
    text = text_of(file[SOCKEYE_VIEW_LADDER_ALL], &length);
    check(length > 32000 && strstr(text, "x lost"));
    free(text);
    for (int kind = 0; kind < KINDS; kind++)
        fclose(file[kind]);
}

/* The bytes, retransmissions and losses told are those of the capture's segments. */
static void the_figures_are_those_of_the_transfer(void)
{
    FILE *file[KINDS];
    char *text, *trace, wanted[40];
    unsigned again = 0, told = 0;
    size_t length;

    watch(file);
    text = text_of(file[SOCKEYE_VIEW_CONNECTIONS], &length);
    trace = text_of(file[SOCKEYE_VIEW_TRACE], &length);
    for (char *line = strtok(trace, "\n"); line; line = strtok(NULL, "\n"))
        again += strstr(line, "event=sent ") && strstr(line, "mark=\"retransmission");
    snprintf(wanted, sizeof wanted, ": %d bytes in ", BYTES);
    check(strstr(text, wanted) != NULL && again > 0);
    check(sscanf(strstr(text, " lost, "), " lost, %u sent again", &told) == 1);
    check_equal(told, again);
    free(text);
    free(trace);
    for (int kind = 0; kind < KINDS; kind++)
        fclose(file[kind]);
}

/* Lines that tshark prints for a filter; -1 when it is not there. */
static int tshark_count(const char *path, const char *filter)
{
    char command[512], line[512];
    FILE *out;
    int count = 0;

    snprintf(command, sizeof command, "tshark -r %s -Y '%s' 2>/dev/null", path, filter);
    out = popen(command, "r");
    check(out != NULL);
    while (fgets(line, sizeof line, out))
        count++;
    check_equal(pclose(out), 0);
    return count;
}

static void tshark_agrees_with_the_capture(void)
{
    char path[] = "/tmp/sockeye-view-XXXXXX";
    FILE *file[KINDS];
    size_t length;
    char *bytes;
    int fd;

    if (system("command -v tshark >/dev/null") != 0) {
        printf("# tshark is not installed: this test did not run\n");
        return;
    }
    watch(file);
    bytes = text_of(file[SOCKEYE_VIEW_PCAPNG], &length);
    fd = mkstemp(path);
    check(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
    check_equal(tshark_count(path, "_ws.malformed || tcp.checksum.status == \"Bad\""), 0);
    check(tshark_count(path, "tcp") > 200);
    check(tshark_count(path, "frame.comment contains \"dropped: lost\"") > 3);
    check(tshark_count(path, "frame.comment contains \"retransmission\"") > 3);
    check_equal(tshark_count(path, "frame.comment contains \"retransmission\" && "
                                   "!(tcp.analysis.retransmission || "
                                   "tcp.analysis.fast_retransmission || "
                                   "tcp.analysis.spurious_retransmission || "
                                   "tcp.analysis.out_of_order)"),
                0);
    check_equal(tshark_count(path, "(tcp.analysis.retransmission || tcp.analysis.out_of_order || "
                                   "tcp.analysis.fast_retransmission) && "
                                   "!(frame.comment contains \"retransmission\")"),
                0);
    close(fd);
    unlink(path);
    free(bytes);
    for (int kind = 0; kind < KINDS; kind++)
        fclose(file[kind]);
}

static const struct test tests[] = {
    {"two runs of a lab are seen alike, byte for byte", two_runs_are_seen_alike},
    {"the ladder shows the whole life of a connection", the_ladder_shows_the_whole_life},
    {"the figures of a connection are those of its transfer",
     the_figures_are_those_of_the_transfer},
    {"tshark agrees with the comments of the capture", tshark_agrees_with_the_capture},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
