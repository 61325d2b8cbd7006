#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs that a machine may have or not, over IPv6: on one host by [::1] and by localhost, and
# between two hosts by their addresses and by their names. Where they open [::], they get a socket
# of both families, which IPv4 reaches too.
. "$(dirname "$0")/common"

# try PROGRAM SENTENCE COMMAND...: skipped, and said so, where the program is not there
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
# served COMMAND...: on b, in the background
served() {
    on b "$@" >served.log 2>&1 &
    sleep 1
}
# got ADDRESS PORT [HOST]: the file of a web server
got() {
    on "${3:-a}" curl -sS -g -m 30 -o got "http://$1:$2/big.bin" && cmp got big.bin
}
everywhere() {
    got '[::1]' "$1" b && got '127.0.0.1' "$1" b && got '[fd00::2]' "$1" && got 10.0.0.2 "$1"
}
with_python() {
    served python3 -m http.server --bind :: 8000
    everywhere 8000 && got localhost 8000 b && on a curl -sS -6 -m 30 -o got http://b:8000/big.bin
}
with_nginx() {
    mkdir -p nginx && cat >nginx.conf <<EOF
daemon off;
master_process off;
pid nginx/pid;
error_log nginx/error;
events {}
http {
    access_log nginx/access;
    client_body_temp_path nginx/body; proxy_temp_path nginx/proxy; fastcgi_temp_path nginx/f;
    uwsgi_temp_path nginx/u; scgi_temp_path nginx/s;
    server { listen [::]:8080 ipv6only=off; root $directory; }
}
EOF
    served nginx -p "$directory" -c nginx.conf
    everywhere 8080
}
with_node() {
    served node -e 'require("http").createServer((q, r) =>
        require("fs").createReadStream("big.bin").pipe(r)).listen(8800)'
    everywhere 8800 && on a node -e 'fetch("http://[fd00::2]:8800/").then(
        r => r.arrayBuffer()).then(b => process.exit(b.byteLength == 3000000 ? 0 : 1))'
}
with_java() {
    cat >Fetch.java <<EOF
import java.net.*;

public class Fetch {
    public static void main(String[] arguments) throws Exception {
        for (String name : new String[] {"[fd00::2]", "10.0.0.2"})
            try (var in = new URL("http://" + name + ":8000/big.bin").openStream()) {
                if (in.readAllBytes().length != 3000000)
                    System.exit(1);
            }
        try (var server = new ServerSocket(9000);
             var client = new Socket("::1", 9000);
             var other = new Socket("127.0.0.1", 9000)) {
            if (!(server.accept().getInetAddress() instanceof Inet6Address))
                System.exit(2);
            if (!(server.accept().getInetAddress() instanceof Inet4Address))
                System.exit(3);
        }
    }
}
EOF
    on a java Fetch.java
}
with_nc() {
    served sh -c 'nc -6 -l 7000 >heard'
    echo hello | on a nc -6 -N -w 5 fd00::2 7000
    sleep 1
    [ "$(cat heard)" = hello ]
}
with_iperf3() {
    served iperf3 -s
    on a iperf3 -6 -c fd00::2 -n 2M && on a iperf3 -6 -u -c fd00::2 -n 200K &&
        on a iperf3 -4 -c 10.0.0.2 -n 2M
}
with_ssh() {
    on a ssh -6 -o BatchMode=yes -o StrictHostKeyChecking=no fd00::2 true 2>&1 |
        grep 'Connection refused'
}
with_dig() {
    cat >resolver6.py <<EOF
import socket

server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
server.bind(("::", 5353))
while True:
    query, source = server.recvfrom(512)
    question = query[12:query.index(0, 12) + 5]
    answer = b"\\xc0\\x0c\\0\\x1c\\0\\1\\0\\0\\0\\x3c\\0\\x10" + socket.inet_pton(socket.AF_INET6, "fd00::1")
    server.sendto(query[:2] + b"\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0" + question + answer, source)
EOF
    served python3 resolver6.py
    on a dig +short +tries=1 -p 5353 @fd00::2 AAAA a.test | grep '^fd00::1$'
}

echo 1..9
head -c 3000000 /dev/urandom >big.bin
cat >guests6.yaml <<EOF
time_limit: 100s
wires:
  - {name: wire, between: [a.eth0, b.eth0], delay: 1ms}
hosts:
  - name: a
    interfaces: [{name: eth0, addresses: [10.0.0.1/24, 'fd00::1/64']}]
  - name: b
    interfaces: [{name: eth0, addresses: [10.0.0.2/24, 'fd00::2/64']}]
EOF
stay guests6.yaml
try python3 "curl fetches from python3 -m http.server --bind ::" with_python
try nginx "from nginx, which listens on [::]" with_nginx
try node "node and curl fetch from node" with_node
try java "java fetches, and its server of both families tells them apart" with_java
try nc "nc talks to nc" with_nc
try iperf3 "iperf3 measures, by streams and by datagrams" with_iperf3
try dig "dig asks a server of names" with_dig
try ssh "ssh is refused where no server is" with_ssh
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
