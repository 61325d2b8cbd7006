#!/bin/sh
# SPDX-License-Identifier: MIT
# Each program of the tests over IPv4, over IPv6, and over IPv4 by mapped addresses, between the same
# two hosts: servers that listen on :: take all three (RFC 3493 3.7, IPV6_V6ONLY is off as on Linux).
# What a machine has not is skipped, and said so.
. "$(dirname "$0")/common"

# where the client's peer is, as its variant writes it
four=10.0.0.2 six=fd00::2 mapped=::ffff:10.0.0.2

# try PROGRAM SENTENCE COMMAND...: skipped where the program is not there
try() {
    program=$1 sentence=$2
    shift 2
    if command -v "$program" >/dev/null; then
        "$@" >said 2>&1
        say $? "$sentence"
    else
        number=$((number + 1))
        echo "ok $number - $sentence # skip there is no $program"
    fi
}
# url ADDRESS PORT
url() {
    case $1 in *:*) echo "http://[$1]:$2" ;; *) echo "http://$1:$2" ;; esac
}
fetch() { # fetch ADDRESS PORT
    on a curl -sS -g -o got "$(url "$1" "$2")/big.bin" && cmp got big.bin
}
measure() { # measure ADDRESS [OPTION]...
    address=$1
    shift
    on a iperf3 -c "$address" -n 1M "$@"
}
ask() {
    on a dig +short +timeout=2 +tries=3 "@$1" -p 5353 www.example.org | grep -q '^10.0.0.2$'
}
send() { # send ADDRESS PORT: nc to nc
    on b nc -l :: "$2" >heard 2>&1 </dev/null &
    until_true on b sh -c "ss -ltn 2>/dev/null | grep -q $2 || sleep 0.3"
    on a nc -N "$1" "$2" <big.bin
    wait $!
    cmp heard big.bin
}
with_node() {
    on a node -e 'fetch(process.argv[1]).then(r => r.arrayBuffer()).then(
        b => process.exit(b.byteLength == 300000 ? 0 : 1))' "$(url "$1" 8800)/"
}
with_java() {
    on a java Fetch.java "$(url "$1" 8000)/big.bin"
}
refused() {
    on a ssh -o BatchMode=yes -o StrictHostKeyChecking=no "$1" true 2>&1 | grep 'Connection refused'
}
resolved() { # resolved OPTION: a name that has addresses of both
    on a curl -sS "$1" -o got http://b:8000/big.bin && cmp got big.bin
}
pinged() {
    on a ping -n -c 2 "$1"
}

head -c 300000 /dev/urandom >big.bin
cat >Fetch.java <<'EOF'
import java.net.*;

public class Fetch {
    public static void main(String[] arguments) throws Exception {
        try (var in = new URL(arguments[0]).openStream()) {
            if (in.readAllBytes().length != 300000)
                System.exit(1);
        }
    }
}
EOF
sed 's/listen 80;/listen [::]:80 ipv6only=off;/' "$here/../../examples/nginx.conf" >nginx.conf
sed 's/AF_INET,/AF_INET6,/; s/"0.0.0.0", 53/"::", 5353/' "$here/../../examples/dns.py" >dns.py
cat >served.js <<'EOF'
require("http").createServer((q, r) => require("fs").createReadStream("big.bin").pipe(r)).listen(8800)
EOF
servers="      - {run: python3 -m http.server 8000 --bind \"::\", background: true}
      - {name: dns, run: python3 dns.py, background: true}
      - {name: services, run: 'python3 $here/services.py ::', background: true}"
command -v nginx >/dev/null && servers="$servers
      - {run: nginx -p . -e stderr -c nginx.conf, background: true}"
command -v iperf3 >/dev/null && servers="$servers
      - {run: iperf3 -s, background: true}"
command -v node >/dev/null && servers="$servers
      - {run: node served.js, background: true}"
cat >families.yaml <<EOF
time_limit: 4min
wires:
  - {name: wire, between: [a.eth0, b.eth0], delay: 1ms}
hosts:
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.0.1/24, "fd00::1/64"]}]
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.0.2/24, "fd00::2/64"]}]
    programs:
$servers
EOF

echo 1..36
stay families.yaml
until_true on a curl -sS -o /dev/null http://10.0.0.2:8000/families.yaml
until_true on a curl -sS -g -o /dev/null "http://[fd00::2]:8000/families.yaml"
for variant in four six mapped; do
    eval "peer=\$$variant"
    fetch "$peer" 8000 >said 2>&1
    say $? "$variant: curl fetches from http.server"
    try nginx "$variant: curl fetches from nginx" fetch "$peer" 80
    try iperf3 "$variant: iperf3 measures TCP" measure "$peer"
    try iperf3 "$variant: iperf3 measures UDP" measure "$peer" -u -b 10M
    if [ $variant = mapped ]; then
        number=$((number + 1))
        echo "ok $number - mapped: dig asks over UDP # skip dig refuses mapped addresses by itself"
    else
        try dig "$variant: dig asks over UDP" ask "$peer"
    fi
    try nc "$variant: nc sends to nc" send "$peer" 9001
    try node "$variant: node fetches from node" with_node "$peer"
    try java "$variant: java fetches" with_java "$peer"
    try ssh "$variant: ssh is refused where no server is" refused "$peer"
    on a python3 "$here/clients.py" "$peer" >said 2>&1
    say $? "$variant: python's sockets, with threads, forks, select, poll, epoll, asyncio"
done
try ping "ping over IPv4" pinged 10.0.0.2
try ping "ping over IPv6" pinged fd00::2
resolved -4 >said 2>&1
say $? "curl -4 takes the IPv4 address of a name"
resolved -6 >said 2>&1
say $? "curl -6 takes the IPv6 address of a name"
resolved --no-progress-meter >said 2>&1
say $? "curl takes an address of a name that has both"
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
