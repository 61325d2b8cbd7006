/* SPDX-License-Identifier: MIT */
/* The theory is in host_x25.h. */
#include "node/host_x25.h"

#include <errno.h>

#include "base/compiler.h"
#include "node/host.h"

/* The most data of a packet on a line of LAPB: as much as fits into a frame, in a power of two. */
static uint8_t packet_most(uint32_t n1)
{
    uint8_t most = X25_PACKET_BYTES_LOG_LEAST;

    while (most < X25_PACKET_BYTES_LOG_MOST && (2u << most) + 4 <= n1)
        most++;
    return most;
}

struct host_lapb *host_x25_line(const struct host *h, uint32_t interface)
{
    struct host_lapb *l = h->lapb;

    while (l && l->interface != interface)
        l = l->next;
    return l;
}

static void line_open(struct host *h, struct host_lapb *l, const struct host_lapb_plan *plan)
{
    const struct lapb_ether_plan of_link = {
        .settings = plan->lapb,
        .peer = plan->peer,
        .interface = l->interface,
        .link_code = HOST_LINK_LAPB,
        .upper_code = HOST_LAPB_LINE,
        .timer_code = TIMER_LAPB,
    };
    const struct x25_line_plan of_line = {
        .kind = X25_LINE_LAPB,
        .role = plan->lapb.dce ? X25_DCE : X25_DTE,
        .extended = plan->extended,
        .lowest = plan->lowest,
        .highest = plan->highest,
        .packet_most = packet_most(plan->lapb.n1),
    };

    lapb_ether_init(&l->ether, &h->node.means, &host_interface(h, l->interface)->link, &l->upper,
                    &of_link);
    x25_line_open(&h->x25, &l->line, &of_line);
    l->next = h->lapb;
    h->lapb = l;
}

int host_x25_lapb(struct host *h, const struct node_pools *pools, uint32_t interface,
                  const struct host_lapb_plan *plan)
{
    bool some = plan->lowest || plan->highest;
    struct host_lapb *l;

    if (interface >= h->node.interface_count)
        return -ENODEV;
    if (!link_mac(&host_interface(h, interface)->link))
        return -EOPNOTSUPP;
    if (!lapb_settings_are_sound(&plan->lapb) ||
        (some &&
         (plan->lowest == 0 || plan->highest > X25_CHANNELS || plan->lowest > plan->highest)))
        return -EINVAL;
    if (host_x25_line(h, interface))
        return -EEXIST;
    l = pool_get(pools->lapbs);
    if (!l)
        return -ENOBUFS;
    l->interface = interface;
    line_open(h, l, plan);
    return 0;
}

void host_x25_crash(struct host *h, nanoseconds now)
{
    for (struct host_lapb *l = h->lapb; l; l = l->next) {
        lapb_ether_crash(&l->ether);
        x25_line_failed(&l->line, now);
    }
}

int host_x25_check(const struct host *h)
{
    int line = 0;

    for (const struct host_lapb *l = h->lapb; l && line == 0; l = l->next)
        line = lapb_ether_check(&l->ether);
    return line;
}

/* ---- LAPB tells the line ---- */

static struct host_lapb *lapb_of_upper(struct lapb_upper *upper)
{
    return container_of(upper, struct host_lapb, upper);
}

void host_x25_packet(struct lapb_upper *upper, struct packet *p, nanoseconds now)
{
    x25_line_receive(&lapb_of_upper(upper)->line, p, now);
}

void host_x25_told(struct lapb_upper *upper, enum lapb_news news, nanoseconds now)
{
    struct host_lapb *l = lapb_of_upper(upper);

    if (news == LAPB_NEWS_DOWN)
        x25_line_failed(&l->line, now);
    if (news == LAPB_NEWS_RESET)
        x25_line_down(&l->line, now);
    if (news != LAPB_NEWS_DOWN)
        x25_line_up(&l->line, now);
}

void host_x25_ready(struct lapb_upper *upper, nanoseconds now)
{
    x25_line_ready(&lapb_of_upper(upper)->line, now);
}

/* ---- the line asks LAPB ---- */

static struct host_lapb *lapb_of_line(const struct x25_line *line)
{
    return container_of(line, struct host_lapb, line);
}

void host_x25_send(struct x25_line *line, struct packet *p, nanoseconds now)
{
    lapb_ether_send(&lapb_of_line(line)->ether, p, now);
}

bool host_x25_has_room(const struct x25_line *line)
{
    return lapb_ether_has_room(&lapb_of_line(line)->ether);
}

/* A line of many circuits stays. */
void host_x25_released(struct x25_line *line, nanoseconds now)
{
    (void)line;
    (void)now;
}

void host_x25_wanted(struct x25_line *line, nanoseconds now)
{
    lapb_ether_connect(&lapb_of_line(line)->ether, now);
}

/* ---- XOT ---- */

struct x25_line *host_x25_open(struct x25 *x, const struct endpoint *to, bool extended,
                               nanoseconds now)
{
    return xot_open(&container_of(x, struct host, x25)->xot, to, extended, now);
}

/* Its stream is opened with it. */
void host_x25_nothing(struct x25_line *line, nanoseconds now)
{
    (void)line;
    (void)now;
}
