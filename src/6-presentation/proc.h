/* SPDX-License-Identifier: MIT */
/*
 * Files of /proc/net (proc(5)) and of /sys/class/net, as a program of a host reads them: made when
 * they are opened, of what manage.h tells. proc.c has their names, a row each; proc_socket.c writes
 * those of sockets of the Internet, proc_local.c those of others, proc_group.c those of
 * groups, proc_table.c those of interfaces, routes and neighbours. Settings (/proc/sys/net) are
 * node/host_settings'.
 */
#pragma once
#include "6-presentation/manage.h"
#include "6-presentation/proc_text.h"

/* ---- what writes one ---- */

typedef void proc_file(const struct call_host *host, struct proc_text *t, nanoseconds now);

proc_file proc_socket_tcp, proc_socket_tcp6, proc_socket_udp, proc_socket_udp6, proc_socket_icmp,
    proc_socket_icmp6, proc_socket_raw, proc_socket_raw6, proc_socket_udplite, proc_socket_udplite6,
    proc_socket_counts, proc_socket_counts6, proc_socket_snmp;
proc_file proc_local_unix, proc_local_packet, proc_local_netlink;
proc_file proc_group_igmp, proc_group_igmp6, proc_group_link;
proc_file proc_table_dev, proc_table_arp, proc_table_route, proc_table_route6,
    proc_table_addresses6;
/* One of an interface. false: there is no such file */
bool proc_table_class(const struct manage_interface *i, uint32_t number, const char *name,
                      struct proc_text *t);
