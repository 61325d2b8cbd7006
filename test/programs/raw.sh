#!/bin/sh
# SPDX-License-Identifier: MIT
# Raw sockets and the queue of errors. raw.c answers the same in a lab as on Linux, whose answers are
# in raw.kernel (and are asked anew where we may make a network namespace); and real programs run in a
# lab of two routers: ping, traceroute in all its kinds, mtr, nmap, a raw socket of Python's. What a
# machine has not is skipped, and said so.
. "$(dirname "$0")/common"

${CC:-cc} -O1 -D_GNU_SOURCE -o raw "$here/raw.c" || {
    echo "Bail out! raw.c cannot be compiled"
    exit 1
}
echo 1..24

# skip REASON SENTENCE
skip() {
    number=$((number + 1))
    echo "ok $number - $2 # skip $1"
}
# try PROGRAM SENTENCE COMMAND...
try() {
    program=$1 sentence=$2
    shift 2
    if command -v "$program" >/dev/null; then
        "$@" >said 2>&1
        say $? "$sentence"
    else
        skip "there is no $program" "$sentence"
    fi
}

# on_kernel: raw.c between two namespaces of the network
on_kernel() {
    one=raw1-$$ two=raw2-$$
    ip netns add $one && ip netns add $two &&
        ip link add r0 netns $one type veth peer name r1 netns $two &&
        ip -n $one link set lo up && ip -n $two link set lo up &&
        ip -n $one link set r0 up && ip -n $two link set r1 up &&
        ip -n $one addr add 10.0.0.1/24 brd + dev r0 && ip -n $two addr add 10.0.0.2/24 brd + dev r1 &&
        ip -n $one addr add fd00::1/64 nodad dev r0 && ip -n $two addr add fd00::2/64 nodad dev r1 &&
        until_true ip netns exec $one ping -n -c 1 -W 1 fd00::2 &&
        ip netns exec $one ./raw >kernel.rows
    code=$?
    ip netns del $one
    ip netns del $two
    return $code
}
# In a container a namespace may be made, and nothing run in it.
can_ask() {
    [ "$(id -u)" = 0 ] && ip netns add raw-$$ 2>/dev/null || return 1
    ip netns exec raw-$$ true 2>/dev/null
    code=$?
    ip netns del raw-$$
    return $code
}
case $(uname -r) in 6.18*) is_that_kernel=true ;; *) is_that_kernel=false ;; esac
if $is_that_kernel && can_ask; then
    on_kernel && diff "$here/raw.kernel" kernel.rows >said 2>&1
    say $? "raw.kernel is what this kernel answers"
else
    skip "no network namespaces, or another Linux than 6.18" "raw.kernel is what this kernel answers"
fi

cat >two.yaml <<'EOS'
time_limit: 90s
wires:
  - {name: wire, between: [a.eth0, b.eth0]}
hosts:
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.0.1/24, "fd00::1/64"]}]
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.0.2/24, "fd00::2/64"]}]
EOS
stay two.yaml
on a ./raw >lab.rows 2>&1
diff "$here/raw.kernel" lab.rows >said 2>&1
say $? "raw sockets and queues of errors answer as the kernel's"
leave >said 2>&1
say $? "the lab of two hosts ends well"

cat >routers.yaml <<'EOS'
time_limit: 4min
wires:
  - {name: w1, between: [a.eth0, r1.eth0], delay: 1ms}
  - {name: w2, between: [r1.eth1, r2.eth0], delay: 1ms}
  - {name: w3, between: [r2.eth1, b.eth0], delay: 1ms}
routers:
  - name: r1
    interfaces: [{name: eth0, addresses: [10.0.1.254/24, "fd00:1::254/64"]},
                 {name: eth1, addresses: [10.0.2.1/24, "fd00:2::1/64"]}]
    routes: [{to: 10.0.3.0/24, via: 10.0.2.2}, {to: "fd00:3::/64", via: "fd00:2::2"}]
  - name: r2
    interfaces: [{name: eth0, addresses: [10.0.2.2/24, "fd00:2::2/64"]},
                 {name: eth1, addresses: [10.0.3.254/24, "fd00:3::254/64"]}]
    routes: [{to: 10.0.1.0/24, via: 10.0.2.1}, {to: "fd00:1::/64", via: "fd00:2::1"}]
hosts:
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.1.1/24, "fd00:1::1/64"]}]
    routes: [{to: default, via: 10.0.1.254}, {to: "::/0", via: "fd00:1::254"}]
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.3.1/24, "fd00:3::1/64"]}]
    routes: [{to: default, via: 10.0.3.254}, {to: "::/0", via: "fd00:3::254"}]
EOS
cat >raw.py <<'EOS'
import socket, struct

s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.settimeout(10)
message = struct.pack("!BBHHH", 8, 0, 0, 7, 9)
total = sum(struct.unpack("!4H", message))
message = struct.pack("!BBHHH", 8, 0, ~(total + (total >> 16)) & 0xffff, 7, 9)
s.sendto(message, ("10.0.3.1", 0))
packet, (address, port) = s.recvfrom(2000)
assert address == "10.0.3.1" and packet[9] == 1 and packet[8] == 62, packet
assert packet[20:22] == b"\0\0" and packet[24:] == message[4:], packet
EOS

exceeded() { # exceeded ADDRESS ROUTER WORDS: who asks with one hop hears from the first router
    on a ping -n -c 2 -i 0.3 -t 1 "$1" >heard
    cat heard
    [ "$(grep -c "From $2 icmp_seq=.* $3" heard)" = 2 ]
}
unreachable() {
    on a ping -n -c 1 10.0.1.99 >heard
    cat heard
    grep -q "From 10.0.1.1 icmp_seq=1 Destination Host Unreachable" heard
}
# traced FIRST SECOND LAST [OPTION]...: the three hops, in order. A router tells one source six
# times at once and then once a second, as Linux does: who asked before is waited for
traced() {
    first=$1 second=$2 last=$3
    shift 3
    sleep 4
    on a traceroute -n "$@" "$last" >heard 2>&1
    cat heard
    awk -v first="$first" -v second="$second" -v last="$last" '
        $1 == 1 { a = index($0, " " first " ") } $1 == 2 { b = index($0, " " second " ") }
        $1 == 3 { c = index($0, " " last " ") } NR > 1 && $1 > 3 { more = 1 }
        END { exit !(a && b && c && !more) }' heard
}
traced4() { traced 10.0.1.254 10.0.2.2 10.0.3.1 "$@"; }
traced6() { traced fd00:1::254 fd00:2::2 fd00:3::1 -6 "$@"; }
reported() {
    sleep 4
    on a mtr -n -r -c 2 "$@" >heard 2>&1
    cat heard
    grep -q '1\.|-- [0-9a-f:.]*254 ' heard && grep -q "3\.|-- $1 " heard
}
found() {
    on a nmap -n --unprivileged -sn 10.0.3.1 | grep 'Host is up'
}

scanned() { # of one who may
    on a env NMAP_PRIVILEGED=1 nmap -n -Pn -p 9 "$@" 10.0.3.1 >heard 2>&1
    cat heard
    grep -q '^9/.* closed' heard
}

stay routers.yaml
try python3 "a raw socket of Python's sends a request and hears the reply with its header" \
    on a python3 raw.py
quiet() { # nothing to complain of, but what it prints
    on a ping -n -c 1 10.0.3.1 2>&1 | tee heard
    ! grep WARNING heard
}
try ping "ping finds every option that it asks for" quiet
try ping "ping over two routers" on a ping -n -c 2 -i 0.3 -s 3000 10.0.3.1
try ping "ping over two routers, IPv6" on a ping -n -c 2 -i 0.3 -s 3000 fd00:3::1
try ping "ping is told who says that its time is over" exceeded 10.0.3.1 10.0.1.254 'Time to live'
try ping "ping is told who says that its time is over, IPv6" \
    exceeded fd00:3::1 fd00:1::254 'Time exceeded'
try ping "ping is told by its own host that a neighbor does not answer" unreachable
try traceroute "traceroute" traced4
try traceroute "traceroute -I" traced4 -I
try traceroute "traceroute -T" traced4 -T
try traceroute "traceroute -U" traced4 -U
try traceroute "traceroute -6" traced6
try traceroute "traceroute -6 -I" traced6 -I
try traceroute "traceroute -6 -T" traced6 -T
try mtr "mtr" reported 10.0.3.1
try mtr "mtr, IPv6" reported fd00:3::1
try nmap "nmap -sn of an ordinary user" found
try nmap "nmap -sS" scanned -sS
try nmap "nmap -sU" scanned -sU
try hping3 "hping3 has its SYN answered" on a hping3 -c 1 -S -p 9 10.0.3.1
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
