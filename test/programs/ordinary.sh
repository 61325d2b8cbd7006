#!/bin/sh
# SPDX-License-Identifier: MIT
# The tools of a network's administrator in a lab, as an ordinary user without capabilities, and
# under a filter that allows no namespaces and no privilege (forbid.c): ping, traceroute, arping,
# ip, ss, arp, ifconfig, nmap, hping3, tcpdump, dumpcap, tshark, in both families. Where privilege
# allows, the same commands run as root between three network namespaces with the same addresses,
# and what they print is compared line by line; what differs by nature is taken out first (same):
# times, MAC addresses, counts of frames and segments, the numbers of IPv4 datagrams (ours that may not be cut
# have 0), what one kind of congestion control says of itself.
. "$(dirname "$0")/common"

sentences="an ordinary user who can gain nothing runs the tools, and they say what root's would
the lab of it ends well
dumpcap's file has the frames of our own capture, byte by byte, and their times
a host's programs are root where its lab file says so, and may do no more
what the tools print in a lab is what they print in network namespaces
nothing is left behind"
sentence() {
    echo "$sentences" | sed -n "$1p"
}
skip() { # REASON SENTENCE
    number=$((number + 1))
    echo "ok $number - $2 # skip $1"
}
echo 1..6
ordinary() { # as an ordinary user, if we are root; his programs find their files' capabilities
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all -- ./forbid "$@"
    else
        ./forbid "$@"
    fi
}
${CC:-cc} -O1 -D_GNU_SOURCE -o forbid "$here/forbid.c" || {
    echo "Bail out! forbid.c cannot be compiled"
    exit 1
}

cat >serve.py <<'EOF'
import socket, threading
def talk(c):
    try:
        c.sendall(c.recv(3000))
        c.recv(1)
    except OSError: # who scans our port takes it back at once
        pass
    c.close()
def serve(family, address):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, 7000))
    s.listen(5)
    while True:
        c, _ = s.accept()
        threading.Thread(target=talk, args=(c,), daemon=True).start()
threading.Thread(target=serve, args=(socket.AF_INET, "10.0.3.1"), daemon=True).start()
serve(socket.AF_INET6, "fd00:3::1")
EOF
cat >asks.py <<'EOF'
import socket, subprocess, sys, time
held = []
for family, own, to in ((socket.AF_INET, "10.0.1.1", "10.0.3.1"),
                        (socket.AF_INET6, "fd00:1::1", "fd00:3::1")):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((own, 40000))
    for i in range(100):
        try:
            s.connect((to, 7000))
            break
        except OSError:
            time.sleep(0.1)
    s.sendall(b"x" * 1000)
    got = 0
    while got < 1000:
        got += len(s.recv(2000))
    held.append(s)
time.sleep(0.5)
for line in open("asks.list"):
    line = line.rstrip()
    if not line or line[0] == "#":
        continue
    print("$ " + line, flush=True)
    r = subprocess.run(line, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=60)
    print(r.stdout.decode(), end="")
    print("=", r.returncode, flush=True)
EOF
# A router tells one source six times at once of what it drops and then once a second, as Linux
# does: who asked before is waited for.
cat >asks.list <<'EOF'
ping -n -c 2 -i 0.2 10.0.3.1
ping -n -c 2 -i 0.2 fd00:3::1
ping -n -c 1 -s 3000 10.0.3.1
ping -n -c 1 -s 3000 fd00:3::1
ping -n -q -c 3 -i 0.2 -p ab 10.0.3.1
ping -n -c 1 -t 1 10.0.3.1
ping -n -c 1 -t 1 fd00:3::1
ping -n -c 1 -w 1 10.0.9.1
ping -n -c 1 -w 1 fd00:9::1
ping -n -c 1 127.0.0.1
ping -n -c 1 ::1
ping -n -c 1 -M do -s 1473 10.0.3.1
sleep 3
traceroute -n -w 1 -q 1 10.0.3.1
traceroute -n -w 1 -q 1 -I 10.0.3.1
traceroute -n -w 1 -q 1 -T -p 9 10.0.3.1
traceroute -n -w 1 -q 1 -U 10.0.3.1
sleep 3
traceroute -n -w 1 -q 1 fd00:3::1
traceroute -n -w 1 -q 1 -I fd00:3::1
traceroute -n -w 1 -q 1 -T -p 9 fd00:3::1
arping -c 2 -w 5 -I eth0 10.0.1.254
arping -c 1 -w 1 -I eth0 10.0.1.77
arping -D -c 1 -w 1 -I eth0 10.0.1.254
ip addr
ip -6 addr
ip link show eth0
ip route
ip -6 route
ip route get 10.0.3.1
ip -6 route get fd00:3::1
ip neigh show 10.0.1.254
ip -6 neigh show fd00:1::254
ss -Htin dport = 7000
ss -Htn
arp -n
ifconfig eth0
netstat -rn
nmap -n -sT -Pn -p 9,7000 10.0.3.1
nmap -6 -n -sT -Pn -p 9,7000 fd00:3::1
NMAP_PRIVILEGED=1 nmap -n -sS -Pn -p 9,7000 10.0.3.1
NMAP_PRIVILEGED=1 nmap -n -sU -Pn -p 9 10.0.3.1
NMAP_PRIVILEGED=1 nmap -6 -n -sS -Pn -p 9,7000 fd00:3::1
hping3 -q -c 1 -S -p 9 10.0.3.1
hping3 -q -c 1 -1 10.0.3.1
sh heard.sh tcpdump -n -t -c 4 icmp
sh heard.sh tcpdump -n -t -e -c 4 icmp
sh heard.sh tcpdump -n -t -i any -c 4 icmp
sh heard.sh tcpdump -n -t -c 4 icmp6 and '"(ip6[40] == 128 or ip6[40] == 129)"'
sh heard.sh tcpdump -w ordinary/heard.pcap -U -c 4 icmp && tcpdump -n -t -v -r ordinary/heard.pcap
sh heard.sh dumpcap -q -w ordinary/heard.pcapng -c 4 -f icmp && tshark -n -T fields -e ip.src -e ip.dst -e icmp.seq -e frame.len -r ordinary/heard.pcapng
sh heard.sh tshark -n -q -c 4 -f icmp -z io,phs
tcpdump --list-interfaces | grep -v -e bluetooth -e dbus -e nflog -e nfqueue -e usbmon
EOF
# what a machine has not is left out, and said so
for program in ping traceroute arping ip ss arp ifconfig netstat nmap hping3 tcpdump dumpcap tshark; do
    command -v $program >/dev/null && continue
    echo "# there is no $program"
    grep -v -w -e "^$program" -e "^NMAP_PRIVILEGED=1 $program" -e "heard.sh $program" asks.list >left
    mv left asks.list
done
# heard.sh CAPTURE...: what it says while two pings of each family come and go
cat >heard.sh <<'EOF'
: >ordinary/why
program=$1
shift
[ "$program" != tcpdump ] || set -- -Z "$(id -un)" "$@" 
case " $* " in *" -i "*) ;; *) set -- -i eth0 "$@" ;; esac
eval timeout 30 "$program" "$@" 2>ordinary/why &
i=0
while [ $i -lt 200 ] && ! grep -q -i -e listening -e '^File: ' -e 'Capture started' ordinary/why; do
    sleep 0.1
    i=$((i + 1))
done
ping -n -q -c 2 -i 0.2 10.0.3.1 >/dev/null
ping -n -q -c 2 -i 0.2 fd00:3::1 >/dev/null
wait
grep -e 'packets captured' -e 'dropped by kernel' -e dropped/ ordinary/why | sed 's/.*[^0-9]\([0-9]* packets captured\)/\1/'
EOF
cat >lab.yaml <<'EOF'
time_limit: 4min
wires:
  - {name: w1, between: [a.eth0, r.eth0], delay: 1ms}
  - {name: w2, between: [r.eth1, b.eth0], delay: 1ms}
routers:
  - name: r
    interfaces: [{name: eth0, addresses: [10.0.1.254/24, "fd00:1::254/64"]},
                 {name: eth1, addresses: [10.0.3.254/24, "fd00:3::254/64"]}]
hosts:
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.3.1/24, "fd00:3::1/64"]}]
    routes: [{to: default, via: 10.0.3.254}, {to: "::/0", via: "fd00:3::254"}]
    programs: [{run: python3 serve.py, background: true}]
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.1.1/24, "fd00:1::1/64"]}]
    routes: [{to: default, via: 10.0.1.254}, {to: "::/0", via: "fd00:1::254"}]
    programs: [{run: python3 asks.py, log: stdout}]
EOF
cp "$sockeye" ./sockeye-of-all
chmod 755 sockeye-of-all forbid
chmod 644 lab.yaml ./*.py ./*.sh asks.list
mkdir -p ordinary/run kernel
[ "$(id -u)" -ne 0 ] || chown -R 65534:65534 ordinary
chmod 700 ordinary/run
in_lab() {
    XDG_RUNTIME_DIR=$directory/ordinary/run HOME=$directory/ordinary \
        ordinary timeout 240 ./sockeye-of-all lab --quiet lab.yaml
}
# has PROGRAM LINE...: the lab said so, if there is that program
has() {
    program=$1
    shift
    command -v $program >/dev/null || return 0
    for line in "$@"; do
        grep -q -e "$line" lab.said && continue
        echo "# not there: $line"
        lacks=1
    done
}
in_lab >lab.said 2>&1
code=$?
cp lab.said lab.rows
{
    lacks=0
    has ping '^2 packets transmitted, 2 received' '^3008 bytes from 10.0.3.1' \
        '^3008 bytes from fd00:3::1' '^From 10.0.1.254 icmp_seq=1 Time to live exceeded'
    has traceroute '^ 2  10.0.3.1  ' '^ 2  fd00:3::1  '
    has arping '^Unicast reply from 10.0.1.254'
    has ip '^    inet 10.0.1.1/24 ' '^    inet6 fd00:1::1/64 ' '^default via 10.0.1.254 dev eth0' \
        '^default via fd00:1::254 dev eth0' '^10.0.1.254 dev eth0 lladdr' \
        '^fd00:1::254 dev eth0 lladdr .* router '
    has ss '^ESTAB .* 10.0.1.1:40000 *10.0.3.1:7000' 'reno wscale:.* mss:1448 ' \
        '^ESTAB .*\[fd00:1::1\]:40000 *\[fd00:3::1\]:7000'
    has arp '^10.0.1.254  *ether '
    has ifconfig '^        inet 10.0.1.1  netmask 255.255.255.0  broadcast 10.0.1.255'
    has nmap '^7000/tcp open ' '^9/udp  *closed'
    has hping3 '^1 packets transmitted, 1 packets received, 0% packet loss'
    has tcpdump '^IP 10.0.3.1 > 10.0.1.1: ICMP echo reply' '^4 packets captured' \
        '^IP6 fd00:3::1 > fd00:1::1: ICMP6, echo reply' '^eth0  Out IP 10.0.1.1 > 10.0.3.1: ICMP'
    has tshark '^ *icmp  *frames:4 bytes:392'
} >said
[ $lacks -eq 0 ]
result=$?
[ $result -eq 0 ] || sed 's/^/# /' lab.said
say $result "$(sentence 1)"
[ $code -eq 0 ]
say $? "$(sentence 2)"

# dumpcap and our own capture of the same wire: number by number the same bytes; what the host sent
# stands in both at the same time of the lab, what it heard a millisecond later, the wire's delay
cat >pair.yaml <<'EOF'
time_limit: 90s
wires: [{name: w, between: [a.eth0, b.eth0], delay: 1ms}]
hosts:
  - {name: b, interfaces: [{name: eth0, addresses: [10.0.3.1/24, "fd00:3::1/64"]}]}
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.3.2/24, "fd00:3::2/64"]}]
    programs: [{run: sh pair.sh, log: stdout}]
EOF
pings='icmp or (icmp6 and (ip6[40] == 128 or ip6[40] == 129))'
cat >pair.sh <<EOF
sh heard.sh dumpcap -q -w ordinary/pair.pcapng -c 8 -f "'$pings'"
EOF
chmod 644 pair.*
frames() {
    tcpdump -r "$1" -t -n -xx "$pings" 2>/dev/null
}
stamps() {
    tcpdump -r "$1" --nano -tt -n "$pings" 2>/dev/null
}
if command -v dumpcap >/dev/null && command -v tcpdump >/dev/null; then
    XDG_RUNTIME_DIR=$directory/ordinary/run HOME=$directory/ordinary ordinary timeout 90 \
        ./sockeye-of-all lab --quiet --pcap ordinary/own.pcapng pair.yaml >said 2>&1 &&
        frames ordinary/pair.pcapng >one && frames ordinary/own.pcapng >two &&
        [ "$(grep -c '^IP' one)" -eq 8 ] && diff one two >>said &&
        stamps ordinary/pair.pcapng >one && stamps ordinary/own.pcapng >two && cat one two >>said &&
        paste -d ' ' one two | sed 's/\([^ ]*\) .*\(10.0.3.2\|fd00:3::2\) > .* \([0-9.]*\) IP.*/\1 \3 0/
            s/\([^ ]*\) .*\(10.0.3.1\|fd00:3::1\) > .* \([0-9.]*\) IP.*/\1 \3 1/' >both &&
        python3 -c '
from decimal import Decimal
apart = set()
for line in open("both"):
    heard, own, came = (Decimal(word) for word in line.split())
    apart.add(heard - own - came / 1000)
print(apart)
raise SystemExit(len(apart) != 1)' >>said
    say $? "$(sentence 3)"
else
    skip "there is no dumpcap, or no tcpdump" "$(sentence 3)"
fi

# As root: who looks at its user sees root, who gives it away goes on, and nothing more is allowed.
cat >root.yaml <<'EOF'
time_limit: 90s
wires: [{name: w, between: [a.eth0, b.eth0], delay: 1ms}]
hosts:
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.3.1/24, "fd00:3::1/64"]}]
    programs: [{run: id -u, log: ordinary/user}]
  - name: a
    as: root
    interfaces: [{name: eth0, addresses: [10.0.3.2/24, "fd00:3::2/64"]}]
    programs: [{run: sh root.sh, log: stdout}]
EOF
cat >root.py <<'EOF'
import ctypes, os
print(os.getuid(), os.geteuid(), os.getgid(), os.getegid(), os.getresuid(), os.getresgid())
libc = ctypes.CDLL(None, use_errno=True)
header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
libc.capget(header, data)
print([hex(n) for n in data])
os.setgroups([5])
os.setgid(5)
os.setuid(5)
print("still", os.getuid())
print(libc.prctl(24, 13, 0, 0, 0), libc.capset(header, data))
EOF
cat >root.sh <<'EOF'
id -u
python3 root.py
cat root.only
if command -v nmap >/dev/null; then nmap -n -Pn -v -p 9 10.0.3.1; fi
if command -v tcpdump >/dev/null; then
    tcpdump -i eth0 -c 1 -n -t icmp 2>ordinary/why &
    i=0
    while [ $i -lt 200 ] && ! grep -q listening ordinary/why; do
        sleep 0.1
        i=$((i + 1))
    done
    ping -q -c 1 10.0.3.1
    wait
fi
EOF
echo "not for you" >root.only
chmod 644 root.*
[ "$(id -u)" -ne 0 ] || chmod 600 root.only
XDG_RUNTIME_DIR=$directory/ordinary/run ordinary timeout 90 ./sockeye-of-all lab --quiet root.yaml \
    >lab.said 2>&1
{
    lacks=0
    has id '^0$'
    has python3 '^0 0 0 0 (0, 0, 0) (0, 0, 0)$' '^still 0$' '^0 0$' \
        "^\['0xffffffff', '0xffffffff', '0x0', '0x1ff', '0x1ff', '0x0'\]$"
    has nmap 'SYN Stealth Scan' '^9/tcp closed'
    has tcpdump '^IP 10.0.3.2 > 10.0.3.1: ICMP echo request'
    [ "$(id -u)" -ne 0 ] || has cat '^cat: root.only: Permission denied'
} >said
[ $lacks -eq 0 ] && [ "$(cat ordinary/user)" -ne 0 ]
result=$?
[ $result -eq 0 ] || sed 's/^/# /' lab.said
say $result "$(sentence 4)"

outer=ordinary$$
namespaces() {
    for name in a r b; do
        ip netns add $outer$name && ip -n $outer$name link set lo up || return 1
    done
    ip link add eth0 netns ${outer}a type veth peer name eth0 netns ${outer}r &&
        ip link add eth1 netns ${outer}r type veth peer name eth0 netns ${outer}b || return 1
    while read -r host interface four six; do
        ip -n $outer$host addr add $four brd + dev $interface &&
            ip -n $outer$host addr add $six dev $interface nodad &&
            ip -n $outer$host link set $interface up || return 1
    done <<EOF
a eth0 10.0.1.1/24 fd00:1::1/64
r eth0 10.0.1.254/24 fd00:1::254/64
r eth1 10.0.3.254/24 fd00:3::254/64
b eth0 10.0.3.1/24 fd00:3::1/64
EOF
    ip netns exec ${outer}r sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 &&
        ip netns exec ${outer}a sysctl -q -w net.ipv4.tcp_congestion_control=reno &&
        ip -n ${outer}a route add default via 10.0.1.254 &&
        ip -n ${outer}a route add default via fd00:1::254 &&
        ip -n ${outer}b route add default via 10.0.3.254 &&
        ip -n ${outer}b route add default via fd00:3::254 &&
        until_true sh -c "! ip -n ${outer}a addr | grep -q tentative"
}
# What differs by nature
same() {
    sed -E -e 's/time=[0-9.]+ ms/time=T/; s/(time|rtt min.*=|round-trip.*=|[0-9a-f.:]+  ) ?[0-9./]+ ?ms/\1 T/g' \
        -e 's/(rtt=)[0-9.]+ ms/\1T/; s/(ICMP6?,? echo [a-z]+, id) [0-9]+/\1 N/; s/, id [0-9]+, offset/, id N, offset/' \
        -e 's/ id=[0-9]+/ id=N/; s/\[[0-9A-F:]{17}\]  [0-9.]+ms/[MAC] T/; s/[0-9a-f]{2}(:[0-9a-f]{2}){5}/MAC/g' \
        -e 's/eth0@if[0-9]+/eth0/; s/ link-netns [a-z0-9]+//; s/ nodad//; s/fe80::[0-9a-f:]+/fe80::X/' \
        -e 's/mtu 6553[56]/mtu 65536/; s/((RX|TX) packets) .*/\1 N/' \
        -e 's/Nmap ([0-9.]+) .*/Nmap \1/; s/\([0-9.]+s latency/(T latency/; s/in [0-9.]+ seconds/in T/' \
        -e 's/wscale:[^ ]*/wscale/; s/rto:[^ ]*/rto/; s/rtt:[^ ]*/rtt/; s/bytes_acked:100[01]/bytes_acked:1000/; s/ send [0-9]+.*//' \
        -e 's/ (ato|cwnd|ssthresh|retrans|bytes_sent|bytes_retrans|dsack_dups|(data_)?segs_(in|out)):[^ ]*//g' \
        -e 's/^(10.0.1.254|fd00:1::254) (dev eth0 lladdr .*) [A-Z]+ $/\1 \2 KNOWN/' \
        -e 's/Up, Running, Connected/Up, Running/' |
        grep -v -e '^        inet6 ' -e '^Running as user' -e '^$' -e '^ *time [0-9]'
}
if [ "$(id -u)" -ne 0 ]; then
    skip "network namespaces need root" "$(sentence 5)"
elif ! namespaces >why 2>&1; then
    skip "$(tail -1 why)" "$(sentence 5)"
else
    rm -f ordinary/heard.*
    chown root ordinary # dumpcap gives root's privileges away
    ip netns exec ${outer}b python3 serve.py &
    server=$!
    ip netns exec ${outer}a python3 asks.py >kernel.said 2>&1
    kill $server
    same <kernel.said >kernel.same
    same <lab.rows >lab.same
    diff kernel.same lab.same >said
    say $? "$(sentence 5)"
fi
for name in a r b; do
    ip netns del $outer$name 2>/dev/null
done
nothing_left
say $? "$(sentence 6)"
exit $failed
