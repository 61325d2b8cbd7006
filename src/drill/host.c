/* SPDX-License-Identifier: MIT */
/*
 * Commands of a script. A script is data, so nothing is given to a shell: the commands that set a
 * host are understood here, by name, and change the host of the lab; any other is an error.
 *
 *     sysctl [-q] [-w] [-e] NAME=VALUE ...         set_sysctls.py /proc/sys/PATH=VALUE ...
 *     defaults.sh                                  what it sets, as far as the host has it
 *     ip link set dev tun0 mtu N                   before the host is made
 *     ip tcp_metrics flush, nstat -n, ethtool -K, sysctl_restore, tc ... fq | fifo
 *                                                  nothing to do here: no offloads, no cache
 */
#include "drill/state.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 32, WORD_BYTES = 256, COMMAND_BYTES = 1024 };

struct drill_words {
    char word[WORDS][WORD_BYTES];
    int count;
};

static const char *const defaults[][2] = {
    {"tcp_rmem", "4096 540000 15728640"},
    {"tcp_wmem", "4096 262144 4194304"},
    {"tcp_timestamps", "1"},
    {"tcp_syn_retries", "5"},
    {"tcp_synack_retries", "5"},
    {"tcp_frto", "2"},
    {"tcp_sack", "1"},
    {"tcp_dsack", "1"},
    {"tcp_reordering", "3"},
    {"tcp_congestion_control", "cubic"},
    {"tcp_slow_start_after_idle", "0"},
    {"tcp_early_retrans", "4"},
    {"tcp_recovery", "1"},
    {"tcp_ecn", "0"},
    {"tcp_ecn_option", "2"},
    {"tcp_pacing_ss_ratio", "200"},
    {"tcp_pacing_ca_ratio", "120"},
    {"tcp_notsent_lowat", "4294967295"},
    {"tcp_fastopen_key", "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4"},
    {"tcp_syncookies", "1"},
};

/* Settings of Linux about how it forms packets for hardware, or forgotten ones: nothing here. */
static const char *const meaningless[] = {
    "net.ipv4.tcp_min_tso_segs",
    "net.ipv4.tcp_tso_win_divisor",
    "net.ipv4.tcp_fack",
    "net.ipv4.tcp_early_retrans",
};

static bool is_meaningless(const char *name)
{
    for (size_t i = 0; i < sizeof meaningless / sizeof *meaningless; i++) {
        if (strcmp(meaningless[i], name) == 0)
            return true;
    }
    return false;
}

/* $((a*b*c)), as a number behind the word. @return where it ends, NULL when it cannot be read */
static const char *expand(const char *text, char *word, size_t *length)
{
    long long product = 1, factor;
    char *stop;
    int written;

    for (text += 3;; text = stop + 1) {
        errno = 0;
        factor = strtoll(text, &stop, 0);
        if (stop == text || errno != 0 || __builtin_mul_overflow(product, factor, &product))
            return NULL;
        if (*stop != '*')
            break;
    }
    if (strncmp(stop, "))", 2) != 0)
        return NULL;
    written = snprintf(word + *length, WORD_BYTES - *length, "%lld", product);
    *length += (size_t)written;
    return *length < WORD_BYTES ? stop + 2 : NULL;
}

/* The next word of a command. @return where it ends, NULL when it cannot be read */
static const char *take_word(const char *at, char *word)
{
    size_t length = 0;
    char quote = 0;

    while (*at && (quote || !isspace((unsigned char)*at))) {
        if (strncmp(at, "$((", 3) == 0) {
            at = expand(at, word, &length);
            if (!at)
                return NULL;
            continue;
        }
        if (quote ? *at == quote : *at == '"' || *at == '\'')
            quote = quote ? 0 : *at;
        else if (length + 1 < WORD_BYTES)
            word[length++] = *at;
        else
            return NULL;
        at++;
    }
    word[length] = 0;
    return quote ? NULL : at;
}

static bool split(const char *command, struct drill_words *w)
{
    w->count = 0;
    while (*command) {
        if (isspace((unsigned char)*command)) {
            command++;
            continue;
        }
        if (w->count == WORDS || *command == '#')
            return *command == '#';
        command = take_word(command, w->word[w->count]);
        if (!command)
            return false;
        /* where output goes is nothing to us */
        if (!strstr(w->word[w->count], "/dev/null") && strcmp(w->word[w->count], "&>") != 0 &&
            strcmp(w->word[w->count], ">") != 0 && strcmp(w->word[w->count], "2>&1") != 0)
            w->count++;
    }
    return true;
}

/* @return 0 or -errno */
static int set_one(struct drill_run *run, const char *assignment)
{
    char name[WORD_BYTES], value[WORD_BYTES];
    const char *equal = strchr(assignment, '=');
    int result;

    if (!equal)
        return -EINVAL;
    if (strncmp(assignment, "/proc/sys/", 10) == 0)
        assignment += 10;
    snprintf(name, sizeof name, "%.*s", (int)(equal - assignment), assignment);
    snprintf(value, sizeof value, "%s", equal + 1);
    for (char *c = name; *c; c++) {
        if (*c == '/')
            *c = '.';
    }
    result = sockeye_set(run->lab, run->host, name, value);
    if (result == -ENOENT && is_meaningless(name))
        result = 0;
    drill_say(run, "%s = %s%s%s", name, value, result < 0 ? ": " : "",
              result < 0 ? sockeye_strerror(result) : "");
    return result;
}

static int set_all(struct drill_run *run, const struct drill_words *w, char *failed, size_t size)
{
    for (int i = 1; i < w->count; i++) {
        int result;

        if (w->word[i][0] == '-')
            continue;
        result = set_one(run, w->word[i]);
        if (result < 0) {
            snprintf(failed, size, "%s: %s", w->word[i], sockeye_strerror(result));
            return result;
        }
    }
    return 0;
}

static void set_defaults(struct drill_run *run)
{
    char assignment[WORD_BYTES];

    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        snprintf(assignment, sizeof assignment, "net.ipv4.%s=%s", defaults[i][0], defaults[i][1]);
        (void)set_one(run, assignment);
    }
    snprintf(assignment, sizeof assignment, "net.ipv4.tcp_fastopen=%s",
             strstr(run->script->path, "/linux/") ? "0x3" : "0x70403");
    (void)set_one(run, assignment);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool word_is(const struct drill_words *w, int i, const char *text)
{
    return i < w->count && strcmp(w->word[i], text) == 0;
}

static bool has_word(const struct drill_words *w, const char *text)
{
    for (int i = 0; i < w->count; i++) {
        if (word_is(w, i, text))
            return true;
    }
    return false;
}

static bool is_link_mtu(const struct drill_words *w)
{
    return w->count >= 3 && word_is(w, 0, "ip") && word_is(w, 1, "link") &&
           word_is(w, w->count - 2, "mtu");
}

static bool is_nothing(const struct drill_words *w)
{
    return (word_is(w, 0, "ip") && word_is(w, 1, "tcp_metrics") && word_is(w, 2, "flush")) ||
           (word_is(w, 0, "nstat") && word_is(w, 1, "-n")) ||
           (word_is(w, 0, "ethtool") && word_is(w, 1, "-K")) ||
           (word_is(w, 0, "tc") && (has_word(w, "fq") || has_word(w, "fifo"))) ||
           strstr(w->word[0], "sysctl_restore");
}

/* One command without ; && ||. @return 0, or -errno with `failed` set */
static int obey(struct drill_run *run, const char *command, char *failed, size_t size)
{
    struct drill_words w;
    const char *name;

    if (!split(command, &w)) {
        snprintf(failed, size, "the command \"%s\" cannot be read", command);
        return -EINVAL;
    }
    if (w.count == 0 || is_nothing(&w) || is_link_mtu(&w))
        return 0;
    name = base_name(w.word[0]);
    if (strcmp(name, "sysctl") == 0 || strcmp(name, "set_sysctls.py") == 0)
        return set_all(run, &w, failed, size);
    if (strcmp(name, "defaults.sh") == 0) {
        set_defaults(run);
        return 0;
    }
    snprintf(failed, size, "the command \"%s\" is not known", command);
    return -ENOSYS;
}

/* Copies the next simple command, with continued lines joined. @return what ended it: one of
 * ';' (also a line's end), '&' (&&), '|' (||), 0 at the end, '!' for a lone pipe, '>' for a command
 * that is too long */
static char next_command(const char **at, char command[COMMAND_BYTES])
{
    size_t length = 0;
    char quote = 0;

    while (**at) {
        const char *c = *at;

        if (c[0] == '\\' && c[1] == '\n') {
            *at += 2;
            continue;
        }
        *at += 1;
        if (quote ? *c == quote : *c == '"' || *c == '\'')
            quote = quote ? 0 : *c;
        if (!quote && (*c == ';' || *c == '\n')) {
            command[length] = 0;
            return ';';
        }
        if (!quote && (*c == '|' || (*c == '&' && c[1] == '&'))) {
            command[length] = 0;
            if (c[1] != *c)
                return '!';
            *at += 1;
            return *c;
        }
        if (length + 1 == COMMAND_BYTES)
            return '>';
        command[length++] = *c;
    }
    command[length] = 0;
    return 0;
}

void drill_command(struct drill_run *run, struct drill_event *event)
{
    const char *at = event->text;
    char command[COMMAND_BYTES], failed[COMMAND_BYTES + 100] = "";
    bool wanted = true;
    int result = 0;
    char end;

    do {
        end = next_command(&at, command);
        if (end == '!' || end == '>') {
            drill_unsupported(run, event->line,
                              end == '!' ? "pipes are not known: `%s`"
                                         : "a command longer than 1023 characters: `%.40s...`",
                              event->text);
            return;
        }
        if (wanted)
            result = obey(run, command, failed, sizeof failed);
        if (end == '|') {
            wanted = result < 0;
            continue;
        }
        if (result < 0) {
            drill_unsupported(run, event->line, "%s", failed);
            return;
        }
        wanted = true;
    } while (end);
}

static void set_mtu(struct drill_run *run, int line, const char *text)
{
    char *end;
    unsigned long mtu = strtoul(text, &end, 10);

    if (end == text || *end || mtu < DRILL_LEAST_MTU || mtu > DRILL_PACKET_BYTES)
        drill_unsupported(run, line, "\"%s\" is not an MTU", text);
    else
        run->mtu = (uint32_t)mtu;
}

void drill_scan_commands(struct drill_run *run)
{
    for (struct drill_event *e = run->script->first; e; e = e->next) {
        const char *at = e->text;
        char command[COMMAND_BYTES];
        struct drill_words w;
        char end;

        if (e->kind != DRILL_COMMAND)
            continue;
        do {
            end = next_command(&at, command);
            if (end != '>' && split(command, &w) && is_link_mtu(&w))
                set_mtu(run, e->line, w.word[w.count - 1]);
        } while (end && end != '>');
    }
}
