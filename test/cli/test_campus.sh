#!/bin/sh
# SPDX-License-Identifier: MIT
# A campus: 50 hosts in three networks, one of them with DHCP, on switches with VLANs, and two
# routers; an hour of pings and streams, in virtual time. The same trace twice, and the tables at the
# end are what the trace says was learned.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

# each host pings the next one once a minute, and every fifth sends a stream to the one ten further
awk 'BEGIN {
    print "name: campus\nseed: 50\ntime_limit: 2h"
    print "switches:\n  - {name: core, ports: [{name: labs, trunk: \"30\"}]}\n  - {name: labs, ports: [{name: core, trunk: \"30\"}]}"
    print "networks:"
    print "  - {name: staff, switch: core, vlan: 10, delay: 100us, rate: 1Gbit}"
    print "  - {name: guests, switch: core, vlan: 20, delay: 1ms, rate: 100Mbit, dhcp: {lease: 10min}}"
    print "  - {name: lab, switch: labs, vlan: 30, delay: 50us}"
    print "wires:\n  - {name: trunk, between: [core.labs, labs.core], rate: 10Gbit}"
    print "  - {name: backbone, between: [east.wire, west.wire], delay: 5ms, rate: 1Gbit}"
    print "  - {name: east-lab, between: [labs.east, east.lab]}"
    print "routers:"
    print "  - {name: east, interfaces: [{name: wire, address: 172.16.0.1/30}, {name: lab, address: 10.3.0.250/24}]}"
    print "  - {name: west, interfaces: [{name: wire, address: 172.16.0.2/30}, {name: a, net: staff}, {name: b, net: guests}]}"
    print "hosts:"
    split("staff guests lab", nets, " ")
    for (i = 0; i < 50; i++) {
        printf "  - name: h%d\n    net: %s\n    traffic:\n", i, nets[i % 3 + 1]
        printf "      - ping: {to: h%d, count: 60, interval: 60s, after: %dms}\n", (i + 1) % 50, 1000 + 37 * i
        if (i % 5 == 0)
            printf "      - source: {to: \"h%d:4000\", bytes: 2MB, after: \"h%d.listening:4000, %dmin\"}\n", (i + 10) % 50, (i + 10) % 50, i
        if (i % 5 == 0)
            print "      - sink: {port: 4000, bytes: 2MB}"
    }
}' | sed 's/labs, ports: \[{name: core, trunk: "30"}\]/labs, ports: [{name: core, trunk: "30"}, {name: east, vlan: 30}]/' >campus.yaml

echo 1..4
"$sockeye" lab campus.yaml --tables=json --trace=json --trace-file one --quiet >tables 2>said
say $? "an hour of 50 hosts, three networks and two routers"
"$sockeye" lab campus.yaml --trace=json --trace-file two --quiet >said 2>&1 && cmp one two >said
say $? "gives the same trace twice"
grep -c . tables >said
python3 "$here/tables_agree.py" tables one >said 2>&1
say $? "the tables at the end are what the trace says was learned"
[ "$(grep -c '"table":"interfaces".*"address":"10.2.0.' tables)" -eq 18 ] >said
say $? "the guests have their addresses by DHCP, and the router its own"
