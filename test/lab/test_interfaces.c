/* SPDX-License-Identifier: MIT */
/*
 * What a host says of itself by the ioctls of netdevice(7), and by files of /proc/net and
 * /sys/class/net; what ioctls change. A has lo, 10.0.0.1/24 on eth0. (By netlink: test_netlink.c.)
 */
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>

#include "lab/pair6.h"

/* ---- ioctls ---- */

static int ask(unsigned long request, struct ifreq *row)
{
    size_t length = sizeof *row;

    return sockeye_ioctl_interface(lab, A, request, row, &length);
}

static uint32_t address_in(const struct ifreq *row)
{
    struct sockaddr_in name;

    memcpy(&name, &row->ifr_addr, sizeof name);
    check_equal(name.sin_family, AF_INET);
    return ntohl(name.sin_addr.s_addr);
}

static void ioctls_tell_of_interfaces(void)
{
    struct ifreq row = {.ifr_name = "eth0"};

    pair_open();
    check_equal(ask(SIOCGIFADDR, &row), 0);
    check_equal(address_in(&row), 0x0a000001);
    check_equal(ask(SIOCGIFNETMASK, &row), 0);
    check_equal(address_in(&row), 0xffffff00);
    check_equal(ask(SIOCGIFBRDADDR, &row), 0);
    check_equal(address_in(&row), 0x0a0000ff);
    check_equal(ask(SIOCGIFINDEX, &row), 0);
    check_equal(row.ifr_ifindex, 2);
    check_equal(ask(SIOCGIFMTU, &row), 0);
    check_equal(row.ifr_mtu, 1500);
    check_equal(ask(SIOCGIFTXQLEN, &row), 0);
    check_equal(row.ifr_qlen, 1000);
    check_equal(ask(SIOCGIFFLAGS, &row), 0);
    check_equal(row.ifr_flags, IFF_UP | IFF_RUNNING | IFF_BROADCAST | IFF_MULTICAST);
    check_equal(ask(SIOCGIFHWADDR, &row), 0);
    check_equal(row.ifr_hwaddr.sa_family, ARPHRD_ETHER);
    check(row.ifr_hwaddr.sa_data[0] & 2);
    row.ifr_ifindex = 1;
    check_equal(ask(SIOCGIFNAME, &row), 0);
    check_equal(strcmp(row.ifr_name, "lo"), 0);
    check_equal(ask(SIOCGIFFLAGS, &row), 0);
    check_equal(row.ifr_flags, IFF_UP | IFF_RUNNING | IFF_LOOPBACK);
    check_equal(ask(SIOCGIFHWADDR, &row), 0);
    check_equal(row.ifr_hwaddr.sa_family, ARPHRD_LOOPBACK);
    pair_close();
}

static void ioctls_list_addresses(void)
{
    struct ifreq rows[3];
    size_t length = sizeof rows, wrong = 39;

    pair_open();
    check_equal(sockeye_ioctl_interface(lab, A, SIOCGIFCONF, NULL, &length), 0);
    check_equal(length, 2 * sizeof *rows);
    length = sizeof rows;
    check_equal(sockeye_ioctl_interface(lab, A, SIOCGIFCONF, rows, &length), 0);
    check_equal(length, 2 * sizeof *rows);
    check(strcmp(rows[0].ifr_name, "lo") == 0 && address_in(&rows[0]) == 0x7f000001);
    check(strcmp(rows[1].ifr_name, "eth0") == 0 && address_in(&rows[1]) == 0x0a000001);
    length = 2 * sizeof *rows - 1; /* as many as there is room for */
    check_equal(sockeye_ioctl_interface(lab, A, SIOCGIFCONF, rows, &length), 0);
    check_equal(length, sizeof *rows);
    check_equal(sockeye_ioctl_interface(lab, A, SIOCGIFMTU, rows, &wrong), -EINVAL);
    pair_close();
}

static void ioctls_are_refused(void)
{
    struct ifreq row = {.ifr_name = "eth9"};
    size_t length = sizeof row;

    pair_open();
    check_equal(ask(SIOCGIFADDR, &row), -ENODEV);
    check_equal(ask(SIOCGIFINDEX, &row), -ENODEV);
    memset(row.ifr_name, 'x', sizeof row.ifr_name); /* without an end */
    check_equal(ask(SIOCGIFINDEX, &row), -ENODEV);
    row.ifr_ifindex = 0;
    check_equal(ask(SIOCGIFNAME, &row), -ENODEV);
    row.ifr_ifindex = -1;
    check_equal(ask(SIOCGIFNAME, &row), -ENODEV);
    row.ifr_ifindex = 3;
    check_equal(ask(SIOCGIFNAME, &row), -ENODEV);
    check_equal(ask(SIOCSIFFLAGS, &row), -ENODEV);
    check_equal(ask(SIOCSIFADDR, &row), -ENODEV);
    check_equal(ask(SIOCADDRT, &row), -EINVAL); /* too short for one */
    check_equal(ask(SIOCSIFNAME, &row), -EOPNOTSUPP);
    check_equal(ask(SIOCETHTOOL, &row), -EOPNOTSUPP);
    check_equal(sockeye_ioctl_interface(lab, A, SIOCGIFMTU, NULL, &length), -EFAULT);
    check_equal(sockeye_ioctl_interface(lab, 9, SIOCGIFMTU, &row, &length), -EINVAL);
    check_equal(sockeye_address_remove(lab, A, interfaces[A], "10.0.0.1/24"), 0);
    strcpy(row.ifr_name, "eth0");
    check_equal(ask(SIOCGIFADDR, &row), -EADDRNOTAVAIL);
    pair_close();
}

static void put_ip4(struct ifreq *row, uint32_t ip4)
{
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(ip4)};

    memcpy(&row->ifr_addr, &name, sizeof name);
}

static void ioctls_change_interfaces(void)
{
    struct ifreq row = {.ifr_name = "eth0"};

    pair_open();
    put_ip4(&row, 0x0a050001);
    check_equal(ask(SIOCSIFADDR, &row), 0); /* of class A */
    check_equal(ask(SIOCGIFNETMASK, &row), 0);
    check_equal(address_in(&row), 0xff000000);
    put_ip4(&row, 0xffff00ff);
    check_equal(ask(SIOCSIFNETMASK, &row), -EINVAL);
    put_ip4(&row, 0xffffff00);
    check_equal(ask(SIOCSIFNETMASK, &row), 0);
    check_equal(ask(SIOCGIFBRDADDR, &row), 0);
    check_equal(address_in(&row), 0x0a0500ff);
    row.ifr_mtu = 1400;
    check_equal(ask(SIOCSIFMTU, &row), 0);
    row.ifr_mtu = 1501;
    check_equal(ask(SIOCSIFMTU, &row), -EINVAL);
    check_equal(ask(SIOCGIFMTU, &row), 0);
    check_equal(row.ifr_mtu, 1400);
    row.ifr_flags = IFF_BROADCAST | IFF_MULTICAST;
    check_equal(ask(SIOCSIFFLAGS, &row), 0);
    check_equal(ask(SIOCGIFFLAGS, &row), 0);
    check_equal(row.ifr_flags & IFF_UP, 0);
    row.ifr_flags = IFF_UP | IFF_PROMISC;
    check_equal(ask(SIOCSIFFLAGS, &row), -EOPNOTSUPP);
    pair_close();
}

/* ---- files ---- */

static void files_of_proc(void)
{
    static const char *const names[] = {
        "net/tcp",     "net/tcp6",    "net/udp",        "net/udp6",      "net/icmp",
        "net/icmp6",   "net/snmp",    "net/sockstat",   "net/sockstat6", "net/dev",
        "net/arp",     "net/route",   "net/ipv6_route", "net/if_inet6",  "net/raw",
        "net/raw6",    "net/udplite", "net/udplite6",   "net/unix",      "net/packet",
        "net/netlink", "net/igmp",    "net/igmp6",      "net/dev_mcast"};
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(80)};
    char text[4096], cut[16];
    int tcp;

    pair_open();
    check_equal(sockeye_address(lab, A, interfaces[A], "fd00::1/64"), 0);
    tcp = sockeye_socket(lab, A, AF_INET, SOCK_STREAM, 0);
    check_equal(sockeye_bind(lab, A, tcp, &name, sizeof name), 0);
    check_equal(sockeye_listen(lab, A, tcp, 7), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ssize_t n = sockeye_proc(lab, A, names[i], text, sizeof text);

        check(n > (strcmp(names[i], "net/arp") == 0 ? 0 : 8) && n < (ssize_t)sizeof text);
        check_equal(sockeye_proc(lab, A, names[i], cut, sizeof cut), n); /* what there is */
        check(memcmp(cut, text, sizeof cut) == 0);
        check_equal(sockeye_proc(lab, A, names[i], NULL, 0), n);
    }
    check(sockeye_proc(lab, A, "net/tcp", text, sizeof text) > 150 + 15);
    check(memcmp(text + 150, "   0: 00000000:0050 00000000:0000 0A ", 37) == 0);
    check_equal(sockeye_proc(lab, A, "class/eth0/mtu", text, sizeof text), 5);
    check(memcmp(text, "1500\n", 5) == 0);
    check_equal(sockeye_proc(lab, A, "class/eth0/", text, sizeof text), -ENOENT);
    check_equal(sockeye_proc(lab, A, "class/", text, sizeof text), -ENOENT);
    check_equal(sockeye_proc(lab, A, "net/fib_trie", text, sizeof text), -ENOENT);
    check_equal(sockeye_proc(lab, A, "", text, sizeof text), -ENOENT);
    check_equal(sockeye_proc(lab, A, NULL, text, sizeof text), -EFAULT);
    check_equal(sockeye_proc(lab, 9, "net/tcp", text, sizeof text), -EINVAL);
    pair_close();
}

static const struct test tests[] = {
    {"ioctls tell of interfaces", ioctls_tell_of_interfaces},
    {"SIOCGIFCONF lists what there is room for", ioctls_list_addresses},
    {"ioctls change interfaces", ioctls_change_interfaces},
    {"ioctls of no interface, and those that change one, are refused", ioctls_are_refused},
    {"files of /proc/net and /sys/class/net are the host's", files_of_proc},
};

int main(void)
{
    return test_main(tests, sizeof tests / sizeof *tests);
}
