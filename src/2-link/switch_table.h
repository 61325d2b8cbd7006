/* SPDX-License-Identifier: MIT */
/*
 * Which station is behind which port of a switch, and since when (IEEE 802.1D 7.8, 7.9): a value
 * with no network. Stations are told by frames that they sent: switch_table_learn. Each VLAN is
 * learned by itself; without VLANs the number is 0.
 *
 * Two lists, of the whole table and of each port, both with the station first that has been silent
 * longest: that is who grows too old first, and who goes when there is no room. So the next
 * deadline is that of the first, and no clock walks the table.
 *
 * Two limits by name, of the table and of each port, so that one port that makes up addresses
 * cannot push out the stations of all others (as long as the ports' limits are less than the
 * table's). At a limit either the station that was silent longest goes, or the new one is not
 * learned; its frames are sent on either way.
 */
#pragma once
#include "2-link/link_state.h"
#include "base/list.h"
#include "base/pool.h"
#include "base/table.h"

enum switch_table_limits {
    SWITCH_STATIONS = 4096, /* of a switch, at most and by default; a power of two */
    SWITCH_PORTS = 256
};
#define SWITCH_AGE (300 * SECOND) /* IEEE 802.1D 7.9.2, table 7-5 */
#define SWITCH_NOWHERE UINT32_MAX /* no port is known */

enum switch_full {
    SWITCH_FULL_OLDEST_GOES,
    SWITCH_FULL_NOT_LEARNED,
};

struct switch_station {
    struct table_link link;  /* by VLAN and address */
    struct list_link silent; /* of the table */
    struct list_link beside; /* of its port */
    nanoseconds since;       /* when it was first heard at this port */
    nanoseconds heard;       /* and when last */
    uint64_t moves;          /* from port to port */
    uint32_t port;
    uint16_t vlan;
    struct mac mac;
    uint32_t zero;
};

struct switch_table_settings {
    nanoseconds age;
    uint32_t stations;      /* most */
    uint32_t port_stations; /* most of a port */
    enum switch_full full;
};

struct switch_table_port {
    struct link_list stations;
    uint32_t count, limit;
};

struct switch_table {
    struct pool *pool; /* of stations: switch_table_station_bytes() */
    struct table table;
    struct siphash_key key;
    struct link_list silent;
    nanoseconds age;
    uint32_t limit;
    uint32_t full; /* enum switch_full */
    struct switch_table_port port[SWITCH_PORTS];
};

/* What hearing a station changed. */
enum switch_heard {
    SWITCH_KNOWN,   /* nothing but when it was heard */
    SWITCH_LEARNED, /* it is new */
    SWITCH_MOVED,   /* it was behind another port */
    SWITCH_REFUSED  /* there is no room for it */
};

struct switch_news {
    enum switch_heard heard;
    uint32_t old_port; /* SWITCH_MOVED */
    bool evicted;      /* another station had to go: this one */
    uint16_t evicted_vlan;
    struct mac evicted_mac;
    uint32_t evicted_port;
};

uint32_t switch_table_station_bytes(void); /* size of a slot */
uint64_t switch_table_arena_bytes(void);   /* what its buckets take */
/* In zeroed memory. @return 0 or -ENOMEM */
int switch_table_init(struct switch_table *t, struct arena *arena, struct pool *pool,
                      struct siphash_key key, const struct switch_table_settings *settings);
/* Another limit of one port than that of all; who is there already stays. */
void switch_table_limit(struct switch_table *t, uint32_t port, uint32_t stations);
/* This station sent a frame that came in by this port. */
void switch_table_learn(struct switch_table *t, uint16_t vlan, const struct mac *mac, uint32_t port,
                        nanoseconds now, struct switch_news *news);
/* The port behind which it is, or SWITCH_NOWHERE. */
uint32_t switch_table_find(const struct switch_table *t, uint16_t vlan, const struct mac *mac);

/* The station that has been silent longest: of all, of a port; NULL: there is none. */
struct switch_station *switch_table_oldest(const struct switch_table *t);
struct switch_station *switch_table_oldest_at(const struct switch_table *t, uint32_t port);
/* The one that was heard next after it, of all; NULL: it is the last. */
struct switch_station *switch_table_next(const struct switch_station *s);
void switch_table_forget(struct switch_table *t, struct switch_station *s);
/* When the oldest grows too old; NEVER: there is none. */
nanoseconds switch_table_deadline(const struct switch_table *t);
int switch_table_check(const struct switch_table *t); /* 0, or the line of a broken invariant */
