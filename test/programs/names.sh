#!/bin/sh
# SPDX-License-Identifier: MIT
# The lab's own name servers (`dns` of a host), as dig, getaddrinfo() of both families and curl see
# them: honest, slow, silent, failing, denying and lying, by the file, by its faults and by sockeye
# set, and after a crash. What they say is on the wire.
. "$(dirname "$0")/common"

echo 1..17
cat >names.yaml <<'END'
time_limit: 100s
networks:
  - {name: lan, addresses: [10.1.0.0/24, 'fd00:1::/64']}
  - {name: far, addresses: [10.2.0.0/24, 'fd00:2::/64']}
routers: [{name: gate, interfaces: [{name: eth0, net: lan}, {name: eth1, net: far}]}]
hosts:
  - {name: ns, net: lan, dns: {ttl: 90s}}
  - {name: client, net: lan}
  - {name: server, net: far}
  - {name: other, net: far, nameservers: ['fd00:1::1']}
  - name: liar
    net: far
    dns: {delay: 300ms, lies: [{name: server, address: 10.2.0.66}, {name: nobody, address: 'fd00::66'}]}
  - {name: dead, net: far, dns: {fault: silent}}
END
cat >look.py <<'END'
import socket, sys
family = {"4": socket.AF_INET, "6": socket.AF_INET6}.get(sys.argv[2], 0)
print(*[a[4][0] for a in socket.getaddrinfo(sys.argv[1], 80, family, socket.SOCK_STREAM)])
END
# digs HOST WORDS...: what dig prints is in `said`
digs() {
    host=$1
    shift
    on "$host" dig +tries=1 +time=2 "$@" >said 2>&1
}
# said_is TEXT: all lines of `said`
said_is() { [ "$(tr '\n' ' ' <said)" = "$1 " ]; }

"$sockeye" lab --stay --quiet --record names.record --pcap names.pcapng names.yaml >stay.out 2>&1 &
stayed=$!
until_true "$sockeye" exec client -- true
on client cat /etc/resolv.conf /etc/hosts >said 2>&1
said_is "nameserver 10.1.0.1 nameserver 10.2.0.3 nameserver 10.2.0.4 127.0.0.1 localhost ::1 localhost"
say $? "programs ask the servers of the lab, and /etc/hosts has localhost alone"
digs client +short server A server AAAA -x 10.2.0.1 -x fd00:1::2 && said_is "10.2.0.1 fd00:2::1 server. client."
say $? "dig is told addresses of both families and the names of addresses"
digs client +tcp +noall +answer gate && grep -q '^gate\.[[:space:]]*90[[:space:]]*IN[[:space:]]*A[[:space:]]*10\.1\.0\.254' said &&
    digs client +tcp nobody && grep -q NXDOMAIN said
say $? "over TCP too, with the time to live of the file; nobody is NXDOMAIN"
on client python3 look.py server 4 >said 2>&1 && on client python3 look.py server 6 >>said 2>&1 &&
    on other python3 look.py client 0 >>said 2>&1 && grep -q '^fd00:1::2\|^10.1.0.2' said &&
    grep -q '^10.2.0.1$' said && grep -q '^fd00:2::1$' said
say $? "getaddrinfo() asks for both families, of a server at either"
"$sockeye" exec server -- python3 -m http.server --bind :: 80 >served 2>&1 &
serving=$!
until_true on client curl -sS --max-time 5 -o got http://server/look.py && cmp got look.py >said 2>&1
say $? "curl fetches from a name"
kill $serving 2>/dev/null
begin=$(date +%s%N)
digs client +short @10.2.0.3 server A nobody AAAA server AAAA client A
code=$?
took=$((($(date +%s%N) - begin) / 1000000))
[ $code -eq 0 ] && said_is "10.2.0.66 fd00::66 10.1.0.2" && [ $took -ge 1200 ]
say $? "a slow server that lies does so by its name, and each answer takes its time"
! digs client @10.2.0.4 server && grep -q 'no servers could be reached' said
say $? "a dead server says nothing"
"$sockeye" set ns dns=failing >said 2>&1 && digs client @10.1.0.1 server && grep -q SERVFAIL said &&
    "$sockeye" set ns dns=denying >said 2>&1 && digs client @10.1.0.1 server && grep -q NXDOMAIN said
say $? "sockeye set makes one fail and deny"
"$sockeye" set ns dns=none dns.delay=500ms 'dns.lies=*:10.9.9.9,server:fd09::9' >said 2>&1 &&
    digs client @10.1.0.1 +short client server AAAA && said_is "10.9.9.9 fd09::9"
say $? "and lie, of one name or of all"
"$sockeye" set ns dns.lies= dns.delay=0 >said 2>&1 && digs client @10.1.0.1 +short client && said_is "10.1.0.2"
say $? "and heal"
"$sockeye" set ns dns=angry >said 2>&1
[ $? -eq 1 ] && grep -q '"angry" is not none, silent, failing or denying' said &&
    ! "$sockeye" set client dns=silent >said 2>&1 && grep -q 'has no "dns" in the lab file' said &&
    ! "$sockeye" set ns dns=silent dns.lies=10.0.0.1 >said 2>&1 && digs client @10.1.0.1 +short client
say $? "what cannot be said of it is refused, and all with it"
"$sockeye" set ns crash >said 2>&1 && ! digs client @10.1.0.1 server &&
    "$sockeye" set ns restart >said 2>&1 && digs client @10.1.0.1 +short server && said_is 10.2.0.1 &&
    digs client @10.1.0.1 +tcp +short server && said_is 10.2.0.1
say $? "a server that crashed serves again with its host, over UDP and TCP"
kill -INT $stayed
wait $stayed
stayed=
"$sockeye" replay names.record >said 2>&1
say $? "a replay of the record gives the same answers without a server"
sentence="the answers are on the wire, and tshark finds nothing malformed"
if command -v tshark >/dev/null; then
    tshark -r names.pcapng -Y 'dns.flags.response == 1 && dns.aaaa == fd00:2::1' >said 2>/dev/null
    [ -s said ] && ! tshark -r names.pcapng -Y 'dns && _ws.malformed' 2>/dev/null | grep . >>said
    say $? "$sentence"
else
    say 0 "$sentence # skip no tshark"
fi

cat >faults.yaml <<'END'
time_limit: 60s
networks: [{name: lan, addresses: [10.1.0.0/24, 'fd00:1::/64']}]
faults:
  - {at: 0s, for: 2s, dns: {server: ns, fault: failing}}
hosts:
  - {name: ns, net: lan, dns: {}}
  - name: client
    net: lan
    programs:
      - {name: early, run: getent ahosts ns, expect: {exit: 2}, log: early.log}
      - {name: late, run: getent ahosts ns, after: 3s, log: late.log}
END
"$sockeye" lab faults.yaml >said 2>&1 && cat late.log >>said && grep -q fd00:1::1 late.log
say $? "a fault of a server comes and goes by the file"

# servers that routers advertise and leases name, of a network's own list or the lab's
cat >told.yaml <<'END'
time_limit: 60s
networks:
  - {name: lan, addresses: [10.1.0.0/24, 'fd00:1::/64'], ip6: auto, dhcp: {probe: false}}
  - {name: far, addresses: [10.2.0.0/24, 'fd00:2::/64'], ip6: auto, nameservers: ['fd00:2::53', old]}
routers: [{name: gate, interfaces: [{name: eth0, net: lan}, {name: eth1, net: far}]}]
hosts:
  - {name: ns, interfaces: [{name: eth0, net: lan, addresses: [10.1.0.1/24, 'fd00:1::1/64']}], dns: {}}
  - {name: old, interfaces: [{name: eth0, net: far, addresses: [10.2.0.1/24, 'fd00:2::1/64']}], dns: {fault: failing}}
  - name: near
    net: lan
    programs: [{shell: "sleep 1; cat /etc/resolv.conf; getent ahostsv4 away", log: near.log, after: "near.addressed, away.addressed"}]
  - name: away
    net: far
    programs: [{shell: "sleep 1; cat /etc/resolv.conf", log: away.log, after: away.addressed}]
END
"$sockeye" lab --tables told.yaml >tables 2>said && cat near.log >said &&
    [ "$(grep -c nameserver near.log)" -eq 3 ] && grep -q '^nameserver fd00:1::1$' near.log &&
    grep -q '^nameserver fd00:2::1$' near.log && grep -q '^nameserver 10.1.0.1$' near.log && grep -q '^10.2.0.2' near.log
say $? "a host asks the servers that a router advertises and its lease names"
cat away.log >said
grep -q '^nameserver fd00:2::53$' away.log && [ "$(grep -c nameserver away.log)" -eq 2 ] &&
    sed -n '/^away: nameservers/,/^[^ ]/p' tables | grep -q 'fd00:2::53  *eth0  *ra  *[0-9.]* s  *1[0-9.]* s'
say $? "a network has servers of its own to tell, and a table of a host shows them"
exit $failed
