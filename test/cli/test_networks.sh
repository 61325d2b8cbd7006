#!/bin/sh
# SPDX-License-Identifier: MIT
# Labs with networks, switches and routers, whole, in virtual time.
sockeye=$(realpath "${SOCKEYE:-build/sockeye}")
examples=$(cd "$(dirname "$0")/../../examples" && pwd)
. "$(dirname "$0")/../tap.sh"
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory" || exit 1

echo 1..20
"$sockeye" lab "$examples/lan.yaml" --record lan.record --pcap lan.pcapng --trace-file trace >said 2>&1 &&
    grep -q '^lab lan: ok, 8 services$' said
say $? "two networks, a switch each, and a router between them"
"$sockeye" replay lan.record --pcap again.pcapng >said 2>&1 && cmp lan.pcapng again.pcapng
say $? "a record of it replays to the identical pcapng"
# what anna sends to web goes to the router's station, and no frame of it comes to ben
grep -q 'event=sent wire=servers-gate from=gate.eth1 .*dest=192.168.7.1 .*ttl=63' trace &&
    ! grep 'event=delivered wire=staff-ben .*to=ben.eth0' trace | grep -q 'dest=192.168.7.1 '
say $? "a switch sends frames where their station is, and a router takes one of the hops"

cat >apart.yaml <<END
networks: [{name: one}, {name: two}]
hosts:
  - {name: a, net: one, traffic: [{ping: {to: b}}]}
  - {name: b, net: two}
END
"$sockeye" lab apart.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'no route from a to 10.2.0.1 (b); no wire joins the two, and a host does not forward; one of `routers` does$' said
say $? "where no router joins two networks, that is told"

cat >dhcp.yaml <<END
networks: [{name: house, dhcp: {lease: 60s}}, {name: far}]
routers:
  - {name: gate, interfaces: [{name: lan, net: house}, {name: wan, net: far}]}
hosts:
  - {name: laptop, net: house, traffic: [{ping: {to: server, count: 200}}]}
  - {name: phone, net: house}
  - {name: server, net: far, traffic: [{ping: {to: laptop}}, {ping: {to: phone}}]}
END
"$sockeye" lab dhcp.yaml --tables >said 2>&1 && grep -q '^  eth0  *10.1.0.128/24 ' said &&
    grep -q '^  eth0  *10.1.0.129/24 ' said && grep -q '^lab dhcp: ok, 3 services$' said
say $? "hosts get their addresses by DHCP and keep them; traffic waits for them"

cat >again.yaml <<END
time_limit: 100s
networks: [{name: lan, addresses: [10.1.0.0/24], dhcp: {}, rate: 100Mbit}]
routers: [{name: gate, net: lan}]
faults:
  - {at: 10s, for: 1s, crash: server}
  - {at: 10s, for: 2s, crash: client}
  - {at: 11s, for: 1s, crash: gate}
hosts:
  - name: server
    interfaces: [{name: eth0, net: lan, address: 10.1.0.5/24}]
    traffic: [sink: {port: 7, bytes: 20MB}]
  - name: client
    net: lan
    traffic:
      - ping: {to: server, count: 10, interval: 500ms, after: 9s}
      - source: {to: "server:7", bytes: 20MB, after: 9s}
END
"$sockeye" lab again.yaml >said 2>&1 && grep -q '^lab again: ok, 3 services$' said
say $? "built-in traffic, a server of DHCP and its client start again with their hosts"
sed 's/for: 2s, crash: client/crash: client/' again.yaml >gone.yaml
"$sockeye" lab gone.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'client.source.*: its host crashed$' said
say $? "traffic of a host that does not come back fails"

cat >inform.yaml <<END
time_limit: 100s
networks:
  - {name: lan, ip6: auto, dhcp6: true, domains: [lab.example, example], nameservers: ['fd00::53', 'fd00::54']}
  - {name: plain, ip6: auto}
routers: [{name: gate, interfaces: [{name: eth0, net: lan}, {name: eth1, net: plain}]}]
hosts:
  - name: pc
    net: lan
    traffic: [ping: {to: gate, count: 2, after: 10s}]
  - {name: other, net: plain}
END
"$sockeye" lab inform.yaml --tables --pcap inform.pcapng --trace-file trace >said 2>&1 &&
    grep -q '^  -  *eth0  *dhcp6  *INFORMED  *[0-9a-f:]*  *lab.example ' said &&
    [ "$(grep -c INFORMED said)" -eq 1 ] && grep -q 'event=sent .*INFORMATION-REQUEST' trace &&
    grep -q 'event=sent .*REPLY.*dns=fd00::53' trace
say $? "hosts ask by stateless DHCPv6 where a router says that there is any, and are told"
cat >uninformed.yaml <<END
networks:
  - {name: a, dhcp6: true}
  - {name: b, ip6: auto, domains: [x]}
  - {name: c, ip6: auto, dhcp6: true, domains: ['a b']}
routers: [{name: gate, interfaces: [{name: eth0, net: b}, {name: eth1, net: c}]}]
hosts: [{name: pc, net: a}]
END
"$sockeye" lab uninformed.yaml >said 2>&1
[ $? -eq 2 ] && grep -q 'networks.a.dhcp6: needs "ip6: auto"' said &&
    grep -q 'networks.b.domains: needs "dhcp6: true"' said &&
    grep -q 'networks.c.domains\[0\]: "a b" is no name of a domain' said
say $? "what nobody would tell, and what is no domain, are errors of the file"

cat >loop.yaml <<END
switches: [{name: s}, {name: t}, {name: u}]
networks: [{name: n, switch: s}]
wires:
  - {name: st, between: [s.t, t.s]}
  - {name: tu, between: [t.u, u.t]}
  - {name: us, between: [u.s, s.u]}
  - {name: far, between: [u.b, b.eth0]}
hosts:
  - {name: a, net: n, traffic: [{ping: {to: b, after: 10s}}]}
  - {name: b, interfaces: [{name: eth0, net: n}]}
END
"$sockeye" lab loop.yaml >said 2>&1
[ $? -eq 2 ] && grep -q 'loop.yaml:6: wires.us.between: closes a loop of switches (.*us.*)' said
say $? "a loop of switches is an error with its line"
sed 's/{name: \([stu]\)}/{name: \1, stp: true}/g' loop.yaml >tree.yaml
"$sockeye" lab tree.yaml >said 2>&1 && grep -q '^lab tree: ok, 1 service$' said
say $? "unless its switches have a spanning tree"

"$sockeye" lab "$examples/home.yaml" --trace-file trace >said 2>&1 &&
    grep -q '^lab home: ok, 6 services$' said &&
    ! grep 'wire=internet-server' trace | grep -q 'source=192[.]168[.]' &&
    grep -q 'wire=house-box .*source=198[.]51[.]100[.]1 .*dest_port=80 ' trace
say $? "outside of a translator its address alone is seen; a forwarded port keeps the client's"
"$sockeye" lab "$examples/home.yaml" --tables >said 2>&1 &&
    grep -q '^  tcp  *192.168.1.10:80  *198.51.100.254:8080 .* configured ' said &&
    grep -q '^  tcp  *192.168.1.12[89]:[0-9]*  *198.51.100.254:[0-9]* .* traffic ' said
say $? "a translator's table has what was configured and what passed"
"$sockeye" lab "$examples/ipv6.yaml" --tables >said 2>&1 &&
    grep -q '^  eth0  *2001:db8:1:.*/64  *PREFERRED  *ra ' said && grep -q '^lab ipv6: ok, 5 services$' said
say $? "hosts make addresses of what a router advertises"

# a router's addresses are not asked for, so nobody waits for them; the lab may say otherwise
cat >six.yaml <<END
@networks: [{name: one, addresses: ['fd00:1::/64']}, {name: two, addresses: ['fd00:2::/64']}]
routers: [{name: r, interfaces: [{name: eth0, net: one}, {name: eth1, net: two}]}]
hosts:
  - {name: a, net: one, traffic: [{ping: {to: b, count: 1}}]}
  - {name: b, net: two}
END
sed 's/^@//' six.yaml >six-at-once.yaml
sed 's/^@/settings: [net.ipv6.conf.all.dad_transmits=1]\n/' six.yaml >six-asked.yaml
"$sockeye" lab six-at-once.yaml --trace >trace && grep -q '^  seed 1, 0\.0' trace &&
    grep -q 'event=address host=r address=fd00:1::ffff/64 .*new=PREFERRED' trace
say $? "a router passes IPv6 on from the first moment"
"$sockeye" lab six-asked.yaml --trace 2>&1 |
    grep -q 'event=address host=r address=fd00:1::ffff/64 .*new=TENTATIVE'
say $? "a lab may have routers ask for their addresses first"

cat >named.yaml <<END
networks: [{name: lan, addresses: [10.1.0.0/24, 'fd00:1::/64'], dhcp: {}, ip6: auto}]
routers: [{name: r, net: lan}]
hosts:
  - name: a
    net: lan
    programs: [{run: getent ahosts b, after: "a.addressed, b.addressed", log: stdout}]
  - {name: b, net: lan}
END
"$sockeye" lab named.yaml >said 2>&1 && grep -q '^10\.1\.0\.129 ' said && grep -q '^fd00:1::[0-9a-f:]*ff:fe' said
say $? "a host has a name in each family that it learns an address of"

sed 's/^@/faults: [{at: 0s, partition: {from: [a], to: [b]}}]\n/' six.yaml >parted.yaml
"$sockeye" lab parted.yaml >said 2>&1
[ $? -eq 1 ] && grep -q 'dropped (a partition lies between the hosts): `faults` or sockeye set parted' said
say $? "a lab that fails by a partition is told so"

# RFC 6296: fd00:1 and 2001:db8:aa differ by 0xce9e in a checksum, which the subnet 5 takes up
cat >prefixes.yaml <<END
name: prefixes
networks:
  - {name: inner, addresses: ['fd00:1:0:5::/64', 10.1.0.0/24]}
  - {name: outer, addresses: ['2001:db8:1::/64', 10.2.0.0/24]}
  - {name: third, addresses: ['2001:db8:2::/64']}
routers:
  - name: gate
    interfaces: [{name: in, net: inner}, {name: out, net: outer}]
    nat: home
    outside: out
    nat6: {inside: 'fd00:1::/48', outside: '2001:db8:aa::/48'}
  - {name: core, interfaces: [{name: a, net: outer}, {name: b, net: third}]}
hosts:
  - name: pc
    net: inner
    traffic:
      - source: {to: '[2001:db8:1::1]:80', bytes: 10kB, echoed: true}
      - source: {to: '10.2.0.1:80', bytes: 10kB, echoed: true}
      - ping: {to: far}
      - echo: {port: 81}
  - name: near
    net: outer
    traffic: [{echo: {port: 80, protocol: tcp}}, {source: {to: '[2001:db8:aa:cea3::1]:81', bytes: 10kB, echoed: true}}]
  - {name: far, net: third, traffic: [{source: {to: '[2001:db8:aa:cea3::1]:81', bytes: 10kB, echoed: true, protocol: udp}}]}
END
"$sockeye" lab prefixes.yaml --trace --trace-file trace >said 2>&1 &&
    [ "$(grep 'wire=outer-near .*ip6*{' trace | grep -o 'source=2001:db8:aa[0-9a-f:]*\|source=fd00[0-9a-f:]*' | sort -u)" = source=2001:db8:aa:cea3::1 ]
say $? "nat6: each inner address has its outer one, from both sides, and others know the way"
sed "s#aa::/48#1::/48#; s#'fd00:1::/48'#'fd00:1::/56'#" prefixes.yaml >wrong.yaml
! "$sockeye" lab wrong.yaml >said 2>&1 && grep -q 'nat6.outside: .*is not as long as' said &&
    grep -q 'nat6.outside: "2001:db8:1::/48" has addresses of network "outer"' said
say $? "prefixes of two lengths, or of a network of the lab, are refused"
