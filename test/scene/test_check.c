/* SPDX-License-Identifier: MIT */
/* Lab files, good and bad: what they mean, and what is said of a fault, with its line. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "check.h"
#include "scene/scene.h"
#include "scene/value.h"

static char complaints[8192];

/* Loads a text as lab.yaml; what was said of it stands in `complaints`. */
static int load(const char *text, struct scene_file *file)
{
    char path[] = "/tmp/sockeye-test-XXXXXX";
    int fd = mkstemp(path), result;
    FILE *errors = fmemopen(complaints, sizeof complaints, "w");
    FILE *out = fdopen(fd, "w");

    memset(complaints, 0, sizeof complaints);
    fputs(text, out);
    fclose(out);
    result = scene_load(path, errors, file);
    fclose(errors);
    unlink(path);
    return result;
}

#define TWO_HOSTS                                                                                  \
    "hosts:\n"                                                                                     \
    "  - name: client\n"                                                                           \
    "    interfaces:\n"                                                                            \
    "      - {name: eth0, address: 10.0.0.1/24}\n"                                                 \
    "  - name: server\n"                                                                           \
    "    interfaces:\n"                                                                            \
    "      - {name: eth0, address: 10.0.0.2/24}\n"

/* A fault, and what must be said of it after the file's name. */
static const struct {
    const char *text, *said;
} faults[] = {
    {"", ":1: the file is empty\n"},
    {"hosts: [", ":2: did not find expected node content, while parsing a flow node\n"},
    {"hosts: []\n", ":1: hosts: has too few entries\n"},
    {"name: x\n", ":1: needs the key \"hosts\"\n"},
    {"seed: 1\nhosts:\n  - name: a\n    colour: red\n", ":4: hosts.a: unknown key \"colour\"\n"},
    {"hosts:\n  - name: a\n    interfaces: eth0\n",
     ":3: hosts.a.interfaces: must be a list (- ...)\n"},
    {"hosts:\n  - name: a\n  - name: a\n", ":3: hosts.a.name: another host has this name\n"},
    {"hosts:\n  - name: a b\n",
     ":2: hosts.a b.name: \"a b\" cannot name a host (letters, digits and -, 31 at most)\n"},
    {"time_limit: 5\nhosts:\n  - name: a\n",
     ":1: time_limit: \"5\" is not a time such as 250us, 1.5ms, 2s, 5min or 1h\n"},
    {"time_limit: 400000h\nhosts:\n  - name: a\n",
     ":1: time_limit: \"400000h\" is not a time such as 250us, 1.5ms, 2s, 5min or 1h\n"},
    {"hosts:\n  - name: a\n    programs:\n      - {name: p, run: sh, after: \" 1s 2s \"}\n",
     ":4: hosts.a.programs.p.after: \"1s 2s\": not understood; give a time, HOST.listening:PORT, "
     "HOST.PROGRAM.exited or HOST.addressed (several with commas)\n"},
    {"hosts:\n  - name: a\n    programs:\n      - {name: p, run: sh, after: "
     "\"a.listening:2x/x25\"}\n",
     ":4: hosts.a.programs.p.after: \"a.listening:2x/x25\": the port is wrong; give a time, "
     "HOST.listening:PORT, HOST.PROGRAM.exited or HOST.addressed (several with commas)\n"},
    {"faults:\n  - {at: 1s, wire: w}\n  - {at: 1s, crash: a, loss: 5%, direction: back}\n"
     "  - {at: 1s, pause: a, down: true, queue: {packets: 3}}\nwires:\n"
     "  - {name: w, between: [a.e, b.e]}\nhosts:\n  - {name: a, interfaces: [{name: e}]}\n"
     "  - {name: b, interfaces: [{name: e}]}\n",
     "@:2: faults[0]: says nothing of the wire; give it down, loss, delay ...\n"
     "@:3: faults[1].direction: is of a wire: needs wire or wires\n"
     "@:3: faults[1].loss: is of a wire: needs wire or wires\n"
     "@:4: faults[2].down: is of a wire: needs wire or wires\n"
     "@:4: faults[2].queue.packets: is of a wire: needs wire or wires\n"},
    {"time_limit: 0s\nhosts:\n  - name: a\n", ":1: time_limit: is no time at all\n"},
    {"hosts:\n  - name: a\n    programs:\n      - {name: p, run: sh, after: a.p.exited}\n",
     ":4: hosts.a.programs.p.after: it waits for itself: a.p after a.p\n"},
    {"hosts:\n  - name: a\n    programs:\n"
     "      - {name: p, run: sh, after: \"1s, b.q.exited\"}\n"
     "      - {name: r, run: sh, after: a.p.exited}\n"
     "  - name: b\n    programs:\n"
     "      - {name: q, run: sh, after: b.s.exited}\n"
     "      - {name: s, run: sh, after: a.p.exited}\n",
     ":4: hosts.a.programs.p.after: it waits for itself: a.p after b.q after b.s after a.p\n"},
    {"%TAG ! x\n---\nhosts:\n  - name: a\n", ":1: directives (%...) are not supported\n"},
    {"hosts:\n  - name: a\n---\nhosts:\n  - name: b\n", ":3: a second document (---)\n"},
    {"hosts:\n  - name: \"a\\0b\"\n", ":2: a NUL in a key or value\n"},
    {"hosts:\n  - name: \"a\\n\\e[2J\\x85\"\n",
     ":2: hosts.a\\x0a\\x1b[2J\xc2\\x85.name: \"a\\x0a\\x1b[2J\xc2\\x85\" cannot name a host "
     "(letters, digits and -, 31 at most)\n"},
    {"[[[[[[[[[[[[[[[[[", ":1: nested deeper than 16\n"},
    {"seed: -1\nhosts:\n  - name: a\n", ":1: seed: \"-1\" is not a whole number\n"},
    {"hosts:\n  - name: a\n    interfaces:\n      - name: eth0\n        address: 10.0.0.300/24\n",
     ":5: hosts.a.interfaces.eth0.address: \"10.0.0.300/24\" is not an address with prefix, "
     "such as 10.0.0.1/24 or fd00::1/64\n"
     "@:4: hosts.a.interfaces.eth0: no wire joins this interface\n"},
    {"wires:\n  - name: w\n    between: [client.eth0, server.eth1]\n" TWO_HOSTS,
     ":3: wires.w.between[1]: host \"server\" has no interface \"eth1\"\n"
     "@:10: hosts.server.interfaces.eth0: no wire joins this interface\n"},
    {"wires:\n  - name: w\n    between: [client.eth0]\n" TWO_HOSTS,
     ":3: wires.w.between: has too few entries\n"},
    {"wires:\n  - name: w\n    between: [client.eth0, server.eth0]\n    loss: 101%\n"
     "    rate: fast\n    queue: {packets: none}\n    back: {mtu: 9}\n" TWO_HOSTS,
     ":5: wires.w.rate: \"fast\" is not a rate such as 64kbit, 100Mbit, 1Gbit or unlimited\n"
     "@:4: wires.w.loss: \"101%\" is not a chance such as 5%, 0.1% or 250ppm, nor "
     "bursts such as gemodel 1% 25%\n"
     "@:6: wires.w.queue.packets: \"none\" is not a whole number from 1 to 1000000\n"
     "@:7: wires.w.back.mtu: \"9\" is not a whole number from 68 to 65535\n"},
    {"wires:\n  - name: w\n    between: [client.eth0, server.eth0]\n"
     "    queue: {discipline: red, target: 5ms}\n"
     "    back: {queue: {discipline: codel, flows: 9, interval: 100}}\n" TWO_HOSTS,
     ":4: wires.w.queue.discipline: \"red\" is none of tail, head, codel, fq_codel\n"
     "@:4: wires.w.queue.target: only discipline: codel or fq_codel has it\n"
     "@:5: wires.w.back.queue.interval: \"100\" is not a time such as 250us, 1.5ms, 2s, 5min or "
     "1h\n"
     "@:5: wires.w.back.queue.flows: only discipline: fq_codel has it\n"},
    {"hosts:\n  - name: a\n    programs:\n      - run: \"sh -c 'exit 0\"\n",
     ":4: hosts.a.programs[0].run: no command, or a quote is not closed\n"},
    {"hosts:\n  - name: a\n    programs:\n      - run: echo $URL > page\n",
     ":4: hosts.a.programs[0].run: \"$URL\" is for a shell, and none reads this; write "
     "\"shell:\" instead of \"run:\" (or quotes around it, if it is meant as it stands)\n"},
    {"hosts:\n  - name: a\n    programs:\n      - run: a\n        expect: any\n",
     ":5: hosts.a.programs[0].expect: must be keys with values (key: ...), as in {exit: any}\n"},
    {"hosts:\n  - name: a\n    programs:\n      - {run: a, shell: b}\n",
     ":4: hosts.a.programs[0]: needs one of \"run\", \"shell\" and \"argv\"\n"},
    {"hosts:\n  - name: a\n    programs:\n      - shell: ' '\n",
     ":4: hosts.a.programs[0].shell: no command, or a quote is not closed\n"},
    {"hosts:\n  - name: a\n    programs:\n      - run: sh\n        after: b.listening:80\n",
     ":5: hosts.a.programs[0].after: \"b.listening:80\": there is no such host; give a time, "
     "HOST.listening:PORT, HOST.PROGRAM.exited or HOST.addressed (several with commas)\n"},
    {"hosts:\n  - name: a\n    traffic:\n      - source: {to: \"b:80\", bytes: 1}\n",
     ":4: hosts.a.traffic[0].source.to: \"b\" is neither a host nor an address\n"},
    {"hosts:\n  - name: a\n    traffic:\n      - {}\n",
     ":4: hosts.a.traffic[0]: needs one of source, sink, echo and ping\n"},
    {"hosts:\n  - name: &x a\n  - name: *x\n",
     ":3: hosts[1].name: aliases (*name) are not supported\n"},
    {"nameservers: [c, 1.2.3.4]\nhosts:\n  - name: a\n    nameservers: [a]\n"
     "  - name: b\n    nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]\n",
     ":1: nameservers[0]: \"c\" is neither a host with an address nor an address\n"
     "@:4: hosts.a.nameservers[0]: \"a\" is neither a host with an address nor an address\n"
     "@:6: hosts.b.nameservers: at most 3 are asked\n"},
    {"limits: {sockets: 131073, packets: 0, buffers: 9GiB}\nhosts:\n  - name: a\n",
     ":1: limits.sockets: \"131073\" is not a whole number from 1 to 131072\n"
     "@:1: limits.packets: \"0\" is not a whole number from 1 to 1048576\n"
     "@:1: limits.buffers: \"9GiB\" is more than 8589934592 bytes\n"},
    {"limits: {buffers: 1kB}\nhosts:\n  - name: a\n", ":1: limits.buffers: is less than 1MiB\n"},
    {"wires:\n  - {name: w, between: [a.e, b.e]}\nhosts:\n"
     "  - {name: a, interfaces: [{name: e, address: 10.0.0.1/24, addresses: [fd00::1/64], "
     "mac: 02:00:00:00:00:01}]}\n"
     "  - name: b\n    interfaces:\n      - name: e\n        mac: 02:00:00:00:00:01\n"
     "        addresses: [10.0.0.2/24, 'fd00:0::1/64',\n          fe80::1/64, ff02::1/64, "
     "'::1/128']\n"
     "    routes: [{to: default, via: fd00::9}, {to: 10.1.0.0/16, via: fd00::9}]\n",
     ":10: hosts.b.interfaces.e.addresses[3]: \"ff02::1/64\" is not an address a host can have\n"
     "@:10: hosts.b.interfaces.e.addresses[4]: \"::1/128\" is not an address a host can have\n"
     "@:9: hosts.b.interfaces.e.addresses[1]: \"fd00::1\" is a.e's too, in line 4\n"
     "@:8: hosts.b.interfaces.e.mac: \"02:00:00:00:00:01\" is a.e's too, in line 4\n"
     "@:11: hosts.b.routes[1].via: \"fd00::9\" is of another family than \"10.1.0.0/16\"\n"},
    {"hosts:\n  - name: a\n    traffic:\n      - source: {to: 'fd00::1:80', bytes: 1}\n",
     ":4: hosts.a.traffic[0].source.to: \"fd00::1:80\" is not HOST:PORT (of IPv6 "
     "[ADDRESS]:PORT)\n"},
    {"hosts:\n  - name: a\n    name: b\n", ":3: hosts.b.name: this key stands here twice\n"},
};

static void faults_are_told(void)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct scene_file file;
        char *at = complaints;
        const char *said = faults[i].said;

        check_equal(load(faults[i].text, &file), -22);
        /* "@" stands for the file's name, also at the beginning. */
        while (*said != '\0') {
            size_t length = strcspn(said, "\n") + 1;
            char *name = strstr(at, "/tmp/sockeye-test-");

            if (name != at || strncmp(at + 24, said + (*said == '@'), length - (*said == '@')) != 0)
                test_fail(__FILE__, __LINE__, "fault %zu: said\n%s# wanted\n%s", i, complaints,
                          faults[i].said);
            at += 24 + length - (*said == '@');
            said += length;
        }
        if (*at != '\0')
            test_fail(__FILE__, __LINE__, "fault %zu: more was said: %s", i, at);
        scene_close(&file);
    }
}

static void limits_are_read(void)
{
    struct sockeye_config config;
    struct scene_file file;

    check_equal(load("limits: {sockets: 20000, packets: 16384, buffers: 512MiB}\n" TWO_HOSTS
                     "wires:\n  - {name: w, between: [client.eth0, server.eth0]}\n",
                     &file),
                0);
    config = scene_config(file.lab, 7);
    check_equal(config.sockets, 20000);
    check_equal(config.packets, 16384);
    check_equal(config.buffer_bytes, 512 << 20);
    scene_close(&file);
    check_equal(load("hosts:\n  - name: a\n", &file), 0);
    config = scene_config(file.lab, 7);
    check(config.sockets == 0 && config.packets == 0 && config.buffer_bytes == 0);
    scene_close(&file);
}

static void values_have_units(void)
{
    struct scene_file file;
    const struct scene_wire *wire;

    check_equal(load("name: two\nseed: 18446744073709551615\ntime_limit: 1.5h\n"
                     "wires:\n  - name: w\n    between: [client.eth0, server.eth0]\n"
                     "    rate: 1.5Mbit\n    delay: 250us\n    jitter: 1.5ms\n    loss: 5%\n"
                     "    reorder: 0.25%\n    reorder_by: 5ms\n    duplicate: 20ppm\n"
                     "    corrupt: 1%\n    past_fcs: true\n"
                     "    queue: {packets: 50, bytes: 64KiB, discipline: fq_codel, target: 2ms, "
                     "flows: 64}\n"
                     "    back: {loss: 0, rate: unlimited, queue: {discipline: codel}}\n"
                     "    down: [{at: 2s, for: 500ms, direction: back}, {at: 9s}]\n" TWO_HOSTS,
                     &file),
                0);
    wire = &file.lab->wires[0];
    check(file.lab->seed == UINT64_MAX);
    check_equal(file.lab->time_limit, 5400000000000);
    check_equal(wire->config[0].rate_bits, 1500000);
    check_equal(wire->config[0].delay_ns, 250000);
    check_equal(wire->config[0].jitter_ns, 1500000);
    check_equal(wire->config[0].loss_ppm, 50000);
    check_equal(wire->config[0].reorder_ppm, 2500);
    check_equal(wire->config[0].reorder_ns, 5000000);
    check_equal(wire->config[0].duplicate_ppm, 20);
    check_equal(wire->config[0].corrupt_ppm, 10000);
    check_equal(wire->config[0].past_fcs, 1);
    check_equal(wire->config[0].queue_packets, 50);
    check_equal(wire->config[0].queue_bytes, 65536);
    check_equal(wire->config[1].rate_bits, 0);
    check_equal(wire->config[1].loss_ppm, 0);
    check_equal(wire->config[0].queue_discipline, SOCKEYE_QUEUE_FQ_CODEL);
    check_equal(wire->config[0].queue_ecn, 1);
    check_equal(wire->config[0].queue_target_ns, 2000000);
    check_equal(wire->config[0].queue_flows, 64);
    check_equal(wire->config[1].queue_discipline, SOCKEYE_QUEUE_CODEL);
    check_equal(wire->config[1].queue_ecn, 0);
    check_equal(wire->config[1].queue_target_ns, 0);
    check_equal(wire->config[1].delay_ns, 250000);
    check_equal(wire->down[0].until, 2500000000);
    check(!wire->down[0].hits[0] && wire->down[0].hits[1]);
    check(wire->down[1].until == SOCKEYE_NEVER && wire->down[1].hits[0]);
    check_equal(wire->end[1].node, 1);
    check_equal(file.lab->hosts[1].interfaces[0].end, 1);
    check(!file.lab->has_programs);
    scene_close(&file);
}

static void programs_are_read(void)
{
    struct scene_file file;
    const struct scene_program *program;

    check_equal(load("hosts:\n  - name: server\n    environment: [LANG=C]\n    programs:\n"
                     "      - run: python3 -m http.server 8000\n        background: true\n"
                     "      - name: fetch\n        argv: [curl, -s, 'http://server:8000/a b']\n"
                     "        after: server.listening:8000, 20ms, server.python3.exited\n"
                     "        expect: {exit: 7}\n"
                     "      - run: sleep 100\n        kill: {after: 1s, signal: TERM}\n"
                     "        after: server.listening:53/udp\n",
                     &file),
                0);
    program = file.lab->hosts[0].programs;
    check(file.lab->has_programs && program[0].is_background);
    check(strcmp(program[0].title, "python3") == 0);
    check(strcmp(program[0].arguments[2], "http.server") == 0 && program[0].arguments[4] == NULL);
    check(strcmp(program[1].arguments[2], "http://server:8000/a b") == 0);
    check_equal(program[1].start.count, 3);
    check_equal(program[1].start.condition[0].port, 8000);
    check_equal(program[1].start.condition[1].time, 20000000);
    check(program[1].start.condition[2].kind == CONDITION_EXITED);
    check_equal(program[1].exit_value, 7);
    check_equal(program[2].kill_signal, 15);
    check(program[2].exit_kind == EXIT_EXPECT_SIGNAL && program[2].exit_value == 15);
    check(program[2].start.condition[0].datagram);
    scene_close(&file);
}

/* An interface has addresses of both families, and a peer is one of them. */
static void addresses_are_of_both_families(void)
{
    struct scene_file file;
    const struct scene_host *host;

    check_equal(load("wires:\n  - {name: w, between: [a.e, b.e]}\nhosts:\n"
                     "  - {name: a, interfaces: [{name: e, address: 10.0.0.1/24}]}\n"
                     "  - name: b\n    interfaces:\n"
                     "      - {name: e, addresses: [fd00::2/64, 10.0.0.2/24, fe80::2/64]}\n"
                     "    routes: [{to: default, via: fd00::1}]\n    traffic:\n"
                     "      - source: {to: '[fd00::1]:80', bytes: 1}\n"
                     "      - ping: {to: fd00::1}\n      - ping: {to: b}\n",
                     &file),
                0);
    host = &file.lab->hosts[1];
    check_equal(host->interfaces[0].ip_count, 3);
    check_equal(host->interfaces[0].ip[0].bits, 64);
    check(host->traffic[0].peer.port == 80 && host->traffic[0].peer.address.low == 1);
    check(host->traffic[1].peer.address.high == UINT64_C(0xfd00) << 48);
    check(scene_distance(host, (struct address){1, 1}) == DISTANCE_ROUTED);
    check(scene_distance(host, address_from_ip4(1)) == DISTANCE_OUT_OF_REACH);
    /* a knows no network of IPv6, so b's first address is not its nearest */
    check(address_to_ip4(scene_host_address(host, &file.lab->hosts[0])) == 0x0a000002);
    scene_close(&file);
}

/* Many services of hosts with many addresses and routes: each pair of hosts is looked at once. */
static void nearest_addresses_are_found_once(void)
{
    struct scene_file file;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    fputs("hosts:\n  - name: a\n    routes:\n", out);
    for (int i = 0; i < 20000; i++)
        fprintf(out, "      - {to: 11.0.%d.0/24, interface: e0}\n", i % 256);
    fputs("    traffic:\n", out);
    for (int i = 0; i < 20000; i++)
        fputs("      - ping: {to: b}\n", out);
    for (int host = 0; host < 2; host++) {
        fprintf(out, "%s    interfaces:\n", host == 0 ? "" : "  - name: b\n");
        for (int i = 0; i < 255; i++)
            fprintf(out, "      - {name: e%d, address: %d.0.%d.1/24}\n", i, 12 + host, i);
    }
    fclose(out);
    check_equal(load(text, &file), -22);
    check(strstr(complaints, "hosts.a.routes: a host has at most 64 routes of its own\n") != NULL);
    check(file.lab->hosts[0].traffic[19999].peer.address.low == UINT64_C(0xffff0d000001));
    scene_close(&file);
    free(text);
}

static void words_follow_the_quotes(void)
{
    unsigned count;
    char **words = scene_read_words("  sh -c 'a \"b\" c' \"d\\\"e\"f  g\\ h '' ", &count);

    check(words != NULL);
    check_equal(count, 6);
    check(strcmp(words[2], "a \"b\" c") == 0 && strcmp(words[3], "d\"ef") == 0);
    check(strcmp(words[4], "g h") == 0 && words[5][0] == '\0' && words[6] == NULL);
    free(words);
    check(scene_read_words("a 'b", &count) == NULL);
    check(scene_read_words("   ", &count) == NULL);
}

static void shell_is_found(void)
{
    static const struct {
        const char *line, *found; /* NULL: nothing */
    } cases[] = {
        {" X_1=2 curl http://a/", "X_1="},
        {"dd if=a of=b", NULL},
        {"./a=b", NULL},
        {"curl -sS http://a/ > page.html", ">"},
        {"curl -sS http://a/ 2>>log", ">>"},
        {"prog <input", "<"},
        {"a | b", "|"},
        {"a || b", "||"},
        {"sleep 1; b", ";"},
        {"a && b", "&&"},
        {"sleep 9 &", "&"},
        {"a &>log", "&>"},
        {"echo $URL", "$URL"},
        {"echo x${URL}", "${"},
        {"echo $(date)", "$("},
        {"echo `date`", "`"},
        {"echo \"at $URL\"", "$URL"},
        {"echo \"`date`\"", "`"},
        {"echo '$URL > x'", NULL},
        {"echo \"a > b; c\"", NULL},
        {"echo \\$URL a\\;b", NULL},
        {"sh -c \"echo $URL > x\"", NULL},
        {"bash -lc \"echo $URL\" $X", "$X"},
        {"curl http://a/?x=1&y=2", NULL},
        {"price 5$ $", NULL},
        {"a -x=1 --y a/b a~ ~ %h a/~/ ", NULL},
        {"cat *.txt", "*"},
        {"cat '*.txt' \"*\" \\*", NULL},
        {"curl http://*:80/*", NULL},
        {"ls ~/x", "~/"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int length = 0;
        const char *found = scene_find_shell(cases[i].line, &length);

        if ((found == NULL) != (cases[i].found == NULL) ||
            (found != NULL && ((size_t)length != strlen(cases[i].found) ||
                               strncmp(found, cases[i].found, (size_t)length) != 0)))
            test_fail(__FILE__, __LINE__, "%s: found %.*s", cases[i].line, length,
                      found == NULL ? "" : found);
    }
}

static void shells_have_a_key(void)
{
    struct scene_file file;
    const struct scene_program *program;

    check_equal(load("hosts:\n  - name: a\n    programs:\n"
                     "      - shell: curl -sS http://a/ > page.html\n"
                     "      - shell: |\n          ./make it\n          sleep 1\n"
                     "      - shell: X=1 env\n        background: true\n"
                     "        expect: {exit: any}\n"
                     "  - name: b\n    programs:\n"
                     "      - shell: \"\\e[31mred; true\"\n"
                     "      - argv: [\"bin/a\\x9bb\"]\n",
                     &file),
                0);
    program = file.lab->hosts[0].programs;
    check(strcmp(program[0].title, "curl") == 0 && strcmp(program[1].title, "make") == 0);
    check(strcmp(program[2].title, "sh") == 0);
    /* titles come to the terminal: no control character does */
    check(strcmp(file.lab->hosts[1].programs[0].title, "sh") == 0);
    check(strcmp(file.lab->hosts[1].programs[1].title, "program") == 0);
    check(strcmp(program[0].arguments[0], "/bin/sh") == 0);
    check(strcmp(program[0].arguments[1], "-c") == 0 && program[0].arguments[3] == NULL);
    check(strcmp(program[0].arguments[2], "curl -sS http://a/ > page.html") == 0);
    check(strcmp(program[1].arguments[2], "./make it\nsleep 1\n") == 0);
    check(!program[0].may_end && program[2].may_end);
    scene_close(&file);
}

static void numbers_do_not_wrap(void)
{
    int64_t time = 7;
    uint64_t value = 7;
    uint32_t ppm = 7;

    check(!scene_read_duration("99999999999999999999s", &time));
    check(!scene_read_duration("9999999999s", &time));
    check(!scene_read_duration("1.2345678s", &time));
    check(!scene_read_duration("1.s", &time) && !scene_read_duration("-1s", &time));
    check(!scene_read_bytes("99999999999GiB", &value));
    check(!scene_read_chance("100.1%", &ppm) && !scene_read_chance("0.05", &ppm));
    check(time == 7 && value == 7 && ppm == 7);
    check(scene_read_chance("100%", &ppm) && ppm == 1000000);
    check(scene_read_duration("0", &time) && time == 0);
    check(scene_read_duration("0.000001s", &time) && time == 1000);
}

static void missing_files_are_told(void)
{
    struct scene_file file;
    FILE *errors = fmemopen(complaints, sizeof complaints, "w");

    memset(complaints, 0, sizeof complaints);
    check_equal(scene_load("/nonexistent/lab.yaml", errors, &file), -2);
    fclose(errors);
    check(strcmp(complaints, "/nonexistent/lab.yaml: No such file or directory\n") == 0);
    scene_close(&file);
}

/* What is long loses its middle, so that the reason is there. */
static void a_long_value_leaves_room_for_the_reason(void)
{
    static char text[100000];
    struct scene_file file;
    size_t length;

    memset(text, 'x', sizeof text - 1);
    memcpy(text, "hosts: [{name: a}]\nseed: ", 25);
    check(load(text, &file) == -EINVAL);
    scene_close(&file);
    length = strlen(complaints);
    check(length < 600 && strstr(complaints, "xxx ... xxx") != NULL);
    check(strstr(complaints, "xxx\" is not a whole number\n") != NULL);
}

static const struct test tests[] = {
    {"every fault of a lab file is told with its line and its path", faults_are_told},
    {"values of wires have units", values_have_units},
    {"limits are what the hosts of the lab may have", limits_are_read},
    {"programs have words, conditions and expectations", programs_are_read},
    {"addresses are of both families", addresses_are_of_both_families},
    {"the address nearest to a host is looked for once", nearest_addresses_are_found_once},
    {"a command is split by quotes and by nothing else", words_follow_the_quotes},
    {"what only a shell would understand is found in a command", shell_is_found},
    {"a command for a shell has a key of its own", shells_have_a_key},
    {"numbers with units do not wrap and are not guessed", numbers_do_not_wrap},
    {"a missing file is told by its name", missing_files_are_told},
    {"a long value leaves room for the reason", a_long_value_leaves_room_for_the_reason},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
