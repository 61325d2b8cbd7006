#!/bin/sh
# SPDX-License-Identifier: MIT
# The tools everybody has: curl, wget, nginx, nc, dig, unmodified, each as its user would call it.
. "$(dirname "$0")/common"

# same FILE FILE
same() {
    cmp "$1" "$2" >>said 2>&1
}
# eight PORT: curl fetches eight files at once
eight() {
    rm -f part.*
    # shellcheck disable=SC2046
    on a curl -sS --no-progress-meter -Z --parallel-max 8 \
        $(for i in 1 2 3 4 5 6 7 8; do echo "-o part.$i http://b:$1/big.bin"; done) >said 2>&1 || return 1
    for i in 1 2 3 4 5 6 7 8; do same part.$i big.bin || return 1; done
}

echo 1..23
head -c 3000000 /dev/urandom >big.bin
echo hello >small.txt
cp "$here/../../examples/nginx.conf" .
two_hosts tools.yaml "delay: 1ms, rate: 1Gbit" "    traffic: [echo: {}]" "    programs:
      - {run: python3 -m http.server 8000, background: true}
      - {name: upload, run: python3 $here/upload.py 8001, background: true}
      - {name: dns, run: python3 $here/../../examples/dns.py, background: true}
      - {run: nginx -p . -e stderr -c nginx.conf, background: true}"
stay tools.yaml
until_true on a curl -s -o /dev/null http://b/small.txt
until_true on a curl -s -o /dev/null http://b:8001/small.txt
until_true on a curl -s -o /dev/null http://b:8000/small.txt

on a curl -sS -o got http://b:8000/big.bin >said 2>&1 && same got big.bin
say $? "curl fetches from http.server"
on a curl -sS -T big.bin http://b:8001/up >said 2>&1 && same put-up big.bin
say $? "curl uploads with -T"
on a curl -sSv http://b:8001/small.txt http://b:8001/small.txt >said 2>&1 &&
    grep -q 'Re-using existing connection' said && [ "$(grep -c '^hello$' said)" -eq 2 ]
say $? "curl keeps a connection alive"
eight 8001
say $? "curl -Z fetches eight files at once from a server of threads"
on a curl -sS http://b:8002/ >said 2>&1
[ $? -eq 7 ]
say $? "curl at a port where nobody listens: exit code 7"
on a curl -sS http://no-such-host/ >said 2>&1
[ $? -eq 6 ]
say $? "curl at an unknown host: exit code 6"
on a curl -sS --connect-timeout 1 http://10.0.0.77/ >said 2>&1
[ $? -eq 28 ]
say $? "curl at an address where nobody is, with a timeout: exit code 28"
on a curl -sS http://10.0.0.77/ >said 2>&1
[ $? -eq 7 ] && grep -q -i -e 'no route' -e "couldn't connect" said
say $? "curl at an address where nobody is: no route, soon"
on a curl -sS http://192.168.7.7/ >said 2>&1
[ $? -eq 7 ]
say $? "curl at a network to which no route leads: exit code 7"
on a wget -q -O got http://b:8000/big.bin >said 2>&1 && same got big.bin
say $? "wget fetches from http.server"
on a wget -q -O got http://b/big.bin >said 2>&1 && same got big.bin
say $? "wget fetches from nginx, which sends by sendfile"
on a wget -nv -O got --tries=1 http://b:8002/ >said 2>&1
[ $? -eq 4 ] && grep -q 'Connection refused' said
say $? "wget at a port where nobody listens: connection refused"
on a curl -sSv http://b/small.txt http://b/small.txt >said 2>&1 &&
    grep -q 'Re-using existing connection' said && [ "$(grep -c '^hello$' said)" -eq 2 ]
say $? "nginx keeps a connection alive"
eight 80
say $? "nginx serves eight at once with one worker"

on b nc -l 9001 >heard 2>said </dev/null &
sleep 0.5
on a nc -N b 9001 <big.bin >>said 2>&1
wait $!
same heard big.bin
say $? "nc sends to a listening nc"
on b nc -N -l 9002 <big.bin >/dev/null 2>said &
sleep 0.5
on a nc -d b 9002 >heard 2>>said
same heard big.bin
say $? "a listening nc sends to nc"
(sleep 1; echo pong; sleep 1) | on b nc -u -l 9003 >heard.b 2>said &
sleep 0.5
(echo ping; sleep 1.5) | on a nc -u -w 1 b 9003 >heard.a 2>>said
[ "$(cat heard.a)" = pong ] && [ "$(cat heard.b)" = ping ]
say $? "nc -u talks both ways"
on a nc -z b 8000 >said 2>&1 && ! on a nc -z b 8002 >>said 2>&1
say $? "nc -z tells an open port from a closed one"
on a dig +short +timeout=1 +tries=3 @10.0.0.2 www.example.org >said 2>&1 &&
    [ "$(cat said)" = 10.0.0.2 ]
say $? "dig asks a name server over UDP"
on a dig +tcp +timeout=1 +tries=1 @10.0.0.2 www.example.org >said 2>&1
[ $? -eq 9 ] && grep -q 'connection refused' said
say $? "dig over TCP is refused where only UDP is served"
on a python3 -c '
import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
s.settimeout(3)
for number in range(1, 4):
    s.sendto(struct.pack("!BBHHH", 8, 0, 0, 0, number) + b"x" * 56, ("b", 0))
    data, peer = s.recvfrom(2000)
    assert data[0] == 0 and data[6:8] == bytes([0, number]) and data[8:] == b"x" * 56, data
    assert peer[0] == "10.0.0.2"' >said 2>&1
say $? "a ping socket gets its answers"
for example in dns nginx; do
    "$sockeye" lab "$here/../../examples/$example.yaml" || break
done >said 2>&1 && [ "$(grep -c '^lab [a-z]*: ok' said)" -eq 2 ]
say $? "the examples run from another folder"
leave && nothing_left
say $? "the lab ends well, and nothing is left behind"
