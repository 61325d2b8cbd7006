/* SPDX-License-Identifier: MIT */
/*
 * %{ ... }% of a script: Python assertions over TCP_INFO (RFC 9293 does not know it; it is Linux's
 * struct tcp_info). Values are taken when the event is due; all blocks run at the end, in one
 * python3, each with the values of its own moment. A field that the host does not fill is not
 * defined, so that a script which asks for it fails by name.
 */
#include "drill/state.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOL_TCP_LEVEL = 6, TCP_INFO_NAME = 11, INFO_BYTES = 512 };

/* Fields in their order; the first letter is the width: b byte, h half, w word, d double word. */
static const char *const fields[] = {
    "btcpi_state",
    "btcpi_ca_state",
    "btcpi_retransmits",
    "btcpi_probes",
    "btcpi_backoff",
    "btcpi_options",
    "btcpi_wscales",
    "btcpi_limited_and_failed",
    "wtcpi_rto",
    "wtcpi_ato",
    "wtcpi_snd_mss",
    "wtcpi_rcv_mss",
    "wtcpi_unacked",
    "wtcpi_sacked",
    "wtcpi_lost",
    "wtcpi_retrans",
    "wtcpi_fackets",
    "wtcpi_last_data_sent",
    "wtcpi_last_ack_sent",
    "wtcpi_last_data_recv",
    "wtcpi_last_ack_recv",
    "wtcpi_pmtu",
    "wtcpi_rcv_ssthresh",
    "wtcpi_rtt",
    "wtcpi_rttvar",
    "wtcpi_snd_ssthresh",
    "wtcpi_snd_cwnd",
    "wtcpi_advmss",
    "wtcpi_reordering",
    "wtcpi_rcv_rtt",
    "wtcpi_rcv_space",
    "wtcpi_total_retrans",
    "dtcpi_pacing_rate",
    "dtcpi_max_pacing_rate",
    "dtcpi_bytes_acked",
    "dtcpi_bytes_received",
    "wtcpi_segs_out",
    "wtcpi_segs_in",
    "wtcpi_notsent_bytes",
    "wtcpi_min_rtt",
    "wtcpi_data_segs_in",
    "wtcpi_data_segs_out",
    "dtcpi_delivery_rate",
    "dtcpi_busy_time",
    "dtcpi_rwnd_limited",
    "dtcpi_sndbuf_limited",
    "wtcpi_delivered",
    "wtcpi_delivered_ce",
    "dtcpi_bytes_sent",
    "dtcpi_bytes_retrans",
    "wtcpi_dsack_dups",
    "wtcpi_reord_seen",
    "wtcpi_rcv_ooopack",
    "wtcpi_snd_wnd",
    "wtcpi_rcv_wnd",
    "wtcpi_rehash",
    "htcpi_total_rto",
    "htcpi_total_rto_recoveries",
    "wtcpi_total_rto_time",
    "wtcpi_received_ce",
    "wtcpi_delivered_e1_bytes",
    "wtcpi_delivered_e0_bytes",
    "wtcpi_delivered_ce_bytes",
    "wtcpi_received_e1_bytes",
    "wtcpi_received_e0_bytes",
    "wtcpi_received_ce_bytes",
    "htcpi_accecn_fail_mode",
    "htcpi_accecn_opt_seen",
};

static const char prelude[] =
    "import inspect, re, sys\n"
    "constants = dict(TCPI_OPT_TIMESTAMPS=1, TCPI_OPT_SACK=2, TCPI_OPT_WSCALE=4, TCPI_OPT_ECN=8,\n"
    "    TCPI_OPT_ECN_SEEN=16, TCPI_OPT_SYN_DATA=32, TCPI_OPT_USEC_TS=64,\n"
    "    TCP_CA_Open=0, TCP_CA_Disorder=1, TCP_CA_CWR=2, TCP_CA_Recovery=3, TCP_CA_Loss=4,\n"
    "    TCP_ESTABLISHED=1, TCP_SYN_SENT=2, TCP_SYN_RECV=3, TCP_FIN_WAIT1=4, TCP_FIN_WAIT2=5,\n"
    "    TCP_TIME_WAIT=6, TCP_CLOSE=7, TCP_CLOSE_WAIT=8, TCP_LAST_ACK=9, TCP_LISTEN=10,\n"
    "    TCP_CLOSING=11, TCP_INFINITE_SSTHRESH=0x7fffffff)\n"
    "def block(line, values, code):\n"
    "    names = dict(constants)\n"
    "    names.update(values)\n"
    "    try:\n"
    "        exec(inspect.cleandoc(code), names)\n"
    "    except Exception as error:\n"
    "        came = ['%s = %s' % (n, names[n]) for n in re.findall(r'tcpi_[a-z_]+', code)\n"
    "            if n in names]\n"
    "        print('%d: %s: %s: expected %s; came %s' % (line, type(error).__name__, error,\n"
    "            ' '.join(code.split()), ', '.join(dict.fromkeys(came)) or 'nothing of it'))\n"
    "        sys.exit(1)\n";

static size_t width_of(char letter)
{
    return letter == 'b' ? 1 : letter == 'h' ? 2 : letter == 'w' ? 4 : 8;
}

static void write_values(FILE *file, const uint8_t *info, uint32_t length)
{
    size_t at = 0;

    fputs("{", file);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t width = width_of(fields[i][0]);
        uint64_t value = 0;

        at = (at + width - 1) / width * width;
        if (at + width > length)
            break;
        for (size_t j = width; j > 0; j--)
            value = value << 8 | info[at + j - 1];
        fprintf(file, "'%s': %" PRIu64 ", ", fields[i] + 1, value);
        at += width;
    }
    if (length > 7)
        fprintf(file, "'tcpi_snd_wscale': %u, 'tcpi_rcv_wscale': %u", info[6] & 15U, info[6] >> 4);
    fputs("}", file);
}

static void write_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            fprintf(file, "\\x%02x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

void drill_code(struct drill_run *run, struct drill_event *event)
{
    struct drill_socket *s = run->flow.socket >= 0 ? &run->socket[run->flow.socket] : NULL;
    uint8_t info[INFO_BYTES] = {0};
    uint32_t length = sizeof info;
    int result = 0;

    if (!run->code) {
        run->code = open_memstream(&run->code_text, &run->code_length);
        if (!run->code) {
            drill_unsupported(run, event->line, "out of memory");
            return;
        }
        fputs(prelude, run->code);
    }
    if (s && s->kind == DRILL_SOCKET)
        result = sockeye_get_option(run->lab, run->host, s->live, SOL_TCP_LEVEL, TCP_INFO_NAME,
                                    info, &length);
    else
        length = 0;
    if (result < 0) {
        drill_unsupported(run, event->line, "TCP_INFO: %s", sockeye_strerror(result));
        return;
    }
    fprintf(run->code, "block(%d, ", event->line);
    write_values(run->code, info, length);
    fputs(", ", run->code);
    write_string(run->code, event->text);
    fputs(")\n", run->code);
    run->codes++;
}

static void execute(struct drill_run *run)
{
    char path[] = "/tmp/sockeye-drill-XXXXXX", command[64], line[512] = "";
    int fd = mkstemp(path);
    FILE *pipe;
    int status;

    if (fd < 0 || write(fd, run->code_text, run->code_length) != (ssize_t)run->code_length) {
        drill_unsupported(run, 0, "%s: %s", path, strerror(errno));
    } else {
        snprintf(command, sizeof command, "python3 %s 2>&1", path);
        pipe = popen(command, "r");
        if (!pipe) {
            drill_unsupported(run, 0, "python3: %s", strerror(errno));
        } else {
            if (fgets(line, sizeof line, pipe))
                line[strcspn(line, "\n")] = 0;
            status = pclose(pipe);
            if (status != 0)
                drill_fail(run, atoi(line), "assertion: %s",
                           strchr(line, ' ') ? strchr(line, ' ') + 1 : line);
        }
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
}

void drill_code_finish(struct drill_run *run)
{
    if (!run->code)
        return;
    fclose(run->code);
    run->code = NULL;
    /* what held before a later failure is worth knowing only when there was none */
    if (run->result == DRILL_PASS)
        execute(run);
    free(run->code_text);
    run->code_text = NULL;
}
