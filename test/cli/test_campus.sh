#!/bin/sh
# SPDX-License-Identifier: MIT
# A campus: 50 hosts in three networks on switches with VLANs, behind two routers. The guests are
# behind a translator, with addresses by DHCP and by what it advertises; the lab speaks IPv6 alone,
# and its hosts make their addresses themselves. An hour of pings and streams, in virtual time: the
# same trace twice, and the tables at the end are what the trace says was learned.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

# each host pings the next one that is no guest once a minute, and every fifth sends it a stream
awk 'BEGIN {
    print "name: campus\nseed: 50\ntime_limit: 2h"
    print "switches:\n  - {name: core, ports: [{name: labs, trunk: \"30\"}]}"
    print "  - {name: labs, ports: [{name: core, trunk: \"30\"}, {name: east, vlan: 30}]}"
    print "networks:"
    print "  - {name: staff, switch: core, vlan: 10, delay: 100us, rate: 1Gbit, addresses: [10.1.0.0/24, \"fd00:1::/64\"]}"
    print "  - {name: guests, switch: core, vlan: 20, delay: 1ms, rate: 100Mbit, dhcp: {lease: 10min},"
    print "     ip6: auto, addresses: [10.2.0.0/24, \"fd00:2::/64\"]}"
    print "  - {name: lab, switch: labs, vlan: 30, delay: 50us, ip6: auto, addresses: [\"fd00:3::/64\"]}"
    print "wires:\n  - {name: trunk, between: [core.labs, labs.core], rate: 10Gbit}"
    print "  - {name: backbone, between: [east.wire, west.wire], delay: 5ms, rate: 1Gbit}"
    print "  - {name: east-lab, between: [labs.east, east.lab]}"
    print "routers:"
    print "  - {name: east, interfaces: [{name: wire, addresses: [172.16.0.1/30, \"fd00:9::1/64\"]},"
    print "     {name: lab, net: lab, address: \"fd00:3::ffff/64\"}]}"
    print "  - {name: west, interfaces: [{name: wire, addresses: [172.16.0.2/30, \"fd00:9::2/64\"]}, {name: a, net: staff}]}"
    print "  - {name: gate, interfaces: [{name: inside, net: guests}, {name: out, net: staff}], nat: home, outside: out,"
    print "     forwards: [{port: 8080, to: \"kiosk:80\"}], routes: [{to: default, via: \"fd00:1::ffff\"}, {to: default, via: 10.1.0.254}]}"
    print "hosts:"
    print "  - {name: kiosk, interfaces: [{name: eth0, net: guests, address: 10.2.0.10/24}], traffic: [{echo: {port: 80, protocol: tcp}}]}"
    split("staff guests lab", nets, " ")
    for (i = 0; i < 49; i += 5) {
        to[i] = (i + 10) % 49
        if (to[i] % 3 == 1) to[i] = (to[i] + 1) % 49
        sinks[to[i]] = sinks[to[i]] sprintf("      - sink: {port: %d, bytes: 2MB}\n", 4000 + i)
    }
    for (i = 0; i < 49; i++) {
        peer = (i + 1) % 49
        if (peer % 3 == 1) peer = (peer + 1) % 49
        printf "  - name: h%d\n    net: %s\n    traffic:\n", i, nets[i % 3 + 1]
        printf "      - ping: {to: h%d, count: 60, interval: 60s, after: %dms}\n", peer, 20000 + 37 * i
        if (i % 5 == 0)
            printf "      - source: {to: \"h%d:%d\", bytes: 2MB, after: \"h%d.listening:%d, %dmin\"}\n", to[i], 4000 + i, to[i], 4000 + i, i + 1
        if (i == 0) # kiosk, by a port of gate
            print "      - source: {to: \"10.1.0.253:8080\", bytes: 100kB, echoed: true, after: 5min}"
        printf "%s", sinks[i]
    }
}' >campus.yaml

echo 1..6
"$sockeye" lab campus.yaml --tables=json --trace=json --trace-file one --quiet >tables 2>said
say $? "an hour of 50 hosts, three networks, two routers and a translator"
"$sockeye" lab campus.yaml --trace=json --trace-file two --quiet >said 2>&1 && cmp one two >said
say $? "gives the same trace twice"
grep -c . tables >said
python3 "$here/tables_agree.py" tables one neighbors 100 macs 50 routes 150 nat 4 dhcp 32 ports 50 >said 2>&1
say $? "the tables at the end are what the trace says was learned"
[ "$(grep -c '"table":"interfaces".*"address":"10.2.0.1[2-9].*"from":"configured"' tables)" -eq 16 ] &&
    [ "$(grep -c '"table":"dhcp".*"of":"server","state":"BOUND"' tables)" -eq 16 ]
say $? "the guests have their addresses by DHCP, and the server says so"
[ "$(grep -c '"table":"interfaces".*"address":"fd00:[23]::.*"from":"ra"' tables)" -eq 33 ]
say $? "guests and the lab make addresses of IPv6 of what routers advertise"
grep -q '"table":"nat".*"protocol":"tcp","inner":"10.2.0.10:80","outer":"10.1.0.253:8080"' tables &&
    ! grep '"wire":"staff-' one | grep -q '"source":"\(10\.2\|fd00:2\)'
say $? "outside of the translator nobody sees an address of a guest"
exit $failed
