#!/bin/sh
# SPDX-License-Identifier: MIT
# What programs of a lab see of its interfaces: by if_nameindex() and getifaddrs() of the C library
# (netlink), by ioctls, and by `ip`; all as the lab file has them, and nothing of the machine.
. "$(dirname "$0")/common"

cat >interfaces.c <<'END'
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void by_ioctl(void)
{
    struct ifreq rows[8];
    struct ifconf list = {.ifc_len = sizeof rows, .ifc_req = rows};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (ioctl(fd, SIOCGIFCONF, &list) < 0)
        perror("SIOCGIFCONF");
    for (unsigned i = 0; i < list.ifc_len / sizeof *rows; i++) {
        printf("ioctl %s", rows[i].ifr_name);
        if (ioctl(fd, SIOCGIFMTU, &rows[i]) == 0)
            printf(" mtu %d", rows[i].ifr_mtu);
        if (ioctl(fd, SIOCGIFINDEX, &rows[i]) == 0)
            printf(" index %d", rows[i].ifr_ifindex);
        rows[i].ifr_mtu = 90000;
        printf(" set %s\n", ioctl(fd, SIOCSIFMTU, &rows[i]) < 0 ? "refused" : "done");
    }
    close(fd);
}

int main(void)
{
    struct if_nameindex *names = if_nameindex();
    struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM}, *found;
    struct ifaddrs *all = NULL;

    for (int i = 0; names != NULL && names[i].if_index != 0; i++)
        printf("index %u %s\n", names[i].if_index, names[i].if_name);
    printf("eth1 is %u, 2 is %s\n", if_nametoindex("eth1"), if_indextoname(2, (char[16]){0}));
    getifaddrs(&all);
    for (struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
        char text[INET6_ADDRSTRLEN + NI_MAXHOST] = "";

        if (a->ifa_addr == NULL || (a->ifa_addr->sa_family != AF_INET &&
                                    a->ifa_addr->sa_family != AF_INET6))
            continue;
        getnameinfo(a->ifa_addr, a->ifa_addr->sa_family == AF_INET ? 16 : 28, text, sizeof text,
                    NULL, 0, NI_NUMERICHOST);
        if (strncmp(text, "fe80", 4) != 0)
            printf("address %s %s%s\n", a->ifa_name, text, a->ifa_flags & IFF_UP ? " up" : "");
    }
    freeifaddrs(all);
    by_ioctl();
    printf("b: %d\n", getaddrinfo("b", "80", &hints, &found));
    return 0;
}
END
${CC:-cc} -O1 -D_GNU_SOURCE -o interfaces interfaces.c || {
    echo "Bail out! interfaces.c cannot be compiled"
    exit 1
}
echo 1..3
cat >interfaces.yaml <<EOF
time_limit: 20s
wires:
  - {name: w0, between: [a.eth0, b.eth0], delay: 1ms}
  - {name: w1, between: [a.eth1, b.eth1], delay: 1ms, mtu: 1400}
hosts:
  - name: a
    interfaces:
      - {name: eth0, addresses: [10.0.0.1/24, 'fd00::1/64']}
      - {name: eth1, address: 10.0.1.1/24}
    programs: [{run: $directory/interfaces, log: stdout}]
  - name: b
    interfaces:
      - {name: eth0, address: 10.0.0.2/24}
      - {name: eth1, address: 10.0.1.2/24}
EOF
cat >expected <<EOF
index 1 lo
index 2 eth0
index 3 eth1
eth1 is 3, 2 is eth0
address lo 127.0.0.1 up
address eth0 10.0.0.1 up
address eth1 10.0.1.1 up
address lo ::1 up
address eth0 fd00::1 up
ioctl lo mtu 65535 index 1 set refused
ioctl eth0 mtu 1500 index 2 set refused
ioctl eth1 mtu 1400 index 3 set refused
b: 0
EOF
timeout 30 "$sockeye" lab --quiet interfaces.yaml >said 2>&1
code=$?
grep -E '^(index|eth1 is|address|ioctl|b:) ?' said >got
diff expected got >difference && [ $code -eq 0 ]
result=$?
[ $result -eq 0 ] || cat said difference | sed 's/^/# /'
say $result "if_nameindex, getifaddrs and ioctls tell of the lab's interfaces, and of no others"
sentence="ip shows the lab's addresses and routes"
if command -v ip >/dev/null; then
    sed "s|run: $directory/interfaces|run: sh ask.sh|" interfaces.yaml >ip.yaml
    cat >ask.sh <<'EOF'
ip -br addr show eth1
ip route
ip -6 route | grep -v fe80
exit 0
EOF
    timeout 30 "$sockeye" lab --quiet ip.yaml >said 2>&1
    grep -Eq '^eth1 +UP +10.0.1.1/24' said &&
        grep -q '^10.0.0.0/24 dev eth0 proto kernel scope link' said &&
        grep -q '^fd00::/64 dev eth0 proto kernel' said
    say $? "$sentence"
else
    number=$((number + 1))
    echo "ok $number - $sentence # skip there is no ip"
fi
nothing_left
say $? "nothing is left behind"
