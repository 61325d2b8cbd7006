#!/bin/sh
# SPDX-License-Identifier: MIT
# The C library's resolver with two name servers, of which the first is dead: its port is closed, so
# an ICMP error comes, and the second is asked at once, not after five seconds.
. "$(dirname "$0")/common"

echo 1..1
cat >resolver.yaml <<EOF
time_limit: 20s
wires:
  - {name: dead, between: [a.eth0, b.eth0], delay: 1ms}
  - {name: live, between: [a.eth1, c.eth0], delay: 1ms}
hosts:
  - name: a
    interfaces: [{name: eth0, address: 10.0.0.1/24}, {name: eth1, address: 10.0.1.1/24}]
    nameservers: [10.0.0.2, 10.0.1.2]
    programs:
      - {run: getent ahostsv4 www.example.org, log: stdout, after: c.listening:53/udp}
  - name: b
    interfaces: [{name: eth0, address: 10.0.0.2/24}]
  - name: c
    interfaces: [{name: eth0, address: 10.0.1.2/24}]
    programs: [{run: $(command -v python3) $here/resolver.py, background: true}]
EOF
resolves() {
    timeout 4 "$sockeye" lab --quiet resolver.yaml >said 2>&1 && grep -q 10.9.8.7 said
}
resolves
say $? "a resolver whose first server is dead asks the second at once"
