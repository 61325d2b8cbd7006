/* SPDX-License-Identifier: MIT */
/*
 * A table is a row of `words`: what the door calls it, which of its rows are meant, its columns and
 * how a row fills them. Rows are put in order by what they are about, so that two runs which know
 * the same say it in the same order; the widths of the columns are those of what stands in them.
 */
#include "scene/tables.h"
#include <stdlib.h>
#include <string.h>
#include "7-application/service_dhcp_table.h"
#include "scene/text.h"
#include "sockeye/event.h"
#include "sockeye/table.h"

enum { COLUMNS = 11, CELL_BYTES = 64 };

/* A row as it is shown. */
struct cells {
    uint16_t number; /* of its interface or port, as events tell it */
    char cell[COLUMNS][CELL_BYTES];
};

struct show {
    const struct sockeye *lab;
    const struct service_set *services;
    int node;
    int64_t now;
    FILE *out;
};

typedef void fill_cells(const struct show *show, const struct sockeye_row *row,
                        struct cells *cells);

static void put_address(char *cell, struct address a)
{
    char text[ADDRESS_TEXT_BYTES];

    address_format(a, text);
    snprintf(cell, CELL_BYTES, "%s", text);
}

static void put_prefix(char *cell, struct address a, uint32_t bits)
{
    char text[ADDRESS_TEXT_BYTES];

    address_format(a, text);
    snprintf(cell, CELL_BYTES, "%s/%u", text, bits);
}

/* "*" stands for any, as in ss(8). */
static void put_endpoint(char *cell, struct endpoint e)
{
    char text[ADDRESS_TEXT_BYTES] = "*";
    bool is_ip6 = !address_is_unspecified(e.address) && !address_is_mapped(e.address);

    if (!address_is_unspecified(e.address))
        address_format(e.address, text);
    if (e.port == 0)
        snprintf(cell, CELL_BYTES, "%s%s%s:*", is_ip6 ? "[" : "", text, is_ip6 ? "]" : "");
    else
        snprintf(cell, CELL_BYTES, "%s%s%s:%u", is_ip6 ? "[" : "", text, is_ip6 ? "]" : "", e.port);
}

static void put_mac(char *cell, const uint8_t mac[6])
{
    static const uint8_t none[6];

    if (memcmp(mac, none, sizeof none) == 0)
        snprintf(cell, CELL_BYTES, "-");
    else
        snprintf(cell, CELL_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                 mac[4], mac[5]);
}

static void put_interface(const struct show *show, char *cell, uint16_t interface)
{
    const char *name = sockeye_interface_name(show->lab, show->node, interface, NULL, 0);

    snprintf(cell, CELL_BYTES, "%s", name == NULL ? "-" : name);
}

static void put_age(const struct show *show, char *cell, const struct sockeye_row *row)
{
    if (row->since < 0)
        snprintf(cell, CELL_BYTES, "-");
    else
        snprintf(cell, CELL_BYTES, "%.40s", scene_text_seconds(show->now - row->since).bytes);
}

/* How long it will stay if nothing is heard. */
static void put_left(const struct show *show, char *cell, const struct sockeye_row *row)
{
    if (row->until == SOCKEYE_NEVER)
        snprintf(cell, CELL_BYTES, "for ever");
    else
        snprintf(cell, CELL_BYTES, "%.40s",
                 scene_text_seconds(row->until > show->now ? row->until - show->now : 0).bytes);
}

static void put_origin(char *cell, const struct sockeye_row *row)
{
    snprintf(cell, CELL_BYTES, "%s",
             row->origin == ORIGIN_NONE ? "-" : event_origin_name(row->origin));
}

static void fill_interface(const struct show *show, const struct sockeye_row *row,
                           struct cells *cells)
{
    const struct sockeye_row_interface *i = &row->interfaces;
    bool has_address = i->state != ADDRESS_NONE;

    put_interface(show, cells->cell[0], row->interface);
    snprintf(cells->cell[1], CELL_BYTES, "-");
    if (has_address)
        put_prefix(cells->cell[1], i->address, i->prefix);
    snprintf(cells->cell[2], CELL_BYTES, "%s",
             has_address ? event_address_state_name(i->state) : "-");
    put_origin(cells->cell[3], row);
    put_age(show, cells->cell[4], row);
    put_left(show, cells->cell[5], row);
    put_mac(cells->cell[6], i->mac);
    snprintf(cells->cell[7], CELL_BYTES, "%s",
             row->interface == 0 ? "-" : sockeye_wire_name(show->lab, (int)i->wire));
    snprintf(cells->cell[8], CELL_BYTES, "%u", i->mtu);
}

static void fill_neighbor(const struct show *show, const struct sockeye_row *row,
                          struct cells *cells)
{
    put_address(cells->cell[0], row->neighbor.address);
    put_interface(show, cells->cell[1], row->interface);
    put_mac(cells->cell[2], row->neighbor.mac);
    snprintf(cells->cell[3], CELL_BYTES, "%s", event_neighbor_name(row->neighbor.state));
    put_origin(cells->cell[4], row);
    put_age(show, cells->cell[5], row);
}

static void fill_station(const struct show *show, const struct sockeye_row *row,
                         struct cells *cells)
{
    put_mac(cells->cell[0], row->station.mac);
    put_interface(show, cells->cell[1], row->interface);
    snprintf(cells->cell[2], CELL_BYTES, row->station.vlan == 0 ? "-" : "%u", row->station.vlan);
    put_origin(cells->cell[3], row);
    put_age(show, cells->cell[4], row);
    put_left(show, cells->cell[5], row);
    snprintf(cells->cell[6], CELL_BYTES, "%llu", (unsigned long long)row->station.moves);
}

static void fill_port(const struct show *show, const struct sockeye_row *row, struct cells *cells)
{
    const struct sockeye_row_port *p = &row->port;
    const uint64_t counts[] = {p->in, p->in_bytes, p->out, p->out_bytes, p->dropped};

    put_interface(show, cells->cell[0], row->interface);
    snprintf(cells->cell[1], CELL_BYTES, "%s", sockeye_wire_name(show->lab, (int)p->wire));
    snprintf(cells->cell[2], CELL_BYTES, p->vlan == 0 ? "-" : "%u", p->vlan);
    snprintf(cells->cell[3], CELL_BYTES, "%s", event_port_role_name(p->role));
    snprintf(cells->cell[4], CELL_BYTES, "%s", event_port_state_name(p->state));
    put_age(show, cells->cell[5], row);
    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
        snprintf(cells->cell[6 + i], CELL_BYTES, "%llu", (unsigned long long)counts[i]);
}

static void fill_route(const struct show *show, const struct sockeye_row *row, struct cells *cells)
{
    static const char *const kinds[] = {[SOCKEYE_ROUTE_UNICAST] = "",
                                        [SOCKEYE_ROUTE_BLACKHOLE] = "blackhole",
                                        [SOCKEYE_ROUTE_UNREACHABLE] = "unreachable",
                                        [SOCKEYE_ROUTE_PROHIBIT] = "prohibit"};

    put_prefix(cells->cell[0], row->route.network, row->route.prefix);
    snprintf(cells->cell[1], CELL_BYTES, "-");
    if (row->route.kind != SOCKEYE_ROUTE_UNICAST)
        snprintf(cells->cell[1], CELL_BYTES, "%s", kinds[row->route.kind]);
    else if (!address_is_unspecified(row->route.gateway))
        put_address(cells->cell[1], row->route.gateway);
    put_interface(show, cells->cell[2], row->interface);
    snprintf(cells->cell[3], CELL_BYTES, "%u", row->route.metric);
    put_origin(cells->cell[4], row);
    put_age(show, cells->cell[5], row);
    put_left(show, cells->cell[6], row);
}

static void put_protocol(char *cell, uint8_t protocol)
{
    snprintf(cell, CELL_BYTES, "%s", protocol == 6 ? "tcp" : protocol == 17 ? "udp" : "ping");
}

static void fill_mapping(const struct show *show, const struct sockeye_row *row,
                         struct cells *cells)
{
    put_protocol(cells->cell[0], row->mapping.protocol);
    put_endpoint(cells->cell[1], row->mapping.inner);
    put_endpoint(cells->cell[2], row->mapping.outer);
    put_endpoint(cells->cell[3], row->mapping.peer);
    put_interface(show, cells->cell[4], row->interface);
    snprintf(cells->cell[5], CELL_BYTES, "%u", row->mapping.sessions);
    put_origin(cells->cell[6], row);
    put_age(show, cells->cell[7], row);
}

static void fill_socket(const struct show *show, const struct sockeye_row *row, struct cells *cells)
{
    const struct sockeye_row_socket *s = &row->socket;
    bool is_stream = s->protocol == 6;

    put_protocol(cells->cell[0], s->protocol);
    snprintf(cells->cell[1], CELL_BYTES, "%s",
             is_stream || s->state == TCP_STATE_ESTABLISHED ? event_tcp_state_name(s->state)
                                                            : "UNCONN");
    snprintf(cells->cell[2], CELL_BYTES, "%llu", (unsigned long long)s->unread);
    snprintf(cells->cell[3], CELL_BYTES, "%llu", (unsigned long long)s->unsent);
    put_endpoint(cells->cell[4], s->local);
    put_endpoint(cells->cell[5], s->remote);
    put_origin(cells->cell[6], row);
    put_age(show, cells->cell[7], row);
}

static void fill_server(const struct show *show, const struct sockeye_row *row, struct cells *cells)
{
    put_address(cells->cell[0], row->server.address);
    put_interface(show, cells->cell[1], row->interface);
    put_origin(cells->cell[2], row);
    put_age(show, cells->cell[3], row);
    put_left(show, cells->cell[4], row);
}

static void fill_group(const struct show *show, const struct sockeye_row *row, struct cells *cells)
{
    const struct sockeye_row_group *g = &row->group;

    put_address(cells->cell[0], g->group);
    if (row->interface == UINT16_MAX)
        snprintf(cells->cell[1], CELL_BYTES, "itself");
    else
        put_interface(show, cells->cell[1], row->interface);
    snprintf(cells->cell[2], CELL_BYTES, g->vlan == 0 ? "-" : "%u", g->vlan);
    snprintf(cells->cell[3], CELL_BYTES, "%s",
             g->asks     ? g->routes ? "querier,router" : "querier"
             : g->routes ? "router"
                         : "listener");
    put_origin(cells->cell[4], row);
    put_age(show, cells->cell[5], row);
    put_left(show, cells->cell[6], row);
}

static void put_count(char *cell, uint64_t count)
{
    snprintf(cell, CELL_BYTES, "%llu", (unsigned long long)count);
}

static void fill_lapb(const struct show *show, const struct sockeye_row *row, struct cells *cells)
{
    const struct sockeye_row_lapb *l = &row->lapb;

    put_interface(show, cells->cell[0], row->interface);
    snprintf(cells->cell[1], CELL_BYTES, "%s", event_lapb_state_name(l->state));
    snprintf(cells->cell[2], CELL_BYTES, "%s", l->is_dce ? "dce" : "dte");
    snprintf(cells->cell[3], CELL_BYTES, "%s", l->is_128 ? "128" : "8");
    put_count(cells->cell[4], l->sent);
    put_count(cells->cell[5], l->received);
    put_count(cells->cell[6], l->again);
    put_count(cells->cell[7], l->rejects);
    put_count(cells->cell[8], l->timeouts);
}

static void fill_circuit(const struct show *show, const struct sockeye_row *row,
                         struct cells *cells)
{
    static const char *const states[] = {"?", "calling", "called", "open", "resetting", "clearing"};
    const struct sockeye_row_circuit *c = &row->circuit;

    if (row->interface == UINT16_MAX)
        snprintf(cells->cell[0], CELL_BYTES, "xot");
    else
        put_interface(show, cells->cell[0], row->interface);
    snprintf(cells->cell[1], CELL_BYTES, "%u", c->lcn);
    snprintf(cells->cell[2], CELL_BYTES, "%s",
             states[c->state <= SOCKEYE_CIRCUIT_CLEARING ? c->state : 0]);
    snprintf(cells->cell[3], CELL_BYTES, "%s", c->is_128 ? "128" : "8");
    snprintf(cells->cell[4], CELL_BYTES, "%s", *c->called ? c->called : "-");
    snprintf(cells->cell[5], CELL_BYTES, "%s", *c->calling ? c->calling : "-");
    if (c->is_switched) {
        snprintf(cells->cell[6], CELL_BYTES, "-");
        snprintf(cells->cell[7], CELL_BYTES, "-");
        snprintf(cells->cell[8], CELL_BYTES, "%llu packets", (unsigned long long)c->packets);
        return;
    }
    snprintf(cells->cell[6], CELL_BYTES, "%u/%u", c->window_in, c->window_out);
    snprintf(cells->cell[7], CELL_BYTES, "%u/%u", 1U << (c->packet_in & 15),
             1U << (c->packet_out & 15));
    snprintf(cells->cell[8], CELL_BYTES, "no");
}

static bool is_ip4_neighbor(const struct sockeye_row *row)
{
    return address_is_mapped(row->neighbor.address);
}

static const struct word {
    const char *name;
    enum sockeye_table_kind kind;
    bool is_part;                                    /* of another: not shown where all are */
    bool (*is_meant)(const struct sockeye_row *row); /* NULL: each row */
    fill_cells *fill;
    const char *columns[COLUMNS];
} words[] = {
    {"interfaces",
     SOCKEYE_TABLE_INTERFACES,
     false,
     NULL,
     fill_interface,
     {"interface", "address", "state", "from", "age", "left", "mac", "wire", "mtu"}},
    {"arp",
     SOCKEYE_TABLE_NEIGHBORS,
     true,
     is_ip4_neighbor,
     fill_neighbor,
     {"address", "interface", "mac", "state", "from", "age"}},
    {"neighbors",
     SOCKEYE_TABLE_NEIGHBORS,
     false,
     NULL,
     fill_neighbor,
     {"address", "interface", "mac", "state", "from", "age"}},
    {"macs",
     SOCKEYE_TABLE_STATIONS,
     false,
     NULL,
     fill_station,
     {"mac", "port", "vlan", "from", "age", "left", "moves"}},
    {"ports",
     SOCKEYE_TABLE_PORTS,
     false,
     NULL,
     fill_port,
     {"port", "wire", "vlan", "role", "state", "age", "in", "in_bytes", "out", "out_bytes",
      "dropped"}},
    {"groups",
     SOCKEYE_TABLE_GROUPS,
     false,
     NULL,
     fill_group,
     {"group", "port", "vlan", "role", "from", "age", "left"}},
    {"routes",
     SOCKEYE_TABLE_ROUTES,
     false,
     NULL,
     fill_route,
     {"network", "gateway", "interface", "metric", "from", "age", "left"}},
    {"nat",
     SOCKEYE_TABLE_MAPPINGS,
     false,
     NULL,
     fill_mapping,
     {"protocol", "inner", "outer", "peer", "outside", "sessions", "from", "age"}},
    {"nameservers",
     SOCKEYE_TABLE_SERVERS,
     false,
     NULL,
     fill_server,
     {"address", "interface", "from", "age", "left"}},
    {"dhcp",
     SOCKEYE_TABLE_KINDS, /* not the lab's: its services know it */
     false,
     NULL,
     NULL,
     {"address", "interface", "of", "state", "client", "name", "age", "left"}},
    {"sockets",
     SOCKEYE_TABLE_SOCKETS,
     false,
     NULL,
     fill_socket,
     {"protocol", "state", "unread", "unsent", "local", "peer", "from", "age"}},
    {"lapb",
     SOCKEYE_TABLE_LAPB,
     false,
     NULL,
     fill_lapb,
     {"interface", "state", "role", "modulo", "sent", "received", "again", "rejects", "timeouts"}},
    {"circuits",
     SOCKEYE_TABLE_CIRCUITS,
     false,
     NULL,
     fill_circuit,
     {"line", "channel", "state", "modulo", "called", "calling", "window", "packet", "switched"}},
};
enum { WORDS = sizeof words / sizeof *words };

int scene_tables_find(const char *text)
{
    for (int i = 0; i < WORDS; i++) {
        if (strcmp(words[i].name, text) == 0)
            return i;
    }
    return -1;
}

const char *scene_tables_word(int i)
{
    return i < WORDS ? words[i].name : NULL;
}

static int compare_addresses(struct address a, struct address b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

/* What a row is about; rows of one kind. */
static int compare(const void *left, const void *right)
{
    const struct sockeye_row *a = left, *b = right;
    int order = 0;

    switch ((enum sockeye_table_kind)a->kind) {
    case SOCKEYE_TABLE_NEIGHBORS:
        order = compare_addresses(a->neighbor.address, b->neighbor.address);
        break;
    case SOCKEYE_TABLE_STATIONS:
        order = memcmp(a->station.mac, b->station.mac, sizeof a->station.mac);
        order = order != 0 ? order : a->station.vlan - b->station.vlan;
        break;
    case SOCKEYE_TABLE_ROUTES:
        order = compare_addresses(a->route.network, b->route.network);
        order = order != 0 ? order : (int)a->route.prefix - (int)b->route.prefix;
        break;
    case SOCKEYE_TABLE_SOCKETS:
        order = a->socket.protocol - b->socket.protocol;
        order = order != 0 ? order : a->socket.local.port - b->socket.local.port;
        order = order != 0 ? order : a->socket.remote.port - b->socket.remote.port;
        order = order != 0 ? order
                           : compare_addresses(a->socket.remote.address, b->socket.remote.address);
        break;
    case SOCKEYE_TABLE_MAPPINGS:
        order = a->mapping.protocol - b->mapping.protocol;
        order = order != 0 ? order : a->mapping.outer.port - b->mapping.outer.port;
        break;
    case SOCKEYE_TABLE_GROUPS:
        order = compare_addresses(a->group.group, b->group.group);
        order = order != 0 ? order : a->group.vlan - b->group.vlan;
        break;
    case SOCKEYE_TABLE_SERVERS:
        order = compare_addresses(a->server.address, b->server.address);
        break;
    case SOCKEYE_TABLE_CIRCUITS:
        order = a->interface - b->interface;
        order = order != 0 ? order : a->circuit.lcn - b->circuit.lcn;
        break;
    case SOCKEYE_TABLE_LAPB:
        break;
    case SOCKEYE_TABLE_INTERFACES:
        order = a->interface - b->interface;
        order =
            order != 0 ? order : compare_addresses(a->interfaces.address, b->interfaces.address);
        break;
    case SOCKEYE_TABLE_PORTS: /* by number */
    case SOCKEYE_TABLE_KINDS:
        break;
    }
    return order != 0 ? order : a->interface - b->interface;
}

static unsigned columns_of(const struct word *word)
{
    unsigned count = 0;

    while (count < COLUMNS && word->columns[count] != NULL)
        count++;
    return count;
}

static void print_json(const struct show *show, const struct word *word, const struct cells *cells,
                       size_t count)
{
    unsigned columns = columns_of(word);

    /* names and numbers alone: no character of them means anything to JSON */
    for (size_t i = 0; i < count; i++) {
        fprintf(show->out, "{\"time\":%lld,\"node\":\"%s\",\"table\":\"%s\"", (long long)show->now,
                sockeye_host_name(show->lab, show->node), word->name);
        fprintf(show->out, ",\"number\":%u", cells[i].number);
        for (unsigned k = 0; k < columns; k++)
            fprintf(show->out, ",\"%s\":\"%s\"", word->columns[k], cells[i].cell[k]);
        fputs("}\n", show->out);
    }
}

static void print_text(const struct show *show, const struct word *word, const struct cells *cells,
                       size_t count, int64_t all)
{
    unsigned columns = columns_of(word);
    size_t width[COLUMNS];

    fprintf(show->out, "%s: %s\n", sockeye_host_name(show->lab, show->node), word->name);
    for (unsigned k = 0; k < columns; k++) {
        width[k] = strlen(word->columns[k]);
        for (size_t i = 0; i < count; i++) {
            size_t length = strlen(cells[i].cell[k]);

            width[k] = length > width[k] ? length : width[k];
        }
    }
    for (size_t i = 0; i <= count; i++) {
        for (unsigned k = 0; k < columns; k++) {
            const char *text = i == 0 ? word->columns[k] : cells[i - 1].cell[k];
            int filled = k + 1 < columns ? (int)width[k] : 0;

            fprintf(show->out, "  %-*s", filled, text);
        }
        fputc('\n', show->out);
    }
    if (all > SCENE_TABLES_ROWS)
        fprintf(show->out, "  and %lld more\n", (long long)all - SCENE_TABLES_ROWS);
}

static void print_cells(const struct show *show, const struct word *word, bool is_json,
                        bool is_asked, const struct cells *cells, size_t count, int64_t all)
{
    if (is_json)
        print_json(show, word, cells, count);
    else if (count > 0 || is_asked)
        print_text(show, word, cells, count, all);
}

/* What a host is called is its own word: what could mean something to a terminal or to JSON is not
 * shown. */
static void put_name(char *cell, const char *name)
{
    size_t length = 0;

    while (name[length] != '\0' && length < CELL_BYTES - 1) {
        char c = name[length];

        cell[length++] = c > ' ' && c < 127 && c != '"' && c != '\\' ? c : '?';
    }
    cell[length] = '\0';
    if (length == 0)
        snprintf(cell, CELL_BYTES, "-");
}

/* What stateless DHCPv6 told: no address, but a server of names and a domain, the first of each. */
static void fill_informed(const struct show *show, const struct service_dhcp_row *lease,
                          struct cells *cells)
{
    const struct sockeye_row times = {.since = lease->since, .until = lease->until};
    const struct service_dhcp6_message *told = lease->told;

    snprintf(cells->cell[0], CELL_BYTES, "-");
    put_interface(show, cells->cell[1], (uint16_t)lease->interface);
    snprintf(cells->cell[2], CELL_BYTES, "dhcp6");
    snprintf(cells->cell[3], CELL_BYTES, "%s", lease->state);
    put_mac(cells->cell[4], lease->hardware);
    snprintf(cells->cell[5], CELL_BYTES, "-");
    if (told->domains > 0)
        put_name(cells->cell[5], told->domain[0]);
    else if (told->name_servers > 0)
        put_address(cells->cell[5], told->name_server[0]);
    put_age(show, cells->cell[6], &times);
    put_left(show, cells->cell[7], &times);
}

static void fill_lease(const struct show *show, const struct service_dhcp_row *lease,
                       struct cells *cells)
{
    const struct sockeye_row times = {.since = lease->since, .until = lease->until};

    cells->number = (uint16_t)lease->interface;
    if (lease->is_informed) {
        fill_informed(show, lease, cells);
        return;
    }
    put_address(cells->cell[0], address_from_ip4(lease->address));
    put_interface(show, cells->cell[1], (uint16_t)lease->interface);
    snprintf(cells->cell[2], CELL_BYTES, "server");
    if (lease->is_client)
        put_address(cells->cell[2], address_from_ip4(lease->server));
    snprintf(cells->cell[3], CELL_BYTES, "%s", lease->state);
    put_mac(cells->cell[4], lease->hardware);
    put_name(cells->cell[5], lease->host);
    put_age(show, cells->cell[6], &times);
    put_left(show, cells->cell[7], &times);
}

static void print_leases(const struct show *show, const struct word *word, bool is_json,
                         bool is_asked)
{
    size_t all =
        show->services == NULL ? 0 : service_dhcp_table(show->services, show->node, NULL, 0);
    size_t count = all < SCENE_TABLES_ROWS ? all : SCENE_TABLES_ROWS;
    struct service_dhcp_row *rows = calloc(count + 1, sizeof *rows);
    struct cells *cells = calloc(count + 1, sizeof *cells);

    if (rows != NULL && cells != NULL) {
        if (count > 0)
            (void)service_dhcp_table(show->services, show->node, rows, count);
        for (size_t i = 0; i < count; i++)
            fill_lease(show, &rows[i], &cells[i]);
        print_cells(show, word, is_json, is_asked, cells, count, (int64_t)all);
    } else {
        fprintf(show->out, "out of memory\n");
    }
    free(rows);
    free(cells);
}

static void print_table(const struct show *show, const struct word *word, bool is_json,
                        bool is_asked, struct sockeye_row *rows)
{
    int64_t all = sockeye_table(show->lab, show->node, word->kind, rows, SCENE_TABLES_ROWS);
    size_t count = all < 0 ? 0 : all < SCENE_TABLES_ROWS ? (size_t)all : SCENE_TABLES_ROWS;
    struct cells *cells = calloc(count + 1, sizeof *cells);
    size_t meant = 0;

    if (cells == NULL) {
        fprintf(show->out, "out of memory\n");
        return;
    }
    qsort(rows, count, sizeof *rows, compare);
    for (size_t i = 0; i < count; i++) {
        if (word->is_meant != NULL && !word->is_meant(&rows[i]))
            continue;
        cells[meant].number = rows[i].interface;
        word->fill(show, &rows[i], &cells[meant++]);
    }
    print_cells(show, word, is_json, is_asked, cells, meant, all);
    free(cells);
}

void scene_tables_print(const struct sockeye *lab, const struct scene_tables *wanted, FILE *out)
{
    struct sockeye_row *rows = calloc(SCENE_TABLES_ROWS, sizeof *rows);
    struct show show = {.lab = lab, .services = wanted->services, .now = wanted->now, .out = out};
    int first = wanted->node < 0 ? 0 : wanted->node;

    if (rows == NULL) {
        fprintf(out, "out of memory\n");
        return;
    }
    for (show.node = first; sockeye_host_name(lab, show.node) != NULL; show.node++) {
        for (int i = 0; i < WORDS; i++) {
            bool is_asked = (wanted->which >> i & 1) != 0;

            if (!is_asked && (wanted->which != 0 || words[i].is_part))
                continue;
            is_asked = is_asked && wanted->node >= 0;
            if (words[i].fill == NULL)
                print_leases(&show, &words[i], wanted->is_json, is_asked);
            else
                print_table(&show, &words[i], wanted->is_json, is_asked, rows);
        }
        if (wanted->node >= 0)
            break;
    }
    free(rows);
}
