#!/bin/sh
# SPDX-License-Identifier: MIT
# iproute2 in a lab, as an ordinary user, in both families: it tells of its host, changes it, and
# nothing of the machine. Where privilege allows, the same commands run in a network namespace of
# the machine with the same addresses, and what they print is compared line by line. What differs by
# nature is taken out first (same): MAC addresses and what follows from them, the kind of device,
# counters, the state of duplicate address detection, lo's MTU (65,535 here), the broadcast address
# that a lab file's addresses have, and the order of neighbours, which Linux's hash decides.
. "$(dirname "$0")/common"

sentences="ip in a lab tells of its host and changes it, as an ordinary user
what ip prints in a lab is what it prints in a network namespace
ss, net-tools and sysctl tell of their host and change it
ss and net-tools tell of sockets of all kinds, and end them, as in a network namespace
nothing of the machine has changed
nothing is left behind"
echo 1..6
if ! command -v ip >/dev/null; then
    for i in 1 2 3 4 5 6; do
        echo "ok $i - $(echo "$sentences" | sed -n ${i}p) # skip there is no ip"
    done
    exit 0
fi

# ordinary COMMAND...: as an ordinary user, if we are root
ordinary() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
    else
        "$@"
    fi
}

cat >ask.sh <<'END'
PATH=/usr/sbin:/sbin:$PATH
python3 -c '
import socket
for family, to in ((socket.AF_INET, "10.0.0.2"), (socket.AF_INET6, "fd00::2")):
    socket.socket(family, socket.SOCK_DGRAM).sendto(b"x", (to, 9))
import time
time.sleep(1)'
run() {
    echo "\$ $*"
    "$@" 2>&1
    echo "= $?"
}
while read -r line; do
    [ -z "$line" ] || run $line
done <<'EOF'
ip addr
ip link
ip route
ip route show table all
ip -6 route show table all
ip -6 route
ip neigh
ip rule
ip -6 rule
ip route get 10.0.0.2
ip route get 8.8.8.8
ip route get 10.0.0.1
ip route get 127.0.0.1
ip route get fd00::2
ip route get fd00::1
ip route get 2001::1
ip route get 224.0.0.1
ip route get 255.255.255.255
ip -4 -br addr
ip addr add 10.0.5.1/24 dev eth0
ip addr add 10.0.5.1/24 dev eth0
ip addr add fd05::1/64 dev eth0
ip addr add fd05::1/64 dev eth0
ip addr replace 10.0.5.1/24 dev eth0
ip addr add 10.0.5.9/24 dev eth0
ip addr show dev eth0
ip route
ip addr del 10.0.5.1/24 dev eth0
ip addr del 10.0.5.1/24 dev eth0
ip addr show dev eth0
ip addr del fd05::1/64 dev eth0
ip addr del fd05::1/64 dev eth0
ip addr add 10.0.0.7/24 dev eth9
ip addr add 10.0.6.1/40 dev eth0
ip route add 10.9.0.0/16 via 10.0.0.2
ip route add 10.9.0.0/16 via 10.0.0.2
ip route append 10.9.0.0/16 via 10.0.0.3
ip route replace 10.9.0.0/16 via 10.0.0.4
ip route change 10.8.0.0/16 via 10.0.0.4
ip route add 10.9.0.0/16 via 11.0.0.2
ip route add 10.9.0.1/16 via 10.0.0.2
ip route add 10.7.0.0/16 dev eth0
ip route add blackhole 10.6.0.0/16
ip route add prohibit fd06::/64
ip route add unreachable 10.5.0.0/16 metric 7
ip route add fd09::/64 via fd00::2
ip route add fd09::/64 via fd00::2
ip route add fd08::/64 dev eth0 mtu 1400
ip route add fd07::/64 via fd00::2 metric 5 pref high
ip route add 10.4.0.0/16 via 10.0.0.2 mtu 1400 src 10.0.0.1
ip route get 10.4.0.1
ip route get 10.5.0.1
ip route get 10.6.0.1
ip route get fd06::1
ip route show
ip route show 10.9.0.0/16
ip route show proto kernel
ip -6 route show
ip route del 10.9.0.0/16
ip route del 10.9.0.0/16
ip route del 10.99.0.0/16
ip route del blackhole 10.6.0.0/16
ip route del fd09::/64
ip route del fd09::/64
ip route flush 10.7.0.0/16
ip route show
ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev eth0
ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev eth0
ip neigh replace 10.0.0.77 lladdr 02:00:00:00:00:78 dev eth0 nud reachable
ip neigh add fd00::77 lladdr 02:00:00:00:00:77 dev eth0
ip neigh show
ip neigh get 10.0.0.77 dev eth0
ip neigh del 10.0.0.77 dev eth0
ip neigh del 10.0.0.78 dev eth0
ip neigh flush dev eth0
ip neigh show
ip link set eth0 mtu 1400
ip link set eth0 mtu 20
ip link set eth0 mtu 70000
ip link show eth0
ip link set eth0 address 02:00:00:00:00:11
ip link set eth0 address 03:00:00:00:00:11
ip link set eth0 down
ip link show eth0
ip addr show eth0
ip route
ip -6 route
ip route add 10.9.0.0/16 via 10.0.0.2
ip link set eth0 up
ip route
ip -6 route
ip -4 addr show eth0
ip link add new0 type nothing
ip link del eth7
ip route get 8.8.8.8
EOF
exit 0
END
cat >lab.yaml <<EOF
time_limit: 60s
wires: [{name: w0, between: [a.eth0, b.eth0], delay: 1ms}]
hosts:
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.0.1/24, 'fd00::1/64']}]
    routes: [{to: default, via: 10.0.0.2}, {to: default, via: 'fd00::2'}]
    programs: [{run: sh $directory/ask.sh, log: stdout}]
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.0.2/24, 'fd00::2/64']}]
EOF
cp "$sockeye" ./sockeye-of-all
chmod 755 sockeye-of-all
chmod 644 lab.yaml ask.sh
mkdir user
[ "$(id -u)" -ne 0 ] || chown 65534:65534 user
chmod 700 user

# machine FILE: what can be seen of the machine's own network
machine() {
    {
        ip link
        ip addr
        ip route show table all
        ip -6 route show table all
        ip rule
        ip neigh | awk '{print $1, $3}' | sort
        for file in /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_default_ttl; do
            cat $file
        done
    } >"$1" 2>&1
}
machine before
XDG_RUNTIME_DIR=$directory/user ordinary timeout 90 ./sockeye-of-all lab --quiet lab.yaml >said 2>&1
code=$?
# does SAID have this line
has() {
    grep -q -- "$1" said || {
        echo "# not there: $1"
        false
    }
}
[ $code -eq 0 ] && has '^    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0$' &&
    has '^    inet6 fd00::1/64 scope global' && has '^default via 10.0.0.2 dev eth0 $' &&
    has '^default via fd00::2 dev eth0 metric 1024 pref medium$' &&
    has '^10.0.0.2 dev eth0 lladdr [0-9a-f:]* REACHABLE' && has '^32766:	from all lookup main$' &&
    has '^8.8.8.8 via 10.0.0.2 dev eth0 src 10.0.0.1' &&
    has '^fd00::2 from :: dev eth0 proto kernel src fd00::1 metric 256 pref medium$' &&
    has '^    inet 10.0.5.9/24 .*scope global secondary eth0$' &&
    has '^Error: ipv4: Address already assigned.$' && has '^10.9.0.0/16 via 10.0.0.4 dev eth0 $' &&
    has '^fd00::77 dev eth0 lladdr 02:00:00:00:00:77 PERMANENT $' &&
    has '^2: eth0: <BROADCAST,MULTICAST> mtu 1400 qdisc noqueue state DOWN' &&
    has '^RTNETLINK answers: Network is unreachable$'
result=$?
[ $result -eq 0 ] || sed 's/^/# /' said
say $result "$(echo "$sentences" | sed -n 1p)"

number=2
sentence=$(echo "$sentences" | sed -n 2p)
outer=sockeye$$
same() {
    sed -E -e 's/eth0@(if)?[a-z0-9]+    /eth0        /; s/eth0@(if)?[a-z0-9]+/eth0/; s/ link-netns(id)? [a-z0-9]+//' \
        -e 's/(link\/ether|lladdr) [0-9a-f:]{17}/\1 MAC/; s/fe80::[0-9a-f:]+/fe80::X/g' \
        -e 's/ (optimistic )?tentative//; s/ brd [0-9.]+ scope/ scope/; s/mtu 6553[56]/mtu 65536/' \
        -e 's/^(10.0.0.[0-9]+|fd00::[0-9]+) (dev eth0 lladdr .*) (STALE|DELAY|PROBE|REACHABLE) $/\1 \2 KNOWN /' |
        awk '/^\$ /{sorts = /ip neigh/} !sorts || /^[$=]/{if (n) {close("sort")} print; fflush(); next} {print | "sort"; n++}'
}
namespaces() {
    ip netns add "$outer"a && ip netns add "$outer"b || return 1
    ip -n "$outer"a link set lo up && ip -n "$outer"b link set lo up &&
        ip link add eth0 netns "$outer"a type veth peer name eth0 netns "$outer"b &&
        ip -n "$outer"a addr add 10.0.0.1/24 brd + dev eth0 &&
        ip -n "$outer"a addr add fd00::1/64 dev eth0 &&
        ip -n "$outer"b addr add 10.0.0.2/24 brd + dev eth0 &&
        ip -n "$outer"b addr add fd00::2/64 dev eth0 nodad &&
        ip -n "$outer"a link set eth0 up && ip -n "$outer"b link set eth0 up &&
        ip -n "$outer"a route add default via 10.0.0.2 &&
        until_true sh -c "! ip -n ${outer}a addr | grep -q tentative" &&
        ip -n "$outer"a route add default via fd00::2
}
if [ "$(id -u)" -ne 0 ]; then
    echo "ok 2 - $sentence # skip network namespaces need root"
elif ! namespaces >why 2>&1; then
    echo "ok 2 - $sentence # skip $(tail -1 why)"
else
    ip netns exec "$outer"a sh ask.sh >kernel 2>&1
    same <kernel >kernel.same
    same <said >said.same
    diff kernel.same said.same >difference
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' difference
    number=1
    say $result "$sentence"
fi
ip netns del "$outer"a 2>/dev/null
ip netns del "$outer"b 2>/dev/null

number=2
sentence=$(echo "$sentences" | sed -n 3p)
cat >tools.py <<'END'
import os, socket, subprocess, time

monitor = subprocess.Popen(["ip", "monitor", "link", "address", "route", "neigh"])

def run(command):
    print("$ " + command, flush=True)
    subprocess.run(command, shell=True, stderr=subprocess.STDOUT)

a = socket.socket()
a.bind(("0.0.0.0", 8080))
a.listen(5)
c = socket.create_connection(("10.0.0.1", 8080))
d, _ = a.accept()
b = socket.socket(socket.AF_INET6)
b.bind(("::", 8081))
b.listen(7)
e = socket.create_connection(("fd00::1", 8081))
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("10.0.0.1", 53))
u.sendto(b"x", ("10.0.0.2", 9))
time.sleep(0.5)
for command in open("tools.list"):
    run(command.strip())
run("ip addr add 10.0.6.1/24 dev eth0; ip addr del 10.0.6.1/24 dev eth0")
time.sleep(0.3)
monitor.terminate()
END
cat >tools.list <<'END'
ss -lntp
ss -Htan
ss -Htinem state established "( sport = :8080 )"
ss -Huan
ss -s
cat /proc/net/tcp /proc/self/net/udp /proc/net/dev
arp -n
arp -s 10.0.0.50 02:00:00:00:00:50
ip neigh show 10.0.0.50
arp -d 10.0.0.50
ip neigh show 10.0.0.50
netstat -tan
netstat -rn
route add -net 10.44.0.0 netmask 255.255.0.0 gw 10.0.0.2
ip route show 10.44.0.0/16
ifconfig eth0 mtu 1300
ifconfig eth0
sysctl -w net.ipv4.ip_forward=1
sysctl net.ipv4.ip_forward
sysctl -w net.ipv4.tcp_rmem="4096 65536 1000000"
sysctl net.ipv4.tcp_rmem
END
sed "s|run: sh $directory/ask.sh|run: python3 tools.py, directory: $directory|" lab.yaml >tools.yaml
chmod 644 tools.yaml tools.py tools.list
if command -v ss >/dev/null && command -v arp >/dev/null && command -v sysctl >/dev/null; then
    XDG_RUNTIME_DIR=$directory/user ordinary timeout 90 ./sockeye-of-all lab --quiet tools.yaml >said 2>&1
    code=$?
    [ $code -eq 0 ] && has '^LISTEN 0 *5 *0.0.0.0:8080 .*users:(("python3",pid=[0-9]*,fd=3))' &&
        has '^LISTEN 1 *7 .*:8081 ' && has '^ESTAB .* 10.0.0.1:8080 *10.0.0.1:' &&
        has '^ESTAB .*\[fd00::1\]:8081 *\[fd00::1\]:' && has 'skmem:.* reno wscale:.* cwnd:10 ' &&
        has '^UNCONN .* 10.0.0.1:53 ' && has '^TCP:   [0-9]* (estab [0-9]*, closed 0' &&
        has '   0: 00000000:1F90 00000000:0000 0A ' && has '^  eth0: ' &&
        has '^10.0.0.2  *ether ' && has '^10.0.0.50 dev eth0 lladdr 02:00:00:00:00:50 PERMANENT' &&
        has '^Deleted 10.0.0.50 dev eth0 ' &&
        has '^tcp  *0  *0 0.0.0.0:8080  *0.0.0.0:\*  *LISTEN' &&
        has '^0.0.0.0  *10.0.0.2  *0.0.0.0  *UG ' && has '^10.44.0.0/16 via 10.0.0.2 dev eth0' &&
        has '^eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1300$' &&
        [ "$(grep -c '^net.ipv4.ip_forward = 1' said)" -eq 2 ] &&
        has '^net.ipv4.tcp_rmem = 4096	65536	1000000$' &&
        has '^10.44.0.0/16 via 10.0.0.2 dev eth0 ' &&
        has '^2: eth0    inet 10.0.6.1/24 .*scope global eth0' &&
        has '^Deleted 2: eth0    inet 10.0.6.1/24 ' &&
        has '^Deleted 10.0.6.0/24 dev eth0 proto kernel scope link'
    say $? "$sentence"
else
    number=3
    echo "ok 3 - $sentence # skip there are no ss, net-tools and sysctl"
fi
number=4
sentence=$(echo "$sentences" | sed -n 4p)
cat >sockets.py <<'END'
import os, socket, struct, subprocess, sys

path = sys.argv[1]
kept = []

def local(kind, name=None):
    s = socket.socket(socket.AF_UNIX, kind)
    kept.append(s)
    if name:
        s.bind(name)
    return s

listener = local(socket.SOCK_STREAM, path)
listener.listen(5)
client = local(socket.SOCK_STREAM)
client.connect(path)
kept.append(listener.accept()[0])
client.send(b"hi")
waiting = local(socket.SOCK_STREAM)
waiting.connect(path)
local(socket.SOCK_DGRAM, "\0abstract")
local(socket.SOCK_SEQPACKET)
pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
pair[1].shutdown(socket.SHUT_WR)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 89)
raw.connect(("10.0.0.1", 0))
raw6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x806))
cooked = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
cooked.bind(("eth0", 0))
index = socket.if_nametoindex("eth0")
group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
group.setsockopt(socket.IPPROTO_IP, 35, socket.inet_aton("239.1.1.1") + struct.pack("Ii", 0, index))
group6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
group6.setsockopt(socket.IPPROTO_IPV6, 20, socket.inet_pton(socket.AF_INET6, "ff05::99") + struct.pack("i", index))
tcp = socket.socket()
tcp.bind(("10.0.0.1", 8080))
tcp.listen(3)
one = socket.create_connection(("10.0.0.1", 8080))
other = tcp.accept()[0]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("10.0.0.1", 53))

def run(command):
    print("$ " + command, flush=True)
    said = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(said.stdout.decode(), end="")
    print("=", said.returncode)
    return said.stdout.decode()

for command in open("sockets.list"):
    run(command.strip())
said = run("ss -xan")
print("inodes:", all(str(os.fstat(s.fileno()).st_ino) in said for s in (listener, client, pair[0])))
said = run("ss -0anpe")
print("inodes:", all(str(os.fstat(s.fileno()).st_ino) in said for s in (frames, cooked)))
for s in (one, other, udp):
    print(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
try:
    tcp.accept()
except OSError as error:
    print(error)
END
cat >sockets.list <<'END'
ss -x
ss -xlp
ss -xam
ss -wanp
ss -w6an
ss -0an
ss -0e
netstat -xan
netstat -wan
netstat -gn | grep -e 239 -e ff05
cat /proc/net/packet
cat /proc/net/udplite /proc/net/udplite6
grep eth0 /proc/net/dev_mcast | grep -e 01005e -e 333300000099
ip maddr show dev eth0 | grep -e 239 -e ff05 -e inet6.ff02::1$
grep ^Tcp: /proc/net/snmp
ss -Ktan dst 10.0.0.1 dport = :8080
grep ^Tcp: /proc/net/snmp
ss -Kuan src 10.0.0.1:53
ss -Kxa
ss -Ktln
ss -tan
ss -uan
END
# Numbers of sockets and processes are others, and so is where they are in memory. The inode of a
# path is the machine's, and not told in a lab. Tables have no order.
told() {
    sed -E -e 's/[0-9a-f]{16}/P/g; s/pid=[0-9]+,fd=[0-9]+/pid=N/; s/ sk:[0-9a-f]+/ sk:N/; s/ino:[0-9]+ dev:[^ ]*//' \
        -e 's/[0-9]{4,}( |$)/N\1/g; s/ino:[0-9]+/ino:N/g; s/peers: [0-9 ]+/peers: N/; s/10.0.0.1:[0-9]{5}/10.0.0.1:P/g' \
        -e 's/ +/ /g; s/ $//; s/^(Netid )?(State )?Recv-Q.*/head/' |
        awk '/^\$ /{if (n) close("sort"); print; fflush(); n = 0; next} {print | "sort"; n++}'
}
sed "s|run: sh $directory/ask.sh|run: python3 sockets.py $directory/user/s, directory: $directory|" lab.yaml >sockets.yaml
chmod 644 sockets.yaml sockets.py sockets.list
if [ "$(id -u)" -ne 0 ]; then
    echo "ok 4 - $sentence # skip network namespaces need root"
elif ! command -v ss >/dev/null || ! command -v netstat >/dev/null; then
    echo "ok 4 - $sentence # skip there are no ss and netstat"
elif ! namespaces >why 2>&1; then
    echo "ok 4 - $sentence # skip $(tail -1 why)"
else
    ip netns exec "$outer"a python3 sockets.py "$directory/user/s" >kernel 2>&1
    rm -f user/s
    XDG_RUNTIME_DIR=$directory/user ordinary timeout 90 ./sockeye-of-all lab --quiet sockets.yaml >said 2>&1
    rm -f user/s
    told <kernel >kernel.same
    told <said >said.same
    diff kernel.same said.same >difference
    result=$?
    [ $result -eq 0 ] || sed 's/^/# /' difference
    number=3
    say $result "$sentence"
fi
ip netns del "$outer"a 2>/dev/null
ip netns del "$outer"b 2>/dev/null
number=4
machine after
diff before after >difference
result=$?
[ $result -eq 0 ] || sed 's/^/# /' difference
say $result "$(echo "$sentences" | sed -n 5p)"
nothing_left
say $? "$(echo "$sentences" | sed -n 6p)"
