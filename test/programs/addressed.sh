#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs on hosts whose addresses come by DHCP while the lab runs: they wait for them, and the
# names of the lab are the addresses that were given.
. "$(dirname "$0")/common"

echo 1..2
cat >dhcp.yaml <<END
time_limit: 50s
networks: [{name: house, dhcp: {lease: 1h}}]
routers:
  - {name: gate, interfaces: [{name: lan, net: house}]}
hosts:
  - name: server
    net: house
    programs: [{run: python3 -m http.server 80, background: true, after: server.addressed}]
  - name: client
    net: house
    programs:
      - {name: get, run: curl -sS -o got http://server/dhcp.yaml, after: "client.addressed, server.listening:80"}
      - {name: look, run: getent hosts server, after: client.get.exited, log: looked}
END
"$sockeye" lab dhcp.yaml >said 2>&1 && cmp dhcp.yaml got >>said 2>&1
say $? "a program fetches from a host by its name, both with addresses by DHCP"
grep -q '^10\.1\.0\.1[0-9]* *server$' looked
code=$?
cat looked >said
say $code "a name has the address that the server gave"
