/* SPDX-License-Identifier: MIT */
/*
 * Every scalar is loaded as text: libcyaml checks the shape of the file (which keys may stand
 * where, what is a list), and check.c checks the values, so that all values are judged in one
 * place and with units. libcyaml reports an error as a message and a backtrace, innermost first;
 * on_log keeps both, and report puts them together as a path, whose exact line comes from the
 * index.
 */
#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scene/index.h"
#include "scene/tell.h"
#include "scene/yaml.h"

#define OPTIONAL (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member)                                                                    \
    CYAML_FIELD_STRING_PTR(key, OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define NEEDED(key, type, member)                                                                  \
    CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, type, member, 0, CYAML_UNLIMITED)
#define LIST(key, type, member, entry)                                                             \
    CYAML_FIELD_SEQUENCE(key, OPTIONAL, type, member, entry, 0, CYAML_UNLIMITED)
#define MAPPING(key, type, member, fields)                                                         \
    CYAML_FIELD_MAPPING_PTR(key, OPTIONAL, type, member, fields)

static const cyaml_schema_value_t text_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t queue_fields[] = {
    TEXT("packets", struct scene_queue, packets),
    TEXT("bytes", struct scene_queue, bytes),
    TEXT("discipline", struct scene_queue, discipline),
    TEXT("ecn", struct scene_queue, ecn),
    TEXT("target", struct scene_queue, target),
    TEXT("interval", struct scene_queue, interval),
    TEXT("flows", struct scene_queue, flows),
    TEXT("quantum", struct scene_queue, quantum),
    CYAML_FIELD_END};

#define FAULTS(type, prefix)                                                                       \
    TEXT("rate", type, prefix rate), TEXT("delay", type, prefix delay),                            \
        TEXT("jitter", type, prefix jitter), TEXT("loss", type, prefix loss),                      \
        TEXT("reorder", type, prefix reorder), TEXT("reorder_by", type, prefix reorder_by),        \
        TEXT("duplicate", type, prefix duplicate), TEXT("corrupt", type, prefix corrupt),          \
        TEXT("past_fcs", type, prefix past_fcs), TEXT("mtu", type, prefix mtu),                    \
        MAPPING("queue", type, prefix queue, queue_fields)

static const cyaml_schema_field_t faults_fields[] = {FAULTS(struct scene_faults, ),
                                                     CYAML_FIELD_END};

static const cyaml_schema_field_t down_fields[] = {
    NEEDED("at", struct scene_down, at), TEXT("for", struct scene_down, lasts),
    TEXT("direction", struct scene_down, direction), CYAML_FIELD_END};
static const cyaml_schema_value_t down_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_down, down_fields)};

static const cyaml_schema_field_t wire_fields[] = {
    NEEDED("name", struct scene_wire, name),
    CYAML_FIELD_SEQUENCE("between", CYAML_FLAG_POINTER, struct scene_wire, between, &text_entry, 2,
                         2),
    FAULTS(struct scene_wire, faults.),
    MAPPING("forth", struct scene_wire, forth, faults_fields),
    MAPPING("back", struct scene_wire, back, faults_fields),
    LIST("down", struct scene_wire, down, &down_entry),
    CYAML_FIELD_END};
static const cyaml_schema_value_t wire_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_wire, wire_fields)};

static const cyaml_schema_field_t interface_fields[] = {
    NEEDED("name", struct scene_interface, name),
    TEXT("address", struct scene_interface, address),
    LIST("addresses", struct scene_interface, addresses, &text_entry),
    TEXT("mac", struct scene_interface, mac),
    TEXT("net", struct scene_interface, net),
    CYAML_FIELD_END};
static const cyaml_schema_value_t interface_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_interface, interface_fields)};

static const cyaml_schema_field_t route_fields[] = {
    NEEDED("to", struct scene_route, to), TEXT("via", struct scene_route, via),
    TEXT("interface", struct scene_route, interface), CYAML_FIELD_END};
static const cyaml_schema_value_t route_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_route, route_fields)};

static const cyaml_schema_field_t expect_fields[] = {TEXT("exit", struct scene_expect, exit),
                                                     CYAML_FIELD_END};
static const cyaml_schema_field_t kill_fields[] = {NEEDED("after", struct scene_kill, after),
                                                   TEXT("signal", struct scene_kill, signal),
                                                   CYAML_FIELD_END};
static const cyaml_schema_field_t program_fields[] = {
    TEXT("name", struct scene_program, name),
    TEXT("run", struct scene_program, run),
    TEXT("shell", struct scene_program, shell),
    LIST("argv", struct scene_program, argv, &text_entry),
    TEXT("after", struct scene_program, after),
    TEXT("directory", struct scene_program, directory),
    TEXT("log", struct scene_program, log),
    TEXT("background", struct scene_program, background),
    LIST("environment", struct scene_program, environment, &text_entry),
    MAPPING("expect", struct scene_program, expect, expect_fields),
    MAPPING("kill", struct scene_program, kill, kill_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t program_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_program, program_fields)};

static const cyaml_schema_field_t source_fields[] = {
    NEEDED("to", struct scene_service, to),           NEEDED("bytes", struct scene_service, bytes),
    TEXT("protocol", struct scene_service, protocol), TEXT("size", struct scene_service, size),
    TEXT("interval", struct scene_service, interval), TEXT("echoed", struct scene_service, echoed),
    TEXT("after", struct scene_service, after),       CYAML_FIELD_END};
static const cyaml_schema_field_t sink_fields[] = {
    NEEDED("port", struct scene_service, port),
    TEXT("protocol", struct scene_service, protocol),
    TEXT("bytes", struct scene_service, bytes),
    TEXT("connections", struct scene_service, connections),
    TEXT("after", struct scene_service, after),
    CYAML_FIELD_END};
static const cyaml_schema_field_t echo_fields[] = {
    TEXT("port", struct scene_service, port), TEXT("protocol", struct scene_service, protocol),
    TEXT("after", struct scene_service, after), CYAML_FIELD_END};
static const cyaml_schema_field_t ping_fields[] = {NEEDED("to", struct scene_service, to),
                                                   TEXT("count", struct scene_service, count),
                                                   TEXT("interval", struct scene_service, interval),
                                                   TEXT("size", struct scene_service, size),
                                                   TEXT("replies", struct scene_service, replies),
                                                   TEXT("after", struct scene_service, after),
                                                   CYAML_FIELD_END};
static const cyaml_schema_field_t traffic_fields[] = {
    MAPPING("source", struct scene_traffic, source, source_fields),
    MAPPING("sink", struct scene_traffic, sink, sink_fields),
    MAPPING("echo", struct scene_traffic, echo, echo_fields),
    MAPPING("ping", struct scene_traffic, ping, ping_fields), CYAML_FIELD_END};
static const cyaml_schema_value_t traffic_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_traffic, traffic_fields)};

static const cyaml_schema_field_t lie_fields[] = {TEXT("name", struct scene_lie, name),
                                                  NEEDED("address", struct scene_lie, address),
                                                  CYAML_FIELD_END};
static const cyaml_schema_value_t lie_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_lie, lie_fields)};
#define DNS_FIELDS                                                                                 \
    TEXT("delay", struct scene_dns, delay), TEXT("fault", struct scene_dns, fault),                \
        LIST("lies", struct scene_dns, lies, &lie_entry)
static const cyaml_schema_field_t dns_fields[] = {TEXT("ttl", struct scene_dns, ttl), DNS_FIELDS,
                                                  CYAML_FIELD_END};
static const cyaml_schema_field_t dns_fault_fields[] = {NEEDED("server", struct scene_dns, server),
                                                        DNS_FIELDS, CYAML_FIELD_END};

static const cyaml_schema_field_t x25_line_fields[] = {
    NEEDED("interface", struct scene_x25_line, interface),
    TEXT("role", struct scene_x25_line, role),
    TEXT("modulo", struct scene_x25_line, modulo),
    TEXT("frames", struct scene_x25_line, frames),
    TEXT("t1", struct scene_x25_line, t1),
    TEXT("t2", struct scene_x25_line, t2),
    TEXT("n2", struct scene_x25_line, n2),
    TEXT("k", struct scene_x25_line, k),
    TEXT("channels", struct scene_x25_line, channels),
    TEXT("peer", struct scene_x25_line, peer),
    CYAML_FIELD_END};
static const cyaml_schema_value_t x25_line_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_x25_line, x25_line_fields)};
static const cyaml_schema_field_t x25_route_fields[] = {
    NEEDED("to", struct scene_x25_route, to), TEXT("line", struct scene_x25_route, line),
    TEXT("xot", struct scene_x25_route, xot), TEXT("modulo", struct scene_x25_route, modulo),
    CYAML_FIELD_END};
static const cyaml_schema_value_t x25_route_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_x25_route, x25_route_fields)};
static const cyaml_schema_field_t x25_fields[] = {
    TEXT("address", struct scene_x25, address),
    TEXT("xot", struct scene_x25, xot),
    TEXT("xot_keepalive", struct scene_x25, xot_keepalive),
    LIST("xot_callers", struct scene_x25, xot_callers, &text_entry),
    TEXT("forward", struct scene_x25, forward),
    LIST("lines", struct scene_x25, lines, &x25_line_entry),
    LIST("routes", struct scene_x25, routes, &x25_route_entry),
    CYAML_FIELD_END};

#define HOST_FIELDS                                                                                \
    NEEDED("name", struct scene_host, name), TEXT("directory", struct scene_host, directory),      \
        TEXT("log", struct scene_host, log), TEXT("net", struct scene_host, net),                  \
        TEXT("ip6", struct scene_host, ip6), TEXT("unix", struct scene_host, unix_text),           \
        TEXT("as", struct scene_host, as),                                                         \
        LIST("settings", struct scene_host, settings, &text_entry),                                \
        LIST("environment", struct scene_host, environment, &text_entry),                          \
        LIST("nameservers", struct scene_host, nameservers, &text_entry),                          \
        LIST("interfaces", struct scene_host, interfaces, &interface_entry),                       \
        MAPPING("dns", struct scene_host, dns, dns_fields),                                        \
        MAPPING("x25", struct scene_host, x25, x25_fields),                                        \
        LIST("routes", struct scene_host, routes, &route_entry),                                   \
        LIST("programs", struct scene_host, programs, &program_entry),                             \
        LIST("traffic", struct scene_host, traffic, &traffic_entry)

static const cyaml_schema_field_t host_fields[] = {HOST_FIELDS, CYAML_FIELD_END};

/* A router has the keys of a host, and these. */
static const cyaml_schema_field_t forward_fields[] = {
    NEEDED("port", struct scene_forward, port_text), NEEDED("to", struct scene_forward, to),
    TEXT("protocol", struct scene_forward, protocol_text), CYAML_FIELD_END};
static const cyaml_schema_value_t forward_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_forward, forward_fields)};
static const cyaml_schema_field_t nat6_fields[] = {NEEDED("inside", struct scene_nat6, inside),
                                                   NEEDED("outside", struct scene_nat6, outside),
                                                   CYAML_FIELD_END};
static const cyaml_schema_field_t router_fields[] = {
    HOST_FIELDS,
    TEXT("nat", struct scene_host, nat_text),
    TEXT("outside", struct scene_host, outside_text),
    MAPPING("nat6", struct scene_host, nat6, nat6_fields),
    LIST("forwards", struct scene_host, forwards, &forward_entry),
    CYAML_FIELD_END};
static const cyaml_schema_value_t router_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_host, router_fields)};

static const cyaml_schema_value_t host_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_host, host_fields)};

static const cyaml_schema_field_t port_fields[] = {
    NEEDED("name", struct scene_listed_port, name),
    TEXT("vlan", struct scene_listed_port, vlan),
    TEXT("trunk", struct scene_listed_port, trunk),
    TEXT("stations", struct scene_listed_port, stations),
    TEXT("double_tags", struct scene_listed_port, double_tags),
    TEXT("cost", struct scene_listed_port, cost),
    TEXT("priority", struct scene_listed_port, priority),
    TEXT("edge", struct scene_listed_port, edge),
    TEXT("shared", struct scene_listed_port, shared),
    CYAML_FIELD_END};
static const cyaml_schema_value_t port_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_listed_port, port_fields)};

static const cyaml_schema_field_t switch_fields[] = {
    NEEDED("name", struct scene_switch, name),
    TEXT("kind", struct scene_switch, kind),
    TEXT("age", struct scene_switch, age),
    TEXT("stations", struct scene_switch, stations),
    TEXT("port_stations", struct scene_switch, port_stations),
    TEXT("keep_oldest", struct scene_switch, keep_oldest),
    TEXT("stp", struct scene_switch, stp),
    TEXT("priority", struct scene_switch, priority),
    TEXT("snooping", struct scene_switch, snooping),
    TEXT("groups", struct scene_switch, groups),
    TEXT("group_age", struct scene_switch, group_age),
    TEXT("querier", struct scene_switch, querier),
    LIST("ports", struct scene_switch, listed_ports, &port_entry),
    CYAML_FIELD_END};
static const cyaml_schema_value_t switch_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_switch, switch_fields)};

static const cyaml_schema_field_t dhcp_fields[] = {
    TEXT("first", struct scene_dhcp, first), TEXT("last", struct scene_dhcp, last),
    TEXT("lease", struct scene_dhcp, lease), TEXT("probe", struct scene_dhcp, probe),
    CYAML_FIELD_END};

static const cyaml_schema_field_t network_fields[] = {
    NEEDED("name", struct scene_network, name),
    TEXT("switch", struct scene_network, switch_name),
    TEXT("vlan", struct scene_network, vlan_text),
    TEXT("ip6", struct scene_network, ip6),
    TEXT("dhcp6", struct scene_network, dhcp6),
    LIST("domains", struct scene_network, domains, &text_entry),
    LIST("addresses", struct scene_network, addresses, &text_entry),
    LIST("nameservers", struct scene_network, nameservers, &text_entry),
    MAPPING("dhcp", struct scene_network, dhcp, dhcp_fields),
    FAULTS(struct scene_network, faults.),
    CYAML_FIELD_END};
static const cyaml_schema_value_t network_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_network, network_fields)};

static const cyaml_schema_field_t partition_fields[] = {
    LIST("from", struct scene_partition, from, &text_entry),
    LIST("to", struct scene_partition, to, &text_entry),
    LIST("ports", struct scene_partition, ports, &text_entry),
    TEXT("new_only", struct scene_partition, new_only),
    TEXT("both_ways", struct scene_partition, both_ways),
    TEXT("action", struct scene_partition, action),
    CYAML_FIELD_END};
static const cyaml_schema_field_t fault_fields[] = {
    NEEDED("at", struct scene_fault, at),
    TEXT("for", struct scene_fault, lasts),
    TEXT("wire", struct scene_fault, wire),
    LIST("wires", struct scene_fault, wires, &text_entry),
    TEXT("direction", struct scene_fault, direction),
    FAULTS(struct scene_fault, faults.),
    TEXT("down", struct scene_fault, down),
    MAPPING("partition", struct scene_fault, partition, partition_fields),
    MAPPING("dns", struct scene_fault, dns, dns_fault_fields),
    TEXT("crash", struct scene_fault, crash),
    TEXT("restart", struct scene_fault, restart),
    TEXT("pause", struct scene_fault, pause),
    CYAML_FIELD_END};
static const cyaml_schema_value_t fault_entry = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scene_fault, fault_fields)};

static const cyaml_schema_field_t limits_fields[] = {
    TEXT("sockets", struct scene_limits, sockets_text),
    TEXT("packets", struct scene_limits, packets_text),
    TEXT("buffers", struct scene_limits, buffers_text), CYAML_FIELD_END};

static const cyaml_schema_field_t lab_fields[] = {
    TEXT("name", struct scene, name),
    TEXT("seed", struct scene, seed_text),
    TEXT("time_limit", struct scene, time_limit_text),
    TEXT("max_lateness", struct scene, max_lateness_text),
    LIST("settings", struct scene, settings, &text_entry),
    LIST("nameservers", struct scene, nameservers, &text_entry),
    MAPPING("limits", struct scene, limits, limits_fields),
    LIST("wires", struct scene, listed_wires, &wire_entry),
    LIST("switches", struct scene, listed_switches, &switch_entry),
    LIST("networks", struct scene, networks, &network_entry),
    LIST("faults", struct scene, faults, &fault_entry),
    CYAML_FIELD_SEQUENCE("hosts", CYAML_FLAG_POINTER, struct scene, listed_hosts, &host_entry, 1,
                         SOCKEYE_HOSTS),
    LIST("routers", struct scene, listed_routers, &router_entry),
    CYAML_FIELD_END};
static const cyaml_schema_value_t lab_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scene, lab_fields)};

/* What libcyaml said: its message, and the path of the backtrace. */
struct story {
    char message[200];
    char path[400];
    int line;
    bool has_innermost; /* the first line of the backtrace was seen */
};

static void prepend(struct story *story, const char *step)
{
    size_t length = strlen(step), old = strlen(story->path);

    if (length + old >= sizeof story->path)
        return;
    memmove(story->path + length, story->path, old + 1);
    memcpy(story->path, step, length);
}

__attribute__((format(printf, 3, 0))) static void on_log(cyaml_log_t level, void *context,
                                                         const char *format, va_list arguments)
{
    struct story *story = context;
    char line[200], step[160];
    const char *quote, *at;
    bool is_innermost;

    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "Load: ", 6) == 0 && strcmp(line, "Load: Backtrace:") != 0 &&
        story->message[0] == '\0')
        snprintf(story->message, sizeof story->message, "%s", line + 6);
    if ((at = strstr(line, "(line: ")) != NULL && story->line == 0)
        story->line = (int)strtol(at + 7, NULL, 10);
    is_innermost = at != NULL && !story->has_innermost;
    story->has_innermost |= at != NULL;
    quote = strchr(line, '\'');
    /* What lacks a key, or is too short or too long, is at fault itself, not its last part. */
    if (quote == NULL || (is_innermost && (strstr(story->message, " entries (") != NULL ||
                                           strncmp(story->message, "Missing", 7) == 0)))
        return;
    if (strncmp(line, "  in mapping field '", 20) == 0) {
        snprintf(step, sizeof step, ".%.*s", (int)strcspn(quote + 1, "'"), quote + 1);
        prepend(story, step);
    } else if (strncmp(line, "  in sequence entry '", 21) == 0) {
        snprintf(step, sizeof step, "[%ld]", strtol(quote + 1, NULL, 10) - 1);
        prepend(story, step);
    }
}

/* The words of libcyaml, and ours. The rest of the message stands after the prefix, in quotes. */
static void translate(const struct story *story, char *text, size_t size)
{
    static const struct {
        const char *theirs, *ours;
        bool names_key;
    } words[] = {
        {"Unexpected key: ", "unknown key", true},
        {"Missing required mapping field: ", "needs the key", true},
        {"Mapping field already seen: ", "this key stands here twice", false},
        {"Expecting SEQUENCE, got event: ", "must be a list (- ...)", false},
        {"Expecting MAPPING, got event: ", "must be keys with values (key: ...)", false},
        {"Expecting STRING, got event: ", "must be a single value", false},
        {"Insufficient entries", "has too few entries", false},
        {"Excessive entries", "has too many entries", false},
        {"YAML alias unsupported", "aliases (*name) are not supported", false},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i].theirs);

        if (strncmp(story->message, words[i].theirs, length) != 0)
            continue;
        if (words[i].names_key)
            snprintf(text, size, "%s \"%s\"", words[i].ours, story->message + length);
        else
            snprintf(text, size, "%s", words[i].ours);
        return;
    }
    snprintf(text, size, "%s", story->message);
}

/* How a key is written whose value is keys with values. */
static const char *example_of(const char *path)
{
    static const struct {
        const char *key, *example;
    } examples[] = {
        {"expect", ", as in {exit: any}"},      {"kill", ", as in {after: 5s}"},
        {"queue", ", as in {packets: 50}"},     {"partition", ", as in {from: [a], to: [b]}"},
        {"forth", ", as in {loss: 1%}"},        {"back", ", as in {loss: 1%}"},
        {"dhcp", ", as in {lease: 1h}, or {}"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot != NULL && i < sizeof examples / sizeof *examples; i++) {
        if (strcmp(dot + 1, examples[i].key) == 0)
            return examples[i].example;
    }
    return "";
}

static void report(const struct scene_file *file, const struct story *story, FILE *errors)
{
    static const char unknown[] = "Unexpected key: ";
    char path[600], shown[600], text[300];
    int line = story->line;
    const char *from = story->path[0] == '.' ? story->path + 1 : story->path;

    snprintf(path, sizeof path, "%s", from);
    if (strncmp(story->message, unknown, sizeof unknown - 1) == 0)
        snprintf(path, sizeof path, "%s%s%.150s", from, from[0] == '\0' ? "" : ".",
                 story->message + sizeof unknown - 1);
    if (scene_index_line(file->index, path) != 0)
        line = scene_index_line(file->index, path);
    scene_index_show(file->index, from, shown, sizeof shown);
    translate(story, text, sizeof text);
    if (strncmp(story->message, "Expecting MAPPING", 17) == 0)
        strncat(text, example_of(path), sizeof text - strlen(text) - 1);
    scene_tell_line(file, errors, line, shown, text);
}

static cyaml_config_t configuration(struct story *story)
{
    return (cyaml_config_t){.log_fn = on_log,
                            .log_ctx = story,
                            .mem_fn = cyaml_mem,
                            .log_level = CYAML_LOG_ERROR,
                            .flags = CYAML_CFG_NO_ALIAS};
}

int scene_yaml_load(struct scene_file *file, const char *text, size_t length, FILE *errors)
{
    struct story story = {0};
    cyaml_config_t config = configuration(&story);
    cyaml_data_t *data = NULL;
    char message[200];
    cyaml_err_t failure;
    int line = 0;
    int result = scene_index_open(text, length, &file->index, &line, message, sizeof message);

    if (result != 0) {
        scene_tell_line(file, errors, line, "", message);
        return result;
    }
    failure = cyaml_load_data((const uint8_t *)text, length, &config, &lab_value, &data, NULL);
    if (failure != CYAML_OK) {
        if (story.message[0] == '\0')
            snprintf(story.message, sizeof story.message, "%s", cyaml_strerror(failure));
        report(file, &story, errors);
        return failure == CYAML_ERR_OOM ? -ENOMEM : -EINVAL;
    }
    if (data == NULL) {
        scene_tell_line(file, errors, 1, "", "the file is empty");
        return -EINVAL;
    }
    file->lab = data;
    return 0;
}

void scene_yaml_free(struct scene *lab)
{
    struct story story = {0};
    cyaml_config_t config = configuration(&story);

    if (lab != NULL)
        (void)cyaml_free(&config, &lab_value, lab, 0);
}
