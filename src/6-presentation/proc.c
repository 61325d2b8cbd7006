/* SPDX-License-Identifier: MIT */
/* The names of the files. Theory in proc.h. */
#include "6-presentation/proc.h"

#include <errno.h>

static const struct {
    const char *name;
    proc_file *write;
} files[] = {
    {"net/tcp", proc_socket_tcp},          {"net/tcp6", proc_socket_tcp6},
    {"net/udp", proc_socket_udp},          {"net/udp6", proc_socket_udp6},
    {"net/icmp", proc_socket_icmp},        {"net/icmp6", proc_socket_icmp6},
    {"net/raw", proc_socket_raw},          {"net/raw6", proc_socket_raw6},
    {"net/udplite", proc_socket_udplite},  {"net/udplite6", proc_socket_udplite6},
    {"net/unix", proc_local_unix},         {"net/packet", proc_local_packet},
    {"net/netlink", proc_local_netlink},   {"net/igmp", proc_group_igmp},
    {"net/igmp6", proc_group_igmp6},       {"net/dev_mcast", proc_group_link},
    {"net/sockstat", proc_socket_counts},  {"net/sockstat6", proc_socket_counts6},
    {"net/snmp", proc_socket_snmp},        {"net/dev", proc_table_dev},
    {"net/arp", proc_table_arp},           {"net/route", proc_table_route},
    {"net/ipv6_route", proc_table_route6}, {"net/if_inet6", proc_table_addresses6},
};

static bool is_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool begins(const char *name, const char *with)
{
    while (*with && *name == *with) {
        name++;
        with++;
    }
    return !*with;
}

/* class/INTERFACE/NAME */
static ssize_t read_class(const struct call_host *host, const char *name, struct proc_text *t)
{
    const char *slash = name;
    struct manage_interface i;
    int number;

    while (*slash && *slash != '/')
        slash++;
    if (!*slash)
        return -ENOENT;
    number = manage_interface_by_name(host, name, (size_t)(slash - name));
    if (number < 0 || !manage_interface(host, (uint32_t)number, &i) ||
        !proc_table_class(&i, (uint32_t)number, slash + 1, t))
        return -ENOENT;
    return (ssize_t)t->used;
}

ssize_t call_proc(const struct call_host *host, const char *name, char *text, size_t size,
                  nanoseconds now)
{
    struct proc_text t = {.at = text, .size = size};

    if (begins(name, "class/"))
        return read_class(host, name + 6, &t);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (is_equal(files[i].name, name)) {
            files[i].write(host, &t, now);
            return (ssize_t)t.used;
        }
    return -ENOENT;
}
